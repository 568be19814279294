//! Review: a finished proposal's hunks are kept, reverted one by one or all at once, or the job is asked again. In: what
//! was applied; the commands. Out: actions anywhere inside a hunk, edits that take back exactly what the hunk changed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types as types;
use serde_json::{Value, json};

use super::apply::{self, Placed, Purpose, Record, Target};
use super::convert::{self, lsp_range};
use super::history::{self, Way};
use super::message::{Code, Error};
use super::session::Session;
use super::{execute_command, following, marks, undo};
use crate::config::Review;
use crate::documents::Now;
use crate::edits::{FileChange, smallest_edits};
use crate::jobs::{HunkNumber, JobId, Mark, NewFile, NewHunk};
use crate::journal::{Conflict, FileRecord, take_back_at};
use crate::text::{Edit, Span, rebase_span};

/// The kind of actions on hunks.
pub(super) const REVIEW: &str = "quickfix.whittle.review";
/// Clients sort by kinds: one that they do not know stands last.
pub(super) const REDO: &str = "whittle.redo";

/// Puts what a job applied under review, unless the user wants none.
pub(super) fn start(session: &Arc<Session>, job: JobId, title: &str, proved: &str, parts: &[(Target, Placed)]) {
    let Some((target, _)) = parts.first() else { return };
    if session.env_of(&target.path).settings.edits.review == Review::Off {
        return;
    }
    let (mut number, mut files) = (0, Vec::new());
    for (target, placed) in parts {
        let mut hunks = Vec::new();
        for place in &placed.places {
            let old = placed.before.slice(place.before).into_owned();
            hunks.push(NewHunk { number: HunkNumber(number), span: place.after, old });
            number += 1;
        }
        let (path, made) = (target.to.as_ref().unwrap_or(&target.path).clone(), target.change == FileChange::Create);
        files.push(NewFile { path, text: placed.after.clone(), made, hunks });
    }
    let paths: Vec<PathBuf> = files.iter().map(|file| file.path.clone()).collect();
    session.reviews.start(job, title, proved, files);
    paths.iter().for_each(|path| marks::send(session, path));
}

/// A file was saved by the user.
pub(super) fn saved(session: &Session, path: &Path) {
    if session.env_of(path).settings.edits.review == Review::UntilSave {
        session.reviews.keep_file(path);
        marks::send(session, path);
    }
}

/// The actions at a place: those of the hunks there, and to undo or redo the newest job of the file.
pub(super) fn actions(session: &Session, path: &Path, at: Span) -> Vec<Value> {
    let mut found = Vec::new();
    let here = marks_at(session, path, at);
    for mark in &here {
        let hunk = json!({ "job": mark.job, "hunk": mark.number });
        let title = &mark.title;
        found.push(action(&format!("Keep this hunk of “{title}”"), REVIEW, "whittle.keep", &hunk));
        found.push(action(&format!("Revert this hunk of “{title}”"), REVIEW, "whittle.revert", &hunk));
    }
    let mut jobs: Vec<(JobId, &str)> = here.iter().map(|mark| (mark.job, mark.title.as_str())).collect();
    jobs.dedup();
    for (job, title) in &jobs {
        let all = json!({ "job": job });
        found.push(action(&format!("Keep all of “{title}”"), REVIEW, "whittle.keep", &all));
        found.push(action(&format!("Revert all of “{title}”"), REVIEW, "whittle.revert", &all));
        if let Some(origin) = session.history.origin(*job) {
            let told = if origin.earlier.is_empty() { "" } else { ", with what is wrong" };
            found.push(action(&format!("Try “{title}” again{told}"), REVIEW, "whittle.retry", &all));
        }
    }
    if let Some((title, arguments)) = session.history.newest(path, Way::Undo).filter(|_| jobs.is_empty()) {
        found.push(action(&title, REVIEW, "whittle.undo", &arguments));
    }
    found
}

/// The action that applies the newest job of a file once more, outside of hunks under review.
pub(super) fn redo(session: &Session, path: &Path, at: Span) -> Option<Value> {
    let (title, arguments) = session.history.newest(path, Way::Redo)?;
    marks_at(session, path, at).is_empty().then(|| action(&title, REDO, "whittle.redo", &arguments))
}

/// The hunks on the lines of a span.
fn marks_at(session: &Session, path: &Path, at: Span) -> Vec<Mark> {
    let Some((now, mut marks)) = session.reviews.marks(&session.documents, path) else { return Vec::new() };
    let asked = now.text.line_of(at.start)..=now.text.line_of(at.end);
    let is_here = |span: Span| {
        let whole = now.text.slice(span).ends_with('\n');
        let end = if whole { span.end - 1 } else { span.end }; // a whole line ends before the next
        now.text.line_of(span.start) <= *asked.end() && *asked.start() <= now.text.line_of(end)
    };
    marks.retain(|mark| is_here(mark.span) || is_here(mark.token));
    marks
}

/// An action that is a command.
pub(super) fn action(title: &str, kind: &str, command: &str, arguments: &Value) -> Value {
    json!({ "title": title, "kind": kind, "command": { "title": title, "command": command, "arguments": [arguments] } })
}

/// What a command was told to keep or revert.
#[derive(Debug)]
pub(super) enum Which {
    /// All of a job, or one hunk of it.
    Job(JobId, Option<HunkNumber>),
    /// The hunk at a place, the first of several.
    Place(PathBuf, Option<types::Range>),
    /// The hunk where actions were last asked for, else all of the newest job under review.
    Last,
}

/// The job and the hunk that a command means.
fn meant(session: &Session, which: Which) -> Option<(JobId, Option<HunkNumber>)> {
    let first = |path: &Path, at| {
        let mark = marks_at(session, path, at).into_iter().next()?;
        Some((mark.job, Some(mark.number)))
    };
    match which {
        Which::Job(job, hunk) => Some((job, hunk)),
        Which::Place(path, range) => {
            let text = session.documents.now(&path)?.text;
            let at = range
                .map_or(Span::new(0, text.len()), |range| text.span(convert::range(range), session.features.encoding));
            first(&path, at)
        }
        Which::Last => {
            let asked = session.asked().clone();
            let here = asked.and_then(|asked| {
                let typed = session.documents.changes_since(&asked.path, &asked.revision)?;
                first(&asked.path, rebase_span(asked.span, &typed))
            });
            here.or_else(|| session.reviews.newest().map(|job| (job, None)))
        }
    }
}

fn nothing() -> Error {
    Error::new(Code::RequestFailed, "no hunk is under review here: it was kept, reverted or changed by hand")
}

/// `whittle.keep`
pub(super) fn keep(session: &Session, which: Which) -> Result<Value, Error> {
    let (job, hunk) = meant(session, which).ok_or_else(nothing)?;
    let files = session.reviews.keep(job, hunk);
    if files.is_empty() {
        return Err(nothing());
    }
    files.iter().for_each(|path| marks::send(session, path));
    Ok(Value::Null)
}

/// `whittle.revert`: starts a job that takes back one hunk, or all that are still under review.
pub(super) fn revert(session: &Arc<Session>, which: Which) -> Result<Value, Error> {
    let (job, hunk) = meant(session, which).ok_or_else(nothing)?;
    let hunks = hunks(session, job, hunk);
    let title =
        hunks.values().flat_map(|(_, marks)| marks).map(|mark| mark.title.clone()).next().ok_or_else(nothing)?;
    let title =
        if hunk.is_some() { format!("Revert a hunk of “{title}”") } else { format!("Revert “{title}”") };
    let session_of_job = session.clone();
    let started = session.jobs.start(&title, move |_, _| {
        Box::pin(async move { take_back(&session_of_job, job, hunk).await.map(|()| "reverted".to_owned()) })
    });
    Ok(json!({ "job": started }))
}

/// The hunks of a job as they lie now: one, or all.
fn hunks(session: &Session, job: JobId, only: Option<HunkNumber>) -> BTreeMap<PathBuf, (Now, Vec<Mark>)> {
    let wanted = |mark: &Mark| mark.job == job && only.is_none_or(|only| only == mark.number);
    let files = session.reviews.files(job).into_iter();
    let of_file = |path: PathBuf| {
        let (now, mut marks) = session.reviews.marks(&session.documents, &path)?;
        marks.retain(wanted);
        (!marks.is_empty()).then_some((path, (now, marks)))
    };
    files.filter_map(of_file).collect()
}

/// Takes back one hunk, or all that are still under review.
async fn take_back(session: &Arc<Session>, job: JobId, only: Option<HunkNumber>) -> Result<(), String> {
    if only.is_none() && session.history.is_whole(job, &session.reviews.numbers(job)) {
        return undo::run_job(session, job).await; // exactly, with files that were made, moved or deleted
    }
    let hunks = hunks(session, job, only);
    let mut targets = Vec::new();
    for (path, (now, marks)) in &hunks {
        let name = session.workspace_of(path).name_of(path);
        let back = backs(session, &name, path, now, marks).map_err(|conflict| format!("Revert: {conflict}"))?;
        let made = marks.iter().any(|mark| mark.made);
        targets.push(Target {
            path: path.clone(),
            name,
            change: if made { FileChange::Delete } else { FileChange::Edit },
            to: None,
            base: now.text.clone(),
            revision: Some(now.revision.clone()),
            hunks: if made { Vec::new() } else { back },
            purpose: Purpose::Exact,
        });
    }
    if targets.is_empty() {
        return Err(nothing().message);
    }
    apply::run(session, "revert", targets, Unwritten).await.map_err(|why| format!("Revert: {}", why.why()))?;
    following::stop(session, job); // what is left was never verified
    let numbers: Vec<HunkNumber> = hunks.values().flat_map(|(_, marks)| marks).map(|mark| mark.number).collect();
    for number in &numbers {
        session.reviews.keep(job, Some(*number));
    }
    for path in hunks.keys() {
        session.reviews.taken_back(job, path, &numbers);
    }
    history::forget_hunks(session, job, numbers);
    for path in hunks.keys() {
        marks::send(session, path);
    }
    Ok(())
}

/// The edits that take each hunk back, in the line ends of the file as it is.
fn backs(session: &Session, name: &str, path: &Path, now: &Now, marks: &[Mark]) -> Result<Vec<Vec<Edit>>, Conflict> {
    let applied = marks.first().filter(|mark| !mark.made).and_then(|mark| session.reviews.applied(mark.job, path));
    let Some(applied) = applied else { return Ok(Vec::new()) };
    let old = |hunk: &NewHunk| Edit::new(hunk.span, hunk.old.as_str());
    let inverse: Vec<Edit> = applied.hunks.iter().map(old).collect();
    let record = FileRecord::new(name, FileChange::Edit, &applied.text, &inverse).reversed();
    let places: Vec<(usize, Span)> = marks
        .iter()
        .filter_map(|mark| Some((applied.hunks.iter().position(|hunk| hunk.number == mark.number)?, mark.span)))
        .collect();
    let edits = take_back_at(&record, &places, &now.text)?;
    let smallest = |edit: &Edit| smallest_edits(&now.text.slice(edit.span), &edit.text, edit.span.start);
    Ok(edits.iter().map(smallest).filter(|edits| !edits.is_empty()).collect())
}

/// What is written down otherwise.
struct Unwritten;

impl Record for Unwritten {
    fn begin(&mut self, _: &[(Target, Placed)]) {}
    fn done(&mut self, _: &[(Target, Placed)]) {}
    fn failed(&mut self) {}
    fn stuck(&mut self) {}
}

/// `whittle.retry`: takes back what is left of a job and asks for the same once more, at the same place.
pub(super) fn retry(session: &Arc<Session>, which: Which) -> Result<Value, Error> {
    let (job, _) = meant(session, which).ok_or_else(nothing)?;
    let origin = session.history.origin(job).ok_or_else(nothing)?;
    let session_of_job = session.clone();
    session.runtime.spawn(async move {
        let session = session_of_job;
        if !hunks(&session, job, None).is_empty()
            && let Err(why) = take_back(&session, job, None).await
        {
            return session.notifier.warn(&why);
        }
        following::stop(&session, job);
        let Some((now, typed)) = session.documents.follow(&origin.path, &origin.revision) else {
            return session.notifier.warn("the file was closed meanwhile: open it and ask again");
        };
        let span = now.text.clamp(typed.map_or(origin.span, |typed| rebase_span(origin.span, &typed)));
        let mut arguments = origin.arguments;
        arguments["no_cache"] = json!(true); // the same answer would be no other try
        arguments["uri"] = json!(now.uri);
        arguments["range"] = json!(lsp_range(&now.text, span, session.features.encoding));
        let _ = tokio::task::spawn_blocking(move || {
            if let Err(error) = execute_command::again(&session, &origin.command, arguments, origin.earlier) {
                session.notifier.warn(&error.message);
            }
        })
        .await;
    });
    Ok(Value::Null)
}
