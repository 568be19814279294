//! What the explanation needs to know about Python.

mod acts;
mod facts;
mod types;

use super::acts::Act;
use super::facts::Fact;
use super::source::{Source, has_token, part, parts, walk};
use super::words::{a_code, and, code};
use super::{Binding, Grammar, Member, Names, Parameter, Signature, Traits};
use crate::syntax::Node;

/// Python.
pub(super) struct Python;

impl Grammar for Python {
    fn is_callable(&self, kind: &str) -> bool {
        kind == "function_definition"
    }

    fn traits(&self, source: &Source<'_>, node: Node<'_>) -> Traits {
        let mut words = Vec::new();
        let mut noun = None;
        if has_token(node, "async") {
            words.push("async".to_owned());
        }
        for decorator in decorators(node) {
            match source.text(decorator).trim_start_matches('@').trim() {
                "staticmethod" => words.push("static".to_owned()),
                "classmethod" => noun = Some("class method".to_owned()),
                "abstractmethod" | "abc.abstractmethod" => words.push("abstract".to_owned()),
                "property" | "cached_property" | "functools.cached_property" => noun = Some("property".to_owned()),
                text if text.ends_with(".setter") => noun = Some("property setter".to_owned()),
                _ => {}
            }
        }
        let name = node.child_by_field_name("name").map_or("", |name| source.text(name));
        let method = node.parent().is_some_and(|above| {
            let above = if above.kind() == "decorated_definition" { above.parent() } else { Some(above) };
            above.and_then(|block| block.parent()).is_some_and(|class| class.kind() == "class_definition")
        });
        if node.kind() == "function_definition" && method {
            match name {
                "__init__" => noun = Some("initializer".to_owned()),
                _ if name.starts_with("__") && name.ends_with("__") => noun = Some("special method".to_owned()),
                _ => {}
            }
        }
        if node.kind() == "function_definition" && is_generator(node) {
            words.push("generator".to_owned());
        }
        Traits { words, noun }
    }

    fn signature(&self, source: &Source<'_>, node: Node<'_>) -> Signature {
        signature(source, node)
    }

    fn acts(&self, source: &Source<'_>, node: Node<'_>) -> Vec<Act> {
        node.child_by_field_name("body").map(|body| acts::block(source, body)).unwrap_or_default()
    }

    fn statements(&self, source: &Source<'_>, nodes: &[Node<'_>]) -> Vec<Act> {
        acts::statements(source, nodes)
    }

    fn is_block(&self, kind: &str) -> bool {
        matches!(kind, "block" | "module")
    }

    fn facts(&self, source: &Source<'_>, node: Node<'_>) -> Vec<Fact> {
        facts::facts(source, node)
    }

    fn members(&self, source: &Source<'_>, node: Node<'_>) -> Vec<Member> {
        types::members(source, node)
    }

    fn details(&self, source: &Source<'_>, node: Node<'_>) -> Vec<String> {
        let mut out = Vec::new();
        if node.kind() == "class_definition" {
            let bases = node.child_by_field_name("superclasses").map(parts).unwrap_or_default();
            let (keywords, bases): (Vec<_>, Vec<_>) =
                bases.into_iter().partition(|base| base.kind() == "keyword_argument");
            let bases: Vec<String> = bases.into_iter().map(|base| source.code(base)).collect();
            if !bases.is_empty() {
                out.push(format!("extends {}", and(&bases)));
            }
            out.extend(keywords.into_iter().map(|keyword| format!("declared with {}", source.code(keyword))));
            let decorators: Vec<String> = decorators(node).into_iter().map(|one| source.code(one)).collect();
            if !decorators.is_empty() {
                out.push(format!("decorated with {}", and(&decorators)));
            }
        }
        if let Some(right) = node.child_by_field_name("right").filter(|_| node.kind() == "type_alias_statement") {
            out.push(format!("stands for {}", source.code(right)));
        }
        out
    }

    fn imports(&self, source: &Source<'_>) -> Vec<String> {
        let mut out = Vec::new();
        for node in parts(source.tree.root()) {
            match node.kind() {
                "import_statement" => {
                    for name in super::source::fields(node, "name") {
                        let name = name.child_by_field_name("name").unwrap_or(name);
                        out.push(source.text(name).to_owned());
                    }
                }
                "import_from_statement" => {
                    out.extend(node.child_by_field_name("module_name").map(|name| source.text(name).to_owned()));
                }
                _ => {}
            }
        }
        out
    }

    fn names(&self, source: &Source<'_>, node: Node<'_>) -> Names {
        names(source, node)
    }
}

/// The decorators of a definition.
pub(super) fn decorators(node: Node<'_>) -> Vec<Node<'_>> {
    let Some(around) = node.parent().filter(|around| around.kind() == "decorated_definition") else {
        return Vec::new();
    };
    parts(around).into_iter().filter(|part| part.kind() == "decorator").collect()
}

pub(super) fn is_generator(function: Node<'_>) -> bool {
    let mut found = false;
    walk(function, &mut |node| {
        found |= node.kind() == "yield";
        !(found || (node != function && matches!(node.kind(), "function_definition" | "lambda" | "class_definition")))
    });
    found
}

fn signature(source: &Source<'_>, node: Node<'_>) -> Signature {
    let mut receiver = None;
    let mut parameters = Vec::new();
    let decorated =
        |name: &str| decorators(node).into_iter().any(|one| source.text(one).trim_start_matches('@').trim() == name);
    let class = node.parent().and_then(|above| {
        let above = if above.kind() == "decorated_definition" { above.parent()? } else { above };
        above.parent().filter(|class| class.kind() == "class_definition")
    });
    let takes_receiver = class.is_some() && !decorated("staticmethod");
    let mut keyword_only = false;
    for (index, parameter) in node.child_by_field_name("parameters").map(parts).unwrap_or_default().iter().enumerate() {
        let field = |name| parameter.child_by_field_name(name);
        let first = parts(*parameter).first().copied();
        let kind = field("type").map(|kind| source.quote(kind, 64));
        let default = field("value").map(|value| source.code(value));
        let (name, splat) = match parameter.kind() {
            "identifier" | "list_splat_pattern" | "dictionary_splat_pattern" => (*parameter, parameter.kind()),
            "typed_parameter" => (first.unwrap_or(*parameter), first.map_or("", |name| name.kind())),
            "keyword_separator" => {
                keyword_only = true;
                continue;
            }
            "positional_separator" => continue,
            _ => (field("name").unwrap_or(*parameter), ""),
        };
        if index == 0 && takes_receiver && parameter.kind() == "identifier" {
            let what = if decorated("classmethod") { "class" } else { "instance" };
            receiver = (source.text(name) != "self" && source.text(name) != "cls")
                .then(|| format!("takes its {what} as {}", source.code(name)));
            continue;
        }
        let mut words = Vec::new();
        words.extend(kind.as_deref().map(|kind| match splat {
            "list_splat_pattern" => format!("any further positional arguments, each {}", type_words(kind)),
            "dictionary_splat_pattern" => format!("any further keyword arguments, each {}", type_words(kind)),
            _ => type_words(kind),
        }));
        if kind.is_none() {
            match splat {
                "list_splat_pattern" => words.push("any further positional arguments".to_owned()),
                "dictionary_splat_pattern" => words.push("any further keyword arguments".to_owned()),
                _ => {}
            }
        }
        words.extend(default.map(|default| format!("by default {default}")));
        if keyword_only && splat != "dictionary_splat_pattern" {
            words.push("by keyword only".to_owned());
        }
        keyword_only |= splat == "list_splat_pattern";
        let words = (!words.is_empty()).then(|| words.join(", "));
        parameters.push(Parameter { name: source.code(name), words });
    }
    let returned = node.child_by_field_name("return_type").map(|kind| {
        let kind = source.quote(kind, 72);
        match kind.as_str() {
            "None" => "returns nothing".to_owned(),
            "NoReturn" | "Never" => "never returns".to_owned(),
            _ => format!("returns {}", type_words(&kind)),
        }
    });
    let generics = node.child_by_field_name("type_parameters").map(|list| {
        format!("generic over {}", and(&parts(list).into_iter().map(|one| source.code(one)).collect::<Vec<_>>()))
    });
    Signature { receiver, parameters, returned, generics }
}

/// An annotation in words: "a `str` or `None`".
pub(super) fn type_words(kind: &str) -> String {
    let kind = kind.trim_matches(['"', '\'']);
    if let Some(inner) = kind.strip_prefix("Optional[").and_then(|rest| rest.strip_suffix(']')) {
        return format!("{} or `None`", a_code(inner));
    }
    let members = alternatives(kind);
    if members.len() > 1 {
        let codes: Vec<String> = members.iter().map(|member| code(member)).collect();
        let article = super::words::article(members.first().copied().unwrap_or_default());
        return format!("{article} {}", super::words::or(&codes));
    }
    match kind {
        "Any" | "object" => format!("any value ({})", code(kind)),
        "None" => "`None`".to_owned(),
        _ => a_code(kind),
    }
}

/// The members of `a | b[c | d]`.
fn alternatives(kind: &str) -> Vec<&str> {
    let (mut depth, mut start) = (0usize, 0);
    let mut members = Vec::new();
    for (at, c) in kind.char_indices() {
        match c {
            '[' | '(' => depth += 1,
            ']' | ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => {
                members.push(kind.get(start..at).unwrap_or_default().trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    members.push(kind.get(start..).unwrap_or_default().trim());
    members
}

/// The names bound under `node`, and the places that are assigned.
fn names(source: &Source<'_>, node: Node<'_>) -> Names {
    let mut names = Names::default();
    walk(node, &mut |here| {
        let field = |name| here.child_by_field_name(name);
        match here.kind() {
            "assignment" => {
                if let Some(left) = field("left") {
                    target(source, left, here.end_byte(), &mut names);
                }
            }
            "augmented_assignment" => {
                names.written.extend(field("left").map(|left| (source.text(root(left)).to_owned(), here.start_byte())));
            }
            "for_statement" | "for_in_clause" => {
                field("left").into_iter().for_each(|left| target(source, left, left.end_byte(), &mut names));
            }
            "named_expression" => {
                field("name").into_iter().for_each(|name| target(source, name, here.end_byte(), &mut names));
            }
            "as_pattern" => field("alias").into_iter().for_each(|alias| {
                parts(alias).into_iter().for_each(|name| target(source, name, alias.end_byte(), &mut names));
            }),
            "parameters" | "lambda_parameters" => parts(here).into_iter().for_each(|parameter| {
                let name = parameter.child_by_field_name("name").or_else(|| {
                    let inner = parts(parameter).first().copied();
                    if parameter.kind() == "identifier" { Some(parameter) } else { inner }
                });
                name.into_iter().for_each(|name| target(source, name, parameter.end_byte(), &mut names));
            }),
            "attribute" => {
                // only the object is a variable
                if let Some(object) = field("object") {
                    collect_seen(source, object, &mut names);
                }
                return false;
            }
            "keyword_argument" => {
                if let Some(value) = field("value") {
                    collect_seen(source, value, &mut names);
                }
                return false;
            }
            "identifier" => names.seen.push((source.text(here).to_owned(), here.start_byte())),
            "function_definition" | "class_definition" if here != node => return false,
            _ => {}
        }
        true
    });
    names.seen.sort_by_key(|(_, at)| *at);
    names
}

/// Identifiers under a node that the walk does not enter itself.
fn collect_seen(source: &Source<'_>, node: Node<'_>, names: &mut Names) {
    walk(node, &mut |here| {
        match here.kind() {
            "identifier" => names.seen.push((source.text(here).to_owned(), here.start_byte())),
            "attribute" => {
                here.child_by_field_name("object").into_iter().for_each(|object| collect_seen(source, object, names));
                return false;
            }
            "keyword_argument" => {
                here.child_by_field_name("value").into_iter().for_each(|value| collect_seen(source, value, names));
                return false;
            }
            _ => {}
        }
        true
    });
}

fn root(mut node: Node<'_>) -> Node<'_> {
    while let Some(inner) = node.child_by_field_name("object").or_else(|| node.child_by_field_name("value")) {
        node = inner;
    }
    node
}

fn target(source: &Source<'_>, node: Node<'_>, from: usize, names: &mut Names) {
    match node.kind() {
        "identifier" => {
            let name = source.text(node).to_owned();
            if names.bound.iter().any(|binding| binding.name == name) {
                names.written.push((name.clone(), node.start_byte()));
            }
            names.plain_writes.push(node.start_byte());
            names.bound.push(Binding { name, at: node.start_byte(), from });
        }
        "attribute" | "subscript" => names.written.push((source.text(root(node)).to_owned(), node.start_byte())),
        _ => parts(node).into_iter().for_each(|part| target(source, part, from, names)),
    }
}

pub(super) fn block_of<'tree>(node: Node<'tree>) -> Option<Node<'tree>> {
    part(node, "block")
}
