//! What a proposal touches: the texts that it makes, where they changed, and the tests that show it. In: a proposal. Out:
//! spans and names, and the proposal without tests that do not hold. Never changes a file.

use crate::chunks::{ChunkKind, Chunks};
use crate::context::{Subject, TestFramework, Texts as _};
use crate::edits::{FileChange, FileEdit, Proposal, smallest_edits};
use crate::prompt::Request;
use crate::syntax::{self, Tree};
use crate::text::{Edit, Span, Text, apply_edits};
use crate::verify::{Fault, Laid, TestName};

use super::Workspace;

/// Most files that are looked through for tests of the focus.
const MOST_FILES: usize = 40;
/// Most tests of the focus that are run.
const MOST_TESTS: usize = 50;

/// A file's text after a proposal.
pub(super) fn text_after(file: &FileEdit) -> Text {
    apply_edits(&file.base, &file.edits)
}

/// Where a file is after a proposal.
pub(super) fn path_after(file: &FileEdit) -> &str {
    match &file.change {
        FileChange::Rename { to } => to,
        _ => &file.path,
    }
}

/// The files as they are after a proposal.
pub(super) fn laid(proposal: &Proposal) -> Vec<Laid> {
    let mut all = Vec::new();
    for file in &proposal.files {
        if matches!(file.change, FileChange::Delete | FileChange::Rename { .. }) {
            all.push(Laid { path: file.path.clone(), text: None });
        }
        if file.change != FileChange::Delete {
            all.push(Laid { path: path_after(file).to_owned(), text: Some(text_after(file).to_text()) });
        }
    }
    all
}

/// Where the new text of a file differs from the old one, as places in the new text.
pub(super) fn changed_spans(edits: &[Edit]) -> Vec<Span> {
    let mut order: Vec<&Edit> = edits.iter().collect();
    order.sort_by_key(|edit| edit.span);
    let mut shift = 0isize;
    let place = |edit: &Edit| {
        let start = edit.span.start.saturating_add_signed(shift);
        shift += edit.text.len() as isize - edit.span.len() as isize; // lengths of texts in memory
        Span::new(start, start + edit.text.len())
    };
    order.into_iter().map(place).collect()
}

pub(super) fn chunks_of(path: &str, text: &Text) -> Option<Chunks> {
    let tree = Tree::parse(text, syntax::by_path(path.as_ref())?, None, None);
    Some(Chunks::cut(text, tree.as_ref()))
}

/// The tests that a proposal adds or changes, with their places in the new text.
fn touched_tests(file: &FileEdit, text: &Text) -> Vec<(String, Span)> {
    let changed = changed_spans(&file.edits);
    let Some(chunks) = chunks_of(path_after(file), text) else { return Vec::new() };
    let touched = |span: Span| changed.iter().any(|changed| changed.overlaps(span));
    let tests = chunks.definitions().filter(|(_, chunk)| chunk.kind == ChunkKind::Test && touched(chunk.span));
    tests.map(|(_, chunk)| (chunk.name.to_string(), chunk.span)).collect()
}

/// The tests to run: those that a proposal touches, and those that name the focus.
pub(super) fn tests(proposal: &Proposal, request: &Request, workspace: &Workspace) -> Vec<TestName> {
    let framework = |path: &str| -> Option<TestFramework> {
        request.place.as_ref().filter(|place| place.path == path).map(|place| place.framework)
    };
    let mut all: Vec<TestName> = Vec::new();
    for file in proposal.files.iter().filter(|file| file.change != FileChange::Delete) {
        let path = path_after(file);
        let name = |(name, _)| TestName { path: path.to_owned(), name, framework: framework(path) };
        all.extend(touched_tests(file, &text_after(file)).into_iter().map(name));
    }
    if request.place.is_none() {
        for test in tests_of(&request.context.subject, workspace) {
            if !all.contains(&test) {
                all.push(test);
            }
        }
    }
    all
}

/// The tests that name the focus.
pub(super) fn tests_of(subject: &Subject, workspace: &Workspace) -> Vec<TestName> {
    let name = &subject.chunk().name;
    if name.is_empty() {
        return Vec::new();
    }
    let index = workspace.index();
    let mut paths: Vec<String> =
        index.mentioning(name).into_iter().filter_map(|file| Some(index.path(file)?.to_string())).collect();
    paths.retain(|path| *path != subject.path);
    paths.insert(0, subject.path.clone());
    let mut all = Vec::new();
    for path in paths.into_iter().take(MOST_FILES) {
        let Some(text) = workspace.text(&path) else { continue };
        let Some(chunks) = chunks_of(&path, &text) else { continue };
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let names = |span: Span| {
            let code = text.slice(span);
            code.match_indices(&**name).any(|(at, found)| {
                let before = code.get(..at).and_then(|before| before.chars().next_back());
                let after = code.get(at + found.len()..).and_then(|after| after.chars().next());
                !before.is_some_and(is_word) && !after.is_some_and(is_word)
            })
        };
        let tests = chunks.definitions().filter(|(_, chunk)| chunk.kind == ChunkKind::Test && names(chunk.span));
        all.extend(tests.map(|(_, chunk)| TestName {
            path: path.clone(),
            name: chunk.name.to_string(),
            framework: None,
        }));
    }
    all.truncate(MOST_TESTS);
    all
}

/// A proposal without the tests of its own that have faults, and their names; `None` where a fault lies elsewhere, or no
/// test is left.
pub(super) fn without_faulty_tests(proposal: &Proposal, faults: &[Fault]) -> Option<(Proposal, Vec<String>)> {
    let mut left_out: Vec<String> = Vec::new();
    let mut explained = vec![false; faults.len()];
    let mut rest = proposal.clone();
    let mut remain = 0;
    for file in rest.files.iter_mut().filter(|file| file.change != FileChange::Delete) {
        let text = text_after(file);
        let mut cuts = Vec::new();
        for (name, span) in touched_tests(file, &text) {
            let lines = text.line_of(span.start) + 1..=text.line_of(span.end) + 1;
            let path = path_after(file);
            let mut faulty = false;
            for (fault, explained) in faults.iter().zip(&mut explained) {
                let own_name = |test: &str| test.rsplit([':', '.', ' ']).next() == Some(&name);
                let here = fault.path == path && fault.test.is_none() && lines.contains(&fault.line);
                if here || fault.test.as_deref().is_some_and(own_name) {
                    (*explained, faulty) = (true, true);
                }
            }
            if faulty {
                left_out.push(name);
                cuts.push(Edit::new(whole_lines(&text, span), ""));
            } else {
                remain += 1;
            }
        }
        if !cuts.is_empty() {
            let kept = apply_edits(&text, &cuts).to_text();
            file.edits = smallest_edits(&file.base.to_text(), &kept, 0);
        }
    }
    (remain > 0 && explained.iter().all(|explained| *explained)).then_some((rest, left_out))
}

/// The lines of a span, with the blank one above.
fn whole_lines(text: &Text, span: Span) -> Span {
    let (first, last) = (text.line_of(span.start), text.line_of(span.end.saturating_sub(1).max(span.start)));
    let blank = first > 0 && text.slice(text.line_span(first - 1)).trim().is_empty();
    let start = text.line_start(if blank { first - 1 } else { first });
    let end = if last + 1 < text.lines() { text.line_start(last + 1) } else { text.len() };
    Span::new(start, end.max(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edits::Proof;

    fn proposal(before: &str, after: &str) -> Proposal {
        let edits = smallest_edits(before, after, 0);
        let file = FileEdit { path: "a.rs".into(), change: FileChange::Edit, base: Text::from(before), edits };
        Proposal { title: String::new(), files: vec![file], proved: vec![Proof::Parses], placed: Vec::new() }
    }

    fn fault(test: Option<&str>, line: usize) -> Fault {
        let path = if test.is_some() { "" } else { "a.rs" };
        Fault { path: path.into(), line, message: "m".into(), text: "m".into(), test: test.map(str::to_owned) }
    }

    const BEFORE: &str = "fn f() {}\n\n#[test]\nfn old() {\n    f();\n}\n";
    const ONE: &str = "\n#[test]\nfn one() {\n    f();\n}\n";
    const TWO: &str = "\n#[test]\nfn two() {\n    f(2);\n}\n";

    #[test]
    fn faulty_tests_are_left_out_one_by_one() {
        let check = |fault: Fault, after: Option<&str>| {
            let proposal = proposal(BEFORE, &[BEFORE, ONE, TWO].concat());
            let rest = without_faulty_tests(&proposal, &[fault]);
            assert_eq!(rest.map(|(rest, _)| text_after(&rest.files[0]).to_text()).as_deref(), after);
        };
        check(fault(Some("tests::two"), 0), Some(&[BEFORE, ONE].concat()));
        check(fault(None, 15), Some(&[BEFORE, ONE].concat())); // the call in `two`
        check(fault(Some("tests::one"), 0), Some(&[BEFORE, TWO].concat()));
        // the fault of a test that was there before, or of other code, is no reason to leave one out
        check(fault(Some("tests::old"), 0), None);
        check(fault(None, 1), None);
        let only = proposal(BEFORE, &[BEFORE, ONE].concat());
        assert_eq!(without_faulty_tests(&only, &[fault(Some("one"), 0)]), None);
    }

    #[test]
    fn what_changed_is_told_in_places_of_the_new_text() {
        let edits = [Edit::new(Span::new(4, 5), ""), Edit::new(Span::new(0, 1), "abc")];
        assert_eq!(changed_spans(&edits), [Span::new(0, 3), Span::new(6, 6)]);
    }
}
