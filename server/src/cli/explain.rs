//! `whittle explain`: prints an explanation as Markdown.

use anyhow::{Result, bail};
use serde::Serialize;

use super::session::{FocusJson, Focused, Session};
use super::spent::SpentJson;
use super::{Options, all, markdown, output};
use crate::operations::{Explanation, Outcome};
use crate::prompt::{BuiltIn, Wish};

#[derive(Debug, clap::Args)]
pub(super) struct ExplainArgs {
    /// What to explain
    target: String,
    /// Ask every model of the route, and show their explanations side by side
    #[arg(long)]
    all: bool,
}

/// The JSON document.
#[derive(Serialize)]
pub(super) struct ExplainJson {
    /// What was explained.
    focus: FocusJson,
    /// The model that explained it.
    model: String,
    /// A heading.
    title: String,
    /// The explanation.
    markdown: String,
    #[serde(flatten)]
    spent: SpentJson,
}

pub(super) fn run(options: &Options, args: &ExplainArgs) -> Result<()> {
    let focused = Session::focus(options, &args.target)?;
    focused.session.build_index();
    if args.all {
        return all::run(options, &focused, &focused.operation(BuiltIn::Explain), &Wish::default());
    }
    let explanation = ask(&focused)?;
    if options.json {
        return output::print_json(&ExplainJson::new(&focused, explanation));
    }
    output::print(&shown(&explanation))?;
    focused.spent().tell(&explanation.answered.model);
    Ok(())
}

pub(super) fn ask(focused: &Focused) -> Result<Explanation> {
    match focused.run(&focused.operation(BuiltIn::Explain), Wish::default())? {
        Outcome::Explanation(explanation) => Ok(explanation),
        Outcome::Proposal(_) => bail!("a proposal came instead of an explanation"),
    }
}

/// The explanation with one line end at its end.
pub(super) fn shown(explanation: &Explanation) -> String {
    markdown::shown(&format!("{}\n", explanation.markdown.trim_end()))
}

impl ExplainJson {
    pub(super) fn new(focused: &Focused, explanation: Explanation) -> Self {
        let Explanation { title, markdown, answered } = explanation;
        let spent = focused.spent();
        Self { focus: (&focused.subject).into(), model: answered.model, title, markdown, spent }
    }
}
