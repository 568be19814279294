//! With the plugin and nothing else: the server is there, `:Whittle`, windows, messages, health.

use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::{Case, Neovim, PLUGIN};
use crate::home::{Home, SOURCE};
use crate::model;
use crate::server::{Reply, Server};

pub(super) const CASES: &[Case] = &[
    ("explains_in_a_window", explains_in_a_window),
    ("explains_beside_the_user_who_types", explains_beside_the_user),
    ("explains_in_a_split", explains_in_a_split),
    ("shows_the_context_with_links", shows_the_context),
    ("completes", completes),
    ("asks_for_instructions", asks_for_instructions),
    ("takes_a_range", takes_a_range),
    ("fixes_what_others_report", fixes_what_others_report),
    ("offers_to_fix_what_others_report", offers_to_fix),
    ("lists_rewrites_without_a_model", lists_rewrites),
    ("tests_go_to_a_new_file", tests_go_to_a_new_file),
    ("cancels", cancels),
    ("says_why_a_model_failed", says_why_a_model_failed),
    ("stands_beside_another_server", stands_beside_another_server),
    ("explains_a_buffer_without_a_name", explains_a_buffer_without_a_name),
    ("counts_columns_as_the_server_does", counts_columns_as_the_server_does),
    ("says_what_installs_the_server", says_what_installs_the_server),
    ("is_healthy", is_healthy),
];

/// The windows that float.
const FLOATS: &str =
    "#vim.tbl_filter(function(w) return vim.api.nvim_win_get_config(w).relative ~= '' end, vim.api.nvim_list_wins())";

/// Answers whatever it is asked with an explanation, after this time.
fn explains(delay: Duration) -> Server {
    Server::choose(move |_, _| {
        Reply::chat(&["It adds **a tax** to the sum.\n\n```rust\nlet x = 1;\n```\n"]).after(delay)
    })
}

/// All that the model was told in the newest request.
fn told(server: &Server) -> String {
    server.requests().last().map(|request| request.body["messages"].to_string()).unwrap_or_default()
}

fn explains_in_a_window(nvim: &Path) {
    let home = Home::new();
    let neovim = Neovim::start(nvim, &home, PLUGIN);
    neovim.at(2, "Whittle explain");
    neovim.terminal.shows("Explanation of `total`");
    neovim.terminal.shows("K: enter");
    assert_eq!(neovim.lua("vim.bo.filetype"), "rust", "the cursor stays in the code");
    neovim.terminal.picture("neovim-explain", "An explanation in Neovim");
    neovim.terminal.keys("K");
    neovim.wait(
        "vim.bo.filetype == 'markdown' and vim.treesitter.highlighter.active[vim.api.nvim_get_current_buf()] ~= nil",
    );
    assert_eq!(neovim.lua(FLOATS), 1, "K enters the window, it opens no other");
    neovim.terminal.keys("G");
    neovim.terminal.keys("q");
    neovim.wait(&format!("{FLOATS} == 0 and vim.bo.filetype == 'rust'"));
    neovim.command("Whittle explain");
    neovim.wait(&format!("{FLOATS} == 1"));
    neovim.terminal.keys("j");
    neovim.wait(&format!("{FLOATS} == 0"));
    assert_eq!(neovim.text(), SOURCE);
}

fn explains_beside_the_user(nvim: &Path) {
    let server = explains(Duration::from_millis(600));
    let home = Home::with_model(&server, "");
    let neovim = Neovim::start(nvim, &home, PLUGIN);
    neovim.at(2, "Whittle explain");
    neovim.terminal.keys("Go// one");
    neovim.terminal.shows("It adds a tax");
    neovim.terminal.keys(" two");
    neovim.wait("vim.api.nvim_get_current_line() == '// one two'");
    assert_eq!(neovim.lua(FLOATS), 1, "typing does not close it");
    assert_eq!(neovim.lua("vim.api.nvim_get_mode().mode"), "i");
    neovim.terminal.keys("\x1b");
    neovim.command("fclose");
    neovim.wait(&format!("{FLOATS} == 0"));
}

fn explains_in_a_split(nvim: &Path) {
    let home = Home::new();
    let neovim = Neovim::start(nvim, &home, &format!("{PLUGIN}require('whittle').setup({{ explain = 'vsplit' }})\n"));
    neovim.at(2, "Whittle explain");
    neovim.terminal.shows("Explanation of `total`");
    assert_eq!(neovim.lua("#vim.api.nvim_list_wins()"), 2);
    neovim.at(16, "Whittle explain");
    neovim.terminal.shows("Explanation of `larger`");
    assert_eq!(neovim.lua("#vim.api.nvim_list_wins()"), 2, "the next takes the place of the last");
    neovim.terminal.keys("\x17lq");
    neovim.wait("#vim.api.nvim_list_wins() == 1");
}

fn shows_the_context(nvim: &Path) {
    let home = Home::new();
    let neovim = Neovim::start(nvim, &home, PLUGIN);
    neovim.at(16, "Whittle context");
    neovim.terminal.shows("Context of `larger`");
    neovim.terminal.keys("K");
    neovim.wait("vim.bo.filetype == 'markdown'");
    neovim.terminal.keys("/#L\r\r");
    neovim.wait("vim.bo.filetype == 'rust'");
    assert_eq!(neovim.lua("vim.fn.line('.')"), 14, "the first line of what the link names");
}

fn completes(nvim: &Path) {
    let home = Home::new();
    home.write(".config/whittle/prompts/haiku.md", "---\ntitle: Haiku on\nanswer: explanation\n---\nA haiku.\n");
    let neovim = Neovim::start(nvim, &home, PLUGIN);
    let complete = |line: &str| neovim.lua(&format!("vim.fn.getcompletion('{line}', 'cmdline')"));
    assert_eq!(complete("Whittle re"), json!(["redo", "refactor", "retry", "revert"]));
    assert_eq!(complete("2,3Whittle ex"), json!(["explain"]));
    assert_eq!(complete("Whittle run "), json!(["haiku"]));
    assert_eq!(complete("Whittle keep "), json!(["all"]));
    neovim.command("Whittle nonsense");
    neovim.says("there is no :Whittle nonsense");
}

fn asks_for_instructions(nvim: &Path) {
    let server = model::refactors(Duration::ZERO);
    let home = Home::with_model(&server, "[edits]\nverify = \"off\"\n");
    let neovim = Neovim::start(nvim, &home, PLUGIN);
    neovim.at(2, "lua vim.lsp.buf.code_action({ apply = true, filter = function(a) return a.title:match('with instructions') end })");
    neovim.terminal.shows("Refactor `total` with instructions (big):");
    neovim.terminal.keys("sum with an iterator\r");
    neovim.terminal.wait("the refactoring", || neovim.text().contains("iter().sum()"));
    assert!(told(&server).contains("sum with an iterator"));
}

fn takes_a_range(nvim: &Path) {
    let server = explains(Duration::ZERO);
    let home = Home::with_model(&server, "");
    let neovim = Neovim::start(nvim, &home, PLUGIN);
    neovim.command("7,9Whittle explain why a tenth");
    neovim.terminal.shows("It adds a tax");
    neovim.terminal.shows("Explanation of lines 7–9");
    assert!(told(&server).contains("why a tenth"));
    // a selection within a line counts exactly
    neovim.terminal.keys("/sum \\/\rvee:Whittle explain\r");
    neovim.terminal.wait("the second question", || server.requests().len() == 2);
    neovim.terminal.shows("Explanation of line 10");
}

/// A diagnostic of another's.
const LINT: &str = "lua vim.diagnostic.set(vim.api.nvim_create_namespace('lint'), 0, { { lnum = 3, col = 4, end_col = 7, \
    message = 'this loop is a sum', source = 'lint', severity = 2 } })";

fn fixes_what_others_report(nvim: &Path) {
    let server = model::refactors(Duration::ZERO);
    let home = Home::with_model(&server, "[edits]\nverify = \"off\"\n");
    let neovim = Neovim::start(nvim, &home, PLUGIN);
    neovim.command(LINT);
    neovim.at(4, "Whittle fix");
    neovim.terminal.wait("the fix", || neovim.text().contains("iter().sum()"));
    assert!(told(&server).contains("this loop is a sum"), "{}", told(&server));
}

/// Neovim tells a server only what it reported itself; the plugin tells the rest.
fn offers_to_fix(nvim: &Path) {
    let server = model::refactors(Duration::ZERO);
    let home = Home::with_model(&server, "[edits]\nverify = \"off\"\n");
    let neovim = Neovim::start(nvim, &home, PLUGIN);
    neovim.command(LINT);
    neovim.at(4, "lua vim.lsp.buf.code_action()");
    neovim.terminal.shows("Fix “this loop is a sum” in `total` (big)");
}

fn lists_rewrites(nvim: &Path) {
    let home = Home::new();
    let neovim = Neovim::start(nvim, &home, PLUGIN);
    neovim.at(16, "Whittle refactor");
    neovim.terminal.shows("Type number");
    let screen = neovim.terminal.screen();
    assert!(!screen.contains("Explain `larger`"), "rewrites only: {screen}");
    neovim.terminal.keys("1\r");
    neovim.terminal.wait("the rewrite", || neovim.text() != SOURCE);
    neovim.terminal.keys("u");
    neovim.holds(SOURCE);
}

fn tests_go_to_a_new_file(nvim: &Path) {
    let home = Home::new();
    home.write("shop/pyproject.toml", "[project]\nname = \"shop\"\nversion = \"1\"\n");
    home.write(
        "shop/src/shop/cart.py",
        "def double(count: int) -> int:\n    \"\"\"Twice as many.\"\"\"\n    return count * 2\n",
    );
    home.write("shop/tests/test_other.py", "def test_nothing() -> None:\n    assert True\n");
    let neovim = Neovim::open(nvim, &home, PLUGIN, "src/shop/cart.py");
    neovim.at(1, "Whittle test");
    let made = home.path("shop/tests/test_cart.py");
    neovim.terminal.wait("the new file's buffer", || neovim.lua("vim.fn.bufloaded('tests/test_cart.py')") == 1);
    neovim.says("test_cart.py");
    assert!(!made.exists(), "the user saves it");
    neovim.command("wall");
    neovim.terminal.wait("the saved file", || made.exists());
    let saved = std::fs::read_to_string(&made).unwrap();
    neovim.command("edit tests/test_cart.py");
    assert!(saved.contains("def test_") && saved.contains("double"), "{saved}");
    neovim.holds(&saved);
}

fn cancels(nvim: &Path) {
    let server = explains(Duration::from_secs(60));
    let home = Home::with_model(&server, "");
    let neovim = Neovim::start(nvim, &home, PLUGIN);
    neovim.at(2, "Whittle explain");
    neovim.terminal.shows("asking big");
    neovim.wait("require('whittle').status():find('Explain `total`', 1, true) ~= nil");
    neovim.terminal.wait("the question", || server.requests().len() == 1);
    neovim.command("Whittle cancel");
    neovim.terminal.shows("cancelled");
    neovim.terminal.wait("the end of the request", || server.hang_ups() == 1);
    neovim.wait("require('whittle').status() == 'whittle big'");
}

fn says_why_a_model_failed(nvim: &Path) {
    let refusal = json!({ "error": { "message": "no such key" } });
    let server = Server::script([Reply::json(401, &refusal)]);
    let home = Home::with_model(&server, "");
    let neovim = Neovim::start(nvim, &home, PLUGIN);
    neovim.at(2, "Whittle refactor use iterators");
    neovim.terminal.shows("no such key");
    neovim.terminal.keys("\r"); // a long message is confirmed
    assert_eq!(neovim.text(), SOURCE);
}

/// A server within Neovim that counts in UTF-16, knows one action, hovers everywhere, and complains of each file.
const OTHER: &str = "
local function other(dispatchers)
  local answers = {
    initialize = { capabilities = { hoverProvider = true, codeActionProvider = true, textDocumentSync = 2, positionEncoding = 'utf-16' } },
    ['textDocument/hover'] = { contents = { kind = 'markdown', value = 'Hovered by the other' } },
    ['textDocument/codeAction'] = { { title = 'Action of the other', kind = 'quickfix' } },
  }
  return {
    request = function(method, _, callback) callback(nil, answers[method] or vim.NIL) return true, 1 end,
    notify = function(method, params)
      if method == 'textDocument/didOpen' then
        dispatchers.notification('textDocument/publishDiagnostics', { uri = params.textDocument.uri, diagnostics = {
          { range = { start = { line = 2, character = 0 }, ['end'] = { line = 2, character = 9 } }, severity = 1, message = 'odd sum' },
        } })
      end
      return true
    end,
    is_closing = function() return false end,
    terminate = function() end,
  }
end
vim.api.nvim_create_autocmd('FileType', { pattern = 'rust', callback = function(event)
  vim.lsp.start({ name = 'other', cmd = other, root_dir = '/' }, { bufnr = event.buf })
end })
";

fn stands_beside_another_server(nvim: &Path) {
    let server = model::refactors(Duration::ZERO);
    let home = Home::with_model(&server, "[edits]\nverify = \"off\"\n[routes]\nexplain = [\"offline\"]\n");
    let neovim = Neovim::start(nvim, &home, &format!("{PLUGIN}{OTHER}"));
    neovim.wait("#vim.lsp.get_clients({ bufnr = 0 }) == 2");
    neovim.at(3, "lua vim.lsp.buf.code_action()");
    neovim.terminal.shows("Action of the other");
    neovim.terminal.shows("Explain `total` (offline)");
    neovim.terminal.shows("Fix “odd sum” in `total` (big)");
    neovim.terminal.keys("\r");
    neovim.command("Whittle explain");
    neovim.terminal.shows("What all of it costs");
    neovim.terminal.keys("j");
    neovim.terminal.keys("K");
    neovim.terminal.shows("Hovered by the other");
    neovim.terminal.shows("Public function, 11 lines");
    neovim.terminal.keys("j");
    neovim.command("Whittle refactor");
    neovim.holds(&model::refactored());
    assert_eq!(neovim.lua("#vim.diagnostic.get(0)"), 1, "only the other's");
    neovim.terminal.keys("u");
    neovim.holds(SOURCE);
}

fn explains_a_buffer_without_a_name(nvim: &Path) {
    let server = explains(Duration::ZERO);
    let home = Home::with_model(&server, "");
    let neovim = Neovim::start(nvim, &home, PLUGIN);
    neovim.command("enew | set filetype=rust | call setline(1, 'fn one() -> u8 { 1 }')");
    neovim.command("Whittle explain");
    neovim.terminal.shows("Explanation of `one`");
    neovim.command("Whittle document");
    neovim.says("save this buffer under a name first");
    assert_eq!(server.requests().len(), 1);
}

/// Neovim 0.10 has UTF-16 only.
fn counts_columns_as_the_server_does(nvim: &Path) {
    let server = explains(Duration::ZERO);
    let home = Home::with_model(&server, "");
    home.write("shop/src/lib.rs", "pub fn crab() -> String {\n    format!(\"🦀é{}🦀\", tail(\"é\"))\n}\n");
    let neovim = Neovim::start(nvim, &home, PLUGIN);
    neovim.terminal.keys("/tail\rvt):\u{15}'<,'>Whittle explain\r");
    neovim.terminal.shows("It adds a tax");
    let told = server.requests()[0].body["messages"][1]["content"].as_str().unwrap().to_owned();
    assert!(told.contains("selected this part of it:\n\ntail(\"é\"\n"), "{told}");
}

fn says_what_installs_the_server(nvim: &Path) {
    let home = Home::new();
    let init = format!("{PLUGIN}require('whittle').setup({{ cmd = {{ 'no-whittle', 'lsp' }} }})\n");
    let neovim = Neovim::alone(nvim, &home, &init, "src/lib.rs");
    let message = "`no-whittle` is missing. Run: cargo install --path ";
    neovim.says(message);
    neovim.command("edit src/other.rs");
    neovim.wait("vim.fn.expand('%:t') == 'other.rs'");
    neovim.command("edit src/other.py");
    neovim.wait("vim.fn.expand('%:t') == 'other.py'");
    assert_eq!(neovim.messages().matches(message).count(), 1, "once: {}", neovim.messages());
    neovim.command("checkhealth whittle");
    neovim.wait("vim.bo.filetype == 'checkhealth'");
    assert!(neovim.text().contains(message), "{}", neovim.text());
}

fn is_healthy(nvim: &Path) {
    let home = Home::new();
    let neovim = Neovim::start(nvim, &home, PLUGIN);
    neovim.command("checkhealth whittle");
    neovim.wait("vim.bo.filetype == 'checkhealth'");
    neovim.terminal.wait("the report", || neovim.text().contains("Everything works offline"));
    let text = neovim.text();
    assert!(text.contains("runs for") && text.contains("1 buffer"), "{text}");
    assert!(!text.contains("ERROR") && !text.contains("WARNING"), "{text}");
}
