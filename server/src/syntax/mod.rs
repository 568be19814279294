//! Languages, syntax trees and queries. In: text. Out: trees edited in step with it, and the captures of query files.
//! The only module that names tree-sitter. Never reads a file: query overrides are handed in.

mod built_in;
mod language;
mod misplaced;
mod query;
mod tree;

pub use language::{Language, by_id, by_name, by_path, languages};
#[cfg(test)]
pub(crate) use query::capture_names;
pub use query::{
    Capture, QueryError, QueryKind, captures, fingerprint, outline_captures, prepare, set_query_overrides,
};
pub use tree::{Tree, all_faults, faults, first_fault, smallest_node};

/// A node of a [`Tree`]; lives as long as the tree is borrowed.
pub use tree_sitter::Node;
/// Walks a [`Tree`] without the cost of finding each node's siblings from the root.
pub use tree_sitter::TreeCursor;
