//! Reads settings from their sources, a later source winning. In: [`Sources`]. Out: [`Loaded`]: settings that can
//! always be worked with, and what was wrong. Never fails as a whole: a wrong key costs that key, a file that is not
//! TOML costs that file. Never repeats a value that may be a key.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::Settings;
use super::kept::{FoundModel, Kept};
use super::keys::{KEYS, Kind, ROUTES, Value, nearest};
use super::problem::{Origin, Problem, Severity};
use super::tree::{Node, Raw};

/// Variables that are read elsewhere.
const OTHER_VARIABLES: &[&str] =
    &["WHITTLE_CONFIG", "WHITTLE_LOG", "WHITTLE_LOG_FILE", "WHITTLE_QUERIES", "WHITTLE_TRUST"];

/// The variable that puts a model first.
pub(super) const MODEL_VARIABLE: &str = "WHITTLE_MODEL";

/// Where settings come from, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sources {
    /// The user's file; need not exist.
    pub user: Option<PathBuf>,
    /// The workspace's file, and whether it counts; need not exist.
    pub workspace: Option<(PathBuf, Trust)>,
    /// The file of `--config`, else of `WHITTLE_CONFIG`; must exist.
    pub explicit: Option<PathBuf>,
    /// What the editor sent: the section `whittle`, or an object with it.
    pub editor: Option<serde_json::Value>,
    /// Environment variables; those that don't begin with `WHITTLE_` are ignored.
    pub env: Vec<(String, String)>,
    /// `--model`.
    pub model: Option<String>,
    /// What the user once said of models that were found, and what the keyring has.
    pub kept: Kept,
    /// A model that was found for this run, as it was asked for by its provider's name.
    pub found: Option<FoundModel>,
    /// Names that routes may have besides those of the built-in operations.
    pub routes: Vec<String>,
}

/// Whether the user said that a workspace's own settings count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// They count.
    Trusted,
    /// They are ignored.
    Untrusted,
}

impl Sources {
    /// The user's file in the system's place for configuration, `WHITTLE_CONFIG`, the `WHITTLE_*` variables, and what the
    /// user once said of models.
    #[must_use]
    pub fn from_environment() -> Self {
        let user = etcetera::choose_base_strategy().ok();
        let env =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self {
            user: user.map(|strategy| strategy.config_dir().join("whittle").join("config.toml")),
            explicit: std::env::var_os("WHITTLE_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from),
            env: env.filter(|(name, _)| name.starts_with("WHITTLE_")).collect(),
            kept: Kept::of_user(),
            ..Self::default()
        }
    }
}

/// Settings and what was wrong with their sources.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    /// The settings, defaults filled in.
    pub settings: Settings,
    /// What was wrong, in the order of the sources.
    pub problems: Vec<Problem>,
    /// Files that were read.
    pub files: Vec<PathBuf>,
    /// Where each model (`models.NAME`) is first named and where each route (`routes.NAME`) stands.
    pub origins: BTreeMap<String, Origin>,
}

/// Why what lies in an untrusted workspace does not count, and how it would; `place` is the word for where it lies.
#[must_use]
pub fn ignored(place: &str) -> String {
    if std::env::var_os("WHITTLE_TRUST").is_some_and(|trust| trust == "none") {
        return "is ignored in Restricted Mode: trust the workspace in your editor first (it set `WHITTLE_TRUST=none`)"
            .to_owned();
    }
    format!("is ignored until you run `whittle trust` in its {place}")
}

/// Reads all sources.
#[must_use]
pub fn load(sources: &Sources) -> Loaded {
    let mut reading = Reading { routes: sources.routes.clone(), ..Reading::default() };
    if let Some(path) = &sources.user {
        reading.file(path, Need::Optional);
    }
    match &sources.workspace {
        Some((path, Trust::Trusted)) => reading.file(path, Need::Optional),
        Some((path, Trust::Untrusted)) if path.exists() => {
            reading.problem(Origin::File(path.clone(), None), Severity::Notice, ignored("folder"))
        }
        _ => {}
    }
    if let Some(path) = &sources.explicit {
        reading.file(path, Need::Required);
    }
    if let Some(value) = &sources.editor {
        reading.editor(value);
    }
    for (name, value) in &sources.env {
        reading.variable(name, value);
    }
    reading.finish(sources)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Optional,
    Required,
}

/// Sources as far as they have been read.
#[derive(Default)]
pub(super) struct Reading {
    /// Path of a key → its value and where it stands, of the last source that has it.
    pub(super) values: BTreeMap<Vec<String>, (Value, Origin)>,
    /// The models in the order in which they were first named.
    pub(super) models: Vec<(String, Origin)>,
    /// Paths whose last value was wrong.
    pub(super) wrong: BTreeSet<Vec<String>>,
    /// Paths that are no key.
    pub(super) unknown: BTreeSet<Vec<String>>,
    /// Names that routes may have besides the built-in ones.
    pub(super) routes: Vec<String>,
    /// Models that can't be used, and have been reported.
    pub(super) left_out: BTreeSet<String>,
    pub(super) problems: Vec<Problem>,
    pub(super) files: Vec<PathBuf>,
}

impl Reading {
    fn problem(&mut self, origin: Origin, severity: Severity, message: String) {
        self.problems.push(Problem { origin, severity, message });
    }

    pub(super) fn error(&mut self, origin: Origin, message: String) {
        self.problem(origin, Severity::Error, message);
    }

    fn file(&mut self, path: &Path, need: Need) {
        let origin = Origin::File(path.to_owned(), None);
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && need == Need::Optional => return,
            Err(error) => return self.error(origin, format!("cannot be read ({error}); its settings do not count")),
        };
        self.files.push(path.to_owned());
        match Node::from_toml(&text) {
            Ok(node) => self.node(&mut Vec::new(), &node, &origin),
            Err(fault) => self.error(
                origin.at(Some(fault.line)),
                format!("is not TOML at column {} ({}); no setting of this file counts", fault.column, fault.message),
            ),
        }
    }

    fn editor(&mut self, value: &serde_json::Value) {
        let section = value.get("whittle").unwrap_or(value);
        let mut node = Node::from_json(section);
        if let Raw::Table(rows) = &mut node.raw {
            // What editors' own clients keep in every server's section.
            rows.retain(|(key, _)| key != "trace");
        }
        if !section.is_null() {
            self.node(&mut Vec::new(), &node, &Origin::Editor);
        }
    }

    fn variable(&mut self, name: &str, text: &str) {
        if !name.starts_with("WHITTLE_") || OTHER_VARIABLES.contains(&name) || name == MODEL_VARIABLE {
            return;
        }
        let origin = Origin::Variable(name.to_owned());
        let known = || KEYS.iter().filter_map(|key| Some((key.variable()?, key)));
        let Some((_, key)) = known().find(|(variable, _)| variable == name) else {
            let names: Vec<String> = known().map(|(variable, _)| variable).collect();
            let all = names.iter().map(String::as_str).chain(OTHER_VARIABLES.iter().copied()).chain([MODEL_VARIABLE]);
            let hint = nearest(name, all).map(|name| format!("; did you mean {name}?")).unwrap_or_default();
            return self.error(origin, format!("is not a variable that whittle reads{hint}"));
        };
        let path = key.path.iter().map(|&part| part.to_owned()).collect();
        self.value(path, key.kind.check_text(text), "its value", origin);
    }

    /// Reads what stands at `path`.
    fn node(&mut self, path: &mut Vec<String>, node: &Node, origin: &Origin) {
        let here = origin.at(node.line.filter(|_| !path.is_empty()));
        let shown = shown(path);
        if let [section, name] = path.as_slice() {
            if section == "routes" {
                let own = self.routes.clone();
                let own = own.iter().map(String::as_str).filter(|name| !ROUTES.contains(name));
                let all: Vec<&str> = ROUTES.iter().copied().chain(own).collect();
                if !all.contains(&name.as_str()) {
                    return self.unknown(path, all, here);
                }
                if !matches!(node.raw, Raw::Table(_)) {
                    path.push("models".to_owned());
                    self.value(path.clone(), Kind::Texts.check(node), &format!("`{shown}`"), here);
                    path.pop();
                    return;
                }
            }
            if section == "models" && !self.models.iter().any(|(model, _)| model == name) {
                self.models.push((name.clone(), here.clone()));
            }
        }
        if let Some(key) = KEYS.iter().find(|key| key.path.len() == path.len() && key.is_at_or_below(path)) {
            if matches!(key.kind, Kind::Globs) {
                return self.globs(path, node, origin);
            }
            return self.value(path.clone(), key.kind.check(node), &format!("`{shown}`"), here);
        }
        let depth = path.len();
        let mut below: Vec<&str> =
            KEYS.iter().filter(|key| key.is_at_or_below(path)).filter_map(|key| key.path.get(depth).copied()).collect();
        below.dedup();
        let rows = match &node.raw {
            Raw::Table(rows) => rows.as_slice(),
            // Lua writes an empty list and an empty table alike.
            Raw::List(list) if list.is_empty() => &[],
            _ if path.is_empty() => return self.error(here, "must be a table of settings".to_owned()),
            _ => return self.error(here, format!("`{shown}` must be a table of {}", list(&below))),
        };
        for (name, child) in rows {
            path.push(name.clone());
            if below.contains(&"*") || below.contains(&name.as_str()) {
                self.node(path, child, origin);
            } else {
                self.unknown(path, below.clone(), origin.at(child.line));
            }
            path.pop();
        }
    }

    /// Reports a key that nobody knows; `siblings` are those that could stand in its place.
    fn unknown(&mut self, path: &[String], siblings: Vec<&str>, origin: Origin) {
        let name = path.last().map(String::as_str).unwrap_or_default();
        let outer = path.len().saturating_sub(1);
        let within = |name: &str| shown(&[path.get(..outer).unwrap_or_default(), &[name.to_owned()]].concat());
        // Somewhere else entirely: `budget` instead of `context.budget`.
        let elsewhere = || KEYS.iter().find(|key| key.path.last() == Some(&name) && !key.path.contains(&"*"));
        let hint = if matches!(name, "api_key" | "apiKey" | "key" | "token")
            && path.first().is_some_and(|section| section == "models")
        {
            "; keys never stand in settings, name the environment variable that holds it with `key_env`".to_owned()
        } else if let Some(nearest) = nearest(name, siblings.iter().copied()) {
            format!("; did you mean `{}`?", within(nearest))
        } else if let Some(key) = elsewhere() {
            format!("; did you mean `{}`?", key.path.join("."))
        } else {
            format!("; here stand {}", list(&siblings))
        };
        self.error(origin, format!("`{}` is not a setting{hint}", shown(path)));
        self.unknown.insert(path.to_vec());
    }

    fn value(&mut self, path: Vec<String>, checked: Result<Value, String>, name: &str, origin: Origin) {
        match checked {
            Err(wanted) => {
                self.error(origin, format!("{name} {wanted}"));
                self.wrong.insert(path);
            }
            Ok(value) => {
                self.wrong.remove(&path);
                self.values.insert(path, (value, origin));
            }
        }
    }

    /// Adds globs to those of the sources before: what one denies no other allows. A wrong one costs itself only.
    fn globs(&mut self, path: &[String], node: &Node, origin: &Origin) {
        let one = std::slice::from_ref(node);
        let items = if let Raw::List(items) = &node.raw { items.as_slice() } else { one };
        for item in items {
            match Kind::Globs.check(item) {
                Ok(Value::Texts(globs)) => {
                    let here = origin.at(item.line);
                    let entry = self.values.entry(path.to_vec()).or_insert_with(|| (Value::Texts(Vec::new()), here));
                    if let Value::Texts(all) = &mut entry.0 {
                        all.extend(globs);
                    }
                }
                Ok(_) => {}
                Err(wanted) => self.error(origin.at(item.line), format!("`{}` {wanted}", shown(path))),
            }
        }
    }
}

/// A path as the user would write it.
pub(super) fn shown(path: &[String]) -> String {
    let bare = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let part = |part: &String| if bare(part) { part.clone() } else { format!("{part:?}") };
    path.iter().map(part).collect::<Vec<_>>().join(".")
}

/// Names for a sentence.
pub(super) fn list(names: &[&str]) -> String {
    names
        .iter()
        .map(|name| if *name == "*" { "names of your choice".to_owned() } else { format!("`{name}`") })
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::config::{Effort, PROVIDERS, Price, ShowIn};

    /// Loads a user's file, a trusted workspace's, editor settings and variables, whatever of them is not empty.
    fn load_all(user: &str, workspace: &str, editor: serde_json::Value, env: &[(&str, &str)]) -> Loaded {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            if !text.is_empty() {
                std::fs::write(&path, text).unwrap();
            }
            path
        };
        let mut loaded = load(&Sources {
            user: Some(write("config.toml", user)),
            workspace: Some((write("whittle.toml", workspace), Trust::Trusted)),
            editor: Some(editor),
            env: env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            ..Sources::default()
        });
        for problem in &mut loaded.problems {
            if let Origin::File(path, _) = &mut problem.origin {
                *path = path.strip_prefix(folder.path()).unwrap().to_owned();
            }
        }
        loaded
    }

    fn load_text(user: &str) -> Loaded {
        load_all(user, "", json!(null), &[])
    }

    /// A user's file → the problems in it.
    #[track_caller]
    fn check_problems(user: &str, wanted: &[&str]) {
        let problems: Vec<String> = load_text(user).problems.iter().map(ToString::to_string).collect();
        assert_eq!(problems, wanted);
    }

    /// A user's file → its routes, `name: models`.
    #[track_caller]
    fn check_routes(user: &str, wanted: &[&str]) {
        let routes = load_text(user).settings.routes;
        let routes: Vec<String> =
            routes.iter().map(|(name, route)| format!("{name}: {}", route.models.join(" "))).collect();
        assert_eq!(routes, wanted, "{user}");
    }

    #[test]
    fn nothing_configured_is_the_offline_engine() {
        let loaded = load(&Sources::default());
        assert_eq!(loaded.problems, []);
        assert_eq!(loaded.settings.context.budget, 4000);
        assert_eq!(loaded.settings.route("refactor").models, ["offline"]);
        assert_eq!(Settings::default().route("explain").models, ["offline"]);
    }

    #[test]
    fn every_decided_key_is_taken() {
        let loaded = load_text(
            r#"
            [models.local]
            provider = "openai"
            base_url = "http://127.0.0.1:8080/v1"
            model = "qwen3-coder"
            key_env = "MY_KEY"
            local = true
            context_window = 32_768
            timeout = { connect = "500ms", first_byte = 90, between = "1m" }
            limits = { requests_per_minute = 60, tokens_per_minute = 200000, concurrent = 8, cost_per_day = 5.0 }
            [models.big]
            provider = "anthropic"
            model = "large"
            api_version = "2023-06-01"
            max_output_tokens = 1000
            effort = "xhigh"
            temperature = 0.5
            prompt_cache = false
            price = { input = 1, output = 2.5, cache_read = 0.1 }
            max_retry_wait = "2m"
            key_command = ["pass", "openai"]
            [routes]
            default = ["local"]
            refactor = { models = ["big", "local"], policy = "ordered" }
            [context]
            budget = 8000
            [edits]
            apply = "direct"
            format = true
            verify = "auto"
            verify_wait = "20s"
            repair_attempts = 2
            [policy]
            deny = ["secrets/**"]
            [explain]
            show_in = "file"
            "#,
        );
        assert_eq!(loaded.problems, []);
        let settings = loaded.settings;
        let local = &settings.models["local"];
        assert_eq!((local.provider.name, local.model.as_str()), ("openai", "qwen3-coder"));
        assert_eq!(local.base_url.as_deref(), Some("http://127.0.0.1:8080/v1"));
        assert_eq!((local.key_env.as_deref(), local.local), (Some("MY_KEY"), true));
        assert_eq!(local.context_window, Some(32_768));
        assert_eq!(local.timeout.connect, Duration::from_millis(500));
        assert_eq!(local.timeout.first_byte, Duration::from_secs(90));
        assert_eq!(local.timeout.between, Duration::from_secs(60));
        let big = &settings.models["big"];
        assert_eq!((big.provider.name, big.api_version.as_deref()), ("anthropic", Some("2023-06-01")));
        assert_eq!((big.max_output_tokens, big.effort, big.temperature), (Some(1000), Some(Effort::Xhigh), Some(0.5)));
        let price = Price { input: 1.0, output: 2.5, cache_read: Some(0.1), cache_written: None };
        assert_eq!((big.price, local.price), (Some(price), None));
        assert_eq!(big.key_command.as_deref(), Some(&["pass".to_owned(), "openai".to_owned()][..]));
        assert_eq!((big.prompt_cache, local.prompt_cache), (false, true));
        assert_eq!(big.max_retry_wait, Duration::from_secs(120));
        assert_eq!((big.local, local.max_retry_wait), (false, Duration::from_secs(60)));
        assert_eq!(settings.route("refactor").models, ["big", "local"]);
        assert_eq!(settings.route("explain").models, ["local"]);
        assert_eq!(settings.context.budget, 8000);
        assert_eq!(settings.policy.deny, ["secrets/**"]);
        assert_eq!(settings.explain.show_in, ShowIn::File);
    }

    #[test]
    fn a_later_source_wins_and_denials_add_up() {
        let loaded = load_all(
            "context.budget = 1\npolicy.deny = ['a']\nexplain.show_in = 'file'\n[models.m]\nprovider = 'openai'\nmodel = 'x'\nbase_url = 'http://h'\n",
            "context.budget = 2\npolicy.deny = ['b']\n[models.m]\nmodel = 'y'\n",
            json!({"whittle": {"context": {"budget": 3.0}, "policy": {"deny": ["c"]}, "explain": null, "trace": {"server": "off"}}}),
            &[("WHITTLE_CONTEXT_BUDGET", "4"), ("WHITTLE_LOG", "debug"), ("HOME", "/")],
        );
        assert_eq!(loaded.problems, []);
        assert_eq!(loaded.settings.context.budget, 4);
        assert_eq!(loaded.settings.policy.deny, ["a", "b", "c"]);
        assert_eq!(loaded.settings.explain.show_in, ShowIn::File);
        assert_eq!(loaded.settings.models["m"].model, "y");
        assert_eq!(loaded.settings.models["m"].base_url.as_deref(), Some("http://h"));
        assert_eq!(loaded.files.len(), 2);
        assert_eq!(load_all("", "", json!({"context": {"budget": 3}}), &[]).settings.context.budget, 3);
    }

    #[test]
    fn a_wrong_key_names_its_place_and_the_right_one_and_costs_only_itself() {
        check_problems(
            "[contxt]\nbudget = 1\n[context]\nbuget = 2\nzzz = 1\n",
            &[
                "config.toml:1: `contxt` is not a setting; did you mean `context`?",
                "config.toml:4: `context.buget` is not a setting; did you mean `context.budget`?",
                "config.toml:5: `context.zzz` is not a setting; here stand `budget`",
            ],
        );
        check_problems("budget = 1\n", &["config.toml:1: `budget` is not a setting; did you mean `context.budget`?"]);
        check_problems(
            "routes.refector = ['offline']\n",
            &["config.toml:1: `routes.refector` is not a setting; did you mean `routes.refactor`?"],
        );
        check_problems(
            "[models.a]\nprovider = 'openia'\nmodel = 'x'\n",
            &[
                &format!(
                    "config.toml:2: `models.a.provider` must be one of {}; did you mean \"openai\"?",
                    PROVIDERS.iter().map(|provider| format!("{:?}", provider.name)).collect::<Vec<_>>().join(", ")
                ),
                "config.toml:1: the model `a` is left out: its `provider` is wrong",
            ],
        );
        let loaded = load_text("[context]\nbudget = 'many'\n[explain]\nshow_in = 'hover'\n");
        assert_eq!(
            loaded.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["config.toml:2: `context.budget` must be a whole number from 1 to 10000000"]
        );
        assert_eq!((loaded.settings.context.budget, loaded.settings.explain.show_in), (4000, ShowIn::Hover));
    }

    #[test]
    fn wrong_types_are_reported_where_they_stand() {
        check_problems(
            "models = 3\ncontext = []\n[edits]\nverify_wait = '1 week'\nformat = 'yes'\nrepair_attempts = 1.5\n",
            &[
                "config.toml:1: `models` must be a table of names of your choice",
                "config.toml:4: `edits.verify_wait` must be a time up to a day such as \"5s\", \"500ms\", \"2m\", or a number of seconds",
                "config.toml:5: `edits.format` must be true or false",
                "config.toml:6: `edits.repair_attempts` must be a whole number from 0 to 10",
            ],
        );
    }

    #[test]
    fn a_file_that_is_not_toml_costs_that_file() {
        let loaded = load_all("context.budget = = 1\n", "context.budget = 2\n", json!(null), &[]);
        assert_eq!(loaded.settings.context.budget, 2);
        let [problem] = loaded.problems.as_slice() else { panic!("{:?}", loaded.problems) };
        assert!(problem.to_string().starts_with("config.toml:1: is not TOML at column 18 ("), "{problem}");
        assert!(problem.to_string().ends_with("); no setting of this file counts"), "{problem}");
    }

    #[test]
    fn a_key_is_never_repeated() {
        let user = "[models.a]\nprovider = 'openai'\nmodel = 'x'\nkey_env = 'sk-secret-1'\napi_key = 'sk-secret-2'\n";
        check_problems(
            user,
            &[
                "config.toml:4: `models.a.key_env` must be the name of an environment variable that holds the key, not the key itself",
                "config.toml:5: `models.a.api_key` is not a setting; keys never stand in settings, name the environment variable that holds it with `key_env`",
                "config.toml:1: the model `a` is left out: its `key_env` is wrong",
            ],
        );
        assert!(!format!("{:?}", load_text(user)).contains("sk-secret"));
    }

    #[test]
    fn a_model_whose_place_is_uncertain_is_left_out() {
        let model = |rest: &str| format!("[models.a]\nprovider = 'openai'\nmodel = 'x'\n{rest}\n");
        check_problems(
            &model("base_url = 'localhost:8080'"),
            &[
                "config.toml:4: `models.a.base_url` must be an address such as \"http://127.0.0.1:8080/v1\"",
                "config.toml:1: the model `a` is left out: its `base_url` is wrong",
            ],
        );
        check_problems(
            &model("baseUrl = 'http://localhost:8080'"),
            &[
                "config.toml:4: `models.a.baseUrl` is not a setting; did you mean `models.a.base_url`?",
                "config.toml:1: the model `a` is left out: it has no `base_url`, and `baseUrl` may be meant for it",
            ],
        );
        // With an address of its own, an unknown key costs only itself.
        assert!(load_text(&model("base_url = 'http://h'\ntop_p = 1")).settings.models.contains_key("a"));
        check_problems(
            "[models.a]\nprovider = 'groq'\nbaseUrl = 'x'\nmodel = 'x'\n[models.b]\nmodel = 'x'\n[models.c]\nprovider = 'openai'\n[routes]\ndefault = ['a']\n",
            &[
                "config.toml:3: `models.a.baseUrl` is not a setting; did you mean `models.a.base_url`?",
                "config.toml:1: the model `a` is left out: it has no `base_url`, and `baseUrl` may be meant for it",
                "config.toml:5: the model `b` is left out: it has no `provider`",
                "config.toml:7: the model `c` is left out: it has no `model`, the name that its server knows",
            ],
        );
        check_problems(
            "[models.offline]\nprovider = 'openai'\nmodel = 'x'\n",
            &[
                "config.toml:1: the model `offline` is left out: this name is that of the offline engine; choose another",
            ],
        );
    }

    #[test]
    fn a_model_on_this_machine_is_local_unless_the_user_says_otherwise() {
        let check = |rest: &str, wanted: bool| {
            let loaded = load_text(&format!("[models.a]\nprovider = 'openai'\nmodel = 'x'\n{rest}\n"));
            assert_eq!((loaded.problems.len(), loaded.settings.models["a"].local), (0, wanted), "{rest}");
        };
        for host in ["127.0.0.1:1", "127.1.2.3", "[::1]:8080", "localhost:11434", "LOCALHOST"] {
            check(&format!("base_url = 'http://{host}/v1'"), true);
        }
        check("base_url = 'http://localhost/v1'\nlocal = false", false);
        check("base_url = 'http://10.0.0.1/v1'", false);
        check("base_url = 'http://10.0.0.1/v1'\nlocal = true", true);
        check("", false);
    }

    const MODELS: &str = "[models.b]\nprovider = 'openai'\nmodel = 'x'\n[models.a]\nprovider = 'offline'\n";

    #[test]
    fn routes_hold_configured_models_in_order_of_preference() {
        check_routes("", &["default: offline"]);
        check_routes(MODELS, &["default: b a"]);
        check_routes(&format!("routes.test = 'a'\n{MODELS}"), &["default: b a", "test: a"]);
        check_routes(&format!("routes.default = ['a', 'offline']\n{MODELS}"), &["default: a offline"]);
        // Rather no model than one that the user did not name.
        check_routes(&format!("routes.default = []\n{MODELS}"), &["default: offline"]);
        check_routes(
            &format!("routes.default = ['c', 'a']\nroutes.test = ['c']\n{MODELS}"),
            &["default: a", "test: offline"],
        );
        check_routes(&format!("routes.test = 3\n{MODELS}"), &["default: b a", "test: offline"]);
        check_problems(
            &format!("routes.default = ['local']\nroutes.test = {{ models = ['A'], policy = 'quickest' }}\n{MODELS}"),
            &[
                "config.toml:2: `routes.test.policy` must be one of \"ordered\", \"round-robin\", \"least-busy\", \"sticky\", \"fastest\", \"race\"",
                "config.toml:1: `routes.default` names `local`, not a configured model; there are `a`, `b`, `offline`",
                "config.toml:2: `routes.test` names `A`, not a configured model; did you mean `a`?",
            ],
        );
    }

    #[test]
    fn a_variable_puts_a_model_first_and_an_option_makes_it_the_only_one() {
        let loaded = load_all(&format!("routes.test = ['b']\n{MODELS}"), "", json!(null), &[("WHITTLE_MODEL", "a")]);
        assert_eq!(loaded.problems, []);
        assert_eq!(
            (loaded.settings.route("explain").models, loaded.settings.route("test").models),
            (vec!["a".to_owned(), "b".to_owned()], vec!["b".to_owned()])
        );
        let mut sources = Sources { model: Some("offline".to_owned()), ..Sources::default() };
        assert_eq!(load(&sources).settings.route("test").models, ["offline"]);
        sources.model = Some("ofline".to_owned());
        assert_eq!(
            load(&sources).problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["--model: `ofline` is not a configured model; did you mean `offline`?"]
        );
    }

    #[test]
    fn variables_are_read_by_their_names() {
        let problems = |name: &str, value: &str| {
            load_all("", "", json!(null), &[(name, value)]).problems.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert!(problems("WHITTLE_EXPLAIN_SHOW_IN", "hover").is_empty());
        assert!(problems("WHITTLE_QUERIES", "/x").is_empty());
        assert_eq!(
            problems("WHITTLE_CONTEXT_BUGET", "1"),
            ["WHITTLE_CONTEXT_BUGET: is not a variable that whittle reads; did you mean WHITTLE_CONTEXT_BUDGET?"]
        );
        assert_eq!(
            problems("WHITTLE_CONTEXT_BUDGET", "lots"),
            ["WHITTLE_CONTEXT_BUDGET: its value must be a whole number from 1 to 10000000"]
        );
        assert_eq!(
            problems("WHITTLE_EDITS_FORMAT", "maybe"),
            ["WHITTLE_EDITS_FORMAT: its value must be true or false"]
        );
        assert_eq!(
            problems("WHITTLE_MODEL", "big"),
            ["WHITTLE_MODEL: `big` is not a configured model; there are `offline`"]
        );
    }

    #[test]
    fn a_wrong_glob_does_not_allow_the_others() {
        let loaded = load_text("[policy]\ndeny = [\n'a',\n'[',\n3,\n'b']\n");
        assert_eq!(loaded.settings.policy.deny, ["a", "b"]);
        let lines: Vec<_> = loaded.problems.iter().map(|problem| problem.to_string()).collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("config.toml:4: `policy.deny` holds a glob that cannot be read: "), "{lines:?}");
        assert_eq!(lines[1], "config.toml:5: `policy.deny` must be a list of globs such as [\"secrets/**\"]");
    }

    #[test]
    fn a_strangers_workspace_does_not_count_and_a_named_file_must_exist() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("whittle.toml");
        let mut sources = Sources { workspace: Some((path.clone(), Trust::Untrusted)), ..Sources::default() };
        assert_eq!(load(&sources).problems, []);
        std::fs::write(&path, "context.budget = 1\nnonsense").unwrap();
        let loaded = load(&sources);
        assert_eq!(loaded.settings.context.budget, 4000);
        assert_eq!(loaded.files, Vec::<PathBuf>::new());
        let [problem] = loaded.problems.as_slice() else { panic!("{:?}", loaded.problems) };
        assert_eq!(problem.severity, Severity::Notice);
        assert!(problem.to_string().ends_with("whittle.toml: is ignored until you run `whittle trust` in its folder"));

        sources = Sources { explicit: Some(folder.path().join("none.toml")), ..Sources::default() };
        let [problem] = &load(&sources).problems[..] else { panic!() };
        assert!(problem.to_string().contains("none.toml: cannot be read ("), "{problem}");
        assert_eq!(problem.severity, Severity::Error);
    }
}
