//! Documents that are opened, changed, saved and closed. Every change reaches the document before the next message is
//! read.

use std::sync::Arc;

use gen_lsp_types as types;
use serde_json::Value;

use super::convert::{is_file, path_of};
use super::session::{Chore, Session};
use super::{marks, review};
use crate::documents::Change;
use crate::text::{Position, Range};

pub(super) fn did_open(session: &Arc<Session>, params: types::DidOpenTextDocumentParams) {
    let document = params.text_document;
    let path = path_of(&document.uri);
    let language: String = document.language_id.into();
    session.documents.open(path.clone(), &document.uri.0, &language, document.version, &document.text);
    marks::soon(session, &path);
    session.chore(Chore::Settle(path));
}

/// The changes are read by hand: as the protocol's type, one with a range of the wrong shape would count as a change of
/// the whole document.
pub(super) fn did_change(session: &Arc<Session>, params: &Value) {
    let document = params.get("textDocument");
    let uri = document.and_then(|document| document.get("uri")).and_then(Value::as_str);
    let version = document.and_then(|document| document.get("version")).and_then(Value::as_i64);
    let Some(uri) = uri else { return tracing::warn!("a change without a document") };
    let path = path_of(&types::Uri(uri.to_owned()));
    let events = params.get("contentChanges").and_then(Value::as_array);
    let changes: Vec<Change> = events.into_iter().flatten().filter_map(change).collect();
    let version = version.and_then(|version| i32::try_from(version).ok()).unwrap_or_default();
    if session.documents.change(&path, version, changes, session.features.encoding) {
        marks::soon(session, &path);
        session.chore(Chore::Settle(path));
    } else {
        tracing::warn!("a change of a document that is not open");
    }
}

/// One change; `None`, and a note in the log, when it can't be understood.
fn change(event: &Value) -> Option<Change> {
    let text = event.get("text").and_then(Value::as_str);
    let range = event.get("range").filter(|range| !range.is_null());
    let read = |range: &Value| Some(Range { start: position(range.get("start")?)?, end: position(range.get("end")?)? });
    let change = match (text, range) {
        (Some(text), None) => Some(Change { range: None, text: text.to_owned() }),
        (Some(text), Some(range)) => read(range).map(|range| Change { range: Some(range), text: text.to_owned() }),
        (None, _) => None,
    };
    if change.is_none() {
        tracing::warn!("a change that can't be understood was left out");
    }
    change
}

/// Numbers out of range are clamped.
fn position(value: &Value) -> Option<Position> {
    let number = |name: &str| value.get(name).and_then(Value::as_f64).map(|number| number as u32); // saturates
    Some(Position { line: number("line")?, column: number("character")? })
}

/// Remembers why the document will be saved.
pub(super) fn will_save(session: &Session, params: &types::WillSaveTextDocumentParams) {
    session.saving().insert(path_of(&params.text_document.uri), params.reason);
}

/// What the user saved is kept; what the editor saved on its own is not. Clients that never say why save when told to.
pub(super) fn did_save(session: &Session, params: &types::DidSaveTextDocumentParams) {
    let path = path_of(&params.text_document.uri);
    let reason = session.saving().remove(&path);
    if reason.is_none_or(|reason| reason == types::TextDocumentSaveReason::Manual) {
        review::saved(session, &path);
    }
    session.chore(Chore::Settle(path)); // it is no longer told to be unsaved
}

pub(super) fn did_close(session: &Session, params: types::DidCloseTextDocumentParams) {
    let path = path_of(&params.text_document.uri);
    session.documents.close(&path);
    session.saving().remove(&path);
    marks::closed(session, &path);
    if is_file(&path) {
        session.chore(Chore::Changed(path)); // from here on, what is on disk counts
    }
}
