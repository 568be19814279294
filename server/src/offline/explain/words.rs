//! Small pieces of English and Markdown: lists, counts, articles, quoted code.

/// `text` as inline code; its fence is longer than any run of backticks in it.
pub(super) fn code(text: &str) -> String {
    let (mut run, mut longest) = (0, 0);
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    if longest == 0 {
        return format!("`{text}`");
    }
    let fence = "`".repeat(longest + 1);
    format!("{fence} {text} {fence}")
}

/// `a, b and c`
pub(super) fn and<S: AsRef<str>>(items: &[S]) -> String {
    join(items, "and")
}

/// `a, b or c`
pub(super) fn or<S: AsRef<str>>(items: &[S]) -> String {
    join(items, "or")
}

fn join<S: AsRef<str>>(items: &[S], last_word: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} {last_word} {}", first.join(", "), last.as_ref())
        }
    }
}

/// `a, b and 4 more`: at most `max` of the items.
pub(super) fn some<S: AsRef<str>>(items: &[S], max: usize) -> String {
    if items.len() <= max + 1 {
        return and(items); // "and 1 more" is no shorter than the one
    }
    let mut shown: Vec<String> = items.iter().take(max).map(|item| item.as_ref().to_owned()).collect();
    shown.push(format!("{} more", items.len() - max));
    and(&shown)
}

/// `1 branch`, `3 branches`
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// `line 3` or `lines 3–5`
pub(super) fn lines(first: usize, last: usize) -> String {
    if first >= last { format!("line {first}") } else { format!("lines {first}–{last}") }
}

/// `line 3` or `lines 3, 5 and 9`, each once.
pub(super) fn line_list(lines: &[usize]) -> String {
    let mut lines = lines.to_vec();
    lines.sort_unstable();
    lines.dedup();
    let word = if lines.len() == 1 { "line" } else { "lines" };
    let shown: Vec<String> = lines.iter().map(ToString::to_string).collect();
    format!("{word} {}", some(&shown, 8))
}

/// `a` or `an`, as the name is read aloud.
pub(super) fn article(name: &str) -> &'static str {
    let mut letters = name.chars().skip_while(|c| !c.is_alphanumeric());
    let (first, second) = (letters.next().unwrap_or(' '), letters.next().unwrap_or(' '));
    let spelled = (first.is_ascii_uppercase() && !second.is_ascii_lowercase()) || second.is_ascii_digit();
    let vowel = if spelled || second == ' ' {
        "AEFHILMNORSX8".contains(first.to_ascii_uppercase())
    } else {
        "aeio8".contains(first.to_ascii_lowercase())
            || (matches!(first, 'U' | 'u') && matches!(second, 'n' | 'p' | 'r'))
    };
    // "a union", "a unit", "a URL" against "an unknown"
    let lower = name.trim_start_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
    let like_you = ["uni", "url", "uri", "one"].iter().any(|start| lower.starts_with(start));
    if vowel && !like_you { "an" } else { "a" }
}

/// An article and the name as code: "an `Option`".
pub(super) fn a_code(name: &str) -> String {
    format!("{} {}", article(name), code(name))
}

/// The text with its first letter large.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// At most `max` characters of the text, `…` in place of the rest.
pub(super) fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(max.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles() {
        let an = ["i32", "Option", "F", "E", "f64", "unknown", "HTTPError", "Error", "&Arc"];
        let a = ["usize", "u8", "String", "T", "Url", "URL", "HashMap", "bool", "User", "Uint8Array", "[u8]"];
        assert!(an.iter().all(|name| article(name) == "an"), "{:?}", an.map(article));
        assert!(a.iter().all(|name| article(name) == "a"), "{:?}", a.map(article));
    }

    #[test]
    fn code_holds_backticks() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("`a` ``b"), "``` `a` ``b ```");
    }

    #[test]
    fn lists_are_cut() {
        assert_eq!(some(&["a", "b", "c"], 2), "a, b and c");
        assert_eq!(some(&["a", "b", "c", "d"], 2), "a, b and 2 more");
        assert_eq!(line_list(&[4, 2, 4]), "lines 2 and 4");
    }
}
