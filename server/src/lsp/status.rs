//! `whittle/status`: tells an extension that asks for it (`initializationOptions: { status: true }`) what it shows in a status
//! line. In: word that something changed. Out: a notification with all of it, where it is not what was sent last. A plain
//! client is sent nothing.

use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;

use super::session::Session;
use crate::models;
use crate::prompt::{BuiltIn, Operation};

/// What happens within this time is told at once.
const GATHERED_FOR: Duration = Duration::from_millis(100);
/// How often it is looked at where nothing is heard of: other processes spend, a model recovers, a day ends.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Tells that something changed; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Changed(Arc<Notify>);

impl Changed {
    pub(super) fn tell(&self) {
        self.0.notify_one(); // kept for who is not waiting yet
    }
}

/// Sends the status now and whenever it changes, as long as there is a session.
pub(super) fn start(session: &Arc<Session>) {
    if session.features.status {
        session.runtime.spawn(run(session.changed.clone(), Arc::downgrade(session)));
    }
}

async fn run(changed: Changed, session: Weak<Session>) {
    let mut sent = Value::Null;
    loop {
        let look = session.clone();
        // the ledger and the user's prompts are files
        let now = tokio::task::spawn_blocking(move || look.upgrade().map(|session| status(&session))).await;
        let Ok(Some(now)) = now else { return };
        if now != sent {
            let Some(session) = session.upgrade() else { return };
            session.outbox.notify("whittle/status", &now);
            sent = now;
        }
        let _ = tokio::time::timeout(LOOK_EVERY, changed.0.notified()).await; // either way it is looked at
        tokio::time::sleep(GATHERED_FOR).await;
    }
}

fn status(session: &Session) -> Value {
    let env = session.env();
    let mut operations: Vec<Arc<Operation>> = Vec::new();
    for other in session.envs().iter().flat_map(|env| env.operations.iter()) {
        if operations.iter().all(|known| known.name != other.name) {
            operations.push(other.clone());
        }
    }
    let operation = |operation: &Arc<Operation>| {
        json!({
            "name": operation.name,
            "title": operation.title,
            "asks": operation.built_in == Some(BuiltIn::Refactor) || operation.asks(),
            "builtIn": operation.built_in.is_some(),
            "answer": operation.answer.name(),
        })
    };
    json!({
        "model": models::next(&env.models, &env.settings.route("default"), Path::new("")),
        "jobs": session.jobs.now(),
        "costToday": env.models.ledger().spent_today(),
        "operations": operations.iter().map(operation).collect::<Vec<_>>(),
        "hunks": session.reviews.count(),
    })
}
