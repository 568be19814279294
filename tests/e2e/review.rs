//! After a proposal: its hunks are marked, kept, reverted, tried again; it is offered instead; it is undone and redone.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Client, Profile, Setup};
use super::{EVERY_EDITOR, action, message, workspace};
use crate::wire::server::{Reply, Server};

pub(super) const SOURCE: &str = "\
pub fn total(prices: &[u32]) -> u32 {
    let mut sum = 0;
    for price in prices {
        sum += price;
    }
    // one
    // two
    // three
    let tax = sum / 10;
    sum + tax
}

pub fn other() -> u32 {
    1
}
";

const SUM: &str = "    let mut sum = 0;\n    for price in prices {\n        sum += price;\n    }\n";
const NEW_SUM: &str = "    let sum: u32 = prices.iter().sum();\n";

/// Two hunks: the sum and the tax.
pub(super) const ANSWER: &str = "<replace id=\"c1\">\npub fn total(prices: &[u32]) -> u32 {\n    let sum: u32 = \
                                 prices.iter().sum();\n    // one\n    // two\n    // three\n    let tax = sum / 5;\n    \
                                 sum + tax\n}\n</replace>\n";

pub(super) fn changed() -> String {
    SOURCE.replace(SUM, NEW_SUM).replace("/ 10", "/ 5")
}

/// A client with these settings under `edits`, whose model gives `answers`.
pub(super) fn setup(profile: Profile, root: &std::path::Path, server: &Server, edits: Value) -> Setup {
    let mut setup = Setup::new(profile, root);
    let model = json!({ "provider": "openai", "base_url": server.base_url(), "model": "test" });
    let mut edits = edits;
    edits["verify"] = json!("off");
    setup.options = json!({ "models": { "big": model }, "edits": edits });
    setup.settings = setup.options.clone();
    setup
}

/// Asks for the refactoring of `total`.
#[track_caller]
pub(super) fn ask(client: &mut Client) {
    let cursor = client.cursor("src/lib.rs", "total");
    let actions = client.code_actions("src/lib.rs", &cursor, &["refactor"]);
    client.forget_past();
    client.choose(&action(&actions, "Refactor `total` (big)"));
}

/// A client in which the refactoring was applied.
#[track_caller]
fn applied(profile: Profile, root: &std::path::Path, edits: Value) -> (Client, Server) {
    let server = Server::script([Reply::chat(&[ANSWER]), Reply::chat(&[ANSWER])]);
    let mut client = setup(profile, root, &server, edits).start();
    client.open("src/lib.rs");
    ask(&mut client);
    client.wait_idle();
    assert_eq!(client.text("src/lib.rs"), changed(), "{profile:?}");
    (client, server)
}

/// What the marks of the file stand on, once there are so many.
#[track_caller]
fn marks(client: &mut Client, count: usize) -> Vec<String> {
    let path = client.path("src/lib.rs");
    client.wait_until(&format!("{count} marks"), |client| {
        (client.diagnostics.get(&path).map_or(0, Vec::len) == count).then_some(())
    });
    let marks = client.diagnostics.get(&path).cloned().unwrap_or_default();
    let columns = client.columns;
    let text = client.text("src/lib.rs").to_owned();
    let shown = |mark: &Value| text[super::client::bytes(&text, &mark["range"], columns)].to_owned();
    assert!(marks.iter().all(|mark| mark["source"] == "whittle"), "{marks:?}");
    marks.iter().map(shown).collect()
}

#[track_caller]
fn actions(client: &mut Client, needle: &str) -> Vec<Value> {
    let cursor = client.cursor("src/lib.rs", needle);
    client.code_actions("src/lib.rs", &cursor, &["quickfix", "whittle.redo"])
}

#[track_caller]
fn choose(client: &mut Client, needle: &str, title: &str) {
    let found = action(&actions(client, needle), title);
    client.choose(&found);
}

#[track_caller]
fn wait_text(client: &mut Client, wanted: &str) {
    for _ in 0..600 {
        if client.text("src/lib.rs") == wanted {
            return;
        }
        client.idle(Duration::from_millis(10));
    }
    assert_eq!(client.text("src/lib.rs"), wanted, "{:?}", client.messages());
}

#[test]
fn each_hunk_is_marked_and_kept_or_reverted() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let (mut client, _server) = applied(profile, folder.path(), json!({}));
        assert_eq!(marks(&mut client, 2), ["sum", "5"], "{profile:?}");
        // outside of the hunks there is nothing to review
        let elsewhere = actions(&mut client, "pub fn other");
        assert!(elsewhere.iter().all(|action| !action["title"].as_str().unwrap().contains("hunk")), "{elsewhere:?}");
        choose(&mut client, "u32 = prices", "Revert this hunk");
        wait_text(&mut client, &SOURCE.replace("/ 10", "/ 5"));
        assert_eq!(marks(&mut client, 1), ["5"]);
        choose(&mut client, "5;\n    sum + tax", "Keep this hunk");
        assert_eq!(marks(&mut client, 0), [""; 0]);
        wait_text(&mut client, &SOURCE.replace("/ 10", "/ 5"));
    }
}

#[test]
fn marks_follow_the_text_until_a_hunk_is_changed_by_hand() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let (mut client, _server) = applied(profile, folder.path(), json!({ "review": "until-kept" }));
        marks(&mut client, 2);
        let top = client.before("src/lib.rs", "pub fn total");
        client.type_text("src/lib.rs", &top, "// é😀 typed\n");
        client.forget_past();
        let moved = client.wait_for_method("textDocument/publishDiagnostics");
        assert_eq!(moved["diagnostics"][0]["range"]["start"]["line"], 2, "{profile:?}");
        assert!(moved["version"].is_number());
        assert_eq!(marks(&mut client, 2), ["sum", "5"]);
        // a formatter that leaves the tokens as they are is not the user's hand
        let line = client.range_of("src/lib.rs", "    let sum: u32 = prices.iter().sum();");
        client.replace("src/lib.rs", &line, "    let sum: u32 = prices\n        .iter()\n        .sum();");
        client.idle(Duration::from_millis(500));
        assert_eq!(marks(&mut client, 2), ["sum", "5"]);
        let tax = client.after("src/lib.rs", "sum / 5");
        client.type_text("src/lib.rs", &tax, "0");
        assert_eq!(marks(&mut client, 1), ["sum"]);
        client.close("src/lib.rs");
        let path = client.path("src/lib.rs");
        client.wait_until("no marks", |client| client.diagnostics[&path].is_empty().then_some(()));
    }
}

#[test]
fn marks_go_when_the_user_saves_but_not_when_the_editor_does() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let (mut client, _server) = applied(profile, folder.path(), json!({}));
        marks(&mut client, 2);
        if profile != Profile::Helix {
            let document = json!({ "uri": client.document("src/lib.rs").uri });
            client.notify("textDocument/willSave", json!({ "textDocument": document, "reason": 2 }));
            client.notify("textDocument/didSave", json!({ "textDocument": document }));
            client.idle(Duration::from_millis(300));
            marks(&mut client, 2);
        }
        client.save("src/lib.rs");
        marks(&mut client, 0);

        let folder = workspace(SOURCE);
        let (mut client, _server) = applied(profile, folder.path(), json!({ "review": "until-kept" }));
        marks(&mut client, 2);
        client.save("src/lib.rs");
        client.idle(Duration::from_millis(300));
        marks(&mut client, 2);

        let folder = workspace(SOURCE);
        let (mut client, _server) = applied(profile, folder.path(), json!({ "review": "off" }));
        client.idle(Duration::from_millis(300));
        marks(&mut client, 0);
        action(&actions(&mut client, "total"), "Undo “Refactor `total`");
    }
}

#[test]
fn all_of_a_job_is_kept_reverted_or_tried_again() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let (mut client, server) = applied(profile, folder.path(), json!({}));
        choose(&mut client, "5;\n", "Try “Refactor `total`");
        client.poll("the second request", || server.requests().len() == 2);
        wait_text(&mut client, &changed());
        client.idle(Duration::from_millis(400));
        assert_eq!(marks(&mut client, 2), ["sum", "5"]);
        choose(&mut client, "5;\n", "Revert all of");
        wait_text(&mut client, SOURCE);
        marks(&mut client, 0);
        let cursor = client.cursor("src/lib.rs", "total");
        let all = client.code_actions("src/lib.rs", &cursor, &[]);
        let last = all.last().unwrap();
        assert!(last["title"].as_str().unwrap().starts_with("Redo “") && last["kind"] == "whittle.redo", "{all:?}");
        choose(&mut client, "total", "Redo “Refactor `total`");
        wait_text(&mut client, &changed());
    }
}

#[test]
fn the_menu_that_follows_the_cursor_has_only_what_became_of_jobs() {
    let folder = workspace(SOURCE);
    let (mut client, _server) = applied(Profile::VsCode, folder.path(), json!({}));
    let cursor = client.cursor("src/lib.rs", "5;\n");
    let id = client.send_code_actions("src/lib.rs", &cursor, &[], 2);
    let found = client.answer(id).unwrap();
    let titles: Vec<&str> = found.as_array().unwrap().iter().map(|found| found["title"].as_str().unwrap()).collect();
    let starts = ["Keep this hunk", "Revert this hunk", "Keep all", "Revert all", "Try"];
    assert!(
        titles.len() == 5 && titles.iter().zip(starts).all(|(title, start)| title.starts_with(start)),
        "{titles:?}"
    );
    assert!(found.as_array().unwrap().iter().all(|found| found["kind"] == "quickfix.whittle.review"));
}

#[test]
fn commands_without_arguments_mean_the_hunk_at_the_last_place() {
    let folder = workspace(SOURCE);
    let (mut client, _server) = applied(Profile::Helix, folder.path(), json!({}));
    actions(&mut client, "5;\n");
    client.execute("whittle.revert", Value::Null);
    wait_text(&mut client, &SOURCE.replace(SUM, NEW_SUM));
    client.execute("whittle.keep", Value::Null);
    marks(&mut client, 0);
    client.execute("whittle.undo", Value::Null);
    wait_text(&mut client, SOURCE);
    client.wait_idle();
    client.execute("whittle.redo", Value::Null);
    wait_text(&mut client, &SOURCE.replace(SUM, NEW_SUM));
    client.try_execute("whittle.keep", Value::Null).unwrap_err();
}

#[test]
fn an_offer_is_an_action_with_its_edit() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let server = Server::script([Reply::chat(&[ANSWER])]);
        let mut client = setup(profile, folder.path(), &server, json!({ "apply": "offer" })).start();
        client.open("src/lib.rs");
        ask(&mut client);
        assert!(message(&mut client, 3).contains("is among the code actions of src/lib.rs"));
        client.wait_idle();
        assert_eq!(client.text("src/lib.rs"), SOURCE);
        let top = client.before("src/lib.rs", "pub fn total");
        client.type_text("src/lib.rs", &top, "// typed\n");
        // at any place of the file, for the text as it is now
        let offer = action(&actions(&mut client, "other"), "Apply “Refactor `total`");
        let edit = &offer["edit"]["documentChanges"][0];
        assert!(edit["textDocument"]["version"].is_number() && offer["command"]["command"] == "whittle.applied");
        assert_eq!(offer["edit"]["changeAnnotations"].is_object(), profile == Profile::VsCode, "{offer}");
        client.choose(&offer);
        wait_text(&mut client, &format!("// typed\n{}", changed()));
        assert_eq!(marks(&mut client, 2), ["sum", "5"]);
        choose(&mut client, "5;\n", "Revert all");
        wait_text(&mut client, &format!("// typed\n{SOURCE}"));
        assert!(
            actions(&mut client, "other").iter().all(|found| !found["title"].as_str().unwrap().starts_with("Apply"))
        );
    }
}

#[test]
fn an_offer_goes_when_it_is_discarded_or_overtaken() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let server = Server::script([Reply::chat(&[ANSWER]), Reply::chat(&[ANSWER])]);
        let mut client = setup(profile, folder.path(), &server, json!({ "apply": "offer" })).start();
        client.open("src/lib.rs");
        ask(&mut client);
        client.wait_idle();
        choose(&mut client, "other", "Discard “Refactor `total`");
        let offered = |found: &[Value]| found.iter().any(|found| found["title"].as_str().unwrap().starts_with("Apply"));
        assert!(!offered(&actions(&mut client, "other")));
        ask(&mut client);
        client.wait_idle();
        assert!(offered(&actions(&mut client, "other")));
        let tax = client.range_of("src/lib.rs", "10");
        client.replace("src/lib.rs", &tax, "20");
        assert!(!offered(&actions(&mut client, "other")), "{profile:?}");
    }
}

#[test]
fn undo_after_a_hunk_was_reverted_takes_back_the_rest() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let state = tempfile::tempdir().unwrap();
        let server = Server::script([Reply::chat(&[ANSWER])]);
        let start =
            || setup(profile, folder.path(), &server, json!({})).env("XDG_STATE_HOME", state.path().to_str().unwrap());
        let mut client = start().start();
        client.open("src/lib.rs");
        ask(&mut client);
        client.wait_idle();
        choose(&mut client, "u32 = prices", "Revert this hunk");
        let rest = SOURCE.replace("/ 10", "/ 5");
        wait_text(&mut client, &rest);
        client.wait_idle();
        client.save("src/lib.rs");
        drop(client);

        let mut client = start().start();
        client.open("src/lib.rs");
        choose(&mut client, "other", "Undo “Refactor `total`");
        wait_text(&mut client, SOURCE);
        client.wait_idle();
        choose(&mut client, "other", "Redo “Refactor `total`");
        wait_text(&mut client, &rest);
    }
}

#[test]
fn a_job_of_an_earlier_session_is_undone() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let state = tempfile::tempdir().unwrap();
        let server = Server::script([Reply::chat(&[ANSWER])]);
        let start =
            || setup(profile, folder.path(), &server, json!({})).env("XDG_STATE_HOME", state.path().to_str().unwrap());
        let mut client = start().start();
        client.open("src/lib.rs");
        ask(&mut client);
        client.wait_idle();
        client.save("src/lib.rs");
        drop(client);

        let mut client = start().start();
        client.open("src/lib.rs");
        let top = client.before("src/lib.rs", "pub fn total");
        client.type_text("src/lib.rs", &top, "// typed\n");
        choose(&mut client, "other", "Undo “Refactor `total`"); // in the first menu already
        wait_text(&mut client, &format!("// typed\n{SOURCE}"));
        client.wait_idle();
        choose(&mut client, "other", "Redo “Refactor `total`");
        wait_text(&mut client, &format!("// typed\n{}", changed()));
        client.save("src/lib.rs");
        drop(client);

        // a file that is not open is changed in a buffer that the user saves
        let mut client = start().start();
        client.idle(Duration::from_millis(200));
        client.execute("whittle.undo", Value::Null);
        assert!(message(&mut client, 3).contains("not saved yet"));
        wait_text(&mut client, &format!("// typed\n{SOURCE}"));
    }
}
