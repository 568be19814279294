//! What a model was given, and what it may change of it.

use std::collections::HashSet;

use crate::context::{Context, Subject};
use crate::policy::Denied;
use crate::prompt::FOCUS_ID;
use crate::text::{Span, Text};

/// The files of a workspace, for answers that name some.
pub trait Files {
    /// The text of a file, relative to the workspace, as the user sees it; `None` when there is none.
    fn text(&self, path: &str) -> Option<Text>;

    /// Whether the policy lets a file be changed or made.
    ///
    /// # Errors
    /// Why not.
    fn may_change(&self, path: &str) -> Result<(), Denied>;
}

/// How far changes may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// The chunks with an id, and imports that their new text needs.
    Chunks,
    /// All that was shown: also lines of other chunks and files.
    Shown,
    /// That, and files may be made, renamed and deleted.
    Files,
}

/// What a change has to leave as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// All code: only comments and documentation may differ.
    Code,
    /// How others use the focus: its name, its signature, and those of what is public inside of it.
    Signature,
    /// The documentation and attributes above it, where the new text has none.
    Lead,
    /// Nothing but what lies outside of it.
    Nothing,
}

/// What a model was given.
pub struct Given<'a> {
    /// The focus, in its file.
    pub subject: &'a Subject,
    /// The chunks of the focus's file that may be changed, by id.
    pub chunks: Vec<(String, Span)>,
    /// The lines of files that were shown, from zero, by path.
    pub shown: Vec<(String, Vec<usize>)>,
    /// The other files.
    pub files: &'a dyn Files,
    /// How far changes may go.
    pub reach: Reach,
    /// What they leave as it was.
    pub keep: Keep,
    /// What the user asked for, in their own words; empty when in none.
    pub ask: &'a str,
}

impl<'a> Given<'a> {
    /// What the prompt made from a context gives: the focus as the chunk `c1`, and the excerpts.
    #[must_use]
    pub fn of(context: &'a Context, files: &'a dyn Files, reach: Reach, keep: Keep, ask: &'a str) -> Self {
        let subject = &context.subject;
        let mut shown: Vec<(String, Vec<usize>)> = Vec::new();
        if reach >= Reach::Shown {
            for excerpt in context.excerpts.iter().chain([&context.focus]) {
                let lines = excerpt.around.lines().iter().chain(excerpt.lines.lines());
                let lines = lines.filter_map(|line| Some(line.piece?.line));
                match shown.iter_mut().find(|(path, _)| *path == excerpt.path) {
                    Some((_, all)) => all.extend(lines),
                    None => shown.push((excerpt.path.clone(), lines.collect())),
                }
            }
        }
        Self { subject, chunks: vec![(FOCUS_ID.to_owned(), subject.chunk().span)], shown, files, reach, keep, ask }
    }

    /// Whether all of a file was shown, but for blank lines.
    pub(super) fn is_shown_whole(&self, path: &str, text: &Text) -> bool {
        let shown = self.shown.iter().filter(|(known, _)| known == path).flat_map(|(_, lines)| lines);
        let shown: HashSet<usize> = shown.copied().collect();
        let blank = |line: usize| text.slice(text.line_span(line)).trim().is_empty();
        !shown.is_empty() && (0..text.lines()).all(|line| shown.contains(&line) || blank(line))
    }

    /// Whether the ask names a file, by its path or by the name with its ending.
    pub(super) fn is_named(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let between = |c: char| c.is_whitespace() || "`'\"“”‘’()[]<>,;:!?".contains(c);
        let mut words = self.ask.split(between).map(|word| word.trim_start_matches("./").trim_end_matches('.'));
        words.any(|word| !word.is_empty() && (word == path || word == name))
    }
}
