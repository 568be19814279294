//! Stub.
use crate::syntax::Tree;
use crate::text::{Edit, Span, Text};
/// Stub.
pub struct Rewrite {
    /// Stub.
    pub name: &'static str,
    /// Stub.
    pub title: String,
    /// Stub.
    pub at: Span,
    /// Stub.
    pub edits: Vec<Edit>,
}
/// Stub.
pub fn applicable(_: &Tree, _: &Text, _: Span) -> Vec<Rewrite> {
    vec![]
}
