//! What the requests of one client share.

use std::collections::HashMap;
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
use super::status::Changed;
use crate::config::{Settings, Sources, Trust};
use crate::documents::{Documents, Revision};
use crate::jobs::{Explanations, Jobs, Reviews};
use crate::models::Models;
use crate::offline::Offline;
use crate::operations::{Env, Workspace};
use crate::policy::{Policy, Trusted};
use crate::prompt::{self, Stamps};
use crate::text::Span;

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
    env: RwLock<Env>,
    workspaces: RwLock<Vec<Workspace>>,
    /// The last request for code actions: what commands without arguments mean.
    asked: Mutex<Option<Asked>>,
    /// Why documents will be saved.
    saving: Mutex<HashMap<PathBuf, types::TextDocumentSaveReason>>,
    /// Where the settings were last read from, and when that was changed.
    sources: Mutex<(Sources, Stamps)>,
    /// What the user was last told to be wrong with the settings.
    told: Mutex<Vec<String>>,
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
    pub span: Span,
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
            env: RwLock::new(Env { settings: Arc::new(settings), models, operations: Arc::default() }),
            workspaces: RwLock::default(),
            asked: Mutex::default(),
            saving: Mutex::default(),
            sources: Mutex::default(),
            told: Mutex::default(),
        }
    }

    /// Settings and models as they are now.
    pub(super) fn env(&self) -> Env {
        self.env.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the settings from all sources; `editor` is the editor's section. Gives what is wrong with them.
    pub(super) fn read_settings(&self, editor: Option<Value>) -> Vec<String> {
        let mut sources = Sources::from_environment();
        if self.config.is_some() {
            sources.explicit.clone_from(&self.config);
        }
        if let Some(workspace) = self.workspaces().first() {
            let root = workspace.policy().root().to_owned();
            let trusted = Trusted::of_user().is_ok_and(|trusted| trusted.contains(&root));
            let trust = if trusted { Trust::Trusted } else { Trust::Untrusted };
            sources.workspace = Some((root.join("whittle.toml"), trust));
        }
        sources.editor = editor;
        *self.sources.lock().unwrap_or_else(PoisonError::into_inner) = (sources.clone(), prompt::stamps(&sources));
        let (loaded, operations) = prompt::load(sources);
        let mut problems: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
        let models = self.env().models.renewed(&loaded.settings, &|name| std::env::var(name).ok());
        let settings = Arc::new(loaded.settings);
        {
            let mut workspaces = self.workspaces.write().unwrap_or_else(PoisonError::into_inner);
            for workspace in workspaces.iter_mut() {
                let (policy, wrong) = Policy::new(workspace.policy().root(), &settings.policy);
                *workspace = workspace.with_policy(policy).with_settings(settings.index);
                problems.extend(wrong);
            }
        }
        let env = Env { settings, models, operations: Arc::new(operations) };
        self.changed.tell();
        let before = std::mem::replace(&mut *self.env.write().unwrap_or_else(PoisonError::into_inner), env);
        if before.settings.policy != self.env().settings.policy {
            // what may be read changed
            self.workspaces().iter().for_each(|one| self.chore(Chore::Index(one.policy().root().to_owned())));
        }
        problems.dedup();
        problems
    }

    /// Reads the settings and tells the user what is wrong with them.
    pub(super) fn take_settings(&self, editor: Option<Value>) {
        let problems = self.read_settings(editor);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if *told == problems {
            return;
        }
        told.clone_from(&problems);
        if !problems.is_empty() {
            self.notifier.warn(&format!("Whittle's settings: {}", problems.join("; ")));
        }
    }

    /// Whether a file of the settings, or one of the user's prompts, was changed since they were read. Reads no file.
    pub(super) fn settings_changed(&self) -> bool {
        let (sources, stamps) = self.sources.lock().unwrap_or_else(PoisonError::into_inner).clone();
        prompt::stamps(&sources) != stamps
    }

    /// Reads the settings again from where they were last read.
    pub(super) fn take_settings_again(&self) {
        let editor = self.sources.lock().unwrap_or_else(PoisonError::into_inner).0.editor.clone();
        self.take_settings(editor);
    }

    /// The workspaces that the client opened, and those found for documents outside of them.
    pub(super) fn workspaces(&self) -> Vec<Workspace> {
        self.workspaces.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds a folder that the client opened, and has it indexed in the background.
    pub(super) fn open_folder(&self, root: &Path) {
        let workspace = self.add_workspace(root);
        self.chore(Chore::Index(workspace.policy().root().to_owned()));
    }

    /// The workspace with this root; a new one if there is none yet.
    pub(super) fn add_workspace(&self, root: &Path) -> Workspace {
        let env = self.env();
        let (policy, _) = Policy::new(root, &env.settings.policy);
        let mut workspaces = self.workspaces.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = workspaces.iter().find(|workspace| workspace.policy().root() == policy.root()) {
            return known.clone();
        }
        let workspace = Workspace::new(policy, self.documents.clone()).with_settings(env.settings.index);
        workspaces.push(workspace.clone());
        workspace
    }

    pub(super) fn remove_workspace(&self, root: &Path) {
        let mut workspaces = self.workspaces.write().unwrap_or_else(PoisonError::into_inner);
        workspaces.retain(|workspace| workspace.policy().root() != root);
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
            let root = Workspace::root_of(path);
            // a folder that is no project may be as large as a home folder
            if Workspace::is_project(&root) {
                self.open_folder(&root);
            }
            self.add_workspace(&root)
        })
    }

    pub(super) fn chore(&self, chore: Chore) {
        let _ = self.background.send(chore); // the thread only ends with the session
    }

    pub(super) fn asked(&self) -> MutexGuard<'_, Option<Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn saving(&self) -> MutexGuard<'_, HashMap<PathBuf, types::TextDocumentSaveReason>> {
        self.saving.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
