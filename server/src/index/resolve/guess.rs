//! Members of values whose type is not known. In: a name. Out: the few definitions that the code speaks for, or none.

use super::infer::View;
use super::members::{Hit, shared_folders};
use super::types::{Type, Use};
use crate::index::{Entry, SymbolId};

/// A name with more meanings than this says nothing by itself.
const MOST_MEANINGS: usize = 24;
/// At most this many guesses are taken for one name.
const MOST_GUESSES: usize = 2;

/// What speaks for a guess; one below [`weight::ENOUGH`] is not taken.
mod weight {
    pub(super) const OWNER_NAMED_IN_FOCUS: i32 = 6;
    pub(super) const OWNER_NAMED_IN_FILE: i32 = 4;
    pub(super) const SAME_FILE: i32 = 3;
    pub(super) const ONLY_ONE: i32 = 3;
    pub(super) const LONG_NAME: i32 = 2;
    pub(super) const COMMON_NAME: i32 = -6;
    pub(super) const TEST: i32 = -8;
    pub(super) const ENOUGH: i32 = 5;
}

/// Methods and fields that types of every standard library have: on a value of unknown type they say nothing.
const COMMON: &[&str] = &[
    "add",
    "all",
    "any",
    "append",
    "apply",
    "as_ref",
    "as_str",
    "bind",
    "call",
    "catch",
    "clear",
    "clone",
    "close",
    "contains",
    "copy",
    "count",
    "data",
    "default",
    "end",
    "entry",
    "error",
    "extend",
    "filter",
    "find",
    "first",
    "flush",
    "for_each",
    "forEach",
    "format",
    "from",
    "get",
    "has",
    "id",
    "index",
    "insert",
    "into",
    "is_empty",
    "items",
    "iter",
    "join",
    "key",
    "keys",
    "kind",
    "last",
    "len",
    "length",
    "lock",
    "map",
    "message",
    "name",
    "new",
    "next",
    "open",
    "options",
    "parse",
    "path",
    "pop",
    "push",
    "read",
    "recv",
    "reduce",
    "remove",
    "replace",
    "result",
    "run",
    "send",
    "set",
    "size",
    "sort",
    "split",
    "start",
    "state",
    "stop",
    "test",
    "text",
    "then",
    "to_string",
    "toString",
    "type",
    "update",
    "value",
    "values",
    "wait",
    "width",
    "write",
];

impl View<'_, '_> {
    /// What a member of a value of unknown type may mean.
    pub(super) fn guess(&self, name: &str, used: Use) -> Vec<Hit> {
        let resolver = self.resolver;
        let Some(file) = resolver.file(self.file) else { return Vec::new() };
        let own_family = file.facts.chunks.language().map_or("", |language| family(language.name));
        let mut entries: Vec<Entry> = resolver.index.entries(name);
        entries.retain(|entry| entry.owner.is_some());
        if entries.is_empty() || entries.len() > MOST_MEANINGS {
            return Vec::new();
        }
        entries.retain(|entry| {
            let callable = matches!(entry.symbol, SymbolId::Chunk(_, kind) if kind.is_callable());
            let language = resolver.file(entry.file).and_then(|file| file.facts.chunks.language());
            (callable || used != Use::Call) && language.is_some_and(|language| family(language.name) == own_family)
        });
        let focus = self.text.slice(self.focus).into_owned();
        let focus_is_test = file.facts.chunks.get(file.facts.chunk_at(self.focus.start)).test;
        let only = entries.len() == 1;
        let mut ranked: Vec<(i32, usize, Entry)> = entries
            .into_iter()
            .filter_map(|entry| {
                let owner = entry.owner.as_deref()?;
                let other = resolver.file(entry.file)?;
                let mut score = 0;
                let mentions = || file.facts.mentions.binary_search_by(|word| (**word).cmp(owner)).is_ok();
                if has_word(&focus, owner) {
                    score += weight::OWNER_NAMED_IN_FOCUS;
                } else if mentions() {
                    score += weight::OWNER_NAMED_IN_FILE;
                }
                score += if entry.file == self.file { weight::SAME_FILE } else { 0 };
                score += if only { weight::ONLY_ONE } else { 0 };
                score += if name.len() > 8 { weight::LONG_NAME } else { 0 };
                score += if COMMON.contains(&name) { weight::COMMON_NAME } else { 0 };
                score += if entry.test && !focus_is_test { weight::TEST } else { 0 };
                Some((score, shared_folders(&other.path, &file.path), entry))
            })
            .filter(|(score, ..)| *score >= weight::ENOUGH)
            .collect();
        ranked.sort_by_cached_key(|(score, near, entry)| {
            let path = resolver.file(entry.file).map(|file| file.path.clone());
            (std::cmp::Reverse((*score, *near)), path, resolver.place(entry))
        });
        let Some((best, near, _)) = ranked.first().cloned() else { return Vec::new() };
        ranked.retain(|(score, other, _)| *score == best && *other == near);
        if ranked.len() > MOST_GUESSES {
            return Vec::new();
        }
        ranked.into_iter().map(|(.., entry)| Hit { entry, on: Type::Unknown }).collect()
    }
}

/// Languages whose files refer to each other.
pub(crate) fn family(language: &str) -> &str {
    match language {
        "tsx" | "javascript" => "typescript",
        "cpp" => "c",
        "kotlin" | "scala" => "java",
        other => other,
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}
