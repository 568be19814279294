//! Cuts a stream of bytes into events: server-sent events, or JSON lines. In: bytes, cut anywhere. Out: each event's
//! name and data. Takes what servers really send: any line end, a byte order mark, comments, no blank after a colon, no
//! end of the last event, bare JSON between events. Never copies an event that lies whole in one piece more than once,
//! and never judges what an event says.

/// How events are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// Server-sent events: <https://html.spec.whatwg.org/multipage/server-sent-events.html>.
    Sse,
    /// One JSON value a line.
    Lines,
}

/// One event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Event<'a> {
    /// What stands after `event:`; empty when the event has no name.
    pub(super) name: &'a [u8],
    /// The data.
    pub(super) data: &'a [u8],
    /// Whether it came as an event should.
    pub(super) form: Form,
}

/// Whether an event came as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Event,
    /// JSON without `data:`, as some servers report an error in the midst of a stream.
    Bare,
}

/// Reads one stream.
#[derive(Debug)]
pub(super) struct Reader {
    framing: Framing,
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
    name: Vec<u8>,
    data: Option<Vec<u8>>,
    bare: Vec<u8>,
    /// The last byte was a carriage return: a line feed after it belongs to it.
    after_return: bool,
    /// No line has ended yet.
    at_start: bool,
}

impl Reader {
    pub(super) fn new(framing: Framing) -> Self {
        Self {
            framing,
            line: Vec::new(),
            name: Vec::new(),
            data: None,
            bare: Vec::new(),
            after_return: false,
            at_start: true,
        }
    }

    /// Reads the next bytes; `each` gets the events that they complete, until it fails.
    pub(super) fn push<E>(
        &mut self,
        mut bytes: &[u8],
        each: &mut dyn FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if std::mem::take(&mut self.after_return) {
            match bytes.split_first() {
                Some((b'\n', rest)) => bytes = rest,
                Some(_) => {}
                None => self.after_return = true,
            }
        }
        while let Some(at) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (line, rest) = bytes.split_at(at);
            self.after_return = rest == b"\r";
            let end = if rest.starts_with(b"\r\n") { 2 } else { 1 };
            bytes = rest.get(end..).unwrap_or_default();
            if self.line.is_empty() {
                self.whole_line(line, each)?;
            } else {
                let mut whole = std::mem::take(&mut self.line);
                whole.extend_from_slice(line);
                self.whole_line(&whole, each)?;
                whole.clear();
                self.line = whole;
            }
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    /// The stream has ended: what was left open ends, too.
    pub(super) fn finish<E>(&mut self, each: &mut dyn FnMut(Event<'_>) -> Result<(), E>) -> Result<(), E> {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.whole_line(&line, each)?;
        }
        self.dispatch(each)
    }

    fn whole_line<E>(&mut self, line: &[u8], each: &mut dyn FnMut(Event<'_>) -> Result<(), E>) -> Result<(), E> {
        let first = std::mem::take(&mut self.at_start);
        let line = line.strip_prefix(b"\xEF\xBB\xBF").filter(|_| first).unwrap_or(line);
        if self.framing == Framing::Lines {
            let data = line.trim_ascii();
            return if data.is_empty() { Ok(()) } else { each(Event { name: b"", data, form: Form::Event }) };
        }
        let (field, value) = match line.iter().position(|byte| *byte == b':') {
            Some(at) => (&line[..at], &line[at + 1..]), // `at` is in the line
            None => (line, &b""[..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            _ if line.is_empty() => self.dispatch(each),
            b"data" => {
                self.bare(each)?;
                match &mut self.data {
                    Some(data) => {
                        data.push(b'\n');
                        data.extend_from_slice(value);
                    }
                    None => self.data = Some(value.to_vec()),
                }
                Ok(())
            }
            b"event" => {
                self.bare(each)?;
                self.name.clear();
                self.name.extend_from_slice(value);
                Ok(())
            }
            [b'{' | b'[', ..] if self.bare.is_empty() => {
                self.dispatch(each)?;
                self.bare.extend_from_slice(line);
                Ok(())
            }
            _ => {
                if !self.bare.is_empty() {
                    self.bare.push(b'\n');
                    self.bare.extend_from_slice(line);
                }
                Ok(())
            }
        }
    }

    fn dispatch<E>(&mut self, each: &mut dyn FnMut(Event<'_>) -> Result<(), E>) -> Result<(), E> {
        let data = self.data.take();
        let result = match &data {
            Some(data) => each(Event { name: &self.name, data, form: Form::Event }),
            None => Ok(()),
        };
        self.name.clear();
        result?;
        self.bare(each)
    }

    fn bare<E>(&mut self, each: &mut dyn FnMut(Event<'_>) -> Result<(), E>) -> Result<(), E> {
        if self.bare.is_empty() {
            return Ok(());
        }
        let data = std::mem::take(&mut self.bare);
        each(Event { name: b"", data: &data, form: Form::Bare })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The events of a stream as `name=data`, `!` before bare ones; the same however the bytes are cut.
    #[track_caller]
    fn check(framing: Framing, stream: &str, wanted: &[&str]) {
        let bytes = stream.as_bytes();
        for size in 1..=bytes.len().max(1) {
            let mut found = Vec::new();
            let mut each = |event: Event<'_>| -> Result<(), ()> {
                let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                let mark = if event.form == Form::Bare { "!" } else { "" };
                found.push(format!("{mark}{}={}", text(event.name), text(event.data)));
                Ok(())
            };
            let mut reader = Reader::new(framing);
            for piece in bytes.chunks(size) {
                reader.push(piece, &mut each).unwrap();
                reader.push(b"", &mut each).unwrap();
            }
            reader.finish(&mut each).unwrap();
            assert_eq!(found, wanted, "pieces of {size}");
        }
    }

    #[test]
    fn events_are_read_with_every_line_end() {
        for end in ["\n", "\r\n", "\r"] {
            let stream = "data: a\n\nevent: x\ndata:b\ndata: c\n\n: comment\nid: 1\n\ndata\n\n".replace('\n', end);
            check(Framing::Sse, &stream, &["=a", "x=b\nc", "="]);
        }
        check(Framing::Sse, "data: a\n\r\n\r\rdata: b\r\n\n", &["=a", "=b"]);
    }

    #[test]
    fn what_is_odd_is_read_too() {
        check(Framing::Sse, "\u{feff}data: a\n\n", &["=a"]);
        check(Framing::Sse, "data: a\n\ndata: left open", &["=a", "=left open"]);
        check(Framing::Sse, "data:  two blanks\n\n", &["= two blanks"]);
        check(Framing::Sse, "event: x\n\ndata: a\n\n", &["=a"]);
        check(Framing::Sse, "data: a\u{2028}\u{2029}\u{85}b\n\n", &["=a\u{2028}\u{2029}\u{85}b"]);
        check(Framing::Sse, "", &[]);
    }

    #[test]
    fn bare_json_is_an_event_of_its_own() {
        check(Framing::Sse, "data: a\n\n{\"error\": 1}\n", &["=a", "!={\"error\": 1}"]);
        check(
            Framing::Sse,
            "data: a\n[{\n  \"error\": {\n  }\n}]\n\ndata: b\n\n",
            &["=a", "!=[{\n  \"error\": {\n  }\n}]", "=b"],
        );
        check(Framing::Sse, "{\"a\":1}\ndata: b", &["!={\"a\":1}", "=b"]);
    }

    #[test]
    fn lines_are_events() {
        check(Framing::Lines, "{\"a\":1}\n\n {\"b\":2}\r\n{\"c\":3}", &["={\"a\":1}", "={\"b\":2}", "={\"c\":3}"]);
        check(Framing::Lines, "\u{feff}{}\n", &["={}"]);
    }
}
