//! Explain: says what the focus does.

use super::{Env, Explanation, OperationError, Outcome, Progress, Task, Workspace, ask, context_for};
use crate::context::FocusRule;
use crate::prompt::Request;

pub(super) async fn run(
    task: Task,
    workspace: &Workspace,
    env: &Env,
    progress: &dyn Progress,
) -> Result<Outcome, OperationError> {
    let provider = env.provider(&task)?;
    let title = format!("Explanation of {}", task.subject.selection_label());
    progress.report("reading the code");
    let context = context_for(task, workspace, env, &*provider, FocusRule::MayFold)?;
    let answer = ask(&*provider, &Request::explain(context), progress).await?;
    Ok(Outcome::Explanation(Explanation { title, markdown: answer.text, model: answer.model }))
}
