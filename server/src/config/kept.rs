//! What the user once said about models outside of any settings: whether a model that was found may be used, and for
//! what the system's keyring has a key. One small JSON file in the user's state folder. Never holds a key.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

/// For how long nobody asks again after "Not now".
const LATER: Duration = Duration::from_secs(7 * 24 * 3600);

/// What is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// Whether a model that was found may be used; `None`: nobody said.
    pub consent: Option<Consent>,
    /// The models and providers whose keys were put into the system's keyring.
    pub keyring: BTreeSet<String>,
}

/// What the user said of a model that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consent {
    /// It is used wherever nothing else is configured.
    Use(FoundModel),
    /// None is, and nobody asks.
    Never,
    /// Not now: said so many seconds after 1970.
    Later(u64),
}

/// A model that needs no settings: its provider's key is there, or its server answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundModel {
    /// Its provider's name, which is also its own.
    pub provider: String,
    /// Its name there; `None`: the provider's default one, as this version knows it.
    pub model: Option<String>,
    /// Its address, if it is not the provider's usual one.
    pub base_url: Option<String>,
}

/// The file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{} can't be written ({error}); make its folder writable", path.display())]
pub struct KeptError {
    path: PathBuf,
    error: io::Error,
}

impl Consent {
    /// "Not now".
    #[must_use]
    pub fn later() -> Self {
        Self::Later(seconds(SystemTime::now()))
    }

    /// Whether the user is to be left alone at this time.
    fn holds(&self, now: u64) -> bool {
        match self {
            Self::Use(_) | Self::Never => true,
            // a clock that was set back must not silence it for years
            Self::Later(said) => (*said..said.saturating_add(LATER.as_secs())).contains(&now),
        }
    }
}

impl Kept {
    /// What is kept of this user; nothing where the file is not there or can't be read.
    #[must_use]
    pub fn of_user() -> Self {
        Self::path().map(|path| Self::read(&path)).unwrap_or_default()
    }

    /// The file.
    #[must_use]
    pub fn path() -> Option<PathBuf> {
        use etcetera::BaseStrategy as _;
        let folders = etcetera::choose_base_strategy().ok()?;
        let state = folders.state_dir().unwrap_or_else(|| folders.data_dir());
        Some(state.join("whittle").join("models.json"))
    }

    /// Changes what is kept of this user.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn change(change: impl FnOnce(&mut Self)) -> Result<(), KeptError> {
        let path = Self::path().ok_or_else(|| KeptError {
            path: PathBuf::from("the file whittle/models.json"),
            error: io::Error::new(io::ErrorKind::NotFound, "the home folder is not known, set HOME"),
        })?;
        Self::change_at(&path, change)
    }

    /// Whether the user may be asked about a model that was found.
    #[must_use]
    pub fn may_ask(&self) -> bool {
        !self.consent.as_ref().is_some_and(|consent| consent.holds(seconds(SystemTime::now())))
    }

    fn read(path: &Path) -> Self {
        let text = fs::read(path).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    fn change_at(path: &Path, change: impl FnOnce(&mut Self)) -> Result<(), KeptError> {
        let mut kept = Self::read(path);
        change(&mut kept);
        let write = || -> io::Result<()> {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            // whole or not at all, as an editor may read it at the same time
            let beside = path.with_extension(format!("{}.new", std::process::id()));
            let mut file = fs::File::create(&beside)?;
            file.write_all(&serde_json::to_vec_pretty(&kept)?)?;
            file.sync_all()?;
            fs::rename(&beside, path)
        };
        write().map_err(|error| KeptError { path: path.to_owned(), error })
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/models.json");
        assert_eq!(Kept::read(&path), Kept::default());
        let model = FoundModel { provider: "ollama".into(), model: Some("qwen3-coder".into()), base_url: None };
        Kept::change_at(&path, |kept| kept.consent = Some(Consent::Use(model.clone()))).unwrap();
        Kept::change_at(&path, |kept| kept.keyring.extend(["big".to_owned()])).unwrap();
        let kept = Kept::read(&path);
        assert_eq!(kept, Kept { consent: Some(Consent::Use(model)), keyring: BTreeSet::from(["big".to_owned()]) });
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        fs::write(&path, "{ half").unwrap();
        assert_eq!(Kept::read(&path), Kept::default());
    }

    #[test]
    fn not_now_is_not_for_ever() {
        let week = LATER.as_secs();
        let check =
            |consent: Consent, now: u64, holds: bool| assert_eq!(consent.holds(now), holds, "{consent:?} {now}");
        check(Consent::Never, u64::MAX, true);
        check(Consent::Later(1000), 1000, true);
        check(Consent::Later(1000), 1000 + week - 1, true);
        check(Consent::Later(1000), 1000 + week, false);
        check(Consent::Later(1000), 999, false);
        assert!(Kept::default().may_ask());
        assert!(!Kept { consent: Some(Consent::later()), ..Kept::default() }.may_ask());
    }
}
