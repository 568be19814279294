//! What a body does, in the same few words for every language: languages lower their statements to acts, the outline
//! writes acts as English.

use super::source::{Source, part, parts};
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
    /// An act that hands over a function, with what that does.
    Callback { act: Box<Act>, body: Vec<Act> },
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
    /// Before the end of the function.
    Return,
    /// At its end.
    Finish,
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

    /// The act, with the steps of the one function that the value hands over, if those are worth telling.
    pub(super) fn with_callback<'tree>(
        self,
        source: &Source<'_>,
        value: Node<'tree>,
        lower: impl FnOnce(Node<'tree>) -> Vec<Self>,
    ) -> Self {
        let Some(block) = callback(value) else { return self };
        let body = lower(block);
        if body.len() < 2 && source.last_line(block) < source.line(block) + 3 {
            return self;
        }
        let (first, last) = (self.first, self.last);
        Self { kind: Kind::Callback { act: Box::new(self), body }, first, last }
    }

    /// Short enough to share a line with its neighbours.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.kind, Kind::Set { .. } | Kind::Update { .. } | Kind::Call { .. })
    }

    /// `return`, at the end or before it.
    pub(super) fn returns(source: &Source<'_>, node: Node<'_>, value: Option<Node<'_>>) -> Self {
        let exit = if is_last(node) { Exit::Finish } else { Exit::Return };
        Self::at(source, node, Kind::Exit { exit, value: value.map(|value| source.quote(value, 72)) })
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

/// Does the function end with this statement, whichever way it gets there?
pub(super) fn is_last(mut node: Node<'_>) -> bool {
    while let Some(parent) = node.parent() {
        match parent.kind() {
            "function_item"
            | "closure_expression"
            | "async_block"
            | "function_definition"
            | "function_declaration"
            | "generator_function_declaration"
            | "function_expression"
            | "generator_function"
            | "arrow_function"
            | "method_definition" => return true,
            // an arm of Python's `match` is left at its end
            "block" | "statement_block" | "switch_case" | "switch_default" if node.kind() != "case_clause" => {
                if parts(parent).last() != Some(&node) {
                    return false;
                }
            }
            "block"
            | "unsafe_block"
            | "expression_statement"
            | "if_expression"
            | "else_clause"
            | "match_expression"
            | "match_block"
            | "match_arm"
            | "if_statement"
            | "elif_clause"
            | "try_statement"
            | "except_clause"
            | "with_statement"
            | "match_statement"
            | "case_clause"
            | "catch_clause"
            | "switch_statement"
            | "switch_body"
            | "labeled_statement" => {}
            _ => return false,
        }
        node = parent;
    }
    false
}

/// The block of the function that an expression is, or hands over as the only one.
fn callback(mut node: Node<'_>) -> Option<Node<'_>> {
    while matches!(node.kind(), "await_expression" | "try_expression" | "parenthesized_expression") {
        node = parts(node).first().copied()?;
    }
    fn block(node: Node<'_>) -> Option<Node<'_>> {
        let function = matches!(
            node.kind(),
            "arrow_function" | "function_expression" | "generator_function" | "closure_expression" | "async_block"
        );
        let own = |body: &Node<'_>| matches!(body.kind(), "statement_block" | "block");
        function.then_some(node)?.child_by_field_name("body").or_else(|| part(node, "block")).filter(own)
    }
    if let Some(block) = block(node) {
        return Some(block);
    }
    fn arguments(node: Node<'_>) -> Vec<Node<'_>> {
        node.child_by_field_name("arguments").map(parts).unwrap_or_default()
    }
    let mut blocks = arguments(node).into_iter().filter_map(block);
    if let Some(first) = blocks.next() {
        return blocks.next().is_none().then_some(first);
    }
    // `source.subscribe(subscriber((value) => { … }))`
    let mut inner = arguments(node).into_iter().flat_map(arguments).filter_map(block);
    let first = inner.next()?;
    inner.next().is_none().then_some(first)
}
