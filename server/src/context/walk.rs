//! The symbols around a focus as a graph, and what a walk over it comes by often. In: the focus, what it refers to, where
//! it is used. Out: chunks with the share of visits. Looks at names alone, so it only ever adds weak signs.

use std::collections::HashMap;

use super::names::{Looks, family_of, names_in};
use super::rank::visits;
use crate::chunks::ChunkId;
use crate::index::{File, FileId, Index, SymbolId};
use crate::text::{Span, Text};

/// At most this many chunks take part.
const MOST_NODES: usize = 240;
/// A name that is defined more often says nothing.
const MOST_MEANINGS: usize = 3;
/// So many of the uses in one chunk are followed.
const MOST_USES: usize = 60;
/// Only so many bytes of a chunk are looked at.
const MOST_BYTES: usize = 1 << 14;

/// A chunk of the workspace by its file's number.
pub(super) type Node = (FileId, ChunkId);

/// The chunks that a walk from `focus` comes by, with their share of the most visited one's visits. `refers_to` and
/// `used_by` are the first steps.
pub(super) fn around(
    index: &Index,
    text_of: &mut dyn FnMut(&str) -> Option<Text>,
    focus: Node,
    refers_to: &[Node],
    used_by: &[Node],
) -> Vec<(Node, f64)> {
    let (nodes, numbers) = (vec![focus], HashMap::from([(focus, 0)]));
    let mut walk = Walk { index, text_of, nodes, numbers, files: HashMap::new() };
    let mut edges: Vec<(usize, usize, f64)> = Vec::new();
    for (nodes, weight) in [(refers_to, 1.0), (used_by, 0.5)] {
        for node in nodes {
            if let Some(number) = walk.number(*node) {
                edges.push((0, number, weight));
            }
        }
    }
    let near = walk.nodes.len();
    for from in 1..near {
        for to in walk.used_in(from) {
            if to != from {
                edges.push((from, to, 1.0));
                edges.push((to, from, 0.2)); // what uses a thing says something of it, too
            }
        }
    }
    let visits = visits(walk.nodes.len(), &edges);
    let most = visits.iter().skip(1).copied().fold(f64::MIN_POSITIVE, f64::max);
    let shares = walk.nodes.into_iter().zip(visits).skip(1);
    shares.map(|(node, visits)| (node, visits / most)).collect()
}

struct Walk<'a> {
    index: &'a Index,
    text_of: &'a mut dyn FnMut(&str) -> Option<Text>,
    nodes: Vec<Node>,
    numbers: HashMap<Node, usize>,
    files: HashMap<FileId, Option<File>>,
}

impl Walk<'_> {
    fn number(&mut self, node: Node) -> Option<usize> {
        if let Some(number) = self.numbers.get(&node) {
            return Some(*number);
        }
        if self.nodes.len() >= MOST_NODES {
            return None;
        }
        self.numbers.insert(node, self.nodes.len());
        self.nodes.push(node);
        Some(self.nodes.len() - 1)
    }

    /// The text of a node, up to [`MOST_BYTES`].
    fn source(&mut self, (file, chunk): Node) -> Option<String> {
        let index = self.index;
        let known = self.files.entry(file).or_insert_with(|| index.file(file)).clone()?;
        let text = (self.text_of)(&known.path)?;
        let item = known.facts.chunks.get(chunk).item;
        let end = item.end.min(item.start + MOST_BYTES);
        (item.end <= text.len()).then(|| text.slice(Span::new(item.start, end)).into_owned())
    }

    /// The chunks that a node's names can mean.
    fn used_in(&mut self, from: usize) -> Vec<usize> {
        let Some(source) = self.nodes.get(from).copied().and_then(|node| self.source(node)) else { return Vec::new() };
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in names_in(&source).filter(|(_, looks)| *looks == Looks::CallOrType).take(MOST_USES) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let family = self.nodes.get(from).and_then(|(file, _)| family_of(&self.index.path(*file)?));
        let mut found = Vec::new();
        for name in names {
            let entries = self.index.entries_where(name, &|entry, path| !entry.test && family_of(path) == family);
            let meant = entries.iter().filter_map(|entry| match entry.symbol {
                SymbolId::Chunk(chunk, _) => Some((entry.file, chunk)),
                SymbolId::Member(..) => None,
            });
            let meant: Vec<Node> = meant.take(MOST_MEANINGS + 1).collect();
            if meant.len() <= MOST_MEANINGS {
                found.extend(meant.into_iter().filter_map(|node| self.number(node)));
            }
        }
        found
    }
}
