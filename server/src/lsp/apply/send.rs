//! Sends one workspace edit and finds out what became of it. The client's reply is not believed: the documents' texts
//! decide, since Neovim says yes to what it then refuses and sends what it applied in pieces, and Emacs sends it late.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::place::{Placed, Target};
use crate::documents::Revision;
use crate::edits::{FileChange, Shown, shown};
use crate::lsp::session::Session;
use crate::text::Text;

/// How long a client may take to answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(30);
/// How long after a yes, or after the change that came next, the text may take to show the edit.
const CONFIRMED_WITHIN: Duration = Duration::from_secs(2);
/// How long after a yes a client may say nothing of any change: Emacs sends what changed once its user pauses.
const HEARD_WITHIN: Duration = Duration::from_secs(20);
/// How long after a yes a file that is not open may take to show up; then the yes is all there is.
const OPENED_WITHIN: Duration = Duration::from_secs(1);
/// How long after a no the text may take to show the edit nonetheless.
const AFTER_NO: Duration = Duration::from_millis(50);
/// How often the texts are looked at meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// What became of a workspace edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Every text shows it.
    Applied,
    /// No text shows it; what the client said of that.
    Refused(Option<String>),
    /// Some of it is there, some is not.
    Part,
    /// The client says nothing, and no text shows it.
    Silent,
}

pub(super) async fn send(session: &Session, label: &str, parts: &[(Target, Placed)]) -> Decision {
    let steps: Vec<&Value> = parts.iter().flat_map(|(_, placed)| &placed.steps).collect();
    if steps.is_empty() {
        return Decision::Applied;
    }
    let mut parts: Vec<Part> = parts.iter().filter(|(_, placed)| !placed.steps.is_empty()).map(Part::new).collect();
    let params = json!({ "label": format!("Whittle: {label}"), "edit": { "documentChanges": steps } });
    let sent = Instant::now();
    let mut waiting = Some(session.outbox.request("workspace/applyEdit", params));
    let mut answer: Option<(bool, Instant)> = None;
    let mut reason = None;
    let mut heard: Option<Instant> = None;
    loop {
        if let Some(Ok(reply)) = waiting.as_mut().map(tokio::sync::oneshot::Receiver::try_recv) {
            let applied = reply.as_ref().ok().and_then(|value| value["applied"].as_bool()).unwrap_or(false);
            reason = match &reply {
                Ok(value) => value["failureReason"].as_str().map(str::to_owned),
                Err(error) => Some(error.message.clone()),
            };
            answer = Some((applied, Instant::now()));
            waiting = None;
            parts.iter_mut().for_each(|part| part.answered(session));
        }
        parts.iter_mut().for_each(|part| part.look(session));
        let all = |wanted: &[Shown]| parts.iter().all(|part| wanted.contains(&part.shown));
        if all(&[Shown::All]) {
            return Decision::Applied;
        }
        if heard.is_none() && parts.iter().any(Part::moved) {
            heard = Some(Instant::now());
        }
        let over = match answer {
            None => sent.elapsed() > ANSWERED_WITHIN,
            Some((false, at)) if all(&[Shown::Nothing]) => {
                // a text that was typed in since is reason enough for a no
                parts.iter().any(Part::is_outdated) || at.elapsed() > AFTER_NO
            }
            Some((false, at)) => at.elapsed() > CONFIRMED_WITHIN,
            // Neovim sends what it applied at the latest with the next change
            Some((true, _))
                if session.features.is_neovim && all(&[Shown::Nothing]) && parts.iter().any(Part::moved) =>
            {
                true
            }
            Some((true, at)) => {
                let unseen = parts.iter().all(|part| part.shown == Shown::All || !part.is_open(session));
                match heard {
                    _ if unseen => at.elapsed() > OPENED_WITHIN,
                    // it said yes to what it has: sent once more, the edit would be applied twice
                    None if !session.features.is_neovim => at.elapsed() > HEARD_WITHIN,
                    heard => heard.unwrap_or(at).elapsed() > CONFIRMED_WITHIN,
                }
            }
        };
        if over {
            let believed = answer.is_some_and(|(applied, _)| applied);
            parts.iter_mut().filter(|part| believed && !part.is_open(session)).for_each(Part::believe);
            let all = |wanted: &[Shown]| parts.iter().all(|part| wanted.contains(&part.shown));
            return match () {
                () if all(&[Shown::All, Shown::Changed]) => Decision::Applied,
                () if !all(&[Shown::Nothing]) => Decision::Part,
                () if answer.is_none() => Decision::Silent,
                () => Decision::Refused(reason.filter(|reason| !reason.is_empty())),
            };
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// What the texts show of one file's part.
struct Part<'a> {
    target: &'a Target,
    placed: &'a Placed,
    shown: Shown,
    /// The state that `shown` was worked out for.
    seen: Option<Revision>,
    /// The state when the answer came.
    at_answer: Option<Revision>,
}

impl<'a> Part<'a> {
    fn new((target, placed): &'a (Target, Placed)) -> Self {
        Self { target, placed, shown: Shown::Nothing, seen: placed.revision.clone(), at_answer: None }
    }

    /// The file that the text is to be in afterwards.
    fn path(&self) -> &std::path::Path {
        self.target.to.as_deref().unwrap_or(&self.target.path)
    }

    fn is_open(&self, session: &Session) -> bool {
        session.documents.now(self.path()).is_some()
    }

    fn answered(&mut self, session: &Session) {
        self.at_answer = session.documents.now(self.path()).map(|now| now.revision);
    }

    /// Whether the document changed after the answer and was looked at since.
    fn moved(&self) -> bool {
        self.at_answer.is_some() && self.seen.is_some() && self.seen != self.at_answer
    }

    /// Whether the document changed since the edit was placed.
    fn is_outdated(&self) -> bool {
        self.placed.revision.is_some() && self.seen != self.placed.revision
    }

    fn believe(&mut self) {
        self.shown = Shown::All;
    }

    fn look(&mut self, session: &Session) {
        let Placed { before, after, places, .. } = self.placed;
        if self.target.change == FileChange::Delete {
            self.shown = if self.target.path.exists() { Shown::Nothing } else { Shown::All };
            return;
        }
        match session.documents.now(self.path()) {
            Some(now) if self.seen.as_ref() != Some(&now.revision) => {
                self.shown = shown(before, after, places, &now.text);
                self.seen = Some(now.revision);
            }
            Some(_) => {}
            // only what no editor has open can be seen on the disk
            None if self.placed.revision.is_none() && self.shown != Shown::All => {
                let there = std::fs::read_to_string(self.path()).is_ok_and(|now| Text::from(now.as_str()) == *after);
                self.shown = if there { Shown::All } else { Shown::Nothing };
            }
            None => {}
        }
    }
}
