//! `whittle confine`, for Whittle itself: gives up what a verify command must not have, then becomes that command.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, anyhow};

use crate::verify::{Confinement, confine};

#[derive(Debug, clap::Args)]
pub(super) struct ConfineArgs {
    /// End with the parent; limits of memory and of the size of files
    #[arg(long)]
    limits: bool,
    /// A folder that may be written below; without one there is no such rule
    #[arg(long, value_name = "DIR")]
    write: Vec<PathBuf>,
    /// No TCP
    #[arg(long)]
    offline: bool,
    /// What to run
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

pub(super) fn run(args: ConfineArgs) -> Result<()> {
    let ConfineArgs { limits, write, offline, command } = args;
    confine(&Confinement { limits, write, offline }).map_err(|why| anyhow!("the command is not run: {why}"))?;
    let mut command = command.into_iter();
    let program = command.next().unwrap_or_default(); // clap wants one
    let error = Command::new(&program).args(command).exec();
    Err(anyhow!("{} can't be run: {error}", program.display()))
}
