//! `whittle models check`: asks models one short question each, all at once, and says how they did.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;
use serde::Serialize;

use super::Options;
use super::output::{BOLD, DIM, GREEN, RED, note, print, print_json, styled};
use super::session::{Session, root_here, runtime};
use crate::config::OFFLINE;
use crate::models::{Answer, Delta, Error, Provider};
use crate::operations::probe;

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Only this model
    name: Option<String>,
}

/// The JSON document.
#[derive(Serialize)]
struct ChecksJson {
    models: Vec<CheckJson>,
    /// All of them answered.
    ok: bool,
}

#[derive(Serialize)]
struct CheckJson {
    model: String,
    ok: bool,
    /// From the question to the first part of the answer.
    first_ms: Option<u64>,
    /// To the whole answer.
    total_ms: u64,
    /// As the provider counts them.
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    /// US dollars.
    cost: Option<f64>,
    /// What is wrong and what to do.
    problem: Option<String>,
}

pub(super) fn run(options: &Options, args: &CheckArgs) -> Result<()> {
    // a name may be that of a service which needs no settings, as with --model
    let options = &Options { model: args.name.clone().or_else(|| options.model.clone()), ..options.clone() };
    let session = Session::open(options, &root_here()?)?;
    let models = session.env.models.fresh(); // a kept answer would prove nothing
    let names: Vec<String> = match &options.model {
        Some(name) => vec![name.clone()],
        None => models.iter().map(|(name, _)| name.to_owned()).filter(|name| name != OFFLINE).collect(),
    };
    if names.is_empty() {
        bail!("no model is configured: `whittle doctor` says which could be used");
    }
    if let [name] = names.as_slice()
        && let Err(error @ Error::Unknown { .. }) = models.get(name)
    {
        bail!("{error}");
    }
    note(&match names.as_slice() {
        [name] => format!("{name} is asked one short question, which costs a few tokens"),
        all => format!("{} models are asked one short question each, which costs a few tokens", all.len()),
    });
    let models = runtime()?.block_on(async {
        let mut running = tokio::task::JoinSet::new();
        for (number, name) in names.into_iter().enumerate() {
            let provider = models.get(&name);
            running.spawn(async move { (number, check(name, provider).await) });
        }
        let mut checks = running.join_all().await;
        checks.sort_by_key(|(number, _)| *number);
        checks.into_iter().map(|(_, check)| check).collect::<Vec<_>>()
    });
    let ok = models.iter().all(|check| check.ok);
    let failed = models.iter().filter(|check| !check.ok).count();
    if options.json {
        print_json(&ChecksJson { models, ok })?;
    } else {
        print(&page(&models))?;
    }
    if !ok {
        bail!("{failed} of the models did not answer");
    }
    Ok(())
}

async fn check(name: String, provider: Result<Arc<dyn Provider>, Error>) -> CheckJson {
    let started = Instant::now();
    let mut first = None;
    let asked = async {
        let provider = provider?;
        let mut watch = |delta: Delta<'_>| {
            if !matches!(delta, Delta::Waiting(_)) {
                first.get_or_insert_with(|| started.elapsed());
            }
        };
        probe(&*provider, &mut watch).await
    };
    let (answer, problem): (Option<Answer>, _) = match asked.await {
        Ok(answer) => (Some(answer), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let total = started.elapsed();
    let usage = answer.as_ref().and_then(|answer| answer.usage);
    let whole = answer.as_ref().map(|_| total);
    CheckJson {
        model: name,
        ok: answer.is_some(),
        first_ms: first.or(whole).map(millis),
        total_ms: millis(total),
        input_tokens: usage.map(|usage| usage.input),
        output_tokens: usage.map(|usage| usage.output),
        cost: answer.and_then(|answer| answer.cost),
        problem,
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn page(checks: &[CheckJson]) -> String {
    let width = checks.iter().map(|check| check.model.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for check in checks {
        let pad = width - check.model.chars().count();
        let state = if check.ok { styled("ok", GREEN) } else { styled("failed", RED) };
        let mut facts = Vec::new();
        if check.ok {
            facts.extend(check.first_ms.map(|first| format!("first word after {first} ms")));
            facts.push(format!("done after {} ms", check.total_ms));
            facts.extend(
                check.input_tokens.zip(check.output_tokens).map(|(read, wrote)| format!("{read} + {wrote} tokens")),
            );
            facts.extend(check.cost.map(|cost| format!("${cost:.6}")));
        }
        let _ =
            writeln!(out, "{}{:pad$}  {state}  {}", styled(&check.model, BOLD), "", styled(&facts.join(" · "), DIM));
        if let Some(problem) = &check.problem {
            let _ = writeln!(out, "  {problem}");
        }
    }
    out
}
