//! Explanations that were given, kept for hovering until their code changes.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::chunks::{ChunkId, Chunks};
use crate::documents::Snapshot;
use crate::text::{Span, Text};

/// At most this many are kept; the oldest go first.
const MOST: usize = 64;

/// The explanations of a session.
#[derive(Debug, Default)]
pub struct Explanations {
    kept: Mutex<VecDeque<(String, Kept)>>,
    any: AtomicBool,
}

/// An explanation and the code that it speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The file.
    pub path: PathBuf,
    /// Path of names of the chunk.
    pub name: String,
    /// Hash of the chunk's characters without blanks.
    pub hash: u64,
    /// Its heading.
    pub title: String,
    /// The text.
    pub markdown: String,
}

impl Explanations {
    /// Keeps one under an address, in place of an earlier one of the same code.
    pub fn keep(&self, new: Kept, uri: &str) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner); // a queue is whole at any time
        kept.retain(|(_, old)| old.path != new.path || old.name != new.name);
        kept.push_back((uri.to_owned(), new));
        if kept.len() > MOST {
            kept.pop_front();
        }
    }

    /// The explanation of the code at `at`, if that code is as it was: of the smallest chunk that has one.
    #[must_use]
    pub fn at(&self, snapshot: &Snapshot, at: usize) -> Option<Kept> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner); // as above
        if !kept.iter().any(|(_, one)| one.path == snapshot.path) {
            return None;
        }
        let chunks = &snapshot.chunks;
        let focus = chunks.focus_at(Span::new(at, at));
        std::iter::once(focus).chain(chunks.ancestors(focus)).chain([ChunkId::FILE]).find_map(|id| {
            let (name, hash) = (chunks.path(id), Self::hash(chunks, id, &snapshot.text));
            let same = |one: &Kept| one.path == snapshot.path && one.name == name && one.hash == hash;
            kept.iter().map(|(_, one)| one).find(|one| same(one)).cloned()
        })
    }

    /// True when none is kept of `path`.
    #[must_use]
    pub fn is_empty_for(&self, path: &Path) -> bool {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner); // as above
        !kept.iter().any(|(_, one)| one.path == path)
    }

    /// The explanation under an address.
    #[must_use]
    pub fn by_uri(&self, uri: &str) -> Option<Kept> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner); // as above
        kept.iter().find(|(known, _)| known == uri).map(|(_, one)| one.clone())
    }

    /// True the first time that it is asked.
    pub fn first_time(&self) -> bool {
        !self.any.swap(true, Ordering::Relaxed)
    }

    /// What a chunk's code is known by: blanks do not count, so that a formatter does not make an explanation stale.
    #[must_use]
    pub fn hash(chunks: &Chunks, id: ChunkId, text: &Text) -> u64 {
        let mut hasher = DefaultHasher::new();
        text.slice(chunks.get(id).span).split_whitespace().for_each(|word| word.hash(&mut hasher));
        hasher.finish()
    }
}
