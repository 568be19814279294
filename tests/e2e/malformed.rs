//! Changes that can't be understood, and answers that must not be taken for an edit.

use std::time::Duration;

use serde_json::json;

use super::client::{Client, Profile};
use super::{action, message, with_model, workspace};
use crate::wire::server::{Reply, Server};

#[test]
fn a_change_with_a_broken_range_never_replaces_the_document() {
    let folder = workspace("pub fn first() {}\n\npub fn second() {}\n");
    let mut client = Client::start(Profile::VsCode, folder.path());
    client.open("src/lib.rs");
    let uri = client.document("src/lib.rs").uri.clone();
    let zero = json!({ "line": 0, "character": 0 });
    for range in [json!("x"), json!({ "start": zero }), json!({ "start": zero, "end": [1] })] {
        let document = json!({ "uri": uri, "version": 2 });
        let change = json!({ "range": range, "text": "B" });
        client.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [change] }));
    }
    let second = client.cursor("src/lib.rs", "second");
    action(&client.code_actions("src/lib.rs", &second, &[]), "Explain `second`");
}

#[test]
fn an_answer_that_leaves_code_out_is_refused() {
    let source = "pub fn target(a: i32) -> i32 {\n    let b = a * 2;\n    let c = b + 1;\n    c\n}\n";
    let folder = workspace(source);
    let answer = "<replace id=\"c1\">\npub fn target(a: i32) -> i32 {\n    let b = a * 3;\n    // rest of the function \
                  unchanged\n    b\n}\n</replace>";
    let server = Server::script([Reply::chat(&[answer])]);
    let mut client = with_model(Profile::Neovim, folder.path(), &server);
    let cursor = client.cursor("src/lib.rs", "target");
    let actions = client.code_actions("src/lib.rs", &cursor, &["refactor"]);
    client.choose(&action(&actions, "Refactor `target` (big)"));
    assert!(message(&mut client, 1).contains("left code out"));
    client.idle(Duration::from_millis(200));
    assert_eq!(client.text("src/lib.rs"), source);
}
