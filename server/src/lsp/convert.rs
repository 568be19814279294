//! Between the protocol's types and ours.

use std::path::{Path, PathBuf};

use gen_lsp_types as types;
use url::Url;

use super::features::Features;
use crate::text::{Edit, Encoding, Position, Range, Span, Text, addressable};

/// Where a document lies. Documents that are nowhere on disk are known by their whole address.
pub(super) fn path_of(uri: &types::Uri) -> PathBuf {
    match Url::parse(&uri.0) {
        Ok(url) if url.scheme() == "file" => url.to_file_path().unwrap_or_else(|()| PathBuf::from(&uri.0)),
        _ => PathBuf::from(&uri.0),
    }
}

/// Whether a document lies on disk, or would.
pub(super) fn is_file(path: &Path) -> bool {
    path.is_absolute()
}

/// The address of a file.
pub(super) fn uri_of(path: &Path) -> types::Uri {
    let uri = Url::from_file_path(path).map_or_else(|()| path.to_string_lossy().into_owned(), Into::into);
    types::Uri(uri)
}

pub(super) fn position(from: types::Position) -> Position {
    Position { line: from.line, column: from.character }
}

pub(super) fn range(from: types::Range) -> Range {
    Range { start: position(from.start), end: position(from.end) }
}

/// What a client's selection means. One of at most one character is a cursor; in Helix, where each motion selects what it
/// passed, so is one that holds no line whole.
pub(super) fn selection(text: &Text, from: types::Range, features: &Features) -> Span {
    let span = text.span(range(from), features.encoding);
    let is_whole = |line: usize| {
        let line = text.line_span(line);
        let shown = text.slice(line);
        let blanks = shown.len() - shown.trim_start().len();
        let inner = Span::new(line.start + blanks, line.start + shown.trim_end().len().max(blanks));
        !inner.is_empty() && span.contains(inner)
    };
    let mut lines = text.line_of(span.start)..=text.line_of(span.end);
    let passed = features.is_helix && !lines.any(is_whole);
    let cursor = passed || text.slice(span).chars().nth(1).is_none();
    if cursor { Span::new(span.start, span.start) } else { span }
}

/// A span as the client counts it.
pub(super) fn lsp_range(text: &Text, span: Span, encoding: Encoding) -> types::Range {
    let range = text.range(span, encoding);
    let position = |at: Position| types::Position { line: at.line, character: at.column };
    types::Range { start: position(range.start), end: position(range.end) }
}

/// An edit of one document, tied to a version; `None`: a document that is not open.
pub(super) fn document_edit(
    uri: &str,
    version: Option<i32>,
    text: &Text,
    edits: &[Edit],
    encoding: Encoding,
) -> types::DocumentChange {
    let edits = addressable(text, edits)
        .iter()
        .map(|edit| types::TextEdit { range: lsp_range(text, edit.span, encoding), new_text: edit.text.clone() }.into())
        .collect();
    let text_document = types::OptionalVersionedTextDocumentIdentifier {
        version,
        text_document_identifier: types::TextDocumentIdentifier { uri: types::Uri(uri.to_owned()) },
    };
    types::TextDocumentEdit { text_document, edits }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn motions_of_helix_are_no_selections() {
        let text = Text::from("fn a() {\n    b(1);\n}\n");
        let at = |line, character| types::Position { line, character };
        let check = |is_helix: bool, start, end, expected: (usize, usize)| {
            let features = Features { is_helix, ..Features::default() };
            let span = selection(&text, types::Range { start, end }, &features);
            assert_eq!((span.start, span.end), expected);
        };
        check(true, at(0, 3), at(0, 4), (3, 3));
        check(true, at(1, 4), at(1, 8), (13, 13));
        check(false, at(1, 4), at(1, 8), (13, 17));
        check(true, at(1, 4), at(1, 9), (13, 18));
        check(true, at(1, 0), at(2, 0), (9, 19));
    }

    #[test]
    #[cfg(unix)]
    fn addresses_of_all_kinds_name_files() {
        let check = |uri: &str, path: &str| assert_eq!(path_of(&types::Uri(uri.to_owned())), Path::new(path), "{uri}");
        check("file:///a/b.rs", "/a/b.rs");
        check("file:///a/[id].tsx", "/a/[id].tsx");
        check("file:///a/%5Bid%5D%20x.tsx", "/a/[id] x.tsx");
        check("file:///a/b c.rs", "/a/b c.rs");
        check("file:///a/%C3%A9.rs", "/a/é.rs");
        check("untitled:Untitled-1", "untitled:Untitled-1");
        assert_eq!(uri_of(Path::new("/a/é b.rs")).0, "file:///a/%C3%A9%20b.rs");
    }
}
