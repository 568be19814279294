//! The names in a piece of source, told apart by the characters around them. In: a text. Out: words with how they look
//! used. Knows no grammar, so what stands in comments and strings counts as well: good for weak signs only.

use std::path::Path;

use crate::index::resolve::family;
use crate::syntax::by_path;

/// The languages of which a file's one is: names of others mean nothing in it.
pub(super) fn family_of(path: &str) -> Option<&'static str> {
    by_path(Path::new(path)).map(|language| family(language.name))
}

/// How a word looks used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looks {
    /// `.name`
    Member,
    /// `name(…)`, `name!(…)`, or a name that starts with a capital, as types do.
    CallOrType,
    /// Any other way.
    Other,
}

/// The words of `text` that could be names, in its order.
pub(super) fn names_in(text: &str) -> impl Iterator<Item = (&str, Looks)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text.get(at..)?.find(is_word)?;
        let rest = text.get(start..)?;
        let len = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        at = start + len;
        let (word, before, after) = (rest.get(..len)?, text.get(..start)?, text.get(at..)?);
        let looks = if after.starts_with(['(', '!']) && !after.starts_with("!=") || word.starts_with(char::is_uppercase)
        {
            Looks::CallOrType
        } else if before.ends_with('.') {
            Looks::Member
        } else {
            Looks::Other
        };
        Some((word, looks))
    })
    .filter(|(word, _)| !word.starts_with(char::is_numeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_by_what_stands_around_them() {
        let found: Vec<_> = names_in("self.size = Item::new(x) != max!(1)").collect();
        let expected = [
            ("self", Looks::Other),
            ("size", Looks::Member),
            ("Item", Looks::CallOrType),
            ("new", Looks::CallOrType),
            ("x", Looks::Other),
            ("max", Looks::CallOrType),
        ];
        assert_eq!(found, expected);
    }
}
