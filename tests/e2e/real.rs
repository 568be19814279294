//! The server on the sources of a real crate, and on typing that never waits for it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::cli::real_crate;
use super::client::{Client, Profile};
use super::robust::type_in_a_burst;
use super::{EVERY_EDITOR, action, with_model, workspace};
use crate::wire::server::{Reply, Server};

fn rust_files(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn every_function_of_a_real_crate_can_be_explained_and_rewritten() {
    let project = real_crate("ropey");
    let root = project.root();
    let mut client = Client::start(Profile::Neovim, &root);
    let (mut explained, mut rewrites) = (0, BTreeSet::new());
    for path in rust_files(&root.join("src")) {
        client.open(&path);
        let text = client.text(&path).to_owned();
        let functions: Vec<usize> = text.match_indices("    pub fn ").map(|(at, _)| at + 11).collect();
        for at in functions {
            let place = client.position_at(&path, at);
            let range = json!({ "start": place, "end": place });
            let actions = client.code_actions(&path, &range, &[]);
            let explain = action(&actions, "Explain `");
            if explained < 40 {
                client.choose(&explain);
                let shown = client.wait_for_method("window/showDocument");
                let file = super::client::path_of(shown["uri"].as_str().unwrap()).unwrap();
                assert!(std::fs::read_to_string(file).unwrap().starts_with("### `"));
                client.forget_past();
                explained += 1;
            }
            let edits = actions.iter().filter(|action| action.get("edit").is_some());
            rewrites.extend(edits.map(|action| action["title"].as_str().unwrap().to_owned()));
        }
        client.close(&path);
    }
    assert!(explained >= 40, "{explained}");
    assert!(rewrites.len() >= 3, "{rewrites:?}");
}

#[test]
fn after_a_burst_of_typing_the_server_has_the_editors_text() {
    for profile in EVERY_EDITOR {
        let folder = workspace("fn a() {}\n");
        let server = Server::script([Reply::chat(&["It does nothing."])]);
        let mut client = with_model(profile, folder.path(), &server);
        type_in_a_burst(&mut client, "src/lib.rs", 10_000);
        // one function around everything that was typed: the prompt then shows it as the server has it
        let start = client.position_at("src/lib.rs", 0);
        client.type_text("src/lib.rs", &start, "/*");
        let end = client.position_at("src/lib.rs", client.text("src/lib.rs").len());
        client.type_text("src/lib.rs", &end, "*/\nfn last() {}\n");
        client.idle(std::time::Duration::from_millis(300));
        let whole = json!({ "start": client.position_at("src/lib.rs", 0), "end": client.before("src/lib.rs", "last") });
        client.code_actions("src/lib.rs", &whole, &[]);
        client.execute("whittle.explain", Value::Null);
        client.poll("the request", || !server.requests().is_empty());
        client.wait_idle();
        let prompt = server.requests()[0].body["messages"][1]["content"].as_str().unwrap().to_owned();
        let typed = client.text("src/lib.rs");
        let typed = &typed[..typed.find("*/\nfn last").unwrap()];
        assert!(prompt.contains(typed), "{profile:?}: {prompt}\n--- is not ---\n{typed}");
    }
}
