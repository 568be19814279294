//! New text for a chunk, made to fit where the old one stands. In: what an answer gives for a chunk, as sloppy as models are.
//! Out: the text that goes there, in the file's own indentation and line ends. Never takes more than the chunk.

use std::collections::HashSet;

use super::elision;
use super::fault::{Fault, beginning};
use super::place::{indent_of, rejoin, step_of};
use super::proposal::Step;
use crate::chunks::{ChunkKind, Chunks};
use crate::context::Subject;
use crate::policy::mask_secrets;
use crate::prompt::without_instructions;
use crate::syntax::{Language, Node, Tree};
use crate::text::{Span, Text};

/// What stands in a context for a secret.
const HELD_BACK: &str = "[secret held back]";

/// What becomes of a chunk.
pub(super) struct NewChunk {
    /// What is replaced: from the start of its line, as the prompt showed it.
    pub(super) span: Span,
    pub(super) text: String,
    pub(super) step: Step,
    /// Code was left out and put back: then no definition may be lost.
    pub(super) expanded: bool,
    /// Lines above the chunk's own that belong to the imports of the file.
    pub(super) imports: Vec<String>,
}

/// Makes `answer` the text of the chunk at `chunk` in the subject's file. `keep_lead`: documentation that the answer leaves
/// out stays.
pub(super) fn renew(
    subject: &Subject,
    chunk: Span,
    answer: &str,
    keep_lead: bool,
    step: Step,
) -> Result<NewChunk, Fault> {
    let text = &subject.text;
    let line = text.line_start(text.line_of(chunk.start));
    let indented = text.slice(Span::new(line, chunk.start)).chars().all(char::is_whitespace);
    let span = if indented { Span::new(line, chunk.end) } else { chunk };
    let old = text.slice(span);
    let (mut new, mut step) = (without_instructions(answer, subject.language), step);
    let is_focus = chunk == subject.chunk().span && !subject.chunk().name.is_empty();
    let mut imports = Vec::new();
    if let (Some(language), true) = (subject.language, is_focus) {
        if let Some(inner) = unwrap(subject, &new, language)? {
            (new, step) = (inner, Step::Tree);
        }
        (imports, new) = split_imports(subject, new, language);
        if keep_lead {
            new = with_lead(subject, new, language);
        }
    }
    let mut new = fit_in(&new, &old, text, subject.language);
    let left_out = elision::find(&new, &old, subject.language).map(str::to_owned);
    if let Some(line) = &left_out {
        let whole = elision::expand(&new, &old, subject.language);
        new = whole.ok_or_else(|| Fault::Elided { line: line.clone() })?;
    }
    let new = restore_secrets(new, &old)?;
    let lines: Vec<String> = new.lines().map(str::to_owned).collect();
    let tail = old.get(old.trim_end().len()..).unwrap_or_default(); // trimming leaves a prefix
    let above = text.slice(Span::new(text.line_start(text.line_of(line).saturating_sub(1)), line));
    let bare = rejoin(&old, &lines, &above);
    let text = without_doubled(bare.trim_end(), &old, &subject.text, chunk.end).to_owned() + tail;
    Ok(NewChunk { span, text, step, expanded: left_out.is_some(), imports })
}

/// `new` without the comma or semicolon at its end that the old text has not: the one that follows it in the file is it.
fn without_doubled<'a>(new: &'a str, old: &str, file: &Text, end: usize) -> &'a str {
    let behind = file.slice(Span::new(end, file.len()));
    let follows = behind.trim_start().chars().next();
    match new.chars().next_back().filter(|last| matches!(last, ',' | ';') && follows == Some(*last)) {
        Some(last) if !old.trim_end().ends_with(last) => new.trim_end_matches(last).trim_end(),
        _ => new,
    }
}

/// The focus's own text where the answer repeats what is around it: `impl A { fn f() {} }` for `f`. Whatever else it
/// repeats has to be as it was.
fn unwrap(subject: &Subject, new: &str, language: &'static Language) -> Result<Option<String>, Fault> {
    let path = subject.chunks.path(subject.focus);
    let Some(around) = subject.chunks.ancestors(subject.focus).last() else { return Ok(None) };
    let code = Text::from(new);
    let tree = Tree::parse(&code, language, None, None);
    let chunks = Chunks::cut(&code, tree.as_ref());
    let mut found =
        chunks.definitions().filter(|(id, chunk)| chunk.name == subject.chunk().name && chunks.path(*id) == path);
    let Some((id, chunk)) = found.next().filter(|(id, _)| chunks.ancestors(*id).next().is_some()) else {
        return Ok(None);
    };
    if found.any(|(other, _)| chunks.ancestors(other).all(|above| above != id)) {
        return Ok(None);
    }
    let old = subject.text.slice(subject.chunks.get(around).span);
    let known: HashSet<&str> = old.lines().map(str::trim).collect();
    let start = code.line_start(code.line_of(chunk.span.start));
    let rest = [Span::new(0, start), Span::new(chunk.span.end, code.len())];
    for part in rest {
        let part = code.slice(part);
        let is_known =
            |line: &&str| line.is_empty() || known.contains(line) || elision::is_elision(line, Some(language));
        if let Some(line) = part.lines().map(str::trim).find(|line| !is_known(line)) {
            let at = subject.line(subject.chunks.get(around).span.start);
            return Err(Fault::Outside { path: subject.path.clone(), line: at, text: beginning(line) });
        }
    }
    Ok(Some(code.slice(Span::new(start, chunk.span.end)).into_owned()))
}

/// Whether a node takes names from other files.
pub(super) fn is_import(kind: &str) -> bool {
    const KINDS: &[&str] = &[
        "use_declaration",
        "extern_crate_declaration",
        "import_statement",
        "import_from_statement",
        "future_import_statement",
        "import_declaration",
        "import_header",
        "import_list",
        "preproc_include",
        "using_directive",
        "namespace_use_declaration",
    ];
    KINDS.contains(&kind)
}

/// Imports that stand above the chunk's own text, and the text without them: imports belong to the others of the file.
/// Where the file has none, all stays.
fn split_imports(subject: &Subject, new: String, language: &'static Language) -> (Vec<String>, String) {
    let top = |kind: &str| is_import(kind) || matches!(kind, "package_clause" | "package_declaration");
    let is_mod = |node: &Node<'_>| node.kind() == "mod_item" && node.child_by_field_name("body").is_none();
    // in a module of its own they belong to that module
    let in_module = subject.chunks.ancestors(subject.focus).any(|id| subject.chunks.get(id).kind == ChunkKind::Module);
    if subject.chunk().kind == ChunkKind::File || in_module {
        return (Vec::new(), new);
    }
    let code = Text::from(new.as_str());
    let Some(tree) = Tree::parse(&code, language, None, None) else { return (Vec::new(), new) };
    let root = tree.root();
    let may_lead = |node: &Node<'_>| top(node.kind()) || node.kind() == ";" || is_mod(node);
    if !root.child(0).is_some_and(|first| may_lead(&first)) {
        return (Vec::new(), new);
    }
    let whole = subject.text.to_text();
    let known: HashSet<&str> = whole.lines().map(str::trim).collect();
    let has = |is: &dyn Fn(&Node<'_>) -> bool| {
        subject.tree.as_ref().is_some_and(|tree| tree.root().children(&mut tree.root().walk()).any(|node| is(&node)))
    };
    let has_imports = has(&|node| is_import(node.kind()));
    if !has(&|node| top(node.kind()) || is_mod(node)) {
        return (Vec::new(), new);
    }
    let mut end = 0;
    // a module's file is named once: again it would be defined twice
    let again = |node: &Node<'_>| is_mod(node) && known.contains(&*code.slice(Span::from(node.byte_range())));
    let leads = |node: &Node<'_>| top(node.kind()) || node.kind() == ";" || again(node);
    for node in root.children(&mut root.walk()).take_while(leads) {
        end = code.line_start(code.line_of(node.end_byte().saturating_sub(1)) + 1);
    }
    if end == 0 {
        return (Vec::new(), new);
    }
    let head = code.slice(Span::new(0, end));
    let lines = head.lines().filter(|line| !line.trim().is_empty() && !known.contains(line.trim()));
    let lines: Vec<String> = lines.map(str::to_owned).collect();
    if !has_imports && !lines.is_empty() {
        return (Vec::new(), new);
    }
    (lines, code.slice(Span::new(end, code.len())).into_owned())
}

/// Where imports that are new go: the line behind the last one of the file that stands at its top level.
pub(super) fn imports_end(subject: &Subject) -> Option<usize> {
    let root = subject.tree.as_ref()?.root();
    let last = root.children(&mut root.walk()).filter(|node| is_import(node.kind())).last()?;
    let line = subject.text.line_of(last.end_byte().saturating_sub(1));
    Some(subject.text.line_start(line + 1))
}

/// Models like to leave out the documentation and attributes above what they change: then these stay as they were.
fn with_lead(subject: &Subject, new: String, language: &'static Language) -> String {
    let chunk = subject.chunk();
    // decorators and annotations are a part of the item itself, on lines above its name
    let name_line = subject.text.line_start(subject.text.line_of(chunk.name_span.start));
    let decorated = subject.text.slice(chunk.item).starts_with('@') && name_line > chunk.item.start;
    let end = if decorated { name_line } else { chunk.item.start };
    let lead = subject.text.slice(Span::new(chunk.span.start, end));
    let lead = without_instructions(lead.trim_end(), Some(language));
    if lead.trim().is_empty() {
        return new;
    }
    let code = Text::from(new.as_str());
    let tree = Tree::parse(&code, language, None, None);
    let chunks = Chunks::cut(&code, tree.as_ref());
    // under another name it is the first of its kind
    let named = chunks.definitions().find(|(_, found)| found.name == chunk.name);
    let found = named.or_else(|| chunks.definitions().next().filter(|(_, found)| found.kind == chunk.kind));
    let bare = found.is_some_and(|(_, found)| {
        let above = code.slice(Span::new(0, found.item.start));
        above.trim().is_empty() && !(decorated && code.slice(found.item).starts_with('@'))
    });
    if !bare {
        return new;
    }
    let indent = first_indent(&new);
    let line = subject.text.line_start(subject.text.line_of(chunk.span.start));
    let own = subject.text.slice(Span::new(line, chunk.span.start));
    let moved = |line: &str| format!("{indent}{}\n", line.strip_prefix(&*own).unwrap_or(line));
    let lead: String = lead.lines().map(moved).collect();
    lead + new.trim_start_matches(['\n', '\r'])
}

/// Lines in which a secret was held back get it again; a secret that would be replaced by what stood for it is a fault.
fn restore_secrets(new: String, old: &str) -> Result<String, Fault> {
    if !new.contains(HELD_BACK) || old.contains(HELD_BACK) {
        return Ok(new);
    }
    let shown = mask_secrets(old).0;
    let pairs: Vec<(&str, &str)> =
        shown.lines().zip(old.lines()).filter(|(shown, _)| shown.contains(HELD_BACK)).collect();
    let mut out = String::with_capacity(new.len());
    for line in new.lines() {
        let mut same = pairs.iter().filter(|(shown, _)| shown.trim() == line.trim());
        let own = same
            .next()
            .filter(|(_, own)| same.all(|(_, other)| other == own) && shown.lines().count() == old.lines().count());
        match own {
            Some((_, own)) => out.push_str(own),
            None if line.contains(HELD_BACK) => {
                let what = "it changes a line with a secret that it was not shown".to_owned();
                return Err(Fault::Form { what });
            }
            None => out.push_str(line),
        }
        out.push('\n');
    }
    Ok(out)
}

/// The blanks before the first line that has more than blanks.
fn first_indent(code: &str) -> &str {
    indent_of(code.lines().find(|line| !line.trim().is_empty()).unwrap_or_default())
}

/// Whether the first line lost its indentation and the others, in the file's blanks, kept theirs.
fn only_first_dedented(new: &[String], have: &str, want: &str) -> bool {
    let rest = || new.iter().skip(1);
    let blanks = |line: &String| line.len() - line.trim_start().len();
    let least = rest().map(blanks).min().unwrap_or(0);
    let closes = rest().last().is_some_and(|line| line.trim_start().starts_with(['}', ')', ']']));
    have.is_empty() && !want.is_empty() && (least > want.len() || (closes && least == want.len()))
}

/// Numbers of the lines that start within a string of several lines. `documents`: also in one that is documentation.
pub(super) fn lines_in_strings(code: &str, language: Option<&'static Language>, documents: bool) -> HashSet<usize> {
    let mut found = HashSet::new();
    if !code.contains(['"', '\'', '`']) {
        return found;
    }
    let text = Text::from(code);
    let Some(tree) = language.and_then(|language| Tree::parse(&text, language, None, None)) else { return found };
    let mut cursor = tree.root().walk();
    loop {
        let node = cursor.node();
        let is_string = matches!(node.kind(), "string_literal" | "raw_string_literal" | "string" | "template_string");
        let is_document = || node.parent().is_some_and(|above| above.kind() == "expression_statement");
        if is_string && (documents || !is_document()) {
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

/// `new` with the indentation of `old`, lines ending with LF.
fn fit_in(new: &str, old: &str, text: &Text, language: Option<&'static Language>) -> String {
    let (have, want) = (first_indent(new), first_indent(old));
    let new = new.trim_start_matches(['\n', '\r']).trim_end();
    let inside = lines_in_strings(new, language, false);
    let known: HashSet<&str> = old.lines().collect();
    let steps = Steps::of(new, old, text, language);
    let code: Vec<String> = indented_code(new, language).lines().map(|line| steps.convert(line)).collect();
    let as_shown = only_first_dedented(&code, have, want);
    let mut out = String::with_capacity(new.len() + 64);
    for (number, line) in new.lines().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        if line.trim().is_empty() && !inside.contains(&number) {
            continue;
        }
        // the block moved as a whole: a line that is indented less than its first keeps what it has
        let moved = || match line.strip_prefix(have) {
            Some(rest) => format!("{want}{}", steps.convert(rest)),
            None => line.to_owned(),
        };
        // a line within a string is no matter of indentation, unless the string moved with the rest, or lost its tabs
        if inside.contains(&number) {
            let was = [line.to_owned(), moved(), steps.convert(line)].into_iter().find(|line| known.contains(&**line));
            out.push_str(was.as_deref().unwrap_or(line));
        } else if as_shown && number > 0 {
            out.push_str(&steps.convert(line));
        } else {
            out.push_str(&moved());
        }
    }
    out.push('\n');
    out
}

/// The lines whose blanks are indentation: not those within strings, nor those of a comment behind its stars.
fn indented_code(code: &str, language: Option<&'static Language>) -> String {
    let inside = lines_in_strings(code, language, true);
    let shows = |number: usize, line: &str| {
        let start = line.trim_start();
        !(start.is_empty() || inside.contains(&number) || start.starts_with('*'))
    };
    let lines = code.lines().enumerate().filter(|(number, line)| shows(*number, line));
    lines.flat_map(|(_, line)| [line, "\n"]).collect()
}

/// Tabs for steps of blanks, or the other way round, where the answer indents with the other kind.
pub(super) enum Steps {
    /// No: it uses the same.
    Same,
    /// So many blanks are a tab.
    ToTabs(usize),
    /// A tab is these blanks.
    ToBlanks(String),
}

impl Steps {
    /// What an answer's lines need to stand among those of `old`, or where that has no step, of the text around it.
    pub(super) fn of(new: &str, old: &str, text: &Text, language: Option<&'static Language>) -> Self {
        const LOOKED_AT: usize = 16_384;
        let indented = |code: &str, kind: char| code.lines().any(|line| line.starts_with(kind));
        let (new, mut own) = (indented_code(new, language), indented_code(old, language));
        if !(indented(&own, '\t') || indented(&own, ' ')) {
            own = indented_code(&text.slice(Span::new(0, text.len().min(LOOKED_AT))), language);
        }
        match (indented(&own, '\t'), indented(&own, ' ')) {
            (true, false) if indented(&new, ' ') && !indented(&new, '\t') => Self::ToTabs(step_of(&new).len()),
            (false, true) if indented(&new, '\t') => Self::ToBlanks(step_of(&own)),
            _ => Self::Same,
        }
    }

    /// A line with the other kind of blanks before it.
    pub(super) fn convert(&self, line: &str) -> String {
        let indent = indent_of(line);
        let code = line.get(indent.len()..).unwrap_or_default();
        match self {
            Self::Same => line.to_owned(),
            Self::ToTabs(width) => {
                let blanks = indent.len();
                format!("{}{}{code}", "\t".repeat(blanks / width), " ".repeat(blanks % width))
            }
            Self::ToBlanks(step) => indent.replace('\t', step) + code,
        }
    }
}
