//! Finds the files of a workspace that may enter a context.

use std::path::Path;

use ignore::WalkBuilder;

use super::sources::language_of;
use crate::policy::{IGNORE_FILES, Policy};

/// Larger files are data or generated; they are not indexed, though they can be a focus.
const LARGEST: u64 = 1 << 20;

/// Relative paths, sorted, of the workspace's files that may be worth indexing and that no ignore file or deny rule names.
/// Links are not followed, so that nothing outside of the workspace is read.
#[must_use]
pub fn source_files(policy: &Policy) -> Vec<String> {
    files(policy, |path| language_of(path).is_some())
}

/// Relative paths, sorted, of all files that no ignore file or deny rule names, manifests and settings included.
#[must_use]
pub fn project_files(policy: &Policy) -> Vec<String> {
    files(policy, |_| true)
}

fn files(policy: &Policy, wanted: impl Fn(&Path) -> bool) -> Vec<String> {
    let mut builder = WalkBuilder::new(policy.root());
    builder.require_git(false).parents(false).max_filesize(Some(LARGEST));
    for name in IGNORE_FILES {
        builder.add_custom_ignore_filename(name);
    }
    let mut files: Vec<String> = builder
        .build()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()) && wanted(entry.path()))
        .filter_map(|entry| {
            let relative = entry.path().strip_prefix(policy.root()).ok()?.to_str()?.replace('\\', "/");
            policy.check_name(&relative).is_ok().then_some(relative)
        })
        .collect();
    files.sort();
    files
}
