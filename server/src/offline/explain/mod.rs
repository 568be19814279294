//! Explains a focus without a model. In: a context. Out: Markdown made of facts of the syntax tree and of the index.
//! It never guesses: what the tree does not show is not said.

mod acts;
mod docs;
mod facts;
mod outline;
mod phrases;
mod python;
mod rust;
mod selection;
mod sections;
mod source;
mod types;
mod typescript;
mod unknown;
mod words;

use acts::Act;
use facts::{Fact, Sort};
use source::Source;

use crate::chunks::{Chunk, ChunkKind};
use crate::context::Context;
use crate::syntax::{Language, Node, smallest_node};

/// What the explanation must know of a language.
trait Grammar: Sync {
    /// Is a node of this kind a function?
    fn is_callable(&self, kind: &str) -> bool;
    /// Adjectives of a definition, such as "public" and "async", and its noun where the chunk's kind says too little.
    fn traits(&self, source: &Source<'_>, node: Node<'_>) -> Traits;
    /// A function's signature in words.
    fn signature(&self, source: &Source<'_>, node: Node<'_>) -> Signature;
    /// What a function's body does.
    fn acts(&self, source: &Source<'_>, node: Node<'_>) -> Vec<Act>;
    /// What some statements of a block do.
    fn statements(&self, source: &Source<'_>, nodes: &[Node<'_>]) -> Vec<Act>;
    /// Does a node of this kind hold statements?
    fn is_block(&self, kind: &str) -> bool;
    /// What is worth watching for in a function.
    fn facts(&self, source: &Source<'_>, node: Node<'_>) -> Vec<Fact>;
    /// Fields, variants and rules.
    fn members(&self, source: &Source<'_>, node: Node<'_>) -> Vec<Member>;
    /// Phrases on a definition as a whole, without a subject: "derives `Debug`".
    fn details(&self, source: &Source<'_>, node: Node<'_>) -> Vec<String>;
    /// Modules that the file imports from.
    fn imports(&self, source: &Source<'_>) -> Vec<String>;
    /// The variables in a function.
    fn names(&self, source: &Source<'_>, node: Node<'_>) -> Names;
}

fn grammar(language: &Language) -> Option<&'static dyn Grammar> {
    match language.name {
        "rust" => Some(&rust::Rust),
        "python" => Some(&python::Python),
        "typescript" | "tsx" | "javascript" => Some(&typescript::TypeScript),
        _ => None,
    }
}

/// How a definition is called in its title.
#[derive(Default)]
struct Traits {
    words: Vec<String>,
    noun: Option<String>,
}

/// A signature; each text is a phrase.
#[derive(Default)]
struct Signature {
    /// "borrows its receiver (`&self`)"
    receiver: Option<String>,
    parameters: Vec<Parameter>,
    /// "returns a `usize`"
    returned: Option<String>,
    /// "generic over `T`"
    generics: Option<String>,
}

/// A parameter's name as code and its type in words.
struct Parameter {
    name: String,
    words: Option<String>,
}

/// What a member of a type is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum MemberKind {
    Field,
    Variant,
    Rule,
    /// Something that can be called or indexed: `[key: string]: number`.
    Signature,
}

/// A field, variant or rule, with its source as the name.
struct Member {
    kind: MemberKind,
    name: String,
    note: String,
    doc: String,
    line: usize,
}

/// The variables of a function, in the order of the file.
#[derive(Default)]
struct Names {
    bound: Vec<Binding>,
    /// Assignments to variables or their parts: name and place of the assignment.
    written: Vec<(String, usize)>,
    /// Every identifier that may be a variable.
    seen: Vec<(String, usize)>,
    /// Where a name only receives a value.
    plain_writes: Vec<usize>,
}

/// A variable comes into being at `at`; `from` is where its name first means it.
struct Binding {
    name: String,
    at: usize,
    from: usize,
}

/// Explains the focus, as Markdown.
#[must_use]
pub fn explain(context: &Context) -> String {
    let subject = &context.subject;
    let known = subject.tree.as_ref().and_then(|tree| Some((tree, grammar(tree.language())?)));
    let Some((tree, grammar)) = known else { return unknown::explain(context) };
    let source = Source::new(subject, tree);
    let explainer = Explainer { context, source: &source, grammar, chunk: subject.chunk() };
    if let Some(text) = selection::explain(&explainer) {
        return text;
    }
    match explainer.chunk.kind {
        ChunkKind::File | ChunkKind::Module => explainer.file(),
        ChunkKind::Function | ChunkKind::Method | ChunkKind::Test => explainer.function(),
        ChunkKind::Section | ChunkKind::Rest => unknown::explain(context),
        ChunkKind::Class
        | ChunkKind::Type
        | ChunkKind::Interface
        | ChunkKind::Impl
        | ChunkKind::Constant
        | ChunkKind::Macro => explainer.definition(),
    }
}

/// All that the sections of an explanation need.
struct Explainer<'a> {
    context: &'a Context,
    source: &'a Source<'a>,
    grammar: &'static dyn Grammar,
    chunk: &'a Chunk,
}

impl<'a> Explainer<'a> {
    /// The node of a chunk, without wrappers such as `export`.
    fn node_of(&self, chunk: &Chunk) -> Node<'a> {
        if let Some(body) = chunk.body {
            let mut node = Some(smallest_node(self.source.tree, body));
            while let Some(here) = node {
                let own = here.child_by_field_name("body").is_some_and(|inner| inner.byte_range() == body.range());
                if own && here.byte_range() != body.range() {
                    return here;
                }
                if here.start_byte() < chunk.item.start {
                    break;
                }
                node = here.parent();
            }
        }
        if let Some(inner) = self.assignment(chunk) {
            return inner;
        }
        // from the name up to the definition
        let mut node = smallest_node(self.source.tree, chunk.name_span);
        while let Some(parent) = node.parent().filter(|parent| chunk.item.contains(parent.byte_range().into())) {
            node = parent;
            if node.child_by_field_name("name").is_some_and(|name| name.byte_range() == chunk.name_span.range()) {
                break;
            }
        }
        node
    }

    /// The assignment that makes one of Python's variables.
    fn assignment(&self, chunk: &Chunk) -> Option<Node<'a>> {
        let name = smallest_node(self.source.tree, chunk.name_span);
        name.parent().filter(|node| node.kind() == "assignment" && chunk.kind == ChunkKind::Constant)
    }

    fn function(&self) -> String {
        let node = self.node_of(self.chunk);
        let mut out = self.title(node);
        if !self.grammar.is_callable(node.kind()) {
            out += &self.uses();
            return out; // a group of tests without a callback, or a tree with errors
        }
        if self.chunk.kind == ChunkKind::Test && self.children().next().is_some() {
            return out + &self.contents("Tests") + &self.uses(); // a group
        }
        out += &self.signature(&self.grammar.signature(self.source, node));
        // a JavaScript test's item holds the call of its runner as well
        let within = if self.chunk.kind == ChunkKind::Test { self.chunk.body } else { None };
        let within = within.unwrap_or(self.chunk.item);
        let acts = self.grammar.acts(self.source, node);
        let mut facts = self.grammar.facts(self.source, node);
        facts.extend(self.recursion());
        if self.chunk.kind == ChunkKind::Test {
            let told = acts.iter().filter(|act| matches!(act.kind, acts::Kind::Check { .. })).count();
            let checks = facts.iter().filter(|fact| fact.sort == Sort::Asserts).count();
            if told < checks || acts.len() > outline::BULLETS {
                out += &section("What it checks", &self.checks(&facts));
            }
            // a test may fail: that is what it is for
            facts.retain(|fact| !matches!(fact.sort, Sort::Asserts | Sort::CanPanic | Sort::Index | Sort::Divide));
        }
        out += &section("What it does", &outline::outline(&acts));
        out += &section("Worth knowing", &facts::write(&facts));
        out += &self.calls(within, if acts.len() < 2 && facts.is_empty() { Others::Hidden } else { Others::Told });
        out += &self.uses();
        out
    }
}

/// Are calls of what is not the project's told?
#[derive(Clone, Copy, PartialEq, Eq)]
enum Others {
    Told,
    /// The outline is so short that it shows them.
    Hidden,
}

/// A section; nothing for an empty one.
fn section(title: &str, body: &str) -> String {
    if body.is_empty() { String::new() } else { format!("\n**{title}**\n\n{body}") }
}

#[cfg(test)]
mod tests;
