//! Branches exchanged where that takes a negation away.
//!
//! ```text
//! if !a {                     if a {
//!     b();                        c();
//! } else {            →       } else {
//!     c();                        b();
//! }                           }
//! ```

use super::logic::{If, comparison, has_plain_head, negated, under_not};
use super::moves::{Body, comment_between, is_plain};
use super::site::{Family, Site, only_part, parts, without_parentheses};
use super::{Found, Rule};
use crate::syntax::Node;
use crate::text::Edit;

pub(super) const RULE: Rule = Rule {
    name: "invert-if-else",
    description: "Exchange the branches of `if` and `else`, or of a conditional expression, to lose a negation",
    families: Family::EVERY,
    kinds: &["if_expression", "if_statement", "ternary_expression", "conditional_expression"],
    find,
};

fn find(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    let (condition, first, second) = match node.kind() {
        "ternary_expression" => (
            node.child_by_field_name("condition")?,
            node.child_by_field_name("consequence")?,
            node.child_by_field_name("alternative")?,
        ),
        "conditional_expression" => {
            let [first, condition, second] = parts(node)[..] else { return None };
            (condition, first, second)
        }
        _ => return find_in_statement(site, node),
    };
    let positive = positive(site, condition)?;
    if [first, second].iter().any(|side| super::site::has_comment(*side) || is_conditional(*side))
        || super::site::has_comment(node)
    {
        return None;
    }
    let edits = vec![
        Edit::new(condition.byte_range().into(), positive.as_str()),
        Edit::new(first.byte_range().into(), site.text(second)),
        Edit::new(second.byte_range().into(), site.text(first)),
    ];
    Some(Found::new(format!("Exchange the branches to ask for `{positive}`"), edits))
}

/// Nested without parentheses it would change sides.
fn is_conditional(node: Node<'_>) -> bool {
    !matches!(node.kind(), "parenthesized_expression")
        && (matches!(node.kind(), "ternary_expression" | "conditional_expression" | "lambda" | "arrow_function")
            || node.kind().contains("assignment")
            || node.kind().contains("yield"))
}

fn find_in_statement(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    let parts = If::of(site, node)?;
    let (clause, other) = (parts.clause?, parts.alternative?);
    let positive = positive(site, parts.condition)?;
    let end = Body::of(site, node, parts.consequence).map_or(parts.consequence.end_byte(), |body| body.end);
    if parts.elif.is_some()
        || !matches!(other.kind(), "block" | "statement_block")
        || !has_plain_head(node, parts.consequence)
        || comment_between(node, end, clause.start_byte())
        || !has_plain_head(clause, other)
        || is_else_if(site)
    {
        return None;
    }
    let title = format!("Exchange the branches to ask for `{positive}`");
    let condition = Edit::new(parts.condition.byte_range().into(), positive);
    let (first, second) = match (Body::of(site, node, parts.consequence), Body::of(site, clause, other)) {
        (Some(first), Some(second)) if first.indent == second.indent => (first.content(site), second.content(site)),
        // `if !a { b } else { c }` on one line
        (None, None) if super::site::on_one_line(node) && site.family != Family::Python => {
            (only_part(parts.consequence)?.byte_range().into(), only_part(other)?.byte_range().into())
        }
        _ => return None,
    };
    if second.start < first.end {
        return None;
    }
    let edits = vec![condition, Edit::new(first, site.text.slice(second)), Edit::new(second, site.text.slice(first))];
    Some(Found::new(title, edits))
}

/// True for an `if` after `else`: exchanging there reads worse than it was.
fn is_else_if(site: &Site<'_>) -> bool {
    site.above(0).is_some_and(|parent| parent.kind() == "else_clause")
}

/// The condition without its negation, if it has one.
fn positive(site: &Site<'_>, condition: Node<'_>) -> Option<String> {
    let bare = without_parentheses(condition);
    let negative = under_not(bare).is_some_and(|inner| under_not(without_parentheses(inner)).is_none())
        || comparison(site, bare)
            .is_some_and(|(_, operator, _)| matches!(operator.as_str(), "!=" | "!==" | "not in" | "is not"));
    if !negative || !is_plain(condition) || super::site::has(bare, |kind| kind == "struct_expression") {
        return None;
    }
    let positive = negated(site, condition)?;
    // as the head of a conditional expression only a tight operand goes without parentheses
    let inner = under_not(bare).map(without_parentheses);
    let loose = inner.is_some_and(|inner| {
        matches!(
            inner.kind(),
            "ternary_expression"
                | "conditional_expression"
                | "lambda"
                | "named_expression"
                | "arrow_function"
                | "sequence_expression"
        ) || inner.kind().contains("assignment")
            || inner.kind().contains("yield")
    });
    (!loose).then_some(positive)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_none, check_rewrite};

    #[test]
    fn rust() {
        check_rewrite(
            "rust",
            "invert-if-else",
            "fn f() {\n    if !a {\n        b();\n    } else {\n        // why\n        c();\n        d();\n    }\n}\n",
            "fn f() {\n    if a {\n        // why\n        c();\n        d();\n    } else {\n        b();\n    }\n}\n",
        );
        check_rewrite(
            "rust",
            "invert-if-else",
            "fn f() { let x = if a != b { 1 } else { 2 }; }\n",
            "fn f() { let x = if a == b { 2 } else { 1 }; }\n",
        );
        check_none(
            "rust",
            "invert-if-else",
            "fn f() {\n    if !a {\n        b();\n    } else if c {\n        d();\n    }\n}\n",
        );
        check_none(
            "rust",
            "invert-if-else",
            "fn f() {\n    if !a {\n        b();\n    }\n    // why\n    else {\n        d();\n    }\n}\n",
        );
        check_none(
            "rust",
            "invert-if-else",
            "fn f() {\n    if a {\n        b();\n    } else {\n        d();\n    }\n}\n",
        );
    }

    #[test]
    fn python() {
        check_rewrite(
            "python",
            "invert-if-else",
            "if a is not None:\n    b()\nelse:\n    # why\n    c()\n    d()\n",
            "if a is None:\n    # why\n    c()\n    d()\nelse:\n    b()\n",
        );
        check_rewrite("python", "invert-if-else", "x = f(a) if not b else c\n", "x = c if b else f(a)\n");
        check_none("python", "invert-if-else", "if not a:\n    b()\nelif c:\n    d()\nelse:\n    e()\n");
        check_none("python", "invert-if-else", "x = a if not b else c if d else e\n");
        check_none("python", "invert-if-else", "if not a:\n    b()\n# why\nelse:\n    c()\n");
    }

    #[test]
    fn script() {
        check_rewrite(
            "typescript",
            "invert-if-else",
            "if (!(a && b)) {\n  c();\n} else {\n  d();\n}\n",
            "if (a && b) {\n  d();\n} else {\n  c();\n}\n",
        );
        check_rewrite("tsx", "invert-if-else", "const x = a !== b ? c : <D />;\n", "const x = a === b ? <D /> : c;\n");
        check_none("typescript", "invert-if-else", "const x = a !== b ? c : d ? e : f;\n");
        check_none("typescript", "invert-if-else", "const x = !!a ? c : d;\n");
    }
}
