//! Cuts a file into chunks.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use super::chunk::{Chunk, ChunkId, ChunkKind, Chunks};
use crate::syntax::{Capture, QueryKind, Tree, captures};
use crate::text::{Source, Span, Text};

/// A section's name is cut to this many characters.
const LONGEST_SECTION_NAME: usize = 80;

/// A definition found by the query, before it has its place in the tree of chunks.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) kind: ChunkKind,
    pub(super) name: Arc<str>,
    pub(super) qualifier: Option<Arc<str>>,
    /// Where the lead starts.
    pub(super) start: usize,
    pub(super) item: Span,
    pub(super) name_span: Span,
    pub(super) body: Option<Span>,
    pub(super) doc: Option<Span>,
    /// Its lead says that it is a test.
    pub(super) lead_test: bool,
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
        let mut items = Items::default();
        captures(tree, text, QueryKind::Chunks, text.whole(), |captures| items.take(text, captures));
        Self::of_items(tree, text, items)
    }

    pub(super) fn of_items(tree: &Tree, text: &dyn Source, items: Items) -> Self {
        let mut items = items.finish(text, text.whole(), &HashMap::new());
        items.sort_by_key(order);
        let file = plain(ChunkKind::File, text.whole(), None);
        Self { all: assemble(file, items), language: Some(tree.language()) }
    }
}

pub(super) fn order(item: &Item) -> (usize, std::cmp::Reverse<usize>, usize) {
    (item.item.start, std::cmp::Reverse(item.item.end), item.name_span.start)
}

/// The definitions that touch `within`. `leads_before` knows the lead of each item that starts before or at `within`: its
/// start and whether it makes the item a test.
pub(super) fn query(tree: &Tree, text: &Text, within: Span, leads_before: &HashMap<usize, (usize, bool)>) -> Vec<Item> {
    let mut found = Items::default();
    captures(tree, text, QueryKind::Chunks, within, |captures| found.take(text, captures));
    // a pattern that starts at a node around `within` finds what lies beside it, too
    found.merge();
    found.items.retain(|item| item.item.touches(within));
    // where `within` does not touch a name, patterns that start between the item and its name were not tried
    let names: Vec<Span> = found.items.iter().map(|item| item.name_span).filter(|name| !name.touches(within)).collect();
    for name in names {
        captures(tree, text, QueryKind::Chunks, name, |captures| found.take(text, captures));
    }
    found.merge();
    found.items.retain(|item| item.item.touches(within));
    found.finish(text, within, leads_before)
}

/// Collects the matches of `chunks.scm`.
#[derive(Default)]
pub(super) struct Items {
    items: Vec<Item>,
    leads: Vec<Lead>,
}

impl Items {
    /// Takes one match.
    pub(super) fn take(&mut self, text: &dyn Source, captures: &[Capture<'_>]) {
        let (mut item, mut name, mut qualifier, mut body, mut doc) = (None, None, None, None, None);
        for capture in captures {
            let span = Span::from(capture.node.byte_range());
            match capture.name {
                "name" => name = Some(hull(name, span)),
                "qualifier" => qualifier = Some(span),
                "body" => body = Some(hull(body, span)),
                "doc" => doc = Some(span),
                "lead" => self.leads.push(Lead { span, test: false }),
                "lead.test" => self.leads.push(Lead { span, test: true }),
                other => item = ChunkKind::from_capture(other).map(|kind| (kind, span)).or(item),
            }
        }
        let (Some((kind, span)), Some(name_span)) = (item, name) else { return };
        self.items.push(Item {
            kind,
            name: name_of(kind, &text.slice(name_span)).into(),
            qualifier: qualifier.map(|span| one_line(&text.slice(span)).into()),
            start: span.start,
            item: span,
            name_span,
            // what follows a heading or the name of a table has no node around it
            body: body.map(|body| if kind == ChunkKind::Section { Span::new(body.start, span.end) } else { body }),
            doc,
            lead_test: false,
        });
    }

    /// Puts together what belongs together: one definition may match several patterns, with and without a wrapper, a
    /// body, documentation.
    fn merge(&mut self) {
        self.items.sort_by_key(|item| item.name_span); // stable: of one name's matches the first comes first
        self.items.dedup_by(|new, old| {
            let same = new.name_span == old.name_span;
            if same {
                merge(old, new);
            }
            same
        });
    }

    /// The definitions, each with the leads that stand above it.
    fn finish(mut self, text: &dyn Source, within: Span, leads_before: &HashMap<usize, (usize, bool)>) -> Vec<Item> {
        self.merge();
        let Self { mut items, mut leads } = self;
        items.retain(|item| !item.name.is_empty());
        leads.sort_by_key(|lead| (lead.span.start, !lead.test));
        leads.dedup_by_key(|lead| lead.span.start);
        for item in &mut items {
            if let Some((start, test)) = leads_before.get(&item.item.start).filter(|_| item.item.start <= within.start)
            {
                (item.start, item.lead_test) = (*start, *test);
            } else {
                attach(text, &leads, item);
            }
        }
        items
    }
}

/// Adds to a definition what another match says of it.
fn merge(old: &mut Item, new: &mut Item) {
    if new.item.len() > old.item.len() {
        old.item = new.item;
        old.start = new.start;
    }
    if rank(new.kind) > rank(old.kind) {
        old.kind = new.kind;
        old.body = new.body.or(old.body);
    } else {
        old.body = old.body.or(new.body);
    }
    old.doc = old.doc.or(new.doc);
    old.qualifier = old.qualifier.take().or(new.qualifier.take());
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
        // a list of selectors may be long
        ChunkKind::Section => one_line(unquoted(text)).chars().take(LONGEST_SECTION_NAME).collect(),
        _ => one_line(bare(text)),
    }
}

/// A name without what marks it as a symbol, a key or an instance's variable: `:name`, `name: `, `@name` → `name`.
pub(super) fn bare(name: &str) -> &str {
    let core = name.trim().trim_matches([':', '@']);
    if core.starts_with(|first: char| first.is_alphabetic() || first == '_') { core } else { name }
}

pub(super) fn hull(before: Option<Span>, span: Span) -> Span {
    before.map_or(span, |before| Span::new(before.start.min(span.start), before.end.max(span.end)))
}

/// A key without the quotes around it.
fn unquoted(text: &str) -> &str {
    let inside = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inside('"').or_else(|| inside('\'')).unwrap_or(text)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Extends `item` over the leads that stand directly above it, each on lines of its own.
fn attach(text: &dyn Source, leads: &[Lead], item: &mut Item) {
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
            let line = text.line_start_at(lead.span.start);
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
pub(super) fn assemble(root: Chunk, items: Vec<Item>) -> Vec<Chunk> {
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
        let is_local = match item.kind {
            ChunkKind::Constant => true,
            ChunkKind::Function => item.body.is_none(), // in C, `T name(arguments);` looks like a prototype
            _ => false,
        };
        let local = is_local && all[parent.index()].kind.holds_locals(); // an open chunk
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
            (ChunkKind::Function, _) if item.qualifier.is_some() => ChunkKind::Method,
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

pub(super) fn plain(kind: ChunkKind, span: Span, parent: Option<ChunkId>) -> Chunk {
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
    let whole = text.to_text(); // taken out once: asking the rope for each line is slow
    let (mut start, mut blank, mut at) = (0, true, 0);
    for line in whole.split_inclusive(['\n', '\r']) {
        let ends_line_before = line == "\n" && whole[..at].ends_with('\r');
        let is_blank = line.chars().all(char::is_whitespace);
        if is_blank != blank && !ends_line_before {
            push(if blank { ChunkKind::Rest } else { ChunkKind::Section }, start, at);
            (start, blank) = (at, is_blank);
        }
        at += line.len();
    }
    push(if blank { ChunkKind::Rest } else { ChunkKind::Section }, start, text.len());
    let end = u32::try_from(all.len()).unwrap_or(u32::MAX);
    all[0].end = end; // the file, pushed above
    all
}
