//! Refactor: changes the focus, keeping its behaviour or following instructions.

use super::{Env, OperationError, Outcome, Progress, Task, Workspace, ask, context_for};
use crate::chunks::ChunkKind;
use crate::context::FocusRule;
use crate::edits::{FileEdit, Proposal, replace_focus};
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
    let provider = env.provider(&task)?;
    let title = match &task.wish.ask {
        Some(ask) => format!("Refactor `{}`: {ask}", task.subject.label()),
        None => format!("Refactor `{}`", task.subject.label()),
    };
    progress.report("reading the code");
    let wish = task.wish.clone();
    let context = context_for(task, workspace, env, &*provider, FocusRule::Whole)?;
    let keeps_name = wish.ask.is_none();
    let answer = ask(&*provider, &Request::refactor(context.clone(), wish), progress).await?;
    progress.report("checking the answer");
    let subject = &context.subject;
    let edits = replace_focus(subject, &answer.text, &answer.model, keeps_name)?;
    let files = vec![FileEdit { path: subject.path.clone(), create: false, base: subject.text.clone(), edits }];
    let proved = if subject.language.is_some() { vec!["parses"] } else { Vec::new() };
    Ok(Outcome::Proposal(Proposal { title, files, proved }))
}
