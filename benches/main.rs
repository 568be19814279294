//! The stages, one by one, within one process: `cargo bench --bench main`.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use whittle_lsp::chunks::Chunks;
use whittle_lsp::config::PolicySettings;
use whittle_lsp::context::{FocusRule, Subject, gather};
use whittle_lsp::documents::{Change, Documents};
use whittle_lsp::edits::{Files, Given, Keep, Reach, read};
use whittle_lsp::operations::Workspace;
use whittle_lsp::policy::{Denied, Policy};
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

/// No other files.
struct Nothing;

impl Files for Nothing {
    fn text(&self, _: &str) -> Option<Text> {
        None
    }

    fn may_change(&self, _: &str) -> Result<(), Denied> {
        Ok(())
    }
}

/// From an answer to checked edits, in a file of 5 000 lines: from the last byte of the answer on, nothing else is between
/// it and the editor but sending.
fn answers(c: &mut Criterion) {
    let part = |number: usize| {
        format!(
            "/// Part {number}.\npub fn part_{number}(input: &[u64]) -> u64 {{\n    let mut sum = {number};\n    for value in input {{\n        \
             if *value > {number} {{\n            sum += value * {number};\n        }}\n    }}\n    sum\n}}\n\n"
        )
    };
    let source: String = (0..455).map(part).collect();
    assert!(source.lines().count() >= 5000);
    let text = Text::from(source.as_str());
    let tree = Tree::parse(&text, rust(), None, None);
    let chunks = Arc::new(Chunks::cut(&text, tree.as_ref()));
    let (focus, chunk) = chunks.definitions().find(|(_, chunk)| &*chunk.name == "part_230").unwrap();
    let (span, selection) = (chunk.span, Span::new(chunk.item.start, chunk.item.start));
    let path = "src/parts.rs".to_owned();
    let subject = Subject { path, language: Some(rust()), text, tree, focus, selection, chunks: chunks.clone() };
    let given = Given {
        subject: &subject,
        chunks: vec![("c1".to_owned(), span)],
        shown: Vec::new(),
        files: &Nothing,
        reach: Reach::Chunks,
        keep: Keep::Signature,
        ask: "",
    };
    let old = part(230);
    let new = old.replace("sum += value * 230;", "sum += value.saturating_mul(230);");
    let hunk = |before: &str, after: &str| format!("<<<<<<< SEARCH\n{before}=======\n{after}>>>>>>> REPLACE\n");
    let like = |code: &str| code.replace("/// Part 230.", "/// Part 23.");
    let flat = |code: &str| code.lines().map(|line| format!("  {line}\n")).collect::<String>();
    let whole = source.replace(&old, &new);
    let all = [
        ("a chunk by its id", format!("<replace id=\"c1\">\n{new}</replace>\n")),
        ("a hunk, exact", hunk(&old, &new)),
        ("a hunk, indented otherwise", hunk(&flat(&old), &flat(&new))),
        ("a hunk, aligned", hunk(&like(&old), &like(&new))),
        ("a diff", "```diff\n@@ -1 +1 @@\n-            sum += value * 230;\n+            sum += 1;\n```\n".to_owned()),
        ("the whole file", format!("```rust\n{whole}```\n")),
    ];
    let mut group = c.benchmark_group("answers in a file of 5 000 lines");
    for (name, answer) in all {
        read(&given, &answer, "m").unwrap();
        group.bench_function(name, |b| b.iter(|| read(&given, black_box(&answer), "m")));
    }
    group.finish();
}

criterion_group!(benches, stages, context, answers);
criterion_main!(benches);
