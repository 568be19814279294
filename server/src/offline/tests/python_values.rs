//! Values for Python annotations and classes: an annotation becomes an expression that surely is of this type.

use std::collections::BTreeSet;

use super::facts::Known;
use super::python::Writer;
use super::python_file::{bases, decorators, is_name, methods, parameters};
use crate::context::tests_place::nodes::{children, field};
use crate::syntax::Node;

/// An expression, what is known of it, and the imports that it needs.
#[derive(Clone)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) known: Known,
    pub(super) imports: Vec<String>,
}

pub(super) fn value(text: impl Into<String>, known: Known) -> Option<Value> {
    Some(Value { text: text.into(), known, imports: Vec::new() })
}

impl<'tree> Writer<'_, '_, 'tree> {
    /// True when a method of the class or a base is there to be overridden.
    pub(super) fn is_abstract(&self, class: Node<'tree>, depth: usize) -> bool {
        let source = self.module.source;
        field(source, class, "superclasses").contains("metaclass")
            || methods(source, class).iter().any(|(marks, _)| marks.iter().any(|mark| mark.contains("abstract")))
            || (depth < 5
                && bases(source, class)
                    .iter()
                    .filter_map(|base| self.module.classes.get(base))
                    .any(|base| self.is_abstract(*base, depth + 1)))
    }

    /// The class's instance, or why it can't be made.
    pub(super) fn instance(&self, class: Node<'tree>, depth: usize) -> Result<Value, String> {
        let source = self.module.source;
        let name = field(source, class, "name");
        let missing = || format!("needs a value for `self: {name}`");
        let all_bases = bases(source, class);
        let mut imports = vec![format!("from {} import {name}", self.place.project.module)];
        if self.module.method(class, "__getattribute__", 0) != Ok(None) {
            return Err(missing()); // or with bases that are not here
        }
        let abstract_one = all_bases.iter().any(|base| *base == "ABC" || base.contains("Protocol"));
        if depth > 3 || abstract_one || self.is_abstract(class, 0) {
            return Err(missing());
        }
        if all_bases.iter().any(|base| matches!(*base, "Enum" | "enum.Enum" | "IntEnum" | "enum.IntEnum" | "StrEnum")) {
            let body = class.child_by_field_name("body").ok_or_else(missing)?;
            let member = children(body).into_iter().find_map(|one| {
                let assignment = children(one).into_iter().next().filter(|one| one.kind() == "assignment")?;
                Some(field(source, assignment, "left")).filter(|name| is_name(name) && !name.starts_with('_'))
            });
            let member = member.ok_or_else(missing)?;
            return Ok(Value { text: format!("{name}.{member}"), known: Known::Opaque, imports });
        }
        let data =
            decorators(source, class).iter().any(|mark| mark.split('(').next().unwrap_or("").ends_with("dataclass"));
        if !decorators(source, class).is_empty() && !data {
            return Err(missing());
        }
        let mut list = Vec::new();
        if data {
            if !all_bases.is_empty() || self.module.method(class, "__post_init__", 0) != Ok(None) {
                return Err(missing());
            }
            let body = class.child_by_field_name("body").ok_or_else(missing)?;
            for one in children(body) {
                let Some(assignment) = children(one).into_iter().next().filter(|one| one.kind() == "assignment") else {
                    continue;
                };
                let annotation = field(source, assignment, "type");
                if annotation.is_empty()
                    || assignment.child_by_field_name("right").is_some()
                    || annotation.contains("ClassVar")
                {
                    continue;
                }
                let made = self.make(annotation, None, depth + 1).ok_or_else(missing)?;
                list.push(made.text);
                imports.extend(made.imports);
            }
        } else {
            match (self.module.method(class, "__init__", 0), self.module.method(class, "__new__", 0)) {
                (Ok(Some(init)), Ok(None)) => {
                    if self.module.risk(init, &mut BTreeSet::new()).is_some() {
                        return Err(missing());
                    }
                    for one in parameters(source, init).into_iter().skip(1).filter(|one| !one.optional) {
                        let made = self.make(one.annotation, None, depth + 1).ok_or_else(missing)?;
                        list.push(if one.keyword { format!("{}={}", one.name, made.text) } else { made.text });
                        imports.extend(made.imports);
                    }
                }
                (Ok(None), Ok(None)) => {}
                _ => return Err(missing()),
            }
        }
        Ok(Value { text: format!("{name}({})", list.join(", ")), known: Known::Opaque, imports })
    }

    /// A value for an annotation; with `want`, this very value.
    pub(super) fn make(&self, annotation: &str, want: Option<&Known>, depth: usize) -> Option<Value> {
        let annotation = annotation.trim().trim_matches(['"', '\'']).trim();
        if depth > 4 {
            return None;
        }
        let next = depth + 1;
        let parts = split_top(annotation, '|');
        let (head, inner) = match annotation.split_once('[') {
            Some((head, rest)) if parts.len() == 1 => (head.trim(), rest.strip_suffix(']').unwrap_or_default()),
            _ => (annotation, ""),
        };
        let head = head
            .strip_prefix("typing.")
            .or_else(|| head.strip_prefix("t."))
            .or_else(|| head.strip_prefix("collections.abc."))
            .unwrap_or(head);
        let args = if inner.is_empty() { Vec::new() } else { split_top(inner, ',') };
        let union = parts.len() > 1 || matches!(head, "Optional" | "Union");
        let options = if parts.len() > 1 { parts } else { args.clone() };
        if let Some(known) = want {
            let nullable = annotation.is_empty()
                || (union && (head == "Optional" || options.iter().any(|one| one.trim() == "None")));
            return match known {
                Known::Null => nullable.then(|| value("None", Known::Null)).flatten(),
                Known::Object => value("object()", Known::Object),
                Known::Opaque => None,
                Known::Len(len) if !union => {
                    let text = match head {
                        "str" | "" => format!("\"{}\"", "a".repeat(*len)),
                        "list" | "List" | "Sequence" | "Iterable" | "Collection" => {
                            format!("[{}]", vec!["None"; *len].join(", "))
                        }
                        "dict" | "Dict" | "Mapping" if *len == 0 => "{}".to_owned(),
                        "tuple" | "Tuple" if *len == 0 => "()".to_owned(),
                        "set" | "Set" if *len == 0 => "set()".to_owned(),
                        "bytes" => format!("b\"{}\"", "a".repeat(*len)),
                        _ => return None,
                    };
                    let known =
                        if matches!(head, "str" | "") { Known::Str("a".repeat(*len)) } else { Known::Len(*len) };
                    value(text, known)
                }
                Known::Bool(_) if !matches!(head, "bool" | "") => None,
                Known::Int(_) if !matches!(head, "int" | "float" | "") => None,
                Known::Str(_)
                    if !(matches!(head, "str" | "" | "Literal")
                        || (union && options.iter().any(|one| one.trim() == "str"))) =>
                {
                    None
                }
                known => value(spell(known)?, known.clone()),
            };
        }
        if union {
            return options
                .iter()
                .filter(|one| one.trim() != "None")
                .find_map(|one| self.make(one, None, next))
                .or_else(|| {
                    (head == "Optional" || options.iter().any(|one| one.trim() == "None"))
                        .then(|| value("None", Known::Null))
                        .flatten()
                });
        }
        let first = || args.first().map_or("int", |one| one.trim());
        let of = |open: &str, close: &str| {
            let made = self.make(first(), None, next)?;
            Some(Value { text: format!("{open}{}{close}", made.text), known: Known::Len(1), imports: made.imports })
        };
        // a name of the module's own goes first
        if let Some(class) = self.module.classes.get(head) {
            return self.instance(*class, next).ok();
        }
        match head {
            "int" | "SupportsInt" => value("1", Known::Int(1)),
            "float" => value("1.5", Known::Float(1.5)),
            "complex" => value("1j", Known::Opaque),
            "str" | "AnyStr" | "Text" | "LiteralString" => value("\"abc\"", Known::Str("abc".to_owned())),
            "bytes" => value("b\"abc\"", Known::Opaque),
            "bool" => value("True", Known::Bool(true)),
            "None" => value("None", Known::Null),
            "object" => value("object()", Known::Object),
            "list" | "List" | "Sequence" | "MutableSequence" | "Iterable" | "Collection" => of("[", "]"),
            "set" | "Set" | "MutableSet" | "AbstractSet" => of("{", "}"),
            "frozenset" | "FrozenSet" => of("frozenset({", "})"),
            "Iterator" => of("iter([", "])").map(|made| Value { known: Known::Opaque, ..made }),
            "tuple" | "Tuple" => {
                if args.len() == 2 && args.get(1).is_some_and(|one| one.trim() == "...") || args.is_empty() {
                    return of("(", ",)");
                }
                let made: Vec<Value> = args.iter().map(|one| self.make(one, None, next)).collect::<Option<_>>()?;
                let texts: Vec<&str> = made.iter().map(|one| one.text.as_str()).collect();
                let comma = if made.len() == 1 { "," } else { "" };
                let text = format!("({}{comma})", texts.join(", "));
                Some(Value {
                    text,
                    known: Known::Len(made.len()),
                    imports: made.into_iter().flat_map(|one| one.imports).collect(),
                })
            }
            "dict" | "Dict" | "Mapping" | "MutableMapping" => {
                let key = self.make(args.first().map_or("str", |one| one.trim()), None, next)?;
                let item = self.make(args.get(1).map_or("int", |one| one.trim()), None, next)?;
                let imports = [key.imports, item.imports].concat();
                Some(Value { text: format!("{{{}: {}}}", key.text, item.text), known: Known::Len(1), imports })
            }
            "Literal" => value(first(), Known::Opaque),
            _ if self.module.type_variables.contains(head) => value("1", Known::Int(1)),
            "Callable" => {
                let result = args.last().filter(|_| args.len() > 1).map_or("None", |one| one.trim());
                let made = self.make(result, None, next)?;
                Some(Value {
                    text: format!("lambda *args, **kwargs: {}", made.text),
                    known: Known::Opaque,
                    imports: made.imports,
                })
            }
            "Path" | "pathlib.Path"
                if head != "Path" || self.module.imports.get("Path").is_some_and(|from| from == "pathlib.Path") =>
            {
                Some(Value {
                    text: "Path(\"abc\")".to_owned(),
                    known: Known::Opaque,
                    imports: vec!["from pathlib import Path".to_owned()],
                })
            }
            _ => None,
        }
    }
}

pub(super) fn spell(known: &Known) -> Option<String> {
    Some(match known {
        Known::Int(value) => value.to_string(),
        Known::Float(value) if value.is_finite() => format!("{value:?}"),
        Known::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
        Known::Str(text) if !text.contains(['"', '\\', '\n']) => format!("\"{text}\""),
        Known::Null => "None".to_owned(),
        Known::Object => "object()".to_owned(),
        _ => return None,
    })
}

/// Splits at a character that stands in no brackets or quotes.
pub(super) fn split_top(text: &str, at: char) -> Vec<&str> {
    let (mut depth, mut start, mut quote) = (0, 0, None);
    let mut parts = Vec::new();
    for (index, c) in text.char_indices() {
        match c {
            '"' | '\'' => quote = if quote == Some(c) { None } else { quote.or(Some(c)) },
            '[' | '(' | '{' if quote.is_none() => depth += 1,
            ']' | ')' | '}' if quote.is_none() => depth -= 1,
            _ if c == at && depth == 0 && quote.is_none() => {
                parts.push(text.get(start..index).unwrap_or_default());
                start = index + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts.retain(|part| !part.trim().is_empty());
    parts
}
