//! Proposals: edits that were worked out from an answer and checked.

use std::fmt;

use crate::text::{Edit, Text};

/// Edits of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEdit {
    /// The file, relative to the workspace.
    pub path: String,
    /// What becomes of the file itself.
    pub change: FileChange,
    /// The text that the edits speak of; empty for a new file.
    pub base: Text,
    /// What changes; for a new file one insertion at its start.
    pub edits: Vec<Edit>,
}

/// What becomes of a file besides its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// It stays.
    Edit,
    /// It is made; there is none so far.
    Create,
    /// It goes; `base` is the text that is lost, and there are no edits.
    Delete,
    /// It moves, and has the edits there.
    Rename {
        /// Where to, relative to the workspace.
        to: String,
    },
}

/// The step of the ladder that found where a change belongs, from the surest to the least sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The answer named the chunk by its id.
    Id,
    /// The answer was the new text of all that may be changed.
    Whole,
    /// The old text is there to the letter.
    Exact,
    /// It is there but for blanks at the ends of lines, line ends, and tabs for spaces.
    Whitespace,
    /// It is there, indented otherwise as a whole.
    Indentation,
    /// Its lines are almost there, and nowhere else.
    Alignment {
        /// How much of it is there.
        percent: u8,
    },
    /// The definition of that name has the same tree.
    Tree,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id => f.write_str("by its id"),
            Self::Whole => f.write_str("as a whole"),
            Self::Exact => f.write_str("exact"),
            Self::Whitespace => f.write_str("but for blanks"),
            Self::Indentation => f.write_str("but for indentation"),
            Self::Alignment { percent } => write!(f, "{percent} % alike"),
            Self::Tree => f.write_str("by its tree"),
        }
    }
}

/// Where a change of an answer went, and how that was found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Placed {
    /// The file.
    pub path: String,
    /// The first line of the old text that it replaces, from one.
    pub line: usize,
    /// The step that found the place.
    pub step: Step,
}

/// What an answer comes to: see [`read`](super::read()).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The files that it changes; never empty, and none of them without a change.
    pub files: Vec<FileEdit>,
    /// Where its changes went, in the order of the answer.
    pub placed: Vec<Placed>,
}

/// Something that was proved of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It has no new syntax errors.
    Parses,
    /// What a verify command showed, as `compiles` or `14 tests pass`; holds for exactly the texts that were verified.
    Verified(String),
    /// What a verify command will show and has not yet, as `not compiled yet`.
    NotYet(String),
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parses => f.write_str("parses"),
            Self::Verified(claim) | Self::NotYet(claim) => f.write_str(claim),
        }
    }
}

/// An answer turned into edits and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// What it does, for titles and messages.
    pub title: String,
    /// The files it changes; never empty, and none of them without a change.
    pub files: Vec<FileEdit>,
    /// What was proved of it, and what is not known yet.
    pub proved: Vec<Proof>,
    /// Where the answer's changes went; empty for what was not placed but made for its place.
    pub placed: Vec<Placed>,
}

impl Proposal {
    /// What the user is told where a place was found by likeness only: the least likely one.
    #[must_use]
    pub fn alike(&self) -> Option<String> {
        let alike = self.placed.iter().filter_map(|placed| match placed.step {
            Step::Alignment { percent } => Some((percent, placed.line)),
            _ => None,
        });
        alike.min().map(|(percent, line)| format!("placed by lines {percent} % alike (line {line})"))
    }
}
