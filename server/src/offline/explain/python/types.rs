//! Attributes of Python's classes.

use super::super::docs;
use super::super::source::{Source, parts, walk};
use super::super::{Member, MemberKind};
use crate::syntax::Node;

pub(super) fn members(source: &Source<'_>, node: Node<'_>) -> Vec<Member> {
    let Some(body) = node.child_by_field_name("body").filter(|_| node.kind() == "class_definition") else {
        return Vec::new();
    };
    let mut members: Vec<Member> = Vec::new();
    for statement in parts(body) {
        match statement.kind() {
            "expression_statement" => {
                let Some(assignment) = parts(statement).first().copied().filter(|one| one.kind() == "assignment")
                else {
                    continue;
                };
                let name = source.quote(assignment, 72);
                let doc = docs::above(source, statement);
                members.push(Member {
                    kind: MemberKind::Field,
                    name,
                    note: String::new(),
                    doc,
                    line: source.line(statement),
                });
            }
            "function_definition" => own(source, statement, &mut members),
            "decorated_definition" => {
                let inner = statement.child_by_field_name("definition");
                inner.into_iter().for_each(|inner| own(source, inner, &mut members));
            }
            _ => {}
        }
    }
    members
}

/// `self.x = …` in the initializer.
fn own(source: &Source<'_>, function: Node<'_>, members: &mut Vec<Member>) {
    let name = function.child_by_field_name("name").map_or("", |name| source.text(name));
    if name != "__init__" {
        return;
    }
    let receiver = function.child_by_field_name("parameters").and_then(|list| parts(list).first().copied());
    let receiver = receiver.map_or("", |receiver| source.text(receiver)).to_owned();
    walk(function, &mut |node| {
        if node.kind() == "assignment" {
            let left = node.child_by_field_name("left").filter(|left| left.kind() == "attribute");
            let own = left.filter(|left| {
                left.child_by_field_name("object").is_some_and(|object| source.text(object) == receiver)
            });
            let known = |text: &str| {
                members.iter().any(|member| member.name == text || member.name.starts_with(&format!("{text}:")))
            };
            if let Some(text) = own.map(|left| source.quote(left, 56)).filter(|text| !known(text)) {
                let kind = node.child_by_field_name("type").map(|kind| format!(": {}", source.quote(kind, 48)));
                let name = text + &kind.unwrap_or_default();
                let doc = node.parent().map(|statement| docs::above(source, statement)).unwrap_or_default();
                let note = "set in `__init__`".to_owned();
                members.push(Member { kind: MemberKind::Field, name, note, doc, line: source.line(node) });
            }
        }
        node == function || !matches!(node.kind(), "function_definition" | "class_definition" | "lambda")
    });
}
