// VS Code in a browser, with the packaged extension: what a user does there, and sees.

import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';

/** How long (in ms) a user would wait for anything on a busy machine. */
const PATIENCE = 30_000;

export class Code {
  /** Starts it on the home's project. */
  static async start({ prefix, home, extension, out, pictures }) {
    const { chromium } = createRequire(path.join(prefix, 'vscode/package.json'))('playwright-core');
    const code = new Code();
    Object.assign(code, { home, out, pictures });
    const program = path.join(prefix, 'bin/code-server');
    const folders = ['--user-data-dir', home.path('code'), '--extensions-dir', home.path('extensions')];
    const env = home.environment();
    execFileSync(program, [...folders, '--install-extension', extension], { env, stdio: 'ignore' });
    const port = await freePort();
    const log = fs.openSync(home.path('code-server.log'), 'w');
    const options = ['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'];
    code.server = spawn(program, [...folders, ...options], { env, stdio: ['ignore', log, log] });
    code.address = `127.0.0.1:${port}`;
    await code.until('code-server listens', () => home.read('code-server.log').includes('HTTP server listening'));
    code.browser = await chromium.launchPersistentContext(home.path('browser'), {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      headless: true,
      viewport: { width: 1100, height: 720 },
      permissions: ['clipboard-read', 'clipboard-write'],
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
    });
    code.page = code.browser.pages()[0];
    code.page.setDefaultTimeout(PATIENCE);
    return code;
  }

  /** Opens a window with a file of the project and these settings, and waits for the extension to say how its server is. */
  async load(name, settings) {
    this.home.set(settings);
    const file = `vscode-remote://${this.address}${this.home.path('shop', name)}`;
    const query = new URLSearchParams({ folder: this.home.path('shop'), payload: JSON.stringify([['openFile', file]]) });
    await this.page.goto(`http://${this.address}/?${query}`);
    await this.editor(name).locator('.view-line').first().waitFor();
    if (await this.page.locator('.sidebar').isVisible()) await this.command('View: Toggle Primary Side Bar Visibility');
    await this.page.locator('.statusbar-item[id*="whittle"]:not(:has(.codicon-loading))').first().waitFor();
  }

  async stop() {
    await this.browser?.close();
    if (this.server !== undefined && this.server.exitCode === null) {
      const gone = new Promise((done) => this.server.once('exit', done));
      this.server.kill();
      await gone;
    }
  }

  async picture(name) {
    await this.page.screenshot({ path: path.join(this.out, `vscode-${name}.png`) });
  }

  /** A picture for the documentation: the upper part. */
  async documented(name) {
    const { width } = this.page.viewportSize();
    await this.page.mouse.move(width - 5, 400); // no tooltip, no hovered link
    await this.page.screenshot({ path: path.join(this.pictures, `vscode-${name}.png`), clip: { x: 0, y: 30, width, height: 450 } });
  }

  editor(name) {
    const end = name.split('/').at(-1);
    return this.page.locator(`.monaco-editor:is([data-uri$="/${end}"], [data-uri$=":${end}"])`).first();
  }

  /** Opens a file of the project in the first group. */
  async open(name) {
    await this.keys('Control+1', 'Control+p');
    const input = this.page.locator('.quick-input-widget input');
    await input.waitFor();
    await input.fill(this.home.path('shop', name)); // it is found without a search, which this installation has no tool for
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: name.split('/').at(-1) }).first().click();
    await this.editor(name).locator('.view-line').first().waitFor();
  }

  async keys(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async type(text, delay = 0) {
    await this.page.keyboard.type(text, { delay });
  }

  /** Runs a command of the palette. */
  async command(title) {
    await this.keys('F1');
    const input = this.page.locator('.quick-input-widget input');
    await input.waitFor();
    await input.fill(`>${title}`);
    const label = this.page.locator('.label-name', { hasText: new RegExp(`^${title}…?$`) });
    await this.page.locator('.quick-input-list .monaco-list-row', { has: label }).first().click();
  }

  /** Puts the cursor right before the first such text of the file that is shown. */
  async cursor(name, text) {
    await this.editor(name).locator('.view-line', { hasText: text }).first().waitFor();
    const content = await this.text(name);
    const index = content.indexOf(text);
    const before = content.slice(0, index).split('\n');
    await this.keys('Control+1', 'Control+g');
    const input = this.page.locator('.quick-input-widget input');
    await input.waitFor();
    await input.fill(`:${before.length}:${before.at(-1).length + 1}`);
    await this.keys('Enter');
    await input.waitFor({ state: 'hidden' });
  }

  /** The text of a file as it is on the screen. */
  async text(name) {
    const lines = await this.editor(name).locator('.view-lines .view-line').evaluateAll((all) =>
      all.map((line) => [parseFloat(line.style.top), line.textContent]).sort((a, b) => a[0] - b[0]).map(([, text]) => text));
    return lines.join('\n').replaceAll('\u00a0', ' ');
  }

  /** Waits until a file's text is this. */
  async shows(name, text) {
    let now = '';
    await this.until(() => `${name} shows\n${text}\nbut shows\n${now}`, async () => (now = await this.text(name)) === text.trimEnd() || now === text);
  }

  /** Lists the code actions at the cursor until one with such a title is there; gives it. */
  async menu(title) {
    const item = this.page.locator('.action-widget .monaco-list-row', { hasText: title }).first();
    for (let tries = 0; ; tries++) {
      await this.keys('Control+.');
      // something that starts up may take the focus and close the menu again
      const shown = await item.waitFor({ timeout: 3_000 }).then(() => true, () => false);
      if (shown) return item;
      if (tries === 8) throw new Error(`no action “${title}” among ${JSON.stringify(await this.actions())}`);
      await this.keys('Escape');
    }
  }

  /** The titles in the open menu. */
  async actions() {
    return this.page.locator('.action-widget .monaco-list-row').allInnerTexts();
  }

  async choose(title) {
    await (await this.menu(title)).click();
  }

  /** Waits for a notification with this text. */
  async notification(text) {
    const found = this.page.locator('.notification-toast .notification-list-item', { hasText: text }).first();
    await found.waitFor();
    return found;
  }

  async clearNotifications() {
    await this.command('Notifications: Clear All Notifications');
  }

  /** The text of a status-bar item: by default the extension's. */
  async status(item = 'whittle') {
    const found = this.page.locator(`.statusbar-item[id*="${item}"]`).first();
    return (await found.innerText()).replaceAll('\u00a0', ' ').trim();
  }

  /** How many hunks are drawn in a file: marks in its lines' left edge that touch form one. */
  async drawn(name) {
    const tops = await this.editor(name).locator('.view-overlays [class*="ced-"]').evaluateAll((all) =>
      all.filter((mark) => parseFloat(getComputedStyle(mark).borderLeftWidth) >= 2)
        .map((mark) => mark.getBoundingClientRect()).map(({ top, bottom }) => [top, bottom]).sort((a, b) => a[0] - b[0]));
    return tops.filter(([top], index) => index === 0 || top > tops[index - 1][1] + 1).length;
  }

  /** Answers a question of the extension in the box at the top. */
  async answer(text) {
    const input = this.page.locator('.quick-input-widget input');
    await input.waitFor();
    await input.fill(text);
    await this.keys('Enter');
  }

  /** The frame of the extension's page. */
  pageFrame() {
    return this.page.frameLocator('iframe.webview').last().frameLocator('#active-frame');
  }

  /** Closes the group beside the code. */
  async closePage() {
    if (await this.page.locator('iframe.webview').count() > 0) await this.command('View: Close Editors in Other Groups');
  }

  async until(what, condition) {
    const deadline = Date.now() + PATIENCE;
    while (!(await condition())) {
      if (Date.now() > deadline) throw new Error(`timed out: ${typeof what === 'function' ? what() : what}`);
      await sleep(50);
    }
  }
}

export function sleep(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

function freePort() {
  return new Promise((done) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}
