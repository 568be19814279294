//! Ollama's own protocol. Ollama cuts prompts that do not fit, without a word, unless it is told how large the window has
//! to be and not to cut; it is told both.

use serde_json::{Value, json};

use super::client::Wire;
use super::draft::{Draft, Finish};
use super::error::Error;
use super::events::Framing;
use super::json::Json;
use super::report::Failure;
use super::{Stop, turns};
use crate::config::{Effort, ModelSettings};
use crate::context::count_tokens;
use crate::prompt::Request;

/// Where requests go.
pub(super) const PATH: &[&str] = &["api", "chat"];

/// Tokens kept free for the answer where nothing is configured.
const OUTPUT_TOKENS: u64 = 4096;

/// The smallest window that is asked for. Windows are powers of two from here on: Ollama loads a model anew when the
/// window changes.
const SMALLEST_WINDOW: u64 = 8192;

/// The protocol.
pub(super) struct Ollama {
    /// The model's name as the user configured it.
    pub(super) name: String,
    pub(super) settings: ModelSettings,
}

impl Ollama {
    /// Tokens of the window that a request needs: its own, a quarter more as models count differently, and the answer's.
    fn window(&self, request: &Request) -> Result<u64, Error> {
        let prompt = request.parts().map(|part| count_tokens(part) as u64).sum::<u64>();
        let output = self.settings.max_output_tokens.map_or(OUTPUT_TOKENS, u64::from);
        let window = (prompt + prompt / 4 + output).next_power_of_two().max(SMALLEST_WINDOW);
        match self.settings.context_window.map(u64::from) {
            Some(limit) if prompt >= limit => {
                let message = format!("it has about {prompt}");
                Err(Error::ContextTooLong { model: self.name.clone(), limit: Some(limit), message })
            }
            Some(limit) => Ok(window.min(limit)),
            None => Ok(window),
        }
    }
}

impl Wire for Ollama {
    const FRAMING: Framing = Framing::Lines;
    const WHOLE: &'static str = "a chat answer of Ollama's";

    fn body(&self, request: &Request) -> Result<Value, Error> {
        let settings = &self.settings;
        let mut messages = Vec::new();
        if !request.system.is_empty() {
            messages.push(json!({"role": "system", "content": request.system}));
        }
        messages.push(json!({"role": "user", "content": request.user_text()}));
        messages.extend(turns(request));
        let mut body = json!({
            "model": settings.model,
            "messages": messages,
            "stream": true,
            // Rather an error than a prompt that lost its beginning, before or during the answer.
            "truncate": false,
            "shift": false,
            "options": {"num_ctx": self.window(request)?},
        });
        if let Some(tokens) = settings.max_output_tokens {
            body["options"]["num_predict"] = json!(tokens);
        }
        if let Some(temperature) = settings.temperature {
            body["options"]["temperature"] = json!(temperature);
        }
        match settings.effort {
            None => {}
            Some(Effort::None) => body["think"] = json!(false),
            Some(effort) => body["think"] = json!(effort.clamp(Effort::Low, Effort::High).name()),
        }
        if let Some(schema) = &request.schema {
            body["format"] = schema.schema.clone();
        }
        Ok(body)
    }

    fn event(&self, event: &Json<'_>, draft: &mut Draft<'_>) -> Result<(), Failure> {
        let message = &event["message"];
        // The second name is that of some servers that imitate Ollama.
        for key in ["thinking", "reasoning_content"] {
            draft.reasoning(message[key].as_str().unwrap_or_default())?;
        }
        draft.text(message["content"].as_str().unwrap_or_default())?;
        if event["done"] != true {
            return Ok(());
        }
        let calls = !message["tool_calls"].items().is_empty();
        draft.finish(match event["done_reason"].as_str().unwrap_or("stop") {
            _ if calls => Finish::Tool,
            "length" => Finish::Length,
            "stop" => Finish::Stop(Stop::End),
            // "load" and "unload" come without an answer, which is then said to be empty.
            _ if draft.is_empty() => Finish::Stop(Stop::End),
            _ => return Err(draft.truncated().into()),
        });
        if let Some(output) = event["eval_count"].as_u64() {
            // Older versions leave out the count of a prompt that they still had in memory.
            draft.usage().input = event["prompt_eval_count"].as_u64().unwrap_or(0);
            draft.usage().output = output;
        }
        draft.end();
        Ok(())
    }

    fn whole(&self, answer: &Json<'_>, draft: &mut Draft<'_>) -> Result<bool, Failure> {
        self.event(answer, draft)?;
        Ok(draft.is_finished())
    }
}
