//! Asks a model as the operations do, and checks what every error has to keep to itself.

use std::sync::Arc;
use std::time::Duration;

use whittle_lsp::chunks::Chunks;
use whittle_lsp::config::{ModelSettings, ProviderRow, Timeouts};
use whittle_lsp::context::{FocusRule, Subject, Texts, gather};
use whittle_lsp::index::Index;
use whittle_lsp::models::{Answer, Delta, Error, Provider, build};
use whittle_lsp::prompt::{BuiltIn, Operations, Request, Wish};
use whittle_lsp::syntax::{self, Tree};
use whittle_lsp::text::{Span, Text};

const CODE: &str = "fn very_secret_code() -> u32 { 42 }";
pub(super) const KEY: &str = "sk-very-secret";

pub(super) const TRUNCATED: &str = "The connection to big ended before its answer was complete. Ask again; if it happens again, look into the server's log.";

/// A model at `base_url` that speaks OpenAI chat completions, with short limits.
pub(super) fn settings(base_url: &str) -> ModelSettings {
    ModelSettings {
        base_url: Some(base_url.to_owned()),
        key_env: Some("MY_KEY".to_owned()),
        local: false,
        prompt_cache: false,
        timeout: Timeouts {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_millis(400),
            between: Duration::from_millis(400),
        },
        ..ModelSettings::new(ProviderRow::named("openai").unwrap(), "qwen3-coder")
    }
}

/// Patient enough for a slow machine; for all tests but those of the limits.
pub(super) fn patient(base_url: &str) -> ModelSettings {
    let mut settings = settings(base_url);
    settings.timeout.first_byte = Duration::from_secs(30);
    settings.timeout.between = Duration::from_secs(30);
    settings
}

pub(super) fn provider(settings: &ModelSettings) -> Box<dyn Provider> {
    build("big", settings, &|name| (name == "MY_KEY").then(|| KEY.to_owned())).unwrap()
}

/// A question about [`CODE`], as the operations put it.
pub(super) fn request() -> Request {
    struct Nothing;
    impl Texts for Nothing {
        fn text(&self, _: &str) -> Option<Text> {
            None
        }
    }
    let text = Text::from(CODE);
    let language = syntax::by_name("rust").unwrap();
    let tree = Tree::parse(&text, language, None, None);
    let chunks = Arc::new(Chunks::cut(&text, tree.as_ref()));
    let focus = chunks.focus_at(Span::new(3, 3));
    let selection = Span::new(3, 3);
    let subject = Subject { path: "a.rs".to_owned(), language: Some(language), text, tree, chunks, focus, selection };
    let context = gather(subject, &Index::default(), &Nothing, 4000, FocusRule::MayFold).unwrap();
    let explain = Operations::default().of(BuiltIn::Explain).clone();
    Request {
        system: "You explain code.".to_owned(),
        prompt: CODE.to_owned(),
        ..Request::new(explain, Arc::new(context), Wish::default())
    }
}

/// The answer, the text and the reasoning that came as deltas.
pub(super) async fn ask(settings: &ModelSettings) -> (Result<Answer, Error>, String, String) {
    let (mut text, mut reasoning) = (String::new(), String::new());
    let result = provider(settings)
        .ask(&request(), &mut |delta| match delta {
            Delta::Text(piece) => text.push_str(piece),
            Delta::Reasoning(piece) => reasoning.push_str(piece),
            Delta::Waiting(_) | Delta::Queued { .. } => {}
        })
        .await;
    if let Err(error) = &result {
        for words in [format!("{error}"), format!("{error:?}")] {
            assert!(!words.contains(KEY), "the key is in {words}");
            assert!(!words.contains("very_secret_code"), "code is in {words}");
        }
        assert!(error.to_string().contains("big"), "{error} does not name the model");
        assert!(error.to_string().ends_with('.') && !error.to_string().contains(".."), "{error}");
    }
    (result, text, reasoning)
}
