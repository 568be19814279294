//! What is shown of a file, line by line, with an exact map back. In: a text and the lines, or parts of lines, to show.
//! Out: their text, and for each place in it the place in the file. Never shows a line twice or out of order.

use std::collections::BTreeMap;

use crate::policy::mask_secrets;
use crate::text::{Span, Text};

/// A line of a file, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Piece {
    /// The line, from zero.
    pub line: usize,
    /// The bytes of the file that are shown of it, without its line end.
    pub span: Span,
}

/// A line that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Where it stands in the file; `None` for a mark that lines were left out.
    pub piece: Option<Piece>,
    /// Its text, without a line end. It is the file's own, except where a secret was blotted out.
    pub text: String,
}

/// Lines of one file, in order, and marks between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Projection {
    lines: Vec<Shown>,
}

impl Projection {
    /// Shows `pieces`, which may come in any order and overlap. Also says how many secrets were blotted out.
    #[must_use]
    pub fn of(text: &Text, pieces: &[Piece]) -> (Self, usize) {
        let mut by_line: BTreeMap<usize, Span> = BTreeMap::new();
        for piece in pieces {
            add(&mut by_line, *piece);
        }
        let mut lines: Vec<Shown> = by_line
            .into_iter()
            .map(|(line, span)| Shown { piece: Some(Piece { line, span }), text: text.slice(span).into_owned() })
            .collect();
        let secrets = blot(&mut lines);
        (Self { lines }, secrets)
    }

    /// Puts a mark behind the lines up to `line` of the file, unless the next line is shown, too.
    pub(super) fn mark(&mut self, line: usize, mark: &str) {
        let next = |shown: &Shown| shown.piece.is_some_and(|piece| piece.line == line + 1);
        if self.lines.iter().any(next) {
            return;
        }
        let at = self.lines.iter().rposition(|shown| shown.piece.is_some_and(|piece| piece.line <= line));
        self.lines.insert(at.map_or(0, |at| at + 1), Shown { piece: None, text: mark.to_owned() });
    }

    /// The lines that are shown.
    #[must_use]
    pub fn lines(&self) -> &[Shown] {
        &self.lines
    }

    /// What is shown, with LF between its lines and none at its end.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// The byte of the file that byte `column` of shown line `line` (both from zero) is; `None` in a mark and past an end.
    #[must_use]
    pub fn to_file(&self, line: usize, column: usize) -> Option<usize> {
        let piece = self.lines.get(line)?.piece?;
        (column <= piece.span.len()).then_some(piece.span.start + column)
    }

    /// The shown line and the byte in it, both from zero, of byte `at` of the file; `None` where it is not shown.
    #[must_use]
    pub fn from_file(&self, at: usize) -> Option<(usize, usize)> {
        let holds = |shown: &Shown| shown.piece.is_some_and(|Piece { span, .. }| span.contains(Span::new(at, at)));
        let line = self.lines.iter().position(holds)?;
        Some((line, at - self.lines.get(line)?.piece?.span.start))
    }
}

/// Adds a piece to the lines shown; of two pieces of one line what holds both is shown.
pub(super) fn add(by_line: &mut BTreeMap<usize, Span>, piece: Piece) {
    let span = by_line.entry(piece.line).or_insert(piece.span);
    *span = Span::new(span.start.min(piece.span.start), span.end.max(piece.span.end));
}

/// Blots out secrets, also those that go over several lines; a line that lies in one as a whole is left empty.
fn blot(lines: &mut [Shown]) -> usize {
    let all = lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
    let (masked, secrets) = mask_secrets(&all);
    if secrets == 0 {
        return 0;
    }
    if masked.lines().count() == lines.len() {
        lines.iter_mut().zip(masked.lines()).for_each(|(line, masked)| masked.clone_into(&mut line.text));
        return secrets;
    }
    // lines were swallowed: those that both texts start and end with are in their places
    let same_start = lines.iter().zip(masked.lines()).take_while(|(line, masked)| line.text == **masked).count();
    let rest = lines.get_mut(same_start..).unwrap_or_default();
    let same_end =
        rest.iter().rev().zip(masked.lines().rev()).take_while(|(line, masked)| line.text == **masked).count();
    let hidden = rest.len() - same_end.min(rest.len());
    let mut blotted = rest.iter_mut().take(hidden);
    if let Some(first) = blotted.next() {
        "[secret held back]".clone_into(&mut first.text);
    }
    blotted.for_each(|line| line.text.clear());
    secrets
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces(text: &Text, wanted: &[(usize, usize, usize)]) -> Vec<Piece> {
        let piece = |(line, from, to): &(usize, usize, usize)| {
            let line = line % text.lines();
            let all = text.line_span(line);
            let (a, b) = (from % (all.len() + 1), to % (all.len() + 1));
            Piece { line, span: text.clamp(Span::new(all.start + a.min(b), all.start + a.max(b))) }
        };
        wanted.iter().map(piece).collect()
    }

    proptest! {
        #[test]
        fn every_shown_place_maps_to_its_place_in_the_file_and_back(
            source in "([a-zé{} ]{0,12}(\n|\r\n)){0,12}",
            wanted in proptest::collection::vec((0usize..20, 0usize..20, 0usize..20), 0..12),
            marks in proptest::collection::vec(0usize..14, 0..3),
        ) {
            let text = Text::from(source.as_str());
            let pieces = pieces(&text, &wanted);
            let (mut shown, _) = Projection::of(&text, &pieces);
            marks.iter().for_each(|line| shown.mark(*line, "…"));
            for (number, line) in shown.text().split('\n').enumerate().take(shown.lines().len()) {
                let Some(piece) = shown.lines()[number].piece else {
                    prop_assert_eq!(line, "…");
                    prop_assert_eq!(shown.to_file(number, 0), None);
                    continue;
                };
                prop_assert_eq!(line, &*text.slice(piece.span));
                for (column, _) in line.char_indices() {
                    let at = shown.to_file(number, column).unwrap();
                    prop_assert_eq!(text.line_of(at), piece.line);
                    prop_assert_eq!(shown.from_file(at), Some((number, column)));
                }
            }
            for piece in pieces {
                prop_assert!(shown.from_file(piece.span.start).is_some());
            }
            let lines: Vec<usize> = shown.lines().iter().filter_map(|line| Some(line.piece?.line)).collect();
            prop_assert!(lines.windows(2).all(|two| two[0] < two[1]));
        }
    }

    #[test]
    fn secrets_are_blotted_out_line_by_line() {
        let source = "a\n-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nb\n";
        let text = Text::from(source);
        let all: Vec<Piece> = (0..5).map(|line| Piece { line, span: text.line_span(line) }).collect();
        let (shown, secrets) = Projection::of(&text, &all);
        assert_eq!((shown.text().as_str(), secrets), ("a\n[secret held back]\n\n\nb", 1));
        assert_eq!(shown.from_file(source.find("b\n").unwrap()), Some((4, 0)));
    }
}
