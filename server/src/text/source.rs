//! Text as parsers and queries read it: a rope that is being edited, or a plain string that is not.

use std::borrow::Cow;

use super::{Span, Text};

/// A text that can be read by spans.
pub trait Source {
    /// The whole text's span.
    fn whole(&self) -> Span;

    /// The text of `span`, clamped to the text and moved out to character boundaries.
    fn slice(&self, span: Span) -> Cow<'_, str>;

    /// Bytes from byte `at` on, at least one of them; empty at the end. They may start inside a character.
    fn piece_at(&self, at: usize) -> &[u8];

    /// First byte of the line that holds byte `at` (clamped to the text).
    fn line_start_at(&self, at: usize) -> usize;
}

impl Source for Text {
    fn whole(&self) -> Span {
        Span::new(0, self.len())
    }

    fn slice(&self, span: Span) -> Cow<'_, str> {
        Self::slice(self, span)
    }

    fn piece_at(&self, at: usize) -> &[u8] {
        Self::piece_at(self, at)
    }

    fn line_start_at(&self, at: usize) -> usize {
        self.line_start(self.line_of(at))
    }
}

impl Source for &str {
    fn whole(&self) -> Span {
        Span::new(0, self.len())
    }

    fn slice(&self, span: Span) -> Cow<'_, str> {
        let (mut start, mut end) = (span.start.min(self.len()), span.end.min(self.len()));
        while !self.is_char_boundary(start) {
            start -= 1;
        }
        while !self.is_char_boundary(end) {
            end += 1;
        }
        self.get(start..end).unwrap_or_default().into()
    }

    fn piece_at(&self, at: usize) -> &[u8] {
        self.as_bytes().get(at..).unwrap_or_default()
    }

    fn line_start_at(&self, at: usize) -> usize {
        let bytes = self.as_bytes();
        let mut start = at.min(bytes.len());
        // a lone CR ends a line as well; between CR and LF none ends
        while let Some((last, before)) = bytes.get(..start).and_then(|before| before.split_last()) {
            let inside_crlf = *last == b'\r' && bytes.get(start) == Some(&b'\n');
            if *last == b'\n' || *last == b'\r' && !inside_crlf {
                break;
            }
            start = before.len();
        }
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_string_and_a_rope_read_alike(text in "[ab\r\né😀]{0,12}", start in 0usize..24, len in 0usize..24) {
            let (rope, plain) = (Text::from(&*text), &*text);
            let span = Span::new(start, start + len);
            prop_assert_eq!(Source::slice(&rope, span), Source::slice(&plain, span));
            prop_assert_eq!(rope.line_start_at(start), plain.line_start_at(start));
            prop_assert_eq!(Source::whole(&rope), plain.whole());
        }
    }
}
