//! One `if` instead of two nested ones.
//!
//! ```text
//! if a {
//!     if b || c {             if a && (b || c) {
//!         run();      →           run();
//!     }                       }
//! }
//! ```

use super::logic::{If, and_operand, has_let, has_plain_head};
use super::moves::{Body, is_plain};
use super::site::{Family, Site, has_comment, only_part, parts};
use super::temporaries::holds_guard;
use super::{Found, Rule};
use crate::syntax::Node;
use crate::text::{Edit, Span};

pub(super) const RULE: Rule = Rule {
    name: "merge-nested-if",
    description: "Join an `if` that holds nothing but another `if` with it",
    families: Family::EVERY,
    kinds: &["if_expression", "if_statement"],
    find,
};

/// Lines longer than this are better left as two.
const WIDTH: usize = 100;

fn find(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    let outer = If::of(site, node)?;
    let block = outer.consequence;
    if outer.has_else() || !matches!(block.kind(), "block" | "statement_block") || !site.starts_line(node.start_byte())
    {
        return None;
    }
    let nested = match only_part(block)? {
        statement if statement.kind() == "expression_statement" => only_part(statement)?,
        statement => statement,
    };
    if nested.kind() != node.kind() || has_comment_beside(block, nested) {
        return None;
    }
    let inner = If::of(site, nested)?;
    if inner.has_else()
        || [outer.condition, inner.condition].iter().any(|condition| has_let(*condition) || !is_plain(*condition))
        || !has_plain_head(node, block)
        || !has_plain_head(nested, inner.consequence)
        // the temporaries of the first condition now live while the second is worked out
        || (site.family == Family::Rust && holds_guard(site, outer.condition))
    {
        return None;
    }
    let body = Body::of(site, nested, inner.consequence)?;
    let outer_body = Body::of(site, node, block)?;
    if outer_body.first != site.text.line_of(nested.start_byte()) || !site.ends_line(body.end) {
        return None;
    }
    let (left, right) = (and_operand(site, outer.condition), and_operand(site, inner.condition));
    let and = if site.family == Family::Python { "and" } else { "&&" };
    let joined = format!("{left} {and} {right}");
    if site.column(outer.condition.start_byte()) + joined.chars().count() + 3 > WIDTH {
        return None;
    }
    let mut edits = body.dedent(site, inner.consequence, &outer_body.indent)?;
    // from the outer condition to the inner body's head all is written anew, but the outer `{` or `:` stays
    edits.push(Edit::new(outer.condition.byte_range().into(), joined));
    edits.push(Edit::new(Span::new(outer_body.head, body.head), ""));
    if body.end > body.content_end(site) {
        edits.push(Edit::new(Span::new(body.content_end(site), body.end), ""));
    }
    Some(Found::new(format!("Join the nested `if` with `{and}`"), edits))
}

fn has_comment_beside(block: Node<'_>, nested: Node<'_>) -> bool {
    let mut cursor = block.walk();
    block.named_children(&mut cursor).any(|child| {
        super::site::is_comment(child.kind())
            && !(nested.start_byte() <= child.start_byte() && child.end_byte() <= nested.end_byte())
    }) || parts(block).into_iter().any(|part| {
        part.byte_range() != nested.byte_range() && has_comment(part) && part.kind() != "expression_statement"
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_none, check_rewrite};

    #[test]
    fn rust() {
        check_rewrite(
            "rust",
            "merge-nested-if",
            "fn f() {\n    if a {\n        if b || c {\n            run();\n        }\n    }\n}\n",
            "fn f() {\n    if a && (b || c) {\n        run();\n    }\n}\n",
        );
        check_none(
            "rust",
            "merge-nested-if",
            "fn f() {\n    if a {\n        if let Some(b) = c {\n            run();\n        }\n    }\n}\n",
        );
        check_none(
            "rust",
            "merge-nested-if",
            "fn f() {\n    if a.lock().b {\n        if c {\n            run();\n        }\n    }\n}\n",
        );
        check_none(
            "rust",
            "merge-nested-if",
            "fn f() {\n    if a {\n        // why\n        if c {\n            run();\n        }\n    }\n}\n",
        );
        check_none(
            "rust",
            "merge-nested-if",
            "fn f() {\n    if a {\n        if c {\n            run();\n        }\n        // why\n    }\n}\n",
        );
        check_none(
            "rust",
            "merge-nested-if",
            "fn f() {\n    if a {\n        if c {\n            run();\n        } else {\n            d();\n        }\n    }\n}\n",
        );
    }

    #[test]
    fn python() {
        check_rewrite(
            "python",
            "merge-nested-if",
            "if a or b:\n    if not c:\n        # why\n        run()\n",
            "if (a or b) and not c:\n    # why\n    run()\n",
        );
        check_rewrite(
            "python",
            "merge-nested-if",
            "def f():\n    if a:\n        if (x := b) if c else d:\n            run()\n    go()\n",
            "def f():\n    if a and ((x := b) if c else d):\n        run()\n    go()\n",
        );
        check_none("python", "merge-nested-if", "if a:\n    if b:\n        run()\n    # why\n    go()\n");
        check_none("python", "merge-nested-if", "if a:\n    # why\n    if b:\n        run()\n");
        check_none("python", "merge-nested-if", "if a:\n    if b:\n        run()\nelse:\n    go()\n");
    }

    #[test]
    fn script() {
        check_rewrite(
            "typescript",
            "merge-nested-if",
            "if (a ?? b) {\n  if (c = d) {\n    run();\n  }\n}\n",
            "if ((a ?? b) && (c = d)) {\n  run();\n}\n",
        );
        check_rewrite(
            "tsx",
            "merge-nested-if",
            "if (a === b) {\n  if (c instanceof D) {\n    // why\n    run();\n  }\n}\n",
            "if (a === b && c instanceof D) {\n  // why\n  run();\n}\n",
        );
        check_none("typescript", "merge-nested-if", "if (a) {\n  if (b) {\n    run();\n  } // why\n}\n");
        check_none("typescript", "merge-nested-if", "if (a) {\n  if (b) {\n    run();\n  }\n} else {\n  go();\n}\n");
    }
}
