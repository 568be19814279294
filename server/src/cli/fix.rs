//! `whittle fix`: prints or applies what mends a fault of the focus. In: TARGET and the message that says what is wrong; without
//! one, the project's own commands say it.

use std::io::Read as _;

use anyhow::{Context as _, Result, bail};

use super::Options;
use super::output::{print, print_json};
use super::proposal::ProposalJson;
use super::run::{self, Choice};
use super::session::{FocusJson, Focused, Session};
use crate::operations::OperationError;
use crate::prompt::{BuiltIn, Diagnostic, Wish};
use crate::text::{Span, Text};

#[derive(Debug, clap::Args)]
pub(super) struct FixArgs {
    /// What to fix
    target: String,
    /// What is wrong, as a compiler or a test says it; `-` reads it from standard input. Left out, the project's own commands
    /// are run, once you trust the workspace
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    message: Option<String>,
    #[command(flatten)]
    choice: Choice,
}

pub(super) fn run(options: &Options, args: &FixArgs) -> Result<()> {
    let focused = Session::focus(options, &args.target)?;
    let fix = focused.operation(BuiltIn::Fix);
    let diagnostics = match args.message.as_deref() {
        None => Vec::new(),
        Some("-") => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("standard input can't be read")?;
            vec![diagnostic(&focused, &text)?]
        }
        Some(text) => vec![diagnostic(&focused, text)?],
    };
    let done = run::operation(options, &focused, &fix, &args.choice, Wish { diagnostics, ..Wish::default() });
    match done {
        Err(error) if matches!(error.downcast_ref(), Some(OperationError::NothingToFix { .. })) => {
            if options.json {
                let (focus, model) = (FocusJson::from(&focused.subject), focused.model(&fix)?);
                return print_json(&ProposalJson::none(focus, model, focused.spent()));
            }
            print(&format!("{error}\n"))
        }
        Err(error) if matches!(error.downcast_ref(), Some(OperationError::NothingTold(_))) => {
            bail!("{error}; pass the message with --message TEXT, or `--message -` and standard input")
        }
        done => done,
    }
}

/// The message, at the line of the file that it names; else at the target.
fn diagnostic(focused: &Focused, message: &str) -> Result<Diagnostic> {
    if message.trim().is_empty() {
        bail!("the message is empty: pass what the compiler says");
    }
    let (text, subject) = (&focused.snapshot.text, &focused.subject);
    let name = subject.path.rsplit('/').next().unwrap_or(&subject.path);
    let at = (!focused.is_whole_file()).then_some(subject.selection);
    let span = at.or_else(|| line_named(message, name).and_then(|line| line_span(text, line)));
    let mut lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
    let error = lines.clone().find(|line| line.to_lowercase().contains("error"));
    let first = error.or_else(|| lines.next()).unwrap_or_default();
    Ok(Diagnostic { span, text: Some(message.trim().to_owned()), ..Diagnostic::of_message(first) })
}

/// The line in `src/a.rs:3:5`, `a.ts(3,5)` or `File "a.py", line 3`, of the first place in the file `name`.
fn line_named(message: &str, name: &str) -> Option<usize> {
    message.match_indices(name).find_map(|(at, _)| {
        let rest = message.get(at + name.len()..)?;
        let digits = [":", "(", "\", line "].iter().find_map(|between| rest.strip_prefix(between))?;
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        digits.get(..end)?.parse().ok()
    })
}

/// A line, from one.
fn line_span(text: &Text, line: usize) -> Option<Span> {
    (1..=text.lines()).contains(&line).then(|| text.line_span(line - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_its_line() {
        let check = |message: &str, line| assert_eq!(line_named(message, "a.rs"), line, "{message}");
        check("error[E0308]: mismatched types\n --> src/a.rs:3:5\n", Some(3));
        check("src/a.rs(12,5): error", Some(12));
        check("  File \"/x/a.rs\", line 7, in f", Some(7));
        check("a.rs is odd, see b.rs:3 and a.rs:4", Some(4));
        check("nothing", None);
    }
}
