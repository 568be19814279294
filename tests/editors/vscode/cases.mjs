// What a user does in VS Code, one case each. Every case works on its own copy of the source, which is open when it begins.

import assert from 'node:assert/strict';
import { ANSWER, REFACTORED, SOURCE } from './home.mjs';
import { sleep } from './code.mjs';

/** A case gets VS Code, the model, the home and its file. Those that need settings of their own stand last. */
export const CASES = {
  async attaches({ code }) {
    await code.until('the model in the status bar', async () => (await code.status()) === 'big');
  },

  async lists_the_actions({ code, file }) {
    await code.cursor(file, 'let tax');
    await code.menu('Explain `total` (offline)');
    const actions = await code.actions();
    for (const wanted of ['Refactor `total` (big)', 'Refactor `total` with instructions (big)…', 'Generate tests for `total`']) {
      assert(actions.some((action) => action.includes(wanted)), `${wanted} is missing among ${JSON.stringify(actions)}`);
    }
    await code.documented('menu');
    await code.keys('Escape');
  },

  async explains_beside_the_code({ code, file }) {
    await code.cursor(file, 'let tax');
    await code.choose('Explain `total`');
    const frame = code.pageFrame();
    await frame.locator('h1', { hasText: 'Explanation of total' }).waitFor();
    assert(await frame.locator('body').innerText().then((text) => text.includes('offline')));
    await code.documented('explanation');
    // the focus stays in the code
    await code.type('x');
    await code.until('what is typed goes into the code', async () => (await code.text(file)).includes('xlet tax'));
  },

  async shows_the_context_with_links_to_the_code({ code, file }) {
    await code.cursor(file, 'let tax');
    await code.choose('Show context of `total`');
    const frame = code.pageFrame();
    await frame.locator('h1', { hasText: 'Context of total' }).waitFor();
    await frame.locator('td a', { hasText: 'focus' }).click();
    await code.until('the link leads to the code', async () => (await code.status('editor.selection')).startsWith('Ln 1,'));
  },

  async refactors_and_draws_the_hunks({ code, model, file }) {
    model.reply = { text: ANSWER };
    await code.cursor(file, 'let tax');
    await code.choose('Refactor `total` (big)');
    await code.shows(file, REFACTORED);
    const lens = code.editor(file).locator('.codelens-decoration a');
    await lens.filter({ hasText: 'Keep' }).nth(1).waitFor();
    await lens.filter({ hasText: 'Revert (2/2)' }).waitFor();
    await code.until('both hunks are drawn', async () => (await code.drawn(file)) === 2);
    await code.closePage();
    await code.documented('hunk');
    await code.keys('Control+z');
    await code.shows(file, SOURCE);
    await code.until('no hunk is drawn', async () => (await code.drawn(file)) === 0);
  },

  async reverts_one_hunk_and_keeps_the_other({ code, model, file }) {
    model.reply = { text: ANSWER };
    await code.cursor(file, 'let tax');
    await code.command('Whittle: Refactor');
    await code.shows(file, REFACTORED);
    await code.until('both hunks are drawn', async () => (await code.drawn(file)) === 2);
    await code.keys('Control+Home');
    await code.command('Whittle: Next Hunk');
    await code.until('the cursor is in the first hunk', async () => (await code.status('editor.selection')).startsWith('Ln 3,'));
    await code.choose('Revert this hunk');
    const reverted = SOURCE.replace('/ 10', '/ 5');
    await code.shows(file, reverted);
    await code.until('one hunk is drawn', async () => (await code.drawn(file)) === 1);
    await code.editor(file).locator('.codelens-decoration a', { hasText: 'Revert (1/1)' }).waitFor();
    await code.editor(file).locator('.codelens-decoration a', { hasText: 'Keep' }).click();
    await code.until('no hunk is drawn', async () => (await code.drawn(file)) === 0);
    await code.shows(file, reverted);
  },

  async asks_for_the_instructions({ code, model, file }) {
    model.reply = { text: ANSWER };
    await code.cursor(file, 'let tax');
    await code.choose('Refactor `total` with instructions');
    await code.answer('use iterators');
    await code.shows(file, REFACTORED);
    assert(model.asked.at(-1).includes('use iterators'));
    await code.command('Whittle: Revert All Hunks');
    await code.shows(file, SOURCE);
    // who presses Escape wants nothing done
    const asked = model.asked.length;
    await code.command('Whittle: Refactor with Instructions');
    await code.page.locator('.quick-input-widget', { hasText: 'what is to be changed?' }).waitFor();
    await code.keys('Escape');
    await sleep(300);
    assert.equal(model.asked.length, asked);
  },

  async undoes_and_redoes_a_job({ code, model, file }) {
    model.reply = { text: ANSWER };
    await code.cursor(file, 'let tax');
    await code.command('Whittle: Refactor');
    await code.shows(file, REFACTORED);
    await code.command('Whittle: Undo Newest Job');
    await code.shows(file, SOURCE);
    await code.command('Whittle: Redo Job');
    await code.shows(file, REFACTORED);
  },

  async keeps_what_is_typed_during_a_job({ code, model, file }) {
    model.reply = { text: ANSWER, delay: 2_000 };
    const asked = model.asked.length;
    await code.cursor(file, 'let tax');
    await code.command('Whittle: Refactor');
    await code.until('the model is asked', () => model.asked.length > asked);
    await code.cursor(file, '/// The larger');
    await code.type('/// It is typed while the model answers.\n', 40);
    await code.shows(file, REFACTORED.replace('/// The', '/// It is typed while the model answers.\n/// The'));
  },

  async cancels_a_job_from_its_notification({ code, model, file }) {
    model.reply = { text: ANSWER, delay: 20_000 };
    const dropped = model.dropped;
    await code.cursor(file, 'let tax');
    await code.command('Whittle: Refactor');
    const job = await code.notification('Refactor `total`');
    await code.until('the job in the status bar', async () => (await code.status()).includes('Refactor'));
    await code.picture('job');
    await job.getByRole('button', { name: 'Cancel' }).click();
    await code.until('the request is dropped', () => model.dropped > dropped);
    await code.until('the status bar', async () => (await code.status()) === 'big');
    await code.shows(file, SOURCE);
  },

  async generates_tests_into_a_new_file({ code, home }) {
    home.write('shop/prices.py', 'def larger(a: int, b: int) -> int:\n    if a > b:\n        return a\n    return b\n');
    await code.open('prices.py');
    await code.cursor('prices.py', 'if a > b');
    await code.choose('Generate tests for `larger`');
    await code.notification('in tests/test_prices.py, not saved yet');
    await code.open('tests/test_prices.py');
    await code.until('tests', async () => (await code.text('test_prices.py')).includes('from prices import larger'));
    await code.keys('Control+s');
    await code.until('tests on the disk', () => home.read('shop/tests/test_prices.py').includes('def test_'));
    await code.clearNotifications();
  },

  async generates_tests_offline({ code, file }) {
    await code.cursor(file, 'pub fn larger');
    await code.choose('Generate tests for `larger`');
    await code.until('tests', async () => (await code.text(file)).includes('#[test]'));
  },

  async fixes_what_another_server_reports({ code, home, model }) {
    home.write('shop/price.ts', 'export function price(a: number): string {\n  return a * 2;\n}\n');
    const fixed = 'export function price(a: number): number {\n  return a * 2;\n}\n';
    model.reply = { text: `<replace id="c1">\n${fixed}</replace>\n` };
    await code.open('price.ts');
    await code.editor('price.ts').locator('.squiggly-error').first().waitFor();
    await code.cursor('price.ts', 'return');
    await code.choose(/^Fix/);
    await code.shows('price.ts', fixed);
    assert(model.asked.at(-1).includes('is not assignable to type'), model.asked.at(-1));
  },

  async says_what_a_failing_model_says({ code, model, file }) {
    model.reply = { status: 401, text: 'wrong key: try another' };
    await code.cursor(file, 'let tax');
    await code.command('Whittle: Refactor');
    await code.notification('wrong key: try another');
    await code.shows(file, SOURCE);
    await code.clearNotifications();
  },

  async explains_what_has_no_file({ code }) {
    await code.command('File: New Untitled Text File');
    const name = 'Untitled-1';
    await code.editor(name).locator('.view-lines').click();
    await code.type('Beer is made of water,\nhops and barley.\n');
    await code.choose('Explain');
    await code.pageFrame().locator('body', { hasText: 'Lines 1–2 of untitled:Untitled-1' }).waitFor();
    await code.editor(name).locator('.view-lines').click();
    await code.keys('Control+a', 'Delete');
  },

  async opens_a_menu_in_the_status_bar({ code, model, file }) {
    model.reply = { text: ANSWER, delay: 20_000 };
    const dropped = model.dropped;
    await code.cursor(file, 'let tax');
    await code.command('Whittle: Refactor');
    await code.until('the job in the status bar', async () => (await code.status()).includes('Refactor'));
    await code.page.locator('.statusbar-item[id*="whittle"] a').click();
    const row = (text) => code.page.locator('.quick-input-list .monaco-list-row', { hasText: text });
    await row('Show log').waitFor();
    await code.picture('status');
    await row('Cancel “Refactor `total`”').click();
    await code.until('the request is dropped', () => model.dropped > dropped);
  },

  async starts_a_killed_server_again({ code, model, home, file }) {
    model.reply = { text: ANSWER };
    await code.cursor(file, 'let tax');
    await code.command('Whittle: Refactor');
    await code.until('both hunks are drawn', async () => (await code.drawn(file)) === 2);
    model.reply = { text: ANSWER, delay: 20_000 };
    await code.cursor(file, 'if a > b');
    await code.command('Whittle: Refactor');
    await code.notification('Refactor `larger`');
    const killed = home.server();
    process.kill(killed, 'SIGKILL');
    await code.notification('ended while “Refactor `larger`” was running; nothing was applied');
    await code.picture('crash');
    assert.notEqual(home.server(), killed);
    await code.until('its progress is gone', async () => (await code.page.locator('.notification-list-item').count()) === 1);
    await code.until('no hunk is drawn', async () => (await code.drawn(file)) === 0);
    await code.until('the status bar', async () => (await code.status()) === 'big');
    await code.clearNotifications();
    await code.cursor(file, 'if a > b');
    await code.command('Whittle: Explain');
    await code.pageFrame().locator('h1', { hasText: 'Explanation of larger' }).waitFor();
    await code.closePage();
  },

  async restarts_a_server_that_hangs({ code, home }) {
    const hanging = home.server();
    process.kill(hanging, 'SIGSTOP');
    await code.command('Whittle: Restart Server');
    await code.until('another server', () => ![hanging, undefined].includes(home.server()));
    await code.until('the status bar', async () => (await code.status()) === 'big');
    assert.throws(() => process.kill(hanging, 0), 'the old one is gone');
    assert.equal(await code.page.locator('.notification-list-item').count(), 0);
  },

  async has_a_walkthrough({ code, file }) {
    await code.cursor(file, 'let tax');
    await code.command('Whittle: Explain');
    await code.pageFrame().locator('h1', { hasText: 'Explanation of total' }).waitFor();
    await code.closePage(); // a narrow walkthrough has no pictures
    await code.command('Welcome: Open Walkthrough...');
    await code.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Whittle in a minute' }).click();
    await code.page.locator('.getting-started-step', { hasText: 'Explain a function' }).click();
    await code.page.locator('.getting-started-media img').waitFor();
    await code.picture('walkthrough');
    const done = (step) => code.page.locator('.getting-started-step', { hasText: step }).locator('.codicon-getting-started-step-checked');
    await done('Have the server').waitFor();
    await done('Explain a function').waitFor();
    assert.equal(await done('Change it').count(), 0);
    await code.keys('Control+w');
  },

  async takes_a_changed_setting_at_once({ code, home, file }) {
    await code.command('Preferences: Open User Settings (JSON)');
    const settings = code.editor('settings.json');
    await settings.locator('.view-line').first().waitFor();
    await code.page.evaluate((text) => navigator.clipboard.writeText(text), '{ "whittle.context.budget": 2222, ');
    await code.keys('Control+Home', 'Delete', 'Control+v');
    await settings.locator('.view-line', { hasText: '2222' }).waitFor();
    await code.keys('Control+s');
    await code.until('the settings are saved', () => home.read('code/User/settings.json').includes('2222'));
    await code.open(file);
    await code.until('the new budget', async () => (await budget(code, file)) === '2222');
  },

  async trusts_a_folder({ code, home, file }) {
    home.write('shop/whittle.toml', '[context]\nbudget = 123\n');
    await code.load(file);
    assert.equal(await budget(code, file), '4000');
    await code.command('Whittle: Trust Folder');
    await code.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Trust it' }).click();
    await code.notification('is trusted');
    await code.until('the folder counts', async () => (await budget(code, file)) === '123');
  },

  async lets_nothing_of_a_folder_count_in_restricted_mode({ code, home, file }) {
    home.write('shop/whittle.toml', '[context]\nbudget = 123\n');
    home.write('.local/state/whittle/trusted', `${home.path('shop')}\n`);
    await code.load(file, { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' });
    await code.page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
    await code.notification('whittle.toml: is ignored in Restricted Mode');
    assert.equal(await budget(code, file), '4000');
    await code.load(file);
    assert.equal(await budget(code, file), '123');
  },

  async previews_an_offered_change({ code, model, file }) {
    model.reply = { text: ANSWER };
    await code.load(file, { 'whittle.edits.apply': 'offer' });
    await code.cursor(file, 'let tax');
    await code.command('Whittle: Refactor');
    await code.notification('is ready');
    await code.shows(file, SOURCE);
    await code.clearNotifications();
    await code.choose('Apply “');
    // VS Code leaves it to the user to tick what is wanted
    await code.page.locator('.bulk-edit-panel .monaco-list-row .monaco-checkbox, .bulk-edit-panel .monaco-list-row input').first().click();
    await code.picture('preview');
    await code.page.getByRole('button', { name: 'Apply', exact: true }).click();
    await code.shows(file, REFACTORED);
    await code.until('both hunks are drawn', async () => (await code.drawn(file)) === 2);
  },

  async tells_of_the_models_of_its_settings_in_one_terminal({ code, file }) {
    const models = { 'of-settings': { provider: 'openai', base_url: 'http://127.0.0.1:9/v1', model: 'a "quoted" name' } };
    await code.load(file, { 'whittle.models': models, 'terminal.integrated.gpuAcceleration': 'off' });
    const shown = () => code.page.locator('.terminal-wrapper .xterm-rows').first().innerText();
    await code.command('Whittle: Models and Cost');
    await code.until('the model of the settings', async () => /of-settings/.test(await shown()));
    await code.picture('models');
    await code.command('Terminal: Clear');
    await code.until('nothing is shown', async () => !/of-settings/.test(await shown()));
    await code.command('Whittle: Models and Cost');
    await code.until('it is asked again', async () => /of-settings/.test(await shown()));
    await code.page.locator('.single-terminal-tab', { hasText: 'Whittle' }).waitFor();
    await code.command('Terminal: Kill All Terminals');
  },

  async gives_up_a_program_that_never_answers({ code, home, file }) {
    const silent = home.program('silent', 'while :; do sleep 0.1; done');
    await code.load(file, { 'whittle.server.path': silent });
    const message = await code.notification(`${silent} is not Whittle's server, or it can't start: it did not answer within 10 s`);
    await code.picture('silent');
    await code.until('it is killed', () => home.server(silent) === undefined);
    // nor is a new path waited for
    await message.getByRole('button', { name: 'Try again' }).click();
    await code.until('it is started again', () => home.server(silent) !== undefined);
    const began = Date.now();
    home.set();
    await code.until('the right server', async () => (await code.status()) === 'big');
    assert(Date.now() - began < 9_000);
    assert.equal(home.server(silent), undefined);
    assert.equal(await code.page.locator('.notification-list-item').count(), 0);
  },

  async says_that_a_program_is_no_server({ code, home, file }) {
    await code.load(file, { 'whittle.server.path': '/bin/true' });
    await code.notification("/bin/true is not Whittle's server, or it can't start: it ended at once.");
    assert.equal(await code.page.locator('.notification-list-item').count(), 1);
    home.set();
    await code.until('the right server', async () => (await code.status()) === 'big');
    await code.clearNotifications();
  },

  async says_how_to_install_a_missing_server({ code, file }) {
    await code.load(file, { 'whittle.server.path': '/nowhere/whittle' });
    const message = await code.notification('/nowhere/whittle, which can\'t be run');
    await code.picture('missing');
    await code.page.locator('.statusbar-item[id*="whittle"] a').click();
    await code.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Restart server' }).waitFor();
    const rows = await code.page.locator('.quick-input-list .monaco-list-row').allInnerTexts();
    assert(!rows.some((row) => /operation|cost/.test(row)), JSON.stringify(rows));
    await code.keys('Escape');
    await message.getByRole('button', { name: 'Copy command' }).click();
    await code.notification('Copied: cargo install --path . --locked');
    assert.equal(await code.page.evaluate(() => navigator.clipboard.readText()), 'cargo install --path . --locked');
  },
};

/** The budget of a context, as its page tells it. */
async function budget(code, file) {
  await code.cursor(file, 'let tax');
  await code.choose('Show context of `total`');
  const line = code.pageFrame().locator('p', { hasText: /of \d+ tokens/ }).first();
  return (await line.innerText()).match(/of (\d+) tokens/)[1];
}
