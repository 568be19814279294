// What a user does in VS Code, one case each. Every case works on its own copy of the source, which is open when it begins.

import assert from 'node:assert/strict';
import { ANSWER, REFACTORED, SOURCE } from './home.mjs';
import { sleep } from './code.mjs';

/** A case gets VS Code, the model, the home and its file. */
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
    await code.editor(file).locator('.codelens-decoration a', { hasText: 'Keep' }).first().click();
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
    model.reply = { text: ANSWER, delay: 1_500 };
    await code.cursor(file, 'let tax');
    await code.command('Whittle: Refactor');
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

  async generates_tests_offline({ code, file }) {
    await code.cursor(file, 'pub fn larger');
    await code.choose('Generate tests for `larger`');
    await code.until('tests', async () => (await code.text(file)).includes('#[test]'));
  },

  async says_what_a_failing_model_says({ code, model, file }) {
    model.reply = { status: 401, text: 'wrong key: try another' };
    await code.cursor(file, 'let tax');
    await code.command('Whittle: Refactor');
    await code.notification('wrong key: try another');
    await code.shows(file, SOURCE);
    await code.clearNotifications();
  },

  async previews_an_offered_change({ code, home, model, file }) {
    model.reply = { text: ANSWER };
    home.set({ 'whittle.edits.apply': 'offer' });
    await code.load(file);
    try {
      await code.cursor(file, 'let tax');
      await code.command('Whittle: Refactor');
      await code.notification('is ready');
      await code.shows(file, SOURCE);
      await code.clearNotifications();
      await code.choose('Apply “');
      const apply = code.page.getByRole('button', { name: 'Apply', exact: true });
      await apply.waitFor();
      // VS Code leaves it to the user to tick what is wanted
      await code.page.locator('.bulk-edit-panel .monaco-list-row input, .bulk-edit-panel .monaco-list-row .monaco-checkbox').first().click();
      await code.picture('preview');
      await apply.click();
      await code.shows(file, REFACTORED);
      await code.until('both hunks are drawn', async () => (await code.drawn(file)) === 2);
    } finally {
      home.set({ 'whittle.edits.apply': undefined });
      await code.load(file);
    }
  },

  async says_how_to_install_a_missing_server({ code, home, file }) {
    home.set({ 'whittle.server.path': '/nowhere/whittle' });
    await code.load(file);
    try {
      const message = await code.notification('/nowhere/whittle, which can\'t be run');
      await code.picture('missing');
      await message.getByRole('button', { name: 'Copy command' }).click();
      await code.notification('Copied: cargo install --path . --locked');
      assert.equal(await code.page.evaluate(() => navigator.clipboard.readText()), 'cargo install --path . --locked');
      await code.clearNotifications();
    } finally {
      home.set({ 'whittle.server.path': undefined });
      await code.load(file);
    }
    await code.until('the server runs again', async () => (await code.status()) === 'big');
  },
};
