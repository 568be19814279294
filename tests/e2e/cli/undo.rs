//! `whittle undo`, `redo` and `log`: what `--apply` wrote goes back, also after crashes and beside editors.

use super::*;
use crate::e2e::client::{PATIENCE, Profile, Setup};
use std::time::{Duration, Instant};

const NESTED: &str = "\
fn one(a: bool) {
    if a {
        start();
        run();
    }
}

fn two(a: bool) {
    if a {
        start();
        run();
    }
}
";

impl Project {
    /// The folder of the user's journals.
    fn journals(&self) -> PathBuf {
        self.folder.path().join("home/state/whittle/journal")
    }

    fn journal(&self) -> PathBuf {
        let files = fs::read_dir(self.journals()).unwrap().map(|entry| entry.unwrap().path());
        files.into_iter().find(|path| path.extension().is_some_and(|end| end == "sqlite")).unwrap()
    }

    /// The jobs' states, newest first.
    fn states(&self) -> Vec<String> {
        let log = self.json(&["log"]);
        log["jobs"].as_array().unwrap().iter().map(|job| job["state"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn jobs_are_taken_back_and_done_again() {
    let project = Project::of("a.rs", NESTED);
    assert!(project.prints(&["log"]).starts_with("nothing was applied in "));
    assert!(project.fails(&["undo"]).starts_with("no job is applied in "));
    assert!(project.fails(&["redo"]).starts_with("no job was taken back last in "));
    project.prints(&["refactor", "a.rs:1", "--apply"]);
    assert_eq!(project.json(&["refactor", "a.rs:8", "--apply"])["job"], 2);
    assert_eq!(project.text("a.rs").matches("if !a {").count(), 2);
    let log = project.prints(&["log"]);
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines[0], "job  when      operation  state    lines  what");
    assert_eq!(lines[1], "  2  just now  refactor   applied  +4 −3  Refactor `two` · a.rs");
    assert_eq!(project.prints(&["undo", "1"]), "took back job 1: Refactor `one`\n  a.rs (+3 −4)\n");
    assert!(project.text("a.rs").starts_with("fn one(a: bool) {\n    if a {\n"));
    assert_eq!(project.states(), ["applied", "undone"]);
    assert!(project.fails(&["undo", "1"]).contains("job 1 is undone, so it can't be taken back"));
    assert!(project.fails(&["undo", "9"]).contains("there is no job 9"));
    // what is written later stays
    project.write("a.rs", format!("// mine\n{}", project.text("a.rs")));
    let undone = project.json(&["undo"]);
    assert_eq!(
        (&undone["job"], &undone["state"], &undone["files"][0]["path"]),
        (&2.into(), &"undone".into(), &"a.rs".into())
    );
    assert_eq!(project.text("a.rs"), format!("// mine\n{NESTED}"));
    assert_eq!(project.prints(&["redo"]), "did again job 2: Refactor `two`\n  a.rs (+4 −3)\n");
    assert_eq!(project.prints(&["redo"]), "did again job 1: Refactor `one`\n  a.rs (+4 −3)\n");
    // and is never lost
    let text = project.text("a.rs").replacen("if !a", "if !b", 1);
    project.write("a.rs", &text);
    let message = project.fails(&["undo", "1"]);
    assert_eq!(message, "job 1 can't be taken back, so nothing was changed: a.rs:3 was changed since");
    assert_eq!(project.text("a.rs"), text);
    fs::remove_file(project.root().join("a.rs")).unwrap();
    assert!(project.fails(&["undo", "2"]).contains("a.rs is gone"));
}

#[test]
fn a_file_that_was_made_goes_with_its_folder() {
    let source =
        "def add(a: int, b: int) -> int:\n    \"\"\"Adds.\n\n    >>> add(1, 2)\n    3\n    \"\"\"\n    return a + b\n";
    let project = Project::new();
    project.write("pyproject.toml", "[project]\nname = \"sample\"\n");
    project.write("src/sample/__init__.py", "");
    project.write("src/sample/maths.py", source);
    let json = project.json(&["test", "src/sample/maths.py:1", "--apply"]);
    let made = json["proposal"]["files"][0]["path"].as_str().unwrap().to_owned();
    assert_eq!(json["proposal"]["files"][0]["create"], true);
    let text = project.text(&made);
    let out = project.prints(&["undo"]);
    assert!(out.contains(&format!("removed {made}")), "{out}");
    let folder = Path::new(&made).parent().unwrap().to_owned();
    assert!(folder.as_os_str().is_empty() || !project.root().join(folder).exists());
    project.prints(&["redo"]);
    assert_eq!(project.text(&made), text);
    project.write(&made, format!("{text}# mine\n"));
    assert!(project.fails(&["undo"]).contains("was changed since it was made"));
}

#[test]
fn a_file_with_unsaved_changes_is_left_alone() {
    let project = Project::of("a.rs", NESTED);
    let home = project.folder.path().join("home/state");
    let mut editor = Setup::new(Profile::Neovim, &project.root()).env("XDG_STATE_HOME", home.to_str().unwrap()).start();
    editor.open("a.rs");
    project.prints(&["refactor", "a.rs:1", "--apply"]);
    // the editor reads the file again, and its user types
    editor.change_full("a.rs", &project.text("a.rs"));
    let start = editor.position_at("a.rs", 0);
    editor.type_text("a.rs", &start, "// typing\n");
    let whole = editor.range_of("a.rs", "fn one");
    editor.code_actions("a.rs", &whole, &[]); // sends what was typed
    let wait = |command: &[&str], part: &str| {
        let end = Instant::now() + PATIENCE;
        loop {
            let ended = project.run(command);
            if (ended.out + &ended.err).contains(part) {
                return;
            }
            assert!(Instant::now() < end, "not told: {part}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    // undo would succeed at once where the server is late, so that a command that fails anyhow is asked
    wait(
        &["refactor", "a.rs:8", "--rewrite", "guard-clause", "--apply"],
        "a.rs has unsaved changes in an editor (`whittle lsp`",
    );
    let message = project.fails(&["undo"]);
    assert!(message.contains("a.rs has unsaved changes in an editor (`whittle lsp`"), "{message}");
    editor.save("a.rs");
    wait(&["undo"], "took back job 1");
    assert_eq!(project.text("a.rs"), format!("// typing\n{NESTED}"));
}

#[test]
fn killed_at_any_moment_the_file_is_old_or_new_and_the_log_knows() {
    let big: String = (0..400).map(|number| NESTED.replace("fn ", &format!("fn f{number}_"))).collect();
    let project = Project::of("a.rs", &big);
    project.prints(&["refactor", "a.rs:2", "--rewrite", "guard-clause", "--apply"]);
    let new = project.text("a.rs");
    project.prints(&["undo"]);
    assert_eq!(project.text("a.rs"), big);
    let whole = Instant::now();
    project.prints(&["redo"]);
    project.prints(&["undo"]);
    let whole = whole.elapsed() / 2;
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut seen = (0, 0);
    for round in 0..30 {
        let command = if project.text("a.rs") == new { ["undo", "1"] } else { ["redo", "1"] };
        let mut child = project.command(&command).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(whole.mul_f64((random >> 33) as f64 / f64::from(1u32 << 31)));
        child.kill().unwrap();
        child.wait().unwrap();
        let states = {
            let ended = project.run(&["log", "--json"]);
            let log: Value = serde_json::from_str(&ended.out).unwrap();
            log["jobs"][0]["state"].as_str().unwrap().to_owned()
        };
        let text = project.text("a.rs");
        assert!(text == new || text == big, "round {round}: a part of the file");
        assert_eq!(states, if text == new { "applied" } else { "undone" }, "round {round}");
        if (text == new) == (command[0] == "redo") {
            seen.0 += 1
        } else {
            seen.1 += 1
        }
        let left = fs::read_dir(project.root()).unwrap().count();
        assert_eq!(left, 2, "no temporary file is left");
    }
    println!("killed 30 times: {} were done, {} were not", seen.0, seen.1);
}

#[test]
fn a_journal_that_is_damaged_or_missing_is_told_of() {
    let project = Project::of("a.rs", NESTED);
    project.prints(&["refactor", "a.rs:1", "--apply"]);
    fs::write(project.journal(), "no database at all".repeat(1000)).unwrap();
    let ended = project.run(&["refactor", "a.rs:8", "--apply"]);
    assert_eq!((ended.status, ended.out.as_str()), (0, "wrote a.rs (+4 −3)\n"));
    assert!(ended.err.starts_with("warning: the journal was damaged") && ended.err.contains(".damaged-1"), "{ended:?}");
    assert_eq!(project.prints(&["undo"]), "took back job 1: Refactor `two`\n  a.rs (+3 −4)\n");
    // no place for one: nothing is written that could not be taken back
    let text = project.text("a.rs");
    fs::remove_dir_all(project.journals()).unwrap();
    fs::write(project.journals(), "").unwrap();
    let message = project.fails(&["refactor", "a.rs:8", "--apply"]);
    assert!(message.starts_with("the journal ") && message.contains("can't be used"), "{message}");
    assert_eq!(project.text("a.rs"), text);
}

/// A full disk, and a limit on the size of files: the old text stays, whole, and no other file.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_changes_nothing() {
    let big = format!("{NESTED}{}", "// filler\n".repeat(20_000));
    let project = Project::of("a.rs", &big);
    let shell = |script: &str| {
        let whittle = project.command(&[]);
        let mut command = Command::new("sh");
        command.args(["-c", script]).current_dir(project.root()).env("WHITTLE", whittle.get_program());
        for (name, value) in whittle.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let output = command.output().unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
        )
    };
    let check = |said: &str, part: &str| {
        assert!(said.contains(part), "{said}");
        assert_eq!(project.text("a.rs"), big);
        assert_eq!(fs::read_dir(project.root()).unwrap().count(), 2);
    };
    // the journal itself has no room
    let (status, said) = shell("trap '' XFSZ; ulimit -f 100; \"$WHITTLE\" refactor a.rs:1 --apply");
    assert_eq!(status, Some(1), "{said}");
    check(&said, "the journal ");
    // the project has none: only root may mount a small disk
    let mounted = "mount -t tmpfs -o size=300k none . && cd . && cp \"$HOLD\"/* .";
    let script = format!(
        "export HOLD=$(mktemp -d); cp a.rs Cargo.toml \"$HOLD\"; export HERE=$PWD; unshare -m sh -c '{mounted} || exit 9; cd \"$HERE\"; \
         \"$WHITTLE\" refactor a.rs:1 --apply; echo status $?; cmp a.rs \"$HOLD\"/a.rs && ls -A | wc -l; \"$WHITTLE\" log'; \
         end=$?; rm -r \"$HOLD\"; exit $end"
    );
    let (status, said) = shell(&script);
    if status == Some(9) || said.contains("unshare") {
        return println!("no small disk can be mounted here: {said}");
    }
    assert!(said.contains("a.rs can't be written, so nothing was changed") && said.contains("status 1\n2\n"), "{said}");
    assert!(said.contains("failed"), "{said}");
}
