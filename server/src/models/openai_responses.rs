//! OpenAI Responses. What is sent is not stored there.

use serde_json::{Value, json};

use super::client::Wire;
use super::draft::{Draft, Finish};
use super::error::Error;
use super::json::Json;
use super::report::{Failure, Report};
use super::{Stop, cache_key, turns};
use crate::config::{Effort, ModelSettings};
use crate::prompt::Request;

/// Where requests go.
pub(super) const PATH: &[&str] = &["responses"];

/// The protocol.
pub(super) struct OpenAiResponses {
    pub(super) settings: ModelSettings,
}

impl Wire for OpenAiResponses {
    const WHOLE: &'static str = "a response";

    fn body(&self, request: &Request) -> Result<Value, Error> {
        let settings = &self.settings;
        // The provider keeps responses for 30 days unless told not to.
        let mut body = json!({"model": settings.model, "input": request.user_text(), "stream": true, "store": false});
        if !request.earlier.is_empty() {
            let first = json!({"role": "user", "content": request.user_text()});
            body["input"] = std::iter::once(first).chain(turns(request)).collect();
        }
        if !request.system.is_empty() {
            body["instructions"] = json!(request.system);
        }
        if settings.prompt_cache {
            body["prompt_cache_key"] = json!(cache_key(request));
        }
        if let Some(tokens) = settings.max_output_tokens {
            body["max_output_tokens"] = json!(tokens);
        }
        if let Some(effort) = settings.effort {
            body["reasoning"] = json!({"effort": effort.min(Effort::Xhigh).name()});
        }
        if let Some(temperature) = settings.temperature {
            body["temperature"] = json!(temperature);
        }
        if let Some(schema) = &request.schema {
            let format = json!({"type": "json_schema", "name": schema.name, "schema": schema.schema, "strict": true});
            body["text"] = json!({"format": format});
        }
        Ok(body)
    }

    fn event(&self, event: &Json<'_>, draft: &mut Draft<'_>) -> Result<(), Failure> {
        let delta = event["delta"].as_str().unwrap_or_default();
        match event["type"].as_str().unwrap_or_default() {
            "response.output_text.delta" => draft.text(delta)?,
            "response.refusal.delta" => draft.refusal(delta)?,
            "response.reasoning_text.delta" | "response.reasoning_summary_text.delta" => draft.reasoning(delta)?,
            "response.completed" | "response.incomplete" | "response.failed" => {
                let response = &event["response"];
                // Some servers send the text at the end only.
                if draft.is_empty() {
                    read_output(response, draft)?;
                }
                read_end(response, draft)?;
                draft.end();
            }
            _ => {}
        }
        Ok(())
    }

    fn whole(&self, answer: &Json<'_>, draft: &mut Draft<'_>) -> Result<bool, Failure> {
        if !answer["output"].is_list() {
            return Ok(false);
        }
        read_output(answer, draft)?;
        read_end(answer, draft)?;
        Ok(true)
    }
}

/// Reads the texts of a whole response.
fn read_output(response: &Json<'_>, draft: &mut Draft<'_>) -> Result<(), Failure> {
    for item in response["output"].items() {
        for part in item["content"].items().iter().chain(item["summary"].items()) {
            let text = part["text"].as_str().unwrap_or_default();
            match part["type"].as_str().unwrap_or_default() {
                "output_text" => draft.text(text)?,
                "refusal" => draft.refusal(part["refusal"].as_str().unwrap_or_default())?,
                "reasoning_text" | "summary_text" => draft.reasoning(text)?,
                _ => {}
            }
        }
    }
    Ok(())
}

/// Reads how a response ended.
fn read_end(response: &Json<'_>, draft: &mut Draft<'_>) -> Result<(), Failure> {
    let usage = &response["usage"];
    if let (Some(input), Some(output)) = (usage["input_tokens"].as_u64(), usage["output_tokens"].as_u64()) {
        let told = draft.usage();
        (told.input, told.output) = (input, output);
        told.cache_read = usage["input_tokens_details"]["cached_tokens"].as_u64().unwrap_or(0);
        told.reasoning = usage["output_tokens_details"]["reasoning_tokens"].as_u64().unwrap_or(0);
    }
    match response["status"].as_str().unwrap_or_default() {
        "completed"
            if draft.is_empty() && response["output"].items().iter().any(|item| item["type"] == "function_call") =>
        {
            draft.finish(Finish::Tool);
        }
        "completed" => draft.finish(Finish::Stop(Stop::End)),
        "incomplete" => match response["incomplete_details"]["reason"].as_str().unwrap_or_default() {
            "max_output_tokens" | "max_messages" | "" => draft.finish(Finish::Length),
            "content_filter" => draft.finish(Finish::Filter(String::new())),
            _ => return Err(draft.truncated().into()),
        },
        "failed" => return Err(draft.failed(Report::from_json(response).unwrap_or_default())),
        _ => return Err(draft.truncated().into()),
    }
    Ok(())
}
