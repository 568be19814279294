//! Whether code is what it was, but for its documentation. In: the trees of a text before and after edits. Out: the first
//! token that differs. What the language takes for blanks does not count; how deep a token stands does, as blanks mean
//! something in Python.

use crate::syntax::{Node, Tree};
use crate::text::{Span, Text};

/// A token of code: what it is, how deep it stands, its text, where it starts.
#[derive(Debug)]
struct Token<'t> {
    kind: &'t str,
    depth: u32,
    text: String,
    start: usize,
}

/// The place, in the new text, of the first code that is not as it was; `None` when all is. In Elixir documentation is code.
pub(super) fn changed_code((old, before): (&Tree, &Text), (new, after): (&Tree, &Text)) -> Option<usize> {
    let language = new.language().name;
    if language == "elixir" {
        return None;
    }
    let (old, new) = (tokens(old, before), tokens(new, after));
    let same = |(a, b): &(&Token<'_>, &Token<'_>)| (a.kind, a.depth, &a.text) == (b.kind, b.depth, &b.text);
    let equal = old.iter().zip(&new).take_while(same).count();
    if equal == old.len() && equal == new.len() {
        return None;
    }
    Some(new.get(equal).or(new.last()).map_or(0, |token| token.start))
}

/// The tokens that are no documentation and no comment.
fn tokens<'t>(tree: &'t Tree, text: &Text) -> Vec<Token<'t>> {
    let python = tree.language().name == "python";
    let mut found = Vec::new();
    let mut cursor = tree.root().walk();
    loop {
        let node = cursor.node();
        let left_out = is_comment(node) || (python && is_docstring(node));
        let whole = left_out || is_text(node);
        if !whole && cursor.goto_first_child() {
            continue;
        }
        let span = Span::new(node.start_byte(), node.end_byte());
        if !left_out && !text.slice(span).trim().is_empty() {
            let text = text.slice(span).into_owned();
            found.push(Token { kind: node.kind(), depth: cursor.depth(), text, start: span.start });
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return found;
            }
        }
    }
}

fn is_comment(node: Node<'_>) -> bool {
    node.kind().contains("comment") || node.kind() == "haddock"
}

/// A node whose blanks count.
fn is_text(node: Node<'_>) -> bool {
    ["string", "char", "template", "heredoc"].iter().any(|kind| node.kind().starts_with(kind))
}

/// Whether a statement of Python is the string that a block or file begins with.
fn is_docstring(node: Node<'_>) -> bool {
    let is_string = node.kind() == "expression_statement"
        && node.named_child_count() == 1
        && node.named_child(0).is_some_and(|child| matches!(child.kind(), "string" | "concatenated_string"));
    let mut before = node.prev_named_sibling();
    while let Some(comment) = before.filter(|before| is_comment(*before)) {
        before = comment.prev_named_sibling();
    }
    is_string && before.is_none() && node.parent().is_some_and(|parent| matches!(parent.kind(), "block" | "module"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::by_name;

    /// Two texts → the start of what differs besides documentation.
    fn check(language: &str, before: &str, after: &str, differs: Option<&str>) {
        let parse = |text: &str| {
            let text = Text::from(text);
            (Tree::parse(&text, by_name(language).unwrap(), None, None).unwrap(), text)
        };
        let ((old, before), (new, after)) = (parse(before), parse(after));
        let at = changed_code((&old, &before), (&new, &after));
        let rest = at.map(|at| after.slice(Span::new(at, after.len())).into_owned());
        match (&rest, differs) {
            (Some(rest), Some(differs)) => assert!(rest.starts_with(differs), "{rest}"),
            (rest, differs) => assert_eq!(rest.as_deref(), differs),
        }
    }

    #[test]
    fn documentation_is_no_code() {
        check("rust", "fn a() { b(1) }", "/// Does b.\n///\n/// # Panics\nfn a() {\n    // once\n    b(1)\n}", None);
        check("rust", "/// Old.\nfn a() {}", "fn a() {}", None);
        check("rust", "fn a() { b(1) }", "/// Does b.\nfn a() { b(2) }", Some("2"));
        check("rust", "fn a() { b(\" x\") }", "/// Does b.\nfn a() { b(\"x\") }", Some("\"x\""));
        check("rust", "fn a() { b(); c() }", "/// Does b.\nfn a() { b() }", Some("b() }"));
        check("typescript", "f(a: X) {}", "f(a: X) {}", None);
        check("typescript", "function f(a: X) {}", "/** Does f. */\nfunction f(a: X) {}", None);
        check("javascript", "function f() { a() }", "function f() { 'use strict'; a() }", Some("'use strict'"));
    }

    #[test]
    fn what_a_block_of_python_begins_with_is_documentation() {
        let old = "def f(a):\n    if a:\n        b()\n        c()\n";
        check("python", old, "def f(a):\n    \"\"\"Does b.\"\"\"\n    if a:\n        b()\n        c()\n", None);
        check("python", old, "def f(a):\n    # why\n    'Does b.'\n    if a:\n        b()\n        c()\n", None);
        check("python", old, "def f(a):\n    \"\"\"Does b.\"\"\"\n    if a:\n        b()\n    c()\n", Some("c()"));
        check("python", old, "def f(a):\n    if a:\n        b()\n        'Does b.'\n        c()\n", Some("'Does b.'"));
    }
}
