//! How much of a model is used at a time, in a minute, in a day. In: what a request is expected to take, the limits of the
//! settings, what the server says about its own. Out: leave to ask, in the order in which requests came, or an error
//! where waiting is no use. Never starts a task: who drops a waiting request gives up its place.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::HeaderMap;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::allowance::Allowance;
use super::day::now;
use super::{Delta, Error, Estimate, Ledger, Usage};
use crate::config::Limits;

const MINUTE: Duration = Duration::from_secs(60);

/// Time between two reports on one waiting request.
const REPORTS: Duration = Duration::from_secs(1);

/// How much of the average the last duration makes up.
const NEWS: f64 = 0.3;

/// The limiter of one model. Its clock is the program's; only money is counted over all processes.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    state: Mutex<State>,
    /// Somebody's turn may have come.
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// The number of the next request.
    next: u64,
    /// Those that wait, in the order in which they came.
    queue: VecDeque<Waiting>,
    running: Vec<Running>,
    /// Those of the last minute, the oldest first.
    started: VecDeque<Started>,
    /// How long requests take.
    average: Option<Duration>,
    allowance: Allowance,
    /// What other processes asked in the last minute is in `started`.
    seeded: bool,
}

#[derive(Debug)]
struct Waiting {
    id: u64,
    tokens: u64,
}

#[derive(Debug)]
struct Running {
    id: u64,
    /// US dollars that it is expected to cost.
    cost: f64,
}

#[derive(Debug)]
struct Started {
    id: u64,
    at: Instant,
    tokens: u64,
}

/// What a request wants, and what holds for it.
pub(super) struct Terms<'a> {
    pub(super) model: &'a str,
    pub(super) limits: Limits,
    pub(super) ledger: &'a Ledger,
    pub(super) estimate: Estimate,
    /// The longest wait for a server's own limits.
    pub(super) patience: Duration,
}

/// Whether it is a request's turn.
enum Turn {
    Now,
    Later {
        /// Requests before it.
        before: usize,
        /// How long it will wait, as far as can be told.
        wait: Option<Duration>,
        /// When to look again, if nothing else happens.
        opens: Option<Instant>,
    },
}

/// Leave to ask; dropping it makes room for the next.
pub(super) struct Permit {
    limiter: Arc<Limiter>,
    id: u64,
    since: Instant,
}

/// A place in the queue; dropping it gives it up.
struct Place<'a> {
    limiter: &'a Limiter,
    id: u64,
}

impl Limiter {
    /// Waits for a request's turn, telling how long that takes.
    ///
    /// # Errors
    /// [`Error::CostLimit`], [`Error::TokenLimit`], and [`Error::RateLimited`] when the server's own limits would have it
    /// wait too long.
    pub(super) async fn admit(
        self: &Arc<Self>,
        terms: Terms<'_>,
        report: &mut (dyn FnMut(Delta<'_>) + Send),
    ) -> Result<Permit, Error> {
        terms.check(0.0)?;
        let place = self.enter(&terms);
        let mut told: Option<Instant> = None;
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable(); // what changes from here on wakes
            let (before, wait, opens) = match self.state().turn(place.id, &terms, Instant::now())? {
                Turn::Now => return Ok(Permit { limiter: self.clone(), id: place.id, since: Instant::now() }),
                Turn::Later { before, wait, opens } => (before, wait, opens),
            };
            if told.is_none_or(|told| told.elapsed() >= REPORTS) {
                told = Some(Instant::now());
                report(Delta::Queued { before, wait });
            }
            let next = told.map_or_else(Instant::now, |told| told + REPORTS);
            tokio::select! {
                () = changed => {}
                () = sleep_until(opens.map_or(next, |opens| opens.min(next))) => {}
            }
        }
    }

    fn enter(&self, terms: &Terms<'_>) -> Place<'_> {
        let mut state = self.state();
        if !std::mem::replace(&mut state.seeded, true) {
            state.seed(terms);
        }
        let id = state.number();
        state.queue.push_back(Waiting { id, tokens: terms.tokens() });
        Place { limiter: self, id }
    }

    /// Takes in that a request that runs is sent again.
    pub(super) fn again(&self, estimate: &Estimate) {
        let mut state = self.state();
        let id = state.number();
        state.start(id, estimate, Instant::now());
    }

    /// Takes in the headers of an answer.
    pub(super) fn learn(&self, headers: &HeaderMap) {
        self.state().allowance.learn(headers, Instant::now());
        self.changed.notify_waiters();
    }

    /// Takes in that the server refuses requests for a time.
    pub(super) fn close(&self, wait: Duration) {
        self.state().allowance.close(wait, Instant::now());
    }

    /// How many requests run and wait.
    #[cfg(test)]
    fn counts(&self) -> (usize, usize) {
        let state = self.state();
        (state.running.len(), state.queue.len())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Takes in what the ledger tells of the last minute.
    fn seed(&mut self, terms: &Terms<'_>) {
        let (time, instant) = (now(), Instant::now());
        for entry in terms.ledger.entries(1).iter().filter(|entry| entry.model == terms.model && !entry.cached) {
            let ago = Duration::from_millis(time.saturating_sub(entry.time.saturating_sub(entry.total)));
            let Some(at) = instant.checked_sub(ago).filter(|_| ago < MINUTE) else { continue };
            let tokens = entry.input.unwrap_or(entry.prompt) + entry.output.unwrap_or_default();
            let id = self.number();
            self.started.push_back(Started { id, at, tokens });
        }
        self.started.make_contiguous().sort_by_key(|started| started.at);
    }

    fn start(&mut self, id: u64, estimate: &Estimate, at: Instant) {
        self.started.push_back(Started { id, at, tokens: estimate.input + estimate.output });
        self.allowance.take(estimate);
    }

    /// Whether the turn of a request that waits has come; if so, it runs.
    fn turn(&mut self, id: u64, terms: &Terms<'_>, now: Instant) -> Result<Turn, Error> {
        while self.started.front().is_some_and(|started| started.at + MINUTE <= now) {
            self.started.pop_front();
        }
        let before = self.queue.iter().position(|waiting| waiting.id == id).unwrap_or_default();
        let server = self.allowance.opens(&terms.estimate, now);
        if let Some(wait) = server.map(|opens| opens - now).filter(|wait| *wait > terms.patience) {
            let message = "it said so with its last answers".to_owned();
            return Err(Error::RateLimited { model: terms.model.to_owned(), retry_after: Some(wait), message });
        }
        let ahead: u64 = self.queue.iter().take(before).map(|waiting| waiting.tokens).sum();
        let requests = terms.limits.requests_per_minute.and_then(|most| self.requests_open(most, before, now));
        let tokens = terms.limits.tokens_per_minute;
        let tokens = tokens.and_then(|most| self.tokens_open(most, ahead + terms.tokens(), now));
        let opens = [server, requests, tokens].into_iter().flatten().max();
        let most = terms.limits.concurrent.map_or(usize::MAX, |most| most as usize);
        let over = (self.running.len() + before + 1).saturating_sub(most);
        if before == 0 && over == 0 && opens.is_none() {
            terms.check(self.running.iter().map(|running| running.cost).sum())?;
            self.queue.pop_front();
            self.running.push(Running { id, cost: terms.estimate.cost.unwrap_or_default() });
            self.start(id, &terms.estimate, now);
            return Ok(Turn::Now);
        }
        let rounds = u32::try_from(over.div_ceil(most)).unwrap_or(u32::MAX);
        let busy = if rounds == 0 { Some(Duration::ZERO) } else { self.average.map(|one| one.saturating_mul(rounds)) };
        let wait = busy.map(|busy| busy.max(opens.map_or(Duration::ZERO, |opens| opens - now)));
        Ok(Turn::Later { before, wait, opens: opens.filter(|_| before == 0) })
    }

    /// When a request may start that has `before` others before it and there are at most `most` a minute.
    fn requests_open(&self, most: u32, before: usize, now: Instant) -> Option<Instant> {
        let (most, started) = (most as usize, self.started.len());
        let over = (started + before + 1).checked_sub(most).filter(|over| *over > 0)? - 1;
        if let Some(started) = self.started.get(over) {
            return Some(started.at + MINUTE);
        }
        // It takes the place of one that waits, which starts when there is room for that one.
        let (rounds, place) = (over / most, over % most);
        let first = self.started.get(place).map_or(now, |started| started.at) + MINUTE;
        Some(first + MINUTE * u32::try_from(rounds).unwrap_or(u32::MAX))
    }

    /// When there is room for so many tokens where there are at most `most` a minute.
    fn tokens_open(&self, most: u64, tokens: u64, now: Instant) -> Option<Instant> {
        let used: u64 = self.started.iter().map(|started| started.tokens).sum();
        let mut over = (used + tokens).checked_sub(most).filter(|over| *over > 0)?;
        for started in &self.started {
            over = over.saturating_sub(started.tokens);
            if over == 0 {
                return Some(started.at + MINUTE);
            }
        }
        Some(now + MINUTE * u32::try_from(over.div_ceil(most.max(1))).unwrap_or(u32::MAX))
    }
}

impl Terms<'_> {
    /// Tokens that have to be free before it starts; never more than there are in a minute, as the answer's length is a
    /// guess.
    fn tokens(&self) -> u64 {
        (self.estimate.input + self.estimate.output).min(self.limits.tokens_per_minute.unwrap_or(u64::MAX))
    }

    /// Whether waiting is any use; `running` is what running requests are expected to cost.
    fn check(&self, running: f64) -> Result<(), Error> {
        let model = || self.model.to_owned();
        if let Some(limit) = self.limits.tokens_per_minute.filter(|limit| self.estimate.input > *limit) {
            return Err(Error::TokenLimit { model: model(), tokens: self.estimate.input, limit });
        }
        let Some((limit, needed)) = self.limits.cost_per_day.zip(self.estimate.cost) else { return Ok(()) };
        let spent = self.ledger.cost_today(self.model) + running;
        if spent + needed <= limit {
            return Ok(());
        }
        let millionths = |sum: f64| (sum * 1e6).round() as u64;
        Err(Error::CostLimit {
            model: model(),
            spent: millionths(spent),
            needed: millionths(needed),
            limit: millionths(limit),
        })
    }
}

impl Permit {
    /// Puts what the provider counted in place of the estimate.
    pub(super) fn settle(&self, usage: &Usage) {
        let mut state = self.limiter.state();
        let id = self.id;
        if let Some(started) = state.started.iter_mut().rev().find(|started| started.id == id) {
            started.tokens = usage.input + usage.output;
        }
        let (took, average) = (self.since.elapsed(), state.average);
        state.average = Some(average.map_or(took, |average| average.mul_f64(1.0 - NEWS) + took.mul_f64(NEWS)));
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.limiter.state().running.retain(|running| running.id != self.id);
        self.limiter.changed.notify_waiters();
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.limiter.state().queue.retain(|waiting| waiting.id != self.id);
        self.limiter.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Entry;

    const NONE: Limits =
        Limits { requests_per_minute: None, tokens_per_minute: None, concurrent: None, cost_per_day: None };

    fn terms(limits: Limits, ledger: &Ledger) -> Terms<'_> {
        let estimate = Estimate { prompt: 100, input: 100, output: 50, cost: Some(0.25) };
        Terms { model: "big", limits, ledger, estimate, patience: MINUTE }
    }

    /// Requests that come at these seconds → the seconds at which each may start, under the limits alone.
    #[track_caller]
    fn check(limits: Limits, come: &[u64], wanted: &[u64]) {
        let (mut state, ledger, zero) = (State::default(), Ledger::default(), Instant::now());
        let second = |second: u64| zero + Duration::from_secs(second);
        let terms = terms(limits, &ledger);
        let (mut come, mut starts) = (VecDeque::from(come.to_vec()), Vec::new());
        for now in 0..1000 {
            while come.front().is_some_and(|at| *at <= now) {
                come.pop_front();
                let id = state.number();
                state.queue.push_back(Waiting { id, tokens: terms.tokens() });
            }
            while let Some(id) = state.queue.front().map(|waiting| waiting.id) {
                match state.turn(id, &terms, second(now)).unwrap() {
                    Turn::Now => starts.push(now),
                    Turn::Later { opens, .. } => {
                        assert!(opens.unwrap() > second(now));
                        break;
                    }
                }
                state.running.clear(); // each ends at once
            }
        }
        assert_eq!(starts, wanted, "{limits:?}");
    }

    #[test]
    fn no_more_than_the_limits_allow_start_in_any_minute() {
        check(NONE, &[0, 0, 0, 1], &[0, 0, 0, 1]);
        let two = Limits { requests_per_minute: Some(2), ..NONE };
        check(two, &[0, 10, 10, 20, 75], &[0, 10, 60, 70, 120]);
        check(two, &[0, 0, 0, 0, 0], &[0, 0, 60, 60, 120]);
        // 150 tokens each
        let tokens = Limits { tokens_per_minute: Some(400), ..NONE };
        check(tokens, &[0, 10, 10, 20], &[0, 10, 60, 70]);
        check(Limits { requests_per_minute: Some(1), ..tokens }, &[0, 10, 20], &[0, 60, 120]);
        // the answer's expected length alone keeps nothing from ever starting
        check(Limits { tokens_per_minute: Some(120), ..NONE }, &[0, 0], &[0, 60]);
    }

    #[test]
    fn who_waits_is_told_how_long() {
        let (mut state, ledger, now) = (State::default(), Ledger::default(), Instant::now());
        let limits = Limits { requests_per_minute: Some(2), ..NONE };
        let terms = terms(limits, &ledger);
        for id in 0..6 {
            state.queue.push_back(Waiting { id, tokens: 150 });
        }
        assert!(matches!(state.turn(0, &terms, now), Ok(Turn::Now)));
        assert!(matches!(state.turn(1, &terms, now + Duration::from_secs(5)), Ok(Turn::Now)));
        let ten = now + Duration::from_secs(10);
        for (id, place, seconds) in [(2, 0, 50), (3, 1, 55), (4, 2, 110), (5, 3, 115)] {
            let Turn::Later { before, wait, .. } = state.turn(id, &terms, ten).unwrap() else { panic!("{id}") };
            assert_eq!((before, wait), (place, Some(Duration::from_secs(seconds))));
        }
        let busy = Terms { limits: Limits { concurrent: Some(1), ..NONE }, ..terms };
        let wait = |state: &mut State| match state.turn(3, &busy, ten).unwrap() {
            Turn::Later { wait, .. } => wait,
            Turn::Now => panic!("it overtook"),
        };
        assert_eq!(wait(&mut state), None);
        state.average = Some(Duration::from_secs(4));
        assert_eq!(wait(&mut state), Some(Duration::from_secs(12)));
    }

    #[tokio::test]
    async fn turns_come_in_order_and_who_leaves_makes_room() {
        let (limiter, ledger) = (Arc::new(Limiter::default()), Ledger::default());
        let limits = Limits { concurrent: Some(1), ..NONE };
        let running = limiter.admit(terms(limits, &ledger), &mut |_| {}).await.ok().unwrap();
        let order = Mutex::new(Vec::new());
        let waiting = |name: &'static str| {
            let (limiter, ledger, order) = (limiter.clone(), &ledger, &order);
            async move {
                let permit = limiter.admit(terms(limits, ledger), &mut |_| {}).await.ok().unwrap();
                order.lock().unwrap().push(name);
                tokio::time::sleep(Duration::from_millis(5)).await;
                drop(permit);
            }
        };
        {
            let mut left = Box::pin(waiting("left"));
            let look = std::future::poll_fn(|context| std::task::Poll::Ready(left.as_mut().poll(context)));
            assert!(look.await.is_pending());
            assert_eq!(limiter.counts(), (1, 1));
        }
        assert_eq!(limiter.counts(), (1, 0));
        let free = async { drop(running) };
        tokio::join!(waiting("first"), waiting("second"), waiting("third"), free);
        assert_eq!(*order.lock().unwrap(), ["first", "second", "third"]);
        assert_eq!(limiter.counts(), (0, 0));
    }

    #[tokio::test]
    async fn money_and_prompts_beyond_the_limits_are_refused_at_once() {
        let (limiter, ledger) = (Arc::new(Limiter::default()), Ledger::default());
        let limits = Limits { cost_per_day: Some(1.0), ..NONE };
        let spend = |cost| {
            let entry = Entry { time: now(), model: "big".to_owned(), cost: Some(cost), ..Entry::default() };
            ledger.record(entry);
        };
        spend(0.4);
        let first = limiter.admit(terms(limits, &ledger), &mut |_| {}).await.ok().unwrap();
        let second = limiter.admit(terms(limits, &ledger), &mut |_| {}).await.ok().unwrap();
        let refused = limiter.admit(terms(limits, &ledger), &mut |_| {}).await.err().unwrap();
        assert_eq!(
            refused.to_string(),
            "big has cost $0.90 of the $1.00 that it may cost a day, and this request would take about $0.25. Raise \
             limits.cost_per_day in [models.big], use another model, or wait for midnight UTC."
        );
        drop((first, second)); // they cost nothing after all
        let third = limiter.admit(terms(limits, &ledger), &mut |_| {}).await;
        assert!(third.is_ok());
        drop(third);
        spend(0.36);
        assert!(limiter.admit(terms(limits, &ledger), &mut |_| {}).await.is_err());
        let small = Limits { tokens_per_minute: Some(99), ..NONE };
        let error = limiter.admit(terms(small, &ledger), &mut |_| {}).await.err().unwrap();
        assert!(error.to_string().contains("about 100 tokens, but [models.big] allows 99 a minute"), "{error}");
        assert_eq!(limiter.counts(), (0, 0));
    }

    #[tokio::test]
    async fn requests_of_other_processes_count() {
        let ledger = Ledger::default();
        let entry = |model: &str, ago: u64, cached| {
            let time = now() - ago * 1000;
            ledger.record(Entry { time, model: model.to_owned(), cached, ..Entry::default() });
        };
        entry("big", 90, false);
        entry("small", 5, false);
        entry("big", 4, true);
        let limits = Limits { requests_per_minute: Some(1), ..NONE };
        let wait = async || {
            let (limiter, mut told) = (Arc::new(Limiter::default()), None);
            let mut report = |delta: Delta<'_>| {
                if let Delta::Queued { wait, .. } = delta {
                    told = wait;
                }
            };
            let admitted = limiter.admit(terms(limits, &ledger), &mut report);
            let _ = tokio::time::timeout(Duration::from_millis(50), admitted).await;
            told.map(|wait| wait.as_secs())
        };
        assert_eq!(wait().await, None);
        entry("big", 10, false);
        let seconds = wait().await.unwrap();
        assert!((45..=50).contains(&seconds), "{seconds}");
    }
}
