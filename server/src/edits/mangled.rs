//! Signs that an answer was mangled before it was written down: marks of a diff in what should be plain text, escapes of
//! HTML, blanks that only look like blanks, characters that nobody sees. In: new text and the old one. Out: what it should
//! have been, where that is certain, or a fault. Never changes what the old text has as well.

use std::borrow::Cow;
use std::collections::HashSet;

use super::fault::Fault;
use crate::text::Text;

/// Tokens that end a turn of a model and that some servers let through.
const ENDS: [&str; 6] = ["<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end|>", "<|end_of_text|>", "<end_of_turn>"];

/// An answer without a token at its end that is no part of it.
pub(super) fn without_end(answer: &str) -> &str {
    let mut said = answer;
    while let Some(rest) = ENDS.iter().find_map(|end| said.trim_end().strip_suffix(end)) {
        said = rest;
    }
    said
}

/// Is it a blank that is none to a compiler?
const fn is_false_blank(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// `text` with plain blanks at the starts of its lines, unless `known` has others.
pub(super) fn with_plain_blanks<'a>(text: &'a str, known: &Text) -> Cow<'a, str> {
    if !text.contains(is_false_blank) || known.to_text().contains(is_false_blank) {
        return text.into();
    }
    let plain = |line: &str| {
        let code = line.trim_start();
        let lead = line.get(..line.len() - code.len()).unwrap_or_default(); // what trimming took is a prefix
        lead.replace(is_false_blank, " ") + code
    };
    text.split_inclusive('\n').map(plain).collect::<String>().into()
}

/// The old and the new lines of a text that is a diff without a head: each line marked, and those that stay or go lines of
/// `old`, which has no such marks of its own.
pub(super) fn marked_lines(text: &str, old: &str) -> Option<(Vec<String>, Vec<String>)> {
    let text = text.trim_matches('\n');
    let all: Vec<(char, &str)> = text.lines().map(|line| (line.chars().next().unwrap_or(' '), line)).collect();
    let changes = all.iter().any(|(mark, _)| matches!(mark, '+' | '-'));
    if !changes
        || !all.iter().all(|(mark, _)| matches!(mark, '+' | '-' | ' '))
        || old.lines().any(|line| line.starts_with(['+', '-']))
    {
        return None;
    }
    let side = |other: char| -> Vec<String> {
        let lines = all.iter().filter(|(mark, _)| *mark != other);
        lines.map(|(_, line)| line.get(1..).unwrap_or_default().to_owned()).collect()
    };
    let (before, after) = (side('+'), side('-'));
    let known: HashSet<&str> = old.lines().map(str::trim).filter(|line| line.len() > 2).collect();
    before.iter().any(|line| known.contains(line.trim())).then_some((before, after))
}

/// Whether a text has anything that [`check`] would look at.
pub(super) fn may_be(text: &str) -> bool {
    text.contains('&') || !text.is_ascii()
}

/// Finds what no answer means to put into a file that has nothing like it.
///
/// # Errors
/// [`Fault::Form`] names it.
pub(super) fn check(old: &str, new: &str, file: &str) -> Result<(), Fault> {
    let form = |what: String| Err(Fault::Form { what });
    if let Some(hidden) = new.chars().find(|c| is_hidden(*c) && !file.contains(*c)) {
        return form(format!("there is a character that can't be seen in it (U+{:04X})", u32::from(hidden)));
    }
    if is_escaped(new) && !is_escaped(old) && old.contains(['<', '>', '&']) {
        return form("it has `&lt;`, `&gt;` or `&amp;` in place of the signs themselves".to_owned());
    }
    Ok(())
}

/// Characters that reorder what is seen, or are not seen.
const fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Whether every `<`, `>` and `&` of a text is written as in HTML.
fn is_escaped(text: &str) -> bool {
    const ENTITIES: [&str; 5] = ["&lt;", "&gt;", "&amp;", "&quot;", "&#39;"];
    let mut signs = text.match_indices(['<', '>', '&']).peekable();
    let begins_one =
        |at: usize| text.get(at..).is_some_and(|rest| ENTITIES.iter().any(|entity| rest.starts_with(entity)));
    signs.peek().is_some() && signs.all(|(at, _)| begins_one(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_count_only_where_nothing_else_is_there() {
        assert!(is_escaped("if a &lt; b &amp;&amp; c {}"));
        assert!(!is_escaped("text.replace('<', \"&lt;\")") && !is_escaped("a + b"));
        assert_eq!(check("fn f() -> u8 { 1 }", "fn f() -> u8 { 2 }", ""), Ok(()));
    }

    #[test]
    fn a_list_is_no_diff() {
        assert_eq!(marked_lines("- one\n- two\n  more", "- one\n  more\n"), None);
        assert_eq!(marked_lines(" a();\n-b();", "c();\n"), None);
        let found = marked_lines(" keep();\n-old();\n+new();\n", "keep();\nold();\n");
        let lines = |all: [&str; 2]| all.map(str::to_owned).to_vec();
        assert_eq!(found, Some((lines(["keep();", "old();"]), lines(["keep();", "new();"]))));
    }
}
