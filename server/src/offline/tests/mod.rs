//! Tests of a focus, made from its syntax tree alone. In: a context and the place for the tests. Out: test functions at
//! indentation zero, with imports on top. Expected results come only from what the code or its documentation says;
//! nothing is guessed. Where a value can't be made up, the test says which and is skipped. Never runs anything.

mod facts;
mod python;
mod python_docs;
mod python_file;
mod python_guards;
mod python_values;
mod rust;
mod rust_docs;
mod rust_file;
mod rust_guards;
mod rust_values;

use crate::context::{Context, TestFramework, TestPlace};

/// Most tests that are made for one focus.
const MOST: usize = 6;

/// Why no tests were made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoTests {
    /// The framework has no generator.
    #[error("tests for {0} can't be made without a model yet; configure one, or write the first test by hand")]
    Framework(&'static str),
    /// Nothing to call.
    #[error("`{0}` has nothing that a test could call")]
    Nothing(String),
    /// A trait's own method.
    #[error("`{0}` is a method that a trait declares; ask for tests of a type that implements it")]
    Trait(String),
}

/// Makes tests of the context's focus for the place.
///
/// # Errors
/// [`NoTests`] when there is nothing to test or no generator for the framework.
pub(super) fn generate(context: &Context, place: &TestPlace) -> Result<String, NoTests> {
    let subject = &context.subject;
    let source = subject.text.to_text();
    let tests = match place.framework {
        TestFramework::RustTest => rust::tests(subject, &source, place)?,
        TestFramework::Pytest | TestFramework::Unittest => python::tests(subject, &source, place)?,
        other => return Err(NoTests::Framework(other.word())),
    };
    if tests.is_empty() {
        return Err(NoTests::Nothing(subject.label()));
    }
    Ok(tests)
}

#[cfg(test)]
mod checks;
