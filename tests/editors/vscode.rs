//! The real VS Code, in a browser: `vscode/run.mjs` drives it and prints a line for each case. All of them are one trial,
//! since they share the editor, which takes longer to start than any of them takes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libtest_mimic::Trial;

use crate::find::{Missing, prefix, program};
use crate::picture;

pub(crate) fn trials() -> Result<Vec<Trial>, Missing> {
    program("VS Code", "code-server")?;
    let node = node();
    let extension = here().join("../../editors/vscode/node_modules");
    for needed in [&node, &extension, Path::new("/usr/bin/chromium")] {
        if !needed.exists() {
            let why = format!("{} is missing: run tests/editors/install.sh vscode", needed.display());
            return Err(Missing { editor: "VS Code", why });
        }
    }
    Ok(vec![Trial::test("vscode::does_what_a_user_does", move || drive(&node).map_err(Into::into))])
}

/// `CASE` in the environment names one case, or some with commas between.
fn drive(node: &Path) -> Result<(), String> {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("editors");
    let run = Command::new(node)
        .arg(here().join("vscode/run.mjs"))
        .env("WHITTLE_BIN", env!("CARGO_BIN_EXE_whittle"))
        .env("EDITORS", prefix())
        .env("OUT", &out)
        .env("PICTURES", picture::folder())
        .output();
    let Output { status, stdout, stderr } = run.map_err(|error| format!("{} can't be run: {error}", node.display()))?;
    let said = String::from_utf8_lossy(&stdout);
    let done = said.lines().filter(|line| line.starts_with("ok ")).count();
    match status.success() && done > 0 {
        true => {
            print!("{said}");
            Ok(())
        }
        false => Err(format!("{said}{}\nPictures are in {}", String::from_utf8_lossy(&stderr), out.display())),
    }
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/editors")
}

/// The Node that code-server brings.
fn node() -> PathBuf {
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    prefix().join(format!("vscode/node_modules/node-linux-{architecture}/bin/node"))
}
