//! Tests of Rust code.

use super::facts::{Cond, Known, Op, Term, Values, free_name, holds, snake, ways, words};
use super::rust_docs::{Example, examples};
use super::rust_file::{Item, Module, Risk, items, varies};
use super::rust_values::{Maker, Scope, Ty, Value, borrows_temporary, is_marked, is_number, receiver, with_args};
use super::{MOST, NoTests};
use crate::chunks::{ChunkId, ChunkKind};
use crate::context::tests_place::nodes::{all_children, child, children, field, text};
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
fn container(root: Node<'_>, at: usize) -> Node<'_> {
    let mut node = root.descendant_for_byte_range(at, at).unwrap_or(root);
    while let Some(parent) = node.parent() {
        if node.kind() == "declaration_list" && parent.kind() == "mod_item" {
            return node;
        }
        node = parent;
    }
    root
}

fn method<'a, 'tree>(
    module: &'a Module<'_, 'tree>,
    at: usize,
) -> Option<(&'a super::rust_file::Impl<'tree>, Item<'tree>)> {
    module.impls.iter().find_map(|one| {
        let item = one.functions.iter().find(|item| item.node.start_byte() == at)?;
        Some((one, item.clone()))
    })
}

/// A function to test.
struct Target<'a, 'tree> {
    item: Item<'tree>,
    around: Option<&'a super::rust_file::Impl<'tree>>,
    documentation: &'a str,
}

/// A parameter: its name, its type as written, and the type.
struct Parameter {
    name: String,
    written: String,
    ty: Ty,
}

/// How a function is called.
struct Callee {
    /// `f`, `Type::f`, `subject.f`
    path: String,
    /// The statement that makes the receiver; a later call repeats it.
    subject: Option<String>,
    /// The receiver as the first argument: `&subject`.
    first: Option<String>,
    parameters: Vec<Parameter>,
    output: Option<Ty>,
    is_async: bool,
    own: Option<Ty>,
}

/// What a guard leads to.
#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    /// An expression made of literals.
    Value(String),
    Err,
    None,
    Panics,
}

struct Guard {
    cond: Cond,
    outcome: Option<Outcome>,
}

struct Writer<'a, 'src, 'tree> {
    maker: Maker<'a, 'src, 'tree>,
    place: &'a TestPlace,
    taken: Vec<String>,
    tests: Vec<String>,
}

impl<'tree> Writer<'_, '_, 'tree> {
    fn src(&self) -> &str {
        self.maker.module.source
    }

    fn finish(self) -> String {
        let code = self.tests.join("\n");
        if self.place.project.no_std && code.contains("std::") { format!("extern crate std;\n\n{code}") } else { code }
    }

    /// Tests of the constructors and public methods of a type or impl.
    fn methods(&mut self, subject: &Subject, kind: ChunkKind) {
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

    fn function(&mut self, target: &Target<'_, 'tree>, most: usize) {
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
    fn examples(
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
                Some(error) => test.push_str(&format!("fn {name}() -> Result<(), {error}> {{\n")),
                None => test.push_str(&format!("fn {name}() {{\n")),
            }
            test.push_str(&indent(&body));
            test.push_str("}\n");
            self.tests.push(test);
        }
    }

    /// How to call the function, or which value is missing.
    fn callee(&self, target: &Target<'_, 'tree>) -> Result<Callee, String> {
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
            let spelled = ty.spell().ok_or_else(generic)?;
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
    fn receive(&self, callee: &mut Callee, target: &Target<'_, '_>, written: &str, made: &str, name: &str) {
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
    fn guards(&mut self, prefix: &str, target: &Target<'_, 'tree>, callee: &Callee, most: usize) {
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
    fn expect(&self, callee: &Callee, outcome: &Outcome, call: &str) -> Option<(String, String)> {
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
    fn arguments(&self, callee: &Callee, way: &[(String, Known)]) -> Option<(Vec<String>, Values)> {
        let mut values = Values::new();
        let mut list = Vec::new();
        for parameter in &callee.parameters {
            let want = way.iter().find(|(name, _)| *name == parameter.name).map(|(_, known)| known);
            let Value { text, known } = self.maker.make(&parameter.ty, want, 0)?;
            values.insert(parameter.name.clone(), known);
            list.push(text);
        }
        let known = |name: &String| name == "self" || values.contains_key(name);
        way.iter().all(|(name, _)| known(name)).then_some((list, values))
    }

    fn call(&self, callee: &Callee, arguments: &[String]) -> String {
        let all: Vec<String> = callee.first.iter().cloned().chain(arguments.iter().cloned()).collect();
        let call = format!("{}({})", callee.path, all.join(", "));
        if callee.is_async { format!("{call}.await") } else { call }
    }

    /// A call with made-up values: it must not panic, and give the same result twice where that can be compared.
    fn sample(&mut self, prefix: &str, target: &Target<'_, 'tree>, callee: &Callee, before: usize) {
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
            callee.parameters.iter().filter(|one| self.maker.make(&one.ty, None, 0).is_none()).collect();
        if !missing.is_empty() {
            if self.tests.len() == before {
                let list: Vec<String> = missing.iter().map(|one| format!("`{}: {}`", one.name, one.written)).collect();
                let arguments: Vec<String> = callee
                    .parameters
                    .iter()
                    .map(|one| self.maker.make(&one.ty, None, 0).map_or_else(|| one.name.clone(), |made| made.text))
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
    fn shown(&self, target: &Target<'_, '_>, callee: &Callee) -> Option<String> {
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

    fn push(
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
    fn skipped(&mut self, prefix: &str, target: &Target<'_, '_>, why: &str, call: &str) {
        let name = free_name(format!("{prefix}_returns"), &mut self.taken);
        let mut test = head_with(target, Some(&ignore(why)), false);
        let call = call.replace('\n', " ");
        test.push_str(&format!(
            "fn {name}() {{\n    // let result = {call};\n    // assert_eq!(result, …): say what you expect\n}}\n"
        ));
        self.tests.push(test);
    }

    /// The conditions at the start of the body under which the function returns at once.
    fn read_guards(&self, target: &Target<'_, '_>, callee: &Callee) -> Vec<Guard> {
        let reader = Reader { writer: self, callee };
        let mut guards = Vec::new();
        let body = target.item.node.child_by_field_name("body");
        if let Some(body) = body {
            reader.block(body, &mut guards, true);
        }
        guards
    }
}

/// Reads guards out of a body.
struct Reader<'a, 'b, 'src, 'tree> {
    writer: &'a Writer<'b, 'src, 'tree>,
    callee: &'a Callee,
}

impl Reader<'_, '_, '_, '_> {
    fn src(&self) -> &str {
        self.writer.src()
    }

    fn block(&self, body: Node<'_>, guards: &mut Vec<Guard>, whole: bool) {
        let statements = children(body);
        let count = statements.len();
        for (at, statement) in statements.into_iter().enumerate() {
            let expression = if statement.kind() == "expression_statement" {
                match children(statement).first() {
                    Some(first) => *first,
                    None => return,
                }
            } else {
                statement
            };
            let closed = text(self.src(), statement).ends_with(';');
            let last = at + 1 == count && !closed && whole;
            match expression.kind() {
                "if_expression" => {
                    if !self.branch(expression, guards, last) {
                        return;
                    }
                }
                "macro_invocation" if !last => {
                    if !self.assertion(expression, guards) {
                        return;
                    }
                }
                "let_declaration" => {
                    if !self.let_else(expression, guards) {
                        return;
                    }
                }
                "match_expression" if last => {
                    self.arms(expression, guards);
                    return;
                }
                _ if last => {
                    guards.push(Guard { cond: Cond::Always, outcome: self.outcome(expression) });
                    self.truth(expression, guards);
                    return;
                }
                "return_expression" => {
                    let value = children(expression).into_iter().next();
                    guards.push(Guard { cond: Cond::Always, outcome: value.and_then(|value| self.outcome(value)) });
                    return;
                }
                _ => return,
            }
        }
    }

    /// `if … { return … }`; false when what follows can't be told any more.
    fn branch(&self, node: Node<'_>, guards: &mut Vec<Guard>, last: bool) -> bool {
        let Some(condition) = node.child_by_field_name("condition") else { return false };
        let Some(then) = node.child_by_field_name("consequence") else { return false };
        let cond = self.cond(condition);
        let outcome = self.leaves(then, last);
        let leaves = outcome.is_some();
        guards.push(Guard { cond, outcome: outcome.flatten() });
        let other = node.child_by_field_name("alternative").and_then(|other| children(other).into_iter().next());
        match other {
            // a branch that does not leave may change anything
            None => leaves,
            Some(other) if other.kind() == "if_expression" => self.branch(other, guards, last) && leaves,
            Some(other) => {
                if let Some(outcome) = self.leaves(other, last) {
                    guards.push(Guard { cond: Cond::Always, outcome });
                }
                false
            }
        }
    }

    /// What a block that leaves the function returns; `None` when it goes on.
    fn leaves(&self, block: Node<'_>, last: bool) -> Option<Option<Outcome>> {
        let statements = children(block);
        let end = *statements.last()?;
        let expression = if end.kind() == "expression_statement" { children(end).into_iter().next()? } else { end };
        let alone = statements.len() == 1;
        match expression.kind() {
            "return_expression" => {
                let value = children(expression).into_iter().next();
                Some(value.filter(|_| alone).and_then(|value| self.outcome(value)))
            }
            "macro_invocation"
                if matches!(
                    field(self.src(), expression, "macro"),
                    "panic" | "unreachable" | "unimplemented" | "todo"
                ) =>
            {
                Some(alone.then_some(Outcome::Panics))
            }
            _ if last && !text(self.src(), end).ends_with(';') => Some(self.outcome(expression).filter(|_| alone)),
            _ => None,
        }
    }

    /// `assert!(…)` as a guard that panics.
    fn assertion(&self, node: Node<'_>, guards: &mut Vec<Guard>) -> bool {
        let source = self.src();
        if field(source, node, "macro") != "assert" {
            return false;
        }
        let Some(tokens) = child(node, "token_tree") else { return false };
        let inner = text(source, tokens).trim_start_matches(['(', '[', '{']).trim_end_matches([')', ']', '}']);
        let condition = top_level_comma(inner);
        let cond = parsed(condition, |source, node| self.cond_in(source, node));
        guards.push(Guard { cond: Cond::Not(Box::new(cond.unwrap_or(Cond::Unknown))), outcome: Some(Outcome::Panics) });
        true
    }

    /// `let Some(x) = p else { return … }`
    fn let_else(&self, node: Node<'_>, guards: &mut Vec<Guard>) -> bool {
        let source = self.src();
        let pattern = field(source, node, "pattern");
        let (Some(value), Some(other)) = (node.child_by_field_name("value"), node.child_by_field_name("alternative"))
        else {
            return false;
        };
        let Some(name) = self.parameter(source, value) else { return false };
        if !pattern.starts_with("Some(") {
            return false;
        }
        // a name that the pattern takes over is no longer the parameter
        let bound = pattern.trim_start_matches("Some(").trim_end_matches(')').trim();
        let outcome = self.leaves(other, false).flatten();
        guards.push(Guard { cond: Cond::Null(name.clone()), outcome });
        bound != name && self.callee.parameters.iter().all(|one| one.name != bound)
    }

    /// Arms of a `match` that is the whole rest of the body.
    fn arms(&self, node: Node<'_>, guards: &mut Vec<Guard>) {
        let source = self.src();
        let Some(name) = node.child_by_field_name("value").and_then(|value| self.parameter(source, value)) else {
            return;
        };
        let Some(body) = node.child_by_field_name("body") else { return };
        for arm in children(body) {
            let Some(pattern) = arm.child_by_field_name("pattern") else { return };
            if pattern.child_by_field_name("condition").is_some()
                || all_children(arm).iter().any(|one| one.kind() == "attribute_item")
            {
                return;
            }
            let cond = children(pattern).first().map_or_else(
                || if text(source, pattern) == "_" { Cond::Always } else { Cond::Unknown },
                |pattern| self.pattern(source, &name, *pattern),
            );
            let outcome = arm.child_by_field_name("value").and_then(|value| {
                if value.kind() == "block" { self.leaves(value, true).flatten() } else { self.outcome(value) }
            });
            guards.push(Guard { cond, outcome });
        }
    }

    fn pattern(&self, source: &str, name: &str, node: Node<'_>) -> Cond {
        let equals = |known: Known| Cond::Compare(Term::Param(name.to_owned()), Op::Eq, Term::Value(known));
        match node.kind() {
            "or_pattern" => Cond::Any(children(node).into_iter().map(|one| self.pattern(source, name, one)).collect()),
            "scoped_identifier" => self.variant(source, node).map_or(Cond::Unknown, equals),
            "identifier" if text(source, node) == "None" => Cond::Null(name.to_owned()),
            "_" => Cond::Always,
            _ => self.literal(source, node).map_or(Cond::Unknown, equals),
        }
    }

    /// `Enum::Variant` or `Self::Variant` of the file.
    fn variant(&self, source: &str, node: Node<'_>) -> Option<Known> {
        let own = self.callee.own.as_ref().map_or("", Ty::name);
        let path = field(source, node, "path");
        let ty = if path == "Self" { own } else { path };
        let is_enum = self.writer.maker.module.types.get(ty).is_some_and(|item| item.node.kind() == "enum_item");
        is_enum.then(|| Known::Variant(field(source, node, "name").to_owned()))
    }

    /// A body that is nothing but a condition: `matches!(c, 'a' | 'b')`, `n == 0`.
    fn truth(&self, node: Node<'_>, guards: &mut Vec<Guard>) {
        if self.callee.output.as_ref().is_none_or(|ty| ty.name() != "bool") {
            return;
        }
        let cond = self.cond(node);
        if cond == Cond::Unknown {
            return;
        }
        // in place of "always": that one has no outcome here
        guards.pop();
        guards.push(Guard { cond: cond.clone(), outcome: Some(Outcome::Value("true".to_owned())) });
        let not = Cond::Not(Box::new(cond));
        guards.push(Guard { cond: not, outcome: Some(Outcome::Value("false".to_owned())) });
    }

    fn cond(&self, node: Node<'_>) -> Cond {
        self.cond_in(self.src(), node)
    }

    fn cond_in(&self, source: &str, node: Node<'_>) -> Cond {
        let part = |name: &str| node.child_by_field_name(name);
        match node.kind() {
            "parenthesized_expression" => {
                children(node).first().map_or(Cond::Unknown, |inner| self.cond_in(source, *inner))
            }
            "unary_expression" if text(source, node).starts_with('!') => {
                children(node).last().map_or(Cond::Unknown, |inner| Cond::Not(Box::new(self.cond_in(source, *inner))))
            }
            "boolean_literal" => {
                if text(source, node) == "true" {
                    Cond::Always
                } else {
                    Cond::Not(Box::new(Cond::Always))
                }
            }
            "identifier" => match self.parameter(source, node) {
                Some(name) if self.kind_of(&name) == "bool" => Cond::Truthy(name),
                _ => Cond::Unknown,
            },
            "binary_expression" => {
                let (Some(left), Some(right)) = (part("left"), part("right")) else { return Cond::Unknown };
                match field(source, node, "operator") {
                    "&&" => Cond::All(vec![self.cond_in(source, left), self.cond_in(source, right)]),
                    "||" => Cond::Any(vec![self.cond_in(source, left), self.cond_in(source, right)]),
                    operator => match (self.term(source, left), Op::read(operator), self.term(source, right)) {
                        (Some(left), Some(op), Some(right)) => Cond::Compare(left, op, right),
                        _ => Cond::Unknown,
                    },
                }
            }
            "call_expression" => self.method(source, node).unwrap_or(Cond::Unknown),
            "macro_invocation" if field(source, node, "macro") == "matches" => {
                let tokens = child(node, "token_tree").map_or("", |tokens| text(source, tokens));
                let inner = tokens.trim_start_matches('(').trim_end_matches(')');
                let first = top_level_comma(inner);
                let pattern = inner.get(first.len() + 1..).unwrap_or_default().trim().trim_end_matches(',');
                if pattern.contains(" if ") {
                    return Cond::Unknown;
                }
                let name =
                    parsed(first, |source, node| self.parameter(source, node).map_or(Cond::Unknown, Cond::Truthy));
                let Some(Cond::Truthy(name)) = name else { return Cond::Unknown };
                parsed_pattern(pattern, |source, node| self.pattern(source, &name, node)).unwrap_or(Cond::Unknown)
            }
            _ => Cond::Unknown,
        }
    }

    /// `p.is_empty()` and the like, for types of the standard library only.
    fn method(&self, source: &str, node: Node<'_>) -> Option<Cond> {
        let function = node.child_by_field_name("function").filter(|function| function.kind() == "field_expression")?;
        let receiver = function.child_by_field_name("value")?;
        let name = self.parameter(source, receiver)?;
        let kind = self.kind_of(&name);
        let arguments = children(node.child_by_field_name("arguments")?);
        let literal = || arguments.first().and_then(|one| self.literal(source, *one));
        let sized = matches!(kind, "text" | "list");
        Some(match field(source, function, "field") {
            "is_empty" if sized => Cond::Compare(Term::Len(name), Op::Eq, Term::Value(Known::Int(0))),
            "is_none" if kind == "Option" => Cond::Null(name),
            "is_some" if kind == "Option" => Cond::Not(Box::new(Cond::Null(name))),
            "is_nan" if kind == "float" => Cond::Nan(name),
            "starts_with" if kind == "text" => match literal()? {
                Known::Str(start) => Cond::StartsWith(name, start),
                Known::Char(start) => Cond::StartsWith(name, start.to_string()),
                _ => return None,
            },
            "ends_with" if kind == "text" => match literal()? {
                Known::Str(end) => Cond::EndsWith(name, end),
                Known::Char(end) => Cond::EndsWith(name, end.to_string()),
                _ => return None,
            },
            "eq" if matches!(kind, "text" | "int") => Cond::Compare(Term::Param(name), Op::Eq, Term::Value(literal()?)),
            _ => return None,
        })
    }

    /// The kind of a parameter's type, references taken off; empty for one with methods of its own.
    fn kind_of(&self, name: &str) -> &'static str {
        let parameter = self.callee.parameters.iter().find(|one| one.name == name);
        let mut ty = match parameter {
            Some(parameter) => &parameter.ty,
            None => return "",
        };
        while let Ty::Ref { to, .. } = ty {
            ty = to;
        }
        let std = |path: &str| self.writer.maker.module.std_path(path).unwrap_or_default();
        match ty {
            Ty::Slice(_) => "list",
            Ty::Named { path, .. } => match path.as_str() {
                "str" => "text",
                "bool" => "bool",
                "char" => "char",
                "f32" | "f64" => "float",
                _ if is_number(path) => "int",
                _ => match std(path).as_str() {
                    "std::string::String" => "text",
                    "std::vec::Vec" => "list",
                    "std::option::Option" => "Option",
                    full if full.starts_with("std::collections::") => "list",
                    _ => "",
                },
            },
            _ => "",
        }
    }

    /// The parameter that an expression is, through `*` and `&`; also `self` of an enum.
    fn parameter(&self, source: &str, node: Node<'_>) -> Option<String> {
        match node.kind() {
            "identifier" => {
                let name = text(source, node);
                self.callee.parameters.iter().any(|one| one.name == name).then(|| name.to_owned())
            }
            "self" => Some("self".to_owned()),
            "parenthesized_expression" | "reference_expression" => {
                children(node).last().and_then(|one| self.parameter(source, *one))
            }
            "unary_expression" if text(source, node).starts_with('*') => {
                children(node).last().and_then(|one| self.parameter(source, *one))
            }
            "expression_statement" => children(node).first().and_then(|one| self.parameter(source, *one)),
            _ => None,
        }
    }

    fn term(&self, source: &str, node: Node<'_>) -> Option<Term> {
        if let Some(name) = self.parameter(source, node) {
            let fits = name == "self" || !self.kind_of(&name).is_empty() || self.enum_parameter(&name);
            return fits.then_some(Term::Param(name));
        }
        if node.kind() == "call_expression" {
            let function =
                node.child_by_field_name("function").filter(|function| function.kind() == "field_expression")?;
            let name = self.parameter(source, function.child_by_field_name("value")?)?;
            let sized = matches!(self.kind_of(&name), "text" | "list");
            return (sized && field(source, function, "field") == "len").then_some(Term::Len(name));
        }
        if node.kind() == "scoped_identifier" {
            return self.variant(source, node).map(Term::Value);
        }
        self.literal(source, node).map(Term::Value)
    }

    fn enum_parameter(&self, name: &str) -> bool {
        let parameter = self.callee.parameters.iter().find(|one| one.name == name);
        parameter.is_some_and(|one| {
            self.writer.maker.module.types.get(one.ty.name()).is_some_and(|item| item.node.kind() == "enum_item")
        })
    }

    /// A literal's value.
    fn literal(&self, source: &str, node: Node<'_>) -> Option<Known> {
        let written = text(source, node);
        match node.kind() {
            "integer_literal" => int(written).map(Known::Int),
            "negative_literal" => int(written.trim_start_matches('-').trim()).map(|value| Known::Int(-value)),
            "unary_expression" if written.starts_with('-') => {
                int(written.trim_start_matches('-').trim()).map(|value| Known::Int(-value))
            }
            "float_literal" => {
                written.trim_end_matches("f32").trim_end_matches("f64").replace('_', "").parse().ok().map(Known::Float)
            }
            "boolean_literal" => Some(Known::Bool(written == "true")),
            "char_literal" => {
                let inner = written.trim_start_matches('b').strip_prefix('\'')?.strip_suffix('\'')?;
                let mut chars = inner.chars();
                let known = match (chars.next()?, chars.next(), chars.next()) {
                    (c, None, _) => c,
                    ('\\', Some('n'), None) => '\n',
                    ('\\', Some('t'), None) => '\t',
                    ('\\', Some('r'), None) => '\r',
                    ('\\', Some(c @ ('\\' | '\'' | '"')), None) => c,
                    _ => return None,
                };
                Some(Known::Char(known))
            }
            "string_literal" => {
                let inner = written.strip_prefix('"')?.strip_suffix('"')?;
                (!inner.contains('\\')).then(|| Known::Str(inner.to_owned()))
            }
            _ => None,
        }
    }

    /// What an expression made of literals is; `None` for any other.
    fn outcome(&self, node: Node<'_>) -> Option<Outcome> {
        let source = self.src();
        let written = text(source, node).split_whitespace().collect::<Vec<_>>().join(" ");
        match node.kind() {
            "identifier" if written == "None" => Some(Outcome::None),
            "macro_invocation" => match field(source, node, "macro") {
                "panic" | "unreachable" | "unimplemented" | "todo" => Some(Outcome::Panics),
                "vec" if written == "vec![]" => Some(Outcome::Value(written)),
                _ => None,
            },
            "call_expression" => {
                let function = field(source, node, "function");
                let arguments = children(node.child_by_field_name("arguments")?);
                match function {
                    "Err" => Some(Outcome::Err),
                    "Ok" | "Some" => {
                        let [inner] = arguments.as_slice() else { return None };
                        let fine =
                            text(source, *inner) == "()" || matches!(self.outcome(*inner), Some(Outcome::Value(_)));
                        fine.then_some(Outcome::Value(written))
                    }
                    "String::new" | "Vec::new" if arguments.is_empty() => Some(Outcome::Value(written)),
                    "String::from" if arguments.first().is_some_and(|one| self.literal(source, *one).is_some()) => {
                        Some(Outcome::Value(written))
                    }
                    _ => None,
                }
            }
            "scoped_identifier" => {
                let ty = match self.variant(source, node)? {
                    Known::Variant(name) if field(source, node, "path") == "Self" => {
                        format!("{}::{name}", self.callee.own.as_ref()?.name())
                    }
                    _ => written,
                };
                // a variant with fields is a function
                Some(Outcome::Value(ty)).filter(|_| self.is_plain_variant(source, node))
            }
            _ => self.literal(source, node).map(|_| Outcome::Value(written)),
        }
    }

    fn is_plain_variant(&self, source: &str, node: Node<'_>) -> bool {
        let own = self.callee.own.as_ref().map_or("", Ty::name);
        let path = field(source, node, "path");
        let module = self.writer.maker.module;
        let item = module.types.get(if path == "Self" { own } else { path });
        let body = item.and_then(|item| item.node.child_by_field_name("body"));
        body.is_some_and(|body| {
            children(body).into_iter().any(|one| {
                field(module.source, one, "name") == field(source, node, "name")
                    && one.child_by_field_name("body").is_none()
            })
        })
    }
}

fn int(text: &str) -> Option<i128> {
    let plain = text.replace('_', "");
    let plain = ["usize", "isize", "u128", "i128", "u64", "i64", "u32", "i32", "u16", "i16", "u8", "i8"]
        .iter()
        .find_map(|suffix| plain.strip_suffix(suffix))
        .unwrap_or(&plain);
    if let Some(hex) = plain.strip_prefix("0x") {
        return i128::from_str_radix(hex, 16).ok();
    }
    if let Some(bits) = plain.strip_prefix("0b") {
        return i128::from_str_radix(bits, 2).ok();
    }
    plain.parse().ok()
}

/// The text up to the first comma that stands in no brackets.
fn top_level_comma(text: &str) -> &str {
    let mut depth = 0;
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => return text.get(..at).unwrap_or(text),
            _ => {}
        }
    }
    text
}

/// Reads an expression that stands in a macro's tokens.
fn parsed(expression: &str, read: impl Fn(&str, Node<'_>) -> Cond) -> Option<Cond> {
    let source = format!("fn f() {{ {expression} }}");
    let tree = crate::context::tests_place::nodes::parse(&source, "rust")?;
    let function = children(tree.root()).into_iter().next()?;
    let body = function.child_by_field_name("body")?;
    let expression = children(body).into_iter().next()?;
    if body.has_error() {
        return None;
    }
    Some(read(&source, expression))
}

/// Reads a pattern that stands in a macro's tokens.
fn parsed_pattern(pattern: &str, read: impl Fn(&str, Node<'_>) -> Cond) -> Option<Cond> {
    let source = format!("fn f() {{ match x {{ {pattern} => 1, }} }}");
    let tree = crate::context::tests_place::nodes::parse(&source, "rust")?;
    if tree.root().has_error() {
        return None;
    }
    let mut found = None;
    crate::context::tests_place::nodes::visit(tree.root(), &mut |node| {
        if node.kind() == "match_pattern" && found.is_none() {
            found = children(node).first().map(|inner| read(&source, *inner));
        }
        true
    });
    found
}

fn ignore(why: &str) -> String {
    format!("#[ignore = \"{}\"]", why.replace('\\', "\\\\").replace('"', "\\\""))
}

/// `#[test]` with the conditions under which the item is compiled.
fn head(item: &Item<'_>, attribute: Option<&str>, deprecated: bool) -> String {
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

fn head_with(target: &Target<'_, '_>, attribute: Option<&str>, is_async: bool) -> String {
    // what `std::error::Error` still has, but should not be called
    let of = target.around.map_or("", |around| around.of.rsplit("::").next().unwrap_or_default());
    let mut head = head(&target.item, attribute, of == "Error");
    for cfg in target.around.iter().flat_map(|around| around.item.cfgs()) {
        head.push_str(cfg);
        head.push('\n');
    }
    if is_async { head.replacen("#[test]", "#[tokio::test]", 1) } else { head }
}

fn assert_eq(left: &str, right: &str) -> String {
    format!("assert_eq!({left}, {right});")
}

fn indent(body: &str) -> String {
    body.lines().map(|line| if line.trim().is_empty() { "\n".to_owned() } else { format!("    {line}\n") }).collect()
}

/// Breaks a call that is too long for a line, as rustfmt does: one argument a line.
fn wrap(line: &str, indent: &str) -> String {
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
