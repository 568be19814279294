//! Shows an explanation, or a receipt, where the client can show it: a virtual document, else a file, else a message that it is ready
//! to hover. Hovering works in any case.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use gen_lsp_types as types;
use serde_json::{Value, json};
use tokio::sync::oneshot::Receiver;

use super::convert::uri_of;
use super::message::Error;
use super::session::Session;
use crate::chunks::ChunkId;
use crate::config::ShowIn;
use crate::documents::Snapshot;
use crate::jobs::{Explanations, Kept};

/// How long a client may take to show a document before the next way is tried.
const SHOWN_WITHIN: Duration = Duration::from_secs(2);
/// Files of explanations older than this are removed.
const KEPT_FOR: Duration = Duration::from_secs(7 * 24 * 3600);
const SHOWN: &str = "shown";
/// The scheme of virtual documents.
pub(super) const SCHEME: &str = "whittle";

/// What is shown of a piece of code.
pub(super) struct Page {
    /// Its heading.
    pub title: String,
    pub markdown: String,
}

/// Keeps the page for hovering, then goes down the ladder until a rung holds.
/// Gives the words that the job ends with.
pub(super) async fn run(session: &Session, snapshot: &Snapshot, focus: ChunkId, page: Page) -> String {
    let Page { title, markdown } = page;
    let kept = Kept {
        path: snapshot.path.clone(),
        name: snapshot.chunks.path(focus),
        hash: Explanations::hash(&snapshot.chunks, focus, &snapshot.text),
        title: title.clone(),
        markdown: markdown.clone(),
    };
    let mut hasher = DefaultHasher::new();
    (kept.hash, &markdown).hash(&mut hasher);
    let file_name = format!("{}-{:016x}.md", file_stem(&title), hasher.finish());
    let uri = format!("{SCHEME}:/{file_name}");
    session.explanations.keep(kept, &uri);
    register_hover(session);

    let way = session.env_of(&snapshot.path).settings.explain.show_in;
    let features = &session.features;
    let hover_only = way == ShowIn::Hover || (way == ShowIn::Auto && features.is_helix);
    let mut virtual_document = None;
    if !hover_only && features.shows_documents {
        if features.virtual_documents && way == ShowIn::Auto {
            let mut reply = show_document(session, &uri);
            if shown(&mut reply).await == Some(true) {
                return SHOWN.to_owned();
            }
            virtual_document = Some(reply);
        }
        match write_file(&file_name, &markdown) {
            Ok(path) => {
                if shown(&mut show_document(session, &uri_of(&path).0)).await == Some(true) {
                    return SHOWN.to_owned();
                }
            }
            Err(error) => tracing::warn!(%error, "an explanation could not be written to the cache folder"),
        }
    }
    // an answer that came late after all
    if virtual_document.is_some_and(|mut reply| matches!(reply.try_recv(), Ok(Ok(value)) if success(&value))) {
        return SHOWN.to_owned();
    }
    let how = if features.is_helix { "press space k on the code" } else { "hover the code" };
    let ready = format!("{title} is ready: {how}");
    session.notifier.info(&ready);
    ready
}

type Shown = Receiver<Result<Value, Error>>;

fn show_document(session: &Session, uri: &str) -> Shown {
    session.outbox.request("window/showDocument", json!({ "uri": uri, "external": false, "takeFocus": false }))
}

/// Whether the client showed it; `None`: it did not say in time.
async fn shown(reply: &mut Shown) -> Option<bool> {
    match tokio::time::timeout(SHOWN_WITHIN, reply).await {
        Ok(Ok(Ok(value))) => Some(success(&value)),
        Ok(_) => Some(false),
        Err(_) => None,
    }
}

fn success(value: &Value) -> bool {
    value.get("success").and_then(Value::as_bool).unwrap_or(false)
}

/// Clients with two servers ask all of them for hovers, so hovering is announced only once there is something to hover.
fn register_hover(session: &Session) {
    if session.features.dynamic_hover && session.explanations.first_time() {
        let registration = json!({ "id": "whittle/hover", "method": "textDocument/hover", "registerOptions": {
            "documentSelector": [{ "pattern": "**/*" }]
        } });
        drop(session.outbox.request("client/registerCapability", json!({ "registrations": [registration] })));
    }
}

/// The text of a virtual document.
pub(super) fn content(session: &Session, uri: &types::Uri) -> Option<String> {
    session.explanations.by_uri(&uri.0).map(|kept| format!("# {}\n\n{}", kept.title, kept.markdown))
}

fn file_stem(title: &str) -> String {
    let words: Vec<&str> =
        title.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    words.join("-").chars().take(60).collect()
}

/// Writes an explanation into the user's cache folder, for their eyes only, and removes old ones.
fn write_file(name: &str, markdown: &str) -> std::io::Result<PathBuf> {
    use etcetera::BaseStrategy as _;
    use std::io::Write as _;
    let folders = etcetera::choose_base_strategy().map_err(std::io::Error::other)?;
    let folder = folders.cache_dir().join("whittle").join("explanations");
    std::fs::create_dir_all(&folder)?;
    prune(&folder);
    let path = folder.join(name);
    let mut options = std::fs::OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&path)?.write_all(markdown.as_bytes())?;
    Ok(path)
}

fn prune(folder: &Path) {
    let Ok(entries) = folder.read_dir() else { return };
    for entry in entries.flatten() {
        let age = entry
            .metadata()
            .and_then(|data| data.modified())
            .ok()
            .and_then(|at| SystemTime::now().duration_since(at).ok());
        if age.is_some_and(|age| age > KEPT_FOR) {
            let _ = std::fs::remove_file(entry.path()); // another session may have been first
        }
    }
}
