//! What the focus refers to, by name lookup: without a compiler, the same name may be defined many times, so the
//! definitions of a name are ranked by what the reference and its file say.

use std::collections::HashMap;

use super::{Subject, Texts};
use crate::chunks::{Chunk, ChunkId, ChunkKind, Chunks, Reference, ReferenceKind, references};
use crate::index::{Found, Index};
use crate::text::Span;

/// A definition that the focus refers to.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The definition.
    pub found: Found,
    /// Where the focus first refers to it.
    pub used_at: usize,
    /// How.
    pub kind: ReferenceKind,
    /// The code says which definition it is: not a method of a receiver whose type is not known.
    pub sure: bool,
}

/// Of definitions that no hint tells apart, at most this many are taken, the nearest first; a method, field or value
/// with more is taken for one of another project.
const MOST_ALIKE: usize = 3;

/// The weights of the hints, in one place. A definition below zero is not taken.
mod weight {
    pub(super) const SAME_FILE: i32 = 8;
    pub(super) const SAME_FOLDER: i32 = 3;
    pub(super) const OWN_TYPE: i32 = 20;
    pub(super) const QUALIFIER: i32 = 16;
    pub(super) const OTHER_QUALIFIER: i32 = -30;
    pub(super) const IMPORTED: i32 = 10;
    pub(super) const UNQUALIFIED_METHOD: i32 = -4;
    pub(super) const BARE_NAME: i32 = -6;
    pub(super) const TEST: i32 = -10;
}

/// The definitions that the focus refers to, in the order in which it does. A selection narrows what counts as focus.
#[must_use]
pub fn resolve(subject: &Subject, index: &Index) -> Vec<Resolved> {
    let Some(tree) = &subject.tree else { return Vec::new() };
    let focus = subject.chunk();
    let imports = import_text(subject);
    let own = own_types(subject);
    let locals = Locals::of(subject);
    let mut chosen: HashMap<(String, ChunkId), Resolved> = HashMap::new();
    let mut seen: HashMap<(String, Option<String>, ReferenceKind), ()> = HashMap::new();
    for reference in references(tree, &subject.text, focus.span) {
        if reference.span == focus.name_span || (may_be_local(reference.kind) && locals.binds(&reference.name)) {
            continue;
        }
        let qualifier = reference.qualifier.map(|span| last_name(&subject.text.slice(span)));
        if seen.insert((reference.name.clone(), qualifier.clone(), reference.kind), ()).is_some() {
            continue;
        }
        let receiver = matches!(reference.kind, ReferenceKind::Method | ReferenceKind::Field);
        let about = About { reference: &reference, qualifier: qualifier.as_deref(), own: &own, imports: &imports };
        let mut ranked: Vec<(i32, Found)> = index
            .definitions(&reference.name)
            .into_iter()
            .filter(|found| !is_focus_or_inside(subject, found))
            .filter_map(|found| Some((about.score(subject, &found)?, found)))
            .filter(|(score, _)| *score >= 0)
            .collect();
        ranked.sort_by_key(|(score, found)| {
            (std::cmp::Reverse(*score), std::cmp::Reverse(shared_folders(&found.path, &subject.path)))
        });
        let best = ranked.first().map_or(0, |(score, _)| *score);
        ranked.retain(|(score, _)| *score == best);
        let says_nothing =
            matches!(reference.kind, ReferenceKind::Method | ReferenceKind::Field | ReferenceKind::Value);
        if ranked.len() > MOST_ALIKE && says_nothing {
            continue;
        }
        ranked.truncate(MOST_ALIKE);
        for (_, found) in ranked {
            let owner = owner_name(&found.facts.chunks, found.chunk);
            let known = match qualifier.as_deref() {
                Some("self" | "this" | "cls" | "Self") => owner.is_some_and(|owner| own.iter().any(|own| own == owner)),
                qualifier => qualifier.is_some() && qualifier == owner,
            };
            let sure = known || !receiver;
            let resolved = Resolved { used_at: reference.span.start, kind: reference.kind, sure, found };
            let key = (resolved.found.path.clone(), resolved.found.chunk);
            chosen.entry(key).or_insert(resolved);
        }
    }
    let mut all: Vec<Resolved> = chosen.into_values().collect();
    all.sort_by(|a, b| (a.used_at, &a.found.path, a.found.chunk).cmp(&(b.used_at, &b.found.path, b.found.chunk)));
    all
}

/// Kinds of use that a local variable or parameter can have.
const fn may_be_local(kind: ReferenceKind) -> bool {
    matches!(kind, ReferenceKind::Value | ReferenceKind::Call)
}

/// The names that the focus binds itself, found by the words around them.
struct Locals {
    /// What follows the focus's own name in its signature: its parameters.
    parameters: String,
    body: String,
}

impl Locals {
    fn of(subject: &Subject) -> Self {
        let focus = subject.chunk();
        let signature = focus.signature_span();
        let callable = focus.kind.is_callable() && focus.name_span.end <= signature.end;
        let parameters = if callable { Span::new(focus.name_span.end, signature.end) } else { Span::default() };
        let text = |span| subject.text.slice(span).into_owned();
        Self { parameters: text(parameters), body: text(focus.body.unwrap_or_default()) }
    }

    fn binds(&self, name: &str) -> bool {
        let starts_word = |rest: &str| {
            let after = rest.strip_prefix(name);
            after.is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        };
        let bound =
            |start: &str| self.body.match_indices(start).any(|(at, _)| starts_word(&self.body[at + start.len()..])); // a match's end
        contains_word(&self.parameters, name)
            || ["let ", "let mut ", "const ", "var ", "for ", "for (const ", "for (let "]
                .iter()
                .any(|start| bound(start))
            || self.body.lines().any(|line| {
                let rest = line.trim_start().strip_prefix(name).unwrap_or_default().trim_start();
                rest.starts_with('=') && !rest.starts_with("==")
            })
    }
}

fn is_focus_or_inside(subject: &Subject, found: &Found) -> bool {
    found.path == subject.path && subject.chunk().span.contains(found.facts.chunks.get(found.chunk).item)
}

/// Names of the types that enclose the focus: what `self`, `Self` and `this` mean there.
fn own_types(subject: &Subject) -> Vec<String> {
    std::iter::once(subject.focus)
        .chain(subject.chunks.ancestors(subject.focus))
        .map(|id| subject.chunks.get(id))
        .filter(|chunk| is_owner(chunk.kind))
        .map(|chunk| chunk.name.to_string())
        .collect()
}

const fn is_owner(kind: ChunkKind) -> bool {
    matches!(kind, ChunkKind::Class | ChunkKind::Impl | ChunkKind::Interface | ChunkKind::Type)
}

/// The lines of the file that import something.
fn import_text(subject: &Subject) -> String {
    let text = subject.text.to_text();
    let starts = ["use ", "pub use ", "pub(crate) use ", "import ", "from ", "export ", "const ", "} from "];
    let mut open = false;
    let mut out = String::new();
    for line in text.lines() {
        let trimmed = line.trim_start();
        if !open && !starts.iter().any(|start| trimmed.starts_with(start)) {
            continue;
        }
        let opens = line.matches(['{', '(']).count();
        let closes = line.matches(['}', ')']).count();
        open = if open { opens >= closes } else { opens > closes };
        out.push_str(line);
        out.push('\n');
    }
    out
}

struct About<'a> {
    reference: &'a Reference,
    qualifier: Option<&'a str>,
    own: &'a [String],
    imports: &'a str,
}

impl About<'_> {
    /// How likely `found` is what is meant; `None` when its kind can't be.
    fn score(&self, subject: &Subject, found: &Found) -> Option<i32> {
        let chunks = &found.facts.chunks;
        let chunk = chunks.get(found.chunk);
        if !fits(self.reference.kind, chunk, chunks.parent(found.chunk).is_some_and(|p| is_owner(chunks.get(p).kind))) {
            return None;
        }
        let same_family = chunks.language().map(|l| family(l.name)) == subject.language.map(|l| family(l.name));
        if !same_family {
            return None;
        }
        let same_file = found.path == subject.path;
        let owned = owner_name(chunks, found.chunk).is_some();
        let bare = self.qualifier.is_none();
        // a free name never means a method, and an associated type only behind its owner
        let free = matches!(self.reference.kind, ReferenceKind::Call | ReferenceKind::Type);
        if bare && owned && free {
            return None;
        }
        // in these languages a name of another file has to be imported
        let imports_all = self.imports.contains("import *") || chunks.language().is_some_and(|l| l.name == "rust");
        let named = contains_word(self.imports, &self.reference.name);
        if bare && !same_file && may_be_local(self.reference.kind) && !imports_all && !named {
            return None;
        }
        let mut score = 0;
        if same_file {
            score += weight::SAME_FILE;
        } else if folder(&found.path) == folder(&subject.path) {
            score += weight::SAME_FOLDER;
        }
        let in_tests = looks_like_test(&found.path) && !looks_like_test(&subject.path);
        if (chunk.test || in_tests) && !subject.chunk().test {
            score += weight::TEST;
        }
        let owner = owner_name(chunks, found.chunk);
        match (self.qualifier, owner) {
            (Some("self" | "this" | "cls" | "Self" | "super"), Some(owner)) => {
                score += if self.own.iter().any(|own| own == owner) { weight::OWN_TYPE } else { 0 };
            }
            (Some(qualifier), Some(owner)) if qualifier == owner => score += weight::QUALIFIER,
            (Some(qualifier), owner) => {
                let is_type = qualifier.starts_with(char::is_uppercase);
                let module = stem(&found.path);
                if owner.is_none() && (module == qualifier || found.path.split('/').any(|part| part == qualifier)) {
                    score += weight::QUALIFIER;
                } else if is_type && self.reference.kind != ReferenceKind::Type {
                    score += weight::OTHER_QUALIFIER;
                } else if matches!(self.reference.kind, ReferenceKind::Method | ReferenceKind::Field) {
                    score += weight::UNQUALIFIED_METHOD;
                }
            }
            (None, _) => {
                let imported = contains_word(self.imports, &self.reference.name);
                if imported && !same_file {
                    score += weight::IMPORTED;
                } else if !same_file && self.reference.kind == ReferenceKind::Value {
                    score += weight::BARE_NAME;
                }
            }
        }
        Some(score)
    }
}

/// Whether a reference of this kind can mean such a chunk.
fn fits(kind: ReferenceKind, chunk: &Chunk, owned: bool) -> bool {
    use ChunkKind as C;
    match kind {
        ReferenceKind::Call => {
            matches!(chunk.kind, C::Function | C::Method | C::Class | C::Type | C::Macro | C::Constant | C::Test)
        }
        ReferenceKind::Method => matches!(chunk.kind, C::Method | C::Function | C::Class),
        ReferenceKind::Macro => chunk.kind == C::Macro,
        ReferenceKind::Type => matches!(chunk.kind, C::Type | C::Class | C::Interface),
        ReferenceKind::Field => matches!(chunk.kind, C::Method | C::Constant) || (chunk.kind == C::Function && !owned),
        ReferenceKind::Value => {
            matches!(chunk.kind, C::Constant | C::Function | C::Class | C::Type | C::Interface) && !owned
        }
    }
}

/// Languages whose files refer to each other.
fn family(language: &str) -> &str {
    match language {
        "tsx" | "javascript" => "typescript",
        other => other,
    }
}

/// The name of the type that a method or associated item belongs to.
pub(super) fn owner_name(chunks: &Chunks, id: ChunkId) -> Option<&str> {
    chunks.owner(id)
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// How many folders two paths have in common from the top.
fn shared_folders(a: &str, b: &str) -> usize {
    folder(a).split('/').zip(folder(b).split('/')).take_while(|(a, b)| a == b).count()
}

fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('.').next().unwrap_or(name)
}

/// A file that holds tests by its name or folder.
pub(super) fn looks_like_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    path.split('/').any(|part| matches!(part, "tests" | "test" | "__tests__" | "spec" | "benches"))
        || name.starts_with("test_")
        || name.contains("_test.")
        || name.contains(".test.")
        || name.contains(".spec.")
}

/// `a::b::C<T>` → `C`, `self.x` → `x`, `f(1).g` → `g`.
fn last_name(text: &str) -> String {
    let head = text.split(['<', '(', '[']).next().unwrap_or(text).trim_end_matches([':', '.', '?', '!']);
    head.rsplit([':', '.', '&', '*', ' ']).next().unwrap_or(head).to_owned()
}

fn contains_word(text: &str, word: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back(); // `at` and its end are match borders
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// Methods that types of every standard library have: on a receiver of unknown type they say nothing.
const COMMON_METHODS: &[&str] = &[
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
    "default",
    "entry",
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
    "index",
    "insert",
    "into",
    "is_empty",
    "items",
    "iter",
    "join",
    "keys",
    "last",
    "len",
    "lock",
    "map",
    "name",
    "new",
    "next",
    "open",
    "parse",
    "pop",
    "push",
    "read",
    "recv",
    "remove",
    "replace",
    "run",
    "send",
    "set",
    "size",
    "sort",
    "split",
    "start",
    "stop",
    "test",
    "then",
    "to_string",
    "toString",
    "update",
    "values",
    "wait",
    "write",
];

/// Where in the workspace the focus's name is used, with the kinds of use that can mean it.
pub(super) fn uses_of_focus(
    subject: &Subject,
    index: &Index,
    texts: &dyn Texts,
) -> Vec<(String, std::sync::Arc<crate::index::FileFacts>, usize)> {
    let chunk = subject.chunk();
    if chunk.name.is_empty() {
        return Vec::new();
    }
    let owned = owner_name(&subject.chunks, subject.focus).is_some();
    let alone = index.definitions(&chunk.name).len() <= 1;
    index
        .uses(&chunk.name, &|path| texts.text(path))
        .into_iter()
        .filter(|(path, facts, at, kind)| {
            let common = COMMON_METHODS.contains(&&*chunk.name);
            let elsewhere = *path != subject.path;
            if owned && elsewhere && common && matches!(kind, ReferenceKind::Method | ReferenceKind::Field) {
                return false;
            }
            let kind_fits = match kind {
                ReferenceKind::Call => !owned || matches!(chunk.kind, ChunkKind::Method),
                ReferenceKind::Method => owned || chunk.kind == ChunkKind::Function,
                ReferenceKind::Field => true,
                ReferenceKind::Value => !owned, // a bare name is a variable, not a method

                ReferenceKind::Type => is_owner(chunk.kind),
                ReferenceKind::Macro => chunk.kind == ChunkKind::Macro,
            };
            let inside = *path == subject.path && chunk.span.contains(Span::new(*at, *at));
            // a name that is defined often is only surely ours in its own file
            let known = alone || *path == subject.path || matches!(kind, ReferenceKind::Call | ReferenceKind::Type);
            let calls =
                !chunk.kind.is_callable() || !matches!(kind, ReferenceKind::Value | ReferenceKind::Field) || alone;
            let same = facts.chunks.language().map(|l| family(l.name)) == subject.language.map(|l| family(l.name));
            kind_fits && !inside && known && calls && same
        })
        .map(|(path, facts, at, _)| (path, facts, at))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_names() {
        for (text, name) in
            [("a::b::C<T>", "C"), ("self.x", "x"), ("f(1)", "f"), ("&mut self", "self"), ("Self", "Self")]
        {
            assert_eq!(last_name(text), name, "{text}");
        }
    }

    #[test]
    fn words() {
        assert!(contains_word("use a::{b, c};", "b"));
        assert!(!contains_word("use abc;", "b"));
    }
}
