//! VS Code and its like: an extension, built from editors/vscode. In: the folders of extensions. Out: the commands that
//! install it.

use super::{SetupJson, StepJson};
use crate::cli::editors::{Editor, EditorJson};

/// Folders of extensions in the user's home.
const FOLDERS: [&str; 4] =
    [".vscode/extensions", ".vscode-oss/extensions", ".vscode-insiders/extensions", ".cursor/extensions"];

/// The extension, as VS Code calls it.
const EXTENSION: &str = "whittle.whittle";

pub(super) fn run(found: Option<EditorJson>) -> SetupJson {
    let program = found.as_ref().map_or("code", |found| found.program);
    let text = format!("npm ci\nnpm run package\n{program} --install-extension whittle.vsix\n");
    let mut setup = SetupJson::new(Editor::VsCode, found, is_set_up());
    if !setup.done {
        let what = "In the folder editors/vscode of Whittle's sources".to_owned();
        setup.steps.push(StepJson { file: None, line: None, what, text });
        setup.next.push(
            "Or in VS Code: Extensions, “…”, “Install from VSIX…”. It finds `whittle` in PATH; its setting \
             whittle.server.path names another."
                .to_owned(),
        );
    }
    setup.next.push("Then Ctrl+. on some code lists the actions.".to_owned());
    setup
}

/// Whether the extension is installed.
pub(super) fn is_set_up() -> bool {
    let Some(home) = std::env::home_dir() else { return false };
    let installed = |folder: &str| {
        let entries = home.join(folder).read_dir().into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().to_lowercase().starts_with(EXTENSION))
    };
    FOLDERS.iter().any(|folder| installed(folder))
}
