//! The journal: every proposal that was applied, kept so that it can be taken back, also after a crash. In: entries with
//! the texts before and after. Out: the edits that take an entry back, or the place where that can't be done. One
//! SQLite database a workspace in the user's state folder, readable by the user alone; no other module knows of it.

mod entry;
mod process;
mod store;
mod take_back;
#[cfg(test)]
mod tests;

pub use entry::{Entry, EntryId, FileRecord, FileSummary, Hunk, NewEntry, State, Summary, Writer};
pub use store::{Error, Journal};
pub use take_back::{Conflict, Restored, take_back, take_back_file, take_back_hunks};
