//! Places for Rust tests: always the test module of the focus's own module, which alone reaches private names.

use super::nodes::{all_children, children, field, text};
use super::{
    Insert, NoPlace, ProjectFacts, ProjectFiles, TestFramework, TestPlace, base, ending, folder, folders_up, join,
    nodes,
};
use crate::context::Subject;
use crate::syntax::Node;

pub(super) fn place(subject: &Subject, files: &dyn ProjectFiles) -> Result<TestPlace, NoPlace> {
    let Some(tree) = &subject.tree else { return Err(NoPlace::Language("rust".to_owned())) };
    let paths = files.paths();
    let project = facts(&subject.path, &paths, files);
    // up to the package's own folder: a package may lie in another one's tests
    let in_tests = folders_up(&subject.path)
        .take_while(|at| !paths.contains(&join(at, "Cargo.toml")))
        .any(|at| matches!(base(at), "tests" | "benches") && paths.contains(&join(folder(at), "Cargo.toml")));
    if in_tests
        || ["tests.rs", "test.rs"].iter().any(|name| {
            base(&subject.path).strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
        })
        || subject.path.contains("/tests/")
    {
        return Err(NoPlace::Test(subject.label()));
    }
    let source = subject.text.to_text();
    let module = innermost_module(tree.root(), subject.chunk().item.start);
    let container = module.unwrap_or_else(|| tree.root());
    let step = indent_step(&source);
    let outer = module.map_or(String::new(), |module| format!("{}{step}", indent_at(&source, module.start_byte())));
    let mut taken: Vec<String> = names(&source, container);
    let mut place = TestPlace {
        framework: TestFramework::RustTest,
        path: subject.path.clone(),
        insert: Insert::NewModule { at: end_of(&source, container, module.is_some()) },
        indent: format!("{outer}{step}"),
        step: step.clone(),
        imports: vec!["use super::*;".to_owned()],
        taken: Vec::new(),
        hiding: Vec::new(),
        line_ending: ending(&source),
        project,
    };
    if let Some(tests) = test_module(&source, container) {
        if let Some(body) = tests.child_by_field_name("body") {
            place.hiding = names(&source, body);
            place.insert = Insert::Append { at: end_of(&source, body, true), body: body.start_byte() + 1 };
            place.indent =
                children(body).last().map_or(place.indent, |last| indent_at(&source, last.start_byte()).to_owned());
        } else if let Some((path, text)) = outside_module(subject, &source, tests, files) {
            place.insert = Insert::Append { at: text.trim_end().len(), body: 0 };
            if let Some(tree) = nodes::parse(&text, "rust") {
                place.hiding = names(&text, tree.root());
            }
            place.path = path;
            place.line_ending = ending(&text);
            place.indent = String::new();
        }
    }
    taken.extend(place.hiding.iter().cloned());
    taken.sort();
    taken.dedup();
    place.taken = taken;
    Ok(place)
}

/// The module inside the file that the byte stands in, as the `mod_item`'s body.
fn innermost_module(root: Node<'_>, at: usize) -> Option<Node<'_>> {
    let mut node = root.descendant_for_byte_range(at, at)?;
    loop {
        let parent = node.parent()?;
        if node.kind() == "declaration_list" && parent.kind() == "mod_item" {
            return Some(node);
        }
        node = parent;
    }
}

/// The byte after the last thing that a module or file holds; blanks behind it stay.
fn end_of(source: &str, container: Node<'_>, braces: bool) -> usize {
    let (start, end) =
        if braces { (container.start_byte() + 1, container.end_byte().saturating_sub(1)) } else { (0, source.len()) };
    start + source.get(start..end).unwrap_or_default().trim_end().len()
}

fn indent_at(source: &str, at: usize) -> &str {
    let line = source.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let rest = source.get(line..).unwrap_or_default();
    rest.get(..rest.len() - rest.trim_start_matches([' ', '\t']).len()).unwrap_or_default()
}

fn indent_step(source: &str) -> String {
    let first = source.lines().find(|line| line.starts_with([' ', '\t']) && !line.trim_start().starts_with('*'));
    match first {
        Some(line) if line.starts_with('\t') => "\t".to_owned(),
        Some(line) if line.starts_with("  ") && !line.starts_with("   ") && !line.trim().is_empty() => "  ".to_owned(),
        _ => "    ".to_owned(),
    }
}

/// The names that the items of a module take.
fn names(source: &str, container: Node<'_>) -> Vec<String> {
    children(container)
        .into_iter()
        .map(|item| field(source, item, "name").to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

/// The module's test module: the one that `#[cfg(test)]` stands above, the most plainly marked one first.
fn test_module<'tree>(source: &str, container: Node<'tree>) -> Option<Node<'tree>> {
    let mut found: Option<(u8, Node<'tree>)> = None;
    let mut cfg = 0;
    for item in all_children(container) {
        match item.kind() {
            "attribute_item" => {
                let attribute: String = text(source, item).split_whitespace().collect();
                if attribute == "#[cfg(test)]" {
                    cfg = 2;
                } else if attribute.starts_with("#[cfg(") && attribute.contains("test") && !attribute.contains("not(") {
                    cfg = cfg.max(1);
                }
            }
            "line_comment" | "block_comment" => {}
            "mod_item" if cfg > 0 => {
                let name = field(source, item, "name");
                let score = cfg * 2 + u8::from(matches!(name, "tests" | "test"));
                if name.contains("test") && found.is_none_or(|(best, _)| score > best) {
                    found = Some((score, item));
                }
                cfg = 0;
            }
            _ => cfg = 0,
        }
    }
    // a module for which other cfgs count as well may be switched off: better a new one
    found.filter(|(score, _)| *score >= 4).map(|(_, item)| item)
}

/// The file of `mod tests;`, with its text.
fn outside_module(
    subject: &Subject,
    source: &str,
    module: Node<'_>,
    files: &dyn ProjectFiles,
) -> Option<(String, String)> {
    let name = field(source, module, "name");
    let here = folder(&subject.path);
    let stem = base(&subject.path).trim_end_matches(".rs");
    let mut candidates = Vec::new();
    let mut lead = module.prev_named_sibling();
    while let Some(attribute) = lead.filter(|lead| lead.kind() == "attribute_item") {
        if let Some((_, path)) = text(source, attribute).split_once("path") {
            candidates.extend(path.split('"').nth(1).map(|path| join(here, path)));
        }
        lead = attribute.prev_named_sibling();
    }
    let inner = if matches!(stem, "lib" | "main" | "mod") { here.to_owned() } else { join(here, stem) };
    candidates.extend([join(&inner, &format!("{name}.rs")), join(&inner, &format!("{name}/mod.rs"))]);
    candidates.into_iter().find_map(|path| files.read(&path).map(|text| (path, text)))
}

/// What Cargo.toml and the crate's root say.
fn facts(path: &str, paths: &[String], files: &dyn ProjectFiles) -> ProjectFacts {
    let mut facts = ProjectFacts::default();
    let is_there = |path: &String| paths.contains(path);
    let Some(root) = folders_up(path).find(|folder| is_there(&join(folder, "Cargo.toml"))) else { return facts };
    let manifest = files.read(&join(root, "Cargo.toml")).unwrap_or_default();
    if let Ok(manifest) = manifest.parse::<toml::Table>() {
        let name = |table: &str| manifest.get(table)?.get("name")?.as_str();
        facts.module = name("lib").or_else(|| name("package")).unwrap_or_default().replace('-', "_");
        let workspace = folders_up(root)
            .skip(1)
            .map(|folder| join(folder, "Cargo.toml"))
            .filter(|path| paths.contains(path))
            .find_map(|path| files.read(&path)?.parse::<toml::Table>().ok())
            .and_then(|manifest| manifest.get("workspace")?.get("dependencies")?.get("tokio").cloned());
        facts.tokio_test = ["dev-dependencies", "dependencies"].iter().any(|table| {
            let tokio = manifest.get(*table).and_then(|table| table.get("tokio"));
            let optional = tokio.and_then(|tokio| tokio.get("optional")).and_then(toml::Value::as_bool);
            tokio.is_some() && optional != Some(true) && tokio_runs_tests(tokio, workspace.as_ref())
        });
    }
    for name in ["src/lib.rs", "src/main.rs", "lib.rs"] {
        if let Some(text) = files.read(&join(root, name)) {
            facts.no_std = text.lines().take_while(|line| !line.starts_with("mod ")).any(|line| {
                let line = line.trim();
                line.starts_with("#![no_std]")
                    || (line.starts_with("#![cfg_attr(") && line.contains("no_std") && !line.contains("test"))
            });
            break;
        }
    }
    facts
}

/// True when the features that `#[tokio::test]` needs are switched on.
fn tokio_runs_tests(own: Option<&toml::Value>, workspace: Option<&toml::Value>) -> bool {
    let features = |value: Option<&toml::Value>| -> Vec<String> {
        let list = value.and_then(|value| value.get("features")).and_then(toml::Value::as_array);
        list.into_iter().flatten().filter_map(|feature| feature.as_str().map(str::to_owned)).collect()
    };
    let mut all = features(own);
    if own.and_then(|own| own.get("workspace")).is_some() {
        all.extend(features(workspace));
    }
    let has = |name: &str| all.iter().any(|feature| feature == name);
    has("full") || (has("macros") && (has("rt") || has("rt-multi-thread")))
}
