//! An answer that is being read. In: what a protocol finds in its events. Out: an [`Answer`], if it is whole, else the
//! error that it is. Never holds more than an answer may have, and never takes a part for the whole: without the
//! protocol's finish there is no telling whether more was to come.

use super::error::Error;
use super::http::Link;
use super::json::Halves;
use super::reasoning::Splitter;
use super::report::{Failure, Report};
use super::{Answer, Delta, Stop, Usage};
use crate::prompt::Request;

/// Bytes of an answer, reasoning included; the longest that a model may write today are a quarter of that.
pub(super) const LARGEST_ANSWER: usize = 4 << 20;

/// Why the model stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finish {
    /// It was done.
    Stop(Stop),
    /// It may write no more.
    Length,
    /// Prompt and answer fill its window.
    Window,
    /// It declined; its words, where it gave any.
    Refusal(String),
    /// A filter stopped it; what the filter says.
    Filter(String),
    /// It wants to use a tool.
    Tool,
}

/// Where a stream is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// No word has come.
    Waiting,
    /// Words are coming, be it reasoning.
    Answering,
    /// The end mark has come.
    Ended,
}

/// An answer that is being read.
pub(super) struct Draft<'a> {
    link: &'a Link,
    request: &'a Request,
    watch: &'a mut (dyn FnMut(Delta<'_>) + Send),
    splitter: Splitter,
    text_halves: Halves,
    reasoning_halves: Halves,
    state: State,
    text: String,
    reasoning: String,
    refusal: String,
    finish: Option<Finish>,
    usage: Option<Usage>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(link: &'a Link, request: &'a Request, watch: &'a mut (dyn FnMut(Delta<'_>) + Send)) -> Self {
        Self {
            link,
            request,
            watch,
            splitter: Splitter::default(),
            text_halves: Halves::default(),
            reasoning_halves: Halves::default(),
            state: State::Waiting,
            text: String::new(),
            reasoning: String::new(),
            refusal: String::new(),
            finish: None,
            usage: None,
        }
    }

    pub(super) fn state(&self) -> State {
        self.state
    }

    pub(super) fn is_finished(&self) -> bool {
        self.finish.is_some()
    }

    /// True when no text has come, reasoning aside.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.refusal.is_empty()
    }

    /// Adds text of the answer; a leading `<think>` block of it is reasoning.
    pub(super) fn text(&mut self, piece: &str) -> Result<(), Error> {
        self.grow(piece)?;
        let piece = self.text_halves.join(piece);
        self.split(|splitter, emit| splitter.push(&piece, emit));
        Ok(())
    }

    /// Adds what the model thinks.
    pub(super) fn reasoning(&mut self, piece: &str) -> Result<(), Error> {
        self.grow(piece)?;
        let piece = self.reasoning_halves.join(piece);
        if !piece.is_empty() {
            self.reasoning.push_str(&piece);
            (self.watch)(Delta::Reasoning(&piece));
        }
        Ok(())
    }

    /// Adds words by which the model declines.
    pub(super) fn refusal(&mut self, piece: &str) -> Result<(), Error> {
        self.grow(piece)?;
        self.refusal.push_str(piece);
        Ok(())
    }

    /// The model has stopped.
    pub(super) fn finish(&mut self, finish: Finish) {
        self.finish = Some(finish);
    }

    /// Nothing more will come.
    pub(super) fn end(&mut self) {
        self.state = State::Ended;
    }

    /// Tokens as the provider counts them; made when first asked for.
    pub(super) fn usage(&mut self) -> &mut Usage {
        self.usage.get_or_insert_default()
    }

    /// The failure that a server's report stands for.
    pub(super) fn failed(&self, report: Report) -> Failure {
        self.link.failed(report, self.request)
    }

    /// The error for what is not the protocol.
    pub(super) fn nonsense(&self, what: &str) -> Error {
        self.link.nonsense(what)
    }

    /// The error for an answer that ends before it is whole.
    pub(super) fn truncated(&self) -> Error {
        self.link.truncated()
    }

    fn grow(&mut self, piece: &str) -> Result<(), Error> {
        if !piece.is_empty() && self.state == State::Waiting {
            self.state = State::Answering;
        }
        if self.text.len() + self.reasoning.len() + self.refusal.len() + piece.len() > LARGEST_ANSWER {
            return Err(self.link.too_large(LARGEST_ANSWER));
        }
        Ok(())
    }

    fn split(&mut self, split: impl FnOnce(&mut Splitter, &mut dyn FnMut(Delta<'_>))) {
        let Self { text, reasoning, watch, splitter, .. } = self;
        split(splitter, &mut |delta| {
            match delta {
                Delta::Text(piece) => text.push_str(piece),
                Delta::Reasoning(piece) => reasoning.push_str(piece),
                Delta::Waiting(_) | Delta::Queued { .. } => {}
            }
            watch(delta);
        });
    }

    /// The answer, if it is whole.
    pub(super) fn into_answer(mut self) -> Result<Answer, Error> {
        let rest = self.text_halves.finish();
        self.split(|splitter, emit| {
            splitter.push(rest, emit);
            splitter.finish(emit);
        });
        let model = self.link.model().to_owned();
        let line = |words: &str| self.link.cleaner(self.request).line(words);
        if !self.refusal.trim().is_empty() {
            return Err(Error::Refused { message: line(&self.refusal), model });
        }
        match self.finish {
            None => Err(self.link.truncated()),
            Some(Finish::Length) => Err(Error::LengthStop { model }),
            Some(Finish::Window) => Err(Error::ContextTooLong { model, limit: None, message: String::new() }),
            Some(Finish::Refusal(words)) => Err(Error::Refused { message: line(&words), model }),
            Some(Finish::Filter(words)) => Err(Error::Filtered { message: line(&words), model }),
            Some(Finish::Tool) => Err(self.link.nonsense("a call of a tool, though it was offered none")),
            Some(Finish::Stop(_)) if self.text.trim().is_empty() => Err(Error::Empty { model }),
            Some(Finish::Stop(stop)) => {
                let (text, reasoning, usage) = (self.text, self.reasoning, self.usage);
                Ok(Answer { text, reasoning, model, usage, cost: None, cached: false, stop })
            }
        }
    }
}
