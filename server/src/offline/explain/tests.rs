use std::path::Path;
use std::sync::Arc;

use super::explain;
use crate::chunks::{ChunkId, ChunkKind, Chunks};
use crate::context::{Context, Definition, Subject, Use};
use crate::syntax::{Tree, by_path};
use crate::text::{Span, Text};

/// The context of the chunk with this path of names in a fixture; the file itself for an empty one.
fn context(path: &str, source: &str, name: &str) -> Context {
    let text = Text::from(source);
    let language = by_path(Path::new(path));
    let tree = language.and_then(|language| Tree::parse(&text, language, None, None));
    let chunks = Chunks::cut(&text, tree.as_ref());
    let label = |id: ChunkId| chunks.label(id, &text);
    let found = chunks.definitions().find(|(id, _)| chunks.path(*id) == name || label(*id) == name);
    let focus = if name.is_empty() { ChunkId::FILE } else { found.unwrap_or_else(|| panic!("no {name} in {path}")).0 };
    let at = chunks.get(focus).item.start;
    let subject = Subject {
        path: path.to_owned(),
        language,
        text,
        tree,
        chunks: Arc::new(chunks),
        focus,
        selection: Span::new(at, at),
    };
    Context::bare(subject)
}

fn fixture(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/explain").join(file);
    std::fs::read_to_string(path).unwrap()
}

fn check_explain(path: &str, name: &str) -> String {
    explain(&context(path, &fixture(path), name))
}

/// Explains many real files; prints what it says of some. Run by hand.
#[test]
#[ignore = "reads folders named in WHITTLE_EXPLAIN"]
fn explains_the_world() {
    let every: usize = std::env::var("EVERY").ok().and_then(|n| n.parse().ok()).unwrap_or(usize::MAX);
    let mut folders: Vec<std::path::PathBuf> =
        std::env::var("WHITTLE_EXPLAIN").unwrap().split(',').map(std::path::PathBuf::from).collect();
    let (mut number, mut slowest) = (0usize, (std::time::Duration::ZERO, String::new()));
    while let Some(path) = folders.pop() {
        if path.is_dir() {
            folders.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let Some(language) = by_path(&path) else { continue };
        let Ok(source) = std::fs::read_to_string(&path) else { continue };
        if source.len() > 300_000 {
            continue;
        }
        let name = path.to_string_lossy().into_owned();
        let text = Text::from(source.as_str());
        let tree = Tree::parse(&text, language, None, None);
        let chunks = Arc::new(Chunks::cut(&text, tree.as_ref()));
        for (focus, chunk) in chunks.iter().filter(|(_, chunk)| chunk.kind != ChunkKind::Rest) {
            let whole = chunk.body.unwrap_or(chunk.item);
            let third = whole.len() / 3;
            let part = text.clamp(Span::new(whole.start + third, whole.end - third));
            for selection in [Span::new(chunk.item.start, chunk.item.start), part] {
                let subject = Subject {
                    path: path.file_name().unwrap().to_string_lossy().into_owned(),
                    language: Some(language),
                    text: text.clone(),
                    tree: tree.clone(),
                    chunks: chunks.clone(),
                    focus,
                    selection,
                };
                let context = Context::bare(subject);
                let before = std::time::Instant::now();
                let out = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| explain(&context)))
                    .unwrap_or_else(|_| panic!("{name} {:?}", chunk.name));
                let took = before.elapsed();
                if took > slowest.0 {
                    slowest = (took, format!("{name} {}", chunk.name));
                }
                number += 1;
                if number.is_multiple_of(every) {
                    println!("=== {name} {:?}\n{out}", took);
                }
            }
        }
    }
    println!("{number} explanations, slowest {slowest:?}");
}
