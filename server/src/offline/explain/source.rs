//! The text behind nodes, quoted so that it fits into a sentence.

use super::words::{code, cut};
use crate::context::Subject;
use crate::syntax::{Node, Tree};
use crate::text::Span;

/// How much of a line a quotation may take, in characters.
const QUOTE: usize = 64;

/// A file with a tree.
pub(super) struct Source<'a> {
    pub(super) subject: &'a Subject,
    pub(super) tree: &'a Tree,
    text: String,
}

impl<'a> Source<'a> {
    pub(super) fn new(subject: &'a Subject, tree: &'a Tree) -> Self {
        Self { subject, tree, text: subject.text.to_text() }
    }

    pub(super) fn text(&self, node: Node<'_>) -> &str {
        self.slice(node.start_byte(), node.end_byte())
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }

    pub(super) fn line(&self, node: Node<'_>) -> usize {
        self.subject.line(node.start_byte())
    }

    pub(super) fn last_line(&self, node: Node<'_>) -> usize {
        let text = self.text(node).trim_end();
        self.subject.line(node.start_byte() + text.len().saturating_sub(1))
    }

    /// The node's text on one line, shortened, as inline code.
    pub(super) fn code(&self, node: Node<'_>) -> String {
        code(&self.quote(node, QUOTE))
    }

    /// The node's text on one line without comments. Past `max` characters, first the insides of blocks and long
    /// strings become `…`, then those of argument lists, then its end.
    pub(super) fn quote(&self, node: Node<'_>, max: usize) -> String {
        self.quote_span(node, Span::from(node.byte_range()), max)
    }

    /// As [`Self::quote`], for a part of the node.
    pub(super) fn quote_span(&self, node: Node<'_>, span: Span, max: usize) -> String {
        let mut flat = String::new();
        for detail in [Detail::All, Detail::NoBlocks, Detail::NoArguments] {
            flat = self.flat(node, span, detail);
            if flat.chars().count() <= max {
                return flat;
            }
        }
        cut(&flat, max)
    }

    fn flat(&self, node: Node<'_>, span: Span, detail: Detail) -> String {
        let mut out = Flat::default();
        let mut at = span.start;
        walk(node, &mut |inner| {
            if inner.end_byte() <= at || inner.start_byte() >= span.end {
                return false;
            }
            if inner.start_byte() < at || inner.end_byte() > span.end {
                return true;
            }
            let Some(instead) = self.instead(inner, detail, inner == node) else { return true };
            out.code(self.slice(at, inner.start_byte()));
            out.verbatim(&instead);
            at = inner.end_byte();
            false
        });
        out.code(self.slice(at, span.end));
        out.text.trim_end_matches([' ', ';', ',']).to_owned()
    }

    /// What stands in a quotation instead of the node, if not its text with blanks collapsed.
    fn instead(&self, node: Node<'_>, detail: Detail, outermost: bool) -> Option<String> {
        let text = self.text(node);
        let kind = node.kind();
        if is_comment(kind) {
            return Some(String::new());
        }
        let around = |open: usize, close: usize| {
            let (head, tail) = (text.get(..open)?, text.get(text.len().checked_sub(close)?..)?);
            Some(format!("{head}…{tail}"))
        };
        match kind {
            "string" | "string_literal" | "raw_string_literal" | "template_string" => {
                let long = detail != Detail::All && text.chars().count() > 28;
                if !long && !text.contains('\n') {
                    return Some(text.to_owned());
                }
                let open = text.find(['"', '\'', '`']).map_or(1, |at| at + 1);
                let triple =
                    text.get(open - 1..).is_some_and(|rest| rest.starts_with("\"\"\"") || rest.starts_with("'''"));
                let hashes = if kind == "raw_string_literal" { open.saturating_sub(2) } else { 0 };
                if triple { around(open + 2, 3) } else { around(open, 1 + hashes) }
            }
            "block"
            | "statement_block"
            | "match_block"
            | "field_initializer_list"
            | "object"
            | "dictionary"
            | "list"
            | "array"
            | "array_expression"
            | "set"
            | "class_body"
            | "switch_body"
            | "object_type"
            | "object_pattern"
            | "declaration_list"
            | "dictionary_comprehension"
                if detail != Detail::All && text.len() > 12 && !outermost =>
            {
                if text.starts_with(['{', '[']) {
                    around(1, 1)
                } else {
                    Some("…".to_owned())
                }
            }
            "jsx_element" | "jsx_self_closing_element" if detail != Detail::All => {
                let open = if kind == "jsx_element" { node.child_by_field_name("open_tag")? } else { node };
                let name = open.child_by_field_name("name").map_or("", |name| self.text(name));
                Some(if kind == "jsx_element" { format!("<{name}>…</{name}>") } else { format!("<{name} … />") })
            }
            "arguments" | "argument_list" | "token_tree" | "parameters" | "formal_parameters"
                if detail == Detail::NoArguments && text.len() > 2 =>
            {
                if text.starts_with(['(', '[', '{']) {
                    around(1, 1)
                } else {
                    None
                }
            }
            _ => None,
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Detail {
    All,
    NoBlocks,
    NoArguments,
}

/// Text being put on one line.
#[derive(Default)]
struct Flat {
    text: String,
}

impl Flat {
    fn verbatim(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds code with blanks collapsed; a line break inside brackets leaves no blank behind.
    fn code(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find(char::is_whitespace) {
            let (word, tail) = rest.split_at(at);
            self.text.push_str(word);
            let next = tail.trim_start();
            let broken = tail[..tail.len() - next.len()].contains('\n'); // `next` is a suffix of `tail`
            let after_open = self.text.ends_with(['(', '[']) || self.text.is_empty();
            if broken && next.starts_with([')', ']']) && self.text.ends_with(',') {
                self.text.pop();
            }
            let joined = broken && (after_open || next.starts_with([')', ']', '.', '?']));
            if !joined && !self.text.ends_with(' ') && !self.text.is_empty() {
                self.text.push(' ');
            }
            rest = next;
        }
        self.text.push_str(rest);
    }
}

/// True for comments of every language.
pub(super) fn is_comment(kind: &str) -> bool {
    matches!(kind, "comment" | "line_comment" | "block_comment" | "html_comment")
}

/// Calls `visit` with the named nodes from `node` on down, parents first; it says whether to go into them.
pub(super) fn walk<'tree>(node: Node<'tree>, visit: &mut impl FnMut(Node<'tree>) -> bool) {
    let mut cursor = node.walk();
    let mut entered = true;
    loop {
        let here = cursor.node();
        let descend = entered && (!here.is_named() || visit(here));
        if descend && cursor.goto_first_child() {
            continue;
        }
        loop {
            if cursor.node() == node {
                return;
            }
            if cursor.goto_next_sibling() {
                entered = true;
                break;
            }
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}

/// The named children that are no comments, in order.
pub(super) fn parts<'tree>(node: Node<'tree>) -> Vec<Node<'tree>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !is_comment(child.kind())).collect()
}

/// The first named child of the kind.
pub(super) fn part<'tree>(node: Node<'tree>, kind: &str) -> Option<Node<'tree>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).find(|child| child.kind() == kind)
}

/// The children in a field that may be there several times.
pub(super) fn fields<'tree>(node: Node<'tree>, field: &str) -> Vec<Node<'tree>> {
    let mut cursor = node.walk();
    node.children_by_field_name(field, &mut cursor).filter(|child| child.is_named()).collect()
}

/// True when a token, such as `async`, stands among the node's children.
pub(super) fn has_token(node: Node<'_>, token: &str) -> bool {
    let mut cursor = node.walk();
    node.children(&mut cursor).any(|child| child.kind() == token)
}
