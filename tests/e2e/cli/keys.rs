//! Keys: where they come from, and that they go nowhere but to their server.

use super::*;
use crate::wire::server::{Reply, Server};
use serde_json::json;

const SECRET: &str = "sk-very-secret";

/// Runs a script of commands beside a keyring of their own, unlocked; `None` where the tools for that are missing.
#[cfg(target_os = "linux")]
fn with_keyring(project: &Project, script: &str) -> Option<Ended> {
    let there =
        |program: &str| std::env::split_paths(&std::env::var_os("PATH")?).find(|folder| folder.join(program).is_file());
    let (Some(_), Some(_)) = (there("dbus-run-session"), there("gnome-keyring-daemon")) else {
        eprintln!("skipped: dbus-run-session and gnome-keyring-daemon are not installed");
        return None;
    };
    let start = "printf pw | gnome-keyring-daemon --unlock --components=secrets > /dev/null 2>&1; whittle() { \"$WHITTLE\" \"$@\"; }";
    let plain = project.command(&[]);
    let mut command = Command::new("dbus-run-session");
    command.args(["--", "sh", "-c", &format!("{start}\n{script}")]).current_dir(project.root()).stdin(Stdio::null());
    command.env_clear();
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let runtime = project.folder.path().join("runtime");
    fs::create_dir_all(&runtime).unwrap();
    command.env("XDG_RUNTIME_DIR", &runtime).env("PATH", std::env::var_os("PATH").unwrap());
    command.env("WHITTLE", env!("CARGO_BIN_EXE_whittle"));
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Some(Ended { status: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) })
}

#[cfg(target_os = "linux")]
#[test]
fn a_key_lives_in_a_real_keyring() {
    let server = Server::choose(|request, _| match request.header("authorization") {
        Some("Bearer sk-very-secret") => Reply::chat(&["It waits."]),
        _ => Reply::json(401, &json!({"error": {"message": "no"}})),
    });
    let project = Project::example();
    let model = format!("[models.big]\nprovider = 'openai'\nmodel = 'm'\nbase_url = '{}'\n", server.origin());
    project.user_settings(&model);
    let script = "
        printf 'sk-very-secret\\n' | whittle keys set big &&
        whittle keys && whittle doctor && whittle explain --no-cache src/lib.rs &&
        whittle keys remove big && whittle keys && ! whittle keys remove big && ! whittle explain --no-cache src/lib.rs";
    let Some(ended) = with_keyring(&project, script) else { return };
    assert_eq!(ended.status, 0, "{ended:?}");
    for said in ["the keyring has the key of big; used by big", "big  the keyring\nin the keyring: big", "It waits."] {
        assert!(ended.out.contains(said), "{said}: {ended:?}");
    }
    assert!(ended.out.contains("the keyring has no key of big any more\nbig  asked without a key\n"), "{ended:?}");
    assert!(ended.err.contains("the keyring has no key of big: `whittle keys`"), "{ended:?}");
    assert!(!format!("{ended:?}").contains(SECRET), "{ended:?}");
}

#[test]
fn without_a_keyring_the_other_ways_are_named() {
    let project = Project::example();
    let mut command = project.command(&["keys", "set", "anthropic"]);
    let mut running = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut running.stdin.take().unwrap(), b"sk-very-secret\n").unwrap();
    let ended = running.wait_with_output().unwrap();
    let error = String::from_utf8(ended.stderr).unwrap();
    // systems other than Linux have one
    if cfg!(target_os = "linux") {
        assert_eq!(ended.status.code(), Some(1));
        for said in ["keyring", "ANTHROPIC_API_KEY", "key_env", "key_command", "[models.anthropic]"] {
            assert!(error.contains(said), "{said}: {error}");
        }
        assert!(!error.contains(SECRET), "{error}");
        assert_eq!(project.json(&["keys"])["keyring"], json!([]));
    }
    assert!(
        project
            .fails(&["keys", "set", "nobody"])
            .contains("neither a model of the configuration (none) nor a provider")
    );
    assert!(project.fails(&["keys", "set", "openai"]).contains("no key was given"));
}

#[test]
fn each_model_tells_where_its_key_comes_from() {
    let project = Project::example().env("MY_KEY", SECRET).env("ANTHROPIC_API_KEY", SECRET);
    project.user_settings(
        "[models.a]\nprovider = 'anthropic'\nmodel = 'm'\n
         [models.b]\nprovider = 'openai'\nmodel = 'm'\nkey_env = 'MY_KEY'\n
         [models.c]\nprovider = 'openai'\nmodel = 'm'\nkey_command = 'echo sk'\n
         [models.d]\nprovider = 'openai'\nmodel = 'm'\n
         [models.e]\nprovider = 'ollama'\nmodel = 'm'\n",
    );
    let out = project.prints(&["keys"]);
    let lines: Vec<&str> = out.lines().filter(|line| !line.starts_with(' ')).collect();
    let wanted = [
        "a  the variable ANTHROPIC_API_KEY",
        "b  the variable MY_KEY",
        "c  its key_command",
        "d  missing",
        "e  asked without a key",
    ];
    assert_eq!(lines, wanted);
    assert!(!out.contains(SECRET));
}

/// Everything that is said and written while a server refuses a key, and repeats it.
#[test]
fn a_key_is_in_nothing_that_is_said_or_written() {
    let server = Server::choose(|request, number| {
        let key = request.header("authorization").unwrap().to_owned();
        match number % 2 {
            0 => Reply::json(401, &json!({"error": {"message": format!("wrong key: {key}")}})),
            _ => Reply::chat(&["It waits."]),
        }
    });
    let project = Project::example();
    let log = project.root().join("../log.txt");
    let project = project.env("MY_KEY", SECRET).env("WHITTLE_LOG", "trace").env("WHITTLE_LOG_FILE", log.display());
    let model = |name: &str, key: &str| {
        format!("[models.{name}]\nprovider = 'openai'\nmodel = 'm'\nbase_url = '{}'\n{key}\n", server.origin())
    };
    project.user_settings(&[model("a", "key_env = 'MY_KEY'"), model("b", "key_command = 'echo $MY_KEY'")].concat());
    let mut said = String::new();
    for args in ["explain src/lib.rs", "models check", "models", "doctor", "keys", "models check a"] {
        for json in [None, Some("--json")] {
            let ended = project.run(&args.split(' ').chain(json).collect::<Vec<_>>());
            said += &format!("{ended:?}");
        }
    }
    assert!(said.contains("wrong key: Bearer [key]") && said.contains("It waits."), "{said}");
    assert!(!said.contains(SECRET), "{said}");
    let mut files = Vec::new();
    let mut folders = vec![project.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    assert!(files.iter().any(|file| file.ends_with("log.txt")), "{files:?}");
    for file in files {
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        assert!(!text.contains(SECRET), "the key is in {}", file.display());
    }
}
