//! Edits: new text of the focus.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::asking::ask;
use super::fixing::settle;
use super::proving::{prove, warm};
use super::{Env, OperationError, Outcome, Progress, Task, Workspace};
use crate::chunks::ChunkKind;
use crate::context::{Context, FocusRule, Texts};
use crate::edits::{self, Files, Given, Keep, Proof, Proposal, Reach, Reading};
use crate::models::Answer;
use crate::policy::Denied;
use crate::prompt::{BuiltIn, Request, Wish};
use crate::syntax;
use crate::text::Text;

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
    if task.subject.text.is_ended_by_cr() {
        return Err(OperationError::LineEnds(task.subject.path.clone()));
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
        None => (Reach::Files, Keep::Nothing),
        _ if instructed => (Reach::Files, unless_meant(&task.wish)),
        // the cause may lie elsewhere, and in the signature
        Some(BuiltIn::Fix) => (Reach::Shown, unless_meant(&task.wish)),
        _ => (Reach::Chunks, Keep::Signature),
    };
    let seen = Seen { workspace, texts: Mutex::default() };
    let form = |context: Arc<Context>| {
        if reach > Reach::Chunks {
            seen.look_at(&context);
        }
        Ok(Request::new(task.operation.clone(), context, task.wish.clone()))
    };
    let warm = warm(&task, workspace, env, &task.subject.path);
    let asked = ask(&task, workspace, env, progress, FocusRule::Whole, form).await?;
    drop(warm);
    let title = asked.title(title);
    let read = |answer: &Answer, request: &Request| {
        let context = &request.context;
        let given = Given::of(context, &seen, reach, keep, request.wish.ask.as_deref().unwrap_or_default());
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

/// Documentation and attributes that an answer leaves out stay, unless the words are about such things.
fn unless_meant(wish: &Wish) -> Keep {
    const WORDS: [&str; 8] = ["comment", "doc", "attribute", "annotation", "decorator", "derive", "#[", "@"];
    let messages = wish.diagnostics.iter().map(|diagnostic| diagnostic.message.as_str());
    let mut words = wish.ask.as_deref().into_iter().chain(messages).map(str::to_lowercase);
    match words.any(|words| WORDS.iter().any(|word| words.contains(word))) {
        true => Keep::Nothing,
        false => Keep::Lead,
    }
}

/// The files as they were when the model was shown them: what is typed in them since is rebased over, as in the focus's.
struct Seen<'a> {
    workspace: &'a Workspace,
    texts: Mutex<HashMap<String, Text>>,
}

impl Seen<'_> {
    fn texts(&self) -> MutexGuard<'_, HashMap<String, Text>> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner) // each change leaves the map whole
    }

    fn look_at(&self, context: &Context) {
        let text = |path: &str| Some((path.to_owned(), Texts::text(self.workspace, path)?));
        let texts = context.excerpts.iter().filter_map(|excerpt| text(&excerpt.path)).collect();
        *self.texts() = texts;
    }
}

impl Files for Seen<'_> {
    fn text(&self, path: &str) -> Option<Text> {
        let seen = self.texts().get(path).cloned();
        seen.or_else(|| Files::text(self.workspace, path))
    }

    fn may_change(&self, path: &str) -> Result<(), Denied> {
        self.workspace.may_change(path)
    }
}
