//! Models and how they are reached. In: a [`Request`]. Out: an [`Answer`], whole, or an [`Error`] that tells the user
//! what to do. The only module that uses the network.

mod error;
mod http;
mod json;
mod openai;
mod reasoning;
mod registry;
mod retry;

use std::pin::Pin;

use crate::config::{ModelSettings, ProviderKind};
use crate::prompt::Request;

pub use error::{Cause, Error};
pub use registry::Models;

/// Makes the provider of the model `name`; `env` reads an environment variable. Connects to nothing yet.
///
/// # Errors
///
/// [`Error::Setting`] and [`Error::NoKey`] when the settings can't work, [`Error::NoNetwork`] for the offline engine,
/// which is made where it lives.
pub fn build(
    name: &str,
    settings: &ModelSettings,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Box<dyn Provider>, Error> {
    match settings.provider {
        ProviderKind::Openai => Ok(Box::new(openai::OpenAi::new(name, settings, env)?)),
        ProviderKind::Offline => Err(Error::NoNetwork { model: name.to_owned() }),
    }
}

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
