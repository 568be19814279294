//! Documents that are opened, changed, saved and closed. Every change reaches the document before the next message is
//! read.

use gen_lsp_types as types;
use types::TextDocumentContentChangeEvent as Event;

use super::convert::{is_file, path_of, range};
use super::session::{Chore, Session};
use crate::documents::Change;

pub(super) fn did_open(session: &Session, params: types::DidOpenTextDocumentParams) {
    let document = params.text_document;
    let path = path_of(&document.uri);
    let language: String = document.language_id.into();
    session.documents.open(path.clone(), &document.uri.0, &language, document.version, &document.text);
    session.chore(Chore::Settle(path));
}

pub(super) fn did_change(session: &Session, params: types::DidChangeTextDocumentParams) {
    let path = path_of(&params.text_document.text_document_identifier.uri);
    let changes = params
        .content_changes
        .into_iter()
        .map(|event| match event {
            Event::TextDocumentContentChangePartial(change) => {
                Change { range: Some(range(change.range)), text: change.text }
            }
            Event::TextDocumentContentChangeWholeDocument(change) => Change { range: None, text: change.text },
        })
        .collect();
    if session.documents.change(&path, params.text_document.version, changes, session.features.encoding) {
        session.chore(Chore::Settle(path));
    } else {
        tracing::warn!("a change of a document that is not open");
    }
}

pub(super) fn did_close(session: &Session, params: types::DidCloseTextDocumentParams) {
    let path = path_of(&params.text_document.uri);
    session.documents.close(&path);
    if is_file(&path) {
        session.chore(Chore::Changed(path)); // from here on, what is on disk counts
    }
}
