// The server's process: started, waited for, and ended, whatever state it is in. It never restarts anything.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';

export class Process {
  /** Settles when the program has ended, or could not be started. */
  readonly ended: Promise<void>;

  private constructor(readonly child: ChildProcess) {
    this.ended = new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
  }

  static start(program: string): Process {
    // in Restricted Mode no folder counts as trusted, whatever `whittle trust` was told before
    const env = vscode.workspace.isTrusted ? process.env : { ...process.env, WHITTLE_TRUST: 'none' };
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const cwd = folder?.scheme === 'file' && existsSync(folder.fsPath) ? folder.fsPath : undefined;
    return new Process(spawn(program, ['lsp'], { env, cwd }));
  }

  get over(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Waits for its end, but not longer than this (in ms): then it is killed. */
  async end(within: number): Promise<void> {
    await Promise.race([this.ended, sleep(within)]);
    this.kill();
    await this.ended;
  }

  kill(): void {
    this.child.kill('SIGKILL');
    // what a script has started may hold them
    for (const pipe of [this.child.stdin, this.child.stdout, this.child.stderr]) pipe?.destroy();
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
