//! The whole program over its standard input and output: `cargo bench --bench program`. Prints one table: times as
//! median and 99th percentile, memory as the system counts it. Talks to this machine only and ends by itself.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::expect_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const SAMPLE: &str = include_str!("../tests/fixtures/chunks/sample.rs");

struct Program {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    next: i64,
}

impl Program {
    fn start(root: &Path, options: &Value) -> (Self, Duration) {
        let started = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_whittle"));
        command.arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        for folder in ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
            command.env(folder, root.join("home"));
        }
        let mut child = command.spawn().unwrap();
        let stdin = child.stdin.take().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut program = Self { child, stdin, stdout, next: 0 };
        let uri = format!("file://{}", root.display());
        program.request(
            "initialize",
            json!({ "processId": null, "rootUri": uri, "initializationOptions": options, "capabilities": {
                "general": { "positionEncodings": ["utf-8"] },
            } }),
        );
        let took = started.elapsed();
        program.notify("initialized", &json!({}));
        (program, took)
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        write!(self.stdin, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        self.stdin.flush().unwrap();
    }

    fn notify(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.stdout.read_line(&mut line).unwrap();
            match line.trim().split_once(':') {
                Some(("Content-Length", value)) => length = value.trim().parse().unwrap(),
                _ if line == "\r\n" => break,
                _ => assert!(!line.is_empty(), "the program ended"),
            }
        }
        let mut body = vec![0; length];
        self.stdout.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    fn request(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive();
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
        }
    }

    fn open(&mut self, uri: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": "rust", "version": 1, "text": text });
        self.notify("textDocument/didOpen", &json!({ "textDocument": document }));
    }

    fn code_actions(&mut self, uri: &str, line: usize) -> Value {
        let place = json!({ "line": line, "character": 8 });
        self.request(
            "textDocument/codeAction",
            json!({
                "textDocument": { "uri": uri },
                "range": { "start": place, "end": place },
                "context": { "diagnostics": [] },
            }),
        )
    }

    /// Resident memory in MiB.
    fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or("VmRSS: 0 kB");
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn row(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1000.0;
    println!("{what:<58} {:>9.3} ms {:>9.3} ms", at(50), at(99));
}

fn repeat(count: usize, mut one: impl FnMut()) -> Vec<Duration> {
    (0..count)
        .map(|_| {
            let started = Instant::now();
            one();
            started.elapsed()
        })
        .collect()
}

/// A server that takes requests and says when; `answers`: it replies, else it stays silent.
fn model(answer: Option<&'static str>) -> (String, Receiver<Instant>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let (sender, last_byte) = channel();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming().flatten().take(4000) {
            match answer {
                None => open.push(stream),
                Some(answer) => {
                    let _ = reply(stream, answer).map(|at| sender.send(at));
                }
            }
        }
    });
    (url, last_byte)
}

fn reply(mut stream: TcpStream, answer: &str) -> std::io::Result<Instant> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if line.trim().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length])?;
    let event = json!({ "choices": [{ "index": 0, "delta": { "content": answer }, "finish_reason": null }] });
    let end = json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] });
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\ndata: {event}\n\n")?;
    stream.flush()?;
    std::thread::sleep(Duration::from_millis(20));
    let at = Instant::now();
    write!(stream, "data: {end}\n\ndata: [DONE]\n\n")?;
    stream.flush()?;
    Ok(at)
}

fn options(url: &str) -> Value {
    json!({
        "models": { "big": { "provider": "openai", "base_url": url, "model": "m" } },
        "cache": { "answers": false },
        "usage": { "keep": false },
        "edits": { "format": false, "verify": "off" },
    })
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::write(root.join("Cargo.toml"), "[package]\nname = \"bench\"\n").unwrap();
    let uri = format!("file://{}/a.rs", root.display());
    let line = SAMPLE.lines().position(|line| line.contains("fn x(&self)")).unwrap();
    println!("{:<58} {:>12} {:>12}", "", "median", "p99");

    row("start to `initialize` answered", (0..20).map(|_| Program::start(root, &json!({})).1).collect());
    let (mut program, _) = Program::start(root, &json!({}));
    std::thread::sleep(Duration::from_millis(300));
    println!("{:<58} {:>9.1} MiB", "memory after it", program.memory());
    program.open(&uri, SAMPLE);
    program.code_actions(&uri, line);
    row("round trip (a request that is not known)", repeat(2000, || drop(program.request("bench/none", json!({})))));
    row("code action reply", repeat(2000, || drop(program.code_actions(&uri, line))));

    let (url, _) = model(None);
    let (mut busy, _) = Program::start(root, &options(&url));
    busy.open(&uri, SAMPLE);
    busy.code_actions(&uri, line);
    for _ in 0..100 {
        busy.request("workspace/executeCommand", json!({ "command": "whittle.explain" }));
    }
    std::thread::sleep(Duration::from_secs(2));
    row("code action reply while 100 jobs run", repeat(2000, || drop(busy.code_actions(&uri, line))));
    drop(busy);

    let started = Instant::now();
    for number in 0..10_000 {
        let place = json!({ "line": 0, "character": number });
        let change = json!({ "range": { "start": place, "end": place }, "text": "x" });
        let document = json!({ "uri": uri, "version": number + 2 });
        program.notify("textDocument/didChange", &json!({ "textDocument": document, "contentChanges": [change] }));
    }
    program.code_actions(&uri, line);
    println!("{:<58} {:>9.3} ms", "10 000 changes taken in", started.elapsed().as_secs_f64() * 1000.0);

    let (mut full, _) = Program::start(root, &json!({}));
    let text = SAMPLE.repeat(20 * 1024 / SAMPLE.len() + 1);
    for number in 0..100 {
        full.open(&format!("file://{}/{number}.rs", root.display()), &text);
    }
    full.code_actions(&format!("file://{}/99.rs", root.display()), line);
    std::thread::sleep(Duration::from_secs(3));
    let total = 100 * text.len() / 1024;
    println!("{:<58} {:>9.1} MiB", format!("memory with 100 files open ({total} KB)"), full.memory());
    drop(full);

    let answer = "<replace id=\"c1\">\nfn x(&self) -> T {\n    let x = self.x;\n    x\n}\n</replace>";
    let (url, last_byte) = model(Some(answer));
    let (mut editing, _) = Program::start(root, &options(&url));
    let long = SAMPLE.repeat(5000 / SAMPLE.lines().count() + 1);
    let mut times = Vec::new();
    for number in 0..20 {
        let uri = format!("file://{}/edit{number}.rs", root.display());
        editing.open(&uri, &long);
        editing.code_actions(&uri, line);
        editing.request("workspace/executeCommand", json!({ "command": "whittle.refactor" }));
        loop {
            let message = editing.receive();
            if message["method"] == "workspace/applyEdit" {
                let at = Instant::now();
                times.push(at - last_byte.recv().unwrap());
                let answer = json!({ "jsonrpc": "2.0", "id": message["id"], "result": { "applied": true } });
                editing.send(&answer);
                editing.notify("textDocument/didClose", &json!({ "textDocument": { "uri": uri } }));
                break;
            }
        }
    }
    row("last byte of an answer to the edit, file of 5 000 lines", times);
}
