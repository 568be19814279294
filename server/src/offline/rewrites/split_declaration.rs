//! One declaration a variable.
//!
//! ```text
//! let a = 1, b = 2;       →       let a = 1;
//!                                 let b = 2;
//! ```

use super::site::{Family, Site, has_comment, on_one_line, parts, token};
use super::{Found, Rule};
use crate::syntax::Node;
use crate::text::{Edit, Span};

pub(super) const RULE: Rule = Rule {
    name: "split-declaration",
    description: "Declare each variable in a statement of its own",
    families: &[Family::Script],
    kinds: &["lexical_declaration", "variable_declaration"],
    find,
};

fn find(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    let block = site.above(0).filter(|block| matches!(block.kind(), "statement_block" | "program"))?;
    let declarators: Vec<Node<'_>> =
        parts(node).into_iter().filter(|part| part.kind() == "variable_declarator").collect();
    // what follows the first is indented for its place in the list
    let long = declarators.iter().skip(1).any(|declarator| !on_one_line(*declarator));
    if declarators.len() < 2 || long || has_comment(node) || !site.starts_line(node.start_byte()) || block.has_error() {
        return None;
    }
    let keyword = site.text(node.child(0)?);
    if !matches!(&*keyword, "let" | "const" | "var") {
        return None;
    }
    let end = if token(node, ";").is_some() { ";" } else { "" };
    let between = format!("{end}{}{}{keyword} ", site.line_end(), site.indent(node.start_byte()));
    let edits = declarators
        .windows(2)
        .filter_map(|pair| match pair {
            [left, right] => Some(Edit::new(Span::new(left.end_byte(), right.start_byte()), between.as_str())),
            _ => None,
        })
        .collect();
    Some(Found::new("Declare each variable on its own", edits))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_none, check_rewrite};

    #[test]
    fn script() {
        check_rewrite("typescript", "split-declaration", "let a = 1, b: string;\n", "let a = 1;\nlet b: string;\n");
        check_rewrite(
            "javascript",
            "split-declaration",
            "function f() {\n  var a = [\n    1,\n  ],\n    b\n  return a\n}\n",
            "function f() {\n  var a = [\n    1,\n  ]\n  var b\n  return a\n}\n",
        );
        check_none("typescript", "split-declaration", "for (let a = 1, b = 2; ; ) {}\n");
        check_none("typescript", "split-declaration", "let a = 1, // why\n  b = 2;\n");
        check_none("typescript", "split-declaration", "export const a = 1, b = 2;\n");
    }
}
