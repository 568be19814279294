//! What extensions show: the status line's `whittle/status`, and hunks by the marks' `code` and `data`.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Client, Profile, bytes};
use super::review::{ANSWER, SOURCE, ask, changed, setup};
use super::{EVERY_EDITOR, workspace};
use crate::wire::server::{Reply, Server};

/// A client whose model costs a dollar a request, with the file open; `options` are its extension's.
fn with_price(root: &std::path::Path, server: &Server, options: &Value) -> Client {
    let mut setup = setup(Profile::VsCode, root, server, json!({}));
    setup.settings["models"]["big"]["price"] = json!({ "input": 1000.0, "output": 1000.0 });
    setup.options = setup.settings.clone();
    for (name, value) in options.as_object().unwrap() {
        setup.options[name] = value.clone();
    }
    let mut client = setup.start();
    client.open("src/lib.rs");
    client
}

/// Waits for a status in which `found` finds something.
#[track_caller]
fn status<T>(client: &mut Client, what: &str, mut found: impl FnMut(&Value) -> Option<T>) -> T {
    client.wait_for(what, |message| (message["method"] == "whittle/status").then(|| found(&message["params"]))?)
}

#[test]
fn the_status_is_sent_at_first_and_whenever_it_changes() {
    let folder = workspace(SOURCE);
    let slow = Reply::chat(&[ANSWER]).after(Duration::from_millis(500));
    let server = Server::script([slow]);
    let mut client = with_price(folder.path(), &server, &json!({ "status": true, "asks": true }));
    let first = client.wait_for_method("whittle/status");
    assert_eq!(first["model"], "big");
    assert_eq!((&first["jobs"], &first["costToday"], &first["hunks"]), (&json!([]), &json!(0.0), &json!(0)));
    let operations = first["operations"].as_array().unwrap();
    let refactor = json!({ "name": "refactor", "title": "Refactor", "asks": true, "builtIn": true, "answer": "edit" });
    assert!(operations.contains(&refactor), "{operations:?}");
    let explain =
        json!({ "name": "explain", "title": "Explain", "asks": false, "builtIn": true, "answer": "explanation" });
    assert_eq!(operations[0], explain);

    ask(&mut client);
    status(&mut client, "a running job", |status| {
        let job = status["jobs"].get(0)?;
        let asking = job["message"].as_str()?.starts_with("asking big");
        (asking && job["title"] == "Refactor `total`" && job["job"].is_u64()).then_some(())
    });
    let done = status(&mut client, "its end", |status| (status["hunks"] == 2).then(|| status.clone()));
    assert!(done["costToday"].as_f64().unwrap() > 0.0, "{done}");
    client.wait_idle();
    assert_eq!(client.text("src/lib.rs"), changed());

    client.forget_past();
    let tax = client.after("src/lib.rs", "sum / 5");
    client.type_text("src/lib.rs", &tax, "0"); // a hunk changed by hand is no longer under review
    status(&mut client, "one hunk", |status| (status["hunks"] == 1 && status["jobs"] == json!([])).then_some(()));
    client.execute("whittle.keep", Value::Null);
    status(&mut client, "no hunk", |status| (status["hunks"] == 0).then_some(()));

    // the user's operations are among them as soon as they are read
    let prompts = client.home.path().join("config/whittle/prompts");
    std::fs::create_dir_all(&prompts).unwrap();
    std::fs::write(prompts.join("zap.md"), "---\ntitle: Zap\nanswer: edit\n---\nZap: {{ask}}").unwrap();
    client.execute("whittle.run", json!({ "name": "explain" }));
    let zap = json!({ "name": "zap", "title": "Zap", "asks": true, "builtIn": false, "answer": "edit" });
    status(&mut client, "a new operation", |status| status["operations"].as_array()?.contains(&zap).then_some(()));
}

#[test]
fn who_does_not_ask_for_the_status_gets_none() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let server = Server::script([Reply::chat(&[ANSWER])]);
        let mut client = setup(profile, folder.path(), &server, json!({})).start();
        client.open("src/lib.rs");
        ask(&mut client);
        client.wait_idle();
        client.idle(Duration::from_millis(200));
        let methods: Vec<_> = client.received().iter().map(|message| message["method"].clone()).collect();
        assert!(!methods.contains(&json!("whittle/status")), "{profile:?}: {methods:?}");
    }
}

/// What each mark's data says: the text of the whole hunk, and its kind.
#[track_caller]
fn hunks(client: &mut Client, count: usize) -> Vec<(String, String)> {
    let path = client.path("src/lib.rs");
    let marks = client.wait_until(&format!("{count} marks"), |client| {
        client.diagnostics.get(&path).filter(|marks| marks.len() == count).cloned()
    });
    let (text, columns) = (client.text("src/lib.rs").to_owned(), client.columns);
    let shown = |mark: &Value| {
        assert!(mark["code"] == "hunk" && mark["source"] == "whittle" && mark["data"]["job"].is_u64(), "{mark}");
        let whole = text[bytes(&text, &mark["data"]["range"], columns)].to_owned();
        (whole, mark["data"]["kind"].as_str().unwrap().to_owned())
    };
    marks.iter().map(shown).collect()
}

const FEW: &str = "\
pub fn f() -> u32 {
    // é😀
    let a = 1;
    // one
    drop(2);
    // two
    a
}
";

#[test]
fn marks_say_what_and_where_the_whole_hunk_is() {
    for profile in EVERY_EDITOR {
        let folder = workspace(FEW);
        let answer = FEW.replace("1;", "10;").replace("    drop(2);\n", "").replace("    a\n", "    a\n        + 1\n");
        let answer = format!("<replace id=\"c1\">\n{answer}</replace>\n");
        let server = Server::script([Reply::chat(&[&answer])]);
        let mut client = setup(profile, folder.path(), &server, json!({ "format": false })).start();
        client.open("src/lib.rs");
        let cursor = client.cursor("src/lib.rs", "f()");
        let actions = client.code_actions("src/lib.rs", &cursor, &["refactor"]);
        client.choose(&super::action(&actions, "Refactor `f` (big)"));
        let found = hunks(&mut client, 3);
        let kinds: Vec<_> = found.iter().map(|(text, kind)| (text.trim(), kind.as_str())).collect();
        assert_eq!(kinds, [("10", "changed"), ("", "deleted"), ("+ 1", "added")], "{profile:?}");

        // a hunk is named by a place in it
        let at = client.cursor("src/lib.rs", "+ 1");
        let uri = client.document("src/lib.rs").uri.clone();
        client.execute("whittle.keep", json!({ "uri": uri, "range": at }));
        assert_eq!(hunks(&mut client, 2).len(), 2);
        let nowhere = client.cursor("src/lib.rs", "pub fn");
        client.try_execute("whittle.keep", json!({ "uri": uri, "range": nowhere })).unwrap_err();
        let at = client.cursor("src/lib.rs", "10;");
        client.execute("whittle.revert", json!({ "uri": uri, "range": at }));
        let left = hunks(&mut client, 1);
        assert_eq!(left, [(String::new(), "deleted".to_owned())]);
        assert!(client.text("src/lib.rs").contains("let a = 1;"), "{profile:?}");
    }
}
