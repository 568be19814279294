//! Writes a proposal into files: all are checked before the first is written, each is replaced as a whole. In: texts
//! before and after. Out: the files changed, or the reason why none was. Never overwrites what it has not read.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};

use crate::policy::Policy;

/// A file to be written.
pub(super) struct Change<'texts> {
    /// The file, relative to the workspace.
    pub(super) path: &'texts str,
    /// What it holds; `None`: it does not exist yet.
    pub(super) before: Option<&'texts str>,
    /// What it is to hold.
    pub(super) after: &'texts str,
}

/// Writes all files, or none where one of them can't be written.
pub(super) fn write(changes: &[Change<'_>], policy: &Policy) -> Result<()> {
    let mut targets = Vec::new();
    for change in changes {
        targets.push(check(change, policy)?);
    }
    let mut staged = Vec::new();
    for (change, target) in changes.iter().zip(&targets) {
        let why = || format!("{} can't be written, so nothing was changed", change.path);
        staged.push(Staged::new(change, target).with_context(why)?);
    }
    let mut written: Vec<&str> = Vec::new();
    for (change, staged) in changes.iter().zip(staged) {
        // once more, as close to the writing as can be
        let done = check(change, policy).and_then(|target| staged.put(&target).map_err(Into::into));
        done.with_context(|| match written.as_slice() {
            [] => format!("{} can't be written, so nothing was changed", change.path),
            some => format!("{} can't be written; changed were: {}", change.path, some.join(", ")),
        })?;
        written.push(change.path);
    }
    Ok(())
}

/// Whether a file may be written and still is what was read. Its path with links resolved.
fn check(change: &Change<'_>, policy: &Policy) -> Result<PathBuf> {
    let path = change.path;
    let named = policy.root().join(path);
    let relative = policy.check(&named).map_err(|denied| anyhow!("{denied}, so nothing was written"))?;
    let target = policy.root().join(relative);
    let Some(before) = change.before else {
        if named.symlink_metadata().is_ok() {
            bail!("{path} exists by now, so it is not written: run the command again");
        }
        return Ok(target);
    };
    let metadata = fs::metadata(&target).with_context(|| format!("{path} can't be read any more"))?;
    if !metadata.is_file() {
        bail!("{path} is not a regular file, so it is not written");
    }
    if metadata.permissions().readonly() {
        bail!("{path} is read-only: make it writable first");
    }
    if fs::read(&target).with_context(|| format!("{path} can't be read any more"))? != before.as_bytes() {
        bail!("{path} changed on disk since it was read, so nothing was written: run the command again");
    }
    Ok(target)
}

/// A new text that lies complete beside the file that it will replace; taken away again unless it is put there.
struct Staged {
    temporary: PathBuf,
    replaces: bool,
}

impl Staged {
    fn new(change: &Change<'_>, target: &Path) -> io::Result<Self> {
        let folder = target.parent().unwrap_or(target);
        fs::create_dir_all(folder)?;
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let temporary = folder.join(format!(".{name}.whittle-{}", std::process::id()));
        let mut file = File::options().write(true).create_new(true).open(&temporary)?;
        let staged = Self { temporary, replaces: change.before.is_some() };
        file.write_all(change.after.as_bytes())?;
        if staged.replaces {
            file.set_permissions(fs::metadata(target)?.permissions())?;
        }
        file.sync_all()?;
        Ok(staged)
    }

    fn put(self, target: &Path) -> io::Result<()> {
        if self.replaces {
            fs::rename(&self.temporary, target)?;
        } else {
            // unlike a rename, a link never takes another file's place
            match fs::hard_link(&self.temporary, target) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    let mut file = File::options().write(true).create_new(true).open(target)?;
                    file.write_all(&fs::read(&self.temporary)?)?;
                    file.sync_all()?;
                }
                done => done?,
            }
        }
        // the name lasts once the folder is on the disk; not every system lets a folder be opened
        let _ = target.parent().map(File::open).map(|folder| folder.and_then(|folder| folder.sync_all()));
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.temporary); // gone already where it was renamed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PolicySettings;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("a.rs"), "old").unwrap();
            Self(folder)
        }

        #[track_caller]
        fn check(&self, changes: &[(&str, Option<&str>, &str)], wanted: Result<(), &str>) {
            let (policy, _) = Policy::new(self.0.path(), &PolicySettings { deny: vec!["secret/**".to_owned()] });
            let changes: Vec<_> = changes.iter().map(|&(path, before, after)| Change { path, before, after }).collect();
            let done = write(&changes, &policy).map_err(|error| format!("{error:#}"));
            match (done, wanted) {
                (Ok(()), Ok(())) => {}
                (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
                (done, wanted) => panic!("{done:?}, not {wanted:?}"),
            }
            let left = fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().file_name());
            let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains("whittle")).collect();
            assert!(left.is_empty(), "{left:?}");
        }

        fn text(&self, name: &str) -> Option<String> {
            fs::read_to_string(self.0.path().join(name)).ok()
        }
    }

    #[test]
    fn files_are_replaced_and_created() {
        let folder = Folder::new();
        folder.check(&[("a.rs", Some("old"), "new"), ("sub/b.rs", None, "b")], Ok(()));
        assert_eq!((folder.text("a.rs").unwrap(), folder.text("sub/b.rs").unwrap()), ("new".into(), "b".into()));
    }

    #[test]
    fn all_are_checked_before_the_first_is_written() {
        let folder = Folder::new();
        fs::write(folder.0.path().join("b.rs"), "b").unwrap();
        let first = ("a.rs", Some("old"), "new");
        for (second, wanted) in [
            (("b.rs", Some("other"), "c"), "b.rs changed on disk"),
            (("b.rs", None, "c"), "b.rs exists by now"),
            (("gone.rs", Some("x"), "c"), "gone.rs can't be read"),
            (("../out.rs", None, "c"), "outside of the workspace"),
            (("secret/x.rs", None, "c"), "deny rule `secret/**`"),
            ((".env", None, "c"), "deny rule"),
        ] {
            folder.check(&[first, second], Err(wanted));
            assert_eq!(folder.text("a.rs").unwrap(), "old");
        }
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = Folder::new();
        let at = |name: &str| folder.0.path().join(name);
        symlink("a.rs", at("link.rs")).unwrap();
        symlink("/etc/hostname", at("out.rs")).unwrap();
        symlink("nowhere.rs", at("dangling.rs")).unwrap();
        fs::set_permissions(at("a.rs"), fs::Permissions::from_mode(0o750)).unwrap();
        folder.check(&[("link.rs", Some("old"), "new")], Ok(()));
        assert!(at("link.rs").is_symlink());
        assert_eq!(folder.text("a.rs").unwrap(), "new");
        assert_eq!(fs::metadata(at("a.rs")).unwrap().permissions().mode() & 0o777, 0o750);
        folder.check(&[("out.rs", Some("x"), "y")], Err("outside of the workspace"));
        folder.check(&[("dangling.rs", None, "y")], Err("exists by now"));
        fs::set_permissions(at("a.rs"), fs::Permissions::from_mode(0o444)).unwrap();
        folder.check(&[("a.rs", Some("new"), "newer")], Err("a.rs is read-only"));
    }
}
