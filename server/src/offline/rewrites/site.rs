//! What a rule sees besides its node: the nodes above, and the lines of the text.

use std::borrow::Cow;

use crate::syntax::Node;
use crate::text::{LineEnding, Span, Text};

/// Languages that share their rules' logic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Rust,
    Python,
    /// TypeScript, TSX and JavaScript.
    Script,
}

impl Family {
    pub(super) const EVERY: &'static [Self] = &[Self::Rust, Self::Python, Self::Script];

    pub(super) fn of(language: &str) -> Option<Self> {
        match language {
            "rust" => Some(Self::Rust),
            "python" => Some(Self::Python),
            "typescript" | "tsx" | "javascript" => Some(Self::Script),
            _ => None,
        }
    }
}

/// Where a rule looks.
pub(super) struct Site<'a> {
    pub(super) text: &'a Text,
    pub(super) family: Family,
    /// The nodes above, the root first; asking a node for its parent walks from the root each time.
    pub(super) ancestors: &'a [Node<'a>],
}

impl<'a> Site<'a> {
    /// The text of `node`.
    pub(super) fn text(&self, node: Node<'_>) -> Cow<'a, str> {
        self.text.slice(node.byte_range().into())
    }

    /// The text from `start` to `end`.
    pub(super) fn between(&self, start: usize, end: usize) -> Cow<'a, str> {
        self.text.slice(Span::new(start, end.max(start)))
    }

    /// The node `levels` above, zero for the parent.
    pub(super) fn above(&self, levels: usize) -> Option<Node<'a>> {
        self.ancestors.len().checked_sub(levels + 1).and_then(|at| self.ancestors.get(at)).copied()
    }

    /// The line ending of the text.
    pub(super) fn line_end(&self) -> &'static str {
        LineEnding::as_str(self.text.line_ending())
    }

    /// The bytes of the line that holds `at`, without its end.
    pub(super) fn line(&self, at: usize) -> Span {
        self.text.line_span(self.text.line_of(at))
    }

    /// The white space that the line of `at` starts with.
    pub(super) fn indent(&self, at: usize) -> String {
        let line = self.text.slice(self.line(at));
        line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect()
    }

    /// True when nothing but white space stands before `at` on its line.
    pub(super) fn starts_line(&self, at: usize) -> bool {
        self.between(self.line(at).start, at).trim().is_empty()
    }

    /// True when nothing but white space stands after `at` on its line.
    pub(super) fn ends_line(&self, at: usize) -> bool {
        self.between(at, self.line(at).end).trim().is_empty()
    }

    /// Columns of the line of `at` up to it, as characters.
    pub(super) fn column(&self, at: usize) -> usize {
        self.between(self.line(at).start, at).chars().count()
    }
}

/// True for a node on one line.
pub(super) fn on_one_line(node: Node<'_>) -> bool {
    node.start_position().row == node.end_position().row
}

/// True for the kinds of comments.
pub(super) fn is_comment(kind: &str) -> bool {
    matches!(kind, "comment" | "line_comment" | "block_comment" | "html_comment")
}

/// True for the kinds whose body is a function of its own: `return` leaves it.
pub(super) fn is_function(kind: &str) -> bool {
    matches!(
        kind,
        "function_item"
            | "closure_expression"
            | "function_definition"
            | "lambda"
            | "function_declaration"
            | "function_expression"
            | "generator_function"
            | "generator_function_declaration"
            | "arrow_function"
            | "method_definition"
    )
}

/// The named children that are no comments.
pub(super) fn parts(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !is_comment(child.kind())).collect()
}

/// All children, tokens included.
pub(super) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).collect()
}

/// The only named child that is no comment.
pub(super) fn only_part(node: Node<'_>) -> Option<Node<'_>> {
    match parts(node)[..] {
        [part] => Some(part),
        _ => None,
    }
}

/// The token `kind` among the children of `node`.
pub(super) fn token<'t>(node: Node<'t>, kind: &str) -> Option<Node<'t>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).find(|child| child.kind() == kind)
}

/// True when `test` holds for `node` or a node under it, but those under nodes for which `skip` holds.
pub(super) fn any_under(node: Node<'_>, skip: &dyn Fn(Node<'_>) -> bool, test: &dyn Fn(Node<'_>) -> bool) -> bool {
    let mut cursor = node.walk();
    let mut depth = 0usize;
    loop {
        let here = cursor.node();
        if test(here) {
            return true;
        }
        if !(depth > 0 && skip(here)) && cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        while depth > 0 && !cursor.goto_next_sibling() {
            cursor.goto_parent();
            depth -= 1;
        }
        if depth == 0 {
            return false;
        }
    }
}

/// True when a node of a kind that `test` accepts lies in `node`, itself included.
pub(super) fn has(node: Node<'_>, test: fn(&str) -> bool) -> bool {
    any_under(node, &|_| false, &|here| test(here.kind()))
}

/// True when there is a comment in `node`.
pub(super) fn has_comment(node: Node<'_>) -> bool {
    has(node, is_comment)
}

/// `node` without the parentheses around it.
pub(super) fn without_parentheses(node: Node<'_>) -> Node<'_> {
    let mut node = node;
    while node.kind() == "parenthesized_expression" {
        match only_part(node) {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}

/// True when the bytes of `span` are on one line.
pub(super) fn on_one_line_between(site: &Site<'_>, span: Span) -> bool {
    site.text.line_of(span.start) == site.text.line_of(span.end)
}
