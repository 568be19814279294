//! Settings: plain data that every module may read, their defaults, their sources and how sources are put together.

mod load;

pub use load::{Loaded, Problem, Source, load};

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

/// All settings, defaults filled in.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Settings {
    /// `[models.NAME]`
    pub models: BTreeMap<String, ModelSettings>,
    /// `[routes]`: operation (or `default`) → models in order of preference.
    pub routes: BTreeMap<String, Vec<String>>,
    /// `[context]`
    pub context: ContextSettings,
    /// `[edits]`
    pub edits: EditSettings,
    /// `[policy]`
    pub policy: PolicySettings,
    /// `[explain]`
    pub explain: ExplainSettings,
}

/// How one model is reached.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelSettings {
    /// The wire protocol.
    pub provider: ProviderKind,
    /// Address as the provider's official client library takes it: with `/v1` for OpenAI.
    pub base_url: Option<String>,
    /// The model's name there.
    pub model: String,
    /// Environment variable that holds the key; `None`: the provider's usual one, or none for a local server.
    pub key_env: Option<String>,
    /// Nothing sent to it leaves this machine.
    pub local: bool,
    /// Tokens that fit into one request and its answer.
    pub context_window: Option<u32>,
    /// Time limits.
    pub timeout: Timeouts,
}

/// A wire protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderKind {
    /// OpenAI chat completions and every server that speaks them.
    Openai,
    /// The engine that needs no model.
    Offline,
}

/// Time limits of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To connect; default 5 s.
    pub connect: Duration,
    /// From the request to the first byte of the answer; default 120 s, as local servers load the model first.
    pub first_byte: Duration,
    /// Between two bytes of an answer; default 30 s.
    pub between: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), first_byte: Duration::from_secs(120), between: Duration::from_secs(30) }
    }
}

/// `[context]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContextSettings {
    /// Tokens (o200k) of the whole context, the focus included; default 4000.
    pub budget: usize,
}

impl Default for ContextSettings {
    fn default() -> Self {
        Self { budget: 4000 }
    }
}

/// `[edits]`
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct EditSettings {}

/// `[policy]`
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct PolicySettings {
    /// Globs, relative to the workspace, of files that never enter a context; added to the built-in ones.
    pub deny: Vec<String>,
}

/// `[explain]`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ExplainSettings {
    /// Where an explanation is shown; default: the best place that the editor has.
    pub show_in: ShowIn,
}

/// Where an explanation is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShowIn {
    /// The best place that the editor has.
    #[default]
    Auto,
    /// A Markdown file opened in the editor.
    File,
    /// A message; the text itself is in the hover.
    Hover,
}
