//! Diagnostics: what a compiler, a type checker, a linter or a test says is wrong. In: what it said. Out: the words for a
//! title and for a model, and the names that it speaks of. Judges nothing.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::context::Subject;
use crate::policy::mask_secrets;
use crate::text::Span;

/// Most characters of a message that a title repeats.
const LONGEST_IN_TITLE: usize = 60;
/// Most bytes that a model is told of one diagnostic.
const LONGEST: usize = 4_000;

/// One complaint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Where, in the file of the focus; `None`: nobody said.
    pub span: Option<Span>,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong; its first line says it in short.
    pub message: String,
    /// What the tool calls such complaints, as `E0308`.
    pub code: Option<String>,
    /// The tool, as `rustc`.
    pub source: Option<String>,
    /// Places that have to do with it.
    pub related: Vec<Related>,
    /// All that the tool says of it, where that is known: then the message's longer form.
    pub text: Option<String>,
    /// The test that fails.
    pub test: Option<String>,
}

/// A place that has to do with a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The file, relative to the workspace.
    pub path: String,
    /// The line, from one.
    pub line: usize,
    /// What is to be said of it.
    pub message: String,
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It does not work.
    #[default]
    Error,
    /// It should not be so.
    Warning,
    /// To be known.
    Information,
    /// It could be better.
    Hint,
}

impl Severity {
    const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Information => "note",
            Self::Hint => "hint",
        }
    }
}

impl Diagnostic {
    /// One of which nothing but the message is known.
    #[must_use]
    pub fn of_message(message: &str) -> Self {
        Self {
            span: None,
            severity: Severity::Error,
            message: message.trim().to_owned(),
            code: None,
            source: None,
            related: Vec::new(),
            text: None,
            test: None,
        }
    }

    /// Its first line, short enough for a title.
    #[must_use]
    pub fn in_short(&self) -> String {
        let line = self.message.lines().next().unwrap_or_default().trim();
        let cut: String = line.chars().take(LONGEST_IN_TITLE).collect();
        if cut.len() < line.len() { format!("{}…", cut.trim_end()) } else { cut }
    }

    /// What a model is told of it: lines count from the first of the focus.
    fn for_model(&self, subject: &Subject) -> String {
        let mut out = self.severity.word().to_owned();
        out.extend(self.code.iter().map(|code| format!(" {code}")));
        out.extend(self.source.iter().map(|source| format!(" ({source})")));
        let (first, last) = subject.lines();
        if let Some(span) = self.span {
            let line = subject.line(span.start);
            let code = subject.text.slice(subject.text.line_span(line - 1)).trim().to_owned();
            let place = match (first..=last).contains(&line) {
                true => format!("line {} of the chunk", line - first + 1),
                false => format!("line {line} of the file"),
            };
            let _ = write!(out, ", {place}, `{code}`");
        }
        let said = self.text.as_ref().unwrap_or(&self.message);
        let end = (0..=LONGEST.min(said.len())).rev().find(|at| said.is_char_boundary(*at)).unwrap_or_default();
        let _ = write!(out, ":\n{}", indented(said.get(..end).unwrap_or_default()));
        for Related { path, line, message } in &self.related {
            let place = match *path == subject.path && (first..=last).contains(line) {
                true => format!("line {} of the chunk", line - first + 1),
                false => format!("{path}:{line}"),
            };
            let _ = write!(out, "\n{}", indented(&format!("{place}: {message}")));
        }
        mask_secrets(&out).0.into_owned()
    }
}

fn indented(text: &str) -> String {
    text.trim_end().lines().map(|line| format!("   {line}")).collect::<Vec<_>>().join("\n")
}

/// What a title says of some diagnostics: the message, or how many there are. Empty where there is none.
pub(super) fn in_short(diagnostics: &[Diagnostic]) -> String {
    match diagnostics {
        [] => String::new(),
        [only] => format!("“{}”", only.in_short()),
        several => format!("all {} problems", several.len()),
    }
}

/// What a model is told of them, numbered.
pub(super) fn for_model(diagnostics: &[Diagnostic], subject: &Subject) -> String {
    let mut out = String::new();
    for (number, diagnostic) in diagnostics.iter().enumerate() {
        let _ = writeln!(out, "\n{}. {}", number + 1, diagnostic.for_model(subject));
    }
    out
}

/// Names in what is said: those in quotes or backticks, and what can be nothing but a name.
#[must_use]
pub fn names(diagnostics: &[Diagnostic]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for diagnostic in diagnostics {
        let related = diagnostic.related.iter().map(|related| related.message.as_str());
        for said in [diagnostic.message.as_str()].into_iter().chain(related) {
            // what lies between the first quote and the second is quoted, and so on
            for (part, piece) in said.split(['`', '\'', '"', '‘', '’', '“', '”']).enumerate() {
                let words = piece.split(|c: char| !c.is_alphanumeric() && c != '_');
                let telling = |word: &&str| {
                    let begins = word.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_');
                    let inner = word.chars().skip(1).any(|c| c == '_' || c.is_uppercase());
                    begins && word.len() > 1 && (part % 2 == 1 || inner)
                };
                found.extend(words.filter(telling).map(str::to_owned));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_words() {
        let check = |message: &str, wanted: &[&str]| {
            let found = names(&[Diagnostic::of_message(message)]);
            assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), wanted, "{message}");
        };
        check("mismatched types\nexpected struct `Price`, found `Option<u32>`", &["Option", "Price", "u32"]);
        check("Property 'unitPrice' is missing in type 'Item'", &["Item", "unitPrice"]);
        check("undefined: parse_price, want (a b)", &["parse_price"]);
        check("it is not good", &[]);
    }

    #[test]
    fn titles_are_short() {
        let one = Diagnostic::of_message("mismatched types\nexpected `u32`");
        let long = Diagnostic::of_message(&"é".repeat(99));
        assert_eq!(in_short(std::slice::from_ref(&one)), "“mismatched types”");
        assert_eq!(long.in_short(), format!("{}…", "é".repeat(60)));
        assert_eq!(in_short(&[one, long]), "all 2 problems");
        assert_eq!(in_short(&[]), "");
    }
}
