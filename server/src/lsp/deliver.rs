//! The end of a job: an explanation is shown; a proposal is applied and put under review, or offered.

use std::path::Path;
use std::sync::Arc;

use super::apply::{self, KeptBack, NotApplied, Placed, Purpose, Target};
use super::convert::is_file;
use super::history::{NewRecord, Origin};
use super::session::Session;
use super::show::Page;
use super::{following, offers, review, show};
use crate::config::ApplyMode;
use crate::documents::Snapshot;
use crate::edits::{FileChange, Proof, Proposal, hunks};
use crate::operations::{Explanation, Outcome, Pending, Proposed, Workspace};
use crate::text::Edit;

/// Gives the words that the job ends with.
pub(super) async fn run(
    session: &Arc<Session>,
    workspace: &Workspace,
    snapshot: &Snapshot,
    origin: Origin,
    outcome: Outcome,
) -> Result<String, String> {
    match outcome {
        Outcome::Explanation(Explanation { title, markdown, answered }) => {
            let subject = workspace.subject(snapshot, origin.span);
            let markdown = format!(
                "{}

*{}*
",
                markdown.trim_end(),
                answered.model
            );
            Ok(show::run(session, snapshot, subject.focus, Page { title, markdown }).await)
        }
        Outcome::Proposal(Proposed { proposal, pending, answered }) => {
            let origin = Origin { model: answered.model, ..origin };
            let targets = targets(workspace, snapshot, &proposal);
            let alike = proposal.alike();
            let Proposal { title, proved, .. } = proposal;
            session.history.remember(session, origin.clone());
            if session.env_of(&snapshot.path).settings.edits.apply == ApplyMode::Offer {
                return offer(session, &title, targets, origin, proved);
            }
            let applied = apply(session, &title, targets, origin, proved, pending).await?;
            Ok(alike.map_or(applied.clone(), |alike| format!("{applied} · {alike}")))
        }
    }
}

/// What a proposal does to each file.
fn targets(workspace: &Workspace, snapshot: &Snapshot, proposal: &Proposal) -> Vec<Target> {
    let root = workspace.policy().root();
    let target = |file: &crate::edits::FileEdit| {
        let is_focus = workspace.name_of(&snapshot.path) == file.path;
        Target {
            path: if is_focus { snapshot.path.clone() } else { root.join(&file.path) },
            name: file.path.clone(),
            change: file.change.clone(),
            to: match &file.change {
                FileChange::Rename { to } => Some(root.join(to)),
                FileChange::Edit | FileChange::Create | FileChange::Delete => None,
            },
            base: file.base.clone(),
            revision: is_focus.then(|| snapshot.revision.clone()),
            hunks: hunks(&file.base, &file.edits),
            purpose: Purpose::Proposal,
        }
    };
    proposal.files.iter().map(target).collect()
}

fn offer(
    session: &Arc<Session>,
    title: &str,
    targets: Vec<Target>,
    origin: Origin,
    proved: Vec<Proof>,
) -> Result<String, String> {
    let names: Vec<String> = targets.iter().map(|target| target.name.clone()).collect();
    let names = names.join(", ");
    if !offers::keep(session, title, targets, origin, proved) {
        return Err(format!("{names}: the code was changed meanwhile, so there is nothing to offer; ask again"));
    }
    session.notifier.info(&format!("“{title}” is ready: it is among the code actions of {names}"));
    Ok("offered as a code action".to_owned())
}

/// Applies a proposal and puts it under review. Gives the words that the job ends with.
pub(super) async fn apply(
    session: &Arc<Session>,
    title: &str,
    targets: Vec<Target>,
    origin: Origin,
    proved: Vec<Proof>,
    pending: Option<Pending>,
) -> Result<String, String> {
    let root = session.workspace_of(&origin.path).policy().root().to_owned();
    let record = NewRecord::new(session, &root, &origin, title, proved.iter().map(ToString::to_string).collect());
    let unsaved: Vec<String> = targets.iter().filter_map(|target| target.unsaved(session)).collect();
    let parts = match apply::run(session, title, targets.clone(), record).await {
        Ok(parts) => parts,
        Err(NotApplied::Never(why)) => return Err(format!("{why}; ask again")),
        Err(NotApplied::Late(why)) => {
            let offered = offers::keep(session, title, targets, origin, proved);
            return Err(format!("{why}; {}", if offered { "it is offered as a code action" } else { "ask again" }));
        }
    };
    let told = keep_back(session, title, &parts, &origin);
    if parts.iter().all(|(_, placed)| placed.steps.is_empty()) {
        return told.map_or_else(|| Ok("it is so already".to_owned()), Err);
    }
    let words = still_proved(&proved, &parts);
    let words = words.join(" · ");
    review::start(session, origin.job, title, &words, &parts);
    if let Some(pending) = pending {
        following::start(session, &origin, title, &proved, &parts, pending);
    }
    if !unsaved.is_empty() {
        session.notifier.info(&format!("{title}: in {}, not saved yet", unsaved.join(", ")));
    }
    let locked: Vec<&str> = parts
        .iter()
        .map(|(target, _)| target)
        .filter(|target| is_locked(&target.path))
        .map(|target| &*target.name)
        .collect();
    if !locked.is_empty() {
        let (names, verb) = (locked.join(", "), if locked.len() == 1 { "is" } else { "are" });
        session.notifier.warn(&format!(
            "{title}: {names} {verb} read-only on the disk, so the change is in the editor only until you make it writable or \
             save it elsewhere"
        ));
    }
    if let Some(told) = &told {
        session.notifier.warn(told);
    }
    // Helix shows what a job ends with over any message before
    let mut ended = match unsaved.is_empty() {
        true => vec!["applied".to_owned()],
        false => vec![format!("applied in {}, not saved yet", unsaved.join(", "))],
    };
    ended.extend((!words.is_empty()).then_some(words));
    ended.extend(told.map(|_| "some of it kept back".to_owned()));
    Ok(ended.join(" · "))
}

/// Whether a file is there and may not be written.
fn is_locked(path: &Path) -> bool {
    is_file(path) && path.metadata().is_ok_and(|data| data.permissions().readonly())
}

/// What of a proposal's proofs holds for what was applied: only the syntax is checked again after a rebase.
pub(super) fn still_proved(proved: &[Proof], parts: &[(Target, Placed)]) -> Vec<String> {
    let same = parts.iter().all(|(target, placed)| placed.before == target.base && placed.back.is_empty());
    proved.iter().filter(|proof| same || **proof == Proof::Parses).map(ToString::to_string).collect()
}

/// Offers the hunks that were overtaken, each in place of what the user typed there. Gives what the user is to be told.
fn keep_back(session: &Session, title: &str, parts: &[(Target, Placed)], origin: &Origin) -> Option<String> {
    let mut places = Vec::new();
    let (mut back, mut all) = (0, 0);
    for (target, placed) in parts {
        all += target.hunks.len();
        back += placed.back.len();
        let places_after = |hunk: &KeptBack| {
            let shift = placed.places.iter().take_while(|place| place.before.end <= hunk.region.start);
            let shift: isize = shift.map(|place| place.after.len() as isize - place.before.len() as isize).sum();
            hunk.region.start.saturating_add_signed(shift) // lengths of texts in memory
        };
        for hunk in &placed.back {
            let start = places_after(hunk);
            let line = placed.after.line_of(start) + 1;
            let span = (start..start + hunk.region.len()).into();
            let (path, name) = (target.path.clone(), target.name.clone());
            let base = placed.after.clone();
            let only = Target {
                path,
                name,
                change: FileChange::Edit,
                to: None,
                base,
                revision: None,
                hunks: vec![vec![Edit::new(span, hunk.text.clone())]],
                purpose: Purpose::Proposal,
            };
            let title = format!("{title}, over what you typed in line {line}");
            offers::keep(session, &title, vec![only], origin.clone(), Vec::new());
            places.push(format!("{} line {line}", target.name));
        }
    }
    let was = if back == 1 { "was" } else { "were" };
    let done = if back == all { "the edit was not applied" } else { "the others were applied" };
    (back > 0).then(|| {
        let places = places.join(", ");
        format!(
            "{title}: {back} of {all} changes {was} kept back, since the code was changed meanwhile ({places}), and \
             {done}; what was kept back is offered as a code action"
        )
    })
}
