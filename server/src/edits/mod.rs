//! From an answer to a proposal. In: an answer's text and what the model was given. Out: the smallest edits of each file,
//! checked against the trees, or an [`EditError`] that tells what is wrong. Never reads or writes a file.

mod answer;
mod check;
mod chunk;
mod code;
#[cfg(test)]
mod corpus;
mod draft;
mod elision;
mod fault;
mod given;
mod hunk;
mod mangled;
mod minimal;
mod place;
mod proposal;
mod read;
mod texts;
mod tree;

pub use check::{Checked, check_syntax};
pub use fault::{EditError, Fault};
pub use given::{Files, Given, Keep, Reach};
pub use hunk::{
    HunkPlace, HunkState, Shown, changes, hunk_places, hunk_states, hunks, rebase_hunk, shown, token_edits,
};
pub use minimal::smallest_edits;
pub use proposal::{FileChange, FileEdit, Placed, Proof, Proposal, Reading, Step};
pub use read::read;
pub use texts::{read_new_file, read_tests};
