//! OpenAI chat completions, as OpenAI and every server compatible with it speak them.

use serde_json::{Value, json};

use super::client::Wire;
use super::draft::{Draft, Finish};
use super::error::Error;
use super::json::Json;
use super::report::{Failure, Report};
use super::{Stop, cache_key, turns};
use crate::config::{Effort, ModelSettings, Quirk};
use crate::prompt::Request;

/// Where requests go.
pub(super) const PATH: &[&str] = &["chat", "completions"];

/// The protocol.
pub(super) struct OpenAi {
    pub(super) settings: ModelSettings,
}

impl Wire for OpenAi {
    const WHOLE: &'static str = "a chat completion";

    fn body(&self, request: &Request) -> Result<Value, Error> {
        let settings = &self.settings;
        let has = |quirk| settings.provider.has(quirk);
        let mut messages = Vec::new();
        if !request.system.is_empty() {
            messages.push(json!({"role": "system", "content": request.system}));
        }
        messages.push(json!({"role": "user", "content": request.user_text()}));
        messages.extend(turns(request));
        let mut body = json!({"model": settings.model, "messages": messages, "stream": true});
        if !has(Quirk::NoStreamOptions) {
            body["stream_options"] = json!({"include_usage": true});
        }
        if settings.prompt_cache && !has(Quirk::NoCacheKey) {
            body["prompt_cache_key"] = json!(cache_key(request));
        }
        if let Some(tokens) = settings.max_output_tokens {
            let key = if has(Quirk::MaxTokens) { "max_tokens" } else { "max_completion_tokens" };
            body[key] = json!(tokens);
        }
        if let Some(effort) = settings.effort {
            body["reasoning_effort"] = json!(effort.min(Effort::Xhigh).name());
        }
        if let Some(temperature) = settings.temperature {
            body["temperature"] = json!(temperature);
        }
        if let Some(schema) = &request.schema {
            let schema = json!({"name": schema.name, "schema": schema.schema, "strict": true});
            body["response_format"] = json!({"type": "json_schema", "json_schema": schema});
        }
        Ok(body)
    }

    fn event(&self, event: &Json<'_>, draft: &mut Draft<'_>) -> Result<(), Failure> {
        read_usage(&event["usage"], draft);
        if let Some(choice) = first_choice(event) {
            read_message(&choice["delta"], draft)?;
            read_finish(&choice["finish_reason"], draft)?;
        }
        Ok(())
    }

    fn whole(&self, answer: &Json<'_>, draft: &mut Draft<'_>) -> Result<bool, Failure> {
        read_usage(&answer["usage"], draft);
        let Some(choice) = first_choice(answer).filter(|choice| choice["message"].is_table()) else {
            return Ok(false);
        };
        read_message(&choice["message"], draft)?;
        // The object is complete, and so is the answer, whether the server says so or not.
        draft.finish(Finish::Stop(Stop::End));
        read_finish(&choice["finish_reason"], draft)?;
        Ok(true)
    }
}

/// The choice that was asked for; servers may number more.
fn first_choice<'a, 'b>(value: &'b Json<'a>) -> Option<&'b Json<'a>> {
    value["choices"].items().iter().find(|choice| choice["index"].as_u64().unwrap_or(0) == 0)
}

/// Reads a message or a part of one.
fn read_message(message: &Json<'_>, draft: &mut Draft<'_>) -> Result<(), Failure> {
    for key in ["reasoning_content", "reasoning"] {
        if let Some(text) = message[key].as_str().filter(|text| !text.is_empty()) {
            draft.reasoning(text)?;
            break; // some servers send both, with the same text
        }
    }
    if let Some(text) = message["refusal"].as_str() {
        draft.refusal(text)?;
    }
    match &message["content"] {
        Json::Text(text) => draft.text(text)?,
        // Some servers send a list of parts.
        Json::List(parts) => {
            for part in parts {
                if let Some(text) = part["text"].as_str() {
                    draft.text(text)?;
                }
                // Mistral's reasoning is a list of parts in a part.
                for thought in part["thinking"].items() {
                    draft.reasoning(thought["text"].as_str().unwrap_or_default())?;
                }
            }
        }
        _ => {}
    }
    Ok(())
}

fn read_finish(reason: &Json<'_>, draft: &mut Draft<'_>) -> Result<(), Failure> {
    let Some(reason) = reason.as_str() else { return Ok(()) };
    draft.finish(match reason.to_ascii_lowercase().as_str() {
        "" => return Ok(()),
        "stop" | "eos" | "eos_token" | "end_turn" => Finish::Stop(Stop::End),
        "stop_sequence" => Finish::Stop(Stop::Sequence),
        "length" | "max_tokens" | "model_length" => Finish::Length,
        "content_filter" | "safety" => Finish::Filter(String::new()),
        "refusal" => Finish::Refusal(String::new()),
        "tool_calls" | "function_call" => Finish::Tool,
        "error" => return Err(draft.failed(Report::default())),
        "abort" | "insufficient_system_resource" => return Err(draft.truncated().into()),
        _ => return Err(draft.nonsense("a finish reason that is not known").into()),
    });
    Ok(())
}

fn read_usage(usage: &Json<'_>, draft: &mut Draft<'_>) {
    let (input, output) = (usage["prompt_tokens"].as_u64(), usage["completion_tokens"].as_u64());
    if input.is_some() || output.is_some() {
        let told = draft.usage();
        told.input = input.unwrap_or(0);
        told.output = output.unwrap_or(0);
        told.cache_read = usage["prompt_tokens_details"]["cached_tokens"].as_u64().unwrap_or(0);
        told.reasoning = usage["completion_tokens_details"]["reasoning_tokens"].as_u64().unwrap_or(0);
    }
}
