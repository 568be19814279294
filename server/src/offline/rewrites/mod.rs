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
    // per kind of node, by its number, the rules that look at it: names are compared once a kind, not once a node
    let mut by_kind: Vec<Option<Vec<&Rule>>> = Vec::new();
    let mut found = Vec::new();
    let mut ancestors: Vec<Node<'_>> = Vec::new();
    let mut cursor = tree.root().walk();
    loop {
        let node = cursor.node();
        let span = Span::from(node.byte_range());
        let inside = focus.contains(span);
        if inside && !node.has_error() {
            let number = usize::from(node.kind_id());
            if by_kind.len() <= number {
                by_kind.resize(number + 1, None);
            }
            let matching = by_kind.get_mut(number).map(|known| {
                known.get_or_insert_with(|| {
                    rules.iter().filter(|rule| node.is_named() && rule.kinds.contains(&node.kind())).copied().collect()
                })
            });
            if let Some(matching) = matching.filter(|matching| !matching.is_empty())
                && !in_faulty_code(&ancestors)
            {
                let site = Site { text, family, ancestors: &ancestors };
                for rule in matching {
                    let Some(Found { title, mut edits }) = (rule.find)(&site, node) else { continue };
                    edits.sort_by_key(|edit| edit.span);
                    if edits.iter().all(|edit| focus.contains(edit.span)) {
                        found.push(Rewrite { name: rule.name, title, at: span, edits });
                    }
                }
            }
        }
        let deeper = if inside {
            !node.is_error() && cursor.goto_first_child()
        } else {
            span.overlaps(focus) && !node.is_error() && cursor.goto_first_child_for_byte(focus.start).is_some()
        };
        if deeper {
            ancestors.push(node);
            continue;
        }
        loop {
            if cursor.goto_next_sibling() && cursor.node().start_byte() <= focus.end {
                break;
            }
            // after a sibling past the focus its parent is next, as after the last
            ancestors.pop();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::by_name;

    fn names(source: &str, focus: Span) -> Vec<&'static str> {
        let text = Text::from(source);
        let tree = Tree::parse(&text, by_name("rust").unwrap(), None, None).unwrap();
        applicable(&tree, &text, focus).iter().map(|rewrite| rewrite.name).collect()
    }

    #[test]
    fn only_what_lies_in_the_focus() {
        let one = "fn f() -> u8 {\n    return 1;\n}\n";
        let source = one.repeat(3);
        let second = Span::new(one.len(), 2 * one.len());
        assert_eq!(names(&source, second), ["trailing-return"]);
        assert_eq!(names(&source, Span::new(0, source.len())), ["trailing-return"; 3]);
        assert_eq!(names(&source, Span::new(one.len(), one.len() + 5)), [""; 0]);
        assert_eq!(names("", Span::new(0, 0)), [""; 0]);
    }

    #[test]
    fn nothing_beside_a_syntax_error() {
        let source = "fn f() -> u8 {\n    let = ;\n    return 1;\n}\nfn g() -> u8 {\n    return 1;\n}\n";
        assert_eq!(names(source, Span::new(0, source.len())), ["trailing-return"]);
    }

    #[test]
    fn rules_have_one_name_each() {
        let mut names: Vec<_> = all().iter().map(|rule| rule.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all().len());
        for language in ["rust", "python", "typescript", "tsx", "javascript"] {
            assert!(all().iter().filter(|rule| rule.speaks(language)).count() >= 8, "{language}");
        }
    }
}
