//! The main job in every editor: explain, refactor and generate tests, with and without a model.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Client, Profile, Setup};
use super::{EVERY_EDITOR, action, message, with_model, workspace};
use crate::wire::server::{Reply, Server};

const SOURCE: &str = "\
/// é😀 A header.
pub struct Header(u8);

/// Parses a header.
pub fn parse_header(text: &str) -> Option<Header> {
    if let Some(rest) = text.strip_prefix(\"v\") {
        if !rest.is_empty() {
            return rest.parse().ok().map(Header);
        }
    }
    None
}

/// Compares.
pub fn compare(a: u8, b: u8) -> i8 {
    if a < b {
        return -1;
    } else {
        let difference = a - b;
        return i8::from(difference > 0);
    }
}

pub fn read(text: &str) -> u8 {
    parse_header(text).map_or(0, |header| header.0)
}
";

fn titles(actions: &[Value]) -> Vec<&str> {
    actions.iter().map(|action| action["title"].as_str().unwrap()).collect()
}

#[test]
fn actions_are_named_after_the_focus_and_filtered_by_kind() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let mut client = Client::start(profile, folder.path());
        client.open("src/lib.rs");
        let cursor = client.cursor("src/lib.rs", "rest.parse");
        let all = client.code_actions("src/lib.rs", &cursor, &[]);
        action(&all, "Explain `parse_header` (offline)");
        action(&all, "Generate tests for `parse_header` (offline)");
        if profile == Profile::VsCode {
            let asking = action(&all, "Refactor `parse_header` with instructions");
            assert!(asking["disabled"]["reason"].as_str().unwrap().contains("needs a model"), "{asking}");
        }
        let refactor = client.code_actions("src/lib.rs", &cursor, &["refactor"]);
        assert!(!refactor.is_empty() && titles(&refactor).iter().all(|title| !title.starts_with("Explain")));
        let explain = client.code_actions("src/lib.rs", &cursor, &["whittle.explain"]);
        assert_eq!(titles(&explain), ["Explain `parse_header` (offline)"]);
        assert!(client.code_actions("src/lib.rs", &cursor, &["source"]).is_empty());
        // while the cursor only moves there is nothing to say
        let id = client.send_code_actions("src/lib.rs", &cursor, &[], 2);
        assert_eq!(client.answer(id), Ok(json!([])));
    }
}

#[test]
fn an_explanation_is_shown_and_can_be_hovered_until_the_code_changes() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let mut client = Client::start(profile, folder.path());
        client.open("src/lib.rs");
        let cursor = client.cursor("src/lib.rs", "parse_header(text: ");
        let actions = client.code_actions("src/lib.rs", &cursor, &[]);
        let reply = client.choose(&action(&actions, "Explain")).unwrap();
        assert!(reply["job"].is_number(), "{reply}");
        match profile {
            Profile::Helix => {
                assert_eq!(
                    message(&mut client, 3),
                    "Explanation of `parse_header` is ready: press space k on the code"
                );
            }
            Profile::Neovim | Profile::VsCode => {
                let shown = client.wait_for_method("window/showDocument");
                let uri = shown["uri"].as_str().unwrap().to_owned();
                assert_eq!(shown["takeFocus"], false);
                let text = if profile == Profile::VsCode {
                    assert!(uri.starts_with("whittle:/"), "{uri}");
                    client.request("workspace/textDocumentContent", json!({ "uri": uri }))["text"].to_string()
                } else {
                    let path = super::client::path_of(&uri).unwrap_or_else(|| panic!("{uri}"));
                    std::fs::read_to_string(path).unwrap()
                };
                assert!(text.contains("parse_header"), "{text}");
            }
        }
        client.wait_idle();
        let hover = client.hover("src/lib.rs", &cursor["start"]);
        assert!(hover["contents"]["value"].as_str().unwrap().contains("parse_header"), "{hover}");
        let elsewhere = client.before("src/lib.rs", "pub fn read");
        assert_eq!(client.hover("src/lib.rs", &elsewhere), Value::Null);
        let end = client.before("src/lib.rs", "\n    None");
        client.type_text("src/lib.rs", &end, " // typed");
        client.idle(Duration::from_millis(400));
        assert_eq!(client.hover("src/lib.rs", &cursor["start"]), Value::Null);
    }
}

#[test]
fn the_context_is_shown_with_its_receipt() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let mut client = Client::start(profile, folder.path());
        client.open("src/lib.rs");
        let cursor = client.cursor("src/lib.rs", "parse_header(text: ");
        let actions = client.code_actions("src/lib.rs", &cursor, &["whittle.context"]);
        assert_eq!(titles(&actions), ["Show context of `parse_header`"]);
        let reply = client.choose(&actions[0]).unwrap();
        assert!(reply["job"].is_number(), "{reply}");
        let text = match profile {
            Profile::Helix => {
                assert_eq!(message(&mut client, 3), "Context of `parse_header` is ready: press space k on the code");
                client.hover("src/lib.rs", &cursor["start"])["contents"]["value"].as_str().unwrap().to_owned()
            }
            Profile::Neovim | Profile::VsCode => {
                let uri = client.wait_for_method("window/showDocument")["uri"].as_str().unwrap().to_owned();
                match super::client::path_of(&uri) {
                    Some(path) => std::fs::read_to_string(path).unwrap(),
                    None => {
                        let content = client.request("workspace/textDocumentContent", json!({ "uri": uri }));
                        content["text"].as_str().unwrap().to_owned()
                    }
                }
            }
        };
        client.wait_idle();
        assert!(text.contains(" of 4000 tokens**"), "{text}");
        let row = text.lines().find(|line| line.contains("`Header`")).unwrap_or_else(|| panic!("{text}"));
        let reference = row.split('|').nth(1).unwrap().trim();
        let link = format!("{reference}: {}#L", profile.uri(&folder.path().canonicalize().unwrap().join("src/lib.rs")));
        assert!(text.contains("used at line 5") && text.contains(&link), "{link}: {text}");
        assert!(text.contains("\npub struct Header(u8);\n"), "{text}");
        assert!(client.text("src/lib.rs") == SOURCE, "nothing is written into the code");
    }
}

#[test]
fn a_denied_file_has_no_context_to_show() {
    let folder = workspace("");
    std::fs::write(folder.path().join("src/secrets.rs"), "fn key() {}\n").unwrap();
    let mut client = Client::start(Profile::Neovim, folder.path());
    client.open("src/secrets.rs");
    let cursor = client.cursor("src/secrets.rs", "key");
    let actions = client.code_actions("src/secrets.rs", &cursor, &["whittle.context"]);
    client.choose(&actions[0]);
    assert!(message(&mut client, 1).contains("so it can't be in a context"));
}

#[test]
fn a_rewrite_is_an_action_with_its_edit() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let mut client = Client::start(profile, folder.path());
        client.open("src/lib.rs");
        let cursor = client.cursor("src/lib.rs", "} else {");
        let actions = client.code_actions("src/lib.rs", &cursor, &["refactor.rewrite"]);
        let rewrite = actions.iter().find(|action| action.get("edit").is_some());
        let rewrite = rewrite.unwrap_or_else(|| panic!("no rewrite among {:?}", titles(&actions))).clone();
        client.choose(&rewrite);
        client.idle(Duration::from_millis(200));
        assert_ne!(client.text("src/lib.rs"), SOURCE);
        // the server's text is the editor's: the next actions fit it
        let cursor = client.cursor("src/lib.rs", "pub fn read");
        action(&client.code_actions("src/lib.rs", &cursor, &[]), "Explain `read`");
    }
}

const NEW: &str = "<replace id=\"c1\">\n/// Parses a header.\npub fn parse_header(text: &str) -> Option<Header> {\n    \
                   let rest = text.strip_prefix(\"v\")?;\n    rest.parse().ok().map(Header)\n}\n</replace>\n";

#[test]
fn a_model_refactors_while_the_user_types_elsewhere() {
    for profile in EVERY_EDITOR {
        for encoding in ["utf-8", "utf-16", "utf-32"] {
            let folder = workspace(SOURCE);
            let server = Server::script([Reply::chat(&[&NEW[..40], &NEW[40..]]).after(Duration::from_millis(300))]);
            let mut setup = Setup::new(profile, folder.path());
            setup.options = json!({ "models": { "big": {
                "provider": "openai", "base_url": server.base_url(), "model": "test",
            } } });
            setup.settings = setup.options.clone();
            setup.capabilities = json!({ "general": { "positionEncodings": [encoding] } });
            let mut client = setup.start();
            client.open("src/lib.rs");
            let cursor = client.cursor("src/lib.rs", "if let");
            let actions = client.code_actions("src/lib.rs", &cursor, &["refactor"]);
            client.choose(&action(&actions, "Refactor `parse_header` (big)"));
            let top = client.before("src/lib.rs", "/// é😀");
            client.type_text("src/lib.rs", &top, "// 字😀 typed above\n");
            client.wait_for_method("workspace/applyEdit");
            client.wait_idle();
            let text = client.text("src/lib.rs").to_owned();
            assert!(text.starts_with("// 字😀 typed above\n/// é😀 A header."), "{profile:?} {encoding}: {text}");
            assert!(text.contains("strip_prefix(\"v\")?;\n    rest.parse()"), "{profile:?} {encoding}: {text}");
            assert!(!text.contains("if let"), "{profile:?} {encoding}: {text}");
            assert!(text.ends_with("|header| header.0)\n}\n"), "{profile:?} {encoding}: {text}");
        }
    }
}

#[test]
fn an_edit_that_the_user_overtook_is_not_applied() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let server = Server::script([Reply::chat(&[NEW]).after(Duration::from_millis(700))]);
        let mut client = with_model(profile, folder.path(), &server);
        let cursor = client.cursor("src/lib.rs", "if let");
        let actions = client.code_actions("src/lib.rs", &cursor, &["refactor"]);
        client.choose(&action(&actions, "Refactor `parse_header` (big)"));
        let inside = client.after("src/lib.rs", "if !rest");
        client.type_text("src/lib.rs", &inside, "x");
        client.idle(Duration::from_millis(200));
        let typed = client.text("src/lib.rs").to_owned();
        let said = message(&mut client, 1);
        assert!(said.contains("src/lib.rs") && said.contains("changed meanwhile"), "{said}");
        client.wait_idle();
        assert_eq!(client.text("src/lib.rs"), typed);
    }
}

#[test]
fn an_instruction_in_a_comment_is_followed_and_removed() {
    let source = SOURCE.replace("    if let", "    // whittle: use the question mark operator\n    if let");
    for profile in EVERY_EDITOR {
        let folder = workspace(&source);
        let server = Server::script([Reply::chat(&[NEW])]);
        let mut client = with_model(profile, folder.path(), &server);
        let cursor = client.cursor("src/lib.rs", "if !rest");
        let actions = client.code_actions("src/lib.rs", &cursor, &["refactor"]);
        client.choose(&action(&actions, "Refactor `parse_header`: use the question mark operator (big)"));
        client.wait_for_method("workspace/applyEdit");
        client.wait_idle();
        assert!(!client.text("src/lib.rs").contains("whittle:"), "{}", client.text("src/lib.rs"));
        let prompt = server.requests()[0].body["messages"][1]["content"].to_string();
        assert!(prompt.contains("as the developer asks: use the question mark operator"), "{prompt}");
    }
}

#[test]
fn tests_go_where_the_project_keeps_them() {
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let mut client = Client::start(profile, folder.path());
        client.open("src/lib.rs");
        let cursor = client.cursor("src/lib.rs", "parse_header(text: ");
        let actions = client.code_actions("src/lib.rs", &cursor, &[]);
        client.choose(&action(&actions, "Generate tests for `parse_header`"));
        client.wait_for_method("workspace/applyEdit");
        client.wait_idle();
        let text = client.text("src/lib.rs");
        assert!(text.contains("#[cfg(test)]\nmod tests {") && text.contains("parse_header("), "{text}");
    }
}

#[test]
fn a_new_file_of_tests_is_created() {
    for profile in EVERY_EDITOR {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("tests")).unwrap();
        std::fs::write(folder.path().join("pyproject.toml"), "[project]\nname = \"sample\"\n").unwrap();
        std::fs::write(folder.path().join("sample.py"), "def double(n: int) -> int:\n    return n * 2\n").unwrap();
        let mut client = Client::start(profile, folder.path());
        client.open("sample.py");
        let cursor = client.cursor("sample.py", "double");
        let actions = client.code_actions("sample.py", &cursor, &[]);
        client.choose(&action(&actions, "Generate tests for `double`"));
        let edit = client.wait_for_method("workspace/applyEdit");
        let changes = edit["edit"]["documentChanges"].as_array().unwrap().clone();
        assert_eq!(changes[0]["kind"], "create", "{edit}");
        assert!(changes[1]["edits"][0]["newText"].as_str().unwrap().contains("double("), "{edit}");
        assert!(message(&mut client, 3).contains("not saved yet"));
    }
}

#[test]
fn a_command_without_arguments_means_the_last_place() {
    let folder = workspace(SOURCE);
    let mut client = Client::start(Profile::Helix, folder.path());
    client.open("src/lib.rs");
    assert!(client.try_execute("whittle.explain", Value::Null).is_err());
    let cursor = client.cursor("src/lib.rs", "pub fn read");
    client.code_actions("src/lib.rs", &cursor, &[]);
    client.execute("whittle.explain", Value::Null);
    assert_eq!(message(&mut client, 3), "Explanation of `read` is ready: press space k on the code");
}
