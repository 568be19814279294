//! Python's `not in` and `is not`.
//!
//! ```text
//! not a in b      →   a not in b
//! ```

use super::logic::comparison;
use super::moves::is_plain;
use super::site::{Family, Site, without_parentheses};
use super::{Found, Rule};
use crate::syntax::Node;
use crate::text::{Edit, Span};

pub(super) const RULE: Rule = Rule {
    name: "not-in",
    description: "Write `a not in b` and `a is not b` instead of `not a in b` and `not a is b`",
    families: &[Family::Python],
    kinds: &["not_operator"],
    find,
};

fn find(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    let inner = without_parentheses(node.child_by_field_name("argument")?);
    let (left, operator, right) = comparison(site, inner)?;
    let opposite = match operator.as_str() {
        "in" => "not in",
        "is" => "is not",
        _ => return None,
    };
    // a chain would take the result of `not` in: `x == (not a in b)`
    if !is_plain(node) || site.above(0)?.kind() == "comparison_operator" {
        return None;
    }
    let edits = vec![
        Edit::new(Span::new(node.start_byte(), left.start_byte()), ""),
        Edit::new(Span::new(left.end_byte(), right.start_byte()), format!(" {opposite} ")),
        Edit::new(Span::new(right.end_byte(), node.end_byte()), ""),
    ];
    Some(Found::new(format!("Write `{opposite}`"), edits.into_iter().filter(|edit| !edit.span.is_empty()).collect()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_none, check_rewrite};

    #[test]
    fn python() {
        check_rewrite("python", "not-in", "x = not a in b\n", "x = a not in b\n");
        check_rewrite(
            "python",
            "not-in",
            "if not (a.b is None) and c:\n    d()\n",
            "if a.b is not None and c:\n    d()\n",
        );
        check_none("python", "not-in", "x = not a == b\n");
        check_none("python", "not-in", "x = not a in b in c\n");
        check_none("python", "not-in", "x = not (a in b or c)\n");
        check_none("python", "not-in", "x = not a not in b\n");
    }
}
