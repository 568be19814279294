//! Types, constants, macros, modules and files: what they consist of.

use super::words::{and, capital, code, count, cut, some};
use super::{Explainer, Member, MemberKind, Others, docs, section};
use crate::chunks::{Chunk, ChunkKind};
use crate::syntax::Node;
use crate::text::Span;

/// How many members of one sort are listed.
const LISTED: usize = 25;

impl Explainer<'_> {
    /// A type, an impl, a constant or a macro.
    pub(super) fn definition(&self) -> String {
        let node = self.node_of(self.chunk);
        let mut out = self.title(node);
        let mut details = self.grammar.details(self.source, node);
        details.extend(self.implementations());
        if self.chunk.kind == ChunkKind::Constant {
            details.extend(self.value(node));
        }
        if !details.is_empty() {
            let sentences: Vec<String> = details.iter().map(|phrase| format!("{}.", capital(phrase))).collect();
            out += &format!("\n{}\n", sentences.join(" "));
        }
        let members = self.grammar.members(self.source, node);
        for (kind, title) in [
            (MemberKind::Field, "Fields"),
            (MemberKind::Variant, "Variants"),
            (MemberKind::Rule, "Rules"),
            (MemberKind::Signature, "Signatures"),
        ] {
            let members: Vec<&Member> = members.iter().filter(|member| member.kind == kind).collect();
            out += &section(title, &self.members(&members));
        }
        out += &self.methods();
        if matches!(self.chunk.kind, ChunkKind::Constant) {
            out += &self.calls(self.chunk.item, Others::Hidden);
        }
        out += &self.uses();
        out
    }

    fn members(&self, members: &[&Member]) -> String {
        let mut list = String::new();
        for member in members.iter().take(LISTED) {
            let note = if member.note.is_empty() { String::new() } else { format!(", {}", member.note) };
            let doc =
                if member.doc.is_empty() { format!(" (line {})", member.line) } else { format!(": {}", member.doc) };
            list += &format!("- {}{note}{doc}\n", code(&member.name));
        }
        if members.len() > LISTED {
            list += &format!("- {} more\n", members.len() - LISTED);
        }
        list
    }

    /// The impls of the focus in its file: what it implements, or who implements it.
    fn implementations(&self) -> Vec<String> {
        let chunks = &self.context.subject.chunks;
        let name = &*self.chunk.name;
        let impls = || chunks.definitions().map(|(_, chunk)| chunk).filter(|chunk| chunk.kind == ChunkKind::Impl);
        let mut out = Vec::new();
        match self.chunk.kind {
            ChunkKind::Type => {
                let of_it = impls().filter(|chunk| &*chunk.name == name);
                let mut traits: Vec<String> = of_it.filter_map(|chunk| chunk.qualifier.as_deref()).map(code).collect();
                traits.dedup();
                if !traits.is_empty() {
                    out.push(format!("implements {} in this file", some(&traits, 12)));
                }
            }
            ChunkKind::Interface => {
                let of = |qualifier: &str| {
                    let head = qualifier.split('<').next().unwrap_or(qualifier);
                    head.rsplit("::").next() == Some(name)
                };
                let of_it = impls().filter(|chunk| chunk.qualifier.as_deref().is_some_and(of));
                let types: Vec<String> = of_it.map(|chunk| code(&chunk.name)).collect();
                if !types.is_empty() {
                    out.push(format!("implemented in this file by {}", some(&types, 12)));
                }
            }
            _ => {}
        }
        out
    }

    fn methods(&self) -> String {
        let chunks = &self.context.subject.chunks;
        let mut own: Vec<&Chunk> = self.children().filter(|chunk| chunk.kind == ChunkKind::Method).collect();
        if self.chunk.kind == ChunkKind::Type {
            let inherent = chunks.definitions().filter(|(_, chunk)| {
                chunk.kind == ChunkKind::Impl && chunk.qualifier.is_none() && chunk.name == self.chunk.name
            });
            let inside = inherent.flat_map(|(id, _)| chunks.children(id)).map(|id| chunks.get(id));
            own.extend(inside.filter(|chunk| chunk.kind == ChunkKind::Method));
        }
        section("Methods", &self.list(&own))
    }

    /// Definitions, one line each.
    fn list(&self, chunks: &[&Chunk]) -> String {
        let subject = &self.context.subject;
        let mut list = String::new();
        for chunk in chunks.iter().take(LISTED) {
            let doc = docs::sentence(subject, chunk);
            let doc = if doc.is_empty() { String::new() } else { format!(": {doc}") };
            list += &format!("- {}, line {}{doc}\n", code(&self.one_line(chunk)), subject.line(chunk.name_span.start));
        }
        if chunks.len() > LISTED {
            list += &format!("- {} more\n", chunks.len() - LISTED);
        }
        list
    }

    /// A definition's signature on one line.
    fn one_line(&self, chunk: &Chunk) -> String {
        let node = self.node_of(chunk);
        let start = if self.grammar.is_callable(node.kind()) {
            node.start_byte().min(chunk.name_span.start)
        } else {
            chunk.item.start
        };
        let end = match (chunk.kind, chunk.body) {
            (ChunkKind::Macro, _) => chunk.name_span.end,
            (_, Some(body)) => body.start,
            _ => chunk.item.end,
        };
        let text = self.source.quote_span(self.source.tree.root(), Span::new(start, end.max(start)), 96);
        let text = text.trim_end_matches(['{', ':', ';', '=', ' ']).trim_end_matches("=>").trim_end();
        cut(text, 96)
    }

    /// A constant's value, if it is short, and its type.
    fn value(&self, node: Node<'_>) -> Vec<String> {
        let mut out = Vec::new();
        let value = node.child_by_field_name("value").or_else(|| node.child_by_field_name("right"));
        if let Some(kind) = node.child_by_field_name("type") {
            out.push(format!("of type {}", code(self.source.quote(kind, 72).trim_start_matches(':').trim())));
        }
        if let Some(value) = value {
            let text = self.source.quote(value, 120);
            out.push(format!("its value is {}", code(&text)));
        }
        out
    }

    /// A file or module.
    pub(super) fn file(&self) -> String {
        let subject = &self.context.subject;
        let mut out = if self.chunk.kind == ChunkKind::File {
            let lines = count(subject.line(subject.text.len()), "line", "lines");
            let name = capital(self.source.tree.language().name);
            let name =
                name.replace("Typescript", "TypeScript").replace("Javascript", "JavaScript").replace("Tsx", "TSX");
            let doc = docs::of_file(self.source).map_or(String::new(), |doc| format!("\n> {doc}\n"));
            format!("### {}\n\n{name} file, {lines}, {}.\n{doc}", code(&subject.label()), subject.path)
        } else {
            self.title(self.node_of(self.chunk))
        };
        out += &self.tally();
        if self.chunk.kind == ChunkKind::File {
            let mut imports: Vec<String> = Vec::new();
            for import in self.grammar.imports(self.source) {
                let import = code(&import);
                if !imports.contains(&import) {
                    imports.push(import);
                }
            }
            if !imports.is_empty() {
                out += &format!("\nImports from {}.\n", some(&imports, 16));
            }
        }
        out += &self.contents("Defines");
        out += &self.uses();
        out
    }

    /// "Defines 3 functions, 2 types and 1 test."
    fn tally(&self) -> String {
        let mut kinds: Vec<(ChunkKind, usize)> = Vec::new();
        let mut overloads = std::collections::HashSet::new();
        for chunk in self.children().filter(|chunk| !self.is_import(chunk)) {
            // overloads are one function
            if chunk.kind == ChunkKind::Function && !overloads.insert(&chunk.name) {
                continue;
            }
            match kinds.iter_mut().find(|(kind, _)| *kind == chunk.kind) {
                Some((_, number)) => *number += 1,
                None => kinds.push((chunk.kind, 1)),
            }
        }
        if kinds.is_empty() {
            return String::new();
        }
        let rust = self.source.tree.language().name == "rust";
        let word = |kind: ChunkKind| if rust && kind == ChunkKind::Interface { "trait" } else { kind.word() };
        let plural =
            |kind: ChunkKind| if kind == ChunkKind::Class { "classes".to_owned() } else { format!("{}s", word(kind)) };
        let parts: Vec<String> =
            kinds.iter().map(|(kind, number)| count(*number, word(*kind), &plural(*kind))).collect();
        format!("\nDefines {}.\n", and(&parts))
    }

    /// What the focus defines, public things first.
    pub(super) fn contents(&self, title: &str) -> String {
        let (tests, own): (Vec<&Chunk>, Vec<&Chunk>) =
            self.children().filter(|chunk| !self.is_import(chunk)).partition(|chunk| chunk.kind == ChunkKind::Test);
        let (public, other): (Vec<&Chunk>, Vec<&Chunk>) = own.into_iter().partition(|chunk| self.is_public(chunk));
        let mut out = if public.is_empty() || other.is_empty() {
            section(title, &self.list(&[public, other].concat()))
        } else {
            section("Public", &self.list(&public)) + &section("Not public", &self.list(&other))
        };
        if !tests.is_empty() {
            let names: Vec<String> = tests.iter().map(|test| code(&test.name)).collect();
            out += &section("Tests", &format!("{}\n", some(&names, LISTED)));
        }
        out
    }

    /// `const name = require("module")` defines nothing.
    fn is_import(&self, chunk: &Chunk) -> bool {
        let value = chunk.body.map_or("", |body| self.source.slice(body.start, body.end));
        chunk.kind == ChunkKind::Constant && value.starts_with("require(")
    }

    fn is_public(&self, chunk: &Chunk) -> bool {
        if chunk.kind == ChunkKind::Impl {
            // as public as its type
            let mut types = self.context.subject.chunks.definitions().map(|(_, chunk)| chunk);
            return types.any(|one| one.kind == ChunkKind::Type && one.name == chunk.name && self.is_public(one));
        }
        let head = self.source.slice(chunk.item.start, chunk.name_span.start);
        let lead = self.source.slice(chunk.span.start, chunk.item.start);
        match self.source.tree.language().name {
            "rust" => (head.starts_with("pub") || lead.contains("#[macro_export]")) && !chunk.test,
            "python" => (!chunk.name.starts_with('_') || chunk.name.ends_with("__")) && !chunk.test,
            _ => head.starts_with("export"),
        }
    }
}
