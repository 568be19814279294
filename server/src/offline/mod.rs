//! The model that needs no model: answers from the syntax tree in the request's context. Never uses the network, a
//! file or a clock, so the same request has the same answer.

pub mod explain;
pub mod rewrites;
mod tests;

use crate::config::OFFLINE;
use crate::context::{Context, Subject};
use crate::models::{Answer, Asking, Delta, Error, Provider};
use crate::prompt::{BuiltIn, FOCUS_ID, Request, TESTS_ID};
use crate::text::{Span, apply_edits};
use rewrites::Rewrite;

/// The offline engine as a model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Offline;

impl Provider for Offline {
    fn name(&self) -> &str {
        OFFLINE
    }

    fn is_local(&self) -> bool {
        true
    }

    fn ask<'a>(&'a self, request: &'a Request, _watch: &'a mut (dyn FnMut(Delta<'_>) + Send)) -> Asking<'a> {
        Box::pin(async move {
            let text = match request.operation.built_in {
                Some(BuiltIn::Explain) => explain::explain(&request.context),
                Some(BuiltIn::Refactor) => refactor(request)?,
                Some(BuiltIn::Test) => test(request)?,
                Some(BuiltIn::Document | BuiltIn::Fix) | None => {
                    let name = &request.operation.name;
                    let reason = format!("`{name}` needs a model: configure one, or choose one with --model.");
                    return Err(Error::Offline { reason });
                }
            };
            Ok(Answer { text, model: OFFLINE.to_owned(), ..Answer::default() })
        })
    }
}

/// The rewrites that apply to a focus. A selection narrows them to those that it touches, unless it touches none.
#[must_use]
pub fn applicable(subject: &Subject) -> Vec<Rewrite> {
    let Some(tree) = &subject.tree else { return Vec::new() };
    let mut all = rewrites::applicable(tree, &subject.text, subject.chunk().span);
    if all.iter().any(|rewrite| rewrite.at.touches(subject.selection)) && !subject.selection.is_empty() {
        all.retain(|rewrite| rewrite.at.touches(subject.selection));
    }
    all
}

/// Whether tests can be made without a model.
#[must_use]
pub fn makes_tests(subject: &Subject) -> bool {
    subject.language.is_some_and(|language| matches!(language.name, "rust" | "python"))
}

fn refactor(request: &Request) -> Result<String, Error> {
    let subject = &request.context.subject;
    let label = subject.label();
    if request.wish.ask.is_some() {
        let reason = "The offline engine can't follow instructions: configure a model, or choose one with --model.";
        return Err(Error::Offline { reason: reason.to_owned() });
    }
    let all = applicable(subject);
    let chosen = match &request.wish.rewrite {
        Some(name) => {
            let mut named = all.iter().filter(|rewrite| rewrite.name == name).peekable();
            let first = named.peek().copied();
            named.find(|rewrite| rewrite.at.touches(subject.selection)).or(first)
        }
        None => all.first(),
    };
    let Some(rewrite) = chosen else {
        let names: Vec<&str> = all.iter().map(|rewrite| rewrite.name).collect();
        let reason = match (&request.wish.rewrite, names.is_empty()) {
            (Some(name), false) => {
                format!("The rewrite `{name}` does not apply to `{label}`; these do: {}.", names.join(", "))
            }
            _ => format!(
                "No rewrite applies to `{label}`. A model can do more: configure one, or choose one with --model."
            ),
        };
        return Err(Error::Offline { reason });
    };
    // the answer has the form that every model's has: the whole new text of the focus, from the start of its line
    let after = apply_edits(&subject.text, &rewrite.edits);
    let span = subject.chunk().span;
    let end = span.end + after.len() - subject.text.len();
    let line = after.line_start(after.line_of(span.start));
    let code = after.slice(Span::new(line, end));
    Ok(format!("<replace id=\"{FOCUS_ID}\">\n{code}\n</replace>\n"))
}

fn test(request: &Request) -> Result<String, Error> {
    let context: &Context = &request.context;
    let no = |reason: String| Error::Offline { reason };
    let place = request.place.as_ref().ok_or_else(|| no("There is no place for tests.".to_owned()))?;
    let code = tests::generate(context, place).map_err(|error| no(error.to_string()))?;
    Ok(format!("<replace id=\"{TESTS_ID}\">\n{code}\n</replace>\n"))
}
