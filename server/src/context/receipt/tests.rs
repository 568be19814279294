//! Receipts of a small workspace, of a hostile one, and of a large one.

use std::collections::HashMap;
use std::sync::Arc;

use super::map::{self, Mark, Node};
use super::*;
use crate::chunks::Chunks;
use crate::context::{FocusRule, Subject, Texts, gather};
use crate::index::{FileFacts, Index};
use crate::syntax::{self, Tree};
use crate::text::{Span, Text};

/// Path → text.
struct Files(HashMap<String, Text>);

impl Texts for Files {
    fn text(&self, path: &str) -> Option<Text> {
        self.0.get(path).cloned()
    }
}

struct Workspace {
    index: Index,
    files: Files,
    context: Context,
}

/// The context of the chunk called `focus` in the first file.
fn workspace(files: &[(&str, &str)], focus: &str, budget: usize) -> Workspace {
    let index = Index::default();
    for (path, text) in files {
        let language = syntax::by_path(path.as_ref()).unwrap();
        index.update(path, Arc::new(FileFacts::read(&Text::from(*text), language).unwrap()));
    }
    let (path, text) = files[0];
    let text = Text::from(text);
    let language = syntax::by_path(path.as_ref());
    let tree = Tree::parse(&text, language.unwrap(), None, None);
    let chunks = Arc::new(Chunks::cut(&text, tree.as_ref()));
    let focus = chunks.definitions().find(|(_, chunk)| &*chunk.name == focus).unwrap().0;
    let at = chunks.get(focus).name_span.start;
    let selection = Span::new(at, at);
    let subject = Subject { path: path.to_owned(), language, text, tree, chunks, focus, selection };
    let files = Files(files.iter().map(|(path, text)| ((*path).to_owned(), Text::from(*text))).collect());
    let context = gather(subject, &index, &files, budget, FocusRule::MayFold).unwrap();
    Workspace { index, files, context }
}

const MAIN: &str = "\
use super::inner::Rule;

/// Says whether `text` is allowed; see [`Rule`].
pub fn allowed(text: &str) -> bool {
    let rule = Rule::new(limit());
    rule.holds(text) || text == \"a | b\"
}

fn limit() -> usize {
    12
}
";

const INNER: &str = "\
/// A rule.
pub struct Rule {
    /// The longest text.
    most: usize,
}

impl Rule {
    /// A rule for texts up to `most` bytes.
    pub fn new(most: usize) -> Self {
        Self { most }
    }

    /// Whether it holds.
    pub fn holds(&self, text: &str) -> bool {
        text.len() <= self.most && !text.is_empty()
    }

    fn nobody_asks_for_this(&self) -> usize {
        self.most
    }
}
";

fn small() -> Workspace {
    workspace(&[("src/main.rs", MAIN), ("src/inner/mod.rs", INNER)], "allowed", 2000)
}

#[test]
fn figures_are_shares_of_the_whole() {
    let mut small = small();
    let check = |context: &Context, saved: usize, filled: usize| {
        let receipt = context.receipt();
        assert_eq!((receipt.saved(), receipt.filled()), (saved, filled));
    };
    for (tokens, budget, whole_files, saved, filled) in [
        (100, 400, 1000, 90, 25),
        (101, 400, 1000, 89, 26),
        (1000, 1000, 1000, 0, 100),
        (12, 20, 10, 0, 60),
        (0, 0, 0, 100, 0),
    ] {
        small.context = Context { tokens, budget, whole_files, ..small.context };
        check(&small.context, saved, filled);
    }
    let receipt = small.context.receipt();
    assert_eq!(receipt.files, 2);
    assert_eq!(
        receipt.rows.iter().map(|row| row.rank).collect::<Vec<_>>(),
        (0..receipt.rows.len()).collect::<Vec<_>>()
    );
    assert_eq!((receipt.rows[0].name(), receipt.rows[0].place().as_str()), ("allowed", "src/main.rs:3"));
}

#[test]
fn markdown_is_a_table_with_links_and_the_context() {
    let mut small = small();
    small.context.focus.reason = "either | or".to_owned();
    small.context.focus.text.push_str("// ````\n");
    small.context.held_back = vec!["a secret in src/main.rs".to_owned()];
    let [name, reason] = ["late", "in the same file"].map(str::to_owned);
    small.context.dropped = vec![Dropped { path: "src/main.rs".into(), name, reason, tokens: 7 }; 23];
    let receipt = small.context.receipt();
    let text = receipt.markdown(&|path, line| format!("file:///w/{path}#L{line}"));
    let (first, next) = text.split_once("\n## Would come next\n").unwrap();
    let table: Vec<&str> = first.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(next.matches("| `late`").count(), 20, "{text}");
    assert!(next.contains("\n… and 3 more\n"), "{text}");
    assert_eq!(table.len(), receipt.rows.len() + 2, "{text}");
    assert!(table.iter().all(|line| line.chars().count() == table[0].chars().count()), "{text}");
    assert!(table[2].contains("`allowed`") && table[2].contains("either \\| or"), "{text}");
    assert!(text.contains("\n[focus]: file:///w/src/main.rs#L3\n[1]: file:///w/src/"), "{text}");
    assert!(text.contains("\n`````rust\n") && text.contains(&small.context.render()), "{text}");
    assert!(text.contains("- a secret in src/main.rs"), "{text}");
}

/// Walks the elements of a page; a tag without its partner, or text that opened one, is a fault.
fn check_elements(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page.strip_prefix("<!doctype html>").unwrap();
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, after) = after.split_once('>').unwrap();
        rest = after;
        let name = tag.split([' ', '\n']).next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{tag}"),
            None if name == "meta" => {}
            None => {
                assert!(name.chars().all(|c| c.is_ascii_alphanumeric()), "<{tag}>");
                open.push(name);
                if ["style", "script"].contains(&name) {
                    rest = &rest[rest.find(&format!("</{name}>")).unwrap()..];
                }
            }
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn the_page_is_whole_and_lights_what_was_taken() {
    let small = small();
    let receipt = small.context.receipt();
    let page = receipt.page(&small.index, &small.files);
    check_elements(&page);
    assert_eq!(page.matches("<svg").count(), 1, "both files are in the context: one map shows all");
    for row in &receipt.rows {
        let rank = row.rank;
        assert!(page.contains(&format!("<li id=\"e{rank}\"")), "{rank}: {page}");
        assert!(page.contains(&super::html::escape(&row.excerpt.reason)));
    }
    let svg = page.split_once("<svg").unwrap().1.split_once("</svg>").unwrap().0;
    let lit = |label: &str| {
        let link = svg.split("<a ").skip(1).find(|link| link.contains(&format!("aria-label=\"{label}\n")));
        link.map(|link| link.split_once('>').unwrap().0.to_owned())
    };
    assert!(lit("allowed").unwrap().contains("href=\"#e0\" data-e=\"0\" class=\"l-focus\""), "{svg}");
    let functions: Vec<_> = receipt.rows[1..].iter().filter(|row| row.excerpt.kind.is_callable()).collect();
    assert!(functions.iter().any(|row| row.name() == "limit"));
    for row in functions {
        let name = row.name();
        let link = lit(name).unwrap_or_else(|| panic!("{name} is not lit: {svg}"));
        assert!(link.contains(&format!("href=\"#e{}\"", row.rank)), "{link}");
        assert!(link.contains(row.excerpt.level.word()), "{link}");
    }
    assert_eq!(
        receipt.rows.iter().any(|row| row.name().contains("nobody")),
        lit("Rule::nobody_asks_for_this").is_some()
    );
}

#[test]
fn nothing_of_a_file_becomes_markup_or_reaches_the_network() {
    let evil = "</pre></script><script>alert('1')</script><img src=x onerror=\"alert(1)\">";
    let text = format!(
        "/// {evil}\npub fn focus() {{\n    let a = \"{}\\u{{0}}\u{1b}[31m\";\n    help();\n}}\n\nfn help() {{}}\n",
        evil.replace('"', "'")
    );
    let path = "src/\"><script>alert(1)</script>&.rs";
    let mut evil = workspace(&[(path, &text)], "focus", 2000);
    evil.context.held_back = vec!["a secret in <b>".to_owned()];
    evil.context.focus.reason = "<i>because</i>".to_owned();
    evil.context.partial_index = true;
    let page = evil.context.receipt().page(&evil.index, &evil.files);
    check_elements(&page);
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains("alert(1)</script>") && !page.contains("<img") && !page.contains('\u{1b}'));
    assert!(page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"));
    for outside in ["http:", "https:", "url(", "@import", " src=\""] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!(page.matches("href=\"").count(), page.matches("href=\"#e").count());
}

fn leaves<'a>(node: &'a Node, found: &mut Vec<&'a Node>) {
    if node.children.is_empty() {
        found.push(node);
    }
    node.children.iter().for_each(|child| leaves(child, found));
}

#[test]
fn a_map_holds_every_line_once() {
    let small = small();
    let map = map::workspace(&small.context.receipt(), &small.index, &small.files);
    let lines = MAIN.lines().count() + INNER.lines().count() + 2; // editors count the line after the last line end
    assert_eq!((map.files, map.lines), (2, lines));
    let mut all = Vec::new();
    leaves(&map.root, &mut all);
    let sum: f64 = all.iter().map(|leaf| leaf.lines).sum();
    assert!((sum - lines as f64).abs() < 1e-6, "{sum} {lines}");
    let [src] = &map.root.children[..] else { panic!("{:?}", map.root) };
    let labels: Vec<&str> = src.children.iter().map(|child| child.label.as_str()).collect();
    assert_eq!((src.label.as_str(), labels), ("src/", vec!["inner/", "main.rs"]));
}

#[test]
fn the_page_of_a_large_workspace_stays_small() {
    let mut large = small();
    let language = syntax::by_path("a.rs".as_ref()).unwrap();
    let facts =
        [1, 3, 40].map(|count| Arc::new(FileFacts::read(&Text::from(INNER.repeat(count).as_str()), language).unwrap()));
    for number in 0..12_000 {
        let path = format!("crates/{}/src/a_rather_long_name_of_a_folder/{}/{number}.rs", number % 700, number % 13);
        large.index.update(&path, facts[number % 97 % 3].clone());
    }
    large.context.focus.text = "x\n".repeat(400_000);
    let receipt = large.context.receipt();
    let map = map::workspace(&receipt, &large.index, &large.files);
    assert!(map.overview && map.files == 12_002 && map.root.size() < 1_000, "{}", map.root.size());
    let mut all = Vec::new();
    leaves(&map.root, &mut all);
    assert!((all.iter().map(|leaf| leaf.lines).sum::<f64>() - map.lines as f64).abs() < 1.0);
    let taken = all.iter().filter(|leaf| matches!(leaf.mark, Mark::Taken(_))).count();
    assert!(taken > 2, "what was taken is never put together with the rest");
    let page = receipt.page(&large.index, &large.files);
    check_elements(&page);
    assert!(page.len() < 600_000, "{} bytes", page.len());
    assert!(page.contains("too long for this page") && page.matches("<svg").count() == 2);
    assert!(page.contains("<circle"), "what is too small to be seen gets a dot");
}
