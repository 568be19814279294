// A user's home and project, made for one run: nothing of the machine's own settings counts.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The file that the cases work on, each on its own copy. */
export const SOURCE = `/// What all of it costs.
pub fn total(prices: &[u32]) -> u32 {
    let mut sum = 0;
    for price in prices {
        sum += price;
    }
    // the tax is one tenth
    // of the sum
    // without discounts
    let tax = sum / 10;
    sum + tax
}

/// The larger one.
pub fn larger(a: u32, b: u32) -> u32 {
    if a > b {
        return a;
    } else {
        return b;
    }
}
`;

const NEW_TOTAL = `pub fn total(prices: &[u32]) -> u32 {
    let sum: u32 = prices.iter().sum();
    // the tax is one tenth
    // of the sum
    // without discounts
    let tax = sum / 5;
    sum + tax
}
`;

/** A model's answer that changes two places of `total`: the sum and the tax. */
export const ANSWER = `<replace id="c1">\n/// What all of it costs.\n${NEW_TOTAL}</replace>\n`;

/** The source after it. */
export const REFACTORED = SOURCE.replace(/pub fn total[^]*?\n}\n/, NEW_TOTAL);

const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.editor.showTabs': 'single',
  'workbench.editor.useModal': 'off',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.activityBar.location': 'hidden',
  'workbench.enableExperiments': false,
  'workbench.settings.enableNaturalLanguageSearch': false,
  'window.commandCenter': false,
  'window.menuBarVisibility': 'hidden',
  'editor.minimap.enabled': false,
  'editor.stickyScroll.enabled': false,
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.suggestOnTriggerCharacters': false,
  'editor.autoIndent': 'none',
  'breadcrumbs.enabled': false,
  'explorer.autoReveal': false,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'off',
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'chat.disableAIFeatures': true,
};

export class Home {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'whittle-vscode-'));

  constructor(server, modelUrl) {
    // VS Code takes PATH from a login shell, which knows nothing of ours
    fs.mkdirSync(this.path('.cargo/bin'), { recursive: true });
    fs.symlinkSync(server, this.path('.cargo/bin/whittle'));
    this.write('shop/Cargo.toml', '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n');
    this.write('shop/src/lib.rs', SOURCE);
    this.write('.config/whittle/config.toml', `[models.big]
provider = "openai"
base_url = "${modelUrl}"
model = "test"
timeout = { first_byte = "30s" }

[routes]
explain = ["offline"]
test = ["offline"]

[cache]
answers = false
`);
    this.set();
  }

  path(...names) {
    return path.join(this.folder, ...names);
  }

  write(name, text) {
    fs.mkdirSync(path.dirname(this.path(name)), { recursive: true });
    fs.writeFileSync(this.path(name), text);
  }

  read(name) {
    return fs.readFileSync(this.path(name), 'utf8');
  }

  /** Sets VS Code's settings: those of all cases, and more. It reads them when a window is loaded. */
  set(more = {}) {
    this.write('code/User/settings.json', JSON.stringify({ ...SETTINGS, ...more }, undefined, 2));
    this.write('code/Machine/settings.json', JSON.stringify(more)); // those of machine scope count from here only
  }

  /** What programs that are started here get to know. */
  environment() {
    const { PATH, LANG = 'C.UTF-8', CARGO_HOME = path.join(os.homedir(), '.cargo'), RUSTUP_HOME = path.join(os.homedir(), '.rustup') } = process.env;
    const own = { XDG_CONFIG_HOME: '.config', XDG_CACHE_HOME: '.cache', XDG_DATA_HOME: '.local/share', XDG_STATE_HOME: '.local/state' };
    const folders = Object.entries(own).map(([name, folder]) => [name, this.path(folder)]);
    return {
      ...Object.fromEntries(folders),
      PATH,
      HOME: this.folder,
      LANG,
      CARGO_HOME,
      RUSTUP_HOME,
      WHITTLE_LOG_FILE: this.path('whittle.log'),
      EXTENSIONS_GALLERY: '{}',
    };
  }

  /** A program of this name in the home. */
  program(name, script) {
    this.write(name, `#!/bin/sh\n${script}\n`);
    fs.chmodSync(this.path(name), 0o755);
    return this.path(name);
  }

  /** The process of a program that was started as a server: the editor's own by default. */
  server(program = this.path('.cargo/bin/whittle')) {
    const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
    const line = lines.find((one) => one.endsWith(`${program} lsp`));
    return line === undefined ? undefined : Number.parseInt(line, 10);
  }

  remove() {
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
