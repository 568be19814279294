//! What a model is asked. In: an operation and a context. Out: a [`Request`]: the prompt's text and, for the offline
//! engine, the data behind it. Never asks anybody.

mod instruction;

pub use instruction::{Instruction, find_instruction, without_instructions};

use std::fmt::Write as _;
use std::sync::Arc;

use crate::context::{Context, Insert, TestPlace};

/// The id that the prompt gives to the chunk that may be changed.
pub const FOCUS_ID: &str = "c1";
/// The id of the tests to be written.
pub const TESTS_ID: &str = "tests";

/// One of the operations that a model can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationKind {
    /// Say what the focus does.
    Explain,
    /// Change the focus, keeping its behaviour or following instructions.
    Refactor,
    /// Write tests of the focus.
    Test,
}

impl OperationKind {
    /// Its name in settings and commands.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Explain => "explain",
            Self::Refactor => "refactor",
            Self::Test => "test",
        }
    }
}

/// What the user wants of an operation besides the operation itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Instructions in the user's words.
    pub ask: Option<String>,
    /// Name of the rewrite that the offline engine is to make.
    pub rewrite: Option<String>,
}

/// The form of an answer in JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// Its name: letters, digits, `_` and `-`.
    pub name: String,
    /// A JSON schema whose objects require all that they have and nothing else.
    pub schema: serde_json::Value,
}

/// An answer that was not good enough, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// What the model answered.
    pub answer: String,
    /// What is wrong with it, and what is wanted instead.
    pub fault: String,
}

/// A question to a model. Its parts stand in the order in which they change, so that a provider's prompt cache hits.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is asked for.
    pub operation: OperationKind,
    /// The part that is the same for every request of the operation: role and form of the answer.
    pub system: String,
    /// The part that stays the same while the user edits the focus: the excerpts. Ends with a line end, or is empty.
    pub shared: String,
    /// The focus and the task.
    pub prompt: String,
    /// What the model answered to this question before, and what was wrong with it, the oldest first.
    pub earlier: Vec<Exchange>,
    /// The form of an answer in JSON, for providers that can hold a model to it.
    pub schema: Option<Schema>,
    /// What the prompt was made from; the offline engine works from it.
    pub context: Arc<Context>,
    /// What the user wants besides.
    pub wish: Wish,
    /// Where tests go; only for tests.
    pub place: Option<TestPlace>,
}

impl Request {
    /// What the user says in the conversation with the model: all but the system prompt.
    #[must_use]
    pub fn user_text(&self) -> String {
        [self.shared.as_str(), &self.prompt].concat()
    }

    /// Every part of its text, in order, for counting.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        let earlier = self.earlier.iter().flat_map(|exchange| [exchange.answer.as_str(), &exchange.fault]);
        [self.system.as_str(), &self.shared, &self.prompt].into_iter().chain(earlier)
    }

    /// Asks for an explanation.
    #[must_use]
    pub fn explain(context: Arc<Context>) -> Self {
        let (shared, mut prompt) = body(&context, None);
        let _ = write!(prompt, "\nExplain `{}`.", context.subject.label());
        if let Some(selected) = selected(&context) {
            let _ = write!(prompt, " The developer selected this part of it:\n\n{selected}\n");
        }
        let system = include_str!("templates/explain.md").to_owned();
        let wish = Wish::default();
        Self {
            operation: OperationKind::Explain,
            system,
            shared,
            prompt,
            earlier: Vec::new(),
            schema: None,
            context,
            wish,
            place: None,
        }
    }

    /// Asks for new text of the focus.
    #[must_use]
    pub fn refactor(context: Arc<Context>, wish: Wish) -> Self {
        let (shared, mut prompt) = body(&context, Some(FOCUS_ID));
        let label = context.subject.label();
        let _ = match &wish.ask {
            Some(ask) => write!(prompt, "\nChange `{label}` (id {FOCUS_ID}) as the developer asks: {ask}\n"),
            None => write!(prompt, "\nRefactor `{label}` (id {FOCUS_ID}).\n"),
        };
        if let Some(selected) = selected(&context) {
            let _ =
                write!(prompt, "The developer selected this part of it, change no more than it needs:\n\n{selected}\n");
        }
        let system = format!("{}\n{}", include_str!("templates/refactor.md"), include_str!("templates/answer.md"));
        Self {
            operation: OperationKind::Refactor,
            system,
            shared,
            prompt,
            earlier: Vec::new(),
            schema: None,
            context,
            wish,
            place: None,
        }
    }

    /// Asks for tests of the focus.
    #[must_use]
    pub fn test(context: Arc<Context>, place: TestPlace, wish: Wish) -> Self {
        let (shared, mut prompt) = body(&context, None);
        let label = context.subject.label();
        let _ =
            write!(prompt, "\nWrite tests of `{label}`, as the chunk with the id {TESTS_ID}. {}\n", describe(&place));
        if let Some(ask) = &wish.ask {
            let _ = writeln!(prompt, "The developer asks: {ask}");
        }
        let system = format!("{}\n{}", include_str!("templates/test.md"), include_str!("templates/answer.md"));
        let place = Some(place);
        Self {
            operation: OperationKind::Test,
            system,
            shared,
            prompt,
            earlier: Vec::new(),
            schema: None,
            context,
            wish,
            place,
        }
    }
}

/// Where tests go, in a sentence for the model.
fn describe(place: &TestPlace) -> String {
    let file = match place.insert {
        Insert::NewFile => "the new file",
        Insert::Append { .. } | Insert::NewModule { .. } => "the file",
    };
    let mut out = format!("They use {} and go into {file} {}.", place.framework.word(), place.path);
    if !place.imports.is_empty() {
        let _ = write!(out, " There these imports are in force: {}", place.imports.join(" "));
    }
    if !place.taken.is_empty() {
        let _ = write!(out, " These names are taken: {}.", place.taken.join(", "));
    }
    out
}

/// The context as the prompt shows it: the excerpts, then the focus.
fn body(context: &Context, id: Option<&str>) -> (String, String) {
    let excerpts = context.render_excerpts();
    let mut shared = String::new();
    if !excerpts.is_empty() {
        let _ = write!(shared, "Code of the project that may matter, cut down to what is needed:\n\n{excerpts}\n");
    }
    let language = context.subject.language.map_or("text", |language| language.name);
    let mut prompt = match id {
        Some(id) => format!("The chunk that may be changed, id {id}, {language}:\n\n"),
        None => format!("The code in question, {language}:\n\n"),
    };
    prompt.push_str(&without_instructions(&context.render_focus(), context.subject.language));
    (shared, prompt)
}

/// The selection, when it is a part of the focus and not a cursor.
fn selected(context: &Context) -> Option<String> {
    let subject = &context.subject;
    let text = subject.text.slice(subject.selection);
    let part = text.chars().count() > 1 && subject.selection != subject.chunk().span;
    part.then(|| crate::policy::mask_secrets(text.trim_end()).0.into_owned())
}
