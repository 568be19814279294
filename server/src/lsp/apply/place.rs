//! Where a file's hunks go in the text as it stands now. In: what was worked out for an older text. Out: the steps of a
//! workspace edit for this very moment, and the hunks that can't be placed. Never sends anything.

use std::path::{Path, PathBuf};

use gen_lsp_types as types;
use serde_json::{Value, json};

use super::NotApplied;
use crate::documents::{Now, Revision};
use crate::edits::{FileChange, HunkPlace, HunkState, changes, check_syntax, hunk_places, hunk_states, rebase_hunk};
use crate::lsp::convert::{document_edit, uri_of};
use crate::lsp::session::Session;
use crate::text::{Edit, Span, Text, apply_edits, cover_span};

/// One file's part of a change.
#[derive(Clone, Debug)]
pub(in crate::lsp) struct Target {
    pub path: PathBuf,
    /// The file as messages call it.
    pub name: String,
    pub change: FileChange,
    /// Where it moves to.
    pub to: Option<PathBuf>,
    /// The text that the hunks speak of.
    pub base: Text,
    /// The open document's state that has this text; `None`: its text now is compared with `base`.
    pub revision: Option<Revision>,
    /// In order.
    pub hunks: Vec<Vec<Edit>>,
    pub purpose: Purpose,
}

/// What becomes of hunks that were overtaken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lsp) enum Purpose {
    /// They are kept back and the others apply, where the result parses.
    Proposal,
    /// Nothing applies; what is there already is fine. The user wants exactly this, whether it parses or not.
    Exact,
}

/// A target's part of one workspace edit.
#[derive(Clone, Debug)]
pub(in crate::lsp) struct Placed {
    /// Elements of `documentChanges`; none: there is nothing to do.
    pub steps: Vec<Value>,
    /// The document's state that they are meant for; `None`: it is not open.
    pub revision: Option<Revision>,
    pub before: Text,
    pub after: Text,
    /// What of the target is applied, as edits of `before`.
    pub hunks: Vec<Vec<Edit>>,
    pub places: Vec<HunkPlace>,
    /// Hunks that were overtaken.
    pub back: Vec<KeptBack>,
}

/// A hunk that was overtaken: where it would go, in `before`, and what would stand there.
#[derive(Clone, Debug)]
pub(in crate::lsp) struct KeptBack {
    pub region: Span,
    pub text: String,
}

impl Target {
    /// The file as it is called afterwards, if the change stays in a buffer that the user has not opened.
    pub(in crate::lsp) fn unsaved(&self, session: &Session) -> Option<String> {
        let name = match &self.change {
            FileChange::Delete => return None,
            FileChange::Rename { .. } if self.hunks.is_empty() => return None,
            FileChange::Rename { to } => to,
            FileChange::Edit | FileChange::Create => &self.name,
        };
        session.documents.now(&self.path).is_none().then(|| name.clone())
    }

    /// The target that takes back what `placed` did to this one.
    pub(super) fn inverse(&self, placed: &Placed) -> Self {
        let (path, change, to) = match &self.change {
            FileChange::Edit => (self.path.clone(), FileChange::Edit, None),
            FileChange::Create => (self.path.clone(), FileChange::Delete, None),
            FileChange::Delete => (self.path.clone(), FileChange::Create, None),
            FileChange::Rename { .. } => {
                let path = self.to.clone().unwrap_or_else(|| self.path.clone());
                (path, FileChange::Rename { to: self.name.clone() }, Some(self.path.clone()))
            }
        };
        Self {
            path,
            name: self.name.clone(),
            change,
            to,
            base: placed.after.clone(),
            revision: None,
            hunks: match &self.change {
                FileChange::Delete => vec![vec![Edit::new(Span::default(), placed.before.to_text())]],
                _ => placed.inverse(),
            },
            purpose: Purpose::Exact,
        }
    }
}

impl Placed {
    /// Each hunk the other way round, as edits of `after`.
    fn inverse(&self) -> Vec<Vec<Edit>> {
        let mut shift = 0isize; // lengths of texts in memory
        let mut turn = |edit: &Edit| {
            let start = edit.span.start.saturating_add_signed(shift);
            shift += edit.text.len() as isize - edit.span.len() as isize;
            Edit::new(Span::new(start, start + edit.text.len()), self.before.slice(edit.span))
        };
        self.hunks.iter().map(|hunk| hunk.iter().map(&mut turn).collect()).collect()
    }
}

/// Works out the steps for the text as it stands now.
pub(in crate::lsp) fn place(session: &Session, target: &Target) -> Result<Placed, NotApplied> {
    let name = &target.name;
    match &target.change {
        FileChange::Create => create(session, target),
        FileChange::Edit => match session.documents.now(&target.path) {
            Some(_) => edit_open(session, target),
            None if target.revision.is_some() => {
                Err(NotApplied::Late(format!("{name} was closed meanwhile, so the edit was not applied")))
            }
            None => {
                let mut placed = unopened(target)?;
                let (uri, encoding) = (uri_of(&target.path).0, session.features.encoding);
                if !placed.hunks.is_empty() {
                    placed.steps =
                        vec![json!(document_edit(&uri, None, &placed.before, &placed.hunks.concat(), encoding))];
                }
                Ok(placed)
            }
        },
        FileChange::Delete => {
            if !session.features.deletes_files {
                return Err(NotApplied::Never(format!("this editor can't delete {name}, so nothing was changed")));
            }
            if session.documents.now(&target.path).is_none() && !target.path.exists() {
                return Ok(placed(Text::default(), None, Vec::new(), Vec::new()));
            }
            let mut placed = whole(session, target)?;
            placed.after = Text::default();
            placed.steps = vec![
                json!({ "kind": "delete", "uri": uri_of(&target.path), "options": { "ignoreIfNotExists": true } }),
            ];
            Ok(placed)
        }
        FileChange::Rename { to } => {
            if !session.features.renames_files {
                return Err(NotApplied::Never(format!("this editor can't rename {name}, so nothing was changed")));
            }
            let Some(path) = target.to.as_deref() else {
                return Err(NotApplied::Never(format!("there is no place for {name}, so nothing was changed")));
            };
            free(session, path, to)?;
            let mut placed = whole(session, target)?;
            let (old, new) = (uri_of(&target.path), uri_of(path));
            placed.steps = vec![json!({ "kind": "rename", "oldUri": old, "newUri": new })];
            if !placed.hunks.is_empty() {
                let edits = placed.hunks.concat();
                placed.steps.push(json!(document_edit(
                    &new.0,
                    None,
                    &placed.before,
                    &edits,
                    session.features.encoding
                )));
            }
            Ok(placed)
        }
    }
}

/// Nothing may stand where a file is to be made.
fn free(session: &Session, path: &Path, name: &str) -> Result<(), NotApplied> {
    if path.exists() || session.documents.now(path).is_some() {
        return Err(NotApplied::Never(format!("{name} exists by now, so it was not written")));
    }
    Ok(())
}

/// Makes the folder that a new file goes into, since clients do not.
pub(super) fn make_folder(target: &Target) -> Result<(), NotApplied> {
    let path = match &target.change {
        FileChange::Create => Some(&target.path),
        FileChange::Rename { .. } => target.to.as_ref(),
        FileChange::Edit | FileChange::Delete => None,
    };
    let Some(folder) = path.and_then(|path| path.parent()) else { return Ok(()) };
    let made = std::fs::create_dir_all(folder);
    made.map_err(|error| NotApplied::Never(format!("{} can't be made: {error}", folder.display())))
}

fn create(session: &Session, target: &Target) -> Result<Placed, NotApplied> {
    free(session, &target.path, &target.name)?;
    let after = apply_edits(&Text::default(), &target.hunks.concat());
    let uri = uri_of(&target.path);
    let mut steps = Vec::new();
    if session.features.creates_files {
        steps.push(json!({ "kind": "create", "uri": uri, "options": { "ignoreIfExists": true } }));
    }
    let zero = types::Position { line: 0, character: 0 };
    let whole = types::Range { start: zero, end: types::Position { line: 1, character: 0 } };
    steps.push(json!({
        "textDocument": { "uri": uri, "version": null },
        "edits": [{ "range": whole, "newText": after.to_text() }],
    }));
    let hunks = vec![vec![Edit::new(Span::default(), after.to_text())]];
    let places = hunk_places(&hunks);
    Ok(Placed { steps, revision: None, before: Text::default(), after, hunks, places, back: Vec::new() })
}

/// A file that is not open, as it is on disk.
fn unopened(target: &Target) -> Result<Placed, NotApplied> {
    let name = &target.name;
    let now = std::fs::read_to_string(&target.path);
    let now = now.map_err(|error| NotApplied::Never(format!("{name} can't be read: {error}")))?;
    let now = Text::from(now.as_str());
    match target.purpose {
        Purpose::Proposal if now != target.base => {
            Err(NotApplied::Never(format!("{name} was changed on disk meanwhile, so it was left alone")))
        }
        Purpose::Proposal | Purpose::Exact => put(target, now, None),
    }
}

/// A file that goes or moves: open or not.
fn whole(session: &Session, target: &Target) -> Result<Placed, NotApplied> {
    let placed = match session.documents.now(&target.path) {
        Some(now) => put(target, now.text, Some(now.revision))?,
        None => unopened(target)?,
    };
    if target.change == FileChange::Delete && placed.before != target.base {
        let name = &target.name;
        return Err(NotApplied::Never(format!("{name} was changed meanwhile, so it was not deleted")));
    }
    Ok(placed)
}

fn edit_open(session: &Session, target: &Target) -> Result<Placed, NotApplied> {
    let name = &target.name;
    let gone = || NotApplied::Late(format!("{name} was closed meanwhile, so the edit was not applied"));
    let (now, typed) = match &target.revision {
        Some(revision) => session.documents.follow(&target.path, revision).ok_or_else(gone)?,
        None => (session.documents.now(&target.path).ok_or_else(gone)?, None),
    };
    let Now { uri, version, language, text, revision } = now;
    let mut placed = match typed {
        Some(typed) => follow(target, &text, &revision, &typed)?,
        None => put(target, text.clone(), Some(revision))?,
    };
    if placed.hunks.is_empty() {
        return Ok(placed);
    }
    if strange_lines(session, &text) {
        return Err(NotApplied::Never(format!(
            "{name} has carriage returns alone, which this editor does not count as line ends: an edit would go to the \
             wrong place, so it was left alone"
        )));
    }
    let edits = placed.hunks.concat();
    if target.purpose == Purpose::Proposal && (text != target.base || !placed.back.is_empty()) {
        // typing elsewhere may have changed what the edit means
        let tree =
            session.documents.snapshot(&target.path, None).filter(|now| now.text == text).and_then(|now| now.tree);
        check_syntax(&text, tree.as_ref(), language, &edits, name, "the edit").map_err(|_| {
            NotApplied::Late(format!(
                "{name} would not parse with what was typed meanwhile, so the edit was not applied"
            ))
        })?;
    }
    let version = session.features.edit_version(version);
    placed.steps = vec![json!(document_edit(&uri, Some(version), &text, &edits, session.features.encoding))];
    Ok(placed)
}

/// Places hunks over what is known to have been typed since; where that overtook some, comparing the texts may save them.
fn follow(target: &Target, now: &Text, revision: &Revision, typed: &[Edit]) -> Result<Placed, NotApplied> {
    let followed: Result<Vec<_>, _> =
        target.hunks.iter().map(|hunk| rebase_hunk(&target.base, hunk, typed, now)).collect();
    match followed {
        Ok(hunks) => Ok(placed(now.clone(), Some(revision.clone()), hunks, Vec::new())),
        Err(_) => put(target, now.clone(), Some(revision.clone())),
    }
}

/// Places hunks by comparing the texts.
fn put(target: &Target, now: Text, revision: Option<Revision>) -> Result<Placed, NotApplied> {
    let places = hunk_places(&target.hunks);
    let goal = apply_edits(&target.base, &target.hunks.concat());
    let typed = changes(&target.base, &now.to_text());
    let states = match target.purpose {
        Purpose::Exact => hunk_states(&target.base, &goal, &places, &now).0,
        Purpose::Proposal => vec![HunkState::Old; places.len()],
    };
    let (mut hunks, mut back) = (Vec::new(), Vec::new());
    for ((hunk, place), state) in target.hunks.iter().zip(&places).zip(states) {
        match (rebase_hunk(&target.base, hunk, &typed, &now), state) {
            (_, HunkState::New) => {}
            (Ok(hunk), _) => hunks.push(hunk),
            (Err(_), _) if target.purpose == Purpose::Exact => {
                let line = now.line_of(cover_span(place.before, &typed).start) + 1;
                return Err(NotApplied::Never(format!(
                    "line {line} of {} was changed since, so nothing was changed",
                    target.name
                )));
            }
            (Err(_), _) => {
                let region = now.clamp(cover_span(place.before, &typed));
                back.push(KeptBack { region, text: goal.slice(place.after).into_owned() });
            }
        }
    }
    Ok(placed(now, revision, hunks, back))
}

fn placed(before: Text, revision: Option<Revision>, hunks: Vec<Vec<Edit>>, back: Vec<KeptBack>) -> Placed {
    let after = apply_edits(&before, &hunks.concat());
    let places = hunk_places(&hunks);
    Placed { steps: Vec::new(), revision, before, after, hunks, places, back }
}

/// Whether the client counts other lines than the protocol: to Helix only a line feed ends one.
fn strange_lines(session: &Session, text: &Text) -> bool {
    session.features.is_helix && text.has_lone_cr()
}
