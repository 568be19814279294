//! Proposals on the command line: shown as diffs, written with `--apply`, or told as JSON.

use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use serde::Serialize;

use super::Options;
use super::diff::{Diff, unified};
use super::output::{is_styled, is_watched, note, print, print_json};
use super::session::{FocusJson, Focused};
use super::spent::SpentJson;
use super::write::{self, Change};
use crate::context::Texts as _;
use crate::edits::FileChange;
use crate::offline::rewrites::Rewrite;
use crate::operations::{Outcome, Proposed};
use crate::prompt::{Operation, Wish};
use crate::text::{Text, apply_edits};

/// A proposal with the texts that it changes.
pub(super) struct Shown {
    title: String,
    /// The model that made it.
    model: String,
    proved: Vec<String>,
    files: Vec<File>,
}

struct File {
    path: String,
    before: Option<String>,
    after: String,
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
    #[serde(flatten)]
    pub(super) spent: SpentJson,
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
    let Proposed { proposal, answered, .. } = proposed;
    let mut files = Vec::new();
    for file in proposal.files {
        let before = if file.change == FileChange::Create {
            None
        } else if file.path == focused.subject.path {
            Some(focused.subject.text.clone())
        } else {
            let text = focused.session.workspace.text(&file.path);
            Some(text.ok_or_else(|| anyhow!("{} can't be read any more: run the command again", file.path))?)
        };
        let after = apply_edits(&before.clone().unwrap_or_default(), &file.edits).to_text();
        let before = before.as_ref().map(Text::to_text);
        let diff = unified(&file.path, before.as_deref(), &after);
        files.push(File { path: file.path, before, after, diff });
    }
    let proved = proposal.proved.iter().map(ToString::to_string).collect();
    Ok(Shown { title: proposal.title, model: answered.model, proved, files })
}

impl File {
    fn change(&self) -> Change<'_> {
        Change { path: &self.path, before: self.before.as_deref(), after: &self.after }
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
        let facts = [self.title.as_str(), &self.model].into_iter().chain(self.proved.iter().map(String::as_str));
        facts.collect::<Vec<_>>().join(" · ")
    }

    pub(super) fn into_json(self) -> ChangeJson {
        let files = self.files.into_iter().map(|file| FileJson {
            create: file.before.is_none(),
            path: file.path,
            added: file.diff.added,
            removed: file.diff.removed,
            diff: file.diff.text,
        });
        ChangeJson { title: self.title, proved: self.proved, files: files.collect() }
    }

    /// Writes the files, or prints the diffs.
    pub(super) fn finish(self, options: &Options, focused: &Focused, apply: Apply) -> Result<()> {
        if apply == Apply::Write {
            let changes: Vec<Change<'_>> = self.files.iter().map(File::change).collect();
            write::write(&changes, focused.session.workspace.policy())?;
        }
        let written = apply == Apply::Write;
        if options.json {
            let (focus, model) = (FocusJson::from(&focused.subject), self.model.clone());
            let proposal = Some(self.into_json());
            return print_json(&ProposalJson {
                focus,
                model,
                rewrites: Vec::new(),
                proposal,
                written,
                spent: focused.spent(),
            });
        }
        focused.spent().tell(&self.model);
        if written {
            let told = |file: &File| format!("wrote {} (+{} −{})\n", file.path, file.diff.added, file.diff.removed);
            return print(&self.files.iter().map(told).collect::<String>());
        }
        if is_watched() {
            note(&format!("{}; --apply writes it", self.summary()));
        }
        print(&self.diff())
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
