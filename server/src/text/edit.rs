//! Edits and rebasing: where a place or an edit of an older text lies in a newer one.

use super::{Span, Text};

/// Replaces `span` of a text by `text`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What stands there afterwards; empty to delete.
    pub text: String,
}

/// An edit whose place was changed since it was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text to be changed was changed meanwhile")]
pub struct Collision;

impl Edit {
    /// Replaces `span` by `text`.
    #[must_use]
    pub fn new(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }

    /// Where a place `at` lies after this edit. A place inside the replaced span, or at an insertion, goes to the end
    /// of the new text when `after`, else to its start.
    fn map(&self, at: usize, after: bool) -> usize {
        if at < self.span.start || (at == self.span.start && !after) {
            at
        } else if at > self.span.end || (at == self.span.end && (after || !self.span.is_empty())) {
            at - self.span.len() + self.text.len()
        } else if after {
            self.span.start + self.text.len()
        } else {
            self.span.start
        }
    }
}

/// Applies `edits`, which all speak of `text` as it stands and do not overlap, in any order.
#[must_use]
pub fn apply_edits(text: &Text, edits: &[Edit]) -> Text {
    let mut order: Vec<&Edit> = edits.iter().collect();
    order.sort_by_key(|edit| edit.span);
    let mut out = text.clone();
    for edit in order.into_iter().rev() {
        out.replace(edit.span, &edit.text);
    }
    out
}

/// Where `span` lies after `changes` were made one after the other, each speaking of the text that the one before it
/// left. It shrinks where its ends were cut off; text typed at its ends stays outside.
#[must_use]
pub fn rebase_span(span: Span, changes: &[Edit]) -> Span {
    changes.iter().fold(span, |span, change| {
        if span.is_empty() {
            return Span::new(change.map(span.start, true), change.map(span.start, true));
        }
        let start = change.map(span.start, true);
        Span::new(start, change.map(span.end, false).max(start))
    })
}

/// The least span that holds all that became of `span` after `changes` were made one after the other: what was typed at
/// its ends or in place of it counts as part of it.
#[must_use]
pub fn cover_span(span: Span, changes: &[Edit]) -> Span {
    changes.iter().fold(span, |span, change| Span::new(change.map(span.start, false), change.map(span.end, true)))
}

/// The same `edits`, in their order, for the text after `changes` were made one after the other; those that can't be
/// placed any more say so, and leave the others as they are.
///
/// The rule is that of operational transformation for plain text: an edit moves with its place, and collides when a
/// change touched a byte that it replaces or, for an insertion, typed at the very same place.
#[must_use]
pub fn rebase_each(edits: &[Edit], changes: &[Edit]) -> Vec<Result<Edit, Collision>> {
    edits.iter().map(|edit| rebase(edit, changes)).collect()
}

/// The same `edits` for the text after `changes` were made one after the other.
///
/// # Errors
/// [`Collision`] names nothing but that one of the edits can't be placed any more; none may be applied then.
pub fn rebase_edits(edits: &[Edit], changes: &[Edit]) -> Result<Vec<Edit>, Collision> {
    edits.iter().map(|edit| rebase(edit, changes)).collect()
}

fn rebase(edit: &Edit, changes: &[Edit]) -> Result<Edit, Collision> {
    let mut old = edit.span;
    for change in changes.iter().filter(|change| !(change.span.is_empty() && change.text.is_empty())) {
        let new = change.span;
        let collides = if old.is_empty() || new.is_empty() {
            // a cursor strictly inside the other's span, or two insertions at one place
            (old.start < new.start && new.end < old.end)
                || (new.start < old.start && old.end < new.end)
                || (old.is_empty() && new.is_empty() && old.start == new.start)
        } else {
            old.overlaps(new)
        };
        if collides {
            return Err(Collision);
        }
        if new.end <= old.start {
            let shift = |at: usize| at - new.len() + change.text.len();
            old = Span::new(shift(old.start), shift(old.end));
        }
    }
    Ok(Edit::new(old, edit.text.clone()))
}

/// Whether an edit of `old`, placed in `now`, shares its first and last line with what it shared them with: what was
/// typed there since, as at the first column of what is replaced, may belong to it or not.
#[must_use]
pub fn keeps_its_lines(old: &Text, edit: &Edit, now: &Text, placed: Span) -> bool {
    let beside = |text: &Text, span: Span| {
        let lead = text.slice(Span::new(text.line_start(text.line_of(span.start)), span.start)).into_owned();
        let last = text.line_of(span.end);
        // whole lines have nothing behind them
        let ends_line = edit.text.ends_with('\n') || (edit.text.is_empty() && lead.is_empty());
        let whole = ends_line && text.line_start(last) == span.end;
        let end = if whole { span.end } else { text.line_span(last).end.max(span.end) };
        (lead, text.slice(Span::new(span.end, end)).into_owned())
    };
    beside(old, edit.span) == beside(now, placed)
}

/// The same edits with all of their ends where a position of the protocol can point: none can stand between the CR and the
/// LF of a line end, where deleting what stood between them may have brought an edit.
#[must_use]
pub fn addressable(text: &Text, edits: &[Edit]) -> Vec<Edit> {
    let between = |at: usize| at > 0 && at < text.len() && text.slice(Span::new(at - 1, at + 1)) == "\r\n";
    if !edits.iter().any(|edit| between(edit.span.start) || between(edit.span.end)) {
        return edits.to_vec();
    }
    let mut order = edits.to_vec();
    order.sort_by_key(|edit| edit.span);
    let mut out: Vec<Edit> = Vec::new();
    for edit in order {
        match out.last_mut() {
            Some(last) if last.span.end == edit.span.start && between(edit.span.start) => {
                last.span.end = edit.span.end;
                last.text.push_str(&edit.text);
            }
            _ => out.push(edit),
        }
    }
    for edit in &mut out {
        if between(edit.span.start) {
            edit.span.start -= 1;
            edit.text.insert(0, '\r');
        }
        if between(edit.span.end) {
            edit.span.end += 1;
            edit.text.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Encoding;
    use proptest::prelude::*;

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit::new(Span::new(start, end), text)
    }

    #[test]
    fn edits_apply_in_any_order() {
        let text = Text::from("abcdef");
        assert_eq!(apply_edits(&text, &[edit(4, 5, "E!"), edit(0, 0, ">"), edit(1, 3, "")]).to_text(), ">adE!f");
    }

    #[test]
    fn typing_before_shifts_typing_inside_collides() {
        assert_eq!(rebase_edits(&[edit(4, 6, "x")], &[edit(0, 1, "hello")]), Ok(vec![edit(8, 10, "x")]));
        assert_eq!(rebase_edits(&[edit(4, 6, "x")], &[edit(6, 6, "after")]), Ok(vec![edit(4, 6, "x")]));
        assert_eq!(rebase_edits(&[edit(4, 6, "x")], &[edit(4, 4, "before")]), Ok(vec![edit(10, 12, "x")]));
        assert_eq!(rebase_edits(&[edit(4, 6, "x")], &[edit(5, 5, "!")]), Err(Collision));
        assert_eq!(rebase_edits(&[edit(4, 6, "x")], &[edit(0, 5, "")]), Err(Collision));
        assert_eq!(rebase_edits(&[edit(4, 4, "x")], &[edit(4, 4, "y")]), Err(Collision));
    }

    #[test]
    fn spans_follow() {
        assert_eq!(rebase_span(Span::new(4, 8), &[edit(0, 0, "ab")]), Span::new(6, 10));
        assert_eq!(rebase_span(Span::new(4, 8), &[edit(4, 4, "ab")]), Span::new(6, 10));
        assert_eq!(rebase_span(Span::new(4, 8), &[edit(8, 8, "ab")]), Span::new(4, 8));
        assert_eq!(rebase_span(Span::new(4, 8), &[edit(6, 6, "ab")]), Span::new(4, 10));
        assert_eq!(rebase_span(Span::new(4, 8), &[edit(2, 6, "")]), Span::new(2, 4));
        assert_eq!(rebase_span(Span::new(4, 8), &[edit(0, 9, "z")]), Span::new(1, 1));
        assert_eq!(cover_span(Span::new(4, 8), &[edit(0, 9, "z")]), Span::new(0, 1));
        assert_eq!(cover_span(Span::new(4, 8), &[edit(8, 8, "ab"), edit(2, 5, "")]), Span::new(2, 7));
    }

    #[test]
    fn no_end_stays_inside_a_line_end() {
        let text = Text::from("a\r\nb");
        assert_eq!(addressable(&text, &[edit(2, 2, "x")]), [edit(1, 3, "\rx\n")]);
        assert_eq!(addressable(&text, &[edit(2, 4, "x"), edit(0, 2, "y")]), [edit(0, 4, "yx")]);
        assert_eq!(addressable(&text, &[edit(3, 4, "x")]), [edit(3, 4, "x")]);
    }

    /// A character of a text that is being typed in: one of the old text, or a new one.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Piece {
        Old(usize, char),
        New(char),
        /// No character: where an insertion is to go.
        Cursor,
    }

    /// The text after typing, as its characters, with an edit's place in it; `None` where typing touched that place.
    /// Knows nothing of spans that move: it types into a list.
    fn typed_in(text: &str, edit: &Edit, changes: &[Edit]) -> Option<Vec<Piece>> {
        let mut pieces: Vec<Piece> = text.char_indices().map(|(at, c)| Piece::Old(at, c)).collect();
        let is_old = |piece: &Piece| matches!(piece, Piece::Old(at, _) if edit.span.range().contains(at));
        if edit.span.is_empty() {
            let at = pieces.iter().position(|piece| matches!(piece, Piece::Old(at, _) if *at >= edit.span.start));
            pieces.insert(at.unwrap_or(pieces.len()), Piece::Cursor);
        }
        let whole = pieces.iter().filter(|piece| is_old(piece)).count();
        let width = |piece: &Piece| match piece {
            Piece::Old(_, c) | Piece::New(c) => c.len_utf8(),
            Piece::Cursor => 0,
        };
        for change in
            changes.iter().filter(|change| **change != Edit::new(Span::new(change.span.start, change.span.start), ""))
        {
            // the first place with so many bytes before it, and the last one
            let places = |at: usize| {
                let mut ends =
                    (0..=pieces.len()).filter(|count| pieces[..*count].iter().map(width).sum::<usize>() == at);
                let first = ends.next().unwrap();
                (first, ends.next_back().unwrap_or(first))
            };
            let ((before, start), (end, _)) = (places(change.span.start), places(change.span.end));
            if change.span.is_empty() && start != before {
                return None; // typed right at the cursor
            }
            let (start, end) = if change.span.is_empty() { (start, start) } else { (start, end) };
            if pieces[start..end].contains(&Piece::Cursor) {
                return None;
            }
            pieces.splice(start..end, change.text.chars().map(Piece::New));
            let first = pieces.iter().position(is_old);
            let run = first.map_or(0, |first| pieces[first..].iter().take_while(|piece| is_old(piece)).count());
            if run < whole {
                return None; // typed into what is to be replaced
            }
        }
        Some(pieces)
    }

    fn to_text(pieces: &[Piece], edit: &Edit) -> String {
        let mut out = String::new();
        let mut told = false;
        for piece in pieces {
            match piece {
                Piece::Old(at, c) if !edit.span.range().contains(at) => out.push(*c),
                Piece::New(c) => out.push(*c),
                Piece::Old(..) | Piece::Cursor if !told => {
                    told = true;
                    out.push_str(&edit.text);
                }
                Piece::Old(..) | Piece::Cursor => {}
            }
        }
        out
    }

    const CHARS: &str = "([a-cé😀]|\n|\r\n|\r){0,3}";
    const TEXT: &str = "([a-cé😀]|\n|\r\n|\r){0,16}";

    /// Places and texts of edits of some text.
    fn edits(most: usize) -> impl Strategy<Value = Vec<(usize, usize, String)>> {
        prop::collection::vec((0usize..24, 0usize..5, CHARS), 1..most)
    }

    /// The text after changes that are made one after the other, and these.
    fn type_in(text: &str, places: Vec<(usize, usize, String)>) -> (Text, Vec<Edit>) {
        let mut now = Text::from(text);
        let change = |(at, len, new): (usize, usize, String)| {
            let change = Edit::new(now.clamp(Span::new(at, at + len)), new);
            now.replace(change.span, &change.text);
            change
        };
        let changes = places.into_iter().map(change).collect();
        (now, changes)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// Rebasing gives what typing into the edited text would have given, or says that typing touched its place.
        #[test]
        fn rebased_is_as_if_done_in_order(
            text in TEXT, at in 0usize..24, len in 0usize..5, new in CHARS, typed in edits(6),
        ) {
            let edit = Edit::new(Text::from(&*text).clamp(Span::new(at, at + len)), new);
            let (now, changes) = type_in(&text, typed);
            let rebased = rebase_each(std::slice::from_ref(&edit), &changes).remove(0);
            let wanted = typed_in(&text, &edit, &changes).map(|pieces| to_text(&pieces, &edit));
            prop_assert_eq!(rebased.ok().map(|edit| apply_edits(&now, &[edit]).to_text()), wanted);
        }

        /// Edits that are placed do not overlap, and do what each of them does alone.
        #[test]
        fn those_that_collide_leave_the_others_as_they_are(
            text in TEXT, edits in edits(5), typed in edits(4),
        ) {
            let old = Text::from(&*text);
            let mut apart: Vec<Edit> = Vec::new();
            for (at, len, new) in edits {
                let edit = Edit::new(old.clamp(Span::new(at, at + len)), new);
                if apart.iter().all(|other| !other.span.touches(edit.span)) {
                    apart.push(edit);
                }
            }
            let (now, changes) = type_in(&text, typed);
            let rebased = rebase_each(&apart, &changes);
            let placed: Vec<Edit> = rebased.iter().filter_map(|edit| edit.clone().ok()).collect();
            for (number, edit) in placed.iter().enumerate() {
                prop_assert!(placed.iter().skip(number + 1).all(|other| !other.span.overlaps(edit.span)));
            }
            let alone = |edit: &Edit| rebase_edits(std::slice::from_ref(edit), &changes).ok().map(|mut all| all.remove(0));
            prop_assert_eq!(rebased.into_iter().map(Result::ok).collect::<Vec<_>>(), apart.iter().map(alone).collect::<Vec<_>>());
            let all: Result<Vec<Edit>, _> = rebase_edits(&apart, &changes);
            prop_assert_eq!(all.is_ok(), placed.len() == apart.len());

            // and every client can be told of them, whatever its columns count
            let told = addressable(&now, &placed);
            for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
                let read = |edit: &Edit| Edit::new(now.span(now.range(edit.span, encoding), encoding), edit.text.clone());
                let read: Vec<Edit> = told.iter().map(read).collect();
                prop_assert_eq!(&read, &told);
                prop_assert_eq!(apply_edits(&now, &read).to_text(), apply_edits(&now, &placed).to_text());
            }
        }
    }
}
