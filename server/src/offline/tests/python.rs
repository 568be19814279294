//! Tests of Python code.

use std::collections::{BTreeSet, HashMap};

use super::facts::{Cond, Known, Op, Term, Values, free_name, holds, snake, ways, words};
use super::python_docs::{Check, doctest};
use super::{MOST, NoTests};
use crate::chunks::ChunkKind;
use crate::context::tests_place::nodes::{self, all_children, child, children, field, text, visit};
use crate::context::{Subject, TestFramework, TestPlace};
use crate::syntax::Node;

pub(super) fn tests(subject: &Subject, source: &str, place: &TestPlace) -> Result<String, NoTests> {
    let nothing = || NoTests::Nothing(subject.label());
    let tree = subject.tree.as_ref().ok_or_else(nothing)?;
    let chunk = subject.chunk();
    let module = Module::read(source, tree.root());
    let mut writer =
        Writer { module: &module, place, taken: place.taken.clone(), tests: Vec::new(), imports: BTreeSet::new() };
    let node = tree.root().descendant_for_byte_range(chunk.name_span.start, chunk.name_span.end).ok_or_else(nothing)?;
    let definition = node.parent().ok_or_else(nothing)?;
    match chunk.kind {
        ChunkKind::Function => writer.function(definition, None, MOST),
        ChunkKind::Method => {
            let class = enclosing_class(definition).ok_or_else(nothing)?;
            writer.function(definition, Some(class), MOST);
        }
        ChunkKind::Class => writer.class(definition),
        _ => return Err(nothing()),
    }
    Ok(writer.finish(&chunk.name))
}

fn enclosing_class(node: Node<'_>) -> Option<Node<'_>> {
    let mut at = node.parent()?;
    while at.kind() != "class_definition" {
        at = at.parent()?;
    }
    Some(at)
}

/// What a module holds.
pub(super) struct Module<'src, 'tree> {
    pub(super) source: &'src str,
    functions: HashMap<&'src str, Node<'tree>>,
    classes: HashMap<&'src str, Node<'tree>>,
    /// Every name at the top: definitions, imports, variables.
    pub(super) names: BTreeSet<&'src str>,
    /// Imported names with what they stand for: `module.name`.
    imports: HashMap<&'src str, String>,
    /// Type variables that any type may stand for.
    type_variables: BTreeSet<&'src str>,
}

impl<'src, 'tree> Module<'src, 'tree> {
    fn read(source: &'src str, root: Node<'tree>) -> Self {
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
    fn method(&self, class: Node<'tree>, name: &str, depth: usize) -> Result<Option<Node<'tree>>, ()> {
        let found = methods(self.source, class).into_iter().find(|(_, node)| field(self.source, *node, "name") == name);
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

    /// Why a call with made-up values should not run.
    fn risk(&self, function: Node<'tree>, seen: &mut BTreeSet<usize>) -> Option<&'static str> {
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
                    (!own && !called).then_some("may raise for made-up values: check them and say what you expect")
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

const SAFE: &[&str] = &[
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

const SAFE_METHODS: &[&str] = &[
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
fn methods<'src, 'tree>(source: &'src str, class: Node<'tree>) -> Vec<(Vec<&'src str>, Node<'tree>)> {
    let Some(body) = class.child_by_field_name("body") else { return Vec::new() };
    children(body)
        .into_iter()
        .filter_map(|item| {
            let node = item.child_by_field_name("definition").unwrap_or(item);
            (node.kind() == "function_definition").then(|| (decorators(source, node), node))
        })
        .collect()
}

fn decorators<'src>(source: &'src str, definition: Node<'_>) -> Vec<&'src str> {
    let Some(parent) = definition.parent().filter(|parent| parent.kind() == "decorated_definition") else {
        return Vec::new();
    };
    children(parent)
        .into_iter()
        .filter(|one| one.kind() == "decorator")
        .map(|one| text(source, one).trim_start_matches('@').trim())
        .collect()
}

fn bases<'src>(source: &'src str, class: Node<'_>) -> Vec<&'src str> {
    let list = class.child_by_field_name("superclasses");
    list.map_or_else(Vec::new, |list| {
        children(list).into_iter().filter(|one| one.kind() != "keyword_argument").map(|one| text(source, one)).collect()
    })
}

/// A parameter without a default.
struct Parameter<'src> {
    name: &'src str,
    annotation: &'src str,
    keyword: bool,
    optional: bool,
}

fn parameters<'src>(source: &'src str, function: Node<'_>) -> Vec<Parameter<'src>> {
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

/// An expression, what is known of it, and the imports that it needs.
#[derive(Clone)]
struct Value {
    text: String,
    known: Known,
    imports: Vec<String>,
}

fn value(text: impl Into<String>, known: Known) -> Option<Value> {
    Some(Value { text: text.into(), known, imports: Vec::new() })
}

#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    Value(String),
    Raises(String),
    Parameter(String),
}

struct Guard {
    cond: Cond,
    outcome: Option<Outcome>,
}

/// How a function is called: the call up to its parenthesis, and a line before it.
struct Callee<'src> {
    before: Option<String>,
    path: String,
    parameters: Vec<Parameter<'src>>,
    property: bool,
}

struct Writer<'a, 'src, 'tree> {
    module: &'a Module<'src, 'tree>,
    place: &'a TestPlace,
    taken: Vec<String>,
    tests: Vec<String>,
    imports: BTreeSet<String>,
}

impl<'src, 'tree> Writer<'_, 'src, 'tree> {
    fn unittest(&self) -> bool {
        self.place.framework == TestFramework::Unittest
    }

    fn finish(mut self, name: &str) -> String {
        if self.tests.is_empty() {
            return String::new();
        }
        let mut out: String = self.imports.iter().map(|import| format!("{import}\n")).collect();
        if !out.is_empty() {
            out.push_str("\n\n");
        }
        if self.unittest() {
            let words: String = snake(name)
                .split('_')
                .map(|word| word.get(..1).unwrap_or_default().to_uppercase() + word.get(1..).unwrap_or_default())
                .collect();
            let class = free_name(format!("Test{words}"), &mut self.taken);
            out.push_str(&format!("class {class}(unittest.TestCase):\n"));
            let inner = self.tests.join("\n");
            for line in inner.lines() {
                out.push_str(&if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") });
            }
            return out;
        }
        out + &self.tests.join("\n\n")
    }

    fn class(&mut self, class: Node<'tree>) {
        let source = self.module.source;
        let name = field(source, class, "name");
        self.examples(&snake(name), class);
        let mut skipped = Vec::new();
        let all = methods(source, class);
        let public = all.iter().filter(|(_, node)| !field(source, *node, "name").starts_with('_'));
        let first = all.iter().filter(|(_, node)| field(source, *node, "name") == "__init__");
        for (_, node) in first.chain(public) {
            if self.tests.len() >= MOST {
                break;
            }
            let before = self.tests.len();
            self.function(*node, Some(class), 2);
            let (skip, keep): (Vec<String>, Vec<String>) = self
                .tests
                .drain(before..)
                .partition(|test| test.contains("mark.skip(") || test.contains("unittest.skip("));
            skipped.extend(skip);
            self.tests.extend(keep);
        }
        if self.tests.is_empty() {
            self.tests.extend(skipped.into_iter().take(2));
        }
    }

    fn function(&mut self, function: Node<'tree>, class: Option<Node<'tree>>, most: usize) {
        let source = self.module.source;
        let name = field(source, function, "name");
        let prefix = match class {
            Some(class) if name == "__init__" => snake(field(source, class, "name")),
            Some(class) => format!("{}_{}", snake(field(source, class, "name")), snake(name)),
            None => snake(name),
        };
        let before = self.tests.len();
        self.examples(&prefix, function);
        let marks = decorators(source, function);
        if marks.iter().any(|mark| mark.ends_with("overload")) {
            return;
        }
        let known =
            ["staticmethod", "classmethod", "property", "functools.lru_cache", "lru_cache", "cache", "functools.cache"];
        let strange = marks.iter().find(|mark| !known.contains(&mark.split('(').next().unwrap_or_default()));
        if let Some(mark) = strange {
            if self.tests.len() == before {
                self.skipped(
                    &prefix,
                    &format!("is decorated with `@{mark}`: say how it is called then"),
                    &format!("{name}(…)"),
                );
            }
            return;
        }
        let callee = match self.callee(function, class, &marks) {
            Ok(callee) => callee,
            Err(why) => {
                if self.tests.len() == before {
                    self.skipped(&prefix, &why, &format!("{name}(…)"));
                }
                return;
            }
        };
        let is_async = all_children(function).first().is_some_and(|first| first.kind() == "async");
        let generator = yields(function);
        if !generator {
            self.guards(&prefix, function, &callee, is_async, before + most);
        }
        if self.tests.len() < before + most {
            self.sample(&prefix, function, &callee, is_async, generator, before);
        }
    }

    /// The docstring's examples.
    fn examples(&mut self, prefix: &str, definition: Node<'tree>) {
        let source = self.module.source;
        let Some(body) = definition.child_by_field_name("body") else { return };
        let first = children(body).into_iter().next().filter(|first| first.kind() == "expression_statement");
        let Some(string) = first.and_then(|first| child(first, "string")) else { return };
        let Some(example) = doctest(text(source, string), &self.module.names, self.unittest()) else { return };
        for name in &example.names {
            self.imports.insert(format!("from {} import {name}", self.place.project.module));
        }
        let captures = example.checks.iter().any(|check| matches!(check, Check::Prints(..)));
        let lines: Vec<String> = example.checks.iter().flat_map(|check| self.lines(check)).collect();
        self.push(&format!("{prefix}_example"), None, &lines, captures);
    }

    /// True when a method of the class or a base is there to be overridden.
    fn is_abstract(&self, class: Node<'tree>, depth: usize) -> bool {
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
    fn instance(&self, class: Node<'tree>, depth: usize) -> Result<Value, String> {
        let source = self.module.source;
        let name = field(source, class, "name");
        let missing = || format!("needs a value for `self: {name}`");
        let all_bases = bases(source, class);
        let mut imports = vec![format!("from {} import {name}", self.place.project.module)];
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

    fn callee(
        &mut self,
        function: Node<'tree>,
        class: Option<Node<'tree>>,
        marks: &[&str],
    ) -> Result<Callee<'src>, String> {
        let source = self.module.source;
        let name = field(source, function, "name");
        let mut all = parameters(source, function);
        let Some(class) = class else {
            return Ok(Callee { before: None, path: name.to_owned(), parameters: all, property: false });
        };
        let owner = field(source, class, "name");
        if enclosing_class(class).is_some() {
            return Err("stands in a class inside another: say how it is made".to_owned());
        }
        if marks.contains(&"staticmethod") {
            return Ok(Callee { before: None, path: format!("{owner}.{name}"), parameters: all, property: false });
        }
        if all.is_empty() {
            return Err("takes no `self`".to_owned());
        }
        all.remove(0);
        if marks.contains(&"classmethod") {
            return Ok(Callee { before: None, path: format!("{owner}.{name}"), parameters: all, property: false });
        }
        if name == "__init__" {
            if !matches!(self.module.method(class, "__new__", 0), Ok(None)) || !decorators(source, class).is_empty() {
                return Err(format!("needs a value for `self: {owner}`"));
            }
            return Ok(Callee { before: None, path: owner.to_owned(), parameters: all, property: false });
        }
        let made = self.instance(class, 0)?;
        self.imports.extend(made.imports);
        let path = format!("subject.{name}");
        Ok(Callee {
            before: Some(format!("subject = {}", made.text)),
            path,
            parameters: all,
            property: marks.contains(&"property"),
        })
    }

    fn arguments(
        &self,
        callee: &Callee<'_>,
        way: &[(String, Known)],
        anything: bool,
    ) -> Option<(String, Values, Vec<String>)> {
        let mut values = Values::new();
        let mut list = Vec::new();
        let mut imports = Vec::new();
        let mut keyword = false;
        for one in &callee.parameters {
            let want = way.iter().find(|(name, _)| name == one.name).map(|(_, known)| known);
            if one.optional && want.is_none() {
                keyword = true; // those behind it must be named
                continue;
            }
            let made = match self.make(one.annotation, want, 0) {
                Some(made) => made,
                // what stands behind a guard that leaves is never looked at
                None if anything && want.is_none() => value("None", Known::Null)?,
                None => return None,
            };
            values.insert(one.name.to_owned(), made.known);
            imports.extend(made.imports);
            list.push(if keyword || one.keyword { format!("{}={}", one.name, made.text) } else { made.text });
        }
        Some((list.join(", "), values, imports))
    }

    fn guards(&mut self, prefix: &str, function: Node<'tree>, callee: &Callee<'src>, is_async: bool, most: usize) {
        let Some(body) = function.child_by_field_name("body") else { return };
        let reader = Reader { source: self.module.source, parameters: &callee.parameters };
        let guards = reader.block(body);
        for (at, guard) in guards.iter().enumerate() {
            let Some(outcome) = &guard.outcome else { continue };
            let mut seen: Vec<Vec<String>> = Vec::new();
            let several = matches!(guard.cond, Cond::OneOf(..));
            for way in ways(&guard.cond) {
                let names: Vec<String> = way.iter().map(|(name, _)| name.clone()).collect();
                if self.tests.len() >= most || (seen.contains(&names) && !several) {
                    continue;
                }
                let Some((list, values, imports)) = self.arguments(callee, &way, true) else { continue };
                let before = guards.iter().take(at).all(|guard| holds(&guard.cond, &values) == Some(false));
                if !before || holds(&guard.cond, &values) != Some(true) {
                    continue;
                }
                let call = self.call(callee, &list, is_async);
                let (check, what) = match outcome {
                    Outcome::Value(value) => {
                        let words = snake(value);
                        let words = if words.is_empty() { "nothing".to_owned() } else { words };
                        (Check::Equals(call, value.clone()), format!("returns_{words}"))
                    }
                    Outcome::Parameter(name) => {
                        let list_of = values.get(name).and_then(spell);
                        let Some(same) = list_of else { continue };
                        (Check::Equals(call, same), format!("returns_{}", snake(name)))
                    }
                    Outcome::Raises(exception) => {
                        let own = self.module.names.contains(exception.as_str());
                        if !own && !super::python_docs::is_builtin(exception) {
                            continue;
                        }
                        if own {
                            self.imports.insert(format!("from {} import {exception}", self.place.project.module));
                        }
                        (Check::Raises(exception.clone(), call), format!("raises_{}", snake(exception)))
                    }
                };
                seen.push(names);
                self.imports.extend(imports);
                if is_async {
                    self.imports.insert("import asyncio".to_owned());
                }
                let lines = self.lines(&check);
                let when = words(&way);
                let name =
                    if when.is_empty() { format!("{prefix}_{what}") } else { format!("{prefix}_{what}_when_{when}") };
                self.push(&name, callee.before.as_deref(), &lines, false);
            }
        }
    }

    fn call(&self, callee: &Callee<'_>, list: &str, is_async: bool) -> String {
        if callee.property {
            return callee.path.clone();
        }
        let call = format!("{}({list})", callee.path);
        if is_async { format!("asyncio.run({call})") } else { call }
    }

    fn sample(
        &mut self,
        prefix: &str,
        function: Node<'tree>,
        callee: &Callee<'src>,
        is_async: bool,
        generator: bool,
        before: usize,
    ) {
        let source = self.module.source;
        let Some((list, _, imports)) = self.arguments(callee, &[], false) else {
            if self.tests.len() == before {
                let missing: Vec<String> = callee
                    .parameters
                    .iter()
                    .filter(|one| !one.optional && self.make(one.annotation, None, 0).is_none())
                    .map(|one| {
                        if one.annotation.is_empty() {
                            format!("`{}`", one.name)
                        } else {
                            format!("`{}: {}`", one.name, one.annotation)
                        }
                    })
                    .collect();
                let names: Vec<&str> =
                    callee.parameters.iter().filter(|one| !one.optional).map(|one| one.name).collect();
                let call = self.call(callee, &names.join(", "), is_async);
                self.skipped(prefix, &format!("needs a value for {}", missing.join(" and ")), &call);
            }
            return;
        };
        let call = self.call(callee, &list, is_async);
        let risk = self.module.risk(function, &mut BTreeSet::new());
        if risk.is_some() && self.tests.len() > before {
            return;
        }
        self.imports.extend(imports);
        if is_async {
            self.imports.insert("import asyncio".to_owned());
        }
        if let Some(why) = risk {
            let lines: Vec<String> = callee.before.iter().cloned().chain([call]).collect();
            self.skip_with(&format!("{prefix}_returns"), why, &lines);
            return;
        }
        let output = field(source, function, "return_type").trim_matches(['"', '\'']);
        let head = output.split('[').next().unwrap_or_default();
        let ty = match head {
            "str" | "int" | "bool" | "bytes" | "list" | "dict" | "set" | "tuple" | "frozenset" => Some(head),
            "List" => Some("list"),
            "Dict" => Some("dict"),
            "Tuple" => Some("tuple"),
            _ => None,
        };
        let (check, what) = if generator {
            (Check::Runs(vec![format!("list({call})")]), "does_not_raise".to_owned())
        } else if output == "None" && !callee.path.starts_with(|c: char| c.is_uppercase()) {
            (Check::Equals(call, "None".to_owned()), "returns_none".to_owned())
        } else if let Some(ty) = ty {
            (Check::Instance(call, ty.to_owned()), format!("returns_{}_{ty}", if ty == "int" { "an" } else { "a" }))
        } else {
            (Check::Runs(vec![call]), "does_not_raise".to_owned())
        };
        let lines = self.lines(&check);
        self.push(&format!("{prefix}_{what}"), callee.before.as_deref(), &lines, false);
    }

    fn lines(&mut self, check: &Check) -> Vec<String> {
        let unit = self.unittest();
        match check {
            Check::Runs(lines) => lines.clone(),
            Check::Equals(call, value) => {
                let single = matches!(value.as_str(), "None" | "True" | "False");
                vec![match (unit, single) {
                    (true, true) => format!("self.assertIs({call}, {value})"),
                    (true, false) => format!("self.assertEqual({call}, {value})"),
                    (false, true) => format!("assert {call} is {value}"),
                    (false, false) => format!("assert {call} == {value}"),
                }]
            }
            Check::Instance(call, ty) if unit => vec![format!("self.assertIsInstance({call}, {ty})")],
            Check::Instance(call, ty) => vec![format!("assert isinstance({call}, {ty})")],
            Check::Raises(exception, call) => {
                let head = if unit {
                    format!("with self.assertRaises({exception}):")
                } else {
                    format!("with pytest.raises({exception}):")
                };
                if !unit {
                    self.imports.insert("import pytest".to_owned());
                }
                [head].into_iter().chain(call.lines().map(|line| format!("    {line}"))).collect()
            }
            Check::Prints(lines, output) => {
                lines.iter().cloned().chain([format!("assert capsys.readouterr().out == {output}")]).collect()
            }
        }
    }

    fn push(&mut self, name: &str, before: Option<&str>, lines: &[String], captures: bool) {
        let name = free_name(format!("test_{name}"), &mut self.taken);
        let parameter = if self.unittest() {
            "self"
        } else if captures {
            "capsys"
        } else {
            ""
        };
        let mut test = format!("def {name}({parameter}):\n");
        for line in before.into_iter().chain(lines.iter().map(String::as_str)) {
            test.push_str(&if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") });
        }
        self.tests.push(test);
    }

    fn skipped(&mut self, prefix: &str, why: &str, call: &str) {
        let lines =
            [format!("# result = {call}"), "# assert result == …: say what you expect".to_owned(), "pass".to_owned()];
        self.skip_with(&format!("{prefix}_returns"), why, &lines);
    }

    fn skip_with(&mut self, name: &str, why: &str, lines: &[String]) {
        let name = free_name(format!("test_{name}"), &mut self.taken);
        let why = why.split_whitespace().collect::<Vec<_>>().join(" ").replace('\\', "\\\\").replace('"', "\\\"");
        let (mark, parameter) = if self.unittest() {
            (format!("@unittest.skip(\"{why}\")"), "self")
        } else {
            self.imports.insert("import pytest".to_owned());
            (format!("@pytest.mark.skip(reason=\"{why}\")"), "")
        };
        let mut test = format!("{mark}\ndef {name}({parameter}):\n");
        lines.iter().for_each(|line| test.push_str(&format!("    {line}\n")));
        self.tests.push(test);
    }

    /// A value for an annotation; with `want`, this very value.
    fn make(&self, annotation: &str, want: Option<&Known>, depth: usize) -> Option<Value> {
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

/// True when a function has a `yield` of its own.
fn yields(function: Node<'_>) -> bool {
    let mut found = false;
    if let Some(body) = function.child_by_field_name("body") {
        visit(body, &mut |node| {
            found |= node.kind() == "yield";
            !matches!(node.kind(), "function_definition" | "lambda" | "class_definition")
        });
    }
    found
}

fn spell(known: &Known) -> Option<String> {
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
fn split_top(text: &str, at: char) -> Vec<&str> {
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

/// Reads guards out of a body.
struct Reader<'a, 'src> {
    source: &'src str,
    parameters: &'a [Parameter<'src>],
}

impl Reader<'_, '_> {
    fn block(&self, body: Node<'_>) -> Vec<Guard> {
        let mut guards = Vec::new();
        for (at, statement) in children(body).into_iter().enumerate() {
            let documentation =
                at == 0 && statement.kind() == "expression_statement" && child(statement, "string").is_some();
            match statement.kind() {
                _ if documentation => {}
                "if_statement" => {
                    if !self.branch(statement, &mut guards) {
                        break;
                    }
                }
                "return_statement" | "raise_statement" => {
                    guards.push(Guard { cond: Cond::Always, outcome: self.leaves(statement).flatten() });
                    break;
                }
                "pass_statement" => {}
                _ => break,
            }
        }
        guards
    }

    fn branch(&self, node: Node<'_>, guards: &mut Vec<Guard>) -> bool {
        let mut leaves = true;
        let mut add = |node: Node<'_>, cond: Cond, block: Option<Node<'_>>| {
            let _ = node;
            let statements = block.map(children).unwrap_or_default();
            let outcome = match statements.as_slice() {
                [one] => self.leaves(*one),
                [.., last] => self.leaves(*last).map(|_| None),
                [] => None,
            };
            leaves &= outcome.is_some();
            guards.push(Guard { cond, outcome: outcome.flatten() });
        };
        let cond = node.child_by_field_name("condition").map_or(Cond::Unknown, |cond| self.cond(cond));
        add(node, cond, node.child_by_field_name("consequence"));
        let mut cursor = node.walk();
        for other in node.children_by_field_name("alternative", &mut cursor) {
            if other.kind() == "elif_clause" {
                let cond = other.child_by_field_name("condition").map_or(Cond::Unknown, |cond| self.cond(cond));
                add(other, cond, other.child_by_field_name("consequence"));
            } else {
                add(other, Cond::Always, other.child_by_field_name("body"));
            }
        }
        leaves
    }

    /// What a statement that leaves the function returns; `None` when it goes on.
    fn leaves(&self, statement: Node<'_>) -> Option<Option<Outcome>> {
        match statement.kind() {
            "return_statement" => Some(match children(statement).first() {
                None => Some(Outcome::Value("None".to_owned())),
                Some(value) if is_literal(*value) => Some(Outcome::Value(text(self.source, *value).to_owned())),
                Some(value) if value.kind() == "identifier" => {
                    let name = text(self.source, *value);
                    self.parameters.iter().any(|one| one.name == name).then(|| Outcome::Parameter(name.to_owned()))
                }
                Some(_) => None,
            }),
            "raise_statement" => {
                let first = children(statement).into_iter().next();
                let exception = first.map(|first| {
                    if first.kind() == "call" {
                        field(self.source, first, "function")
                    } else {
                        text(self.source, first)
                    }
                });
                // a message that looks into the values may fail itself
                let plain = first.and_then(|first| first.child_by_field_name("arguments")).is_none_or(|arguments| {
                    let mut plain = true;
                    visit(arguments, &mut |node| {
                        plain &= !matches!(
                            node.kind(),
                            "attribute" | "subscript" | "call" | "binary_operator" | "format_specifier"
                        );
                        plain
                    });
                    plain
                });
                Some(exception.filter(|name| plain && is_name(name)).map(|name| Outcome::Raises(name.to_owned())))
            }
            _ => None,
        }
    }

    fn parameter(&self, node: Node<'_>) -> Option<String> {
        let name = text(self.source, node);
        (node.kind() == "identifier" && self.parameters.iter().any(|one| one.name == name)).then(|| name.to_owned())
    }

    fn cond(&self, node: Node<'_>) -> Cond {
        let source = self.source;
        match node.kind() {
            "parenthesized_expression" => children(node).first().map_or(Cond::Unknown, |inner| self.cond(*inner)),
            "not_operator" => node
                .child_by_field_name("argument")
                .map_or(Cond::Unknown, |inner| Cond::Not(Box::new(self.cond(inner)))),
            "boolean_operator" => {
                let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right"))
                else {
                    return Cond::Unknown;
                };
                let both = vec![self.cond(left), self.cond(right)];
                if field(source, node, "operator") == "and" { Cond::All(both) } else { Cond::Any(both) }
            }
            "identifier" => self.parameter(node).map_or(Cond::Unknown, Cond::Truthy),
            "comparison_operator" => self.comparison(node).unwrap_or(Cond::Unknown),
            "call" => self.test(node).unwrap_or(Cond::Unknown),
            _ => Cond::Unknown,
        }
    }

    fn comparison(&self, node: Node<'_>) -> Option<Cond> {
        let source = self.source;
        let operands = children(node);
        let [left, right] = operands.as_slice() else { return None };
        let operator =
            source.get(left.end_byte()..right.start_byte())?.split_whitespace().collect::<Vec<_>>().join(" ");
        if matches!(operator.as_str(), "in" | "not in") {
            let name = self.parameter(*left)?;
            if !matches!(right.kind(), "tuple" | "list" | "set") {
                return None;
            }
            let list: Vec<Known> = children(*right).into_iter().map(|one| self.literal(one)).collect::<Option<_>>()?;
            let cond = Cond::OneOf(name, list);
            return Some(if operator == "in" { cond } else { Cond::Not(Box::new(cond)) });
        }
        let op = Op::read(&operator)?;
        let (left, right) = (self.term(*left)?, self.term(*right)?);
        Some(match (&left, &right) {
            (Term::Param(name), Term::Value(Known::Null)) if op == Op::Eq => Cond::Null(name.clone()),
            (Term::Param(name), Term::Value(Known::Null)) if op == Op::Ne => {
                Cond::Not(Box::new(Cond::Null(name.clone())))
            }
            _ if operator.starts_with("is") => return None,
            _ => Cond::Compare(left, op, right),
        })
    }

    fn term(&self, node: Node<'_>) -> Option<Term> {
        if let Some(name) = self.parameter(node) {
            return Some(Term::Param(name));
        }
        if node.kind() == "call" && field(self.source, node, "function") == "len" {
            let arguments = children(node.child_by_field_name("arguments")?);
            return arguments.first().and_then(|one| self.parameter(*one)).map(Term::Len);
        }
        self.literal(node).map(Term::Value)
    }

    fn test(&self, node: Node<'_>) -> Option<Cond> {
        let source = self.source;
        let function = node.child_by_field_name("function")?;
        let arguments = children(node.child_by_field_name("arguments")?);
        if text(source, function) == "isinstance" {
            let [value, ty] = arguments.as_slice() else { return None };
            let ty = text(source, *ty);
            return Some(Cond::Instance(self.parameter(*value)?, ty.to_owned())).filter(|_| !ty.contains("object"));
        }
        if function.kind() == "attribute" {
            let name = self.parameter(function.child_by_field_name("object")?)?;
            let Known::Str(literal) = self.literal(*arguments.first()?)? else { return None };
            let text_like = self.parameters.iter().any(|one| one.name == name && one.annotation == "str");
            return match field(source, function, "attribute") {
                "startswith" if text_like => Some(Cond::StartsWith(name, literal)),
                "endswith" if text_like => Some(Cond::EndsWith(name, literal)),
                _ => None,
            };
        }
        None
    }

    fn literal(&self, node: Node<'_>) -> Option<Known> {
        let written = text(self.source, node);
        match node.kind() {
            "integer" => written.replace('_', "").parse().ok().map(Known::Int),
            "float" => written.parse().ok().map(Known::Float),
            "true" => Some(Known::Bool(true)),
            "false" => Some(Known::Bool(false)),
            "none" => Some(Known::Null),
            "string" => {
                let quote = written.chars().next().filter(|c| matches!(c, '"' | '\''))?;
                let inner = written.strip_prefix(quote)?.strip_suffix(quote)?;
                (!inner.contains(['\\', '"', '\'', '\n'])).then(|| Known::Str(inner.to_owned()))
            }
            "unary_operator" => match self.literal(node.child_by_field_name("argument")?)? {
                Known::Int(value) if written.starts_with('-') => Some(Known::Int(-value)),
                Known::Float(value) if written.starts_with('-') => Some(Known::Float(-value)),
                _ => None,
            },
            _ => None,
        }
    }
}

/// True for an expression that is the same everywhere.
pub(super) fn is_literal(node: Node<'_>) -> bool {
    match node.kind() {
        "integer" | "float" | "true" | "false" | "none" => true,
        "string" => nodes::child(node, "interpolation").is_none(),
        "concatenated_string"
        | "list"
        | "tuple"
        | "set"
        | "dictionary"
        | "pair"
        | "parenthesized_expression"
        | "unary_operator" => children(node).into_iter().all(is_literal),
        _ => false,
    }
}
