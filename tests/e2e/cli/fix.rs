//! `whittle fix`.

use std::io::Write as _;

use super::*;
use crate::wire::server::{Reply, Server};

const SOURCE: &str = "\
/// Doubles.
pub fn double(n: u32) -> u32 {
    let twice = n * \"2\";
    twice
}

pub fn other() -> u32 {
    undefined_name
}
";

fn project(server: &Server, source: &str) -> Project {
    let project = Project::of("src/lib.rs", source);
    project.write("Cargo.toml", "[package]\nname = \"sample\"\nedition = \"2024\"\n");
    let model = format!("[models.big]\nprovider = \"openai\"\nmodel = \"m\"\nbase_url = \"{}\"\n", server.base_url());
    project.user_settings(&model);
    project
}

fn body(body: &str) -> Reply {
    let code = format!("/// Doubles.\npub fn double(n: u32) -> u32 {{\n    {body}\n}}");
    Reply::chat(&[&format!("<replace id=\"c1\">\n{code}\n</replace>\n")])
}

fn asked(server: &Server) -> String {
    let requests = server.requests();
    requests.last().unwrap().body["messages"].as_array().unwrap().last().unwrap()["content"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn what_the_projects_command_tells_is_mended() {
    let server = Server::script([body("n * 2")]);
    let project = project(&server, SOURCE);
    let refused = project.fails(&["fix", "src/lib.rs:3"]);
    assert!(refused.contains("is not trusted, see `whittle trust`; pass the message with --message"), "{refused}");
    project.prints(&["trust"]);
    let json = project.json(&["fix", "src/lib.rs:3", "--apply"]);
    let title = "Fix “cannot multiply `u32` by `&str`” in `double`, as cargo check says";
    assert_eq!(json["proposal"]["title"], title);
    let proved = serde_json::json!(["parses", "cargo check: mended, no new errors"]);
    assert_eq!(json["proposal"]["proved"], proved);
    assert!(
        asked(&server)
            .contains("1. error (cargo check), line 3 of the chunk, `let twice = n * \"2\";`:\n   error[E0277]")
    );
    assert!(project.text("src/lib.rs").contains("    n * 2\n"));
    // what is left is elsewhere
    let nothing = project.prints(&["fix", "src/lib.rs:2"]);
    assert!(
        nothing.starts_with(
            "nothing to fix at src/lib.rs:1-4: cargo check finds a fault elsewhere only, src/lib.rs:7: cannot find"
        ),
        "{nothing}"
    );
    assert_eq!(project.json(&["fix", "src/lib.rs:2"])["proposal"], Value::Null);
}

#[test]
fn a_file_is_fixed_from_its_first_fault_on() {
    let server = Server::script([body("n * 2")]);
    let project = project(&server, SOURCE);
    project.prints(&["trust"]);
    let diff = project.prints(&["fix", "src/lib.rs"]);
    assert!(diff.contains("-    let twice = n * \"2\";\n") && diff.contains("+    n * 2\n"), "{diff}");
}

#[test]
fn a_message_that_is_passed_counts() {
    let server = Server::script([body("n * 2"), body("n * 2")]);
    let project = project(&server, SOURCE);
    project.prints(&["fix", "src/lib.rs:3", "--message", "cannot multiply"]);
    let told = asked(&server);
    assert!(told.contains("line 3 of the chunk, `let twice = n * \"2\";`:\n   cannot multiply"), "{told}");

    let mut command = project.command(&["fix", "src/lib.rs", "--message", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let said = "   Compiling sample\nerror[E0277]: cannot multiply `u32` by `&str`\n --> src/lib.rs:3:19\n";
    child.stdin.take().unwrap().write_all(said.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(String::from_utf8(out.stdout).unwrap().contains("+    n * 2\n"));
    let told = asked(&server);
    assert!(told.contains("Fix `double`") && told.contains("   error[E0277]: cannot multiply"), "{told}");
    assert!(project.fails(&["fix", "src/lib.rs", "--message", " "]).contains("the message is empty"));
}

#[test]
fn a_test_that_fails_is_mended() {
    let tests = "\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn doubles_two() {\n        \
                 assert_eq!(double(2), 4);\n    }\n}\n";
    let source = format!("/// Doubles.\npub fn double(n: u32) -> u32 {{\n    n * 3\n}}\n{tests}");
    let server = Server::script([body("n * 4"), body("n * 2")]);
    let project = project(&server, &source);
    project.prints(&["trust"]);
    let json = project.json(&["fix", "src/lib.rs:2"]);
    assert_eq!(json["proposal"]["proved"], serde_json::json!(["parses", "compiles", "1 test passes"]));
    assert_eq!(server.requests().len(), 2);
    let title = json["proposal"]["title"].as_str().unwrap();
    assert!(
        title.starts_with("Fix “test `tests::doubles_two` fails:") && title.ends_with("as cargo test says"),
        "{title}"
    );
}

#[test]
fn without_a_model_it_says_what_it_needs() {
    let project = Project::of("src/lib.rs", SOURCE);
    let message = project.fails(&["fix", "src/lib.rs:3"]);
    assert_eq!(message, "`fix` needs a model: configure one, or choose one with --model.");
}
