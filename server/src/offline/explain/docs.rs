//! Documentation comments without their marks.

use super::source::{Source, is_comment};
use super::words::cut;
use crate::chunks::Chunk;
use crate::context::Subject;
use crate::syntax::Node;
use crate::text::Span;

/// How much of a documentation's first paragraph is quoted, in characters.
const PARAGRAPH: usize = 500;

/// The first paragraph of a chunk's documentation.
pub(super) fn of_chunk(subject: &Subject, chunk: &Chunk) -> Option<String> {
    let text = match chunk.doc {
        Some(doc) => python_string(&subject.text.slice(doc)),
        None => comments(&subject.text.slice(Span::new(chunk.span.start, chunk.item.start))),
    };
    let paragraph = first_paragraph(&text)?;
    Some(if paragraph.chars().count() > PARAGRAPH { until_sentence(&paragraph) } else { paragraph })
}

/// The first sentence of a chunk's documentation; empty without any.
pub(super) fn sentence(subject: &Subject, chunk: &Chunk) -> String {
    of_chunk(subject, chunk).map(|text| first_sentence(&text)).unwrap_or_default()
}

/// The first sentence of the comments directly above a node.
pub(super) fn above(source: &Source<'_>, node: Node<'_>) -> String {
    let mut pieces: Vec<&str> = Vec::new();
    let mut below = node;
    while let Some(comment) = below.prev_named_sibling() {
        let attribute = matches!(comment.kind(), "attribute_item" | "visibility_modifier" | "decorator");
        if !attribute && !is_comment(comment.kind()) {
            break;
        }
        // Rust's line comments hold their line break
        let end = comment.start_byte() + source.text(comment).trim_end().len();
        let gap = source.slice(end, below.start_byte());
        let own_line =
            source.slice(0, comment.start_byte()).rsplit('\n').next().is_none_or(|line| line.trim().is_empty());
        if gap.matches('\n').count() > 1 || !gap.trim().is_empty() || (!own_line && !attribute) {
            break;
        }
        if !attribute {
            pieces.push(source.text(comment).trim_end());
        }
        below = comment;
    }
    pieces.reverse();
    first_paragraph(&comments(&pieces.join("\n"))).map(|text| first_sentence(&text)).unwrap_or_default()
}

/// The first paragraph of the documentation at the start of a file.
pub(super) fn of_file(source: &Source<'_>) -> Option<String> {
    let mut pieces = Vec::new();
    let mut cursor = source.tree.root().walk();
    for node in source.tree.root().named_children(&mut cursor) {
        let text = source.text(node);
        match node.kind() {
            "hash_bang_line" | "shebang" | "inner_attribute_item" => {}
            "expression_statement" if pieces.is_empty() && text.ends_with(['"', '\'']) => {
                return first_paragraph(&python_string(text));
            }
            kind if is_comment(kind) && (text.starts_with("//!") || text.starts_with("/*!")) => {
                pieces.push(text.trim_end())
            }
            kind if is_comment(kind) => {}
            _ => break,
        }
    }
    first_paragraph(&comments(&pieces.join("\n")))
}

/// The text of the documentation comments among `text`, or of plain comments when there are no others.
fn comments(text: &str) -> String {
    let mut docs = Vec::new();
    let mut plain = Vec::new();
    let mut block: Option<bool> = None; // inside `/* */`; true for `/** */`
    for line in text.lines() {
        let line = line.trim();
        if let Some(doc) = block {
            let (inside, ends) = line.split_once("*/").map_or((line, false), |(inside, _)| (inside, true));
            let star = inside.strip_prefix('*').filter(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '/']));
            let inside = star.unwrap_or(inside).trim();
            if doc {
                docs.push(inside)
            } else {
                plain.push(inside)
            }
            if ends {
                block = None;
            }
        } else if let Some(rest) = line.strip_prefix("/*") {
            let doc = rest.starts_with(['*', '!']) && !rest.starts_with("*/");
            let rest = rest.trim_start_matches(['*', '!']);
            let (inside, ends) = rest
                .split_once("*/")
                .or(rest.strip_suffix('/').map(|rest| (rest, "")))
                .map_or((rest, false), |(inside, _)| (inside, true));
            if doc {
                docs.push(inside.trim())
            } else {
                plain.push(inside.trim())
            }
            block = (!ends).then_some(doc);
        } else if let Some(rest) = line.strip_prefix("///").filter(|rest| !rest.starts_with('/')) {
            docs.push(rest.trim());
        } else if let Some(rest) = line.strip_prefix("//!") {
            docs.push(rest.trim());
        } else if let Some(rest) =
            line.strip_prefix("//").or_else(|| line.strip_prefix('#').filter(|rest| !rest.starts_with(['[', '!'])))
        {
            plain.push(rest.trim_start_matches(['/', '#', ':']).trim());
        }
    }
    if docs.is_empty() {
        docs = plain
    }
    docs.join("\n")
}

/// The inside of a Python string literal.
fn python_string(text: &str) -> String {
    let text = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let inside = ["\"\"\"", "'''", "\"", "'"]
        .iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(text);
    inside.to_owned()
}

/// A comment for a tool, not for a reader.
fn is_directive(line: &str) -> bool {
    [
        "eslint",
        "prettier-",
        "istanbul ",
        "c8 ",
        "node:coverage",
        "tslint:",
        "noqa",
        "pylint:",
        "type:",
        "region ",
        "endregion",
    ]
    .iter()
    .any(|start| line.starts_with(start))
}

fn first_paragraph(text: &str) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim) {
        let rule = !line.is_empty() && line.chars().all(|c| matches!(c, '-' | '=' | '*' | '~' | '#' | '+'));
        let tag =
            line.starts_with('@') || line.starts_with("```") || line.starts_with(">>>") || line.starts_with("# Safety");
        let item = line.starts_with("- ") || line.starts_with("* ") || line.starts_with('|');
        let list = !words.is_empty() && item;
        if tag || list || is_directive(line) || (line.is_empty() && !words.is_empty()) {
            break;
        }
        if line.is_empty() || rule || line.starts_with("<!--") {
            continue;
        }
        words.push(line.trim_start_matches('#').trim().to_owned());
    }
    let mut text = plain(&words.join(" "));
    if text.ends_with(':') {
        // what it announces is not quoted
        if let Some(at) = text.rfind(". ") {
            text.truncate(at + 1);
        }
    }
    (text.chars().any(char::is_alphanumeric)).then_some(text)
}

/// Links that only a documentation tool resolves become their text.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    loop {
        let rust = rest.find("[`");
        let jsdoc = rest.find("{@link");
        match (rust, jsdoc) {
            (Some(at), other) if other.is_none_or(|other| at < other) => {
                out.push_str(&rest[..at]); // `at` was found in `rest`
                let tail = &rest[at + 1..];
                let Some((inside, after)) = tail.split_once("`]") else {
                    out.push_str(&rest[at..]);
                    return out;
                };
                out.push_str(inside);
                out.push('`');
                let closed =
                    |open: char, close: char| after.strip_prefix(open)?.split_once(close).map(|(_, after)| after);
                rest = closed('(', ')').or_else(|| closed('[', ']')).unwrap_or(after);
            }
            (_, Some(at)) => {
                out.push_str(&rest[..at]); // as above
                let tail = &rest[at + "{@link".len()..];
                let Some((inside, after)) = tail.split_once('}') else {
                    out.push_str(&rest[at..]);
                    return out;
                };
                let inside = inside.trim_start_matches("code").trim_start_matches("plain").trim();
                let name = inside.split_once([' ', '|']).map_or(inside, |(_, name)| name.trim());
                out.push_str(&format!("`{name}`"));
                rest = after;
            }
            _ => {
                out.push_str(rest);
                return out;
            }
        }
    }
}

/// The text up to its first full stop.
pub(super) fn first_sentence(text: &str) -> String {
    let mut in_code = false;
    for (at, c) in text.char_indices() {
        in_code ^= c == '`';
        let rest = &text[at..]; // `at` is a character's start
        let short = ["e.g", "i.e", "etc", "vs", "cf", "approx"].iter().any(|word| text[..at].ends_with(word));
        if c == '.' && !in_code && !short && rest[1..].starts_with(' ') {
            return cut(&text[..=at], 160);
        }
    }
    cut(text, 160)
}

/// As many whole sentences as a quotation may hold.
fn until_sentence(text: &str) -> String {
    let short: String = text.chars().take(PARAGRAPH).collect();
    match short.rfind(". ") {
        Some(at) => format!("{}. …", &short[..at]), // `at` was found in `short`
        None => cut(text, PARAGRAPH),
    }
}
