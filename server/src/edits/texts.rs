//! Answers that are new text for a place of their own: tests, without those that are there already and under names that are
//! free, and new files.

use super::answer::{self, Bounds, Change};
use super::fault::{EditError, Fault, beginning};
use crate::chunks::{ChunkId, Chunks};
use crate::context::TestPlace;
use crate::prompt::{NEW_FILE_ID, TESTS_ID};
use crate::syntax::{self, Language, Tree};
use crate::text::{Edit, Text, apply_edits};

/// The test code of an answer, for a file with the text `current`: tests that are there already are left out, and those
/// whose names are taken get another.
///
/// # Errors
/// [`Fault::NoEdit`], [`Fault::CutOff`], [`Fault::WrongChunk`], and [`Fault::TestsThere`] when nothing is left.
pub fn read_tests(answer: &str, model: &str, place: &TestPlace, current: &Text) -> Result<String, EditError> {
    code(answer, place, current).map_err(|fault| fault.of(model))
}

fn code(answer: &str, place: &TestPlace, current: &Text) -> Result<String, Fault> {
    let language = syntax::by_path(place.path.as_ref());
    let code = Text::from(one_text(answer, language, TESTS_ID, Code::Is)?.as_str());
    let Some(language) = language else { return Ok(code.to_text()) };
    let tree = Tree::parse(&code, language, None, None);
    let chunks = Chunks::cut(&code, tree.as_ref());
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let there = words(&current.to_text());
    let mut taken: Vec<String> = place.taken.clone();
    let (mut edits, mut left) = (Vec::new(), 0);
    for id in chunks.children(ChunkId::FILE) {
        let chunk = chunks.get(id);
        let Some(body) = chunk.body.filter(|_| !chunk.name.is_empty()) else { continue };
        if there.contains(&words(&code.slice(body))) {
            edits.push(Edit::new(chunk.span, ""));
            continue;
        }
        left += 1;
        let name = chunk.name.to_string();
        let free = std::iter::once(name.clone())
            .chain((2..).map(|number| format!("{name}_{number}")))
            .find(|name| !taken.contains(name))
            .unwrap_or_else(|| name.clone());
        if free != name {
            edits.push(Edit::new(chunk.name_span, free.clone()));
        }
        taken.push(free);
    }
    if left == 0 && !edits.is_empty() {
        return Err(Fault::TestsThere { path: place.path.clone() });
    }
    Ok(apply_edits(&code, &edits).to_text())
}

/// The text of a new file at `path`: what the answer holds, with a line end at its end.
///
/// # Errors
/// [`Fault::NoEdit`], [`Fault::CutOff`] and [`Fault::WrongChunk`].
pub fn read_new_file(answer: &str, path: &str, model: &str) -> Result<String, EditError> {
    let language = syntax::by_path(path.as_ref());
    // a fenced block is a piece of a document, and not the document
    let fenced = if path.ends_with(".md") { Code::IsNot } else { Code::Is };
    let text = one_text(answer, language, NEW_FILE_ID, fenced).map_err(|fault| fault.of(model))?;
    Ok(format!("{}\n", text.trim_start_matches('\n').trim_end()))
}

/// Whether a fenced block without a path is what was asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Code {
    Is,
    IsNot,
}

/// The one text of an answer that is no change of what is there.
fn one_text(answer: &str, language: Option<&'static Language>, id: &str, fenced: Code) -> Result<String, Fault> {
    let no_edit = || Fault::NoEdit { said: beginning(answer) };
    let mut changes = answer::read(answer, language)?;
    let text = match (changes.pop(), changes.is_empty()) {
        (Some(Change::Chunk { id: other, .. }), _) if other != id => return Err(Fault::WrongChunk { id: other }),
        (Some(Change::Chunk { text, .. } | Change::Create { text, .. }), true) => text,
        (Some(Change::Whole { text, bounds, .. }), true) if bounds != Bounds::None && fenced == Code::Is => text,
        _ => return Err(no_edit()),
    };
    if text.trim().is_empty() { Err(no_edit()) } else { Ok(text) }
}
