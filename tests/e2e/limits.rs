//! Limits and kept answers as an editor sees them.

use serde_json::{Value, json};

use super::client::{Client, Profile, Setup};
use super::workspace;
use crate::wire::server::{Reply, Server, Step};

const SOURCE: &str = "pub fn double(n: u8) -> u8 {\n    n * 2\n}\n\npub fn half(n: u8) -> u8 {\n    n / 2\n}\n";

/// A client whose only model is `big`, which takes one request at a time.
fn client(folder: &tempfile::TempDir, server: &Server) -> Client {
    let mut setup = Setup::new(Profile::VsCode, folder.path()).env("WHITTLE_CACHE_ANSWERS", "true");
    setup.options = json!({ "models": { "big": {
        "provider": "openai", "base_url": server.base_url(), "model": "test", "limits": { "concurrent": 1 },
    } } });
    setup.settings = setup.options.clone();
    let mut client = setup.start();
    client.open("src/lib.rs");
    client
}

fn explain(client: &mut Client, name: &str, more: Value) -> Value {
    let cursor = client.cursor("src/lib.rs", name);
    client.code_actions("src/lib.rs", &cursor, &[]);
    client.execute("whittle.explain", json!([more]))["job"].clone()
}

/// Waits for a report that contains these words.
fn reported(client: &mut Client, words: &str) {
    client.wait_for(words, |message| {
        let said = message["params"]["value"]["message"].as_str()?;
        (message["method"] == "$/progress" && said.contains(words)).then_some(())
    });
}

#[test]
fn a_job_that_waits_says_so_and_can_be_cancelled() {
    let folder = workspace(SOURCE);
    let stall = Reply::new(200, "text/event-stream").then(Step::Stall);
    let server = Server::script([stall, Reply::chat(&["It halves."])]);
    let mut client = client(&folder, &server);
    let first = explain(&mut client, "double", json!({}));
    client.poll("the request", || server.requests().len() == 1);
    let second = explain(&mut client, "double", json!({}));
    reported(&mut client, "waiting for the limits of big");
    explain(&mut client, "half", json!({}));
    reported(&mut client, "one before this");
    client.execute("whittle.cancel", json!([{ "job": second }]));
    client.wait_for("the end of the second", |message| {
        let value = &message["params"]["value"];
        (value["kind"] == "end" && value["message"] == "cancelled").then_some(())
    });
    client.execute("whittle.cancel", json!([{ "job": first }]));
    client.wait_idle();
    let prompts: Vec<String> = server.requests().iter().map(|request| request.body.to_string()).collect();
    assert_eq!(prompts.len(), 2, "the one that was cancelled while it waited was never sent");
    assert!(prompts[1].contains("`half`"), "{}", prompts[1]);
}

#[test]
fn a_kept_answer_is_told_and_can_be_passed_over() {
    let folder = workspace(SOURCE);
    let server = Server::script([Reply::chat(&["First."]), Reply::chat(&["Second."])]);
    let mut client = client(&folder, &server);
    explain(&mut client, "double", json!({}));
    client.wait_idle();
    client.forget_past();
    explain(&mut client, "double", json!({}));
    reported(&mut client, "big answered this before: from the cache");
    client.wait_idle();
    assert_eq!(server.requests().len(), 1);
    explain(&mut client, "double", json!({ "no_cache": true }));
    client.poll("the model is asked again", || server.requests().len() == 2);
}
