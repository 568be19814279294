//! When Rust drops things. A temporary lives to the end of its statement, but that of a block's last expression to the
//! end of the statement around (up to edition 2021), and that of an `if let` head through the body. Moving such an
//! expression can release a lock early, late or never compile; these tests refuse what may hold one.

use super::site::{Family, Site, any_under, parts};
use crate::syntax::Node;

/// Methods whose result is dropped with an effect: guards of locks, cells and spans.
const GUARDS: [&str; 18] = [
    "lock",
    "try_lock",
    "borrow",
    "borrow_mut",
    "try_borrow",
    "try_borrow_mut",
    "read",
    "write",
    "try_read",
    "try_write",
    "upgrade",
    "enter",
    "entered",
    "acquire",
    "lock_arc",
    "read_arc",
    "write_arc",
    "load_full",
];

/// Methods whose result borrows only from what they are called on, and does nothing when dropped.
const VIEWS: [&str; 22] = [
    "as_bytes",
    "as_deref",
    "as_deref_mut",
    "as_mut",
    "as_path",
    "as_ref",
    "as_slice",
    "as_str",
    "bytes",
    "char_indices",
    "chars",
    "first",
    "get",
    "iter",
    "iter_mut",
    "last",
    "len",
    "lines",
    "split_whitespace",
    "trim",
    "unsigned_abs",
    "to_string",
];

/// True when `node` may hold a guard as a temporary.
pub(super) fn holds_guard(site: &Site<'_>, node: Node<'_>) -> bool {
    any_under(node, &|_| false, &|here| {
        matches!(here.kind(), "field_identifier" | "identifier") && GUARDS.contains(&&*site.text(here))
    })
}

/// True for a name, a field of a place, `self`, or the like: an expression that makes no temporary.
fn is_place(node: Node<'_>) -> bool {
    match node.kind() {
        "identifier" | "self" | "scoped_identifier" | "integer_literal" | "string_literal" | "char_literal"
        | "boolean_literal" | "float_literal" | "raw_string_literal" => true,
        "field_expression" => node.child_by_field_name("value").is_some_and(is_place),
        "index_expression" | "parenthesized_expression" | "unary_expression" => parts(node).into_iter().all(is_place),
        "reference_expression" => node.child_by_field_name("value").is_some_and(is_place),
        _ => false,
    }
}

/// True when evaluating `node` may leave a temporary that something borrows from.
pub(super) fn makes_temporary(site: &Site<'_>, node: Node<'_>) -> bool {
    holds_guard(site, node)
        || any_under(node, &|here| matches!(here.kind(), "closure_expression" | "block" | "token_tree"), &|here| {
            match here.kind() {
                "reference_expression" => !here.child_by_field_name("value").is_some_and(is_place),
                "field_expression" | "index_expression" => {
                    let value = here.child_by_field_name("value").or_else(|| parts(here).first().copied());
                    !value.is_some_and(|value| is_place(value) || is_view(site, value))
                }
                "try_expression" | "await_expression" | "match_expression" | "if_expression" => {
                    super::site::has(here, |kind| kind == "reference_expression") || here.kind() != "try_expression"
                }
                _ => false,
            }
        })
}

/// True for a call of one of `VIEWS` on a place or another view.
fn is_view(site: &Site<'_>, node: Node<'_>) -> bool {
    let Some(function) = node.child_by_field_name("function").filter(|_| node.kind() == "call_expression") else {
        return false;
    };
    let (Some(value), Some(field)) = (function.child_by_field_name("value"), function.child_by_field_name("field"))
    else {
        return false;
    };
    VIEWS.contains(&&*site.text(field)) && (is_place(value) || is_view(site, value))
}

/// True for the head of an `if let` or `match` whose temporaries may as well be dropped before the body as after it: a
/// place, or a call on places that returns no guard.
pub(super) fn is_simple_head(site: &Site<'_>, node: Node<'_>) -> bool {
    if holds_guard(site, node) || site.text(node).ends_with('}') {
        return false;
    }
    match node.kind() {
        "reference_expression" => node.child_by_field_name("value").is_some_and(is_place),
        "call_expression" => {
            let receiver = node.child_by_field_name("function").is_some_and(|function| match function.kind() {
                "field_expression" => {
                    function.child_by_field_name("value").is_some_and(|value| is_place(value) || is_view(site, value))
                }
                "generic_function" => function.child_by_field_name("function").is_some_and(|inner| {
                    inner.kind() != "field_expression" || parts(inner).first().is_some_and(|value| is_place(*value))
                }),
                kind => matches!(kind, "identifier" | "scoped_identifier"),
            });
            let arguments = node.child_by_field_name("arguments");
            receiver
                && arguments.is_some_and(|arguments| {
                    parts(arguments).into_iter().all(|part| is_place(part) || part.kind() == "closure_expression")
                })
        }
        "try_expression" | "await_expression" => parts(node).first().is_some_and(|inner| is_simple_head(site, *inner)),
        _ => is_place(node),
    }
}

/// True when the last expression of `block` may become that of the block around: what it leaves behind is dropped
/// without effect. Other languages than Rust have nothing of the kind.
pub(super) fn tail_may_move(site: &Site<'_>, block: Node<'_>) -> bool {
    if site.family != Family::Rust {
        return true;
    }
    let Some(tail) = parts(block).last().copied() else { return true };
    match tail.kind() {
        "let_declaration" | "empty_statement" => true,
        "expression_statement" => {
            if super::site::token(tail, ";").is_some() {
                return true;
            }
            let Some(inner) = parts(tail).first().copied() else { return true };
            let heads: Vec<Node<'_>> =
                ["value", "condition"].iter().filter_map(|field| inner.child_by_field_name(field)).collect();
            heads.into_iter().all(|head| !holds_guard(site, head))
        }
        "macro_invocation" => !holds_guard(site, tail),
        _ => !makes_temporary(site, tail),
    }
}
