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
  State,
  WorkDoneProgressCancelNotification,
} from 'vscode-languageclient/node';
import type { Hunks } from './hunks';
import { askFor } from './instruction';
import type { Pages } from './pages';
import { Process, sleep } from './process';
import { Progress } from './progress';
import { findServer, offerInstall, offerRepair } from './server';
import { settings } from './settings';
import type { Status, StatusParams } from './status';
import { pause } from './typing';
import { did } from './walkthrough';

/** Ends of the server in three minutes after which it is not started again by itself. */
const MOST_ENDS = 4;
const ENDS_WITHIN = 3 * 60_000;
/** How long (in ms) a program may take for its first answer, and to end when asked to. */
const LONGEST_START = 10_000;
const LONGEST_END = 2_000;

/** A server that runs, starts or ends. */
interface Server {
  program: string;
  process: Process;
  client: LanguageClient;
}

/** Errors of the connection go to the log: what the user has to know of them, `Client` says. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

export class Client implements vscode.Disposable {
  private current: Server | undefined;
  /** Starting and stopping, one after the other. */
  private turn: Promise<void> = Promise.resolve();
  /** Counts what the user asked for; an older wish to start is dropped. */
  private wish = 0;
  /** Ends the waiting for a server that starts. */
  private giveUp = (): void => {};
  /** When the server ended by itself. */
  private ends: number[] = [];
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
    return this.client?.state === State.Running ? this.current?.program : undefined;
  }

  private get client(): LanguageClient | undefined {
    return this.current?.client;
  }

  start(): Promise<void> {
    return this.queue(() => this.startNow());
  }

  stop(): Promise<void> {
    this.wish += 1;
    this.giveUp();
    return this.queue(() => this.stopNow());
  }

  restart(): Promise<void> {
    const wish = ++this.wish;
    this.giveUp();
    this.ends = [];
    return this.queue(async () => {
      await this.stopNow();
      if (wish === this.wish) await this.startNow();
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
    this.status.starting();
    const program = server.found;
    this.log.info(`starts ${program}`);
    const process = Process.start(program);
    const client = new QuietClient('whittle', 'Whittle', () => Promise.resolve(process.child), this.clientOptions(process));
    const started: Server = { program, process, client };
    this.current = started;
    client.onNotification('whittle/status', (params: StatusParams) => {
      if (this.current === started) this.status.take(params);
    });
    const outcome = await this.answer(started);
    if (outcome === 'runs') {
      void process.ended.then(() => {
        if (this.current === started) void this.crashed(started);
      });
      this.status.running();
      did('server');
      await vscode.commands.executeCommand('setContext', 'whittle.running', true);
      return;
    }
    this.current = undefined;
    // the pipe closes before the program's end is told
    if (outcome === 'failed') await Promise.race([process.ended, sleep(LONGEST_END / 4)]);
    const failed = process.over ? 'it ended at once' : 'it answered with an error, which the log has';
    await this.end(started);
    if (outcome === 'given up') return;
    const why = outcome === 'failed' ? failed : `it did not answer within ${LONGEST_START / 1000} s and was stopped`;
    const message = `${program} is not Whittle's server, or it can't start: ${why}.`;
    this.status.missing(message);
    void offerRepair(message);
  }

  /** Waits for a server's first answer. */
  private async answer({ process, client }: Server): Promise<'runs' | 'failed' | 'silent' | 'given up'> {
    const starting = client.start().then(
      () => 'runs' as const,
      () => 'failed' as const,
    );
    let timer: NodeJS.Timeout | undefined;
    const outcome = await Promise.race([
      starting,
      process.ended.then(() => 'failed' as const),
      new Promise<'silent'>((resolve) => (timer = setTimeout(() => resolve('silent'), LONGEST_START))),
      new Promise<'given up'>((resolve) => (this.giveUp = () => resolve('given up'))),
    ]);
    clearTimeout(timer);
    this.giveUp = () => {};
    return outcome;
  }

  private async stopNow(): Promise<void> {
    const server = this.current;
    this.current = undefined;
    this.stopped();
    if (server !== undefined) await this.end(server);
  }

  /** Ends a server in any state: asked to, or killed. */
  private async end({ process, client }: Server): Promise<void> {
    if (client.state === State.Running && !process.over) {
      await client.stop(LONGEST_END).catch((error: unknown) => this.log.warn(`the server is killed: ${String(error)}`));
      await process.end(LONGEST_END / 4);
    } else {
      await process.end(0);
    }
    // it takes its commands back once it sees the pipe closed; only then a new client can have them
    const deadline = Date.now() + LONGEST_END;
    while ((client.state === State.Running || client.state === State.Starting) && Date.now() < deadline) await sleep(20);
  }

  /** The server ended by itself: starts it again and says what is lost. */
  private crashed(server: Server): Promise<void> {
    const titles = this.status.jobs.map(({ title }) => `“${title}”`);
    const marks = this.hunks.any;
    this.current = undefined;
    this.stopped();
    const lost = [
      ...(titles.length === 0 ? [] : [` while ${titles.join(', ')} ${titles.length === 1 ? 'was' : 'were'} running; nothing was applied`]),
      ...(marks ? ['; its marks to keep or revert are gone, the changed text stays'] : []),
    ].join('');
    const now = Date.now();
    this.ends = [...this.ends.filter((at) => now - at < ENDS_WITHIN), now];
    const { wish } = this;
    return this.queue(async () => {
      await this.end(server);
      if (wish !== this.wish) return;
      const said = `Whittle's server ended${lost}.`;
      if (this.ends.length >= MOST_ENDS) {
        const message = `${said} It did so ${MOST_ENDS} times in a row and is not started again.`;
        this.status.missing(message);
        void offerRepair(message);
        return;
      }
      await this.startNow();
      if (lost !== '' && this.current !== undefined) void vscode.window.showWarningMessage(`${said} It was started again.`);
    });
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

  private clientOptions(process: Process): LanguageClientOptions {
    return {
      // any language: the server explains what it can't cut, too
      documentSelector: [{ scheme: 'file' }, { scheme: 'untitled' }],
      outputChannel: this.log,
      initializationOptions: { asks: true, status: true },
      middleware: this.middleware(),
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          process.kill();
          return { action: CloseAction.DoNotRestart, handled: true };
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
