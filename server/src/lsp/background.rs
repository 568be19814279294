//! One thread that keeps trees in step, follows changes on the disk and has workspaces indexed, so that requests find
//! everything ready.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::convert::is_file;
use super::session::{Chore, Session};
use crate::context;
use crate::index::Changed;
use crate::journal::Announcement;
use crate::syntax::by_path;
use crate::text::Text;

/// Changes on the disk come in bursts; they are followed together, this long after the first.
const BURST: Duration = Duration::from_millis(50);

/// More changes than this at once (another branch): the workspace is walked instead.
const MANY: usize = 100;

/// After so long without work the index is put on the disk, and workspaces that can't be watched are walked.
const IDLE: Duration = Duration::from_secs(10);

/// What the thread remembers from one chore to the next.
#[derive(Default)]
struct Work {
    changed: BTreeSet<PathBuf>,
    /// When they are to be followed.
    due: Option<Instant>,
    /// Workspaces that are being indexed.
    running: HashSet<PathBuf>,
    /// Those that have to be indexed once more after it.
    again: HashSet<PathBuf>,
    /// Those that can't be watched.
    unwatched: HashSet<PathBuf>,
    /// Something was followed since the last idle moment.
    unkept: bool,
    /// Documents that the editor has not saved, as far as it is known, and how others are told of them.
    unsaved: BTreeSet<PathBuf>,
    /// The text in which a document was last seen to be as the disk: as long as it has that, nothing is unsaved in it,
    /// whatever somebody else wrote to the disk since.
    saved: HashMap<PathBuf, Text>,
    announcement: Option<Announcement>,
}

/// Does the chores until told to stop or the session is gone. Chores that piled up are done once.
pub(super) fn run(chores: &Receiver<Chore>, session: &Weak<Session>) {
    let editor = format!("an editor (`whittle lsp`, process {})", std::process::id());
    let mut work = Work { announcement: Announcement::new(&editor), ..Work::default() };
    loop {
        let wait = work.due.map_or(IDLE, |due| due.saturating_duration_since(Instant::now()));
        let first = match chores.recv_timeout(wait) {
            Ok(chore) => Some(chore),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let Some(session) = session.upgrade() else { return };
        let is_idle = first.is_none() && work.due.is_none();
        let (mut settle, mut index) = (BTreeSet::new(), BTreeSet::new());
        for chore in first.into_iter().chain(chores.try_iter()) {
            match chore {
                Chore::Settle(path) => drop(settle.insert(path)),
                Chore::Index(root) => drop(index.insert(root)),
                Chore::Indexed(root) => {
                    work.running.remove(&root);
                    if work.again.remove(&root) {
                        index.insert(root);
                    }
                }
                Chore::Unwatched(root) => drop(work.unwatched.insert(root)),
                Chore::Changed(path) => {
                    work.changed.insert(path);
                    work.due = work.due.or_else(|| Some(Instant::now() + BURST));
                }
                Chore::Stop => return keep(&session),
            }
        }
        settle.iter().for_each(|path| session.documents.settle(path));
        // not every client tells of saving
        let unsaved = if is_idle { work.unsaved.clone() } else { BTreeSet::new() };
        let seen = settle.iter().chain(&work.changed).chain(&unsaved);
        announce(&session, seen, &mut work.unsaved, &mut work.saved, work.announcement.as_mut());
        if work.due.is_some_and(|due| due <= Instant::now()) {
            work.due = None;
            work.unkept = true;
            index.extend(follow(&session, &std::mem::take(&mut work.changed)));
        }
        if is_idle {
            index.extend(work.unwatched.iter().cloned());
            if std::mem::take(&mut work.unkept) {
                keep(&session);
            }
        }
        for root in index {
            if !work.running.insert(root.clone()) {
                work.again.insert(root);
            } else if !start_index(&session, &root) {
                work.running.remove(&root);
            }
        }
        // so that the first context does not have to wait for them
        settle.iter().filter_map(|path| by_path(path)).for_each(context::prepare);
    }
}

fn keep(session: &Session) {
    session.workspaces().iter().for_each(|workspace| workspace.keep_index());
}

/// Looks which of the documents seen just now are saved, and tells other processes of those that are not.
fn announce<'paths>(
    session: &Session,
    seen: impl Iterator<Item = &'paths PathBuf>,
    unsaved: &mut BTreeSet<PathBuf>,
    saved: &mut HashMap<PathBuf, Text>,
    announcement: Option<&mut Announcement>,
) {
    let Some(announcement) = announcement else { return };
    for path in seen.filter(|path| is_file(path)) {
        let is_saved = match session.documents.now(path) {
            None => {
                saved.remove(path);
                true
            }
            Some(now) => {
                let as_long = std::fs::metadata(path).is_ok_and(|file| file.len() == now.text.len() as u64);
                if as_long && std::fs::read(path).is_ok_and(|bytes| bytes == now.text.to_text().as_bytes()) {
                    saved.insert(path.clone(), now.text.clone());
                }
                saved.get(path) == Some(&now.text)
            }
        };
        // commands know files by their paths with links resolved
        let path = path.canonicalize().unwrap_or_else(|_| path.clone());
        if is_saved {
            unsaved.remove(&path)
        } else {
            unsaved.insert(path)
        };
    }
    announcement.tell(unsaved.clone());
}

/// Takes in what changed on the disk. Gives the workspaces that have to be walked.
fn follow(session: &Session, changed: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
    let mut walk = Vec::new();
    for workspace in session.workspaces() {
        let is_here =
            |path: &&PathBuf| workspace.policy().relative(path).is_ok() && session.documents.text(path).is_none();
        let here: Vec<&PathBuf> = changed.iter().filter(is_here).collect();
        let walks = if here.len() > MANY {
            here.iter().for_each(|path| workspace.document_closed(path)); // those that were open
            true
        } else {
            here.iter().map(|path| workspace.file_changed(path)).fold(false, |walks, followed| walks | !followed)
        };
        walk.extend(walks.then(|| workspace.policy().root().to_owned()));
    }
    walk
}

/// Indexing takes long, so it has a thread of its own; it ends early when the workspace is gone. False when there is
/// none.
fn start_index(session: &Arc<Session>, root: &Path) -> bool {
    let Some(workspace) = session.workspaces().into_iter().find(|workspace| workspace.policy().root() == root) else {
        return false;
    };
    let watches = !session.features.dynamic_watching;
    let session = Arc::downgrade(session);
    let root = root.to_owned();
    let build = move || {
        let tell = |chore: Chore| {
            if let Some(session) = session.upgrade() {
                session.chore(chore);
            }
        };
        if watches {
            // before the walk, so that no change falls between them
            let (session, root) = (session.clone(), root.clone());
            let hear = move |changed| {
                let Some(session) = session.upgrade() else { return };
                session.chore(match changed {
                    Changed::Path(path) => Chore::Changed(path),
                    Changed::Anything => Chore::Index(root.clone()),
                });
            };
            if let Err(error) = workspace.watch(hear) {
                tracing::warn!(%error);
                tell(Chore::Unwatched(workspace.policy().root().to_owned()));
            }
        }
        let gone = || {
            session
                .upgrade()
                .is_none_or(|session| !session.workspaces().iter().any(|workspace| workspace.policy().root() == root))
        };
        workspace.build_index(&gone);
        tell(Chore::Indexed(root.clone()));
    };
    let started = std::thread::Builder::new().name("indexing".into()).spawn(build);
    if let Err(error) = &started {
        tracing::warn!(%error, "no thread for indexing");
    }
    started.is_ok()
}
