//! Folds a body: its control flow stays, the rest is left out. In: a text, a function in it. Out: the lines that stay and
//! the places of marks. What stays is said by the language's folds.scm; without one nothing does.

use super::projection::Piece;
use crate::chunks::Chunk;
use crate::syntax::{Language, QueryKind, Tree, captures};
use crate::text::{Span, Text};

/// A body longer than this many bytes is not folded: parsing it would cost more than it tells.
/// A limit of time would make contexts differ from run to run.
const LONGEST: usize = 12 << 10;

/// The lines of `chunk`'s body that stay when it is folded, of a language's `text`; empty when nothing is known.
pub(super) fn fold(text: &Text, language: &'static Language, chunk: &Chunk) -> Vec<Piece> {
    let Some(body) = chunk.body.filter(|_| chunk.item.len() <= LONGEST) else { return Vec::new() };
    // parsed by itself from the start of its line, so that indentation keeps its meaning
    let from = text.line_start(text.line_of(chunk.item.start));
    let own = Text::from(&*text.slice(Span::new(from, chunk.item.end)));
    let Some(tree) = Tree::parse(&own, language, None, None) else { return Vec::new() };
    let (mut keep, mut leave) = (Vec::new(), Vec::new());
    captures(&tree, &own, QueryKind::Folds, Span::new(body.start - from, body.end - from), |captures| {
        for capture in captures {
            let span = Span::from(capture.node.byte_range());
            match capture.name {
                "keep" => keep.push(span),
                "fold" => leave.push(span),
                _ => {}
            }
        }
    });
    let first = text.line_of(from);
    let left_out = |span: &Span| leave.iter().any(|fold| fold.contains(*span) && fold.start < span.start);
    keep.retain(|span| span.start > body.start - from && !left_out(span));
    let mut lines: Vec<usize> = keep.iter().map(|span| first + own.line_of(span.start)).collect();
    lines.sort_unstable();
    lines.dedup();
    lines.into_iter().map(|line| Piece { line, span: text.line_span(line) }).collect()
}
