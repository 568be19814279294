//! Limits over real HTTP: those of the settings, and those that servers tell.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use whittle_lsp::config::{Limits, ModelSettings, Settings};
use whittle_lsp::models::{Answer, Delta, Error, Models};
use whittle_lsp::offline::Offline;

use super::asking::{KEY, patient, request};
use super::server::{Reply, Server};

/// `big` with these settings.
fn all(settings: ModelSettings) -> Settings {
    Settings { models: [("big".to_owned(), settings)].into(), ..Settings::default() }
}

fn key(name: &str) -> Option<String> {
    (name == "MY_KEY").then(|| KEY.to_owned())
}

fn models(settings: ModelSettings) -> Models {
    Models::new(&all(settings), &key, Arc::new(Offline))
}

/// Asks `big`; the answer and what it was told while it waited for its turn.
async fn ask(models: &Models) -> (Result<Answer, Error>, Vec<(usize, Option<Duration>)>) {
    let mut told = Vec::new();
    let (model, request) = (models.get("big").unwrap(), request());
    let mut watch = |delta: Delta<'_>| {
        if let Delta::Queued { before, wait } = delta {
            told.push((before, wait));
        }
    };
    let result = model.ask(&request, &mut watch).await;
    (result, told)
}

fn limited(server: &Server, limits: Limits) -> ModelSettings {
    ModelSettings { limits, ..patient(&server.base_url()) }
}

fn ok() -> Reply {
    Reply::chat(&["ok"])
}

const ONE: Limits =
    Limits { concurrent: Some(1), requests_per_minute: None, tokens_per_minute: None, cost_per_day: None };

#[tokio::test]
async fn what_a_servers_headers_leave_no_room_for_waits_for_the_reset() {
    let full = |names: [&str; 2], reset: &str| ok().header(names[0], "0").header(names[1], reset);
    let openai = ["x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"];
    let tokens = ["x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"];
    for first in [full(openai, "700ms"), full(tokens, "0.7s")] {
        let server = Server::script([first, ok()]);
        let models = models(patient(&server.base_url()));
        let (first, told) = ask(&models).await;
        assert_eq!((first.unwrap().text.as_str(), told.len()), ("ok", 0));
        let (second, told) = ask(&models).await;
        assert!(second.is_ok());
        let [(0, Some(wait))] = told.as_slice() else { panic!("{told:?}") };
        assert!(*wait <= Duration::from_millis(700), "{wait:?}");
        let came = server.requests();
        assert!(came[1].at - came[0].at >= Duration::from_millis(650), "{:?}", came[1].at - came[0].at);
    }
}

#[tokio::test]
async fn what_a_server_refused_is_not_asked_again_before_its_time() {
    let refusal =
        Reply::json(429, &serde_json::json!({"error": {"message": "slow down"}})).header("retry-after", "300");
    let server = Server::script([refusal, ok()]);
    let models = models(patient(&server.base_url()));
    for _ in 0..2 {
        let error = ask(&models).await.0.unwrap_err();
        let Error::RateLimited { retry_after: Some(wait), .. } = error else { panic!("{error:?}") };
        assert!((290..=300).contains(&wait.as_secs()), "{wait:?}");
    }
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn requests_take_turns_in_the_order_in_which_they_came() {
    let server = Server::script([ok().after(Duration::from_millis(30))]);
    let models = models(limited(&server, ONE));
    let order = Mutex::new(Vec::new());
    let one = |name: usize| {
        let (models, order) = (models.clone(), &order);
        async move {
            let (result, told) = ask(&models).await;
            assert!(result.is_ok());
            order.lock().unwrap().push((name, told.first().map(|(before, _)| *before)));
        }
    };
    tokio::join!(one(0), one(1), one(2), one(3));
    let wanted = [(0, None), (1, Some(0)), (2, Some(1)), (3, Some(2))];
    assert_eq!(*order.lock().unwrap(), wanted);
    let came: Vec<Instant> = server.requests().iter().map(|request| request.at).collect();
    for pair in came.windows(2) {
        assert!(pair[1] - pair[0] >= Duration::from_millis(30), "two at a time: {came:?}");
    }
}

#[tokio::test]
async fn who_stops_waiting_gives_up_its_place() {
    let server = Server::script([Reply::new(200, "text/event-stream").then(super::server::Step::Stall), ok()]);
    let models = models(limited(&server, ONE));
    let spawn = || {
        let models = models.clone();
        tokio::spawn(async move { ask(&models).await.0.map(|answer| answer.text) })
    };
    let first = spawn();
    server.requested(1).await;
    let (second, third) = (spawn(), spawn());
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(server.requests().len(), 1);
    second.abort();
    first.abort();
    assert_eq!(third.await.unwrap(), Ok("ok".to_owned()));
    assert_eq!(server.requests().len(), 2);
    let outcomes: Vec<String> = models.ledger().entries(1).iter().map(|entry| entry.outcome.clone()).collect();
    assert_eq!(outcomes, ["cancelled", "ok"], "what was never asked has no entry");
}

#[tokio::test]
async fn limits_hold_over_a_change_of_settings() {
    let server = Server::script([ok().after(Duration::from_millis(300)), ok()]);
    let settings = limited(&server, ONE);
    let before = models(settings.clone());
    let after = before.renewed(&all(settings.clone()), &key);
    let ((first, _), (second, told)) = tokio::join!(ask(&before), ask(&after));
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(told.first().map(|(before, _)| *before), Some(0));
    assert_eq!(after.ledger().entries(1).len(), 2);
    // another model under the same name has nothing to wait for
    let other = ModelSettings { model: "other".to_owned(), ..settings };
    let other = after.renewed(&all(other), &key);
    let ((first, _), (second, told)) = tokio::join!(ask(&after), ask(&other));
    assert!(first.is_ok() && second.is_ok() && told.is_empty());
}

#[tokio::test]
async fn an_ask_that_failed_is_recorded_with_its_kind() {
    let error = serde_json::json!({"error": {"message": "no"}});
    let hiccup = Reply::json(500, &error).header("retry-after-ms", "1");
    let server = Server::script([hiccup, ok(), Reply::json(400, &error)]);
    let models = models(patient(&server.base_url()));
    let _ = (ask(&models).await, ask(&models).await);
    let entries = models.ledger().entries(1);
    let [well, failed] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!((well.outcome.as_str(), well.retries, well.input, well.output), ("ok", 1, Some(7), Some(3)));
    assert!(well.first.is_some_and(|first| first <= well.total) && well.prompt > 0);
    assert_eq!((failed.outcome.as_str(), failed.retries, failed.first), ("bad-request", 0, None));
}
