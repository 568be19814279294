//! Chunks: a file cut along its syntax tree. In: text and tree. Out: chunks, their headers, and the names they use.
//! Never reads a file, never waits.

mod again;
mod build;
mod chunk;
mod imports;
#[cfg(test)]
mod languages;
mod reference;
mod symbols;
#[cfg(test)]
mod tests;

pub use chunk::{Chunk, ChunkId, ChunkKind, Chunks};
pub use imports::{Import, imports};
pub use reference::{Reference, ReferenceKind, references};
pub use symbols::{Member, MemberKind, Symbols, Written};
