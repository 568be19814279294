//! Puts settings together from checked values. In: what all sources said. Out: [`Loaded`]. A model of which it is
//! not certain where it is, or who may see what it is sent, is left out: code must not go to a place that nobody named.

use std::collections::BTreeMap;

use super::keys::{Value, nearest};
use super::load::{Loaded, MODEL_VARIABLE, Reading, Sources, list};
use super::problem::Origin;
use super::{ModelSettings, OFFLINE, ProviderKind, Settings, ShowIn, Timeouts, is_loopback};

/// Keys of a model that decide where code is sent and with whose key.
const ESSENTIAL: &[&str] = &["provider", "base_url", "key_env", "local"];

impl Reading {
    fn get(&self, path: &[&str]) -> Option<&Value> {
        let path: Vec<String> = path.iter().map(|&part| part.to_owned()).collect();
        self.values.get(&path).map(|(value, _)| value)
    }

    fn text(&self, path: &[&str]) -> Option<&str> {
        match self.get(path) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn count(&self, path: &[&str]) -> Option<u64> {
        match self.get(path) {
            Some(Value::Count(count)) => Some(*count),
            _ => None,
        }
    }

    fn texts(&self, path: &[&str]) -> Option<Vec<String>> {
        match self.get(path) {
            Some(Value::Texts(texts)) => Some(texts.clone()),
            _ => None,
        }
    }

    fn flag(&self, path: &[&str]) -> Option<bool> {
        match self.get(path) {
            Some(Value::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    /// Puts the settings together.
    pub(super) fn finish(mut self, sources: &Sources) -> Loaded {
        let mut settings = Settings::default();
        if let Some(budget) = self.count(&["context", "budget"]).and_then(|count| usize::try_from(count).ok()) {
            settings.context.budget = budget;
        }
        settings.index.disk = self.flag(&["index", "disk"]).unwrap_or(settings.index.disk);
        settings.policy.deny = self.texts(&["policy", "deny"]).unwrap_or_default();
        settings.explain.show_in = match self.text(&["explain", "show_in"]) {
            Some("file") => ShowIn::File,
            Some("hover") => ShowIn::Hover,
            _ => ShowIn::Auto,
        };
        let mut usable = Vec::new();
        for (name, origin) in std::mem::take(&mut self.models) {
            match self.model(&name) {
                Ok(model) => {
                    usable.push(name.clone());
                    settings.models.insert(name, model);
                }
                Err(reason) => {
                    self.error(origin, format!("the model `{name}` is left out: {reason}"));
                    self.left_out.insert(name);
                }
            }
        }
        settings.routes = self.routes(&settings.models);
        settings.routes.entry("default".to_owned()).or_insert_with(|| or_offline(usable));
        self.choose(&mut settings, sources);
        Loaded { settings, problems: self.problems, files: self.files }
    }

    /// The settings of one model, or why there are none.
    fn model(&self, name: &str) -> Result<ModelSettings, String> {
        let is_of = |path: &Vec<String>| {
            path.len() == 3
                && path.first().is_some_and(|section| section == "models")
                && path.get(1).is_some_and(|of| of == name)
        };
        let key = |path: &Vec<String>| path.last().cloned().unwrap_or_default();
        if let Some(key) =
            self.wrong.iter().filter(|path| is_of(path)).map(key).find(|key| ESSENTIAL.contains(&key.as_str()))
        {
            return Err(format!("its `{key}` is wrong"));
        }
        let at = |key| self.text(&["models", name, key]).map(str::to_owned);
        let provider = match at("provider").as_deref() {
            Some("openai") => ProviderKind::Openai,
            Some("offline") => ProviderKind::Offline,
            Some(later) => {
                return Err(format!("this version has no provider \"{later}\" yet; use \"openai\" or \"offline\""));
            }
            None => return Err("it has no `provider`".to_owned()),
        };
        if name == OFFLINE && provider != ProviderKind::Offline {
            return Err("this name is that of the offline engine; choose another".to_owned());
        }
        let base_url = at("base_url");
        // `api_base` and the like: without an address of its own, the model would be OpenAI's.
        if let Some(key) = self.unknown.iter().find(|path| is_of(path)).map(key)
            && base_url.is_none()
            && provider == ProviderKind::Openai
        {
            return Err(format!("it has no `base_url`, and `{key}` may be meant for it"));
        }
        let model = match (at("model"), provider) {
            (Some(model), _) => model,
            (None, ProviderKind::Offline) => String::new(),
            (None, ProviderKind::Openai) => return Err("it has no `model`, the name that its server knows".to_owned()),
        };
        let local = match self.get(&["models", name, "local"]) {
            Some(Value::Flag(local)) => *local,
            _ => provider == ProviderKind::Offline || base_url.as_deref().is_some_and(is_loopback),
        };
        let defaults = Timeouts::default();
        let time = |key, default| match self.get(&["models", name, "timeout", key]) {
            Some(Value::Time(time)) => *time,
            _ => default,
        };
        Ok(ModelSettings {
            provider,
            base_url,
            model,
            key_env: at("key_env"),
            local,
            context_window: self.count(&["models", name, "context_window"]).and_then(|count| u32::try_from(count).ok()),
            timeout: Timeouts {
                connect: time("connect", defaults.connect),
                first_byte: time("first_byte", defaults.first_byte),
                between: time("between", defaults.between),
            },
        })
    }

    /// The routes, without models that don't exist.
    fn routes(&mut self, models: &BTreeMap<String, ModelSettings>) -> BTreeMap<String, Vec<String>> {
        let reported = std::mem::take(&mut self.left_out);
        let mut routes = BTreeMap::new();
        for path in &self.wrong {
            // Rather none than the default route's: it may be the one that the user did not want here.
            if let [section, route, key] = path.as_slice()
                && section == "routes"
                && key == "models"
            {
                routes.insert(route.clone(), or_offline(Vec::new()));
            }
        }
        for (path, (value, origin)) in self.values.clone() {
            let ([section, route, key], Value::Texts(names)) = (path.as_slice(), value) else { continue };
            if section != "routes" || key != "models" {
                continue;
            }
            let mut kept = Vec::new();
            for name in names {
                if name == OFFLINE || models.contains_key(&name) {
                    kept.push(name);
                } else if !reported.contains(&name) {
                    let message = format!("`routes.{route}` names `{name}`, {}", no_such_model(&name, models));
                    self.error(origin.clone(), message);
                }
            }
            // Never all models instead: the user may have kept some off this route for a reason.
            routes.entry(route.clone()).or_insert_with(|| or_offline(kept));
        }
        routes
    }

    /// Lets `WHITTLE_MODEL` and `--model` count.
    fn choose(&mut self, settings: &mut Settings, sources: &Sources) {
        let first = sources.env.iter().rev().find(|(name, value)| name == MODEL_VARIABLE && !value.is_empty());
        if let Some((variable, name)) = first {
            if name == OFFLINE || settings.models.contains_key(name) {
                let route = settings.routes.entry("default".to_owned()).or_default();
                route.retain(|other| other != name);
                route.insert(0, name.clone());
            } else {
                let message = format!("`{name}` is {}", no_such_model(name, &settings.models));
                self.error(Origin::Variable(variable.clone()), message);
            }
        }
        if let Some(name) = &sources.model {
            if name == OFFLINE || settings.models.contains_key(name) {
                // Alone: who asks for a local model does not want a remote one in its place.
                settings.routes = BTreeMap::from([("default".to_owned(), vec![name.clone()])]);
            } else {
                let message = format!("`{name}` is {}", no_such_model(name, &settings.models));
                self.error(Origin::Option("--model"), message);
            }
        }
    }
}

fn or_offline(route: Vec<String>) -> Vec<String> {
    if route.is_empty() { vec![OFFLINE.to_owned()] } else { route }
}

fn no_such_model(name: &str, models: &BTreeMap<String, ModelSettings>) -> String {
    let mut names: Vec<&str> = models.keys().map(String::as_str).collect();
    if !names.contains(&OFFLINE) {
        names.push(OFFLINE);
    }
    match nearest(name, names.iter().copied()) {
        Some(nearest) => format!("not a configured model; did you mean `{nearest}`?"),
        None => format!("not a configured model; there are {}", list(&names)),
    }
}
