//! `whittle context`: prints what a model would be shown, and nothing else, so that it can be piped into one; or the
//! receipt of it, as text, JSON or an HTML page.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Serialize;

use super::session::{FocusJson, Session};
use super::{Options, output, receipt};
use crate::context::{Context, Definition, Dropped, Excerpt, Use};
use crate::operations;

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
    /// Write the receipt as a web page with a map of the workspace; without FILE, print it
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = STANDARD_OUTPUT)]
    html: Option<PathBuf>,
}

/// Stands for standard output in place of a file.
const STANDARD_OUTPUT: &str = "-";

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
    /// Number of these files.
    files: usize,
    /// What it does without of them, in percent of their tokens.
    saved: usize,
    /// The context itself.
    text: String,
    /// How the focus is shown.
    shown: &'context Excerpt,
    /// The other pieces, by rank.
    excerpts: Vec<RankedJson<'context>>,
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

/// A piece of the context with its rank, from one.
#[derive(Serialize)]
struct RankedJson<'context> {
    rank: usize,
    #[serde(flatten)]
    excerpt: &'context Excerpt,
}

pub(super) fn run(options: &Options, args: &ContextArgs) -> Result<()> {
    let page = args.html.as_deref().map(page_file).transpose()?;
    if options.json && page == Some(None) {
        bail!("`--json` and `--html` both print: name a file for the page, as in `--html receipt.html`");
    }
    let focused = Session::focus(options, &args.target)?;
    let workspace = &focused.session.workspace;
    let path = &focused.snapshot.path;
    workspace.policy().check(path).map_err(operations::OperationError::NotShown)?; // before anything is read
    focused.session.build_index();
    let budget = args.budget.unwrap_or(focused.session.env.settings.context.budget);
    let focus = FocusJson::from(&focused.subject);
    let context = operations::context(focused.subject, path, workspace, budget)?;
    let html = || context.receipt().page(workspace.index(), workspace);
    match page {
        Some(None) => return output::print(&html()),
        Some(Some(file)) => {
            let html = html();
            fs::write(file, &html).with_context(|| format!("{} can't be written", file.display()))?;
            if !options.json {
                return output::print(&format!("{}: {} kB, for any browser\n", file.display(), html.len() / 1000));
            }
        }
        None => {}
    }
    match (options.json, args.why) {
        (true, _) => output::print_json(&ContextJson::new(focus, &context)),
        (false, true) => output::print(&receipt::shown(&context.receipt())),
        (false, false) => output::print(&context.render()),
    }
}

/// Where the page goes; `None`: to standard output. Only files of pages are written, so that no slip overwrites code.
fn page_file(file: &Path) -> Result<Option<&Path>> {
    if file == Path::new(STANDARD_OUTPUT) {
        return Ok(None);
    }
    let ending = file.extension().map(|ending| ending.to_ascii_lowercase());
    if !ending.is_some_and(|ending| ending == "html" || ending == "htm") {
        bail!("{} is not named as a web page: let it end in .html", file.display());
    }
    Ok(Some(file))
}

impl<'context> ContextJson<'context> {
    fn new(focus: FocusJson, context: &'context Context) -> Self {
        let receipt = context.receipt();
        let ranked = receipt.rows.iter().filter(|row| row.rank > 0);
        Self {
            focus,
            budget: context.budget,
            tokens: context.tokens,
            whole_files: context.whole_files,
            files: receipt.files,
            saved: receipt.saved(),
            text: context.render(),
            shown: &context.focus,
            excerpts: ranked.map(|row| RankedJson { rank: row.rank, excerpt: row.excerpt }).collect(),
            dropped: &context.dropped,
            held_back: &context.held_back,
            uses: &context.uses,
            definitions: &context.definitions,
            partial_index: context.partial_index,
        }
    }
}
