//! `whittle.undo`, `whittle.redo`: an entry of the journal is taken back, or applied once more, through the editor. What
//! was changed since stays; where it stands in the way, nothing is changed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::apply::{self, Placed, Purpose, Record, Target};
use super::history::{Way, note};
use super::message::{Code, Error};
use super::session::Session;
use super::{following, history, marks};
use crate::edits::{FileChange, hunks};
use crate::jobs::JobId;
use crate::journal::{Conflict, Entry, EntryId, FileRecord, Journal, Restored, State, held_elsewhere, take_back_file};
use crate::text::{Edit, Span, Text};

/// Starts to undo or redo an entry: that of a job, a given one, or the newest. Replies with the number of the job that
/// does it.
pub(super) fn start(session: &Arc<Session>, way: Way, asked: Asked) -> Result<Value, Error> {
    let failed = |why: String| Error::new(Code::RequestFailed, why);
    let (root, id) = match (asked.job, asked.root, asked.entry) {
        (Some(job), ..) => session
            .history
            .entry_of(job)
            .ok_or_else(|| failed(format!("job {} changed nothing that could be undone", job.0)))?,
        (None, root, entry) => {
            let here = || {
                let path = session.asked().as_ref().map(|asked| asked.path.clone());
                let workspace = path.map(|path| session.workspace_of(&path));
                workspace.or_else(|| session.workspaces().into_iter().next())
            };
            let root = root.or_else(|| here().map(|workspace| workspace.policy().root().to_owned()));
            let root = root.ok_or_else(|| failed("no workspace is open".to_owned()))?;
            let journal = session.history.journal(session, &root);
            let journal = journal.ok_or_else(|| failed("the journal can't be used".to_owned()))?;
            let newest = || match way {
                Way::Undo => journal.newest_undoable(),
                Way::Redo => journal.newest_redoable(),
            };
            let id = entry.map_or_else(newest, |entry| Ok(Some(entry))).map_err(|error| failed(error.to_string()))?;
            (root, id.ok_or_else(|| failed(format!("there is nothing to {}", way.word().to_lowercase())))?)
        }
    };
    let journal = session.history.journal(session, &root);
    let journal = journal.ok_or_else(|| failed("the journal can't be used".to_owned()))?;
    let entry = journal.entry(id).map_err(|error| failed(error.to_string()))?;
    let title = format!("{} “{}”", way.word(), entry.summary.title);
    let session_of_job = session.clone();
    let job = session
        .jobs
        .start(&title, move |_, _| Box::pin(async move { run(&session_of_job, &root, &journal, entry, way).await }));
    Ok(json!({ "job": job }))
}

/// Which entry is meant.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub job: Option<JobId>,
    pub root: Option<PathBuf>,
    pub entry: Option<EntryId>,
}

/// Undoes or redoes an entry. Gives the words that the job ends with.
async fn run(
    session: &Arc<Session>,
    root: &Path,
    journal: &Arc<Journal>,
    entry: Entry,
    way: Way,
) -> Result<String, String> {
    let Entry { summary, files } = entry;
    let title = &summary.title;
    if !way.starts_from(summary.state) {
        session.history.set(root, summary.id, summary.state);
        return Err(match way {
            Way::Undo => format!("“{title}” is not applied (any more), so there is nothing to undo"),
            Way::Redo => format!("“{title}” was not taken back, so there is nothing to redo"),
        });
    }
    let workspace = session.workspace_of(&root.join("x"));
    if let Some((path, editor)) = files.iter().find_map(|record| unsaved_elsewhere(root, record)) {
        return Err(format!(
            "{} “{title}”: {path} has unsaved changes in {editor}, so nothing was changed: save or discard them there first",
            way.word()
        ));
    }
    let mut targets = Vec::new();
    for record in &files {
        let record = if way == Way::Undo { record.clone() } else { record.reversed() };
        if is_stale(session, root, &record) {
            return Err(format!(
                "{} “{title}”: another editor changed {} on the disk, and this one still shows the old text: have it read the \
                 file again first",
                way.word(),
                record.path
            ));
        }
        let target = target(session, root, &record)
            .map_err(|conflict| format!("{} “{title}”: {conflict}, so nothing was changed", way.word()))?;
        for path in target.iter().flat_map(|target| std::iter::once(&target.path).chain(&target.to)) {
            workspace.policy().check(path).map_err(|denied| format!("{denied}, so nothing was changed"))?;
        }
        targets.extend(target);
    }
    let paths: Vec<PathBuf> = targets.iter().map(|target| target.to.as_ref().unwrap_or(&target.path).clone()).collect();
    let unsaved: Vec<String> = targets.iter().filter_map(|target| target.unsaved(session)).collect();
    let record = WayRecord {
        session: session.clone(),
        root: root.to_owned(),
        journal: journal.clone(),
        entry: summary.id,
        way,
        was: summary.state,
        files,
    };
    let label = format!("{} “{title}”", way.word());
    let parts = apply::run(session, &label, targets, record).await.map_err(|why| format!("{label}: {}", why.why()))?;
    if parts.iter().all(|(_, placed)| placed.steps.is_empty()) {
        note(journal.set_state(summary.id, way.after())); // the user did so by hand
        session.history.set(root, summary.id, way.after());
    }
    if way == Way::Undo {
        note(journal.remove_folders(summary.id, workspace.policy()));
    }
    if let Some(job) = session.history.job_of(root, summary.id) {
        session.reviews.keep(job, None);
        following::stop(session, job);
    }
    paths.iter().for_each(|path| marks::soon(session, path));
    if !unsaved.is_empty() {
        session.notifier.info(&format!("{label}: in {}, not saved yet", unsaved.join(", ")));
    }
    Ok(if way == Way::Undo { "undone".to_owned() } else { "applied again".to_owned() })
}

/// A file of a record that another process's editor holds unsaved, and which: when it is saved, it would bring back what
/// was taken back here.
fn unsaved_elsewhere(root: &Path, record: &FileRecord) -> Option<(String, String)> {
    [record.path.as_str(), record.path_after()].into_iter().find_map(|name| {
        let path = root.join(name);
        let path = path.canonicalize().unwrap_or(path); // as they are announced
        Some((name.to_owned(), held_elsewhere(&path)?))
    })
}

/// Whether an open document that was never changed here still shows the text from before a record that the disk holds: it is
/// open in another editor, too, and that one wrote it.
fn is_stale(session: &Session, root: &Path, record: &FileRecord) -> bool {
    let path = root.join(&record.path);
    let shows_old = session.documents.now(&path).is_some_and(|now| now.text.to_text() == record.before);
    shows_old
        && !session.documents.edited().contains(&path)
        && std::fs::read_to_string(&path).is_ok_and(|disk| disk == record.after && disk != record.before)
}

/// What takes a record back, from the texts as they are now; `None`: nothing has to be done.
fn target(session: &Session, root: &Path, record: &FileRecord) -> Result<Option<Target>, Conflict> {
    let mut text_of = |name: &str| {
        let path = root.join(name);
        match session.documents.now(&path) {
            Some(now) => Ok(Some(now.text)),
            None if !path.exists() => Ok(None),
            None => std::fs::read_to_string(&path)
                .map(|text| Some(Text::from(text.as_str())))
                .map_err(|error| Conflict::Unreadable(name.to_owned(), error.to_string())),
        }
    };
    let restored = take_back_file(record, &mut text_of)?;
    let (name, change, to, edits) = match restored {
        Restored::Nothing => return Ok(None),
        Restored::Edits(edits) => (&record.path, FileChange::Edit, None, edits),
        Restored::Create => {
            let whole = vec![Edit::new(Span::default(), record.before.as_str())];
            (&record.path, FileChange::Create, None, whole)
        }
        Restored::Delete => (&record.path, FileChange::Delete, None, Vec::new()),
        Restored::Rename(edits) => {
            let FileChange::Rename { to: now } = &record.change else { return Ok(None) };
            (now, FileChange::Rename { to: record.path.clone() }, Some(root.join(&record.path)), edits)
        }
    };
    let path = root.join(name);
    let base = text_of(name)?.unwrap_or_default();
    let revision = session.documents.now(&path).filter(|now| now.text == base).map(|now| now.revision);
    let hunks = hunks(&base, &edits);
    Ok(Some(Target { path, name: name.clone(), change, to, base, revision, hunks, purpose: Purpose::Exact }))
}

/// Takes back what a job of this session did, as a whole.
pub(super) async fn run_job(session: &Arc<Session>, job: JobId) -> Result<(), String> {
    let gone = || "there is no record of it any more".to_owned();
    let (root, id) = session.history.entry_of(job).ok_or_else(gone)?;
    let journal = session.history.journal(session, &root).ok_or_else(gone)?;
    let entry = journal.entry(id).map_err(|error| error.to_string())?;
    run(session, &root, &journal, entry, Way::Undo).await.map(drop)
}

/// Writes down that an entry goes a way.
struct WayRecord {
    session: Arc<Session>,
    root: PathBuf,
    journal: Arc<Journal>,
    entry: EntryId,
    way: Way,
    /// The state it starts from.
    was: State,
    /// What it does, as far as is known.
    files: Vec<FileRecord>,
}

impl WayRecord {
    fn set(&self, state: State) {
        note(self.journal.set_state(self.entry, state));
        self.session.history.set(&self.root, self.entry, state);
    }
}

impl Record for WayRecord {
    fn begin(&mut self, _: &[(Target, Placed)]) {
        self.set(self.way.during());
    }

    fn done(&mut self, parts: &[(Target, Placed)]) {
        // the way back leads exactly to what was there, whatever was typed in between
        for turn in history::records(parts) {
            let turn = if self.way == Way::Undo { turn.reversed() } else { turn };
            let of_file = |known: &&mut FileRecord| known.path == turn.path && known.change == turn.change;
            if let Some(known) = self.files.iter_mut().find(of_file) {
                *known = FileRecord { mode: known.mode, ..turn };
            }
        }
        note(self.journal.set_files(self.entry, &self.files));
        self.set(self.way.after());
    }

    fn failed(&mut self) {
        self.set(self.was);
    }

    fn stuck(&mut self) {
        self.set(State::Partly);
    }
}
