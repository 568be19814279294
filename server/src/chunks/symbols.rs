//! What a file defines besides its chunks, and the types that it writes down.

use std::sync::Arc;

use super::build::bare;
use super::{ChunkId, Chunks};
use crate::syntax::{Capture, QueryKind, Tree, captures};
use crate::text::{Span, Text};

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

impl Symbols {
    /// Reads them from a parsed and cut text.
    #[must_use]
    pub fn read(tree: &Tree, text: &Text, chunks: &Chunks) -> Self {
        let mut symbols = Self::default();
        let by_name: std::collections::HashMap<Span, ChunkId> =
            chunks.definitions().map(|(id, chunk)| (chunk.name_span, id)).collect();
        captures(tree, text, QueryKind::Symbols, Span::new(0, text.len()), |captures| {
            let (mut member, mut typed, mut written) = (None, None, None);
            let number = number_of_unnamed(captures);
            for capture in captures {
                let span = Span::from(capture.node.byte_range());
                match capture.name {
                    "field" => member = Some((MemberKind::Field, span)),
                    "variant" => member = Some((MemberKind::Variant, span)),
                    "typed" => typed = Some(span),
                    "type" => written = Some(Written::Type(start_of(text, span))),
                    "value" if written.is_none() => written = Some(Written::Value(start_of(text, span))),
                    "base" => {
                        let base = start_of(text, span);
                        let owner = owner_at(chunks, span.start);
                        let clause = base.starts_with("extends ") || base.starts_with("implements ");
                        if let Some(owner) = owner.filter(|_| !clause) {
                            symbols.bases.push((owner, base));
                        }
                    }
                    _ => {}
                }
            }
            if let Some((kind, span)) = member
                && let Some(owner) = owner_at(chunks, span.start)
                && !by_name.contains_key(&span)
            {
                let name = number.map_or_else(|| bare(&text.slice(span)).into(), |number| number.to_string().into());
                symbols.members.push(Member { name, kind, owner, at: span.start, written });
            } else if let Some(written) = written
                && let Some(id) = typed.or(member.map(|(_, span)| span)).and_then(|span| by_name.get(&span))
            {
                symbols.types.push((*id, written));
            }
        });
        symbols.members.sort_by_key(|member| (member.at, member.written.is_none()));
        symbols.members.dedup_by_key(|member| member.at);
        symbols.types.sort_by_key(|(id, written)| (*id, matches!(written, Written::Value(_))));
        symbols.types.dedup_by_key(|(id, _)| *id);
        symbols.bases.sort();
        symbols.bases.dedup();
        symbols
    }

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

/// The text of a type or value on one line.
fn start_of(text: &Text, span: Span) -> Arc<str> {
    let all = text.slice(Span::new(span.start, span.end.min(span.start + 4 * LONGEST)));
    let mut line = all.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
        line.truncate(end);
    }
    line.into()
}
