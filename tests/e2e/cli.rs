//! The command line, as a user runs it: the real program on the example project and on a crate from the registry.

mod edits;
mod fix;
mod keys;
mod models;
mod operations;
mod reading;
mod routes;
mod settings;
mod setup;
mod undo;
mod usage;
mod verify;

pub(super) use models::ollama;

use super::client::clean_environment;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A project in a folder of its own, with a home for its user.
pub(super) struct Project {
    folder: tempfile::TempDir,
    env: Vec<(String, String)>,
}

/// How a command ended.
#[derive(Debug)]
struct Ended {
    status: i32,
    out: String,
    err: String,
}

impl Ended {
    /// What standard error says but for the note of what was proved of a proposal.
    fn complaint(&self) -> &str {
        let is_proved = |line: &str| line.starts_with("note: ") && PROVED.iter().any(|end| line.ends_with(end));
        match self.err.split_once('\n') {
            Some((line, rest)) if is_proved(line) => rest,
            _ => &self.err,
        }
    }
}

/// How the note ends that says what was proved of a proposal.
const PROVED: [&str; 2] = ["; --apply writes it", "`whittle undo` takes it back"];

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("home")).unwrap();
        fs::create_dir_all(folder.path().join("project")).unwrap();
        Self { folder, env: Vec::new() }
    }

    /// A copy of the example, under git.
    fn example() -> Self {
        let project = Self::new();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/example"), &project.root());
        project.git(&["init", "-q"]);
        project
    }

    /// One file of Rust beside a Cargo.toml.
    fn of(name: &str, text: &str) -> Self {
        let project = Self::new();
        project.write("Cargo.toml", "[package]\nname = \"sample\"\n");
        project.write(name, text);
        project
    }

    pub(super) fn root(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    fn env(mut self, name: &str, value: impl ToString) -> Self {
        self.env.push((name.to_owned(), value.to_string()));
        self
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.root().join(name)).unwrap()
    }

    /// The user's own settings.
    fn user_settings(&self, text: &str) {
        let folder = self.folder.path().join("home/config/whittle");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.toml"), text).unwrap();
    }

    /// A prompt of the user's.
    fn user_prompt(&self, name: &str, text: &str) {
        let folder = self.folder.path().join("home/config/whittle/prompts");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), text).unwrap();
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whittle"));
        command.args(args).current_dir(self.root()).stdin(Stdio::null());
        clean_environment(&mut command, &self.folder.path().join("home"));
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    fn run(&self, args: &[&str]) -> Ended {
        let output = self.command(args).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ended { status: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// What a command prints that has nothing to complain of.
    #[track_caller]
    fn prints(&self, args: &[&str]) -> String {
        let ended = self.run(args);
        assert_eq!((ended.status, ended.complaint()), (0, ""), "{args:?}: {ended:?}");
        ended.out
    }

    /// The note that stands on standard error beside a proposal.
    #[track_caller]
    fn notes(&self, args: &[&str]) -> String {
        let ended = self.run(args);
        assert_eq!((ended.status, ended.complaint()), (0, ""), "{args:?}: {ended:?}");
        ended.err.strip_prefix("note: ").unwrap_or_else(|| panic!("{args:?}: {ended:?}")).trim_end().to_owned()
    }

    /// The one message of a command that fails, which prints nothing else.
    #[track_caller]
    fn fails(&self, args: &[&str]) -> String {
        let ended = self.run(args);
        assert_eq!((ended.status, ended.out.as_str()), (1, ""), "{args:?}: {ended:?}");
        let message = ended.err.strip_prefix("error: ").unwrap_or_else(|| panic!("{args:?}: {ended:?}"));
        message.trim_end().to_owned()
    }

    #[track_caller]
    fn json(&self, args: &[&str]) -> Value {
        let out = self.prints(&[args, &["--json"]].concat());
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{args:?}: {error}: {out}"))
    }

    #[track_caller]
    fn git(&self, args: &[&str]) {
        let mut command = Command::new("git");
        command.args(args).current_dir(self.root()).env("GIT_CONFIG_GLOBAL", "/dev/null");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, to) = entry.map(|entry| (entry.path(), to.join(entry.file_name()))).unwrap();
        match path.is_dir() {
            true if path.ends_with("target") => {}
            true => copy(&path, &to),
            false => drop(fs::copy(&path, &to).unwrap()),
        }
    }
}

/// A copy of a crate that this one depends on, as it lies in cargo's registry.
pub(super) fn real_crate(name: &str) -> Project {
    let version = Command::new("rustc").arg("-vV").output().unwrap().stdout;
    let version = String::from_utf8(version).unwrap();
    // other platforms' crates need not be there
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let mut command = Command::new(env!("CARGO"));
    command.args(["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", host]);
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let package = metadata["packages"].as_array().unwrap().iter().find(|package| package["name"] == name).unwrap();
    let project = Project::new();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    copy(manifest.parent().unwrap(), &project.root());
    project
}

/// The line of the example, from one, that contains `text`.
#[track_caller]
fn line_of(file: &str, text: &str) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/example").join(file);
    let file = fs::read_to_string(path).unwrap();
    1 + file.lines().position(|line| line.contains(text)).unwrap()
}

/// The function of the example that has something to refactor.
fn parse() -> String {
    format!("src/lib.rs:{}", line_of("src/lib.rs", "pub fn parse_retry_after"))
}
