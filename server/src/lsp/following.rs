//! What verify commands find after their proposal was applied, because they took longer than the user wants to wait. In:
//! the commands that run on. Out: what they prove, or their faults, on the job's hunks. They end when the job is taken back,
//! in part or as a whole, by hand or not, and with the session.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::task::AbortOnDropHandle;

use super::apply::{Placed, Target};
use super::history::Origin;
use super::marks;
use super::session::Session;
use crate::edits::{HunkPlace, HunkState, Proof, hunk_states};
use crate::jobs::JobId;
use crate::operations::{Late, Pending};
use crate::text::Text;

/// The jobs of a session whose commands run on; dropping one ends them.
#[derive(Debug, Default)]
pub(super) struct Following(Mutex<BTreeMap<JobId, Followed>>);

#[derive(Debug)]
struct Followed {
    files: Arc<[File]>,
    _commands: AbortOnDropHandle<()>,
}

/// What a job did to a file.
#[derive(Debug)]
struct File {
    path: PathBuf,
    before: Text,
    after: Text,
    places: Vec<HunkPlace>,
}

/// What the user made of a job meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Since {
    Same,
    /// Some of its hunks are other ones now.
    Changed,
    /// Nothing of it is left.
    TakenBack,
}

fn since(session: &Session, files: &[File]) -> Since {
    let states = |file: &File| {
        let now = session.documents.now(&file.path)?.text;
        Some(hunk_states(&file.before, &file.after, &file.places, &now).0)
    };
    let states: Vec<HunkState> = files.iter().filter_map(states).flatten().collect();
    let all = |wanted| states.iter().all(|state| *state == wanted);
    match () {
        () if all(HunkState::New) => Since::Same, // also where none is open
        () if all(HunkState::Old) => Since::TakenBack,
        () => Since::Changed,
    }
}

impl Following {
    fn jobs(&self) -> MutexGuard<'_, BTreeMap<JobId, Followed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner) // each change leaves the map whole
    }

    /// Whether commands run on for a job that changed a file.
    pub(super) fn has(&self, path: &Path) -> bool {
        self.jobs().values().any(|job| job.files.iter().any(|file| file.path == path))
    }

    /// Ends the commands of all jobs.
    pub(super) fn stop_all(&self) {
        self.jobs().clear();
    }
}

/// Waits for what commands still prove of a job, and shows it on the job's hunks.
pub(super) fn start(
    session: &Arc<Session>,
    origin: &Origin,
    title: &str,
    proved: &[Proof],
    parts: &[(Target, Placed)],
    pending: Pending,
) {
    let same = parts.iter().all(|(target, placed)| placed.before == target.base && placed.back.is_empty());
    let known: Vec<Proof> = proved.iter().filter(|proof| !matches!(proof, Proof::NotYet(_))).cloned().collect();
    let (job, model, title) = (origin.job, origin.model.clone(), title.to_owned());
    let reviewed = !session.reviews.numbers(job).is_empty();
    let file = |(target, placed): &(Target, Placed)| File {
        path: target.to.as_ref().unwrap_or(&target.path).clone(),
        before: placed.before.clone(),
        after: placed.after.clone(),
        places: placed.places.clone(),
    };
    let files: Arc<[File]> = parts.iter().map(file).collect();
    let files_of_job = files.clone();
    let session_of_job = Arc::downgrade(session);
    let wait = async move {
        let result = pending.await;
        let Some(session) = session_of_job.upgrade() else { return };
        let since = since(&session, &files_of_job);
        match result {
            _ if since == Since::TakenBack => {}
            // it was proved of the text without what was typed
            Ok(_) if !same => {}
            Ok(more) => {
                let words: Vec<String> = known.iter().chain(&more).map(ToString::to_string).collect();
                show(&session, job, Ok(words.join(" · ")));
            }
            Err(Late { faults, earlier }) => {
                session.history.set_earlier(job, earlier);
                let marked = show(&session, job, Err(faults.clone()));
                let hint = match marked {
                    _ if since == Since::Changed => "; you changed it since, so that may be settled".to_owned(),
                    true => format!("; “Try … again” among the code actions there tells {model} so"),
                    false => String::new(),
                };
                if marked || !reviewed || session.history.is_applied(job) {
                    session.notifier.warn(&format!("“{title}” was applied, but: {faults}{hint}"));
                }
            }
        }
        session.following.jobs().remove(&job);
    };
    let mut jobs = session.following.jobs(); // held until it is in, so that it is not taken out before
    let commands = AbortOnDropHandle::new(session.runtime.spawn(wait));
    jobs.insert(job, Followed { files, _commands: commands });
}

/// A file was changed: the commands of the jobs that the user took back by it end.
pub(super) fn look(session: &Session, path: &Path) {
    let of_file = |(job, followed): (&JobId, &Followed)| {
        followed.files.iter().any(|file| file.path == path).then(|| (*job, followed.files.clone()))
    };
    let jobs: Vec<(JobId, Arc<[File]>)> = session.following.jobs().iter().filter_map(of_file).collect();
    for (job, files) in jobs {
        if since(session, &files) == Since::TakenBack {
            stop(session, job);
        }
    }
}

/// Ends the commands that run on for a job: its text is no longer the one that they look at.
pub(super) fn stop(session: &Session, job: JobId) {
    if session.following.jobs().remove(&job).is_some() {
        show(session, job, Ok(String::new()));
    }
}

/// Shows on a job's hunks what was found of it; false where none is under review any more.
fn show(session: &Session, job: JobId, found: Result<String, String>) -> bool {
    let files = session.reviews.prove(job, found);
    files.iter().for_each(|path| marks::send(session, path));
    !files.is_empty()
}
