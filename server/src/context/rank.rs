//! What a chunk is worth to a model that looks at the focus. In: signs that it matters. Out: its value, from the one
//! table of weights there is. Never looks at a text.

use super::Level;
use crate::chunks::ChunkKind;

/// A sign that a chunk matters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sign {
    /// The focus refers to it, and the code says that it means this one; of so many at the same place, as where a value
    /// may have one of several types.
    Reference(usize),
    /// The focus refers to this one of several that its name could mean.
    OneOf(usize),
    /// It is one of so many that have a name which the focus uses, and nothing says more.
    Name(usize),
    /// It is one of so many that have a name which a message speaks of that is to be fixed.
    InMessage(usize),
    /// It has the name and owner of something that the focus refers to.
    Twin,
    /// It is the type of the focus's `self`.
    Receiver,
    /// It owns a definition that the focus refers to.
    Owner,
    /// It stands in the signature of something that the focus refers to, or is the type of a field that it uses.
    InSignature,
    /// The focus is used there; so many other uses come before it.
    CallSite(usize),
    /// Its name is used there, on a value of unknown type.
    MaybeCallSite,
    /// It is a test that uses the focus.
    Test,
    /// It belongs to the same type and uses this share of the members that the focus uses.
    SharedState(f64),
    /// Its share of what a walk over the symbols around the focus visits, of the most visited one's.
    Visited(f64),
    /// It stands in the focus's file.
    SameFile,
    /// Its file is open in the editor.
    Open,
    /// It was edited a short while ago.
    Edited,
    /// Its file changed in the same commits as the focus's file: the share of those.
    Together(f64),
}

/// The table: how likely a chunk matters, by one sign alone.
mod weight {
    pub(super) const REFERENCE: f64 = 0.92;
    /// How fast that falls where one reference means many: as the number to this power.
    pub(super) const TOGETHER_LESS: f64 = 0.1;
    pub(super) const ONE_OF: f64 = 0.80;
    pub(super) const NAME: f64 = 0.20;
    pub(super) const IN_MESSAGE: f64 = 0.70;
    pub(super) const TWIN: f64 = 0.35;
    pub(super) const RECEIVER: f64 = 0.90;
    pub(super) const OWNER: f64 = 0.75;
    pub(super) const IN_SIGNATURE: f64 = 0.10;
    pub(super) const CALL_SITE: f64 = 0.50;
    pub(super) const MAYBE_CALL_SITE: f64 = 0.20;
    pub(super) const TEST: f64 = 0.05;
    pub(super) const SHARED_STATE: f64 = 0.06;
    pub(super) const VISITED: f64 = 0.05;
    pub(super) const SAME_FILE: f64 = 0.005;
    pub(super) const OPEN: f64 = 0.02;
    pub(super) const EDITED: f64 = 0.04;
    pub(super) const TOGETHER: f64 = 0.04;
    /// Each further call site tells less than the one before.
    pub(super) const NEXT_CALL_SITE: f64 = 0.96;
}

/// The shares of a chunk's value that each level shows; above one: bodies tell more than the definition's use needs.
mod share {
    pub(super) const NAME: f64 = 0.3;
    pub(super) const SIGNATURE: f64 = 1.0;
    pub(super) const HEADER: f64 = 1.05;
    pub(super) const FOLDED: f64 = 1.2;
    pub(super) const FULL: f64 = 1.3;
    /// Fields and variants are what a type is for.
    pub(super) const FIELDS: f64 = 1.5;
    pub(super) const ALL_FIELDS: f64 = 1.55;
}

/// What is worth less than this a token is left out even where there is room: it would only distract. Who gives more
/// room than [`PLENTY`] wants more of what may matter.
pub(super) fn least_value_a_token(budget: usize) -> f64 {
    LEAST_VALUE_A_TOKEN * (PLENTY as f64 / budget.max(1) as f64).min(1.0)
}

const LEAST_VALUE_A_TOKEN: f64 = 0.0012;
/// Tokens.
const PLENTY: usize = 2000;

impl Sign {
    fn weight(self) -> f64 {
        match self {
            Self::Reference(together) => weight::REFERENCE * (together.max(1) as f64).powf(-weight::TOGETHER_LESS),
            Self::OneOf(alike) => weight::ONE_OF / alike.max(1) as f64,
            Self::Name(alike) => weight::NAME / alike.max(1) as f64,
            Self::InMessage(alike) => weight::IN_MESSAGE / alike.max(1) as f64,
            Self::Twin => weight::TWIN,
            Self::Receiver => weight::RECEIVER,
            Self::Owner => weight::OWNER,
            Self::InSignature => weight::IN_SIGNATURE,
            Self::CallSite(before) => weight::CALL_SITE * weight::NEXT_CALL_SITE.powi(before.min(99) as i32),
            Self::MaybeCallSite => weight::MAYBE_CALL_SITE,
            Self::Test => weight::TEST,
            Self::SharedState(share) => weight::SHARED_STATE * share,
            Self::Visited(share) => weight::VISITED * share,
            Self::SameFile => weight::SAME_FILE,
            Self::Open => weight::OPEN,
            Self::Edited => weight::EDITED,
            Self::Together(share) => weight::TOGETHER * share,
        }
    }
}

/// How likely it is that a chunk with these signs matters, from zero to one, taking them as independent.
pub(super) fn value(signs: &[Sign]) -> f64 {
    1.0 - signs.iter().map(|sign| 1.0 - sign.weight()).product::<f64>()
}

/// The share of a chunk's value that showing it at `level` gives.
pub(super) const fn share(level: Level, kind: ChunkKind) -> f64 {
    let is_type = matches!(kind, ChunkKind::Type | ChunkKind::Interface | ChunkKind::Class);
    match level {
        Level::Name => share::NAME,
        Level::Signature => share::SIGNATURE,
        Level::Header => share::HEADER,
        Level::Folded if is_type => share::FIELDS,
        Level::Folded => share::FOLDED,
        Level::Full if is_type => share::ALL_FIELDS,
        Level::Full => share::FULL,
    }
}

/// Damping of [`visits`], as in the paper.
const DAMPING: f64 = 0.85;
/// Rounds of [`visits`]: what they miss is below 0.85^20, 4 %.
const ROUNDS: usize = 20;

/// How often a walk from node 0 along `edges` (from, to, weight) comes by each of `nodes` nodes, where each step starts
/// over with probability 0.15: personalised PageRank (Page et al., "The PageRank Citation Ranking", 1998; Haveliwala,
/// "Topic-Sensitive PageRank", 2002), by power iteration.
pub(super) fn visits(nodes: usize, edges: &[(usize, usize, f64)]) -> Vec<f64> {
    let mut out = vec![0.0; nodes];
    for (from, _, weight) in edges {
        if let Some(sum) = out.get_mut(*from) {
            *sum += weight;
        }
    }
    let mut here = vec![0.0; nodes];
    if let Some(start) = here.first_mut() {
        *start = 1.0;
    }
    for _ in 0..ROUNDS {
        let mut next = vec![0.0; nodes];
        for (from, to, weight) in edges {
            if let (Some(from_visits), Some(sum), Some(slot)) = (here.get(*from), out.get(*from), next.get_mut(*to)) {
                *slot += DAMPING * from_visits * weight / sum;
            }
        }
        let walked: f64 = next.iter().sum();
        if let Some(start) = next.first_mut() {
            *start += 1.0 - walked; // started over, or nowhere to go
        }
        here = next;
    }
    here
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_signs_are_worth_more_and_never_over_one() {
        let one = value(&[Sign::Owner]);
        let two = value(&[Sign::Owner, Sign::SameFile]);
        assert!(0.0 < one && one < two && two < value(&[Sign::Reference(1), Sign::Owner, Sign::Receiver]));
        assert!(value(&[Sign::Reference(1); 9]) <= 1.0);
    }

    #[test]
    fn a_walk_visits_what_many_ways_lead_to() {
        // 0 → 1, 2, 3; 1 and 2 → 4; 3 → 5
        let edges = [(0, 1, 1.0), (0, 2, 1.0), (0, 3, 1.0), (1, 4, 1.0), (2, 4, 1.0), (3, 5, 1.0)];
        let visits = visits(7, &edges);
        assert!((visits.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(visits[0] > visits[4] && visits[4] > visits[5] && visits[5] > visits[6]);
        assert_eq!(visits[6], 0.0);
    }
}
