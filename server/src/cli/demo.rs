//! `whittle demo`: what the operations do with some code, without a model and without writing anything.

use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;

use super::Options;
use super::explain::{self, ExplainJson};
use super::output::{BOLD, CYAN, print, print_json, styled};
use super::proposal::{self, ChangeJson, RewriteJson};
use super::refactor;
use super::session::{FocusJson, Focused, Session};
use crate::config::OFFLINE;
use crate::offline;
use crate::prompt::{BuiltIn, Wish};

#[derive(Debug, clap::Args)]
pub(super) struct DemoArgs {
    /// The code to show it on
    target: String,
}

/// The JSON document. What an operation could not do is told by its error in place of its result.
#[derive(Serialize)]
struct DemoJson {
    focus: FocusJson,
    explain: Told<ExplainJson>,
    /// The rewrites that apply.
    rewrites: Vec<RewriteJson>,
    /// The first of them.
    refactor: Told<ChangeJson>,
    test: Told<ChangeJson>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Told<T> {
    Result(T),
    Error(String),
}

pub(super) fn run(options: &Options, args: &DemoArgs) -> Result<()> {
    let options = Options { model: Some(OFFLINE.to_owned()), ..options.clone() };
    let focused = Session::focus(&options, &args.target)?;
    focused.session.build_index();
    let rewrites = offline::applicable(&focused.subject);
    let first = Wish { rewrite: rewrites.first().map(|rewrite| rewrite.name.to_owned()), ..Wish::default() };
    let explanation = explain::ask(&focused);
    let refactoring = proposal::ask(&focused, &focused.operation(BuiltIn::Refactor), first.clone());
    let tests = proposal::ask(&focused, &focused.operation(BuiltIn::Test), Wish::default());
    if options.json {
        return print_json(&DemoJson {
            focus: (&focused.subject).into(),
            explain: told(explanation.map(|explanation| ExplainJson::new(&focused, explanation))),
            rewrites: rewrites.iter().map(|rewrite| RewriteJson::new(rewrite, &focused)).collect(),
            refactor: told(refactoring.map(proposal::Shown::into_json)),
            test: told(tests.map(proposal::Shown::into_json)),
        });
    }

    let target = &args.target;
    let mut out = String::new();
    section(&mut out, &format!("whittle explain {target}"), explanation.as_ref().map(explain::shown));
    let mut page = refactoring.as_ref().map(proposal::Shown::diff);
    if let Ok(diff) = &mut page
        && rewrites.len() > 1
    {
        let _ = write!(diff, "\nRewrites that apply:\n\n{}", refactor::list(&rewrites, &focused));
    }
    let chosen = first.rewrite.map(|name| format!(" --rewrite {name}")).unwrap_or_default();
    section(&mut out, &format!("whittle refactor {target}{chosen}"), page);
    section(&mut out, &format!("whittle test {target}"), tests.as_ref().map(proposal::Shown::diff));
    next(&mut out, target, &chosen, &focused);
    print(&out)
}

fn told<T>(result: Result<T>) -> Told<T> {
    result.map_or_else(|error| Told::Error(format!("{error:#}")), Told::Result)
}

/// A command and what it prints.
fn section(out: &mut String, command: &str, page: Result<String, &anyhow::Error>) {
    let _ = writeln!(out, "{}\n", styled(&format!("$ {command}"), BOLD));
    match page {
        Ok(page) => out.push_str(&page),
        Err(error) => {
            let _ = writeln!(out, "{error:#}");
        }
    }
    out.push('\n');
}

fn next(out: &mut String, target: &str, chosen: &str, focused: &Focused) {
    let apply = if chosen.is_empty() {
        ("test", format!("whittle test {target} --apply"), "writes these tests")
    } else {
        ("refactor", format!("whittle refactor {target}{chosen} --apply"), "writes this change")
    };
    let budget = focused.session.env.settings.context.budget.min(1000);
    let _ = writeln!(out, "Nothing was written, and no model was asked. To go on:\n");
    for (command, does) in [
        (apply.1, apply.2),
        (format!("whittle context {target} --budget {budget} --why"), "what a model would be shown, and why"),
        ("whittle doctor".to_owned(), "what is configured, and what is missing"),
    ] {
        let _ = writeln!(out, "  {}\n      {does}", styled(&command, CYAN));
    }
}
