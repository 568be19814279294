//! A file of an answer: what is replaced in it, the smallest edits of that, and their proof.

use super::check;
use super::chunk::imports_end;
use super::code::changed_code;
use super::fault::{Fault, beginning};
use super::given::{Given, Keep, Reach};
use super::mangled;
use super::minimal::smallest_edits;
use super::proposal::{FileChange, FileEdit};
use crate::chunks::{Chunk, ChunkId, Chunks};
use crate::syntax::{self, Tree};
use crate::text::{Edit, Span, Text};

/// A file while its changes are gathered.
pub(super) struct Draft {
    pub(super) path: String,
    pub(super) base: Text,
    pub(super) change: FileChange,
    /// What is replaced, and by what.
    pub(super) parts: Vec<(Span, String)>,
    /// Lines of imports to be added.
    pub(super) imports: Vec<String>,
    /// The answer gave whole text without saying what goes: then no definition may.
    pub(super) keeps_all: bool,
    /// Chunks that were replaced as a whole.
    pub(super) renewed: Vec<Span>,
    /// The answer did not say that its text is all of the focus: then it has to look like it.
    pub(super) unmarked: bool,
}

impl Draft {
    /// A file before anything is replaced in it.
    pub(super) fn new(path: &str, base: Text, change: FileChange) -> Self {
        let path = path.to_owned();
        let (parts, imports, renewed) = (Vec::new(), Vec::new(), Vec::new());
        Self { path, base, change, parts, imports, keeps_all: false, renewed, unmarked: false }
    }

    /// The edits of a file, proved; `None` when nothing changes.
    pub(super) fn finish(&self, given: &Given<'_>) -> Result<Option<FileEdit>, Fault> {
        for (span, text) in self.parts.iter().filter(|(_, text)| mangled::may_be(text)) {
            mangled::check(&self.base.slice(*span), text, &self.base.to_text())?;
        }
        let file =
            |edits| FileEdit { path: self.path.clone(), change: self.change.clone(), base: self.base.clone(), edits };
        match self.change {
            FileChange::Delete if self.parts.is_empty() => return Ok(Some(file(Vec::new()))),
            FileChange::Delete => return Err(Fault::Overlap { path: self.path.clone(), line: 1 }),
            FileChange::Create => {
                let edits: Vec<Edit> = self.parts.iter().map(|(span, text)| Edit::new(*span, text.clone())).collect();
                check::syntax(&self.base, None, syntax::by_path(self.path.as_ref()), &edits, &self.path)?;
                return Ok(Some(file(edits)));
            }
            FileChange::Edit | FileChange::Rename { .. } => {}
        }
        let mut parts: Vec<(Span, &str)> = self.parts.iter().map(|(span, text)| (*span, text.as_str())).collect();
        parts.sort_unstable_by_key(|(span, _)| *span);
        let touches = |pair: &&[(Span, &str)]| matches!(pair, [(a, _), (b, _)] if a.end > b.start || a == b);
        if let Some([_, (span, _)]) = parts.windows(2).find(touches) {
            return Err(Fault::Overlap { path: self.path.clone(), line: self.base.line_of(span.start) + 1 });
        }
        let mut edits = Vec::new();
        for (span, text) in parts {
            let old = self.base.slice(span);
            edits.extend(smallest_edits(&old, text, span.start));
        }
        edits.extend(self.added_imports(given));
        edits.sort_by_key(|edit| edit.span);
        let renamed = self.change != FileChange::Edit;
        if edits.is_empty() {
            return Ok(renamed.then(|| file(edits)));
        }
        self.prove(given, &edits)?;
        Ok(Some(file(edits)))
    }

    fn added_imports(&self, given: &Given<'_>) -> Option<Edit> {
        if self.imports.is_empty() {
            return None;
        }
        let at = imports_end(given.subject)?;
        let end = self.base.line_ending().as_str();
        let ends_line = at == 0 || self.base.slice(Span::new(at - 1, at)).ends_with('\n');
        let mut text: String = self.imports.iter().flat_map(|line| [line.trim_end(), end]).collect();
        if !ends_line {
            text.insert_str(0, end);
        }
        Some(Edit::new(Span::new(at, at), text))
    }

    /// Has the trees prove that nothing but what was asked for changed.
    fn prove(&self, given: &Given<'_>, edits: &[Edit]) -> Result<(), Fault> {
        let subject = given.subject;
        let own = self.path == subject.path;
        let language = if own { subject.language } else { syntax::by_path(self.path.as_ref()) };
        let parsed = || Tree::parse(&self.base, language?, None, None);
        let tree = if own { subject.tree.clone() } else { None }.or_else(parsed);
        let checked = check::syntax(&self.base, tree.as_ref(), language, edits, &self.path)?;
        let held = "[secret held back]";
        if edits.iter().any(|edit| edit.text.contains(held) && !self.base.slice(edit.span).contains(held)) {
            return Err(Fault::Form { what: "it changes a line with a secret that it was not shown".to_owned() });
        }
        let allowed = allowed(given, &self.path, &self.base);
        let others: Vec<&Edit> =
            edits.iter().filter(|edit| !allowed.iter().any(|allowed| allowed.contains(edit.span))).collect();
        if let Some(edit) = others.first() {
            let adds =
                own && tree.as_ref().is_some_and(|tree| check::only_imports(&others, &self.base, tree, &checked));
            if !adds {
                let blank = self.base.slice(self.base.line_span(self.base.line_of(edit.span.start))).trim().is_empty();
                let text = if blank { beginning(&edit.text) } else { String::new() };
                return Err(match outside(&self.path, &self.base, edit.span.start) {
                    Fault::Outside { path, line, .. } if !text.is_empty() => Fault::Outside { path, line, text },
                    fault => fault,
                });
            }
        }
        let Some(tree) = &tree else { return Ok(()) };
        if given.keep == Keep::Code
            && let Some(after) = &checked.tree
            && let Some(at) = changed_code((tree, &self.base), (after, &checked.text))
        {
            let number = checked.text.line_of(at);
            let text = beginning(checked.text.slice(checked.text.line_span(number)).trim());
            return Err(Fault::Code { path: self.path.clone(), line: number + 1, text });
        }
        let cut;
        let old: &Chunks = if own {
            &subject.chunks
        } else {
            cut = Chunks::cut(&self.base, Some(tree));
            &cut
        };
        let new = checked.chunks(old);
        let renewed = |span: Span| self.renewed.iter().any(|chunk| chunk.contains(span));
        // what the edits themselves take out may go, unless the answer gave no more than the new text
        let stays = |_: ChunkId, chunk: &Chunk| {
            let item = Span::new(chunk.item.start, chunk.item.end);
            let inside =
                renewed(item) || edits.iter().any(|edit| edit.span.overlaps(item) && !item.contains(edit.span));
            let gone = edits.iter().any(|edit| edit.span.overlaps(chunk.name_span));
            self.keeps_all || !(inside || gone)
        };
        let changed = |chunk: &Chunk| renewed(chunk.item) || edits.iter().any(|edit| edit.span.overlaps(chunk.item));
        check::definitions((old, &self.base), (&new, &checked.text), &self.path, changed, stays)?;
        if own && self.unmarked {
            check::still_defines(subject, edits, &new)?;
        }
        if own && given.keep == Keep::Signature {
            check::signatures(subject, &new, &checked.text)?;
        }
        Ok(())
    }
}

/// What may be changed in a file.
pub(super) fn allowed(given: &Given<'_>, path: &str, base: &Text) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    if path == given.subject.path {
        spans.extend(given.chunks.iter().map(|(_, span)| with_margins(base, *span)));
    }
    let shown = given.shown.iter().filter(|(known, _)| known == path && given.reach >= Reach::Shown);
    let mut lines: Vec<usize> = shown.flat_map(|(_, lines)| lines.iter().copied()).collect();
    lines.sort_unstable();
    for line in lines {
        let span = Span::new(base.line_start(line), base.line_start(line + 1));
        match spans.last_mut().filter(|last| last.end >= span.start && last.start <= span.start) {
            Some(last) => last.end = last.end.max(span.end),
            None => spans.push(span),
        }
    }
    spans
}

/// What is said of a change at a byte that may not change.
pub(super) fn outside(path: &str, base: &Text, at: usize) -> Fault {
    let line = base.line_of(at);
    let text = beginning(base.slice(base.line_span(line)).trim());
    Fault::Outside { path: path.to_owned(), line: line + 1, text }
}

/// A span out to the ends of its lines.
pub(super) fn whole_lines(text: &Text, span: Span) -> Span {
    let start = text.line_start(text.line_of(span.start));
    let start = if text.slice(Span::new(start, span.start)).trim().is_empty() { start } else { span.start };
    let last = text.line_of(span.end.saturating_sub(1).max(span.start));
    let end = text.line_start(last + 1).max(span.end);
    let end = if text.slice(Span::new(span.end, end)).trim().is_empty() { end } else { span.end };
    Span::new(start, end)
}

/// The same with the blank lines around it: what is new may stand above or below the chunk.
fn with_margins(text: &Text, span: Span) -> Span {
    let mut span = whole_lines(text, span);
    let blank = |line: usize| text.slice(text.line_span(line)).trim().is_empty();
    let mut line = text.line_of(span.start);
    while span.start == text.line_start(line) && line > 0 && blank(line - 1) {
        line -= 1;
        span.start = text.line_start(line);
    }
    let mut line = text.line_of(span.end);
    while span.end == text.line_start(line) && line + 1 < text.lines() && blank(line) {
        line += 1;
        span.end = text.line_start(line);
    }
    span
}
