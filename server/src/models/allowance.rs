//! What servers say about their own limits: the rate-limit headers of OpenAI, Anthropic and those who follow them. In:
//! the headers of any answer. Out: how long to wait before a request would be taken. Headers of other names are ignored.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use tokio::time::Instant;

use super::Estimate;
use super::day::rfc3339;

/// Longer waits are taken for faults of a server's clock.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How much a server still allows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Allowance {
    rooms: [Option<Room>; COUNTS.len()],
    /// No request is taken before.
    closed: Option<Instant>,
}

/// How much is left of one count.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Room {
    left: u64,
    /// What there is after the reset.
    full: Option<u64>,
    told: Instant,
    reset: Instant,
}

/// What a request takes of a count.
type Takes = fn(&Estimate) -> u64;

/// The counts by their names in headers, and what a request takes of each.
const COUNTS: [(&str, Takes); 4] = [
    ("requests", |_| 1),
    ("tokens", |request| request.input + request.output),
    ("input-tokens", |request| request.input),
    ("output-tokens", |request| request.output),
];

impl Allowance {
    /// Takes in the headers of an answer.
    pub(super) fn learn(&mut self, headers: &HeaderMap, now: Instant) {
        let text = |name: &str| headers.get(name)?.to_str().ok();
        for (room, (count, _)) in self.rooms.iter_mut().zip(COUNTS) {
            let get = |what: &str| {
                text(&format!("x-ratelimit-{what}-{count}"))
                    .or_else(|| text(&format!("anthropic-ratelimit-{count}-{what}")))
            };
            let number = |what: &str| get(what)?.trim().parse::<u64>().ok();
            let reset = get("reset").and_then(wait).filter(|wait| *wait <= LONGEST);
            if let Some((left, reset)) = number("remaining").zip(reset) {
                *room = Some(Room { left, full: number("limit"), told: now, reset: now + reset });
            }
        }
    }

    /// Takes in that a request was refused because there were too many.
    pub(super) fn close(&mut self, wait: Duration, now: Instant) {
        self.closed = self.closed.max(Some(now + wait.min(LONGEST)));
    }

    /// Takes in that a request is sent.
    pub(super) fn take(&mut self, request: &Estimate) {
        for (room, (_, takes)) in self.rooms.iter_mut().zip(COUNTS) {
            if let Some(room) = room {
                room.left = room.left.saturating_sub(takes(request));
            }
        }
    }

    /// When a request would be taken; `None`: now.
    pub(super) fn opens(&self, request: &Estimate, now: Instant) -> Option<Instant> {
        let rooms = self.rooms.iter().zip(COUNTS).filter_map(|(room, (_, takes))| (*room)?.opens(takes(request)));
        rooms.chain(self.closed).max().filter(|opens| *opens > now)
    }
}

impl Room {
    /// When there is room for so many. Servers fill up steadily, not at once at the reset; where the size is not told,
    /// the reset is waited for.
    fn opens(&self, needed: u64) -> Option<Instant> {
        let missing = needed.checked_sub(self.left).filter(|missing| *missing > 0)?;
        let whole = self.reset.saturating_duration_since(self.told);
        let used = self.full.map_or(0, |full| full.saturating_sub(self.left));
        let share = if used > 0 { (missing as f64 / used as f64).min(1.0) } else { 1.0 };
        Some(self.told + whole.mul_f64(share))
    }
}

/// A time until something: `6m0s`, `120ms`, `1h2m3.5s`, seconds, or a time as RFC 3339 writes it.
fn wait(text: &str) -> Option<Duration> {
    let text = text.trim();
    if let Some(time) = rfc3339(text) {
        return Some(time.duration_since(SystemTime::now()).unwrap_or_default());
    }
    let (mut rest, mut seconds) = (text, 0.0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, behind) = rest.split_at(digits);
        let number: f64 = number.parse().ok()?;
        let unit = behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(unit);
        seconds += number
            * match unit {
                "ms" => 0.001,
                "s" | "" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                "d" => 86_400.0,
                _ => return None,
            };
        rest = behind;
    }
    Duration::try_from_secs_f64(seconds).ok().filter(|_| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    /// Headers → milliseconds until a request of 1000 + 500 tokens would be taken.
    #[track_caller]
    fn check(headers: &[(&str, &str)], wanted: Option<u64>) {
        let pairs = headers.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()));
        let (mut allowance, now) = (Allowance::default(), Instant::now());
        allowance.learn(&HeaderMap::from_iter(pairs), now);
        let request = Estimate { prompt: 1000, input: 1000, output: 500, cost: None };
        let opens = allowance.opens(&request, now).map(|opens| (opens - now).as_millis() as u64);
        assert_eq!(opens, wanted, "{headers:?}");
    }

    #[test]
    fn headers_say_when_there_is_room() {
        check(&[], None);
        let left = ("x-ratelimit-remaining-requests", "0");
        check(&[left], None);
        check(&[left, ("x-ratelimit-reset-requests", "1.5s")], Some(1500));
        check(&[left, ("x-ratelimit-reset-requests", "1m0s"), ("x-ratelimit-limit-requests", "60")], Some(1000));
        check(&[("x-ratelimit-remaining-requests", "1"), ("x-ratelimit-reset-requests", "9s")], None);
        let tokens = [("x-ratelimit-remaining-tokens", "500"), ("x-ratelimit-reset-tokens", "6m0s")];
        check(&tokens, Some(360_000));
        check(&[tokens[0], tokens[1], ("x-ratelimit-limit-tokens", "4500")], Some(90_000));
        check(&[("x-ratelimit-remaining-tokens", "1500"), ("x-ratelimit-reset-tokens", "6m0s")], None);
        // The longest wait counts.
        check(&[left, ("x-ratelimit-reset-requests", "2"), tokens[0], tokens[1]], Some(360_000));
        let past = ("anthropic-ratelimit-output-tokens-reset", "2020-01-01T00:00:00Z");
        check(&[("anthropic-ratelimit-output-tokens-remaining", "499"), past], None);
        // What can't be understood is not believed.
        for wrong in ["", "soon", "-1s", "1e99s", "900d", "1.2.3s"] {
            check(&[left, ("x-ratelimit-reset-requests", wrong)], None);
        }
        check(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "60")], None);
    }

    #[test]
    fn a_time_of_anthropics_is_waited_for() {
        let reset = SystemTime::now() + Duration::from_secs(30);
        let day = super::super::day::Day::at(super::super::day::millis(reset));
        let seconds = super::super::day::millis(reset) / 1000 % 86_400;
        let clock = format!("{day}T{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60);
        let mut allowance = Allowance::default();
        let headers = [("remaining", "0"), ("reset", clock.as_str())];
        let pairs = headers.map(|(what, value)| {
            let name = format!("anthropic-ratelimit-requests-{what}");
            (name.parse().unwrap(), HeaderValue::from_str(value).unwrap())
        });
        let now = Instant::now();
        allowance.learn(&HeaderMap::from_iter(pairs), now);
        let request = Estimate { prompt: 1, input: 1, output: 1, cost: None };
        let opens = allowance.opens(&request, now).unwrap() - now;
        assert!((28..=30).contains(&opens.as_secs()), "{opens:?}");
    }

    #[test]
    fn what_is_sent_is_counted_before_the_server_tells() {
        let (mut allowance, now) = (Allowance::default(), Instant::now());
        let headers = [("x-ratelimit-remaining-requests", "2"), ("x-ratelimit-reset-requests", "10s")];
        let pairs = headers.map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
        allowance.learn(&HeaderMap::from_iter(pairs), now);
        let request = Estimate { prompt: 1, input: 1, output: 1, cost: None };
        for _ in 0..2 {
            assert_eq!(allowance.opens(&request, now), None);
            allowance.take(&request);
        }
        let ten = now + Duration::from_secs(10);
        assert_eq!(allowance.opens(&request, now), Some(ten));
        assert_eq!(allowance.opens(&request, ten), None);
    }

    #[test]
    fn a_refusal_closes_for_as_long_as_it_says() {
        let (mut allowance, now) = (Allowance::default(), Instant::now());
        let request = Estimate { prompt: 1, input: 1, output: 1, cost: None };
        allowance.close(Duration::from_secs(5), now);
        allowance.close(Duration::from_secs(2), now);
        assert_eq!(allowance.opens(&request, now), Some(now + Duration::from_secs(5)));
    }
}
