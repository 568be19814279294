//! The configured models by name, each with what holds for its use: its standing, its limits, the ledger, the kept answers.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::cache::{Cache, Cached, Given, Reading};
use super::day::now;
use super::limits::Limiter;
use super::meter::Meter;
use super::metered::Metered;
use super::standing::{Ended, Observed, Past, Standing};
use super::{Entry, Error, Ledger, Provider, connect};
use crate::config::{ModelSettings, OFFLINE, Protocol, Settings};

/// Requests of the past that a new standing is made from.
const PAST: usize = 50;

/// How asks end that are a fault of the model or of the way to it: as the ledger calls them, and in few words.
const FAULTS: &[(&str, &str)] = &[
    ("unreachable", "no connection"),
    ("quota", "no credit left"),
    ("rate-limited", "too many requests"),
    ("not-found", "not found"),
    ("server", "a server error"),
    ("truncated", "a broken connection"),
    ("stalled", "nothing sent in time"),
    ("not-understood", "an answer that is not its protocol"),
];

/// The models that can be asked, by the names that the user gave them.
#[derive(Clone)]
pub struct Models {
    by_name: BTreeMap<String, Model>,
    memory: Memory,
    offline: Arc<dyn Provider>,
    cache: Option<Arc<Cache>>,
    ledger: Arc<Ledger>,
    reading: Reading,
    given: Given,
}

/// How long is remembered what models were asked and answered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Memory {
    /// As long as the program runs.
    Program,
    /// In the user's folders.
    User,
}

/// One model.
#[derive(Clone)]
struct Model {
    /// `None`: the offline engine, as it is without any; it needs neither limits nor a cache.
    settings: Option<Arc<ModelSettings>>,
    provider: Result<Arc<dyn Provider>, Error>,
    standing: Arc<Standing>,
    limiter: Arc<Limiter>,
}

impl Models {
    /// Makes the providers of all configured models; `offline` is always among them, under its own name. Connects to
    /// nothing. A model whose settings can't work says so when it is asked for. Keeps nothing on the disk.
    #[must_use]
    pub fn new(settings: &Settings, env: &dyn Fn(&str) -> Option<String>, offline: Arc<dyn Provider>) -> Self {
        Self::none(offline, Memory::Program).renewed(settings, env)
    }

    /// The same with the user's ledger and the answers that are kept for the user, as far as the settings want them.
    #[must_use]
    pub fn of_user(settings: &Settings, env: &dyn Fn(&str) -> Option<String>, offline: Arc<dyn Provider>) -> Self {
        Self::none(offline, Memory::User).renewed(settings, env)
    }

    fn none(offline: Arc<dyn Provider>, memory: Memory) -> Self {
        let (ledger, given) = (Arc::default(), Given::default());
        Self { by_name: BTreeMap::new(), memory, offline, cache: None, ledger, reading: Reading::Kept, given }
    }

    /// The models under new settings. One whose settings are as they were stays, with all that is known of it; of one
    /// that is still the same at its provider, what was used of its limits stays.
    #[must_use]
    pub fn renewed(&self, settings: &Settings, env: &dyn Fn(&str) -> Option<String>) -> Self {
        self.renewed_among(&[], settings, env)
    }

    /// The same where other sets of models are in use besides, as in several workspaces: a model of any of them that is the
    /// same under the new settings stays.
    #[must_use]
    pub fn renewed_among(&self, others: &[Self], settings: &Settings, env: &dyn Fn(&str) -> Option<String>) -> Self {
        let all: Vec<&Self> = [self].into_iter().chain(others).collect();
        let ledger = Ledger::of_user(settings.usage.keep && self.memory == Memory::User);
        let same_ledger = ledger.folder() == self.ledger.folder();
        let ledger = if same_ledger { self.ledger.clone() } else { Arc::new(ledger) };
        let configured = settings.models.iter().map(|(name, model)| (name.as_str(), Some(model)));
        let model = |(name, settings): (&str, Option<&ModelSettings>)| {
            let is_same =
                |known: &&Model| same_ledger && known.settings.as_deref() == settings && known.provider.is_ok();
            let known = all.iter().filter_map(|models| models.by_name.get(name)).find(is_same);
            let model = match known {
                Some(known) => {
                    known.standing.unlock();
                    known.clone()
                }
                None => self.model(&all, name, settings, env, &ledger),
            };
            (name.to_owned(), model)
        };
        let by_name = configured.chain([(OFFLINE, None)]).map(model).collect();
        let cache = Cache::of_user(&settings.cache).filter(|_| self.memory == Memory::User).map(Arc::new);
        Self { by_name, cache, ledger, ..self.clone() }
    }

    fn model(
        &self,
        all: &[&Self],
        name: &str,
        settings: Option<&ModelSettings>,
        env: &dyn Fn(&str) -> Option<String>,
        ledger: &Arc<Ledger>,
    ) -> Model {
        let settings = settings.filter(|settings| settings.provider.protocol != Protocol::Offline);
        let standing = Arc::new(Standing::default());
        let Some(settings) = settings else {
            let provider = Observed { inner: self.offline.clone(), standing: standing.clone() };
            return Model { settings: None, provider: Ok(Arc::new(provider)), standing, limiter: Arc::default() };
        };
        let limiter = all.iter().find_map(|models| models.limiter(name, settings)).unwrap_or_default();
        let meter = Arc::new(Meter::with_past(name, settings, ledger.clone()));
        let provider = connect(name, settings, env, meter, limiter.clone()).and_then(|client| {
            if settings.limits.cost_per_day.is_some() && client.price().is_none() && !settings.local {
                return Err(no_price(name, settings));
            }
            let inner = Arc::new(Metered::new(client, settings, limiter.clone(), ledger.clone()));
            Ok(Arc::new(Observed { inner, standing: standing.clone() }) as Arc<dyn Provider>)
        });
        // under other settings, what was may be over
        if !self.by_name.contains_key(name) {
            let newest = ledger.last(PAST, 2, |entry| entry.model == name && entry.id == settings.model);
            newest.iter().rev().filter_map(|entry| past(entry)).for_each(|past| standing.recall(&past));
        }
        Model { settings: Some(Arc::new(settings.clone())), provider, standing, limiter }
    }

    /// The limiter of a model that has this name and is the same.
    fn limiter(&self, name: &str, settings: &ModelSettings) -> Option<Arc<Limiter>> {
        let model = self.by_name.get(name)?;
        let place = |of: &ModelSettings| (of.provider.name, of.base_url.clone(), of.model.clone(), of.key_env.clone());
        (place(model.settings.as_ref()?) == place(settings)).then(|| model.limiter.clone())
    }

    /// The same models, each asked anew in any case: kept answers are not given.
    #[must_use]
    pub fn fresh(&self) -> Self {
        Self { reading: Reading::Fresh, ..self.clone() }
    }

    /// The same models for one task: [`Models::forget`] drops the answers to this task's questions, and no others.
    #[must_use]
    pub fn for_task(&self) -> Self {
        Self { given: Given::default(), ..self.clone() }
    }

    /// Drops the answers that were given since [`Models::for_task`] from the cache: they were of no use, so the same
    /// question is to be asked anew.
    pub fn forget(&self) {
        let given = std::mem::take(&mut *self.given.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(cache) = &self.cache else { return };
        given.into_iter().for_each(|key| cache.remove(key));
    }

    /// The model with this name.
    ///
    /// # Errors
    /// When its settings can't work, or there is none: the message lists those that there are.
    pub fn get(&self, name: &str) -> Result<Arc<dyn Provider>, Error> {
        self.find(name).map(|(provider, _)| provider)
    }

    /// The model with this name, and how it fares.
    pub(super) fn find(&self, name: &str) -> Result<(Arc<dyn Provider>, &Arc<Standing>), Error> {
        let Some(model) = self.by_name.get(name) else {
            let names: Vec<&str> = self.by_name.keys().map(String::as_str).collect();
            return Err(Error::Unknown { model: name.to_owned(), names: names.join(", ") });
        };
        let provider = model.provider.clone()?;
        let provider = match (&model.settings, &self.cache) {
            (Some(settings), Some(cache)) => {
                let (cache, ledger, given) = (cache.clone(), self.ledger.clone(), self.given.clone());
                Arc::new(Cached::new(provider, settings.clone(), cache, ledger, self.reading, given))
            }
            _ => provider,
        };
        Ok((provider, &model.standing))
    }

    /// How a model fares; `None`: there is no such model.
    #[must_use]
    pub fn standing(&self, name: &str) -> Option<&Arc<Standing>> {
        self.by_name.get(name).map(|model| &model.standing)
    }

    /// Whether nothing that is sent to a model leaves this machine.
    #[must_use]
    pub fn is_local(&self, name: &str) -> bool {
        let settings = |model: &Model| model.settings.as_ref().is_none_or(|settings| settings.local);
        self.by_name.get(name).is_some_and(settings)
    }

    /// Each model's name with what stands in its way, if anything does.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&Error>)> {
        self.by_name.iter().map(|(name, model)| (name.as_str(), model.provider.as_ref().err()))
    }

    /// What the models were asked.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}

/// What an entry of the ledger says of how its model fares; `None`: nothing.
fn past(entry: &Entry) -> Option<Past> {
    let end = if entry.is_ok() && !entry.cached {
        Ended::Answered { first: entry.first.map(Duration::from_millis), whole: Duration::from_millis(entry.total) }
    } else {
        let (_, words) = FAULTS.iter().find(|(kind, _)| *kind == entry.outcome)?;
        Ended::Fault((*words).to_owned())
    };
    Some(Past { ago: Duration::from_millis(now().saturating_sub(entry.time)), end })
}

/// Without a price, a limit of money would hold back nothing.
fn no_price(name: &str, settings: &ModelSettings) -> Error {
    let reason = format!(
        "limits.cost_per_day needs a price, and that of {} is not known; add price = {{ input = …, output = … }}, in US \
         dollars a million tokens, or leave the limit out",
        settings.model
    );
    Error::Setting { model: name.to_owned(), reason }
}
