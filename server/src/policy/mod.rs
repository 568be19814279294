//! What may be read, sent and written. In: a workspace's root and settings. Out: yes, or no with the reason.

mod secrets;
mod trust;

pub use secrets::mask_secrets;
pub use trust::{TrustError, Trusted, state_folder};

use std::path::{Component, Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::config::PolicySettings;

/// Files that never enter a context, whatever a workspace says. Matched against the path relative to the workspace.
pub const DENIED_ALWAYS: &[&str] = &[
    "**/.env",
    "**/.env.*",
    "**/.env/**",
    "**/*.env",
    "**/.git/**",
    "**/.ssh/**",
    "**/.aws/**",
    "**/.gnupg/**",
    "**/.netrc",
    "**/.npmrc",
    "**/.pypirc",
    "**/.htpasswd",
    "**/*.pem",
    "**/*.key",
    "**/*.p12",
    "**/*.pfx",
    "**/*.jks",
    "**/*.keystore",
    "**/*.kdbx",
    "**/id_rsa*",
    "**/id_dsa*",
    "**/id_ecdsa*",
    "**/id_ed25519*",
    "**/credentials",
    "**/credentials.*",
    "**/secrets.*",
    "**/*.tfstate",
    "**/*.tfstate.*",
];

/// Files that tell programs what to run, so that no answer may write them: it would be run without anybody's leave.
pub const NEVER_WRITTEN: &[&str] = &[
    "**/whittle.toml",
    "**/.whittle/**",
    "**/.cargo/**",
    "**/.vscode/**",
    "**/.idea/**",
    "**/.github/workflows/**",
    "**/.gitlab-ci.yml",
    "**/.husky/**",
    "**/.githooks/**",
    "**/.pre-commit-config.yaml",
    "**/.envrc",
    "**/.nvim.lua",
    "**/.exrc",
    "**/.helix/**",
];

/// File names that hold ignore rules, besides git's own.
pub const IGNORE_FILES: &[&str] = &[".ignore", ".whittleignore"];

/// Why a file is held back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Outside the workspace once links are resolved.
    #[error("{0} lies outside of the workspace")]
    Outside(String),
    /// It matches a deny rule.
    #[error("{0} is held back by the deny rule `{1}`")]
    Rule(String, String),
    /// It tells programs what to run.
    #[error("{0} tells programs what to run (`{1}`), so no answer may change it")]
    Runs(String, String),
    /// An ignore file names it.
    #[error("{0} is held back because an ignore file names it")]
    Ignored(String),
}

/// The rules of one workspace.
#[derive(Clone, Debug)]
pub struct Policy {
    root: PathBuf,
    deny: GlobSet,
    never_written: GlobSet,
    rules: Vec<String>,
}

impl Policy {
    /// The rules for the workspace at `root`, with the messages for deny globs that can't be understood; such a glob
    /// is taken literally, so that nothing slips through.
    #[must_use]
    pub fn new(root: &Path, settings: &PolicySettings) -> (Self, Vec<String>) {
        let mut problems = Vec::new();
        let mut rules: Vec<String> = DENIED_ALWAYS.iter().map(ToString::to_string).collect();
        rules.extend(settings.deny.iter().cloned());
        let mut set = GlobSetBuilder::new();
        for rule in &rules {
            match GlobBuilder::new(rule).case_insensitive(true).literal_separator(true).build() {
                Ok(glob) => set.add(glob),
                Err(error) => {
                    problems.push(format!("policy.deny: `{rule}` is not a glob: {error}; it is taken literally"));
                    match GlobBuilder::new(&globset::escape(rule)).build() {
                        Ok(glob) => set.add(glob),
                        Err(_) => continue,
                    }
                }
            };
        }
        let deny = set.build().unwrap_or_else(|error| {
            problems.push(format!("policy.deny can't be used, every file is held back: {error}"));
            everything()
        });
        let mut runs = GlobSetBuilder::new();
        for rule in NEVER_WRITTEN {
            match GlobBuilder::new(rule).case_insensitive(true).literal_separator(true).build() {
                Ok(glob) => runs.add(glob),
                Err(_) => continue, // a test reads them all
            };
        }
        let never_written = runs.build().unwrap_or_else(|_| everything());
        (Self { root: resolve(root), deny, never_written, rules }, problems)
    }

    /// The workspace's root, links resolved.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `path` relative to the workspace, with `/`, once links are resolved. A file that does not exist yet counts by
    /// its nearest folder that does.
    ///
    /// # Errors
    /// [`Denied::Outside`].
    pub fn relative(&self, path: &Path) -> Result<String, Denied> {
        let outside = || Denied::Outside(path.display().to_string());
        let resolved = resolve(path);
        let relative = resolved.strip_prefix(&self.root).map_err(|_| outside())?;
        let mut names = Vec::new();
        for part in relative.components() {
            match part {
                Component::Normal(name) => names.push(name.to_string_lossy()),
                Component::CurDir => {}
                _ => return Err(outside()),
            }
        }
        Ok(names.join("/"))
    }

    /// Whether a file of the workspace may enter a context by its name alone; ignore files are the walk's matter.
    ///
    /// # Errors
    /// [`Denied::Rule`] names the rule.
    pub fn check_name(&self, relative: &str) -> Result<(), Denied> {
        match self.deny.matches(relative).first() {
            None => Ok(()),
            Some(rule) => {
                let rule = self.rules.get(*rule).cloned().unwrap_or_default();
                Err(Denied::Rule(relative.to_owned(), rule))
            }
        }
    }

    /// Whether a file may enter a context: contained, not denied, not ignored. Returns its relative path.
    ///
    /// # Errors
    /// [`Denied`] says why not.
    pub fn check(&self, path: &Path) -> Result<String, Denied> {
        let relative = self.relative(path)?;
        self.check_name(&relative)?;
        if self.ignored(&relative) {
            return Err(Denied::Ignored(relative));
        }
        Ok(relative)
    }

    /// Whether an answer may change or make a file: what may enter a context, but nothing that tells programs what to run.
    ///
    /// # Errors
    /// [`Denied`] says why not.
    pub fn check_written(&self, path: &Path) -> Result<String, Denied> {
        let relative = self.check(path)?;
        match self.never_written.matches(&relative).first().and_then(|rule| NEVER_WRITTEN.get(*rule)) {
            None => Ok(relative),
            Some(rule) => Err(Denied::Runs(relative, (*rule).to_owned())),
        }
    }

    /// Whether an ignore file between the root and the file names it.
    fn ignored(&self, relative: &str) -> bool {
        let path = self.root.join(relative);
        let mut folders: Vec<&Path> =
            path.ancestors().skip(1).take_while(|folder| folder.starts_with(&self.root)).collect();
        folders.reverse(); // from the root down: a rule further down wins
        let mut ignored = false;
        for folder in folders {
            for name in [".gitignore"].iter().chain(IGNORE_FILES) {
                let file = folder.join(name);
                if !file.is_file() {
                    continue;
                }
                let mut builder = GitignoreBuilder::new(folder);
                builder.add(&file);
                let rules = builder.build().unwrap_or_else(|_| Gitignore::empty());
                match rules.matched_path_or_any_parents(&path, false) {
                    ignore::Match::Ignore(_) => ignored = true,
                    ignore::Match::Whitelist(_) => ignored = false,
                    ignore::Match::None => {}
                }
            }
        }
        ignored
    }
}

fn everything() -> GlobSet {
    let mut set = GlobSetBuilder::new();
    if let Ok(glob) = globset::Glob::new("**") {
        set.add(glob);
    }
    set.build().unwrap_or_default()
}

/// The path without links and dots, as far as it exists; the rest as given.
fn resolve(path: &Path) -> PathBuf {
    for folder in path.ancestors() {
        if let Ok(real) = folder.canonicalize() {
            return match path.strip_prefix(folder) {
                Ok(rest) if rest.as_os_str().is_empty() => real,
                Ok(rest) => real.join(rest),
                Err(_) => real,
            };
        }
    }
    path.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn no_answer_writes_what_programs_run() {
        let folder = tempfile::tempdir().unwrap();
        let (policy, _) = Policy::new(folder.path(), &PolicySettings::default());
        let check = |name: &str| policy.check_written(&folder.path().join(name));
        for name in
            ["whittle.toml", "sub/Whittle.toml", ".whittle/prompts/a.md", ".cargo/config.toml", ".vscode/tasks.json"]
        {
            assert!(matches!(check(name), Err(Denied::Runs(..))), "{name}");
        }
        assert_eq!(check("src/whittle.rs"), Ok("src/whittle.rs".to_owned()));
        assert_eq!(policy.never_written.len(), NEVER_WRITTEN.len());
        assert!(matches!(check(".env"), Err(Denied::Rule(..))));
    }

    #[test]
    fn denied_ignored_and_outside_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("work");
        fs::create_dir_all(root.join("sub/target")).unwrap();
        fs::create_dir_all(root.join("secrets")).unwrap();
        fs::write(root.join(".gitignore"), "*.log\n").unwrap();
        fs::write(root.join("sub/.whittleignore"), "target/\n!keep.log\n").unwrap();
        fs::write(folder.path().join("outside.rs"), "").unwrap();
        let settings = PolicySettings { deny: vec!["secrets/**".to_owned(), "a[".to_owned()] };
        let (policy, problems) = Policy::new(&root, &settings);
        assert_eq!(problems.len(), 1, "{problems:?}");
        let check = |name: &str| policy.check(&root.join(name));
        assert_eq!(check("src/new.rs"), Ok("src/new.rs".to_owned()));
        assert!(matches!(check("../outside.rs"), Err(Denied::Outside(_))));
        assert!(matches!(check("sub/../../outside.rs"), Err(Denied::Outside(_))));
        assert!(matches!(check("sub/.env.local"), Err(Denied::Rule(_, rule)) if rule == "**/.env.*"));
        assert!(matches!(check("deep/ID_RSA"), Err(Denied::Rule(..))));
        assert!(matches!(check("secrets/a.rs"), Err(Denied::Rule(_, rule)) if rule == "secrets/**"));
        assert!(matches!(check("a["), Err(Denied::Rule(..))));
        assert!(matches!(check("x.log"), Err(Denied::Ignored(_))));
        assert!(matches!(check("sub/target/a.rs"), Err(Denied::Ignored(_))));
        assert!(check("sub/keep.log").is_ok());
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(folder.path(), root.join("link")).unwrap();
            assert!(matches!(check("link/outside.rs"), Err(Denied::Outside(_))));
            assert!(matches!(check("link/new.rs"), Err(Denied::Outside(_))));
        }
    }
}
