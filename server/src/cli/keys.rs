//! `whittle keys`: where each model's key comes from, and the keys in the system's keyring. Never prints a key.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Read as _};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::output::{BOLD, DIM, RED, print, print_json, styled};
use super::session::{self, root_here};
use super::{Options, startup};
use crate::config::{FoundModel, Kept, LOOKED_FOR, ModelSettings, ProviderRow, Settings};
use crate::models::{KeySource, KeyringError, key_source, remove_key, set_key};

/// Bytes of standard input that may be a key.
const LONGEST: u64 = 16 << 10;

#[derive(Debug, Args)]
pub(super) struct KeysArgs {
    #[command(subcommand)]
    command: Option<KeysCommand>,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Put a key into the system's keyring: typed without being shown, or read from standard input
    Set(NameArgs),
    /// Take a key out of the system's keyring
    Remove(NameArgs),
}

#[derive(Debug, Args)]
struct NameArgs {
    /// A model of the configuration, or a provider: then for all its models
    #[arg(value_name = "MODEL|PROVIDER")]
    name: String,
}

/// The JSON document.
#[derive(Serialize)]
struct KeysJson {
    /// The models, by name.
    models: Vec<KeyJson>,
    /// The names under which the keyring has a key.
    keyring: Vec<String>,
}

/// Where a model's key comes from.
#[derive(Serialize)]
pub(super) struct KeyJson {
    pub(super) model: String,
    /// `variable`, `command`, `keyring`, or `none`: it is asked without one.
    pub(super) from: &'static str,
    /// The variable, or the name in the keyring.
    pub(super) name: Option<String>,
    /// Why there is none though it needs one.
    pub(super) problem: Option<String>,
}

pub(super) fn run(options: &Options, args: &KeysArgs) -> Result<()> {
    let settings = session::settings(options, &root_here()?)?.0.settings;
    match &args.command {
        None => list(options, &settings),
        Some(KeysCommand::Set(args)) => set(options, &settings, &args.name),
        Some(KeysCommand::Remove(args)) => remove(options, &args.name),
    }
}

/// Where the keys of all models come from.
pub(super) fn of_models(settings: &Settings) -> Vec<KeyJson> {
    settings.models.iter().map(|(name, model)| of_model(name, model)).collect()
}

fn of_model(name: &str, settings: &ModelSettings) -> KeyJson {
    let (from, source, problem) = match key_source(name, settings, &startup::variable) {
        Ok(KeySource::None) => ("none", None, None),
        Ok(KeySource::Variable(variable)) => ("variable", Some(variable), None),
        Ok(KeySource::Command) => ("command", None, None),
        Ok(KeySource::Keyring(entry)) => ("keyring", Some(entry), None),
        Err(error) => ("none", None, Some(error.to_string())),
    };
    KeyJson { model: name.to_owned(), from, name: source, problem }
}

impl KeyJson {
    /// One line in words.
    pub(super) fn words(&self) -> String {
        match (self.from, &self.name) {
            ("variable", Some(name)) => format!("the variable {name}"),
            ("command", _) => "its key_command".to_owned(),
            ("keyring", Some(name)) if *name == self.model => "the keyring".to_owned(),
            ("keyring", Some(name)) => format!("the keyring, the key of {name}"),
            _ if self.problem.is_some() => styled("missing", RED),
            _ => "asked without a key".to_owned(),
        }
    }
}

fn list(options: &Options, settings: &Settings) -> Result<()> {
    let found = KeysJson { models: of_models(settings), keyring: Kept::of_user().keyring.into_iter().collect() };
    if options.json {
        return print_json(&found);
    }
    let mut out = String::new();
    let width = found.models.iter().map(|key| key.model.chars().count()).max().unwrap_or(0);
    for key in &found.models {
        let _ = writeln!(
            out,
            "{}{:pad$}  {}",
            styled(&key.model, BOLD),
            "",
            key.words(),
            pad = width - key.model.chars().count()
        );
        if let Some(problem) = &key.problem {
            let _ = writeln!(out, "  {}", styled(problem, DIM));
        }
    }
    if found.models.is_empty() {
        let _ = writeln!(out, "no model is configured, so none needs a key");
    }
    if !found.keyring.is_empty() {
        let _ = writeln!(out, "{}", styled(&format!("in the keyring: {}", found.keyring.join(", ")), DIM));
    }
    print(&out)
}

fn set(options: &Options, settings: &Settings, name: &str) -> Result<()> {
    let is_model = settings.models.contains_key(name);
    let provider = ProviderRow::named(name).filter(|provider| !provider.keys.is_empty());
    if !is_model && provider.is_none() {
        let models: Vec<&str> = settings.models.keys().map(String::as_str).collect();
        let models = if models.is_empty() { "none".to_owned() } else { models.join(", ") };
        bail!(
            "`{name}` is neither a model of the configuration ({models}) nor a provider that takes a key, such as \
             anthropic or openai"
        );
    }
    let key = read_key(name)?;
    wait(set_key(name, key)).map_err(|error| refused(name, settings, &error))?;
    Kept::change(|kept| kept.keyring.extend([name.to_owned()]))?;
    said(options, name, &format!("the keyring has the key of {name}; {}", users(name, settings)))
}

/// What the keyring has now.
fn said(options: &Options, name: &str, words: &str) -> Result<()> {
    if !options.json {
        return print(&format!("{words}\n"));
    }
    let keyring = Kept::of_user().keyring;
    print_json(&serde_json::json!({ "name": name, "in_keyring": keyring.contains(name), "keyring": keyring }))
}

/// Which models take the key from the keyring now.
fn users(name: &str, settings: &Settings) -> String {
    let mut models: BTreeMap<String, ModelSettings> = settings.models.clone();
    if LOOKED_FOR.contains(&name) && !models.contains_key(name) {
        models.extend(FoundModel::of_provider(name).settings().map(|model| (name.to_owned(), model)));
    }
    let (mut users, mut others) = (Vec::new(), Vec::new());
    for (model, mut settings) in models {
        if model != name && settings.provider.name != name {
            continue;
        }
        settings.keyring = Some(name.to_owned());
        let key = of_model(&model, &settings);
        if key.from == "keyring" { users.push(model) } else { others.push(format!("{model} takes {}", key.words())) }
    }
    let users = if users.is_empty() { None } else { Some(format!("used by {}", users.join(", "))) };
    let said: Vec<String> = users.into_iter().chain(others).collect();
    if said.is_empty() { "no model uses it yet".to_owned() } else { said.join("; ") }
}

fn remove(options: &Options, name: &str) -> Result<()> {
    let known = Kept::of_user().keyring.contains(name);
    let removed = wait(remove_key(name));
    let forget = || {
        Kept::change(|kept| {
            kept.keyring.remove(name);
        })
    };
    match removed {
        Ok(()) => forget()?,
        // taken out with another program
        Err(KeyringError::Absent) if known => forget()?,
        Err(KeyringError::Absent) => bail!("the keyring has no key of {name}: `whittle keys` lists those that it has"),
        Err(error) => bail!("the key of {name} can't be taken out of the system's keyring: {error}"),
    }
    said(options, name, &format!("the keyring has no key of {name} any more"))
}

/// Typed on a terminal, or the first line of standard input.
fn read_key(name: &str) -> Result<String> {
    let line = if std::io::stdin().is_terminal() {
        rpassword::prompt_password(format!("Key of {name}, not shown: ")).context("the key can't be read")?
    } else {
        let mut text = String::new();
        std::io::stdin().lock().take(LONGEST).read_to_string(&mut text).context("standard input can't be read")?;
        text.lines().next().unwrap_or_default().to_owned()
    };
    let key = line.trim();
    if key.is_empty() {
        bail!("no key was given: type it, or pass it as in `whittle keys set {name} < FILE`");
    }
    Ok(key.to_owned())
}

/// What to do where there is no keyring.
fn refused(name: &str, settings: &Settings, error: &KeyringError) -> anyhow::Error {
    if *error == KeyringError::NotAKey {
        return anyhow::anyhow!("that is no key: it holds characters that no key has; nothing was kept");
    }
    let provider = settings.models.get(name).map(|model| model.provider).or_else(|| ProviderRow::named(name));
    let usual = provider.and_then(|provider| provider.keys.first()).copied();
    let variable = usual.map(|usual| format!("set the variable {usual}, ")).unwrap_or_default();
    anyhow::anyhow!(
        "the system's keyring did not take the key: {error}. Instead {variable}name another variable with key_env, or \
         have a command print it with key_command, in [models.{name}]"
    )
}

fn wait<T>(asked: impl Future<Output = Result<T, KeyringError>>) -> Result<T, KeyringError> {
    session::runtime().map_err(|error| KeyringError::Unusable(error.to_string()))?.block_on(asked)
}
