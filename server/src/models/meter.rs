//! How a model counts tokens and what it costs. In: a model's name, its settings, and the usage of its answers. Out:
//! estimates before a request, the cost after. What it learns from answers lasts as long as the program.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use serde::Deserialize;

use super::Usage;
use crate::config::{ModelSettings, Price};
use crate::context::count_tokens;
use crate::prompt::Request;

/// How much of a factor the last answer makes up.
const NEWS: f64 = 0.3;

/// Factors beyond these are faults of a server's count.
const SENSIBLE: std::ops::RangeInclusive<f64> = 0.5..=4.0;

/// Prompts below this many tokens tell nothing: what the protocol adds weighs too much.
const ENOUGH: usize = 200;

/// What is known of models by how their names begin.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    /// The model's tokens for one of o200k.
    factor: f64,
    price: Option<Price>,
}

/// The file of what is known.
#[derive(Default, Deserialize)]
struct Known {
    #[serde(rename = "defaults")]
    _defaults: serde::de::IgnoredAny,
    #[serde(flatten)]
    families: BTreeMap<String, Family>,
}

static FAMILIES: LazyLock<BTreeMap<String, Family>> =
    LazyLock::new(|| toml::from_str::<Known>(include_str!("families.toml")).unwrap_or_default().families); // a test reads it

/// The family of a model.
fn family(model: &str) -> Option<&'static Family> {
    let name = model.rsplit('/').next().unwrap_or(model).to_lowercase();
    FAMILIES
        .iter()
        .filter(|(begins, _)| name.starts_with(*begins))
        .max_by_key(|(begins, _)| begins.len())
        .map(|row| row.1)
}

/// Counts for one model.
#[derive(Debug)]
pub(super) struct Meter {
    factor: Mutex<f64>,
    price: Option<Price>,
}

impl Meter {
    pub(super) fn new(settings: &ModelSettings) -> Self {
        let family = family(&settings.model);
        // What runs on this machine costs nothing, whatever its name.
        let listed = family.and_then(|family| family.price).filter(|_| !settings.local);
        Self { factor: Mutex::new(family.map_or(1.0, |family| family.factor)), price: settings.price.or(listed) }
    }

    pub(super) fn price(&self) -> Option<Price> {
        self.price
    }

    /// The model's tokens for one of o200k.
    pub(super) fn factor(&self) -> f64 {
        *self.factor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Learns from what the provider counted.
    pub(super) fn learn(&self, request: &Request, usage: &Usage) {
        let tokens = request.parts().map(count_tokens).sum::<usize>();
        if tokens < ENOUGH || usage.input == 0 {
            return;
        }
        let seen = usage.input as f64 / tokens as f64;
        if SENSIBLE.contains(&seen) {
            let mut factor = self.factor.lock().unwrap_or_else(PoisonError::into_inner);
            *factor += NEWS * (seen - *factor);
        }
    }
}

/// US dollars for what was used. Cached tokens whose price is not known count in full.
pub(super) fn cost(price: &Price, usage: &Usage) -> f64 {
    let plain = usage.input.saturating_sub(usage.cache_read + usage.cache_written);
    let parts = [
        (plain, price.input),
        (usage.cache_read, price.cache_read.unwrap_or(price.input)),
        (usage.cache_written, price.cache_written.unwrap_or(price.input)),
        (usage.output, price.output),
    ];
    parts.iter().map(|(tokens, price)| *tokens as f64 * price / 1e6).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ProviderRow;

    #[test]
    fn the_table_can_be_read() {
        let table: Known = toml::from_str(include_str!("families.toml")).unwrap();
        for (name, family) in table.families {
            assert!(SENSIBLE.contains(&family.factor), "{name}");
            assert_eq!(name, name.to_lowercase());
            assert!(family.price.is_none_or(|price| price.output >= price.input && price.input > 0.0), "{name}");
        }
    }

    #[test]
    fn the_longest_beginning_of_a_name_counts() {
        let check = |model: &str, factor: Option<f64>, input: Option<f64>| {
            let family = family(model);
            assert_eq!(family.map(|family| family.factor), factor, "{model}");
            assert_eq!(family.and_then(|family| family.price).map(|price| price.input), input, "{model}");
        };
        check("claude-3-opus", Some(1.35), None);
        check("claude-opus-4-7-20260401", Some(1.75), Some(5.0));
        check("anthropic/Claude-Haiku-4-5", Some(1.35), Some(1.0));
        check("gpt-5.4-mini", Some(1.0), Some(0.75));
        check("gpt-5.4", Some(1.0), Some(2.5));
        check("my-own", None, None);
    }

    #[test]
    fn costs_are_told_apart_by_cache() {
        let price = Price { input: 1.0, output: 5.0, cache_read: Some(0.1), cache_written: None };
        let usage = Usage { input: 1_000_000, output: 100_000, cache_read: 500_000, cache_written: 0, reasoning: 0 };
        assert!((cost(&price, &usage) - (0.5 + 0.05 + 0.5)).abs() < 1e-9);
    }

    #[test]
    fn what_runs_here_is_free_unless_settings_say_otherwise() {
        let own = Price { input: 1.0, output: 1.0, cache_read: None, cache_written: None };
        let settings = ModelSettings::new(ProviderRow::named("openai").unwrap(), "gpt-5.4");
        assert!(Meter::new(&settings).price().is_some());
        let local = ModelSettings { local: true, ..settings };
        assert_eq!(Meter::new(&local).price(), None);
        assert_eq!(Meter::new(&ModelSettings { price: Some(own), ..local }).price(), Some(own));
    }
}
