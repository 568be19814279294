//! How models fare. In: the ends of their requests. Out: what a route chooses by: running requests, how long answers
//! take, whether a model is left alone for a while. Kept in memory, for as long as a model's settings stay the same.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::breaker::{Breaker, Probe, Resting, Verdict};
use super::{Answer, Asking, Delta, Error, KeySource, Provider};
use crate::prompt::Request;

/// Answers that count for the times.
const ANSWERS: usize = 50;
/// Answers without which times tell nothing.
const ENOUGH: usize = 3;

/// How one model fares.
#[derive(Debug, Default)]
pub struct Standing(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    breaker: Breaker,
    running: usize,
    first: Times,
    whole: Times,
    /// When it was last chosen.
    chosen: Option<Instant>,
}

/// A request of the past, of this process or another.
#[derive(Clone, Debug)]
pub struct Past {
    /// How long ago it ended.
    pub ago: Duration,
    /// How it ended.
    pub end: Ended,
}

/// How a request of the past ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With a whole answer.
    Answered {
        /// Time to its first byte, where it came in parts.
        first: Option<Duration>,
        /// Time to its end.
        whole: Duration,
    },
    /// By a fault of the model, in few words.
    Fault(String),
}

impl Standing {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner) // each change leaves it whole
    }

    /// Requests that run now.
    #[must_use]
    pub fn running(&self) -> usize {
        self.state().running
    }

    /// Time that half of its answers take to their end; `None`: too few are known.
    #[must_use]
    pub fn p50(&self) -> Option<Duration> {
        self.state().whole.quantile(50)
    }

    /// Times within which 95 of 100 answers send their first byte, and end; `None`: too few are known.
    #[must_use]
    pub fn p95(&self) -> (Option<Duration>, Option<Duration>) {
        let state = self.state();
        (state.first.quantile(95), state.whole.quantile(95))
    }

    /// When it was last chosen, as far as is known.
    #[must_use]
    pub fn chosen(&self) -> Option<Instant> {
        self.state().chosen
    }

    /// Why it would not be asked now; `None`: it would.
    #[must_use]
    pub fn resting(&self) -> Option<Resting> {
        self.state().breaker.resting(Instant::now())
    }

    /// Lets a request to the model through, unless it is left alone.
    pub(super) fn admit(self: &Arc<Self>) -> Result<Pass, Resting> {
        self.pass(Breaker::admit)
    }

    /// The same, but does not wait until its rest is over.
    pub(super) fn admit_early(self: &Arc<Self>) -> Result<Pass, Resting> {
        self.pass(Breaker::admit_early)
    }

    fn pass(self: &Arc<Self>, admit: Admit) -> Result<Pass, Resting> {
        let now = Instant::now();
        let mut state = self.state();
        let probe = admit(&mut state.breaker, now)?;
        state.chosen = Some(now);
        Ok(Pass { standing: self.clone(), probe })
    }

    /// The settings were read anew.
    pub(super) fn unlock(&self) {
        self.state().breaker.unlock();
    }

    /// Takes a request of the past into account; the oldest first.
    pub fn recall(&self, past: &Past) {
        let Some(at) = Instant::now().checked_sub(past.ago) else { return }; // before this machine was started
        let mut state = self.state();
        state.chosen = Some(at);
        let probe = state.breaker.admit(at).ok().flatten(); // whoever sent it had leave to
        match &past.end {
            Ended::Answered { first, whole } => {
                state.answered(*first, *whole);
                state.breaker.note(Verdict::Works, at, at);
            }
            Ended::Fault(reason) => state.breaker.note(Verdict::Fault(reason.clone()), at, at),
        }
        if let Some(probe) = probe {
            state.breaker.give_back(probe, at);
        }
    }
}

type Admit = fn(&mut Breaker, Instant) -> Result<Option<Probe>, Resting>;

impl State {
    fn answered(&mut self, first: Option<Duration>, whole: Duration) {
        self.whole.push(whole);
        if let Some(first) = first {
            self.first.push(first);
        }
    }
}

/// Leave to ask a model. Dropped when the request has ended, however it did.
pub(super) struct Pass {
    standing: Arc<Standing>,
    probe: Option<Probe>,
}

impl Drop for Pass {
    fn drop(&mut self) {
        if let Some(probe) = self.probe.take() {
            self.standing.state().breaker.give_back(probe, Instant::now());
        }
    }
}

/// The newest times.
#[derive(Debug, Default)]
struct Times(VecDeque<Duration>);

impl Times {
    fn push(&mut self, time: Duration) {
        if self.0.len() == ANSWERS {
            self.0.pop_front();
        }
        self.0.push_back(time);
    }

    /// The smallest time that `percent` of all do not exceed (nearest rank).
    fn quantile(&self, percent: usize) -> Option<Duration> {
        if self.0.len() < ENOUGH {
            return None;
        }
        let mut sorted: Vec<Duration> = self.0.iter().copied().collect();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100);
        sorted.get(rank.saturating_sub(1)).copied()
    }
}

/// A model whose requests its standing is told of.
pub(super) struct Observed {
    pub(super) inner: Arc<dyn Provider>,
    pub(super) standing: Arc<Standing>,
}

impl Provider for Observed {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn is_local(&self) -> bool {
        self.inner.is_local()
    }

    fn inner(&self) -> Option<&dyn Provider> {
        Some(&*self.inner)
    }

    fn ask<'a>(&'a self, request: &'a Request, watch: &'a mut (dyn FnMut(Delta<'_>) + Send)) -> Asking<'a> {
        Box::pin(async move {
            let running = Running::new(&self.standing);
            let mut first = None;
            let mut note = |delta: Delta<'_>| {
                if matches!(delta, Delta::Text(_) | Delta::Reasoning(_)) {
                    first.get_or_insert_with(|| running.began.elapsed());
                }
                watch(delta);
            };
            let result = self.inner.ask(request, &mut note).await;
            let mut state = self.standing.state();
            if result.is_ok() {
                state.answered(first, running.began.elapsed());
            }
            state.breaker.note(verdict(&result), running.began, Instant::now());
            drop(state);
            result
        })
    }
}

/// A request that runs; dropped with it.
struct Running<'a> {
    standing: &'a Standing,
    began: Instant,
}

impl<'a> Running<'a> {
    fn new(standing: &'a Standing) -> Self {
        standing.state().running += 1;
        Self { standing, began: Instant::now() }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.standing.state().running -= 1;
    }
}

/// What the end of a request says of the model.
fn verdict(result: &Result<Answer, Error>) -> Verdict {
    let Err(error) = result else { return Verdict::Works };
    match error {
        Error::Unreachable { .. }
        | Error::Quota { .. }
        | Error::RateLimited { .. }
        | Error::NotFound { .. }
        | Error::Server { .. }
        | Error::Truncated { .. }
        | Error::Stalled { .. }
        | Error::NotUnderstood { .. } => Verdict::Fault(error.in_brief()),
        // a command or the keyring may give another key
        Error::Key { key: KeySource::Command | KeySource::Keyring(_), .. } => Verdict::Fault(error.in_brief()),
        Error::Key { .. } => Verdict::Locked(error.in_brief()),
        Error::ContextTooLong { .. }
        | Error::BadRequest { .. }
        | Error::LengthStop { .. }
        | Error::TooLarge { .. }
        | Error::Refused { .. }
        | Error::Filtered { .. }
        | Error::Empty { .. } => Verdict::Works,
        Error::Setting { .. }
        | Error::CostLimit { .. }
        | Error::TokenLimit { .. }
        | Error::NoKey { .. }
        | Error::KeyCommand { .. }
        | Error::Keyring { .. }
        | Error::Unknown { .. }
        | Error::Offline { .. }
        | Error::NoNetwork { .. } => Verdict::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(ago: u64, end: Ended) -> Past {
        Past { ago: Duration::from_secs(ago), end }
    }

    fn answered(seconds: u64) -> Ended {
        Ended::Answered { first: Some(Duration::from_secs(1)), whole: Duration::from_secs(seconds) }
    }

    #[test]
    fn times_are_those_of_the_newest_answers() {
        let standing = Standing::default();
        (1..=2).for_each(|seconds| standing.recall(&past(9, answered(seconds))));
        assert_eq!((standing.p50(), standing.p95()), (None, (None, None)), "two answers tell nothing");
        (1..=200).for_each(|seconds| standing.recall(&past(9, answered(seconds))));
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!((standing.p50(), standing.p95()), (seconds(175), (seconds(1), seconds(198))));
    }

    #[test]
    fn the_past_tells_whether_a_model_is_left_alone() {
        let fault = || Ended::Fault("server error 500".to_owned());
        let left = |ends: Vec<(u64, Ended)>| {
            let standing = Standing::default();
            ends.into_iter().for_each(|(ago, end)| standing.recall(&past(ago, end)));
            match standing.resting() {
                Some(Resting::Open { left, .. }) => left.as_secs_f64().ceil() as u64,
                None => 0,
                Some(other) => panic!("{other:?}"),
            }
        };
        assert_eq!(left(vec![(9, fault()), (8, fault()), (5, fault())]), 25);
        assert_eq!(left(vec![(49, fault()), (48, fault()), (40, fault())]), 0);
        // the fourth was the probe
        assert_eq!(left(vec![(49, fault()), (48, fault()), (40, fault()), (5, fault())]), 55);
        assert_eq!(left(vec![(9, fault()), (8, fault()), (7, answered(1)), (5, fault())]), 0);
    }
}
