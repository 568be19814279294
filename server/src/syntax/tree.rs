//! A syntax tree that follows its text.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::time::Instant;

use tree_sitter::{InputEdit, ParseOptions, ParseState, Parser, Point};

use super::misplaced::misplaced;
use super::{Language, Node};
use crate::text::{Edit, Source, Span, Text};

thread_local! {
    /// One a thread: a parser keeps its memory from one parse to the next.
    static PARSER: RefCell<Parser> = RefCell::new(Parser::new());
}

/// The syntax tree of a text. Cloning is cheap: clones share their nodes.
#[derive(Clone, Debug)]
pub struct Tree {
    tree: tree_sitter::Tree,
    language: &'static Language,
}

impl Tree {
    /// Parses `text`, reusing the nodes of `old`, a tree of the same language that was told of every edit since.
    /// `None` when the deadline passed first or the grammar does not fit this build.
    #[must_use]
    pub fn parse(
        text: &dyn Source,
        language: &'static Language,
        old: Option<&Self>,
        deadline: Option<Instant>,
    ) -> Option<Self> {
        let mut late = |_: &ParseState| match deadline {
            Some(deadline) if Instant::now() >= deadline => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        };
        let old = old.filter(|old| old.language == language).map(|old| &old.tree);
        let options = ParseOptions::new().progress_callback(&mut late);
        PARSER.with_borrow_mut(|parser| {
            parser.reset(); // the last parse may have been broken off
            parser.set_language(&(language.grammar)()).ok()?;
            let tree = parser.parse_with_options(&mut |at, _| text.piece_at(at), old, Some(options))?;
            Some(Self { tree, language })
        })
    }

    /// Parses only `parts` of a text, in order and apart from each other, as if nothing stood between them; every node has
    /// its place in the whole text. `None` as in [`Tree::parse`].
    #[must_use]
    pub fn parse_parts(text: &Text, language: &'static Language, parts: &[Span]) -> Option<Self> {
        let mut parser = Parser::new();
        parser.set_language(&(language.grammar)()).ok()?;
        let point = |at: usize| {
            let (row, column) = text.line_feeds(at);
            Point { row, column }
        };
        let ranges: Vec<tree_sitter::Range> = parts
            .iter()
            .map(|part| tree_sitter::Range {
                start_byte: part.start,
                end_byte: part.end,
                start_point: point(part.start),
                end_point: point(part.end),
            })
            .collect();
        parser.set_included_ranges(&ranges).ok()?;
        let tree = parser.parse_with_options(&mut |at, _| text.piece_at(at), None, None)?;
        Some(Self { tree, language })
    }

    /// Tells the tree of an edit, so that it can be reused for parsing. `before` and `after` are the text around it.
    pub fn edit(&mut self, edit: &Edit, before: &Text, after: &Text) {
        let end = edit.span.start + edit.text.len();
        let point = |text: &Text, at: usize| {
            let (row, column) = text.line_feeds(at);
            Point { row, column }
        };
        self.tree.edit(&InputEdit {
            start_byte: edit.span.start,
            old_end_byte: edit.span.end,
            new_end_byte: end,
            start_position: point(before, edit.span.start),
            old_end_position: point(before, edit.span.end),
            new_end_position: point(after, end),
        });
    }

    /// The language it was parsed as.
    #[must_use]
    pub const fn language(&self) -> &'static Language {
        self.language
    }

    /// The node of the whole text.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        self.tree.root_node()
    }

    /// Where the structure of `newer` differs from this tree, which was told of every edit in between.
    #[must_use]
    pub fn changed_spans(&self, newer: &Self) -> Vec<Span> {
        self.tree.changed_ranges(&newer.tree).map(|range| Span::new(range.start_byte, range.end_byte)).collect()
    }
}

/// The smallest named node that holds `span`.
#[must_use]
pub fn smallest_node(tree: &Tree, span: Span) -> Node<'_> {
    let root = tree.root();
    root.named_descendant_for_byte_range(span.start, span.end).unwrap_or(root)
}

/// Number of places of a tree that the language does not allow: those that the grammar could not make sense of, and code
/// that it takes where the language does not.
#[must_use]
pub fn all_faults(tree: &Tree) -> usize {
    faults(tree.root()) + misplaced(tree).len()
}

/// Number of places under `node` that the grammar could not make sense of: error nodes and missing tokens.
#[must_use]
pub fn faults(node: Node<'_>) -> usize {
    let mut count = 0;
    each_fault(node, |_| count += 1);
    count
}

/// The first byte of the first fault of a tree.
#[must_use]
pub fn first_fault(tree: &Tree) -> Option<usize> {
    let mut first = None;
    each_fault(tree.root(), |node| first = first.or(Some(node.start_byte())));
    first.or_else(|| misplaced(tree).first().copied())
}

fn each_fault<'tree>(node: Node<'tree>, mut each: impl FnMut(Node<'tree>)) {
    let mut cursor = node.walk();
    loop {
        let here = cursor.node();
        if here.is_error() || here.is_missing() {
            each(here);
        }
        if here.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}
