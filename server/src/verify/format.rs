//! The project's formatter. In: a file's old and new text. Out: the new text with what changed in the form that the
//! formatter gives it, where the old text was in that form. Writes no file; in a workspace that is not trusted it runs only
//! formatters whose settings are mere data, from outside of the workspace.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Trust;
use super::env;
use super::run::{Run, find, run};

/// Longest run of a formatter: an edit waits for it.
const LIMIT: Duration = Duration::from_secs(5);

/// A formatter that reads from its standard input.
struct Formatter {
    program: PathBuf,
    args: Vec<OsString>,
    folder: PathBuf,
}

/// The new text as the project's formatter has it; `None` where there is no formatter, it fails, or the old text was not
/// formatted by it. `old` is empty for a new file.
pub async fn format(root: &Path, path: &str, old: &str, new: &str, trust: Trust) -> Option<String> {
    let formatter = find_formatter(root, path, trust)?;
    let formatted = |text: &str| {
        let work = Run {
            program: formatter.program.clone(),
            args: formatter.args.clone(),
            folder: formatter.folder.clone(),
            env: env::tools(),
            input: Some(text.to_owned()),
            write: vec![std::env::temp_dir()],
            limit: LIMIT,
        };
        async move { run(&work).await.ok().filter(|ended| ended.success && !ended.out.is_empty()) }
    };
    let before =
        async { if old.trim().is_empty() { true } else { formatted(old).await.is_some_and(|ended| ended.out == old) } };
    let (was_formatted, after) = tokio::join!(before, formatted(new));
    let after = after.filter(|_| was_formatted)?;
    tracing::debug!(path, program = %formatter.program.display(), "formatted");
    Some(after.out)
}

fn find_formatter(root: &Path, path: &str, trust: Trust) -> Option<Formatter> {
    let file = root.join(path);
    let own = file.parent().filter(|folder| folder.is_dir()).unwrap_or(root);
    // rustup runs the toolchain that a folder names: away from a workspace that nobody trusts
    let folder = if trust == Trust::Trusted { own.to_owned() } else { std::env::temp_dir() };
    let make = |program: PathBuf, args: Vec<OsString>| Some(Formatter { program, args, folder: folder.clone() });
    let name = |prefix: &str| -> OsString { format!("{prefix}{}", file.display()).into() };
    match file.extension()?.to_str()? {
        "rs" => {
            let mut args: Vec<OsString> = vec!["--emit".into(), "stdout".into(), "--edition".into()];
            args.push(edition(root, path).into());
            if let Some(config) = above(root, &file, &["rustfmt.toml", ".rustfmt.toml"]) {
                args.extend(["--config-path".into(), config.into()]);
            }
            make(find("rustfmt", None)?, args)
        }
        "go" => make(find("gofmt", None)?, Vec::new()),
        "c" | "h" | "cc" | "cpp" | "cxx" | "hpp" => {
            let config = above(root, &file, &[".clang-format", "_clang-format"])?;
            let style: OsString = format!("--style=file:{}", config.display()).into();
            make(find("clang-format", None)?, vec![style, name("--assume-filename=")])
        }
        "py" => {
            if let Some(ruff) = find("ruff", None) {
                return make(ruff, vec!["format".into(), "--stdin-filename".into(), name(""), "-".into()]);
            }
            make(find("black", None)?, vec!["-q".into(), "--stdin-filename".into(), name(""), "-".into()])
        }
        "zig" => make(find("zig", None)?, vec!["fmt".into(), "--stdin".into()]),
        "ts" | "tsx" | "mts" | "cts" | "js" | "jsx" | "mjs" | "cjs" | "css" | "scss" | "json" | "md" | "html"
        | "yaml" | "yml" | "vue" | "svelte"
            if trust == Trust::Trusted =>
        {
            let package = |name: &str| {
                let folders = file.ancestors().skip(1).take_while(|folder| folder.starts_with(root));
                folders.map(|folder| folder.join("node_modules/.bin")).find_map(|bin| {
                    let program = find(name, Some(&bin))?;
                    program.starts_with(&bin).then_some(program)
                })
            };
            if let Some(prettier) = package("prettier") {
                return make(prettier, vec!["--stdin-filepath".into(), name("")]);
            }
            make(package("biome")?, vec!["format".into(), name("--stdin-file-path=")])
        }
        _ => None,
    }
}

/// The nearest file of one of these names, from a file up to the workspace's folder.
fn above(root: &Path, file: &Path, names: &[&str]) -> Option<PathBuf> {
    let folders = file.ancestors().skip(1).take_while(|folder| folder.starts_with(root));
    folders.flat_map(|folder| names.iter().map(|name| folder.join(name))).find(|file| file.is_file())
}

/// The edition of the crate that a file belongs to; one that is inherited is looked for further up.
fn edition(root: &Path, path: &str) -> String {
    let file = root.join(path);
    let manifests = file.ancestors().skip(1).take_while(|folder| folder.starts_with(root));
    let stated = |text: String| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix("edition")?.trim().strip_prefix('='))?;
        let year: String = line.chars().filter(char::is_ascii_digit).take(4).collect();
        (year.len() == 4).then_some(year)
    };
    let found = manifests.filter_map(|folder| std::fs::read_to_string(folder.join("Cargo.toml")).ok()).find_map(stated);
    found.unwrap_or_else(|| "2015".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(old: &str, new: &str, formatted: Option<&str>) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Cargo.toml"), "[package]\nedition = \"2024\"\n").unwrap();
        std::fs::write(folder.path().join("rustfmt.toml"), "max_width = 40\n").unwrap();
        for trust in [Trust::Trusted, Trust::Untrusted] {
            let found = format(folder.path(), "src/a.rs", old, new, trust).await;
            assert_eq!(found.as_deref(), formatted, "{trust:?}");
        }
    }

    #[tokio::test]
    async fn what_was_formatted_stays_so() {
        if find("rustfmt", None).is_none() {
            return; // a toolchain without it
        }
        check("fn f() {}\n", "fn f() { g( 1 ) }\n", Some("fn f() {\n    g(1)\n}\n")).await;
        check(
            "",
            "async fn f() { gggggggggggg( 1111111111,222222222222 ) }\n",
            Some("async fn f() {\n    gggggggggggg(\n        1111111111,\n        222222222222,\n    )\n}\n"),
        )
        .await;
        check("fn  f() {}\n", "fn  f() { 1 }\n", None).await;
        check("fn f() {}\n", "fn f( {}\n", None).await;
    }
}
