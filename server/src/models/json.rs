//! Reads JSON as models' servers send it. In: text. Out: a value. Never refuses half a surrogate pair: some servers cut
//! answers between the halves, and serde_json takes only whole pairs. A half becomes a character that stands for it, of
//! a range for private use that no code has use for; [`Halves`] joins those that belong together.

use std::borrow::Cow;

use serde_json::Value;

/// The character that stands for the half U+D800; the other 2047 follow.
const FIRST_HALF: u32 = 0x10_F000;

/// The first byte in UTF-8 of all characters that stand for halves.
const HALF_BYTE: u8 = 0xF4;

/// Parses; an escaped half of a surrogate pair becomes a character that stands for it.
pub(super) fn parse(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(&mend(text))
}

/// The value that `text` begins with, whatever follows.
pub(super) fn first(text: &str) -> Option<Value> {
    serde_json::Deserializer::from_str(&mend(text)).into_iter().next()?.ok()
}

fn mend(text: &str) -> Cow<'_, str> {
    if !(text.contains("\\ud") || text.contains("\\uD")) {
        return Cow::Borrowed(text);
    }
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        // What is copied: a pair, another `\uXXXX`, or the backslash and the one character after it.
        let len = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => 12,
            (Some(0xD800..0xE000), _) => 0,
            (Some(_), _) => 6,
            (None, _) => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        if let (0, Some(half)) = (len, unit(escape)) {
            mended.extend(char::from_u32(half - 0xD800 + FIRST_HALF));
            rest = &escape[6..]; // `unit` read six ASCII characters
        } else {
            mended.push_str(&escape[..len]);
            rest = &escape[len..];
        }
    }
    mended.push_str(rest);
    Cow::Owned(mended)
}

/// The UTF-16 unit that `\uXXXX` at the start of `text` stands for.
fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}

/// Joins halves of surrogate pairs that came in pieces of a text.
#[derive(Debug, Default)]
pub(super) struct Halves {
    /// The first half of a pair, at the end of the last piece.
    first: Option<u32>,
}

impl Halves {
    /// The next piece with its halves joined; one that has no other half becomes U+FFFD.
    pub(super) fn join<'a>(&mut self, piece: &'a str) -> Cow<'a, str> {
        if piece.is_empty() || (self.first.is_none() && !piece.as_bytes().contains(&HALF_BYTE)) {
            return Cow::Borrowed(piece);
        }
        let mut joined = String::with_capacity(piece.len());
        for char in piece.chars() {
            let half = u32::from(char).checked_sub(FIRST_HALF).filter(|half| *half < 0x800);
            match (self.first.take(), half) {
                (Some(first), Some(second @ 0x400..)) => {
                    let pair = 0x10000 + (first << 10) + (second - 0x400);
                    joined.push(char::from_u32(pair).unwrap_or(char::REPLACEMENT_CHARACTER));
                    continue;
                }
                (Some(_), _) => joined.push(char::REPLACEMENT_CHARACTER),
                (None, _) => {}
            }
            match half {
                Some(first @ ..0x400) => self.first = Some(first),
                Some(_) => joined.push(char::REPLACEMENT_CHARACTER),
                None => joined.push(char),
            }
        }
        Cow::Owned(joined)
    }

    /// What is left when the text ends.
    pub(super) fn finish(&mut self) -> &'static str {
        if self.first.take().is_some() { "\u{fffd}" } else { "" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, wanted: &str) {
        let value = parse(json).unwrap();
        let mut halves = Halves::default();
        let joined = halves.join(value.as_str().unwrap()).into_owned();
        assert_eq!(joined + halves.finish(), wanted);
    }

    #[test]
    fn halves_in_two_pieces_are_one_character() {
        let mut halves = Halves::default();
        let pieces = ["\"a\\ud83e\"", "\"\"", "\"\\udd80b\"", "\"\\ud83e\"", "\"c\""];
        let joined: String =
            pieces.iter().map(|json| halves.join(parse(json).unwrap().as_str().unwrap()).into_owned()).collect();
        assert_eq!(joined, "a🦀b\u{fffd}c");
    }

    #[test]
    fn half_a_pair_is_a_replacement_character() {
        check(r#""a\ud83db""#, "a\u{fffd}b");
        check(r#""\uD83D\uDE00""#, "😀");
        check(r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀");
        check(r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}");
        check(r#""\ud83d\n""#, "\u{fffd}\n");
        check(r#""\\ud83d""#, "\\ud83d");
        check(r#""\\\ud83d\u00e4ä""#, "\\\u{fffd}ää");
    }

    #[test]
    fn the_first_of_several_values_is_read() {
        assert_eq!(first("{\"a\":\n1}\n{\"b\":2}"), Some(serde_json::json!({"a": 1})));
        assert_eq!(first("{\"a\":\n"), None);
    }

    #[test]
    fn nonsense_is_still_refused() {
        for text in [r#""\ud83"#, r#""\ud8zz""#, "\\ud83d", "\"\\ud83d", "\"\\ud83d\\", "", "{"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
