//! `whittle chunks`: prints the tree of chunks that a file is cut into.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;

use super::output::{BOLD, DIM, print, print_json, styled};
use super::{Options, session};
use crate::chunks::{ChunkId, ChunkKind, Chunks};
use crate::syntax::{self, Tree};
use crate::text::{Span, Text};

#[derive(Debug, clap::Args)]
pub(super) struct ChunksArgs {
    /// The file to cut
    file: PathBuf,
}

/// The JSON document.
#[derive(Serialize)]
struct ChunksJson {
    /// The file as it was named.
    path: String,
    /// Its language; `null` where it has no grammar here.
    language: Option<&'static str>,
    /// The chunk of the whole file.
    file: ChunkJson,
}

/// A chunk.
#[derive(Serialize)]
struct ChunkJson {
    /// What it is, as `function`.
    kind: &'static str,
    /// Its name; empty where it has none.
    name: String,
    /// The trait that an `impl` implements; of a function that stands outside of its type, that type.
    #[serde(skip_serializing_if = "Option::is_none")]
    qualifier: Option<String>,
    /// First line, from one, documentation included.
    start_line: usize,
    /// Last line, from one.
    end_line: usize,
    /// Its bytes, documentation included.
    span: Span,
    /// The bytes of the definition itself.
    item: Span,
    /// The bytes of its body.
    body: Option<Span>,
    /// A test, or there only for tests.
    test: bool,
    /// The chunks in it, in order.
    children: Vec<ChunkJson>,
}

pub(super) fn run(options: &Options, args: &ChunksArgs) -> Result<()> {
    let text = Text::from(session::read(&args.file)?.as_str());
    let language = syntax::by_path(&args.file);
    let tree = language.and_then(|language| Tree::parse(&text, language, None, None));
    let chunks = Chunks::cut(&text, tree.as_ref());
    let file = json(&chunks, ChunkId::FILE, &text);
    if options.json {
        let path = args.file.display().to_string();
        return print_json(&ChunksJson { path, language: language.map(|language| language.name), file });
    }
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{}  {}",
        styled(&args.file.display().to_string(), BOLD),
        styled(language.map_or("no grammar", |language| language.name), DIM)
    );
    file.children.iter().for_each(|chunk| chunk.print(1, &mut out));
    print(&out)
}

fn json(chunks: &Chunks, id: ChunkId, text: &Text) -> ChunkJson {
    let chunk = chunks.get(id);
    let last = chunk.span.end.max(chunk.span.start + 1) - 1;
    ChunkJson {
        kind: chunk.kind.word(),
        name: chunk.name.to_string(),
        qualifier: chunk.qualifier.as_deref().map(str::to_owned),
        start_line: text.line_of(chunk.span.start) + 1,
        end_line: text.line_of(last) + 1,
        span: chunk.span,
        item: chunk.item,
        body: chunk.body,
        test: chunk.test,
        children: chunks.children(id).map(|child| json(chunks, child, text)).collect(),
    }
}

impl ChunkJson {
    /// One line: kind, name, lines, and whether it is there for tests. What lies between chunks is left out.
    fn print(&self, depth: usize, out: &mut String) {
        if self.kind == ChunkKind::Rest.word() {
            return;
        }
        let name = match &self.qualifier {
            Some(qualifier) if self.kind == ChunkKind::Impl.word() => format!("{qualifier} for {} ", self.name),
            Some(qualifier) => format!("{qualifier}::{} ", self.name),
            None if self.name.is_empty() => String::new(),
            None => format!("{} ", self.name),
        };
        let lines = if self.start_line == self.end_line {
            self.start_line.to_string()
        } else {
            format!("{}-{}", self.start_line, self.end_line)
        };
        let test = if self.test { " (test)" } else { "" };
        let (kind, name, lines) = (styled(self.kind, DIM), styled(&name, BOLD), styled(&lines, DIM));
        let _ = writeln!(out, "{:indent$}{kind} {name}{lines}{test}", "", indent = 2 * depth);
        self.children.iter().for_each(|child| child.print(depth + 1, out));
    }
}
