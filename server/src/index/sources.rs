//! Which files are worth indexing. In: a path, then its text. Out: no for what nobody wrote by hand: lock files, minified
//! code, large data. Any of them can still be a focus. Never reads a file.

use std::path::Path;

use crate::syntax::{self, Language};

/// A larger document, in bytes, is data.
const LARGEST_DOCUMENT: usize = 1 << 18;
/// A text of at least this many bytes whose lines are longer than this on the average was not written by hand.
const MINIFIED: (usize, usize) = (4096, 300);

/// The language of a file that its name says to be worth reading.
pub(super) fn language_of(path: &Path) -> Option<&'static Language> {
    let language = syntax::by_path(path)?;
    let stem = path.file_stem()?.to_str()?;
    let minified = stem.ends_with(".min") || stem.ends_with("-min");
    let lock =
        language.document && (stem.ends_with("-lock") || stem.ends_with(".lock") || matches!(stem, "npm-shrinkwrap"));
    (!minified && !lock).then_some(language)
}

/// Whether a file's text is worth parsing.
pub(super) fn is_written_by_hand(text: &str, language: &Language) -> bool {
    let start = text.as_bytes().get(..1 << 16).unwrap_or(text.as_bytes());
    let lines = 1 + start.iter().filter(|byte| **byte == b'\n').count();
    // a paragraph of prose may be one line
    let minified = language.name != "markdown" && start.len() >= MINIFIED.0 && start.len() / lines > MINIFIED.1;
    let large = language.document && text.len() > LARGEST_DOCUMENT;
    !(minified || large)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_files_minified_code_and_large_data_are_left_out() {
        let check = |path: &str, text: &str, wanted: bool| {
            let found = language_of(Path::new(path)).is_some_and(|language| is_written_by_hand(text, language));
            assert_eq!(found, wanted, "{path}");
        };
        let line = "x".repeat(5000);
        let many = "a: 1\n".repeat(60_000);
        check("package.json", "{}", true);
        check("package-lock.json", "{}", false);
        check("pnpm-lock.yaml", "a: 1\n", false);
        check("packages.lock.json", "{}", false);
        check("src/lock.rs", "", true);
        check("spin-lock.rs", "", true);
        check("app.min.js", "", false);
        check("bundle.js", &line, false);
        check("data.json", &line, false);
        check("README.md", &line, true);
        check("data.yaml", &many, false);
        check("long.py", &many, true);
        check("notes.txt", "", false);
    }
}
