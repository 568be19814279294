//! What no editor should send, and editors that go without a word: the program answers, lives on, or ends as it should.

use super::client::{Client, Profile, Setup};
use serde_json::{Value, json};
use std::process::Command;
use std::time::{Duration, Instant};

fn client() -> (tempfile::TempDir, Client) {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::start(Profile::VsCode, folder.path());
    (folder, client)
}

fn framed(body: &str) -> String {
    format!("Content-Length: {}\r\n\r\n{body}", body.len())
}

/// The code of the first error answer with this id since [`Client::forget_past`].
#[track_caller]
fn error_code(client: &mut Client, id: &Value) -> i64 {
    client.wait_for(&format!("an error for {id}"), |message| {
        (message.get("id") == Some(id)).then(|| message.pointer("/error/code")?.as_i64()).flatten()
    })
}

/// The server answers as on the first day.
#[track_caller]
fn check_alive(client: &mut Client) {
    assert_eq!(client.try_request("whittle/unheardOf", json!({})).unwrap_err()["code"], -32601);
}

#[test]
fn malformed_messages_are_answered_and_the_next_one_works() {
    let (_folder, mut client) = client();
    for (bytes, id, code) in [
        (framed("{"), json!(null), -32700),
        (framed(""), json!(null), -32700),
        (framed("{\"id\": 1, \"method\": \"\u{0}\"}"), json!(null), -32700),
        (framed(&"[".repeat(100_000)), json!(null), -32700),
        ("Content-Length: x\r\n\r\n{}".into(), json!(null), -32700),
        ("Content-Length: -1\r\n\r\n{}".into(), json!(null), -32700),
        ("Content-Type: application/json\r\n\r\n{}".into(), json!(null), -32700),
        ("Content-Length: 99999999999\r\n\r\n{}".into(), json!(null), -32700),
        ("Content-Length: 12\r\n\r\n{\"method\":\"too long\"}".into(), json!(null), -32700),
        ("not even a header\n".into(), json!(null), -32700),
        (framed("[]"), json!(null), -32600),
        (framed("7"), json!(null), -32600),
        (framed("{}"), json!(null), -32600),
        (framed(r#"{"id":"a","method":7}"#), json!("a"), -32600),
        (framed(r#"{"id":{},"method":"x"}"#), json!(null), -32600),
        (framed(r#"{"id":"b","method":"x","params":"y"}"#), json!("b"), -32602),
        (framed(r#"{"id":1.5,"method":"whittle/unheardOf"}"#), json!(1.5), -32601),
        (framed(r#"{"id":"c","method":"initialize","params":{}}"#), json!("c"), -32600),
    ] {
        client.forget_past();
        client.send_raw(&bytes);
        // A wrong length is noticed at the latest with the next message.
        check_alive(&mut client);
        assert_eq!(error_code(&mut client, &id), code, "{bytes:?}");
    }
    client.send_raw([b"Content-Length: 4\r\n\r\n" as &[u8], b"\"\xff\xfe\""].concat());
    check_alive(&mut client);
    assert_eq!(client.shutdown_and_exit(), 0);
}

#[test]
fn what_has_no_id_is_ignored_quietly() {
    let (_folder, mut client) = client();
    for body in [
        r#"{"method":"textDocument/didUnheardOf","params":{}}"#,
        r#"{"method":"$/unheardOf"}"#,
        r#"{"method":"$/cancelRequest","params":{"id":"never"}}"#,
        r#"{"method":"$/cancelRequest","params":[]}"#,
        r#"{"method":"$/setTrace","params":{"value":"verbose"}}"#,
        r#"{"method":"textDocument/didChange","params":"x"}"#,
        r#"{"method":"textDocument/didChange","params":{"textDocument":7}}"#,
        r#"{"method":"textDocument/didOpen","params":null}"#,
        r#"{"method":"textDocument/didClose","params":{"textDocument":{"uri":"file:///never/opened.rs"}}}"#,
        r#"{"method":"textDocument/didSave"}"#,
        r#"{"method":"workspace/didChangeConfiguration","params":{"settings":7}}"#,
        r#"{"method":"workspace/didChangeWatchedFiles","params":{"changes":[{}]}}"#,
        r#"{"method":"window/workDoneProgress/cancel","params":{"token":"never"}}"#,
        r#"{"id":12345,"result":{"applied":true}}"#,
        r#"{"id":null,"error":{"code":-32700,"message":"no idea"}}"#,
        r#"{"result":null}"#,
    ] {
        client.send_raw(framed(body));
        check_alive(&mut client);
    }
    let answers = client.received().into_iter().filter(|message| message.get("id") == Some(&Value::Null));
    assert_eq!(answers.collect::<Vec<_>>(), Vec::<Value>::new(), "answers to what has no id");
}

#[test]
fn parameters_of_the_wrong_type_are_refused() {
    let (_folder, mut client) = client();
    for method in ["textDocument/codeAction", "textDocument/hover", "workspace/executeCommand"] {
        for params in [
            Value::Null,
            json!([]),
            json!([1, 2]),
            json!({}),
            json!({ "textDocument": 7, "command": 7 }),
            json!({ "textDocument": { "uri": 7 }, "position": "x", "command": null }),
            json!({ "textDocument": { "uri": "file:///a.rs" }, "range": {}, "position": { "line": -1, "character": 0 } }),
        ] {
            let error = client.try_request(method, params.clone()).expect_err(&format!("{method} with {params}"));
            assert!(error["code"] == -32602 || error["code"] == -32601, "{method} with {params}: {error}");
        }
    }
}

#[test]
fn headers_are_read_in_any_form_and_byte_by_byte() {
    let (_folder, mut client) = client();
    let body = |id: &str| format!(r#"{{"jsonrpc":"2.0","id":"{id}","method":"whittle/unheardOf"}}"#);
    for (id, headers) in [
        ("a", "content-length: @\r\n\r\n"),
        ("b", "CONTENT-LENGTH:@\n\n"),
        ("c", "Content-Type: application/vscode-jsonrpc; charset=utf8\r\nContent-Length :  @ \r\n\r\n"),
        ("d", "\r\nX-Unknown: 1\r\nContent-Length: @\r\n\r\n"),
    ] {
        let bytes = headers.replace('@', &body(id).len().to_string()) + &body(id);
        for byte in bytes.bytes() {
            client.send_raw([byte]);
        }
        assert_eq!(error_code(&mut client, &json!(id)), -32601, "{bytes:?}");
    }
    let long = format!(r#"{{"id":"e","method":"whittle/unheardOf","params":["{}"]}}"#, "é".repeat(2_000_000));
    client.send_raw(framed(&long));
    assert_eq!(error_code(&mut client, &json!("e")), -32601);
    let ids = ["f", "g", "h"].map(body).join(",");
    client.send_raw(framed(&format!("[{ids}]")));
    for id in ["f", "g", "h"] {
        assert_eq!(error_code(&mut client, &json!(id)), -32601);
    }
}

#[test]
fn before_initialize_nothing_else_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let mut client = Setup::new(Profile::Helix, folder.path()).spawn();
    client.notify("textDocument/didOpen", json!({}));
    assert_eq!(client.try_request("textDocument/hover", json!({})).unwrap_err()["code"], -32002);
    assert_eq!(client.try_request("shutdown", Value::Null).unwrap_err()["code"], -32002);
    client.initialize();
    client.request("shutdown", Value::Null);
    assert_eq!(client.try_request("textDocument/hover", json!({})).unwrap_err()["code"], -32600);
    client.notify("exit", Value::Null);
    assert_eq!(client.wait_exit(), 0);
}

#[test]
fn the_exit_code_tells_of_an_orderly_end() {
    let end = |initialize: bool, shutdown: bool, exit: bool| {
        let folder = tempfile::tempdir().unwrap();
        let mut client = Setup::new(Profile::VsCode, folder.path()).spawn();
        if initialize {
            client.initialize();
        }
        if shutdown {
            client.request("shutdown", Value::Null);
        }
        if exit {
            client.notify("exit", Value::Null);
        } else {
            client.close_stdin();
        }
        client.wait_exit()
    };
    assert_eq!([end(true, true, true), end(true, true, false)], [0, 0]);
    assert_eq!([end(true, false, true), end(true, false, false)], [1, 1]);
    assert_eq!([end(false, false, true), end(false, false, false)], [1, 1]);
}

#[test]
fn the_end_of_standard_input_within_a_message_is_an_end() {
    let (_folder, mut client) = client();
    client.send_raw("Content-Length: 100\r\n\r\n{\"id\":");
    client.close_stdin();
    assert_eq!(client.wait_exit(), 1);
}

#[cfg(unix)]
#[test]
fn the_end_of_the_editors_process_is_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut editor = Command::new("sleep").arg("60").spawn().unwrap();
    let mut setup = Setup::new(Profile::Neovim, folder.path());
    setup.editor = Some(editor.id());
    let mut client = setup.start();
    check_alive(&mut client);
    editor.kill().unwrap();
    editor.wait().unwrap();
    let killed = Instant::now();
    // Standard input stays open, as when another program has inherited it.
    assert_eq!(client.wait_exit(), 1);
    assert!(killed.elapsed() < Duration::from_secs(10), "took {:?}", killed.elapsed());
}

#[test]
fn everything_asked_is_answered_before_the_end() {
    let (folder, mut client) = client();
    std::fs::write(folder.path().join("a.rs"), "fn a() {}\n").unwrap();
    client.open("a.rs");
    let range = client.range_of("a.rs", "a()");
    let ids: Vec<i64> = (0..200).map(|_| client.send_code_actions("a.rs", &range, &[], 1)).collect();
    ids.iter().step_by(3).for_each(|&id| client.cancel_request(id));
    // The client itself checks that each gets exactly one answer, here before that to `shutdown`.
    let shutdown = client.send_request("shutdown", Value::Null);
    client.answer(shutdown).unwrap();
    ids.into_iter().for_each(|id| drop(client.answer(id)));
    client.notify("exit", Value::Null);
    assert_eq!(client.wait_exit(), 0);
}

#[test]
fn a_client_that_stops_reading_can_still_end_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_whittle"))
        .arg("lsp")
        .current_dir(folder.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    let initialize = framed(r#"{"id":1,"method":"initialize","params":{"processId":null,"capabilities":{}}}"#);
    std::io::Write::write_all(&mut stdin, initialize.as_bytes()).unwrap();
    let until = Instant::now() + super::client::PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(Instant::now() < until, "the server does not end");
        std::thread::sleep(Duration::from_millis(10));
    };
    assert_eq!(status.code(), Some(1), "an end without a panic or a signal");
}

/// Types `count` times into an open document without ever waiting for the server; the document's text is in the client
/// afterwards.
pub(crate) fn type_in_a_burst(client: &mut Client, path: &str, count: usize) {
    let mut seed = 1_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    for _ in 0..count {
        let text = client.text(path);
        let mut at = random(text.len() + 1);
        at = (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap();
        let position = client.position_at(path, at);
        match text[at..].chars().next() {
            Some(character) if character != '\n' && text.len() > 200 => {
                let end = client.position_at(path, at + character.len_utf8());
                client.replace(path, &json!({ "start": position, "end": end }), "");
            }
            _ => client.type_text(path, &position, ["x", "é", "😀", "y\n", "fn z() {}\n"][random(5)]),
        }
    }
}

#[test]
fn a_burst_of_ten_thousand_changes_is_survived() {
    for profile in Profile::ALL {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.rs"), "fn a() {}\n").unwrap();
        let mut client = Client::start(profile, folder.path());
        client.open("a.rs");
        type_in_a_burst(&mut client, "a.rs", 10_000);
        check_alive(&mut client);
    }
}
