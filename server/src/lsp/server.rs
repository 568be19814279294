//! The table of contents: which request and notification is handled where.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use gen_lsp_types as types;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::features::Features;
use super::history::Loading;
use super::message::{Error, parse};
use super::outbox::{Outbox, Reply};
use super::scopes::EditorSettings;
use super::session::{Chore, Session};
use super::transport::Server;
use super::{background, code_action, convert, execute_command, found, hover, show, status, text_sync};

/// The server of one client.
pub(super) struct Whittle {
    runtime: Handle,
    config: Option<PathBuf>,
    session: Option<Arc<Session>>,
    /// The editor's section of the settings, as it came last.
    editor_settings: Arc<RwLock<EditorSettings>>,
}

impl Whittle {
    pub(super) fn new(runtime: Handle, config: Option<PathBuf>) -> Self {
        Self { runtime, config, session: None, editor_settings: Arc::default() }
    }

    fn start_background(&self, outbox: &Outbox, features: Features) -> Arc<Session> {
        let (chores, todo): (Sender<Chore>, _) = channel();
        let session =
            Arc::new(Session::new(outbox.clone(), features, self.runtime.clone(), chores, self.config.clone()));
        let weak = Arc::downgrade(&session);
        if let Err(error) =
            std::thread::Builder::new().name("background".into()).spawn(move || background::run(&todo, &weak))
        {
            tracing::error!(%error, "no background thread: trees are made when asked for, nothing is indexed");
        }
        session
    }

    fn initialized(&self, session: &Arc<Session>) {
        if session.features.dynamic_watching {
            let watcher = json!({ "globPattern": "**/*" });
            let registration = json!({
                "id": "whittle/watch",
                "method": "workspace/didChangeWatchedFiles",
                "registerOptions": { "watchers": [watcher] },
            });
            drop(session.outbox.request("client/registerCapability", json!({ "registrations": [registration] })));
        }
        self.ask_for_settings(session);
        status::start(session);
        session.workspaces().iter().for_each(|workspace| self.load_history(session, workspace.policy().root()));
    }

    /// Reads what can be undone in a workspace.
    fn load_history(&self, session: &Arc<Session>, root: &Path) {
        let (session, root) = (session.clone(), root.to_owned());
        let loading = Loading::new(&session);
        drop(self.runtime.spawn_blocking(move || {
            session.history.load(&session, &root);
            drop(loading);
        }));
    }

    /// Reads the settings; where the client answers questions about them, its answer first.
    fn ask_for_settings(&self, session: &Arc<Session>) {
        let editor = self.editor_settings.clone();
        let session = session.clone();
        if !session.features.configuration {
            let settings = editor.read().unwrap_or_else(PoisonError::into_inner).clone();
            session.take_settings(settings);
            self.runtime.spawn(async move { found::offer(&session).await });
            return;
        }
        self.runtime.spawn(async move {
            // each folder may have settings of its own
            let roots: Vec<PathBuf> = session.workspaces().iter().map(|one| one.policy().root().to_owned()).collect();
            let folders = roots.iter().map(|root| json!({ "section": "whittle", "scopeUri": convert::uri_of(root) }));
            let items: Vec<Value> = [json!({ "section": "whittle" })].into_iter().chain(folders).collect();
            let reply = session.outbox.request("workspace/configuration", json!({ "items": items })).await;
            if let Ok(Ok(Value::Array(answers))) = reply {
                let mut answers = answers.into_iter();
                let mut editor = editor.write().unwrap_or_else(PoisonError::into_inner);
                if let Some(answer) = answers.next().filter(Value::is_object) {
                    editor.all = Some(answer);
                }
                let own = roots.into_iter().zip(answers);
                editor.folders = own.filter(|(_, answer)| answer.is_object()).collect();
            }
            let settings = editor.read().unwrap_or_else(PoisonError::into_inner).clone();
            session.take_settings(settings);
            found::offer(&session).await;
        });
    }
}

impl Server for Whittle {
    fn initialize(&mut self, params: Value, outbox: &Outbox) -> Result<Value, Error> {
        let features = Features::read(&params);
        let session = self.start_background(outbox, features);
        let mut options = params.get("initializationOptions").cloned().filter(Value::is_object);
        if let Some(options) = options.as_mut().and_then(Value::as_object_mut) {
            for extension in ["asks", "status"] {
                options.remove(extension);
            }
        }
        let folders = folders(&params);
        folders.iter().for_each(|folder| drop(session.add_workspace(folder)));
        // what is wrong is said once the client is ready; nothing is indexed before it is known what may be read
        let settings = EditorSettings { all: options, ..EditorSettings::default() };
        let _problems = session.read_settings(settings.clone());
        folders.iter().for_each(|folder| session.open_folder(folder));
        *self.editor_settings.write().unwrap_or_else(PoisonError::into_inner) = settings;
        let capabilities = capabilities(&session.features);
        self.session = Some(session);
        Ok(json!({
            "capabilities": capabilities,
            "serverInfo": { "name": "whittle", "version": env!("CARGO_PKG_VERSION") },
        }))
    }

    fn notification(&mut self, method: &str, params: Value) {
        let Some(session) = self.session.clone() else { return };
        match method {
            "initialized" => self.initialized(&session),
            "textDocument/didOpen" => with(method, params, |params| text_sync::did_open(&session, params)),
            "textDocument/didChange" => text_sync::did_change(&session, &params),
            "textDocument/willSave" => with(method, params, |params| text_sync::will_save(&session, &params)),
            "textDocument/didSave" => with(method, params, |params| text_sync::did_save(&session, &params)),
            "textDocument/didClose" => with(method, params, |params| text_sync::did_close(&session, params)),
            "window/workDoneProgress/cancel" => {
                if let Some(job) = params.get("token").and_then(|token| session.notifier.job_of(token)) {
                    session.jobs.cancel(Some(job));
                }
            }
            "workspace/didChangeConfiguration" => {
                // Neovim users may give the settings without the section around them
                let bare = params.get("settings").filter(|settings| settings.get("models").is_some());
                let section = params.pointer("/settings/whittle").or(bare);
                if let Some(settings) = section.filter(|settings| settings.is_object()) {
                    let settings = EditorSettings { all: Some(settings.clone()), ..EditorSettings::default() };
                    *self.editor_settings.write().unwrap_or_else(PoisonError::into_inner) = settings;
                }
                self.ask_for_settings(&session);
            }
            "workspace/didChangeWatchedFiles" => with(method, params, |params: types::DidChangeWatchedFilesParams| {
                params.changes.iter().for_each(|change| session.chore(Chore::Changed(convert::path_of(&change.uri))));
            }),
            "workspace/didChangeWorkspaceFolders" => {
                with(method, params, |params: types::DidChangeWorkspaceFoldersParams| {
                    let path = |folder: &types::WorkspaceFolder| convert::path_of(&folder.uri);
                    params.event.removed.iter().for_each(|folder| session.remove_workspace(&path(folder)));
                    for folder in &params.event.added {
                        session.open_folder(&path(folder));
                        self.load_history(&session, &path(folder));
                    }
                    self.ask_for_settings(&session);
                });
            }
            _ => {}
        }
    }

    fn request(&mut self, method: &str, params: Value, reply: Reply) {
        let Some(session) = self.session.clone() else { return reply.error(Error::method_not_found(method)) };
        match method {
            "textDocument/codeAction" => match parse::<types::CodeActionParams>(method, params) {
                Err(error) => reply.error(error),
                Ok(params) => {
                    let invoked = params.context.trigger_kind != Some(types::CodeActionTriggerKind::Automatic);
                    if invoked && session.settings_changed() {
                        return drop(self.runtime.spawn_blocking(move || {
                            session.take_settings_again();
                            reply.ok(code_action::run(&session, &params, None).unwrap_or_default());
                        }));
                    }
                    let deadline = Instant::now() + code_action::PATIENCE;
                    match code_action::run(&session, &params, Some(deadline)) {
                        Some(actions) => reply.ok(actions),
                        // a tree that takes longer is waited for elsewhere
                        None => drop(self.runtime.spawn_blocking(move || {
                            reply.ok(code_action::run(&session, &params, None).unwrap_or_default());
                        })),
                    }
                }
            },
            "workspace/executeCommand" => match parse(method, params) {
                Err(error) => reply.error(error),
                Ok(params) => drop(self.runtime.spawn_blocking(move || {
                    reply.send(execute_command::run(&session, params));
                })),
            },
            "textDocument/hover" => match parse(method, params) {
                Err(error) => reply.error(error),
                Ok(params) => drop(self.runtime.spawn_blocking(move || reply.ok(hover::run(&session, &params)))),
            },
            "workspace/textDocumentContent" => {
                let content = parse(method, params).map(|params: types::TextDocumentContentParams| {
                    show::content(&session, &params.uri).map(|text| json!({ "text": text }))
                });
                reply.send(content);
            }
            other => reply.error(Error::method_not_found(other)),
        }
    }

    fn shutdown(&mut self) {
        if let Some(session) = &self.session {
            session.jobs.cancel_all();
            session.following.stop_all();
            session.chore(Chore::Stop);
        }
    }
}

/// Hands a notification on, or notes that it could not be read.
fn with<T: DeserializeOwned>(method: &str, params: Value, handle: impl FnOnce(T)) {
    match parse(method, params) {
        Ok(params) => handle(params),
        Err(error) => tracing::warn!(method, error = error.message, "a notification could not be read"),
    }
}

/// The folders that the client works in.
fn folders(params: &Value) -> Vec<PathBuf> {
    let path = |uri: &Value| uri.as_str().map(|uri| convert::path_of(&types::Uri(uri.to_owned())));
    let folders = params.get("workspaceFolders").and_then(Value::as_array);
    let mut found: Vec<PathBuf> = folders.into_iter().flatten().filter_map(|folder| path(folder.get("uri")?)).collect();
    if found.is_empty() {
        found.extend(params.get("rootUri").and_then(path));
    }
    if found.is_empty() {
        found.extend(params.get("rootPath").and_then(Value::as_str).map(PathBuf::from));
    }
    found.retain(|folder| convert::is_file(folder));
    found
}

fn capabilities(features: &Features) -> Value {
    let mut capabilities = json!({
        "positionEncoding": features.encoding_name(),
        "textDocumentSync": { "openClose": true, "change": 2, "willSave": true, "save": {} },
        "codeActionProvider": {
            "codeActionKinds": [
                "refactor.rewrite.whittle", "refactor.whittle", "quickfix.whittle", "whittle.explain", "whittle.context",
                "whittle.redo",
            ],
        },
        "executeCommandProvider": { "commands": execute_command::COMMANDS },
        "workspace": {
            "workspaceFolders": { "supported": true, "changeNotifications": true },
            "textDocumentContent": { "schemes": [show::SCHEME] },
        },
    });
    if !features.dynamic_hover {
        capabilities["hoverProvider"] = Value::Bool(true);
    }
    capabilities
}
