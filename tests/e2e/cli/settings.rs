//! Settings on the command line: where they come from, what is told about them, and what stands around the commands.

use super::*;

const BIG: &str = "[models.big]\nprovider = \"openai\"\nmodel = \"m\"\nkey_env = \"BIG_API_KEY\"\n";

#[test]
fn wrong_settings_are_warned_of_unless_they_were_asked_for() {
    let project = Project::of("a.rs", "fn a() {}\n");
    project.user_settings("[context]\nbudge = 10\n");
    let ended = project.run(&["context", "a.rs"]);
    assert_eq!(ended.status, 0);
    assert!(ended.err.starts_with("warning: ") && ended.err.contains("config.toml:2: `context.budge`"), "{ended:?}");
    project.user_settings("");
    project.write("mine.toml", "[context]\nbudge = 10\n");
    assert!(project.fails(&["context", "a.rs", "--config", "mine.toml"]).contains("mine.toml:2"));
    assert!(project.fails(&["context", "a.rs", "--config", "none.toml"]).contains("none.toml: cannot be read"));
    assert!(project.fails(&["explain", "a.rs", "--model", "big"]).contains("`big` is not a configured model"));
    let project = project.env("WHITTLE_MODEL", "big");
    assert!(project.fails(&["explain", "a.rs"]).contains("WHITTLE_MODEL: `big`"));
    project.prints(&["chunks", "a.rs"]);
}

#[test]
fn a_workspace_has_a_say_once_it_is_trusted() {
    let project = Project::of("a.rs", "fn a() {}\n");
    project.write("whittle.toml", "[context]\nbudget = 77\n");
    let ended = project.run(&["context", "a.rs", "--json"]);
    assert!(ended.out.contains("\"budget\": 4000"), "{ended:?}");
    assert!(ended.err.starts_with("note: ") && ended.err.contains("whittle trust"), "{ended:?}");
    assert!(project.prints(&["trust"]).contains("is trusted"));
    assert_eq!(project.json(&["context", "a.rs"])["budget"], 77);
    assert_eq!(project.json(&["context", "a.rs", "--budget", "50"])["budget"], 50);
    assert!(project.json(&["trust", "."])["trusted"].is_string());
    assert!(project.fails(&["trust", "nowhere"]).contains("is not a folder that exists"));
}

#[test]
fn models_say_what_stands_in_their_way() {
    let project = Project::new();
    let json = project.json(&["models"]);
    assert_eq!(json["models"].as_array().unwrap().len(), 1);
    assert_eq!(json["models"][0]["name"], "offline");
    project.user_settings(BIG);
    let out = project.prints(&["models"]);
    assert!(out.contains("set the environment variable BIG_API_KEY") && out.contains("used for explain"), "{out}");
    let project = project.env("BIG_API_KEY", "sk-very-secret");
    assert_eq!(project.json(&["models"])["models"][0]["problem"], Value::Null);
}

#[test]
fn the_doctor_says_what_is_missing_and_never_a_key() {
    let project = Project::of("a.rs", "");
    let out = project.prints(&["doctor"]);
    assert!(out.contains("no model is configured") && out.contains("not trusted"), "{out}");
    assert_eq!(project.json(&["doctor"])["ok"], true);
    project.user_settings(BIG);
    let ended = project.run(&["doctor", "--json"]);
    let json: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((ended.status, &json["ok"]), (1, &false.into()), "{ended:?}");
    assert!(json["operations"][0]["problem"].as_str().unwrap().contains("BIG_API_KEY"), "{json}");
    let project = project.env("BIG_API_KEY", "sk-very-secret").env("OPENAI_API_KEY", "sk-other-secret");
    let out = project.prints(&["doctor"]);
    assert!(out.contains("BIG_API_KEY") && !out.contains("secret"), "{out}");
    let json = project.json(&["doctor"]);
    let set = |name: &str| {
        let mut keys = json["keys"].as_array().unwrap().iter();
        keys.find(|key| key["variable"] == name).unwrap()["set"].clone()
    };
    assert_eq!(
        (set("BIG_API_KEY"), set("OPENAI_API_KEY"), set("GEMINI_API_KEY")),
        (true.into(), true.into(), false.into())
    );
    assert_eq!(json["operations"][0]["model"], "big");
    let ended = project.run(&["doctor", "--model", "none"]);
    assert_eq!(ended.status, 1, "{ended:?}");
    assert!(ended.out.contains("--model: `none`"), "{ended:?}");
}

#[test]
fn queries_can_be_replaced() {
    let project = Project::of("a.rs", "fn a() {}\nstruct B;\n");
    project.write("q/rust/chunks.scm", "(struct_item name: (_) @name) @chunk.type\n");
    let folder = project.root().join("q");
    let project = project.env("WHITTLE_QUERIES", folder.display());
    let out = project.prints(&["chunks", "a.rs"]);
    assert!(out.contains("type B") && !out.contains("function a"), "{out}");
    assert!(project.prints(&["doctor"]).contains("WHITTLE_QUERIES"));
    project.write("q/rust/chunks.scm", "(no_such_node) @chunk.type\n");
    let ended = project.run(&["chunks", "a.rs"]);
    assert!(ended.err.starts_with("warning: WHITTLE_QUERIES: query file rust/chunks.scm"), "{ended:?}");
    assert!(ended.out.contains("function a"), "{ended:?}");
    let project = project.env("WHITTLE_QUERIES", "/nowhere");
    let ended = project.run(&["chunks", "a.rs"]);
    assert!(ended.status == 0 && ended.err.contains("/nowhere can't be read"), "{ended:?}");
}

#[test]
fn logs_go_where_they_are_wanted() {
    let project = Project::of("a.rs", "fn a() {}\n");
    let file = project.root().join("log.txt");
    let project = project.env("WHITTLE_LOG", "trace").env("WHITTLE_LOG_FILE", file.display());
    project.prints(&["explain", "a.rs"]);
    assert!(file.exists());
    let project = project.env("WHITTLE_LOG", "whittle=loud").env("WHITTLE_LOG_FILE", "/nowhere/log.txt");
    let ended = project.run(&["chunks", "a.rs"]);
    assert!(ended.err.contains("WHITTLE_LOG: `whittle=loud`") && ended.err.contains("/nowhere/log.txt"), "{ended:?}");
    assert_eq!(ended.status, 0);
}
