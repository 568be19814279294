//! Applying, undoing and redoing entries on the disk, and what is left of those that a crash stopped. In: entries and the
//! files as they are. Out: the files written as a whole, or none of them, and an entry that says which.

use std::collections::HashMap;

use super::entry::{EntryId, FileRecord, FileSummary, NewEntry, State, Summary, Writer};
use super::store::{Error, Journal, Stopped};
use super::take_back::{Conflict, Restored, take_back_file, turn_of};
use super::write::{
    Change, Rules, WriteError, changes, check_all, check_unsaved, clear, folders_made, mode_of, moved, note_modes,
    read, remove_folders, write, write_one,
};
use crate::edits::FileChange;
use crate::policy::Policy;
use crate::text::{Text, apply_edits};

/// Why an entry was not applied or taken back. The files are as they were, unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] Error),
    /// A file.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// What was changed since stands in the way.
    #[error("job {id} can't be {what}, so nothing was changed: {}", list(.conflicts))]
    Conflicts {
        /// The entry.
        id: EntryId,
        /// `taken back` or `done again`.
        what: &'static str,
        /// Of each file the first.
        conflicts: Vec<Conflict>,
    },
    /// It is in another state.
    #[error("job {id} is {}, so it can't be {what}", state.words())]
    State {
        /// The entry.
        id: EntryId,
        /// How far it is.
        state: State,
        /// `taken back` or `done again`.
        what: &'static str,
    },
}

fn list(conflicts: &[Conflict]) -> String {
    conflicts.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The entry as it is now.
    pub summary: Summary,
    /// The files that were written, in words of what became of them; empty where all were as wanted already.
    pub files: Vec<FileSummary>,
}

/// Which way an entry goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Back,
    Again,
}

impl Way {
    const fn words(self) -> &'static str {
        match self {
            Self::Back => "taken back",
            Self::Again => "done again",
        }
    }

    fn starts_from(self, state: State) -> bool {
        if self == Self::Back { state.is_undoable() } else { state == State::Undone }
    }

    /// The state meanwhile and the one after.
    const fn states(self) -> [State; 2] {
        match self {
            Self::Back => [State::Undoing, State::Undone],
            Self::Again => [State::Applying, State::Applied],
        }
    }
}

impl Journal {
    /// Writes a new entry's files: all of them, or none.
    ///
    /// # Errors
    /// [`DiskError`] says what stands in the way.
    pub fn apply(&self, entry: &NewEntry, policy: &Policy) -> Result<EntryId, DiskError> {
        let mut entry = entry.clone();
        for file in entry.files.iter_mut().filter(|file| file.change == FileChange::Delete) {
            file.mode = mode_of(&policy.root().join(&file.path));
        }
        let changes: Vec<Change> = entry.files.iter().flat_map(changes).collect();
        let mut checked = Ok(());
        let mut ready = || {
            checked = check_all(&changes, policy, Rules::All);
            checked.is_ok()
        };
        let id = self.begin_writing(&entry, &changes, &folders_made(&changes, policy), &mut ready)?;
        checked?;
        self.write_claimed(id, &changes, policy, Rules::All, [State::Failed, State::Applied])?;
        Ok(id)
    }

    /// [`Journal::begin`], noting the folders that will have to be made for the entry's files.
    ///
    /// # Errors
    /// When the journal can't be written.
    pub fn begin_in(&self, entry: &NewEntry, policy: &Policy) -> Result<EntryId, Error> {
        let changes: Vec<Change> = entry.files.iter().flat_map(changes).collect();
        self.begin_making(entry, &folders_made(&changes, policy))
    }

    /// Removes those of the folders made for an entry's files that have no file in them any more.
    ///
    /// # Errors
    /// When the journal can't be read.
    pub fn remove_folders(&self, id: EntryId, policy: &Policy) -> Result<(), Error> {
        remove_folders(&self.folders_of(id)?, policy);
        Ok(())
    }

    /// Takes an entry back in all of its files; what was changed since stays.
    ///
    /// # Errors
    /// [`DiskError`] says what stands in the way, each place of it.
    pub fn undo(&self, id: EntryId, policy: &Policy) -> Result<Done, DiskError> {
        self.turn(id, policy, Way::Back)
    }

    /// Does once more what was taken back.
    ///
    /// # Errors
    /// As [`Journal::undo`].
    pub fn redo(&self, id: EntryId, policy: &Policy) -> Result<Done, DiskError> {
        self.turn(id, policy, Way::Again)
    }

    fn turn(&self, id: EntryId, policy: &Policy, way: Way) -> Result<Done, DiskError> {
        let entry = self.entry(id)?;
        let (from, [meanwhile, to]) = (entry.summary.state, way.states());
        if !way.starts_from(from) {
            return Err(DiskError::State { id, state: from, what: way.words() });
        }
        let (mut all, mut files, mut conflicts) = (Vec::new(), Vec::new(), Vec::new());
        let mut texts = HashMap::new();
        // each file is read once: the edits and what they are applied to must be of one moment
        let mut text_of = |path: &str| {
            let text = texts.entry(path.to_owned()).or_insert_with(|| text_of(path, policy));
            text.clone()
        };
        let mut turned = Vec::new();
        for record in &entry.files {
            let toward = if way == Way::Back { record.clone() } else { record.reversed() };
            let mut plan = || {
                let restored = take_back_file(&toward, &mut text_of)?;
                let now = text_of(toward.path_after())?.unwrap_or_default();
                let turn =
                    turn_of(&toward, &restored, &now).map(|turn| if way == Way::Back { turn.reversed() } else { turn });
                Ok((turn, planned(&toward, &restored, &mut text_of)?))
            };
            match plan() {
                Ok((turn, plan)) => {
                    turned.push(turn.unwrap_or_else(|| record.clone()));
                    let (summary, changes) = plan.unzip();
                    files.extend(summary);
                    all.extend(changes.into_iter().flatten());
                }
                Err(conflict) => conflicts.push(conflict),
            }
        }
        if !conflicts.is_empty() {
            return Err(DiskError::Conflicts { id, what: way.words(), conflicts });
        }
        for record in &entry.files {
            check_unsaved(&record.path, policy)?;
            check_unsaved(record.path_after(), policy)?;
        }
        if all.is_empty() {
            self.claim(id, [from, to], &[], &mut || true)?;
        } else {
            note_modes(&mut all, policy);
            let mut checked = Ok(());
            let mut ready = || {
                checked = check_all(&all, policy, Rules::Containment);
                checked.is_ok()
            };
            self.claim(id, [from, meanwhile], &all, &mut ready)?;
            checked?;
            self.write_claimed(id, &all, policy, Rules::Containment, [from, to])?;
            if turned != entry.files {
                self.set_files(id, &turned)?;
            }
        }
        Ok(Done { summary: Summary { state: to, ..entry.summary }, files })
    }

    /// Writes what an entry was claimed for, and notes how it ended: `states` are those when it failed, and when not.
    fn write_claimed(
        &self,
        id: EntryId,
        changes: &[Change],
        policy: &Policy,
        rules: Rules,
        [failed, done]: [State; 2],
    ) -> Result<(), DiskError> {
        match write(changes, policy, rules) {
            Ok(()) => {
                if done == State::Undone {
                    remove_folders(&self.folders_of(id)?, policy); // first, so that a crash can't leave them for good
                }
                Ok(self.finish(id, done)?)
            }
            // it stays under way, and the next command tries to put the rest back
            Err(error @ WriteError::Stuck { .. }) => Err(error.into()),
            Err(error) => {
                self.finish(id, failed)?;
                Err(error.into())
            }
        }
    }

    /// Settles what processes left that ended in the middle: an entry whose files are all written counts as done; else
    /// those that are written get their old text back. A file that is neither is left alone. Gives what the user should
    /// know.
    ///
    /// # Errors
    /// When the journal can't be read or written.
    pub fn recover(&self, policy: &Policy) -> Result<Vec<String>, Error> {
        let mut told = Vec::new();
        for stopped in self.take_stopped()? {
            let (id, goal) = (stopped.summary.id, goal(stopped.summary.state));
            if stopped.summary.writer == Writer::Editor {
                let (state, having) = self.state_in_editor(&stopped, policy)?;
                self.set_state(id, state)?;
                if state == State::Partly {
                    told.push(format!(
                        "job {id} was stopped while it was {}: of its files only {} changed; `whittle undo {id}` takes that back",
                        stopped.summary.state.name(),
                        having.join(", ")
                    ));
                }
                continue;
            }
            clear(&stopped.changes, policy, stopped.process);
            let now: Vec<Holds> = stopped.changes.iter().map(|change| holds(change, policy)).collect();
            let done = !now.is_empty() && !now.contains(&Holds::Old);
            let state = if done { goal } else { stopped.was };
            let (mut strange, mut stuck) = (Vec::new(), Vec::new());
            for (change, holds) in stopped.changes.iter().zip(&now).rev() {
                match holds {
                    Holds::Other => strange.push(change.path.as_str()),
                    Holds::New if !done => {
                        if let Err(error) = write_one(&change.reversed(), policy) {
                            stuck.push(error.to_string());
                        }
                    }
                    Holds::Old | Holds::New => {}
                }
            }
            let stop = format!("job {id} was stopped while it was {}", stopped.summary.state.name());
            if !stuck.is_empty() {
                told.push(format!("{stop}, and is only half taken back: {}", stuck.join("; ")));
                continue;
            }
            self.finish(id, state)?;
            if state != State::Applied {
                remove_folders(&self.folders_of(id)?, policy);
            }
            let strange = match strange.as_slice() {
                [] => String::new(),
                some => format!("; {} was changed by somebody else and left alone", some.join(", ")),
            };
            if !(done && strange.is_empty()) {
                told.push(format!("{stop}: it is {} now{strange}", state.name()));
            }
        }
        Ok(told)
    }

    /// What an editor does not tell any more, the disk does: a file in which nothing is to be taken back does not have
    /// the entry. Gives the files that have it, too.
    fn state_in_editor(&self, stopped: &Stopped, policy: &Policy) -> Result<(State, Vec<String>), Error> {
        let files = self.entry(stopped.summary.id)?.files;
        let has =
            |record: &&FileRecord| take_back_file(record, &mut |path| text_of(path, policy)) != Ok(Restored::Nothing);
        let having: Vec<String> = files.iter().filter(has).map(|record| record.path_after().to_owned()).collect();
        let state = match (having.len(), stopped.summary.state) {
            (0, State::Undoing) => State::Undone,
            (0, _) => stopped.was,
            (some, _) if some < files.len() => State::Partly,
            _ => State::Applied,
        };
        Ok((state, having))
    }
}

/// What an entry under way is to become.
fn goal(state: State) -> State {
    if state == State::Undoing { State::Undone } else { State::Applied }
}

/// What a file holds after a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Old,
    New,
    Other,
}

fn holds(change: &Change, policy: &Policy) -> Holds {
    let Ok(now) = read(&change.path, policy) else { return Holds::Other };
    let is = |text: &Option<String>| text.as_ref().map(String::as_bytes) == now.as_deref();
    match (is(&change.before), is(&change.after)) {
        (true, _) => Holds::Old,
        (false, true) => Holds::New,
        (false, false) => Holds::Other,
    }
}

fn text_of(path: &str, policy: &Policy) -> Result<Option<Text>, Conflict> {
    let unreadable = |why: String| Conflict::Unreadable(path.to_owned(), why);
    let bytes = read(path, policy).map_err(|error| unreadable(error.to_string()))?;
    let text = bytes.map(String::from_utf8).transpose().map_err(|_| unreadable("it is not UTF-8 text".to_owned()))?;
    Ok(text.map(|text| Text::from(&*text)))
}

/// What restoring a file takes on the disk; `None`: nothing.
fn planned(
    record: &FileRecord,
    restored: &Restored,
    text_of: &mut dyn FnMut(&str) -> Result<Option<Text>, Conflict>,
) -> Result<Option<(FileSummary, Vec<Change>)>, Conflict> {
    let path = record.path.clone();
    let mut edited = |path: &str, edits| {
        let now = text_of(path)?.ok_or_else(|| Conflict::Gone(path.to_owned()))?;
        Ok((now.to_text(), apply_edits(&now, edits).to_text()))
    };
    let (change, changes) = match restored {
        Restored::Nothing => return Ok(None),
        Restored::Edits(edits) => {
            let (before, after) = edited(&path, edits)?;
            ("edit", vec![Change { path, before: Some(before), after: Some(after), like: None, mode: None }])
        }
        Restored::Create => (
            "create",
            vec![Change { path, before: None, after: Some(record.before.clone()), like: None, mode: record.mode }],
        ),
        Restored::Delete => {
            ("delete", vec![Change { path, before: Some(record.after.clone()), after: None, like: None, mode: None }])
        }
        Restored::Rename(edits) => {
            let (before, after) = edited(record.path_after(), edits)?;
            ("rename", moved(record.path_after(), &path, before, after))
        }
    };
    let first = |text: fn(&Change) -> Option<&String>| changes.iter().find_map(text).cloned().unwrap_or_default();
    let (before, after) = (first(|change| change.before.as_ref()), first(|change| change.after.as_ref()));
    let (added, removed) = FileRecord { before, after, ..record.clone() }.lines();
    let (path, to) = match change {
        "rename" => (record.path_after().to_owned(), Some(record.path.clone())),
        _ => (record.path.clone(), None),
    };
    Ok(Some((FileSummary { path, change, to, added, removed }, changes)))
}
