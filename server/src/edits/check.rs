//! What trees prove of edits: no new syntax errors, nothing lost, nothing defined twice, the focus still used as before.

use std::collections::{HashMap, HashSet};

use super::chunk::is_import;
use super::fault::{EditError, Fault, beginning};
use crate::chunks::{Chunk, ChunkId, ChunkKind, Chunks, Outline};
use crate::context::Subject;
use crate::syntax::{Language, Tree, all_faults, first_fault};
use crate::text::{Edit, Span, Text};

/// A text after edits that were checked.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The text afterwards.
    pub text: Text,
    /// Its tree; `None` without a grammar.
    pub tree: Option<Tree>,
    /// The tree before, told of the edits.
    before: Option<Tree>,
    /// The edits from the last to the first, so that each speaks of the text that the one before it left.
    edits: Vec<Edit>,
}

impl Checked {
    /// The chunks afterwards; `old` are those before.
    pub(super) fn chunks(&self, old: &Chunks) -> Chunks {
        match (&self.before, &self.tree) {
            (Some(before), Some(tree)) => old.clone().cut_again(&self.text, before, tree, &self.edits),
            _ => Chunks::cut(&self.text, self.tree.as_ref()),
        }
    }
}

/// Applies `edits` to a text, in memory, and refuses them when the result has more faults than the text had. `tree` is
/// the text's, if there is one already; the new tree is made from it, which takes far less than parsing afresh.
///
/// # Errors
/// [`Fault::Syntax`].
pub fn check_syntax(
    before: &Text,
    tree: Option<&Tree>,
    language: Option<&'static Language>,
    edits: &[Edit],
    path: &str,
    model: &str,
) -> Result<Checked, EditError> {
    syntax(before, tree, language, edits, path).map_err(|fault| fault.of(model))
}

pub(super) fn syntax(
    before: &Text,
    tree: Option<&Tree>,
    language: Option<&'static Language>,
    edits: &[Edit],
    path: &str,
) -> Result<Checked, Fault> {
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span));
    let parsed = || Tree::parse(before, language?, None, None);
    let mut told = tree.cloned().or_else(parsed);
    let had = told.as_ref().map_or(0, all_faults);
    let mut text = before.clone();
    for edit in &edits {
        let older = text.clone();
        text.replace(edit.span, &edit.text);
        if let Some(tree) = &mut told {
            tree.edit(edit, &older, &text);
        }
    }
    let tree = language.and_then(|language| Tree::parse(&text, language, told.as_ref(), None));
    if let Some(tree) = tree.as_ref().filter(|tree| all_faults(tree) > had) {
        let line = first_fault(tree).map_or(0, |at| text.line_of(at));
        let shown = beginning(text.slice(text.line_span(line)).trim());
        return Err(Fault::Syntax { path: path.to_owned(), line: line + 1, text: shown });
    }
    Ok(Checked { text, tree, before: told, edits })
}

/// Whether every definition of `old` that `stays` is still in `new`, and nothing that `old` has outside of `changed` is
/// there once more.
pub(super) fn definitions(
    old: (&Chunks, &Text),
    new: (&Chunks, &Text),
    path: &str,
    changed: impl Fn(&Chunk) -> bool,
    stays: impl Fn(ChunkId, &Chunk) -> bool,
) -> Result<(), Fault> {
    // what is the same at both ends can't be lost, nor there once more
    let names = differing(old.0, new.0);
    let (now, before) = (by_path(new.0, &names), by_path(old.0, &names));
    for (name, ids) in &before {
        let staying = ids.iter().filter(|id| stays(**id, old.0.get(**id))).count();
        let there = now.get(name).map_or(&[][..], Vec::as_slice);
        if there.len() < staying {
            return Err(Fault::Lost { name: name.clone() });
        }
        if there.len() <= ids.len() {
            continue;
        }
        // more than there were: one that was outside of the change is there again
        let untouched =
            ids.iter().map(|id| (*id, old.0.get(*id))).filter(|(_, chunk)| !changed(chunk) && is_unique(chunk));
        for (_, chunk) in untouched {
            let own = tokens(&chunk.signature(old.1), old.0.language());
            let same = |id: &&ChunkId| tokens(&new.0.get(**id).signature(new.1), old.0.language()) == own;
            let had =
                ids.iter().filter(|id| tokens(&old.0.get(**id).signature(old.1), old.0.language()) == own).count();
            if there.iter().filter(same).count() > had {
                return Err(Fault::Twice { name: name.clone(), path: path.to_owned() });
            }
        }
    }
    Ok(())
}

/// The names of the definitions between the first and the last that are not the same in both.
fn differing<'a>(old: &'a Chunks, new: &'a Chunks) -> HashSet<&'a str> {
    let (all, others): (Vec<_>, Vec<_>) = (old.definitions().collect(), new.definitions().collect());
    let around = |chunks: &'a Chunks, id: ChunkId| chunks.ancestors(id).map(|id| &chunks.get(id).name);
    let same = |((id, a), (other, b)): &(&(ChunkId, &Chunk), &(ChunkId, &Chunk))| {
        let same = a.name == b.name && a.kind == b.kind && a.qualifier == b.qualifier;
        same && around(old, *id).eq(around(new, *other))
    };
    let first = all.iter().zip(&others).take_while(same).count();
    let rest = all.len().min(others.len()) - first;
    let last = all.iter().rev().zip(others.iter().rev()).take(rest).take_while(same).count();
    let middle = |all: &[(ChunkId, &'a Chunk)]| -> Vec<&'a str> {
        all.get(first..all.len() - last).unwrap_or_default().iter().map(|(_, chunk)| &*chunk.name).collect()
    };
    middle(&all).into_iter().chain(middle(&others)).collect()
}

/// The definitions of these names, by their paths.
fn by_path(chunks: &Chunks, names: &HashSet<&str>) -> HashMap<String, Vec<ChunkId>> {
    let mut all: HashMap<String, Vec<ChunkId>> = HashMap::new();
    for (id, _) in chunks.definitions().filter(|(_, chunk)| names.contains(&*chunk.name)) {
        all.entry(chunks.path(id)).or_default().push(id);
    }
    all
}

/// Whether something of the focus's kind, or of its name, stands where the focus was.
pub(super) fn still_defines(subject: &Subject, edits: &[Edit], new: &Chunks) -> Result<(), Fault> {
    let focus = subject.chunk();
    if focus.name.is_empty() || focus.kind == ChunkKind::Section {
        return Ok(());
    }
    // where a byte of the old text is in the new one, what is put there at it left out or taken in
    let moved = |at: usize, inserted: bool| {
        let before = edits.iter().filter(|edit| edit.span.end < at || (inserted && edit.span.end == at));
        before.fold(at, |at, edit| (at + edit.text.len()).saturating_sub(edit.span.len()))
    };
    let (start, end) = (moved(focus.span.start, false), moved(focus.span.end, true));
    let alike = |chunk: &Chunk| {
        chunk.name == focus.name || chunk.kind == focus.kind || (chunk.kind.is_callable() && focus.kind.is_callable())
    };
    let mut here = new.definitions().filter(|(_, chunk)| (start..end).contains(&chunk.item.start));
    match here.any(|(_, chunk)| alike(chunk)) {
        true => Ok(()),
        false => Err(Fault::Lost { name: subject.label() }),
    }
}

/// Whether a definition stands in a file once.
fn is_unique(chunk: &Chunk) -> bool {
    !matches!(chunk.kind, ChunkKind::Impl | ChunkKind::Module | ChunkKind::Section | ChunkKind::File | ChunkKind::Rest)
        && &*chunk.name != "_"
}

/// Whether the focus, and what is public inside of it, is still there under its name and signature.
pub(super) fn signatures(subject: &Subject, new: &Chunks, text: &Text) -> Result<(), Fault> {
    let focus = subject.chunk();
    if focus.name.is_empty() {
        return Ok(());
    }
    let old = &*subject.chunks;
    let inside = old.definitions().filter(|(id, chunk)| {
        let inner =
            old.ancestors(*id).next() == Some(subject.focus) && !is_private(chunk, subject) && focus.kind.is_owner();
        *id == subject.focus || inner
    });
    let inside: Vec<_> = inside.collect();
    let now = by_path(new, &inside.iter().map(|(_, chunk)| &*chunk.name).collect());
    for (id, chunk) in inside {
        let name = || if id == subject.focus { subject.label() } else { old.path(id) };
        let there: Vec<&Chunk> = now.get(&old.path(id)).into_iter().flatten().map(|id| new.get(*id)).collect();
        if there.is_empty() {
            return Err(Fault::Lost { name: name() });
        }
        if chunk.body.is_some() && there.iter().all(|chunk| chunk.body.is_none()) {
            return Err(Fault::Lost { name: name() });
        }
        if !(chunk.kind.is_callable() || chunk.kind.is_owner() || chunk.kind == ChunkKind::Constant) {
            continue;
        }
        let own = chunk.signature(&subject.text);
        let language = subject.language;
        if !there.iter().any(|chunk| tokens(&chunk.signature(text), language) == tokens(&own, language)) {
            let new = there.first().map(|chunk| chunk.signature(text).into_owned()).unwrap_or_default();
            return Err(Fault::Signature { name: name(), old: beginning(&own), new: beginning(&new) });
        }
    }
    Ok(())
}

/// Whether only the focus itself can use a definition inside of it.
fn is_private(chunk: &Chunk, subject: &Subject) -> bool {
    let signature = chunk.signature(&subject.text);
    let focus = subject.chunk();
    match subject.language.map(|language| language.name) {
        Some("rust") => {
            let of_trait = focus.qualifier.is_some() || focus.kind == ChunkKind::Interface;
            !of_trait && !signature.trim_start().starts_with("pub")
        }
        Some("python" | "ruby" | "lua") => chunk.name.starts_with('_') && !chunk.name.ends_with("__"),
        Some("go") => chunk.name.starts_with(char::is_lowercase),
        _ => signature.split_whitespace().any(|word| word == "private") || chunk.name.starts_with('#'),
    }
}

/// The words and signs of a signature: comments, blanks, a comma behind the last, and what counts only inside (`mut` of a
/// parameter of Rust) left out.
pub(super) fn tokens(signature: &str, language: Option<&Language>) -> Vec<String> {
    let comment = language.map_or("#", |language| language.line_comment);
    let mut out: Vec<String> = Vec::new();
    let lines = signature.lines().map(|line| line.split_once(comment).map_or(line, |(code, _)| code));
    let code = lines.collect::<Vec<_>>().join(" ");
    let mut word = String::new();
    let push = |token: String, out: &mut Vec<String>| {
        let after = out.last().map(String::as_str);
        match (after, token.as_str()) {
            (Some("mut"), _)
                if out.len() > 1 && matches!(out.get(out.len() - 2).map(String::as_str), Some("(" | ",")) =>
            {
                out.pop();
            }
            (Some(","), ")" | "]" | ">" | "}") => {
                out.pop();
            }
            _ => {}
        }
        out.push(token);
    };
    for c in code.chars() {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            push(std::mem::take(&mut word), &mut out);
        }
        if !c.is_whitespace() {
            push(c.to_string(), &mut out);
        }
    }
    if !word.is_empty() {
        push(word, &mut out);
    }
    // what ends a declaration is no part of it
    while out.last().is_some_and(|last| matches!(last.as_str(), ";" | "{")) {
        out.pop();
    }
    out
}

/// Whether an edit only adds imports: all that it touches, before and after, stands in them, and none is gone.
pub(super) fn only_imports(edits: &[&Edit], before: &Text, tree: &Tree, after: &Checked) -> bool {
    let Some(new) = &after.tree else { return false };
    let inside = |tree: &Tree, text: &Text, span: Span| {
        (text.line_of(span.start)..=text.line_of(span.end.saturating_sub(usize::from(!span.is_empty())))).all(
            |number| {
                let line = text.line_span(number);
                let line =
                    Span::new(line.start.max(span.start), line.end.min(span.end).max(line.start.max(span.start)));
                let code = text.slice(line);
                let blanks = code.len() - code.trim_start().len();
                code.trim().is_empty()
                    || in_import(tree, Span::new(line.start + blanks, line.start + code.trim_end().len()))
            },
        )
    };
    let all = edits.iter().all(|edit| {
        let earlier = after.edits.iter().filter(|other| other.span < edit.span);
        let start = earlier.fold(edit.span.start, |at, other| at + other.text.len() - other.span.len());
        inside(tree, before, edit.span) && inside(new, &after.text, Span::new(start, start + edit.text.len()))
    });
    let names = |tree: &Tree, text: &Text| -> Vec<_> {
        let imports = Outline::read(tree, text).imports;
        imports.into_iter().map(|import| (import.module, import.name, import.local, import.glob)).collect()
    };
    all && {
        let now = names(new, &after.text);
        names(tree, before).iter().all(|import| now.contains(import))
    }
}

fn in_import(tree: &Tree, span: Span) -> bool {
    let mut node = Some(crate::syntax::smallest_node(tree, span));
    while let Some(here) = node {
        if is_import(here.kind()) {
            return true;
        }
        node = here.parent();
    }
    false
}
