//! Proposals: edits that were worked out from an answer and checked.

use std::collections::HashSet;
use std::fmt;

use super::answer::{Block, read_answer};
use super::minimal::smallest_edits;
use crate::chunks::{ChunkId, Chunks};
use crate::context::{Subject, TestPlace};
use crate::prompt::{FOCUS_ID, NEW_FILE_ID, TESTS_ID, without_instructions};
use crate::syntax::{Language, Tree, faults};
use crate::text::{Edit, Span, Text};

/// Edits of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEdit {
    /// The file, relative to the workspace.
    pub path: String,
    /// What becomes of the file itself.
    pub change: FileChange,
    /// The text that the edits speak of; empty for a new file.
    pub base: Text,
    /// What changes; for a new file one insertion at its start.
    pub edits: Vec<Edit>,
}

/// What becomes of a file besides its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// It stays.
    Edit,
    /// It is made; there is none so far.
    Create,
    /// It goes; `base` is the text that is lost, and there are no edits.
    Delete,
    /// It moves, and has the edits there.
    Rename {
        /// Where to, relative to the workspace.
        to: String,
    },
}

/// Something that was proved of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It has no new syntax errors.
    Parses,
    /// What a verify command showed, as `compiles` or `14 tests pass`; holds for exactly the texts that were verified.
    Verified(String),
    /// What a verify command will show and has not yet, as `not compiled yet`.
    NotYet(String),
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parses => f.write_str("parses"),
            Self::Verified(claim) | Self::NotYet(claim) => f.write_str(claim),
        }
    }
}

/// An answer turned into edits and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// What it does, for titles and messages.
    pub title: String,
    /// The files it changes; never empty, and none of them without a change.
    pub files: Vec<FileEdit>,
    /// What was proved of it, and what is not known yet.
    pub proved: Vec<Proof>,
}

/// Why an answer does not become a proposal. The documents stay as they are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// No edit in the answer.
    #[error("{model} answered without an edit, so nothing was changed; it said: “{said}”. Try again, or another model")]
    NoEdit {
        /// Who answered.
        model: String,
        /// The start of what it said.
        said: String,
    },
    /// A chunk that may not be changed.
    #[error(
        "{model} tried to change `{id}`, which it was not given, so nothing was changed. Try again, or another model"
    )]
    WrongChunk {
        /// Who answered.
        model: String,
        /// The id.
        id: String,
    },
    /// The result would not parse.
    #[error(
        "the answer of {model} does not parse (line {line} of {path}), so nothing was changed. Try again, or another model"
    )]
    Syntax {
        /// Who answered.
        model: String,
        /// The file.
        path: String,
        /// The first line that does not parse, from one, in the new text.
        line: usize,
    },
    /// Code was left out.
    #[error("{model} left code out (“{line}”), so nothing was changed. Try again, or another model")]
    Elided {
        /// Who answered.
        model: String,
        /// The line that stands for it.
        line: String,
    },
    /// The focus would be gone.
    #[error(
        "the answer of {model} no longer defines `{name}`, so nothing was changed. Try again, or say in instructions what you want"
    )]
    Lost {
        /// Who answered.
        model: String,
        /// The focus.
        name: String,
    },
    /// All of the tests exist.
    #[error("these tests are in {path} already, so nothing was changed")]
    TestsThere {
        /// The file.
        path: String,
    },
    /// Nothing would change.
    #[error("{model} has nothing to change in `{name}`")]
    NoChange {
        /// Who answered.
        model: String,
        /// The focus.
        name: String,
    },
}

/// Reads the answer to a refactoring: new text of the focus. `keeps_name`: the focus has to be defined afterwards, too.
///
/// # Errors
/// [`EditError`]; nothing of the answer is used then.
pub fn replace_focus(subject: &Subject, answer: &str, model: &str, keeps_name: bool) -> Result<Vec<Edit>, EditError> {
    let block = one_block(answer, FOCUS_ID, model)?;
    let chunk = subject.chunk();
    let text = &subject.text;
    // from the start of its line, as the prompt showed it
    let line = text.line_start(text.line_of(chunk.span.start));
    let indented = text.slice(Span::new(line, chunk.span.start)).chars().all(char::is_whitespace);
    let span = if indented { Span::new(line, chunk.span.end) } else { chunk.span };
    let old = text.slice(span);
    let mut new = without_instructions(&block.text, subject.language);
    if keeps_name {
        new = keep_lead(subject, new);
    }
    if let Some(line) = elision(&new, &old, subject.language) {
        return Err(EditError::Elided { model: model.to_owned(), line });
    }
    let new = fit_in(&new, &old, text, subject.language);
    let edits = smallest_edits(&old, &new, span.start);
    if edits.is_empty() {
        return Err(EditError::NoChange { model: model.to_owned(), name: subject.label() });
    }
    let checked = check_syntax(text, subject.tree.as_ref(), subject.language, &edits, &subject.path, model)?;
    if keeps_name
        && !chunk.name.is_empty()
        && let (Some(old), Some(tree)) = (&checked.before, &checked.tree)
    {
        let path = subject.chunks.path(subject.focus);
        let chunks = Chunks::clone(&subject.chunks).cut_again(&checked.text, old, tree, &checked.edits);
        if !chunks.definitions().any(|(id, found)| found.name == chunk.name && chunks.path(id) == path) {
            return Err(EditError::Lost { model: model.to_owned(), name: subject.label() });
        }
    }
    Ok(edits)
}

/// Models like to leave out the documentation and attributes above what they change: then these stay as they were.
fn keep_lead(subject: &Subject, new: String) -> String {
    let chunk = subject.chunk();
    let lead = subject.text.slice(Span::new(chunk.span.start, chunk.item.start));
    let lead = without_instructions(lead.trim_end(), subject.language);
    let Some(language) = subject.language.filter(|_| !lead.trim().is_empty()) else { return new };
    let code = Text::from(new.as_str());
    let tree = Tree::parse(&code, language, None, None);
    let chunks = Chunks::cut(&code, tree.as_ref());
    let bare = chunks
        .definitions()
        .find(|(_, found)| found.name == chunk.name)
        .is_some_and(|(_, found)| code.slice(Span::new(0, found.item.start)).trim().is_empty());
    if !bare {
        return new;
    }
    let indent = indent_of(&new);
    let line = subject.text.line_start(subject.text.line_of(chunk.span.start));
    let own = subject.text.slice(Span::new(line, chunk.span.start));
    let moved = |line: &str| format!("{indent}{}\n", line.strip_prefix(&*own).unwrap_or(line));
    let lead: String = lead.lines().map(moved).collect();
    lead + new.trim_start_matches(['\n', '\r'])
}

/// Whether the first line lost its indentation and the others kept theirs.
fn only_first_dedented(new: &str, have: &str, want: &str) -> bool {
    let rest = || new.lines().skip(1).filter(|line| !line.trim().is_empty());
    let blanks = |line: &str| line.len() - line.trim_start().len();
    let least = rest().map(blanks).min().unwrap_or(0);
    let closes = rest().last().is_some_and(|line| line.trim_start().starts_with(['}', ')', ']']));
    have.is_empty() && !want.is_empty() && (least > want.len() || (closes && least == want.len()))
}

/// Numbers of the lines that start within a string of several lines.
fn lines_in_strings(code: &str, language: Option<&'static Language>) -> HashSet<usize> {
    let text = Text::from(code);
    let Some(tree) = language.and_then(|language| Tree::parse(&text, language, None, None)) else {
        return HashSet::new();
    };
    let mut found = HashSet::new();
    let mut cursor = tree.root().walk();
    loop {
        let node = cursor.node();
        let is_string = matches!(node.kind(), "string_literal" | "raw_string_literal" | "string" | "template_string");
        if is_string {
            found.extend(text.line_of(node.start_byte()) + 1..=text.line_of(node.end_byte()));
        }
        if !is_string && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return found;
            }
        }
    }
}

/// The first comment that stands for code which was left out, if the old text has no such line.
fn elision(new: &str, old: &str, language: Option<&Language>) -> Option<String> {
    const MARKS: &[&str] =
        &["unchanged", "existing", "rest of", "remains the same", "remain the same", "omitted", "same as before"];
    let comment = language.map_or("#", |language| language.line_comment);
    new.lines().map(str::trim).find_map(|line| {
        let inner =
            line.strip_prefix(comment).or_else(|| line.strip_prefix("/*").map(|rest| rest.trim_end_matches("*/")));
        let bare = matches!(line, "..." | "…");
        let inner = inner.map(|inner| inner.trim().to_lowercase());
        let elides = inner.is_some_and(|inner| {
            let dots =
                inner.starts_with("...") || inner.starts_with('…') || inner.ends_with("...") || inner.ends_with('…');
            let short = inner.split_whitespace().count() <= 10;
            short && (MARKS.iter().any(|mark| inner.contains(mark)) || dots)
        });
        ((elides || bare) && !old.lines().any(|old| old.trim() == line)).then(|| line.to_owned())
    })
}

/// The blanks before the first line that has more than blanks.
fn indent_of(code: &str) -> &str {
    let first = code.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    &first[..first.len() - first.trim_start_matches([' ', '\t']).len()] // what trimming took off
}

/// The test code of an answer, for a file with the text `current`: tests that are there already are left out, and those
/// whose names are taken get another.
///
/// # Errors
/// [`EditError::NoEdit`], [`EditError::WrongChunk`], and [`EditError::TestsThere`] when nothing is left.
pub fn read_tests(answer: &str, model: &str, place: &TestPlace, current: &Text) -> Result<String, EditError> {
    let code = Text::from(one_block(answer, TESTS_ID, model)?.text.as_str());
    let Some(language) = crate::syntax::by_path(place.path.as_ref()) else { return Ok(code.to_text()) };
    let tree = Tree::parse(&code, language, None, None);
    let chunks = Chunks::cut(&code, tree.as_ref());
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let there = words(&current.to_text());
    let mut taken: Vec<String> = place.taken.clone();
    let (mut edits, mut left) = (Vec::new(), 0);
    for id in chunks.children(ChunkId::FILE) {
        let chunk = chunks.get(id);
        let Some(body) = chunk.body.filter(|_| !chunk.name.is_empty()) else { continue };
        if there.contains(&words(&code.slice(body))) {
            edits.push(Edit::new(chunk.span, ""));
            continue;
        }
        left += 1;
        let name = chunk.name.to_string();
        let free = std::iter::once(name.clone())
            .chain((2..).map(|number| format!("{name}_{number}")))
            .find(|name| !taken.contains(name))
            .unwrap_or_else(|| name.clone());
        if free != name {
            edits.push(Edit::new(chunk.name_span, free.clone()));
        }
        taken.push(free);
    }
    if left == 0 && !edits.is_empty() {
        return Err(EditError::TestsThere { path: place.path.clone() });
    }
    Ok(crate::text::apply_edits(&code, &edits).to_text())
}

/// The text of a new file at `path`: what the answer holds, with a line end at its end.
///
/// # Errors
/// [`EditError::NoEdit`] and [`EditError::WrongChunk`].
pub fn read_new_file(answer: &str, path: &str, model: &str) -> Result<String, EditError> {
    let Block { id, text } = one_block(answer, NEW_FILE_ID, model)?;
    if id.is_empty() && path.ends_with(".md") {
        // a fenced block is a piece of such a file
        return Err(EditError::NoEdit { model: model.to_owned(), said: beginning(answer) });
    }
    Ok(format!("{}\n", text.trim_start_matches('\n').trim_end()))
}

fn one_block(answer: &str, id: &str, model: &str) -> Result<Block, EditError> {
    let mut blocks = read_answer(answer);
    if let Some(wrong) = blocks.iter().find(|block| !block.id.is_empty() && block.id != id) {
        return Err(EditError::WrongChunk { model: model.to_owned(), id: wrong.id.clone() });
    }
    match (blocks.pop(), blocks.is_empty()) {
        (Some(block), true) if !block.text.trim().is_empty() => Ok(block),
        _ => Err(EditError::NoEdit { model: model.to_owned(), said: beginning(answer) }),
    }
}

/// The first words of an answer, on one line.
fn beginning(answer: &str) -> String {
    const MOST: usize = 160;
    let line = crate::policy::mask_secrets(answer).0.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return "(nothing)".to_owned();
    }
    let cut: String = line.chars().take(MOST).collect();
    if cut.len() < line.len() { cut + "…" } else { cut }
}

/// `new` with the indentation, line endings and last line end of `old`.
fn fit_in(new: &str, old: &str, text: &Text, language: Option<&'static Language>) -> String {
    let (have, want) = (indent_of(new), indent_of(old));
    let new = new.trim_start_matches(['\n', '\r']).trim_end();
    let as_shown = only_first_dedented(new, have, want);
    let inside = lines_in_strings(new, language);
    let ending = text.line_ending().as_str();
    let mut out = String::with_capacity(new.len() + 64);
    for (number, line) in new.lines().enumerate() {
        if number > 0 {
            out.push_str(ending);
        }
        if line.trim().is_empty() && !inside.contains(&number) {
            continue;
        }
        // a line within a string is no matter of indentation
        if inside.contains(&number) || (as_shown && number > 0) {
            out.push_str(line);
            continue;
        }
        // the block moved as a whole: a line that is indented less than its first keeps what it has
        match line.strip_prefix(have) {
            Some(rest) => {
                out.push_str(want);
                out.push_str(rest);
            }
            None => out.push_str(line),
        }
    }
    let tail = &old[old.trim_end().len()..]; // trimming leaves a prefix
    out.push_str(tail);
    out
}

/// A text after edits that were checked.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The text afterwards.
    pub text: Text,
    /// Its tree; `None` without a grammar.
    pub tree: Option<Tree>,
    /// The tree before, told of the edits.
    before: Option<Tree>,
    /// The edits from the last to the first, so that each speaks of the text that the one before it left.
    edits: Vec<Edit>,
}

/// Applies `edits` to a text, in memory, and refuses them when the result has more faults than the text had. `tree` is
/// the text's, if there is one already; the new tree is made from it, which takes far less than parsing afresh.
///
/// # Errors
/// [`EditError::Syntax`].
pub fn check_syntax(
    before: &Text,
    tree: Option<&Tree>,
    language: Option<&'static Language>,
    edits: &[Edit],
    path: &str,
    model: &str,
) -> Result<Checked, EditError> {
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span));
    let parsed = || Tree::parse(before, language?, None, None);
    let mut told = tree.cloned().or_else(parsed);
    let had = told.as_ref().map_or(0, |tree| faults(tree.root()));
    let mut text = before.clone();
    for edit in &edits {
        let older = text.clone();
        text.replace(edit.span, &edit.text);
        if let Some(tree) = &mut told {
            tree.edit(edit, &older, &text);
        }
    }
    let tree = language.and_then(|language| Tree::parse(&text, language, told.as_ref(), None));
    if let Some(tree) = tree.as_ref().filter(|tree| faults(tree.root()) > had) {
        let line = crate::syntax::first_fault(tree).map_or(1, |at| text.line_of(at) + 1);
        return Err(EditError::Syntax { model: model.to_owned(), path: path.to_owned(), line });
    }
    Ok(Checked { text, tree, before: told, edits })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::by_name;
    use crate::text::apply_edits;
    use std::sync::Arc;

    fn subject(source: &str, name: &str) -> Subject {
        let language = by_name("rust");
        let text = Text::from(source);
        let tree = Tree::parse(&text, language.unwrap(), None, None);
        let chunks = Arc::new(Chunks::cut(&text, tree.as_ref()));
        let (focus, chunk) = chunks.definitions().find(|(_, chunk)| &*chunk.name == name).unwrap();
        let selection = Span::new(chunk.item.start, chunk.item.start);
        Subject { path: "a.rs".into(), language, text, tree, focus, selection, chunks }
    }

    fn check(source: &str, answer: &str, after: Result<&str, &str>) {
        let subject = subject(source, "f");
        let edits = replace_focus(&subject, answer, "m", true);
        let result = edits.map(|edits| apply_edits(&subject.text, &edits).to_text()).map_err(|error| error.to_string());
        match (result, after) {
            (Ok(result), Ok(after)) => assert_eq!(result, after),
            (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
            (result, after) => panic!("{result:?} is not {after:?}"),
        }
    }

    #[test]
    fn the_focus_is_replaced_in_its_own_style() {
        let replace = |code: &str| format!("<replace id=\"c1\">\n{code}\n</replace>\n");
        check("fn a() {}\nfn f() { 1; }\n", &replace("fn f() { 2; }"), Ok("fn a() {}\nfn f() { 2; }\n"));
        check(
            "impl A {\r\n    /// Doc.\r\n    fn f() {\r\n        1;\r\n    }\r\n}\r\n",
            &replace("/// Doc.\nfn f() {\n    2;\n\n    3;\n}"),
            Ok("impl A {\r\n    /// Doc.\r\n    fn f() {\r\n        2;\r\n\r\n        3;\r\n    }\r\n}\r\n"),
        );
        check(
            "impl A {\n    fn f() {\n        g(\"a\n  b\nc\");\n    }\n}\n",
            &replace("fn f() {\n    h(\"a\n  b\nc\");\n}"),
            Ok("impl A {\n    fn f() {\n        h(\"a\n  b\nc\");\n    }\n}\n"),
        );
        check(
            "impl A {\n    fn f() {\n        1;\n    }\n}\n",
            &replace("fn f() {\n        2;\n    }"),
            Ok("impl A {\n    fn f() {\n        2;\n    }\n}\n"),
        );
        check(
            "/// Doc.\n#[inline]\nfn f() { 1; }\n",
            &replace("fn f() { 2; }"),
            Ok("/// Doc.\n#[inline]\nfn f() { 2; }\n"),
        );
        check("/// Doc.\nfn f() { 1; }\n", &replace("/// New.\nfn f() { 1; }"), Ok("/// New.\nfn f() { 1; }\n"));
        check("// whittle: two\nfn f() { 1; }\n", &replace("// whittle: two\nfn f() { 2; }"), Ok("fn f() { 2; }\n"));
    }

    #[test]
    fn what_is_no_edit_is_refused() {
        let source = "fn f() { 1; }\n";
        check(source, "As an AI model, I can't.", Err("it said: “As an AI model, I can't.”"));
        check(source, "", Err("(nothing)"));
        check(source, "<replace id=\"c1\">\nfn f() { 2;\n</replace>", Err("does not parse (line 1 of a.rs)"));
        check(source, "<replace id=\"c9\">\nfn f() {}\n</replace>", Err("`c9`"));
        check(source, "<replace id=\"c1\">\nfn g() {}\n</replace>", Err("no longer defines `f`"));
        check(
            source,
            "<replace id=\"c1\">\nfn f() {\n    // ... existing code ...\n    2;\n}\n</replace>",
            Err("left code out (“// ... existing code ...”)"),
        );
        check(source, "<replace id=\"c1\">\nfn f() { 1; }\n</replace>", Err("nothing to change"));
    }
}
