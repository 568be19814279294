//! What jobs did, of this session and of earlier ones. In: what was applied, the journals of the workspaces. Out: entries
//! of the journal, and a short list of the newest in memory, for the menu. Changes no document.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::apply::{Placed, Record, Target};
use super::convert::is_file;
use super::session::Session;
use crate::documents::Revision;
use crate::edits::FileChange;
use crate::jobs::{HunkNumber, JobId};
use crate::journal::{EntryId, FileRecord, Journal, NewEntry, State, Writer, mode_of};
use crate::prompt::Exchange;
use crate::text::Span;

/// How long after it was applied a job stands in the menu to be undone.
const OFFERED_FOR: Duration = Duration::from_secs(24 * 3600);
/// The same to be done again, where another session did it.
const REDO_OFFERED_FOR: Duration = Duration::from_secs(3600);
/// How long the first menu waits for the journal, which another process may be writing.
const READ_WITHIN: Duration = Duration::from_secs(1);
/// Jobs that are remembered for the menu.
const MOST: usize = 50;

/// Where a proposal came from, and how to ask for another.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub job: JobId,
    pub operation: String,
    pub model: String,
    /// The command and its arguments, without the place.
    pub command: String,
    pub arguments: Value,
    /// The place that was meant.
    pub path: PathBuf,
    pub revision: Revision,
    pub span: Span,
    /// What the model answered, where that turned out to be wrong after it was applied.
    pub earlier: Vec<Exchange>,
}

/// The newest jobs, and the journals.
#[derive(Debug, Default)]
pub(super) struct History {
    journals: Mutex<HashMap<PathBuf, Arc<Journal>>>,
    done: Mutex<Vec<Done>>,
    origins: Mutex<BTreeMap<JobId, Origin>>,
    /// How many workspaces' entries are being read at the moment.
    loading: Mutex<usize>,
    loaded: Condvar,
}

/// While it lives, a workspace's entries are being read.
pub(super) struct Loading(Arc<Session>);

impl Loading {
    pub(super) fn new(session: &Arc<Session>) -> Self {
        *session.history.loading() += 1;
        Self(session.clone())
    }
}

impl Drop for Loading {
    fn drop(&mut self) {
        *self.0.history.loading() -= 1;
        self.0.history.loaded.notify_all();
    }
}

/// An entry of a journal.
#[derive(Clone, Debug)]
struct Done {
    root: PathBuf,
    entry: EntryId,
    /// Its job, where it is of this session.
    job: Option<JobId>,
    title: String,
    /// When it was applied first, in seconds since 1970.
    time: u64,
    paths: Vec<PathBuf>,
    state: State,
    /// What was done, where it is of this session.
    parts: Arc<[(Target, Placed)]>,
    /// Hunks that were taken back since.
    taken_back: BTreeSet<HunkNumber>,
}

/// The way that an entry is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Undo,
    Redo,
}

impl Way {
    pub(super) fn starts_from(self, state: State) -> bool {
        if self == Self::Undo { state.is_undoable() } else { state == State::Undone }
    }

    pub(super) const fn during(self) -> State {
        match self {
            Self::Undo => State::Undoing,
            Self::Redo => State::Applying,
        }
    }

    pub(super) const fn after(self) -> State {
        match self {
            Self::Undo => State::Undone,
            Self::Redo => State::Applied,
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Undo => "Undo",
            Self::Redo => "Redo",
        }
    }
}

impl History {
    fn done(&self) -> MutexGuard<'_, Vec<Done>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner) // each change leaves the list whole
    }

    fn loading(&self) -> MutexGuard<'_, usize> {
        self.loading.lock().unwrap_or_else(PoisonError::into_inner) // a number is always whole
    }

    /// Whether the newest entries are read, by the deadline; without one they are waited for, within reason.
    pub(super) fn is_loaded(&self, deadline: Option<Instant>) -> bool {
        let most = deadline.map_or(READ_WITHIN, |deadline| deadline.saturating_duration_since(Instant::now()));
        let waited = self.loaded.wait_timeout_while(self.loading(), most, |loading| *loading > 0);
        *waited.unwrap_or_else(PoisonError::into_inner).0 == 0
    }

    /// The journal of a workspace; `None`, and a message, where it can't be used.
    pub(super) fn journal(&self, session: &Session, root: &Path) -> Option<Arc<Journal>> {
        let mut journals = self.journals.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(journal) = journals.get(root) {
            return Some(journal.clone());
        }
        match Journal::open(root) {
            Ok((journal, told)) => {
                told.iter().for_each(|told| session.notifier.warn(told));
                let journal = Arc::new(journal);
                journals.insert(root.to_owned(), journal.clone());
                Some(journal)
            }
            Err(error) => {
                session.notifier.warn(&format!("{error}; until then only the editor can undo what is applied"));
                None
            }
        }
    }

    /// Reads the newest entries of a workspace.
    pub(super) fn load(&self, session: &Session, root: &Path) {
        let Some(journal) = self.journal(session, root) else { return };
        // what a server that was killed left half done
        match journal.recover(session.workspace_of(&root.join("x")).policy()) {
            Ok(told) => told.iter().for_each(|told| session.notifier.warn(told)),
            Err(error) => tracing::warn!(%error, "the journal can't be settled"),
        }
        let entries = match journal.entries(MOST) {
            Ok(entries) => entries,
            Err(error) => return tracing::warn!(%error, "the journal can't be read"),
        };
        let seconds = |time: i64| u64::try_from(time).unwrap_or(0);
        let old = |time: i64| now().saturating_sub(seconds(time)) > OFFERED_FOR.as_secs();
        let mut done = self.done();
        done.retain(|known| known.root != root || known.job.is_some());
        let known: Vec<EntryId> = done.iter().filter(|known| known.root == root).map(|known| known.entry).collect();
        for summary in entries.into_iter().rev().filter(|entry| !old(entry.time) && !known.contains(&entry.id)) {
            let paths = summary.files.iter().map(|file| root.join(file.to.as_ref().unwrap_or(&file.path))).collect();
            let (entry, title, time, state) = (summary.id, summary.title, seconds(summary.time), summary.state);
            done.insert(
                0,
                Done {
                    root: root.to_owned(),
                    entry,
                    job: None,
                    title,
                    time,
                    paths,
                    state,
                    parts: Arc::new([]),
                    taken_back: BTreeSet::new(),
                },
            );
        }
        done.sort_by_key(|known| known.job);
    }

    /// Remembers where a job came from, as long as its hunks are under review.
    pub(super) fn remember(&self, session: &Session, origin: Origin) {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        origins.retain(|job, _| !session.reviews.files(*job).is_empty());
        origins.insert(origin.job, origin);
    }

    pub(super) fn origin(&self, job: JobId) -> Option<Origin> {
        self.origins.lock().unwrap_or_else(PoisonError::into_inner).get(&job).cloned()
    }

    /// What a job's model is to be told when it is asked again.
    pub(super) fn set_earlier(&self, job: JobId, earlier: Vec<Exchange>) {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(origin) = origins.get_mut(&job) {
            origin.earlier = earlier;
        }
    }

    pub(super) fn set(&self, root: &Path, entry: EntryId, state: State) {
        let mut done = self.done();
        if let Some(at) = done.iter().position(|known| known.root == root && known.entry == entry) {
            let mut known = done.remove(at);
            known.state = state;
            done.push(known); // what changed last is the newest
        }
    }

    /// The newest job that changed a file and can go a way.
    pub(super) fn newest(&self, path: &Path, way: Way) -> Option<(String, Value)> {
        let done = self.done();
        let of_file = |known: &&Done| known.paths.iter().any(|of| of == path);
        // what was taken back can be applied again as long as nothing came after it
        let known = match way {
            Way::Undo => done.iter().rev().find(|known| of_file(known) && way.starts_from(known.state)),
            Way::Redo => done.iter().rev().find(of_file).filter(|known| {
                let recent = known.job.is_some() || now().saturating_sub(known.time) <= REDO_OFFERED_FOR.as_secs();
                recent && way.starts_from(known.state)
            }),
        }?;
        let arguments = json!({ "root": known.root, "entry": known.entry });
        Some((format!("{} “{}”", way.word(), known.title), arguments))
    }

    /// The entry of a job of this session.
    pub(super) fn entry_of(&self, job: JobId) -> Option<(PathBuf, EntryId)> {
        let done = self.done();
        done.iter().find(|known| known.job == Some(job)).map(|known| (known.root.clone(), known.entry))
    }
}

/// In seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Writes a proposal into the journal.
pub(super) struct NewRecord {
    session: Arc<Session>,
    root: PathBuf,
    job: JobId,
    entry: NewEntry,
    id: Option<(Arc<Journal>, EntryId)>,
}

impl NewRecord {
    pub(super) fn new(session: &Arc<Session>, root: &Path, origin: &Origin, title: &str, proved: Vec<String>) -> Self {
        let entry = NewEntry {
            operation: origin.operation.clone(),
            title: title.to_owned(),
            model: origin.model.clone(),
            proved,
            writer: Writer::Editor,
            files: Vec::new(),
        };
        Self { session: session.clone(), root: root.to_owned(), job: origin.job, entry, id: None }
    }
}

pub(super) fn records(parts: &[(Target, Placed)]) -> Vec<FileRecord> {
    let changed = parts.iter().filter(|(target, placed)| !placed.steps.is_empty() && is_file(&target.path));
    let record = |(target, placed): &(Target, Placed)| {
        FileRecord::new(target.name.clone(), target.change.clone(), &placed.before, &placed.hunks.concat())
    };
    changed.map(record).collect()
}

impl Record for NewRecord {
    fn begin(&mut self, parts: &[(Target, Placed)]) {
        self.entry.files = records(parts);
        for file in self.entry.files.iter_mut().filter(|file| file.change == FileChange::Delete) {
            file.mode = mode_of(&self.root.join(&file.path));
        }
        if self.entry.files.is_empty() {
            return; // nowhere on disk
        }
        let Some(journal) = self.session.history.journal(&self.session, &self.root) else { return };
        match journal.begin_in(&self.entry, self.session.workspace_of(&self.root.join("x")).policy()) {
            Ok(id) => self.id = Some((journal, id)),
            Err(error) => self.session.notifier.warn(&format!("{error}; only the editor can undo what is applied now")),
        }
    }

    fn done(&mut self, parts: &[(Target, Placed)]) {
        let Some((journal, id)) = &self.id else { return };
        let files = records(parts);
        if files != self.entry.files {
            note(journal.set_files(*id, &files));
        }
        note(journal.set_state(*id, State::Applied));
        let path = |(target, _): &(Target, Placed)| target.to.as_ref().unwrap_or(&target.path).clone();
        let done = Done {
            root: self.root.clone(),
            entry: *id,
            job: Some(self.job),
            title: self.entry.title.clone(),
            time: now(),
            paths: parts.iter().map(path).collect(),
            state: State::Applied,
            parts: parts.iter().map(Clone::clone).map(unpinned).collect::<Vec<_>>().into(),
            taken_back: BTreeSet::new(),
        };
        let mut all = self.session.history.done();
        all.push(done);
        let more = all.len().saturating_sub(MOST);
        all.drain(..more);
    }

    fn failed(&mut self) {
        if let Some((journal, id)) = &self.id {
            note(journal.set_state(*id, State::Failed));
            note(journal.remove_folders(*id, self.session.workspace_of(&self.root.join("x")).policy()));
        }
    }

    fn stuck(&mut self) {
        if let Some((journal, id)) = &self.id {
            note(journal.set_state(*id, State::Partly));
        }
    }
}

/// What is kept for long names no state of a document: the document would have to remember all changes since.
fn unpinned((target, placed): (Target, Placed)) -> (Target, Placed) {
    (Target { revision: None, ..target }, Placed { revision: None, ..placed })
}

pub(super) fn note<E: std::fmt::Display>(result: Result<(), E>) {
    if let Err(error) = result {
        tracing::warn!(%error, "the journal could not be written");
    }
}

/// Hunks of a job were taken back one by one: its entry no longer has them.
pub(super) fn forget_hunks(session: &Session, job: JobId, numbers: impl IntoIterator<Item = HunkNumber>) {
    let mut done = session.history.done();
    let Some(known) = done.iter_mut().find(|known| known.job == Some(job)) else { return };
    known.taken_back.extend(numbers);
    let mut number = 0;
    let mut left = Vec::new();
    for (target, placed) in known.parts.iter() {
        let mut kept = Vec::new();
        for hunk in &placed.hunks {
            kept.extend((!known.taken_back.contains(&HunkNumber(number))).then(|| hunk.clone()));
            number += 1;
        }
        if !kept.is_empty() || matches!(target.change, FileChange::Delete | FileChange::Rename { .. }) {
            let edits = kept.concat();
            left.push(FileRecord::new(target.name.clone(), target.change.clone(), &placed.before, &edits));
        }
    }
    let (root, entry) = (known.root.clone(), known.entry);
    drop(done);
    let Some(journal) = session.history.journal(session, &root) else { return };
    note(journal.remove_folders(entry, session.workspace_of(&root.join("x")).policy()));
    if left.is_empty() {
        note(journal.set_state(entry, State::Undone));
        session.history.set(&root, entry, State::Undone);
    } else {
        note(journal.set_files(entry, &left));
    }
}

impl History {
    /// Whether `left` are all hunks of a job that is in the journal.
    pub(super) fn is_whole(&self, job: JobId, left: &[HunkNumber]) -> bool {
        let done = self.done();
        let known = done.iter().find(|known| known.job == Some(job));
        known.is_some_and(|known| left.len() == known.parts.iter().map(|(_, placed)| placed.hunks.len()).sum::<usize>())
    }

    /// Whether a job of this session is applied and was not taken back.
    pub(super) fn is_applied(&self, job: JobId) -> bool {
        self.done().iter().any(|known| known.job == Some(job) && known.state == State::Applied)
    }

    pub(super) fn job_of(&self, root: &Path, entry: EntryId) -> Option<JobId> {
        self.done().iter().find(|known| known.root == root && known.entry == entry)?.job
    }
}
