//! One thread that keeps trees in step and indexes workspaces, so that requests find them ready.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Weak;
use std::sync::mpsc::Receiver;

use super::session::{Chore, Session};

/// Does the chores until told to stop or the session is gone. Chores that piled up are done once.
pub(super) fn run(chores: &Receiver<Chore>, session: &Weak<Session>) {
    while let Ok(first) = chores.recv() {
        let (mut settle, mut index, mut changed) = (BTreeSet::new(), Vec::new(), BTreeSet::new());
        for chore in std::iter::once(first).chain(chores.try_iter()) {
            match chore {
                Chore::Settle(path) => drop(settle.insert(path)),
                Chore::Index(root) => index.push(root),
                Chore::Changed(path) => drop(changed.insert(path)),
                Chore::Stop => return,
            }
        }
        let Some(session) = session.upgrade() else { return };
        settle.iter().for_each(|path| session.documents.settle(path));
        changed.iter().for_each(|path| file_changed(&session, path));
        for root in index {
            start_index(&session, root);
        }
    }
}

fn file_changed(session: &Session, path: &Path) {
    for workspace in session.workspaces() {
        if workspace.policy().relative(path).is_ok() && session.documents.text(path).is_none() {
            let _ = workspace.file_changed(path);
        }
    }
}

/// Indexing takes long, so it has a thread of its own; it ends early when the workspace is gone.
fn start_index(session: &std::sync::Arc<Session>, root: PathBuf) {
    let Some(workspace) = session.workspaces().into_iter().find(|workspace| workspace.policy().root() == root) else {
        return;
    };
    let session = std::sync::Arc::downgrade(session);
    let build = move || {
        let gone = || {
            session
                .upgrade()
                .is_none_or(|session| !session.workspaces().iter().any(|workspace| workspace.policy().root() == root))
        };
        workspace.build_index(&gone);
    };
    if let Err(error) = std::thread::Builder::new().name("indexing".into()).spawn(build) {
        tracing::warn!(%error, "no thread for indexing");
    }
}
