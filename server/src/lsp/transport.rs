//! The loop of the language server. In: the client's bytes, and the [`Server`] that knows the requests. Out: the exit
//! code. One thread reads, one writes, and this one handles the messages one after the other, in order; what takes
//! long is moved elsewhere by the server together with its [`Reply`]. A handler that panics costs its own request only.

use super::lifecycle::{Phase, watch_editor};
use super::message::{Error, Id, Incoming};
use super::outbox::{Outbox, Reply};
use super::read::Reader;
use serde_json::Value;
use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

/// How long a client that reads slowly is waited for at the end.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// How long a handler may hold up the end once the editor's process is gone.
const ORPHANED: Duration = Duration::from_secs(10);

/// What the loop calls, on its one thread: everything here must return quickly.
pub(super) trait Server {
    /// Answers `initialize`: the `InitializeResult`. After an error the client may ask again.
    fn initialize(&mut self, params: Value, outbox: &Outbox) -> Result<Value, Error>;
    /// Takes a notification in; those that it does not know are not for it.
    fn notification(&mut self, method: &str, params: Value);
    /// Answers a request, now or, by moving `reply`, later; unknown ones with [`Error::method_not_found`].
    fn request(&mut self, method: &str, params: Value, reply: Reply);
    /// Called exactly once: at `shutdown`, or when the client goes without it.
    fn shutdown(&mut self);
}

enum Event {
    Message(Incoming),
    InputEnded,
    OutputBroken,
    EditorGone,
}

/// Serves one client until it goes; returns the exit code of the program. The reading thread may be left behind,
/// waiting for input.
pub(super) fn run(input: impl Read + Send + 'static, output: impl Write + Send + 'static, server: impl Server) -> u8 {
    let (events, inbox) = channel();
    let broken = report(&events, || Event::OutputBroken);
    let outbox = match Outbox::start(output, broken).and_then(|outbox| read(input, &events).map(|()| outbox)) {
        Ok(outbox) => outbox,
        Err(why) => {
            tracing::error!(%why, "can't start a thread");
            return 1;
        }
    };
    let mut dispatcher = Dispatcher { server, outbox, phase: Phase::Fresh, events };
    let ends = |event| dispatcher.handle(event).is_err();
    let _ended = inbox.iter().any(ends);
    dispatcher.end()
}

/// Starts the thread that reads.
fn read(input: impl Read + Send + 'static, events: &Sender<Event>) -> std::io::Result<()> {
    let ended = report(events, || Event::InputEnded);
    let events = events.clone();
    let read = move || {
        let forward = || Reader::new(input).try_for_each(|message| events.send(Event::Message(message)));
        if catch_unwind(AssertUnwindSafe(forward)).is_err() {
            tracing::error!("reading failed (this is a bug in whittle)");
        }
        ended();
    };
    std::thread::Builder::new().name("lsp reader".into()).spawn(read).map(drop)
}

/// A closure that puts an event into the queue, if the loop still runs.
fn report(events: &Sender<Event>, event: fn() -> Event) -> impl FnOnce() + Send + 'static {
    let events = events.clone();
    move || drop(events.send(event()))
}

struct Dispatcher<S> {
    server: S,
    outbox: Outbox,
    phase: Phase,
    events: Sender<Event>,
}

/// The loop is over.
struct Ended;

impl<S: Server> Dispatcher<S> {
    fn handle(&mut self, event: Event) -> Result<(), Ended> {
        match event {
            Event::Message(Incoming::Request { id, method, params }) => self.request(id, &method, params),
            Event::Message(Incoming::Notification { method, .. }) if method == "exit" => return Err(Ended),
            Event::Message(Incoming::Notification { method, params }) => self.notification(&method, params),
            Event::Message(Incoming::Response { id, result }) => self.outbox.answered(&id, result),
            Event::Message(Incoming::Malformed { id, error }) => {
                tracing::warn!(%error, "a malformed message");
                self.outbox.answer(id.as_ref(), Err(error));
            }
            Event::InputEnded | Event::OutputBroken | Event::EditorGone => return Err(Ended),
        }
        Ok(())
    }

    fn request(&mut self, id: Id, method: &str, params: Value) {
        if let Err(error) = self.phase.admit(method) {
            return self.outbox.answer(Some(&id), Err(error));
        }
        match method {
            "initialize" => {
                let reply = self.outbox.begin(id, method);
                let editor = params.get("processId").and_then(Value::as_i64);
                guarded(method, || {
                    let result = self.server.initialize(params, &self.outbox);
                    if result.is_ok() {
                        self.phase = Phase::Running;
                    }
                    reply.send(result);
                });
                if let Some(editor) = editor.filter(|_| self.phase == Phase::Running) {
                    self.watch(editor);
                }
            }
            "shutdown" => {
                self.shut_down();
                self.outbox.answer(Some(&id), Ok(Value::Null));
            }
            _ => {
                let reply = self.outbox.begin(id, method);
                guarded(method, || self.server.request(method, params, reply));
            }
        }
    }

    fn notification(&mut self, method: &str, mut params: Value) {
        match (self.phase, method) {
            (Phase::Running, "$/cancelRequest") => {
                if let Some(id) = params.get_mut("id").map(Value::take).and_then(Id::new) {
                    self.outbox.cancel(&id);
                }
            }
            (Phase::Running, _) => guarded(method, || self.server.notification(method, params)),
            (phase, _) => tracing::debug!(method, ?phase, "a notification at the wrong time"),
        }
    }

    /// Tells the server, once, and answers whatever is still running.
    fn shut_down(&mut self) {
        self.phase = Phase::ShutDown;
        guarded("shutdown", || self.server.shutdown());
        self.outbox.cancel_all();
    }

    fn watch(&self, editor: i64) {
        let gone = report(&self.events, || Event::EditorGone);
        let outbox = self.outbox.clone();
        watch_editor(editor, move || {
            tracing::info!(editor, "the editor is gone");
            gone();
            std::thread::sleep(ORPHANED);
            if !outbox.is_closed() {
                tracing::error!("a handler does not return; giving up");
                std::process::exit(1);
            }
        });
    }

    fn end(mut self) -> u8 {
        let code = self.phase.exit_code();
        if self.phase != Phase::ShutDown {
            self.shut_down();
        }
        self.outbox.close(LAST_WORDS);
        code
    }
}

/// Runs a handler; its panic ends here, and the reply that it held says so to the client.
fn guarded(method: &str, handler: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(handler)).is_err() {
        tracing::error!(method, "the handler failed (this is a bug in whittle)");
    }
}

#[cfg(test)]
mod tests;
