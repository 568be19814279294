//! No `else` after a branch that leaves.
//!
//! ```text
//! if a {                      if a {
//!     return b;                   return b;
//! } else {            →       }
//!     c();                    c();
//! }
//! ```

use super::exits::ends_in_exit;
use super::guard_clause::Place;
use super::logic::{If, has_plain_head};
use super::moves::{Body, comment_between};
use super::scopes::may_leave_block;
use super::site::{Family, Site};
use super::temporaries::{is_simple_head, tail_may_move};
use super::{Found, Rule};
use crate::syntax::Node;
use crate::text::{Edit, Span};

pub(super) const RULE: Rule = Rule {
    name: "remove-redundant-else",
    description: "Drop `else` after a branch that returns, breaks, continues or throws",
    families: Family::EVERY,
    kinds: &["if_expression", "if_statement"],
    find,
};

fn find(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    let parts = If::of(site, node)?;
    let place = Place::of(site, node)?;
    if !ends_in_exit(site, parts.consequence)
        || !site.starts_line(node.start_byte())
        || !heads_drop_nothing(site, parts.condition)
    {
        return None;
    }
    let title = format!("Drop `else` after `{}`", exit_word(site, parts.consequence)?);
    if let Some(elif) = parts.elif {
        // `elif` right after the first branch becomes an `if` of its own
        let first = super::site::token(elif, "elif")?;
        let own_line = site.starts_line(first.start_byte());
        return own_line
            .then(|| Found::new(title, vec![Edit::new(Span::new(first.start_byte(), first.start_byte() + 2), "")]));
    }
    let (clause, other) = (parts.clause?, parts.alternative?);
    let end = Body::of(site, node, parts.consequence).map_or(parts.consequence.end_byte(), |body| body.end);
    if comment_between(node, end, clause.start_byte()) || !has_plain_head(clause, other) {
        return None;
    }
    let indent = site.indent(node.start_byte());
    let line_end = site.line_end();
    if other.kind() == node.kind() {
        // `} else if c {`: only the `else` goes
        let gap = Span::new(parts.consequence.end_byte(), other.start_byte());
        return (parts.consequence.kind().ends_with("block") && super::site::on_one_line_between(site, gap))
            .then(|| Found::new(title, vec![Edit::new(gap, format!("{line_end}{indent}"))]));
    }
    if !matches!(other.kind(), "block" | "statement_block")
        || !may_leave_block(site, other, place.last)
        || !tail_may_move(site, other)
    {
        return None;
    }
    let body = Body::of(site, clause, other)?;
    let mut edits = body.dedent(site, other, &indent)?;
    if site.family == Family::Python {
        // the whole line of `else:` goes
        let line = site.line(clause.start_byte());
        if !site.starts_line(clause.start_byte()) {
            return None;
        }
        edits.push(Edit::new(
            Span::new(line.start, site.text.line_start(site.text.line_of(clause.start_byte()) + 1)),
            "",
        ));
        return Some(Found::new(title, edits));
    }
    if !site.ends_line(body.end) || !site.starts_line(parts.consequence.end_byte() - 1) {
        return None;
    }
    if site.family == Family::Rust
        && !place.last
        && let Some(tail) = super::exits::last_statement(other)
        && tail.kind() != "expression_statement"
        && tail.kind() != "let_declaration"
    {
        // in the middle of a block the value needs an end
        edits.push(Edit::new(Span::new(tail.end_byte(), tail.end_byte()), ";"));
    }
    if let Some(semicolon) = missing_semicolon(site, parts.consequence) {
        edits.push(semicolon);
    }
    edits.push(Edit::new(Span::new(parts.consequence.end_byte(), body.head), ""));
    edits.push(Edit::new(Span::new(body.content_end(site), body.end), ""));
    Some(Found::new(title, edits))
}

/// True when it makes no difference that what the condition holds is dropped before the `else` branch.
fn heads_drop_nothing(site: &Site<'_>, condition: Node<'_>) -> bool {
    match condition.kind() {
        "let_condition" => condition.child_by_field_name("value").is_some_and(|value| is_simple_head(site, value)),
        "let_chain" => false,
        _ => true,
    }
}

/// The keyword that the branch leaves with.
fn exit_word(site: &Site<'_>, block: Node<'_>) -> Option<String> {
    let last = super::exits::last_statement(block)?;
    let text = site.text(last);
    let word: String = text.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '!')).collect();
    Some(word)
}

/// A semicolon for Rust's `{ return x }`, now that it is no value.
fn missing_semicolon(site: &Site<'_>, block: Node<'_>) -> Option<Edit> {
    let last = super::exits::last_statement(block).filter(|_| site.family == Family::Rust)?;
    (last.kind() != "expression_statement").then(|| Edit::new(Span::new(last.end_byte(), last.end_byte()), ";"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_none, check_rewrite};

    #[test]
    fn rust() {
        check_rewrite(
            "rust",
            "remove-redundant-else",
            "fn f() {\n    if a {\n        return b;\n    } else {\n        c();\n    }\n}\n",
            "fn f() {\n    if a {\n        return b;\n    }\n    c();\n}\n",
        );
        check_rewrite(
            "rust",
            "remove-redundant-else",
            "fn f() -> u8 {\n    if a {\n        return b\n    } else {\n        // why\n        let x = c();\n        x\n    }\n}\n",
            "fn f() -> u8 {\n    if a {\n        return b;\n    }\n    // why\n    let x = c();\n    x\n}\n",
        );
        check_rewrite(
            "rust",
            "remove-redundant-else",
            "fn f() -> u8 {\n    if a {\n        return b;\n    } else if c {\n        1\n    } else {\n        2\n    }\n}\n",
            "fn f() -> u8 {\n    if a {\n        return b;\n    }\n    if c {\n        1\n    } else {\n        2\n    }\n}\n",
        );
        check_rewrite(
            "rust",
            "remove-redundant-else",
            "fn f() {\n    loop {\n        if a {\n            break;\n        } else {\n            c()\n        }\n        d();\n    }\n}\n",
            "fn f() {\n    loop {\n        if a {\n            break;\n        }\n        c();\n        d();\n    }\n}\n",
        );
    }

    #[test]
    fn rust_refused() {
        let none = |source| check_none("rust", "remove-redundant-else", source);
        none("fn f() {\n    let x = if a {\n        return b;\n    } else {\n        c()\n    };\n}\n");
        none(
            "fn f() {\n    if a {\n        return;\n    } else {\n        let g = c();\n        g.run();\n    }\n    d();\n}\n",
        );
        none(
            "fn f() {\n    if let Some(x) = a.lock().get() {\n        return;\n    } else {\n        c();\n    }\n}\n",
        );
        none("fn f() {\n    if a {\n        return;\n    }\n    // why\n    else {\n        c();\n    }\n}\n");
        none("fn f() -> u8 {\n    if a {\n        return 1;\n    } else {\n        x.borrow().len()\n    }\n}\n");
        none("fn f() {\n    if a {\n        b();\n    } else {\n        c();\n    }\n}\n");
    }

    #[test]
    fn python() {
        check_rewrite(
            "python",
            "remove-redundant-else",
            "def f():\n    if a:\n        return b\n    else:\n        # why\n        c()\n        # end\n    d()\n",
            "def f():\n    if a:\n        return b\n    # why\n    c()\n    # end\n    d()\n",
        );
        check_rewrite(
            "python",
            "remove-redundant-else",
            "def f():\n    if a:\n        raise b\n    elif c:\n        d()\n    else:\n        e()\n",
            "def f():\n    if a:\n        raise b\n    if c:\n        d()\n    else:\n        e()\n",
        );
        check_none("python", "remove-redundant-else", "def f():\n    if a:\n        return b\n    else: c()\n");
        check_none(
            "python",
            "remove-redundant-else",
            "def f():\n    if a:\n        b()\n    elif c:\n        return\n    else:\n        d()\n",
        );
    }

    #[test]
    fn script() {
        check_rewrite(
            "typescript",
            "remove-redundant-else",
            "function f() {\n  if (a) {\n    return b;\n  } else {\n    const c = d;\n    return c;\n  }\n}\n",
            "function f() {\n  if (a) {\n    return b;\n  }\n  const c = d;\n  return c;\n}\n",
        );
        check_rewrite(
            "javascript",
            "remove-redundant-else",
            "for (;;) {\n  if (a) {\n    continue\n  } else if (b) {\n    c()\n  }\n}\n",
            "for (;;) {\n  if (a) {\n    continue\n  }\n  if (b) {\n    c()\n  }\n}\n",
        );
        check_none(
            "typescript",
            "remove-redundant-else",
            "function f() {\n  if (a) {\n    return b;\n  } else {\n    const c = d;\n    g(c);\n  }\n  return c;\n}\n",
        );
        check_none(
            "typescript",
            "remove-redundant-else",
            "function f() {\n  if (a) {\n    return b;\n  } else {\n    return `\n    `;\n  }\n}\n",
        );
    }
}
