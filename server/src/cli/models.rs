//! `whittle models`: the configured models, what they were asked and cost, and what stands in their way. Asks none of them.

mod used;

pub(super) use used::round;

use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;
use url::Url;

use super::Options;
use super::output::{BOLD, DIM, RED, print, print_json, styled};
use super::session::{self, Session};
use super::table::{Align, Column, table};
use crate::config::OFFLINE;
use crate::operations::Env;
use used::UsedJson;

/// The JSON document.
#[derive(Serialize)]
struct ModelsJson {
    /// By name.
    models: Vec<RowJson>,
}

/// A model and how it is used.
#[derive(Serialize)]
struct RowJson {
    #[serde(flatten)]
    model: ModelJson,
    #[serde(flatten)]
    used: UsedJson,
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
    let row = |model: ModelJson| {
        let env = &session.env;
        let problem = env.models.get(&model.name).err();
        let limits = env.settings.models.get(&model.name).map(|model| model.limits).unwrap_or_default();
        let used = UsedJson::new(&model, problem.as_ref(), limits, &env.models);
        RowJson { model, used }
    };
    let models: Vec<RowJson> = list(&session.env).into_iter().map(row).collect();
    if options.json {
        return print_json(&ModelsJson { models });
    }
    print(&shown(&models))
}

/// The tables, at most 100 characters wide, and what does not fit into them.
fn shown(models: &[RowJson]) -> String {
    let left = |head, widest| Column { head, align: Align::Left, widest };
    let right = |head, widest| Column { head, align: Align::Right, widest };
    let columns = [left("MODEL", 16), left("PROVIDER", 16), left("ID", 28), left("WHERE", 6), left("STATE", 26)];
    let row = |row: &RowJson| {
        let RowJson { model, used } = row;
        let place = if model.local { "local" } else { "remote" };
        let id = model.model.clone().unwrap_or_default();
        vec![model.name.clone(), model.provider.to_owned(), id, place.to_owned(), used.state()]
    };
    let mut out = table(&columns, &models.iter().map(row).collect::<Vec<_>>());
    let columns = [
        left("7 DAYS", 16),
        right("TODAY", 6),
        right("ASKS", 6),
        right("FAILED", 6),
        right("P50", 7),
        right("P95", 7),
        right("FIRST", 7),
        right("IN", 5),
        right("OUT", 5),
        right("KEPT", 5),
        right("TODAY", 8),
        right("COST", 8),
    ];
    let row = |row: &RowJson| {
        let cells = row.used.cells();
        (!cells.is_empty()).then(|| std::iter::once(row.model.name.clone()).chain(cells).collect())
    };
    let rows: Vec<Vec<String>> = models.iter().filter_map(row).collect();
    if !rows.is_empty() {
        let _ = write!(out, "\n{}", table(&columns, &rows));
    }
    for RowJson { model, used } in models {
        let mut facts: Vec<String> = model.base_url.clone().into_iter().collect();
        facts.extend(model.price());
        facts.extend(
            model
                .token_factor
                .filter(|factor| (factor - 1.0).abs() > 0.005)
                .map(|factor| format!("{factor:.2} tokens for one of o200k")),
        );
        let facts = Some(facts.join(" · ")).filter(|line| !line.is_empty());
        let lines = [facts, model.uses(), used.limits()];
        if lines.iter().all(Option::is_none) && model.problem.is_none() {
            continue;
        }
        let _ = writeln!(out, "\n{}", styled(&model.name, BOLD));
        lines.iter().flatten().for_each(|line| {
            let _ = writeln!(out, "  {}", styled(line, DIM));
        });
        if let Some(problem) = &model.problem {
            let _ = writeln!(out, "  {}", styled(problem, RED));
        }
    }
    out
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
            base_url: settings.and_then(|model| model.base_url.as_deref().map(without_secrets)),
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

/// An address without what may be a key in it.
fn without_secrets(address: &str) -> String {
    let Ok(mut url) = Url::parse(address) else { return "…".to_owned() };
    let has_secrets = !url.username().is_empty() || url.password().is_some() || url.query().is_some();
    if !has_secrets {
        return address.to_owned();
    }
    let _ = (url.set_username(""), url.set_password(None)); // an address without a host has neither
    url.set_query(None);
    url.to_string()
}

impl ModelJson {
    fn price(&self) -> Option<String> {
        self.price.map(|[input, output]| format!("${input} and ${output} a million tokens"))
    }

    /// The operations that ask it first, in words.
    fn uses(&self) -> Option<String> {
        (!self.used_for.is_empty()).then(|| format!("used for {}", self.used_for.join(", ")))
    }

    /// What it is, then what stands in its way.
    pub(super) fn print(&self, out: &mut String) {
        let mut facts = vec![self.provider.to_owned()];
        facts.extend(self.model.clone());
        facts.extend(self.base_url.clone());
        facts.push(if self.local { "local" } else { "remote" }.to_owned());
        facts.extend(self.price());
        facts.extend(self.uses());
        let _ = writeln!(out, "{}  {}", styled(&self.name, BOLD), styled(&facts.join(" · "), DIM));
        if let Some(problem) = &self.problem {
            let _ = writeln!(out, "  {}", styled(problem, RED));
        }
    }
}
