//! Keys: from a variable of the environment, or printed by a command of the user's. In: where one comes from. Out: the key,
//! to be sent. Can't be printed, and keeps what a command printed out of every message.

use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::error::{Error, KeySource};

/// Longest time that a command may take: it may ask the user for a password.
const COMMAND_TIME: Duration = Duration::from_secs(60);

/// Where a key comes from, and what is known of it. No `Debug`: it would print the key.
pub(super) enum Key {
    /// No key is sent.
    None,
    Variable {
        name: String,
        key: Arc<str>,
    },
    /// Kept from when it is first needed until a server refuses it.
    Command {
        words: Vec<String>,
        kept: Mutex<Option<Arc<str>>>,
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
        Ok(Some(Self::Variable { name: name.to_owned(), key: key.into() }))
    }

    /// The key that a command will print.
    pub(super) fn of_command(words: &[String]) -> Self {
        Self::Command { words: words.to_owned(), kept: Mutex::default() }
    }

    pub(super) fn source(&self) -> KeySource {
        match self {
            Self::None => KeySource::None,
            Self::Variable { name, .. } => KeySource::Variable(name.clone()),
            Self::Command { .. } => KeySource::Command,
        }
    }

    /// The key as far as it is known without running anything.
    pub(super) fn known(&self) -> Option<Arc<str>> {
        match self {
            Self::None => None,
            Self::Variable { key, .. } => Some(key.clone()),
            Self::Command { kept, .. } => kept.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    /// The key; runs the command if it has to.
    pub(super) async fn get(&self, model: &str) -> Result<Option<Arc<str>>, Error> {
        let (Self::Command { words, kept }, None) = (self, self.known()) else { return Ok(self.known()) };
        let failed = |reason: String| Error::KeyCommand { model: model.to_owned(), reason };
        let key: Arc<str> = run(words).await.map_err(failed)?.into();
        *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(key.clone());
        Ok(Some(key))
    }

    /// A server refused it: a command is run again, as keys of some expire.
    pub(super) fn refused(&self) {
        if let Self::Command { kept, .. } = self {
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

/// The first line that a command prints, or what went wrong.
async fn run(words: &[String]) -> Result<String, String> {
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
    let text = String::from_utf8_lossy(&output.stdout);
    let key = text.lines().next().unwrap_or_default().trim();
    match key {
        "" => Err("it printed nothing".to_owned()),
        key if !is_key(key) => Err("its first line is no key".to_owned()),
        key => Ok(key.to_owned()),
    }
}

fn is_key(text: &str) -> bool {
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
        assert_eq!(key.known(), None);
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
                Key::of_command(&["sh", "-c", line].map(str::to_owned)).get("big").await.unwrap_err().to_string();
            assert!(error.starts_with("the key_command of big gave no key: ") && error.contains(wanted), "{error}");
            assert!(!error.contains("secret"), "{error}");
        };
        check("echo secret; exit 3", "exit status: 3").await;
        check("true", "it printed nothing").await;
        check("echo my secret", "its first line is no key").await;
        let none = Key::of_command(&["/no/such/program".to_owned()]).get("big").await.unwrap_err();
        assert!(none.to_string().contains("it can't be run"), "{none}");
    }
}
