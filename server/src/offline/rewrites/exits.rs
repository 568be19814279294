//! Statements after which the next one is not reached.

use super::site::{Family, Site, parts};
use crate::syntax::Node;

/// Macros that never return.
const DIVERGING: [&str; 4] = ["panic", "unreachable", "todo", "unimplemented"];

/// The last statement of a block, or the statement itself.
pub(super) fn last_statement<'t>(node: Node<'t>) -> Option<Node<'t>> {
    match node.kind() {
        "block" | "statement_block" => parts(node).last().copied(),
        _ => Some(node),
    }
}

/// True when control never leaves `node`, a block or a statement, at its end.
pub(super) fn ends_in_exit(site: &Site<'_>, node: Node<'_>) -> bool {
    last_statement(node).is_some_and(|statement| is_exit(site, statement))
}

/// True for `return`, `break`, `continue`, `throw`, `raise` and Rust's diverging macros.
pub(super) fn is_exit(site: &Site<'_>, statement: Node<'_>) -> bool {
    match statement.kind() {
        "return_statement"
        | "break_statement"
        | "continue_statement"
        | "throw_statement"
        | "raise_statement"
        | "return_expression"
        | "break_expression"
        | "continue_expression" => true,
        "expression_statement" if site.family == Family::Rust => {
            parts(statement).first().is_some_and(|inner| is_exit(site, *inner))
        }
        "macro_invocation" => {
            statement.child_by_field_name("macro").is_some_and(|name| DIVERGING.contains(&&*site.text(name)))
        }
        _ => false,
    }
}

/// The statement that leaves the innermost loop's round or function, whichever `body` is the body of, at its end: only
/// where control would get to the end of `body` and return nothing.
pub(super) fn leave<'t>(owner: Node<'t>, body: Node<'t>) -> Option<&'static str> {
    if owner.child_by_field_name("body")? != body {
        return None;
    }
    match owner.kind() {
        "for_expression" | "while_expression" | "loop_expression" | "for_statement" | "while_statement"
        | "for_in_statement" | "do_statement" => Some("continue"),
        "function_item" | "closure_expression" => {
            owner.child_by_field_name("return_type").is_none().then_some("return")
        }
        "function_definition"
        | "function_declaration"
        | "function_expression"
        | "arrow_function"
        | "method_definition"
        | "generator_function"
        | "generator_function_declaration" => {
            // beside `return x` a bare `return` reads as a mistake
            (!returns_value(body)).then_some("return")
        }
        _ => None,
    }
}

/// True when the function that `body` is the body of returns a value somewhere.
fn returns_value(body: Node<'_>) -> bool {
    super::site::any_under(body, &|node| super::site::is_function(node.kind()), &|node| {
        node.kind() == "return_statement" && !parts(node).is_empty()
    })
}
