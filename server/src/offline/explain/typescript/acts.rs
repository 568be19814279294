//! TypeScript's and JavaScript's statements as acts.

use super::super::acts::{Act, Arm, Exit, Fresh, Kind, Place};
use super::super::source::{Source, has_token, parts};
use super::super::words::{code, or};
use super::{body_fields, statements_of};
use crate::syntax::Node;

/// The acts of a block, or of one statement.
pub(super) fn block(source: &Source<'_>, node: Node<'_>) -> Vec<Act> {
    statements(source, &statements_of(node))
}

pub(super) fn statements(source: &Source<'_>, nodes: &[Node<'_>]) -> Vec<Act> {
    let mut acts = Vec::new();
    nodes.iter().for_each(|node| statement(source, *node, &mut acts));
    acts
}

fn inside(source: &Source<'_>, node: Node<'_>, field: &str) -> Vec<Act> {
    node.child_by_field_name(field).map(|inner| block(source, inner)).unwrap_or_default()
}

/// A node in parentheses as code, without them.
fn bare(source: &Source<'_>, node: Node<'_>) -> String {
    let inner = if node.kind() == "parenthesized_expression" { parts(node).first().copied() } else { None };
    source.code(inner.unwrap_or(node))
}

fn statement(source: &Source<'_>, node: Node<'_>, acts: &mut Vec<Act>) {
    let mut push = |kind| acts.push(Act::at(source, node, kind));
    let field = |name| node.child_by_field_name(name);
    let first = || parts(node).first().copied();
    match node.kind() {
        "expression_statement" => {
            parts(node).into_iter().for_each(|inner| expression(source, inner, Place::Discarded, acts));
        }
        "lexical_declaration" | "variable_declaration" => declaration(source, node, acts),
        "if_statement" => push(branches(source, node)),
        "for_in_statement" => {
            let name = field("left").map_or_else(String::new, |left| source.code(left));
            let over = field("right").map_or_else(String::new, |right| source.code(right));
            let keys = field("operator").is_some_and(|operator| source.text(operator) == "in");
            let what = if keys {
                "for each key"
            } else if has_token(node, "await") {
                "for each awaited"
            } else {
                "for each"
            };
            push(Kind::Loop {
                phrase: format!("{what} {name} of {over}"),
                body: inside(source, node, "body"),
                otherwise: Vec::new(),
            });
        }
        "for_statement" | "while_statement" | "do_statement" => push(repeat(source, node)),
        "switch_statement" => push(switch(source, node)),
        "try_statement" => {
            let mut handlers = Vec::new();
            if let Some(handler) = field("handler") {
                let name = handler.child_by_field_name("parameter").map(|name| source.code(name));
                let head = name.map_or_else(|| "on an error".to_owned(), |name| format!("on an error {name}"));
                handlers.push(Arm { head, body: inside(source, handler, "body") });
            }
            let finally = field("finalizer").map(|clause| inside(source, clause, "body")).unwrap_or_default();
            push(Kind::Try { body: inside(source, node, "body"), handlers, success: Vec::new(), finally });
        }
        "return_statement" => match first() {
            Some(value) => expression(source, value, Place::Result, acts),
            None => acts.push(Act::returns(source, node, None)),
        },
        "throw_statement" => {
            push(Kind::Exit { exit: Exit::Throw, value: first().map(|value| source.quote(value, 72)) });
        }
        "break_statement" => push(Kind::Exit { exit: Exit::Break, value: None }),
        "continue_statement" => push(Kind::Exit { exit: Exit::Continue, value: None }),
        "labeled_statement" => field("body").into_iter().for_each(|body| statement(source, body, acts)),
        "statement_block" => acts.extend(block(source, node)),
        "function_declaration" | "generator_function_declaration" | "class_declaration" => {
            let word = if node.kind() == "class_declaration" { "class" } else { "function" };
            let name = field("name").map_or("", |name| source.text(name)).to_owned();
            push(Kind::Define { word, name });
        }
        _ => {} // types, imports, empty statements: nothing is done
    }
}

fn declaration(source: &Source<'_>, node: Node<'_>, acts: &mut Vec<Act>) {
    for declarator in parts(node) {
        let name = declarator.child_by_field_name("name");
        let (Some(name), Some(value)) = (name, declarator.child_by_field_name("value")) else { continue };
        let target = source.quote(name, 48);
        let function = matches!(value.kind(), "arrow_function" | "function_expression" | "generator_function");
        let kind = if function {
            Kind::Define { word: "function", name: target }
        } else {
            Kind::Set { target, value: source.quote(value, 64), fresh: Fresh::Yes }
        };
        let act = Act::at(source, declarator, kind);
        acts.push(if function { act } else { act.with_callback(source, value, |inner| block(source, inner)) });
    }
}

fn branches(source: &Source<'_>, node: Node<'_>) -> Kind {
    let (mut arms, mut otherwise) = (Vec::new(), Vec::new());
    let mut next = Some(node);
    while let Some(node) = next.take() {
        let head = node.child_by_field_name("condition").map_or_else(String::new, |condition| bare(source, condition));
        arms.push(Arm { head, body: inside(source, node, "consequence") });
        match node.child_by_field_name("alternative").and_then(|clause| parts(clause).first().copied()) {
            Some(other) if other.kind() == "if_statement" => next = Some(other),
            Some(other) => otherwise = block(source, other),
            None => {}
        }
    }
    Kind::If { arms, otherwise, into: None }
}

fn repeat(source: &Source<'_>, node: Node<'_>) -> Kind {
    let field = |name| node.child_by_field_name(name);
    let condition =
        field("condition").filter(|condition| condition.kind() != "empty_statement" && condition.is_named());
    let text = condition.map(|condition| bare(source, condition));
    let phrase = match (node.kind(), text) {
        (_, None) => "repeats without a condition".to_owned(),
        ("while_statement", Some(text)) if text == "`true`" => "repeats without a condition".to_owned(),
        ("while_statement", Some(text)) => format!("while {text}"),
        ("do_statement", Some(text)) => format!("repeats at least once, while {text}"),
        (_, Some(text)) => {
            let start = field("initializer").filter(|start| start.kind() != "empty_statement");
            let start = start.map(|start| {
                let quote = source.quote(start, 48);
                let quote =
                    ["let ", "var ", "const "].iter().find_map(|word| quote.strip_prefix(word)).unwrap_or(&quote);
                code(quote)
            });
            start.map_or_else(|| format!("while {text}"), |start| format!("counting from {start} while {text}"))
        }
    };
    Kind::Loop { phrase, body: inside(source, node, "body"), otherwise: Vec::new() }
}

fn switch(source: &Source<'_>, node: Node<'_>) -> Kind {
    let on = node.child_by_field_name("value").map_or_else(String::new, |value| bare(source, value));
    let mut arms = Vec::new();
    let mut heads: Vec<String> = Vec::new();
    for case in node.child_by_field_name("body").map(parts).unwrap_or_default() {
        let value = case.child_by_field_name("value");
        heads.push(value.map_or_else(|| "anything else".to_owned(), |value| source.code(value)));
        let body = body_fields(case);
        if body.is_empty() {
            continue; // falls through to the next
        }
        let body: Vec<Node<'_>> = body.into_iter().flat_map(statements_of).collect();
        let falls = body.last().is_some_and(|last| {
            !matches!(last.kind(), "break_statement" | "return_statement" | "throw_statement" | "continue_statement")
        });
        let mut acts = statements(source, &body);
        if matches!(acts.last(), Some(Act { kind: Kind::Exit { exit: Exit::Break, .. }, .. })) {
            acts.pop();
        }
        let last_case = case.next_named_sibling().is_none();
        let certain = body.last().is_some_and(|last| {
            matches!(last.kind(), "expression_statement" | "lexical_declaration" | "variable_declaration")
        });
        if falls && certain && !last_case {
            acts.push(Act::at(source, case, Kind::Other { phrase: "falls through to the next case".to_owned() }));
        }
        arms.push(Arm { head: super::super::words::capital(&or(&heads)), body: acts });
        heads.clear();
    }
    Kind::Match { on, arms, into: None }
}

pub(super) fn expression(source: &Source<'_>, node: Node<'_>, place: Place, acts: &mut Vec<Act>) {
    let mut push = |kind| acts.push(Act::at(source, node, kind));
    let field = |name| node.child_by_field_name(name);
    if place != Place::Discarded {
        // the statement that returns the value, or an arrow function's body
        let statement = node.parent().filter(|parent| parent.kind() == "return_statement").unwrap_or(node);
        let act = Act::returns(source, statement, Some(node));
        acts.push(act.with_callback(source, node, |inner| block(source, inner)));
        return;
    }
    match node.kind() {
        "assignment_expression" => {
            let (Some(left), Some(right)) = (field("left"), field("right")) else { return };
            push(Kind::Set { target: source.quote(left, 48), value: source.quote(right, 64), fresh: Fresh::No });
        }
        "augmented_assignment_expression" => {
            let (Some(left), Some(operator), Some(right)) = (field("left"), field("operator"), field("right")) else {
                return;
            };
            push(Kind::Update {
                target: source.quote(left, 48),
                operator: source.text(operator).to_owned(),
                value: source.quote(right, 64),
            });
        }
        "update_expression" => {
            let operator = field("operator").map_or("", |operator| source.text(operator)).to_owned();
            let target = field("argument").map_or_else(String::new, |target| source.quote(target, 48));
            push(Kind::Update { target, operator, value: String::new() });
        }
        "yield_expression" => {
            let value = parts(node).first().map(|value| source.quote(*value, 72));
            let value = if has_token(node, "*") { value.map(|value| format!("* {value}")) } else { value };
            push(Kind::Exit { exit: Exit::Yield, value });
        }
        "call_expression" | "await_expression" => {
            let call = if node.kind() == "await_expression" { parts(node).first().copied() } else { Some(node) };
            let function = call.and_then(|call| call.child_by_field_name("function"));
            let text = source.quote(node, 64);
            match function {
                Some(function) => {
                    let act = Act::at(source, node, Kind::Call { text, name: source.quote(function, 40) });
                    acts.push(act.with_callback(source, node, |inner| block(source, inner)));
                }
                None => {
                    push(Kind::Other { phrase: format!("awaits {}", code(text.trim_start_matches("await ").trim())) })
                }
            }
        }
        "new_expression" => push(Kind::Other { phrase: format!("makes {}", source.code(node)) }),
        "parenthesized_expression" | "sequence_expression" => {
            parts(node).into_iter().for_each(|inner| expression(source, inner, place, acts));
        }
        "unary_expression" if has_token(node, "delete") => {
            push(Kind::Other {
                phrase: format!("deletes {}", field("argument").map_or_else(String::new, |it| source.code(it))),
            });
        }
        "string" | "identifier" => {} // directives
        "binary_expression" if field("operator").is_some_and(|one| matches!(source.text(one), "&&" | "||" | "??")) => {
            let (Some(left), Some(right)) = (field("left"), field("right")) else { return };
            let mut body = Vec::new();
            expression(source, right, place, &mut body);
            let head = match field("operator").map(|one| source.text(one)) {
                Some("&&") => source.code(left),
                Some("||") => format!("{} is falsy", source.code(left)),
                _ => format!("{} is null or undefined", source.code(left)),
            };
            push(Kind::If { arms: vec![Arm { head, body }], otherwise: Vec::new(), into: None });
        }
        _ => push(Kind::Other { phrase: format!("evaluates {}", source.code(node)) }),
    }
}
