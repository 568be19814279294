//! What a context holds and why, for people. In: a [`Context`], and for the page the index. Out: rows and figures, which
//! the command line prints, Markdown, or one HTML page. Chooses nothing: all of that happened before.

mod draw;
mod html;
mod map;
mod markdown;
mod treemap;

use std::collections::BTreeSet;

use super::types::{Context, Dropped, Excerpt, Level};
use crate::chunks::ChunkKind;

/// The receipt of a context.
#[derive(Debug)]
pub struct Receipt<'context> {
    /// What it is about.
    pub context: &'context Context,
    /// The focus, then the excerpts by rank.
    pub rows: Vec<Row<'context>>,
    /// Number of files that they come from.
    pub files: usize,
}

/// A piece of the context.
#[derive(Clone, Copy, Debug)]
pub struct Row<'context> {
    /// Its rank, from one; 0: the focus.
    pub rank: usize,
    /// The piece.
    pub excerpt: &'context Excerpt,
}

impl Row<'_> {
    /// How it is called: by its path of names, else by what it is.
    #[must_use]
    pub fn name(&self) -> &str {
        let Excerpt { name, kind, path, .. } = self.excerpt;
        match (name.is_empty(), kind) {
            (false, _) => name,
            (true, ChunkKind::File) => path.rsplit('/').next().unwrap_or(path),
            (true, _) => kind.word(),
        }
    }

    /// `FILE:LINE`.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}", self.excerpt.path, self.excerpt.line)
    }
}

impl Context {
    /// Its receipt.
    #[must_use]
    pub fn receipt(&self) -> Receipt<'_> {
        let pieces = std::iter::once(&self.focus).chain(&self.excerpts);
        let rows: Vec<Row<'_>> = pieces.enumerate().map(|(rank, excerpt)| Row { rank, excerpt }).collect();
        let files = rows.iter().map(|row| &row.excerpt.path).collect::<BTreeSet<_>>().len();
        Receipt { context: self, rows, files }
    }
}

impl Receipt<'_> {
    /// Share of the whole files' tokens that the context does without, in percent, rounded down; 0 when it has as many.
    #[must_use]
    pub fn saved(&self) -> usize {
        100usize.saturating_sub((100 * self.context.tokens).div_ceil(self.context.whole_files.max(1)))
    }

    /// The context's share of its budget, in percent, rounded up.
    #[must_use]
    pub fn filled(&self) -> usize {
        (100 * self.context.tokens).div_ceil(self.context.budget.max(1))
    }

    /// What it spares, in words, as the end of a sentence or a line of its own.
    #[must_use]
    pub fn comparison(&self) -> String {
        let whole = self.context.whole_files;
        let files = match self.files {
            1 => "the file that it comes from has".to_owned(),
            files => format!("the {files} files that it comes from have"),
        };
        match self.saved() {
            0 => format!("{files} {whole}"),
            saved => format!("{files} {whole}: {saved} % saved"),
        }
    }

    /// What did not fit and would come next, as much of it as people read, and how many more there are.
    #[must_use]
    pub fn next(&self) -> (&[Dropped], usize) {
        let dropped = &self.context.dropped;
        let (next, more) = dropped.split_at(dropped.len().min(MOST_DROPPED));
        (next, more.len())
    }

    /// What a reader has to know of the index, if anything.
    #[must_use]
    pub const fn warning(&self) -> Option<&'static str> {
        match self.context.partial_index {
            true => Some("the index was still being built: more of the workspace may matter"),
            false => None,
        }
    }
}

/// Pieces that did not fit which are listed.
const MOST_DROPPED: usize = 20;
/// All levels, the fullest first.
const LEVELS: [Level; 5] = [Level::Full, Level::Folded, Level::Header, Level::Signature, Level::Name];

#[cfg(test)]
mod tests;
