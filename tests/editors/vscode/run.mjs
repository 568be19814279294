// Drives the real VS Code (code-server in Chromium) with the packaged extension and the real server. Prints a line for
// each case: `ok NAME` or `failed NAME: why`. Needs what tests/editors/install/vscode.sh installs. From the environment:
// WHITTLE_BIN, the server's program; EDITORS, the folder of that installation; OUT, a folder for pictures; PICTURES, one
// for those of the documentation; CASE, some cases
// (with commas between) instead of all; KEEP=1 leaves the folder of the run.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { CASES } from './cases.mjs';
import { Code } from './code.mjs';
import { Home, SOURCE } from './home.mjs';
import { Model } from './model.mjs';

const { WHITTLE_BIN: server, EDITORS: prefix, OUT: out, PICTURES: pictures = out, CASE: only, KEEP: keep } = process.env;
const extension = path.join(import.meta.dirname, '../../../editors/vscode');
for (const step of ['node_modules/typescript/bin/tsc', 'package.mjs']) {
  execFileSync(process.execPath, [step], { cwd: extension, stdio: ['ignore', 'inherit', 'inherit'] });
}
for (const folder of [out, pictures]) fs.mkdirSync(folder, { recursive: true });

const model = await Model.start();
const home = new Home(path.resolve(server), model.url);
let code;
try {
  const vsix = path.join(extension, 'whittle.vsix');
  code = await Code.start({ prefix, home, extension: vsix, out, pictures });
  await code.load('src/lib.rs');
  for (const [name, run] of Object.entries(CASES).filter(([name]) => only === undefined || only.split(',').includes(name))) {
    await runCase(name, run);
  }
} catch (error) {
  console.log(`failed to start: ${short(error)}`);
  process.exitCode = 1;
} finally {
  await code?.stop();
  model.stop();
  if (keep === undefined) home.remove();
  else console.error(home.folder);
}

async function runCase(name, run) {
  const began = performance.now();
  const file = `src/${name}.rs`;
  home.write(`shop/${file}`, SOURCE);
  model.reply = { text: '' };
  const asked = model.asked.length;
  try {
    await code.open(file);
    await run({ code, model, home, file });
    console.log(`ok ${name}`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`failed ${name}: ${short(error)}`);
    await code.picture(`failed-${name}`).catch(() => {});
    await code.keys('Escape', 'Escape').catch(() => {});
    await code.command('Notifications: Show Notifications').then(() => code.picture(`failed-${name}-told`), () => {});
    await code.clearNotifications().catch(() => {});
    fs.writeFileSync(path.join(out, `vscode-failed-${name}.json`), model.asked.slice(asked).join('\n'));
  }
  console.error(`  ${name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

function short(error) {
  return String(error.stack ?? error).slice(0, 2_000).replaceAll('\n', '\n    ');
}
