// Progress of jobs as notifications with a button to cancel; jobs that end at once show none.

import * as vscode from 'vscode';
import type { ProgressToken, WorkDoneProgressBegin, WorkDoneProgressEnd, WorkDoneProgressReport } from 'vscode-languageclient';

type Step = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;

/** A job that runs shorter than this (in ms) shows no notification. */
const QUICK = 700;

interface Running {
  title: string;
  message: string | undefined;
  percentage: number;
  end: () => void;
  /** Shows a step, once the notification is there. */
  report?: (message: string | undefined, increment: number) => void;
}

export class Progress {
  private readonly running = new Map<ProgressToken, Running>();

  constructor(private readonly cancel: (token: ProgressToken) => void) {}

  take(token: ProgressToken, step: Step): void {
    if (step.kind === 'begin') this.begin(token, step);
    const job = this.running.get(token);
    if (job === undefined) return;
    if (step.kind === 'end') {
      this.running.delete(token);
      job.end();
      return;
    }
    const percentage = step.percentage ?? job.percentage;
    job.report?.(step.message, percentage - job.percentage);
    job.message = step.message ?? job.message;
    job.percentage = percentage;
  }

  /** The server is gone, and its jobs with it. */
  clear(): void {
    for (const job of this.running.values()) job.end();
    this.running.clear();
  }

  private begin(token: ProgressToken, { title, message, cancellable }: WorkDoneProgressBegin): void {
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    const job: Running = { title, message, percentage: 0, end };
    this.running.set(token, job);
    const show = setTimeout(() => {
      const options = { location: vscode.ProgressLocation.Notification, title, cancellable: cancellable ?? false };
      void vscode.window.withProgress(options, (progress, cancelled) => {
        cancelled.onCancellationRequested(() => this.cancel(token));
        job.report = (message, increment) => progress.report({ ...(message !== undefined && { message }), increment });
        job.report(job.message, job.percentage);
        return ended;
      });
    }, QUICK);
    void ended.then(() => clearTimeout(show));
  }
}
