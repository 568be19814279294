//! `whittle document`: prints or applies a documentation comment of the focus.

use anyhow::Result;

use super::Options;
use super::run::{self, Choice};
use super::session::Session;
use crate::prompt::{BuiltIn, Wish};

#[derive(Debug, clap::Args)]
pub(super) struct DocumentArgs {
    /// What to document
    target: String,
    #[command(flatten)]
    choice: Choice,
}

pub(super) fn run(options: &Options, args: &DocumentArgs) -> Result<()> {
    let focused = Session::focus(options, &args.target)?;
    run::operation(options, &focused, &focused.operation(BuiltIn::Document), &args.choice, Wish::default())
}
