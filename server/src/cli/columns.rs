//! Texts side by side. In: headings with texts, and the width of the terminal. Out: lines in columns of equal width; nothing
//! where that is too narrow to read. Never splits a word that fits into a column.

use std::fmt::Write as _;

use super::output::{BOLD, harmless, styled};

/// Characters that a column needs to be read.
const NARROWEST: usize = 38;
/// What stands between two columns.
const GAP: &str = " │ ";

/// The texts side by side, each under its heading; `None` when there are fewer than two, or `width` is too small.
pub(super) fn side_by_side(texts: &[(String, &str)], width: usize) -> Option<String> {
    if texts.len() < 2 {
        return None;
    }
    let gaps = (texts.len() - 1) * GAP.chars().count();
    let column = width.checked_sub(gaps)? / texts.len();
    if column < NARROWEST {
        return None;
    }
    let headings: Vec<Vec<String>> = texts.iter().map(|(heading, _)| wrap(heading, column)).collect();
    let bodies: Vec<Vec<String>> = texts.iter().map(|(_, text)| wrap(text.trim_end(), column)).collect();
    let mut out = String::new();
    rows(&mut out, &headings, column, |cell| styled(cell, BOLD));
    rows(&mut out, &vec![vec![String::new()]; texts.len()], column, str::to_owned);
    rows(&mut out, &bodies, column, str::to_owned);
    Some(out)
}

/// Columns of lines, filled up to the longest.
fn rows(out: &mut String, columns: &[Vec<String>], width: usize, style: impl Fn(&str) -> String) {
    let height = columns.iter().map(Vec::len).max().unwrap_or_default();
    for row in 0..height {
        let mut line = String::new();
        for (place, column) in columns.iter().enumerate() {
            let cell = column.get(row).map(String::as_str).unwrap_or_default();
            let gap = if place == 0 { "" } else { GAP };
            let blanks = width.saturating_sub(cell.chars().count());
            let _ = write!(line, "{gap}{}{}", style(cell), " ".repeat(blanks));
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

/// The lines of a text, none longer than `width`; what is wrapped keeps its line's indentation.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in harmless(text).replace('\t', "    ").lines() {
        let body = line.trim_start();
        let indent: String = line.chars().take((line.len() - body.len()).min(width / 2)).collect();
        let mut current = indent.clone();
        let mut room = width - indent.len();
        for word in body.split(' ') {
            let begins = room == width - indent.len();
            let mut word: Vec<char> = word.chars().collect();
            if !begins && word.len() + 1 > room {
                lines.push(std::mem::replace(&mut current, indent.clone()));
                room = width - indent.len();
            } else if !begins {
                current.push(' ');
                room -= 1;
            }
            while word.len() > room {
                current.extend(word.drain(..room));
                lines.push(std::mem::replace(&mut current, indent.clone()));
                room = width - indent.len();
            }
            room -= word.len();
            current.extend(word);
        }
        lines.push(current);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stand_side_by_side_where_there_is_room() {
        let long = "It waits as long as the server asks for, and gives up after that.\n\n  - a list whose second line keeps its place";
        let texts = [("big · 1.0 s".to_owned(), long), ("small".to_owned(), "It waits.")];
        let shown = side_by_side(&texts, 80).unwrap();
        let wanted = "\
big · 1.0 s                            │ small
                                       │
It waits as long as the server asks    │ It waits.
for, and gives up after that.          │
                                       │
  - a list whose second line keeps its │
  place                                │
";
        assert_eq!(shown, wanted);
        assert_eq!(side_by_side(&texts, 78), None, "too narrow");
        assert_eq!(side_by_side(&texts[..1], 200), None);
    }

    #[test]
    fn what_fits_nowhere_is_cut() {
        let check = |text: &str, width: usize, wanted: &[&str]| assert_eq!(wrap(text, width), wanted);
        check("a bc def", 4, &["a bc", "def"]);
        check("abcdefghij k", 4, &["abcd", "efgh", "ij k"]);
        check("ab cdefghi", 4, &["ab", "cdef", "ghi"]);
        check("\u{1b}[31mä\n\n  b", 9, &["[31mä", "", "  b"]);
    }
}
