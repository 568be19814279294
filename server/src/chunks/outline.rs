//! What the index keeps of a file, read in one walk over its tree.

use super::build::Items;
use super::imports::ImportMatches;
use super::symbols::SymbolMatches;
use super::{Chunks, Import, Symbols};
use crate::syntax::{QueryKind, Tree, outline_captures};
use crate::text::Source;

/// Chunks, symbols and imports of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The file cut along its tree.
    pub chunks: Chunks,
    /// Fields, variants, written types and bases.
    pub symbols: Symbols,
    /// What it takes from other files or passes on, in the order of the file.
    pub imports: Vec<Import>,
}

impl Outline {
    /// Reads it from a parsed text.
    #[must_use]
    pub fn read(tree: &Tree, text: &dyn Source) -> Self {
        let (mut items, mut symbols, mut imports) =
            (Items::default(), SymbolMatches::default(), ImportMatches::default());
        outline_captures(tree, text, |kind, captures| match kind {
            QueryKind::Chunks => items.take(text, captures),
            QueryKind::Symbols => symbols.take(text, captures),
            _ => imports.take(text, captures),
        });
        let chunks = Chunks::of_items(tree, text, items);
        Self { symbols: symbols.finish(text, &chunks), imports: imports.finish(text), chunks }
    }
}
