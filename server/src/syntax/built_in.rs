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
    "c": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "cpp": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "csharp": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "go": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "java": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "javascript": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "jsx": "references";
    #[cfg(feature = "kotlin")]
    "kotlin": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "python": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "rust": "chunks" "references" "symbols" "imports" "folds" "scopes";
    #[cfg(feature = "scala")]
    "scala": "chunks" "references" "symbols" "imports" "folds" "scopes";
    #[cfg(feature = "swift")]
    "swift": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "typescript": "chunks" "references" "symbols" "imports" "folds" "scopes";
}
