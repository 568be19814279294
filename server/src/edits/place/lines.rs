//! A text by its lines, with an index of what stands on them: where some lines are is found without going through all.

use std::collections::HashMap;

use crate::text::Span;

/// Lines of a text, their ends included, and where each of them is.
pub(in crate::edits) struct Lines<'a> {
    text: &'a str,
    /// Where each line starts, and the end of the text.
    starts: Vec<usize>,
    /// The lines that hold the same text, blanks around it left out.
    by_text: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Lines<'a> {
    pub(in crate::edits) fn of(text: &'a str) -> Self {
        let mut starts = vec![0];
        let mut by_text: HashMap<&str, Vec<usize>> = HashMap::new();
        for (number, line) in text.split_inclusive('\n').enumerate() {
            starts.push(starts.last().copied().unwrap_or_default() + line.len());
            by_text.entry(line.trim()).or_default().push(number);
        }
        Self { text, starts, by_text }
    }

    /// The whole text.
    pub(in crate::edits) fn text(&self) -> &'a str {
        self.text
    }

    /// Number of lines; a last line end opens no new one.
    pub(in crate::edits) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// A line with its end; empty past the last.
    pub(in crate::edits) fn get(&self, line: usize) -> &'a str {
        self.text.get(self.span(line, line + 1).range()).unwrap_or_default()
    }

    /// The bytes of the lines from `from` up to, not including, `to`.
    pub(in crate::edits) fn span(&self, from: usize, to: usize) -> Span {
        let at = |line: usize| self.starts.get(line).copied().unwrap_or(self.text.len());
        Span::new(at(from), at(to.max(from)))
    }

    /// The line that holds a byte; at the end of the text the line after the last.
    pub(in crate::edits) fn of_byte(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// The lines that hold this text, blanks around it left out.
    pub(in crate::edits) fn with(&self, trimmed: &str) -> &[usize] {
        self.by_text.get(trimmed).map_or(&[], Vec::as_slice)
    }
}
