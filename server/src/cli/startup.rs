//! What has to stand before a command runs: where logs go, and the user's own queries. Does next to nothing unless a
//! variable asks for it, since editors wait for `whittle lsp`.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

use super::output::warn;
use crate::syntax::{QueryKind, set_query_overrides};

/// Logs go to standard error, or to the file of `WHITTLE_LOG_FILE`; `WHITTLE_LOG` filters them as `RUST_LOG` does
/// elsewhere.
pub(super) fn logs() {
    let wanted = variable("WHITTLE_LOG").unwrap_or_else(|| "warn".to_owned());
    let filter = EnvFilter::try_new(&wanted).unwrap_or_else(|error| {
        warn(&format!("WHITTLE_LOG: `{wanted}` is not a filter for logs ({error}); `warn` is used"));
        EnvFilter::new("warn")
    });
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
    let file =
        variable("WHITTLE_LOG_FILE").and_then(|path| match File::options().create(true).append(true).open(&path) {
            Ok(file) => Some(file),
            Err(error) => {
                warn(&format!("WHITTLE_LOG_FILE: {path} can't be written ({error}); logs go to standard error"));
                None
            }
        });
    // a second subscriber is refused, which only tests could meet
    let _ = match file {
        Some(file) => builder.with_writer(Mutex::new(file)).try_init(),
        None => builder.with_writer(io::stderr).try_init(),
    };
}

/// Puts the queries of the folder `WHITTLE_QUERIES` in place of the built-in ones.
pub(super) fn queries() {
    let Some(folder) = variable("WHITTLE_QUERIES") else { return };
    match read_queries(Path::new(&folder)) {
        Ok(files) if files.is_empty() => {
            warn(&format!("WHITTLE_QUERIES: {folder} holds no LANGUAGE/chunks.scm or LANGUAGE/references.scm"));
        }
        Ok(files) => {
            for error in set_query_overrides(files).err().unwrap_or_default() {
                warn(&format!("WHITTLE_QUERIES: {error}"));
            }
        }
        Err(error) => {
            warn(&format!("WHITTLE_QUERIES: {folder} can't be read ({error}); the built-in queries are used"))
        }
    }
}

/// The query files of a folder, as `LANGUAGE/NAME.scm` → text.
fn read_queries(folder: &Path) -> io::Result<HashMap<String, String>> {
    let mut files = HashMap::new();
    for language in fs::read_dir(folder)? {
        let language = language?;
        let name = language.file_name();
        for kind in [QueryKind::Chunks, QueryKind::References] {
            let file = language.path().join(kind.file_name());
            match fs::read_to_string(&file) {
                Ok(text) => {
                    files.insert(format!("{}/{}", name.to_string_lossy(), kind.file_name()), text);
                }
                Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
                Err(error) => warn(&format!("WHITTLE_QUERIES: {} can't be read ({error})", file.display())),
            }
        }
    }
    Ok(files)
}

/// The value of an environment variable that is set and not empty.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
