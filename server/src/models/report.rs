//! What servers say when they fail. In: the error objects of all providers, and servers' own words. Out: the [`Error`]
//! that they stand for, and whether and when asking again may help. Never decides to ask again.

use std::time::Duration;

use super::error::{Cleaner, Error, KeySource};
use super::json::{Json, mend};

/// An error, and what the server said about asking again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) advice: Advice,
}

/// What a server said about asking again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Advice {
    /// Whether it is any use; `None`: not said.
    pub(super) again: Option<bool>,
    /// How long to wait first.
    pub(super) wait: Option<Duration>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, advice: Advice::default() }
    }
}

/// What a server said about a failure, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Report {
    /// The HTTP status, or the number that an error in the midst of an answer carries.
    pub(super) status: Option<u16>,
    /// Codes, types and reasons, in lower case.
    pub(super) kinds: String,
    /// In the server's words, not cleaned yet.
    pub(super) message: String,
    pub(super) advice: Advice,
    /// Tokens that fit, where the server gives the number by itself.
    limit: Option<u64>,
}

/// The status that a kind of error comes with, for errors in the midst of an answer, which have none.
const STATUS_OF_KIND: &[(&str, u16)] = &[
    ("rate_limit", 429),
    ("resource_exhausted", 429),
    ("invalid_api_key", 401),
    ("authentication", 401),
    ("unauthenticated", 401),
    ("permission", 403),
    ("not_found", 404),
    ("request_too_large", 413),
    ("invalid_request", 400),
    ("invalid_argument", 400),
    ("invalid_prompt", 400),
];

impl Report {
    /// A failure of which nothing but the words is known.
    pub(super) fn of_words(message: &str) -> Self {
        Self { message: message.to_owned(), ..Self::default() }
    }

    /// Reads an error object: `{"error": {…}}`, `{"error": "…"}`, `{"type": "error", …}`, `{"message": …}`,
    /// `{"detail": …}`, or a list of one of them. `None` when there is no sign of an error.
    pub(super) fn from_json(value: &Json<'_>) -> Option<Self> {
        let value = value.items().first().unwrap_or(value);
        let error = match &value["error"] {
            Json::Null if value["object"] == "error" || value["type"] == "error" => value,
            Json::Null => match &value["detail"] {
                Json::Null => return None,
                detail => detail.items().first().unwrap_or(detail),
            },
            error => error,
        };
        // Ollama hands on its engine's error as a text within a text.
        if let Some(inner) = error.as_str().filter(|text| text.starts_with('{'))
            && let Ok(inner) = Json::parse(&mend(inner))
            && let Some(report) = Self::from_json(&inner)
        {
            return Some(report);
        }
        let details = || error["details"].items().iter();
        let message = [error, &error["message"], &error["msg"], &value["message"]].into_iter().find_map(Json::as_str);
        let kinds = [&error["code"], &error["type"], &error["status"], &value["code"]].into_iter();
        let kinds = kinds.chain(details().map(|detail| &detail["reason"])).filter_map(Json::as_str);
        let status = [&error["code"], &error["status"]].into_iter().find_map(Json::as_u64);
        // google.rpc.RetryInfo
        let wait = details().find_map(|detail| detail["retryDelay"].as_str()?.strip_suffix('s')?.parse().ok());
        Some(Self {
            status: status.and_then(|code| u16::try_from(code).ok()).filter(|code| (400..600).contains(code)),
            kinds: kinds.collect::<Vec<_>>().join(" ").to_lowercase(),
            message: message.unwrap_or_default().to_owned(),
            advice: Advice { again: None, wait: wait.and_then(|wait| Duration::try_from_secs_f64(wait).ok()) },
            limit: error["n_ctx"].as_u64(),
        })
    }

    /// Sorts the failure. `url` without its query; `key` says where the sent key came from.
    pub(super) fn into_failure(self, model: &str, url: &str, key: KeySource, cleaner: Cleaner<'_>) -> Failure {
        let advice = self.advice;
        Failure { error: self.into_error(model, url, key, cleaner), advice }
    }

    fn into_error(self, model: &str, url: &str, key: KeySource, cleaner: Cleaner<'_>) -> Error {
        let model = model.to_owned();
        let message = cleaner.line(&self.message);
        let words = self.message.to_lowercase();
        let is = |kind: &str| self.kinds.contains(kind);
        let says = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
        let kind_status = || STATUS_OF_KIND.iter().find(|(kind, _)| is(kind)).map(|(_, status)| *status);
        let status = self.status.or_else(kind_status);
        if is("context_length") || is("exceed_context_size") || says(OVERFLOW) || status == Some(413) {
            return Error::ContextTooLong { model, limit: self.limit.or_else(|| told_limit(&words)), message };
        }
        if is("insufficient_quota") || is("billing") || says(NO_CREDIT) {
            return Error::Quota { model, message };
        }
        if is("content_filter") || is("content_policy") {
            return Error::Filtered { model, message };
        }
        match status {
            Some(status) if is("api_key_invalid") || matches!(status, 401 | 403) => {
                Error::Key { model, status, key, message }
            }
            Some(402) => Error::Quota { model, message },
            Some(404 | 405) => Error::NotFound { model, url: url.to_owned(), message },
            Some(429) => Error::RateLimited { model, retry_after: self.advice.wait, message },
            Some(status @ 400..500) if !matches!(status, 408 | 409) => Error::BadRequest { model, status, message },
            _ => Error::Server { model, status: self.status, message },
        }
    }
}

/// The words by which servers say that a prompt is too long, where their code does not tell: OpenAI and vLLM, llama.cpp,
/// Gemini, Anthropic, xAI, Mistral, Cerebras and Groq, Together and TGI, Ollama, LM Studio, Bedrock, Copilot.
const OVERFLOW: &[&str] = &[
    "maximum context length",
    "exceeds the available context size",
    "exceeds the maximum number of tokens",
    "prompt is too long",
    "exceed context limit",
    "exceeds the context window",
    "context window exceeds",
    "maximum prompt length",
    "reduce the length of the messages",
    "`max_new_tokens` must be <=",
    "input length exceeds the context length",
    "longer than the context length",
    "context the overflows",
    "context length of only",
    "input is too long",
    "prompt token count of",
    "tokens in the prompt cannot exceed",
];

/// The words by which servers say that an account is empty, where their code does not tell.
const NO_CREDIT: &[&str] = &["credit balance is too low", "insufficient balance", "insufficient credits"];

/// What stands before the number of tokens that fit.
const BEFORE_LIMIT: &[&str] = &[
    "maximum context length is ",
    "maximum context length: ",
    "maximum prompt length is ",
    "available context size (",
    "number of tokens allowed (",
    "tokens > ",
    "context length of only ",
    "exceeds the limit of ",
    "while limit is ",
    "must be <= ",
    "cannot exceed ",
];

/// The number of tokens that fit, if a server's words, in lower case, tell it.
fn told_limit(words: &str) -> Option<u64> {
    let number = |text: &str| {
        let digits: String = text.chars().take_while(|c| c.is_ascii_digit() || matches!(c, ',' | '_')).collect();
        digits.replace([',', '_'], "").parse().ok()
    };
    let after = BEFORE_LIMIT.iter().find_map(|mark| number(words.split_once(mark)?.1));
    // Anthropic: "… exceed context limit: 198000 + 8192 > 200000"; Mistral: "… with 32768 maximum context length".
    let sum = || number(words.split_once("exceed context limit")?.1.split_once("> ")?.1);
    let before = || words.split_once(" maximum context length")?.0.rsplit(' ').next()?.parse().ok();
    after.or_else(sum).or_else(before)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::models::key::Secret;

    fn failure(status: Option<u16>, body: Value) -> Failure {
        let text = body.to_string();
        let mut report = Report::from_json(&Json::parse(&text).unwrap()).unwrap_or_default();
        report.status = status.or(report.status);
        let cleaner = Cleaner { key: Some(Secret::new("sk-secret".to_owned())), prompt: ["", ""] };
        report.into_failure("big", "http://h/v1/chat/completions", KeySource::Variable("MY_KEY".to_owned()), cleaner)
    }

    #[track_caller]
    fn check(status: Option<u16>, body: Value, wanted: &str) {
        assert_eq!(failure(status, body).error.to_string(), wanted);
    }

    #[test]
    fn every_servers_error_shape_is_read() {
        check(
            Some(401),
            json!({"error": {"message": "Incorrect API key provided: sk-secret."}}),
            "big refused the key of MY_KEY (status 401: Incorrect API key provided: [key]). \
             Check the environment variable MY_KEY, and what its key may be used for.",
        );
        check(
            Some(400),
            json!([{"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT",
                "details": [{"reason": "API_KEY_INVALID"}]}}]),
            "big refused the key of MY_KEY (status 400: API key not valid). \
             Check the environment variable MY_KEY, and what its key may be used for.",
        );
        check(
            Some(404),
            json!({"error": "model 'x' not found"}),
            "big was not found at http://h/v1/chat/completions: model 'x' not found. \
             Check `model` and `base_url` in [models.big]; base_url usually ends in /v1.",
        );
        check(
            Some(422),
            json!({"detail": [{"msg": "field required", "input": "code"}]}),
            "big did not accept the request (status 422: field required). Check `model` and `provider` in [models.big].",
        );
        check(
            Some(429),
            json!({"error": {"code": "insufficient_quota", "message": "You exceeded your current quota"}}),
            "big has no credit left: You exceeded your current quota. \
             Check the account's plan and billing, or use another model.",
        );
        check(
            Some(400),
            json!({"type": "error", "error": {"type": "invalid_request_error", "message": "Your credit balance is too low."}}),
            "big has no credit left: Your credit balance is too low. \
             Check the account's plan and billing, or use another model.",
        );
        check(
            None,
            json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
            "big's server failed: Overloaded. Ask again later, or use another model.",
        );
        check(
            None,
            json!({"type": "error", "code": "rate_limit_exceeded", "message": "slow down", "param": null}),
            "big gets too many requests: slow down. Ask again in a while, or use another model.",
        );
        check(
            None,
            json!({"object": "error", "message": "boom", "code": 500}),
            "big's server failed (status 500): boom. Ask again later, or use another model.",
        );
        check(Some(502), json!(null), "big's server failed (status 502). Ask again later, or use another model.");
    }

    #[test]
    fn a_wait_that_google_asks_for_is_read() {
        let error = json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "quota", "details": [
            {"@type": "type.googleapis.com/google.rpc.Help"},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "13.5s"},
        ]}});
        let failure = failure(Some(429), error);
        assert_eq!(failure.advice.wait, Some(Duration::from_millis(13_500)));
        assert!(matches!(failure.error, Error::RateLimited { .. }), "{:?}", failure.error);
    }

    #[test]
    fn every_wording_of_too_long_is_known_with_its_limit() {
        let check = |status: u16, error: Value, wanted: Option<u64>| {
            let error = failure(Some(status), json!({"error": error})).error;
            let Error::ContextTooLong { limit, .. } = error else { panic!("{error:?}") };
            assert_eq!(limit, wanted);
        };
        let says = |message: &str| json!({"message": message});
        check(400, json!({"code": "context_length_exceeded", "message": "Your input exceeds it."}), None);
        check(400, json!({"type": "exceed_context_size_error", "n_prompt_tokens": 9000, "n_ctx": 4096}), Some(4096));
        let inner = json!({"error": {"message": "too long", "type": "exceed_context_size_error", "n_ctx": 4096}});
        check(400, json!(inner.to_string()), Some(4096));
        let openai =
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.";
        check(400, says(openai), Some(8192));
        check(400, says("prompt is too long: 212345 tokens > 200000 maximum"), Some(200_000));
        check(
            400,
            says("input length and `max_tokens` exceed context limit: 198000 + 8192 > 200000, decrease"),
            Some(200_000),
        );
        check(
            400,
            says("The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."),
            Some(1_048_576),
        );
        check(
            400,
            says("request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it"),
            Some(4096),
        );
        check(
            400,
            says("This model's maximum prompt length is 131072 but the request contains 140000 tokens."),
            Some(131_072),
        );
        check(
            400,
            says("Prompt contains 40000 tokens, too large for model with 32768 maximum context length"),
            Some(32768),
        );
        check(
            400,
            says("Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192"),
            Some(8192),
        );
        check(400, says("`inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000"), Some(8193));
        check(400, says("prompt token count of 136000 exceeds the limit of 128,000"), Some(128_000));
        check(413, says("Request exceeds the maximum size"), None);
        check(500, says("the input length exceeds the context length"), None);
    }
}
