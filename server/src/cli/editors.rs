//! The editors of this machine: which are in PATH, and what of Whittle each of them has.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::Serialize;

/// An editor that is known.
struct Editor {
    program: &'static str,
    /// It tells its version fast enough to be asked.
    quick: bool,
    features: &'static str,
}

/// The editors that are known.
const EDITORS: [Editor; 3] = [
    Editor {
        program: "hx",
        quick: true,
        features: "actions, edits, progress; explanations by hovering (space k); a found model is told, not asked about",
    },
    Editor {
        program: "nvim",
        quick: true,
        features: "actions, edits, explanations in a window and by hovering (K); asks about a found model",
    },
    Editor {
        program: "code",
        quick: false,
        features: "actions, edits, progress, explanations in a document and by hovering; asks about a found model",
    },
];

/// Longest time that an editor may take to tell its version.
const EDITOR_TIME: Duration = Duration::from_secs(1);

/// An editor in PATH.
#[derive(Serialize)]
pub(super) struct EditorJson {
    pub(super) program: &'static str,
    pub(super) path: String,
    /// Its own words; `null` where it would take long to ask.
    pub(super) version: Option<String>,
    /// What of Whittle it has.
    pub(super) features: &'static str,
}

/// Those that are there.
pub(super) fn editors() -> Vec<EditorJson> {
    EDITORS.iter().filter_map(editor).collect()
}

fn editor(editor: &Editor) -> Option<EditorJson> {
    let Editor { program, quick, features } = *editor;
    let path = find(program)?;
    let version = if quick { first_line(&path) } else { None };
    Some(EditorJson { program, path: path.display().to_string(), version, features })
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
