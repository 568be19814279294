//! Google Gemini, versions v1 and v1beta.

use serde_json::{Map, Value, json};

use super::Stop;
use super::client::Wire;
use super::draft::{Draft, Finish};
use super::error::Error;
use super::json::Json;
use super::report::{Failure, Report};
use crate::config::{Effort, ModelSettings};
use crate::prompt::{Exchange, Request};

/// The version of the API that all models and features are in.
const VERSION: &str = "v1beta";

/// The protocol.
pub(super) struct Gemini {
    pub(super) settings: ModelSettings,
}

/// Where requests go, and the query.
pub(super) fn path(settings: &ModelSettings) -> Vec<String> {
    let version = settings.api_version.as_deref().unwrap_or(VERSION);
    let model = settings.model.strip_prefix("models/").unwrap_or(&settings.model);
    // A tuned model brings its own collection: `tunedModels/…`.
    let path = if model.contains('/') { format!("{version}/{model}") } else { format!("{version}/models/{model}") };
    format!("{path}:streamGenerateContent").split('/').map(str::to_owned).collect()
}

/// What makes the answer a stream of events.
pub(super) const QUERY: (&str, &str) = ("alt", "sse");

impl Gemini {
    /// Models before Gemini 3 take a number of tokens to think with, newer ones a level.
    fn thinking(&self, effort: Effort) -> Value {
        let by_tokens = ["gemini-1", "gemini-2"].iter().any(|family| self.settings.model.contains(family));
        if by_tokens {
            let tokens = match effort {
                Effort::None => 0,
                Effort::Minimal => 512,
                Effort::Low => 1024,
                Effort::Medium => 8192,
                Effort::High | Effort::Xhigh | Effort::Max => 24_576,
            };
            return json!({"thinkingBudget": tokens, "includeThoughts": tokens > 0});
        }
        let level = match effort {
            Effort::None | Effort::Minimal => "MINIMAL",
            Effort::Low => "LOW",
            Effort::Medium => "MEDIUM",
            Effort::High | Effort::Xhigh | Effort::Max => "HIGH",
        };
        json!({"thinkingLevel": level, "includeThoughts": true})
    }
}

impl Wire for Gemini {
    const HAS_END_MARK: bool = false;
    const WHOLE: &'static str = "a response of Gemini's";

    fn body(&self, request: &Request) -> Result<Value, Error> {
        let settings = &self.settings;
        let by = |role: &str, text: &str| json!({"parts": [{"text": text}], "role": role});
        let content = |text: &str| by("user", text);
        let mut contents = vec![content(&request.user_text())];
        for Exchange { answer, fault } in &request.earlier {
            contents.extend([by("model", answer), content(fault)]);
        }
        let mut body = json!({"contents": contents});
        if !request.system.is_empty() {
            body["systemInstruction"] = content(&request.system);
        }
        let mut generation = Map::new();
        if let Some(tokens) = settings.max_output_tokens {
            generation.insert("maxOutputTokens".to_owned(), json!(tokens));
        }
        if let Some(temperature) = settings.temperature {
            generation.insert("temperature".to_owned(), json!(temperature));
        }
        if let Some(effort) = settings.effort {
            generation.insert("thinkingConfig".to_owned(), self.thinking(effort));
        }
        if let Some(schema) = &request.schema {
            generation.insert("responseMimeType".to_owned(), json!("application/json"));
            generation.insert("responseJsonSchema".to_owned(), schema.schema.clone());
        }
        if !generation.is_empty() {
            body["generationConfig"] = Value::Object(generation);
        }
        Ok(body)
    }

    fn event(&self, event: &Json<'_>, draft: &mut Draft<'_>) -> Result<(), Failure> {
        read_usage(&event["usageMetadata"], draft);
        if let Some(reason) = event["promptFeedback"]["blockReason"].as_str() {
            draft.finish(Finish::Filter(reason.to_owned()));
            return Ok(());
        }
        let Some(candidate) = event["candidates"].items().first() else { return Ok(()) };
        for part in candidate["content"]["parts"].items() {
            let text = part["text"].as_str().unwrap_or_default();
            if part["thought"] == true { draft.reasoning(text)? } else { draft.text(text)? }
        }
        let Some(reason) = candidate["finishReason"].as_str() else { return Ok(()) };
        draft.finish(match reason {
            "STOP" => Finish::Stop(Stop::End),
            "MAX_TOKENS" => Finish::Length,
            "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "LANGUAGE" | "IMAGE_SAFETY" => {
                Finish::Filter(reason.to_owned())
            }
            "FUNCTION_CALL" | "MALFORMED_FUNCTION_CALL" | "UNEXPECTED_TOOL_CALL" => Finish::Tool,
            _ => {
                let words = candidate["finishMessage"].as_str().unwrap_or(reason);
                return Err(draft.failed(Report::of_words(words)));
            }
        });
        Ok(())
    }

    fn whole(&self, answer: &Json<'_>, draft: &mut Draft<'_>) -> Result<bool, Failure> {
        // Without events, a stream is a list of what would have been their data.
        let parts = if answer.is_list() { answer.items() } else { std::slice::from_ref(answer) };
        let is_one = |part: &Json<'_>| part["candidates"].is_list() || part["promptFeedback"].is_table();
        if !parts.iter().any(is_one) {
            return Ok(false);
        }
        for part in parts {
            match Report::from_json(part) {
                Some(report) => return Err(draft.failed(report)),
                None => self.event(part, draft)?,
            }
        }
        Ok(true)
    }
}

/// The last counts are those of the whole answer.
fn read_usage(usage: &Json<'_>, draft: &mut Draft<'_>) {
    let count = |key: &str| usage[key].as_u64();
    if let Some(input) = count("promptTokenCount") {
        let told = draft.usage();
        told.input = input;
        told.cache_read = count("cachedContentTokenCount").unwrap_or(0);
        told.reasoning = count("thoughtsTokenCount").unwrap_or(0);
        told.output = count("candidatesTokenCount").unwrap_or(0) + told.reasoning;
    }
}
