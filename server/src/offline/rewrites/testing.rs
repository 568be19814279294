//! Helpers for the rules' tests: source text before and after.

use super::{Rewrite, applicable, touching};
use crate::syntax::{Tree, by_name, faults};
use crate::text::{Span, Text, apply_edits};

fn rewrites(language: &str, before: &str) -> (Text, Vec<Rewrite>) {
    let cursor = before.find("$0");
    let text = Text::from(before.replace("$0", "").as_str());
    let tree = Tree::parse(&text, by_name(language).unwrap(), None, None).unwrap();
    let all = applicable(&tree, &text, Span::new(0, text.len()));
    for rewrite in &all {
        let after = apply_edits(&text, &rewrite.edits);
        let parsed = Tree::parse(&after, tree.language(), None, None).unwrap();
        assert!(faults(parsed.root()) <= faults(tree.root()), "{} breaks the syntax:\n{after}", rewrite.name);
    }
    let rewrites = match cursor {
        Some(at) => touching(all, Span::new(at, at)),
        None => all,
    };
    (text, rewrites)
}

/// The rule `name` changes `before`, at the cursor `$0` if there is one, into `after`.
pub(super) fn check_rewrite(language: &str, name: &str, before: &str, after: &str) {
    let (text, rewrites) = rewrites(language, before);
    let Some(rewrite) = rewrites.iter().find(|rewrite| rewrite.name == name) else {
        panic!("{name} is not offered, only {:?}, for\n{before}", rewrites.iter().map(|r| r.name).collect::<Vec<_>>());
    };
    pretty(&apply_edits(&text, &rewrite.edits).to_text(), after, &rewrite.title);
    // the same with CRLF
    if !before.contains('\r') {
        let (text, rewrites) = self::rewrites(language, &before.replace('\n', "\r\n"));
        let rewrite = rewrites.iter().find(|rewrite| rewrite.name == name).expect("offered with CRLF too");
        pretty(&apply_edits(&text, &rewrite.edits).to_text(), &after.replace('\n', "\r\n"), "with CRLF");
    }
}

fn pretty(got: &str, wanted: &str, title: &str) {
    assert!(got == wanted, "{title}\n--- got\n{got}\n--- wanted\n{wanted}");
}

/// The rule `name` is not offered anywhere in `source`.
pub(super) fn check_none(language: &str, name: &str, source: &str) {
    let (_, rewrites) = rewrites(language, source);
    assert!(rewrites.iter().all(|rewrite| rewrite.name != name), "{name} is offered for\n{source}");
}
