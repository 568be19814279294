//! Files without a grammar: only what their text shows.

use super::section;
use super::words::{code, count, cut, lines};
use crate::chunks::ChunkKind;
use crate::context::Context;

/// How many sections are listed.
const LISTED: usize = 12;

/// A short, honest account of the focus.
pub(super) fn explain(context: &Context) -> String {
    let subject = &context.subject;
    let chunk = subject.chunk();
    let (first, last) = (subject.line(chunk.span.start), subject.line(chunk.span.end.saturating_sub(1)));
    let words = subject.text.slice(chunk.span).split_whitespace().count();
    let mut out = format!(
        "### {}\n\n{} of {}, {} and {}. Whittle has no grammar for this kind of file, so it tells only what the text \
         itself shows; a model can say more.\n",
        code(&subject.label()),
        super::words::capital(&lines(first, last)),
        subject.path,
        count(last + 1 - first.min(last), "line", "lines"),
        count(words, "word", "words")
    );
    let mut list = String::new();
    let mut more = 0;
    for id in subject.chunks.children(subject.focus) {
        let section = subject.chunks.get(id);
        if section.kind != ChunkKind::Section {
            continue;
        }
        if list.lines().count() == LISTED {
            more += 1;
            continue;
        }
        let text = subject.text.slice(section.span);
        let title = cut(text.lines().next().unwrap_or_default().trim(), 72);
        let (first, last) = (subject.line(section.span.start), subject.line(section.span.end.saturating_sub(1)));
        list += &format!("- {}: {}\n", super::words::capital(&lines(first, last)), code(&title));
    }
    if more > 0 {
        list += &format!("- {}\n", count(more, "more block", "more blocks"));
    }
    out += &section("Blocks between blank lines", &list);
    out
}
