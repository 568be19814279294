//! Explain: says what the focus does.

use super::asking::ask;
use super::{Env, Explanation, OperationError, Outcome, Progress, Task, Workspace};
use crate::context::FocusRule;
use crate::prompt::Request;

pub(super) async fn run(
    task: Task,
    workspace: &Workspace,
    env: &Env,
    progress: &dyn Progress,
) -> Result<Outcome, OperationError> {
    let title = format!("Explanation of {}", task.subject.selection_label());
    let form = |context| Ok(Request::explain(context));
    let asked = ask(&task, workspace, env, progress, FocusRule::MayFold, form).await?;
    let mut markdown = asked.answer.text;
    if let Some(note) = asked.note {
        markdown = format!("{}\n\n_Note: {note}._\n", markdown.trim_end());
    }
    Ok(Outcome::Explanation(Explanation { title, markdown, answered: asked.answered }))
}
