//! All protocols against aimock, an independent mock server that speaks them all, by hand:
//! `npx -p @copilotkit/aimock llmock -p 4010 -f FIXTURES`, then
//! `AIMOCK=http://127.0.0.1:4010 cargo nextest run --run-ignored only aimock`.

use whittle_lsp::config::{ModelSettings, ProviderRow};
use whittle_lsp::models::{Answer, Error, build};
use whittle_lsp::prompt::Request;

use super::asking::request;

const PROVIDERS: [&str; 5] = ["openai", "openai-responses", "anthropic", "gemini", "ollama"];

async fn ask(provider: &str, prompt: &str) -> Result<Answer, Error> {
    let origin = std::env::var("AIMOCK").expect("AIMOCK holds the address of the server");
    let base_url = if provider.starts_with("openai") { format!("{origin}/v1") } else { origin };
    let settings = ModelSettings {
        base_url: Some(base_url),
        ..ModelSettings::new(ProviderRow::named(provider).unwrap(), "gemini-2.5-flash")
    };
    let request = Request { prompt: prompt.to_owned(), ..request() };
    build("big", &settings, &|_| None).unwrap().ask(&request, &mut |_| {}).await
}

#[tokio::test]
#[ignore = "needs aimock"]
async fn aimocks_answers_are_the_same_in_all_protocols() {
    for provider in PROVIDERS {
        let text = async |prompt: &str| ask(provider, prompt).await.map(|answer| answer.text);
        let plain = "Hello from aimock, this is a plain answer in several chunks.";
        assert_eq!(text("hi").await.as_deref(), Ok(plain), "{provider}");
        assert_eq!(text("SURROGATE").await.as_deref(), Ok("a🦀b"), "{provider}");
        assert_eq!(text("ASTRAL").await.as_deref(), Ok("🦀👩‍👩‍👧‍👦 𝒳 done"), "{provider}");
        let unicode = text("UNICODE").await.unwrap();
        assert!(unicode.starts_with("héllo — 日本語") && unicode.ends_with("кириллица"), "{provider}: {unicode}");
        let thought = ask(provider, "THINK").await.unwrap();
        let thinking = "Let me think step by step about this question.";
        assert_eq!((thought.text.as_str(), thought.reasoning.as_str()), ("Forty-two.", thinking), "{provider}");
        let json: serde_json::Value = serde_json::from_str(&text("JSON").await.unwrap()).unwrap();
        assert_eq!(json, serde_json::json!({"name": "foo", "line": 3, "ok": true}), "{provider}");
    }
}

#[tokio::test]
#[ignore = "needs aimock"]
async fn aimocks_faults_are_errors_in_all_protocols() {
    for provider in PROVIDERS {
        let error = async |prompt: &str| match ask(provider, prompt).await {
            Ok(answer) => panic!("{provider} took {prompt} for an answer: {answer:?}"),
            Err(error) => error,
        };
        assert!(matches!(error("CUT").await, Error::Truncated { .. }), "{provider}");
        assert!(matches!(error("DROP").await, Error::Truncated { .. }), "{provider}");
        assert!(matches!(error("E401").await, Error::Key { .. }), "{provider}");
        assert!(matches!(error("E429").await, Error::RateLimited { .. }), "{provider}");
        assert!(matches!(error("E500").await, Error::Server { .. }), "{provider}");
        assert!(matches!(error("E529").await, Error::Server { .. }), "{provider}");
        assert!(matches!(error("ECTX").await, Error::ContextTooLong { limit: Some(8192), .. }), "{provider}");
        if provider != "ollama" {
            // aimock's Ollama says "stop" for these.
            assert!(matches!(error("LENGTH").await, Error::LengthStop { .. }), "{provider}");
            let filtered = error("FILTER").await;
            // aimock's Responses end as failed, without a reason.
            assert!(matches!(filtered, Error::Filtered { .. } | Error::Server { .. }), "{provider}: {filtered}");
        }
    }
}
