//! Keys in the system's keyring: GNOME Keyring, KWallet and others of the Secret Service, the keychain of macOS, the
//! credential manager of Windows. In: the name of a model or provider. Out: its key. Every call has a thread of its own
//! and a limit: a keyring may ask the user for a password, or hang.

use std::time::Duration;

use super::key::{Secret, is_key};

/// Longest time that a keyring may take: it may ask the user for a password.
const TIME: Duration = Duration::from_secs(60);

/// Why a keyring did not do what was asked. None holds a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// It has no such key.
    #[error("it has no key of this name")]
    Absent,
    /// What it has is no key.
    #[error("what it has is no key")]
    NotAKey,
    /// It said nothing for as long as is waited.
    #[error("it did not answer within {} s", TIME.as_secs())]
    Silent,
    /// There is none, or it refused.
    #[error("it can't be used here ({0})")]
    Unusable(String),
}

/// The key under a name.
pub(super) async fn read(name: &str) -> Result<Secret, KeyringError> {
    let name = name.to_owned();
    on_a_thread(TIME, move || system::read(&name)).await
}

/// Puts a key under a name, in place of one that is there.
///
/// # Errors
/// [`KeyringError`]; [`KeyringError::NotAKey`] when it holds anything but printable ASCII.
pub async fn set_key(name: &str, key: String) -> Result<(), KeyringError> {
    let (name, key) = (name.to_owned(), Secret::new(key));
    if key.is_empty() || !is_key(&key) {
        return Err(KeyringError::NotAKey);
    }
    on_a_thread(TIME, move || system::set(&name, &key)).await
}

/// Takes the key under a name away.
///
/// # Errors
/// [`KeyringError`]; [`KeyringError::Absent`] when there is none.
pub async fn remove_key(name: &str) -> Result<(), KeyringError> {
    let name = name.to_owned();
    on_a_thread(TIME, move || system::remove(&name)).await
}

/// Not the runtime's own threads: its end would wait for them.
async fn on_a_thread<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> Result<T, KeyringError> + Send + 'static,
) -> Result<T, KeyringError> {
    let (sender, result) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name("keyring".into());
    thread.spawn(move || drop(sender.send(work()))).map_err(|error| KeyringError::Unusable(error.to_string()))?;
    match tokio::time::timeout(limit, result).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(KeyringError::Unusable("it failed".to_owned())),
        Err(_) => Err(KeyringError::Silent),
    }
}

#[cfg(feature = "keyring")]
mod system {
    use std::sync::Arc;

    use keyring_core::{CredentialStore, Entry, Error};

    use super::{KeyringError, Secret, is_key};

    /// What all entries of ours are filed under.
    const SERVICE: &str = "whittle";

    pub(super) fn read(name: &str) -> Result<Secret, KeyringError> {
        read_in(&*store()?, name)
    }

    pub(super) fn set(name: &str, key: &str) -> Result<(), KeyringError> {
        set_in(&*store()?, name, key)
    }

    pub(super) fn remove(name: &str) -> Result<(), KeyringError> {
        remove_in(&*store()?, name)
    }

    pub(super) fn read_in(store: &CredentialStore, name: &str) -> Result<Secret, KeyringError> {
        let key = Secret::new(entry(store, name)?.get_password().map_err(failed)?);
        if is_key(&key) && !key.is_empty() { Ok(key) } else { Err(KeyringError::NotAKey) }
    }

    pub(super) fn set_in(store: &CredentialStore, name: &str, key: &str) -> Result<(), KeyringError> {
        entry(store, name)?.set_password(key).map_err(failed)
    }

    pub(super) fn remove_in(store: &CredentialStore, name: &str) -> Result<(), KeyringError> {
        entry(store, name)?.delete_credential().map_err(failed)
    }

    fn entry(store: &CredentialStore, name: &str) -> Result<Entry, KeyringError> {
        store.build(SERVICE, name, None).map_err(failed)
    }

    fn store() -> Result<Arc<CredentialStore>, KeyringError> {
        #[cfg(target_os = "macos")]
        let store = apple_native_keyring_store::keychain::Store::new();
        #[cfg(windows)]
        let store = windows_native_keyring_store::Store::new();
        #[cfg(all(unix, not(target_os = "macos")))]
        let store = dbus_secret_service_keyring_store::Store::new();
        Ok(store.map_err(failed)?)
    }

    /// Some of these errors carry what was read, which must go nowhere.
    fn failed(error: Error) -> KeyringError {
        let words = match error {
            Error::NoEntry => return KeyringError::Absent,
            Error::BadEncoding(_) | Error::BadDataFormat(..) => return KeyringError::NotAKey,
            Error::PlatformFailure(error) | Error::NoStorageAccess(error) => error.to_string(),
            Error::Ambiguous(_) => "it has several keys of this name".to_owned(),
            error => error.to_string(),
        };
        KeyringError::Unusable(words.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned())
    }
}

#[cfg(not(feature = "keyring"))]
mod system {
    use super::{KeyringError, Secret};

    pub(super) fn read(_: &str) -> Result<Secret, KeyringError> {
        none()
    }

    pub(super) fn set(_: &str, _: &str) -> Result<(), KeyringError> {
        none()
    }

    pub(super) fn remove(_: &str) -> Result<(), KeyringError> {
        none()
    }

    fn none<T>() -> Result<T, KeyringError> {
        Err(KeyringError::Unusable("this whittle was built without the feature `keyring`".to_owned()))
    }
}

#[cfg(all(test, feature = "keyring"))]
mod tests {
    use super::system::{read_in, remove_in, set_in};
    use super::*;

    #[test]
    fn a_key_is_kept_replaced_and_taken_away() {
        let store = keyring_core::mock::Store::new().unwrap();
        let read = |name| read_in(&*store, name).map(|key| key.to_string());
        assert_eq!(read("big"), Err(KeyringError::Absent));
        for key in ["sk-1", "sk-2"] {
            set_in(&*store, "big", key).unwrap();
            assert_eq!(read("big").as_deref(), Ok(key));
        }
        assert_eq!(read("other"), Err(KeyringError::Absent));
        remove_in(&*store, "big").unwrap();
        assert_eq!(read("big"), Err(KeyringError::Absent));
        assert_eq!(remove_in(&*store, "big"), Err(KeyringError::Absent));
    }

    #[tokio::test]
    async fn what_is_no_key_is_neither_put_in_nor_sent() {
        let store = keyring_core::mock::Store::new().unwrap();
        set_in(&*store, "big", "two words\n").unwrap();
        assert_eq!(read_in(&*store, "big").err(), Some(KeyringError::NotAKey));
        for key in ["", "two words", "ä"] {
            assert_eq!(set_key("big", key.to_owned()).await, Err(KeyringError::NotAKey));
        }
    }

    #[tokio::test]
    async fn a_keyring_that_hangs_is_not_waited_for() {
        let (_stays, hangs) = std::sync::mpsc::channel::<()>();
        let work = move || hangs.recv().map_err(|_| KeyringError::Absent);
        assert_eq!(on_a_thread(Duration::from_millis(10), work).await, Err(KeyringError::Silent));
    }
}
