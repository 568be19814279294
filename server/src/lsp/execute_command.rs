//! `workspace/executeCommand`: starts a job, or cancels one, and replies at once.

use std::path::PathBuf;
use std::sync::Arc;

use gen_lsp_types as types;
use serde::Deserialize;
use serde_json::{Value, json};

use super::convert::{path_of, selection};
use super::history::{Origin, Way};
use super::message::{Code, Error, parse};
use super::review::Which;
use super::session::{Asked, Session};
use super::{context, deliver, diagnostics as other, given, offers, review, undo};
use crate::config::nearest;
use crate::documents::Snapshot;
use crate::jobs::{HunkNumber, JobId};
use crate::journal::EntryId;
use crate::operations::{self, Env, OperationError, Task, Workspace};
use crate::prompt::{AnswerForm, BuiltIn, Diagnostic, Exchange, Operation, Wish, find_instruction};
use crate::text::Span;

/// The commands that clients may run.
pub(super) const COMMANDS: &[&str] = &[
    "whittle.explain",
    "whittle.refactor",
    "whittle.test",
    "whittle.document",
    "whittle.fix",
    "whittle.run",
    "whittle.context",
    "whittle.cancel",
    "whittle.keep",
    "whittle.revert",
    "whittle.retry",
    "whittle.undo",
    "whittle.redo",
    "whittle.apply",
    "whittle.applied",
    "whittle.discard",
];

/// Helix tells of its diagnostics with a request for code actions only, and of those only that the selection touches.
const SELECT_FIRST: &str = "; to fix what Helix shows there, select it and press `space a` first";

/// The one object that commands take; what is missing is that of the last request for code actions.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Arguments {
    /// The operation that `whittle.run` runs.
    name: Option<String>,
    uri: Option<types::Uri>,
    range: Option<types::Range>,
    version: Option<i32>,
    ask: Option<String>,
    /// What `whittle.fix` is to fix, as LSP has it.
    diagnostics: Option<Vec<Value>>,
    rewrite: Option<String>,
    model: Option<String>,
    job: Option<JobId>,
    /// A hunk of the job.
    hunk: Option<HunkNumber>,
    /// An offer.
    offer: Option<u64>,
    /// The workspace of `entry`.
    root: Option<PathBuf>,
    /// An entry of the journal.
    entry: Option<i64>,
    /// Asks the model even where its answer to the same question is kept.
    no_cache: bool,
}

pub(super) fn run(session: &Arc<Session>, params: types::ExecuteCommandParams) -> Result<Value, Error> {
    let given = given::gather(session, &params.command, params.arguments.unwrap_or_default());
    told(session, given.and_then(|given| again(session, &params.command, given, Vec::new())))
}

/// What a command answers; Helix only logs it when it is an error.
fn told(session: &Session, answer: Result<Value, Error>) -> Result<Value, Error> {
    if let Err(error) = &answer
        && session.features.is_helix
    {
        session.notifier.warn(&error.message);
    }
    answer
}

/// Runs a command with what it was given: one object, or nothing; `earlier` is what the model answered to it before.
pub(super) fn again(
    session: &Arc<Session>,
    command: &str,
    given: Value,
    earlier: Vec<Exchange>,
) -> Result<Value, Error> {
    let arguments = match given {
        Value::Null => Arguments::default(),
        ref given => parse("workspace/executeCommand", given.clone())?,
    };
    let call = Call { command, given, earlier };
    let built_in = |built_in| env(session, &arguments).operations.of(built_in).clone();
    match command {
        "whittle.explain" => start(session, built_in(BuiltIn::Explain), arguments, &call),
        "whittle.refactor" => start(session, built_in(BuiltIn::Refactor), arguments, &call),
        "whittle.test" => start(session, built_in(BuiltIn::Test), arguments, &call),
        "whittle.document" => start(session, built_in(BuiltIn::Document), arguments, &call),
        "whittle.fix" => start(session, built_in(BuiltIn::Fix), arguments, &call),
        "whittle.run" => {
            if session.settings_changed() {
                session.take_settings_again();
            }
            named(session, &arguments).and_then(|operation| start(session, operation, arguments, &call))
        }
        "whittle.context" => place(session, &arguments).map(|(snapshot, span)| context::start(session, snapshot, span)),
        "whittle.cancel" => Ok(cancel(session, arguments.job)),
        "whittle.keep" => review::keep(session, arguments.which()),
        "whittle.revert" => review::revert(session, arguments.which()),
        "whittle.retry" => review::retry(session, arguments.which()),
        "whittle.undo" => undo::start(session, Way::Undo, arguments.entry()),
        "whittle.redo" => undo::start(session, Way::Redo, arguments.entry()),
        "whittle.apply" => offers::apply(session, arguments.offer),
        "whittle.applied" => Ok(offers::applied(session, arguments.offer)),
        "whittle.discard" => offers::discard(session, arguments.offer),
        other => {
            let message = format!("there is no command `{other}`; there are: {}", COMMANDS.join(", "));
            Err(Error::new(Code::InvalidParams, message))
        }
    }
}

/// A command as it was given.
struct Call<'a> {
    command: &'a str,
    given: Value,
    earlier: Vec<Exchange>,
}

impl Arguments {
    /// What of the hunks under review is meant.
    fn which(self) -> Which {
        match (self.job, self.uri) {
            (Some(job), _) => Which::Job(job, self.hunk),
            (None, Some(uri)) => Which::Place(path_of(&uri), self.range),
            (None, None) => Which::Last,
        }
    }

    /// The entry of the journal that is meant.
    fn entry(self) -> undo::Asked {
        undo::Asked { job: self.job, root: self.root, entry: self.entry.map(EntryId) }
    }
}

fn cancel(session: &Session, job: Option<JobId>) -> Value {
    match session.jobs.cancel(job) {
        Some(title) => json!({ "cancelled": title }),
        None => {
            session.notifier.info("Nothing is running that could be cancelled");
            Value::Null
        }
    }
}

fn start(
    session: &Arc<Session>,
    operation: Arc<Operation>,
    arguments: Arguments,
    call: &Call<'_>,
) -> Result<Value, Error> {
    let (snapshot, span) = place(session, &arguments)?;
    let workspace = session.workspace_of(&snapshot.path);
    if let Some(told) = operations::too_large(&workspace.name_of(&snapshot.path), &snapshot.text)
        && session.told_once(&snapshot.path)
    {
        session.notifier.info(&told);
    }
    let diagnostics = match operation.built_in {
        Some(BuiltIn::Fix) => diagnostics(session, &workspace, &snapshot, &arguments),
        _ => Vec::new(),
    };
    let subject = operations::focus_on(workspace.subject(&snapshot, span), &diagnostics);
    let mut env = session.env_in(&workspace);
    if arguments.no_cache {
        env.models = env.models.fresh();
    }
    let ask = arguments.ask.filter(|ask| !ask.trim().is_empty());
    let mut wish = Wish { ask, rewrite: arguments.rewrite, diagnostics };
    let model = arguments.model.clone().unwrap_or_else(|| env.next_model(&operation, &snapshot.path));
    if operation.built_in == Some(BuiltIn::Refactor) && wish.ask.is_none() && model != crate::config::OFFLINE {
        wish.ask = find_instruction(&snapshot.text, subject.language, subject.chunk().span).map(|found| found.ask);
    }
    let title = match operation.answer {
        AnswerForm::Explanation => operation.title_for(&subject.selection_label()),
        _ => operation.title_of(&wish, &format!("`{}`", subject.label())),
    };
    let mut again = call.given.clone();
    if !again.is_object() {
        again = json!({});
    }
    let origin = Origin {
        job: JobId(0), // known once it is started
        operation: operation.name.clone(),
        model,
        command: call.command.to_owned(),
        arguments: again,
        path: snapshot.path.clone(),
        revision: snapshot.revision.clone(),
        span,
        earlier: Vec::new(),
    };
    let (path, earlier) = (snapshot.path.clone(), call.earlier.clone());
    let task = Task { operation, subject, path, wish, model: arguments.model, earlier };
    let session_of_job = session.clone();
    let job = session.jobs.start(&title, move |job, progress| {
        Box::pin(async move {
            let outcome = match operations::run(task, &workspace, &env, &*progress).await {
                Ok(outcome) => outcome,
                Err(OperationError::NothingToFix { place, finds }) => {
                    let hint = if session_of_job.features.is_helix { SELECT_FIRST } else { "" };
                    session_of_job.notifier.info(&format!("Nothing to fix at {place}: {finds}{hint}"));
                    return Ok("nothing to fix".to_owned());
                }
                Err(error @ OperationError::NothingTold(_)) if session_of_job.features.is_helix => {
                    return Err(format!("{error}{SELECT_FIRST}"));
                }
                Err(error) => return Err(error.to_string()),
            };
            deliver::run(&session_of_job, &workspace, &snapshot, Origin { job, ..origin }, outcome).await
        })
    });
    Ok(json!({ "job": job }))
}

/// What is to be fixed: what was passed, else what the client told of at the last request for code actions there.
fn diagnostics(
    session: &Session,
    workspace: &Workspace,
    snapshot: &Snapshot,
    arguments: &Arguments,
) -> Vec<Diagnostic> {
    let asked = session.asked().clone().filter(|asked| asked.path == snapshot.path);
    // their ranges speak of the version that they came with
    let at = |asked: &&Asked| arguments.diagnostics.is_none() || arguments.version == Some(asked.version);
    let at = asked.as_ref().filter(at);
    let given = arguments.diagnostics.as_ref().or(asked.as_ref().map(|asked| &asked.diagnostics));
    let read = |diagnostic: &Value| {
        let text = at.map_or(&snapshot.text, |asked| &asked.text);
        let mut read = other::read(diagnostic, &snapshot.path, text, session.features.encoding, workspace)?;
        if let (Some(asked), Some(span)) = (at, read.span) {
            read.span = session.documents.rebase_span(&snapshot.path, &asked.revision, span);
        }
        Some(read)
    };
    let told = given.into_iter().flatten().filter(|diagnostic| other::complains(diagnostic));
    let told = told.filter_map(|diagnostic| Some((diagnostic, read(diagnostic)?))).collect();
    other::problems(told).into_iter().map(|problem| problem.read).collect()
}

/// The operation that `whittle.run` names.
fn named(session: &Session, arguments: &Arguments) -> Result<Arc<Operation>, Error> {
    let operations = env(session, arguments).operations;
    let names = || operations.iter().map(|operation| operation.name.as_str());
    let found = arguments.name.as_deref().and_then(|name| operations.named(name));
    found.cloned().ok_or_else(|| {
        let wrong = arguments.name.as_deref().map(|name| format!("there is no operation `{name}`"));
        let wrong = wrong.unwrap_or_else(|| "`name` is missing".to_owned());
        let hint = arguments.name.as_deref().and_then(|name| nearest(name, names()));
        let hint = hint.map(|nearest| format!("did you mean `{nearest}`?"));
        let hint = hint.unwrap_or_else(|| format!("there are: {}", names().collect::<Vec<_>>().join(", ")));
        Error::new(Code::InvalidParams, format!("{wrong}; {hint}"))
    })
}

/// What counts at the place that a command means.
fn env(session: &Session, arguments: &Arguments) -> Env {
    let asked = || session.asked().as_ref().map(|asked| asked.path.clone());
    match arguments.uri.as_ref().map(path_of).or_else(asked) {
        Some(path) => session.env_of(&path),
        None => session.env(),
    }
}

/// The document and the span in it that a command means.
fn place(session: &Session, arguments: &Arguments) -> Result<(Snapshot, Span), Error> {
    let asked = session.asked().clone();
    let path = match (&arguments.uri, &asked) {
        (Some(uri), _) => path_of(uri),
        (None, Some(asked)) => asked.path.clone(),
        (None, None) => {
            let message = if session.features.is_helix {
                "which code? Press `space a` there first, or use the keys that `whittle setup helix` prints"
            } else {
                "which code? Ask for code actions there first, or pass `uri` and `range`"
            };
            return Err(Error::new(Code::InvalidParams, message));
        }
    };
    let snapshot = session
        .documents
        .snapshot(&path, None)
        .ok_or_else(|| Error::new(Code::RequestFailed, format!("{} is not open in this editor", path.display())))?;
    let same = asked.filter(|asked| asked.path == path);
    let span = match (arguments.range, same) {
        (Some(wanted), same) => {
            // a range of the version that the actions were asked for moves along with what was typed since
            let moved = same.filter(|asked| arguments.version == Some(asked.version)).and_then(|asked| {
                let span = selection(&asked.text, wanted, &session.features);
                session.documents.rebase_span(&path, &asked.revision, span)
            });
            moved.unwrap_or_else(|| selection(&snapshot.text, wanted, &session.features))
        }
        (None, Some(asked)) => session.documents.rebase_span(&path, &asked.revision, asked.span).unwrap_or_default(),
        (None, None) => Span::default(),
    };
    Ok((snapshot, span))
}
