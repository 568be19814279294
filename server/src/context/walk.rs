//! The symbols around a focus as a graph, and what a walk over it comes by often. In: the focus, what it refers to, where
//! it is used. Out: chunks with the share of visits. Looks at names alone, so it only ever adds weak signs.

use std::collections::HashMap;
use std::sync::Arc;

use super::rank::visits;
use crate::chunks::{ChunkId, ReferenceKind};
use crate::index::{FileFacts, FileId, Index, SymbolId};

/// At most this many chunks take part.
const MOST_NODES: usize = 240;
/// A name that is defined more often says nothing.
const MOST_MEANINGS: usize = 3;
/// So many of the uses in one chunk are followed.
const MOST_USES: usize = 60;

/// A chunk of the workspace by its file's number.
pub(super) type Node = (FileId, ChunkId);

/// The chunks that a walk from `focus` comes by, with their share of the most visited one's visits. `refers_to` and
/// `used_by` are the first steps.
pub(super) fn around(index: &Index, focus: Node, refers_to: &[Node], used_by: &[Node]) -> Vec<(Node, f64)> {
    let mut walk = Walk { index, nodes: vec![focus], numbers: HashMap::from([(focus, 0)]), files: HashMap::new() };
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
    nodes: Vec<Node>,
    numbers: HashMap<Node, usize>,
    files: HashMap<FileId, Option<Arc<FileFacts>>>,
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

    fn facts(&mut self, file: FileId) -> Option<Arc<FileFacts>> {
        let index = self.index;
        self.files.entry(file).or_insert_with(|| index.file(file).map(|file| file.facts)).clone()
    }

    /// The chunks that a node's names can mean.
    fn used_in(&mut self, from: usize) -> Vec<usize> {
        let Some((file, chunk)) = self.nodes.get(from).copied() else { return Vec::new() };
        let Some(facts) = self.facts(file) else { return Vec::new() };
        let wanted = |kind| !matches!(kind, ReferenceKind::Value | ReferenceKind::Field);
        let mut names: Vec<&Arc<str>> = Vec::new();
        let uses = facts.uses_in(facts.chunks.get(chunk).item).filter(|(_, kind, _)| wanted(*kind)).take(MOST_USES);
        for (name, ..) in uses {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let mut found = Vec::new();
        for name in names {
            let entries = self.index.entries(name);
            let meant = entries.iter().filter(|entry| !entry.test).filter_map(|entry| match entry.symbol {
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
