//! A workspace as the operations see it: what may be read, the index, and the documents that are open.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::chunks::ChunkId;
use crate::config::IndexSettings;
use crate::context::{ProjectFiles, Signs, Subject, Texts};
use crate::documents::{Documents, Snapshot};
use crate::edits::Files;
use crate::index::{Built, Changed, FileFacts, Index, Job, Store, WatchError, project_files};
use crate::policy::{Denied, Policy};
use crate::text::{Span, Text};

/// Files that mark the top of a project, looked for from the file upwards where the client names no workspace.
const ROOT_MARKERS: &[&str] = &[
    ".git",
    "Cargo.toml",
    "package.json",
    "pyproject.toml",
    "setup.py",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "Gemfile",
    "composer.json",
    "CMakeLists.txt",
    "whittle.toml",
];

/// One workspace.
#[derive(Clone, Debug)]
pub struct Workspace {
    policy: Arc<Policy>,
    index: Arc<Index>,
    /// Where the index is kept; `None`: nowhere.
    store: Option<Store>,
    documents: Arc<Documents>,
}

impl Workspace {
    /// The workspace under a policy's root, with an index that is still empty and kept nowhere.
    #[must_use]
    pub fn new(policy: Policy, documents: Arc<Documents>) -> Self {
        Self { policy: Arc::new(policy), index: Arc::default(), store: None, documents }
    }

    /// The same workspace with its index kept, or no longer kept, in the user's cache folder.
    #[must_use]
    pub fn with_settings(mut self, settings: IndexSettings) -> Self {
        self.store = Some(self.policy.root()).filter(|_| settings.disk).and_then(Store::of_user);
        self
    }

    /// The same workspace under other rules; the index stays.
    #[must_use]
    pub fn with_policy(&self, policy: Policy) -> Self {
        Self { policy: Arc::new(policy), ..self.clone() }
    }

    /// The folder that `file` belongs to where nobody says: the one with a version control folder, else the outermost
    /// workspace of crates, else the nearest with a project file, else the file's own.
    #[must_use]
    pub fn root_of(file: &Path) -> PathBuf {
        let marked = |markers: &[&str]| {
            file.ancestors().skip(1).find(|folder| markers.iter().any(|marker| folder.join(marker).exists()))
        };
        let of_many = || {
            let manifests = file.ancestors().skip(1).map(|folder| folder.join("Cargo.toml"));
            let is_workspace =
                |path: &PathBuf| std::fs::read_to_string(path).is_ok_and(|all| all.contains("[workspace"));
            manifests.filter(is_workspace).last()?.parent().map(Path::to_owned)
        };
        let root = marked(&ROOT_MARKERS[..1]).map(Path::to_owned).or_else(of_many);
        let root = root.or_else(|| marked(ROOT_MARKERS).map(Path::to_owned));
        root.unwrap_or_else(|| file.parent().unwrap_or(file).to_owned())
    }

    /// Whether a folder is the top of a project, by what lies in it.
    #[must_use]
    pub fn is_project(folder: &Path) -> bool {
        ROOT_MARKERS.iter().any(|marker| folder.join(marker).exists())
    }

    /// What may be read and sent.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Definitions and uses.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Brings the index in step with the workspace, what lies near open documents first; for a background thread.
    pub fn build_index(&self, cancelled: &(dyn Fn() -> bool + Sync)) -> Built {
        let open = self.documents.paths();
        let first: Vec<String> = open.iter().filter_map(|path| self.policy.relative(path).ok()).collect();
        let job = Job { policy: &self.policy, store: self.store.as_ref(), first: &first, cancelled };
        self.index.run(&job)
    }

    /// Where the index is kept.
    #[must_use]
    pub fn store(&self) -> Option<&Store> {
        self.store.as_ref()
    }

    /// Puts the index on the disk if it changed since.
    pub fn keep_index(&self) {
        if let Some(store) = self.store.as_ref().filter(|_| self.index.is_complete()) {
            self.index.keep(store);
        }
    }

    /// Has changes on the disk told to `tell` from now on.
    ///
    /// # Errors
    /// [`WatchError`] says why that can't be.
    pub fn watch(&self, tell: impl Fn(Changed) + Send + 'static) -> Result<(), WatchError> {
        self.index.watch(&self.policy, tell)
    }

    /// Whether an editor holds a document of this path.
    #[must_use]
    pub fn is_open(&self, path: &Path) -> bool {
        self.documents.text(path).is_some()
    }

    /// A document was closed: from here on, what is on the disk counts.
    pub fn document_closed(&self, path: &Path) {
        if let Ok(relative) = self.policy.relative(path) {
            self.index.release(&relative);
        }
    }

    /// A file changed outside of the editor. Gives false when the whole workspace has to be walked to follow.
    pub fn file_changed(&self, path: &Path) -> bool {
        self.index.refresh(&self.policy, path)
    }

    /// Puts what open documents hold into the index, where they differ from what it knows.
    pub fn read_open_documents(&self) {
        for path in self.documents.paths() {
            let Ok(relative) = self.policy.check(&path) else { continue };
            let Some(snapshot) = self.documents.snapshot(&path, None) else { continue };
            let known = self.index.facts(&relative);
            if known.is_some_and(|facts| Arc::ptr_eq(&facts.chunks, &snapshot.chunks)) {
                continue;
            }
            if let Some(tree) = &snapshot.tree {
                let facts = FileFacts::of_parsed(&snapshot.text, tree, snapshot.chunks.clone());
                self.index.update(&relative, Arc::new(facts));
            }
        }
    }

    /// The texts of the open documents that lie in the workspace, with their paths relative to it.
    #[must_use]
    pub fn open_texts(&self) -> Vec<(String, Text)> {
        let paths = self.documents.paths();
        let text = |path: &PathBuf| Some((self.policy.relative(path).ok()?, self.documents.text(path)?.0));
        paths.iter().filter(|path| path.is_absolute()).filter_map(text).collect()
    }

    /// Weak signs of what matters to the user at the moment: the files that are open, and those edited since.
    #[must_use]
    pub fn signs(&self) -> Signs {
        let relative = |paths: Vec<PathBuf>| paths.iter().filter_map(|path| self.policy.relative(path).ok()).collect();
        Signs { open: relative(self.documents.paths()), edited: relative(self.documents.edited()), ..Signs::default() }
    }

    /// What contexts and proposals call a file: its path relative to the workspace; for one outside of it, or nowhere
    /// on disk, the last part of its path.
    #[must_use]
    pub fn name_of(&self, path: &Path) -> String {
        self.policy
            .relative(path)
            .unwrap_or_else(|_| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default())
    }

    /// The focus at `selection` of a snapshot: the smallest chunk around it. A cursor before the first character of a
    /// line counts as standing on it.
    #[must_use]
    pub fn subject(&self, snapshot: &Snapshot, selection: Span) -> Subject {
        let text = &snapshot.text;
        let line = text.line_span(text.line_of(selection.start));
        let is_blank = |c: &char| c.is_whitespace() || *c == '\u{feff}';
        let blanks = text.slice(line).chars().take_while(is_blank).map(char::len_utf8).sum::<usize>();
        let first = (line.start + blanks).min(line.end);
        let selection = Span::new(selection.start.max(first).min(selection.end.max(first)), selection.end.max(first));
        let focus = snapshot.chunks.focus_at(selection);
        Subject {
            path: self.name_of(&snapshot.path),
            language: snapshot.language,
            text: text.clone(),
            tree: snapshot.tree.clone(),
            chunks: snapshot.chunks.clone(),
            focus,
            selection,
        }
    }

    /// A subject whose focus is the whole file.
    #[must_use]
    pub fn file_subject(&self, snapshot: &Snapshot) -> Subject {
        Subject { focus: ChunkId::FILE, selection: Span::new(0, 0), ..self.subject(snapshot, Span::new(0, 0)) }
    }
}

impl Texts for Workspace {
    fn text(&self, path: &str) -> Option<Text> {
        let file = self.policy.root().join(path);
        if let Some((text, ..)) = self.documents.text(&file) {
            return Some(text);
        }
        self.policy.check(&file).ok()?;
        let bytes = std::fs::read(&file).ok()?;
        Some(Text::from(&*String::from_utf8_lossy(&bytes)))
    }
}

impl Files for Workspace {
    fn text(&self, path: &str) -> Option<Text> {
        Texts::text(self, path)
    }

    fn may_change(&self, path: &str) -> Result<(), Denied> {
        self.policy.check_written(&self.policy.root().join(path)).map(|_| ())
    }
}

impl ProjectFiles for Workspace {
    fn paths(&self) -> Vec<String> {
        let mut paths = project_files(&self.policy);
        paths.extend(self.index.paths()); // open documents that are not on the disk yet
        paths.sort();
        paths.dedup();
        paths
    }

    fn read(&self, path: &str) -> Option<String> {
        Texts::text(self, path).map(|text| text.to_text())
    }

    fn package(&self) -> String {
        let around = self.policy.root().ancestors().take_while(|folder| folder.join("__init__.py").is_file());
        let names = around.map(|folder| folder.file_name().and_then(|name| name.to_str()).unwrap_or_default());
        let mut names: Vec<&str> = names.collect();
        names.reverse();
        let is_name = |name: &&str| name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.is_empty();
        if names.iter().all(is_name) { names.join(".") } else { String::new() }
    }
}
