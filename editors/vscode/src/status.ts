// The status-bar item: the model in use, running jobs, what today cost. A click opens the menu.

import * as vscode from 'vscode';

export interface Job {
  job: number;
  title: string;
  message?: string;
  percentage?: number;
}

export interface Operation {
  name: string;
  title: string;
  asks: boolean;
  builtIn: boolean;
  answer: string;
}

/** What the server's notification `whittle/status` carries. */
export interface StatusParams {
  /** The model that the default route asks next. */
  model: string;
  jobs: Job[];
  /** US dollars. */
  costToday: number;
  operations: Operation[];
  /** Hunks under review. */
  hunks: number;
}

export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('whittle.status', vscode.StatusBarAlignment.Right, 100);
  known: StatusParams | undefined;

  constructor() {
    this.item.name = 'Whittle';
    this.item.command = 'whittle.ui.menu';
    this.starting();
  }

  get jobs(): Job[] {
    return this.known?.jobs ?? [];
  }

  get operations(): Operation[] {
    return this.known?.operations ?? [];
  }

  take(params: StatusParams): void {
    this.known = params;
    const [first] = params.jobs;
    const more = params.jobs.length > 1 ? ` (${params.jobs.length})` : '';
    const text = first === undefined ? `$(sparkle) ${params.model}` : `$(loading~spin) ${short(first.title)}${more}`;
    this.show(text, this.tooltip(params));
    void vscode.commands.executeCommand('setContext', 'whittle.busy', params.jobs.length > 0);
  }

  starting(): void {
    this.show('$(loading~spin) Whittle', 'Whittle starts');
  }

  /** The server runs; what it does, it says itself. */
  running(): void {
    if (this.known === undefined) this.show('$(sparkle) Whittle', 'Whittle runs');
  }

  stopped(): void {
    this.known = undefined;
    void vscode.commands.executeCommand('setContext', 'whittle.busy', false);
    this.warn('Whittle’s server does not run');
  }

  /** There is no server to run. */
  missing(why: string): void {
    this.warn(why);
  }

  dispose(): void {
    this.item.dispose();
  }

  private warn(why: string): void {
    this.show('$(warning) Whittle', why, new vscode.ThemeColor('statusBarItem.warningBackground'));
  }

  private show(text: string, tooltip: string | vscode.MarkdownString, background?: vscode.ThemeColor): void {
    this.item.text = text;
    this.item.tooltip = tooltip;
    this.item.backgroundColor = background;
    this.item.show();
  }

  private tooltip({ model, jobs, costToday, hunks }: StatusParams): vscode.MarkdownString {
    const lines = [`Whittle asks \`${model}\``, `Today: ${dollars(costToday)}`];
    if (hunks > 0) lines.push(`${hunks} ${hunks === 1 ? 'hunk' : 'hunks'} to keep or revert`);
    const text = new vscode.MarkdownString(lines.join('  \n'));
    for (const { title, message } of jobs) text.appendMarkdown('\n- ').appendText([title, message].filter(Boolean).join(': '));
    return text;
  }
}

export function dollars(cost: number): string {
  return `$${cost === 0 || cost >= 0.1 ? cost.toFixed(2) : cost.toPrecision(2)}`;
}

function short(title: string): string {
  return title.length > 40 ? `${title.slice(0, 39)}…` : title;
}
