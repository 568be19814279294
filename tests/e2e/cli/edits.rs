//! Commands that change files: diffs that other tools take, and `--apply`.

use super::*;
use crate::wire::server::{Reply, Server};
use std::io::Write as _;

/// Two functions that one rewrite each applies to, and one with several.
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

fn model(server: &Server) -> String {
    format!("[models.big]\nprovider = \"openai\"\nmodel = \"m\"\nbase_url = \"{}\"\n", server.base_url())
}

#[test]
fn offline_the_user_chooses_a_rewrite() {
    let project = Project::example();
    let list = project.prints(&["refactor", &parse()]);
    assert!(list.contains("guard-clause") && list.contains("invert-if-else") && !list.contains("+++"), "{list}");
    let json = project.json(&["refactor", &parse()]);
    assert_eq!((&json["rewrites"][0]["name"], &json["proposal"]), (&"guard-clause".into(), &Value::Null));
    assert_eq!(json["rewrites"][0]["line"], line_of("src/lib.rs", "if !header.is_empty()"));
    let json = project.json(&["refactor", &parse(), "--rewrite", "guard-clause"]);
    assert_eq!((&json["written"], &json["proposal"]["files"][0]["path"]), (&false.into(), &"src/lib.rs".into()));
    let message = project.fails(&["refactor", &parse(), "--apply"]);
    assert!(message.starts_with("several rewrites apply") && message.contains("guard-clause"), "{message}");
    let message = project.fails(&["refactor", &parse(), "--rewrite", "let-it-be"]);
    assert!(message.contains("`let-it-be` does not apply") && message.contains("guard-clause"), "{message}");
    let message = project.fails(&["refactor", &parse(), "--ask", "faster"]);
    assert!(message.contains("can't follow instructions"), "{message}");
    let none = format!("src/schedule.rs:{}", line_of("src/schedule.rs", "fn is_temporary"));
    assert!(project.fails(&["refactor", &none]).contains("No rewrite applies"));
}

#[test]
fn of_a_file_the_place_is_found_or_asked_for() {
    let project = Project::of("a.rs", NESTED);
    let list = project.prints(&["refactor", "a.rs"]);
    assert_eq!(list.matches("guard-clause").count(), 2, "{list}");
    let message = project.fails(&["refactor", "a.rs", "--rewrite", "guard-clause", "--apply"]);
    assert!(message.contains("of lines 2, 9"), "{message}");
    let diff = project.prints(&["refactor", "a.rs:8"]);
    assert!(diff.starts_with("--- a/a.rs\n+++ b/a.rs\n@@ ") && diff.contains("\n+    if !a {\n"), "{diff}");
    assert_eq!(project.prints(&["refactor", "a.rs:8", "--apply"]), "wrote a.rs (+4 −3)\n");
    let out = project.prints(&["refactor", "a.rs", "--rewrite", "guard-clause", "--apply"]);
    assert_eq!(out, "wrote a.rs (+4 −3)\n");
    assert_eq!(project.text("a.rs").matches("if !a {").count(), 2);
}

/// Both tools make of the file exactly what `--apply` makes of it.
#[track_caller]
fn check_diff(name: &str, text: &str) {
    let project = || {
        let project = Project::of(name, text);
        project.git(&["init", "-q"]);
        project
    };
    let applied = project();
    let target = format!("{name}:1");
    applied.prints(&["refactor", &target, "--apply"]);
    let wanted = applied.text(name);
    assert_ne!(wanted, text);
    for tool in [&["git", "apply", "-"][..], &["patch", "-p1", "--binary", "--posix"]] {
        let project = project();
        let diff = project.prints(&["refactor", &target]);
        let mut command = Command::new(tool[0]);
        let command = command.args(&tool[1..]).current_dir(project.root()).env("GIT_CONFIG_GLOBAL", "/dev/null");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(diff.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{tool:?}: {output:?}\n{diff}");
        assert_eq!(project.text(name), wanted, "{tool:?}\n{diff}");
    }
}

#[test]
fn git_and_patch_take_the_diffs() {
    let one = NESTED.split_inclusive("}\n\n").next().unwrap().trim_end();
    check_diff("a.rs", &format!("{one}\n"));
    check_diff("a.rs", one);
    check_diff("a.rs", &format!("{one}\n").replace('\n', "\r\n"));
    check_diff("a.rs", &one.replace('\n', "\r\n"));
    check_diff("sub folder/a b.rs", &format!("{one}\n"));
    check_diff("ä/é.rs", &format!("{one}\n\nfn after() {{}}\n"));
    check_diff("a.rs", &format!("{one}\n\u{c}\n\u{2028}// x\n"));
}

#[test]
fn tests_are_written_where_the_project_keeps_them() {
    let project = Project::example();
    let diff = project.prints(&["test", &parse()]);
    assert!(diff.contains("+++ b/src/lib.rs") && diff.contains("parse_retry_after"), "{diff}");
    let json = project.json(&["test", &parse(), "--apply"]);
    assert_eq!(json["written"], true);
    assert_eq!(json["proposal"]["files"][0]["diff"], diff);
    let mut cargo = Command::new(env!("CARGO"));
    let cargo = cargo.args(["test", "--quiet", "--offline"]).current_dir(project.root());
    let output = cargo.env("CARGO_TARGET_DIR", project.folder.path().join("target")).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&text));
    assert!(project.fails(&["test", &parse(), "--ask", "more"]).contains("can't follow instructions"));
}

#[test]
fn a_model_is_asked_and_its_change_is_shown_or_written() {
    const NEW: &str = "<replace id=\"c1\">\nfn one(a: bool) {\n    if a {\n        go();\n    }\n}\n</replace>\n";
    let server = Server::script([Reply::chat(&[NEW])]);
    let project = Project::of("a.rs", &NESTED.replacen("    if a", "    // whittle: use go\n    if a", 1));
    project.user_settings(&model(&server));
    let diff = project.prints(&["refactor", "a.rs:1"]);
    assert!(diff.contains("+        go();") && diff.contains("-    // whittle: use go"), "{diff}");
    let prompt = |at: usize| server.requests()[at].body["messages"][1]["content"].to_string();
    assert!(prompt(0).contains("as the developer asks: use go"), "{}", prompt(0));
    // of a whole file, the comment says what is meant
    assert_eq!(project.prints(&["refactor", "a.rs"]), diff);
    let json = project.json(&["refactor", "a.rs:1", "--ask", "be brief", "--apply", "--model", "big"]);
    assert_eq!((&json["written"], &json["model"]), (&true.into(), &"big".into()));
    assert!(prompt(2).contains("as the developer asks: be brief"), "{}", prompt(2));
    assert!(project.text("a.rs").contains("go();"));
    let message = project.fails(&["refactor", "a.rs:1", "--rewrite", "guard-clause"]);
    assert!(message.contains("--model offline"), "{message}");
    // the offline engine is always there
    let out = project.prints(&["refactor", "a.rs:8", "--rewrite", "guard-clause", "--model", "offline"]);
    assert!(out.contains("+    if !a {"), "{out}");
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn indentation_that_fits_no_block_is_refused() {
    const NEW: &str = "<replace id=\"c1\">\ndef f(a):\n    if a:\n    x(1)\n    return a\n</replace>\n";
    let server = Server::script([Reply::chat(&[NEW])]);
    let project = Project::of("a.py", "def f(a):\n    x(1)\n    return a\n");
    project.user_settings(&model(&server));
    let message = project.fails(&["refactor", "a.py:1"]);
    assert!(message.contains("a.py") && message.contains("parse"), "{message}");
}

#[test]
fn documentation_that_an_answer_leaves_out_stays_unless_it_is_meant() {
    const NEW: &str = "<replace id=\"c1\">\nfn one() {\n    walk();\n}\n</replace>\n";
    let server = Server::script([Reply::chat(&[NEW])]);
    let project = Project::of("a.rs", "/// Goes.\n#[inline]\nfn one() {\n    run();\n}\n");
    project.user_settings(&model(&server));
    let diff = project.prints(&["refactor", "a.rs:3", "--ask", "slower"]);
    assert!(diff.contains("+    walk();") && !diff.contains("-/// Goes."), "{diff}");
    let diff = project.prints(&["refactor", "a.rs:3", "--ask", "no doc comment and no attribute"]);
    assert!(diff.contains("-/// Goes.\n-#[inline]\n"), "{diff}");
}

#[test]
fn what_was_proved_and_how_it_was_placed_is_told() {
    const CODE: &str = "fn two(a: bool) {\n    start();\n    // begins everything here\n    run();\n}\n";
    const NEW: &str = "<<<<<<< SEARCH\n    start();\n    // begins everything there\n    run();\n=======\n    start();\n    \
                       // begins everything there\n    walk();\n>>>>>>> REPLACE\n";
    let server = Server::script([Reply::chat(&[NEW])]);
    let project = Project::of("a.rs", CODE);
    project.user_settings(&model(&server));
    let told = project.notes(&["refactor", "a.rs:1"]);
    assert!(told.starts_with("Refactor `two` · big · parses · "), "{told}");
    assert!(told.ends_with(" · placed by lines 97 % alike (line 2); --apply writes it"), "{told}");
    let json = project.json(&["refactor", "a.rs:1"]);
    let placed = serde_json::json!([{ "path": "a.rs", "line": 2, "step": { "alignment": { "percent": 97 } } }]);
    assert_eq!(json["proposal"]["placed"], placed);
}

#[test]
fn a_byte_order_mark_is_no_place_and_lines_that_crs_end_are_refused() {
    const NEW: &str = "<replace id=\"c1\">\nfn one() {\n    walk();\n}\n</replace>\n";
    let server = Server::script([Reply::chat(&[NEW])]);
    let project = Project::of("a.rs", "\u{feff}fn one() {\n    run();\n}\n");
    project.user_settings(&model(&server));
    project.prints(&["refactor", "a.rs:1", "--apply"]);
    assert_eq!(project.text("a.rs"), "\u{feff}fn one() {\n    walk();\n}\n");
    for old in ["fn one() {\r    run();\r}\r", "fn one() {\r\r\n    run();\r\r\n}\r\r\n"] {
        project.write("a.rs", old);
        let message = project.fails(&["refactor", "a.rs:1", "--apply"]);
        assert!(message.contains("turn them into LF or CRLF first"), "{message}");
        assert_eq!(project.text("a.rs"), old);
    }
    assert_eq!(server.requests().len(), 1, "nobody is asked in vain");
}

#[test]
fn a_failing_model_leaves_everything_as_it_was() {
    let project = Project::of("a.rs", NESTED);
    project.user_settings("[models.big]\nprovider = \"openai\"\nmodel = \"m\"\nbase_url = \"http://127.0.0.1:9/v1\"\n");
    for command in ["explain", "refactor"] {
        let message = project.fails(&[command, "a.rs:1"]);
        assert!(message.contains("nothing is listening there"), "{message}");
    }
    assert_eq!(project.text("a.rs"), NESTED);
    let server = Server::script([Reply::chat(&["I would rather not."])]);
    project.user_settings(&model(&server));
    let message = project.fails(&["refactor", "a.rs:1", "--apply"]);
    assert!(message.contains("I would rather not."), "{message}");
    assert_eq!(project.text("a.rs"), NESTED);
}

#[test]
fn only_files_that_may_be_written_are_written() {
    let project = Project::of("src/a.rs", NESTED);
    let apply = |target: &str| project.fails(&["refactor", target, "--apply"]);
    let set = |read_only: bool| {
        let path = project.root().join("src/a.rs");
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(read_only);
        fs::set_permissions(path, permissions).unwrap();
    };
    set(true);
    assert!(apply("src/a.rs:1").contains("src/a.rs is read-only"));
    project.write("src/secrets.rs", NESTED);
    assert!(apply("src/secrets.rs:1").contains("deny rule"));
    project.write(".gitignore", "generated/\n");
    project.write("generated/a.rs", NESTED);
    assert!(apply("generated/a.rs:1").contains("an ignore file names it"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        let outside = project.folder.path().join("outside.rs");
        fs::write(&outside, NESTED).unwrap();
        symlink(&outside, project.root().join("out.rs")).unwrap();
        assert!(apply("out.rs:1").contains("outside of the workspace"));
        assert_eq!(fs::read_to_string(&outside).unwrap(), NESTED);
        assert_eq!(project.text("src/a.rs"), NESTED);
        symlink("src/a.rs", project.root().join("in.rs")).unwrap();
        // read-only files were left alone; now the link's target is written and the link stays
        set(false);
        assert_eq!(project.prints(&["refactor", "in.rs:1", "--apply"]), "wrote src/a.rs (+4 −3)\n");
        assert!(project.root().join("in.rs").is_symlink());
    }
}

#[test]
fn a_file_that_changed_meanwhile_is_left_alone() {
    const NEW: &str = "<replace id=\"c1\">\nfn one(a: bool) {\n    go();\n}\n</replace>\n";
    let project = Project::of("a.rs", NESTED);
    let path = project.root().join("a.rs");
    let changed = path.clone();
    // the model answers only after somebody else saved the file
    let server = Server::choose(move |_, _| {
        fs::write(&changed, "// saved\n").unwrap();
        Reply::chat(&[NEW])
    });
    project.user_settings(&model(&server));
    let message = project.fails(&["refactor", "a.rs:1", "--apply"]);
    assert!(message.contains("a.rs changed on disk"), "{message}");
    assert_eq!(fs::read_to_string(path).unwrap(), "// saved\n");
}
