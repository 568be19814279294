//! Tests of Python code.

use std::collections::BTreeSet;

use super::facts::{Cond, Known, Values, free_name, holds, snake, ways, words};
use super::python_docs::{Check, doctest};
use super::python_file::{Module, Parameter, decorators, enclosing_class, methods, parameters, yields};
use super::python_guards::{Outcome, Reader};
use super::python_values::{spell, value};
use super::{MOST, NoTests};
use crate::chunks::ChunkKind;
use crate::context::tests_place::nodes::{all_children, child, children, field, text};
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

/// How a function is called: the call up to its parenthesis, and a line before it.
pub(super) struct Callee<'src> {
    pub(super) before: Option<String>,
    pub(super) path: String,
    pub(super) parameters: Vec<Parameter<'src>>,
    pub(super) property: bool,
}

pub(super) struct Writer<'a, 'src, 'tree> {
    pub(super) module: &'a Module<'src, 'tree>,
    pub(super) place: &'a TestPlace,
    pub(super) taken: Vec<String>,
    pub(super) tests: Vec<String>,
    pub(super) imports: BTreeSet<String>,
}

impl<'src, 'tree> Writer<'_, 'src, 'tree> {
    pub(super) fn unittest(&self) -> bool {
        self.place.framework == TestFramework::Unittest
    }

    pub(super) fn finish(mut self, name: &str) -> String {
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

    pub(super) fn class(&mut self, class: Node<'tree>) {
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

    pub(super) fn function(&mut self, function: Node<'tree>, class: Option<Node<'tree>>, most: usize) {
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
    pub(super) fn examples(&mut self, prefix: &str, definition: Node<'tree>) {
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

    pub(super) fn callee(
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

    pub(super) fn arguments(
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

    pub(super) fn guards(
        &mut self,
        prefix: &str,
        function: Node<'tree>,
        callee: &Callee<'src>,
        is_async: bool,
        most: usize,
    ) {
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
                        // two `object()`s are never equal
                        let list_of = values.get(name).filter(|known| **known != Known::Object).and_then(spell);
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

    pub(super) fn call(&self, callee: &Callee<'_>, list: &str, is_async: bool) -> String {
        if callee.property {
            return callee.path.clone();
        }
        let call = format!("{}({list})", callee.path);
        if is_async { format!("asyncio.run({call})") } else { call }
    }

    pub(super) fn sample(
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
        if is_async && generator {
            if self.tests.len() == before {
                self.skipped(prefix, "is an asynchronous generator: say how it is read", &call);
            }
            return;
        }
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
        } else if output == "None" && field(source, function, "name") != "__init__" {
            (Check::Equals(call, "None".to_owned()), "returns_none".to_owned())
        } else if let Some(ty) = ty {
            (Check::Instance(call, ty.to_owned()), format!("returns_{}_{ty}", if ty == "int" { "an" } else { "a" }))
        } else {
            (Check::Runs(vec![call]), "does_not_raise".to_owned())
        };
        let lines = self.lines(&check);
        self.push(&format!("{prefix}_{what}"), callee.before.as_deref(), &lines, false);
    }

    pub(super) fn lines(&mut self, check: &Check) -> Vec<String> {
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

    pub(super) fn push(&mut self, name: &str, before: Option<&str>, lines: &[String], captures: bool) {
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

    pub(super) fn skipped(&mut self, prefix: &str, why: &str, call: &str) {
        let lines =
            [format!("# result = {call}"), "# assert result == …: say what you expect".to_owned(), "pass".to_owned()];
        self.skip_with(&format!("{prefix}_returns"), why, &lines);
    }

    pub(super) fn skip_with(&mut self, name: &str, why: &str, lines: &[String]) {
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
}
