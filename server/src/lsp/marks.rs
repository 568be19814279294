//! Marks: a hint on each hunk under review, pushed for open documents, moved along with what is typed, emptied on close. Its
//! `data` says what and where the whole hunk is, for an extension that draws it.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::convert::lsp_range;
use super::session::Session;
use super::{following, offers};
use crate::jobs::Mark;

/// How long after a change marks are sent again: once for all that is typed in this time.
const DEBOUNCE: Duration = Duration::from_millis(100);
/// Whose diagnostics these are.
pub(super) const SOURCE: &str = "whittle";
const HINT: u8 = 4;
const WARNING: u8 = 2;

/// What the client shows.
#[derive(Debug, Default)]
pub(super) struct Marks {
    shown: Mutex<HashMap<PathBuf, Shown>>,
    /// Files whose marks are about to be looked at.
    due: Mutex<HashSet<PathBuf>>,
}

#[derive(Debug)]
struct Shown {
    uri: String,
    marks: Vec<Value>,
}

impl Marks {
    fn shown(&self) -> MutexGuard<'_, HashMap<PathBuf, Shown>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn due(&self) -> MutexGuard<'_, HashSet<PathBuf>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something changed in a file: its marks, where it has any, are looked at soon.
pub(super) fn soon(session: &Arc<Session>, path: &Path) {
    let concerned = session.reviews.has(path)
        || session.following.has(path)
        || session.marks.shown().contains_key(path)
        || session.offers.may_be_taken(path);
    if !concerned || !session.marks.due().insert(path.to_owned()) {
        return;
    }
    let (session, path) = (session.clone(), path.to_owned());
    session.runtime.clone().spawn(async move {
        tokio::time::sleep(DEBOUNCE).await;
        while session.applying.is_open(&path) {
            tokio::time::sleep(DEBOUNCE / 10).await; // its text may be half of an edit
        }
        session.marks.due().remove(&path);
        offers::look(&session, &path);
        following::look(&session, &path);
        send(&session, &path);
    });
}

/// Sends a file's marks where they are not those that the client shows.
pub(super) fn send(session: &Session, path: &Path) {
    session.changed.tell();
    let mut shown = session.marks.shown(); // held throughout, so that the last to look is the last to send
    let Some((now, marks)) = session.reviews.marks(&session.documents, path) else {
        return take_off(session, shown.remove(path));
    };
    let mark = |mark: &Mark| {
        let range = lsp_range(&now.text, mark.token, session.features.encoding);
        let (severity, message) = match &mark.fault {
            Some(fault) => (WARNING, format!("“{}” was applied, but: {fault}", mark.title)),
            None if mark.proved.is_empty() => (HINT, format!("Changed by “{}”", mark.title)),
            None => (HINT, format!("Changed by “{}” ({})", mark.title, mark.proved)),
        };
        let kind = match (mark.old.is_empty(), mark.span.is_empty()) {
            (true, _) => "added",
            (false, true) => "deleted",
            (false, false) => "changed",
        };
        let whole = lsp_range(&now.text, mark.span, session.features.encoding);
        let data = json!({ "job": mark.job, "hunk": mark.number, "range": whole, "kind": kind });
        json!({
            "range": range, "severity": severity, "source": SOURCE, "code": "hunk", "message": message, "data": data,
        })
    };
    let marks: Vec<Value> = marks.iter().map(mark).collect();
    if marks.is_empty() {
        return take_off(session, shown.remove(path));
    }
    if shown.get(path).is_some_and(|shown| shown.marks == marks) {
        return;
    }
    publish(session, &now.uri, Some(now.version), &marks);
    shown.insert(path.to_owned(), Shown { uri: now.uri, marks });
}

/// A document was closed: marks are for open ones only.
pub(super) fn closed(session: &Session, path: &Path) {
    let shown = session.marks.shown().remove(path);
    take_off(session, shown);
}

fn take_off(session: &Session, shown: Option<Shown>) {
    if let Some(shown) = shown {
        publish(session, &shown.uri, None, &[]);
    }
}

fn publish(session: &Session, uri: &str, version: Option<i32>, marks: &[Value]) {
    let mut params = json!({ "uri": uri, "diagnostics": marks });
    if let Some(version) = version {
        params["version"] = version.into();
    }
    session.outbox.notify("textDocument/publishDiagnostics", params);
}
