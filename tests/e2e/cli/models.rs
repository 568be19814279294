//! Commands that ask a model over the network.

use super::*;
use crate::wire::server::{Reply, Server};
use serde_json::json;

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
