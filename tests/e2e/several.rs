//! A model's answer that changes several files, one of them new: applied as a whole in every editor, or not at all.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use super::client::{Client, Profile};
use super::review::setup;
use super::{EVERY_EDITOR, action, message, workspace};
use crate::wire::server::{Reply, Server};

/// The files before the answer and after it; `None`: not there.
const FILES: [(&str, Option<&str>, Option<&str>); 3] = [
    (
        "src/lib.rs",
        Some("mod price;\n\npub fn total(n: u32) -> u32 {\n    price::price() * n\n}\n"),
        Some("mod price;\n\npub fn total(n: u32) -> u32 {\n    price::gross() * n\n}\n"),
    ),
    (
        "src/price.rs",
        Some("/// Of one.\npub fn price() -> u32 {\n    3\n}\n\nfn unused() {}\n"),
        Some("/// Of one.\npub fn gross() -> u32 {\n    3\n}\n\nfn unused() {}\n"),
    ),
    ("src/rates/tax.rs", None, Some("pub const RATE: u32 = 5;\n")),
];

const ANSWER: &str = "<replace id=\"c1\">\npub fn total(n: u32) -> u32 {\n    price::gross() * n\n}\n</replace>\n\n\
                      src/price.rs\n<<<<<<< SEARCH\npub fn price() -> u32 {\n=======\npub fn gross() -> u32 {\n>>>>>>> \
                      REPLACE\n\n<create path=\"src/rates/tax.rs\">\npub const RATE: u32 = 5;\n</create>\n";

/// A client with these files open, whose model answers after a while.
fn client(profile: Profile, root: &Path, server: &Server, open: &[&str]) -> Client {
    for (path, before, _) in FILES {
        if let Some(before) = before {
            std::fs::write(root.join(path), before).unwrap();
        }
    }
    let mut client = setup(profile, root, server, json!({ "review": "until-kept" })).start();
    open.iter().for_each(|path| client.open(path));
    client
}

fn server() -> Server {
    Server::script((0..2).map(|_| Reply::chat(&[ANSWER]).after(Duration::from_millis(400))))
}

fn ask(client: &mut Client) {
    let range = client.cursor("src/lib.rs", "price::");
    client.code_actions("src/lib.rs", &range, &[]);
    client.execute("whittle.refactor", json!({ "ask": "Rename `price` to `gross` and put the rate into a file" }));
}

/// Waits until the model was shown the code.
fn wait_asked(client: &mut Client) {
    client.wait_for("the question", |message| {
        let said = message["params"]["value"]["message"].as_str()?;
        said.starts_with("asking big").then_some(())
    });
}

/// What the editor shows of a file, or the disk where it is not open. Helix keeps the buffer of a file that goes.
fn there(client: &Client, path: &str) -> Option<String> {
    let whole = client.path(path);
    let open = client.documents.get(&whole).map(|document| document.text.clone());
    let open = open.filter(|_| client.setup.profile != Profile::Helix || whole.exists());
    open.or_else(|| std::fs::read_to_string(whole).ok())
}

/// Waits until the files are so.
#[track_caller]
fn check(client: &mut Client, wanted: impl Fn(&str) -> Option<String>, why: &str) {
    let end = Instant::now() + Duration::from_secs(10);
    while FILES.iter().any(|(path, ..)| there(client, path) != wanted(path)) && Instant::now() < end {
        client.idle(Duration::from_millis(20));
    }
    client.wait_idle();
    for (path, ..) in FILES {
        assert_eq!(there(client, path), wanted(path), "{why}: {path}: {:?}", client.messages());
    }
}

fn before(path: &str) -> Option<String> {
    FILES.iter().find(|(known, ..)| *known == path).and_then(|(_, before, _)| before.map(str::to_owned))
}

fn after(path: &str) -> Option<String> {
    FILES.iter().find(|(known, ..)| *known == path).and_then(|(.., after)| after.map(str::to_owned))
}

#[test]
fn all_files_change_and_all_are_taken_back() {
    for profile in EVERY_EDITOR {
        for open in [&["src/lib.rs"][..], &["src/lib.rs", "src/price.rs"]] {
            let (folder, server) = (workspace(""), server());
            let mut client = client(profile, folder.path(), &server, open);
            ask(&mut client);
            client.wait_for_method("workspace/applyEdit");
            client.wait_idle();
            check(&mut client, after, &format!("{profile:?} {open:?}"));
            let unsaved = if open.len() == 1 { "in src/rates/tax.rs, src/price.rs" } else { "in src/rates/tax.rs" };
            assert!(message(&mut client, 3).contains(&format!("{unsaved}, not saved yet")), "{:?}", client.messages());
            let cursor = client.cursor("src/price.rs", "gross");
            let actions = client.code_actions("src/price.rs", &cursor, &["quickfix"]);
            client.choose(&action(&actions, "Revert all of"));
            client.wait_idle();
            check(&mut client, before, &format!("{profile:?} {open:?} reverted"));
            let made = client.path("src/rates");
            assert!(!made.exists(), "{profile:?} {open:?}: the folder that was made for the file stays");
        }
    }
}

#[test]
fn where_the_client_refuses_one_file_none_changes() {
    for profile in EVERY_EDITOR {
        for (refused, ..) in FILES {
            let (folder, server) = (workspace(""), server());
            let mut client = client(profile, folder.path(), &server, &["src/lib.rs", "src/price.rs"]);
            client.refuse_file = Some(refused.to_owned());
            ask(&mut client);
            let said = message(&mut client, 1);
            client.wait_idle();
            assert!(said.contains("refused the edit"), "{profile:?} {refused}: {said}");
            check(&mut client, before, &format!("{profile:?} {refused}"));
            // it is offered, and the client may come to take it
            client.refuse_file = None;
            client.forget_past();
            let cursor = client.cursor("src/lib.rs", "total");
            let actions = client.code_actions("src/lib.rs", &cursor, &["quickfix"]);
            client.choose(&action(&actions, "Apply “Refactor `total`"));
            client.wait_for_method("workspace/applyEdit");
            client.wait_idle();
            check(&mut client, after, &format!("{profile:?} {refused}, then taken"));
        }
    }
}

#[test]
fn what_is_typed_in_the_second_file_stays() {
    let typed = |text: Option<String>| text.map(|text| text.replace("unused", "still_unused"));
    for profile in EVERY_EDITOR {
        // while the model thinks, and while the edit is under way
        for held in [false, true] {
            let (folder, server) = (workspace(""), server());
            let mut client = client(profile, folder.path(), &server, &["src/lib.rs", "src/price.rs"]);
            client.hold_edits = held;
            ask(&mut client);
            if held {
                client.wait_for_method("workspace/applyEdit");
            } else {
                wait_asked(&mut client);
            }
            let name = client.before("src/price.rs", "unused");
            client.type_text("src/price.rs", &name, "still_");
            if held {
                client.idle(Duration::from_millis(300));
                client.release_edits();
            } else {
                client.wait_for_method("workspace/applyEdit");
            }
            client.wait_idle();
            let wanted = |path: &str| if path == "src/price.rs" { typed(after(path)) } else { after(path) };
            check(&mut client, wanted, &format!("{profile:?} held: {held}"));
        }
    }
}

#[test]
fn a_hunk_of_the_second_file_that_the_user_overtook_is_kept_back() {
    for profile in EVERY_EDITOR {
        let (folder, server) = (workspace(""), server());
        let mut client = client(profile, folder.path(), &server, &["src/lib.rs", "src/price.rs"]);
        ask(&mut client);
        wait_asked(&mut client);
        let name = client.range_of("src/price.rs", "price");
        client.replace("src/price.rs", &name, "cost");
        let said = message(&mut client, 2);
        assert!(said.contains("kept back") && said.contains("src/price.rs line 2"), "{said}");
        client.wait_idle();
        let mine = |text: Option<String>| text.map(|text| text.replace("fn price", "fn cost"));
        let wanted = |path: &str| if path == "src/price.rs" { mine(before(path)) } else { after(path) };
        check(&mut client, wanted, &format!("{profile:?}"));
    }
}

#[test]
fn a_file_that_is_not_open_and_changed_on_disk_stops_all() {
    for profile in EVERY_EDITOR {
        let folder = workspace("");
        let path = folder.path().join("src/price.rs");
        let mine = "/// Of one.\npub fn price() -> u32 {\n    4\n}\n\nfn unused() {}\n";
        let server = server();
        let mut client = client(profile, folder.path(), &server, &["src/lib.rs"]);
        // the answer is there, and held in the checks; then somebody else writes the file
        client.hold_edits = true;
        client.refuse_edits = true;
        ask(&mut client);
        client.wait_for_method("workspace/applyEdit");
        std::fs::write(&path, mine).unwrap();
        client.release_edits();
        let said = message(&mut client, 1);
        client.wait_idle();
        assert!(said.contains("src/price.rs was changed on disk") || said.contains("refused"), "{said}");
        let wanted = |path: &str| if path == "src/price.rs" { Some(mine.to_owned()) } else { before(path) };
        check(&mut client, wanted, &format!("{profile:?}"));
    }
}
