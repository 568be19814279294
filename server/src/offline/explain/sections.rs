//! The sections that every focus has: title, signature, what it calls, who uses it.

use std::collections::HashSet;

use super::facts::{Fact, Sort};
use super::source::walk;
use super::words::{and, capital, code, count, line_list, some};
use super::{Explainer, Others, Signature, docs, section};
use crate::chunks::{Chunk, ChunkId, ChunkKind, ReferenceKind, references};
use crate::context::Use;
use crate::syntax::{Node, smallest_node};
use crate::text::Span;

/// How many callers and called definitions are listed.
const LISTED: usize = 10;

impl<'a> Explainer<'a> {
    /// Heading, what the focus is, and the first paragraph of its documentation.
    pub(super) fn title(&self, node: Node<'_>) -> String {
        let subject = &self.context.subject;
        let mut out = format!("### {}\n\n{}\n", code(&subject.label()), self.kind_line(node));
        if let Some(doc) = docs::of_chunk(subject, self.chunk) {
            out += &format!("\n> {doc}\n");
        }
        out
    }

    /// "Public async method of `Parser` (`impl Parse for Parser`), 34 lines, src/parse.rs:12–45."
    fn kind_line(&self, node: Node<'_>) -> String {
        let subject = &self.context.subject;
        let traits = self.grammar.traits(self.source, node);
        let mut words = traits.words;
        let parent = subject.chunks.ancestors(subject.focus).next().map(|id| (id, subject.chunks.get(id)));
        let noun = traits.noun.unwrap_or_else(|| self.chunk.kind.word().to_owned());
        let inner = parent.is_some_and(|(_, parent)| {
            matches!(parent.kind, ChunkKind::Function | ChunkKind::Method | ChunkKind::Test)
        });
        if inner && matches!(self.chunk.kind, ChunkKind::Function) {
            words.push("inner".to_owned());
        }
        words.push(noun);
        let mut line = capital(&words.join(" "));
        if self.chunk.kind == ChunkKind::Impl {
            line = match &self.chunk.qualifier {
                Some(qualifier) => format!("Implementation of {} for {}", code(qualifier), code(&self.chunk.name)),
                None => format!("Methods and functions of {}", code(&self.chunk.name)),
            };
        }
        if let Some((id, parent)) = parent {
            line += &self.home(id, parent);
        }
        if self.chunk.test && self.chunk.kind != ChunkKind::Test {
            line += ", there only for tests";
        }
        let item = self.chunk.item;
        let (first, last) = (subject.line(item.start), subject.line(item.end.saturating_sub(1).max(item.start)));
        let place = if first == last { format!("{first}") } else { format!("{first}–{last}") };
        format!("{line}, {}, {}:{place}.", count(last - first + 1, "line", "lines"), subject.path)
    }

    /// What the focus stands in: " of `Parser`", " in module `tests`".
    fn home(&self, id: ChunkId, parent: &Chunk) -> String {
        let chunks = &self.context.subject.chunks;
        let name = code(&chunks.label(id, &self.context.subject.text));
        match (parent.kind, &parent.qualifier) {
            (ChunkKind::Impl, Some(qualifier)) => {
                format!(" of {}, implementing {}", code(&parent.name), code(qualifier))
            }
            (ChunkKind::Impl, None) => format!(" of {}", code(&parent.name)),
            (ChunkKind::Class | ChunkKind::Type | ChunkKind::Interface, _) => format!(" of {name}"),
            (ChunkKind::Test, _) => format!(" in test {name}"),
            (kind, _) => format!(" in {} {name}", kind.word()),
        }
    }

    pub(super) fn signature(&self, signature: &Signature) -> String {
        let mut sentences = Vec::new();
        if let Some(receiver) = &signature.receiver {
            sentences.push(format!("{}.", capital(receiver)));
        }
        let mut list = String::new();
        let parameters = &signature.parameters;
        let named = |parameter: &super::Parameter| match &parameter.words {
            Some(words) => format!("{}, {words}", parameter.name),
            None => parameter.name.clone(),
        };
        if parameters.is_empty() {
            if self.chunk.kind == ChunkKind::Function {
                sentences.push("Takes no arguments.".to_owned());
            }
        } else if parameters.iter().all(|one| one.words.as_ref().is_none_or(|words| words.starts_with("by default"))) {
            let default = |words: &String| format!(" ({words})");
            let names =
                parameters.iter().map(|one| one.name.clone() + &one.words.as_ref().map(default).unwrap_or_default());
            sentences.push(format!("Takes {}.", and(&names.collect::<Vec<_>>())));
        } else if parameters.len() > 3 {
            sentences.push(format!("Takes {}:", count(parameters.len(), "parameter", "parameters")));
            for parameter in parameters {
                let words = parameter.words.as_ref().map_or(String::new(), |words| format!(": {words}"));
                list += &format!("- {}{words}\n", parameter.name);
            }
        } else {
            let names: Vec<String> = parameters.iter().map(named).collect();
            let sep = if names.len() > 1 { "; and " } else { "" };
            let (last, first) =
                names.split_last().map_or((String::new(), &[][..]), |(last, first)| (last.clone(), first));
            sentences.push(format!("Takes {}{sep}{last}.", first.join("; ")));
        }
        let mut after = Vec::new();
        after.extend(signature.returned.as_ref().map(|text| format!("{}.", capital(text))));
        after.extend(signature.generics.as_ref().map(|text| format!("{}.", capital(text))));
        let mut out = String::new();
        if list.is_empty() {
            sentences.extend(after);
            if !sentences.is_empty() {
                out = format!("\n{}\n", sentences.join(" "));
            }
        } else {
            out = format!("\n{}\n\n{list}", sentences.join(" "));
            if !after.is_empty() {
                out += &format!("\n{}\n", after.join(" "));
            }
        }
        out
    }

    /// The assertions of a test.
    pub(super) fn checks(&self, facts: &[Fact]) -> String {
        let lines: Vec<&Fact> = facts.iter().filter(|fact| fact.sort == Sort::Asserts).collect();
        let mut out = String::new();
        for fact in lines.iter().take(LISTED) {
            out += &format!("- {} (line {})\n", code(&fact.text), fact.line);
        }
        if let Some(rest) = lines.get(LISTED..).filter(|rest| !rest.is_empty()) {
            let at: Vec<usize> = rest.iter().map(|fact| fact.line).collect();
            out += &format!("- {} ({})\n", count(rest.len(), "more", "more"), line_list(&at));
        }
        out
    }

    /// Calls of the focus by itself, where the tree leaves no doubt.
    pub(super) fn recursion(&self) -> Vec<Fact> {
        let subject = &self.context.subject;
        let parent = subject.chunks.ancestors(subject.focus).next().map(|id| subject.chunks.get(id));
        let free = self.chunk.kind == ChunkKind::Function;
        // a trait's method may meet an inherent one of the same name; a method may be overridden
        let own = parent.is_some_and(|parent| parent.kind == ChunkKind::Impl && parent.qualifier.is_none());
        let Some(body) = self.chunk.body.filter(|_| free || own) else { return Vec::new() };
        references(self.source.tree, &subject.text, body)
            .into_iter()
            .filter(|reference| *reference.name == *self.chunk.name)
            .filter(|reference| {
                let before = reference.qualifier.map_or("", |span| self.source.slice(span.start, span.end));
                match reference.kind {
                    ReferenceKind::Call => {
                        if free {
                            before.is_empty()
                        } else {
                            before == "Self"
                        }
                    }
                    ReferenceKind::Method => !free && before == "self",
                    _ => false,
                }
            })
            .map(|call| Fact { sort: Sort::Recursion, line: subject.line(call.span.start), text: String::new() })
            .collect()
    }

    /// What is called and used within `within`: definitions of the project with their places, then other calls.
    pub(super) fn calls(&self, within: Span, others: Others) -> String {
        let context = self.context;
        let subject = &context.subject;
        let (first, last) = (subject.line(within.start), subject.line(within.end));
        let mut known: HashSet<&str> = HashSet::new();
        known.insert(&self.chunk.name);
        let mut out = String::new();
        let inside = context.definitions.iter().filter(|one| (first..=last).contains(&one.used_at));
        let definitions: Vec<_> = inside.collect();
        for definition in &definitions {
            known.insert(definition.name.rsplit("::").next().unwrap_or(&definition.name));
        }
        for definition in definitions.iter().take(LISTED) {
            let signature: String = definition.signature.chars().take(90).collect();
            let dots = if signature.len() < definition.signature.len() { "…" } else { "" };
            let about = if signature.is_empty() { String::new() } else { format!(": {}", code(&(signature + dots))) };
            out += &format!(
                "- {} {}, {}:{}{about}\n",
                capital(definition.kind.word()),
                code(&definition.name),
                definition.path,
                definition.line
            );
        }
        if let Some(rest) = definitions.get(LISTED..).filter(|rest| !rest.is_empty()) {
            let names: Vec<String> = rest.iter().map(|one| code(&one.name)).collect();
            out += &format!("- {}\n", capital(&some(&names, LISTED)));
        }
        let others = if others == Others::Told { self.other_calls(within, &known) } else { Vec::new() };
        if !others.is_empty() {
            let word = if definitions.is_empty() { "Calls" } else { "Also calls" };
            out += &format!("- {word} {}\n", some(&others, 14));
        }
        section("Calls and uses", &out)
    }

    fn other_calls(&self, within: Span, known: &HashSet<&str>) -> Vec<String> {
        let rust = self.source.tree.language().name == "rust";
        let mut seen = HashSet::new();
        let mut names = Vec::new();
        let mut attributes: Vec<Span> = Vec::new();
        walk(smallest_node(self.source.tree, within), &mut |node| {
            let attribute = node.kind() == "attribute_item";
            attributes.extend(attribute.then(|| Span::from(node.byte_range())));
            !attribute
        });
        for reference in references(self.source.tree, &self.context.subject.text, within) {
            let name = &reference.name;
            let constructor = rust && name.starts_with(char::is_uppercase);
            // `<div>` is no component
            let tag = self.source.slice(0, reference.span.start).ends_with('<') && name.starts_with(char::is_lowercase);
            let called =
                !tag && matches!(reference.kind, ReferenceKind::Call | ReferenceKind::Method | ReferenceKind::Macro);
            if !called || constructor || known.contains(name.as_str()) || reference.span == self.chunk.name_span {
                continue;
            }
            if attributes.iter().any(|attribute| attribute.contains(reference.span)) {
                continue;
            }
            let before = match reference.qualifier {
                Some(span) => self.source.slice(span.start, span.end),
                // a macro's arguments are bare tokens: the path stands before the name
                None if rust => path_before(self.source.slice(within.start, reference.span.start)),
                None => "",
            };
            let path = before.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '.')) && before.len() < 32;
            let shown = match reference.kind {
                ReferenceKind::Macro => format!("{name}!"),
                ReferenceKind::Method if rust => format!(".{name}"),
                _ if before == "." => format!(".{name}"),
                ReferenceKind::Method if path && !before.is_empty() => format!("{before}.{name}"),
                ReferenceKind::Method => format!(".{name}"),
                _ if path && !before.is_empty() => format!("{before}::{name}"),
                _ => name.clone(),
            };
            if seen.insert(shown.clone()) {
                names.push(code(&shown));
            }
        }
        names
    }

    /// Who uses the focus, and which tests reach it.
    pub(super) fn uses(&self) -> String {
        let uses = &self.context.uses;
        let mut out = String::new();
        let outside = grouped(uses.iter().filter(|one| !one.test));
        for (within, path, lines) in outside.iter().take(LISTED) {
            out += &format!("- {}\n", place(within, path, lines));
        }
        if let Some(rest) = outside.get(LISTED..).filter(|rest| !rest.is_empty()) {
            let files: HashSet<&str> = rest.iter().map(|(_, path, _)| *path).collect();
            let places: usize = rest.iter().map(|(_, _, lines)| lines.len()).sum();
            out += &format!(
                "- {} in {}\n",
                count(places, "more place", "more places"),
                count(files.len(), "file", "files")
            );
        }
        let callable = self.chunk.kind.is_callable();
        let mut text = section(if callable { "Called by" } else { "Used by" }, &out);
        let mut out = String::new();
        let tests = grouped(uses.iter().filter(|one| one.test));
        for (within, path, lines) in tests.iter().take(LISTED) {
            out += &format!("- {}\n", place(within, path, lines));
        }
        if tests.len() > LISTED {
            out += &format!("- {}\n", count(tests.len() - LISTED, "more test", "more tests"));
        }
        text += &section("Tests that reach it", &out);
        text
    }

    /// The definitions directly inside the focus.
    pub(super) fn children(&self) -> impl Iterator<Item = &'a Chunk> {
        let subject = &self.context.subject;
        let ids = subject.chunks.children(subject.focus);
        ids.map(|id| subject.chunks.get(id)).filter(|chunk| !chunk.name.is_empty())
    }
}

/// The path that ends the text, without its `::`; `.` for a receiver.
fn path_before(text: &str) -> &str {
    if text.ends_with('.') {
        return ".";
    }
    let Some(text) = text.strip_suffix("::") else { return "" };
    let path = text.trim_end_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | ':'));
    text.get(path.len()..).unwrap_or_default()
}

/// "`run` (src/run.rs:12)"
fn place(within: &str, path: &str, lines: &[usize]) -> String {
    let (first, rest) = lines.split_first().map_or((0, &[][..]), |(first, rest)| (*first, rest));
    let also = if rest.is_empty() { String::new() } else { format!(", also {}", line_list(rest)) };
    if within.is_empty() { format!("{path}:{first}{also}") } else { format!("{} ({path}:{first}{also})", code(within)) }
}

type Places<'a> = Vec<(&'a str, &'a str, Vec<usize>)>;

/// Uses by the chunk that they stand in, in their order.
fn grouped<'a>(uses: impl Iterator<Item = &'a Use>) -> Places<'a> {
    let mut groups: Places<'a> = Vec::new();
    for one in uses {
        match groups.iter_mut().find(|(within, path, _)| *within == one.within && *path == one.path) {
            Some((_, _, lines)) if lines.contains(&one.line) => {}
            Some((_, _, lines)) => lines.push(one.line),
            None => groups.push((&one.within, &one.path, vec![one.line])),
        }
    }
    groups
}
