//! `textDocument/hover`: an explanation that was given of the code under the cursor, while that code is as it was.

use std::path::Path;

use gen_lsp_types as types;
use serde_json::{Value, json};

use super::convert::{lsp_range, path_of, position};
use super::session::{Asked, Session};
use crate::text::{Position, Span};

/// The explanation at a position, or `null`.
pub(super) fn run(session: &Session, params: &types::HoverParams) -> Value {
    let place = &params.text_document_position_params;
    let path = path_of(&place.text_document.uri);
    if session.features.is_helix {
        remember(session, &path, position(place.position));
    }
    if session.explanations.is_empty_for(&path) {
        return Value::Null;
    }
    let Some(snapshot) = session.documents.snapshot(&path, None) else { return Value::Null };
    let encoding = session.features.encoding;
    let at = snapshot.text.offset(position(place.position), encoding);
    let Some(kept) = session.explanations.at(&snapshot, at) else { return Value::Null };
    let focus = snapshot.chunks.focus_at(Span::new(at, at));
    json!({
        "contents": { "kind": "markdown", "value": kept.markdown },
        "range": lsp_range(&snapshot.text, snapshot.chunks.get(focus).name_span, encoding),
    })
}

/// Helix hovers only when asked to, and its commands can't say where the cursor is: they mean the newest place that it
/// told of.
fn remember(session: &Session, path: &Path, at: Position) {
    let Some(now) = session.documents.now(path) else { return };
    let at = now.text.offset(at, session.features.encoding);
    *session.asked() = Some(Asked {
        path: path.to_owned(),
        version: now.version,
        revision: now.revision,
        text: now.text,
        span: Span::new(at, at),
        diagnostics: Vec::new(),
    });
}
