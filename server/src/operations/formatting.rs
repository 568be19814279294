//! Gives what a proposal changes the form that the project's formatter would give it. In: a proposal. Out: the same with
//! other blanks, where the formatter's word counts: in chunks that the proposal changes, of files that were formatted.

use super::touched::{changed_spans, chunks_of, path_after, text_after};
use crate::chunks::ChunkId;
use crate::edits::{FileChange, FileEdit, Proposal, check_syntax, smallest_edits};
use crate::policy::Policy;
use crate::syntax;
use crate::text::{Edit, Span, Text, apply_edits};
use crate::verify::{Trust, format};

pub(super) async fn formatted(mut proposal: Proposal, policy: &Policy, trust: Trust) -> Proposal {
    for file in proposal.files.iter_mut().filter(|file| file.change != FileChange::Delete) {
        let (old, new) = (file.base.to_text(), text_after(file));
        let path = path_after(file).to_owned();
        let Some(other) = format(policy.root(), &path, &old, &new.to_text(), trust).await else { continue };
        let Some(edits) = formatted_edits(file, &path, &new, &other) else { continue };
        file.edits = edits;
    }
    proposal
}

/// The edits to the formatted text; `None` where the formatter changes nothing that counts.
fn formatted_edits(file: &FileEdit, path: &str, new: &Text, formatted: &str) -> Option<Vec<Edit>> {
    let mut hunks = smallest_edits(&new.to_text(), formatted, 0);
    if file.change != FileChange::Create {
        let own = changed_chunks(file, path, new);
        hunks.retain(|hunk| own.iter().any(|span| span.touches(hunk.span)));
    }
    if hunks.is_empty() {
        return None;
    }
    let old = file.base.to_text();
    let edits = smallest_edits(&old, &apply_edits(new, &hunks).to_text(), 0);
    let parses = check_syntax(&file.base, None, syntax::by_path(path.as_ref()), &edits, path, "the formatter").is_ok();
    (parses && !edits.is_empty()).then_some(edits)
}

/// The chunks of the new text that hold a change, as a whole; of a change outside of them its lines.
fn changed_chunks(file: &FileEdit, path: &str, new: &Text) -> Vec<Span> {
    let chunks = chunks_of(path, new);
    let around = |span: Span| {
        let chunk = chunks.as_ref().map(|chunks| (chunks.focus_at(span), chunks));
        match chunk.filter(|(id, _)| *id != ChunkId::FILE) {
            Some((id, chunks)) => chunks.get(id).span,
            None => Span::new(new.line_start(new.line_of(span.start)), new.line_span(new.line_of(span.end)).end),
        }
    };
    changed_spans(&file.edits).into_iter().map(around).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_chunks_that_changed_are_formatted() {
        let check = |old: &str, new: &str, formatted: &str, after: Option<&str>| {
            let edits = smallest_edits(old, new, 0);
            let file = FileEdit { path: "a.rs".into(), change: FileChange::Edit, base: Text::from(old), edits };
            let edits = formatted_edits(&file, "a.rs", &Text::from(new), formatted);
            assert_eq!(edits.map(|edits| apply_edits(&file.base, &edits).to_text()).as_deref(), after);
        };
        check(
            "fn a() { 1 }\n\nfn b() { 2 }\n",
            "fn a() { 1 }\n\nfn b() { 3   }\n",
            "fn a() {\n    1\n}\n\nfn b() {\n    3\n}\n",
            Some("fn a() { 1 }\n\nfn b() {\n    3\n}\n"),
        );
        check("fn a() { 1 }\n", "fn a() { 2 }\n", "fn a() { 2 }\n", None);
        check("fn a() { 1 }\n\nfn b() {}\n", "fn a() { 2 }\n\nfn b() {}\n", "fn a() { 2 }\n\nfn b() { }\n", None);
    }
}
