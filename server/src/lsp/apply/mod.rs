//! Applies a change: rebased over what was typed meanwhile, with the versions that it is meant for, and confirmed by the
//! documents' texts. In: targets. Out: what was done to each, or why nothing was. A change over several files is applied
//! as a whole or taken back as a whole; what can't be placed any more is not applied.

mod place;
mod send;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;
use tokio_util::sync::CancellationToken;

pub(super) use place::{KeptBack, Placed, Purpose, Target, place};

use self::place::make_folder;
use self::send::{Decision, send};
use super::session::Session;
use crate::edits::FileChange;
use crate::text::Text;

/// How often an edit that the client refused, because the user typed, is rebased and sent again.
const MOST_TRIES: usize = 5;

/// Why nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NotApplied {
    /// What the user did came first; it may be applied later, if the user still wants it.
    Late(String),
    /// It can't be applied.
    Never(String),
}

impl NotApplied {
    pub(super) fn why(&self) -> &str {
        match self {
            Self::Late(why) | Self::Never(why) => why,
        }
    }
}

/// Written down before anything is changed, and after.
pub(super) trait Record: Send {
    /// What is about to be done.
    fn begin(&mut self, parts: &[(Target, Placed)]);
    /// It is done, in the end so.
    fn done(&mut self, parts: &[(Target, Placed)]);
    /// Nothing is left of it.
    fn failed(&mut self);
    /// A part of it is left, which could not be taken back.
    fn stuck(&mut self);
}

/// Files that a workspace edit is under way for: one at a time each.
#[derive(Debug, Default)]
pub(super) struct Applying {
    files: Mutex<HashMap<PathBuf, Arc<tokio::sync::Mutex<()>>>>,
}

impl Applying {
    /// Waits until no edit of these files is under way.
    async fn enter(&self, mut paths: Vec<PathBuf>) -> Vec<OwnedMutexGuard<()>> {
        paths.sort(); // always in the same order, so that no two wait for each other
        paths.dedup();
        let mut guards = Vec::new();
        for path in paths {
            let file = {
                let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
                files.retain(|_, file| Arc::strong_count(file) > 1);
                files.entry(path).or_default().clone()
            };
            guards.push(file.lock_owned().await);
        }
        guards
    }

    /// Whether an edit of a file is under way: its text may be half of it.
    pub(super) fn is_open(&self, path: &Path) -> bool {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.get(path).is_some_and(|file| file.try_lock().is_err())
    }
}

/// Applies targets, together where the client takes them so, else one after the other. It goes on when the caller is
/// dropped, until the files are whole; `cancelled` is looked at before anything is sent.
pub(super) async fn run(
    session: &Arc<Session>,
    label: &str,
    targets: Vec<Target>,
    mut record: impl Record + 'static,
) -> Result<Vec<(Target, Placed)>, NotApplied> {
    let cancelled = CancellationToken::new();
    let _when_dropped = cancelled.clone().drop_guard();
    let (session, label) = (session.clone(), label.to_owned());
    let whole = async move {
        let paths =
            targets.iter().flat_map(|target| std::iter::once(&target.path).chain(&target.to)).cloned().collect();
        let guards = session.applying.enter(paths).await;
        let result = all(&session, &label, targets, &mut record, &cancelled).await;
        drop(guards);
        result
    };
    let failed = |error| {
        tracing::error!(%error, "applying failed");
        Err(NotApplied::Never("applying failed because of a fault in Whittle itself; look at the files".to_owned()))
    };
    tokio::spawn(whole).await.unwrap_or_else(failed)
}

async fn all(
    session: &Session,
    label: &str,
    targets: Vec<Target>,
    record: &mut impl Record,
    cancelled: &CancellationToken,
) -> Result<Vec<(Target, Placed)>, NotApplied> {
    let stopped = || NotApplied::Never("cancelled, so nothing was changed".to_owned());
    if cancelled.is_cancelled() {
        return Err(stopped());
    }
    let first = place_all(session, &targets)?;
    if first.iter().all(|(_, placed)| placed.steps.is_empty()) {
        return Ok(first); // all of it is there already, or was overtaken
    }
    record.begin(&first);
    let groups: Vec<Vec<(Target, Placed)>> = if session.features.edits_whole { vec![first] } else { one_by_one(first) };
    let mut done: Vec<(Target, Placed)> = Vec::new();
    for parts in groups {
        let ended =
            if cancelled.is_cancelled() { Err((stopped(), Vec::new())) } else { group(session, label, parts).await };
        match ended {
            Ok(parts) => done.extend(parts),
            Err((why, part)) => {
                let left = take_back(session, label, done.into_iter().chain(part)).await;
                if left.is_empty() {
                    record.failed();
                    return Err(why);
                }
                record.stuck();
                let why = format!("{}; taking back what was done before failed: {}", why.why(), left.join("; "));
                return Err(NotApplied::Never(why));
            }
        }
    }
    record.done(&done);
    Ok(done)
}

/// Each file alone: first where the user may be typing, last what takes a file away or is hard to take back, since an editor
/// may keep the buffer of a file that goes again.
fn one_by_one(mut parts: Vec<(Target, Placed)>) -> Vec<Vec<(Target, Placed)>> {
    parts.sort_by_key(|(target, placed)| match target.change {
        FileChange::Edit if placed.revision.is_some() => 0,
        FileChange::Edit => 1,
        FileChange::Rename { .. } => 2,
        FileChange::Create => 3,
        FileChange::Delete => 4,
    });
    parts.into_iter().map(|part| vec![part]).collect()
}

fn place_all(session: &Session, targets: &[Target]) -> Result<Vec<(Target, Placed)>, NotApplied> {
    targets.iter().map(|target| Ok((target.clone(), place(session, target)?))).collect()
}

/// Applies what goes into one workspace edit. Gives what was done; where it failed, what of it may have been done.
async fn group(
    session: &Session,
    label: &str,
    mut parts: Vec<(Target, Placed)>,
) -> Result<Vec<(Target, Placed)>, (NotApplied, Vec<(Target, Placed)>)> {
    let names: Vec<String> = parts.iter().map(|(target, _)| target.name.clone()).collect();
    let names = names.join(", ");
    let (mut unchanged, mut reason) = (0, None);
    for attempt in 0..MOST_TRIES {
        if attempt > 0 {
            let targets: Vec<Target> = parts.into_iter().map(|(target, _)| target).collect();
            parts = place_all(session, &targets).map_err(|why| (why, Vec::new()))?;
        }
        parts.iter().try_for_each(|(target, _)| make_folder(target)).map_err(|why| (why, Vec::new()))?;
        match send(session, label, &parts).await {
            Decision::Applied => return Ok(parts),
            Decision::Refused(why) => reason = why.or(reason),
            Decision::Part => {
                let why = format!("the editor took only a part of the edit of {names}, so it was taken back");
                return Err((NotApplied::Late(why), parts));
            }
            Decision::Silent => {
                let why = format!("the editor did not answer whether it took the edit of {names}; look at the file");
                return Err((NotApplied::Never(why), Vec::new()));
            }
        }
        let same = |(target, placed): &(Target, Placed)| {
            session.documents.now(&target.path).map(|now| now.revision) == placed.revision
        };
        unchanged += usize::from(parts.iter().all(same));
        if unchanged == 2 {
            break; // nobody typed: it will refuse again
        }
    }
    let reason = reason.map(|reason| format!(" ({})", reason.trim_end_matches('.'))).unwrap_or_default();
    let why = format!("the editor refused the edit of {names}{reason}, so nothing was changed");
    Err((NotApplied::Late(why), Vec::new()))
}

/// Whether there is a file without a text.
fn is_empty(session: &Session, path: &Path) -> bool {
    match session.documents.now(path) {
        Some(now) => now.text.is_empty(),
        None => std::fs::metadata(path).is_ok_and(|file| file.len() == 0),
    }
}

/// Takes back what was done, the last first, as far as the files show it; what the user typed since stays. Gives what could not be taken back.
async fn take_back(
    session: &Session,
    label: &str,
    done: impl DoubleEndedIterator<Item = (Target, Placed)>,
) -> Vec<String> {
    let mut left = Vec::new();
    let there = |path: &Path| path.exists() || session.documents.now(path).is_some();
    for (target, placed) in done.rev().filter(|(_, placed)| !placed.steps.is_empty()) {
        let was_done = match &target.change {
            FileChange::Edit => true, // its text tells
            FileChange::Create => there(&target.path),
            FileChange::Delete => !there(&target.path),
            FileChange::Rename { .. } => target.to.as_deref().is_some_and(there) && !target.path.exists(),
        };
        if !was_done {
            continue;
        }
        let mut inverse = target.inverse(&placed);
        if target.change == FileChange::Create && is_empty(session, &target.path) {
            inverse.base = Text::default(); // made, and not filled any more
        }
        let ended = match place(session, &inverse) {
            Ok(placed) => group(session, &format!("{label}, taken back"), vec![(inverse, placed)]).await.map(drop),
            Err(why) => Err((why, Vec::new())),
        };
        if let Err((why, _)) = ended {
            left.push(why.why().to_owned());
        }
    }
    left
}
