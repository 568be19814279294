//! `whittle models use`: whether a model that needs no settings is used by default, here and in the editors.

use anyhow::{Result, bail};
use clap::Args;

use super::output::{print, print_json};
use super::startup;
use super::{Options, session};
use crate::config::{Consent, FoundModel, Kept, LOOKED_FOR, OFFLINE, OLLAMA};

/// What takes an answer back.
const ASK: &str = "ask";

#[derive(Debug, Args)]
pub(super) struct UseArgs {
    /// anthropic, openai, gemini, openrouter or ollama; `offline` for none of them; `ask` to be asked again
    name: String,
}

pub(super) fn run(options: &Options, args: &UseArgs) -> Result<()> {
    let name = args.name.as_str();
    let (consent, said) = match name {
        OFFLINE => (Some(Consent::Never), "no model is used unless one is configured, and no editor asks".to_owned()),
        ASK => (None, "the next editor that finds a model asks whether to use it".to_owned()),
        _ => {
            let found = if name == OLLAMA {
                session::find_ollama()?.model
            } else if LOOKED_FOR.contains(&name) {
                FoundModel::of_provider(name)
            } else {
                bail!("`{name}` needs settings: there are {}, {OLLAMA}, {OFFLINE} and {ASK}", LOOKED_FOR.join(", "));
            };
            let model = found.model_name().unwrap_or_default();
            let keys = found.settings().map_or(&[][..], |settings| settings.provider.keys);
            let has_key = name == OLLAMA
                || keys.iter().any(|variable| startup::variable(variable).is_some())
                || Kept::of_user().keyring.contains(name);
            let missing = match keys.first() {
                Some(variable) if !has_key => {
                    format!("; its key is missing: set {variable}, or run `whittle keys set {name}`")
                }
                _ => String::new(),
            };
            let said = format!("{name} ({model}) is used wherever nothing else is configured{missing}");
            (Some(Consent::Use(found)), said)
        }
    };
    Kept::change(|kept| kept.consent.clone_from(&consent))?;
    if options.json { print_json(&serde_json::json!({ "use": name })) } else { print(&format!("{said}\n")) }
}
