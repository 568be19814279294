//! A user's home and project, made for one test: nothing of the machine's own settings counts.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::server::Server;

/// The file that most tests work on.
pub(crate) const SOURCE: &str = "\
/// What all of it costs.
pub fn total(prices: &[u32]) -> u32 {
    let mut sum = 0;
    for price in prices {
        sum += price;
    }
    // the tax is one tenth
    // of the sum
    // without discounts
    let tax = sum / 10;
    sum + tax
}

/// The larger one.
pub fn larger(a: u32, b: u32) -> u32 {
    if a > b {
        return a;
    } else {
        return b;
    }
}
";

/// A home with the project `shop`, a Rust crate whose `src/lib.rs` is [`SOURCE`]; it goes with this value.
pub(crate) struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        let home = Self { folder: tempfile::Builder::new().prefix("whittle-").tempdir().unwrap() };
        home.write("shop/Cargo.toml", "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        home.write("shop/src/lib.rs", SOURCE);
        std::fs::create_dir(home.path("shop/.git")).unwrap(); // a root for every editor
        home
    }

    /// The same, with the model `big` answered by `server`, and these further lines of settings.
    pub(crate) fn with_model(server: &Server, settings: &str) -> Self {
        let home = Self::new();
        let model = format!(
            "[models.big]\nprovider = \"openai\"\nbase_url = \"{}\"\nmodel = \"test\"\n\n[cache]\nanswers = false\n",
            server.base_url()
        );
        home.write(".config/whittle/config.toml", &format!("{model}\n{settings}"));
        home
    }

    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(relative)
    }

    /// The root of the project.
    pub(crate) fn project(&self) -> PathBuf {
        self.path("shop")
    }

    /// Writes a file and the folders above it.
    pub(crate) fn write(&self, relative: impl AsRef<Path>, text: &str) {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// All that a program that is started here gets to know of its environment; `whittle` is in its `PATH`.
    pub(crate) fn environment(&self) -> Vec<(&'static str, OsString)> {
        let whittle = Path::new(env!("CARGO_BIN_EXE_whittle")).parent().unwrap().to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(whittle).chain(std::env::split_paths(&path))).unwrap();
        let mut variables = vec![
            ("HOME", self.folder.path().into()),
            ("PATH", path),
            ("LANG", "C.UTF-8".into()),
            ("TERM", "xterm-256color".into()),
            ("COLORTERM", "truecolor".into()),
            ("WHITTLE_LOG_FILE", self.path("whittle.log").into()),
        ];
        let folders = [
            ("XDG_CONFIG_HOME", ".config"),
            ("XDG_CACHE_HOME", ".cache"),
            ("XDG_DATA_HOME", ".local/share"),
            ("XDG_STATE_HOME", ".local/state"),
            ("XDG_RUNTIME_DIR", ".run"),
        ];
        for (name, folder) in folders {
            std::fs::create_dir_all(self.path(folder)).unwrap();
            variables.push((name, self.path(folder).into()));
        }
        // the toolchain, for checks and formatters
        for name in ["CARGO_HOME", "RUSTUP_HOME"] {
            let own = format!(".{}", name.trim_end_matches("_HOME").to_lowercase());
            let default = || std::env::home_dir().map(|home| home.join(own).into_os_string());
            variables.extend(std::env::var_os(name).or_else(default).map(|value| (name, value)));
        }
        variables
    }
}
