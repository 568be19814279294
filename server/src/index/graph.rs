//! The index of one workspace, held in memory: a table of names, each file as few bytes, and for each name what it
//! means and which files mention it. A file's facts are unpacked when they are asked for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::FileFacts;
use super::names::Names;
use super::unpacked::Unpacked;
use super::watch::Watch;
use crate::chunks::compact::{self, DefinitionKind, put, take, take_count};
use crate::chunks::{ChunkId, ChunkKind, MemberKind, Outline, ReferenceKind, references};
use crate::syntax::{self, Tree};
use crate::text::{Span, Text};

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

#[derive(Debug, Default)]
pub(super) struct Files {
    ids: HashMap<Arc<str>, FileId>,
    pub(super) all: Vec<Slot>,
    pub(super) names: Names,
    /// By number of the name.
    postings: Vec<Posting>,
    /// Last part of a path without its ending → files: `b` for `a/b.rs`.
    stems: HashMap<Box<str>, Vec<FileId>>,
    /// Differs from what is on the disk.
    pub(super) changed: bool,
    /// Number of names when everything was read last.
    pub(super) names_at_first: usize,
}

/// A file that the index knows, or knew or will know.
#[derive(Debug)]
pub(super) struct Slot {
    pub path: Arc<str>,
    pub known: Option<Known>,
}

/// A file's facts, packed.
#[derive(Debug)]
pub(super) struct Known {
    /// Of the file when it was read; 0 when it may differ from the file.
    pub stamp: u64,
    /// Hash of its bytes; 0 for an open document.
    pub hash: u64,
    pub lines: u32,
    /// The numbers of the names that it mentions, then what [`compact::write`] wrote.
    pub packed: Box<[u8]>,
    /// An open document's facts, as they were handed in.
    pub held: Option<Arc<FileFacts>>,
}

/// What one name means and where it is mentioned, each sorted by file.
#[derive(Debug, Default)]
struct Posting {
    mentioned: Vec<FileId>,
    rows: Vec<Row>,
}

/// An [`Entry`] in few bytes.
#[derive(Clone, Copy, Debug)]
struct Row {
    file: FileId,
    symbol: u32,
    owner: u32,
    kind: DefinitionKind,
    test: bool,
}

/// Most files that are parsed to see how one name is used.
const MOST_PARSED: usize = 200;

/// The owner of what has none.
const NO_OWNER: u32 = u32::MAX;

/// Number of a file in an [`Index`]; it stays with the path for the life of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

impl FileId {
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }

    fn of(index: usize) -> Self {
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
        let Some(id) = files.ids.get(path).copied() else { return };
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
        let files = self.read();
        let mut found: Vec<Found> = files
            .rows(name)
            .iter()
            .filter(|row| matches!(row.kind, DefinitionKind::Chunk(_)))
            .filter_map(|row| {
                let File { path, facts } = self.file_in(&files, row.file)?;
                Some(Found { path: path.to_string(), facts, chunk: ChunkId::new(row.symbol) })
            })
            .collect();
        found.sort_by(|a, b| (&a.path, a.chunk).cmp(&(&b.path, b.chunk)));
        found
    }

    /// Places that use `name`: file, byte, kind; by path and place. Parses the files that mention it, up to
    /// [`MOST_PARSED`] of them.
    #[must_use]
    pub fn uses(
        &self,
        name: &str,
        text_of: &dyn Fn(&str) -> Option<Text>,
    ) -> Vec<(String, Arc<FileFacts>, usize, ReferenceKind)> {
        let mut found = Vec::new();
        for File { path, facts } in self.mentioning(name).into_iter().take(MOST_PARSED).filter_map(|id| self.file(id)) {
            let (Some(text), Some(language)) = (text_of(&path), facts.chunks.language()) else { continue };
            let Some(tree) = Tree::parse(&text, language, None, None) else { continue };
            let defined = |span: Span| facts.chunks.definitions().any(|(_, chunk)| chunk.name_span == span);
            let all = references(&tree, &text, Span::new(0, text.len()));
            let of_name = all.into_iter().filter(|one| one.name == name && !defined(one.span));
            found.extend(of_name.map(|one| (path.to_string(), facts.clone(), one.span.start, one.kind)));
        }
        found.sort_by(|a, b| (&a.0, a.2).cmp(&(&b.0, b.2)));
        found
    }

    /// How large it is.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.read().figures()
    }
}

impl Files {
    /// From a table of names and files that mention and define them; `None` when a file's bytes are damaged.
    pub(super) fn of_parts(names: Names, all: Vec<Slot>) -> Option<Self> {
        let mut files = Self { names, ..Self::default() };
        files.postings.resize_with(files.names.all().len(), Posting::default);
        let mut counts = vec![0usize; files.postings.len()];
        let known = || (0usize..).zip(&all).filter_map(|(at, slot)| Some((at, slot.known.as_ref()?)));
        for (_, known) in known() {
            let (mentions, _) = split(&known.packed)?;
            mentions.iter().try_for_each(|name| counts.get_mut(*name as usize).map(|count| *count += 1))?;
        }
        for (posting, count) in files.postings.iter_mut().zip(counts) {
            posting.mentioned.reserve_exact(count);
        }
        for (at, known) in known() {
            let (mentions, packed) = split(&known.packed)?;
            for name in mentions {
                files.postings.get_mut(name as usize)?.mentioned.push(FileId::of(at));
            }
            for one in compact::definitions(packed)? {
                if one.owner.is_some_and(|owner| files.names.name(owner).is_none()) {
                    return None;
                }
                files.postings.get_mut(one.name as usize)?.rows.push(Row::of(FileId::of(at), &one));
            }
        }
        for (at, slot) in all.iter().enumerate() {
            files.enter(FileId::of(at), slot.path.clone());
        }
        files.all = all;
        Some(files)
    }

    /// Makes a path known by name, under a new number.
    fn enter(&mut self, id: FileId, path: Arc<str>) {
        match self.stems.get_mut(stem(&path)) {
            Some(ids) => ids.push(id),
            None => drop(self.stems.insert(stem(&path).into(), vec![id])),
        }
        self.ids.insert(path, id);
    }

    /// The number of a path; a new one where it has none yet.
    pub(super) fn reserve(&mut self, path: &str) -> FileId {
        if let Some(id) = self.ids.get(path) {
            return *id;
        }
        let id = FileId::of(self.all.len());
        let path: Arc<str> = path.into();
        self.enter(id, path.clone());
        self.all.push(Slot { path, known: None });
        id
    }

    pub(super) fn known(&self) -> impl Iterator<Item = (FileId, &Slot, &Known)> {
        let all = self.all.iter().enumerate();
        all.filter_map(|(at, slot)| Some((FileId::of(at), slot, slot.known.as_ref()?)))
    }

    pub(super) fn known_by_path(&mut self, path: &str) -> Option<&mut Known> {
        self.all.get_mut(self.ids.get(path)?.index())?.known.as_mut()
    }

    fn known_as(&self, id: FileId) -> Option<(&Slot, &Known)> {
        let slot = self.all.get(id.index())?;
        Some((slot, slot.known.as_ref()?))
    }

    fn posting(&self, name: &str) -> Option<&Posting> {
        self.postings.get(self.names.find(name)? as usize)
    }

    fn rows(&self, name: &str) -> &[Row] {
        self.posting(name).map(|posting| &*posting.rows).unwrap_or_default()
    }

    fn entry(&self, row: &Row) -> Entry {
        let symbol = match row.kind {
            DefinitionKind::Chunk(kind) => SymbolId::Chunk(ChunkId::new(row.symbol), kind),
            DefinitionKind::Member(kind) => SymbolId::Member(row.symbol, kind),
        };
        Entry { file: row.file, symbol, owner: self.names.name(row.owner).cloned(), test: row.test }
    }

    fn pack(&mut self, facts: &FileFacts) -> Box<[u8]> {
        let mut mentions: Vec<u32> = facts.mentions.iter().map(|name| self.names.number(name)).collect();
        mentions.sort_unstable();
        mentions.dedup();
        let mut packed = Vec::with_capacity(2 * mentions.len() + 16 * facts.chunks.len());
        put(&mut packed, mentions.len() as u64);
        let mut last = 0;
        for name in mentions {
            put(&mut packed, u64::from(name - last)); // sorted
            last = name;
        }
        let mut number = |name: &Arc<str>| self.names.number(name);
        compact::write(&mut packed, &facts.chunks, &facts.symbols, &facts.imports, &mut number);
        self.postings.resize_with(self.names.all().len(), Posting::default);
        packed.into()
    }

    fn unpack(&self, slot: &Slot, known: &Known) -> Option<FileFacts> {
        let name = |number: u32| self.names.name(number).cloned();
        let (mentions, mut packed) = split(&known.packed)?;
        let language = syntax::by_path(slot.path.as_ref().as_ref())?;
        let Outline { chunks, symbols, imports } = compact::read(&mut packed, language, &name)?;
        let mentions = mentions.into_iter().filter_map(name).collect();
        Some(FileFacts { chunks: Arc::new(chunks), symbols, imports, lines: known.lines as usize, mentions })
    }

    /// Puts facts in place of those known before, and the names' meanings and mentions with them.
    fn set(&mut self, id: FileId, new: Option<Known>) {
        let Some(slot) = self.all.get_mut(id.index()) else { return };
        let old = std::mem::replace(&mut slot.known, new);
        let new = slot.known.as_ref();
        self.changed = true;
        let parts = |known: Option<&Known>| {
            let (mentions, packed) = known.and_then(|known| split(&known.packed)).unwrap_or_default();
            (mentions, compact::definitions(packed).unwrap_or_default())
        };
        let ((was, defined), (is, defines)) = (parts(old.as_ref()), parts(new));
        for name in was.iter().filter(|name| is.binary_search(name).is_err()) {
            let Some(posting) = self.postings.get_mut(*name as usize) else { continue };
            if let Ok(at) = posting.mentioned.binary_search(&id) {
                posting.mentioned.remove(at);
            }
        }
        for name in is.iter().filter(|name| was.binary_search(name).is_err()) {
            let Some(posting) = self.postings.get_mut(*name as usize) else { continue };
            if let Err(at) = posting.mentioned.binary_search(&id) {
                posting.mentioned.insert(at, id);
            }
        }
        for one in &defined {
            let Some(posting) = self.postings.get_mut(one.name as usize) else { continue };
            let start = posting.rows.partition_point(|row| row.file < id);
            let end = posting.rows.partition_point(|row| row.file <= id);
            posting.rows.drain(start..end);
        }
        for one in &defines {
            let Some(posting) = self.postings.get_mut(one.name as usize) else { continue };
            let end = posting.rows.partition_point(|row| row.file <= id);
            posting.rows.insert(end, Row::of(id, one));
        }
    }

    fn figures(&self) -> Figures {
        let (mut figures, mut memory) = (Figures::default(), self.names.memory());
        for (_, slot, known) in self.known() {
            figures.files += 1;
            figures.lines += known.lines as usize;
            memory += known.packed.len() + slot.path.len() + 32; // counts and malloc
        }
        memory += self.all.capacity() * size_of::<Slot>() + self.postings.capacity() * size_of::<Posting>();
        for posting in &self.postings {
            figures.definitions += posting.rows.len();
            memory += posting.mentioned.capacity() * size_of::<FileId>() + posting.rows.capacity() * size_of::<Row>();
            memory += 16 * (usize::from(posting.mentioned.capacity() > 0) + usize::from(posting.rows.capacity() > 0));
        }
        let by_name = self.ids.capacity() * 24 + self.stems.capacity() * 48 + self.all.len() * 40;
        Figures { memory: memory + by_name, ..figures }
    }
}

impl Row {
    fn of(file: FileId, one: &compact::Definition) -> Self {
        let (symbol, kind) = one.symbol;
        Self { file, symbol, owner: one.owner.unwrap_or(NO_OWNER), kind, test: one.test }
    }
}

/// The numbers of the names that a packed file mentions, rising, and what comes behind them.
fn split(mut packed: &[u8]) -> Option<(Vec<u32>, &[u8])> {
    let count = take_count(&mut packed)?;
    let mut mentions = Vec::with_capacity(count);
    let mut last = 0;
    for _ in 0..count {
        let step = take(&mut packed)?;
        if step == 0 && !mentions.is_empty() {
            return None; // not rising
        }
        last = u32::try_from(step.checked_add(last)?).ok()?.into();
        mentions.push(last as u32); // just made from one
    }
    Some((mentions, packed))
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
        let (policy, _) = Policy::new(root, &PolicySettings::default());
        let index = Index::default();
        index.build(&policy, &|| false);
        let text_of = |path: &str| Some(Text::from(&*fs::read_to_string(root.join(path)).ok()?));
        let paths = |found: Vec<Found>| found.into_iter().map(|found| found.path).collect::<Vec<_>>();
        assert!(index.is_complete());
        assert_eq!(paths(index.definitions("one")), ["a.rs", "b.py"]);
        let uses: Vec<_> =
            index.uses("two", &text_of).into_iter().map(|(path, _, at, kind)| (path, at, kind)).collect();
        assert_eq!(uses, [("a.rs".into(), 11, ReferenceKind::Call), ("b.py".into(), 24, ReferenceKind::Method)]);

        fs::write(root.join("a.rs"), "fn three() {}\n").unwrap();
        index.refresh(&policy, &root.join("a.rs"));
        assert_eq!(paths(index.definitions("one")), ["b.py"]);
        assert_eq!(paths(index.definitions("three")), ["a.rs"]);
        fs::remove_file(root.join("a.rs")).unwrap();
        index.refresh(&policy, &root.join("a.rs"));
        assert!(index.definitions("three").is_empty());
        assert_eq!(index.uses("two", &text_of).len(), 1);
    }
}
