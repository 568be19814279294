//! The configured models by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Error, Provider, build};
use crate::config::{OFFLINE, Protocol, Settings};

/// The models that can be asked, by the names that the user gave them.
#[derive(Clone)]
pub struct Models {
    by_name: BTreeMap<String, Result<Arc<dyn Provider>, Error>>,
}

impl Models {
    /// Makes the providers of all configured models; `offline` is always among them, under its own name. Connects to
    /// nothing. A model whose settings can't work says so when it is asked for.
    #[must_use]
    pub fn new(settings: &Settings, env: &dyn Fn(&str) -> Option<String>, offline: Arc<dyn Provider>) -> Self {
        let mut by_name: BTreeMap<_, _> = settings
            .models
            .iter()
            .map(|(name, model)| {
                let provider = match model.provider.protocol {
                    Protocol::Offline => Ok(offline.clone()),
                    _ => build(name, model, env).map(Arc::from),
                };
                (name.clone(), provider)
            })
            .collect();
        by_name.insert(OFFLINE.to_owned(), Ok(offline));
        Self { by_name }
    }

    /// The model with this name.
    ///
    /// # Errors
    /// When its settings can't work, or there is none: the message lists those that there are.
    pub fn get(&self, name: &str) -> Result<Arc<dyn Provider>, Error> {
        self.by_name.get(name).cloned().unwrap_or_else(|| {
            let names: Vec<&str> = self.by_name.keys().map(String::as_str).collect();
            Err(Error::Unknown { model: name.to_owned(), names: names.join(", ") })
        })
    }

    /// Each model's name with what stands in its way, if anything does.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&Error>)> {
        self.by_name.iter().map(|(name, provider)| (name.as_str(), provider.as_ref().err()))
    }
}
