//! The provider of OpenAI chat completions against servers that do well and servers that don't.

use std::time::Duration;

use serde_json::json;
use whittle_lsp::config::ModelSettings;
use whittle_lsp::models::{Answer, Cause, Delta, Error, Usage};

use super::asking::{KEY, TRUNCATED, ask, patient, provider, request, settings};
use super::server::{Reply, Server, Step, delta, finish};

/// Replies → a whole answer.
async fn check_answer(reply: Reply, wanted: &str) {
    let server = Server::script([reply]);
    let (result, text, _) = ask(&patient(&server.base_url())).await;
    assert_eq!(result.map(|answer| answer.text), Ok(wanted.to_owned()));
    assert_eq!(text, wanted);
}

/// Replies → the message of an error.
async fn check_error(replies: impl IntoIterator<Item = Reply>, wanted: &str) {
    let server = Server::script(replies);
    let (result, ..) = ask(&patient(&server.base_url())).await;
    let message = result.unwrap_err().to_string().replace(&server.base_url(), "BASE");
    assert_eq!(message, wanted);
}

fn text(piece: &str) -> String {
    delta(&json!({"content": piece}))
}

#[tokio::test]
async fn a_request_holds_what_the_protocol_wants_and_no_more() {
    let server = Server::script([Reply::chat(&["It ", "works."])]);
    let (result, text, _) = ask(&patient(&server.base_url())).await;
    let usage = Some(Usage { input: 7, output: 3, ..Usage::default() });
    let wanted = Answer { text: "It works.".to_owned(), model: "big".to_owned(), usage, ..Answer::default() };
    assert_eq!(result, Ok(wanted));
    assert_eq!(text, "It works.");

    let requests = server.requests();
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/v1/chat/completions"));
    assert_eq!(request.header("authorization"), Some("Bearer sk-very-secret"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert!(request.header("user-agent").unwrap().starts_with("whittle/"));
    assert_eq!(
        request.body,
        json!({
            "model": "qwen3-coder",
            "messages": [
                {"role": "system", "content": "You explain code."},
                {"role": "user", "content": "fn very_secret_code() -> u32 { 42 }"},
            ],
            "stream": true,
            "stream_options": {"include_usage": true},
        })
    );
}

#[tokio::test]
async fn without_a_key_no_authorization_is_sent() {
    let server = Server::script([Reply::chat(&["ok"])]);
    let (result, ..) = ask(&ModelSettings { key_env: None, ..patient(&server.base_url()) }).await;
    assert!(result.is_ok());
    assert_eq!(server.requests()[0].header("authorization"), None);
}

#[tokio::test]
async fn a_stream_is_read_however_it_is_cut() {
    let pieces = ["Größe: ", "\u{1f600}", "\r\n\"x\""];
    let whole = pieces.concat();
    check_answer(Reply::chat(&pieces).bytewise(), &whole).await;
    check_answer(Reply::chat(&pieces).line_ends("\r\n"), &whole).await;
    check_answer(Reply::chat(&pieces).line_ends("\r\n").bytewise(), &whole).await;
    check_answer(Reply::chat(&pieces).line_ends("\r"), &whole).await;
}

#[tokio::test]
async fn what_servers_add_or_leave_out_does_no_harm() {
    let stream = || Reply::new(200, "text/event-stream");
    let event = |data: &str| format!("data: {data}\n\n");
    // A byte order mark, comments, other events, unknown fields, no blank after the colon.
    check_answer(
        stream()
            .send("\u{feff}: hello\n\n")
            .send("event: ping\ndata: now\n\n")
            .send("retry: 5\nid: 1\nfoo: bar\n\n")
            .send(event(r#"{"unknown":1}"#))
            .send(format!("data:{}\n\n", text("a")))
            .send(":\n\n")
            .send(event(&json!({"choices": [{"index": 1, "delta": {"content": "other"}}]}).to_string()))
            .send(event(&finish("stop")))
            .send("data: [DONE]\n\n"),
        "a",
    )
    .await;
    // No end mark; no end of the last event; usage in a choice; a finish reason before the last text.
    check_answer(Reply::stream([text("a"), finish("stop")]), "a").await;
    check_answer(stream().send(event(&text("a"))).send(format!("data: {}", finish("stop"))), "a").await;
    check_answer(Reply::stream([text("a"), finish("stop")]).then(Step::Drop), "a").await;
    check_answer(Reply::stream([text("a"), finish("stop")]).then(Step::Stall), "a").await;
    // Half a surrogate pair, a list of parts, a wrong content type.
    check_answer(
        Reply::stream([r#"{"choices":[{"delta":{"content":"\ud83d!"}}]}"#.to_owned(), finish("stop")]),
        "\u{fffd}!",
    )
    .await;
    let parts = json!([{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]);
    check_answer(Reply::stream([delta(&json!({"content": parts})), finish("stop")]), "ab").await;
    check_answer(Reply::body(200, "text/plain", &format!("data: {}\n\ndata: {}\n\n", text("a"), finish("stop"))), "a")
        .await;
    // A single event of a megabyte.
    let huge = "x".repeat(1 << 20);
    check_answer(Reply::chat(&[&huge]), &huge).await;
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_understood() {
    let whole = |message, reason| {
        Reply::json(200, &json!({"choices": [{"index": 0, "message": message, "finish_reason": reason}]}))
    };
    check_answer(whole(json!({"content": "<think>hm</think>whole"}), json!("stop")).bytewise(), "whole").await;
    check_answer(whole(json!({"content": "whole"}), json!(null)), "whole").await;
    let length = "big reached its limit of tokens before it was done. Select less, raise max_output_tokens in [models.big], or use a model that may write more.";
    check_error([whole(json!({"content": "part"}), json!("length"))], length).await;
    check_error([Reply::body(200, "application/json", r#"{"choices": [{"mess"#)], TRUNCATED).await;
    check_error(
        [Reply::json(200, &json!({"hello": "world"}))],
        "big answered at BASE/chat/completions with JSON that is not a chat completion. \
         Check `base_url` and `provider` in [models.big]; base_url usually ends in /v1.",
    )
    .await;
}

#[tokio::test]
async fn reasoning_is_kept_apart() {
    let check = async |events: Vec<String>| {
        let server = Server::script([Reply::stream(events)]);
        let (result, text, reasoning) = ask(&patient(&server.base_url())).await;
        let answer = result.unwrap();
        assert_eq!((answer.text.as_str(), answer.reasoning.as_str()), ("answer", "thought"));
        assert_eq!((text.as_str(), reasoning.as_str()), ("answer", "thought"));
    };
    let think = |key: &str| delta(&json!({key: "thought", "content": null}));
    check(vec![think("reasoning_content"), text("answer"), finish("stop")]).await;
    check(vec![think("reasoning"), text("answer"), finish("stop")]).await;
    let both = delta(&json!({"reasoning": "thought", "reasoning_content": "thought"}));
    check(vec![both, text("answer"), finish("stop")]).await;
    check(vec![text("<th"), text("ink>thought</t"), text("hink>\n\nanswer"), finish("stop")]).await;
}

#[tokio::test]
async fn an_answer_that_is_not_whole_is_an_error() {
    check_error([Reply::stream([text("half")]).then(Step::Drop)], TRUNCATED).await;
    check_error([Reply::stream([text("half")])], TRUNCATED).await;
    check_error([Reply::stream([text("half"), "[DONE]".to_owned()])], TRUNCATED).await;
    check_error([Reply::stream([text("half")]).send(r#"data: {"choices":[{"delta""#)], TRUNCATED).await;
    check_error(
        [Reply::stream([text("half"), finish("length")])],
        "big reached its limit of tokens before it was done. Select less, raise max_output_tokens in [models.big], or use a model that may write more.",
    )
    .await;
    check_error(
        [Reply::stream([finish("stop"), "[DONE]".to_owned()])],
        "big gave an empty answer. Ask again, or use another model.",
    )
    .await;
    check_error(
        [Reply::stream([text("<think>only thought"), finish("stop")])],
        "big gave an empty answer. Ask again, or use another model.",
    )
    .await;
    check_error(
        [Reply::stream([
            delta(&json!({"refusal": "I can't"})),
            delta(&json!({"refusal": " do that."})),
            finish("stop"),
        ])],
        "big declined to answer: I can't do that. Word the request differently, or use another model.",
    )
    .await;
    check_error(
        [Reply::stream([text("half"), finish("content_filter")])],
        "The content filter of big stopped the answer. Word the request differently, or use another model.",
    )
    .await;
    check_error(
        [Reply::stream([delta(&json!({"tool_calls": [{"index": 0}]})), finish("tool_calls")])],
        "big answered at BASE/chat/completions with a call of a tool, though it was offered none. \
         Check `base_url` and `provider` in [models.big]; base_url usually ends in /v1.",
    )
    .await;
}

#[tokio::test]
async fn an_error_in_the_midst_of_an_answer_is_an_error() {
    let failed = "big's server failed: out of memory. Ask again later, or use another model.";
    let error = json!({"error": {"message": "out of memory", "type": "server_error"}}).to_string();
    check_error([Reply::stream([text("half"), error.clone(), finish("stop")])], failed).await;
    let event = Reply::stream([text("half")]).send(format!("event: error\ndata: {error}\n\n"));
    check_error([event], failed).await;
    check_error([Reply::stream([text("half")]).send("event: error\ndata: out of memory\n\n")], failed).await;
    check_error(
        [Reply::stream([r#"{"error":{"code":429,"message":"slow down"}}"#]).header("x", "y")],
        "big gets too many requests: slow down. Ask again in a while, or use another model.",
    )
    .await;
}

#[tokio::test]
async fn nonsense_is_not_taken_for_an_answer() {
    let nonsense = |what: &str| {
        format!(
            "big answered at BASE/chat/completions with {what}. \
             Check `base_url` and `provider` in [models.big]; base_url usually ends in /v1."
        )
    };
    let page = "\n<!doctype html><title>Welcome</title>";
    check_error([Reply::body(200, "text/html", page)], &nonsense("a web page instead of the API")).await;
    check_error([Reply::body(200, "text/plain", "OK")], &nonsense("something that is not a stream of events")).await;
    check_error([Reply::stream(["certainly!"])], &nonsense("events that are not JSON")).await;
    check_error([Reply::stream([r#"{"a":"#, r#"{"b":1}"#])], &nonsense("events that are not JSON")).await;
    check_error(
        [Reply::new(200, "text/event-stream").send(b"data: \xff\xfe\n\n")],
        &nonsense("text that is not UTF-8"),
    )
    .await;
    check_error([Reply::raw(b"220 mail.example.com ESMTP\r\n")], &nonsense("something that is not HTTP")).await;
    check_error(
        [Reply::new(307, "text/plain").header("location", "http://elsewhere.example/v1")],
        &nonsense("a redirect to another address (status 307)"),
    )
    .await;
}

#[tokio::test]
async fn each_status_says_what_to_do() {
    let error = |message: &str| json!({"error": {"message": message}});
    check_error(
        [Reply::json(401, &error(&format!("Incorrect API key provided: {KEY}.\nSee the docs")))],
        "big refused the key of MY_KEY (status 401: Incorrect API key provided: [key]. See the docs). \
         Check the environment variable MY_KEY, and what its key may be used for.",
    )
    .await;
    check_error(
        [Reply::body(403, "text/html", "<html>no</html>")],
        "big refused the key of MY_KEY (status 403). \
         Check the environment variable MY_KEY, and what its key may be used for.",
    )
    .await;
    check_error(
        [Reply::json(404, &error("The model `qwen3-coder` does not exist"))],
        "big was not found at BASE/chat/completions: The model `qwen3-coder` does not exist. \
         Check `model` and `base_url` in [models.big]; base_url usually ends in /v1.",
    )
    .await;
    check_error(
        [Reply::json(400, &json!({"error": {"code": "context_length_exceeded", "message": "too many tokens"}}))],
        "The prompt is too long for big: too many tokens. \
         Lower context.budget, select less, or use a model with a larger window.",
    )
    .await;
    check_error(
        [Reply::json(422, &json!({"detail": [{"msg": "bad", "input": "fn very_secret_code() -> u32 { 42 }"}]}))],
        "big did not accept the request (status 422: bad). Check `model` and `provider` in [models.big].",
    )
    .await;
    check_error(
        [Reply::json(400, &error("can't parse: fn very_secret_code() -> u32 { 42 }"))],
        "big did not accept the request (status 400: can't parse: […]). Check `model` and `provider` in [models.big].",
    )
    .await;
    check_error(
        [Reply::json(429, &error("slow down")).header("retry-after", "61")],
        "big gets too many requests: slow down. Ask again in 61 s, or use another model.",
    )
    .await;
    check_error(
        [Reply::json(429, &json!({"error": {"code": "insufficient_quota", "message": "no credit"}}))],
        "big has no credit left: no credit. Check the account's plan and billing, or use another model.",
    )
    .await;

    let server = Server::script([Reply::json(401, &error("who are you"))]);
    let (result, ..) = ask(&ModelSettings { key_env: None, ..patient(&server.base_url()) }).await;
    assert_eq!(
        result.unwrap_err().to_string(),
        "big refused a request without a key (status 401: who are you). \
         Name the environment variable that holds its key with key_env in [models.big]."
    );
}

#[tokio::test]
async fn silence_ends_at_its_limit() {
    let check = async |reply: Reply, wanted: &str| {
        let server = Server::script([reply]);
        let (result, ..) = ask(&settings(&server.base_url())).await;
        assert_eq!(result.unwrap_err().to_string(), wanted);
        server.hung_up().await;
        assert_eq!(server.requests().len(), 1);
    };
    let first = "big sent nothing for 0.4 s. Ask again, or raise timeout.first_byte in [models.big].";
    check(Reply::chat(&[]).after(Duration::from_secs(60)), first).await;
    check(Reply::new(200, "text/event-stream").then(Step::Stall), first).await;
    // An empty event before the first word is no word: some models think after it.
    check(Reply::stream([delta(&json!({"role": "assistant", "content": ""}))]).then(Step::Stall), first).await;
    let between = "big sent nothing for 0.4 s. Ask again, or raise timeout.between in [models.big].";
    check(Reply::stream([text("half")]).then(Step::Stall), between).await;
}

#[tokio::test]
async fn comments_keep_a_slow_answer_alive() {
    let mut reply = Reply::new(200, "text/event-stream");
    for _ in 0..8 {
        reply = reply.send(": still here\n\n").then(Step::Wait(Duration::from_millis(100)));
    }
    let reply = reply.send(format!("data: {}\n\ndata: {}\n\n", text("slow"), finish("stop")));
    let server = Server::script([reply]);
    let (result, ..) = ask(&settings(&server.base_url())).await;
    assert_eq!(result.unwrap().text, "slow");
}

#[tokio::test]
async fn an_endless_answer_ends() {
    let check = async |reply: Reply, limit: usize| {
        let server = Server::script([reply]);
        let (result, ..) = ask(&patient(&server.base_url())).await;
        assert_eq!(result, Err(Error::TooLarge { model: "big".to_owned(), limit }));
        server.hung_up().await;
    };
    let stream = || Reply::new(200, "text/event-stream");
    let words = format!("data: {}\n\n", text(&"word ".repeat(10_000)));
    check(stream().then(Step::Forever(words.into_bytes())), 4 << 20).await;
    let thoughts = format!("data: {}\n\n", delta(&json!({"reasoning": "hm ".repeat(10_000)})));
    check(stream().then(Step::Forever(thoughts.into_bytes())), 4 << 20).await;
    let comment = format!(": {}\n", "ping".repeat(10_000));
    check(stream().then(Step::Forever(comment.into_bytes())), 16 << 20).await;
    let line = "x".repeat(100_000);
    check(stream().send("data: ").then(Step::Forever(line.into_bytes())), 16 << 20).await;
    check(Reply::new(200, "application/json").send("{\"a\":\"").then(Step::Forever(vec![b'x'; 100_000])), 16 << 20)
        .await;
    check(stream().then(Step::Forever(vec![b'\n'; 100_000])), 16 << 20).await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (result, ..) = ask(&settings(&format!("http://127.0.0.1:{port}/v1"))).await;
    assert_eq!(
        result.unwrap_err().to_string(),
        format!(
            "big cannot be reached at 127.0.0.1:{port}: nothing is listening there; start the server, or correct base_url."
        )
    );

    let (result, ..) = ask(&patient("https://no-such-host.invalid/v1")).await;
    let Err(Error::Unreachable { host, cause, .. }) = result else { panic!("{result:?}") };
    assert_eq!(host, "no-such-host.invalid:443");
    // Behind a proxy the name is the proxy's to know.
    assert!(matches!(cause, Cause::NoSuchHost | Cause::Other(_)), "{cause}");

    // Speaks no TLS.
    let server = Server::script([Reply::chat(&["ok"])]);
    let (result, ..) = ask(&patient(&server.base_url().replace("http:", "https:"))).await;
    assert!(matches!(result, Err(Error::Unreachable { cause: Cause::Tls(_), .. })), "{result:?}");
}

#[tokio::test]
async fn cancelling_drops_the_connection() {
    let check = async |reply: Reply, word: bool| {
        let server = Server::script([reply]);
        let provider = provider(&patient(&server.base_url()));
        let request = request();
        let came = tokio::sync::Notify::new();
        let mut watch = |_: Delta<'_>| came.notify_one();
        tokio::select! {
            result = provider.ask(&request, &mut watch) => panic!("{result:?}"),
            () = async {
                if word { came.notified().await } else { server.requested(1).await }
            } => {}
        }
        // The provider lives on: dropping the future alone must do it.
        server.hung_up().await;
        assert_eq!(provider.name(), "big");
    };
    check(Reply::chat(&[]).after(Duration::from_secs(60)), false).await;
    check(Reply::stream([text("half")]).then(Step::Stall), true).await;
}
