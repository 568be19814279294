//! How a model counts tokens and what it costs. In: a model's name, its settings, and the usage of its answers, earlier
//! ones by the ledger. Out: estimates before a request, the cost after.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use serde::Deserialize;

use super::ledger::DAYS;
use super::{Estimate, Ledger, Usage};
use crate::config::{ModelSettings, Price};
use crate::context::count_tokens;
use crate::prompt::Request;

/// How much of an average the last answer makes up.
const NEWS: f64 = 0.3;

/// Answers of the ledger that are learned from at the start; older ones would weigh less than a hundredth.
const REMEMBERED: usize = 12;

/// Tokens of an answer where none was seen yet.
const USUAL_OUTPUT: f64 = 500.0;

/// Factors beyond these are faults of a server's count.
const SENSIBLE: std::ops::RangeInclusive<f64> = 0.5..=4.0;

/// Prompts below this many tokens tell nothing: what the protocol adds weighs too much.
const ENOUGH: u64 = 200;

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
    price: Option<Price>,
    /// The factor of its family.
    listed: f64,
    longest_output: Option<u32>,
    /// The model's name in the settings and at the provider, and where its earlier answers stand.
    past: Option<(String, String, Arc<Ledger>)>,
    /// `None` until it is first asked for: only then the ledger is read.
    learned: Mutex<Option<Learned>>,
}

/// What answers taught.
#[derive(Clone, Copy, Debug)]
struct Learned {
    /// The model's tokens for one of o200k.
    factor: f64,
    /// Tokens of an answer.
    output: f64,
}

impl Learned {
    /// Takes in an answer: tokens of the prompt by o200k and by the provider, tokens of the answer.
    fn learn(&mut self, prompt: u64, input: u64, output: u64) {
        let seen = input as f64 / prompt as f64;
        if prompt >= ENOUGH && input > 0 && SENSIBLE.contains(&seen) {
            self.factor += NEWS * (seen - self.factor);
        }
        if output > 0 {
            self.output += NEWS * (output as f64 - self.output);
        }
    }
}

impl Meter {
    pub(super) fn new(settings: &ModelSettings) -> Self {
        let family = family(&settings.model);
        // What runs on this machine costs nothing, whatever its name.
        let listed = family.and_then(|family| family.price).filter(|_| !settings.local);
        Self {
            price: settings.price.or(listed),
            listed: family.map_or(1.0, |family| family.factor),
            longest_output: settings.max_output_tokens,
            past: None,
            learned: Mutex::new(None),
        }
    }

    /// One that knows what the model `name` taught before.
    pub(super) fn with_past(name: &str, settings: &ModelSettings, ledger: Arc<Ledger>) -> Self {
        Self { past: Some((name.to_owned(), settings.model.clone(), ledger)), ..Self::new(settings) }
    }

    pub(super) fn price(&self) -> Option<Price> {
        self.price
    }

    /// The model's tokens for one of o200k.
    pub(super) fn factor(&self) -> f64 {
        self.learned(|learned| learned.factor)
    }

    /// Learns from what the provider counted.
    pub(super) fn learn(&self, request: &Request, usage: &Usage) {
        let prompt = request.parts().map(count_tokens).sum::<usize>() as u64;
        self.learned(|learned| learned.learn(prompt, usage.input, usage.output));
    }

    /// What a request is expected to take.
    pub(super) fn estimate(&self, request: &Request) -> Estimate {
        let prompt = request.parts().map(count_tokens).sum::<usize>() as u64;
        let Learned { factor, output } = self.learned(|learned| *learned);
        let input = (prompt as f64 * factor).round() as u64;
        let output = (output.round() as u64).min(self.longest_output.map_or(u64::MAX, u64::from));
        let usage = Usage { input, output, ..Usage::default() };
        Estimate { prompt, input, output, cost: self.price.map(|price| cost(&price, &usage)) }
    }

    fn learned<T>(&self, use_it: impl FnOnce(&mut Learned) -> T) -> T {
        let mut learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        use_it(learned.get_or_insert_with(|| {
            let mut learned = Learned { factor: self.listed, output: USUAL_OUTPUT };
            if let Some((name, id, ledger)) = &self.past {
                let told = |entry: &super::Entry| entry.model == *name && entry.id == *id && entry.input.is_some();
                for entry in ledger.last(REMEMBERED, DAYS, told).iter().rev() {
                    learned.learn(entry.prompt, entry.input.unwrap_or_default(), entry.output.unwrap_or_default());
                }
            }
            learned
        }))
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

/// A sum with two figures that count, and cents at least: `$0.0012`, `$1.24`.
#[must_use]
pub fn dollars(sum: f64) -> String {
    let places = if sum > 0.0 { (1.0 - sum.log10().floor()).clamp(2.0, 6.0) as usize } else { 2 };
    format!("${sum:.places$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ProviderRow;
    use crate::models::Entry;

    #[test]
    fn sums_are_short() {
        let shown = [0.0, 0.000_012_3, 0.001_234, 0.0567, 0.5, 1.239, 12.0].map(dollars);
        assert_eq!(shown, ["$0.00", "$0.000012", "$0.0012", "$0.057", "$0.50", "$1.24", "$12.00"]);
    }

    #[test]
    fn what_was_learned_is_kept_over_restarts() {
        let ledger = Arc::new(Ledger::default());
        let settings = ModelSettings::new(ProviderRow::named("openai").unwrap(), "gpt-5.4");
        let factor = || Meter::with_past("big", &settings, ledger.clone()).factor();
        assert_eq!(factor(), 1.0);
        let (model, id) = ("big".to_owned(), "gpt-5.4".to_owned());
        let time = crate::models::day::now();
        let entry = Entry { time, model, id, prompt: 1000, input: Some(2000), output: Some(90), ..Entry::default() };
        ledger.record(Entry { id: "other".to_owned(), ..entry.clone() });
        ledger.record(Entry { prompt: 10, ..entry.clone() });
        assert_eq!(factor(), 1.0);
        ledger.record(entry.clone());
        assert!((factor() - 1.3).abs() < 1e-9);
        (0..20).for_each(|_| ledger.record(entry.clone()));
        assert!((1.98..2.0).contains(&factor()));
    }

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
