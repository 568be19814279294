//! Text of a document: a rope, byte spans, positions in the protocol's encodings, edits, and rebasing of places over
//! edits. In: text and changes. Out: text and places. Never reads a file, never waits.

mod edit;
mod position;
mod rope;
mod source;
mod target;

pub use edit::{
    Collision, Edit, addressable, apply_edits, cover_span, keeps_its_lines, rebase_each, rebase_edits, rebase_span,
};
pub use position::{Encoding, Position, Range};
pub use rope::{LineEnding, Text};
pub use source::Source;
pub use target::{Place, Target, TargetError};

/// A half-open span of bytes, `start <= end`, both on character boundaries of the text they belong to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// The span from `start` up to, not including, `end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// Length in bytes.
    #[must_use]
    pub const fn len(self) -> usize {
        self.end - self.start
    }

    /// True for a span without bytes: a cursor.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// True when every byte of `other` lies in this span; an empty `other` may stand at either end.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// True when the two share a byte.
    #[must_use]
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// True when the two share a byte or meet at one end.
    #[must_use]
    pub const fn touches(self, other: Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }

    /// The span as an index into a string.
    #[must_use]
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start..self.end
    }
}

impl From<std::ops::Range<usize>> for Span {
    fn from(range: std::ops::Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}
