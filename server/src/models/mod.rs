//! Models and how they are reached. In: a [`Request`]. Out: an [`Answer`], whole, or an [`Error`] that tells the user
//! what to do. The only module that uses the network.

mod openai;

use std::pin::Pin;

use crate::prompt::Request;

/// A way to reach a model. Dropping the future drops the connection.
pub trait Provider: Send + Sync {
    /// The model's name as the user configured it; stands in action titles and messages.
    fn name(&self) -> &str;

    /// True when nothing that is sent to it leaves this machine.
    fn is_local(&self) -> bool;

    /// Asks the model. `watch` is told of the answer's parts as they come, for progress only: what counts is the
    /// result.
    fn ask<'a>(&'a self, request: &'a Request, watch: &'a mut (dyn FnMut(Delta<'_>) + Send)) -> Asking<'a>;
}

/// A running request.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send + 'a>>;

/// A part of an answer that is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delta<'a> {
    /// Text of the answer.
    Text(&'a str),
    /// What the model thinks before it answers; never part of the answer.
    Reasoning(&'a str),
}

/// A whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The answer's text without reasoning.
    pub text: String,
    /// Name of the model that gave it.
    pub model: String,
    /// Tokens that the provider counted, where it says.
    pub usage: Option<Usage>,
}

/// Tokens that a provider counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt.
    pub input: u64,
    /// Tokens of the answer, reasoning included.
    pub output: u64,
}

/// Why there is no answer. Each message says what happened and what to do; none holds a key or code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {}
