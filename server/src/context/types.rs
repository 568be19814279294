//! The data of a context.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::projection::Projection;
use crate::chunks::{Chunk, ChunkId, ChunkKind, Chunks};
use crate::syntax::{Language, Tree};
use crate::text::{Span, Text};

/// The focus with the file that it stands in.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The file's path, relative to the workspace, with `/`.
    pub path: String,
    /// The file's language, if it has a grammar here.
    pub language: Option<&'static Language>,
    /// The file's text.
    pub text: Text,
    /// Its tree; `None` without a grammar.
    pub tree: Option<Tree>,
    /// Its chunks.
    pub chunks: Arc<Chunks>,
    /// The chunk that the user asked about.
    pub focus: ChunkId,
    /// The cursor or selection within it.
    pub selection: Span,
}

impl Subject {
    /// The focus as a chunk.
    #[must_use]
    pub fn chunk(&self) -> &Chunk {
        self.chunks.get(self.focus)
    }

    /// How messages name the focus: its name, `impl Trait for Type`, its lines, or the file's name.
    #[must_use]
    pub fn label(&self) -> String {
        if self.chunk().kind == ChunkKind::File {
            return self.path.rsplit('/').next().unwrap_or(&self.path).to_owned();
        }
        self.chunks.label(self.focus, &self.text)
    }

    /// First and last line, from one, of the selection, where it is a part of the focus and not a cursor.
    #[must_use]
    pub fn selected_lines(&self) -> Option<(usize, usize)> {
        let focus = self.chunk();
        let text = self.text.slice(self.selection);
        let part = text.trim().chars().nth(1).is_some() && !self.selection.contains(focus.item);
        part.then(|| (self.line(self.selection.start), self.line(self.selection.start + text.trim_end().len())))
    }

    /// How an explanation's title names what it explains: the focus, or the selected lines of it.
    #[must_use]
    pub fn selection_label(&self) -> String {
        match self.selected_lines() {
            None => format!("`{}`", self.label()),
            Some((first, last)) if first == last => format!("line {first} of `{}`", self.label()),
            Some((first, last)) => format!("lines {first}–{last} of `{}`", self.label()),
        }
    }

    /// The line, from one, of a byte of the file.
    #[must_use]
    pub fn line(&self, at: usize) -> usize {
        self.text.line_of(at) + 1
    }

    /// First and last line, from one, of the focus.
    #[must_use]
    pub fn lines(&self) -> (usize, usize) {
        let span = self.chunk().span;
        (self.line(span.start), self.line(span.end.max(span.start + 1) - 1))
    }
}

/// A place where a name of the workspace is used.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Use {
    /// File, relative to the workspace.
    pub path: String,
    /// Line, from one.
    pub line: usize,
    /// The line's text without blanks around it.
    pub text: String,
    /// Path of names of the chunk that it stands in; empty outside of any.
    pub within: String,
    /// It stands in a test.
    pub test: bool,
}

/// A definition of the workspace that the focus refers to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Definition {
    /// File, relative to the workspace.
    pub path: String,
    /// Line of its name, from one.
    pub line: usize,
    /// What it is.
    pub kind: ChunkKind,
    /// Path of names, as `module::Type::method`.
    pub name: String,
    /// Its signature on one line.
    pub signature: String,
    /// Line of the focus's file, from one, on which the focus first refers to it.
    pub used_at: usize,
}

/// How much of a chunk is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Its name.
    Name,
    /// Its signature.
    Signature,
    /// Documentation, attributes and signature.
    Header,
    /// Parts of it, with what lies between left out.
    Folded,
    /// All of it.
    Full,
}

impl Level {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Signature => "signature",
            Self::Header => "header",
            Self::Folded => "folded",
            Self::Full => "full",
        }
    }
}

/// A piece of a context.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Excerpt {
    /// File, relative to the workspace.
    pub path: String,
    /// Path of names of the chunk.
    pub name: String,
    /// What it is.
    pub kind: ChunkKind,
    /// How much of it is shown.
    pub level: Level,
    /// Line of the file, from one, on which the chunk starts.
    pub line: usize,
    /// The text that is shown.
    pub text: String,
    /// Tokens that it costs, headers of what encloses it included.
    pub tokens: usize,
    /// Why it is here.
    pub reason: String,
    /// Where each line of `text` stands in the file.
    #[serde(skip)]
    pub lines: Projection,
    /// The first lines of the chunks around it, from the outside in.
    #[serde(skip)]
    pub around: Projection,
}

/// What did not fit.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Dropped {
    /// File, relative to the workspace.
    pub path: String,
    /// Path of names of the chunk.
    pub name: String,
    /// Why it would have been here.
    pub reason: String,
    /// Tokens that it would have cost at its lowest level.
    pub tokens: usize,
}

/// The focus plus excerpts within a budget, and what the workspace knows about the focus.
#[derive(Clone, Debug)]
pub struct Context {
    /// The focus.
    pub subject: Subject,
    /// The focus as it is shown, its enclosing headers before it.
    pub focus: Excerpt,
    /// Where the focus is called, outside tests first.
    pub uses: Vec<Use>,
    /// What the focus refers to.
    pub definitions: Vec<Definition>,
    /// Pieces of other chunks, by rank; all within the budget.
    pub excerpts: Vec<Excerpt>,
    /// What did not fit, by rank.
    pub dropped: Vec<Dropped>,
    /// What was kept out or blotted out on purpose, in words.
    pub held_back: Vec<String>,
    /// The limit, in tokens.
    pub budget: usize,
    /// Tokens of what [`Context::render`] gives.
    pub tokens: usize,
    /// Tokens of the whole files that the excerpts and the focus come from, for comparison.
    pub whole_files: usize,
    /// The index had not read the whole workspace yet.
    pub partial_index: bool,
}

impl Context {
    /// A context of nothing but the focus, for tests of what works from one.
    #[cfg(test)]
    pub(crate) fn bare(subject: Subject) -> Self {
        struct Nothing;
        impl super::Texts for Nothing {
            fn text(&self, _: &str) -> Option<Text> {
                None
            }
        }
        let index = crate::index::Index::default();
        super::gather(subject, &index, &Nothing, usize::MAX / 200, super::FocusRule::MayFold).unwrap()
    }

    /// The excerpts, by file and place, then the focus; each file's path stands on a line before its code.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = self.render_excerpts();
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&self.render_focus());
        out
    }

    /// The focus with its path and what encloses it.
    #[must_use]
    pub fn render_focus(&self) -> String {
        render_focus(&self.focus)
    }

    /// The excerpts without the focus: the part that stays the same while the user edits the focus.
    #[must_use]
    pub fn render_excerpts(&self) -> String {
        render_excerpts(&self.excerpts)
    }
}

pub(super) fn render_focus(focus: &Excerpt) -> String {
    let mut out = format!("{}:{}\n", focus.path, focus.line);
    for line in focus.around.lines() {
        out.push_str(&line.text);
        out.push('\n');
    }
    out.push_str(&focus.text);
    if !focus.text.ends_with('\n') {
        out.push('\n');
    }
    out
}

/// What is shown of one file: lines by their numbers, and marks by the line that they stand behind.
#[derive(Default)]
struct Sheet<'a> {
    lines: BTreeMap<usize, &'a str>,
    marks: BTreeMap<usize, &'a str>,
}

impl<'a> Sheet<'a> {
    fn add(&mut self, shown: &'a Projection) {
        let mut before = None;
        for line in shown.lines() {
            match (line.piece, before) {
                (Some(piece), _) => {
                    let text = self.lines.entry(piece.line).or_insert(&line.text);
                    if line.text.len() > text.len() {
                        *text = &line.text;
                    }
                    before = Some(piece.line);
                }
                (None, Some(before)) => _ = self.marks.insert(before, &line.text),
                (None, None) => {}
            }
        }
    }
}

/// The excerpts by path and line; what several of them show is shown once.
fn render_excerpts(excerpts: &[Excerpt]) -> String {
    let mut sheets: BTreeMap<&str, Sheet<'_>> = BTreeMap::new();
    for excerpt in excerpts {
        let sheet = sheets.entry(&excerpt.path).or_default();
        sheet.add(&excerpt.around);
        sheet.add(&excerpt.lines);
    }
    let mut out = String::new();
    for (path, sheet) in sheets {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(path);
        out.push('\n');
        for (line, text) in &sheet.lines {
            let mark = sheet.marks.get(line).filter(|_| !sheet.lines.contains_key(&(line + 1)));
            for text in std::iter::once(text).chain(mark) {
                out.push_str(text);
                out.push('\n');
            }
        }
    }
    out
}
