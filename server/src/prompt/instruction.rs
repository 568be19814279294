//! Instructions in the code itself: a comment `whittle: …` in or right above the focus.

use crate::syntax::Language;
use crate::text::{Span, Text};

/// An instruction found in a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// What it asks for.
    pub ask: String,
    /// Where the comment's line stands, its line end not included.
    pub line: Span,
}

const MARK: &str = "whittle:";

/// The first instruction within `within`.
#[must_use]
pub fn find_instruction(text: &Text, language: Option<&Language>, within: Span) -> Option<Instruction> {
    (text.line_of(within.start)..=text.line_of(within.end)).find_map(|number| {
        let line = text.line_span(number);
        let ask = instruction(&text.slice(line), language)?;
        Some(Instruction { ask, line })
    })
}

/// `code` without the lines that are instructions.
#[must_use]
pub fn without_instructions(code: &str, language: Option<&Language>) -> String {
    code.split_inclusive('\n').filter(|line| instruction(line, language).is_none()).collect()
}

/// What a line asks for, if all of it is a comment that starts with the mark.
fn instruction(line: &str, language: Option<&Language>) -> Option<String> {
    let line = line.trim();
    let line_comment = language.map_or("#", |language| language.line_comment);
    let inner = if let Some(rest) = line.strip_prefix(line_comment) {
        rest.trim_start_matches(['/', '!', '#'])
    } else if let Some(rest) = line.strip_prefix("/*") {
        rest.trim_start_matches('*').strip_suffix("*/")?
    } else {
        return None;
    };
    let inner = inner.trim_end_matches("-->").trim_end_matches("*/").trim();
    let head = inner.get(..MARK.len())?;
    let ask = inner[MARK.len()..].trim(); // `head` took as many bytes
    (head.eq_ignore_ascii_case(MARK) && !ask.is_empty()).then(|| ask.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::by_name;

    #[test]
    fn comments_are_instructions_only_when_they_say_so() {
        let check = |language: &str, line: &str, ask: Option<&str>| {
            assert_eq!(instruction(line, by_name(language)).as_deref(), ask, "{line}");
        };
        check("rust", "    // whittle: use iterators", Some("use iterators"));
        check("rust", "/// Whittle:  faster\r", Some("faster"));
        check("typescript", "/* whittle: é */", Some("é"));
        check("css", "/* whittle: less red */", Some("less red"));
        check("markdown", "<!-- whittle: shorter -->", Some("shorter"));
        check("python", "# whittle: no recursion", Some("no recursion"));
        check("python", "x = 1  # whittle: no", None);
        check("rust", "// whittle:", None);
        check("rust", "// whittled: a", None);
        check("rust", "let a = \"// whittle: a\";", None);
    }

    #[test]
    fn instructions_are_left_out() {
        let code = "// whittle: a\nfn f() {\n    // whittle: b\n    // keep\n}\n";
        assert_eq!(without_instructions(code, by_name("rust")), "fn f() {\n    // keep\n}\n");
    }
}
