//! `whittle models`: the configured models and what stands in their way. Asks none of them.

use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;

use super::Options;
use super::output::{BOLD, DIM, RED, print, print_json, styled};
use super::session::{self, Session};
use crate::config::OFFLINE;
use crate::operations::Env;

/// The JSON document.
#[derive(Serialize)]
struct ModelsJson {
    /// By name.
    models: Vec<ModelJson>,
}

/// A model.
#[derive(Serialize)]
pub(super) struct ModelJson {
    /// What `--model` takes.
    pub(super) name: String,
    /// Its row in the table of providers.
    provider: &'static str,
    /// Its name at the server.
    model: Option<String>,
    /// The address, where one is set.
    base_url: Option<String>,
    /// Nothing leaves this machine.
    local: bool,
    /// Tokens for one of o200k.
    token_factor: Option<f64>,
    /// US dollars a million tokens of prompt and of answer, where they are known.
    price: Option<[f64; 2]>,
    /// What stands in its way; `null`: nothing that can be known without asking it.
    pub(super) problem: Option<String>,
    /// The operations that ask it first.
    used_for: Vec<String>,
}

pub(super) fn run(options: &Options) -> Result<()> {
    let session = Session::open(options, &session::root_here()?)?;
    let models = list(&session.env);
    if options.json {
        return print_json(&ModelsJson { models });
    }
    let mut out = String::new();
    models.iter().for_each(|model| model.print(&mut out));
    print(&out)
}

/// The models as they stand in the settings.
pub(super) fn list(env: &Env) -> Vec<ModelJson> {
    let row = |(name, problem): (&str, Option<&crate::models::Error>)| {
        let settings = env.settings.models.get(name);
        let provider = env.models.get(name).ok();
        ModelJson {
            name: name.to_owned(),
            provider: settings.map_or(OFFLINE, |model| model.provider.name),
            model: settings.map(|model| model.model.clone()).filter(|model| !model.is_empty()),
            base_url: settings.and_then(|model| model.base_url.clone()),
            local: settings.is_none_or(|model| model.local),
            token_factor: provider.as_ref().map(|provider| provider.token_factor()),
            price: provider.and_then(|provider| provider.price()).map(|price| [price.input, price.output]),
            problem: problem.map(ToString::to_string),
            used_for: env
                .operations
                .iter()
                .filter(|operation| env.model_name(operation) == name)
                .map(|operation| operation.name.clone())
                .collect(),
        }
    };
    env.models.iter().map(row).collect()
}

impl ModelJson {
    /// What it is, then what stands in its way.
    pub(super) fn print(&self, out: &mut String) {
        let mut facts = vec![self.provider.to_owned()];
        facts.extend(self.model.clone());
        facts.extend(self.base_url.clone());
        facts.push(if self.local { "local" } else { "remote" }.to_owned());
        facts.extend(self.price.map(|[input, output]| format!("${input} and ${output} a million tokens")));
        if !self.used_for.is_empty() {
            facts.push(format!("used for {}", self.used_for.join(", ")));
        }
        let _ = writeln!(out, "{}  {}", styled(&self.name, BOLD), styled(&facts.join(" · "), DIM));
        if let Some(problem) = &self.problem {
            let _ = writeln!(out, "  {}", styled(problem, RED));
        }
    }
}
