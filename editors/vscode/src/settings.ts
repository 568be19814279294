// The editor's settings as the server takes them: only what the user set, so that the defaults that VS Code shows never
// win over the user's configuration file.

import * as vscode from 'vscode';

/** Keys of the section that are the extension's own. */
const OWN = ['server.', 'trace.'];

type Table = { [key: string]: unknown };

/** The section `whittle` of the settings, as nested tables. */
export function settings(extension: { packageJSON: unknown }): Table {
  const section = vscode.workspace.getConfiguration('whittle');
  const result: Table = {};
  for (const key of keys(extension.packageJSON)) {
    const found = section.inspect(key);
    const set = [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue].filter((value) => value !== undefined);
    if (found === undefined || set.length === 0) continue;
    // a workspace may deny more, never less
    const value = key === 'policy.deny' ? set.flat() : section.get(key);
    if (value !== undefined) put(result, key.split('.'), value);
  }
  if (!vscode.workspace.isTrusted) put(result, ['edits', 'verify'], 'off');
  return result;
}

/** Settings as a configuration file has them. */
export function toml(table: Table): string {
  const lines = Object.entries(table).filter(([, value]) => value !== null);
  return lines.map(([key, value]) => `${JSON.stringify(key)} = ${inline(value)}\n`).join('');
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return `{ ${entries.map(([key, inner]) => `${JSON.stringify(key)} = ${inline(inner)}`).join(', ')} }`;
}

function keys(manifest: unknown): string[] {
  const { contributes } = manifest as { contributes: { configuration: { properties: Table }[] } };
  const all = contributes.configuration.flatMap((part) => Object.keys(part.properties));
  const ours = all.map((key) => key.replace(/^whittle\./, ''));
  return ours.filter((key) => !OWN.some((prefix) => key.startsWith(prefix)));
}

function put(table: Table, path: string[], value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (rest.length === 0) {
    table[key] = value;
    return;
  }
  const inner = (table[key] ?? {}) as Table;
  table[key] = inner;
  put(inner, rest, value);
}
