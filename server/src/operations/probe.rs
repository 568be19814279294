//! Whether a model answers. In: a provider. Out: its answer to a question of a few tokens, or what is wrong. Shows it no
//! code.

use std::sync::Arc;

use crate::chunks::Chunks;
use crate::context::{ContextError, FocusRule, Subject, Texts, gather};
use crate::index::Index;
use crate::models::{Answer, Delta, Provider};
use crate::prompt::{BuiltIn, Operations, Request, Wish};
use crate::text::{Span, Text};

use super::OperationError;

const SYSTEM: &str = "You are asked only to see whether you answer.";
const QUESTION: &str = "Answer with the one word: ok";

/// Asks a model one short question, which costs a few tokens. `watch` is told of the answer's parts as they come.
///
/// # Errors
/// When it gives no answer.
pub async fn probe(
    provider: &dyn Provider,
    watch: &mut (dyn FnMut(Delta<'_>) + Send),
) -> Result<Answer, OperationError> {
    Ok(provider.ask(&question()?, watch).await?)
}

fn question() -> Result<Request, ContextError> {
    struct Nothing;
    impl Texts for Nothing {
        fn text(&self, _: &str) -> Option<Text> {
            None
        }
    }
    let text = Text::from("ok\n");
    let chunks = Arc::new(Chunks::cut(&text, None));
    let selection = Span::new(0, 0);
    let focus = chunks.focus_at(selection);
    let subject = Subject { path: "ok.txt".to_owned(), language: None, text, tree: None, chunks, focus, selection };
    let context = gather(subject, &Index::default(), &Nothing, 100, FocusRule::MayFold)?;
    let request = Request::new(Operations::default().of(BuiltIn::Explain).clone(), Arc::new(context), Wish::default());
    Ok(Request { system: SYSTEM.to_owned(), shared: String::new(), prompt: QUESTION.to_owned(), ..request })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_is_short() {
        let parts: Vec<String> = question().unwrap().parts().map(str::to_owned).collect();
        assert_eq!(parts, [SYSTEM, "", QUESTION]);
    }
}
