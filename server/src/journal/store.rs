//! The database. Every change of it is one transaction that lies on the disk before the call returns.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::entry::{Entry, EntryId, FileRecord, NewEntry, State, Summary, Writer};
use super::process::Process;
use super::rows::{
    change, count, file_record, file_summaries, of_json, prune, put_files, put_writes, set_state, summary, to_json,
    writer_name, writer_of,
};
use super::write::Change;
use crate::index::file_stem;
use crate::policy::state_folder;

/// The form of the tables; another number means another form.
const FORM: i64 = 2;

/// How long a process waits for another one that writes at the moment.
const PATIENCE: Duration = Duration::from_secs(10);

/// Texts of a workspace's entries that are kept, in bytes; beyond it the oldest entries go.
const KEPT_BYTES: i64 = 200 << 20;

/// `made` lists the folders that were made for files. `was` is the state before `state`, `process` who set it. `writes` holds what is being written to the disk at the
/// moment, until it is done. `begun` and `changed` come from one counter over all entries: they order what happened, which clocks do not.
const TABLES: &str = "
    CREATE TABLE entries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        time INTEGER NOT NULL,
        operation TEXT NOT NULL,
        title TEXT NOT NULL,
        model TEXT NOT NULL,
        proved TEXT NOT NULL,
        writer TEXT NOT NULL,
        state TEXT NOT NULL,
        was TEXT NOT NULL,
        process TEXT NOT NULL,
        begun INTEGER NOT NULL,
        changed INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        made TEXT NOT NULL
    );
    CREATE INDEX entries_changed ON entries (changed);
    CREATE TABLE files (
        entry INTEGER NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        path TEXT NOT NULL,
        change TEXT NOT NULL,
        target TEXT,
        added INTEGER NOT NULL,
        removed INTEGER NOT NULL,
        hunks TEXT NOT NULL,
        before TEXT NOT NULL,
        after TEXT NOT NULL,
        mode INTEGER,
        PRIMARY KEY (entry, number)
    );
    CREATE TABLE writes (
        entry INTEGER NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        path TEXT NOT NULL,
        before TEXT,
        after TEXT,
        alike TEXT,
        mode INTEGER,
        PRIMARY KEY (entry, number)
    );
";

/// What the form before lacked.
const ADDED: &str = "ALTER TABLE files ADD COLUMN mode INTEGER; ALTER TABLE writes ADD COLUMN mode INTEGER;";

/// The journal can't be used. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No place for it.
    #[error("the home folder is not known, so there is no place for the journal; set HOME")]
    NoHome,
    /// Its file can't be made or used.
    #[error("the journal {} can't be used: {why}", file.display())]
    Unusable {
        /// The file.
        file: PathBuf,
        /// What the system or the database says.
        why: String,
    },
    /// A later version made it.
    #[error("the journal {} was written by a newer Whittle: use that one", .0.display())]
    Newer(PathBuf),
    /// No such entry.
    #[error("there is no job {0} in the journal: `whittle log` lists them")]
    NoEntry(EntryId),
    /// Another process is at it.
    #[error("job {0} is being written at this moment, so nothing was changed: run the command again")]
    Busy(EntryId),
}

/// The journal of one workspace.
#[derive(Debug)]
pub struct Journal {
    file: PathBuf,
    connection: Mutex<Connection>,
}

impl Journal {
    /// The user's journal of the workspace at `root`, whose links are resolved; made where there is none.
    ///
    /// # Errors
    /// When there is no place for it, or what is there can't be used.
    pub fn open(root: &Path) -> Result<(Self, Vec<String>), Error> {
        let folder = state_folder().ok_or(Error::NoHome)?.join("journal");
        Self::open_at(&folder.join(format!("{}.sqlite", file_stem(root))))
    }

    /// The journal in `file`, and what is to be told to the user: that one which is damaged was set aside.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn open_at(file: &Path) -> Result<(Self, Vec<String>), Error> {
        let mut told = Vec::new();
        let connection = match connect(file) {
            Err(Failure::Database(why)) if is_damage(&why) => {
                let aside = set_aside(file).map_err(|error| unusable(file, &error))?;
                told.push(format!(
                    "the journal was damaged ({why}) and lies in {} now; jobs until now can't be undone",
                    aside.display()
                ));
                connect(file)
            }
            done => done,
        };
        let connection = connection.map_err(|failure| match failure {
            Failure::Newer => Error::Newer(file.to_owned()),
            Failure::Database(error) => unusable(file, &error),
            Failure::File(error) => unusable(file, &error),
        })?;
        Ok((Self { file: file.to_owned(), connection: Mutex::new(connection) }, told))
    }

    /// The database's file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Runs `work` in one transaction.
    fn transact<T>(&self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T, Error> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner); // a panic rolled back
        let done = connection.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|transaction| {
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        });
        done.map_err(|error| unusable(&self.file, &error))
    }

    /// Reads in one go.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Error> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let done = connection.transaction().and_then(|transaction| work(&transaction));
        done.map_err(|error| unusable(&self.file, &error))
    }

    /// Makes an entry, which is [`State::Applying`]: before the first file is changed. It is on the disk when this
    /// returns; where an editor changes its buffers, which a power cut takes along, it is in the system's hands. Old
    /// entries go.
    ///
    /// # Errors
    /// When it can't be written down; then nothing may be changed.
    pub fn begin(&self, entry: &NewEntry) -> Result<EntryId, Error> {
        self.begin_making(entry, &[])
    }

    /// The same, with the folders that will be made for it.
    pub(super) fn begin_making(&self, entry: &NewEntry, made: &[String]) -> Result<EntryId, Error> {
        if entry.writer == Writer::Disk {
            return self.begin_writing(entry, &[], made, &mut || true);
        }
        self.waits_for_disk("NORMAL");
        let begun = self.begin_writing(entry, &[], made, &mut || true);
        self.waits_for_disk("FULL");
        begun
    }

    /// How far a write is waited for, in SQLite's words.
    fn waits_for_disk(&self, level: &str) {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = connection.pragma_update(None, "synchronous", level) {
            tracing::warn!(%error, "the journal waits for the disk as before");
        }
    }

    /// The same, with what will be written to the disk at once, and the folders that will be made for it. `ready` says
    /// whether the files are as they were read; no other process can begin meanwhile. If not, the entry is
    /// [`State::Failed`] from the start: else a crash before its first write would make what another one wrote its own.
    pub(super) fn begin_writing(
        &self,
        entry: &NewEntry,
        changes: &[Change],
        made: &[String],
        ready: &mut dyn FnMut() -> bool,
    ) -> Result<EntryId, Error> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() as i64;
        self.begin_at(entry, changes, made, ready, (now, KEPT_BYTES))
    }

    /// The same at a time in seconds since 1970, keeping texts of at most so many bytes.
    pub(super) fn begin_at(
        &self,
        entry: &NewEntry,
        changes: &[Change],
        made: &[String],
        ready: &mut dyn FnMut() -> bool,
        (now, kept): (i64, i64),
    ) -> Result<EntryId, Error> {
        let bytes: usize = entry.files.iter().map(|file| file.before.len() + file.after.len()).sum();
        let begun = self.transact(|database| {
            if let Some(other) = writer_of(database, changes)? {
                return Ok(Err(other));
            }
            prune(database, now, kept.saturating_sub_unsigned(bytes as u64))?;
            let begun = count(database)?;
            let state = if ready() { State::Applying } else { State::Failed };
            let insert = "INSERT INTO entries VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, ?12)";
            database.prepare_cached(insert)?.execute(params![
                now,
                entry.operation,
                entry.title,
                entry.model,
                to_json(&entry.proved),
                writer_name(entry.writer),
                state.name(),
                State::Failed.name(),
                Process::own().to_string(),
                begun,
                bytes as i64,
                to_json(&made),
            ])?;
            let id = EntryId(database.last_insert_rowid());
            put_files(database, id, &entry.files)?;
            if state == State::Applying {
                put_writes(database, id, changes)?;
            }
            Ok(Ok(id))
        })?;
        begun.map_err(Error::Busy)
    }

    /// Takes an entry that is at `from` to `to`, for this process, which is about to write the changes; unless `ready`,
    /// which is as at [`Journal::begin_writing`], says no.
    pub(super) fn claim(
        &self,
        id: EntryId,
        [from, to]: [State; 2],
        changes: &[Change],
        ready: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error> {
        let busy = self.transact(|database| {
            let query = "SELECT state FROM entries WHERE id = ?1";
            let state: String = database.query_row(query, [id.0], |row| row.get(0))?;
            if state != from.name() {
                return Ok(Some(id));
            }
            let other = writer_of(database, changes)?;
            if other.is_none() && ready() {
                set_state(database, id, to)?;
                put_writes(database, id, changes)?;
            }
            Ok(other)
        })?;
        busy.map_or(Ok(()), |id| Err(Error::Busy(id)))
    }

    /// The folders that were made for an entry's files.
    pub(super) fn folders_of(&self, id: EntryId) -> Result<Vec<String>, Error> {
        self.read(|database| {
            database.query_row("SELECT made FROM entries WHERE id = ?1", [id.0], |row| of_json(row, "made"))
        })
    }

    /// Ends the writing of an entry.
    pub(super) fn finish(&self, id: EntryId, state: State) -> Result<(), Error> {
        self.transact(|database| {
            database.execute("DELETE FROM writes WHERE entry = ?1", [id.0])?;
            set_state(database, id, state)
        })?;
        Ok(())
    }

    /// The entries that are under way though the process that was at them is gone; from now on this one is.
    pub(super) fn take_stopped(&self) -> Result<Vec<Stopped>, Error> {
        self.transact(|database| {
            let mut rows =
                database.prepare("SELECT * FROM entries WHERE state IN ('applying', 'undoing') ORDER BY id")?;
            let all = rows.query_map([], |row| {
                let (was, process): (String, String) = (row.get("was")?, row.get("process")?);
                Ok((summary(row)?, State::of_name(&was).unwrap_or(State::Failed), process))
            })?;
            let mut stopped = Vec::new();
            for row in all {
                let (summary, was, process) = row?;
                let process = process.parse::<Process>().ok().filter(|process| !process.lives());
                let Some(process) = process else { continue };
                let own = params![summary.id.0, Process::own().to_string()];
                database.execute("UPDATE entries SET process = ?2 WHERE id = ?1", own)?;
                let mut rows = database.prepare("SELECT * FROM writes WHERE entry = ?1 ORDER BY number")?;
                let changes = rows.query_map([summary.id.0], change)?.collect::<rusqlite::Result<_>>()?;
                stopped.push(Stopped { summary, was, process: process.id, changes });
            }
            Ok(stopped)
        })
    }

    /// Puts other files into an entry: what an editor came to apply where the user typed meanwhile. Those that go keep
    /// the permissions that were noted.
    ///
    /// # Errors
    /// [`Error::NoEntry`], or when it can't be written down.
    pub fn set_files(&self, id: EntryId, files: &[FileRecord]) -> Result<(), Error> {
        let bytes: usize = files.iter().map(|file| file.before.len() + file.after.len()).sum();
        let found = self.transact(|database| {
            let mut rows = database.prepare("SELECT path, mode FROM files WHERE entry = ?1 AND mode IS NOT NULL")?;
            let modes = rows.query_map([id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let modes: Vec<(String, u32)> = modes.collect::<rusqlite::Result<_>>()?;
            database.execute("DELETE FROM files WHERE entry = ?1", [id.0])?;
            let found = database.execute("UPDATE entries SET bytes = ?2 WHERE id = ?1", params![id.0, bytes as i64])?;
            if found > 0 {
                put_files(database, id, files)?;
                for (path, mode) in modes {
                    let keep = "UPDATE files SET mode = ?3 WHERE entry = ?1 AND path = ?2 AND change = 'delete'";
                    database.execute(keep, params![id.0, path, mode])?;
                }
            }
            Ok(found)
        })?;
        if found == 0 { Err(Error::NoEntry(id)) } else { Ok(()) }
    }

    /// Writes down how far an entry is: [`State::Undoing`] or [`State::Applying`] before the first file is changed, what
    /// came of it after the last.
    ///
    /// # Errors
    /// [`Error::NoEntry`], or when it can't be written down.
    pub fn set_state(&self, id: EntryId, state: State) -> Result<(), Error> {
        let found = self.transact(|database| set_state(database, id, state))?;
        if found { Ok(()) } else { Err(Error::NoEntry(id)) }
    }

    /// The newest entries, at most `most`, newest first.
    ///
    /// # Errors
    /// When the journal can't be read.
    pub fn entries(&self, most: usize) -> Result<Vec<Summary>, Error> {
        self.read(|database| {
            let mut rows = database.prepare_cached("SELECT * FROM entries ORDER BY id DESC LIMIT ?1")?;
            let found = rows.query_map([i64::try_from(most).unwrap_or(i64::MAX)], summary)?;
            let mut found = found.collect::<rusqlite::Result<Vec<_>>>()?;
            for entry in &mut found {
                entry.files = file_summaries(database, entry.id)?;
            }
            Ok(found)
        })
    }

    /// An entry with its texts.
    ///
    /// # Errors
    /// [`Error::NoEntry`], or when the journal can't be read.
    pub fn entry(&self, id: EntryId) -> Result<Entry, Error> {
        let found = self.read(|database| {
            let mut rows = database.prepare_cached("SELECT * FROM entries WHERE id = ?1")?;
            let Some(mut summary) = rows.query_row([id.0], summary).optional()? else { return Ok(None) };
            summary.files = file_summaries(database, id)?;
            let mut rows = database.prepare_cached("SELECT * FROM files WHERE entry = ?1 ORDER BY number")?;
            let files = rows.query_map([id.0], file_record)?.collect::<rusqlite::Result<_>>()?;
            Ok(Some(Entry { summary, files }))
        })?;
        found.ok_or(Error::NoEntry(id))
    }

    /// What undo means: the entry that was applied, or applied once more, last.
    ///
    /// # Errors
    /// When the journal can't be read.
    pub fn newest_undoable(&self) -> Result<Option<EntryId>, Error> {
        self.newest("SELECT id FROM entries WHERE state IN ('applied', 'partly') ORDER BY changed DESC LIMIT 1")
    }

    /// What redo means: the entry that was taken back last, as long as nothing new was applied since.
    ///
    /// # Errors
    /// When the journal can't be read.
    pub fn newest_redoable(&self) -> Result<Option<EntryId>, Error> {
        self.newest(
            "SELECT id FROM entries WHERE state = 'undone' AND changed > (SELECT max(begun) FROM entries WHERE state <> \
             'failed') ORDER BY changed DESC LIMIT 1",
        )
    }

    fn newest(&self, query: &str) -> Result<Option<EntryId>, Error> {
        self.read(|database| database.query_row(query, [], |row| Ok(EntryId(row.get(0)?))).optional())
    }
}

/// An entry whose process ended in the middle.
pub(super) struct Stopped {
    pub(super) summary: Summary,
    /// The state to go back to.
    pub(super) was: State,
    /// The number of the process that is gone.
    pub(super) process: u32,
    /// What it was writing; nothing for an entry of an editor.
    pub(super) changes: Vec<Change>,
}

/// Why a database can't be opened.
enum Failure {
    Newer,
    Database(rusqlite::Error),
    File(std::io::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

/// Opens the database, makes its tables where there are none, and looks whether it is whole.
fn connect(file: &Path) -> Result<Connection, Failure> {
    make_file(file).map_err(Failure::File)?;
    let mut connection = Connection::open(file)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?; // counts only before the first table
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let form: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match form {
        0 => {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "user_version", FORM)?;
        }
        1 => {
            transaction.execute_batch(ADDED)?;
            transaction.pragma_update(None, "user_version", FORM)?;
        }
        FORM => {}
        _ => return Err(Failure::Newer),
    }
    transaction.commit()?;
    let state: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if state != "ok" {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
        return Err(rusqlite::Error::SqliteFailure(code, Some(state)).into());
    }
    Ok(connection)
}

/// Makes an empty file that the user alone may read, which SQLite then gives to its other files, too.
fn make_file(file: &Path) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

fn unusable(file: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::Unusable { file: file.to_owned(), why: why.to_string() }
}

/// Renames a damaged database, with the files that belong to it; gives its new name.
fn set_aside(file: &Path) -> std::io::Result<PathBuf> {
    let named = |end: &str| PathBuf::from([file.as_os_str(), end.as_ref()].join(std::ffi::OsStr::new("")));
    let free = |number: &u32| !named(&format!(".damaged-{number}")).exists();
    let number = (1..).find(free).unwrap_or_default();
    let aside = named(&format!(".damaged-{number}"));
    fs::rename(file, &aside)?;
    for end in ["-wal", "-shm"] {
        let _ = fs::rename(named(end), named(&format!(".damaged-{number}{end}"))); // it need not be there
    }
    Ok(aside)
}
