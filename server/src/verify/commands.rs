//! Which commands prove a change. In: the files that it touches, the tests to run, and what lies beside them. Out:
//! commands in the order in which they are worth running, and the tools that are missing. Runs nothing, and reads no more
//! than manifests.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::faults::Reads;
use super::run::find;
use crate::context::TestFramework;

/// What a command shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shows {
    /// Something in two words, as `compiles`.
    Claim(&'static str),
    /// How many tests pass.
    Tests,
    /// A command of the user's passes.
    Passes(String),
}

/// A command to run in the shadow.
#[derive(Clone, Debug)]
pub(super) struct Command {
    /// What messages call it, as `cargo check`.
    pub(super) name: String,
    pub(super) program: PathBuf,
    pub(super) args: Vec<OsString>,
    /// Where it runs, relative to the workspace.
    pub(super) folder: String,
    pub(super) env: Vec<(&'static str, OsString)>,
    pub(super) reads: Reads,
    pub(super) shows: Shows,
}

/// Commands, and tools without which some could not be made.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) commands: Vec<Command>,
    pub(super) missing: Vec<String>,
}

/// A test that a proposal adds or changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestName {
    /// Its file, relative to the workspace.
    pub path: String,
    /// Its own name, without those of what it stands in.
    pub name: String,
    /// What runs it, where that is known.
    pub framework: Option<TestFramework>,
}

impl Command {
    fn new(name: &str, program: &Path, args: &[&str], folder: &str) -> Self {
        Self {
            name: name.to_owned(),
            program: program.to_owned(),
            args: args.iter().map(OsString::from).collect(),
            folder: folder.to_owned(),
            env: Vec::new(),
            reads: Reads::Lines,
            shows: Shows::Claim("compiles"),
        }
    }

    fn shows(mut self, shows: Shows) -> Self {
        self.shows = shows;
        self
    }

    fn reads(mut self, reads: Reads) -> Self {
        self.reads = reads;
        self
    }

    /// What it has not shown while it runs.
    pub(super) fn pending(&self) -> String {
        match &self.shows {
            Shows::Claim("compiles") => "not compiled yet".to_owned(),
            Shows::Claim("type-checks") => "types not checked yet".to_owned(),
            Shows::Claim(_) => "not checked yet".to_owned(),
            Shows::Tests => "not tested yet".to_owned(),
            Shows::Passes(line) => format!("`{line}` has not passed yet"),
        }
    }
}

/// The user's own command lines, each for the shell.
pub(super) fn own(lines: &[String]) -> Found {
    let mut found = Found::default();
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    for line in lines {
        match find(shell, None) {
            Some(program) => {
                let command = Command::new(line, &program, &[flag, line], "");
                found.commands.push(command.shows(Shows::Passes(line.clone())));
            }
            None => found.missing.push(shell.to_owned()),
        }
    }
    found
}

/// The commands that the project's files call for.
pub(super) fn auto(root: &Path, changed: &[String], tests: &[TestName]) -> Found {
    let mut found = Found::default();
    let with = |endings: &[&str]| -> Vec<&str> {
        let ends = |path: &&str| endings.iter().any(|ending| path.ends_with(ending));
        changed.iter().map(String::as_str).filter(ends).collect()
    };
    rust(root, &with(&[".rs"]), tests, &mut found);
    script(root, &with(&[".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"]), tests, &mut found);
    python(root, &with(&[".py"]), tests, &mut found);
    go(root, &with(&[".go"]), tests, &mut found);
    java(root, &with(&[".java", ".kt", ".scala", ".groovy"]), &mut found);
    make(root, &with(&[".c", ".h", ".cc", ".cpp", ".hpp", ".cxx"]), &mut found);
    found.missing.dedup();
    found
}

/// The nearest folder around a file, up to the workspace's, that holds one of `names`.
fn nearest(root: &Path, path: &str, names: &[&str]) -> Option<String> {
    let mut folder = path;
    while !folder.is_empty() {
        folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
        if names.iter().any(|name| root.join(folder).join(name).is_file()) {
            return Some(folder.to_owned());
        }
    }
    None
}

/// The nearest folders around some files, each once.
fn folders(root: &Path, paths: &[&str], names: &[&str]) -> Vec<String> {
    let mut all: Vec<String> = paths.iter().filter_map(|path| nearest(root, path, names)).collect();
    all.sort();
    all.dedup();
    all
}

/// A path as it is called in a folder that it lies in.
fn inside<'a>(folder: &str, path: &'a str) -> Option<&'a str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

/// The program, or its name among those that are missing.
fn needed(name: &str, found: &mut Found) -> Option<PathBuf> {
    let program = find(name, None);
    if program.is_none() {
        found.missing.push(name.to_owned());
    }
    program
}

fn rust(root: &Path, changed: &[&str], tests: &[TestName], found: &mut Found) {
    for folder in folders(root, changed, &["Cargo.toml"]) {
        let Some(cargo) = needed("cargo", found) else { return };
        let manifest = fs::read_to_string(root.join(&folder).join("Cargo.toml")).unwrap_or_default();
        let has_lib = root.join(&folder).join("src/lib.rs").is_file() || manifest.contains("[lib]");
        // not all targets: benchmarks of many crates need a nightly compiler
        let mut check = vec!["check", "--offline", "--message-format=json", "--bins", "--tests", "--examples"];
        check.extend(has_lib.then_some("--lib"));
        let is_bench = |path: &&str| inside(&folder, path).is_some_and(|path| path.starts_with("benches/"));
        check.extend(changed.iter().any(is_bench).then_some("--benches"));
        found.commands.push(Command::new("cargo check", &cargo, &check, &folder).reads(Reads::Cargo));
        let target = |path: &str| -> Vec<String> {
            let path = inside(&folder, path).unwrap_or(path);
            if let Some(test) = path.strip_prefix("tests/") {
                let name = test.split('/').next().unwrap_or(test).trim_end_matches(".rs");
                return vec!["--test".to_owned(), name.to_owned()];
            }
            let is_bin = path == "src/main.rs" || path.starts_with("src/bin/") || !has_lib;
            vec![if is_bin { "--bins" } else { "--lib" }.to_owned()]
        };
        let mut targets: Vec<(Vec<String>, Vec<&str>)> = Vec::new();
        for test in tests.iter().filter(|test| nearest(root, &test.path, &["Cargo.toml"]).as_ref() == Some(&folder)) {
            let target = target(&test.path);
            match targets.iter_mut().find(|(known, _)| *known == target) {
                Some((_, names)) => names.push(&test.name),
                None => targets.push((target, vec![&test.name])),
            }
        }
        for (target, names) in targets {
            let mut args: Vec<&str> = vec!["test", "--offline", "--no-fail-fast"];
            args.extend(target.iter().map(String::as_str));
            args.push("--");
            args.extend(names);
            let command = Command::new("cargo test", &cargo, &args, &folder).reads(Reads::CargoTest);
            found.commands.push(command.shows(Shows::Tests));
        }
    }
}

/// A program of the packages around a folder.
fn package(root: &Path, folder: &str, name: &str) -> Option<PathBuf> {
    let bin = nearest(root, &format!("{folder}/x"), &[&format!("node_modules/.bin/{name}")])?;
    find(name, Some(&root.join(bin).join("node_modules/.bin")))
}

fn script(root: &Path, changed: &[&str], tests: &[TestName], found: &mut Found) {
    let is_typed = |path: &&str| [".ts", ".tsx", ".mts", ".cts"].iter().any(|ending| path.ends_with(ending));
    let typed: Vec<&str> = changed.iter().copied().filter(is_typed).collect();
    for folder in folders(root, &typed, &["tsconfig.json"]) {
        match package(root, &folder, "tsc") {
            Some(tsc) => {
                let command = Command::new("tsc", &tsc, &["--noEmit", "--pretty", "false", "-p", "."], &folder);
                found.commands.push(command.shows(Shows::Claim("type-checks")));
            }
            None => found.missing.push("tsc".to_owned()),
        }
    }
    const ESLINT: [&str; 9] = [
        "eslint.config.js",
        "eslint.config.mjs",
        "eslint.config.cjs",
        "eslint.config.ts",
        ".eslintrc.json",
        ".eslintrc.js",
        ".eslintrc.cjs",
        ".eslintrc.yml",
        ".eslintrc",
    ];
    for folder in folders(root, changed, &ESLINT) {
        let Some(eslint) = package(root, &folder, "eslint") else { continue };
        let mut args = vec!["--format", "json", "--no-warn-ignored"];
        if nearest(root, &format!("{folder}/x"), &ESLINT[4..]).is_some() {
            args.pop(); // an option of the new configuration files only
        }
        args.extend(changed.iter().filter_map(|path| inside(&folder, path)));
        let command = Command::new("eslint", &eslint, &args, &folder).reads(Reads::Eslint);
        found.commands.push(command.shows(Shows::Claim("lints")));
    }
    let by_node = tests.iter().any(|test| test.framework == Some(TestFramework::NodeTest));
    let tests = files(tests, &[".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs", ".cjs"]);
    for folder in folders(root, &tests, &["package.json"]) {
        let here: Vec<&str> = tests.iter().filter_map(|path| inside(&folder, path)).collect();
        let runner =
            ["vitest", "jest", "mocha"].into_iter().find_map(|name| Some((name, package(root, &folder, name)?)));
        let (name, program, mut args) = match runner {
            Some(("vitest", program)) => ("vitest", program, vec!["run", "--no-color"]),
            Some(("jest", program)) => ("jest", program, vec!["--ci", "--no-color", "--runTestsByPath"]),
            Some((name, program)) => (name, program, vec!["--no-color", "--reporter", "tap"]),
            None if by_node => match needed("node", found) {
                Some(program) => ("node --test", program, vec!["--test", "--test-reporter=tap"]),
                None => return,
            },
            None => {
                found.missing.push("the test runner".to_owned());
                continue;
            }
        };
        args.extend(here);
        found.commands.push(Command::new(name, &program, &args, &folder).shows(Shows::Tests));
    }
}

/// The files of tests that have one of these endings, each once.
fn files<'a>(tests: &'a [TestName], endings: &[&str]) -> Vec<&'a str> {
    let mut all: Vec<&str> = tests.iter().map(|test| test.path.as_str()).collect();
    all.retain(|path| endings.iter().any(|ending| path.ends_with(ending)));
    all.sort_unstable();
    all.dedup();
    all
}

const PYTHON_PROJECT: [&str; 5] = ["pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "tox.ini"];

fn python(root: &Path, changed: &[&str], tests: &[TestName], found: &mut Found) {
    if changed.is_empty() {
        return;
    }
    let project = |path: &str| nearest(root, path, &PYTHON_PROJECT).unwrap_or_default();
    let mut projects: Vec<String> = changed.iter().map(|path| project(path)).collect();
    projects.sort();
    projects.dedup();
    for folder in projects {
        let own = |name: &str| {
            let places =
                ["bin", "Scripts"].map(|bin| [".venv", "venv"].map(|venv| root.join(&folder).join(venv).join(bin)));
            let own = places.as_flattened().iter().find(|bin| bin.is_dir());
            find(name, own.map(PathBuf::as_path))
        };
        let Some(python) = own("python3").or_else(|| own("python")) else {
            found.missing.push("python".to_owned());
            return;
        };
        let here: Vec<&str> = changed.iter().filter_map(|path| inside(&folder, path)).collect();
        let files = [&["-m", "py_compile"], here.as_slice()].concat();
        found.commands.push(Command::new("py_compile", &python, &files, &folder));
        let manifest = fs::read_to_string(root.join(&folder).join("pyproject.toml")).unwrap_or_default();
        let typed = manifest.contains("[tool.mypy]") || root.join(&folder).join("mypy.ini").is_file();
        if let Some(mypy) = own("mypy").filter(|_| typed) {
            let args = [&["--no-color-output", "--no-error-summary"], here.as_slice()].concat();
            found.commands.push(Command::new("mypy", &mypy, &args, &folder).shows(Shows::Claim("type-checks")));
        }
        let tests: Vec<&TestName> =
            tests.iter().filter(|test| test.path.ends_with(".py") && project(&test.path) == folder).collect();
        let mut paths: Vec<&str> = tests.iter().filter_map(|test| inside(&folder, &test.path)).collect();
        paths.sort_unstable();
        paths.dedup();
        if paths.is_empty() {
            continue;
        }
        let names = tests.iter().map(|test| test.name.as_str()).collect::<Vec<_>>().join(" or ");
        let mut command = match own("pytest") {
            Some(pytest) => {
                let args = ["-q", "--no-header", "-rfE", "-p", "no:cacheprovider", "--color=no", "-k", &names];
                Command::new("pytest", &pytest, &[&args, paths.as_slice()].concat(), &folder)
            }
            None => {
                if !tests.iter().all(|test| test.framework == Some(TestFramework::Unittest)) {
                    found.missing.push("pytest".to_owned());
                    continue;
                }
                Command::new("unittest", &python, &[&["-m", "unittest"], paths.as_slice()].concat(), &folder)
            }
        };
        // what is installed from the workspace is found in the shadow first
        command.env.push(("PYTHONPATH", if cfg!(windows) { "src;." } else { "src:." }.into()));
        found.commands.push(command.shows(Shows::Tests));
    }
}

fn go(root: &Path, changed: &[&str], tests: &[TestName], found: &mut Found) {
    for folder in folders(root, changed, &["go.mod"]) {
        let Some(go) = needed("go", found) else { return };
        let package = |path: &str| {
            let path = inside(&folder, path)?;
            Some(path.rsplit_once('/').map_or_else(|| ".".to_owned(), |(package, _)| format!("./{package}")))
        };
        let mut packages: Vec<String> = changed.iter().filter_map(|path| package(path)).collect();
        packages.sort();
        packages.dedup();
        let mut args = vec!["vet"];
        args.extend(packages.iter().map(String::as_str));
        found.commands.push(Command::new("go vet", &go, &args, &folder));
        let names: Vec<&str> =
            tests.iter().filter(|test| test.path.ends_with(".go")).map(|test| test.name.as_str()).collect();
        if !names.is_empty() {
            let pattern = format!("^({})$", names.join("|"));
            let mut args = vec!["test", "-v", "-run", &pattern];
            args.extend(packages.iter().map(String::as_str));
            found.commands.push(Command::new("go test", &go, &args, &folder).shows(Shows::Tests));
        }
    }
}

fn java(root: &Path, changed: &[&str], found: &mut Found) {
    for folder in folders(root, changed, &["pom.xml"]) {
        let Some(maven) = needed("mvn", found) else { return };
        found.commands.push(Command::new("mvn test-compile", &maven, &["-o", "-q", "-B", "test-compile"], &folder));
    }
    for folder in folders(root, changed, &["build.gradle", "build.gradle.kts"]) {
        let Some(gradle) = needed("gradle", found) else { return };
        let args = ["--offline", "--no-daemon", "-q", "testClasses"];
        found.commands.push(Command::new("gradle testClasses", &gradle, &args, &folder));
    }
}

/// Makefiles can do anything: only one that says how it is checked is run.
fn make(root: &Path, changed: &[&str], found: &mut Found) {
    for folder in folders(root, changed, &["Makefile", "makefile", "GNUmakefile"]) {
        let text = |name: &str| fs::read_to_string(root.join(&folder).join(name)).ok();
        let text = ["GNUmakefile", "makefile", "Makefile"].into_iter().find_map(text).unwrap_or_default();
        let Some(target) = ["check", "test"].into_iter().find(|target| {
            text.lines().any(|line| line.strip_prefix(target).is_some_and(|rest| rest.trim_start().starts_with(':')))
        }) else {
            continue;
        };
        let Some(make) = needed("make", found) else { return };
        let name = format!("make {target}");
        found.commands.push(Command::new(&name, &make, &[target], &folder).shows(Shows::Passes(name.clone())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)], changed: &[&str], tests: &[(&str, &str)], wanted: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let file = folder.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, text).unwrap();
            #[cfg(unix)]
            if path.contains("/.bin/") || path.contains("/bin/") {
                use std::os::unix::fs::PermissionsExt as _;
                fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
            }
        }
        let changed: Vec<String> = changed.iter().map(ToString::to_string).collect();
        let tests: Vec<TestName> = tests
            .iter()
            .map(|(path, name)| TestName { path: (*path).to_owned(), name: (*name).to_owned(), framework: None })
            .collect();
        let found = auto(folder.path(), &changed, &tests);
        let shown = found.commands.iter().map(|command| {
            let program = command.program.file_name().unwrap().to_str().unwrap();
            let args: Vec<_> = command.args.iter().map(|arg| arg.to_str().unwrap()).collect();
            format!("{}$ {program} {}", command.folder, args.join(" "))
        });
        let missing = found.missing.iter().map(|name| format!("no {name}"));
        assert_eq!(shown.chain(missing).collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn commands_follow_from_the_files_beside_the_change() {
        let manifest = ("sub/Cargo.toml", "[package]\n");
        let checks = "sub$ cargo check --offline --message-format=json --bins --tests --examples";
        check(&[manifest, ("Cargo.toml", "[workspace]")], &["sub/src/a.rs", "sub/src/b.rs"], &[], &[checks]);
        check(&[manifest], &["sub/benches/a.rs"], &[], &[&format!("{checks} --benches")]);
        check(
            &[manifest, ("sub/src/lib.rs", "")],
            &["sub/src/a.rs"],
            &[("sub/src/a.rs", "one"), ("sub/tests/it.rs", "two"), ("sub/src/a.rs", "three")],
            &[
                &format!("{checks} --lib"),
                "sub$ cargo test --offline --no-fail-fast --lib -- one three",
                "sub$ cargo test --offline --no-fail-fast --test it -- two",
            ],
        );
        check(&[("a.rs", "")], &["a.rs", "notes.md"], &[], &[]);
        let web = [
            ("tsconfig.json", "{}"),
            ("package.json", "{}"),
            ("eslint.config.js", ""),
            ("node_modules/.bin/tsc", ""),
            ("node_modules/.bin/eslint", ""),
            ("node_modules/.bin/vitest", ""),
        ];
        check(
            &web,
            &["src/a.ts"],
            &[("src/a.test.ts", "adds")],
            &[
                "$ tsc --noEmit --pretty false -p .",
                "$ eslint --format json --no-warn-ignored src/a.ts",
                "$ vitest run --no-color src/a.test.ts",
            ],
        );
        check(&[("tsconfig.json", "{}")], &["a.ts"], &[], &["no tsc"]);
        check(&[("Makefile", "all:\n\ncheck: all\n"), ("lib/x.c", "")], &["lib/x.c"], &[], &["$ make check"]);
        check(&[("Makefile", "all:\n")], &["x.c"], &[], &[]);
        check(
            &[("pyproject.toml", ""), (".venv/bin/python3", ""), (".venv/bin/pytest", "")],
            &["a.py"],
            &[("tests/test_a.py", "test_x")],
            &[
                "$ python3 -m py_compile a.py",
                "$ pytest -q --no-header -rfE -p no:cacheprovider --color=no -k test_x tests/test_a.py",
            ],
        );
    }

    #[test]
    fn own_commands_are_shell_lines_in_the_workspace() {
        let found = own(&["make x && ./y".to_owned()]);
        let command = &found.commands[0];
        assert_eq!((command.folder.as_str(), command.args[1].to_str()), ("", Some("make x && ./y")));
        assert_eq!(command.pending(), "`make x && ./y` has not passed yet");
    }
}
