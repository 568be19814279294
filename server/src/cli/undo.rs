//! `whittle undo` and `whittle redo`: take an applied job back, or do it once more, in all of its files.

use anyhow::{Result, anyhow};
use serde::Serialize;

use super::output::{print, print_json, warn};
use super::{Options, session};
use crate::journal::{Done, EntryId, FileSummary, Journal, State};
use crate::policy::Policy;

#[derive(Debug, clap::Args)]
pub(super) struct UndoArgs {
    /// The job's number in `whittle log`; left out: the last one
    job: Option<EntryId>,
}

/// The JSON document.
#[derive(Serialize)]
struct UndoJson {
    /// Its number.
    job: EntryId,
    /// What it did.
    title: String,
    /// How far it is now.
    state: State,
    /// The files that were written; empty where all were as wanted already.
    files: Vec<FileSummary>,
}

/// Which way a job goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It is taken back.
    Undo,
    /// It is done once more.
    Redo,
}

/// The workspace's journal; what a crash left is settled first.
pub(super) fn journal(policy: &Policy) -> Result<Journal> {
    let (journal, told) = Journal::open(policy.root())?;
    told.iter().chain(&journal.recover(policy)?).for_each(|message| warn(message));
    Ok(journal)
}

/// The rules of the workspace that the current folder lies in.
pub(super) fn policy_here(options: &Options) -> Result<Policy> {
    let root = session::root_here()?;
    Ok(Policy::new(&root, &session::settings(options, &root)?.0.settings.policy).0)
}

pub(super) fn run(options: &Options, args: &UndoArgs, way: Way) -> Result<()> {
    let policy = policy_here(options)?;
    let journal = journal(&policy)?;
    let newest = match way {
        Way::Undo => Journal::newest_undoable,
        Way::Redo => Journal::newest_redoable,
    };
    let id = args.job.map_or_else(|| newest(&journal), |id| Ok(Some(id)))?;
    let id = id.ok_or_else(|| {
        let what = if way == Way::Undo { "is applied" } else { "was taken back last" };
        anyhow!("no job {what} in {}: `whittle log` lists what there is", policy.root().display())
    })?;
    let Done { summary, files } = match way {
        Way::Undo => journal.undo(id, &policy)?,
        Way::Redo => journal.redo(id, &policy)?,
    };
    if options.json {
        return print_json(&UndoJson { job: id, title: summary.title, state: summary.state, files });
    }
    let did = if summary.state == State::Undone { "took back" } else { "did again" };
    let mut out = format!("{did} job {id}: {}\n", summary.title);
    for FileSummary { path, change, to, added, removed } in &files {
        out.push_str(&match (*change, to) {
            ("rename", Some(to)) => format!("  moved {path} to {to}"),
            ("create", _) => format!("  made {path} again"),
            ("delete", _) => format!("  removed {path}"),
            _ => format!("  {path}"),
        });
        out.push_str(&format!(" (+{added} −{removed})\n"));
    }
    if files.is_empty() {
        out.push_str("  all of its files were so already\n");
    }
    print(&out)
}
