//! A template literal instead of adding strings up.
//!
//! ```text
//! "a" + String(b) + 'c'   →   `a${String(b)}c`
//! ```
//!
//! `+` asks an object for its value, a template literal for its text: only operands that are no objects are taken over.

use super::scopes::surely_primitive;
use super::site::{Family, Site, has_comment, on_one_line};
use super::{Found, Rule};
use crate::syntax::Node;
use crate::text::Edit;

pub(super) const RULE: Rule = Rule {
    name: "template-literal",
    description: "Use a template literal instead of adding strings with `+`",
    families: &[Family::Script],
    kinds: &["binary_expression"],
    find,
};

fn find(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    let parent = site.above(0)?;
    if !is_sum(site, node) || is_sum(site, parent) || has_comment(node) || !on_one_line(node) {
        return None;
    }
    let mut operands = Vec::new();
    flatten(site, node, &mut operands);
    // the sum is of strings from the first string on: it must be one of the first two
    let text = |operand: &Node<'_>| matches!(operand.kind(), "string" | "template_string");
    if !operands.iter().take(2).any(text) || !operands.iter().any(|operand| !text(operand)) {
        return None;
    }
    let mut out = String::from("`");
    for operand in operands {
        let source = site.text(operand);
        match operand.kind() {
            "string" => out.push_str(&unquoted(&source)?),
            "template_string" => out.push_str(source.strip_prefix('`')?.strip_suffix('`')?),
            _ => {
                if !surely_primitive(site, operand) {
                    return None;
                }
                out.push_str("${");
                out.push_str(&site.text(super::site::without_parentheses(operand)));
                out.push('}');
            }
        }
    }
    out.push('`');
    Some(Found::new("Use a template literal", vec![Edit::new(node.byte_range().into(), out)]))
}

fn is_sum(site: &Site<'_>, node: Node<'_>) -> bool {
    node.kind() == "binary_expression"
        && node.child_by_field_name("operator").is_some_and(|operator| site.text(operator) == "+")
}

/// The operands of a sum; those of one in parentheses on the right stay together.
fn flatten<'t>(site: &Site<'_>, node: Node<'t>, operands: &mut Vec<Node<'t>>) {
    match (node.child_by_field_name("left"), node.child_by_field_name("right")) {
        (Some(left), Some(right)) if is_sum(site, node) => {
            flatten(site, left, operands);
            operands.push(right);
        }
        _ => operands.push(node),
    }
}

/// The inside of a string literal as it stands in a template literal.
fn unquoted(source: &str) -> Option<String> {
    let quote = source.chars().next()?;
    let inner = source.strip_prefix(quote)?.strip_suffix(quote)?;
    let mut out = String::new();
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next()? {
                // octal escapes and continued lines are not the same there
                '0'..='9' | '\n' | '\r' => return None,
                escaped if escaped == quote || matches!(escaped, '"' | '\'') => out.push(escaped),
                other => {
                    out.push('\\');
                    out.push(other);
                }
            },
            '`' => out.push_str("\\`"),
            // also before a `{` that the next operand may start with
            '$' if matches!(chars.peek(), Some('{') | None) => out.push_str("\\$"),
            _ => out.push(c),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_none, check_rewrite};

    #[test]
    fn script() {
        check_rewrite(
            "javascript",
            "template-literal",
            "const x = \"a\" + String(b) + 'c';\n",
            "const x = `a${String(b)}c`;\n",
        );
        check_rewrite(
            "typescript",
            "template-literal",
            "function f(a: string, b: number): string {\n  return a + \": \\\"`\" + b + \"$\" + a.length;\n}\n",
            "function f(a: string, b: number): string {\n  return `${a}: \"\\`${b}\\$${a.length}`;\n}\n",
        );
        let none = |source| check_none("typescript", "template-literal", source);
        none("const x = \"a\" + b;\n"); // may be an object with valueOf
        none("function f(a: Date) {\n  return \"a\" + a;\n}\n");
        none("function f(a: number, b: number) {\n  return a + b + \"x\";\n}\n");
        none("function f(a: number) {\n  {\n    const a = g();\n    return \"x\" + a;\n  }\n}\n");
        none("const x = \"a\" + /* why */ String(b);\n");
        none("const x = \"a\" + \"b\";\n");
    }
}
