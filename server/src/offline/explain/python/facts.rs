//! What Python's bodies do that is worth knowing.

use std::collections::{HashMap, HashSet};

use super::super::acts::is_last;
use super::super::facts::{Fact, Sort};
use super::super::source::{Source, fields, parts, walk};
use crate::chunks::ChunkId;
use crate::syntax::Node;

pub(super) fn facts(source: &Source<'_>, function: Node<'_>) -> Vec<Fact> {
    let Some(body) = function.child_by_field_name("body") else { return Vec::new() };
    let imports = imports(source);
    let local: HashSet<String> = super::names(source, function).bound.into_iter().map(|binding| binding.name).collect();
    let mut facts = Vec::new();
    let mut globals: Vec<&str> = Vec::new();
    walk(body, &mut |node| {
        let mut add = |sort, text: String| facts.push(Fact { sort, line: source.line(node), text });
        let quote = || source.quote(node, 48);
        let field = |name| node.child_by_field_name(name);
        match node.kind() {
            "function_definition" | "class_definition" | "lambda" => return false,
            "if_statement" | "elif_clause" | "conditional_expression" | "case_clause" => {
                if matches!(node.kind(), "if_statement" | "elif_clause") {
                    add(Sort::Branch, String::new());
                }
                add(Sort::Decision, String::new());
            }
            "match_statement" => add(Sort::Branch, String::new()),
            "for_statement" | "while_statement" => {
                add(Sort::Loop, String::new());
                add(Sort::Decision, String::new());
            }
            "boolean_operator" | "for_in_clause" => add(Sort::Decision, String::new()),
            "return_statement" if !is_last(node) => add(Sort::EarlyExit, String::new()),
            "raise_statement" => match parts(node).first() {
                Some(value) => add(Sort::Fails("Raises"), source.quote(*value, 48)),
                None => add(Sort::RaisesAgain, String::new()),
            },
            "except_clause" => {
                add(Sort::Decision, String::new());
                let value = fields(node, "value").into_iter().map(|one| source.quote(one, 48)).collect::<Vec<_>>();
                let what = if value.is_empty() { "except:".to_owned() } else { value.join(", ") };
                add(Sort::Catches, what);
            }
            "assert_statement" => {
                add(Sort::Asserts, parts(node).first().map_or_else(String::new, |test| source.quote(*test, 72)));
            }
            "await" => add(Sort::Await, String::new()),
            "yield" => add(Sort::Yield, String::new()),
            "global_statement" => globals.extend(parts(node).into_iter().map(|name| source.text(name))),
            "assignment" | "augmented_assignment" => {
                if let Some(left) = field("left").filter(|left| globals.contains(&source.text(*left))) {
                    add(Sort::Global, source.quote(left, 48));
                }
            }
            "attribute" if resolve(source.text(node), &imports, &local) == "os.environ" => {
                add(Sort::Outside("the environment"), quote());
            }
            "call" => {
                let Some(function) = field("function") else { return true };
                let text = source.text(function);
                let own = text.strip_prefix("self.");
                if own.is_some_and(|method| method.starts_with("assert") && !method.contains('.')) {
                    add(Sort::Asserts, source.quote(node, 72));
                }
                if !text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.')) {
                    return true;
                }
                let path = resolve(text, &imports, &local);
                if let Some(what) = outside(&path) {
                    add(Sort::Outside(what), text.to_owned());
                }
            }
            _ => {}
        }
        true
    });
    facts
}

/// A dotted name with what its head was imported from; empty when the head is a local variable.
fn resolve(text: &str, imports: &HashMap<String, String>, local: &HashSet<String>) -> String {
    let head = text.split('.').next().unwrap_or(text);
    if local.contains(head) {
        return String::new();
    }
    match imports.get(head) {
        Some(path) => format!("{path}{}", text.strip_prefix(head).unwrap_or_default()),
        None if text == head => format!("builtins.{text}"),
        None => String::new(),
    }
}

/// What a function reaches, by its full path.
fn outside(path: &str) -> Option<&'static str> {
    let (module, name) = path.rsplit_once('.')?;
    let top = path.split('.').next().unwrap_or(path);
    Some(match (module, name) {
        ("builtins", "open") | ("io", "open") => "files",
        ("builtins", "print") => "standard output",
        ("builtins", "input") => "standard input",
        ("builtins", "exec" | "eval") => "code in a string",
        ("os.path", "exists" | "isfile" | "isdir" | "islink" | "getsize" | "getmtime" | "realpath" | "samefile") => {
            "files"
        }
        ("os", "getenv" | "putenv" | "getcwd" | "chdir") => "the environment",
        ("os.environ", _) => return None, // told at the attribute
        (
            "os",
            "remove" | "unlink" | "rename" | "replace" | "mkdir" | "makedirs" | "rmdir" | "removedirs" | "listdir"
            | "scandir" | "walk" | "stat" | "lstat" | "open" | "read" | "write" | "close" | "chmod" | "chown" | "link"
            | "symlink" | "readlink" | "access" | "utime" | "truncate" | "fsync" | "fstat" | "dup" | "dup2" | "pipe",
        ) => "files",
        (
            "os",
            "fork" | "system" | "kill" | "wait" | "waitpid" | "_exit" | "abort" | "popen" | "getpid" | "execv"
            | "execve" | "execvp" | "execvpe" | "spawnv" | "killpg",
        ) => "processes",
        ("sys", "exit") => "processes",
        ("sys.stdout", "write" | "flush") => "standard output",
        ("sys.stderr", "write" | "flush") => "standard error",
        (
            "time",
            "time" | "sleep" | "monotonic" | "perf_counter" | "process_time" | "time_ns" | "localtime" | "gmtime",
        ) => "the clock",
        ("datetime.datetime", "now" | "today" | "utcnow") | ("datetime.date", "today") => "the clock",
        ("shutil" | "tempfile" | "glob", _) => "files",
        ("subprocess", "run" | "Popen" | "call" | "check_call" | "check_output" | "getoutput") => "processes",
        ("socket", "socket" | "create_connection" | "getaddrinfo" | "gethostbyname") => "the network",
        ("urllib.request", "urlopen" | "urlretrieve") => "the network",
        ("http.client", "HTTPConnection" | "HTTPSConnection") => "the network",
        ("requests" | "httpx", "get" | "post" | "put" | "delete" | "patch" | "head" | "request") => "the network",
        _ if top == "random" || top == "secrets" => "randomness",
        ("uuid", "uuid1" | "uuid4") | ("os", "urandom") => "randomness",
        ("threading", "Thread" | "Timer") | ("multiprocessing", "Process" | "Pool") => "threads and tasks",
        ("asyncio", "create_task" | "gather" | "run" | "sleep" | "wait" | "wait_for") => "threads and tasks",
        ("threading", "Lock" | "RLock" | "Condition" | "Event" | "Semaphore") => "locks",
        ("logging", "debug" | "info" | "warning" | "error" | "exception" | "critical" | "log") => "the log",
        _ => return None,
    })
}

/// The file's imports: the name that is used here, and its full path.
fn imports(source: &Source<'_>) -> HashMap<String, String> {
    let mut found = HashMap::new();
    let mut add = |name: Node<'_>, prefix: &str| {
        let field = |field| name.child_by_field_name(field).map(|node| source.text(node));
        let path = field("name").unwrap_or_else(|| source.text(name));
        let full = if prefix.is_empty() { path.to_owned() } else { format!("{prefix}.{path}") };
        match field("alias") {
            Some(alias) => found.insert(alias.to_owned(), full),
            None if prefix.is_empty() => {
                let top = path.split('.').next().unwrap_or(path); // `import a.b` binds `a`
                found.insert(top.to_owned(), top.to_owned())
            }
            None => found.insert(path.to_owned(), full),
        };
    };
    for node in parts(source.tree.root()) {
        let prefix = node.child_by_field_name("module_name").map_or("", |name| source.text(name));
        if matches!(node.kind(), "import_statement" | "import_from_statement") {
            fields(node, "name").into_iter().for_each(|name| add(name, prefix));
        }
    }
    // a module's own definition hides a built-in function of the same name
    let chunks = &source.subject.chunks;
    for chunk in chunks.children(ChunkId::FILE).map(|id| chunks.get(id)).filter(|chunk| !chunk.name.is_empty()) {
        found.entry(chunk.name.to_string()).or_insert_with(|| format!("own.{}", chunk.name));
    }
    found
}
