//! How the focus itself is shown: whole, or as a window around the cursor. In: the focus and a limit of tokens. Out: an
//! excerpt within the limit, where a line of it fits. Always keeps the focus's own signature where that fits.

use super::count_tokens;
use super::levels::signature;
use super::projection::{Piece, Projection};
use super::types::{Excerpt, Level, Subject, render_focus};
use crate::chunks::ChunkKind;
use crate::text::{Span, Text};

/// Texts longer than this, in bytes, are far over every budget, so that an estimate will do.
const LONG_TEXT: usize = 1 << 19;

/// Of what encloses the focus, signatures of at most this many lines are shown whole.
const LONG_SIGNATURE: usize = 8;

/// Tokens of the marks before and behind the lines around the cursor.
const MARKS: usize = 4;

/// The focus in full.
pub(super) fn whole(subject: &Subject) -> Excerpt {
    let chunk = subject.chunk();
    let start = subject.text.line_start(subject.text.line_of(chunk.span.start));
    let before = Span::new(start, chunk.span.start);
    let indented = subject.text.slice(before).chars().all(char::is_whitespace);
    let span = if indented { Span::new(start, chunk.span.end) } else { chunk.span };
    let text = &subject.text;
    let pieces: Vec<Piece> = match span.len() {
        0..=LONG_TEXT => (text.line_of(span.start)..=text.line_of(span.end.max(span.start + 1) - 1))
            .map(|line| {
                let all = text.line_span(line);
                Piece {
                    line,
                    span: Span::new(all.start.max(span.start), all.end.min(span.end).max(all.start.max(span.start))),
                }
            })
            .collect(),
        _ => Vec::new(), // never shown whole
    };
    let mut focus = Excerpt {
        path: subject.path.clone(),
        name: subject.chunks.path(subject.focus),
        kind: chunk.kind,
        level: Level::Full,
        line: subject.line(span.start),
        text: text.slice(span).into_owned(),
        tokens: 0,
        reason: "the focus".to_owned(),
        lines: Projection::of(text, &pieces).0,
        around: Projection::default(),
    };
    focus.around = around_focus(subject);
    focus.tokens = match span.len() {
        0..=LONG_TEXT => count_tokens(&render_focus(&focus)),
        _ => estimate_tokens(text, span),
    };
    focus
}

/// The signatures of what encloses the focus; of a long one its first line.
fn around_focus(subject: &Subject) -> Projection {
    let pieces = subject.chunks.ancestors(subject.focus).flat_map(|id| {
        let mut pieces = signature(&subject.chunks, id, &subject.text);
        let shown = if pieces.len() > LONG_SIGNATURE { 1 } else { pieces.len() };
        pieces.truncate(shown);
        pieces
    });
    Projection::of(&subject.text, &pieces.collect::<Vec<_>>()).0
}

/// Tokens of a span, estimated where it is long.
fn estimate_tokens(text: &Text, span: Span) -> usize {
    if span.len() > LONG_TEXT { span.len() / 4 } else { count_tokens(&text.slice(span)) }
}

/// Cuts the focus down to lines around the cursor until it takes at most `limit` tokens. Its signature is kept even where
/// that takes up to `most`; what encloses it goes before that.
pub(super) fn fold(subject: &Subject, focus: &mut Excerpt, limit: usize, most: usize) {
    let text = &subject.text;
    let chunk = subject.chunk();
    let lines = (text.line_of(chunk.span.start), text.line_of(chunk.span.end));
    let cursor = text.line_of(subject.selection.start).clamp(lines.0, lines.1);
    let whole = |line: usize| Piece { line, span: text.line_span(line) };
    let cost = |piece: Piece| count_tokens(&text.slice(piece.span)) + 1;
    let head = match chunk.kind {
        ChunkKind::File | ChunkKind::Section => Vec::new(),
        _ => signature(&subject.chunks, subject.focus, text),
    };
    let frame =
        |focus: &Excerpt| count_tokens(&render_focus(&Excerpt { text: String::new(), ..focus.clone() })) + MARKS;
    let mut used = frame(focus);
    if used + head.iter().map(|piece| cost(*piece)).sum::<usize>() > limit {
        focus.around = Projection::default();
        used = frame(focus);
    }
    let mut pieces = Vec::new();
    for piece in head {
        if used + cost(piece) > most {
            break;
        }
        used += cost(piece);
        pieces.push(piece);
    }
    let lowest = pieces.last().map_or(lines.0, |piece: &Piece| piece.line + 1);
    let cursor = cursor.max(lowest.min(lines.1));
    let (mut first, mut end) = (cursor, cursor);
    // one line down, one line up, in turn, while they fit
    loop {
        let down = (end <= lines.1).then(|| cost(whole(end))).filter(|cost| used + cost <= limit);
        if let Some(cost) = down {
            used += cost;
            end += 1;
        }
        let up = (first > lowest).then(|| cost(whole(first - 1))).filter(|cost| used + cost <= limit);
        if let Some(cost) = up {
            used += cost;
            first -= 1;
        }
        if down.is_none() && up.is_none() {
            break;
        }
    }
    pieces.extend((first..end).map(whole));
    if pieces.is_empty() {
        // one line takes it all, as in minified files: a piece of it around the cursor; a token has a byte at least
        let line = text.line_span(cursor);
        let half = limit.saturating_sub(used) / 2;
        let at = subject.selection.start.clamp(line.start, line.end);
        let span = text.clamp(Span::new(at.saturating_sub(half).max(line.start), (at + half).min(line.end)));
        if !span.is_empty() {
            pieces.push(Piece { line: cursor, span });
        }
        (first, end) = (cursor, cursor + 1);
    }
    let mut shown = Projection::of(text, &pieces).0;
    if first > lowest {
        shown.mark(lowest.max(1) - 1, "⋮");
    }
    if end <= lines.1 {
        shown.mark(end.max(1) - 1, "⋮");
    }
    focus.line = shown.lines().iter().find_map(|line| line.piece).map_or(cursor, |piece| piece.line) + 1;
    focus.text = shown.text() + "\n";
    focus.lines = shown;
    focus.level = Level::Folded;
    focus.reason = format!("the focus, folded around line {}: it takes more than half of the budget", cursor + 1);
    focus.tokens = count_tokens(&render_focus(focus));
}
