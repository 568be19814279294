//! New files: text about the focus, or made from it, in a file that is not there yet.

use std::path::Path;

use super::asking::ask;
use super::proving::{prove, warm};
use super::{Env, OperationError, Outcome, Progress, Task, Workspace};
use crate::context::{FocusRule, Subject};
use crate::edits::{FileChange, FileEdit, Proof, Proposal, check_syntax, read_new_file};
use crate::models::Answer;
use crate::prompt::Request;
use crate::syntax;
use crate::text::{Edit, Span, Text};

pub(super) async fn run(
    task: Task,
    template: &str,
    workspace: &Workspace,
    env: &Env,
    progress: &dyn Progress,
) -> Result<Outcome, OperationError> {
    if !task.path.is_absolute() {
        return Err(OperationError::NeverSaved);
    }
    let path = path(template, &task.subject);
    let target = workspace.policy().root().join(&path);
    workspace.policy().check(&target).map_err(OperationError::NotWritten)?;
    if target.exists() || workspace.is_open(&target) {
        return Err(OperationError::FileThere(path));
    }
    let form = |context| Ok(Request::new_file(task.operation.clone(), context, task.wish.clone(), &path));
    let warm = warm(&task, workspace, env, &path);
    let asked = ask(&task, workspace, env, progress, FocusRule::MayFold, form).await?;
    drop(warm);
    let title = asked.title(task.operation.title_for(&format!("`{}`", task.subject.label())));
    let read = |answer: &Answer, _: &Request| {
        let edits = vec![Edit::new(Span::new(0, 0), read_new_file(&answer.text, &path, &answer.model)?)];
        let (base, language) = (Text::default(), syntax::by_path(&target));
        check_syntax(&base, None, language, &edits, &path, &answer.model)?;
        let proved = if language.is_some() { vec![Proof::Parses] } else { Vec::new() };
        let files = vec![FileEdit { path: path.clone(), change: FileChange::Create, base, edits }];
        Ok(Proposal { title: title.clone(), files, proved, placed: Vec::new() })
    };
    prove(&task, workspace, env, progress, asked, read).await.map(Outcome::Proposal)
}

/// The path with the focus's names in it.
fn path(template: &str, subject: &Subject) -> String {
    let file = Path::new(&subject.path);
    let part = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let stem = part(file.file_stem());
    let name = subject.chunk().name.to_string();
    let name = if name.is_empty() { stem.clone() } else { name };
    // names of macros, operators and headings hold what no path should
    let name: String = name.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    let path = template
        .replace("{dir}", &file.parent().unwrap_or(Path::new("")).to_string_lossy())
        .replace("{ext}", &part(file.extension()))
        .replace("{stem}", &stem)
        .replace("{name}", name.trim_start_matches('.'));
    path.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}
