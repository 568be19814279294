//! Puts new lines into old ones so that what did not change keeps its bytes.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::indent::Indents;
use super::{Lines, align};
use crate::edits::answer::Hunk;

/// The text of the lines of a file from the first to the last of `found` after a hunk: `found` says which line of the
/// file each line of its old text is. Lines that the hunk keeps stay as the file has them, and so do lines of the file
/// between them that it does not show. `None` when it takes out lines that are not the file's.
pub(super) fn weave(
    hunk: &Hunk,
    found: &[Option<usize>],
    lines: &Lines<'_>,
    indents: Option<&Indents>,
) -> Option<String> {
    let first = found.iter().flatten().next().copied()?;
    let end = found.iter().flatten().next_back().copied()? + 1;
    let trimmed = |lines: &[String]| -> Vec<String> { lines.iter().map(|line| line.trim_end().to_owned()).collect() };
    let (before, after) = (trimmed(&hunk.before), trimmed(&hunk.after));
    let mut out: Vec<String> = Vec::new();
    let mut next = first; // the line of the file that comes next
    let own = |line: usize| lines.get(line).trim_end_matches(['\r', '\n']).to_owned();
    let fit = |line: &String| indents.map_or_else(|| line.clone(), |indents| indents.apply(line));
    for op in capture_diff_slices(Algorithm::Myers, &before, &after) {
        let (_, old, new) = op.as_tag_tuple();
        if let DiffOp::Equal { .. } = op {
            for line in old.filter_map(|number| *found.get(number)?) {
                out.extend((next..=line).map(own));
                next = next.max(line + 1);
            }
            continue;
        }
        // what stands beside a change has to be known, or it could go to the wrong side of it
        let known = |number: usize| {
            before.get(number).is_none_or(|line| line.is_empty() || found.get(number).is_some_and(Option::is_some))
        };
        if !(old.start.checked_sub(1).is_none_or(known) && known(old.end)) {
            return None;
        }
        if old.is_empty() {
            let behind = found.get(old.end).copied().flatten();
            if behind.is_some_and(|behind| (next..behind).any(|line| !lines.get(line).trim().is_empty())) {
                return None;
            }
        }
        for number in old {
            let line = (*found.get(number)?)?;
            // what is between the lines that go would go unseen; what differs would be lost
            let known = line == next || (next..line).all(|line| lines.get(line).trim().is_empty());
            if !known || align::loose(lines.get(line)) != align::loose(before.get(number)?) {
                return None;
            }
            next = line + 1;
        }
        out.extend(hunk.after.get(new)?.iter().map(fit));
    }
    out.extend((next..end).map(own));
    let old = lines.text().get(lines.span(first, end).range())?;
    let above = first.checked_sub(1).map_or("", |line| lines.get(line));
    Some(rejoin(old, &out, above))
}

/// `new` as a text that has the line ends of `old`: a line that stays has its own, blanks before it included, a new one
/// that of the line above it; the last ends as the last of `old` does. `above` is the line above both.
pub(in crate::edits) fn rejoin(old: &str, new: &[String], above: &str) -> String {
    let ending = |line: &str| {
        if line.ends_with("\r\n") {
            "\r\n"
        } else if line.ends_with('\n') {
            "\n"
        } else {
            ""
        }
    };
    let old_lines: Vec<&str> = old.split_inclusive('\n').collect();
    let old_code: Vec<&str> = old_lines.iter().map(|line| line.trim_end()).collect();
    let new_code: Vec<&str> = new.iter().map(|line| line.trim_end()).collect();
    let usual = old_lines.iter().copied().chain([above]).map(ending).find(|end| !end.is_empty()).unwrap_or("\n");
    let mut out = String::with_capacity(old.len() + 64);
    let mut last_end = if above.is_empty() { usual } else { ending(above) };
    // blanks at the ends of lines count only where nothing else changed
    let blanks_only = old_code == new_code;
    for op in capture_diff_slices(Algorithm::Myers, &old_code, &new_code) {
        let (_, before, after) = op.as_tag_tuple();
        if matches!(op, DiffOp::Equal { .. }) && !blanks_only {
            for line in before.filter_map(|number| old_lines.get(number)) {
                out.push_str(line);
                let end = ending(line);
                if end.is_empty() {
                    out.push_str(last_end); // it was the last and may not be now
                } else {
                    last_end = end;
                }
            }
            continue;
        }
        let old_ends: Vec<&str> = before.filter_map(|number| old_lines.get(number)).map(|line| ending(line)).collect();
        for (number, line) in new.get(after).unwrap_or_default().iter().enumerate() {
            let end = old_ends.get(number).copied().filter(|end| !end.is_empty()).unwrap_or(last_end);
            last_end = if end.is_empty() { usual } else { end };
            out.push_str(line);
            out.push_str(last_end);
        }
    }
    // the last line ends as it did
    let was = old_lines.last().map_or(usual, |line| ending(line));
    if was.is_empty() && !new.is_empty() {
        let bare = out.trim_end_matches(['\r', '\n']).len();
        if out.get(bare..).is_some_and(|end| end == "\n" || end == "\r\n") {
            out.truncate(bare);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_and_blanks_stay() {
        let check = |old: &str, new: &str, after: &str| {
            let new: Vec<String> = new.lines().map(str::to_owned).collect();
            assert_eq!(rejoin(old, &new, ""), after);
        };
        check("a\r\nb  \r\nc\r\n", "a\nb\nd", "a\r\nb  \r\nd\r\n");
        check("a\nb\r\nc\n", "a\nb\nx\nc", "a\nb\r\nx\r\nc\n");
        check("a\nb", "a\nb\nc", "a\nb\nc");
        check("a\nb", "a", "a");
        check("a  \nb\n", "a\nb", "a\nb\n");
        check("a\n", "", "");
    }
}
