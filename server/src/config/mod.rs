//! Settings: plain data that every module may read, their defaults, their sources and how sources are put together.

mod assemble;
mod found;
mod kept;
mod keys;
mod load;
mod problem;
mod providers;
mod tree;

pub use found::{LOOKED_FOR, OLLAMA, default_model, ollama_rank};
pub use kept::{Consent, FoundModel, Kept, KeptError};
pub use keys::nearest;
pub use load::{Loaded, Sources, Trust, ignored, load};
pub use problem::{Origin, Problem, Severity};
pub use providers::{PROVIDERS, Protocol, ProviderRow, Quirk};

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use url::Url;

/// Name of the model that is always there.
pub const OFFLINE: &str = "offline";

/// All settings, defaults filled in.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Settings {
    /// `[models.NAME]`
    pub models: BTreeMap<String, ModelSettings>,
    /// `[routes]`: operation (or `default`) → its models.
    pub routes: BTreeMap<String, Route>,
    /// `[context]`
    pub context: ContextSettings,
    /// `[edits]`
    pub edits: EditSettings,
    /// `[index]`
    pub index: IndexSettings,
    /// `[policy]`
    pub policy: PolicySettings,
    /// `[explain]`
    pub explain: ExplainSettings,
    /// `[usage]`
    pub usage: UsageSettings,
    /// `[cache]`
    pub cache: CacheSettings,
    /// How the models came to be these.
    pub choice: Choice,
}

/// How the models of the settings came to be these.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Choice {
    /// Nobody chose: the offline engine answers, and a model that is found may be offered.
    #[default]
    Nobody,
    /// The user agreed once to use the model of this name, which was found.
    Agreed(String),
    /// Models or routes stand in the settings, or were named for this run.
    Configured,
}

impl Settings {
    /// The models of an operation in order of preference: its own route, else the default one, else all models, else
    /// the offline engine. Never empty. `operation` is the name under `[routes]`, such as `refactor`.
    #[must_use]
    pub fn route(&self, operation: &str) -> Route {
        let route = self.routes.get(operation).or_else(|| self.routes.get("default"));
        let mut route = route.cloned().unwrap_or_else(|| Route::ordered(self.models.keys().cloned().collect()));
        if route.models.is_empty() {
            route.models.push(OFFLINE.to_owned());
        }
        route
    }
}

/// The models that an operation may use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// Their names in order of preference.
    pub models: Vec<String>,
    /// Which of them is asked.
    pub policy: RoutePolicy,
}

impl Route {
    /// The first that can be asked.
    #[must_use]
    pub fn ordered(models: Vec<String>) -> Self {
        Self { models, policy: RoutePolicy::Ordered }
    }
}

/// Which model of a route is asked first; where it fails, the others follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RoutePolicy {
    /// The first one.
    #[default]
    Ordered,
    /// Each in turn.
    RoundRobin,
    /// The one with the fewest running requests.
    LeastBusy,
    /// The same one for the same file.
    Sticky,
    /// The one that answered fastest so far.
    Fastest,
    /// The first, and the second as well when the first is slow; the first whole answer counts.
    Race,
}

/// True when the host of `address` is this machine: 127.0.0.0/8, ::1 or localhost.
#[must_use]
pub fn is_loopback(address: &str) -> bool {
    match Url::parse(address).ok().as_ref().and_then(Url::host) {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        Some(url::Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        None => false,
    }
}

/// How one model is reached.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelSettings {
    /// Its row in the table of providers.
    pub provider: &'static ProviderRow,
    /// Address as the provider's official client library takes it: with `/v1` for OpenAI, without a version for
    /// Anthropic, Gemini and Ollama; `None`: that of its row.
    pub base_url: Option<String>,
    /// The version of the API, for Anthropic and Gemini; `None`: the newest that is known to work.
    pub api_version: Option<String>,
    /// The model's name there.
    pub model: String,
    /// Environment variable that holds the key; `None`: the provider's usual one, or none for a local server and
    /// over plain http.
    pub key_env: Option<String>,
    /// Program and arguments that print the key; `key_env` goes before it.
    pub key_command: Option<Vec<String>>,
    /// Under which name the system's keyring has a key for it: its own, or its provider's; what is above goes before it.
    pub keyring: Option<String>,
    /// Nothing sent to it leaves this machine; where the user does not say, true for a loopback address.
    pub local: bool,
    /// Tokens that fit into one request and its answer.
    pub context_window: Option<u32>,
    /// Tokens that an answer may take, reasoning included; `None`: what the provider allows.
    pub max_output_tokens: Option<u32>,
    /// How much the model thinks; `None`: as it does by itself.
    pub effort: Option<Effort>,
    /// Sampling temperature; `None`: not sent.
    pub temperature: Option<f64>,
    /// Whether the stable part of the prompt is marked for the provider's cache.
    pub prompt_cache: bool,
    /// What it costs; `None`: what the table of known models says.
    pub price: Option<Price>,
    /// A longer wait before asking again gives up instead.
    pub max_retry_wait: Duration,
    /// Time limits.
    pub timeout: Timeouts,
    /// How much of it may be used.
    pub limits: Limits,
}

impl ModelSettings {
    /// A model that is set up with nothing but its provider and its name there.
    #[must_use]
    pub fn new(provider: &'static ProviderRow, model: &str) -> Self {
        Self {
            provider,
            base_url: None,
            api_version: None,
            model: model.to_owned(),
            key_env: None,
            key_command: None,
            keyring: None,
            local: provider.protocol == Protocol::Offline || is_loopback(provider.base_url),
            context_window: None,
            max_output_tokens: None,
            effort: None,
            temperature: None,
            prompt_cache: true,
            price: None,
            max_retry_wait: Duration::from_secs(60),
            timeout: Timeouts::default(),
            limits: Limits::default(),
        }
    }
}

/// How much of a model may be used; `None`: as much as its provider allows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// Requests in any 60 s.
    pub requests_per_minute: Option<u32>,
    /// Tokens in any 60 s, those of prompts and of answers.
    pub tokens_per_minute: Option<u64>,
    /// Requests at a time.
    pub concurrent: Option<u32>,
    /// US dollars a day, from midnight UTC.
    pub cost_per_day: Option<f64>,
}

/// What a model costs, in US dollars a million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Tokens of the prompt.
    pub input: f64,
    /// Tokens of the answer, reasoning included.
    pub output: f64,
    /// Tokens of the prompt that the provider had in its cache; `None`: as others of the prompt.
    pub cache_read: Option<f64>,
    /// Tokens of the prompt that it put into its cache; `None`: as others of the prompt.
    pub cache_written: Option<f64>,
}

/// How much a model thinks before it answers. Each provider has fewer steps; the nearest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    /// Not at all.
    None,
    /// As little as it can.
    Minimal,
    /// Little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
    /// More.
    Xhigh,
    /// As much as it can.
    Max,
}

impl Effort {
    /// Every step, least first.
    pub const ALL: [Self; 7] = [Self::None, Self::Minimal, Self::Low, Self::Medium, Self::High, Self::Xhigh, Self::Max];

    /// Its name in settings, and in most protocols.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Xhigh => "xhigh",
            Self::Max => "max",
        }
    }
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditSettings {
    /// How a finished proposal gets into the files; default: at once.
    pub apply: ApplyMode,
    /// Changed chunks are formatted by the project's formatter; default true.
    pub format: bool,
    /// What proves a proposal; default: what the project's files tell.
    pub verify: Verify,
    /// Longest wait for the verify commands before the edit is applied without them; default 20 s.
    pub verify_wait: Duration,
    /// How often an answer that fails goes back to the model; default 2.
    pub repair_attempts: u32,
    /// How long hunks can be kept or reverted one by one; default: until the file is saved.
    pub review: Review,
}

impl Default for EditSettings {
    fn default() -> Self {
        Self {
            apply: ApplyMode::Direct,
            format: true,
            verify: Verify::Auto,
            verify_wait: Duration::from_secs(20),
            repair_attempts: 2,
            review: Review::UntilSave,
        }
    }
}

/// How a finished proposal gets into the files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ApplyMode {
    /// It is applied, and its hunks can be taken back.
    #[default]
    Direct,
    /// It is offered as a code action.
    Offer,
}

/// What proves a proposal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Verify {
    /// The commands that the project's files call for.
    #[default]
    Auto,
    /// Only the syntax trees.
    Off,
    /// These command lines, in order, each run in the workspace's root.
    Commands(Vec<String>),
}

/// How long hunks can be kept or reverted one by one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Review {
    /// Until each was kept or reverted.
    UntilKept,
    /// Until the file is saved by the user.
    #[default]
    UntilSave,
    /// Not at all.
    Off,
}

/// `[index]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexSettings {
    /// The index is kept in the user's cache folder from one start to the next; default true.
    pub disk: bool,
}

impl Default for IndexSettings {
    fn default() -> Self {
        Self { disk: true }
    }
}

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

/// `[usage]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageSettings {
    /// What models were asked is kept in the user's state folder from one start to the next; default true.
    pub keep: bool,
}

impl Default for UsageSettings {
    fn default() -> Self {
        Self { keep: true }
    }
}

/// `[cache]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheSettings {
    /// Answers are kept and given again to the same question; default true.
    pub answers: bool,
    /// Bytes of all answers; default 50 MB.
    pub size: u64,
    /// How long an answer is kept; default 7 days.
    pub age: Duration,
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self { answers: true, size: 50_000_000, age: Duration::from_secs(7 * 24 * 60 * 60) }
    }
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
