//! What an operation needs, put together as the server does it: settings, workspace, document, focus.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use serde::Serialize;
use tokio::runtime::Runtime;
use url::Url;

use super::output::{is_watched, note, progress, warn};
use super::spent::{Spent, SpentJson};
use super::{Options, startup};
use crate::chunks::ChunkKind;
use crate::config::{Choice, Kept, Loaded, OFFLINE, OLLAMA, Origin, Settings, Severity, Sources, Trust};
use crate::context::Subject;
use crate::documents::{Documents, Snapshot};
use crate::models::{self, Answer, Estimate, Found, Models};
use crate::offline::Offline;
use crate::operations::{self, Env, Outcome, Progress, Task, Workspace};
use crate::policy::{Policy, Trusted};
use crate::prompt::{self, BuiltIn, Operation, Operations, Wish};
use crate::text::Target;

/// Longest time that a command waits for the index; beyond it the context says that it is partial.
const INDEX_TIME: Duration = Duration::from_secs(20);

/// Longest time that a command waits for verify commands; each has a shorter limit of its own.
const VERIFY_TIME: Duration = Duration::from_secs(24 * 60 * 60);

/// A workspace with its settings and models.
pub(super) struct Session {
    pub(super) env: Env,
    pub(super) workspace: Workspace,
    documents: Arc<Documents>,
}

/// A session with the focus that TARGET names.
pub(super) struct Focused {
    pub(super) session: Session,
    pub(super) subject: Subject,
    pub(super) snapshot: Snapshot,
    spent: Arc<Spent>,
}

/// The focus in a JSON document.
#[derive(Serialize)]
pub(super) struct FocusJson {
    /// The file, relative to the workspace.
    path: String,
    /// The chunk's name, or the file's.
    name: String,
    /// What the chunk is, as `function`.
    kind: &'static str,
    /// First line, from one.
    start_line: usize,
    /// Last line, from one.
    end_line: usize,
}

impl From<&Subject> for FocusJson {
    fn from(subject: &Subject) -> Self {
        let (start_line, end_line) = subject.lines();
        let kind = subject.chunk().kind.word();
        Self { path: subject.path.clone(), name: subject.label(), kind, start_line, end_line }
    }
}

/// Whether the workspace's own settings count.
pub(super) fn trust(root: &Path) -> Trust {
    let trusted = Trusted::of_user().is_ok_and(|trusted| trusted.contains(root));
    if trusted { Trust::Trusted } else { Trust::Untrusted }
}

/// Reads the settings that count in a workspace, and the operations.
pub(super) fn settings(options: &Options, root: &Path) -> Result<(Loaded, Operations)> {
    let mut sources = Sources::from_environment();
    sources.workspace = Some((root.join("whittle.toml"), trust(root)));
    sources.explicit = options.config.clone().or(sources.explicit);
    sources.model.clone_from(&options.model);
    let variable = startup::variable("WHITTLE_MODEL");
    if options.model.as_ref().or(variable.as_ref()).is_some_and(|name| name == OLLAMA) {
        let (loaded, operations) = prompt::load(sources.clone());
        if loaded.settings.models.contains_key(OLLAMA) {
            return Ok((loaded, operations)); // configured, or agreed to
        }
        sources.found = Some(find_ollama()?.model);
    }
    Ok(prompt::load(sources))
}

/// The model that Ollama has for code.
pub(super) fn find_ollama() -> Result<Found> {
    let host = startup::variable("OLLAMA_HOST");
    runtime()?.block_on(models::find_ollama(host.as_deref())).ok_or_else(|| {
        anyhow!(
            "Ollama does not answer with a model for code: start it, install one as in `ollama pull qwen3-coder`, and set \
             OLLAMA_HOST if it is not at 127.0.0.1:11434"
        )
    })
}

/// Says which model could be used, to those who chose none.
fn hint(settings: &Settings) {
    let kept = Kept::of_user();
    if settings.choice != Choice::Nobody || !is_watched() || !kept.may_ask() {
        return;
    }
    if let Some(Found { model, how }) = models::find_key(&startup::variable, &kept) {
        let (name, model) = (&model.provider, model.model_name().unwrap_or_default());
        note(&format!("{how}: `--model {name}` asks {model}, `whittle models use {name}` makes it the default"));
    }
}

/// The workspace that the current folder lies in.
pub(super) fn root_here() -> Result<PathBuf> {
    let here = std::env::current_dir().context("the current folder can't be read")?;
    Ok(Workspace::root_of(&here.join("file")))
}

impl Session {
    /// Opens the workspace at `root`. Tells what is wrong in the settings; what the command line itself asks for has to
    /// be right.
    pub(super) fn open(options: &Options, root: &Path) -> Result<Self> {
        let (mut loaded, operations) = settings(options, root)?;
        // nobody types meanwhile: what can be proved is waited for
        loaded.settings.edits.verify_wait = VERIFY_TIME;
        for problem in &loaded.problems {
            match (&problem.origin, problem.severity) {
                (_, Severity::Notice) => note(&problem.to_string()),
                (Origin::Option(_), _) => bail!("{problem}"),
                // else another model would be sent what was meant for this one
                (Origin::Variable(name), _) if name == "WHITTLE_MODEL" && options.model.is_none() => bail!("{problem}"),
                (Origin::File(file, _), _) if options.config.as_ref() == Some(file) => bail!("{problem}"),
                _ => warn(&problem.to_string()),
            }
        }
        let (policy, problems) = Policy::new(root, &loaded.settings.policy);
        problems.iter().for_each(|problem| warn(problem));
        let documents = Arc::new(Documents::default());
        let models = Models::of_user(&loaded.settings, &startup::variable, Arc::new(Offline));
        let models = if options.no_cache { models.fresh() } else { models };
        let workspace = Workspace::new(policy, documents.clone()).with_settings(loaded.settings.index);
        let env = Env { settings: Arc::new(loaded.settings), models, operations: Arc::new(operations) };
        Ok(Self { env, workspace, documents })
    }

    /// Opens the file of a target, in its workspace.
    pub(super) fn focus(options: &Options, target: &str) -> Result<Focused> {
        let target = Target::parse(target, &|file| file.exists())?;
        let text = read(&target.file)?;
        let file = absolute(&target.file)?;
        let session = Self::open(options, &Workspace::root_of(&file))?;
        let policy = session.workspace.policy();
        // links resolved, so that every way to name the file leads to the same document
        let path = policy.relative(&file).map_or(file, |relative| policy.root().join(relative));
        let uri = Url::from_file_path(&path).map(String::from).unwrap_or_default();
        session.documents.open(path.clone(), &uri, "", 0, &text);
        let snapshot = session.documents.snapshot(&path, None).ok_or_else(|| anyhow!("the file was closed again"))?;
        if let Some(told) = operations::too_large(&session.workspace.name_of(&path), &snapshot.text) {
            note(&told);
        }
        let subject = match target.span(&snapshot.text)? {
            Some(span) => session.workspace.subject(&snapshot, span),
            None => session.workspace.file_subject(&snapshot),
        };
        Ok(Focused { session, subject, snapshot, spent: Arc::default() })
    }

    /// Reads the workspace, for operations that look beyond the file.
    pub(super) fn build_index(&self) {
        let deadline = Instant::now() + INDEX_TIME;
        self.workspace.build_index(&|| Instant::now() > deadline);
    }
}

impl Focused {
    /// Whether TARGET names no smaller piece than the file.
    pub(super) fn is_whole_file(&self) -> bool {
        self.subject.chunk().kind == ChunkKind::File
    }

    /// A built-in operation, or what the user put in its place.
    pub(super) fn operation(&self, built_in: BuiltIn) -> Arc<Operation> {
        self.session.env.operations.of(built_in).clone()
    }

    /// Name of the model that an operation would ask; an error when it can't be asked.
    pub(super) fn model(&self, operation: &Operation) -> Result<String> {
        let name = self.session.env.next_model(operation, &self.snapshot.path);
        Ok(self.session.env.models.get(&name)?.name().to_owned())
    }

    /// Whether an operation is answered by the offline engine, by whatever name the user gave it.
    pub(super) fn is_offline(&self, operation: &Operation) -> Result<bool> {
        Ok(self.model(operation)? == OFFLINE)
    }

    /// An operation on the focus, by the models of its route, which begins with what `--model` names.
    pub(super) fn task(&self, operation: Arc<Operation>, wish: Wish) -> Task {
        Task {
            operation,
            subject: self.subject.clone(),
            path: self.snapshot.path.clone(),
            wish,
            model: None,
            earlier: Vec::new(),
        }
    }

    /// Runs an operation on the focus to its end.
    pub(super) fn run(&self, operation: &Arc<Operation>, wish: Wish) -> Result<Outcome> {
        hint(&self.session.env.settings);
        let progress = Progressing { watch: is_watched(), spent: self.spent.clone() };
        let task = self.task(operation.clone(), wish);
        let run = operations::run(task, &self.session.workspace, &self.session.env, &progress);
        let outcome = runtime()?.block_on(run);
        progress.clear();
        Ok(outcome?)
    }

    /// What was asked so far.
    pub(super) fn spent(&self) -> SpentJson {
        self.spent.sum()
    }
}

/// What the network needs.
pub(super) fn runtime() -> Result<Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// Shows progress on a terminal, and sums up what is spent.
pub(super) struct Progressing {
    watch: bool,
    spent: Arc<Spent>,
}

impl Progressing {
    pub(super) fn new() -> Self {
        Self { watch: is_watched(), spent: Arc::default() }
    }

    pub(super) fn clear(&self) {
        if self.watch {
            progress("");
        }
    }
}

impl Progress for Progressing {
    fn report(&self, message: &str) {
        if self.watch {
            progress(message);
        }
    }

    fn spent(&self, answer: &Answer, estimate: &Estimate) {
        self.spent.add(answer, estimate);
    }
}

/// The text of a file that the user named.
pub(super) fn read(file: &Path) -> Result<String> {
    let shown = file.display();
    if file.is_dir() {
        bail!("{shown} is a folder: name a file in it");
    }
    let bytes = std::fs::read(file).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => anyhow!("there is no file {shown}: check the name and the folder"),
        _ => anyhow!("{shown} can't be read: {error}"),
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        anyhow!("{shown} is not UTF-8 text (byte {at}): convert it to UTF-8 first")
    })
}

/// The file's absolute path, its folder's links resolved but not the file's own: a link lies in the workspace that it
/// stands in, not in the one that it points to.
pub(super) fn absolute(file: &Path) -> Result<PathBuf> {
    let file = std::path::absolute(file)?;
    let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else { bail!("{} is no file", file.display()) };
    let folder = folder.canonicalize().with_context(|| format!("{} can't be read", folder.display()))?;
    Ok(folder.join(name))
}
