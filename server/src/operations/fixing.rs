//! What is to be fixed, and what shows that it is. In: a task of `fix` with the diagnostics that somebody passed, or with
//! none: then the verify commands say what is wrong, on the code as it is. Out: the task with its diagnostics and the chunk
//! that they stand in. Changes nothing.

use super::proving::{lies_in, order};
use super::touched::tests_of;
use super::{Env, OperationError, Progress, Task, Workspace};
use crate::chunks::ChunkId;
use crate::config::OFFLINE;
use crate::context::Subject;
use crate::prompt::{BuiltIn, Diagnostic, Severity};
use crate::text::Span;
use crate::verify::{Fault, Laid, Mend, Step, Verdict, Verification};

/// The subject with the smallest chunk as its focus that holds the first of the diagnostics; its own focus stays where that lies in it.
#[must_use]
pub fn focus_on(subject: Subject, diagnostics: &[Diagnostic]) -> Subject {
    let Some(span) = diagnostics.iter().find_map(|diagnostic| diagnostic.span) else { return subject };
    let start = Span::new(span.start, span.start);
    if subject.focus != ChunkId::FILE && subject.chunk().span.contains(start) {
        return Subject { selection: start, ..subject };
    }
    let chunks = &subject.chunks;
    let found = [span, start].map(|span| chunks.focus_at(span)).into_iter().find(|id| *id != ChunkId::FILE);
    Subject { focus: found.unwrap_or(ChunkId::FILE), selection: start, ..subject }
}

/// Completes a task of `fix`; any other stays as it is. With the command that said what is wrong, where nobody else did.
pub(super) async fn settle(
    mut task: Task,
    workspace: &Workspace,
    env: &Env,
    progress: &dyn Progress,
) -> Result<(Task, Option<String>), OperationError> {
    let model = || task.model.clone().unwrap_or_else(|| env.next_model(&task.operation, &task.path));
    if task.operation.built_in != Some(BuiltIn::Fix) || model() == OFFLINE {
        return Ok((task, None));
    }
    let mut told_by = None;
    if task.wish.diagnostics.is_empty() {
        let (command, found) = look(&task, workspace, env, progress).await?;
        task.wish.diagnostics = found;
        told_by = Some(command);
    }
    task.subject = focus_on(task.subject, &task.wish.diagnostics);
    if told_by.is_some() {
        // one chunk is fixed at a time
        let focus = task.subject.chunk().span;
        task.wish
            .diagnostics
            .retain(|one| one.span.is_none_or(|span| focus.contains(Span::new(span.start, span.start))));
    }
    Ok((task, told_by))
}

/// What the verify commands say of the focus, and the command that says it.
async fn look(
    task: &Task,
    workspace: &Workspace,
    env: &Env,
    progress: &dyn Progress,
) -> Result<(String, Vec<Diagnostic>), OperationError> {
    let subject = &task.subject;
    if !lies_in(workspace, task) {
        return Err(OperationError::NothingTold("the file is in no project that could be checked".to_owned()));
    }
    let change = vec![Laid { path: subject.path.clone(), text: None }];
    let order = order(workspace, env, change, tests_of(subject, workspace));
    let verification = Verification::new(order).map_err(|verdict| {
        OperationError::NothingTold(match verdict {
            Verdict::Unknown { why, .. } => why.trim_start_matches("not verified: ").to_owned(),
            _ => "no command is known that checks such files, see `edits.verify`".to_owned(),
        })
    })?;
    let (first, last) = subject.lines();
    let here = |fault: &Fault| {
        fault.test.is_some()
            || fault.path == subject.path && (subject.focus == ChunkId::FILE || (first..=last).contains(&fault.line))
    };
    let (sender, mut steps) = tokio::sync::mpsc::unbounded_channel();
    let tell = move |step| match step {
        Step::Doing(what) => drop(sender.send(what)),
        Step::Passed { .. } => {}
    };
    let mut looking = std::pin::pin!(verification.faults(here, tell));
    let found = loop {
        tokio::select! {
            biased;
            Some(what) = steps.recv() => progress.report(&what),
            found = &mut looking => break found,
        }
    };
    let (command, faults) = found.map_err(OperationError::NothingTold)?;
    let (mut found, elsewhere): (Vec<&Fault>, Vec<&Fault>) = faults.iter().partition(|fault| here(fault));
    found.sort_by_key(|fault| fault.line);
    if found.is_empty() {
        let (first, last) = match subject.focus {
            ChunkId::FILE => (0, 0),
            _ => (first, last),
        };
        let place = match (first, last) {
            (0, _) => subject.path.clone(),
            (first, last) if first == last => format!("{}:{first}", subject.path),
            (first, last) => format!("{}:{first}-{last}", subject.path),
        };
        let finds = match elsewhere.as_slice() {
            [] => format!("{command} finds no fault"),
            [only] => format!("{command} finds a fault elsewhere only, {}", only.in_a_line()),
            [one, ..] => {
                format!("{command} finds {} faults elsewhere only, the first is {}", elsewhere.len(), one.in_a_line())
            }
        };
        return Err(OperationError::NothingToFix { place, finds });
    }
    let diagnostics = found.into_iter().map(|fault| diagnostic(fault, &command, subject)).collect();
    Ok((command, diagnostics))
}

fn diagnostic(fault: &Fault, command: &str, subject: &Subject) -> Diagnostic {
    let text = &subject.text;
    let span = (fault.test.is_none() && (1..=text.lines()).contains(&fault.line)).then(|| {
        let line = text.line_span(fault.line - 1);
        let code = text.slice(line);
        let blanks = code.len() - code.trim_start().len();
        Span::new(line.start + blanks, line.start + code.trim_end().len().max(blanks))
    });
    Diagnostic {
        span,
        source: Some(command.to_owned()),
        text: Some(fault.text.clone()),
        test: fault.test.clone(),
        ..Diagnostic::of_message(&fault.message)
    }
}

/// What a task has to mend.
pub(super) fn mend(task: &Task) -> Vec<Mend> {
    let subject = &task.subject;
    let one = |diagnostic: &Diagnostic| {
        let span = diagnostic.span.unwrap_or(subject.chunk().span);
        Mend {
            path: subject.path.clone(),
            lines: subject.line(span.start)..=subject.line(span.end),
            message: [diagnostic.message.as_str(), diagnostic.text.as_deref().unwrap_or_default()].join("\n"),
            test: diagnostic.test.clone(),
            // verify commands tell of errors only
            placed: diagnostic.span.is_some() && diagnostic.severity == Severity::Error,
        }
    };
    task.wish.diagnostics.iter().map(one).collect()
}
