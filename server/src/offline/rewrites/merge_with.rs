//! One Python `with` instead of two nested ones.
//!
//! ```text
//! with a as b:
//!     with c:             with a as b, c:
//!         run()    →          run()
//! ```

use super::moves::{Body, is_plain};
use super::site::{Family, Site, children, is_comment, only_part, token};
use super::{Found, Rule};
use crate::syntax::Node;
use crate::text::{Edit, Span};

pub(super) const RULE: Rule = Rule {
    name: "merge-nested-with",
    description: "Join a `with` that holds nothing but another `with` with it",
    families: &[Family::Python],
    kinds: &["with_statement"],
    find,
};

/// Lines longer than this are better left as two.
const WIDTH: usize = 88;

fn find(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    let block = node.child_by_field_name("body")?;
    let nested = only_part(block).filter(|nested| nested.kind() == node.kind())?;
    let inner_block = nested.child_by_field_name("body")?;
    let clause = |node: Node<'_>| {
        children(node).into_iter().find(|child| child.kind() == "with_clause").map(|clause| clause.byte_range())
    };
    let (outer_clause, inner_clause) = (clause(node)?, clause(nested)?);
    let (outer, inner) =
        (site.between(outer_clause.start, outer_clause.end), site.between(inner_clause.start, inner_clause.end));
    let commented = [node, block].iter().any(|node| children(*node).iter().any(|child| is_comment(child.kind())));
    if commented
        || token(node, "async").is_some() != token(nested, "async").is_some()
        || [&outer, &inner]
            .iter()
            .any(|clause| clause.starts_with('(') || clause.ends_with(',') || clause.contains(['\n', '\r', '\\']))
        || children(node)
            .iter()
            .chain(&children(nested))
            .any(|child| child.kind() == "with_clause" && !is_plain(*child))
    {
        return None;
    }
    let (body, outer_body) = (Body::of(site, nested, inner_block)?, Body::of(site, node, block)?);
    if outer_body.first != site.text.line_of(nested.start_byte())
        || outer_body.last != body.last
        || site.column(outer_clause.end) + inner.chars().count() + 3 > WIDTH
    {
        return None;
    }
    let mut edits = body.dedent(site, inner_block, &outer_body.indent)?;
    edits.push(Edit::new(Span::new(outer_clause.end, outer_clause.end), format!(", {inner}")));
    edits.push(Edit::new(Span::new(outer_body.head, body.head), ""));
    Some(Found::new("Join the nested `with`", edits))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_none, check_rewrite};

    #[test]
    fn python() {
        check_rewrite(
            "python",
            "merge-nested-with",
            "with a as b:\n    with c:\n        # why\n        run()\n        # end\n\ngo()\n",
            "with a as b, c:\n    # why\n    run()\n    # end\n\ngo()\n",
        );
        let none = |source| check_none("python", "merge-nested-with", source);
        none("async def f():\n    async with a:\n        with b:\n            run()\n");
        none("with a:\n    # why\n    with b:\n        run()\n");
        none("with a:\n    with b:\n        run()\n    go()\n");
        none("with (a, b):\n    with c:\n        run()\n");
        none("with a:\n    with b:\n        run()\n    # why\n");
    }
}
