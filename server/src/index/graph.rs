//! The index of one workspace: what can be asked of it. A file's facts are unpacked when they are asked for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::FileFacts;
use super::files::{Files, Known};
use super::unpacked::Unpacked;
use super::watch::Watch;
use crate::chunks::compact::DefinitionKind;
use crate::chunks::{ChunkId, ChunkKind, MemberKind};

/// Definitions and mentions of a workspace. Can be asked while it is still being built; the answers then lack what was
/// not read yet.
#[derive(Debug, Default)]
pub struct Index {
    files: RwLock<Files>,
    unpacked: Mutex<Unpacked>,
    pub(super) complete: AtomicBool,
    /// Held while the workspace is walked, so that two walks do not do the same work.
    pub(super) building: Mutex<()>,
    pub(super) watch: Mutex<Option<Watch>>,
}

/// Number of a file in an [`Index`]; it stays with the path for the life of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

impl FileId {
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }

    pub(super) fn of(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

/// A file of the index.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path, relative to the workspace.
    pub path: Arc<str>,
    /// What is known of it.
    pub facts: Arc<FileFacts>,
}

/// One meaning of a name: a chunk, or a member of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The file that it stands in.
    pub file: FileId,
    /// What it is there.
    pub symbol: SymbolId,
    /// The name of the type that it belongs to.
    pub owner: Option<Arc<str>>,
    /// It is there only for tests.
    pub test: bool,
}

/// A symbol of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SymbolId {
    /// A chunk with a name.
    Chunk(ChunkId, ChunkKind),
    /// A field or variant: its number in [`crate::chunks::Symbols::members`].
    Member(u32, MemberKind),
}

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

/// How large an index is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Figures {
    /// Files known.
    pub files: usize,
    /// Their lines.
    pub lines: usize,
    /// Chunks and members with a name.
    pub definitions: usize,
    /// Bytes of memory that the index takes, without the facts of files that are unpacked at the moment.
    pub memory: usize,
}

impl Index {
    pub(super) fn read(&self) -> RwLockReadGuard<'_, Files> {
        self.files.read().unwrap_or_else(PoisonError::into_inner) // each update leaves the maps whole
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Files> {
        self.files.write().unwrap_or_else(PoisonError::into_inner) // as above
    }

    fn unpacked(&self) -> MutexGuard<'_, Unpacked> {
        self.unpacked.lock().unwrap_or_else(PoisonError::into_inner) // a cache
    }

    /// Whether the whole workspace was read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete.load(Ordering::Acquire)
    }

    /// Puts what is known of an open document in place of what was known before, until it is read from the disk again.
    pub fn update(&self, path: &str, facts: Arc<FileFacts>) {
        self.put(path, &facts.clone(), 0, 0, Some(facts));
    }

    /// Puts the facts of a file on the disk in place, unless an open document came first.
    pub(super) fn put_read(&self, path: &str, facts: &FileFacts, stamp: u64, hash: u64) {
        self.put(path, facts, stamp, hash, None);
    }

    /// What an open document held counts no longer; what is known of it stays until the file is read.
    pub fn release(&self, path: &str) {
        if let Some(known) = self.write().known_by_path(path) {
            known.held = None;
        }
    }

    fn put(&self, path: &str, facts: &FileFacts, stamp: u64, hash: u64, held: Option<Arc<FileFacts>>) {
        let mut files = self.write();
        let taken = held.is_none() && files.known_by_path(path).is_some_and(|known| known.held.is_some());
        if taken {
            return;
        }
        let id = files.reserve(path);
        let packed = files.pack(facts);
        let lines = u32::try_from(facts.lines).unwrap_or(u32::MAX);
        files.set(id, Some(Known { stamp, hash, lines, packed, held }));
        self.unpacked().forget(id); // under the lock, so that nobody unpacks the old one meanwhile
    }

    /// Forgets a file.
    pub(super) fn remove(&self, path: &str) {
        let mut files = self.write();
        let Some(id) = files.ids.get(path).copied().filter(|id| files.known_as(*id).is_some()) else { return };
        files.set(id, None);
        self.unpacked().forget(id);
    }

    /// Number of files known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read().known().count()
    }

    /// True when no file is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Relative paths of the files known, sorted.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = self.read().known().map(|(_, slot, _)| slot.path.to_string()).collect();
        paths.sort_unstable();
        paths
    }

    /// Relative paths of the files known, sorted, each with its number of lines.
    #[must_use]
    pub fn sizes(&self) -> Vec<(Arc<str>, usize)> {
        let files = self.read();
        let mut sizes: Vec<_> =
            files.known().map(|(_, slot, known)| (slot.path.clone(), known.lines as usize)).collect();
        sizes.sort_unstable();
        sizes
    }

    /// The number of a file.
    #[must_use]
    pub fn id(&self, path: &str) -> Option<FileId> {
        let files = self.read();
        let id = files.ids.get(path).copied()?;
        files.known_as(id).map(|_| id)
    }

    /// A file; `None` when it is gone.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<File> {
        self.file_in(&self.read(), id)
    }

    fn file_in(&self, files: &Files, id: FileId) -> Option<File> {
        let (slot, known) = files.known_as(id)?;
        let path = slot.path.clone();
        if let Some(facts) = known.held.clone().or_else(|| self.unpacked().get(id)) {
            return Some(File { path, facts });
        }
        let facts = Arc::new(files.unpack(slot, known)?);
        self.unpacked().put(id, facts.clone());
        Some(File { path, facts })
    }

    /// The path of a file, relative to the workspace; `None` when it is gone.
    #[must_use]
    pub fn path(&self, id: FileId) -> Option<Arc<str>> {
        self.read().known_as(id).map(|(slot, _)| slot.path.clone())
    }

    /// What is known of one file.
    #[must_use]
    pub fn facts(&self, path: &str) -> Option<Arc<FileFacts>> {
        let files = self.read();
        let id = files.ids.get(path).copied()?;
        self.file_in(&files, id).map(|file| file.facts)
    }

    /// Everything that `name` can mean, by file and place.
    #[must_use]
    pub fn entries(&self, name: &str) -> Vec<Entry> {
        let files = self.read();
        files.rows(name).iter().map(|row| files.entry(row)).collect()
    }

    /// Of everything that `name` can mean what `keep` wants, which sees each with the path of its file. `keep` may not ask
    /// the index.
    #[must_use]
    pub fn entries_where(&self, name: &str, keep: &dyn Fn(&Entry, &str) -> bool) -> Vec<Entry> {
        let files = self.read();
        let wanted = |entry: &Entry| files.known_as(entry.file).is_some_and(|(slot, _)| keep(entry, &slot.path));
        files.rows(name).iter().map(|row| files.entry(row)).filter(wanted).collect()
    }

    /// What `name` means in types called `owner`.
    #[must_use]
    pub fn entries_of(&self, owner: &str, name: &str) -> Vec<Entry> {
        let files = self.read();
        let Some(owner) = files.names.find(owner) else { return Vec::new() };
        files.rows(name).iter().filter(|row| row.owner == owner).map(|row| files.entry(row)).collect()
    }

    /// The files that mention `name` anywhere in their text.
    #[must_use]
    pub fn mentioning(&self, name: &str) -> Vec<FileId> {
        self.read().posting(name).map(|posting| posting.mentioned.clone()).unwrap_or_default()
    }

    /// The files whose name without its ending is `stem`, or whose folder is where the name says nothing (`mod.rs`,
    /// `__init__.py`, `index.ts`).
    #[must_use]
    pub fn with_stem(&self, stem: &str) -> Vec<(FileId, Arc<str>)> {
        let files = self.read();
        let ids = files.stems.get(stem).into_iter().flatten();
        ids.filter_map(|id| Some((*id, files.known_as(*id)?.0.path.clone()))).collect()
    }

    /// The chunks that define `name`, by path and place.
    #[must_use]
    pub fn definitions(&self, name: &str) -> Vec<Found> {
        self.definitions_where(name, &|_, _| true)
    }

    /// Of the chunks that define `name` those that `keep` wants, which sees each with the path of its file: files of
    /// others are not looked into. `keep` may not ask the index.
    #[must_use]
    pub fn definitions_where(&self, name: &str, keep: &dyn Fn(&Entry, &str) -> bool) -> Vec<Found> {
        let files = self.read();
        let mut found: Vec<Found> = files
            .rows(name)
            .iter()
            .filter(|row| matches!(row.kind, DefinitionKind::Chunk(_)))
            .filter(|row| files.known_as(row.file).is_some_and(|(slot, _)| keep(&files.entry(row), &slot.path)))
            .filter_map(|row| {
                let File { path, facts } = self.file_in(&files, row.file)?;
                Some(Found { path: path.to_string(), facts, chunk: ChunkId::new(row.symbol) })
            })
            .collect();
        found.sort_by(|a, b| (&a.path, a.chunk).cmp(&(&b.path, b.chunk)));
        found
    }

    /// How large it is.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.read().figures()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PolicySettings;
    use crate::policy::Policy;
    use std::fs;

    #[test]
    fn a_workspace_is_read_updated_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::write(root.join("a.rs"), "fn one() { two(); }\nfn two() {}\n").unwrap();
        fs::write(root.join("b.py"), "def one():\n    return x.two()\n").unwrap();
        fs::write(root.join(".env.py"), "def one(): pass\n").unwrap();
        fs::write(root.join("one.json"), "{\"one\": 1}\n").unwrap();
        fs::write(root.join("package-lock.json"), "{\"one\": 1}\n").unwrap();
        let (policy, _) = Policy::new(root, &PolicySettings::default());
        let index = Index::default();
        index.build(&policy, &|| false);
        let paths = |found: Vec<Found>| found.into_iter().map(|found| found.path).collect::<Vec<_>>();
        assert!(index.is_complete());
        assert_eq!(index.paths(), ["a.rs", "b.py", "one.json"]);
        assert_eq!(paths(index.definitions("one")), ["a.rs", "b.py"]);
        assert_eq!(index.mentioning("two").len(), 2);

        fs::write(root.join("a.rs"), "fn three() {}\n").unwrap();
        index.refresh(&policy, &root.join("a.rs"));
        assert_eq!(paths(index.definitions("one")), ["b.py"]);
        assert_eq!(paths(index.definitions("three")), ["a.rs"]);
        fs::remove_file(root.join("a.rs")).unwrap();
        index.refresh(&policy, &root.join("a.rs"));
        assert!(index.definitions("three").is_empty());
        assert_eq!(index.mentioning("two").len(), 1);
    }
}
