//! No `return` where Rust returns anyway.
//!
//! ```text
//! fn f() -> u8 {              fn f() -> u8 {
//!     return 1;       →           1
//! }                           }
//! ```

use super::site::{Family, Site, parts, token};
use super::temporaries::makes_temporary;
use super::{Found, Rule};
use crate::syntax::Node;
use crate::text::{Edit, Span};

pub(super) const RULE: Rule = Rule {
    name: "trailing-return",
    description: "Drop `return` at the end of a function",
    families: &[Family::Rust],
    kinds: &["expression_statement"],
    find,
};

fn find(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    let semicolon = token(node, ";")?;
    let inner = parts(node).first().copied().filter(|inner| inner.kind() == "return_expression")?;
    let value = parts(inner).first().copied()?;
    let (block, owner) = (site.above(0)?, site.above(1)?);
    let statements = parts(block);
    if !matches!(owner.kind(), "function_item" | "closure_expression")
        || owner.child_by_field_name("body")? != block
        || *statements.last()? != node
        || statements.iter().any(|statement| statement.kind() == "attribute_item")
        || super::site::has_comment(node)
            && super::site::children(inner).iter().any(|child| super::site::is_comment(child.kind()))
        || makes_temporary(site, value)
        || starts_as_statement(value)
    {
        return None;
    }
    let edits = vec![
        Edit::new(Span::new(node.start_byte(), value.start_byte()), ""),
        Edit::new(semicolon.byte_range().into(), ""),
    ];
    Some(Found::new("Drop the `return` at the end", edits))
}

/// True when the first words of `node` would be read as a statement of their own: `match x {} + 1`.
fn starts_as_statement(node: Node<'_>) -> bool {
    let mut node = node;
    let mut depth = 0;
    while let Some(first) = node.child(0) {
        let block = matches!(
            node.kind(),
            "match_expression"
                | "if_expression"
                | "block"
                | "unsafe_block"
                | "loop_expression"
                | "for_expression"
                | "while_expression"
                | "async_block"
                | "const_block"
        );
        if block && depth > 0 {
            return true;
        }
        node = first;
        depth += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_none, check_rewrite};

    #[test]
    fn rust() {
        check_rewrite("rust", "trailing-return", "fn f() -> u8 {\n    return 1;\n}\n", "fn f() -> u8 {\n    1\n}\n");
        check_rewrite(
            "rust",
            "trailing-return",
            "fn f() -> X {\n    g();\n    return X {\n        a: b(c),\n    }; // why\n}\n",
            "fn f() -> X {\n    g();\n    X {\n        a: b(c),\n    } // why\n}\n",
        );
    }

    #[test]
    fn refused() {
        let none = |source| check_none("rust", "trailing-return", source);
        none("fn f() -> u8 {\n    return a.borrow().len();\n}\n");
        none("fn f() {\n    return;\n}\n");
        none("fn f() -> u8 {\n    if a {\n        return 1;\n    }\n    2\n}\n");
        none("fn f() -> u8 {\n    #[cfg(a)]\n    return 1;\n    #[cfg(b)]\n    return 2;\n}\n");
        none("fn f() -> u8 {\n    return match a { _ => 1 } + 2;\n}\n");
        none("fn f() -> u8 {\n    return /* why */ 1;\n}\n");
    }
}
