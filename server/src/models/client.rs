//! Asks one model in one protocol. In: a [`Request`]. Out: an [`Answer`] from the server's stream, or from one JSON
//! object where a server doesn't stream. Asks again where that may help, but never once a part of an answer was used.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::draft::{Draft, LARGEST_ANSWER, State};
use super::error::Error;
use super::events::{Event, Form, Framing, Reader};
use super::http::{Limit, Link, Reply};
use super::json::{Json, mend};
use super::meter::{Meter, cost};
use super::report::{Failure, Report};
use super::retry::pause;
use super::{Answer, Asking, Delta, Estimate, Provider};
use crate::config::Price;
use crate::prompt::Request;

/// Bytes without a whole event.
const LARGEST_EVENT: usize = 4 * LARGEST_ANSWER;

/// Bytes of a whole stream: an answer of the largest size, each token in an envelope of its own.
const LARGEST_STREAM: usize = 64 * LARGEST_ANSWER;

/// Longest time for which comments alone keep a stream alive.
const LONGEST_SILENCE: Duration = Duration::from_secs(600);

/// Longest wait for what may follow the finish: the usage and the end mark.
const AFTERWARDS: Duration = Duration::from_secs(2);

/// What OpenAI's streams end with.
const END_MARK: &str = "[DONE]";

/// A protocol: what is sent, and how what comes is read.
pub(super) trait Wire: Send + Sync {
    /// How events are told apart.
    const FRAMING: Framing = Framing::Sse;

    /// Whether something follows the finish that tells the end; where not, the end of the connection does.
    const HAS_END_MARK: bool = true;

    /// What the protocol calls an answer that is not a stream.
    const WHOLE: &'static str;

    /// The body of a request.
    fn body(&self, request: &Request) -> Result<Value, Error>;

    /// Reads one event.
    fn event(&self, event: &Json<'_>, draft: &mut Draft<'_>) -> Result<(), Failure>;

    /// Reads an answer that did not come as a stream; false when it is none.
    fn whole(&self, answer: &Json<'_>, draft: &mut Draft<'_>) -> Result<bool, Failure>;
}

/// A model behind a protocol.
pub(super) struct Client<W> {
    pub(super) link: Link,
    pub(super) wire: W,
    pub(super) meter: Arc<Meter>,
    pub(super) local: bool,
    /// A longer wait before asking again gives up instead.
    pub(super) max_retry_wait: Duration,
}

impl<W: Wire> Client<W> {
    /// Asks once.
    async fn attempt(
        &self,
        body: &Value,
        request: &Request,
        watch: &mut (dyn FnMut(Delta<'_>) + Send),
    ) -> Result<Answer, Failure> {
        let mut reply = self.link.post(body, request).await?;
        let first = reply.first().await?;
        let mut draft = Draft::new(&self.link, request, watch);
        // By their first character, not by their type: servers label streams as anything.
        match first.trim_ascii_start().first() {
            None => return Err(self.link.truncated().into()),
            Some(b'<') => return Err(self.link.nonsense("a web page instead of the API").into()),
            Some(b'{' | b'[') if W::FRAMING == Framing::Sse => {
                let bytes = reply.rest(first).await?;
                self.whole(&bytes, &mut draft)?;
                return Ok(draft.into_answer()?);
            }
            Some(_) => {}
        }
        let is_stream = W::FRAMING == Framing::Lines || begins_as_events(&first);
        let mut stream = Stream { wire: &self.wire, events: 0, cut: false };
        let mut reader = Reader::new(W::FRAMING);
        let (mut total, mut since_event, mut last_event) = (first.len(), first.len(), Instant::now());
        reader.push(&first, &mut |event| stream.event(event, &mut draft))?;
        while draft.state() != State::Ended {
            let bytes = match self.next(&mut reply, draft.state(), draft.is_finished(), last_event).await {
                Ok(Some(bytes)) => bytes,
                Ok(None) => {
                    reader.finish(&mut |event| stream.event(event, &mut draft))?;
                    if stream.events == 0 && !is_stream {
                        return Err(self.link.nonsense("something that is not a stream of events").into());
                    }
                    break;
                }
                // The answer is whole; what the server does afterwards is no loss.
                Err(_) if draft.is_finished() => break,
                Err(error) => return Err(error.into()),
            };
            let bytes = bytes.as_ref();
            let before = stream.events;
            reader.push(bytes, &mut |event| stream.event(event, &mut draft))?;
            total += bytes.len();
            since_event += bytes.len();
            if stream.events > before {
                (since_event, last_event) = (0, Instant::now());
            }
            for (size, limit) in [(since_event, LARGEST_EVENT), (total, LARGEST_STREAM)] {
                if size > limit {
                    return Err(self.link.too_large(limit).into());
                }
            }
        }
        Ok(draft.into_answer()?)
    }

    /// The next bytes of a stream, within the limits that hold where it is.
    async fn next(
        &self,
        reply: &mut Reply<'_>,
        state: State,
        finished: bool,
        last_event: Instant,
    ) -> Result<Option<impl AsRef<[u8]> + Send + use<W>>, Error> {
        let limits = self.link.timeout();
        let (limit, patience) = match state {
            State::Waiting => (Limit::FirstByte, limits.first_byte),
            State::Answering | State::Ended => (Limit::Between, limits.between),
        };
        let silence = if W::HAS_END_MARK && finished { AFTERWARDS } else { LONGEST_SILENCE };
        let until = (last_event + silence).min(Instant::now() + patience);
        match timeout_at(until, reply.next()).await {
            Ok(bytes) => bytes,
            Err(_) if until == last_event + silence => {
                Err(Error::Stalled { model: self.link.model().to_owned(), waited: silence, limit: "between" })
            }
            Err(_) => Err(self.link.stalled(limit)),
        }
    }

    /// Reads an answer that did not come as a stream.
    fn whole(&self, bytes: &[u8], draft: &mut Draft<'_>) -> Result<(), Failure> {
        let text = String::from_utf8_lossy(bytes);
        let text = mend(&text);
        let value = match Json::parse(&text) {
            Ok(value) => value,
            Err(error) if error.is_eof() => return Err(draft.truncated().into()),
            Err(_) => return Err(draft.nonsense("something that is not JSON").into()),
        };
        if let Some(report) = Report::from_json(&value) {
            return Err(draft.failed(report));
        }
        if self.wire.whole(&value, draft)? {
            return Ok(());
        }
        Err(draft.nonsense(&format!("JSON that is not {}", W::WHOLE)).into())
    }
}

impl<W: Wire> Provider for Client<W> {
    fn name(&self) -> &str {
        self.link.model()
    }

    fn is_local(&self) -> bool {
        self.local
    }

    fn token_factor(&self) -> f64 {
        self.meter.factor()
    }

    fn price(&self) -> Option<Price> {
        self.meter.price()
    }

    fn estimate(&self, request: &Request) -> Estimate {
        self.meter.estimate(request)
    }

    fn ask<'a>(&'a self, request: &'a Request, watch: &'a mut (dyn FnMut(Delta<'_>) + Send)) -> Asking<'a> {
        Box::pin(async move {
            let body = self.wire.body(request)?;
            let mut attempt = 0;
            let mut renewed = false;
            loop {
                let key_was_kept = self.link.key_is_kept();
                let mut used = false;
                let mut note = |delta: Delta<'_>| {
                    used = true;
                    watch(delta);
                };
                let failure = match self.attempt(&body, request, &mut note).await {
                    Ok(mut answer) => {
                        if let Some(usage) = &answer.usage {
                            self.meter.learn(request, usage);
                            answer.cost = self.meter.price().map(|price| cost(&price, usage));
                        }
                        return Ok(answer);
                    }
                    Err(failure) => failure,
                };
                // a kept key may have expired: it is fetched anew, once
                if matches!(failure.error, Error::Key { .. }) && key_was_kept && !renewed && !used {
                    renewed = true;
                    continue;
                }
                let Some(wait) = pause(&failure, attempt, self.max_retry_wait).filter(|_| !used) else {
                    return Err(failure.error);
                };
                tracing::debug!(model = self.link.model(), attempt, ?wait, error = %failure.error, "asking again");
                watch(Delta::Waiting(wait));
                tokio::time::sleep(wait).await;
                attempt += 1;
            }
        })
    }
}

/// A stream of events that is being read.
struct Stream<'a, W> {
    wire: &'a W,
    /// Events that have come.
    events: usize,
    /// An event that stops short has come: the last one, if the connection was cut.
    cut: bool,
}

impl<W: Wire> Stream<'_, W> {
    fn event(&mut self, event: Event<'_>, draft: &mut Draft<'_>) -> Result<(), Failure> {
        self.events += 1;
        if self.cut {
            return Err(draft.nonsense("events that are not JSON").into());
        }
        let data = match std::str::from_utf8(event.data) {
            Ok(data) => data,
            Err(error) if error.error_len().is_none() => {
                self.cut = true;
                return Ok(());
            }
            Err(_) => return Err(draft.nonsense("text that is not UTF-8").into()),
        };
        let data = data.trim();
        if data.is_empty() || draft.state() == State::Ended {
            return Ok(());
        }
        if data == END_MARK {
            draft.end();
            return Ok(());
        }
        let is_error = event.name == b"error";
        let mended = mend(data);
        let value = match (Json::parse(&mended), event.form) {
            (Ok(value), _) => value,
            (Err(_), _) if is_error => return Err(draft.failed(Report::of_words(data))),
            // Several values one below the other: the first tells.
            (Err(_), Form::Bare) => match Json::first(&mended) {
                Some(value) => value,
                None => return Ok(()),
            },
            // Pings and whatever else servers may invent.
            (Err(_), _) if !matches!(event.name, b"" | b"message") => return Ok(()),
            (Err(error), _) if error.is_eof() || END_MARK.starts_with(data) => {
                self.cut = true;
                return Ok(());
            }
            (Err(_), _) => return Err(draft.nonsense("events that are not JSON").into()),
        };
        let report = match Report::from_json(&value) {
            None if is_error => Some(Report::of_words(value["message"].as_str().unwrap_or_default())),
            report => report,
        };
        match (report, event.form) {
            (Some(report), _) => Err(draft.failed(report)),
            (None, Form::Event) => self.wire.event(&value, draft),
            (None, Form::Bare) => Ok(()),
        }
    }
}

/// True when `bytes` may be the beginning of a stream of events, however few they are.
fn begins_as_events(bytes: &[u8]) -> bool {
    let line = bytes.trim_ascii_start();
    let fields: [&[u8]; 6] = [b"data:", b"event:", b"id:", b"retry:", b":", "\u{feff}".as_bytes()];
    fields.iter().any(|field| field.starts_with(line) || line.starts_with(field))
}
