//! Unified diffs, as `git apply` and `patch -p1` take them. In: a file before and after. Out: text with three lines of
//! context, byte for byte what the file holds.

use std::fmt::Write as _;
use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

use super::output::{BOLD, CYAN, GREEN, RED, paint};

/// Lines around a change that are shown.
const CONTEXT: usize = 3;

/// The change of one file.
pub(super) struct Diff {
    /// The unified diff; empty where nothing changes.
    pub(super) text: String,
    /// Lines that came.
    pub(super) added: usize,
    /// Lines that went.
    pub(super) removed: usize,
}

/// Compares a file's texts; `before` is `None` for a new file, `after` for one that goes. Lines end at LF alone, as git
/// and patch see them.
pub(super) fn unified(path: &str, before: Option<&str>, after: Option<&str>) -> Diff {
    let old: Vec<&str> = before.unwrap_or_default().split_inclusive('\n').collect();
    let new: Vec<&str> = after.unwrap_or_default().split_inclusive('\n').collect();
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    let mut diff = Diff { text: String::new(), added: 0, removed: 0 };
    for group in group_diff_ops(ops, CONTEXT) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        if group.iter().all(|op| matches!(op, DiffOp::Equal { .. })) {
            continue;
        }
        if diff.text.is_empty() {
            let name = |side, text: Option<&str>| text.map_or("/dev/null".to_owned(), |_| named(side, path));
            let _ = write!(diff.text, "--- {}\n+++ {}\n", name("a", before), name("b", after));
        }
        let covered = |side: fn(&DiffOp) -> Range<usize>| side(first).start..side(last).end;
        let (from, to) = (covered(DiffOp::old_range), covered(DiffOp::new_range));
        let _ = writeln!(diff.text, "@@ -{} +{} @@", lines(&from), lines(&to));
        for op in &group {
            let (old, new) = (pick(&old, op.old_range()), pick(&new, op.new_range()));
            if matches!(op, DiffOp::Equal { .. }) {
                diff.push(' ', old);
                continue;
            }
            diff.push('-', old);
            diff.push('+', new);
            diff.removed += old.len();
            diff.added += new.len();
        }
    }
    diff
}

impl Diff {
    /// This diff and another one after it.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.text.push_str(&other.text);
        Self { added: self.added + other.added, removed: self.removed + other.removed, ..self }
    }

    fn push(&mut self, mark: char, lines: &[&str]) {
        for line in lines {
            self.text.push(mark);
            self.text.push_str(line);
            if !line.ends_with('\n') {
                self.text.push_str("\n\\ No newline at end of file\n");
            }
        }
    }

    /// The diff in colours.
    pub(super) fn painted(&self) -> String {
        let mut out = String::new();
        let mut in_header = true;
        for line in self.text.lines() {
            in_header &= !line.starts_with("@@");
            let line = match line.as_bytes().first() {
                _ if in_header => paint(line, BOLD),
                Some(b'@') => paint(line, CYAN),
                Some(b'-') => paint(line, RED),
                Some(b'+') => paint(line, GREEN),
                _ => super::output::harmless(line),
            };
            out.push_str(&line);
            out.push('\n');
        }
        out
    }
}

fn pick<'lines, 'text>(lines: &'lines [&'text str], range: Range<usize>) -> &'lines [&'text str] {
    lines.get(range).unwrap_or_default()
}

/// A range of lines in a hunk's header: from one; an empty one names the line before it.
fn lines(range: &Range<usize>) -> String {
    match range.len() {
        0 => format!("{},0", range.start),
        1 => format!("{}", range.start + 1),
        many => format!("{},{many}", range.start + 1),
    }
}

/// A file's name in a header. A tab after it keeps blanks within it; git quotes what would end the line or the name.
fn named(side: &str, path: &str) -> String {
    if path.contains(|c: char| c.is_control() || c == '"' || c == '\\') {
        let mut quoted = format!("\"{side}/");
        for c in path.chars() {
            match c {
                '"' | '\\' => quoted.extend(['\\', c]),
                c if c.is_ascii_control() => {
                    let _ = write!(quoted, "\\{:03o}", u32::from(c));
                }
                c => quoted.push(c),
            }
        }
        quoted.push('"');
        return quoted;
    }
    let tab = if path.contains(' ') { "\t" } else { "" };
    format!("{side}/{path}{tab}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hunks_have_three_lines_around_them() {
        let before: String = (1..=20).map(|number| format!("{number}\n")).collect();
        let after = before.replace("\n5\n", "\nfive\n").replace("\n18\n", "\n18\nmore\n");
        let diff = unified("src/a b.rs", Some(&before), Some(&after));
        let wanted = "--- a/src/a b.rs\t\n+++ b/src/a b.rs\t\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n\
                      @@ -16,5 +16,6 @@\n 16\n 17\n 18\n+more\n 19\n 20\n";
        assert_eq!(diff.text, wanted);
        assert_eq!((diff.added, diff.removed), (2, 1));
    }

    #[test]
    fn line_ends_stay_as_they_are() {
        let check = |before: Option<&str>, after: &str, wanted: &str| {
            assert_eq!(unified("a", before, Some(after)).text, wanted);
        };
        check(Some("a\r\nb\r\n"), "a\r\nc\r\n", "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n");
        let missing = "\\ No newline at end of file\n";
        check(Some("a"), "b\n", &format!("--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n{missing}+b\n"));
        check(Some("a\nb"), "c\nb", &format!("--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n-a\n+c\n b\n{missing}"));
        check(None, "a\nb\n", "--- /dev/null\n+++ b/a\n@@ -0,0 +1,2 @@\n+a\n+b\n");
        check(Some(""), "a\n", "--- a/a\n+++ b/a\n@@ -0,0 +1 @@\n+a\n");
        check(Some("a\n"), "a\n", "");
        assert_eq!(unified("a", Some("a\n"), None).text, "--- a/a\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n");
        assert_eq!(named("b", "a\"\n.rs"), r#""b/a\"\012.rs""#);
    }
}
