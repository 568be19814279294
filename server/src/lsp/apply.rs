//! Applies a proposal: rebased over what was typed meanwhile, with the version that it is meant for, and confirmed by
//! the document's text. What can't be placed any more is not applied.

use std::path::Path;
use std::time::{Duration, Instant};

use gen_lsp_types as types;
use serde_json::{Value, json};

use super::convert::{document_edit, uri_of};
use super::session::Session;
use crate::documents::Snapshot;
use crate::edits::{FileChange, FileEdit, Proposal, check_syntax, smallest_edits};
use crate::operations::Workspace;
use crate::text::{Edit, Span, Text, apply_edits, rebase_edits};

/// How often an edit that the client refused, because the user typed, is rebased and sent again.
const MOST_TRIES: usize = 5;
/// How long a client may take to answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(30);
/// How long after its answer the text may take to show the edit.
const CONFIRMED_WITHIN: Duration = Duration::from_secs(2);
/// How often the text is looked at meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Applies all files of a proposal, one after the other. Gives the words that the job ends with.
pub(super) async fn run(
    session: &Session,
    workspace: &Workspace,
    snapshot: &Snapshot,
    proposal: &Proposal,
) -> Result<String, String> {
    let mut unsaved = Vec::new();
    for file in &proposal.files {
        let path = if workspace.name_of(&snapshot.path) == file.path {
            snapshot.path.clone()
        } else {
            workspace.policy().root().join(&file.path)
        };
        if file.change == FileChange::Create {
            create(session, &path, file).await?;
            unsaved.push(file.path.clone());
        } else if session.documents.text(&path).is_some() {
            change(session, &path, snapshot, file).await?;
        } else {
            change_unopened(session, &path, file).await?;
            unsaved.push(file.path.clone());
        }
    }
    let proved = proposal.proved.iter().map(ToString::to_string).collect::<Vec<_>>().join(" · ");
    if !unsaved.is_empty() {
        session.notifier.info(&format!("{}: in {}, not saved yet", proposal.title, unsaved.join(", ")));
    }
    Ok(if proved.is_empty() { "applied".to_owned() } else { format!("applied · {proved}") })
}

/// A file that is neither on disk nor open.
async fn create(session: &Session, path: &Path, file: &FileEdit) -> Result<(), String> {
    if path.exists() || session.documents.text(path).is_some() {
        return Err(format!("{} exists by now, so it was not written", file.path));
    }
    if let Some(parent) = path.parent() {
        // clients do not make folders on their own
        std::fs::create_dir_all(parent).map_err(|error| format!("{} can't be made: {error}", parent.display()))?;
    }
    let uri = uri_of(path);
    let text: String = file.edits.iter().map(|edit| edit.text.as_str()).collect();
    let mut changes = Vec::new();
    if session.features.creates_files {
        changes.push(json!({ "kind": "create", "uri": uri, "options": { "ignoreIfExists": true } }));
    }
    let zero = types::Position { line: 0, character: 0 };
    let whole = types::Range { start: zero, end: types::Position { line: 1, character: 0 } };
    changes.push(json!({
        "textDocument": { "uri": uri, "version": null },
        "edits": [{ "range": whole, "newText": text }],
    }));
    accepted(send(session, &file.path, Value::from(changes)).await, &file.path)
}

/// A file on disk that is not open: it becomes an unsaved buffer of the client.
async fn change_unopened(session: &Session, path: &Path, file: &FileEdit) -> Result<(), String> {
    let now = std::fs::read_to_string(path).map_err(|error| format!("{} can't be read: {error}", file.path))?;
    if now != file.base.to_text() {
        return Err(format!("{} was changed on disk meanwhile, so it was left alone", file.path));
    }
    let edit = document_edit(&uri_of(path).0, None, &file.base, &file.edits, session.features.encoding);
    accepted(send(session, &file.path, json!([edit])).await, &file.path)
}

fn accepted(reply: Option<bool>, path: &str) -> Result<(), String> {
    match reply {
        Some(true) => Ok(()),
        _ => Err(format!("the editor did not take the edit of {path}")),
    }
}

/// An open document.
async fn change(session: &Session, path: &Path, snapshot: &Snapshot, file: &FileEdit) -> Result<(), String> {
    let mut unchanged = 0;
    for _ in 0..MOST_TRIES {
        let (edits, text, version, uri) = place(session, path, snapshot, file)?;
        if strange_lines(session, &text) {
            return Err(format!(
                "{} has form feeds or Unicode line separators, which this editor counts as line ends: an edit would go \
                 to the wrong place, so it was left alone",
                file.path
            ));
        }
        if text != file.base {
            // typing elsewhere may have changed what the edit means
            let now = session.documents.snapshot(path, None).filter(|now| now.text == text);
            let (tree, language) = now.map_or((None, snapshot.language), |now| (now.tree, now.language));
            check_syntax(&text, tree.as_ref(), language, &edits, &file.path, "the edit").map_err(|_| {
                format!("{} would not parse with what was typed meanwhile, so the edit was not applied", file.path)
            })?;
        }
        let after = apply_edits(&text, &edits);
        let change =
            document_edit(&uri, Some(session.features.edit_version(version)), &text, &edits, session.features.encoding);
        let reply = send(session, &file.path, json!([change])).await;
        if confirmed(session, path, &text, &edits, &after).await {
            return Ok(());
        }
        if reply.is_none() {
            return Err(format!(
                "the editor did not answer whether it took the edit of {}; look at the file",
                file.path
            ));
        }
        if session.documents.text(path).is_some_and(|(now, ..)| now == text) {
            unchanged += 1;
        }
        if unchanged == 2 {
            break; // nobody typed: it will refuse again
        }
    }
    Err(format!("the editor refused the edit of {}, so nothing was changed; ask again", file.path))
}

/// The edits for the text as it stands now.
fn place(
    session: &Session,
    path: &Path,
    snapshot: &Snapshot,
    file: &FileEdit,
) -> Result<(Vec<Edit>, Text, i32, String), String> {
    let late = |why: &dyn std::fmt::Display| format!("{}: {why}, so the edit was not applied; ask again", file.path);
    if path == snapshot.path {
        return session.documents.rebase(path, &snapshot.revision, &file.edits).map_err(|why| late(&why));
    }
    let (text, version, uri) =
        session.documents.text(path).ok_or_else(|| late(&"the document was closed meanwhile"))?;
    let mut typed = smallest_edits(&file.base.to_text(), &text.to_text(), 0);
    typed.sort_by_key(|edit| std::cmp::Reverse(edit.span)); // from the end, so that each speaks of the text before it
    let edits = rebase_edits(&file.edits, &typed).map_err(|why| late(&why))?;
    Ok((edits, text, version, uri))
}

/// Helix ends lines at characters that the protocol does not.
fn strange_lines(session: &Session, text: &Text) -> bool {
    session.features.is_helix && text.to_text().contains(['\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'])
}

/// What the client replied; `None`: nothing in time.
async fn send(session: &Session, label: &str, changes: Value) -> Option<bool> {
    let params = json!({ "label": format!("Whittle: {label}"), "edit": { "documentChanges": changes } });
    let reply = session.outbox.request("workspace/applyEdit", params);
    match tokio::time::timeout(ANSWERED_WITHIN, reply).await {
        Ok(Ok(Ok(value))) => Some(value.get("applied").and_then(Value::as_bool).unwrap_or(false)),
        Ok(_) => Some(false),
        Err(_) => None,
    }
}

/// Whether the document comes to hold what was sent; a client's reply alone says nothing. Typing around the hunks does
/// not hide them: each is looked for with a few characters of what stands around it.
async fn confirmed(session: &Session, path: &Path, before: &Text, edits: &[Edit], after: &Text) -> bool {
    let marks = marks(edits, after);
    let end = Instant::now() + CONFIRMED_WITHIN;
    loop {
        let Some((now, ..)) = session.documents.text(path) else { return false };
        if now == *after {
            return true;
        }
        let now = now.to_text();
        if now != before.to_text() && marks.iter().all(|mark| now.contains(mark.as_str())) {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Each hunk's new text with what stands beside it in the new text.
fn marks(edits: &[Edit], after: &Text) -> Vec<String> {
    const AROUND: usize = 8;
    let mut order: Vec<&Edit> = edits.iter().collect();
    order.sort_by_key(|edit| edit.span);
    let mut shift = 0isize;
    order
        .into_iter()
        .map(|edit| {
            let start = edit.span.start.saturating_add_signed(shift);
            shift += edit.text.len() as isize - edit.span.len() as isize; // lengths of texts in memory
            let end = start + edit.text.len();
            after.slice(Span::new(start.saturating_sub(AROUND), (end + AROUND).min(after.len()))).into_owned()
        })
        .collect()
}
