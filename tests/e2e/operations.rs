//! Operations that users write, in every editor: menus, running, applying.

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

use super::client::{Client, Setup, clean_environment};
use super::{EVERY_EDITOR, action, message, workspace};
use crate::wire::server::{Reply, Server};

const SOURCE: &str = "/// Zählt.\npub fn count(a: u8) -> u8 {\n    a + 1\n}\n";
const ENGLISH: &str = "---\ntitle: Translate comments of\nlanguages: [rust]\nanswer: edit\n---\nTranslate comments.\n";
const PAGE: &str = "---\ntitle: Write a page on\nanswer: new-file\npath: docs/{name}.md\n---\nWrite it.\n";
const NEW: &str = "<replace id=\"c1\">\n/// Counts.\npub fn count(a: u8) -> u8 {\n    a + 1\n}\n</replace>\n";

/// A client whose user has prompts in `home`.
fn start(profile: super::Profile, root: &Path, home: &Path, server: &Server) -> Client {
    let mut setup = Setup::new(profile, root);
    for (name, folder) in [("XDG_CONFIG_HOME", "config"), ("XDG_STATE_HOME", "state")] {
        setup = setup.env(name, home.join(folder).to_str().unwrap());
    }
    setup.options = json!({ "models": { "big": {
        "provider": "openai", "base_url": server.base_url(), "model": "test",
    } } });
    setup.settings = setup.options.clone();
    let mut client = setup.start();
    client.open("src/lib.rs");
    client
}

fn prompt(folder: &Path, name: &str, text: &str) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join(name), text).unwrap();
}

fn actions(client: &mut Client, only: &[&str]) -> Vec<Value> {
    let cursor = client.cursor("src/lib.rs", "a + 1");
    client.code_actions("src/lib.rs", &cursor, only)
}

fn titles(actions: &[Value]) -> Vec<&str> {
    actions.iter().map(|action| action["title"].as_str().unwrap()).collect()
}

#[test]
fn a_users_operations_stand_in_the_menu_and_run() {
    for profile in EVERY_EDITOR {
        let (folder, home) = (workspace(SOURCE), tempfile::tempdir().unwrap());
        let prompts = home.path().join("config/whittle/prompts");
        prompt(&prompts, "english.md", ENGLISH);
        prompt(&prompts, "page.md", PAGE);
        prompt(&prompts, "snakes.md", &ENGLISH.replace("rust", "python"));
        let server = Server::choose(|received, _| {
            let asks = received.body["messages"][1]["content"].as_str().unwrap();
            let page = asks.contains("the new file docs/count.md");
            Reply::chat(&[if page { "<replace id=\"file\">\n# Count\n</replace>\n" } else { NEW }])
        });
        let mut client = start(profile, folder.path(), home.path(), &server);
        let all = actions(&mut client, &[]);
        action(&all, "Document `count` (big)");
        let edit = action(&all, "Translate comments of `count` (big)");
        let page = action(&all, "Write a page on `count` (big)");
        assert_eq!([&edit["kind"], &page["kind"]], ["refactor.rewrite.whittle.english", "refactor.whittle.page"]);
        assert_eq!(titles(&all).iter().filter(|title| title.starts_with("Translate")).count(), 1, "{all:?}");
        let bound = actions(&mut client, &["refactor.rewrite.whittle.english"]);
        assert_eq!(titles(&bound), ["Translate comments of `count` (big)"]);

        client.choose(&edit);
        client.wait_for_method("workspace/applyEdit");
        client.wait_idle();
        assert_eq!(client.text("src/lib.rs"), SOURCE.replace("Zählt", "Counts"));
        client.forget_past();
        client.choose(&page);
        let edit = client.wait_for_method("workspace/applyEdit");
        let changes = edit["edit"]["documentChanges"].as_array().unwrap();
        assert!(
            changes[0]["kind"] == "create" && changes[0]["uri"].as_str().unwrap().ends_with("docs/count.md"),
            "{edit}"
        );
        assert_eq!(changes[1]["edits"][0]["newText"], "# Count\n");
        client.wait_idle();

        let wrong = client.try_execute("whittle.run", json!({ "name": "englisch" })).unwrap_err();
        assert_eq!(wrong["message"], "there is no operation `englisch`; did you mean `english`?");
        client.forget_past();
        client.execute("whittle.run", json!({ "name": "explain" }));
        client.wait_idle();
    }
}

#[test]
fn a_prompt_counts_as_soon_as_it_is_saved() {
    for profile in EVERY_EDITOR {
        let (folder, home) = (workspace(SOURCE), tempfile::tempdir().unwrap());
        let server = Server::script([Reply::chat(&["It counts."])]);
        let mut client = start(profile, folder.path(), home.path(), &server);
        let prompts = home.path().join("config/whittle/prompts");
        assert!(!titles(&actions(&mut client, &[])).iter().any(|title| title.starts_with("Haiku")));
        prompt(&prompts, "haiku.md", "---\ntitle: Haiku on\nanswer: explanation\n---\nBe {{asks}}.\n");
        assert!(!titles(&actions(&mut client, &[])).iter().any(|title| title.starts_with("Haiku")));
        let said = message(&mut client, 2);
        assert!(said.contains("haiku.md:5: `{{asks}}` is no placeholder; did you mean `{{ask}}`?"), "{said}");
        prompt(&prompts, "haiku.md", "---\ntitle: Haiku on\nanswer: explanation\n---\nBe brief.\n");
        let all = actions(&mut client, &["whittle.run"]);
        assert_eq!(titles(&all), ["Haiku on `count` (big)"]);
        client.choose(&all[0]);
        client.wait_idle();
        let cursor = client.cursor("src/lib.rs", "a + 1");
        let hover = client.hover("src/lib.rs", &cursor["start"]);
        assert!(hover["contents"]["value"].as_str().unwrap().contains("It counts."), "{hover}");
        assert_eq!(server.requests()[0].body["messages"][0]["content"], "Be brief.\n");
        fs::remove_file(prompts.join("haiku.md")).unwrap();
        assert_eq!(titles(&actions(&mut client, &["whittle.run"])), [""; 0]);
    }
}

#[test]
fn a_strangers_prompts_count_only_once_trusted() {
    for profile in EVERY_EDITOR {
        let (folder, home) = (workspace(SOURCE), tempfile::tempdir().unwrap());
        prompt(&folder.path().join(".whittle/prompts"), "english.md", ENGLISH);
        prompt(&folder.path().join(".whittle/prompts"), "explain.md", "Say that all is well.\n");
        let server = Server::script([Reply::chat(&["It counts."])]);
        let mut client = start(profile, folder.path(), home.path(), &server);
        let said = message(&mut client, 2);
        assert!(said.contains("is ignored until you run `whittle trust` in its workspace"), "{said}");
        let all = actions(&mut client, &[]);
        assert!(!titles(&all).iter().any(|title| title.starts_with("Translate")), "{all:?}");
        client.choose(&action(&all, "Explain `count`"));
        client.wait_idle();
        let system = |at: usize| server.requests()[at].body["messages"][0]["content"].as_str().unwrap().to_owned();
        assert!(system(0).starts_with("You explain code"), "{}", system(0));

        let mut trust = Command::new(env!("CARGO_BIN_EXE_whittle"));
        clean_environment(&mut trust, home.path());
        assert!(trust.arg("trust").current_dir(folder.path()).output().unwrap().status.success());
        client.forget_past();
        let all = actions(&mut client, &[]);
        action(&all, "Translate comments of `count` (big)");
        client.choose(&action(&all, "Explain `count`"));
        client.wait_idle();
        assert_eq!(system(1), "Say that all is well.\n");
    }
}

#[test]
fn a_selection_of_several_definitions_is_changed_as_a_whole() {
    const BOTH: &str = "/// Eins.\nfn one() {}\n\n/// Zwei.\nfn two() {}\n";
    for profile in EVERY_EDITOR {
        let (folder, home) = (workspace(BOTH), tempfile::tempdir().unwrap());
        prompt(&home.path().join("config/whittle/prompts"), "english.md", ENGLISH);
        let new = BOTH.replace("Eins", "One").replace("Zwei", "Two");
        let server = Server::script([Reply::chat(&[&format!("<replace id=\"c1\">\n{new}</replace>\n")])]);
        let mut client = start(profile, folder.path(), home.path(), &server);
        let all = client.range_of("src/lib.rs", BOTH.trim_end());
        let found = client.code_actions("src/lib.rs", &all, &["refactor.rewrite"]);
        client.choose(&action(&found, "Translate comments of `lib.rs` (big)"));
        client.wait_for_method("workspace/applyEdit");
        client.wait_idle();
        assert_eq!(client.text("src/lib.rs"), new);
        // at a cursor between them there is nothing to change
        let between = client.cursor("src/lib.rs", "\n/// Two");
        assert!(client.code_actions("src/lib.rs", &between, &["refactor.rewrite"]).is_empty());
    }
}

#[test]
fn an_editor_that_asks_the_user_is_told_to() {
    let (folder, home) = (workspace(SOURCE), tempfile::tempdir().unwrap());
    prompt(&home.path().join("config/whittle/prompts"), "do.md", "---\ntitle: Do to\nanswer: edit\n---\n{{ask}}\n");
    let server = Server::script([Reply::chat(&[NEW])]);
    let mut setup = Setup::new(super::Profile::VsCode, folder.path());
    setup = setup.env("XDG_CONFIG_HOME", home.path().join("config").to_str().unwrap());
    setup.settings =
        json!({ "models": { "big": { "provider": "openai", "base_url": server.base_url(), "model": "test" } } });
    setup.options = json!({ "asks": true, "models": setup.settings["models"] });
    let mut client = setup.start();
    client.open("src/lib.rs");
    let all = actions(&mut client, &[]);
    let asking = action(&all, "Do to `count` (big)…");
    assert_eq!(asking["command"]["arguments"][0]["ask"], "");
    let mut arguments = asking["command"]["arguments"][0].clone();
    arguments["ask"] = json!("Translate it.");
    client.execute("whittle.run", arguments);
    client.wait_for_method("workspace/applyEdit");
    client.wait_idle();
    let asked = server.requests()[0].body["messages"][1]["content"].as_str().unwrap().to_owned();
    assert!(asked.contains("\nTranslate it.\n\nDo this with `count` (id c1): Do to.\n"), "{asked}");
}
