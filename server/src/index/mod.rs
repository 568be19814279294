//! What a workspace defines and where its names are used. In: files of the workspace and open documents. Out:
//! definitions and mentions by name. Reads files that the policy allows; writes nothing but its own file in the user's
//! cache folder.

mod build;
mod facts;
mod files;
mod graph;
mod hash;
pub mod modules;
mod names;
pub mod resolve;
mod sources;
mod store;
#[cfg(test)]
mod tests;
mod unpacked;
mod walk;
mod watch;

pub use build::{Built, Job};
pub use facts::FileFacts;
pub use graph::{Entry, Figures, File, FileId, Found, Index, SymbolId};
pub(crate) use hash::hash;
pub use store::{Store, file_stem};
pub use walk::{project_files, source_files};
pub(crate) use walk::{stamp, walker};
pub use watch::{Changed, WatchError};
