//! Rows of the database: entries, their files, and what is being written; read and put as this program's types.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::entry::{EntryId, FileRecord, FileSummary, Hunk, State, Summary, Writer};
use super::process::Process;
use super::write::Change;
use crate::edits::FileChange;

/// Entries are kept for so long, in seconds.
const KEPT_FOR: i64 = 30 * 24 * 60 * 60;

/// The next number of what happens.
pub(super) fn count(database: &Connection) -> rusqlite::Result<i64> {
    database.query_row("SELECT coalesce(max(changed), 0) + 1 FROM entries", [], |row| row.get(0))
}

pub(super) fn set_state(database: &Connection, id: EntryId, state: State) -> rusqlite::Result<bool> {
    let found = database.execute(
        "UPDATE entries SET was = state, state = ?2, process = ?3, changed = ?4 WHERE id = ?1",
        params![id.0, state.name(), Process::own().to_string(), count(database)?],
    )?;
    Ok(found > 0)
}

/// Deletes entries that are old, and the oldest where all together take more than `bytes`; none that is under way.
pub(super) fn prune(database: &Connection, now: i64, bytes: i64) -> rusqlite::Result<()> {
    let gone = database.execute(
        "DELETE FROM entries WHERE state NOT IN ('applying', 'undoing') AND (time < ?1 OR id IN (SELECT id FROM (SELECT \
         id, sum(bytes) OVER (ORDER BY id DESC) AS so_far FROM entries) WHERE so_far > ?2))",
        params![now.saturating_sub(KEPT_FOR), bytes],
    )?;
    if gone > 0 {
        database.execute_batch("PRAGMA incremental_vacuum")?;
    }
    Ok(())
}

pub(super) fn put_files(database: &Connection, id: EntryId, files: &[FileRecord]) -> rusqlite::Result<()> {
    let mut insert =
        database.prepare_cached("INSERT INTO files VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")?;
    for (number, file) in files.iter().enumerate() {
        let (change, target) = match &file.change {
            FileChange::Edit => ("edit", None),
            FileChange::Create => ("create", None),
            FileChange::Delete => ("delete", None),
            FileChange::Rename { to } => ("rename", Some(to)),
        };
        let (added, removed) = file.lines();
        insert.execute(params![
            id.0,
            number as i64,
            file.path,
            change,
            target,
            added as i64,
            removed as i64,
            to_json(&file.hunks),
            file.before,
            file.after,
            file.mode,
        ])?;
    }
    Ok(())
}

/// The entry that is writing one of the files at the moment.
pub(super) fn writer_of(database: &Connection, changes: &[Change]) -> rusqlite::Result<Option<EntryId>> {
    let mut writers = database.prepare_cached("SELECT entry FROM writes WHERE path = ?1 LIMIT 1")?;
    for change in changes {
        let writer = writers.query_row([&change.path], |row| row.get(0)).optional()?;
        if writer.is_some() {
            return Ok(writer.map(EntryId));
        }
    }
    Ok(None)
}

pub(super) fn change(row: &Row<'_>) -> rusqlite::Result<Change> {
    Ok(Change {
        path: row.get("path")?,
        before: row.get("before")?,
        after: row.get("after")?,
        like: row.get("alike")?,
        mode: row.get("mode")?,
    })
}

pub(super) fn put_writes(database: &Connection, id: EntryId, changes: &[Change]) -> rusqlite::Result<()> {
    let mut insert = database.prepare_cached("INSERT INTO writes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    for (number, change) in changes.iter().enumerate() {
        let Change { path, before, after, like, mode } = change;
        insert.execute(params![id.0, number as i64, path, before, after, like, mode])?;
    }
    Ok(())
}

pub(super) fn summary(row: &Row<'_>) -> rusqlite::Result<Summary> {
    let state: String = row.get("state")?;
    let writer: String = row.get("writer")?;
    Ok(Summary {
        id: EntryId(row.get("id")?),
        time: row.get("time")?,
        operation: row.get("operation")?,
        title: row.get("title")?,
        model: row.get("model")?,
        proved: of_json(row, "proved")?,
        writer: if writer == writer_name(Writer::Disk) { Writer::Disk } else { Writer::Editor },
        state: State::of_name(&state).ok_or_else(|| strange(row, "state"))?,
        files: Vec::new(),
    })
}

pub(super) fn file_summaries(database: &Connection, id: EntryId) -> rusqlite::Result<Vec<FileSummary>> {
    let mut rows = database
        .prepare_cached("SELECT path, change, target, added, removed FROM files WHERE entry = ?1 ORDER BY number")?;
    let file = |row: &Row<'_>| {
        let change: String = row.get("change")?;
        let change = ["edit", "create", "delete", "rename"].into_iter().find(|known| *known == change);
        let count = |name: &str| row.get(name).map(|count: i64| usize::try_from(count).unwrap_or_default());
        Ok(FileSummary {
            path: row.get("path")?,
            change: change.ok_or_else(|| strange(row, "change"))?,
            to: row.get("target")?,
            added: count("added")?,
            removed: count("removed")?,
        })
    };
    rows.query_map([id.0], file)?.collect()
}

pub(super) fn file_record(row: &Row<'_>) -> rusqlite::Result<FileRecord> {
    let (change, to): (String, Option<String>) = (row.get("change")?, row.get("target")?);
    let change = match (change.as_str(), to) {
        ("edit", _) => FileChange::Edit,
        ("create", _) => FileChange::Create,
        ("delete", _) => FileChange::Delete,
        ("rename", Some(to)) => FileChange::Rename { to },
        _ => return Err(strange(row, "change")),
    };
    let (before, after): (String, String) = (row.get("before")?, row.get("after")?);
    let hunks: Vec<Hunk> = of_json(row, "hunks")?;
    let lies_in = |span: crate::text::Span, text: &str| text.get(span.range()).is_some();
    if !hunks.iter().all(|hunk| lies_in(hunk.before, &before) && lies_in(hunk.after, &after)) {
        return Err(strange(row, "hunks"));
    }
    Ok(FileRecord { path: row.get("path")?, change, before, after, hunks, mode: row.get("mode")? })
}

pub(super) fn writer_name(writer: Writer) -> &'static str {
    match writer {
        Writer::Disk => "disk",
        Writer::Editor => "editor",
    }
}

pub(super) fn to_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default() // plain data
}

pub(super) fn of_json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|_| strange(row, column))
}

/// A value that this program does not write.
fn strange(row: &Row<'_>, column: &str) -> rusqlite::Error {
    let index = row.as_ref().column_index(column).unwrap_or_default();
    rusqlite::Error::InvalidColumnType(index, column.to_owned(), rusqlite::types::Type::Text)
}
