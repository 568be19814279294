//! Bytes → messages.

use super::super::message::Id;
use super::*;
use proptest::prelude::*;
use serde_json::json;

/// Gives out at most the next of `sizes` bytes at a time.
struct Dripping<'a> {
    bytes: &'a [u8],
    sizes: Vec<usize>,
}

impl Read for Dripping<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        let size = self.sizes.pop().unwrap_or(1).min(room.len()).min(self.bytes.len());
        let (now, later) = self.bytes.split_at(size);
        room[..size].copy_from_slice(now);
        self.bytes = later;
        Ok(size)
    }
}

fn framed(body: &str) -> String {
    format!("Content-Length: {}\r\n\r\n{body}", body.len())
}

/// One word a message: a method, `id:method`, `id=result`, `id!code`, or `!code` for what is malformed.
fn words(bytes: &[u8], sizes: Vec<usize>) -> Vec<String> {
    let id = |id: Option<Id>| id.map(|id| serde_json::to_string(&id).unwrap()).unwrap_or_default();
    Reader::new(Dripping { bytes, sizes })
        .map(|message| match message {
            Incoming::Request { id: of, method, .. } => format!("{}:{method}", id(Some(of))),
            Incoming::Notification { method, .. } => method,
            Incoming::Response { id: of, result: Ok(result) } => format!("{}={result}", id(Some(of))),
            Incoming::Response { id: of, result: Err(error) } => format!("{}!{}", id(Some(of)), error.code),
            Incoming::Malformed { id: of, error } => format!("{}!{}", id(of), error.code),
        })
        .collect()
}

#[track_caller]
fn check(stream: &str, expected: &str) {
    check_bytes(stream.as_bytes(), expected);
}

#[track_caller]
fn check_bytes(stream: &[u8], expected: &str) {
    assert_eq!(words(stream, vec![usize::MAX; 9]).join(" "), expected, "in one piece");
    assert_eq!(words(stream, Vec::new()).join(" "), expected, "byte by byte");
}

/// What must come through whatever stood before it.
fn next() -> String {
    framed(r#"{"jsonrpc":"2.0","method":"next"}"#)
}

#[test]
fn sorts_messages() {
    check(&framed(r#"{"id":1,"method":"a","params":{}}"#), "1:a");
    check(&framed(r#"{"jsonrpc":"1.0","extra":0,"id":"é","method":"a"}"#), "\"é\":a");
    check(&framed(r#"{"id":1.0,"method":"a","params":[]}"#), "1.0:a");
    check(&framed(r#"{"id":18446744073709551615,"method":"a","params":null}"#), "18446744073709551615:a");
    check(&framed(r#"{"method":"a"}"#), "a");
    check(&framed(r#"{"id":1,"result":null}"#), "1=null");
    check(&framed(r#"{"id":1}"#), "1!-32600");
    check(&framed(r#"{"id":1,"error":{"code":-5,"message":"no"},"result":7}"#), "1!-5");
    check(&framed(r#"{"id":1,"error":"odd"}"#), "1!-32603");
    check(&framed(r#"{"id":1,"error":null,"result":2}"#), "1=2");
}

#[test]
fn refuses_what_is_no_message() {
    for (body, answer) in [
        ("12", "!-32600"),
        ("null", "!-32600"),
        ("{}", "!-32600"),
        ("[]", "!-32600"),
        (r#"{"id":1,"method":7}"#, "1!-32600"),
        (r#"{"id":null,"method":"a"}"#, "!-32600"),
        (r#"{"id":[1],"method":"a"}"#, "!-32600"),
        (r#"{"id":1,"method":"a","params":"x"}"#, "1!-32602"),
        ("{", "!-32700"),
        ("", "!-32700"),
        ("{}{}", "!-32700"),
    ] {
        check(&(framed(body) + &next()), &format!("{answer} next"));
    }
    check(&(framed(r#"{"method":"a","params":"x"}"#) + &next()), "next");
    check(&(framed(r#"{"result":1}"#) + &next()), "next");
    let deep = "[".repeat(100_000);
    check(&(framed(&deep) + &next()), "!-32700 next");
    check_bytes(&[b"Content-Length: 4\r\n\r\n\"\xff\xfe\"", next().as_bytes()].concat(), "!-32700 next");
}

#[test]
fn takes_a_batch_apart() {
    let batch = r#"[{"method":"a"},3,[{"method":"b"}],{"id":1,"method":"c"},{"id":2,"result":0}]"#;
    check(&(framed(batch) + &next()), "a !-32600 !-32600 1:c 2=0 next");
}

#[test]
fn reads_any_header() {
    let body = r#"{"method":"a"}"#;
    for headers in [
        "content-length: 14\r\n",
        "CONTENT-LENGTH:14\r\n",
        "  Content-Length \t:  14 \r\n",
        "Content-Length: 14\n",
        "X-Other: 1: 2\r\nContent-Length: 14\r\nContent-Length-Kind: 3\r\n",
        "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 14\r\n",
        "Content-Length: 14\r\ncontent-type: application/json;charset=\"UTF8\"\r\n",
        "Content-Length: 99999\r\nContent-Length: 14\r\n",
    ] {
        check(&format!("{headers}\r\n{body}"), "a");
        check(&format!("\n\r\n{headers}\n{body}\n{headers}\r\n{body}"), "a a");
    }
    check(&format!("Content-Length: 14\r\nContent-Type: a; charset=utf-16\r\n\r\n{body}{}", next()), "!-32700 next");
    check(&framed(&format!("\u{feff}{body}")), "a");
}

#[test]
fn finds_the_next_message_after_a_bad_header() {
    let body = r#"{"method":"lost"}"#;
    for bad in [
        "Content-Length: x\r\n\r\n",
        "Content-Length:\r\n\r\n",
        "Content-Length: -17\r\n\r\n",
        "Content-Type: a\r\n\r\n",
        "Content-Length: 17\r\nno header\r\n\r\n",
        "Content-Length: 99999999999999999999999999\r\n\r\n",
        "Content-Length: 268435457\r\n\r\n",
        "no header at all\r\n",
        "",
    ] {
        check(&format!("{bad}{body}{}{}", next(), next()), "!-32700 next next");
    }
}

#[test]
fn finds_the_next_message_after_a_wrong_length() {
    let body = r#"{"method":"lost"}"#;
    // From nothing over all lengths that end in the next message to some that end after it.
    for length in (0..150).filter(|&length| length != body.len()) {
        let wrong = format!("Content-Length: {length}\r\n\r\n{body}");
        check(&format!("{wrong}{}{}", next(), next()), "!-32700 next next");
    }
    // The body counted without its line break.
    check(&format!("Content-Length: {}\r\n\r\n{body}\n{}", body.len(), next()), "lost next");
    // Two in a row are two reports.
    let short = format!("Content-Length: 3\r\n\r\n{body}");
    check(&format!("{short}{short}{}", next()), "!-32700 !-32700 next");
}

#[test]
fn an_announced_length_costs_nothing() {
    let mut reader = Reader::new("Content-Length: 268435456\r\n\r\n{".as_bytes());
    assert!(matches!(reader.next(), Some(Incoming::Malformed { .. })));
    assert!(reader.next().is_none());
    assert!(reader.buffer.capacity() <= KEPT);
}

#[test]
fn takes_long_garbage_and_long_messages() {
    let garbage = "x".repeat(3 * LONGEST_LINE);
    check(&format!("{garbage}{}{garbage}\n{}", next(), next()), "!-32700 next !-32700 next");
    let text = "ä\\n".repeat(1_000_000);
    let long = framed(&format!(r#"{{"method":"long","params":{{"text":"{text}"}}}}"#));
    let mut reader = Reader::new(long.as_bytes());
    let Some(Incoming::Notification { params, .. }) = reader.next() else { panic!("no message") };
    assert_eq!(params["text"].as_str().map(str::len), Some(3_000_000));
}

#[test]
fn a_pretty_printed_message_is_not_searched_in_vain() {
    let pretty = serde_json::to_string_pretty(&json!({ "method": "a", "params": ["Content-Length: 7\r\n"] })).unwrap();
    check(&(framed(&pretty) + &next()), "a next");
}

#[test]
fn halves_of_surrogate_pairs_become_replacement_characters() {
    let text = |json: &str| {
        let body = framed(&format!(r#"{{"method":"a","params":["{json}"]}}"#));
        match Reader::new(body.as_bytes()).next() {
            Some(Incoming::Notification { params, .. }) => params[0].as_str().unwrap().to_owned(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(text(r"a\ud83db"), "a\u{fffd}b");
    assert_eq!(text(r"\ude00\ud83d"), "\u{fffd}\u{fffd}");
    assert_eq!(text(r"\ud83d\ude00\uD83D"), "😀\u{fffd}");
    assert_eq!(text(r"\\ud83d\ud83d\\"), "\\ud83d\u{fffd}\\");
    assert_eq!(text(r"\ud83d\ud83d\ude00"), "\u{fffd}😀");
}

proptest! {
    #[test]
    fn however_a_stream_is_cut_the_messages_are_the_same(
        texts in proptest::collection::vec(any::<String>(), 1..8),
        sizes in proptest::collection::vec(1..40_usize, 0..200),
    ) {
        let messages = texts.iter().enumerate().map(|(id, text)| json!({ "id": id, "method": text }));
        let stream: String = messages.map(|message| framed(&message.to_string())).collect();
        let expected: Vec<_> = texts.iter().enumerate().map(|(id, text)| format!("{id}:{text}")).collect();
        prop_assert_eq!(words(stream.as_bytes(), sizes), expected);
    }

    #[test]
    fn garbage_never_stops_what_follows(
        garbage in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 1..5),
        sizes in proptest::collection::vec(1..100_usize, 0..50),
    ) {
        let mut stream = Vec::new();
        for piece in &garbage {
            stream.extend_from_slice(piece);
            stream.extend_from_slice(next().as_bytes());
        }
        let words = words(&stream, sizes);
        prop_assert_eq!(words.iter().filter(|word| *word == "next").count(), garbage.len());
        prop_assert!(words.len() <= 3 * garbage.len());
    }

    #[test]
    fn pieces_of_messages_never_stop_what_follows(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("Content-Length: "), Just("Content-Length: 7\r\n"), Just("\r\n"), Just("\n"), Just("{"), Just("}"),
                Just("content-length:"), Just("33"), Just(": "), Just("-"), Just("\""), Just("Content-Type: a"),
                Just(r#"{"method":"lost"}"#),
            ],
            0..40,
        ),
    ) {
        // A first message may fall to what stands before it (`Content-Le` + a header is none); the second never.
        let stream = format!("{}{}{}", pieces.concat(), next(), next());
        let words = words(stream.as_bytes(), vec![17; 90]);
        prop_assert_eq!(words.last().map(String::as_str), Some("next"));
    }
}
