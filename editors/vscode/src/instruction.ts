// Asks the user for the words of an instruction.

import * as vscode from 'vscode';

let last = '';

/** The instruction; empty: none; `undefined`: the user wants nothing done. */
export async function askFor(): Promise<string | undefined> {
  const ask = await vscode.window.showInputBox({
    title: 'Whittle: what is to be changed?',
    prompt: 'In your own words, such as “return early, no else”. Empty: the model decides.',
    value: last,
    ignoreFocusOut: true,
  });
  last = ask?.trim() ?? last;
  return ask?.trim();
}
