//! What the focus refers to and where it is used: asks the index's resolution on behalf of a subject.

use super::{Subject, Texts};
use crate::index::Index;
use crate::index::resolve::{self, CallSite, Resolved, Source};
use crate::syntax::Tree;

/// The definitions that the focus refers to, in the order in which it does.
#[must_use]
pub fn resolve(subject: &Subject, index: &Index, texts: &dyn Texts) -> Vec<Resolved> {
    let Some(tree) = &subject.tree else { return Vec::new() };
    resolve::resolve(&source(subject, tree), index, &|path| texts.text(path))
}

/// The places that use the focus.
pub(super) fn uses_of_focus(subject: &Subject, index: &Index, texts: &dyn Texts) -> Vec<CallSite> {
    let Some(tree) = &subject.tree else { return Vec::new() };
    resolve::call_sites(&source(subject, tree), index, &|path| texts.text(path))
}

fn source<'a>(subject: &'a Subject, tree: &'a Tree) -> Source<'a> {
    Source { path: &subject.path, text: &subject.text, tree, chunks: &subject.chunks, focus: subject.focus }
}
