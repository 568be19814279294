//! What a command's questions to models took. In: answers. Out: the sum, for people and as a part of JSON documents.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::models::round;
use super::output::{aside, is_watched};
use crate::models::{Answer, Estimate, Usage, dollars};

/// Sums up while a command runs.
#[derive(Debug, Default)]
pub(super) struct Spent(Mutex<Sum>);

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    answers: u32,
    cached: u32,
    usage: Option<Usage>,
    cost: Option<f64>,
    estimated: Option<f64>,
}

/// What the models' answers took.
#[derive(Debug, Serialize)]
pub(super) struct SpentJson {
    /// Tokens as the provider counted them; `null` where it did not, or nothing was asked.
    usage: Option<UsageJson>,
    /// US dollars that it cost; `null` where the price is not known.
    cost: Option<f64>,
    /// US dollars that it was expected to cost before.
    estimated_cost: Option<f64>,
    /// All came from the cache on this machine.
    cached: bool,
}

#[derive(Debug, Serialize)]
struct UsageJson {
    /// Tokens of prompts, cached ones included.
    input: u64,
    /// Tokens of answers, reasoning included.
    output: u64,
    /// Tokens of prompts that the provider had in its cache.
    cache_read: u64,
    /// Tokens of prompts that it put there.
    cache_written: u64,
    /// Tokens of reasoning.
    reasoning: u64,
}

impl Spent {
    /// Takes in an answer.
    pub(super) fn add(&self, answer: &Answer, estimate: &Estimate) {
        let sum = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sum.answers += 1;
        sum.cached += u32::from(answer.cached);
        if let Some(used) = answer.usage {
            let all = sum.usage.get_or_insert_default();
            all.input += used.input;
            all.output += used.output;
            all.cache_read += used.cache_read;
            all.cache_written += used.cache_written;
            all.reasoning += used.reasoning;
        }
        for (all, one) in [(&mut sum.cost, answer.cost), (&mut sum.estimated, estimate.cost)] {
            if let Some(one) = one {
                *all.get_or_insert_default() += one;
            }
        }
    }

    pub(super) fn sum(&self) -> SpentJson {
        let Sum { answers, cached, usage, cost, estimated } = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let usage = usage.map(|Usage { input, output, cache_read, cache_written, reasoning }| UsageJson {
            input,
            output,
            cache_read,
            cache_written,
            reasoning,
        });
        let cached = answers > 0 && cached == answers;
        SpentJson { usage, cost: cost.map(round), estimated_cost: estimated.map(round), cached }
    }
}

impl SpentJson {
    /// Tells it on a terminal, where there is anything to tell.
    pub(super) fn tell(&self, model: &str) {
        if let Some(words) = self.words(model).filter(|_| is_watched()) {
            aside(&words);
        }
    }

    fn words(&self, model: &str) -> Option<String> {
        let mut facts = Vec::new();
        if self.cached {
            facts.push("from the cache; --no-cache asks anew".to_owned());
        }
        facts.extend(self.usage.as_ref().map(|usage| format!("{} tokens in, {} out", usage.input, usage.output)));
        facts.extend(self.cost.filter(|_| !self.cached).map(|cost| match self.estimated_cost {
            Some(estimated) => format!("{} (estimated {})", dollars(cost), dollars(estimated)),
            None => dollars(cost),
        }));
        (!facts.is_empty()).then(|| format!("{model} · {}", facts.join(" · ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_answers_add_up() {
        let spent = Spent::default();
        assert_eq!(spent.sum().words("big"), None);
        let estimate = Estimate { prompt: 90, input: 90, output: 10, cost: Some(0.1) };
        let usage = Some(Usage { input: 100, output: 20, ..Usage::default() });
        let asked = Answer { usage, cost: Some(0.2), ..Answer::default() };
        spent.add(&asked, &estimate);
        spent.add(&asked, &estimate);
        assert_eq!(spent.sum().words("big").unwrap(), "big · 200 tokens in, 40 out · $0.40 (estimated $0.20)");
        let kept = Spent::default();
        kept.add(&Answer { cached: true, cost: Some(0.0), ..Answer::default() }, &estimate);
        assert_eq!(kept.sum().words("big").unwrap(), "big · from the cache; --no-cache asks anew");
    }
}
