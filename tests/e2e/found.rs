//! A model that needs no settings is found, asked about once, and used if the user says so.

use super::cli::ollama;
use super::*;

const SOURCE: &str = "/// Adds.\nfn add(a: u32, b: u32) -> u32 {\n    a + b\n}\n";

/// A client whose user has a key, and answers the question in this way.
fn started(profile: Profile, root: &Path, state: &Path, env: &[(&str, &str)], answer: Option<&str>) -> Client {
    let mut setup = Setup::new(profile, root).env("XDG_STATE_HOME", state.to_str().unwrap());
    for (name, value) in env {
        setup = setup.env(name, value);
    }
    let mut client = setup.spawn();
    client.message_action = answer.map(str::to_owned);
    client.initialize();
    client.open("src/lib.rs");
    client
}

/// The title of the first action on the function, once all that was to be said has been said.
fn title(client: &mut Client) -> String {
    client.idle(std::time::Duration::from_millis(300));
    let actions = client.code_actions("src/lib.rs", &client.cursor("src/lib.rs", "a + b"), &[]);
    action(&actions, "Explain")["title"].as_str().unwrap().to_owned()
}

const KEYS: &[(&str, &str)] = &[("OPENROUTER_API_KEY", "sk-1"), ("OPENAI_API_KEY", "sk-2")];

#[test]
fn yes_is_kept_for_every_editor() {
    let (folder, state) = (workspace(SOURCE), tempfile::tempdir().unwrap());
    let mut client = started(Profile::VsCode, folder.path(), state.path(), KEYS, Some("Use it"));
    let told = message(&mut client, 3);
    assert!(told.starts_with("Whittle uses openai (gpt-"), "{told}");
    let asked: Vec<String> = client.messages();
    let question = "OPENAI_API_KEY is set. May Whittle use openai (gpt-5.4)? The code in question is then sent there.";
    assert_eq!(asked.iter().filter(|message| *message == question).count(), 1, "{asked:?}");
    assert_eq!(title(&mut client), "Explain `add` (openai)");
    drop(client);
    for profile in EVERY_EDITOR {
        let mut client = started(profile, folder.path(), state.path(), KEYS, None);
        assert_eq!(title(&mut client), "Explain `add` (openai)");
        assert_eq!(client.messages(), [""; 0]);
    }
}

#[test]
fn no_is_kept_and_offline_stays() {
    for answer in [Some("Never"), Some("Not now"), None] {
        let (folder, state) = (workspace(SOURCE), tempfile::tempdir().unwrap());
        let mut client = started(Profile::Neovim, folder.path(), state.path(), KEYS, answer);
        let file = state.path().join("whittle/models.json");
        client.poll("the answer is kept", || file.exists());
        assert_eq!(title(&mut client), "Explain `add` (offline)");
        drop(client);
        let mut client = started(Profile::Neovim, folder.path(), state.path(), KEYS, answer);
        assert_eq!(title(&mut client), "Explain `add` (offline)");
        assert_eq!(client.messages(), [""; 0], "{answer:?}");
    }
}

#[test]
fn where_nothing_can_be_asked_the_user_is_told_once() {
    let (folder, state) = (workspace(SOURCE), tempfile::tempdir().unwrap());
    let mut client = started(Profile::Helix, folder.path(), state.path(), KEYS, None);
    let told = message(&mut client, 3);
    assert!(told.contains("run `whittle models use openai`"), "{told}");
    assert_eq!(title(&mut client), "Explain `add` (offline)");
    drop(client);
    let mut client = started(Profile::Helix, folder.path(), state.path(), KEYS, None);
    assert_eq!(title(&mut client), "Explain `add` (offline)");
    assert_eq!(client.messages(), [""; 0]);
}

#[test]
fn ollama_is_found_where_it_answers() {
    let (folder, state) = (workspace(SOURCE), tempfile::tempdir().unwrap());
    let server = ollama();
    let host = server.origin();
    let mut client =
        started(Profile::VsCode, folder.path(), state.path(), &[("OLLAMA_HOST", host.as_str())], Some("Use it"));
    let told = message(&mut client, 3);
    assert!(told.starts_with("Whittle uses ollama (qwen2.5-coder:7b)"), "{told}");
    assert!(client.messages().iter().any(|message| message.ends_with("Nothing leaves this machine.")));
    assert_eq!(title(&mut client), "Explain `add` (ollama)");
}

#[test]
fn nobody_is_asked_who_chose() {
    let (folder, state) = (workspace(SOURCE), tempfile::tempdir().unwrap());
    for settings in [
        json!({ "routes": { "default": ["offline"] } }),
        json!({ "models": { "big": {
        "provider": "openai", "base_url": "http://127.0.0.1:1/v1", "model": "m" } } }),
    ] {
        let mut setup =
            Setup::new(Profile::VsCode, folder.path()).env("XDG_STATE_HOME", state.path().to_str().unwrap());
        setup = setup.env("OPENAI_API_KEY", "sk-1");
        setup.settings = settings.clone();
        setup.options = settings;
        let mut client = setup.start();
        client.open("src/lib.rs");
        title(&mut client);
        assert_eq!(client.messages(), [""; 0]);
    }
    assert!(!state.path().join("whittle/models.json").exists());
}
