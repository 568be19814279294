//! Reads JSON as models' servers send it. In: text. Out: a value. Never refuses half a surrogate pair: some servers cut
//! answers between the halves, and serde_json takes only whole pairs.

use std::borrow::Cow;

use serde_json::Value;

/// Parses; an escaped half of a surrogate pair becomes U+FFFD.
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
        if len == 0 {
            mended.push_str("\\ufffd");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, wanted: &str) {
        assert_eq!(parse(json).unwrap(), Value::from(wanted));
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
