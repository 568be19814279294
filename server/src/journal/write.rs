//! Writes files so that each is the old or the new one at any moment, and all are the old ones where one of them can't
//! be written; only a file with hard links is written in place. In: texts before and after. Out: the files changed, or
//! the reason why none was. Never overwrites what it was not told of, and follows no link out of the workspace.

use std::fs::{self, File};
use std::io::{self, Write as _};
#[cfg(unix)]
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::entry::FileRecord;
use super::unsaved;
use crate::edits::FileChange;
use crate::policy::{Denied, Policy};

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The file, relative to the workspace.
    pub(super) path: String,
    /// What it holds; `None`: there is none.
    pub(super) before: Option<String>,
    /// What it is to hold; `None`: it goes.
    pub(super) after: Option<String>,
    /// Where it moves from or to: a new file takes the permissions of that one.
    pub(super) like: Option<String>,
    /// The permissions that it has or is to have, where they are known otherwise.
    pub(super) mode: Option<u32>,
}

/// Which rules a file must keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rules {
    /// All of the policy: something new is written.
    All,
    /// It lies in the workspace: the user's own text comes back.
    Containment,
}

/// Why files were not written. None of them is changed, unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The policy forbids it.
    #[error("{0}, so nothing was written")]
    Denied(#[from] Denied),
    /// A file came to be meanwhile.
    #[error("{0} exists by now, so it is not written: run the command again")]
    Exists(String),
    /// A file holds something else.
    #[error("{0} changed on disk since it was read, so nothing was written: run the command again")]
    Changed(String),
    /// A file can't be read.
    #[error("{0} can't be read any more: {1}")]
    Unreadable(String, io::Error),
    /// A folder or a device.
    #[error("{0} is not a regular file, so it is not written")]
    NoFile(String),
    /// It may not be written.
    #[error("{0} is read-only: make it writable first")]
    ReadOnly(String),
    /// An editor holds changes of it.
    #[error("{path} has unsaved changes in {editor}, so nothing was written: save or discard them there first")]
    Unsaved {
        /// The file.
        path: String,
        /// Which one.
        editor: String,
    },
    /// The system refused.
    #[error("{0} can't be written, so nothing was changed: {1}")]
    Failed(String, io::Error),
    /// The system refused in the middle, and again when what was written was to be put back.
    #[error("{path} can't be written: {why}; changed already, and not put back, were: {}", changed.join(", "))]
    Stuck {
        /// The file.
        path: String,
        /// What the system says.
        why: io::Error,
        /// The files that stay changed.
        changed: Vec<String>,
    },
}

/// What a record does on the disk.
pub(super) fn changes(record: &FileRecord) -> Vec<Change> {
    let (path, before, after) = (record.path.clone(), record.before.clone(), record.after.clone());
    match &record.change {
        FileChange::Edit => vec![Change { path, before: Some(before), after: Some(after), like: None, mode: None }],
        FileChange::Create => vec![Change { path, before: None, after: Some(after), like: None, mode: None }],
        FileChange::Delete => vec![Change { path, before: Some(before), after: None, like: None, mode: record.mode }],
        FileChange::Rename { to } => moved(&path, to, before, after),
    }
}

/// A file that moves: the new one is made before the old one goes.
pub(super) fn moved(path: &str, to: &str, before: String, after: String) -> Vec<Change> {
    let made =
        Change { path: to.to_owned(), before: None, after: Some(after), like: Some(path.to_owned()), mode: None };
    vec![
        made,
        Change { path: path.to_owned(), before: Some(before), after: None, like: Some(to.to_owned()), mode: None },
    ]
}

impl Change {
    pub(super) fn reversed(&self) -> Self {
        Self { before: self.after.clone(), after: self.before.clone(), ..self.clone() }
    }
}

/// Whether all files may be written and still are what was read.
pub(super) fn check_all(changes: &[Change], policy: &Policy, rules: Rules) -> Result<(), WriteError> {
    changes.iter().try_for_each(|change| check(change, policy, rules).map(drop))
}

/// Writes all files, which were checked, or none where one of them can't be written.
pub(super) fn write(changes: &[Change], policy: &Policy, rules: Rules) -> Result<(), WriteError> {
    let failed = |change: &Change, error| WriteError::Failed(change.path.clone(), error);
    let mut staged = Vec::new();
    for (number, change) in changes.iter().enumerate() {
        let target = target(&change.path, policy)?;
        staged.push(Staged::new(change, &target, policy, number).map_err(|error| failed(change, error))?);
    }
    for (number, (change, staged)) in changes.iter().zip(staged).enumerate() {
        // once more, as close to the writing as can be
        let done =
            check(change, policy, rules).and_then(|target| staged.put(&target).map_err(|error| failed(change, error)));
        if let Err(error) = done {
            return Err(put_back(changes.get(..number).unwrap_or_default(), policy, error));
        }
    }
    Ok(())
}

/// Refuses a file that an editor holds unsaved, also where nothing is to be written: its buffer is what the user sees.
pub(super) fn check_unsaved(path: &str, policy: &Policy) -> Result<(), WriteError> {
    let editor = target(path, policy).ok().and_then(|target| unsaved::holder(&target));
    editor.map_or(Ok(()), |editor| Err(WriteError::Unsaved { path: path.to_owned(), editor }))
}

/// Takes back what was written before the error came.
fn put_back(written: &[Change], policy: &Policy, error: WriteError) -> WriteError {
    let mut stay = Vec::new();
    for change in written.iter().rev().map(Change::reversed) {
        if write_one(&change, policy).is_err() {
            stay.push(change.path);
        }
    }
    match (stay.is_empty(), error) {
        (true, error) => error,
        (false, WriteError::Failed(path, why)) => WriteError::Stuck { path, why, changed: stay },
        (false, error) => {
            let why = io::Error::other(error.to_string());
            WriteError::Stuck {
                path: written.first().map(|change| change.path.clone()).unwrap_or_default(),
                why,
                changed: stay,
            }
        }
    }
}

/// Writes one file that lies in the workspace.
pub(super) fn write_one(change: &Change, policy: &Policy) -> Result<(), WriteError> {
    let failed = |error| WriteError::Failed(change.path.clone(), error);
    let target = check(change, policy, Rules::Containment)?;
    let staged = Staged::new(change, &target, policy, 0).map_err(failed)?;
    staged.put(&target).map_err(failed)
}

/// The path with links resolved.
fn target(path: &str, policy: &Policy) -> Result<PathBuf, Denied> {
    Ok(policy.root().join(policy.relative(&policy.root().join(path))?))
}

/// What a file of the workspace holds; `None`: it is not there.
pub(super) fn read(path: &str, policy: &Policy) -> Result<Option<Vec<u8>>, WriteError> {
    match fs::read(target(path, policy)?) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(WriteError::Unreadable(path.to_owned(), error)),
    }
}

/// The permissions of a file, where the system has such; `None` too where there is no file.
#[cfg(unix)]
#[must_use]
pub fn mode_of(file: &Path) -> Option<u32> {
    Some(fs::metadata(file).ok()?.permissions().mode() & 0o7777)
}

/// The permissions of a file: this system has none.
#[cfg(not(unix))]
#[must_use]
pub fn mode_of(_file: &Path) -> Option<u32> {
    None
}

#[cfg(unix)]
fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_file: &File, _mode: u32) -> io::Result<()> {
    Ok(())
}

/// Notes the permissions of the files that go: what takes a change back gives them again.
pub(super) fn note_modes(changes: &mut [Change], policy: &Policy) {
    for change in changes.iter_mut().filter(|change| change.after.is_none()) {
        change.mode = target(&change.path, policy).ok().and_then(|target| mode_of(&target));
    }
}

/// Whether a file may be written and still is what was read. Its path with links resolved.
fn check(change: &Change, policy: &Policy, rules: Rules) -> Result<PathBuf, WriteError> {
    let path = &change.path;
    let named = policy.root().join(path);
    let relative = match rules {
        Rules::All => policy.check(&named)?,
        Rules::Containment => policy.relative(&named)?,
    };
    let target = policy.root().join(relative);
    if let Some(editor) = unsaved::holder(&target) {
        return Err(WriteError::Unsaved { path: path.clone(), editor });
    }
    let Some(before) = &change.before else {
        if named.symlink_metadata().is_ok() {
            return Err(WriteError::Exists(path.clone()));
        }
        return Ok(target);
    };
    let unreadable = |error| WriteError::Unreadable(path.clone(), error);
    let metadata = fs::metadata(&target).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(WriteError::NoFile(path.clone()));
    }
    if metadata.permissions().readonly() {
        return Err(WriteError::ReadOnly(path.clone()));
    }
    if fs::read(&target).map_err(unreadable)? != before.as_bytes() {
        return Err(WriteError::Changed(path.clone()));
    }
    Ok(target)
}

/// Where the new text lies until it takes its place, if the process `id` writes it as the change of this number.
fn temporary(target: &Path, id: u32, number: usize) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.whittle-{id}-{number}"))
}

/// Removes what a process left of these changes that did not take its place.
pub(super) fn clear(changes: &[Change], policy: &Policy, id: u32) {
    for (number, change) in changes.iter().enumerate() {
        if let Ok(target) = target(&change.path, policy) {
            let _ = fs::remove_file(temporary(&target, id, number)); // mostly none is left
        }
    }
}

/// The folders that these changes will make, the outermost of each, relative to the workspace.
pub(super) fn folders_made(changes: &[Change], policy: &Policy) -> Vec<String> {
    let made = |change: &Change| {
        let target = change.after.as_ref().and_then(|_| target(&change.path, policy).ok())?;
        let folder = target.ancestors().skip(1).take_while(|folder| !folder.exists()).last()?;
        policy.relative(folder).ok()
    };
    changes.iter().filter_map(made).collect()
}

/// Removes folders that were made for files, if none is left in them.
pub(super) fn remove_folders(made: &[String], policy: &Policy) {
    for folder in made {
        // not through a link, should there be one by now
        if policy.relative(&policy.root().join(folder)).as_ref() == Ok(folder) {
            remove_empty(&policy.root().join(folder));
        }
    }
}

/// A new text that lies complete beside the file that it will replace; taken away again unless it is put there.
struct Staged {
    /// `None`: the file is to go.
    temporary: Option<PathBuf>,
    replaces: bool,
    /// The outermost of the folders that were made for it.
    made: Option<PathBuf>,
}

impl Staged {
    fn new(change: &Change, target: &Path, policy: &Policy, number: usize) -> io::Result<Self> {
        let mut staged = Self { temporary: None, replaces: change.before.is_some(), made: None };
        let Some(after) = &change.after else { return Ok(staged) };
        let folder = target.parent().unwrap_or(target);
        staged.made = folder.ancestors().take_while(|folder| !folder.exists()).last().map(Path::to_owned);
        fs::create_dir_all(folder)?;
        let temporary = temporary(target, std::process::id(), number);
        let _ = fs::remove_file(&temporary); // left by a process that had this number
        let mut file = File::options().write(true).create_new(true).open(&temporary)?;
        staged.temporary = Some(temporary);
        file.write_all(after.as_bytes())?;
        let like = change.like.as_ref().map(|path| policy.root().join(path));
        let like = like.as_deref().or_else(|| staged.replaces.then_some(target));
        if let Some(like) = like.and_then(|like| fs::metadata(like).ok()) {
            file.set_permissions(like.permissions())?;
        } else if let Some(mode) = change.mode {
            set_mode(&file, mode)?;
        }
        file.sync_all()?;
        Ok(staged)
    }

    fn put(mut self, target: &Path) -> io::Result<()> {
        match self.temporary.as_deref() {
            None => fs::remove_file(target)?,
            Some(temporary) if self.replaces && has_other_names(target) => rewrite(target, &fs::read(temporary)?)?,
            Some(temporary) if self.replaces => fs::rename(temporary, target)?,
            // unlike a rename, a link never takes another file's place
            Some(temporary) => match fs::hard_link(temporary, target) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    // no links on this file system: the one place where a crash can leave a part of a new file
                    let text = fs::read(temporary)?;
                    let mut file = File::options().write(true).create_new(true).open(target)?;
                    file.write_all(&text)?;
                    file.sync_all()?;
                }
                done => done?,
            },
        }
        self.made = None;
        // the name lasts once the folder is on the disk; not every system lets a folder be opened
        let _ = target.parent().map(File::open).map(|folder| folder.and_then(|folder| folder.sync_all()));
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = fs::remove_file(temporary); // gone already where it was renamed
        }
        if let Some(made) = &self.made {
            remove_empty(made);
        }
    }
}

/// Whether a file has hard links: another in its place would leave the old text under the other names.
#[cfg(unix)]
fn has_other_names(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|metadata| metadata.nlink() > 1)
}

/// Whether a file has hard links, which can't be told on this system.
#[cfg(not(unix))]
fn has_other_names(_file: &Path) -> bool {
    false
}

/// Writes a file in place, under all of its names; what it held comes back where that fails. A crash can leave a part.
fn rewrite(file: &Path, text: &[u8]) -> io::Result<()> {
    let old = fs::read(file)?;
    let write = |text: &[u8]| {
        let mut file = File::options().write(true).open(file)?;
        file.write_all(text)?;
        file.set_len(text.len() as u64)?;
        file.sync_all()
    };
    write(text).inspect_err(|_| drop(write(&old)))
}

/// Removes a folder if there are no files in it or in its folders.
fn remove_empty(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_empty(&entry.path());
        }
    }
    let _ = fs::remove_dir(folder); // which leaves a folder with files alone
}
