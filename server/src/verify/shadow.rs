//! A copy of a workspace in which verify commands may run. In: the workspace, and texts that take the place of what the
//! disk holds. Out: a folder with the same files, brought in step by what changed only, and folders of its own for what
//! commands build. Never writes into the workspace, and shares no file's content with it (`fs::copy` clones where the file
//! system can).

use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::index::{hash, stamp, walker};
use crate::policy::Policy;

/// Larger workspaces are not copied.
const MOST_FILES: usize = 200_000;
/// Larger workspaces are not copied, in bytes.
const MOST_BYTES: u64 = 4 << 30;
/// What commands built is deleted when it is larger, in bytes.
const MOST_BUILT: u64 = 20 << 30;
/// Shadows that were not used for so long are deleted.
const OLDEST: Duration = Duration::from_secs(14 * 24 * 60 * 60);
/// How often sizes and ages are looked at.
const PRUNE_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// Folders that are never part of a project.
const LEFT_OUT: [&str; 7] = [".git", ".hg", ".svn", ".jj", "__pycache__", "node_modules", ".tox"];
/// Ignored, and needed all the same.
const NEEDED_FILES: [&str; 2] = ["Cargo.lock", "go.sum"];
const NEEDED_FOLDERS: [&str; 4] = ["node_modules", ".venv", "venv", "vendor"];

/// A text in place of what the disk holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// The file, relative to the workspace, with `/`.
    pub path: String,
    /// Its text; `None`: it is not there.
    pub text: Option<String>,
}

/// Why there is no shadow.
#[derive(Debug, thiserror::Error)]
pub enum ShadowError {
    /// No place for it.
    #[error("the user's cache folder is not known; set HOME")]
    NoCache,
    /// It would be too large.
    #[error("the workspace is too large to copy ({0}); name what does not matter in an ignore file")]
    TooLarge(String),
    /// The disk.
    #[error("the shadow copy can't be written: {0}")]
    Io(#[from] io::Error),
}

/// The folder of one workspace's shadow.
#[derive(Clone, Debug)]
pub(super) struct Place {
    folder: PathBuf,
}

/// A shadow that nobody else uses.
#[derive(Debug)]
pub(super) struct Shadow {
    place: Place,
    manifest: Manifest,
    _lock: File,
}

/// What bringing a shadow in step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Synced {
    pub(super) written: usize,
    pub(super) removed: usize,
    /// Names the content of all files: the same for the same content.
    pub(super) state: u64,
}

/// What lies in a shadow.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Manifest {
    files: BTreeMap<String, Kept>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// Of the workspace's file when it was read; 0 when it must be read again.
    stamp: u64,
    /// Hash of that file's bytes.
    source: u64,
    /// Hash of the bytes that were put into the shadow.
    hash: u64,
    /// Time of change and length of the shadow's file: a command may have written it.
    own: (u64, u64),
}

/// What a path of the shadow is to hold.
enum Wanted {
    File(Metadata),
    Text(String),
    Link(PathBuf),
}

impl Place {
    /// In the user's cache folder.
    pub(super) fn of_user(root: &Path) -> Result<Self, ShadowError> {
        use etcetera::BaseStrategy as _;
        let folders = etcetera::choose_base_strategy().map_err(|_| ShadowError::NoCache)?;
        Ok(Self::within(&folders.cache_dir().join("whittle").join("shadow"), root))
    }

    pub(super) fn within(folder: &Path, root: &Path) -> Self {
        let name: String = root.file_name().unwrap_or_default().to_string_lossy().chars().take(40).collect();
        let name = name.replace(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')), "_");
        Self { folder: folder.join(format!("{name}-{:016x}", hash(root.as_os_str().as_encoded_bytes()))) }
    }

    /// All of it: what commands may write below.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn tree(&self) -> PathBuf {
        self.folder.join("tree")
    }

    pub(super) fn build(&self) -> PathBuf {
        self.folder.join("build")
    }

    /// Opens the shadow; `None` while another process or job uses it.
    pub(super) fn open(&self) -> Result<Option<Shadow>, ShadowError> {
        if let Some(parent) = self.folder.parent() {
            fs::create_dir_all(parent)?;
        }
        let is_new = make_private(&self.folder)?;
        let Some(lock) = lock(&self.folder.join("lock"))? else { return Ok(None) };
        if !is_new {
            self.prune();
        }
        for folder in ["tree", "build", "home", "tmp"] {
            fs::create_dir_all(self.folder.join(folder))?;
        }
        let manifest = fs::read(self.folder.join("manifest")).unwrap_or_default();
        let manifest = serde_json::from_slice(&manifest).unwrap_or_default();
        Ok(Some(Shadow { place: self.clone(), manifest, _lock: lock }))
    }

    /// Once a day: deletes what is too large here, and shadows that nobody uses any more.
    fn prune(&self) {
        let marker = self.folder.join("pruned");
        let age = |path: &Path| path.metadata().ok()?.modified().ok()?.elapsed().ok();
        if age(&marker).is_some_and(|age| age < PRUNE_EVERY) {
            return;
        }
        let _ = fs::write(&marker, ""); // tried again the next time
        if size(&self.build()) > MOST_BUILT {
            tracing::info!(folder = %self.build().display(), "what verify commands built is too large and is deleted");
            let _ = fs::remove_dir_all(self.build());
        }
        let Some(entries) = self.folder.parent().and_then(|parent| fs::read_dir(parent).ok()) else { return };
        for other in entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| *path != self.folder) {
            let unused = age(&other.join("manifest")).is_some_and(|age| age > OLDEST);
            if unused && let Ok(Some(_lock)) = lock(&other.join("lock")) {
                let _ = fs::remove_dir_all(&other); // what can't be deleted is tried again
            }
        }
    }
}

impl Shadow {
    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// Brings the shadow in step with the workspace, with `laid` in place of what the disk holds; a later one wins.
    pub(super) fn sync(&mut self, policy: &Policy, laid: &[Laid]) -> Result<Synced, ShadowError> {
        let mut wanted = wanted(policy)?;
        for Laid { path, text } in laid {
            match text {
                Some(text) => drop(wanted.insert(path.clone(), Wanted::Text(text.clone()))),
                None => drop(wanted.remove(path)),
            }
        }
        let tree = self.place.tree();
        let is_new = self.manifest.files.is_empty();
        let mut synced = Synced::default();
        let gone: Vec<String> =
            self.manifest.files.keys().filter(|path| !wanted.contains_key(*path)).cloned().collect();
        for path in gone {
            remove(&tree.join(&path))?;
            self.manifest.files.remove(&path);
            synced.removed += 1;
        }
        for (path, wanted) in &wanted {
            let source = policy.root().join(path);
            let own = tree.join(path);
            let kept = self.manifest.files.get(path);
            let untouched = |kept: &&Kept| own_of(&own) == Some(kept.own);
            let current = kept.filter(untouched);
            let new = match wanted {
                Wanted::Link(target) => {
                    let hash = hash(target.as_os_str().as_encoded_bytes());
                    if fs::read_link(&own).is_ok_and(|there| there == *target) {
                        Kept { stamp: 0, source: 0, hash, own: (0, 0) }
                    } else {
                        put(&own, |own| link(target, own))?;
                        synced.written += 1;
                        Kept { stamp: 0, source: 0, hash, own: (0, 0) }
                    }
                }
                Wanted::Text(text) => {
                    let hash = hash(text.as_bytes());
                    match current.filter(|kept| kept.hash == hash) {
                        Some(kept) => kept.clone(),
                        None => {
                            put(&own, |own| fs::write(own, text))?;
                            synced.written += 1;
                            Kept { stamp: 0, source: 0, hash, own: own_of(&own).unwrap_or_default() }
                        }
                    }
                }
                Wanted::File(metadata) => {
                    let stamp = stamp(metadata);
                    let same = current.filter(|kept| stamp != 0 && kept.stamp == stamp && kept.hash == kept.source);
                    match same {
                        Some(kept) => kept.clone(),
                        None => {
                            let source_hash = match kept.filter(|kept| stamp != 0 && kept.stamp == stamp) {
                                Some(kept) => kept.source,
                                None => hash(&fs::read(&source)?),
                            };
                            let own_stamp = match current.filter(|kept| kept.hash == source_hash) {
                                Some(kept) => kept.own,
                                None => {
                                    put(&own, |own| fs::copy(&source, own).map(drop))?;
                                    // times tell build tools what changed: only the first copy keeps them
                                    let now = SystemTime::now();
                                    let time = if is_new { metadata.modified().unwrap_or(now) } else { now };
                                    set_time(&own, time)?;
                                    synced.written += 1;
                                    own_of(&own).unwrap_or_default()
                                }
                            };
                            Kept { stamp, source: source_hash, hash: source_hash, own: own_stamp }
                        }
                    }
                }
            };
            synced.state = hash(&[synced.state, new.hash, hash(path.as_bytes())].map(u64::to_le_bytes).concat());
            if kept != Some(&new) {
                self.manifest.files.insert(path.clone(), new);
            }
        }
        fs::write(self.place.folder.join("manifest"), serde_json::to_vec(&self.manifest).unwrap_or_default())?;
        Ok(synced)
    }
}

/// Every file of a workspace that belongs into its shadow.
fn wanted(policy: &Policy) -> Result<BTreeMap<String, Wanted>, ShadowError> {
    let root = policy.root();
    let mut wanted = BTreeMap::new();
    let mut folders = Vec::new();
    let mut bytes = 0;
    let mut builder = walker(policy);
    builder.hidden(false).filter_entry(|entry| {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        let left_out = |name: &str| LEFT_OUT.contains(&name);
        let made_by_tools = || ["CACHEDIR.TAG", "pyvenv.cfg"].iter().any(|name| entry.path().join(name).is_file());
        entry.depth() == 0 || !is_folder || !(entry.file_name().to_str().is_some_and(left_out) || made_by_tools())
    });
    for entry in builder.build().filter_map(Result::ok) {
        let Some(path) = relative(root, entry.path()) else { continue };
        let Some(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            folders.push(path);
        } else if kind.is_symlink() {
            // what it leads to in the workspace, it leads to in the shadow
            let target = match entry.path().canonicalize() {
                Ok(real) => relative(root, &real).map_or(real, |inside| climb(&path).join(inside)),
                Err(_) => fs::read_link(entry.path())?,
            };
            wanted.insert(path, Wanted::Link(target));
        } else if kind.is_file()
            && let Ok(metadata) = entry.metadata()
        {
            bytes += metadata.len();
            // keys and passwords are not copied; who runs there may read them where they are
            let secret = policy.check_name(&path).is_err();
            let what = if secret { Wanted::Link(entry.path().to_owned()) } else { Wanted::File(metadata) };
            wanted.insert(path, what);
        }
        if wanted.len() > MOST_FILES || bytes > MOST_BYTES {
            return Err(ShadowError::TooLarge(format!("over {MOST_FILES} files or {} GiB", MOST_BYTES >> 30)));
        }
    }
    for folder in &folders {
        let here = root.join(folder);
        let join = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        for name in NEEDED_FILES {
            let metadata = fs::symlink_metadata(here.join(name)).ok().filter(Metadata::is_file);
            if let Some(metadata) = metadata.filter(|_| !wanted.contains_key(&join(name))) {
                wanted.insert(join(name), Wanted::File(metadata));
            }
        }
        for name in NEEDED_FOLDERS {
            let path = join(name);
            if !here.join(name).is_dir() || folders.contains(&path) {
                continue;
            }
            if name == "node_modules" {
                packages(root, &path, &mut wanted);
            } else {
                wanted.insert(path, Wanted::Link(here.join(name)));
            }
        }
    }
    Ok(wanted)
}

/// The packages of a `node_modules`, each a link; those that are links into the workspace lead into the shadow.
fn packages(root: &Path, path: &str, wanted: &mut BTreeMap<String, Wanted>) {
    let Ok(entries) = fs::read_dir(root.join(path)) else { return };
    for entry in entries.filter_map(Result::ok) {
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
        let path = format!("{path}/{name}");
        if name.starts_with('@') {
            packages(root, &path, wanted);
        } else if name != ".cache" {
            let own =
                entry.path().canonicalize().ok().filter(|_| entry.file_type().is_ok_and(|kind| kind.is_symlink()));
            let inside = own.as_deref().and_then(|own| relative(root, own));
            let inside = inside.filter(|inside| !inside.split('/').any(|part| part == "node_modules"));
            let target = match inside {
                Some(inside) => climb(&path).join(inside),
                None => entry.path(),
            };
            wanted.insert(path, Wanted::Link(target));
        }
    }
}

/// From a path's folder to the top.
fn climb(path: &str) -> PathBuf {
    PathBuf::from("../".repeat(path.matches('/').count()))
}

fn relative(root: &Path, path: &Path) -> Option<String> {
    Some(path.strip_prefix(root).ok()?.to_str()?.replace('\\', "/"))
}

/// Time of change, in nanoseconds, and length of a shadow's file.
fn own_of(path: &Path) -> Option<(u64, u64)> {
    let metadata = fs::symlink_metadata(path).ok().filter(Metadata::is_file)?;
    let changed = metadata.modified().ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some((u64::try_from(changed.as_nanos()).ok()?, metadata.len()))
}

/// Puts something at a path, whatever was there.
fn put(path: &Path, write: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    if fs::symlink_metadata(path).is_ok() {
        remove(path)?; // never through a link, and never into a file that may not be written
    } else if let Some(parent) = path.parent() {
        make_folders(parent)?;
    }
    write(path)
}

/// Folders in place of files that have their names.
fn make_folders(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder).or_else(|_| {
        let files = folder.ancestors().filter(|path| path.symlink_metadata().is_ok_and(|there| !there.is_dir()));
        files.for_each(|file| drop(fs::remove_file(file)));
        fs::create_dir_all(folder)
    })
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(_) => Ok(()), // gone, or its folder is
    }
}

fn set_time(path: &Path, time: SystemTime) -> io::Result<()> {
    let times = FileTimes::new().set_modified(time);
    match File::options().write(true).open(path) {
        Ok(file) => file.set_times(times),
        Err(_) => Ok(()), // a copy of a file that may not be written is new
    }
}

#[cfg(unix)]
fn link(target: &Path, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(windows)]
fn link(target: &Path, path: &Path) -> io::Result<()> {
    if target.is_dir() {
        std::os::windows::fs::symlink_dir(target, path)
    } else {
        std::os::windows::fs::symlink_file(target, path)
    }
}

/// Makes a folder that only the user can read; gives whether it was not there.
fn make_private(folder: &Path) -> io::Result<bool> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// A lock that ends with the process; `None` where somebody holds it.
fn lock(path: &Path) -> io::Result<Option<File>> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(windows)]
    {
        std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 0);
        const SHARING_VIOLATION: i32 = 32;
        match options.open(path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.raw_os_error() == Some(SHARING_VIOLATION) => Ok(None),
            Err(error) => Err(error),
        }
    }
    #[cfg(unix)]
    {
        use rustix::fs::{FlockOperation, flock};
        let file = options.open(path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(file)),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Bytes in a folder.
fn size(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let of = |entry: fs::DirEntry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => size(&entry.path()),
        Ok(kind) if kind.is_file() => entry.metadata().map_or(0, |metadata| metadata.len()),
        _ => 0,
    };
    entries.filter_map(Result::ok).map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PolicySettings;

    struct Setup {
        _folder: tempfile::TempDir,
        policy: Policy,
        place: Place,
    }

    impl Setup {
        fn new(files: &[(&str, &str)]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let root = folder.path().join("work");
            fs::create_dir(&root).unwrap();
            let (policy, _) = Policy::new(&root, &PolicySettings::default());
            let place = Place::within(&folder.path().join("cache"), policy.root());
            let setup = Self { _folder: folder, policy, place };
            files.iter().for_each(|(path, text)| setup.write(path, text));
            setup
        }

        /// Writes a file of an hour ago.
        fn write(&self, path: &str, text: &str) {
            let file = self.policy.root().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, text).unwrap();
            set_time(&file, SystemTime::now() - Duration::from_secs(3600)).unwrap();
        }

        fn sync(&self, laid: &[(&str, Option<&str>)]) -> Synced {
            let laid: Vec<Laid> = laid
                .iter()
                .map(|(path, text)| Laid { path: (*path).to_owned(), text: text.map(str::to_owned) })
                .collect();
            self.place.open().unwrap().unwrap().sync(&self.policy, &laid).unwrap()
        }

        fn text(&self, path: &str) -> Option<String> {
            fs::read_to_string(self.place.tree().join(path)).ok()
        }

        fn age(&self, path: &str) -> u64 {
            self.place.tree().join(path).metadata().unwrap().modified().unwrap().elapsed().unwrap().as_secs()
        }
    }

    #[test]
    fn what_belongs_to_the_project_is_there_and_nothing_else() {
        let setup = Setup::new(&[
            (".gitignore", "ignored/\nCargo.lock\nnode_modules\n.venv\n"),
            ("src/a.rs", "a"),
            (".cargo/config.toml", "c"),
            ("Cargo.lock", "l"),
            ("ignored/b.rs", "b"),
            (".git/config", "g"),
            (".env", "SECRET=1"),
            ("out/CACHEDIR.TAG", ""),
            ("out/big", ""),
            ("node_modules/left-pad/index.js", "p"),
            ("node_modules/@scope/own/index.js", "q"),
            (".venv/pyvenv.cfg", ""),
            (".venv/bin/python", ""),
        ]);
        setup.sync(&[]);
        for (path, text) in [
            ("src/a.rs", Some("a")),
            (".cargo/config.toml", Some("c")),
            ("Cargo.lock", Some("l")),
            ("ignored/b.rs", None),
            (".git/config", None),
            ("out/big", None),
            ("node_modules/left-pad/index.js", Some("p")),
            ("node_modules/@scope/own/index.js", Some("q")),
            (".venv/bin/python", Some("")),
        ] {
            assert_eq!(setup.text(path).as_deref(), text, "{path}");
        }
        let is_link = |path: &str| setup.place.tree().join(path).symlink_metadata().unwrap().is_symlink();
        assert!(is_link(".env") && is_link(".venv") && is_link("node_modules/left-pad") && !is_link("node_modules"));
        assert!(setup.age("src/a.rs") >= 3600 && setup.age("Cargo.lock") >= 3600);
        assert_eq!(setup.sync(&[]).written, 0);
    }

    #[test]
    #[cfg(unix)]
    fn packages_of_the_workspace_itself_are_those_of_the_shadow() {
        let setup = Setup::new(&[("packages/own/index.ts", "1"), ("app/node_modules/other/index.js", "2")]);
        let modules = setup.policy.root().join("app/node_modules");
        fs::create_dir(modules.join("@me")).unwrap();
        link(Path::new("../../../packages/own"), &modules.join("@me/own")).unwrap();
        setup.sync(&[("packages/own/index.ts", Some("3"))]);
        assert_eq!(setup.text("app/node_modules/@me/own/index.ts").as_deref(), Some("3"));
        assert_eq!(setup.text("app/node_modules/other/index.js").as_deref(), Some("2"));
    }

    #[test]
    fn only_what_changed_is_written_and_every_change_is_new_to_build_tools() {
        let setup = Setup::new(&[("a.rs", "1"), ("b.rs", "2"), ("c/d.rs", "3")]);
        let first = setup.sync(&[]);
        assert_eq!((first.written, first.removed), (3, 0));
        let laid = setup.sync(&[("a.rs", Some("one")), ("c/d.rs", None), ("new/e.rs", Some("5"))]);
        assert_eq!((laid.written, laid.removed), (2, 1));
        assert_ne!(laid.state, first.state);
        let texts = ["a.rs", "b.rs", "c/d.rs", "new/e.rs"].map(|path| setup.text(path));
        assert_eq!(texts, [Some("one".into()), Some("2".into()), None, Some("5".into())]);
        // back to the disk's text: the content is old, to a build tool it is new
        let back = setup.sync(&[]);
        assert_eq!((back.written, back.removed, back.state), (2, 1, first.state));
        assert!(setup.age("a.rs") < 60 && setup.age("b.rs") >= 3600);
        assert_eq!(setup.text("a.rs").as_deref(), Some("1"));
        // the same text with another time is no change
        set_time(&setup.policy.root().join("b.rs"), SystemTime::now() - Duration::from_secs(60)).unwrap();
        assert_eq!(setup.sync(&[]).written, 0);
        setup.write("b.rs", "two");
        fs::remove_file(setup.policy.root().join("a.rs")).unwrap();
        let changed = setup.sync(&[]);
        assert_eq!((changed.written, changed.removed), (1, 1));
        assert_eq!(setup.text("b.rs").as_deref(), Some("two"));
    }

    #[test]
    fn what_a_command_wrote_over_is_put_right() {
        let setup = Setup::new(&[("a.rs", "1"), ("b", "2")]);
        setup.sync(&[]);
        fs::write(setup.place.tree().join("a.rs"), "changed by a command").unwrap();
        fs::remove_file(setup.place.tree().join("b")).unwrap();
        fs::create_dir(setup.place.tree().join("b")).unwrap();
        setup.sync(&[]);
        assert_eq!((setup.text("a.rs").as_deref(), setup.text("b").as_deref()), (Some("1"), Some("2")));
        // a file becomes a folder, and back
        fs::remove_file(setup.policy.root().join("b")).unwrap();
        setup.write("b/c", "3");
        setup.sync(&[]);
        assert_eq!(setup.text("b/c").as_deref(), Some("3"));
        fs::remove_dir_all(setup.policy.root().join("b")).unwrap();
        setup.write("b", "4");
        setup.sync(&[]);
        assert_eq!(setup.text("b").as_deref(), Some("4"));
    }

    #[test]
    fn one_user_at_a_time_and_the_workspace_stays_as_it_is() {
        let setup = Setup::new(&[("a.rs", "1")]);
        let before = fs::metadata(setup.policy.root().join("a.rs")).unwrap().modified().unwrap();
        let shadow = setup.place.open().unwrap().unwrap();
        assert!(setup.place.open().unwrap().is_none());
        drop(shadow);
        setup.sync(&[("a.rs", Some("2"))]);
        assert_eq!(fs::read_to_string(setup.policy.root().join("a.rs")).unwrap(), "1");
        assert_eq!(fs::metadata(setup.policy.root().join("a.rs")).unwrap().modified().unwrap(), before);
    }
}
