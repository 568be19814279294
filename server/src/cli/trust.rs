//! `whittle trust`: lets a workspace's own settings count from now on.

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;

use super::output::{print, print_json};
use super::{Options, session};
use crate::policy::Trusted;

#[derive(Debug, clap::Args)]
pub(super) struct TrustArgs {
    /// The folder to trust with all that lies in it; by default the workspace that the current folder lies in
    dir: Option<PathBuf>,
}

/// The JSON document.
#[derive(Serialize)]
struct TrustJson {
    /// The folder that is trusted now.
    trusted: String,
}

pub(super) fn run(options: &Options, args: &TrustArgs) -> Result<()> {
    let folder = args.dir.clone().map_or_else(session::root_here, Ok)?;
    let trusted = Trusted::of_user()?.add(&folder)?.display().to_string();
    if options.json {
        return print_json(&TrustJson { trusted });
    }
    print(&format!("{trusted} is trusted: the settings of its whittle.toml count from now on\n"))
}
