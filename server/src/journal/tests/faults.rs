//! Faults that only a whole process can have: this test program starts itself again, and ends what it started at any
//! moment.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::*;
use crate::config::PolicySettings;
use crate::policy::Policy;

/// Names the folder that the started process works in.
const FOLDER: &str = "TEST_JOURNAL_FOLDER";

/// Is there as soon as the started process works: how long it takes to start is the machine's matter.
const STARTED: &str = "started";

const FILES: usize = 6;

fn text(side: &str, file: usize) -> String {
    format!("{side} {file}\n").repeat(2000)
}

fn open(folder: &Path) -> (Journal, Policy) {
    let policy = Policy::new(&folder.join("work"), &PolicySettings::default()).0;
    (Journal::open_at(&folder.join("a.sqlite")).unwrap().0, policy)
}

fn entry() -> NewEntry {
    let edit = |file| FileRecord { path: format!("{file}.rs"), ..record(&text("old", file), &text("new", file)) };
    new_entry((0..FILES).map(edit).collect())
}

/// Applies a job and takes it back, over and over, until it is killed or, where another one is at it too, for a while.
#[test]
#[ignore = "started by the others"]
fn worker() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let (journal, policy) = open(Path::new(&folder));
    std::fs::write(Path::new(&folder).join(STARTED), "").unwrap();
    let entry = entry();
    for _ in 0..15 {
        // what another process does at the same time stands in the way, which is told
        if let Ok(id) = journal.apply(&entry, &policy) {
            let _ = journal.undo(id, &policy);
        }
        if let Ok(Some(id)) = journal.newest_undoable() {
            let _ = journal.undo(id, &policy);
        }
    }
}

fn start(folder: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "journal::tests::faults::worker", "--ignored", "--test-threads=1"]);
    command.env(FOLDER, folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn scratch() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("work")).unwrap();
    for file in 0..FILES {
        std::fs::write(folder.path().join(format!("work/{file}.rs")), text("old", file)).unwrap();
    }
    folder
}

/// All files are the old ones or all are the new ones, and the journal says which.
#[track_caller]
fn check_whole(folder: &Path) {
    let (journal, policy) = open(folder);
    let _told = journal.recover(&policy).unwrap();
    let side = |file: usize| {
        let now = std::fs::read_to_string(folder.join(format!("work/{file}.rs"))).unwrap();
        ["old", "new"].into_iter().find(|side| now == text(side, file)).expect("a file is neither old nor new")
    };
    let sides: Vec<&str> = (0..FILES).map(side).collect();
    assert!(sides.iter().all(|side| *side == sides[0]), "{sides:?}");
    let applied = journal.newest_undoable().unwrap().is_some();
    assert_eq!(applied, sides[0] == "new");
    let states: Vec<State> = journal.entries(99).unwrap().into_iter().map(|entry| entry.state).collect();
    assert!(!states.iter().any(|state| matches!(state, State::Applying | State::Undoing)), "{states:?}");
    let left = std::fs::read_dir(folder.join("work")).unwrap().count();
    assert_eq!(left, FILES, "no temporary file is left");
}

#[test]
fn killed_at_any_moment_all_files_are_old_or_all_are_new() {
    let folder = scratch();
    // a busy disk takes its time: the moments lie within two jobs, however long they take
    let (journal, policy) = open(folder.path());
    let begun = Instant::now();
    let id = journal.apply(&entry(), &policy).unwrap();
    journal.undo(id, &policy).unwrap();
    let longest = (begun.elapsed() * 2).max(Duration::from_millis(120)).as_micros() as u64;
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..30 {
        let started = folder.path().join(STARTED);
        let _ = std::fs::remove_file(&started); // none before the first
        let mut child = start(folder.path());
        let late = Instant::now() + Duration::from_secs(60);
        while !started.exists() && Instant::now() < late {
            std::thread::sleep(Duration::from_millis(1));
        }
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        std::thread::sleep(Duration::from_micros(random % longest));
        child.kill().unwrap(); // SIGKILL where there is one
        child.wait().unwrap();
        check_whole(folder.path());
    }
    assert!(open(folder.path()).0.entries(99).unwrap().len() > 2, "none of them came to anything");
}

#[test]
fn two_at_once_do_not_mix() {
    let folder = scratch();
    let children = [start(folder.path()), start(folder.path())];
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    check_whole(folder.path());
}
