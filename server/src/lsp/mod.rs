//! The front door. In: the client's messages. Out: answers, progress, edits. One file a request; `server` says which.
//! Nothing here waits for a model or a parser on the thread that reads messages.

mod apply;
mod background;
mod code_action;
mod context;
mod convert;
mod deliver;
mod diagnostics;
mod execute_command;
mod features;
mod following;
mod found;
mod given;
mod history;
mod hover;
mod lifecycle;
mod marks;
mod message;
mod offers;
mod outbox;
mod progress;
mod read;
mod review;
mod scopes;
mod server;
mod session;
mod show;
mod status;
mod text_sync;
mod transport;
mod undo;

use std::path::PathBuf;

/// Serves one client on standard input and output until it goes; `config` is a file of settings. Gives the program's
/// exit code.
#[must_use]
pub fn serve(config: Option<PathBuf>) -> u8 {
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "can't start");
            return 1;
        }
    };
    let code =
        transport::run(std::io::stdin(), std::io::stdout(), server::Whittle::new(runtime.handle().clone(), config));
    runtime.shutdown_background(); // a name that is still being looked up must not hold up the end
    code
}
