//! What a model needs to know of a focus. In: a focus and an index. Out: a [`Context`] within a budget of tokens, with
//! the reasons for what it holds. Asks the index and reads texts through a [`Texts`]; never goes around the policy.

mod budget;
mod candidates;
mod choose;
mod focus;
mod fold;
mod levels;
mod names;
mod projection;
mod rank;
mod receipt;
mod references;
mod signs;
pub(crate) mod tests_place;
mod tokens;
mod types;
mod walk;

pub use budget::{ContextError, FocusRule};
pub use projection::{Piece, Projection, Shown};
pub use receipt::{Receipt, Row};
pub use references::resolve;
pub use signs::{Signs, Stages};
pub use tests_place::{
    Insert, NoPlace, ProjectFacts, ProjectFiles, TestEdit, TestFramework, TestPlace, insert, place, takes_tests,
};
pub use tokens::count_tokens;
pub use types::{Context, Definition, Dropped, Excerpt, Level, Subject, Use};

use crate::index::Index;
use crate::syntax::{self, Language};
use crate::text::Text;

/// Gives the text of a file of the workspace as the user sees it: an open document before what is on disk.
pub trait Texts {
    /// The text of `path`, relative to the workspace; `None` when it is gone or may not be read.
    fn text(&self, path: &str) -> Option<Text>;
}

/// Makes ready what contexts of a language need once in a process, so that the first is as quick as the next; for a thread
/// on which nobody waits.
pub fn prepare(language: &'static Language) {
    let _ = count_tokens("");
    syntax::prepare(language);
}

/// Puts together the context of `subject` within `budget` tokens, focus included.
///
/// # Errors
/// [`ContextError::FocusTooLong`] when the focus has to be whole and does not fit.
pub fn gather(
    subject: Subject,
    index: &Index,
    texts: &dyn Texts,
    budget: usize,
    rule: FocusRule,
) -> Result<Context, ContextError> {
    gather_with(subject, index, texts, budget, rule, &Signs::default(), Stages::default())
}

/// The same with weak signs from outside of the code, and with some stages left out.
///
/// # Errors
/// As [`gather`].
pub fn gather_with(
    subject: Subject,
    index: &Index,
    texts: &dyn Texts,
    budget: usize,
    rule: FocusRule,
    signs: &Signs,
    stages: Stages,
) -> Result<Context, ContextError> {
    let found = candidates::find(&subject, index, texts, signs, stages);
    budget::fit(subject, found, budget, rule, stages)
}
