//! The variables of verify commands: folders of their own for what they build and keep, the user's for what they read, no
//! network. In: a shadow's place. Out: variables in place of those of this process.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::shadow::Place;

/// Variables that name folders in the user's home, and where these are when the variable is not set: tools find what they
/// have installed there, though their home is another.
const HOMES: [(&str, &str); 14] = [
    ("ASDF_DATA_DIR", ".asdf"),
    ("BUN_INSTALL", ".bun"),
    ("CARGO_HOME", ".cargo"),
    ("COREPACK_HOME", ".cache/node/corepack"),
    ("FNM_DIR", ".local/share/fnm"),
    ("GOPATH", "go"),
    ("GRADLE_RO_DEP_CACHE", ".gradle/caches"),
    ("MISE_DATA_DIR", ".local/share/mise"),
    ("NVM_DIR", ".nvm"),
    ("PYENV_ROOT", ".pyenv"),
    ("RBENV_ROOT", ".rbenv"),
    ("RUSTUP_HOME", ".rustup"),
    ("SDKMAN_DIR", ".sdkman"),
    ("VOLTA_HOME", ".volta"),
];

/// The same for every command.
const FIXED: [(&str, &str); 13] = [
    ("CARGO_NET_OFFLINE", "true"),
    ("CARGO_TERM_COLOR", "never"),
    ("CI", "true"),
    ("GOPROXY", "off"),
    ("GOTOOLCHAIN", "local"),
    ("NO_COLOR", "1"),
    ("PIP_NO_INDEX", "1"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
    ("PYTHONUNBUFFERED", "1"),
    ("RUSTC_WRAPPER", ""), // a server that caches can't be reached
    ("RUSTUP_AUTO_INSTALL", "0"),
    ("TERM", "dumb"),
    ("npm_config_offline", "true"),
];

/// The variables for commands in a shadow.
pub(super) fn of(place: &Place) -> BTreeMap<String, OsString> {
    let (build, home, tmp) = (place.build(), place.folder().join("home"), place.folder().join("tmp"));
    let mut env = tools();
    let mut put = |name: &str, path: PathBuf| drop(env.insert(name.to_owned(), path.into()));
    put("CARGO_TARGET_DIR", build.join("cargo"));
    put("GOCACHE", build.join("go"));
    put("GRADLE_USER_HOME", build.join("gradle"));
    put("PYTHONPYCACHEPREFIX", build.join("python"));
    for (name, folder) in [("CACHE", "cache"), ("CONFIG", "config"), ("DATA", "data"), ("STATE", "state")] {
        put(&format!("XDG_{name}_HOME"), home.join(folder));
    }
    for name in ["TMPDIR", "TMP", "TEMP"] {
        put(name, tmp.clone());
    }
    if let Some(user) = user_home() {
        let repository = user.join(".m2").join("repository");
        env.insert("MAVEN_OPTS".to_owned(), format!("-Dmaven.repo.local={}", repository.display()).into());
    }
    env.insert("HOME".to_owned(), home.into());
    env
}

/// The variables without which tools do not find what the user has installed, and those that are the same everywhere.
pub(super) fn tools() -> BTreeMap<String, OsString> {
    let mut env: BTreeMap<String, OsString> =
        FIXED.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    let Some(user) = user_home() else { return env };
    for (name, folder) in HOMES {
        let folder = user.join(folder);
        if std::env::var_os(name).is_none() && folder.is_dir() {
            env.insert(name.to_owned(), folder.into());
        }
    }
    env
}

fn user_home() -> Option<PathBuf> {
    etcetera::home_dir().ok()
}
