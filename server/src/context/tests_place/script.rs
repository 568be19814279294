//! Places for TypeScript and JavaScript tests: named, placed and imported as the project's other tests are.

use super::nodes::{children, field, text, visit};
use super::{
    Insert, NoPlace, ProjectFacts, ProjectFiles, TestFramework, TestPlace, base, ending, folder, folders_up, join,
    nodes,
};
use crate::context::Subject;
use crate::text::LineEnding;

/// How the focus leaves its file.
enum Export {
    Named,
    Default,
    /// `module.exports = { name }` or `exports.name = …`
    Common,
}

pub(super) fn place(subject: &Subject, files: &dyn ProjectFiles) -> Result<TestPlace, NoPlace> {
    let paths = files.paths();
    if is_test_file(&subject.path) {
        return Err(NoPlace::Test(subject.label()));
    }
    let source = subject.text.to_text();
    let root = subject.chunks.ancestors(subject.focus).last().unwrap_or(subject.focus);
    let name = subject.chunks.get(root).name.to_string();
    let hidden = subject.chunk().name.starts_with('#') || modifier_hides(subject, &source);
    let Some(export) = export_of(subject, &source, &name).filter(|_| !hidden) else {
        return Err(NoPlace::Private(subject.label()));
    };

    let tests: Vec<(&String, String)> = paths
        .iter()
        .filter(|path| is_test_file(path) && is_script(path))
        .filter_map(|path| files.read(path).map(|text| (path, text)))
        .collect();
    let (stem, extension) = split_extension(base(&subject.path));
    let habit = Habit::of(&tests);
    let existing = tests
        .iter()
        .filter(|(path, _)| test_stem(base(path)) == Some(stem))
        .max_by_key(|(path, text)| (imports_file(text, path, &subject.path), common(path, &subject.path)))
        .filter(|(path, text)| imports_file(text, path, &subject.path) || folder(path) == folder(&subject.path));

    let package =
        folders_up(&subject.path).map(|folder| join(folder, "package.json")).find(|path| paths.contains(path));
    let manifest: serde_json::Value = package
        .as_ref()
        .and_then(|path| serde_json::from_str(&files.read(path)?).ok())
        .unwrap_or(serde_json::Value::Null);
    let framework = existing
        .and_then(|(_, text)| framework_of(text))
        .or_else(|| tests.iter().find_map(|(_, text)| framework_of(text)))
        .or_else(|| manifest_framework(&manifest))
        .unwrap_or(TestFramework::NodeTest);

    let path = existing.map_or_else(
        || {
            let extension =
                if extension.contains('x') && !habit.jsx { extension.trim_end_matches('x') } else { extension };
            let name = format!("{stem}.{}.{extension}", habit.infix);
            let package = package.as_deref().map_or("", folder);
            match habit.place {
                Where::Beside => join(folder(&subject.path), &name),
                Where::UnderscoreTests => join(&join(folder(&subject.path), "__tests__"), &name),
                Where::Folder(ref tests) => {
                    let plain = if habit.plain { format!("{stem}.{extension}") } else { name };
                    join(tests, &plain)
                }
                Where::Unknown => {
                    let test = ["tests", "test"]
                        .iter()
                        .map(|name| join(package, name))
                        .find(|folder| paths.iter().any(|path| path.starts_with(&format!("{folder}/"))));
                    test.map_or_else(|| join(folder(&subject.path), &name), |folder| join(&folder, &name))
                }
            }
        },
        |(path, _)| (*path).clone(),
    );
    let module_type = manifest.get("type").and_then(serde_json::Value::as_str) == Some("module");
    let common = matches!(export, Export::Common)
        || (extension == "cjs"
            || (extension == "js" && !module_type && existing.is_some_and(|(_, text)| text.contains("require("))));
    let specifier = specifier(&path, &subject.path, framework, &tests, common);
    let mut imports = framework_imports(framework, existing.map(|(_, text)| text.as_str()), &tests, common);
    imports.push(match (&export, common) {
        (Export::Default, false) => format!("import {name} from \"{specifier}\";"),
        (_, true) => format!("const {{ {name} }} = require(\"{specifier}\");"),
        _ => format!("import {{ {name} }} from \"{specifier}\";"),
    });
    let mut place = TestPlace {
        framework,
        path,
        insert: Insert::NewFile,
        indent: String::new(),
        step: step_of(existing.map_or(source.as_str(), |(_, text)| text.as_str())),
        imports,
        taken: vec![name],
        hiding: Vec::new(),
        line_ending: subject.text.line_ending(),
        project: ProjectFacts { module: specifier, ..ProjectFacts::default() },
    };
    if let Some((_, text)) = existing {
        place.insert = Insert::Append { at: text.trim_end().len(), body: 0 };
        place.line_ending = ending(text);
        place.taken.extend(titles(text));
    } else if subject.text.is_empty() {
        place.line_ending = LineEnding::Lf;
    }
    Ok(place)
}

fn is_script(path: &str) -> bool {
    matches!(split_extension(base(path)).1, "ts" | "tsx" | "mts" | "cts" | "js" | "jsx" | "mjs" | "cjs")
}

fn is_test_file(path: &str) -> bool {
    test_stem(base(path)).is_some()
        || folder(path).split('/').any(|part| matches!(part, "__tests__" | "tests" | "test" | "spec"))
}

fn split_extension(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or((name, ""))
}

/// `x` of `x.test.ts`, `x.spec.ts`, `x-test.js`.
fn test_stem(name: &str) -> Option<&str> {
    let stem = split_extension(name).0;
    [".test", ".spec", "-test", "_test", ".tests"].iter().find_map(|end| stem.strip_suffix(end))
}

fn common(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

#[derive(PartialEq)]
enum Where {
    Beside,
    UnderscoreTests,
    Folder(String),
    Unknown,
}

/// How the project names and places its tests: what most of them do.
struct Habit {
    place: Where,
    infix: &'static str,
    plain: bool,
    jsx: bool,
}

impl Habit {
    fn of(tests: &[(&String, String)]) -> Self {
        let count = |test: &dyn Fn(&str) -> bool| tests.iter().filter(|(path, _)| test(path)).count();
        let in_tests = |path: &str| folder(path).split('/').any(|part| matches!(part, "tests" | "test" | "spec"));
        let underscore = count(&|path| folder(path).ends_with("__tests__"));
        let named = count(&|path| test_stem(base(path)).is_some());
        let folders = count(&in_tests);
        let beside = count(&|path| test_stem(base(path)).is_some() && !in_tests(path) && !path.contains("__tests__/"));
        let place = if tests.is_empty() {
            Where::Unknown
        } else if beside >= underscore && beside >= folders {
            Where::Beside
        } else if underscore >= folders {
            Where::UnderscoreTests
        } else {
            let mut of: Vec<&str> =
                tests.iter().map(|(path, _)| *path).filter(|path| in_tests(path)).map(|path| folder(path)).collect();
            of.sort_by_key(|folder| folder.len());
            Where::Folder(of.first().copied().unwrap_or("tests").to_owned())
        };
        let spec = count(&|path| base(path).contains(".spec."));
        Self {
            place,
            infix: if spec * 2 > named { "spec" } else { "test" },
            plain: named == 0 && !tests.is_empty(),
            jsx: count(&|path| path.ends_with('x')) > 0,
        }
    }
}

/// True when a test file imports the file.
fn imports_file(source: &str, from: &str, file: &str) -> bool {
    let wanted = split_extension(&relative(folder(from), file)).0.to_owned();
    source.split(['"', '\'', '`']).any(|part| {
        part.starts_with('.')
            && (part == wanted || split_extension(part).0 == wanted || format!("{part}/index") == wanted)
    })
}

/// The path from a folder to a file, starting with `.`.
fn relative(from: &str, to: &str) -> String {
    let split = |path: &str| path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (from, to) = (split(from), split(to));
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = "../".repeat(from.len() - same);
    let down = to.get(same..).unwrap_or_default().join("/");
    if up.is_empty() { format!("./{down}") } else { format!("{up}{down}") }
}

/// The import specifier, with or without an ending as the project's tests have it.
fn specifier(test: &str, file: &str, framework: TestFramework, tests: &[(&String, String)], common: bool) -> String {
    let path = relative(folder(test), file);
    let (bare, extension) = split_extension(&path);
    let (mut with_js, mut with_ts, mut bare_ones) = (0, 0, 0);
    for (_, source) in tests {
        for line in source.lines().filter(|line| line.contains(" from ") || line.contains("require(")) {
            let Some(part) = line.split(['"', '\'']).find(|part| part.starts_with('.')) else { continue };
            match split_extension(base(part)).1 {
                "js" | "mjs" | "cjs" | "jsx" => with_js += 1,
                "ts" | "tsx" | "mts" => with_ts += 1,
                _ => bare_ones += 1,
            }
        }
    }
    let node = framework == TestFramework::NodeTest || (framework == TestFramework::Mocha && !common);
    if with_ts > with_js && with_ts > bare_ones {
        path
    } else if with_js > bare_ones || (with_js + bare_ones == 0 && node && !common) {
        let compiled = match extension {
            // node runs TypeScript only under its real name; where other tests say `.js` a compiler stands between
            "ts" | "tsx" | "mts" if with_js == 0 => extension.to_owned(),
            other => other.replace("tsx", "js").replace("jsx", "js").replace("ts", "js"),
        };
        format!("{bare}.{compiled}")
    } else {
        bare.to_owned()
    }
}

fn framework_of(source: &str) -> Option<TestFramework> {
    let imports = |name: &str| source.contains(&format!("\"{name}\"")) || source.contains(&format!("'{name}'"));
    if imports("vitest") {
        Some(TestFramework::Vitest)
    } else if imports("node:test") {
        Some(TestFramework::NodeTest)
    } else if imports("@jest/globals") || source.contains("jest.") {
        Some(TestFramework::Jest)
    } else if imports("mocha") || imports("chai") {
        Some(TestFramework::Mocha)
    } else {
        None
    }
}

fn manifest_framework(manifest: &serde_json::Value) -> Option<TestFramework> {
    let script = manifest.pointer("/scripts/test").and_then(serde_json::Value::as_str).unwrap_or_default();
    let known = [
        ("vitest", TestFramework::Vitest),
        ("jest", TestFramework::Jest),
        ("mocha", TestFramework::Mocha),
        ("node --test", TestFramework::NodeTest),
    ];
    let has = |name: &str| {
        ["devDependencies", "dependencies"]
            .iter()
            .any(|table| manifest.get(*table).and_then(|table| table.get(name)).is_some())
    };
    let by_script = known.iter().find(|(name, _)| script.contains(name));
    by_script.or_else(|| known.iter().find(|(name, _)| has(name))).map(|(_, framework)| *framework)
}

/// What brings `test` and the assertions; only what the existing tests don't take from globals.
fn framework_imports(
    framework: TestFramework,
    existing: Option<&str>,
    tests: &[(&String, String)],
    common: bool,
) -> Vec<String> {
    let import = |names: &str, from: &str| {
        if common {
            format!("const {names} = require(\"{from}\");")
        } else {
            format!("import {names} from \"{from}\";")
        }
    };
    let samples = || existing.into_iter().chain(tests.iter().map(|(_, text)| text.as_str()));
    let globals = |name: &str| samples().next().is_some() && !samples().any(|text| text.contains(name));
    match framework {
        TestFramework::Vitest if globals("vitest") => Vec::new(),
        TestFramework::Vitest => vec![import("{ expect, test }", "vitest")],
        TestFramework::Jest if samples().any(|text| text.contains("@jest/globals")) => {
            vec![import("{ expect, test }", "@jest/globals")]
        }
        TestFramework::Mocha => vec![import("assert", "node:assert/strict")],
        TestFramework::NodeTest => vec![import("{ test }", "node:test"), import("assert", "node:assert/strict")],
        _ => Vec::new(),
    }
}

/// `private` and `protected` members.
fn modifier_hides(subject: &Subject, source: &str) -> bool {
    let signature = subject.chunk().signature_span();
    let head = source.get(signature.range()).unwrap_or_default();
    head.split_whitespace().take(2).any(|word| matches!(word, "private" | "protected"))
}

fn export_of(subject: &Subject, source: &str, name: &str) -> Option<Export> {
    let tree = subject.tree.as_ref()?;
    let mut found = None;
    visit(tree.root(), &mut |node| match node.kind() {
        "export_statement" => {
            let declared = node.child_by_field_name("declaration").is_some_and(|declaration| {
                field(source, declaration, "name") == name
                    || children(declaration).iter().any(|child| field(source, *child, "name") == name)
            });
            let value = node.child_by_field_name("value").is_some_and(|value| text(source, value) == name);
            let default = text(source, node).starts_with("export default");
            let clause = node.child_by_field_name("source").is_none()
                && children(node)
                    .iter()
                    .filter(|child| child.kind() == "export_clause")
                    .any(|clause| children(*clause).iter().any(|one| text(source, *one) == name));
            if (declared || value) && default {
                found = Some(Export::Default);
            } else if declared || clause {
                found = Some(Export::Named);
            }
            false
        }
        "assignment_expression" => {
            let left = field(source, node, "left");
            let right = node.child_by_field_name("right");
            let listed = right.filter(|right| right.kind() == "object").is_some_and(|object| {
                children(object).iter().any(|entry| {
                    text(source, *entry) == name
                        || field(source, *entry, "key") == name && field(source, *entry, "value") == name
                })
            });
            if left == format!("exports.{name}")
                || left == format!("module.exports.{name}")
                || (left == "module.exports" && listed)
            {
                found = Some(Export::Common);
            }
            false
        }
        "program" | "expression_statement" => true,
        _ => false,
    });
    found
}

/// The titles of the tests in a file.
fn titles(source: &str) -> Vec<String> {
    let Some(tree) = nodes::parse(source, "tsx") else { return Vec::new() };
    let mut titles = Vec::new();
    visit(tree.root(), &mut |node| {
        if node.kind() == "call_expression" && matches!(field(source, node, "function"), "test" | "it") {
            let title =
                node.child_by_field_name("arguments").and_then(|arguments| children(arguments).into_iter().next());
            titles.extend(title.map(|title| text(source, title).trim_matches(['"', '\'', '`']).to_owned()));
        }
        true
    });
    titles
}

fn step_of(source: &str) -> String {
    match source.lines().find(|line| line.starts_with([' ', '\t']) && !line.trim_start().starts_with('*')) {
        Some(line) if line.starts_with('\t') => "\t".to_owned(),
        Some(line) if line.starts_with("    ") => "    ".to_owned(),
        _ => "  ".to_owned(),
    }
}
