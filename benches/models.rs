//! Models over HTTP on this machine: `cargo bench --bench models`. Prints one table; each figure stands beside what it has
//! to keep to. A server of its own answers in the same process, so both share the machine. Ends by itself.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::expect_used, clippy::panic)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use whittle_lsp::chunks::Chunks;
use whittle_lsp::config::{ModelSettings, ProviderRow};
use whittle_lsp::context::{FocusRule, Subject, Texts, gather};
use whittle_lsp::index::Index;
use whittle_lsp::models::{Delta, Provider, build};
use whittle_lsp::prompt::{BuiltIn, Operations, Request, Wish};
use whittle_lsp::text::{Span, Text};

const SAMPLE: &str = include_str!("../tests/fixtures/chunks/sample.rs");

/// What a server's token looks like in each protocol, with all that real servers put around it; then the end.
const SPEECHES: [(&str, &str, &str); 5] = [
    (
        "openai",
        r#"data: {"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion.chunk","created":1741570283,"model":"gpt-5.4-2026-03-05","service_tier":"default","system_fingerprint":"fp_fc9f1d7035","choices":[{"index":0,"delta":{"content":"TOKEN"},"logprobs":null,"finish_reason":null}],"usage":null}"#,
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
    ),
    (
        "openai-responses",
        "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":5,\"item_id\":\"msg_67c9fdcf37fc8190ba82116e33fb28c507b8b0ad4e5eb654\",\"output_index\":0,\"content_index\":0,\"delta\":\"TOKEN\",\"logprobs\":[],\"obfuscation\":\"vFnZk1\"}",
        "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}\n\n",
    ),
    (
        "anthropic",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"TOKEN\"}      }",
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":9}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    ),
    (
        "gemini",
        r#"data: {"candidates": [{"content": {"parts": [{"text": "TOKEN"}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 8,"candidatesTokenCount": 12,"totalTokenCount": 20,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 8}]},"modelVersion": "gemini-3.1-pro-preview","responseId": "mAitaLmkHPPlz7IPvtfUqQ4"}"#,
        "data: {\"candidates\": [{\"finishReason\": \"STOP\"}]}\n\n",
    ),
    (
        "ollama",
        r#"{"model":"qwen3-coder:30b","created_at":"2026-08-04T08:52:19.385406455-07:00","message":{"role":"assistant","content":"TOKEN"},"done":false}"#,
        "{\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\"}\n",
    ),
];

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

fn event(provider: &str, token: &str) -> String {
    let (name, event, _) = SPEECHES.iter().find(|(name, ..)| *name == provider).unwrap();
    event.replace("TOKEN", token) + if *name == "ollama" { "\n" } else { "\n\n" }
}

fn end(provider: &str) -> &'static str {
    SPEECHES.iter().find(|(name, ..)| *name == provider).unwrap().2
}

fn model(provider: &str, at: SocketAddr) -> Box<dyn Provider> {
    let row = ProviderRow::named(provider).unwrap();
    let path = if provider.starts_with("openai") { "/v1" } else { "" };
    let settings =
        ModelSettings { base_url: Some(format!("http://{at}{path}")), local: true, ..ModelSettings::new(row, "bench") };
    build("bench", &settings, &|_| None).unwrap()
}

/// A question with the focus of one small function.
fn request() -> Request {
    struct Nothing;
    impl Texts for Nothing {
        fn text(&self, _: &str) -> Option<Text> {
            None
        }
    }
    let text = Text::from("fn answer() -> u32 { 42 }\n");
    let chunks = Arc::new(Chunks::cut(&text, None));
    let selection = Span::new(3, 3);
    let focus = chunks.focus_at(selection);
    let subject = Subject { path: "a.rs".to_owned(), language: None, text, tree: None, chunks, focus, selection };
    let context = gather(subject, &Index::default(), &Nothing, 4000, FocusRule::MayFold).unwrap();
    let explain = Operations::default().of(BuiltIn::Explain).clone();
    Request::new(explain, Arc::new(context), Wish::default())
}

/// Reads one request to its end; false when the client is gone.
async fn take(stream: &mut TcpStream) -> bool {
    let mut bytes = Vec::new();
    let mut room = [0; 16 << 10];
    loop {
        let Ok(read @ 1..) = stream.read(&mut room).await else { return false };
        bytes.extend_from_slice(&room[..read]);
        let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
        if bytes.len() >= head + 4 + length.map_or(0, |length| length.trim().parse().unwrap()) {
            return true;
        }
    }
}

/// Serves every connection with `answer`.
async fn serve<F>(answer: impl Fn(TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).unwrap();
            tokio::spawn(answer(stream));
        }
    });
    at
}

fn row(what: &str, figure: &str, wanted: &str) {
    println!("{what:<66} {figure:>22}   {wanted}");
}

fn times(what: &str, mut times: Vec<Duration>, wanted: &str) {
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1000.0;
    row(what, &format!("{:.3} / {:.3} ms", at(50), at(99)), wanted);
}

/// Streams of many megabytes, sent as fast as the connection takes them. A token is a word's length; the answer stays below
/// the largest that is taken.
async fn decoding(provider: &'static str) {
    let one = event(provider, " function");
    let count = 400_000.min((64 << 20) / one.len());
    let body = Arc::new(HEAD.to_owned() + &one.repeat(count) + end(provider));
    let (size, sent) = (body.len(), body.clone());
    let at = serve(move |mut stream| {
        let body = sent.clone();
        async move {
            take(&mut stream).await;
            let _ = stream.write_all(body.as_bytes()).await;
        }
    })
    .await;
    let (model, request) = (model(provider, at), request());
    let mut best = Duration::MAX;
    for _ in 0..4 {
        let started = Instant::now();
        let answer = model.ask(&request, &mut |_| {}).await.unwrap();
        assert_eq!(answer.text.len(), " function".len() * count, "{provider}");
        best = best.min(started.elapsed());
    }
    let speed = size as f64 / 1e6 / best.as_secs_f64();
    row(&format!("decoding {provider}, {} MB, best of 4", size / 1_000_000), &format!("{speed:.0} MB/s"), "> 200 MB/s");
}

/// From when the last bytes of an answer are given to the connection until the answer is there.
async fn last_byte(provider: &'static str) {
    let written = Arc::new(Mutex::new(Instant::now()));
    let noted = written.clone();
    let begin = HEAD.to_owned() + &event(provider, " function").repeat(400);
    let at = serve(move |mut stream| {
        let (begin, noted) = (begin.clone(), noted.clone());
        async move {
            take(&mut stream).await;
            stream.write_all(begin.as_bytes()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await;
            *noted.lock().unwrap() = Instant::now();
            let _ = stream.write_all(end(provider).as_bytes()).await;
        }
    })
    .await;
    let (model, request) = (model(provider, at), request());
    let mut took = Vec::new();
    for _ in 0..200 {
        model.ask(&request, &mut |_| {}).await.unwrap();
        took.push(written.lock().unwrap().elapsed());
    }
    times(&format!("last byte to the finished answer, {provider}"), took, "< 1 ms");
}

/// As many streams at once as asked for, each of which says its own number again and again.
async fn streams(count: usize) {
    const EVENTS: usize = 100;
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now, peak) = (open.clone(), most.clone());
    let at = serve(move |mut stream| {
        let (now, peak) = (now.clone(), peak.clone());
        async move {
            take(&mut stream).await;
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let _ = stream.write_all(HEAD.as_bytes()).await;
            for number in 0..EVENTS {
                let _ = stream.write_all(event("openai", &format!("{number},")).as_bytes()).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            now.fetch_sub(1, Ordering::SeqCst);
            let _ = stream.write_all(end("openai").as_bytes()).await;
        }
    })
    .await;
    let model: Arc<dyn Provider> = Arc::from(model("openai", at));
    let request = Arc::new(request());
    let wanted: String = (0..EVENTS).map(|number| format!("{number},")).collect();
    let started = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..count {
        let (model, request) = (model.clone(), request.clone());
        running.spawn(async move {
            let mut events = 0;
            let answer = model.ask(&request, &mut |delta| events += usize::from(matches!(delta, Delta::Text(_)))).await;
            (answer.map(|answer| answer.text), events)
        });
    }
    let ended = running.join_all().await;
    let took = started.elapsed();
    let events: usize = ended.iter().map(|(_, events)| events).sum();
    let whole = ended.iter().filter(|(text, _)| text.as_ref() == Ok(&wanted)).count();
    let lost = count * EVENTS - events;
    let most = most.load(Ordering::SeqCst);
    row(
        &format!("{count} streams of {EVENTS} events, {most} of them at once"),
        &format!("{lost} events lost"),
        &format!("0; {whole} whole, {:.0} events/s", events as f64 / took.as_secs_f64()),
    );
}

/// Requests that are answered at once, 16 at a time over connections that stay open.
async fn requests() {
    let body = json!({"choices": [{"message": {"content": "ok"}, "finish_reason": "stop"}]}).to_string();
    let reply =
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let at = serve(move |mut stream| {
        let reply = reply.clone();
        async move {
            while take(&mut stream).await {
                let _ = stream.write_all(reply.as_bytes()).await;
            }
        }
    })
    .await;
    let model: Arc<dyn Provider> = Arc::from(model("openai", at));
    let request = Arc::new(request());
    let (started, limit) = (Instant::now(), Duration::from_secs(3));
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (model, request) = (model.clone(), request.clone());
        running.spawn(async move {
            let mut took = Vec::new();
            while started.elapsed() < limit {
                let asked = Instant::now();
                assert_eq!(model.ask(&request, &mut |_| {}).await.unwrap().text, "ok");
                took.push(asked.elapsed());
            }
            took
        });
    }
    let took: Vec<Duration> = running.join_all().await.into_iter().flatten().collect();
    let rate = took.len() as f64 / started.elapsed().as_secs_f64();
    row("requests that are answered at once, 16 at a time", &format!("{rate:.0} a second"), "> 500 a second");
    times("each of them", took, "");
}

/// From when a running request is dropped until its server sees the connection end.
async fn hanging_up() {
    let (sender, mut ended) = tokio::sync::mpsc::unbounded_channel();
    let at = serve(move |mut stream| {
        let sender = sender.clone();
        async move {
            take(&mut stream).await;
            let _ = stream.write_all((HEAD.to_owned() + &event("openai", "half")).as_bytes()).await;
            while let Ok(1..) = stream.read(&mut [0; 64]).await {}
            let _ = sender.send(Instant::now());
        }
    })
    .await;
    let (model, request) = (model("openai", at), request());
    let mut took = Vec::new();
    for _ in 0..200 {
        let came = tokio::sync::Notify::new();
        {
            let mut watch = |_: Delta<'_>| came.notify_one();
            tokio::select! {
                result = model.ask(&request, &mut watch) => panic!("{result:?}"),
                () = came.notified() => {}
            }
        }
        let dropped = Instant::now();
        took.push(ended.recv().await.unwrap().saturating_duration_since(dropped));
    }
    times("a dropped request to the end of its connection", took, "< 100 ms");
}

/// The whole program as an editor runs it.
struct Editor {
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    next: i64,
}

impl Editor {
    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        write!(self.stdin, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        self.stdin.flush().unwrap();
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.stdout.read_line(&mut line).unwrap() > 0, "the program ended");
            match line.trim().split_once(':') {
                Some(("Content-Length", value)) => length = value.trim().parse().unwrap(),
                _ if line == "\r\n" => break,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        self.stdout.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    fn request(&mut self, method: &str, params: &Value) {
        self.next += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.next, "method": method, "params": params }));
    }

    fn notify(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }
}

/// Jobs that run at once in one server: each waits 300 ms for its answer, which is then shown.
fn jobs(runtime: &Runtime, count: usize) {
    const WAIT: Duration = Duration::from_millis(300);
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now, peak) = (open.clone(), most.clone());
    let at = runtime.block_on(serve(move |mut stream| {
        let (now, peak) = (now.clone(), peak.clone());
        async move {
            take(&mut stream).await;
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(WAIT).await;
            now.fetch_sub(1, Ordering::SeqCst);
            let reply = [HEAD, &event("openai", "It adds."), end("openai")].concat();
            let _ = stream.write_all(reply.as_bytes()).await;
        }
    }));
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let mut command = Command::new(env!("CARGO_BIN_EXE_whittle"));
    command.arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    for home in ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"] {
        command.env(home, root.join("home"));
    }
    let mut child = command.spawn().unwrap();
    let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let mut editor = Editor { stdin, stdout, next: 0 };
    let model = json!({ "provider": "openai", "base_url": format!("http://{at}/v1"), "model": "m" });
    let options = json!({ "models": { "big": model }, "explain": { "show_in": "hover" } });
    let folders = json!([{ "uri": format!("file://{}", root.display()), "name": "bench" }]);
    let params =
        json!({ "processId": null, "capabilities": {}, "workspaceFolders": folders, "initializationOptions": options });
    editor.request("initialize", &params);
    editor.receive();
    editor.notify("initialized", &json!({}));
    let uri = |number: usize| format!("file://{}/{number}.rs", root.display());
    for number in 0..count {
        // each has a text of its own: a kept answer would be no request
        let text = format!("// {number}\n{SAMPLE}");
        let document = json!({ "uri": uri(number), "languageId": "rust", "version": 1, "text": text });
        editor.notify("textDocument/didOpen", &json!({ "textDocument": document }));
    }
    let place = SAMPLE.lines().position(|line| line.contains("fn x(&self)")).unwrap() + 1;
    let range = json!({ "start": { "line": place, "character": 8 }, "end": { "line": place, "character": 8 } });
    let started = Instant::now();
    for number in 0..count {
        let arguments = json!([{ "uri": uri(number), "range": range }]);
        editor.request("workspace/executeCommand", &json!({ "command": "whittle.explain", "arguments": arguments }));
    }
    let mut ready = 0;
    while ready < count {
        let message = editor.receive();
        ready += usize::from(message["method"] == "window/showMessage");
    }
    let took = started.elapsed();
    let _ = child.kill();
    let _ = child.wait();
    let most = most.load(Ordering::SeqCst);
    row(
        &format!("{count} jobs in one server, {most} at once, each 300 ms at the model"),
        &format!("{:.0} ms for all", took.as_secs_f64() * 1000.0),
        &format!("{count} at once"),
    );
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    println!("{:<66} {:>22}   wanted", "", "figure, median / p99");
    // on this thread: beside the server's, as a job has it
    for (provider, ..) in SPEECHES {
        runtime.block_on(decoding(provider));
    }
    for (provider, ..) in SPEECHES {
        runtime.block_on(last_byte(provider));
    }
    runtime.block_on(streams(1000));
    runtime.block_on(requests());
    runtime.block_on(hanging_up());
    jobs(&runtime, 50);
}
