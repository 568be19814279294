//! `whittle context`: prints what a model would be shown, and nothing else, so that it can be piped into one.

use anyhow::{Result, anyhow};
use serde::Serialize;

use super::session::{FocusJson, Session};
use super::{Options, output};
use crate::context::{Context, Definition, Dropped, Excerpt, FocusRule, Use, gather};

#[derive(Debug, clap::Args)]
pub(super) struct ContextArgs {
    /// The code in question
    target: String,
    /// The most that the context may hold, the focus included [default: `context.budget`]
    #[arg(long, value_name = "TOKENS")]
    budget: Option<usize>,
    /// Print the receipt instead: what the context holds and why
    #[arg(long)]
    why: bool,
}

/// The JSON document.
#[derive(Serialize)]
struct ContextJson<'context> {
    /// The code in question.
    focus: FocusJson,
    /// The most that the context may hold, in tokens.
    budget: usize,
    /// Tokens that it holds.
    tokens: usize,
    /// Tokens of the whole files that it was cut from.
    whole_files: usize,
    /// The context itself.
    text: String,
    /// How the focus is shown.
    shown: &'context Excerpt,
    /// The other pieces, by rank.
    excerpts: &'context [Excerpt],
    /// What did not fit, by rank.
    dropped: &'context [Dropped],
    /// What was kept out or blotted out on purpose.
    held_back: &'context [String],
    /// Where the focus is used.
    uses: &'context [Use],
    /// What the focus refers to.
    definitions: &'context [Definition],
    /// The workspace was too large to be read in time.
    partial_index: bool,
}

pub(super) fn run(options: &Options, args: &ContextArgs) -> Result<()> {
    let focused = Session::focus(options, &args.target)?;
    let workspace = &focused.session.workspace;
    let denied = |denied| anyhow!("{denied}, so it can't be in a context");
    workspace.policy().check(&focused.snapshot.path).map_err(denied)?;
    focused.session.build_index();
    workspace.read_open_documents();
    let budget = args.budget.unwrap_or(focused.session.env.settings.context.budget);
    let focus = FocusJson::from(&focused.subject);
    let context = gather(focused.subject, workspace.index(), workspace, budget, FocusRule::MayFold)?;
    match (options.json, args.why) {
        (true, _) => output::print_json(&ContextJson::new(focus, &context)),
        (false, true) => output::print(&context.receipt()),
        (false, false) => output::print(&context.render()),
    }
}

impl<'context> ContextJson<'context> {
    fn new(focus: FocusJson, context: &'context Context) -> Self {
        Self {
            focus,
            budget: context.budget,
            tokens: context.tokens,
            whole_files: context.whole_files,
            text: context.render(),
            shown: &context.focus,
            excerpts: &context.excerpts,
            dropped: &context.dropped,
            held_back: &context.held_back,
            uses: &context.uses,
            definitions: &context.definitions,
            partial_index: context.partial_index,
        }
    }
}
