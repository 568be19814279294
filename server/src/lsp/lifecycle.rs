//! From `initialize` to `exit`. In: the methods as they come, the editor's process id. Out: what is allowed now, the
//! exit code, word of the editor's death. Never handles a message itself.

use super::message::{Code, Error};
use std::time::Duration;

/// How often the editor's process is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// Where the connection stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing but `initialize` is answered.
    #[default]
    Fresh,
    Running,
    /// After `shutdown`: nothing but `exit` counts.
    ShutDown,
}

impl Phase {
    /// Whether a request may be handled now; the error is its answer otherwise.
    pub(super) fn admit(self, method: &str) -> Result<(), Error> {
        let (code, message) = match (self, method == "initialize") {
            (Self::Fresh, true) | (Self::Running, false) => return Ok(()),
            (Self::Fresh, false) => (Code::ServerNotInitialized, "the server waits for `initialize`"),
            (Self::Running, true) => (Code::InvalidRequest, "the server was initialized before"),
            (Self::ShutDown, _) => (Code::InvalidRequest, "the server was shut down"),
        };
        Err(Error::new(code, message))
    }

    /// The exit code when the program ends now: an end without `shutdown` is not an orderly one.
    pub(super) fn exit_code(self) -> u8 {
        u8::from(self != Self::ShutDown)
    }
}

/// Calls `gone` once the process `id` is no longer there. An id that can't be seen from the start (an editor outside of
/// this container) is not watched.
#[cfg(unix)]
pub(super) fn watch_editor(id: i64, gone: impl FnOnce() + Send + 'static) {
    use rustix::io::Errno;
    use rustix::process::{Pid, test_kill_process};

    // Not permitted to signal it means that it is there.
    let lives = |editor: Pid| !matches!(test_kill_process(editor), Err(Errno::SRCH));
    let Some(editor) = i32::try_from(id).ok().filter(|id| *id > 0).and_then(Pid::from_raw).filter(|pid| lives(*pid))
    else {
        tracing::info!(id, "the editor's process can't be seen; it is not watched");
        return;
    };
    let watch = move || {
        while lives(editor) {
            std::thread::sleep(LOOK_EVERY);
        }
        gone();
    };
    if let Err(why) = std::thread::Builder::new().name("lsp editor".into()).spawn(watch) {
        tracing::warn!(%why, "the editor's process is not watched");
    }
}

/// Only standard input's end tells of the editor's death here.
#[cfg(not(unix))]
pub(super) fn watch_editor(_id: i64, _gone: impl FnOnce() + Send + 'static) {}
