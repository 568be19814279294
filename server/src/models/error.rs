//! Why a model gave no answer. In: what the network or the server reported. Out: an [`Error`] whose message says what
//! happened and what to do. Never holds a key, and never a line of the prompt: servers echo both.

use std::time::Duration;

use super::key::Secret;
use super::keyring::KeyringError;
use super::meter::dollars;

/// Characters of a server's message that are kept.
const MESSAGE_CHARS: usize = 300;

/// Lines of the prompt shorter than this are too ordinary to be taken for an echo.
const ECHO_CHARS: usize = 16;

/// Why there is no answer. Each message says what happened and what to do; none holds a key or code. `model` is the
/// name under which the user configured the model, `message` the server's own words, cleaned and cut to one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The settings of the model can't be used as they are.
    #[error("[models.{model}] cannot be used: {reason}.")]
    Setting {
        /// The model's name.
        model: String,
        /// What is wrong and what would be right.
        reason: String,
    },

    /// The environment variable that should hold the key is not set.
    #[error(
        "{model} needs a key: set the environment variable {key_env}, run `whittle keys set {model}`, or name key_env or key_command in [models.{model}]."
    )]
    NoKey {
        /// The model's name.
        model: String,
        /// The variable that was looked for.
        key_env: String,
    },

    /// No model has this name.
    #[error(
        "there is no model `{model}`; there are: {names}. Add [models.{model}] to the configuration, or choose one of these."
    )]
    Unknown {
        /// The name.
        model: String,
        /// The names that there are.
        names: String,
    },

    /// The offline engine can't do what was asked.
    #[error("{reason}")]
    Offline {
        /// What is missing and what to do, as a whole sentence.
        reason: String,
    },

    /// No connection came about.
    #[error("{model} cannot be reached at {host}: {cause}.")]
    Unreachable {
        /// The model's name.
        model: String,
        /// Host and port.
        host: String,
        /// What stood in the way.
        cause: Cause,
    },

    /// The command that should print the key did not.
    #[error(
        "the key_command of {model} gave no key: {reason}. Run it in a terminal to see what it wants, or correct it in [models.{model}]."
    )]
    KeyCommand {
        /// The model's name.
        model: String,
        /// What happened; never what it printed.
        reason: String,
    },

    /// The keyring should have a key, and gave none.
    #[error(
        "the system's keyring gave no key for {model}: {reason}. Put it there with `whittle keys set {entry}`, or name key_env or key_command in [models.{model}]."
    )]
    Keyring {
        /// The model's name.
        model: String,
        /// The name in the keyring.
        entry: String,
        /// What happened.
        reason: KeyringError,
    },

    /// The server refused the key, or asked for one (401, 403).
    #[error("{model} refused {} (status {status}{}). {}", key_words(.key), said(.message), key_advice(.model, .key))]
    Key {
        /// The model's name.
        model: String,
        /// 401 or 403.
        status: u16,
        /// Where the key came from.
        key: KeySource,
        /// The server's words.
        message: String,
    },

    /// The account has no credit left (402, or 429 `insufficient_quota`). Waiting does not help.
    #[error("{model} has no credit left{}. Check the account's plan and billing, or use another model.", said(.message))]
    Quota {
        /// The model's name.
        model: String,
        /// The server's words.
        message: String,
    },

    /// Too many requests (429).
    #[error("{model} gets too many requests{}. {}", said(.message), wait_advice(.retry_after))]
    RateLimited {
        /// The model's name.
        model: String,
        /// How long the server asks to wait, where it says.
        retry_after: Option<Duration>,
        /// The server's words.
        message: String,
    },

    /// What the model may cost a day is used up, or would be by this request. Amounts are millionths of a US dollar.
    #[error("{model} has cost {} of the {} that it may cost a day, and this request would take about {}. Raise limits.cost_per_day in [models.{model}], use another model, or wait for midnight UTC.", money(.spent), money(.limit), money(.needed))]
    CostLimit {
        /// The model's name.
        model: String,
        /// What it has cost today, with what running requests are expected to cost.
        spent: u64,
        /// What this request is expected to cost.
        needed: u64,
        /// The limit.
        limit: u64,
    },

    /// The prompt alone has more tokens than the settings allow in a minute.
    #[error(
        "The prompt has about {tokens} tokens, but [models.{model}] allows {limit} a minute. Raise limits.tokens_per_minute there, lower context.budget, or select less."
    )]
    TokenLimit {
        /// The model's name.
        model: String,
        /// Tokens of the prompt.
        tokens: u64,
        /// Tokens a minute.
        limit: u64,
    },

    /// The server does not know the model, or the address is not that of the API (404, 405).
    #[error("{model} was not found at {url}{}. Check `model` and `base_url` in [models.{model}]; base_url {}.", said(.message), usual_end(.url))]
    NotFound {
        /// The model's name.
        model: String,
        /// The address that was asked, without its query.
        url: String,
        /// The server's words.
        message: String,
    },

    /// The prompt does not fit into the model's window.
    #[error("The prompt is too long for {model}{}{}. Lower context.budget, select less, or use a model with a larger window.", limit_words(.limit), said(.message))]
    ContextTooLong {
        /// The model's name.
        model: String,
        /// Tokens that fit, where the server says.
        limit: Option<u64>,
        /// The server's words.
        message: String,
    },

    /// The server would not take the request, for another reason (4xx).
    #[error("{model} did not accept the request (status {status}{}). Check `model` and `provider` in [models.{model}].", said(.message))]
    BadRequest {
        /// The model's name.
        model: String,
        /// The HTTP status.
        status: u16,
        /// The server's words.
        message: String,
    },

    /// The server failed (5xx, or an error in the midst of an answer).
    #[error("{model}'s server failed{}{}. Ask again later, or use another model.", status_words(.status), said(.message))]
    Server {
        /// The model's name.
        model: String,
        /// The HTTP status; `None` when the error came in the midst of an answer.
        status: Option<u16>,
        /// The server's words.
        message: String,
    },

    /// The connection ended before the answer did.
    #[error(
        "The connection to {model} ended before its answer was complete. Ask again; if it happens again, look into the server's log."
    )]
    Truncated {
        /// The model's name.
        model: String,
    },

    /// Nothing came for longer than the time limits allow.
    #[error("{model} sent nothing for {}. Ask again, or raise timeout.{limit} in [models.{model}].", seconds(.waited))]
    Stalled {
        /// The model's name.
        model: String,
        /// How long nothing came.
        waited: Duration,
        /// The key of the limit: `first_byte` or `between`.
        limit: &'static str,
    },

    /// The model reached the most that it may write, so the answer is cut off.
    #[error(
        "{model} reached its limit of tokens before it was done. Select less, raise max_output_tokens in [models.{model}], or use a model that may write more."
    )]
    LengthStop {
        /// The model's name.
        model: String,
    },

    /// The answer passed the size that any sensible answer has.
    #[error("{model} did not stop writing: its answer passed {limit} bytes. Ask again, or use another model.")]
    TooLarge {
        /// The model's name.
        model: String,
        /// Bytes.
        limit: usize,
    },

    /// The model declined.
    #[error("{model} declined to answer{}. Word the request differently, or use another model.", said(.message))]
    Refused {
        /// The model's name.
        model: String,
        /// Its words, where it gave any.
        message: String,
    },

    /// A filter of the provider's stopped the prompt or the answer.
    #[error("The content filter of {model} stopped the answer{}. Word the request differently, or use another model.", said(.message))]
    Filtered {
        /// The model's name.
        model: String,
        /// What the filter says, where it does.
        message: String,
    },

    /// The answer is whole but has no text.
    #[error("{model} gave an empty answer. Ask again, or use another model.")]
    Empty {
        /// The model's name.
        model: String,
    },

    /// What came back is not the protocol.
    #[error(
        "{model} answered at {url} with {what}. Check `base_url` and `provider` in [models.{model}]; base_url {}.",
        usual_end(.url)
    )]
    NotUnderstood {
        /// The model's name.
        model: String,
        /// The address that was asked, without its query.
        url: String,
        /// What came instead.
        what: String,
    },

    /// The offline engine was asked for here; it needs no network and is made elsewhere.
    #[error(
        "{model} is the offline engine, which is not reached over the network. Leave base_url and model out of [models.{model}]."
    )]
    NoNetwork {
        /// The model's name.
        model: String,
    },
}

impl Error {
    /// What happened, in few words that can stand in brackets; without the model's name and without advice.
    #[must_use]
    pub fn in_brief(&self) -> String {
        match self {
            Self::Setting { .. } | Self::NoNetwork { .. } => "its settings can't be used".to_owned(),
            Self::NoKey { .. } => "it has no key".to_owned(),
            Self::Unknown { .. } => "there is no such model".to_owned(),
            Self::Offline { .. } => "the offline engine can't do this".to_owned(),
            Self::Unreachable { .. } => "no connection".to_owned(),
            Self::KeyCommand { .. } => "its key_command gave no key".to_owned(),
            Self::Keyring { .. } => "the keyring gave no key".to_owned(),
            Self::Key { status, .. } => format!("a refused key, status {status}"),
            Self::Quota { .. } => "no credit left".to_owned(),
            Self::RateLimited { .. } => "too many requests".to_owned(),
            Self::CostLimit { .. } => "its limit of cost is reached".to_owned(),
            Self::TokenLimit { .. } => "the prompt is over its limit of tokens".to_owned(),
            Self::NotFound { .. } => "not found".to_owned(),
            Self::ContextTooLong { .. } => "the prompt is too long for it".to_owned(),
            Self::BadRequest { status, .. } => format!("a request it did not accept, status {status}"),
            Self::Server { status: Some(status), .. } => format!("server error {status}"),
            Self::Server { status: None, .. } => "a server error in the midst of its answer".to_owned(),
            Self::Truncated { .. } => "a broken connection".to_owned(),
            Self::Stalled { waited, .. } => format!("nothing sent for {}", seconds(waited)),
            Self::LengthStop { .. } => "an answer over its limit of tokens".to_owned(),
            Self::TooLarge { .. } => "an endless answer".to_owned(),
            Self::Refused { .. } => "it declined to answer".to_owned(),
            Self::Filtered { .. } => "a content filter".to_owned(),
            Self::Empty { .. } => "an empty answer".to_owned(),
            Self::NotUnderstood { .. } => "an answer that is not its protocol".to_owned(),
        }
    }

    /// One word for what went wrong, for figures and records.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Setting { .. } => "setting",
            Self::NoKey { .. } => "no-key",
            Self::Unknown { .. } => "unknown-model",
            Self::Offline { .. } => "offline",
            Self::Unreachable { .. } => "unreachable",
            Self::KeyCommand { .. } => "key-command",
            Self::Keyring { .. } => "keyring",
            Self::Key { .. } => "key",
            Self::Quota { .. } => "quota",
            Self::RateLimited { .. } => "rate-limited",
            Self::CostLimit { .. } => "cost-limit",
            Self::TokenLimit { .. } => "token-limit",
            Self::NotFound { .. } => "not-found",
            Self::ContextTooLong { .. } => "too-long",
            Self::BadRequest { .. } => "bad-request",
            Self::Server { .. } => "server",
            Self::Truncated { .. } => "truncated",
            Self::Stalled { .. } => "stalled",
            Self::LengthStop { .. } => "length",
            Self::TooLarge { .. } => "too-large",
            Self::Refused { .. } => "refused",
            Self::Filtered { .. } => "filtered",
            Self::Empty { .. } => "empty",
            Self::NotUnderstood { .. } => "not-understood",
            Self::NoNetwork { .. } => "no-network",
        }
    }
}

/// Where a key came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// There was none.
    None,
    /// The environment variable of this name.
    Variable(String),
    /// The command in the settings.
    Command,
    /// The system's keyring, under this name.
    Keyring(String),
}

/// What stood in the way of a connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// Nothing listens at the port.
    #[error("nothing is listening there; start the server, or correct base_url")]
    Refused,
    /// The name has no address.
    #[error("the name is not known; check base_url and the network")]
    NoSuchHost,
    /// No connection within the limit.
    #[error("no connection within {}; check base_url and the network, or raise timeout.connect", seconds(.0))]
    Timeout(Duration),
    /// The secure connection failed.
    #[error("the secure connection failed ({0}); check base_url, the system's certificates and its clock")]
    Tls(String),
    /// Anything else.
    #[error("{0}; check base_url and the network")]
    Other(String),
}

fn money(millionths: &u64) -> String {
    dollars(*millionths as f64 / 1e6)
}

fn said(message: &str) -> String {
    let message = message.trim_end_matches(['.', ' ']);
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

fn status_words(status: &Option<u16>) -> String {
    status.map(|status| format!(" (status {status})")).unwrap_or_default()
}

fn limit_words(limit: &Option<u64>) -> String {
    limit.map(|limit| format!(" (at most {limit} tokens)")).unwrap_or_default()
}

/// How an address usually ends, by the one that was asked.
fn usual_end(url: &str) -> &'static str {
    let with_version = url.ends_with("/chat/completions") || url.ends_with("/responses");
    if with_version { "usually ends in /v1" } else { "stands without a version, such as http://127.0.0.1:11434" }
}

fn key_words(key: &KeySource) -> String {
    match key {
        KeySource::Variable(name) => format!("the key of {name}"),
        KeySource::Command => "the key that key_command gave".to_owned(),
        KeySource::Keyring(_) => "the key of the system's keyring".to_owned(),
        KeySource::None => "a request without a key".to_owned(),
    }
}

fn key_advice(model: &str, key: &KeySource) -> String {
    match key {
        KeySource::Variable(name) => {
            format!("Check the environment variable {name}, and what its key may be used for.")
        }
        KeySource::Command => format!("Check key_command in [models.{model}], and what its key may be used for."),
        KeySource::Keyring(entry) => {
            format!("Set it anew with `whittle keys set {entry}`, and check what it may be used for.")
        }
        KeySource::None => {
            format!("Name the environment variable that holds its key with key_env in [models.{model}].")
        }
    }
}

fn wait_advice(retry_after: &Option<Duration>) -> String {
    match retry_after {
        Some(wait) => format!("Ask again in {}, or use another model.", seconds(wait)),
        None => "Ask again in a while, or use another model.".to_owned(),
    }
}

fn seconds(time: &Duration) -> String {
    if time.subsec_millis() == 0 { format!("{} s", time.as_secs()) } else { format!("{:.1} s", time.as_secs_f64()) }
}

/// Takes keys, code and line ends out of a server's words.
#[derive(Clone)]
pub(super) struct Cleaner<'a> {
    /// The key that was sent.
    pub(super) key: Option<Secret>,
    /// The parts of the prompt that was sent.
    pub(super) prompt: [&'a str; 2],
}

impl Cleaner<'_> {
    /// One line of at most [`MESSAGE_CHARS`] characters.
    pub(super) fn line(&self, message: &str) -> String {
        let mut message = message.to_owned();
        // Before cutting: half a key is a secret, too.
        if let Some(key) = self.key.as_deref().filter(|key| key.len() >= 4) {
            message = message.replace(key, "[key]");
        }
        let lines = self.prompt.iter().flat_map(|part| part.lines());
        for line in lines.map(str::trim).filter(|line| line.len() >= ECHO_CHARS) {
            if message.contains(line) {
                message = message.replace(line, "[…]");
            }
        }
        let message = message.replace(char::is_control, " ");
        let mut line = message.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((end, _)) = line.char_indices().nth(MESSAGE_CHARS - 1)
            && line.chars().count() > MESSAGE_CHARS
        {
            line.truncate(end);
            line.push('…');
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_words_lose_keys_code_and_line_ends() {
        let prompt = ["short\n", "    let password = compute(42);\n"];
        let cleaner = Cleaner { key: Some(Secret::new("sk-secret".to_owned())), prompt };
        assert_eq!(cleaner.line("bad key sk-secret\r\n\tgiven\u{1b}[31m"), "bad key [key] given [31m");
        assert_eq!(cleaner.line("at `let password = compute(42);`"), "at `[…]`");
        assert_eq!(cleaner.line("a short word"), "a short word");
        assert_eq!(cleaner.line(&"ä".repeat(300)), "ä".repeat(300));
        assert_eq!(cleaner.line(&"ä".repeat(301)), "ä".repeat(299) + "…");
        assert!(!cleaner.line(&("x".repeat(296) + "sk-secret")).contains("sk-"));
    }
}
