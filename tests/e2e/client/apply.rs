//! How each editor changes documents: when it sends changes, and what it makes of a workspace edit.

use super::document::{Change, Document};
use super::{Client, NEOVIM_DEBOUNCE, Profile, document_of};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;

/// Why an edit was not applied.
struct Refused {
    /// Which of the `documentChanges`.
    index: usize,
    why: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Versions {
    Checked,
    Ignored,
}

impl Client {
    /// Makes these changes, ordered by place, as one action of the user's or the editor's.
    pub(super) fn change(&mut self, path: &Path, changes: &[Change]) {
        let profile = self.setup.profile;
        let columns = self.columns;
        let document = self.documents.get_mut(path).unwrap();
        match profile {
            // From the end, so that each range counts in the text before the action.
            Profile::VsCode => {
                let events = changes.iter().rev().map(|change| document.change(change, columns)).collect();
                document.version += 1;
                document.unsent.extend::<Vec<_>>(events);
                match self.lazy {
                    Some(pause) => document.due = Some(Instant::now() + pause),
                    None => self.send_changes(path),
                }
            }
            // From the start, each range counting in the text that the one before left.
            Profile::Helix => {
                let (mut grown, mut shrunk) = (0, 0);
                for change in changes {
                    let range = change.range.start + grown - shrunk..change.range.end + grown - shrunk;
                    let event = document.change(&Change { range, text: change.text.clone() }, columns);
                    document.unsent.push(event);
                    grown += change.text.len();
                    shrunk += change.range.len();
                }
                document.version += 1;
                self.send_changes(path);
            }
            // From the end, each a change of its own, sent at most every 150 ms.
            Profile::Neovim => {
                for change in changes.iter().rev() {
                    self.change_in_neovim(path, change);
                }
            }
        }
    }

    fn change_in_neovim(&mut self, path: &Path, change: &Change) {
        let columns = self.columns;
        let document = self.documents.get_mut(path).unwrap();
        let event = document.change(change, columns);
        document.unsent.push(event);
        document.version = (document.version + 1).max(3); // `changedtick` does not start at 0, the protocol's version does
        let now = Instant::now();
        let due = document.last_sent.unwrap_or(now) + NEOVIM_DEBOUNCE;
        document.due = Some(due);
        if due <= now {
            self.send_changes(path);
        }
    }

    /// Sends what the server does not know yet of any document, as editors do before a request.
    pub(super) fn flush(&mut self) {
        let paths: Vec<_> = self.documents.keys().cloned().collect();
        paths.iter().for_each(|path| self.send_changes(path));
    }

    pub(super) fn send_changes(&mut self, path: &Path) {
        let sync = self.server.pointer("/capabilities/textDocumentSync");
        let full = sync.is_some_and(|sync| sync == 1 || sync["change"] == 1);
        let Some(document) = self.documents.get_mut(path) else { return };
        document.due = None;
        let mut changes = std::mem::take(&mut document.unsent);
        if changes.is_empty() {
            return;
        }
        if full {
            changes = vec![json!({ "text": document.text })];
        }
        document.last_sent = Some(Instant::now());
        let identifier = json!({ "uri": document.uri, "version": document.version });
        self.notify("textDocument/didChange", json!({ "textDocument": identifier, "contentChanges": changes }));
    }

    /// Answers the edits that were held back.
    pub(crate) fn release_edits(&mut self) {
        self.hold_edits = false;
        for (id, params) in std::mem::take(&mut self.held) {
            self.answer_edit(&id, &params);
        }
    }

    pub(super) fn answer_edit(&mut self, id: &Value, params: &Value) {
        let text = params["edit"].to_string();
        let refuses_this = self.refuse_file.as_ref().is_some_and(|file| text.contains(&format!("{file}\"")));
        if self.refuse_edits || refuses_this {
            return self.respond(id, json!({ "applied": false, "failureReason": "refused" }));
        }
        if let Some(steps) = self.stops_after.take() {
            let mut edit = params["edit"].clone();
            edit["documentChanges"].as_array_mut().unwrap().truncate(steps);
            assert!(self.apply(&edit, Versions::Checked).is_ok());
            return self.respond(id, json!({ "applied": false, "failureReason": "stopped" }));
        }
        let edit = &params["edit"];
        match self.setup.profile {
            Profile::VsCode => {
                let applied = self.apply(edit, Versions::Checked).is_ok();
                self.respond(id, json!({ "applied": applied }));
            }
            Profile::Helix => {
                let answer = match self.apply(edit, Versions::Checked) {
                    Ok(()) => json!({ "applied": true }),
                    Err(Refused { index, why }) => {
                        json!({ "applied": false, "failureReason": why, "failedChange": index })
                    }
                };
                self.respond(id, answer);
            }
            // Says yes even where it then refuses.
            Profile::Neovim => {
                self.respond(id, json!({ "applied": true }));
                drop(self.apply(edit, Versions::Checked));
            }
        }
    }

    /// Applies the edit of a chosen action. VS Code checks no versions there, Helix is silent about a refusal.
    pub(super) fn apply_chosen(&mut self, edit: &Value) {
        let versions = if self.setup.profile == Profile::VsCode { Versions::Ignored } else { Versions::Checked };
        drop(self.apply(edit, versions));
    }

    fn apply(&mut self, edit: &Value, versions: Versions) -> Result<(), Refused> {
        let steps = steps(edit);
        // VS Code looks at all versions before it changes anything.
        if self.setup.profile == Profile::VsCode && versions == Versions::Checked {
            for (index, step) in steps.iter().enumerate().filter(|(_, step)| step["kind"].is_null()) {
                self.check_version(index, step)?;
            }
        }
        for (index, step) in steps.iter().enumerate() {
            self.apply_step(index, step).map_err(|why| Refused { index, why })?;
        }
        Ok(())
    }

    fn check_version(&self, index: usize, step: &Value) -> Result<(), Refused> {
        let wanted = step["textDocument"]["version"].as_i64();
        let document = step["textDocument"]["uri"].as_str().map(document_of).and_then(|path| self.documents.get(&path));
        match (wanted, document) {
            (Some(wanted), Some(Document { version, .. })) if wanted != *version => {
                Err(Refused { index, why: format!("version {version} is not {wanted}") })
            }
            _ => Ok(()),
        }
    }

    fn apply_step(&mut self, index: usize, step: &Value) -> Result<(), String> {
        let kind = step["kind"].as_str();
        let uri = match kind {
            None => &step["textDocument"]["uri"],
            Some("rename") => &step["oldUri"],
            Some(_) => &step["uri"],
        };
        let path = uri.as_str().map(document_of).ok_or_else(|| format!("not a file: {step}"))?;
        let options = &step["options"];
        match kind {
            None => self.apply_text(index, &path, step),
            Some("create") => self.create(&path, options),
            Some("delete") => {
                if self.setup.profile != Profile::Helix && self.documents.contains_key(&path) {
                    self.close(&path);
                }
                if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) }
                    .or_else(|why| if options["ignoreIfNotExists"] == true { Ok(()) } else { Err(why) })
                    .map_err(|why| why.to_string())
            }
            Some("rename") => {
                let to = step["newUri"].as_str().map(document_of).ok_or_else(|| format!("not a file: {step}"))?;
                std::fs::rename(&path, &to).map_err(|why| why.to_string())?;
                if self.documents.contains_key(&path) {
                    let text = self.text(&path).to_owned();
                    self.close(&path);
                    self.open_text(&to, &text);
                }
                Ok(())
            }
            Some(other) => Err(format!("an unknown operation: {other}")),
        }
    }

    fn create(&mut self, path: &Path, options: &Value) -> Result<(), String> {
        let overwrite = options["overwrite"] == true;
        let ignore = options["ignoreIfExists"] == true && !overwrite;
        let write = match self.setup.profile {
            Profile::VsCode if path.exists() && !overwrite && !ignore => {
                return Err(format!("{} exists", path.display()));
            }
            Profile::VsCode => !path.exists() || overwrite,
            // These two empty a file that exists.
            Profile::Helix => !(ignore && path.exists()),
            // Creates neither file nor folder, only a buffer.
            Profile::Neovim => !ignore,
        };
        if write {
            std::fs::create_dir_all(path.parent().unwrap()).map_err(|why| why.to_string())?;
            std::fs::write(path, "").map_err(|why| why.to_string())?;
        }
        Ok(())
    }

    /// Edits a document, which is opened first and stays unsaved.
    fn apply_text(&mut self, index: usize, path: &Path, step: &Value) -> Result<(), String> {
        if !self.documents.contains_key(path) {
            let text = match std::fs::read_to_string(path) {
                Ok(text) => text,
                Err(_) if self.setup.profile == Profile::Neovim => String::from("\n"),
                Err(why) => return Err(format!("{}: {why}", path.display())),
            };
            self.open_text(path, &text);
        }
        match self.setup.profile {
            Profile::VsCode => {}
            Profile::Helix => self.check_version(index, step).map_err(|refused| refused.why)?,
            // Looks at the first entry only, passes over version 0, and says nothing.
            Profile::Neovim => {
                let wanted = step["textDocument"]["version"].as_i64().unwrap_or(0);
                if index == 0 && wanted > 0 && self.document(path).version > wanted {
                    return Ok(());
                }
            }
        }
        let changes = self.document(path).read_edits(&step["edits"], self.columns)?;
        if !changes.is_empty() {
            self.change(path, &changes);
        }
        Ok(())
    }
}

/// The steps of a workspace edit in either of its forms.
fn steps(edit: &Value) -> Vec<Value> {
    match (edit["documentChanges"].as_array(), edit["changes"].as_object()) {
        (Some(steps), _) => steps.clone(),
        (None, Some(files)) => {
            let step = |(uri, edits): (&String, &Value)| json!({ "textDocument": { "uri": uri, "version": null }, "edits": edits });
            files.iter().map(step).collect()
        }
        (None, None) => Vec::new(),
    }
}
