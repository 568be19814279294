//! What an entry of the journal holds.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::edits::FileChange;
use crate::text::{Edit, Span, Text, apply_edits};

/// The number of an entry, as users see it: job 12 of `whittle undo 12`. Counts up in each workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct EntryId(pub i64);

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for EntryId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_prefix("job").unwrap_or(text).trim();
        let id = number.parse().ok().filter(|id| *id > 0);
        id.map(Self).ok_or_else(|| "it is no number of a job: `whittle log` lists them".to_owned())
    }
}

/// How far an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is being applied, for the first time or once more.
    Applying,
    /// Its files have it.
    Applied,
    /// Some of its files have it: an editor's server ended in the middle.
    Partly,
    /// It was not applied; the files are as they were.
    Failed,
    /// It is being taken back.
    Undoing,
    /// It was taken back.
    Undone,
}

impl State {
    /// Its name in the database, in JSON and in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Applying => "applying",
            Self::Applied => "applied",
            Self::Partly => "partly",
            Self::Failed => "failed",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
        }
    }

    /// The same in a sentence.
    #[must_use]
    pub const fn words(self) -> &'static str {
        if matches!(self, Self::Partly) { "partly applied" } else { self.name() }
    }

    /// Whether there is something to take back.
    #[must_use]
    pub const fn is_undoable(self) -> bool {
        matches!(self, Self::Applied | Self::Partly)
    }

    pub(super) fn of_name(name: &str) -> Option<Self> {
        [Self::Applying, Self::Applied, Self::Partly, Self::Failed, Self::Undoing, Self::Undone]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// Who changes the files of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Writer {
    /// Whittle itself, on the disk.
    Disk,
    /// An editor, in its buffers; the files follow when the user saves them.
    Editor,
}

/// A part of a file that an entry changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hunk {
    /// Where its old text lies in the text before.
    pub before: Span,
    /// Where its new text lies in the text after.
    pub after: Span,
}

/// What an entry does to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRecord {
    /// The file, relative to the workspace, as it is called before.
    pub path: String,
    /// What becomes of the file itself.
    pub change: FileChange,
    /// The whole text before; empty for a file that is made.
    pub before: String,
    /// The whole text after; empty for a file that goes.
    pub after: String,
    /// What differs between the two, in order; never empty for a file that stays.
    pub hunks: Vec<Hunk>,
    /// The permissions of a file that goes, as [`mode_of`](super::mode_of) tells them.
    pub mode: Option<u32>,
}

impl FileRecord {
    /// What `edits` of `base`, which do not overlap, make of a file.
    #[must_use]
    pub fn new(path: impl Into<String>, change: FileChange, base: &Text, edits: &[Edit]) -> Self {
        let mut order: Vec<&Edit> = edits.iter().collect();
        order.sort_by_key(|edit| edit.span);
        let (mut came, mut went) = (0, 0);
        let hunks = order.into_iter().map(|edit| {
            let start = edit.span.start + came - went;
            (came, went) = (came + edit.text.len(), went + edit.span.len());
            Hunk { before: edit.span, after: Span::new(start, start + edit.text.len()) }
        });
        let (hunks, before) = (hunks.collect(), base.to_text());
        let after = if change == FileChange::Delete { String::new() } else { apply_edits(base, edits).to_text() };
        Self { path: path.into(), change, before, after, hunks, mode: None }
    }

    /// The file's path afterwards; before, for one that goes.
    #[must_use]
    pub fn path_after(&self) -> &str {
        match &self.change {
            FileChange::Rename { to } => to,
            FileChange::Edit | FileChange::Create | FileChange::Delete => &self.path,
        }
    }

    /// The record the other way round: what takes it back.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let change = match &self.change {
            FileChange::Edit => FileChange::Edit,
            FileChange::Create => FileChange::Delete,
            FileChange::Delete => FileChange::Create,
            FileChange::Rename { .. } => FileChange::Rename { to: self.path.clone() },
        };
        let turned = |hunk: &Hunk| Hunk { before: hunk.after, after: hunk.before };
        Self {
            path: self.path_after().to_owned(),
            change,
            before: self.after.clone(),
            after: self.before.clone(),
            hunks: self.hunks.iter().map(turned).collect(),
            mode: self.mode,
        }
    }

    /// Lines that come and lines that go.
    #[must_use]
    pub fn lines(&self) -> (usize, usize) {
        let old: Vec<&str> = self.before.split_inclusive('\n').collect();
        let new: Vec<&str> = self.after.split_inclusive('\n').collect();
        let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
        ops.iter()
            .filter(|op| !matches!(op, DiffOp::Equal { .. }))
            .fold((0, 0), |(added, removed), op| (added + op.new_range().len(), removed + op.old_range().len()))
    }
}

/// An entry to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// The operation's name.
    pub operation: String,
    /// What it does, for people.
    pub title: String,
    /// Who answered.
    pub model: String,
    /// What was proved of it, each in words.
    pub proved: Vec<String>,
    /// Who changes the files.
    pub writer: Writer,
    /// The files; each path once.
    pub files: Vec<FileRecord>,
}

/// An entry without its texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Its number.
    pub id: EntryId,
    /// When it began, in seconds since 1970.
    pub time: i64,
    /// The operation's name.
    pub operation: String,
    /// What it does, for people.
    pub title: String,
    /// Who answered.
    pub model: String,
    /// What was proved of it, each in words.
    pub proved: Vec<String>,
    /// Who changes the files.
    pub writer: Writer,
    /// How far it is.
    pub state: State,
    /// Its files.
    pub files: Vec<FileSummary>,
}

/// A file of an entry, without its texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileSummary {
    /// The file, relative to the workspace, as it is called before.
    pub path: String,
    /// What becomes of it: `edit`, `create`, `delete` or `rename`.
    pub change: &'static str,
    /// Its new path, where it moves.
    pub to: Option<String>,
    /// Lines that come.
    pub added: usize,
    /// Lines that go.
    pub removed: usize,
}

/// An entry with its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// All but the texts.
    pub summary: Summary,
    /// What it does to each file.
    pub files: Vec<FileRecord>,
}
