//! Finds the files of a workspace that may enter a context.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use ignore::{WalkBuilder, WalkState};

use super::hash::hash;
use super::sources::language_of;
use crate::policy::{IGNORE_FILES, Policy};

/// Larger files are data or generated; they are not indexed, though they can be a focus.
const LARGEST: u64 = 1 << 20;

/// A file that was changed so lately can change again without a new time of change.
const UNSETTLED: Duration = Duration::from_secs(2);

/// A file that was found: its path relative to the workspace, and its stamp.
pub(super) type Found = (String, u64);

/// Relative paths, sorted, of the workspace's files that may be worth indexing and that no ignore file or deny rule names.
/// Links are not followed, so that nothing outside of the workspace is read.
#[must_use]
pub fn source_files(policy: &Policy) -> Vec<String> {
    walk(policy).into_iter().map(|(path, _)| path).collect()
}

/// The same with stamps, sorted by path.
pub(super) fn walk(policy: &Policy) -> Vec<Found> {
    files(policy, &|path| language_of(path).is_some())
}

/// Relative paths, sorted, of all files that no ignore file or deny rule names, manifests and settings included.
#[must_use]
pub fn project_files(policy: &Policy) -> Vec<String> {
    files(policy, &|_| true).into_iter().map(|(path, _)| path).collect()
}

/// Tells a state of a file from others without reading it: size and times of change. 0 where that can't be told.
pub(crate) fn stamp(metadata: &Metadata) -> u64 {
    let Ok(changed) = metadata.modified() else { return 0 };
    if SystemTime::now().duration_since(changed).is_ok_and(|age| age < UNSETTLED) {
        return 0;
    }
    let nanos = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_nanos());
    let parts = [nanos(changed), u128::from(metadata.len()), moved(metadata)];
    hash(parts.map(u128::to_le_bytes).as_flattened()).max(1)
}

/// Unix tells as well when a file was put in place of another with an older time of change.
#[cfg(unix)]
fn moved(metadata: &Metadata) -> u128 {
    use std::os::unix::fs::MetadataExt as _;
    u128::from(metadata.ctime() as u64) << 64 | u128::from(metadata.ctime_nsec() as u64)
}

#[cfg(not(unix))]
fn moved(_: &Metadata) -> u128 {
    0
}

/// Whether a file is small enough to be read.
pub(super) fn is_indexed(path: &Path, metadata: &Metadata) -> bool {
    metadata.is_file() && metadata.len() <= LARGEST && language_of(path).is_some()
}

/// The builder of every walk through a workspace.
pub(crate) fn walker(policy: &Policy) -> WalkBuilder {
    let mut builder = WalkBuilder::new(policy.root());
    builder.require_git(false).parents(false);
    for name in IGNORE_FILES {
        builder.add_custom_ignore_filename(name);
    }
    builder
}

fn files(policy: &Policy, wanted: &(dyn Fn(&Path) -> bool + Sync)) -> Vec<Found> {
    let found = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    walker(policy).threads(threads).build_parallel().run(|| {
        Box::new(|entry| {
            let Ok(entry) = entry else { return WalkState::Continue };
            if !entry.file_type().is_some_and(|kind| kind.is_file()) || !wanted(entry.path()) {
                return WalkState::Continue;
            }
            let Some(path) = entry.path().strip_prefix(policy.root()).ok().and_then(Path::to_str) else {
                return WalkState::Continue;
            };
            let path = path.replace('\\', "/");
            if policy.check_name(&path).is_ok()
                && let Ok(metadata) = entry.metadata()
                && metadata.len() <= LARGEST
            {
                found.lock().unwrap_or_else(PoisonError::into_inner).push((path, stamp(&metadata)));
            }
            WalkState::Continue
        })
    });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_unstable();
    found
}

/// The folders that a walk visits, the root first.
pub(super) fn folders(policy: &Policy) -> Vec<PathBuf> {
    let entries = walker(policy).build().filter_map(Result::ok);
    entries.filter(|entry| entry.file_type().is_some_and(|kind| kind.is_dir())).map(|entry| entry.into_path()).collect()
}
