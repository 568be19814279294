//! What is proved on the command line.

use super::*;
use crate::wire::server::{Reply, Server};

const SOURCE: &str = "\
/// Doubles.
pub fn double(n: u32) -> u32 {
    let twice = n * 2;
    return twice;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_two() {
        assert_eq!(double(2), 4);
    }
}
";

/// A trusted project of one file, whose only model answers as scripted.
fn project(server: &Server, settings: &str) -> Project {
    let project = Project::of("src/lib.rs", SOURCE);
    project.write("Cargo.toml", "[package]\nname = \"sample\"\nedition = \"2024\"\n");
    let model = format!("[models.big]\nprovider = \"openai\"\nmodel = \"m\"\nbase_url = \"{}\"\n", server.base_url());
    project.user_settings(&format!("{model}{settings}"));
    project.prints(&["trust"]);
    project
}

fn body(body: &str) -> Reply {
    let code = format!("/// Doubles.\npub fn double(n: u32) -> u32 {{\n    {body}\n}}");
    Reply::chat(&[&format!("<replace id=\"c1\">\n{code}\n</replace>\n")])
}

#[test]
fn an_answer_that_breaks_a_test_goes_back() {
    let server = Server::script([body("n * \"2\""), body("n * 3"), body("n * 2")]);
    let project = project(&server, "");
    let json = project.json(&["refactor", "src/lib.rs:2"]);
    assert_eq!(json["proposal"]["proved"], serde_json::json!(["parses", "compiles", "1 test passes"]));
    let told: Vec<String> = server.requests()[2].body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["content"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(told.len(), 6, "{told:?}");
    assert!(told[3].contains("cannot multiply `u32` by `&str`"), "{}", told[3]);
    assert!(told[5].contains("tests::doubles_two") && told[5].contains("left: 6"), "{}", told[5]);
    assert_eq!(project.text("src/lib.rs"), SOURCE);
}

#[test]
fn what_does_not_hold_is_not_shown() {
    let server = Server::script([body("n * \"2\"")]);
    let project = project(&server, "[edits]\nrepair_attempts = 0\n");
    let message = project.fails(&["refactor", "src/lib.rs:2", "--apply"]);
    assert!(message.starts_with("cargo check rejects the answer of big, so nothing was changed"), "{message}");
    assert!(message.contains("src/lib.rs:3: cannot multiply `u32` by `&str`"), "{message}");
    assert_eq!(project.text("src/lib.rs"), SOURCE);
}

#[test]
fn a_generated_test_that_does_not_pass_is_left_out() {
    const TOLD: &str = "Generate tests for `double` (left out `text`, `one_is_three`, which do not pass) · big · parses · \
                        compiles · 1 test passes; this was job 1: `whittle undo` takes it back";
    let tests = "<replace id=\"tests\">\n#[test]\nfn one_is_two() {\n    assert_eq!(double(1), 2);\n}\n\n\
                 #[test]\nfn one_is_three() {\n    assert_eq!(double(1), 3);\n}\n\n\
                 #[test]\nfn text() {\n    assert_eq!(double(\"1\"), 3);\n}\n</replace>\n";
    let server = Server::script([Reply::chat(&[tests])]);
    let project = project(&server, "[edits]\nrepair_attempts = 0\n");
    assert_eq!(project.notes(&["test", "src/lib.rs:2", "--apply"]), TOLD);
    let text = project.text("src/lib.rs");
    assert!(text.contains("fn one_is_two()") && !text.contains("one_is_three") && !text.contains("\"1\""), "{text}");
}

#[test]
fn changed_chunks_are_formatted_as_the_project_is() {
    let server = Server::script([body("n*2")]);
    let project = project(&server, "");
    let diff = project.prints(&["refactor", "src/lib.rs:2"]);
    assert!(diff.contains("\n+    n * 2\n"), "{diff}");
}
