//! Documents in unusual places: several folders, none, nowhere on disk, on another machine, read-only, very large, open twice.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Client, Profile, Setup};
use super::{EVERY_EDITOR, action, message, workspace};
use crate::wire::server::{Reply, Server};

const SOURCE: &str = "pub fn double(n: u32) -> u32 {\n    let twice = n * 2;\n    return twice;\n}\n";
const ANSWER: &str = "<replace id=\"c1\">\npub fn double(n: u32) -> u32 {\n    n * 2\n}\n</replace>\n";
const CHANGED: &str = "pub fn double(n: u32) -> u32 {\n    n * 2\n}\n";

fn model(server: &Server) -> Value {
    json!({ "models": { "big": { "provider": "openai", "base_url": server.base_url(), "model": "test" } },
            "edits": { "verify": "off" } })
}

fn client(profile: Profile, root: &Path, server: &Server) -> Client {
    let mut setup = Setup::new(profile, root);
    setup.options = model(server);
    setup.settings = setup.options.clone();
    setup.start()
}

fn titles(client: &mut Client, path: &str, needle: &str) -> Vec<String> {
    let cursor = client.cursor(path, needle);
    let found = client.code_actions(path, &cursor, &[]);
    found.iter().map(|action| action["title"].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn choose(client: &mut Client, path: &str, needle: &str, title: &str) {
    let cursor = client.cursor(path, needle);
    let found = client.code_actions(path, &cursor, &[]);
    client.forget_past();
    client.choose(&action(&found, title));
}

#[track_caller]
fn wait_text(client: &mut Client, path: &str, wanted: &str) {
    for _ in 0..600 {
        if client.text(path) == wanted {
            return;
        }
        client.idle(Duration::from_millis(10));
    }
    assert_eq!(client.text(path), wanted, "{:?}", client.messages());
}

/// Two projects, each with settings and an operation of its own; only the first is trusted.
fn two(server: &Server) -> (tempfile::TempDir, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    for name in ["one", "two", "three"] {
        let root = folder.path().join(name);
        std::fs::create_dir_all(root.join(".whittle/prompts")).unwrap();
        std::fs::create_dir_all(root.join("src")).unwrap();
        std::fs::write(root.join("Cargo.toml"), format!("[package]\nname = \"{name}\"\n")).unwrap();
        std::fs::write(root.join("src/lib.rs"), SOURCE).unwrap();
        let settings = format!(
            "[edits]\nverify = \"off\"\n[models.of-{name}]\nprovider = \"openai\"\nmodel = \"m\"\nbase_url = \"{}\"\n",
            server.base_url()
        );
        std::fs::write(root.join("whittle.toml"), settings).unwrap();
        let prompt = format!("---\ntitle: Zap {name}\nanswer: edit\n---\nZap.");
        std::fs::write(root.join(".whittle/prompts/zap.md"), prompt).unwrap();
    }
    let state = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(state.path().join("whittle")).unwrap();
    let root = |name: &str| folder.path().canonicalize().unwrap().join(name).display().to_string();
    std::fs::write(state.path().join("whittle/trusted"), format!("{}\n{}\n", root("one"), root("three"))).unwrap();
    (folder, state)
}

#[test]
fn each_folder_has_its_own_settings_prompts_and_trust() {
    for profile in EVERY_EDITOR {
        let server = Server::script([Reply::chat(&[ANSWER])]);
        let (folder, state) = two(&server);
        let root = folder.path().canonicalize().unwrap();
        let mut client =
            Setup::new(profile, folder.path()).env("XDG_STATE_HOME", state.path().to_str().unwrap()).spawn();
        let mut params = client.initialize_params();
        let entry = |name: &str| json!({ "uri": profile.uri(&root.join(name)), "name": name });
        params["workspaceFolders"] = json!([entry("one"), entry("two")]);
        client.initialize_with(params);
        for name in ["one", "two", "three"] {
            client.open(format!("{name}/src/lib.rs"));
        }
        let has = |titles: &[String], title: &str| titles.iter().any(|found| found == title);
        let one = titles(&mut client, "one/src/lib.rs", "twice");
        assert!(has(&one, "Refactor `double` (of-one)") && has(&one, "Zap one `double` (of-one)"), "{one:?}");
        // nothing of a folder counts that is not trusted
        let two = titles(&mut client, "two/src/lib.rs", "twice");
        assert!(has(&two, "Explain `double` (offline)"), "{two:?}");
        assert!(!two.iter().any(|title| title.contains("Zap") || title.contains("of-")), "{two:?}");
        assert!(
            client
                .messages()
                .iter()
                .any(|told| told.contains("two/whittle.toml: is ignored until you run `whittle trust`"))
        );
        // a file outside of the folders counts to the project around it
        let three = titles(&mut client, "three/src/lib.rs", "twice");
        assert!(has(&three, "Zap three `double` (of-three)"), "{three:?}");
        // commands follow the file
        client.forget_past();
        client.execute("whittle.run", json!({ "name": "zap", "uri": profile.uri(&root.join("one/src/lib.rs")), "range": client.cursor("one/src/lib.rs", "twice") }));
        client.wait_idle();
        assert_eq!(client.text("one/src/lib.rs"), CHANGED, "{profile:?}");
        // folders come and go
        let trusted = state.path().join("whittle/trusted");
        std::fs::write(&trusted, format!("{}\n{}\n", root.join("one").display(), root.join("two").display())).unwrap();
        let two = titles(&mut client, "two/src/lib.rs", "twice");
        assert!(has(&two, "Zap two `double` (of-two)"), "{two:?}");
        client.notify(
            "workspace/didChangeWorkspaceFolders",
            json!({ "event": { "added": [], "removed": [entry("two")] } }),
        );
        let uri = profile.uri(&root.join("one/whittle.toml"));
        client.notify(
            "workspace/didChangeWorkspaceFolders",
            json!({ "event": { "added": [entry("two")], "removed": [entry("one")] } }),
        );
        client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri, "type": 2 }] }));
        let two = titles(&mut client, "two/src/lib.rs", "twice");
        assert!(has(&two, "Zap two `double` (of-two)"), "{two:?}");
    }
}

#[test]
fn a_file_outside_of_any_workspace_is_worked_on_alone() {
    for profile in EVERY_EDITOR {
        let server = Server::script([Reply::chat(&["It doubles."]), Reply::chat(&[ANSWER])]);
        let inside = workspace("pub fn inside() {}\n");
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("notes.rs"), SOURCE).unwrap();
        std::fs::write(outside.path().join("private.rs"), "pub fn twice() {}\n").unwrap();
        let mut client = client(profile, inside.path(), &server);
        let path = outside.path().canonicalize().unwrap().join("notes.rs");
        let path = path.to_str().unwrap();
        client.open(path);
        choose(&mut client, path, "twice", "Explain `double` (big)");
        client.wait_idle();
        choose(&mut client, path, "twice", "Refactor `double` (big)");
        client.wait_idle();
        assert_eq!(client.text(path), CHANGED, "{profile:?}: {:?}", client.messages());
        let sent = server.requests().last().unwrap().body.to_string();
        assert!(!sent.contains("fn twice") && !sent.contains("fn inside"), "{sent}");
    }
}

#[test]
fn what_was_never_saved_is_explained_and_changed() {
    for profile in [Profile::VsCode, Profile::Neovim] {
        let folder = workspace("pub fn inside() {}\n");
        let server = Server::script([Reply::chat(&["It doubles."]), Reply::chat(&[ANSWER])]);
        let mut client = client(profile, folder.path(), &server);
        let path = "untitled:Untitled-1";
        client.open_as(path, SOURCE, "rust");
        choose(&mut client, path, "twice", "Explain `double` (big)");
        client.wait_idle();
        let cursor = client.before(path, "double");
        assert!(client.hover(path, &cursor).to_string().contains("It doubles."), "{profile:?}");
        choose(&mut client, path, "twice", "Refactor `double` (big)");
        wait_text(&mut client, path, CHANGED);
        client.wait_idle();
        choose(&mut client, path, "n * 2", "Revert all of");
        wait_text(&mut client, path, SOURCE);
        client.wait_idle();
        // tests of Rust go into the document itself; a new file has no place
        choose(&mut client, path, "twice", "Generate tests for `double`");
        let told = message(&mut client, 1);
        assert!(!told.contains("panick"), "{told}");
        client.wait_idle();
    }
}

#[test]
fn a_document_of_another_machine_is_worked_on_from_its_text() {
    let folder = workspace("pub fn inside() {}\n");
    for address in ["vscode-remote://ssh-remote%2Bhost/home/me/notes.rs", "ssh://host/home/me/notes.rs"] {
        let server = Server::script([Reply::chat(&["It doubles."]), Reply::chat(&[ANSWER])]);
        let mut client = client(Profile::VsCode, folder.path(), &server);
        client.open_as(address, SOURCE, "rust");
        choose(&mut client, address, "twice", "Explain `double` (big)");
        client.wait_idle();
        choose(&mut client, address, "twice", "Refactor `double` (big)");
        wait_text(&mut client, address, CHANGED);
        client.wait_idle();
        let sent = server.requests().last().unwrap().body.to_string();
        assert!(sent.contains("notes.rs:1") && !sent.contains("ssh"), "{sent}");
    }
}

#[test]
fn a_refusal_of_the_editor_is_said_with_its_reason() {
    for profile in [Profile::VsCode, Profile::Helix] {
        let folder = workspace(SOURCE);
        let server = Server::script([Reply::chat(&[ANSWER])]);
        let mut client = client(profile, folder.path(), &server);
        client.refuse_edits = true;
        client.open("src/lib.rs");
        choose(&mut client, "src/lib.rs", "twice", "Refactor `double` (big)");
        let told = message(&mut client, 1);
        assert!(told.contains("the editor refused the edit of src/lib.rs (refused), so nothing was changed"), "{told}");
        client.wait_idle();
    }
}

#[test]
#[cfg(unix)]
fn of_a_read_only_file_it_is_said_that_it_can_not_be_saved() {
    use std::os::unix::fs::PermissionsExt as _;
    for profile in EVERY_EDITOR {
        let folder = workspace(SOURCE);
        let file = folder.path().join("src/lib.rs");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap();
        let server = Server::script([Reply::chat(&[ANSWER])]);
        let mut client = client(profile, folder.path(), &server);
        client.open("src/lib.rs");
        choose(&mut client, "src/lib.rs", "twice", "Refactor `double` (big)");
        let told = message(&mut client, 2);
        assert!(told.contains("src/lib.rs is read-only on the disk"), "{told}");
        client.wait_idle();
        assert_eq!(client.text("src/lib.rs"), CHANGED);
    }
}

/// Two editors with the same file and journal; the first one has refactored `double` and not saved it.
#[track_caller]
fn two_editors(folder: &Path, state: &Path) -> (Client, Client) {
    let server = Server::script([Reply::chat(&[ANSWER])]);
    let start = |profile| {
        let mut setup = Setup::new(profile, folder).env("XDG_STATE_HOME", state.to_str().unwrap());
        setup.options = model(&server);
        setup.settings = setup.options.clone();
        let mut client = setup.start();
        client.open("src/lib.rs");
        client
    };
    let (mut one, two) = (start(Profile::VsCode), start(Profile::Neovim));
    choose(&mut one, "src/lib.rs", "twice", "Refactor `double` (big)");
    one.wait_idle();
    (one, two)
}

#[test]
fn two_editors_share_a_file_and_its_journal() {
    let (folder, state) = (workspace(SOURCE), tempfile::tempdir().unwrap());
    let (mut one, mut two) = two_editors(folder.path(), state.path());
    one.save("src/lib.rs");
    // the other editor still has the old text: nothing of the job is there to be taken back
    two.idle(Duration::from_millis(300));
    two.forget_past();
    two.execute("whittle.undo", Value::Null);
    let told = message(&mut two, 1);
    assert!(
        told.contains("another editor changed src/lib.rs on the disk, and this one still shows the old text"),
        "{told}"
    );
    two.wait_idle();
    assert_eq!(two.text("src/lib.rs"), SOURCE);
    assert_eq!(std::fs::read_to_string(folder.path().join("src/lib.rs")).unwrap(), CHANGED);
    // the one that did it can
    choose(&mut one, "src/lib.rs", "n * 2", "Undo “Refactor `double`");
    wait_text(&mut one, "src/lib.rs", SOURCE);
    one.wait_idle();
}

#[test]
fn what_another_editor_holds_unsaved_is_not_undone() {
    let (folder, state) = (workspace(SOURCE), tempfile::tempdir().unwrap());
    let (mut one, mut two) = two_editors(folder.path(), state.path());
    assert_eq!(one.text("src/lib.rs"), CHANGED);
    let announced = |wanted: bool| {
        let unsaved = state.path().join("whittle/unsaved");
        let is_there = || unsaved.read_dir().is_ok_and(|mut files| files.next().is_some());
        for _ in 0..2000 {
            if is_there() == wanted {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("announced: {}", !wanted);
    };
    announced(true);
    two.idle(Duration::from_millis(100));
    two.forget_past();
    two.execute("whittle.undo", Value::Null);
    let told = message(&mut two, 1);
    let part = "src/lib.rs has unsaved changes in an editor (`whittle lsp`, process ";
    assert!(told.contains(part) && told.contains("nothing was changed: save or discard them there first"), "{told}");
    two.wait_idle();
    // still applied: the one that holds it takes it back, though it is announced as unsaved
    choose(&mut one, "src/lib.rs", "n * 2", "Revert all of “Refactor `double`");
    wait_text(&mut one, "src/lib.rs", SOURCE);
    one.wait_idle();
}

#[test]
fn a_very_large_file_is_said_to_be_so_and_still_explained() {
    let remark = "long ".repeat(600);
    let function = |number| format!("pub fn f{number}(n: u32) -> u32 {{\n    // {remark}\n    n * {number}\n}}\n");
    let source: String = (0..1500).map(|number| function(number) + "\n").collect();
    assert!(source.len() > 4 << 20);
    let folder = workspace(&source);
    let answer = format!("<replace id=\"c1\">\n{}</replace>\n", function(700).replace("n *", "1 + n *"));
    let server = Server::script([Reply::chat(&["It multiplies."]), Reply::chat(&[&answer])]);
    let mut client = client(Profile::VsCode, folder.path(), &server);
    client.open("src/lib.rs");
    choose(&mut client, "src/lib.rs", "n * 700", "Explain `lines 3501–3504` (big)");
    let told = message(&mut client, 3);
    assert!(told.starts_with("src/lib.rs has 4 MB. Files over 4 MB are not parsed"), "{told}");
    client.wait_idle();
    let sent = server.requests().last().unwrap().body.to_string();
    assert!(sent.contains("f700") && !sent.contains("f600"), "{}", sent.len());
    choose(&mut client, "src/lib.rs", "n * 700", "Refactor `lines 3501–3504` (big)");
    client.wait_idle();
    assert!(client.text("src/lib.rs").contains("    1 + n * 700\n"), "{:?}", client.messages());
    let claims = client.received().iter().any(|message| message.to_string().contains("parses"));
    assert!(!claims, "nothing was parsed");
}
