//! Members of types. In: a type and a name. Out: what it means there: in the type itself, its impls, its bases, and what
//! it wraps. The tables of wrappers stand here.

use std::rc::Rc;

use super::types::{Def, Resolver, Type, Use};
use crate::chunks::{ChunkId, ChunkKind, MemberKind, Written};
use crate::index::modules::Target;
use crate::index::{Entry, SymbolId};

/// A member that was found, and the value that it was found on.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub entry: Entry,
    pub on: Type,
}

/// Types whose members are those of what they wrap.
const TRANSPARENT: &[&str] = &[
    "Annotated",
    "Arc",
    "Awaited",
    "Box",
    "ClassVar",
    "Cow",
    "Final",
    "MutexGuard",
    "NonNullable",
    "NotRequired",
    "Optional",
    "Partial",
    "Pin",
    "Rc",
    "Readonly",
    "Ref",
    "RefMut",
    "Required",
    "RwLockReadGuard",
    "RwLockWriteGuard",
    "Type",
    "Union",
    "Unpin",
    "shared_ptr",
    "type",
    "unique_ptr",
    "optional",
    "Omit",
    "Pick",
    "ReturnType",
    "InstanceType",
    "Lazy",
    "LazyLock",
    "MaybeUninit",
    "ManuallyDrop",
    "CachePadded",
    "PoolGuard",
    "Reverse",
    "Wrapping",
    "Prettify",
    "LocalProxy",
];

/// Methods of the containers of standard libraries: on a value of one they mean no method of the workspace.
const CONTAINER_METHODS: &[&str] = &[
    "all",
    "and_then",
    "any",
    "append",
    "as_deref",
    "as_mut",
    "as_ref",
    "as_slice",
    "at",
    "borrow",
    "borrow_mut",
    "catch",
    "chain",
    "clear",
    "clone",
    "cloned",
    "collect",
    "concat",
    "contains",
    "contains_key",
    "copied",
    "copy",
    "count",
    "drain",
    "entry",
    "entries",
    "enumerate",
    "every",
    "expect",
    "extend",
    "fill",
    "filter",
    "filter_map",
    "finally",
    "find",
    "findIndex",
    "first",
    "flat_map",
    "flatMap",
    "flatten",
    "fold",
    "for_each",
    "forEach",
    "from",
    "get",
    "get_mut",
    "get_or_init",
    "get_or_insert_with",
    "has",
    "includes",
    "index",
    "indexOf",
    "insert",
    "into_iter",
    "is_empty",
    "is_err",
    "is_none",
    "is_ok",
    "is_some",
    "is_some_and",
    "items",
    "iter",
    "iter_mut",
    "join",
    "keys",
    "last",
    "last_mut",
    "length",
    "len",
    "lock",
    "map",
    "map_err",
    "map_or",
    "map_or_else",
    "max",
    "min",
    "next",
    "ok",
    "ok_or",
    "ok_or_else",
    "or",
    "or_else",
    "or_insert",
    "or_insert_with",
    "peek",
    "pop",
    "position",
    "push",
    "push_str",
    "push_back",
    "pop_front",
    "read",
    "reduce",
    "remove",
    "replace",
    "reserve",
    "resize",
    "retain",
    "rev",
    "reverse",
    "set",
    "setdefault",
    "shift",
    "size",
    "skip",
    "slice",
    "some",
    "sort",
    "sort_by",
    "splice",
    "split",
    "sum",
    "swap",
    "take",
    "then",
    "to_owned",
    "to_string",
    "to_vec",
    "truncate",
    "unshift",
    "unwrap",
    "unwrap_or",
    "unwrap_or_default",
    "unwrap_or_else",
    "update",
    "upgrade",
    "values",
    "values_mut",
    "windows",
    "with_capacity",
    "write",
    "zip",
];

/// Methods that give what a container holds.
const TAKING: &[&str] = &[
    "at",
    "borrow",
    "borrow_mut",
    "expect",
    "find",
    "first",
    "get",
    "get_mut",
    "get_or_insert_with",
    "get_or_init",
    "last",
    "last_mut",
    "lock",
    "max_by",
    "min_by",
    "next",
    "or_default",
    "or_insert",
    "or_insert_with",
    "peek",
    "pop",
    "pop_front",
    "read",
    "remove",
    "shift",
    "take",
    "unwrap",
    "unwrap_or",
    "unwrap_or_default",
    "unwrap_or_else",
    "upgrade",
    "write",
    "__enter__",
    "setdefault",
    "popleft",
    "popitem",
];

/// Of impls, bases and same-named members at most this many are looked at.
const MOST: usize = 48;

impl Resolver<'_> {
    /// What `name` means as a member of a value of this type, or of the type or module itself.
    pub(super) fn members(&self, of: &Type, name: &str) -> Vec<Hit> {
        self.step(|| match of {
            Type::Known(def, args) | Type::Class(def, args) => self.members_of(*def, args, of, name),
            Type::OneOf(parts) => {
                let mut hits: Vec<Hit> = Vec::new();
                for hit in parts.iter().flat_map(|part| self.members(part, name)) {
                    if !hits.iter().any(|known| known.entry == hit.entry) {
                        hits.push(hit);
                    }
                }
                hits
            }
            Type::Other(wrapper, args) => {
                let opaque = !TRANSPARENT.contains(&&**wrapper) && CONTAINER_METHODS.contains(&name);
                let inner = || args.iter().flat_map(|arg| self.members(arg, name)).collect();
                if opaque { Vec::new() } else { inner() }
            }
            // a property is a function that is not called
            Type::Function(def, on) => {
                let result = self.result(*def, on.as_deref());
                self.members(&result, name)
            }
            Type::Module(module) => {
                let found = self.modules.exported(module, name);
                let entries = found.into_iter().filter_map(|target| match target {
                    Target::Symbol(entry) => Some(entry),
                    Target::Module(_) => None,
                });
                entries.map(|entry| Hit { entry, on: Type::Unknown }).collect()
            }
            Type::Closure { .. } | Type::Unknown => Vec::new(),
        })
    }

    fn members_of(&self, def: Def, args: &Rc<[Type]>, of: &Type, name: &str) -> Vec<Hit> {
        let value = Type::Known(def, args.clone());
        let mut found: Vec<Hit> =
            self.own_members(def, name).into_iter().map(|entry| Hit { entry, on: value.clone() }).collect();
        let is_method = |hit: &Hit| matches!(hit.entry.symbol, SymbolId::Chunk(_, ChunkKind::Method));
        if found.iter().any(is_method) {
            found.retain(|hit| !self.is_assigned_only(&hit.entry)); // what is put into a property
        }
        if !found.is_empty() {
            // a value that a method puts into a field may go through a property of a base
            let assigned = found.iter().all(|hit| self.is_assigned_only(&hit.entry));
            let bases = if assigned { self.bases(def, &value) } else { Rc::new([]) };
            let property = bases.iter().map(|base| self.members(base, name)).find(|hits| hits.iter().any(is_method));
            return property.unwrap_or(found);
        }
        if let Some(alias) = self.expand(def, of) {
            let found = self.members(&alias, name);
            if !found.is_empty() {
                return found;
            }
        }
        for base in self.bases(def, &value).iter() {
            let mut found = self.members(base, name);
            if !found.is_empty() {
                // `Self` in a base's method is still the type that it is called on
                for hit in &mut found {
                    if matches!(hit.on, Type::Known(..)) && !self.has_type_arguments(&hit.on) {
                        hit.on = value.clone();
                    }
                }
                return found;
            }
        }
        if name != "Target" {
            let targets = self.own_members(def, "Target");
            let inner = targets.iter().find_map(|entry| match entry.symbol {
                SymbolId::Chunk(chunk, ChunkKind::Type) => self.expand(Def { file: entry.file, chunk }, &value),
                _ => None,
            });
            if let Some(inner) = inner {
                return self.members(&inner, name);
            }
        }
        Vec::new()
    }

    /// A field without a written type.
    fn is_assigned_only(&self, entry: &Entry) -> bool {
        let SymbolId::Member(number, MemberKind::Field) = entry.symbol else { return false };
        let Some(file) = self.file(entry.file) else { return false };
        let member = file.facts.symbols.members.get(number as usize);
        member.is_some_and(|member| matches!(member.written, Some(Written::Value(_))))
    }

    fn has_type_arguments(&self, of: &Type) -> bool {
        matches!(of, Type::Known(_, args) if !args.is_empty())
    }

    /// Members that the type itself and its impls define; of types with the same name those of the nearest.
    pub(super) fn own_members(&self, def: Def, name: &str) -> Vec<Entry> {
        let Some(file) = self.file(def.file) else { return Vec::new() };
        let owner = file.facts.chunks.get(def.chunk).name.clone();
        let mut found = self.index.entries_of(&owner, name);
        if found.iter().any(|entry| entry.file == def.file) {
            found.retain(|entry| entry.file == def.file);
            let same = |entry: &Entry| self.owner_chunk(entry).is_some_and(|chunk| chunk == def.chunk);
            let kind = |id: ChunkId| file.facts.chunks.get(id).kind;
            if kind(def.chunk) != ChunkKind::Type && found.iter().any(same) {
                found.retain(same);
            }
        } else if !found.is_empty() && self.is_ambiguous(&owner) {
            let near = |entry: &Entry| self.file(entry.file).map_or(0, |other| shared_folders(&other.path, &file.path));
            let nearest = found.iter().map(near).max().unwrap_or(0);
            found.retain(|entry| near(entry) == nearest && self.type_of_owner(entry).is_none_or(|owner| owner == def));
        }
        found.truncate(MOST);
        found
    }

    /// Several types of the workspace have this name.
    fn is_ambiguous(&self, name: &str) -> bool {
        let types = self.index.entries(name);
        let is_type = |entry: &&Entry| {
            matches!(entry.symbol, SymbolId::Chunk(_, ChunkKind::Class | ChunkKind::Type | ChunkKind::Interface))
        };
        types.iter().filter(is_type).count() > 1
    }

    /// The chunk that an entry belongs to.
    pub(super) fn owner_chunk(&self, entry: &Entry) -> Option<ChunkId> {
        let file = self.file(entry.file)?;
        match entry.symbol {
            SymbolId::Chunk(chunk, _) => file.facts.chunks.parent(chunk),
            SymbolId::Member(number, _) => Some(file.facts.symbols.members.get(number as usize)?.owner),
        }
    }

    fn type_of_owner(&self, entry: &Entry) -> Option<Def> {
        let chunk = self.owner_chunk(entry)?;
        match self.owner_type(Def { file: entry.file, chunk })? {
            Type::Known(def, _) => Some(def),
            _ => None,
        }
    }

    /// What a type extends and implements.
    pub(super) fn bases(&self, def: Def, me: &Type) -> Rc<[Type]> {
        if let Some(known) = self.known_bases.borrow().get(me) {
            return known.clone();
        }
        self.known_bases.borrow_mut().insert(me.clone(), Rc::new([])); // a type that extends itself has no bases
        let found: Rc<[Type]> = self.read_bases(def, me).into();
        self.known_bases.borrow_mut().insert(me.clone(), found.clone());
        found
    }

    fn read_bases(&self, def: Def, me: &Type) -> Vec<Type> {
        let Some(file) = self.file(def.file) else { return Vec::new() };
        let chunk = file.facts.chunks.get(def.chunk);
        let mut around: Vec<Def> = vec![def];
        let impls = self.index.entries(&chunk.name).into_iter().filter_map(|entry| match entry.symbol {
            SymbolId::Chunk(chunk, ChunkKind::Impl) => Some(Def { file: entry.file, chunk }),
            SymbolId::Chunk(chunk, ChunkKind::Interface | ChunkKind::Class) if entry.file == def.file => {
                Some(Def { file: entry.file, chunk })
            }
            _ => None,
        });
        around.extend(impls.filter(|other| *other != def).take(MOST));
        let mut bases = Vec::new();
        for one in around {
            let Some(file) = self.file(one.file) else { continue };
            let written: Vec<&str> = file.facts.symbols.bases_of(one.chunk).collect();
            if written.is_empty() {
                continue;
            }
            let Some(place) = self.place_of(one, Some(me.clone())) else { continue };
            for base in written {
                let base = self.written(base, &place);
                if base != *me && !base.is_unknown() && !bases.contains(&base) {
                    bases.push(base);
                }
            }
        }
        bases
    }

    /// The type of a member, taken from a value.
    pub(super) fn member_type(&self, of: &Type, name: &str, used: Use) -> Type {
        self.step(|| {
            if let Type::Module(module) = of {
                return self.value_of_targets(&self.modules.exported(module, name));
            }
            let hits = as_used(self.members(of, name), used);
            Type::one_of(hits.iter().map(|hit| self.value_of(&hit.entry, Some(&hit.on))))
        })
    }

    /// What a method of a container gives, where the workspace does not define it.
    pub(super) fn container_call(&self, of: &Type, method: &str) -> Type {
        match of {
            Type::Other(_, args) if !args.is_empty() => {
                if TAKING.contains(&method) {
                    self.element(of)
                } else {
                    of.clone()
                }
            }
            Type::OneOf(parts) => Type::one_of(parts.iter().map(|part| self.container_call(part, method))),
            Type::Known(..)
                if matches!(
                    method,
                    "clone"
                        | "borrow"
                        | "as_ref"
                        | "as_mut"
                        | "to_owned"
                        | "copy"
                        | "deref"
                        | "borrow_mut"
                        | "iter"
                        | "iter_mut"
                        | "into_iter"
                        | "by_ref"
                        | "into"
                        | "lock"
                        | "__enter__"
                        | "bind"
                ) =>
            {
                of.clone()
            }
            Type::Function(def, on) => {
                let result = self.result(*def, on.as_deref());
                if method == "bind" { of.clone() } else { self.container_call(&result, method) }
            }
            _ => Type::Unknown,
        }
    }

    /// What a value holds, as a loop over it or an index into it gives.
    pub(super) fn element(&self, of: &Type) -> Type {
        self.step(|| match of {
            Type::Other(name, args) => match (&**name, &**args) {
                (_, []) => Type::Unknown,
                ("Result" | "Generator" | "AsyncGenerator" | "Annotated", [first, ..]) => first.clone(),
                (name, [one]) if TRANSPARENT.contains(&name) && !matches!(name, "Optional") => {
                    let inner = self.element(one);
                    if inner.is_unknown() { one.clone() } else { inner }
                }
                (_, args) => Type::one_of(args.iter().cloned()),
            },
            Type::OneOf(parts) => Type::one_of(parts.iter().map(|part| self.element(part))),
            Type::Known(def, args) => {
                if let Some(alias) = self.expand(*def, of) {
                    return self.element(&alias);
                }
                for name in ["__iter__", "__getitem__", "Item", "next", "iter", "index", "Output", "__next__"] {
                    for hit in self.members(of, name) {
                        let held = match hit.entry.symbol {
                            SymbolId::Chunk(chunk, ChunkKind::Type) => {
                                self.expand(Def { file: hit.entry.file, chunk }, &hit.on).unwrap_or_default()
                            }
                            _ => {
                                let result = self.called(&self.value_of(&hit.entry, Some(&hit.on)));
                                match (name, self.element(&result)) {
                                    (_, element) if !element.is_unknown() => element,
                                    _ => result,
                                }
                            }
                        };
                        if !held.is_unknown() {
                            return held;
                        }
                    }
                }
                Type::one_of(args.iter().cloned())
            }
            Type::Function(def, on) => {
                let result = self.result(*def, on.as_deref());
                self.element(&result)
            }
            _ => Type::Unknown,
        })
    }

    pub(super) fn element_if_container(&self, of: &Type) -> Type {
        match of {
            Type::Other(_, args) if !args.is_empty() => self.element(of),
            other => other.clone(),
        }
    }
}

/// Of a field and a method of one type with one name, what such a use means.
pub(super) fn as_used(hits: Vec<Hit>, used: Use) -> Vec<Hit> {
    let fits = |hit: &Hit| {
        let callable = matches!(hit.entry.symbol, SymbolId::Chunk(_, kind) if kind.is_callable());
        callable == (used == Use::Call)
    };
    let type_of = |hit: &Hit| (hit.entry.file, hit.entry.owner.clone());
    let fitting: Vec<_> = hits.iter().filter(|hit| fits(hit)).map(type_of).collect();
    hits.into_iter().filter(|hit| fits(hit) || !fitting.contains(&type_of(hit))).collect()
}

/// How many folders two paths have in common from the top.
pub(super) fn shared_folders(a: &str, b: &str) -> usize {
    let folders = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let (a, b) = (folders(a), folders(b));
    a.split('/').zip(b.split('/')).take_while(|(a, b)| a == b).count()
}
