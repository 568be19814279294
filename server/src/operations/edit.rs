//! Edits: new text of the focus.

use super::asking::ask;
use super::{Env, OperationError, Outcome, Progress, Proposed, Task, Workspace};
use crate::chunks::ChunkKind;
use crate::context::FocusRule;
use crate::edits::{FileChange, FileEdit, Proof, Proposal, replace_focus};
use crate::prompt::Request;

pub(super) async fn run(
    task: Task,
    workspace: &Workspace,
    env: &Env,
    progress: &dyn Progress,
) -> Result<Outcome, OperationError> {
    // who wrote the instructions knows whether they make sense for a file
    let instructed = task.wish.ask.is_some() || task.operation.built_in.is_none();
    if task.subject.chunk().kind == ChunkKind::File && task.subject.language.is_some() && !instructed {
        return Err(OperationError::NoFocus(task.operation.name.clone()));
    }
    let title = task.operation.title_for(&format!("`{}`", task.subject.label()));
    let title = match &task.wish.ask {
        Some(ask) => format!("{title}: {ask}"),
        None => title,
    };
    let keeps_name = !instructed;
    let form = |context| Ok(Request::new(task.operation.clone(), context, task.wish.clone()));
    let asked = ask(&task, workspace, env, progress, FocusRule::Whole, form).await?;
    progress.report("checking the answer");
    let title = asked.title(title);
    let (answer, subject) = (&asked.answer, &asked.request.context.subject);
    let edits = replace_focus(subject, &answer.text, &answer.model, keeps_name)?;
    let files =
        vec![FileEdit { path: subject.path.clone(), change: FileChange::Edit, base: subject.text.clone(), edits }];
    let proved = if subject.language.is_some() { vec![Proof::Parses] } else { Vec::new() };
    Ok(Outcome::Proposal(Proposed {
        proposal: Proposal { title, files, proved },
        pending: None,
        answered: asked.answered,
    }))
}
