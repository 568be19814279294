//! A client that does what an editor does, over the real program's standard input and output. In: a test's steps. Out:
//! what the server did, with all messages so far when a wait fails. It acts only inside its own calls, so a test sees
//! the same order every time; the server's requests are answered while the test waits for something.
//!
//! When a client is dropped, it has seen: each of its requests answered exactly once, nothing but framed messages on
//! standard output, no panic, and the exit code 0.
#![allow(dead_code, reason = "the vocabulary of all end-to-end tests")]

mod apply;
mod document;
mod profile;
mod selftest;
mod user;
mod wire;

pub(crate) use document::{Columns, Document, bytes};
use profile::document_of;
pub(crate) use profile::{Profile, path_of};

use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// How often Neovim sends changes.
const NEOVIM_DEBOUNCE: Duration = Duration::from_millis(150);

/// How a client is started.
pub(crate) struct Setup {
    pub(crate) profile: Profile,
    /// The workspace folder.
    pub(crate) root: PathBuf,
    /// Environment variables of the server, on top of a clean environment.
    pub(crate) env: Vec<(String, String)>,
    /// The settings section `whittle`.
    pub(crate) settings: Value,
    /// Goes into `initialize` as `initializationOptions`.
    pub(crate) options: Value,
    /// The editor's process, if not this test's.
    pub(crate) editor: Option<u32>,
    /// Capabilities laid over the profile's.
    pub(crate) capabilities: Value,
}

impl Setup {
    pub(crate) fn new(profile: Profile, root: &Path) -> Self {
        Self {
            profile,
            root: root.canonicalize().unwrap(),
            env: Vec::new(),
            settings: Value::Null,
            options: Value::Null,
            editor: None,
            capabilities: json!({}),
        }
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Starts the server and initializes it.
    pub(crate) fn start(self) -> Client {
        let mut client = self.spawn();
        client.initialize();
        client
    }

    /// Starts the server and says nothing to it yet.
    pub(crate) fn spawn(self) -> Client {
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_whittle"));
        command.arg("lsp").current_dir(&self.root).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        clean_environment(&mut command, home.path());
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        let mut child = command.spawn().unwrap();
        let (sender, inbox) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || wire::listen(stdout, &sender));
        let stderr = Arc::new(Mutex::new(Vec::new()));
        let (mut pipe, kept) = (child.stderr.take().unwrap(), Arc::clone(&stderr));
        let stderr_reader = std::thread::spawn(move || {
            let mut room = [0; 4096];
            while let Ok(read @ 1..) = pipe.read(&mut room) {
                kept.lock().unwrap().extend_from_slice(&room[..read]);
            }
        });
        Client {
            stdin: child.stdin.take(),
            child,
            inbox,
            stderr,
            stderr_reader: Some(stderr_reader),
            started: Instant::now(),
            log: Vec::new(),
            mark: 0,
            last_id: 0,
            open: HashMap::new(),
            answers: HashMap::new(),
            held: Vec::new(),
            exit_code: None,
            home,
            columns: Columns::Utf16,
            server: Value::Null,
            documents: BTreeMap::new(),
            diagnostics: BTreeMap::new(),
            registered: Vec::new(),
            progress: BTreeMap::new(),
            shown: Vec::new(),
            mute: HashSet::new(),
            hold_edits: false,
            lazy: None,
            refuse_edits: false,
            refuse_file: None,
            stops_after: None,
            shows_documents: true,
            message_action: None,
            setup: self,
        }
    }
}

/// Nothing of the user's reaches the server: no keys, no settings, no state.
pub(crate) fn clean_environment(command: &mut Command, home: &Path) {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.ends_with("_API_KEY") || name.starts_with("WHITTLE_") || name.starts_with("XDG_") {
            command.env_remove(name);
        }
    }
    // The tools of a verify command find their own things through these.
    let user = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        if std::env::var_os(name).is_none() && user.join(folder).is_dir() {
            command.env(name, user.join(folder));
        }
    }
    // tests that want kept answers say so
    command.env("WHITTLE_CACHE_ANSWERS", "false");
    command.env("HOME", home);
    command.env("OLLAMA_HOST", "127.0.0.1:1"); // nobody listens there
    command.env_remove("DBUS_SESSION_BUS_ADDRESS");
    for (name, folder) in
        [("CONFIG_HOME", "config"), ("CACHE_HOME", "cache"), ("STATE_HOME", "state"), ("DATA_HOME", "data")]
    {
        command.env(format!("XDG_{name}"), home.join(folder));
    }
}

enum Heard {
    Message(Value),
    /// Something on standard output that is no message.
    Fault(String),
}

struct Logged {
    at: Duration,
    from_server: bool,
    message: Value,
}

/// An editor with a server at its side.
pub(crate) struct Client {
    pub(crate) setup: Setup,
    /// The user's folder, where the server keeps its own files.
    pub(crate) home: tempfile::TempDir,
    /// The encoding agreed upon.
    pub(crate) columns: Columns,
    /// The `InitializeResult`.
    pub(crate) server: Value,
    pub(crate) documents: BTreeMap<PathBuf, Document>,
    /// The latest diagnostics of each file.
    pub(crate) diagnostics: BTreeMap<PathBuf, Vec<Value>>,
    /// Registrations that are in force.
    pub(crate) registered: Vec<Value>,
    /// The values of `$/progress`, by token.
    pub(crate) progress: BTreeMap<String, Vec<Value>>,
    /// The parameters of each `window/showDocument`.
    pub(crate) shown: Vec<Value>,
    /// Requests of the server's that get no answer.
    pub(crate) mute: HashSet<String>,
    /// Keeps `workspace/applyEdit` waiting until [`Client::release_edits`].
    pub(crate) hold_edits: bool,
    /// Sends what changed only after this pause, as Emacs does.
    pub(crate) lazy: Option<Duration>,
    /// Answers `workspace/applyEdit` with `applied: false`, as a user's refusal does.
    pub(crate) refuse_edits: bool,
    /// Refuses edits of the file with this end of its name.
    pub(crate) refuse_file: Option<String>,
    /// The next edit is taken only so many steps far.
    pub(crate) stops_after: Option<usize>,
    /// The answer to `window/showDocument`.
    pub(crate) shows_documents: bool,
    /// The title chosen when `window/showMessageRequest` offers it; nothing is chosen otherwise.
    pub(crate) message_action: Option<String>,
    child: Child,
    stdin: Option<ChildStdin>,
    inbox: Receiver<Heard>,
    stderr: Arc<Mutex<Vec<u8>>>,
    stderr_reader: Option<std::thread::JoinHandle<()>>,
    started: Instant,
    log: Vec<Logged>,
    mark: usize,
    last_id: i64,
    /// Our requests without an answer yet, with their methods.
    open: HashMap<i64, String>,
    answers: HashMap<i64, Result<Value, Value>>,
    held: Vec<(Value, Value)>,
    exit_code: Option<i32>,
}

impl Client {
    pub(crate) fn start(profile: Profile, root: &Path) -> Self {
        Setup::new(profile, root).start()
    }

    pub(crate) fn initialize(&mut self) {
        let params = self.initialize_params();
        self.initialize_with(params);
    }

    pub(crate) fn initialize_with(&mut self, params: Value) {
        self.server = self.request("initialize", params);
        let columns = self.server.pointer("/capabilities/positionEncoding").and_then(Value::as_str);
        self.columns = Columns::named(columns.unwrap_or("utf-16"));
        self.notify("initialized", json!({}));
    }

    pub(crate) fn initialize_params(&self) -> Value {
        let setup = &self.setup;
        let mut capabilities = setup.profile.capabilities();
        lay_over(&mut capabilities, &setup.capabilities);
        let uri = setup.profile.uri(&setup.root);
        let mut params = json!({
            "processId": setup.editor.unwrap_or_else(std::process::id),
            "clientInfo": setup.profile.client_info(),
            "rootPath": setup.root,
            "rootUri": uri,
            "workspaceFolders": [{ "uri": uri, "name": setup.root.file_name().unwrap().to_string_lossy() }],
            "capabilities": capabilities,
            "trace": "off",
        });
        if !setup.options.is_null() {
            params["initializationOptions"] = setup.options.clone();
        }
        params
    }

    /// Ends the session as editors do; returns the exit code.
    pub(crate) fn shutdown_and_exit(&mut self) -> i32 {
        self.request("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        self.wait_exit()
    }

    pub(crate) fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Waits until the server is gone and everything that it said was read; returns the exit code.
    pub(crate) fn wait_exit(&mut self) -> i32 {
        let until = Instant::now() + PATIENCE;
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None if Instant::now() > until => self.fail("the server does not end"),
                None => drop(self.pump(Instant::now() + Duration::from_millis(5))),
            }
        };
        self.stdin = None;
        while self.pump(until) {}
        if let Some(reader) = self.stderr_reader.take() {
            reader.join().unwrap();
        }
        let code = status.code().unwrap_or(-1);
        self.exit_code = Some(code);
        code
    }

    /// The server's process, for a test that kills it.
    pub(crate) fn server_process(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn kill_server(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.exit_code = Some(-1);
        self.open.clear();
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr.lock().unwrap()).into_owned()
    }

    /// Ends the test with all that was said.
    #[track_caller]
    pub(crate) fn fail(&self, why: impl std::fmt::Display) -> ! {
        panic!("{why}\n{}", self.dump());
    }

    fn dump(&self) -> String {
        let mut dump = format!("--- {:?}, messages so far ---\n", self.setup.profile);
        for Logged { at, from_server, message } in &self.log {
            let arrow = if *from_server { "<-" } else { "->" };
            let text = message.to_string();
            let shown: String = text.chars().take(1500).collect();
            let more = if shown.len() < text.len() { " …" } else { "" };
            writeln!(dump, "{:8.3} {arrow} {shown}{more}", at.as_secs_f64()).unwrap();
        }
        let stderr = self.stderr();
        let tail = stderr.lines().rev().take(60).collect::<Vec<_>>();
        writeln!(dump, "--- standard error, last lines ---").unwrap();
        tail.iter().rev().for_each(|line| writeln!(dump, "{line}").unwrap());
        dump
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if std::thread::panicking() {
            drop(self.child.kill());
            drop(self.child.wait());
            return;
        }
        if self.exit_code.is_none() && self.shutdown_and_exit() != 0 {
            self.fail(format_args!("exit code {:?} after shutdown", self.exit_code));
        }
        if !self.open.is_empty() {
            self.fail(format_args!("never answered: {:?}", self.open));
        }
        if self.stderr().contains("panicked at") {
            self.fail("the server panicked");
        }
    }
}

/// Replaces `below` by `above`, objects member by member.
fn lay_over(below: &mut Value, above: &Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (name, value) in above {
                lay_over(below.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (below, above) => *below = above.clone(),
    }
}
