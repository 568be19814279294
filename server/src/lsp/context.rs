//! `whittle.context`: shows what a model would be shown of the code, and why, as an explanation is shown. Asks no model.

use std::sync::Arc;

use serde_json::{Value, json};

use super::convert::uri_of;
use super::session::Session;
use super::show::{self, Page};
use crate::documents::Snapshot;
use crate::operations;
use crate::prompt::BuiltIn;
use crate::text::Span;

/// Starts the job and replies with its number.
pub(super) fn start(session: &Arc<Session>, snapshot: Snapshot, span: Span) -> Value {
    let workspace = session.workspace_of(&snapshot.path);
    let subject = workspace.subject(&snapshot, span);
    let env = session.env_in(&workspace);
    // whatever is asked in the end, what is read is the same
    let budget = env.budget(&env.model_name(env.operations.of(BuiltIn::Explain)));
    let title = format!("Context of {}", subject.selection_label());
    let session_of_job = session.clone();
    let job = session.jobs.start(&format!("Show context of {}", subject.selection_label()), move |_, progress| {
        Box::pin(async move {
            progress.report("reading the code");
            let focus = subject.focus;
            let context = operations::context(subject, &snapshot.path, &workspace, budget);
            let context = context.map_err(|error| error.to_string())?;
            let root = workspace.policy().root();
            let link = |path: &str, line: usize| match path == context.subject.path {
                true => format!("{}#L{line}", snapshot.uri),
                false => format!("{}#L{line}", uri_of(&root.join(path)).0),
            };
            let markdown = context.receipt().markdown(&link);
            Ok(show::run(&session_of_job, &snapshot, focus, Page { title, markdown }).await)
        })
    });
    json!({ "job": job })
}
