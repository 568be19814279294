//! The query files that are compiled in: one line a folder of queries/.

macro_rules! folders {
    ($($(#[$feature:meta])? $folder:literal: $($file:literal)+;)+) => {
        /// The files of each folder: `FOLDER/FILE` → text.
        pub(super) const QUERIES: &[&[(&str, &str)]] = &[$($(#[$feature])? &[$((
            concat!($folder, "/", $file, ".scm"),
            include_str!(concat!("../../../queries/", $folder, "/", $file, ".scm")),
        )),+]),+];
    };
}

folders! {
    "bash": "chunks" "references" "imports" "folds" "scopes";
    "c": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "cpp": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "csharp": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "css": "chunks";
    #[cfg(feature = "elixir")]
    "elixir": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "go": "chunks" "references" "symbols" "imports" "folds" "scopes";
    #[cfg(feature = "haskell")]
    "haskell": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "html": "chunks";
    "java": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "javascript": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "javascript-only": "chunks" "symbols";
    "json": "chunks";
    "jsx": "references";
    #[cfg(feature = "kotlin")]
    "kotlin": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "lua": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "markdown": "chunks";
    "php": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "python": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "ruby": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "rust": "chunks" "references" "symbols" "imports" "folds" "scopes";
    #[cfg(feature = "scala")]
    "scala": "chunks" "references" "symbols" "imports" "folds" "scopes";
    #[cfg(feature = "swift")]
    "swift": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "toml": "chunks";
    "typescript": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "yaml": "chunks";
    #[cfg(feature = "zig")]
    "zig": "chunks" "references" "symbols" "imports" "folds" "scopes";
}
