//! Models and how they are reached. In: a [`Request`]. Out: an [`Answer`], whole, or an [`Error`] that tells the user
//! what to do. The only module that uses the network.

mod address;
mod allowance;
mod anthropic;
mod breaker;
mod cache;
mod client;
mod day;
mod draft;
mod error;
mod events;
mod figures;
mod found;
mod gemini;
mod http;
mod json;
mod key;
mod keyring;
mod ledger;
mod limits;
mod meter;
mod metered;
mod ollama;
mod openai;
mod openai_responses;
mod private;
mod reasoning;
mod registry;
mod report;
mod retry;
mod route;
mod standing;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::config::{ModelSettings, Price, Protocol};
use crate::context::count_tokens;
use crate::prompt::{Exchange, Request};
use address::Address;
use client::{Client, Wire};
use http::{Auth, Link};
use limits::Limiter;
use meter::Meter;

pub use breaker::Resting;
pub use error::{Cause, Error, KeySource};
pub use figures::{Figures, Health};
pub use found::{Found, find_key, find_ollama};
pub use keyring::{KeyringError, remove_key, set_key};
pub use ledger::{Entry, Ledger};
pub use meter::dollars;
pub use registry::Models;
pub use route::{Failure, Heard, InBrief, Turn, Turning, Whole, Why, along, next};
pub use standing::{Ended, Past, Standing};

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
    connect(name, settings, env, Arc::new(Meter::new(settings)), Arc::default())
}

/// The same with a meter, and a limiter that is told what the server says about its limits.
fn connect(
    name: &str,
    settings: &ModelSettings,
    env: &dyn Fn(&str) -> Option<String>,
    meter: Arc<Meter>,
    limiter: Arc<Limiter>,
) -> Result<Box<dyn Provider>, Error> {
    if settings.api_version.is_some() && !matches!(settings.provider.protocol, Protocol::Anthropic | Protocol::Gemini) {
        let reason = format!(
            "{} has no api_version; leave it out, or put what the server wants behind a `?` into base_url",
            settings.provider.name
        );
        return Err(Error::Setting { model: name.to_owned(), reason });
    }
    let address = |path: &[&str]| Address::new(name, settings, path, env);
    let plain = |path: &[&str]| Link::new(name, address(path)?, Auth::Bearer, None, settings.timeout);
    let own = || settings.clone();
    let shared = (meter, limiter);
    match settings.provider.protocol {
        Protocol::Openai => Ok(client(settings, shared, plain(openai::PATH)?, openai::OpenAi { settings: own() })),
        Protocol::OpenaiResponses => {
            let wire = openai_responses::OpenAiResponses { settings: own() };
            Ok(client(settings, shared, plain(openai_responses::PATH)?, wire))
        }
        Protocol::Anthropic => {
            let version = settings.api_version.as_deref().unwrap_or(anthropic::VERSION);
            let header = Some(("anthropic-version", version));
            let link = Link::new(name, address(anthropic::PATH)?, anthropic::auth(version), header, settings.timeout)?;
            Ok(client(settings, shared, link, anthropic::Anthropic { settings: own() }))
        }
        Protocol::Gemini => {
            let path = gemini::path(settings);
            let mut address = address(&path.iter().map(String::as_str).collect::<Vec<_>>())?;
            address.url.query_pairs_mut().append_pair(gemini::QUERY.0, gemini::QUERY.1);
            let link = Link::new(name, address, Auth::Header("x-goog-api-key"), None, settings.timeout)?;
            Ok(client(settings, shared, link, gemini::Gemini { settings: own() }))
        }
        Protocol::Ollama => {
            let wire = ollama::Ollama { name: name.to_owned(), settings: own() };
            Ok(client(settings, shared, plain(ollama::PATH)?, wire))
        }
        Protocol::Offline => Err(Error::NoNetwork { model: name.to_owned() }),
    }
}

/// Where the key of the model `name` comes from; asks neither a command nor the keyring for it.
///
/// # Errors
/// As [`build`].
pub fn key_source(
    name: &str,
    settings: &ModelSettings,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<KeySource, Error> {
    if settings.provider.protocol == Protocol::Offline {
        return Ok(KeySource::None);
    }
    Address::new(name, settings, &[], env).map(|address| address.key.source())
}

fn client(
    settings: &ModelSettings,
    (meter, limiter): (Arc<Meter>, Arc<Limiter>),
    link: Link,
    wire: impl Wire + 'static,
) -> Box<dyn Provider> {
    let link = link.telling(limiter);
    Box::new(Client { link, wire, meter, local: settings.local, max_retry_wait: settings.max_retry_wait })
}

/// Names the stable part of a prompt, so that a provider sends requests that share it to where it is still in memory.
fn cache_key(request: &Request) -> String {
    let mut hasher = DefaultHasher::new();
    (&request.system, &request.shared).hash(&mut hasher);
    format!("whittle-{:016x}", hasher.finish())
}

/// The conversation after the question, as most protocols write it.
fn turns(request: &Request) -> impl Iterator<Item = Value> {
    request.earlier.iter().flat_map(|Exchange { answer, fault }| {
        [json!({"role": "assistant", "content": answer}), json!({"role": "user", "content": fault})]
    })
}

/// A way to reach a model. Dropping the future drops the connection.
pub trait Provider: Send + Sync {
    /// The model's name as the user configured it; stands in action titles and messages.
    fn name(&self) -> &str;

    /// True when nothing that is sent to it leaves this machine.
    fn is_local(&self) -> bool;

    /// The provider that this one adds something to; what this one does not tell itself, that one does.
    fn inner(&self) -> Option<&dyn Provider> {
        None
    }

    /// The model's tokens for one of o200k: what is known of its family, corrected by what its answers report.
    fn token_factor(&self) -> f64 {
        self.inner().map_or(1.0, |inner| inner.token_factor())
    }

    /// What it costs; `None`: nothing, or nobody knows.
    fn price(&self) -> Option<Price> {
        self.inner()?.price()
    }

    /// What a request is expected to take.
    fn estimate(&self, request: &Request) -> Estimate {
        if let Some(inner) = self.inner() {
            return inner.estimate(request);
        }
        let prompt = request.parts().map(count_tokens).sum::<usize>() as u64;
        Estimate { prompt, input: prompt, output: 0, cost: None }
    }

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
    /// Nothing of it, as something failed that may pass: the model is asked again after this time.
    Waiting(Duration),
    /// Nothing of it, as the model is not asked yet: its limits let no more requests through.
    Queued {
        /// Requests that come before.
        before: usize,
        /// How long it takes, as far as can be told.
        wait: Option<Duration>,
    },
}

/// A whole answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The answer's text without reasoning.
    pub text: String,
    /// What the model thought before, as far as the provider tells.
    pub reasoning: String,
    /// Name of the model that gave it.
    pub model: String,
    /// Tokens that the provider counted, where it says.
    pub usage: Option<Usage>,
    /// US dollars that it cost, where usage and price are known.
    pub cost: Option<f64>,
    /// It was given before, and comes from the cache on this machine.
    pub cached: bool,
    /// Why the model stopped.
    pub stop: Stop,
}

/// What a request is expected to take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Tokens of the prompt, by o200k.
    pub prompt: u64,
    /// Tokens of the prompt, by the model's own count.
    pub input: u64,
    /// Tokens of the answer, as they usually are.
    pub output: u64,
    /// US dollars, where the price is known.
    pub cost: Option<f64>,
}

/// Why a model stopped of whom a whole answer is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stop {
    /// It was done.
    #[default]
    End,
    /// It wrote a text at which it was to stop.
    Sequence,
}

/// Tokens that a provider counted; each is 0 where it does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt, cached ones included.
    pub input: u64,
    /// Tokens of the answer, reasoning included.
    pub output: u64,
    /// Tokens of the prompt that the provider still had in its cache.
    pub cache_read: u64,
    /// Tokens of the prompt that it put into its cache.
    pub cache_written: u64,
    /// Tokens of reasoning.
    pub reasoning: u64,
}

impl std::ops::Add for Usage {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self {
            input: self.input + more.input,
            output: self.output + more.output,
            cache_read: self.cache_read + more.cache_read,
            cache_written: self.cache_written + more.cache_written,
            reasoning: self.reasoning + more.reasoning,
        }
    }
}
