//! Whether the names that a block declares may be declared in the block around it.

use super::site::{Family, Site, any_under, parts};
use crate::syntax::Node;

/// True when the statements of `block`, put into the block around at `owner`, whose place is `at_end` of that block,
/// mean the same: nothing they declare meets another use of its name.
pub(super) fn may_leave_block(site: &Site<'_>, block: Node<'_>, at_end: bool) -> bool {
    match site.family {
        Family::Python => true, // names belong to the function
        Family::Rust => parts(block).into_iter().all(|statement| match statement.kind() {
            // dropped later, and in force for what follows, unless nothing does
            "let_declaration" => at_end,
            "expression_statement" => true,
            "macro_invocation" => true,
            kind => {
                kind.ends_with("_expression")
                    || kind.ends_with("_literal")
                    || kind.ends_with("identifier")
                    || kind == "self"
            }
        }),
        Family::Script => script_may_leave(site, block),
    }
}

fn script_may_leave(site: &Site<'_>, block: Node<'_>) -> bool {
    let mut names = Vec::new();
    for statement in parts(block) {
        match statement.kind() {
            "lexical_declaration" => {
                if site.text(statement).starts_with("using") {
                    return false;
                }
                for declarator in parts(statement) {
                    let Some(name) = declarator.child_by_field_name("name") else { return false };
                    let mut found = Vec::new();
                    pattern_names(site, name, &mut found);
                    names.append(&mut found);
                }
            }
            kind if kind.ends_with("declaration") && kind != "variable_declaration" => return false,
            _ => {}
        }
    }
    if names.is_empty() {
        return true;
    }
    // the block around, and the function or loop that it is the body of, with the names in its head
    let Some(around) =
        site.ancestors.iter().rev().position(|node| matches!(node.kind(), "statement_block" | "program"))
    else {
        return false;
    };
    let Some(scope) = site.above(around + 1).or_else(|| site.above(around)) else { return false };
    !any_under(scope, &|node| node == block, &|node| {
        is_name(node.kind()) && !within(node, block) && names.iter().any(|name| *name == site.text(node))
    })
}

fn within(node: Node<'_>, block: Node<'_>) -> bool {
    block.start_byte() <= node.start_byte() && node.end_byte() <= block.end_byte()
}

/// Kinds of leaves that name a variable in TypeScript and JavaScript.
pub(super) fn is_name(kind: &str) -> bool {
    matches!(
        kind,
        "identifier" | "shorthand_property_identifier" | "shorthand_property_identifier_pattern" | "type_identifier"
    )
}

/// The names that `pattern` binds; too many where a default uses others.
fn pattern_names(site: &Site<'_>, pattern: Node<'_>, names: &mut Vec<String>) {
    if is_name(pattern.kind()) {
        names.push(site.text(pattern).into_owned());
    }
    for part in parts(pattern) {
        pattern_names(site, part, names);
    }
}

/// Methods whose result is no object, and which only built-in values are known to have.
const TEXT_METHODS: [&str; 12] = [
    "toString",
    "toFixed",
    "toPrecision",
    "toUpperCase",
    "toLowerCase",
    "trim",
    "trimStart",
    "trimEnd",
    "padStart",
    "padEnd",
    "toLocaleString",
    "toISOString",
];

/// True when the value of `node` is surely no object, nor anything that has a say in how it becomes text.
pub(super) fn surely_primitive(site: &Site<'_>, node: Node<'_>) -> bool {
    let node = super::site::without_parentheses(node);
    match node.kind() {
        "string" | "number" | "template_string" | "true" | "false" | "null" => true,
        "identifier" => is_primitive_name(site, node),
        "unary_expression" => site.text(node).starts_with("typeof ") || super::site::token(node, "!").is_some(),
        "member_expression" => {
            // `length` of a name that is a primitive itself, a string
            node.child_by_field_name("property").is_some_and(|property| site.text(property) == "length")
                && node.child_by_field_name("object").is_some_and(|object| surely_primitive(site, object))
        }
        "call_expression" => node.child_by_field_name("function").is_some_and(|function| match function.kind() {
            "identifier" => site.text(function) == "String",
            "member_expression" => {
                let name = function.child_by_field_name("property").map(|property| site.text(property));
                let object = function.child_by_field_name("object").map(|object| site.text(object));
                name.is_some_and(|name| {
                    TEXT_METHODS.contains(&&*name) || (name == "stringify" && object.as_deref() == Some("JSON"))
                })
            }
            _ => false,
        }),
        "ternary_expression" => ["consequence", "alternative"]
            .iter()
            .all(|side| node.child_by_field_name(side).is_some_and(|side| surely_primitive(site, side))),
        _ => false,
    }
}

/// True for a name that the outermost function binds once, with a type or, as a constant, a value that is no object.
fn is_primitive_name(site: &Site<'_>, name: Node<'_>) -> bool {
    let Some(scope) = site.ancestors.iter().find(|node| super::site::is_function(node.kind())) else { return false };
    let wanted = site.text(name);
    let mut bindings = 0;
    let mut primitive = false;
    walk(*scope, &mut |node, parent| {
        if !is_name(node.kind()) || site.text(node) != wanted || node.kind() == "type_identifier" {
            return;
        }
        let is_field = |field| parent.child_by_field_name(field) == Some(node);
        let typed = || {
            parent.child_by_field_name("type").is_some_and(|kind| {
                matches!(site.text(kind).trim_start_matches(':').trim(), "string" | "number" | "boolean" | "bigint")
            })
        };
        match parent.kind() {
            "required_parameter" if is_field("pattern") => {
                bindings += 1;
                primitive = typed();
            }
            "variable_declarator" if is_field("name") => {
                bindings += 1;
                let literal = parent
                    .child_by_field_name("value")
                    .is_some_and(|value| matches!(value.kind(), "string" | "number" | "template_string"));
                let constant = parent.prev_sibling().is_some_and(|token| token.kind() == "const");
                primitive = typed() || (literal && constant);
            }
            kind if binds(kind) && !is_field("value") && !is_field("right") && !is_field("body") => bindings += 2,
            _ => {}
        }
    });
    bindings == 1 && primitive
}

/// Kinds of nodes whose names are bound by them.
fn binds(kind: &str) -> bool {
    kind.ends_with("_pattern")
        || kind.ends_with("_declaration")
        || kind.ends_with("_parameter")
        || kind.ends_with("_function")
        || matches!(
            kind,
            "formal_parameters"
                | "catch_clause"
                | "for_in_statement"
                | "class"
                | "function_expression"
                | "import_specifier"
        )
}

fn walk(node: Node<'_>, see: &mut dyn FnMut(Node<'_>, Node<'_>)) {
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        see(child, node);
        walk(child, see);
    }
}
