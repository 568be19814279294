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
    for change in changes {
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

#[cfg(test)]
mod tests {
    use super::*;
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

    proptest! {
        /// A rebased edit does to the changed text what it did to the old: the bytes it replaces are the same.
        #[test]
        fn rebased_edits_replace_the_same_bytes(
            text in "[a-z]{0,40}",
            places in prop::collection::vec((0usize..40, 0usize..10, "[A-Z]{0,5}"), 1..6),
            start in 0usize..40,
            len in 0usize..8,
        ) {
            let mut now = Text::from(text.as_str());
            let span = now.clamp(Span::new(start, start + len));
            let mut changes = Vec::new();
            for (at, len, new) in places {
                let change = Edit::new(now.clamp(Span::new(at, at + len)), new);
                now.replace(change.span, &change.text);
                changes.push(change);
            }
            if let Ok(rebased) = rebase_edits(&[Edit::new(span, "*")], &changes) {
                let old = Text::from(text.as_str());
                prop_assert_eq!(now.slice(rebased[0].span), old.slice(span));
            }
        }
    }
}
