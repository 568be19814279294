//! A guard clause instead of nesting.
//!
//! ```text
//! fn f(a: Option<u8>) {            fn f(a: Option<u8>) {
//!     if ready() {                     if !ready() {
//!         start();            →            return;
//!         run();                       }
//!     }                                start();
//! }                                    run();
//!                                  }
//! ```
//!
//! In a loop the guard is `continue`. Where an `else` leaves already, it becomes the guard.

use super::exits::{ends_in_exit, leave};
use super::logic::{If, has_plain_head, negated};
use super::moves::{Body, comment_between, is_plain};
use super::scopes::may_leave_block;
use super::site::{Family, Site, parts};
use super::temporaries::tail_may_move;
use super::{Found, Rule};
use crate::syntax::Node;
use crate::text::{Edit, Span};

pub(super) const RULE: Rule = Rule {
    name: "guard-clause",
    description: "Leave early instead of nesting the rest of a function or loop in `if`",
    families: Family::EVERY,
    kinds: &["if_expression", "if_statement"],
    find,
};

fn find(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    let parts = If::of(site, node)?;
    let place = Place::of(site, node)?;
    if !parts.has_else() && (!place.last || place.leave().is_none()) {
        return None;
    }
    let negated = negated(site, parts.condition)?;
    if !site.starts_line(node.start_byte())
        || !is_plain(parts.condition)
        || !has_plain_head(node, parts.consequence)
        || parts.elif.is_some()
    {
        return None;
    }
    let body = Body::of(site, node, parts.consequence)?;
    let indent = site.indent(node.start_byte());
    let mut edits = body.dedent(site, parts.consequence, &indent)?;
    let condition = Edit::new(parts.condition.byte_range().into(), negated.as_str());
    let line_end = site.line_end();
    let (exit, end) = match (parts.alternative, parts.clause) {
        (None, None) => {
            let exit = place.leave()?;
            if super::exits::last_statement(parts.consequence).is_none_or(|last| super::exits::is_exit(site, last))
                || !is_worth_it(parts.consequence)
                || !place.last
            {
                return None;
            }
            let semicolon =
                if site.family == Family::Python || !ends_with_semicolons(site, parts.consequence) { "" } else { ";" };
            (format!("{line_end}{}{exit}{semicolon}", body.indent), body.end)
        }
        (Some(other), Some(clause)) => {
            if comment_between(node, body.end, clause.start_byte())
                || !has_plain_head(clause, other)
                || !matches!(other.kind(), "block" | "statement_block")
                || !ends_in_exit(site, other)
                || ends_in_exit(site, parts.consequence)
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
    if !site.ends_line(end)
        || !may_leave_block(site, parts.consequence, place.last)
        || !tail_may_move(site, parts.consequence)
    {
        return None;
    }
    let title = format!("Leave early when `{negated}` instead of nesting in `if`");
    let close = if site.family == Family::Python { String::new() } else { format!("{line_end}{indent}}}") };
    edits.push(condition);
    edits.push(Edit::new(Span::new(body.head, body.head), exit + &close));
    if end > body.content_end(site) {
        edits.push(Edit::new(Span::new(body.content_end(site), end), ""));
    }
    Some(Found::new(title, edits))
}

/// True for a body of two statements or a longer one: a guard before less would be as long as what it saves.
pub(super) fn is_worth_it(body: Node<'_>) -> bool {
    match parts(body)[..] {
        [] => false,
        [only] => only.end_position().row >= only.start_position().row + 2,
        _ => true,
    }
}

/// Where a statement stands.
pub(super) struct Place<'a> {
    /// The block that it is in.
    pub(super) block: Node<'a>,
    /// What the block belongs to.
    pub(super) owner: Option<Node<'a>>,
    /// Nothing but comments follows it in the block.
    pub(super) last: bool,
}

impl<'a> Place<'a> {
    /// Where `node` stands as a statement of its own; `None` when it is a part of something else.
    pub(super) fn of(site: &Site<'a>, node: Node<'_>) -> Option<Self> {
        let parent = site.above(0)?;
        // in Rust a statement wraps the expression
        let (statement, levels) = match parent.kind() {
            "expression_statement" if super::site::token(parent, ";").is_none() => (parent.byte_range(), 1),
            _ => (node.byte_range(), 0),
        };
        let block = site.above(levels)?;
        if !matches!(block.kind(), "block" | "statement_block" | "program" | "module") {
            return None;
        }
        // an attribute, `#[cfg(…)]`, would come to stand before what is not its own
        let before = parts(block).into_iter().rev().find(|part| part.end_byte() <= statement.start);
        if before.is_some_and(|part| part.kind() == "attribute_item") {
            return None;
        }
        let last = parts(block).last().is_some_and(|last| last.byte_range() == statement);
        Some(Self { block, owner: site.above(levels + 1), last })
    }

    /// What leaves the function or round that the block is the whole body of.
    pub(super) fn leave(&self) -> Option<&'static str> {
        leave(self.owner?, self.block)
    }
}

/// True when the statements of `block` end with semicolons.
pub(super) fn ends_with_semicolons(site: &Site<'_>, block: Node<'_>) -> bool {
    if site.family == Family::Rust {
        return true;
    }
    parts(block)
        .into_iter()
        .find(|part| {
            matches!(
                part.kind(),
                "expression_statement" | "lexical_declaration" | "variable_declaration" | "return_statement"
            )
        })
        .is_none_or(|statement| site.text(statement).ends_with(';'))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_none, check_rewrite};

    #[test]
    fn rust() {
        check_rewrite(
            "rust",
            "guard-clause",
            "fn f(a: Option<u8>) {\n    if ready() {\n        start();\n        run();\n    }\n}\n",
            "fn f(a: Option<u8>) {\n    if !ready() {\n        return;\n    }\n    start();\n    run();\n}\n",
        );
        check_rewrite(
            "rust",
            "guard-clause",
            "fn f() {\n\tfor x in y {\n\t\tif x.a == 1 && !x.b {\n\t\t\t// why\n\t\t\tlet z = x;\n\n\t\t\tgo(z);\n\t\t\t// end\n\t\t}\n\t}\n}\n",
            "fn f() {\n\tfor x in y {\n\t\tif x.a != 1 || x.b {\n\t\t\tcontinue;\n\t\t}\n\t\t// why\n\t\tlet z = x;\n\n\t\tgo(z);\n\t\t// end\n\t}\n}\n",
        );
        check_rewrite(
            "rust",
            "guard-clause",
            "fn f() -> u8 {\n    if a < b {\n        let x = 1;\n        x + 1\n    } else {\n        return 0;\n    }\n}\n",
            "fn f() -> u8 {\n    if !(a < b) {\n        return 0;\n    }\n    let x = 1;\n    x + 1\n}\n",
        );
    }

    #[test]
    fn rust_refused() {
        // the value of the function
        check_none("rust", "guard-clause", "fn f() -> u8 {\n    if a {\n        b();\n        c()\n    }\n}\n");
        check_none("rust", "guard-clause", "fn f() {\n    if a {\n        b();\n        c();\n    }\n    d();\n}\n");
        // a lock held longer, a string changed, a comment lost, an item made visible
        check_none("rust", "guard-clause", "fn f() {\n    if a {\n        b();\n        c.lock().d()\n    }\n}\n");
        check_none(
            "rust",
            "guard-clause",
            "fn f() {\n    if a {\n        b();\n        c(\"x\n        y\");\n    }\n}\n",
        );
        check_none("rust", "guard-clause", "fn f() {\n    if a { // why\n        b();\n        c();\n    }\n}\n");
        check_none("rust", "guard-clause", "fn f() {\n    if a {\n        b();\n        c();\n    } // end\n}\n");
        check_none("rust", "guard-clause", "fn f() {\n    if a {\n        use b::c;\n        c();\n    }\n}\n");
        check_none(
            "rust",
            "guard-clause",
            "fn f() {\n    unsafe {\n        if a {\n            b();\n            c();\n        }\n    }\n}\n",
        );
        check_none(
            "rust",
            "guard-clause",
            "fn f() {\n    if let Some(a) = b && c {\n        b();\n        c();\n    }\n}\n",
        );
        check_none("rust", "guard-clause", "fn f() {\n    if a {\n        b();\n        c(;\n    }\n}\n");
        // built only in some configurations
        check_none(
            "rust",
            "guard-clause",
            "fn f() {\n    #[cfg(debug_assertions)]\n    if a {\n        b();\n        c();\n    }\n}\n",
        );
        // locals would live on, and hide others, for what follows
        check_none(
            "rust",
            "guard-clause",
            "fn f() {\n    if a {\n        let b = 1;\n        c(b);\n    } else {\n        return;\n    }\n    d();\n}\n",
        );
    }

    #[test]
    fn python() {
        check_rewrite(
            "python",
            "guard-clause",
            "def f(a):\n    \"\"\"Doc.\"\"\"\n    if a is None and b:\n        # why\n        x = 1\n\n        go(x)\n        # end\n\n\ndef g():\n    pass\n",
            "def f(a):\n    \"\"\"Doc.\"\"\"\n    if a is not None or not b:\n        return\n    # why\n    x = 1\n\n    go(x)\n    # end\n\n\ndef g():\n    pass\n",
        );
        check_rewrite(
            "python",
            "guard-clause",
            "while a:\n  if b < c:\n    x()\n    y()\nelse:\n  z()\n",
            "while a:\n  if not b < c:\n    continue\n  x()\n  y()\nelse:\n  z()\n",
        );
        check_rewrite(
            "python",
            "guard-clause",
            "def f(a):\n    if a:\n        x()\n        y = 1\n    else:\n        raise ValueError(a)\n    return y\n",
            "def f(a):\n    if not a:\n        raise ValueError(a)\n    x()\n    y = 1\n    return y\n",
        );
    }

    #[test]
    fn python_refused() {
        check_none("python", "guard-clause", "def f(a):\n    if a:\n        x()\n        return 1\n");
        check_none(
            "python",
            "guard-clause",
            "def f(a):\n    if a:\n        x()\n        y()\n    elif b:\n        z()\n",
        );
        check_none("python", "guard-clause", "if a:\n    x()\n    y()\n");
        check_none("python", "guard-clause", "def f(a):\n    if a:\n        x()\n        y('''\n        ''')\n");
        check_none(
            "python",
            "guard-clause",
            "def f(a):\n    try:\n        if a:\n            x()\n            y()\n    finally:\n        z()\n",
        );
    }

    #[test]
    fn script() {
        check_rewrite(
            "typescript",
            "guard-clause",
            "function f(a: X) {\n  if (a.b || c) {\n    const x = 1;\n    go(x);\n  }\n}\n",
            "function f(a: X) {\n  if (!a.b && !c) {\n    return;\n  }\n  const x = 1;\n  go(x);\n}\n",
        );
        check_rewrite(
            "javascript",
            "guard-clause",
            "for (const a of b) {\n  if (a instanceof C) {\n    x()\n    y()\n  }\n}\n",
            "for (const a of b) {\n  if (!(a instanceof C)) {\n    continue\n  }\n  x()\n  y()\n}\n",
        );
        check_rewrite(
            "tsx",
            "guard-clause",
            "const f = async () => {\n  if (a === b) {\n    await x();\n    y();\n    w();\n  } else {\n    // no\n    throw new Error();\n  }\n  z();\n};\n",
            "const f = async () => {\n  if (a !== b) {\n    // no\n    throw new Error();\n  }\n  await x();\n  y();\n  w();\n  z();\n};\n",
        );
    }

    #[test]
    fn script_refused() {
        // the declared name is a parameter
        check_none("typescript", "guard-clause", "function f(x) {\n  if (x) {\n    const x = 1;\n    go(x);\n  }\n}\n");
        check_none(
            "typescript",
            "guard-clause",
            "function f(x) {\n  if (x) {\n    function g() {}\n    go(g);\n  }\n}\n",
        );
        check_none("typescript", "guard-clause", "function f(x) {\n  if (x) {\n    go(`\n    `);\n    y();\n  }\n}\n");
        check_none(
            "typescript",
            "guard-clause",
            "switch (x) {\n  case 1:\n    if (x) {\n      go();\n      y();\n    }\n}\n",
        );
    }
}
