//! The condition itself instead of `true` and `false`.
//!
//! ```text
//! if a == b {
//!     true                a == b
//! } else {        →
//!     false
//! }
//! ```
//!
//! The same of `return True`, of `x ? true : false`, and of Rust's `if let`, which becomes `matches!`. Where values of
//! another type pass as conditions, only what is surely boolean is returned.

use super::guard_clause::Place;
use super::logic::{If, has_let, has_plain_head, negated, surely_boolean};
use super::moves::is_plain;
use super::site::{Family, Site, has_comment, only_part, parts, without_parentheses};
use super::temporaries::{holds_guard, makes_temporary};
use super::{Found, Rule};
use crate::syntax::Node;
use crate::text::{Edit, Span};

pub(super) const RULE: Rule = Rule {
    name: "return-condition",
    description: "Use a condition as the value instead of `true` and `false` chosen by it",
    families: Family::EVERY,
    kinds: &["if_expression", "if_statement", "ternary_expression", "conditional_expression"],
    find,
};

fn find(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    let found = match node.kind() {
        "ternary_expression" => {
            let condition = node.child_by_field_name("condition")?;
            let value =
                truth(site, node.child_by_field_name("consequence")?, node.child_by_field_name("alternative")?)?;
            replace(site, node, condition, value, Wrapping::Operand)
        }
        "conditional_expression" => {
            let [first, condition, second] = parts(node)[..] else { return None };
            replace(site, node, condition, truth(site, first, second)?, Wrapping::Operand)
        }
        _ => statement(site, node),
    };
    found.filter(|_| !has_comment(node))
}

/// What is written around the condition.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrapping<'a> {
    /// Nothing, but parentheses where its surroundings bind tighter.
    Operand,
    /// Nothing.
    Plain,
    /// `return` and an end.
    Return(&'a str),
}

fn statement(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    let branches = If::of(site, node)?;
    if branches.elif.is_some() || !has_plain_head(node, branches.consequence) || is_else_if(site) {
        return None;
    }
    let first = Outcome::of(site, branches.consequence)?;
    let Some(other) = branches.alternative else {
        return followed_by_return(site, node, &branches, &first);
    };
    let second = Outcome::of(site, other)?;
    if first.returns != second.returns || first.value == second.value {
        return None;
    }
    if first.returns {
        Place::of(site, node)?;
        let end = if site.family == Family::Python || !first.semicolon { "" } else { ";" };
        return replace(site, node, branches.condition, first.value, Wrapping::Return(end));
    }
    // a value: only Rust has those
    let parent = site.above(0)?;
    let tail = Place::of(site, node);
    let fits = match &tail {
        Some(place) => place.last,
        None => matches!(
            parent.kind(),
            "let_declaration"
                | "arguments"
                | "return_expression"
                | "match_arm"
                | "closure_expression"
                | "field_initializer"
                | "assignment_expression"
        ),
    };
    if !fits || (tail.is_some() && makes_temporary(site, branches.condition)) {
        return None;
    }
    replace(site, node, branches.condition, first.value, Wrapping::Plain)
}

/// `if c { return true; }` and `return false;` right after it.
fn followed_by_return(site: &Site<'_>, node: Node<'_>, branches: &If<'_>, first: &Outcome) -> Option<Found> {
    let place = Place::of(site, node)?;
    if has_let(branches.condition) {
        return None;
    }
    let mut cursor = place.block.walk();
    let next = place.block.named_children(&mut cursor).find(|child| child.start_byte() >= node.end_byte())?;
    let value = match next.kind() {
        "boolean_literal" => Outcome { value: site.text(next) == "true", returns: false, semicolon: false },
        _ => Outcome::of_statement(site, next)?,
    };
    let blank_between = site.between(node.end_byte(), next.start_byte()).trim().is_empty();
    let last = parts(place.block).last() == Some(&next);
    if !first.returns
        || value.value == first.value
        || !blank_between
        || !last
        || (site.family == Family::Rust && !value.returns && makes_temporary(site, branches.condition))
    {
        return None;
    }
    let span = Span::new(node.start_byte(), next.end_byte());
    let text = condition_text(site, branches.condition, first.value)?;
    let (before, end) = match (value.returns, value.semicolon) {
        (true, true) => ("return ", ";"),
        (true, false) => ("return ", ""),
        (false, _) => ("", ""),
    };
    Some(Found::new("Return the condition itself", vec![Edit::new(span, format!("{before}{text}{end}"))]))
}

fn replace(site: &Site<'_>, node: Node<'_>, condition: Node<'_>, value: bool, wrapping: Wrapping<'_>) -> Option<Found> {
    if !is_plain(condition) {
        return None;
    }
    let mut text = condition_text(site, condition, value)?;
    let title = match wrapping {
        Wrapping::Return(end) => {
            text = format!("return {text}{end}");
            "Return the condition itself"
        }
        Wrapping::Operand => {
            let parent = site.above(0)?.kind();
            let loose = matches!(
                parent,
                "return_statement"
                    | "variable_declarator"
                    | "assignment"
                    | "assignment_expression"
                    | "arguments"
                    | "argument_list"
                    | "parenthesized_expression"
                    | "pair"
                    | "keyword_argument"
                    | "arrow_function"
                    | "lambda"
                    | "list"
                    | "array"
                    | "template_substitution"
                    | "jsx_expression"
                    | "expression_statement"
            );
            if !loose {
                text = format!("({text})");
            }
            "Use the condition itself"
        }
        Wrapping::Plain => "Use the condition itself",
    };
    Some(Found::new(title, vec![Edit::new(node.byte_range().into(), text)]))
}

/// The condition, or its negation, as a value.
fn condition_text(site: &Site<'_>, condition: Node<'_>, value: bool) -> Option<String> {
    if condition.kind() == "let_condition" {
        let (pattern, scrutinee) = (condition.child_by_field_name("pattern")?, condition.child_by_field_name("value")?);
        let not = if value { "" } else { "!" };
        return (!holds_guard(site, scrutinee))
            .then(|| format!("{not}matches!({}, {})", site.text(scrutinee), site.text(pattern)));
    }
    if has_let(condition) || !is_plain(condition) {
        return None;
    }
    if value {
        surely_boolean(site, condition).then(|| site.text(without_parentheses(condition)).into_owned())
    } else {
        let bare = without_parentheses(condition);
        let inner = super::logic::under_not(bare);
        // the negation of anything is boolean; what a negation is lost from must be it already
        let fine = inner.is_none_or(|inner| surely_boolean(site, inner))
            && (surely_boolean(site, bare)
                || !matches!(bare.kind(), "boolean_operator" | "binary_expression" | "comparison_operator"));
        fine.then(|| negated(site, condition)).flatten()
    }
}

/// What a branch comes to.
struct Outcome {
    value: bool,
    returns: bool,
    semicolon: bool,
}

impl Outcome {
    fn of(site: &Site<'_>, branch: Node<'_>) -> Option<Self> {
        let statement = if matches!(branch.kind(), "block" | "statement_block") { only_part(branch)? } else { branch };
        if statement.kind() == "boolean_literal" {
            return Some(Self { value: site.text(statement) == "true", returns: false, semicolon: false });
        }
        Self::of_statement(site, statement)
    }

    fn of_statement(site: &Site<'_>, statement: Node<'_>) -> Option<Self> {
        let semicolon = site.text(statement).ends_with(';');
        let inner = if statement.kind() == "expression_statement" { only_part(statement)? } else { statement };
        if !matches!(inner.kind(), "return_statement" | "return_expression") {
            return None;
        }
        Some(Self { value: boolean(site, only_part(inner)?)?, returns: true, semicolon })
    }
}

fn boolean(site: &Site<'_>, node: Node<'_>) -> Option<bool> {
    match &*site.text(node) {
        "true" | "True" => Some(true),
        "false" | "False" => Some(false),
        _ => None,
    }
}

/// The value for a condition that holds, when the other is its opposite.
fn truth(site: &Site<'_>, first: Node<'_>, second: Node<'_>) -> Option<bool> {
    let (first, second) = (boolean(site, first)?, boolean(site, second)?);
    (first != second).then_some(first)
}

fn is_else_if(site: &Site<'_>) -> bool {
    site.above(0).is_some_and(|parent| parent.kind() == "else_clause")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_none, check_rewrite};

    #[test]
    fn rust() {
        check_rewrite(
            "rust",
            "return-condition",
            "fn f() -> bool {\n    if a == b {\n        true\n    } else {\n        false\n    }\n}\n",
            "fn f() -> bool {\n    a == b\n}\n",
        );
        check_rewrite(
            "rust",
            "return-condition",
            "fn f() {\n    let x = if a && b.c() { false } else { true };\n}\n",
            "fn f() {\n    let x = !a || !b.c();\n}\n",
        );
        check_rewrite(
            "rust",
            "return-condition",
            "fn f() -> bool {\n    if a < b {\n        return true;\n    }\n    false\n}\n",
            "fn f() -> bool {\n    a < b\n}\n",
        );
        check_rewrite(
            "rust",
            "return-condition",
            "fn f() -> bool {\n    if let Some(X::Y | X::Z) = a {\n        true\n    } else {\n        false\n    }\n}\n",
            "fn f() -> bool {\n    matches!(a, Some(X::Y | X::Z))\n}\n",
        );
        check_none(
            "rust",
            "return-condition",
            "fn f() -> bool {\n    if a.borrow().b {\n        true\n    } else {\n        false\n    }\n}\n",
        );
        check_none(
            "rust",
            "return-condition",
            "fn f() -> bool {\n    if a {\n        true // why\n    } else {\n        false\n    }\n}\n",
        );
        check_none("rust", "return-condition", "fn f() {\n    x == if a { true } else { false };\n}\n");
    }

    #[test]
    fn python() {
        check_rewrite(
            "python",
            "return-condition",
            "def f():\n    if a in b:\n        return True\n    else:\n        return False\n",
            "def f():\n    return a in b\n",
        );
        check_rewrite(
            "python",
            "return-condition",
            "def f():\n    if a:\n        return False\n    return True\n",
            "def f():\n    return not a\n",
        );
        check_rewrite("python", "return-condition", "x = True if a is None else False\n", "x = a is None\n");
        check_rewrite("python", "return-condition", "x = False if len(a) > 3 else True\n", "x = len(a) <= 3\n");
        check_none("python", "return-condition", "def f():\n    if a:\n        return True\n    return False\n");
        check_none("python", "return-condition", "def f():\n    if a == b:\n        return True\n    return False\n");
        check_none("python", "return-condition", "def f():\n    if not a:\n        return False\n    return True\n");
        check_none(
            "python",
            "return-condition",
            "def f():\n    if a is b:\n        return True\n    # why\n    return False\n",
        );
    }

    #[test]
    fn script() {
        check_rewrite(
            "typescript",
            "return-condition",
            "function f() {\n  if (a === b) {\n    return true;\n  } else {\n    return false;\n  }\n}\n",
            "function f() {\n  return a === b;\n}\n",
        );
        check_rewrite(
            "javascript",
            "return-condition",
            "function f() {\n  if (a) return false\n  return true\n}\n",
            "function f() {\n  return !a\n}\n",
        );
        check_rewrite(
            "tsx",
            "return-condition",
            "const x = <A b={c > d ? true : false} />;\n",
            "const x = <A b={c > d} />;\n",
        );
        check_none("typescript", "return-condition", "const x = a ? true : false;\n");
        check_none(
            "typescript",
            "return-condition",
            "function f() {\n  if (a && b) {\n    return true;\n  }\n  return false;\n}\n",
        );
    }
}
