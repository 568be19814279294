//! With the plugin: edits while typing, undo in every way, and hunks.

use std::path::Path;
use std::time::{Duration, Instant};

use super::{Case, Neovim, PLUGIN};
use crate::home::{Home, SOURCE};
use crate::model;
use crate::server::Server;
use crate::terminal::PATIENCE;

pub(super) const CASES: &[Case] = &[
    ("is_one_undo_step", is_one_undo_step),
    ("is_one_undo_step_in_insert_mode", is_one_undo_step_in_insert_mode),
    ("undoes_and_redoes", undoes_and_redoes),
    ("lets_the_user_type", lets_the_user_type),
    ("draws_hunks", draws_hunks),
    ("reverts_a_hunk", reverts_a_hunk),
    ("keeps_hunks", keeps_hunks),
    ("tries_again", tries_again),
    ("offers", offers),
];

const NO_CHECKS: &str = "[edits]\nverify = \"off\"\n";

/// How many signs of hunks there are.
const SIGNS: &str = "#vim.api.nvim_buf_get_extmarks(0, vim.api.nvim_create_namespace('whittle.hunks'), 0, -1, {})";

/// Starts with a model that refactors after this time.
fn start(nvim: &Path, settings: &str, delay: Duration) -> (Home, Server, Neovim) {
    let server = model::refactors(delay);
    let home = Home::with_model(&server, settings);
    let neovim = Neovim::start(nvim, &home, PLUGIN);
    (home, server, neovim)
}

fn is_one_undo_step(nvim: &Path) {
    let (_home, _server, neovim) = start(nvim, NO_CHECKS, Duration::ZERO);
    neovim.at(2, "Whittle refactor");
    neovim.holds(&model::refactored());
    neovim.terminal.keys("u");
    neovim.holds(SOURCE);
    neovim.terminal.keys("\x12");
    neovim.holds(&model::refactored());
}

fn is_one_undo_step_in_insert_mode(nvim: &Path) {
    let (_home, server, neovim) = start(nvim, NO_CHECKS, Duration::from_millis(700));
    neovim.at(2, "Whittle refactor");
    neovim.terminal.keys("Go// one");
    neovim.terminal.wait("the question", || !server.requests().is_empty());
    let typed = |text: &str, line: &str| format!("{text}{line}\n");
    neovim.holds(&typed(&model::refactored(), "// one"));
    neovim.terminal.keys(" two\x1b");
    neovim.holds(&typed(&model::refactored(), "// one two"));
    neovim.terminal.keys("u");
    neovim.holds(&typed(&model::refactored(), "// one"));
    neovim.terminal.keys("u");
    neovim.holds(&typed(SOURCE, "// one"));
    neovim.terminal.keys("u");
    neovim.holds(SOURCE);
}

fn undoes_and_redoes(nvim: &Path) {
    let (_home, _server, neovim) = start(nvim, NO_CHECKS, Duration::ZERO);
    neovim.at(2, "Whittle refactor");
    neovim.wait(&format!("{SIGNS} == 2"));
    neovim.command("0put ='// typed'");
    neovim.command("Whittle undo");
    neovim.holds(&format!("// typed\n{SOURCE}"));
    neovim.terminal.shows("undone");
    neovim.command("Whittle redo");
    neovim.holds(&format!("// typed\n{}", model::refactored()));
    neovim.terminal.shows("applied again");
    neovim.command("Whittle log");
    neovim.terminal.shows("Whittle log");
    neovim.terminal.shows("Refactor `total`");
    neovim.command("fclose");
    // from insert mode, with what is typed around it kept
    neovim.terminal.keys("Go// one\x0f:Whittle undo\r");
    neovim.holds(&format!("// typed\n{SOURCE}// one\n"));
    neovim.terminal.keys(" two\x1b");
    neovim.holds(&format!("// typed\n{SOURCE}// one two\n"));
}

fn lets_the_user_type(nvim: &Path) {
    let server = model::refactors(Duration::from_millis(1500));
    let home = Home::with_model(&server, NO_CHECKS);
    let neovim = Neovim::start(nvim, &home, PLUGIN);
    neovim.at(2, "Whittle refactor");
    let typed = type_on(&neovim, PATIENCE);
    neovim.holds(&format!("{}// {typed}\n", model::refactored()));
    assert_eq!(server.requests().len(), 1);
}

/// Types a key every 50 ms at the end of the file until a second after the sum was refactored, or as long as this. Gives
/// what was typed.
pub(super) fn type_on(neovim: &Neovim, longest: Duration) -> String {
    neovim.terminal.keys("Go// ");
    let begun = Instant::now();
    let (mut typed, mut applied) = (String::new(), None);
    while begun.elapsed() < longest && applied.is_none_or(|at: Instant| at.elapsed() < Duration::from_secs(1)) {
        let key = char::from(b'a' + u8::try_from(typed.len() % 26).unwrap());
        neovim.terminal.keys(&key.to_string());
        typed.push(key);
        std::thread::sleep(Duration::from_millis(50));
        if applied.is_none() && neovim.terminal.screen().contains("sum / 5") {
            applied = Some(Instant::now());
        }
    }
    neovim.terminal.keys("\x1b");
    typed
}

fn draws_hunks(nvim: &Path) {
    let (_home, _server, neovim) = start(nvim, NO_CHECKS, Duration::ZERO);
    neovim.at(2, "Whittle refactor");
    neovim.terminal.shows("Changed by “Refactor `total`”");
    neovim.wait("require('whittle').status():find('2 hunks to review', 1, true) ~= nil");
    assert_eq!(neovim.lua(SIGNS), 2);
    assert_eq!(neovim.lua("#vim.diagnostic.get()"), 0, "hunks are in no list of diagnostics");
    neovim.terminal.picture("neovim-hunks", "Hunks under review in Neovim");
    neovim.command("Whittle next");
    neovim.wait("vim.fn.line('.') == 3");
    neovim.command("Whittle next");
    neovim.wait("vim.fn.line('.') == 7");
    neovim.command("Whittle next");
    neovim.wait("vim.fn.line('.') == 3");
    neovim.command("Whittle prev");
    neovim.wait("vim.fn.line('.') == 7");
    // they move along with what is typed
    neovim.command("0put ='// typed'");
    neovim.command("Whittle next");
    neovim.wait("vim.fn.line('.') == 4");
    // and go with the edit
    neovim.terminal.keys("uu");
    neovim.holds(SOURCE);
    neovim.wait(&format!("{SIGNS} == 0"));
}

fn reverts_a_hunk(nvim: &Path) {
    let (_home, _server, neovim) = start(nvim, NO_CHECKS, Duration::ZERO);
    neovim.at(2, "Whittle refactor");
    neovim.wait(&format!("{SIGNS} == 2"));
    neovim.command("Whittle prev");
    neovim.command("Whittle revert");
    neovim.holds(&model::refactored().replace("/ 5", "/ 10"));
    neovim.wait(&format!("{SIGNS} == 1"));
    neovim.command("Whittle revert all");
    neovim.holds(SOURCE);
    neovim.wait(&format!("{SIGNS} == 0"));
    neovim.command("Whittle revert");
    neovim.says("no hunk is under review here");
}

fn keeps_hunks(nvim: &Path) {
    let (_home, _server, neovim) = start(nvim, NO_CHECKS, Duration::ZERO);
    neovim.at(2, "Whittle refactor");
    neovim.wait(&format!("{SIGNS} == 2"));
    neovim.at(3, "Whittle keep");
    neovim.wait(&format!("{SIGNS} == 1"));
    neovim.command("Whittle keep all");
    neovim.wait(&format!("{SIGNS} == 0"));
    assert_eq!(neovim.text(), model::refactored());
}

fn tries_again(nvim: &Path) {
    let (_home, server, neovim) = start(nvim, NO_CHECKS, Duration::ZERO);
    neovim.at(2, "Whittle refactor");
    neovim.wait(&format!("{SIGNS} == 2"));
    neovim.at(3, "Whittle retry");
    neovim.terminal.wait("the second question", || server.requests().len() == 2);
    neovim.holds(&model::refactored());
    neovim.wait(&format!("{SIGNS} == 2"));
}

fn offers(nvim: &Path) {
    let (_home, _server, neovim) = start(nvim, "[edits]\nverify = \"off\"\napply = \"offer\"\n", Duration::ZERO);
    neovim.at(2, "Whittle refactor");
    neovim.says("is ready");
    assert_eq!(neovim.text(), SOURCE);
    neovim.command("0put ='// typed'");
    neovim.command("Whittle apply");
    neovim.holds(&format!("// typed\n{}", model::refactored()));
}
