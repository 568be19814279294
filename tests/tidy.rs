//! The walls of the house, read from the sources: a module uses only modules above it in the list of lib.rs, and each
//! outside name has one home.

use std::fs;
use std::path::{Path, PathBuf};

/// Crates that only one module may name.
const HOMES: &[(&str, &[&str])] = &[
    ("anyhow", &["cli", "main.rs"]),
    ("bpe_openai", &["context"]),
    ("clap", &["cli", "main.rs"]),
    ("gen_lsp_types", &["lsp"]),
    ("hashbrown", &["index"]),
    ("httpdate", &["models"]),
    ("keyring_core", &["models"]),
    ("landlock", &["verify"]),
    ("notify", &["index"]),
    ("reqwest", &["models"]),
    ("ropey", &["text"]),
    ("rpassword", &["cli"]),
    ("rusqlite", &["journal"]),
    ("toml_edit", &["cli"]),
    ("tree_sitter", &["syntax"]),
    ("streaming_iterator", &["syntax"]),
];

fn sources() -> Vec<(String, PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("server/src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    let sources: Vec<_> = files
        .into_iter()
        .map(|path| {
            let relative = path.strip_prefix(&root).unwrap().to_owned();
            let module = relative.iter().next().unwrap().to_str().unwrap().to_owned();
            (module, relative, fs::read_to_string(&path).unwrap())
        })
        .collect();
    assert!(sources.len() > 50, "the sources were not found");
    sources
}

/// The modules in the order of lib.rs.
fn order() -> Vec<String> {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("server/src/lib.rs")).unwrap();
    let modules = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    modules.map(str::to_owned).collect()
}

/// The names after `crate::` in the code of a file, comments left out.
fn used(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        for (at, _) in code.match_indices("crate::") {
            let quoted = code[..at].ends_with(['$', '"']) || code[..at].matches('"').count() % 2 == 1;
            let rest = &code[at + "crate::".len()..];
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if quoted {
                continue;
            }
            assert!(!name.is_empty(), "line {}: write one `use crate::module` a line: {line}", number + 1);
            found.push((number + 1, name));
        }
    }
    found
}

#[test]
fn modules_use_only_modules_above_them() {
    let order = order();
    let place = |module: &str| order.iter().position(|known| known == module);
    let mut wrong = Vec::new();
    for (module, path, text) in sources() {
        let Some(own) = place(&module) else { continue }; // lib.rs and main.rs stand outside
        for (line, name) in used(&text) {
            let above = place(&name).is_some_and(|other| other < own);
            if name != module && name != "config" && !above {
                wrong.push(format!("{}:{line}: {module} may not use {name}", path.display()));
            }
            if module == "config" && name != "config" {
                wrong.push(format!("{}:{line}: config is plain data and uses no module", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn outside_names_have_one_home() {
    let mut wrong = Vec::new();
    for (module, path, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for (name, homes) in HOMES {
                let named = code.match_indices(name).any(|(at, _)| {
                    let before = code[..at].chars().next_back();
                    let after = &code[at + name.len()..];
                    !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
                        && (after.starts_with("::") || after.starts_with(" as ") || after.starts_with(';'))
                });
                if named && !homes.contains(&module.as_str()) {
                    wrong.push(format!("{}:{}: {name} belongs to {homes:?}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_opens_with_what_it_is() {
    for (module, path, text) in sources() {
        let opens = text.starts_with("//!") || path.ends_with("tests.rs");
        assert!(opens, "{} of {module} has no opening paragraph", path.display());
    }
}

#[test]
fn every_query_file_is_built_in() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = fs::read_to_string(root.join("server/src/syntax/built_in.rs")).unwrap();
    let mut count = 0;
    for folder in fs::read_dir(root.join("queries")).unwrap() {
        let folder = folder.unwrap();
        let start = format!("\"{}\":", folder.file_name().to_str().unwrap());
        let row = table.lines().find(|line| line.trim().starts_with(&start)).unwrap_or_default();
        for file in fs::read_dir(folder.path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            assert!(row.contains(&format!("\"{name}\"")), "{} is not in server/src/syntax/built_in.rs", path.display());
            count += 1;
        }
    }
    assert!(count > 0, "no query files were found");
}
