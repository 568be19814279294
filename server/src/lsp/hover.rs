//! `textDocument/hover`: an explanation that was given of the code under the cursor, while that code is as it was.

use gen_lsp_types as types;
use serde_json::{Value, json};

use super::convert::{lsp_range, path_of, position};
use super::session::Session;

/// The explanation at a position, or `null`.
pub(super) fn run(session: &Session, params: &types::HoverParams) -> Value {
    let place = &params.text_document_position_params;
    let path = path_of(&place.text_document.uri);
    if session.explanations.is_empty_for(&path) {
        return Value::Null;
    }
    let Some(snapshot) = session.documents.snapshot(&path, None) else { return Value::Null };
    let encoding = session.features.encoding;
    let at = snapshot.text.offset(position(place.position), encoding);
    let Some(kept) = session.explanations.at(&snapshot, at) else { return Value::Null };
    let focus = snapshot.chunks.focus_at(crate::text::Span::new(at, at));
    json!({
        "contents": { "kind": "markdown", "value": kept.markdown },
        "range": lsp_range(&snapshot.text, snapshot.chunks.get(focus).name_span, encoding),
    })
}
