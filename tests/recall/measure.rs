//! Definition recall on three small projects whose definitions are known: of what a focus refers to, how much a context
//! of so many tokens holds. `cargo bench --bench recall` prints it with each stage left out; a test holds a floor.
//!
//! A project's `truth` says for each focus what it needs and which lines use it, as a reader of the source sees it:
//! `focus FILE NAME`, then `needs FILE NAME` and `caller FILE LINE`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use whittle_lsp::chunks::{ChunkId, Chunks};
use whittle_lsp::config::PolicySettings;
use whittle_lsp::context::{Context, FocusRule, Signs, Stages, Texts, gather_with};
use whittle_lsp::documents::Documents;
use whittle_lsp::operations::Workspace;
use whittle_lsp::policy::Policy;
use whittle_lsp::syntax::by_path;
use whittle_lsp::text::Span;

pub(crate) const PROJECTS: [&str; 3] = ["rust", "python", "typescript"];

/// What was found of what is known, over all focuses of a project.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recall {
    /// Definitions needed, and those whose signature is shown.
    pub(crate) needed: usize,
    pub(crate) found: usize,
    /// What is needed and not shown.
    pub(crate) missed: Vec<String>,
    /// Lines that use a focus, and those that are shown.
    pub(crate) callers: usize,
    pub(crate) callers_found: usize,
    /// Tokens of all contexts.
    pub(crate) tokens: usize,
}

impl Recall {
    pub(crate) fn share(&self) -> f64 {
        self.found as f64 / self.needed.max(1) as f64
    }

    pub(crate) fn caller_share(&self) -> f64 {
        self.callers_found as f64 / self.callers.max(1) as f64
    }
}

pub(crate) struct Focus {
    path: String,
    pub(crate) name: String,
    needs: Vec<(String, String)>,
    callers: Vec<(String, String)>,
}

/// A project, read and indexed.
pub(crate) struct Project {
    pub(crate) root: PathBuf,
    pub(crate) workspace: Workspace,
    pub(crate) documents: Arc<Documents>,
    pub(crate) focuses: Vec<Focus>,
}

impl Project {
    pub(crate) fn open(name: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/recall").join(name);
        let (policy, _) = Policy::new(&root, &PolicySettings::default());
        let documents = Arc::new(Documents::default());
        let workspace = Workspace::new(policy, documents.clone());
        workspace.build_index(&|| false);
        let mut focuses: Vec<Focus> = Vec::new();
        for line in std::fs::read_to_string(root.join("truth")).unwrap().lines().filter(|line| !line.is_empty()) {
            let mut words = line.splitn(3, ' ').map(str::to_owned);
            let (what, path, rest) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
            match (&*what, focuses.last_mut()) {
                ("focus", _) => focuses.push(Focus { path, name: rest, needs: Vec::new(), callers: Vec::new() }),
                ("needs", Some(focus)) => focus.needs.push((path, rest)),
                ("caller", Some(focus)) => focus.callers.push((path, rest)),
                _ => panic!("not understood: {line}"),
            }
        }
        Self { root, workspace, documents, focuses }
    }

    /// The context of each focus.
    pub(crate) fn contexts(&self, budget: usize, stages: Stages) -> Vec<Context> {
        self.focuses.iter().map(|focus| self.context(focus, budget, stages)).collect()
    }

    pub(crate) fn context(&self, focus: &Focus, budget: usize, stages: Stages) -> Context {
        let path = self.root.join(&focus.path);
        let source = std::fs::read_to_string(&path).unwrap();
        let language = by_path(&path).unwrap().ids[0];
        self.documents.open(path.clone(), &format!("file://{}", path.display()), language, 1, &source);
        let snapshot = self.documents.snapshot(&path, None).unwrap();
        let at = snapshot.chunks.get(defined(&snapshot.chunks, &focus.name, &focus.path)).name_span.start;
        let subject = self.workspace.subject(&snapshot, Span::new(at, at));
        let (index, signs) = (self.workspace.index(), Signs::default());
        let context = gather_with(subject, index, &self.workspace, budget, FocusRule::MayFold, &signs, stages).unwrap();
        self.documents.close(&path);
        context
    }

    pub(crate) fn measure(&self, budget: usize, stages: Stages) -> Recall {
        let mut recall = Recall::default();
        for (focus, context) in self.focuses.iter().zip(self.contexts(budget, stages)) {
            recall.tokens += context.tokens;
            recall.needed += focus.needs.len();
            for (path, name) in &focus.needs {
                match self.shows(&context, path, name) {
                    true => recall.found += 1,
                    false => recall.missed.push(format!("{name} of {path} for {}", focus.name)),
                }
            }
            recall.callers += focus.callers.len();
            let rendered = context.render();
            let shown = |line: &&(String, String)| rendered.lines().any(|shown| shown.trim() == line.1);
            recall.callers_found += focus.callers.iter().filter(shown).count();
        }
        recall
    }

    /// Whether all of a definition's signature is shown.
    fn shows(&self, context: &Context, path: &str, name: &str) -> bool {
        let facts = self.workspace.index().facts(path).unwrap();
        let chunk = facts.chunks.get(defined(&facts.chunks, name, path));
        let text = self.workspace.text(path).unwrap();
        let signature = Span::new(chunk.name_span.start, chunk.name_span.start.max(chunk.signature_span().end));
        let last = signature.start + text.slice(signature).trim_end().len();
        let excerpts = context.excerpts.iter().chain([&context.focus]).filter(|excerpt| excerpt.path == path);
        let projections: Vec<_> = excerpts.flat_map(|excerpt| [&excerpt.lines, &excerpt.around]).collect();
        let at = |byte: usize| projections.iter().any(|lines| lines.from_file(byte).is_some());
        at(signature.start) && at(last)
    }
}

fn defined(chunks: &Chunks, name: &str, path: &str) -> ChunkId {
    let found = chunks.definitions().find(|(_, chunk)| &*chunk.name == name && chunk.body.is_some());
    let found = found.or_else(|| chunks.definitions().find(|(_, chunk)| &*chunk.name == name));
    found.unwrap_or_else(|| panic!("{path} does not define {name}")).0
}
