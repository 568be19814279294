//! Fits the focus and its candidates into a budget: what does not fit is shown at a lower level before it is dropped.

use std::collections::HashSet;

use super::candidates::{Candidates, enclosing};
use super::count_tokens;
use super::types::{Context, Dropped, Excerpt, Level, Subject, render_focus};
use crate::chunks::ChunkKind;
use crate::policy::mask_secrets;
use crate::text::{Span, Text};

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

/// The share of the budget that neighbours which nothing points to may take, in percent.
const OUTLINE_SHARE: usize = 25;

pub(super) fn fit(
    subject: Subject,
    mut found: Candidates,
    budget: usize,
    rule: FocusRule,
) -> Result<Context, ContextError> {
    let mut focus = whole_focus(&subject);
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
            found.held_back.push(format!("a secret in {}", subject.path));
        }
        if focus.tokens > budget / 2 {
            fold(&subject, &mut focus, budget / 2);
        }
    }
    let outline_budget = budget * OUTLINE_SHARE / 100;
    let mut tokens = focus.tokens;
    let mut outline_tokens = 0;
    let (mut excerpts, mut dropped) = (Vec::<Excerpt>::new(), Vec::new());
    let mut paths: HashSet<String> = HashSet::new();
    let mut shown: HashSet<(String, usize)> = HashSet::new();
    for levels in found.ranked {
        let mut taken = false;
        let Some(lowest) = levels.last().cloned() else { continue };
        let outline = lowest.reason == "in the same file";
        for mut excerpt in levels {
            excerpt.tokens += added(&excerpt, &paths, &shown);
            let fits = tokens + excerpt.tokens <= budget;
            if fits && (!outline || outline_tokens + excerpt.tokens <= outline_budget) {
                tokens += excerpt.tokens;
                outline_tokens += if outline { excerpt.tokens } else { 0 };
                paths.insert(excerpt.path.clone());
                shown.extend(excerpt.enclosing.iter().map(|(at, _)| (excerpt.path.clone(), *at)));
                excerpts.push(excerpt);
                taken = true;
                break;
            }
        }
        if !taken {
            dropped.push(Dropped {
                path: lowest.path,
                name: lowest.name,
                reason: lowest.reason,
                tokens: lowest.tokens,
            });
        }
    }
    let whole_files = found
        .files
        .iter()
        .filter(|(path, _)| *path == subject.path || excerpts.iter().any(|excerpt| excerpt.path == *path))
        .map(|(_, text)| estimate_tokens(text, Span::new(0, text.len())))
        .sum();
    let mut context = Context {
        subject,
        focus,
        uses: found.uses,
        definitions: found.definitions,
        excerpts,
        dropped,
        held_back: found.held_back,
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
                fold(&context.subject, &mut context.focus, before * 3 / 4);
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

/// Tokens that an excerpt needs besides its own text: its path, and signatures around it that are not shown yet.
fn added(excerpt: &Excerpt, paths: &HashSet<String>, shown: &HashSet<(String, usize)>) -> usize {
    let path = if paths.contains(&excerpt.path) { 0 } else { count_tokens(&excerpt.path) + 2 };
    let around: usize = excerpt
        .enclosing
        .iter()
        .filter(|(at, _)| !shown.contains(&(excerpt.path.clone(), *at)))
        .map(|(_, signature)| count_tokens(signature) + 1)
        .sum();
    path + around
}

fn whole_focus(subject: &Subject) -> Excerpt {
    let chunk = subject.chunk();
    let start = subject.text.line_start(subject.text.line_of(chunk.span.start));
    let before = Span::new(start, chunk.span.start);
    let indented = subject.text.slice(before).chars().all(char::is_whitespace);
    let span = if indented { Span::new(start, chunk.span.end) } else { chunk.span };
    let mut focus = Excerpt {
        path: subject.path.clone(),
        name: subject.chunks.path(subject.focus),
        kind: chunk.kind,
        level: Level::Full,
        line: subject.line(span.start),
        text: subject.text.slice(span).into_owned(),
        tokens: 0,
        reason: "the focus".to_owned(),
        enclosing: enclosing(&subject.chunks, subject.focus, &subject.text),
        start: span.start,
    };
    focus.tokens = match span.len() {
        0..=LONG_TEXT => count_tokens(&render_focus(&focus)),
        _ => estimate_tokens(&subject.text, span),
    };
    focus
}

/// Texts longer than this, in bytes, are far over every budget, so that an estimate will do.
const LONG_TEXT: usize = 1 << 19;

fn estimate_tokens(text: &Text, span: Span) -> usize {
    if span.len() > LONG_TEXT { span.len() / 4 } else { count_tokens(&text.slice(span)) }
}

/// Cuts the focus down to whole lines around the cursor, its signature kept, until it takes at most `limit` tokens.
fn fold(subject: &Subject, focus: &mut Excerpt, limit: usize) {
    let text = &subject.text;
    let chunk = subject.chunk();
    let lines = (text.line_of(chunk.span.start), text.line_of(chunk.span.end));
    let cursor = text.line_of(subject.selection.start).clamp(lines.0, lines.1);
    let head = match chunk.kind {
        ChunkKind::File | ChunkKind::Section => None,
        _ => Some(text.line_of(chunk.signature_span().end)).filter(|end| *end < cursor),
    };
    let line = |number: usize| {
        let line = text.slice(text.line_span(number)).into_owned();
        mask_secrets(&line).0.into_owned() + "\n"
    };
    let mut shown = String::new();
    if let Some(end) = head {
        (text.line_of(chunk.item.start)..=end).for_each(|number| shown.push_str(&line(number)));
        if count_tokens(&shown) > limit / 2 {
            shown.clear();
        } else {
            shown.push_str("⋮\n");
        }
    }
    let room = limit.saturating_sub(
        count_tokens(&shown) + count_tokens(&render_focus(&Excerpt { text: String::new(), ..focus.clone() })),
    );
    let (mut first, mut end, mut used) = (cursor, cursor, 0);
    // one line down, one line up, in turn, while they fit
    loop {
        let down = (end <= lines.1).then(|| count_tokens(&line(end)) + 1).filter(|cost| used + cost <= room);
        if let Some(cost) = down {
            used += cost;
            end += 1;
        }
        let lowest = head.map_or(lines.0, |head| head + 1);
        let up = (first > lowest).then(|| count_tokens(&line(first - 1)) + 1).filter(|cost| used + cost <= room);
        if let Some(cost) = up {
            used += cost;
            first -= 1;
        }
        if down.is_none() && up.is_none() {
            break;
        }
    }
    (first..end).for_each(|number| shown.push_str(&line(number)));
    if first == end {
        // one line takes it all, as in minified files: a piece of it around the cursor; a token has a byte at least
        let half = room / 2;
        let line = text.line_span(cursor);
        let at = subject.selection.start.clamp(line.start, line.end);
        let piece = Span::new(at.saturating_sub(half).max(line.start), (at + half).min(line.end));
        shown.push_str(&mask_secrets(&text.slice(piece)).0);
        shown.push('\n');
        end += 1;
    }
    if end <= lines.1 {
        shown.push_str("⋮\n");
    }
    focus.text = shown;
    focus.level = Level::Folded;
    focus.line = first + 1;
    focus.reason = format!("the focus, folded around line {}: it takes more than half of the budget", cursor + 1);
    focus.tokens = count_tokens(&render_focus(focus));
}
