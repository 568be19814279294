//! `whittle test`: prints or applies tests of the focus.

use anyhow::{Result, bail};

use super::Options;
use super::proposal::{self, Apply};
use super::session::Session;
use crate::prompt::{BuiltIn, Wish};

#[derive(Debug, clap::Args)]
pub(super) struct TestArgs {
    /// What to test
    target: String,
    /// Instructions for the model, in your words
    #[arg(long, value_name = "TEXT")]
    ask: Option<String>,
    /// Write the files instead of printing a diff
    #[arg(long)]
    apply: bool,
}

pub(super) fn run(options: &Options, args: &TestArgs) -> Result<()> {
    let focused = Session::focus(options, &args.target)?;
    let test = focused.operation(BuiltIn::Test);
    if args.ask.is_some() && focused.is_offline(&test)? {
        bail!("the offline engine can't follow instructions: configure a model, or choose one with --model");
    }
    focused.session.build_index();
    let wish = Wish { ask: args.ask.clone(), rewrite: None };
    let apply = Apply::from(args.apply);
    proposal::ask(&focused, &test, wish)?.finish(options, &focused, &test, apply)
}
