//! The configured models by name, each with what holds for its use: its limits, the ledger, the kept answers.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use super::cache::{Cache, Cached, Given, Reading};
use super::limits::Limiter;
use super::meter::Meter;
use super::metered::Metered;
use super::{Error, Ledger, Provider, connect};
use crate::config::{ModelSettings, OFFLINE, Protocol, Settings};

/// The models that can be asked, by the names that the user gave them.
#[derive(Clone)]
pub struct Models {
    by_name: BTreeMap<String, Result<Model, Error>>,
    memory: Memory,
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
    provider: Arc<dyn Provider>,
    /// `None` for the offline engine, which needs neither limits nor a cache.
    network: Option<Network>,
}

#[derive(Clone)]
struct Network {
    settings: Arc<ModelSettings>,
    limiter: Arc<Limiter>,
}

impl Models {
    /// Makes the providers of all configured models; `offline` is always among them, under its own name. Connects to
    /// nothing. A model whose settings can't work says so when it is asked for. Keeps nothing on the disk.
    #[must_use]
    pub fn new(settings: &Settings, env: &dyn Fn(&str) -> Option<String>, offline: Arc<dyn Provider>) -> Self {
        Self::make(settings, env, offline, Memory::Program, None)
    }

    /// The same with the user's ledger and the answers that are kept for the user, as far as the settings want them.
    #[must_use]
    pub fn of_user(settings: &Settings, env: &dyn Fn(&str) -> Option<String>, offline: Arc<dyn Provider>) -> Self {
        Self::make(settings, env, offline, Memory::User, None)
    }

    /// The models of other settings. What is known of the use of those that stay the same goes on.
    #[must_use]
    pub fn renew(&self, settings: &Settings, env: &dyn Fn(&str) -> Option<String>, offline: Arc<dyn Provider>) -> Self {
        Self::make(settings, env, offline, self.memory, Some(self))
    }

    fn make(
        settings: &Settings,
        env: &dyn Fn(&str) -> Option<String>,
        offline: Arc<dyn Provider>,
        memory: Memory,
        before: Option<&Self>,
    ) -> Self {
        let ledger = Ledger::of_user(settings.usage.keep && memory == Memory::User);
        let known = before.map(|before| before.ledger.clone()).filter(|known| known.folder() == ledger.folder());
        let ledger = known.unwrap_or_else(|| Arc::new(ledger));
        let make = |(name, settings): (&String, &ModelSettings)| {
            if settings.provider.protocol == Protocol::Offline {
                return (name.clone(), Ok(Model { provider: offline.clone(), network: None }));
            }
            let known = before.and_then(|before| before.limiter(name, settings));
            let limiter = known.unwrap_or_default();
            let meter = Arc::new(Meter::with_past(name, settings, ledger.clone()));
            let model = connect(name, settings, env, meter, limiter.clone()).and_then(|client| {
                if settings.limits.cost_per_day.is_some() && client.price().is_none() && !settings.local {
                    return Err(no_price(name, settings));
                }
                let provider = Arc::new(Metered::new(client, settings, limiter.clone(), ledger.clone()));
                Ok(Model { provider, network: Some(Network { settings: Arc::new(settings.clone()), limiter }) })
            });
            (name.clone(), model)
        };
        let mut by_name: BTreeMap<_, _> = settings.models.iter().map(make).collect();
        by_name.insert(OFFLINE.to_owned(), Ok(Model { provider: offline.clone(), network: None }));
        let cache = Cache::of_user(&settings.cache).filter(|_| memory == Memory::User).map(Arc::new);
        Self { by_name, memory, cache, ledger, reading: Reading::Kept, given: Given::default() }
    }

    /// The limiter of a model that has this name and is the same.
    fn limiter(&self, name: &str, settings: &ModelSettings) -> Option<Arc<Limiter>> {
        let network = self.by_name.get(name)?.as_ref().ok()?.network.as_ref()?;
        let place = |of: &ModelSettings| (of.provider.name, of.base_url.clone(), of.model.clone(), of.key_env.clone());
        (place(&network.settings) == place(settings)).then(|| network.limiter.clone())
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
        let unknown = || {
            let names: Vec<&str> = self.by_name.keys().map(String::as_str).collect();
            Err(Error::Unknown { model: name.to_owned(), names: names.join(", ") })
        };
        let model = self.by_name.get(name).cloned().unwrap_or_else(unknown)?;
        let Some((network, cache)) = model.network.zip(self.cache.clone()) else { return Ok(model.provider) };
        let (ledger, given) = (self.ledger.clone(), self.given.clone());
        Ok(Arc::new(Cached::new(model.provider, network.settings, cache, ledger, self.reading, given)))
    }

    /// Each model's name with what stands in its way, if anything does.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&Error>)> {
        self.by_name.iter().map(|(name, model)| (name.as_str(), model.as_ref().err()))
    }

    /// What the models were asked.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }
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
