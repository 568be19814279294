//! What the focus refers to and where it is used: asks the index's resolution on behalf of a subject.

use super::{Subject, Texts};
use crate::chunks::{ChunkId, ChunkKind, Chunks, ReferenceKind};
use crate::index::Index;
use crate::index::resolve::{self, Resolved, Source};
use crate::text::Span;

/// The definitions that the focus refers to, in the order in which it does.
#[must_use]
pub fn resolve(subject: &Subject, index: &Index, texts: &dyn Texts) -> Vec<Resolved> {
    let Some(tree) = &subject.tree else { return Vec::new() };
    let source =
        Source { path: &subject.path, text: &subject.text, tree, chunks: &subject.chunks, focus: subject.focus };
    resolve::resolve(&source, index, &|path| texts.text(path))
}

const fn is_owner(kind: ChunkKind) -> bool {
    matches!(kind, ChunkKind::Class | ChunkKind::Impl | ChunkKind::Interface | ChunkKind::Type)
}

/// Languages whose files refer to each other.
fn family(language: &str) -> &str {
    match language {
        "tsx" | "javascript" => "typescript",
        other => other,
    }
}

/// The name of the type that a method or associated item belongs to.
pub(super) fn owner_name(chunks: &Chunks, id: ChunkId) -> Option<&str> {
    chunks.owner(id)
}

/// A file that holds tests by its name or folder.
pub(super) fn looks_like_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    path.split('/').any(|part| matches!(part, "tests" | "test" | "__tests__" | "spec" | "benches"))
        || name.starts_with("test_")
        || name.contains("_test.")
        || name.contains(".test.")
        || name.contains(".spec.")
}

/// Methods that types of every standard library have: on a receiver of unknown type they say nothing.
const COMMON_METHODS: &[&str] = &[
    "add",
    "all",
    "any",
    "append",
    "apply",
    "as_ref",
    "as_str",
    "bind",
    "call",
    "catch",
    "clear",
    "clone",
    "close",
    "contains",
    "copy",
    "count",
    "default",
    "entry",
    "extend",
    "filter",
    "find",
    "first",
    "flush",
    "for_each",
    "forEach",
    "format",
    "from",
    "get",
    "has",
    "index",
    "insert",
    "into",
    "is_empty",
    "items",
    "iter",
    "join",
    "keys",
    "last",
    "len",
    "lock",
    "map",
    "name",
    "new",
    "next",
    "open",
    "parse",
    "pop",
    "push",
    "read",
    "recv",
    "remove",
    "replace",
    "run",
    "send",
    "set",
    "size",
    "sort",
    "split",
    "start",
    "stop",
    "test",
    "then",
    "to_string",
    "toString",
    "update",
    "values",
    "wait",
    "write",
];

/// Where in the workspace the focus's name is used, with the kinds of use that can mean it.
pub(super) fn uses_of_focus(
    subject: &Subject,
    index: &Index,
) -> Vec<(String, std::sync::Arc<crate::index::FileFacts>, usize)> {
    let chunk = subject.chunk();
    if chunk.name.is_empty() {
        return Vec::new();
    }
    let owned = owner_name(&subject.chunks, subject.focus).is_some();
    let alone = index.definitions(&chunk.name).len() <= 1;
    index
        .uses(&chunk.name)
        .into_iter()
        .filter(|(path, facts, at, kind)| {
            let common = COMMON_METHODS.contains(&&*chunk.name);
            let elsewhere = *path != subject.path;
            if owned && elsewhere && common && matches!(kind, ReferenceKind::Method | ReferenceKind::Field) {
                return false;
            }
            let kind_fits = match kind {
                ReferenceKind::Call => !owned || matches!(chunk.kind, ChunkKind::Method),
                ReferenceKind::Method => owned || chunk.kind == ChunkKind::Function,
                ReferenceKind::Field => true,
                ReferenceKind::Value => !owned, // a bare name is a variable, not a method

                ReferenceKind::Type => is_owner(chunk.kind),
                ReferenceKind::Macro => chunk.kind == ChunkKind::Macro,
            };
            let inside = *path == subject.path && chunk.span.contains(Span::new(*at, *at));
            // a name that is defined often is only surely ours in its own file
            let known = alone || *path == subject.path || matches!(kind, ReferenceKind::Call | ReferenceKind::Type);
            let calls =
                !chunk.kind.is_callable() || !matches!(kind, ReferenceKind::Value | ReferenceKind::Field) || alone;
            let same = facts.chunks.language().map(|l| family(l.name)) == subject.language.map(|l| family(l.name));
            kind_fits && !inside && known && calls && same
        })
        .map(|(path, facts, at, _)| (path, facts, at))
        .collect()
}
