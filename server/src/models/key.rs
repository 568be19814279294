//! Keys: from a variable of the environment, printed by a command of the user's, or from the system's keyring. In:
//! where one comes from. Out: the key, to be sent. Can't be printed, is wiped from memory, and keeps what a command
//! printed out of every message.

use std::ops::Deref;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::error::{Error, KeySource};
use super::keyring;

/// Longest time that a command may take: it may ask the user for a password.
const COMMAND_TIME: Duration = Duration::from_secs(60);

/// A key itself. No `Debug`, no `Display`: it would end up in a message.
#[derive(Clone)]
pub(super) struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    pub(super) fn new(key: String) -> Self {
        Self(Arc::new(Zeroizing::new(key)))
    }
}

impl Deref for Secret {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Where a key comes from, and what is known of it. No `Debug`: it would print the key.
pub(super) enum Key {
    /// No key is sent.
    None,
    Variable {
        name: String,
        key: Secret,
    },
    /// Kept from when it is first needed until a server refuses it.
    Command {
        words: Vec<String>,
        kept: Mutex<Option<Secret>>,
    },
    /// The same for the keyring, under this name.
    Keyring {
        entry: String,
        kept: Mutex<Option<Secret>>,
    },
}

impl Key {
    /// The key in the variable `name`; `None` when it is not set or blank.
    pub(super) fn of_variable(
        model: &str,
        name: &str,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, Error> {
        let Some(value) = env(name) else { return Ok(None) };
        let key = value.trim();
        if key.is_empty() {
            return Ok(None);
        }
        if !is_key(key) {
            let reason =
                format!("the environment variable {name} holds characters that no key has; set it to the key alone");
            return Err(Error::Setting { model: model.to_owned(), reason });
        }
        Ok(Some(Self::Variable { name: name.to_owned(), key: Secret::new(key.to_owned()) }))
    }

    /// The key that a command will print.
    pub(super) fn of_command(words: &[String]) -> Self {
        Self::Command { words: words.to_owned(), kept: Mutex::default() }
    }

    /// The key that the keyring has under this name.
    pub(super) fn of_keyring(entry: &str) -> Self {
        Self::Keyring { entry: entry.to_owned(), kept: Mutex::default() }
    }

    pub(super) fn source(&self) -> KeySource {
        match self {
            Self::None => KeySource::None,
            Self::Variable { name, .. } => KeySource::Variable(name.clone()),
            Self::Command { .. } => KeySource::Command,
            Self::Keyring { entry, .. } => KeySource::Keyring(entry.clone()),
        }
    }

    /// The key as far as it is known without running anything.
    pub(super) fn known(&self) -> Option<Secret> {
        match self {
            Self::None => None,
            Self::Variable { key, .. } => Some(key.clone()),
            Self::Command { kept, .. } | Self::Keyring { kept, .. } => {
                kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
            }
        }
    }

    /// The key; runs the command, or asks the keyring, if it has to.
    pub(super) async fn get(&self, model: &str) -> Result<Option<Secret>, Error> {
        if let Some(key) = self.known() {
            return Ok(Some(key));
        }
        let model = || model.to_owned();
        let (kept, key) = match self {
            Self::None | Self::Variable { .. } => return Ok(None),
            Self::Command { words, kept } => {
                (kept, run(words).await.map_err(|reason| Error::KeyCommand { model: model(), reason })?)
            }
            Self::Keyring { entry, kept } => {
                let failed = |reason| Error::Keyring { model: model(), entry: entry.clone(), reason };
                (kept, keyring::read(entry).await.map_err(failed)?)
            }
        };
        *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(key.clone());
        Ok(Some(key))
    }

    /// A server refused it: it is fetched again, as keys of some commands expire, and the user may have set a new one.
    pub(super) fn refused(&self) {
        if let Self::Command { kept, .. } | Self::Keyring { kept, .. } = self {
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

/// The first line that a command prints, or what went wrong.
async fn run(words: &[String]) -> Result<Secret, String> {
    let [program, arguments @ ..] = words else { return Err("it is empty".to_owned()) };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output = timeout(COMMAND_TIME, command.output())
        .await
        .map_err(|_| format!("it took over {} s", COMMAND_TIME.as_secs()))?
        .map_err(|error| format!("it can't be run ({error})"))?;
    if !output.status.success() {
        return Err(format!("it failed ({})", output.status));
    }
    let printed = Zeroizing::new(output.stdout);
    let text = String::from_utf8_lossy(&printed);
    let key = text.lines().next().unwrap_or_default().trim();
    match key {
        "" => Err("it printed nothing".to_owned()),
        key if !is_key(key) => Err("its first line is no key".to_owned()),
        key => Ok(Secret::new(key.to_owned())),
    }
}

pub(super) fn is_key(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_command_is_run_once_until_its_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let count = folder.path().join("count");
        let line = format!("echo x >> {0}; echo sk-$(wc -l < {0}); echo second line", count.display());
        let key = Key::of_command(&["sh".to_owned(), "-c".to_owned(), line]);
        assert!(key.known().is_none());
        for _ in 0..2 {
            assert_eq!(key.get("big").await.unwrap().as_deref(), Some("sk-1"));
        }
        key.refused();
        assert_eq!(key.get("big").await.unwrap().as_deref(), Some("sk-2"));
    }

    #[tokio::test]
    async fn what_a_command_prints_is_in_no_message() {
        let check = async |line: &str, wanted: &str| {
            let error =
                Key::of_command(&["sh", "-c", line].map(str::to_owned)).get("big").await.err().unwrap().to_string();
            assert!(error.starts_with("the key_command of big gave no key: ") && error.contains(wanted), "{error}");
            assert!(!error.contains("secret"), "{error}");
        };
        check("echo secret; exit 3", "exit status: 3").await;
        check("true", "it printed nothing").await;
        check("echo my secret", "its first line is no key").await;
        let none = Key::of_command(&["/no/such/program".to_owned()]).get("big").await.err().unwrap();
        assert!(none.to_string().contains("it can't be run"), "{none}");
    }
}
