//! Where the editors are: in the folder that `install.sh` fills, else in the `PATH`.

use std::path::{Path, PathBuf};

/// An editor that can't be tested here.
pub(crate) struct Missing {
    pub(crate) editor: &'static str,
    pub(crate) why: String,
}

/// The folder that `install.sh` fills.
pub(crate) fn prefix() -> PathBuf {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/editors");
    std::env::var_os("WHITTLE_TEST_EDITORS").map_or_else(default, PathBuf::from)
}

/// The program of an editor.
pub(crate) fn program(editor: &'static str, name: &str) -> Result<PathBuf, Missing> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(prefix().join("bin")).chain(std::env::split_paths(&path));
    let found = folders.map(|folder| folder.join(name)).find(|program| program.is_file());
    found.ok_or_else(|| Missing { editor, why: format!("`{name}` is neither in PATH nor in {}", prefix().display()) })
}
