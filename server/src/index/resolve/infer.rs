//! Types of expressions. In: a parsed file, or the text of a value. Out: their [`Type`].

use std::cell::RefCell;
use std::collections::HashMap;

use super::scope::{Form, Local, Scope, Told, number_in};
use super::spell::{Spell, spell};
use super::types::{Def, Place, Resolver, Type, Use};
use crate::chunks::{ChunkId, ChunkKind};
use crate::index::{FileId, SymbolId};
use crate::syntax::{Node, Tree};
use crate::text::{Span, Text};

/// A piece of a parsed file whose expressions have types.
pub(super) struct View<'v, 't> {
    pub resolver: &'v Resolver<'v>,
    pub file: FileId,
    pub text: &'t Text,
    pub scope: Scope<'t>,
    /// The chunk whose names are asked for, for guesses.
    pub focus: Span,
    known: RefCell<HashMap<usize, Type>>,
    own: RefCell<HashMap<ChunkId, Type>>,
}

impl<'v, 't> View<'v, 't> {
    /// Reads the names of `within`; `focus` in it is what is asked about.
    pub(super) fn new(
        resolver: &'v Resolver<'v>,
        file: FileId,
        tree: &'t Tree,
        text: &'t Text,
        within: Span,
        focus: Span,
    ) -> Self {
        let scope = Scope::read(tree, text, within);
        Self { resolver, file, text, scope, focus, known: RefCell::default(), own: RefCell::default() }
    }

    pub(super) fn place(&self, at: usize) -> Place<'_> {
        let chunk = self.resolver.file(self.file).map_or(ChunkId::FILE, |file| file.facts.chunk_at(at));
        let me = Some(self.own_type(at)).filter(|me| !me.is_unknown());
        Place { file: self.file, chunk, at, me, scope: Some(&self.scope) }
    }

    fn slice(&self, node: Node<'_>) -> String {
        self.text.slice(Span::from(node.byte_range())).into_owned()
    }

    /// What `self` means at a byte.
    pub(super) fn own_type(&self, at: usize) -> Type {
        let Some(file) = self.resolver.file(self.file) else { return Type::Unknown };
        let chunks = &file.facts.chunks;
        let here = file.facts.chunk_at(at);
        if let Some(known) = self.own.borrow().get(&here) {
            return known.clone();
        }
        self.own.borrow_mut().insert(here, Type::Unknown);
        let around =
            std::iter::once(here).chain(chunks.ancestors(here)).find(|id| chunks.get(*id).kind == ChunkKind::Impl);
        let own = match around {
            // with the arguments that its impl gives it
            Some(id) => {
                let chunk = chunks.get(id);
                let written = self.text.slice(chunk.name_span).into_owned();
                let place = Place { file: self.file, chunk: here, at, me: None, scope: Some(&self.scope) };
                self.resolver.written(&written, &place)
            }
            None => self.resolver.owner_type(Def { file: self.file, chunk: here }).unwrap_or_default(),
        };
        self.own.borrow_mut().insert(here, own.clone());
        own
    }

    /// The type of an expression.
    pub(super) fn type_of(&self, node: Node<'t>) -> Type {
        if let Some(known) = self.known.borrow().get(&node.id()) {
            return known.clone();
        }
        self.known.borrow_mut().insert(node.id(), Type::Unknown);
        let found = self.resolver.step(|| self.infer(node));
        self.known.borrow_mut().insert(node.id(), found.clone());
        found
    }

    fn infer(&self, node: Node<'t>) -> Type {
        let at = node.start_byte();
        match self.scope.forms.get(&node.id()) {
            Some(Form::Access { object, member }) => self.member(*object, *member, Use::Value),
            Some(Form::Index { object }) => self.resolver.element_if_container(&self.indexed(self.type_of(*object))),
            Some(Form::Call { callee }) => self.call(*callee),
            Some(Form::Made(written) | Form::Cast(written)) => {
                self.resolver.written(&self.slice(*written), &self.place(at)).value()
            }
            Some(Form::Same(inner)) => Type::one_of(inner.iter().map(|inner| self.type_of(*inner))),
            Some(Form::Own) => self.own_type(at),
            Some(Form::Super) => match self.own_type(at) {
                own @ Type::Known(def, _) => Type::one_of(self.resolver.bases(def, &own).iter().cloned()),
                _ => Type::Unknown,
            },
            Some(Form::Text(inner)) => {
                let text = self.slice(*inner);
                let inside = text.find(['(', '[', '{']).and_then(|open| text.get(open + 1..)).unwrap_or_default();
                self.named(inside.trim_start_matches(['&', '*', ' ', '\n']), at)
            }
            None => self.named(&self.slice(node), at),
        }
    }

    /// The type that a node writes.
    pub(super) fn written(&self, node: Node<'t>) -> Type {
        self.resolver.written(&self.slice(node), &self.place(node.start_byte()))
    }

    /// What an index into a type of the workspace gives; other types stay.
    fn indexed(&self, of: Type) -> Type {
        match of {
            Type::Known(..) => {
                let element = self.resolver.element(&of);
                if element.is_unknown() { of } else { element }
            }
            of => of,
        }
    }

    fn call(&self, callee: Node<'t>) -> Type {
        let inner = match self.scope.forms.get(&callee.id()) {
            Some(Form::Same(inner)) => inner.first().copied().unwrap_or(callee),
            _ => callee,
        };
        let Some(Form::Access { object, member }) = self.scope.forms.get(&inner.id()) else {
            return self.resolver.called(&self.type_of(callee));
        };
        let result = self.resolver.called(&self.member(*object, *member, Use::Call));
        if result.is_unknown() {
            return self.resolver.container_call(&self.type_of(*object), &self.slice(*member));
        }
        result
    }

    /// A member of a value; where the value's type is not known, the one that the code speaks for.
    fn member(&self, object: Node<'t>, member: Node<'t>, used: Use) -> Type {
        let of = self.type_of(object);
        let name = self.slice(member);
        if of.is_unknown() {
            let hits = self.guess(&name, used);
            return Type::one_of(hits.iter().map(|hit| self.resolver.value_of(&hit.entry, None)));
        }
        self.resolver.member_type(&of, &name, used)
    }

    /// What a name or path means as a value.
    fn named(&self, text: &str, at: usize) -> Type {
        if text.len() > 400 || !text.starts_with(|c: char| c.is_alphabetic() || "_$<:".contains(c)) {
            return Type::Unknown;
        }
        self.resolver.value_in(text, &self.place(at), &|name| self.local_type(name, at))
    }

    /// The type of a local name; `None` where the name is not bound.
    pub(super) fn local_type(&self, name: &str, at: usize) -> Option<Type> {
        let local = self.scope.local(name, at)?;
        Some(self.type_of_local(local))
    }

    fn type_of_local(&self, local: &Local<'t>) -> Type {
        let resolver = self.resolver;
        for told in &local.told_by {
            let found = resolver.step(|| match *told {
                Told::Type(node) => resolver.written(&self.slice(node), &self.place(local.at.start)),
                Told::Value(node) if Span::from(node.byte_range()).contains(local.at) => Type::Unknown,
                Told::Value(node) => self.type_of(node),
                Told::Element(node) => resolver.element(&self.type_of(node)),
                Told::Part(node) => {
                    let whole = self.type_of(node);
                    resolver.element_if_container(&whole)
                }
                Told::Of(of, member) => self.taken_from(of, member, local.at.start),
                Told::Member(object, member) => {
                    resolver.member_type(&self.type_of(object), &self.slice(member), Use::Value)
                }
                Told::Parameter(lambda, number) => self.closure_parameter(lambda, number),
            });
            if !found.is_unknown() {
                return found;
            }
        }
        Type::Unknown
    }

    /// What a pattern takes from a written type: a field, or what a variant holds.
    fn taken_from(&self, of: Node<'t>, member: Node<'t>, at: usize) -> Type {
        let place = self.place(at);
        let written = self.slice(of);
        if of.id() != member.id() {
            let of = self.resolver.written(&written, &place);
            return self.resolver.member_type(&of, &self.slice(member), Use::Value);
        }
        let hits = self.resolver.path_entries(&written, &place);
        Type::one_of(hits.iter().map(|hit| self.resolver.payload(hit)))
    }

    /// The type of a closure's parameter, as the declaration or the function that it is given to says.
    fn closure_parameter(&self, lambda: Node<'t>, number: usize) -> Type {
        let found = self.parameter_of(&self.expected(lambda), number);
        if !found.is_unknown() {
            return found;
        }
        // the methods of containers give closures what they hold
        match self.call_around(lambda).and_then(|(callee, _)| self.scope.forms.get(&callee.id())) {
            Some(Form::Access { object, .. }) => self.resolver.element_or_self(&self.type_of(*object)),
            _ => Type::Unknown,
        }
    }

    /// The type that an expression has to have where it stands.
    pub(super) fn expected(&self, node: Node<'t>) -> Type {
        self.resolver.step(|| {
            match self.scope.expected.get(&node.id()) {
                Some(Told::Type(written)) => {
                    return self.resolver.written(&self.slice(*written), &self.place(node.start_byte()));
                }
                Some(Told::Value(value)) => return self.type_of(*value),
                _ => {}
            }
            if let Some((record, key)) = self.scope.parts.get(&node.id()) {
                let record = self.expected(*record);
                return key.map_or(record.clone(), |key| self.resolver.member_type(&record, &self.slice(key), Use::Value));
            }
            let Some(parent) = node.parent() else { return Type::Unknown };
            let same = matches!(self.scope.forms.get(&parent.id()), Some(Form::Same(inner)) if inner.iter().any(|one| one.id() == node.id()));
            if same {
                return self.expected(parent);
            }
            if self.scope.lambdas.contains(&parent.id()) {
                return self.resolver.called(&self.function_type(&self.expected(parent)));
            }
            match self.call_around(node) {
                Some((callee, number)) => {
                    let found = self.argument_type(&self.type_of(callee), number);
                    match self.scope.forms.get(&callee.id()) {
                        Some(Form::Access { object, .. }) if found.is_unknown() => {
                            match self.type_of(*object) {
                                of @ Type::Other(..) => self.resolver.element(&of),
                                _ => Type::Unknown,
                            }
                        }
                        _ => found,
                    }
                }
                None => Type::Unknown,
            }
        })
    }

    /// An alias of a function type as what it stands for.
    fn function_type(&self, of: &Type) -> Type {
        match of {
            Type::Known(def, _) => self.resolver.expand(*def, of).unwrap_or_default(),
            of => of.clone(),
        }
    }

    /// The function that an expression is given to, and as which argument.
    fn call_around(&self, node: Node<'t>) -> Option<(Node<'t>, usize)> {
        let list = node.parent()?;
        let (list, argument) = if list.named_child_count() == 1
            && list.parent()?.parent().is_some_and(|above| self.callee(above).is_some())
            && self.callee(list.parent()?).is_none()
        {
            (list.parent()?, list) // the argument has a node of its own around it
        } else {
            (list, node)
        };
        let callee = self.callee(list.parent()?)?;
        let inside = callee.byte_range().contains(&node.start_byte());
        (!inside).then(|| (callee, number_in(argument, list)))
    }

    fn callee(&self, node: Node<'t>) -> Option<Node<'t>> {
        match self.scope.forms.get(&node.id())? {
            Form::Call { callee } => Some(*callee),
            Form::Made(written) => Some(*written),
            _ => None,
        }
    }

    /// The type that a function takes as its argument `number`.
    fn argument_type(&self, callee: &Type, number: usize) -> Type {
        let resolver = self.resolver;
        match callee {
            Type::Function(def, on) => {
                let Some(place) = resolver.place_of(*def, on.as_deref().cloned()) else { return Type::Unknown };
                let mut all = resolver.parameters_of(*def);
                let has_self = all.first().is_some_and(|first| matches!(&*first.name, "self" | "cls" | "this"));
                if has_self {
                    all.remove(0);
                }
                let written = all.get(number).and_then(|one| one.written.as_ref());
                written.map_or(Type::Unknown, |written| resolver.spelled(written, &place))
            }
            Type::Class(def, args) | Type::Known(def, args) => {
                let value = Type::Known(*def, args.clone());
                let make =
                    ["constructor", "__init__", "new"].iter().flat_map(|name| resolver.members(&value, name)).next();
                match make.map(|hit| (hit.entry.file, hit.entry.symbol)) {
                    Some((file, SymbolId::Chunk(chunk, _))) => {
                        self.argument_type(&Type::Function(Def { file, chunk }, Some(value.into())), number)
                    }
                    Some((file, SymbolId::Member(member, _))) => {
                        resolver.signature_argument(file, member, value, number).unwrap_or_default()
                    }
                    _ => match resolver.expand(*def, callee) {
                        Some(alias) => self.argument_type(&alias, number),
                        None => Type::Unknown,
                    },
                }
            }
            Type::Closure { parameters, .. } => parameters.get(number).cloned().unwrap_or_default(),
            Type::OneOf(parts) => Type::one_of(parts.iter().map(|part| self.argument_type(part, number))),
            _ => Type::Unknown,
        }
    }

    /// The type of a parameter of a function type.
    fn parameter_of(&self, function: &Type, number: usize) -> Type {
        match function {
            Type::Closure { parameters, .. } => parameters.get(number).cloned().unwrap_or_default(),
            Type::Function(..) => self.argument_type(function, number),
            Type::OneOf(parts) => Type::one_of(parts.iter().map(|part| self.parameter_of(part, number))),
            Type::Known(def, _) => {
                self.resolver.expand(*def, function).map_or(Type::Unknown, |alias| self.parameter_of(&alias, number))
            }
            _ => Type::Unknown,
        }
    }
}

/// What a name means that is bound around an expression.
type Bound<'b> = dyn Fn(&str) -> Option<Type> + 'b;

impl Resolver<'_> {
    /// The type of a value as it is written in a definition; its end may be cut off.
    pub(super) fn value_written(&self, text: &str, place: &Place<'_>) -> Type {
        self.value_in(text, place, &|_| None)
    }

    /// The type of a written expression: a path, then calls, members and indexes.
    pub(super) fn value_in(&self, text: &str, place: &Place<'_>, bound: &Bound<'_>) -> Type {
        self.step(|| {
            let mut rest = text.trim_start();
            let mut makes = false;
            loop {
                let before = rest;
                rest = rest.trim_start_matches(['&', '*', '(', ' ', '!']);
                for word in ["new ", "await ", "mut ", "yield ", "return ", "move ", "async "] {
                    if let Some(after) = rest.strip_prefix(word) {
                        makes |= word == "new ";
                        rest = after;
                    }
                }
                if rest == before {
                    break;
                }
            }
            let (first, mut rest) = split_name(rest);
            if first.is_empty() {
                return Type::Unknown;
            }
            let mut path = vec![first];
            let mut here = match (first, &place.me) {
                ("self" | "this" | "cls" | "Self" | "static", Some(me)) => me.clone(),
                ("super", Some(me @ Type::Known(def, _))) if !rest.starts_with("::") => {
                    rest = skip_brackets(rest);
                    Type::one_of(self.bases(*def, me).iter().cloned())
                }
                _ => bound(first).unwrap_or_else(|| self.value_of_targets(&self.targets(place, &path))),
            };
            let is_bound = bound(first).is_some();
            let mut before = Type::Unknown;
            let mut last = first;
            loop {
                rest = rest.trim_start();
                let link = ["::", "?.", "->", "."].iter().find_map(|link| Some((*link, rest.strip_prefix(*link)?)));
                if let Some((_, after)) = link {
                    if after.starts_with('<') {
                        rest = skip_brackets(after);
                        continue;
                    }
                    let (name, after) = split_name(after.trim_start());
                    if name.is_empty() {
                        // `x.?` and the like
                        return here;
                    }
                    rest = after;
                    before = here.clone();
                    path.push(name);
                    let used = if rest.trim_start().starts_with('(') { Use::Call } else { Use::Value };
                    here = self.member_type(&before, name, used);
                    if here.is_unknown() && before.is_unknown() && path.len() > 1 && !is_bound {
                        here = self.value_of_targets(&self.targets(place, &path));
                    }
                    last = name;
                } else if rest.starts_with('(') {
                    let result = self.called(&here);
                    here = if result.is_unknown() && !before.is_unknown() {
                        self.container_call(&before, last)
                    } else {
                        result
                    };
                    path.clear();
                    makes = false;
                    rest = skip_brackets(rest);
                } else if rest.starts_with('[') {
                    here = self.element_or_self(&here);
                    rest = skip_brackets(rest);
                } else if rest.starts_with('<') && skip_brackets(rest).starts_with('(') {
                    rest = skip_brackets(rest);
                } else if rest.starts_with('{') && matches!(here, Type::Class(..)) {
                    return here.value();
                } else if let Some(after) = rest.strip_prefix(['?', '!']) {
                    let next = after.trim_start();
                    if !(next.starts_with('.') || next.is_empty() || next.starts_with(';')) {
                        break;
                    }
                    if rest.starts_with('?') {
                        here = self.element_if_container(&here);
                    }
                    rest = after;
                } else if let Some(after) = rest.strip_prefix("as ") {
                    return self.written(after, place);
                } else {
                    break;
                }
            }
            if makes { here.value() } else { here }
        })
    }

    /// What the parts of a written path mean in the end: `Type::make`, `a::b::CONST`, `Self::Variant`.
    pub(super) fn path_entries(&self, text: &str, place: &Place<'_>) -> Vec<super::members::Hit> {
        self.step(|| match spell(text) {
            Spell::Name { path, .. } => {
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                self.entries_of_path(&path, place)
            }
            Spell::Member(of, name) => {
                let of = self.spelled(&of, place);
                self.members(&of, &name)
            }
            _ => Vec::new(),
        })
    }

    pub(super) fn entries_of_path(&self, path: &[&str], place: &Place<'_>) -> Vec<super::members::Hit> {
        let Some((last, of)) = path.split_last() else { return Vec::new() };
        let own = matches!(path.first(), Some(&"Self" | &"self" | &"cls" | &"this"));
        if !own {
            let hits: Vec<_> = self
                .targets(place, path)
                .into_iter()
                .filter_map(|target| match target {
                    crate::index::modules::Target::Symbol(entry) => {
                        Some(super::members::Hit { entry, on: Type::Unknown })
                    }
                    crate::index::modules::Target::Module(_) => None,
                })
                .collect();
            if !hits.is_empty() || of.is_empty() {
                return hits;
            }
        }
        if of.is_empty() {
            return Vec::new();
        }
        let of = self.spelled(
            &Spell::Name { path: of.iter().map(|name| (*name).to_owned()).collect(), args: Vec::new() },
            place,
        );
        self.members(&of, last)
    }

    /// The type of an argument of a signature that is a member without a chunk of its own.
    fn signature_argument(&self, file: FileId, member: u32, me: Type, number: usize) -> Option<Type> {
        let known = self.file(file)?;
        let member = known.facts.symbols.members.get(member as usize)?;
        let after = self.text_after(file, member.at + member.name.len())?;
        let place = Place { at: member.at, ..self.place_of(Def { file, chunk: member.owner }, Some(me))? };
        let all = super::spell::parameters(&after);
        Some(self.spelled(all.get(number)?.written.as_ref()?, &place))
    }

    /// What a variant or a tuple-like type holds.
    fn payload(&self, hit: &super::members::Hit) -> Type {
        let Some(file) = self.file(hit.entry.file) else { return Type::Unknown };
        match hit.entry.symbol {
            SymbolId::Member(number, _) => {
                let Some(member) = file.facts.symbols.members.get(number as usize) else { return Type::Unknown };
                let def = Def { file: hit.entry.file, chunk: member.owner };
                match (&member.written, self.place_of(def, None)) {
                    (Some(crate::chunks::Written::Type(written)), Some(place)) => self.written(written, &place),
                    _ => Type::Unknown,
                }
            }
            SymbolId::Chunk(chunk, ChunkKind::Type) => {
                let value = Type::Known(Def { file: hit.entry.file, chunk }, [].into());
                self.member_type(&value, "0", Use::Value)
            }
            SymbolId::Chunk(..) => Type::Unknown,
        }
    }

    /// What a container holds; another value itself.
    pub(super) fn element_or_self(&self, of: &Type) -> Type {
        let element = self.element(of);
        if element.is_unknown() { of.clone() } else { element }
    }
}

/// The name that a text starts with, and the rest.
fn split_name(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(text.len());
    text.split_at(end)
}

/// What follows the brackets that a text starts with; nothing where they are not closed.
fn skip_brackets(text: &str) -> &str {
    let mut depth = 0usize;
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open && before != '\\' => quote = None,
            (Some(_), _) => {}
            (None, '"' | '`') => quote = Some(c),
            (None, '(' | '[' | '{' | '<') => depth += 1,
            (None, '>') if matches!(before, '=' | '-') => {}
            (None, ')' | ']' | '}' | '>') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return text.get(at + 1..).unwrap_or_default();
                }
            }
            _ => {}
        }
        before = c;
    }
    ""
}
