//! From an answer to a proposal. In: an answer's text and the context that was asked with. Out: a [`Proposal`] of the
//! smallest edits, checked against the tree, or an [`EditError`]. Never reads or writes a file.

mod answer;
mod minimal;
mod proposal;

pub use answer::{Block, read_answer};
pub use minimal::smallest_edits;
pub use proposal::{
    Checked, EditError, FileChange, FileEdit, Proof, Proposal, check_syntax, read_new_file, read_tests, replace_focus,
};
