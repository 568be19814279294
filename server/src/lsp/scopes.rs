//! Settings, models and operations by workspace: each has its own file of settings, its own prompts and its own trust. In: the
//! sources of the settings. Out: what counts in a workspace. What models share (limits, how they fare) they share in all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use serde_json::Value;

use crate::config::{Sources, Trust};
use crate::models::Models;
use crate::operations::Env;
use crate::policy::Trusted;
use crate::prompt::{self, Stamps};

/// What the editor says: its section of the settings, and those of single folders.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct EditorSettings {
    pub all: Option<Value>,
    pub folders: BTreeMap<PathBuf, Value>,
}

/// What counts in one workspace.
#[derive(Clone)]
struct Scope {
    env: Env,
    /// Where the settings were last read from, and when that was changed.
    sources: Sources,
    stamps: Stamps,
}

pub(super) struct Scopes {
    /// What counts where there is no workspace, and before any settings were read.
    plain: RwLock<Env>,
    by_root: RwLock<BTreeMap<PathBuf, Scope>>,
    editor: RwLock<EditorSettings>,
}

impl Scopes {
    pub(super) fn new(plain: Env) -> Self {
        Self { plain: RwLock::new(plain), by_root: RwLock::default(), editor: RwLock::default() }
    }

    fn by_root(&self) -> RwLockReadGuard<'_, BTreeMap<PathBuf, Scope>> {
        self.by_root.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What counts in the workspace at `root`; `None`: where there is none.
    pub(super) fn env(&self, root: Option<&Path>) -> Env {
        let scoped = root.and_then(|root| self.by_root().get(root).map(|scope| scope.env.clone()));
        scoped.unwrap_or_else(|| self.plain.read().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// The settings that the editor gave last.
    pub(super) fn editor(&self) -> EditorSettings {
        self.editor.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads all settings again. Gives what is wrong with them.
    pub(super) fn read(&self, roots: &[PathBuf], editor: EditorSettings, config: Option<&Path>) -> Vec<String> {
        let mut models = self.models();
        let base = self.env(None).models;
        let (plain, mut problems) = scope(None, &editor, config, &base, &models);
        models.insert(0, plain.env.models.clone());
        let mut by_root = BTreeMap::new();
        for root in roots {
            let (read, wrong) = scope(Some(root), &editor, config, &base, &models);
            problems.extend(wrong);
            models.insert(0, read.env.models.clone());
            by_root.insert(root.clone(), read);
        }
        *self.plain.write().unwrap_or_else(PoisonError::into_inner) = plain.env;
        *self.by_root.write().unwrap_or_else(PoisonError::into_inner) = by_root;
        *self.editor.write().unwrap_or_else(PoisonError::into_inner) = editor;
        problems
    }

    /// Reads the settings of one more workspace. Gives what is wrong with them.
    pub(super) fn add(&self, root: &Path, config: Option<&Path>) -> Vec<String> {
        let base = self.env(None).models;
        let (read, problems) = scope(Some(root), &self.editor(), config, &base, &self.models());
        self.by_root.write().unwrap_or_else(PoisonError::into_inner).insert(root.to_owned(), read);
        problems
    }

    /// Whether the user trusted the workspace at `root`, as it was when its settings were read.
    pub(super) fn is_trusted(&self, root: &Path) -> bool {
        let scopes = self.by_root();
        let workspace = scopes.get(root).and_then(|scope| scope.sources.workspace.as_ref());
        workspace.is_some_and(|(_, trust)| *trust == Trust::Trusted)
    }

    pub(super) fn has(&self, root: &Path) -> bool {
        self.by_root().contains_key(root)
    }

    pub(super) fn remove(&self, root: &Path) {
        self.by_root.write().unwrap_or_else(PoisonError::into_inner).remove(root);
    }

    /// The models of each workspace.
    fn models(&self) -> Vec<Models> {
        self.by_root().values().map(|scope| scope.env.models.clone()).collect()
    }

    /// Whether a file of settings, or one of the prompts, was changed since they were read. Reads none of them.
    pub(super) fn changed(&self) -> bool {
        let read: Vec<_> = self.by_root().values().map(|scope| (scope.sources.clone(), scope.stamps.clone())).collect();
        read.iter().any(|(sources, stamps)| prompt::stamps(sources) != *stamps)
    }
}

fn scope(
    root: Option<&Path>,
    editor: &EditorSettings,
    config: Option<&Path>,
    models: &Models,
    others: &[Models],
) -> (Scope, Vec<String>) {
    let mut sources = Sources::from_environment();
    if let Some(config) = config {
        sources.explicit = Some(config.to_owned());
    }
    if let Some(root) = root {
        let trusted = Trusted::of_user().is_ok_and(|trusted| trusted.contains(root));
        let trust = if trusted { Trust::Trusted } else { Trust::Untrusted };
        sources.workspace = Some((root.join("whittle.toml"), trust));
    }
    sources.editor = root.and_then(|root| editor.folders.get(root)).or(editor.all.as_ref()).cloned();
    let stamps = prompt::stamps(&sources);
    let (loaded, operations) = prompt::load(sources.clone());
    let problems = loaded.problems.iter().map(ToString::to_string).collect();
    let models = models.renewed_among(others, &loaded.settings, &|name| std::env::var(name).ok());
    let env = Env { settings: loaded.settings.into(), models, operations: operations.into() };
    (Scope { env, sources, stamps }, problems)
}
