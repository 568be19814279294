//! The journal on a scratch disk, and what its entries take back.

mod disk;
mod faults;

use proptest::prelude::*;

use super::*;
use crate::edits::{FileChange, smallest_edits};
use crate::text::{Edit, Span, Text, apply_edits, rebase_each};

/// The record of a change of `a.rs`.
fn record(before: &str, after: &str) -> FileRecord {
    FileRecord::new("a.rs", FileChange::Edit, &Text::from(before), &smallest_edits(before, after, 0))
}

fn new_entry(files: Vec<FileRecord>) -> NewEntry {
    NewEntry {
        operation: "refactor".to_owned(),
        title: "Refactor `f`".to_owned(),
        model: "big".to_owned(),
        proved: vec!["parses".to_owned()],
        writer: Writer::Disk,
        files,
    }
}

struct Scratch {
    folder: tempfile::TempDir,
}

impl Scratch {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("journal/a.sqlite")
    }

    #[track_caller]
    fn open(&self) -> Journal {
        let (journal, told) = Journal::open_at(&self.file()).unwrap();
        assert_eq!(told, [""; 0]);
        journal
    }
}

/// before → after → now; undone: what taking back makes of it, or a part of the conflict.
#[track_caller]
fn check(before: &str, after: &str, now: &str, undone: Result<&str, &str>) {
    let record = record(before, after);
    assert_eq!(record.after, after);
    let now = Text::from(now);
    let done = take_back(&record, &now).map(|edits| apply_edits(&now, &edits).to_text());
    match (&done, undone) {
        (Ok(text), Ok(wanted)) => assert_eq!(text, wanted),
        (Err(conflict), Err(part)) => assert!(conflict.to_string().contains(part), "{conflict}"),
        _ => panic!("{done:?}, not {undone:?}"),
    }
}

#[test]
fn what_a_job_did_is_taken_back_and_later_edits_stay() {
    let (before, after) = ("a\nold\nb\nc\n", "a\nnew\nb\nmore\nc\n");
    check(before, after, after, Ok(before));
    check(before, after, before, Ok(before));
    check(before, after, "// top\na\nnew\nb\nmore\nc\nend\n", Ok("// top\na\nold\nb\nc\nend\n"));
    check(before, after, "a\nnew\nb between\nmore\nc\n", Ok("a\nold\nb between\nc\n"));
    // one hunk was taken back by hand
    check(before, after, "a\nold\nb\nmore\nc\n", Ok("a\nold\nb\nc\n"));
    check(before, after, "a\nnew\nb\nc\n", Ok("a\nold\nb\nc\n"));
    check(before, after, "a\nnewer\nb\nmore\nc\n", Err("a.rs:2 was changed"));
    check(before, after, "a\nnew\nb\nmuch more\nc\n", Err("a.rs:4 was changed"));
    check(before, after, "x\n", Err("a.rs:1 was changed"));
    // what the job deleted can't go where something else stands by now
    check("a\nb\nc\n", "a\nc\n", "a\nd\nc\n", Err("a.rs:2 was changed"));
    check("a\r\nold\r\n", "a\r\nnew\r\n", "é\r\nnew\r\n", Ok("é\r\nold\r\n"));
}

#[test]
fn code_of_the_same_shape_beside_a_hunk_is_not_taken_for_it() {
    let before = "fn a() {\n}\n";
    let after = "fn a() {\n}\n\nfn b() {\n}\n";
    check(before, after, "fn a() {\n}\n\nfn b() {\n}\n\nfn c() {\n}\n", Ok("fn a() {\n}\n\nfn c() {\n}\n"));
    check(before, after, "fn a() {\n}\n\nfn c() {\n}\n\nfn b() {\n}\n", Ok("fn a() {\n}\n\nfn c() {\n}\n"));
    let before = "fn a() {\n}\n\nfn b() {\n}\n\nfn c() {\n}\n";
    let after = "fn a() {\n}\n\nfn b() {\n    x();\n}\n\nfn c() {\n}\n";
    check(before, after, "fn b() {\n    x();\n}\n\nfn c() {\n}\n", Ok("fn b() {\n}\n\nfn c() {\n}\n"));
    check(before, after, "fn a() {\n}\n\nfn b() {\n    x();\n}\n", Ok("fn a() {\n}\n\nfn b() {\n}\n"));
}

/// The same of a file with a grammar: what becomes of the record as a whole.
#[track_caller]
fn check_file(path: &str, [before, after, now]: [&str; 3], undone: Result<&str, &str>) {
    let record = FileRecord { path: path.to_owned(), ..record(before, after) };
    let now = Text::from(now);
    let done = take_back_file(&record, &mut |_| Ok(Some(now.clone())));
    match (done, undone) {
        (Ok(Restored::Edits(edits)), Ok(wanted)) => assert_eq!(apply_edits(&now, &edits).to_text(), wanted),
        (Err(conflict), Err(part)) => assert!(conflict.to_string().contains(part), "{conflict}"),
        (done, undone) => panic!("{done:?}, not {undone:?}"),
    }
}

#[test]
fn what_was_written_at_the_edge_of_a_hunk_is_a_conflict() {
    let job = ["def f(a):\n    b = a\n    c = b\n    return c\n", "def f(a):\n    return a\n"];
    check_file(
        "m.py",
        [job[0], job[1], "import x\n\n\ndef f(a):\n    return a\n"],
        Ok(&format!("import x\n\n\n{}", job[0])),
    );
    check_file("m.py", [job[0], job[1], "class A:\n    def f(a):\n        return a\n"], Err("m.py:"));
    let job = ["def f(b):\n    x()\n", "def f(b):\n    if b:\n        x()\n"];
    check_file("m.py", [job[0], job[1], job[1]], Ok(job[0]));
    let now = "def f(b):\n    if b:\n        x()\n    else:\n        y()\n";
    check_file("m.py", [job[0], job[1], now], Err("m.py:"));
    check_file("m.py", [job[0], job[1], "def f(b):\n    if b:\n        log(b)\n        x()\n"], Err("m.py:"));
    let job = ["function f(x) {\n  const y = x;\n  return y;\n}\n", "function f(x) {\n  return x;\n}\n"];
    check_file("m.js", [job[0], job[1], "function f(x) {\n  if (x) return x;\n}\n"], Err("m.js:2"));
    check("a\nb\nc\nd\ne\n", "a\nb\nd\ne\n", "a\nB\nD\ne\n", Err("a.rs:"));
    check("a\nb\nc\nd\ne\n", "a\nb\nd\ne\n", "a\nb\nD\ne\n", Ok("a\nb\nc\nD\ne\n"));
}

#[test]
fn what_would_not_parse_without_the_hunk_stays() {
    let job = ["fn f() {\n    a();\n}\n", "fn f() {\n    if b {\n        c();\n    }\n    a();\n}\n"];
    let now = "fn f() {\n    if b {\n        c();\n    }\n    else { d(); }\n    a();\n}\n";
    check_file("a.rs", [job[0], job[1], now], Err("would not parse"));
    check_file("a.txt", [job[0], job[1], now], Ok("fn f() {\n    else { d(); }\n    a();\n}\n"));
    // the job mended it: the fault comes back with the text before
    check_file("a.rs", ["fn f( {\n}\n", "fn f() {\n}\n", "// top\nfn f() {\n}\n"], Ok("// top\nfn f( {\n}\n"));
}

#[test]
fn of_two_places_that_fit_none_is_taken() {
    let body = |first: &str, one: &str, second: &str, two: &str| {
        format!("fn {first}(x: u8) -> u8 {{\n{one}}}\n\nfn {second}(x: u8) -> u8 {{\n{two}}}\n")
    };
    let (old, new) = ("    let y = x;\n    y\n", "    x\n");
    let (before, after) = (body("f", old, "g", new), body("f", new, "g", new));
    check_file("a.rs", [&before, &after, &body("g", new, "f", new)], Err("a.rs:"));
    // a copy above: which of them is the copy can't be told
    let [old, new] = ["def f():\n    x = 1\n    return x\n", "def f():\n    return 1\n"];
    let end = "\n\ndef g():\n    return 2\n";
    let now = format!("{new}\n\n{new}{end}");
    check_file("m.py", [&format!("{old}{end}"), &format!("{new}{end}"), &now], Err("m.py:2"));
    let now = format!("// top\n{after}// end\n");
    check_file("a.rs", [&before, &after, &now], Ok(&format!("// top\n{before}// end\n")));
}

#[test]
fn a_hunk_whose_place_is_known_is_taken_back_only_where_all_around_it_is_the_same() {
    // in `before` the first `old` becomes `new`; `now` is the text since
    let back = |path: &str, before: &str, [old, new]: [&str; 2], now: &str| {
        let at = before.find(old).unwrap();
        let edit = Edit::new(Span::new(at, at + old.len()), new);
        let record = FileRecord::new(path, FileChange::Edit, &Text::from(before), &[edit]);
        let (at, now) = (now.find(new).unwrap(), Text::from(now));
        let edits = take_back_at(&record, &[(0, Span::new(at, at + new.len()))], &now);
        edits.map(|edits| apply_edits(&now, &edits).to_text()).map_err(|conflict| conflict.to_string())
    };
    let before = "a\nold\nb\n";
    let lines = ["old", "new\nnewer"];
    assert_eq!(
        back("a.txt", before, ["old", "new"], "x\r\na\r\nnew\r\nb\r\n"),
        Ok("x\r\na\r\nold\r\nb\r\n".to_owned())
    );
    assert_eq!(back("a.txt", before, lines, "x\na\nnew\nnewer\nb\n"), Ok("x\na\nold\nb\n".to_owned()));
    assert_eq!(back("a.txt", before, lines, "a\n  new\nnewer\nb\n"), Err("a.txt:2 was changed since".to_owned()));
    let (before, wrap) = ("fn f() {\n    a();\n}\n", ["    a();\n", "    if b {\n        a();\n    }\n"]);
    let now = "fn f() {\n    if b {\n        a();\n    }\n    else { c(); }\n}\n";
    assert!(back("a.rs", before, wrap, now).unwrap_err().contains("would not parse"));
}

#[test]
fn what_comes_back_has_the_line_ends_of_the_file_now() {
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let (before, after) = ("é\nold\nolder\nb\nc\nd\n", "é\nnew\nb\nmore\nc\nd\n");
    check(before, after, &crlf(after), Ok(&crlf(before)));
    check(&crlf(before), &crlf(after), after, Ok(before));
    check(before, after, &crlf(&format!("top\n{after}")), Ok(&crlf(&format!("top\n{before}"))));
    check(before, after, &crlf("é\nnewer\nb\nmore\nc\nd\n"), Err("a.rs:2 was changed"));
}

#[test]
fn some_hunks_are_taken_back_and_all_come_again() {
    let record = record("a\nold\nb\nc\n", "a\nnew\nb\nmore\nc\n");
    assert_eq!(record.hunks.len(), 2);
    let now = Text::from("a\nnew\nb\nmuch more\nc\n");
    let edits = take_back_hunks(&record, &[0], &now).unwrap();
    assert_eq!(apply_edits(&now, &edits).to_text(), "a\nold\nb\nmuch more\nc\n");
    assert!(matches!(take_back_hunks(&record, &[1], &now), Err(Conflict::Hunk { hunk: 1, line: 4, .. })));
    // redo is the same the other way round
    let now = Text::from("a\nold\nb\nc\n// later\n");
    let edits = take_back(&record.reversed(), &now).unwrap();
    assert_eq!(apply_edits(&now, &edits).to_text(), "a\nnew\nb\nmore\nc\n// later\n");
    assert_eq!(record.reversed().reversed(), record);
}

#[test]
fn files_come_go_and_move_back() {
    let at = |change, before: &str, after: &str| FileRecord { change, ..record(before, after) };
    let check = |record: &FileRecord, files: &[(&str, &str)], wanted: Result<Restored, &str>| {
        let mut text_of =
            |path: &str| Ok(files.iter().find(|(name, _)| *name == path).map(|(_, text)| Text::from(*text)));
        let done = take_back_file(record, &mut text_of).map_err(|conflict| conflict.to_string());
        assert_eq!(done, wanted.map_err(str::to_owned));
    };
    let made = at(FileChange::Create, "", "x\n");
    check(&made, &[("a.rs", "x\n")], Ok(Restored::Delete));
    check(&made, &[], Ok(Restored::Nothing));
    check(&made, &[("a.rs", "x\ny\n")], Err("a.rs was changed since it was made"));
    let gone = at(FileChange::Delete, "x\n", "");
    check(&gone, &[], Ok(Restored::Create));
    check(&gone, &[("a.rs", "x\n")], Ok(Restored::Nothing));
    check(&gone, &[("a.rs", "y\n")], Err("a.rs is there again, with another text"));
    // an editor makes a file before it fills it
    let filled = Restored::Edits(vec![Edit::new(Span::default(), "x\n")]);
    check(&gone, &[("a.rs", "")], Ok(filled.clone()));
    check(&made.reversed(), &[("a.rs", "")], Ok(filled));
    let moved = at(FileChange::Rename { to: "b.rs".to_owned() }, "x\n", "x\n");
    check(&moved, &[("b.rs", "x\ny\n")], Ok(Restored::Rename(Vec::new())));
    check(&moved, &[("a.rs", "x\n")], Ok(Restored::Nothing));
    check(&moved, &[("a.rs", "x\n"), ("b.rs", "x\n")], Err("a.rs is there again, with another text"));
    check(&moved, &[], Err("b.rs is gone"));
    check(&moved.reversed(), &[("a.rs", "x\n")], Ok(Restored::Rename(Vec::new())));
    check(&record("x\n", "y\n"), &[], Err("a.rs is gone"));
}

#[test]
fn entries_are_kept() {
    let scratch = Scratch::new();
    let files = vec![
        record("a\n", "b\n"),
        FileRecord::new("new.rs", FileChange::Create, &Text::default(), &smallest_edits("", "1\n2\n", 0)),
        FileRecord::new("gone.rs", FileChange::Delete, &Text::from("x\n"), &[]),
        FileRecord::new("c.rs", FileChange::Rename { to: "d.rs".to_owned() }, &Text::from("x\n"), &[]),
    ];
    let entry = new_entry(files.clone());
    let id = scratch.open().begin(&entry).unwrap();
    let journal = scratch.open();
    let kept = journal.entry(id).unwrap();
    assert_eq!((kept.files, kept.summary.state, &*kept.summary.title), (files, State::Applying, "Refactor `f`"));
    let lines: Vec<_> = kept.summary.files.iter().map(|file| (file.change, file.added, file.removed)).collect();
    assert_eq!(lines, [("edit", 1, 1), ("create", 2, 0), ("delete", 0, 1), ("rename", 0, 0)]);
    journal.set_files(id, &[record("a\n", "c\n")]).unwrap();
    journal.set_state(id, State::Applied).unwrap();
    let listed = journal.entries(9).unwrap();
    assert_eq!((listed.len(), listed[0].state, listed[0].files.len()), (1, State::Applied, 1));
    assert!(matches!(journal.entry(EntryId(7)), Err(Error::NoEntry(_))));
    assert!(matches!(journal.set_state(EntryId(7), State::Undone), Err(Error::NoEntry(_))));
    assert!(matches!(journal.set_files(EntryId(7), &[]), Err(Error::NoEntry(_))));
    #[cfg(unix)]
    for file in std::fs::read_dir(scratch.file().parent().unwrap()).unwrap() {
        use std::os::unix::fs::PermissionsExt as _;
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
    }
}

#[test]
fn undo_and_redo_follow_what_was_done_last() {
    let scratch = Scratch::new();
    let journal = scratch.open();
    let next = || (journal.newest_undoable().unwrap(), journal.newest_redoable().unwrap());
    let apply = || {
        let id = journal.begin(&new_entry(vec![record("a\n", "b\n")])).unwrap();
        journal.set_state(id, State::Applied).unwrap();
        id
    };
    assert_eq!(next(), (None, None));
    let (one, two) = (apply(), apply());
    assert_eq!(next(), (Some(two), None));
    journal.set_state(two, State::Undone).unwrap();
    journal.set_state(one, State::Undone).unwrap();
    assert_eq!(next(), (None, Some(one)));
    journal.set_state(one, State::Applied).unwrap();
    assert_eq!(next(), (Some(one), Some(two)));
    let three = apply();
    assert_eq!(next(), (Some(three), None), "two is no longer what redo means");
}

#[test]
fn old_entries_go() {
    let scratch = Scratch::new();
    let journal = scratch.open();
    let day = 24 * 60 * 60;
    let big = new_entry(vec![record("", &"x\n".repeat(40))]);
    let apply = |entry: &NewEntry, day_number: i64| {
        let id = journal.begin_at(entry, &[], &[], &mut || true, (day_number * day, 200)).unwrap();
        journal.set_state(id, State::Applied).unwrap();
        id.0
    };
    let small = new_entry(vec![record("a\n", "b\n")]);
    let under_way = journal.begin_at(&small, &[], &[], &mut || true, (0, 200)).unwrap().0;
    let old = apply(&small, 1);
    let kept = || journal.entries(99).unwrap().iter().map(|entry| entry.id.0).collect::<Vec<_>>();
    let next = apply(&small, 31);
    assert_eq!(kept(), [next, old, under_way], "30 days are kept");
    let first = apply(&big, 32);
    assert_eq!(kept(), [first, next, under_way]);
    let second = apply(&big, 32);
    assert_eq!(kept(), [second, first, next, under_way]);
    let third = apply(&big, 32);
    assert_eq!(kept(), [third, second, under_way], "200 bytes are kept");
}

#[test]
fn a_damaged_journal_is_set_aside() {
    let scratch = Scratch::new();
    let folder = scratch.file().parent().unwrap().to_owned();
    drop(scratch.open());
    for (number, damage) in [b"no database at all".repeat(1000), Vec::new()].into_iter().enumerate() {
        let mut bytes = std::fs::read(scratch.file()).unwrap();
        if damage.is_empty() {
            bytes[4096..].fill(0x5a);
        } else {
            bytes = damage;
        }
        std::fs::write(scratch.file(), bytes).unwrap();
        let (journal, told) = Journal::open_at(&scratch.file()).unwrap();
        assert!(told[0].contains(&format!("a.sqlite.damaged-{}", number + 1)), "{told:?}");
        assert!(folder.join(format!("a.sqlite.damaged-{}", number + 1)).exists());
        journal.begin(&new_entry(vec![record("a\n", "b\n")])).unwrap();
    }
    assert_eq!(scratch.open().entries(9).unwrap().len(), 1);
}

/// A text whose words all differ, so that there is one way only to tell what changed.
fn lines_of_words(count: usize) -> String {
    (0..count).map(|word| format!("w{word}{}", if word % 3 == 2 { "\n" } else { " " })).collect()
}

/// Edits of words or of whole lines, apart from each other; `name` is in all that they bring.
fn edits_of(text: &Text, places: &[(usize, usize, bool)], name: &str) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for (number, (line, kind, many)) in places.iter().enumerate() {
        let line = text.line_span(line % text.lines());
        let whole = Span::new(line.start, text.line_start(text.line_of(line.start) + 1));
        let words = text.slice(line).into_owned();
        let word = words
            .split(' ')
            .nth(1)
            .map(|word| (words.len() - words.split_once(' ').map_or(0, |(_, rest)| rest.len()), word.len()));
        let (at, len) = word.unwrap_or_default();
        let word = Span::new(line.start + at, line.start + at + len);
        let new = if *many { format!("{name}{number}\n{name}{number}b\n") } else { format!("{name}{number}\n") };
        let edit = match kind {
            0 => Edit::new(whole, new),
            1 => Edit::new(whole, ""),
            2 => Edit::new(Span::new(line.start, line.start), new),
            _ => Edit::new(word, format!("{name}{number}")),
        };
        let is_new = edit.span.len() + edit.text.len() > 0;
        if is_new && edits.iter().all(|other| !other.span.touches(edit.span)) {
            edits.push(edit);
        }
    }
    edits
}

#[test]
fn lines_that_repeat_themselves_are_not_taken_for_what_was_put_back_by_hand() {
    let text = |letters: &str| letters.chars().map(|letter| format!("    {letter}()\n")).collect::<String>();
    check(&text("esccc"), &text("ehccsecc"), &text("ehsccsecc"), Err("was changed since"));
    check(&text("esccc"), &text("ehccsecc"), &text("xehccseccx"), Ok(&text("xescccx")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Of lines that repeat themselves: what is undone is the job, and only that, or nothing.
    #[test]
    fn undo_of_repeated_lines_is_exact_or_refused(
        before in "[abcd]{2,8}",
        after in "[abcd]{2,8}",
        later in prop::collection::vec((0usize..10, 0usize..3, "[abcdx]"), 1..3),
    ) {
        let text = |letters: &str| letters.chars().map(|letter| format!("    {letter}()\n")).collect::<String>();
        let record = record(&text(&before), &text(&after));
        let mut now = Text::from(&*record.after);
        let mut typed = Vec::new();
        for (line, kind, letter) in &later {
            let start = now.line_start(line % now.lines());
            let whole = Span::new(start, now.line_start(now.line_of(start) + 1).max(start));
            let edit = match kind {
                0 => Edit::new(Span::new(start, start), text(letter)),
                1 => Edit::new(whole, ""),
                _ => Edit::new(whole, text(letter)),
            };
            now.replace(edit.span, &edit.text);
            typed.push(edit);
        }
        let inverse: Vec<Edit> = record.hunks.iter().map(|hunk| Edit::new(hunk.after, &record.before[hunk.before.range()])).collect();
        let really = rebase_each(&inverse, &typed).into_iter().collect::<Result<Vec<Edit>, _>>();
        if let (Ok(edits), Ok(really)) = (take_back(&record, &now), really) {
            let (undone, wanted) = (apply_edits(&now, &edits).to_text(), apply_edits(&now, &really).to_text());
            let count = |text: &str, letter: char| text.matches(letter).count() as isize;
            let now = now.to_text();
            for letter in "abcd".chars() {
                let left = count(&wanted, letter) - count(&undone, letter);
                let put_back = count(&now, letter) - count(&record.after, letter);
                prop_assert!(
                    left == 0 || edits.len() < record.hunks.len() && left * put_back > 0 && left.abs() <= put_back.abs(),
                    "{before} {after} {now}: {undone}, not {wanted}"
                );
            }
            // a line more of those that are there already may have come above or below
            if later.iter().all(|(_, kind, letter)| *kind == 0 && letter == "x") {
                prop_assert_eq!(undone, wanted, "before {} after {} now {}", before, after, now);
            }
        }
    }

    /// After any later edits, undo gives the text that these edits make of the text before, or refuses.
    #[test]
    fn undo_restores_exactly_or_refuses(
        words in 3usize..30,
        job in prop::collection::vec((0usize..10, 0usize..4, any::<bool>()), 1..5),
        later in prop::collection::vec((0usize..12, 0usize..4, any::<bool>()), 0..6),
    ) {
        let before = Text::from(&*lines_of_words(words));
        let record = FileRecord::new("a.rs", FileChange::Edit, &before, &edits_of(&before, &job, "j"));
        let mut now = Text::from(&*record.after);
        let mut typed = Vec::new();
        for (number, place) in later.iter().enumerate() {
            for edit in edits_of(&now, &[*place], &format!("t{number}x")) {
                now.replace(edit.span, &edit.text);
                typed.push(edit);
            }
        }
        let inverse: Vec<Edit> = record.hunks.iter().map(|hunk| Edit::new(hunk.after, &record.before[hunk.before.range()])).collect();
        let really: Vec<_> = rebase_each(&inverse, &typed);
        match take_back(&record, &now) {
            Ok(edits) => {
                let undone = apply_edits(&now, &edits).to_text();
                if let Ok(edits) = really.into_iter().collect::<Result<Vec<Edit>, _>>() {
                    prop_assert_eq!(&undone, &apply_edits(&now, &edits).to_text());
                }
                prop_assert!(!undone.contains('j'), "of the job nothing stays: {undone}");
                for hunk in &record.hunks {
                    prop_assert!(undone.contains(&record.before[hunk.before.range()]), "{undone}");
                }
                // and the job can be done once more; beside new text, on whichever side of it
                let (undone, all) = (Text::from(&*undone), edits.len() == record.hunks.len());
                if let Some(edits) = take_back(&record.reversed(), &undone).ok().filter(|_| all) {
                    let words = |text: &Text| {
                        let text = text.to_text();
                        let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
                        words.sort();
                        words
                    };
                    prop_assert_eq!(words(&apply_edits(&undone, &edits)), words(&now));
                }
            }
            Err(_) => prop_assert!(!typed.is_empty()),
        }
    }

    /// Of any two texts, also such that repeat themselves: what was applied a moment ago can be taken back whole, and what
    /// is refused or done leaves every character that is not the job's.
    #[test]
    fn undo_right_after_is_exact(before in "([ab]|\n|é){0,20}", after in "([ab]|\n|é){0,20}", lead in "[xy\n]{0,4}") {
        let record = record(&before, &after);
        let now = Text::from(&*after);
        let edits = take_back(&record, &now).unwrap();
        prop_assert_eq!(apply_edits(&now, &edits).to_text(), before.clone());
        let now = Text::from(&*format!("{lead}{after}"));
        if let Ok(edits) = take_back(&record, &now) {
            let undone = apply_edits(&now, &edits).to_text();
            let count = |text: &str| text.chars().filter(|c| matches!(c, 'x' | 'y')).count();
            prop_assert_eq!(count(&undone), count(&lead));
        }
    }
}
