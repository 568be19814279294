//! What is wrong in a source of settings, and where.

use std::fmt;
use std::path::PathBuf;

/// Something wrong in a source. Displays as `path:line: message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub origin: Origin,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong and what would be right.
    pub message: String,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// What the user wrote does not count.
    Error,
    /// What the user wrote is right but has no effect now.
    Notice,
}

/// Where a setting stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In a file, at a line counted from 1 where one is known.
    File(PathBuf, Option<usize>),
    /// In the editor's settings.
    Editor,
    /// In an environment variable.
    Variable(String),
    /// In an option of the command line.
    Option(&'static str),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.origin, self.message)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, Some(line)) => write!(f, "{}:{line}", path.display()),
            Self::File(path, None) => write!(f, "{}", path.display()),
            Self::Editor => f.write_str("the editor's settings"),
            Self::Variable(name) => f.write_str(name),
            Self::Option(name) => f.write_str(name),
        }
    }
}

impl Origin {
    /// The same source at another line.
    pub(super) fn at(&self, line: Option<usize>) -> Self {
        match self {
            Self::File(path, _) => Self::File(path.clone(), line),
            other => other.clone(),
        }
    }
}
