//! Fields, variants and what else Rust's types consist of.

use super::super::docs;
use super::super::source::{Source, fields, part, parts};
use super::super::words::{and, code, some};
use super::super::{Member, MemberKind};
use super::signature::generics;
use super::visibility;
use crate::syntax::Node;

pub(super) fn members(source: &Source<'_>, node: Node<'_>) -> Vec<Member> {
    let Some(body) = node.child_by_field_name("body") else { return macro_rules(source, node) };
    match body.kind() {
        "field_declaration_list" => named(source, body),
        "enum_variant_list" => {
            let variants = parts(body).into_iter().filter(|part| part.kind() == "enum_variant");
            variants
                .map(|variant| {
                    let name = source.quote(variant, 56);
                    let doc = docs::above(source, variant);
                    Member { kind: MemberKind::Variant, name, note: String::new(), doc, line: source.line(variant) }
                })
                .collect()
        }
        "ordered_field_declaration_list" => fields(body, "type")
            .into_iter()
            .enumerate()
            .map(|(index, kind)| Member {
                kind: MemberKind::Field,
                name: format!("{index}: {}", source.quote(kind, 56)),
                note: String::new(),
                doc: docs::above(source, kind),
                line: source.line(kind),
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn named(source: &Source<'_>, list: Node<'_>) -> Vec<Member> {
    let fields = parts(list).into_iter().filter(|part| part.kind() == "field_declaration");
    fields
        .map(|field| {
            let text = |name| field.child_by_field_name(name).map_or_else(String::new, |node| source.quote(node, 56));
            Member {
                kind: MemberKind::Field,
                name: format!("{}: {}", text("name"), text("type")),
                note: visibility(source, field).unwrap_or_default(),
                doc: docs::above(source, field),
                line: source.line(field),
            }
        })
        .collect()
}

fn macro_rules(source: &Source<'_>, node: Node<'_>) -> Vec<Member> {
    let rules = parts(node).into_iter().filter(|part| part.kind() == "macro_rule");
    rules
        .filter_map(|rule| {
            let left = rule.child_by_field_name("left")?;
            let name = source.quote(left, 72);
            let doc = docs::above(source, rule);
            Some(Member { kind: MemberKind::Rule, name, note: String::new(), doc, line: source.line(rule) })
        })
        .collect()
}

/// Sentences on the type as a whole.
pub(super) fn details(source: &Source<'_>, node: Node<'_>) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(generics) = generics(source, node).filter(|_| node.kind() != "function_item") {
        out.push(generics);
    }
    let derives = derives(source, node);
    if !derives.is_empty() {
        out.push(format!("derives {}", some(&derives, 12)));
    }
    if let Some(bounds) = node.child_by_field_name("bounds").filter(|_| node.kind() == "trait_item") {
        let bounds: Vec<String> = parts(bounds).into_iter().map(|bound| source.code(bound)).collect();
        out.push(format!("requires {} of its implementors", and(&bounds)));
    }
    if let Some(alias) = node.child_by_field_name("type").filter(|_| node.kind() == "type_item") {
        out.push(format!("stands for {}", source.code(alias)));
    }
    if node.kind() == "trait_item" {
        let body = node.child_by_field_name("body").map(parts).unwrap_or_default();
        let types: Vec<String> = body
            .into_iter()
            .filter(|part| part.kind() == "associated_type")
            .filter_map(|part| part.child_by_field_name("name"))
            .map(|name| source.code(name))
            .collect();
        if !types.is_empty() {
            out.push(format!("has the associated {} {}", if types.len() == 1 { "type" } else { "types" }, and(&types)));
        }
    }
    if node.kind() == "macro_definition" && attributes(source, node).iter().any(|text| text.contains("macro_export")) {
        out.push("is exported from its crate".to_owned());
    }
    out
}

fn derives(source: &Source<'_>, node: Node<'_>) -> Vec<String> {
    let attributes = attributes(source, node);
    let lists = attributes.iter().filter_map(|text| text.strip_prefix("derive")?.trim().strip_prefix('('));
    lists
        .flat_map(|list| list.trim_end_matches(')').split(','))
        .map(|name| name.rsplit("::").next().unwrap_or(name).trim())
        .filter(|name| !name.is_empty())
        .map(code)
        .collect()
}

/// The insides of the attributes directly above an item.
pub(super) fn attributes(source: &Source<'_>, node: Node<'_>) -> Vec<String> {
    let mut out = Vec::new();
    let mut next = node.prev_named_sibling();
    while let Some(above) =
        next.filter(|above| matches!(above.kind(), "attribute_item" | "line_comment" | "block_comment"))
    {
        if let Some(attribute) = part(above, "attribute") {
            out.push(source.quote(attribute, 400));
        }
        next = above.prev_named_sibling();
    }
    out
}
