//! Proposals on the command line: shown as diffs, written with `--apply`, or told as JSON.

use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use serde::Serialize;

use super::Options;
use super::diff::{Diff, unified};
use super::output::{is_styled, note, print, print_json};
use super::session::{FocusJson, Focused};
use super::spent::SpentJson;
use super::undo::journal;
use crate::context::Texts as _;
use crate::edits::{FileChange, Placed};
use crate::journal::{EntryId, FileRecord, NewEntry, Writer};
use crate::offline::rewrites::Rewrite;
use crate::operations::{Outcome, Proposed};
use crate::prompt::{Operation, Wish};
use crate::text::Text;

/// A proposal with the texts that it changes.
pub(super) struct Shown {
    title: String,
    /// The model that made it.
    model: String,
    proved: Vec<String>,
    placed: Vec<Placed>,
    /// Where a place was found by likeness only.
    alike: Option<String>,
    files: Vec<File>,
}

struct File {
    record: FileRecord,
    diff: Diff,
}

/// The JSON document of `refactor` and `test`.
#[derive(Serialize)]
pub(super) struct ProposalJson {
    /// What it was asked for.
    pub(super) focus: FocusJson,
    /// The model that was asked.
    pub(super) model: String,
    /// The offline engine's rewrites to choose from; only where there was no choice yet.
    pub(super) rewrites: Vec<RewriteJson>,
    /// The proposal, if there is one.
    pub(super) proposal: Option<ChangeJson>,
    /// The files were written.
    pub(super) written: bool,
    /// What `whittle undo` takes, where they were.
    pub(super) job: Option<EntryId>,
    #[serde(flatten)]
    pub(super) spent: SpentJson,
}

impl ProposalJson {
    /// The document where nothing had to be done.
    pub(super) fn none(focus: FocusJson, model: String, spent: SpentJson) -> Self {
        Self { focus, model, rewrites: Vec::new(), proposal: None, written: false, job: None, spent }
    }
}

/// A rewrite that applies.
#[derive(Serialize)]
pub(super) struct RewriteJson {
    /// What `--rewrite` takes.
    pub(super) name: &'static str,
    /// What it does.
    pub(super) title: String,
    /// Where it begins, from one.
    pub(super) line: usize,
}

/// A proposal.
#[derive(Serialize)]
pub(super) struct ChangeJson {
    /// What it does.
    title: String,
    /// What was proved of it.
    proved: Vec<String>,
    /// Where each change of the answer went, and which step found the place.
    placed: Vec<Placed>,
    /// The files that it changes.
    files: Vec<FileJson>,
}

/// A file's part of a proposal.
#[derive(Serialize)]
struct FileJson {
    /// Relative to the workspace.
    path: String,
    /// It does not exist yet.
    create: bool,
    /// It goes.
    delete: bool,
    /// Where it moves to.
    to: Option<String>,
    /// Lines that come.
    added: usize,
    /// Lines that go.
    removed: usize,
    /// The unified diff.
    diff: String,
}

/// Asks for a proposal; reads the texts that it changes.
pub(super) fn ask(focused: &Focused, operation: &Arc<Operation>, wish: Wish) -> Result<Shown> {
    match focused.run(operation, wish)? {
        Outcome::Proposal(proposed) => read(focused, proposed),
        Outcome::Explanation(_) => bail!("an explanation came instead of a proposal"),
    }
}

/// Reads the texts that a proposal changes.
pub(super) fn read(focused: &Focused, proposed: Proposed) -> Result<Shown> {
    let Proposed { mut proposal, answered, .. } = proposed;
    let mut files = Vec::new();
    for file in std::mem::take(&mut proposal.files) {
        let base = if file.change == FileChange::Create {
            Text::default()
        } else if file.path == focused.subject.path {
            focused.subject.text.clone()
        } else {
            let text = focused.session.workspace.text(&file.path);
            text.ok_or_else(|| anyhow!("{} can't be read any more: run the command again", file.path))?
        };
        let record = FileRecord::new(file.path, file.change, &base, &file.edits);
        files.push(File { diff: diff(&record), record });
    }
    let proved = proposal.proved.iter().map(ToString::to_string).collect();
    let alike = proposal.alike();
    Ok(Shown { title: proposal.title, model: answered.model, proved, placed: proposal.placed, alike, files })
}

fn diff(record: &FileRecord) -> Diff {
    let (path, before, after) = (&record.path, record.before.as_str(), record.after.as_str());
    match &record.change {
        FileChange::Edit => unified(path, Some(before), Some(after)),
        FileChange::Create => unified(path, None, Some(after)),
        FileChange::Delete => unified(path, Some(before), None),
        FileChange::Rename { to } => unified(to, None, Some(after)).and(unified(path, Some(before), None)),
    }
}

impl Shown {
    /// The diffs of all files, in colours where standard output takes them.
    pub(super) fn diff(&self) -> String {
        let diff = |file: &File| if is_styled() { file.diff.painted() } else { file.diff.text.clone() };
        self.files.iter().map(diff).collect()
    }

    /// What it does, who made it, and what was proved of it.
    pub(super) fn summary(&self) -> String {
        let facts = [&self.title, &self.model].into_iter().chain(&self.proved).chain(&self.alike).map(String::as_str);
        facts.collect::<Vec<_>>().join(" · ")
    }

    pub(super) fn into_json(self) -> ChangeJson {
        let files = self.files.into_iter().map(|file| FileJson {
            create: file.record.change == FileChange::Create,
            delete: file.record.change == FileChange::Delete,
            to: Some(file.record.path_after()).filter(|to| **to != file.record.path).map(str::to_owned),
            path: file.record.path,
            added: file.diff.added,
            removed: file.diff.removed,
            diff: file.diff.text,
        });
        ChangeJson { title: self.title, proved: self.proved, placed: self.placed, files: files.collect() }
    }

    /// Writes the files, through the journal.
    fn write(&self, focused: &Focused, operation: &Operation) -> Result<EntryId> {
        let policy = focused.session.workspace.policy();
        let entry = NewEntry {
            operation: operation.name.clone(),
            title: self.title.clone(),
            model: self.model.clone(),
            proved: self.proved.clone(),
            writer: Writer::Disk,
            files: self.files.iter().map(|file| file.record.clone()).collect(),
        };
        Ok(journal(policy)?.apply(&entry, policy)?)
    }

    /// Writes the files, or prints the diffs; standard error says what was proved.
    pub(super) fn finish(
        self,
        options: &Options,
        focused: &Focused,
        operation: &Operation,
        apply: Apply,
    ) -> Result<()> {
        let job = match apply {
            Apply::Show => None,
            Apply::Write => Some(self.write(focused, operation)?),
        };
        let written = job.is_some();
        if options.json {
            let (focus, model) = (FocusJson::from(&focused.subject), self.model.clone());
            let proposal = Some(self.into_json());
            let spent = focused.spent();
            return print_json(&ProposalJson { focus, model, rewrites: Vec::new(), proposal, written, job, spent });
        }
        focused.spent().tell(&self.model);
        match job {
            Some(job) => {
                note(&format!("{}; this was job {job}: `whittle undo` takes it back", self.summary()));
                print(&self.files.iter().map(File::told).collect::<String>())
            }
            None => {
                note(&format!("{}; --apply writes it", self.summary()));
                print(&self.diff())
            }
        }
    }
}

impl File {
    /// What was done to it.
    fn told(&self) -> String {
        let path = &self.record.path;
        let done = match &self.record.change {
            FileChange::Edit | FileChange::Create => format!("wrote {path}"),
            FileChange::Delete => format!("deleted {path}"),
            FileChange::Rename { to } => format!("moved {path} to {to}"),
        };
        let (added, removed) = self.record.lines();
        format!("{done} (+{added} −{removed})\n")
    }
}

/// What becomes of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Apply {
    /// Its diff is printed.
    Show,
    /// Its files are written.
    Write,
}

impl From<bool> for Apply {
    fn from(apply: bool) -> Self {
        if apply { Self::Write } else { Self::Show }
    }
}

impl RewriteJson {
    pub(super) fn new(rewrite: &Rewrite, focused: &Focused) -> Self {
        let line = focused.subject.line(rewrite.at.start);
        Self { name: rewrite.name, title: rewrite.title.clone(), line }
    }
}
