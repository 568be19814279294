//! Where tests of a focus go, and in which framework: as the project already does it.

use super::Subject;
use crate::text::{Edit, Text};

/// Stub.
pub trait ProjectFiles {
    /// Stub.
    fn paths(&self) -> Vec<String>;
    /// Stub.
    fn read(&self, path: &str) -> Option<String>;
}

/// Where tests go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestPlace {
    /// What runs them.
    pub path: String,
}
/// Stub.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stub")]
pub struct NoPlace;
/// Stub.
pub struct TestEdit {
    /// Stub.
    pub path: String,
    /// Stub.
    pub create: bool,
    /// Stub.
    pub edits: Vec<Edit>,
}
/// Stub.
pub fn place(_: &Subject, _: &dyn ProjectFiles) -> Result<TestPlace, NoPlace> {
    Err(NoPlace)
}
/// Stub.
pub fn insert(_: &TestPlace, _: &str, _: Option<&Text>) -> TestEdit {
    TestEdit { path: String::new(), create: false, edits: vec![] }
}
impl TestPlace {
    /// Stub.
    pub fn describe(&self) -> String {
        String::new()
    }
}
