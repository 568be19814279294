//! Where tests of a focus go, and in which framework: as the project already does it.

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

/// Where tests go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestPlace {
    /// What runs them.
    pub framework: TestFramework,
}

impl TestPlace {
    /// For a model, in a sentence: which framework, which file, what is imported there already.
    #[must_use]
    pub fn describe(&self) -> String {
        String::new()
    }
}
