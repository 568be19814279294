//! Finds the messages in the client's bytes. In: any byte stream. Out: messages, and one report for each stretch that
//! is none. Never panics, never allocates for a length that was only announced, never loses its place for good.
//!
//! How it finds its place again: valid JSON cannot contain `Content-Length: 7` followed by a raw line break (in a
//! string the break would be escaped), so such a line end always opens a message, even in what was announced as the
//! body of another.

use super::message::{Code, Incoming, sort};
use serde_json::Value;
use std::collections::VecDeque;
use std::io::{ErrorKind, Read};
use std::time::Duration;

/// A longer body is refused unread.
const LONGEST_BODY: usize = 256 << 20;
/// A longer header line is no header.
const LONGEST_LINE: usize = 16 << 10;
/// How much of a line's end is kept to find a marker in.
const LONGEST_MARKER: usize = 64;
const CHUNK: usize = 64 << 10;
/// A buffer that grew over this for one message is given back.
const KEPT: usize = 1 << 20;

/// An iterator over the messages of a stream; ends with it.
#[derive(Debug)]
pub(super) struct Reader<R> {
    input: R,
    buffer: Vec<u8>,
    /// What lies before is done with.
    start: usize,
    headers: Headers,
    /// True once the present stretch of garbage was reported.
    lost: bool,
    ready: VecDeque<Incoming>,
}

/// What the header lines read so far say.
#[derive(Debug, Default)]
struct Headers {
    any: bool,
    length: Option<usize>,
    charset: Option<String>,
}

#[derive(Debug, PartialEq)]
enum Line {
    Blank,
    /// Digits of any number, which may follow garbage on the same line.
    Length(String, Before),
    Charset(String),
    Unknown,
    Garbage,
}

#[derive(Debug, PartialEq)]
enum Before {
    Nothing,
    Garbage,
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Incoming;

    fn next(&mut self) -> Option<Incoming> {
        loop {
            if let Some(message) = self.ready.pop_front() {
                return Some(message);
            }
            let line = self.line()?;
            self.take(line);
        }
    }
}

impl<R: Read> Reader<R> {
    /// Reads from `input`.
    pub(super) fn new(input: R) -> Self {
        Self { input, buffer: Vec::new(), start: 0, headers: Headers::default(), lost: false, ready: VecDeque::new() }
    }

    fn take(&mut self, line: Line) {
        match line {
            Line::Blank => {
                let headers = std::mem::take(&mut self.headers);
                match headers.length {
                    Some(length) => self.body(length, headers.charset.as_deref()),
                    None if headers.any => self.report("a message without a `Content-Length` that is a number"),
                    None => {} // line breaks between messages
                }
            }
            Line::Unknown => self.headers.any = true,
            Line::Charset(charset) => {
                self.headers.any = true;
                self.headers.charset = Some(charset);
            }
            Line::Garbage => self.report("a line that is no header"),
            Line::Length(digits, before) => {
                if before == Before::Garbage {
                    self.report("garbage before a header");
                }
                self.lost = false;
                match digits.parse() {
                    Ok(length) if length <= LONGEST_BODY => {
                        self.headers.any = true;
                        self.headers.length = Some(length);
                    }
                    _ => self.report("a message longer than any that whittle reads"),
                }
            }
        }
    }

    /// Reads a body. One that is no JSON stays in the buffer, to be searched for the next message's header: its length
    /// may have been wrong.
    fn body(&mut self, length: usize, charset: Option<&str>) {
        let mut searched = 0;
        while self.pending().len() < length {
            if has_marker(self.pending(), searched) {
                return self.report("a body shorter than its `Content-Length`");
            }
            searched = self.pending().len();
            if !self.fill() {
                return self.report("the end of input within a body");
            }
        }
        let body = self.pending().get(..length).unwrap_or_default(); // as long as the loop says
        if let Some(charset) = charset {
            let why = format!("the charset `{charset}`; only utf-8 is understood");
            self.start += length;
            return self.report(&why);
        }
        match document(body) {
            Ok(document) => {
                self.start += length;
                self.ready.extend(sort(document));
            }
            Err(why) => self.report(&format!("a body that is no JSON: {why}")),
        }
    }

    /// The next line, used up; `None` at the end of input.
    fn line(&mut self) -> Option<Line> {
        let mut searched = 0;
        loop {
            let pending = self.pending();
            if let Some(length) = pending.iter().skip(searched).position(|&byte| byte == b'\n') {
                let (line, _) = pending.split_at_checked(searched + length)?; // where the line break was found
                let kind = classify(line);
                self.start += searched + length + 1;
                return Some(kind);
            }
            searched = pending.len();
            if searched > LONGEST_LINE {
                self.start += searched - LONGEST_MARKER;
                return Some(Line::Garbage);
            }
            if !self.fill() {
                return None;
            }
        }
    }

    /// Reports what can't be understood, once for each stretch of it.
    fn report(&mut self, why: &str) {
        self.headers = Headers::default();
        if !std::mem::replace(&mut self.lost, true) {
            self.ready.push_back(Incoming::malformed(None, Code::ParseError, why));
        }
    }

    fn pending(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// Reads whatever has come; false at the end of input.
    fn fill(&mut self) -> bool {
        self.buffer.drain(..self.start.min(self.buffer.len()));
        self.start = 0;
        if self.buffer.is_empty() && self.buffer.capacity() > KEPT {
            self.buffer = Vec::new();
        }
        let held = self.buffer.len();
        self.buffer.resize(held + CHUNK, 0);
        let read = loop {
            let room = self.buffer.get_mut(held..).unwrap_or_default();
            match self.input.read(room) {
                Ok(read) => break read,
                Err(why) if why.kind() == ErrorKind::Interrupted => {}
                // Standard input may share its file with a program that made it non-blocking.
                Err(why) if why.kind() == ErrorKind::WouldBlock => std::thread::sleep(Duration::from_millis(5)),
                Err(why) => {
                    tracing::warn!(%why, "can't read from the client");
                    break 0;
                }
            }
        };
        self.buffer.truncate(held + read);
        read > 0
    }
}

fn document(body: &[u8]) -> Result<Value, serde_json::Error> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::from_slice(body).or_else(|why| match mend_surrogates(body) {
        Some(mended) => serde_json::from_slice(&mended),
        None => Err(why),
    })
}

/// JavaScript's strings may hold half of a surrogate pair, which Rust's can't: U+FFFD takes its place, of the same
/// length in UTF-16, so that all positions stay right.
fn mend_surrogates(body: &[u8]) -> Option<Vec<u8>> {
    let unit = |at: usize| {
        let digits = body.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let mut mended: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(found) = body.iter().skip(at).position(|&byte| byte == b'\\') {
        at += found;
        at += match unit(at) {
            Some(0xD800..=0xDBFF) if matches!(unit(at + 6), Some(0xDC00..=0xDFFF)) => 12,
            Some(0xD800..=0xDFFF) => {
                let half = mended.get_or_insert_with(|| body.to_vec()).get_mut(at..at + 6)?;
                half.copy_from_slice(b"\\uFFFD");
                6
            }
            Some(_) => 6,
            None => 2,
        };
    }
    mended
}

/// What a line is, without its `\n`.
fn classify(line: &[u8]) -> Line {
    if line.trim_ascii().is_empty() {
        return Line::Blank;
    }
    if let Some((digits, before)) = marker(line) {
        return Line::Length(digits, before);
    }
    let Some(colon) = line.iter().position(|&byte| byte == b':').filter(|_| line.len() <= LONGEST_LINE) else {
        return Line::Garbage;
    };
    let (name, value) = line.split_at(colon);
    let name = name.trim_ascii();
    if name.is_empty() || !name.iter().all(|&byte| is_token(byte)) || name.eq_ignore_ascii_case(b"content-length") {
        return Line::Garbage;
    }
    let value = String::from_utf8_lossy(value).to_ascii_lowercase();
    let charset = value.split_once("charset").map(|(_, rest)| rest.trim_start().trim_start_matches('=').trim_start());
    let charset = charset.map(|rest| rest.trim_start_matches('"').split(['"', ';', ' ', '\r']).next().unwrap_or(rest));
    match charset {
        Some(charset) if name.eq_ignore_ascii_case(b"content-type") && !matches!(charset, "utf-8" | "utf8" | "") => {
            Line::Charset(charset.to_owned())
        }
        _ => Line::Unknown,
    }
}

/// The digits of a line that ends like `Content-Length: 7`.
fn marker(line: &[u8]) -> Option<(String, Before)> {
    let line = line.trim_ascii_end();
    let end = line.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |last| last + 1);
    let (name, digits) = line.split_at_checked(end).filter(|(_, digits)| !digits.is_empty())?;
    let name = name.trim_ascii_end().strip_suffix(b":")?.trim_ascii();
    let (before, name) = name.split_at_checked(name.len().checked_sub(b"content-length".len())?)?;
    if !name.eq_ignore_ascii_case(b"content-length") {
        return None;
    }
    let before = if before.is_empty() { Before::Nothing } else { Before::Garbage };
    Some((String::from_utf8_lossy(digits).into_owned(), before))
}

/// True when a line ends like `Content-Length: 7`, its line break at or after `from`.
fn has_marker(bytes: &[u8], from: usize) -> bool {
    let breaks = bytes.iter().enumerate().skip(from).filter(|&(_, &byte)| byte == b'\n');
    let mut lines = breaks.filter_map(|(end, _)| bytes.get(end.saturating_sub(LONGEST_MARKER)..end));
    lines.any(|line| marker(line).is_some())
}

const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

#[cfg(test)]
mod tests;
