//! Reads what a model answered. In: an answer's text. Out: the changes that it asks for, as they are written, in whichever
//! of the known forms they are. Never looks at the files: whether a change fits is another's matter.

mod diff;
mod json;
mod marked;
mod patch;
mod whole;

use std::borrow::Cow;

use super::fault::Fault;
use crate::syntax::Language;

/// A change that an answer asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// New text for the chunk with an id.
    Chunk {
        /// The id.
        id: String,
        /// Its new text.
        text: String,
    },
    /// Other lines instead of some.
    Hunk(Hunk),
    /// The new text of a file, or where no path is given, of what was asked about.
    Whole {
        /// The file.
        path: Option<String>,
        /// Its new text.
        text: String,
        /// How it was told apart from what stands around it.
        bounds: Bounds,
    },
    /// A file that is to be made.
    Create {
        /// The file.
        path: String,
        /// Its text.
        text: String,
    },
    /// A file that is to go.
    Delete {
        /// The file.
        path: String,
    },
    /// A file that is to move.
    Rename {
        /// The file.
        path: String,
        /// Where to.
        to: String,
    },
}

/// How the text of a file or chunk was marked off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bounds {
    /// By a fence of so many backticks.
    Fence(usize),
    /// By the ends of a string.
    Quoted,
    /// Not at all: the whole answer is the text.
    None,
}

/// Lines to be replaced, and by what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hunk {
    /// The file, if it is named.
    pub(super) path: Option<String>,
    /// The chunk in which it lies, if it is named.
    pub(super) id: Option<String>,
    /// The lines that are there.
    pub(super) before: Vec<String>,
    /// The lines that are to be there.
    pub(super) after: Vec<String>,
    /// Lines above it, from the outside in, that tell where it is.
    pub(super) anchors: Vec<String>,
    /// First line, from one, where the answer says so in a form that knows lines.
    pub(super) line: Option<usize>,
    /// First line, from one, that the head of a diff tells: not believed, but it may speak against a place.
    pub(super) head: Option<usize>,
    /// It may begin and end within a line.
    pub(super) within_line: bool,
}

impl Hunk {
    /// True when it says nothing of what is there now.
    pub(super) fn is_blind(&self) -> bool {
        self.before.iter().all(|line| line.trim().is_empty())
    }
}

/// The changes of an answer, in its order; never none.
///
/// # Errors
/// [`Fault::CutOff`] when something that was begun is not ended, [`Fault::Form`] when it can be read in two ways, and
/// [`Fault::NoEdit`].
pub(super) fn read(answer: &str, language: Option<&Language>) -> Result<Vec<Change>, Fault> {
    let plain = answer.trim_start_matches('\u{feff}');
    let plain = if plain.contains('\r') { Cow::Owned(plain.replace("\r\n", "\n")) } else { plain.into() };
    let said = without_thoughts(&plain)?;
    for form in [marked::read, patch::read, diff::read, json::read] {
        if let Some(changes) = form(said)?.filter(|changes| !changes.is_empty()) {
            return Ok(changes);
        }
    }
    let changes = whole::read(said, language)?;
    if changes.is_empty() {
        return Err(Fault::NoEdit { said: super::fault::beginning(said) });
    }
    Ok(changes)
}

/// The answer without the thoughts that some models write before it.
fn without_thoughts(answer: &str) -> Result<&str, Fault> {
    let start = answer.trim_start();
    for (open, close) in [("<think>", "</think>"), ("<thinking>", "</thinking>")] {
        if let Some(rest) = start.strip_prefix(open) {
            let cut = || Fault::CutOff { what: format!("`{open}` is never closed") };
            return rest.split_once(close).map(|(_, said)| said).ok_or_else(cut);
        }
    }
    Ok(answer)
}

/// A fence of Markdown: how many backticks, and what stands behind them.
pub(super) fn fence(line: &str) -> Option<(usize, &str)> {
    let line = line.trim();
    let ticks = line.bytes().take_while(|byte| *byte == b'`').count();
    let info = line.get(ticks..)?.trim();
    (ticks >= 3 && !info.contains('`')).then_some((ticks, info))
}

/// Whether a fence is of commands to run or of what they print: text that a sentence shows, no file's.
fn is_terminal(info: &str) -> bool {
    ["sh", "bash", "shell", "console", "terminal", "output"].contains(&info.to_ascii_lowercase().as_str())
}

/// The lines of a text, a last line end not counted.
pub(super) fn lines(text: &str) -> Vec<String> {
    text.strip_suffix('\n').unwrap_or(text).split('\n').map(str::to_owned).collect()
}

/// The path that a line of its own names, in whichever dress: `a/b.rs`, `**a/b.rs**`, `### File: a/b.rs`, `// a/b.rs:`.
pub(super) fn path_line(line: &str) -> Option<&str> {
    let line = line.trim().trim_start_matches(['#', '/', '*', '-', '>', ' ']);
    let lower = line.to_ascii_lowercase();
    let words = ["filename:", "file path:", "filepath:", "path:", "file:", "update file:", "in ", "file "];
    let skip = words.iter().find(|word| lower.starts_with(**word)).map_or(0, |word| word.len());
    let bare = line.get(skip..)?.trim().trim_end_matches(':').trim_matches(['*', '`', '"', '\'', ' ']);
    is_path(bare).then_some(bare)
}

/// Whether a word looks like the path of a file.
fn is_path(word: &str) -> bool {
    let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
    let known = ["Makefile", "Dockerfile", "Gemfile", "Rakefile"].contains(&name);
    let dotted = name.rsplit_once('.').is_some_and(|(_, ending)| {
        (1..=8).contains(&ending.len()) && ending.chars().all(|c| c.is_ascii_alphanumeric())
    });
    let shape = !word.contains(['(', ')', '{', '}', ';', ',', '=', '<', '>', '|', '`', '"', '\n'])
        && !word.contains("  ")
        && !word.split(' ').any(|part| part.ends_with('.') || part.ends_with(':'))
        && word.len() < 300;
    shape && (known || dotted) && (!word.contains(' ') || word.contains('/'))
}

/// A path without the `a/` or `b/` that git puts before it, a time after it, and quotes.
fn diff_path(path: &str) -> Option<String> {
    let path = path.split('\t').next().unwrap_or_default().trim().trim_matches('"');
    let path = path.strip_prefix("a/").or_else(|| path.strip_prefix("b/")).unwrap_or(path);
    (path != "/dev/null" && !path.is_empty()).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_on_a_line() {
        for line in ["a/b.rs", "**a/b.rs**", "### a/b.rs", "File: `a/b.rs`", "// a/b.rs", "# a/b.rs:", "> a/b.rs"] {
            assert_eq!(path_line(line), Some("a/b.rs"), "{line}");
        }
        for line in ["Here is the code:", "foo.bar()", "e.g.", "see the file below.", "", "x = 1.5", "...", "}"] {
            assert_eq!(path_line(line), None, "{line}");
        }
    }

    #[test]
    fn thoughts_do_not_count() {
        assert_eq!(without_thoughts("\n<think>\n<replace id=\"c1\">\n</think>\nHi"), Ok("\nHi"));
        assert!(matches!(without_thoughts("<think>\nHm"), Err(Fault::CutOff { .. })));
    }
}
