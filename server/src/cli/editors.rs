//! The editors of this machine: which are in PATH or where they usually lie, and what of Whittle each of them has.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::Serialize;

/// An editor that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Editor {
    Helix,
    Neovim,
    VsCode,
}

/// What is known of an editor.
struct Row {
    editor: Editor,
    /// As `whittle setup` takes it.
    name: &'static str,
    title: &'static str,
    /// Its names as a program, the most usual first.
    programs: &'static [&'static str],
    /// Folders outside of PATH that hold it at times; `~` is the user's home.
    folders: &'static [&'static str],
    /// It tells its version fast enough to be asked.
    quick: bool,
    features: &'static str,
}

/// The editors that are known.
const ROWS: [Row; 3] = [
    Row {
        editor: Editor::Helix,
        name: "helix",
        title: "Helix",
        programs: &["hx", "helix"],
        folders: &["~/.cargo/bin", "/usr/lib/helix"],
        quick: true,
        features: "actions, edits, progress; explanations by hovering (space k); a found model is told, not asked about",
    },
    Row {
        editor: Editor::Neovim,
        name: "neovim",
        title: "Neovim",
        programs: &["nvim"],
        folders: &["~/.local/share/bob/nvim-bin", "/opt/nvim/bin", "/opt/nvim-linux-x86_64/bin"],
        quick: true,
        features: "actions, edits, explanations in a window and by hovering (K); asks about a found model",
    },
    Row {
        editor: Editor::VsCode,
        name: "vscode",
        title: "VS Code",
        programs: &["code", "codium", "code-insiders", "cursor"],
        folders: &[
            "/usr/share/code/bin",
            "/Applications/Visual Studio Code.app/Contents/Resources/app/bin",
            "~/AppData/Local/Programs/Microsoft VS Code/bin",
        ],
        quick: false,
        features: "actions, edits, progress, explanations in a document and by hovering; asks about a found model",
    },
];

/// Folders outside of PATH where any editor may lie.
const FOLDERS: [&str; 6] =
    ["~/.local/bin", "/usr/local/bin", "/opt/homebrew/bin", "/snap/bin", "~/.nix-profile/bin", "/usr/bin"];

/// Longest time that an editor may take to tell its version.
const EDITOR_TIME: Duration = Duration::from_secs(1);

/// An editor that is there.
#[derive(Clone, Debug, Serialize)]
pub(super) struct EditorJson {
    /// As `whittle setup` takes it.
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) program: &'static str,
    pub(super) path: String,
    /// Its own words; `null` where it would take long to ask.
    pub(super) version: Option<String>,
    /// What of Whittle it has.
    pub(super) features: &'static str,
}

/// Those that are there.
pub(super) fn editors() -> Vec<EditorJson> {
    ROWS.iter().filter_map(there).collect()
}

/// Their names, as `whittle setup` takes them.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|row| row.name)
}

impl Editor {
    /// Those that are known.
    pub(super) const ALL: [Self; 3] = [Self::Helix, Self::Neovim, Self::VsCode];

    /// By its name, its title or the name of its program, in any case.
    pub(super) fn named(name: &str) -> Option<Self> {
        let is = |known: &str| known.replace(' ', "").eq_ignore_ascii_case(&name.replace([' ', '-'], ""));
        let row = ROWS.iter().find(|row| is(row.name) || is(row.title) || row.programs.iter().any(|known| is(known)));
        row.map(|row| row.editor)
    }

    /// As `whittle setup` takes it.
    pub(super) fn name(self) -> &'static str {
        self.row().name
    }

    pub(super) fn title(self) -> &'static str {
        self.row().title
    }

    /// Where it is, if it is there.
    pub(super) fn find(self) -> Option<EditorJson> {
        there(self.row())
    }

    fn row(self) -> &'static Row {
        &ROWS[self as usize] // in the order of the variants, as a test shows
    }
}

fn there(row: &Row) -> Option<EditorJson> {
    let (program, path) = row.programs.iter().find_map(|program| Some((*program, find(program, row.folders)?)))?;
    let version = if row.quick { first_line(&path) } else { None };
    Some(EditorJson {
        name: row.name,
        title: row.title,
        program,
        path: path.display().to_string(),
        version,
        features: row.features,
    })
}

/// A program of PATH, else of the folders.
pub(super) fn find(program: &str, folders: &[&str]) -> Option<PathBuf> {
    let endings: &[&str] = if cfg!(windows) { &[".exe", ".cmd"] } else { &[""] };
    let home = std::env::home_dir();
    let outside = folders.iter().chain(if folders.is_empty() { [].iter() } else { FOLDERS.iter() });
    let outside = outside.filter_map(|folder| match (folder.strip_prefix("~/"), &home) {
        (Some(rest), Some(home)) => Some(home.join(rest)),
        (Some(_), None) => None,
        (None, _) => Some(PathBuf::from(folder)),
    });
    let path = std::env::var_os("PATH").unwrap_or_default();
    // a folder that is not absolute could hold anybody's programs
    let mut folders = std::env::split_paths(&path).chain(outside).filter(|folder| folder.is_absolute());
    folders.find_map(|folder| {
        endings.iter().map(|ending| folder.join(format!("{program}{ending}"))).find(|file| file.is_file())
    })
}

/// The first line that `--version` prints, if it comes in time.
fn first_line(program: &Path) -> Option<String> {
    let text = output(Command::new(program).arg("--version"), EDITOR_TIME)?;
    text.lines().next().map(str::to_owned)
}

/// What a program prints, if it ends well in time. What it prints must fit into a pipe.
pub(super) fn output(command: &mut Command, within: Duration) -> Option<String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let deadline = Instant::now() + within;
    while child.try_wait().ok()?.is_none() {
        if Instant::now() > deadline {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editors_are_known_by_their_names() {
        for editor in Editor::ALL {
            assert_eq!(editor.row().editor, editor);
        }
        let check = |name: &str, wanted: Option<Editor>| assert_eq!(Editor::named(name), wanted, "{name}");
        check("helix", Some(Editor::Helix));
        check("hx", Some(Editor::Helix));
        check("nvim", Some(Editor::Neovim));
        check("VS Code", Some(Editor::VsCode));
        check("vs-code", Some(Editor::VsCode));
        check("emacs", None);
    }
}
