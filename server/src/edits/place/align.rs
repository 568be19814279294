//! Lines that are almost those of a file: aligned by what they have in common (Myers' algorithm), scored by how much that
//! is, and taken only when the score is high and no other place comes near it.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{Field, Lines};
use crate::edits::answer::Hunk;
use crate::edits::fault::Fault;
use crate::text::Span;

/// The least share of a hunk's text that has to be in the file.
const LEAST: f64 = 0.9;
/// By how much the best place has to be better than the second.
const MARGIN: f64 = 0.05;
/// Places that are looked at, at most.
const PLACES: usize = 64;
/// Lines longer than this are compared as a whole only.
const LONGEST: usize = 400;

/// For each line of the hunk the file's, and the score. `None`: nothing is like it.
///
/// # Errors
/// [`Fault::Ambiguous`] when two places are.
#[allow(clippy::type_complexity)]
pub(super) fn align(hunk: &Hunk, field: &Field<'_>) -> Result<Option<(Vec<Option<usize>>, f64)>, Fault> {
    let mut all = candidates(hunk, field.lines);
    let is_allowed =
        |found: &Vec<Option<usize>>| field.allowed.iter().any(|allowed| allowed.contains(span_of(found, field.lines)));
    if all.iter().any(|(found, score)| *score >= LEAST && is_allowed(found)) {
        all.retain(|(found, _)| is_allowed(found));
    }
    let mut all = all.into_iter();
    let Some(best) = all.next().filter(|(_, score)| *score >= LEAST) else { return Ok(None) };
    match all.next() {
        Some(second) if second.1 > best.1 - MARGIN => {
            let lines = [&best, &second].map(|(found, _)| found.iter().flatten().next().map_or(0, |line| line + 1));
            Err(Fault::Ambiguous { path: field.path.to_owned(), lines: lines.into() })
        }
        _ => Ok(Some(best)),
    }
}

fn span_of(found: &[Option<usize>], lines: &Lines<'_>) -> Span {
    let mut at = found.iter().flatten();
    let first = at.next().copied().unwrap_or_default();
    lines.span(first, at.next_back().unwrap_or(&first) + 1)
}

/// The file's lines at the best place, whatever its score, for messages.
pub(super) fn nearest(hunk: &Hunk, field: &Field<'_>) -> Option<String> {
    const MOST: usize = 30;
    let (found, score) = candidates(hunk, field.lines).into_iter().next()?;
    let span = span_of(&found, field.lines);
    let seen = field.allowed.iter().any(|allowed| allowed.contains(span));
    let text = field.lines.text().get(span.range())?;
    (score > 0.5 && seen).then(|| text.lines().take(MOST).collect::<Vec<_>>().join("\n"))
}

/// Places that share a line with the hunk, the best first.
fn candidates(hunk: &Hunk, lines: &Lines<'_>) -> Vec<(Vec<Option<usize>>, f64)> {
    let theirs: Vec<String> = hunk.before.iter().map(|line| loose(line)).collect();
    let total: usize = theirs.iter().map(String::len).sum();
    // from its rarest lines; a bracket alone says nothing
    let mut rare: Vec<(&[usize], usize)> =
        hunk.before.iter().enumerate().map(|(number, line)| (lines.with(line.trim()), number)).collect();
    rare.retain(|(at, number)| !at.is_empty() && theirs.get(*number).is_some_and(|line| line.len() > 2));
    rare.sort_by_key(|(at, _)| at.len());
    let mut starts: Vec<usize> = Vec::new();
    for (at, number) in rare.into_iter().take(4) {
        starts.extend(at.iter().take(PLACES / 4).map(|at| at.saturating_sub(number)));
    }
    starts.sort_unstable();
    starts.dedup_by(|later, earlier| *later <= *earlier + 1);
    let slack = 3 + hunk.before.len() / 8;
    let mut found: Vec<(Vec<Option<usize>>, f64)> = Vec::new();
    for start in starts {
        let from = start.saturating_sub(slack);
        let to = (start + hunk.before.len() + slack).min(lines.len());
        let (aligned, score) = align_at(&theirs, from, to, lines);
        let same = |other: &Vec<Option<usize>>| aligned.iter().zip(other).any(|(a, b)| a.is_some() && a == b);
        match found.iter_mut().find(|(other, _)| same(other)) {
            Some(other) if other.1 < score / total as f64 => *other = (aligned, score / total as f64),
            Some(_) => {}
            None => found.push((aligned, score / total as f64)),
        }
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found
}

/// Aligns the hunk with the lines from `from` to `to`; gives the characters that they share, too.
fn align_at(theirs: &[String], from: usize, to: usize, lines: &Lines<'_>) -> (Vec<Option<usize>>, f64) {
    let ours: Vec<String> = (from..to).map(|line| loose(lines.get(line))).collect();
    let mut found = vec![None; theirs.len()];
    let mut score = 0.0;
    for op in capture_diff_slices(Algorithm::Myers, theirs, &ours) {
        let (_, old, new) = op.as_tag_tuple();
        let pairs = old.clone().zip(new.clone());
        match op {
            DiffOp::Equal { .. } => {
                for (a, b) in pairs {
                    score += theirs.get(a).map_or(0, String::len) as f64;
                    if let Some(slot) = found.get_mut(a) {
                        *slot = Some(from + b);
                    }
                }
            }
            DiffOp::Replace { .. } if old.len() == new.len() || old.start > 0 && old.end < theirs.len() => {
                for (a, b) in pairs {
                    let (Some(mine), Some(yours)) = (theirs.get(a), ours.get(b)) else { continue };
                    let like = similarity(mine, yours);
                    if like > 0.5 {
                        score += mine.len() as f64 * like;
                        if let Some(slot) = found.get_mut(a) {
                            *slot = Some(from + b);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    (found, score)
}

fn similarity(a: &str, b: &str) -> f64 {
    if a.len() > LONGEST || b.len() > LONGEST {
        return if a == b { 1.0 } else { 0.0 };
    }
    strsim::normalized_levenshtein(a, b)
}

/// A line without what models get wrong first: blanks, the kind of quotes, a comma or semicolon at its end.
pub(super) fn loose(line: &str) -> String {
    let code = line.trim().trim_end_matches([',', ';']);
    let plain = |c: char| if matches!(c, '\'' | '`') { '"' } else { c };
    code.chars().filter(|c| !c.is_whitespace()).map(plain).collect()
}
