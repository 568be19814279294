//! Rust's `let … else` instead of nesting.
//!
//! ```text
//! let a = match b {                       let Some(a) = b else {
//!     Some(x) => x,               →           return;
//!     None => return,                     };
//! };
//!
//! fn f(a: Option<u8>) {                   fn f(a: Option<u8>) {
//!     if let Some(b) = a {                    let Some(b) = a else {
//!         start();                →               return;
//!         run(b);                             };
//!     }                                       start();
//! }                                           run(b);
//!                                         }
//! ```

use super::exits::{ends_in_exit, is_exit, last_statement};
use super::guard_clause::{Place, is_worth_it};
use super::logic::{If, has_plain_head};
use super::moves::{Body, comment_between, has_long_string, is_plain};
use super::scopes::may_leave_block;
use super::site::{Family, Site, any_under, children, has_comment, is_comment, on_one_line, only_part, parts, token};
use super::temporaries::{holds_guard, is_simple_head, tail_may_move};
use super::{Found, Rule};
use crate::syntax::Node;
use crate::text::{Edit, Span};

pub(super) const RULE: Rule = Rule {
    name: "let-else",
    description: "Use `let … else` instead of nesting in `if let`, or of a `match` that leaves",
    families: &[Family::Rust],
    kinds: &["if_expression", "let_declaration"],
    find,
};

fn find(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    if node.kind() == "if_expression" { from_if_let(site, node) } else { from_match(site, node) }
}

fn from_if_let(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    let parts = If::of(site, node)?;
    let place = Place::of(site, node)?;
    let condition = parts.condition;
    let value = condition.child_by_field_name("value").filter(|_| condition.kind() == "let_condition")?;
    let pattern = condition.child_by_field_name("pattern")?;
    // what the pattern binds is from now on dropped at the end of the block around
    if !place.last
        || !site.starts_line(node.start_byte())
        || !is_plain(condition)
        || !has_plain_head(node, parts.consequence)
        || !binds_plainly(site, pattern)
        || !is_simple_head(site, value)
        || !may_leave_block(site, parts.consequence, true)
        || !tail_may_move(site, parts.consequence)
        || ends_in_exit(site, parts.consequence)
    {
        return None;
    }
    let body = Body::of(site, node, parts.consequence)?;
    let indent = site.indent(node.start_byte());
    let line_end = site.line_end();
    let (exit, end) = match (parts.clause, parts.alternative) {
        (None, None) => {
            let exit = place.leave()?;
            if !is_worth_it(parts.consequence) {
                return None;
            }
            (format!("{line_end}{}{exit};", body.indent), body.end)
        }
        (Some(clause), Some(other)) => {
            if other.kind() != "block"
                || !ends_in_exit(site, other)
                || comment_between(node, body.end, clause.start_byte())
                || !has_plain_head(clause, other)
            {
                return None;
            }
            let exit = Body::of(site, clause, other)?;
            if exit.lines() > 3 || exit.lines() >= body.lines() || exit.indent != body.indent {
                return None;
            }
            (format!("{line_end}{}", site.text.slice(exit.content(site))), exit.end)
        }
        _ => return None,
    };
    if !site.ends_line(end) {
        return None;
    }
    let mut edits = body.dedent(site, parts.consequence, &indent)?;
    // `if let P = e {` becomes `let P = e else {`
    edits.push(Edit::new(Span::new(node.start_byte(), condition.start_byte()), ""));
    edits.push(Edit::new(Span::new(value.end_byte(), value.end_byte()), " else"));
    edits.push(Edit::new(Span::new(body.head, body.head), format!("{exit}{line_end}{indent}}};")));
    edits.push(Edit::new(Span::new(body.content_end(site), end), ""));
    Some(Found::new(format!("Use `let {} … else` instead of nesting in `if let`", site.text(pattern)), edits))
}

/// True for a pattern that may stand in `let … else` and moves or borrows what it matches by name alone.
fn binds_plainly(site: &Site<'_>, pattern: Node<'_>) -> bool {
    let fine = matches!(pattern.kind(), "tuple_struct_pattern" | "struct_pattern" | "tuple_pattern" | "slice_pattern");
    let odd = any_under(pattern, &|_| false, &|node| {
        matches!(
            node.kind(),
            "ref_pattern"
                | "or_pattern"
                | "captured_pattern"
                | "_"
                | "remaining_field_pattern"
                | "range_pattern"
                | "macro_invocation"
        )
    });
    // something must be bound, or a guard held by the value alone would be dropped early
    fine && !odd && any_under(pattern, &|_| false, &|node| node.kind() == "identifier" && starts_lower(site, node))
}

fn starts_lower(site: &Site<'_>, node: Node<'_>) -> bool {
    site.text(node).starts_with(|c: char| c.is_lowercase() || c == '_')
}

fn from_match(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    let name = node.child_by_field_name("pattern").filter(|pattern| pattern.kind() == "identifier")?;
    let value = node.child_by_field_name("value")?;
    if node.child_by_field_name("type").is_some()
        || node.child_by_field_name("alternative").is_some()
        || !site.starts_line(node.start_byte())
    {
        return None;
    }
    let (pattern, bound, scrutinee, exit) = match value.kind() {
        "match_expression" => arms(site, value)?,
        "if_expression" => if_let(site, value)?,
        _ => return None,
    };
    // `&&`, `||` and `}` may not stand before `else`; a guard would be released before it
    if !is_plain(scrutinee)
        || matches!(
            scrutinee.kind(),
            "binary_expression"
                | "range_expression"
                | "closure_expression"
                | "assignment_expression"
                | "return_expression"
        )
        || site.text(scrutinee).ends_with('}')
        || holds_guard(site, scrutinee)
        || !on_one_line(pattern)
    {
        return None;
    }
    let mutable = token(node, "mutable_specifier").is_some();
    let name = format!("{}{}", if mutable { "mut " } else { "" }, site.text(name));
    let pattern = format!(
        "{}{name}{}",
        site.between(pattern.start_byte(), bound.start_byte()),
        site.between(bound.end_byte(), pattern.end_byte())
    );
    let line_end = site.line_end();
    let indent = site.indent(node.start_byte());
    let head = format!("let {pattern} = {}", site.text(scrutinee));
    let exit_text = exit_text(site, exit)?;
    let whole = format!("{indent}{head} else {{ {exit_text} }};");
    let (lines, unit) = exit_lines(site, exit, value, &indent)?;
    let edit = if lines.is_none()
        && whole.trim_start().chars().count() <= 50
        && !exit_text.ends_with(';')
        && exit.kind() != "block"
    {
        whole.trim_start().to_owned()
    } else {
        let body = lines
            .unwrap_or_else(|| format!("{indent}{unit}{exit_text}{}", if exit_text.ends_with(';') { "" } else { ";" }));
        format!("{head} else {{{line_end}{body}{line_end}{indent}}};")
    };
    Some(Found::new(format!("Use `let {pattern} … else`"), vec![Edit::new(node.byte_range().into(), edit)]))
}

/// The pattern, the name in it, the scrutinee and the exit of a `match` with the arms `P(x) => x` and `… => exit`.
fn arms<'t>(site: &Site<'_>, node: Node<'t>) -> Option<(Node<'t>, Node<'t>, Node<'t>, Node<'t>)> {
    let block = node.child_by_field_name("body")?;
    if children(block).iter().any(|child| is_comment(child.kind()) || child.kind() == "attribute_item") {
        return None;
    }
    let [first, second] = parts(block)[..] else { return None };
    let (kept, left) = if is_left(site, second) { (first, second) } else { (second, first) };
    // an arm that leaves can go first only if it can't match what the other does
    if !is_left(site, left) || (left == first && !site.text(left.child_by_field_name("pattern")?).eq("None")) {
        return None;
    }
    let pattern = only_pattern(kept)?;
    let bound = bound_name(site, pattern)?;
    let result = kept.child_by_field_name("value")?;
    if has_comment(kept) || result.kind() != "identifier" || site.text(result) != site.text(bound) {
        return None;
    }
    let other = only_pattern(left)?;
    let names_nothing = !any_under(other, &|_| false, &|node| node.kind() == "identifier" && starts_lower(site, node))
        && other.kind() != "macro_invocation";
    names_nothing.then_some(())?;
    Some((pattern, bound, node.child_by_field_name("value")?, left.child_by_field_name("value")?))
}

/// The same of `if let P(x) = e { x } else { exit }`.
fn if_let<'t>(site: &Site<'_>, node: Node<'t>) -> Option<(Node<'t>, Node<'t>, Node<'t>, Node<'t>)> {
    let parts = If::of(site, node)?;
    let condition = Some(parts.condition).filter(|condition| condition.kind() == "let_condition")?;
    let (pattern, scrutinee) = (condition.child_by_field_name("pattern")?, condition.child_by_field_name("value")?);
    let bound = bound_name(site, pattern)?;
    let result = only_part(parts.consequence)?;
    let other = parts.alternative.filter(|other| other.kind() == "block" && ends_in_exit(site, *other))?;
    let outside = children(node).iter().chain(&children(parts.clause?)).any(|child| is_comment(child.kind()));
    (!outside
        && !has_comment(parts.consequence)
        && result.kind() == "identifier"
        && site.text(result) == site.text(bound))
    .then_some((pattern, bound, scrutinee, other))
}

/// The pattern of an arm without a guard.
fn only_pattern(arm: Node<'_>) -> Option<Node<'_>> {
    let pattern = arm.child_by_field_name("pattern")?;
    if pattern.child_by_field_name("condition").is_some() || token(pattern, "if").is_some() {
        return None;
    }
    pattern.child(0).filter(|_| pattern.child_count() == 1)
}

/// The one name that a pattern like `Some(x)` binds.
fn bound_name<'t>(site: &Site<'_>, pattern: Node<'t>) -> Option<Node<'t>> {
    if pattern.kind() != "tuple_struct_pattern" {
        return None;
    }
    let kind = pattern.child_by_field_name("type")?;
    let [bound] = parts(pattern).into_iter().filter(|part| *part != kind).collect::<Vec<_>>()[..] else { return None };
    (bound.kind() == "identifier" && starts_lower(site, bound)).then_some(bound)
}

fn is_left(site: &Site<'_>, arm: Node<'_>) -> bool {
    arm.child_by_field_name("value").is_some_and(|value| {
        is_exit(site, value)
            || (value.kind() == "block" && last_statement(value).is_some_and(|last| is_exit(site, last)))
    })
}

/// The exit on one line, without braces.
fn exit_text(site: &Site<'_>, exit: Node<'_>) -> Option<String> {
    if exit.kind() != "block" {
        return Some(site.text(exit).into_owned());
    }
    let inner = only_part(exit).filter(|_| !has_comment(exit));
    Some(inner.map_or(String::new(), |inner| site.text(inner).into_owned()))
}

/// The lines of the exit as they are to stand one unit deeper than `indent`, where it is no single line; and the unit.
fn exit_lines(site: &Site<'_>, exit: Node<'_>, value: Node<'_>, indent: &str) -> Option<(Option<String>, String)> {
    let unit = || -> Option<String> {
        let inner = children(value).into_iter().flat_map(children).chain(children(value));
        inner.filter(|child| site.starts_line(child.start_byte())).find_map(|child| {
            site.indent(child.start_byte()).strip_prefix(indent).filter(|unit| !unit.is_empty()).map(str::to_owned)
        })
    };
    let unit = unit().unwrap_or_else(|| "    ".into());
    if on_one_line(exit) {
        let fine = exit.kind() != "block" || (only_part(exit).is_some() && !has_comment(exit));
        return fine.then_some((None, unit));
    }
    if exit.kind() != "block" || has_long_string(exit) {
        return None;
    }
    let body = Body::of(site, exit, exit)?;
    let mut lines = Vec::new();
    for line in body.first..=body.last {
        let text = site.text.slice(site.text.line_span(line));
        if text.trim().is_empty() {
            lines.push(String::new());
        } else {
            lines.push(format!("{indent}{unit}{}", text.strip_prefix(body.indent.as_str())?));
        }
    }
    if let Some(last) = lines.last_mut()
        && last_statement(exit).is_some_and(|statement| statement.kind().ends_with("_expression"))
        && !has_comment(exit)
    {
        last.push(';');
    }
    Some((Some(lines.join(site.line_end())), unit))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_none, check_rewrite};

    #[test]
    fn from_if_let() {
        check_rewrite(
            "rust",
            "let-else",
            "fn f(a: Option<u8>) {\n    if let Some(b) = a {\n        start();\n        run(b);\n    }\n}\n",
            "fn f(a: Option<u8>) {\n    let Some(b) = a else {\n        return;\n    };\n    start();\n    run(b);\n}\n",
        );
        check_rewrite(
            "rust",
            "let-else",
            "fn f(a: X) -> u8 {\n    if let Some(b) = self.a.get(&c) {\n        start();\n        b + 1\n    } else {\n        return 1;\n    }\n}\n",
            "fn f(a: X) -> u8 {\n    let Some(b) = self.a.get(&c) else {\n        return 1;\n    };\n    start();\n    b + 1\n}\n",
        );
    }

    #[test]
    fn from_match() {
        check_rewrite(
            "rust",
            "let-else",
            "fn f() {\n    let a = match b {\n        Some(x) => x,\n        None => return,\n    };\n}\n",
            "fn f() {\n    let Some(a) = b else { return };\n}\n",
        );
        check_rewrite(
            "rust",
            "let-else",
            "fn f() {\n    let mut a = match b() {\n        Ok(x) => x,\n        Err(_) => {\n            // why\n            log();\n            return 1;\n        }\n    };\n}\n",
            "fn f() {\n    let Ok(mut a) = b() else {\n        // why\n        log();\n        return 1;\n    };\n}\n",
        );
        check_rewrite(
            "rust",
            "let-else",
            "fn f() {\n    let a = if let Some(x) = b {\n        x\n    } else {\n        continue;\n    };\n}\n",
            "fn f() {\n    let Some(a) = b else {\n        continue;\n    };\n}\n",
        );
    }

    #[test]
    fn refused() {
        let none = |source| check_none("rust", "let-else", source);
        none("fn f() {\n    let a = match b.lock() {\n        Some(x) => x,\n        None => return,\n    };\n}\n");
        none("fn f() {\n    let a = match b {\n        Some(x) => x,\n        None => 1,\n    };\n}\n");
        none("fn f() {\n    let a = match b {\n        Ok(x) => x,\n        Err(e) => return Err(e),\n    };\n}\n");
        none("fn f() {\n    let a: u8 = match b {\n        Some(x) => x,\n        None => return,\n    };\n}\n");
        none("fn f() {\n    let a = match b {\n        Some(x) if x > 1 => x,\n        _ => return,\n    };\n}\n");
        none(
            "fn f() {\n    let a = match b {\n        // why\n        Some(x) => x,\n        None => return,\n    };\n}\n",
        );
        none("fn f() {\n    if let Some(a) = b.borrow().get() {\n        c();\n        d(a);\n    }\n}\n");
        none("fn f() {\n    if let Ok(_) = b.c() {\n        c();\n        d();\n    }\n}\n");
        none("fn f() {\n    if let Some(a) = b {\n        c();\n        d(a);\n    }\n    e();\n}\n");
        none(
            "fn f() -> u8 {\n    if let Some(a) = b {\n        c();\n        d(a)\n    } else {\n        2\n    }\n}\n",
        );
    }
}
