//! What the explanation needs to know about Rust.

mod acts;
mod facts;
mod signature;
mod types;

use super::acts::{Act, Place};
use super::facts::Fact;
use super::source::{Source, has_token, part};
use super::{Grammar, Member, Names, Signature, Traits};
use crate::syntax::Node;

/// Rust.
pub(super) struct Rust;

impl Grammar for Rust {
    fn is_callable(&self, kind: &str) -> bool {
        matches!(kind, "function_item" | "function_signature_item" | "closure_expression")
    }

    fn traits(&self, source: &Source<'_>, node: Node<'_>) -> Traits {
        signature::traits(source, node)
    }

    fn signature(&self, source: &Source<'_>, node: Node<'_>) -> Signature {
        signature::signature(source, node)
    }

    fn acts(&self, source: &Source<'_>, node: Node<'_>) -> Vec<Act> {
        let Some(block) = node.child_by_field_name("body") else { return Vec::new() };
        let unit = node.child_by_field_name("return_type").is_none() && node.kind() == "function_item";
        acts::body(source, block, if unit { Place::Discarded } else { Place::Result })
    }

    fn statements(&self, source: &Source<'_>, nodes: &[Node<'_>]) -> Vec<Act> {
        acts::statements(source, nodes, Place::Kept)
    }

    fn is_block(&self, kind: &str) -> bool {
        matches!(kind, "block" | "source_file")
    }

    fn facts(&self, source: &Source<'_>, node: Node<'_>) -> Vec<Fact> {
        facts::facts(source, node)
    }

    fn members(&self, source: &Source<'_>, node: Node<'_>) -> Vec<Member> {
        types::members(source, node)
    }

    fn details(&self, source: &Source<'_>, node: Node<'_>) -> Vec<String> {
        types::details(source, node)
    }

    fn imports(&self, source: &Source<'_>) -> Vec<String> {
        let mut roots: Vec<String> = facts::imports(source).into_iter().map(|(_, path)| path).collect();
        roots.iter_mut().for_each(|path| {
            let mut names = path.split("::");
            let first = names.next().unwrap_or_default().to_owned();
            *path = if matches!(first.as_str(), "std" | "core" | "alloc" | "crate" | "super" | "self") {
                names.next().map_or(first.clone(), |second| format!("{first}::{second}"))
            } else {
                first
            };
        });
        roots
    }

    fn names(&self, source: &Source<'_>, node: Node<'_>) -> Names {
        signature::names(source, node)
    }
}

pub(super) fn macro_name<'a>(source: &'a Source<'_>, node: Node<'_>) -> &'a str {
    let name = node.child_by_field_name("macro").map_or("", |name| source.text(name));
    name.rsplit("::").next().unwrap_or(name)
}

/// A macro's arguments, cut at the commas of its outermost tokens.
pub(super) fn macro_arguments(source: &Source<'_>, node: Node<'_>) -> Vec<String> {
    let Some(tokens) = part(node, "token_tree") else { return Vec::new() };
    let mut cursor = tokens.walk();
    let commas: Vec<usize> =
        tokens.children(&mut cursor).filter(|child| child.kind() == ",").map(|child| child.start_byte()).collect();
    let (first, last) = (tokens.start_byte() + 1, tokens.end_byte().saturating_sub(1));
    let mut starts = vec![first];
    starts.extend(commas.iter().map(|comma| comma + 1));
    let mut ends = commas;
    ends.push(last);
    let pieces = starts.into_iter().zip(ends);
    let pieces = pieces.map(|(start, end)| source.quote_span(tokens, (start..end.max(start)).into(), 56));
    pieces.map(|piece| piece.trim().to_owned()).filter(|piece| !piece.is_empty()).collect()
}

/// The item's visibility: "Public", or "Visible in `crate`".
pub(super) fn visibility(source: &Source<'_>, node: Node<'_>) -> Option<String> {
    let text = source.text(part(node, "visibility_modifier")?);
    Some(match text {
        "pub" => "public".to_owned(),
        "pub(crate)" => "crate-public".to_owned(),
        _ => format!("`{text}`"),
    })
}

/// True when a modifier such as `async` stands before `fn`.
pub(super) fn has_modifier(node: Node<'_>, word: &str) -> bool {
    part(node, "function_modifiers").is_some_and(|modifiers| has_token(modifiers, word))
}
