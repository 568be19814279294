//! Files that an editor holds with unsaved changes: what is written to the disk then would be lost or lose them. In: a
//! file, and what the servers of this user say of their documents. Out: which editor. Looks at what Vim, Neovim, Emacs
//! and Kate leave beside a file, and at what running Whittle servers announce; never at the editors themselves.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::process::{Process, is_there};
use crate::policy::state_folder;

/// Where Vim notes in a swap file that its text is not saved, and the sign for it.
const VIM_UNSAVED: (usize, u8) = (1007, 0x55);

/// Who holds unsaved changes of `file`, in words; `None`: nobody that can be known.
#[must_use]
pub fn holder(file: &Path) -> Option<String> {
    vim(file).or_else(|| emacs(file)).or_else(|| kate(file)).or_else(|| announced(file, None))
}

/// Which other running server has unsaved changes of `file` in its editor, in words; its path with links resolved.
#[must_use]
pub fn held_elsewhere(file: &Path) -> Option<String> {
    announced(file, Some(std::process::id()))
}

/// Vim and Neovim keep a swap file of every buffer: beside the file or, Neovim, in the user's state folder. Nano does the
/// same where it locks files.
fn vim(file: &Path) -> Option<String> {
    let (folder, name) = (file.parent()?, file.file_name()?.to_string_lossy());
    let whole = file.to_string_lossy().replace('/', "%");
    let of_user = state_folder().and_then(|state| Some(state.parent()?.join("nvim/swap")));
    let names = |folder: PathBuf, name: String| ["swp", "swo", "swn"].map(|end| folder.join(format!("{name}.{end}")));
    let near = names(folder.to_owned(), format!(".{name}"));
    let far = of_user.map(|folder| names(folder, whole));
    near.into_iter().chain(far.into_iter().flatten()).find_map(|swap| {
        let mut head = [0; VIM_UNSAVED.0 + 1];
        fs::File::open(swap).ok()?.read_exact(&mut head).ok()?;
        let id = u32::from_le_bytes(head.get(24..28)?.try_into().ok()?);
        let host = head.get(68..108)?.split(|byte| *byte == 0).next()?;
        let dead = host == host_name().as_bytes() && !is_there(id);
        let unsaved = head.starts_with(b"b0") && head.get(VIM_UNSAVED.0) == Some(&VIM_UNSAVED.1);
        (unsaved && !dead).then(|| format!("Vim (process {id})"))
    })
}

/// Emacs makes a lock, a link `.#name` to `user@host.process:start`, with the first change and removes it when saving.
fn emacs(file: &Path) -> Option<String> {
    let lock = file.with_file_name(format!(".#{}", file.file_name()?.to_string_lossy()));
    let lock = fs::read_link(&lock).ok()?.to_string_lossy().into_owned();
    let (host, process) = lock.split_once('@')?.1.rsplit_once('.')?;
    let id = process.split(':').next()?;
    let dead = host == host_name() && id.parse().is_ok_and(|id| !is_there(id));
    (!dead).then(|| format!("Emacs (process {id})"))
}

/// Kate and KWrite keep a swap file from the first change until it is saved.
fn kate(file: &Path) -> Option<String> {
    let swap = file.with_file_name(format!(".{}.kate-swp", file.file_name()?.to_string_lossy()));
    swap.exists().then(|| "Kate".to_owned())
}

#[cfg(unix)]
fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host_name() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

/// What this process tells others of the documents that are changed and not saved in its editor: a file in the user's
/// state folder, which goes with the last of them.
#[derive(Debug)]
pub struct Announcement {
    file: PathBuf,
    editor: String,
    told: BTreeSet<PathBuf>,
}

impl Announcement {
    /// Of this process, for `editor`; `None` where there is no place for it.
    #[must_use]
    pub fn new(editor: &str) -> Option<Self> {
        let file = announcements()?.join(std::process::id().to_string());
        Some(Self { file, editor: editor.replace('\n', " "), told: BTreeSet::new() })
    }

    /// Makes these the documents that are not saved; by their paths with links resolved.
    pub fn tell(&mut self, unsaved: BTreeSet<PathBuf>) {
        if unsaved == self.told {
            return;
        }
        if let Err(error) = self.write(&unsaved) {
            tracing::warn!(file = %self.file.display(), %error, "commands can't know of unsaved documents");
        }
        self.told = unsaved;
    }

    fn write(&self, unsaved: &BTreeSet<PathBuf>) -> std::io::Result<()> {
        if unsaved.is_empty() {
            return fs::remove_file(&self.file);
        }
        let mut text = format!("{}\n{}\n", Process::own(), self.editor);
        for path in unsaved {
            text.push_str(&path.to_string_lossy());
            text.push('\n');
        }
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        // at once: whoever reads meanwhile sees the old or the new
        let temporary = self.file.with_extension("part");
        fs::write(&temporary, text)?;
        fs::rename(&temporary, &self.file)
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        self.tell(BTreeSet::new());
    }
}

fn announcements() -> Option<PathBuf> {
    Some(state_folder()?.join("unsaved"))
}

/// Which running server, but the process `except`, announced the file; what dead ones left is removed.
fn announced(file: &Path, except: Option<u32>) -> Option<String> {
    let own = file.to_string_lossy();
    fs::read_dir(announcements()?).ok()?.flatten().find_map(|entry| {
        let text = fs::read_to_string(entry.path()).ok()?;
        let mut lines = text.lines();
        let process: Process = lines.next()?.parse().ok()?;
        if !process.lives() {
            let _ = fs::remove_file(entry.path()); // somebody else may have been faster
            return None;
        }
        let editor = lines.next().filter(|_| Some(process.id) != except)?;
        lines.any(|line| line == own).then(|| editor.to_owned())
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn swap(unsaved: bool, id: u32, host: &str) -> Vec<u8> {
        let mut bytes = vec![0; 4096];
        bytes[..12].copy_from_slice(b"b0VIM 9.1\0\0\0");
        bytes[24..28].copy_from_slice(&id.to_le_bytes());
        bytes[68..68 + host.len()].copy_from_slice(host.as_bytes());
        bytes[VIM_UNSAVED.0] = if unsaved { VIM_UNSAVED.1 } else { 0 };
        bytes
    }

    #[test]
    fn editors_hold_what_they_have_not_saved() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.rs");
        let (own, host) = (std::process::id(), host_name());
        let dead = std::process::Command::new("true").spawn().map(|mut child| (child.id(), child.wait())).unwrap().0;
        assert_eq!(holder(&file), None);
        let vim = |bytes: Vec<u8>| {
            let swap = folder.path().join(".a.rs.swp");
            fs::write(&swap, bytes).unwrap();
            let held = holder(&file);
            fs::remove_file(swap).unwrap();
            held
        };
        assert_eq!(vim(swap(true, own, &host)), Some(format!("Vim (process {own})")));
        assert_eq!(vim(swap(false, own, &host)), None, "open, and saved");
        assert_eq!(vim(swap(true, dead, &host)), None, "left by a crash");
        assert_eq!(vim(swap(true, dead, "elsewhere")), Some(format!("Vim (process {dead})")));
        assert_eq!(vim(b"b0VIM".to_vec()), None);
        let emacs = |target: String| {
            let lock = folder.path().join(".#a.rs");
            std::os::unix::fs::symlink(target, &lock).unwrap();
            let held = holder(&file);
            fs::remove_file(lock).unwrap();
            held
        };
        assert_eq!(emacs(format!("me@{host}.{own}:17")), Some(format!("Emacs (process {own})")));
        assert_eq!(emacs(format!("me@{host}.{dead}:17")), None);
        fs::write(folder.path().join(".a.rs.kate-swp"), "").unwrap();
        assert_eq!(holder(&file), Some("Kate".to_owned()));
    }
}
