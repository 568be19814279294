//! An arrow function instead of a function expression.
//!
//! ```text
//! xs.map(function (x) {               xs.map((x) => {
//!     return x + 1;           →           return x + 1;
//! });                                 });
//! ```
//!
//! Only what has no `this` or `arguments` of its own, and goes where nobody calls it with `new`.

use super::site::{Family, Site, any_under, children, is_comment, parts, token};
use super::{Found, Rule};
use crate::syntax::Node;
use crate::text::{Edit, Span};

pub(super) const RULE: Rule = Rule {
    name: "arrow-function",
    description: "Use an arrow function instead of a function expression without `this`",
    families: &[Family::Script],
    kinds: &["function_expression"],
    find,
};

/// Built-in functions that call what they are given, and never as a constructor.
const CALLERS: [&str; 22] = [
    "addEventListener",
    "catch",
    "every",
    "filter",
    "finally",
    "find",
    "findIndex",
    "findLast",
    "flatMap",
    "forEach",
    "map",
    "queueMicrotask",
    "reduce",
    "reduceRight",
    "replace",
    "requestAnimationFrame",
    "setImmediate",
    "setInterval",
    "setTimeout",
    "some",
    "sort",
    "then",
];

fn find(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    let keyword = token(node, "function")?;
    let parameters = node.child_by_field_name("parameters")?;
    let body = node.child_by_field_name("body")?;
    let commented = children(node).iter().any(|child| is_comment(child.kind()));
    if node.child_by_field_name("name").is_some()
        || node.child_by_field_name("type_parameters").is_some()
        || commented
        || !super::site::on_one_line_between(site, Span::new(keyword.start_byte(), body.start_byte()))
        || has_own_names(site, node)
        || repeats_a_name(site, parameters)
        || !is_only_called(site, node)
    {
        return None;
    }
    let before_body = node.child_by_field_name("return_type").unwrap_or(parameters).end_byte();
    let edits = vec![
        Edit::new(Span::new(keyword.start_byte(), parameters.start_byte()), ""),
        Edit::new(Span::new(before_body, body.start_byte()), " => "),
    ];
    Some(Found::new("Use an arrow function", edits))
}

/// True when the function uses what an arrow function takes from around it.
fn has_own_names(site: &Site<'_>, function: Node<'_>) -> bool {
    let own = |node: Node<'_>| {
        node != function
            && matches!(
                node.kind(),
                "function_expression"
                    | "function_declaration"
                    | "generator_function"
                    | "generator_function_declaration"
                    | "method_definition"
                    | "class_static_block"
            )
    };
    any_under(function, &own, &|node| match node.kind() {
        "this" | "super" | "meta_property" | "with_statement" => true,
        "identifier" | "shorthand_property_identifier" => matches!(&*site.text(node), "arguments" | "eval" | "this"),
        // `new.target`
        "new" => node.next_sibling().is_some_and(|next| next.kind() == "."),
        _ => false,
    })
}

/// Arrow functions may not name two parameters alike.
fn repeats_a_name(site: &Site<'_>, parameters: Node<'_>) -> bool {
    let names: Vec<_> = parts(parameters).into_iter().map(|part| site.text(part)).collect();
    names.iter().enumerate().any(|(at, name)| names.iter().skip(at + 1).any(|other| other == name))
}

fn is_only_called(site: &Site<'_>, node: Node<'_>) -> bool {
    let Some(parent) = site.above(0) else { return false };
    match parent.kind() {
        "arguments" => site.above(1).filter(|call| call.kind() == "call_expression").is_some_and(|call| {
            call.child_by_field_name("function").is_some_and(|function| {
                let name = function.child_by_field_name("property").unwrap_or(function);
                matches!(name.kind(), "identifier" | "property_identifier") && CALLERS.contains(&&*site.text(name))
            })
        }),
        "variable_declarator" => {
            let name = parent.child_by_field_name("name").filter(|name| name.kind() == "identifier");
            let declaration = site.above(1).filter(|declaration| site.text(*declaration).starts_with("const"));
            let block = site.above(2).filter(|block| block.kind() == "statement_block");
            let (Some(name), Some(_), Some(block)) = (name, declaration, block) else { return false };
            parent.child_by_field_name("value") == Some(node) && all_uses_call(site, block, name)
        }
        _ => false,
    }
}

/// True when every other use of `name` in `block` calls it.
fn all_uses_call(site: &Site<'_>, block: Node<'_>, name: Node<'_>) -> bool {
    let wanted = site.text(name);
    !any_under(block, &|_| false, &|node| {
        if !super::scopes::is_name(node.kind()) || node == name || site.text(node) != wanted {
            return false;
        }
        // the token after a called name is its argument list
        !(node.kind() == "identifier" && is_called(node))
    })
}

fn is_called(node: Node<'_>) -> bool {
    node.parent().is_some_and(|parent| {
        parent.kind() == "call_expression" && parent.child_by_field_name("function") == Some(node)
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_none, check_rewrite};

    #[test]
    fn script() {
        check_rewrite(
            "javascript",
            "arrow-function",
            "xs.map(function (x) {\n  return x + 1;\n});\n",
            "xs.map((x) => {\n  return x + 1;\n});\n",
        );
        check_rewrite(
            "typescript",
            "arrow-function",
            "function g() {\n  const f = async function(x: number): Promise<number> {\n    return x;\n  };\n  return f(1);\n}\n",
            "function g() {\n  const f = async (x: number): Promise<number> => {\n    return x;\n  };\n  return f(1);\n}\n",
        );
        let none = |source| check_none("typescript", "arrow-function", source);
        none("xs.map(function (x) {\n  return this.a;\n});\n");
        none("xs.map(function (x) {\n  return () => arguments[0];\n});\n");
        none("xs.map(function f(x) {\n  return f;\n});\n");
        none("xs.map(function* (x) {});\n");
        none("mock.mockImplementation(function () {\n  return a;\n});\n");
        none("function g() {\n  const F = function () {};\n  return new F();\n}\n");
        none("const f = function () {};\n"); // others may use it
    }
}
