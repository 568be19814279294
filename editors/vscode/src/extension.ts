// Activation: puts the parts together. What each does is said in its own file.

import * as vscode from 'vscode';
import { Client } from './client';
import { registerCommands } from './commands';
import { Hunks } from './hunks';
import { Pages } from './pages';
import { Status } from './status';
import { tickWhenOpened } from './walkthrough';

let client: Client | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel('Whittle', { log: true });
  const hunks = new Hunks();
  const pages = new Pages(vscode.Uri.joinPath(context.extensionUri, 'media/icon.png'));
  const status = new Status();
  client = new Client(context.extension, log, hunks, pages, status);
  context.subscriptions.push(log, hunks, pages, status, client, tickWhenOpened(), ...registerCommands(context, client, hunks, status, log));
  await client.start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}
