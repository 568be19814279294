//! Asks the models of a task's route. In: a task and the form of its request. Out: the answer and the request that it answers.
//! Sends nothing that the policy holds back, and asks a model once more, with less, when it says that the prompt is too
//! long.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Answered, Env, OperationError, Progress, Task, Workspace};
use crate::config::Route;
use crate::context::{Context, FocusRule, Signs, Stages, gather_with};
use crate::models::{self, Answer, Delta, Error, Estimate, Heard, InBrief, Provider, Turn, dollars};
use crate::prompt::{Exchange, Request, names};

/// An answer.
pub(super) struct Asked {
    pub(super) answer: Answer,
    /// What it answers.
    pub(super) request: Request,
    /// Who gave it, and what it took.
    pub(super) answered: Answered,
    /// What the user is to know of it: that the model saw less than it should have, or is not the one that was chosen.
    pub(super) note: Option<String>,
}

impl Asked {
    /// A title with the note.
    pub(super) fn title(&self, title: String) -> String {
        match &self.note {
            Some(note) => format!("{title} ({note})"),
            None => title,
        }
    }
}

/// What a task is asked with, whichever model it is.
struct Asking<'a, F> {
    task: &'a Task,
    workspace: &'a Workspace,
    env: &'a Env,
    progress: &'a dyn Progress,
    rule: FocusRule,
    form: F,
}

/// Asks along the task's route: builds each model's context, asks, and tells the user how far it is. `form` makes the
/// request.
pub(super) async fn ask(
    task: &Task,
    workspace: &Workspace,
    env: &Env,
    progress: &dyn Progress,
    rule: FocusRule,
    form: impl Fn(Arc<Context>) -> Result<Request, OperationError> + Send + Sync,
) -> Result<Asked, OperationError> {
    progress.report("reading the code");
    workspace.read_open_documents();
    let began = Instant::now();
    let asking = Asking { task, workspace, env, progress, rule, form };
    let ask_one = |turn: Turn| Box::pin(asking.model(turn)) as models::Turning<'_, Asked, OperationError>;
    let whole = models::along(&env.models, &env.route_of(task), &task.path, &ask_one).await?;
    let mut asked = whole.answer;
    asked.answered.time = began.elapsed();
    if !whole.before.is_empty() {
        let instead = format!("{}, so {} answered", whole.before.join(", "), asked.answered.model);
        asked.note = Some(asked.note.map_or(instead.clone(), |note| format!("{instead}; {note}")));
    }
    Ok(asked)
}

/// Asks the model that answered once more, with what is wrong with its answer.
pub(super) async fn ask_again(
    task: &Task,
    workspace: &Workspace,
    env: &Env,
    progress: &dyn Progress,
    asked: &mut Asked,
    fault: String,
) -> Result<(), OperationError> {
    let answer = std::mem::take(&mut asked.answer.text);
    asked.request.earlier.push(Exchange { answer, fault });
    let began = Instant::now();
    let request = &asked.request;
    let asking = Asking { task, workspace, env, progress, rule: FocusRule::Whole, form: |_| Ok(request.clone()) };
    let once = async |turn: Turn| Ok(asking.once(&*turn.provider, request, &turn.lead, &turn.heard).await?);
    let ask_one = |turn: Turn| Box::pin(once(turn)) as models::Turning<'_, Answer, OperationError>;
    let route = Route::ordered(vec![asked.answered.model.clone()]);
    let answer = models::along(&env.models, &route, &task.path, &ask_one).await?.answer;
    let answered = &mut asked.answered;
    answered.time += began.elapsed();
    answered.cost = answered.cost.zip(answer.cost).map(|(before, more)| before + more);
    answered.usage = answered.usage.zip(answer.usage).map(|(before, more)| before + more);
    asked.answer = answer;
    Ok(())
}

impl<F: Fn(Arc<Context>) -> Result<Request, OperationError> + Send + Sync> Asking<'_, F> {
    /// Asks one model.
    async fn model(&self, turn: Turn) -> Result<Asked, OperationError> {
        let Self { task, workspace, env, .. } = self;
        let provider = &*turn.provider;
        may_be_sent(task, workspace, provider)?;
        // the offline engine works from the tree; the budget is there for what models cost
        let rule = if provider.name() == crate::config::OFFLINE { FocusRule::MayFold } else { self.rule };
        let signs = Signs { named: names(&task.wish.diagnostics), ..workspace.signs() };
        let context = |budget| {
            let subject = task.subject.clone();
            gather_with(subject, workspace.index(), *workspace, budget, rule, &signs, Stages::default()).map(Arc::new)
        };
        let first = context(env.budget(provider.name()))?;
        let earlier = &task.earlier;
        let request = Request { earlier: earlier.clone(), ..(self.form)(first.clone())? };
        let error = match self.once(provider, &request, &turn.lead, &turn.heard).await {
            Ok(answer) => return Ok(Asked::new(answer, request, None)),
            Err(error) => error,
        };
        let Error::ContextTooLong { limit, .. } = &error else { return Err(error.into()) };
        let budget = smaller(first.tokens, limit.map(|limit| (limit as f64 / provider.token_factor()) as usize));
        let Some(second) = context(budget).ok().filter(|second| second.tokens < first.tokens) else {
            return Err(error.into());
        };
        let (name, tokens) = (provider.name(), second.tokens);
        let note = format!("the prompt was too long for {name}, so its context was cut to {tokens} tokens");
        let request = Request { earlier: earlier.clone(), ..(self.form)(second)? };
        let answer = self.once(provider, &request, &note, &turn.heard).await?;
        Ok(Asked::new(answer, request, Some(note)))
    }

    /// Asks, telling the user how much has come; `lead` is why.
    async fn once(
        &self,
        provider: &dyn Provider,
        request: &Request,
        lead: &str,
        heard: &Heard,
    ) -> Result<Answer, Error> {
        let (name, progress) = (provider.name(), self.progress);
        let lead = if lead.is_empty() { String::new() } else { format!("{lead}, ") };
        let estimate = provider.estimate(request);
        progress.report(&format!("{lead}asking {name}{}", expected(&estimate)));
        let (mut characters, mut told) = (0, 0);
        let mut watch = |delta: Delta<'_>| {
            let text = match delta {
                Delta::Text(text) | Delta::Reasoning(text) => text,
                Delta::Waiting(wait) => {
                    let seconds = wait.as_secs_f64().ceil();
                    return progress.report(&format!("{name} can't answer now, asking again in {seconds} s"));
                }
                Delta::Queued { before, wait } => return progress.report(&queued(name, before, wait)),
            };
            heard.set();
            characters += text.len();
            if characters >= told + 400 {
                told = characters;
                let doing = if matches!(delta, Delta::Text(_)) { "is answering" } else { "is thinking" };
                progress.report(&format!("{name} {doing}, {characters} characters so far"));
            }
        };
        let answer = provider.ask(request, &mut watch).await?;
        progress.spent(&answer, &estimate);
        if answer.cached {
            progress.report(&format!("{name} answered this before: from the cache"));
        }
        if let Some(usage) = answer.usage {
            let cost = answer.cost.map(|cost| format!(", {}", dollars(cost))).unwrap_or_default();
            let (input, output) = (usage.input, usage.output);
            tracing::info!(model = name, ?usage, cost = answer.cost, "answered");
            progress.report(&format!("{name} read {input} tokens and wrote {output}{cost}"));
        }
        Ok(answer)
    }
}

impl Asked {
    fn new(answer: Answer, request: Request, note: Option<String>) -> Self {
        let answered =
            Answered { model: answer.model.clone(), usage: answer.usage, cost: answer.cost, ..Answered::default() };
        Self { answer, request, answered, note }
    }
}

/// Tokens that may fit where `tokens` did not, all of o200k: at most two thirds of those, or half when the model does not say how many
/// do; and half of what it says, so that the answer has room.
fn smaller(tokens: usize, limit: Option<usize>) -> usize {
    match limit {
        Some(limit) => (limit / 2).min(tokens * 2 / 3),
        None => tokens / 2,
    }
}

/// Whether the policy lets the focus be sent. A server on this machine may pass on what it gets, so only the offline
/// engine is shown a denied file.
fn may_be_sent(task: &Task, workspace: &Workspace, provider: &dyn Provider) -> Result<(), OperationError> {
    let on_disk = task.path.is_absolute(); // what was never saved is under no rule
    if provider.name() == crate::config::OFFLINE || !on_disk {
        return Ok(());
    }
    let denied = |denied| OperationError::Denied(denied, provider.name().to_owned());
    workspace.policy().check(&task.path).map(|_| ()).map_err(denied)
}

impl InBrief for OperationError {
    fn in_brief(&self) -> String {
        match self {
            Self::Model(error) => error.in_brief(),
            Self::Denied(..) => "it may not be sent this file".to_owned(),
            Self::Context(_) => "the code does not fit into its context".to_owned(),
            other => other.to_string(),
        }
    }
}

impl From<models::Failure<Self>> for OperationError {
    fn from(failure: models::Failure<Self>) -> Self {
        match <[_; 1]>::try_from(failure.0) {
            Ok([(_, models::Why::Failed(error))]) => error,
            Ok(one) => Self::NoAnswer(models::Failure(one.into()).to_string()),
            Err(all) => Self::NoAnswer(models::Failure(all).to_string()),
        }
    }
}

/// What a request is expected to take: `: about 4100 tokens and 500 of answer, $0.0123`; nothing for what costs nothing.
fn expected(estimate: &Estimate) -> String {
    let Estimate { input, output, cost: Some(cost), .. } = estimate else { return String::new() };
    format!(": about {input} tokens and {output} of answer, {}", dollars(*cost))
}

/// What a request waits for that the model's limits hold back.
fn queued(model: &str, before: usize, wait: Option<Duration>) -> String {
    let place = match before {
        0 => String::new(),
        1 => ", one before this".to_owned(),
        before => format!(", {before} before this"),
    };
    let wait = wait.map(|wait| format!(", about {} s", wait.as_secs_f64().ceil())).unwrap_or_default();
    format!("waiting for the limits of {model}{place}{wait}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_again_is_smaller_and_leaves_room() {
        assert_eq!(smaller(4000, None), 2000);
        assert_eq!(smaller(4000, Some(4096)), 2048);
        assert_eq!(smaller(4000, Some(100_000)), 2666);
    }

    #[test]
    fn who_waits_is_told_for_what_and_how_long() {
        let check = |before, millis: Option<u64>, wanted: &str| {
            assert_eq!(queued("big", before, millis.map(Duration::from_millis)), wanted);
        };
        check(0, Some(2100), "waiting for the limits of big, about 3 s");
        check(1, None, "waiting for the limits of big, one before this");
        check(7, Some(60_000), "waiting for the limits of big, 7 before this, about 60 s");
    }
}
