//! The client against what is known of the editors. The edits are played in, as if the server had sent them; it
//! ignores the answers.

use super::document::bytes;
use super::{Client, Columns, Profile, Setup};
use serde_json::{Value, json};
use std::time::Duration;

const TEXT: &str = "é😀 one\ntwo\r\nthree\n";

fn client(profile: Profile) -> (tempfile::TempDir, Client) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.rs"), TEXT).unwrap();
    let mut client = Client::start(profile, folder.path());
    client.open("a.rs");
    client.forget_past();
    (folder, client)
}

/// Edits of `a.rs`, each a needle and its replacement.
fn edit(client: &Client, version: Value, edits: &[(&str, &str)]) -> Value {
    let edits = edits.iter().map(|(needle, text)| json!({ "range": client.range_of("a.rs", needle), "newText": text }));
    let document = json!({ "uri": client.document("a.rs").uri, "version": version });
    json!({ "documentChanges": [{ "textDocument": document, "edits": edits.collect::<Vec<_>>() }] })
}

fn play(client: &mut Client, edit: &Value) {
    client.answer_edit(&json!("played"), &json!({ "edit": edit }));
}

/// What the client said: `applied`, `refused`, or a method and its version.
fn said(client: &Client) -> Vec<String> {
    let word = |message: Value| match (message["method"].as_str(), message["result"]["applied"].as_bool()) {
        (Some(method), _) => Some(match message.pointer("/params/textDocument/version") {
            Some(version) => format!("{method} {version}"),
            None => method.to_owned(),
        }),
        (None, Some(true)) => Some(String::from("applied")),
        (None, Some(false)) => Some(String::from("refused")),
        (None, None) => None, // an answer to another question
    };
    client.sent().into_iter().filter_map(word).collect()
}

/// The text that a server has after the changes that were sent.
fn replayed(client: &Client) -> String {
    let mut text = String::from(TEXT);
    for message in client.sent() {
        for change in message["params"]["contentChanges"].as_array().into_iter().flatten() {
            let range = bytes(&text, &change["range"], client.columns);
            text.replace_range(range, change["text"].as_str().unwrap());
        }
    }
    text
}

const EDITS: [(&str, &str); 4] = [("one", "1\n1"), ("😀", ""), ("two", "zwei😀"), ("three", "drei")];

#[test]
fn each_editor_answers_in_its_own_order() {
    for (profile, columns, expected) in [
        (Profile::VsCode, Columns::Utf16, vec!["textDocument/didChange 2", "applied"]),
        (Profile::Helix, Columns::Utf8, vec!["textDocument/didChange 1", "applied"]),
        (Profile::Helix, Columns::Utf32, vec!["textDocument/didChange 1", "applied"]),
        (Profile::Neovim, Columns::Utf8, vec!["applied", "textDocument/didChange 6"]),
    ] {
        let (_folder, mut client) = client(profile);
        client.columns = columns;
        let edit = edit(&client, Value::Null, &EDITS);
        play(&mut client, &edit);
        client.idle(Duration::from_millis(300));
        assert_eq!(client.text("a.rs"), "é 1\n1\nzwei😀\r\ndrei\n", "{profile:?}");
        assert_eq!(replayed(&client), client.text("a.rs"), "{profile:?} {columns:?}");
        assert_eq!(said(&client), expected, "{profile:?}");
    }
}

#[test]
fn neovim_sends_an_edit_in_two_steps_with_broken_text_between() {
    let (_folder, mut client) = client(Profile::Neovim);
    let end = client.after("a.rs", "three");
    client.type_text("a.rs", &end, "!");
    client.idle(Duration::from_millis(400));
    let edit = edit(&client, json!(3), &EDITS);
    play(&mut client, &edit);
    assert_eq!(replayed(&client), TEXT.replace("three", "drei!"));
    client.idle(Duration::from_millis(300));
    assert_eq!(replayed(&client), client.text("a.rs"));
    let change = |version| format!("textDocument/didChange {version}");
    assert_eq!(said(&client), [change(3), "applied".into(), change(4), change(7)]);
}

#[test]
fn each_editor_checks_versions_in_its_own_way() {
    for (profile, stale, current) in [(Profile::VsCode, 1, 2), (Profile::Helix, 0, 1), (Profile::Neovim, 1, 3)] {
        let (_folder, mut client) = client(profile);
        let start = client.before("a.rs", "two");
        client.type_text("a.rs", &start, "x");
        client.idle(Duration::from_millis(200));
        let stale = edit(&client, json!(stale), &[("one", "1")]);
        play(&mut client, &stale);
        assert!(client.text("a.rs").contains("one"), "{profile:?} took a stale edit");
        let said_yes = profile == Profile::Neovim;
        assert_eq!(said(&client).last().unwrap(), if said_yes { "applied" } else { "refused" });
        let current = edit(&client, json!(current), &[("one", "1")]);
        play(&mut client, &current);
        assert!(client.text("a.rs").contains("😀 1\n"), "{profile:?} refused a good edit");
    }
}

#[test]
fn new_files_come_into_being_as_in_each_editor() {
    for (profile, on_disk) in [(Profile::VsCode, true), (Profile::Helix, true), (Profile::Neovim, false)] {
        let (folder, mut client) = client(profile);
        let uri = profile.uri(&client.path("new [id]/é.rs"));
        let whole = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 1, "character": 0 } });
        let edit = json!({ "documentChanges": [
            { "kind": "create", "uri": uri, "options": { "ignoreIfExists": true } },
            { "textDocument": { "uri": uri, "version": null }, "edits": [{ "range": whole, "newText": "fn new() {}\n" }] },
        ] });
        play(&mut client, &edit);
        assert_eq!(client.text("new [id]/é.rs"), "fn new() {}\n", "{profile:?}");
        let file = folder.path().join("new [id]/é.rs");
        assert_eq!(file.exists(), on_disk, "{profile:?}");
        client.save("new [id]/é.rs");
        assert_eq!(std::fs::read_to_string(file).unwrap(), "fn new() {}\n");
    }
}

#[test]
fn a_chosen_edit_is_applied_without_a_version_check_in_vs_code_only() {
    for (profile, applied) in [(Profile::VsCode, true), (Profile::Helix, false)] {
        let (_folder, mut client) = client(profile);
        let edit = edit(&client, json!(77), &[("one", "1")]);
        assert_eq!(client.choose(&json!({ "title": "one", "edit": edit })), None);
        assert_eq!(!client.text("a.rs").contains("one"), applied, "{profile:?}");
    }
}

#[test]
fn addresses_are_written_as_each_editor_does() {
    let path = std::path::Path::new("/a b/[id]@é%.tsx");
    for (profile, uri) in [
        (Profile::VsCode, "file:///a%20b/%5Bid%5D%40%C3%A9%25.tsx"),
        (Profile::Neovim, "file:///a%20b/%5Bid%5D@%C3%A9%25.tsx"),
        (Profile::Helix, "file:///a%20b/[id]@%C3%A9%25.tsx"),
    ] {
        assert_eq!(profile.uri(path), uri);
        assert_eq!(super::path_of(uri).as_deref(), Some(path));
    }
}

#[test]
fn nothing_of_the_users_reaches_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup::new(Profile::VsCode, folder.path()).env("WHITTLE_LOG", "debug");
    let client = setup.start();
    assert!(client.setup.env.iter().any(|(name, _)| name == "WHITTLE_LOG"));
    let environment = std::fs::read(format!("/proc/{}/environ", client.server_process())).unwrap_or_default();
    let environment = String::from_utf8_lossy(&environment);
    let names: Vec<&str> = environment.split('\0').filter_map(|entry| Some(entry.split_once('=')?.0)).collect();
    let own = ["WHITTLE_LOG", "WHITTLE_CACHE_ANSWERS"];
    let private = |name: &&&str| name.ends_with("_API_KEY") || name.starts_with("WHITTLE_") && !own.contains(*name);
    assert_eq!(names.iter().filter(private).collect::<Vec<_>>(), Vec::<&&str>::new());
}
