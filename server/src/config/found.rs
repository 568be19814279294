//! Models that need no settings: known by their provider's name alone, used where the user says so. The names of
//! default models stand in one data file, with the prices.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::kept::FoundModel;
use super::{ModelSettings, ProviderRow, is_loopback};

/// The provider that needs no key but a server that answers.
pub const OLLAMA: &str = "ollama";

/// The providers whose key is looked for, in order.
pub const LOOKED_FOR: [&str; 4] = ["anthropic", "openai", "gemini", "openrouter"];

#[derive(Default, Deserialize)]
struct Known {
    defaults: Defaults,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Defaults {
    /// Provider → its model.
    models: BTreeMap<String, String>,
    /// How the names of good models of Ollama begin, the best one first.
    ollama: Vec<String>,
}

static DEFAULTS: LazyLock<Defaults> = LazyLock::new(|| {
    toml::from_str::<Known>(include_str!("../models/families.toml")).unwrap_or_default().defaults // a test reads it
});

/// The model of a provider where only the provider is named.
#[must_use]
pub fn default_model(provider: &str) -> Option<&'static str> {
    DEFAULTS.models.get(provider).map(String::as_str)
}

/// How good a model of Ollama's is for code: 0 is best; `None`: nobody knows it.
#[must_use]
pub fn ollama_rank(model: &str) -> Option<usize> {
    let name = model.rsplit('/').next().unwrap_or(model).to_lowercase();
    DEFAULTS.ollama.iter().position(|begins| name.starts_with(begins.as_str()))
}

impl FoundModel {
    /// The default model of a provider.
    #[must_use]
    pub fn of_provider(provider: &str) -> Self {
        Self { provider: provider.to_owned(), model: None, base_url: None }
    }

    /// Its name at the provider; `None`: this version knows none.
    #[must_use]
    pub fn model_name(&self) -> Option<&str> {
        self.model.as_deref().or_else(|| default_model(&self.provider))
    }

    /// The settings that it would have in a file.
    #[must_use]
    pub fn settings(&self) -> Option<ModelSettings> {
        let provider = ProviderRow::named(&self.provider)?;
        let settings = ModelSettings::new(provider, self.model_name()?);
        let local = is_loopback(self.base_url.as_deref().unwrap_or(provider.base_url));
        Some(ModelSettings { base_url: self.base_url.clone(), local, ..settings })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_that_is_looked_for_has_a_model() {
        toml::from_str::<Known>(include_str!("../models/families.toml")).unwrap();
        for provider in LOOKED_FOR {
            let settings = FoundModel::of_provider(provider).settings().unwrap();
            assert!(!settings.local && settings.provider.name == provider && !settings.model.is_empty());
            assert!(!settings.provider.keys.is_empty());
        }
        assert_eq!(DEFAULTS.models.len(), LOOKED_FOR.len());
        assert_eq!(FoundModel::of_provider(OLLAMA).settings(), None);
        assert_eq!(FoundModel::of_provider("nonsense").settings(), None);
    }

    #[test]
    fn an_ollama_elsewhere_is_not_local() {
        let check = |base_url: Option<&str>, local: bool| {
            let base_url = base_url.map(str::to_owned);
            let found = FoundModel { provider: OLLAMA.to_owned(), model: Some("m".to_owned()), base_url };
            assert_eq!(found.settings().unwrap().local, local);
        };
        check(None, true);
        check(Some("http://127.0.0.1:1"), true);
        check(Some("http://box:11434"), false);
    }

    #[test]
    fn models_for_code_go_before_others() {
        let rank = |name| ollama_rank(name);
        assert_eq!(rank("qwen3-coder:30b"), Some(0));
        assert_eq!(rank("hf.co/unsloth/Qwen3-Coder-30B-GGUF:Q4"), Some(0));
        assert!(rank("qwen2.5-coder:7b") < rank("llama3.2") && rank("gpt-oss:20b") < rank("qwen3:8b"));
        assert_eq!(rank("nomic-embed-text"), None);
    }
}
