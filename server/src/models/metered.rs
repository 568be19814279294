//! A model whose use is limited and recorded. In: a provider, its limiter and the ledger. Out: the same provider, which
//! asks only when the limits allow it and leaves an entry for every ask, also for one that failed or was dropped.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::day::now;
use super::ledger::{CANCELLED, OK};
use super::limits::{Limiter, Terms};
use super::meter::cost;
use super::{Answer, Asking, Delta, Entry, Error, Estimate, Ledger, Provider, Usage};
use crate::config::{Limits, ModelSettings, Price};
use crate::prompt::Request;

/// Bytes of an answer for one of its tokens, where the provider does not count them.
const BYTES_PER_TOKEN: u64 = 4;

pub(super) struct Metered {
    inner: Box<dyn Provider>,
    /// The model's name at the provider.
    id: String,
    limits: Limits,
    /// The longest wait for a server's own limits.
    patience: Duration,
    limiter: Arc<Limiter>,
    ledger: Arc<Ledger>,
}

impl Metered {
    pub(super) fn new(
        inner: Box<dyn Provider>,
        settings: &ModelSettings,
        limiter: Arc<Limiter>,
        ledger: Arc<Ledger>,
    ) -> Self {
        let (id, limits, patience) = (settings.model.clone(), settings.limits, settings.max_retry_wait);
        Self { inner, id, limits, patience, limiter, ledger }
    }
}

impl Provider for Metered {
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
            let estimate = self.estimate(request);
            let (limits, patience) = (self.limits, self.patience);
            let terms = Terms { model: self.name(), limits, ledger: &self.ledger, estimate, patience };
            let permit = self.limiter.admit(terms, watch).await?;
            let mut record = Record::new(self, request, estimate);
            let mut note = |delta: Delta<'_>| {
                record.note(delta);
                if matches!(delta, Delta::Waiting(_)) {
                    self.limiter.again(&estimate);
                }
                watch(delta);
            };
            let result = self.inner.ask(request, &mut note).await;
            record.end(&result);
            if let Ok(answer) = &result {
                permit.settle(answer.usage.as_ref());
            }
            drop(record); // before the permit: the money must be in the ledger when it is no longer reserved
            result
        })
    }
}

/// The entry of an ask that runs; written when it is dropped.
struct Record<'a> {
    ledger: &'a Ledger,
    entry: Entry,
    price: Option<Price>,
    estimate: Estimate,
    since: Instant,
    /// Bytes of text that have come.
    bytes: u64,
}

impl<'a> Record<'a> {
    fn new(model: &'a Metered, request: &Request, estimate: Estimate) -> Self {
        let entry = Entry {
            model: model.name().to_owned(),
            id: model.id.clone(),
            operation: request.operation.name.clone(),
            outcome: CANCELLED.to_owned(),
            prompt: estimate.prompt,
            ask: number(),
            ..Entry::default()
        };
        let price = model.price();
        let usage = Usage { input: estimate.input, ..Usage::default() };
        let cost = price.map(|price| cost(&price, &usage).max(estimate.cost.unwrap_or_default()));
        model.ledger.begin(Entry { time: now(), cost, estimated: cost.is_some(), ..entry.clone() });
        Self { ledger: &model.ledger, entry, price, estimate, since: Instant::now(), bytes: 0 }
    }

    fn note(&mut self, delta: Delta<'_>) {
        match delta {
            Delta::Text(text) | Delta::Reasoning(text) => {
                self.bytes += text.len() as u64;
                self.entry.first.get_or_insert(millis(self.since));
            }
            Delta::Waiting(_) => self.entry.retries += 1,
            Delta::Queued { .. } => {}
        }
    }

    fn end(&mut self, result: &Result<Answer, Error>) {
        self.entry.outcome = match result {
            Ok(_) => OK.to_owned(),
            Err(error) => error.kind().to_owned(),
        };
        if let Ok(Answer { usage: Some(usage), cost, .. }) = result {
            self.entry.input = Some(usage.input);
            self.entry.output = Some(usage.output);
            self.entry.cache_read = Some(usage.cache_read);
            self.entry.cost = *cost;
        } else if let Err(error) = result
            && self.bytes == 0
            && !is_billed(error)
        {
            self.entry.cost = self.price.map(|_| 0.0);
        }
    }
}

impl Drop for Record<'_> {
    fn drop(&mut self) {
        let mut entry = std::mem::take(&mut self.entry);
        (entry.time, entry.total) = (now(), millis(self.since));
        if let Some(price) = self.price.filter(|_| entry.cost.is_none()) {
            // Rather too much than too little: what was sent and what came has most likely to be paid.
            let usage = Usage { input: self.estimate.input, output: self.bytes / BYTES_PER_TOKEN, ..Usage::default() };
            (entry.cost, entry.estimated) = (Some(cost(&price, &usage)), true);
        }
        self.ledger.record(entry);
    }
}

/// Whether the model worked before it failed.
fn is_billed(error: &Error) -> bool {
    matches!(
        error,
        Error::Truncated { .. }
            | Error::LengthStop { .. }
            | Error::TooLarge { .. }
            | Error::Refused { .. }
            | Error::Filtered { .. }
            | Error::Empty { .. }
    )
}

/// A number that no other ask has, of any process.
fn number() -> u64 {
    static ASKS: AtomicU64 = AtomicU64::new(0);
    let mut hasher = DefaultHasher::new();
    (std::process::id(), now(), ASKS.fetch_add(1, Ordering::Relaxed)).hash(&mut hasher);
    hasher.finish().max(1)
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
