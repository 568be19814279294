//! What a grammar takes though the language does not: code that stands where it can't. In: a tree. Out: the places.

use super::{Node, Tree};

/// The first bytes of what stands where the language does not allow it, in their order: in Python lines whose indentation
/// fits no block, and blocks without a statement; in Go a second package clause; in Rust imports among methods.
pub(super) fn misplaced(tree: &Tree) -> Vec<usize> {
    let mut found = Vec::new();
    match tree.language().name {
        "python" => python(tree.root(), Inside { column: 0, function: false }, &mut found),
        "go" => {
            let mut cursor = tree.root().walk();
            let clauses = tree.root().children(&mut cursor).filter(|node| node.kind() == "package_clause");
            found.extend(clauses.skip(1).map(|node| node.start_byte()));
        }
        "rust" => rust(tree.root(), &mut found),
        _ => {}
    }
    found.sort_unstable();
    found
}

fn rust(node: Node<'_>, found: &mut Vec<usize>) {
    let mut cursor = node.walk();
    for item in node.named_children(&mut cursor) {
        let Some(body) = item.child_by_field_name("body") else { continue };
        match item.kind() {
            "mod_item" => rust(body, found),
            "impl_item" | "trait_item" => {
                let mut cursor = body.walk();
                let imports = body.named_children(&mut cursor).filter(|node| node.kind() == "use_declaration");
                found.extend(imports.map(|node| node.start_byte()));
            }
            _ => {}
        }
    }
}

/// Where statements of Python stand.
#[derive(Clone, Copy)]
struct Inside {
    /// The column of their lines.
    column: usize,
    /// Whether they are a function's.
    function: bool,
}

/// The statements of a module or block.
fn python(block: Node<'_>, inside: Inside, found: &mut Vec<usize>) {
    let mut cursor = block.walk();
    let mut row = None;
    for statement in block.named_children(&mut cursor).filter(|node| node.kind() != "comment") {
        let start = statement.start_position();
        // what follows a semicolon stands in the line of another
        if row != Some(start.row) && start.column != inside.column {
            found.push(statement.start_byte());
        }
        row = Some(statement.end_position().row);
        if statement.kind() == "return_statement" && !inside.function {
            found.push(statement.start_byte());
        }
        compound(statement, inside, found);
    }
}

/// The blocks of a statement, and its clauses, which begin below it.
fn compound(statement: Node<'_>, inside: Inside, found: &mut Vec<usize>) {
    let mut cursor = statement.walk();
    for part in statement.named_children(&mut cursor) {
        let function = match statement.kind() {
            "function_definition" => true,
            "class_definition" => false,
            _ => inside.function,
        };
        match part.kind() {
            "block" => {
                let mut cursor = part.walk();
                let first = part.named_children(&mut cursor).find(|node| node.kind() != "comment");
                let Some(first) = first else {
                    found.push(part.start_byte());
                    continue;
                };
                let (own, start) = (first.start_position(), statement.start_position());
                let column = own.column;
                // a block in the line of its statement is no line of its own
                if own.row == part.prev_sibling().map_or(start.row, |before| before.end_position().row) {
                    compound(first, inside, found);
                    continue;
                }
                if column <= inside.column {
                    found.push(first.start_byte());
                }
                python(part, Inside { column, function }, found);
            }
            "elif_clause" | "else_clause" | "except_clause" | "except_group_clause" | "finally_clause" => {
                if part.start_position().column != inside.column {
                    found.push(part.start_byte());
                }
                compound(part, Inside { function, ..inside }, found);
            }
            "function_definition" | "class_definition" => compound(part, inside, found),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::by_name;
    use crate::text::Text;

    /// The lines, from 1, that are misplaced.
    fn lines(language: &str, code: &str) -> Vec<usize> {
        let text = Text::from(code);
        let tree = Tree::parse(&text, by_name(language).unwrap(), None, None).unwrap();
        misplaced(&tree).into_iter().map(|at| text.line_of(at) + 1).collect()
    }

    #[test]
    fn indentation_that_fits_no_block() {
        assert_eq!(lines("python", "def f(a):\n    if a:\n        x()\n    y()\n        z()\n    return a\n"), [5]);
        assert_eq!(lines("python", "def f(a):\n    p()\n        q()\n    r()\n"), [3]);
        assert_eq!(lines("python", "def f(a):\n    if a:\n        x()\n      y()\n"), [4]);
        assert_eq!(lines("python", "def f(a):\n    if a:\n    x()\n").len(), 1);
        assert_eq!(lines("python", "def f(a):\n    x()\nreturn a\n"), [3]);
    }

    #[test]
    fn what_python_takes() {
        let code = "\
import os; import sys
if os: x = 1; y = 2
class A:
    '''Doc.
  more'''
    a = [
  1,
]
    @property
    def f(self): return 1
    async def g(self):
        # first
      # odd
        try:
            with open(self.a) as b, \\
                 open(b):
                return lambda: (
            1)
        except OSError:
            pass
        except (A, B): pass
        else:
            for a in b: print(a)
        finally:
            while True:
                break
            else:
                pass
        match a:
            case 1:
                return 2
            case _:
                pass
        if (yield):
            return
        elif b: return
        else: return
";
        assert_eq!(lines("python", code), [] as [usize; 0]);
        assert_eq!(lines("python", "def f():\r\n\tif a:\r\n\t\treturn\r\n\treturn 1\r\n"), [] as [usize; 0]);
    }

    #[test]
    fn declarations_where_none_can_be() {
        assert_eq!(lines("go", "package p\n\nfunc a() {}\n\npackage p\n\nfunc b() {}\n"), [5]);
        assert_eq!(
            lines(
                "rust",
                "mod m {\n    use a::b;\n    impl A {\n        use c::d;\n        fn f() { use e::f; }\n    }\n}\n"
            ),
            [4]
        );
    }
}
