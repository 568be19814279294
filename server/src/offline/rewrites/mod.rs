//! Mechanical rewrites that keep behaviour. In: a syntax tree, its text and a span. Out: the rewrites that apply inside
//! the span, each with its smallest edits. A rewrite that can't be proved safe from the tree alone is never offered; no
//! rewrite loses a comment, changes the inside of a string, or is worked out next to a syntax error.
//!
//! One file a rewrite: it opens with the change, before and after, that its first test runs, and has a row in `RULES`.

mod add_braces;
mod arrow_body;
mod arrow_function;
mod exits;
mod f_string;
mod guard_clause;
mod if_let;
mod invert_if;
mod let_else;
mod logic;
mod merge_ifs;
mod merge_with;
mod moves;
mod not_in;
mod question_mark;
mod redundant_else;
mod return_condition;
mod scopes;
mod site;
mod split_declaration;
mod template_literal;
mod temporaries;
mod trailing_return;

#[cfg(test)]
mod testing;

use crate::syntax::{Node, Tree};
use crate::text::{Edit, Span, Text};
use site::{Family, Site};

/// A rewrite that applies, with its edits worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// The name of its rule, by which the command line chooses it.
    pub name: &'static str,
    /// What it does to this code, as a menu shows it.
    pub title: String,
    /// The construct it changes.
    pub at: Span,
    /// Its edits, in order, none overlapping another.
    pub edits: Vec<Edit>,
}

/// A kind of rewrite.
pub struct Rule {
    /// Its name on the command line, in kebab case.
    pub name: &'static str,
    /// What it does, in one line.
    pub description: &'static str,
    families: &'static [Family],
    /// The kinds of the nodes it looks at.
    kinds: &'static [&'static str],
    find: fn(&Site<'_>, Node<'_>) -> Option<Found>,
}

impl Rule {
    /// True when it looks at files of `language`, a name of the table of languages.
    #[must_use]
    pub fn speaks(&self, language: &str) -> bool {
        Family::of(language).is_some_and(|family| self.families.contains(&family))
    }
}

/// What a rule found: a title and edits. The walk adds the rule's name and the construct.
struct Found {
    title: String,
    edits: Vec<Edit>,
}

impl Found {
    fn new(title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { title: title.into(), edits }
    }
}

static RULES: &[Rule] = &[
    guard_clause::RULE,
    let_else::RULE,
    merge_ifs::RULE,
    invert_if::RULE,
    redundant_else::RULE,
    return_condition::RULE,
    if_let::RULE,
    question_mark::RULE,
    trailing_return::RULE,
    not_in::RULE,
    merge_with::RULE,
    f_string::RULE,
    template_literal::RULE,
    arrow_function::RULE,
    arrow_body::RULE,
    add_braces::RULE,
    split_declaration::RULE,
];

/// Every rule there is.
#[must_use]
pub fn all() -> &'static [Rule] {
    RULES
}

/// The rewrites whose construct and edits lie inside `focus`, ordered by place. Those of one construct are
/// alternatives, and an outer one may overlap an inner one: apply one, then ask again.
#[must_use]
pub fn applicable(tree: &Tree, text: &Text, focus: Span) -> Vec<Rewrite> {
    let Some(family) = Family::of(tree.language().name) else { return Vec::new() };
    let rules: Vec<&Rule> = RULES.iter().filter(|rule| rule.families.contains(&family)).collect();
    let mut found = Vec::new();
    let mut ancestors: Vec<Node<'_>> = Vec::new();
    let mut cursor = tree.root().walk();
    loop {
        let node = cursor.node();
        let span = Span::from(node.byte_range());
        let inside = focus.contains(span);
        if inside && node.is_named() && !node.has_error() {
            let kind = node.kind();
            let mut rules = rules.iter().filter(|rule| rule.kinds.contains(&kind)).peekable();
            if rules.peek().is_some() && !in_faulty_code(&ancestors) {
                let site = Site { text, family, ancestors: &ancestors };
                for rule in rules {
                    let Some(Found { title, mut edits }) = (rule.find)(&site, node) else { continue };
                    edits.sort_by_key(|edit| edit.span);
                    if edits.iter().all(|edit| focus.contains(edit.span)) {
                        found.push(Rewrite { name: rule.name, title, at: span, edits });
                    }
                }
            }
        }
        ancestors.push(node);
        if (inside || span.overlaps(focus))
            && !node.is_error()
            && cursor.goto_first_child_for_byte(focus.start).is_some()
        {
            continue;
        }
        loop {
            ancestors.pop();
            if cursor.goto_next_sibling() && cursor.node().start_byte() <= focus.end {
                break;
            }
            // after a sibling past the focus its parent is next, as after the last
            if !cursor.goto_parent() {
                found.sort_by_key(|rewrite| (rewrite.at.start, rewrite.at.len()));
                return found;
            }
        }
    }
}

/// Those of `rewrites` whose construct `selection`, or a cursor, touches: the innermost first.
#[must_use]
pub fn touching(mut rewrites: Vec<Rewrite>, selection: Span) -> Vec<Rewrite> {
    rewrites.retain(|rewrite| rewrite.at.touches(selection));
    rewrites.sort_by_key(|rewrite| rewrite.at.len());
    rewrites
}

/// True when the function around has a syntax error: the tree near it is a guess.
fn in_faulty_code(ancestors: &[Node<'_>]) -> bool {
    ancestors.iter().rev().find(|node| site::is_function(node.kind())).is_some_and(Node::has_error)
}
