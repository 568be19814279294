//! Puts test code into its place: indented, in the module that the language wants around it, each import once.

use super::nodes::{self, all_children, children, field, text, visit};
use super::{Insert, TestFramework, TestPlace};
use crate::syntax::{Node, Tree};
use crate::text::{Edit, LineEnding, Span, Text};

/// The edit that adds tests to a file.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct TestEdit {
    /// The file, relative to the workspace, with `/`.
    pub path: String,
    /// The file is new; then there is one edit, at byte zero.
    pub create: bool,
    /// What changes; the edits speak of the text as it stands and don't overlap.
    pub edits: Vec<Edit>,
}

/// Puts `code`, tests at indentation zero with the imports that they need on top, into the place. `current` is the text
/// of the place's file; `None` when there is no such file yet.
#[must_use]
pub fn insert(place: &TestPlace, code: &str, current: Option<&Text>) -> TestEdit {
    let current = current.map(|text| text.to_text()).unwrap_or_default();
    let code = Code::split(place.framework, code);
    let mut edits = match place.insert {
        Insert::NewFile => vec![Edit::new(Span::new(0, 0), new_file(place, &code))],
        Insert::NewModule { at } => vec![new_module(place, &code, &current, at)],
        Insert::Append { at, body } => append(place, &code, &current, at.min(current.len()), body),
    };
    if place.line_ending == LineEnding::Crlf {
        for edit in &mut edits {
            edit.text = edit.text.replace("\r\n", "\n").replace('\n', "\r\n");
        }
    }
    TestEdit { path: place.path.clone(), create: place.insert == Insert::NewFile, edits }
}

/// Test code, its imports apart.
struct Code {
    imports: Vec<String>,
    body: String,
}

impl Code {
    fn split(framework: TestFramework, code: &str) -> Self {
        let code = code.replace("\r\n", "\n");
        let Some(tree) = nodes::parse(&code, framework.language()) else {
            return Self { imports: Vec::new(), body: code.trim().to_owned() };
        };
        if framework == TestFramework::RustTest
            && let Some(inner) = unwrap_module(&code, &tree)
        {
            return Self::split(framework, &inner);
        }
        let mut imports = Vec::new();
        let mut body = String::new();
        let mut from = 0;
        for item in children(tree.root()).into_iter().filter(|item| is_import(&code, *item)) {
            imports.push(text(&code, item).trim_end().to_owned());
            body.push_str(code.get(from..item.start_byte()).unwrap_or_default());
            let rest = code.get(item.end_byte()..).unwrap_or_default();
            from = code.len() - rest.strip_prefix('\n').unwrap_or(rest).len();
        }
        body.push_str(code.get(from..).unwrap_or_default());
        let body = body.trim_end();
        let lead = body.len() - body.trim_start().len();
        let line = body.get(..lead).and_then(|blank| blank.rfind('\n')).map_or(0, |at| at + 1);
        Self { imports, body: body.get(line..).unwrap_or_default().to_owned() }
    }

    fn indented(&self, place: &TestPlace) -> String {
        indented(&self.body, &place.indent, place.framework.language())
    }
}

/// The code, indented; lines inside a string stay as they are.
pub(crate) fn indented(code: &str, indent: &str, language: &str) -> String {
    if indent.is_empty() {
        return code.to_owned();
    }
    let mut strings: Vec<Span> = Vec::new();
    if let Some(tree) = nodes::parse(code, language) {
        visit(tree.root(), &mut |node| {
            let string = node.kind().contains("string") && node.start_position().row != node.end_position().row;
            if string {
                strings.push(Span::from(node.byte_range()));
            }
            !string
        });
    }
    let mut out = String::new();
    let mut at = 0;
    for line in code.split('\n') {
        if at > 0 {
            out.push('\n');
        }
        if !line.trim().is_empty() && !strings.iter().any(|span| span.start < at && at < span.end) {
            out.push_str(indent);
        }
        out.push_str(line);
        at += line.len() + 1;
    }
    out
}

/// What a model may put around its tests although it was told not to: `mod tests { … }`.
fn unwrap_module(code: &str, tree: &Tree) -> Option<String> {
    let items = children(tree.root());
    let (mut module, mut head) = (None, String::new());
    for item in items {
        match item.kind() {
            "use_declaration" | "extern_crate_declaration" => {
                head.push_str(text(code, item));
                head.push('\n');
            }
            "attribute_item" => {}
            "mod_item" if module.is_none() && field(code, item, "name").contains("test") => module = Some(item),
            _ => return None,
        }
    }
    let body = module?.child_by_field_name("body")?;
    let inner = code.get(body.start_byte() + 1..body.end_byte().checked_sub(1)?)?;
    let indent =
        inner.lines().filter(|line| !line.trim().is_empty()).map(|line| line.len() - line.trim_start().len()).min();
    let lines: Vec<&str> =
        inner.lines().map(|line| line.get(indent.unwrap_or_default()..).unwrap_or_else(|| line.trim_start())).collect();
    Some(head + &lines.join("\n"))
}

fn is_import(source: &str, item: Node<'_>) -> bool {
    match item.kind() {
        "use_declaration"
        | "extern_crate_declaration"
        | "import_statement"
        | "import_from_statement"
        | "future_import_statement" => true,
        "lexical_declaration" | "variable_declaration" => {
            let value = children(item).into_iter().next().and_then(|one| one.child_by_field_name("value"));
            value.is_some_and(|value| field(source, value, "function") == "require")
        }
        _ => false,
    }
}

fn new_file(place: &TestPlace, code: &Code) -> String {
    let mut wanted = place.imports.clone();
    wanted.extend(code.imports.iter().cloned());
    let merged = merge(place.framework, &wanted, "", 0, 0);
    let mut out = group(place, merged.lines);
    if !out.is_empty() {
        out.push_str(if is_python(place) { "\n\n" } else { "\n" });
    }
    out.push_str(&code.indented(place));
    out.push('\n');
    out
}

const fn is_python(place: &TestPlace) -> bool {
    matches!(place.framework, TestFramework::Pytest | TestFramework::Unittest)
}

/// Imports of a new file, for Python in the usual groups: standard library, others, the project.
fn group(place: &TestPlace, lines: Vec<String>) -> String {
    if !is_python(place) {
        return lines.iter().map(|line| format!("{line}\n")).collect();
    }
    let rank = |line: &String| {
        if place.imports.contains(line) && !line.contains("unittest") || line.contains(&place.project.module) {
            2
        } else {
            u8::from(line.contains("pytest"))
        }
    };
    let groups = (0..3).map(|wanted| {
        let mut group: Vec<String> = lines.iter().filter(|line| rank(line) == wanted).cloned().collect();
        group.sort();
        group.iter().map(|line| format!("{line}\n")).collect::<String>()
    });
    groups.filter(|group| !group.is_empty()).collect::<Vec<_>>().join("\n")
}

fn new_module(place: &TestPlace, code: &Code, current: &str, at: usize) -> Edit {
    let outer = place.indent.strip_suffix(&place.step).unwrap_or_default();
    let mut wanted = place.imports.clone();
    wanted.extend(code.imports.iter().cloned());
    let lines = merge(place.framework, &wanted, "", 0, 0).lines;
    let imports: String = lines.iter().map(|line| format!("{}{line}\n", place.indent)).collect();
    let names = ["tests", "unit_tests", "more_tests"];
    let free = names.iter().find(|name| !place.taken.iter().any(|taken| taken == *name));
    let name = free.unwrap_or(&"generated_tests");
    let before = current.get(..at).unwrap_or_default();
    let blank = if before.is_empty() {
        ""
    } else if before.ends_with('{') {
        "\n"
    } else {
        "\n\n"
    };
    let mut out =
        format!("{blank}{outer}#[cfg(test)]\n{outer}mod {name} {{\n{imports}\n{}\n{outer}}}", code.indented(place));
    let rest = current.get(at..).unwrap_or_default();
    if !rest.trim_start_matches([' ', '\t']).starts_with(['\n', '\r']) {
        out.push('\n');
        out.push_str(outer.strip_suffix(&place.step).unwrap_or_default());
    }
    Edit::new(Span::new(at, at), out)
}

fn append(place: &TestPlace, code: &Code, current: &str, at: usize, body: usize) -> Vec<Edit> {
    let mut wanted = place.imports.clone();
    wanted.extend(code.imports.iter().cloned());
    let merged = merge(place.framework, &wanted, current, body, at);
    let mut edits = merged.edits;
    let imports: Vec<String> = merged.lines.iter().map(|line| format!("{}{line}", place.indent)).collect();
    let empty = current.get(body..at).unwrap_or_default().trim().is_empty();
    let blank = if is_python(place) { "\n\n\n" } else { "\n\n" };
    let mut out = String::new();
    let import_at = merged.at.map(|import_at| import_at.min(at));
    match import_at {
        // nothing to import, or imports are all that is there
        _ if imports.is_empty() => out.push_str(if empty && body == 0 {
            ""
        } else if empty {
            "\n"
        } else {
            blank
        }),
        Some(import_at) if import_at < at => {
            edits.push(Edit::new(Span::new(import_at, import_at), format!("\n{}", imports.join("\n"))));
            out.push_str(blank);
        }
        None if !empty => {
            let (lead, end) = if body > 0 { ("\n", "\n") } else { ("", "\n\n") };
            edits.push(Edit::new(Span::new(body, body), format!("{lead}{}{end}", imports.join("\n"))));
            out.push_str(blank);
        }
        _ => {
            out.push_str(if empty && body == 0 { "" } else { "\n" });
            out.push_str(&imports.join("\n"));
            out.push_str(blank);
        }
    }
    out.push_str(&code.indented(place));
    let rest = current.get(at..).unwrap_or_default();
    if rest.trim_start_matches([' ', '\t']).starts_with('}') {
        out.push('\n');
        out.push_str(place.indent.strip_suffix(&place.step).unwrap_or_default());
    } else if rest.trim().is_empty() && !rest.contains('\n') {
        out.push('\n');
    } else if is_python(place) && !rest.trim().is_empty() {
        // before `if __name__ == "__main__":`, which keeps the blank lines that it had
        let gap = rest.len() - rest.trim_start().len();
        let have = rest.get(..gap).unwrap_or_default().matches('\n').count();
        out.push_str(&"\n".repeat(3usize.saturating_sub(have)));
    }
    edits.push(Edit::new(Span::new(at, at), out));
    edits.sort_by_key(|edit| edit.span);
    edits
}

/// What must still be imported.
struct Merged {
    /// Statements to add.
    lines: Vec<String>,
    /// Where: the end of the last import that is there.
    at: Option<usize>,
    /// Names added to imports that are there.
    edits: Vec<Edit>,
}

/// One name that an import brings in.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    /// The module that it comes from; for Rust the path up to the last `::`.
    from: String,
    /// The name there; `*` for all.
    name: String,
    /// The name here.
    alias: String,
}

/// Leaves out of `wanted` what the items between `start` and `end` of `current` import already.
fn merge(framework: TestFramework, wanted: &[String], current: &str, start: usize, end: usize) -> Merged {
    let mut merged = Merged { lines: Vec::new(), at: None, edits: Vec::new() };
    let mut have: Vec<(Name, Span)> = Vec::new();
    let mut texts: Vec<String> = Vec::new();
    let tree = nodes::parse(current, framework.language());
    let container = tree.as_ref().map(|tree| {
        let root = tree.root();
        if start == 0 { root } else { root.named_descendant_for_byte_range(start - 1, end).unwrap_or(root) }
    });
    let mut leading = true;
    for item in container.map(children).unwrap_or_default() {
        if is_import(current, item) {
            if leading || framework == TestFramework::RustTest {
                let line = current.get(item.end_byte()..).unwrap_or_default();
                merged.at = Some(item.end_byte() + line.find(['\n', '\r']).unwrap_or(line.len()));
            }
            have.extend(names(current, item).into_iter().map(|name| (name, Span::from(item.byte_range()))));
            texts.push(squeeze(text(current, item)));
        } else if item.kind() == "expression_statement" && merged.at.is_none() && framework.language() == "python" {
            merged.at = Some(item.end_byte()); // the module's documentation
        } else {
            leading = false;
        }
    }
    let wanted_globs: Vec<String> = wanted.iter().filter(|one| one.ends_with("::*;")).map(|one| squeeze(one)).collect();
    for statement in wanted {
        if texts.contains(&squeeze(statement)) {
            continue;
        }
        let Some(tree) = nodes::parse(statement, framework.language()) else { continue };
        let all: Vec<Name> = children(tree.root()).into_iter().flat_map(|item| names(statement, item)).collect();
        let covered = |name: &Name| {
            have.iter().any(|(have, _)| have.from == name.from && have.name == "*")
                || (name.name != "*" && wanted_globs.contains(&format!("use {}::*;", name.from)))
                || have.iter().any(|(have, _)| {
                    // what the package gives on from its modules is the same
                    let given_on = name.from.strip_prefix(&have.from).is_some_and(|rest| rest.starts_with('.'));
                    let same = have.alias == name.alias && have.name == name.name;
                    have == name
                        || (framework.language() == "python" && same && given_on)
                        || (framework == TestFramework::RustTest
                            && name.name != "*"
                            && have.alias == name.alias
                            && have.alias != "_")
                })
        };
        let missing: Vec<&Name> = all.iter().filter(|name| !covered(name)).collect();
        if !all.is_empty() && missing.is_empty() {
            continue;
        }
        if missing.len() == all.len() || all.is_empty() {
            let place = all.first().and_then(|first| list_end(framework, current, container, first));
            if let Some(place) = place.filter(|_| !all.iter().any(|name| name.name == "*" || name.name.is_empty())) {
                let list: Vec<String> = all.iter().map(|name| spell(framework, name)).collect();
                add_to_list(&mut merged, current, place, &list);
            } else {
                // names of one module on one line
                let same = all.first().filter(|_| framework.language() == "python").and_then(|first| {
                    let head = format!("from {} import ", first.from);
                    merged.lines.iter_mut().find(|line| {
                        line.starts_with(&head) && statement.starts_with(&head) && !line.contains(['(', '*'])
                    })
                });
                match same {
                    Some(line) => {
                        let list: Vec<String> = all.iter().map(|name| spell(framework, name)).collect();
                        line.push_str(&format!(", {}", list.join(", ")));
                    }
                    None => merged.lines.push(statement.clone()),
                }
            }
        } else {
            for name in missing {
                match list_end(framework, current, container, name) {
                    Some(place) => add_to_list(&mut merged, current, place, &[spell(framework, name)]),
                    None => merged.lines.push(match framework.language() {
                        "rust" if name.alias == name.name => format!("use {}::{};", name.from, name.name),
                        "rust" => format!("use {}::{} as {};", name.from, name.name, name.alias),
                        "python" => format!("from {} import {}", name.from, spell(framework, name)),
                        _ => format!("import {{ {} }} from \"{}\";", spell(framework, name), name.from),
                    }),
                }
            }
        }
        texts.push(squeeze(statement));
        have.extend(all.into_iter().map(|name| (name, Span::new(0, 0))));
    }
    merged
}

fn add_to_list(merged: &mut Merged, current: &str, at: usize, names: &[String]) {
    // one name a line where the list is written so
    let line = current.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let before = current.get(line..at).unwrap_or_default();
    let alone = !before.contains(['{', '(']) && before.starts_with([' ', '\t']);
    let indent: String = before.chars().take_while(|c| c.is_whitespace()).collect();
    let glue = if alone { format!(",\n{indent}") } else { ", ".to_owned() };
    let added: String = names.iter().map(|name| format!("{glue}{name}")).collect();
    match merged.edits.iter_mut().find(|edit| edit.span.start == at) {
        Some(edit) => edit.text.push_str(&added),
        None => merged.edits.push(Edit::new(Span::new(at, at), added)),
    }
}

fn spell(framework: TestFramework, name: &Name) -> String {
    if name.alias == name.name {
        return name.name.clone();
    }
    debug_assert!(framework != TestFramework::RustTest, "Rust imports are not added to lists");
    format!("{} as {}", name.name, name.alias)
}

/// The end of the last name of an import from the same module, where more can be added to it.
fn list_end(framework: TestFramework, current: &str, container: Option<Node<'_>>, name: &Name) -> Option<usize> {
    if framework == TestFramework::RustTest {
        return None;
    }
    children(container?).into_iter().filter(|item| is_import(current, *item)).find_map(|item| match item.kind() {
        "import_from_statement" => {
            let same = field(current, item, "module_name") == name.from;
            let mut cursor = item.walk();
            let last = item.children_by_field_name("name", &mut cursor).last()?;
            same.then_some(last.end_byte())
        }
        "import_statement" if framework.language() != "python" => {
            let from = field(current, item, "source").trim_matches(['"', '\'']);
            let types = text(current, item).starts_with("import type");
            let clause =
                nodes::child(item, "import_clause").and_then(|clause| nodes::child(clause, "named_imports"))?;
            (from == name.from && !types).then(|| children(clause).last().map(|last| last.end_byte())).flatten()
        }
        _ => None,
    })
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The names that an import statement brings in.
fn names(source: &str, item: Node<'_>) -> Vec<Name> {
    let mut found = Vec::new();
    let mut push = |from: &str, name: &str, alias: &str| {
        let alias = if alias.is_empty() { name } else { alias };
        found.push(Name { from: from.to_owned(), name: name.to_owned(), alias: alias.to_owned() });
    };
    match item.kind() {
        "use_declaration" => {
            if let Some(argument) = item.child_by_field_name("argument") {
                use_leaves(source, argument, "", &mut push);
            }
        }
        "extern_crate_declaration" => push("", field(source, item, "name"), field(source, item, "alias")),
        "import_from_statement" => {
            let from = field(source, item, "module_name");
            let mut cursor = item.walk();
            for name in item.children_by_field_name("name", &mut cursor) {
                if name.kind() == "aliased_import" {
                    push(from, field(source, name, "name"), field(source, name, "alias"));
                } else {
                    push(from, text(source, name), "");
                }
            }
            if nodes::child(item, "wildcard_import").is_some() {
                push(from, "*", "");
            }
        }
        "import_statement" => {
            let from = field(source, item, "source").trim_matches(['"', '\'']);
            let Some(clause) = nodes::child(item, "import_clause") else { return found };
            for part in children(clause) {
                match part.kind() {
                    "named_imports" => {
                        for one in children(part) {
                            push(from, field(source, one, "name"), field(source, one, "alias"));
                        }
                    }
                    "identifier" => push(from, "", text(source, part)), // the default export
                    _ => push(from, "", text(source, part)),
                }
            }
        }
        "lexical_declaration" | "variable_declaration" => {
            for one in children(item) {
                let from = one.child_by_field_name("value").map_or("", |value| field(source, value, "arguments"));
                let Some(pattern) = one.child_by_field_name("name") else { continue };
                if pattern.kind() == "object_pattern" {
                    children(pattern).into_iter().for_each(|name| push(from, text(source, name), ""));
                } else {
                    push(from, "", text(source, pattern));
                }
            }
        }
        _ => {}
    }
    found
}

/// Calls `push` with path, name and alias of each name of a Rust `use`.
pub(crate) fn use_leaves(source: &str, node: Node<'_>, path: &str, push: &mut impl FnMut(&str, &str, &str)) {
    let under = |head: &str| if path.is_empty() { head.to_owned() } else { format!("{path}::{head}") };
    match node.kind() {
        "scoped_identifier" => push(&under(field(source, node, "path")), field(source, node, "name"), ""),
        "use_as_clause" => {
            let full = under(field(source, node, "path"));
            let (from, name) = full.rsplit_once("::").unwrap_or(("", &full));
            push(from, name, field(source, node, "alias"));
        }
        "use_wildcard" => {
            let head = text(source, node).trim_end_matches('*').trim_end_matches("::").to_owned();
            push(&if head.is_empty() { path.to_owned() } else { under(&head) }, "*", "");
        }
        "scoped_use_list" => {
            let head = field(source, node, "path");
            let inner = if head.is_empty() { path.to_owned() } else { under(head) };
            if let Some(list) = node.child_by_field_name("list") {
                use_leaves(source, list, &inner, push);
            }
        }
        "use_list" => all_children(node)
            .into_iter()
            .filter(|child| child.is_named())
            .for_each(|child| use_leaves(source, child, path, push)),
        "self" => {
            let (from, name) = path.rsplit_once("::").unwrap_or(("", path));
            push(from, name, "");
        }
        _ => push(path, text(source, node), ""),
    }
}
