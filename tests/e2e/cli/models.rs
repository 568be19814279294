//! Commands that ask a model over the network.

use super::*;
use crate::wire::server::{Reply, Server};
use serde_json::json;

/// An Ollama that has two models and answers every question.
pub(in crate::e2e) fn ollama() -> Server {
    Server::choose(|request, _| match request.path.as_str() {
        "/api/tags" => Reply::json(
            200,
            &json!({"models": [
            {"name": "llama3.2:3b", "size": 2}, {"name": "qwen2.5-coder:7b", "size": 5}]}),
        ),
        "/api/chat" => Reply::json(200, &json!({"message": {"content": "It waits."}, "done": true})),
        path => Reply::body(404, "text/plain", path),
    })
}

#[test]
fn ollama_needs_no_settings() {
    let server = ollama();
    let project = Project::example().env("OLLAMA_HOST", server.origin());
    let asked = || {
        let requests = server.requests();
        let last = requests.last().unwrap();
        (last.path.clone(), last.body["model"].clone())
    };
    assert_eq!(project.json(&["explain", "src/lib.rs", "--model", "ollama"])["markdown"], "It waits.");
    assert_eq!(asked(), ("/api/chat".to_owned(), "qwen2.5-coder:7b".into()));
    // by default nothing is asked, and nobody is told where nobody watches
    let doctor = project.prints(&["doctor"]);
    assert!(doctor.contains("explain   offline (no model is configured)"), "{doctor}");
    assert!(doctor.contains("`whittle models use ollama` lets Whittle use qwen2.5-coder:7b"), "{doctor}");
    let before = server.requests().len();
    project.prints(&["explain", "src/lib.rs"]);
    assert_eq!(server.requests().len(), before);

    project.prints(&["models", "use", "ollama"]);
    assert_eq!(project.json(&["explain", "src/lib.rs"])["markdown"], "It waits.");
    let doctor = project.prints(&["doctor"]);
    assert!(doctor.contains("explain   ollama (it was found, and you agreed to use it)"), "{doctor}");
    project.prints(&["models", "use", "offline"]);
    assert_ne!(project.json(&["explain", "src/lib.rs"])["markdown"], "It waits.");
    let doctor = project.prints(&["doctor"]);
    assert!(doctor.contains("You said no to models that are found; `whittle models use ollama`"), "{doctor}");
}

#[test]
fn what_needs_no_settings_gives_way_to_what_has_them() {
    let server = Server::script([Reply::chat(&["It waits."])]);
    let project = with_model(
        &server,
        "provider = 'openai'
",
    )
    .env("ANTHROPIC_API_KEY", "sk-very-secret");
    project.prints(&["models", "use", "anthropic"]);
    assert_eq!(project.json(&["explain", "src/lib.rs"])["markdown"], "It waits.");
    let operations = project.json(&["doctor"])["operations"].clone();
    assert!(operations[0]["why"].as_str().unwrap().ends_with("config.toml:1; no route is set"), "{operations}");
    let project = Project::example();
    assert!(project.fails(&["explain", "src/lib.rs", "--model", "gemini"]).contains("GEMINI_API_KEY"));
    assert!(project.fails(&["explain", "src/lib.rs", "--model", "gemni"]).contains("did you mean `gemini`?"));
    assert!(project.fails(&["explain", "src/lib.rs", "--model", "ollama"]).contains("`ollama pull qwen3-coder`"));
    assert!(project.fails(&["models", "use", "groq"]).contains("`groq` needs settings"));
}

#[test]
fn models_are_checked_all_at_once() {
    let server = Server::choose(|request, _| match request.header("authorization") {
        Some("Bearer sk-very-secret") => Reply::chat(&["ok"]).after(std::time::Duration::from_millis(400)),
        _ => Reply::json(401, &json!({"error": {"message": "who are you?"}})),
    });
    let model = |name: &str, rest: &str| {
        format!("[models.{name}]\nprovider = 'openai'\nmodel = 'm'\nbase_url = '{}'\n{rest}\n", server.origin())
    };
    let project = Project::example().env("MY_KEY", "sk-very-secret");
    let key = "key_env = 'MY_KEY'";
    project.user_settings(&[model("good", key), model("bad", ""), model("fine", key)].concat());
    let ended = project.run(&["models", "check", "--json"]);
    assert_eq!(ended.status, 1, "{ended:?}");
    assert!(ended.err.contains("3 models are asked one short question each, which costs a few tokens"), "{ended:?}");
    let json: Value = serde_json::from_str(&ended.out).unwrap();
    let models: Vec<_> =
        json["models"].as_array().unwrap().iter().map(|row| (row["model"].as_str().unwrap(), row)).collect();
    let [("bad", bad), ("fine", _), ("good", good)] = models.as_slice() else { panic!("{json}") };
    assert_eq!((&good["ok"], &good["input_tokens"], &good["output_tokens"]), (&true.into(), &7.into(), &3.into()));
    assert!(good["first_ms"].as_u64().unwrap() >= 400 && good["total_ms"].as_u64() >= good["first_ms"].as_u64());
    assert!(bad["problem"].as_str().unwrap().contains("key_env in [models.bad]"), "{bad}");
    // two that wait 400 ms each
    assert!(
        server
            .requests()
            .iter()
            .all(|request| request.at - server.requests()[0].at < std::time::Duration::from_millis(350))
    );

    let ended = project.run(&["models", "check", "good"]);
    assert_eq!(ended.status, 0, "{ended:?}");
    assert!(ended.out.starts_with("good  ok") && ended.out.contains("7 + 3 tokens"), "{ended:?}");
    assert!(project.fails(&["models", "check", "nobody"]).contains("nobody"), "{ended:?}");
    assert!(Project::example().fails(&["models", "check"]).contains("no model is configured"));
}

/// The example, with `big` at `server` as its only model.
fn with_model(server: &Server, settings: &str) -> Project {
    let project = Project::example();
    let base_url = server.origin();
    project.user_settings(&format!("[models.big]\nbase_url = '{base_url}'\nmodel = 'test'\n{settings}"));
    project
}

const TOO_LONG: &str = "This model's maximum context length is 900 tokens. However, you requested 1234 tokens.";

#[test]
fn a_prompt_that_is_too_long_is_cut_once_and_the_user_is_told() {
    let too_long = || Reply::json(400, &json!({"error": {"message": TOO_LONG}}));
    let target = format!("src/schedule.rs:{}", line_of("src/schedule.rs", "self.attempts_left -= 1"));

    let server = Server::script([too_long(), Reply::chat(&["It waits."])]);
    let project = with_model(&server, "provider = 'openai'\n");
    let explained = project.run(&["explain", &target]);
    assert_eq!(explained.status, 0, "{explained:?}");
    assert!(explained.out.contains("It waits."), "{explained:?}");
    let note = "the prompt was too long for big, so its context was cut to ";
    assert!(explained.out.replace('\n', " ").contains(note), "{explained:?}");
    let lengths: Vec<usize> = server.requests().iter().map(|request| request.body.to_string().len()).collect();
    let [first, second] = lengths.as_slice() else { panic!("{lengths:?}") };
    assert!(second < first, "{lengths:?}");

    let server = Server::script([too_long()]);
    let error = with_model(&server, "provider = 'openai'\n").fails(&["explain", &target]);
    assert!(error.contains("The prompt is too long for big (at most 900 tokens)"), "{error}");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn every_provider_is_set_up_with_three_lines() {
    let sse = |data: serde_json::Value| format!("data: {data}\n\n");
    let answers = [
        ("openai", Reply::chat(&["It waits."])),
        (
            "openai-responses",
            Reply::new(200, "text/event-stream").send(sse(json!({"type": "response.completed", "response": {
                "status": "completed",
                "output": [{"type": "message", "content": [{"type": "output_text", "text": "It waits."}]}],
            }}))),
        ),
        (
            "anthropic",
            Reply::json(200, &json!({"content": [{"type": "text", "text": "It waits."}], "stop_reason": "end_turn"})),
        ),
        (
            "gemini",
            Reply::new(200, "text/event-stream").send(sse(json!({"candidates": [
                {"content": {"parts": [{"text": "It waits."}]}, "finishReason": "STOP"}]}))),
        ),
        ("ollama", Reply::json(200, &json!({"message": {"content": "It waits."}, "done": true}))),
    ];
    for (provider, answer) in answers {
        let server = Server::script([answer]);
        let project = with_model(&server, &format!("provider = '{provider}'\n"));
        let explained = project.json(&["explain", "src/lib.rs"]);
        assert_eq!(explained["markdown"], "It waits.", "{provider}: {explained}");
    }
}
