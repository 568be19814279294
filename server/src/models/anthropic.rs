//! Anthropic Messages.

use serde_json::{Value, json};

use super::client::Wire;
use super::draft::{Draft, Finish};
use super::error::Error;
use super::http::Auth;
use super::json::Json;
use super::report::Failure;
use super::{Stop, turns};
use crate::config::{Effort, ModelSettings};
use crate::prompt::Request;

/// Where requests go.
pub(super) const PATH: &[&str] = &["v1", "messages"];

/// The newest version of the API that is known to work here. It takes no sampling parameters.
pub(super) const VERSION: &str = "2026-10-21";

/// Tokens that an answer may take where nothing is configured: the protocol wants a number.
const OUTPUT_TOKENS: u32 = 16_384;

/// The protocol.
pub(super) struct Anthropic {
    pub(super) settings: ModelSettings,
}

/// How a version of the API wants the key.
pub(super) fn auth(version: &str) -> Auth {
    if version < "2026" { Auth::Header("x-api-key") } else { Auth::Bearer }
}

impl Anthropic {
    fn output_tokens(&self) -> u32 {
        let half = self.settings.context_window.map_or(OUTPUT_TOKENS, |window| window / 2);
        self.settings.max_output_tokens.unwrap_or(OUTPUT_TOKENS.min(half.max(1)))
    }
}

impl Wire for Anthropic {
    const WHOLE: &'static str = "a message";

    fn body(&self, request: &Request) -> Result<Value, Error> {
        let settings = &self.settings;
        let block = |text: &str| json!({"type": "text", "text": text});
        let marked = |text: &str| json!({"type": "text", "text": text, "cache_control": {"type": "ephemeral"}});
        let content = match (settings.prompt_cache, request.shared.as_str()) {
            (_, "") | (false, _) => json!(request.user_text()),
            (true, shared) => json!([marked(shared), block(&request.prompt)]),
        };
        let mut body = json!({
            "model": settings.model,
            "max_tokens": self.output_tokens(),
            "messages": [{"role": "user", "content": content}],
            "stream": true,
        });
        if let Some(messages) = body["messages"].as_array_mut() {
            messages.extend(turns(request));
        }
        if !request.system.is_empty() {
            let system = &request.system;
            body["system"] = if settings.prompt_cache { json!([marked(system)]) } else { json!(system) };
        }
        match settings.effort {
            None => {}
            Some(Effort::None) => body["thinking"] = json!({"type": "disabled"}),
            Some(effort) => body["output_config"]["effort"] = json!(effort.max(Effort::Low).name()),
        }
        if let Some(temperature) = settings.temperature {
            body["temperature"] = json!(temperature);
        }
        if let Some(schema) = &request.schema {
            body["output_config"]["format"] = json!({"type": "json_schema", "schema": schema.schema});
        }
        Ok(body)
    }

    fn event(&self, event: &Json<'_>, draft: &mut Draft<'_>) -> Result<(), Failure> {
        match event["type"].as_str().unwrap_or_default() {
            "message_start" => read_usage(&event["message"]["usage"], draft),
            "content_block_start" => read_block(&event["content_block"], draft)?,
            "content_block_delta" => {
                let delta = &event["delta"];
                match delta["type"].as_str().unwrap_or_default() {
                    "text_delta" => draft.text(delta["text"].as_str().unwrap_or_default())?,
                    "thinking_delta" => draft.reasoning(delta["thinking"].as_str().unwrap_or_default())?,
                    _ => {}
                }
            }
            "message_delta" => {
                read_usage(&event["usage"], draft);
                read_stop(&event["delta"], draft)?;
            }
            "message_stop" => draft.end(),
            _ => {}
        }
        Ok(())
    }

    fn whole(&self, answer: &Json<'_>, draft: &mut Draft<'_>) -> Result<bool, Failure> {
        if !answer["content"].is_list() {
            return Ok(false);
        }
        for block in answer["content"].items() {
            read_block(block, draft)?;
        }
        read_usage(&answer["usage"], draft);
        read_stop(answer, draft)?;
        Ok(true)
    }
}

/// Reads a block, or what stands in it before its first delta.
fn read_block(block: &Json<'_>, draft: &mut Draft<'_>) -> Result<(), Failure> {
    draft.text(block["text"].as_str().unwrap_or_default())?;
    draft.reasoning(block["thinking"].as_str().unwrap_or_default())?;
    Ok(())
}

fn read_stop(message: &Json<'_>, draft: &mut Draft<'_>) -> Result<(), Failure> {
    let words = || message["stop_details"]["explanation"].as_str().unwrap_or_default().to_owned();
    let Some(reason) = message["stop_reason"].as_str() else { return Ok(()) };
    draft.finish(match reason {
        "end_turn" => Finish::Stop(Stop::End),
        "stop_sequence" => Finish::Stop(Stop::Sequence),
        "max_tokens" => Finish::Length,
        "model_context_window_exceeded" => Finish::Window,
        "refusal" => Finish::Refusal(words()),
        "content_filter" => Finish::Filter(words()),
        "tool_use" | "pause_turn" => Finish::Tool,
        _ => return Err(draft.nonsense("a stop reason that is not known").into()),
    });
    Ok(())
}

/// Counts are totals so far; what an event leaves out stays as it was.
fn read_usage(usage: &Json<'_>, draft: &mut Draft<'_>) {
    let count = |key: &str| usage[key].as_u64();
    if let Some(output) = count("output_tokens") {
        draft.usage().output = output;
    }
    if let Some(uncached) = count("input_tokens") {
        let (read, written) = (count("cache_read_input_tokens"), count("cache_creation_input_tokens"));
        let told = draft.usage();
        told.cache_read = read.unwrap_or(told.cache_read);
        told.cache_written = written.unwrap_or(told.cache_written);
        told.input = uncached + told.cache_read + told.cache_written;
    }
}
