//! `fix`: what other servers complain of becomes an action, a model mends it, and the project's own command no longer tells it.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::client::{Client, Profile, Setup};
use super::{EVERY_EDITOR, action, message};
use crate::wire::server::{Reply, Server};

const SOURCE: &str = "\
mod price;

/// é😀 adds.
pub fn total(prices: &[price::Price]) -> u32 {
    let label = \"é😀\"; let sum: u32 = label;
    let count: u8 = prices.len();
    sum + u32::from(count)
}

pub fn other() -> u32 {
    1
}
";
const PRICE: &str = "pub struct Price {\n    pub cents: u32,\n}\n";

fn answer(source: &str) -> String {
    let from = source.find("/// é😀 adds").unwrap();
    let to = source.find("\n\npub fn other").unwrap();
    format!("<replace id=\"c1\">\n{}\n</replace>\n", &source[from..to])
}

fn mended() -> String {
    SOURCE
        .replace("let sum: u32 = label;", "let sum: u32 = label.len() as u32;")
        .replace("prices.len();", "prices.len() as u8;")
}

struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    fn new(trusted: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let project = Self { folder };
        let root = project.root();
        std::fs::create_dir_all(root.join("src")).unwrap();
        std::fs::write(root.join("Cargo.toml"), "[package]\nname = \"sample\"\nedition = \"2024\"\n").unwrap();
        std::fs::write(root.join("src/lib.rs"), SOURCE).unwrap();
        std::fs::write(root.join("src/price.rs"), PRICE).unwrap();
        let state = project.folder.path().join("state/whittle");
        std::fs::create_dir_all(&state).unwrap();
        std::fs::write(state.join("trusted"), trusted.replace("HERE", root.to_str().unwrap())).unwrap();
        project
    }

    fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("work")
    }

    fn client(&self, profile: Profile, server: &Server, edits: Value) -> Client {
        let folder = |name: &str| self.folder.path().join(name).to_str().unwrap().to_owned();
        let mut setup = Setup::new(profile, &self.root())
            .env("XDG_STATE_HOME", &folder("state"))
            .env("XDG_CACHE_HOME", &folder("cache"));
        setup.options = json!({
            "models": { "big": { "provider": "openai", "base_url": server.base_url(), "model": "test" } },
            "edits": edits,
        });
        setup.settings = setup.options.clone();
        let mut client = setup.start();
        client.open("src/lib.rs");
        client
    }
}

/// What rust-analyzer tells of `needle`.
fn diagnostic(client: &Client, needle: &str, message: &str) -> Value {
    let root = client.setup.profile.uri(&client.path("src/price.rs"));
    json!({
        "range": client.range_of("src/lib.rs", needle),
        "severity": 1,
        "code": "E0308",
        "source": "rustc",
        "message": message,
        "relatedInformation": [{
            "location": { "uri": root, "range": { "start": { "line": 1, "character": 4 }, "end": { "line": 1, "character": 9 } } },
            "message": "the field is here",
        }],
    })
}

/// The actions of kind `fix` at `needle`, with what other servers tell.
fn fixes(client: &mut Client, needle: &str, diagnostics: &[Value], trigger: u8) -> Vec<Value> {
    let range = client.range_of("src/lib.rs", needle);
    let uri = client.document("src/lib.rs").uri.clone();
    let context = json!({ "diagnostics": diagnostics, "triggerKind": trigger });
    let params = json!({ "textDocument": { "uri": uri }, "range": range, "context": context });
    let found = client.request("textDocument/codeAction", params);
    let is_fix = |found: &&Value| found["kind"] == "quickfix.whittle.fix";
    found.as_array().unwrap().iter().filter(is_fix).cloned().collect()
}

fn titles(actions: &[Value]) -> Vec<&str> {
    actions.iter().map(|action| action["title"].as_str().unwrap()).collect()
}

fn asked(server: &Server) -> String {
    let requests = server.requests();
    let messages = requests.last().unwrap().body["messages"].as_array().unwrap().clone();
    messages.iter().map(|message| message["content"].as_str().unwrap()).collect::<Vec<_>>().join("\n---\n")
}

#[test]
fn a_diagnostic_is_mended_and_cargo_check_shows_it() {
    for profile in EVERY_EDITOR {
        let project = Project::new("HERE\n");
        let server = Server::script([Reply::chat(&[&answer(&mended())])]);
        let mut client = project.client(profile, &server, json!({ "verify_wait": "60s" }));
        let label = diagnostic(&client, "label;", "mismatched types\nexpected `u32`, found `&str`");
        let length = diagnostic(&client, "prices.len()", "mismatched types, see `Price`");
        let far = diagnostic(&client, "other()", "function is never used: `other`");
        let mut faded = diagnostic(&client, "count:", "`count` is not accessed");
        faded["severity"] = json!(4);
        faded["tags"] = json!([1]);
        let told = [label.clone(), length, far, faded];
        let found = fixes(&mut client, "label;\n    let count: u8 = prices", &told, 1);
        assert_eq!(
            titles(&found),
            [
                "Fix “mismatched types” in `total` (big)",
                "Fix “mismatched types, see `Price`” in `total` (big)",
                "Fix all 2 problems in `total` (big)",
            ],
            "{profile:?}"
        );
        assert_eq!(found[0]["diagnostics"], json!([label]));
        // the lightbulb shows the same
        assert_eq!(fixes(&mut client, "label;\n    let count: u8 = prices", &told, 2), found);
        // what is typed meanwhile moves the place
        let top = client.before("src/lib.rs", "mod price");
        client.type_text("src/lib.rs", &top, "// typed\n\n");
        client.forget_past();
        client.choose(&found[2]);
        client.wait_idle();
        let asked = asked(&server);
        assert!(asked.contains("Fix `total` (id c1). This is what is wrong:"), "{asked}");
        let line = "1. error E0308 (rustc), line 3 of the chunk, `let label = \"é😀\"; let sum: u32 = label;`:\n   \
                    mismatched types\n   expected `u32`, found `&str`\n   src/price.rs:2: the field is here\n";
        assert!(asked.contains(line), "{asked}");
        assert!(asked.contains("2. error E0308 (rustc), line 4 of the chunk"), "{asked}");
        assert!(!asked.contains("never used"), "{asked}");
        assert!(asked.contains("pub struct Price"), "{asked}");
        assert_eq!(client.text("src/lib.rs"), format!("// typed\n\n{}", mended()), "{profile:?}");
        let applied = client.received().iter().any(|message| {
            message["params"]["value"]["message"].as_str().is_some_and(|told| told == "applied · parses · compiles")
        });
        assert!(applied, "{profile:?}");
    }
}

#[test]
fn an_answer_that_leaves_the_fault_goes_back() {
    let project = Project::new("HERE\n");
    let left = SOURCE.replace("let count: u8", "let count: u16"); // it is as wrong as before
    let server = Server::script([Reply::chat(&[&answer(&left)]), Reply::chat(&[&answer(&mended())])]);
    let mut client = project.client(Profile::VsCode, &server, json!({ "verify_wait": "60s" }));
    let told = [diagnostic(&client, "label;", "expected u32, found &'static str")];
    let found = fixes(&mut client, "label;", &told, 1);
    client.choose(&found[0]);
    client.poll("the second request", || server.requests().len() == 2);
    client.wait_idle();
    let asked = asked(&server);
    assert!(asked.contains("`cargo check` then failed") && asked.contains("`u32`, found `&str`"), "{asked}");
    assert!(!asked.contains("selected"), "{asked}");
    assert_eq!(client.text("src/lib.rs"), mended());
}

#[test]
fn one_fault_is_mended_though_others_stay() {
    let project = Project::new("HERE\n");
    let one = SOURCE.replace("prices.len();", "prices.len() as u8;");
    let server = Server::script([Reply::chat(&[&answer(&one)])]);
    let mut client = project.client(Profile::VsCode, &server, json!({ "verify_wait": "60s" }));
    let told = [diagnostic(&client, "prices.len()", "mismatched types\nexpected `u8`, found `usize`")];
    let found = fixes(&mut client, "prices.len()", &told, 1);
    client.forget_past();
    client.choose(&found[0]);
    client.wait_idle();
    assert_eq!(client.text("src/lib.rs"), one);
    let ended = client.received().iter().find_map(|message| {
        let value = &message["params"]["value"];
        (value["kind"] == "end").then(|| value["message"].as_str().unwrap().to_owned())
    });
    assert_eq!(ended.unwrap(), "applied · parses · cargo check: mended, no new errors");
}

#[test]
fn without_diagnostics_the_projects_command_says_what_is_wrong() {
    let project = Project::new("HERE\n");
    let server = Server::script([Reply::chat(&[&answer(&mended())])]);
    let mut client = project.client(Profile::Neovim, &server, json!({ "verify_wait": "60s" }));
    let found = fixes(&mut client, "label;", &[], 1);
    assert_eq!(titles(&found), ["Fix `total` (big)"]);
    assert_eq!(fixes(&mut client, "label;", &[], 2), [] as [Value; 0]);
    client.forget_past();
    client.choose(&found[0]);
    client.wait_idle();
    let asked = asked(&server);
    assert!(asked.contains("error (cargo check), line 3 of the chunk") && asked.contains("E0308"), "{asked}");
    assert_eq!(client.text("src/lib.rs"), mended());
    let hunk = client.cursor("src/lib.rs", "label.len");
    let review = client.code_actions("src/lib.rs", &hunk, &["quickfix"]);
    action(&review, "Keep all of “Fix all 2 problems in `total`, as cargo check says”");
    // what is mended is nothing to fix
    client.forget_past();
    client.execute("whittle.fix", Value::Null);
    assert_eq!(message(&mut client, 3), "Nothing to fix at src/lib.rs:3-8: cargo check finds no fault");
    client.wait_idle();
}

#[test]
fn in_a_workspace_that_is_not_trusted_only_what_was_told_is_fixed() {
    let project = Project::new("");
    let server = Server::script([Reply::chat(&[&answer(&mended())])]);
    let mut client = project.client(Profile::Helix, &server, json!({}));
    assert_eq!(fixes(&mut client, "label;", &[], 1), [] as [Value; 0]);
    client.execute("whittle.fix", Value::Null);
    let said = message(&mut client, 1);
    assert!(said.contains("could not be found out: the workspace is not trusted, see `whittle trust`"), "{said}");
    assert!(said.ends_with("; to fix what Helix shows there, select it and press `space a` first"), "{said}");
    // the last diagnostics at the place count for a command without arguments
    let told = [diagnostic(&client, "label;", "mismatched types")];
    fixes(&mut client, "label;", &told, 1);
    client.forget_past();
    client.execute("whittle.fix", Value::Null);
    client.wait_idle();
    assert_eq!(client.text("src/lib.rs"), mended());
}

#[test]
fn neovim_is_offered_to_look_for_faults_only_where_that_can_be_done() {
    let project = Project::new("");
    let server = Server::script([]);
    let mut client = project.client(Profile::Neovim, &server, json!({}));
    assert_eq!(fixes(&mut client, "label;", &[], 1), [] as [Value; 0]);
    let told = [diagnostic(&client, "label;", "mismatched types")];
    assert_eq!(titles(&fixes(&mut client, "label;", &told, 1)), ["Fix “mismatched types” in `total` (big)"]);
}

#[test]
fn one_fault_of_rust_analyzer_is_one_action() {
    let project = Project::new("");
    let server = Server::script([Reply::chat(&[&answer(&mended())])]);
    let mut client = project.client(Profile::Helix, &server, json!({}));
    let mut error = diagnostic(&client, "label;", "mismatched types\nexpected `u32`, found `&str`");
    let mut hint = diagnostic(&client, "u32 = label", "expected due to this");
    let here = client.setup.profile.uri(&client.path("src/lib.rs"));
    let names = |range: &Value| json!([{ "location": { "uri": here, "range": range }, "message": "here" }]);
    hint["severity"] = json!(4);
    (error["relatedInformation"], hint["relatedInformation"]) = (names(&hint["range"]), names(&error["range"]));
    let mut own = diagnostic(&client, "label;", "expected u32, found &str");
    own["source"] = json!("rust-analyzer");
    let told = [own, hint, error];
    let found = fixes(&mut client, "label;", &told, 1);
    assert_eq!(titles(&found).len(), 1, "{found:?}");
    assert_eq!(found[0]["diagnostics"].as_array().unwrap().len(), 3);
    client.choose(&found[0]);
    client.wait_idle();
    assert_eq!(client.text("src/lib.rs"), mended());
    let asked = asked(&server);
    assert!(
        !asked.contains("expected due to this") && asked.contains("mismatch") | asked.contains("found &str"),
        "{asked}"
    );
}
