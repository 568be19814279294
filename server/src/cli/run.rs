//! `whittle run`: runs an operation by its name, as one that the user wrote; alone, it lists what there is.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};
use serde::Serialize;

use super::explain::{ExplainJson, shown};
use super::output::{BOLD, DIM, print, print_json, styled};
use super::proposal::{self, Apply};
use super::session::{self, Focused, Session};
use super::{Options, all};
use crate::config::{OFFLINE, Sources, nearest};
use crate::operations::{Env, Outcome};
use crate::prompt::{BuiltIn, Operation, Wish};

#[derive(Debug, clap::Args)]
pub(super) struct RunArgs {
    /// The operation; without it, print which there are
    #[arg(requires = "target")]
    name: Option<String>,
    /// What to run it on
    target: Option<String>,
    #[command(flatten)]
    choice: Choice,
    /// Write a template of a new operation, or a built-in one's for changing, into your prompts
    #[arg(long, value_name = "NAME", conflicts_with_all = ["name", "ask", "apply", "all"])]
    new: Option<String>,
}

/// How an operation is run.
#[derive(Debug, clap::Args)]
pub(super) struct Choice {
    /// Instructions for the model, in your words
    #[arg(long, value_name = "TEXT")]
    ask: Option<String>,
    /// Write the files instead of printing a diff
    #[arg(long, conflicts_with = "all")]
    apply: bool,
    /// Ask every model of the route, and show their answers side by side
    #[arg(long)]
    all: bool,
}

/// The JSON document of the list.
#[derive(Serialize)]
struct ListJson {
    operations: Vec<OperationJson>,
}

#[derive(Serialize)]
struct OperationJson {
    name: String,
    title: String,
    /// `explanation`, `edit`, `tests` or `new-file`.
    answer: &'static str,
    /// None: all.
    languages: Vec<&'static str>,
    /// The model that it asks first.
    model: String,
    /// The offline engine can't do it.
    needs_model: bool,
    /// `null`: it came with the program.
    file: Option<PathBuf>,
}

pub(super) fn run(options: &Options, args: &RunArgs) -> Result<()> {
    if let Some(name) = &args.new {
        return new(name);
    }
    let Some((name, target)) = args.name.as_ref().zip(args.target.as_ref()) else {
        return list(options, &Session::open(options, &session::root_here()?)?.env);
    };
    let focused = Session::focus(options, target)?;
    let operation = named(&focused.session.env, name)?;
    self::operation(options, &focused, &operation, &args.choice, Wish::default())
}

/// Runs an operation, whatever it gives; the user's words are taken from the choice.
pub(super) fn operation(
    options: &Options,
    focused: &Focused,
    operation: &Arc<Operation>,
    choice: &Choice,
    wish: Wish,
) -> Result<()> {
    focused.session.build_index();
    let wish = Wish { ask: choice.ask.clone(), ..wish };
    if choice.all {
        return all::run(options, focused, operation, &wish);
    }
    match focused.run(operation, wish)? {
        Outcome::Proposal(proposed) => {
            proposal::read(focused, proposed)?.finish(options, focused, operation, Apply::from(choice.apply))
        }
        Outcome::Explanation(_) if choice.apply => {
            bail!("`{}` gives an explanation, so there is nothing to write: leave out --apply", operation.name)
        }
        Outcome::Explanation(explanation) if options.json => print_json(&ExplainJson::new(focused, explanation)),
        Outcome::Explanation(explanation) => print(&shown(&explanation)),
    }
}

fn named(env: &Env, name: &str) -> Result<Arc<Operation>> {
    let names = || env.operations.iter().map(|operation| operation.name.as_str());
    env.operations.named(name).cloned().ok_or_else(|| match nearest(name, names()) {
        Some(nearest) => anyhow!("there is no operation `{name}`; did you mean `{nearest}`?"),
        None => anyhow!("there is no operation `{name}`; there are {}", names().collect::<Vec<_>>().join(", ")),
    })
}

fn list(options: &Options, env: &Env) -> Result<()> {
    let row = |operation: &Arc<Operation>| OperationJson {
        name: operation.name.clone(),
        title: operation.title.clone(),
        answer: operation.answer.name(),
        languages: operation.languages.clone(),
        model: env.model_name(operation),
        needs_model: operation.needs_model(),
        file: operation.file.clone(),
    };
    let operations: Vec<OperationJson> = env.operations.iter().map(row).collect();
    if options.json {
        return print_json(&ListJson { operations });
    }
    let longest = |text: fn(&OperationJson) -> &str| operations.iter().map(|row| text(row).chars().count()).max();
    let width = longest(|row| &row.name).unwrap_or_default();
    let width_of_title = longest(|row| &row.title).unwrap_or_default();
    let mut out = String::new();
    for row in operations {
        let name = styled(&format!("{:<width$}", row.name), BOLD);
        let title = format!("{:<width_of_title$}", row.title);
        let model = if row.needs_model && row.model == OFFLINE { "needs a model".to_owned() } else { row.model };
        let mut facts = vec![row.answer.to_owned(), model];
        if !row.languages.is_empty() {
            facts.push(row.languages.join(", "));
        }
        facts.push(row.file.map_or("built in".to_owned(), |file| file.display().to_string()));
        let _ = writeln!(out, "{name}  {title}  {}", styled(&facts.join(" · "), DIM));
    }
    print(&out)
}

/// Writes a template into the user's folder of prompts.
fn new(name: &str) -> Result<()> {
    if !Operation::may_be_called(name) {
        bail!("`{name}` can't name an operation: small letters, digits, `-` and `_`, but not `default`");
    }
    let settings = Sources::from_environment().user;
    let folder = settings.as_deref().and_then(Path::parent).context("the home folder is not known; set HOME")?;
    let file = folder.join("prompts").join(format!("{name}.md"));
    let built_in = BuiltIn::ALL.into_iter().find(|built_in| built_in.name() == name);
    let text = built_in.map_or(include_str!("new_prompt.md"), BuiltIn::text);
    fs::create_dir_all(folder.join("prompts")).with_context(|| format!("{} can't be made", folder.display()))?;
    let mut made = fs::File::create_new(&file).with_context(|| format!("{} can't be made", file.display()))?;
    made.write_all(text.as_bytes()).with_context(|| format!("{} can't be written", file.display()))?;
    print(&format!("{}\n", file.display()))
}
