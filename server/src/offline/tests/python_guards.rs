//! Guards of Python functions: conditions at the start of a body under which it returns or raises at once.

use super::facts::{Cond, Known, Op, Term};
use super::python_file::{Parameter, is_name};
use crate::context::tests_place::nodes::{self, child, children, field, text, visit};
use crate::syntax::Node;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    Value(String),
    Raises(String),
    Parameter(String),
}

pub(super) struct Guard {
    pub(super) cond: Cond,
    pub(super) outcome: Option<Outcome>,
}

/// Reads guards out of a body.
pub(super) struct Reader<'a, 'src> {
    pub(super) source: &'src str,
    pub(super) parameters: &'a [Parameter<'src>],
}

impl Reader<'_, '_> {
    pub(super) fn block(&self, body: Node<'_>) -> Vec<Guard> {
        let mut guards = Vec::new();
        for (at, statement) in children(body).into_iter().enumerate() {
            let documentation =
                at == 0 && statement.kind() == "expression_statement" && child(statement, "string").is_some();
            match statement.kind() {
                _ if documentation => {}
                "if_statement" => {
                    if !self.branch(statement, &mut guards) {
                        break;
                    }
                }
                "return_statement" | "raise_statement" => {
                    guards.push(Guard { cond: Cond::Always, outcome: self.leaves(statement).flatten() });
                    break;
                }
                "pass_statement" => {}
                _ => break,
            }
        }
        guards
    }

    pub(super) fn branch(&self, node: Node<'_>, guards: &mut Vec<Guard>) -> bool {
        let mut leaves = true;
        let mut add = |node: Node<'_>, cond: Cond, block: Option<Node<'_>>| {
            let _ = node;
            let statements = block.map(children).unwrap_or_default();
            let outcome = match statements.as_slice() {
                [one] => self.leaves(*one),
                [.., last] => self.leaves(*last).map(|_| None),
                [] => None,
            };
            leaves &= outcome.is_some();
            guards.push(Guard { cond, outcome: outcome.flatten() });
        };
        let cond = node.child_by_field_name("condition").map_or(Cond::Unknown, |cond| self.cond(cond));
        add(node, cond, node.child_by_field_name("consequence"));
        let mut cursor = node.walk();
        for other in node.children_by_field_name("alternative", &mut cursor) {
            if other.kind() == "elif_clause" {
                let cond = other.child_by_field_name("condition").map_or(Cond::Unknown, |cond| self.cond(cond));
                add(other, cond, other.child_by_field_name("consequence"));
            } else {
                add(other, Cond::Always, other.child_by_field_name("body"));
            }
        }
        leaves
    }

    /// What a statement that leaves the function returns; `None` when it goes on.
    pub(super) fn leaves(&self, statement: Node<'_>) -> Option<Option<Outcome>> {
        match statement.kind() {
            "return_statement" => Some(match children(statement).first() {
                None => Some(Outcome::Value("None".to_owned())),
                Some(value) if is_literal(*value) => Some(Outcome::Value(text(self.source, *value).to_owned())),
                Some(value) if value.kind() == "identifier" => {
                    let name = text(self.source, *value);
                    self.parameters.iter().any(|one| one.name == name).then(|| Outcome::Parameter(name.to_owned()))
                }
                Some(_) => None,
            }),
            "raise_statement" => {
                let first = children(statement).into_iter().next();
                let exception = first.map(|first| {
                    if first.kind() == "call" {
                        field(self.source, first, "function")
                    } else {
                        text(self.source, first)
                    }
                });
                // a message that looks into the values may fail itself
                let plain = first.and_then(|first| first.child_by_field_name("arguments")).is_none_or(|arguments| {
                    let mut plain = true;
                    visit(arguments, &mut |node| {
                        plain &= !matches!(
                            node.kind(),
                            "attribute" | "subscript" | "call" | "binary_operator" | "format_specifier"
                        );
                        plain
                    });
                    plain
                });
                Some(exception.filter(|name| plain && is_name(name)).map(|name| Outcome::Raises(name.to_owned())))
            }
            _ => None,
        }
    }

    pub(super) fn parameter(&self, node: Node<'_>) -> Option<String> {
        let name = text(self.source, node);
        (node.kind() == "identifier" && self.parameters.iter().any(|one| one.name == name)).then(|| name.to_owned())
    }

    pub(super) fn cond(&self, node: Node<'_>) -> Cond {
        let source = self.source;
        match node.kind() {
            "parenthesized_expression" => children(node).first().map_or(Cond::Unknown, |inner| self.cond(*inner)),
            "not_operator" => node
                .child_by_field_name("argument")
                .map_or(Cond::Unknown, |inner| Cond::Not(Box::new(self.cond(inner)))),
            "boolean_operator" => {
                let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right"))
                else {
                    return Cond::Unknown;
                };
                let both = vec![self.cond(left), self.cond(right)];
                if field(source, node, "operator") == "and" { Cond::All(both) } else { Cond::Any(both) }
            }
            "identifier" => self.parameter(node).map_or(Cond::Unknown, Cond::Truthy),
            "comparison_operator" => self.comparison(node).unwrap_or(Cond::Unknown),
            "call" => self.test(node).unwrap_or(Cond::Unknown),
            _ => Cond::Unknown,
        }
    }

    pub(super) fn comparison(&self, node: Node<'_>) -> Option<Cond> {
        let source = self.source;
        let operands = children(node);
        let [left, right] = operands.as_slice() else { return None };
        let operator =
            source.get(left.end_byte()..right.start_byte())?.split_whitespace().collect::<Vec<_>>().join(" ");
        if matches!(operator.as_str(), "in" | "not in") {
            let name = self.parameter(*left)?;
            if !matches!(right.kind(), "tuple" | "list" | "set") {
                return None;
            }
            let list: Vec<Known> = children(*right).into_iter().map(|one| self.literal(one)).collect::<Option<_>>()?;
            let cond = Cond::OneOf(name, list);
            return Some(if operator == "in" { cond } else { Cond::Not(Box::new(cond)) });
        }
        let op = Op::read(&operator)?;
        let (left, right) = (self.term(*left)?, self.term(*right)?);
        Some(match (&left, &right) {
            (Term::Param(name), Term::Value(Known::Null)) if op == Op::Eq => Cond::Null(name.clone()),
            (Term::Param(name), Term::Value(Known::Null)) if op == Op::Ne => {
                Cond::Not(Box::new(Cond::Null(name.clone())))
            }
            _ if operator.starts_with("is") => return None,
            _ => Cond::Compare(left, op, right),
        })
    }

    pub(super) fn term(&self, node: Node<'_>) -> Option<Term> {
        if let Some(name) = self.parameter(node) {
            return Some(Term::Param(name));
        }
        if node.kind() == "call" && field(self.source, node, "function") == "len" {
            let arguments = children(node.child_by_field_name("arguments")?);
            return arguments.first().and_then(|one| self.parameter(*one)).map(Term::Len);
        }
        self.literal(node).map(Term::Value)
    }

    pub(super) fn test(&self, node: Node<'_>) -> Option<Cond> {
        let source = self.source;
        let function = node.child_by_field_name("function")?;
        let arguments = children(node.child_by_field_name("arguments")?);
        if text(source, function) == "isinstance" {
            let [value, ty] = arguments.as_slice() else { return None };
            let ty = text(source, *ty);
            return Some(Cond::Instance(self.parameter(*value)?, ty.to_owned())).filter(|_| !ty.contains("object"));
        }
        if function.kind() == "attribute" {
            let name = self.parameter(function.child_by_field_name("object")?)?;
            let Known::Str(literal) = self.literal(*arguments.first()?)? else { return None };
            let text_like = self.parameters.iter().any(|one| one.name == name && one.annotation == "str");
            return match field(source, function, "attribute") {
                "startswith" if text_like => Some(Cond::StartsWith(name, literal)),
                "endswith" if text_like => Some(Cond::EndsWith(name, literal)),
                _ => None,
            };
        }
        None
    }

    pub(super) fn literal(&self, node: Node<'_>) -> Option<Known> {
        let written = text(self.source, node);
        match node.kind() {
            "integer" => written.replace('_', "").parse().ok().map(Known::Int),
            "float" => written.parse().ok().map(Known::Float),
            "true" => Some(Known::Bool(true)),
            "false" => Some(Known::Bool(false)),
            "none" => Some(Known::Null),
            "string" => {
                let quote = written.chars().next().filter(|c| matches!(c, '"' | '\''))?;
                let inner = written.strip_prefix(quote)?.strip_suffix(quote)?;
                (!inner.contains(['\\', '"', '\'', '\n'])).then(|| Known::Str(inner.to_owned()))
            }
            "unary_operator" => match self.literal(node.child_by_field_name("argument")?)? {
                Known::Int(value) if written.starts_with('-') => Some(Known::Int(-value)),
                Known::Float(value) if written.starts_with('-') => Some(Known::Float(-value)),
                _ => None,
            },
            _ => None,
        }
    }
}

/// True for an expression that is the same everywhere.
pub(super) fn is_literal(node: Node<'_>) -> bool {
    match node.kind() {
        "integer" | "float" | "true" | "false" | "none" => true,
        "string" => nodes::child(node, "interpolation").is_none(),
        "concatenated_string"
        | "list"
        | "tuple"
        | "set"
        | "dictionary"
        | "pair"
        | "parenthesized_expression"
        | "unary_operator" => children(node).into_iter().all(is_literal),
        _ => false,
    }
}
