// Explanations and receipts as rendered Markdown beside the code. VS Code's own preview would take the focus from the
// code; this page leaves it there, and looks the same: it uses the renderer and the styles of that preview.

import * as vscode from 'vscode';
import { did } from './walkthrough';

const MARKDOWN = 'vscode.markdown-language-features';
/** A file's address as the renderer takes it; it puts the name of this build of VS Code in front. */
const FILE = 'vscode://file';

export class Pages implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;

  constructor(private readonly icon: vscode.Uri) {}

  /** Shows the text of a `whittle:` document. */
  async show(uri: vscode.Uri): Promise<void> {
    const text = (await vscode.workspace.openTextDocument(uri)).getText();
    // the renderer makes no links of `file:` addresses
    const linked = text.replaceAll(/(\]\(|\]: )file:\/\//g, `$1${FILE}`);
    const html = await vscode.commands.executeCommand<string | undefined>('markdown.api.render', linked);
    const panel = this.panel ?? this.open();
    panel.title = /^# (.*)$/m.exec(text)?.[1]?.replaceAll('`', '') ?? 'Whittle';
    panel.webview.html = page(panel.webview, html ?? `<pre>${escaped(text)}</pre>`);
    panel.reveal(undefined, true);
    did('explain');
  }

  dispose(): void {
    this.panel?.dispose();
  }

  private open(): vscode.WebviewPanel {
    const styles = stylesFolder();
    const panel = vscode.window.createWebviewPanel(
      'whittle.page',
      'Whittle',
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableFindWidget: true, enableScripts: true, localResourceRoots: styles === undefined ? [] : [styles] },
    );
    panel.iconPath = this.icon;
    panel.webview.onDidReceiveMessage((href: string) => void follow(href));
    panel.onDidDispose(() => (this.panel = undefined));
    this.panel = panel;
    return panel;
  }
}

function stylesFolder(): vscode.Uri | undefined {
  const markdown = vscode.extensions.getExtension(MARKDOWN);
  return markdown && vscode.Uri.joinPath(markdown.extensionUri, 'media');
}

/** The page may run only its own script, which tells which link was clicked. */
function page(webview: vscode.Webview, body: string): string {
  const nonce = crypto.randomUUID();
  const folder = stylesFolder();
  const style = (name: string): string =>
    folder === undefined ? '' : `<link rel="stylesheet" href="${webview.asWebviewUri(vscode.Uri.joinPath(folder, name))}">`;
  return `<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; style-src ${webview.cspSource} 'unsafe-inline'; script-src 'nonce-${nonce}'">
${style('markdown.css')}${style('highlight.css')}
</head>
<body class="vscode-body">
${body}
<script nonce="${nonce}">
const vscode = acquireVsCodeApi();
document.addEventListener('click', (event) => {
  const link = event.target.closest('a');
  const href = link?.getAttribute('data-href') ?? link?.getAttribute('href');
  if (!href || href.startsWith('#')) return;
  event.preventDefault();
  event.stopPropagation();
  vscode.postMessage(href);
}, true);
</script>
</body>
</html>`;
}

/** Opens code that a page links to, beside it; addresses of the web as VS Code does, which asks first. */
async function follow(href: string): Promise<void> {
  const file = `${vscode.env.uriScheme}://file`;
  const uri = vscode.Uri.parse(href.startsWith(`${file}/`) ? `file://${href.slice(file.length)}` : href);
  if (uri.scheme !== 'file') {
    if (uri.scheme === 'https' || uri.scheme === 'http') await vscode.env.openExternal(uri);
    return;
  }
  const line = /^L(\d+)/.exec(uri.fragment)?.[1];
  const at = new vscode.Position(Math.max(Number(line ?? 1) - 1, 0), 0);
  await vscode.window.showTextDocument(uri.with({ fragment: '' }), {
    viewColumn: vscode.ViewColumn.One,
    selection: new vscode.Range(at, at),
  });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
