//! The form that our prompts ask for: chunks between `<replace id="…">` and `</replace>`, files between
//! `<create path="…">` and `</create>`, `<delete path="…"/>`, `<rename path="…" to="…"/>`, and blocks of
//! `<<<<<<< SEARCH`, `=======`, `>>>>>>> REPLACE` (or `------- SEARCH` … `+++++++ REPLACE`) under the path of their file.

use super::{Change, Fault, Hunk, diff, fence, is_terminal, json, path_line};

/// What a line of its own is.
enum Line<'a> {
    Open { word: Word, value: String, rest: &'a str },
    Close(Word),
    Delete { path: String },
    Rename { path: String, to: String },
    Search,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Replace,
    Create,
}

impl Word {
    const fn close(self) -> &'static str {
        match self {
            Self::Replace => "</replace>",
            Self::Create => "</create>",
        }
    }
}

/// Reads the form; `None` when there is nothing of it.
pub(super) fn read(answer: &str) -> Result<Option<Vec<Change>>, Fault> {
    let all: Vec<&str> = answer.split('\n').collect();
    let mut changes = Vec::new();
    let mut rest = Vec::new();
    let mut path: Option<String> = None;
    let mut at = 0;
    let mut last_end = 0;
    // the fence that is open, and whether there is code in it
    let mut fenced: Option<(usize, bool)> = None;
    while let Some(line) = all.get(at) {
        let kind = classify(line);
        match (fence(line), &mut fenced) {
            (Some((ticks, info)), Some((open, _))) if ticks >= *open && info.is_empty() => fenced = None,
            (Some((ticks, _)), None) => fenced = Some((ticks, false)),
            (None, Some((_, true))) if !matches!(kind, Line::Other) => {
                return Err(Fault::Form { what: "there are markers in the middle of code".to_owned() });
            }
            (None, Some((_, code))) if matches!(kind, Line::Other) => {
                *code |= !line.trim().is_empty() && path_line(line).is_none();
            }
            _ => {}
        }
        match kind {
            Line::Open { word, value, rest } => {
                let (text, next) = body(&all, at, word, rest)?;
                changes.extend(block(word, value, text)?);
                (at, last_end) = (next, next);
                continue;
            }
            Line::Close(word) if !changes.is_empty() => {
                // the text itself holds such a line: where it ends can't be told
                return Err(Fault::Form {
                    what: format!("`{}` stands there more often than it was opened", word.close()),
                });
            }
            Line::Delete { path } => changes.push(Change::Delete { path }),
            Line::Rename { path, to } => changes.push(Change::Rename { path, to }),
            Line::Search => {
                if let Some(named) = path_above(all.get(last_end..at).unwrap_or_default()) {
                    path = Some(named);
                }
                let (before, after, next) = search_block(&all, at)?;
                changes.push(search_change(path.clone(), before, after)?);
                (at, last_end) = (next, next);
                continue;
            }
            Line::Close(_) | Line::Other => rest.push(*line),
        }
        at += 1;
    }
    if changes.is_empty() {
        return Ok(None);
    }
    if has_more(&rest, &changes)? {
        let what = "beside the marked changes there are others in another form".to_owned();
        return Err(Fault::Form { what });
    }
    Ok(Some(changes))
}

/// Whether what stands around the changes holds more of them: other forms, or fences with code that is in none of them.
fn has_more(rest: &[&str], changes: &[Change]) -> Result<bool, Fault> {
    const HEADS: &[&str] = &["@@ ", "+++ ", "diff --git ", "*** Begin Patch", "*** Update File:", "<file ", "<file>"];
    if rest.iter().any(|line| HEADS.iter().any(|head| line.trim_start().starts_with(head))) {
        return Ok(true);
    }
    let is_known = |code: &str| {
        changes.iter().any(|change| match change {
            Change::Chunk { text, .. } | Change::Create { text, .. } => text.trim() == code,
            Change::Hunk(hunk) => hunk.after.join("\n").trim() == code,
            _ => false,
        })
    };
    let mut open: Option<(usize, &str, bool, String)> = None;
    let mut above = "";
    for line in rest {
        match (&mut open, fence(line)) {
            (None, Some((ticks, info))) => {
                open = Some((ticks, info, path_line(above).is_some(), String::new()));
            }
            (Some((ticks, info, named, code)), Some((more, ""))) if more >= *ticks => {
                let to_try = !*named && is_terminal(info);
                if !(code.trim().is_empty() || path_line(code).is_some() || is_known(code.trim()) || to_try) {
                    return Ok(true);
                }
                open = None;
            }
            (Some((_, _, _, code)), _) => {
                code.push_str(line);
                code.push('\n');
            }
            (None, None) => {}
        }
        if !line.trim().is_empty() {
            above = line;
        }
    }
    if open.is_some_and(|(_, _, _, code)| !code.trim().is_empty()) {
        return Ok(true);
    }
    Ok(json::read(&rest.join("\n"))?.is_some_and(|more| !more.is_empty()))
}

/// The text of a block that opens at line `at`, and the line after it. Blocks inside it count as its text.
fn body(all: &[&str], at: usize, word: Word, rest: &str) -> Result<(String, usize), Fault> {
    let close = word.close();
    if !rest.trim().is_empty() {
        // on one line, or with code behind the marker: then it may close behind code, too
        let mut text = String::new();
        for (number, line) in std::iter::once(rest).chain(all.iter().skip(at + 1).copied()).enumerate() {
            if let Some(end) = line.trim_end().strip_suffix(close) {
                text.push_str(end);
                return Ok((text, at + number + 1));
            }
            text.push_str(line);
            text.push('\n');
        }
        return Err(cut_off(close));
    }
    let (mut depth, mut text) = (1, String::new());
    for (number, line) in all.iter().enumerate().skip(at + 1) {
        let trimmed = line.trim();
        if trimmed == close {
            depth -= 1;
        } else if matches!(classify(line), Line::Open { word: inner, rest, .. } if inner == word && rest.is_empty()) {
            depth += 1;
        }
        if depth == 0 {
            return Ok((text, number + 1));
        }
        text.push_str(line);
        text.push('\n');
    }
    Err(cut_off(close))
}

fn cut_off(close: &str) -> Fault {
    Fault::CutOff { what: format!("`{close}` is missing") }
}

fn block(word: Word, value: String, text: String) -> Result<Vec<Change>, Fault> {
    let text = without_fence(without_wrap(&text))?;
    if word == Word::Create {
        return Ok(vec![Change::Create { path: value, text }]);
    }
    // some write what is to change inside the chunk instead of all of it
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let inner = if opens_search(first) {
        read(&text)?
    } else if first.starts_with("@@ ") || first.starts_with("--- ") {
        diff::read(&text)?
    } else {
        None
    };
    let Some(mut inner) = inner else { return Ok(vec![Change::Chunk { id: value, text }]) };
    for change in &mut inner {
        match change {
            Change::Hunk(hunk) => hunk.id = Some(value.clone()),
            _ => return Err(Fault::Form { what: format!("the chunk `{value}` holds changes of other files") }),
        }
    }
    Ok(inner)
}

/// The text without the marks around it that XML has for text as it is.
fn without_wrap(text: &str) -> &str {
    let inner = text.trim().strip_prefix("<![CDATA[").and_then(|inner| inner.strip_suffix("]]>"));
    inner.map_or(text, |inner| inner.trim_start_matches('\n'))
}

/// The text without a fence around all of it.
fn without_fence(text: &str) -> Result<String, Fault> {
    let trimmed = text.trim();
    let mut inner = trimmed.split('\n');
    let Some((ticks, _)) = inner.next().and_then(fence) else { return Ok(text.to_owned()) };
    let Some(last) = inner.next_back() else { return Ok(text.to_owned()) };
    let closes = |line: &str| fence(line).is_some_and(|(more, info)| more >= ticks && info.is_empty());
    let all: Vec<&str> = inner.collect();
    if !closes(last) {
        return Err(Fault::Form { what: "a fence inside of a block is not closed".to_owned() });
    }
    // a document may hold fences of its own: then these are not around it
    if all.iter().any(|line| closes(line)) {
        return Ok(text.to_owned());
    }
    let mut out = all.join("\n");
    out.push('\n');
    Ok(out)
}

/// Both sides of the block that opens at line `at`, and the line after it.
fn search_block(all: &[&str], at: usize) -> Result<(Vec<String>, Vec<String>, usize), Fault> {
    let cut = || Fault::CutOff { what: "a block of SEARCH and REPLACE is not closed".to_owned() };
    let mut middle = None;
    for (number, line) in all.iter().enumerate().skip(at + 1) {
        if is_marker(line, '=', &[]) {
            if middle.is_some() {
                return Err(Fault::Form { what: "a block of SEARCH and REPLACE has two lines `=======`".to_owned() });
            }
            middle = Some(number);
        } else if is_marker(line, '>', &["REPLACE", "UPDATED"]) || is_marker(line, '+', &["REPLACE"]) {
            let Some(middle) = middle else {
                return Err(Fault::Form { what: "a block of SEARCH and REPLACE has no line `=======`".to_owned() });
            };
            let part = |from: usize, to: usize| {
                let part = all.get(from..to).unwrap_or_default();
                unfenced(part).iter().map(|line| (*line).to_owned()).collect()
            };
            return Ok((part(at + 1, middle), part(middle + 1, number), number + 1));
        } else if opens_search(line) {
            return Err(cut());
        }
    }
    Err(cut())
}

/// Lines without a fence around them.
fn unfenced<'a, 'b>(part: &'a [&'b str]) -> &'a [&'b str] {
    match part {
        [open, inner @ .., close]
            if fence(open).is_some()
                && fence(close).is_some_and(|(_, info)| info.is_empty())
                && inner.iter().all(|line| fence(line).is_none()) =>
        {
            inner
        }
        _ => part,
    }
}

fn search_change(path: Option<String>, before: Vec<String>, after: Vec<String>) -> Result<Change, Fault> {
    let hunk = Hunk { path, before, after, ..Hunk::default() };
    if !hunk.is_blind() {
        return Ok(Change::Hunk(hunk));
    }
    match hunk.path {
        Some(path) => Ok(Change::Create { path, text: hunk.after.join("\n") + "\n" }),
        None => Err(Fault::Form { what: "a block of SEARCH and REPLACE searches for nothing".to_owned() }),
    }
}

/// The path named right above a block: blank lines and a fence may stand between.
fn path_above(above: &[&str]) -> Option<String> {
    let mut near = above.iter().rev().filter(|line| !line.trim().is_empty()).take(2);
    let first = near.next()?;
    let line = match fence(first) {
        Some((_, info)) if path_line(info).is_some() => return path_line(info).map(str::to_owned),
        Some(_) => near.next()?,
        None => first,
    };
    path_line(line).map(str::to_owned)
}

/// The line before the old text: `<<<<<<< SEARCH`, or `------- SEARCH`, whose block ends at `+++++++ REPLACE`.
fn opens_search(line: &str) -> bool {
    is_marker(line, '<', &["SEARCH", "ORIGINAL"]) || is_marker(line, '-', &["SEARCH"])
}

/// A line of one character 5 to 9 times, with one of `words` behind it; without any of them when `words` is empty.
fn is_marker(line: &str, mark: char, words: &[&str]) -> bool {
    let line = line.trim();
    let rest = line.trim_start_matches(mark);
    let count = line.len() - rest.len();
    let word = rest.trim();
    (5..=9).contains(&count) && if words.is_empty() { word.is_empty() } else { words.contains(&word) }
}

fn classify(line: &str) -> Line<'_> {
    let trimmed = line.trim();
    if opens_search(trimmed) {
        return Line::Search;
    }
    match trimmed {
        "</replace>" => return Line::Close(Word::Replace),
        "</create>" => return Line::Close(Word::Create),
        _ => {}
    }
    let Some((tag, rest)) = trimmed.strip_prefix('<').and_then(|tag| tag.split_once('>')) else { return Line::Other };
    let tag = tag.trim_end_matches('/');
    let value = |name| attribute(tag, name);
    let named = |word: &str| tag.strip_prefix(word).is_some_and(|rest| rest.starts_with(char::is_whitespace));
    let alone = rest.is_empty() || rest.starts_with("</");
    match (value("id"), value("path"), value("to")) {
        (Some(id), _, _) if named("replace") => Line::Open { word: Word::Replace, value: id, rest },
        (_, Some(path), _) if named("create") => Line::Open { word: Word::Create, value: path, rest },
        (_, Some(path), _) if named("delete") && alone => Line::Delete { path },
        (_, Some(path), Some(to)) if named("rename") && alone => Line::Rename { path, to },
        _ => Line::Other,
    }
}

/// The value of an attribute of a tag, in quotes of either kind or bare.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag;
    loop {
        let (before, after) = rest.split_once(name)?;
        let own = before.ends_with(char::is_whitespace);
        let value = after.trim_start().strip_prefix('=').map(str::trim_start);
        let Some(value) = value.filter(|_| own) else {
            rest = after;
            continue;
        };
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        return match quote {
            Some(quote) => value.get(1..)?.split_once(quote).map(|(value, _)| value.to_owned()),
            None => value.split_whitespace().next().map(str::to_owned),
        };
    }
}
