// The language client: one server for all folders. Starts, stops and restarts it, and stands between the two where
// VS Code can do better than the protocol says: instructions are asked for, explanations are shown as pages, hunks drawn.

import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  ExecuteCommandRequest,
  LanguageClient,
  type LanguageClientOptions,
  type Middleware,
  type ServerOptions,
  State,
  WorkDoneProgressCancelNotification,
} from 'vscode-languageclient/node';
import type { Hunks } from './hunks';
import { askFor } from './instruction';
import type { Pages } from './pages';
import { Progress } from './progress';
import { findServer, offerInstall } from './server';
import { settings } from './settings';
import type { Status, StatusParams } from './status';
import { pause } from './typing';

/** Ends of the server in three minutes after which it is not started again by itself. */
const MOST_ENDS = 4;
const ENDS_WITHIN = 3 * 60_000;

export class Client implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private program: string | undefined;
  /** Starting and stopping, one after the other. */
  private turn: Promise<void> = Promise.resolve();
  private readonly progress = new Progress((token) => {
    void this.client?.sendNotification(WorkDoneProgressCancelNotification.type, { token });
  });
  private readonly listening: vscode.Disposable[];

  constructor(
    private readonly extension: vscode.Extension<unknown>,
    private readonly log: vscode.LogOutputChannel,
    private readonly hunks: Hunks,
    private readonly pages: Pages,
    private readonly status: Status,
  ) {
    this.listening = [
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('whittle.server')) void this.restart();
        else if (change.affectsConfiguration('whittle')) this.settingsChanged();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.restart()),
    ];
  }

  /** The running server's program. */
  get server(): string | undefined {
    return this.program;
  }

  start(): Promise<void> {
    return this.queue(() => this.startNow());
  }

  stop(): Promise<void> {
    return this.queue(() => this.stopNow());
  }

  restart(): Promise<void> {
    return this.queue(async () => {
      await this.stopNow();
      await this.startNow();
    });
  }

  /** Runs a command of the server; what it refuses is shown to the user. */
  async run(command: string, argument?: object): Promise<unknown> {
    if (this.client?.state !== State.Running) {
      await vscode.window.showErrorMessage("Whittle's server does not run. “Whittle: Restart Server” starts it.");
      return undefined;
    }
    try {
      const params = { command, arguments: argument === undefined ? [] : [argument] };
      return await this.client.sendRequest(ExecuteCommandRequest.type, params);
    } catch (error) {
      void vscode.window.showErrorMessage(`Whittle: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  /** A document and a range in it, as the server takes them. */
  place(document: vscode.TextDocument, range: vscode.Range): object {
    const convert = this.client?.code2ProtocolConverter;
    return { uri: convert?.asUri(document.uri), range: convert?.asRange(range), version: document.version };
  }

  /** Diagnostics as the server takes them. */
  async diagnostics(found: vscode.Diagnostic[]): Promise<unknown[]> {
    return (await this.client?.code2ProtocolConverter.asDiagnostics(found)) ?? [];
  }

  dispose(): void {
    for (const one of this.listening) one.dispose();
  }

  private queue(work: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(work).catch((error: unknown) => this.log.error(String(error)));
    return this.turn;
  }

  private async startNow(): Promise<void> {
    const server = await findServer();
    if ('missing' in server) {
      this.status.missing(server.missing);
      void offerInstall(server.missing);
      return;
    }
    this.program = server.found;
    this.log.info(`starts ${server.found}`);
    const client = new LanguageClient('whittle', 'Whittle', this.serverOptions(server.found), this.clientOptions());
    this.client = client;
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Stopped && this.client === client) this.stopped();
    });
    client.onNotification('whittle/status', (params: StatusParams) => this.status.take(params));
    try {
      await client.start();
    } catch (error) {
      this.status.failed(`${server.found} does not start: ${String(error)}`);
      return;
    }
    this.status.running();
    await vscode.commands.executeCommand('setContext', 'whittle.running', true);
  }

  private async stopNow(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.stopped();
    if (client?.needsStop() === true) await client.stop();
    await client?.dispose();
  }

  private stopped(): void {
    this.progress.clear();
    this.hunks.clear();
    this.status.stopped();
    void vscode.commands.executeCommand('setContext', 'whittle.running', false);
  }

  private settingsChanged(): void {
    // the server asks for them
    if (this.client?.state === State.Running) void this.client.sendNotification('workspace/didChangeConfiguration', { settings: null });
  }

  private serverOptions(command: string): ServerOptions {
    // in Restricted Mode no folder counts as trusted, whatever `whittle trust` was told before
    const env = vscode.workspace.isTrusted ? process.env : { ...process.env, WHITTLE_TRUST: 'none' };
    return { command, args: ['lsp'], options: { env } };
  }

  private clientOptions(): LanguageClientOptions {
    const ends: number[] = [];
    return {
      // any language: the server explains what it can't cut, too
      documentSelector: [{ scheme: 'file' }, { scheme: 'untitled' }],
      outputChannel: this.log,
      initializationOptions: { asks: true, status: true },
      middleware: this.middleware(),
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue }),
        closed: () => {
          ends.push(Date.now());
          const often = ends.filter((at) => Date.now() - at < ENDS_WITHIN).length >= MOST_ENDS;
          if (!often) return { action: CloseAction.Restart };
          const message = `Whittle's server ended ${MOST_ENDS} times in a row. “Whittle: Show Log” says why, “Whittle: Restart Server” tries again.`;
          return { action: CloseAction.DoNotRestart, message };
        },
      },
    };
  }

  private middleware(): Middleware {
    return {
      executeCommand: async (command, args: unknown[]) => {
        const argument = (args[0] ?? {}) as { ask?: string };
        if (argument.ask !== '') return this.run(command, args[0] === undefined ? undefined : argument);
        const ask = await askFor();
        return ask === undefined ? undefined : this.run(command, { ...argument, ask });
      },
      handleDiagnostics: (uri, diagnostics, next) => {
        this.hunks.take(uri, diagnostics, (range) => this.client?.protocol2CodeConverter.asRange(range));
        next(uri, diagnostics);
      },
      handleWorkDoneProgress: (token, step) => this.progress.take(token, step),
      workspace: {
        handleApplyEdit: async (params, next) => {
          const result = await next(params, new vscode.CancellationTokenSource().token);
          // the server fits the edit to the new text and sends it again
          if (!(result instanceof Error) && !result.applied) await pause();
          return result;
        },
        configuration: ({ items }) =>
          items.map((item) => (item.section === 'whittle' ? settings(this.extension) : null)),
      },
      window: {
        showDocument: (params) => {
          const uri = vscode.Uri.parse(params.uri);
          const asText = () => vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true });
          const shown = uri.scheme === 'whittle' ? this.pages.show(uri) : asText();
          // the first page may take longer than the server waits before it tries another way, so its end is not awaited
          shown.then(undefined, (error: unknown) => {
            this.log.error(`the page is shown as text: ${String(error)}`);
            void asText();
          });
          return { success: true };
        },
      },
    };
  }
}
