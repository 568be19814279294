//! Explanations: text about the focus, to be read.

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
    let label = task.subject.selection_label();
    let title = match task.operation.built_in {
        Some(_) => format!("Explanation of {label}"),
        None => task.operation.title_for(&label),
    };
    let form = |context| Ok(Request::new(task.operation.clone(), context, task.wish.clone()));
    let asked = ask(&task, workspace, env, progress, FocusRule::MayFold, form).await?;
    let mut markdown = asked.answer.text;
    if let Some(note) = asked.note {
        markdown = format!("{}\n\n_Note: {note}._\n", markdown.trim_end());
    }
    Ok(Outcome::Explanation(Explanation { title, markdown, answered: asked.answered }))
}
