//! What a model needs to know of a focus. In: a focus and an index. Out: a [`Context`] within a budget of tokens.

pub(crate) mod tests_place;

pub use tests_place::{Insert, NoPlace, ProjectFacts, ProjectFiles, TestEdit, TestFramework, TestPlace, insert, place};

use std::sync::Arc;

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

    /// The line, from one, of a byte of the file.
    #[must_use]
    pub fn line(&self, at: usize) -> usize {
        self.text.line_of(at) + 1
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

/// The focus plus what the workspace knows about it.
#[derive(Clone, Debug)]
pub struct Context {
    /// The focus.
    pub subject: Subject,
    /// Where the focus is called, outside tests first.
    pub uses: Vec<Use>,
    /// What the focus refers to.
    pub definitions: Vec<Definition>,
}
