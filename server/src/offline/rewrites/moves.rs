//! Moving code one level out: the edits that take indentation away.

use super::site::{Site, has_comment};
use crate::syntax::Node;
use crate::text::{Edit, Span};

/// The inside of a block that is laid out on lines of its own.
pub(super) struct Body {
    /// First and last line that hold code or comments.
    pub(super) first: usize,
    pub(super) last: usize,
    /// Indentation of its first line.
    pub(super) indent: String,
    /// The byte after the block's head: after `{`, or after `:` in Python.
    pub(super) head: usize,
    /// The byte after the block: after `}`; in Python that of the last line.
    pub(super) end: usize,
}

impl Body {
    /// The lines inside `block`, whose head ends with its line, and whose end, `}`, has a line that it starts.
    pub(super) fn of(site: &Site<'_>, owner: Node<'_>, block: Node<'_>) -> Option<Self> {
        if site.family == super::Family::Python {
            Self::of_python(site, owner, block)
        } else {
            Self::of_braces(site, block)
        }
    }

    fn of_braces(site: &Site<'_>, block: Node<'_>) -> Option<Self> {
        let text = site.text;
        let (head, close) = (block.start_byte() + 1, block.end_byte().checked_sub(1)?);
        if !site.ends_line(head) || !site.starts_line(close) {
            return None;
        }
        let mut first = text.line_of(head) + 1;
        let mut last = text.line_of(close).checked_sub(1)?;
        while first <= last && blank(site, last) {
            last -= 1;
        }
        while first <= last && blank(site, first) {
            first += 1;
        }
        (first <= last).then(|| Self {
            first,
            last,
            indent: site.indent(text.line_start(first)),
            head,
            end: block.end_byte(),
        })
    }

    fn of_python(site: &Site<'_>, owner: Node<'_>, block: Node<'_>) -> Option<Self> {
        let text = site.text;
        let mut cursor = owner.walk();
        let colon = owner
            .children(&mut cursor)
            .filter(|child| child.kind() == ":" && child.end_byte() <= block.start_byte())
            .last()?;
        let head = colon.end_byte();
        if !site.ends_line(head) || !site.starts_line(block.start_byte()) {
            return None;
        }
        let mut first = text.line_of(head) + 1;
        while blank(site, first) && first < text.line_of(block.start_byte()) {
            first += 1;
        }
        let indent = site.indent(block.start_byte());
        // the grammar leaves comments at the end of a block outside it
        let mut last = text.line_of(block.end_byte().checked_sub(1)?.max(block.start_byte()));
        while blank(site, last) && last > first {
            last -= 1;
        }
        let mut next = last + 1;
        while next < text.lines() {
            let line = text.slice(text.line_span(next));
            if line.strip_prefix(indent.as_str()).is_some_and(|rest| rest.trim_start().starts_with('#')) {
                last = next;
            } else if !line.trim().is_empty() {
                break;
            }
            next += 1;
        }
        Some(Self { first, last, indent, head, end: text.line_span(last).end })
    }

    /// Number of its lines.
    pub(super) const fn lines(&self) -> usize {
        self.last + 1 - self.first
    }

    /// The byte after its last line.
    pub(super) fn content_end(&self, site: &Site<'_>) -> usize {
        site.text.line_span(self.last).end
    }

    /// The bytes of its lines.
    pub(super) fn content(&self, site: &Site<'_>) -> Span {
        Span::new(site.text.line_start(self.first), self.content_end(site))
    }

    /// The edits that move its lines out to `indent`. `None` when a line is indented less than the first, or starts
    /// inside a string, whose value would change.
    pub(super) fn dedent(&self, site: &Site<'_>, block: Node<'_>, indent: &str) -> Option<Vec<Edit>> {
        if self.indent.len() <= indent.len() || !self.indent.starts_with(indent) || has_long_string(block) {
            return None;
        }
        let mut edits = Vec::new();
        for line in self.first..=self.last {
            let span = site.text.line_span(line);
            let text = site.text.slice(span);
            if text.starts_with(self.indent.as_str()) {
                edits.push(Edit::new(Span::new(span.start + indent.len(), span.start + self.indent.len()), ""));
            } else if !text.trim().is_empty() {
                return None;
            }
        }
        Some(edits)
    }
}

fn blank(site: &Site<'_>, line: usize) -> bool {
    site.text.slice(site.text.line_span(line)).trim().is_empty()
}

/// True when a string in `node` goes over a line end.
pub(super) fn has_long_string(node: Node<'_>) -> bool {
    super::site::any_under(node, &|_| false, &|here| {
        here.start_position().row != here.end_position().row
            && matches!(here.kind(), "string" | "string_literal" | "raw_string_literal" | "template_string")
    })
}

/// True when code between `start` and `end` of `node`'s children is a comment.
pub(super) fn comment_between(node: Node<'_>, start: usize, end: usize) -> bool {
    let mut cursor = node.walk();
    node.children(&mut cursor)
        .filter(|child| child.start_byte() < end && child.end_byte() > start)
        .any(|child| super::site::is_comment(child.kind()))
}

/// True for a condition or head that can be moved as it is: one line, no comment.
pub(super) fn is_plain(node: Node<'_>) -> bool {
    super::site::on_one_line(node) && !has_comment(node)
}
