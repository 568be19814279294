//! The rope behind a document.

use std::borrow::Cow;

use ropey::{Rope, RopeSlice};

use super::Span;

/// A document's text. Cloning is cheap: clones share their parts. Lines end at LF, CRLF or a lone CR, as in LSP;
/// form feeds, NEL and U+2028 are ordinary characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    rope: Rope,
    /// Some line ends at a CR without LF; then line numbers differ from the number of LFs.
    lone_cr: bool,
}

/// How a text ends its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnding {
    /// `\n`
    Lf,
    /// `\r\n`
    Crlf,
}

impl LineEnding {
    /// The characters of the line ending.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::Crlf => "\r\n",
        }
    }
}

impl Text {
    /// Whether some line ends at a CR alone, which not every editor counts as a line end.
    #[must_use]
    pub const fn has_lone_cr(&self) -> bool {
        self.lone_cr
    }

    /// Whether CRs alone end its lines: as many of them as LFs, or more.
    #[must_use]
    pub fn is_ended_by_cr(&self) -> bool {
        if !self.lone_cr {
            return false;
        }
        let (mut alone, mut feeds, mut last) = (0, 0, 0);
        for byte in self.rope.bytes() {
            match byte {
                b'\n' if last == b'\r' => (alone, feeds) = (alone - 1, feeds + 1), // the CR before it was counted
                b'\n' => feeds += 1,
                b'\r' => alone += 1,
                _ => {}
            }
            last = byte;
        }
        alone >= feeds
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rope.len_bytes()
    }

    /// True for a text without bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of lines; at least one, and one more than there are line ends.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.rope.len_lines()
    }

    /// The line, from zero, that holds byte `at` (clamped to the text).
    #[must_use]
    pub fn line_of(&self, at: usize) -> usize {
        self.rope.byte_to_line(at.min(self.len()))
    }

    /// First byte of `line`, from zero; the text's length for a line past the end.
    #[must_use]
    pub fn line_start(&self, line: usize) -> usize {
        if line >= self.lines() { self.len() } else { self.rope.line_to_byte(line) }
    }

    /// The bytes of `line` without its line end; an empty span at the end for a line past it.
    #[must_use]
    pub fn line_span(&self, line: usize) -> Span {
        let start = self.line_start(line);
        let mut end = self.line_start(line + 1);
        if line + 1 < self.lines() {
            // a line end is one or two bytes: CRLF, LF or CR
            if end > start && self.rope.byte(end - 1) == b'\n' {
                end -= 1;
                if end > start && self.rope.byte(end - 1) == b'\r' {
                    end -= 1;
                }
            } else if end > start && self.rope.byte(end - 1) == b'\r' {
                end -= 1;
            }
        }
        Span::new(start, end)
    }

    /// The text of `span`, clamped to the text and moved out to character boundaries.
    #[must_use]
    pub fn slice(&self, span: Span) -> Cow<'_, str> {
        let span = self.clamp(span);
        self.rope_slice(span).into()
    }

    /// The whole text as one string.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.rope.to_string()
    }

    /// The piece of the rope that holds byte `at`, from `at` on; empty at the end. For readers that take text in
    /// pieces; a piece may start inside a character.
    #[must_use]
    pub fn piece_at(&self, at: usize) -> &[u8] {
        if at >= self.len() {
            return &[];
        }
        let (chunk, start, _, _) = self.rope.chunk_at_byte(at);
        chunk.as_bytes().get(at - start..).unwrap_or(&[])
    }

    /// Replaces `span` (clamped) by `text`.
    pub fn replace(&mut self, span: Span, text: &str) {
        let span = self.clamp(span);
        let start = self.rope.byte_to_char(span.start);
        let end = self.rope.byte_to_char(span.end);
        if start < end {
            self.rope.remove(start..end);
        }
        if !text.is_empty() {
            self.rope.insert(start, text);
        }
        let behind_cr = span.start > 0 && self.rope.byte(span.start - 1) == b'\r';
        if self.lone_cr || behind_cr || text.contains('\r') {
            self.lone_cr = has_lone_cr(&self.rope);
        }
    }

    /// Number of LFs before byte `at`, and the bytes between the last of them and `at`: how tree-sitter counts.
    #[must_use]
    pub fn line_feeds(&self, at: usize) -> (usize, usize) {
        let at = at.min(self.len());
        if !self.lone_cr {
            let line = self.rope.byte_to_line(at);
            return (line, at - self.rope.line_to_byte(line));
        }
        let before = self.rope.byte_slice(..at);
        let count = before.bytes().filter(|byte| *byte == b'\n').count();
        let column = before.bytes_at(at).reversed().take_while(|byte| *byte != b'\n').count();
        (count, column)
    }

    /// `span` clamped to the text, its ends moved out to character boundaries.
    #[must_use]
    pub fn clamp(&self, span: Span) -> Span {
        let len = self.len();
        let start = span.start.min(len);
        let end = span.end.clamp(start, len);
        let floor = |at: usize| self.rope.char_to_byte(self.rope.byte_to_char(at));
        let (low, high) = (floor(start), floor(end));
        let high = if high < end { self.rope.char_to_byte(self.rope.byte_to_char(end) + 1) } else { high };
        Span::new(low, high)
    }

    /// The line ending that most of the first lines use.
    #[must_use]
    pub fn line_ending(&self) -> LineEnding {
        let (mut crlf, mut lf) = (0, 0);
        for line in 0..self.lines().saturating_sub(1).min(64) {
            let end = self.line_start(line + 1);
            if end >= 2 && self.rope.byte(end - 2) == b'\r' && self.rope.byte(end - 1) == b'\n' {
                crlf += 1;
            } else {
                lf += 1;
            }
        }
        if crlf > lf { LineEnding::Crlf } else { LineEnding::Lf }
    }

    pub(super) fn rope_slice(&self, span: Span) -> RopeSlice<'_> {
        self.rope.byte_slice(span.range())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        let rope = Rope::from_str(text);
        let lone_cr = has_lone_cr(&rope);
        Self { rope, lone_cr }
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.rope.chunks().try_for_each(|chunk| f.write_str(chunk))
    }
}

fn has_lone_cr(rope: &Rope) -> bool {
    let mut after_cr = false;
    for chunk in rope.chunks() {
        let bytes = chunk.as_bytes();
        if after_cr && bytes.first() != Some(&b'\n') {
            return true;
        }
        after_cr = bytes.last() == Some(&b'\r');
        if chunk.match_indices('\r').any(|(at, _)| bytes.get(at + 1).is_some_and(|next| *next != b'\n')) {
            return true;
        }
    }
    after_cr
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_in_the_protocol() {
        let text = Text::from("a\r\nb\rc\nd\u{c}e\u{85}f\u{2028}g");
        assert_eq!(text.lines(), 4);
        let lines: Vec<String> = (0..5).map(|line| text.slice(text.line_span(line)).into_owned()).collect();
        assert_eq!(lines, ["a", "b", "c", "d\u{c}e\u{85}f\u{2028}g", ""]);
    }

    #[test]
    fn a_span_inside_a_character_moves_out() {
        let text = Text::from("aé😀z");
        assert_eq!(text.slice(Span::new(2, 4)), "é😀");
        assert_eq!(text.slice(Span::new(90, 99)), "");
    }

    #[test]
    fn line_feeds_are_counted_past_lone_crs() {
        let mut text = Text::from("a\r\nbc");
        assert_eq!(text.line_feeds(5), (1, 2));
        text.replace(Span::new(3, 3), "\r");
        assert_eq!(text.line_feeds(6), (1, 3));
        text.replace(Span::new(3, 4), "");
        assert_eq!((text.line_feeds(5), text.lone_cr), ((1, 2), false));
        text.replace(Span::new(2, 3), ""); // the LF of a CRLF
        assert_eq!((text.line_feeds(4), text.lone_cr), ((0, 4), true));
    }

    #[test]
    fn crlf_is_seen() {
        assert_eq!(Text::from("a\r\nb\r\n").line_ending(), LineEnding::Crlf);
        assert_eq!(Text::from("a\nb").line_ending(), LineEnding::Lf);
        assert_eq!(Text::from("").line_ending(), LineEnding::Lf);
    }

    #[test]
    fn lines_that_a_cr_ends_are_told_from_a_cr_within_one() {
        for text in ["a\rb\r", "a\r\r\nb\r\r\n", "a\rb"] {
            assert!(Text::from(text).is_ended_by_cr(), "{text:?}");
        }
        for text in ["", "a\nb\n", "a\r\nb\r\n", "a\n\"x\ry\"\nb\n"] {
            assert!(!Text::from(text).is_ended_by_cr(), "{text:?}");
        }
    }
}
