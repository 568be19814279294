//! What a context may take into account besides the code, and which of its stages take part. Plain data.

use std::collections::{BTreeSet, HashMap, HashSet};

/// Weak signs that a file matters; all paths relative to the workspace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signs {
    /// Files that are open in the editor.
    pub open: HashSet<String>,
    /// Files that were edited a short while ago.
    pub edited: HashSet<String>,
    /// Files that changed in the same commits as the focus's file, with the share of its commits, from zero to one.
    pub together: HashMap<String, f64>,
    /// Names in the messages of what is to be fixed.
    pub named: BTreeSet<String>,
}

/// The stages of a context that can be left out, to measure what each is worth. All take part by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stages {
    /// What the focus refers to.
    pub references: bool,
    /// The types that own the focus and what it refers to.
    pub owners: bool,
    /// What has a name that the focus uses, where nothing is known of what that means.
    pub names: bool,
    /// Types in the signatures of what the focus refers to.
    pub signature_types: bool,
    /// Where the focus is used.
    pub call_sites: bool,
    /// What belongs to the same type and uses the same fields; what stands in the same file.
    pub siblings: bool,
    /// What a walk over the symbols around the focus comes by often.
    pub walk: bool,
    /// Levels other than the signature.
    pub levels: bool,
    /// The last places are improved by swaps.
    pub swaps: bool,
    /// What is worth too little a token is left out.
    pub threshold: bool,
}

impl Stages {
    /// Every stage by its name, left out of all, in the order of the fields.
    #[must_use]
    pub fn each_left_out() -> Vec<(&'static str, Self)> {
        let all = Self::default();
        vec![
            ("references", Self { references: false, ..all }),
            ("owners", Self { owners: false, ..all }),
            ("names", Self { names: false, ..all }),
            ("signature types", Self { signature_types: false, ..all }),
            ("call sites", Self { call_sites: false, ..all }),
            ("siblings", Self { siblings: false, ..all }),
            ("walk", Self { walk: false, ..all }),
            ("levels", Self { levels: false, ..all }),
            ("swaps", Self { swaps: false, ..all }),
            ("threshold", Self { threshold: false, ..all }),
        ]
    }
}

impl Default for Stages {
    fn default() -> Self {
        Self {
            references: true,
            owners: true,
            names: true,
            signature_types: true,
            call_sites: true,
            siblings: true,
            walk: true,
            levels: true,
            swaps: true,
            threshold: true,
        }
    }
}
