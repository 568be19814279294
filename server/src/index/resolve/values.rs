//! Values and paths as they are written, without a tree: `Item::new().name`, `self.store`, `a::b::CONST`. In: text, whose
//! end may be cut off. Out: their [`Type`] or what they mean.

use super::members::Hit;
use super::spell::{Spell, parameters, spell};
use super::types::{Def, Place, Resolver, Type, Use};
use crate::chunks::{ChunkKind, Written};
use crate::index::modules::Target;
use crate::index::{FileId, SymbolId};

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
    pub(super) fn path_entries(&self, text: &str, place: &Place<'_>) -> Vec<Hit> {
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

    pub(super) fn entries_of_path(&self, path: &[&str], place: &Place<'_>) -> Vec<Hit> {
        let Some((last, of)) = path.split_last() else { return Vec::new() };
        let own = matches!(path.first(), Some(&"Self" | &"self" | &"cls" | &"this"));
        if !own {
            let hits: Vec<_> = self
                .targets(place, path)
                .into_iter()
                .filter_map(|target| match target {
                    Target::Symbol(entry) => Some(Hit { entry, on: Type::Unknown }),
                    Target::Module(_) => None,
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
    pub(super) fn signature_argument(&self, file: FileId, member: u32, me: Type, number: usize) -> Option<Type> {
        let known = self.file(file)?;
        let member = known.facts.symbols.members.get(member as usize)?;
        let after = self.text_after(file, member.at + member.name.len())?;
        let place = Place { at: member.at, ..self.place_of(Def { file, chunk: member.owner }, Some(me))? };
        let all = parameters(&after);
        Some(self.spelled(all.get(number)?.written.as_ref()?, &place))
    }

    /// What a variant or a tuple-like type holds.
    pub(super) fn payload(&self, hit: &Hit) -> Type {
        let Some(file) = self.file(hit.entry.file) else { return Type::Unknown };
        match hit.entry.symbol {
            SymbolId::Member(number, _) => {
                let Some(member) = file.facts.symbols.members.get(number as usize) else { return Type::Unknown };
                let def = Def { file: hit.entry.file, chunk: member.owner };
                match (&member.written, self.place_of(def, None)) {
                    (Some(Written::Type(written)), Some(place)) => self.written(written, &place),
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
