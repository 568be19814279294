//! Taking back what an entry did to a file while keeping what was changed since. In: the record and the text as it is
//! now. Out: edits of that text, or the place where it can't be told what is whose. Pure; the same with the record
//! reversed does it once more.

use std::collections::HashMap;
use std::ops::Range;

use super::certain::{breaks_at, is_certain, with_line_ends};
use super::entry::{FileRecord, Hunk};
use crate::edits::{FileChange, smallest_edits};
use crate::text::{Edit, Span, Text, keeps_its_lines, rebase_each};

/// Why something can't be taken back. The text stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// The place of a hunk was changed since.
    #[error("{path}:{line} was changed since")]
    Hunk {
        /// The file.
        path: String,
        /// The hunk's number in the record, from zero.
        hunk: usize,
        /// The line of the text as it is now, from one.
        line: usize,
    },
    /// The text would no longer parse, because of what was written around the hunk since.
    #[error("{path}:{line} was changed around, and would not parse without it")]
    Breaks {
        /// The file.
        path: String,
        /// The line of the text as it is now, from one.
        line: usize,
    },
    /// The file is not there any more.
    #[error("{0} is gone")]
    Gone(String),
    /// There is a file where one would have to be made.
    #[error("{0} is there again, with another text")]
    Exists(String),
    /// A file that would have to go is no longer what the entry made of it.
    #[error("{0} was changed since it was made")]
    Changed(String),
    /// No text, or none in UTF-8.
    #[error("{0} can't be read: {1}")]
    Unreadable(String, String),
}

/// What becomes of a file that is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Restored {
    /// Nothing: it is as it was before, or its part was taken back by hand.
    Nothing,
    /// Edits of the text of the record's path.
    Edits(Vec<Edit>),
    /// The record's path is made anew, with the text before.
    Create,
    /// The record's path goes.
    Delete,
    /// [`FileRecord::path_after`] moves to the record's path, with these edits of its text.
    Rename(Vec<Edit>),
}

/// The edits of `current` that restore all hunks of the record; what was changed elsewhere stays. Hunks that were taken
/// back already need none.
///
/// # Errors
/// [`Conflict::Hunk`] names the first hunk that was changed since.
pub fn take_back(record: &FileRecord, current: &Text) -> Result<Vec<Edit>, Conflict> {
    let all: Vec<usize> = (0..record.hunks.len()).collect();
    take_back_hunks(record, &all, current)
}

/// The same for some of the hunks, by their numbers in the record, from zero.
///
/// The record's inverse edits are rebased over the smallest difference between the text after and the text now, as
/// selective undo does in operational transformation (Prakash and Knister, 1994).
///
/// # Errors
/// As [`take_back`]; hunks that were not asked for don't matter.
pub fn take_back_hunks(record: &FileRecord, hunks: &[usize], current: &Text) -> Result<Vec<Edit>, Conflict> {
    let now = current.to_text();
    let converted = with_line_ends(record, current);
    let record = converted.as_ref().unwrap_or(record);
    if now == record.before {
        return Ok(Vec::new());
    }
    let inverse = inverse(record);
    let mut since = smallest_edits(&record.after, &now, 0);
    since.sort_by_key(|edit| edit.span);
    slide_out(&mut since, &record.after, &record.hunks);
    since.reverse(); // from the end, so that each speaks of the text before it
    let (mut in_place, mut last) = (None, None);
    let after = Text::from(record.after.as_str());
    let (mut edits, mut put_back) = (Vec::new(), Vec::new());
    for (number, placed) in rebase_each(&inverse, &since).into_iter().enumerate() {
        if !hunks.contains(&number) {
            continue;
        }
        let sure = |edit: &Edit| {
            let certain = |hunk: &Hunk| {
                let old = inverse.get(number).is_some_and(|old| keeps_its_lines(&after, old, current, edit.span));
                now == record.after || old && is_certain(record, hunk, &now, edit.span)
            };
            record.hunks.get(number).is_some_and(certain)
        };
        if let Some(edit) = placed.ok().filter(sure) {
            // what came between two parts of one line, or of lines that follow each other, belongs to neither
            let apart = |last: &(usize, Span)| {
                let gap = Span::new(hunk_after(record, last.0).end, hunk_after(record, number).start);
                let gap = record.after.get(gap.range()).unwrap_or_default();
                last.0 + 1 != number || gap.contains('\n') || now.get(last.1.end..edit.span.start) == Some(gap)
            };
            if last.as_ref().is_none_or(apart) {
                last = Some((number, edit.span));
                edits.push(edit);
                continue;
            }
            let line = 1 + current.line_of(edit.span.start);
            return Err(Conflict::Hunk { path: record.path_after().to_owned(), hunk: number, line });
        }
        put_back.push(number);
        let in_place = in_place.get_or_insert_with(|| hunks_in_place(record, &now));
        if !in_place.get(number).copied().unwrap_or_default() {
            let line = 1 + current.line_of(shifted(inverse.get(number).map_or(0, |edit| edit.span.start), &since));
            return Err(Conflict::Hunk { path: record.path_after().to_owned(), hunk: number, line });
        }
    }
    if let Some(first) = put_back.first().copied().filter(|_| !were_put_back(record, &put_back, &now)) {
        let line = 1 + current.line_of(shifted(inverse.get(first).map_or(0, |edit| edit.span.start), &since));
        return Err(Conflict::Hunk { path: record.path_after().to_owned(), hunk: first, line });
    }
    Ok(edits)
}

/// What becomes of the record's file. `text_of` gives the text that a path of the workspace has now, `None` where there
/// is no file.
///
/// # Errors
/// [`Conflict`] says what stands in the way, or what `text_of` says.
pub fn take_back_file(
    record: &FileRecord,
    text_of: &mut dyn FnMut(&str) -> Result<Option<Text>, Conflict>,
) -> Result<Restored, Conflict> {
    let path = &record.path;
    match &record.change {
        FileChange::Edit => {
            let now = text_of(path)?.ok_or_else(|| Conflict::Gone(path.clone()))?;
            let edits = take_back_parsing(record, &now)?;
            Ok(if edits.is_empty() { Restored::Nothing } else { Restored::Edits(edits) })
        }
        FileChange::Create => match text_of(path)? {
            None => Ok(Restored::Nothing),
            Some(now) if is(&now, &record.after) => Ok(Restored::Delete),
            Some(_) => Err(Conflict::Changed(path.clone())),
        },
        FileChange::Delete => match text_of(path)? {
            None => Ok(Restored::Create),
            Some(now) if is(&now, &record.before) => Ok(Restored::Nothing),
            // made, and not filled yet: the editor that did so holds the text, or is gone with it
            Some(now) if now.is_empty() => {
                Ok(Restored::Edits(vec![Edit::new(Span::default(), record.before.as_str())]))
            }
            Some(_) => Err(Conflict::Exists(path.clone())),
        },
        FileChange::Rename { to } => match (text_of(to)?, text_of(path)?) {
            (Some(now), None) => Ok(Restored::Rename(take_back_parsing(record, &now)?)),
            (None, Some(now)) if is(&now, &record.before) => Ok(Restored::Nothing),
            (None, _) => Err(Conflict::Gone(to.clone())),
            (Some(_), Some(_)) => Err(Conflict::Exists(path.clone())),
        },
    }
}

/// What taking a record back does to `now`, the text of the record's path after, as a record of its own: the other way
/// round, it restores exactly what was there. `None` where the record itself says so already.
pub(super) fn turn_of(record: &FileRecord, restored: &Restored, now: &Text) -> Option<FileRecord> {
    let (Restored::Edits(edits) | Restored::Rename(edits)) = restored else { return None };
    let change = match record.change {
        FileChange::Edit => FileChange::Edit,
        FileChange::Rename { .. } => FileChange::Rename { to: record.path.clone() },
        FileChange::Create | FileChange::Delete => return None,
    };
    Some(FileRecord::new(record.path_after(), change, now, edits))
}

/// The edits of `current` that restore hunks of which is known where their new text lies by now: each hunk's number, from
/// zero, and that place.
///
/// # Errors
/// [`Conflict`] where what stands around a hunk was changed since, or would not parse without it.
pub fn take_back_at(record: &FileRecord, places: &[(usize, Span)], current: &Text) -> Result<Vec<Edit>, Conflict> {
    let now = current.to_text();
    let converted = with_line_ends(record, current);
    let record = converted.as_ref().unwrap_or(record);
    let (after, inverse) = (Text::from(record.after.as_str()), inverse(record));
    let mut edits = Vec::new();
    for (number, span) in places {
        let certain = |(hunk, old): &(&Hunk, &Edit)| {
            let kept = || keeps_its_lines(&after, old, current, *span) && is_certain(record, hunk, &now, *span);
            now == record.after || kept()
        };
        let Some((_, old)) = record.hunks.get(*number).zip(inverse.get(*number)).filter(certain) else {
            let line = 1 + current.line_of(span.start);
            return Err(Conflict::Hunk { path: record.path_after().to_owned(), hunk: *number, line });
        };
        edits.push(Edit::new(*span, old.text.as_str()));
    }
    match breaks_at(record, &edits, current) {
        Some(line) => Err(Conflict::Breaks { path: record.path_after().to_owned(), line }),
        None => Ok(edits),
    }
}

fn hunk_after(record: &FileRecord, number: usize) -> Span {
    record.hunks.get(number).map_or_else(Span::default, |hunk| hunk.after)
}

/// [`take_back`], refused where code that parses would no longer do so.
fn take_back_parsing(record: &FileRecord, now: &Text) -> Result<Vec<Edit>, Conflict> {
    let edits = take_back(record, now)?;
    match breaks_at(record, &edits, now) {
        Some(line) => Err(Conflict::Breaks { path: record.path_after().to_owned(), line }),
        None => Ok(edits),
    }
}

fn is(text: &Text, other: &str) -> bool {
    text.len() == other.len() && text.to_text() == other
}

/// The edits that turn the text after into the text before, one a hunk.
fn inverse(record: &FileRecord) -> Vec<Edit> {
    let edit = |hunk: &Hunk| Edit::new(hunk.after, record.before.get(hunk.before.range()).unwrap_or_default());
    record.hunks.iter().map(edit).collect()
}

/// Which hunks stand in `now` as they stood before the entry, because somebody put them back.
fn hunks_in_place(record: &FileRecord, now: &str) -> Vec<bool> {
    let before = &record.before;
    let lines = |span: Span| {
        let start = before.get(..span.start).and_then(|lead| lead.rfind('\n')).map_or(0, |at| at + 1);
        let end = before.get(span.end..).and_then(|rest| rest.find('\n')).map_or(before.len(), |at| span.end + at + 1);
        Span::new(start, end)
    };
    let since: Vec<(Span, Edit)> =
        smallest_edits(before, now, 0).into_iter().map(|edit| (lines(edit.span), edit)).collect();
    let in_place = |hunk: &Hunk| {
        let new = record.after.get(hunk.after.range()).unwrap_or_default().trim();
        since.iter().all(|(lines, edit)| {
            // what came beside an empty place may be what is left of the hunk's new text
            let beside = hunk.before.is_empty() && !edit.text.is_empty() && lines.touches(hunk.before);
            let holds_new = !new.is_empty() && edit.text.contains(new);
            !(hunk.before.overlaps(edit.span) || beside || holds_new)
        })
    };
    record.hunks.iter().map(in_place).collect()
}

/// Whether somebody put these hunks back, each with all others of its lines: of lines that repeat themselves, others may
/// stand in their place, but what was put back went and came in the text as a whole, too.
fn were_put_back(record: &FileRecord, hunks: &[usize], now: &str) -> bool {
    let mut wanted: HashMap<&str, isize> = HashMap::new();
    for (numbers, [old, new]) in line_groups(record) {
        let held = numbers.clone().filter(|number| hunks.contains(number)).count();
        if held == 0 {
            continue;
        }
        if held < numbers.len() {
            return false;
        }
        for (text, span, by) in [(&record.before, old, 1), (&record.after, new, -1)] {
            let lines = text.get(span.range()).unwrap_or_default().lines();
            lines.for_each(|line| *wanted.entry(line).or_default() += by);
        }
    }
    let mut came: HashMap<&str, isize> = HashMap::new();
    now.lines().for_each(|line| *came.entry(line).or_default() += 1);
    record.after.lines().for_each(|line| *came.entry(line).or_default() -= 1);
    wanted.iter().all(|(line, by)| {
        let came = came.get(line).copied().unwrap_or_default();
        *by == 0 || by.signum() == came.signum() && by.abs() <= came.abs()
    })
}

/// The hunks that share lines, together: their numbers, and their whole lines before and after.
fn line_groups(record: &FileRecord) -> Vec<(Range<usize>, [Span; 2])> {
    let begins = |text: &str, at: usize| text.get(..at).is_some_and(|lead| lead.is_empty() || lead.ends_with('\n'));
    let lines = |text: &str, span: Span, whole: bool| {
        let start = text.get(..span.start).and_then(|lead| lead.rfind('\n')).map_or(0, |at| at + 1);
        let rest = text.get(span.end..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| span.end + at + 1);
        Span::new(start, if whole { span.end } else { rest })
    };
    let mut groups: Vec<(Range<usize>, [Span; 2])> = Vec::new();
    for (number, hunk) in record.hunks.iter().enumerate() {
        let sides = [(record.before.as_str(), hunk.before), (record.after.as_str(), hunk.after)];
        let whole = sides.iter().all(|(text, span)| begins(text, span.start) && begins(text, span.end));
        let [before, after] = sides.map(|(text, span)| lines(text, span, whole));
        match groups.last_mut() {
            Some((numbers, [old, new])) if before.start < old.end || after.start < new.end => {
                numbers.end = number + 1;
                *old = Span::new(old.start, before.end.max(old.end));
                *new = Span::new(new.start, after.end.max(new.end));
            }
            _ => groups.push((number..number + 1, [before, after])),
        }
    }
    groups
}

/// Where byte `at` of the old text lies after `since`, which goes from the end; inside of a change: where that begins.
fn shifted(at: usize, since: &[Edit]) -> usize {
    since.iter().fold(at, |at, edit| match edit.span.start < at && edit.span.end <= at {
        true => at - edit.span.len() + edit.text.len(),
        false => at.min(edit.span.start),
    })
}

/// A difference often can be told in several ways: where `}` and a blank line, as at the end of each function, were
/// added behind a hunk that ends so, too, the first or the second of them may count as new. What only came or only went
/// is moved out of the hunk where that says the same. `since` is in order and speaks of `text`.
fn slide_out(since: &mut [Edit], text: &str, hunks: &[Hunk]) {
    let bytes = text.as_bytes();
    for at in 0..since.len() {
        let floor = at.checked_sub(1).and_then(|at| since.get(at)).map_or(0, |edit| edit.span.end);
        let ceiling = since.get(at + 1).map_or(bytes.len(), |edit| edit.span.start);
        let Some(edit) = since.get_mut(at) else { return };
        let Some(hunk) = hunks.iter().map(|hunk| hunk.after).find(|hunk| inside(*hunk, edit.span)) else { continue };
        if !edit.span.is_empty() && !edit.text.is_empty() {
            continue;
        }
        let down = slid_down(edit, bytes, hunk.end, ceiling);
        if let Some(moved) = down.or_else(|| slid_up(edit, bytes, hunk.start, floor)) {
            *edit = moved;
        }
    }
}

/// Whether a change of `span` touches the text of a hunk.
fn inside(hunk: Span, span: Span) -> bool {
    hunk.overlaps(span) || span.is_empty() && hunk.start < span.start && span.end < hunk.end
}

/// The same insertion or deletion, moved to start at or after `to`.
fn slid_down(edit: &Edit, text: &[u8], to: usize, ceiling: usize) -> Option<Edit> {
    let by = to.checked_sub(edit.span.start)?;
    let span = Span::new(to, edit.span.end + by);
    if span.end > ceiling {
        return None;
    }
    if edit.text.is_empty() {
        let same = text.get(edit.span.start..to)? == text.get(edit.span.end..span.end)?;
        return same.then(|| Edit::new(span, ""));
    }
    let (moved, rest) = edit.text.split_at_checked(by)?;
    (text.get(edit.span.start..to)? == moved.as_bytes()).then(|| Edit::new(span, format!("{rest}{moved}")))
}

/// The same insertion or deletion, moved to end at or before `to`.
fn slid_up(edit: &Edit, text: &[u8], to: usize, floor: usize) -> Option<Edit> {
    let by = edit.span.end.checked_sub(to)?;
    let span = Span::new(edit.span.start.checked_sub(by)?, to);
    if span.start < floor {
        return None;
    }
    if edit.text.is_empty() {
        let same = text.get(span.start..edit.span.start)? == text.get(span.end..edit.span.end)?;
        return same.then(|| Edit::new(span, ""));
    }
    let (rest, moved) = edit.text.split_at_checked(edit.text.len().checked_sub(by)?)?;
    (text.get(to..edit.span.end)? == moved.as_bytes()).then(|| Edit::new(span, format!("{moved}{rest}")))
}
