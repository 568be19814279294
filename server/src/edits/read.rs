//! From an answer to checked edits: reads its form, places every change, makes the smallest edits of them and has the trees
//! prove what they can. All of the answer counts or nothing.

use std::borrow::Cow;
use std::collections::HashSet;

use super::answer::{self, Bounds, Change, Hunk};
use super::chunk::{Steps, lines_in_strings, renew};
use super::draft::{Draft, allowed, outside, whole_lines};
use super::elision;
use super::fault::{EditError, Fault, beginning};
use super::given::{Given, Keep, Reach};
use super::mangled;
use super::place::{Field, Found, Lines, place};
use super::proposal::{FileChange, FileEdit, Placed, Reading, Step};
use super::tree;
use crate::chunks::ChunkKind;
use crate::context::Subject;
use crate::syntax::{self, Language};
use crate::text::{Span, Text};

/// Reads an answer that changes what was given: every file that it touches, with the smallest edits.
///
/// # Errors
/// [`EditError`] with what is wrong; nothing of the answer is used then.
pub fn read(given: &Given<'_>, answer: &str, model: &str) -> Result<Reading, EditError> {
    let answer = mangled::with_plain_blanks(mangled::without_end(answer), &given.subject.text).into_owned();
    let changes = answer::read(&answer, given.subject.language);
    changes.and_then(|changes| Reader::new(given).read(changes, &answer)).map_err(|fault| fault.of(model))
}

struct Reader<'g> {
    given: &'g Given<'g>,
    drafts: Vec<Draft>,
    placed: Vec<Placed>,
}

impl<'g> Reader<'g> {
    fn new(given: &'g Given<'g>) -> Self {
        Self { given, drafts: Vec::new(), placed: Vec::new() }
    }

    fn subject(&self) -> &'g Subject {
        self.given.subject
    }

    fn read(mut self, changes: Vec<Change>, answer: &str) -> Result<Reading, Fault> {
        let mut hunks: Vec<Hunk> = Vec::new();
        for change in changes {
            match change {
                Change::Chunk { id, text } => match self.marked(&id, &text)? {
                    Some(hunk) => hunks.push(hunk),
                    None => self.chunk(&id, &text)?,
                },
                Change::Whole { path, text, bounds } => self.whole(path, &text, bounds, answer)?,
                Change::Hunk(hunk) => hunks.extend(split_elided(hunk, self.subject().language)?),
                Change::Create { path, text } => self.create(&path, &text)?,
                Change::Delete { path } => self.delete(&path)?,
                Change::Rename { path, to } => self.rename(&path, &to)?,
            }
        }
        self.hunks(hunks)?;
        let files = self.drafts.iter().map(|draft| draft.finish(self.given)).collect::<Result<Vec<_>, _>>()?;
        let files: Vec<FileEdit> = files.into_iter().flatten().collect();
        if files.is_empty() {
            return Err(Fault::NoChange { name: self.subject().label() });
        }
        Ok(Reading { files, placed: self.placed })
    }

    /// A chunk by its id.
    fn chunk(&mut self, id: &str, text: &str) -> Result<(), Fault> {
        let span = self.span_of(id)?;
        if text.trim().is_empty() {
            return Err(Fault::NoEdit { said: beginning(text) });
        }
        self.renew(span, text, Step::Id)
    }

    /// The hunk that a chunk's new text is where its lines carry the marks of a diff.
    fn marked(&self, id: &str, text: &str) -> Result<Option<Hunk>, Fault> {
        let old = self.subject().text.slice(whole_lines(&self.subject().text, self.span_of(id)?)).into_owned();
        let marked = mangled::marked_lines(text, &old);
        Ok(marked.map(|(before, after)| Hunk { id: Some(id.to_owned()), before, after, ..Hunk::default() }))
    }

    fn span_of(&self, id: &str) -> Result<Span, Fault> {
        let found = self.given.chunks.iter().find(|(known, _)| known == id).map(|(_, span)| *span);
        found.ok_or_else(|| Fault::WrongChunk { id: id.to_owned() })
    }

    fn renew(&mut self, span: Span, text: &str, step: Step) -> Result<(), Fault> {
        // only who says that it is all of the chunk may mean to drop what stands above it
        let unmarked = step == Step::Whole;
        let keep_lead = unmarked || self.given.keep != Keep::Nothing;
        let text = without_path(text, &self.subject().path, &self.subject().text);
        let new = renew(self.subject(), span, text, keep_lead, step)?;
        let path = self.subject().path.clone();
        self.place(&path, span.start, new.step);
        let draft = self.draft(&path)?;
        draft.parts.push((new.span, new.text));
        draft.imports.extend(new.imports);
        draft.keeps_all |= new.expanded;
        draft.unmarked |= unmarked;
        draft.renewed.push(new.span);
        Ok(())
    }

    /// The whole text of a file, or of what was asked about.
    fn whole(&mut self, path: Option<String>, text: &str, bounds: Bounds, answer: &str) -> Result<(), Fault> {
        let subject = self.subject();
        let path = path.map(|path| self.known_path(&path)).transpose()?;
        if let Some(path) = path.filter(|path| *path != subject.path) {
            if self.given.files.text(&path).is_none() {
                return self.create(&path, text);
            }
            let language = syntax::by_path(path.as_ref());
            return self.renew_file(&path, language, text);
        }
        let no_edit = || Fault::NoEdit { said: beginning(answer) };
        let [(_, span)] = self.given.chunks.as_slice() else { return Err(no_edit()) };
        let old = subject.text.slice(*span);
        match bounds {
            // where the old text has fences, nobody knows which of them ends the new one
            Bounds::Fence(ticks)
                if old.lines().any(|line| answer::fence(line).is_some_and(|(own, _)| own >= ticks)) =>
            {
                let what = "the text has fences of its own: the one around it has to be longer".to_owned();
                return Err(Fault::Form { what });
            }
            Bounds::None if !tree::is_bare_code(subject, *span, text) => return Err(no_edit()),
            _ => {}
        }
        if text.trim().is_empty() {
            return Err(no_edit());
        }
        let is_file = subject.chunk().kind != ChunkKind::File && tree::is_whole_file(subject, *span, text);
        if !is_file {
            return self.renew(*span, text, Step::Whole);
        }
        let (path, language) = (subject.path.clone(), subject.language);
        self.renew_file(&path, language, text)
    }

    /// Takes in the whole new text of a file that is there.
    fn renew_file(&mut self, path: &str, language: Option<&'static Language>, text: &str) -> Result<(), Fault> {
        let draft = self.draft(path)?;
        let old = draft.base.to_text();
        let new = fitted(without_path(text, path, &draft.base), &old, &draft.base, language)?;
        draft.parts.push((Span::new(0, old.len()), new));
        draft.keeps_all = true;
        self.place(path, 0, Step::Whole);
        Ok(())
    }

    fn create(&mut self, path: &str, text: &str) -> Result<(), Fault> {
        let path = clean_path(path)?;
        self.may_make(&path)?;
        let language = syntax::by_path(path.as_ref());
        if let Some(line) = elision::find(text, "", language) {
            return Err(Fault::Elided { line: line.to_owned() });
        }
        let mut text = text.replace("\r\n", "\n");
        if !text.ends_with('\n') {
            text.push('\n');
        }
        self.place(&path, 0, Step::Whole);
        let mut draft = Draft::new(&path, Text::default(), FileChange::Create);
        draft.parts.push((Span::new(0, 0), text));
        self.drafts.push(draft);
        Ok(())
    }

    /// Whether a file may be made at a path.
    fn may_make(&self, path: &str) -> Result<(), Fault> {
        let not = |why: String| Fault::NotGiven { path: path.to_owned(), why };
        if self.given.reach < Reach::Files {
            return Err(not("it was not asked to make files".to_owned()));
        }
        self.given.files.may_change(path).map_err(|denied| not(denied.to_string()))?;
        if path == self.subject().path || self.given.files.text(path).is_some() {
            return Err(not("it is there already".to_owned()));
        }
        if self
            .drafts
            .iter()
            .any(|draft| draft.path == path || draft.change == (FileChange::Rename { to: path.to_owned() }))
        {
            return Err(Fault::Overlap { path: path.to_owned(), line: 1 });
        }
        Ok(())
    }

    fn delete(&mut self, path: &str) -> Result<(), Fault> {
        let path = self.known_path(path)?;
        self.may_delete(&path)?;
        self.place(&path, 0, Step::Whole);
        let draft = self.draft(&path)?;
        if draft.change != FileChange::Edit || !draft.parts.is_empty() {
            return Err(Fault::Overlap { path, line: 1 });
        }
        draft.change = FileChange::Delete;
        Ok(())
    }

    fn rename(&mut self, path: &str, to: &str) -> Result<(), Fault> {
        let (path, to) = (self.known_path(path)?, clean_path(to)?);
        self.may_move(&path)?;
        self.may_make(&to)?;
        self.place(&path, 0, Step::Whole);
        let draft = self.draft(&path)?;
        if draft.change != FileChange::Edit {
            return Err(Fault::Overlap { path, line: 1 });
        }
        draft.change = FileChange::Rename { to };
        Ok(())
    }

    /// A file goes only when it is what was asked about, or when another was named or shown to its last line.
    fn may_delete(&self, path: &str) -> Result<(), Fault> {
        let subject = self.subject();
        let whole = |text: &Text| self.given.is_shown_whole(path, text);
        let may = if path == subject.path {
            subject.chunk().kind == ChunkKind::File
        } else {
            self.given.is_named(path) || self.given.files.text(path).is_some_and(|text| whole(&text))
        };
        self.may_go(path, may)
    }

    /// A file moves only when the ask names it.
    fn may_move(&self, path: &str) -> Result<(), Fault> {
        self.may_go(path, self.given.is_named(path))
    }

    fn may_go(&self, path: &str, may: bool) -> Result<(), Fault> {
        if may && self.given.reach == Reach::Files {
            return Ok(());
        }
        let why = "it was not asked to delete or rename that file".to_owned();
        Err(Fault::NotGiven { path: path.to_owned(), why })
    }

    /// The path of a file that was given, from how an answer writes it: a file of that name, where there is only one.
    fn known_path(&self, path: &str) -> Result<String, Fault> {
        let path = clean_path(path)?;
        let given: Vec<&str> = self.given_paths().collect();
        if given.contains(&path.as_str()) {
            return Ok(path);
        }
        // a file goes by its new name as well once it has one
        let moved = self.drafts.iter().find(|draft| draft.change == (FileChange::Rename { to: path.clone() }));
        if let Some(draft) = moved {
            return Ok(draft.path.clone());
        }
        if self.given.files.text(&path).is_some() {
            return Ok(path);
        }
        let ends = |long: &str, short: &str| long.strip_suffix(short).is_some_and(|rest| rest.ends_with('/'));
        let mut like = given.iter().filter(|known| ends(known, &path) || ends(&path, known));
        match (like.next(), like.next()) {
            (Some(known), None) => Ok((*known).to_owned()),
            _ => Ok(path),
        }
    }

    fn given_paths(&self) -> impl Iterator<Item = &str> {
        let own = self.subject().path.as_str();
        std::iter::once(own)
            .chain(self.given.shown.iter().map(|(path, _)| path.as_str()).filter(move |path| *path != own))
    }

    /// The draft of a file that was given.
    fn draft(&mut self, path: &str) -> Result<&mut Draft, Fault> {
        if let Some(at) = self.drafts.iter().position(|draft| draft.path == path) {
            return self.drafts.get_mut(at).ok_or_else(|| Fault::Overlap { path: path.to_owned(), line: 1 });
        }
        let not = |why: String| Fault::NotGiven { path: path.to_owned(), why };
        let subject = self.subject();
        let base = if path == subject.path {
            subject.text.clone()
        } else {
            if !self.given_paths().any(|known| known == path) {
                return Err(not("it was not shown that file".to_owned()));
            }
            self.given.files.may_change(path).map_err(|denied| not(denied.to_string()))?;
            self.given.files.text(path).ok_or_else(|| not("there is no such file".to_owned()))?
        };
        if base.is_ended_by_cr() {
            return Err(not("its lines end with CR alone, or with two of them".to_owned()));
        }
        self.drafts.push(Draft::new(path, base, FileChange::Edit));
        self.drafts.last_mut().ok_or_else(|| not("there is no such file".to_owned()))
    }

    fn place(&mut self, path: &str, at: usize, step: Step) {
        let line = if path == self.subject().path { self.subject().line(at) } else { 1 };
        self.placed.push(Placed { path: path.to_owned(), line, step });
    }

    /// Places all hunks, each in the text as it was.
    fn hunks(&mut self, hunks: Vec<Hunk>) -> Result<(), Fault> {
        let mut by_path: Vec<(String, Vec<Hunk>)> = Vec::new();
        for hunk in hunks {
            let path = match &hunk.path {
                Some(path) => self.known_path(path)?,
                None => self.subject().path.clone(),
            };
            match by_path.iter_mut().find(|(known, _)| *known == path) {
                Some((_, all)) => all.push(hunk),
                None => by_path.push((path, vec![hunk])),
            }
        }
        for (path, hunks) in by_path {
            let base = self.draft(&path)?.base.clone();
            let text = base.to_text();
            let lines = Lines::of(&text);
            let (allowed, parsed) = (allowed(self.given, &path, &base), tree::Parsed::of(self.subject(), &path, &base));
            for hunk in hunks {
                let chunk = hunk.id.as_deref().map(|id| self.span_of(id)).transpose()?;
                let chunk = chunk.map(|span| [whole_lines(&base, span)]);
                let allowed = chunk.as_ref().map_or(allowed.as_slice(), <[Span; 1]>::as_slice);
                let around = |line: usize| parsed.around(line, &lines);
                let elsewhere = chunk.is_none() && self.given.reach >= Reach::Shown;
                let field = Field { path: &path, lines: &lines, allowed, elsewhere, around: &around };
                let found = match place(&hunk, &field) {
                    Err(fault @ Fault::NotFound { .. }) => parsed.same_tree(&hunk, &field)?.ok_or(fault)?,
                    found => found?,
                };
                // what is kept may stand around the chunk; what changes is looked at in the end
                if chunk.is_some_and(|[chunk]| !chunk.overlaps(found.span)) {
                    return Err(outside(&path, &base, found.span.start));
                }
                let Found { span, text, step } = found;
                self.placed.push(Placed { path: path.clone(), line: base.line_of(span.start) + 1, step });
                self.draft(&path)?.parts.push((span, text));
            }
        }
        Ok(())
    }
}

/// The text without a first line that is but the path of its file, and that the file does not hold.
fn without_path<'a>(text: &'a str, path: &str, file: &Text) -> &'a str {
    let start = text.trim_start_matches(['\n', '\r']);
    let (first, rest) = start.split_once('\n').unwrap_or((start, ""));
    let bare = first.trim().trim_end_matches("*/").trim_end_matches("-->").trim_start_matches("<!--");
    let is_path = answer::path_line(bare).is_some_and(|named| named.trim_start_matches("./") == path);
    let is_there = || file.to_text().lines().any(|line| line.trim() == first.trim());
    if is_path && !rest.trim().is_empty() && !is_there() { rest } else { text }
}

/// Whole text with the line ends, trailing blanks and last line end of the old where lines did not change, and with what was
/// left out.
fn fitted(text: &str, old: &str, base: &Text, language: Option<&'static Language>) -> Result<String, Fault> {
    let mut code = Cow::Borrowed(text.trim_end().trim_start_matches(['\n', '\u{feff}']));
    if let Some(line) = elision::find(&code, old, language) {
        let whole = elision::expand(&code, old, language);
        code = Cow::Owned(whole.ok_or_else(|| Fault::Elided { line: line.to_owned() })?);
    }
    let steps = Steps::of(&code, old, base, language);
    let inside = lines_in_strings(&code, language, false);
    let there: HashSet<&str> = old.lines().collect();
    // what stands in a string is no matter of indentation, unless it lost its tabs
    let convert = |(number, line): (usize, &str)| {
        let new = steps.convert(line);
        let own = inside.contains(&number) && (there.contains(line) || !there.contains(&*new));
        if own { line.to_owned() } else { new }
    };
    let lines: Vec<String> = code.lines().enumerate().map(convert).collect();
    let tail = old.get(old.trim_end().len()..).unwrap_or_default(); // trimming leaves a prefix
    let lead = old.get(..old.len() - old.trim_start_matches(['\r', '\n', '\u{feff}']).len()).unwrap_or_default();
    let body = old.get(lead.len()..).unwrap_or_default();
    Ok(lead.to_owned() + super::place::rejoin(body, &lines, "").trim_end() + tail)
}

/// A hunk that leaves code out on both sides, in the parts that it shows.
fn split_elided(hunk: Hunk, language: Option<&'static Language>) -> Result<Vec<Hunk>, Fault> {
    let mark = |line: &String| elision::is_elision(line, language);
    let (old, new) =
        (hunk.before.iter().filter(|line| mark(line)).count(), hunk.after.iter().filter(|line| mark(line)).count());
    if new == 0 {
        return Ok(vec![hunk]);
    }
    if old != new {
        let line = hunk.after.iter().find(|line| mark(line)).map(|line| line.trim().to_owned()).unwrap_or_default();
        // a mark on the new side alone would put it into the file; one that stays may be the file's own
        return if new > old { Err(Fault::Elided { line }) } else { Ok(vec![hunk]) };
    }
    let part = |lines: &[String]| -> Vec<Vec<String>> { lines.split(mark).map(<[String]>::to_vec).collect() };
    let parts = part(&hunk.before).into_iter().zip(part(&hunk.after));
    let changed = parts.filter(|(before, after)| before != after);
    Ok(changed.map(|(before, after)| Hunk { before, after, head: None, ..hunk.clone() }).collect())
}

/// A path as an answer may name it: within the workspace, written with `/`.
fn clean_path(path: &str) -> Result<String, Fault> {
    let not = |why: &str| Fault::NotGiven { path: beginning(path), why: why.to_owned() };
    let plain = path.trim().trim_start_matches("./");
    if plain.is_empty() || plain.chars().any(|c| c.is_control() || c == '\\') {
        return Err(not("that is no path of a file"));
    }
    let drive = plain.chars().nth(1) == Some(':');
    if plain.starts_with(['/', '~']) || drive {
        return Err(not("only files of the workspace can be changed"));
    }
    if plain.split('/').any(|part| matches!(part, ".." | "." | "")) {
        return Err(not("a path goes straight down from the workspace's folder"));
    }
    Ok(plain.to_owned())
}
