//! Where a focus is used. In: a focus and the index. Out: its call sites, found by text in the files that mention it and
//! then checked: the right kind of use, in code, and, for a method, on a value of the type that it belongs to. Of other
//! files only the functions around a mention are parsed, and only so many.

use std::collections::HashSet;
use std::sync::Arc;

use super::guess::family;
use super::infer::View;
use super::members::{Hit, shared_folders};
use super::types::{Place, Resolver, Use};
use super::{Def, Names, Source, Texts};
use crate::chunks::{ChunkId, ChunkKind, Chunks, ReferenceKind, references};
use crate::index::modules::Modules;
use crate::index::{File, FileId, Found, Index, SymbolId};
use crate::syntax::Tree;
use crate::text::{Span, Text};

/// A place where the focus is used.
#[derive(Clone, Debug)]
pub struct CallSite {
    /// The chunk that it stands in; of the file itself where it stands outside of any.
    pub within: Found,
    /// The byte at which the focus is named.
    pub at: usize,
    /// It stands in a test, or in a file of tests.
    pub test: bool,
    /// The code says that it is the focus; otherwise a method of an unknown value has its name.
    pub sure: bool,
}

/// Files that are looked at, at most.
const MOST_FILES: usize = 40;
/// Mentions in a file that are looked at: a table of values may have any number.
const MOST_MENTIONS: usize = 400;
/// Bytes of them that are read, at most.
const MOST_BYTES: usize = 4 << 20;
/// Functions that are parsed, at most.
const MOST_PARSED: usize = 32;
/// When so many sure call sites outside of tests are known, no more are looked for.
const ENOUGH: usize = 10;

/// The places that use the focus, the nearest files first.
#[must_use]
pub fn call_sites(source: &Source<'_>, index: &Index, texts: &Texts<'_>) -> Vec<CallSite> {
    let Some(own) = index.id(source.path) else { return Vec::new() };
    let read = |path: &str| texts(path).map(|text| text.to_text());
    let resolver = Resolver::new(index, Modules::new(index, &read), texts);
    let chunk = source.chunk();
    if chunk.name.is_empty() || matches!(chunk.kind, ChunkKind::Impl | ChunkKind::Section) {
        return Vec::new();
    }
    let target = Def { file: own, chunk: source.focus };
    let owner = source.chunks.owner(source.focus);
    let name = match (&*chunk.name, owner) {
        ("constructor" | "__init__" | "__new__", Some(owner)) => owner,
        (name, _) => name,
    };
    let mut search = Search {
        resolver: &resolver,
        target,
        name,
        owner: owner.is_some(),
        constructs: name != &*chunk.name,
        callable: chunk.kind.is_callable(),
        focus: chunk.span,
        in_tests: looks_like_test(source.path),
        parsed: 0,
        found: Vec::new(),
    };
    let mut bytes = 0;
    for file in files(&resolver, own, name, owner) {
        let Some(known) = resolver.file(file) else { continue };
        let language = known.facts.chunks.language().map(|language| family(language.name));
        if language != Some(family(source.tree.language().name)) {
            continue;
        }
        let Some(text) = (if file == own { Some(source.text.clone()) } else { texts(&known.path) }) else { continue };
        bytes += text.len();
        search.file(file, &known, &text);
        let sure = search.found.iter().filter(|site| site.sure && !site.test).count();
        if sure >= ENOUGH || bytes > MOST_BYTES || search.parsed >= MOST_PARSED {
            break;
        }
    }
    let mut found = search.found;
    found.sort_by_key(|site| (site.test, !site.sure));
    found
}

/// The files that may use the focus, the likeliest first.
fn files(resolver: &Resolver<'_>, own: FileId, name: &str, owner: Option<&str>) -> Vec<FileId> {
    let index = resolver.index;
    let mentioning = index.mentioning(name);
    let of_owner: HashSet<FileId> =
        owner.map(|owner| index.mentioning(owner)).unwrap_or_default().into_iter().collect();
    let own_path = index.path(own).unwrap_or_default();
    let mut ranked: Vec<(bool, bool, bool, usize, Arc<str>, FileId)> = mentioning
        .into_iter()
        .filter_map(|file| {
            let path = index.path(file)?;
            let near = shared_folders(&path, &own_path);
            Some((
                file != own,
                looks_like_test(&path),
                owner.is_some() && !of_owner.contains(&file),
                usize::MAX - near,
                path,
                file,
            ))
        })
        .collect();
    ranked.sort();
    ranked.truncate(MOST_FILES);
    ranked.into_iter().map(|(.., file)| file).collect()
}

/// A place where the focus's name stands.
#[derive(Clone, Copy)]
struct Mention {
    at: usize,
    /// The names around it say that it means the focus, if it is code at all.
    known: bool,
}

struct Search<'a, 'r> {
    resolver: &'r Resolver<'a>,
    target: Def,
    name: &'r str,
    /// It is a member of a type.
    owner: bool,
    /// It is called by the name of its type.
    constructs: bool,
    callable: bool,
    focus: Span,
    in_tests: bool,
    parsed: usize,
    found: Vec<CallSite>,
}

impl Search<'_, '_> {
    fn file(&mut self, id: FileId, file: &File, text: &Text) {
        let all = text.to_text();
        let is_own = id == self.target.file;
        let imported: HashSet<usize> = file.facts.imports.iter().map(|import| text.line_of(import.at)).collect();
        let mut pieces: Vec<(ChunkId, Vec<Mention>)> = Vec::new();
        for at in words(&all, self.name).take(MOST_MENTIONS) {
            let inside = is_own && self.focus.contains(Span::new(at, at + 1));
            if inside || !self.may_be_use(&all, at) || imported.contains(&text.line_of(at)) {
                continue;
            }
            let Some(mention) = self.mention(id, file, &all, at) else { continue };
            let piece = piece_around(&file.facts.chunks, at);
            match pieces.iter_mut().find(|(known, _)| *known == piece) {
                Some((_, mentions)) => mentions.push(mention),
                None => pieces.push((piece, vec![mention])),
            }
        }
        // pieces outside of tests first
        pieces.sort_by_key(|(piece, _)| file.facts.chunks.get(*piece).test);
        for (piece, mentions) in pieces {
            if self.parsed >= MOST_PARSED {
                return;
            }
            self.parsed += 1;
            self.piece(id, file, text, piece, &mentions);
        }
    }

    /// What the names around a mention say without any parsing; `None` where they mean something else than the focus.
    fn mention(&self, id: FileId, file: &File, all: &str, at: usize) -> Option<Mention> {
        let head = all.get(at.saturating_sub(200)..at).or_else(|| all.get(..at))?;
        let link = [".", "::", "->"].iter().find(|link| head.ends_with(*link) && !head.ends_with(".."));
        if self.owner && !self.constructs && link != Some(&"::") {
            return Some(Mention { at, known: false });
        }
        self.resolver.begin();
        let chunk = file.facts.chunk_at(at);
        let me = self.resolver.owner_type(Def { file: id, chunk });
        let place = Place { file: id, chunk, at, me, scope: None };
        let name = self.name;
        let hits = match link {
            None => self.resolver.path_entries(name, &place),
            Some(&"::") => self
                .resolver
                .path_entries(&format!("{}::{name}", super::chain_at_end(head.get(..head.len() - 2)?)), &place),
            Some(link) => {
                let chain = super::chain_at_end(head.get(..head.len() - link.len())?);
                let of = self.resolver.value_in(chain, &place, &|_| None);
                self.resolver.members(&of, name)
            }
        };
        // a path through a type parameter can mean a method, too
        let open = hits.is_empty() && self.owner && link.is_some();
        let means = hits.iter().any(|hit| self.means_hit(hit));
        (means || open).then_some(Mention { at, known: means })
    }

    /// Whether what stands around a name can be such a use.
    fn may_be_use(&self, all: &str, at: usize) -> bool {
        let before = all.get(..at).unwrap_or_default().trim_end();
        let after = all.get(at + self.name.len()..).unwrap_or_default().trim_start();
        let member = before.ends_with(['.', '@']) || before.ends_with("::") || before.ends_with("->");
        let called = !self.callable
            || after.starts_with(['(', '<', '!', '`'])
            || after.starts_with("::<")
            || after.starts_with("?.(");
        (called || self.owner || self.callable) && (!self.owner || self.constructs || member)
    }

    /// The uses in one function, type or file, of which only that much is parsed.
    fn piece(&mut self, id: FileId, file: &File, text: &Text, piece: ChunkId, mentions: &[Mention]) {
        let chunks = &file.facts.chunks;
        let Some(language) = chunks.language() else { return };
        let (Some(first), Some(last)) = (mentions.first(), mentions.last()) else { return };
        let around = Span::new(first.at, last.at);
        let parts = parts_of(chunks, piece, around, text);
        let Some(tree) = Tree::parse_parts(text, language, &parts) else { return };
        let within = match piece {
            ChunkId::FILE => {
                Span::new(text.line_start(text.line_of(around.start)), text.line_span(text.line_of(around.end)).end)
            }
            piece => chunks.get(piece).span,
        };
        let source = Source { path: &file.path, text, tree: &tree, chunks, focus: piece };
        let typed = mentions.iter().any(|mention| !mention.known);
        let view = typed.then(|| View::new(self.resolver, id, &tree, text, within, within));
        let names = view.as_ref().map(|view| Names::of(&source, view));
        for mention in mentions {
            let at = mention.at;
            let all = references(&tree, text, Span::new(at, at + self.name.len()));
            let Some(reference) = all.into_iter().find(|one| one.span.start == at && one.name == self.name) else {
                continue;
            };
            if !self.kind_fits(reference.kind) {
                continue;
            }
            let mut sure = mention.known;
            if let Some(names) = names.as_ref().filter(|_| !mention.known) {
                self.resolver.begin();
                let (hits, known) = names.meaning(&reference);
                let hit = hits.iter().any(|hit| self.means_hit(hit));
                let open = hits.is_empty() && self.owner && !self.constructs && names.is_open(&reference);
                let guessed = open && self.is_rare();
                if !hit && !guessed {
                    continue;
                }
                sure = hit && known;
            }
            let around = file.facts.chunk_at(at);
            let in_tests = looks_like_test(&file.path) && !self.in_tests;
            self.found.push(CallSite {
                test: chunks.get(around).test || in_tests,
                within: Found { path: file.path.to_string(), facts: file.facts.clone(), chunk: around },
                at,
                sure,
            });
        }
    }

    fn means_hit(&self, hit: &Hit) -> bool {
        match hit.entry.symbol {
            SymbolId::Chunk(chunk, _) => self.means(Def { file: hit.entry.file, chunk }),
            SymbolId::Member(..) => false,
        }
    }

    fn kind_fits(&self, kind: ReferenceKind) -> bool {
        match kind {
            ReferenceKind::Macro => true,
            ReferenceKind::Type => !self.callable || self.constructs,
            _ => true,
        }
    }

    /// Whether a definition that was found is the focus, or stands for it: its class where it is the constructor, an
    /// overload.
    fn means(&self, def: Def) -> bool {
        if def == self.target {
            return true;
        }
        let (Some(file), same_file) = (self.resolver.file(def.file), def.file == self.target.file) else {
            return false;
        };
        let chunks = &file.facts.chunks;
        if !same_file {
            return false;
        }
        let target = chunks.get(self.target.chunk);
        let other = chunks.get(def.chunk);
        let same_place = chunks.parent(def.chunk) == chunks.parent(self.target.chunk);
        let class = self.constructs && chunks.ancestors(self.target.chunk).next() == Some(def.chunk);
        class || (same_place && target.name == other.name && target.kind == other.kind)
    }

    /// Few definitions have the name.
    fn is_rare(&self) -> bool {
        self.resolver.index.entries(self.name).len() <= 1
    }
}

impl Names<'_, '_, '_> {
    /// Nothing tells what a member is taken from.
    fn is_open(&self, reference: &crate::chunks::Reference) -> bool {
        match self.objects.get(&reference.span.start) {
            Some(object) => {
                self.view.type_of(*object).is_unknown() && self.view.guess(&reference.name, Use::Call).is_empty()
            }
            None => false,
        }
    }
}

/// The outermost function around a place, or the type or constant that it stands in; else the file.
fn piece_around(chunks: &Chunks, at: usize) -> ChunkId {
    let here = chunks.focus_at(Span::new(at, at));
    let all: Vec<ChunkId> =
        std::iter::once(here).chain(chunks.ancestors(here)).filter(|id| *id != ChunkId::FILE).collect();
    let outermost = all.iter().rev().find(|id| {
        let kind = chunks.get(**id).kind;
        kind.is_callable() || matches!(kind, ChunkKind::Test | ChunkKind::Constant)
    });
    outermost.copied().unwrap_or(ChunkId::FILE)
}

/// What has to be parsed for a piece to stand as it does in its file: the signatures of what is around it, and their ends.
fn parts_of(chunks: &Chunks, piece: ChunkId, places: Span, text: &Text) -> Vec<Span> {
    if piece == ChunkId::FILE {
        // statements of the file itself: between the chunks around them
        let children: Vec<ChunkId> = chunks.children(ChunkId::FILE).collect();
        let near = |id: &&ChunkId| chunks.get(**id).span.touches(places);
        let around: Vec<&ChunkId> = children.iter().filter(near).collect();
        let start = around.first().map_or(places.start, |id| chunks.get(**id).span.start);
        let end = around.last().map_or(places.end, |id| chunks.get(**id).span.end);
        return vec![Span::new(text.line_start(text.line_of(start)), end)];
    }
    let chunk = chunks.get(piece);
    let (mut opens, mut closes) = (Vec::new(), Vec::new());
    for id in chunks.ancestors(piece) {
        let around = chunks.get(id);
        let Some(body) = around.body else { continue };
        let braced = &*text.slice(Span::new(body.start, body.start + 1)) == "{";
        let line = text.line_start(text.line_of(body.start));
        let head = if braced { body.start + 1 } else { line.max(around.name_span.end) };
        opens.push(Span::new(text.line_start(text.line_of(around.item.start)), head.min(chunk.span.start)));
        if braced {
            closes.push(Span::new(body.end.saturating_sub(1), body.end));
        }
    }
    opens.reverse();
    let start = text.line_start(text.line_of(chunk.span.start));
    let mut parts = opens;
    parts.push(Span::new(start.max(parts.last().map_or(0, |part| part.end)), chunk.span.end));
    parts.extend(closes);
    // where one line holds several of them they may overlap
    let mut end = 0;
    parts.retain_mut(|part| {
        part.start = part.start.max(end);
        part.end = part.end.max(part.start);
        end = part.end;
        !part.is_empty()
    });
    parts
}

/// Where `word` stands in a text as a whole word.
fn words<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let before = text.get(..*at).and_then(|text| text.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// A file that holds tests by its name or folder.
pub(crate) fn looks_like_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    path.split('/').any(|part| matches!(part, "tests" | "test" | "__tests__" | "spec" | "benches"))
        || name.starts_with("test_")
        || name.contains("_test.")
        || name.contains(".test.")
        || name.contains(".spec.")
}
