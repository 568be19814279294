//! What the index keeps of one file.

use std::sync::Arc;

use crate::chunks::{ChunkId, Chunks, Reference, ReferenceKind, references};
use crate::syntax::{Language, Tree};
use crate::text::{Span, Text};

/// Chunks and references of one file as it stood when it was read.
#[derive(Clone, Debug)]
pub struct FileFacts {
    /// The file's chunks.
    pub chunks: Arc<Chunks>,
    /// Number of its lines, as an editor counts them.
    pub lines: usize,
    /// Every use of a name, in the order of the file; names that are being defined are left out.
    pub(super) uses: Vec<FileUse>,
}

/// A use of a name, without its text.
#[derive(Clone, Debug)]
pub(super) struct FileUse {
    pub name: Arc<str>,
    pub kind: ReferenceKind,
    pub at: usize,
}

impl FileFacts {
    /// Reads a text of a language with a grammar; `None` when it can't be parsed.
    #[must_use]
    pub fn read(text: &Text, language: &'static Language) -> Option<Self> {
        let tree = Tree::parse(text, language, None, None)?;
        let chunks = Arc::new(Chunks::cut(text, Some(&tree)));
        Some(Self::of_parsed(text, &tree, chunks))
    }

    /// From a text that was parsed and cut already.
    #[must_use]
    pub fn of_parsed(text: &Text, tree: &Tree, chunks: Arc<Chunks>) -> Self {
        let defined: std::collections::HashSet<Span> = chunks.definitions().map(|(_, chunk)| chunk.name_span).collect();
        let uses = references(tree, text, Span::new(0, text.len()))
            .into_iter()
            .filter(|reference| !defined.contains(&reference.span))
            .map(|Reference { name, kind, span, .. }| FileUse { name: name.into(), kind, at: span.start })
            .collect();
        Self { chunks, lines: text.lines(), uses }
    }

    /// Number of places that use a name.
    #[must_use]
    pub fn use_count(&self) -> usize {
        self.uses.len()
    }

    /// The chunk that a byte of the file lies in.
    #[must_use]
    pub fn chunk_at(&self, at: usize) -> ChunkId {
        self.chunks.focus_at(Span::new(at, at))
    }
}
