//! The index of one workspace, held in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::FileFacts;
use super::walk::source_files;
use crate::chunks::{ChunkId, ReferenceKind};
use crate::policy::Policy;
use crate::syntax;
use crate::text::Text;

/// Definitions and uses of a workspace. Can be asked while it is still being built; the answers then lack what was not
/// read yet.
#[derive(Debug, Default)]
pub struct Index {
    files: RwLock<Files>,
    complete: AtomicBool,
}

#[derive(Debug, Default)]
struct Files {
    facts: BTreeMap<Arc<str>, Arc<FileFacts>>,
    /// Name → files that define it.
    defining: Names,
    /// Name → files that use it.
    using: Names,
}

type Names = HashMap<Arc<str>, BTreeSet<Arc<str>>>;

/// A chunk of the workspace.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its file, relative to the workspace.
    pub path: String,
    /// What is known of the file.
    pub facts: Arc<FileFacts>,
    /// The chunk in it.
    pub chunk: ChunkId,
}

impl Index {
    fn read(&self) -> RwLockReadGuard<'_, Files> {
        self.files.read().unwrap_or_else(PoisonError::into_inner) // each update leaves the maps whole
    }

    fn write(&self) -> RwLockWriteGuard<'_, Files> {
        self.files.write().unwrap_or_else(PoisonError::into_inner) // as above
    }

    /// Reads every source file of the workspace, on as many threads as the machine has cores. Files that were updated
    /// meanwhile (an open document) keep what they have. Stops early when `cancelled` says so.
    pub fn build(&self, policy: &Policy, cancelled: &(dyn Fn() -> bool + Sync)) {
        let paths = source_files(policy);
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let next = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if cancelled() {
                            return;
                        }
                        if let Some(facts) = read_file(&policy.root().join(path)) {
                            self.write().insert_new(path, Arc::new(facts));
                        }
                    }
                });
            }
        });
        self.complete.store(!cancelled(), Ordering::Release);
    }

    /// Whether the whole workspace was read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete.load(Ordering::Acquire)
    }

    /// Puts what is known of one file in place of what was known before.
    pub fn update(&self, path: &str, facts: Arc<FileFacts>) {
        let mut files = self.write();
        files.remove(path);
        files.insert_new(path, facts);
    }

    /// Reads one file again, or forgets it when it is gone or may not be read.
    pub fn refresh(&self, policy: &Policy, path: &Path) {
        let Ok(relative) = policy.relative(path) else { return };
        let facts = policy.check(path).ok().and_then(|_| read_file(path));
        match facts {
            Some(facts) => self.update(&relative, Arc::new(facts)),
            None => self.write().remove(&relative),
        }
    }

    /// Number of files known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read().facts.len()
    }

    /// True when no file is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Relative paths of the files known, sorted.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        self.read().facts.keys().map(ToString::to_string).collect()
    }

    /// What is known of one file.
    #[must_use]
    pub fn facts(&self, path: &str) -> Option<Arc<FileFacts>> {
        self.read().facts.get(path).cloned()
    }

    /// The chunks that define `name`, by path and place.
    #[must_use]
    pub fn definitions(&self, name: &str) -> Vec<Found> {
        let files = self.read();
        let Some(paths) = files.defining.get(name) else { return Vec::new() };
        let mut found = Vec::new();
        for path in paths {
            let Some(facts) = files.facts.get(path) else { continue };
            for (chunk, _) in facts.chunks.definitions().filter(|(_, chunk)| &*chunk.name == name) {
                found.push(Found { path: path.to_string(), facts: facts.clone(), chunk });
            }
        }
        found
    }

    /// The places that use `name`: file, byte, kind; by path and place.
    #[must_use]
    pub fn uses(&self, name: &str) -> Vec<(String, Arc<FileFacts>, usize, ReferenceKind)> {
        let files = self.read();
        let Some(paths) = files.using.get(name) else { return Vec::new() };
        let mut found = Vec::new();
        for path in paths {
            let Some(facts) = files.facts.get(path) else { continue };
            for one in facts.uses.iter().filter(|one| &*one.name == name) {
                found.push((path.to_string(), facts.clone(), one.at, one.kind));
            }
        }
        found
    }
}

impl Files {
    fn insert_new(&mut self, path: &str, facts: Arc<FileFacts>) {
        if self.facts.contains_key(path) {
            return;
        }
        let path: Arc<str> = path.into();
        for (_, chunk) in facts.chunks.definitions() {
            self.defining.entry(chunk.name.clone()).or_default().insert(path.clone());
        }
        for one in &facts.uses {
            self.using.entry(one.name.clone()).or_default().insert(path.clone());
        }
        self.facts.insert(path, facts);
    }

    fn remove(&mut self, path: &str) {
        let Some(facts) = self.facts.remove(path) else { return };
        for (_, chunk) in facts.chunks.definitions() {
            forget(&mut self.defining, &chunk.name, path);
        }
        for one in &facts.uses {
            forget(&mut self.using, &one.name, path);
        }
    }
}

fn forget(map: &mut Names, name: &Arc<str>, path: &str) {
    if let Some(paths) = map.get_mut(name) {
        paths.remove(path);
        if paths.is_empty() {
            map.remove(name);
        }
    }
}

fn read_file(path: &Path) -> Option<FileFacts> {
    let language = syntax::by_path(path)?;
    let text = std::fs::read(path).ok()?;
    FileFacts::read(&Text::from(&*String::from_utf8_lossy(&text)), language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PolicySettings;
    use std::fs;

    #[test]
    fn a_workspace_is_read_updated_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::write(root.join("a.rs"), "fn one() { two(); }\nfn two() {}\n").unwrap();
        fs::write(root.join("b.py"), "def one():\n    return x.two()\n").unwrap();
        fs::write(root.join(".env.py"), "def one(): pass\n").unwrap();
        let (policy, _) = Policy::new(root, &PolicySettings::default());
        let index = Index::default();
        index.build(&policy, &|| false);
        let paths = |found: Vec<Found>| found.into_iter().map(|found| found.path).collect::<Vec<_>>();
        assert!(index.is_complete());
        assert_eq!(paths(index.definitions("one")), ["a.rs", "b.py"]);
        let uses: Vec<_> = index.uses("two").into_iter().map(|(path, _, at, kind)| (path, at, kind)).collect();
        assert_eq!(uses, [("a.rs".into(), 11, ReferenceKind::Call), ("b.py".into(), 24, ReferenceKind::Method)]);

        fs::write(root.join("a.rs"), "fn three() {}\n").unwrap();
        index.refresh(&policy, &root.join("a.rs"));
        assert_eq!(paths(index.definitions("one")), ["b.py"]);
        assert_eq!(paths(index.definitions("three")), ["a.rs"]);
        fs::remove_file(root.join("a.rs")).unwrap();
        index.refresh(&policy, &root.join("a.rs"));
        assert!(index.definitions("three").is_empty());
        assert_eq!(index.uses("two").len(), 1);
    }
}
