//! What models were asked, how they fared and what is left of their limits. In: a model, its settings, the ledger. Out: a
//! row of the table, or a part of the JSON document.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::ModelJson;
use crate::config::{Limits, OFFLINE};
use crate::models::{Entry, Error, Figures, Health, Models, Resting, dollars};

const MINUTE: u64 = 60_000;

/// How a model is used.
#[derive(Serialize)]
pub(super) struct UsedJson {
    state: StateJson,
    /// Of the last 7 days, in milliseconds.
    latency: LatencyJson,
    today: SumsJson,
    /// The last 7 days, today's included.
    week: SumsJson,
    /// The share of answers of the last 7 days that were kept ones, from 0 to 1.
    cache_hit_ratio: Option<f64>,
    limits: LimitsJson,
}

#[derive(Serialize)]
struct StateJson {
    /// `ok`, `failing`, `limited`, `unusable` or `unknown`.
    word: &'static str,
    /// Why, as one word.
    reason: Option<String>,
    /// For how many seconds it has failed.
    failing_for: Option<u64>,
    /// For how many more seconds other models of its routes are asked instead.
    resting_for: Option<u64>,
}

#[derive(Serialize)]
struct LatencyJson {
    p50: Option<u64>,
    p95: Option<u64>,
    /// To the first part of the answer, p50.
    first: Option<u64>,
}

#[derive(Serialize)]
struct SumsJson {
    asks: u64,
    failures: u64,
    cancelled: u64,
    /// Kept answers that were given.
    cached: u64,
    input: u64,
    output: u64,
    /// US dollars.
    cost: Option<f64>,
    /// A part of the cost is estimated.
    estimated: bool,
}

/// Each limit and what is left of it; `null`: none.
#[derive(Serialize)]
struct LimitsJson {
    requests_per_minute: Option<LeftJson<u64>>,
    tokens_per_minute: Option<LeftJson<u64>>,
    concurrent: Option<u32>,
    cost_per_day: Option<LeftJson<f64>>,
}

#[derive(Clone, Copy, Serialize)]
struct LeftJson<T> {
    limit: T,
    left: T,
}

impl UsedJson {
    pub(super) fn new(model: &ModelJson, problem: Option<&Error>, limits: Limits, models: &Models) -> Self {
        let ledger = models.ledger();
        let week = ledger.entries(7);
        let own = || week.iter().map(|entry| &**entry).filter(|entry| entry.model == model.name);
        let (midnight, now) = today();
        let of_today = || own().filter(|entry| entry.time >= midnight);
        let (figures, day) = (Figures::of(own()), Figures::of(of_today()));
        let recent: Vec<&Entry> = own().filter(|entry| !entry.cached && entry.time + MINUTE > now).collect();
        let tokens = |entry: &&Entry| entry.input.unwrap_or(entry.prompt) + entry.output.unwrap_or_default();
        let used: u64 = recent.iter().map(tokens).sum();
        let left = |limit: u64, used: u64| LeftJson { limit, left: limit.saturating_sub(used) };
        let spent = day.cost.unwrap_or_default();
        let limits = LimitsJson {
            requests_per_minute: limits.requests_per_minute.map(|limit| left(limit.into(), recent.len() as u64)),
            tokens_per_minute: limits.tokens_per_minute.map(|limit| left(limit, used)),
            concurrent: limits.concurrent,
            cost_per_day: limits.cost_per_day.map(|limit| LeftJson { limit, left: round((limit - spent).max(0.0)) }),
        };
        // nothing stands between it and an answer
        let health = if model.provider == OFFLINE { Health::Ok } else { Health::of(own()) };
        let resting = models.standing(&model.name).and_then(|standing| standing.resting());
        Self {
            state: StateJson {
                resting_for: resting.and_then(left_alone),
                ..StateJson::new(problem, &limits, &health, now)
            },
            latency: LatencyJson { p50: figures.p50, p95: figures.p95, first: figures.first },
            cache_hit_ratio: figures.hit_ratio().map(round),
            today: day.into(),
            week: figures.into(),
            limits,
        }
    }

    /// The state in a few words.
    pub(super) fn state(&self) -> String {
        let StateJson { word, reason, failing_for, resting_for } = &self.state;
        let reason = reason.clone().unwrap_or_default();
        match (*word, failing_for) {
            ("failing", _) if resting_for.is_some() => {
                format!("left alone for {} ({reason})", lasted(resting_for.unwrap_or_default()))
            }
            ("failing", Some(seconds)) => format!("failing for {} ({reason})", lasted(*seconds)),
            ("limited" | "unusable", _) => reason,
            ("unknown", _) => "not asked yet".to_owned(),
            (word, _) => word.to_owned(),
        }
    }

    /// Asks of today and of the week, failures, p50, p95, first part, tokens in and out, hits, cost of today and the week.
    pub(super) fn cells(&self) -> Vec<String> {
        let Self { latency, today, week, .. } = self;
        if week.asks + week.cached == 0 {
            return Vec::new();
        }
        let time = |millis: Option<u64>| millis.map(|millis| format!("{:.1} s", millis as f64 / 1000.0));
        let cost = |sums: &SumsJson| {
            let about = if sums.estimated { "~" } else { "" };
            sums.cost.map(|cost| format!("{about}{}", dollars(cost)))
        };
        let share = self.cache_hit_ratio.map(|ratio| format!("{:.0} %", ratio * 100.0));
        let cells = [time(latency.p50), time(latency.p95), time(latency.first)].into_iter();
        let cells = cells.chain([Some(short(week.input)), Some(short(week.output)), share, cost(today), cost(week)]);
        let counts = [today.asks, week.asks, week.failures].map(|count| count.to_string());
        counts.into_iter().chain(cells.map(|cell| cell.unwrap_or_else(|| "–".to_owned()))).collect()
    }

    /// The limits with what is left of each, if there are any.
    pub(super) fn limits(&self) -> Option<String> {
        let LimitsJson { requests_per_minute, tokens_per_minute, concurrent, cost_per_day } = &self.limits;
        let left = |of: &Option<LeftJson<u64>>, what: &str| {
            of.map(|of| format!("{} of {} {what} a minute left", short(of.left), short(of.limit)))
        };
        let money = cost_per_day.map(|of| format!("{} of {} left today", dollars(of.left), dollars(of.limit)));
        let all = [
            left(requests_per_minute, "requests"),
            left(tokens_per_minute, "tokens"),
            concurrent.map(|most| format!("{most} at a time")),
            money,
        ];
        let all: Vec<String> = all.into_iter().flatten().collect();
        (!all.is_empty()).then(|| all.join(" · "))
    }
}

impl StateJson {
    fn new(problem: Option<&Error>, limits: &LimitsJson, health: &Health, now: u64) -> Self {
        let state = |word, reason: Option<&str>| Self {
            word,
            reason: reason.map(str::to_owned),
            failing_for: None,
            resting_for: None,
        };
        match (problem, health) {
            (Some(Error::NoKey { .. }), _) => state("unusable", Some("no key")),
            (Some(_), _) => state("unusable", Some("wrong settings")),
            (None, _) if limits.cost_per_day.is_some_and(|of| of.left <= 0.0) => {
                state("limited", Some("day's money spent"))
            }
            (None, _) if limits.requests_per_minute.is_some_and(|of| of.left == 0) => {
                state("limited", Some("minute's requests made"))
            }
            (None, Health::Unknown) => state("unknown", None),
            (None, Health::Ok) => state("ok", None),
            (None, Health::Failing { since, outcome }) => {
                Self { failing_for: Some(now.saturating_sub(*since) / 1000), ..state("failing", Some(outcome)) }
            }
        }
    }
}

impl From<Figures> for SumsJson {
    fn from(figures: Figures) -> Self {
        let Figures { asks, failures, cancelled, cached, input, output, cost, estimated, .. } = figures;
        Self { asks, failures, cancelled, cached, input, output, cost: cost.map(round), estimated }
    }
}

/// Seconds until a model is asked again.
fn left_alone(resting: Resting) -> Option<u64> {
    match resting {
        Resting::Open { left, .. } => Some(left.as_secs_f64().ceil() as u64),
        Resting::Probing { .. } | Resting::Locked { .. } => None,
    }
}

/// The last midnight of UTC and now, in milliseconds since 1970.
fn today() -> (u64, u64) {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let now = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    (now - now % (24 * 60 * MINUTE), now)
}

/// A number without the dust of binary fractions.
pub(in crate::cli) fn round(number: f64) -> f64 {
    (number * 1e8).round() / 1e8
}

/// `950`, `1.2k`, `410k`, `1.2M`.
fn short(count: u64) -> String {
    let (number, unit) = match count {
        0..1000 => return count.to_string(),
        1000..999_500 => (count as f64 / 1e3, "k"),
        _ => (count as f64 / 1e6, "M"),
    };
    if number < 9.95 { format!("{number:.1}{unit}") } else { format!("{number:.0}{unit}") }
}

fn lasted(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let shown = [0, 999, 1000, 9949, 9950, 410_000, 999_499, 999_500, 12_000_000].map(short);
        assert_eq!(shown, ["0", "999", "1.0k", "9.9k", "10k", "410k", "999k", "1.0M", "12M"]);
        assert_eq!([5, 119, 120, 7200, 172_800].map(lasted), ["5 s", "119 s", "2 min", "2 h", "2 days"]);
    }
}
