//! Conditions: their negation, their place beside `&&`, and whether they are surely boolean.

use super::site::{Family, Site, children, parts, token, without_parentheses};
use crate::syntax::Node;

/// An `if` with its parts, in any language.
pub(super) struct If<'t> {
    /// The condition without the parentheses that the grammar asks for.
    pub(super) condition: Node<'t>,
    pub(super) consequence: Node<'t>,
    /// What stands after `else`: a block, a statement or the next `if`. Python's `elif` clauses are `None` here.
    pub(super) alternative: Option<Node<'t>>,
    /// The clause that holds it.
    pub(super) clause: Option<Node<'t>>,
    /// Python: there are `elif` clauses.
    pub(super) elif: Option<Node<'t>>,
}

impl<'t> If<'t> {
    pub(super) fn of(site: &Site<'_>, node: Node<'t>) -> Option<Self> {
        let condition = node.child_by_field_name("condition")?;
        let condition = if site.family == Family::Script { super::site::only_part(condition)? } else { condition };
        let consequence = node.child_by_field_name("consequence")?;
        let mut cursor = node.walk();
        let clauses: Vec<Node<'t>> = node.children_by_field_name("alternative", &mut cursor).collect();
        let elif = clauses.iter().find(|clause| clause.kind() == "elif_clause").copied();
        let clause = clauses.iter().find(|clause| clause.kind() == "else_clause").copied();
        let alternative = clause.and_then(|clause| parts(clause).last().copied());
        Some(Self { condition, consequence, alternative, clause, elif })
    }

    pub(super) const fn has_else(&self) -> bool {
        self.clause.is_some() || self.elif.is_some()
    }
}

/// True when `node` is or holds Rust's `let` condition, which has no negation.
pub(super) fn has_let(node: Node<'_>) -> bool {
    matches!(node.kind(), "let_condition" | "let_chain")
        || (node.kind() == "binary_expression" && super::site::has(node, |kind| kind == "let_condition"))
}

/// The condition that holds exactly when `node` does not, to stand alone in an `if`.
pub(super) fn negated(site: &Site<'_>, node: Node<'_>) -> Option<String> {
    if has_let(node) {
        return None;
    }
    let bare = without_parentheses(node);
    // in the head of an `if` Rust reads `S {` as the start of the body
    if site.family == Family::Rust && super::site::has(bare, |kind| kind == "struct_expression") {
        return Some(format!("!({})", site.text(bare)));
    }
    if let Some(inner) = under_not(bare) {
        return Some(site.text(without_parentheses(inner)).into_owned());
    }
    if let Some(text) = simple_negation(site, bare).or_else(|| de_morgan(site, bare)) {
        return Some(text);
    }
    let text = site.text(bare);
    Some(if site.family == Family::Python { format!("not ({text})") } else { format!("!({text})") })
}

/// The operand of a `!` or `not`.
pub(super) fn under_not(node: Node<'_>) -> Option<Node<'_>> {
    match node.kind() {
        "not_operator" => node.child_by_field_name("argument"),
        "unary_expression" => {
            token(node, "!")?;
            parts(node).last().copied()
        }
        _ => None,
    }
}

/// The negation where it can be told without parentheses.
fn simple_negation(site: &Site<'_>, node: Node<'_>) -> Option<String> {
    if let Some(inner) = under_not(node) {
        return binds_tightly(site.family, inner).then(|| site.text(inner).into_owned());
    }
    match node.kind() {
        "boolean_literal" | "true" | "false" => {
            return match &*site.text(node) {
                "true" => Some("false".into()),
                "false" => Some("true".into()),
                "True" => Some("False".into()),
                "False" => Some("True".into()),
                _ => None,
            };
        }
        "binary_expression" | "comparison_operator" => {
            if let Some((left, operator, right)) = comparison(site, node)
                && let Some(opposite) = opposite(site, left, &operator, right)
            {
                return Some(format!("{} {opposite} {}", site.text(left), site.text(right)));
            }
        }
        _ => {}
    }
    if site.family == Family::Rust
        && let Some(opposite) = opposite_call(site, node)
    {
        return Some(opposite);
    }
    if site.family == Family::Python {
        let loose = matches!(
            node.kind(),
            "boolean_operator" | "conditional_expression" | "lambda" | "named_expression" | "parenthesized_expression"
        );
        return (!loose).then(|| format!("not {}", site.text(node)));
    }
    binds_tightly(site.family, node).then(|| format!("!{}", site.text(node)))
}

/// The operands and the operator of a comparison that is no chain.
pub(super) fn comparison<'t>(site: &Site<'_>, node: Node<'t>) -> Option<(Node<'t>, String, Node<'t>)> {
    match node.kind() {
        "comparison_operator" => {
            let mut cursor = node.walk();
            let operators: Vec<Node<'_>> = node.children_by_field_name("operators", &mut cursor).collect();
            let ([operator], [left, right]) = (&operators[..], &parts_without(node, &operators)[..]) else {
                return None;
            };
            Some((*left, site.text(*operator).split_whitespace().collect::<Vec<_>>().join(" "), *right))
        }
        "binary_expression" => Some((
            node.child_by_field_name("left")?,
            site.text(node.child_by_field_name("operator")?).into_owned(),
            node.child_by_field_name("right")?,
        )),
        _ => None,
    }
}

fn parts_without<'t>(node: Node<'t>, others: &[Node<'t>]) -> Vec<Node<'t>> {
    parts(node).into_iter().filter(|part| !others.contains(part)).collect()
}

/// The operator that holds when `operator` does not. Orders have none, for a NaN is neither less nor not less; beside
/// one of Rust's integer literals, and between a length and a number, the order is total.
fn opposite(site: &Site<'_>, left: Node<'_>, operator: &str, right: Node<'_>) -> Option<&'static str> {
    let total = match site.family {
        Family::Rust => [left, right].iter().any(|side| side.kind() == "integer_literal"),
        Family::Python => is_length(site, left) && right.kind() == "integer",
        Family::Script => false,
    };
    Some(match operator {
        "==" => "!=",
        "!=" => "==",
        "===" => "!==",
        "!==" => "===",
        "in" if site.family == Family::Python => "not in",
        "not in" => "in",
        "is" => "is not",
        "is not" => "is",
        "<" if total => ">=",
        ">=" if total => "<",
        ">" if total => "<=",
        "<=" if total => ">",
        _ => return None,
    })
}

/// `x.is_none()` for `x.is_some()` and the like.
fn opposite_call(site: &Site<'_>, node: Node<'_>) -> Option<String> {
    if node.kind() != "call_expression" || !parts(node.child_by_field_name("arguments")?).is_empty() {
        return None;
    }
    let function = node.child_by_field_name("function").filter(|function| function.kind() == "field_expression")?;
    let field = function.child_by_field_name("field")?;
    let opposite = match &*site.text(field) {
        "is_some" => "is_none",
        "is_none" => "is_some",
        "is_ok" => "is_err",
        "is_err" => "is_ok",
        _ => return None,
    };
    Some(format!("{}{opposite}()", site.between(node.start_byte(), field.start_byte())))
}

/// `!a || !b` for `a && b` and the reverse, for two or three operands that are simple to negate.
fn de_morgan(site: &Site<'_>, node: Node<'_>) -> Option<String> {
    let operator = logical_operator(site, node)?;
    let mut operands = Vec::new();
    flatten(site, node, &operator, &mut operands);
    if operands.len() > 3 {
        return None;
    }
    let negated: Vec<String> =
        operands.into_iter().map(|operand| simple_negation(site, operand)).collect::<Option<_>>()?;
    let opposite = match operator.as_str() {
        "&&" => " || ",
        "||" => " && ",
        "and" => " or ",
        "or" => " and ",
        _ => return None,
    };
    Some(negated.join(opposite))
}

/// The operator of a conjunction or disjunction.
fn logical_operator(site: &Site<'_>, node: Node<'_>) -> Option<String> {
    matches!(node.kind(), "binary_expression" | "boolean_operator").then_some(())?;
    let operator = site.text(node.child_by_field_name("operator")?).into_owned();
    matches!(operator.as_str(), "&&" | "||" | "and" | "or").then_some(operator)
}

fn flatten<'t>(site: &Site<'_>, node: Node<'t>, operator: &str, operands: &mut Vec<Node<'t>>) {
    if logical_operator(site, node).as_deref() == Some(operator)
        && let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right"))
    {
        flatten(site, left, operator, operands);
        flatten(site, right, operator, operands);
    } else {
        operands.push(node);
    }
}

/// True when a prefix operator, a dot or `?` may be put at `node` without parentheses.
pub(super) fn binds_tightly(family: Family, node: Node<'_>) -> bool {
    let kind = node.kind();
    match family {
        Family::Rust => {
            matches!(
                kind,
                "identifier"
                    | "self"
                    | "field_expression"
                    | "call_expression"
                    | "macro_invocation"
                    | "index_expression"
                    | "boolean_literal"
                    | "await_expression"
                    | "try_expression"
                    | "scoped_identifier"
                    | "parenthesized_expression"
            )
        }
        Family::Script => matches!(
            kind,
            "identifier"
                | "member_expression"
                | "subscript_expression"
                | "call_expression"
                | "this"
                | "true"
                | "false"
                | "null"
                | "undefined"
                | "number"
                | "string"
                | "template_string"
                | "parenthesized_expression"
                | "non_null_expression"
        ),
        Family::Python => matches!(
            kind,
            "identifier"
                | "attribute"
                | "subscript"
                | "call"
                | "true"
                | "false"
                | "none"
                | "integer"
                | "float"
                | "string"
                | "comparison_operator"
                | "parenthesized_expression"
        ),
    }
}

/// The text of `node` as an operand of `&&` or `and`.
pub(super) fn and_operand(site: &Site<'_>, node: Node<'_>) -> String {
    let text = site.text(node);
    let binary = matches!(node.kind(), "binary_expression" | "boolean_operator");
    let loose = binary
        && node
            .child_by_field_name("operator")
            .is_none_or(|operator| matches!(&*site.text(operator), "||" | "??" | "or" | ".." | "..="));
    let plain = binds_tightly(site.family, node)
        || matches!(node.kind(), "unary_expression" | "not_operator" | "await_expression" | "await")
        || (binary && !loose);
    if plain { text.into_owned() } else { format!("({text})") }
}

/// True when the value of `node` is a boolean, whatever its parts are.
pub(super) fn surely_boolean(site: &Site<'_>, node: Node<'_>) -> bool {
    let node = without_parentheses(node);
    if site.family == Family::Rust || under_not(node).is_some() {
        return true; // a Rust condition is `bool` or does not compile
    }
    match node.kind() {
        "true" | "false" => true,
        "binary_expression" => match comparison(site, node) {
            Some((left, operator, right)) => match operator.as_str() {
                "&&" | "||" => surely_boolean(site, left) && surely_boolean(site, right),
                "===" | "!==" | "==" | "!=" | "<" | ">" | "<=" | ">=" | "in" | "instanceof" => true,
                _ => false,
            },
            None => false,
        },
        "boolean_operator" => parts(node).into_iter().all(|side| surely_boolean(site, side)),
        // `==` and `<` may be overloaded and return anything; not so `in` and `is`, nor the comparison with a literal
        "comparison_operator" => comparison(site, node).is_some_and(|(left, operator, right)| {
            matches!(operator.as_str(), "in" | "not in" | "is" | "is not")
                || [left, right].iter().any(|side| is_basic_literal(site, *side))
        }),
        _ => false,
    }
}

fn is_basic_literal(site: &Site<'_>, node: Node<'_>) -> bool {
    match node.kind() {
        "integer" | "float" | "string" => true,
        _ => is_length(site, node),
    }
}

/// True for Python's `len(…)`, which is always a whole number.
fn is_length(site: &Site<'_>, node: Node<'_>) -> bool {
    node.kind() == "call" && node.child_by_field_name("function").is_some_and(|function| site.text(function) == "len")
}

/// True when what stands before `body` in `node` is on one line and holds no comment; one on a line of its own below it,
/// as Python has it, belongs to the body.
pub(super) fn has_plain_head(node: Node<'_>, body: Node<'_>) -> bool {
    let row = node.start_position().row;
    children(node).iter().filter(|child| child.start_byte() < body.start_byte()).all(|child| {
        let below = child.start_position().row > row && body.start_position().row > row;
        if super::site::is_comment(child.kind()) { below } else { child.end_position().row == row }
    }) && !children(node).iter().any(|child| {
        child.end_byte() <= body.start_byte()
            && !super::site::is_comment(child.kind())
            && super::site::has_comment(*child)
    })
}
