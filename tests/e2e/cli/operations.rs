//! Operations that users write, from the command line.

use super::*;
use crate::wire::server::{Reply, Server};

const SOURCE: &str = "/// Zählt.\nfn count(a: u8) -> u8 {\n    a + 1\n}\n";

fn models(server: &Server) -> String {
    let model = |name: &str| {
        format!("[models.{name}]\nprovider = \"openai\"\nmodel = \"{name}\"\nbase_url = \"{}\"\n", server.base_url())
    };
    model("big") + &model("small")
}

/// What was sent as system prompt, and as the user's words.
fn sent(server: &Server, at: usize) -> [String; 2] {
    [0, 1].map(|part| server.requests()[at].body["messages"][part]["content"].as_str().unwrap().to_owned())
}

#[test]
fn a_users_operation_changes_code() {
    const NEW: &str = "<replace id=\"c1\">\n/// Counts.\nfn count(a: u8) -> u8 {\n    a + 1\n}\n</replace>\n";
    let server = Server::script([Reply::chat(&[NEW])]);
    let project = Project::of("a.rs", SOURCE);
    project.user_settings(&models(&server));
    project.user_prompt(
        "english.md",
        "---\ntitle: Translate comments of\nlanguages: [rust]\nanswer: edit\nroute: small\n---\n\
         Translate comments to English.\n\nThe reader writes {{language}} in {{file}}.\n",
    );
    let diff = project.prints(&["run", "english", "a.rs:2"]);
    assert!(diff.contains("-/// Zählt.\n+/// Counts.\n"), "{diff}");
    let [system, user] = sent(&server, 0);
    assert!(system.starts_with("Translate comments to English.\n\nAnswer with the new text"), "{system}");
    assert!(
        user.contains("The reader writes rust in a.rs.\n\nDo this with `count` (id c1): Translate comments of.\n"),
        "{user}"
    );
    assert_eq!(server.requests()[0].body["model"], "small");
    // the command line goes before the file
    let json = project.json(&["run", "english", "a.rs:2", "--ask", "be brief", "--apply", "--model", "big"]);
    assert_eq!((&json["written"], &json["model"]), (&true.into(), &"big".into()));
    assert!(sent(&server, 1)[1].ends_with("The developer asks: be brief\n"), "{}", sent(&server, 1)[1]);
    assert!(project.text("a.rs").starts_with("/// Counts.\n"));

    project.write("b.py", "def count(a):\n    return a + 1\n");
    assert_eq!(project.fails(&["run", "english", "b.py:1"]), "`english` is for rust only, as its file says");
    assert_eq!(
        project.fails(&["run", "englisch", "a.rs:2"]),
        "there is no operation `englisch`; did you mean `english`?"
    );
    assert_eq!(
        project.fails(&["run", "english", "a.rs:2", "--model", "offline"]),
        "`english` needs a model: configure one, or choose one with --model."
    );
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_users_operation_explains() {
    let server = Server::script([Reply::chat(&["It counts."])]);
    let project = Project::of("a.rs", SOURCE);
    project.user_settings(&models(&server));
    project.user_prompt(
        "haiku.md",
        "---\ntitle: Haiku on\nanswer: explanation\n---\n{{focus}}\n\nPraise {{label}}: {{ask}}\n",
    );
    assert_eq!(project.prints(&["run", "haiku", "a.rs:2", "--ask", "in spring"]), "It counts.\n");
    let [system, user] = sent(&server, 0);
    assert!(!system.contains("<replace"), "{system}");
    assert_eq!(user.matches("fn count").count(), 1, "{user}");
    assert!(user.ends_with("Praise count: in spring\n\nDo this with `count`: Haiku on."), "{user}");
    assert!(project.fails(&["run", "haiku", "a.rs:2", "--apply"]).contains("there is nothing to write"));
    assert_eq!(project.json(&["run", "haiku", "a.rs:2"])["title"], "Haiku on `count`");
}

#[test]
fn a_users_operation_writes_a_new_file_and_none_that_is_there() {
    const NEW: &str = "<replace id=\"file\">\n# count\n\n```rust\ncount(1);\n```\n</replace>\n";
    let server = Server::script([Reply::chat(&[NEW])]);
    let project = Project::of("src/a.rs", SOURCE);
    project.user_settings(&models(&server));
    let prompt =
        |path: &str| format!("---\ntitle: Write a page on\nanswer: new-file\npath: \"{path}\"\n---\nWrite it.\n");
    project.user_prompt("page.md", &prompt("docs/{dir}/{stem}-{name}.md"));
    let diff = project.prints(&["run", "page", "src/a.rs:2"]);
    assert!(diff.contains("--- /dev/null\n+++ b/docs/src/a-count.md\n") && diff.contains("+count(1);"), "{diff}");
    assert!(sent(&server, 0)[1].contains("the new file docs/src/a-count.md"), "{}", sent(&server, 0)[1]);
    assert!(!project.root().join("docs").exists());
    project.prints(&["run", "page", "src/a.rs:2", "--apply"]);
    assert_eq!(project.text("docs/src/a-count.md"), "# count\n\n```rust\ncount(1);\n```\n");
    // nothing is asked for where nothing could be written
    assert!(project.fails(&["run", "page", "src/a.rs:2"]).starts_with("docs/src/a-count.md exists already"));
    project.user_prompt("page.md", &prompt("{name}.pem"));
    assert!(project.fails(&["run", "page", "src/a.rs:2"]).contains("deny rule"));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn documentation_is_an_operation_of_its_own() {
    const NEW: &str =
        "<replace id=\"c1\">\n/// Gives the number after `a`.\nfn count(a: u8) -> u8 {\n    a + 1\n}\n</replace>\n";
    let server = Server::script([Reply::chat(&[NEW])]);
    let project = Project::of("a.rs", SOURCE);
    assert_eq!(
        project.fails(&["document", "a.rs:2"]),
        "`document` needs a model: configure one, or choose one with --model."
    );
    project.user_settings(&format!("routes.document = [\"small\"]\n{}", models(&server)));
    let diff = project.prints(&["document", "a.rs:2"]);
    assert!(diff.contains("+/// Gives the number after `a`."), "{diff}");
    assert_eq!(server.requests()[0].body["model"], "small");
    let [system, user] = sent(&server, 0);
    assert!(
        system.contains("documentation comment") && user.contains("\nDocument `count` (id c1).\n"),
        "{system}{user}"
    );
    assert!(project.fails(&["document", "a.rs"]).contains("there is no function or type at this place to document"));
    // code that comes along with the documentation is not let in
    let server = Server::script([Reply::chat(&[&NEW.replace("a + 1", "a + 2")])]);
    project.user_settings(&models(&server));
    let message = project.fails(&["document", "a.rs:2"]);
    assert!(message.contains("changed code at line 3 of a.rs (“a + 2”), where only documentation"), "{message}");
}

#[test]
fn built_in_prompts_can_be_replaced() {
    let server = Server::script([Reply::chat(&["It counts."])]);
    let project = Project::of("a.rs", SOURCE);
    project.user_settings(&models(&server));
    project.user_prompt("explain.md", "Explain it to a pirate.\n");
    project.user_prompt("README.md", "What I keep here.\n");
    project.prints(&["explain", "a.rs:2"]);
    let [system, user] = sent(&server, 0);
    assert_eq!(system, "Explain it to a pirate.\n");
    assert!(user.ends_with("\nExplain `count`."), "{user}");
    // what needs no model goes on without one
    assert!(project.prints(&["explain", "a.rs:2", "--model", "offline"]).contains("count"));
}

#[test]
fn a_wrong_prompt_costs_itself_only() {
    let project = Project::of("a.rs", SOURCE);
    project.user_prompt("a.md", "---\ntitle: A\nanswer: edit\nlanguage: rust\n---\nA.\n");
    project.user_prompt("b.md", "---\ntitle: B\nanswer: edit\n---\nB.\n");
    project.user_prompt("Capital.md", "---\ntitle: C\nanswer: edit\n---\nC.\n");
    project.user_prompt("d.md", "---\ntitle: D\nanswer: edit\nroute: lokal\n---\nD.\n");
    project.user_settings("[models.local]\nprovider = \"offline\"\n[routes]\nb = [\"local\"]\nbb = [\"local\"]\n");
    let ended = project.run(&["run"]);
    let folder = project.folder.path().join("home/config/whittle");
    let (file, prompts) = (folder.join("config.toml"), folder.join("prompts"));
    let (file, prompts) = (file.display(), prompts.display());
    let wanted = format!(
        "warning: {file}:5: `routes.bb` is not a setting; did you mean `routes.b`?\n\
         warning: {prompts}/Capital.md: an operation is named after its file: small letters, digits, `-` and `_`, but not \
         `default`; this operation is left out\n\
         warning: {prompts}/a.md:4: `language` is no key of a front matter; did you mean `languages`?; this operation is left out\n\
         warning: {prompts}/d.md: `route: lokal` is neither a route nor a configured model, did you mean `local`?; this \
         operation is left out\n"
    );
    assert_eq!((ended.status, ended.err), (0, wanted));
    let names: Vec<&str> = ended.out.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["explain", "refactor", "test", "document", "fix", "b"]);
    assert!(
        ended.out.ends_with(&format!("b         B                   edit · local · {prompts}/b.md\n")),
        "{}",
        ended.out
    );
}

#[test]
fn a_workspaces_prompts_count_once_it_is_trusted() {
    let project = Project::of("a.rs", SOURCE);
    project.write(".whittle/prompts/ours.md", "---\ntitle: Ours\nanswer: explanation\n---\nOurs.\n");
    project.user_prompt("ours.md", "---\ntitle: Mine\nanswer: explanation\n---\nMine.\n");
    let ended = project.run(&["run"]);
    assert!(ended.out.contains("ours      Mine    "), "{ended:?}");
    let folder = project.root().canonicalize().unwrap().join(".whittle/prompts");
    let notice = format!("{}: is ignored until you run `whittle trust` in its workspace\n", folder.display());
    assert!(ended.err.ends_with(&notice) && ended.err.lines().count() == 1, "{ended:?}");
    project.prints(&["trust"]);
    assert!(project.prints(&["run"]).contains("ours      Ours    "));
}

#[test]
fn a_new_prompt_is_written_with_what_to_change() {
    let project = Project::of("a.rs", SOURCE);
    let file = project.prints(&["run", "--new", "english"]);
    assert!(project.prints(&["run"]).contains("english   Translate comments of"));
    assert!(project.fails(&["run", "--new", "english"]).starts_with(file.trim_end()));
    project.prints(&["run", "--new", "refactor"]);
    assert!(project.json(&["run"])["operations"][1]["file"].as_str().unwrap().ends_with("prompts/refactor.md"));
    assert!(project.fails(&["run", "--new", "My own"]).contains("can't name an operation"));
}
