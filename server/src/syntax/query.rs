//! Query files: what a chunk or a reference is in each language, as data.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::OnceLock;

use streaming_iterator::StreamingIterator as _;
use tree_sitter::{Query, QueryCursor, TextProvider};

use super::built_in::QUERIES;
use super::{Language, Node, Tree};
use crate::text::{Source, Span};

/// The files of a folder in queries/; docs/languages.md says what each captures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryKind {
    /// `chunks.scm`: definitions, their names, bodies and documentation.
    Chunks,
    /// `references.scm`: uses of names.
    References,
    /// `symbols.scm`: fields and variants, written types of definitions, and what types extend.
    Symbols,
    /// `imports.scm`: names that come from other files or are passed on to them.
    Imports,
    /// `folds.scm`: what of a body stays when it is folded.
    Folds,
    /// `scopes.scm`: names that a function binds, and the forms of expressions whose type can be told.
    Scopes,
}

impl QueryKind {
    /// Compiled queries of a language: one a kind, and the outline.
    pub(super) const COUNT: usize = 7;
    const ALL: [Self; Self::COUNT - 1] =
        [Self::Chunks, Self::References, Self::Symbols, Self::Imports, Self::Folds, Self::Scopes];

    /// What the index asks of a file, compiled as one query, since most of its time goes into walking the tree.
    const OUTLINE: &[Self] = &[Self::Chunks, Self::Symbols, Self::Imports];

    /// The file's name in the language's folder.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Chunks => "chunks.scm",
            Self::References => "references.scm",
            Self::Symbols => "symbols.scm",
            Self::Imports => "imports.scm",
            Self::Folds => "folds.scm",
            Self::Scopes => "scopes.scm",
        }
    }
}

/// A query file that could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("query file {file} does not fit the grammar of {language}: {message}; the built-in one is used instead")]
pub struct QueryError {
    /// The file as `FOLDER/NAME`.
    pub file: String,
    /// The language whose grammar refused it.
    pub language: &'static str,
    /// What the grammar said.
    pub message: String,
}

pub(super) struct Compiled {
    query: Query,
    /// The kind of each pattern.
    kinds: Vec<QueryKind>,
}

/// One captured node of a match.
#[derive(Clone, Copy)]
pub struct Capture<'tree> {
    /// The capture's name without `@`.
    pub name: &'static str,
    /// What it captured.
    pub node: Node<'tree>,
}

static OVERRIDES: OnceLock<HashMap<String, String>> = OnceLock::new();

/// Puts query files in place of the built-in ones: `FOLDER/NAME` → text. Call it once, before anything is parsed; a
/// second call is ignored.
///
/// # Errors
/// Each file that does not fit its grammar; it is left out, the others count.
pub fn set_query_overrides(mut files: HashMap<String, String>) -> Result<(), Vec<QueryError>> {
    let mut errors = Vec::new();
    for language in super::languages() {
        for folder in language.folders {
            for kind in QueryKind::ALL {
                let file = format!("{folder}/{}", kind.file_name());
                let Some(text) = files.get(&file) else { continue };
                if let Err(error) = Query::new(&(language.grammar)(), text) {
                    errors.push(QueryError { file: file.clone(), language: language.name, message: error.to_string() });
                    files.remove(&file);
                }
            }
        }
    }
    let _ = OVERRIDES.set(files);
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn source(file: &str) -> Option<&'static str> {
    let built_in = || QUERIES.iter().copied().flatten().find(|(name, _)| *name == file).map(|(_, text)| *text);
    OVERRIDES.get().and_then(|files| files.get(file)).map(String::as_str).or_else(built_in)
}

fn build(language: &Language, kinds: &[QueryKind]) -> Result<Compiled, tree_sitter::QueryError> {
    let mut text = String::new();
    let mut ends = Vec::new();
    for kind in kinds {
        let files = language.folders.iter().filter_map(|folder| source(&format!("{folder}/{}", kind.file_name())));
        files.for_each(|file| text.extend([file, "\n"]));
        ends.push((text.len(), *kind));
    }
    let query = Query::new(&(language.grammar)(), &text)?;
    let kind_at = |at: usize| ends.iter().find(|(end, _)| at < *end).or(ends.last()).map(|(_, kind)| *kind);
    let kinds = (0..query.pattern_count()).filter_map(|pattern| kind_at(query.start_byte_for_pattern(pattern)));
    Ok(Compiled { kinds: kinds.collect(), query })
}

fn compile(language: &Language, kinds: &[QueryKind]) -> Compiled {
    let compiled = build(language, kinds).or_else(|error| {
        tracing::error!(language = language.name, %error, "query does not fit the grammar");
        Query::new(&(language.grammar)(), "").map(|query| Compiled { query, kinds: Vec::new() })
    });
    #[expect(clippy::expect_used, reason = "the empty query fits every grammar")]
    compiled.expect("the empty query fits")
}

fn compiled(language: &'static Language, kind: QueryKind) -> &'static Compiled {
    let slot = &language.compiled[kind as usize]; // COUNT slots, one a kind and one more
    slot.get_or_init(|| compile(language, &[kind]))
}

/// Makes a language's queries ready, which takes up to some tenths of a second once in a process: for a thread on which
/// nobody waits.
pub fn prepare(language: &'static Language) {
    for kind in QueryKind::ALL {
        compiled(language, kind);
    }
}

/// All that decides what is found in a file: the languages, sizes of their grammars, and query files.
#[must_use]
pub fn fingerprint() -> String {
    let mut all = String::new();
    for language in super::languages() {
        let grammar = (language.grammar)();
        let counts = (grammar.abi_version(), grammar.node_kind_count(), grammar.parse_state_count());
        let _ = writeln!(all, "{} {counts:?} {:?}", language.name, language.extensions);
        for (folder, kind) in language.folders.iter().flat_map(|f| QueryKind::OUTLINE.iter().map(move |k| (f, k))) {
            all += source(&format!("{folder}/{}", kind.file_name())).unwrap_or_default();
        }
    }
    all
}

/// The names of all captures of a language's query, or what its grammar said against it.
#[cfg(test)]
pub(crate) fn capture_names(language: &'static Language, kind: QueryKind) -> Result<&'static [&'static str], String> {
    let compiled = build(language, &[kind]).map_err(|error| error.to_string())?;
    Ok(language.compiled[kind as usize].get_or_init(|| compiled).query.capture_names())
}

/// Calls `each` with the captures of every match of the language's query whose outermost node touches `within`.
///
/// Matches are whole even where they reach out of `within`, which tree-sitter's own byte ranges do not grant: nodes
/// around `within` are tried one by one, those inside it with all that they hold.
pub fn captures<'tree>(
    tree: &'tree Tree,
    text: &dyn Source,
    kind: QueryKind,
    within: Span,
    mut each: impl FnMut(&[Capture<'tree>]),
) {
    run(tree, text, compiled(tree.language(), kind), within, |_, captures| each(captures));
}

/// Calls `each` with every match of the whole tree that the index is made from, and its kind: chunks, symbols, imports.
pub fn outline_captures<'tree>(tree: &'tree Tree, text: &dyn Source, each: impl FnMut(QueryKind, &[Capture<'tree>])) {
    let slot = &tree.language().compiled[QueryKind::COUNT - 1]; // the last of COUNT slots
    let compiled = slot.get_or_init(|| compile(tree.language(), QueryKind::OUTLINE));
    run(tree, text, compiled, Span::from(tree.root().byte_range()), each);
}

fn run<'tree>(
    tree: &'tree Tree,
    text: &dyn Source,
    compiled: &'static Compiled,
    within: Span,
    mut each: impl FnMut(QueryKind, &[Capture<'tree>]),
) {
    let names = compiled.query.capture_names();
    let mut queries = QueryCursor::new();
    let mut found = Vec::new();
    let mut run = |node: Node<'tree>, depth: Option<u32>| {
        queries.set_max_start_depth(depth);
        let mut matches = queries.matches(&compiled.query, node, Pieces(text));
        while let Some(one) = matches.next() {
            found.clear();
            found.extend(one.captures().iter().map(|capture| Capture {
                name: names.get(capture.index as usize).copied().unwrap_or_default(),
                node: capture.node,
            }));
            let Some(kind) = compiled.kinds.get(one.pattern_index) else { continue };
            each(*kind, &found);
        }
    };
    let span_of = |node: Node<'_>| Span::from(node.byte_range());
    if within.contains(span_of(tree.root())) {
        return run(tree.root(), None);
    }
    let mut cursor = tree.root().walk();
    loop {
        let around = cursor.node();
        if !cursor.goto_first_child() {
            return run(around, None);
        }
        run(around, Some(0));
        while span_of(cursor.node()).end < within.start && cursor.goto_next_sibling() {}
        let first = span_of(cursor.node());
        if first.start < within.start && within.end < first.end {
            continue; // one child holds it all
        }
        loop {
            let node = cursor.node();
            if span_of(node).touches(within) {
                run(node, None);
            }
            if span_of(node).start > within.end || !cursor.goto_next_sibling() {
                return;
            }
        }
    }
}

/// Gives a query the text of a node, for its predicates.
struct Pieces<'text>(&'text dyn Source);

struct Piece<'text>(Cow<'text, str>);

impl AsRef<[u8]> for Piece<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl<'text> TextProvider<Piece<'text>> for Pieces<'text> {
    type I = std::iter::Once<Piece<'text>>;

    fn text(&mut self, node: Node<'_>) -> Self::I {
        std::iter::once(Piece(self.0.slice(Span::from(node.byte_range()))))
    }
}
