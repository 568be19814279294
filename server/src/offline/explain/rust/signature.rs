//! Rust's signatures in words.

use super::super::source::{Source, has_token, part, parts, walk};
use super::super::words::{a_code, and, code};
use super::super::{Binding, Names, Parameter, Signature, Traits};
use super::{has_modifier, visibility};
use crate::syntax::Node;

pub(super) fn traits(source: &Source<'_>, node: Node<'_>) -> Traits {
    let mut words = Vec::new();
    words.extend(visibility(source, node));
    for word in ["const", "async", "unsafe"] {
        if has_modifier(node, word) {
            words.push(word.to_owned());
        }
    }
    if let Some(extern_) = part(node, "function_modifiers").and_then(|modifiers| part(modifiers, "extern_modifier")) {
        words.push(source.code(extern_));
    }
    if node.kind() == "static_item" && part(node, "mutable_specifier").is_some() {
        words.push("mutable".to_owned());
    }
    let noun = match node.kind() {
        "struct_item" => Some("struct"),
        "enum_item" => Some("enum"),
        "union_item" => Some("union"),
        "type_item" => Some("type alias"),
        "trait_item" => Some("trait"),
        "static_item" => Some("static"),
        "macro_definition" => Some("macro"),
        "function_item" | "function_signature_item" => callable_noun(node),
        _ => None,
    };
    Traits { words, noun: noun.map(str::to_owned) }
}

/// What a function in an `impl` or a trait is called.
fn callable_noun(node: Node<'_>) -> Option<&'static str> {
    let owner = node.parent().filter(|list| list.kind() == "declaration_list")?.parent()?;
    let receiver = node.child_by_field_name("parameters").is_some_and(|list| part(list, "self_parameter").is_some());
    Some(match (owner.kind(), node.kind(), receiver) {
        ("trait_item", "function_signature_item", true) => "required method",
        ("trait_item", "function_signature_item", false) => "required function",
        ("trait_item", _, true) => "provided method",
        ("trait_item", _, false) => "provided function",
        ("impl_item", _, true) => "method",
        ("impl_item", _, false) => "associated function",
        _ => return None,
    })
}

pub(super) fn signature(source: &Source<'_>, node: Node<'_>) -> Signature {
    let mut receiver = None;
    let mut parameters = Vec::new();
    for parameter in node.child_by_field_name("parameters").map(parts).unwrap_or_default() {
        match parameter.kind() {
            "self_parameter" => {
                let text = source.quote(parameter, 40);
                let how = match (has_token(parameter, "&"), part(parameter, "mutable_specifier").is_some()) {
                    (true, true) => "borrows its receiver mutably",
                    (true, false) => "borrows its receiver",
                    (false, _) => "consumes its receiver",
                };
                receiver = Some(format!("{how} ({})", code(&text)));
            }
            "parameter" => {
                let field = |name| parameter.child_by_field_name(name);
                let name = field("pattern").map_or_else(String::new, |pattern| source.code(pattern));
                let words = field("type").map(|kind| type_words(source, kind, Side::Taken));
                parameters.push(Parameter { name, words });
            }
            "variadic_parameter" => {
                parameters
                    .push(Parameter { name: "`...`".to_owned(), words: Some("any number of C arguments".into()) });
            }
            _ => {}
        }
    }
    let returned = node.child_by_field_name("return_type").map(|kind| {
        let words = type_words(source, kind, Side::Returned);
        if kind.kind() == "never_type" { "never returns".to_owned() } else { format!("returns {words}") }
    });
    Signature { receiver, parameters, returned, generics: generics(source, node) }
}

/// "Generic over `T` (`Clone`) and `U`."
pub(super) fn generics(source: &Source<'_>, node: Node<'_>) -> Option<String> {
    let mut bounds: Vec<(String, Vec<String>)> = Vec::new();
    for parameter in node.child_by_field_name("type_parameters").map(parts).unwrap_or_default() {
        let Some(name) = parameter.child_by_field_name("name") else { continue };
        match parameter.kind() {
            "type_parameter" => {
                let found = parameter.child_by_field_name("bounds").map(|bounds| bound(source, bounds));
                bounds.push((source.code(name), found.into_iter().collect()));
            }
            "const_parameter" => {
                let kind = parameter.child_by_field_name("type").map(|kind| source.code(kind));
                bounds.push((format!("the constant {}", source.code(name)), kind.into_iter().collect()));
            }
            _ => {}
        }
    }
    for predicate in part(node, "where_clause").map(parts).unwrap_or_default() {
        let (Some(left), Some(right)) =
            (predicate.child_by_field_name("left"), predicate.child_by_field_name("bounds"))
        else {
            continue;
        };
        let name = source.code(left);
        match bounds.iter_mut().find(|(known, _)| *known == name) {
            Some((_, found)) => found.push(bound(source, right)),
            None if left.kind() != "lifetime" => bounds.push((name, vec![bound(source, right)])),
            None => {}
        }
    }
    let own = node.child_by_field_name("type_parameters").is_some_and(|own| {
        parts(own).iter().any(|parameter| matches!(parameter.kind(), "type_parameter" | "const_parameter"))
    });
    if bounds.is_empty() {
        return None;
    }
    let phrases: Vec<String> = bounds
        .into_iter()
        .map(|(name, bounds)| if bounds.is_empty() { name } else { format!("{name} ({})", and(&bounds)) })
        .collect();
    Some(format!("{} {}", if own { "generic over" } else { "with bounds on" }, and(&phrases)))
}

fn bound(source: &Source<'_>, node: Node<'_>) -> String {
    code(source.quote(node, 64).trim_start_matches(':').trim())
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Side {
    Taken,
    Returned,
}

/// A type in words: "a borrowed `str`", "a `Result` of `Header`, or the error `ParseError`".
pub(super) fn type_words(source: &Source<'_>, node: Node<'_>, side: Side) -> String {
    let short = |node: Node<'_>| source.quote(node, 64);
    match node.kind() {
        "reference_type" => {
            let Some(inner) = node.child_by_field_name("type") else { return source.code(node) };
            let borrowed = if part(node, "mutable_specifier").is_some() { "mutably borrowed" } else { "borrowed" };
            let life = if source.text(node).starts_with("&'static") { "static, " } else { "" };
            match inner.kind() {
                "array_type" if inner.child_by_field_name("length").is_none() => {
                    let element = inner.child_by_field_name("element").map(short).unwrap_or_default();
                    format!("a {life}{borrowed} slice of {}", code(&element))
                }
                "dynamic_type" => format!("a {life}{borrowed} {} (dynamic dispatch)", code(&short(inner))),
                "abstract_type" => format!("a {life}{borrowed} value of {}", type_words(source, inner, side)),
                _ => format!("a {life}{borrowed} {}", code(&short(inner))),
            }
        }
        "generic_type" => {
            let name = node.child_by_field_name("type").map_or("", |name| source.text(name));
            let last = name.rsplit("::").next().unwrap_or(name);
            let arguments = node.child_by_field_name("type_arguments").map(parts).unwrap_or_default();
            match (last, arguments.as_slice()) {
                ("Option", [one]) => format!("{}, or `None`", type_words(source, *one, side)),
                ("Result", [ok]) => format!("{} of {}", a_code(name), plain(source, *ok, side)),
                ("Result", [ok, error]) => {
                    format!("{} of {}, or the error {}", a_code(name), plain(source, *ok, side), code(&short(*error)))
                }
                _ => a_code(&short(node)),
            }
        }
        "abstract_type" => {
            let bound = short(node);
            let bound = bound.strip_prefix("impl").unwrap_or(&bound).trim();
            let some = if side == Side::Taken { "any type" } else { "some type" };
            format!("{some} that implements {}", code(bound))
        }
        "function_type" => format!("a function {}", code(&short(node))),
        "tuple_type" => {
            let members: Vec<String> = parts(node).into_iter().map(|part| code(&short(part))).collect();
            if members.len() > 3 {
                format!("a tuple {}", code(&short(node)))
            } else {
                format!("the tuple of {}", and(&members))
            }
        }
        "unit_type" => "nothing".to_owned(),
        "array_type" => format!("an array {}", code(&short(node))),
        "pointer_type" => {
            let kind = if part(node, "mutable_specifier").is_some() { "mutable" } else { "constant" };
            let inner = node.child_by_field_name("type").map(short).unwrap_or_default();
            format!("a {kind} raw pointer to {}", code(&inner))
        }
        "type_identifier" if source.text(node) == "Self" => "`Self`".to_owned(),
        _ => a_code(&short(node)),
    }
}

/// A type inside another: without an article, unless it reads better with its words.
fn plain(source: &Source<'_>, node: Node<'_>, side: Side) -> String {
    match node.kind() {
        "unit_type" => "nothing".to_owned(),
        "reference_type" | "abstract_type" => type_words(source, node, side),
        "generic_type" => {
            let words = type_words(source, node, side);
            words.strip_suffix(", or `None`").map_or_else(|| source.code(node), |inner| format!("{inner} or `None`"))
        }
        _ => source.code(node),
    }
}

/// The names bound under `node`, and the places that are assigned.
pub(super) fn names(source: &Source<'_>, node: Node<'_>) -> Names {
    let mut names = Names::default();
    walk(node, &mut |here| {
        let field = |name| here.child_by_field_name(name);
        match here.kind() {
            "let_declaration" | "let_condition" | "for_expression" | "parameter" | "match_arm" => {
                // a name counts from the end of what it is made from: `let x = x + 1` reads the older `x`
                let pattern = field("pattern");
                let from = match here.kind() {
                    "let_declaration" | "let_condition" => here.end_byte(),
                    "for_expression" => field("value").map_or(here.end_byte(), |value| value.end_byte()),
                    _ => pattern.map_or(here.end_byte(), |pattern| pattern.end_byte()),
                };
                pattern.into_iter().for_each(|pattern| bind(source, pattern, from, &mut names));
            }
            "closure_parameters" => parts(here).into_iter().for_each(|part| {
                if part.kind() != "parameter" {
                    bind(source, part, part.end_byte(), &mut names);
                }
            }),
            "self_parameter" => {
                names.bound.push(Binding { name: "self".to_owned(), at: here.start_byte(), from: here.end_byte() })
            }
            "assignment_expression" | "compound_assignment_expr" => {
                if let Some(left) = field("left") {
                    let mut root = left;
                    while matches!(root.kind(), "field_expression" | "index_expression") {
                        let Some(inner) = parts(root).first().copied() else { break };
                        root = inner;
                    }
                    if matches!(root.kind(), "identifier" | "self") {
                        names.written.push((source.text(root).to_owned(), here.start_byte()));
                    }
                    if left.kind() == "identifier" && here.kind() == "assignment_expression" {
                        names.plain_writes.push(left.start_byte());
                    }
                }
            }
            "identifier" | "self" => names.seen.push((source.text(here).to_owned(), here.start_byte())),
            "shorthand_field_initializer" => {}
            "function_item" if here != node => return false,
            _ => {}
        }
        true
    });
    names
}

fn bind(source: &Source<'_>, pattern: Node<'_>, from: usize, names: &mut Names) {
    walk(pattern, &mut |part| {
        let name = source.text(part);
        let is_name = matches!(part.kind(), "identifier" | "shorthand_field_identifier");
        // a large first letter means a constant or a variant
        if is_name && name.starts_with(|c: char| c.is_lowercase() || c == '_') {
            names.bound.push(Binding { name: name.to_owned(), at: part.start_byte(), from });
        }
        // paths and guards bind nothing
        !matches!(part.kind(), "scoped_identifier" | "tuple_struct_pattern_type")
    });
}
