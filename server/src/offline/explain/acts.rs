//! What a body does, in the same few words for every language: languages lower their statements to acts, the outline
//! writes acts as English.

use super::source::Source;
use crate::syntax::Node;

/// One thing that a body does. Texts that are called a phrase are Markdown, others are source code.
#[derive(Debug, Clone)]
pub(super) struct Act {
    pub(super) kind: Kind,
    pub(super) first: usize,
    pub(super) last: usize,
}

/// What kind of act.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// A local variable is made, or any place is set.
    Set { target: String, value: String, fresh: Fresh },
    /// `target op= value`
    Update { target: String, operator: String, value: String },
    /// A call for its effect; `name` is what is called.
    Call { text: String, name: String },
    /// Conditions tried in order.
    If { arms: Vec<Arm>, otherwise: Vec<Act>, into: Option<String> },
    /// One of several arms, chosen by a value.
    Match { on: String, arms: Vec<Arm>, into: Option<String> },
    /// A loop; the phrase says over what.
    Loop { phrase: String, body: Vec<Act>, otherwise: Vec<Act> },
    /// A pattern that must match, and what happens if it does not.
    MatchOrElse { value: String, pattern: String, otherwise: Vec<Act> },
    /// A body whose exceptions are caught.
    Try { body: Vec<Act>, handlers: Vec<Arm>, success: Vec<Act>, finally: Vec<Act> },
    /// A body in a special place: the phrase is like "in an `unsafe` block".
    Within { phrase: String, body: Vec<Act> },
    /// Leaves the function or a round of a loop: "returns", "raises", "throws", "panics with".
    Exit { exit: Exit, value: Option<String> },
    /// The value of an arm or block.
    Value { text: String },
    /// An assertion; the phrase is what is asserted.
    Check { phrase: String },
    /// A definition inside the body.
    Define { word: &'static str, name: String },
    /// Anything else, as a phrase with its verb.
    Other { phrase: String },
}

/// Does the target come into being here?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fresh {
    Yes,
    No,
}

/// How control leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    Return,
    Raise,
    Throw,
    Panic,
    Break,
    Continue,
    Yield,
}

/// A condition, pattern or handler with what happens then; the head is a phrase.
#[derive(Debug, Clone)]
pub(super) struct Arm {
    pub(super) head: String,
    pub(super) body: Vec<Act>,
}

impl Act {
    pub(super) fn at(source: &Source<'_>, node: Node<'_>, kind: Kind) -> Self {
        Self { kind, first: source.line(node), last: source.last_line(node) }
    }

    /// Short enough to share a line with its neighbours.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.kind, Kind::Set { .. } | Kind::Update { .. } | Kind::Call { .. })
    }

    /// Leaves the function or the round.
    pub(super) fn is_exit(&self) -> bool {
        matches!(&self.kind, Kind::Exit { exit, .. } if *exit != Exit::Yield)
    }
}

/// What an expression's value is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing.
    Discarded,
    /// A variable or an arm's value.
    Kept,
    /// The function's result.
    Result,
}
