//! `whittle test`: prints or applies tests of the focus.

use anyhow::{Result, bail};

use super::proposal::{self, Apply};
use super::session::Session;
use super::{Options, all};
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
    /// Ask every model of the route, and show the tests of each
    #[arg(long, conflicts_with = "apply")]
    all: bool,
}

pub(super) fn run(options: &Options, args: &TestArgs) -> Result<()> {
    let focused = Session::focus(options, &args.target)?;
    let test = focused.operation(BuiltIn::Test);
    let wish = Wish { ask: args.ask.clone(), ..Wish::default() };
    if args.all {
        focused.session.build_index();
        return all::run(options, &focused, &test, &wish);
    }
    if args.ask.is_some() && focused.is_offline(&test)? {
        bail!("the offline engine can't follow instructions: configure a model, or choose one with --model");
    }
    focused.session.build_index();
    let apply = Apply::from(args.apply);
    proposal::ask(&focused, &test, wish)?.finish(options, &focused, &test, apply)
}
