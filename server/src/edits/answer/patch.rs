//! The patches that Codex writes: `*** Begin Patch`, files under `*** Update File: `, `*** Add File: ` and
//! `*** Delete File: `, hunks under `@@` with a line above them instead of numbers, `*** End Patch`.

use super::{Change, Fault, Hunk};

/// Reads the form; `None` when there is nothing of it.
pub(super) fn read(answer: &str) -> Result<Option<Vec<Change>>, Fault> {
    let mut lines = answer.lines().skip_while(|line| line.trim() != "*** Begin Patch").skip(1).peekable();
    if lines.peek().is_none() && !answer.contains("*** Begin Patch") {
        return Ok(None);
    }
    let mut changes = Vec::new();
    let mut path: Option<String> = None;
    let mut hunk = Hunk::default();
    let mut added: Option<(String, String)> = None;
    let flush = |hunk: &mut Hunk, path: &Option<String>, changes: &mut Vec<Change>| {
        let done = std::mem::take(hunk);
        if done.before != done.after {
            changes.push(Change::Hunk(Hunk { path: path.clone(), ..done }));
        }
    };
    for line in lines {
        let head = line.trim_end().strip_prefix("*** ");
        if head.is_some() || line.starts_with("@@") {
            if head.is_some() || !hunk.before.is_empty() || !hunk.after.is_empty() {
                flush(&mut hunk, &path, &mut changes);
            }
            changes.extend(added.take_if(|_| head.is_some()).map(|(path, text)| Change::Create { path, text }));
        }
        match head {
            Some("End Patch") => return Ok(Some(changes)),
            Some("End of File") => {}
            Some(head) => {
                let value = |word: &str| head.strip_prefix(word).map(|value| value.trim().to_owned());
                if let Some(file) = value("Update File:") {
                    path = Some(file);
                } else if let Some(file) = value("Add File:") {
                    path = None;
                    added = Some((file, String::new()));
                } else if let Some(file) = value("Delete File:") {
                    path = None;
                    changes.push(Change::Delete { path: file });
                } else if let (Some(to), Some(file)) = (value("Move to:"), &path) {
                    changes.push(Change::Rename { path: file.clone(), to });
                } else {
                    return Err(Fault::Form { what: format!("a patch has the line “*** {head}”") });
                }
            }
            None if line.starts_with("@@") => {
                let anchor = line.trim_matches(['@', ' ']);
                if !anchor.is_empty() && !anchor.starts_with('-') {
                    hunk.anchors.push(anchor.to_owned());
                }
            }
            None => {
                let rest = line.get(1..).unwrap_or_default();
                match (line.chars().next(), &mut added) {
                    (Some('+'), Some((_, text))) => {
                        text.push_str(rest);
                        text.push('\n');
                    }
                    (None, Some((_, text))) => text.push('\n'),
                    (Some('+'), None) => hunk.after.push(rest.to_owned()),
                    (Some('-'), None) => hunk.before.push(rest.to_owned()),
                    (Some(' ') | None, None) => {
                        hunk.before.push(rest.to_owned());
                        hunk.after.push(rest.to_owned());
                    }
                    _ => return Err(Fault::Form { what: format!("a patch has a line without a mark: “{line}”") }),
                }
            }
        }
    }
    Err(Fault::CutOff { what: "`*** End Patch` is missing".to_owned() })
}
