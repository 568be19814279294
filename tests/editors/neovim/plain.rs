//! With the three lines of the README and nothing else.

use std::path::Path;
use std::time::Duration;

use super::review::type_on;
use super::{Case, Neovim};
use crate::home::{Home, SOURCE};
use crate::model;

pub(super) const CASES: &[Case] = &[
    ("three_lines_explain", explains),
    ("three_lines_refactor_and_undo", refactors_and_undoes),
    ("three_lines_keep_typing_and_revert", reverts_a_hunk),
    ("three_lines_let_the_user_type", lets_the_user_type),
    ("three_lines_apply_an_offer", applies_an_offer),
    ("three_lines_take_a_file_from_the_plugin", takes_lspconfigs_file),
];

/// The three lines of the README.
const THREE_LINES: &str = "\
vim.lsp.config('whittle', { cmd = { 'whittle', 'lsp' }, root_markers = { '.git' }, filetypes = { 'rust' } })
vim.lsp.enable('whittle')
";

fn explains(nvim: &Path) {
    let home = Home::new();
    let neovim = Neovim::start(nvim, &home, THREE_LINES);
    neovim.terminal.keys("2Ggra");
    neovim.terminal.shows("Explain `total` (offline)");
    neovim.terminal.picture("neovim-menu", "Whittle's actions in Neovim");
    neovim.terminal.keys("1\r");
    neovim.terminal.shows("What all of it costs");
    neovim.wait("#vim.api.nvim_list_wins() == 2");
    assert_eq!(neovim.text(), SOURCE, "the cursor stays in the code");
    neovim.terminal.keys("K");
    neovim.wait("#vim.tbl_filter(function(w) return vim.api.nvim_win_get_config(w).relative ~= '' end, vim.api.nvim_list_wins()) == 1");
}

fn refactors_and_undoes(nvim: &Path) {
    let server = model::refactors(Duration::ZERO);
    let home = Home::with_model(&server, "[edits]\nverify = \"off\"\n");
    let neovim = Neovim::start(nvim, &home, THREE_LINES);
    refactor(&neovim);
    neovim.holds(&model::refactored());
    neovim.wait("#vim.diagnostic.get(0) == 2"); // Neovim tells of the edit up to 150 ms later
    neovim.terminal.keys("u");
    neovim.holds(SOURCE);
}

/// Refactors `total` from the menu.
fn refactor(neovim: &Neovim) {
    neovim.at(2, "lua vim.lsp.buf.code_action({ context = { only = { 'refactor.rewrite.whittle' } } })");
    neovim.terminal.shows("Refactor `total` (big)");
    neovim.terminal.keys("1\r");
}

fn reverts_a_hunk(nvim: &Path) {
    let server = model::refactors(Duration::ZERO);
    let home = Home::with_model(&server, "[edits]\nverify = \"off\"\n");
    let neovim = Neovim::start(nvim, &home, THREE_LINES);
    refactor(&neovim);
    neovim.wait("#vim.diagnostic.get(0) == 2");
    neovim.command("0put ='// typed'");
    neovim.at(8, "lua vim.lsp.buf.code_action({ apply = true, filter = function(a) return a.title:match('^Revert this hunk') end })");
    neovim.holds(&format!("// typed\n{}", model::refactored().replace("/ 5", "/ 10")));
    neovim.wait("#vim.diagnostic.get(0) == 1");
}

/// Neovim refuses an edit when a key came since it last sent changes, which it does every 150 ms: where keys come at just
/// that time again and again, the edit is offered in the end.
fn lets_the_user_type(nvim: &Path) {
    let server = model::refactors(Duration::from_millis(1500));
    let home = Home::with_model(&server, "[edits]\nverify = \"off\"\n");
    let neovim = Neovim::start(nvim, &home, THREE_LINES);
    refactor(&neovim);
    let typed = type_on(&neovim, Duration::from_secs(6));
    if neovim.text().contains("sum / 10") {
        neovim.command(APPLY);
    }
    neovim.holds(&format!("{}// {typed}\n", model::refactored()));
}

/// Takes what is offered.
const APPLY: &str =
    "lua vim.lsp.buf.code_action({ apply = true, filter = function(a) return a.title:match('^Apply') end })";

fn applies_an_offer(nvim: &Path) {
    let server = model::refactors(Duration::ZERO);
    let home = Home::with_model(&server, "[edits]\nverify = \"off\"\napply = \"offer\"\n");
    let neovim = Neovim::start(nvim, &home, THREE_LINES);
    refactor(&neovim);
    neovim.says("is ready");
    assert_eq!(neovim.text(), SOURCE);
    neovim.command(APPLY);
    neovim.holds(&model::refactored());
}

/// `lsp/whittle.lua` alone, as nvim-lspconfig would have it.
fn takes_lspconfigs_file(nvim: &Path) {
    let home = Home::new();
    home.write(".config/nvim/lsp/whittle.lua", include_str!("../../../editors/neovim/lsp/whittle.lua"));
    let neovim = Neovim::start(nvim, &home, "vim.lsp.enable('whittle')");
    let root = neovim.lua("vim.lsp.get_clients({ name = 'whittle' })[1].root_dir");
    assert_eq!(root, home.project().canonicalize().unwrap().to_str().unwrap());
}
