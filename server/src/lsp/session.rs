//! What the requests of one client share.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use gen_lsp_types as types;
use serde_json::Value;
use tokio::runtime::Handle;

use super::apply::Applying;
use super::convert::is_file;
use super::features::Features;
use super::following::Following;
use super::history::History;
use super::marks::Marks;
use super::offers::Offers;
use super::outbox::Outbox;
use super::progress::Notifier;
use super::scopes::{EditorSettings, Scopes};
use super::status::Changed;
use crate::config::{PolicySettings, Settings};
use crate::documents::{Documents, Revision};
use crate::jobs::{Explanations, Jobs, Reviews};
use crate::models::Models;
use crate::offline::Offline;
use crate::operations::{Env, Workspace};
use crate::policy::Policy;
use crate::text::{Span, Text};

/// The state of one client's session; each part is behind a lock of its own and held only for a moment.
pub(super) struct Session {
    pub outbox: Outbox,
    pub features: Features,
    pub documents: Arc<Documents>,
    pub jobs: Jobs,
    pub explanations: Explanations,
    pub reviews: Reviews,
    pub applying: Applying,
    pub marks: Marks,
    pub offers: Offers,
    pub following: Following,
    pub history: History,
    pub runtime: Handle,
    pub notifier: Arc<Notifier>,
    /// To be told when what a status line shows may have changed.
    pub changed: Changed,
    /// Tells the background thread what to do.
    pub background: Sender<Chore>,
    /// `--config` of the command line.
    pub config: Option<PathBuf>,
    /// A model that was found was offered.
    pub offered: AtomicBool,
    scopes: Scopes,
    workspaces: RwLock<Vec<Workspace>>,
    /// The last request for code actions: what commands without arguments mean.
    asked: Mutex<Option<Asked>>,
    /// Why documents will be saved.
    saving: Mutex<HashMap<PathBuf, types::TextDocumentSaveReason>>,
    /// What the user was last told to be wrong with the settings.
    told: Mutex<Vec<String>>,
    /// Documents of whose size the user was told.
    large: Mutex<HashSet<PathBuf>>,
}

/// Work for the background thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Chore {
    /// Bring a document's tree in step.
    Settle(PathBuf),
    /// Read a workspace into its index.
    Index(PathBuf),
    /// A workspace was read.
    Indexed(PathBuf),
    /// A workspace can't be watched.
    Unwatched(PathBuf),
    /// A file changed outside of the editor.
    Changed(PathBuf),
    /// End.
    Stop,
}

/// Where the user last asked for code actions.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub path: PathBuf,
    pub version: i32,
    pub revision: Revision,
    /// The document's text at that version.
    pub text: Text,
    pub span: Span,
    /// What other servers complained of there, as the client sent it.
    pub diagnostics: Vec<Value>,
}

impl Session {
    pub(super) fn new(
        outbox: Outbox,
        features: Features,
        runtime: Handle,
        background: Sender<Chore>,
        config: Option<PathBuf>,
    ) -> Self {
        let changed = Changed::default();
        let notifier = Arc::new(Notifier::new(outbox.clone(), features.progress, changed.clone()));
        let settings = Settings::default();
        let models = Models::of_user(&settings, &|_| None, Arc::new(Offline));
        Self {
            jobs: Jobs::new(runtime.clone(), notifier.clone()),
            runtime,
            reviews: Reviews::default(),
            applying: Applying::default(),
            marks: Marks::default(),
            offers: Offers::default(),
            following: Following::default(),
            history: History::default(),
            outbox,
            features,
            documents: Arc::default(),
            explanations: Explanations::default(),
            notifier,
            changed,
            background,
            config,
            offered: AtomicBool::new(false),
            scopes: Scopes::new(Env { settings: Arc::new(settings), models, operations: Arc::default() }),
            workspaces: RwLock::default(),
            asked: Mutex::default(),
            saving: Mutex::default(),
            told: Mutex::default(),
            large: Mutex::default(),
        }
    }

    /// Settings, models and operations of the first workspace, for what is about no file.
    pub(super) fn env(&self) -> Env {
        self.scopes.env(self.workspaces().first().map(|workspace| workspace.policy().root()))
    }

    /// Settings, models and operations as they are now for a document: those of its workspace.
    pub(super) fn env_of(&self, path: &Path) -> Env {
        self.env_in(&self.workspace_of(path))
    }

    /// Settings, models and operations of a workspace.
    pub(super) fn env_in(&self, workspace: &Workspace) -> Env {
        self.scopes.env(Some(workspace.policy().root()))
    }

    /// Whether the user trusted a workspace; reads no file.
    pub(super) fn is_trusted(&self, workspace: &Workspace) -> bool {
        self.scopes.is_trusted(workspace.policy().root())
    }

    /// Settings, models and operations of all workspaces.
    pub(super) fn envs(&self) -> Vec<Env> {
        let workspaces = self.workspaces();
        let roots = workspaces.iter().map(|workspace| Some(workspace.policy().root()));
        roots.chain(workspaces.is_empty().then_some(None)).map(|root| self.scopes.env(root)).collect()
    }

    /// Reads the settings from all sources, for each workspace. Gives what is wrong with them.
    pub(super) fn read_settings(&self, editor: EditorSettings) -> Vec<String> {
        let roots: Vec<PathBuf> = self.workspaces().iter().map(|one| one.policy().root().to_owned()).collect();
        let before: Vec<Env> = roots.iter().map(|root| self.scopes.env(Some(root))).collect();
        let mut problems = self.scopes.read(&roots, editor, self.config.as_deref());
        self.changed.tell();
        for (root, before) in roots.iter().zip(before) {
            problems.extend(self.set_rules(root));
            if before.settings.policy != self.scopes.env(Some(root)).settings.policy {
                self.chore(Chore::Index(root.clone())); // what may be read changed
            }
        }
        let mut seen = HashSet::new();
        problems.retain(|problem| seen.insert(problem.clone()));
        problems
    }

    /// Has a workspace follow its settings. Gives what is wrong with them.
    fn set_rules(&self, root: &Path) -> Vec<String> {
        let settings = self.scopes.env(Some(root)).settings;
        let (policy, problems) = Policy::new(root, &settings.policy);
        let mut workspaces = self.workspaces.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(workspace) = workspaces.iter_mut().find(|workspace| workspace.policy().root() == policy.root()) {
            *workspace = workspace.with_policy(policy).with_settings(settings.index);
        }
        problems
    }

    /// Reads the settings and tells the user what is wrong with them.
    pub(super) fn take_settings(&self, editor: EditorSettings) {
        let problems = self.read_settings(editor);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if *told != problems {
            told.clone_from(&problems);
            self.warn_of(&problems);
        }
    }

    fn warn_of(&self, problems: &[String]) {
        if !problems.is_empty() {
            self.notifier.warn(&format!("Whittle's settings: {}", problems.join("; ")));
        }
    }

    /// Whether a file of the settings, or one of the user's prompts, was changed since they were read. Reads no file.
    pub(super) fn settings_changed(&self) -> bool {
        self.scopes.changed()
    }

    /// Reads the settings again from where they were last read.
    pub(super) fn take_settings_again(&self) {
        self.take_settings(self.scopes.editor());
    }

    /// The workspaces that the client opened, and those found for documents outside of them.
    pub(super) fn workspaces(&self) -> Vec<Workspace> {
        self.workspaces.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds a folder that the client opened, and has it indexed in the background.
    pub(super) fn open_folder(&self, root: &Path) {
        let root = self.adopt(root);
        self.chore(Chore::Index(root));
    }

    /// Adds a workspace with its settings, and tells the user what is wrong with them. Gives its root.
    fn adopt(&self, root: &Path) -> PathBuf {
        let root = self.add_workspace(root).policy().root().to_owned();
        if !self.scopes.has(&root) {
            let mut problems = self.scopes.add(&root, self.config.as_deref());
            problems.extend(self.set_rules(&root));
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            problems.retain(|problem| !told.contains(problem));
            told.extend(problems.iter().cloned());
            drop(told);
            self.warn_of(&problems);
        }
        root
    }

    /// The workspace with this root; a new one if there is none yet.
    pub(super) fn add_workspace(&self, root: &Path) -> Workspace {
        // its settings may not have been read yet; whoever reads them sets its rules
        let settings = self.scopes.env(Some(root)).settings;
        let (policy, _) = Policy::new(root, &settings.policy);
        let mut workspaces = self.workspaces.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = workspaces.iter().find(|workspace| workspace.policy().root() == policy.root()) {
            return known.clone();
        }
        let workspace = Workspace::new(policy, self.documents.clone()).with_settings(settings.index);
        workspaces.push(workspace.clone());
        workspace
    }

    pub(super) fn remove_workspace(&self, root: &Path) {
        let mut workspaces = self.workspaces.write().unwrap_or_else(PoisonError::into_inner);
        let (policy, _) = Policy::new(root, &PolicySettings::default()); // its links are resolved
        workspaces.retain(|workspace| workspace.policy().root() != policy.root());
        self.scopes.remove(policy.root());
    }

    /// The workspace of a file: the innermost that holds it, else a new one around it. A document that is nowhere on
    /// disk counts to the first.
    pub(super) fn workspace_of(&self, path: &Path) -> Workspace {
        if !is_file(path) {
            return self.workspaces().into_iter().next().unwrap_or_else(|| self.add_workspace(Path::new("")));
        }
        let holding = self
            .workspaces()
            .into_iter()
            .filter(|workspace| workspace.policy().relative(path).is_ok())
            .max_by_key(|workspace| workspace.policy().root().as_os_str().len());
        holding.unwrap_or_else(|| {
            let root = self.adopt(&Workspace::root_of(path));
            // a folder that is no project may be as large as a home folder
            if Workspace::is_project(&root) {
                self.chore(Chore::Index(root.clone()));
            }
            self.add_workspace(&root)
        })
    }

    pub(super) fn chore(&self, chore: Chore) {
        let _ = self.background.send(chore); // the thread only ends with the session
    }

    /// Whether this is the first time that the user is told of a document's size.
    pub(super) fn told_once(&self, path: &Path) -> bool {
        self.large.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned())
    }

    pub(super) fn asked(&self) -> MutexGuard<'_, Option<Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn saving(&self) -> MutexGuard<'_, HashMap<PathBuf, types::TextDocumentSaveReason>> {
        self.saving.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
