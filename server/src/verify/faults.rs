//! What verify commands say. In: a command's output. Out: its faults with their places, and how many tests passed.
//! Faults that were there before an edit are told from new ones by what they say, since lines move.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most bytes of one fault that are kept.
const LONGEST: usize = 4_000;
/// Most bytes of an output that is kept as a whole, for what is not understood.
const LONGEST_TAIL: usize = 2_000;

/// Something that a verify command complains of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fault {
    /// The file, relative to the workspace; empty where the command names none.
    pub path: String,
    /// The line, from one; 0 where the command names none.
    pub line: usize,
    /// What is wrong, in one line.
    pub message: String,
    /// All that the command says of it, code included.
    pub text: String,
    /// The test that failed.
    pub test: Option<String>,
}

/// How a command's output is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    /// JSON lines of `cargo --message-format=json`.
    Cargo,
    /// What `cargo test` prints.
    CargoTest,
    /// JSON of eslint.
    Eslint,
    /// Lines that begin with a place; names of failed tests as the known runners write them.
    Lines,
}

/// What a command found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Report {
    pub(super) faults: Vec<Fault>,
    /// Tests that passed.
    pub(super) passed: usize,
}

impl Fault {
    fn new(path: String, line: usize, message: &str, text: &str) -> Self {
        let message = message.lines().next().unwrap_or_default().trim().to_owned();
        Self { path, line, message, text: cut(text.trim_end(), LONGEST), test: None }
    }

    /// `src/a.rs:3: mismatched types`, with as much of it as is known.
    #[must_use]
    pub fn in_a_line(&self) -> String {
        match (self.path.as_str(), self.line) {
            ("", _) => self.message.clone(),
            (path, 0) => format!("{path}: {}", self.message),
            (path, line) => format!("{path}:{line}: {}", self.message),
        }
    }
}

/// The start of a text, whole characters only.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    format!("{}…", text.get(..end).unwrap_or_default())
}

/// The end of a text.
fn tail(text: &str) -> String {
    let from = text.len().saturating_sub(LONGEST_TAIL);
    let from = (from..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    text.get(from..).unwrap_or_default().trim().to_owned()
}

/// The faults of `after` that `before` does not have. Lines move, so the same words in the same file are the same fault, as
/// often as they are there, and a test that fails is the same whatever it says; of several, the one that speaks of the same
/// code or stands on the same line.
pub(super) fn new_faults(before: &[Fault], after: &[Fault]) -> Vec<Fault> {
    let words = |fault: &Fault| (fault.path.clone(), fault.test.as_ref().unwrap_or(&fault.message).clone());
    let code = |fault: &Fault| {
        let text: String = fault.text.chars().filter(|c| !c.is_ascii_digit()).collect();
        (words(fault), text)
    };
    let (old, new) = without_common(before.to_vec(), after.to_vec(), code);
    let (old, new) = without_common(old, new, |fault| (words(fault), fault.line));
    without_common(old, new, words).1
}

/// Two lists without what they have in common by a key, as often as they have it.
fn without_common<K: Eq + Hash>(
    mut one: Vec<Fault>,
    mut other: Vec<Fault>,
    key: impl Fn(&Fault) -> K,
) -> (Vec<Fault>, Vec<Fault>) {
    let mut common: HashMap<K, usize> = HashMap::new();
    one.iter().for_each(|fault| *common.entry(key(fault)).or_default() += 1);
    let mut gone: HashMap<K, usize> = HashMap::new();
    other.retain(|fault| match common.get_mut(&key(fault)) {
        Some(left @ 1..) => {
            *left -= 1;
            *gone.entry(key(fault)).or_default() += 1;
            false
        }
        _ => true,
    });
    one.retain(|fault| match gone.get_mut(&key(fault)) {
        Some(left @ 1..) => {
            *left -= 1;
            false
        }
        _ => true,
    });
    (one, other)
}

/// A fault that is to be mended, as whoever told of it sees it: the words may differ from the command's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mend {
    /// The file, relative to the workspace.
    pub path: String,
    /// Its lines there, from one.
    pub lines: RangeInclusive<usize>,
    /// What is wrong.
    pub message: String,
    /// The test that fails.
    pub test: Option<String>,
    /// The lines are its own, not only those of the code that it is somewhere in.
    pub placed: bool,
}

impl Mend {
    /// The faults that it means: on its lines with its words; else, where it has lines of its own, all on them.
    fn meant(&self, faults: &[Fault]) -> Vec<usize> {
        let is_there = |fault: &Fault| match &self.test {
            Some(test) => fault.test.as_ref() == Some(test),
            None => fault.path == self.path && fault.test.is_none() && self.lines.contains(&fault.line),
        };
        let there: Vec<usize> = (0..).zip(faults).filter(|(_, fault)| is_there(fault)).map(|(at, _)| at).collect();
        let first = self.message.lines().next().unwrap_or_default().trim();
        let says = |at: &usize| {
            let said = faults.get(*at).map_or("", |fault| &fault.message);
            self.message.contains(said) || (!first.is_empty() && said.contains(first))
        };
        let same: Vec<usize> = there.iter().copied().filter(says).collect();
        if same.is_empty() && (self.placed || self.test.is_some()) { there } else { same }
    }
}

/// The faults of before an edit that may be there after it: all but those that it is to mend.
pub(super) fn without_meant(before: Vec<Fault>, mend: &[Mend]) -> Vec<Fault> {
    let meant: HashSet<usize> = mend.iter().flat_map(|mend| mend.meant(&before)).collect();
    (0..).zip(before).filter(|(at, _)| !meant.contains(at)).map(|(_, fault)| fault).collect()
}

/// Reads what a command said. `tree` is where it ran, `folder` the folder in it, relative to it.
pub(super) fn read(reads: Reads, success: bool, out: &str, err: &str, tree: &Path, folder: &str) -> Report {
    let places = Places { tree, folder };
    let mut report = match reads {
        Reads::Cargo => Report { faults: cargo(out, &places), passed: 0 },
        Reads::CargoTest => cargo_test(out, err, &places),
        Reads::Eslint => Report { faults: eslint(out, &places), passed: 0 },
        Reads::Lines => lines(out, err, &places),
    };
    if success {
        report.faults.clear();
    } else if report.faults.is_empty() {
        let said = places.shorten(&tail(if err.trim().is_empty() { out } else { err }));
        let error = said.lines().find(|line| line.contains("error")).or_else(|| said.lines().next());
        report.faults.push(Fault::new(String::new(), 0, error.unwrap_or("it failed without a word"), &said));
    }
    report
}

struct Places<'a> {
    tree: &'a Path,
    folder: &'a str,
}

impl Places<'_> {
    /// A file as a command names it, relative to the workspace: it may count from its folder or from one further up.
    fn relative(&self, named: &str) -> String {
        let named = named.trim_start_matches("./");
        if let Ok(inside) = Path::new(named).strip_prefix(self.tree) {
            return inside.to_string_lossy().replace('\\', "/");
        }
        let folders = Path::new(self.folder).ancestors();
        let found = folders.map(|folder| folder.join(named)).find(|path| self.tree.join(path).is_file());
        found.map_or_else(|| named.to_owned(), |path| path.to_string_lossy().replace('\\', "/"))
    }

    /// A text without the path of the shadow.
    fn shorten(&self, text: &str) -> String {
        let tree = self.tree.to_string_lossy();
        text.replace(&format!("{tree}/"), "").replace(&*tree, ".")
    }
}

/// Messages of rustc in the JSON lines of cargo.
fn cargo(out: &str, places: &Places<'_>) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for line in out.lines().filter(|line| line.starts_with('{')) {
        let Ok(value) = serde_json::from_str::<Value>(line) else { continue };
        let message = &value["message"];
        if value["reason"] != "compiler-message" || message["level"] != "error" {
            continue;
        }
        let said = message["message"].as_str().unwrap_or_default();
        if said.starts_with("aborting due to") {
            continue;
        }
        let spans = message["spans"].as_array().map(Vec::as_slice).unwrap_or_default();
        let span = spans.iter().find(|span| span["is_primary"] == true);
        let path = span.and_then(|span| span["file_name"].as_str()).map(|file| places.relative(file));
        let line = span.and_then(|span| span["line_start"].as_u64()).unwrap_or_default();
        let text = places.shorten(message["rendered"].as_str().unwrap_or(said));
        let fault = Fault::new(path.unwrap_or_default(), usize::try_from(line).unwrap_or_default(), said, &text);
        // the same file belongs to the library and to its tests
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    faults
}

static CARGO_TEST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?m)^test (\S+)(?: - should panic)? \.\.\. (ok|FAILED)").ok());

fn cargo_test(out: &str, err: &str, places: &Places<'_>) -> Report {
    let mut report = Report::default();
    for found in CARGO_TEST.iter().flat_map(|regex| regex.captures_iter(out)) {
        let (_, [name, ended]) = found.extract();
        if ended == "ok" {
            report.passed += 1;
            continue;
        }
        let said = between(out, &format!("---- {name} stdout ----\n"), "\n\n");
        let said = places.shorten(said.unwrap_or("it failed"));
        let why = said.lines().find(|line| !line.is_empty() && !line.starts_with("thread ")).unwrap_or("it failed");
        let mut fault = Fault::new(String::new(), 0, &format!("test `{name}` fails: {why}"), &said);
        fault.test = Some(name.to_owned());
        report.faults.push(fault);
    }
    if report.faults.is_empty() && report.passed == 0 {
        report.faults = lines(out, err, places).faults;
    }
    report
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let from = text.find(start)? + start.len();
    let rest = text.get(from..)?;
    rest.get(..rest.find(end).unwrap_or(rest.len()))
}

fn eslint(out: &str, places: &Places<'_>) -> Vec<Fault> {
    let files: Vec<Value> = serde_json::from_str(out.trim()).unwrap_or_default();
    let mut faults = Vec::new();
    for file in &files {
        let path = places.relative(file["filePath"].as_str().unwrap_or_default());
        let messages = file["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        for message in messages.iter().filter(|message| message["severity"] == 2) {
            let said = message["message"].as_str().unwrap_or_default();
            let line = usize::try_from(message["line"].as_u64().unwrap_or_default()).unwrap_or_default();
            let rule = message["ruleId"].as_str().map(|rule| format!(" ({rule})")).unwrap_or_default();
            let said = format!("{said}{rule}");
            faults.push(Fault::new(path.clone(), line, &said, &format!("{path}:{line}: {said}")));
        }
    }
    faults
}

/// Lines that begin with a place, as compilers of most languages write them: `a.ts(3,5): error TS1: …`, `a.go:3:5: …`,
/// `[ERROR] /a.java:[3,5] …`, `  File "a.py", line 3`.
static PLACED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"^(?:\[ERROR\] |vet: |\s+File ")?([^\s:("]*[\w/\\]\.\w+)(?:", line |:\[|[:(])(\d+)(?:[,:]\d+)?[\])]?(?::\s*|\s+|$)(.*)$"#,
    )
    .ok()
});

/// Names of failed tests, as pytest, unittest, go, node, jest and vitest write them.
static FAILED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?m)^(?:(?:FAILED|ERROR) ([^\s:]+)(?:::\S+)*::([^\s\[]+)\S*(?: - (.*))?|(?:FAIL|ERROR): (\w+) \(.*|\s*--- FAIL: (\w+).*|\s*not ok \d+ - (.+)|  ● (.+)| FAIL  \S+ > (.+))$",
    )
    .ok()
});

/// How many tests passed, as the same runners write it.
static PASSED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?m)(?:^|\s)(\d+) passed|^# pass (\d+)|^Ran (\d+) tests? in|^\s*(--- PASS): ").ok());

/// Why a test failed, where the runner says it in the lines below the test's name.
fn reason(below: &str) -> Option<String> {
    let next = |line: &&str| FAILED.as_ref().is_some_and(|failed| failed.is_match(line));
    let lines = || below.lines().skip(1).take(20).take_while(|line| !next(line)).map(str::trim);
    let named = |name: &str| lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    if let (Some(expected), Some(received)) = (named("Expected:"), named("Received:")) {
        return Some(format!("expected {expected}, received {received}"));
    }
    let says = |line: &&str| line.contains("Error: ") || line.starts_with("error: ") || line.contains("_test.go:");
    lines().find(says).map(|line| line.trim_start_matches("error: ").to_owned())
}

/// The same where `go test -v` says it: above the test's name.
fn reason_above(above: &str) -> Option<String> {
    let lines = above.lines().rev().take(20).take_while(|line| !line.starts_with("=== RUN")).map(str::trim);
    lines.filter(|line| line.contains("_test.go:")).last().map(str::to_owned)
}

fn lines(out: &str, err: &str, places: &Places<'_>) -> Report {
    let all = format!("{out}\n{err}");
    let mut report = Report::default();
    for found in FAILED.iter().flat_map(|regex| regex.captures_iter(&all)) {
        let Some(name) = found.iter().skip(2).enumerate().find_map(|(at, group)| group.filter(|_| at != 1)) else {
            continue;
        };
        let name = name.as_str().rsplit([' ', '›', '>']).next().unwrap_or_default().trim();
        let path = found.get(1).map(|path| places.relative(path.as_str())).unwrap_or_default();
        let whole = found.get(0).map(|whole| whole.range()).unwrap_or_default();
        let above = || reason_above(all.get(..whole.start)?);
        let below = || reason(all.get(whole.end..)?).or_else(above);
        let why = found.get(3).map(|why| why.as_str().to_owned()).or_else(below);
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        let mut fault = Fault::new(path, 0, &format!("test `{name}` fails{why}"), &places.shorten(&tail(&all)));
        fault.test = Some(name.to_owned());
        if !report.faults.iter().any(|known| known.test == fault.test) {
            report.faults.push(fault);
        }
    }
    if let Some(last) = PASSED.iter().flat_map(|regex| regex.captures_iter(&all)).last() {
        let number = last.iter().skip(1).flatten().find_map(|group| group.as_str().parse().ok());
        report.passed = number.unwrap_or_else(|| all.matches("--- PASS: ").count());
    }
    if report.faults.is_empty() {
        let lines: Vec<&str> = all.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let Some(found) = PLACED.as_ref().and_then(|regex| regex.captures(line)) else { continue };
            let (_, [path, number, said]) = found.extract();
            let warns = said.trim_start().to_lowercase().starts_with("warning") || said.starts_with("note:");
            if warns {
                continue;
            }
            let text = lines.get(at..(at + 4).min(lines.len())).unwrap_or_default().join("\n");
            // Python says below what is wrong
            let said = if said.is_empty() || said.starts_with("in ") {
                lines.iter().skip(at).find(|line| line.contains("Error")).copied().unwrap_or("it failed")
            } else {
                said
            };
            let number = number.parse().unwrap_or_default();
            report.faults.push(Fault::new(places.relative(path), number, said, &places.shorten(&text)));
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(reads: Reads, out: &str, err: &str, faults: &[&str]) -> Report {
        let report = read(reads, false, out, err, Path::new("/cache/tree"), "sub");
        let found: Vec<String> = report.faults.iter().map(Fault::in_a_line).collect();
        assert_eq!(found, faults);
        report
    }

    #[test]
    fn places_are_read_as_each_tool_writes_them() {
        let cargo = r#"{"reason":"compiler-artifact"}
{"reason":"compiler-message","message":{"level":"warning","message":"unused","spans":[]}}
{"reason":"compiler-message","message":{"level":"error","message":"mismatched types","rendered":"error[E0308]: mismatched types\n --> src/a.rs:3:5","spans":[{"is_primary":true,"file_name":"src/a.rs","line_start":3}]}}
{"reason":"compiler-message","message":{"level":"error","message":"aborting due to 1 previous error","spans":[]}}"#;
        let report = check(Reads::Cargo, cargo, "", &["src/a.rs:3: mismatched types"]);
        assert!(report.faults[0].text.contains("E0308"));
        check(
            Reads::Lines,
            "src/a.ts(3,5): error TS2322: Type 'string' is not assignable to type 'number'.\n",
            "",
            &["src/a.ts:3: error TS2322: Type 'string' is not assignable to type 'number'."],
        );
        check(Reads::Lines, "", "# x/y\nvet: ./a.go:3:5: undefined: b\n", &["a.go:3: undefined: b"]);
        check(
            Reads::Lines,
            "[ERROR] /cache/tree/src/A.java:[3,5] cannot find symbol\n",
            "",
            &["src/A.java:3: cannot find symbol"],
        );
        check(
            Reads::Lines,
            "",
            "a.c:9:1: warning: unused\na.c:3:5: error: expected ';'\n",
            &["a.c:3: error: expected ';'"],
        );
        check(
            Reads::Lines,
            "",
            "  File \"a.py\", line 3\n    return 1\nSyntaxError: 'return' outside function\n",
            &["a.py:3: SyntaxError: 'return' outside function"],
        );
        let eslint = r#"[{"filePath":"/cache/tree/a.js","messages":[{"severity":1,"message":"meh","line":1},{"severity":2,"message":"'x' is not defined.","ruleId":"no-undef","line":2}]}]"#;
        check(Reads::Eslint, eslint, "", &["a.js:2: 'x' is not defined. (no-undef)"]);
        check(Reads::Lines, "", "error: no such package\nin /cache/tree/x\n", &["error: no such package"]);
        assert_eq!(read(Reads::Lines, true, "a.c:3:5: odd", "", Path::new("/"), ""), Report::default());
    }

    #[test]
    fn tests_are_counted_and_the_failed_ones_named() {
        let cargo = "running 3 tests\ntest a::b ... ok\ntest a::c ... FAILED\ntest d - should panic ... ok\n\nfailures:\n\n---- a::c stdout ----\nthread 'a::c' panicked at src/a.rs:3:5:\nassertion `left == right` failed\n  left: 1\n right: 2\n\n\nfailures:\n    a::c\n";
        let report = check(Reads::CargoTest, cargo, "", &["test `a::c` fails: assertion `left == right` failed"]);
        assert_eq!((report.passed, report.faults[0].test.as_deref()), (2, Some("a::c")));
        let names = |out: &str| {
            let report = read(Reads::Lines, false, out, "", Path::new("/t"), "");
            let names: Vec<String> = report.faults.into_iter().filter_map(|fault| fault.test).collect();
            (names.join(" "), report.passed)
        };
        let pytest = "FAILED tests/test_a.py::test_x - assert 1 == 2\nERROR tests/test_a.py::T::test_y[1]\n2 failed, 12 passed in 0.1s\n";
        assert_eq!(names(pytest), ("test_x test_y".into(), 12));
        assert_eq!(names("FAIL: test_x (a.T.test_x)\n----\nRan 3 tests in 0.1s\n").0, "test_x");
        assert_eq!(names("--- PASS: TestA (0.00s)\n--- FAIL: TestB (0.00s)\nFAIL\n"), ("TestB".into(), 1));
        assert_eq!(names("ok 1 - adds\nnot ok 2 - doubles\n# pass 1\n"), ("doubles".into(), 1));
        assert_eq!(names("  ● maths › doubles\n\nTests: 1 failed, 2 passed, 3 total\n"), ("doubles".into(), 2));
    }

    #[test]
    fn a_failed_test_says_why() {
        let go = "=== RUN   TestPrice\n    price_test.go:7: got 1.000\n--- FAIL: TestPrice (0.00s)\nFAIL\n";
        check(Reads::Lines, go, "", &["test `TestPrice` fails: price_test.go:7: got 1.000"]);
        let go = "--- FAIL: TestPrice (0.00s)\n    price_test.go:7: got 1.000\nFAIL\n";
        check(Reads::Lines, go, "", &["test `TestPrice` fails: price_test.go:7: got 1.000"]);
        let jest = "  ● price › digits\n\n    expect(received).toBe(expected)\n\n    Expected: \"1.00\"\n    Received: \"1.000\"\n";
        check(Reads::Lines, jest, "", &["test `digits` fails: expected \"1.00\", received \"1.000\""]);
        let vitest = " FAIL  src/a.test.ts > digits\nAssertionError: expected '1.000' to be '1.00'\n";
        check(Reads::Lines, vitest, "", &["test `digits` fails: AssertionError: expected '1.000' to be '1.00'"]);
        let unit = "FAIL: test_x (a.T.test_x)\n----\nTraceback\n  File \"a.py\", line 3\nAssertionError: 1 != 2\n";
        check(Reads::Lines, unit, "", &["test `test_x` fails: AssertionError: 1 != 2"]);
    }

    #[test]
    fn only_what_was_not_there_before_is_new() {
        let fault = |line: usize, message: &str| Fault::new("a.rs".into(), line, message, message);
        let before = [fault(1, "old"), fault(2, "twice")];
        let after = [fault(5, "old"), fault(6, "twice"), fault(7, "twice"), fault(8, "new")];
        assert_eq!(new_faults(&before, &after), [fault(7, "twice"), fault(8, "new")]);
        assert_eq!(new_faults(&after, &before), []);
    }

    #[test]
    fn what_is_to_be_mended_may_not_stay() {
        let fault = |line: usize, message: &str| Fault::new("a.rs".into(), line, message, message);
        let before = [fault(3, "mismatched types"), fault(3, "unknown name"), fault(9, "mismatched types")];
        let check = |lines, message: &str, placed, left: &[usize]| {
            let mend = Mend { path: "a.rs".into(), lines, message: message.into(), test: None, placed };
            let left: Vec<Fault> = left.iter().map(|at| before[*at].clone()).collect();
            assert_eq!(without_meant(before.to_vec(), &[mend]), left, "{message}");
        };
        check(3..=3, "mismatched types\nexpected `u32`", true, &[1, 2]);
        check(2..=4, "expected u32, found &str", true, &[2]); // another tool's words
        check(3..=9, "error: mismatched types", false, &[1]);
        check(3..=9, "something else", false, &[0, 1, 2]);
        check(5..=5, "mismatched types", true, &[0, 1, 2]);
        // one of two like it is gone, the other stays
        let mend =
            Mend { path: "a.rs".into(), lines: 3..=3, message: "mismatched types".into(), test: None, placed: true };
        let allowed = without_meant(before.to_vec(), &[mend]);
        assert_eq!(new_faults(&allowed, &before[1..]), []);
        assert_eq!(new_faults(&allowed, &before).len(), 1);
    }
}
