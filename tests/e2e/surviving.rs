//! Edits while the user types, closes, refuses, cancels: every file ends whole, and nothing that was typed is lost.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use whittle_lsp::edits::FileChange;
use whittle_lsp::journal::{FileRecord, Journal, NewEntry, State, Writer};
use whittle_lsp::text::Text;

use super::client::{Client, Profile};
use super::review::{ANSWER, SOURCE, ask, changed, setup};
use super::{EVERY_EDITOR, action, message, workspace};
use crate::wire::server::{Reply, Server};

const OTHER: &str = "<replace id=\"c1\">\npub fn other() -> u32 {\n    2\n}\n</replace>\n";

#[track_caller]
fn wait_text(client: &mut Client, wanted: &str) {
    let end = Instant::now() + Duration::from_secs(15);
    while client.text("src/lib.rs") != wanted && Instant::now() < end {
        client.idle(Duration::from_millis(10));
    }
    assert_eq!(client.text("src/lib.rs"), wanted, "{:?}", client.messages());
}

fn edits_sent(client: &Client) -> usize {
    client.received().iter().filter(|message| message["method"] == "workspace/applyEdit").count()
}

#[test]
fn a_key_every_50_ms_hinders_no_edit() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let server = Server::script([Reply::chat(&[ANSWER]).after(Duration::from_millis(400))]);
        let mut client = setup(profile, folder.path(), &server, json!({})).start();
        client.open("src/lib.rs");
        let end = client.position_at("src/lib.rs", SOURCE.len());
        client.type_text("src/lib.rs", &end, "// ");
        ask(&mut client);
        let mut typed = String::from("// ");
        let started = Instant::now();
        let mut after = 0;
        while after < 10 && started.elapsed() < Duration::from_secs(12) {
            client.idle(Duration::from_millis(50));
            after += usize::from(client.text("src/lib.rs").contains("/ 5"));
            let at = client.position_at("src/lib.rs", client.text("src/lib.rs").len());
            client.type_text("src/lib.rs", &at, "x");
            typed.push('x');
        }
        assert!(after >= 10, "{profile:?}: not applied while typing: {:?}", client.messages());
        wait_text(&mut client, &format!("{}{typed}", changed()));
        client.wait_idle();
        assert!(client.messages().is_empty(), "{:?}", client.messages());
        // the server's text is the editor's: the hunks can be taken back
        let cursor = client.cursor("src/lib.rs", "5;\n");
        let actions = client.code_actions("src/lib.rs", &cursor, &["quickfix"]);
        client.choose(&action(&actions, "Revert all"));
        wait_text(&mut client, &format!("{SOURCE}{typed}"));
    }
}

/// Python's grammar takes lines that fit no block; Python does not.
#[test]
fn a_line_typed_into_what_gets_indented_keeps_the_edit_back() {
    const ANSWER: &str = "<replace id=\"c1\">\ndef f(a):\n    if a:\n        x(1)\n        y(2)\n        z(3)\n    return a\n</replace>\n";
    let folder = workspace(SOURCE);
    std::fs::write(folder.path().join("a.py"), "def f(a):\n    x(1)\n    y(2)\n    z(3)\n    return a\n").unwrap();
    let server = Server::script([Reply::chat(&[ANSWER]).after(Duration::from_millis(500))]);
    let mut client = setup(Profile::VsCode, folder.path(), &server, json!({})).start();
    client.open("a.py");
    let cursor = client.cursor("a.py", "f(a)");
    let actions = client.code_actions("a.py", &cursor, &["refactor"]);
    client.choose(&action(&actions, "Refactor `f` (big)"));
    let at = client.cursor("a.py", "    y(2)");
    client.type_text("a.py", &at["start"], "    mine()\n");
    let said = message(&mut client, 1);
    assert!(said.contains("would not parse with what was typed meanwhile"), "{said}");
    assert_eq!(client.text("a.py"), "def f(a):\n    x(1)\n    mine()\n    y(2)\n    z(3)\n    return a\n");
}

#[test]
fn a_hunk_that_the_user_overtook_is_kept_back_and_offered() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let server = Server::script([Reply::chat(&[ANSWER]).after(Duration::from_millis(500))]);
        let mut client = setup(profile, folder.path(), &server, json!({})).start();
        client.open("src/lib.rs");
        ask(&mut client);
        let tax = client.range_of("src/lib.rs", "10");
        client.replace("src/lib.rs", &tax, "20");
        client.idle(Duration::from_millis(200));
        let said = message(&mut client, 2);
        assert!(said.contains("1 of 2 changes was kept back") && said.contains("src/lib.rs line 6"), "{said}");
        client.wait_idle();
        let applied = changed().replace("/ 5", "/ 20");
        wait_text(&mut client, &applied);
        let cursor = client.cursor("src/lib.rs", "other");
        let actions = client.code_actions("src/lib.rs", &cursor, &["quickfix"]);
        client.choose(&action(&actions, "Apply “Refactor `total`, over what you typed in line 6”"));
        wait_text(&mut client, &changed());
    }
}

#[test]
fn a_refused_edit_is_offered() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let server = Server::script([Reply::chat(&[ANSWER])]);
        let mut client = setup(profile, folder.path(), &server, json!({})).start();
        client.open("src/lib.rs");
        client.refuse_edits = true;
        ask(&mut client);
        let said = message(&mut client, 1);
        assert!(said.contains("refused") && said.contains("it is offered as a code action"), "{said}");
        client.wait_idle();
        assert!(edits_sent(&client) <= 5);
        assert_eq!(client.text("src/lib.rs"), SOURCE);
        client.refuse_edits = false;
        let cursor = client.cursor("src/lib.rs", "other");
        let actions = client.code_actions("src/lib.rs", &cursor, &["quickfix"]);
        client.choose(&action(&actions, "Apply “Refactor `total`"));
        wait_text(&mut client, &changed());
    }
}

#[test]
fn the_next_edit_of_a_file_waits_for_the_one_before_it() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let server = Server::script([Reply::chat(&[ANSWER]), Reply::chat(&[OTHER])]);
        let mut client = setup(profile, folder.path(), &server, json!({})).start();
        client.open("src/lib.rs");
        client.hold_edits = true;
        ask(&mut client);
        client.wait_for_method("workspace/applyEdit");
        // what the file holds now may be half an edit
        let cursor = client.cursor("src/lib.rs", "other");
        let offered = client.code_actions("src/lib.rs", &cursor, &[]);
        assert!(offered.iter().all(|action| action["title"].as_str().unwrap().starts_with("Cancel")), "{offered:?}");
        let document = json!({ "uri": client.document("src/lib.rs").uri, "range": cursor });
        client.execute("whittle.refactor", document);
        client.poll("the second request", || server.requests().len() == 2);
        client.idle(Duration::from_millis(300));
        assert_eq!(edits_sent(&client), 1);
        client.release_edits();
        wait_text(&mut client, &changed().replace("    1\n", "    2\n"));
        client.wait_idle();
    }
}

#[test]
fn a_job_that_is_cancelled_while_its_edit_is_under_way_leaves_a_whole_file() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let server = Server::script([Reply::chat(&[ANSWER])]);
        let mut client = setup(profile, folder.path(), &server, json!({})).start();
        client.open("src/lib.rs");
        client.hold_edits = true;
        ask(&mut client);
        client.wait_for_method("workspace/applyEdit");
        client.execute("whittle.cancel", Value::Null);
        client.wait_idle();
        client.release_edits();
        wait_text(&mut client, &changed());
        client.idle(Duration::from_millis(600));
        let cursor = client.cursor("src/lib.rs", "other");
        let actions = client.code_actions("src/lib.rs", &cursor, &["quickfix"]);
        client.choose(&action(&actions, "Undo “Refactor `total`"));
        wait_text(&mut client, SOURCE);
    }
}

#[test]
fn a_document_that_was_closed_is_left_alone() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let server = Server::script([Reply::chat(&[ANSWER]).after(Duration::from_millis(400))]);
        let mut client = setup(profile, folder.path(), &server, json!({})).start();
        client.open("src/lib.rs");
        ask(&mut client);
        client.close("src/lib.rs");
        let said = message(&mut client, 1);
        assert!(said.contains("src/lib.rs was closed meanwhile"), "{said}");
        client.wait_idle();
        assert_eq!(edits_sent(&client), 0);
        assert_eq!(std::fs::read_to_string(folder.path().join("src/lib.rs")).unwrap(), SOURCE);
    }
}

#[test]
fn shutting_down_in_the_middle_leaves_the_text() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let server = Server::script([Reply::chat(&[ANSWER]).after(Duration::from_millis(300))]);
        let mut client = setup(profile, folder.path(), &server, json!({})).start();
        client.open("src/lib.rs");
        ask(&mut client);
        client.poll("the request", || !server.requests().is_empty());
        assert_eq!(client.shutdown_and_exit(), 0);
        assert_eq!(client.text("src/lib.rs"), SOURCE);
        assert_eq!(std::fs::read_to_string(folder.path().join("src/lib.rs")).unwrap(), SOURCE);
    }
}

#[test]
fn a_file_that_appears_meanwhile_is_not_overwritten() {
    for profile in EVERY_EDITOR {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("tests")).unwrap();
        std::fs::write(folder.path().join("pyproject.toml"), "[project]\nname = \"sample\"\n").unwrap();
        std::fs::write(folder.path().join("sample.py"), "def double(n: int) -> int:\n    return n * 2\n").unwrap();
        let answer = "<replace id=\"tests\">\ndef test_double():\n    assert double(2) == 4\n</replace>\n";
        let server = Server::script([Reply::chat(&[answer]).after(Duration::from_millis(400))]);
        let mut client = setup(profile, folder.path(), &server, json!({})).start();
        client.open("sample.py");
        let cursor = client.cursor("sample.py", "double");
        let actions = client.code_actions("sample.py", &cursor, &[]);
        client.choose(&action(&actions, "Generate tests for `double`"));
        client.poll("the request", || !server.requests().is_empty());
        let there = folder.path().join("tests/test_sample.py");
        std::fs::write(&there, "# mine\n").unwrap();
        let said = message(&mut client, 1);
        assert!(said.contains("exists by now"), "{said}");
        assert_eq!(std::fs::read_to_string(there).unwrap(), "# mine\n");
    }
}

/// Files of an entry over three files, as they were before it and as they are after it; `None`: not there.
const FILES: [(&str, Option<&str>, Option<&str>); 3] = [
    ("src/lib.rs", Some("mod b;\nfn a() {}\n"), Some("mod b;\nmod c;\nfn a() {}\n")),
    ("src/b.rs", Some("fn b() {\n    1;\n}\n"), Some("fn b() {\n    2;\n}\n")),
    ("src/c.rs", None, Some("fn c() {}\n")),
];

/// A client in whose workspace an entry over several files is applied, only the first of them open; and the entry.
fn with_entry(profile: Profile, root: &Path, state: &Path) -> (Client, i64) {
    for (path, _, after) in FILES {
        std::fs::write(root.join(path), after.unwrap()).unwrap();
    }
    let server = Server::script([]);
    let mut client = setup(profile, root, &server, json!({})).env("XDG_STATE_HOME", state.to_str().unwrap()).start();
    client.open("src/lib.rs");
    let journals = state.join("whittle/journal");
    let file = || {
        let entries = std::fs::read_dir(&journals).ok()?;
        entries.flatten().map(|entry| entry.path()).find(|path| path.extension().is_some_and(|end| end == "sqlite"))
    };
    client.poll("the journal", || file().is_some());
    client.idle(Duration::from_millis(200));
    let (journal, _) = Journal::open_at(&file().unwrap()).unwrap();
    let record = |(path, before, after): (&str, Option<&str>, Option<&str>)| {
        let (base, after) = (Text::from(before.unwrap_or_default()), after.unwrap_or_default());
        let change = if before.is_some() { FileChange::Edit } else { FileChange::Create };
        let edits = whittle_lsp::edits::smallest_edits(&base.to_text(), after, 0);
        FileRecord::new(path, change, &base, &edits)
    };
    let entry = NewEntry {
        operation: "refactor".to_owned(),
        title: "Split".to_owned(),
        model: "big".to_owned(),
        proved: Vec::new(),
        writer: Writer::Editor,
        files: FILES.map(record).to_vec(),
    };
    let id = journal.begin(&entry).unwrap();
    journal.set_state(id, State::Applied).unwrap();
    (client, id.0)
}

/// What the editor shows of a file, or the disk where it is not open.
fn there(client: &Client, path: &str) -> Option<String> {
    let whole = client.path(path);
    let open = client.documents.get(&whole).map(|document| document.text.clone());
    open.or_else(|| std::fs::read_to_string(whole).ok())
}

#[test]
fn several_files_are_taken_back_as_a_whole() {
    for profile in EVERY_EDITOR {
        let (folder, state) = (workspace(""), tempfile::tempdir().unwrap());
        let (mut client, entry) = with_entry(profile, folder.path(), state.path());
        client.forget_past();
        client.execute("whittle.undo", json!({ "entry": entry }));
        client.wait_idle();
        assert_eq!(edits_sent(&client), if profile == Profile::VsCode { 1 } else { 3 }, "{profile:?}");
        for (path, before, _) in FILES {
            assert_eq!(there(&client, path).as_deref(), before, "{profile:?} {path}: {:?}", client.messages());
        }
        assert!(message(&mut client, 3).contains("in src/b.rs, not saved yet"));
        client.forget_past();
        client.execute("whittle.redo", json!({ "entry": entry }));
        client.wait_idle();
        for (path, _, after) in FILES {
            let there = there(&client, path);
            // a new file of Neovim's is a buffer that starts with an empty line
            assert_eq!(there.as_deref(), after, "{profile:?} {path}: {:?}", client.messages());
        }
        // what undo found, redo brings back
        let start = client.before("src/lib.rs", "mod c");
        client.type_text("src/lib.rs", &start, "mod mine;\n");
        for (command, wanted) in [
            ("whittle.undo", "mod b;\nmod mine;\nfn a() {}\n"),
            ("whittle.redo", "mod b;\nmod mine;\nmod c;\nfn a() {}\n"),
        ] {
            client.forget_past();
            client.execute(command, json!({ "entry": entry }));
            client.wait_idle();
            let there = there(&client, "src/lib.rs");
            assert_eq!(there.as_deref(), Some(wanted), "{profile:?} {command}: {:?}", client.messages());
        }
    }
}

#[test]
fn where_the_client_stops_in_the_middle_all_files_are_as_they_were() {
    for profile in EVERY_EDITOR {
        for (refused, ..) in FILES {
            let (folder, state) = (workspace(""), tempfile::tempdir().unwrap());
            let (mut client, entry) = with_entry(profile, folder.path(), state.path());
            client.forget_past();
            client.refuse_file = Some(refused.to_owned());
            client.execute("whittle.undo", json!({ "entry": entry }));
            let said = message(&mut client, 1);
            client.wait_idle();
            assert!(said.contains("refused"), "{profile:?} {refused}: {said}");
            for (path, _, after) in FILES {
                assert_eq!(there(&client, path).as_deref(), after, "{profile:?} {refused} {path}: {said}");
            }
            // and it can be taken back still
            client.refuse_file = None;
            client.forget_past();
            client.execute("whittle.undo", json!({ "entry": entry }));
            client.wait_idle();
            for (path, before, _) in FILES {
                assert_eq!(there(&client, path).as_deref(), before, "{profile:?} {refused} {path}");
            }
        }
    }
}

#[test]
fn where_the_client_stops_in_the_middle_only_what_it_did_is_taken_back() {
    let (folder, state) = (workspace(""), tempfile::tempdir().unwrap());
    let (mut client, entry) = with_entry(Profile::VsCode, folder.path(), state.path());
    // the third step of redo makes a file, the fourth fills it
    for (command, steps) in [("whittle.undo", 1), ("whittle.redo", 3)] {
        client.forget_past();
        client.stops_after = Some(steps);
        client.execute(command, json!({ "entry": entry }));
        let said = message(&mut client, 1);
        client.wait_idle();
        assert!(said.contains("only a part") && !said.contains("failed"), "{command}: {said}");
        let (old, new) = if steps == 1 { (2, 1) } else { (1, 2) };
        let side = |file: &(&'static str, Option<&'static str>, Option<&'static str>), side| {
            if side == 1 { file.1 } else { file.2 }
        };
        for file in &FILES {
            assert_eq!(there(&client, file.0).as_deref(), side(file, old), "{command} {}: {said}", file.0);
        }
        // and it goes still
        client.forget_past();
        client.execute(command, json!({ "entry": entry }));
        client.wait_idle();
        for file in &FILES {
            assert_eq!(there(&client, file.0).as_deref(), side(file, new), "{command} {}", file.0);
        }
    }
}

#[test]
fn undo_refuses_where_the_hunk_was_changed_since() {
    for profile in EVERY_EDITOR {
        let (folder, state) = (workspace(""), tempfile::tempdir().unwrap());
        let (mut client, entry) = with_entry(profile, folder.path(), state.path());
        let b = folder.path().join("src/b.rs");
        std::fs::write(&b, "fn b() {\n    3;\n}\n").unwrap();
        client.execute("whittle.undo", json!({ "entry": entry }));
        let said = message(&mut client, 1);
        assert!(said.contains("src/b.rs:2 was changed since") && said.contains("nothing was changed"), "{said}");
        assert_eq!(edits_sent(&client), 0);
    }
}

#[test]
fn what_a_killed_server_left_is_judged_by_the_files() {
    for profile in EVERY_EDITOR {
        for takes_it in [true, false] {
            let (folder, state) = (workspace(SOURCE), tempfile::tempdir().unwrap());
            let server = Server::script([Reply::chat(&[ANSWER])]);
            let start = || {
                let setup = setup(profile, folder.path(), &server, json!({}));
                setup.env("XDG_STATE_HOME", state.path().to_str().unwrap()).start()
            };
            let mut client = start();
            client.open("src/lib.rs");
            client.hold_edits = true;
            ask(&mut client);
            client.wait_for_method("workspace/applyEdit");
            client.kill_server();
            if takes_it {
                client.release_edits();
                std::fs::write(folder.path().join("src/lib.rs"), client.text("src/lib.rs")).unwrap();
            }
            drop(client);

            let mut client = start();
            client.open("src/lib.rs");
            client.idle(Duration::from_millis(500));
            let cursor = client.cursor("src/lib.rs", "other");
            let actions = client.code_actions("src/lib.rs", &cursor, &["quickfix"]);
            if takes_it {
                assert_eq!(client.text("src/lib.rs"), changed());
                client.choose(&action(&actions, "Undo “Refactor `total`"));
                wait_text(&mut client, SOURCE);
            } else {
                assert!(actions.is_empty(), "{actions:?}");
                assert_eq!(client.text("src/lib.rs"), SOURCE);
            }
        }
    }
}
