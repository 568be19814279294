//! Asks the models of a route, one after the other, until one gives a whole answer. In: a route, and how one model is asked.
//! Out: the first whole answer, or why there is none from any of them. Never mixes two answers, and never goes on from a
//! local model to one elsewhere.

use std::collections::{HashSet, VecDeque};
use std::future::poll_fn;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::breaker::Resting;
use super::standing::{Pass, Standing};
use super::{Error, Models, Provider};
use crate::config::{Route, RoutePolicy};

/// How long a race waits for the first byte of a model whose times are not known.
const PATIENCE: Duration = Duration::from_secs(5);

/// One model's turn to be asked.
pub struct Turn {
    /// The model.
    pub provider: Arc<dyn Provider>,
    /// Why it is its turn, as `big failed (server error 500)`; empty for the first of the route.
    pub lead: String,
    /// To be told when the first byte of its answer is there.
    pub heard: Heard,
}

/// Whether the first byte of an answer is there.
#[derive(Clone, Debug, Default)]
pub struct Heard(Arc<AtomicBool>);

impl Heard {
    /// It is.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A model that is being asked. Dropping it drops the connection.
pub type Turning<'a, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// A whole answer, and what came before it.
#[derive(Debug)]
pub struct Whole<T> {
    /// The answer.
    pub answer: T,
    /// Models that failed or were left out before, as `big failed (server error 500)`.
    pub before: Vec<String>,
}

/// Why no model of a route gave an answer: each of them, in the order in which they were considered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure<E>(pub Vec<(String, Why<E>)>);

/// Why there is no answer from a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why<E> {
    /// It was asked and failed, or can't be asked at all.
    Failed(E),
    /// It is left alone for a while.
    Resting(Resting),
    /// It is elsewhere, while the first of the route, named here, keeps the code on this machine.
    Remote(String),
}

impl<E: std::fmt::Display> std::fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("none of the route's models gave an answer.")?;
        for (number, (model, why)) in self.0.iter().enumerate() {
            write!(f, " ({}) ", number + 1)?;
            match why {
                Why::Failed(error) => {
                    let error = error.to_string();
                    write!(f, "{}.", error.trim_end_matches('.'))?;
                }
                Why::Resting(resting) => write!(f, "{model} was not asked: {resting}.")?,
                Why::Remote(first) => write!(
                    f,
                    "{model} was not asked: it is not on this machine as {first} is, which comes first. Choose it for \
                     this once, or put it first in the route, if the code may leave this machine."
                )?,
            }
        }
        Ok(())
    }
}

/// What a failure is in few words, for progress.
pub trait InBrief {
    /// A few words that can stand in brackets.
    fn in_brief(&self) -> String;
}

impl InBrief for Error {
    fn in_brief(&self) -> String {
        Self::in_brief(self)
    }
}

/// The model that would be asked first for a task about the file at `about`, as things are now.
#[must_use]
pub fn next(models: &Models, route: &Route, about: &Path) -> String {
    let order = order(models, route, about);
    let may = |name: &&String| models.find(name).is_ok_and(|(_, standing)| standing.resting().is_none());
    let local_only = order.first().is_some_and(|first| models.is_local(first));
    let chosen = order.iter().filter(|name| !local_only || models.is_local(name)).find(may);
    chosen.or(order.first()).cloned().unwrap_or_default()
}

/// Asks along a route for a task about the file at `about`. `ask` asks one model; what it gives is whole.
///
/// # Errors
/// [`Failure`] has each model's reason.
pub async fn along<'a, T, E: From<Error> + InBrief>(
    models: &'a Models,
    route: &Route,
    about: &Path,
    ask: &'a (dyn Fn(Turn) -> Turning<'a, T, E> + Sync),
) -> Result<Whole<T>, Failure<E>> {
    let mut walk = Walk::new(models, order(models, route, about));
    let mut running: Vec<Running<'a, T, E>> = Vec::new();
    loop {
        if running.is_empty() {
            match walk.next(None) {
                Some(begun) => running.push(begun.with(ask)),
                None => return Err(Failure(walk.why)),
            }
        }
        let ended = match running.as_mut_slice() {
            [alone] if route.policy == RoutePolicy::Race && !walk.left.is_empty() => {
                let late = late(models, &alone.name, alone.began, &alone.heard);
                tokio::select! {
                    biased;
                    result = &mut alone.future => Some((0, result)),
                    () = late => None,
                }
            }
            all => Some(first(all).await),
        };
        match ended {
            None => {
                let slow = running.first().map(|slow| slow.name.as_str());
                running.extend(walk.next(slow).map(|begun| begun.with(ask)));
            }
            Some((at, result)) => {
                let name = running.swap_remove(at).name;
                match result {
                    Ok(answer) => {
                        let before = walk.why.iter().filter(|_| !walk.early).filter_map(in_brief).collect();
                        return Ok(Whole { answer, before });
                    }
                    Err(error) => walk.why.push((name, Why::Failed(error))),
                }
            }
        }
    }
}

/// A model that is being asked.
struct Running<'a, T, E> {
    name: String,
    began: Instant,
    heard: Heard,
    future: Turning<'a, T, E>,
    _pass: Pass,
}

/// A model whose turn it is.
struct Begun {
    name: String,
    turn: Turn,
    pass: Pass,
}

impl Begun {
    fn with<'a, T, E>(self, ask: &'a (dyn Fn(Turn) -> Turning<'a, T, E> + Sync)) -> Running<'a, T, E> {
        let heard = self.turn.heard.clone();
        Running { name: self.name, began: Instant::now(), heard, future: ask(self.turn), _pass: self.pass }
    }
}

/// The first that ends.
async fn first<T, E>(running: &mut [Running<'_, T, E>]) -> (usize, Result<T, E>) {
    poll_fn(|context| {
        let ended = running.iter_mut().enumerate().find_map(|(at, one)| match one.future.as_mut().poll(context) {
            Poll::Ready(result) => Some((at, result)),
            Poll::Pending => None,
        });
        ended.map_or(Poll::Pending, Poll::Ready)
    })
    .await
}

/// Waits until a model is slower than 95 of 100 of its own answers were, at their first byte or at their end.
async fn late(models: &Models, name: &str, began: Instant, heard: &Heard) {
    let (first, whole) = models.standing(name).map(|standing| standing.p95()).unwrap_or_default();
    sleep_until(began + first.or(whole).unwrap_or(PATIENCE)).await;
    if heard.0.load(Ordering::Relaxed) {
        match whole {
            Some(whole) => sleep_until(began + whole).await,
            None => std::future::pending().await,
        }
    }
}

/// The way along a route.
struct Walk<'a, E> {
    models: &'a Models,
    /// Those that were not considered yet.
    left: VecDeque<String>,
    /// The first, when it is on this machine: then so must be all that follow.
    local: Option<String>,
    why: Vec<(String, Why<E>)>,
    /// So many of the reasons were told.
    told: usize,
    asked: bool,
    /// The one that was asked is one that rests.
    early: bool,
}

impl<'a, E: From<Error> + InBrief> Walk<'a, E> {
    fn new(models: &'a Models, order: Vec<String>) -> Self {
        let local = order.first().filter(|first| models.is_local(first)).cloned();
        Self { models, left: order.into(), local, why: Vec::new(), told: 0, asked: false, early: false }
    }

    /// The next model that may be asked; `slow` is one that still runs.
    fn next(&mut self, slow: Option<&str>) -> Option<Begun> {
        while let Some(name) = self.left.pop_front() {
            match self.begin(&name, slow, Standing::admit) {
                Ok(begun) => return Some(begun),
                Err(why) => self.why.push((name, why)),
            }
        }
        if self.asked {
            return None;
        }
        // None can be asked but those that rest: better to try one of them than to refuse the user.
        let rests = |why: &(String, Why<E>)| matches!(why.1, Why::Resting(_));
        let resting: Vec<String> = self.why.iter().filter(|why| rests(why)).map(|why| why.0.clone()).collect();
        resting.into_iter().find_map(|name| {
            let mut begun = self.begin(&name, slow, Standing::admit_early).ok()?;
            begun.turn.lead.clear();
            self.why.retain(|(other, _)| *other != name);
            self.early = true;
            Some(begun)
        })
    }

    fn begin(
        &mut self,
        name: &str,
        slow: Option<&str>,
        admit: fn(&Arc<Standing>) -> Result<Pass, Resting>,
    ) -> Result<Begun, Why<E>> {
        if let Some(first) = self.local.as_ref().filter(|_| !self.models.is_local(name)) {
            return Err(Why::Remote(first.clone()));
        }
        let (provider, standing) = self.models.find(name).map_err(|error| Why::Failed(error.into()))?;
        let pass = admit(standing).map_err(Why::Resting)?;
        let news = self.why.get(self.told..).unwrap_or_default().iter().filter_map(in_brief);
        let slow = slow.map(|slow| format!("{slow} is slow"));
        let lead = news.chain(slow).collect::<Vec<_>>().join(", ");
        (self.told, self.asked) = (self.why.len(), true);
        Ok(Begun { name: name.to_owned(), turn: Turn { provider, lead, heard: Heard::default() }, pass })
    }
}

/// Why a model gave no answer, as `big failed (server error 500)`.
fn in_brief<E: InBrief>((model, why): &(String, Why<E>)) -> Option<String> {
    match why {
        Why::Failed(error) => Some(format!("{model} failed ({})", error.in_brief())),
        Why::Resting(resting) => Some(format!("{model} is left alone ({})", resting.reason())),
        Why::Remote(_) => None,
    }
}

/// The models of a route in the order in which they are to be considered.
fn order(models: &Models, route: &Route, about: &Path) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut order: Vec<String> = route.models.iter().filter(|name| seen.insert(*name)).cloned().collect();
    let standing = |name: &String| models.standing(name);
    match route.policy {
        RoutePolicy::Ordered | RoutePolicy::Race => {}
        // the one whose turn is longest ago; each key is read once, as they change meanwhile, and equals stay in order
        RoutePolicy::RoundRobin => {
            order.sort_by_cached_key(|name| standing(name).and_then(|standing| standing.chosen()))
        }
        RoutePolicy::LeastBusy => order.sort_by_cached_key(|name| standing(name).map(|standing| standing.running())),
        // unknown times come first, so that they become known
        RoutePolicy::Fastest => order.sort_by_cached_key(|name| standing(name).and_then(|standing| standing.p50())),
        // rendezvous hashing (Thaler and Ravishankar): a model that comes or goes moves no other's files
        RoutePolicy::Sticky => order.sort_by_cached_key(|name| {
            let mut hasher = DefaultHasher::new();
            (about, name).hash(&mut hasher);
            hasher.finish()
        }),
    }
    order
}
