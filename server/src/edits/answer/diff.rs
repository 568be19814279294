//! Unified diffs, as git and diff write them and as models do: without headers, with wrong line numbers and counts, with
//! blanks lost. Line numbers are not believed: what a hunk says of the old text tells where it is; they only
//! speak against a place where they fit another.

use super::{Change, Fault, Hunk, diff_path, fence};

/// A hunk while it is read.
#[derive(Default)]
struct Open {
    hunk: Hunk,
    /// Lines of the old and the new text that its head announces.
    counts: Option<(usize, usize)>,
    /// Some of its context lines lost the blank before them.
    unmarked: bool,
    /// What is known to be context, with the mark: told apart once it is known whether marks were lost.
    lines: Vec<(char, String)>,
}

#[derive(Default)]
struct Reader {
    changes: Vec<Change>,
    open: Option<Open>,
    old: Option<String>,
    new: Option<String>,
    /// Between the head of a file and its first hunk.
    in_head: bool,
    /// A file was named, and nothing has been said of it yet.
    owes_hunk: bool,
    rename_from: Option<String>,
    /// The file is to be made, or to go.
    from_nothing: bool,
    to_nothing: bool,
    fence: Option<usize>,
}

/// Reads the form; `None` when there is nothing of it.
pub(super) fn read(answer: &str) -> Result<Option<Vec<Change>>, Fault> {
    if !answer.lines().any(|line| {
        line.starts_with("@@") || line.starts_with("+++ ") || line.starts_with("diff --git ") || is_diff_fence(line)
    }) {
        return Ok(None);
    }
    let all: Vec<&str> = answer.strip_suffix('\n').unwrap_or(answer).split('\n').collect();
    let mut reader = Reader::default();
    for (number, line) in all.iter().enumerate() {
        reader.take(line, all.get(number + 1).copied().unwrap_or_default())?;
    }
    reader.end()?;
    Ok((!reader.changes.is_empty()).then_some(reader.changes))
}

fn is_diff_fence(line: &str) -> bool {
    fence(line).is_some_and(|(_, info)| matches!(info.split_whitespace().next(), Some("diff" | "patch")))
}

impl Reader {
    fn take(&mut self, line: &str, next: &str) -> Result<(), Fault> {
        if let Some((ticks, info)) = fence(line) {
            match self.fence {
                Some(open) if ticks >= open && info.is_empty() => {
                    self.fence = None;
                    return self.close(true);
                }
                None if self.open.is_none() => {
                    self.fence = Some(ticks);
                    if is_diff_fence(line) {
                        self.open = Some(Open::default()); // a head may be missing
                    }
                    return Ok(());
                }
                _ => {}
            }
        }
        if line.starts_with("diff --git ") {
            self.close(true)?;
            self.file(None, None);
            return Ok(());
        }
        if let Some(old) = line.strip_prefix("--- ").filter(|_| next.starts_with("+++ ")) {
            self.close(true)?;
            let from_nothing = old.trim() == "/dev/null";
            self.file(diff_path(old), None);
            self.from_nothing |= from_nothing;
            return Ok(());
        }
        if let Some(new) = line.strip_prefix("+++ ").filter(|_| self.in_head) {
            self.to_nothing |= new.trim() == "/dev/null";
            self.new = diff_path(new);
            self.in_head = false;
            self.open = Some(Open::default()); // a head may be missing
            return Ok(());
        }
        if line.starts_with("@@") {
            self.close(true)?;
            self.in_head = false;
            self.open = Some(Open::of_head(line));
            return Ok(());
        }
        if self.in_head {
            return self.head(line);
        }
        let fenced = self.fence.is_some();
        if let Some(open) = &mut self.open {
            let mark = line.chars().next();
            match mark {
                Some('+' | '-' | ' ') => {
                    open.lines.extend(mark.map(|mark| (mark, line.get(1..).unwrap_or_default().to_owned())))
                }
                None => open.lines.push((' ', String::new())),
                Some('\\') => {}
                Some(_) if fenced => {
                    open.unmarked = true;
                    open.lines.push(('?', line.to_owned()));
                }
                // what follows it, apart from it, shows that it was not cut off
                Some(_) => {
                    let apart = open.lines.last().is_some_and(|(mark, line)| *mark == ' ' && line.is_empty());
                    self.close(apart)?;
                }
            }
        } else if !fenced && !self.changes.is_empty() && is_stray(line) {
            return Err(form("lines of a diff stand outside of its hunks"));
        }
        Ok(())
    }

    /// A line between the head of a file and its first hunk.
    fn head(&mut self, line: &str) -> Result<(), Fault> {
        if let Some(from) = line.strip_prefix("rename from ") {
            self.rename_from = Some(from.trim().to_owned());
        } else if let Some(to) = line.strip_prefix("rename to ") {
            let from = self.rename_from.take().ok_or_else(|| form("`rename to` without `rename from`"))?;
            let to = to.trim().to_owned();
            self.old = Some(from.clone());
            self.owes_hunk = false;
            self.changes.push(Change::Rename { path: from, to });
        } else if line.starts_with("new file mode") {
            self.from_nothing = true;
        } else if line.starts_with("deleted file mode") {
            self.to_nothing = true;
        } else if line.starts_with("Binary files") || line.starts_with("GIT binary patch") {
            return Err(form("a binary file can't be changed"));
        }
        Ok(())
    }

    fn file(&mut self, old: Option<String>, new: Option<String>) {
        if !self.in_head {
            (self.from_nothing, self.to_nothing) = (false, false);
        }
        (self.old, self.new, self.in_head, self.owes_hunk) = (old, new, true, true);
    }

    /// Ends the hunk that is open. `whole`: something shows that it was not cut off.
    fn close(&mut self, whole: bool) -> Result<(), Fault> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let counts = open.counts;
        let Some((hunk, counted)) = open.finish() else { return Ok(()) };
        if !whole && counts != Some(counted) {
            return Err(Fault::CutOff {
                what: "the last hunk of a diff has not the lines that it announces".to_owned(),
            });
        }
        self.owes_hunk = false;
        if self.from_nothing {
            let path = self.new.clone().ok_or_else(|| form("a diff makes a file without a name"))?;
            if hunk.before.iter().any(|line| !line.trim().is_empty()) {
                return Err(form("a diff takes lines out of a file that it makes"));
            }
            self.changes.push(Change::Create { path, text: hunk.after.join("\n") + "\n" });
        } else if self.to_nothing {
            let path = self.old.clone().ok_or_else(|| form("a diff deletes a file without a name"))?;
            if !self.changes.contains(&Change::Delete { path: path.clone() }) {
                self.changes.push(Change::Delete { path });
            }
        } else {
            let path = self.old.clone().or_else(|| self.new.clone());
            self.changes.push(Change::Hunk(Hunk { path, ..hunk }));
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Fault> {
        if self.fence.is_some() {
            return Err(Fault::CutOff { what: "a fence is not closed".to_owned() });
        }
        self.close(false)?;
        if self.owes_hunk {
            return Err(Fault::CutOff { what: "a diff names a file and has no hunk for it".to_owned() });
        }
        Ok(())
    }
}

/// Whether a line behind a diff looks like one of it, and not like an item of a list.
fn is_stray(line: &str) -> bool {
    let rest = line
        .strip_prefix('-')
        .filter(|rest| !rest.starts_with('-') && (rest.starts_with("  ") || !rest.starts_with(' ')));
    line.starts_with('+') || rest.is_some_and(|rest| !rest.is_empty())
}

fn form(what: &str) -> Fault {
    Fault::Form { what: what.to_owned() }
}

impl Open {
    /// Reads `@@ -12,3 +12,4 @@ fn f() {`.
    fn of_head(line: &str) -> Self {
        let mut open = Self::default();
        let inner = line.trim_start_matches('@');
        let (ranges, section) = inner.split_once("@@").unwrap_or((inner, ""));
        let count = |mark: char| {
            let range = ranges.split_whitespace().find_map(|word| word.strip_prefix(mark))?;
            match range.split_once(',') {
                Some((_, count)) => count.parse().ok(),
                None => range.parse::<usize>().ok().map(|_| 1),
            }
        };
        open.counts = count('-').zip(count('+'));
        let old = ranges.split_whitespace().find_map(|word| word.strip_prefix('-'));
        open.hunk.head = old.and_then(|range| range.split(',').next()?.parse().ok());
        let section = section.trim();
        if !section.is_empty() {
            open.hunk.anchors.push(section.to_owned());
        }
        open
    }

    /// The hunk and the lines that it really has; `None` when it has no line that changes.
    fn finish(mut self) -> Option<(Hunk, (usize, usize))> {
        let counted = self.lines.iter().fold((0, 0), |(old, new), (mark, _)| match mark {
            '+' => (old, new + 1),
            '-' => (old + 1, new),
            _ => (old + 1, new + 1),
        });
        // blank lines at the end rather stand between the diff and what follows
        let blank = |line: &(char, String)| line.0 == ' ' && line.1.is_empty();
        while self.counts != Some(counted) && self.lines.last().is_some_and(blank) {
            self.lines.pop();
        }
        if !self.lines.iter().any(|(mark, _)| matches!(mark, '+' | '-')) {
            return None;
        }
        for (mark, line) in self.lines {
            // where some context lines lost their mark, all did
            let line = if mark == ' ' && self.unmarked && !line.is_empty() { format!(" {line}") } else { line };
            if mark != '+' {
                self.hunk.before.push(line.clone());
            }
            if mark != '-' {
                self.hunk.after.push(line);
            }
        }
        Some((self.hunk, counted))
    }
}
