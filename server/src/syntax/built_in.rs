//! The query files that are compiled in: one line a folder of queries/.

macro_rules! folders {
    ($($folder:literal: $($file:literal)+;)+) => {
        /// `FOLDER/FILE` → text.
        pub(super) const QUERIES: &[(&str, &str)] = &[$($((
            concat!($folder, "/", $file, ".scm"),
            include_str!(concat!("../../../queries/", $folder, "/", $file, ".scm")),
        )),+),+];
    };
}

folders! {
    "javascript": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "jsx": "references";
    "python": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "rust": "chunks" "references" "symbols" "imports" "folds" "scopes";
    "typescript": "chunks" "references" "symbols" "imports" "folds" "scopes";
}
