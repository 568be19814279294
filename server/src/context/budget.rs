//! Fits the focus and its candidates into a budget: what does not fit is shown at a lower level before it is dropped.

use super::candidates::Candidates;
use super::choose::{Costs, choose};
use super::count_tokens;
use super::focus::{fold, whole};
use super::projection::Projection;
use super::signs::Stages;
use super::types::{Context, Dropped, Excerpt, Subject};
use crate::policy::mask_secrets;

/// A focus that may be folded takes at most this share of the budget, in percent.
const FOCUS_SHARE: usize = 50;
/// So many tokens it may take in any case.
const FOCUS_LEAST: usize = 120;
/// At most this many that did not fit are told, the most valuable ones.
const MOST_DROPPED: usize = 40;
/// What whole files would cost is estimated by this many bytes a token, as code has them on average.
const BYTES_A_TOKEN: usize = 4;

/// How the focus may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FocusRule {
    /// It will be changed: only whole.
    Whole,
    /// It will be read: over half of the budget it is folded around the cursor.
    MayFold,
}

/// Why there is no context.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContextError {
    /// What is to be changed has to be sent in full, and does not fit.
    #[error(
        "`{name}` takes {tokens} tokens and has to be sent whole to be changed, but the budget is {budget}: choose a \
         smaller piece or raise `context.budget`"
    )]
    FocusTooLong {
        /// The focus.
        name: String,
        /// What it takes.
        tokens: usize,
        /// What there is.
        budget: usize,
    },
    /// Not even a line of the focus fits.
    #[error("a budget of {budget} tokens has no room for `{name}`: its shortest form takes {tokens}")]
    BudgetTooSmall {
        /// The focus.
        name: String,
        /// What it takes at least.
        tokens: usize,
        /// What there is.
        budget: usize,
    },
    /// Something in what is to be changed looks like a key.
    #[error(
        "`{name}` holds something that looks like a key or password, so it is not sent: move the secret out of the code"
    )]
    SecretInFocus {
        /// The focus.
        name: String,
    },
}

pub(super) fn fit(
    subject: Subject,
    found: Candidates,
    budget: usize,
    rule: FocusRule,
    stages: Stages,
) -> Result<Context, ContextError> {
    let mut held_back = Vec::new();
    let mut focus = whole(&subject);
    if rule == FocusRule::Whole {
        if mask_secrets(&focus.text).1 > 0 {
            return Err(ContextError::SecretInFocus { name: subject.label() });
        }
        if focus.tokens > budget {
            return Err(ContextError::FocusTooLong { name: subject.label(), tokens: focus.tokens, budget });
        }
    } else {
        let (masked, secrets) = mask_secrets(&focus.text);
        if secrets > 0 {
            focus.text = masked.into_owned();
            hold_back(&mut held_back, &subject.path, secrets);
        }
        let limit = (budget * FOCUS_SHARE / 100).max(FOCUS_LEAST.min(budget));
        if focus.tokens > limit {
            fold(&subject, &mut focus, limit, budget);
        }
    }
    let mut costs = Costs::new(&found.files);
    let room = budget.saturating_sub(focus.tokens + 1); // an empty line between
    let choice = choose(&found, &mut costs, room, stages);
    let (mut excerpts, mut dropped) = (Vec::new(), Vec::new());
    for (candidate, (level, tokens)) in found.ranked.iter().zip(choice) {
        let Some((path, text)) = found.files.get(candidate.file) else { continue };
        let Some((shape, _)) = level.and_then(|level| candidate.shapes.get(level)) else {
            if dropped.len() < MOST_DROPPED {
                dropped.push(Dropped {
                    path: path.clone(),
                    name: candidate.name.clone(),
                    reason: candidate.reason.clone(),
                    tokens,
                });
            }
            continue;
        };
        let (mut lines, secrets) = Projection::of(text, &shape.pieces);
        shape.marks.iter().for_each(|(line, mark)| lines.mark(*line, mark));
        hold_back(&mut held_back, path, secrets);
        excerpts.push(Excerpt {
            path: path.clone(),
            name: candidate.name.clone(),
            kind: candidate.kind,
            level: shape.level,
            line: candidate.line,
            text: lines.text(),
            tokens,
            reason: candidate.reason.clone(),
            lines,
            around: Projection::of(text, &candidate.around).0,
        });
    }
    let whole_files = found
        .files
        .iter()
        .filter(|(path, _)| *path == subject.path || excerpts.iter().any(|excerpt| excerpt.path == *path))
        .map(|(_, text)| text.len() / BYTES_A_TOKEN)
        .sum();
    let mut context = Context {
        subject,
        focus,
        uses: found.uses,
        definitions: found.definitions,
        excerpts,
        dropped,
        held_back,
        budget,
        tokens: 0,
        whole_files,
        partial_index: found.partial_index,
    };
    // tokens may join across the seams, so the sum of the parts is not the last word
    loop {
        context.tokens = count_tokens(&context.render());
        if context.tokens <= budget {
            return Ok(context);
        }
        match context.excerpts.pop() {
            Some(last) => context
                .dropped
                .insert(0, Dropped { path: last.path, name: last.name, reason: last.reason, tokens: last.tokens }),
            None if rule == FocusRule::MayFold => {
                let before = context.focus.tokens;
                fold(&context.subject, &mut context.focus, before * 3 / 4, before * 3 / 4);
                if context.focus.tokens >= before {
                    let name = context.subject.label();
                    return Err(ContextError::BudgetTooSmall { name, tokens: before, budget });
                }
            }
            None => {
                let name = context.subject.label();
                return Err(ContextError::FocusTooLong { name, tokens: context.tokens, budget });
            }
        }
    }
}

fn hold_back(held_back: &mut Vec<String>, path: &str, secrets: usize) {
    let what = match secrets {
        0 => return,
        1 => "a secret",
        _ => "secrets",
    };
    let message = format!("{what} in {path}");
    if !held_back.contains(&message) {
        held_back.push(message);
    }
}
