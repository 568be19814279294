//! `--all`: every model of the route is asked at once, and their answers are shown side by side: explanations in columns
//! where the terminal has the width, else one under the other; proposals as the diff of each. One that fails hides no other.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use serde::Serialize;
use tokio::task::JoinSet;

use super::output::{self, BOLD, DIM, RED, print, print_json, styled};
use super::proposal::{self, ChangeJson};
use super::session::{self, FocusJson, Focused, Progressing};
use super::{Options, columns, explain};
use crate::models::{Failure, Why, dollars};
use crate::operations::{self, Answered, Explanation, Outcome, Task};
use crate::prompt::{Operation, Wish};

/// The JSON document.
#[derive(Serialize)]
struct AllJson {
    /// What they were asked about.
    focus: FocusJson,
    /// One of each model, in the order of the route.
    answers: Vec<AnswerJson>,
}

/// An answer, or why there is none.
#[derive(Serialize)]
struct AnswerJson {
    model: String,
    /// Seconds that it took.
    seconds: Option<f64>,
    /// Tokens of prompt and answer, where the provider counted them.
    tokens: Option<[u64; 2]>,
    /// US dollars, where they are known.
    cost: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<ExplanationJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proposal: Option<ChangeJson>,
    error: Option<String>,
}

#[derive(Serialize)]
struct ExplanationJson {
    title: String,
    markdown: String,
}

/// One model's answer, or why there is none.
struct One {
    model: String,
    said: Result<(Answered, Said), String>,
}

enum Said {
    Explanation(Explanation),
    Proposal(proposal::Shown),
}

/// Asks every model of the operation's route, and prints what they say.
///
/// # Errors
/// When none of them gave an answer.
pub(super) fn run(options: &Options, focused: &Focused, operation: &Arc<Operation>, wish: &Wish) -> Result<()> {
    let all = ask(focused, operation, wish)?;
    if all.iter().all(|one| one.said.is_err()) {
        let errors = all.into_iter().filter_map(|one| Some((one.model, Why::Failed(one.said.err()?))));
        return Err(match errors.collect::<Vec<_>>().as_slice() {
            [(_, Why::Failed(error))] => anyhow!("{error}"),
            errors => anyhow!("{}", Failure(errors.to_vec())),
        });
    }
    if options.json {
        let answers = all.into_iter().map(One::into_json).collect();
        return print_json(&AllJson { focus: (&focused.subject).into(), answers });
    }
    let explained: Vec<(String, &str)> = all.iter().filter_map(One::column).collect();
    let side_by_side = output::width().and_then(|width| columns::side_by_side(&explained, width));
    let (mut out, rest): (String, Vec<&One>) = match side_by_side {
        Some(columns) => (columns, all.iter().filter(|one| one.column().is_none()).collect()),
        None => (String::new(), all.iter().collect()),
    };
    for one in rest {
        if !out.is_empty() {
            out.push('\n');
        }
        one.print(&mut out);
    }
    print(&out)
}

/// Asks all at once. Their answers come in the order of the route.
fn ask(focused: &Focused, operation: &Arc<Operation>, wish: &Wish) -> Result<Vec<One>> {
    let mut names = focused.session.env.route(operation).models;
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    let shown = Arc::new(Progressing::new());
    let mut ended: Vec<Option<Result<Outcome, String>>> = names.iter().map(|_| None).collect();
    session::runtime()?.block_on(async {
        let mut running = JoinSet::new();
        for (place, name) in names.iter().enumerate() {
            let task = Task { model: Some(name.clone()), ..focused.task(operation.clone(), wish.clone()) };
            let (workspace, env, shown) =
                (focused.session.workspace.clone(), focused.session.env.clone(), shown.clone());
            running.spawn(async move { (place, operations::run(task, &workspace, &env, &*shown).await) });
        }
        while let Some(joined) = running.join_next().await {
            let Ok((place, outcome)) = joined else { continue };
            if let Some(room) = ended.get_mut(place) {
                *room = Some(outcome.map_err(|error| error.to_string()));
            }
        }
    });
    shown.clear();
    let fault = || Err("it was ended by a fault in Whittle itself".to_owned());
    let one = |(model, outcome): (String, Option<Result<Outcome, String>>)| One {
        model,
        said: outcome.unwrap_or_else(fault).and_then(|outcome| said(focused, outcome)),
    };
    Ok(names.into_iter().zip(ended).map(one).collect())
}

fn said(focused: &Focused, outcome: Outcome) -> Result<(Answered, Said), String> {
    match outcome {
        Outcome::Explanation(explanation) => Ok((explanation.answered.clone(), Said::Explanation(explanation))),
        Outcome::Proposal(proposed) => {
            let answered = proposed.answered.clone();
            let shown = proposal::read(focused, proposed).map_err(|error| format!("{error:#}"))?;
            Ok((answered, Said::Proposal(shown)))
        }
    }
}

impl One {
    /// The explanation with its heading.
    fn column(&self) -> Option<(String, &str)> {
        match &self.said {
            Ok((answered, Said::Explanation(explanation))) => {
                Some((heading(&self.model, answered), &explanation.markdown))
            }
            _ => None,
        }
    }

    fn print(&self, out: &mut String) {
        match &self.said {
            Ok((answered, said)) => {
                let _ = writeln!(out, "{}\n", styled(&heading(&self.model, answered), BOLD));
                match said {
                    Said::Explanation(explanation) => out.push_str(&explain::shown(explanation)),
                    Said::Proposal(shown) => {
                        let _ = writeln!(out, "{}\n", styled(&shown.summary(), DIM));
                        out.push_str(&shown.diff());
                    }
                }
            }
            Err(error) => {
                let _ = writeln!(
                    out,
                    "{}\n\n{}",
                    styled(&format!("{} gave no answer", self.model), BOLD),
                    styled(error, RED)
                );
            }
        }
    }

    fn into_json(self) -> AnswerJson {
        let none = AnswerJson {
            model: self.model,
            seconds: None,
            tokens: None,
            cost: None,
            explanation: None,
            proposal: None,
            error: None,
        };
        let (answered, said) = match self.said {
            Ok(said) => said,
            Err(error) => return AnswerJson { error: Some(error), ..none },
        };
        let (explanation, proposal) = match said {
            Said::Explanation(Explanation { title, markdown, .. }) => (Some(ExplanationJson { title, markdown }), None),
            Said::Proposal(shown) => (None, Some(shown.into_json())),
        };
        let tokens = answered.usage.map(|usage| [usage.input, usage.output]);
        let seconds = Some((answered.time.as_secs_f64() * 1e3).round() / 1e3);
        AnswerJson { seconds, tokens, cost: answered.cost, explanation, proposal, ..none }
    }
}

/// `big · 2.3 s · 812 tokens read, 96 written · $0.0123`
fn heading(model: &str, answered: &Answered) -> String {
    let time = match answered.time.as_millis() {
        ms @ 0..1000 => format!("{ms} ms"),
        _ => format!("{:.1} s", answered.time.as_secs_f64()),
    };
    let mut facts = vec![model.to_owned(), time];
    facts.extend(answered.usage.map(|usage| format!("{} tokens read, {} written", usage.input, usage.output)));
    facts.extend(answered.cost.map(dollars));
    facts.join(" · ")
}
