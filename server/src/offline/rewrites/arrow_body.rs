//! An arrow function's value without a block.
//!
//! ```text
//! const f = (x) => {
//!     return x + 1;       →       const f = (x) => x + 1;
//! };
//! ```

use super::moves::is_plain;
use super::site::{Family, Site, has_comment, only_part};
use super::{Found, Rule};
use crate::syntax::Node;
use crate::text::Edit;

pub(super) const RULE: Rule = Rule {
    name: "arrow-body",
    description: "Write an arrow function's value without a block and `return`",
    families: &[Family::Script],
    kinds: &["arrow_function"],
    find,
};

/// Lines longer than this are better left as they are.
const WIDTH: usize = 100;

fn find(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    let body = node.child_by_field_name("body").filter(|body| body.kind() == "statement_block")?;
    let statement = only_part(body).filter(|statement| statement.kind() == "return_statement")?;
    let value = only_part(statement)?;
    if has_comment(body)
        || !is_plain(value)
        || site.column(body.start_byte()) + site.text(value).chars().count() > WIDTH
    {
        return None;
    }
    let text = site.text(value);
    // `{` would start a block
    let braced = text.starts_with('{') || value.kind() == "sequence_expression";
    let text = if braced { format!("({text})") } else { text.into_owned() };
    Some(Found::new("Write the value without a block", vec![Edit::new(body.byte_range().into(), text)]))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_none, check_rewrite};

    #[test]
    fn script() {
        check_rewrite(
            "typescript",
            "arrow-body",
            "const f = (x: number) => {\n  return x + 1;\n};\n",
            "const f = (x: number) => x + 1;\n",
        );
        check_rewrite("tsx", "arrow-body", "f(x => { return { x }; });\n", "f(x => ({ x }));\n");
        check_none("javascript", "arrow-body", "const f = () => {\n  // why\n  return 1;\n};\n");
        check_none("javascript", "arrow-body", "const f = () => {\n  return;\n};\n");
        check_none("javascript", "arrow-body", "const f = () => {\n  g();\n  return 1;\n};\n");
    }
}
