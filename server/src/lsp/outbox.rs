//! What goes to the client. In: notifications, answers and requests of ours, from any thread. Out: framed messages on
//! standard output, written by one thread in the order in which they were queued. Never blocks a sender; once the
//! client is gone everything is dropped quietly and every wait ends with an error.
//!
//! Every request of the client's stands in one table from its arrival to its answer; taking it out of the table is the
//! right to answer it. That is why it is answered exactly once, whoever comes first: the handler, a panic, a
//! cancellation or the end of the program.

use super::message::{Code, Error, Id};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufWriter, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// The way to the client; cheap to clone, usable from any thread.
#[derive(Clone, Debug)]
pub(super) struct Outbox {
    queue: Sender<Letter>,
    tables: Arc<Mutex<Tables>>,
}

#[derive(Debug)]
enum Letter {
    Message(Vec<u8>),
    /// Nothing is written after this; the sender is dropped once all before it is out.
    Last(Sender<()>),
}

#[derive(Debug, Default)]
struct Tables {
    last_number: u64,
    last_asked: i64,
    /// Requests of ours that the client has not answered.
    asked: HashMap<i64, oneshot::Sender<Result<Value, Error>>>,
    /// Requests of the client's that we have not answered, by order of arrival: a client may use an id twice.
    running: HashMap<u64, Id>,
    closed: bool,
}

impl Outbox {
    /// Starts the writer thread; `broken` is called when the client no longer reads.
    pub(super) fn start(
        output: impl Write + Send + 'static,
        broken: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<Self> {
        let (queue, letters) = channel();
        let outbox = Self { queue, tables: Arc::default() };
        let tables = Arc::clone(&outbox.tables);
        std::thread::Builder::new().name("lsp writer".into()).spawn(move || {
            if let Err(why) = write_letters(&letters, BufWriter::with_capacity(1 << 16, output)) {
                tracing::info!(%why, "the client no longer reads");
                close_tables(&mut lock(&tables));
                broken();
            }
        })?;
        Ok(outbox)
    }

    /// Sends a notification.
    pub(super) fn notify(&self, method: &str, params: impl Serialize) {
        self.post_call(json!({ "jsonrpc": "2.0", "method": method }), method, params);
    }

    /// Sends a request. The answer may never come: how long to wait is for the caller to say. Don't wait for it on the
    /// thread that handles the client's messages, for it arrives there.
    pub(super) fn request(&self, method: &str, params: impl Serialize) -> oneshot::Receiver<Result<Value, Error>> {
        let (sender, receiver) = oneshot::channel();
        let mut tables = lock(&self.tables);
        if tables.closed {
            drop(sender.send(Err(gone())));
            return receiver;
        }
        tables.asked.retain(|_, waiting| !waiting.is_closed());
        tables.last_asked += 1;
        let id = tables.last_asked;
        tables.asked.insert(id, sender);
        drop(tables);
        self.post_call(json!({ "jsonrpc": "2.0", "id": id, "method": method }), method, params);
        receiver
    }

    /// Takes in the client's answer to one of our requests.
    pub(super) fn answered(&self, id: &Id, result: Result<Value, Error>) {
        let waiting = id.as_ours().and_then(|id| lock(&self.tables).asked.remove(&id));
        match waiting.map(|waiting| waiting.send(result)) {
            Some(Ok(())) => {}
            Some(Err(_)) => tracing::debug!(?id, "an answer that nobody waits for any more"),
            None => tracing::debug!(?id, "an answer to no request of ours, or to one that nobody waits for"),
        }
    }

    /// Enters a request of the client's into the table.
    pub(super) fn begin(&self, id: Id, method: &str) -> Reply {
        let mut tables = lock(&self.tables);
        tables.last_number += 1;
        let number = tables.last_number;
        tables.running.insert(number, id);
        drop(tables);
        Reply { outbox: self.clone(), number, method: method.into() }
    }

    /// `$/cancelRequest`: the request is answered at once; what its handler answers later is dropped.
    pub(super) fn cancel(&self, id: &Id) {
        let mut tables = lock(&self.tables);
        let numbers: Vec<u64> =
            tables.running.iter().filter(|(_, running)| *running == id).map(|(&number, _)| number).collect();
        let stopped: Vec<_> = numbers.iter().filter_map(|number| tables.running.remove(number)).collect();
        drop(tables);
        self.stop(stopped, Code::RequestCancelled, "cancelled by the client");
    }

    /// Answers all that is running, because the server ends.
    pub(super) fn cancel_all(&self) {
        let stopped: Vec<_> = lock(&self.tables).running.drain().map(|(_, running)| running).collect();
        self.stop(stopped, Code::ServerCancelled, "the server is shutting down");
    }

    fn stop(&self, stopped: Vec<Id>, code: Code, message: &str) {
        for id in stopped {
            self.answer(Some(&id), Err(Error::new(code, message)));
        }
    }

    /// Answers what never was a running request: malformed, refused, or handled on the spot.
    pub(super) fn answer(&self, id: Option<&Id>, result: Result<Value, Error>) {
        self.post(&match result {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Err(error) => json!({ "jsonrpc": "2.0", "id": id, "error": error }),
        });
    }

    /// True once nothing is written any more.
    pub(super) fn is_closed(&self) -> bool {
        lock(&self.tables).closed
    }

    /// Ends every wait, writes what is queued and stops; waits no longer than `limit` for a client that reads slowly.
    pub(super) fn close(&self, limit: Duration) {
        self.cancel_all();
        close_tables(&mut lock(&self.tables));
        let (done, written) = channel();
        drop(self.queue.send(Letter::Last(done)));
        let _ = written.recv_timeout(limit); // an error says that it is out, or that it took too long
    }

    fn post_call(&self, mut call: Value, method: &str, params: impl Serialize) {
        match serde_json::to_value(params) {
            Ok(Value::Null) => {}
            Ok(params) => call["params"] = params,
            Err(why) => tracing::error!(method, %why, "parameters that are no JSON"),
        }
        self.post(&call);
    }

    fn post(&self, message: &Value) {
        let body = message.to_string();
        let mut bytes = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
        bytes.extend_from_slice(body.as_bytes());
        drop(self.queue.send(Letter::Message(bytes))); // fails only when the client is gone
    }
}

/// The duty to answer one request. Answering uses it up; dropped unanswered, it answers with an internal error.
#[derive(Debug)]
pub(super) struct Reply {
    outbox: Outbox,
    number: u64,
    method: String,
}

impl Reply {
    /// Answers with a result.
    pub(super) fn ok(self, result: impl Serialize) {
        let result = serde_json::to_value(result).map_err(|why| Error::new(Code::InternalError, why.to_string()));
        self.finish(result);
    }

    /// Answers with an error.
    pub(super) fn error(self, error: Error) {
        self.finish(Err(error));
    }

    /// Answers with either.
    pub(super) fn send(self, result: Result<impl Serialize, Error>) {
        match result {
            Ok(result) => self.ok(result),
            Err(error) => self.error(error),
        }
    }

    /// Does nothing when the request was cancelled, and so answered, before.
    fn finish(&self, result: Result<Value, Error>) {
        let running = lock(&self.outbox.tables).running.remove(&self.number);
        if let Some(id) = running {
            self.outbox.answer(Some(&id), result);
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        let what =
            if std::thread::panicking() { "failed (this is a bug in whittle)" } else { "ended without an answer" };
        self.finish(Err(Error::new(Code::InternalError, format!("`{}` {what}", self.method))));
    }
}

fn lock(tables: &Mutex<Tables>) -> MutexGuard<'_, Tables> {
    tables.lock().unwrap_or_else(PoisonError::into_inner) // a panic elsewhere leaves the tables whole
}

fn close_tables(tables: &mut Tables) {
    tables.closed = true;
    for (_, waiting) in tables.asked.drain() {
        drop(waiting.send(Err(gone())));
    }
}

fn gone() -> Error {
    Error::new(Code::RequestFailed, "the editor is gone")
}

/// Writes all that is queued, flushing whenever the queue is empty.
fn write_letters(letters: &Receiver<Letter>, mut output: impl Write) -> std::io::Result<()> {
    while let Ok(first) = letters.recv() {
        let mut next = Some(first);
        while let Some(letter) = next {
            match letter {
                Letter::Message(bytes) => output.write_all(&bytes)?,
                Letter::Last(_done) => return output.flush(),
            }
            next = letters.try_recv().ok();
        }
        output.flush()?;
    }
    Ok(())
}
