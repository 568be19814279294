//! Chooses candidates and their levels together, for the most value within a number of tokens: a knapsack with several
//! choices an item. Greedy by value a token, step by step from level to level, which is the classic bound for it (Sinha
//! and Zoltners, "The Multiple-Choice Knapsack Problem", 1979); then the last places are improved by swaps. What two
//! candidates both show costs once. The same candidates always give the same choice.

use std::collections::{BTreeMap, HashMap};

use super::candidates::{Candidate, Candidates};
use super::count_tokens;
use super::levels::Shape;
use super::projection::{Piece, add};
use super::rank::least_value_a_token;
use super::signs::Stages;
use crate::text::{Span, Text};

/// So many of the most valuable steps that did not fit are tried again by swaps, against as many of the least valuable
/// that did.
const SWAPS: usize = 8;

/// For each candidate the index of the level chosen.
type Choice = Vec<Option<usize>>;

/// Tokens of lines, each counted once.
pub(super) struct Costs<'a> {
    files: &'a [(String, Text)],
    lines: HashMap<(usize, Span), usize>,
    paths: HashMap<usize, usize>,
}

impl<'a> Costs<'a> {
    pub(super) fn new(files: &'a [(String, Text)]) -> Self {
        Self { files, lines: HashMap::new(), paths: HashMap::new() }
    }

    fn line(&mut self, file: usize, span: Span) -> usize {
        let files = self.files;
        *self.lines.entry((file, span)).or_insert_with(|| {
            let text = files.get(file).map(|(_, text)| text.slice(span));
            text.map_or(0, |text| count_tokens(&format!("{text}\n")))
        })
    }

    /// The line with a file's path, and the empty line before it.
    fn path(&mut self, file: usize) -> usize {
        let files = self.files;
        *self.paths.entry(file).or_insert_with(|| files.get(file).map_or(0, |(path, _)| count_tokens(path) + 2))
    }
}

/// What is shown so far, by file and line.
#[derive(Clone, Default)]
struct Shown(HashMap<usize, BTreeMap<usize, Span>>);

impl Shown {
    /// Tokens that a candidate at a level takes besides what is shown.
    fn cost(&self, candidate: &Candidate, shape: &Shape, costs: &mut Costs<'_>) -> usize {
        let mut sum = 0;
        let file = self.0.get(&candidate.file);
        if file.is_none_or(BTreeMap::is_empty) {
            sum += costs.path(candidate.file);
        }
        let mut last = None;
        for piece in candidate.around.iter().chain(&shape.pieces) {
            if last == Some(piece.line) {
                continue;
            }
            last = Some(piece.line);
            match file.and_then(|lines| lines.get(&piece.line)) {
                None => sum += costs.line(candidate.file, piece.span),
                Some(shown) if shown.contains(piece.span) => {}
                Some(shown) => {
                    let both = Span::new(shown.start.min(piece.span.start), shown.end.max(piece.span.end));
                    sum += costs.line(candidate.file, both).saturating_sub(costs.line(candidate.file, *shown));
                }
            }
        }
        // a mark is a few blanks and one sign or word more
        sum + shape.marks.iter().map(|(_, mark)| if mark.trim().len() > "…".len() { 5 } else { 2 }).sum::<usize>()
    }

    fn show(&mut self, candidate: &Candidate, shape: &Shape) {
        let lines = self.0.entry(candidate.file).or_default();
        candidate.around.iter().chain(&shape.pieces).for_each(|piece: &Piece| add(lines, *piece));
    }
}

/// One step: a candidate to a higher level.
#[derive(Clone, Copy, Debug)]
struct Step {
    candidate: usize,
    shape: usize,
    gain: f64,
    cost: usize,
}

impl Step {
    fn ratio(&self) -> f64 {
        self.gain / self.cost.max(1) as f64
    }
}

/// For each candidate the level at which it is shown, if it is, and the tokens that it takes besides those before it (at
/// its lowest level where it is not); together at most `budget`.
pub(super) fn choose(
    found: &Candidates,
    costs: &mut Costs<'_>,
    budget: usize,
    stages: Stages,
) -> Vec<(Option<usize>, usize)> {
    let least = if stages.threshold { least_value_a_token(budget) } else { 0.0 };
    let candidates = &found.ranked;
    let mut choice: Choice = vec![None; candidates.len()];
    let mut shown = Shown::default();
    let mut left = budget;
    let mut steps: Vec<Option<Step>> =
        (0..candidates.len()).map(|at| best_step(candidates, at, None, &shown, costs, left, least)).collect();
    loop {
        let best = steps.iter().flatten().copied().max_by(|a, b| {
            a.ratio().total_cmp(&b.ratio()).then(b.candidate.cmp(&a.candidate)) // of equals the one of higher rank
        });
        let Some(step) = best else { break };
        let Some(candidate) = candidates.get(step.candidate) else { break };
        if step.cost > left {
            let now = choice.get(step.candidate).copied().flatten();
            let again = best_step(candidates, step.candidate, now, &shown, costs, left, least);
            if let Some(slot) = steps.get_mut(step.candidate) {
                *slot = again;
            }
            continue;
        }
        left -= step.cost;
        if let (Some((shape, _)), Some(slot)) = (candidate.shapes.get(step.shape), choice.get_mut(step.candidate)) {
            shown.show(candidate, shape);
            *slot = Some(step.shape);
        }
        for at in
            (0..candidates.len()).filter(|at| candidates.get(*at).is_some_and(|other| other.file == candidate.file))
        {
            let now = choice.get(at).copied().flatten();
            let step = best_step(candidates, at, now, &shown, costs, left, least);
            if let Some(slot) = steps.get_mut(at) {
                *slot = step;
            }
        }
    }
    if stages.swaps {
        improve(candidates, &mut choice, costs, budget, least);
    }
    let mut shown = Shown::default();
    let mut tokens = |(candidate, level): (&Candidate, Option<usize>)| {
        let Some((shape, _)) = candidate.shapes.get(level.unwrap_or(0)) else { return (None, 0) };
        let cost = shown.cost(candidate, shape, costs);
        if level.is_some() {
            shown.show(candidate, shape);
        }
        (level, cost)
    };
    candidates.iter().zip(choice).map(&mut tokens).collect()
}

/// The step of one candidate with the most value a token that fits.
fn best_step(
    candidates: &[Candidate],
    at: usize,
    now: Option<usize>,
    shown: &Shown,
    costs: &mut Costs<'_>,
    left: usize,
    least: f64,
) -> Option<Step> {
    let candidate = candidates.get(at)?;
    let reached = now.and_then(|now| candidate.shapes.get(now)).map_or(0.0, |(_, share)| *share);
    let higher = candidate.shapes.iter().enumerate().skip(now.map_or(0, |now| now + 1));
    let mut best: Option<Step> = None;
    for (shape, (what, share)) in higher {
        let gain = candidate.value * (share - reached);
        let step = Step { candidate: at, shape, gain, cost: shown.cost(candidate, what, costs) };
        let worth = gain > 0.0 && step.ratio() >= least && step.cost <= left;
        if worth && best.is_none_or(|best| step.ratio() > best.ratio()) {
            best = Some(step);
        }
    }
    best
}

/// Value and tokens of a choice.
fn total(candidates: &[Candidate], choice: &Choice, costs: &mut Costs<'_>) -> (f64, usize, Shown) {
    let (mut value, mut tokens, mut shown) = (0.0, 0, Shown::default());
    for (candidate, level) in candidates.iter().zip(choice) {
        let Some((shape, share)) = level.and_then(|level| candidate.shapes.get(level)) else { continue };
        value += candidate.value * share;
        tokens += shown.cost(candidate, shape, costs);
        shown.show(candidate, shape);
    }
    (value, tokens, shown)
}

/// Takes back single steps where that makes room for a better one.
fn improve(candidates: &[Candidate], choice: &mut Choice, costs: &mut Costs<'_>, budget: usize, least: f64) {
    let (mut value, _, shown) = total(candidates, choice, costs);
    let mut missed: Vec<Step> = (0..candidates.len())
        .filter_map(|at| {
            let now = choice.get(at).copied().flatten();
            best_step(candidates, at, now, &shown, costs, budget, least)
        })
        .collect();
    missed.sort_by(|a, b| b.gain.total_cmp(&a.gain));
    missed.truncate(SWAPS);
    for step in missed {
        // what gives the least first
        let mut taken: Vec<(f64, usize)> = candidates
            .iter()
            .enumerate()
            .zip(choice.iter())
            .filter_map(|((at, candidate), level)| {
                let level = (*level)?;
                let share = |level: usize| candidate.shapes.get(level).map_or(0.0, |(_, share)| *share);
                let below = level.checked_sub(1).map_or(0.0, share);
                Some((candidate.value * (share(level) - below), at))
            })
            .filter(|(loss, at)| *at != step.candidate && *loss < step.gain)
            .collect();
        taken.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        for (_, at) in taken.into_iter().take(SWAPS) {
            let mut other = choice.clone();
            if let Some(slot) = other.get_mut(at) {
                *slot = slot.and_then(|level| level.checked_sub(1));
            }
            if let Some(slot) = other.get_mut(step.candidate) {
                *slot = Some(step.shape);
            }
            let (other_value, tokens, _) = total(candidates, &other, costs);
            if tokens <= budget && other_value > value {
                *choice = other;
                value = other_value;
                break;
            }
        }
    }
}
