//! Requests against those of the official client libraries, recorded in `fixtures/wire/requests.json`. Each case has the
//! settings in the form that users write them, what is asked, what the library sent, and in what Whittle differs on
//! purpose: what it leaves out, having no setting for it, and what it adds.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use whittle_lsp::config::{Sources, load};
use whittle_lsp::models::build;
use whittle_lsp::prompt::{Request, Schema};

use super::asking::request;
use super::server::{Reply, Server};

#[derive(Deserialize)]
struct Case {
    case: String,
    settings: Map<String, Value>,
    ask: Ask,
    recorded: Recorded,
    left_out: Vec<String>,
    added: Value,
}

#[derive(Deserialize)]
struct Ask {
    system: String,
    shared: String,
    prompt: String,
    schema: Option<AskSchema>,
}

#[derive(Deserialize)]
struct AskSchema {
    name: String,
    schema: Value,
}

#[derive(Deserialize)]
struct Recorded {
    method: String,
    path: String,
    headers: std::collections::BTreeMap<String, String>,
    body: Value,
}

/// Takes away what stands at `a.b.0.c`.
fn remove(value: &mut Value, path: &str) {
    let (outer, last) = path.rsplit_once('.').unwrap_or(("", path));
    let pointer: String = outer.split('.').filter(|part| !part.is_empty()).map(|part| format!("/{part}")).collect();
    let table = value.pointer_mut(&pointer).and_then(Value::as_object_mut).unwrap_or_else(|| panic!("no {outer}"));
    assert!(table.remove(last).is_some(), "no {path}");
}

/// Puts the values of `other` into `value`, tables into tables.
fn merge(value: &mut Value, other: &Value) {
    match (value, other) {
        (Value::Object(table), Value::Object(other)) => {
            other.iter().for_each(|(key, other)| merge(table.entry(key).or_insert(Value::Null), other));
        }
        (value, other) => *value = other.clone(),
    }
}

#[tokio::test]
async fn requests_equal_those_of_the_official_libraries() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../fixtures/wire/requests.json")).unwrap();
    assert!(cases.len() >= 25);
    for case in cases {
        let server = Server::script([Reply::json(400, &json!({"error": {"message": "seen"}}))]);
        // As the official libraries take it: with the version for OpenAI, without for the others.
        let is_openai = case.settings["provider"].as_str().unwrap().starts_with("openai");
        let base_url = if is_openai { server.base_url() } else { server.origin() };
        let mut settings = case.settings.clone();
        settings.insert("base_url".to_owned(), json!(base_url));
        let sent_key = ["authorization", "x-goog-api-key"].iter().find_map(|name| case.recorded.headers.get(*name));
        let key = sent_key.map(|key| key.trim_start_matches("Bearer ").to_owned());
        if key.is_some() {
            settings.insert("key_env".to_owned(), json!("KEY"));
        }
        let loaded = load(&Sources { editor: Some(json!({"models": {"big": settings}})), ..Sources::default() });
        assert_eq!(loaded.problems, [], "{}", case.case);
        let provider = build("big", &loaded.settings.models["big"], &|name| key.clone().filter(|_| name == "KEY"));

        let schema = case.ask.schema.map(|schema| Schema { name: schema.name, schema: schema.schema });
        let (system, shared, prompt) = (case.ask.system, case.ask.shared, case.ask.prompt);
        let asked = Request { system, shared, prompt, schema, ..request() };
        provider.unwrap().ask(&asked, &mut |_| {}).await.unwrap_err();

        let requests = server.requests();
        let [sent] = requests.as_slice() else { panic!("{requests:?}") };
        let mut wanted = case.recorded.body;
        case.left_out.iter().for_each(|path| remove(&mut wanted, path));
        merge(&mut wanted, &case.added);
        assert_eq!(sent.body, wanted, "{}", case.case);
        let path = case.recorded.path.replace(":generateContent", ":streamGenerateContent?alt=sse");
        assert_eq!((&sent.method, &sent.path), (&case.recorded.method, &path), "{}", case.case);
        for (name, value) in &case.recorded.headers {
            assert_eq!(sent.header(name), Some(value.as_str()), "{} of {}", name, case.case);
        }
    }
}

/// Settings → the request that comes of them.
async fn sent(settings: Value, asked: Request) -> super::server::Received {
    let server = Server::script([Reply::json(400, &json!({"error": {"message": "seen"}}))]);
    let mut settings = settings;
    settings["base_url"] = json!(server.origin());
    settings["model"] = json!("m");
    let loaded = load(&Sources { editor: Some(json!({"models": {"big": settings}})), ..Sources::default() });
    assert_eq!(loaded.problems, []);
    let key = |name: &str| (name == "KEY").then(|| "k-test".to_owned());
    let _ = build("big", &loaded.settings.models["big"], &key).unwrap().ask(&asked, &mut |_| {}).await;
    server.requests().swap_remove(0)
}

fn shared_request(shared: &str) -> Request {
    Request { shared: shared.to_owned(), ..request() }
}

#[tokio::test]
async fn requests_that_share_their_stable_part_share_a_cache_key() {
    let key = async |provider: &str, shared: &str| {
        sent(json!({"provider": provider}), shared_request(shared)).await.body["prompt_cache_key"].clone()
    };
    let first = key("openai", "excerpts\n").await;
    assert!(first.as_str().is_some_and(|key| key.starts_with("whittle-")), "{first}");
    assert_eq!(key("openai", "excerpts\n").await, first);
    assert_eq!(key("openai-responses", "excerpts\n").await, first);
    assert_ne!(key("openai", "others\n").await, first);
    // Groq and others refuse what they don't know.
    assert_eq!(key("groq", "excerpts\n").await, Value::Null);
}

#[tokio::test]
async fn the_stable_part_stands_first_and_is_marked() {
    let body = sent(json!({"provider": "anthropic"}), shared_request("excerpts\n")).await.body;
    let mark = json!({"type": "ephemeral"});
    assert_eq!(body["system"], json!([{"type": "text", "text": "You explain code.", "cache_control": mark}]));
    assert_eq!(
        body["messages"][0]["content"],
        json!([
            {"type": "text", "text": "excerpts\n", "cache_control": mark},
            {"type": "text", "text": "fn very_secret_code() -> u32 { 42 }"},
        ])
    );
    let body = sent(json!({"provider": "openai"}), shared_request("excerpts\n")).await.body;
    assert_eq!(body["messages"][1]["content"], "excerpts\nfn very_secret_code() -> u32 { 42 }");
}

#[tokio::test]
async fn an_older_version_of_anthropic_gets_its_own_key_header() {
    let request =
        sent(json!({"provider": "anthropic", "api_version": "2023-06-01", "key_env": "KEY"}), request()).await;
    assert_eq!(request.header("anthropic-version"), Some("2023-06-01"));
    assert_eq!((request.header("x-api-key"), request.header("authorization")), (Some("k-test"), None));
}

#[test]
fn a_version_of_the_api_that_does_not_count_is_told() {
    let settings = json!({"provider": "openai", "model": "m", "api_version": "2024-10-21"});
    let loaded = load(&Sources { editor: Some(json!({"models": {"big": settings}})), ..Sources::default() });
    let Err(error) = build("big", &loaded.settings.models["big"], &|_| None) else { panic!("it was taken") };
    assert!(error.to_string().contains("openai has no api_version; leave it out"), "{error}");
}

#[tokio::test]
async fn an_address_with_the_version_is_taken_as_it_is_meant() {
    let check = async |provider: &str, end: &str, wanted: &str| {
        let server = Server::script([Reply::json(400, &json!({}))]);
        let settings = json!({"provider": provider, "model": "m", "base_url": format!("{}{end}", server.origin())});
        let loaded = load(&Sources { editor: Some(json!({"models": {"big": settings}})), ..Sources::default() });
        let _ = build("big", &loaded.settings.models["big"], &|_| None).unwrap().ask(&request(), &mut |_| {}).await;
        assert_eq!(server.requests()[0].path, wanted);
    };
    check("anthropic", "/v1", "/v1/messages").await;
    check("gemini", "/v1beta/", "/v1beta/models/m:streamGenerateContent?alt=sse").await;
    check("ollama", "/api/chat", "/api/chat").await;
    check("openai", "/v1/chat/completions", "/v1/chat/completions").await;
    check("groq", "/openai/v1", "/openai/v1/chat/completions").await;
}

#[tokio::test]
async fn ollamas_window_is_as_large_as_the_prompt_needs() {
    let window = async |settings: Value, shared: &str| {
        sent(settings, shared_request(shared)).await.body["options"]["num_ctx"].clone()
    };
    let long = "one two three four ".repeat(2500); // 10 000 tokens
    assert_eq!(window(json!({"provider": "ollama"}), "").await, 8192);
    assert_eq!(window(json!({"provider": "ollama"}), &long).await, 32_768);
    assert_eq!(window(json!({"provider": "ollama", "context_window": 20_000}), &long).await, 20_000);
    assert_eq!(window(json!({"provider": "ollama", "max_output_tokens": 1000}), &long).await, 16_384);
}

#[tokio::test]
async fn what_some_servers_refuse_is_not_sent_to_them() {
    let body = sent(json!({"provider": "mistral", "max_output_tokens": 9}), request()).await.body;
    let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["max_tokens", "messages", "model", "stream"]);
}
