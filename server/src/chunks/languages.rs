//! Every language of the table on its fixture, tests/fixtures/languages/NAME.EXT: what its queries find, as a snapshot.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::{ChunkKind, Chunks, MemberKind, Symbols, Written, imports, references};
use crate::syntax::{Language, QueryKind, Tree, by_name, capture_names, captures, faults, languages};
use crate::text::{Span, Text};

/// The captures that docs/languages.md defines.
const VOCABULARY: [(QueryKind, &str); 6] = [
    (
        QueryKind::Chunks,
        "chunk.module chunk.class chunk.type chunk.interface chunk.impl chunk.function chunk.constant chunk.macro \
         chunk.test chunk.section name body qualifier doc lead lead.test",
    ),
    (
        QueryKind::References,
        "reference.call reference.method reference.macro reference.type reference.field reference.value receiver \
         qualifier",
    ),
    (QueryKind::Symbols, "field variant typed type value base"),
    (QueryKind::Imports, "import module path name alias glob default export group prefix"),
    (QueryKind::Folds, "keep fold"),
    (
        QueryKind::Scopes,
        "local type value element of member object access index call callee construct cast same inner self super",
    ),
];

/// The text of a language's fixture.
pub(super) fn fixture(language: &Language) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/languages");
    let mut paths = language.extensions.iter().map(|extension| folder.join(format!("{}.{extension}", language.name)));
    let path = paths.find(|path| path.exists()).unwrap_or_else(|| panic!("{language:?} has no fixture in {folder:?}"));
    std::fs::read_to_string(path).unwrap()
}

fn check(language: &'static Language) {
    for (kind, words) in VOCABULARY {
        let names = capture_names(language, kind).unwrap_or_else(|error| panic!("{}: {error}", kind.file_name()));
        for name in names.iter().filter(|name| !name.starts_with('_')) {
            assert!(words.split(' ').any(|word| word == *name), "{}: nothing reads @{name}", kind.file_name());
        }
    }
    let text = Text::from(&*fixture(language));
    let tree = Tree::parse(&text, language, None, None).unwrap();
    assert_eq!(faults(tree.root()), 0, "the grammar does not understand the fixture: {:?}", fault(&tree, &text));
    insta::assert_snapshot!(language.name, show(&tree, &text));
}

fn fault(tree: &Tree, text: &Text) -> Option<String> {
    let line = text.line_of(crate::syntax::first_fault(tree)?);
    Some(format!("line {}: {}", line + 1, text.slice(text.line_span(line))))
}

#[test]
fn fixtures() {
    let failed: Vec<_> =
        languages().iter().filter(|language| catch_unwind(AssertUnwindSafe(|| check(language))).is_err()).collect();
    assert!(failed.is_empty(), "see above: {failed:?}");
}

/// Macros that no grammar can know stand where C and C++ want a type or nothing: what they stand before is found all the
/// same.
#[test]
fn functions_behind_macros() {
    let check = |language: &str, source: &str, expected: &str| {
        let text = Text::from(source);
        let tree = Tree::parse(&text, by_name(language).unwrap(), None, None).unwrap();
        let chunks = Chunks::cut(&text, Some(&tree));
        let found: Vec<_> =
            chunks.definitions().map(|(id, chunk)| format!("{} {}", chunk.kind.word(), chunks.path(id))).collect();
        assert_eq!(found.join(", "), expected, "{source}");
    };
    check("c", "API int put(int a);\n\nAPI static int\nput(int a) {\n    return a;\n}\n", "function put, function put");
    check("c", "int put(int a) __attribute__((pure));\n", "function put");
    check("c", "static INLINE char *name(void) { return 0; }\n", "function name");
    check(
        "c",
        "#ifdef A\nint f(void) { return 1; }\n#elif B\nint f(void) { return 2; }\n#else\nint f(void);\n#endif\n",
        "function f, function f, function f",
    );
    check("cpp", "template <class T> T *A<T>::name() const noexcept { return a; }\n", "method A::name");
    check("cpp", "extern \"C\" {\nvoid f();\n}\n", "function f");
    // what only looks like a prototype
    check("cpp", "void f() {\n    Guard guard(mutex);\n    int a = 1;\n}\n", "function f");
}

fn show(tree: &Tree, text: &Text) -> String {
    let chunks = Chunks::cut(text, Some(tree));
    let sections = [
        ("chunks", show_chunks(text, &chunks)),
        ("symbols", show_symbols(tree, text, &chunks)),
        ("imports", show_imports(tree, text)),
        ("references", show_references(tree, text)),
        ("folds", show_captures(tree, text, QueryKind::Folds)),
        ("scopes", show_captures(tree, text, QueryKind::Scopes)),
    ];
    sections.into_iter().fold(String::new(), |out, (title, section)| out + "== " + title + "\n" + &section)
}

/// Each chunk with its lines and, but for those of one line, its header.
fn show_chunks(text: &Text, chunks: &Chunks) -> String {
    let mut out = String::new();
    for (id, chunk) in chunks.iter().filter(|(_, chunk)| !matches!(chunk.kind, ChunkKind::Rest | ChunkKind::File)) {
        let indent = "  ".repeat(chunks.ancestors(id).count());
        let (first, last) = (line(text, chunk.span.start), line(text, chunk.span.end - 1));
        let owner = chunks.owner(id).map(|owner| format!(" of {owner}")).unwrap_or_default();
        let test = if chunk.test { " (test)" } else { "" };
        let label = chunks.label(id, text);
        let body = if chunk.body.is_some() { "" } else { ", no body" };
        _ = writeln!(out, "{indent}{} {label}{owner}{test} @{first}-{last}{body}", chunk.kind.word());
        for header in chunk.header(text).lines() {
            _ = writeln!(out, "{indent}  | {}", header.trim());
        }
    }
    out
}

fn show_symbols(tree: &Tree, text: &Text, chunks: &Chunks) -> String {
    let symbols = Symbols::read(tree, text, chunks);
    let written = |written: &Written| match written {
        Written::Type(text) => format!(": {text}"),
        Written::Value(text) => format!(" = {text}"),
    };
    let mut out = String::new();
    for member in &symbols.members {
        let kind = match member.kind {
            MemberKind::Field => "field",
            MemberKind::Variant => "variant",
        };
        let told = member.written.as_ref().map(written).unwrap_or_default();
        _ = writeln!(out, "{kind} {}::{}{told}", chunks.path(member.owner), member.name);
    }
    for (id, told) in &symbols.types {
        _ = writeln!(out, "{} {}{}", chunks.get(*id).kind.word(), chunks.path(*id), written(told));
    }
    for (id, base) in &symbols.bases {
        _ = writeln!(out, "base {} < {base}", chunks.path(*id));
    }
    out
}

fn show_imports(tree: &Tree, text: &Text) -> String {
    let mut out = String::new();
    for one in imports(tree, text) {
        let name = if one.glob { "*" } else { one.name.as_deref().unwrap_or("<module>") };
        let exported = if one.exported { " (exported)" } else { "" };
        _ = writeln!(out, "{}: {name} of {:?} as {:?}{exported}", line(text, one.at), one.module, one.local);
    }
    out
}

/// The uses of names, those of one line on one line.
fn show_references(tree: &Tree, text: &Text) -> String {
    let mut out = String::new();
    let mut before = 0;
    for one in references(tree, text, Span::new(0, text.len())) {
        let here = line(text, one.span.start);
        out += &if here == before { ", ".to_owned() } else { format!("\n{here}: ") };
        before = here;
        let kind = format!("{:?}", one.kind).to_lowercase();
        let qualifier = one.qualifier.map(|span| format!(" <{}>", one_line(text, span))).unwrap_or_default();
        _ = write!(out, "{kind} {}{qualifier}", one.name);
    }
    out.trim_start().to_owned() + "\n"
}

/// The matches of a query in the order of the file: each capture's name and the start of what it captured.
fn show_captures(tree: &Tree, text: &Text, kind: QueryKind) -> String {
    let mut found = Vec::new();
    captures(tree, text, kind, Span::new(0, text.len()), |captures| {
        let shown: Vec<_> = captures
            .iter()
            .filter(|capture| !capture.name.starts_with('_'))
            .map(|capture| format!("@{} {}", capture.name, one_line(text, Span::from(capture.node.byte_range()))))
            .collect();
        let start = captures.iter().map(|capture| capture.node.start_byte()).min().unwrap_or_default();
        found.push((start, format!("{}: {}\n", line(text, start), shown.join("  "))));
    });
    found.sort();
    found.into_iter().map(|(_, line)| line).collect()
}

fn line(text: &Text, at: usize) -> usize {
    text.line_of(at) + 1
}

/// A text on one line, cut where it is long.
fn one_line(text: &Text, span: Span) -> String {
    let text = text.slice(span).split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > 50 { text.chars().take(49).chain(['…']).collect() } else { text }
}
