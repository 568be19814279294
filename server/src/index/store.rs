//! The index on the disk: one file a workspace in the user's cache folder. In: the files of an index. Out: bytes, and
//! the files again. What is damaged, older or foreign is not taken: the workspace is then read anew. Holds names and
//! written types, no values and no text.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::files::{Files, Known, Slot};
use super::hash::hash;
use super::names::Names;
use crate::chunks::compact::{put, take, take_count};
use crate::syntax;

const MAGIC: &[u8; 8] = b"WHITTLE\x01";

/// Changes whenever the bytes or what is cut out of files change otherwise than by queries and grammars.
const VERSION: u64 = 1;

/// Magic, fingerprint, checksum of what follows.
const HEADER: usize = 24;

/// Files of workspaces that nobody opened for so long are deleted.
const OLDEST: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// More names than this many times those at the last reading of everything are mostly names that nothing uses any more.
const MOST_GROWTH: usize = 2;

/// What the files that the user's folders keep of the workspace at `root` are called: its own name and a number that
/// tells it from others of that name.
#[must_use]
pub fn file_stem(root: &Path) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name = root.file_name().unwrap_or_default().to_string_lossy();
    let name: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).take(40).collect();
    format!("{name}-{:016x}", hash(root.as_os_str().as_encoded_bytes()))
}

/// Where the index of one workspace is kept.
#[derive(Clone, Debug)]
pub struct Store {
    file: PathBuf,
}

impl Store {
    /// In the user's cache folder; `None` where there is none.
    #[must_use]
    pub fn of_user(root: &Path) -> Option<Self> {
        use etcetera::BaseStrategy as _;
        let folders = etcetera::choose_base_strategy().ok()?;
        Some(Self::within(&folders.cache_dir().join("whittle/index"), root))
    }

    /// In a folder, for the workspace at `root`.
    #[must_use]
    pub fn within(folder: &Path, root: &Path) -> Self {
        Self { file: folder.join(format!("{}.index", file_stem(root))) }
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Deletes what is kept.
    pub fn clear(&self) {
        let _ = fs::remove_file(&self.file); // gone already, or not ours to delete: then it is written over
    }

    /// The bytes for an index.
    pub(super) fn pack(&self, files: &Files) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&fingerprint().to_le_bytes());
        out.extend_from_slice(&[0; 8]);
        let names = files.names.all();
        put(&mut out, files.names_at_first as u64);
        put(&mut out, names.len() as u64);
        names.iter().for_each(|name| put_text(&mut out, name));
        let mut known: Vec<_> = files.known().collect();
        known.sort_unstable_by(|(_, a, _), (_, b, _)| a.path.cmp(&b.path));
        put(&mut out, known.len() as u64);
        for (_, slot, known) in known {
            put_text(&mut out, &slot.path);
            out.extend_from_slice(&known.stamp.to_le_bytes());
            out.extend_from_slice(&known.hash.to_le_bytes());
            put(&mut out, u64::from(known.lines));
            put(&mut out, known.packed.len() as u64);
            out.extend_from_slice(&known.packed);
        }
        if let Some((header, body)) = out.split_at_mut_checked(HEADER) {
            header[16..].copy_from_slice(&hash(body).to_le_bytes()); // HEADER is 24 bytes
        }
        out
    }

    /// Puts the bytes in place of what was kept, at once: whoever reads meanwhile sees the one or the other.
    pub(super) fn save(&self, bytes: &[u8]) {
        if let Err(error) = self.try_save(bytes) {
            tracing::warn!(file = %self.file.display(), %error, "the index is not kept on the disk");
        }
    }

    fn try_save(&self, bytes: &[u8]) -> std::io::Result<()> {
        let Some(folder) = self.file.parent() else { return Ok(()) };
        fs::create_dir_all(folder)?;
        let temporary = self.file.with_extension(format!("{}.part", std::process::id()));
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&temporary).and_then(|mut file| file.write_all(bytes));
        let moved = written.and_then(|()| fs::rename(&temporary, &self.file));
        if moved.is_err() {
            let _ = fs::remove_file(&temporary); // of no use to anybody
        }
        prune(folder);
        moved
    }

    /// What was kept; `None` when there is nothing, or nothing that can be used.
    pub(super) fn load(&self) -> Option<Files> {
        let bytes = fs::read(&self.file).ok()?;
        let files = unpack(&bytes);
        if files.is_none() {
            tracing::info!(file = %self.file.display(), "the kept index can't be used; the workspace is read anew");
        }
        files
    }
}

fn unpack(bytes: &[u8]) -> Option<Files> {
    let (header, mut body) = bytes.split_at_checked(HEADER)?;
    let header: Vec<u64> = header.as_chunks().0.iter().map(|number: &[u8; 8]| u64::from_le_bytes(*number)).collect();
    if header != [u64::from_le_bytes(*MAGIC), fingerprint(), hash(body)] {
        return None;
    }
    let at_first = usize::try_from(take(&mut body)?).ok()?;
    let count = take_count(&mut body)?;
    if count > MOST_GROWTH.saturating_mul(at_first).saturating_add(10_000) {
        return None;
    }
    let mut names = Names::default();
    names.reserve(count);
    for number in 0..count {
        let name: Arc<str> = take_text(&mut body)?.into();
        if names.number(&name) as usize != number {
            return None; // twice
        }
    }
    let count = take_count(&mut body)?;
    let mut all: Vec<Slot> = Vec::with_capacity(count);
    for _ in 0..count {
        let path = take_text(&mut body)?;
        let is_inside = !path.split('/').any(|part| matches!(part, "" | "." | ".."));
        if !is_inside || all.last().is_some_and(|last| *last.path >= *path) {
            return None;
        }
        let (stamp, hash) = (take_number(&mut body)?, take_number(&mut body)?);
        let lines = u32::try_from(take(&mut body)?).ok()?;
        let len = take_count(&mut body)?;
        let (packed, rest) = body.split_at_checked(len)?;
        body = rest;
        let known = Known { stamp, hash, lines, packed: packed.into(), held: None };
        all.push(Slot { path: path.into(), known: Some(known) });
    }
    let mut files = Files::of_parts(names, all)?;
    files.names_at_first = at_first;
    Some(files)
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

fn take_text<'bytes>(bytes: &mut &'bytes [u8]) -> Option<&'bytes str> {
    let len = take_count(bytes)?;
    let (text, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    std::str::from_utf8(text).ok()
}

fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u64::from_le_bytes(*number))
}

/// Of all that decides what is read out of a file.
fn fingerprint() -> u64 {
    let all = format!("{VERSION} {} {}", env!("CARGO_PKG_VERSION"), syntax::fingerprint());
    hash(all.as_bytes())
}

/// Deletes what belongs to workspaces that nobody opened for long, and what a process that was ended left behind.
fn prune(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let old = |entry: &fs::DirEntry| {
        let changed = entry.metadata().and_then(|metadata| metadata.modified());
        changed.is_ok_and(|changed| SystemTime::now().duration_since(changed).is_ok_and(|age| age > OLDEST))
    };
    entries.filter_map(Result::ok).filter(old).for_each(|entry| drop(fs::remove_file(entry.path())));
}
