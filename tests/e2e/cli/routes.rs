//! Routes with several models: fail-over, and `--all`.

use super::*;
use crate::wire::server::{Reply, Server};
use serde_json::json;

const SOURCE: &str = "fn one(a: bool) {\n    if a {\n        go();\n    }\n}\n";
const CHANGED: &str =
    "<replace id=\"c1\">\nfn one(a: bool) {\n    if !a {\n        return;\n    }\n    go();\n}\n</replace>\n";

/// A project with models of these names, all of them elsewhere, in a route in this order.
fn project(servers: &[(&str, &Server)]) -> Project {
    let project = Project::of("a.rs", SOURCE);
    let model = |(name, server): &(&str, &Server)| {
        let address = server.base_url();
        format!("[models.{name}]\nprovider = 'openai'\nmodel = 'm'\nlocal = false\nbase_url = '{address}'\n")
    };
    let names: Vec<&str> = servers.iter().map(|(name, _)| *name).collect();
    let models: String = servers.iter().map(model).collect();
    project.user_settings(&format!("{models}[routes]\ndefault = {names:?}\n"));
    project
}

fn broken() -> Server {
    let reply = Reply::json(500, &json!({"error": {"message": "hiccup"}}));
    Server::script([reply.header("x-should-retry", "false")])
}

fn says(text: &'static str) -> Server {
    Server::script([Reply::chat(&[text])])
}

#[test]
fn the_next_model_of_the_route_answers_and_the_user_is_told() {
    let (big, small) = (broken(), says("It goes."));
    let project = project(&[("big", &big), ("small", &small)]);
    let told = "It goes.\n\n_Note: big failed (server error 500), so small answered._\n";
    assert_eq!(project.prints(&["explain", "a.rs:1"]), told);
    assert_eq!(project.json(&["explain", "a.rs:1"])["model"], "small");
}

#[test]
fn a_model_that_failed_three_commands_is_left_alone_by_the_next() {
    let (big, small) = (broken(), says("It goes."));
    let project = project(&[("big", &big), ("small", &small)]);
    for _ in 0..3 {
        project.prints(&["explain", "a.rs:1"]);
    }
    let out = project.prints(&["explain", "a.rs:1"]);
    assert!(out.ends_with("_Note: big is left alone (a server error), so small answered._\n"), "{out}");
    assert_eq!(big.requests().len(), 3);
    let models = project.prints(&["models"]);
    assert!(models.contains("left alone for "), "{models}");
    let json = project.json(&["models"]);
    assert!((1..=30).contains(&json["models"][0]["state"]["resting_for"].as_u64().unwrap()), "{json}");
}

#[test]
fn a_proposal_names_the_model_that_made_it() {
    let (big, small) = (broken(), says(CHANGED));
    let project = project(&[("big", &big), ("small", &small)]);
    let json = project.json(&["refactor", "a.rs:1"]);
    assert_eq!(json["model"], "small");
    assert_eq!(json["proposal"]["title"], "Refactor `one` (big failed (server error 500), so small answered)");
}

#[test]
fn when_no_model_answers_each_has_its_reason() {
    let (big, small) = (broken(), broken());
    let message = project(&[("big", &big), ("small", &small)]).fails(&["explain", "a.rs:1"]);
    assert!(message.starts_with("none of the route's models gave an answer. (1) big's server failed"), "{message}");
    assert!(message.contains(" (2) small's server failed (status 500): hiccup."), "{message}");
}

#[test]
fn each_model_is_shown_what_its_window_has_room_for() {
    let (big, small) = (broken(), says("It waits."));
    let project = Project::example();
    let model = |name: &str, server: &Server, window: u32| {
        let address = server.base_url();
        format!(
            "[models.{name}]\nprovider = 'openai'\nmodel = 'm'\nbase_url = '{address}'\ncontext_window = {window}\n"
        )
    };
    let models = model("big", &big, 100_000) + &model("small", &small, 1000);
    project.user_settings(&format!("{models}[routes]\ndefault = ['big', 'small']\n"));
    let target = format!("src/schedule.rs:{}", line_of("src/schedule.rs", "self.attempts_left -= 1"));
    project.prints(&["explain", &target]);
    let length = |server: &Server| server.requests()[0].body.to_string().len();
    assert!(length(&small) < length(&big), "{} {}", length(&small), length(&big));
}

#[test]
fn all_models_are_asked_and_one_that_fails_hides_no_other() {
    let (big, bad, small) = (says("It goes."), broken(), says("It runs."));
    let project = project(&[("big", &big), ("bad", &bad), ("small", &small)]);
    let out = project.prints(&["explain", "a.rs:1", "--all"]);
    let (first, rest) = out.split_once("\n\nIt goes.\n\nbad gave no answer\n\n").unwrap_or_else(|| panic!("{out}"));
    let (error, second) = rest.split_once("\n\nsmall · ").unwrap_or_else(|| panic!("{out}"));
    assert!(first.starts_with("big · ") && first.ends_with("s · 7 tokens read, 3 written"), "{out}");
    assert!(error.starts_with("bad's server failed (status 500)"), "{out}");
    assert!(second.ends_with("\n\nIt runs.\n"), "{out}");

    let json = project.json(&["explain", "a.rs:1", "--all", "--no-cache"]);
    let answers = json["answers"].as_array().unwrap();
    let models: Vec<&Value> = answers.iter().map(|answer| &answer["model"]).collect();
    assert_eq!(models, ["big", "bad", "small"]);
    assert_eq!(answers[0]["explanation"]["markdown"], "It goes.");
    assert_eq!(answers[0]["tokens"], json!([7, 3]));
    assert!(answers[0]["seconds"].is_number() && answers[0]["error"].is_null(), "{json}");
    assert!(answers[1]["error"].as_str().unwrap().contains("hiccup"), "{json}");
}

#[test]
fn all_proposals_are_shown_and_none_is_written() {
    let (big, small) = (says(CHANGED), says("no edit"));
    let project = project(&[("big", &big), ("small", &small)]);
    let out = project.prints(&["refactor", "a.rs:1", "--all"]);
    assert!(out.contains("\n\nRefactor `one` · big · parses\n\n--- a/a.rs\n+++ b/a.rs\n@@ "), "{out}");
    assert!(out.contains("\nsmall gave no answer\n\nsmall answered without an edit"), "{out}");
    let json = project.json(&["refactor", "a.rs:1", "--all"]);
    assert_eq!(json["answers"][0]["proposal"]["files"][0]["path"], "a.rs");
    for command in [["refactor", "a.rs:1", "--all", "--apply"], ["test", "a.rs:1", "--all", "--apply"]] {
        assert_eq!(project.run(&command).status, 2);
    }
    assert_eq!(project.text("a.rs"), SOURCE);
}

#[test]
fn all_models_failing_is_a_failure() {
    let (big, small) = (broken(), broken());
    let project = project(&[("big", &big), ("small", &small)]);
    for extra in [&[][..], &["--json"]] {
        let message = project.fails(&[&["explain", "a.rs:1", "--all"], extra].concat());
        assert!(message.contains("(1) big's server failed") && message.contains("(2) small's"), "{message}");
    }
}

#[test]
fn a_denied_file_is_left_to_the_offline_engine() {
    let big = says("It goes.");
    let project = project(&[("big", &big)]);
    let settings = "[policy]\ndeny = ['a.rs']\n";
    project.write("deny.toml", settings);
    let message = project.fails(&["explain", "a.rs:1", "--config", "deny.toml"]);
    assert!(message.contains("is not sent to big: only the offline engine may read it"), "{message}");
    project.write("deny.toml", format!("{settings}[routes]\ndefault = ['big', 'offline']\n"));
    let out = project.prints(&["explain", "a.rs:1", "--config", "deny.toml"]);
    assert!(out.ends_with("_Note: big failed (it may not be sent this file), so offline answered._\n"), "{out}");
    assert_eq!(big.requests().len(), 0);
}
