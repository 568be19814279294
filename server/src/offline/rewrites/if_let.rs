//! `if let` instead of a `match` with an arm that does nothing.
//!
//! ```text
//! match a {                       if let Some(b) = a {
//!     Some(b) => {                    run(b);
//!         run(b);         →       }
//!     }
//!     None => {}
//! }
//! ```

use super::guard_clause::Place;
use super::moves::{Body, is_plain};
use super::site::{Family, Site, any_under, children, has, is_comment, on_one_line, parts, token};
use super::{Found, Rule};
use crate::syntax::Node;
use crate::text::{Edit, Span};

pub(super) const RULE: Rule = Rule {
    name: "match-to-if-let",
    description: "Use `if let` instead of a `match` with one arm that does something",
    families: &[Family::Rust],
    kinds: &["match_expression"],
    find,
};

fn find(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    Place::of(site, node)?;
    let scrutinee = node.child_by_field_name("value")?;
    let block = node.child_by_field_name("body")?;
    let outside = |node: Node<'_>| {
        children(node).iter().any(|child| is_comment(child.kind()) || child.kind().ends_with("attribute_item"))
    };
    let [first, second] = parts(block)[..] else { return None };
    if [node, block, first, second].iter().any(|node| outside(*node))
        || !is_plain(scrutinee)
        || matches!(
            scrutinee.kind(),
            "binary_expression" | "range_expression" | "closure_expression" | "assignment_expression"
        )
        || has(scrutinee, |kind| kind == "struct_expression")
        || !site.starts_line(node.start_byte())
        || !site.ends_line(node.end_byte())
        || !does_nothing(second.child_by_field_name("value")?)
        || binds(site, second)
    {
        return None;
    }
    let pattern = first.child_by_field_name("pattern")?;
    if token(pattern, "if").is_some() || !on_one_line(pattern) || is_boolean(site, pattern) || is_wild(site, pattern) {
        return None;
    }
    let value = first.child_by_field_name("value")?;
    let head = format!("if let {} = {} {{", site.text(pattern), site.text(scrutinee));
    let indent = site.indent(node.start_byte());
    let (start, line_end) = (node.start_byte(), site.line_end());
    let title = format!("Use `if let {}` instead of `match`", site.text(pattern));
    if value.kind() != "block" {
        // `P => call(),`: on a line of its own in the new block
        if !on_one_line(value) || !on_one_line(first) {
            return None;
        }
        let deeper = site.indent(first.start_byte());
        let semicolon = if value.kind() == "call_expression"
            || value.kind() == "macro_invocation"
            || value.kind().contains("assignment")
            || super::exits::is_exit(site, value)
        {
            ";"
        } else {
            return None;
        };
        let edits = vec![
            Edit::new(Span::new(start, value.start_byte()), format!("{head}{line_end}{deeper}")),
            Edit::new(Span::new(value.end_byte(), node.end_byte()), format!("{semicolon}{line_end}{indent}}}")),
        ];
        return (deeper.len() > indent.len() && !is_unit_value(value)).then(|| Found::new(title, edits));
    }
    let body = Body::of(site, first, value)?;
    let arm = site.indent(first.start_byte());
    if site.text.line_of(value.start_byte()) != site.text.line_of(first.start_byte()) {
        return None;
    }
    let mut edits = body.dedent(site, value, &arm)?;
    edits.push(Edit::new(Span::new(start, body.head), head));
    edits.push(Edit::new(Span::new(body.content_end(site), node.end_byte()), format!("{line_end}{indent}}}")));
    Some(Found::new(title, edits))
}

/// True for `{}` and `()`.
fn does_nothing(value: Node<'_>) -> bool {
    matches!(value.kind(), "block" | "unit_expression") && value.named_child_count() == 0 && value.child_count() <= 2
}

fn is_unit_value(value: Node<'_>) -> bool {
    value.kind() == "unit_expression"
}

/// True when the pattern of `arm` takes something, or only matches under a condition.
fn binds(site: &Site<'_>, arm: Node<'_>) -> bool {
    arm.child_by_field_name("pattern").is_none_or(|pattern| {
        token(pattern, "if").is_some()
            || any_under(pattern, &|_| false, &|node| {
                matches!(node.kind(), "shorthand_field_identifier" | "macro_invocation")
                    || (node.kind() == "identifier" && site.text(node).starts_with(|c: char| c.is_lowercase()))
            })
    })
}

fn is_boolean(site: &Site<'_>, pattern: Node<'_>) -> bool {
    matches!(&*site.text(pattern), "true" | "false")
}

/// True for a pattern that matches everything: `if let` would warn.
fn is_wild(site: &Site<'_>, pattern: Node<'_>) -> bool {
    let text = site.text(pattern);
    text == "_"
        || (pattern.child(0).is_some_and(|inner| inner.kind() == "identifier") && text.starts_with(char::is_lowercase))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_none, check_rewrite};

    #[test]
    fn rust() {
        check_rewrite(
            "rust",
            "match-to-if-let",
            "fn f() {\n    match a {\n        Some(b) => {\n            // why\n            run(b);\n        }\n        None => {}\n    }\n    c();\n}\n",
            "fn f() {\n    if let Some(b) = a {\n        // why\n        run(b);\n    }\n    c();\n}\n",
        );
        check_rewrite(
            "rust",
            "match-to-if-let",
            "fn f() {\n    match a.b() {\n        X::Y { c, .. } | X::Z(c) => run(c),\n        _ => (),\n    }\n}\n",
            "fn f() {\n    if let X::Y { c, .. } | X::Z(c) = a.b() {\n        run(c);\n    }\n}\n",
        );
    }

    #[test]
    fn refused() {
        let none = |source| check_none("rust", "match-to-if-let", source);
        none(
            "fn f() {\n    match a {\n        Some(b) if b => {\n            run(b);\n        }\n        _ => {}\n    }\n}\n",
        );
        none(
            "fn f() {\n    match a {\n        Some(b) => {\n            run(b);\n        }\n        None => {} // why\n    }\n}\n",
        );
        none(
            "fn f() {\n    match a {\n        Some(b) => {\n            run(b);\n        }\n        None => {\n            // why\n        }\n    }\n}\n",
        );
        none(
            "fn f() {\n    match a {\n        Some(b) => {\n            run(b);\n        }\n        other => {}\n    }\n}\n",
        );
        none(
            "fn f() {\n    match a {\n        Some(b) => {\n            run(\"\n            \");\n        }\n        None => {}\n    }\n}\n",
        );
        none(
            "fn f() {\n    match a {\n        #[cfg(x)]\n        Some(b) => {\n            run(b);\n        }\n        None => {}\n    }\n}\n",
        );
    }
}
