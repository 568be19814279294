//! Hunks under review: what finished jobs changed, until the user keeps it, takes it back or changes it by hand. In: hunks
//! and the documents they stand in. Out: where each of them lies now. Changes no document.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::JobId;
use crate::documents::{Documents, Now, Revision};
use crate::edits::{changes, token_edits};
use crate::text::{Edit, Span, Text, rebase_span};

/// The reviews of a session.
#[derive(Debug, Default)]
pub struct Reviews {
    jobs: Mutex<BTreeMap<JobId, Review>>,
}

/// Names a hunk within its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct HunkNumber(pub usize);

#[derive(Debug)]
struct Review {
    title: String,
    /// What was proved, in words.
    proved: String,
    /// What is wrong with it, found after it was applied.
    fault: Option<String>,
    files: BTreeMap<PathBuf, File>,
}

#[derive(Debug)]
struct File {
    /// The text that the spans of the hunks speak of.
    text: Text,
    /// Its state of the open document; `None`: it was not open.
    revision: Option<Revision>,
    /// The job made it.
    made: bool,
    hunks: BTreeMap<HunkNumber, Hunk>,
    applied: Applied,
}

/// What a job made of a file: its text, and of each hunk where it lay and what stood there before.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The text that the spans speak of.
    pub text: Text,
    /// The hunks, in order.
    pub hunks: Vec<NewHunk>,
}

/// A file with hunks to be reviewed.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// As it is called now.
    pub path: PathBuf,
    /// Its text when the job had changed it.
    pub text: Text,
    /// The job made it.
    pub made: bool,
    /// What the job changed.
    pub hunks: Vec<NewHunk>,
}

/// A hunk that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewHunk {
    /// Its number.
    pub number: HunkNumber,
    /// Where its new text lies.
    pub span: Span,
    /// What stood there before.
    pub old: String,
}

#[derive(Debug)]
struct Hunk {
    span: Span,
    old: String,
    /// The new text without blanks.
    new: String,
}

/// A hunk as it lies now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its job.
    pub job: JobId,
    /// What the job does.
    pub title: String,
    /// What was proved of the job, in words.
    pub proved: String,
    /// What is wrong with the job.
    pub fault: Option<String>,
    /// Its number.
    pub number: HunkNumber,
    /// Where it lies.
    pub span: Span,
    /// Its first changed token; a neighbour where something was deleted.
    pub token: Span,
    /// What stood there before.
    pub old: String,
    /// The job made the file.
    pub made: bool,
}

impl Reviews {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<JobId, Review>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner) // each change leaves the map whole
    }

    /// Puts a job's hunks under review, those of all its files at once: a job without any is one that ended.
    pub fn start(&self, job: JobId, title: &str, proved: &str, files: Vec<NewFile>) {
        let file = |NewFile { path, text, made, hunks: new }: NewFile| {
            let hunk = |hunk: &NewHunk| {
                let (span, old) = (hunk.span, hunk.old.clone());
                (hunk.number, Hunk { span, old, new: solid(&text.slice(span)) })
            };
            let hunks = new.iter().map(hunk).collect();
            (path, File { text: text.clone(), revision: None, made, hunks, applied: Applied { text, hunks: new } })
        };
        let files = files.into_iter().filter(|file| !file.hunks.is_empty()).map(file).collect();
        let review = Review { title: title.to_owned(), proved: proved.to_owned(), fault: None, files };
        let mut jobs = self.lock();
        jobs.insert(job, review);
        tidy(&mut jobs);
    }

    /// What a job made of a file that has hunks of it under review.
    #[must_use]
    pub fn applied(&self, job: JobId, path: &Path) -> Option<Applied> {
        Some(self.lock().get(&job)?.files.get(path)?.applied.clone())
    }

    /// Hunks were taken back: the job is as if it had not had them, whatever was typed beside the others since.
    pub fn taken_back(&self, job: JobId, path: &Path, numbers: &[HunkNumber]) {
        let mut jobs = self.lock();
        let Some(file) = jobs.get_mut(&job).and_then(|review| review.files.get_mut(path)) else { return };
        let Applied { text, hunks } = &mut file.applied;
        while let Some(at) = hunks.iter().position(|hunk| numbers.contains(&hunk.number)) {
            let NewHunk { span, old, .. } = hunks.remove(at);
            text.replace(span, &old);
            let back = [Edit::new(span, old)];
            hunks.iter_mut().for_each(|hunk| hunk.span = rebase_span(hunk.span, &back));
        }
    }

    /// Whether a file has hunks under review.
    #[must_use]
    pub fn has(&self, path: &Path) -> bool {
        self.lock().values().any(|review| review.files.contains_key(path))
    }

    /// The files in which a job has hunks.
    #[must_use]
    pub fn files(&self, job: JobId) -> Vec<PathBuf> {
        self.lock().get(&job).map_or_else(Vec::new, |review| review.files.keys().cloned().collect())
    }

    /// A job's hunks that are still under review.
    #[must_use]
    pub fn numbers(&self, job: JobId) -> Vec<HunkNumber> {
        let jobs = self.lock();
        let files = jobs.get(&job).into_iter().flat_map(|review| review.files.values());
        files.flat_map(|file| file.hunks.keys().copied()).collect()
    }

    /// How many hunks are under review, all jobs together.
    #[must_use]
    pub fn count(&self) -> usize {
        let jobs = self.lock();
        jobs.values().flat_map(|review| review.files.values()).map(|file| file.hunks.len()).sum()
    }

    /// The newest job under review.
    #[must_use]
    pub fn newest(&self) -> Option<JobId> {
        self.lock().keys().next_back().copied()
    }

    /// The document as it stands now and its hunks, in order; those that were changed by hand are gone. `None` when it
    /// is not open.
    #[must_use]
    pub fn marks(&self, documents: &Documents, path: &Path) -> Option<(Now, Vec<Mark>)> {
        let mut jobs = self.lock();
        loop {
            let now = documents.now(path)?;
            let mut files: Vec<&mut File> = jobs.values_mut().filter_map(|review| review.files.get_mut(path)).collect();
            files.iter_mut().for_each(|file| file.follow(documents, path));
            if files.iter().any(|file| file.revision.as_ref() != Some(&now.revision)) {
                continue; // something was typed in between
            }
            tidy(&mut jobs);
            let mut found: Vec<Mark> = jobs.iter().flat_map(|(job, review)| review.marks(*job, path)).collect();
            found.sort_by_key(|mark| mark.span);
            return Some((now, found));
        }
    }

    /// Ends the review of some hunks of a job: those named, or all. Gives the files they stood in.
    pub fn keep(&self, job: JobId, only: Option<HunkNumber>) -> BTreeSet<PathBuf> {
        let mut jobs = self.lock();
        let mut touched = BTreeSet::new();
        for (path, file) in jobs.get_mut(&job).into_iter().flat_map(|review| &mut review.files) {
            let before = file.hunks.len();
            file.hunks.retain(|number, _| only.is_some_and(|only| only != *number));
            touched.extend((file.hunks.len() < before).then(|| path.clone()));
        }
        tidy(&mut jobs);
        touched
    }

    /// Ends the review of a file, because it was saved.
    pub fn keep_file(&self, path: &Path) {
        let mut jobs = self.lock();
        jobs.values_mut().for_each(|review| drop(review.files.remove(path)));
        tidy(&mut jobs);
    }

    /// What was proved of a job after it was applied, or what is wrong with it. Gives its files; none: it is no longer
    /// under review.
    pub fn prove(&self, job: JobId, result: Result<String, String>) -> Vec<PathBuf> {
        let mut jobs = self.lock();
        let Some(review) = jobs.get_mut(&job) else { return Vec::new() };
        match result {
            Ok(proved) => review.proved = proved,
            Err(fault) => review.fault = Some(fault),
        }
        review.files.keys().cloned().collect()
    }
}

fn tidy(jobs: &mut BTreeMap<JobId, Review>) {
    jobs.values_mut().for_each(|review| review.files.retain(|_, file| !file.hunks.is_empty()));
    jobs.retain(|_, review| !review.files.is_empty());
}

impl Review {
    fn marks(&self, job: JobId, path: &Path) -> Vec<Mark> {
        let Some(file) = self.files.get(path) else { return Vec::new() };
        let mark = |(number, hunk): (&HunkNumber, &Hunk)| Mark {
            job,
            title: self.title.clone(),
            proved: self.proved.clone(),
            fault: self.fault.clone(),
            number: *number,
            span: hunk.span,
            token: hunk.token(&file.text),
            old: hunk.old.clone(),
            made: file.made,
        };
        file.hunks.iter().map(mark).collect()
    }
}

impl File {
    /// Moves the hunks along with what was typed, and drops those that were changed by hand.
    fn follow(&mut self, documents: &Documents, path: &Path) {
        let known = self.revision.as_ref().and_then(|revision| documents.follow(path, revision));
        let Some((now, typed)) = known.or_else(|| documents.now(path).map(|now| (now, None))) else { return };
        let typed = typed.unwrap_or_else(|| changes(&self.text, &now.text.to_text()));
        for change in &typed {
            self.step(change);
        }
        self.text = now.text;
        self.revision = Some(now.revision);
        let text = &self.text;
        self.hunks.retain(|_, hunk| solid(&text.slice(hunk.span)) == hunk.new && !grown(text, hunk.span));
    }

    /// One change. A formatter's comes as one that covers all lines between the first and the last that it touched, so
    /// what it holds over a hunk is compared more closely.
    fn step(&mut self, change: &Edit) {
        let touches = |hunk: &Hunk| change.span.touches(hunk.span);
        self.hunks.retain(|_, hunk| !(touches(hunk) && hunk.came_back(change)));
        let parts = if change.span.len() > 1 && self.hunks.values().any(touches) {
            let replaced = self.text.slice(change.span);
            let mut parts = token_edits(&replaced, &change.text, change.span.start);
            parts.sort_by_key(|edit| std::cmp::Reverse(edit.span));
            parts
        } else {
            vec![change.clone()]
        };
        let near: Vec<HunkNumber> =
            self.hunks.iter().filter(|(_, hunk)| touches(hunk)).map(|(number, _)| *number).collect();
        for part in &parts {
            self.hunks.retain(|_, hunk| hunk.step(part));
        }
        self.text.replace(change.span, &change.text);
        let text = &self.text;
        self.hunks.retain(|number, hunk| !(near.contains(number) && hunk.is_undone(text)));
    }
}

impl Hunk {
    /// Whether a change at the place of a deletion puts there again what was deleted.
    fn came_back(&self, change: &Edit) -> bool {
        self.span.is_empty() && !self.old.is_empty() && solid(&change.text).contains(&solid(&self.old))
    }

    /// Whether what is left of it stands among what it replaced, as where the editor undid it.
    fn is_undone(&self, text: &Text) -> bool {
        let left = text.slice(self.span);
        let is_old = |at| {
            self.span.start.checked_sub(at).is_some_and(|start| {
                let span = Span::new(start, start + self.old.len());
                text.clamp(span) == span && text.slice(span) == self.old
            })
        };
        !left.is_empty() && self.old.match_indices(&*left).any(|(at, _)| is_old(at))
    }

    /// False when nothing is left of its place.
    fn step(&mut self, change: &Edit) -> bool {
        let at = self.span;
        if at.is_empty() && change.span.start < at.start && at.start < change.span.end {
            return false;
        }
        self.span = rebase_span(at, std::slice::from_ref(change));
        at.is_empty() || !self.span.is_empty()
    }

    /// Its first changed token; where something was deleted, what stands next to it.
    fn token(&self, text: &Text) -> Span {
        match text.slice(self.span).find(|c: char| !c.is_whitespace()) {
            Some(at) => token_at(text, self.span.start + at),
            None => neighbour(text, self.span.start),
        }
    }
}

/// Whether a word at one of the ends goes on outside: hunks change words as a whole.
fn grown(text: &Text, span: Span) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let line = |at| text.line_span(text.line_of(at));
    let (first, last) = (line(span.start), line(span.end));
    let (before, after) =
        (text.slice(Span::new(first.start, span.start)), text.slice(Span::new(span.end, last.end.max(span.end))));
    let inside = text.slice(span);
    (is_word(before.chars().next_back()) && is_word(inside.chars().next()))
        || (is_word(inside.chars().next_back()) && is_word(after.chars().next()))
}

/// The word at a place, or the one character.
fn token_at(text: &Text, at: usize) -> Span {
    let line = text.line_span(text.line_of(at));
    let rest = text.slice(Span::new(at, line.end));
    let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    let len = if word == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { word };
    Span::new(at, at + len)
}

/// What stands next to a place where something was deleted: on its line, else on the one before it.
fn neighbour(text: &Text, at: usize) -> Span {
    let number = text.line_of(at);
    let line = text.line_span(number);
    let rest = text.slice(Span::new(at, line.end)).into_owned();
    if !rest.trim().is_empty() {
        return token_at(text, at + rest.len() - rest.trim_start().len());
    }
    let lines = (0..=number).rev().take(3).map(|line| text.line_span(line));
    let before = lines.map(|line| (line, text.slice(line).into_owned())).find(|(_, shown)| !shown.trim().is_empty());
    let Some((line, shown)) = before else { return Span::new(at, at) };
    let end = line.start + shown.trim_end().len();
    let last = shown.trim_end().chars().next_back().map_or(0, char::len_utf8);
    Span::new(end - last, end)
}

/// A text without its blanks: what a formatter leaves as it is.
fn solid(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::Change;
    use crate::text::{Encoding, Range};

    const JOB: JobId = JobId(7);

    fn path() -> &'static Path {
        Path::new("/a.rs")
    }

    fn put(reviews: &Reviews, text: Text, hunks: Vec<NewHunk>) {
        let file = NewFile { path: path().to_owned(), text, made: false, hunks };
        reviews.start(JOB, "Refactor `f`", "parses", vec![file]);
    }

    /// Documents with `after` open, in which `[` and `]` surround a hunk that was `old` before.
    fn review(after: &str, old: &str) -> (Documents, Reviews) {
        let documents = Documents::default();
        let (start, end) = (after.find('[').unwrap(), after.find(']').unwrap() - 1);
        documents.open(path().to_owned(), "file:///a.rs", "rust", 1, &after.replace(['[', ']'], ""));
        let reviews = Reviews::default();
        let text = documents.now(path()).unwrap().text;
        let hunk = NewHunk { number: HunkNumber(0), span: Span::new(start, end), old: old.to_owned() };
        put(&reviews, text, vec![hunk]);
        assert!(reviews.marks(&documents, path()).is_some());
        (documents, reviews)
    }

    fn replace(documents: &Documents, old: &str, new: &str) {
        let text = documents.now(path()).unwrap().text;
        let at = text.to_text().find(old).unwrap();
        let position = |at| text.position(at, Encoding::Utf16);
        let range = Range { start: position(at), end: position(at + old.len()) };
        documents.change(path(), 2, vec![Change { range: Some(range), text: new.to_owned() }], Encoding::Utf16);
    }

    /// The hunk and its token, after a change.
    #[track_caller]
    fn check(after: &str, old: &str, change: (&str, &str), expected: Option<(&str, &str)>) {
        let (documents, reviews) = review(after, old);
        replace(&documents, change.0, change.1);
        let (now, marks) = reviews.marks(&documents, path()).unwrap();
        let found: Vec<_> = marks
            .iter()
            .map(|mark| (now.text.slice(mark.span).into_owned(), now.text.slice(mark.token).into_owned()))
            .collect();
        let expected: Vec<_> = expected.iter().map(|(hunk, token)| ((*hunk).to_owned(), (*token).to_owned())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn hunks_follow_the_text() {
        check("fn a() {}\nfn f() { [two()] }\n", "one()", ("fn a", "/// Doc.\nfn a"), Some(("two()", "two")));
        check("fn f() { [two()] }\n", "one()", ("two() }", "two(); }"), Some(("two()", "two")));
        check("let x = 1;\n[]let z = 3;\n", "let y = 2;\n", ("x = 1", "x = 10"), Some(("", "let")));
        check("let x = 1;\n[]", "let y = 2;\n", ("x = 1", "x = 10"), Some(("", ";")));
    }

    #[test]
    fn a_hunk_changed_by_hand_is_gone() {
        check("fn f() { [two()] }\n", "one()", ("two", "tw"), None);
        check("fn f() { [two()] }\n", "one()", ("two()", "one()"), None);
        check("let x = [10];\n", "5", ("10", "100"), None);
        check("let x = [10];\n", "5", ("10;", "10; //"), Some(("10", "10")));
        check("let x = 1;\n[]let z = 3;\n", "let y = 2;\n", ("let z", "let y = 2;\nlet z"), None);
    }

    #[test]
    fn a_hunk_that_the_editor_undid_is_gone() {
        check("if [a()] { c }\n", "!a() { b } else", ("a() {", "!a() { b } else {"), None);
        check("if [a()] { c }\n", "!a() { b } else", ("a() {", "!a() {"), Some(("a()", "a")));
    }

    #[test]
    fn a_formatter_changes_nothing_by_hand() {
        check("fn f() { [two( 1 )] }\nfn g() {}\n", "one()", ("two( 1 )", "two(1)"), Some(("two(1)", "two")));
        let whole = ("fn f()  { two( 1 ) }\nfn g()  {}", "fn f() {\n    two(1)\n}\nfn g() {}");
        check("fn f()  { [two( 1 )] }\nfn g()  {}\n", "one()", whole, Some(("two(1)", "two")));
    }

    #[test]
    fn what_is_left_of_a_job_is_told_from_what_was_typed() {
        let (_, reviews) = review("one\n2\nthree\n[]4\n", "");
        let hunk = |number, start, end, old: &str| NewHunk {
            number: HunkNumber(number),
            span: Span::new(start, end),
            old: old.to_owned(),
        };
        let hunks = vec![hunk(0, 0, 3, "1\n1"), hunk(1, 6, 11, "3"), hunk(2, 12, 12, "gone\n")];
        put(&reviews, Text::from("one\n2\nthree\n4\n"), hunks);
        reviews.taken_back(JOB, path(), &[HunkNumber(1), HunkNumber(0)]);
        let Applied { text, hunks } = reviews.applied(JOB, path()).unwrap();
        assert_eq!((text.to_text().as_ref(), hunks), ("1\n1\n2\n3\n4\n", vec![hunk(2, 8, 8, "gone\n")]));
    }

    #[test]
    fn a_closed_document_keeps_its_hunks_for_the_next_time() {
        let (documents, reviews) = review("fn f() { [two()] }\n", "one()");
        documents.close(path());
        assert!(reviews.marks(&documents, path()).is_none());
        documents.open(path().to_owned(), "file:///a.rs", "rust", 1, "// more\nfn f() { two() }\n");
        let (_, marks) = reviews.marks(&documents, path()).unwrap();
        assert_eq!(marks.iter().map(|mark| mark.span).collect::<Vec<_>>(), [Span::new(17, 22)]);
    }
}
