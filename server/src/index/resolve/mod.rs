//! What the names in a function mean, without a compiler. In: a parsed file and the index. Out: the definitions that a
//! focus refers to, and the places where it is used. Types are followed through scopes, imports, written types, values
//! and results as far as the source tells them; what stays open is guessed from few candidates, never from many.

mod calls;
mod guess;
mod infer;
mod members;
mod scope;
mod signatures;
mod spell;
#[cfg(test)]
mod tests;
mod types;
mod values;
mod wrappers;

use std::collections::{HashMap, HashSet};

pub use self::calls::{CallSite, call_sites};
pub(crate) use self::guess::family;
use self::infer::View;
use self::members::{Hit, as_used};
use self::scope::{Form, Told};
use self::spell::{Spell, spell};
pub use self::types::Texts;
use self::types::{Def, Resolver, Type, Use};
use super::modules::{Modules, Target};
use super::{Entry, FileId, Found, Index, SymbolId};
use crate::chunks::{Chunk, ChunkId, ChunkKind, Chunks, Reference, ReferenceKind, references};
use crate::syntax::{Node, Tree};
use crate::text::{Span, Text};

/// The file and the chunk in it whose names are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The file's path, relative to the workspace.
    pub path: &'a str,
    /// Its text.
    pub text: &'a Text,
    /// Its tree.
    pub tree: &'a Tree,
    /// Its chunks.
    pub chunks: &'a Chunks,
    /// The chunk.
    pub focus: ChunkId,
}

impl Source<'_> {
    fn chunk(&self) -> &Chunk {
        self.chunks.get(self.focus)
    }
}

/// A definition that the focus refers to. A type comes once for itself and once for each of its members that is used.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The definition; of a field or variant the type that it belongs to.
    pub found: Found,
    /// Where the focus first refers to it.
    pub used_at: usize,
    /// How.
    pub kind: ReferenceKind,
    /// The code says which definition it is; otherwise it is one of few that have the name.
    pub sure: bool,
    /// The field or variant of it that is meant, where it is not meant itself.
    pub member: Option<String>,
}

/// Languages in which a bare name can mean a member of the type around, also one that a base defines.
const SELF_IS_IMPLIED: &[&str] = &["cpp", "csharp", "java", "kotlin", "ruby", "scala", "swift"];

/// Definitions of one name that are taken where its type is known: of a union each part may have one.
const MOST_OF_ONE_NAME: usize = 64;

/// The definitions that the focus refers to, in the order in which it does. `texts` gives signatures of other files and
/// manifests; nothing but the focus is parsed.
#[must_use]
pub fn resolve(source: &Source<'_>, index: &Index, texts: &Texts<'_>) -> Vec<Resolved> {
    let Some(file) = index.id(source.path) else { return Vec::new() };
    let read = |path: &str| texts(path).map(|text| text.to_text());
    let resolver = Resolver::new(index, Modules::new(index, &read), texts);
    let focus = source.chunk().span;
    let around = source.chunks.ancestors(source.focus).filter(|id| source.chunks.get(*id).kind.is_callable()).last();
    let within = around.map_or(focus, |id| source.chunks.get(id).span);
    let view = View::new(&resolver, file, source.tree, source.text, within, focus);
    let names = Names::of(source, &view);
    let mut meanings: Vec<(usize, ReferenceKind, Vec<Hit>, bool)> = names.taken_apart(focus);
    for reference in references(source.tree, source.text, focus) {
        if reference.span != source.chunk().name_span {
            resolver.begin();
            let (hits, sure) = names.meaning(&reference);
            meanings.push((reference.span.start, reference.kind, hits, sure));
        }
    }
    meanings.sort_by_key(|(at, ..)| *at);
    let mut all: Vec<Resolved> = Vec::new();
    let mut chosen: HashSet<(FileId, ChunkId, Option<String>)> = HashSet::new();
    for (used_at, kind, mut hits, sure) in meanings {
        names.leave_out_overloads(&mut hits);
        // the index knows files in the order in which they were read
        hits.sort_by_cached_key(|hit| {
            (resolver.file(hit.entry.file).map(|file| file.path.clone()), resolver.place(&hit.entry))
        });
        for hit in hits.into_iter().take(MOST_OF_ONE_NAME) {
            let Some((file_id, chunk, member)) = names.definition(&hit.entry) else { continue };
            let Some(file) = resolver.file(file_id) else { continue };
            let inside = file_id == names.view.file && focus.contains(file.facts.chunks.get(chunk).item);
            if inside || chunk == ChunkId::FILE || !chosen.insert((file_id, chunk, member.clone())) {
                continue;
            }
            let found = Found { path: file.path.to_string(), facts: file.facts.clone(), chunk };
            all.push(Resolved { found, used_at, kind, sure, member });
        }
    }
    all
}

/// The names of a focus.
struct Names<'s, 'v, 't> {
    source: &'s Source<'t>,
    view: &'s View<'v, 't>,
    /// Where a member's name stands → what it is taken from.
    objects: HashMap<usize, Node<'t>>,
    /// Where the name of a type stands whose value is made.
    made: HashSet<usize>,
}

impl<'s, 'v, 't> Names<'s, 'v, 't> {
    fn of(source: &'s Source<'t>, view: &'s View<'v, 't>) -> Self {
        let (mut objects, mut made) = (HashMap::new(), HashSet::new());
        for form in view.scope.forms.values() {
            match form {
                Form::Access { object, member } | Form::Method { object, member } => {
                    let _ = objects.insert(member.start_byte(), *object);
                }
                Form::Made(written) => drop(made.insert(written.end_byte())),
                _ => {}
            }
        }
        Self { source, view, objects, made }
    }

    /// The members that patterns of the focus take out of values.
    fn taken_apart(&self, focus: Span) -> Vec<(usize, ReferenceKind, Vec<Hit>, bool)> {
        let locals = self.view.scope.locals.values().flatten().filter(|local| focus.contains(local.at));
        let mut all = Vec::new();
        for local in locals {
            self.view.resolver.begin();
            for told in &local.told_by {
                let (of, member) = match *told {
                    Told::Member(object, member) => (self.view.type_of(object), member),
                    Told::Of(of, member) if of.id() != member.id() => (self.view.written(of), member),
                    _ => continue,
                };
                let name = self.source.text.slice(Span::from(member.byte_range())).into_owned();
                let hits = as_used(self.view.resolver.members(&of, &name), Use::Value);
                all.push((member.start_byte(), ReferenceKind::Field, hits, true));
            }
        }
        all
    }

    /// What a reference means, and whether the code says so.
    fn meaning(&self, reference: &Reference) -> (Vec<Hit>, bool) {
        let resolver = self.view.resolver;
        let (name, at) = (&*reference.name, reference.span.start);
        if let Some(object) = self.objects.get(&at) {
            let of = self.view.type_of(*object);
            let mut hits = self.members(&of, reference);
            hits.extend(self.constructors(&hits, self.made.contains(&reference.span.end)));
            if !hits.is_empty() {
                return (hits, true);
            }
            return (if of.is_unknown() { self.view.guess(name, used(reference)) } else { Vec::new() }, false);
        }
        if !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            return (self.written_in(&spell(name), at), true);
        }
        let mut keyed = Vec::new();
        if let Some(record) = self.view.scope.keys.get(&at) {
            keyed = self.members(&self.view.expected(*record), reference);
            if reference.kind == ReferenceKind::Field {
                return (keyed, true);
            }
        }
        let before = self.text_before(at);
        let link = [".", "::", "->"].iter().find(|link| before.ends_with(*link) && !before.ends_with(".."));
        if let Some(link) = link {
            let head = before.strip_suffix(link).unwrap_or_default();
            let chain = chain_at_end(head);
            let hits = if *link == "::" || reference.kind == ReferenceKind::Type {
                let path = format!("{chain}{link}{name}");
                resolver.path_entries(&path, &self.view.place(at))
            } else {
                let of = resolver.value_in(chain, &self.view.place(at), &|name| self.view.local_type(name, at));
                let hits = self.members(&of, reference);
                if hits.is_empty() && of.is_unknown() {
                    return (self.view.guess(name, used(reference)), false);
                }
                hits
            };
            return (hits, true);
        }
        let is_local = self.view.scope.local(name, at).is_some() && reference.kind != ReferenceKind::Macro;
        if is_local {
            return (keyed, true);
        }
        let targets = resolver.modules.in_scope(self.view.file, name, at);
        let entries = targets.into_iter().filter_map(|target| match target {
            Target::Symbol(entry) => Some(Hit { entry, on: Type::Unknown }),
            Target::Module(_) => None,
        });
        let made = self.made.contains(&reference.span.end);
        let kind = if made && reference.kind == ReferenceKind::Type { ReferenceKind::Call } else { reference.kind };
        let mut hits = fitting(kind, entries.collect(), self.macros_apart());
        if made || reference.kind == ReferenceKind::Call {
            hits.extend(self.constructors(&hits, made));
        }
        if hits.is_empty() && SELF_IS_IMPLIED.contains(&self.source.tree.language().name) {
            hits = self.members(&self.view.own_type(at), reference);
        }
        hits.extend(keyed);
        (hits, true)
    }

    /// Macros are used in a way of their own, `name!`, and nothing else by their names.
    fn macros_apart(&self) -> bool {
        self.source.tree.language().name == "rust"
    }

    /// The names that a type in quotes writes.
    fn written_in(&self, written: &Spell, at: usize) -> Vec<Hit> {
        match written {
            Spell::Name { path, args } => {
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                let mut hits = self.view.resolver.entries_of_path(&path, &self.view.place(at));
                hits.extend(args.iter().flat_map(|arg| self.written_in(arg, at)));
                hits
            }
            Spell::OneOf(parts) | Spell::Tuple(parts) => {
                parts.iter().flat_map(|part| self.written_in(part, at)).collect()
            }
            Spell::List(one) => self.written_in(one, at),
            Spell::Function { parameters, result } => {
                parameters.iter().chain([&**result]).flat_map(|part| self.written_in(part, at)).collect()
            }
            Spell::ValueOf(_) | Spell::Member(..) | Spell::Nothing => Vec::new(),
        }
    }

    /// The members of a type that such a reference can mean.
    fn members(&self, of: &Type, reference: &Reference) -> Vec<Hit> {
        let hits = self.view.resolver.members(of, &reference.name);
        match of {
            Type::Module(_) => fitting(reference.kind, hits, self.macros_apart()),
            _ => as_used(hits, used(reference)),
        }
    }

    /// The constructors that are called where a class is, where the class has one of its own.
    fn constructors(&self, hits: &[Hit], made: bool) -> Vec<Hit> {
        let classes = hits.iter().filter_map(|hit| match hit.entry.symbol {
            SymbolId::Chunk(chunk, ChunkKind::Class) => Some(Def { file: hit.entry.file, chunk }),
            _ => None,
        });
        let names: &[&str] = if made { &["constructor"] } else { &[] };
        classes
            .flat_map(|def| names.iter().flat_map(move |name| self.view.resolver.own_members(def, name)))
            .map(|entry| Hit { entry, on: Type::Unknown })
            .collect()
    }

    /// Of functions with one name in one place, those without a body say no more than the one that has it.
    fn leave_out_overloads(&self, hits: &mut Vec<Hit>) {
        let bodies = |hit: &Hit| {
            let SymbolId::Chunk(chunk, ChunkKind::Function | ChunkKind::Method) = hit.entry.symbol else { return None };
            let file = self.view.resolver.file(hit.entry.file)?;
            Some((hit.entry.file, file.facts.chunks.parent(chunk), file.facts.chunks.get(chunk).body.is_some()))
        };
        let whole: Vec<_> = hits.iter().filter_map(bodies).filter(|(.., body)| *body).collect();
        hits.retain(|hit| {
            bodies(hit).is_none_or(|(file, parent, body)| body || !whole.contains(&(file, parent, true)))
        });
    }

    /// The chunk that stands for an entry; for a member its type, with the member's name.
    fn definition(&self, entry: &Entry) -> Option<(FileId, ChunkId, Option<String>)> {
        let resolver = self.view.resolver;
        let SymbolId::Member(number, _) = entry.symbol else {
            let SymbolId::Chunk(chunk, _) = entry.symbol else { return None };
            return Some((entry.file, chunk, None));
        };
        let file = resolver.file(entry.file)?;
        let member = file.facts.symbols.members.get(number as usize)?;
        let def = Def { file: entry.file, chunk: member.owner };
        let def = match resolver.owner_type(def) {
            Some(Type::Known(owner, _)) => owner,
            _ => def,
        };
        Some((def.file, def.chunk, Some(member.name.to_string())))
    }

    /// Up to a line's worth of text before a byte.
    fn text_before(&self, at: usize) -> String {
        let start = self.source.chunk().span.start.max(at.saturating_sub(400)).min(at);
        self.source.text.slice(Span::new(start, at)).into_owned()
    }
}

fn used(reference: &Reference) -> Use {
    if reference.kind == ReferenceKind::Method { Use::Call } else { Use::Value }
}

/// Of what a name can mean, what such a reference can. What one file defines under one name as a type and as a value
/// belongs together.
fn fitting(kind: ReferenceKind, hits: Vec<Hit>, macros_apart: bool) -> Vec<Hit> {
    use ChunkKind as C;
    let possible = |hit: &Hit| match hit.entry.symbol {
        SymbolId::Chunk(_, chunk) => {
            let of_its_kind = (kind == ReferenceKind::Macro) == (chunk == C::Macro);
            !matches!(chunk, C::Impl | C::Module) && (of_its_kind || chunk == C::Macro && !macros_apart)
        }
        SymbolId::Member(..) => kind != ReferenceKind::Macro,
    };
    let fits = |hit: &Hit| match (kind, hit.entry.symbol) {
        (ReferenceKind::Type, SymbolId::Chunk(_, chunk)) => matches!(chunk, C::Class | C::Type | C::Interface),
        (_, SymbolId::Chunk(_, chunk)) => !matches!(chunk, C::Type | C::Interface),
        (_, SymbolId::Member(..)) => true,
    };
    let mut hits: Vec<Hit> = hits.into_iter().filter(possible).collect();
    let best: Vec<FileId> = hits.iter().filter(|hit| fits(hit)).map(|hit| hit.entry.file).collect();
    if !best.is_empty() {
        hits.retain(|hit| best.contains(&hit.entry.file));
    }
    hits
}

/// The expression that a text ends with: names, calls and indexes joined by `.`, `::` or `->`.
fn chain_at_end(text: &str) -> &str {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let mut depth = 0usize;
    let mut start = text.len();
    // something stands before what was read so far: a name, a call, an index
    let mut open = true;
    for (at, c) in text.char_indices().rev() {
        let after = text.get(start..).unwrap_or_default();
        match c {
            ')' | ']' if depth > 0 || open => depth += 1,
            '}' | '>' if depth > 0 && !text.get(..at).is_some_and(|before| before.ends_with(['-', '='])) => depth += 1,
            '(' | '[' | '{' | '<' if depth > 0 => {
                depth -= 1;
                open = true;
            }
            _ if depth > 0 => {}
            '.' => open = true,
            ':' if after.starts_with(':') || text.get(..at).is_some_and(|before| before.ends_with(':')) => open = true,
            '>' if text.get(..at).is_some_and(|before| before.ends_with('-')) => open = true,
            '-' if after.starts_with('>') => {}
            '?' | '!' if after.starts_with(['.', '?', '[']) => {}
            _ if is_word(c) => {
                if !open && !after.starts_with(is_word) {
                    break;
                }
                open = false;
            }
            _ if c.is_whitespace() => {
                let next = after.trim_start();
                if !(next.is_empty()
                    || next.starts_with(['.', '?'])
                    || next.starts_with("->")
                    || next.starts_with("::"))
                {
                    break;
                }
                open = true;
            }
            _ => break,
        }
        start = at;
    }
    text.get(start..).unwrap_or_default().trim_start()
}
