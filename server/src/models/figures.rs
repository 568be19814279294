//! What the ledger says of one model. In: entries. Out: sums of them, how fast the model answers, and whether it does.

use super::Entry;

/// Sums of entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Times that the model was asked.
    pub asks: u64,
    /// Of these, those that failed.
    pub failures: u64,
    /// Of these, those that the user stopped.
    pub cancelled: u64,
    /// Times that a kept answer was given instead.
    pub cached: u64,
    /// Tokens of prompts, as the provider counted.
    pub input: u64,
    /// Tokens of answers.
    pub output: u64,
    /// US dollars, as far as prices are known.
    pub cost: Option<f64>,
    /// Some of the cost is an estimate.
    pub estimated: bool,
    /// Milliseconds to a whole answer that half of them took at most.
    pub p50: Option<u64>,
    /// The same for 95 of 100.
    pub p95: Option<u64>,
    /// Milliseconds to the first part of an answer that half of them took at most.
    pub first: Option<u64>,
}

/// Whether a model answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It was not asked lately.
    Unknown,
    /// It answered when it was last asked.
    Ok,
    /// It has failed ever since.
    Failing {
        /// When it first did, in milliseconds since 1970.
        since: u64,
        /// The outcome of the last ask.
        outcome: String,
    },
}

impl Figures {
    /// Sums up entries.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let (mut sums, mut totals, mut firsts) = (Self::default(), Vec::new(), Vec::new());
        for entry in entries {
            if entry.cached {
                sums.cached += 1;
                continue;
            }
            sums.asks += 1;
            sums.failures += u64::from(entry.is_failure());
            sums.cancelled += u64::from(!entry.is_ok() && !entry.is_failure());
            sums.input += entry.input.unwrap_or_default();
            sums.output += entry.output.unwrap_or_default();
            if let Some(cost) = entry.cost {
                *sums.cost.get_or_insert_default() += cost;
            }
            sums.estimated |= entry.estimated;
            if entry.is_ok() {
                totals.push(entry.total);
                firsts.extend(entry.first);
            }
        }
        totals.sort_unstable();
        firsts.sort_unstable();
        Self { p50: rank(&totals, 50), p95: rank(&totals, 95), first: rank(&firsts, 50), ..sums }
    }

    /// The share of answers that were kept ones, from 0 to 1; `None` where there were no answers.
    #[must_use]
    pub fn hit_ratio(&self) -> Option<f64> {
        let answers = self.asks - self.failures - self.cancelled + self.cached;
        (answers > 0).then(|| self.cached as f64 / answers as f64)
    }
}

impl Health {
    /// Judges by entries in their order.
    pub fn of<'a>(entries: impl DoubleEndedIterator<Item = &'a Entry>) -> Self {
        let mut health = Self::Unknown;
        for entry in entries.rev().filter(|entry| !entry.cached) {
            if entry.is_ok() {
                return if health == Self::Unknown { Self::Ok } else { health };
            }
            if entry.is_failure() {
                match &mut health {
                    Self::Failing { since, .. } => *since = entry.time,
                    _ => health = Self::Failing { since: entry.time, outcome: entry.outcome.clone() },
                }
            }
        }
        health
    }
}

/// The nearest-rank percentile of sorted numbers.
fn rank(sorted: &[u64], percent: usize) -> Option<u64> {
    sorted.get((sorted.len() * percent).div_ceil(100).checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(time: u64, outcome: &str, total: u64) -> Entry {
        Entry { time, outcome: outcome.to_owned(), total, ..Entry::default() }
    }

    #[test]
    fn entries_are_summed_up() {
        let kept = Entry { cached: true, ..entry(9, "ok", 1) };
        let paid = Entry { input: Some(100), output: Some(10), cost: Some(0.5), first: Some(7), ..entry(2, "ok", 300) };
        let guessed = Entry { cost: Some(0.25), estimated: true, ..entry(3, "cancelled", 9000) };
        let entries = [entry(1, "ok", 100), paid, guessed, entry(4, "server", 5), entry(5, "ok", 200), kept];
        let wanted = Figures {
            asks: 5,
            failures: 1,
            cancelled: 1,
            cached: 1,
            input: 100,
            output: 10,
            cost: Some(0.75),
            estimated: true,
            p50: Some(200),
            p95: Some(300),
            first: Some(7),
        };
        let figures = Figures::of(&entries);
        assert_eq!(figures, wanted);
        assert_eq!(figures.hit_ratio(), Some(0.25));
        assert_eq!(Figures::of(&[]).hit_ratio(), None);
    }

    #[test]
    fn ranks_are_those_of_the_list() {
        let numbers: Vec<u64> = (1..=100).collect();
        assert_eq!([50, 95, 100].map(|percent| rank(&numbers, percent)), [Some(50), Some(95), Some(100)]);
        assert_eq!(rank(&[7], 50), Some(7));
        assert_eq!(rank(&[], 50), None);
    }

    #[test]
    fn a_model_fails_from_its_first_failure_after_an_answer_on() {
        let check = |outcomes: &[&str], wanted: Health| {
            let entries: Vec<Entry> = (1..).zip(outcomes).map(|(time, outcome)| entry(time, outcome, 1)).collect();
            assert_eq!(Health::of(entries.iter()), wanted, "{outcomes:?}");
        };
        let failing = |since, outcome: &str| Health::Failing { since, outcome: outcome.to_owned() };
        check(&[], Health::Unknown);
        check(&["cancelled"], Health::Unknown);
        check(&["server", "ok", "cancelled"], Health::Ok);
        check(&["ok", "server", "cancelled", "stalled"], failing(2, "stalled"));
        check(&["server", "server"], failing(1, "server"));
    }
}
