//! Which models of a route are asked, in which order, and what is told of those that fail.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;
use whittle_lsp::config::{CacheSettings, ModelSettings, Route, RoutePolicy, Settings, UsageSettings};
use whittle_lsp::models::{Answer, Ended, Error, Failure, Models, Past, Resting, Turn, Turning, Why, along, next};
use whittle_lsp::offline::Offline;

use super::asking::{KEY, patient, request};
use super::server::{Reply, Server, Step, delta};

/// Models with these settings, and what their turns began with.
struct Bench {
    settings: Settings,
    models: Models,
    leads: Mutex<Vec<String>>,
}

fn key(name: &str) -> Option<String> {
    (name == "MY_KEY").then(|| KEY.to_owned())
}

impl Bench {
    fn new<'a>(models: impl IntoIterator<Item = (&'a str, ModelSettings)>) -> Self {
        let models = models.into_iter().map(|(name, model)| (name.to_owned(), model)).collect();
        // nothing of it on the disk, where other runs would find it
        let (usage, cache) =
            (UsageSettings { keep: false }, CacheSettings { answers: false, ..CacheSettings::default() });
        let settings = Settings { models, usage, cache, ..Settings::default() };
        Self { models: Models::new(&settings, &key, Arc::new(Offline)), settings, leads: Mutex::default() }
    }

    /// Each server under the name beside it, all of them elsewhere.
    fn of<const N: usize>(servers: [(&str, &Server); N]) -> Self {
        Self::new(servers.map(|(name, server)| (name, elsewhere(server))))
    }

    async fn ask(&self, policy: RoutePolicy, names: &[&str]) -> Result<(Answer, Vec<String>), Failure<Error>> {
        self.ask_about("src/a.rs", policy, names).await
    }

    async fn ask_about(
        &self,
        path: &str,
        policy: RoutePolicy,
        names: &[&str],
    ) -> Result<(Answer, Vec<String>), Failure<Error>> {
        let route = Route { models: names.iter().map(ToString::to_string).collect(), policy };
        let request = request();
        let ask_one = |turn: Turn| {
            self.leads.lock().unwrap().push(format!("{} | {}", turn.lead, turn.provider.name()));
            let request = &request;
            Box::pin(async move { turn.provider.ask(request, &mut |_| turn.heard.set()).await })
                as Turning<'_, Answer, Error>
        };
        let whole = along(&self.models, &route, Path::new(path), &ask_one).await?;
        Ok((whole.answer, whole.before))
    }

    /// Who answers.
    async fn who(&self, policy: RoutePolicy, names: &[&str]) -> String {
        self.ask(policy, names).await.unwrap().0.model
    }

    /// Takes answers of this length, in milliseconds, for a model's past.
    fn recall(&self, model: &str, whole: u64) {
        let end =
            Ended::Answered { first: Some(Duration::from_millis(whole / 2)), whole: Duration::from_millis(whole) };
        let past = Past { ago: Duration::from_secs(60), end };
        (0..3).for_each(|_| self.models.standing(model).unwrap().recall(&past));
    }

    fn leads(&self) -> Vec<String> {
        std::mem::take(&mut self.leads.lock().unwrap())
    }
}

fn elsewhere(server: &Server) -> ModelSettings {
    patient(&server.base_url())
}

fn here(server: &Server) -> ModelSettings {
    ModelSettings { local: true, ..elsewhere(server) }
}

fn answers() -> Server {
    Server::script([Reply::chat(&["ok"])])
}

/// A failure that is not worth another try of the same model.
fn fails() -> Server {
    Server::script([broken()])
}

fn broken() -> Reply {
    Reply::json(500, &json!({"error": {"message": "hiccup"}})).header("x-should-retry", "false")
}

/// Nothing, for as long as a test may take.
fn silent() -> Reply {
    Reply::chat(&["late"]).after(Duration::from_secs(30))
}

use RoutePolicy::{Fastest, LeastBusy, Ordered, Race, RoundRobin, Sticky};

#[tokio::test]
async fn the_next_model_is_asked_when_one_fails() {
    let cut = Reply::stream([delta(&json!({"content": "half an"}))]).then(Step::Drop);
    let (first, second, third) = (fails(), Server::script([cut]), answers());
    let bench = Bench::of([("a", &first), ("b", &second), ("c", &third)]);
    let (answer, before) = bench.ask(Ordered, &["a", "b", "c", "b"]).await.unwrap();
    assert_eq!((answer.text.as_str(), answer.model.as_str()), ("ok", "c"), "nothing of the half answer is left");
    assert_eq!(before, ["a failed (server error 500)", "b failed (a broken connection)"]);
    let wanted = [" | a", "a failed (server error 500) | b", "b failed (a broken connection) | c"];
    assert_eq!(bench.leads(), wanted);
    assert_eq!([&first, &second, &third].map(|server| server.requests().len()), [1, 1, 1]);
}

#[tokio::test]
async fn a_model_that_passing_faults_hit_is_asked_again_before_the_next_is() {
    let busy = || Reply::json(429, &json!({"error": {"message": "slow down"}})).header("retry-after-ms", "30");
    let (first, second) = (Server::script([busy()]), answers());
    let bench = Bench::of([("a", &first), ("b", &second)]);
    assert_eq!(bench.ask(Ordered, &["a", "b"]).await.unwrap().1, ["a failed (too many requests)"]);
    let came: Vec<Instant> = first.requests().iter().map(|request| request.at).collect();
    assert_eq!(came.len(), 3);
    assert!(came.windows(2).all(|pair| pair[1] - pair[0] >= Duration::from_millis(30)), "{came:?}");
    assert!(second.requests()[0].at >= came[2]);
}

#[tokio::test]
async fn when_all_fail_each_has_its_reason_and_advice() {
    let (first, second) = (fails(), Server::script([Reply::json(401, &json!({"error": {"message": "no"}}))]));
    let no_key = ModelSettings { key_env: Some("NOT_SET".to_owned()), ..elsewhere(&first) };
    let bench = Bench::new([("a", elsewhere(&first)), ("b", elsewhere(&second)), ("c", no_key)]);
    let failure = bench.ask(Ordered, &["a", "b", "c"]).await.unwrap_err().to_string();
    let first = "none of the route's models gave an answer. (1) a's server failed (status 500): hiccup. Ask again \
                 later, or use another model. (2) b refused the key";
    assert!(failure.starts_with(first), "{failure}");
    assert!(failure.contains(". (3) c needs a key: ") && !failure.contains(".."), "{failure}");
}

#[tokio::test]
async fn from_a_local_model_nothing_goes_elsewhere() {
    let (local, remote, other) = (fails(), answers(), answers());
    let models = [("here", here(&local)), ("there", elsewhere(&remote)), ("here-too", here(&other))];
    let bench = Bench::new(models);
    for policy in [Ordered, Race] {
        assert_eq!(bench.who(policy, &["here", "there", "here-too"]).await, "here-too");
    }
    let failure = bench.ask(Ordered, &["here", "there"]).await.unwrap_err();
    assert!(matches!(failure.0[1], (_, Why::Remote(_))), "{failure:?}");
    let wanted = "(2) there was not asked: it is not on this machine as here is, which comes first. Choose it for this \
                  once, or put it first in the route, if the code may leave this machine.";
    assert!(failure.to_string().ends_with(wanted), "{failure}");
    // left alone by now, which is no reason either
    for _ in 0..3 {
        bench.ask(Ordered, &["here", "there"]).await.unwrap_err();
    }
    assert_eq!(remote.requests().len(), 0);
    assert_eq!(bench.who(Ordered, &["there", "here"]).await, "there");
}

#[tokio::test]
async fn a_model_that_fails_three_times_is_left_alone() {
    let (first, second) = (Server::script([broken(), broken(), broken(), Reply::chat(&["ok"])]), answers());
    let bench = Bench::of([("a", &first), ("b", &second)]);
    let route = Route::ordered(vec!["a".to_owned(), "b".to_owned()]);
    for _ in 0..3 {
        assert_eq!(next(&bench.models, &route, Path::new("a.rs")), "a");
        assert_eq!(bench.who(Ordered, &["a", "b"]).await, "b");
    }
    assert_eq!(next(&bench.models, &route, Path::new("a.rs")), "b");
    bench.leads();
    assert_eq!(bench.ask(Ordered, &["a", "b"]).await.unwrap().1, ["a is left alone (server error 500)"]);
    assert_eq!(bench.leads(), ["a is left alone (server error 500) | b"]);
    assert_eq!(first.requests().len(), 3);
    let resting = bench.models.standing("a").unwrap().resting();
    assert!(matches!(resting, Some(Resting::Open { faults: 3, .. })), "{resting:?}");
    // where there is no other, the user is not refused
    assert_eq!(bench.who(Ordered, &["a"]).await, "a");
    assert_eq!(bench.who(Ordered, &["a", "b"]).await, "a");
}

#[tokio::test]
async fn what_is_the_requests_fault_leaves_a_model_in_the_route() {
    let says = |status, error| Reply::json(status, &json!({"error": error}));
    let too_long = says(400, json!({"code": "context_length_exceeded", "message": "too long"}));
    let refusal = Reply::stream([delta(&json!({"refusal": "no"})), super::server::finish("stop"), "[DONE]".to_owned()]);
    let filtered = Reply::stream([super::server::finish("content_filter"), "[DONE]".to_owned()]);
    for reply in [too_long, says(400, json!({"message": "what?"})), refusal, filtered] {
        let (first, second) = (Server::script([reply]), answers());
        let bench = Bench::of([("a", &first), ("b", &second)]);
        for _ in 0..4 {
            assert_eq!(bench.who(Ordered, &["a", "b"]).await, "b");
        }
        assert_eq!(first.requests().len(), 4);
    }
}

#[tokio::test]
async fn a_refused_key_is_tried_again_when_the_settings_are_read() {
    let (first, second) = (Server::script([Reply::json(401, &json!({"error": {"message": "no"}}))]), answers());
    let mut bench = Bench::of([("a", &first), ("b", &second)]);
    for _ in 0..3 {
        assert_eq!(bench.who(Ordered, &["a", "b"]).await, "b");
    }
    assert_eq!(first.requests().len(), 1);
    bench.models = bench.models.renewed(&bench.settings, &key);
    assert_eq!(bench.who(Ordered, &["a", "b"]).await, "b");
    assert_eq!(first.requests().len(), 2);
}

#[tokio::test]
async fn what_is_known_of_a_model_lasts_while_its_settings_do() {
    let (first, second) = (fails(), fails());
    let mut bench = Bench::of([("a", &first), ("b", &second)]);
    for _ in 0..3 {
        bench.ask(Ordered, &["a", "b"]).await.unwrap_err();
    }
    bench.settings.models.get_mut("b").unwrap().temperature = Some(0.5);
    bench.models = bench.models.renewed(&bench.settings, &key);
    let rests = |name| bench.models.standing(name).unwrap().resting().is_some();
    assert_eq!((rests("a"), rests("b")), (true, false));
}

#[tokio::test]
async fn the_policy_says_who_comes_first() {
    let servers = [answers(), answers(), answers()];
    let bench = Bench::of([("a", &servers[0]), ("b", &servers[1]), ("c", &servers[2])]);
    let all = ["a", "b", "c"];
    let mut who = String::new();
    for _ in 0..6 {
        who += &bench.who(RoundRobin, &all).await;
    }
    assert_eq!(who, "abcabc");

    let mut files = Vec::new();
    for number in 0..20 {
        let path = format!("src/{number}.rs");
        let first = bench.ask_about(&path, Sticky, &all).await.unwrap().0.model;
        assert_eq!(bench.ask_about(&path, Sticky, &["c", "b", "a"]).await.unwrap().0.model, first);
        let two: Vec<&str> = all.into_iter().filter(|name| *name != "c").collect();
        let without = bench.ask_about(&path, Sticky, &two).await.unwrap().0.model;
        assert!(first == "c" || without == first, "only files of the model that goes move");
        files.push(first);
    }
    assert!(all.iter().all(|name| files.iter().any(|file| file == name)), "{files:?}");
}

#[tokio::test]
async fn the_fastest_is_the_one_whose_answers_took_least() {
    let servers = [answers(), answers(), answers()];
    let bench = Bench::of([("a", &servers[0]), ("b", &servers[1]), ("c", &servers[2])]);
    let route = Route { models: ["a", "b", "c"].map(str::to_owned).to_vec(), policy: Fastest };
    bench.recall("a", 5000);
    bench.recall("b", 3000);
    assert_eq!(next(&bench.models, &route, Path::new("a.rs")), "c", "one that is not known gets known");
    bench.recall("c", 4000);
    assert_eq!(next(&bench.models, &route, Path::new("a.rs")), "b");
}

#[tokio::test]
async fn the_least_busy_is_the_one_with_the_fewest_requests() {
    let (first, second) = (Server::script([silent(), Reply::chat(&["ok"])]), answers());
    let bench = Bench::of([("a", &first), ("b", &second)]);
    let names = ["a", "b"];
    tokio::select! {
        _ = bench.ask(LeastBusy, &names) => panic!("the first answers late"),
        () = async {
            first.requested(1).await;
            assert_eq!(bench.models.standing("a").unwrap().running(), 1);
            assert_eq!(bench.who(LeastBusy, &names).await, "b");
        } => {}
    }
    assert_eq!(bench.who(LeastBusy, &names).await, "a", "a request that was dropped runs no more");
}

#[tokio::test]
async fn in_a_race_the_second_starts_when_the_first_is_slow_and_the_loser_is_dropped() {
    let (first, second) = (Server::script([silent()]), answers());
    let bench = Bench::of([("a", &first), ("b", &second)]);
    bench.recall("a", 200);
    let began = Instant::now();
    assert_eq!(bench.who(Race, &["a", "b"]).await, "b");
    assert!(began.elapsed() >= Duration::from_millis(100), "the first byte may take half of the whole");
    assert_eq!(bench.leads(), [" | a", "a is slow | b"]);
    first.hung_up().await;
    assert_eq!(bench.models.standing("a").unwrap().running(), 0);
}

#[tokio::test]
async fn in_a_race_a_first_that_is_quick_runs_alone() {
    let (first, second) = (answers(), answers());
    let bench = Bench::of([("a", &first), ("b", &second)]);
    assert_eq!(bench.who(Race, &["a", "b"]).await, "a");
    assert_eq!(second.requests().len(), 0);
}

#[tokio::test]
async fn in_a_race_one_that_writes_slowly_counts_as_slow_and_may_still_win() {
    let slowly = Reply::stream([delta(&json!({"content": "o"}))])
        .then(Step::Wait(Duration::from_millis(600)))
        .send(format!("data: {}\n\ndata: {}\n\n", delta(&json!({"content": "k"})), super::server::finish("stop")));
    let (first, second) = (Server::script([slowly]), Server::script([silent()]));
    let bench = Bench::of([("a", &first), ("b", &second)]);
    bench.recall("a", 100);
    let (answer, before) = bench.ask(Race, &["a", "b"]).await.unwrap();
    assert_eq!((answer.model.as_str(), answer.text.as_str(), before.len()), ("a", "ok", 0));
    second.hung_up().await;
}

#[tokio::test]
async fn in_a_race_a_failure_brings_the_next_at_once() {
    let (first, second) = (fails(), answers());
    let bench = Bench::of([("a", &first), ("b", &second)]);
    let (answer, before) = bench.ask(Race, &["a", "b"]).await.unwrap();
    assert_eq!((answer.model.as_str(), before), ("b", vec!["a failed (server error 500)".to_owned()]));
}

#[tokio::test]
async fn one_probe_at_a_time_finds_out_whether_a_model_works_again() {
    let (first, second) = (Server::script([silent()]), answers());
    let bench = Bench::of([("a", &first), ("b", &second)]);
    let fault = |ago| Past { ago: Duration::from_secs(ago), end: Ended::Fault("server error 500".to_owned()) };
    [42, 41, 40].map(fault).iter().for_each(|past| bench.models.standing("a").unwrap().recall(past));
    let names = ["a", "b"];
    tokio::select! {
        _ = bench.ask(Ordered, &names) => panic!("the probe answers late"),
        () = async {
            first.requested(1).await;
            for _ in 0..3 {
                assert_eq!(bench.who(Ordered, &names).await, "b");
            }
            assert_eq!(first.requests().len(), 1);
        } => {}
    }
    // the probe was cancelled, so the next one may be it
    let route = Route::ordered(names.map(str::to_owned).to_vec());
    assert_eq!(next(&bench.models, &route, Path::new("a.rs")), "a");
}
