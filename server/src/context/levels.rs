//! The lines of a chunk that each level shows. In: a file's chunks and text. Out: pieces of its lines, level by level, a
//! higher one holding the lower ones. Shows whole lines as they stand, so that nothing has to be made up.

use std::collections::HashSet;

use super::Level;
use super::fold::fold;
use super::projection::Piece;
use crate::chunks::{ChunkId, ChunkKind, Chunks};
use crate::index::FileFacts;
use crate::text::{Span, Text};

/// A line that has more bytes than this is cut to the part that matters.
const LONG_LINE: usize = 240;
/// Documentation is shown up to its first empty line, and at most this many lines of it.
const SUMMARY: usize = 3;
/// A type longer than this many bytes is never shown in full.
const LONG_TYPE: usize = 2400;
/// A constant or macro longer than this many bytes is shown without its value.
const LONG_CONSTANT: usize = 240;
/// A body of more lines than this is never shown in full.
const LONG_BODY: usize = 40;

/// A chunk at one level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub level: Level,
    pub pieces: Vec<Piece>,
    /// Lines of the file behind which a mark stands for what was left out there.
    pub marks: Vec<(usize, String)>,
}

impl Shape {
    fn of(level: Level, pieces: Vec<Piece>) -> Self {
        Self { level, pieces, marks: Vec::new() }
    }
}

/// What levels of a chunk are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// Up to its signature.
    Signature,
    /// Up to its header, of types and constants all.
    Header,
    /// All that there are.
    Full,
}

/// A chunk at its levels, rising. `used` are the names that the focus uses: of a type, the fields that matter.
pub(super) fn shapes(facts: &FileFacts, id: ChunkId, text: &Text, depth: Depth, used: &HashSet<String>) -> Vec<Shape> {
    let chunk = facts.chunks.get(id);
    let signature = signature(&facts.chunks, id, text);
    let mut shapes = Vec::new();
    if signature.len() > 1 && depth != Depth::Signature {
        shapes.push(Shape::of(Level::Name, name(facts, id, text)));
    }
    shapes.push(Shape::of(Level::Signature, signature.clone()));
    if depth == Depth::Signature {
        return shapes;
    }
    let header = header(&facts.chunks, id, text, &signature);
    if header.len() > signature.len() {
        shapes.push(Shape::of(Level::Header, header.clone()));
    }
    let whole = || [header.clone(), lines(text, chunk.item)].concat();
    match chunk.kind {
        ChunkKind::Type | ChunkKind::Interface | ChunkKind::Class => {
            let projected = used_members(facts, id, text, &signature, used);
            let all = projected.as_ref().is_none_or(|shape| shape.marks.is_empty());
            shapes.extend(projected.filter(|shape| !shape.marks.is_empty()));
            if chunk.item.len() <= if all { LONG_TYPE } else { LONG_TYPE / 2 } {
                shapes.push(Shape::of(Level::Full, whole()));
            }
        }
        ChunkKind::Constant | ChunkKind::Macro if chunk.item.len() <= LONG_CONSTANT => {
            shapes.push(Shape::of(Level::Full, whole()));
        }
        ChunkKind::Function | ChunkKind::Method | ChunkKind::Test if depth == Depth::Full => {
            let whole = whole();
            let folded = facts.chunks.language().map(|language| fold(text, language, chunk)).unwrap_or_default();
            if !folded.is_empty() && folded.len() * 3 < whole.len() * 2 {
                let pieces = [signature, folded].concat();
                let marks = gaps(text, &pieces, chunk.item);
                shapes.push(Shape { level: Level::Folded, pieces, marks });
            }
            if whole.len() <= LONG_BODY {
                shapes.push(Shape::of(Level::Full, whole));
            }
        }
        _ => {}
    }
    shapes
}

/// The lines of signatures around a chunk, from the outside in.
pub(super) fn around(chunks: &Chunks, id: ChunkId, text: &Text) -> Vec<Piece> {
    let mut all: Vec<Piece> = Vec::new();
    for id in chunks.ancestors(id) {
        let mut pieces = signature(chunks, id, text);
        pieces.truncate(1); // a class that extends over many lines: the first one names it
        all.extend(pieces);
    }
    all.sort();
    all
}

/// The line of a byte, cut to what stands around the byte where it is long.
pub(super) fn line_around(text: &Text, at: usize) -> Piece {
    let line = text.line_of(at);
    let all = text.line_span(line);
    let span = match all.len() {
        0..=LONG_LINE => all,
        _ => text.clamp(Span::new(at.saturating_sub(LONG_LINE / 4).max(all.start), (at + LONG_LINE / 2).min(all.end))),
    };
    Piece { line, span }
}

/// The lines of a chunk's signature, without attributes.
pub(super) fn signature(chunks: &Chunks, id: ChunkId, text: &Text) -> Vec<Piece> {
    let chunk = chunks.get(id);
    let all = chunk.signature_span();
    let start = match is_attribute(text, all.start) {
        true => text.line_start(text.line_of(chunk.name_span.start)).max(all.start),
        false => all.start,
    };
    let len = text.slice(Span::new(start, all.end.max(start))).trim_end().len();
    let mut pieces = lines(text, Span::new(start, start + len));
    if matches!(chunk.kind, ChunkKind::Constant | ChunkKind::Module) {
        pieces.truncate(1);
    }
    pieces
}

/// Whether what stands at `at` is an attribute or decorator.
fn is_attribute(text: &Text, at: usize) -> bool {
    let start = text.slice(Span::new(at, (at + 2).min(text.len())));
    start.starts_with('@') || start == "#[" || start == "[["
}

/// From the first keyword to the name.
fn name(facts: &FileFacts, id: ChunkId, text: &Text) -> Vec<Piece> {
    let chunk = facts.chunks.get(id);
    let line = text.line_of(chunk.name_span.start);
    let start = text.line_start(line);
    vec![Piece { line, span: Span::new(start, chunk.name_span.end.max(start)) }]
}

/// Attributes, the start of the documentation, and the signature.
fn header(chunks: &Chunks, id: ChunkId, text: &Text, signature: &[Piece]) -> Vec<Piece> {
    let chunk = chunks.get(id);
    let first = signature.first().map_or(chunk.item.start, |piece| piece.span.start);
    let lead = Span::new(chunk.span.start, first.max(chunk.span.start));
    let lead = match text.slice(lead).trim_end().len() {
        0 => Vec::new(),
        len => lines(text, Span::new(lead.start, lead.start + len)),
    };
    let attribute = |piece: &Piece| is_attribute(text, piece.span.start + indent(text, piece.line).len());
    let (attributes, documentation): (Vec<Piece>, Vec<Piece>) = lead.into_iter().partition(attribute);
    let mut pieces = summary(text, &documentation);
    pieces.extend(attributes);
    pieces.extend_from_slice(signature);
    if let Some(doc) = chunk.doc {
        pieces.extend(summary(text, &lines(text, doc)));
    }
    pieces.sort();
    pieces
}

/// The start of a documentation, up to its first empty line.
fn summary(text: &Text, documentation: &[Piece]) -> Vec<Piece> {
    let says_something = |piece: &Piece| text.slice(piece.span).chars().any(char::is_alphanumeric);
    let mut end = 0;
    let first = documentation.iter().position(says_something).unwrap_or(documentation.len());
    for piece in documentation.iter().skip(first).take(SUMMARY) {
        if !says_something(piece) {
            break;
        }
        end += 1;
    }
    documentation.iter().skip(first).take(end).copied().collect()
}

/// The fields and variants of a type that are in `used`, behind its signature, with a count of the others.
fn used_members(
    facts: &FileFacts,
    id: ChunkId,
    text: &Text,
    signature: &[Piece],
    used: &HashSet<String>,
) -> Option<Shape> {
    let mut members: Vec<(usize, bool)> = Vec::new();
    for member in facts.symbols.members.iter().filter(|member| member.owner == id) {
        members.push((text.line_of(member.at), used.contains(&*member.name)));
    }
    let wanted: HashSet<usize> = members.iter().filter(|(_, used)| *used).map(|(line, _)| *line).collect();
    if wanted.is_empty() {
        return None;
    }
    let others = members.iter().filter(|(line, _)| !wanted.contains(line)).count();
    let mut pieces = signature.to_vec();
    pieces.extend(wanted.iter().map(|line| line_around(text, text.line_span(*line).start)));
    pieces.sort();
    let last = pieces.last()?;
    let marks = match others {
        0 => Vec::new(),
        _ => vec![(last.line, format!("{}… {others} more", indent(text, last.line)))],
    };
    Some(Shape { level: Level::Folded, pieces, marks })
}

/// Marks where lines of `item` are left out between pieces or behind them.
fn gaps(text: &Text, pieces: &[Piece], item: Span) -> Vec<(usize, String)> {
    let mut lines: Vec<usize> = pieces.iter().map(|piece| piece.line).collect();
    lines.sort_unstable();
    lines.dedup();
    let end = text.line_of(item.end.saturating_sub(1)) + 1;
    let next = lines.iter().skip(1).copied().chain([end]);
    lines
        .iter()
        .zip(next)
        .filter(|(line, next)| {
            (**line + 1..*next).any(|line| text.slice(text.line_span(line)).chars().any(char::is_alphanumeric))
        })
        .map(|(line, _)| (*line, indent(text, line + 1) + "…"))
        .collect()
}

fn indent(text: &Text, line: usize) -> String {
    text.slice(text.line_span(line)).chars().take_while(|c| c.is_whitespace()).collect()
}

/// The lines of a span as a whole; of a long line only what lies in the span, and at most its start.
fn lines(text: &Text, span: Span) -> Vec<Piece> {
    let last = text.line_of(span.end.max(span.start + 1) - 1);
    (text.line_of(span.start)..=last)
        .map(|line| {
            let all = text.line_span(line);
            if all.len() <= LONG_LINE {
                return Piece { line, span: all };
            }
            let start = all.start.max(span.start);
            let end = all.end.min(span.end).min(start + LONG_LINE);
            Piece { line, span: text.clamp(Span::new(start, end.max(start))) }
        })
        .collect()
}
