//! The providers that a model's settings may name: which protocol each speaks, where it is, which variables usually
//! hold its key, and in what it differs from the protocol's owner. Plain data: a new server is one row.

/// A provider by the name that settings give it.
#[derive(Debug)]
pub struct ProviderRow {
    /// What stands after `provider =`.
    pub name: &'static str,
    /// The wire protocol.
    pub protocol: Protocol,
    /// Its address where settings name none, as the protocol's official client library takes it; empty for `offline`.
    pub base_url: &'static str,
    /// Variables that usually hold its key, the first that is set counts; none for servers that need none.
    pub keys: &'static [&'static str],
    /// How it differs.
    pub quirks: &'static [Quirk],
}

/// A wire protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// OpenAI chat completions and every server that speaks them.
    Openai,
    /// OpenAI Responses.
    OpenaiResponses,
    /// Anthropic Messages.
    Anthropic,
    /// Google Gemini.
    Gemini,
    /// Ollama's own.
    Ollama,
    /// No wire: the engine that needs no model.
    Offline,
}

/// How a server differs from OpenAI, whose protocol it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    /// Knows `max_tokens` only.
    MaxTokens,
    /// Refuses or has no use for `prompt_cache_key`.
    NoCacheKey,
    /// Refuses `stream_options`; it tells the usage unasked.
    NoStreamOptions,
}

use Quirk::{MaxTokens, NoCacheKey, NoStreamOptions};

/// Every provider.
pub const PROVIDERS: &[ProviderRow] = &[
    row("openai", Protocol::Openai, "https://api.openai.com/v1", &["OPENAI_API_KEY"], &[]),
    row("openai-responses", Protocol::OpenaiResponses, "https://api.openai.com/v1", &["OPENAI_API_KEY"], &[]),
    row("anthropic", Protocol::Anthropic, "https://api.anthropic.com", &["ANTHROPIC_API_KEY"], &[]),
    row(
        "gemini",
        Protocol::Gemini,
        "https://generativelanguage.googleapis.com",
        &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        &[],
    ),
    row("ollama", Protocol::Ollama, "http://127.0.0.1:11434", &["OLLAMA_API_KEY"], &[]),
    row("offline", Protocol::Offline, "", &[], &[]),
    // Servers on this machine that speak OpenAI's chat completions.
    compatible("llama.cpp", "http://127.0.0.1:8080/v1", &[], &[MaxTokens, NoCacheKey]),
    compatible("llamafile", "http://127.0.0.1:8080/v1", &[], &[MaxTokens, NoCacheKey]),
    compatible("lm-studio", "http://127.0.0.1:1234/v1", &[], &[MaxTokens, NoCacheKey]),
    compatible("vllm", "http://127.0.0.1:8000/v1", &[], &[NoCacheKey]),
    compatible("sglang", "http://127.0.0.1:30000/v1", &[], &[NoCacheKey]),
    compatible("jan", "http://127.0.0.1:1337/v1", &[], &[MaxTokens, NoCacheKey]),
    compatible("litellm", "http://127.0.0.1:4000/v1", &["LITELLM_API_KEY"], &[NoCacheKey]),
    // Services that do.
    compatible("openrouter", "https://openrouter.ai/api/v1", &["OPENROUTER_API_KEY"], &[MaxTokens]),
    compatible("groq", "https://api.groq.com/openai/v1", &["GROQ_API_KEY"], &[NoCacheKey]),
    compatible("deepseek", "https://api.deepseek.com/v1", &["DEEPSEEK_API_KEY"], &[MaxTokens, NoCacheKey]),
    compatible("mistral", "https://api.mistral.ai/v1", &["MISTRAL_API_KEY"], &[MaxTokens, NoCacheKey, NoStreamOptions]),
    compatible("xai", "https://api.x.ai/v1", &["XAI_API_KEY"], &[NoCacheKey]),
    compatible("together", "https://api.together.xyz/v1", &["TOGETHER_API_KEY"], &[MaxTokens, NoCacheKey]),
    compatible("fireworks", "https://api.fireworks.ai/inference/v1", &["FIREWORKS_API_KEY"], &[MaxTokens, NoCacheKey]),
    compatible("cerebras", "https://api.cerebras.ai/v1", &["CEREBRAS_API_KEY"], &[NoCacheKey]),
    compatible("sambanova", "https://api.sambanova.ai/v1", &["SAMBANOVA_API_KEY"], &[MaxTokens, NoCacheKey]),
    compatible("deepinfra", "https://api.deepinfra.com/v1/openai", &["DEEPINFRA_API_KEY"], &[MaxTokens, NoCacheKey]),
    compatible("huggingface", "https://router.huggingface.co/v1", &["HF_TOKEN"], &[MaxTokens, NoCacheKey]),
    compatible("nvidia", "https://integrate.api.nvidia.com/v1", &["NVIDIA_API_KEY"], &[MaxTokens, NoCacheKey]),
    compatible("moonshot", "https://api.moonshot.ai/v1", &["MOONSHOT_API_KEY"], &[MaxTokens, NoCacheKey]),
    compatible(
        "perplexity",
        "https://api.perplexity.ai",
        &["PERPLEXITY_API_KEY"],
        &[MaxTokens, NoCacheKey, NoStreamOptions],
    ),
];

/// The names of [`PROVIDERS`].
pub(super) const PROVIDER_NAMES: &[&str] = &{
    let mut names = [""; PROVIDERS.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = PROVIDERS[at].name; // both lists have this length
        at += 1;
    }
    names
};

const fn row(
    name: &'static str,
    protocol: Protocol,
    base_url: &'static str,
    keys: &'static [&'static str],
    quirks: &'static [Quirk],
) -> ProviderRow {
    ProviderRow { name, protocol, base_url, keys, quirks }
}

const fn compatible(
    name: &'static str,
    base_url: &'static str,
    keys: &'static [&'static str],
    quirks: &'static [Quirk],
) -> ProviderRow {
    row(name, Protocol::Openai, base_url, keys, quirks)
}

impl ProviderRow {
    /// The provider of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PROVIDERS.iter().find(|provider| provider.name == name)
    }

    /// This provider; or, when a model that calls itself just `openai` lies at the address of a known service, that.
    #[must_use]
    pub fn at(&'static self, base_url: Option<&str>) -> &'static Self {
        let host = |address: &str| url::Url::parse(address).ok()?.host_str().map(str::to_owned);
        let Some(wanted) = base_url.filter(|address| !super::is_loopback(address)).and_then(host) else { return self };
        let same = |provider: &&Self| {
            provider.protocol == self.protocol && host(provider.base_url).is_some_and(|host| host == wanted)
        };
        PROVIDERS.iter().find(same).unwrap_or(self)
    }

    /// True when it differs in this way.
    #[must_use]
    pub fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }
}

impl PartialEq for ProviderRow {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_can_be_used() {
        for (number, provider) in PROVIDERS.iter().enumerate() {
            assert_eq!(ProviderRow::named(provider.name), Some(&PROVIDERS[number]), "{} stands twice", provider.name);
            if provider.protocol == Protocol::Offline {
                continue;
            }
            let url = url::Url::parse(provider.base_url).unwrap();
            let local = crate::config::is_loopback(provider.base_url);
            assert_eq!(url.scheme(), if local { "http" } else { "https" }, "{}", provider.name);
            assert!(local || !provider.keys.is_empty(), "{} has no key", provider.name);
            assert!(!provider.base_url.ends_with('/'), "{}", provider.name);
        }
    }

    #[test]
    fn a_known_address_is_known_by_whatever_name() {
        let check = |name: &str, base_url: Option<&str>, wanted: &str| {
            assert_eq!(ProviderRow::named(name).unwrap().at(base_url).name, wanted, "{base_url:?}");
        };
        check("openai", None, "openai");
        check("openai", Some("https://openrouter.ai/api/v1"), "openrouter");
        check("openai", Some("https://example.com/v1"), "openai");
        check("openai", Some("http://127.0.0.1:8080/v1"), "openai");
        check("openai-responses", Some("https://api.groq.com/openai/v1"), "openai-responses");
        check("anthropic", Some("https://openrouter.ai/api"), "anthropic");
    }
}
