//! The editor's own copy of a document: a string, and positions in the encoding agreed upon. Shares no code with the
//! server, so that a fault there can't hide itself here.

use serde_json::{Value, json};
use std::ops::Range;
use std::time::Instant;

/// The unit of a position's column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Columns {
    Utf8,
    Utf16,
    Utf32,
}

impl Columns {
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "utf-8" => Self::Utf8,
            "utf-16" => Self::Utf16,
            "utf-32" => Self::Utf32,
            other => panic!("the server chose the encoding {other:?}"),
        }
    }

    fn width(self, character: char) -> usize {
        match self {
            Self::Utf8 => character.len_utf8(),
            Self::Utf16 => character.len_utf16(),
            Self::Utf32 => 1,
        }
    }
}

/// Bytes to be replaced, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) range: Range<usize>,
    pub(crate) text: String,
}

#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) uri: String,
    pub(crate) text: String,
    /// In Neovim ahead of what the server knows, until the changes are sent.
    pub(crate) version: i64,
    /// Neovim sends changes at most every 150 ms.
    pub(super) unsent: Vec<Value>,
    pub(super) last_sent: Option<Instant>,
    pub(super) due: Option<Instant>,
}

impl Document {
    /// Changes from the server's list of edits, in the order of their places.
    pub(super) fn read_edits(&self, edits: &Value, columns: Columns) -> Result<Vec<Change>, String> {
        let edits = edits.as_array().ok_or_else(|| format!("edits that are no list: {edits}"))?;
        let mut changes: Vec<Change> = edits
            .iter()
            .map(|edit| {
                let text = edit["newText"].as_str().ok_or_else(|| format!("an edit without `newText`: {edit}"))?;
                Ok(Change { range: bytes(&self.text, &edit["range"], columns), text: text.to_owned() })
            })
            .collect::<Result<_, String>>()?;
        changes.sort_by_key(|change| (change.range.start, change.range.end));
        match changes.windows(2).find(|pair| pair[1].range.start < pair[0].range.end) {
            Some(pair) => Err(format!("overlapping edits: {pair:?}")),
            None => Ok(changes),
        }
    }

    /// Applies one change and returns it as an element of `contentChanges`.
    pub(super) fn change(&mut self, change: &Change, columns: Columns) -> Value {
        let range = range(&self.text, change.range.clone(), columns);
        self.text.replace_range(change.range.clone(), &change.text);
        json!({ "range": range, "text": change.text })
    }
}

/// The byte at a position; beyond the line's end that end, beyond the last line the text's end.
pub(crate) fn byte(text: &str, position: &Value, columns: Columns) -> usize {
    let line = position["line"].as_u64().unwrap_or_else(|| panic!("not a position: {position}"));
    let column = position["character"].as_u64().unwrap_or_else(|| panic!("not a position: {position}"));
    let Some(start) = line_starts(text).nth(usize::try_from(line).unwrap()) else { return text.len() };
    let mut left = usize::try_from(column).unwrap();
    for (offset, character) in text[start..].char_indices() {
        if left < columns.width(character) || matches!(character, '\n' | '\r') {
            return start + offset;
        }
        left -= columns.width(character);
    }
    text.len()
}

pub(crate) fn bytes(text: &str, range: &Value, columns: Columns) -> Range<usize> {
    byte(text, &range["start"], columns)..byte(text, &range["end"], columns)
}

pub(crate) fn position(text: &str, byte: usize, columns: Columns) -> Value {
    let (line, start) = line_starts(text).enumerate().take_while(|(_, start)| *start <= byte).last().unwrap();
    let column: usize = text[start..byte].chars().map(|character| columns.width(character)).sum();
    json!({ "line": line, "character": column })
}

pub(crate) fn range(text: &str, bytes: Range<usize>, columns: Columns) -> Value {
    json!({ "start": position(text, bytes.start, columns), "end": position(text, bytes.end, columns) })
}

/// Lines end with `\n`, `\r\n` or `\r`, nothing else.
fn line_starts(text: &str) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    let ends = move |&at: &usize| bytes[at] == b'\n' || bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n');
    std::iter::once(0).chain((0..bytes.len()).filter(ends).map(|at| at + 1))
}

#[test]
fn positions_and_bytes() {
    let text = "aé😀b\r\nc\rd\n";
    for (columns, after_smile) in [(Columns::Utf8, 7), (Columns::Utf16, 4), (Columns::Utf32, 3)] {
        assert_eq!(position(text, 7, columns), json!({ "line": 0, "character": after_smile }));
        for (at, _) in text.char_indices().filter(|(at, _)| *at != 9) {
            assert_eq!(byte(text, &position(text, at, columns), columns), at);
        }
        assert_eq!(byte(text, &json!({ "line": 0, "character": 99 }), columns), 8);
        assert_eq!(byte(text, &json!({ "line": 2, "character": 0 }), columns), 12);
        assert_eq!(byte(text, &json!({ "line": 99, "character": 0 }), columns), text.len());
    }
}
