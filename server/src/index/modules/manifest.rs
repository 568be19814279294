//! What manifests say of names: `Cargo.toml`, `package.json`, `tsconfig.json`, `go.mod`, read once each.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::{Read, paths};

/// Manifests larger than this many bytes are not read.
const LARGEST: usize = 1 << 18;

/// Reads manifests and keeps what they say.
pub(super) struct Manifests<'a> {
    read: &'a Read<'a>,
    cargo: RefCell<HashMap<String, Option<Rc<toml::Table>>>>,
    json: RefCell<HashMap<String, Option<Rc<serde_json::Value>>>>,
    /// The module's path of each `go.mod`.
    go: RefCell<HashMap<String, Option<Rc<str>>>>,
}

/// How an import path of TypeScript is mapped: a pattern with at most one `*`, and where it leads, relative to the
/// workspace.
pub(super) type PathRule = (String, Vec<String>);

impl<'a> Manifests<'a> {
    pub(super) fn new(read: &'a Read<'a>) -> Self {
        Self { read, cargo: RefCell::default(), json: RefCell::default(), go: RefCell::default() }
    }

    fn text(&self, path: &str) -> Option<String> {
        (self.read)(path).filter(|text| text.len() <= LARGEST)
    }

    /// The `Cargo.toml` of a folder.
    fn cargo(&self, folder: &str) -> Option<Rc<toml::Table>> {
        let path = paths::join(folder, "Cargo.toml")?;
        if let Some(known) = self.cargo.borrow().get(&path) {
            return known.clone();
        }
        let table = self.text(&path).and_then(|text| text.parse().ok()).map(Rc::new);
        self.cargo.borrow_mut().insert(path, table.clone());
        table
    }

    /// A JSON file, in which comments and commas before a closing bracket are allowed.
    fn json(&self, path: &str) -> Option<Rc<serde_json::Value>> {
        if let Some(known) = self.json.borrow().get(path) {
            return known.clone();
        }
        let value = self.text(path).and_then(|text| serde_json::from_str(&plain_json(&text)).ok()).map(Rc::new);
        self.json.borrow_mut().insert(path.to_owned(), value.clone());
        value
    }

    /// The folder of the Cargo package around a file.
    pub(super) fn cargo_package<'path>(&self, path: &'path str) -> Option<&'path str> {
        paths::around(path).find(|folder| self.cargo(folder).is_some_and(|table| table.contains_key("package")))
    }

    /// The name by which Rust code calls the library of the package in `folder`, and the library's file there, relative to
    /// the workspace, as far as the manifest names it.
    pub(super) fn cargo_library(&self, folder: &str) -> Option<(String, Option<String>)> {
        let table = self.cargo(folder)?;
        let library = table.get("lib");
        let name = library.and_then(|library| library.get("name")).or_else(|| table.get("package")?.get("name"))?;
        let path = library.and_then(|library| library.get("path")?.as_str()).and_then(|path| paths::join(folder, path));
        Some((name.as_str()?.replace('-', "_"), path))
    }

    /// The folder of the package that the package in `folder` depends on by path and calls `name`.
    pub(super) fn cargo_dependency(&self, folder: &str, name: &str) -> Option<String> {
        let table = self.cargo(folder)?;
        let called = |(key, value): (&String, &toml::Value)| {
            (key.replace('-', "_") == name).then(|| (key.clone(), value.clone()))
        };
        let find = |table: &toml::Table| {
            let lists = ["dependencies", "dev-dependencies", "build-dependencies"];
            lists.iter().filter_map(|list| table.get(*list)?.as_table()).flatten().find_map(called)
        };
        let targets = table.get("target").and_then(toml::Value::as_table).into_iter().flatten();
        let (key, value) = find(&table).or_else(|| targets.filter_map(|(_, table)| find(table.as_table()?)).next())?;
        if let Some(path) = value.get("path").and_then(toml::Value::as_str) {
            return paths::join(folder, path);
        }
        value.get("workspace").and_then(toml::Value::as_bool).filter(|inherits| *inherits)?;
        let inside = format!("{folder}/Cargo.toml");
        paths::around(&inside).find_map(|root| {
            let table = self.cargo(root)?;
            let path = table.get("workspace")?.get("dependencies")?.get(&key)?.get("path")?.as_str()?;
            paths::join(root, path)
        })
    }

    /// The folders with a `package.json` around a file and its name there, the nearest first.
    pub(super) fn npm_packages(&self, path: &str) -> Vec<(String, String)> {
        let named = |folder: &str| Some((folder.to_owned(), self.npm_name(folder)?));
        paths::around(path).filter_map(named).collect()
    }

    /// The name of the package in a folder.
    pub(super) fn npm_name(&self, folder: &str) -> Option<String> {
        let manifest = self.json(&paths::join(folder, "package.json")?)?;
        Some(manifest.get("name")?.as_str()?.to_owned())
    }

    /// The files, relative to the workspace, that the package in `folder` names for an import of `below` (`.` for the
    /// package itself, `./x` for a path below it).
    pub(super) fn npm_entries(&self, folder: &str, below: &str) -> Vec<String> {
        let path = paths::join(folder, "package.json");
        let Some(manifest) = path.and_then(|path| self.json(&path)) else { return Vec::new() };
        let mut found = Vec::new();
        match manifest.get("exports") {
            Some(serde_json::Value::Object(map)) if map.keys().any(|key| key.starts_with('.')) => {
                for (pattern, value) in map {
                    if let Some(star) = fits(pattern, below) {
                        strings(value, &mut |text| found.push(text.replace('*', star)));
                    }
                }
            }
            Some(value) if below == "." => strings(value, &mut |text| found.push(text.to_owned())),
            _ => {}
        }
        if below == "." {
            let fields = ["source", "types", "typings", "module", "main"];
            found.extend(fields.iter().filter_map(|field| Some(manifest.get(*field)?.as_str()?.to_owned())));
        }
        found.iter().filter_map(|path| paths::join(folder, path)).collect()
    }

    /// The path rules that hold for a script file: those of the nearest `tsconfig.json` or `jsconfig.json` that has some.
    pub(super) fn script_paths(&self, path: &str) -> Vec<PathRule> {
        for folder in paths::around(path) {
            for name in ["tsconfig.json", "jsconfig.json", "tsconfig.base.json"] {
                let rules = paths::join(folder, name).map(|path| self.rules_of(&path, 0)).unwrap_or_default();
                if !rules.is_empty() {
                    return rules;
                }
            }
        }
        Vec::new()
    }

    fn rules_of(&self, path: &str, depth: usize) -> Vec<PathRule> {
        const DEEPEST: usize = 4;
        let Some(settings) = self.json(path).filter(|_| depth < DEEPEST) else { return Vec::new() };
        let folder = paths::folder(path);
        let options = settings.get("compilerOptions");
        let option = |name| options.and_then(|options| options.get(name));
        let base = option("baseUrl").and_then(serde_json::Value::as_str);
        let root = paths::join(folder, base.unwrap_or(".")).unwrap_or_default();
        let mut rules: Vec<PathRule> = Vec::new();
        for (pattern, targets) in option("paths").and_then(serde_json::Value::as_object).into_iter().flatten() {
            let mut to = Vec::new();
            strings(targets, &mut |target| to.extend(paths::join(&root, target)));
            rules.push((pattern.clone(), to));
        }
        if base.is_some() {
            rules.push(("*".to_owned(), vec![if root.is_empty() { "*".to_owned() } else { format!("{root}/*") }]));
        }
        if rules.is_empty()
            && let Some(extends) = settings.get("extends")
        {
            strings(extends, &mut |extends| {
                let name = if extends.ends_with(".json") { extends.to_owned() } else { format!("{extends}.json") };
                if let Some(path) = paths::join(folder, &name).filter(|_| extends.starts_with('.') && rules.is_empty())
                {
                    rules = self.rules_of(&path, depth + 1);
                }
            });
        }
        rules
    }

    /// The folder of the Go module around a file and the module's path.
    pub(super) fn go_module(&self, path: &str) -> Option<(String, Rc<str>)> {
        paths::around(path).find_map(|folder| {
            let path = paths::join(folder, "go.mod")?;
            let mut known = self.go.borrow_mut();
            let read = |path: &str| {
                let text = self.text(path)?;
                let name = text.lines().find_map(|line| line.trim().strip_prefix("module "))?.trim();
                Some(Rc::from(name.trim_matches('"')))
            };
            let name = known.entry(path).or_insert_with_key(|path| read(path)).clone()?;
            Some((folder.to_owned(), name))
        })
    }
}

/// What stands for the `*` of a pattern in `text`; empty where the pattern has none.
pub(super) fn fits<'text>(pattern: &str, text: &'text str) -> Option<&'text str> {
    match pattern.split_once('*') {
        None => (pattern == text).then_some(""),
        Some((start, end)) => text.strip_prefix(start)?.strip_suffix(end),
    }
}

/// Calls `each` with every string in a value, in its order.
fn strings(value: &serde_json::Value, each: &mut dyn FnMut(&str)) {
    match value {
        serde_json::Value::String(text) => each(text),
        serde_json::Value::Array(all) => all.iter().for_each(|value| strings(value, each)),
        serde_json::Value::Object(map) => map.values().for_each(|value| strings(value, each)),
        _ => {}
    }
}

/// JSON without comments and without commas before closing brackets.
fn plain_json(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    let mut quoted = false;
    while let Some(c) = rest.next() {
        match c {
            '\\' if quoted => plain.extend([Some(c), rest.next()].into_iter().flatten()),
            '"' => {
                quoted = !quoted;
                plain.push(c);
            }
            '/' if !quoted && rest.peek() == Some(&'/') => while rest.next_if(|c| *c != '\n').is_some() {},
            '/' if !quoted && rest.peek() == Some(&'*') => {
                let mut before = ' ';
                rest.next();
                for c in rest.by_ref() {
                    if before == '*' && c == '/' {
                        break;
                    }
                    before = c;
                }
            }
            ']' | '}' if !quoted => {
                let len = plain.trim_end().len();
                if plain.get(..len).is_some_and(|start| start.ends_with(',')) {
                    plain.truncate(len - 1);
                }
                plain.push(c);
            }
            c => plain.push(c),
        }
    }
    plain
}
