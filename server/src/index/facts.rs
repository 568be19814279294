//! What the index keeps of one file.

use std::collections::HashSet;
use std::sync::Arc;

use crate::chunks::{ChunkId, Chunks, Import, Reference, ReferenceKind, Symbols, imports, references};
use crate::syntax::{Language, Tree};
use crate::text::{Span, Text};

/// Chunks, symbols, imports and mentioned names of one file as it stood when it was read.
#[derive(Clone, Debug)]
pub struct FileFacts {
    /// The file's chunks.
    pub chunks: Arc<Chunks>,
    /// Fields, variants, written types and bases.
    pub symbols: Symbols,
    /// What it takes from other files or passes on.
    pub imports: Vec<Import>,
    /// Number of its lines, as an editor counts them.
    pub lines: usize,
    /// Every word of the file that could be a name, once, sorted. Comments and strings count as well: who asks where a
    /// name is used looks at the text.
    pub mentions: Vec<Arc<str>>,
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
        let defined: HashSet<Span> = chunks.definitions().map(|(_, chunk)| chunk.name_span).collect();
        let uses = references(tree, text, Span::new(0, text.len()))
            .into_iter()
            .filter(|reference| !defined.contains(&reference.span))
            .map(|Reference { name, kind, span, .. }| FileUse { name: name.into(), kind, at: span.start })
            .collect();
        let symbols = Symbols::read(tree, text, &chunks);
        let imports = imports(tree, text);
        Self { symbols, imports, lines: text.lines(), mentions: words(&text.to_text()), chunks, uses }
    }

    /// Number of places that use a name.
    #[must_use]
    pub fn use_count(&self) -> usize {
        self.uses.len()
    }

    /// The uses of names within a span: name, kind, byte; in the order of the file.
    pub fn uses_in(&self, span: Span) -> impl Iterator<Item = (&Arc<str>, ReferenceKind, usize)> {
        let first = self.uses.partition_point(|one| one.at < span.start);
        let within = self.uses.get(first..).unwrap_or_default().iter().take_while(move |one| one.at < span.end);
        within.map(|one| (&one.name, one.kind, one.at))
    }

    /// The chunk that a byte of the file lies in.
    #[must_use]
    pub fn chunk_at(&self, at: usize) -> ChunkId {
        self.chunks.focus_at(Span::new(at, at))
    }
}

/// The distinct words of a text that could be names, sorted.
fn words(text: &str) -> Vec<Arc<str>> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let words: HashSet<&str> =
        text.split(|c| !is_word(c)).filter(|word| !word.is_empty() && !word.starts_with(char::is_numeric)).collect();
    let mut words: Vec<Arc<str>> = words.into_iter().map(Into::into).collect();
    words.sort();
    words
}
