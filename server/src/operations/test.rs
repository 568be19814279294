//! Generate tests: writes tests of the focus where the project keeps them.

use super::{Env, OperationError, Outcome, Progress, Task, Workspace, ask, context_for};
use crate::context::{FocusRule, Texts as _, insert, place};
use crate::edits::{FileEdit, Proposal, check_syntax, read_tests};
use crate::prompt::Request;
use crate::syntax;

pub(super) async fn run(
    task: Task,
    workspace: &Workspace,
    env: &Env,
    progress: &dyn Progress,
) -> Result<Outcome, OperationError> {
    let provider = env.provider(&task)?;
    let title = format!("Generate tests for `{}`", task.subject.label());
    let wish = task.wish.clone();
    progress.report("reading the code");
    let context = context_for(task, workspace, env, &*provider, FocusRule::MayFold)?;
    let place = place(&context.subject, workspace)?;
    let request = Request::test(context.clone(), place.clone(), wish);
    let answer = ask(&*provider, &request, progress).await?;
    progress.report("checking the answer");
    let current = if place.path == context.subject.path {
        Some(context.subject.text.clone())
    } else {
        workspace.text(&place.path)
    };
    let before = current.clone().unwrap_or_default();
    let code = read_tests(&answer.text, &answer.model, &place, &before)?;
    let edit = insert(&place, &code, current.as_ref());
    let target = workspace.policy().root().join(&edit.path);
    workspace.policy().check(&target).map_err(OperationError::NotWritten)?;
    let language = syntax::by_path(&target);
    check_syntax(&before, None, language, &edit.edits, &edit.path, &answer.model)?;
    let files = vec![FileEdit { path: edit.path, create: edit.create, base: before, edits: edit.edits }];
    Ok(Outcome::Proposal(Proposal { title, files, proved: vec!["parses"] }))
}
