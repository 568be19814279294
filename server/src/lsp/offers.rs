//! Offers: finished proposals that wait for the user, by the setting `apply = "offer"`, or because what the user typed
//! came first. In: targets. Out: code actions, each with an edit for this very moment where the client can be trusted
//! with one. What was taken is found out from the documents' texts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::apply::{NotApplied, Placed, Record as _, Target, place};
use super::deliver;
use super::history::{NewRecord, Origin};
use super::message::{Code, Error};
use super::review::action;
use super::session::Session;
use crate::edits::{FileChange, Proof, Shown, shown};

/// The kind of actions on offers.
pub(super) const OFFER: &str = "quickfix.whittle.offer";
/// Offers that are kept: the newest.
const MOST: usize = 20;
/// How long after `whittle.applied` the text may take to show the edit.
const TAKEN_WITHIN: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The offers of a session.
#[derive(Debug, Default)]
pub(super) struct Offers {
    open: Mutex<BTreeMap<u64, Offer>>,
}

#[derive(Clone, Debug)]
pub(super) struct Offer {
    pub title: String,
    pub targets: Vec<Target>,
    pub origin: Origin,
    pub proved: Vec<Proof>,
    /// The edit that an action carried last.
    sent: Option<Placed>,
}

impl Offers {
    fn open(&self) -> MutexGuard<'_, BTreeMap<u64, Offer>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner) // each change leaves the map whole
    }

    /// Whether the client may have taken an offered edit of a file on its own.
    pub(super) fn may_be_taken(&self, path: &Path) -> bool {
        self.open().values().any(|offer| offer.sent.is_some() && offer.targets.iter().any(|target| target.path == path))
    }
}

/// Offers a proposal. False when it can't be applied as things stand, so that there is nothing to offer.
pub(super) fn keep(session: &Session, title: &str, targets: Vec<Target>, origin: Origin, proved: Vec<Proof>) -> bool {
    let fits = targets.iter().all(|target| match place(session, target) {
        Ok(placed) => placed.back.is_empty(),
        Err(NotApplied::Late(_)) => true,
        Err(NotApplied::Never(_)) => false,
    });
    if fits {
        let mut open = session.offers.open();
        let id = open.keys().next_back().map_or(1, |last| last + 1);
        open.insert(id, Offer { title: title.to_owned(), targets, origin, proved, sent: None });
        while open.len() > MOST {
            open.pop_first();
        }
    }
    fits
}

/// The actions for the offers that touch a file, at any place of it. Those that were overtaken are gone.
pub(super) fn actions(session: &Session, path: &Path) -> Vec<Value> {
    let mut found = Vec::new();
    session.offers.open().retain(|id, offer| {
        if !offer.targets.iter().any(|target| target.path == path) {
            return true;
        }
        let arguments = json!({ "offer": id });
        let title = format!("Apply “{}”", offer.title);
        let placed: Result<Vec<Placed>, _> = offer.targets.iter().map(|target| place(session, target)).collect();
        let placed = match placed {
            Ok(placed) if placed.iter().any(|placed| !placed.back.is_empty()) => return false,
            Ok(placed) if placed.iter().all(|placed| placed.steps.is_empty()) => return false,
            Err(NotApplied::Never(_)) => return false,
            Err(NotApplied::Late(_)) => return true, // it may be typed away again
            Ok(placed) => placed,
        };
        match (offer.targets.as_slice(), placed.as_slice()) {
            ([Target { change: FileChange::Edit, .. }], [one]) if one.revision.is_some() => {
                let mut taken = action(&title, OFFER, "whittle.applied", &arguments);
                taken["edit"] = edit(session, &offer.title, &one.steps);
                found.push(taken);
                offer.sent = Some(one.clone());
            }
            _ => found.push(action(&title, OFFER, "whittle.apply", &arguments)),
        }
        found.push(action(&format!("Discard “{}”", offer.title), OFFER, "whittle.discard", &arguments));
        true
    });
    found
}

/// An action's edit; where the client asks before it applies one, it is told to.
fn edit(session: &Session, title: &str, steps: &[Value]) -> Value {
    let mut steps = steps.to_vec();
    if !session.features.annotates {
        return json!({ "documentChanges": steps });
    }
    for edit in steps.iter_mut().filter_map(|step| step.get_mut("edits")?.as_array_mut()).flatten() {
        edit["annotationId"] = "whittle".into();
    }
    let annotation = json!({ "label": title, "needsConfirmation": true });
    json!({ "documentChanges": steps, "changeAnnotations": { "whittle": annotation } })
}

/// `whittle.discard`
pub(super) fn discard(session: &Session, id: Option<u64>) -> Result<Value, Error> {
    take(session, id).map(|_| Value::Null)
}

fn take(session: &Session, id: Option<u64>) -> Result<Offer, Error> {
    let mut open = session.offers.open();
    let id = id.or_else(|| open.keys().next_back().copied());
    let offer = id.and_then(|id| open.remove(&id));
    offer.ok_or_else(|| Error::new(Code::RequestFailed, "this is no longer offered: ask for it again"))
}

/// `whittle.apply`: starts a job that applies an offer. Replies with its number.
pub(super) fn apply(session: &Arc<Session>, id: Option<u64>) -> Result<Value, Error> {
    let offer = take(session, id)?;
    let title = format!("Apply “{}”", offer.title);
    let session_of_job = session.clone();
    let job = session.jobs.start(&title, move |job, _| {
        Box::pin(async move {
            let Offer { title, targets, origin, proved, .. } = offer;
            let origin = Origin { job, ..origin };
            session_of_job.history.remember(&session_of_job, origin.clone());
            deliver::apply(&session_of_job, &title, targets, origin, proved, None).await
        })
    });
    Ok(json!({ "job": job }))
}

/// `whittle.applied`: the client says that it took an offered edit; the document's text decides.
pub(super) fn applied(session: &Arc<Session>, id: Option<u64>) -> Value {
    let path = {
        let open = session.offers.open();
        let offer = id.and_then(|id| open.get(&id)).filter(|offer| offer.sent.is_some());
        offer.and_then(|offer| offer.targets.first()).map(|target| target.path.clone())
    };
    let Some(path) = path else { return Value::Null };
    let session = session.clone();
    session.runtime.clone().spawn(async move {
        let end = Instant::now() + TAKEN_WITHIN;
        while !look(&session, &path) && Instant::now() < end {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    });
    Value::Null
}

/// Whether an offered edit of a file was taken; its hunks are under review from then on.
pub(super) fn look(session: &Arc<Session>, path: &Path) -> bool {
    let Some(now) = session.documents.now(path) else { return false };
    let taken = {
        let mut open = session.offers.open();
        let shows = |offer: &Offer| {
            let here = offer.targets.iter().any(|target| target.path == path);
            let sent = offer.sent.as_ref().filter(|_| here);
            sent.is_some_and(|sent| shown(&sent.before, &sent.after, &sent.places, &now.text) == Shown::All)
        };
        let id = open.iter().find(|(_, offer)| shows(offer)).map(|(id, _)| *id);
        id.and_then(|id| open.remove(&id))
    };
    let Some(Offer { title, targets, origin, proved, sent: Some(sent) }) = taken else { return false };
    let parts: Vec<_> = targets.into_iter().zip([sent]).collect();
    let origin = Origin { job: session.jobs.number(), ..origin };
    session.history.remember(session, origin.clone());
    let root = session.workspace_of(&origin.path).policy().root().to_owned();
    let proved = deliver::still_proved(&proved, &parts);
    let mut record = NewRecord::new(session, &root, &origin, &title, proved.clone());
    record.begin(&parts);
    record.done(&parts);
    super::review::start(session, origin.job, &title, &proved.join(" · "), &parts);
    true
}
