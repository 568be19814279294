//! Code that an answer leaves out behind a mark, as `// … existing code …`: put back where the lines around the mark tell
//! for certain what is meant, else refused.

use std::collections::HashSet;

use crate::syntax::Language;

/// Lines around a mark that are taken to tell where it is, at most.
const ANCHOR: usize = 8;

/// Whether a line stands for code that was left out.
pub(super) fn is_elision(line: &str, language: Option<&Language>) -> bool {
    const MARKS: &[&str] = &[
        "unchanged",
        "existing code",
        "rest of",
        "remains the same",
        "remain the same",
        "stays the same",
        "omitted",
        "same as before",
        "other methods",
        "previous code",
        "code continues",
    ];
    let line = line.trim();
    if matches!(line, "..." | "…") {
        return true;
    }
    let comment = language.map_or("#", |language| language.line_comment);
    let block =
        || Some(line.strip_prefix("/*").or_else(|| line.strip_prefix("{/*"))?.trim_end_matches(['*', '/', '}']));
    let markup = || Some(line.strip_prefix("<!--")?.trim_end_matches("-->"));
    let Some(inner) = line.strip_prefix(comment).or_else(block).or_else(markup) else { return false };
    let inner = inner.trim().to_lowercase();
    let inner = inner.trim_matches(|c: char| matches!(c, '(' | ')' | '[' | ']' | '-' | ' '));
    let dots = [inner.starts_with("..."), inner.starts_with('…'), inner.ends_with("..."), inner.ends_with('…')];
    let short = inner.split_whitespace().count() <= 10;
    short && (dots.contains(&true) || MARKS.iter().any(|mark| inner.contains(mark)))
}

/// The first line that stands for code which was left out, if the old text has no such line.
pub(super) fn find<'a>(new: &'a str, old: &str, language: Option<&Language>) -> Option<&'a str> {
    let there: HashSet<&str> = old.lines().map(str::trim).filter(|line| is_elision(line, language)).collect();
    // Python writes the body of what has none like that
    let stubs = old.is_empty() && language.is_some_and(|language| language.line_comment == "#");
    let mut above = "";
    new.lines().map(str::trim).filter(|line| !line.is_empty()).find(|line| {
        let stub = stubs && *line == "..." && above.ends_with(':');
        above = line;
        is_elision(line, language) && !there.contains(line) && !stub
    })
}

/// `new` with the lines of `old` that its marks stand for. `None` when that is not certain: what stands beside a mark has to
/// be in `old`, in one place only, and in the same order.
pub(super) fn expand(new: &str, old: &str, language: Option<&Language>) -> Option<String> {
    let there: HashSet<&str> = old.lines().map(str::trim).collect();
    let mark = |line: &&str| is_elision(line, language) && !there.contains(line.trim());
    let old: Vec<&str> = old.lines().collect();
    let new: Vec<&str> = new.lines().collect();
    let parts: Vec<&[&str]> = new.split(mark).map(without_blanks).collect();
    let last = parts.len().checked_sub(1).filter(|last| *last > 0)?;
    let mut out: Vec<&str> = Vec::new();
    let mut done = 0; // lines of `old` that were spoken of
    for (number, pair) in parts.windows(2).enumerate() {
        let [left, right] = pair else { return None };
        let from = end_of_left(left, &old, number == 0)?;
        let to = start_of_right(right, &old, number + 1 == last)?;
        if from < done || to < from {
            return None;
        }
        out.extend(*left);
        out.extend(old.get(from..to)?);
        done = to;
    }
    out.extend(*parts.last()?);
    Some(out.join("\n") + "\n")
}

fn without_blanks<'a, 'b>(part: &'a [&'b str]) -> &'a [&'b str] {
    let code = |line: &&str| !line.trim().is_empty();
    let Some(first) = part.iter().position(code) else { return &[] };
    let end = part.iter().rposition(code).map_or(first, |last| last + 1);
    part.get(first..end).unwrap_or_default()
}

/// The line of `old` behind what stands before a mark.
fn end_of_left(left: &[&str], old: &[&str], is_first: bool) -> Option<usize> {
    if is_first && (left.is_empty() || starts(left, old, 0)) {
        return Some(left.len());
    }
    (1..=left.len().min(ANCHOR)).find_map(|len| Some(once(left.get(left.len() - len..)?, old)? + len))
}

/// The line of `old` at which what stands behind a mark starts.
fn start_of_right(right: &[&str], old: &[&str], is_last: bool) -> Option<usize> {
    let tail = old.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |last| last + 1);
    if is_last && right.is_empty() {
        return Some(tail);
    }
    if let Some(from) = tail.checked_sub(right.len()).filter(|from| is_last && starts(right, old, *from)) {
        return Some(from);
    }
    (1..=right.len().min(ANCHOR)).find_map(|len| once(right.get(..len)?, old))
}

fn starts(part: &[&str], old: &[&str], at: usize) -> bool {
    let there = old.get(at..at + part.len()).unwrap_or_default();
    there.len() == part.len() && part.iter().zip(there).all(|(a, b)| a.trim() == b.trim())
}

/// The only place of some lines.
fn once(part: &[&str], old: &[&str]) -> Option<usize> {
    if part.iter().all(|line| line.trim().len() < 2) {
        return None; // brackets alone
    }
    let mut places = (0..old.len()).filter(|at| starts(part, old, *at));
    let place = places.next()?;
    places.next().is_none().then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::by_name;

    const OLD: &str = "fn f() {\n    a();\n    b();\n    c();\n    d();\n}\n";

    #[test]
    fn what_was_left_out_is_put_back() {
        let check = |new: &str, after: Option<&str>| {
            assert_eq!(expand(new, OLD, by_name("rust")).as_deref(), after, "{new}");
        };
        check(
            "fn f() {\n    // ... existing code ...\n    c();\n    x();\n    d();\n}\n",
            Some("fn f() {\n    a();\n    b();\n    c();\n    x();\n    d();\n}\n"),
        );
        check(
            "fn f() {\n    x();\n    b();\n    // ...\n}\n",
            Some("fn f() {\n    x();\n    b();\n    c();\n    d();\n}\n"),
        );
        check(
            "// ...\n    d();\n    x();\n}\n",
            Some("fn f() {\n    a();\n    b();\n    c();\n    d();\n    x();\n}\n"),
        );
        // what stands beside a mark is new, or the wrong way round: nobody knows where it ends
        check("fn f() {\n    // ...\n    x();\n    // ...\n}\n", None);
        check("fn f() {\n    d();\n    // ...\n    b();\n}\n", None);
    }

    #[test]
    fn marks_are_told_from_comments() {
        let is = |line: &str| is_elision(line, by_name("rust"));
        for line in [
            "// ...",
            "    // … existing code …",
            "// rest of the function",
            "/* unchanged */",
            "...",
            "// [... omitted]",
        ] {
            assert!(is(line), "{line}");
        }
        for line in ["// existing users keep their plan", "let a = 0..;", "// see above.", "fn rest() {}", ""] {
            assert!(!is(line), "{line}");
        }
    }
}
