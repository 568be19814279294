//! Whether the place found for a hunk is surely the one that the entry changed. In: the record, the text as it is now, and
//! where the hunk's new text would lie in it. Out: yes or no; in doubt no. Pure.

use super::entry::{FileRecord, Hunk};
use crate::edits::check_syntax;
use crate::syntax::by_path;
use crate::text::{Edit, LineEnding, Span, Text};

/// How many lines around a hunk are looked at, on each side, to tell it from others like it.
const MOST_LINES: usize = 400;

/// The record as if its texts had the line ends that `now` has.
pub(super) fn with_line_ends(record: &FileRecord, now: &Text) -> Option<FileRecord> {
    let wanted = now.line_ending();
    if Text::from(record.after.as_str()).line_ending() == wanted || !record.after.contains('\n') {
        return None;
    }
    let turned = |text: &str| {
        let bare = text.replace("\r\n", "\n");
        if wanted == LineEnding::Crlf { bare.replace('\n', "\r\n") } else { bare }
    };
    let moved = |text: &str, span: Span| {
        let at = |at: usize| turned(text.get(..at).unwrap_or_default()).len();
        Span::new(at(span.start), at(span.end))
    };
    let hunk =
        |hunk: &Hunk| Hunk { before: moved(&record.before, hunk.before), after: moved(&record.after, hunk.after) };
    let hunks = record.hunks.iter().map(hunk).collect();
    Some(FileRecord { before: turned(&record.before), after: turned(&record.after), hunks, ..record.clone() })
}

/// Whether no other place of the text would do as well for a hunk. `span`: where its new text lies in `now`.
pub(super) fn is_certain(record: &FileRecord, hunk: &Hunk, now: &str, span: Span) -> bool {
    let after = record.after.as_str();
    let of_lines = record.before.get(hunk.before.range()).is_none_or(|old| old.is_empty() || old.ends_with('\n'));
    let (there, here) = (Lines::of(after, hunk.after, of_lines), Lines::of(now, span, of_lines));
    let (old, new): (Vec<&str>, Vec<&str>) = (after.lines().collect(), now.lines().collect());
    let [mut others, mut others_now] = [(&old, there.first), (&new, here.first)].map(|(lines, own)| {
        places(lines, there.text, there.count).into_iter().filter(|at| *at != own).collect::<Vec<_>>()
    });
    // of several places alike, the lines around them tell which is meant
    for away in 1..=MOST_LINES {
        if others.is_empty() && others_now.is_empty() {
            return true;
        }
        let wanted = around(&old, there.first, there.count, away);
        // the start or the end of a text tells nothing: more may have come there
        let fits = |lines: &[&str], at: usize| {
            let found = around(lines, at, there.count, away);
            wanted.iter().zip(found).all(|(wanted, found)| wanted.is_none() || *wanted == found)
        };
        if !fits(&new, here.first) || wanted == [None, None] {
            return there.count == 0 && beside(&old, there.first, &new, here.first);
        }
        others.retain(|at| fits(&old, *at));
        others_now.retain(|at| fits(&new, *at));
    }
    false
}

/// Whether a line beside others that were deleted is still there, and is there once.
fn beside(old: &[&str], there: usize, new: &[&str], here: usize) -> bool {
    let once = |lines: &[&str], line: &str| lines.iter().filter(|other| **other == line).count() == 1;
    let [left, now] = [around(old, there, 0, 1), around(new, here, 0, 1)];
    left.iter().zip(&now).any(|pair| match pair {
        (Some(line), Some(other)) => line == other && once(old, line) && once(new, line),
        _ => false,
    })
}

/// The lines `away` above and below of `count` lines at `first`.
fn around<'text>(lines: &[&'text str], first: usize, count: usize, away: usize) -> [Option<&'text str>; 2] {
    [first.checked_sub(away), Some(first + count + away - 1)].map(|at| at.and_then(|at| lines.get(at)).copied())
}

/// Where `part`, `count` whole lines, stands; every place between two lines where it is none.
fn places(lines: &[&str], part: &str, count: usize) -> Vec<usize> {
    if count == 0 {
        return (0..=lines.len()).collect();
    }
    let part: Vec<&str> = part.lines().collect();
    let windows = lines.windows(part.len().max(1)).enumerate();
    windows.filter(|(_, window)| *window == part).map(|(at, _)| at).collect()
}

/// The lines that a span stands in.
struct Lines<'text> {
    /// The number of its first line, from zero.
    first: usize,
    /// How many lines; none for a place between two lines.
    count: usize,
    /// They themselves.
    text: &'text str,
}

impl<'text> Lines<'text> {
    fn of(text: &'text str, span: Span, of_lines: bool) -> Self {
        let head = text.get(..span.start).unwrap_or_default();
        let start = head.rfind('\n').map_or(0, |at| at + 1);
        let upto = text.get(..span.end).unwrap_or_default();
        let whole = of_lines && (upto.is_empty() || upto.ends_with('\n'));
        let rest = text.get(span.end..).unwrap_or_default();
        let end = if whole { 0 } else { rest.find('\n').unwrap_or(rest.len()) };
        let text = text.get(start..span.end + end).unwrap_or_default();
        Self { first: head.matches('\n').count(), count: text.lines().count(), text }
    }
}

/// The line, from one, where taking back `edits` of `now` would leave code that does not parse, and did so neither before
/// the entry nor does now.
pub(super) fn breaks_at(record: &FileRecord, edits: &[Edit], now: &Text) -> Option<usize> {
    let path = record.path_after();
    let language = by_path(path.as_ref())?;
    if edits.is_empty() || *now.to_text() == *record.after {
        return None;
    }
    // what the entry mended comes back broken, as it was
    let whole = [Edit::new(Span::new(0, record.after.len()), record.before.as_str())];
    if check_syntax(&Text::from(record.after.as_str()), None, Some(language), &whole, path, "").is_err() {
        return None;
    }
    let breaks = |edits: &[Edit]| check_syntax(now, None, Some(language), edits, path, "").is_err();
    let first = edits.iter().find(|edit| breaks(std::slice::from_ref(edit)));
    breaks(edits).then(|| 1 + first.or(edits.first()).map_or(0, |edit| now.line_of(edit.span.start)))
}
