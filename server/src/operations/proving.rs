//! From an answer to a proposal that holds: read, syntax check, formatter, verify commands; what fails goes back to the
//! model with the exact fault, a few times. In: an answer and how to read it. Out: a proposal with what was proved of it,
//! or the faults that are left. Never touches the user's files.

use std::pin::{Pin, pin};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::task::AbortOnDropHandle;

use super::asking::{Asked, ask_again};
use super::fixing::mend;
use super::formatting::formatted;
use super::touched::{laid, tests, without_faulty_tests};
use super::{Env, Late, OperationError, Pending, Progress, Proposed, Task, Workspace};
use crate::config::{OFFLINE, Verify};
use crate::edits::{self, EditError, Proof, Proposal};
use crate::models::Answer;
use crate::policy::{Policy, Trusted, mask_secrets};
use crate::prompt::{Exchange, Request};
use crate::verify::{Fault, Laid, Order, Step, Trust, Verdict, Verification};

/// Most bytes of faults that a model is told.
const LONGEST_FAULTS: usize = 8_000;
/// Most faults that a user is told.
const MOST_TOLD: usize = 3;

/// Commands that take longer than the user wants to wait.
type Running = Pin<Box<dyn Future<Output = Result<Vec<Proof>, (String, Vec<Fault>)>> + Send>>;

/// What checking a proposal gave.
enum Checked {
    Holds(Proposal, Option<Running>),
    Faulty { proposal: Proposal, command: String, faults: Vec<Fault> },
}

/// Runs the verify commands on the code as it is, while the model thinks: then they have built what they need. Dropping it
/// ends them.
pub(super) fn warm(task: &Task, workspace: &Workspace, env: &Env, path: &str) -> Option<AbortOnDropHandle<()>> {
    let name = task.model.clone().unwrap_or_else(|| env.next_model(&task.operation, &task.path));
    if name == OFFLINE {
        return None; // it answers at once
    }
    if !lies_in(workspace, task) {
        return None;
    }
    let change = vec![Laid { path: path.to_owned(), text: None }];
    let verification = Verification::new(order(workspace, env, change, Vec::new())).ok()?;
    Some(AbortOnDropHandle::new(tokio::spawn(verification.warm(|_| ()))))
}

/// Turns an answer into a proposal that holds, with the model's help.
pub(super) async fn prove(
    task: &Task,
    workspace: &Workspace,
    env: &Env,
    progress: &dyn Progress,
    mut asked: Asked,
    read: impl Fn(&Answer, &Request) -> Result<Proposal, OperationError> + Sync,
) -> Result<Proposed, OperationError> {
    let attempts = if asked.answer.model == OFFLINE { 0 } else { env.settings.edits.repair_attempts };
    let mut attempt = 0;
    loop {
        attempt += 1;
        progress.report("checking the answer");
        let (told, why) = match read(&asked.answer, &asked.request) {
            Ok(proposal) => match check(task, proposal, &asked.request, workspace, env, progress).await {
                Checked::Holds(proposal, running) => {
                    tracing::info!(attempt, proved = ?proposal.proved, placed = ?proposal.placed, "the answer holds");
                    return Ok(proposed(proposal, running, asked, workspace));
                }
                Checked::Faulty { proposal, command, faults } if attempt > attempts => {
                    let rest = leave_out(task, proposal, &faults, &asked.request, workspace, env, progress).await;
                    let repairs = |count| if count == 1 { "1 repair".to_owned() } else { format!("{count} repairs") };
                    return match rest {
                        Some((proposal, running)) => Ok(proposed(proposal, running, asked, workspace)),
                        None => Err(OperationError::NotProved {
                            model: asked.answer.model,
                            command,
                            after: if attempts > 0 { format!(" after {}", repairs(attempts)) } else { String::new() },
                            faults: for_user(&faults),
                        }),
                    };
                }
                Checked::Faulty { command, faults, .. } => {
                    (for_model(&command, &faults, workspace.policy()), format!("{command} rejects the answer"))
                }
            },
            Err(OperationError::Edit(error)) if attempt <= attempts && is_repairable(&error) => {
                (format!("{} {AGAIN}", error.for_model()), "the answer can't be used".to_owned())
            }
            Err(error) => return Err(error),
        };
        tracing::info!(attempt, why, "the answer goes back to the model");
        progress.report(&format!("{why}: asking {} to repair it ({attempt} of {attempts})", asked.answer.model));
        ask_again(task, workspace, env, progress, &mut asked, told).await?;
    }
}

/// A proposal with the commands that run on; what they find is told to whoever asks the model again.
fn proposed(proposal: Proposal, running: Option<Running>, asked: Asked, workspace: &Workspace) -> Proposed {
    let Asked { answer, request, answered, .. } = asked;
    let policy = workspace.policy().clone();
    let late = |running: Running| -> Pending {
        Box::pin(async move {
            running.await.map_err(|(command, faults)| {
                let mut earlier = request.earlier;
                earlier.push(Exchange { answer: answer.text, fault: for_model(&command, &faults, &policy) });
                Late { faults: format!("{command}: {}", for_user(&faults)), earlier }
            })
        })
    };
    Proposed { proposal, pending: running.map(late), answered }
}

/// Formats a proposal and runs the verify commands on it, as long as the user wants to wait.
async fn check(
    task: &Task,
    proposal: Proposal,
    request: &Request,
    workspace: &Workspace,
    env: &Env,
    progress: &dyn Progress,
) -> Checked {
    if !lies_in(workspace, task) {
        return Checked::Holds(proposal, None);
    }
    let mut proposal = match env.settings.edits.format {
        true => formatted(proposal, workspace.policy(), trust(workspace)).await,
        false => proposal,
    };
    if env.settings.edits.verify == Verify::Off {
        return Checked::Holds(proposal, None);
    }
    // nothing runs that nobody trusts, so nobody needs to know which tests would
    let tests = match trust(workspace) {
        Trust::Trusted => tests(&proposal, request, workspace),
        Trust::Untrusted => Vec::new(),
    };
    let order = Order { mend: mend(task), ..order(workspace, env, laid(&proposal), tests) };
    let verification = match Verification::new(order) {
        Ok(verification) => verification,
        Err(verdict) => {
            proposal.proved.extend(proofs(verdict).unwrap_or_default());
            return Checked::Holds(proposal, None);
        }
    };
    let mut so_far = SoFar { shown: Vec::new(), next: Some(verification.pending()) };
    let (sender, steps) = unbounded_channel();
    let run = verification.run(move |step| drop(sender.send(step)));
    let mut run = AbortOnDropHandle::new(tokio::spawn(run));
    let wait = env.settings.edits.verify_wait;
    let Ok(verdict) = tokio::time::timeout(wait, follow(&mut run, steps, progress, &mut so_far)).await else {
        let shown: Vec<Proof> = so_far.shown.into_iter().map(Proof::Verified).collect();
        proposal.proved.extend(shown.iter().cloned());
        proposal.proved.extend(so_far.next.map(Proof::NotYet));
        let running = async move {
            let mut proved = proofs(verdict(run.await))?;
            proved.retain(|proof| !shown.contains(proof));
            Ok(proved)
        };
        return Checked::Holds(proposal, Some(Box::pin(running)));
    };
    match proofs(verdict) {
        Ok(proved) => {
            proposal.proved.extend(proved);
            Checked::Holds(proposal, None)
        }
        Err((command, faults)) => Checked::Faulty { proposal, command, faults },
    }
}

/// What the commands have shown, and what the running one has not.
struct SoFar {
    shown: Vec<String>,
    next: Option<String>,
}

/// Waits for the commands and tells the user what they do.
async fn follow(
    run: &mut AbortOnDropHandle<Verdict>,
    mut steps: UnboundedReceiver<Step>,
    progress: &dyn Progress,
    so_far: &mut SoFar,
) -> Verdict {
    let mut run = pin!(run);
    loop {
        tokio::select! {
            biased;
            Some(step) = steps.recv() => match step {
                Step::Doing(what) => progress.report(&what),
                Step::Passed { claim, next } => {
                    so_far.shown.extend(claim);
                    so_far.next = next;
                }
            },
            ended = &mut run => return verdict(ended),
        }
    }
}

fn verdict(ended: Result<Verdict, tokio::task::JoinError>) -> Verdict {
    ended.unwrap_or_else(|error| {
        tracing::error!(%error, "verify commands could not be followed");
        Verdict::Unknown { proved: Vec::new(), why: "not verified: a fault in Whittle itself".to_owned() }
    })
}

/// What a verdict proves, or the command that rejects the proposal with its faults.
fn proofs(verdict: Verdict) -> Result<Vec<Proof>, (String, Vec<Fault>)> {
    match verdict {
        Verdict::Nothing => Ok(Vec::new()),
        Verdict::Proved(claims) => Ok(claims.into_iter().map(Proof::Verified).collect()),
        Verdict::Unknown { proved, why } => {
            Ok(proved.into_iter().map(Proof::Verified).chain([Proof::NotYet(why)]).collect())
        }
        Verdict::Faults { command, faults } => Err((command, faults)),
    }
}

/// The proposal without the tests of its own that have faults, if it holds then.
async fn leave_out(
    task: &Task,
    mut proposal: Proposal,
    faults: &[Fault],
    request: &Request,
    workspace: &Workspace,
    env: &Env,
    progress: &dyn Progress,
) -> Option<(Proposal, Option<Running>)> {
    request.place.as_ref()?; // only where tests are what was asked for
    let mut faults = faults.to_vec();
    let mut all: Vec<String> = Vec::new();
    loop {
        let (rest, names) = without_faulty_tests(&proposal, &faults)?; // fewer each time
        all.extend(names);
        progress.report(&format!("leaving out {}", all.join(", ")));
        match check(task, rest, request, workspace, env, progress).await {
            Checked::Holds(mut proposal, running) => {
                let (names, verb) = (all.join("`, `"), if all.len() == 1 { "does" } else { "do" });
                proposal.title.push_str(&format!(" (left out `{names}`, which {verb} not pass)"));
                return Some((proposal, running));
            }
            Checked::Faulty { proposal: rest, faults: left, .. } => (proposal, faults) = (rest, left),
        }
    }
}

/// Whether the file is one of the workspace: one that lies elsewhere, or nowhere, has no project that could prove anything.
pub(super) fn lies_in(workspace: &Workspace, task: &Task) -> bool {
    task.path.is_absolute() && workspace.policy().relative(&task.path).is_ok()
}

fn trust(workspace: &Workspace) -> Trust {
    let trusted = Trusted::of_user().is_ok_and(|trusted| trusted.contains(workspace.policy().root()));
    if trusted { Trust::Trusted } else { Trust::Untrusted }
}

pub(super) fn order(workspace: &Workspace, env: &Env, change: Vec<Laid>, tests: Vec<crate::verify::TestName>) -> Order {
    let open = workspace.open_texts().into_iter().map(|(path, text)| Laid { path, text: Some(text.to_text()) });
    Order {
        policy: workspace.policy().clone(),
        trust: trust(workspace),
        verify: env.settings.edits.verify.clone(),
        open: open.collect(),
        change,
        tests,
        mend: Vec::new(),
    }
}

/// Whether the model could answer better when it knows what was wrong.
fn is_repairable(error: &EditError) -> bool {
    !matches!(error.fault, edits::Fault::NoChange { .. } | edits::Fault::TestsThere { .. })
}

const AGAIN: &str = "Answer again: the whole corrected answer, in the same form as before, not only what differs.";

/// What a model is told of faults; no code of files that it may not see.
fn for_model(command: &str, faults: &[Fault], policy: &Policy) -> String {
    let root = policy.root();
    let mut told = format!("I applied your answer, and `{command}` then failed:\n\n");
    for fault in faults {
        let may_be_sent = fault.path.is_empty() || policy.check(&root.join(&fault.path)).is_ok();
        let text = if may_be_sent { fault.text.clone() } else { fault.in_a_line() };
        let text = mask_secrets(&text).0.into_owned();
        if told.len() + text.len() > LONGEST_FAULTS {
            told.push_str("… and more.\n");
            break;
        }
        told.push_str(&text);
        told.push_str("\n\n");
    }
    format!("{}\n\n{AGAIN}", told.trim_end())
}

/// The first faults in one line.
fn for_user(faults: &[Fault]) -> String {
    let mut told: Vec<String> = faults.iter().take(MOST_TOLD).map(Fault::in_a_line).collect();
    if faults.len() > MOST_TOLD {
        told.push(format!("and {} more", faults.len() - MOST_TOLD));
    }
    told.join("; ").trim_end_matches('.').to_owned() // the sentence goes on
}
