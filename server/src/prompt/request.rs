//! Requests: what a model is asked, put together from an operation's template and a context.

use std::fmt::Write as _;
use std::sync::Arc;

use super::diagnostic::{self, Diagnostic};
use super::instruction::without_instructions;
use super::operation::{AnswerForm, BuiltIn, Operation};
use super::template::{Piece, Placeholder};
use super::{FOCUS_ID, NEW_FILE_ID, TESTS_ID};
use crate::context::{Context, Insert, TestPlace};

/// What the user wants of an operation besides the operation itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Instructions in the user's words.
    pub ask: Option<String>,
    /// Name of the rewrite that the offline engine is to make.
    pub rewrite: Option<String>,
    /// What is to be fixed.
    pub diagnostics: Vec<Diagnostic>,
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
    pub operation: Arc<Operation>,
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

/// What a template of the user's leaves unsaid where it begins with a placeholder.
const ROLE: &str = "You help the developer who is looking at this code in an editor.\n";

impl Request {
    /// Asks for what the operation says of the focus: an explanation or new text.
    #[must_use]
    pub fn new(operation: Arc<Operation>, context: Arc<Context>, wish: Wish) -> Self {
        let label = context.subject.label();
        let task = match (&operation.answer, operation.built_in, &wish.ask) {
            (AnswerForm::Edit, Some(BuiltIn::Refactor), Some(ask)) => {
                format!("Change `{label}` (id {FOCUS_ID}) as the developer asks: {ask}\n")
            }
            (AnswerForm::Edit, Some(BuiltIn::Fix), _) if !wish.diagnostics.is_empty() => {
                let told = diagnostic::for_model(&wish.diagnostics, &context.subject);
                format!("{} `{label}` (id {FOCUS_ID}). This is what is wrong:\n{told}", operation.title)
            }
            (AnswerForm::Edit, Some(_), _) => format!("{} `{label}` (id {FOCUS_ID}).\n", operation.title),
            (AnswerForm::Edit, None, _) => {
                format!("Do this with `{label}` (id {FOCUS_ID}): {}.\n", operation.title)
            }
            (_, Some(_), _) => format!("{} `{label}`.", operation.title),
            (_, None, _) => format!("Do this with `{label}`: {}.", operation.title),
        };
        Self::build(operation, context, wish, &task)
    }

    /// Asks for tests of the focus.
    #[must_use]
    pub fn tests(operation: Arc<Operation>, context: Arc<Context>, wish: Wish, place: TestPlace) -> Self {
        let label = context.subject.label();
        let task = format!("Write tests of `{label}`, as the chunk with the id {TESTS_ID}. {}\n", describe(&place));
        Self { place: Some(place), ..Self::build(operation, context, wish, &task) }
    }

    /// Asks for the text of a new file at `path`.
    #[must_use]
    pub fn new_file(operation: Arc<Operation>, context: Arc<Context>, wish: Wish, path: &str) -> Self {
        let label = context.subject.label();
        let title = &operation.title;
        let task = format!(
            "Do this with `{label}`: {title}. Write the whole text of the new file {path}, as the chunk with the id {NEW_FILE_ID}.\n"
        );
        Self::build(operation, context, wish, &task)
    }

    /// Puts the parts in order. What the template does not place stands where it always does: the excerpts, the focus,
    /// the template's own task, the task in one sentence, the selection, the user's words.
    fn build(operation: Arc<Operation>, context: Arc<Context>, wish: Wish, task: &str) -> Self {
        let template = &operation.template;
        let left_out = |placeholder| !template.places(placeholder);
        let mut system = template.system.clone();
        if system.is_empty() {
            system = ROLE.to_owned();
        }
        if operation.answer != AnswerForm::Explanation {
            let _ = write!(system, "\n{}", include_str!("templates/answer.md"));
        }
        // who gives instructions may want changes elsewhere, and what is wrong may have its cause there
        let may_reach = matches!(operation.built_in, None | Some(BuiltIn::Fix)) || wish.ask.is_some();
        if operation.answer == AnswerForm::Edit && may_reach {
            let _ = write!(system, "\n{}", include_str!("templates/elsewhere.md"));
        }
        let excerpts = context.render_excerpts();
        let mut shared = String::new();
        if !excerpts.is_empty() && left_out(Placeholder::Context) {
            let _ = write!(shared, "Code of the project that may matter, cut down to what is needed:\n\n{excerpts}\n");
        }
        let language = context.subject.language.map_or("text", |language| language.name);
        let focus = without_instructions(&context.render_focus(), context.subject.language);
        let (selected, label) = (selected(&context), context.subject.label());
        let mut prompt = String::new();
        if left_out(Placeholder::Focus) {
            let _ = match operation.answer {
                AnswerForm::Edit => {
                    write!(prompt, "The chunk that may be changed, id {FOCUS_ID}, {language}:\n\n{focus}")
                }
                _ => write!(prompt, "The code in question, {language}:\n\n{focus}"),
            };
        }
        if !template.task.is_empty() {
            separate(&mut prompt);
            for piece in &template.task {
                prompt.push_str(match piece {
                    Piece::Text(text) => text,
                    Piece::Placeholder(Placeholder::Focus) => &focus,
                    Piece::Placeholder(Placeholder::Context) => &excerpts,
                    Piece::Placeholder(Placeholder::Selection) => selected.as_deref().unwrap_or_default(),
                    Piece::Placeholder(Placeholder::Ask) => wish.ask.as_deref().unwrap_or_default(),
                    Piece::Placeholder(Placeholder::Language) => language,
                    Piece::Placeholder(Placeholder::Label) => &label,
                    Piece::Placeholder(Placeholder::File) => &context.subject.path,
                });
            }
            prompt.push('\n');
        }
        separate(&mut prompt);
        prompt.push_str(task);
        if let Some(selected) = selected.filter(|_| left_out(Placeholder::Selection)) {
            let limit = if operation.answer == AnswerForm::Edit { ", change no more than it needs" } else { "" };
            let space = if prompt.ends_with('\n') { "" } else { " " };
            let _ = write!(prompt, "{space}The developer selected this part of it{limit}:\n\n{selected}\n");
        }
        let in_task = operation.built_in == Some(BuiltIn::Refactor);
        if let Some(ask) = wish.ask.as_ref().filter(|_| !in_task && left_out(Placeholder::Ask)) {
            let space = if prompt.ends_with('\n') { "" } else { " " };
            let _ = writeln!(prompt, "{space}The developer asks: {ask}");
        }
        Self { system, shared, prompt, earlier: Vec::new(), schema: None, operation, context, wish, place: None }
    }

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
}

/// An empty line before what comes next.
fn separate(prompt: &mut String) {
    if !prompt.is_empty() {
        prompt.push('\n');
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

/// The selection, when it is a part of the focus and not a cursor.
fn selected(context: &Context) -> Option<String> {
    let subject = &context.subject;
    let text = subject.text.slice(subject.selection);
    let part = text.chars().count() > 1 && subject.selection != subject.chunk().span;
    part.then(|| crate::policy::mask_secrets(text.trim_end()).0.into_owned())
}
