//! Open documents. In: what clients open, change and close, in the order in which they say it. Out: immutable
//! snapshots of text, tree and chunks, and what changed since. Never reads a file.

mod store;

pub use store::{Change, Documents, LARGEST_PARSED, Now, Revision, Snapshot};
