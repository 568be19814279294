//! The smallest edits from one text to another.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::text::{Edit, Span};

/// Edits that turn `old`, which starts at byte `at` of its document, into `new`. Lines are compared first (Myers'
/// algorithm, as in diff), then what lines have in common at both ends is left alone, so that cursors and marks in text
/// that did not change stay where they are.
#[must_use]
pub fn smallest_edits(old: &str, new: &str, at: usize) -> Vec<Edit> {
    let old_lines: Vec<&str> = old.split_inclusive('\n').collect();
    let new_lines: Vec<&str> = new.split_inclusive('\n').collect();
    let starts = |lines: &[&str]| -> Vec<usize> {
        let ends = lines.iter().scan(0, |end, line| {
            *end += line.len();
            Some(*end)
        });
        std::iter::once(0).chain(ends).collect()
    };
    let (old_starts, new_starts) = (starts(&old_lines), starts(&new_lines));
    let slice = |text: &str, starts: &[usize], from: usize, len: usize| {
        let range =
            starts.get(from).copied().unwrap_or(text.len())..starts.get(from + len).copied().unwrap_or(text.len());
        Span::from(range)
    };
    capture_diff_slices(Algorithm::Myers, &old_lines, &new_lines)
        .into_iter()
        .filter(|op| !matches!(op, DiffOp::Equal { .. }))
        .map(|op| {
            let (_, before, after) = op.as_tag_tuple();
            let before = slice(old, &old_starts, before.start, before.len());
            let after = slice(new, &new_starts, after.start, after.len());
            let (replaced, text) = (&old[before.range()], &new[after.range()]); // both lie on line borders
            let (prefix, suffix) = common_ends(replaced, text);
            Edit::new(
                Span::new(at + before.start + prefix, at + before.end - suffix),
                &text[prefix..text.len() - suffix], // both on character borders
            )
        })
        .collect()
}

/// Bytes that two texts share at their start and at their end, on word borders, so that names change as a whole.
fn common_ends(old: &str, new: &str) -> (usize, usize) {
    if old.is_empty() || new.is_empty() {
        return (0, 0);
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let border = |text: &str, at: usize| {
        let before = text[..at].chars().next_back(); // callers pass character borders
        let after = text[at..].chars().next();
        let in_word = before.is_some_and(is_word) && after.is_some_and(is_word);
        let in_line_end = before == Some('\r') && after == Some('\n');
        !in_word && !in_line_end
    };
    let mut prefix = 0;
    let mut at = 0;
    for (a, b) in old.chars().zip(new.chars()) {
        if a != b {
            break;
        }
        at += a.len_utf8();
        if border(old, at) && border(new, at) {
            prefix = at;
        }
    }
    let (old_rest, new_rest) = (&old[prefix..], &new[prefix..]);
    let mut suffix = 0;
    let mut back = 0;
    for (a, b) in old_rest.chars().rev().zip(new_rest.chars().rev()) {
        if a != b {
            break;
        }
        back += a.len_utf8();
        if border(old, old.len() - back) && border(new, new.len() - back) {
            suffix = back;
        }
    }
    (prefix, suffix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Text, apply_edits};
    use proptest::prelude::*;

    #[test]
    fn only_what_differs_is_touched() {
        let check = |old: &str, new: &str, edits: &[(usize, usize, &str)]| {
            let found = smallest_edits(old, new, 0);
            let found: Vec<_> = found.iter().map(|edit| (edit.span.start, edit.span.end, edit.text.as_str())).collect();
            assert_eq!(found, edits);
        };
        check("a\nb\nc\n", "a\nb\nc\n", &[]);
        check("a\nlet foo = 1;\nc\n", "a\nlet food = 1;\nc\n", &[(6, 9, "food")]);
        check("a\nb\nc\n", "a\nc\n", &[(2, 4, "")]);
        check("a\nc\n", "a\nb\nc\n", &[(2, 2, "b\n")]);
        check("a\r\nb\r\n", "a\r\nB\r\n", &[(3, 4, "B")]);
        check("x();\n", "x()?;\n", &[(3, 3, "?")]);
    }

    proptest! {
        #[test]
        fn they_lead_to_the_new_text(old in "([abé] ?|\n|\r\n|😀){0,40}", new in "([abé] ?|\n|\r\n|😀){0,40}") {
            let edits = smallest_edits(&old, &new, 0);
            prop_assert_eq!(apply_edits(&Text::from(old.as_str()), &edits).to_text(), new);
        }
    }
}
