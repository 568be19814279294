//! Files that Whittle can't follow step by step: text without a grammar, documents, other languages. Only what the text
//! and its chunks show.

use std::collections::HashSet;

use super::section;
use super::words::{capital, code, count, cut, lines, some};
use crate::chunks::{ChunkId, ChunkKind, ReferenceKind, references};
use crate::context::{Context, Subject};
use crate::documents::LARGEST_PARSED;

/// How many chunks are listed.
const LISTED: usize = 12;

/// A short, honest account of the focus.
pub(super) fn explain(context: &Context) -> String {
    let subject = &context.subject;
    let chunk = subject.chunk();
    let (first, last) = (subject.line(chunk.span.start), subject.line(chunk.span.end.saturating_sub(1)));
    let words = subject.text.slice(chunk.span).split_whitespace().count();
    let limits = match subject.language {
        None if subject.text.len() > LARGEST_PARSED => format!(
            "Files over {} MB are too large to be parsed, so Whittle tells only what the text itself shows",
            LARGEST_PARSED >> 20
        ),
        None => "Whittle has no grammar for this kind of file, so it tells only what the text itself shows".to_owned(),
        Some(language) if language.document => "Without a model Whittle tells only how a document is built".to_owned(),
        Some(language) => format!("Without a model Whittle tells only the outline of code in {}", language.name),
    };
    let mut out = format!(
        "### {}\n\n{} of {}, {} and {}. {limits}; a model can say more.\n",
        code(&subject.label()),
        capital(&lines(first, last)),
        subject.path,
        count(last + 1 - first.min(last), "line", "lines"),
        count(words, "word", "words")
    );
    if subject.language.is_some_and(|language| !language.document) {
        let signature = cut(&one_line(&chunk.signature(&subject.text)), 200);
        if chunk.kind != ChunkKind::File {
            out += &section("Signature", &format!("- {}\n", code(&signature)));
        }
        out += &section("Calls", &calls(subject));
    }
    let title = if subject.language.is_some() { "What it holds" } else { "Blocks between blank lines" };
    out += &section(title, &parts(subject));
    out
}

/// The chunks right inside of the focus.
fn parts(subject: &Subject) -> String {
    let named = |id: &ChunkId| {
        let part = subject.chunks.get(*id);
        !part.name.is_empty() || part.kind == ChunkKind::Section
    };
    let all: Vec<ChunkId> = subject.chunks.children(subject.focus).filter(named).collect();
    let mut list = String::new();
    for part in all.iter().take(LISTED).map(|id| subject.chunks.get(*id)) {
        let title = if part.name.is_empty() {
            let text = subject.text.slice(part.span);
            code(&cut(text.lines().next().unwrap_or_default().trim(), 72))
        } else if part.kind == ChunkKind::Section {
            code(&part.name)
        } else {
            format!("{} {}", part.kind.word(), code(&part.name))
        };
        let (first, last) = (subject.line(part.span.start), subject.line(part.span.end.saturating_sub(1)));
        list += &format!("- {}: {title}\n", capital(&lines(first, last)));
    }
    if all.len() > LISTED {
        list += &format!("- {}\n", count(all.len() - LISTED, "more", "more"));
    }
    list
}

/// What the focus calls, in the order of the file.
fn calls(subject: &Subject) -> String {
    let Some(tree) = &subject.tree else { return String::new() };
    let mut seen = HashSet::new();
    let names: Vec<String> = references(tree, &subject.text, subject.chunk().span)
        .into_iter()
        .filter(|one| one.span != subject.chunk().name_span)
        .filter(|one| matches!(one.kind, ReferenceKind::Call | ReferenceKind::Method | ReferenceKind::Macro))
        .filter(|one| seen.insert(one.name.clone()))
        .map(|one| code(&one.name))
        .collect();
    if names.is_empty() { String::new() } else { format!("- {}\n", some(&names, LISTED)) }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
