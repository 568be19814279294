//! Edits as JSON: a list of objects, or an object with such a list, each with a path, the text that is there and the text
//! that is to be there; with a path and a whole text; or with an id and its text. Keys go by the names that models give
//! them. A range of lines counts only where the old text stands beside it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Bounds, Change, Fault, Hunk, lines};

const PATHS: &[&str] = &["path", "file", "file_path", "filepath", "filename", "filePath"];
const OLD: &[&str] =
    &["search", "old_text", "old_string", "old_str", "old", "oldText", "oldString", "find", "original", "before"];
const NEW: &[&str] =
    &["replace", "new_text", "new_string", "new_str", "new", "newText", "newString", "replacement", "updated", "after"];
const WHOLE: &[&str] = &["content", "contents", "text", "code"];
const FROM: &[&str] = &["start_line", "startLine", "line", "start"];
const TO: &[&str] = &["end_line", "endLine", "end", "to_line", "lines", "range", "line_range"];
const LISTS: &[&str] = &["edits", "changes", "files", "replacements", "hunks"];
const DELETE: &[&str] = &["delete", "deleted", "remove"];
const RENAME: &[&str] = &["rename_to", "move_to", "new_path", "to"];

/// Reads the form; `None` when there is nothing of it.
pub(super) fn read(answer: &str) -> Result<Option<Vec<Change>>, Fault> {
    let Some(start) = start(answer) else { return Ok(None) };
    let text = &*escaped(answer.get(start..).unwrap_or_default());
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = match values.next() {
        Some(Ok(value)) => value,
        Some(Err(error)) if is_ours(text) => {
            let what = format!("the JSON does not parse: {error}");
            return Err(if error.is_eof() { Fault::CutOff { what } } else { Fault::Form { what } });
        }
        _ => return Ok(None),
    };
    let mut changes = Vec::new();
    collect(&value, None, &mut changes)?;
    // a second list behind the first would be overlooked
    let behind = text.get(values.byte_offset()..).unwrap_or_default();
    if !changes.is_empty() && self::start(behind).is_some_and(|at| is_ours(behind.get(at..).unwrap_or_default())) {
        return Err(Fault::Form { what: "there are several pieces of JSON; put all edits into one list".to_owned() });
    }
    Ok(Some(changes))
}

/// The text with line ends and tabs inside of strings written as JSON wants them: models put them there as they are.
fn escaped(text: &str) -> Cow<'_, str> {
    let (mut quoted, mut behind) = (false, false);
    let mut out: Option<String> = None;
    for (at, c) in text.char_indices() {
        let escape = match c {
            '\n' if quoted => Some("\\n"),
            '\t' if quoted => Some("\\t"),
            _ => None,
        };
        if let Some(escape) = escape {
            out.get_or_insert_with(|| text.get(..at).unwrap_or_default().to_owned()).push_str(escape);
        } else if let Some(out) = &mut out {
            out.push(c);
        }
        quoted ^= c == '"' && !behind;
        behind = c == '\\' && quoted && !behind;
    }
    out.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Where JSON starts: at a line that opens a list or an object.
fn start(answer: &str) -> Option<usize> {
    let mut at = 0;
    for line in answer.split_inclusive('\n') {
        let code = line.trim_start();
        if code.starts_with("[{") || code.starts_with("{\"") || matches!(code.trim_end(), "[" | "{" | "[{") {
            return Some(at + line.len() - code.len());
        }
        at += line.len();
    }
    None
}

/// Whether text that does not parse was meant as edits.
fn is_ours(text: &str) -> bool {
    let has = |keys: &[&str]| keys.iter().any(|key| text.contains(&format!("\"{key}\"")));
    has(LISTS) || (has(OLD) && has(NEW)) || (has(PATHS) && (has(OLD) || has(WHOLE)))
}

fn collect(value: &Value, path: Option<&str>, changes: &mut Vec<Change>) -> Result<(), Fault> {
    match value {
        Value::Array(all) => all.iter().try_for_each(|value| collect(value, path, changes)),
        Value::Object(object) => {
            let path = string(object, PATHS).or(path);
            if let Some(list) = LISTS.iter().find_map(|key| object.get(*key)).filter(|list| list.is_array()) {
                return collect(list, path, changes);
            }
            changes.extend(change(object, path)?);
            Ok(())
        }
        _ => Ok(()),
    }
}

fn string<'a>(object: &'a Map<String, Value>, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| object.get(*key)?.as_str())
}

fn change(object: &Map<String, Value>, path: Option<&str>) -> Result<Option<Change>, Fault> {
    let form = |what: &str| Err(Fault::Form { what: what.to_owned() });
    let path = path.map(str::to_owned);
    let id = object.get("id").and_then(Value::as_str).map(str::to_owned);
    let (old, new) = (string(object, OLD), string(object, NEW));
    if let (Some(path), true) = (&path, DELETE.iter().any(|key| object.get(*key) == Some(&Value::Bool(true)))) {
        return Ok(Some(Change::Delete { path: path.clone() }));
    }
    if let (Some(path), Some(to), None, None) = (&path, string(object, RENAME), old, new) {
        return Ok(Some(Change::Rename { path: path.clone(), to: to.to_owned() }));
    }
    match (old, new) {
        (Some(old), Some(new)) if !old.trim().is_empty() => {
            let line =
                FROM.iter().find_map(|key| object.get(*key)?.as_u64()).and_then(|line| usize::try_from(line).ok());
            let (old, new) = (old.replace("\r\n", "\n"), new.replace("\r\n", "\n"));
            // where both sides end their last line, it is a whole one
            let within_line = !(old.ends_with('\n') && (new.ends_with('\n') || new.is_empty()));
            let after = if new.is_empty() { Vec::new() } else { lines(&new) };
            let before = lines(&old);
            Ok(Some(Change::Hunk(Hunk { path, id, before, after, line, within_line, ..Hunk::default() })))
        }
        (Some(_), Some(new)) => match path {
            Some(path) => Ok(Some(Change::Create { path, text: new.to_owned() })),
            None => form("an edit searches for nothing"),
        },
        (Some(_), None) => form("an edit has an old text and no new one"),
        (None, new) => {
            let text = new.or_else(|| string(object, WHOLE)).map(|text| text.replace("\r\n", "\n"));
            let has_lines = FROM.iter().chain(TO).any(|key| object.contains_key(*key));
            match (id, path, text) {
                (Some(id), _, Some(text)) if !has_lines => Ok(Some(Change::Chunk { id, text })),
                (_, _, Some(_)) if new.is_some() || has_lines => {
                    form("an edit does not say what stands there now: line numbers alone prove nothing")
                }
                (None, Some(path), Some(text)) => {
                    Ok(Some(Change::Whole { path: Some(path), text, bounds: Bounds::Quoted }))
                }
                _ => Ok(None),
            }
        }
    }
}
