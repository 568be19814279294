//! The real VS Code, in a browser.

use libtest_mimic::Trial;

use crate::find::{Missing, program};

pub(crate) fn trials() -> Result<Vec<Trial>, Missing> {
    program("VS Code", "code-server")?;
    Ok(Vec::new())
}
