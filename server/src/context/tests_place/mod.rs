//! Where tests of a focus go, and in which framework: as the project already does it. In: a focus and the project's
//! files. Out: a [`TestPlace`], and the edit that puts test code there. Never writes a file and runs nothing.

mod insert;
pub(crate) mod nodes;
mod python;
mod rust;
mod script;

use super::Subject;
use crate::chunks::ChunkKind;
use crate::syntax::Language;
use crate::text::LineEnding;

pub use insert::{TestEdit, insert};
pub(crate) use insert::{indented, use_leaves};

/// A test framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TestFramework {
    /// `#[test]` functions, run by `cargo test`.
    RustTest,
    /// Plain functions and asserts, run by pytest.
    Pytest,
    /// Classes of Python's own `unittest`.
    Unittest,
    /// Jest.
    Jest,
    /// Vitest.
    Vitest,
    /// Mocha with Node's `assert` or chai.
    Mocha,
    /// Node's own test runner.
    NodeTest,
}

impl TestFramework {
    /// What messages and prompts call it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::RustTest => "#[test]",
            Self::Pytest => "pytest",
            Self::Unittest => "unittest",
            Self::Jest => "Jest",
            Self::Vitest => "Vitest",
            Self::Mocha => "Mocha",
            Self::NodeTest => "node:test",
        }
    }

    /// The language of the tests, as the table of languages names it.
    const fn language(self) -> &'static str {
        match self {
            Self::RustTest => "rust",
            Self::Pytest | Self::Unittest => "python",
            // the TSX grammar reads JavaScript and JSX as well
            Self::Jest | Self::Vitest | Self::Mocha | Self::NodeTest => "tsx",
        }
    }
}

/// How tests get into the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Insert {
    /// The file does not exist yet.
    NewFile,
    /// Into the file or test module that is there, at this byte of the file.
    Append {
        /// Where the new tests go.
        at: usize,
        /// Where the existing test module's body starts; zero for a whole file.
        body: usize,
    },
    /// As a new `#[cfg(test)] mod tests` at this byte of the file.
    NewModule {
        /// Where the module goes.
        at: usize,
    },
}

/// What the project's manifest says that generated tests depend on.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct ProjectFacts {
    /// The module, or for Rust the crate, as an import names it.
    pub module: String,
    /// `#[tokio::test]` works.
    pub tokio_test: bool,
    /// The crate has no standard library of its own accord.
    pub no_std: bool,
}

/// Where tests go.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct TestPlace {
    /// What runs them.
    pub framework: TestFramework,
    /// The file, relative to the workspace, with `/`.
    pub path: String,
    /// How they get into it.
    pub insert: Insert,
    /// Indentation of the test functions there.
    pub indent: String,
    /// One step of indentation.
    pub step: String,
    /// Import statements without which the tests can't name the focus; [`insert`] leaves out those that are there.
    pub imports: Vec<String>,
    /// Names that a new test must not take.
    pub taken: Vec<String>,
    /// Those of them that hide a name of the focus's file from the tests.
    pub hiding: Vec<String>,
    /// How the file ends its lines: `\n` or `\r\n`.
    #[serde(skip)]
    pub line_ending: LineEnding,
    /// What the manifest says.
    pub project: ProjectFacts,
}

/// Why there is no place for tests of a focus.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPlace {
    /// No test framework is known for the language.
    #[error("{0} has no test support here yet; Rust, Python, TypeScript and JavaScript have")]
    Language(String),
    /// The focus is a test or stands among tests.
    #[error("`{0}` is itself part of the tests; put the cursor on the code that they test")]
    Test(String),
    /// Nothing that a test could call.
    #[error("`{0}` is a {1}: nothing that a test can call; put the cursor on a function, method or type")]
    NotCallable(String, &'static str),
    /// A function inside another.
    #[error(
        "`{0}` stands inside another function, where no test can reach it; move it out or test the function around it"
    )]
    Nested(String),
    /// Which definition counts is known only when the program runs.
    #[error("`{0}` is defined under a condition or more than once, so that a test can't be sure to meet it")]
    Conditional(String),
    /// A name that other files can't see.
    #[error("`{0}` can't be reached from a test file: it is private; export it, or test what calls it")]
    Private(String),
}

/// The files of the project, as the caller knows them.
pub trait ProjectFiles {
    /// Every file's path, relative to the workspace, with `/`.
    fn paths(&self) -> Vec<String>;
    /// A file's text; `None` when it is not there or may not be read.
    fn read(&self, path: &str) -> Option<String>;
    /// The Python package that the top folder itself is, as an import names it; empty where it is none.
    fn package(&self) -> String {
        String::new()
    }
}

/// Finds the place for tests of the focus.
///
/// # Errors
/// [`NoPlace`] when no test could reach the focus.
pub fn place(subject: &Subject, files: &dyn ProjectFiles) -> Result<TestPlace, NoPlace> {
    let label = subject.label();
    let chunk = subject.chunk();
    let Some(language) = subject.language.filter(|_| subject.tree.is_some()) else {
        let name = subject.path.rsplit_once('.').map_or(subject.path.as_str(), |(_, extension)| extension);
        return Err(NoPlace::Language(name.to_owned()));
    };
    if chunk.test {
        return Err(NoPlace::Test(label));
    }
    match chunk.kind {
        ChunkKind::Class | ChunkKind::Type | ChunkKind::Impl | ChunkKind::Function | ChunkKind::Method => {}
        kind => return Err(NoPlace::NotCallable(label, kind.word())),
    }
    let inside = |kind: ChunkKind| matches!(kind, ChunkKind::Function | ChunkKind::Method | ChunkKind::Test);
    if subject.chunks.ancestors(subject.focus).any(|id| inside(subject.chunks.get(id).kind)) {
        return Err(NoPlace::Nested(label));
    }
    let find = finder(language).ok_or_else(|| NoPlace::Language(language.name.to_owned()))?;
    find(subject, files)
}

/// Whether tests of code in a language have a place.
#[must_use]
pub fn takes_tests(language: &Language) -> bool {
    finder(language).is_some()
}

type Finder = fn(&Subject, &dyn ProjectFiles) -> Result<TestPlace, NoPlace>;

fn finder(language: &Language) -> Option<Finder> {
    Some(match language.name {
        "rust" => rust::place,
        "python" => python::place,
        "typescript" | "tsx" | "javascript" => script::place,
        _ => return None,
    })
}

/// The folder of a path, without `/` at its end; empty at the top.
fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The file's name.
fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `folder/name`, or the name alone at the top.
fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// The file's folder and those around it, from the inside out; the last is the top, ``.
fn folders_up(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder(path)), |here| (!here.is_empty()).then(|| folder(here)))
}

/// The line ending of a text.
fn ending(text: &str) -> LineEnding {
    if text.lines().count() > 0 && text.contains("\r\n") { LineEnding::Crlf } else { LineEnding::Lf }
}

#[cfg(test)]
mod tests;
