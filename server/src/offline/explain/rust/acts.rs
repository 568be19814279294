//! Rust's statements as acts.

use super::super::acts::{Act, Arm, Exit, Fresh, Kind, Place};
use super::super::source::{Source, has_token, part, parts};
use super::super::words::{and, code, cut};
use super::{macro_arguments, macro_name};
use crate::syntax::Node;

/// The acts of a function's body.
pub(super) fn body(source: &Source<'_>, block: Node<'_>, place: Place) -> Vec<Act> {
    let mut acts = Vec::new();
    expression(source, block, place, &mut acts);
    acts
}

pub(super) fn statements(source: &Source<'_>, nodes: &[Node<'_>], place: Place) -> Vec<Act> {
    let mut acts = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        let place = if index + 1 == nodes.len() { place } else { Place::Discarded };
        statement(source, *node, place, &mut acts);
    }
    acts
}

fn statement(source: &Source<'_>, node: Node<'_>, place: Place, acts: &mut Vec<Act>) {
    match node.kind() {
        "let_declaration" => declaration(source, node, acts),
        "expression_statement" => {
            let Some(inner) = parts(node).first().copied() else { return };
            // without `;` a block-like expression at the end is the value
            let place = if has_token(node, ";") { Place::Discarded } else { place };
            expression(source, inner, place, acts);
        }
        "function_item" | "struct_item" | "enum_item" | "impl_item" | "trait_item" | "const_item" | "static_item"
        | "macro_definition" | "mod_item" | "type_item" => {
            let word = match node.kind() {
                "function_item" => "function",
                "const_item" | "static_item" => "constant",
                "macro_definition" => "macro",
                "impl_item" => "implementation for",
                _ => "type",
            };
            let name = node.child_by_field_name("name").or_else(|| node.child_by_field_name("type"));
            let name = name.map_or("", |name| source.text(name)).to_owned();
            acts.push(Act::at(source, node, Kind::Define { word, name }));
        }
        "use_declaration" | "attribute_item" | "inner_attribute_item" | "empty_statement" | "label" => {}
        _ => expression(source, node, place, acts),
    }
}

fn declaration(source: &Source<'_>, node: Node<'_>, acts: &mut Vec<Act>) {
    let (Some(pattern), Some(value)) = (node.child_by_field_name("pattern"), node.child_by_field_name("value")) else {
        return; // `let x;` does nothing by itself
    };
    let target = source.quote(pattern, 40);
    if let Some(otherwise) = node.child_by_field_name("alternative") {
        let otherwise = body(source, otherwise, Place::Discarded);
        let kind = Kind::MatchOrElse { value: source.quote(value, 50), pattern: target, otherwise };
        acts.push(Act::at(source, node, kind));
        return;
    }
    assign(source, node, target, value, Fresh::Yes, acts);
}

/// Sets `target` to `value`, telling the structure of a value that branches.
fn assign(source: &Source<'_>, node: Node<'_>, target: String, value: Node<'_>, fresh: Fresh, acts: &mut Vec<Act>) {
    let start = acts.len();
    match value.kind() {
        "if_expression" | "match_expression" => {
            expression(source, value, Place::Kept, acts);
            if let Some(Act { kind: Kind::If { into, .. } | Kind::Match { into, .. }, .. }) = acts.get_mut(start) {
                *into = Some(target);
            }
        }
        _ if target == "_" => {
            let phrase = format!("drops the result of {}", source.code(value));
            acts.push(Act::at(source, node, Kind::Other { phrase }));
        }
        _ => {
            let value = source.quote(value, 64);
            acts.push(Act::at(source, node, Kind::Set { target, value, fresh }));
        }
    }
}

fn expression(source: &Source<'_>, node: Node<'_>, place: Place, acts: &mut Vec<Act>) {
    let push = |acts: &mut Vec<Act>, kind| acts.push(Act::at(source, node, kind));
    match node.kind() {
        "block" => acts.extend(statements(source, &parts(node), place)),
        "unsafe_block" | "async_block" | "const_block" | "try_block" | "gen_block" => {
            let inside = part(node, "block").map_or_else(Vec::new, |block| {
                let place = if node.kind() == "unsafe_block" { place } else { Place::Kept };
                body(source, block, place)
            });
            let word = node.kind().trim_end_matches("_block");
            let article = if matches!(word, "unsafe" | "async") { "an" } else { "a" };
            push(acts, Kind::Within { phrase: format!("in {article} `{word}` block"), body: inside });
        }
        "if_expression" => push(acts, branches(source, node, place)),
        "match_expression" => {
            let on = node.child_by_field_name("value").map_or_else(String::new, |value| source.code(value));
            let arms = node.child_by_field_name("body").map(parts).unwrap_or_default();
            let arms = arms.into_iter().filter(|arm| arm.kind() == "match_arm");
            let arms = arms.map(|one| arm(source, one, place)).collect();
            push(acts, Kind::Match { on, arms, into: None });
        }
        "for_expression" | "while_expression" | "loop_expression" => push(acts, repeat(source, node)),
        "return_expression" => acts.push(Act::returns(source, node, parts(node).first().copied())),
        "break_expression" => {
            let value = parts(node).into_iter().find(|part| part.kind() != "label");
            let value = value.map(|value| source.quote(value, 64));
            push(acts, Kind::Exit { exit: Exit::Break, value });
        }
        "continue_expression" => push(acts, Kind::Exit { exit: Exit::Continue, value: None }),
        "yield_expression" => push(acts, leave(source, Exit::Yield, parts(node).first().copied())),
        "assignment_expression" => {
            let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right"))
            else {
                return;
            };
            assign(source, node, source.quote(left, 40), right, Fresh::No, acts);
        }
        "compound_assignment_expr" => {
            let field = |name| node.child_by_field_name(name);
            let (Some(left), Some(operator), Some(right)) = (field("left"), field("operator"), field("right")) else {
                return;
            };
            let operator = source.text(operator).to_owned();
            let (target, value) = (source.quote(left, 40), source.quote(right, 64));
            push(acts, Kind::Update { target, operator, value });
        }
        "macro_invocation" if invoke(source, node, acts) => {}
        "parenthesized_expression" if place == Place::Discarded => {
            parts(node).first().into_iter().for_each(|inner| expression(source, *inner, place, acts));
        }
        _ => value(source, node, place, acts),
    }
}

/// An expression without control flow of its own.
fn value(source: &Source<'_>, node: Node<'_>, place: Place, acts: &mut Vec<Act>) {
    let push = |acts: &mut Vec<Act>, kind| acts.push(Act::at(source, node, kind));
    match place {
        Place::Result => {
            let act = Act::at(source, node, leave(source, Exit::Finish, Some(node)));
            acts.push(act.with_callback(source, node, |inner| body(source, inner, Place::Kept)));
        }
        Place::Kept => push(acts, Kind::Value { text: source.quote(node, 64) }),
        Place::Discarded => {
            let mut call = node;
            while matches!(call.kind(), "try_expression" | "await_expression") {
                let Some(inner) = parts(call).first().copied() else { break };
                call = inner;
            }
            match call.kind() {
                "call_expression" | "macro_invocation" => {
                    let name = match call.child_by_field_name("function") {
                        Some(function) => source.quote(function, 40),
                        None => format!("{}!", macro_name(source, call)),
                    };
                    let act = Act::at(source, node, Kind::Call { text: source.quote(node, 64), name });
                    acts.push(act.with_callback(source, node, |inner| body(source, inner, Place::Kept)));
                }
                "unit_expression" | "identifier" | "tuple_expression" => {}
                _ => push(acts, Kind::Other { phrase: format!("evaluates {}", source.code(node)) }),
            }
        }
    }
}

/// `return value`, or what the value says by itself: an error.
fn leave(source: &Source<'_>, exit: Exit, value: Option<Node<'_>>) -> Kind {
    let Some(value) = value else { return Kind::Exit { exit, value: None } };
    Kind::Exit { exit, value: Some(source.quote(value, 72)) }
}

fn branches(source: &Source<'_>, node: Node<'_>, place: Place) -> Kind {
    let mut arms = Vec::new();
    let mut otherwise = Vec::new();
    let mut next = Some(node);
    while let Some(node) = next.take() {
        let head = node.child_by_field_name("condition").map_or_else(String::new, |node| condition(source, node));
        let inside = node.child_by_field_name("consequence").map(|block| body(source, block, place));
        arms.push(Arm { head, body: inside.unwrap_or_default() });
        let other = node.child_by_field_name("alternative").and_then(|clause| parts(clause).first().copied());
        match other {
            Some(other) if other.kind() == "if_expression" => next = Some(other),
            Some(other) => otherwise = body(source, other, place),
            None => {}
        }
    }
    Kind::If { arms, otherwise, into: None }
}

/// A condition as a phrase: "`x > 1`", "`next()` matches `Some(x)`".
pub(super) fn condition(source: &Source<'_>, node: Node<'_>) -> String {
    match node.kind() {
        "let_condition" => {
            let field = |name| node.child_by_field_name(name).map_or_else(String::new, |node| source.code(node));
            format!("{} matches {}", field("value"), field("pattern"))
        }
        "let_chain" => and(&parts(node).into_iter().map(|part| condition(source, part)).collect::<Vec<_>>()),
        _ => source.code(node),
    }
}

fn arm(source: &Source<'_>, node: Node<'_>, place: Place) -> Arm {
    let mut head = String::new();
    if let Some(pattern) = node.child_by_field_name("pattern") {
        let guard = pattern.child_by_field_name("condition");
        let text: Vec<String> =
            parts(pattern).into_iter().filter(|part| Some(*part) != guard).map(|part| source.quote(part, 56)).collect();
        let text = if text.is_empty() { "_".to_owned() } else { text.join(" ") };
        head = if text == "_" { "Anything else".to_owned() } else { code(&text) };
        if let Some(guard) = guard {
            head += &format!(" if {}", condition(source, guard));
        }
    }
    let mut acts = Vec::new();
    if let Some(value) = node.child_by_field_name("value") {
        expression(source, value, place, &mut acts);
    }
    Arm { head, body: acts }
}

fn repeat(source: &Source<'_>, node: Node<'_>) -> Kind {
    let field = |name| node.child_by_field_name(name);
    let phrase = match (node.kind(), field("pattern"), field("value"), field("condition")) {
        ("for_expression", Some(pattern), Some(value), _) => {
            format!("for each {} of {}", source.code(pattern), source.code(value))
        }
        ("while_expression", _, _, Some(node)) => format!("while {}", condition(source, node)),
        _ => "repeats without a condition".to_owned(),
    };
    let inside = field("body").map(|block| body(source, block, Place::Discarded)).unwrap_or_default();
    Kind::Loop { phrase, body: inside, otherwise: Vec::new() }
}

/// Macros that assert or panic; false for others.
fn invoke(source: &Source<'_>, node: Node<'_>, acts: &mut Vec<Act>) -> bool {
    let name = macro_name(source, node);
    let arguments = macro_arguments(source, node);
    let kind = match name {
        "panic" | "unreachable" | "todo" | "unimplemented" => {
            let text = format!("{name}!({})", cut(&arguments.join(", "), 56));
            Kind::Exit { exit: Exit::Panic, value: Some(text) }
        }
        _ => match check(name, &arguments) {
            Some(phrase) => Kind::Check { phrase },
            None => return false,
        },
    };
    acts.push(Act::at(source, node, kind));
    true
}

/// What an assertion asserts.
pub(super) fn check(name: &str, arguments: &[String]) -> Option<String> {
    let short = |text: &String| code(&cut(text, 56));
    Some(match (name.trim_start_matches("debug_"), arguments) {
        ("assert", [condition, ..]) => format!("that {}", short(condition)),
        ("assert_eq", [left, right, ..]) => format!("that {} equals {}", short(left), short(right)),
        ("assert_ne", [left, right, ..]) => format!("that {} differs from {}", short(left), short(right)),
        ("assert_matches", [left, right, ..]) => format!("that {} matches {}", short(left), short(right)),
        _ => return None,
    })
}
