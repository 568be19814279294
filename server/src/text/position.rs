//! Positions as clients count them.

use super::{Span, Text};

/// What a column counts: the `positionEncoding` agreed on with a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes of UTF-8.
    Utf8,
    /// Code units of UTF-16: what every client understands.
    #[default]
    Utf16,
    /// Unicode scalar values, "characters"; also what the command line counts in.
    Utf32,
}

/// A line and a column, both from zero; the column counts units of an [`Encoding`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line from zero.
    pub line: u32,
    /// Column from zero in units of the encoding.
    pub column: u32,
}

/// Two positions, `start` before or at `end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Range {
    /// First position.
    pub start: Position,
    /// The position after the last.
    pub end: Position,
}

impl Text {
    /// The byte at `position`. Out-of-range positions are clamped as the specification says: a column past the end of
    /// the line means the line's end, a line past the last the text's end; a column inside a character its start.
    #[must_use]
    pub fn offset(&self, position: Position, encoding: Encoding) -> usize {
        let line = position.line as usize;
        if line >= self.lines() {
            return self.len();
        }
        let span = self.line_span(line);
        let column = position.column as usize;
        let slice = self.rope_slice(span);
        let within = match encoding {
            Encoding::Utf8 => {
                let at = column.min(slice.len_bytes());
                slice.char_to_byte(slice.byte_to_char(at))
            }
            Encoding::Utf16 => {
                let at = column.min(slice.len_utf16_cu());
                slice.char_to_byte(slice.utf16_cu_to_char(at))
            }
            Encoding::Utf32 => slice.char_to_byte(column.min(slice.len_chars())),
        };
        span.start + within
    }

    /// The position of byte `at`; a byte past the end counts as the end.
    #[must_use]
    pub fn position(&self, at: usize, encoding: Encoding) -> Position {
        let at = at.min(self.len());
        let line = self.line_of(at);
        let slice = self.rope_slice(self.clamp(Span::new(self.line_start(line), at)));
        let column = match encoding {
            Encoding::Utf8 => slice.len_bytes(),
            Encoding::Utf16 => slice.len_utf16_cu(),
            Encoding::Utf32 => slice.len_chars(),
        };
        Position { line: saturate(line), column: saturate(column) }
    }

    /// The bytes of `range`; a range with its ends exchanged is read the right way round.
    #[must_use]
    pub fn span(&self, range: Range, encoding: Encoding) -> Span {
        let (a, b) = (self.offset(range.start, encoding), self.offset(range.end, encoding));
        Span::new(a.min(b), a.max(b))
    }

    /// The range of `span`.
    #[must_use]
    pub fn range(&self, span: Span, encoding: Encoding) -> Range {
        Range { start: self.position(span.start, encoding), end: self.position(span.end, encoding) }
    }
}

fn saturate(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\u{feff}fn é() {}\r\n😀字x\rlast";

    fn at(line: u32, column: u32) -> Position {
        Position { line, column }
    }

    #[test]
    fn columns_in_each_encoding() {
        let text = Text::from(TEXT);
        let x = TEXT.find('x').unwrap();
        assert_eq!(text.position(x, Encoding::Utf8), at(1, 7));
        assert_eq!(text.position(x, Encoding::Utf16), at(1, 3));
        assert_eq!(text.position(x, Encoding::Utf32), at(1, 2));
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            for (byte, _) in TEXT.char_indices().filter(|(_, c)| *c != '\n') {
                assert_eq!(text.offset(text.position(byte, encoding), encoding), byte, "{encoding:?} {byte}");
            }
        }
    }

    #[test]
    fn out_of_range_is_clamped() {
        let text = Text::from(TEXT);
        assert_eq!(text.offset(at(0, 99), Encoding::Utf16), TEXT.find('\r').unwrap());
        assert_eq!(text.offset(at(9, 0), Encoding::Utf16), TEXT.len());
        // the second half of a surrogate pair
        assert_eq!(text.offset(at(1, 1), Encoding::Utf16), TEXT.find('😀').unwrap());
        let swapped = Range { start: at(2, 0), end: at(0, 0) };
        assert_eq!(text.span(swapped, Encoding::Utf16), Span::new(0, TEXT.find("last").unwrap()));
    }
}
