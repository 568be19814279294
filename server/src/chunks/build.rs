//! Cuts a file into chunks, and cuts again only what an edit touched.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use super::chunk::{Chunk, ChunkId, ChunkKind, Chunks};
use crate::syntax::{QueryKind, Tree, captures};
use crate::text::{Edit, Span, Text};

/// A definition found by the query, before it has its place in the tree of chunks.
#[derive(Clone, Debug)]
struct Item {
    kind: ChunkKind,
    name: Arc<str>,
    qualifier: Option<Arc<str>>,
    /// Where the lead starts.
    start: usize,
    item: Span,
    name_span: Span,
    body: Option<Span>,
    doc: Option<Span>,
    /// Its lead says that it is a test.
    lead_test: bool,
}

/// Comments and attributes, which may stand above an item and belong to it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Lead {
    span: Span,
    test: bool,
}

impl Chunks {
    /// Cuts a whole file along its tree, or at blank lines when there is none.
    #[must_use]
    pub fn cut(text: &Text, tree: Option<&Tree>) -> Self {
        let Some(tree) = tree else { return Self { all: sections(text), language: None } };
        let whole = Span::new(0, text.len());
        let mut items = query(tree, text, whole, &HashMap::new());
        items.sort_by_key(order);
        let file = plain(ChunkKind::File, whole, None);
        Self { all: assemble(file, items), language: Some(tree.language()) }
    }

    /// Cuts again after `edits`, made one after the other to the text that these chunks were cut from. `old` is the
    /// tree they were cut along, told of the edits; `tree` is the one of `text`. Only definitions that an edit or a
    /// change of structure touched are looked for again.
    #[must_use]
    pub fn cut_again(mut self, text: &Text, old: &Tree, tree: &Tree, edits: &[Edit]) -> Self {
        let Some(first) = edits.first() else { return self };
        // the hull of all edits, in the coordinates of the new text
        let mut hull = Span::new(first.span.start, first.span.start + first.text.len());
        for edit in &edits[1..] {
            let end = edit.span.start + edit.text.len();
            let moved = if hull.end <= edit.span.end { end } else { hull.end - edit.span.len() + edit.text.len() };
            hull = Span::new(hull.start.min(edit.span.start), moved.max(end));
        }
        for span in old.changed_spans(tree) {
            hull = Span::new(hull.start.min(span.start), hull.end.max(span.end));
        }
        let old_len = self.all[0].span.end; // the first chunk is the file
        let tail = text.len().saturating_sub(hull.end); // bytes behind the hull, the same before and after
        if hull.len() > text.len() / 2 || old_len < hull.start + tail {
            return Self::cut(text, Some(tree));
        }
        let old_end = old_len - tail;
        let innermost = self.innermost_around(Span::new(hull.start, old_end));
        let attempt = Attempt { text, tree, hull, old_len, old_end };
        // where the edit broke the chunk around it open, or closed it early, the next one around is cut
        let around = std::iter::once(innermost).chain(self.ancestors(innermost)).chain([ChunkId::FILE]);
        let patch = around.into_iter().find_map(|around| self.cut_inside(around, &attempt));
        let Some(patch) = patch else { return Self::cut(text, Some(tree)) };
        self.all[0].span.end = text.len(); // the file
        self.all[0].item.end = text.len();
        for (id, chunk) in patch.grown {
            self.all[id.index()] = chunk; // an id of this very list
        }
        splice(&mut self.all, patch.around, patch.part, &|at| attempt.shift(at));
        self
    }

    /// Cuts the inside of one chunk again; `None` when what is around it did more than grow or shrink.
    fn cut_inside(&self, around: ChunkId, attempt: &Attempt<'_>) -> Option<Patch> {
        let Attempt { text, tree, hull, old_len, old_end } = *attempt;
        let shift = |at: usize| attempt.shift(at);
        let inside = self.all[around.index()].inside(); // handed out above
        let descendants =
            || self.all[around.index() + 1..self.get(around).end as usize].iter().filter(|c| !c.name.is_empty());
        // The hull grows back to the end of what lies before it and on to the next definition, so that leads are seen
        // whole; nothing outside of the chunk around it can be concerned.
        let edges = |chunk: &Chunk| {
            let body = chunk.body.unwrap_or_default();
            [chunk.item.start, chunk.item.end, body.start, body.end]
        };
        let start = descendants().flat_map(edges).filter(|at| *at < hull.start).max().unwrap_or(inside.start);
        let next = descendants().map(|chunk| chunk.item.start).filter(|at| *at > old_end).min();
        let end = next.map_or(shift(inside.end), |at| text.len().min(shift(at) + 1));
        let hull = Span::new(start.max(inside.start), end.max(hull.end));
        let hull_end_before = hull.end + old_len - text.len();

        let mut leads_before: HashMap<usize, (usize, bool)> = HashMap::new();
        let mut items = Vec::new();
        for chunk in descendants() {
            if chunk.item.start <= hull.start {
                leads_before.insert(chunk.item.start, (chunk.span.start, chunk.lead_test));
            }
            let before = chunk.span.end <= hull.start;
            if !before && chunk.span.start <= hull_end_before {
                continue;
            }
            let moved = |span: Span| if before { span } else { Span::new(shift(span.start), shift(span.end)) };
            items.push(Item {
                kind: chunk.kind,
                name: chunk.name.clone(),
                qualifier: chunk.qualifier.clone(),
                start: moved(chunk.span).start,
                item: moved(chunk.item),
                name_span: moved(chunk.name_span),
                body: chunk.body.map(moved),
                doc: chunk.doc.map(moved),
                lead_test: chunk.lead_test,
            });
        }
        let mut found: HashMap<Span, Item> =
            query(tree, text, hull, &leads_before).into_iter().map(|item| (item.name_span, item)).collect();

        // what lies around only grew or shrank
        let mut grown_around = Vec::new();
        for id in std::iter::once(around).chain(self.ancestors(around)).filter(|id| *id != ChunkId::FILE) {
            let mut chunk = self.get(id).clone();
            let fresh = found.remove(&chunk.name_span)?;
            let grown = Span::new(chunk.item.start, shift(chunk.item.end));
            let body = chunk.body.map(|body| Span::new(body.start, shift(body.end)));
            if fresh.item != grown || fresh.body != body {
                return None;
            }
            (chunk.item, chunk.body, chunk.doc) = (fresh.item, fresh.body, fresh.doc);
            chunk.span.end = fresh.item.end;
            grown_around.push((id, chunk));
        }
        items.retain(|item| !found.contains_key(&item.name_span));
        items.extend(found.into_values());
        items.sort_by_key(order);
        let root = match grown_around.first() {
            Some((_, chunk)) => chunk.clone(),
            None => plain(ChunkKind::File, Span::new(0, text.len()), None),
        };
        Some(Patch { around, grown: grown_around, part: assemble(root, items) })
    }

    /// The innermost chunk whose inside holds `span` and text before and after it.
    fn innermost_around(&self, span: Span) -> ChunkId {
        let holds = |id: &ChunkId| {
            let inside = self.get(*id).inside();
            self.get(*id).body.is_some() && inside.start < span.start && span.end < inside.end
        };
        let mut here = ChunkId::FILE;
        while let Some(inner) = self.children(here).find(holds) {
            here = inner;
        }
        here
    }
}

/// What becomes of the chunks around an edit.
struct Patch {
    /// The chunk whose inside was cut again.
    around: ChunkId,
    /// It and those around it, grown or shrunk; without the file.
    grown: Vec<(ChunkId, Chunk)>,
    /// It with its new descendants.
    part: Vec<Chunk>,
}

/// What an edit touched.
#[derive(Clone, Copy)]
struct Attempt<'a> {
    text: &'a Text,
    tree: &'a Tree,
    /// All that the edits and changes of structure touched, in the new text.
    hull: Span,
    /// Length of the old text.
    old_len: usize,
    /// The hull's end in the old text.
    old_end: usize,
}

impl Attempt<'_> {
    /// Where a place of the old text that lies outside of the hull is in the new one.
    fn shift(&self, at: usize) -> usize {
        if at >= self.old_end { at + self.text.len() - self.old_len } else { at }
    }
}

impl Chunk {
    /// Where other chunks may lie in it.
    fn inside(&self) -> Span {
        self.body.unwrap_or(self.span)
    }
}

/// Puts `part`, a chunk with its new descendants, in place of that chunk and its old ones; what lies behind moves along.
fn splice(all: &mut Vec<Chunk>, at: ChunkId, part: Vec<Chunk>, shift: &dyn Fn(usize) -> usize) {
    let old_end = all[at.index()].end; // callers pass an id of `all`
    let parent = all[at.index()].parent;
    let count = u32::try_from(part.len()).unwrap_or(u32::MAX);
    let moved = |index: u32| index - old_end + at.0 + count;
    let part = part.into_iter().enumerate().map(|(index, chunk)| Chunk {
        parent: if index == 0 { parent } else { chunk.parent.map(|id| ChunkId(id.0 + at.0)) },
        end: chunk.end + at.0,
        ..chunk
    });
    for (index, chunk) in (0u32..).zip(all.iter_mut()) {
        if index < at.0 && chunk.end >= old_end {
            chunk.end = moved(chunk.end);
        }
        if index >= old_end {
            let span = |span: Span| Span::new(shift(span.start), shift(span.end));
            chunk.parent = chunk.parent.map(|id| if id.0 >= old_end { ChunkId(moved(id.0)) } else { id });
            chunk.end = moved(chunk.end);
            (chunk.span, chunk.item, chunk.name_span) = (span(chunk.span), span(chunk.item), span(chunk.name_span));
            (chunk.body, chunk.doc) = (chunk.body.map(span), chunk.doc.map(span));
        }
    }
    all.splice(at.index()..old_end as usize, part);
}

fn order(item: &Item) -> (usize, std::cmp::Reverse<usize>, usize) {
    (item.item.start, std::cmp::Reverse(item.item.end), item.name_span.start)
}

/// The definitions that touch `within`. `leads_before` knows the lead of each item that starts before or at `within`: its
/// start and whether it makes the item a test.
fn query(tree: &Tree, text: &Text, within: Span, leads_before: &HashMap<usize, (usize, bool)>) -> Vec<Item> {
    let mut items: HashMap<Span, Item> = HashMap::new();
    let mut leads: Vec<Lead> = Vec::new();
    captures(tree, text, QueryKind::Chunks, within, |captures| {
        let (mut item, mut name, mut qualifier, mut body, mut doc) = (None, None, None, None, None);
        for capture in captures {
            let span = Span::from(capture.node.byte_range());
            match capture.name {
                "name" => name = Some(span),
                "qualifier" => qualifier = Some(span),
                "body" => body = body.or(Some(span)),
                "doc" => doc = Some(span),
                "lead" => leads.push(Lead { span, test: false }),
                "lead.test" => leads.push(Lead { span, test: true }),
                other => item = ChunkKind::from_capture(other).map(|kind| (kind, span)).or(item),
            }
        }
        let (Some((kind, span)), Some(name_span)) = (item, name) else { return };
        let new = Item {
            kind,
            name: name_of(kind, &text.slice(name_span)).into(),
            qualifier: qualifier.map(|span| one_line(&text.slice(span)).into()),
            start: span.start,
            item: span,
            name_span,
            body,
            doc,
            lead_test: false,
        };
        // One definition may match several patterns: with and without a wrapper, a body, documentation.
        match items.entry(name_span) {
            std::collections::hash_map::Entry::Vacant(slot) => {
                slot.insert(new);
            }
            std::collections::hash_map::Entry::Occupied(mut slot) => {
                let old = slot.get_mut();
                if new.item.len() > old.item.len() {
                    old.item = new.item;
                    old.start = new.start;
                }
                if rank(new.kind) > rank(old.kind) {
                    old.kind = new.kind;
                    old.body = new.body.or(old.body);
                } else if rank(new.kind) == rank(old.kind) {
                    old.body = old.body.or(new.body);
                }
                old.doc = old.doc.or(new.doc);
                old.qualifier = old.qualifier.take().or(new.qualifier);
            }
        }
    });
    leads.sort_by_key(|lead| (lead.span.start, !lead.test));
    leads.dedup_by_key(|lead| lead.span.start);
    let mut items: Vec<Item> = items.into_values().filter(|item| !item.name.is_empty()).collect();
    for item in &mut items {
        if let Some((start, test)) = leads_before.get(&item.item.start).filter(|_| item.item.start <= within.start) {
            (item.start, item.lead_test) = (*start, *test);
        } else {
            attach(text, &leads, item);
        }
    }
    items
}

/// Of two kinds for one definition the higher counts: `test_x` is a test although it is a function, a variable that
/// holds a function is a function.
const fn rank(kind: ChunkKind) -> u8 {
    match kind {
        ChunkKind::Test => 2,
        ChunkKind::Constant => 0,
        _ => 1,
    }
}

fn name_of(kind: ChunkKind, text: &str) -> String {
    match kind {
        // the type's own name without path and arguments: `a::B<'_, T>` → `B`
        ChunkKind::Impl => {
            let head = text.split('<').next().unwrap_or(text).trim();
            one_line(head.rsplit("::").next().unwrap_or(head))
        }
        ChunkKind::Test => one_line(text.trim_matches(['"', '\'', '`'])),
        _ => one_line(text),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Extends `item` over the leads that stand directly above it, each on lines of its own.
fn attach(text: &Text, leads: &[Lead], item: &mut Item) {
    let mut index = leads.partition_point(|lead| lead.span.start < item.start);
    while let Some(lead) = index.checked_sub(1).and_then(|index| leads.get(index)) {
        if lead.span.end > item.start {
            break;
        }
        let gap = text.slice(Span::new(lead.span.end, item.start));
        // some grammars count the line end as part of a comment
        let own = usize::from(text.slice(lead.span).ends_with('\n'));
        if !gap.chars().all(char::is_whitespace) || gap.matches('\n').count() + own > 1 {
            break;
        }
        if own > 0 || gap.contains('\n') {
            // a trailing comment of the line above is not ours; other leads may stand before this one on its line
            let line = text.line_start(text.line_of(lead.span.start));
            let other = index.checked_sub(2).and_then(|index| leads.get(index)).map_or(0, |lead| lead.span.end);
            if !text.slice(Span::new(line.max(other), lead.span.start)).chars().all(char::is_whitespace) {
                break;
            }
        }
        item.start = lead.span.start;
        item.lead_test |= lead.test;
        index -= 1;
    }
}

/// Puts sorted items into a tree under `root` and fills what lies between them with rests. Ids count from the root.
fn assemble(root: Chunk, items: Vec<Item>) -> Vec<Chunk> {
    let mut all = Vec::with_capacity(items.len() * 2 + 2);
    // the chunks around the next item, with the byte up to which each is filled
    let mut open: Vec<(ChunkId, usize)> = vec![(ChunkId::FILE, root.span.start)];
    all.push(root);
    for item in items {
        while open.len() > 1 && open.last().is_some_and(|(id, _)| all_end(&all, *id) <= item.item.start) {
            close(&mut all, &mut open);
        }
        let Some((parent, filled)) = open.last_mut() else { break };
        let (parent, start) = (*parent, item.start.max(*filled));
        // a local variable, a definition inside another's head (a macro's oddity), or one that was already taken
        let local = item.kind == ChunkKind::Constant && all[parent.index()].kind.holds_locals(); // an open chunk
        if local || start < *filled || item.item.end > all_end(&all, parent) || start >= item.item.end {
            continue;
        }
        if start > *filled {
            push_plain(&mut all, ChunkKind::Rest, Span::new(*filled, start), parent);
        }
        *filled = item.item.end;
        let id = ChunkId(u32::try_from(all.len()).unwrap_or(u32::MAX));
        let around = &all[parent.index()]; // an open chunk is in the list
        let kind = match (item.kind, around.kind) {
            (ChunkKind::Function, ChunkKind::Class | ChunkKind::Impl | ChunkKind::Interface | ChunkKind::Type) => {
                ChunkKind::Method
            }
            (ChunkKind::Function, _) if item.lead_test => ChunkKind::Test,
            (kind, _) => kind,
        };
        let test = item.lead_test || kind == ChunkKind::Test || around.test;
        all.push(Chunk {
            kind,
            name: item.name,
            qualifier: item.qualifier,
            span: Span::new(start, item.item.end),
            item: Span::new(item.item.start.max(start), item.item.end),
            name_span: item.name_span,
            body: item.body,
            doc: item.doc,
            test,
            lead_test: item.lead_test,
            parent: Some(parent),
            end: id.0 + 1,
        });
        open.push((id, start));
    }
    while !open.is_empty() {
        close(&mut all, &mut open);
    }
    all
}

fn all_end(all: &[Chunk], id: ChunkId) -> usize {
    all[id.index()].span.end // ids come from pushing to this very list
}

/// Ends the innermost open chunk: what its children leave of it becomes a rest.
fn close(all: &mut Vec<Chunk>, open: &mut Vec<(ChunkId, usize)>) {
    let Some((id, filled)) = open.pop() else { return };
    let span = all[id.index()].span; // as above
    let has_children = all.len() > id.index() + 1;
    if has_children && filled < span.end {
        push_plain(all, ChunkKind::Rest, Span::new(filled, span.end), id);
    }
    all[id.index()].end = u32::try_from(all.len()).unwrap_or(u32::MAX);
}

fn push_plain(all: &mut Vec<Chunk>, kind: ChunkKind, span: Span, parent: ChunkId) {
    let mut chunk = plain(kind, span, Some(parent));
    chunk.end = u32::try_from(all.len() + 1).unwrap_or(u32::MAX);
    all.push(chunk);
}

fn plain(kind: ChunkKind, span: Span, parent: Option<ChunkId>) -> Chunk {
    static NO_NAME: LazyLock<Arc<str>> = LazyLock::new(|| "".into());
    Chunk {
        kind,
        name: NO_NAME.clone(),
        qualifier: None,
        span,
        item: span,
        name_span: Span::new(span.start, span.start),
        body: None,
        doc: None,
        test: false,
        lead_test: false,
        parent,
        end: 0,
    }
}

/// A text without a grammar, cut at blank lines: each section takes the blank lines before it along as a rest.
fn sections(text: &Text) -> Vec<Chunk> {
    let mut all = vec![plain(ChunkKind::File, Span::new(0, text.len()), None)];
    let mut push = |kind, start, end| {
        if start < end {
            push_plain(&mut all, kind, Span::new(start, end), ChunkId::FILE);
        }
    };
    let (mut start, mut blank) = (0, true);
    for line in 0..text.lines() {
        let span = text.line_span(line);
        let is_blank = text.slice(span).chars().all(char::is_whitespace);
        if is_blank != blank {
            push(if blank { ChunkKind::Rest } else { ChunkKind::Section }, start, span.start);
            (start, blank) = (span.start, is_blank);
        }
    }
    push(if blank { ChunkKind::Rest } else { ChunkKind::Section }, start, text.len());
    let end = u32::try_from(all.len()).unwrap_or(u32::MAX);
    all[0].end = end; // the file, pushed above
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{Language, by_name, languages};
    use proptest::prelude::*;

    const RUST: &str = include_str!("../../../tests/fixtures/chunks/sample.rs");
    const PYTHON: &str = include_str!("../../../tests/fixtures/chunks/sample.py");
    const TYPESCRIPT: &str = include_str!("../../../tests/fixtures/chunks/sample.ts");

    fn sample(language: &Language) -> &'static str {
        match language.name {
            "rust" => RUST,
            "python" => PYTHON,
            _ => TYPESCRIPT,
        }
    }

    fn parse(text: &Text, language: &'static Language) -> Tree {
        Tree::parse(text, language, None, None).unwrap()
    }

    /// One line a chunk: kind, path, and the line it starts on.
    fn show(text: &Text, chunks: &Chunks) -> String {
        let mut out = String::new();
        for (id, chunk) in chunks.iter().filter(|(_, chunk)| chunk.kind != ChunkKind::Rest) {
            let depth = chunks.ancestors(id).count();
            let line = text.line_of(chunk.span.start) + 1;
            let test = if chunk.test { " (test)" } else { "" };
            let header: String = chunk.signature(text).split_whitespace().collect::<Vec<_>>().join(" ");
            out += &format!(
                "{}{} {} @{line}{test}: {header:.70}\n",
                "  ".repeat(depth),
                chunk.kind.word(),
                chunks.label(id, text)
            );
        }
        out
    }

    fn check_tiling(text: &Text, chunks: &Chunks) {
        let mut at = 0;
        for (id, chunk) in chunks.iter() {
            if chunks.children(id).next().is_none() {
                assert_eq!(chunk.span.start, at, "a gap or an overlap before {chunk:?}");
                at = chunk.span.end;
            }
            for child in chunks.children(id) {
                assert_eq!(chunks.parent(child), Some(id));
                assert!(chunk.span.contains(chunks.get(child).span));
            }
        }
        assert_eq!(at, text.len());
    }

    #[test]
    fn samples() {
        for name in ["rust", "python", "typescript", "tsx", "javascript"] {
            let language = by_name(name).unwrap();
            let source = if name == "tsx" {
                include_str!("../../../tests/fixtures/chunks/sample.tsx")
            } else if name == "javascript" {
                include_str!("../../../tests/fixtures/chunks/sample.js")
            } else {
                sample(language)
            };
            let text = Text::from(source);
            let chunks = Chunks::cut(&text, Some(&parse(&text, language)));
            check_tiling(&text, &chunks);
            insta::assert_snapshot!(name, show(&text, &chunks));
        }
    }

    #[test]
    fn a_text_without_grammar_is_cut_at_blank_lines() {
        let text = Text::from("\n\nfirst\nstill\n\n  \nsecond");
        let chunks = Chunks::cut(&text, None);
        check_tiling(&text, &chunks);
        let sections: Vec<_> = chunks
            .iter()
            .filter(|(_, chunk)| chunk.kind == ChunkKind::Section)
            .map(|(_, chunk)| text.slice(chunk.span).into_owned())
            .collect();
        assert_eq!(sections, ["first\nstill\n", "second"]);
        check_tiling(&Text::from(""), &Chunks::cut(&Text::from(""), None));
    }

    #[test]
    fn header_holds_documentation_and_signature() {
        let check = |language: &str, source: &str, name: &str, header: &str| {
            let text = Text::from(source);
            let chunks = Chunks::cut(&text, Some(&parse(&text, by_name(language).unwrap())));
            let (_, chunk) = chunks.definitions().find(|(_, chunk)| &*chunk.name == name).unwrap();
            assert_eq!(chunk.header(&text), header);
        };
        check(
            "rust",
            "use a;\n// no\n\n/// Yes.\n#[inline]\npub fn f(a: u8)\n-> u8 { a }\n",
            "f",
            "/// Yes.\n#[inline]\npub fn f(a: u8)\n-> u8",
        );
        check("rust", "x!(); // no\nfn f() {}\n", "f", "fn f()");
        check("rust", "#[a] #[b]\nfn f() {}\n", "f", "#[a] #[b]\nfn f()");
        check(
            "python",
            "# Above.\n@cached\ndef f(a):\n    \"\"\"Doc.\"\"\"\n    return a\n",
            "f",
            "# Above.\n@cached\ndef f(a):\n    \"\"\"Doc.\"\"\"",
        );
        check(
            "typescript",
            "/** Doc */\nexport const f = (a: A) => { g() };",
            "f",
            "/** Doc */\nexport const f = (a: A) =>",
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// However a file is edited, cutting again gives what cutting afresh gives, and each byte has one leaf.
        #[test]
        fn cutting_again_equals_cutting_afresh(
            language in 0usize..3,
            edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..60, any::<prop::sample::Index>(), 0usize..60), 1..8),
            batch in 1usize..3,
        ) {
            let language = &languages()[language];
            let source = sample(language);
            let mut text = Text::from(source);
            let mut tree = parse(&text, language);
            let mut chunks = Chunks::cut(&text, Some(&tree));
            for edits in edits.chunks(batch) {
                let mut made = Vec::new();
                for (at, cut, from, take) in edits {
                    let at = at.index(text.len() + 1);
                    let span = text.clamp(Span::new(at, at + cut));
                    let piece = Text::from(source);
                    let from = from.index(source.len());
                    let edit = Edit::new(span, piece.slice(Span::new(from, from + take)).into_owned());
                    let before = text.clone();
                    text.replace(edit.span, &edit.text);
                    tree.edit(&edit, &before, &text);
                    made.push(edit);
                }
                let newer = Tree::parse(&text, language, Some(&tree), None).unwrap();
                let afresh = parse(&text, language);
                if !afresh.root().has_error() {
                    // how tree-sitter recovers from errors depends on the nodes that it could reuse
                    prop_assert_eq!(newer.root().to_sexp(), afresh.root().to_sexp());
                }
                chunks = chunks.clone().cut_again(&text, &tree, &newer, &made);
                tree = newer;
                check_tiling(&text, &chunks);
                let afresh = Chunks::cut(&text, Some(&tree));
                prop_assert_eq!(show(&text, &chunks), show(&text, &afresh));
                for (cut, fresh) in chunks.all.iter().zip(&afresh.all) {
                    prop_assert_eq!(cut, fresh);
                }
            }
        }
    }
}
