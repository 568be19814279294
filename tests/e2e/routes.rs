//! Routes in an editor: what titles and progress say when a model fails, and who is asked next.

use serde_json::{Value, json};

use super::client::{Client, Profile, Setup};
use super::{EVERY_EDITOR, action, message, workspace};
use crate::wire::server::{Reply, Server, Step, delta};

const SOURCE: &str = "pub fn double(n: u8) -> u8 {\n    n * 2\n}\n";
const CHANGED: &str = "<replace id=\"c1\">\npub fn double(n: u8) -> u8 {\n    n + n\n}\n</replace>";

/// A client whose route is `big`, then `small`.
fn client(profile: Profile, root: &std::path::Path, big: &Server, small: &Server, local: [bool; 2]) -> Client {
    let model = |server: &Server, local: bool| json!({ "provider": "openai", "base_url": server.base_url(), "model": "test", "local": local });
    let mut setup = Setup::new(profile, root);
    setup.options = json!({
        "models": { "big": model(big, local[0]), "small": model(small, local[1]) },
        "routes": { "default": ["big", "small"] },
        "cache": { "answers": false },
        "edits": { "repair_attempts": 0 },
    });
    setup.settings = setup.options.clone();
    let mut client = setup.start();
    client.open("src/lib.rs");
    client
}

fn refactor(client: &mut Client, title: &str) {
    client.forget_past();
    let cursor = client.cursor("src/lib.rs", "double");
    let actions = client.code_actions("src/lib.rs", &cursor, &["refactor"]);
    client.choose(&action(&actions, title));
    client.wait_idle();
}

/// What progress said.
fn progress(client: &Client) -> Vec<String> {
    let said = |message: &Value| Some(message["params"]["value"]["message"].as_str()?.to_owned());
    client.received().iter().filter(|message| message["method"] == "$/progress").filter_map(said).collect()
}

#[test]
fn the_next_model_answers_in_every_editor_and_progress_says_why() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        // the answer breaks off after a part of it was there
        let half = Reply::stream([delta(&json!({ "content": "<replace id=\"c1\">\npub fn" }))]).then(Step::Drop);
        let (big, small) = (Server::script([half]), Server::script([Reply::chat(&[CHANGED])]));
        let mut client = client(profile, folder.path(), &big, &small, [false, false]);
        refactor(&mut client, "Refactor `double` (big)");
        assert_eq!(client.text("src/lib.rs"), SOURCE.replace("n * 2", "n + n"));
        let told = progress(&client);
        assert!(told.iter().any(|one| one == "big failed (a broken connection), asking small"), "{told:?}");
        assert_eq!((big.requests().len(), small.requests().len()), (1, 1));
    }
}

#[test]
fn titles_name_the_model_that_would_be_asked_now() {
    let folder = workspace(SOURCE);
    let broken = Reply::json(500, &json!({ "error": { "message": "hiccup" } })).header("x-should-retry", "false");
    let (big, small) = (Server::script([broken]), Server::script([Reply::chat(&["no edit"])]));
    let mut client = client(Profile::VsCode, folder.path(), &big, &small, [false, false]);
    for _ in 0..3 {
        refactor(&mut client, "Refactor `double` (big)");
    }
    refactor(&mut client, "Refactor `double` (small)");
    // settings that stay as they are forget nothing
    client.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    refactor(&mut client, "Refactor `double` (small)");
    assert_eq!((big.requests().len(), small.requests().len()), (3, 5));
}

#[test]
fn what_a_local_model_was_to_read_goes_nowhere_else() {
    let folder = workspace(SOURCE);
    let broken = Reply::json(500, &json!({ "error": { "message": "hiccup" } })).header("x-should-retry", "false");
    let (big, small) = (Server::script([broken]), Server::script([Reply::chat(&[CHANGED])]));
    let mut client = client(Profile::Neovim, folder.path(), &big, &small, [true, false]);
    let cursor = client.cursor("src/lib.rs", "double");
    let actions = client.code_actions("src/lib.rs", &cursor, &["refactor"]);
    client.choose(&action(&actions, "Refactor `double` (big)"));
    let said = message(&mut client, 1);
    assert!(said.contains("(2) small was not asked: it is not on this machine as big is"), "{said}");
    client.wait_idle();
    assert_eq!((client.text("src/lib.rs"), small.requests().len()), (SOURCE, 0));
}
