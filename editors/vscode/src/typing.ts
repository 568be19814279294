// Waits for the user to stop typing for a moment: VS Code refuses an edit that was made for an older version of a text.

import * as vscode from 'vscode';

/** In ms. */
const PAUSE = 250;
const MOST = 5_000;

/** Comes back after a pause in typing, or after a while. */
export async function pause(): Promise<void> {
  let listening: vscode.Disposable | undefined;
  let timer: NodeJS.Timeout | undefined;
  const quiet = new Promise<void>((resolve) => {
    const later = (): void => {
      clearTimeout(timer);
      timer = setTimeout(resolve, PAUSE);
    };
    listening = vscode.workspace.onDidChangeTextDocument(later);
    later();
  });
  const most = new Promise<void>((resolve) => setTimeout(resolve, MOST));
  await Promise.race([quiet, most]);
  clearTimeout(timer);
  listening?.dispose();
}
