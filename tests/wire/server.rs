//! A scripted HTTP server on this machine. In: what to reply to each request. Out: the requests that came, and whether
//! the client hung up. Written with std alone, so that it shares no fault with the client under test.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// `Null` when it is not JSON.
    pub(crate) body: Value,
    pub(crate) at: Instant,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What the server does after it has sent status and headers.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send(Vec<u8>),
    Wait(Duration),
    /// Nothing more until the client hangs up.
    Stall,
    /// Closes the connection in the midst of the body.
    Drop,
    /// The same bytes until the client hangs up.
    Forever(Vec<u8>),
}

/// A reply to one request.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    steps: Vec<Step>,
    /// Waits before status and headers.
    silence: Duration,
    /// Sent in place of an HTTP response.
    raw: Option<Vec<u8>>,
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &str) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self { status, headers, steps: Vec::new(), silence: Duration::ZERO, raw: None }
    }

    /// A whole body.
    pub(crate) fn body(status: u16, content_type: &str, body: &str) -> Self {
        Self::new(status, content_type).send(body)
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::body(status, "application/json", &body.to_string())
    }

    /// A stream of events, each sent on its own.
    pub(crate) fn stream<S: AsRef<str>>(events: impl IntoIterator<Item = S>) -> Self {
        let reply = Self::new(200, "text/event-stream");
        events.into_iter().fold(reply, |reply, event| reply.send(format!("data: {}\n\n", event.as_ref())))
    }

    /// A chat completion that consists of `pieces` and ends as it should.
    pub(crate) fn chat(pieces: &[&str]) -> Self {
        let mut events = vec![delta(&json!({"role": "assistant", "content": ""}))];
        events.extend(pieces.iter().map(|piece| delta(&json!({"content": piece}))));
        events.push(finish("stop"));
        events.push(json!({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}).to_string());
        events.push("[DONE]".to_owned());
        Self::stream(events)
    }

    /// Bytes that need not be HTTP.
    pub(crate) fn raw(bytes: &[u8]) -> Self {
        Self { raw: Some(bytes.to_vec()), ..Self::new(0, "") }
    }

    /// Says nothing for a time, not even a status.
    pub(crate) fn after(mut self, silence: Duration) -> Self {
        self.silence = silence;
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn send(self, bytes: impl AsRef<[u8]>) -> Self {
        self.then(Step::Send(bytes.as_ref().to_vec()))
    }

    pub(crate) fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// The same with every byte sent on its own.
    pub(crate) fn bytewise(mut self) -> Self {
        let split = |step| match step {
            Step::Send(bytes) => bytes.into_iter().map(|byte| Step::Send(vec![byte])).collect(),
            step => vec![step],
        };
        self.steps = self.steps.into_iter().flat_map(split).collect();
        self
    }

    /// The same bytes in pieces of this size.
    pub(crate) fn in_pieces(mut self, size: usize) -> Self {
        let mut bytes = Vec::new();
        for step in self.steps {
            let Step::Send(more) = step else { panic!("only whole replies can be cut") };
            bytes.extend(more);
        }
        self.steps = bytes.chunks(size).map(|piece| Step::Send(piece.to_vec())).collect();
        self
    }

    /// The same with each line feed replaced.
    pub(crate) fn line_ends(mut self, end: &str) -> Self {
        for step in &mut self.steps {
            if let Step::Send(bytes) = step {
                *bytes = String::from_utf8(std::mem::take(bytes)).unwrap().replace('\n', end).into_bytes();
            }
        }
        self
    }
}

/// An event with a part of a message.
pub(crate) fn delta(delta: &Value) -> String {
    json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]}).to_string()
}

/// An event with the reason why the model stopped.
pub(crate) fn finish(reason: &str) -> String {
    json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}).to_string()
}

/// Chooses the reply to a request; the number counts from 0.
type Script = dyn FnMut(&Received, usize) -> Reply + Send;

#[derive(Default)]
struct Seen {
    requests: Vec<Received>,
    hung_up: usize,
}

struct Shared {
    seen: Mutex<Seen>,
    stop: AtomicBool,
    script: Mutex<Box<Script>>,
}

/// A running server; dropping it stops it.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Server {
    /// Gives the replies in their order, then the last one again and again.
    pub(crate) fn script(replies: impl IntoIterator<Item = Reply>) -> Self {
        let mut replies: VecDeque<Reply> = replies.into_iter().collect();
        Self::choose(move |_, _| match replies.len() {
            0 => Reply::body(500, "text/plain", "no reply is scripted"),
            1 => replies[0].clone(),
            _ => replies.pop_front().unwrap(),
        })
    }

    /// Lets a function choose each reply.
    pub(crate) fn choose(script: impl FnMut(&Received, usize) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            seen: Mutex::default(),
            stop: AtomicBool::new(false),
            script: Mutex::new(Box::new(script)),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                if accepting.stop.load(Ordering::Relaxed) {
                    return;
                }
                let shared = Arc::clone(&accepting);
                std::thread::spawn(move || serve(connection.unwrap(), &shared));
            }
        });
        Self { address, shared }
    }

    /// The address to configure: `http://127.0.0.1:PORT/v1`.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<Received> {
        self.shared.seen.lock().unwrap().requests.clone()
    }

    /// The address of the server alone: `http://127.0.0.1:PORT`.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many clients hung up before their reply was whole.
    pub(crate) fn hang_ups(&self) -> usize {
        self.shared.seen.lock().unwrap().hung_up
    }

    /// Waits until as many requests have come, without blocking other tasks.
    pub(crate) async fn requested(&self, count: usize) {
        self.wait(&format!("{count} requests"), |seen| seen.requests.len() >= count).await;
    }

    /// Waits until a client hung up before its reply was whole, without blocking other tasks.
    pub(crate) async fn hung_up(&self) {
        self.wait("a hang-up", |seen| seen.hung_up > 0).await;
    }

    async fn wait(&self, what: &str, until: impl Fn(&Seen) -> bool) {
        for _ in 0..2000 {
            if until(&self.shared.seen.lock().unwrap()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("waited in vain for {what}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(connection: TcpStream, shared: &Shared) {
    let Some(received) = read_request(&connection) else { return };
    let reply = {
        let mut script = shared.script.lock().unwrap();
        let mut seen = shared.seen.lock().unwrap();
        seen.requests.push(received.clone());
        let number = seen.requests.len() - 1;
        drop(seen);
        script(&received, number)
    };
    if write_reply(&connection, reply).is_err() {
        shared.seen.lock().unwrap().hung_up += 1;
    }
}

fn read_request(connection: &TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(connection);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, len)| len.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Received {
        method,
        path,
        headers,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        at: Instant::now(),
    })
}

/// Fails when the client hangs up first.
fn write_reply(mut connection: &TcpStream, reply: Reply) -> std::io::Result<()> {
    connection.set_nodelay(true)?;
    watch(connection, reply.silence)?;
    if let Some(raw) = reply.raw {
        return connection.write_all(&raw);
    }
    let mut head = format!("HTTP/1.1 {} Scripted\r\nconnection: close\r\ntransfer-encoding: chunked\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    connection.write_all((head + "\r\n").as_bytes())?;
    let send = |bytes: &[u8]| -> std::io::Result<()> {
        if bytes.is_empty() {
            return Ok(()); // an empty chunk would end the body
        }
        let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
        chunk.extend_from_slice(bytes);
        chunk.extend_from_slice(b"\r\n");
        (&*connection).write_all(&chunk)
    };
    for step in reply.steps {
        match step {
            Step::Send(bytes) => send(&bytes)?,
            Step::Wait(time) => watch(connection, time)?,
            Step::Stall => watch(connection, Duration::from_secs(60))?,
            Step::Drop => return Ok(()),
            Step::Forever(bytes) => loop {
                send(&bytes)?;
            },
        }
    }
    connection.write_all(b"0\r\n\r\n")
}

/// Waits, and fails when the client hangs up meanwhile.
fn watch(mut connection: &TcpStream, time: Duration) -> std::io::Result<()> {
    let end = Instant::now() + time;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        connection.set_read_timeout(Some(left))?;
        match connection.read(&mut [0; 64]) {
            Ok(0) => return Err(std::io::ErrorKind::ConnectionAborted.into()),
            Ok(_) => {}
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(error) => return Err(error),
        }
    }
}
