//! Cuts again only what an edit touched: the inside of the innermost chunk around it.

use std::collections::HashMap;

use super::build::{Item, assemble, order, plain, query};
use super::chunk::{Chunk, ChunkId, ChunkKind, Chunks};
use crate::syntax::Tree;
use crate::text::{Edit, Span, Text};

impl Chunks {
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
        let mut holders = Vec::new();
        for chunk in descendants() {
            if chunk.item.start <= hull.start {
                leads_before.insert(chunk.item.start, (chunk.span.start, chunk.lead_test));
            }
            let before = chunk.span.end <= hull.start;
            if !before && chunk.span.start <= hull_end_before {
                let reaches_out = chunk.item.start < hull.start || chunk.item.end > hull_end_before;
                holders.extend(Some(chunk).filter(|chunk| chunk.kind.holds_locals() && reaches_out));
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

        // outside of the hull, what was local in a definition is unknown: it has to stay in one
        let still_holds = |holder: &&Chunk| {
            found.values().any(|item| {
                item.kind.holds_locals()
                    && (holder.item.start >= hull.start || item.item.start == holder.item.start)
                    && (holder.item.end <= hull_end_before || item.item.end == shift(holder.item.end))
            })
        };
        if !holders.iter().all(still_holds) {
            return None;
        }

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
