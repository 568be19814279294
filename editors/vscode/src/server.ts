// Finds the program `whittle`: the setting, then PATH, then Cargo's folder of programs. Says how to get it when it is
// nowhere. Never downloads anything.

import { access, constants, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';

export const INSTALL = 'cargo install --path . --locked';
const PROGRAM = process.platform === 'win32' ? 'whittle.exe' : 'whittle';
const SETTING = 'server.path';

/** The path of the server's program; a setting that names none that can be run is an error, not a reason to look elsewhere. */
export async function findServer(): Promise<{ found: string } | { missing: string }> {
  const named = vscode.workspace.getConfiguration('whittle').get<string>(SETTING, '').trim();
  if (named !== '') {
    const path = named.startsWith('~') ? join(homedir(), named.slice(1)) : named;
    return (await canRun(path)) ? { found: path } : { missing: `whittle.server.path names ${path}, which can't be run.` };
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  const cargo = process.env['CARGO_HOME'];
  folders.push(...(cargo === undefined ? [] : [join(cargo, 'bin')]), join(homedir(), '.cargo/bin'));
  for (const folder of folders) {
    const path = join(folder, PROGRAM);
    if (await canRun(path)) return { found: path };
  }
  return { missing: 'The program `whittle` is neither in your PATH nor in ~/.cargo/bin.' };
}

async function canRun(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** Tells the user how to install the server, or lets them name it. */
export async function offerInstall(why: string): Promise<void> {
  const copy = 'Copy command';
  const set = 'Set path…';
  const again = 'Try again';
  const message = `${why} To install it, run this in the folder of Whittle's source: ${INSTALL}`;
  const answer = await vscode.window.showErrorMessage(message, copy, set, again);
  if (answer === copy) {
    await vscode.env.clipboard.writeText(INSTALL);
    if ((await vscode.window.showInformationMessage(`Copied: ${INSTALL}`, again)) === again) await restart();
  } else if (answer === set) {
    await setPath();
  } else if (answer === again) {
    await restart();
  }
}

/** Says why a program that is there does not serve, and lets the user see more, name another, or try again. */
export async function offerRepair(why: string): Promise<void> {
  const set = 'Set path…';
  const log = 'Show log';
  const again = 'Try again';
  const answer = await vscode.window.showErrorMessage(why, set, log, again);
  if (answer === set) await setPath();
  else if (answer === log) await vscode.commands.executeCommand('whittle.ui.log');
  else if (answer === again) await restart();
}

/** Lets the user choose the program; a changed setting starts the server anew. */
async function setPath(): Promise<void> {
  const chosen = await vscode.window.showOpenDialog({
    title: 'The program `whittle`',
    openLabel: 'Use it',
    canSelectMany: false,
    defaultUri: vscode.Uri.file(homedir()),
  });
  const path = chosen?.[0]?.fsPath;
  if (path !== undefined) {
    await vscode.workspace.getConfiguration('whittle').update(SETTING, path, vscode.ConfigurationTarget.Global);
  }
}

async function restart(): Promise<void> {
  await vscode.commands.executeCommand('whittle.ui.restart');
}
