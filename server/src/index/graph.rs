//! The index of one workspace, held in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::FileFacts;
use super::sources::{is_written_by_hand, language_of};
use super::walk::source_files;
use crate::chunks::{ChunkId, ChunkKind, MemberKind, ReferenceKind};
use crate::policy::Policy;
use crate::text::Text;

/// Definitions and mentions of a workspace. Can be asked while it is still being built; the answers then lack what was
/// not read yet.
#[derive(Debug, Default)]
pub struct Index {
    files: RwLock<Files>,
    complete: AtomicBool,
}

#[derive(Debug, Default)]
struct Files {
    ids: BTreeMap<Arc<str>, FileId>,
    all: Vec<Option<File>>,
    /// Name → what it names.
    entries: HashMap<Arc<str>, Vec<Entry>>,
    /// Name → files that mention it.
    mentioning: HashMap<Arc<str>, BTreeSet<FileId>>,
    /// Last part of a path without its ending → files: `b` for `a/b.rs`.
    stems: HashMap<Arc<str>, BTreeSet<FileId>>,
}

/// Number of a file in an [`Index`]; it stays with the path for the life of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

impl FileId {
    const fn index(self) -> usize {
        self.0 as usize
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
        self.read().ids.len()
    }

    /// True when no file is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Relative paths of the files known, sorted.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        self.read().ids.keys().map(ToString::to_string).collect()
    }

    /// Relative paths of the files known, sorted, each with its number of lines.
    #[must_use]
    pub fn sizes(&self) -> Vec<(Arc<str>, usize)> {
        let files = self.read();
        let file = |id: &FileId| files.all.get(id.index())?.as_ref();
        files.ids.values().filter_map(|id| file(id).map(|file| (file.path.clone(), file.facts.lines))).collect()
    }

    /// The number of a file.
    #[must_use]
    pub fn id(&self, path: &str) -> Option<FileId> {
        self.read().ids.get(path).copied()
    }

    /// A file; `None` when it is gone.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<File> {
        self.read().all.get(id.index())?.clone()
    }

    /// The path of a file, relative to the workspace; `None` when it is gone.
    #[must_use]
    pub fn path(&self, id: FileId) -> Option<Arc<str>> {
        Some(self.read().all.get(id.index())?.as_ref()?.path.clone())
    }

    /// What is known of one file.
    #[must_use]
    pub fn facts(&self, path: &str) -> Option<Arc<FileFacts>> {
        let files = self.read();
        let id = files.ids.get(path)?;
        files.all.get(id.index())?.as_ref().map(|file| file.facts.clone())
    }

    /// Everything that `name` can mean, by file and place.
    #[must_use]
    pub fn entries(&self, name: &str) -> Vec<Entry> {
        self.read().entries.get(name).cloned().unwrap_or_default()
    }

    /// Of everything that `name` can mean what `keep` wants, which sees each with the path of its file. `keep` may not ask
    /// the index.
    #[must_use]
    pub fn entries_where(&self, name: &str, keep: &dyn Fn(&Entry, &str) -> bool) -> Vec<Entry> {
        let files = self.read();
        let wanted = |entry: &&Entry| {
            let file = files.all.get(entry.file.index()).and_then(Option::as_ref);
            file.is_some_and(|file| keep(entry, &file.path))
        };
        files.entries.get(name).into_iter().flatten().filter(wanted).cloned().collect()
    }

    /// What `name` means in types called `owner`.
    #[must_use]
    pub fn entries_of(&self, owner: &str, name: &str) -> Vec<Entry> {
        let files = self.read();
        let entries = files.entries.get(name).into_iter().flatten();
        entries.filter(|entry| entry.owner.as_deref() == Some(owner)).cloned().collect()
    }

    /// The files that mention `name` anywhere in their text.
    #[must_use]
    pub fn mentioning(&self, name: &str) -> Vec<FileId> {
        self.read().mentioning.get(name).into_iter().flatten().copied().collect()
    }

    /// The files whose name without its ending is `stem`, or whose folder is where the name says nothing (`mod.rs`,
    /// `__init__.py`, `index.ts`).
    #[must_use]
    pub fn with_stem(&self, stem: &str) -> Vec<(FileId, Arc<str>)> {
        let files = self.read();
        let ids = files.stems.get(stem).into_iter().flatten();
        ids.filter_map(|id| Some((*id, files.all.get(id.index())?.as_ref()?.path.clone()))).collect()
    }

    /// The chunks that define `name`, by path and place.
    #[must_use]
    pub fn definitions(&self, name: &str) -> Vec<Found> {
        let files = self.read();
        let mut found: Vec<Found> = files
            .entries
            .get(name)
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let SymbolId::Chunk(chunk, _) = entry.symbol else { return None };
                let file = files.all.get(entry.file.index())?.as_ref()?;
                Some(Found { path: file.path.to_string(), facts: file.facts.clone(), chunk })
            })
            .collect();
        found.sort_by(|a, b| (&a.path, a.chunk).cmp(&(&b.path, b.chunk)));
        found
    }

    /// The places that use `name`: file, byte, kind; by path and place.
    #[must_use]
    pub fn uses(&self, name: &str) -> Vec<(String, Arc<FileFacts>, usize, ReferenceKind)> {
        let files = self.read();
        let mut found = Vec::new();
        for id in files.mentioning.get(name).into_iter().flatten() {
            let Some(file) = files.all.get(id.index()).and_then(Option::as_ref) else { continue };
            for one in file.facts.uses.iter().filter(|one| &*one.name == name) {
                found.push((file.path.to_string(), file.facts.clone(), one.at, one.kind));
            }
        }
        found.sort_by(|a, b| (&a.0, a.2).cmp(&(&b.0, b.2)));
        found
    }
}

impl Files {
    fn insert_new(&mut self, path: &str, facts: Arc<FileFacts>) {
        if self.ids.contains_key(path) {
            return;
        }
        let path: Arc<str> = path.into();
        let id = FileId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        for (name, entry) in entries(id, &facts) {
            self.entries.entry(name).or_default().push(entry);
        }
        for name in &facts.mentions {
            self.mentioning.entry(name.clone()).or_default().insert(id);
        }
        self.stems.entry(stem(&path).into()).or_default().insert(id);
        self.ids.insert(path.clone(), id);
        self.all.push(Some(File { path, facts }));
    }

    fn remove(&mut self, path: &str) {
        let Some(id) = self.ids.remove(path) else { return };
        let Some(file) = self.all.get_mut(id.index()).and_then(Option::take) else { return };
        for (name, _) in entries(id, &file.facts) {
            if let Some(entries) = self.entries.get_mut(&name) {
                entries.retain(|entry| entry.file != id);
            }
        }
        for name in &file.facts.mentions {
            if let Some(files) = self.mentioning.get_mut(name) {
                files.remove(&id);
            }
        }
        if let Some(files) = self.stems.get_mut(stem(path)) {
            files.remove(&id);
        }
    }
}

/// What a file names. The sections of a document are no symbols: no code means them.
fn entries(file: FileId, facts: &FileFacts) -> Vec<(Arc<str>, Entry)> {
    let chunks = &facts.chunks;
    let owner_of = |id: ChunkId| chunks.owner(id).map(Arc::<str>::from);
    let symbols = chunks.definitions().filter(|(_, chunk)| chunk.kind != ChunkKind::Section);
    let definitions = symbols.map(|(id, chunk)| {
        let symbol = SymbolId::Chunk(id, chunk.kind);
        (chunk.name.clone(), Entry { file, symbol, owner: owner_of(id), test: chunk.test })
    });
    let members = (0u32..).zip(&facts.symbols.members).map(|(number, member)| {
        let owner = chunks.get(member.owner);
        let symbol = SymbolId::Member(number, member.kind);
        (member.name.clone(), Entry { file, symbol, owner: Some(owner.name.clone()), test: owner.test })
    });
    definitions.chain(members).collect()
}

/// What a path is called by: its last part without the ending, or its folder's where that says nothing.
fn stem(path: &str) -> &str {
    let mut parts = path.rsplit('/');
    let last = parts.next().unwrap_or(path);
    let stem = last.split('.').next().unwrap_or(last);
    match stem {
        "mod" | "lib" | "main" | "__init__" | "index" | "init" => parts.find(|part| *part != "src").unwrap_or(stem),
        _ => stem,
    }
}

fn read_file(path: &Path) -> Option<FileFacts> {
    let language = language_of(path)?;
    let text = std::fs::read(path).ok()?;
    let text = String::from_utf8_lossy(&text);
    if is_written_by_hand(&text, language) { FileFacts::read(&Text::from(&*text), language) } else { None }
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
        fs::write(root.join("one.json"), "{\"one\": 1}\n").unwrap();
        fs::write(root.join("package-lock.json"), "{\"one\": 1}\n").unwrap();
        let (policy, _) = Policy::new(root, &PolicySettings::default());
        let index = Index::default();
        index.build(&policy, &|| false);
        let paths = |found: Vec<Found>| found.into_iter().map(|found| found.path).collect::<Vec<_>>();
        assert!(index.is_complete());
        assert_eq!(index.paths(), ["a.rs", "b.py", "one.json"]);
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
