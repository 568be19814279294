//! Hunks: edits that stand so close together that they are applied, kept or taken back as one. In: texts and edits. Out:
//! hunks, and which of them a text shows.

use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::minimal::smallest_edits;
use crate::text::{Collision, Edit, Span, Text, keeps_its_lines, rebase_edits};

/// Groups edits of `base`, which do not overlap, by place: those on one line, or on lines next to each other.
#[must_use]
pub fn hunks(base: &Text, edits: &[Edit]) -> Vec<Vec<Edit>> {
    let mut order = edits.to_vec();
    order.sort_by_key(|edit| edit.span);
    let mut hunks: Vec<Vec<Edit>> = Vec::new();
    for edit in order {
        let near = |last: &Edit| base.line_of(edit.span.start) <= base.line_of(last.span.end) + 1;
        match hunks.last_mut().filter(|hunk| hunk.last().is_some_and(near)) {
            Some(hunk) => hunk.push(edit),
            None => hunks.push(vec![edit]),
        }
    }
    hunks
}

/// A hunk of `base` for `now`, to which `typed` led. As undo does, it takes no line that was typed in for its own.
///
/// # Errors
/// [`Collision`] when something was typed in its text, or on a line that it changes.
pub fn rebase_hunk(base: &Text, hunk: &[Edit], typed: &[Edit], now: &Text) -> Result<Vec<Edit>, Collision> {
    let placed = rebase_edits(hunk, typed)?;
    let certain = hunk.iter().zip(&placed).all(|(edit, placed)| keeps_its_lines(base, edit, now, placed.span));
    if certain { Ok(placed) } else { Err(Collision) }
}

/// A hunk between two texts: where it lies in the text before and in the text after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HunkPlace {
    /// From its first replaced byte to its last.
    pub before: Span,
    /// What stands there afterwards.
    pub after: Span,
}

/// Where each of `hunks` (in order, of one text) lies before and after all of them are applied.
#[must_use]
pub fn hunk_places(hunks: &[Vec<Edit>]) -> Vec<HunkPlace> {
    let mut shift = 0isize; // lengths of texts in memory
    let places = hunks.iter().filter_map(|hunk| {
        let before = Span::new(hunk.first()?.span.start, hunk.last()?.span.end);
        let start = before.start.saturating_add_signed(shift);
        shift += hunk.iter().map(|edit| edit.text.len() as isize - edit.span.len() as isize).sum::<isize>();
        Some(HunkPlace { before, after: Span::new(start, before.end.saturating_add_signed(shift).max(start)) })
    });
    places.collect()
}

/// What a text shows of one hunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HunkState {
    /// Its new text.
    New,
    /// Its old text.
    Old,
    /// Neither: it was changed since.
    Neither,
}

/// How much of a change a text shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Every hunk's new text.
    All,
    /// No hunk's new text.
    Nothing,
    /// Some hunks' new text and others' old one.
    Part,
    /// New text of which something was changed since.
    Changed,
}

/// What `now` shows of each hunk of the change from `before` to `after`, whatever else was changed in it, and whether it
/// is nearer to `after`.
///
/// The text is compared with both: a hunk is there where the difference to `after` leaves its new text alone, and not
/// there where the difference to `before` leaves its old text alone. Where both can be said (repeated lines), it counts
/// as what the whole text is nearer to.
#[must_use]
pub fn hunk_states(before: &Text, after: &Text, places: &[HunkPlace], now: &Text) -> (Vec<HunkState>, bool) {
    let all = |state| (vec![state; places.len()], state == HunkState::New);
    if now == after {
        return all(HunkState::New);
    }
    if now == before {
        return all(HunkState::Old);
    }
    let now = now.to_text();
    let (forth, back) = (changes(after, &now), changes(before, &now));
    let nearer = distance(&forth) < distance(&back);
    let state = |place: &HunkPlace| match (holds(place.after, &forth), holds(place.before, &back)) {
        (true, true) if nearer => HunkState::New,
        (true, false) => HunkState::New,
        (_, true) => HunkState::Old,
        (false, false) => HunkState::Neither,
    };
    (places.iter().map(state).collect(), nearer)
}

/// What `now` shows of the change from `before` to `after` as a whole.
#[must_use]
pub fn shown(before: &Text, after: &Text, places: &[HunkPlace], now: &Text) -> Shown {
    let (states, nearer) = hunk_states(before, after, places, now);
    let count = |wanted| states.iter().filter(|state| **state == wanted).count();
    match (count(HunkState::New), count(HunkState::Old), count(HunkState::Neither)) {
        (_, 0, 0) if nearer => Shown::All,
        (0, _, 0) => Shown::Nothing,
        (_, 0, _) if nearer => Shown::Changed,
        (0, ..) if !nearer => Shown::Nothing,
        _ => Shown::Part,
    }
}

/// Edits that turn `old`, which starts at byte `at` of its document, into `new`, token by token: what a formatter does to
/// blanks leaves the words alone. Long texts are compared by lines.
#[must_use]
pub fn token_edits(old: &str, new: &str, at: usize) -> Vec<Edit> {
    const MOST: usize = 5000;
    let (old_tokens, new_tokens) = (tokens(old), tokens(new));
    if old_tokens.len().max(new_tokens.len()) > MOST {
        return smallest_edits(old, new, at);
    }
    let (mut from, mut to) = (0, 0);
    let mut edits = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &old_tokens, &new_tokens) {
        let (tag, before, after) = op.as_tag_tuple();
        let len = |tokens: &[&str]| tokens.iter().map(|token| token.len()).sum::<usize>();
        let before = len(old_tokens.get(before).unwrap_or_default());
        let after = len(new_tokens.get(after).unwrap_or_default());
        if tag != DiffTag::Equal {
            let text = new.get(to..to + after).unwrap_or_default();
            edits.push(Edit::new(Span::new(at + from, at + from + before), text));
        }
        (from, to) = (from + before, to + after);
    }
    edits
}

/// Words, blanks, and all else one by one.
fn tokens(text: &str) -> Vec<&str> {
    let kind = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => 0,
        c if c.is_whitespace() => 1,
        _ => 2,
    };
    let mut tokens = Vec::new();
    let (mut start, mut last) = (0, None);
    for (at, c) in text.char_indices() {
        let now = kind(c);
        if last.is_some_and(|last| last != now || now == 2) {
            tokens.extend(text.get(start..at));
            start = at;
        }
        last = Some(now);
    }
    tokens.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    tokens
}

/// What leads from one text to another, from the end, so that each speaks of the text that the one before it left.
#[must_use]
pub fn changes(from: &Text, to: &str) -> Vec<Edit> {
    let mut changes = smallest_edits(&from.to_text(), to, 0);
    changes.sort_by_key(|edit| std::cmp::Reverse(edit.span));
    changes
}

fn distance(changes: &[Edit]) -> usize {
    changes.iter().map(|edit| edit.span.len() + edit.text.len()).sum()
}

fn holds(span: Span, changes: &[Edit]) -> bool {
    rebase_edits(&[Edit::new(span, "")], changes).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::apply_edits;
    use proptest::prelude::*;

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit::new(Span::new(start, end), text)
    }

    #[test]
    fn edits_on_neighbouring_lines_are_one_hunk() {
        let base = Text::from("aa\nbb\ncc\ndd\nee\n");
        let edits = [edit(12, 14, "E"), edit(0, 1, "A"), edit(1, 2, "A"), edit(3, 5, "B")];
        let found = hunks(&base, &edits);
        assert_eq!(found, [vec![edit(0, 1, "A"), edit(1, 2, "A"), edit(3, 5, "B")], vec![edit(12, 14, "E")]]);
        let after = apply_edits(&base, &edits);
        assert_eq!(after.to_text(), "AA\nB\ncc\ndd\nE\n");
        let shown: Vec<String> =
            hunk_places(&found).iter().map(|place| after.slice(place.after).into_owned()).collect();
        assert_eq!(shown, ["AA\nB", "E"]);
    }

    /// `now` against a change of `b` and `e` in the lines a to f.
    fn check(now: &str, expected: Shown) {
        let before = Text::from("a\nb\nc\nd\ne\nf\n");
        let found = hunks(&before, &[edit(2, 3, "B1\nB2"), edit(8, 10, "")]);
        let after = apply_edits(&before, &found.concat());
        assert_eq!(after.to_text(), "a\nB1\nB2\nc\nd\nf\n");
        assert_eq!(shown(&before, &after, &hunk_places(&found), &Text::from(now)), expected, "{now:?}");
    }

    #[test]
    fn a_text_shows_a_change_or_not() {
        check("a\nB1\nB2\nc\nd\nf\n", Shown::All);
        check("a\nb\nc\nd\ne\nf\n", Shown::Nothing);
        check("typed\na\nB1\nB2\nc typed\nd\nf\n", Shown::All);
        check("typed\na\nb\nc typed\nd\ne\nf\n", Shown::Nothing);
        check("a\nB1\nB2\nc\nd\ne\nf\n", Shown::Part);
        check("a\nb\nc\nd\nf\n", Shown::Part);
        check("a\nB1 typed\nB2\nc\nd\nf\n", Shown::Changed);
        check("a\nb typed\nc\nd\ne\nf\n", Shown::Nothing);
    }

    #[test]
    fn a_line_that_is_there_already_does_not_count_as_inserted() {
        let before = Text::from("x\nx\n");
        let found = hunks(&before, &[edit(2, 2, "x\n")]);
        let after = apply_edits(&before, &found.concat());
        let check = |now: &str| shown(&before, &after, &hunk_places(&found), &Text::from(now));
        assert_eq!(check("typed\nx\nx\n"), Shown::Nothing);
        assert_eq!(check("typed\nx\nx\nx\n"), Shown::All);
    }

    #[test]
    fn what_is_typed_on_a_line_of_a_hunk_collides() {
        // `[` and `]` surround what the hunk replaces by `new`
        let check = |base: &str, new: &str, now: &str, expected: Option<&str>| {
            let (start, end) = (base.find('[').unwrap(), base.find(']').unwrap() - 1);
            let (base, now) = (Text::from(base.replace(['[', ']'], "").as_str()), Text::from(now));
            let typed = changes(&base, &now.to_text());
            let placed = rebase_hunk(&base, &[edit(start, end, new)], &typed, &now).ok();
            assert_eq!(placed.map(|edits| apply_edits(&now, &edits).to_text()).as_deref(), expected);
        };
        check("a\n[b]\nc\n", "B", "a\nxb\nc\n", None);
        check("a\n[b]\nc\n", "B", "a\n  b\nc\n", None);
        check("a\n[b]\nc\n", "B", "a\nb // x\nc\n", None);
        check("a\n[b]\nc\n", "B", "a x\nx\nb\nx\nc\n", Some("a x\nx\nB\nx\nc\n"));
        check("a\n[b\n]c\n", "B\n", "a\nb\nx c\n", Some("a\nB\nx c\n"));
        check("a\n[b\n]c\n", "B", "a\nb\nx c\n", None);
        check("a\n[b\n]c\n", "", "a\nb\nx c\n", Some("a\nx c\n"));
        check("a[\n]c\n", "", "a\nx c\n", None);
        check("a = [10];\n", "5", "a = 100;\n", None);
    }

    proptest! {
        /// Each line of the result is one that the user or the job wrote: none is of both.
        #[test]
        fn no_line_mixes_what_was_typed_with_a_hunk(
            lines in prop::collection::vec("[a-c]{0,3}", 2..8),
            job in prop::collection::vec((0usize..30, 0usize..5, "[J\n]{0,3}"), 1..4),
            keys in prop::collection::vec((0usize..30, 0usize..3, "[x\n]{0,2}"), 0..4),
        ) {
            let base = Text::from(lines.join("\n").as_str());
            let mut edits: Vec<Edit> = Vec::new();
            for (at, len, new) in job {
                let edit = Edit::new(base.clamp(Span::new(at, at + len)), new);
                if edits.iter().all(|other| !other.span.touches(edit.span)) {
                    edits.push(edit);
                }
            }
            let (mut now, mut typed) = (base.clone(), Vec::new());
            for (at, len, new) in keys {
                let key = Edit::new(now.clamp(Span::new(at, at + len)), new);
                now.replace(key.span, &key.text);
                typed.push(key);
            }
            let kept = |hunk: &Vec<Edit>| rebase_hunk(&base, hunk, &typed, &now).is_ok();
            let hunks: Vec<Vec<Edit>> = hunks(&base, &edits).into_iter().filter(kept).collect();
            let goal = apply_edits(&base, &hunks.concat()).to_text();
            let placed: Vec<Edit> = hunks.iter().filter_map(|hunk| rebase_hunk(&base, hunk, &typed, &now).ok()).flatten().collect();
            let result = apply_edits(&now, &placed).to_text();
            let now = now.to_text();
            // an empty line, as where both end a file that had no line end, has nothing of anybody's
            for line in result.lines().filter(|line| !line.is_empty()) {
                prop_assert!(goal.lines().chain(now.lines()).any(|known| known == line), "{line:?} of {result:?}: {goal:?}, {now:?}");
            }
        }

        #[test]
        fn token_edits_lead_to_the_new_text(old in "([abé_] ?|\n|[(;😀]){0,30}", new in "([abé_] ?|\n|[(;😀]){0,30}") {
            let edits = token_edits(&old, &new, 0);
            prop_assert_eq!(apply_edits(&Text::from(old.as_str()), &edits).to_text(), new);
        }

        /// Typing on lines that no hunk touches never hides a change, nor makes one up.
        #[test]
        fn typing_elsewhere_changes_nothing(lines in prop::collection::vec("[a-c]{1,3}", 6..12), at in 0usize..4, typed in "[x-z]{1,4}") {
            let base: String = lines.iter().enumerate().map(|(number, line)| format!("{number}{line}\n")).collect();
            let before = Text::from(base.as_str());
            let span = before.line_span(at);
            let found = hunks(&before, &[Edit::new(span, "NEW")]);
            let after = apply_edits(&before, &found.concat());
            let type_in = |text: &Text| {
                let end = text.line_span(text.lines() - 2).end;
                apply_edits(text, &[Edit::new(Span::new(end, end), typed.as_str())])
            };
            let places = hunk_places(&found);
            prop_assert_eq!(shown(&before, &after, &places, &type_in(&after)), Shown::All);
            prop_assert_eq!(shown(&before, &after, &places, &type_in(&before)), Shown::Nothing);
        }
    }
}
