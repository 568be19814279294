//! Edits: new text of the focus.

use super::asking::ask;
use super::{Env, OperationError, Outcome, Progress, Proposed, Task, Workspace};
use crate::chunks::ChunkKind;
use crate::context::FocusRule;
use crate::edits::{Given, Keep, Proof, Proposal, Reach, Reading, read};
use crate::prompt::Request;
use crate::syntax;

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
    // who gives instructions may want another name, and changes elsewhere
    let (reach, keep) = if instructed { (Reach::Files, Keep::Nothing) } else { (Reach::Chunks, Keep::Signature) };
    let form = |context| Ok(Request::new(task.operation.clone(), context, task.wish.clone()));
    let asked = ask(&task, workspace, env, progress, FocusRule::Whole, form).await?;
    progress.report("checking the answer");
    let title = asked.title(title);
    let (answer, context) = (&asked.answer, &asked.request.context);
    let Reading { files, placed } = read(&Given::of(context, workspace, reach, keep), &answer.text, &answer.model)?;
    let parsed = files.iter().all(|file| {
        let own = context.subject.language.filter(|_| file.path == context.subject.path);
        own.or_else(|| syntax::by_path(file.path.as_ref())).is_some()
    });
    let proved = if parsed { vec![Proof::Parses] } else { Vec::new() };
    let proposal = Proposal { title, files, proved, placed };
    Ok(Outcome::Proposal(Proposed { proposal, pending: None, answered: asked.answered }))
}
