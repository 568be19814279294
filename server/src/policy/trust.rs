//! Which workspaces' own settings, prompts and commands count: those that the user named with `whittle trust`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where Whittle keeps what must last for this user: `whittle` in the system's folder for state; `None` without a home.
#[must_use]
pub fn state_folder() -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.state_dir().unwrap_or_else(|| folders.data_dir()).join("whittle"))
}

/// The list of trusted folders could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// No place for the list.
    #[error("the home folder is not known, so there is no place for the list of trusted folders; set HOME")]
    NoHome,
    /// The folder to be trusted is not there.
    #[error("{0} is not a folder that exists: {1}")]
    NotThere(PathBuf, io::Error),
    /// The list can't be written.
    #[error("the list of trusted folders {0} can't be written: {1}")]
    Write(PathBuf, io::Error),
}

/// The list of trusted folders: one path a line in a file of the user's state folder.
#[derive(Clone, Debug)]
pub struct Trusted {
    file: PathBuf,
    /// The list does not count.
    none: bool,
}

impl Trusted {
    /// The user's own list. With `WHITTLE_TRUST=none` in the environment nothing of it counts: an editor sets it whose window
    /// is not trusted.
    ///
    /// # Errors
    /// [`TrustError::NoHome`].
    pub fn of_user() -> Result<Self, TrustError> {
        let none = std::env::var_os("WHITTLE_TRUST").is_some_and(|trust| trust == "none");
        Ok(Self { file: state_folder().ok_or(TrustError::NoHome)?.join("trusted"), none })
    }

    /// Where the list lies.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Whether `folder` or one around it is trusted.
    #[must_use]
    pub fn contains(&self, folder: &Path) -> bool {
        let Ok(folder) = folder.canonicalize() else { return false };
        if self.none {
            return false;
        }
        let list = fs::read_to_string(&self.file).unwrap_or_default();
        list.lines().filter(|line| !line.is_empty()).any(|line| folder.starts_with(line))
    }

    /// Trusts `folder`; returns its resolved path.
    ///
    /// # Errors
    /// When the folder is not there or the list can't be written.
    pub fn add(&self, folder: &Path) -> Result<PathBuf, TrustError> {
        let folder = folder.canonicalize().map_err(|error| TrustError::NotThere(folder.to_owned(), error))?;
        if !folder.is_dir() {
            return Err(TrustError::NotThere(folder, io::ErrorKind::NotADirectory.into()));
        }
        let write = |error| TrustError::Write(self.file.clone(), error);
        if !self.contains(&folder) {
            if let Some(parent) = self.file.parent() {
                fs::create_dir_all(parent).map_err(write)?;
            }
            let mut file = fs::OpenOptions::new().create(true).append(true).open(&self.file).map_err(write)?;
            io::Write::write_all(&mut file, format!("{}\n", folder.display()).as_bytes()).map_err(write)?;
        }
        Ok(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_trusted_with_all_that_lies_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let trusted = Trusted { file: folder.path().join("state/trusted"), none: false };
        let inner = folder.path().join("work/inner");
        fs::create_dir_all(&inner).unwrap();
        fs::create_dir_all(folder.path().join("work2")).unwrap();
        assert!(!trusted.contains(&inner));
        trusted.add(&folder.path().join("work")).unwrap();
        assert!(trusted.contains(&inner));
        assert!(!trusted.contains(&folder.path().join("work2")));
        assert!(!Trusted { none: true, ..trusted.clone() }.contains(&inner));
        assert!(matches!(trusted.add(&folder.path().join("nowhere")), Err(TrustError::NotThere(..))));
    }
}
