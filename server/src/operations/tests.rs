//! Tests of the focus, written where the project keeps them.

use super::asking::ask;
use super::proving::{prove, warm};
use super::{Env, OperationError, Outcome, Progress, Task, Workspace};
use crate::context::{FocusRule, Texts as _, insert, place};
use crate::edits::{FileChange, FileEdit, Proof, Proposal, check_syntax, read_tests};
use crate::models::Answer;
use crate::prompt::Request;
use crate::syntax;

pub(super) async fn run(
    task: Task,
    workspace: &Workspace,
    env: &Env,
    progress: &dyn Progress,
) -> Result<Outcome, OperationError> {
    let title = task.operation.title_for(&format!("`{}`", task.subject.label()));
    workspace.read_open_documents(); // tests may stand in one that was never saved
    let place = place(&task.subject, workspace)?;
    let current = || match place.path == task.subject.path {
        true => Some(task.subject.text.clone()),
        false => workspace.text(&place.path),
    };
    if current().is_some_and(|text| text.is_ended_by_cr()) {
        return Err(OperationError::LineEnds(place.path));
    }
    let form = |context| Ok(Request::tests(task.operation.clone(), context, task.wish.clone(), place.clone()));
    let warm = warm(&task, workspace, env, &place.path);
    let asked = ask(&task, workspace, env, progress, FocusRule::MayFold, form).await?;
    drop(warm);
    let title = asked.title(title);
    let current = current();
    let before = current.clone().unwrap_or_default();
    let read = |answer: &Answer, _: &Request| {
        let code = read_tests(&answer.text, &answer.model, &place, &before)?;
        let edit = insert(&place, &code, current.as_ref());
        let target = workspace.policy().root().join(&edit.path);
        workspace.policy().check(&target).map_err(OperationError::NotWritten)?;
        let language = syntax::by_path(&target);
        check_syntax(&before, None, language, &edit.edits, &edit.path, &answer.model)?;
        let change = if edit.create { FileChange::Create } else { FileChange::Edit };
        let files = vec![FileEdit { path: edit.path, change, base: before.clone(), edits: edit.edits }];
        Ok(Proposal { title: title.clone(), files, proved: vec![Proof::Parses], placed: Vec::new() })
    };
    prove(&task, workspace, env, progress, asked, read).await.map(Outcome::Proposal)
}
