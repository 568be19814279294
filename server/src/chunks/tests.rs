//! Cutting, from source to chunks, and cutting again against cutting afresh.

use super::languages::fixture;
use super::{ChunkKind, Chunks};
use crate::syntax::{Language, Tree, by_name, languages};
use crate::text::{Edit, Span, Text};
use proptest::prelude::*;

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
    for (name, source) in [
        ("rust", include_str!("../../../tests/fixtures/chunks/sample.rs")),
        ("python", include_str!("../../../tests/fixtures/chunks/sample.py")),
        ("typescript", include_str!("../../../tests/fixtures/chunks/sample.ts")),
        ("tsx", include_str!("../../../tests/fixtures/chunks/sample.tsx")),
        ("javascript", include_str!("../../../tests/fixtures/chunks/sample.js")),
    ] {
        let language = by_name(name).unwrap();
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
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// However a file is edited, cutting again gives what cutting afresh gives, and each byte has one leaf.
    #[test]
    fn cutting_again_equals_cutting_afresh(
        language in 0..languages().len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..60, any::<prop::sample::Index>(), 0usize..60), 1..8),
        batch in 1usize..3,
    ) {
        let language = &languages()[language];
        let source = fixture(language);
        let mut text = Text::from(&*source);
        let mut tree = parse(&text, language);
        let mut chunks = Chunks::cut(&text, Some(&tree));
        for edits in edits.chunks(batch) {
            let mut made = Vec::new();
            for (at, cut, from, take) in edits {
                let at = at.index(text.len() + 1);
                let span = text.clamp(Span::new(at, at + cut));
                let piece = Text::from(&*source);
                let from = from.index(source.len());
                let edit = Edit::new(span, piece.slice(Span::new(from, from + take)).into_owned());
                let before = text.clone();
                text.replace(edit.span, &edit.text);
                tree.edit(&edit, &before, &text);
                made.push(edit);
            }
            let newer = Tree::parse(&text, language, Some(&tree), None).unwrap();
            let afresh = parse(&text, language);
            if !afresh.root().has_error() && language.name != "bash" {
                // how tree-sitter recovers from errors depends on the nodes that it could reuse; of Bash it sees errors
                // after an edit that are not there
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
