//! Asks the user once whether a model that was found may be used. In: a session in which nobody chose a model. Out: the
//! answer, kept for all sessions, and the model in use if it was yes. Sends no code anywhere.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::session::Session;
use crate::config::{Choice, Consent, Kept, OFFLINE};
use crate::models::{Found, find_key, find_ollama};

const USE: &str = "Use it";
const NOT_NOW: &str = "Not now";
const NEVER: &str = "Never";

/// Looks for a model and asks about it, at most once a session.
pub(super) async fn offer(session: &Arc<Session>) {
    let is_chosen = || session.env().settings.choice != Choice::Nobody;
    if is_chosen() || !Kept::of_user().may_ask() || session.offered.swap(true, Ordering::Relaxed) {
        return;
    }
    let env = |name: &str| std::env::var(name).ok();
    let found = match find_key(&env, &Kept::of_user()) {
        Some(found) => Some(found),
        None => find_ollama(env("OLLAMA_HOST").as_deref()).await,
    };
    // the user may have chosen one, here or in another editor, while it was looked for
    let Some(found) = found.filter(|_| !is_chosen() && Kept::of_user().may_ask()) else { return };
    let consent = if session.features.asks_questions { ask(session, &found).await } else { tell(session, &found) };
    let Some(consent) = consent else { return };
    if let Err(error) = Kept::change(|kept| kept.consent = Some(consent.clone())) {
        return session.notifier.warn(&format!("Whittle could not keep your answer: {error}"));
    }
    if let Consent::Use(model) = consent {
        session.take_settings_again();
        let (name, model) = (&model.provider, model.model_name().unwrap_or_default());
        session.notifier.info(&format!("Whittle uses {name} ({model}) now; `whittle models use {OFFLINE}` ends that"));
    }
}

/// Asks; `None`: the client is gone.
async fn ask(session: &Session, found: &Found) -> Option<Consent> {
    let (provider, model) = (&found.model.provider, found.model.model_name()?);
    let is_local = found.model.settings().is_some_and(|settings| settings.local);
    let where_to = if is_local { "Nothing leaves this machine." } else { "The code in question is then sent there." };
    let message = format!("{}. May Whittle use {provider} ({model})? {where_to}", found.how);
    let actions = [USE, NOT_NOW, NEVER].map(|title| json!({ "title": title }));
    let question = json!({ "type": 3, "message": message, "actions": actions });
    let answer = session.outbox.request("window/showMessageRequest", question).await.ok()?;
    let title = answer.as_ref().ok().and_then(|answer| answer.get("title")).and_then(Value::as_str);
    match title {
        Some(USE) => Some(Consent::Use(found.model.clone())),
        Some(NEVER) => Some(Consent::Never),
        _ if session.outbox.is_closed() => None,
        _ => Some(Consent::later()),
    }
}

/// Where the client can't ask, the user is told what to run.
fn tell(session: &Session, found: &Found) -> Option<Consent> {
    let (provider, model) = (&found.model.provider, found.model.model_name()?);
    session.notifier.info(&format!(
        "{}. To let Whittle use {provider} ({model}), run `whittle models use {provider}` and restart the server",
        found.how
    ));
    Some(Consent::later())
}
