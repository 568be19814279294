// Draws the hunks under review, from what the server's marks carry, and knows which lies where. Keeping and reverting
// are the server's.

import * as vscode from 'vscode';
import type { Range } from 'vscode-languageclient';

/** What a mark's `data` carries. */
interface Data {
  job: number;
  hunk: number;
  /** The whole hunk. */
  range: Range;
  kind: 'changed' | 'added' | 'deleted';
}

export interface Hunk {
  job: number;
  hunk: number;
  range: vscode.Range;
  kind: Data['kind'];
}

const LOOKS: Record<Hunk['kind'], { edge: string; line?: string }> = {
  added: { line: 'diffEditor.insertedLineBackground', edge: 'editorGutter.addedBackground' },
  changed: { line: 'diffEditor.insertedLineBackground', edge: 'editorGutter.modifiedBackground' },
  deleted: { edge: 'editorGutter.deletedBackground' },
};

export class Hunks implements vscode.Disposable, vscode.CodeLensProvider {
  private readonly files = new Map<string, Hunk[]>();
  private readonly looks = new Map<Hunk['kind'], vscode.TextEditorDecorationType>();
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly listening: vscode.Disposable[];
  readonly onDidChangeCodeLenses = this.changed.event;

  constructor() {
    for (const kind of ['added', 'changed', 'deleted'] as const) this.looks.set(kind, look(kind));
    this.listening = [
      ...this.looks.values(),
      this.changed,
      vscode.languages.registerCodeLensProvider([{ scheme: 'file' }, { scheme: 'untitled' }], this),
      vscode.window.onDidChangeVisibleTextEditors(() => this.draw()),
      vscode.window.onDidChangeActiveTextEditor(() => this.tell()),
      vscode.window.onDidChangeTextEditorSelection(() => this.tell()),
    ];
  }

  /** Takes the marks of a file. */
  take(uri: vscode.Uri, diagnostics: vscode.Diagnostic[], convert: (range: Range) => vscode.Range | undefined): void {
    const hunks = diagnostics.flatMap((diagnostic): Hunk[] => {
      const data = (diagnostic as { data?: Data }).data;
      const range = data?.range === undefined ? undefined : convert(data.range);
      return data === undefined || range === undefined ? [] : [{ job: data.job, hunk: data.hunk, kind: data.kind, range }];
    });
    const before = this.files.get(uri.toString());
    if (hunks.length === 0) this.files.delete(uri.toString());
    else this.files.set(uri.toString(), hunks.sort((a, b) => a.range.start.compareTo(b.range.start)));
    if (before !== undefined || hunks.length > 0) this.show();
  }

  clear(): void {
    this.files.clear();
    this.show();
  }

  /** Whether any file has hunks under review. */
  get any(): boolean {
    return this.files.size > 0;
  }

  in(document: vscode.TextDocument): Hunk[] {
    return this.files.get(document.uri.toString()) ?? [];
  }

  /** The hunk on the lines of the cursor. */
  at(editor: vscode.TextEditor): Hunk | undefined {
    const { active } = editor.selection;
    return this.in(editor.document).find(({ range }) => {
      const { start, end } = lines(range);
      return start <= active.line && active.line <= end;
    });
  }

  /** Goes to the next hunk of the file, or the one before; from the last to the first. */
  go(editor: vscode.TextEditor, way: 'next' | 'previous'): void {
    const hunks = this.in(editor.document);
    const line = editor.selection.active.line;
    const next = hunks.find(({ range }) => range.start.line > line) ?? hunks[0];
    const previous = hunks.findLast(({ range }) => lines(range).end < line) ?? hunks.at(-1);
    const to = (way === 'next' ? next : previous)?.range.start;
    if (to === undefined) return;
    editor.selection = new vscode.Selection(to, to);
    editor.revealRange(new vscode.Range(to, to), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const hunks = this.in(document);
    return hunks.flatMap(({ job, hunk, range }, index) => {
      const at = new vscode.Range(range.start, range.start);
      const lens = (title: string, command: string, tooltip: string): vscode.CodeLens =>
        new vscode.CodeLens(at, { title, command, tooltip, arguments: [{ job, hunk }] });
      return [
        lens('$(check) Keep', 'whittle.keep', 'Keep this hunk'),
        lens(`$(discard) Revert (${index + 1}/${hunks.length})`, 'whittle.revert', 'Bring back what stood here'),
      ];
    });
  }

  dispose(): void {
    for (const one of this.listening) one.dispose();
  }

  private show(): void {
    this.draw();
    this.tell();
    this.changed.fire();
  }

  private draw(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const hunks = this.in(editor.document);
      for (const [kind, decoration] of this.looks) {
        const ranges = hunks.filter((hunk) => hunk.kind === kind).map(({ range }) => whole(range));
        editor.setDecorations(decoration, ranges);
      }
    }
  }

  /** Tells menus and keys what there is. */
  private tell(): void {
    const editor = vscode.window.activeTextEditor;
    const set = (key: string, value: boolean): void => void vscode.commands.executeCommand('setContext', key, value);
    set('whittle.hunks', editor !== undefined && this.in(editor.document).length > 0);
    set('whittle.hunkHere', editor !== undefined && this.at(editor) !== undefined);
  }
}

/** The first and last line of a range; one that ends before a line's first character does not hold it. */
function lines({ start, end }: vscode.Range): { start: number; end: number } {
  return { start: start.line, end: end.character === 0 && end.line > start.line ? end.line - 1 : end.line };
}

function whole(range: vscode.Range): vscode.Range {
  const { start, end } = lines(range);
  return new vscode.Range(start, 0, end, 0);
}

function look(kind: Hunk['kind']): vscode.TextEditorDecorationType {
  const { line, edge } = LOOKS[kind];
  const color = new vscode.ThemeColor(edge);
  return vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    borderStyle: 'solid',
    borderColor: color,
    // what was deleted lies between two lines
    borderWidth: kind === 'deleted' ? '2px 0 0 0' : '0 0 0 3px',
    ...(line !== undefined && { backgroundColor: new vscode.ThemeColor(line) }),
    overviewRulerColor: color,
    overviewRulerLane: vscode.OverviewRulerLane.Left,
  });
}
