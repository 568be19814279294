//! The client's half of the protocol: sends, receives, waits, and answers what the server asks of an editor.

use super::{Client, Heard, Logged, PATIENCE, document_of};
use serde_json::{Value, json};
use std::io::{BufRead, Write};
use std::sync::mpsc::{RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

impl Client {
    /// Sends a request and waits for its result; an error fails the test.
    #[track_caller]
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        match self.try_request(method, params) {
            Ok(result) => result,
            Err(error) => self.fail(format_args!("`{method}` failed: {error}")),
        }
    }

    /// Sends a request and waits for its result or error.
    #[track_caller]
    pub(crate) fn try_request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.send_request(method, params);
        self.answer(id)
    }

    /// Sends a request without waiting; [`Client::answer`] waits.
    pub(crate) fn send_request(&mut self, method: &str, params: Value) -> i64 {
        self.flush();
        self.last_id += 1;
        let id = self.last_id;
        self.open.insert(id, method.to_owned());
        let mut message = json!({ "jsonrpc": "2.0", "id": id, "method": method });
        if !params.is_null() {
            message["params"] = params;
        }
        self.send(message);
        id
    }

    /// Waits for the answer to a request of ours.
    #[track_caller]
    pub(crate) fn answer(&mut self, id: i64) -> Result<Value, Value> {
        let method = self.open.get(&id).cloned().unwrap_or_default();
        self.wait_until(&format!("the answer to `{method}`"), |client| client.answers.remove(&id))
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        let mut message = json!({ "jsonrpc": "2.0", "method": method });
        if !params.is_null() {
            message["params"] = params;
        }
        self.send(message);
    }

    /// Withdraws a request, as VS Code does with outdated ones.
    pub(crate) fn cancel_request(&mut self, id: i64) {
        self.notify("$/cancelRequest", json!({ "id": id }));
    }

    pub(super) fn respond(&mut self, id: &Value, result: Value) {
        self.send(json!({ "jsonrpc": "2.0", "id": id, "result": result }));
    }

    fn send(&mut self, message: Value) {
        let body = message.to_string();
        let frame = format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.log.push(Logged { at: self.started.elapsed(), from_server: false, message });
        self.write(frame.as_bytes());
    }

    /// Sends bytes as they are.
    pub(crate) fn send_raw(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        let message = Value::String(String::from_utf8_lossy(bytes).into_owned());
        self.log.push(Logged { at: self.started.elapsed(), from_server: false, message });
        self.write(bytes);
    }

    /// A server that is gone is noticed by whoever waits for it.
    fn write(&mut self, bytes: &[u8]) {
        if let Some(stdin) = &mut self.stdin {
            drop(stdin.write_all(bytes).and_then(|()| stdin.flush()));
        }
    }

    /// From here on [`Client::wait_for`] ignores what came before.
    pub(crate) fn forget_past(&mut self) {
        self.mark = self.log.len();
    }

    /// Waits for the first message of the server's, since the start or [`Client::forget_past`], in which `found` finds
    /// something.
    #[track_caller]
    pub(crate) fn wait_for<T>(&mut self, what: &str, mut found: impl FnMut(&Value) -> Option<T>) -> T {
        let mut seen = self.mark;
        self.wait_until(what, |client| {
            let messages = client.log[seen..].iter().filter(|logged| logged.from_server);
            let found = messages.map(|logged| &logged.message).find_map(&mut found);
            seen = client.log.len();
            found
        })
    }

    /// Waits for the parameters of the first such notification or request of the server's.
    #[track_caller]
    pub(crate) fn wait_for_method(&mut self, method: &str) -> Value {
        self.wait_for(method, |message| (message["method"] == method).then(|| message["params"].clone()))
    }

    /// Waits until `done` finds something in what this client knows.
    #[track_caller]
    pub(crate) fn wait_until<T>(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = done(self) {
                return found;
            }
            if !self.pump(until) {
                match self.child.try_wait().unwrap() {
                    Some(status) => self.fail(format_args!("waited for {what}, but the server ended: {status}")),
                    None => self.fail(format_args!("waited in vain for {what}")),
                }
            }
        }
    }

    /// Waits for something outside of the protocol, looking again and again.
    #[track_caller]
    pub(crate) fn poll(&mut self, what: &str, done: impl Fn() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !done() {
            if Instant::now() > end {
                self.fail(format_args!("waited in vain for {what}"));
            }
            self.idle(Duration::from_millis(10));
        }
    }

    /// Lives on for a while: answers the server, sends what is due.
    pub(crate) fn idle(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until {
            if !self.pump(until) {
                std::thread::sleep(until.saturating_duration_since(Instant::now()));
            }
        }
    }

    /// Waits until at least one progress since [`Client::forget_past`] has begun and none is open.
    #[track_caller]
    pub(crate) fn wait_idle(&mut self) {
        let mark = self.mark;
        self.wait_until("the end of all progress", |client| {
            let values = client.log[mark..].iter().filter(|logged| logged.message["method"] == "$/progress");
            let kinds: Vec<_> = values.filter_map(|value| value.message.pointer("/params/value/kind")).collect();
            let count = |kind: &str| kinds.iter().filter(|of| **of == kind).count();
            (count("begin") > 0 && count("begin") <= count("end")).then_some(())
        });
    }

    /// All that the server said since the start or [`Client::forget_past`].
    pub(crate) fn received(&self) -> Vec<Value> {
        self.said(true)
    }

    /// All that this client said since the start or [`Client::forget_past`].
    pub(crate) fn sent(&self) -> Vec<Value> {
        self.said(false)
    }

    fn said(&self, by_server: bool) -> Vec<Value> {
        let logged = self.log[self.mark..].iter().filter(|logged| logged.from_server == by_server);
        logged.map(|logged| logged.message.clone()).collect()
    }

    /// All texts of `window/showMessage` and of `window/showMessageRequest`.
    pub(crate) fn messages(&self) -> Vec<String> {
        let asked = ["window/showMessage", "window/showMessageRequest"].map(Value::from);
        let shown = self.log.iter().filter(|logged| logged.from_server && asked.contains(&logged.message["method"]));
        shown.filter_map(|logged| logged.message["params"]["message"].as_str().map(str::to_owned)).collect()
    }

    /// Handles one message, waiting for it until then; false when none came, or none will come any more.
    pub(super) fn pump(&mut self, until: Instant) -> bool {
        loop {
            let now = Instant::now();
            let overdue = self.documents.iter().find(|(_, document)| document.due.is_some_and(|due| due <= now));
            if let Some(path) = overdue.map(|(path, _)| path.clone()) {
                self.send_changes(&path);
                continue;
            }
            let wake =
                self.documents.values().filter_map(|document| document.due).min().map_or(until, |due| due.min(until));
            match self.inbox.recv_timeout(wake.saturating_duration_since(now)) {
                Ok(Heard::Message(message)) => {
                    let logged = Logged { at: self.started.elapsed(), from_server: true, message: message.clone() };
                    self.log.push(logged);
                    self.receive(&message);
                    return true;
                }
                Ok(Heard::Fault(why)) => self.fail(why),
                Err(RecvTimeoutError::Disconnected) => return false,
                Err(RecvTimeoutError::Timeout) if Instant::now() >= until => return false,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn receive(&mut self, message: &Value) {
        let (id, params) = (&message["id"], &message["params"]);
        match message["method"].as_str() {
            None => self.receive_answer(id, message),
            Some(method) if id.is_null() => self.receive_notification(method, params),
            Some(method) if self.mute.contains(method) => {}
            Some(method) => self.receive_request(method, id, params),
        }
    }

    /// Answers to raw messages have no id of ours; they are in the log.
    fn receive_answer(&mut self, id: &Value, message: &Value) {
        let Some(id) = id.as_i64().filter(|id| (1..=self.last_id).contains(id)) else { return };
        if self.open.remove(&id).is_none() {
            self.fail(format_args!("a second answer to request {id}"));
        }
        let answer = match message.get("error") {
            Some(error) => Err(error.clone()),
            None if message.get("result").is_some() => Ok(message["result"].clone()),
            None => self.fail(format_args!("an answer without result and error: {message}")),
        };
        self.answers.insert(id, answer);
    }

    fn receive_notification(&mut self, method: &str, params: &Value) {
        match method {
            "textDocument/publishDiagnostics" => {
                let Some(path) = params["uri"].as_str().map(document_of) else { return };
                self.diagnostics.insert(path, params["diagnostics"].as_array().unwrap().clone());
            }
            "$/progress" => {
                let token = params["token"].to_string();
                let kind = params["value"]["kind"].as_str();
                let Some(values) = self.progress.get_mut(&token) else {
                    self.fail(format_args!("progress with a token that nobody created: {token}"));
                };
                let fits = match values.last().map(|last| &last["kind"]) {
                    None => kind == Some("begin"),
                    Some(last) => last != "end" && matches!(kind, Some("report" | "end")),
                };
                values.push(params["value"].clone());
                if !fits {
                    self.fail(format_args!("progress {token} out of order: {kind:?}"));
                }
            }
            _ => {}
        }
    }

    fn receive_request(&mut self, method: &str, id: &Value, params: &Value) {
        match method {
            "workspace/applyEdit" if self.hold_edits => self.held.push((id.clone(), params.clone())),
            "workspace/applyEdit" => self.answer_edit(id, params),
            "window/workDoneProgress/create" => {
                self.progress.insert(params["token"].to_string(), Vec::new());
                self.respond(id, Value::Null);
            }
            "window/showDocument" => {
                self.shown.push(params.clone());
                self.respond(id, json!({ "success": self.shows_documents }));
            }
            "workspace/configuration" => {
                let items = params["items"].as_array().unwrap().iter();
                let settings = items.map(|item| self.setting(item["section"].as_str().unwrap_or_default())).collect();
                self.respond(id, Value::Array(settings));
            }
            "workspace/workspaceFolders" => {
                let uri = self.setup.profile.uri(&self.setup.root);
                self.respond(id, json!([{ "uri": uri, "name": "root" }]));
            }
            "client/registerCapability" => {
                self.registered.extend(params["registrations"].as_array().unwrap().iter().cloned());
                self.respond(id, Value::Null);
            }
            "client/unregisterCapability" => {
                // The protocol misspells it.
                for gone in params["unregisterations"].as_array().unwrap() {
                    self.registered.retain(|registration| registration["id"] != gone["id"]);
                }
                self.respond(id, Value::Null);
            }
            "window/showMessageRequest" => {
                let actions = params["actions"].as_array().cloned().unwrap_or_default();
                let chosen = self.message_action.as_deref();
                let chosen = actions.into_iter().find(|action| action["title"].as_str() == chosen && chosen.is_some());
                self.respond(id, chosen.unwrap_or(Value::Null));
            }
            refresh if refresh.starts_with("workspace/") && refresh.ends_with("/refresh") => {
                self.respond(id, Value::Null);
            }
            _ => self.send(json!({
                "jsonrpc": "2.0", "id": id, "error": { "code": -32601, "message": format!("unknown: {method}") },
            })),
        }
    }

    fn setting(&self, section: &str) -> Value {
        let path = section.strip_prefix("whittle").map(|rest| rest.replace('.', "/"));
        path.and_then(|path| self.setup.settings.pointer(&path)).cloned().unwrap_or(Value::Null)
    }
}

/// Reads the server's messages strictly: nothing else may stand on its standard output.
pub(super) fn listen(mut stdout: impl BufRead, heard: &Sender<Heard>) {
    loop {
        let message = match read_message(&mut stdout) {
            Ok(Some(message)) => Heard::Message(message),
            Ok(None) => return,
            Err(why) => Heard::Fault(why),
        };
        let fault = matches!(message, Heard::Fault(_));
        if heard.send(message).is_err() || fault {
            return;
        }
    }
}

fn read_message(stdout: &mut impl BufRead) -> Result<Option<Value>, String> {
    let mut header = Vec::new();
    stdout.read_until(b'\n', &mut header).map_err(|why| why.to_string())?;
    if header.is_empty() {
        return Ok(None);
    }
    let header = String::from_utf8_lossy(&header).into_owned();
    let length = header.strip_prefix("Content-Length: ").and_then(|rest| rest.strip_suffix("\r\n"));
    let length = length.and_then(|digits| digits.parse::<usize>().ok());
    let length = length.ok_or_else(|| format!("on standard output, where a header should stand: {header:?}"))?;
    let mut body = vec![0; length + 2];
    stdout.read_exact(&mut body).map_err(|why| format!("within a message: {why}"))?;
    let body = body.strip_prefix(b"\r\n").ok_or("no blank line after the header")?;
    let message: Value = serde_json::from_slice(body).map_err(|why| format!("a body that is no JSON: {why}"))?;
    if message["jsonrpc"] != "2.0" {
        return Err(format!("not JSON-RPC 2.0: {message}"));
    }
    Ok(Some(message))
}
