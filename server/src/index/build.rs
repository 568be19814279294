//! Brings an index in step with the files of its workspace: all of them, or those that changed.

use std::cmp::Reverse;
use std::fs;
use std::path::Path;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::hash::hash;
use super::sources::{is_written_by_hand, language_of};
use super::walk::{Found, is_indexed, stamp, walk};
use super::watch::{Changed, Watch, WatchError};
use super::{FileFacts, Index, Store};
use crate::policy::{IGNORE_FILES, Policy};

/// What was done to bring an index in step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Built {
    /// What was kept on the disk, or known before, could be used.
    pub warm: bool,
    /// Files that had to be read.
    pub read: usize,
}

/// How a workspace is to be read.
pub struct Job<'a> {
    /// What may be read.
    pub policy: &'a Policy,
    /// Where the index is kept; `None`: nowhere.
    pub store: Option<&'a Store>,
    /// Relative paths of files that matter most: what lies near them is read first.
    pub first: &'a [String],
    /// Asked now and then whether to stop early.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

impl Index {
    /// Reads every source file of the workspace without keeping anything on the disk.
    pub fn build(&self, policy: &Policy, cancelled: &(dyn Fn() -> bool + Sync)) {
        self.run(&Job { policy, store: None, first: &[], cancelled });
    }

    /// Brings the index in step with the workspace: takes what was kept on the disk when nothing is known yet, walks
    /// the workspace, reads what is new or differs on as many threads as the machine has cores, forgets what is gone
    /// or may not be read any more, and keeps the result. Open documents keep what they have.
    pub fn run(&self, job: &Job<'_>) -> Built {
        let _one_at_a_time = self.building.lock().unwrap_or_else(PoisonError::into_inner);
        let loads = job.store.filter(|_| self.read().all.is_empty());
        let found = std::thread::scope(|scope| {
            let walking = scope.spawn(|| walk(job.policy));
            if let Some(files) = loads.and_then(Store::load) {
                let mut own = self.write();
                if own.all.is_empty() {
                    *own = files;
                }
            }
            walking.join().unwrap_or_default()
        });
        let warm = !self.read().all.is_empty();
        let mut stale = self.forget_all_but(job.policy, &found);
        let near = |path: &str| job.first.iter().map(|first| shared_folders(path, first)).max().unwrap_or(0);
        stale.sort_by_cached_key(|(path, _)| Reverse(near(path)));
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..threads.min(stale.len()) {
                scope.spawn(|| {
                    while let Some((path, stamp)) = stale.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if (job.cancelled)() {
                            return;
                        }
                        if !self.read_file(&job.policy.root().join(path), path, *stamp) {
                            self.remove(path);
                        }
                    }
                });
            }
        });
        let whole = !(job.cancelled)();
        {
            let mut files = self.write();
            if files.known().count() < 2 * stale.len() {
                files.names_at_first = files.names.all().len();
            }
        }
        self.complete.store(whole, Ordering::Release);
        if let Some(store) = job.store {
            self.keep(store); // a part as well: each file is looked at when it is taken from there
        }
        Built { warm, read: stale.len() }
    }

    /// Watches the workspace's folders as they are now, in place of those watched before. `tell` counts the first time.
    ///
    /// # Errors
    /// [`WatchError`] says why it can't be watched; nothing is watched then.
    pub fn watch(&self, policy: &Policy, tell: impl Fn(Changed) + Send + 'static) -> Result<(), WatchError> {
        let mut slot = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut watch = slot.take().map_or_else(|| Watch::new(tell), Ok)?;
        watch.follow(policy)?;
        *slot = Some(watch);
        Ok(())
    }

    /// Writes the index to the disk if it differs from what is there.
    pub fn keep(&self, store: &Store) {
        let bytes = {
            let mut files = self.write();
            if !std::mem::take(&mut files.changed) {
                return;
            }
            store.pack(&files)
        };
        store.save(&bytes);
    }

    /// Forgets the files that were not found, and gives those that have to be read.
    fn forget_all_but(&self, policy: &Policy, found: &[Found]) -> Vec<Found> {
        let is_found = |path: &str| found.binary_search_by(|(found, _)| (**found).cmp(path)).is_ok();
        let gone: Vec<String> = {
            let files = self.read();
            let unfound = files.known().filter(|(_, slot, _)| !is_found(&slot.path));
            let kept = |held: bool, path: &str| held && policy.check(&policy.root().join(path)).is_ok();
            let gone = unfound.filter(|(_, slot, known)| !kept(known.held.is_some(), &slot.path));
            gone.map(|(_, slot, _)| slot.path.to_string()).collect()
        };
        gone.iter().for_each(|path| self.remove(path));
        let mut files = self.write();
        let mut stale = Vec::new();
        for (path, stamp) in found {
            files.reserve(path); // numbers follow the order of the paths, whoever is read first
            let known = files.known_by_path(path);
            if !known.is_some_and(|known| known.held.is_some() || known.stamp == *stamp && *stamp != 0) {
                stale.push((path.clone(), *stamp));
            }
        }
        stale
    }

    /// Reads a file again, if it is not what is known already. False when it can't be read or is not worth it.
    fn read_file(&self, file: &Path, path: &str, stamp: u64) -> bool {
        let Some(language) = language_of(file) else { return false };
        let Ok(bytes) = fs::read(file) else { return false };
        let hashed = hash(&bytes);
        {
            let mut files = self.write();
            if let Some(known) = files.known_by_path(path)
                && (known.held.is_some() || known.hash == hashed)
            {
                let moved = known.held.is_none() && known.stamp != stamp;
                known.stamp = if known.held.is_none() { stamp } else { 0 };
                files.changed |= moved;
                return true;
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        let facts = Some(()).filter(|()| is_written_by_hand(&text, language));
        let Some(facts) = facts.and_then(|()| FileFacts::read_source(&text, language)) else { return false };
        self.put_read(path, &facts, stamp, hashed);
        true
    }

    /// Follows a change of a file or folder on the disk. Gives false when it may concern any number of files, so that
    /// the whole workspace has to be walked.
    pub fn refresh(&self, policy: &Policy, path: &Path) -> bool {
        let Ok(relative) = policy.relative(path) else { return true };
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name == ".gitignore" || IGNORE_FILES.contains(&name) {
            return false;
        }
        self.release(&relative);
        match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_dir() => false,
            Ok(metadata) if is_indexed(path, &metadata) && policy.check(path).is_ok() => {
                if !self.read_file(path, &relative, stamp(&metadata)) {
                    self.remove(&relative);
                }
                true
            }
            Ok(_) => {
                self.remove(&relative);
                true
            }
            Err(_) => {
                let inside = format!("{relative}/");
                let was_folder = self.read().known().any(|(_, slot, _)| slot.path.starts_with(&inside));
                self.remove(&relative);
                !was_folder
            }
        }
    }
}

/// Number of leading folders that two paths share, counting the root.
fn shared_folders(a: &str, b: &str) -> usize {
    let folders = |path: &str| path.matches('/').count();
    let same = a.split('/').zip(b.split('/')).take_while(|(a, b)| a == b).count();
    1 + same.min(folders(a)).min(folders(b))
}
