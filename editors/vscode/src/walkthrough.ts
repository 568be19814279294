// Ticks the steps of the walkthrough that are done. VS Code sees a step's context key only when it becomes true after the
// steps were read, which may be as late as when the walkthrough is opened; so a key is true for a moment only, and again then.

import * as vscode from 'vscode';

type Step = 'server' | 'explain';

/** Time (in ms) in which an opened walkthrough is read. */
const READ = 1_000;

const done = new Set<Step>();

export function did(step: Step): void {
  done.add(step);
  void tick(step);
}

export function tickWhenOpened(): vscode.Disposable {
  return vscode.window.tabGroups.onDidChangeTabs(({ opened }) => {
    // a walkthrough is among the tabs of which extensions are not told what they show
    if (opened.some(({ input }) => input === undefined)) setTimeout(() => done.forEach(tick), READ);
  });
}

async function tick(step: Step): Promise<void> {
  for (const value of [true, false]) await vscode.commands.executeCommand('setContext', `whittle.did.${step}`, value);
}
