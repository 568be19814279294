//! `textDocument/codeAction`: what can be done here, from memory; no model is asked.

mod fixes;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gen_lsp_types as types;
use serde_json::{Value, json};
use types::{CodeActionTriggerKind, DocumentChange};

use super::convert::{self, document_edit, path_of, selection};
use super::session::{Asked, Session};
use super::{diagnostics, offers, review};
use crate::chunks::ChunkKind;
use crate::config::OFFLINE;
use crate::context::{Subject, takes_tests};
use crate::documents::Snapshot;
use crate::offline;
use crate::operations::Env;
use crate::prompt::{AnswerForm, BuiltIn, Instruction, Operation, find_instruction};

/// A tree that is not in step by then is not waited for on the thread that reads messages.
pub(super) const PATIENCE: Duration = Duration::from_millis(5);
/// Rewrites offered at once: those nearest to the cursor.
const MOST_REWRITES: usize = 12;

/// Running jobs that can be cancelled at once: the newest.
const MOST_CANCELS: usize = 5;

const NEEDS_MODEL: &str = "It needs a model: add one under [models] in Whittle's configuration";

const EXPLAIN: &str = "whittle.explain";
const RUN: &str = "whittle.run";
const CONTEXT: &str = "whittle.context";
const REWRITE: &str = "refactor.rewrite.whittle";
const REFACTOR: &str = "refactor.whittle";
const CANCEL: &str = "quickfix.whittle.cancel";

/// The actions for a range, or `None` when the document's tree is not in step, or the journal not read, by the deadline.
pub(super) fn run(
    session: &Session,
    params: &types::CodeActionParams,
    deadline: Option<Instant>,
) -> Option<Vec<Value>> {
    if !session.history.is_loaded(deadline) && deadline.is_some() {
        return None; // what can be undone is read when the server starts
    }
    let mut actions = Actions { session, only: wanted(params), found: Vec::new() };
    let path = path_of(&params.text_document.uri);
    actions.review(&path, params.range);
    let diagnostics = others(params);
    // while the cursor only moves, operations are not asked for, but what is wrong here is to be fixed
    let moves = params.context.trigger_kind == Some(CodeActionTriggerKind::Automatic);
    if moves && diagnostics.is_empty() {
        actions.redo(&path, params.range);
        return Some(actions.found);
    }
    // an edit that is under way may leave half of it in the text for a moment
    if session.documents.text(&path).is_some() && !session.applying.is_open(&path) {
        let snapshot = session.documents.snapshot(&path, deadline)?;
        let span = selection(&snapshot.text, params.range, &session.features);
        let workspace = session.workspace_of(&snapshot.path);
        let env = session.env_in(&workspace);
        let subject = workspace.subject(&snapshot, span);
        fixes::add(&mut actions, &env, &workspace, &snapshot, &subject, params, &diagnostics);
        if moves {
            actions.redo(&path, params.range);
            return Some(actions.found);
        }
        *session.asked() = Some(Asked {
            path: path.clone(),
            version: snapshot.version,
            revision: snapshot.revision.clone(),
            text: snapshot.text.clone(),
            span,
            diagnostics,
        });
        actions.operations(&env, &snapshot, &subject, params);
    }
    actions.cancel();
    actions.redo(&path, params.range);
    Some(actions.found)
}

/// What others complain of, as the client sent it.
fn others(params: &types::CodeActionParams) -> Vec<Value> {
    let all = params.context.diagnostics.iter().filter_map(|one| serde_json::to_value(one).ok());
    all.filter(diagnostics::complains).collect()
}

/// The kinds that the client wants; empty: all.
fn wanted(params: &types::CodeActionParams) -> Vec<String> {
    params.context.only.iter().flatten().map(ToString::to_string).collect()
}

/// The kind of an operation's actions. One that the user wrote has its own below the kind of its like, so that a key can
/// be bound to it.
fn kind(operation: &Operation) -> String {
    match (operation.built_in, &operation.answer) {
        (Some(_), AnswerForm::Explanation) => EXPLAIN.to_owned(),
        (Some(_), _) => REFACTOR.to_owned(),
        (None, AnswerForm::Explanation) => format!("{RUN}.{}", operation.name),
        (None, AnswerForm::Edit) => format!("{REWRITE}.{}", operation.name),
        (None, AnswerForm::Tests | AnswerForm::NewFile { .. }) => format!("{REFACTOR}.{}", operation.name),
    }
}

/// Where actions are asked for.
struct Focus<'a> {
    snapshot: &'a Snapshot,
    subject: &'a Subject,
    /// The arguments of a command here, with more.
    place: &'a dyn Fn(Value) -> Value,
}

struct Actions<'a> {
    session: &'a Session,
    only: Vec<String>,
    found: Vec<Value>,
}

impl Actions<'_> {
    /// Whether the client wants a kind: it names the kind itself or one above it.
    fn wants(&self, kind: &str) -> bool {
        let above = |only: &String| {
            only.is_empty()
                || kind.strip_prefix(only.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.only.is_empty() || self.only.iter().any(above)
    }

    fn operations(&mut self, env: &Env, snapshot: &Snapshot, subject: &Subject, params: &types::CodeActionParams) {
        let place = |extra: Value| place(params, snapshot, extra);
        let focus = Focus { snapshot, subject, place: &place };
        let language = subject.language.map(|language| language.name);
        let takes = |operation: &&Arc<Operation>| operation.built_in != Some(BuiltIn::Fix) && operation.takes(language);
        for operation in env.operations.iter().filter(takes) {
            let model = env.next_model(operation, &snapshot.path);
            match operation.built_in {
                Some(BuiltIn::Refactor) => self.refactor(operation, &model, &focus),
                _ => self.operation(operation, &model, &focus),
            }
        }
        self.context(subject, place(json!({})));
    }

    /// The change of a focus that models and, from the menu at once, the offline engine know.
    fn refactor(&mut self, operation: &Operation, model: &str, focus: &Focus<'_>) {
        let subject = focus.subject;
        if !may_change(subject) || !self.wants(REWRITE) {
            return;
        }
        let title = operation.title_for(&format!("`{}`", subject.label()));
        let instructed = find_instruction(&focus.snapshot.text, subject.language, subject.chunk().span);
        if model != OFFLINE && instructed.is_none() {
            self.command(&format!("{title} ({model})"), REWRITE, "whittle.refactor", (focus.place)(json!({})));
        }
        self.instructions(instructed, &title, model, focus);
        self.rewrites(focus.snapshot, subject);
    }

    /// Any other operation.
    fn operation(&mut self, operation: &Operation, model: &str, focus: &Focus<'_>) {
        let (subject, kind) = (focus.subject, kind(operation));
        let fits = match operation.answer {
            AnswerForm::Explanation | AnswerForm::NewFile { .. } => !subject.text.is_empty(),
            // who selects code beyond one definition, and wrote the instructions, means all of it
            AnswerForm::Edit if operation.built_in.is_none() => {
                may_change(subject) || subject.selected_lines().is_some()
            }
            AnswerForm::Edit => may_change(subject),
            AnswerForm::Tests => testable(subject),
        };
        if !fits || !self.wants(&kind) {
            return;
        }
        let title = match operation.answer {
            AnswerForm::Explanation => operation.title_for(&subject.selection_label()),
            _ => operation.title_for(&format!("`{}`", subject.label())),
        };
        if operation.answer == AnswerForm::Tests && !subject.language.is_some_and(takes_tests) {
            return self.disabled(&title, &kind, "Tests in this language have no place here yet");
        }
        let is_test = operation.built_in == Some(BuiltIn::Test);
        let works_offline = !operation.needs_model() && (!is_test || offline::makes_tests(subject));
        if model == OFFLINE && !works_offline {
            let reason = match is_test {
                true => "It needs a model in this language: add one under [models] in Whittle's configuration",
                false => NEEDS_MODEL,
            };
            return self.disabled(&title, &kind, reason);
        }
        let title = format!("{title} ({model})");
        match operation.built_in {
            Some(built_in) => {
                self.command(&title, &kind, &format!("whittle.{}", built_in.name()), (focus.place)(json!({})));
            }
            // the editor's extension asks for the words
            None if operation.asks() && self.session.features.asks => {
                let arguments = (focus.place)(json!({ "name": operation.name, "ask": "" }));
                self.command(&format!("{title}…"), &kind, "whittle.run", arguments);
            }
            None => {
                self.command(&title, &kind, "whittle.run", (focus.place)(json!({ "name": operation.name })));
            }
        }
    }

    /// What a model would be shown, and why; no model is asked, so the title names none.
    fn context(&mut self, subject: &Subject, arguments: Value) {
        if self.wants(CONTEXT) && !subject.text.is_empty() {
            self.command(
                &format!("Show context of {}", subject.selection_label()),
                CONTEXT,
                "whittle.context",
                arguments,
            );
        }
    }

    /// Refactor with instructions: from a comment, or asked for by the editor's extension; else it says how.
    fn instructions(&mut self, found: Option<Instruction>, title: &str, model: &str, focus: &Focus<'_>) {
        let (subject, place) = (focus.subject, focus.place);
        let title = match &found {
            Some(instruction) => format!("{title}: {}", short(&instruction.ask)),
            None => format!("{title} with instructions"),
        };
        if model == OFFLINE {
            return self.disabled(&title, REWRITE, NEEDS_MODEL);
        }
        let title = format!("{title} ({model})");
        match found {
            Some(instruction) => {
                self.command(&title, REWRITE, "whittle.refactor", place(json!({ "ask": instruction.ask })));
            }
            None if self.session.features.asks => {
                self.command(&format!("{title}…"), REWRITE, "whittle.refactor", place(json!({ "ask": "" })));
            }
            None => {
                let comment = subject.language.map_or("#", |language| language.line_comment);
                let reason = format!("Write a comment `{comment} whittle: what you want` in it or right above it");
                self.disabled(&title, REWRITE, &reason);
            }
        }
    }

    /// What the offline engine can rewrite, each with its edit.
    fn rewrites(&mut self, snapshot: &Snapshot, subject: &Subject) {
        let mut rewrites = offline::applicable(subject);
        let cursor = subject.selection;
        rewrites.sort_by_key(|rewrite| {
            let distance = rewrite.at.start.saturating_sub(cursor.end).max(cursor.start.saturating_sub(rewrite.at.end));
            (distance, rewrite.at.len())
        });
        rewrites.truncate(MOST_REWRITES);
        let titles: Vec<String> = rewrites.iter().map(|rewrite| rewrite.title.clone()).collect();
        for rewrite in rewrites {
            let again = titles.iter().filter(|title| **title == rewrite.title).count() > 1;
            let line = subject.line(rewrite.at.start);
            let title = if again { format!("{} (line {line})", rewrite.title) } else { rewrite.title };
            let encoding = self.session.features.encoding;
            let change: DocumentChange = document_edit(
                &snapshot.uri,
                Some(self.session.features.edit_version(snapshot.version)),
                &snapshot.text,
                &rewrite.edits,
                encoding,
            );
            self.found.push(json!({
                "title": title,
                "kind": REWRITE,
                "edit": { "documentChanges": [change] },
            }));
        }
    }

    /// What became of earlier jobs here: hunks under review, and offers.
    fn review(&mut self, path: &Path, range: types::Range) {
        if let Some(now) = self.session.documents.now(path).filter(|_| !self.session.applying.is_open(path)) {
            if self.wants(review::REVIEW) {
                let at = now.text.span(convert::range(range), self.session.features.encoding);
                self.found.extend(review::actions(self.session, path, at));
            }
            if self.wants(offers::OFFER) {
                self.found.extend(offers::actions(self.session, path));
            }
        }
    }

    /// What was taken back last can be applied again: seldom wanted, so it comes last.
    fn redo(&mut self, path: &Path, range: types::Range) {
        if let Some(now) = self.session.documents.now(path).filter(|_| !self.session.applying.is_open(path))
            && self.wants(review::REDO)
        {
            let at = now.text.span(convert::range(range), self.session.features.encoding);
            self.found.extend(review::redo(self.session, path, at));
        }
    }

    /// Running jobs can be cancelled from any place.
    fn cancel(&mut self) {
        if !self.wants(CANCEL) {
            return;
        }
        for (job, title) in self.session.jobs.newest(MOST_CANCELS) {
            self.command(&format!("Cancel “{title}”"), CANCEL, "whittle.cancel", json!({ "job": job }));
        }
    }

    fn command(&mut self, title: &str, kind: &str, command: &str, arguments: Value) {
        self.found.push(json!({
            "title": title,
            "kind": kind,
            "command": { "title": title, "command": command, "arguments": [arguments] },
        }));
    }

    fn disabled(&mut self, title: &str, kind: &str, reason: &str) {
        if self.session.features.disabled_actions {
            self.found.push(json!({ "title": title, "kind": kind, "disabled": { "reason": reason } }));
        }
    }
}

/// The arguments of a command at the place that was asked about, with more.
fn place(params: &types::CodeActionParams, snapshot: &Snapshot, more: Value) -> Value {
    let mut arguments = json!({
        "uri": params.text_document.uri,
        "range": params.range,
        "version": snapshot.version,
    });
    if let (Some(arguments), Value::Object(more)) = (arguments.as_object_mut(), more) {
        arguments.extend(more);
    }
    arguments
}

/// Whether there is something at this place that new text can be asked of.
fn may_change(subject: &Subject) -> bool {
    !matches!(subject.chunk().kind, ChunkKind::File | ChunkKind::Rest)
}

fn testable(subject: &Subject) -> bool {
    let chunk = subject.chunk();
    (chunk.kind.is_callable() || has_methods(subject)) && !chunk.test
}

/// Whether a type has methods in its file, inside of it or in an `impl`.
fn has_methods(subject: &Subject) -> bool {
    let focus = subject.chunk();
    let is_type = matches!(focus.kind, ChunkKind::Class | ChunkKind::Type | ChunkKind::Impl);
    is_type
        && subject.chunks.definitions().any(|(id, chunk)| {
            let owner = subject.chunks.parent(id).map(|owner| subject.chunks.get(owner));
            chunk.kind == ChunkKind::Method && owner.is_some_and(|owner| owner.name == focus.name)
        })
}

/// An instruction short enough for a menu.
fn short(ask: &str) -> String {
    const MOST: usize = 60;
    let cut: String = ask.chars().take(MOST).collect();
    if cut.len() < ask.len() { format!("{}…", cut.trim_end()) } else { cut }
}
