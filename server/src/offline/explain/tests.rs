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
    // of overloads the one with a body
    let named = chunks.definitions().filter(|(id, _)| chunks.path(*id) == name || label(*id) == name);
    let found = named.max_by_key(|(_, chunk)| chunk.item.len());
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

const RUBY: &str = include_str!("../../../../tests/fixtures/languages/ruby.rb");

fn fixture(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/explain").join(file);
    std::fs::read_to_string(path).unwrap()
}

fn check_explain(path: &str, name: &str) -> String {
    explain(&context(path, &fixture(path), name))
}

/// As [`check_explain`], with the text between the two marks selected.
fn check_selection(path: &str, name: &str, from: &str, to: &str) -> String {
    let source = fixture(path);
    let mut context = context(path, &source, name);
    let body = context.subject.chunk().item;
    let start = body.start + source[body.range()].find(from).unwrap();
    context.subject.selection = Span::new(start, start + source[start..].find(to).unwrap() + to.len());
    explain(&context)
}

#[test]
fn a_rich_function() {
    let source = fixture("settings.rs");
    let mut context = context("settings.rs", &source, "Settings::read");
    let one = |path: &str, line, within: &str, test| Use {
        path: path.to_owned(),
        line,
        text: "settings.read(path, 3, None)?;".to_owned(),
        within: within.to_owned(),
        test,
    };
    context.uses = vec![
        one("src/main.rs", 12, "main", false),
        one("src/main.rs", 19, "main", false),
        one("src/reload.rs", 7, "Watcher::reload", false),
        one("tests/read.rs", 4, "reads_an_include", true),
    ];
    context.definitions = vec![Definition {
        path: "src/settings.rs".to_owned(),
        line: 51,
        kind: ChunkKind::Method,
        name: "Settings::line".to_owned(),
        signature: "fn line(&mut self, number: usize, text: &str) -> Result<(), Fault>".to_owned(),
        used_at: 96,
    }];
    insta::assert_snapshot!(explain(&context));
}

#[test]
fn rust() {
    let names = [
        "",
        "LIMIT",
        "Fault",
        "Settings",
        "Fill",
        "impl Fill for Settings",
        "Settings::line",
        "Settings::get",
        "Settings::watch",
        "settings",
        "tests",
        "tests::reads_lines",
    ];
    insta::assert_snapshot!(all("settings.rs", &names));
}

#[test]
fn python() {
    let names = [
        "",
        "LIMIT",
        "Full",
        "Queue",
        "Queue::size",
        "Queue::open",
        "Queue::run",
        "Queue::match",
        "lines",
        "test_size",
    ];
    insta::assert_snapshot!(all("queue.py", &names));
}

#[test]
fn typescript() {
    let names = [
        "",
        "MAX_ITEMS",
        "Currency",
        "Item",
        "State",
        "Cart",
        "Cart::constructor",
        "Cart::add",
        "Cart::size",
        "Cart::handler",
        "isItem",
    ];
    insta::assert_snapshot!(all("cart.ts", &names) + &check_selection("cart.ts", "load", "if (!", "visits++;"));
}

#[test]
fn tsx_and_javascript() {
    let server = all("server.js", &["", "Server", "Server::handle", "start", "server", "server::starts"]);
    insta::assert_snapshot!(all("counter.tsx", &["Props", "Counter"]) + &server);
}

#[test]
fn selections() {
    let rust = check_selection("settings.rs", "Settings::read", "let mut number", "self.skipped += 1;");
    let inner = check_selection("settings.rs", "Settings::read", "self.skipped += 1", "continue");
    let python = check_selection("queue.py", "Queue::run", "name, count =", "continue");
    let typescript = check_selection("cart.ts", "Cart::add", "const text", "JSON.parse(text)");
    insta::assert_snapshot!([rust, inner, python, typescript].join("\n----\n\n"));
}

#[test]
fn without_a_grammar() {
    insta::assert_snapshot!(check_explain("notes.txt", ""));
}

#[test]
fn a_file_that_is_too_large_to_be_parsed_is_said_to_be_so() {
    let explained = explain(&context("notes.txt", &"many words\n".repeat(500_000), ""));
    assert!(explained.contains("Files over 4 MB are too large to be parsed"), "{}", &explained[..300]);
}

#[test]
fn documents_and_other_languages() {
    insta::assert_snapshot!("document", check_explain("guide.md", "Guide"));
    insta::assert_snapshot!("document_file", check_explain("guide.md", ""));
    insta::assert_snapshot!("other_language", explain(&context("cart.rb", RUBY, "Shop::Cart")));
}

#[test]
fn broken_code_is_explained_as_far_as_it_goes() {
    for file in ["settings.rs", "queue.py", "cart.ts", "server.js"] {
        let source = fixture(file);
        for at in (0..source.len()).step_by(97).filter(|at| source.is_char_boundary(*at)) {
            let context = context(file, &source[..at], "");
            for (id, _) in context.subject.chunks.definitions() {
                let mut context = context.clone();
                context.subject.focus = id;
                assert!(explain(&context).starts_with("### "));
            }
        }
    }
}

fn all(path: &str, names: &[&str]) -> String {
    names.iter().map(|name| check_explain(path, name) + "\n----\n\n").collect()
}
