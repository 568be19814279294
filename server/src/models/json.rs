//! Reads JSON as models' servers send it. In: text. Out: a [`Json`]. Never refuses half a surrogate pair: some servers cut
//! answers between the halves, and serde_json takes only whole pairs. A half becomes a character that stands for it, of
//! a range for private use that no code has use for; [`Halves`] joins those that belong together.

use std::borrow::Cow;
use std::fmt;
use std::ops::Index;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// The character that stands for the half U+D800; the other 2047 follow.
const FIRST_HALF: u32 = 0x10_F000;

/// The first byte in UTF-8 of all characters that stand for halves.
const HALF_BYTE: u8 = 0xF4;

/// A value that borrows its texts from what it was read from: three times as fast to read as one that owns them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json<'a> {
    Null,
    Flag(bool),
    /// A whole number from 0.
    Count(u64),
    /// Any other number.
    Number,
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    /// In the order of the source.
    Table(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// Reads what [`mend`] gave.
    pub(super) fn parse(mended: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(mended)
    }

    /// The value that `mended` begins with, whatever follows.
    pub(super) fn first(mended: &'a str) -> Option<Self> {
        serde_json::Deserializer::from_str(mended).into_iter().next()?.ok()
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn as_u64(&self) -> Option<u64> {
        if let Self::Count(count) = self { Some(*count) } else { None }
    }

    /// The items of a list; none of anything else.
    pub(super) fn items(&self) -> &[Json<'a>] {
        if let Self::List(list) = self { list } else { &[] }
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self, Self::List(_))
    }

    pub(super) fn is_table(&self) -> bool {
        matches!(self, Self::Table(_))
    }
}

/// What stands at a key; null when there is no such key.
impl<'a> Index<&str> for Json<'a> {
    type Output = Json<'a>;

    fn index(&self, key: &str) -> &Self::Output {
        let Self::Table(rows) = self else { return &Json::Null };
        rows.iter().find(|(name, _)| name == key).map_or(&Json::Null, |(_, value)| value)
    }
}

impl PartialEq<&str> for Json<'_> {
    fn eq(&self, text: &&str) -> bool {
        self.as_str() == Some(text)
    }
}

impl PartialEq<bool> for Json<'_> {
    fn eq(&self, flag: &bool) -> bool {
        matches!(self, Self::Flag(is) if is == flag)
    }
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

/// A text that is borrowed where it has no escapes.
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_str(Reader)? {
            Json::Text(text) => Ok(Self(text)),
            _ => Ok(Self(Cow::Borrowed(""))), // a key is a text
        }
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Json::Flag(flag))
    }

    fn visit_u64<E>(self, count: u64) -> Result<Self::Value, E> {
        Ok(Json::Count(count))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Json::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Json::Number)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut rows: A) -> Result<Self::Value, A::Error> {
        let mut table = Vec::new();
        while let Some((Text(key), value)) = rows.next_entry()? {
            table.push((key, value));
        }
        Ok(Json::Table(table))
    }
}

/// Replaces escaped halves of surrogate pairs by the characters that stand for them.
pub(super) fn mend(text: &str) -> Cow<'_, str> {
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
        let mended = mend(json);
        let value = Json::parse(&mended).unwrap();
        let mut halves = Halves::default();
        let joined = halves.join(value.as_str().unwrap()).into_owned();
        assert_eq!(joined + halves.finish(), wanted);
    }

    #[test]
    fn halves_in_two_pieces_are_one_character() {
        let mut halves = Halves::default();
        let pieces = ["\"a\\ud83e\"", "\"\"", "\"\\udd80b\"", "\"\\ud83e\"", "\"c\""];
        let mut join = |json: &str| halves.join(Json::parse(&mend(json)).unwrap().as_str().unwrap()).into_owned();
        let joined: String = pieces.into_iter().map(&mut join).collect();
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
    fn every_kind_of_value_is_read() {
        let json = Json::parse(r#"{"a":[null,true,1,-1,2.5,"x","\n"],"b":{"c":"d"}}"#).unwrap();
        let [null, flag, count, minus, float, text, escaped] = json["a"].items() else { panic!("{json:?}") };
        assert_eq!((null, count.as_u64(), minus, float), (&Json::Null, Some(1), &Json::Number, &Json::Number));
        assert!(*flag == true && *text == "x" && *escaped == "\n" && json["b"]["c"] == "d");
        assert!(matches!((text, escaped), (Json::Text(Cow::Borrowed(_)), Json::Text(Cow::Owned(_)))));
        assert_eq!((&json["none"]["at all"], json["b"].is_table(), json["a"].is_list()), (&Json::Null, true, true));
    }

    #[test]
    fn the_first_of_several_values_is_read() {
        assert_eq!(Json::first("{\"a\":\n1}\n{\"b\":2}").unwrap()["a"].as_u64(), Some(1));
        assert_eq!(Json::first("{\"a\":\n"), None);
    }

    #[test]
    fn nonsense_is_still_refused() {
        for text in [r#""\ud83"#, r#""\ud8zz""#, "\\ud83d", "\"\\ud83d", "\"\\ud83d\\", "", "{"] {
            assert!(Json::parse(&mend(text)).is_err(), "{text}");
        }
    }
}
