//! The workspace as a tree of folders, files and chunks, each weighted by its lines, for a treemap. In: a receipt, the
//! index, texts. Out: a tree of a bounded number of nodes: what is small and not in the context is put together. Looks
//! into the files of the context and a bounded number of others; of the rest it knows the size only.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::super::Texts;
use super::super::types::{Excerpt, Level};
use super::Receipt;
use crate::chunks::{ChunkId, ChunkKind, Chunks};
use crate::index::Index;
use crate::text::Text;

/// A tree has about this many nodes at most, besides those of the context; as an overview of a workspace of which the
/// context's files are a small part, fewer.
const MOST_NODES: usize = 1500;
const MOST_NODES_OF_OVERVIEW: usize = 700;
/// Below this share of the workspace's lines the context's files are a small part of it.
const SMALL_SHARE: f64 = 0.4;
/// Files outside of the context that are shown by their chunks: the largest.
const MOST_FILES_CUT: usize = 150;
/// Chunks within chunks are shown so many deep.
const DEEPEST: usize = 4;

/// A rectangle of the map.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub kind: NodeKind,
    /// Its name; of folders in a row, all of them.
    pub label: String,
    /// Its path; of a chunk, its file's.
    pub path: Arc<str>,
    /// Its size, in lines; of a chunk, its part of its file's bytes.
    pub lines: f64,
    /// Files in it, or pieces put together.
    pub count: usize,
    pub mark: Mark,
    /// It or something in it is in the context, or came close.
    pub matters: bool,
    pub children: Vec<Self>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NodeKind {
    Folder,
    File,
    Chunk(ChunkKind),
    /// Several of them, too small to be shown one by one.
    More,
}

/// What the context makes of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    None,
    /// In the context: the number of the row.
    Taken(usize),
    /// It did not fit: the number among the dropped.
    Dropped(usize),
}

/// What is drawn.
pub(super) struct Map {
    /// The workspace; its label is empty.
    pub root: Node,
    /// Its files.
    pub files: usize,
    /// Their lines.
    pub lines: usize,
    /// The context's files are a small part of it, so that a map of those alone shows more.
    pub overview: bool,
}

/// The map of the whole workspace.
pub(super) fn workspace(receipt: &Receipt<'_>, index: &Index, texts: &dyn Texts) -> Map {
    let mut sizes: BTreeMap<Arc<str>, usize> = index.sizes().into_iter().collect();
    let subject = &receipt.context.subject;
    sizes.insert(subject.path.as_str().into(), subject.text.lines());
    map(receipt, index, texts, &sizes)
}

/// The map of the files that the context comes from.
pub(super) fn close_up(receipt: &Receipt<'_>, index: &Index, texts: &dyn Texts) -> Map {
    let subject = &receipt.context.subject;
    let paths: HashSet<&str> = receipt.rows.iter().map(|row| row.excerpt.path.as_str()).collect();
    let sizes = paths.into_iter().filter_map(|path| {
        let own = (path == subject.path).then(|| subject.text.lines());
        Some((path.into(), own.or_else(|| Some(index.facts(path)?.lines))?))
    });
    map(receipt, index, texts, &sizes.collect())
}

fn map(receipt: &Receipt<'_>, index: &Index, texts: &dyn Texts, sizes: &BTreeMap<Arc<str>, usize>) -> Map {
    let marks = Marks::new(receipt, index, texts);
    let lines: usize = sizes.values().sum();
    let of_context: usize = sizes.iter().filter(|(path, _)| marks.is_taken(path)).map(|(_, lines)| lines).sum();
    let overview = (of_context as f64) < SMALL_SHARE * lines as f64;
    let most = if overview { MOST_NODES_OF_OVERVIEW } else { MOST_NODES };
    let mut by_size: Vec<(&str, usize)> = sizes.iter().map(|(path, lines)| (&**path, *lines)).collect();
    by_size.sort_by_key(|(path, lines)| (std::cmp::Reverse(*lines), *path));
    let cut = by_size.into_iter().map(|(path, _)| path).take(MOST_FILES_CUT).collect();
    let files: Vec<(&Arc<str>, usize)> = sizes.iter().map(|(path, lines)| (path, *lines)).collect();
    let mut threshold = lines as f64 / most as f64;
    loop {
        let tree = Tree { index, marks: &marks, cut: &cut, threshold };
        let children = tree.within(&files, 0);
        let root = Node::around(NodeKind::Folder, String::new(), "".into(), children);
        if root.size() <= most + 4 * marks.count || threshold > lines as f64 {
            return Map { root, files: files.len(), lines, overview };
        }
        threshold *= 1.5;
    }
}

impl Node {
    fn around(kind: NodeKind, label: String, path: Arc<str>, children: Vec<Self>) -> Self {
        Self {
            kind,
            label,
            path,
            lines: children.iter().map(|child| child.lines).sum(),
            count: children.iter().map(|child| child.count).sum(),
            mark: Mark::None,
            matters: children.iter().any(|child| child.matters),
            children,
        }
    }

    /// Number of nodes in it, itself included.
    pub(super) fn size(&self) -> usize {
        1 + self.children.iter().map(Self::size).sum::<usize>()
    }
}

/// What the context makes of the chunks of each file.
struct Marks {
    files: HashMap<String, FileMarks>,
    count: usize,
}

#[derive(Default)]
struct FileMarks {
    chunks: Option<Arc<Chunks>>,
    marks: HashMap<ChunkId, (Mark, Level)>,
}

impl Marks {
    fn new(receipt: &Receipt<'_>, index: &Index, texts: &dyn Texts) -> Self {
        let subject = &receipt.context.subject;
        let mut files: HashMap<String, FileMarks> = HashMap::new();
        let mut known: HashMap<&str, Option<Text>> = HashMap::new();
        for (number, row) in receipt.rows.iter().enumerate() {
            let Excerpt { path, level, .. } = row.excerpt;
            let file = files.entry(path.clone()).or_default();
            let own = *path == subject.path;
            let chunks = || if own { Some(subject.chunks.clone()) } else { Some(index.facts(path)?.chunks.clone()) };
            file.chunks = file.chunks.take().or_else(chunks);
            let Some(chunks) = &file.chunks else { continue };
            let text = known.entry(path).or_insert_with(|| texts.text(path));
            let text = if own { Some(&subject.text) } else { text.as_ref() };
            let id = if number == 0 { subject.focus } else { chunk_of(row.excerpt, chunks, text) };
            file.marks.entry(id).or_insert((Mark::Taken(number), *level));
        }
        for (number, dropped) in receipt.context.dropped.iter().enumerate() {
            let own = dropped.path == subject.path;
            // dropped pieces of other files would have those read for little
            let Some(file) = files.get_mut(&dropped.path).filter(|file| own || file.chunks.is_some()) else { continue };
            let Some(chunks) = &file.chunks else { continue };
            let id = chunks.definitions().map(|(id, _)| id).find(|id| chunks.path(*id) == dropped.name);
            if let Some(id) = id {
                file.marks.entry(id).or_insert((Mark::Dropped(number), Level::Name));
            }
        }
        let count = files.values().map(|file| file.marks.len()).sum();
        Self { files, count }
    }

    fn is_taken(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }
}

/// The chunk that an excerpt shows: of those with its name and kind the nearest to its line.
fn chunk_of(excerpt: &Excerpt, chunks: &Chunks, text: Option<&Text>) -> ChunkId {
    let line = |id: ChunkId| {
        let at = chunks.get(id).item.start;
        text.filter(|text| at <= text.len()).map_or(0, |text| text.line_of(at) + 1)
    };
    let named = chunks.definitions().filter(|(id, chunk)| {
        *chunk.name == *excerpt.name.rsplit("::").next().unwrap_or_default()
            && chunk.kind == excerpt.kind
            && chunks.path(*id) == excerpt.name
    });
    let nearest = named.map(|(id, _)| id).min_by_key(|id| line(*id).abs_diff(excerpt.line));
    let at_line = || {
        let text = text?;
        let line = text.line_span(excerpt.line.saturating_sub(1).min(text.lines().saturating_sub(1)));
        Some(chunks.leaf_at(line.start))
    };
    nearest.or_else(at_line).unwrap_or(ChunkId::FILE)
}

struct Tree<'a> {
    index: &'a Index,
    marks: &'a Marks,
    /// Files outside of the context that are shown by their chunks.
    cut: &'a HashSet<&'a str>,
    /// Nodes with fewer lines are put together.
    threshold: f64,
}

impl Tree<'_> {
    /// The nodes of sorted files whose paths share their first `depth` bytes, up to a `/`.
    fn within(&self, files: &[(&Arc<str>, usize)], depth: usize) -> Vec<Node> {
        let part = |path: &str| {
            let rest = path.get(depth..).unwrap_or_default();
            rest.find('/').map_or(rest.len(), |end| end + 1)
        };
        let mut nodes = Vec::new();
        let mut rest = files;
        while let Some(((path, lines), others)) = rest.split_first() {
            let end = depth + part(path);
            if path.ends_with('/') || end == path.len() {
                nodes.push(self.file(path, *lines, depth));
                rest = others;
                continue;
            }
            let start = path.get(..end).unwrap_or_default();
            let count = rest.iter().take_while(|(path, _)| path.starts_with(start)).count();
            let (inner, after) = rest.split_at(count);
            nodes.push(self.folder(start, depth, inner));
            rest = after;
        }
        self.put_together(nodes)
    }

    fn folder(&self, path: &str, depth: usize, files: &[(&Arc<str>, usize)]) -> Node {
        let label = path.get(depth..).unwrap_or_default();
        let mut children = self.within(files, path.len());
        match children.pop() {
            // a folder in which there is nothing but a folder is a part of its name
            Some(only) if children.is_empty() && only.kind == NodeKind::Folder => {
                Node { label: format!("{label}{}", only.label), ..only }
            }
            last => {
                children.extend(last);
                Node::around(NodeKind::Folder, label.to_owned(), path.trim_end_matches('/').into(), children)
            }
        }
    }

    fn file(&self, path: &Arc<str>, lines: usize, depth: usize) -> Node {
        let marks = self.marks.files.get(&**path);
        let lines = lines.max(1) as f64;
        let label = path.get(depth..).unwrap_or_default().to_owned();
        let node = Node {
            kind: NodeKind::File,
            label,
            path: path.clone(),
            lines,
            count: 1,
            mark: Mark::None,
            matters: marks.is_some(),
            children: Vec::new(),
        };
        let large = lines >= 4.0 * self.threshold && self.cut.contains(&**path);
        let chunks = match marks {
            Some(marks) => marks.chunks.clone(),
            None if large => self.index.facts(path).map(|facts| facts.chunks.clone()),
            None => None,
        };
        let Some(chunks) = chunks else { return node };
        let nothing = HashMap::new();
        let marks = marks.map_or(&nothing, |marks| &marks.marks);
        let bytes = chunks.get(ChunkId::FILE).span.len().max(1) as f64;
        let file = Cut { chunks: &chunks, marks, path, lines_of_byte: lines / bytes };
        let mark = file.mark(ChunkId::FILE);
        // no use in showing chunks of a file that is shown whole
        let children = if file.is_leaf(ChunkId::FILE, 0) { Vec::new() } else { self.chunks(&file, ChunkId::FILE, 0) };
        Node { mark, children, ..node }
    }

    fn chunks(&self, file: &Cut<'_>, id: ChunkId, depth: usize) -> Vec<Node> {
        let nodes = file.chunks.children(id).map(|id| {
            let chunk = file.chunks.get(id);
            let children = if file.is_leaf(id, depth + 1) { Vec::new() } else { self.chunks(file, id, depth + 1) };
            let mark = file.mark(id);
            Node {
                kind: NodeKind::Chunk(chunk.kind),
                label: file.chunks.path(id),
                path: file.path.clone(),
                lines: chunk.span.len() as f64 * file.lines_of_byte,
                count: 1,
                mark,
                matters: mark != Mark::None || children.iter().any(|child| child.matters),
                children,
            }
        });
        self.put_together(nodes.filter(|node| node.lines > 0.0).collect())
    }

    /// Puts small nodes that do not matter into one, where there are several.
    fn put_together(&self, nodes: Vec<Node>) -> Vec<Node> {
        let (small, mut nodes): (Vec<Node>, Vec<Node>) =
            nodes.into_iter().partition(|node| !node.matters && node.lines < self.threshold);
        if small.len() < 2 {
            nodes.extend(small);
            return nodes;
        }
        let path = small.first().map_or_else(|| "".into(), |node| node.path.clone());
        let chunks = small.iter().any(|node| matches!(node.kind, NodeKind::Chunk(_)));
        let lines = small.iter().map(|node| node.lines).sum();
        let count = small.iter().map(|node| node.count).sum::<usize>();
        let what = if chunks { "pieces" } else { "files" };
        let label = format!("{count} more {what}");
        let mark = Mark::None;
        nodes.push(Node {
            kind: NodeKind::More,
            label,
            path,
            lines,
            count,
            mark,
            matters: false,
            children: Vec::new(),
        });
        nodes
    }
}

/// A file that is shown by its chunks.
struct Cut<'a> {
    chunks: &'a Chunks,
    marks: &'a HashMap<ChunkId, (Mark, Level)>,
    path: &'a Arc<str>,
    lines_of_byte: f64,
}

impl Cut<'_> {
    fn mark(&self, id: ChunkId) -> Mark {
        self.marks.get(&id).map_or(Mark::None, |(mark, _)| *mark)
    }

    /// Whether a chunk is shown as one: deep ones, and taken ones of which no part is taken for itself.
    fn is_leaf(&self, id: ChunkId, depth: usize) -> bool {
        let inside = |other: &ChunkId| {
            *other != id && (id == ChunkId::FILE || self.chunks.ancestors(*other).any(|above| above == id))
        };
        let whole = self.marks.get(&id).is_some_and(|(_, level)| *level >= Level::Folded);
        (whole || depth >= DEEPEST) && !self.marks.keys().any(inside)
    }
}
