//! Refactor: changes the focus, keeping its behaviour or following instructions.

use super::asking::ask;
use super::{Env, OperationError, Outcome, Progress, Proposed, Task, Workspace};
use crate::chunks::ChunkKind;
use crate::context::FocusRule;
use crate::edits::{Given, Keep, Proof, Proposal, Reach, read};
use crate::prompt::Request;
use crate::syntax;

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
    // who asks for a change may want another name, and changes elsewhere
    let (reach, keep) = match task.wish.ask {
        Some(_) => (Reach::Files, Keep::Nothing),
        None => (Reach::Chunks, Keep::Signature),
    };
    let form = |context| Ok(Request::refactor(context, task.wish.clone()));
    let asked = ask(&task, workspace, env, progress, FocusRule::Whole, form).await?;
    progress.report("checking the answer");
    let title = asked.title(title);
    let (answer, context) = (&asked.answer, &asked.request.context);
    let reading = read(&Given::of(context, workspace, reach, keep), &answer.text, &answer.model)?;
    let parsed = reading.files.iter().any(|file| syntax::by_path(file.path.as_ref()).is_some());
    let proved = if parsed || context.subject.language.is_some() { vec![Proof::Parses] } else { Vec::new() };
    let proposal = Proposal { title, files: reading.files, proved, placed: reading.placed };
    Ok(Outcome::Proposal(Proposed { proposal, pending: None }))
}
