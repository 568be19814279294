//! What a user does in an editor, and where things stand in its documents.

use super::document::{self, Change, Document};
use super::{Client, Profile, profile};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

impl Client {
    /// Opens a file as it is on disk.
    #[track_caller]
    pub(crate) fn open(&mut self, path: impl AsRef<Path>) {
        let path = self.path(path);
        let text = std::fs::read_to_string(&path).unwrap();
        self.open_text(path, &text);
    }

    /// Opens a document with this text, which may not be saved yet.
    pub(crate) fn open_text(&mut self, path: impl AsRef<Path>, text: &str) {
        let language = profile::language_of(path.as_ref());
        self.open_as(path, text, language);
    }

    pub(crate) fn open_as(&mut self, path: impl AsRef<Path>, text: &str, language: &str) {
        let path = self.path(path);
        let uri = self.setup.profile.uri(&path);
        let version = match self.setup.profile {
            Profile::VsCode => 1,
            Profile::Neovim | Profile::Helix => 0,
        };
        let item = json!({ "uri": uri, "languageId": language, "version": version, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": item }));
        let text = text.to_owned();
        let document = Document { uri, text, version, unsent: Vec::new(), last_sent: None, due: None };
        self.documents.insert(path, document);
    }

    pub(crate) fn close(&mut self, path: impl AsRef<Path>) {
        let path = self.path(path);
        self.send_changes(&path);
        let document = self.documents.remove(&path).unwrap();
        self.notify("textDocument/didClose", json!({ "textDocument": { "uri": document.uri } }));
    }

    /// Writes the document to disk.
    pub(crate) fn save(&mut self, path: impl AsRef<Path>) {
        let path = self.path(path);
        let document = json!({ "uri": self.document(&path).uri });
        let sync = self.server.pointer("/capabilities/textDocumentSync").cloned().unwrap_or_default();
        if sync["willSave"] == true && self.setup.profile != Profile::Helix {
            self.send_changes(&path);
            self.notify("textDocument/willSave", json!({ "textDocument": document, "reason": 1 }));
        }
        self.send_changes(&path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &self.document(&path).text).unwrap();
        if sync["save"] == true || sync["save"].is_object() {
            let mut params = json!({ "textDocument": document });
            if sync["save"]["includeText"] == true {
                params["text"] = self.document(&path).text.clone().into();
            }
            self.notify("textDocument/didSave", params);
        }
    }

    /// Types text in at a position.
    pub(crate) fn type_text(&mut self, path: impl AsRef<Path>, position: &Value, text: &str) {
        self.replace(path, &json!({ "start": position, "end": position }), text);
    }

    /// Replaces a range by a text.
    pub(crate) fn replace(&mut self, path: impl AsRef<Path>, range: &Value, text: &str) {
        let path = self.path(path);
        let range = document::bytes(&self.document(&path).text, range, self.columns);
        self.change(&path, &[Change { range, text: text.to_owned() }]);
    }

    /// Sends the whole text anew.
    pub(crate) fn change_full(&mut self, path: impl AsRef<Path>, text: &str) {
        let path = self.path(path);
        let document = self.documents.get_mut(&path).unwrap();
        text.clone_into(&mut document.text);
        document.version += 1;
        document.unsent = vec![json!({ "text": text })];
        self.send_changes(&path);
    }

    /// The actions that the editor would list, with these kinds asked for.
    #[track_caller]
    pub(crate) fn code_actions(&mut self, path: impl AsRef<Path>, range: &Value, only: &[&str]) -> Vec<Value> {
        let id = self.send_code_actions(path, range, only, 1);
        let actions = match self.answer(id) {
            Ok(actions) => actions.as_array().cloned().unwrap_or_default(),
            Err(error) => self.fail(format_args!("codeAction failed: {error}")),
        };
        let fits = |kind: &str| {
            only.iter().any(|only| kind.strip_prefix(only).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
        };
        let listed = |action: &Value| only.is_empty() || action["kind"].as_str().is_some_and(fits);
        actions.into_iter().filter(listed).collect()
    }

    /// Asks for actions as the lightbulb does while the cursor moves (`trigger` 2), or as the user does (1).
    pub(crate) fn send_code_actions(
        &mut self,
        path: impl AsRef<Path>,
        range: &Value,
        only: &[&str],
        trigger: u8,
    ) -> i64 {
        let path = self.path(path);
        let lines = |of: &Value| (of["start"]["line"].as_u64().unwrap(), of["end"]["line"].as_u64().unwrap());
        let (first, last) = lines(range);
        let near = |mark: &&Value| matches!(lines(&mark["range"]), (start, end) if start <= last && first <= end);
        let marks: Vec<_> = self.diagnostics.get(&path).into_iter().flatten().filter(near).cloned().collect();
        let mut context = json!({ "diagnostics": marks, "triggerKind": trigger });
        if !only.is_empty() {
            context["only"] = json!(only);
        }
        let document = json!({ "uri": self.setup.profile.uri(&path) });
        let params = json!({ "textDocument": document, "range": range, "context": context });
        self.send_request("textDocument/codeAction", params)
    }

    /// Chooses an action: applies its edit, then executes its command, whose result is returned.
    #[track_caller]
    pub(crate) fn choose(&mut self, action: &Value) -> Option<Value> {
        if action.get("disabled").is_some() {
            self.fail(format_args!("chose a disabled action: {action}"));
        }
        if let Some(command) = action["command"].as_str() {
            return Some(self.execute(command, action["arguments"].clone()));
        }
        if let Some(edit) = action.get("edit") {
            self.apply_chosen(edit);
        }
        let command = action["command"].as_object()?;
        let arguments = command.get("arguments").cloned().unwrap_or_default();
        Some(self.execute(command["command"].as_str().unwrap(), arguments))
    }

    /// Executes a command. Arguments that are no list are its only argument.
    #[track_caller]
    pub(crate) fn execute(&mut self, command: &str, arguments: Value) -> Value {
        match self.try_execute(command, arguments) {
            Ok(result) => result,
            Err(error) => self.fail(format_args!("`{command}` failed: {error}")),
        }
    }

    #[track_caller]
    pub(crate) fn try_execute(&mut self, command: &str, arguments: Value) -> Result<Value, Value> {
        let mut params = json!({ "command": command });
        match arguments {
            Value::Null => {}
            Value::Array(_) => params["arguments"] = arguments,
            single => params["arguments"] = json!([single]),
        }
        self.try_request("workspace/executeCommand", params)
    }

    #[track_caller]
    pub(crate) fn hover(&mut self, path: impl AsRef<Path>, position: &Value) -> Value {
        let document = json!({ "uri": self.setup.profile.uri(&self.path(path)) });
        self.request("textDocument/hover", json!({ "textDocument": document, "position": position }))
    }

    /// Presses the cancel button of a progress.
    pub(crate) fn cancel_progress(&mut self, token: &Value) {
        self.notify("window/workDoneProgress/cancel", json!({ "token": token }));
    }
}

impl Client {
    /// A path in the workspace; an address stays as it is.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        let is_address = path.as_ref().to_str().is_some_and(|path| path.contains(':'));
        if is_address { path.as_ref().to_owned() } else { self.setup.root.join(path) }
    }

    #[track_caller]
    pub(crate) fn document(&self, path: impl AsRef<Path>) -> &Document {
        let path = self.path(path);
        self.documents.get(&path).unwrap_or_else(|| self.fail(format_args!("{} is not open", path.display())))
    }

    #[track_caller]
    pub(crate) fn text(&self, path: impl AsRef<Path>) -> &str {
        &self.document(path).text
    }

    /// The range of the first occurrence of `needle`.
    #[track_caller]
    pub(crate) fn range_of(&self, path: impl AsRef<Path>, needle: &str) -> Value {
        let text = self.text(path);
        let start = text.find(needle).unwrap_or_else(|| self.fail(format_args!("no {needle:?} in {text:?}")));
        document::range(text, start..start + needle.len(), self.columns)
    }

    /// The position before the first occurrence of `needle`.
    #[track_caller]
    pub(crate) fn before(&self, path: impl AsRef<Path>, needle: &str) -> Value {
        self.range_of(path, needle)["start"].clone()
    }

    /// The position after the first occurrence of `needle`.
    #[track_caller]
    pub(crate) fn after(&self, path: impl AsRef<Path>, needle: &str) -> Value {
        self.range_of(path, needle)["end"].clone()
    }

    /// The cursor, as an empty range, before the first occurrence of `needle`.
    #[track_caller]
    pub(crate) fn cursor(&self, path: impl AsRef<Path>, needle: &str) -> Value {
        let position = self.before(path, needle);
        json!({ "start": position, "end": position })
    }

    pub(crate) fn position_at(&self, path: impl AsRef<Path>, byte: usize) -> Value {
        document::position(self.text(path), byte, self.columns)
    }
}
