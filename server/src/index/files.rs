//! The files of an index, packed: a table of names, each file as few bytes, and for each name what it means and which
//! files mention it.

use std::collections::HashMap;
use std::sync::Arc;

use super::FileFacts;
use super::graph::{Entry, Figures, FileId, SymbolId};
use super::names::Names;
use crate::chunks::compact::{self, DefinitionKind, put, take, take_count};
use crate::chunks::{ChunkId, Outline};
use crate::syntax;

#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) ids: HashMap<Arc<str>, FileId>,
    pub(super) all: Vec<Slot>,
    pub(super) names: Names,
    /// By number of the name.
    postings: Vec<Posting>,
    /// Last part of a path without its ending → files: `b` for `a/b.rs`.
    pub(super) stems: HashMap<Box<str>, Vec<FileId>>,
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
pub(super) struct Posting {
    pub mentioned: Vec<FileId>,
    rows: Vec<Row>,
}

/// An [`Entry`] in few bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub file: FileId,
    pub symbol: u32,
    pub owner: u32,
    pub kind: DefinitionKind,
    test: bool,
}

/// The owner of what has none.
const NO_OWNER: u32 = u32::MAX;

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

    pub(super) fn known_as(&self, id: FileId) -> Option<(&Slot, &Known)> {
        let slot = self.all.get(id.index())?;
        Some((slot, slot.known.as_ref()?))
    }

    pub(super) fn posting(&self, name: &str) -> Option<&Posting> {
        self.postings.get(self.names.find(name)? as usize)
    }

    pub(super) fn rows(&self, name: &str) -> &[Row] {
        self.posting(name).map(|posting| &*posting.rows).unwrap_or_default()
    }

    pub(super) fn entry(&self, row: &Row) -> Entry {
        let symbol = match row.kind {
            DefinitionKind::Chunk(kind) => SymbolId::Chunk(ChunkId::new(row.symbol), kind),
            DefinitionKind::Member(kind) => SymbolId::Member(row.symbol, kind),
        };
        Entry { file: row.file, symbol, owner: self.names.name(row.owner).cloned(), test: row.test }
    }

    pub(super) fn pack(&mut self, facts: &FileFacts) -> Box<[u8]> {
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

    pub(super) fn unpack(&self, slot: &Slot, known: &Known) -> Option<FileFacts> {
        let name = |number: u32| self.names.name(number).cloned();
        let (mentions, mut packed) = split(&known.packed)?;
        let language = syntax::by_path(slot.path.as_ref().as_ref())?;
        let Outline { chunks, symbols, imports } = compact::read(&mut packed, language, &name)?;
        let mentions = mentions.into_iter().filter_map(name).collect();
        Some(FileFacts { chunks: Arc::new(chunks), symbols, imports, lines: known.lines as usize, mentions })
    }

    /// Puts facts in place of those known before, and the names' meanings and mentions with them.
    pub(super) fn set(&mut self, id: FileId, new: Option<Known>) {
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

    pub(super) fn figures(&self) -> Figures {
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
