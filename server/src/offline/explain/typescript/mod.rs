//! What the explanation needs to know about TypeScript and JavaScript.

mod acts;
mod facts;
mod types;

use super::acts::{Act, Place};
use super::facts::Fact;
use super::source::{Source, fields, has_token, part, parts, walk};
use super::words::{a_code, and, article, code, or};
use super::{Binding, Grammar, Member, Names, Parameter, Signature, Traits};
use crate::syntax::Node;

/// TypeScript, TSX and JavaScript.
pub(super) struct TypeScript;

impl Grammar for TypeScript {
    fn is_callable(&self, kind: &str) -> bool {
        matches!(
            kind,
            "function_declaration"
                | "generator_function_declaration"
                | "function_expression"
                | "generator_function"
                | "arrow_function"
                | "method_definition"
                | "method_signature"
                | "abstract_method_signature"
                | "function_signature"
        )
    }

    fn traits(&self, source: &Source<'_>, node: Node<'_>) -> Traits {
        let mut words = Vec::new();
        let mut above = Some(node);
        while let Some(here) = above {
            if here.kind() == "export_statement" {
                words.push(if has_token(here, "default") { "default-exported" } else { "exported" }.to_owned());
            }
            above = here.parent().filter(|parent| {
                matches!(
                    parent.kind(),
                    "export_statement" | "variable_declarator" | "lexical_declaration" | "variable_declaration"
                )
            });
        }
        // a field that holds a function carries the modifiers itself
        let holder = node.parent().filter(|parent| parent.kind() == "public_field_definition").unwrap_or(node);
        words.extend(part(holder, "accessibility_modifier").map(|modifier| source.text(modifier).to_owned()));
        for word in ["static", "abstract", "declare", "async"] {
            if has_token(holder, word) || (holder != node && has_token(node, word)) {
                words.push(word.to_owned());
            }
        }
        if node.kind() == "abstract_method_signature" && !words.iter().any(|word| word == "abstract") {
            words.push("abstract".to_owned());
        }
        if node.kind().starts_with("generator") || has_token(node, "*") && node.kind() == "method_definition" {
            words.push("generator".to_owned());
        }
        let name = node.child_by_field_name("name").map_or("", |name| source.text(name));
        let noun = match node.kind() {
            "enum_declaration" => Some("enum"),
            "type_alias_declaration" => Some("type alias"),
            "internal_module" => Some("namespace"),
            "function_signature" => Some("overload signature"),
            "method_definition" if has_token(node, "get") => Some("getter"),
            "method_definition" if has_token(node, "set") => Some("setter"),
            "method_definition" if name == "constructor" => Some("constructor"),
            _ => None,
        };
        Traits { words, noun: noun.map(str::to_owned) }
    }

    fn signature(&self, source: &Source<'_>, node: Node<'_>) -> Signature {
        signature(source, node)
    }

    fn acts(&self, source: &Source<'_>, node: Node<'_>) -> Vec<Act> {
        let Some(body) = node.child_by_field_name("body") else { return Vec::new() };
        let mut out = Vec::new();
        if body.kind() == "statement_block" {
            out = acts::block(source, body);
        } else {
            acts::expression(source, body, Place::Result, &mut out);
        }
        out
    }

    fn statements(&self, source: &Source<'_>, nodes: &[Node<'_>]) -> Vec<Act> {
        acts::statements(source, nodes)
    }

    fn is_block(&self, kind: &str) -> bool {
        matches!(kind, "statement_block" | "program" | "switch_case" | "switch_default")
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
        let mut names = Vec::new();
        for node in parts(source.tree.root()) {
            let mut modules = Vec::new();
            match node.kind() {
                "import_statement" | "export_statement" => modules.extend(node.child_by_field_name("source")),
                "lexical_declaration" | "variable_declaration" => {
                    modules.extend(parts(node).into_iter().filter_map(|one| required(source, one)))
                }
                _ => {}
            }
            names.extend(modules.into_iter().map(|name| source.text(name).trim_matches(['"', '\'']).to_owned()));
        }
        names
    }

    fn names(&self, source: &Source<'_>, node: Node<'_>) -> Names {
        names(source, node)
    }
}

/// The module's name in `const name = require("module")`.
fn required<'tree>(source: &Source<'_>, declarator: Node<'tree>) -> Option<Node<'tree>> {
    let call = declarator.child_by_field_name("value").filter(|value| value.kind() == "call_expression")?;
    let arguments = parts(call.child_by_field_name("arguments")?);
    let is_require = call.child_by_field_name("function").is_some_and(|name| source.text(name) == "require");
    arguments.first().copied().filter(|one| is_require && one.kind() == "string")
}

fn signature(source: &Source<'_>, node: Node<'_>) -> Signature {
    let mut parameters = Vec::new();
    if let Some(only) = node.child_by_field_name("parameter") {
        parameters.push(Parameter { name: source.code(only), words: None });
    }
    for parameter in node.child_by_field_name("parameters").map(parts).unwrap_or_default() {
        let field = |name| parameter.child_by_field_name(name);
        let (pattern, default) = match parameter.kind() {
            "required_parameter" | "optional_parameter" => (field("pattern"), field("value")),
            "assignment_pattern" => (field("left"), field("right")), // JavaScript
            _ => (Some(parameter), None),
        };
        let Some(pattern) = pattern else { continue };
        let mut words = Vec::new();
        if pattern.kind() == "rest_pattern" {
            words.push("any further arguments".to_owned());
        }
        words.extend(field("type").and_then(|kind| parts(kind).first().copied()).map(|kind| {
            if pattern.kind() == "rest_pattern" {
                format!("as {}", a_code(&source.quote(kind, 64)))
            } else {
                type_words(source, kind)
            }
        }));
        if parameter.kind() == "optional_parameter" {
            words.push("optional".to_owned());
        }
        words.extend(default.map(|value| format!("by default {}", source.code(value))));
        if part(parameter, "accessibility_modifier").is_some() || has_token(parameter, "readonly") {
            words.push("kept as a field".to_owned());
        }
        let name = parts(pattern).first().copied().filter(|_| pattern.kind() == "rest_pattern").unwrap_or(pattern);
        let name = source.code(name);
        parameters.push(Parameter { name, words: (!words.is_empty()).then(|| words.join(", ")) });
    }
    let returned = node.child_by_field_name("return_type").and_then(|annotation| {
        let kind = parts(annotation).first().copied()?;
        Some(match (annotation.kind(), source.text(kind)) {
            ("type_annotation", "void") => "returns nothing".to_owned(),
            ("type_annotation", "never") => "never returns".to_owned(),
            ("type_annotation", _) => format!("returns {}", type_words(source, kind)),
            ("type_predicate_annotation", _) => format!("returns whether {}", source.code(kind)),
            _ => format!("asserts {}", code(source.text(kind).trim_start_matches("asserts ").trim())),
        })
    });
    Signature { receiver: None, parameters, returned, generics: generics(source, node) }
}

/// "Generic over `T` and `K` (`extends keyof T`)."
pub(super) fn generics(source: &Source<'_>, node: Node<'_>) -> Option<String> {
    let list = node.child_by_field_name("type_parameters")?;
    let names: Vec<String> = parts(list).into_iter().map(|one| source.code(one)).collect();
    (!names.is_empty()).then(|| format!("generic over {}", and(&names)))
}

/// A type in words: "a `string` or `null`", "a promise of a `User`".
pub(super) fn type_words(source: &Source<'_>, node: Node<'_>) -> String {
    let short = || source.quote(node, 64);
    match node.kind() {
        "union_type" => {
            let mut members = Vec::new();
            flatten(node, &mut members);
            if members.len() > 6 {
                return format!("one of {} alternatives, {}", members.len(), code(&short()));
            }
            let texts: Vec<String> = members.iter().map(|member| source.quote(*member, 48)).collect();
            let codes: Vec<String> = texts.iter().map(|text| code(text)).collect();
            let first = members.first();
            let literal = first.is_some_and(|first| {
                matches!(first.kind(), "literal_type" | "function_type" | "parenthesized_type" | "object_type")
            });
            if literal {
                or(&codes)
            } else {
                format!("{} {}", article(texts.first().map_or("", |text| text)), or(&codes))
            }
        }
        "generic_type" => {
            let name = node.child_by_field_name("name").map_or("", |name| source.text(name));
            let arguments = node.child_by_field_name("type_arguments").map(parts).unwrap_or_default();
            match (name, arguments.as_slice()) {
                ("Promise", [one]) if source.text(*one) == "void" => "a promise of nothing".to_owned(),
                ("Promise", [one]) => format!("a promise of {}", type_words(source, *one)),
                _ => a_code(&short()),
            }
        }
        "array_type" => format!("an array {}", code(&short())),
        "function_type" => format!("a function {}", code(&short())),
        "parenthesized_type" => parts(node).first().map_or_else(short, |inner| type_words(source, *inner)),
        "object_type" => format!("an object {}", code(&short())),
        "tuple_type" => format!("a tuple {}", code(&short())),
        "literal_type" => code(&short()),
        "this_type" => "`this`".to_owned(),
        "type_query" | "lookup_type" | "intersection_type" | "conditional_type" | "index_type_query" => code(&short()),
        _ if short() == "any" || short() == "unknown" => format!("any value ({})", code(&short())),
        _ if short() == "void" => "nothing".to_owned(),
        _ => a_code(&short()),
    }
}

fn flatten<'tree>(node: Node<'tree>, members: &mut Vec<Node<'tree>>) {
    for part in parts(node) {
        if part.kind() == "union_type" { flatten(part, members) } else { members.push(part) }
    }
}

/// The names bound under `node`, and the places that are assigned.
pub(super) fn names(source: &Source<'_>, node: Node<'_>) -> Names {
    let mut names = Names::default();
    walk(node, &mut |here| {
        let field = |name| here.child_by_field_name(name);
        match here.kind() {
            "variable_declarator" => {
                field("name").into_iter().for_each(|name| bind(source, name, here.end_byte(), &mut names));
            }
            "formal_parameters" => parts(here).into_iter().for_each(|parameter| {
                let pattern = parameter.child_by_field_name("pattern").unwrap_or(parameter);
                bind(source, pattern, parameter.end_byte(), &mut names);
            }),
            "arrow_function" => {
                field("parameter").into_iter().for_each(|name| bind(source, name, name.end_byte(), &mut names))
            }
            "catch_clause" => {
                field("parameter").into_iter().for_each(|name| bind(source, name, name.end_byte(), &mut names))
            }
            "for_in_statement" if field("kind").is_some() => {
                field("left").into_iter().for_each(|left| bind(source, left, left.end_byte(), &mut names));
            }
            "assignment_expression" | "augmented_assignment_expression" | "update_expression" => {
                if let Some(left) = field("left").or_else(|| field("argument")) {
                    let root = root(left);
                    if matches!(root.kind(), "identifier" | "this") {
                        names.written.push((source.text(root).to_owned(), here.start_byte()));
                    }
                    if left.kind() == "identifier" && here.kind() == "assignment_expression" {
                        names.plain_writes.push(left.start_byte());
                    }
                }
            }
            "identifier" | "shorthand_property_identifier" | "shorthand_property_identifier_pattern" => {
                names.seen.push((source.text(here).to_owned(), here.start_byte()));
            }
            _ => {}
        }
        true
    });
    names
}

/// The variable at the start of `a.b[c]`.
pub(super) fn root(mut node: Node<'_>) -> Node<'_> {
    while let Some(inner) = node.child_by_field_name("object") {
        node = inner;
    }
    node
}

fn bind(source: &Source<'_>, pattern: Node<'_>, from: usize, names: &mut Names) {
    match pattern.kind() {
        "identifier" | "shorthand_property_identifier_pattern" => {
            let name = source.text(pattern).to_owned();
            names.bound.push(Binding { name, at: pattern.start_byte(), from });
        }
        "pair_pattern" => {
            pattern.child_by_field_name("value").into_iter().for_each(|value| bind(source, value, from, names));
        }
        "assignment_pattern" | "object_assignment_pattern" => {
            pattern.child_by_field_name("left").into_iter().for_each(|left| bind(source, left, from, names));
        }
        _ => parts(pattern).into_iter().for_each(|part| bind(source, part, from, names)),
    }
}

pub(super) fn statements_of(node: Node<'_>) -> Vec<Node<'_>> {
    if node.kind() == "statement_block" { parts(node) } else { vec![node] }
}

pub(super) fn body_fields(node: Node<'_>) -> Vec<Node<'_>> {
    fields(node, "body").into_iter().filter(|part| !super::source::is_comment(part.kind())).collect()
}
