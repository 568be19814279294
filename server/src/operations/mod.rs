//! Operations: the only place where the stages are strung together. In: a task and a workspace. Out: an explanation or
//! a proposal. Never touches the user's files.

mod context;
mod explain;
mod refactor;
mod test;
mod workspace;

pub use context::context;
pub use workspace::Workspace;

use std::path::PathBuf;
use std::sync::Arc;

use crate::config::Settings;
use crate::context::{Context, ContextError, FocusRule, NoPlace, Stages, Subject, gather_with};
use crate::edits::{EditError, Proposal};
use crate::models::{self, Answer, Delta, Models, Provider};
use crate::policy::Denied;
use crate::prompt::{OperationKind, Request, Wish};

/// What the operations run with: the same for every task of a session.
#[derive(Clone)]
pub struct Env {
    /// The settings.
    pub settings: Arc<Settings>,
    /// The models.
    pub models: Models,
}

/// One thing that the user asked for.
#[derive(Clone, Debug)]
pub struct Task {
    /// Which operation.
    pub operation: OperationKind,
    /// The focus.
    pub subject: Subject,
    /// Where the focus's file lies.
    pub path: PathBuf,
    /// What the user wants besides.
    pub wish: Wish,
    /// The model to ask; `None`: the first of the operation's route.
    pub model: Option<String>,
}

/// What an operation gives.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Text to be read.
    Explanation(Explanation),
    /// Edits to be applied.
    Proposal(Proposal),
}

/// An explanation.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Its heading.
    pub title: String,
    /// Markdown.
    pub markdown: String,
    /// Who gave it.
    pub model: String,
}

/// Why an operation gave nothing. Every document is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OperationError {
    /// The model gave no answer.
    #[error(transparent)]
    Model(#[from] models::Error),
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
    #[error("{0}, so it is not sent to {1}: choose a local model or `--model offline`")]
    Denied(Denied, String),
    /// The file may not be sent to any model, so there is nothing to show.
    #[error("{0}, so it can't be in a context")]
    NotShown(Denied),
    /// The file may not be changed.
    #[error("{0}, so nothing was written")]
    NotWritten(Denied),
    /// A whole file can't be the focus of this operation.
    #[error("there is no function or type at this place to {}: put the cursor into one, or select code", .0)]
    NoFocus(&'static str),
}

/// Told how far an operation is.
pub trait Progress: Send + Sync {
    /// Says what is being done now, in a few words.
    fn report(&self, message: &str);
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
    match task.operation {
        OperationKind::Explain => explain::run(task, workspace, env, progress).await,
        OperationKind::Refactor => refactor::run(task, workspace, env, progress).await,
        OperationKind::Test => test::run(task, workspace, env, progress).await,
    }
}

impl Env {
    /// Name of the model that an operation would use.
    #[must_use]
    pub fn model_name(&self, operation: OperationKind) -> String {
        self.settings.route(operation.name()).swap_remove(0) // a route is never empty
    }

    /// Tokens that a context for a model may take: the setting, and at most half of the model's window, so that the
    /// answer has room.
    pub(crate) fn budget(&self, model: &str) -> usize {
        let window = self.settings.models.get(model).and_then(|model| model.context_window);
        let half = window.map_or(usize::MAX, |window| window as usize / 2);
        self.settings.context.budget.min(half)
    }

    fn provider(&self, task: &Task) -> Result<Arc<dyn Provider>, models::Error> {
        let name = task.model.clone().unwrap_or_else(|| self.model_name(task.operation));
        self.models.get(&name)
    }
}

/// The context of a task's focus, within the budget, once the policy lets the focus be sent to `provider`.
fn context_for(
    task: Task,
    workspace: &Workspace,
    env: &Env,
    provider: &dyn Provider,
    rule: FocusRule,
) -> Result<Arc<Context>, OperationError> {
    let offline = provider.name() == crate::config::OFFLINE;
    let on_disk = task.path.is_absolute(); // what was never saved is under no rule
    if !offline
        && on_disk
        && let Err(denied) = workspace.policy().check(&task.path)
    {
        return Err(OperationError::Denied(denied, provider.name().to_owned()));
    }
    workspace.read_open_documents();
    // the offline engine works from the tree; the budget is there for what models cost
    let rule = if offline { FocusRule::MayFold } else { rule };
    let (index, budget, signs) = (workspace.index(), env.budget(provider.name()), workspace.signs());
    let context = gather_with(task.subject, index, workspace, budget, rule, &signs, Stages::default())?;
    Ok(Arc::new(context))
}

/// Asks, telling the user how much has come.
async fn ask(provider: &dyn Provider, request: &Request, progress: &dyn Progress) -> Result<Answer, models::Error> {
    progress.report(&format!("asking {}", provider.name()));
    let (mut characters, mut told) = (0, 0);
    let mut watch = |delta: Delta<'_>| {
        let (Delta::Text(text) | Delta::Reasoning(text)) = delta;
        characters += text.len();
        if characters >= told + 400 {
            told = characters;
            let doing = if matches!(delta, Delta::Text(_)) { "is answering" } else { "is thinking" };
            progress.report(&format!("{} {doing}, {characters} characters so far", provider.name()));
        }
    };
    provider.ask(request, &mut watch).await
}
