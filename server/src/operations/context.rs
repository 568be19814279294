//! Context: what a model would be shown of the focus, for people to look at. Asks no model.

use std::path::Path;

use super::{OperationError, Workspace};
use crate::context::{Context, FocusRule, Stages, Subject, gather_with};

/// The context of `subject`, whose file lies at `path`, within `budget` tokens.
///
/// # Errors
/// [`OperationError::NotShown`] when the policy keeps the file from every model, [`OperationError::Context`] when the
/// budget is too small.
pub fn context(subject: Subject, path: &Path, workspace: &Workspace, budget: usize) -> Result<Context, OperationError> {
    if path.is_absolute() {
        workspace.policy().check(path).map_err(OperationError::NotShown)?; // what was never saved is under no rule
    }
    workspace.read_open_documents();
    let (index, signs) = (workspace.index(), workspace.signs());
    Ok(gather_with(subject, index, workspace, budget, FocusRule::MayFold, &signs, Stages::default())?)
}
