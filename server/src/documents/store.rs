//! The store: text follows every change at once; trees and chunks are brought in step when they are asked for, or by
//! whoever calls [`Documents::settle`] in the background.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use crate::chunks::Chunks;
use crate::syntax::{self, Language, Tree};
use crate::text::{Edit, Encoding, Range, Span, Text, rebase_span};

/// Text whose trees are kept, in bytes, over all documents together. A tree takes 12 to 22 times its text; beyond this
/// the trees of the least recently used documents are dropped and made anew when needed. The tree of the document used
/// last is always kept.
const TREES_KEPT_FOR: usize = 1 << 19;

/// Text of more bytes is not parsed: its tree would take up to 22 times as much, and each change tens of milliseconds. It is
/// cut at blank lines, as text without a grammar.
pub const LARGEST_PARSED: usize = 4 << 20;

/// Most edits that are remembered for those who hold an old revision.
const LONGEST_LOG: usize = 100_000;

static OPENINGS: AtomicU64 = AtomicU64::new(0);

/// The open documents of a client.
#[derive(Debug, Default)]
pub struct Documents {
    open: Mutex<HashMap<PathBuf, Document>>,
}

#[derive(Debug)]
struct Document {
    /// Which opening of the path this is: revisions of an earlier one mean nothing here.
    opening: u64,
    uri: String,
    version: i32,
    language: Option<&'static Language>,
    text: Text,
    /// Counts changes, whatever versions the client gives.
    revision: u64,
    parsed: Option<Parsed>,
    /// Edits since `parsed` was in step with the text; the tree in it was told of them.
    unparsed: Vec<Edit>,
    /// Edits since some revision that a snapshot holder still refers to.
    log: Vec<Edit>,
    log_start: u64,
    pins: Vec<Weak<()>>,
    /// Held while a thread parses, so that others wait instead of doing the same.
    parsing: Arc<Mutex<()>>,
    used: Instant,
}

#[derive(Clone, Debug)]
struct Parsed {
    tree: Option<Tree>,
    chunks: Arc<Chunks>,
}

/// A change of a document as the client sends it.
#[derive(Clone, Debug)]
pub struct Change {
    /// What is replaced; `None`: everything.
    pub range: Option<Range>,
    /// What stands there afterwards.
    pub text: String,
}

/// Names a state of a document (equal ones name the same); while it lives, the changes since then are remembered.
#[derive(Clone, Debug)]
pub struct Revision {
    opening: u64,
    number: u64,
    _pin: Arc<()>,
}

/// A document as it stood at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The client's name for it.
    pub uri: String,
    /// Where it lies, or would lie.
    pub path: PathBuf,
    /// The client's version.
    pub version: i32,
    /// Its language, if it has a grammar here and is not larger than [`LARGEST_PARSED`].
    pub language: Option<&'static Language>,
    /// Its text.
    pub text: Text,
    /// Its tree, in step with the text; `None` without a grammar.
    pub tree: Option<Tree>,
    /// Its chunks, in step with the text.
    pub chunks: Arc<Chunks>,
    /// The state it stands for.
    pub revision: Revision,
}

/// An open document's text as it stands now, without a tree.
#[derive(Clone, Debug)]
pub struct Now {
    /// The client's name for it.
    pub uri: String,
    /// The client's version.
    pub version: i32,
    /// Its language, if it has a grammar here and is not larger than [`LARGEST_PARSED`].
    pub language: Option<&'static Language>,
    /// Its text.
    pub text: Text,
    /// The state it stands for.
    pub revision: Revision,
}

impl PartialEq for Revision {
    fn eq(&self, other: &Self) -> bool {
        (self.opening, self.number) == (other.opening, other.number)
    }
}

impl Eq for Revision {}

impl Documents {
    fn lock(&self) -> MutexGuard<'_, HashMap<PathBuf, Document>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner) // each change leaves the map whole
    }

    /// Opens a document, or takes the new text of one that is open already.
    pub fn open(&self, path: PathBuf, uri: &str, language_id: &str, version: i32, text: &str) {
        let language = syntax::by_id(language_id).or_else(|| syntax::by_path(&path));
        let document = Document {
            opening: OPENINGS.fetch_add(1, Ordering::Relaxed),
            uri: uri.to_owned(),
            version,
            language,
            text: Text::from(text),
            revision: 0,
            parsed: None,
            unparsed: Vec::new(),
            log: Vec::new(),
            log_start: 0,
            pins: Vec::new(),
            parsing: Arc::default(),
            used: Instant::now(),
        };
        self.lock().insert(path, document);
    }

    /// Applies changes in order, each speaking of the text that the one before it left. False when the document is
    /// not open.
    pub fn change(&self, path: &Path, version: i32, changes: Vec<Change>, encoding: Encoding) -> bool {
        let mut open = self.lock();
        let Some(document) = open.get_mut(path) else { return false };
        document.version = version;
        for change in changes {
            let edit = match change.range {
                Some(range) => Edit::new(document.text.span(range, encoding), change.text),
                None => whole_change(&document.text, change.text),
            };
            document.apply(edit);
        }
        true
    }

    /// Closes a document and frees what it held.
    pub fn close(&self, path: &Path) {
        self.lock().remove(path);
    }

    /// The open documents' paths.
    #[must_use]
    pub fn paths(&self) -> Vec<PathBuf> {
        self.lock().keys().cloned().collect()
    }

    /// The paths of those that were changed since they were opened, in any order.
    #[must_use]
    pub fn edited(&self) -> Vec<PathBuf> {
        let edited = |(path, document): (&PathBuf, &Document)| (document.revision > 0).then(|| path.clone());
        self.lock().iter().filter_map(edited).collect()
    }

    /// Text, version and uri as they stand now, without waiting for a tree.
    #[must_use]
    pub fn text(&self, path: &Path) -> Option<(Text, i32, String)> {
        self.lock().get(path).map(|document| (document.text.clone(), document.version, document.uri.clone()))
    }

    /// The document as it stands now, without waiting for a tree; `None` when it is not open.
    #[must_use]
    pub fn now(&self, path: &Path) -> Option<Now> {
        self.lock().get_mut(path).map(Document::now)
    }

    /// The document as it stands now, and what was changed since `revision`, one edit after the other. The changes are
    /// `None` when it was closed meanwhile.
    #[must_use]
    pub fn follow(&self, path: &Path, revision: &Revision) -> Option<(Now, Option<Vec<Edit>>)> {
        let mut open = self.lock();
        let document = open.get_mut(path)?;
        let changes = document.changes_since(revision).map(<[Edit]>::to_vec);
        Some((document.now(), changes))
    }

    /// The document with tree and chunks in step. Parses when needed; `None` when it is not open, or not ready by the
    /// deadline.
    #[must_use]
    pub fn snapshot(&self, path: &Path, deadline: Option<Instant>) -> Option<Snapshot> {
        if let Some(snapshot) = self.ready(path)? {
            return Some(snapshot);
        }
        let parsing = self.lock().get(path)?.parsing.clone();
        let _one_at_a_time = match deadline {
            Some(_) => parsing.try_lock().ok()?,
            None => parsing.lock().unwrap_or_else(PoisonError::into_inner),
        };
        loop {
            if let Some(snapshot) = self.ready(path)? {
                return Some(snapshot);
            }
            self.parse_once(path, deadline)?;
        }
    }

    /// Brings tree and chunks in step where they are not; for a background thread.
    pub fn settle(&self, path: &Path) {
        let _ = self.snapshot(path, None);
    }

    /// `None`: not open. `Some(None)`: tree not in step.
    #[expect(clippy::option_option, reason = "absent and late are two things")]
    fn ready(&self, path: &Path) -> Option<Option<Snapshot>> {
        let mut open = self.lock();
        let document = open.get_mut(path)?;
        document.used = Instant::now();
        if !document.unparsed.is_empty() {
            return Some(None);
        }
        let Some(parsed) = document.parsed.clone() else { return Some(None) };
        Some(Some(Snapshot {
            uri: document.uri.clone(),
            path: path.to_owned(),
            version: document.version,
            language: document.language(),
            text: document.text.clone(),
            tree: parsed.tree,
            chunks: parsed.chunks,
            revision: document.pin(),
        }))
    }

    /// Parses the text as it stands now, outside the lock, and puts the result in place, edited by what was typed
    /// meanwhile.
    fn parse_once(&self, path: &Path, deadline: Option<Instant>) -> Option<()> {
        let (text, language, old_tree, edits, revision) = {
            let mut open = self.lock();
            let document = open.get_mut(path)?;
            let old = document.parsed.as_ref().filter(|_| document.unparsed.len() <= 1000);
            let old_tree = old.and_then(|old| old.tree.clone());
            (document.text.clone(), document.language(), old_tree, document.unparsed.clone(), document.pin())
        };
        let tree = match language {
            Some(language) => Some(Tree::parse(&text, language, old_tree.as_ref(), deadline)?),
            None => None,
        };
        // nobody is given the chunks while they are out of step, so they are changed in place where none is held
        let old_chunks = self.lock().get_mut(path)?.parsed.as_mut().map(|parsed| std::mem::take(&mut parsed.chunks));
        let chunks = match (old_chunks, &old_tree, &tree) {
            (Some(old), Some(old_tree), Some(tree)) => {
                Arc::unwrap_or_clone(old).cut_again(&text, old_tree, tree, &edits)
            }
            _ => Chunks::cut(&text, tree.as_ref()),
        };
        let mut parsed = Parsed { tree, chunks: Arc::new(chunks) };
        let mut open = self.lock();
        let document = open.get_mut(path)?;
        let Some(since) = document.changes_since(&revision) else { return Some(()) }; // closed and opened anew
        let since = since.to_vec();
        if let Some(tree) = &mut parsed.tree {
            let mut before = text;
            for edit in &since {
                let mut after = before.clone();
                after.replace(edit.span, &edit.text);
                tree.edit(edit, &before, &after);
                before = after;
            }
        }
        document.parsed = Some(parsed);
        document.unparsed = since;
        drop_old_trees(&mut open, path);
        Some(())
    }

    /// What was changed since `revision`, one edit after the other; `None` when the document was closed meanwhile.
    #[must_use]
    pub fn changes_since(&self, path: &Path, revision: &Revision) -> Option<Vec<Edit>> {
        self.lock().get(path)?.changes_since(revision).map(<[Edit]>::to_vec)
    }

    /// Where `span` of the text at `revision` lies now.
    #[must_use]
    pub fn rebase_span(&self, path: &Path, revision: &Revision, span: Span) -> Option<Span> {
        Some(rebase_span(span, self.lock().get(path)?.changes_since(revision)?))
    }
}

impl Document {
    fn language(&self) -> Option<&'static Language> {
        self.language.filter(|_| self.text.len() <= LARGEST_PARSED)
    }

    fn apply(&mut self, edit: Edit) {
        let before = self.text.clone();
        self.text.replace(edit.span, &edit.text);
        if let Some(Parsed { tree: Some(tree), .. }) = &mut self.parsed {
            tree.edit(&edit, &before, &self.text);
        }
        self.revision += 1;
        self.pins.retain(|pin| pin.strong_count() > 0);
        if self.pins.is_empty() || self.log.len() >= LONGEST_LOG {
            self.log.clear();
            self.log_start = self.revision;
        } else {
            self.log.push(edit.clone());
        }
        if self.parsed.is_some() {
            self.unparsed.push(edit);
        }
    }

    fn now(&mut self) -> Now {
        Now {
            uri: self.uri.clone(),
            version: self.version,
            language: self.language(),
            text: self.text.clone(),
            revision: self.pin(),
        }
    }

    fn pin(&mut self) -> Revision {
        if self.log.is_empty() {
            self.log_start = self.revision;
        }
        if self.pins.len() >= 64 {
            self.pins.retain(|pin| pin.strong_count() > 0);
        }
        let pin = Arc::new(());
        self.pins.push(Arc::downgrade(&pin));
        Revision { opening: self.opening, number: self.revision, _pin: pin }
    }

    fn changes_since(&self, revision: &Revision) -> Option<&[Edit]> {
        if revision.opening != self.opening {
            return None;
        }
        let from = revision.number.checked_sub(self.log_start)?;
        self.log.get(usize::try_from(from).ok()?..)
    }
}

/// A change of everything as the smallest edit of one span, so that places outside of it stay.
fn whole_change(old: &Text, new: String) -> Edit {
    let old = old.to_text();
    let prefix = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    let mut start = prefix;
    while !old.is_char_boundary(start) || !new.is_char_boundary(start) {
        start -= 1;
    }
    let room = old.len().min(new.len()) - start;
    let mut suffix = old.bytes().rev().zip(new.bytes().rev()).take(room).take_while(|(a, b)| a == b).count();
    while !old.is_char_boundary(old.len() - suffix) || !new.is_char_boundary(new.len() - suffix) {
        suffix -= 1;
    }
    let text = new.get(start..new.len() - suffix).unwrap_or_default().to_owned();
    Edit::new(Span::new(start, old.len() - suffix), text)
}

fn drop_old_trees(open: &mut HashMap<PathBuf, Document>, newest: &Path) {
    let mut kept: Vec<(Instant, usize, PathBuf)> = open
        .iter()
        .filter(|(path, document)| document.parsed.is_some() && path.as_path() != newest)
        .map(|(path, document)| (document.used, document.text.len(), path.clone()))
        .collect();
    kept.sort_by_key(|(used, ..)| std::cmp::Reverse(*used));
    let mut total = 0;
    for (_, len, path) in kept {
        total += len;
        if total > TREES_KEPT_FOR
            && let Some(document) = open.get_mut(&path)
        {
            document.parsed = None;
            document.unparsed.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Position;
    use proptest::prelude::*;

    fn path() -> &'static Path {
        Path::new("/a.rs")
    }

    fn opened(text: &str) -> Documents {
        let documents = Documents::default();
        documents.open(path().to_owned(), "file:///a.rs", "rust", 1, text);
        documents
    }

    fn insert(documents: &Documents, line: u32, column: u32, text: &str) {
        let at = Position { line, column };
        let change = Change { range: Some(Range { start: at, end: at }), text: text.to_owned() };
        assert!(documents.change(path(), 2, vec![change], Encoding::Utf16));
    }

    #[test]
    fn a_snapshot_stays_while_the_document_moves_on() {
        let documents = opened("fn a() {}\n");
        let before = documents.snapshot(path(), None).unwrap();
        insert(&documents, 0, 3, "b");
        let after = documents.snapshot(path(), None).unwrap();
        assert_eq!((before.text.to_text().as_str(), after.text.to_text().as_str()), ("fn a() {}\n", "fn ba() {}\n"));
        assert_eq!(&*after.chunks.get(after.chunks.focus_at(Span::new(4, 4))).name, "ba");
        let (now, typed) = documents.follow(path(), &before.revision).unwrap();
        assert_eq!((now.text, typed), (after.text, Some(vec![Edit::new(Span::new(3, 3), "b")])));
        assert_eq!((now.revision == before.revision, now.revision == after.revision), (false, true));
    }

    #[test]
    fn a_revision_of_a_closed_document_is_no_use() {
        let documents = opened("fn a() {}\n");
        let before = documents.snapshot(path(), None).unwrap();
        documents.close(path());
        assert!(documents.snapshot(path(), None).is_none());
        documents.open(path().to_owned(), "file:///a.rs", "rust", 1, "");
        assert_eq!(documents.follow(path(), &before.revision).unwrap().1, None);
    }

    #[test]
    fn a_change_of_everything_is_as_small_as_it_can_be() {
        let check = |old: &str, new: &str, start: usize, end: usize, text: &str| {
            assert_eq!(whole_change(&Text::from(old), new.to_owned()), Edit::new(Span::new(start, end), text));
        };
        check("abc", "abc", 3, 3, "");
        check("abXc", "abYYc", 2, 3, "YY");
        check("aa", "aaa", 2, 2, "a");
        check("é", "è", 0, 2, "è");
        check("", "x", 0, 0, "x");
    }

    #[test]
    fn the_trees_of_documents_used_long_ago_are_dropped() {
        let documents = Documents::default();
        let text = "fn a() {}\n".repeat(40_000); // 400 KB
        let paths: Vec<PathBuf> = (0..5).map(|i| PathBuf::from(format!("/{i}.rs"))).collect();
        for path in &paths {
            documents.open(path.clone(), "", "rust", 1, &text);
            documents.settle(path);
        }
        let kept = documents.lock().values().filter(|document| document.parsed.is_some()).count();
        assert!(kept < 5, "{kept}");
        assert!(documents.snapshot(&paths[0], None).is_some());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever is typed, in whatever encoding and however it is batched, text and chunks equal a fresh opening.
        #[test]
        fn typing_equals_opening_anew(
            encoding in 0usize..3,
            changes in prop::collection::vec((0u32..12, 0u32..30, 0u32..3, 0u32..12, "(fn |a|\\{|\\}|\\(|\\)|é|😀|\r|\n|\r\n|//|\"| ){0,6}", any::<bool>()), 1..20),
        ) {
            let encoding = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32][encoding];
            let start = "/// é😀\r\nfn a() { b(\"字\") }\n\nimpl A {\n    fn c() {}\n}\n";
            let documents = opened(start);
            let mut text = Text::from(start);
            for (line, column, lines, columns, new, look) in changes {
                let range = Range {
                    start: Position { line, column },
                    end: Position { line: line + lines, column: columns },
                };
                // the same change, worked out on a plain string
                let span = text.span(range, encoding);
                let mut plain = text.to_text();
                plain.replace_range(span.range(), &new);
                text = Text::from(plain.as_str());
                documents.change(path(), 2, vec![Change { range: Some(range), text: new }], encoding);
                if look {
                    documents.settle(path());
                }
            }
            let snapshot = documents.snapshot(path(), None).unwrap();
            prop_assert_eq!(snapshot.text.to_text(), text.to_text());
            let afresh = Tree::parse(&text, syntax::by_name("rust").unwrap(), None, None).unwrap();
            if !afresh.root().has_error() {
                prop_assert_eq!(snapshot.tree.as_ref().unwrap().root().to_sexp(), afresh.root().to_sexp());
                prop_assert_eq!(&*snapshot.chunks, &Chunks::cut(&text, Some(&afresh)));
            }
        }
    }
}
