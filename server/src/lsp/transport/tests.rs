//! A toy server at the end of two pipes: what is sent → what comes back.

use super::super::message::{Code, parse};
use super::*;
use proptest::prelude::*;
use serde_json::json;
use std::io::{PipeReader, PipeWriter, pipe};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// Knows a few requests; notes what it was told.
#[derive(Default)]
struct Toy {
    outbox: Option<Outbox>,
    heard: Vec<String>,
    parked: Vec<Reply>,
    shut_downs: Arc<Mutex<u32>>,
}

impl Server for Toy {
    fn initialize(&mut self, params: Value, outbox: &Outbox) -> Result<Value, Error> {
        self.outbox = Some(outbox.clone());
        match params.get("fail").and_then(Value::as_str) {
            Some("error") => Err(Error::new(Code::RequestFailed, "not today")),
            Some(_) => panic!("not today"),
            None => Ok(json!({ "capabilities": {} })),
        }
    }

    fn notification(&mut self, method: &str, params: Value) {
        match method {
            "panic" => panic!("a notification"),
            "hear" => self.heard.push(params["word"].as_str().unwrap().to_owned()),
            _ => self.heard.push(method.to_owned()),
        }
    }

    fn request(&mut self, method: &str, params: Value, reply: Reply) {
        match method {
            "echo" => reply.ok(params),
            "heard" => reply.ok(&self.heard),
            "length" => reply.send(parse::<Vec<u8>>(method, params).map(|list| list.len())),
            "panic" => panic!("a request"),
            "panic elsewhere" => drop(std::thread::spawn(move || {
                let _reply = reply;
                panic!("a thread");
            })),
            "forget" => {}
            "park" => self.parked.push(reply),
            "unpark" => {
                let late = self.parked.drain(..).map(|parked| parked.ok("late")).count();
                reply.ok(late);
            }
            "ask" => {
                let answer = self.outbox.as_ref().unwrap().request("question", ());
                std::thread::spawn(move || reply.send(answer.blocking_recv().unwrap()));
            }
            _ => reply.error(Error::method_not_found(method)),
        }
    }

    fn shutdown(&mut self) {
        *self.shut_downs.lock().unwrap() += 1;
    }
}

/// The client's side.
struct Client {
    to: PipeWriter,
    from: Reader<PipeReader>,
    server: JoinHandle<u8>,
    shut_downs: Arc<Mutex<u32>>,
}

impl Client {
    fn new() -> Self {
        let (input, to) = pipe().unwrap();
        let (from, output) = pipe().unwrap();
        let toy = Toy::default();
        let shut_downs = Arc::clone(&toy.shut_downs);
        Self { to, from: Reader::new(from), server: std::thread::spawn(move || run(input, output, toy)), shut_downs }
    }

    fn initialized() -> Self {
        let mut client = Self::new();
        client.check(0, "initialize", json!({}), r#"0={"capabilities":{}}"#);
        client
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    }

    fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn ask(&mut self, id: impl Into<Value>, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "id": id.into(), "method": method, "params": params }));
    }

    /// The next message in one word: `id=result`, `id!code`, or the method.
    fn next(&mut self) -> Option<String> {
        Some(match self.from.next()? {
            Incoming::Response { id, result: Ok(result) } => format!("{}={result}", serde_json::to_value(id).unwrap()),
            Incoming::Response { id, result: Err(error) } => {
                format!("{}!{}", serde_json::to_value(id).unwrap(), error.code)
            }
            Incoming::Request { method, .. } | Incoming::Notification { method, .. } => method,
            malformed @ Incoming::Malformed { .. } => panic!("{malformed:?}"),
        })
    }

    #[track_caller]
    fn expect(&mut self, expected: &str) {
        assert_eq!(self.next().as_deref(), Some(expected));
    }

    #[track_caller]
    fn check(&mut self, id: impl Into<Value>, method: &str, params: Value, expected: &str) {
        self.ask(id, method, params);
        self.expect(expected);
    }

    /// Closes the input; nothing more must come. Returns the exit code.
    #[track_caller]
    fn end(self) -> u8 {
        let Self { to, mut from, server, shut_downs } = self;
        drop(to);
        let code = server.join().unwrap();
        assert_eq!(from.next(), None);
        assert_eq!(*shut_downs.lock().unwrap(), 1, "the server is told of the end exactly once");
        code
    }
}

#[test]
fn answers_with_the_id_that_it_was_given() {
    let mut client = Client::initialized();
    for id in [json!(1), json!("a\"b"), json!(-7), json!(1.0), json!(u64::MAX), json!("")] {
        client.check(id.clone(), "echo", json!([1, { "a": null }]), &format!("{id}=[1,{{\"a\":null}}]"));
    }
    assert_eq!(client.end(), 1);
}

#[test]
fn refuses_what_it_does_not_know() {
    let mut client = Client::initialized();
    client.check(1, "textDocument/unheardOf", json!({}), "1!-32601");
    client.check(2, "$/unheardOf", json!({}), "2!-32601");
    client.check(3, "length", json!([1, "x"]), "3!-32602");
    client.check(4, "length", json!(null), "4!-32602");
    client.check(5, "length", json!([1, 2]), "5=2");
    client.end();
}

#[test]
fn a_panic_or_a_forgotten_answer_costs_one_request() {
    let mut client = Client::initialized();
    client.check(1, "panic", json!({}), "1!-32603");
    client.check(2, "panic elsewhere", json!({}), "2!-32603");
    client.check(3, "forget", json!({}), "3!-32603");
    client.notify("panic", json!({}));
    client.notify("hear", json!({ "word": 3 }));
    client.notify("hear", json!({ "word": "still here" }));
    client.check(4, "heard", json!({}), r#"4=["still here"]"#);
    client.end();
}

#[test]
fn every_stage_has_its_requests() {
    let mut client = Client::new();
    client.notify("hear", json!({ "word": "too early" }));
    client.check(1, "echo", json!({}), "1!-32002");
    client.check(2, "shutdown", json!({}), "2!-32002");
    client.check(3, "initialize", json!({ "fail": "error" }), "3!-32803");
    client.check(4, "initialize", json!({ "fail": "panic" }), "4!-32603");
    client.check(5, "initialize", json!({}), r#"5={"capabilities":{}}"#);
    client.check(6, "initialize", json!({}), "6!-32600");
    client.notify("initialized", json!({}));
    client.check(7, "heard", json!({}), r#"7=["initialized"]"#);
    client.check(8, "shutdown", json!({}), "8=null");
    client.check(9, "echo", json!({}), "9!-32600");
    client.check(10, "shutdown", json!({}), "10!-32600");
    client.check(11, "initialize", json!({}), "11!-32600");
    client.notify("hear", json!({ "word": "too late" }));
    client.notify("exit", json!(null));
    assert_eq!(client.end(), 0);
}

#[test]
fn the_exit_code_tells_of_an_orderly_end() {
    let exit = |shutdown: bool, exit: bool| {
        let mut client = Client::initialized();
        if shutdown {
            client.check(1, "shutdown", json!(null), "1=null");
        }
        if exit {
            client.notify("exit", json!(null));
        }
        client.end()
    };
    assert_eq!([exit(true, true), exit(true, false), exit(false, true), exit(false, false)], [0, 0, 1, 1]);
    let mut client = Client::new();
    client.notify("exit", json!(null));
    assert_eq!(client.end(), 1);
}

#[test]
fn a_cancelled_request_is_answered_at_once_and_only_once() {
    let mut client = Client::initialized();
    client.ask("a", "park", json!({}));
    client.ask(1, "park", json!({}));
    client.notify("$/cancelRequest", json!({ "id": "a" }));
    client.expect("\"a\"!-32800");
    for odd in [json!({ "id": "a" }), json!({ "id": 99 }), json!({ "id": null }), json!({}), json!([1]), json!(null)] {
        client.notify("$/cancelRequest", odd);
    }
    client.ask(2, "unpark", json!({}));
    client.expect("1=\"late\"");
    client.expect("2=2");
    client.end();
}

#[test]
fn an_id_used_twice_is_answered_twice() {
    let mut client = Client::initialized();
    client.ask(1, "park", json!({}));
    client.check(1, "echo", json!([]), "1=[]");
    client.notify("$/cancelRequest", json!({ "id": 1 }));
    client.expect("1!-32800");
    client.end();
}

#[test]
fn what_is_running_at_the_end_is_answered() {
    let mut client = Client::initialized();
    client.ask(1, "park", json!({}));
    client.ask(2, "shutdown", json!(null));
    client.expect("1!-32802");
    client.expect("2=null");
    assert_eq!(client.end(), 0);

    let mut client = Client::initialized();
    client.ask(1, "park", json!({}));
    client.notify("exit", json!(null));
    client.expect("1!-32802");
    assert_eq!(client.end(), 1);
}

#[test]
fn asks_the_client() {
    let mut client = Client::initialized();
    client.send(&json!({ "id": 77, "result": "unasked" }));
    client.send(&json!({ "id": "x", "error": { "code": 1, "message": "unasked" } }));
    for (id, answer, expected) in [
        (json!(1), json!({ "result": [5] }), "1=[5]"),
        (json!(2.0), json!({ "result": null }), "2=null"),
        (json!(3), json!({ "error": { "code": -5, "message": "no" } }), "3!-5"),
    ] {
        client.ask(id.as_f64().unwrap() as i64, "ask", json!({}));
        client.expect("question");
        let mut answer = answer;
        answer["id"] = id;
        client.send(&answer);
        client.expect(expected);
    }
    // A question that is open at the end gets an error, and the request behind it its answer.
    client.ask(4, "ask", json!({}));
    client.expect("question");
    client.check(5, "shutdown", json!(null), "4!-32802");
    client.expect("5=null");
    client.end();
}

#[test]
fn a_wait_for_a_client_that_is_gone_ends() {
    let (reader, output) = pipe().unwrap();
    let (told, broken) = channel();
    let outbox = Outbox::start(output, move || told.send(()).unwrap()).unwrap();
    let open = outbox.request("question", ());
    drop(reader);
    outbox.notify("more", ());
    broken.recv().unwrap();
    assert!(open.blocking_recv().unwrap().is_err());
    assert!(outbox.request("question", ()).blocking_recv().unwrap().is_err());
    outbox.notify("into the void", ());
    outbox.begin(Id::new(json!(1)).unwrap(), "a").ok(1);
}

#[test]
fn a_client_that_does_not_read_ends_the_loop() {
    let (input, mut to) = pipe().unwrap();
    let (from, output) = pipe().unwrap();
    drop(from);
    let server = std::thread::spawn(move || run(input, output, Toy::default()));
    let body = r#"{"id":1,"method":"initialize"}"#;
    write!(to, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    assert_eq!(server.join().unwrap(), 1);
}

#[test]
fn a_client_that_stalls_does_not_hold_up_the_end() {
    let (input, mut to) = pipe().unwrap();
    let (_stalled, output) = pipe().unwrap();
    let server = std::thread::spawn(move || run(input, output, Toy::default()));
    let text = "x".repeat(1 << 20); // more than a pipe holds
    for body in [json!({ "id": 1, "method": "initialize" }), json!({ "id": 2, "method": "echo", "params": [text] })] {
        let body = body.to_string();
        write!(to, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    }
    drop(to);
    assert_eq!(server.join().unwrap(), 1);
}

#[test]
fn malformed_messages_are_answered_and_the_next_one_works() {
    let mut client = Client::initialized();
    client.to.write_all(b"Content-Length: 3\r\n\r\n{]}").unwrap();
    // The reader of this test skips answers without an id, as it does in the server; the raw bytes are checked end to end.
    client.send(&json!([{ "id": 1, "method": "echo" }, { "id": 2, "method": 5 }, { "id": 3, "method": "echo" }]));
    client.expect("1=null");
    client.expect("2!-32600");
    client.expect("3=null");
    client.end();
}

#[cfg(unix)]
#[test]
fn the_end_of_the_editors_process_ends_the_server() {
    let mut editor = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    let mut client = Client::new();
    client.check(0, "initialize", json!({ "processId": editor.id() }), r#"0={"capabilities":{}}"#);
    client.ask(1, "park", json!({}));
    editor.kill().unwrap();
    editor.wait().unwrap();
    client.expect("1!-32802");
    assert_eq!(client.next(), None);
    assert_eq!(client.end(), 1);
}

#[test]
fn a_process_id_that_can_not_be_seen_is_not_watched() {
    for id in [json!(null), json!(-1), json!(0), json!(i64::MAX), json!(i32::MAX), json!("x")] {
        let mut client = Client::new();
        client.check(0, "initialize", json!({ "processId": id }), r#"0={"capabilities":{}}"#);
        client.check(1, "echo", json!([]), "1=[]");
        client.end();
    }
}

#[test]
fn a_burst_arrives_whole_and_in_order() {
    let mut client = Client::initialized();
    let words: Vec<String> = (0..10_000).map(|word| word.to_string()).collect();
    for word in &words {
        client.notify("hear", json!({ "word": word }));
    }
    client.check(1, "heard", json!({}), &format!("1={}", json!(words)));
    client.end();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn every_request_gets_exactly_one_answer(
        methods in proptest::collection::vec(
            prop_oneof![Just("echo"), Just("panic"), Just("park"), Just("unpark"), Just("forget"), Just("nothing")], 0..30,
        ),
        cancelled in proptest::collection::vec(0..30_usize, 0..10),
    ) {
        let mut client = Client::initialized();
        for (id, method) in methods.iter().enumerate() {
            client.ask(id, method, json!({}));
            if cancelled.contains(&id) {
                client.notify("$/cancelRequest", json!({ "id": id }));
            }
        }
        client.ask("end", "shutdown", json!(null));
        let mut answered = Vec::new();
        while let Some(word) = client.next().filter(|word| word != "\"end\"=null") {
            answered.push(word.split(['=', '!']).next().unwrap().parse::<usize>().unwrap());
        }
        answered.sort_unstable();
        prop_assert_eq!(answered, (0..methods.len()).collect::<Vec<_>>());
        client.notify("exit", json!(null));
        prop_assert_eq!(client.end(), 0);
    }
}
