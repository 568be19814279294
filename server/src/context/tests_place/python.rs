//! Places for Python tests: the file that already tests the module, else a new one where the project keeps its tests.

use super::nodes::{children, field, text, visit};
use super::{
    Insert, NoPlace, ProjectFacts, ProjectFiles, TestFramework, TestPlace, base, ending, folder, folders_up, join,
    nodes,
};
use crate::chunks::ChunkId;
use crate::context::Subject;
use crate::syntax::Node;
use crate::text::LineEnding;

pub(super) fn place(subject: &Subject, files: &dyn ProjectFiles) -> Result<TestPlace, NoPlace> {
    let paths = files.paths();
    if is_test_file(&subject.path) {
        return Err(NoPlace::Test(subject.label()));
    }
    let root = subject.chunks.ancestors(subject.focus).last().unwrap_or(subject.focus);
    let names = subject.chunks.ancestors(subject.focus).chain([subject.focus]).map(|id| &subject.chunks.get(id).name);
    if names.into_iter().any(|name| name.starts_with("__") && !name.ends_with("__")) {
        return Err(NoPlace::Private(subject.label()));
    }
    if subject.path.ends_with(".pyi") {
        return Err(NoPlace::NotCallable(subject.label(), "declaration of a stub file"));
    }
    importable(subject, root)?;
    let name = subject.chunks.get(root).name.to_string();

    let tests: Vec<(&String, String)> = paths
        .iter()
        .filter(|path| is_test_file(path) && base(path).starts_with("test") | base(path).ends_with("_test.py"))
        .filter_map(|path| files.read(path).map(|text| (path, text)))
        .filter(|(path, text)| base(path) != "tests.py" || text.contains("def test") || text.contains("TestCase"))
        .collect();
    let module = module_name(&subject.path, &paths, &tests, &files.package());
    let stem = module.rsplit('.').next().unwrap_or(&module).to_owned();
    let suffixed = tests.iter().filter(|(path, _)| path.ends_with("_test.py")).count() * 2 > tests.len();
    let only = paths.iter().filter(|path| base(path).strip_suffix(".py") == Some(&stem)).count() == 1;

    let existing = tests
        .iter()
        .map(|(path, text)| (score(path, text, &stem, &module, &name, only), path, text))
        .filter(|(score, _, text)| *score > 0 && !means_another(text, &name, &module, &paths, files))
        .max_by_key(|(score, path, _)| (*score, std::cmp::Reverse(path.len())));
    let framework = match existing {
        Some((_, _, text)) => framework_of(text).unwrap_or(TestFramework::Pytest),
        None => project_framework(&paths, &tests, files),
    };
    let mut place = TestPlace {
        framework,
        path: String::new(),
        insert: Insert::NewFile,
        indent: String::new(),
        step: "    ".to_owned(),
        imports: vec![format!("from {module} import {name}")],
        taken: Vec::new(),
        hiding: Vec::new(),
        line_ending: LineEnding::Lf,
        project: ProjectFacts { module: module.clone(), ..ProjectFacts::default() },
    };
    if framework == TestFramework::Unittest {
        place.imports.insert(0, "import unittest".to_owned());
    }
    if let Some((_, path, text)) = existing {
        place.path = path.to_string();
        place.insert = Insert::Append { at: end_of(text), body: 0 };
        place.line_ending = ending(text);
        place.taken = top_names(text);
    } else {
        let folder = tests_folder(&subject.path, &paths, &tests);
        let mut free = new_names(&module, suffixed).map(|name| join(&folder, &name));
        place.path = free.find(|path| !paths.contains(path)).unwrap_or_default();
        place.line_ending = subject.text.line_ending();
    }
    place.taken.push(name);
    Ok(place)
}

fn is_test_file(path: &str) -> bool {
    let name = base(path);
    path.ends_with(".py")
        && (name.starts_with("test_")
            || name.ends_with("_test.py")
            || name == "tests.py"
            || name == "conftest.py"
            || folder(path).split('/').any(|part| matches!(part, "tests" | "test")))
}

/// Refuses what only the module run as a program has, what it deletes again, and what another definition may replace.
fn importable(subject: &Subject, root: ChunkId) -> Result<(), NoPlace> {
    let Some(tree) = &subject.tree else { return Ok(()) };
    let source = subject.text.to_text();
    let chunk = subject.chunks.get(root);
    let name = &*chunk.name;
    let start = subject.chunk().item.start;
    let mut at = tree.root().descendant_for_byte_range(start, start);
    while let Some(node) = at {
        let condition = if node.kind() == "if_statement" { field(&source, node, "condition") } else { "" };
        if condition.contains("__name__") || condition.contains("TYPE_CHECKING") {
            return Err(NoPlace::Private(subject.label()));
        }
        if matches!(node.kind(), "if_statement" | "try_statement" | "for_statement" | "while_statement") {
            return Err(NoPlace::Conditional(subject.label()));
        }
        at = node.parent();
    }
    // whatever else binds the name at the top, or may do so behind the definition
    let mut bound = 0;
    let mut deleted = false;
    visit(tree.root(), &mut |node| {
        let word = |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name);
        match node.kind() {
            "function_definition" | "class_definition" => {
                let overload = node.parent().is_some_and(|parent| {
                    parent.kind() == "decorated_definition" && text(&source, parent).contains("overload")
                });
                bound += usize::from(field(&source, node, "name") == name && !overload);
                return false;
            }
            "import_statement" | "import_from_statement" => {
                let all = nodes::child(node, "wildcard_import").is_some() && node.start_byte() > chunk.item.end;
                let mut cursor = node.walk();
                let named = node
                    .children_by_field_name("name", &mut cursor)
                    .any(|one| text(&source, one.child_by_field_name("alias").unwrap_or(one)) == name);
                bound += usize::from(all || named);
                return false;
            }
            "assignment" => {
                bound += usize::from(word(field(&source, node, "left")) && !field(&source, node, "left").contains('.'))
            }
            "delete_statement" => deleted |= word(text(&source, node)),
            _ => {}
        }
        true
    });
    if deleted {
        return Err(NoPlace::Private(subject.label()));
    }
    if bound > 1 { Err(NoPlace::Conditional(subject.label())) } else { Ok(()) }
}

/// Names for a file with tests of a module, the best first; without end.
fn new_names(module: &str, suffixed: bool) -> impl Iterator<Item = String> {
    let parts: Vec<&str> = module.split('.').collect();
    let stem = parts.last().copied().unwrap_or_default().to_owned();
    let longer = (0..parts.len()).rev().map(|from| parts.get(from..).unwrap_or_default().join("_")).collect::<Vec<_>>();
    let numbered = (2..).map(move |number| format!("{stem}_{number}"));
    longer.into_iter().chain(numbered).map(move |stem| match suffixed {
        true => format!("{stem}_test.py"),
        false => format!("test_{stem}.py"),
    })
}

/// Whether a test file imports another thing by the focus's name: an import of the focus would take it from its tests.
fn means_another(text: &str, name: &str, module: &str, paths: &[String], files: &dyn ProjectFiles) -> bool {
    imported_from(text, name).is_some_and(|from| from != module && !gives_on(&from, name, module, paths, files, 0))
}

/// The module that a name at the top of a file is imported from.
fn imported_from(source: &str, name: &str) -> Option<String> {
    let tree = nodes::parse(source, "python")?;
    children(tree.root()).into_iter().filter(|item| item.kind() == "import_from_statement").find_map(|item| {
        let mut cursor = item.walk();
        let bound = |one: Node<'_>| text(source, one.child_by_field_name("alias").unwrap_or(one)) == name;
        let here = item.children_by_field_name("name", &mut cursor).any(bound);
        here.then(|| field(source, item, "module_name").to_owned())
    })
}

/// Whether a package has a name from a module inside of it.
fn gives_on(package: &str, name: &str, module: &str, paths: &[String], files: &dyn ProjectFiles, depth: usize) -> bool {
    const DEEPEST: usize = 5;
    let inside = |inner: &str| module == inner || module.strip_prefix(inner).is_some_and(|rest| rest.starts_with('.'));
    if depth > DEEPEST || !inside(package) {
        return false;
    }
    let file = format!("{}/__init__.py", package.replace('.', "/"));
    let of_package = |path: &&String| **path == file || path.ends_with(&format!("/{file}"));
    let Some(source) = paths.iter().find(of_package).and_then(|path| files.read(path)) else { return false };
    let Some(from) = imported_from(&source, name) else { return false };
    let from = from.strip_prefix('.').map_or(from.clone(), |rest| format!("{package}.{rest}"));
    from == module || from != package && gives_on(&from, name, module, paths, files, depth + 1)
}

/// How well a test file fits: by its name, and by what it imports. `only`: no other module has this name.
fn score(path: &str, text: &str, stem: &str, module: &str, name: &str, only: bool) -> u32 {
    let file = base(path).trim_end_matches(".py");
    let named = file == format!("test_{stem}") || file == format!("{stem}_test");
    let (package, leaf) = module.rsplit_once('.').unwrap_or(("", module));
    let from_module = format!("from {module} import");
    let from_package = format!("from {package} import");
    let mut imports = 0;
    for line in text.lines().map(str::trim) {
        let whole = line == format!("import {module}") || line.starts_with(&format!("import {module} as"));
        let words = || line.split(|c: char| !c.is_alphanumeric() && c != '_');
        let by_package = !package.is_empty() && line.starts_with(&from_package) && words().any(|word| word == leaf);
        if whole || by_package || line.starts_with(&from_module) {
            imports = 2;
        } else if line.starts_with("from ") && words().any(|word| word == name) {
            imports = imports.max(1);
        }
    }
    let uses = text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name);
    let top = module.split('.').next().unwrap_or(module);
    let own = only
        && text.lines().any(|line| {
            line.trim_end() == format!("from {top} import")
                || line.starts_with(&format!("from {top} import "))
                || line.starts_with(&format!("from {top}."))
        });
    match (named, imports) {
        (true, 2) => 6,
        (true, 1) => 5,
        // the same file name elsewhere may be about another module of that name
        (true, _) => u32::from(!text.contains("import") || uses || own || text.contains(&format!("import {stem}"))) * 4,
        (false, 2) if uses => 3,
        _ => 0,
    }
}

/// The name that tests import the module by.
fn module_name(path: &str, paths: &[String], tests: &[(&String, String)], package: &str) -> String {
    let stem = path.trim_end_matches(".pyi").trim_end_matches(".pyw").trim_end_matches(".py");
    if stem == "__init__" && !package.is_empty() {
        return package.to_owned();
    }
    let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
    let parts: Vec<&str> = stem.split('/').collect();
    let is_package = |folder: &str| paths.contains(&join(folder, "__init__.py"));
    // the packages around the file, up to the first folder that is none
    let mut inside = 1;
    let mut here = folder(stem);
    while !here.is_empty() && is_package(here) {
        inside += 1;
        here = folder(here);
    }
    // folders without `__init__.py` inside a package belong to it all the same
    let mut count = inside;
    while !here.is_empty() {
        count += 1;
        here = folder(here);
        if is_package(here) {
            inside = count + 1;
        }
    }
    let name = |count: usize| parts.get(parts.len().saturating_sub(count)..).unwrap_or_default().join(".");
    if !package.is_empty() || inside == 1 && parts.len() > 1 {
        // no package, or one as a whole: as the tests do it, else below `src`, else as a namespace package when the top is a project
        let imported = (1..=parts.len()).rev().map(name).find(|name| {
            tests.iter().any(|(_, text)| {
                text.lines().map(str::trim_start).any(|line| {
                    line.starts_with(&format!("from {name} import")) || line.trim_end() == format!("import {name}")
                })
            })
        });
        if let Some(imported) = imported {
            return imported;
        }
        if !package.is_empty() {
            return format!("{package}.{}", parts.join("."));
        }
        if let Some(at) = parts.iter().position(|part| *part == "src") {
            return name(parts.len() - at - 1);
        }
    }
    name(inside)
}

/// The folder for a new test file.
fn tests_folder(path: &str, paths: &[String], tests: &[(&String, String)]) -> String {
    let own = folder(path);
    // beside the code, where the project does that
    let beside = |test: &&(&String, String)| !folder(test.0).split('/').any(|part| matches!(part, "tests" | "test"));
    if !tests.is_empty() && tests.iter().filter(beside).count() * 2 > tests.len() {
        let here = tests.iter().filter(beside).any(|(path, _)| folder(path) == own);
        let top = tests.iter().filter(beside).all(|(path, _)| folder(path).is_empty());
        return if here || !top { own.to_owned() } else { String::new() };
    }
    let manifests = ["pyproject.toml", "setup.py", "setup.cfg", "tox.ini", "requirements.txt"];
    let root = folders_up(path)
        .find(|folder| manifests.iter().any(|name| paths.contains(&join(folder, name))))
        .unwrap_or_default();
    // the nearest folder of tests that is there, and in it the subfolder that mirrors the package
    for around in folders_up(path) {
        for name in ["tests", "test"] {
            let tests = join(around, name);
            if paths.iter().any(|path| path.strip_prefix(&tests).is_some_and(|rest| rest.starts_with('/'))) {
                let rest = own.strip_prefix(around).unwrap_or(own).trim_start_matches('/');
                let parts: Vec<&str> = rest.split('/').filter(|part| *part != "src").collect();
                for skip in 0..parts.len() {
                    let mirror = join(&tests, &parts.get(skip..).unwrap_or_default().join("/"));
                    if !mirror.ends_with('/') && paths.iter().any(|path| folder(path) == mirror) {
                        return mirror;
                    }
                }
                return tests;
            }
        }
        if around == root {
            break;
        }
    }
    join(root, "tests")
}

fn framework_of(text: &str) -> Option<TestFramework> {
    let pytest = text.contains("import pytest") || text.contains("from pytest");
    let plain = text.lines().any(|line| line.starts_with("def test") || line.starts_with("async def test"));
    if !pytest && !plain && (text.contains("unittest") && text.contains("TestCase")) {
        return Some(TestFramework::Unittest);
    }
    (pytest || plain).then_some(TestFramework::Pytest)
}

fn project_framework(paths: &[String], tests: &[(&String, String)], files: &dyn ProjectFiles) -> TestFramework {
    let frameworks: Vec<TestFramework> = tests.iter().filter_map(|(_, text)| framework_of(text)).collect();
    if frameworks.contains(&TestFramework::Pytest) {
        return TestFramework::Pytest;
    }
    let named = paths.iter().filter(|path| !path.contains("/site-packages/")).any(|path| {
        let name = base(path);
        matches!(name, "pytest.ini" | "conftest.py")
            || ((matches!(name, "pyproject.toml" | "tox.ini" | "setup.cfg" | "setup.py")
                || (name.starts_with("requirements") && name.ends_with(".txt")))
                && files.read(path).is_some_and(|text| text.contains("pytest")))
    });
    if !named && frameworks.contains(&TestFramework::Unittest) {
        return TestFramework::Unittest;
    }
    TestFramework::Pytest
}

/// After the last definition: before `if __name__ == "__main__":` at the end.
fn end_of(source: &str) -> usize {
    let guard = nodes::parse(source, "python").and_then(|tree| {
        let last = children(tree.root()).into_iter().last()?;
        let main = last.kind() == "if_statement" && field(source, last, "condition").contains("__name__");
        main.then_some(last.start_byte())
    });
    let end = guard.unwrap_or(source.len());
    source.get(..end).unwrap_or_default().trim_end().len()
}

/// The names that a module defines or imports at its top.
pub(super) fn top_names(source: &str) -> Vec<String> {
    let Some(tree) = nodes::parse(source, "python") else { return Vec::new() };
    let mut names = Vec::new();
    for item in children(tree.root()) {
        let item = item.child_by_field_name("definition").unwrap_or(item);
        match item.kind() {
            "function_definition" | "class_definition" => names.push(field(source, item, "name").to_owned()),
            "import_statement" | "import_from_statement" => {
                for name in children(item).into_iter().skip(usize::from(item.kind() == "import_from_statement")) {
                    let alias = name.child_by_field_name("alias").unwrap_or(name);
                    names.push(text(source, alias).to_owned());
                }
            }
            _ => {}
        }
    }
    names
}
