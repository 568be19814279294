//! The real Helix, typed into through a terminal, with the keys and the configuration that Whittle gives for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::Duration;

use libtest_mimic::Trial;
use serde_json::json;
use vt100::Color;

use crate::find::{Missing, program};
use crate::home::{Home, SOURCE};
use crate::model::{refactored, refactors};
use crate::server::{Reply, Server};
use crate::terminal::Terminal;

/// A test in an editor.
type Case = fn(&Path);

pub(crate) fn trials() -> Result<Vec<Trial>, Missing> {
    let hx = program("Helix", "hx")?;
    let cases: &[(&str, Case)] = &[
        ("opens_the_menu", opens_the_menu),
        ("explains_and_shows_it_again", explains_and_shows_it_again),
        ("refactors_in_one_step", refactors_in_one_step),
        ("refactors_as_told", refactors_as_told),
        ("writes_tests_into_a_new_file", writes_tests_into_a_new_file),
        ("cancels", cancels),
        ("types_on_during_a_job", types_on_during_a_job),
        ("keeps_and_reverts_hunks", keeps_and_reverts_hunks),
        ("undoes_and_redoes", undoes_and_redoes),
        ("tells_of_a_failing_model", tells_of_a_failing_model),
        ("offers_an_edit", offers_an_edit),
        ("counts_lines_as_helix_does", counts_lines_as_helix_does),
        ("stands_beside_another_server", stands_beside_another_server),
        ("fixes_what_another_server_tells", fixes_what_another_server_tells),
    ];
    let trial = |&(name, case): &(&str, Case)| {
        let hx = hx.clone();
        Trial::test(format!("helix::{name}"), move || {
            case(&hx);
            Ok(())
        })
    };
    Ok(cases.iter().map(trial).collect())
}

/// The keys that Whittle gives.
const KEYS: &str = include_str!("../../editors/helix/config.toml");

/// The background of a menu's entry that the return key takes, in the colours that [`setup`] chooses.
const SELECTED: Color = Color::Rgb(69, 71, 90);

/// Configures Helix as `whittle setup` does, and opens a file of the project.
#[track_caller]
fn start(hx: &Path, home: &Home, language: &str, place: &str) -> Terminal {
    setup(hx, home, language);
    // servers of the machine that know the language as well have no part in this
    let only = format!("name = \"{language}\"\nlanguage-servers = [\"whittle\"]\n");
    let file = home.path(".config/helix/languages.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{}{only}", text.split_once("name = ").unwrap().0)).unwrap();
    let terminal = Terminal::start(home, hx, ["-v", place]);
    let name = place.split(':').next().unwrap();
    terminal.shows(&format!("NOR   {name}"));
    log(&terminal, home, "textDocument/didOpen"); // the server is there
    terminal
}

/// Runs `whittle setup helix --write` where this Helix is in the PATH.
#[track_caller]
fn setup(hx: &Path, home: &Home, language: &str) {
    home.write(".config/helix/config.toml", &format!("theme = \"catppuccin_mocha\"\n{KEYS}"));
    if let Some(grammar) = grammar() {
        let own = home.path(".config/helix/runtime/grammars");
        fs::create_dir_all(&own).unwrap();
        fs::copy(grammar, own.join("rust.so")).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_whittle"));
    command.args(["setup", "helix", "--write", "--language", language]).env_clear().envs(home.environment());
    let path = std::env::join_paths([hx.parent().unwrap(), Path::new(env!("CARGO_BIN_EXE_whittle")).parent().unwrap()]);
    let output = command.env("PATH", path.unwrap()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Rust's grammar for Helix, for the pictures' sake: Debian's package has none. Built once, from the sources that Whittle
/// itself is built with.
fn grammar() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let build = || {
        let folder = std::env::var_os("CARGO_HOME").map_or(std::env::home_dir()?.join(".cargo"), PathBuf::from);
        let registries = folder.join("registry/src").read_dir().ok()?.flatten();
        let crates = registries.filter_map(|registry| registry.path().read_dir().ok()).flatten().flatten();
        let sources = crates.map(|one| one.path().join("src")).filter(|one| one.join("parser.c").is_file());
        let is_rust = |one: &PathBuf| one.to_string_lossy().contains("/tree-sitter-rust-0.24");
        let source = sources.filter(is_rust).max()?;
        let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("helix-rust.so");
        let mut command = Command::new("cc");
        command.args(["-shared", "-fPIC", "-O1", "-I"]).arg(&source).arg("-o").arg(&built);
        let output = command.arg(source.join("parser.c")).arg(source.join("scanner.c")).output().ok()?;
        output.status.success().then_some(built)
    };
    BUILT.get_or_init(build).as_deref()
}

/// Waits until Helix's log has a text.
#[track_caller]
fn log(terminal: &Terminal, home: &Home, text: &str) {
    let file = home.path(".cache/helix/helix.log");
    terminal
        .wait(&format!("`{text}` in Helix's log"), || fs::read_to_string(&file).is_ok_and(|log| log.contains(text)));
}

/// Opens the menu, again until the server has something for it.
#[track_caller]
fn menu(terminal: &Terminal, entry: &str) {
    terminal.wait(&format!("the menu with `{entry}`"), || {
        escape(terminal);
        terminal.keys(" a");
        sleep(Duration::from_millis(300));
        terminal.screen().contains(entry)
    });
}

/// Back to normal mode.
fn escape(terminal: &Terminal) {
    terminal.keys("\x1b");
    sleep(Duration::from_millis(100)); // else it counts as the alt key
}

/// Opens the menu and chooses an entry.
#[track_caller]
fn choose(terminal: &Terminal, entry: &str) {
    menu(terminal, entry);
    terminal.wait(&format!("`{entry}` to be selected"), || {
        if terminal.background(entry) == Some(SELECTED) {
            return true;
        }
        terminal.keys("\x0e"); // the next entry
        sleep(Duration::from_millis(50));
        false
    });
    terminal.keys("\r");
}

/// Saves, and waits until the file has this text.
#[track_caller]
fn saved(terminal: &Terminal, home: &Home, file: &str, text: &str) {
    escape(terminal);
    terminal.keys(":wa\r");
    let mut found = String::new();
    let end = std::time::Instant::now() + Duration::from_secs(10);
    while found != text {
        assert!(
            std::time::Instant::now() < end,
            "{file} has\n{found}\nnot\n{text}\nthe screen:\n{}",
            terminal.screen()
        );
        sleep(Duration::from_millis(20));
        found = fs::read_to_string(home.path("shop").join(file)).unwrap_or_default();
    }
}

/// A project whose model refactors `total`, with Helix in it.
#[track_caller]
fn with_model(hx: &Path, delay: Duration, settings: &str) -> (Home, Server, Terminal) {
    let server = refactors(delay);
    let home = Home::with_model(&server, settings);
    let terminal = start(hx, &home, "rust", "src/lib.rs:2:8");
    (home, server, terminal)
}

const AT_ONCE: Duration = Duration::ZERO;
const LONG: Duration = Duration::from_secs(60);

/// The line with the sum after the refactoring, and that with the tax.
const SUM: &str = "let sum: u32 = prices.iter().sum();";
const TAX: &str = "let tax = sum / 5;";

fn opens_the_menu(hx: &Path) {
    let home = Home::new();
    let terminal = start(hx, &home, "rust", "src/lib.rs:2:8");
    menu(&terminal, "Explain `total` (offline)");
    escape(&terminal);
    terminal.shows_no_more("Explain `total` (offline)");
}

fn explains_and_shows_it_again(hx: &Path) {
    let home = Home::new();
    let terminal = start(hx, &home, "rust", "src/lib.rs:2:8");
    choose(&terminal, "Explain `total` (offline)");
    terminal.shows("Explanation of `total` is ready: press space k on the code");
    terminal.keys(" k");
    terminal.shows("Public function, 11 lines");
    terminal.picture("helix-explanation", "An explanation in Helix");
    escape(&terminal);
    terminal.shows_no_more("Public function, 11 lines");
    // by a key, without the menu, elsewhere
    terminal.keys("16ggglll We");
    terminal.shows("Explanation of `larger` is ready");
    terminal.keys(" k");
    terminal.shows("otherwise returns b");
}

fn refactors_in_one_step(hx: &Path) {
    let server = refactors(AT_ONCE);
    let home = Home::with_model(&server, "");
    let mut trust = Command::new(env!("CARGO_BIN_EXE_whittle"));
    trust.args(["trust", "shop"]).env_clear().envs(home.environment()).current_dir(home.path(""));
    assert!(trust.status().unwrap().success());
    let terminal = start(hx, &home, "rust", "src/lib.rs:16:5");
    menu(&terminal, "Refactor `larger` (big)");
    terminal.picture("helix-menu", "Whittle's actions in Helix");
    escape(&terminal);
    terminal.keys("2gg");
    choose(&terminal, "Refactor `total` (big)");
    terminal.shows(SUM);
    terminal.shows(TAX);
    terminal.shows("applied · parses");
    terminal.shows("Changed by");
    terminal.picture("helix-refactored", "A refactoring in Helix, its hunks under review");
    saved(&terminal, &home, "src/lib.rs", &refactored());
    terminal.keys("u");
    terminal.shows("for price in prices");
    saved(&terminal, &home, "src/lib.rs", SOURCE);
}

fn refactors_as_told(hx: &Path) {
    let (home, server, terminal) = with_model(hx, AT_ONCE, "");
    terminal.keys("3gg WR");
    terminal.shows("whittle.refactor {");
    terminal.keys("no loops, \\\"iterators\\\"\r");
    terminal.shows(SUM);
    saved(&terminal, &home, "src/lib.rs", &refactored()); // with the documentation that the model left out
    let messages = &server.requests()[0].body["messages"];
    let asked = messages.as_array().unwrap().last().unwrap()["content"].as_str().unwrap();
    assert!(asked.contains("no loops, \"iterators\""), "{asked}");
}

fn writes_tests_into_a_new_file(hx: &Path) {
    let home = Home::new();
    home.write("shop/pyproject.toml", "[project]\nname = \"prices\"\n");
    home.write("shop/prices.py", "def larger(a, b):\n    if a > b:\n        return a\n    return b\n");
    let terminal = start(hx, &home, "python", "prices.py:1:5");
    choose(&terminal, "Generate tests for `larger` (offline)");
    terminal.shows("tests/test_prices.py");
    let tests = "import pytest\n\nfrom prices import larger\n\n\n@pytest.mark.skip(reason=\"needs a value for `a` and `b`\")\n\
                 def test_larger_returns():\n    # result = larger(a, b)\n    # assert result == …: say what you expect\n    \
                 pass\n";
    saved(&terminal, &home, "tests/test_prices.py", tests);
}

fn cancels(hx: &Path) {
    let (home, server, terminal) = with_model(hx, LONG, "");
    let start = |times: usize| {
        choose(&terminal, "Refactor `total` (big)");
        terminal.wait("the model to be asked", || server.requests().len() == times);
    };
    let ended = |times: usize| terminal.wait("the model's connection to be closed", || server.hang_ups() == times);
    start(1);
    terminal.shows("asking big");
    choose(&terminal, "Cancel “Refactor `total`”");
    ended(1);
    start(2);
    escape(&terminal);
    terminal.keys(" Wx");
    ended(2);
    saved(&terminal, &home, "src/lib.rs", SOURCE);
}

fn types_on_during_a_job(hx: &Path) {
    let (home, server, terminal) = with_model(hx, Duration::from_secs(2), "");
    choose(&terminal, "Refactor `total` (big)");
    terminal.wait("the model to be asked", || server.requests().len() == 1);
    terminal.keys("geo");
    let mut typed = String::from("// ");
    terminal.keys(&typed);
    // a key every 50 ms until the edit is there, and after it
    while !(terminal.screen().contains(SUM) && typed.len() > 60) {
        assert!(typed.len() < 400, "the edit did not come:\n{}", terminal.screen());
        let key = char::from(b'a' + u8::try_from(typed.len() % 26).unwrap());
        terminal.keys(&key.to_string());
        typed.push(key);
        sleep(Duration::from_millis(50));
    }
    saved(&terminal, &home, "src/lib.rs", &format!("{}{typed}\n", refactored()));
    // one step takes back what was typed after the edit, the next the edit and what was typed before it
    terminal.keys("u");
    terminal.shows(SUM);
    terminal.keys("u");
    saved(&terminal, &home, "src/lib.rs", SOURCE);
}

fn keeps_and_reverts_hunks(hx: &Path) {
    let (home, _server, terminal) = with_model(hx, AT_ONCE, "");
    let marks = |count: usize| {
        terminal.wait(&format!("{count} marks"), || terminal.screen().matches("Changed by").count() == count);
    };
    choose(&terminal, "Refactor `total` (big)");
    marks(2);
    // by the menu
    terminal.keys("3gg");
    choose(&terminal, "Keep this hunk of “Refactor `total`”");
    marks(1);
    terminal.keys("7gg");
    choose(&terminal, "Revert this hunk of “Refactor `total`”");
    marks(0);
    terminal.shows("let tax = sum / 10;");
    saved(&terminal, &home, "src/lib.rs", &refactored().replace("/ 5", "/ 10"));
    // by keys, without the menu
    terminal.keys("uu");
    saved(&terminal, &home, "src/lib.rs", SOURCE);
    terminal.keys("2gg Wr");
    marks(2);
    terminal.keys("3gg Wk");
    marks(1);
    terminal.keys("7gg Wv");
    marks(0);
    saved(&terminal, &home, "src/lib.rs", &refactored().replace("/ 5", "/ 10"));
}

fn undoes_and_redoes(hx: &Path) {
    let (home, _server, terminal) = with_model(hx, AT_ONCE, "");
    choose(&terminal, "Refactor `total` (big)");
    terminal.shows(TAX);
    terminal.shows("Changed by");
    terminal.keys("geo// mine");
    escape(&terminal);
    terminal.keys(" Wu");
    terminal.shows("let tax = sum / 10;");
    saved(&terminal, &home, "src/lib.rs", &format!("{SOURCE}// mine\n"));
    terminal.keys(" WU");
    terminal.shows(TAX);
    saved(&terminal, &home, "src/lib.rs", &format!("{}// mine\n", refactored()));
}

fn tells_of_a_failing_model(hx: &Path) {
    let server = Server::choose(|_, _| Reply::json(401, &json!({ "error": { "message": "no such key" } })));
    let home = Home::with_model(&server, "");
    let terminal = start(hx, &home, "rust", "src/lib.rs:2:8");
    choose(&terminal, "Refactor `total` (big)");
    terminal.shows("no such key");
    saved(&terminal, &home, "src/lib.rs", SOURCE);
}

fn offers_an_edit(hx: &Path) {
    let (home, server, terminal) = with_model(hx, AT_ONCE, "[edits]\napply = \"offer\"\n");
    choose(&terminal, "Refactor `total` (big)");
    terminal.wait("the model to be asked", || server.requests().len() == 1);
    choose(&terminal, "Apply “Refactor `total`”");
    terminal.shows(TAX);
    saved(&terminal, &home, "src/lib.rs", &refactored());
}

/// Form feeds and Unicode's separators end no line; a carriage return alone does for the protocol, but not for Helix.
fn counts_lines_as_helix_does(hx: &Path) {
    let server = refactors(AT_ONCE);
    for (above, is_edited) in [("// \u{c} \u{b} \u{85} \u{2028} \u{2029}\n", true), ("// a \r b\n", false)] {
        let home = Home::with_model(&server, "");
        home.write("shop/src/lib.rs", &format!("{above}{SOURCE}"));
        let terminal = start(hx, &home, "rust", "src/lib.rs:3:8");
        terminal.keys(" Wr");
        if is_edited {
            terminal.shows(TAX);
            saved(&terminal, &home, "src/lib.rs", &format!("{above}{}", refactored()));
        } else {
            terminal.shows("carriage returns alone");
        }
    }
}

/// The list of servers that `whittle setup` writes starts both, and each does its part.
fn stands_beside_another_server(hx: &Path) {
    let home = Home::new();
    setup(hx, &home, "rust");
    let text = fs::read_to_string(home.path(".config/helix/languages.toml")).unwrap();
    assert!(text.contains("language-servers = [\"rust-analyzer\", \"whittle\"]"), "{text}");
    let health = Command::new(hx).args(["--health", "rust"]).env_clear().envs(home.environment()).output().unwrap();
    let health = String::from_utf8(health.stdout).unwrap();
    assert!(health.contains("✓\u{1b}[m whittle: "), "{health}");
    let terminal = Terminal::start(&home, hx, ["-v", "src/lib.rs:2:8"]);
    terminal.shows("pub fn total");
    if has_rust_analyzer() {
        log(&terminal, &home, "rust-analyzer <- ");
    }
    choose(&terminal, "Explain `total` (offline)");
    // the other server's progress takes the status line
    log(&terminal, &home, "Explanation of `total` is ready");
}

/// Whether the server is here that Helix starts for Rust by itself.
fn has_rust_analyzer() -> bool {
    Command::new("rust-analyzer").arg("--version").output().is_ok_and(|output| output.status.success())
}

fn fixes_what_another_server_tells(hx: &Path) {
    if !has_rust_analyzer() {
        return println!("skipped: there is no rust-analyzer to tell of a fault");
    }
    let mended = "pub fn total() -> u32 {\n    1\n}\n";
    let server =
        Server::choose(|_, _| Reply::chat(&["<replace id=\"c1\">\npub fn total() -> u32 {\n    1\n}\n</replace>\n"]));
    let home = Home::with_model(&server, "");
    home.write("shop/src/lib.rs", &mended.replace('1', "missing()"));
    setup(hx, &home, "rust");
    let terminal = Terminal::start(&home, hx, ["-v", "src/lib.rs:2:5"]);
    terminal.shows("cannot find function `missing`");
    choose(&terminal, "Fix “cannot find function `missing`");
    terminal.shows("Changed by “Fix");
    saved(&terminal, &home, "src/lib.rs", mended);
    let asked = server.requests()[0].body["messages"].to_string();
    assert!(asked.contains("cannot find function `missing` in this scope"), "{asked}");
}
