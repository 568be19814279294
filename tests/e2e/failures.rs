//! Every failure of a model ends the job with one message, and leaves the document as it was.

use std::time::Duration;

use serde_json::json;

use super::client::{Client, Profile};
use super::{EVERY_EDITOR, action, message, with_model, workspace};
use crate::wire::server::{Reply, Server, Step, delta};

const SOURCE: &str = "pub fn double(n: u8) -> u8 {\n    n * 2\n}\n";

/// Refactors `double` and gives what the user is told.
#[track_caller]
fn refactor(client: &mut Client) -> String {
    let cursor = client.cursor("src/lib.rs", "double");
    let actions = client.code_actions("src/lib.rs", &cursor, &["refactor"]);
    client.choose(&action(&actions, "Refactor `double` (big)"));
    let said = message(client, 1);
    client.wait_idle();
    let messages = client.received().into_iter().filter(|message| message["method"] == "window/showMessage");
    let messages: Vec<_> = messages.map(|message| message["params"]["message"].clone()).collect();
    assert_eq!(messages, [said.as_str()], "one message");
    assert_eq!(client.text("src/lib.rs"), SOURCE);
    said
}

#[track_caller]
fn check(replies: impl IntoIterator<Item = Reply>, parts: &[&str]) {
    let folder = workspace(SOURCE);
    let server = Server::script(replies);
    let mut client = with_model(Profile::VsCode, folder.path(), &server);
    let said = refactor(&mut client);
    assert!(said.contains("big") && parts.iter().all(|part| said.contains(part)), "{said}");
}

#[test]
fn each_failure_is_told_once_with_what_to_do() {
    let broken = json!({ "error": { "message": "out of order", "type": "x" } });
    check([Reply::json(401, &json!({ "error": { "message": "Incorrect API key provided" } }))], &["401", "key"]);
    check([Reply::json(429, &json!({ "error": { "message": "slow down" } }))], &["too many requests"]);
    check([Reply::json(500, &broken)], &["500", "another model"]);
    check([Reply::json(404, &broken)], &["not found", "/v1"]);
    check([Reply::body(200, "text/html", "<html>hello</html>")], &["base_url"]);
    let start = || Reply::stream([delta(&json!({ "content": "<replace id=\"c1\">\nfn" }))]);
    check([start().then(Step::Drop)], &["again"]);
    check([start().then(Step::Stall)], &["sent nothing for"]);
    check([Reply::chat(&[]).after(Duration::from_secs(60))], &["first_byte"]);
    check([Reply::chat(&["I would rather not."])], &["without an edit", "I would rather not."]);
    check([Reply::chat(&["<replace id=\"c1\">\npub fn double(n: u8) -> u8 {\n</replace>"])], &["does not parse"]);
    check([Reply::chat(&["<replace id=\"c7\">\nfn x() {}\n</replace>"])], &["c7"]);
}

#[test]
fn an_endless_answer_is_ended() {
    let piece = format!("data: {}\n\n", delta(&json!({ "content": "la ".repeat(5000) })));
    check([Reply::new(200, "text/event-stream").then(Step::Forever(piece.into_bytes()))], &["did not stop"]);
}

#[test]
fn no_server_is_told() {
    let folder = workspace(SOURCE);
    let server = Server::script([Reply::chat(&["x"])]);
    let mut client = with_model(Profile::Neovim, folder.path(), &server);
    drop(server);
    let said = refactor(&mut client);
    assert!(said.contains("cannot be reached") || said.contains("again"), "{said}");
}

#[test]
fn a_job_can_be_cancelled_in_every_editor() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let server = Server::script([Reply::new(200, "text/event-stream").then(Step::Stall)]);
        let mut client = with_model(profile, folder.path(), &server);
        let cursor = client.cursor("src/lib.rs", "double");
        let actions = client.code_actions("src/lib.rs", &cursor, &["refactor"]);
        client.choose(&action(&actions, "Refactor `double` (big)"));
        client.poll("the request", || !server.requests().is_empty());
        if profile == Profile::VsCode {
            let begun = client.wait_for_method("$/progress");
            client.cancel_progress(&begun["token"]);
        } else {
            // Helix has no button: the action stands in the menu, at any place
            let actions = client.code_actions("src/lib.rs", &cursor, &["quickfix"]);
            client.choose(&action(&actions, "Cancel “Refactor `double`”"));
        }
        client.poll("the connection dropped", || server.hang_ups() > 0);
        client.wait_idle();
        assert_eq!(client.text("src/lib.rs"), SOURCE);
        let cursor = client.cursor("src/lib.rs", "double");
        let actions = client.code_actions("src/lib.rs", &cursor, &[]);
        assert!(actions.iter().all(|action| !action["title"].as_str().unwrap().starts_with("Cancel")));
    }
}
