//! What models are asked is limited, recorded and kept, over all runs of the program.

use super::*;
use crate::wire::server::{Reply, Server, delta, finish};
use serde_json::json;

/// An answer for which the provider counted 1000 tokens of prompt and 100 of answer.
fn answer(text: &str) -> Reply {
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 1000, "completion_tokens": 100}});
    Reply::stream([delta(&json!({"content": text})), finish("stop"), usage.to_string(), "[DONE]".to_owned()])
}

/// The example, with `big` at `server`, at a dollar a thousand tokens.
fn project(server: &Server, more: &str) -> Project {
    let project = Project::example().env("WHITTLE_CACHE_ANSWERS", true);
    let price = "price = { input = 1000, output = 1000 }";
    let big = format!("[models.big]\nprovider = 'openai'\nbase_url = '{}'\nmodel = 'test'\n{price}", server.base_url());
    project.user_settings(&format!("{big}\n{more}"));
    project
}

const EXPLAIN: [&str; 2] = ["explain", "src/lib.rs"];

#[test]
fn the_same_question_is_answered_from_the_cache() {
    let server = Server::script([answer("One."), answer("Two."), answer("Three.")]);
    let project = project(&server, "");
    let ask = |more: &[&str]| {
        let json = project.json(&[&EXPLAIN, more].concat());
        (json["markdown"].as_str().unwrap().to_owned(), json["cached"].as_bool().unwrap(), json)
    };
    let (text, cached, json) = ask(&[]);
    assert_eq!((text.as_str(), cached), ("One.", false));
    assert_eq!(
        json["usage"],
        json!({"input": 1000, "output": 100, "cache_read": 0, "cache_written": 0, "reasoning": 0})
    );
    assert_eq!(json["cost"], 1.1);
    assert!(json["estimated_cost"].as_f64().unwrap() > 0.5, "{json}");
    let (text, cached, json) = ask(&[]);
    assert_eq!((text.as_str(), cached, &json["usage"], &json["cost"]), ("One.", true, &Value::Null, &json!(0.0)));
    let (text, cached, _) = ask(&["--no-cache"]);
    assert_eq!((text.as_str(), cached), ("Two.", false));
    assert_eq!(ask(&[]).0, "Two.");
    assert_eq!(server.requests().len(), 2);

    let model = &project.json(&["models"])["models"][0];
    assert_eq!((&model["today"]["asks"], &model["today"]["cached"]), (&json!(2), &json!(2)), "{model}");
    assert_eq!((&model["today"]["cost"], &model["cache_hit_ratio"]), (&json!(2.2), &json!(0.5)), "{model}");
    assert_eq!(model["state"]["word"], "ok");
    let project = project.env("WHITTLE_CACHE_ANSWERS", false);
    assert_eq!(project.json(&EXPLAIN)["markdown"], "Three.");
}

#[test]
fn an_answer_of_no_use_is_not_given_again() {
    const NEW: &str = "<replace id=\"c1\">\nfn one() {}\n</replace>\n";
    let server = Server::script([answer("I would rather not."), answer(NEW)]);
    let project = Project::of("a.rs", "fn one() {\n    two();\n}\n").env("WHITTLE_CACHE_ANSWERS", true);
    project.user_settings(&format!(
        "edits.repair_attempts = 0\n[models.big]\nprovider = 'openai'\nbase_url = '{}'\nmodel = 'm'",
        server.base_url()
    ));
    assert!(project.fails(&["refactor", "a.rs:1"]).contains("I would rather not."));
    let diff = project.prints(&["refactor", "a.rs:1"]);
    assert!(diff.contains("-    two();"), "{diff}");
    // what was shown is what is written
    assert_eq!(project.json(&["refactor", "a.rs:1", "--apply"])["cached"], true);
    assert_eq!(project.text("a.rs"), "fn one() {}\n");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn money_is_limited_over_all_runs() {
    let server = Server::script([answer("Yes.")]);
    let project = project(&server, "limits = { cost_per_day = 3.2 }");
    let ask = || project.run(&["explain", "src/lib.rs", "--no-cache"]);
    let done = [ask().status, ask().status];
    assert_eq!(done, [0, 0]);
    let refused = ask();
    assert_eq!(refused.status, 1, "{refused:?}");
    for part in ["big has cost $2.20 of the $3.20 that it may cost a day", "cost_per_day in [models.big]"] {
        assert!(refused.err.contains(part), "{refused:?}");
    }
    assert_eq!(server.requests().len(), 2);
    let shown = project.prints(&["models"]);
    assert!(shown.contains("$1.00 of $3.20 left today"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 100), "{shown}");
}

#[test]
fn a_limit_of_money_needs_a_price() {
    let project = Project::example();
    let big = "[models.big]\nprovider = 'openai'\nbase_url = 'https://localhost.example/v1'\nmodel = 'test'";
    project.user_settings(&format!("{big}\nkey_env = 'HOME'\nlimits = {{ cost_per_day = 1 }}"));
    let error = project.fails(&EXPLAIN);
    assert!(error.contains("limits.cost_per_day needs a price"), "{error}");
}

#[test]
fn how_a_model_counts_is_remembered() {
    let server = Server::script([answer("Yes.")]);
    let project = project(&server, "");
    let factor = || project.json(&["models"])["models"][0]["token_factor"].as_f64().unwrap();
    assert_eq!(factor(), 1.0);
    project.prints(&EXPLAIN);
    let learned = factor();
    assert!((0.8..2.0).contains(&learned) && learned != 1.0, "{learned}");
    project.prints(&["explain", "src/lib.rs", "--no-cache"]);
    assert_ne!(factor(), learned);
}

#[test]
fn the_ledger_holds_no_code_and_no_key_and_can_be_turned_off() {
    let server = Server::script([answer("A secret explanation.")]);
    let project = project(&server, "key_env = 'BIG_KEY'").env("BIG_KEY", "sk-very-secret");
    project.prints(&EXPLAIN);
    let folder = project.folder.path().join("home/state/whittle/usage");
    let [file] =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>().try_into().unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), 2, "its begin and its end");
    for word in ["sk-very-secret", "secret explanation", "parse_retry", "lib.rs", project.root().to_str().unwrap()] {
        assert!(!text.contains(word), "{word} is in {text}");
    }
    let project = project.env("WHITTLE_USAGE_KEEP", false);
    project.prints(&["explain", "src/lib.rs", "--no-cache"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}
