//! The smallest edits from one text to another.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::text::{Edit, Span};

/// Lines that share less than this much of their text are replaced as a whole: an edit a word would say less than one.
const LEAST_SHARED: f64 = 0.5;
/// Words of changed lines that are compared with each other, at most.
const MOST_WORDS: usize = 2000;

/// Edits that turn `old`, which starts at byte `at` of its document, into `new`. Lines are compared first (Myers'
/// algorithm, as in diff), then the words of lines that differ, so that cursors and marks in text that did not change stay
/// where they are. What lines have in common at both ends is never touched.
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
        .flat_map(|op| {
            let (_, before, after) = op.as_tag_tuple();
            let before = slice(old, &old_starts, before.start, before.len());
            let after = slice(new, &new_starts, after.start, after.len());
            let (replaced, text) = (&old[before.range()], &new[after.range()]); // both lie on line borders
            let (prefix, suffix) = common_ends(replaced, text);
            let (from, to) = (before.start + prefix, before.end - suffix);
            let (replaced, text) = (&old[from..to], &text[prefix..text.len() - suffix]); // on character borders
            let words = word_edits(replaced, text, at + from);
            words.unwrap_or_else(|| vec![Edit::new(Span::new(at + from, at + to), text)])
        })
        .collect()
}

/// The edits of single words of changed lines, where the lines have much in common.
fn word_edits(old: &str, new: &str, at: usize) -> Option<Vec<Edit>> {
    let (old_words, new_words) = (words(old), words(new));
    if old_words.len().max(new_words.len()) > MOST_WORDS || old_words.len().min(new_words.len()) < 3 {
        return None;
    }
    let ops = capture_diff_slices(Algorithm::Myers, &old_words, &new_words);
    let len =
        |words: &[&str], range: std::ops::Range<usize>| -> usize { words[range].iter().map(|word| word.len()).sum() };
    let code =
        |words: &[&str]| -> usize { words.iter().filter(|word| !word.trim().is_empty()).map(|word| word.len()).sum() };
    let kept = ops.iter().filter(|op| matches!(op, DiffOp::Equal { .. })).map(|op| code(&old_words[op.old_range()]));
    if (kept.sum::<usize>() as f64) < LEAST_SHARED * code(&old_words).max(code(&new_words)) as f64 {
        return None;
    }
    let mut edits: Vec<Edit> = Vec::new();
    let mut here = at;
    for (number, op) in ops.iter().enumerate() {
        let replaced = len(&old_words, op.old_range());
        match op {
            // one sign between two changes belongs to them
            DiffOp::Equal { .. } if number > 0 && number + 1 < ops.len() && code(&old_words[op.old_range()]) < 2 => {
                if let Some(last) = edits.last_mut() {
                    last.span.end = here + replaced;
                    last.text.extend(old_words[op.old_range()].iter().copied());
                }
            }
            DiffOp::Equal { .. } => {}
            _ => {
                let text: String = new_words[op.new_range()].concat();
                match edits.last_mut().filter(|last| last.span.end == here) {
                    Some(last) => {
                        last.span.end = here + replaced;
                        last.text.push_str(&text);
                    }
                    None => edits.push(Edit::new(Span::new(here, here + replaced), text)),
                }
            }
        }
        here += replaced;
    }
    Some(edits)
}

/// A text as words, runs of blanks, line ends, and single signs.
fn words(text: &str) -> Vec<&str> {
    let kind = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => 0,
        '\r' | '\n' => 1,
        c if c.is_whitespace() => 2,
        _ => 3,
    };
    let mut out = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (at, c) in text.char_indices() {
        let goes_on = last.is_some_and(|last: char| match kind(c) {
            1 => last == '\r' && c == '\n',
            3 => false,
            same => kind(last) == same,
        });
        if !goes_on && at > start {
            out.push(&text[start..at]); // character borders
            start = at;
        }
        last = Some(c);
    }
    if start < text.len() {
        out.push(&text[start..]);
    }
    out
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
        check("let a = one(first, 2);\n", "let b = one(first, 3);\n", &[(4, 5, "b"), (19, 20, "3")]);
        check("a(b, c);\n", "x(y, z);\n", &[(0, 6, "x(y, z")]);
        check("a\r\nlong(b);\r\n", "a\nlong(b);\n", &[(1, 3, "\n"), (11, 13, "\n")]);
    }

    proptest! {
        #[test]
        fn they_lead_to_the_new_text(old in "([abé] ?|\n|\r\n|😀){0,40}", new in "([abé] ?|\n|\r\n|😀){0,40}") {
            let edits = smallest_edits(&old, &new, 0);
            prop_assert_eq!(apply_edits(&Text::from(old.as_str()), &edits).to_text(), new);
        }

        /// Edits are apart from each other and in order, each changes something, and none takes out what it puts back.
        #[test]
        fn they_touch_no_more_than_they_have_to(old in "((ab|c|;| |\\(){0,6}\n){0,8}", new in "((ab|c|;| |\\(){0,6}\n){0,8}") {
            let edits = smallest_edits(&old, &new, 0);
            for pair in edits.windows(2) {
                prop_assert!(pair[0].span.end < pair[1].span.start || pair[0].span.end == pair[1].span.start && pair[0] != pair[1]);
            }
            for edit in &edits {
                prop_assert_ne!(&old[edit.span.range()], &edit.text);
            }
            let lines = capture_diff_slices(
                Algorithm::Myers,
                &old.split_inclusive('\n').collect::<Vec<_>>(),
                &new.split_inclusive('\n').collect::<Vec<_>>(),
            );
            let stays = lines.iter().filter(|op| matches!(op, DiffOp::Equal { .. })).map(DiffOp::old_range);
            let starts: Vec<usize> = std::iter::once(0).chain(old.match_indices('\n').map(|(at, _)| at + 1)).collect();
            for range in stays {
                let span = Span::new(starts[range.start], starts[range.end]);
                prop_assert!(edits.iter().all(|edit| !edit.span.overlaps(span)));
            }
        }
    }
}
