//! The real Helix, typed into through a terminal.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use libtest_mimic::Trial;

use crate::find::{Missing, program};
use crate::home::Home;
use crate::terminal::Terminal;

/// A test in an editor.
type Case = fn(&Path);

pub(crate) fn trials() -> Result<Vec<Trial>, Missing> {
    let hx = program("Helix", "hx")?;
    let cases: [(&str, Case); 1] = [("opens_the_menu", opens_the_menu)];
    let trial = |(name, case): (&str, Case)| {
        let hx = hx.clone();
        Trial::test(format!("helix::{name}"), move || {
            case(&hx);
            Ok(())
        })
    };
    Ok(cases.into_iter().map(trial).collect())
}

const LANGUAGES: &str = "\
[language-server.whittle]
command = \"whittle\"
args = [\"lsp\"]

[[language]]
name = \"rust\"
language-servers = [\"whittle\"]
";

/// Opens the project's file at this place.
#[track_caller]
fn start(hx: &Path, home: &Home, place: &str) -> Terminal {
    home.write(".config/helix/languages.toml", LANGUAGES);
    let terminal = Terminal::start(home, hx, ["-v", place]);
    terminal.shows("pub fn total");
    terminal
}

/// Opens the menu, again until the server has something for it.
#[track_caller]
fn menu(terminal: &Terminal, entry: &str) {
    terminal.wait(&format!("the menu with `{entry}`"), || {
        terminal.keys("\x1b");
        sleep(Duration::from_millis(100)); // else it counts as the alt key
        terminal.keys(" a");
        sleep(Duration::from_millis(300));
        terminal.screen().contains(entry)
    });
}

fn opens_the_menu(hx: &Path) {
    let home = Home::new();
    let terminal = start(hx, &home, "src/lib.rs:2:8");
    menu(&terminal, "Explain `total` (offline)");
    terminal.picture("helix-menu", "Whittle's actions in Helix");
    terminal.keys("\x1b");
    terminal.shows_no_more("Explain `total` (offline)");
}
