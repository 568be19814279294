//! `whittle index`: reads a workspace's definitions and uses, and prints how many there are.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, bail};
use serde::Serialize;

use super::Options;
use super::output::{print, print_json};
use super::session::{self, Session};

#[derive(Debug, clap::Args)]
pub(super) struct IndexArgs {
    /// The workspace; by default the one that the current folder lies in
    dir: Option<PathBuf>,
}

/// The JSON document.
#[derive(Serialize)]
struct IndexJson {
    /// The workspace.
    root: String,
    /// Files that were read.
    files: usize,
    /// Their lines.
    lines: usize,
    /// Chunks with a name.
    definitions: usize,
    /// Places that use a name.
    uses: usize,
    /// What it took.
    milliseconds: u128,
}

pub(super) fn run(options: &Options, args: &IndexArgs) -> Result<()> {
    let root = match &args.dir {
        Some(dir) if dir.is_dir() => std::path::absolute(dir)?,
        Some(dir) => bail!("{} is not a folder that exists", dir.display()),
        None => session::root_here()?,
    };
    let workspace = Session::open(options, &root)?.workspace;
    let started = Instant::now();
    workspace.build_index(&|| false);
    let milliseconds = started.elapsed().as_millis();
    let index = workspace.index();
    let (mut files, mut lines, mut definitions, mut uses) = (0, 0, 0, 0);
    for facts in index.paths().iter().filter_map(|path| index.facts(path)) {
        files += 1;
        lines += facts.lines;
        definitions += facts.chunks.definitions().count();
        uses += facts.use_count();
    }
    let root = workspace.policy().root().display().to_string();
    if options.json {
        return print_json(&IndexJson { root, files, lines, definitions, uses, milliseconds });
    }
    print(&format!(
        "{root}\n  files        {files}\n  lines        {lines}\n  definitions  {definitions}\n  uses         {uses}\n  \
         time         {milliseconds} ms\n"
    ))
}
