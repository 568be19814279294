//! When a model is asked again, how long it is waited before, and when not.

use std::time::Duration;

use serde_json::json;
use whittle_lsp::config::{ModelSettings, ProviderRow};
use whittle_lsp::models::Error;

use super::asking::{ask, patient};
use super::server::{Reply, Server, Step, delta};

fn text(piece: &str) -> String {
    delta(&json!({"content": piece}))
}

/// Replies → how often the server was asked, and the time between the first two requests.
async fn check(replies: impl IntoIterator<Item = Reply>, requests: usize, wanted: Result<&str, ()>) -> Duration {
    let server = Server::script(replies);
    let (result, ..) = ask(&patient(&server.base_url())).await;
    assert_eq!(result.map(|answer| answer.text).map_err(|_| ()), wanted.map(str::to_owned));
    let came = server.requests();
    assert_eq!(came.len(), requests);
    came.get(1).map_or(Duration::ZERO, |second| second.at - came[0].at)
}

fn fails(status: u16) -> Reply {
    Reply::json(status, &json!({"error": {"message": "hiccup"}}))
}

fn ok() -> Reply {
    Reply::chat(&["ok"])
}

#[tokio::test]
async fn faults_that_pass_are_tried_again() {
    for status in [408, 409, 429, 500, 502, 503, 504, 529] {
        let quick = fails(status).header("retry-after-ms", "5");
        check([quick, ok()], 2, Ok("ok")).await;
    }
    // Not even an answer.
    check([Reply::raw(b""), ok()], 2, Ok("ok")).await;
    check([fails(500), fails(500), ok()], 3, Ok("ok")).await;
    check([fails(500)], 3, Err(())).await;
}

#[tokio::test]
async fn other_faults_are_not() {
    for status in [400, 401, 402, 403, 404, 413, 422] {
        check([fails(status).header("x-should-retry", "true"), ok()], 1, Err(())).await;
    }
    let quota = Reply::json(429, &json!({"error": {"code": "insufficient_quota", "message": "pay"}}));
    check([quota, ok()], 1, Err(())).await;
    check([fails(503).header("x-should-retry", "false"), ok()], 1, Err(())).await;
}

#[tokio::test]
async fn nothing_is_asked_again_once_a_word_has_come() {
    check([Reply::stream([text("")]).then(Step::Drop), ok()], 2, Ok("ok")).await;
    check([Reply::stream([text("used")]).then(Step::Drop), ok()], 1, Err(())).await;
}

#[tokio::test]
async fn the_wait_is_what_the_server_says() {
    let millis = Duration::from_millis;
    let wait = check([fails(503), ok()], 2, Ok("ok")).await;
    assert!((millis(375)..millis(1500)).contains(&wait), "{wait:?}");
    let wait = check([fails(429).header("retry-after", "1"), ok()], 2, Ok("ok")).await;
    assert!((millis(1000)..millis(2000)).contains(&wait), "{wait:?}");
    let wait = check([fails(429).header("retry-after-ms", "20").header("retry-after", "9"), ok()], 2, Ok("ok")).await;
    assert!((millis(20)..millis(1000)).contains(&wait), "{wait:?}");
    let past = fails(503).header("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT");
    let wait = check([past, ok()], 2, Ok("ok")).await;
    assert!(wait < millis(375), "{wait:?}");
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_told_instead() {
    let error = async |settings: &dyn Fn(ModelSettings) -> ModelSettings, reply: Reply| {
        let server = Server::script([reply, ok()]);
        let error = ask(&settings(patient(&server.base_url()))).await.0.unwrap_err();
        assert_eq!(server.requests().len(), 1);
        error.to_string()
    };
    let told = "big gets too many requests: hiccup. Ask again in 61 s, or use another model.";
    assert_eq!(error(&|settings| settings, fails(429).header("retry-after", "61")).await, told);
    let short = |settings| ModelSettings { max_retry_wait: Duration::from_millis(900), ..settings };
    let told = "big gets too many requests: hiccup. Ask again in 1 s, or use another model.";
    assert_eq!(error(&short, fails(429).header("retry-after", "1")).await, told);
    let far = fails(503).header("retry-after", "Thu, 21 Oct 2100 07:28:00 GMT");
    error(&|settings| settings, far).await;
}

#[tokio::test]
async fn gemini_says_in_the_error_how_long_to_wait() {
    let error = |delay: &str| {
        let info = json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay});
        let error = json!({"code": 429, "message": "quota", "status": "RESOURCE_EXHAUSTED", "details": [info]});
        Reply::json(429, &json!([{"error": error}]))
    };
    let answer = json!({"candidates": [{"content": {"parts": [{"text": "ok"}]}, "finishReason": "STOP"}]});
    let settings = |server: &Server| ModelSettings {
        provider: ProviderRow::named("gemini").unwrap(),
        ..patient(&server.origin())
    };
    let server = Server::script([error("0.02s"), Reply::json(200, &answer)]);
    let (result, ..) = ask(&settings(&server)).await;
    assert_eq!(result.map(|answer| answer.text).as_deref(), Ok("ok"));
    let server = Server::script([error("3600s"), Reply::json(200, &answer)]);
    let (result, ..) = ask(&settings(&server)).await;
    let Err(Error::RateLimited { retry_after, .. }) = result else { panic!("{result:?}") };
    assert_eq!(retry_after, Some(Duration::from_secs(3600)));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn the_wait_is_told() {
    let server = Server::script([fails(503).header("retry-after-ms", "7"), ok()]);
    let mut waits = Vec::new();
    let request = super::asking::request();
    let provider = super::asking::provider(&patient(&server.base_url()));
    let mut watch = |delta: whittle_lsp::models::Delta<'_>| {
        if let whittle_lsp::models::Delta::Waiting(wait) = delta {
            waits.push(wait);
        }
    };
    provider.ask(&request, &mut watch).await.unwrap();
    assert_eq!(waits, [Duration::from_millis(7)]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_key_may_come_from_a_command_and_is_asked_for_anew_when_it_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let line = format!("echo x >> {0}; echo sk-very-secret-$(wc -l < {0})", folder.path().join("count").display());
    let refuses = Reply::json(401, &json!({"error": {"message": "sk-very-secret-1 has expired"}}));
    let server = Server::script([refuses, ok()]);
    let key_command = Some(["sh", "-c", &line].map(str::to_owned).to_vec());
    let settings = ModelSettings { key_env: None, key_command, ..patient(&server.base_url()) };
    let model = super::asking::provider(&settings);
    let request = super::asking::request();
    let error = model.ask(&request, &mut |_| {}).await.unwrap_err().to_string();
    assert!(error.starts_with("big refused the key that key_command gave (status 401: [key] has expired)."), "{error}");
    model.ask(&request, &mut |_| {}).await.unwrap();
    let sent: Vec<_> =
        server.requests().iter().map(|request| request.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(sent, ["Bearer sk-very-secret-1", "Bearer sk-very-secret-2"]);
}

#[tokio::test]
async fn a_kept_key_that_expired_is_fetched_anew_within_the_same_request() {
    let folder = tempfile::tempdir().unwrap();
    let line = format!("echo x >> {0}; echo sk-very-secret-$(wc -l < {0})", folder.path().join("count").display());
    let refuses = || Reply::json(401, &json!({"error": {"message": "expired"}}));
    let server = Server::script([ok(), refuses(), ok(), refuses(), refuses()]);
    let key_command = Some(["sh", "-c", &line].map(str::to_owned).to_vec());
    let settings = ModelSettings { key_env: None, key_command, ..patient(&server.base_url()) };
    let model = super::asking::provider(&settings);
    let request = super::asking::request();
    for _ in 0..2 {
        model.ask(&request, &mut |_| {}).await.unwrap();
    }
    // once, not for ever
    model.ask(&request, &mut |_| {}).await.unwrap_err();
    let sent: Vec<_> =
        server.requests().iter().map(|request| request.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(sent, [1, 1, 2, 2, 3].map(|number| format!("Bearer sk-very-secret-{number}")));
}
