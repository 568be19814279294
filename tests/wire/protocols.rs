//! All protocols alike: the same answer decodes to the same text however its bytes come, and what is not a whole answer
//! is an error of its own kind.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use whittle_lsp::config::{ModelSettings, Price, ProviderRow};
use whittle_lsp::models::{Answer, Delta, Error, Stop, Usage};

use super::asking::{TRUNCATED, ask, patient, provider, request};
use super::server::{Reply, Server, Step};

/// Why a model stops.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Stop,
    Sequence,
    Length,
    Window,
    Filter,
    Refusal,
    Tool,
    /// The protocol's events without a finish.
    Nothing,
}

/// A protocol as a server speaks it.
struct Speech {
    provider: &'static str,
    thought: fn(&str) -> Value,
    text: fn(&str) -> Value,
    /// What comes after the text; `None`: the protocol has no such end.
    end: fn(End) -> Option<Vec<Value>>,
    /// An error in the midst of an answer, as bytes.
    error: &'static str,
}

const SPEECHES: [Speech; 5] = [
    Speech {
        provider: "openai",
        thought: |thought| json!({"choices": [{"index": 0, "delta": {"reasoning_content": thought}}]}),
        text: |text| json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]}),
        end: |end| {
            let reason = match end {
                End::Stop | End::Sequence => "stop",
                End::Length => "length",
                End::Filter => "content_filter",
                End::Tool => "tool_calls",
                End::Nothing => return Some(vec![json!("[DONE]")]),
                End::Window | End::Refusal => return None,
            };
            let usage = json!({"prompt_tokens": 11, "completion_tokens": 7,
                "prompt_tokens_details": {"cached_tokens": 4}, "completion_tokens_details": {"reasoning_tokens": 2}});
            let finish = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]});
            Some(vec![finish, json!({"choices": [], "usage": usage}), json!("[DONE]")])
        },
        error: "data: {\"error\":{\"message\":\"broken\",\"type\":\"server_error\"}}\n\n",
    },
    Speech {
        provider: "openai-responses",
        thought: |thought| json!({"type": "response.reasoning_summary_text.delta", "delta": thought}),
        text: |text| json!({"type": "response.output_text.delta", "delta": text, "sequence_number": 4}),
        end: |end| {
            let (kind, mut response) = match end {
                End::Stop => ("response.completed", json!({"status": "completed"})),
                End::Length | End::Filter => {
                    let reason = if end == End::Length { "max_output_tokens" } else { "content_filter" };
                    let details = json!({"status": "incomplete", "incomplete_details": {"reason": reason}});
                    ("response.incomplete", details)
                }
                End::Refusal => {
                    let refusal = json!({"type": "response.refusal.delta", "delta": "No."});
                    let done = json!({"type": "response.completed", "response": {"status": "completed"}});
                    return Some(vec![refusal, done]);
                }
                End::Nothing => return Some(vec![json!({"type": "response.output_item.done"})]),
                End::Sequence | End::Window | End::Tool => return None,
            };
            response["usage"] = json!({"input_tokens": 11, "output_tokens": 7,
                "input_tokens_details": {"cached_tokens": 4}, "output_tokens_details": {"reasoning_tokens": 2}});
            Some(vec![json!({"type": kind, "response": response})])
        },
        error: "event: error\ndata: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"broken\",\"sequence_number\":5}\n\n",
    },
    Speech {
        provider: "anthropic",
        thought: |thought| json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": thought}}),
        text: |text| json!({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": text}}),
        end: |end| {
            let reason = match end {
                End::Stop => "end_turn",
                End::Sequence => "stop_sequence",
                End::Length => "max_tokens",
                End::Window => "model_context_window_exceeded",
                End::Refusal => "refusal",
                End::Tool => "tool_use",
                End::Nothing => return Some(vec![json!({"type": "message_stop"})]),
                End::Filter => return None,
            };
            let usage = json!({"input_tokens": 7, "cache_read_input_tokens": 4, "output_tokens": 7});
            Some(vec![
                json!({"type": "content_block_stop", "index": 1}),
                json!({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage}),
                json!({"type": "message_stop"}),
            ])
        },
        error: "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"broken\"}}\n\n",
    },
    Speech {
        provider: "gemini",
        thought: |thought| json!({"candidates": [{"content": {"parts": [{"text": thought, "thought": true}]}}]}),
        text: |text| json!({"candidates": [{"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}]}),
        end: |end| {
            let reason = match end {
                End::Stop => "STOP",
                End::Length => "MAX_TOKENS",
                End::Filter => "SAFETY",
                End::Tool => "FUNCTION_CALL",
                End::Nothing => return Some(vec![json!({"usageMetadata": {}})]),
                End::Sequence | End::Window | End::Refusal => return None,
            };
            let usage = json!({"promptTokenCount": 11, "candidatesTokenCount": 5, "thoughtsTokenCount": 2,
                "cachedContentTokenCount": 4});
            Some(vec![json!({"candidates": [{"finishReason": reason}], "usageMetadata": usage})])
        },
        error: "[{\n  \"error\": {\n    \"code\": 503,\n    \"message\": \"broken\",\n    \"status\": \"UNAVAILABLE\"\n  }\n}]\n",
    },
    Speech {
        provider: "ollama",
        thought: |thought| json!({"message": {"role": "assistant", "content": "", "thinking": thought}, "done": false}),
        text: |text| json!({"message": {"role": "assistant", "content": text}, "done": false}),
        end: |end| {
            let reason = match end {
                End::Stop => "stop",
                End::Length => "length",
                End::Nothing => return Some(vec![json!({"message": {"content": ""}, "done": false})]),
                End::Sequence | End::Window | End::Filter | End::Refusal | End::Tool => return None,
            };
            Some(vec![json!({"message": {"content": ""}, "done": true, "done_reason": reason,
                "prompt_eval_count": 11, "eval_count": 7})])
        },
        error: "{\"error\":\"broken\"}\n",
    },
];

const TEXT: [&str; 4] = ["Größe: ", "🦀\u{2028}\u{2029}\u{85}", "\"a\\b\"\r\n\t", " end"];
const THOUGHT: &str = "hm 🤔";

impl Speech {
    fn settings(&self, server: &Server) -> ModelSettings {
        let base_url = if self.provider.starts_with("openai") { server.base_url() } else { server.origin() };
        ModelSettings {
            provider: ProviderRow::named(self.provider).unwrap(),
            max_retry_wait: Duration::from_millis(1), // what fails is not asked again
            ..patient(&base_url)
        }
    }

    /// An event as it stands on the wire.
    fn event(&self, value: &Value) -> String {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match self.provider {
            "ollama" => format!("{text}\n"),
            "anthropic" | "openai-responses" => {
                format!("event: {}\ndata: {text}\n\n", value["type"].as_str().unwrap())
            }
            _ => format!("data: {text}\n\n"),
        }
    }

    /// A whole stream.
    fn stream(&self, end: End) -> Option<String> {
        let mut events = Vec::new();
        if self.provider == "anthropic" {
            let usage = json!({"input_tokens": 7, "cache_read_input_tokens": 4, "output_tokens": 1});
            events.push(json!({"type": "message_start", "message": {"usage": usage}}));
            events.push(json!({"type": "ping"}));
        }
        events.push((self.thought)(THOUGHT));
        events.extend(TEXT.map(|text| (self.text)(text)));
        events.extend((self.end)(end)?);
        Some(events.iter().map(|event| self.event(event)).collect())
    }

    fn reply(stream: &str) -> Reply {
        Reply::new(200, "text/event-stream").send(stream)
    }

    /// A reply → a whole answer.
    async fn check(&self, reply: Reply, wanted: &str) {
        let server = Server::script([reply]);
        let (result, text, reasoning) = ask(&self.settings(&server)).await;
        let answer = result.unwrap_or_else(|error| panic!("{}: {error}", self.provider));
        assert_eq!((answer.text.as_str(), text.as_str()), (wanted, wanted), "{}", self.provider);
        assert_eq!((answer.reasoning.as_str(), reasoning.as_str()), (THOUGHT, THOUGHT), "{}", self.provider);
    }

    /// A reply → the error.
    async fn error(&self, reply: Reply) -> Error {
        let server = Server::script([reply]);
        match ask(&self.settings(&server)).await.0 {
            Ok(answer) => panic!("{}: {answer:?}", self.provider),
            Err(error) => error,
        }
    }
}

#[tokio::test]
async fn all_protocols_give_the_same_answer() {
    for speech in &SPEECHES {
        let server = Server::script([Speech::reply(&speech.stream(End::Stop).unwrap())]);
        let (result, ..) = ask(&speech.settings(&server)).await;
        let answer = result.unwrap();
        let mut usage = Usage { input: 11, output: 7, cache_read: 4, cache_written: 0, reasoning: 2 };
        match speech.provider {
            "anthropic" => usage.reasoning = 0,
            "ollama" => (usage.cache_read, usage.reasoning) = (0, 0),
            _ => {}
        }
        let wanted = Answer {
            text: TEXT.concat(),
            reasoning: THOUGHT.to_owned(),
            model: "big".to_owned(),
            usage: Some(usage),
            cost: None,
            cached: false,
            stop: Stop::End,
        };
        assert_eq!(answer, wanted, "{}", speech.provider);
    }
}

#[tokio::test]
async fn an_answer_is_read_however_its_bytes_come() {
    let whole = TEXT.concat();
    for speech in &SPEECHES {
        let stream = speech.stream(End::Stop).unwrap();
        speech.check(Speech::reply(&stream).bytewise(), &whole).await;
        for size in [2, 7, 64, 1 << 20] {
            speech.check(Speech::reply(&stream).in_pieces(size), &whole).await;
        }
        for end in ["\r\n", "\r"] {
            speech.check(Speech::reply(&stream).line_ends(end), &whole).await;
            speech.check(Speech::reply(&stream).line_ends(end).bytewise(), &whole).await;
        }
        speech.check(Speech::reply(&format!("\u{feff}{stream}")).bytewise(), &whole).await;
        // The last line end is missing.
        speech.check(Speech::reply(stream.trim_end()), &whole).await;
        if speech.provider != "ollama" {
            let odd = format!(": hello\n\n{stream}").replace("data: ", "data:").replace("\n\n", "\n\n:\n\nid: 1\n\n");
            speech.check(Speech::reply(&odd).bytewise(), &whole).await;
            let unknown = format!("event: news\ndata: {{\"type\":\"news\"}}\n\nevent: ping\ndata: now\n\n{stream}");
            speech.check(Speech::reply(&unknown), &whole).await;
        }
        // Half a surrogate pair.
        let half = stream.replace(" end", "\\ud83d end");
        speech.check(Speech::reply(&half), &whole.replace(" end", "\u{fffd} end")).await;
    }
}

#[tokio::test]
async fn a_stream_that_is_cut_anywhere_is_an_error_or_whole() {
    for speech in &SPEECHES {
        let stream = speech.stream(End::Stop).unwrap();
        for cut in (0..stream.len()).step_by(5) {
            let part = &stream.as_bytes()[..cut];
            for step in [None, Some(Step::Drop)] {
                let mut reply = Reply::new(200, "text/event-stream").send(part);
                reply = step.into_iter().fold(reply, Reply::then);
                let server = Server::script([reply]);
                match ask(&speech.settings(&server)).await.0 {
                    Ok(answer) => assert_eq!(answer.text, TEXT.concat(), "{} cut at {cut}", speech.provider),
                    Err(error) => assert_eq!(error.to_string(), TRUNCATED, "{} cut at {cut}", speech.provider),
                }
            }
        }
        let error = speech.error(Speech::reply(&speech.stream(End::Nothing).unwrap())).await;
        assert_eq!(error.to_string(), TRUNCATED, "{}", speech.provider);
    }
}

#[tokio::test]
async fn what_is_not_an_answer_is_an_error_of_its_own_kind() {
    for speech in &SPEECHES {
        for end in [End::Length, End::Window, End::Filter, End::Refusal, End::Tool] {
            let Some(stream) = speech.stream(end) else { continue };
            let error = speech.error(Speech::reply(&stream)).await;
            let right = match end {
                End::Length => matches!(error, Error::LengthStop { .. }),
                End::Window => matches!(error, Error::ContextTooLong { .. }),
                End::Filter => matches!(error, Error::Filtered { .. }),
                End::Refusal => matches!(error, Error::Refused { .. }),
                _ => matches!(error, Error::NotUnderstood { .. }),
            };
            assert!(right, "{} with {end:?}: {error:?}", speech.provider);
        }
        let stream = speech.stream(End::Stop).unwrap();
        let middle = stream.find("end").map(|at| stream[..at].rfind("\n\n").map_or(0, |at| at + 2)).unwrap();
        let (before, after) = match speech.provider {
            "ollama" => stream.split_at(stream.find("\n").unwrap() + 1),
            _ => stream.split_at(middle),
        };
        let broken = format!("{before}{}{after}", speech.error);
        for reply in [Speech::reply(&broken), Speech::reply(&broken).bytewise()] {
            let error = speech.error(reply).await;
            assert!(matches!(error, Error::Server { .. }), "{}: {error:?}", speech.provider);
            assert!(error.to_string().contains("broken"), "{error}");
        }
        // The same as the only answer, under a status of success.
        let error = speech.error(Speech::reply(speech.error)).await;
        assert!(error.to_string().contains("broken"), "{}: {error}", speech.provider);
    }
}

#[tokio::test]
async fn a_pair_of_surrogates_may_come_in_two_events() {
    for speech in &SPEECHES {
        let stream = speech.stream(End::Stop).unwrap();
        let (first, second) = (speech.event(&(speech.text)("FIRST")), speech.event(&(speech.text)("SECOND")));
        let end = speech.event(&(speech.text)(TEXT[3]));
        let split = stream.replace(&end, &(first + &second + &end));
        let split = split.replace("FIRST", "\\ud83e").replace("SECOND", "\\udd80");
        speech.check(Speech::reply(&split), &TEXT.concat().replace(" end", "🦀 end")).await;
    }
}

#[tokio::test]
async fn a_stop_sequence_is_told_from_the_end() {
    let anthropic = &SPEECHES[2];
    let server = Server::script([Speech::reply(&anthropic.stream(End::Sequence).unwrap())]);
    assert_eq!(ask(&anthropic.settings(&server)).await.0.unwrap().stop, Stop::Sequence);
}

#[tokio::test]
async fn a_blocked_prompt_is_said_to_be_blocked() {
    let gemini = &SPEECHES[3];
    let error = gemini.error(Speech::reply("data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}\n\n")).await;
    let wanted =
        "The content filter of big stopped the answer: SAFETY. Word the request differently, or use another model.";
    assert_eq!(error.to_string(), wanted);
}

#[tokio::test]
async fn servers_that_do_not_stream_are_understood() {
    let text = "whole";
    for (speech, answer) in SPEECHES.iter().zip([
        json!({"choices": [{"message": {"reasoning_content": THOUGHT, "content": text}, "finish_reason": "stop"}]}),
        json!({"object": "response", "status": "completed", "error": null, "output": [
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": THOUGHT}]},
            {"type": "message", "content": [{"type": "output_text", "text": text}]}]}),
        json!({"type": "message", "stop_reason": "end_turn",
            "content": [{"type": "thinking", "thinking": THOUGHT}, {"type": "text", "text": text}]}),
        json!([
            {"candidates": [{"content": {"parts": [{"text": THOUGHT, "thought": true}]}}]},
            {"candidates": [{"content": {"parts": [{"text": text}]}, "finishReason": "STOP"}]}]),
        json!({"message": {"content": text, "thinking": THOUGHT}, "done": true}),
    ]) {
        speech.check(Reply::json(200, &answer), text).await;
    }
}

#[tokio::test]
async fn dropping_a_request_hangs_up_at_once() {
    for speech in &SPEECHES {
        let half = speech.event(&(speech.text)("half"));
        let mut fastest = Duration::MAX;
        // the machine may be busy with other tests: one time of five counts
        for _ in 0..5 {
            let server = Server::script([Speech::reply(&half).then(Step::Stall)]);
            let provider = provider(&speech.settings(&server));
            let request = request();
            let came = tokio::sync::Notify::new();
            let mut watch = |_: Delta<'_>| came.notify_one();
            tokio::select! {
                result = provider.ask(&request, &mut watch) => panic!("{result:?}"),
                () = came.notified() => {}
            }
            let dropped = Instant::now();
            server.hung_up().await;
            fastest = fastest.min(dropped.elapsed());
            if fastest < Duration::from_millis(100) {
                break;
            }
        }
        assert!(fastest < Duration::from_millis(100), "{}: {fastest:?}", speech.provider);
    }
}

#[tokio::test]
async fn usage_tells_the_cost_and_corrects_the_factor() {
    let anthropic = &SPEECHES[2];
    let server = Server::script([Speech::reply(
        &anthropic.stream(End::Stop).unwrap().replace("\"input_tokens\":7", "\"input_tokens\":2996"),
    )]);
    let price = Price { input: 1.0, output: 10.0, cache_read: Some(0.5), cache_written: None };
    let model = provider(&ModelSettings {
        price: Some(price),
        model: "claude-haiku-4-5".to_owned(),
        ..anthropic.settings(&server)
    });
    assert_eq!(model.token_factor(), 1.35);
    let request = whittle_lsp::prompt::Request { shared: "one two three four ".repeat(250), ..request() }; // 1000 tokens
    let answer = model.ask(&request, &mut |_| {}).await.unwrap();
    // 2996 tokens in full, 4 from the cache, 7 written
    assert!((answer.cost.unwrap() - (2996.0 + 2.0 + 70.0) / 1e6).abs() < 1e-9, "{answer:?}");
    assert!(model.token_factor() > 1.7 && model.token_factor() < 1.9, "{}", model.token_factor());
}

#[tokio::test]
async fn many_answers_at_once_lose_nothing() {
    let speech = &SPEECHES[0];
    let server = Server::choose(|_, number| {
        let texts = (0..40).map(|part| (speech.text)(&format!("{number}.{part} ")));
        let events = texts.chain((speech.end)(End::Stop).unwrap());
        Speech::reply(&events.map(|event| speech.event(&event)).collect::<String>()).in_pieces(300)
    });
    let provider: std::sync::Arc<dyn whittle_lsp::models::Provider> = provider(&speech.settings(&server)).into();
    let request = std::sync::Arc::new(request());
    let asking: Vec<_> = (0..150)
        .map(|_| {
            let (provider, request) = (provider.clone(), request.clone());
            tokio::spawn(async move { provider.ask(&request, &mut |_| {}).await.unwrap().text })
        })
        .collect();
    let mut numbers = Vec::new();
    for one in asking {
        let text = one.await.unwrap();
        let number = text.split('.').next().unwrap().to_owned();
        let wanted: String = (0..40).map(|part| format!("{number}.{part} ")).collect();
        assert_eq!(text, wanted);
        numbers.push(number);
    }
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 150);
}
