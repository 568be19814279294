//! Tests of Rust code.

use super::facts::{Cond, Known, Values, free_name, holds, snake, ways, words};
use super::rust_docs::{Example, examples};
use super::rust_file::{Item, Module, Risk, items, varies};
use super::rust_guards::{Guard, Outcome, Reader, top_level_comma};
use super::rust_values::{Maker, Scope, Ty, Value, borrows_temporary, is_marked, receiver, with_args};
use super::{MOST, NoTests};
use crate::chunks::{ChunkId, ChunkKind};
use crate::context::tests_place::indented;
use crate::context::tests_place::nodes::{child, children, field, text};
use crate::context::{Subject, TestPlace};
use crate::syntax::Node;

pub(super) fn tests(subject: &Subject, source: &str, place: &TestPlace) -> Result<String, NoTests> {
    let nothing = || NoTests::Nothing(subject.label());
    let tree = subject.tree.as_ref().ok_or_else(nothing)?;
    let chunk = subject.chunk();
    let container = container(tree.root(), chunk.item.start);
    let module = Module::read(source, container, place.project.no_std);
    let mut writer = Writer { maker: Maker { module: &module }, place, taken: place.taken.clone(), tests: Vec::new() };
    match chunk.kind {
        ChunkKind::Function => {
            let item = items(source, container).into_iter().find(|item| item.node.start_byte() == chunk.item.start);
            let item = item.ok_or_else(nothing)?;
            writer.function(&Target { item, around: None, documentation: &chunk.documentation(&subject.text) }, MOST);
        }
        ChunkKind::Method => {
            let parent = subject.chunks.parent(subject.focus).unwrap_or(ChunkId::FILE);
            if subject.chunks.get(parent).kind == ChunkKind::Interface {
                return Err(NoTests::Trait(subject.label()));
            }
            let (around, item) = method(&module, chunk.item.start).ok_or_else(nothing)?;
            writer.function(
                &Target { item, around: Some(around), documentation: &chunk.documentation(&subject.text) },
                MOST,
            );
        }
        ChunkKind::Type | ChunkKind::Impl => {
            if chunk.kind == ChunkKind::Type {
                let item = module.types.get(&*chunk.name).ok_or_else(nothing)?;
                writer.examples(&snake(&chunk.name), item, None, &chunk.documentation(&subject.text), 3);
            }
            writer.methods(subject, chunk.kind);
        }
        _ => return Err(nothing()),
    }
    Ok(writer.finish())
}

/// The module that the byte stands in: its body, or the file.
pub(super) fn container(root: Node<'_>, at: usize) -> Node<'_> {
    let mut node = root.descendant_for_byte_range(at, at).unwrap_or(root);
    while let Some(parent) = node.parent() {
        if node.kind() == "declaration_list" && parent.kind() == "mod_item" {
            return node;
        }
        node = parent;
    }
    root
}

pub(super) fn method<'a, 'tree>(
    module: &'a Module<'_, 'tree>,
    at: usize,
) -> Option<(&'a super::rust_file::Impl<'tree>, Item<'tree>)> {
    module.impls.iter().find_map(|one| {
        let item = one.functions.iter().find(|item| item.node.start_byte() == at)?;
        Some((one, item.clone()))
    })
}

/// A function to test.
pub(super) struct Target<'a, 'tree> {
    pub(super) item: Item<'tree>,
    pub(super) around: Option<&'a super::rust_file::Impl<'tree>>,
    pub(super) documentation: &'a str,
}

/// A parameter: its name, its type as written, and the type.
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) written: String,
    pub(super) ty: Ty,
}

impl Parameter {
    /// One for a type parameter that stands for a reference: there nothing is coerced.
    pub(super) fn depth(&self) -> usize {
        usize::from(matches!(self.ty, Ty::Ref { .. }) && !self.written.starts_with('&'))
    }
}

/// How a function is called.
pub(super) struct Callee {
    /// `f`, `Type::f`, `subject.f`
    pub(super) path: String,
    /// The statement that makes the receiver; a later call repeats it.
    pub(super) subject: Option<String>,
    /// The receiver as the first argument: `&subject`.
    pub(super) first: Option<String>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) output: Option<Ty>,
    pub(super) is_async: bool,
    pub(super) own: Option<Ty>,
}

pub(super) struct Writer<'a, 'src, 'tree> {
    pub(super) maker: Maker<'a, 'src, 'tree>,
    pub(super) place: &'a TestPlace,
    pub(super) taken: Vec<String>,
    pub(super) tests: Vec<String>,
}

impl<'tree> Writer<'_, '_, 'tree> {
    pub(super) fn src(&self) -> &str {
        self.maker.module.source
    }

    pub(super) fn finish(self) -> String {
        let code = self.tests.join("\n");
        if self.place.project.no_std && code.contains("std::") { format!("extern crate std;\n\n{code}") } else { code }
    }

    /// Tests of the constructors and public methods of a type or impl.
    pub(super) fn methods(&mut self, subject: &Subject, kind: ChunkKind) {
        let chunk = subject.chunk();
        let module = self.maker.module;
        let own: Vec<_> = module
            .impls
            .iter()
            .filter(|one| match kind {
                ChunkKind::Impl => one.item.node.start_byte() == chunk.item.start,
                _ => one.name == *chunk.name && one.of.is_empty(),
            })
            .collect();
        let mut all: Vec<(bool, _, &Item<'tree>)> = own
            .iter()
            .flat_map(|one| one.functions.iter().map(move |item| (*one, item)))
            .map(|(one, item)| (child(item.node, "visibility_modifier").is_some() || !one.of.is_empty(), one, item))
            .collect();
        all.sort_by_key(|(public, _, item)| (!public, receiver(item.node).is_some()));
        // first those that tests can run for, then one skipped test at most
        let mut skipped: Vec<String> = Vec::new();
        for (_, around, item) in all {
            if self.tests.len() >= MOST {
                break;
            }
            let at = item.node.start_byte();
            let id = subject.chunks.definitions().find(|(_, chunk)| chunk.item.start == at).map(|(id, _)| id);
            let documentation =
                id.map(|id| subject.chunks.get(id).documentation(&subject.text).into_owned()).unwrap_or_default();
            let before = self.tests.len();
            self.function(&Target { item: item.clone(), around: Some(around), documentation: &documentation }, 2);
            skipped.extend(self.tests.iter().skip(before).filter(|test| test.contains("#[ignore")).cloned());
            let mut kept = 0;
            self.tests.retain(|test| {
                kept += 1;
                kept <= before || !test.contains("#[ignore")
            });
        }
        if self.tests.is_empty() {
            self.tests.extend(skipped.into_iter().take(2));
        }
    }

    pub(super) fn function(&mut self, target: &Target<'_, 'tree>, most: usize) {
        let source = self.src();
        let node = target.item.node;
        let name = field(source, node, "name").trim_start_matches("r#").to_owned();
        let prefix = match target.around {
            Some(around) if !around.name.is_empty() => format!("{}_{}", snake(&around.name), snake(&name)),
            _ => snake(&name),
        };
        let before = self.tests.len();
        self.examples(&prefix, &target.item, target.around, target.documentation, most.min(3));
        let callee = match self.callee(target) {
            Ok(callee) => callee,
            Err(why) => {
                if self.tests.len() == before {
                    self.skipped(&prefix, target, &why, &format!("{name}(…)"));
                }
                return;
            }
        };
        if matches!(&callee.output, Some(Ty::Other(text)) if text == "!") {
            return;
        }
        self.guards(&prefix, target, &callee, before + most);
        if self.tests.len() < before + most {
            self.sample(&prefix, target, &callee, before);
        }
    }

    /// Tests from the documentation.
    pub(super) fn examples(
        &mut self,
        prefix: &str,
        item: &Item<'_>,
        around: Option<&super::rust_file::Impl<'_>>,
        documentation: &str,
        most: usize,
    ) {
        let project = &self.place.project;
        for Example { body, should_panic, error } in
            examples(documentation, &project.module, project.no_std).into_iter().take(most)
        {
            let name = free_name(format!("{prefix}_example"), &mut self.taken);
            let mut test = head(item, should_panic.then_some("#[should_panic]"), false);
            around.iter().flat_map(|around| around.item.cfgs()).for_each(|cfg| test.push_str(&format!("{cfg}\n")));
            match error {
                Some(error) if self.place.project.no_std => {
                    let error = error.replace("Box<", "std::boxed::Box<");
                    test.push_str(&format!("fn {name}() -> Result<(), {error}> {{\n"));
                }
                Some(error) => test.push_str(&format!("fn {name}() -> Result<(), {error}> {{\n")),
                None => test.push_str(&format!("fn {name}() {{\n")),
            }
            test.push_str(&indent(&body));
            test.push_str("}\n");
            self.tests.push(test);
        }
    }

    /// How to call the function, or which value is missing.
    pub(super) fn callee(&self, target: &Target<'_, 'tree>) -> Result<Callee, String> {
        let source = self.src();
        let node = target.item.node;
        let name = field(source, node, "name");
        let maker = &self.maker;
        let mut scope = Scope::default();
        let mut path = name.to_owned();
        let mut own = None;
        let generic = || "is generic in a way that no made-up type fits".to_owned();
        if let Some(around) = target.around {
            maker.add_generics(around.item.node, &mut scope).ok_or_else(generic)?;
            let written = around.item.node.child_by_field_name("type").ok_or_else(generic)?;
            let ty = maker.ty(written, &scope);
            let spelled = maker.spell_with_lifetimes(&ty).ok_or_else(generic)?;
            scope.own = Some(ty.clone());
            let qualified = if around.of.is_empty() {
                match &ty {
                    Ty::Named { path, .. } => with_args(path, &ty).ok_or_else(generic)?,
                    _ => format!("<{spelled}>"),
                }
            } else {
                let of = around.item.node.child_by_field_name("trait").ok_or_else(generic)?;
                let of = maker.ty(of, &scope).spell().ok_or_else(generic)?;
                if matches!(of.as_str(), "Drop" | "ops::Drop") {
                    return Err("can't be called: the compiler calls it".to_owned());
                }
                format!("<{spelled} as {of}>")
            };
            path = format!("{qualified}::{name}");
            own = Some(ty);
        }
        if is_marked(source, node, "unsafe") {
            return Err("is unsafe: a test must first make sure of what it demands".to_owned());
        }
        let names = maker.add_generics(node, &mut scope).ok_or_else(generic)?;
        let list = node.child_by_field_name("parameters").ok_or_else(generic)?;
        let mut parameters = Vec::new();
        for one in children(list) {
            match one.kind() {
                "parameter" => {
                    let pattern = one.child_by_field_name("pattern");
                    let written = one.child_by_field_name("type").ok_or_else(generic)?;
                    if pattern.is_some_and(|pattern| pattern.kind() == "self") {
                        return Err(format!("needs a receiver `{}`", text(source, one)));
                    }
                    let name =
                        pattern.filter(|pattern| pattern.kind() == "identifier").map_or("_", |name| text(source, name));
                    parameters.push(Parameter {
                        name: name.to_owned(),
                        written: text(source, written).split_whitespace().collect::<Vec<_>>().join(" "),
                        ty: maker.ty(written, &scope),
                    });
                }
                "self_parameter" => {}
                _ => return Err(generic()), // attributes, `...`
            }
        }
        // a type parameter that no argument tells must be written
        let told = |name: &String| {
            parameters
                .iter()
                .any(|one| one.written.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name))
        };
        let named_ones: Vec<String> = names
            .iter()
            .map(|name| match scope.generics.get(name) {
                Some(ty) if !told(name) => ty.spell().ok_or_else(generic),
                _ => Ok("_".to_owned()),
            })
            .collect::<Result<_, _>>()?;
        if named_ones.iter().any(|one| one != "_") {
            path.push_str(&format!("::<{}>", named_ones.join(", ")));
        }
        if target.around.is_none() && self.place.hiding.iter().any(|hiding| hiding == name) {
            path = format!("super::{path}");
        }
        let output = node.child_by_field_name("return_type").map(|ty| maker.ty(ty, &scope));
        let mut callee = Callee {
            path,
            subject: None,
            first: None,
            parameters,
            output,
            is_async: is_marked(source, node, "async"),
            own: own.clone(),
        };
        if let Some(receiver) = receiver(node) {
            let written = text(source, receiver);
            let own = own.ok_or_else(generic)?;
            if written.contains(':') {
                return Err(format!("needs a receiver `{written}`"));
            }
            let text_like = matches!(&own, Ty::Slice(_)) || own.name() == "str";
            let made = if text_like && written.starts_with('&') && !written.contains("mut") {
                let own = Ty::Ref { mutable: false, fixed: false, to: Box::new(own.clone()) };
                maker.make(&own, None, 1).map(|made| Value { text: format!("*{}", made.text), ..made })
            } else {
                // behind a reference no coercion makes a slice of an array
                maker.make(&own, None, usize::from(matches!(own, Ty::Ref { .. })))
            };
            let made = made.filter(|made| !borrows_temporary(&made.text));
            let made = made.ok_or_else(|| format!("needs a value for `self: {}`", own.spell().unwrap_or_default()))?;
            self.receive(&mut callee, target, written, &made.text, name);
        }
        Ok(callee)
    }

    /// Puts the receiver in front of the call.
    pub(super) fn receive(&self, callee: &mut Callee, target: &Target<'_, '_>, written: &str, made: &str, name: &str) {
        let by_ref = written.starts_with('&');
        // an unsized receiver stays behind its reference
        let (unsized_one, made) = made.strip_prefix('*').map_or((false, made), |made| (true, made));
        let mutable = by_ref && written.contains("mut");
        let variable = "subject";
        callee.subject = Some(format!("let {}{variable} = {made};", if mutable { "mut " } else { "" }));
        let inherent = target.around.is_some_and(|around| around.of.is_empty());
        let turbofish = callee.path.rsplit_once(&format!("::{name}::<")).map(|(_, args)| format!("::<{args}"));
        if inherent {
            callee.path = format!("{variable}.{name}{}", turbofish.unwrap_or_default());
        } else {
            let by = match (mutable, by_ref && !unsized_one) {
                (true, _) => "&mut ",
                (false, true) => "&",
                (false, false) => "",
            };
            callee.first = Some(format!("{by}{variable}"));
        }
    }

    /// Tests of the guards at the start of the body.
    pub(super) fn guards(&mut self, prefix: &str, target: &Target<'_, 'tree>, callee: &Callee, most: usize) {
        if callee.is_async && !self.place.project.tokio_test {
            return;
        }
        let guards = self.read_guards(target, callee);
        let self_enum = callee.own.as_ref().filter(|_| callee.subject.is_some()).cloned();
        for (at, guard) in guards.iter().enumerate() {
            let Some(outcome) = &guard.outcome else { continue };
            let mut ways = ways(&guard.cond);
            if guard.cond == Cond::Always {
                // what lies behind all guards: the sample itself
                ways = vec![Vec::new()];
            }
            for way in ways {
                if self.tests.len() >= most {
                    return;
                }
                let Some((arguments, mut values)) = self.arguments(callee, &way) else { continue };
                let mut subject = callee.subject.clone();
                if let Some(own) = &self_enum {
                    let want = way.iter().find(|(name, _)| name == "self").map(|(_, known)| known);
                    let Some(made) = self.maker.make(own, want, 0) else { continue };
                    values.insert("self".to_owned(), made.known);
                    subject = subject.map(|line| match line.split_once(" = ") {
                        Some((left, _)) => format!("{left} = {};", made.text),
                        None => line,
                    });
                }
                let before = guards.iter().take(at).all(|guard| holds(&guard.cond, &values) == Some(false));
                if !before || holds(&guard.cond, &values) != Some(true) {
                    continue;
                }
                let call = self.call(callee, &arguments);
                let Some((statement, what)) = self.expect(callee, outcome, &call) else { continue };
                let when = words(&way);
                let name =
                    if when.is_empty() { format!("{prefix}_{what}") } else { format!("{prefix}_{what}_when_{when}") };
                let panics = *outcome == Outcome::Panics;
                self.push(&name, target, callee, panics.then_some("#[should_panic]"), subject.as_deref(), &statement);
            }
        }
    }

    /// The statement that checks the outcome, and what the test's name says of it.
    pub(super) fn expect(&self, callee: &Callee, outcome: &Outcome, call: &str) -> Option<(String, String)> {
        let kind = callee.output.as_ref().map(|ty| (ty, ty.name().to_owned()));
        match (outcome, kind) {
            (Outcome::Panics, None) => Some((format!("{call};"), "panics".to_owned())),
            (Outcome::Panics, Some(_)) => Some((format!("let _ = {call};"), "panics".to_owned())),
            (Outcome::None, Some((ty, name))) if name == "Option" => {
                let statement = if self.maker.compares(ty) {
                    assert_eq(call, "None")
                } else {
                    format!("assert!({call}.is_none());")
                };
                Some((statement, "returns_none".to_owned()))
            }
            (Outcome::Err, Some((_, name))) if name == "Result" => {
                Some((format!("assert!({call}.is_err());"), "returns_an_error".to_owned()))
            }
            (Outcome::Value(value), Some((ty, _))) => {
                let what = snake(value);
                let what = if what.is_empty() { "returns_nothing".to_owned() } else { format!("returns_{what}") };
                let statement = match value.as_str() {
                    "true" if ty.name() == "bool" => format!("assert!({call});"),
                    "false" if ty.name() == "bool" => format!("assert!(!{call});"),
                    _ if self.maker.compares(ty) => assert_eq(call, value),
                    _ if matches!(ty.name(), "f32" | "f64") => assert_eq(call, value),
                    _ => return None,
                };
                Some((statement, what))
            }
            _ => None,
        }
    }

    /// The arguments with the values that the way wants, and what is known of them.
    pub(super) fn arguments(&self, callee: &Callee, way: &[(String, Known)]) -> Option<(Vec<String>, Values)> {
        let mut values = Values::new();
        let mut list = Vec::new();
        for parameter in &callee.parameters {
            let want = way.iter().find(|(name, _)| *name == parameter.name).map(|(_, known)| known);
            let Value { text, known } = self.maker.make(&parameter.ty, want, parameter.depth())?;
            values.insert(parameter.name.clone(), known);
            list.push(text);
        }
        let known = |name: &String| name == "self" || values.contains_key(name);
        way.iter().all(|(name, _)| known(name)).then_some((list, values))
    }

    pub(super) fn call(&self, callee: &Callee, arguments: &[String]) -> String {
        let all: Vec<String> = callee.first.iter().cloned().chain(arguments.iter().cloned()).collect();
        let call = format!("{}({})", callee.path, all.join(", "));
        if callee.is_async { format!("{call}.await") } else { call }
    }

    /// A call with made-up values: it must not panic, and give the same result twice where that can be compared.
    pub(super) fn sample(&mut self, prefix: &str, target: &Target<'_, 'tree>, callee: &Callee, before: usize) {
        let source = self.src();
        let node = target.item.node;
        if let Some(call) = self.shown(target, callee) {
            let risk = self.maker.module.risk(node);
            let attribute = risk.map(|_| ignore("may panic for made-up values: check them and say what you expect"));
            if risk.is_none() || self.tests.len() == before {
                let statement = format!("let _ = {call};");
                let name = format!("{prefix}_does_not_panic");
                self.push(&name, target, callee, attribute.as_deref(), callee.subject.as_deref(), &statement);
            }
            return;
        }
        let missing: Vec<&Parameter> =
            callee.parameters.iter().filter(|one| self.maker.make(&one.ty, None, one.depth()).is_none()).collect();
        if !missing.is_empty() {
            if self.tests.len() == before {
                let list: Vec<String> = missing.iter().map(|one| format!("`{}: {}`", one.name, one.written)).collect();
                let arguments: Vec<String> = callee
                    .parameters
                    .iter()
                    .map(|one| {
                        self.maker.make(&one.ty, None, one.depth()).map_or_else(|| one.name.clone(), |made| made.text)
                    })
                    .collect();
                let call = self.call(callee, &arguments);
                self.skipped(prefix, target, &format!("needs a value for {}", list.join(" and ")), &call);
            }
            return;
        }
        let Some((arguments, _)) = self.arguments(callee, &[]) else { return };
        let call = self.call(callee, &arguments);
        if callee.is_async && !self.place.project.tokio_test {
            if self.tests.len() == before {
                self.skipped(prefix, target, "is async: needs a runtime, such as tokio with `macros` and `rt`", &call);
            }
            return;
        }
        let unit = callee.output.is_none() || matches!(&callee.output, Some(Ty::Tuple(of)) if of.is_empty());
        let plain = if unit { format!("{call};") } else { format!("let _ = {call};") };
        if let Some(risk) = self.maker.module.risk(node) {
            if self.tests.len() == before {
                let why = match risk {
                    Risk::Panics => "may panic for made-up values: check them and say what you expect",
                    Risk::Outside => "reaches outside the program or may not end: check its values first",
                };
                self.push(
                    &format!("{prefix}_returns"),
                    target,
                    callee,
                    Some(&ignore(why)),
                    callee.subject.as_deref(),
                    &plain,
                );
            }
            return;
        }
        let body = node.child_by_field_name("body").map_or("", |body| text(source, body));
        let same = callee.subject.as_ref().is_none_or(|line| !line.starts_with("let mut ")) && !callee.path.is_empty();
        let by_value = receiver(node).is_some_and(|receiver| !text(source, receiver).starts_with('&'));
        let pure = same
            && !by_value
            && !varies(body)
            && !arguments.iter().any(|one| one.contains("&mut") || one.contains("now()") || one.contains("Hasher"))
            && callee.output.as_ref().is_some_and(|ty| self.maker.compares(ty));
        if pure {
            let statement = assert_eq(&call, &call);
            self.push(
                &format!("{prefix}_gives_the_same_result_twice"),
                target,
                callee,
                None,
                callee.subject.as_deref(),
                &statement,
            );
        } else {
            self.push(&format!("{prefix}_does_not_panic"), target, callee, None, callee.subject.as_deref(), &plain);
        }
    }

    /// `format!(…)`, when the function is `fmt` of `Display` and the like: nothing else makes a `Formatter`.
    pub(super) fn shown(&self, target: &Target<'_, '_>, callee: &Callee) -> Option<String> {
        let of = &target.around?.of;
        let full = self.maker.module.std_path(of)?;
        callee.subject.as_ref().filter(|line| !line.ends_with("= ;"))?;
        let sign = match full.strip_prefix("std::fmt::")? {
            "Display" => "",
            "Debug" => ":?",
            "LowerHex" => ":x",
            "UpperHex" => ":X",
            "Binary" => ":b",
            "Octal" => ":o",
            _ => return None,
        };
        let std = if self.place.project.no_std { "std::" } else { "" };
        Some(format!("{std}format!(\"{{subject{sign}}}\")"))
    }

    pub(super) fn push(
        &mut self,
        name: &str,
        target: &Target<'_, '_>,
        callee: &Callee,
        attribute: Option<&str>,
        subject: Option<&str>,
        statement: &str,
    ) {
        let name = free_name(name.to_owned(), &mut self.taken);
        let mut test = head_with(target, attribute, callee.is_async);
        test.push_str(&format!("{}fn {name}() {{\n", if callee.is_async { "async " } else { "" }));
        for line in subject.into_iter().chain([statement]) {
            test.push_str(&format!("    {}\n", wrap(line, "    ")));
        }
        test.push_str("}\n");
        self.tests.push(test);
    }

    /// A test that says what is missing.
    pub(super) fn skipped(&mut self, prefix: &str, target: &Target<'_, '_>, why: &str, call: &str) {
        let name = free_name(format!("{prefix}_returns"), &mut self.taken);
        let mut test = head_with(target, Some(&ignore(why)), false);
        let call = call.replace('\n', " ");
        test.push_str(&format!(
            "fn {name}() {{\n    // let result = {call};\n    // assert_eq!(result, …): say what you expect\n}}\n"
        ));
        self.tests.push(test);
    }

    /// The conditions at the start of the body under which the function returns at once.
    pub(super) fn read_guards(&self, target: &Target<'_, '_>, callee: &Callee) -> Vec<Guard> {
        let reader = Reader { writer: self, callee };
        let mut guards = Vec::new();
        let body = target.item.node.child_by_field_name("body");
        if let Some(body) = body {
            reader.block(body, &mut guards, true);
        }
        guards
    }
}

pub(super) fn ignore(why: &str) -> String {
    format!("#[ignore = \"{}\"]", why.replace('\\', "\\\\").replace('"', "\\\""))
}

/// `#[test]` with the conditions under which the item is compiled.
pub(super) fn head(item: &Item<'_>, attribute: Option<&str>, deprecated: bool) -> String {
    let mut head = String::from("#[test]\n");
    for one in attribute.into_iter().chain(item.cfgs().map(String::as_str)) {
        head.push_str(one);
        head.push('\n');
    }
    if item.deprecated() || deprecated {
        head.push_str("#[allow(deprecated)]\n");
    }
    head
}

pub(super) fn head_with(target: &Target<'_, '_>, attribute: Option<&str>, is_async: bool) -> String {
    // what `std::error::Error` still has, but should not be called
    let of = target.around.map_or("", |around| around.of.rsplit("::").next().unwrap_or_default());
    let mut head = head(&target.item, attribute, of == "Error");
    for cfg in target.around.iter().flat_map(|around| around.item.cfgs()) {
        head.push_str(cfg);
        head.push('\n');
    }
    if is_async { head.replacen("#[test]", "#[tokio::test]", 1) } else { head }
}

pub(super) fn assert_eq(left: &str, right: &str) -> String {
    format!("assert_eq!({left}, {right});")
}

pub(super) fn indent(body: &str) -> String {
    format!("{}\n", indented(body, "    ", "rust"))
}

/// Breaks a call that is too long for a line, as rustfmt does: one argument a line.
pub(super) fn wrap(line: &str, indent: &str) -> String {
    if line.len() + indent.len() * 2 <= 96 || line.contains('\n') {
        return line.to_owned();
    }
    let Some(inner) = line.strip_prefix("assert_eq!(").and_then(|rest| rest.strip_suffix(");")) else {
        return line.to_owned();
    };
    let first = top_level_comma(inner);
    let second = inner.get(first.len() + 1..).unwrap_or_default().trim();
    format!("assert_eq!(\n{indent}    {first},\n{indent}    {second}\n{indent});")
}
