//! Which pieces of the workspace may matter for a focus, best first, each at the levels at which it can be shown.

use std::collections::HashSet;

use super::references::{looks_like_test, owner_name, resolve, uses_of_focus};
use super::types::{Definition, Excerpt, Level, Subject, Use};
use super::{Texts, count_tokens};
use crate::chunks::{ChunkId, ChunkKind, Chunks};
use crate::index::{Found, Index};
use crate::policy::mask_secrets;
use crate::text::{Span, Text};

/// A type that takes no more tokens than this is shown in full.
const SMALL_TYPE: usize = 160;
/// A constant that takes no more tokens than this is shown with its value.
const SMALL_CONSTANT: usize = 60;
/// Documentation of at most this many lines stays with a signature.
const SHORT_DOCUMENTATION: usize = 3;
/// At most this many call sites are shown.
const MOST_CALL_SITES: usize = 10;

/// What may matter.
pub(super) struct Candidates {
    /// Best first; each at its levels from the highest down.
    pub ranked: Vec<Vec<Excerpt>>,
    pub uses: Vec<Use>,
    pub definitions: Vec<Definition>,
    pub held_back: Vec<String>,
    /// Texts of every file that a candidate comes from, for the receipt's comparison.
    pub files: Vec<(String, Text)>,
    pub partial_index: bool,
}

/// Finds them: what the focus refers to, the types that own it, its call sites, then its neighbours' signatures.
pub(super) fn find(subject: &Subject, index: &Index, texts: &dyn Texts) -> Candidates {
    let mut found = Finder {
        subject,
        texts,
        taken: HashSet::new(),
        out: Candidates {
            ranked: Vec::new(),
            uses: Vec::new(),
            definitions: Vec::new(),
            held_back: Vec::new(),
            files: vec![(subject.path.clone(), subject.text.clone())],
            partial_index: !index.is_complete(),
        },
    };
    found.owners_of_focus(index);
    let resolved = resolve(subject, index);
    for one in &resolved {
        let line = subject.line(one.used_at);
        if one.sure {
            found.definition(&one.found, line);
        }
        found.chunk(&one.found, &format!("used at line {line}"));
    }
    for one in &resolved {
        let Some(owner) = owner_name(&one.found.facts.chunks, one.found.chunk) else { continue };
        let name = one.found.facts.chunks.path(one.found.chunk);
        for found_owner in index.definitions(owner).into_iter().filter(|owner| owner.path == one.found.path) {
            found.chunk(&found_owner, &format!("owns `{name}`"));
        }
    }
    found.call_sites(index);
    found.neighbours(index);
    found.out
}

struct Finder<'a> {
    subject: &'a Subject,
    texts: &'a dyn Texts,
    taken: HashSet<(String, usize)>,
    out: Candidates,
}

impl Finder<'_> {
    fn text(&mut self, path: &str) -> Option<Text> {
        if let Some((_, text)) = self.out.files.iter().find(|(known, _)| known == path) {
            return Some(text.clone());
        }
        let text = self.texts.text(path)?;
        self.out.files.push((path.to_owned(), text.clone()));
        Some(text)
    }

    /// The type that `self` means in a method, and the trait that its impl implements.
    fn owners_of_focus(&mut self, index: &Index) {
        let chunks = self.subject.chunks.clone();
        for id in chunks.ancestors(self.subject.focus) {
            let chunk = chunks.get(id);
            if chunk.kind != ChunkKind::Impl {
                continue;
            }
            for found in index.definitions(&chunk.name).into_iter().filter(|found| found.path == self.subject.path) {
                self.chunk(&found, "the type of `self`");
            }
        }
    }

    fn definition(&mut self, found: &Found, used_at: usize) {
        let Some(text) = self.text(&found.path) else { return };
        let chunks = &found.facts.chunks;
        let chunk = chunks.get(found.chunk);
        let signature = chunk.signature(&text).split_whitespace().collect::<Vec<_>>().join(" ");
        let signature = signature.trim_end_matches([' ', '=']).to_owned();
        self.out.definitions.push(Definition {
            path: found.path.clone(),
            line: text.line_of(chunk.name_span.start) + 1,
            kind: chunk.kind,
            name: chunks.path(found.chunk),
            signature,
            used_at,
        });
    }

    /// Adds a chunk at its levels, once.
    fn chunk(&mut self, found: &Found, reason: &str) {
        let chunks = &found.facts.chunks;
        let chunk = chunks.get(found.chunk);
        let in_focus = found.path == self.subject.path && self.subject.chunk().span.contains(chunk.item);
        let around_focus = found.path == self.subject.path && chunk.span.contains(self.subject.chunk().span);
        if in_focus || around_focus || chunk.span.end == 0 || !self.taken.insert((found.path.clone(), chunk.item.start))
        {
            return;
        }
        let Some(text) = self.text(&found.path) else { return };
        if chunk.span.end > text.len() {
            return; // the file changed since it was indexed
        }
        let levels: Vec<(Level, String)> = levels(chunks, found.chunk, &text);
        let excerpts: Vec<Excerpt> =
            levels.into_iter().map(|(level, shown)| self.excerpt(found, &text, level, &shown, reason)).collect();
        self.out.ranked.push(excerpts);
    }

    fn excerpt(&mut self, found: &Found, text: &Text, level: Level, shown: &str, reason: &str) -> Excerpt {
        let chunks = &found.facts.chunks;
        let chunk = chunks.get(found.chunk);
        let (shown, secrets) = mask_secrets(shown);
        if secrets > 0 {
            self.hold_back(&found.path, secrets);
        }
        Excerpt {
            path: found.path.clone(),
            name: chunks.path(found.chunk),
            kind: chunk.kind,
            level,
            line: text.line_of(chunk.item.start) + 1,
            tokens: count_tokens(&shown) + 1,
            text: shown.trim_end().to_owned(),
            reason: reason.to_owned(),
            enclosing: enclosing(chunks, found.chunk, text),
            start: chunk.item.start,
        }
    }

    fn hold_back(&mut self, path: &str, secrets: usize) {
        let what = if secrets == 1 { "a secret" } else { "secrets" };
        let message = format!("{what} in {path}");
        if !self.out.held_back.contains(&message) {
            self.out.held_back.push(message);
        }
    }

    /// The places that use the focus: callers outside of tests first, each with the signature of what it stands in.
    fn call_sites(&mut self, index: &Index) {
        let mut uses = Vec::new();
        for (path, facts, at) in uses_of_focus(self.subject, index, self.texts) {
            let Some(text) = self.text(&path) else { continue };
            if at >= text.len() {
                continue;
            }
            let line = text.line_of(at);
            let around = facts.chunk_at(at);
            // a project that lies in another one's tests has tests of its own
            let in_tests = looks_like_test(&path) && !looks_like_test(&self.subject.path);
            let test = facts.chunks.get(around).test || in_tests;
            let within = if around == ChunkId::FILE { String::new() } else { facts.chunks.path(around) };
            let shown = text.slice(text.line_span(line)).into_owned();
            let one = Use { path: path.clone(), line: line + 1, text: shown.trim().to_owned(), within, test };
            if is_import(&one.text) {
                continue;
            }
            uses.push((one, Found { path, facts, chunk: around }, shown));
        }
        uses.sort_by_key(|(one, ..)| (one.test, one.path != self.subject.path));
        uses.dedup_by(|(a, ..), (b, ..)| a.path == b.path && a.line == b.line);
        for (one, found, shown) in uses.iter().filter(|(one, ..)| !one.test).take(MOST_CALL_SITES) {
            let Some(text) = self.text(&one.path) else { continue };
            let chunk = found.facts.chunks.get(found.chunk);
            let key = (one.path.clone(), text.line_start(one.line - 1));
            let inside_focus = one.path == self.subject.path && self.subject.chunk().span.contains(chunk.item);
            if inside_focus || !self.taken.insert(key) {
                continue;
            }
            let mut excerpt =
                self.excerpt(found, &text, Level::Folded, shown, &format!("calls it at line {}", one.line));
            excerpt.line = one.line;
            excerpt.start = text.line_start(one.line - 1);
            excerpt.text = shown.trim_end().to_owned();
            if found.chunk != ChunkId::FILE && !chunk.span.contains(self.subject.chunk().span) {
                excerpt.enclosing.push((
                    chunk.item.start,
                    with_elision(
                        chunk.kind,
                        &indented_signature(chunk.item.start, &chunk.signature(&text), &text),
                        &found.facts.chunks,
                    ),
                ));
            }
            self.out.ranked.push(vec![excerpt]);
        }
        self.out.uses = uses.into_iter().map(|(one, ..)| one).collect();
    }

    /// Signatures of the other chunks of the file, the nearest first.
    fn neighbours(&mut self, index: &Index) {
        let Some(facts) = index.facts(&self.subject.path) else { return };
        let focus = self.subject.chunk().span;
        let mut near: Vec<(usize, ChunkId)> = facts
            .chunks
            .definitions()
            .filter(|(id, chunk)| {
                let inner = facts.chunks.ancestors(*id).any(|id| facts.chunks.get(id).kind.is_callable());
                let says_something =
                    chunk.kind != ChunkKind::Impl && (chunk.kind != ChunkKind::Module || chunk.body.is_some());
                !chunk.test && !inner && says_something
            })
            .map(|(id, chunk)| {
                let distance = if chunk.span.end <= focus.start {
                    focus.start - chunk.span.end
                } else {
                    chunk.span.start.saturating_sub(focus.end)
                };
                (distance, id)
            })
            .collect();
        near.sort();
        for (_, id) in near {
            let found = Found { path: self.subject.path.clone(), facts: facts.clone(), chunk: id };
            let before = self.out.ranked.len();
            self.chunk(&found, "in the same file");
            if let Some(excerpts) = self.out.ranked.get_mut(before) {
                excerpts.retain(|excerpt| excerpt.level <= Level::Signature);
            }
        }
    }
}

fn is_import(line: &str) -> bool {
    ["use ", "pub use ", "import ", "from ", "export {", "export *"].iter().any(|start| line.starts_with(start))
}

/// The texts at which a chunk can be shown, from the highest level down.
fn levels(chunks: &Chunks, id: ChunkId, text: &Text) -> Vec<(Level, String)> {
    let chunk = chunks.get(id);
    let signature = with_elision_of(chunks, id, text);
    let documentation = Span::new(chunk.span.start, chunk.item.start);
    let lines = text.line_of(documentation.end) - text.line_of(documentation.start);
    let header = || {
        let indent = indent_of(chunk.span.start, text);
        format!("{indent}{}", text.slice(documentation)) + signature.trim_start()
    };
    let full = || {
        let indent = indent_of(chunk.item.start, text);
        format!("{indent}{}", text.slice(chunk.item))
    };
    let mut levels = Vec::new();
    let small = match chunk.kind {
        ChunkKind::Type | ChunkKind::Interface => SMALL_TYPE,
        ChunkKind::Constant | ChunkKind::Macro => SMALL_CONSTANT,
        _ => 0,
    };
    if small > 0 && chunk.item.len() < small * 8 {
        let full = full();
        if count_tokens(&full) <= small {
            levels.push((Level::Full, full));
        }
    }
    if levels.is_empty() && lines > 0 && lines <= SHORT_DOCUMENTATION {
        levels.push((Level::Header, header()));
    }
    levels.push((Level::Signature, signature));
    levels
}

fn with_elision_of(chunks: &Chunks, id: ChunkId, text: &Text) -> String {
    let chunk = chunks.get(id);
    let signature = indented_signature(chunk.item.start, &chunk.signature(text), text);
    if chunk.body.is_none() { signature } else { with_elision(chunk.kind, &signature, chunks) }
}

fn indented_signature(at: usize, signature: &str, text: &Text) -> String {
    format!("{}{signature}", indent_of(at, text))
}

/// The blanks before a place on its line.
fn indent_of(at: usize, text: &Text) -> String {
    let line = text.line_start(text.line_of(at));
    let before = text.slice(Span::new(line, at));
    if before.chars().all(char::is_whitespace) { before.into_owned() } else { String::new() }
}

/// A signature with a mark that its body was left out.
fn with_elision(kind: ChunkKind, signature: &str, chunks: &Chunks) -> String {
    let python = chunks.language().is_some_and(|language| language.name == "python");
    match (python, kind) {
        (_, ChunkKind::Constant) => format!("{signature} …"),
        (true, _) => format!("{signature} ..."),
        (false, _) => format!("{} {{ … }}", signature.trim_end_matches("=>").trim_end()),
    }
}

/// Signatures of what encloses a chunk, from the outside in, as they open.
pub(super) fn enclosing(chunks: &Chunks, id: ChunkId, text: &Text) -> Vec<(usize, String)> {
    let mut all: Vec<(usize, String)> = chunks
        .ancestors(id)
        .map(|id| {
            let chunk = chunks.get(id);
            let signature = indented_signature(chunk.item.start, &chunk.signature(text), text);
            let opens = chunk.body.is_some_and(|body| text.slice(Span::new(body.start, body.start + 1)) == "{");
            (chunk.item.start, if opens { signature + " {" } else { signature })
        })
        .collect();
    all.reverse();
    all
}
