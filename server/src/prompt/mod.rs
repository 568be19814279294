//! What a model is asked. In: an operation and a context. Out: a [`Request`]: the prompt's text and, for the offline
//! engine, the data behind it.

use std::sync::Arc;

use crate::context::Context;

/// One of the operations that a model can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationKind {
    /// Say what the focus does.
    Explain,
    /// Change the focus, keeping its behaviour or following instructions.
    Refactor,
    /// Write tests of the focus.
    Test,
}

/// A question to a model.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is asked for.
    pub operation: OperationKind,
    /// The part that is the same for every request of the operation: role and form of the answer.
    pub system: String,
    /// The context and the task.
    pub prompt: String,
    /// What the prompt was made from; the offline engine works from it.
    pub context: Arc<Context>,
}
