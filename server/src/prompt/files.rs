//! The user's own prompts: Markdown files beside the settings. In: the sources of the settings. Out: the settings with the
//! operations, and what is wrong in either. A file that is wrong is left out, the rest counts. Runs nothing.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::operation::{Operation, Operations};
use crate::config::{self, Loaded, OFFLINE, Origin, Problem, Settings, Severity, Sources, Trust};
use crate::policy::Trusted;

/// Longer files are no instructions; in bytes.
const LONGEST: u64 = 256 * 1024;

/// Files with the time of their last change and their length; `None`: not there.
pub type Stamps = Vec<(PathBuf, Option<(SystemTime, u64)>)>;

/// Reads the settings and the operations that they come with: the built-in ones, those of the user's folder `prompts`, and
/// those of `.whittle/prompts` in a trusted workspace; a later one takes the place of one with the same name.
#[must_use]
pub fn load(mut sources: Sources) -> (Loaded, Operations) {
    let (mut operations, mut problems) = (Operations::default(), Vec::new());
    for (folder, trust) in folders(&sources) {
        let files = files(&folder);
        match trust {
            Trust::Trusted => files.iter().for_each(|file| match read(file) {
                Ok(operation) => operations.put(operation),
                Err(problem) => problems.push(problem),
            }),
            Trust::Untrusted if files.is_empty() => {}
            Trust::Untrusted => problems.push(Problem {
                origin: Origin::File(folder, None),
                severity: Severity::Notice,
                message: config::ignored("workspace"),
            }),
        }
    }
    sources.routes = operations.iter().map(|operation| operation.route_name().to_owned()).collect();
    let mut loaded = config::load(&sources);
    if sources.model.is_some() {
        operations.forget_routes(); // `--model` is asked for everything
    }
    operations.retain(|operation| match no_such_route(operation, &loaded.settings) {
        None => true,
        Some(problem) => {
            problems.push(problem);
            false
        }
    });
    loaded.problems.extend(problems);
    (loaded, operations)
}

/// When the files that settings and operations come from were last changed, for telling whether they have to be read again.
/// Reads none of them.
#[must_use]
pub fn stamps(sources: &Sources) -> Stamps {
    let prompts = folders(sources).into_iter().flat_map(|(folder, _)| files(&folder));
    let workspace = sources.workspace.as_ref().map(|(path, _)| path);
    let trusted = Trusted::of_user().ok().map(|trusted| trusted.file().to_owned());
    let settings = [sources.user.as_ref(), workspace, sources.explicit.as_ref(), trusted.as_ref()];
    let settings = settings.into_iter().flatten().cloned().collect::<Vec<_>>().into_iter();
    let stamp = |path: PathBuf| {
        let data = fs::metadata(&path).ok();
        let stamp = data.and_then(|data| Some((data.modified().ok()?, data.len())));
        (path, stamp)
    };
    settings.chain(prompts).map(stamp).collect()
}

/// The folders of prompts, those that win last.
fn folders(sources: &Sources) -> Vec<(PathBuf, Trust)> {
    let user = sources.user.as_ref().and_then(|file| Some((file.parent()?.join("prompts"), Trust::Trusted)));
    let workspace = sources.workspace.as_ref();
    let workspace = workspace.and_then(|(file, trust)| Some((file.parent()?.join(".whittle").join("prompts"), *trust)));
    user.into_iter().chain(workspace).collect()
}

/// The prompts in a folder, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = folder.read_dir() else { return Vec::new() };
    let is_prompt = |path: &PathBuf| {
        let stem = path.file_stem().and_then(OsStr::to_str).unwrap_or_default();
        path.extension() == Some(OsStr::new("md")) && !stem.starts_with('.') && !stem.eq_ignore_ascii_case("readme")
    };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_prompt).collect();
    files.sort();
    files
}

fn read(path: &Path) -> Result<Operation, Problem> {
    let problem = |line, message: String| Problem {
        origin: Origin::File(path.to_owned(), line),
        severity: Severity::Error,
        message: format!("{message}; this operation is left out"),
    };
    let name = path.file_stem().and_then(OsStr::to_str).unwrap_or_default();
    if !Operation::may_be_called(name) {
        let message = "an operation is named after its file: small letters, digits, `-` and `_`, but not `default`";
        return Err(problem(None, message.to_owned()));
    }
    let unreadable = |why: &dyn std::fmt::Display| problem(None, format!("cannot be read ({why})"));
    let data = fs::metadata(path).map_err(|error| unreadable(&error))?;
    if !data.is_file() || data.len() > LONGEST {
        return Err(unreadable(&"it is no file of at most 256 KB"));
    }
    let text = fs::read_to_string(path).map_err(|error| unreadable(&error))?;
    Operation::read(name, &text, Some(path.to_owned())).map_err(|fault| problem(Some(fault.line), fault.message))
}

/// What is wrong with the `route` of an operation. It is never another instead: who names a route may want no other model
/// to see the code.
fn no_such_route(operation: &Operation, settings: &Settings) -> Option<Problem> {
    let (route, file) = operation.route.as_ref().zip(operation.file.as_ref())?;
    let is_route = route == "default" || settings.routes.contains_key(route);
    let is_operation = super::BuiltIn::ALL.iter().any(|built_in| built_in.name() == route);
    if is_route || is_operation || route == OFFLINE || settings.models.contains_key(route) {
        return None;
    }
    let names = settings.routes.keys().chain(settings.models.keys()).map(String::as_str);
    let hint = match config::nearest(route, names) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("write one as `routes.{route}` in the settings"),
    };
    Some(Problem {
        origin: Origin::File(file.clone(), None),
        severity: Severity::Error,
        message: format!(
            "`route: {route}` is neither a route nor a configured model, {hint}; this operation is left out"
        ),
    })
}
