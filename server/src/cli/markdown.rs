//! Markdown lightly styled for a terminal. A piped text stays Markdown.

use super::output::{BOLD, CYAN, DIM, harmless, is_styled, paint};

/// `text` as standard output shows it best.
pub(super) fn shown(text: &str) -> String {
    if is_styled() { render(text) } else { text.to_owned() }
}

/// Headings and strong words bold, code in colour; their marks are left out.
fn render(text: &str) -> String {
    let mut out = String::new();
    let mut fence = None;
    for line in text.lines() {
        let trimmed = line.trim_start();
        let ticks = trimmed.len() - trimmed.trim_start_matches('`').len();
        if let Some(open) = fence {
            if ticks >= open && trimmed.trim_matches('`').trim().is_empty() {
                fence = None;
                continue;
            }
            out.push_str("    ");
            out.push_str(&paint(line, CYAN));
        } else if ticks >= 3 {
            fence = Some(ticks);
            continue;
        } else if let Some(heading) = heading(line) {
            out.push_str(&paint(&heading.replace(['`', '*'], ""), BOLD));
        } else if let Some(quote) = line.strip_prefix("> ") {
            out.push_str(&paint(quote, DIM));
        } else {
            spans(line, &mut out);
        }
        out.push('\n');
    }
    out
}

fn heading(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#');
    let depth = line.len() - rest.len();
    (1..=6).contains(&depth).then(|| rest.strip_prefix(' ')).flatten()
}

/// Styles `code` and **strong** words of a line; a mark without its partner is text.
fn spans(line: &str, out: &mut String) {
    let mut rest = line;
    while let Some(at) = rest.find(['`', '*']) {
        let (text, marked) = rest.split_at(at);
        out.push_str(&harmless(text));
        let strong = marked.starts_with("**");
        let mark = if strong { "**" } else { "`" };
        let inner = marked.strip_prefix(mark).and_then(|inner| inner.split_once(mark));
        match inner {
            Some((inner, after)) if !inner.is_empty() => {
                out.push_str(&paint(&inner.replace('`', ""), if strong { BOLD } else { CYAN }));
                rest = after;
            }
            _ => {
                let (mark, after) = marked.split_at(1); // '`' and '*' are one byte
                out.push_str(mark);
                rest = after;
            }
        }
    }
    out.push_str(&harmless(rest));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_styles() {
        let check = |text: &str, wanted: &str| assert_eq!(render(text), wanted);
        let (bold, cyan) = (|text| format!("{BOLD}{text}{BOLD:#}"), |text| format!("{CYAN}{text}{CYAN:#}"));
        check("## The `parse` function\n", &format!("{}\n", bold("The parse function")));
        check("a `b` **c** *d* 2 * 3", &format!("a {} {} *d* 2 * 3\n", cyan("b"), bold("c")));
        check("an odd ` and **", "an odd ` and **\n");
        check("```rust\nlet a = `b`;\n```\nend", &format!("    {}\nend\n", cyan("let a = `b`;")));
        check("\u{1b}]0;title\u{7}x", "]0;titlex\n");
    }
}
