//! Braces around a single statement.
//!
//! ```text
//! if (a) b();                 if (a) {
//! else c();                     b();
//!                     →       } else {
//!                               c();
//!                             }
//! ```

use super::site::{Family, Site, children, is_comment, on_one_line, token};
use super::{Found, Rule};
use crate::syntax::Node;
use crate::text::{Edit, Span};

pub(super) const RULE: Rule = Rule {
    name: "add-braces",
    description: "Put braces around the single statement of `if`, `else` and loops",
    families: &[Family::Script],
    kinds: &["if_statement", "for_statement", "for_in_statement", "while_statement"],
    find,
};

fn find(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    if !site.starts_line(node.start_byte()) {
        return None;
    }
    let indent = site.indent(node.start_byte());
    let unit = unit(site, &indent);
    let mut edits = Vec::new();
    if node.kind() == "if_statement" {
        chain(site, node, &indent, &unit, &mut edits)?;
    } else {
        let body = node.child_by_field_name("body")?;
        let head = token_before(node, body)?;
        brace(site, head, body, None, &indent, &unit, &mut edits)?;
        no_comments(node)?;
    }
    (!edits.is_empty()).then(|| Found::new("Add braces", edits))
}

/// Braces for the branches of an `if` and those of the ones after its `else`.
fn chain(site: &Site<'_>, node: Node<'_>, indent: &str, unit: &str, edits: &mut Vec<Edit>) -> Option<()> {
    no_comments(node)?;
    let first = node.child_by_field_name("consequence")?;
    let clause = node.child_by_field_name("alternative");
    brace(site, token_before(node, first)?, first, clause, indent, unit, edits)?;
    let Some(clause) = clause else { return Some(()) };
    no_comments(clause)?;
    let other = super::site::only_part(clause)?;
    if other.kind() == "if_statement" {
        return chain(site, other, indent, unit, edits);
    }
    brace(site, token(clause, "else")?, other, None, indent, unit, edits)
}

fn brace(
    site: &Site<'_>,
    head: Node<'_>,
    body: Node<'_>,
    next: Option<Node<'_>>,
    indent: &str,
    unit: &str,
    edits: &mut Vec<Edit>,
) -> Option<()> {
    if body.kind() == "statement_block" {
        return Some(());
    }
    // the inside of a longer statement would need new indentation unless it has a line of its own already
    let same_line = site.text.line_of(head.end_byte()) == site.text.line_of(body.start_byte());
    if matches!(body.kind(), "empty_statement" | "function_declaration" | "lexical_declaration" | "labeled_statement")
        || (same_line && !on_one_line(body))
        || (!same_line
            && (!site.starts_line(body.start_byte()) || site.indent(body.start_byte()).len() <= indent.len()))
    {
        return None;
    }
    let line_end = site.line_end();
    let gap = Span::new(head.end_byte(), body.start_byte());
    if same_line {
        edits.push(Edit::new(gap, format!(" {{{line_end}{indent}{unit}")));
    } else {
        edits.push(Edit::new(Span::new(gap.start, gap.start), " {"));
    }
    let close = format!("{line_end}{indent}}}");
    match next {
        Some(next) => {
            let gap = Span::new(body.end_byte(), next.start_byte());
            site.text.slice(gap).trim().is_empty().then_some(())?;
            edits.push(Edit::new(gap, format!("{close} ")));
        }
        None => {
            // a comment after the statement on its line belongs to it
            let end = site.line(body.end_byte()).end;
            let rest = site.between(body.end_byte(), end);
            let end = if rest.trim_start().starts_with("//") { end } else { body.end_byte() };
            if end == body.end_byte() && !rest.trim().is_empty() {
                return None;
            }
            edits.push(Edit::new(Span::new(end, end), close));
        }
    }
    Some(())
}

fn token_before<'t>(node: Node<'t>, body: Node<'t>) -> Option<Node<'t>> {
    children(node).into_iter().rfind(|child| child.end_byte() <= body.start_byte())
}

fn no_comments(node: Node<'_>) -> Option<()> {
    (!children(node).iter().any(|child| is_comment(child.kind()))).then_some(())
}

/// One step of indentation as the lines around use it.
fn unit(site: &Site<'_>, indent: &str) -> String {
    if indent.contains('\t') {
        return "\t".into();
    }
    let around =
        site.ancestors.iter().rev().filter(|node| node.kind().ends_with("block") || node.kind().ends_with("body"));
    let outer = around.map(|node| site.indent(node.start_byte())).find(|outer| outer.len() < indent.len());
    match outer.and_then(|outer| indent.strip_prefix(outer.as_str()).map(str::to_owned)) {
        Some(unit) if unit.len() <= 8 => unit,
        _ => first_unit(site),
    }
}

/// The indentation of the first indented line near the start.
fn first_unit(site: &Site<'_>) -> String {
    (0..site.text.lines().min(200))
        .map(|line| site.indent(site.text.line_start(line)))
        .find(|indent| indent.starts_with('\t') || (2..=8).contains(&indent.len()))
        .map_or("  ".into(), |indent| if indent.starts_with('\t') { "\t".into() } else { indent })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_none, check_rewrite};

    #[test]
    fn script() {
        check_rewrite(
            "typescript",
            "add-braces",
            "if (a) b();\nelse c();\n",
            "if (a) {\n  b();\n} else {\n  c();\n}\n",
        );
        check_rewrite(
            "javascript",
            "add-braces",
            "function f() {\n    for (const a of b)\n        if (a) {\n            c();\n        }\n    d();\n}\n",
            "function f() {\n    for (const a of b) {\n        if (a) {\n            c();\n        }\n    }\n    d();\n}\n",
        );
        check_rewrite(
            "tsx",
            "add-braces",
            "if (a) {\n\tb();\n} else if (c) d(); // why\n",
            "if (a) {\n\tb();\n} else if (c) {\n\td(); // why\n}\n",
        );
        check_none("typescript", "add-braces", "if (a) {\n  b();\n}\n");
        check_none("typescript", "add-braces", "while (a);\n");
        check_none("typescript", "add-braces", "if (a)\n  // why\n  b();\n");
        check_none("typescript", "add-braces", "if (a) b(); // why\nelse c();\n");
    }
}
