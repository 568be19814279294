//! What a workspace defines and where its names are used. In: files of the workspace and open documents. Out:
//! definitions and uses by name. Reads files that the policy allows; never writes one.

mod facts;
mod graph;
pub mod modules;
pub mod resolve;
mod sources;
mod walk;

pub use facts::FileFacts;
pub use graph::{Entry, File, FileId, Found, Index, SymbolId};
pub use walk::{project_files, source_files};
