//! The table of languages: one row each.

use std::path::Path;
use std::sync::{LazyLock, OnceLock};

use super::query::{self, QueryKind};

/// A language that Whittle cuts along its syntax tree.
pub struct Language {
    /// The name that messages, `whittle chunks` and fences in Markdown use.
    pub name: &'static str,
    /// What clients call it: LSP's `languageId`.
    pub ids: &'static [&'static str],
    /// File name endings without the dot.
    pub extensions: &'static [&'static str],
    /// What starts a comment that ends with its line.
    pub line_comment: &'static str,
    /// Folders of queries/ whose files, put together, are this language's queries.
    pub(super) folders: &'static [&'static str],
    pub(super) grammar: fn() -> tree_sitter::Language,
    pub(super) compiled: [OnceLock<query::Compiled>; QueryKind::COUNT],
}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Language {}

impl std::fmt::Debug for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

static LANGUAGES: LazyLock<Box<[Language]>> = LazyLock::new(|| {
    Box::new([
        Language {
            name: "rust",
            ids: &["rust"],
            extensions: &["rs"],
            line_comment: "//",
            folders: &["rust"],
            grammar: || tree_sitter_rust::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "python",
            ids: &["python"],
            extensions: &["py", "pyi", "pyw"],
            line_comment: "#",
            folders: &["python"],
            grammar: || tree_sitter_python::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "typescript",
            ids: &["typescript"],
            extensions: &["ts", "mts", "cts"],
            line_comment: "//",
            folders: &["javascript", "typescript"],
            grammar: || tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
            compiled: Default::default(),
        },
        Language {
            name: "tsx",
            ids: &["typescriptreact"],
            extensions: &["tsx"],
            line_comment: "//",
            folders: &["javascript", "typescript", "jsx"],
            grammar: || tree_sitter_typescript::LANGUAGE_TSX.into(),
            compiled: Default::default(),
        },
        Language {
            name: "javascript",
            ids: &["javascript", "javascriptreact"],
            extensions: &["js", "jsx", "mjs", "cjs"],
            line_comment: "//",
            folders: &["javascript", "jsx"],
            grammar: || tree_sitter_javascript::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "go",
            ids: &["go"],
            extensions: &["go"],
            line_comment: "//",
            folders: &["go"],
            grammar: || tree_sitter_go::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "java",
            ids: &["java"],
            extensions: &["java"],
            line_comment: "//",
            folders: &["java"],
            grammar: || tree_sitter_java::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "c",
            ids: &["c"],
            extensions: &["c"],
            line_comment: "//",
            folders: &["c"],
            grammar: || tree_sitter_c::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "cpp",
            ids: &["cpp"],
            // `.h`, too: of 1951 headers C++ has no fault in 1231 and C in 648; in headers of plain C they are about even
            extensions: &["cpp", "cc", "cxx", "c++", "hpp", "hh", "hxx", "h++", "h", "ipp", "inl", "tpp", "cu", "cuh"],
            line_comment: "//",
            folders: &["c", "cpp"],
            grammar: || tree_sitter_cpp::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "csharp",
            ids: &["csharp"],
            extensions: &["cs", "csx"],
            line_comment: "//",
            folders: &["csharp"],
            grammar: || tree_sitter_c_sharp::LANGUAGE.into(),
            compiled: Default::default(),
        },
        #[cfg(feature = "kotlin")]
        Language {
            name: "kotlin",
            ids: &["kotlin"],
            extensions: &["kt", "kts"],
            line_comment: "//",
            folders: &["kotlin"],
            grammar: || tree_sitter_kotlin_ng::LANGUAGE.into(),
            compiled: Default::default(),
        },
        #[cfg(feature = "scala")]
        Language {
            name: "scala",
            ids: &["scala"],
            extensions: &["scala", "sc"],
            line_comment: "//",
            folders: &["scala"],
            grammar: || tree_sitter_scala::LANGUAGE.into(),
            compiled: Default::default(),
        },
        #[cfg(feature = "swift")]
        Language {
            name: "swift",
            ids: &["swift"],
            extensions: &["swift"],
            line_comment: "//",
            folders: &["swift"],
            grammar: || tree_sitter_swift::LANGUAGE.into(),
            compiled: Default::default(),
        },
    ])
});

/// Every language of the table.
#[must_use]
pub fn languages() -> &'static [Language] {
    &LANGUAGES
}

/// The language with the name of the table.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Language> {
    LANGUAGES.iter().find(|language| language.name == name)
}

/// The language that a client calls `id`.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Language> {
    LANGUAGES.iter().find(|language| language.ids.contains(&id))
}

/// The language of a file, by the ending of its name.
#[must_use]
pub fn by_path(path: &Path) -> Option<&'static Language> {
    let extension = path.extension()?.to_str()?;
    LANGUAGES.iter().find(|language| language.extensions.contains(&extension))
}
