//! The real program over its standard input and output, driven as the three editors drive it.

mod cli;
pub(crate) mod client;
mod failures;
mod fix;
mod found;
mod limits;
mod main_job;
mod malformed;
mod operations;
mod places;
mod real;
mod review;
mod robust;
mod several;
mod routes;
mod status;
mod surviving;
mod typed;
mod verify;

use self::client::{Client, Profile, Setup};
use crate::wire::server::Server;
use serde_json::{Value, json};
use std::path::Path;

const EVERY_EDITOR: [Profile; 3] = [Profile::VsCode, Profile::Neovim, Profile::Helix];

/// A workspace of one Rust file.
fn workspace(source: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"sample\"\nedition = \"2024\"\n").unwrap();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    std::fs::write(folder.path().join("src/lib.rs"), source).unwrap();
    folder
}

/// A client whose only model is `big`, served by `server`, with the file open.
fn with_model(profile: Profile, root: &Path, server: &Server) -> Client {
    let mut setup = Setup::new(profile, root);
    setup.options = json!({ "models": { "big": {
        "provider": "openai",
        "base_url": server.base_url(),
        "model": "test",
        "timeout": { "connect": "5s", "first_byte": "2s", "between": "2s" },
    } } });
    setup.settings = setup.options.clone();
    let mut client = setup.start();
    client.open("src/lib.rs");
    client
}

/// The action with this beginning of its title.
#[track_caller]
fn action(actions: &[Value], title: &str) -> Value {
    let found = actions.iter().find(|action| action["title"].as_str().is_some_and(|found| found.starts_with(title)));
    let titles: Vec<_> = actions.iter().map(|action| action["title"].clone()).collect();
    found.unwrap_or_else(|| panic!("no action `{title}` among {titles:?}")).clone()
}

/// Waits for the one message of this kind (1 error, 2 warning, 3 information) and gives its text.
#[track_caller]
fn message(client: &mut Client, kind: u64) -> String {
    client.wait_for("a message", |message| {
        let is = message["method"] == "window/showMessage" && message["params"]["type"] == kind;
        is.then(|| message["params"]["message"].as_str().unwrap().to_owned())
    })
}
