//! The journal: every proposal that was applied, kept so that it can be taken back, also after a crash. In: entries with
//! the texts before and after. Out: the edits that take an entry back, or the place where that can't be done; on the
//! disk, files written as a whole or not at all. One SQLite database a workspace in the user's state folder, readable by
//! the user alone; no other module knows of it. Never writes a file that an editor holds unsaved.

mod certain;
mod disk;
mod entry;
mod process;
mod rows;
mod store;
mod take_back;
#[cfg(test)]
mod tests;
mod unsaved;
mod write;

pub use disk::{DiskError, Done};
pub use entry::{Entry, EntryId, FileRecord, FileSummary, Hunk, NewEntry, State, Summary, Writer};
pub use store::{Error, Journal};
pub use take_back::{Conflict, Restored, take_back, take_back_at, take_back_file, take_back_hunks};
pub use unsaved::{Announcement, held_elsewhere, holder};
pub use write::{WriteError, mode_of};
