//! Short ways to read a syntax tree, for the code that places and writes tests.

use crate::syntax::{Language, Node, Tree, by_name};
use crate::text::Text;

/// The named children that are no comments.
pub(crate) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !child.kind().contains("comment")).collect()
}

/// All children, the unnamed and comments too.
pub(crate) fn all_children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).collect()
}

/// The text of a node.
pub(crate) fn text<'src>(source: &'src str, node: Node<'_>) -> &'src str {
    source.get(node.byte_range()).unwrap_or_default()
}

/// The text of a field of a node; empty without it.
pub(crate) fn field<'src>(source: &'src str, node: Node<'_>, name: &str) -> &'src str {
    node.child_by_field_name(name).map_or("", |node| text(source, node))
}

/// The first child of a kind.
pub(crate) fn child<'tree>(node: Node<'tree>, kind: &str) -> Option<Node<'tree>> {
    all_children(node).into_iter().find(|child| child.kind() == kind)
}

/// Calls `each` for `node` and every node below it, until it returns false for one: then not below that one.
pub(crate) fn visit<'tree>(node: Node<'tree>, each: &mut impl FnMut(Node<'tree>) -> bool) {
    if each(node) {
        for child in all_children(node) {
            visit(child, each);
        }
    }
}

/// A tree of a piece of code, by the language's name.
pub(crate) fn parse(source: &str, language: &str) -> Option<Tree> {
    let language: &'static Language = by_name(language)?;
    Tree::parse(&Text::from(source), language, None, None)
}
