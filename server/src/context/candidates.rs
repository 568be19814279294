//! Which pieces of the workspace may matter for a focus. In: the focus, the index, weak signs. Out: candidates, each with
//! its value, the reason in words, and the levels at which it can be shown. Chooses nothing.

mod sites;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::levels::{Depth, Shape, around, shapes};
use super::names::{Looks, family_of, names_in};
use super::projection::Piece;
use super::rank::{Sign, share, value};
use super::references::resolve;
use super::signs::{Signs, Stages};
use super::types::{Definition, Subject, Use};
use super::{Texts, walk};
use crate::chunks::{ChunkId, ChunkKind, Chunks, ReferenceKind, references};
use crate::index::resolve::{Resolved, family};
use crate::index::{Entry, FileFacts, Found, Index, SymbolId};
use crate::text::{Span, Text};

/// At most this many candidates are weighed, the most valuable ones.
const MOST_CANDIDATES: usize = 160;
/// So many functions, the most valuable ones, are tried with their bodies.
const MOST_BODIES: usize = 14;
/// Of other versions of a definition so many are weighed.
const MOST_TWINS: usize = 8;
/// A name that is defined more often says nothing by itself.
const MOST_OF_A_NAME: usize = 6;
/// What is worth less is shown with its body by no means.
const WORTH_A_BODY: f64 = 0.5;
/// What is worth less is shown without documentation.
const WORTH_A_HEADER: f64 = 0.3;

/// What may matter.
pub(super) struct Candidates {
    /// The most valuable first.
    pub ranked: Vec<Candidate>,
    pub uses: Vec<Use>,
    pub definitions: Vec<Definition>,
    /// Each file that a candidate comes from, and the focus's first.
    pub files: Vec<(String, Text)>,
    pub partial_index: bool,
}

/// A chunk, or a line that uses the focus.
pub(super) struct Candidate {
    /// Index of its file.
    pub file: usize,
    pub name: String,
    pub kind: ChunkKind,
    /// Line of the file, from one.
    pub line: usize,
    pub reason: String,
    /// How likely it matters, from zero to one.
    pub value: f64,
    /// The levels at which it can be shown, rising, with the share of the value that each gives.
    pub shapes: Vec<(Shape, f64)>,
    /// First lines of the chunks around it, which every level shows as well, except where they would tell too little.
    pub around: Vec<Piece>,
}

/// Finds them.
pub(super) fn find(subject: &Subject, index: &Index, texts: &dyn Texts, signs: &Signs, stages: Stages) -> Candidates {
    let mut finder = Finder {
        subject,
        index,
        texts,
        signs,
        stages,
        numbers: HashMap::new(),
        weighed: Vec::new(),
        files: vec![(subject.path.clone(), Some(subject.text.clone()))],
        uses: Vec::new(),
        sites: Vec::new(),
        definitions: Vec::new(),
    };
    let resolved = resolve(subject, index, texts);
    let found: Vec<Found> = resolved.iter().map(|one| one.found.clone()).collect();
    finder.references(&resolved);
    finder.in_messages();
    if stages.owners {
        finder.owners_of_focus();
        finder.owners(&found);
    }
    if stages.names {
        finder.names(&resolved);
    }
    let users = finder.uses();
    if stages.signature_types {
        finder.signature_types(&found);
    }
    if stages.siblings {
        finder.siblings();
    }
    if stages.walk {
        finder.walk(&found, &users);
    }
    finder.finish()
}

/// A chunk with its signs so far.
struct Weighed {
    found: Found,
    signs: Vec<Sign>,
    /// The most telling sign's reason.
    reason: String,
}

struct Finder<'a> {
    subject: &'a Subject,
    index: &'a Index,
    texts: &'a dyn Texts,
    signs: &'a Signs,
    stages: Stages,
    numbers: HashMap<(String, ChunkId), usize>,
    weighed: Vec<Weighed>,
    files: Vec<(String, Option<Text>)>,
    uses: Vec<Use>,
    sites: Vec<(Found, usize, Sign, String)>,
    definitions: Vec<Definition>,
}

impl Finder<'_> {
    /// The number of a file, read once; `None` when it can't be read.
    fn file(&mut self, path: &str) -> Option<(usize, Text)> {
        let known = self.files.iter().position(|(known, _)| known == path);
        let number = known.unwrap_or_else(|| {
            self.files.push((path.to_owned(), self.texts.text(path)));
            self.files.len() - 1
        });
        Some((number, self.files.get(number)?.1.clone()?))
    }

    /// Weighs a chunk by one more sign. The reason is that of its first sign, which callers give in falling order.
    fn add(&mut self, found: &Found, sign: Sign, reason: impl FnOnce() -> String) {
        let focus = self.subject.chunk();
        let chunk = found.facts.chunks.get(found.chunk);
        let here = found.path == self.subject.path;
        if chunk.span.is_empty() || here && (focus.span.contains(chunk.item) || chunk.span.contains(focus.span)) {
            return;
        }
        let key = (found.path.clone(), found.chunk);
        let number = *self.numbers.entry(key).or_insert(self.weighed.len());
        match self.weighed.get_mut(number) {
            Some(weighed) => weighed.signs.push(sign),
            None => self.weighed.push(Weighed { found: found.clone(), signs: vec![sign], reason: reason() }),
        }
    }

    fn references(&mut self, resolved: &[Resolved]) {
        let mut alike: HashMap<usize, usize> = HashMap::new();
        let mut resolved: Vec<Resolved> = resolved.to_vec();
        for one in &mut resolved {
            one.found.chunk = with_body(&one.found.facts.chunks, one.found.chunk);
        }
        let mut seen = HashSet::new();
        resolved.retain(|one| seen.insert((one.found.path.clone(), one.found.chunk)));
        for one in &resolved {
            *alike.entry(one.used_at).or_default() += 1;
        }
        for one in &resolved {
            let line = self.subject.line(one.used_at);
            if one.sure {
                self.definition(&one.found, line);
            }
            let alike = alike.get(&one.used_at).copied().unwrap_or(1);
            let sign = if one.sure { Sign::Reference(alike) } else { Sign::OneOf(alike) };
            if self.stages.references {
                self.add(&one.found, sign, || match &one.member {
                    Some(member) => format!("its `{member}` is used at line {line}"),
                    None => format!("{} at line {line}", used(one.kind)),
                });
                for twin in twins(&one.found.facts.chunks, one.found.chunk) {
                    let found = Found { chunk: twin, ..one.found.clone() };
                    self.add(&found, Sign::Twin, || {
                        format!("has the name of what is {} at line {line}", used(one.kind))
                    });
                }
            }
        }
    }

    fn definition(&mut self, found: &Found, used_at: usize) {
        let Some((_, text)) = self.file(&found.path) else { return };
        let chunks = &found.facts.chunks;
        let chunk = chunks.get(found.chunk);
        let signature = chunk.signature(&text).split_whitespace().collect::<Vec<_>>().join(" ");
        let signature = signature.trim_end_matches([' ', '=']).to_owned();
        self.definitions.push(Definition {
            path: found.path.clone(),
            line: text.line_of(chunk.name_span.start) + 1,
            kind: chunk.kind,
            name: chunks.path(found.chunk),
            signature,
            used_at,
        });
    }

    /// The type that `self` means in a method.
    fn owners_of_focus(&mut self) {
        let chunks = self.subject.chunks.clone();
        for id in chunks.ancestors(self.subject.focus).filter(|id| chunks.get(*id).kind == ChunkKind::Impl) {
            for found in self.types_called(&chunks.get(id).name, &self.subject.path) {
                self.add(&found, Sign::Receiver, || "the type of `self`".to_owned());
            }
        }
    }

    /// The types of one name in a file; where it has none, all of that name in the folder.
    fn types_called(&self, name: &str, path: &str) -> Vec<Found> {
        fn folder(path: &str) -> &str {
            path.rsplit_once('/').map_or("", |(folder, _)| folder)
        }
        let family = family_of(path);
        let near = |entry: &Entry, at: &str| is_type(entry) && folder(at) == folder(path) && family_of(at) == family;
        let mut found = self.index.definitions_where(name, &near);
        if found.iter().any(|found| found.path == path) {
            found.retain(|found| found.path == path);
        }
        found
    }

    /// The types that own what the focus refers to.
    fn owners(&mut self, found: &[Found]) {
        for one in found {
            let chunks = &one.facts.chunks;
            let Some(owner) = chunks.owner(one.chunk) else { continue };
            for owner in self.types_called(owner, &one.path) {
                self.add(&owner, Sign::Owner, || format!("owns `{}`", chunks.path(one.chunk)));
            }
        }
    }

    /// The types in the signatures of what the focus refers to.
    fn signature_types(&mut self, found: &[Found]) {
        for one in found {
            let Some((_, text)) = self.file(&one.path) else { continue };
            let chunks = &one.facts.chunks;
            let signature = chunks.get(one.chunk).signature(&text);
            let types = names_in(&signature).filter(|(_, looks)| *looks == Looks::CallOrType);
            let names: BTreeSet<&str> = types.map(|(name, _)| name).collect();
            for name in names {
                for found in self.types_called(name, &one.path).iter().take(1) {
                    self.add(found, Sign::InSignature, || format!("in the signature of `{}`", chunks.path(one.chunk)));
                }
            }
        }
    }

    /// What has a name that the focus uses, where nothing is known of what that means.
    fn names(&mut self, resolved: &[Resolved]) {
        let Some(tree) = &self.subject.tree else { return };
        let known: HashSet<&str> = resolved
            .iter()
            .flat_map(|one| [&*one.found.facts.chunks.get(one.found.chunk).name, one.member.as_deref().unwrap_or("")])
            .collect();
        let own = self.subject.language.map(|language| family(language.name));
        let mut seen = HashSet::new();
        for reference in references(tree, &self.subject.text, self.subject.chunk().span) {
            let name = &*reference.name;
            if reference.kind == ReferenceKind::Value || known.contains(name) || !seen.insert(name.to_owned()) {
                continue;
            }
            let of_kind = |entry: &Entry| match (reference.kind, entry.symbol) {
                (ReferenceKind::Type, _) => is_type(entry),
                (ReferenceKind::Macro, SymbolId::Chunk(_, kind)) => kind == ChunkKind::Macro,
                (_, SymbolId::Chunk(_, kind)) => kind.is_callable() && kind != ChunkKind::Macro,
                _ => false,
            };
            if self.index.entries_where(name, &|entry, _| of_kind(entry) && !entry.test).len() > 4 * MOST_OF_A_NAME {
                continue; // of many languages and without bodies there may be some, but not so many
            }
            let mut found = self.index.definitions_where(name, &|entry, _| of_kind(entry) && !entry.test);
            found.retain(|found| {
                let chunks = &found.facts.chunks;
                let has_body = chunks.get(found.chunk).body.is_some();
                has_body && chunks.language().map(|one| family(one.name)) == own
            });
            let line = self.subject.line(reference.span.start);
            for one in found.iter().filter(|_| found.len() <= MOST_OF_A_NAME) {
                self.add(one, Sign::Name(found.len()), || format!("has a name that is used at line {line}"));
            }
        }
    }

    /// What a message speaks of that is to be fixed.
    fn in_messages(&mut self) {
        let own = self.subject.language.map(|language| family(language.name));
        for name in &self.signs.named {
            let mut found = self.index.definitions_where(name, &|entry, _| !entry.test);
            found.retain(|found| found.facts.chunks.language().map(|one| family(one.name)) == own);
            for one in found.iter().filter(|_| found.len() <= MOST_OF_A_NAME) {
                self.add(one, Sign::InMessage(found.len()), || format!("`{name}` is in the message"));
            }
        }
    }

    /// The functions of the same type that use the fields that the focus uses, and the other definitions of the file.
    fn siblings(&mut self) {
        let Some(facts) = self.index.facts(&self.subject.path) else { return };
        let subject = self.subject;
        let owner = |id: ChunkId| facts.chunks.owner(id);
        let own = subject.chunks.owner(subject.focus);
        let fields: HashSet<&str> = facts.symbols.members.iter().map(|member| &*member.name).collect();
        let state = |span: Span| -> HashSet<&str> {
            let source = subject.text.slice(span);
            let members = names_in(&source).filter(|(_, looks)| *looks == Looks::Member);
            members.filter_map(|(name, _)| fields.get(name).copied()).collect()
        };
        let ours = state(subject.chunk().item);
        for (id, chunk) in facts.chunks.definitions() {
            let inner = facts.chunks.ancestors(id).any(|id| facts.chunks.get(id).kind.is_callable());
            let says_nothing = chunk.kind == ChunkKind::Impl || chunk.kind == ChunkKind::Module && chunk.body.is_none();
            if chunk.test || inner || says_nothing {
                continue;
            }
            let found = Found { path: subject.path.clone(), facts: facts.clone(), chunk: id };
            if own.is_some() && owner(id) == own && chunk.kind.is_callable() && !ours.is_empty() {
                let shared = state(chunk.item).intersection(&ours).count();
                if shared > 0 {
                    let share = shared as f64 / ours.len() as f64;
                    self.add(&found, Sign::SharedState(share), || "uses the same fields".to_owned());
                }
            }
            self.add(&found, Sign::SameFile, || "in the same file".to_owned());
        }
    }

    /// What a walk over the symbols around the focus comes by.
    fn walk(&mut self, found: &[Found], users: &[Found]) {
        let node = |found: &Found| Some((self.index.id(&found.path)?, found.chunk));
        let Some(file) = self.index.id(&self.subject.path) else { return };
        let refers_to: Vec<walk::Node> = found.iter().filter_map(node).collect();
        let used_by: Vec<walk::Node> = users.iter().filter_map(node).collect();
        let (index, focus) = (self.index, (file, self.subject.focus));
        let mut text_of = |path: &str| self.file(path).map(|(_, text)| text);
        let visited = walk::around(index, &mut text_of, focus, &refers_to, &used_by);
        let mut files: HashMap<_, Option<(String, Arc<FileFacts>)>> = HashMap::new();
        for ((file, chunk), share) in visited {
            let known = files
                .entry(file)
                .or_insert_with(|| self.index.file(file).map(|file| (file.path.to_string(), file.facts)))
                .clone();
            let Some((path, facts)) = known else { continue };
            if chunk == ChunkId::FILE || facts.chunks.get(chunk).kind == ChunkKind::Impl {
                continue;
            }
            let found = Found { path, facts, chunk };
            self.add(&found, Sign::Visited(share), || "what is around the focus uses it".to_owned());
        }
    }

    /// Signs of whole files: they only add to what another sign found.
    fn weak(&self, path: &str, signs: &mut Vec<Sign>) {
        if self.signs.open.contains(path) && path != self.subject.path {
            signs.push(Sign::Open);
        }
        if self.signs.edited.contains(path) && path != self.subject.path {
            signs.push(Sign::Edited);
        }
        if let Some(share) = self.signs.together.get(path) {
            signs.push(Sign::Together(share.clamp(0.0, 1.0)));
        }
    }

    fn finish(mut self) -> Candidates {
        let mut weighed: Vec<(f64, Weighed)> = std::mem::take(&mut self.weighed)
            .into_iter()
            .map(|mut one| {
                self.weak(&one.found.path, &mut one.signs);
                (value(&one.signs), one)
            })
            .collect();
        weighed.sort_by(|(a, _), (b, _)| b.total_cmp(a)); // stable: of equals what was found first
        weighed.truncate(MOST_CANDIDATES);
        let used = self.used_names();
        let mut bodies = 0;
        let mut ranked = Vec::new();
        for (value, one) in weighed {
            let Some((file, text)) = self.file(&one.found.path) else { continue };
            let (facts, id) = (&one.found.facts, one.found.chunk);
            let chunk = facts.chunks.get(id);
            if chunk.span.end > text.len() {
                continue; // the file changed since it was indexed
            }
            let depth = match value {
                _ if !self.stages.levels => Depth::Signature,
                WORTH_A_BODY.. if chunk.kind.is_callable() && bodies < MOST_BODIES => Depth::Full,
                WORTH_A_HEADER.. => Depth::Header,
                _ => Depth::Signature,
            };
            bodies += usize::from(depth == Depth::Full);
            let shapes = shapes(facts, id, &text, depth, &used);
            ranked.push(Candidate {
                file,
                name: facts.chunks.path(id),
                kind: chunk.kind,
                line: text.line_of(chunk.item.start) + 1,
                reason: one.reason,
                value,
                shapes: shapes
                    .into_iter()
                    .map(|shape| (share(shape.level, chunk.kind), shape))
                    .map(|(share, shape)| (shape, share))
                    .collect(),
                around: around(&facts.chunks, id, &text),
            });
        }
        for (found, at, sign, reason) in std::mem::take(&mut self.sites) {
            ranked.extend(self.site(&found, at, sign, reason));
        }
        ranked.sort_by(|a, b| b.value.total_cmp(&a.value));
        Candidates {
            ranked,
            uses: self.uses,
            definitions: self.definitions,
            files: self.files.into_iter().filter_map(|(path, text)| Some((path, text?))).collect(),
            partial_index: !self.index.is_complete(),
        }
    }

    /// The names that the focus uses, in any way.
    fn used_names(&self) -> HashSet<String> {
        let Some(tree) = &self.subject.tree else { return HashSet::new() };
        let used = references(tree, &self.subject.text, self.subject.chunk().span);
        used.into_iter().map(|reference| reference.name).collect()
    }
}

/// How a reference is told in a reason.
const fn used(kind: ReferenceKind) -> &'static str {
    match kind {
        ReferenceKind::Call | ReferenceKind::Method => "called",
        _ => "used",
    }
}

/// Of the overloads of a function the one that has a body, where there is one.
fn with_body(chunks: &Chunks, id: ChunkId) -> ChunkId {
    let chunk = chunks.get(id);
    if !chunk.kind.is_callable() || chunk.body.is_some() {
        return id;
    }
    let around = chunks.parent(id).unwrap_or(ChunkId::FILE);
    let overloads = chunks.children(around).filter(|other| chunks.get(*other).name == chunk.name);
    overloads.into_iter().find(|other| chunks.get(*other).body.is_some()).unwrap_or(id)
}

/// Other functions of a name in the same type: a property's setter, versions for several platforms.
fn twins(chunks: &Chunks, id: ChunkId) -> Vec<ChunkId> {
    let chunk = chunks.get(id);
    let same = |other: &ChunkId| {
        let twin = chunks.get(*other);
        *other != id && twin.name == chunk.name && twin.body.is_some()
    };
    match chunks.parent(id) {
        Some(around) if chunk.kind.is_callable() => chunks.children(around).filter(same).take(MOST_TWINS).collect(),
        _ => Vec::new(),
    }
}

/// True for the definition of a type.
fn is_type(entry: &Entry) -> bool {
    matches!(entry.symbol, SymbolId::Chunk(_, kind) if kind.is_owner() && kind != ChunkKind::Impl)
}
