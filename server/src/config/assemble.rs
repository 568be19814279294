//! Puts settings together from checked values. In: what all sources said. Out: [`Loaded`]. A model of which it is
//! not certain where it is, or who may see what it is sent, is left out: code must not go to a place that nobody named.

use std::collections::BTreeMap;
use std::time::Duration;

use super::keys::{Value, nearest};
use super::load::{Loaded, MODEL_VARIABLE, Reading, Sources, list};
use super::problem::Origin;
use super::{
    ApplyMode, CacheSettings, Choice, Consent, EditSettings, Effort, FoundModel, Kept, LOOKED_FOR, Limits,
    ModelSettings, OFFLINE, Price, Protocol, ProviderRow, Review, Route, RoutePolicy, Settings, ShowIn, Timeouts,
    Verify, is_loopback,
};

/// Keys of a model that decide where code is sent and with whose key.
const ESSENTIAL: &[&str] = &["provider", "base_url", "key_env", "key_command", "local"];

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
        settings.edits = self.edits();
        settings.usage.keep = self.flag(&["usage", "keep"]).unwrap_or(settings.usage.keep);
        settings.cache = self.cache();
        let mut usable = Vec::new();
        let mut chosen = self.values.keys().chain(&self.wrong);
        let is_configured = !self.models.is_empty() || chosen.any(|path| is_default_route(path));
        settings.choice = if is_configured { Choice::Configured } else { Choice::Nobody };
        let origins = self.origins();
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
        if let (Choice::Nobody, Some(Consent::Use(found))) = (&settings.choice, &sources.kept.consent)
            && let Some(model) = found.settings()
        {
            usable.push(found.provider.clone());
            settings.models.insert(found.provider.clone(), model);
            settings.choice = Choice::Agreed(found.provider.clone());
        }
        settings.routes = self.routes(&settings.models);
        settings.routes.entry("default".to_owned()).or_insert_with(|| Route::ordered(or_offline(usable)));
        self.choose(&mut settings, sources);
        for (name, model) in &mut settings.models {
            model.keyring = [name.as_str(), model.provider.name]
                .into_iter()
                .find(|entry| sources.kept.keyring.contains(*entry))
                .map(str::to_owned);
        }
        Loaded { settings, problems: self.problems, files: self.files, origins }
    }

    /// Where models and routes stand.
    fn origins(&self) -> BTreeMap<String, Origin> {
        let models = self.models.iter().map(|(name, origin)| (format!("models.{name}"), origin.clone()));
        let routes = self.values.iter().filter_map(|(path, (_, origin))| match path.as_slice() {
            [section, route, key] if section == "routes" && key == "models" => {
                Some((format!("routes.{route}"), origin.clone()))
            }
            _ => None,
        });
        models.chain(routes).collect()
    }

    /// `[cache]`
    fn cache(&self) -> CacheSettings {
        let default = CacheSettings::default();
        let days = |days: u64| Duration::from_secs(days * 24 * 60 * 60);
        CacheSettings {
            answers: self.flag(&["cache", "answers"]).unwrap_or(default.answers),
            size: self.count(&["cache", "size_mb"]).map_or(default.size, |size| size * 1_000_000),
            age: self.count(&["cache", "age_days"]).map_or(default.age, days),
        }
    }

    /// `[edits]`
    fn edits(&self) -> EditSettings {
        let default = EditSettings::default();
        EditSettings {
            apply: match self.text(&["edits", "apply"]) {
                Some("offer") => ApplyMode::Offer,
                _ => ApplyMode::Direct,
            },
            format: self.flag(&["edits", "format"]).unwrap_or(default.format),
            verify: match self.get(&["edits", "verify"]) {
                Some(Value::Text(word)) if word == "off" => Verify::Off,
                Some(Value::Texts(commands)) => Verify::Commands(commands.clone()),
                _ => Verify::Auto,
            },
            verify_wait: match self.get(&["edits", "verify_wait"]) {
                Some(Value::Time(wait)) => *wait,
                _ => default.verify_wait,
            },
            repair_attempts: self
                .count(&["edits", "repair_attempts"])
                .and_then(|count| u32::try_from(count).ok())
                .unwrap_or(default.repair_attempts),
            review: match self.text(&["edits", "review"]) {
                Some("until-kept") => Review::UntilKept,
                Some("off") => Review::Off,
                _ => Review::UntilSave,
            },
        }
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
        let Some(provider) = at("provider").as_deref().and_then(ProviderRow::named) else {
            return Err("it has no `provider`".to_owned());
        };
        let offline = provider.protocol == Protocol::Offline;
        if name == OFFLINE && !offline {
            return Err("this name is that of the offline engine; choose another".to_owned());
        }
        let base_url = at("base_url");
        // `api_base` and the like: without an address of its own, the model would be the provider's.
        if let Some(key) = self.unknown.iter().find(|path| is_of(path)).map(key)
            && base_url.is_none()
            && !offline
        {
            return Err(format!("it has no `base_url`, and `{key}` may be meant for it"));
        }
        let model = match at("model") {
            Some(model) => model,
            None if offline => String::new(),
            None => return Err("it has no `model`, the name that its server knows".to_owned()),
        };
        let get = |key| self.get(&["models", name, key]);
        let count = |key| self.count(&["models", name, key]).and_then(|count| u32::try_from(count).ok());
        let local = match get("local") {
            Some(Value::Flag(local)) => *local,
            _ => offline || is_loopback(base_url.as_deref().unwrap_or(provider.base_url)),
        };
        let defaults = Timeouts::default();
        let time = |key, default| match self.get(&["models", name, "timeout", key]) {
            Some(Value::Time(time)) => *time,
            _ => default,
        };
        let amount = |key| match self.get(&["models", name, "price", key]) {
            Some(Value::Amount(amount)) => Some(*amount),
            _ => None,
        };
        // Half a price would make every cost wrong.
        let price = amount("input").zip(amount("output")).map(|(input, output)| Price {
            input,
            output,
            cache_read: amount("cache_read"),
            cache_written: amount("cache_written"),
        });
        let settings = ModelSettings::new(provider, &model);
        Ok(ModelSettings {
            provider: provider.at(base_url.as_deref()),
            base_url,
            api_version: at("api_version"),
            key_env: at("key_env"),
            key_command: match get("key_command") {
                Some(Value::Text(line)) => Some(in_shell(line)),
                Some(Value::Texts(words)) if !words.is_empty() => Some(words.clone()),
                _ => None,
            },
            local,
            context_window: count("context_window"),
            max_output_tokens: count("max_output_tokens"),
            effort: at("effort").and_then(|name| Effort::ALL.into_iter().find(|effort| effort.name() == name)),
            temperature: match get("temperature") {
                Some(Value::Amount(temperature)) => Some(*temperature),
                _ => None,
            },
            prompt_cache: !matches!(get("prompt_cache"), Some(Value::Flag(false))),
            price,
            max_retry_wait: match get("max_retry_wait") {
                Some(Value::Time(wait)) => *wait,
                _ => settings.max_retry_wait,
            },
            timeout: Timeouts {
                connect: time("connect", defaults.connect),
                first_byte: time("first_byte", defaults.first_byte),
                between: time("between", defaults.between),
            },
            limits: self.limits(name),
            ..settings
        })
    }

    fn limits(&self, model: &str) -> Limits {
        let count = |key| self.count(&["models", model, "limits", key]);
        let small = |key| count(key).and_then(|count| u32::try_from(count).ok());
        Limits {
            requests_per_minute: small("requests_per_minute"),
            tokens_per_minute: count("tokens_per_minute"),
            concurrent: small("concurrent"),
            cost_per_day: match self.get(&["models", model, "limits", "cost_per_day"]) {
                Some(Value::Amount(amount)) => Some(*amount),
                _ => None,
            },
        }
    }

    /// The routes, without models that don't exist.
    fn routes(&mut self, models: &BTreeMap<String, ModelSettings>) -> BTreeMap<String, Route> {
        let reported = std::mem::take(&mut self.left_out);
        let mut routes = BTreeMap::new();
        for path in &self.wrong {
            // Rather none than the default route's: it may be the one that the user did not want here.
            if let [section, route, key] = path.as_slice()
                && section == "routes"
                && key == "models"
            {
                routes.insert(route.clone(), Route::ordered(or_offline(Vec::new())));
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
            let policy = self.route_policy(route);
            let kept = || Route { models: or_offline(kept), policy };
            routes.entry(route.clone()).or_insert_with(kept);
        }
        routes
    }

    fn route_policy(&self, route: &str) -> RoutePolicy {
        match self.text(&["routes", route, "policy"]) {
            Some("round-robin") => RoutePolicy::RoundRobin,
            Some("least-busy") => RoutePolicy::LeastBusy,
            Some("sticky") => RoutePolicy::Sticky,
            Some("fastest") => RoutePolicy::Fastest,
            Some("race") => RoutePolicy::Race,
            _ => RoutePolicy::Ordered,
        }
    }

    /// Lets `WHITTLE_MODEL` and `--model` count.
    fn choose(&mut self, settings: &mut Settings, sources: &Sources) {
        let first = sources.env.iter().rev().find(|(name, value)| name == MODEL_VARIABLE && !value.is_empty());
        if let Some((variable, name)) = first {
            if is_there(name, settings, sources) {
                let route = settings.routes.entry("default".to_owned()).or_default();
                route.models.retain(|other| other != name);
                route.models.insert(0, name.clone());
            } else {
                let message = format!("`{name}` is {}", no_such_model(name, &settings.models));
                self.error(Origin::Variable(variable.clone()), message);
            }
        }
        if let Some(name) = &sources.model {
            if is_there(name, settings, sources) {
                // Alone: who asks for a local model does not want a remote one in its place.
                settings.routes = BTreeMap::from([("default".to_owned(), Route::ordered(vec![name.clone()]))]);
            } else {
                let message = format!("`{name}` is {}", no_such_model(name, &settings.models));
                self.error(Origin::Option("--model"), message);
            }
        }
    }
}

/// Whether a model that is named for this run is there: configured, the offline engine, or one that needs no settings,
/// which joins the others.
fn is_there(name: &str, settings: &mut Settings, sources: &Sources) -> bool {
    if name != OFFLINE && !settings.models.contains_key(name) {
        let found = sources.found.clone().filter(|found| found.provider == name);
        let by_key = || LOOKED_FOR.contains(&name).then(|| FoundModel::of_provider(name));
        let Some(model) =
            found.or_else(|| agreed(&sources.kept, name)).or_else(by_key).and_then(|found| found.settings())
        else {
            return false;
        };
        settings.models.insert(name.to_owned(), model);
    }
    settings.choice = Choice::Configured;
    true
}

/// The model of this provider that the user agreed to.
fn agreed(kept: &Kept, provider: &str) -> Option<FoundModel> {
    match &kept.consent {
        Some(Consent::Use(found)) if found.provider == provider => Some(found.clone()),
        _ => None,
    }
}

fn is_default_route(path: &[String]) -> bool {
    matches!(path, [section, route, ..] if section == "routes" && route == "default")
}

/// The program and arguments that run a command line as the user's terminal would.
fn in_shell(line: &str) -> Vec<String> {
    let shell = if cfg!(windows) { ["cmd", "/C"] } else { ["sh", "-c"] };
    shell.into_iter().chain([line]).map(str::to_owned).collect()
}

fn or_offline(route: Vec<String>) -> Vec<String> {
    if route.is_empty() { vec![OFFLINE.to_owned()] } else { route }
}

fn no_such_model(name: &str, models: &BTreeMap<String, ModelSettings>) -> String {
    let mut names: Vec<&str> = models.keys().map(String::as_str).collect();
    if !names.contains(&OFFLINE) {
        names.push(OFFLINE);
    }
    match nearest(name, names.iter().copied().chain(LOOKED_FOR)) {
        Some(nearest) => format!("not a configured model; did you mean `{nearest}`?"),
        None => format!("not a configured model; there are {}", list(&names)),
    }
}
