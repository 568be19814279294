//! How jobs show themselves to the client: progress, and messages when they fail.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::outbox::Outbox;
use super::status::Changed;
use crate::jobs::{Client, JobId, Waiting};

/// How long a client may take to agree to progress; after that there is none for the job.
const AGREE_WITHIN: Duration = Duration::from_secs(2);

/// Tells the client about jobs.
pub(super) struct Notifier {
    outbox: Outbox,
    progress: bool,
    /// Jobs whose progress the client agreed to show.
    shown: Mutex<HashMap<JobId, String>>,
    /// To be told when something of a job changed.
    status: Changed,
}

impl Notifier {
    pub(super) fn new(outbox: Outbox, progress: bool, status: Changed) -> Self {
        Self { outbox, progress, shown: Mutex::default(), status }
    }

    pub(super) fn info(&self, message: &str) {
        self.message(3, message);
    }

    pub(super) fn warn(&self, message: &str) {
        self.message(2, message);
    }

    fn message(&self, kind: u8, message: &str) {
        self.outbox.notify("window/showMessage", json!({ "type": kind, "message": message }));
    }

    /// The job that a progress token belongs to.
    pub(super) fn job_of(&self, token: &Value) -> Option<JobId> {
        let token = token.as_str()?;
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.iter().find(|(_, known)| *known == token).map(|(job, _)| *job)
    }

    fn progress(&self, token: &str, value: &Value) {
        self.outbox.notify("$/progress", json!({ "token": token, "value": value }));
    }
}

impl Client for Notifier {
    fn begin<'a>(&'a self, job: JobId, title: &'a str) -> Waiting<'a> {
        self.status.tell();
        Box::pin(async move {
            if !self.progress {
                return;
            }
            let token = format!("whittle/{}", job.0);
            let agreed = self.outbox.request("window/workDoneProgress/create", json!({ "token": token }));
            if let Ok(Ok(Ok(_))) = tokio::time::timeout(AGREE_WITHIN, agreed).await {
                self.progress(&token, &json!({ "kind": "begin", "title": title, "cancellable": true }));
                self.shown.lock().unwrap_or_else(PoisonError::into_inner).insert(job, token);
            }
        })
    }

    fn report(&self, job: JobId, message: &str) {
        self.status.tell();
        let token = self.shown.lock().unwrap_or_else(PoisonError::into_inner).get(&job).cloned();
        if let Some(token) = token {
            self.progress(&token, &json!({ "kind": "report", "message": message, "cancellable": true }));
        }
    }

    fn end(&self, job: JobId, message: &str) {
        self.status.tell();
        let token = self.shown.lock().unwrap_or_else(PoisonError::into_inner).remove(&job);
        if let Some(token) = token {
            self.progress(&token, &json!({ "kind": "end", "message": message }));
        }
    }

    fn fail(&self, message: &str) {
        self.message(1, message);
    }
}
