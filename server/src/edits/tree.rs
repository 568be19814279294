//! What trees tell of an answer's code: which definition it is, and whether two pieces of code are the same but for blanks
//! and comments.

use super::answer::Hunk;
use super::fault::Fault;
use super::place::{Field, Found, Lines};
use super::proposal::Step;
use crate::chunks::{Chunk, ChunkId, ChunkKind, Chunks};
use crate::context::Subject;
use crate::syntax::{self, Language, Node, Tree, faults};
use crate::text::{Span, Text};

/// A file with its chunks, cut only when they are asked for.
pub(super) struct Parsed<'a> {
    base: &'a Text,
    language: Option<&'static Language>,
    own: Option<&'a Subject>,
    cut: std::cell::OnceCell<(Option<Tree>, Chunks)>,
}

impl<'a> Parsed<'a> {
    pub(super) fn of(subject: &'a Subject, path: &str, base: &'a Text) -> Self {
        let own = (path == subject.path).then_some(subject);
        let language = own.map_or_else(|| syntax::by_path(path.as_ref()), |subject| subject.language);
        Self { base, language, own, cut: std::cell::OnceCell::new() }
    }

    fn get(&self) -> (Option<&Tree>, &Chunks) {
        if let Some(subject) = self.own {
            return (subject.tree.as_ref(), &subject.chunks);
        }
        let (tree, chunks) = self.cut.get_or_init(|| {
            let tree = self.language.and_then(|language| Tree::parse(self.base, language, None, None));
            let chunks = Chunks::cut(self.base, tree.as_ref());
            (tree, chunks)
        });
        (tree.as_ref(), chunks)
    }

    /// The definition that starts on a line, or all from there on.
    pub(super) fn around(&self, line: usize, lines: &Lines<'_>) -> Span {
        let (_, chunks) = self.get();
        let here = |chunk: &Chunk| lines.of_byte(chunk.item.start) == line;
        let found = chunks.definitions().map(|(_, chunk)| chunk).find(|chunk| here(chunk)).map(|chunk| chunk.span);
        let found =
            found.map(|span| lines.span(lines.of_byte(span.start), lines.of_byte(span.end.saturating_sub(1)) + 1));
        found.unwrap_or_else(|| lines.span(line, lines.len()))
    }

    /// The place of a hunk whose old text is one definition: that of the same name, where its tree is the same.
    ///
    /// # Errors
    /// [`Fault::Ambiguous`] when there are several.
    pub(super) fn same_tree(&self, hunk: &Hunk, field: &Field<'_>) -> Result<Option<Found>, Fault> {
        let (Some(tree), chunks) = self.get() else { return Ok(None) };
        let Some(language) = self.language else { return Ok(None) };
        let code = Text::from(hunk.before.join("\n").as_str());
        let Some(theirs) = Tree::parse(&code, language, None, None).filter(|tree| faults(tree.root()) == 0) else {
            return Ok(None);
        };
        let cut = Chunks::cut(&code, Some(&theirs));
        let mut tops = cut.children(ChunkId::FILE).map(|id| cut.get(id)).filter(|chunk| chunk.kind != ChunkKind::Rest);
        let (Some(old), None) = (tops.next(), tops.next()) else { return Ok(None) };
        let wanted = leaves(&theirs, &code, old.item);
        let same = |chunk: &&Chunk| chunk.name == old.name && leaves(tree, self.base, chunk.item) == wanted;
        let mut found: Vec<&Chunk> = chunks.definitions().map(|(_, chunk)| chunk).filter(same).collect();
        if found.len() > 1 && found.iter().any(|chunk| field.allowed.iter().any(|allowed| allowed.contains(chunk.item)))
        {
            found.retain(|chunk| field.allowed.iter().any(|allowed| allowed.contains(chunk.item)));
        }
        match found.as_slice() {
            [] => Ok(None),
            [chunk] => Ok(Some(self.renew(chunk, old, &code, hunk))),
            _ => {
                let lines = found.iter().map(|chunk| self.base.line_of(chunk.item.start) + 1).collect();
                Err(Fault::Ambiguous { path: field.path.to_owned(), lines })
            }
        }
    }

    /// What the hunk makes of a definition, in the definition's indentation.
    fn renew(&self, chunk: &Chunk, old: &Chunk, code: &Text, hunk: &Hunk) -> Found {
        let start = self.base.line_start(self.base.line_of(chunk.item.start));
        let indent = self.base.slice(Span::new(start, chunk.item.start)).into_owned();
        let theirs = code.line_start(code.line_of(old.item.start));
        let theirs = code.slice(Span::new(theirs, old.item.start)).into_owned();
        let end = self.base.line_ending().as_str();
        // what stands above the definition in the hunk, and is kept, is not put there again
        let above = code.line_of(old.item.start);
        let kept = hunk.after.get(..above) == hunk.before.get(..above);
        let lines = hunk.after.iter().skip(if kept { above } else { 0 });
        let moved = lines.map(|line| {
            line.strip_prefix(theirs.as_str()).map_or_else(|| line.clone(), |rest| format!("{indent}{rest}"))
        });
        let text = moved.collect::<Vec<_>>().join(end);
        let text = text.trim_end().to_owned();
        Found {
            span: Span::new(if indent.trim().is_empty() { start } else { chunk.item.start }, chunk.item.end),
            text,
            step: Step::Tree,
        }
    }
}

/// A leaf of a tree.
#[derive(PartialEq, Eq)]
struct Leaf {
    kind: u16,
    /// How much deeper than the first it is.
    below: isize,
    text: String,
}

/// The leaves of the tree within `span`, comments and commas before a closing bracket left out.
fn leaves(tree: &Tree, text: &Text, span: Span) -> Vec<Leaf> {
    let mut out: Vec<Leaf> = Vec::new();
    let mut cursor = tree.root().walk();
    let mut top = None;
    loop {
        let node: Node<'_> = cursor.node();
        let inside = span.contains(Span::from(node.byte_range()));
        let touches = Span::from(node.byte_range()).overlaps(span);
        if inside && node.child_count() == 0 && node.start_byte() < node.end_byte() && !node.kind().contains("comment")
        {
            let depth = cursor.depth() as usize;
            let first = *top.get_or_insert(depth);
            if matches!(node.kind(), ")" | "]" | "}" | ">") && out.last().is_some_and(|last| last.text == ",") {
                out.pop();
            }
            let text = text.slice(Span::from(node.byte_range())).into_owned();
            out.push(Leaf { kind: node.kind_id(), below: depth as isize - first as isize, text });
        }
        if touches && !node.kind().contains("comment") && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return out;
            }
        }
    }
}

/// Whether an answer without any marks is code of the focus and nothing else, to its end: it parses, defines the focus, and
/// its last definition is closed by a bracket.
pub(super) fn is_bare_code(subject: &Subject, span: Span, answer: &str) -> bool {
    let Some(language) = subject.language.filter(|language| !language.document) else { return false };
    let name = &subject.chunk().name;
    let old = subject.text.slice(span);
    if name.is_empty() || span != subject.chunk().span || !old.trim_end().ends_with('}') {
        return false;
    }
    let code = Text::from(answer);
    let Some(tree) = Tree::parse(&code, language, None, None).filter(|tree| faults(tree.root()) == 0) else {
        return false;
    };
    let chunks = Chunks::cut(&code, Some(&tree));
    let defines = chunks.definitions().any(|(_, chunk)| chunk.name == *name);
    defines && answer.trim_end().ends_with('}')
}

/// Whether an answer is the whole file of the focus: it defines everything that the file has besides.
pub(super) fn is_whole_file(subject: &Subject, span: Span, answer: &str) -> bool {
    let Some(language) = subject.language else { return false };
    let code = Text::from(answer);
    let tree = Tree::parse(&code, language, None, None);
    let chunks = Chunks::cut(&code, tree.as_ref());
    let now: std::collections::HashSet<String> = chunks.definitions().map(|(id, _)| chunks.path(id)).collect();
    let old = &subject.chunks;
    let around: Vec<ChunkId> = old.ancestors(subject.focus).collect();
    let others = old.definitions().filter(|(id, chunk)| !span.contains(chunk.span) && !around.contains(id));
    let mut others = others.map(|(id, _)| old.path(id)).peekable();
    let focus_there = subject.chunk().name.is_empty() || now.contains(&old.path(subject.focus));
    if others.peek().is_none() {
        // nothing else is defined: what stands around the focus tells
        let rest = |span: Span| {
            subject
                .text
                .slice(span)
                .lines()
                .map(|line| line.trim().to_owned())
                .filter(|line| line.len() > 2)
                .collect::<Vec<_>>()
        };
        let mut outside = rest(Span::new(0, span.start));
        outside.extend(rest(Span::new(span.end, subject.text.len())));
        return !outside.is_empty() && outside.iter().all(|line| answer.lines().any(|own| own.trim() == line));
    }
    focus_there && others.all(|path| now.contains(&path))
}
