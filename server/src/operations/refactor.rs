//! Refactor: changes the focus, keeping its behaviour or following instructions.

use super::asking::ask;
use super::proving::{prove, warm};
use super::{Env, OperationError, Outcome, Progress, Task, Workspace};
use crate::chunks::ChunkKind;
use crate::context::FocusRule;
use crate::edits::{FileChange, FileEdit, Proof, Proposal, replace_focus};
use crate::models::Answer;
use crate::prompt::Request;

pub(super) async fn run(
    task: Task,
    workspace: &Workspace,
    env: &Env,
    progress: &dyn Progress,
) -> Result<Outcome, OperationError> {
    if task.subject.chunk().kind == ChunkKind::File && task.subject.language.is_some() && task.wish.ask.is_none() {
        return Err(OperationError::NoFocus("refactor"));
    }
    let title = match &task.wish.ask {
        Some(ask) => format!("Refactor `{}`: {ask}", task.subject.label()),
        None => format!("Refactor `{}`", task.subject.label()),
    };
    let keeps_name = task.wish.ask.is_none();
    let form = |context| Ok(Request::refactor(context, task.wish.clone()));
    let warm = warm(&task, workspace, env, &task.subject.path);
    let asked = ask(&task, workspace, env, progress, FocusRule::Whole, form).await?;
    drop(warm);
    let title = asked.title(title);
    let read = |answer: &Answer, request: &Request| {
        let subject = &request.context.subject;
        let edits = replace_focus(subject, &answer.text, &answer.model, keeps_name)?;
        let files =
            vec![FileEdit { path: subject.path.clone(), change: FileChange::Edit, base: subject.text.clone(), edits }];
        let proved = if subject.language.is_some() { vec![Proof::Parses] } else { Vec::new() };
        Ok(Proposal { title: title.clone(), files, proved })
    };
    prove(&task, workspace, env, progress, asked, read).await.map(Outcome::Proposal)
}
