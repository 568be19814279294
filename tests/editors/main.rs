//! Real editors, each from its own installation and headless, with the real program. An editor that is not here is
//! skipped, and the last lines say so; with `WHITTLE_TEST_EDITORS_REQUIRED` set that is a failure.
//! `tests/editors/install.sh` installs all three.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod find;
mod helix;
mod home;
mod model;
mod neovim;
mod picture;
#[path = "../wire/server.rs"]
#[allow(dead_code, reason = "the tests over HTTP use the rest")]
mod server;
mod terminal;
mod vscode;

use std::process::ExitCode;

use find::Missing;
use libtest_mimic::{Arguments, Trial};

/// The trials of an editor, or why there are none.
type Trials = fn() -> Result<Vec<Trial>, Missing>;

const EDITORS: [Trials; 4] = [neovim::trials, neovim::old_trials, helix::trials, vscode::trials];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let required = std::env::var_os("WHITTLE_TEST_EDITORS_REQUIRED").is_some();
    let (mut trials, mut skipped) = (Vec::new(), Vec::new());
    for editor in EDITORS {
        match editor() {
            Ok(found) => trials.extend(found),
            Err(missing) if required => {
                trials.push(Trial::test(format!("{}::is_installed", missing.editor), move || Err(missing.why.into())));
            }
            Err(missing) => skipped.push(missing),
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list {
        for Missing { editor, why } in &skipped {
            println!("skipped: the tests in a real {editor}: {why}");
        }
        if !skipped.is_empty() {
            println!("tests/editors/install.sh installs the editors on Debian and its like.");
        }
    }
    conclusion.exit_code()
}
