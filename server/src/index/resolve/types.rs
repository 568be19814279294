//! Types of values. In: written types and values of definitions, as the index keeps them. Out: a [`Type`]. What only its
//! text can tell (parameters of a function, of a type) is read from the signature; no file is parsed.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::scope::Scope;
use super::spell::{Parameter, Spell, parameters, spell, type_parameters};
use crate::chunks::{ChunkId, ChunkKind, MemberKind, Written};
use crate::index::modules::{Module, Modules, Target};
use crate::index::{Entry, File, FileId, Index, SymbolId};
use crate::text::{Span, Text};

/// A chunk of the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Def {
    pub file: FileId,
    pub chunk: ChunkId,
}

/// How a member is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It is called.
    Call,
    /// Any other way.
    Value,
}

/// What a value is, as far as it can be told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Type {
    /// A value of a type of the workspace, with its arguments.
    Known(Def, Rc<[Type]>),
    /// A value of a type from elsewhere.
    Other(Rc<str>, Rc<[Type]>),
    /// One of several, or all of them at once.
    OneOf(Rc<[Type]>),
    /// A type of the workspace itself.
    Class(Def, Rc<[Type]>),
    /// A function of the workspace, with the value that it is taken from.
    Function(Def, Option<Rc<Type>>),
    /// Any other function.
    Closure { parameters: Rc<[Type]>, result: Rc<Type> },
    /// A module.
    Module(Module),
    /// Nothing is known.
    #[default]
    Unknown,
}

impl Type {
    pub(super) fn one_of(types: impl IntoIterator<Item = Self>) -> Self {
        let mut all: Vec<Self> = Vec::new();
        for one in types {
            let parts: Vec<Self> = match one {
                Self::Unknown => continue,
                Self::OneOf(parts) => parts.to_vec(),
                one => vec![one],
            };
            for part in parts {
                if all.len() < MOST_PARTS && !all.contains(&part) {
                    all.push(part);
                }
            }
        }
        match all.len() {
            0 => Self::Unknown,
            1 => all.swap_remove(0),
            _ => Self::OneOf(all.into()),
        }
    }

    pub(super) fn is_unknown(&self) -> bool {
        *self == Self::Unknown
    }

    /// The value of a type that is named.
    pub(super) fn value(self) -> Self {
        match self {
            Self::Class(def, args) => Self::Known(def, args),
            other => other,
        }
    }
}

/// Of the alternatives of a type at most this many are looked at.
const MOST_PARTS: usize = 64;
/// Types told by types told by types …: at most so deep.
pub(super) const DEEPEST: usize = 12;
/// Steps for one name at most.
pub(super) const MOST_STEPS: usize = 3000;

/// A written type of this many bytes may be cut off in the index.
const LONG: usize = 150;
/// Of a long alias so many bytes are read.
const LONGEST: usize = 8000;

/// Where a type is written.
#[derive(Clone)]
pub(super) struct Place<'p> {
    pub file: FileId,
    /// The chunk whose type it is.
    pub chunk: ChunkId,
    pub at: usize,
    /// What `Self` means.
    pub me: Option<Type>,
    /// The names bound around it, where the file is parsed.
    pub scope: Option<&'p Scope<'p>>,
}

/// Gives a file's text as the user sees it.
pub type Texts<'a> = dyn Fn(&str) -> Option<Text> + 'a;

/// Answers questions about names and types, and remembers the answers; made for one action.
pub(super) struct Resolver<'a> {
    pub index: &'a Index,
    pub modules: Modules<'a>,
    texts: &'a Texts<'a>,
    files: RefCell<HashMap<FileId, Option<Rc<File>>>>,
    read: RefCell<HashMap<FileId, Option<Text>>>,
    /// What types with these arguments extend, and what aliases stand for.
    pub known_bases: RefCell<HashMap<Type, Rc<[Type]>>>,
    known_aliases: RefCell<HashMap<(Def, Type), Option<Type>>>,
    depth: Cell<usize>,
    steps: Cell<usize>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(index: &'a Index, modules: Modules<'a>, texts: &'a Texts<'a>) -> Self {
        Self {
            index,
            modules,
            texts,
            files: RefCell::default(),
            read: RefCell::default(),
            known_bases: RefCell::default(),
            known_aliases: RefCell::default(),
            depth: Cell::default(),
            steps: Cell::default(),
        }
    }

    /// A new question: the steps are counted from here.
    pub(super) fn begin(&self) {
        self.steps.set(0);
    }

    /// Runs one step of an answer, unless it is too deep or there were too many.
    pub(super) fn step<T: Default>(&self, run: impl FnOnce() -> T) -> T {
        let depth = self.depth.get();
        let steps = self.steps.get();
        if depth >= DEEPEST * 4 || steps >= MOST_STEPS {
            return T::default();
        }
        self.depth.set(depth + 1);
        self.steps.set(steps + 1);
        let result = run();
        self.depth.set(depth);
        result
    }

    pub(super) fn file(&self, id: FileId) -> Option<Rc<File>> {
        if let Some(known) = self.files.borrow().get(&id) {
            return known.clone();
        }
        let file = self.index.file(id).map(Rc::new);
        self.files.borrow_mut().insert(id, file.clone());
        file
    }

    fn text(&self, id: FileId) -> Option<Text> {
        if let Some(known) = self.read.borrow().get(&id) {
            return known.clone();
        }
        let text = self.file(id).and_then(|file| (self.texts)(&file.path));
        self.read.borrow_mut().insert(id, text.clone());
        text
    }

    /// What a name or path of names means.
    pub(super) fn targets(&self, place: &Place<'_>, path: &[&str]) -> Vec<Target> {
        match path {
            [name] => self.modules.in_scope(place.file, name, place.at),
            path => self.modules.by_path(place.file, path, place.at),
        }
    }

    /// The type that a text writes.
    pub(super) fn written(&self, text: &str, place: &Place<'_>) -> Type {
        self.spelled(&spell(text), place)
    }

    pub(super) fn spelled(&self, spell: &Spell, place: &Place<'_>) -> Type {
        self.step(|| match spell {
            Spell::Name { path, args } => {
                let args: Rc<[Type]> = args.iter().map(|arg| self.spelled(arg, place)).collect();
                self.named(path, args, place)
            }
            Spell::OneOf(parts) => Type::one_of(parts.iter().map(|part| self.spelled(part, place))),
            Spell::List(one) => Type::Other("[]".into(), [self.spelled(one, place)].into()),
            Spell::Tuple(parts) => {
                Type::Other("()".into(), parts.iter().map(|part| self.spelled(part, place)).collect())
            }
            Spell::Function { parameters, result } => Type::Closure {
                parameters: parameters.iter().map(|one| self.spelled(one, place)).collect(),
                result: self.spelled(result, place).into(),
            },
            Spell::ValueOf(path) => {
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                self.value_of_path(&path, place)
            }
            Spell::Member(of, name) => {
                let of = self.spelled(of, place);
                let found = self.member_type(&of, name, Use::Value);
                if found.is_unknown() { self.element_if_container(&of) } else { found }
            }
            Spell::Nothing => Type::Unknown,
        })
    }

    fn named(&self, path: &[String], args: Rc<[Type]>, place: &Place<'_>) -> Type {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        if let [name] = path[..] {
            if matches!(name, "Self" | "this" | "self" | "static") {
                return place.me.clone().unwrap_or_default();
            }
            if let Some(bound) = self.local_type(name, place) {
                return bound;
            }
        }
        if let [first @ ("Self" | "self"), rest @ ..] = &path[..]
            && (*first == "Self" || place.me.is_some())
            && let Some(me) = &place.me
        {
            let found = rest.iter().fold(me.clone(), |of, name| self.associated(&of, name));
            if !found.is_unknown() || *first == "Self" {
                return found;
            }
        }
        let targets = self.targets(place, &path);
        let found = self.type_of_targets(&targets, &args);
        if !found.is_unknown() {
            return found;
        }
        if let [name] = path[..] {
            if let Some(found) = self.type_parameter(name, place) {
                return found;
            }
        } else if let Some((name, of)) = path.split_last() {
            let of: Vec<String> = of.iter().map(|name| (*name).to_owned()).collect();
            let of = self.named(&of, [].into(), place);
            let found = self.associated(&of, name);
            if !found.is_unknown() {
                return found;
            }
        }
        Type::Other(path.last().copied().unwrap_or_default().into(), args)
    }

    /// A type parameter of the function that is parsed: its bound.
    fn local_type(&self, name: &str, place: &Place<'_>) -> Option<Type> {
        let scope = place.scope?;
        let local = scope.local(name, place.at)?;
        let told = local.told_by.iter().find_map(|told| match told {
            super::scope::Told::Type(node) => Some(*node),
            _ => None,
        });
        let text = self.text(place.file)?;
        match told {
            // its bound may name it in turn
            Some(node) => Some(self.step(|| self.written(&text.slice(Span::from(node.byte_range())), place))),
            None if local.told_by.is_empty() => Some(Type::Unknown),
            None => None,
        }
    }

    /// A nested or associated type.
    fn associated(&self, of: &Type, name: &str) -> Type {
        Type::one_of(self.members(of, name).into_iter().map(|hit| match hit.entry.symbol {
            SymbolId::Chunk(chunk, ChunkKind::Type | ChunkKind::Class | ChunkKind::Interface) => {
                let def = Def { file: hit.entry.file, chunk };
                self.expand(def, &hit.on).unwrap_or(Type::Known(def, [].into()))
            }
            _ => self.value_of(&hit.entry, Some(&hit.on)),
        }))
    }

    /// A type parameter of the definition whose type is written, or of what is around it: the argument that stands for
    /// it, else its bound.
    fn type_parameter(&self, name: &str, place: &Place<'_>) -> Option<Type> {
        if name.len() > 24 || !name.starts_with(|c: char| c.is_uppercase() || c == '_' || c == '$') {
            return None;
        }
        let file = self.file(place.file)?;
        let chunks = &file.facts.chunks;
        for id in std::iter::once(place.chunk).chain(chunks.ancestors(place.chunk)) {
            let all = self.type_parameters_of(Def { file: place.file, chunk: id });
            let Some(number) = all.iter().position(|one| one.name == name) else { continue };
            if chunks.get(id).kind.is_owner() {
                let me = match &place.me {
                    Some(Type::Known(_, args) | Type::Class(_, args)) => args.get(number),
                    _ => None,
                };
                if let Some(me) = me.filter(|me| !me.is_unknown()) {
                    return Some(me.clone());
                }
            }
            let bound = all.get(number).and_then(|one| one.written.as_ref());
            let inner = Place { chunk: id, ..place.clone() };
            return Some(bound.map_or(Type::Unknown, |bound| self.step(|| self.spelled(bound, &inner))));
        }
        None
    }

    /// The type parameters that stand behind a name; of an impl the arguments of its type.
    pub(super) fn type_parameters_of(&self, def: Def) -> Vec<Parameter> {
        let Some(after) = self.after_name(def) else { return Vec::new() };
        type_parameters(&after)
    }

    /// The parameters of a function.
    pub(super) fn parameters_of(&self, def: Def) -> Vec<Parameter> {
        self.after_name(def).map_or_else(Vec::new, |after| parameters(&after))
    }

    /// What follows a name in its signature.
    fn after_name(&self, def: Def) -> Option<String> {
        let file = self.file(def.file)?;
        let chunk = file.facts.chunks.get(def.chunk);
        let text = self.text(def.file)?;
        let signature = chunk.signature_span();
        if chunk.kind == ChunkKind::Impl {
            let name = text.slice(chunk.name_span);
            return name.find('<').and_then(|at| name.get(at..)).map(str::to_owned);
        }
        let end = signature.end.max(chunk.name_span.end).min(chunk.name_span.end + 4000);
        Some(text.slice(Span::new(chunk.name_span.end, end)).into_owned())
    }

    /// Some text of a file from a byte on.
    pub(super) fn text_after(&self, file: FileId, at: usize) -> Option<String> {
        Some(self.text(file)?.slice(Span::new(at, at + 2000)).into_owned())
    }

    /// Where the type of a definition is written.
    pub(super) fn place_of(&self, def: Def, me: Option<Type>) -> Option<Place<'static>> {
        let file = self.file(def.file)?;
        let at = file.facts.chunks.get(def.chunk).name_span.start;
        let me = me.filter(|me| !me.is_unknown()).or_else(|| self.owner_type(def));
        Some(Place { file: def.file, chunk: def.chunk, at, me, scope: None })
    }

    /// The type that `self` means in a definition: that of the innermost type around it, or itself for a type.
    pub(super) fn owner_type(&self, def: Def) -> Option<Type> {
        let file = self.file(def.file)?;
        let chunks = &file.facts.chunks;
        for id in std::iter::once(def.chunk).chain(chunks.ancestors(def.chunk)) {
            let chunk = chunks.get(id);
            match chunk.kind {
                ChunkKind::Class | ChunkKind::Interface | ChunkKind::Type => {
                    return Some(Type::Known(Def { file: def.file, chunk: id }, [].into()));
                }
                ChunkKind::Impl => return self.type_named(&chunk.name, def.file, chunk.item.start),
                ChunkKind::Method | ChunkKind::Function if chunk.qualifier.is_some() => {
                    let name = chunk.qualifier.as_deref().unwrap_or_default();
                    return self.type_named(name, def.file, chunk.item.start);
                }
                _ => {}
            }
        }
        None
    }

    fn type_named(&self, name: &str, file: FileId, at: usize) -> Option<Type> {
        let targets = self.modules.in_scope(file, name, at);
        let found = self.type_of_targets(&targets, &[].into());
        (!found.is_unknown()).then_some(found)
    }

    fn type_of_targets(&self, targets: &[Target], args: &Rc<[Type]>) -> Type {
        let rank = |entry: &Entry| match entry.symbol {
            SymbolId::Chunk(_, ChunkKind::Class | ChunkKind::Type | ChunkKind::Interface) => 2,
            SymbolId::Chunk(_, ChunkKind::Constant) | SymbolId::Member(..) => 1,
            SymbolId::Chunk(..) => 0,
        };
        let symbols = targets.iter().filter_map(|target| match target {
            Target::Symbol(entry) => Some(entry),
            Target::Module(_) => None,
        });
        let best = symbols.clone().map(rank).max().unwrap_or(0);
        if best == 0 {
            return Type::Unknown;
        }
        Type::one_of(symbols.filter(|entry| rank(entry) == best).map(|entry| match entry.symbol {
            SymbolId::Chunk(chunk, _) => Type::Known(Def { file: entry.file, chunk }, args.clone()),
            SymbolId::Member(..) => self.value_of(entry, None),
        }))
    }

    /// What an alias stands for; `None` for a type of its own.
    pub(super) fn expand(&self, def: Def, me: &Type) -> Option<Type> {
        let key = (def, me.clone());
        if let Some(known) = self.known_aliases.borrow().get(&key) {
            return known.clone();
        }
        self.known_aliases.borrow_mut().insert(key.clone(), None); // an alias of itself stands for nothing
        let found = self.read_alias(def, me);
        self.known_aliases.borrow_mut().insert(key, found.clone());
        found
    }

    fn read_alias(&self, def: Def, me: &Type) -> Option<Type> {
        let file = self.file(def.file)?;
        let chunk = file.facts.chunks.get(def.chunk);
        if !matches!(chunk.kind, ChunkKind::Type | ChunkKind::Constant) {
            return None;
        }
        let place = self.place_of(def, Some(me.clone()))?;
        let told = file.facts.symbols.type_of(def.chunk)?;
        let is_cut =
            matches!(told, Written::Value(_)) || matches!(told, Written::Type(written) if written.len() >= LONG);
        let body = chunk.body.filter(|_| is_cut).and_then(|body| {
            let text = self.text(def.file)?;
            Some(text.slice(Span::new(body.start, body.end.min(body.start + LONGEST))).into_owned())
        });
        let found = match (told, chunk.kind) {
            (Written::Type(written), ChunkKind::Type) | (Written::Value(written), ChunkKind::Constant) => {
                self.step(|| self.written(body.as_deref().unwrap_or(written), &place))
            }
            (Written::Type(written) | Written::Value(written), _) => self.step(|| self.value_written(written, &place)),
        };
        (found != Type::Known(def, [].into()) && !found.is_unknown()).then_some(found)
    }

    /// What a path of names means as a value.
    pub(super) fn value_of_path(&self, path: &[&str], place: &Place<'_>) -> Type {
        self.step(|| {
            let targets = self.targets(place, path);
            let found = self.value_of_targets(&targets);
            match path.split_last() {
                Some((last, of)) if found.is_unknown() && !of.is_empty() => {
                    self.member_type(&self.value_of_path(of, place), last, Use::Value)
                }
                _ => found,
            }
        })
    }

    pub(super) fn value_of_targets(&self, targets: &[Target]) -> Type {
        // a name can be a type and a value at once; an expression means the value
        let is_type = |target: &&Target| {
            matches!(target, Target::Symbol(entry)
                if matches!(entry.symbol, SymbolId::Chunk(_, ChunkKind::Type | ChunkKind::Interface)))
        };
        let values = targets.iter().filter(|target| !is_type(target));
        let types = targets.iter().filter(is_type);
        let value = |target: &Target| match target {
            Target::Symbol(entry) => self.value_of(entry, None),
            Target::Module(module) => Type::Module(module.clone()),
        };
        let found = Type::one_of(values.map(value));
        if found.is_unknown() { Type::one_of(types.map(value)) } else { found }
    }

    /// The value that an entry is, taken from `on` where it is a member.
    pub(super) fn value_of(&self, entry: &Entry, on: Option<&Type>) -> Type {
        let Some(file) = self.file(entry.file) else { return Type::Unknown };
        match entry.symbol {
            SymbolId::Chunk(chunk, kind) => {
                let def = Def { file: entry.file, chunk };
                match kind {
                    ChunkKind::Class | ChunkKind::Type | ChunkKind::Interface => Type::Class(def, [].into()),
                    ChunkKind::Function | ChunkKind::Method | ChunkKind::Macro | ChunkKind::Test => {
                        Type::Function(def, on.map(|on| Rc::new(on.clone())))
                    }
                    ChunkKind::Module => Type::Module(Module::Inner(entry.file, chunk)),
                    ChunkKind::Constant => {
                        let Some(place) = self.place_of(def, on.cloned()) else { return Type::Unknown };
                        self.told(file.facts.symbols.type_of(chunk), &place)
                    }
                    _ => Type::Unknown,
                }
            }
            SymbolId::Member(number, kind) => {
                let Some(member) = file.facts.symbols.members.get(number as usize) else { return Type::Unknown };
                let def = Def { file: entry.file, chunk: member.owner };
                if kind == MemberKind::Variant {
                    return Type::Class(def, [].into());
                }
                let Some(mut place) = self.place_of(def, on.cloned()) else { return Type::Unknown };
                place.at = member.at;
                self.told(member.written.as_ref(), &place)
            }
        }
    }

    fn told(&self, written: Option<&Written>, place: &Place<'_>) -> Type {
        match written {
            Some(Written::Type(written)) => self.written(written, place),
            Some(Written::Value(value)) => self.value_written(value, place),
            None => Type::Unknown,
        }
    }

    /// What a call of a function gives.
    pub(super) fn result(&self, def: Def, on: Option<&Type>) -> Type {
        self.step(|| {
            let Some(file) = self.file(def.file) else { return Type::Unknown };
            let Some(place) = self.place_of(def, on.cloned().map(Type::value)) else { return Type::Unknown };
            match file.facts.symbols.type_of(def.chunk) {
                Some(Written::Type(written)) => self.written(written, &place),
                Some(Written::Value(value)) => {
                    let value = self.value_written(value, &place);
                    self.called(&value)
                }
                None => Type::Unknown,
            }
        })
    }

    /// What calling a value gives.
    pub(super) fn called(&self, callee: &Type) -> Type {
        self.step(|| match callee {
            Type::Class(def, args) => Type::Known(*def, args.clone()),
            Type::Function(def, on) => self.result(*def, on.as_deref()),
            Type::Closure { result, .. } => (**result).clone(),
            Type::OneOf(parts) => Type::one_of(parts.iter().map(|part| self.called(part))),
            Type::Known(def, _) => match self.expand(*def, callee) {
                Some(found) => self.called(&found),
                // what can't be called is the type around, as in `cls()`
                None => match self.members(callee, "__call__").as_slice() {
                    [] => callee.clone(),
                    hits => Type::one_of(hits.iter().map(|hit| self.called(&self.value_of(&hit.entry, Some(&hit.on))))),
                },
            },
            Type::Other(name, args) if matches!(&**name, "Type" | "type") => args.first().cloned().unwrap_or_default(),
            _ => Type::Unknown,
        })
    }
}
