//! `whittle doctor`: says what is configured and what is missing. Fails only where an operation could not be asked for.
//! Never prints the value of a key.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use anyhow::{Result, bail};
use serde::Serialize;

use super::editors::{EditorJson, editors};
use super::keys::{self, KeyJson};
use super::models::{self, ModelJson};
use super::output::{BOLD, DIM, GREEN, RED, print, print_json, styled};
use super::session::{find_ollama, root_here, settings, trust};
use super::{Options, startup};
use crate::config::{
    Choice, Consent, Kept, LOOKED_FOR, OFFLINE, Origin, Protocol, ProviderRow, Settings, Severity, Trust,
};
use crate::models::{Found, Models, find_key};
use crate::offline::Offline;
use crate::operations::Env;
use crate::prompt::Operation;
use crate::syntax;

/// The JSON document.
#[derive(Serialize)]
struct DoctorJson {
    /// Whittle's version.
    version: &'static str,
    /// The workspace that the current folder lies in.
    workspace: String,
    /// Its own settings count.
    trusted: bool,
    /// Configuration files that were read.
    files: Vec<String>,
    /// What is wrong in the settings.
    problems: Vec<ProblemJson>,
    /// The models.
    models: Vec<ModelJson>,
    /// What each operation asks, and why.
    operations: Vec<OperationJson>,
    /// The usual variables of keys, and those of the settings.
    keys: Vec<VariableJson>,
    /// Where the models' keys come from.
    model_keys: Vec<KeyJson>,
    /// The model that needs no settings, and how it was found; looked for only where none is configured.
    found: Option<String>,
    /// What to do next.
    next: Vec<String>,
    /// The folder of `WHITTLE_QUERIES`.
    queries: Option<String>,
    /// Languages with a grammar.
    languages: Vec<&'static str>,
    /// Editors that are here.
    editors: Vec<EditorJson>,
    /// Nothing stops an operation.
    ok: bool,
}

#[derive(Serialize)]
struct ProblemJson {
    /// `error`: what stands there does not count; `notice`: it is right but has no effect now.
    severity: &'static str,
    /// Where and what.
    message: String,
}

#[derive(Serialize)]
struct OperationJson {
    operation: String,
    model: String,
    why: String,
    /// What stops it.
    problem: Option<String>,
}

#[derive(Serialize)]
struct VariableJson {
    variable: String,
    set: bool,
}

pub(super) fn run(options: &Options) -> Result<()> {
    let found = examine(options)?;
    if options.json {
        print_json(&found)?;
    } else {
        print(&found.page())?;
    }
    if !found.ok {
        bail!("some operations can't be used: see the lines in question above");
    }
    Ok(())
}

fn examine(options: &Options) -> Result<DoctorJson> {
    let root = root_here()?;
    let (loaded, operations) = settings(options, &root)?;
    let kept = Kept::of_user();
    let found = match loaded.settings.choice {
        Choice::Nobody => find_key(&startup::variable, &kept).or_else(|| find_ollama().ok()),
        _ => None,
    };
    // the command line refuses to work with these
    let refused = |origin: &Origin| match origin {
        Origin::Option(_) => true,
        Origin::Variable(name) => name == "WHITTLE_MODEL" && options.model.is_none(),
        Origin::File(file, _) => options.config.as_ref() == Some(file),
        Origin::Editor => false,
    };
    let stopped = loaded.problems.iter().any(|problem| problem.severity == Severity::Error && refused(&problem.origin));
    let problems = loaded.problems.iter().map(|problem| ProblemJson {
        severity: if problem.severity == Severity::Error { "error" } else { "notice" },
        message: problem.to_string(),
    });
    let problems = problems.collect();
    let models = Models::new(&loaded.settings, &startup::variable, Arc::new(Offline));
    let env = Env { settings: Arc::new(loaded.settings), models, operations: Arc::new(operations) };
    let why = |operation: &Operation| why(operation, &env, options, &loaded.origins);
    let operations: Vec<OperationJson> =
        env.operations.iter().map(|operation| examine_operation(operation, &env, why(operation))).collect();
    Ok(DoctorJson {
        version: env!("CARGO_PKG_VERSION"),
        workspace: root.display().to_string(),
        trusted: trust(&root) == Trust::Trusted,
        files: loaded.files.iter().map(|file| file.display().to_string()).collect(),
        problems,
        models: models::list(&env),
        ok: !stopped && operations.iter().all(|operation| operation.problem.is_none()),
        next: next(&env.settings, &kept, found.as_ref(), &operations),
        operations,
        keys: variables(&env.settings),
        model_keys: keys::of_models(&env.settings),
        found: found.map(|found| format!("{} ({})", found.model.provider, found.how)),
        queries: startup::variable("WHITTLE_QUERIES"),
        languages: syntax::languages().iter().map(|language| language.name).collect(),
        editors: editors(),
    })
}

/// The usual variables of keys, and those that the settings name.
fn variables(settings: &Settings) -> Vec<VariableJson> {
    let usual = LOOKED_FOR.iter().filter_map(|name| ProviderRow::named(name)).flat_map(|provider| provider.keys);
    let mut names: Vec<String> = usual.map(ToString::to_string).collect();
    for model in settings.models.values() {
        let own = model.key_env.iter().cloned();
        names.extend(own.chain(model.provider.keys.iter().map(ToString::to_string)));
    }
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names.into_iter().map(|variable| VariableJson { set: startup::variable(&variable).is_some(), variable }).collect()
}

fn examine_operation(operation: &Operation, env: &Env, why: String) -> OperationJson {
    let model = env.model_name(operation);
    let why = if model == OFFLINE && operation.needs_model() { format!("{why}; it needs one") } else { why };
    let problem = env.models.get(&model).err().map(|error| error.to_string());
    OperationJson { operation: operation.name.clone(), model, why, problem }
}

/// Why an operation asks the model that it asks.
fn why(operation: &Operation, env: &Env, options: &Options, origins: &BTreeMap<String, Origin>) -> String {
    let settings = &env.settings;
    let model = env.model_name(operation);
    let route = [operation.route_name(), "default"].map(|route| format!("routes.{route}"));
    let stands = |name: &String| origins.get(name).map(|origin| format!("first of `{name}` in {origin}"));
    let [own, default] = &route;
    if options.model.is_some() {
        return "--model names it".to_owned();
    }
    if let Some(why) = stands(own) {
        return why;
    }
    if operation.route.as_ref() == Some(&model) {
        return "its file names it".to_owned();
    }
    if startup::variable("WHITTLE_MODEL").is_some_and(|name| name == model) {
        return "WHITTLE_MODEL names it".to_owned();
    }
    match &settings.choice {
        Choice::Nobody => "no model is configured".to_owned(),
        Choice::Agreed(_) => "it was found, and you agreed to use it".to_owned(),
        Choice::Configured => stands(default).unwrap_or_else(|| match origins.get(&format!("models.{model}")) {
            Some(origin) => format!("the first model, [models.{model}] in {origin}; no route is set"),
            None => "the models of the settings can't be used".to_owned(),
        }),
    }
}

/// What is missing, each with the step that mends it.
fn next(settings: &Settings, kept: &Kept, found: Option<&Found>, operations: &[OperationJson]) -> Vec<String> {
    let mut next = Vec::new();
    match (&settings.choice, found) {
        (Choice::Nobody, found) if kept.consent == Some(Consent::Never) => {
            let name = found.map_or("anthropic", |found| found.model.provider.as_str());
            next.push(format!(
                "You said no to models that are found; `whittle models use {name}` or `whittle models use ask` change that."
            ));
        }
        (Choice::Nobody, Some(Found { model, how })) => next.push(format!(
            "{how}: `whittle models use {}` lets Whittle use {}, here and in editors.",
            model.provider,
            model.model_name().unwrap_or_default()
        )),
        (Choice::Nobody, None) => next.push(
            "Everything works offline. For a model: set a key such as ANTHROPIC_API_KEY, or run \
             `whittle keys set anthropic`, or start Ollama, then `whittle models use NAME`; or add [models.NAME] with \
             `provider` and `model` to the configuration."
                .to_owned(),
        ),
        (Choice::Agreed(name), _) => {
            next.push(format!("{name} is used because you agreed; `whittle models use offline` ends that."));
        }
        (Choice::Configured, _) => {}
    }
    let mut told = BTreeSet::new();
    next.extend(operations.iter().filter_map(|one| one.problem.clone()).filter(|problem| told.insert(problem.clone())));
    if settings.models.values().any(|model| model.provider.protocol != Protocol::Offline) && told.is_empty() {
        next.push("`whittle models check` asks each model a short question.".to_owned());
    }
    next
}

impl DoctorJson {
    fn page(&self) -> String {
        let mut out = String::new();
        let head = |out: &mut String, title: &str| {
            let _ = writeln!(out, "\n{}", styled(title, BOLD));
        };
        let _ = writeln!(out, "whittle {}", self.version);

        head(&mut out, "Workspace");
        let trusted = if self.trusted {
            "trusted: its whittle.toml counts"
        } else {
            "not trusted: its whittle.toml does not count"
        };
        let _ = writeln!(out, "  {}\n  {trusted}", self.workspace);

        head(&mut out, "Configuration");
        if self.files.is_empty() {
            let _ = writeln!(out, "  no file; the defaults count");
        }
        self.files.iter().for_each(|file| {
            let _ = writeln!(out, "  {file}");
        });
        for problem in &self.problems {
            let _ = writeln!(out, "  {}: {}", styled(problem.severity, RED), problem.message);
        }
        if let Some(queries) = &self.queries {
            let _ = writeln!(out, "  queries of WHITTLE_QUERIES: {queries}");
        }

        head(&mut out, "Models");
        self.models.iter().for_each(|model| {
            let mut lines = String::new();
            model.print(&mut lines);
            lines.lines().for_each(|line| {
                let _ = writeln!(out, "  {line}");
            });
        });

        head(&mut out, "Operations");
        for operation in &self.operations {
            let problem =
                if operation.problem.is_some() { styled("  can't be asked, see below", RED) } else { String::new() };
            let _ = writeln!(out, "  {:<9} {} ({}){problem}", operation.operation, operation.model, operation.why);
        }

        head(&mut out, "Keys");
        for key in &self.model_keys {
            let _ = writeln!(out, "  {:<20} {}", key.model, key.words());
        }
        for variable in &self.keys {
            let set = if variable.set { styled("set", GREEN) } else { styled("not set", DIM) };
            let _ = writeln!(out, "  {:<20} {set}", variable.variable);
        }

        head(&mut out, "Languages");
        let _ = writeln!(out, "  {}", self.languages.join(", "));

        head(&mut out, "Editors");
        if self.editors.is_empty() {
            let _ = writeln!(
                out,
                "  none of Helix (hx), Neovim (nvim) and VS Code (code) is in PATH or in the usual folders"
            );
        }
        for editor in &self.editors {
            let version = editor.version.as_deref().map(|version| format!("  {version}")).unwrap_or_default();
            let _ = writeln!(out, "  {:<5} {}{}", editor.program, editor.path, styled(&version, DIM));
            let _ = writeln!(out, "        {}", styled(editor.features, DIM));
        }
        let _ = writeln!(out, "  `whittle setup` says what to add to their configuration.");

        if !self.next.is_empty() {
            head(&mut out, "Next");
            self.next.iter().for_each(|step| {
                let _ = writeln!(out, "  {step}");
            });
        }
        out
    }
}
