//! `whittle refactor`: prints or applies a change of the focus. Offline the user chooses among the rewrites that apply;
//! a model is asked for one change, with the instructions of `--ask` or of a comment `whittle: …` in the focus.

use std::fmt::Write as _;
use std::sync::Arc;

use anyhow::{Result, bail};

use super::output::{BOLD, print, print_json, styled};
use super::proposal::{self, Apply, ProposalJson, RewriteJson};
use super::session::{FocusJson, Focused, Session};
use super::{Options, all};
use crate::offline::{self, rewrites::Rewrite};
use crate::prompt::{BuiltIn, Operation, Wish, find_instruction};
use crate::text::Span;

#[derive(Debug, clap::Args)]
pub(super) struct RefactorArgs {
    /// What to refactor
    target: String,
    /// Instructions for the model, in your words
    #[arg(long, value_name = "TEXT", conflicts_with = "rewrite")]
    ask: Option<String>,
    /// Make this rewrite, one of those that the offline engine lists
    #[arg(long, value_name = "NAME")]
    rewrite: Option<String>,
    /// Write the files instead of printing a diff
    #[arg(long)]
    apply: bool,
    /// Ask every model of the route, and show what each would change
    #[arg(long, conflicts_with_all = ["apply", "rewrite"])]
    all: bool,
}

pub(super) fn run(options: &Options, args: &RefactorArgs) -> Result<()> {
    let mut focused = Session::focus(options, &args.target)?;
    let apply = Apply::from(args.apply);
    let refactor = focused.operation(BuiltIn::Refactor);
    if args.all {
        let ask = args.ask.clone().or_else(|| instruction(&mut focused));
        focused.session.build_index();
        return all::run(options, &focused, &refactor, &Wish { ask, ..Wish::default() });
    }
    if focused.is_offline(&refactor)? {
        if args.ask.is_none() {
            return rewrite(options, args, focused, &refactor, apply);
        }
    } else if args.rewrite.is_some() {
        let model = focused.model(&refactor)?;
        bail!("{model} takes no --rewrite, which is for the offline engine: add --model offline, or say it with --ask");
    }
    let ask = args.ask.clone().or_else(|| instruction(&mut focused));
    focused.session.build_index();
    let wish = Wish { ask, ..Wish::default() };
    proposal::ask(&focused, &refactor, wish)?.finish(options, &focused, &refactor, apply)
}

/// The instruction of a comment in the focus. In a whole file, the focus becomes what the comment stands in.
fn instruction(focused: &mut Focused) -> Option<String> {
    let subject = &focused.subject;
    let found = find_instruction(&subject.text, subject.language, subject.chunk().span)?;
    if focused.is_whole_file() {
        focused.subject = focused.session.workspace.subject(&focused.snapshot, cursor(found.line));
    }
    Some(found.ask)
}

/// Makes the rewrite that was named, or the only one that applies; else lists them.
fn rewrite(
    options: &Options,
    args: &RefactorArgs,
    mut focused: Focused,
    refactor: &Arc<Operation>,
    apply: Apply,
) -> Result<()> {
    let all = offline::applicable(&focused.subject);
    let chosen = match (&args.rewrite, all.as_slice()) {
        (None, [only]) => Some(only),
        (None, []) | (Some(_), _) => None,
        (None, _) if apply == Apply::Write => {
            bail!(
                "several rewrites apply to `{}`: choose one with --rewrite NAME\n\n{}",
                focused.subject.label(),
                list(&all, &focused).trim_end()
            )
        }
        (None, _) => return print_list(options, &all, &focused, refactor),
    };
    let name = chosen.map(|rewrite| rewrite.name.to_owned()).or_else(|| args.rewrite.clone());
    if focused.is_whole_file() {
        let named: Vec<&Rewrite> = all.iter().filter(|rewrite| name.as_deref() == Some(rewrite.name)).collect();
        match named.as_slice() {
            [] => {} // the engine says so
            [only] => focused.subject = focused.session.workspace.subject(&focused.snapshot, cursor(only.at)),
            several => {
                let lines: Vec<String> =
                    several.iter().map(|one| focused.subject.line(one.at.start).to_string()).collect();
                bail!(
                    "`{}` applies in several places of {}: choose one with FILE:LINE, of lines {}",
                    name.unwrap_or_default(),
                    focused.subject.path,
                    lines.join(", ")
                );
            }
        }
    }
    let wish = Wish { rewrite: name, ..Wish::default() };
    proposal::ask(&focused, refactor, wish)?.finish(options, &focused, refactor, apply)
}

fn cursor(span: Span) -> Span {
    Span::new(span.start, span.start)
}

fn print_list(options: &Options, all: &[Rewrite], focused: &Focused, refactor: &Operation) -> Result<()> {
    if options.json {
        let rewrites = all.iter().map(|rewrite| RewriteJson::new(rewrite, focused)).collect();
        let (focus, model) = (FocusJson::from(&focused.subject), focused.model(refactor)?);
        let spent = focused.spent();
        return print_json(&ProposalJson { focus, model, rewrites, proposal: None, written: false, job: None, spent });
    }
    let label = focused.subject.label();
    let list = list(all, focused);
    print(&format!("Rewrites that apply to `{label}`; choose one with --rewrite NAME:\n\n{list}"))
}

/// One line a rewrite: line, name and title.
pub(super) fn list(all: &[Rewrite], focused: &Focused) -> String {
    let rows: Vec<RewriteJson> = all.iter().map(|rewrite| RewriteJson::new(rewrite, focused)).collect();
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
    let mut out = String::new();
    for row in rows {
        let name = styled(&format!("{:<width$}", row.name), BOLD);
        let _ = writeln!(out, "{:>6}  {name}  {}", row.line, row.title);
    }
    out
}
