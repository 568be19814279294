//! `whittle doctor`: says what is configured and what is missing. Fails only where an operation could not be asked for.
//! Never prints the value of a key.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde::Serialize;

use super::models::{self, ModelJson};
use super::output::{BOLD, DIM, GREEN, RED, print, print_json, styled};
use super::session::{root_here, settings, trust};
use super::{Options, startup};
use crate::config::{OFFLINE, Origin, Severity, Trust};
use crate::models::Models;
use crate::offline::Offline;
use crate::operations::Env;
use crate::prompt::Operation;
use crate::syntax;

/// Variables that usually hold keys.
const KEYS: &[&str] = &["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY"];

/// Programs of editors; whether they tell their version fast enough to be asked.
const EDITORS: &[(&str, bool)] = &[("hx", true), ("nvim", true), ("code", false)];

/// Longest time that an editor may take to tell its version.
const EDITOR_TIME: Duration = Duration::from_secs(1);

/// The JSON document.
#[derive(Serialize)]
struct DoctorJson {
    /// Whittle's version.
    version: &'static str,
    /// The workspace that the current folder lies in.
    workspace: String,
    /// Its own settings count.
    trusted: bool,
    /// Configuration files that were read.
    files: Vec<String>,
    /// What is wrong in the settings.
    problems: Vec<ProblemJson>,
    /// The models.
    models: Vec<ModelJson>,
    /// What each operation asks, and why.
    operations: Vec<OperationJson>,
    /// Variables for keys.
    keys: Vec<KeyJson>,
    /// The folder of `WHITTLE_QUERIES`.
    queries: Option<String>,
    /// Languages with a grammar.
    languages: Vec<&'static str>,
    /// Editors in PATH.
    editors: Vec<EditorJson>,
    /// Nothing stops an operation.
    ok: bool,
}

#[derive(Serialize)]
struct ProblemJson {
    /// `error`: what stands there does not count; `notice`: it is right but has no effect now.
    severity: &'static str,
    /// Where and what.
    message: String,
}

#[derive(Serialize)]
struct OperationJson {
    operation: String,
    model: String,
    why: String,
    /// What stops it.
    problem: Option<String>,
}

#[derive(Serialize)]
struct KeyJson {
    variable: String,
    set: bool,
}

#[derive(Serialize)]
struct EditorJson {
    program: &'static str,
    path: String,
    /// Its own words; `null` where it would take long to ask.
    version: Option<String>,
}

pub(super) fn run(options: &Options) -> Result<()> {
    let found = examine(options)?;
    if options.json {
        print_json(&found)?;
    } else {
        print(&found.page())?;
    }
    if !found.ok {
        bail!("some operations can't be used: see the lines in question above");
    }
    Ok(())
}

fn examine(options: &Options) -> Result<DoctorJson> {
    let root = root_here()?;
    let (loaded, operations) = settings(options, &root);
    let keys: BTreeSet<String> = loaded.settings.models.values().filter_map(|model| model.key_env.clone()).collect();
    let keys = KEYS.iter().map(ToString::to_string).filter(|name| !keys.contains(name)).chain(keys.clone());
    let keys = keys.map(|variable| KeyJson { set: startup::variable(&variable).is_some(), variable }).collect();
    // the command line refuses to work with these
    let refused = |origin: &Origin| match origin {
        Origin::Option(_) => true,
        Origin::Variable(name) => name == "WHITTLE_MODEL" && options.model.is_none(),
        Origin::File(file, _) => options.config.as_ref() == Some(file),
        Origin::Editor => false,
    };
    let stopped = loaded.problems.iter().any(|problem| problem.severity == Severity::Error && refused(&problem.origin));
    let problems = loaded.problems.iter().map(|problem| ProblemJson {
        severity: if problem.severity == Severity::Error { "error" } else { "notice" },
        message: problem.to_string(),
    });
    let problems = problems.collect();
    let models = Models::new(&loaded.settings, &startup::variable, Arc::new(Offline));
    let env = Env { settings: Arc::new(loaded.settings), models, operations: Arc::new(operations) };
    let operations: Vec<OperationJson> =
        env.operations.iter().map(|operation| examine_operation(operation, &env, options)).collect();
    Ok(DoctorJson {
        version: env!("CARGO_PKG_VERSION"),
        workspace: root.display().to_string(),
        trusted: trust(&root) == Trust::Trusted,
        files: loaded.files.iter().map(|file| file.display().to_string()).collect(),
        problems,
        models: models::list(&env),
        ok: !stopped && operations.iter().all(|operation| operation.problem.is_none()),
        operations,
        keys,
        queries: startup::variable("WHITTLE_QUERIES"),
        languages: syntax::languages().iter().map(|language| language.name).collect(),
        editors: EDITORS.iter().filter_map(|(program, quick)| editor(program, *quick)).collect(),
    })
}

fn examine_operation(operation: &Operation, env: &Env, options: &Options) -> OperationJson {
    let model = env.model_name(operation);
    let routes = &env.settings.routes;
    let why = if options.model.is_some() {
        "--model names it".to_owned()
    } else if routes.contains_key(operation.route_name()) {
        format!("first of `routes.{}`", operation.route_name())
    } else if operation.route.as_ref() == Some(&model) {
        "its file names it".to_owned()
    } else if startup::variable("WHITTLE_MODEL").is_some_and(|name| name == model) {
        "WHITTLE_MODEL names it".to_owned()
    } else if env.settings.models.is_empty() && model == OFFLINE {
        "no model is configured".to_owned()
    } else {
        "first of the default route".to_owned()
    };
    let why = if model == OFFLINE && operation.needs_model() { format!("{why}; it needs one") } else { why };
    let problem = env.models.get(&model).err().map(|error| error.to_string());
    OperationJson { operation: operation.name.clone(), model, why, problem }
}

/// An editor of this name in PATH.
fn editor(program: &'static str, quick: bool) -> Option<EditorJson> {
    let path = find(program)?;
    let version = if quick { first_line(&path) } else { None };
    Some(EditorJson { program, path: path.display().to_string(), version })
}

fn find(program: &str) -> Option<PathBuf> {
    let endings: &[&str] = if cfg!(windows) { &[".exe", ".cmd"] } else { &[""] };
    // a folder that is not absolute could hold anybody's programs
    let folders =
        std::env::split_paths(&std::env::var_os("PATH")?).filter(|folder| folder.is_absolute()).collect::<Vec<_>>();
    let named = |folder: &Path| {
        endings.iter().map(|ending| folder.join(format!("{program}{ending}"))).find(|file| file.is_file())
    };
    folders.iter().find_map(|folder| named(folder))
}

/// The first line that `--version` prints, if it comes in time.
fn first_line(program: &Path) -> Option<String> {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let deadline = Instant::now() + EDITOR_TIME;
    while child.try_wait().ok()?.is_none() {
        if Instant::now() > deadline {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().next().map(str::to_owned)
}

impl DoctorJson {
    fn page(&self) -> String {
        let mut out = String::new();
        let head = |out: &mut String, title: &str| {
            let _ = writeln!(out, "\n{}", styled(title, BOLD));
        };
        let _ = writeln!(out, "whittle {}", self.version);

        head(&mut out, "Workspace");
        let trusted = if self.trusted {
            "trusted: its whittle.toml counts"
        } else {
            "not trusted: its whittle.toml does not count"
        };
        let _ = writeln!(out, "  {}\n  {trusted}", self.workspace);

        head(&mut out, "Configuration");
        if self.files.is_empty() {
            let _ = writeln!(out, "  no file; the defaults count");
        }
        self.files.iter().for_each(|file| {
            let _ = writeln!(out, "  {file}");
        });
        for problem in &self.problems {
            let _ = writeln!(out, "  {}: {}", styled(problem.severity, RED), problem.message);
        }
        if let Some(queries) = &self.queries {
            let _ = writeln!(out, "  queries of WHITTLE_QUERIES: {queries}");
        }

        head(&mut out, "Models");
        self.models.iter().for_each(|model| {
            let mut lines = String::new();
            model.print(&mut lines);
            lines.lines().for_each(|line| {
                let _ = writeln!(out, "  {line}");
            });
        });

        head(&mut out, "Operations");
        for operation in &self.operations {
            let _ = write!(out, "  {:<9} {} ({})", operation.operation, operation.model, operation.why);
            let _ = match &operation.problem {
                None => writeln!(out),
                Some(problem) => writeln!(out, "\n            {}", styled(problem, RED)),
            };
        }

        head(&mut out, "Keys");
        for key in &self.keys {
            let set = if key.set { styled("set", GREEN) } else { styled("not set", DIM) };
            let _ = writeln!(out, "  {:<20} {set}", key.variable);
        }

        head(&mut out, "Languages");
        let _ = writeln!(out, "  {}", self.languages.join(", "));

        head(&mut out, "Editors");
        if self.editors.is_empty() {
            let _ = writeln!(out, "  none of Helix (hx), Neovim (nvim) and VS Code (code) is in PATH");
        }
        for editor in &self.editors {
            let version = editor.version.as_deref().map(|version| format!("  {version}")).unwrap_or_default();
            let _ = writeln!(out, "  {:<5} {}{}", editor.program, editor.path, styled(&version, DIM));
        }
        out
    }
}
