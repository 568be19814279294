//! Edits: new text of the focus.

use super::asking::ask;
use super::fixing::settle;
use super::proving::{prove, warm};
use super::{Env, OperationError, Outcome, Progress, Task, Workspace};
use crate::chunks::ChunkKind;
use crate::context::FocusRule;
use crate::edits::{self, Given, Keep, Proof, Proposal, Reach, Reading};
use crate::models::Answer;
use crate::prompt::{BuiltIn, Request};
use crate::syntax;

pub(super) async fn run(
    task: Task,
    workspace: &Workspace,
    env: &Env,
    progress: &dyn Progress,
) -> Result<Outcome, OperationError> {
    let (task, told_by) = settle(task, workspace, env, progress).await?;
    let fixes = task.operation.built_in == Some(BuiltIn::Fix);
    // who wrote the instructions knows whether they make sense for a file
    let instructed = task.wish.ask.is_some() || task.operation.built_in.is_none();
    if task.subject.chunk().kind == ChunkKind::File && task.subject.language.is_some() && !instructed && !fixes {
        return Err(OperationError::NoFocus(task.operation.name.clone()));
    }
    let title = task.operation.title_of(&task.wish, &format!("`{}`", task.subject.label()));
    let title = match (&task.wish.ask, told_by) {
        (Some(ask), _) => format!("{title}: {ask}"),
        (None, Some(command)) => format!("{title}, as {command} says"),
        (None, None) => title,
    };
    // who gives instructions may want another name, and changes elsewhere
    let (reach, keep) = match task.operation.built_in {
        Some(BuiltIn::Document) => (Reach::Chunks, Keep::Code),
        _ if instructed => (Reach::Files, Keep::Nothing),
        // the cause may lie elsewhere, and in the signature
        Some(BuiltIn::Fix) => (Reach::Shown, Keep::Nothing),
        _ => (Reach::Chunks, Keep::Signature),
    };
    let form = |context| Ok(Request::new(task.operation.clone(), context, task.wish.clone()));
    let warm = warm(&task, workspace, env, &task.subject.path);
    let asked = ask(&task, workspace, env, progress, FocusRule::Whole, form).await?;
    drop(warm);
    let title = asked.title(title);
    let read = |answer: &Answer, request: &Request| {
        let context = &request.context;
        let given = Given::of(context, workspace, reach, keep, request.wish.ask.as_deref().unwrap_or_default());
        let Reading { files, placed } = edits::read(&given, &answer.text, &answer.model)?;
        let parsed = files.iter().all(|file| {
            // the focus's file may have a language that its name does not tell, or be too large for one
            let own = file.path == context.subject.path;
            if own { context.subject.language.is_some() } else { syntax::by_path(file.path.as_ref()).is_some() }
        });
        let proved = if parsed { vec![Proof::Parses] } else { Vec::new() };
        Ok(Proposal { title: title.clone(), files, proved, placed })
    };
    prove(&task, workspace, env, progress, asked, read).await.map(Outcome::Proposal)
}
