//! Commands as they are typed in an editor that can pass JSON only and does not say where its cursor is: a place as on
//! the command line, and the instruction in plain words.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Client, Profile};
use super::{message, with_model, workspace};
use crate::wire::server::{Reply, Server};

const SOURCE: &str = "/// One.\npub fn one() -> u8 {\n    1\n}\n\n/// Two.\npub fn two() -> u8 {\n    2\n}\n";
const ANSWER: &str = "<replace id=\"c1\">\n/// Two.\npub fn two() -> u8 {\n    1 + 1\n}\n</replace>\n";

/// What a command starts: what the model was asked, and the file afterwards.
#[track_caller]
fn refactored(arguments: &Value) -> (String, String) {
    let (folder, server) = (workspace(SOURCE), Server::script([Reply::chat(&[ANSWER])]));
    let mut client = with_model(Profile::Helix, folder.path(), &server);
    client.forget_past();
    client.execute("whittle.refactor", arguments.clone());
    client.wait_idle();
    let asked = server.requests()[0].body["messages"].to_string();
    (asked, client.text("src/lib.rs").to_owned())
}

#[test]
fn a_command_says_where_and_what_in_words() {
    let after = SOURCE.replace("    2\n", "    1 + 1\n");
    for place in ["src/lib.rs:8", "src/lib.rs:8-8", "src/lib.rs:7:4", "lib.rs:8"] {
        let (asked, text) = refactored(&json!([{ "at": place }, "add ones,", "only ones"]));
        assert!(asked.contains("add ones, only ones"), "{place}: {asked}");
        assert_eq!(text, after, "{place}");
    }
}

#[test]
fn without_a_place_the_newest_that_the_editor_told_of_counts() {
    let folder = workspace(SOURCE);
    let mut client = Client::start(Profile::Helix, folder.path());
    client.open("src/lib.rs");
    let error = client.try_execute("whittle.explain", Value::Null).unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("space a"), "{error}");
    assert!(message(&mut client, 2).contains("whittle setup helix"));
    let (one, two) = (client.cursor("src/lib.rs", "    1"), client.before("src/lib.rs", "    2"));
    let explained = |client: &mut Client| {
        client.forget_past();
        client.execute("whittle.explain", Value::Null);
        client.wait_idle();
        client.messages().pop().unwrap()
    };
    client.code_actions("src/lib.rs", &one, &[]);
    assert!(explained(&mut client).contains("`one`"));
    client.hover("src/lib.rs", &two);
    assert!(explained(&mut client).contains("`two`"));
}

#[test]
fn an_edit_that_the_editor_tells_of_late_is_applied_once() {
    let (folder, server) = (workspace(SOURCE), Server::script([Reply::chat(&[ANSWER])]));
    let mut client = with_model(Profile::VsCode, folder.path(), &server);
    client.lazy = Some(Duration::from_secs(3));
    client.forget_past();
    client.execute("whittle.refactor", json!([{ "at": "src/lib.rs:8" }]));
    client.wait_idle();
    assert_eq!(client.text("src/lib.rs"), SOURCE.replace("    2\n", "    1 + 1\n"));
    let edits = client.received().into_iter().filter(|message| message["method"] == "workspace/applyEdit");
    assert_eq!((edits.count(), client.messages()), (1, Vec::<String>::new()));
}

#[test]
fn what_makes_no_sense_is_said() {
    let folder = workspace(SOURCE);
    let mut client = Client::start(Profile::Helix, folder.path());
    client.open("src/lib.rs");
    let check = |client: &mut Client, command: &str, arguments: Value, part: &str| {
        let error = client.try_execute(command, arguments).unwrap_err();
        assert!(error["message"].as_str().unwrap().contains(part), "{error}");
    };
    check(&mut client, "whittle.explain", json!([{ "at": "src/none.rs:1" }]), "there is no file src/none.rs");
    check(&mut client, "whittle.explain", json!([{ "at": "src/lib.rs:99" }]), "has 9 lines");
    check(&mut client, "whittle.explain", json!([{ "at": 3 }]), "`at` is FILE:LINE");
    check(&mut client, "whittle.cancel", json!(["now"]), "takes no words");
    check(&mut client, "whittle.explain", json!([7]), "not 7");
}
