//! Commands that only read: targets, explain, context, chunks, index, demo.

use super::*;
use std::io::Read as _;

#[test]
fn a_target_is_a_file_with_or_without_a_place() {
    let project = Project::example();
    let names = |target: &str| project.json(&["explain", target])["focus"]["name"].clone();
    let line = line_of("src/lib.rs", "fn split_unit");
    assert_eq!(names("src/lib.rs"), "lib.rs");
    assert_eq!(names(&format!("src/lib.rs:{line}")), "split_unit");
    assert_eq!(names(&format!("src/lib.rs:{line}:5")), "split_unit");
    assert_eq!(names(&format!("./src/../src/lib.rs:{}-{}", line + 1, line + 2)), "split_unit");
    assert_eq!(names(&format!("{}/src/lib.rs:{line}", project.root().display())), "split_unit");
    let inner = line_of("src/schedule.rs", "self.attempts_left -= 1");
    assert_eq!(names(&format!("src/schedule.rs:{inner}")), "wait_after");
}

#[test]
fn a_wrong_target_is_told() {
    let project = Project::of("src/lib.rs", "fn a() {}\n");
    project.write("latin.rs", b"// \xe9\n");
    for (target, part) in [
        ("src/none.rs", "there is no file src/none.rs"),
        ("src/none.rs:3", "there is no file src/none.rs"),
        ("src", "src is a folder"),
        ("src/lib.rs:2", "src/lib.rs has 1 line, so there is no line 2"),
        ("src/lib.rs:0", "lines count from 1"),
        ("src/lib.rs:1:0", "columns count from 1"),
        ("src/lib.rs:2-1", "run backwards"),
        ("src/lib.rs:here", "`here` is not a place"),
        ("latin.rs", "latin.rs is not UTF-8 text (byte 3)"),
    ] {
        for command in ["explain", "refactor", "test", "context", "demo"] {
            let message = project.fails(&[command, target]);
            assert!(message.contains(part), "{command} {target}: {message}");
            assert_eq!(message.lines().count(), 1, "{message}");
        }
    }
    assert!(project.fails(&["chunks", "src"]).contains("is a folder"));
    assert!(project.fails(&["index", "src/none"]).contains("is not a folder"));
}

#[test]
fn wrong_use_has_the_status_2() {
    let project = Project::of("a.rs", "");
    for args in [
        &[][..],
        &["unheard-of"],
        &["explain"],
        &["explain", "a.rs", "--unheard-of"],
        &["context", "a.rs", "--budget", "x"],
        &["refactor", "a.rs", "--ask", "x", "--rewrite", "y"],
        &["lsp", "--json"],
        &["lsp", "--model", "offline"],
    ] {
        let ended = project.run(args);
        assert_eq!((ended.status, ended.out.as_str()), (2, ""), "{args:?}: {ended:?}");
        assert!(!ended.err.is_empty());
    }
    for args in [["--help"], ["--version"], ["help"]] {
        assert_eq!(project.run(&args).status, 0);
    }
}

#[test]
fn explanations_are_markdown_in_a_pipe_and_styled_on_a_terminal() {
    let project = Project::example();
    let out = project.prints(&["explain", &parse()]);
    assert!(out.contains("`parse_retry_after`") && out.ends_with('\n') && !out.contains('\u{1b}'), "{out}");
    assert!(out.contains("src/schedule.rs"), "the caller is told: {out}");
    let json = project.json(&["explain", &parse()]);
    assert_eq!((&json["model"], json["markdown"].as_str().unwrap().trim_end()), (&"offline".into(), out.trim_end()));
    assert_eq!(json["focus"]["kind"], "function");
    let coloured = project.env("CLICOLOR_FORCE", 1).prints(&["explain", &parse()]);
    assert!(coloured.contains("\u{1b}[1m") && !coloured.contains("**"), "{coloured}");
}

#[test]
fn a_context_is_printed_alone_and_keeps_its_budget() {
    let project = Project::example();
    let default = project.json(&["context", &parse()]);
    assert_eq!(project.prints(&["context", &parse()]), default["text"].as_str().unwrap());
    assert_eq!(default["budget"], 4000);
    for budget in ["30", "50", "100", "200", "400", "4000"] {
        let args = ["context", &parse(), "--budget", budget];
        let json = project.json(&args);
        let text = json["text"].as_str().unwrap();
        assert!(json["tokens"].as_u64() <= Some(budget.parse().unwrap()), "{json}");
        assert_eq!(json["tokens"], whittle_lsp::context::count_tokens(text), "{text}");
        assert_eq!(project.prints(&args), text);
    }
    let message = project.fails(&["context", &parse(), "--budget", "1"]);
    assert!(message.contains("a budget of 1 tokens has no room for `parse_retry_after`"), "{message}");
    let why = project.prints(&["context", &parse(), "--why"]);
    assert!(why.contains("the focus") && why.contains("Schedule::wait_after"), "{why}");
    project.write("src/secrets.rs", "fn a() {}");
    let message = project.fails(&["context", "src/secrets.rs"]);
    assert!(message.contains("deny rule `**/secrets.*`"), "{message}");
}

#[test]
fn chunks_are_printed_as_a_tree() {
    let project = Project::of(
        "src/a.rs",
        "use std::fmt;\n\n/// A.\nstruct A;\n\nimpl fmt::Debug for A {\n    fn fmt() {}\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn t() {}\n}\n",
    );
    let wanted = "src/a.rs  rust\n  type A 3-4\n  impl fmt::Debug for A 6-8\n    method fmt 7\n  module tests 10-14 (test)\n    \
                  test t 12-13 (test)\n";
    assert_eq!(project.prints(&["chunks", "src/a.rs"]), wanted);
    let json = project.json(&["chunks", "src/a.rs"]);
    let children = json["file"]["children"].as_array().unwrap();
    let method = children.iter().flat_map(|chunk| chunk["children"].as_array().unwrap()).find(|c| c["name"] == "fmt");
    let span = &method.unwrap()["item"];
    let (start, end) = (span["start"].as_u64().unwrap() as usize, span["end"].as_u64().unwrap() as usize);
    assert_eq!(&project.text("src/a.rs")[start..end], "fn fmt() {}");
    project.write("notes.txt", "one\n\ntwo\n");
    assert!(project.prints(&["chunks", "notes.txt"]).starts_with("notes.txt  no grammar\n"));
}

#[test]
fn a_real_crate_is_read() {
    let project = real_crate("ropey");
    let index = project.json(&["index"]);
    for (key, least) in [("files", 20), ("lines", 5000), ("definitions", 500), ("read", 20), ("disk", 5000)] {
        assert!(index[key].as_u64() >= Some(least), "{key}: {index}");
    }
    assert_eq!(index["warm"], false);
    assert_eq!(project.json(&["index"])["warm"], true);
    assert_eq!(project.json(&["index", "--fresh"])["warm"], false);
    assert!(project.prints(&["index", "src"]).contains("definitions"));
    let rope = project.text("src/rope.rs");
    for name in ["pub fn insert(", "pub fn remove<", "pub fn char_to_line(", "pub struct Rope {"] {
        let line = 1 + rope.lines().position(|line| line.contains(name)).unwrap();
        let target = format!("src/rope.rs:{line}");
        project.prints(&["explain", &target]);
        let json = project.json(&["context", &target, "--budget", "1500"]);
        assert!(json["tokens"].as_u64().unwrap() <= 1500 && json["text"].as_str().unwrap().contains(name), "{json}");
    }
    let chunks = project.prints(&["chunks", "src/rope.rs"]);
    assert!(chunks.contains("method insert "), "{chunks}");
}

#[test]
fn the_demo_shows_every_operation_and_writes_nothing() {
    let project = Project::example();
    let before = project.text("src/lib.rs");
    let out = project.prints(&["demo", &parse()]);
    for part in
        ["$ whittle explain", "$ whittle refactor", "--rewrite guard-clause", "+++ b/src/lib.rs", "$ whittle test"]
    {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert_eq!(out.lines().filter(|line| line.starts_with("  whittle ")).count(), 3, "{out}");
    assert_eq!(project.text("src/lib.rs"), before);
    let json = project.json(&["demo", &parse()]);
    assert_eq!(json["rewrites"][0]["name"], "guard-clause");
}

#[test]
fn the_example_works_where_it_lies() {
    // the first command that the README gives: within this repository, in a folder of tests
    let project = Project::new();
    let target = format!("tests/fixtures/example/{}", parse());
    let demo = |args: &[&str]| project.command(args).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap().stdout;
    let json: Value = serde_json::from_slice(&demo(&["demo", &target, "--json"])).unwrap();
    let markdown = json["explain"]["result"]["markdown"].as_str().unwrap();
    assert!(markdown.contains("Schedule::wait_after") && markdown.contains("seconds_are_the_default_unit"), "{json}");
    for operation in ["refactor", "test"] {
        let diff = json[operation]["result"]["files"][0]["diff"].as_str().unwrap();
        assert!(diff.contains("+++ b/tests/fixtures/example/src/lib.rs"), "{json}");
    }
}

#[test]
fn the_demo_never_asks_a_model() {
    let project = Project::example();
    project.user_settings("[models.big]\nprovider = \"openai\"\nmodel = \"m\"\nbase_url = \"http://127.0.0.1:9/v1\"\n");
    project.prints(&["demo", &parse()]);
    project.prints(&["demo", &parse(), "--model", "big"]);
}

#[test]
fn nobody_reading_on_is_no_failure() {
    let project = real_crate("ropey");
    for args in [&["chunks", "src/rope.rs", "--json"][..], &["context", "src/rope.rs"], &["demo", "src/rope.rs:100"]] {
        let mut command = project.command(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn a_receipt_says_what_a_context_holds_and_why() {
    let project = Project::example();
    let json = project.json(&["context", &parse(), "--why", "--budget", "300"]);
    let why = project.prints(&["context", &parse(), "--why", "--budget", "300"]);
    let excerpts = json["excerpts"].as_array().unwrap();
    let dropped = json["dropped"].as_array().unwrap();
    assert!(!excerpts.is_empty() && !dropped.is_empty(), "{json}");
    assert!(why.contains(&format!("{} of 300 tokens\n", json["tokens"])), "{why}");
    assert!(why.contains(&format!(" {}: {} % saved\n", json["whole_files"], json["saved"])), "{why}");
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    for (number, excerpt) in excerpts.iter().enumerate() {
        assert_eq!(excerpt["rank"], number + 1);
        let place = format!("{}:{}", word(&excerpt["path"]), excerpt["line"]);
        let start = format!(
            "{} {} {} {} {place}",
            number + 1,
            word(&excerpt["level"]),
            excerpt["tokens"],
            word(&excerpt["name"])
        );
        let line = format!("{start} {}", word(&excerpt["reason"]));
        let found = why.lines().any(|row| row.split_whitespace().collect::<Vec<_>>().join(" ") == line);
        assert!(found, "no line `{line}` in {why}");
    }
    // aligned: all reasons begin below their heading
    let heading = why.lines().find(|line| line.contains(" rank ")).unwrap();
    let column = heading.strip_suffix("why").unwrap().chars().count();
    for piece in excerpts.iter().chain(dropped) {
        let reason = word(&piece["reason"]);
        let aligned = why.lines().any(|line| line.chars().skip(column).collect::<String>() == reason);
        assert!(aligned, "`{reason}` is not in column {column}: {why}");
    }
    let next = why.split_once("left out, next first\n").unwrap().1;
    let first = next.lines().next().unwrap();
    assert!(first.contains(&word(&dropped[0]["name"])) && first.contains(&word(&dropped[0]["reason"])), "{why}");
    assert!(!why.contains('\u{1b}'));
    assert!(project.env("CLICOLOR_FORCE", 1).prints(&["context", &parse(), "--why"]).contains("\u{1b}[1m"));
}

#[test]
fn secrets_held_back_stand_in_every_receipt() {
    let key = format!("AKIA{}", "IOSFODNN7EXAMPLF");
    let project = Project::of("src/lib.rs", format!("fn a() {{\n    let key = \"{key}\";\n}}\n").as_str());
    let why = project.prints(&["context", "src/lib.rs:2", "--why"]);
    assert!(why.contains("held back\n  a secret in src/lib.rs\n"), "{why}");
    let page = project.prints(&["context", "src/lib.rs:2", "--html"]);
    assert!(page.contains("<li>a secret in src/lib.rs</li>") && !page.contains(&key), "{page}");
    assert_eq!(project.json(&["context", "src/lib.rs:2"])["held_back"], serde_json::json!(["a secret in src/lib.rs"]));
}

#[test]
fn a_page_of_the_receipt_is_written_or_printed() {
    let project = Project::example();
    project.write(".gitignore", "/pages/\n");
    std::fs::create_dir(project.root().join("pages")).unwrap();
    let said = project.prints(&["context", &parse(), "--html", "pages/receipt.html"]);
    assert!(said.starts_with("pages/receipt.html: ") && said.lines().count() == 1, "{said}");
    let page = project.text("pages/receipt.html");
    assert!(page.starts_with("<!doctype html>") && page.contains("<svg") && page.ends_with("</html>\n"), "{page}");
    assert!(page.contains("aria-label=\"Schedule::wait_after\n"), "{page}");
    assert_eq!(project.prints(&["context", &parse(), "--why", "--html"]), page);
    assert_eq!(project.prints(&["context", &parse(), "--html", "-"]), page);
    let json = project.json(&["context", &parse(), "--html", "pages/again.htm"]);
    assert_eq!((json["budget"].as_u64(), project.text("pages/again.htm")), (Some(4000), page));

    let before = project.text("src/lib.rs");
    let message = project.fails(&["context", &parse(), "--html", "src/lib.rs"]);
    assert!(message.contains("let it end in .html"), "{message}");
    assert_eq!(project.text("src/lib.rs"), before);
    let message = project.fails(&["context", &parse(), "--json", "--html"]);
    assert!(message.contains("name a file"), "{message}");
    assert!(project.fails(&["context", &parse(), "--html", "none/a.html"]).contains("none/a.html can't be written"));
}
