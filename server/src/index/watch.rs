//! Tells of changes in a workspace's folders, for editors that do not. In: a policy, whose ignore and deny rules say
//! which folders count. Out: paths that may have changed. Never reads a file.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use notify::event::ModifyKind;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::sources::language_of;
use super::walk::folders;
use crate::policy::{IGNORE_FILES, Policy};

/// Most folders that are watched; the system keeps about a kilobyte for each.
const MOST_FOLDERS: usize = 50_000;

/// What may have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// This file or folder.
    Path(PathBuf),
    /// Anything: the system lost count.
    Anything,
}

/// Why a workspace can't be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The system has no more room for it, or can't do it here.
    #[error("the workspace can't be watched ({0}); it is looked through now and then instead")]
    System(#[from] notify::Error),
    /// More than [`MOST_FOLDERS`].
    #[error("the workspace has {0} folders, too many to be watched; it is looked through now and then instead")]
    Folders(usize),
}

/// Watches until it is dropped.
#[derive(Debug)]
pub(super) struct Watch {
    watcher: RecommendedWatcher,
    folders: HashSet<PathBuf>,
}

impl Watch {
    /// Watches nothing yet.
    pub(super) fn new(tell: impl Fn(Changed) + Send + 'static) -> Result<Self, WatchError> {
        let hear = move |event: notify::Result<notify::Event>| match event {
            Ok(event) if event.need_rescan() => tell(Changed::Anything),
            Ok(event) => {
                let wanted = event.paths.iter().filter(|path| is_wanted(event.kind, path));
                wanted.for_each(|path| tell(Changed::Path(path.clone())));
            }
            Err(error) => tracing::debug!(%error, "watching"),
        };
        Ok(Self { watcher: notify::recommended_watcher(hear)?, folders: HashSet::new() })
    }

    /// Watches the folders that the workspace has now.
    pub(super) fn follow(&mut self, policy: &Policy) -> Result<(), WatchError> {
        if !cfg!(target_os = "linux") {
            // elsewhere the system watches whole trees
            if self.folders.insert(policy.root().to_owned()) {
                self.watcher.watch(policy.root(), RecursiveMode::Recursive)?;
            }
            return Ok(());
        }
        let folders: HashSet<PathBuf> = folders(policy).into_iter().collect();
        if folders.len() > MOST_FOLDERS {
            return Err(WatchError::Folders(folders.len()));
        }
        for gone in self.folders.difference(&folders) {
            let _ = self.watcher.unwatch(gone); // the system forgot it with the folder
        }
        for new in folders.difference(&self.folders) {
            match self.watcher.watch(new, RecursiveMode::NonRecursive) {
                Err(error) if new.is_dir() => return Err(error.into()),
                _ => {} // watched, or gone meanwhile
            }
        }
        self.folders = folders;
        Ok(())
    }
}

/// New text counts in files that are indexed and in ignore files; what comes and goes always does: it may be a folder.
fn is_wanted(kind: EventKind, path: &Path) -> bool {
    let is_ignore_file = || {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name == ".gitignore" || IGNORE_FILES.contains(&name)
    };
    match kind {
        EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_)) => false,
        EventKind::Modify(ModifyKind::Data(_)) => language_of(path).is_some() || is_ignore_file(),
        _ => true,
    }
}
