//! A Python f-string instead of `.format`.
//!
//! ```text
//! "{} of {:>3}".format(a, b.c)    →   f"{a} of {b.c:>3}"
//! ```
//!
//! `.format` evaluates all arguments before it formats the first, an f-string one after the other: a call may only come
//! first, and each argument is used once and in order.

use super::site::{Family, Site, any_under, on_one_line, parts};
use super::{Found, Rule};
use crate::syntax::Node;
use crate::text::Edit;

pub(super) const RULE: Rule = Rule {
    name: "f-string",
    description: "Use an f-string instead of `.format`",
    families: &[Family::Python],
    kinds: &["call"],
    find,
};

fn find(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    let function = node.child_by_field_name("function").filter(|function| function.kind() == "attribute")?;
    let string = function.child_by_field_name("object").filter(|object| object.kind() == "string")?;
    let arguments = node.child_by_field_name("arguments").filter(|arguments| arguments.kind() == "argument_list")?;
    if site.text(function.child_by_field_name("attribute")?) != "format"
        || !on_one_line(node)
        || super::site::has_comment(node)
    {
        return None;
    }
    let source = site.text(string);
    // a plain literal: no prefix, no escapes, one line
    let quote = source.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    if source.contains('\\') || source.len() < 2 || source.starts_with("\"\"\"") || source.starts_with("'''") {
        return None;
    }
    let inner = source.strip_prefix(quote)?.strip_suffix(quote)?;
    let arguments = parts(arguments);
    if arguments.is_empty() {
        return None;
    }
    let mut values = Vec::new();
    for (at, argument) in arguments.into_iter().enumerate() {
        let (name, value) = match argument.kind() {
            "keyword_argument" => {
                (Some(site.text(argument.child_by_field_name("name")?)), argument.child_by_field_name("value")?)
            }
            _ => (None, argument),
        };
        if !is_simple(value, at == 0) {
            return None;
        }
        values.push((name, site.text(value)));
    }
    let text = fill(inner, &values)?;
    let start = site.column(node.start_byte());
    if start + text.chars().count() + 3 > 100 && text.chars().count() + 3 > site.text(node).chars().count() {
        return None;
    }
    Some(Found::new("Use an f-string", vec![Edit::new(node.byte_range().into(), format!("f{quote}{text}{quote}"))]))
}

/// True for names, their attributes and whole numbers; for calls of those only where nothing was evaluated before.
fn is_simple(value: Node<'_>, first: bool) -> bool {
    !any_under(value, &|_| false, &|node| match node.kind() {
        "identifier" | "attribute" | "." | "integer" => false,
        "call" | "argument_list" | "(" | ")" | "," => !first,
        _ => true,
    })
}

/// The text of the f-string, or `None` when the placeholders are not the arguments one by one.
fn fill(format: &str, values: &[(Option<std::borrow::Cow<'_, str>>, std::borrow::Cow<'_, str>)]) -> Option<String> {
    let mut out = String::new();
    let mut rest = format;
    let mut used = 0;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
            out.push_str(from.get(..2)?);
            rest = after;
            continue;
        }
        let (field, after) = from.strip_prefix('{')?.split_once('}')?;
        let end = field.find(['!', ':']).unwrap_or(field.len());
        let (name, spec) = field.split_at(end);
        let (key, value) = values.get(used)?;
        let matches = match key {
            Some(key) => name == key,
            None => name.is_empty() || name.parse() == Ok(used),
        };
        if !matches
            || spec.contains('{')
            || spec == "!"
            || (spec.starts_with('!') && !matches!(spec.get(..2), Some("!r" | "!s" | "!a")))
        {
            return None;
        }
        out.push('{');
        out.push_str(value);
        out.push_str(spec);
        out.push('}');
        used += 1;
        rest = after;
    }
    out.push_str(rest);
    (used == values.len()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_none, check_rewrite};

    #[test]
    fn python() {
        check_rewrite("python", "f-string", "x = \"{} of {:>3}\".format(a, b.c)\n", "x = f\"{a} of {b.c:>3}\"\n");
        check_rewrite("python", "f-string", "x = '{{{0}}} {1!r}'.format(len(a), b)\n", "x = f'{{{len(a)}}} {b!r}'\n");
        check_rewrite("python", "f-string", "x = '{a} {c}'.format(a=b, c=d)\n", "x = f'{b} {d}'\n");
        let none = |source| check_none("python", "f-string", source);
        none("x = '{1} {0}'.format(a, b)\n");
        none("x = '{} {}'.format(a, b.pop())\n");
        none("x = '{0} {0}'.format(a)\n");
        none("x = '{}'.format(*a)\n");
        none("x = '{0.a}'.format(a)\n");
        none("x = '{:{}}'.format(a, b)\n");
        none("x = '\\n{}'.format(a)\n");
        none("x = '{}'.format(a['b'])\n");
        none("x = y.format(a)\n");
        none("x = '{'.format(a)\n");
    }
}
