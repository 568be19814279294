//! Entries that are applied, taken back and done again on a scratch disk, and what a crash leaves of them.

use std::fs;
use std::path::PathBuf;

use super::*;
use crate::config::PolicySettings;
use crate::policy::Policy;

/// A workspace with a journal beside it.
pub(super) struct Workspace {
    folder: tempfile::TempDir,
}

impl Workspace {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("work")).unwrap();
        let workspace = Self { folder };
        files.iter().for_each(|(name, text)| fs::write(workspace.at(name), text).unwrap());
        workspace
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join("work").join(name)
    }

    fn policy(&self) -> Policy {
        Policy::new(&self.at(""), &PolicySettings { deny: vec!["secret/**".to_owned()] }).0
    }

    fn journal(&self) -> Journal {
        Journal::open_at(&self.folder.path().join("a.sqlite")).unwrap().0
    }

    /// All files with their texts, those in folders included.
    fn files(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut folders = vec![self.at("")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(self.at("")).unwrap().to_string_lossy().into_owned();
                    found.push((name, fs::read_to_string(path).unwrap()));
                }
            }
        }
        found.sort();
        found
    }

    #[track_caller]
    fn check(&self, wanted: &[(&str, &str)]) {
        let wanted: Vec<_> = wanted.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
        assert_eq!(self.files(), wanted);
    }

    #[track_caller]
    fn refuses(&self, done: Result<impl std::fmt::Debug, DiskError>, part: &str) {
        let error = done.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

fn at(path: &str, change: FileChange, before: &str, after: &str) -> FileRecord {
    FileRecord { path: path.to_owned(), change, ..record(before, after) }
}

fn moved(path: &str, to: &str, before: &str, after: &str) -> FileRecord {
    at(path, FileChange::Rename { to: to.to_owned() }, before, after)
}

const OLD: &[(&str, &str)] = &[("a.rs", "1\n2\n3\n"), ("c.rs", "c\n"), ("d.sh", "d\n")];
const NEW: &[(&str, &str)] = &[("a.rs", "1\ntwo\n3\n"), ("new/b.rs", "b\n"), ("new/d.sh", "D\n")];

/// Changes, makes, deletes and moves a file.
fn job() -> NewEntry {
    new_entry(vec![
        at("a.rs", FileChange::Edit, "1\n2\n3\n", "1\ntwo\n3\n"),
        at("new/b.rs", FileChange::Create, "", "b\n"),
        at("c.rs", FileChange::Delete, "c\n", ""),
        moved("d.sh", "new/d.sh", "d\n", "D\n"),
    ])
}

#[test]
fn files_of_every_kind_go_there_and_back() {
    let workspace = Workspace::new(OLD);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(workspace.at("d.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let (journal, policy) = (workspace.journal(), workspace.policy());
    let id = journal.apply(&job(), &policy).unwrap();
    workspace.check(NEW);
    let done = journal.undo(id, &policy).unwrap();
    workspace.check(OLD);
    assert!(!workspace.at("new").exists(), "the folder that was made for the files went with them");
    let told: Vec<_> = done.files.iter().map(|file| (file.change, file.path.as_str(), file.to.as_deref())).collect();
    let moved = ("rename", "new/d.sh", Some("d.sh"));
    assert_eq!(told, [("edit", "a.rs", None), ("delete", "new/b.rs", None), ("create", "c.rs", None), moved]);
    workspace.refuses(journal.undo(id, &policy), "job 1 is undone, so it can't be taken back");
    journal.redo(id, &policy).unwrap();
    workspace.check(NEW);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(workspace.at("new/d.sh")).unwrap().permissions().mode() & 0o777, 0o755);
    }
    workspace.refuses(journal.redo(id, &policy), "job 1 is applied, so it can't be done again");
}

#[test]
fn what_was_changed_since_stays_or_stands_in_the_way_of_all() {
    let workspace = Workspace::new(OLD);
    let (journal, policy) = (workspace.journal(), workspace.policy());
    let id = journal.apply(&job(), &policy).unwrap();
    fs::write(workspace.at("a.rs"), "0\n1\ntoo\n3\n").unwrap();
    fs::write(workspace.at("new/b.rs"), "b\nmore\n").unwrap();
    let now = workspace.files();
    workspace.refuses(
        journal.undo(id, &policy),
        "job 1 can't be taken back, so nothing was changed: a.rs:3 was changed since; new/b.rs was changed since it was made",
    );
    assert_eq!(workspace.files(), now);
    fs::write(workspace.at("a.rs"), "0\n1\ntwo\n3\n").unwrap();
    fs::write(workspace.at("new/b.rs"), "b\n").unwrap();
    journal.undo(id, &policy).unwrap();
    workspace.check(&[("a.rs", "0\n1\n2\n3\n"), OLD[1], OLD[2]]);
    assert_eq!(journal.entry(id).unwrap().summary.state, State::Undone);
}

#[test]
fn all_is_checked_before_anything_is_written() {
    let workspace = Workspace::new(OLD);
    let (journal, policy) = (workspace.journal(), workspace.policy());
    fs::create_dir(workspace.at("folder")).unwrap();
    let first = at("a.rs", FileChange::Edit, "1\n2\n3\n", "new\n");
    let edit = |path: &str, before: &str| at(path, FileChange::Edit, before, "x\n");
    for (second, wanted) in [
        (edit("c.rs", "other\n"), "c.rs changed on disk"),
        (at("c.rs", FileChange::Create, "", "x\n"), "c.rs exists by now"),
        (edit("gone.rs", "x\n"), "gone.rs can't be read"),
        (edit("folder", "x\n"), "folder is not a regular file"),
        (at("../out.rs", FileChange::Create, "", "x\n"), "outside of the workspace"),
        (at("secret/x.rs", FileChange::Create, "", "x\n"), "deny rule `secret/**`"),
        (at(".env", FileChange::Create, "", "x\n"), "deny rule"),
        (at("c.rs/x.rs", FileChange::Create, "", "x\n"), "so nothing was changed"),
        // this one is found only when the first is written already, and that is put back
        (edit("a.rs", "1\n2\n3\n"), "a.rs changed on disk"),
    ] {
        workspace.refuses(journal.apply(&new_entry(vec![first.clone(), second]), &policy), wanted);
        workspace.check(OLD);
    }
    assert!(journal.entries(99).unwrap().iter().all(|entry| entry.state == State::Failed));
    assert_eq!(journal.newest_undoable().unwrap(), None);
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay_and_none_leads_out() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let workspace = Workspace::new(OLD);
    let (journal, policy) = (workspace.journal(), workspace.policy());
    let mode = |mode| fs::set_permissions(workspace.at("a.rs"), fs::Permissions::from_mode(mode)).unwrap();
    symlink("a.rs", workspace.at("link.rs")).unwrap();
    symlink("/etc/hostname", workspace.at("out.rs")).unwrap();
    symlink("nowhere.rs", workspace.at("dangling.rs")).unwrap();
    mode(0o750);
    let apply = |path: &str, change| journal.apply(&new_entry(vec![at(path, change, "1\n2\n3\n", "new\n")]), &policy);
    apply("link.rs", FileChange::Edit).unwrap();
    assert!(workspace.at("link.rs").is_symlink());
    assert_eq!(fs::read_to_string(workspace.at("a.rs")).unwrap(), "new\n");
    assert_eq!(fs::metadata(workspace.at("a.rs")).unwrap().permissions().mode() & 0o777, 0o750);
    workspace.refuses(apply("out.rs", FileChange::Edit), "outside of the workspace");
    workspace.refuses(apply("dangling.rs", FileChange::Create), "exists by now");
    mode(0o444);
    workspace.refuses(journal.undo(EntryId(1), &policy), "read-only");
    mode(0o644);
    // where the file was, a link leads out by now
    fs::write(workspace.folder.path().join("outside.rs"), "new\n").unwrap();
    fs::remove_file(workspace.at("a.rs")).unwrap();
    symlink(workspace.folder.path().join("outside.rs"), workspace.at("a.rs")).unwrap();
    workspace.refuses(journal.undo(EntryId(1), &policy), "outside of the workspace");
    assert_eq!(fs::read_to_string(workspace.folder.path().join("outside.rs")).unwrap(), "new\n");
}

#[cfg(unix)]
#[test]
fn all_names_of_a_file_get_its_new_text() {
    let workspace = Workspace::new(OLD);
    let (journal, policy) = (workspace.journal(), workspace.policy());
    let other = workspace.folder.path().join("other.rs");
    fs::hard_link(workspace.at("a.rs"), &other).unwrap();
    for new in ["new\n", "a text that is longer than the old one\n"] {
        let id = journal.apply(&new_entry(vec![at("a.rs", FileChange::Edit, "1\n2\n3\n", new)]), &policy).unwrap();
        assert_eq!(fs::read_to_string(&other).unwrap(), new);
        assert_eq!(fs::read_to_string(workspace.at("a.rs")).unwrap(), new);
        journal.undo(id, &policy).unwrap();
        assert_eq!(fs::read_to_string(&other).unwrap(), "1\n2\n3\n");
    }
    workspace.check(OLD);
}

impl Journal {
    /// The process that was at an entry is gone.
    fn orphan(&self, id: EntryId) {
        let database = rusqlite::Connection::open(self.file()).unwrap();
        database.execute("UPDATE entries SET process = '999999999 1 x' WHERE id = ?1", [id.0]).unwrap();
    }
}

/// A job of three files is stopped with these texts in them; gives what the next command tells, and the entry's state.
fn stopped(texts: [&str; 3], undoing: bool) -> (Workspace, Vec<String>, State) {
    let names = ["a.rs", "b.rs", "c.rs"];
    let workspace = Workspace::new(&names.map(|name| (name, "old\n")));
    let (journal, policy) = (workspace.journal(), workspace.policy());
    let entry = new_entry(names.iter().map(|name| at(name, FileChange::Edit, "old\n", "new\n")).collect());
    let changes: Vec<_> = entry.files.iter().flat_map(write::changes).collect();
    let id = if undoing {
        let id = journal.apply(&entry, &policy).unwrap();
        let back: Vec<_> = changes.iter().map(write::Change::reversed).collect();
        journal.claim(id, [State::Applied, State::Undoing], &back, &mut || true).unwrap();
        id
    } else {
        journal.begin_writing(&entry, &changes, &[], &mut || true).unwrap()
    };
    names.iter().zip(texts).for_each(|(name, text)| fs::write(workspace.at(name), text).unwrap());
    fs::write(workspace.at(".a.rs.whittle-999999999-0"), "hal").unwrap();
    assert_eq!(journal.recover(&policy).unwrap(), [""; 0], "this process lives");
    assert!(journal.undo(id, &policy).is_err());
    journal.orphan(id);
    let told = journal.recover(&policy).unwrap();
    let state = journal.entry(id).unwrap().summary.state;
    assert_eq!(journal.recover(&policy).unwrap(), [""; 0], "once is enough");
    assert!(!workspace.at(".a.rs.whittle-999999999-0").exists());
    (workspace, told, state)
}

#[test]
fn what_a_crash_stopped_is_settled() {
    let check = |texts, undoing, wanted: [&str; 3], state, part: &str| {
        let (workspace, told, found) = stopped(texts, undoing);
        assert_eq!(workspace.files().iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), wanted);
        assert_eq!((found, told.is_empty()), (state, part.is_empty()), "{told:?}");
        assert!(told.iter().all(|told| told.contains(part)), "{told:?}");
    };
    let (old, new) = (["old\n"; 3], ["new\n"; 3]);
    check(old, false, old, State::Failed, "job 1 was stopped while it was applying: it is failed now");
    check(new, false, new, State::Applied, "");
    check(["new\n", "old\n", "old\n"], false, old, State::Failed, "failed now");
    check(["new\n", "new\n", "old\n"], false, old, State::Failed, "failed now");
    let mine = ["new\n", "mine\n", "old\n"];
    check(mine, false, ["old\n", "mine\n", "old\n"], State::Failed, "b.rs was changed by somebody else");
    let mine = ["new\n", "mine\n", "new\n"];
    check(mine, false, mine, State::Applied, "b.rs was changed by somebody else");
    check(new, true, new, State::Applied, "while it was undoing: it is applied now");
    check(old, true, old, State::Undone, "");
    check(["old\n", "new\n", "new\n"], true, new, State::Applied, "applied now");
}

#[test]
fn what_another_job_wrote_is_not_counted_as_written() {
    let workspace = Workspace::new(&[("a.rs", "old\n")]);
    let (journal, policy) = (workspace.journal(), workspace.policy());
    let entry = new_entry(vec![at("a.rs", FileChange::Edit, "old\n", "new\n")]);
    let first = journal.apply(&entry, &policy).unwrap();
    workspace.refuses(journal.apply(&entry, &policy), "a.rs changed on disk");
    // at no moment is the second under way, so that a crash could make the first one's text its own
    let second = journal.begin_writing(&entry, &[], &[], &mut || false).unwrap();
    journal.orphan(second);
    assert_eq!(journal.recover(&policy).unwrap(), [""; 0]);
    let states: Vec<State> = journal.entries(9).unwrap().into_iter().map(|entry| entry.state).collect();
    assert_eq!(states, [State::Failed, State::Failed, State::Applied]);
    // nor is one whose undo has nothing to write
    fs::write(workspace.at("a.rs"), "old\n").unwrap();
    assert_eq!(journal.undo(first, &policy).unwrap().files, []);
    assert_eq!(journal.entry(first).unwrap().summary.state, State::Undone);
}

#[test]
fn what_an_editor_left_is_as_the_disk_says() {
    let check = |text: &str, states: &[State], wanted: State| {
        let workspace = Workspace::new(&[("a.rs", text)]);
        let journal = workspace.journal();
        let file = at("a.rs", FileChange::Edit, "old\n", "new\n");
        let id = journal.begin(&NewEntry { writer: Writer::Editor, ..new_entry(vec![file]) }).unwrap();
        states.iter().for_each(|state| journal.set_state(id, *state).unwrap());
        journal.orphan(id);
        assert_eq!(journal.recover(&workspace.policy()).unwrap(), [""; 0]);
        assert_eq!(journal.entry(id).unwrap().summary.state, wanted);
        workspace.check(&[("a.rs", text)]);
    };
    check("old\n", &[], State::Failed);
    check("new\n", &[], State::Applied);
    check("new and more\n", &[], State::Applied);
    check("old\n", &[State::Applied, State::Undoing], State::Undone);
    check("new\n", &[State::Applied, State::Undoing], State::Applied);
    check("old\n", &[State::Applied, State::Undone, State::Applying], State::Undone);
}

#[test]
fn what_an_editor_left_in_some_files_is_known_and_taken_back() {
    let check = |undoing: bool| {
        let workspace = Workspace::new(&[("a.rs", "1\ntwo\n3\n"), ("c.rs", "c\n"), ("d.sh", "d and more\n1\n2\n")]);
        let (journal, policy) = (workspace.journal(), workspace.policy());
        let files = vec![
            at("a.rs", FileChange::Edit, "1\n2\n3\n", "1\ntwo\n3\n"),
            at("b.rs", FileChange::Create, "", "b\n"),
            at("c.rs", FileChange::Delete, "c\n", ""),
            at("d.sh", FileChange::Edit, "d\n1\n2\n", "d\n1\nD\n"),
        ];
        let id = journal.begin(&NewEntry { writer: Writer::Editor, ..new_entry(files) }).unwrap();
        if undoing {
            journal.set_state(id, State::Applied).unwrap();
            journal.set_state(id, State::Undoing).unwrap();
        }
        journal.orphan(id);
        let told = journal.recover(&policy).unwrap();
        assert!(told[0].contains("of its files only a.rs changed; `whittle undo 1` takes that back"), "{told:?}");
        assert_eq!((told.len(), journal.entry(id).unwrap().summary.state), (1, State::Partly));
        assert_eq!(journal.newest_undoable().unwrap(), Some(id));
        workspace.refuses(journal.redo(id, &policy), "job 1 is partly applied, so it can't be done again");
        let done = journal.undo(id, &policy).unwrap();
        assert_eq!((done.files.len(), done.summary.state), (1, State::Undone));
        workspace.check(&[OLD[0], OLD[1], ("d.sh", "d and more\n1\n2\n")]);
    };
    check(false);
    check(true);
}

#[cfg(unix)]
#[test]
fn a_deleted_file_comes_back_with_its_permissions() {
    use std::os::unix::fs::PermissionsExt as _;
    let workspace = Workspace::new(OLD);
    let (journal, policy) = (workspace.journal(), workspace.policy());
    let mode = |name: &str| fs::metadata(workspace.at(name)).unwrap().permissions().mode() & 0o777;
    let set = |name: &str, mode| fs::set_permissions(workspace.at(name), fs::Permissions::from_mode(mode)).unwrap();
    set("c.rs", 0o751);
    let id = journal.apply(&job(), &policy).unwrap();
    journal.undo(id, &policy).unwrap();
    assert_eq!(mode("c.rs"), 0o751);
    // also where a crash came before the end
    let changes: Vec<_> = journal.entry(id).unwrap().files.iter().flat_map(write::changes).collect();
    journal.claim(id, [State::Undone, State::Applying], &changes, &mut || true).unwrap();
    fs::remove_file(workspace.at("c.rs")).unwrap();
    journal.orphan(id);
    journal.recover(&policy).unwrap();
    workspace.check(OLD);
    assert_eq!(mode("c.rs"), 0o751);
    // and what an editor deletes
    set("d.sh", 0o700);
    let file = FileRecord { mode: mode_of(&workspace.at("d.sh")), ..at("d.sh", FileChange::Delete, "d\n", "") };
    let id = journal.begin(&NewEntry { writer: Writer::Editor, ..new_entry(vec![file.clone()]) }).unwrap();
    fs::remove_file(workspace.at("d.sh")).unwrap();
    journal.set_files(id, &[FileRecord { mode: None, ..file }]).unwrap();
    journal.set_state(id, State::Applied).unwrap();
    journal.undo(id, &policy).unwrap();
    assert_eq!(mode("d.sh"), 0o700);
}

#[test]
fn a_crash_at_the_end_of_undo_leaves_no_folder() {
    let workspace = Workspace::new(OLD);
    let (journal, policy) = (workspace.journal(), workspace.policy());
    let id = journal.apply(&job(), &policy).unwrap();
    let changes: Vec<_> = journal.entry(id).unwrap().files.iter().flat_map(write::changes).collect();
    let back: Vec<_> = changes.iter().map(write::Change::reversed).collect();
    journal.claim(id, [State::Applied, State::Undoing], &back, &mut || true).unwrap();
    write::write(&back, &policy, write::Rules::Containment).unwrap();
    assert!(workspace.at("new").exists());
    journal.orphan(id);
    journal.recover(&policy).unwrap();
    workspace.check(OLD);
    assert!(!workspace.at("new").exists());
}

#[test]
fn what_an_editor_holds_unsaved_is_not_taken_back_even_where_the_disk_has_it_so() {
    let workspace = Workspace::new(&[("a.rs", "a\n")]);
    let (journal, policy) = (workspace.journal(), workspace.policy());
    let id = journal.apply(&new_entry(vec![record("a\n", "b\n")]), &policy).unwrap();
    fs::write(workspace.at("a.rs"), "a\n").unwrap();
    let swap = workspace.at(".a.rs.kate-swp");
    fs::write(&swap, "").unwrap();
    let refused = journal.undo(id, &policy).unwrap_err().to_string();
    assert!(refused.contains("a.rs has unsaved changes in Kate"), "{refused}");
    assert_eq!(journal.entry(id).unwrap().summary.state, State::Applied);
    fs::remove_file(swap).unwrap();
    assert_eq!(journal.undo(id, &policy).unwrap().summary.state, State::Undone);
}

#[test]
fn redo_restores_what_undo_found_and_undo_what_redo_found() {
    let workspace = Workspace::new(&[("a.rs", "q\nr\n"), ("old.rs", "q\nr\n")]);
    let (journal, policy) = (workspace.journal(), workspace.policy());
    let entry = new_entry(vec![record("q\nr\n", "q\nnew\nr\n"), moved("old.rs", "now.rs", "q\nr\n", "q\nnew\nr\n")]);
    let id = journal.apply(&entry, &policy).unwrap();
    fs::write(workspace.at("a.rs"), "top\nq\nmine\nnew\nr\n").unwrap();
    fs::write(workspace.at("now.rs"), "q\nmine\nnew\nr\n").unwrap();
    for _ in 0..2 {
        journal.undo(id, &policy).unwrap();
        workspace.check(&[("a.rs", "top\nq\nmine\nr\n"), ("old.rs", "q\nmine\nr\n")]);
        journal.redo(id, &policy).unwrap();
        workspace.check(&[("a.rs", "top\nq\nmine\nnew\nr\n"), ("now.rs", "q\nmine\nnew\nr\n")]);
    }
    // what is written after the undo stays, too
    journal.undo(id, &policy).unwrap();
    fs::write(workspace.at("a.rs"), "top\nq\nmine\nr\nend\n").unwrap();
    journal.redo(id, &policy).unwrap();
    workspace.check(&[("a.rs", "top\nq\nmine\nnew\nr\nend\n"), ("now.rs", "q\nmine\nnew\nr\n")]);
}
