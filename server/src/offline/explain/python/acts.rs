//! Python's statements as acts.

use super::super::acts::{Act, Arm, Exit, Fresh, Kind};
use super::super::source::{Source, fields, has_token, part, parts};
use super::super::words::{and, code};
use super::block_of;
use crate::syntax::Node;

/// The acts of a block, without the documentation at its start.
pub(super) fn block(source: &Source<'_>, block: Node<'_>) -> Vec<Act> {
    statements(source, &parts(block))
}

pub(super) fn statements(source: &Source<'_>, nodes: &[Node<'_>]) -> Vec<Act> {
    let mut acts = Vec::new();
    nodes.iter().for_each(|node| statement(source, *node, &mut acts));
    acts
}

fn inside(source: &Source<'_>, node: Node<'_>, field: &str) -> Vec<Act> {
    node.child_by_field_name(field).map(|inner| block(source, inner)).unwrap_or_default()
}

fn statement(source: &Source<'_>, node: Node<'_>, acts: &mut Vec<Act>) {
    let mut push = |kind| acts.push(Act::at(source, node, kind));
    let field = |name| node.child_by_field_name(name);
    let text = |name| field(name).map_or_else(String::new, |node| source.code(node));
    let first = || parts(node).first().copied();
    match node.kind() {
        "expression_statement" => {
            for inner in parts(node) {
                expression(source, inner, acts);
            }
        }
        "if_statement" => {
            let mut arms = vec![Arm { head: text("condition"), body: inside(source, node, "consequence") }];
            let mut otherwise = Vec::new();
            for other in fields(node, "alternative") {
                if other.kind() == "elif_clause" {
                    let head =
                        other.child_by_field_name("condition").map_or_else(String::new, |node| source.code(node));
                    arms.push(Arm { head, body: inside(source, other, "consequence") });
                } else {
                    otherwise = inside(source, other, "body");
                }
            }
            push(Kind::If { arms, otherwise, into: None });
        }
        "for_statement" => {
            let word = if has_token(node, "async") { "for each awaited" } else { "for each" };
            let phrase = format!("{word} {} of {}", text("left"), text("right"));
            push(repeat(source, node, phrase));
        }
        "while_statement" => {
            let condition = text("condition");
            let endless = matches!(condition.as_str(), "`True`" | "`1`");
            let phrase = if endless { "repeats without a condition".to_owned() } else { format!("while {condition}") };
            push(repeat(source, node, phrase));
        }
        "with_statement" => {
            let items = part(node, "with_clause").map(parts).unwrap_or_default();
            let items: Vec<String> = items.into_iter().map(|item| source.code(item)).collect();
            push(Kind::Within { phrase: format!("with {}", and(&items)), body: inside(source, node, "body") });
        }
        "try_statement" => push(attempt(source, node)),
        "match_statement" => {
            let on = and(&fields(node, "subject").into_iter().map(|one| source.code(one)).collect::<Vec<_>>());
            let arms = field("body").map(|body| fields(body, "alternative")).unwrap_or_default();
            let arms = arms
                .into_iter()
                .map(|arm| {
                    let patterns = parts(arm).into_iter().filter(|part| part.kind() == "case_pattern");
                    let patterns: Vec<String> = patterns.map(|part| source.quote(part, 56)).collect();
                    let pattern = patterns.join(", ");
                    let mut head = if pattern == "_" { "Anything else".to_owned() } else { code(&pattern) };
                    if let Some(guard) =
                        arm.child_by_field_name("guard").and_then(|guard| parts(guard).first().copied())
                    {
                        head += &format!(" if {}", source.code(guard));
                    }
                    Arm { head, body: inside(source, arm, "consequence") }
                })
                .collect();
            push(Kind::Match { on, arms, into: None });
        }
        "return_statement" => {
            acts.push(Act::returns(source, node, first()));
        }
        "raise_statement" => {
            let value = first().map(|value| source.quote(value, 72));
            push(Kind::Exit { exit: Exit::Raise, value });
        }
        "break_statement" => push(Kind::Exit { exit: Exit::Break, value: None }),
        "continue_statement" => push(Kind::Exit { exit: Exit::Continue, value: None }),
        "assert_statement" => push(Kind::Check { phrase: first().map_or_else(String::new, |test| source.code(test)) }),
        "delete_statement" => {
            push(Kind::Other { phrase: format!("deletes {}", first().map_or_else(String::new, |it| source.code(it))) });
        }
        "function_definition" | "class_definition" => {
            let word = if node.kind() == "class_definition" { "class" } else { "function" };
            let name = field("name").map_or("", |name| source.text(name)).to_owned();
            push(Kind::Define { word, name });
        }
        "decorated_definition" => field("definition").into_iter().for_each(|inner| statement(source, inner, acts)),
        _ => {} // `pass`, imports, `global`: nothing is done
    }
}

fn repeat(source: &Source<'_>, node: Node<'_>, phrase: String) -> Kind {
    let otherwise = node.child_by_field_name("alternative").map(|clause| inside(source, clause, "body"));
    Kind::Loop { phrase, body: inside(source, node, "body"), otherwise: otherwise.unwrap_or_default() }
}

fn attempt(source: &Source<'_>, node: Node<'_>) -> Kind {
    let (mut handlers, mut success, mut finally) = (Vec::new(), Vec::new(), Vec::new());
    for clause in parts(node) {
        let body = || block_of(clause).map(|inner| block(source, inner)).unwrap_or_default();
        match clause.kind() {
            "except_clause" => {
                let value = fields(clause, "value");
                let what = and(&value.iter().map(|one| source.code(*one)).collect::<Vec<_>>());
                let head = if what.is_empty() { "on any exception".to_owned() } else { format!("on {what}") };
                handlers.push(Arm { head, body: body() });
            }
            "else_clause" => success = inside(source, clause, "body"),
            "finally_clause" => finally = body(),
            _ => {}
        }
    }
    Kind::Try { body: inside(source, node, "body"), handlers, success, finally }
}

fn expression(source: &Source<'_>, node: Node<'_>, acts: &mut Vec<Act>) {
    let mut push = |kind| acts.push(Act::at(source, node, kind));
    let field = |name| node.child_by_field_name(name);
    match node.kind() {
        "assignment" => {
            let (Some(left), Some(mut right)) = (field("left"), field("right")) else { return };
            let mut target = source.quote(left, 48);
            while let ("assignment", Some(next), Some(value)) =
                (right.kind(), right.child_by_field_name("left"), right.child_by_field_name("right"))
            {
                target += &format!(" = {}", source.quote(next, 48)); // `a = b = 1`
                right = value;
            }
            let fresh = if matches!(left.kind(), "identifier" | "pattern_list" | "tuple_pattern") {
                Fresh::Yes
            } else {
                Fresh::No
            };
            if right.kind() == "yield" {
                push(Kind::Exit {
                    exit: Exit::Yield,
                    value: parts(right).first().map(|value| source.quote(*value, 72)),
                });
                return;
            }
            push(Kind::Set { target, value: source.quote(right, 64), fresh });
        }
        "augmented_assignment" => {
            let (Some(left), Some(operator), Some(right)) = (field("left"), field("operator"), field("right")) else {
                return;
            };
            push(Kind::Update {
                target: source.quote(left, 48),
                operator: source.text(operator).to_owned(),
                value: source.quote(right, 64),
            });
        }
        "yield" => {
            let value = parts(node).first().map(|value| source.quote(*value, 72));
            let value = if has_token(node, "from") { value.map(|value| format!("from {value}")) } else { value };
            push(Kind::Exit { exit: Exit::Yield, value });
        }
        "call" | "await" => {
            let call = if node.kind() == "await" { parts(node).first().copied() } else { Some(node) };
            let function = call.and_then(|call| call.child_by_field_name("function"));
            let name = function.map_or_else(|| source.quote(node, 40), |function| source.quote(function, 40));
            let text = source.quote(node, 64);
            match function {
                Some(_) => push(Kind::Call { text, name }),
                None => {
                    push(Kind::Other { phrase: format!("awaits {}", code(text.trim_start_matches("await ").trim())) })
                }
            }
        }
        "string" | "concatenated_string" | "ellipsis" | "identifier" | "none" => {}
        _ => push(Kind::Other { phrase: format!("evaluates {}", source.code(node)) }),
    }
}
