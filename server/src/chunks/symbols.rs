//! What a file defines besides its chunks, and the types that it writes down.

use std::sync::Arc;

use super::build::bare;
use super::{ChunkId, Chunks};
use crate::syntax::Capture;
use crate::text::{Source, Span};

/// A written type or value longer than this many bytes is cut: what tells the type stands at its start.
const LONGEST: usize = 160;

/// What a member of a type is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberKind {
    /// A field, property or attribute.
    Field,
    /// A variant of an enum.
    Variant,
}

/// A name that a type defines without a chunk of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: Arc<str>,
    /// What it is.
    pub kind: MemberKind,
    /// The class, type, interface or impl that it belongs to.
    pub owner: ChunkId,
    /// The byte at which its name starts.
    pub at: usize,
    /// What its type is told by.
    pub written: Option<Written>,
}

/// What tells a type in the source, cut to its start where it is long.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Written {
    /// A type, as in `x: Vec<Item>`.
    Type(Arc<str>),
    /// An expression, as in `x = Item::new()`.
    Value(Arc<str>),
}

/// The symbols of a file that are not chunks, and what is written of the types of those that are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Symbols {
    /// Fields and variants, in the order of the file.
    pub members: Vec<Member>,
    /// What functions return and what constants are, sorted by chunk.
    pub types: Vec<(ChunkId, Written)>,
    /// What classes, interfaces and impls extend or implement, sorted by chunk.
    pub bases: Vec<(ChunkId, Arc<str>)>,
}

/// Collects the matches of `symbols.scm`.
#[derive(Default)]
pub(super) struct SymbolMatches {
    named: Vec<Named>,
    bases: Vec<(usize, Arc<str>)>,
}

/// A name with what tells its type.
struct Named {
    member: Option<MemberKind>,
    name: Span,
    /// Its place in a list, where that is all the name it has.
    number: Option<usize>,
    written: Option<Written>,
}

impl SymbolMatches {
    /// Takes one match.
    pub(super) fn take(&mut self, text: &dyn Source, captures: &[Capture<'_>]) {
        let (mut member, mut typed, mut written) = (None, None, None);
        for capture in captures {
            let span = Span::from(capture.node.byte_range());
            match capture.name {
                "field" => member = Some((MemberKind::Field, span)),
                "variant" => member = Some((MemberKind::Variant, span)),
                "typed" => typed = Some(span),
                "type" => written = Some(Written::Type(one_line(text, span).into())),
                "value" if written.is_none() => written = Some(Written::Value(start_of_value(text, span))),
                "base" => {
                    let base = one_line(text, span);
                    if !base.starts_with("extends ") && !base.starts_with("implements ") {
                        self.bases.push((span.start, base.into()));
                    }
                }
                _ => {}
            }
        }
        if let Some(name) = member.map(|(_, span)| span).or(typed) {
            let number = number_of_unnamed(captures);
            self.named.push(Named { member: member.map(|(kind, _)| kind), name, number, written });
        }
    }

    /// Finds out what belongs to which chunk.
    pub(super) fn finish(self, text: &dyn Source, chunks: &Chunks) -> Symbols {
        let mut by_name: Vec<(Span, ChunkId)> = chunks.definitions().map(|(id, chunk)| (chunk.name_span, id)).collect();
        by_name.sort_unstable();
        let chunk_named =
            |span: Span| Some(by_name.get(by_name.binary_search_by_key(&span, |(span, _)| *span).ok()?)?.1);
        let mut symbols = Symbols::default();
        for Named { member, name: span, number, written } in self.named {
            match (member, chunk_named(span), written) {
                (Some(kind), None, written) => {
                    if let Some(owner) = owner_at(chunks, span.start) {
                        let name =
                            number.map_or_else(|| bare(&text.slice(span)).into(), |number| number.to_string().into());
                        symbols.members.push(Member { name, kind, owner, at: span.start, written });
                    }
                }
                (_, Some(id), Some(written)) => symbols.types.push((id, written)),
                _ => {}
            }
        }
        let bases = self.bases.into_iter();
        symbols.bases = bases.filter_map(|(at, base)| Some((owner_at(chunks, at)?, base))).collect();
        symbols.members.sort_by_key(|member| (member.at, member.written.is_none()));
        symbols.members.dedup_by_key(|member| member.at);
        symbols.types.sort_by_key(|(id, written)| (*id, matches!(written, Written::Value(_))));
        symbols.types.dedup_by_key(|(id, _)| *id);
        symbols.bases.sort();
        symbols.bases.dedup();
        symbols
    }
}

impl Symbols {
    /// What tells the type of a chunk.
    #[must_use]
    pub fn type_of(&self, id: ChunkId) -> Option<&Written> {
        let at = self.types.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.types.get(at).map(|(_, written)| written)
    }

    /// What a chunk extends or implements.
    pub fn bases_of(&self, id: ChunkId) -> impl Iterator<Item = &str> {
        self.bases.iter().filter(move |(of, _)| *of == id).map(|(_, base)| &**base)
    }
}

/// The place among its siblings of a field that has a type but no name.
fn number_of_unnamed(captures: &[Capture<'_>]) -> Option<usize> {
    let field = captures.iter().find(|capture| capture.name == "field")?.node;
    let written = captures.iter().find(|capture| capture.name == "type")?.node;
    let list = field.parent().filter(|_| field.id() == written.id())?;
    let mut cursor = list.walk();
    list.children_by_field_name("type", &mut cursor).position(|node| node.id() == field.id())
}

/// The innermost type-like chunk around a byte.
fn owner_at(chunks: &Chunks, at: usize) -> Option<ChunkId> {
    let innermost = chunks.focus_at(Span::new(at, at));
    std::iter::once(innermost).chain(chunks.ancestors(innermost)).find(|id| chunks.get(*id).kind.is_owner())
}

/// The start of a text on one line.
fn one_line(text: &dyn Source, span: Span) -> String {
    let all = text.slice(Span::new(span.start, span.end.min(span.start + 4 * LONGEST)));
    let mut line = String::with_capacity(all.len().min(LONGEST));
    for word in all.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line += word;
    }
    if line.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
        line.truncate(end);
    }
    line
}

/// What tells the type of a value, on one line.
fn start_of_value(text: &dyn Source, span: Span) -> Arc<str> {
    let shape = value_shape(&text.slice(Span::new(span.start, span.end.min(span.start + 4 * LONGEST))));
    let end = (0..=LONGEST.min(shape.len())).rev().find(|at| shape.is_char_boundary(*at)).unwrap_or(0);
    shape.get(..end).unwrap_or_default().into()
}

/// A value without what stands in brackets and quotes, and with `0` for numbers: literals tell no type, but may be
/// secret, and the index goes to the disk. `Item::new("x", 5).rest([1])` → `Item::new().rest()`.
fn value_shape(text: &str) -> String {
    let is_name = |c: &char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let mut out = String::new();
    let mut depth = 0;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '(' | '[' | '{' => {
                out.extend((depth == 0).then_some(c));
                depth += 1;
            }
            ')' | ']' | '}' if depth == 0 => break, // unbalanced
            ')' | ']' | '}' => {
                depth -= 1;
                out.extend((depth == 0).then_some(c));
            }
            '"' | '`' | '\'' => {
                let mut escaped = false;
                let closes = |next| {
                    let closes = next == c && !escaped;
                    escaped = next == '\\' && !escaped;
                    closes
                };
                if !rest.by_ref().any(closes) {
                    break;
                }
                if depth == 0 {
                    out.extend([c, c]);
                }
            }
            _ if depth > 0 => {}
            _ if c.is_whitespace() => out.extend((!out.ends_with(' ')).then_some(' ')),
            _ if c.is_ascii_digit() && !out.ends_with('.') => {
                out.push('0');
                let number = rest.as_str().find(|c| !is_name(&c) && c != '.').unwrap_or(rest.as_str().len());
                rest = rest.as_str().get(number..).unwrap_or_default().chars();
            }
            _ => {
                out.push(c);
                if is_name(&c) {
                    let name = rest.as_str().find(|c| !is_name(&c)).unwrap_or(rest.as_str().len());
                    out += rest.as_str().get(..name).unwrap_or_default();
                    rest = rest.as_str().get(name..).unwrap_or_default().chars();
                }
            }
        }
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::value_shape;

    #[test]
    fn values_are_kept_without_literals() {
        for (value, shape) in [
            (r#"Item::new("x", 5).rest([1])"#, "Item::new().rest()"),
            ("new Map<string, Item>(['a', 'b'])", "new Map<string, Item>()"),
            ("b'pass\\'word' + 1234", "b'' + 0"),
            ("self.items[0].1", "self.items[].1"),
            ("pair.1", "pair.1"),
            ("a\n  .b2(|x| { \"}\" })\n  .c", "a .b2() .c"),
            ("f(x) if y else `k`", "f() if y else ``"),
            ("\"never closed", ""),
            ("0xdead_beef", "0"),
        ] {
            assert_eq!(value_shape(value), shape, "{value}");
        }
    }
}
