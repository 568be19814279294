//! Uses of names.

use super::build::bare;
use crate::syntax::{QueryKind, Tree, captures};
use crate::text::{Span, Text};

/// How a name is used. Where a name is found in several ways, the first of this list counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReferenceKind {
    /// `name(…)`
    Call,
    /// `receiver.name(…)`
    Method,
    /// `name!(…)`
    Macro,
    /// As a type.
    Type,
    /// `receiver.name`
    Field,
    /// Any other way.
    Value,
}

/// A use of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The name.
    pub name: String,
    /// How it is used.
    pub kind: ReferenceKind,
    /// Where the name stands.
    pub span: Span,
    /// What stands before it: the receiver of a method or field, the path before a name.
    pub qualifier: Option<Span>,
}

/// The uses of names within `within`, in the order of the file. Names that are being defined are among them.
#[must_use]
pub fn references(tree: &Tree, text: &Text, within: Span) -> Vec<Reference> {
    let mut found: Vec<(Span, ReferenceKind, Option<Span>)> = Vec::new();
    captures(tree, text, QueryKind::References, within, |captures| {
        let mut qualifier = None;
        let mut name = None;
        for capture in captures {
            let span = Span::from(capture.node.byte_range());
            match capture.name {
                "receiver" | "qualifier" => qualifier = Some(span),
                "reference.call" => name = Some((span, ReferenceKind::Call)),
                "reference.method" => name = Some((span, ReferenceKind::Method)),
                "reference.macro" => name = Some((span, ReferenceKind::Macro)),
                "reference.type" => name = Some((span, ReferenceKind::Type)),
                "reference.field" => name = Some((span, ReferenceKind::Field)),
                "reference.value" => name = Some((span, ReferenceKind::Value)),
                _ => {}
            }
        }
        if let Some((span, kind)) = name.filter(|(span, _)| within.contains(*span)) {
            found.push((span, kind, qualifier));
        }
    });
    found.sort_by_key(|(span, kind, qualifier)| (span.start, *kind, qualifier.is_none()));
    found.dedup_by_key(|(span, ..)| span.start);
    found
        .into_iter()
        .map(|(span, kind, qualifier)| Reference { name: bare(&text.slice(span)).to_owned(), kind, span, qualifier })
        .collect()
}
