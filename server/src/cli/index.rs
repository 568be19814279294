//! `whittle index`: brings the index of a workspace in step and prints its figures.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, bail};
use serde::Serialize;

use super::Options;
use super::output::{print, print_json};
use super::session::{self, Session};
use crate::index::{Figures, Store};

#[derive(Debug, clap::Args)]
pub(super) struct IndexArgs {
    /// The workspace; by default the one that the current folder lies in
    dir: Option<PathBuf>,
    /// Read everything anew, whatever was kept
    #[arg(long)]
    fresh: bool,
}

/// The JSON document.
#[derive(Serialize)]
struct IndexJson {
    /// The workspace.
    root: String,
    /// Files, lines, definitions, bytes of memory.
    #[serde(flatten)]
    figures: Figures,
    /// Bytes on the disk; `null` when the index is not kept there.
    disk: Option<u64>,
    /// What was kept could be used.
    warm: bool,
    /// Files that had to be read.
    read: usize,
    /// What it took.
    milliseconds: f64,
    /// Lines of all files over the time.
    lines_per_second: f64,
}

pub(super) fn run(options: &Options, args: &IndexArgs) -> Result<()> {
    let root = match &args.dir {
        Some(dir) if dir.is_dir() => std::path::absolute(dir)?,
        Some(dir) => bail!("{} is not a folder that exists", dir.display()),
        None => session::root_here()?,
    };
    let workspace = Session::open(options, &root)?.workspace;
    let store = workspace.store();
    if let Some(store) = store.filter(|_| args.fresh) {
        store.clear();
    }
    let started = Instant::now();
    let built = workspace.build_index(&|| false);
    let time = started.elapsed();
    let figures = workspace.index().figures();
    let json = IndexJson {
        root: workspace.policy().root().display().to_string(),
        figures,
        disk: store.map(Store::file).and_then(|file| Some(file.metadata().ok()?.len())),
        warm: built.warm,
        read: built.read,
        milliseconds: time.as_secs_f64() * 1000.0,
        lines_per_second: figures.lines as f64 / time.as_secs_f64(),
    };
    if options.json {
        return print_json(&json);
    }
    let mut out = format!("{}\n", json.root);
    let mut row = |name: &str, value: String| writeln!(out, "  {name:<12} {value}");
    row("files", format!("{}, {} read now", figures.files, json.read))?;
    row("lines", figures.lines.to_string())?;
    row("definitions", figures.definitions.to_string())?;
    row("memory", amount(figures.memory as u64, figures.lines))?;
    let disk = json.disk.map_or_else(|| "nothing is kept".to_owned(), |bytes| amount(bytes, figures.lines));
    row("disk", disk)?;
    let speed = if json.warm { "warm".to_owned() } else { format!("{:.0} lines/s", json.lines_per_second) };
    row("time", format!("{:.0} ms, {speed}", json.milliseconds))?;
    print(&out)
}

fn amount(bytes: u64, lines: usize) -> String {
    let a_line = bytes as f64 / lines.max(1) as f64;
    format!("{:.1} MB, {a_line:.0} bytes a line", bytes as f64 / 1e6)
}
