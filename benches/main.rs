//! The stages, one by one, within one process: `cargo bench --bench main`.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use whittle_lsp::chunks::Chunks;
use whittle_lsp::config::PolicySettings;
use whittle_lsp::context::{FocusRule, gather};
use whittle_lsp::documents::{Change, Documents};
use whittle_lsp::operations::Workspace;
use whittle_lsp::policy::Policy;
use whittle_lsp::syntax::{Language, Tree, by_name};
use whittle_lsp::text::{Encoding, Position, Range, Span, Text};

const SAMPLE: &str = include_str!("../tests/fixtures/chunks/sample.rs");

/// About a megabyte of ordinary nested source.
fn megabyte() -> String {
    let inner: String =
        SAMPLE.lines().filter(|line| !line.starts_with("//!")).flat_map(|l| ["    ", l, "\n"]).collect();
    let count = (1 << 20) / (inner.len() + 20);
    (0..count).map(|number| format!("pub mod part_{number} {{\n{inner}}}\n\n")).collect()
}

fn rust() -> &'static Language {
    by_name("rust").unwrap()
}

fn stages(c: &mut Criterion) {
    let source = megabyte();
    let text = Text::from(source.as_str());
    let tree = Tree::parse(&text, rust(), None, None).unwrap();
    let mut group = c.benchmark_group("1 MB of Rust");
    group.sample_size(20).throughput(Throughput::Bytes(source.len() as u64));
    group.bench_function("parse", |b| b.iter(|| Tree::parse(black_box(&text), rust(), None, None)));
    group.bench_function("cut into chunks", |b| b.iter(|| Chunks::cut(black_box(&text), Some(&tree))));
    group.finish();

    let mut group = c.benchmark_group("1 MB of Rust, one key");
    let path = Path::new("/sample.rs");
    let documents = Documents::default();
    documents.open(path.to_owned(), "file:///sample.rs", "rust", 1, &source);
    documents.settle(path);
    let line = source[..source.len() / 2].lines().count() as u32;
    let at = (line..).find(|line| source.lines().nth(*line as usize).unwrap().contains("helper();")).unwrap();
    let mut typed = false;
    group.bench_function("to tree and chunks in step", |b| {
        b.iter(|| {
            let start = Position { line: at, column: 8 };
            let end = Position { line: at, column: if typed { 9 } else { 8 } };
            let text = if typed { "" } else { "x" };
            typed = !typed;
            let change = Change { range: Some(Range { start, end }), text: text.to_owned() };
            documents.change(path, 2, vec![change], Encoding::Utf16);
            black_box(documents.snapshot(path, None))
        });
    });
    group.finish();
}

/// The context of a function of this very project.
fn context(c: &mut Criterion) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (policy, _) = Policy::new(root, &PolicySettings::default());
    let documents = Arc::new(Documents::default());
    let workspace = Workspace::new(policy, documents.clone());
    workspace.build_index(&|| false);
    let path = root.join("server/src/chunks/build.rs");
    let source = std::fs::read_to_string(&path).unwrap();
    documents.open(path.clone(), "file:///build.rs", "rust", 1, &source);
    let snapshot = documents.snapshot(&path, None).unwrap();
    let at = source.find("fn assemble").unwrap() + 3;
    let subject = workspace.subject(&snapshot, Span::new(at, at));
    let mut group = c.benchmark_group("this project");
    group.bench_function("context of 4000 tokens", |b| {
        b.iter_batched(
            || subject.clone(),
            |subject| gather(subject, workspace.index(), &workspace, 4000, FocusRule::MayFold),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(benches, stages, context);
criterion_main!(benches);
