// What the palette, menus and keys run: `whittle.ui.*`. Each asks what it must know and hands on to the server.

import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import type { Client } from './client';
import type { Hunks } from './hunks';
import { askFor } from './instruction';
import { settings, toml } from './settings';
import { dollars, type Status } from './status';

export function registerCommands(
  context: vscode.ExtensionContext,
  client: Client,
  hunks: Hunks,
  status: Status,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  const commands = new Commands(context, client, hunks, status);
  const all: Record<string, () => unknown> = {
    explain: () => commands.operation('whittle.explain'),
    refactor: () => commands.operation('whittle.refactor'),
    refactorAsk: () => commands.asked('whittle.refactor'),
    test: () => commands.operation('whittle.test'),
    document: () => commands.operation('whittle.document'),
    fix: () => commands.fix(),
    run: () => commands.choose(),
    context: () => commands.operation('whittle.context'),
    cancel: () => commands.cancel(),
    undo: () => client.run('whittle.undo'),
    redo: () => client.run('whittle.redo'),
    keep: () => commands.hunk('whittle.keep'),
    revert: () => commands.hunk('whittle.revert'),
    keepAll: () => commands.allHunks('whittle.keep'),
    revertAll: () => commands.allHunks('whittle.revert'),
    nextHunk: () => commands.go('next'),
    previousHunk: () => commands.go('previous'),
    menu: () => commands.menu(),
    models: () => commands.models(),
    trust: () => commands.trust(),
    restart: () => client.restart(),
    log: () => log.show(),
    settings: () => commands.settings(),
    configuration: () => commands.configuration(),
  };
  return Object.entries(all).map(([name, run]) => vscode.commands.registerCommand(`whittle.ui.${name}`, run));
}

class Commands {
  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly client: Client,
    private readonly hunks: Hunks,
    private readonly status: Status,
  ) {}

  /** Runs an operation on the code under the cursor, or the selection. */
  async operation(command: string, more: object = {}): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) {
      void vscode.window.showInformationMessage('Whittle: open a file and put the cursor into the code first.');
      return;
    }
    await this.client.run(command, { ...this.client.place(editor.document, editor.selection), ...more });
  }

  async asked(command: string, more: object = {}): Promise<void> {
    const ask = await askFor();
    if (ask !== undefined) await this.operation(command, { ...more, ask });
  }

  /** Fixes what other tools report of the selection; of its lines when nothing is selected. */
  async fix(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) return this.operation('whittle.fix');
    const { start, end } = editor.selection;
    const lines = new vscode.Range(start.line, 0, end.line + 1, 0);
    const here = vscode.languages.getDiagnostics(editor.document.uri).filter(({ range, source }) => {
      return source !== 'whittle' && range.intersection(lines) !== undefined;
    });
    return this.operation('whittle.fix', here.length === 0 ? {} : { diagnostics: await this.client.diagnostics(here) });
  }

  /** Lets the user choose among all operations. */
  async choose(): Promise<void> {
    const items = this.status.operations.map((operation) => ({
      label: operation.title,
      description: operation.builtIn ? operation.name : `${operation.name}, your own`,
      operation,
    }));
    const chosen = await vscode.window.showQuickPick(items, { title: 'Whittle: run an operation', matchOnDescription: true });
    if (chosen === undefined) return;
    const { name, asks } = chosen.operation;
    await (asks ? this.asked('whittle.run', { name }) : this.operation('whittle.run', { name }));
  }

  async cancel(): Promise<void> {
    const { jobs } = this.status;
    const items = jobs.map(({ job, title, message }) => ({ label: title, description: message ?? '', job }));
    const chosen = items.length > 1 ? await vscode.window.showQuickPick(items, { title: 'Whittle: cancel which job?' }) : items[0];
    if (items.length === 0) await this.client.run('whittle.cancel');
    else if (chosen !== undefined) await this.client.run('whittle.cancel', { job: chosen.job });
  }

  /** Keeps or reverts the hunk at the cursor. */
  async hunk(command: string): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const here = editor && this.hunks.at(editor);
    if (here === undefined) void vscode.window.showInformationMessage('Whittle: there is no hunk at the cursor.');
    else await this.client.run(command, { job: here.job, hunk: here.hunk });
  }

  /** Keeps or reverts all that the jobs did whose hunks are in the active editor. */
  async allHunks(command: string): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const jobs = new Set(editor && this.hunks.in(editor.document).map(({ job }) => job));
    for (const job of jobs) await this.client.run(command, { job });
  }

  go(way: 'next' | 'previous'): void {
    const editor = vscode.window.activeTextEditor;
    if (editor !== undefined) this.hunks.go(editor, way);
  }

  /** What the status-bar item opens. */
  async menu(): Promise<void> {
    const { known } = this.status;
    const jobs = this.status.jobs.map(({ title, job }) => ({
      label: `$(stop-circle) Cancel “${title}”`,
      run: () => this.client.run('whittle.cancel', { job }),
    }));
    const command = (label: string, name: string) => ({ label, run: () => vscode.commands.executeCommand(`whittle.ui.${name}`) });
    const served = [command('$(play) Run an operation…', 'run'), command('$(dashboard) Models and cost', 'models')];
    const items = [
      ...jobs,
      ...(this.client.server === undefined ? [] : served),
      command('$(gear) Settings', 'settings'),
      command('$(output) Show log', 'log'),
      command('$(debug-restart) Restart server', 'restart'),
    ];
    const title = known === undefined ? 'Whittle' : `Whittle: ${known.model}, ${dollars(known.costToday)} today`;
    const chosen = await vscode.window.showQuickPick(items, { title });
    await chosen?.run();
  }

  /** The models, their state and cost, in a terminal: those of VS Code's settings, too. */
  async models(): Promise<void> {
    const server = this.client.server;
    if (server === undefined) return;
    const folder = this.context.globalStorageUri.fsPath;
    const file = join(folder, 'settings.toml');
    await mkdir(folder, { recursive: true });
    await writeFile(file, toml(settings(this.context.extension)), { mode: 0o600 });
    const name = 'Whittle';
    const PATH = [dirname(server), process.env['PATH']].join(delimiter);
    const env = { PATH, WHITTLE_CONFIG: process.env['WHITTLE_CONFIG'] ?? file };
    const there = vscode.window.terminals.find((terminal) => terminal.name === name && terminal.exitStatus === undefined);
    const terminal = there ?? vscode.window.createTerminal({ name, env });
    terminal.show();
    terminal.sendText('whittle models');
  }

  /** Opens the settings; in a remote window those of the remote machine, since models and checks count from there only. */
  async settings(): Promise<void> {
    const query = '@ext:whittle.whittle';
    if (vscode.env.remoteName === undefined) await vscode.commands.executeCommand('workbench.action.openSettings', query);
    else await vscode.commands.executeCommand('workbench.action.openRemoteSettings', { query });
  }

  /** Opens the user's configuration file, which all editors and the command line share. */
  async configuration(): Promise<void> {
    const { APPDATA, XDG_CONFIG_HOME } = process.env;
    const base = (process.platform === 'win32' ? APPDATA : XDG_CONFIG_HOME) ?? join(homedir(), '.config');
    const file = vscode.Uri.file(join(base, 'whittle/config.toml'));
    try {
      await vscode.workspace.fs.stat(file);
      await vscode.window.showTextDocument(file);
    } catch {
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file.with({ scheme: 'untitled' })));
    }
  }

  /** Lets the settings, prompts and checks of a workspace's folder count. */
  async trust(): Promise<void> {
    const folder = await folderToTrust();
    const server = this.client.server;
    if (folder === undefined || server === undefined) return;
    const yes = 'Trust it';
    const message = `Trust ${folder.uri.fsPath}? Its whittle.toml and prompts count then, and its own checks, such as cargo check, run on edits.`;
    if ((await vscode.window.showWarningMessage(message, { modal: true }, yes)) !== yes) return;
    const { stdout } = await promisify(execFile)(server, ['trust', folder.uri.fsPath]);
    void vscode.window.showInformationMessage(`Whittle: ${stdout.trim()}`);
    await this.client.restart();
  }
}

async function folderToTrust(): Promise<vscode.WorkspaceFolder | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.length > 1 ? vscode.window.showWorkspaceFolderPick() : folders[0];
}
