//! Fields and members of TypeScript's types and classes.

use super::super::docs;
use super::super::source::{Source, fields, has_token, part, parts, walk};
use super::super::words::and;
use super::super::{Member, MemberKind};
use super::generics;
use crate::syntax::Node;

pub(super) fn members(source: &Source<'_>, node: Node<'_>) -> Vec<Member> {
    let mut members = Vec::new();
    let body = node
        .child_by_field_name("body")
        .or_else(|| node.child_by_field_name("value").filter(|value| value.kind() == "object_type"));
    let Some(body) = body else { return members };
    let mut push = |kind: MemberKind, part: Node<'_>, note: &str| {
        let name = source.quote(part, 72);
        let (doc, line) = (docs::above(source, part), source.line(part));
        members.push(Member { kind, name, note: note.to_owned(), doc, line });
    };
    for part in parts(body) {
        match part.kind() {
            "property_signature" => push(MemberKind::Field, part, ""),
            "public_field_definition" | "field_definition" => {
                let function = part
                    .child_by_field_name("value")
                    .is_some_and(|value| matches!(value.kind(), "arrow_function" | "function_expression"));
                if !function {
                    push(MemberKind::Field, part, "");
                }
            }
            "method_signature" | "call_signature" | "construct_signature" | "index_signature" => {
                push(MemberKind::Signature, part, "");
            }
            "enum_assignment" => push(MemberKind::Variant, part, ""),
            "method_definition" => {
                let name = part.child_by_field_name("name").map_or("", |name| source.text(name));
                let list = part.child_by_field_name("parameters").filter(|_| name == "constructor");
                for parameter in list.map(parts).unwrap_or_default() {
                    let kept = super::super::source::part(parameter, "accessibility_modifier").is_some();
                    if kept || has_token(parameter, "readonly") {
                        push(MemberKind::Field, parameter, "set by the constructor");
                    }
                }
            }
            _ if body.kind() == "enum_body" => push(MemberKind::Variant, part, ""),
            _ => {}
        }
    }
    members
}

/// Phrases on the type as a whole.
pub(super) fn details(source: &Source<'_>, node: Node<'_>) -> Vec<String> {
    let mut out = Vec::new();
    out.extend(generics(source, node));
    walk(node, &mut |here| {
        match here.kind() {
            "class_heritage" if part(here, "extends_clause").is_none() && part(here, "implements_clause").is_none() => {
                // JavaScript
                out.extend(parts(here).first().map(|base| format!("extends {}", source.code(*base))));
            }
            "extends_clause" => {
                let bases = fields(here, "value").into_iter().map(|base| source.code(base)).collect::<Vec<_>>();
                out.push(format!("extends {}", and(&bases)));
            }
            "implements_clause" | "extends_type_clause" => {
                let word = if here.kind() == "implements_clause" { "implements" } else { "extends" };
                let bases = parts(here).into_iter().map(|base| source.code(base)).collect::<Vec<_>>();
                out.push(format!("{word} {}", and(&bases)));
            }
            _ => {}
        }
        here == node || here.kind() == "class_heritage"
    });
    if node.kind() == "type_alias_declaration" {
        let value = node.child_by_field_name("value").filter(|value| value.kind() != "object_type");
        out.extend(value.map(|value| format!("stands for {}", super::super::words::code(&source.quote(value, 120)))));
    }
    if node.kind() == "enum_declaration" && has_token(node, "const") {
        out.push("a `const` enum: its values are put in place when compiling".to_owned());
    }
    out
}
