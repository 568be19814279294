//! The configured models by name, with their standings.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::standing::{Observed, Past, Standing};
use super::{Error, Provider, build};
use crate::config::{ModelSettings, OFFLINE, Protocol, Settings};

/// The models that can be asked, by the names that the user gave them.
#[derive(Clone)]
pub struct Models {
    by_name: BTreeMap<String, Model>,
    offline: Arc<dyn Provider>,
}

#[derive(Clone)]
struct Model {
    /// `None`: the offline engine, as it is without any.
    settings: Option<ModelSettings>,
    provider: Result<Arc<dyn Provider>, Error>,
    standing: Arc<Standing>,
}

impl Models {
    /// Makes the providers of all configured models; `offline` is always among them, under its own name. Connects to
    /// nothing. A model whose settings can't work says so when it is asked for.
    #[must_use]
    pub fn new(settings: &Settings, env: &dyn Fn(&str) -> Option<String>, offline: Arc<dyn Provider>) -> Self {
        Self { by_name: BTreeMap::new(), offline }.renewed(settings, env)
    }

    /// The models under new settings. One whose settings are as they were stays, with all that is known of it.
    #[must_use]
    pub fn renewed(&self, settings: &Settings, env: &dyn Fn(&str) -> Option<String>) -> Self {
        let configured = settings.models.iter().map(|(name, model)| (name.as_str(), Some(model)));
        let all = configured.chain([(OFFLINE, None)]);
        let by_name = all.map(|(name, settings)| (name.to_owned(), self.model(name, settings, env))).collect();
        Self { by_name, offline: self.offline.clone() }
    }

    fn model(&self, name: &str, settings: Option<&ModelSettings>, env: &dyn Fn(&str) -> Option<String>) -> Model {
        let known = self.by_name.get(name);
        if let Some(known) = known.filter(|known| known.settings.as_ref() == settings && known.provider.is_ok()) {
            known.standing.unlock();
            return known.clone();
        }
        let provider = match settings {
            Some(settings) if settings.provider.protocol != Protocol::Offline => {
                build(name, settings, env).map(Arc::from)
            }
            _ => Ok(self.offline.clone()),
        };
        let standing = Arc::new(Standing::default());
        let observed = |inner| Arc::new(Observed { inner, standing: standing.clone() }) as Arc<dyn Provider>;
        Model { provider: provider.map(observed), settings: settings.cloned(), standing }
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
        Ok((model.provider.clone()?, &model.standing))
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

    /// Takes requests of the past into account, the oldest first.
    pub fn recall(&self, past: impl IntoIterator<Item = Past>) {
        for one in past {
            if let Some(standing) = self.standing(&one.model) {
                standing.recall(&one);
            }
        }
    }

    /// Each model's name with what stands in its way, if anything does.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&Error>)> {
        self.by_name.iter().map(|(name, model)| (name.as_str(), model.provider.as_ref().err()))
    }
}
