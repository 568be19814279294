//! Operations: the only place where the stages are strung together. In: a task and a workspace. Out: an explanation or
//! a proposal. Never touches the user's files.

mod asking;
mod context;
mod edit;
mod explanation;
mod fixing;
mod formatting;
mod new_file;
mod probe;
mod proving;
mod tests;
mod touched;
mod workspace;

pub use context::context;
pub use fixing::focus_on;
pub use probe::probe;
pub use workspace::Workspace;

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::config::{OFFLINE, Route, Settings};
use crate::context::{ContextError, NoPlace, Subject};
use crate::documents::LARGEST_PARSED;
use crate::edits::{EditError, Proof, Proposal};
use crate::models::{self, Answer, Estimate, Models, Usage};
use crate::policy::Denied;
use crate::prompt::{AnswerForm, Exchange, Operation, Operations, Wish};
use crate::text::Text;

/// What the operations run with: the same for every task of a session.
#[derive(Clone)]
pub struct Env {
    /// The settings.
    pub settings: Arc<Settings>,
    /// The models.
    pub models: Models,
    /// What there is to be asked for.
    pub operations: Arc<Operations>,
}

/// One thing that the user asked for.
#[derive(Clone, Debug)]
pub struct Task {
    /// Which operation.
    pub operation: Arc<Operation>,
    /// The focus.
    pub subject: Subject,
    /// Where the focus's file lies.
    pub path: PathBuf,
    /// What the user wants besides.
    pub wish: Wish,
    /// The model to ask; `None`: the first of the operation's route.
    pub model: Option<String>,
    /// What was answered to this before, and what was wrong with it, the oldest first.
    pub earlier: Vec<Exchange>,
}

/// Who answered, and what it took.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answered {
    /// Name of the model.
    pub model: String,
    /// From the first request to the whole answer, other models of the route included.
    pub time: Duration,
    /// Tokens that the provider counted, where it says.
    pub usage: Option<Usage>,
    /// US dollars, where usage and price are known.
    pub cost: Option<f64>,
}

/// What an operation gives.
pub enum Outcome {
    /// Text to be read.
    Explanation(Explanation),
    /// Edits to be applied.
    Proposal(Proposed),
}

/// A proposal, and what is still being proved of it.
pub struct Proposed {
    /// The edits.
    pub proposal: Proposal,
    /// The verify commands that still run after `verify_wait`; `None`: nothing does.
    pub pending: Option<Pending>,
    /// Who made it.
    pub answered: Answered,
}

/// Verify commands that run on: what they prove besides what the proposal says already, or the faults that they found.
/// Dropping it ends them.
pub type Pending = Pin<Box<dyn Future<Output = Result<Vec<Proof>, Late>> + Send>>;

/// Faults that were found when the proposal was handed on already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Late {
    /// For the user: the command and its first faults.
    pub faults: String,
    /// For the model, when it is asked again: all that it answered and what was wrong with it.
    pub earlier: Vec<Exchange>,
}

/// An explanation.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Its heading.
    pub title: String,
    /// Markdown.
    pub markdown: String,
    /// Who gave it.
    pub answered: Answered,
}

/// Why an operation gave nothing. Every document is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OperationError {
    /// The model gave no answer.
    #[error(transparent)]
    Model(#[from] models::Error),
    /// No model of the route gave an answer; the message has each one's reason.
    #[error("{0}")]
    NoAnswer(String),
    /// There is no context to ask with.
    #[error(transparent)]
    Context(#[from] ContextError),
    /// The answer is no proposal.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// There is no place for tests.
    #[error(transparent)]
    Place(#[from] NoPlace),
    /// The file may not be sent.
    #[error("{0}, so it is not sent to {1}: only the offline engine may read it, `--model offline`")]
    Denied(Denied, String),
    /// The file may not be sent to any model, so there is nothing to show.
    #[error("{0}, so it can't be in a context")]
    NotShown(Denied),
    /// The file may not be changed.
    #[error("{0}, so nothing was written")]
    NotWritten(Denied),
    /// A verify command found faults that were not there before.
    #[error(
        "{command} rejects the answer of {model}{after}, so nothing was changed: {faults}. Try again, say in instructions \
             what you want, or choose another model; `edits.verify = \"off\"` proves nothing"
    )]
    NotProved {
        /// Who answered.
        model: String,
        /// The command.
        command: String,
        /// How often it was asked to repair its answer, as ` after 2 repairs`.
        after: String,
        /// The faults, each with its place.
        faults: String,
    },
    /// There is nothing to fix at a place.
    #[error("nothing to fix at {place}: {finds}")]
    NothingToFix {
        /// The file and its lines.
        place: String,
        /// What was found, in words.
        finds: String,
    },
    /// Nobody says what is to be fixed.
    #[error("nobody said what is wrong here, and it could not be found out: {0}")]
    NothingTold(String),
    /// A document that lies nowhere has no folder for a new file.
    #[error(
        "this document is no file on this machine, so there is no place for a new file beside it: save it here first"
    )]
    NeverSaved,
    /// The new file is there already.
    #[error("{0} exists already, so nothing was written: move it away, or have the operation's `path` name another")]
    FileThere(String),
    /// It is not for this language.
    #[error("`{name}` is for {languages} only, as its file says")]
    Language {
        /// The operation.
        name: String,
        /// Its languages.
        languages: String,
    },
    /// Its lines end as no tool writes them any more.
    #[error(
        "the lines of {0} end with CR alone, or with two of them, so nothing is changed in it: turn them into LF or CRLF first"
    )]
    LineEnds(String),
    /// A whole file can't be the focus of this operation.
    #[error("there is no function or type at this place to {}: put the cursor into one, or select code", .0)]
    NoFocus(String),
}

/// Told how far an operation is.
pub trait Progress: Send + Sync {
    /// Says what is being done now, in a few words.
    fn report(&self, message: &str);

    /// Takes in what a model was asked: its answer, and what it was expected to take.
    fn spent(&self, _answer: &Answer, _estimate: &Estimate) {}
}

/// Runs a task to its end. Dropping the future ends it and drops a running request.
///
/// # Errors
/// [`OperationError`] says what happened and what to do.
pub async fn run(
    task: Task,
    workspace: &Workspace,
    env: &Env,
    progress: &dyn Progress,
) -> Result<Outcome, OperationError> {
    let operation = task.operation.clone();
    let language = task.subject.language.map(|language| language.name);
    if !operation.takes(language) {
        let name = operation.name.clone();
        return Err(OperationError::Language { name, languages: operation.languages.join(", ") });
    }
    let env = &Env { models: env.models.for_task(), ..env.clone() };
    let outcome = match &operation.answer {
        AnswerForm::Explanation => explanation::run(task, workspace, env, progress).await,
        AnswerForm::Edit => edit::run(task, workspace, env, progress).await,
        AnswerForm::Tests => tests::run(task, workspace, env, progress).await,
        AnswerForm::NewFile { path } => new_file::run(task, path, workspace, env, progress).await,
    };
    if outcome.is_err() {
        env.models.forget(); // else whoever tries again would get the same answer
    }
    outcome
}

/// What the user is to know of a document that is too large to be parsed.
#[must_use]
pub fn too_large(name: &str, text: &Text) -> Option<String> {
    let megabytes = |bytes: usize| bytes as f64 / f64::from(1 << 20);
    (text.len() > LARGEST_PARSED).then(|| {
        format!(
            "{name} has {:.0} MB. Files over {} MB are not parsed, as their trees would take some twenty times as much memory: \
             here the lines up to the next blank ones count as the code in question, and no edit is checked to parse",
            megabytes(text.len()),
            megabytes(LARGEST_PARSED)
        )
    })
}

impl Env {
    /// The models of an operation: those of the route that it names, or the model of this name.
    #[must_use]
    pub fn route(&self, operation: &Operation) -> Route {
        let name = operation.route_name();
        let is_model = name == OFFLINE || self.settings.models.contains_key(name);
        match operation.route.is_some() && is_model && !self.settings.routes.contains_key(name) {
            true => Route::ordered(vec![name.to_owned()]),
            false => self.settings.route(name),
        }
    }

    /// Name of the first model of an operation's route.
    #[must_use]
    pub fn model_name(&self, operation: &Operation) -> String {
        self.route(operation).models.swap_remove(0) // a route is never empty
    }

    /// Name of the model that an operation on the file at `path` would ask now.
    #[must_use]
    pub fn next_model(&self, operation: &Operation, path: &Path) -> String {
        models::next(&self.models, &self.route(operation), path)
    }

    /// Tokens of o200k that a context for a model may take: the setting, and at most half of the model's window, so that
    /// the answer has room.
    pub(crate) fn budget(&self, model: &str) -> usize {
        let window = self.settings.models.get(model).and_then(|model| model.context_window);
        let factor = self.models.get(model).map_or(1.0, |model| model.token_factor());
        let half = window.map_or(usize::MAX, |window| (f64::from(window) / 2.0 / factor) as usize);
        self.settings.context.budget.min(half)
    }

    fn route_of(&self, task: &Task) -> Route {
        match &task.model {
            Some(model) => Route::ordered(vec![model.clone()]),
            None => self.route(&task.operation),
        }
    }
}
