//! What a Python module holds, as far as its tests need to know: functions, classes, imports, and what may raise.

use std::collections::{BTreeSet, HashMap};

use crate::context::tests_place::nodes::{children, field, text, visit};
use crate::syntax::Node;

pub(super) fn enclosing_class(node: Node<'_>) -> Option<Node<'_>> {
    let mut at = node.parent()?;
    while at.kind() != "class_definition" {
        at = at.parent()?;
    }
    Some(at)
}

/// What a module holds.
pub(super) struct Module<'src, 'tree> {
    pub(super) source: &'src str,
    pub(super) functions: HashMap<&'src str, Node<'tree>>,
    pub(super) classes: HashMap<&'src str, Node<'tree>>,
    /// Every name at the top: definitions, imports, variables.
    pub(super) names: BTreeSet<&'src str>,
    /// Imported names with what they stand for: `module.name`.
    pub(super) imports: HashMap<&'src str, String>,
    /// Type variables that any type may stand for.
    pub(super) type_variables: BTreeSet<&'src str>,
}

impl<'src, 'tree> Module<'src, 'tree> {
    pub(super) fn read(source: &'src str, root: Node<'tree>) -> Self {
        let mut module = Self {
            source,
            functions: HashMap::new(),
            classes: HashMap::new(),
            names: BTreeSet::new(),
            imports: HashMap::new(),
            type_variables: BTreeSet::new(),
        };
        for item in children(root) {
            let item = item.child_by_field_name("definition").unwrap_or(item);
            let name = field(source, item, "name");
            match item.kind() {
                "function_definition" => {
                    module.functions.insert(name, item);
                    module.names.insert(name);
                }
                "class_definition" => {
                    module.classes.insert(name, item);
                    module.names.insert(name);
                }
                "import_statement" | "import_from_statement" => {
                    let from = field(source, item, "module_name");
                    let mut cursor = item.walk();
                    for one in item.children_by_field_name("name", &mut cursor) {
                        let (name, alias) = if one.kind() == "aliased_import" {
                            (field(source, one, "name"), field(source, one, "alias"))
                        } else {
                            (text(source, one), text(source, one).split('.').next().unwrap_or_default())
                        };
                        module.names.insert(alias);
                        module
                            .imports
                            .insert(alias, if from.is_empty() { name.to_owned() } else { format!("{from}.{name}") });
                    }
                }
                "expression_statement" => {
                    for one in children(item).into_iter().filter(|one| one.kind() == "assignment") {
                        let left = field(source, one, "left");
                        let right = field(source, one, "right");
                        if right.contains("TypeVar(") && !right.contains("bound") && right.matches(',').count() == 0 {
                            module.type_variables.insert(left);
                        }
                        left.split(',').map(str::trim).filter(|name| is_name(name)).for_each(|name| {
                            module.names.insert(name);
                        });
                    }
                }
                _ => {}
            }
        }
        module
    }

    /// The method of a class or of its bases in this module; `Err` when a base is not in it.
    pub(super) fn method(&self, class: Node<'tree>, name: &str, depth: usize) -> Result<Option<Node<'tree>>, ()> {
        let found =
            methods(self.source, class).into_iter().rev().find(|(_, node)| field(self.source, *node, "name") == name);
        if let Some((_, node)) = found {
            return Ok(Some(node));
        }
        for base in bases(self.source, class) {
            match self.classes.get(base) {
                Some(base) if depth < 5 => {
                    if let Some(found) = self.method(*base, name, depth + 1)? {
                        return Ok(Some(found));
                    }
                }
                _ if matches!(base, "object" | "Generic" | "Protocol") || base.starts_with("Generic[") => {}
                _ => return Err(()),
            }
        }
        Ok(None)
    }

    /// True when instances surely have the attribute: the class or its `__init__` sets it.
    pub(super) fn has_attribute(&self, class: Node<'tree>, name: &str, depth: usize) -> bool {
        let source = self.source;
        let Some(body) = class.child_by_field_name("body") else { return false };
        let in_body = children(body).into_iter().any(|one| {
            let one = one.child_by_field_name("definition").unwrap_or(one);
            field(source, one, "name") == name
                || children(one).iter().any(|inner| {
                    inner.kind() == "assignment"
                        && field(source, *inner, "left") == name
                        && (inner.child_by_field_name("right").is_some()
                            || decorators(source, class).iter().any(|mark| mark.contains("dataclass")))
                })
        });
        let mut in_init = false;
        for (_, init) in
            methods(source, class).into_iter().filter(|(_, node)| field(source, *node, "name") == "__init__")
        {
            for one in init.child_by_field_name("body").map(children).unwrap_or_default() {
                in_init |= children(one).iter().any(|inner| {
                    inner.kind() == "assignment" && field(source, *inner, "left") == format!("self.{name}")
                });
            }
        }
        in_body
            || in_init
            || (depth < 5
                && bases(source, class)
                    .iter()
                    .filter_map(|base| self.classes.get(base))
                    .any(|base| self.has_attribute(*base, name, depth + 1)))
    }

    /// Why a call with made-up values should not run.
    pub(super) fn risk(&self, function: Node<'tree>, seen: &mut BTreeSet<usize>) -> Option<&'static str> {
        let source = self.source;
        if !seen.insert(function.id()) {
            return None;
        }
        let body = function.child_by_field_name("body")?;
        let mut locals: BTreeSet<&str> = BTreeSet::new();
        visit(function, &mut |node| {
            if matches!(node.kind(), "identifier")
                && node.parent().is_some_and(|parent| !matches!(parent.kind(), "call" | "attribute"))
            {
                locals.insert(text(source, node));
            }
            true
        });
        let mut why = None;
        let mut callees = Vec::new();
        visit(body, &mut |node| {
            let raises = Some("may raise for made-up values: check them and say what you expect");
            let outside = Some("reaches outside the program: check its values first");
            let found = match node.kind() {
                "raise_statement" | "assert_statement" | "await" => raises,
                "subscript" => raises,
                "while_statement" => raises,
                "global_statement" | "nonlocal_statement" => raises,
                "binary_operator" if matches!(field(source, node, "operator"), "/" | "//" | "%" | "**") => raises,
                "call" => {
                    let function = node.child_by_field_name("function");
                    let name = function.map_or("", |function| text(source, function));
                    let head = name.split('.').next().unwrap_or(name);
                    if matches!(
                        head,
                        "os" | "sys"
                            | "subprocess"
                            | "shutil"
                            | "socket"
                            | "open"
                            | "input"
                            | "exit"
                            | "requests"
                            | "urllib"
                            | "time"
                            | "signal"
                            | "threading"
                    ) {
                        outside
                    } else if let Some(own) = self.functions.get(name) {
                        callees.push(*own);
                        None
                    } else if SAFE.contains(&name) {
                        None
                    } else if let Some(method) = name.strip_prefix("self.").filter(|method| is_name(method)) {
                        match enclosing_class(node).map(|class| self.method(class, method, 0)) {
                            Some(Ok(Some(method))) => {
                                callees.push(method);
                                None
                            }
                            _ => raises,
                        }
                    } else {
                        let attribute = function.filter(|function| function.kind() == "attribute");
                        let method = attribute.map_or("", |attribute| field(source, attribute, "attribute"));
                        if SAFE_METHODS.contains(&method) { None } else { raises }
                    }
                }
                "attribute" => {
                    let object = node.child_by_field_name("object");
                    let own = object.is_some_and(|object| matches!(text(source, object), "self" | "cls"));
                    let called = node.parent().is_some_and(|parent| parent.kind() == "call");
                    let name = field(source, node, "attribute");
                    let set = node.parent().is_some_and(|parent| {
                        parent.kind() == "assignment"
                            && parent.child_by_field_name("left").is_some_and(|left| left.id() == node.id())
                    });
                    let there = set || enclosing_class(node).is_some_and(|class| self.has_attribute(class, name, 0));
                    if own
                        && !called
                        && let Some(Ok(Some(property))) = enclosing_class(node).map(|class| self.method(class, name, 0))
                    {
                        callees.push(property);
                    }
                    (!(called || own && there)).then_some(raises).flatten()
                }
                "function_definition" | "class_definition" | "lambda" => return false,
                _ => None,
            };
            why = why.or(found);
            true
        });
        why.or_else(|| callees.into_iter().find_map(|callee| self.risk(callee, seen)))
    }
}

pub(super) const SAFE: &[&str] = &[
    "len",
    "str",
    "repr",
    "bool",
    "isinstance",
    "print",
    "list",
    "tuple",
    "set",
    "dict",
    "frozenset",
    "sorted",
    "enumerate",
    "range",
    "zip",
    "map",
    "filter",
    "any",
    "all",
    "type",
    "hasattr",
    "callable",
    "id",
    "super().__init__",
    "object",
];

pub(super) const SAFE_METHODS: &[&str] = &[
    "append",
    "extend",
    "strip",
    "lstrip",
    "rstrip",
    "lower",
    "upper",
    "split",
    "rsplit",
    "splitlines",
    "join",
    "replace",
    "startswith",
    "endswith",
    "items",
    "keys",
    "values",
    "get",
    "setdefault",
    "copy",
    "format",
    "title",
    "capitalize",
    "casefold",
    "isdigit",
    "isalpha",
    "isalnum",
    "isspace",
    "isupper",
    "islower",
    "isidentifier",
    "find",
    "rfind",
    "count",
    "partition",
    "rpartition",
    "add",
    "discard",
    "clear",
    "update",
    "expandtabs",
    "zfill",
    "swapcase",
    "removeprefix",
    "removesuffix",
    "ljust",
    "rjust",
    "isnumeric",
    "isdecimal",
];

pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// A class's methods with their decorators.
pub(super) fn methods<'src, 'tree>(source: &'src str, class: Node<'tree>) -> Vec<(Vec<&'src str>, Node<'tree>)> {
    let Some(body) = class.child_by_field_name("body") else { return Vec::new() };
    children(body)
        .into_iter()
        .filter_map(|item| {
            let node = item.child_by_field_name("definition").unwrap_or(item);
            (node.kind() == "function_definition").then(|| (decorators(source, node), node))
        })
        .collect()
}

pub(super) fn decorators<'src>(source: &'src str, definition: Node<'_>) -> Vec<&'src str> {
    let Some(parent) = definition.parent().filter(|parent| parent.kind() == "decorated_definition") else {
        return Vec::new();
    };
    children(parent)
        .into_iter()
        .filter(|one| one.kind() == "decorator")
        .map(|one| text(source, one).trim_start_matches('@').trim())
        .collect()
}

pub(super) fn bases<'src>(source: &'src str, class: Node<'_>) -> Vec<&'src str> {
    let list = class.child_by_field_name("superclasses");
    list.map_or_else(Vec::new, |list| {
        children(list).into_iter().filter(|one| one.kind() != "keyword_argument").map(|one| text(source, one)).collect()
    })
}

/// A parameter without a default.
pub(super) struct Parameter<'src> {
    pub(super) name: &'src str,
    pub(super) annotation: &'src str,
    pub(super) keyword: bool,
    pub(super) optional: bool,
}

pub(super) fn parameters<'src>(source: &'src str, function: Node<'_>) -> Vec<Parameter<'src>> {
    let Some(list) = function.child_by_field_name("parameters") else { return Vec::new() };
    let mut found = Vec::new();
    let mut keyword = false;
    for one in children(list) {
        let annotation = field(source, one, "type");
        let (name, optional) = match one.kind() {
            "identifier" => (text(source, one), false),
            "typed_parameter" => match children(one).first() {
                Some(first) if first.kind() == "identifier" => (text(source, *first), false),
                _ => {
                    keyword = true;
                    continue;
                }
            },
            "default_parameter" | "typed_default_parameter" => (field(source, one, "name"), true),
            "keyword_separator" | "list_splat_pattern" => {
                keyword = true;
                continue;
            }
            _ => continue,
        };
        found.push(Parameter { name, annotation, keyword, optional });
    }
    found
}

/// True when a function has a `yield` of its own.
pub(super) fn yields(function: Node<'_>) -> bool {
    let mut found = false;
    if let Some(body) = function.child_by_field_name("body") {
        visit(body, &mut |node| {
            found |= node.kind() == "yield";
            !matches!(node.kind(), "function_definition" | "lambda" | "class_definition")
        });
    }
    found
}
