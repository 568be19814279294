//! The end of a job: an explanation is shown, a proposal is applied.

use std::sync::Arc;

use super::session::Session;
use super::show::Page;
use super::{apply, show};
use crate::documents::Snapshot;
use crate::operations::{Explanation, Outcome, Workspace};
use crate::text::Span;

/// Gives the words that the job ends with.
pub(super) async fn run(
    session: &Arc<Session>,
    workspace: &Workspace,
    snapshot: &Snapshot,
    span: Span,
    outcome: Outcome,
) -> Result<String, String> {
    match outcome {
        Outcome::Explanation(Explanation { title, markdown, answered }) => {
            let subject = workspace.subject(snapshot, span);
            let markdown = format!("{}\n\n*{}*\n", markdown.trim_end(), answered.model);
            Ok(show::run(session, snapshot, subject.focus, Page { title, markdown }).await)
        }
        Outcome::Proposal(proposed) => apply::run(session, workspace, snapshot, &proposed.proposal).await,
    }
}
