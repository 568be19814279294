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
    /// What starts a comment that ends with its line, or where there is no such comment, any other.
    pub line_comment: &'static str,
    /// A document: its chunks are sections, and nothing in it can be called or tested.
    pub document: bool,
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
            document: false,
            folders: &["rust"],
            grammar: || tree_sitter_rust::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "python",
            ids: &["python"],
            extensions: &["py", "pyi", "pyw"],
            line_comment: "#",
            document: false,
            folders: &["python"],
            grammar: || tree_sitter_python::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "typescript",
            ids: &["typescript"],
            extensions: &["ts", "mts", "cts"],
            line_comment: "//",
            document: false,
            folders: &["javascript", "typescript"],
            grammar: || tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
            compiled: Default::default(),
        },
        Language {
            name: "tsx",
            ids: &["typescriptreact"],
            extensions: &["tsx"],
            line_comment: "//",
            document: false,
            folders: &["javascript", "typescript", "jsx"],
            grammar: || tree_sitter_typescript::LANGUAGE_TSX.into(),
            compiled: Default::default(),
        },
        Language {
            name: "javascript",
            ids: &["javascript", "javascriptreact"],
            extensions: &["js", "jsx", "mjs", "cjs"],
            line_comment: "//",
            document: false,
            folders: &["javascript", "javascript-only", "jsx"],
            grammar: || tree_sitter_javascript::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "go",
            ids: &["go"],
            extensions: &["go"],
            line_comment: "//",
            document: false,
            folders: &["go"],
            grammar: || tree_sitter_go::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "java",
            ids: &["java"],
            extensions: &["java"],
            line_comment: "//",
            document: false,
            folders: &["java"],
            grammar: || tree_sitter_java::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "c",
            ids: &["c"],
            extensions: &["c"],
            line_comment: "//",
            document: false,
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
            document: false,
            folders: &["c", "cpp"],
            grammar: || tree_sitter_cpp::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "csharp",
            ids: &["csharp"],
            extensions: &["cs", "csx"],
            line_comment: "//",
            document: false,
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
            document: false,
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
            document: false,
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
            document: false,
            folders: &["swift"],
            grammar: || tree_sitter_swift::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "ruby",
            ids: &["ruby"],
            extensions: &["rb", "rake", "gemspec", "ru"],
            line_comment: "#",
            document: false,
            folders: &["ruby"],
            grammar: || tree_sitter_ruby::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "php",
            ids: &["php"],
            extensions: &["php", "phtml"],
            line_comment: "//",
            document: false,
            folders: &["php"],
            grammar: || tree_sitter_php::LANGUAGE_PHP.into(),
            compiled: Default::default(),
        },
        Language {
            name: "lua",
            ids: &["lua"],
            extensions: &["lua"],
            line_comment: "--",
            document: false,
            folders: &["lua"],
            grammar: || tree_sitter_lua::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "bash",
            ids: &["shellscript"],
            extensions: &["sh", "bash", "bats"],
            line_comment: "#",
            document: false,
            folders: &["bash"],
            grammar: || tree_sitter_bash::LANGUAGE.into(),
            compiled: Default::default(),
        },
        #[cfg(feature = "elixir")]
        Language {
            name: "elixir",
            ids: &["elixir"],
            extensions: &["ex", "exs"],
            line_comment: "#",
            document: false,
            folders: &["elixir"],
            grammar: || tree_sitter_elixir::LANGUAGE.into(),
            compiled: Default::default(),
        },
        #[cfg(feature = "haskell")]
        Language {
            name: "haskell",
            ids: &["haskell"],
            extensions: &["hs"],
            line_comment: "--",
            document: false,
            folders: &["haskell"],
            grammar: || tree_sitter_haskell::LANGUAGE.into(),
            compiled: Default::default(),
        },
        #[cfg(feature = "zig")]
        Language {
            name: "zig",
            ids: &["zig"],
            extensions: &["zig"],
            line_comment: "//",
            document: false,
            folders: &["zig"],
            grammar: || tree_sitter_zig::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "markdown",
            ids: &["markdown"],
            extensions: &["md", "markdown"],
            line_comment: "<!--",
            document: true,
            folders: &["markdown"],
            grammar: || tree_sitter_md::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "toml",
            ids: &["toml"],
            extensions: &["toml"],
            line_comment: "#",
            document: true,
            folders: &["toml"],
            grammar: || tree_sitter_toml_ng::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "yaml",
            ids: &["yaml"],
            extensions: &["yaml", "yml"],
            line_comment: "#",
            document: true,
            folders: &["yaml"],
            grammar: || tree_sitter_yaml::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "json",
            ids: &["json", "jsonc"],
            extensions: &["json", "jsonc"],
            line_comment: "//",
            document: true,
            folders: &["json"],
            grammar: || tree_sitter_json::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "html",
            ids: &["html"],
            extensions: &["html", "htm"],
            line_comment: "<!--",
            document: true,
            folders: &["html"],
            grammar: || tree_sitter_html::LANGUAGE.into(),
            compiled: Default::default(),
        },
        Language {
            name: "css",
            ids: &["css"],
            extensions: &["css"],
            line_comment: "/*",
            document: true,
            folders: &["css"],
            grammar: || tree_sitter_css::LANGUAGE.into(),
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
