//! OpenAI chat completions, as OpenAI and every server compatible with it speak them. In: a [`Request`]. Out: an
//! [`Answer`] from the server's stream of events, or from one JSON object where a server doesn't stream. An answer is
//! whole or an error: without a finish reason there is no telling whether more was to come.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use sse_stream::SseByteStream;
use tokio::time::timeout;

use super::error::{Error, Report};
use super::http::{Link, Progress};
use super::reasoning::Splitter;
use super::retry::pause;
use super::{Answer, Asking, Delta, Provider, Usage, json};
use crate::config::ModelSettings;
use crate::prompt::Request;

/// The address of OpenAI itself.
const DEFAULT_URL: &str = "https://api.openai.com/v1";

/// The variable that usually holds the key.
const DEFAULT_KEY: &str = "OPENAI_API_KEY";

/// Bytes of an answer, reasoning included; the longest that a model may write today are a quarter of that.
const LARGEST_ANSWER: usize = 4 << 20;

/// Longest time for which comments alone keep a stream alive.
const LONGEST_SILENCE: Duration = Duration::from_secs(600);

/// Longest wait for what may follow the finish reason: the usage and the end mark.
const AFTERWARDS: Duration = Duration::from_secs(2);

/// A model behind chat completions.
pub(super) struct OpenAi {
    link: Link,
    model: String,
    local: bool,
}

impl OpenAi {
    /// Fails when the settings can't work or the key is missing; connects to nothing yet.
    pub(super) fn new(
        name: &str,
        settings: &ModelSettings,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Error> {
        let link = Link::new(name, settings, DEFAULT_URL, DEFAULT_KEY, &["chat", "completions"], env)?;
        Ok(Self { link, model: settings.model.clone(), local: settings.local })
    }

    /// The body of a request. No sampling parameters: newer models refuse them, and each server has its own defaults.
    fn body(&self, request: &Request) -> Value {
        let mut messages = Vec::new();
        if !request.system.is_empty() {
            messages.push(json!({"role": "system", "content": request.system}));
        }
        messages.push(json!({"role": "user", "content": request.prompt}));
        json!({
            "model": self.model,
            "messages": messages,
            "stream": true,
            "stream_options": {"include_usage": true},
        })
    }

    /// Asks once.
    async fn attempt(
        &self,
        body: &Value,
        prompt: &str,
        watch: &mut (dyn FnMut(Delta<'_>) + Send),
    ) -> Result<Answer, Error> {
        let mut reply = self.link.post(body, prompt).await?;
        let first = reply.first().await?;
        let mut reading = Reading::new(&self.link, prompt, watch);
        // By their first character, not by their type: servers label streams as anything.
        match first.trim_ascii_start().first() {
            None => return Err(self.link.truncated()),
            Some(b'<') => return Err(self.link.nonsense("a web page instead of the API")),
            Some(b'{' | b'[') => {
                let bytes = reply.rest(first).await?;
                reading.whole(&String::from_utf8_lossy(&bytes))?;
            }
            Some(_) => {
                let is_stream = begins_as_events(&first);
                let progress = Progress::default();
                let mut events = std::pin::pin!(SseByteStream::new(reply.stream(first, &progress)));
                while reading.state != State::Ended {
                    let patience = if reading.finish.is_some() { AFTERWARDS } else { LONGEST_SILENCE };
                    match timeout(patience, events.next()).await {
                        Ok(Some(Ok(event))) => {
                            progress.event();
                            reading.event(event.event.as_deref(), event.data.as_deref().unwrap_or_default())?;
                        }
                        // The answer is whole; what the server does afterwards is no loss.
                        Ok(Some(Err(_))) | Err(_) if reading.finish.is_some() => break,
                        Ok(Some(Err(error))) => return Err(self.stream_error(error)),
                        Ok(None) if reading.events == 0 && !is_stream => {
                            return Err(self.link.nonsense("something that is not a stream of events"));
                        }
                        Ok(None) => break,
                        Err(_) => {
                            let model = self.link.model().to_owned();
                            return Err(Error::Stalled { model, waited: LONGEST_SILENCE, limit: "between" });
                        }
                    }
                    if reading.state == State::Answering {
                        progress.begin();
                    }
                }
            }
        }
        reading.finish()
    }

    fn stream_error(&self, error: sse_stream::Error) -> Error {
        match error {
            sse_stream::Error::Body(error) => match error.downcast::<Error>() {
                Ok(error) => *error,
                Err(_) => self.link.truncated(),
            },
            _ => self.link.nonsense("text that is not UTF-8"),
        }
    }
}

impl Provider for OpenAi {
    fn name(&self) -> &str {
        self.link.model()
    }

    fn is_local(&self) -> bool {
        self.local
    }

    fn ask<'a>(&'a self, request: &'a Request, watch: &'a mut (dyn FnMut(Delta<'_>) + Send)) -> Asking<'a> {
        Box::pin(async move {
            let body = self.body(request);
            let mut used = false;
            let mut attempt = 0;
            loop {
                let mut note = |delta: Delta<'_>| {
                    used = true;
                    watch(delta);
                };
                let error = match self.attempt(&body, &request.prompt, &mut note).await {
                    Ok(answer) => return Ok(answer),
                    Err(error) => error,
                };
                match pause(&error, attempt).filter(|_| !used) {
                    Some(wait) => {
                        tracing::debug!(model = self.link.model(), attempt, %error, "asking again");
                        tokio::time::sleep(wait).await;
                    }
                    None => return Err(error),
                }
                attempt += 1;
            }
        })
    }
}

/// Where a stream is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// No word has come.
    Waiting,
    /// Words are coming, be it reasoning.
    Answering,
    /// The end mark has come.
    Ended,
}

/// Why the model stopped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Finish {
    Stop,
    Length,
    Filter,
    Tool,
}

/// An answer that is being read.
struct Reading<'a> {
    link: &'a Link,
    prompt: &'a str,
    watch: &'a mut (dyn FnMut(Delta<'_>) + Send),
    splitter: Splitter,
    state: State,
    text: String,
    refusal: String,
    /// Bytes of text, reasoning and refusal.
    size: usize,
    finish: Option<Finish>,
    usage: Option<Usage>,
    /// Events that have come.
    events: usize,
    /// An event whose JSON stops short: the last one, if the connection was cut.
    cut: bool,
}

impl<'a> Reading<'a> {
    fn new(link: &'a Link, prompt: &'a str, watch: &'a mut (dyn FnMut(Delta<'_>) + Send)) -> Self {
        Self {
            link,
            prompt,
            watch,
            splitter: Splitter::default(),
            state: State::Waiting,
            text: String::new(),
            refusal: String::new(),
            size: 0,
            finish: None,
            usage: None,
            events: 0,
            cut: false,
        }
    }

    /// Reads one event of the stream.
    fn event(&mut self, kind: Option<&str>, data: &str) -> Result<(), Error> {
        self.events += 1;
        let data = data.trim();
        if self.cut {
            return Err(self.link.nonsense("events that are not JSON"));
        }
        if data.is_empty() {
            return Ok(());
        }
        if data == "[DONE]" {
            self.state = State::Ended;
            return Ok(());
        }
        let named = kind.is_some_and(|kind| !kind.is_empty() && kind != "message");
        let value = match json::parse(data) {
            Ok(value) => value,
            Err(_) if kind == Some("error") => {
                return Err(self.link.failed(Report { message: data.to_owned(), ..Report::default() }, self.prompt));
            }
            // Pings and whatever else servers may invent.
            Err(_) if named => return Ok(()),
            Err(error) if error.is_eof() => {
                self.cut = true;
                return Ok(());
            }
            Err(_) => return Err(self.link.nonsense("events that are not JSON")),
        };
        let report = match Report::from_json(&value) {
            None if kind == Some("error") => {
                let message = value["message"].as_str().unwrap_or_default().to_owned();
                Some(Report { message, ..Report::default() })
            }
            report => report,
        };
        if let Some(report) = report {
            return Err(self.link.failed(report, self.prompt));
        }
        self.usage(&value["usage"]);
        if let Some(choice) = first_choice(&value) {
            self.message(&choice["delta"])?;
            self.finish_reason(&choice["finish_reason"])?;
        }
        Ok(())
    }

    /// Reads an answer that did not come as a stream.
    fn whole(&mut self, json: &str) -> Result<(), Error> {
        let value = match json::parse(json) {
            Ok(value) => value,
            Err(error) if error.is_eof() => return Err(self.link.truncated()),
            Err(_) => return Err(self.link.nonsense("something that is not JSON")),
        };
        if let Some(report) = Report::from_json(&value) {
            return Err(self.link.failed(report, self.prompt));
        }
        self.usage(&value["usage"]);
        let Some(choice) = first_choice(&value).filter(|choice| choice["message"].is_object()) else {
            return Err(self.link.nonsense("JSON that is not a chat completion"));
        };
        self.message(&choice["message"])?;
        self.finish_reason(&choice["finish_reason"])?;
        // The object is complete, and so is the answer, whether the server says so or not.
        self.finish.get_or_insert(Finish::Stop);
        Ok(())
    }

    /// Reads a message or a part of one.
    fn message(&mut self, message: &Value) -> Result<(), Error> {
        for key in ["reasoning_content", "reasoning"] {
            if let Some(text) = message[key].as_str().filter(|text| !text.is_empty()) {
                self.grow(text)?;
                (self.watch)(Delta::Reasoning(text));
                break; // some servers send both, with the same text
            }
        }
        if let Some(text) = message["refusal"].as_str() {
            self.grow(text)?;
            self.refusal.push_str(text);
        }
        match &message["content"] {
            Value::String(text) => self.content(text)?,
            // Some servers send a list of parts.
            Value::Array(parts) => {
                for part in parts {
                    if let Some(text) = part["text"].as_str() {
                        self.content(text)?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn content(&mut self, content: &str) -> Result<(), Error> {
        self.grow(content)?;
        self.split(|splitter, emit| splitter.push(content, emit));
        Ok(())
    }

    fn split(&mut self, split: impl FnOnce(&mut Splitter, &mut dyn FnMut(Delta<'_>))) {
        let (text, watch) = (&mut self.text, &mut self.watch);
        split(&mut self.splitter, &mut |delta| {
            if let Delta::Text(piece) = delta {
                text.push_str(piece);
            }
            watch(delta);
        });
    }

    fn grow(&mut self, text: &str) -> Result<(), Error> {
        if !text.is_empty() {
            self.state = State::Answering;
        }
        self.size += text.len();
        if self.size > LARGEST_ANSWER {
            return Err(Error::TooLarge { model: self.link.model().to_owned(), limit: LARGEST_ANSWER });
        }
        Ok(())
    }

    fn finish_reason(&mut self, reason: &Value) -> Result<(), Error> {
        let Some(reason) = reason.as_str() else { return Ok(()) };
        self.finish = Some(match reason.to_ascii_lowercase().as_str() {
            "" => return Ok(()),
            "stop" | "eos" | "eos_token" | "end_turn" | "stop_sequence" => Finish::Stop,
            "length" | "max_tokens" => Finish::Length,
            "content_filter" | "safety" | "refusal" => Finish::Filter,
            "tool_calls" | "function_call" => Finish::Tool,
            "error" => return Err(self.link.failed(Report::default(), self.prompt)),
            "abort" => return Err(self.link.truncated()),
            _ => return Err(self.link.nonsense("a finish reason that is not known")),
        });
        Ok(())
    }

    fn usage(&mut self, usage: &Value) {
        let (input, output) = (usage["prompt_tokens"].as_u64(), usage["completion_tokens"].as_u64());
        if input.is_some() || output.is_some() {
            self.usage = Some(Usage { input: input.unwrap_or(0), output: output.unwrap_or(0) });
        }
    }

    /// The answer, if it is whole.
    fn finish(mut self) -> Result<Answer, Error> {
        self.split(|splitter, emit| splitter.finish(emit));
        let model = self.link.model().to_owned();
        if !self.refusal.trim().is_empty() {
            return Err(Error::Refused { model, message: self.link.cleaner(self.prompt).line(&self.refusal) });
        }
        match self.finish {
            None => Err(self.link.truncated()),
            Some(Finish::Length) => Err(Error::LengthStop { model }),
            Some(Finish::Filter) => Err(Error::Refused { model, message: String::new() }),
            Some(Finish::Tool) => Err(self.link.nonsense("a call of a tool, though it was offered none")),
            Some(Finish::Stop) if self.text.trim().is_empty() => Err(Error::Empty { model }),
            Some(Finish::Stop) => Ok(Answer { text: self.text, model, usage: self.usage }),
        }
    }
}

/// True when `bytes` may be the beginning of a stream of events, however few they are.
fn begins_as_events(bytes: &[u8]) -> bool {
    let line = bytes.trim_ascii_start();
    let fields: [&[u8]; 6] = [b"data:", b"event:", b"id:", b"retry:", b":", "\u{feff}".as_bytes()];
    fields.iter().any(|field| field.starts_with(line) || line.starts_with(field))
}

/// The choice that was asked for; servers may number more.
fn first_choice(value: &Value) -> Option<&Value> {
    let choices = value["choices"].as_array()?;
    choices.iter().find(|choice| choice["index"].as_u64().unwrap_or(0) == 0)
}
