//! Asks a model for a task. In: a task and the form of its request. Out: the answer and the request that it answers. Sends
//! nothing that the policy holds back, and asks once more, with less, when the model says that the prompt is too long.

use std::sync::Arc;

use super::{Env, OperationError, Progress, Task, Workspace};
use crate::context::{Context, FocusRule, Stages, count_tokens, gather_with};
use crate::models::{Answer, Delta, Error, Provider};
use crate::prompt::Request;

/// An answer.
pub(super) struct Asked {
    pub(super) answer: Answer,
    /// What it answers.
    pub(super) request: Request,
    /// What the user is to know of it: that the model saw less than it should have.
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

/// Builds the context, asks, and tells the user how far it is. `form` makes the request.
pub(super) async fn ask(
    task: &Task,
    workspace: &Workspace,
    env: &Env,
    progress: &dyn Progress,
    rule: FocusRule,
    form: impl Fn(Arc<Context>) -> Result<Request, OperationError>,
) -> Result<Asked, OperationError> {
    let provider = &*env.provider(task)?;
    progress.report("reading the code");
    may_be_sent(task, workspace, provider)?;
    workspace.read_open_documents();
    // the offline engine works from the tree; the budget is there for what models cost
    let rule = if provider.name() == crate::config::OFFLINE { FocusRule::MayFold } else { rule };
    let budget = env.budget(provider.name());
    let signs = workspace.signs();
    let context = |budget| {
        let subject = task.subject.clone();
        gather_with(subject, workspace.index(), workspace, budget, rule, &signs, Stages::default()).map(Arc::new)
    };
    let first = context(budget)?;
    let request = form(first.clone())?;
    let error = match ask_once(provider, &request, progress).await {
        Ok(answer) => return Ok(Asked { answer, request, note: None }),
        Err(error) => error,
    };
    let Error::ContextTooLong { limit, .. } = &error else { return Err(error.into()) };
    let budget = smaller(first.tokens, limit.map(|limit| (limit as f64 / provider.token_factor()) as usize));
    let Some(second) = context(budget).ok().filter(|second| second.tokens < first.tokens) else {
        return Err(error.into());
    };
    let note =
        format!("the prompt was too long for {}, so its context was cut to {} tokens", provider.name(), second.tokens);
    progress.report(&note);
    let request = form(second)?;
    let answer = ask_once(provider, &request, progress).await?;
    Ok(Asked { answer, request, note: Some(note) })
}

/// Asks the same again, with what was wrong so far.
pub(super) async fn ask_again(
    task: &Task,
    env: &Env,
    progress: &dyn Progress,
    request: &Request,
) -> Result<Answer, OperationError> {
    Ok(ask_once(&*env.provider(task)?, request, progress).await?)
}

/// Tokens that may fit where `tokens` did not, all of o200k: at most two thirds of those, or half when the model does not say how many
/// do; and half of what it says, so that the answer has room.
fn smaller(tokens: usize, limit: Option<usize>) -> usize {
    match limit {
        Some(limit) => (limit / 2).min(tokens * 2 / 3),
        None => tokens / 2,
    }
}

/// Whether the policy lets the focus be sent.
fn may_be_sent(task: &Task, workspace: &Workspace, provider: &dyn Provider) -> Result<(), OperationError> {
    let on_disk = task.path.is_absolute(); // what was never saved is under no rule
    if provider.name() == crate::config::OFFLINE || !on_disk {
        return Ok(());
    }
    let denied = |denied| OperationError::Denied(denied, provider.name().to_owned());
    workspace.policy().check(&task.path).map(|_| ()).map_err(denied)
}

/// Asks, telling the user how much has come.
async fn ask_once(provider: &dyn Provider, request: &Request, progress: &dyn Progress) -> Result<Answer, Error> {
    progress.report(&format!("asking {}{}", provider.name(), estimate(provider, request)));
    let (mut characters, mut told) = (0, 0);
    let mut watch = |delta: Delta<'_>| {
        let text = match delta {
            Delta::Text(text) | Delta::Reasoning(text) => text,
            Delta::Waiting(wait) => {
                let seconds = wait.as_secs_f64().ceil();
                return progress.report(&format!("{} can't answer now, asking again in {seconds} s", provider.name()));
            }
        };
        characters += text.len();
        if characters >= told + 400 {
            told = characters;
            let doing = if matches!(delta, Delta::Text(_)) { "is answering" } else { "is thinking" };
            progress.report(&format!("{} {doing}, {characters} characters so far", provider.name()));
        }
    };
    let answer = provider.ask(request, &mut watch).await?;
    if let Some(usage) = answer.usage {
        let cost = answer.cost.map(|cost| format!(", {}", dollars(cost))).unwrap_or_default();
        let (name, input, output) = (provider.name(), usage.input, usage.output);
        tracing::info!(model = name, ?usage, cost = answer.cost, "answered");
        progress.report(&format!("{name} read {input} tokens and wrote {output}{cost}"));
    }
    Ok(answer)
}

/// What a request is expected to take: `: about 4100 tokens, $0.0123`; nothing for what costs nothing.
fn estimate(provider: &dyn Provider, request: &Request) -> String {
    let Some(price) = provider.price() else { return String::new() };
    let tokens = request.parts().map(count_tokens).sum::<usize>() as f64 * provider.token_factor();
    format!(": about {} tokens, {}", tokens.round(), dollars(tokens * price.input / 1e6))
}

/// A sum with two figures that count, and cents at least.
fn dollars(sum: f64) -> String {
    let places = if sum > 0.0 { (1.0 - sum.log10().floor()).clamp(2.0, 6.0) as usize } else { 2 };
    format!("${sum:.places$}")
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
    fn sums_are_short() {
        let shown = [0.0, 0.000_012_3, 0.001_234, 0.0567, 0.5, 1.239, 12.0].map(dollars);
        assert_eq!(shown, ["$0.00", "$0.000012", "$0.0012", "$0.057", "$0.50", "$1.24", "$12.00"]);
    }
}
