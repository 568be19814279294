//! Guards of Rust functions: conditions at the start of a body under which it returns or panics at once.

use super::facts::{Cond, Known, Op, Term};
use super::rust::{Callee, Writer};
use super::rust_values::{Ty, is_number};
use crate::context::tests_place::nodes::{all_children, child, children, field, parse, text, visit};
use crate::syntax::Node;

/// What a guard leads to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// An expression made of literals.
    Value(String),
    Err,
    None,
    Panics,
}

pub(super) struct Guard {
    pub(super) cond: Cond,
    pub(super) outcome: Option<Outcome>,
}

/// Reads guards out of a body.
pub(super) struct Reader<'a, 'b, 'src, 'tree> {
    pub(super) writer: &'a Writer<'b, 'src, 'tree>,
    pub(super) callee: &'a Callee,
}

impl Reader<'_, '_, '_, '_> {
    pub(super) fn src(&self) -> &str {
        self.writer.src()
    }

    pub(super) fn block(&self, body: Node<'_>, guards: &mut Vec<Guard>, whole: bool) {
        let statements = children(body);
        let count = statements.len();
        for (at, statement) in statements.into_iter().enumerate() {
            let expression = if statement.kind() == "expression_statement" {
                match children(statement).first() {
                    Some(first) => *first,
                    None => return,
                }
            } else {
                statement
            };
            let closed = text(self.src(), statement).ends_with(';');
            let last = at + 1 == count && !closed && whole;
            match expression.kind() {
                "if_expression" => {
                    if !self.branch(expression, guards, last) {
                        return;
                    }
                }
                "macro_invocation" if !last => {
                    if !self.assertion(expression, guards) {
                        return;
                    }
                }
                "let_declaration" => {
                    if !self.let_else(expression, guards) {
                        return;
                    }
                }
                "match_expression" if last => {
                    self.arms(expression, guards);
                    return;
                }
                _ if last => {
                    guards.push(Guard { cond: Cond::Always, outcome: self.outcome(expression) });
                    self.truth(expression, guards);
                    return;
                }
                "return_expression" => {
                    let value = children(expression).into_iter().next();
                    guards.push(Guard { cond: Cond::Always, outcome: value.and_then(|value| self.outcome(value)) });
                    return;
                }
                _ => return,
            }
        }
    }

    /// `if … { return … }`; false when what follows can't be told any more.
    pub(super) fn branch(&self, node: Node<'_>, guards: &mut Vec<Guard>, last: bool) -> bool {
        let Some(condition) = node.child_by_field_name("condition") else { return false };
        let Some(then) = node.child_by_field_name("consequence") else { return false };
        let cond = self.cond(condition);
        let outcome = self.leaves(then, last);
        let leaves = outcome.is_some();
        guards.push(Guard { cond, outcome: outcome.flatten() });
        let other = node.child_by_field_name("alternative").and_then(|other| children(other).into_iter().next());
        match other {
            // a branch that does not leave may change anything
            None => leaves,
            Some(other) if other.kind() == "if_expression" => self.branch(other, guards, last) && leaves,
            Some(other) => {
                if let Some(outcome) = self.leaves(other, last) {
                    guards.push(Guard { cond: Cond::Always, outcome });
                }
                false
            }
        }
    }

    /// What a block that leaves the function returns; `None` when it goes on.
    pub(super) fn leaves(&self, block: Node<'_>, last: bool) -> Option<Option<Outcome>> {
        let statements = children(block);
        let end = *statements.last()?;
        let expression = if end.kind() == "expression_statement" { children(end).into_iter().next()? } else { end };
        let alone = statements.len() == 1;
        match expression.kind() {
            "return_expression" => {
                let value = children(expression).into_iter().next();
                Some(value.filter(|_| alone).and_then(|value| self.outcome(value)))
            }
            "macro_invocation"
                if matches!(
                    field(self.src(), expression, "macro"),
                    "panic" | "unreachable" | "unimplemented" | "todo"
                ) =>
            {
                Some(alone.then_some(Outcome::Panics))
            }
            _ if last && !text(self.src(), end).ends_with(';') => Some(self.outcome(expression).filter(|_| alone)),
            _ => None,
        }
    }

    /// `assert!(…)` as a guard that panics.
    pub(super) fn assertion(&self, node: Node<'_>, guards: &mut Vec<Guard>) -> bool {
        let source = self.src();
        if field(source, node, "macro") != "assert" {
            return false;
        }
        let Some(tokens) = child(node, "token_tree") else { return false };
        let inner = text(source, tokens).trim_start_matches(['(', '[', '{']).trim_end_matches([')', ']', '}']);
        let condition = top_level_comma(inner);
        let cond = parsed(condition, |source, node| self.cond_in(source, node));
        guards.push(Guard { cond: Cond::Not(Box::new(cond.unwrap_or(Cond::Unknown))), outcome: Some(Outcome::Panics) });
        true
    }

    /// `let Some(x) = p else { return … }`
    pub(super) fn let_else(&self, node: Node<'_>, guards: &mut Vec<Guard>) -> bool {
        let source = self.src();
        let pattern = field(source, node, "pattern");
        let (Some(value), Some(other)) = (node.child_by_field_name("value"), node.child_by_field_name("alternative"))
        else {
            return false;
        };
        let Some(name) = self.parameter(source, value) else { return false };
        if !pattern.starts_with("Some(") {
            return false;
        }
        // a name that the pattern takes over is no longer the parameter
        let bound = pattern.trim_start_matches("Some(").trim_end_matches(')').trim();
        let outcome = self.leaves(other, false).flatten();
        guards.push(Guard { cond: Cond::Null(name.clone()), outcome });
        bound != name && self.callee.parameters.iter().all(|one| one.name != bound)
    }

    /// Arms of a `match` that is the whole rest of the body.
    pub(super) fn arms(&self, node: Node<'_>, guards: &mut Vec<Guard>) {
        let source = self.src();
        let Some(name) = node.child_by_field_name("value").and_then(|value| self.parameter(source, value)) else {
            return;
        };
        let Some(body) = node.child_by_field_name("body") else { return };
        for arm in children(body) {
            let Some(pattern) = arm.child_by_field_name("pattern") else { return };
            if pattern.child_by_field_name("condition").is_some()
                || all_children(arm).iter().any(|one| one.kind() == "attribute_item")
            {
                return;
            }
            let cond = children(pattern).first().map_or_else(
                || if text(source, pattern) == "_" { Cond::Always } else { Cond::Unknown },
                |pattern| self.pattern(source, &name, *pattern),
            );
            let outcome = arm.child_by_field_name("value").and_then(|value| {
                if value.kind() == "block" { self.leaves(value, true).flatten() } else { self.outcome(value) }
            });
            guards.push(Guard { cond, outcome });
        }
    }

    pub(super) fn pattern(&self, source: &str, name: &str, node: Node<'_>) -> Cond {
        let equals = |known: Known| Cond::Compare(Term::Param(name.to_owned()), Op::Eq, Term::Value(known));
        match node.kind() {
            "or_pattern" => Cond::Any(children(node).into_iter().map(|one| self.pattern(source, name, one)).collect()),
            "scoped_identifier" => self.variant(source, node).map_or(Cond::Unknown, equals),
            "identifier" if text(source, node) == "None" => Cond::Null(name.to_owned()),
            "_" => Cond::Always,
            _ => self.literal(source, node).map_or(Cond::Unknown, equals),
        }
    }

    /// `Enum::Variant` or `Self::Variant` of the file.
    pub(super) fn variant(&self, source: &str, node: Node<'_>) -> Option<Known> {
        let own = self.callee.own.as_ref().map_or("", Ty::name);
        let path = field(source, node, "path");
        let ty = if path == "Self" { own } else { path };
        let is_enum = self.writer.maker.module.types.get(ty).is_some_and(|item| item.node.kind() == "enum_item");
        is_enum.then(|| Known::Variant(field(source, node, "name").to_owned()))
    }

    /// A body that is nothing but a condition: `matches!(c, 'a' | 'b')`, `n == 0`.
    pub(super) fn truth(&self, node: Node<'_>, guards: &mut Vec<Guard>) {
        if self.callee.output.as_ref().is_none_or(|ty| ty.name() != "bool") {
            return;
        }
        let cond = self.cond(node);
        if cond == Cond::Unknown {
            return;
        }
        // in place of "always": that one has no outcome here
        guards.pop();
        guards.push(Guard { cond: cond.clone(), outcome: Some(Outcome::Value("true".to_owned())) });
        let not = Cond::Not(Box::new(cond));
        guards.push(Guard { cond: not, outcome: Some(Outcome::Value("false".to_owned())) });
    }

    pub(super) fn cond(&self, node: Node<'_>) -> Cond {
        self.cond_in(self.src(), node)
    }

    pub(super) fn cond_in(&self, source: &str, node: Node<'_>) -> Cond {
        let part = |name: &str| node.child_by_field_name(name);
        match node.kind() {
            "parenthesized_expression" => {
                children(node).first().map_or(Cond::Unknown, |inner| self.cond_in(source, *inner))
            }
            "unary_expression" if text(source, node).starts_with('!') => {
                children(node).last().map_or(Cond::Unknown, |inner| Cond::Not(Box::new(self.cond_in(source, *inner))))
            }
            "boolean_literal" => {
                if text(source, node) == "true" {
                    Cond::Always
                } else {
                    Cond::Not(Box::new(Cond::Always))
                }
            }
            "identifier" => match self.parameter(source, node) {
                Some(name) if self.kind_of(&name) == "bool" => Cond::Truthy(name),
                _ => Cond::Unknown,
            },
            "binary_expression" => {
                let (Some(left), Some(right)) = (part("left"), part("right")) else { return Cond::Unknown };
                match field(source, node, "operator") {
                    "&&" => Cond::All(vec![self.cond_in(source, left), self.cond_in(source, right)]),
                    "||" => Cond::Any(vec![self.cond_in(source, left), self.cond_in(source, right)]),
                    operator => match (self.term(source, left), Op::read(operator), self.term(source, right)) {
                        (Some(left), Some(op), Some(right)) => Cond::Compare(left, op, right),
                        _ => Cond::Unknown,
                    },
                }
            }
            "call_expression" => self.method(source, node).unwrap_or(Cond::Unknown),
            "macro_invocation" if field(source, node, "macro") == "matches" => {
                let tokens = child(node, "token_tree").map_or("", |tokens| text(source, tokens));
                let inner = tokens.trim_start_matches('(').trim_end_matches(')');
                let first = top_level_comma(inner);
                let pattern = inner.get(first.len() + 1..).unwrap_or_default().trim().trim_end_matches(',');
                if pattern.contains(" if ") {
                    return Cond::Unknown;
                }
                let name =
                    parsed(first, |source, node| self.parameter(source, node).map_or(Cond::Unknown, Cond::Truthy));
                let Some(Cond::Truthy(name)) = name else { return Cond::Unknown };
                parsed_pattern(pattern, |source, node| self.pattern(source, &name, node)).unwrap_or(Cond::Unknown)
            }
            _ => Cond::Unknown,
        }
    }

    /// `p.is_empty()` and the like, for types of the standard library only.
    pub(super) fn method(&self, source: &str, node: Node<'_>) -> Option<Cond> {
        let function = node.child_by_field_name("function").filter(|function| function.kind() == "field_expression")?;
        let receiver = function.child_by_field_name("value")?;
        let name = self.parameter(source, receiver)?;
        let kind = self.kind_of(&name);
        let arguments = children(node.child_by_field_name("arguments")?);
        let literal = || arguments.first().and_then(|one| self.literal(source, *one));
        let sized = matches!(kind, "text" | "list");
        Some(match field(source, function, "field") {
            "is_empty" if sized => Cond::Compare(Term::Len(name), Op::Eq, Term::Value(Known::Int(0))),
            "is_none" if kind == "Option" => Cond::Null(name),
            "is_some" if kind == "Option" => Cond::Not(Box::new(Cond::Null(name))),
            "is_nan" if kind == "float" => Cond::Nan(name),
            "starts_with" if kind == "text" => match literal()? {
                Known::Str(start) => Cond::StartsWith(name, start),
                Known::Char(start) => Cond::StartsWith(name, start.to_string()),
                _ => return None,
            },
            "ends_with" if kind == "text" => match literal()? {
                Known::Str(end) => Cond::EndsWith(name, end),
                Known::Char(end) => Cond::EndsWith(name, end.to_string()),
                _ => return None,
            },
            "eq" if matches!(kind, "text" | "int") => Cond::Compare(Term::Param(name), Op::Eq, Term::Value(literal()?)),
            _ => return None,
        })
    }

    /// The kind of a parameter's type, references taken off; empty for one with methods of its own.
    pub(super) fn kind_of(&self, name: &str) -> &'static str {
        let parameter = self.callee.parameters.iter().find(|one| one.name == name);
        let mut ty = match parameter {
            Some(parameter) => &parameter.ty,
            None => return "",
        };
        while let Ty::Ref { to, .. } = ty {
            ty = to;
        }
        let std = |path: &str| self.writer.maker.module.std_path(path).unwrap_or_default();
        match ty {
            Ty::Slice(_) => "list",
            Ty::Named { path, .. } => match path.as_str() {
                "str" => "text",
                "bool" => "bool",
                "char" => "char",
                "f32" | "f64" => "float",
                _ if is_number(path) => "int",
                _ => match std(path).as_str() {
                    "std::string::String" => "text",
                    "std::vec::Vec" => "list",
                    "std::option::Option" => "Option",
                    full if full.starts_with("std::collections::") => "list",
                    _ => "",
                },
            },
            _ => "",
        }
    }

    /// The parameter that an expression is, through `*` and `&`; also `self` of an enum.
    pub(super) fn parameter(&self, source: &str, node: Node<'_>) -> Option<String> {
        match node.kind() {
            "identifier" => {
                let name = text(source, node);
                self.callee.parameters.iter().any(|one| one.name == name).then(|| name.to_owned())
            }
            "self" => Some("self".to_owned()),
            "parenthesized_expression" | "reference_expression" => {
                children(node).last().and_then(|one| self.parameter(source, *one))
            }
            "unary_expression" if text(source, node).starts_with('*') => {
                children(node).last().and_then(|one| self.parameter(source, *one))
            }
            "expression_statement" => children(node).first().and_then(|one| self.parameter(source, *one)),
            _ => None,
        }
    }

    pub(super) fn term(&self, source: &str, node: Node<'_>) -> Option<Term> {
        if let Some(name) = self.parameter(source, node) {
            let fits = name == "self" || !self.kind_of(&name).is_empty() || self.enum_parameter(&name);
            return fits.then_some(Term::Param(name));
        }
        if node.kind() == "call_expression" {
            let function =
                node.child_by_field_name("function").filter(|function| function.kind() == "field_expression")?;
            let name = self.parameter(source, function.child_by_field_name("value")?)?;
            let sized = matches!(self.kind_of(&name), "text" | "list");
            return (sized && field(source, function, "field") == "len").then_some(Term::Len(name));
        }
        if node.kind() == "scoped_identifier" {
            return self.variant(source, node).map(Term::Value);
        }
        self.literal(source, node).map(Term::Value)
    }

    pub(super) fn enum_parameter(&self, name: &str) -> bool {
        let parameter = self.callee.parameters.iter().find(|one| one.name == name);
        parameter.is_some_and(|one| {
            self.writer.maker.module.types.get(one.ty.name()).is_some_and(|item| item.node.kind() == "enum_item")
        })
    }

    /// A literal's value.
    pub(super) fn literal(&self, source: &str, node: Node<'_>) -> Option<Known> {
        let written = text(source, node);
        match node.kind() {
            "integer_literal" => int(written).map(Known::Int),
            "negative_literal" => int(written.trim_start_matches('-').trim()).map(|value| Known::Int(-value)),
            "unary_expression" if written.starts_with('-') => {
                int(written.trim_start_matches('-').trim()).map(|value| Known::Int(-value))
            }
            "float_literal" => {
                written.trim_end_matches("f32").trim_end_matches("f64").replace('_', "").parse().ok().map(Known::Float)
            }
            "boolean_literal" => Some(Known::Bool(written == "true")),
            "char_literal" => {
                let inner = written.trim_start_matches('b').strip_prefix('\'')?.strip_suffix('\'')?;
                let mut chars = inner.chars();
                let known = match (chars.next()?, chars.next(), chars.next()) {
                    (c, None, _) => c,
                    ('\\', Some('n'), None) => '\n',
                    ('\\', Some('t'), None) => '\t',
                    ('\\', Some('r'), None) => '\r',
                    ('\\', Some(c @ ('\\' | '\'' | '"')), None) => c,
                    _ => return None,
                };
                Some(Known::Char(known))
            }
            "string_literal" => {
                let inner = written.strip_prefix('"')?.strip_suffix('"')?;
                (!inner.contains('\\')).then(|| Known::Str(inner.to_owned()))
            }
            _ => None,
        }
    }

    /// What an expression made of literals is; `None` for any other.
    pub(super) fn outcome(&self, node: Node<'_>) -> Option<Outcome> {
        let source = self.src();
        let written = text(source, node).split_whitespace().collect::<Vec<_>>().join(" ");
        match node.kind() {
            "identifier" if written == "None" => Some(Outcome::None),
            "macro_invocation" => match field(source, node, "macro") {
                "panic" | "unreachable" | "unimplemented" | "todo" => Some(Outcome::Panics),
                "vec" if written == "vec![]" => Some(Outcome::Value(written)),
                _ => None,
            },
            "call_expression" => {
                let function = field(source, node, "function");
                let arguments = children(node.child_by_field_name("arguments")?);
                match function {
                    "Err" => Some(Outcome::Err),
                    "Ok" | "Some" => {
                        let [inner] = arguments.as_slice() else { return None };
                        let fine =
                            text(source, *inner) == "()" || matches!(self.outcome(*inner), Some(Outcome::Value(_)));
                        fine.then_some(Outcome::Value(written))
                    }
                    "String::new" | "Vec::new" if arguments.is_empty() => Some(Outcome::Value(written)),
                    "String::from" if arguments.first().is_some_and(|one| self.literal(source, *one).is_some()) => {
                        Some(Outcome::Value(written))
                    }
                    _ => None,
                }
            }
            "scoped_identifier" => {
                let ty = match self.variant(source, node)? {
                    Known::Variant(name) if field(source, node, "path") == "Self" => {
                        format!("{}::{name}", self.callee.own.as_ref()?.name())
                    }
                    _ => written,
                };
                // a variant with fields is a function
                Some(Outcome::Value(ty)).filter(|_| self.is_plain_variant(source, node))
            }
            _ => self.literal(source, node).map(|_| Outcome::Value(written)),
        }
    }

    pub(super) fn is_plain_variant(&self, source: &str, node: Node<'_>) -> bool {
        let own = self.callee.own.as_ref().map_or("", Ty::name);
        let path = field(source, node, "path");
        let module = self.writer.maker.module;
        let item = module.types.get(if path == "Self" { own } else { path });
        let body = item.and_then(|item| item.node.child_by_field_name("body"));
        body.is_some_and(|body| {
            children(body).into_iter().any(|one| {
                field(module.source, one, "name") == field(source, node, "name")
                    && one.child_by_field_name("body").is_none()
            })
        })
    }
}

pub(super) fn int(text: &str) -> Option<i128> {
    let plain = text.replace('_', "");
    let plain = ["usize", "isize", "u128", "i128", "u64", "i64", "u32", "i32", "u16", "i16", "u8", "i8"]
        .iter()
        .find_map(|suffix| plain.strip_suffix(suffix))
        .unwrap_or(&plain);
    if let Some(hex) = plain.strip_prefix("0x") {
        return i128::from_str_radix(hex, 16).ok();
    }
    if let Some(bits) = plain.strip_prefix("0b") {
        return i128::from_str_radix(bits, 2).ok();
    }
    plain.parse().ok()
}

/// The text up to the first comma that stands in no brackets.
pub(super) fn top_level_comma(text: &str) -> &str {
    let mut depth = 0;
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => return text.get(..at).unwrap_or(text),
            _ => {}
        }
    }
    text
}

/// Reads an expression that stands in a macro's tokens.
pub(super) fn parsed(expression: &str, read: impl Fn(&str, Node<'_>) -> Cond) -> Option<Cond> {
    let source = format!("fn f() {{ {expression} }}");
    let tree = parse(&source, "rust")?;
    let function = children(tree.root()).into_iter().next()?;
    let body = function.child_by_field_name("body")?;
    let expression = children(body).into_iter().next()?;
    if body.has_error() {
        return None;
    }
    Some(read(&source, expression))
}

/// Reads a pattern that stands in a macro's tokens.
pub(super) fn parsed_pattern(pattern: &str, read: impl Fn(&str, Node<'_>) -> Cond) -> Option<Cond> {
    let source = format!("fn f() {{ match x {{ {pattern} => 1, }} }}");
    let tree = parse(&source, "rust")?;
    if tree.root().has_error() {
        return None;
    }
    let mut found = None;
    visit(tree.root(), &mut |node| {
        if node.kind() == "match_pattern" && found.is_none() {
            found = children(node).first().map(|inner| read(&source, *inner));
        }
        true
    });
    found
}
