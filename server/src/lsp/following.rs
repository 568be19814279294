//! What verify commands find after their proposal was applied, because they took longer than the user wants to wait. In:
//! the commands that run on. Out: what they prove, or their faults, on the job's hunks. They end when the job is taken back,
//! in part or as a whole, and with the session.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::task::AbortOnDropHandle;

use super::apply::{Placed, Target};
use super::history::Origin;
use super::marks;
use super::session::Session;
use crate::edits::Proof;
use crate::jobs::JobId;
use crate::operations::{Late, Pending};

/// The jobs of a session whose commands run on; dropping one ends them.
#[derive(Debug, Default)]
pub(super) struct Following(Mutex<BTreeMap<JobId, AbortOnDropHandle<()>>>);

impl Following {
    fn jobs(&self) -> MutexGuard<'_, BTreeMap<JobId, AbortOnDropHandle<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner) // each change leaves the map whole
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
    let session_of_job = Arc::downgrade(session);
    let wait = async move {
        let result = pending.await;
        let Some(session) = session_of_job.upgrade() else { return };
        match result {
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
    jobs.insert(job, AbortOnDropHandle::new(session.runtime.spawn(wait)));
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
