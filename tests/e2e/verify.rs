//! Proposals are proved before they are applied: the real program, a scripted model, and real commands in the shadow copy.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use super::client::{Client, Profile, Setup};
use super::{EVERY_EDITOR, action, message};
use crate::wire::server::{Reply, Server};

const SOURCE: &str = "\
pub mod other;

/// Doubles.
pub fn double(n: u32) -> u32 {
    let twice = n * 2;
    return twice;
}
";
const OTHER: &str = "pub fn other() {}\n";

/// An answer with this body of `double`.
fn answer(body: &str) -> String {
    format!("<replace id=\"c1\">\n/// Doubles.\npub fn double(n: u32) -> u32 {{\n    {body}\n}}\n</replace>\n")
}

/// A project with folders of its own for what the server keeps.
struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// A trusted project.
    fn new() -> Self {
        let project = Self::untrusted();
        let trusted = project.folder.path().join("state/whittle/trusted");
        std::fs::create_dir_all(trusted.parent().unwrap()).unwrap();
        std::fs::write(trusted, format!("{}\n", project.root().display())).unwrap();
        project
    }

    fn untrusted() -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir_all(project.folder.path().join("work")).unwrap();
        project.write("Cargo.toml", "[package]\nname = \"sample\"\nedition = \"2024\"\n");
        project.write("src/lib.rs", SOURCE);
        project.write("src/other.rs", OTHER);
        project
    }

    fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("work")
    }

    fn write(&self, path: &str, text: &str) {
        let file = self.root().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    /// A client whose only model answers as scripted, with `src/lib.rs` open.
    fn client(&self, profile: Profile, server: &Server, edits: Value) -> Client {
        let mut setup = Setup::new(profile, &self.root())
            .env("XDG_STATE_HOME", self.folder.path().join("state").to_str().unwrap())
            .env("XDG_CACHE_HOME", self.folder.path().join("cache").to_str().unwrap());
        setup.options = json!({
            "models": { "big": { "provider": "openai", "base_url": server.base_url(), "model": "test" } },
            "edits": edits,
        });
        setup.settings = setup.options.clone();
        let mut client = setup.start();
        client.open("src/lib.rs");
        client
    }

    /// Where verify commands run.
    fn shadow(&self) -> Option<PathBuf> {
        let shadows = std::fs::read_dir(self.folder.path().join("cache/whittle/shadow")).ok()?;
        shadows.filter_map(Result::ok).map(|entry| entry.path()).next()
    }

    /// Every file of the project with its text and its time of change.
    fn state(&self) -> Vec<(PathBuf, String, SystemTime)> {
        fn walk(folder: &Path, all: &mut Vec<(PathBuf, String, SystemTime)>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, all);
                } else {
                    let changed = path.metadata().unwrap().modified().unwrap();
                    all.push((path.clone(), std::fs::read_to_string(&path).unwrap(), changed));
                }
            }
        }
        let mut all = Vec::new();
        walk(&self.root(), &mut all);
        all.sort();
        all
    }
}

fn refactor(client: &mut Client) {
    let cursor = client.cursor("src/lib.rs", "let twice");
    let actions = client.code_actions("src/lib.rs", &cursor, &["refactor"]);
    client.choose(&action(&actions, "Refactor `double` (big)"));
}

/// The words that the job ends with.
fn end(client: &mut Client) -> String {
    client.wait_for("the end of the job", |message| {
        let value = &message["params"]["value"];
        (message["method"] == "$/progress" && value["kind"] == "end")
            .then(|| value["message"].as_str().unwrap_or_default().to_owned())
    })
}

/// What the model was told at last.
fn last_told(server: &Server) -> String {
    let requests = server.requests();
    let messages = requests.last().unwrap().body["messages"].as_array().unwrap().clone();
    messages.last().unwrap()["content"].as_str().unwrap().to_owned()
}

#[test]
fn an_answer_that_does_not_compile_goes_back_and_the_user_gets_only_the_next() {
    for profile in EVERY_EDITOR {
        let project = Project::new();
        let before = project.state();
        let server = Server::script([Reply::chat(&[&answer("n * \"2\"")]), Reply::chat(&[&answer("n * 2")])]);
        let mut client = project.client(profile, &server, Value::Null);
        refactor(&mut client);
        let applied = client.wait_for_method("workspace/applyEdit")["edit"].to_string();
        assert!(!applied.contains(r#"n * \"2\""#), "{applied}");
        assert_eq!(end(&mut client), "applied · parses · compiles");
        client.wait_idle();
        assert!(client.text("src/lib.rs").contains("-> u32 {\n    n * 2\n}"), "{}", client.text("src/lib.rs"));
        let told = last_told(&server);
        assert!(told.contains("error[E0277]: cannot multiply `u32` by `&str`"), "{told}");
        assert!(told.contains("src/lib.rs:5:") && !told.contains("shadow"), "{told}");
        assert_eq!(project.state(), before);
    }
}

#[test]
fn an_answer_that_is_no_edit_goes_back_with_the_reason() {
    let project = Project::untrusted();
    let server = Server::script([
        Reply::chat(&["<replace id=\"c1\">\npub fn double(n: u32) -> u32 {\n    n * 2\n</replace>\n"]),
        Reply::chat(&[&answer("n * 2")]),
    ]);
    let mut client = project.client(Profile::VsCode, &server, Value::Null);
    refactor(&mut client);
    client.wait_for_method("workspace/applyEdit");
    client.wait_idle();
    assert!(last_told(&server).contains("does not parse"), "{}", last_told(&server));
    assert!(client.text("src/lib.rs").contains("    n * 2\n}"));
}

#[test]
fn when_repairs_run_out_nothing_is_applied_and_the_fault_is_told() {
    let project = Project::new();
    let server = Server::script([Reply::chat(&[&answer("n * \"2\"")]), Reply::chat(&[&answer("n * missing")])]);
    let mut client = project.client(Profile::VsCode, &server, json!({ "repair_attempts": 1 }));
    refactor(&mut client);
    let said = message(&mut client, 1);
    assert!(said.starts_with("cargo check rejects the answer of big after 1 repair, so nothing was changed"), "{said}");
    assert!(said.contains("src/lib.rs:5: cannot find value `missing` in this scope"), "{said}");
    client.wait_idle();
    assert_eq!((client.text("src/lib.rs"), server.requests().len()), (SOURCE, 2));
}

#[test]
fn faults_that_were_there_before_are_not_the_answers() {
    let project = Project::new();
    project.write("src/other.rs", "pub fn other() -> u8 {\n    missing\n}\n");
    let server = Server::script([
        Reply::chat(&[&answer("n * unknown")]),
        Reply::chat(&[&answer("// two lines\n    // more\n    n * 2")]),
    ]);
    let mut client = project.client(Profile::VsCode, &server, Value::Null);
    refactor(&mut client);
    client.wait_for_method("workspace/applyEdit");
    assert_eq!(end(&mut client), "applied · parses · cargo check: no new errors");
    let told = last_told(&server);
    assert!(told.contains("`unknown`") && !told.contains("`missing`"), "{told}");
    client.wait_idle();
}

#[test]
fn nothing_of_a_workspace_runs_that_is_not_trusted() {
    let project = Project::untrusted();
    project.write("build.rs", "fn main() { panic!() }\n");
    let server = Server::script([Reply::chat(&[&answer("n * \"2\"")])]);
    let mut client = project.client(Profile::VsCode, &server, json!({ "verify": ["touch ran"] }));
    refactor(&mut client);
    client.wait_for_method("workspace/applyEdit");
    let end = end(&mut client);
    assert!(end.starts_with("applied · parses · not verified: the workspace is not trusted"), "{end}");
    client.wait_idle();
    assert_eq!(project.shadow(), None);
}

#[test]
fn unsaved_text_of_other_documents_counts() {
    for profile in EVERY_EDITOR {
        let project = Project::new();
        let server = Server::script([Reply::chat(&[&answer("other::helper(n)")])]);
        let mut client = project.client(profile, &server, json!({ "repair_attempts": 0 }));
        client.open("src/other.rs");
        let start = client.before("src/other.rs", "pub fn other");
        client.type_text("src/other.rs", &start, "pub fn helper(n: u32) -> u32 {\n    n * 2\n}\n\n");
        refactor(&mut client);
        client.wait_for_method("workspace/applyEdit");
        assert_eq!(end(&mut client), "applied · parses · compiles");
        client.wait_idle();
        assert_eq!(std::fs::read_to_string(project.root().join("src/other.rs")).unwrap(), OTHER);
    }
}

#[test]
fn an_edit_is_not_kept_waiting_for_long() {
    let project = Project::new();
    let server = Server::script([Reply::chat(&[&answer("n * 2")])]);
    let edits = json!({ "verify": ["sleep 20"], "verify_wait": "300ms" });
    let mut client = project.client(Profile::VsCode, &server, edits);
    refactor(&mut client);
    client.wait_for_method("workspace/applyEdit");
    let end = end(&mut client);
    assert!(end.contains("parses · `sleep 20` has not passed yet"), "{end}");
    client.wait_idle();
}

/// A command that finds something only in code with `bad` in it, and takes its time.
const SLOW: &str = "sleep 1; if grep -q bad src/lib.rs; then echo 'src/lib.rs:5: bad is bad'; exit 1; fi";

#[cfg(unix)]
#[test]
fn what_is_proved_late_is_shown_on_the_hunks() {
    let project = Project::new();
    let server = Server::script([Reply::chat(&[&answer("n * 2")])]);
    let edits = json!({ "verify": [SLOW], "verify_wait": "50ms", "review": "until-kept" });
    let mut client = project.client(Profile::VsCode, &server, edits);
    refactor(&mut client);
    marked(&mut client, "` has not passed yet)");
    marked(&mut client, "` passes)");
    client.wait_idle();
}

#[cfg(unix)]
#[test]
fn a_late_fault_goes_to_the_model_when_the_user_tries_again() {
    for profile in EVERY_EDITOR {
        let project = Project::new();
        let server = Server::script([Reply::chat(&[&answer("bad(n)")]), Reply::chat(&[&answer("n * 2")])]);
        let edits = json!({ "verify": [SLOW], "verify_wait": "50ms", "review": "until-kept" });
        let mut client = project.client(profile, &server, edits);
        refactor(&mut client);
        marked(&mut client, "was applied, but: ");
        let cursor = client.cursor("src/lib.rs", "bad(n)");
        let actions = client.code_actions("src/lib.rs", &cursor, &["quickfix"]);
        client.choose(&action(&actions, "Try “Refactor `double`” again, with what is wrong"));
        marked(&mut client, "` passes)");
        client.wait_idle();
        assert_eq!(
            client.text("src/lib.rs"),
            SOURCE.replace("    let twice = n * 2;\n    return twice;\n", "    n * 2\n")
        );
        let told = last_told(&server);
        assert!(told.contains("src/lib.rs:5: bad is bad") && told.contains("I applied your answer"), "{told}");
        let asked = server.requests()[1].body["messages"].as_array().unwrap().clone();
        assert_eq!(asked[asked.len() - 2]["content"], answer("bad(n)"));
    }
}

/// Waits for a mark with these words.
fn marked(client: &mut Client, words: &str) {
    client.wait_for(words, |message| {
        let marks = message["params"]["diagnostics"].as_array()?;
        let found = marks.iter().any(|mark| mark["message"].as_str().unwrap_or_default().contains(words));
        (message["method"] == "textDocument/publishDiagnostics" && found).then_some(())
    });
}

/// A command that never ends, and writes all the time.
#[cfg(unix)]
const ENDLESS: &str = "sh -c 'while :; do echo x >> alive; sleep 0.02; done' & wait";

/// How much the command has written.
#[cfg(unix)]
fn alive(project: &Project) -> u64 {
    let file = project.shadow().map(|shadow| shadow.join("tree/alive"));
    file.and_then(|file| file.metadata().ok()).map_or(0, |metadata| metadata.len())
}

/// The command of a project is at work.
#[cfg(unix)]
fn wait_alive(project: &Project, client: &mut Client) {
    let started = Instant::now();
    while alive(project) == 0 && started.elapsed() < Duration::from_secs(20) {
        client.idle(Duration::from_millis(20));
    }
    assert!(alive(project) > 0);
}

/// The command has ended, or does so soon.
#[cfg(unix)]
fn wait_dead(project: &Project) {
    let started = Instant::now();
    let mut before = None;
    while before != Some(alive(project)) {
        assert!(started.elapsed() < Duration::from_secs(20), "it still runs");
        before = Some(alive(project));
        std::thread::sleep(Duration::from_millis(400));
    }
}

#[cfg(unix)]
#[test]
fn cancelling_ends_the_commands_with_all_that_they_started() {
    let project = Project::new();
    let server = Server::script([Reply::chat(&[&answer("n * 2")])]);
    let mut client = project.client(Profile::VsCode, &server, json!({ "verify": [ENDLESS], "repair_attempts": 0 }));
    refactor(&mut client);
    // the answer is there, and its commands are running
    client.wait_for("the answer's commands", |message| {
        let said = message["params"]["value"]["message"].as_str()?;
        said.starts_with("running sh").then_some(())
    });
    wait_alive(&project, &mut client);
    client.execute("whittle.cancel", Value::Null);
    assert_eq!(end(&mut client), "cancelled");
    wait_dead(&project);
    assert_eq!(client.text("src/lib.rs"), SOURCE);
}

#[cfg(unix)]
#[test]
fn commands_that_run_on_end_when_their_job_is_taken_back_or_the_session_ends() {
    for how in ["whittle.revert", "whittle.undo", "by hand", "shutdown"] {
        let project = Project::new();
        let server = Server::script([Reply::chat(&[&answer("n * 2")])]);
        let edits = json!({ "verify": [ENDLESS], "verify_wait": "50ms", "review": "until-kept" });
        let mut client = project.client(Profile::VsCode, &server, edits);
        refactor(&mut client);
        marked(&mut client, " has not passed yet)");
        wait_alive(&project, &mut client);
        if how == "shutdown" {
            client.shutdown_and_exit();
        } else if how == "by hand" {
            let at = client.before("src/lib.rs", "    n * 2\n");
            client.type_text("src/lib.rs", &at, "    let twice = n * 2;\n    return twice;\n");
            let new = client.range_of("src/lib.rs", "    n * 2\n");
            client.replace("src/lib.rs", &new, "");
            assert_eq!(client.text("src/lib.rs"), SOURCE);
        } else {
            client.execute(how, Value::Null);
            client.wait_until(how, |client| (client.text("src/lib.rs") == SOURCE).then_some(()));
        }
        wait_dead(&project);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn commands_write_nowhere_but_in_the_shadow_and_see_no_keys() {
    let project = Project::new();
    let before = project.state();
    let outside = project.root().join("escaped");
    let server = Server::script([Reply::chat(&[&answer("n * 2")])]);
    let line = format!(
        "echo x > inside && echo y > /dev/null && test -z \"$MY_API_KEY\" && test \"$HOME\" != \"{}\" && \
         ! touch {outside} && ! rm {lib}",
        std::env::var("HOME").unwrap_or_default(),
        outside = outside.display(),
        lib = project.root().join("src/lib.rs").display(),
    );
    let mut client = project.client(Profile::VsCode, &server, json!({ "verify": [line], "repair_attempts": 0 }));
    refactor(&mut client);
    client.wait_for_method("workspace/applyEdit");
    let end = end(&mut client);
    assert!(end.ends_with("` passes"), "{end}");
    client.wait_idle();
    assert_eq!(project.state(), before);
}
