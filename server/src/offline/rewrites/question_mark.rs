//! `?` instead of a `match` that hands on the failure.
//!
//! ```text
//! let a = match b() {
//!     Ok(a) => a,                 →       let a = b()?;
//!     Err(err) => return Err(err),
//! };
//! ```

use super::logic::binds_tightly;
use super::moves::is_plain;
use super::site::{Family, Site, children, has_comment, is_comment, parts};
use super::{Found, Rule};
use crate::syntax::Node;
use crate::text::{Edit, Span};

pub(super) const RULE: Rule = Rule {
    name: "question-mark",
    description: "Use `?` instead of a `match` that returns the failure as it is",
    families: &[Family::Rust],
    kinds: &["match_expression"],
    find,
};

fn find(site: &Site<'_>, node: Node<'_>) -> Option<Found> {
    site.above(0).filter(|parent| parent.kind() == "let_declaration")?;
    let scrutinee = node.child_by_field_name("value")?;
    let block = node.child_by_field_name("body")?;
    let [first, second] = parts(block)[..] else { return None };
    if has_comment(node) && children(block).iter().chain(&children(node)).any(|child| is_comment(child.kind())) {
        return None;
    }
    let (kept, left) = if site.text(first.child_by_field_name("value")?).starts_with("return") {
        (second, first)
    } else {
        (first, second)
    };
    if has_comment(kept) || has_comment(left) || !is_plain(scrutinee) {
        return None;
    }
    let squeezed = |arm: Node<'_>| -> Option<(String, String)> {
        let squeeze = |node: Node<'_>| site.text(node).split_whitespace().collect::<Vec<_>>().join(" ");
        Some((squeeze(arm.child_by_field_name("pattern")?), squeeze(arm.child_by_field_name("value")?)))
    };
    let ((pattern, value), (failure, exit)) = (squeezed(kept)?, squeezed(left)?);
    let exit = exit.trim_start_matches("{ ").trim_end_matches(" }").trim_end_matches(';');
    let inside = |wrapper: &str, text: &str| {
        text.strip_prefix(wrapper)?.strip_suffix(')').filter(|name| is_name(name)).map(str::to_owned)
    };
    let returns = returns(site)?;
    if let (Some(kept), Some(left)) = (inside("Ok(", &pattern), inside("Err(", &failure)) {
        let same = value == kept && exit == format!("return Err({left})") && returns.contains("Result");
        same.then_some(())?;
    } else {
        let kept = inside("Some(", &pattern)?;
        let same = value == kept && failure == "None" && exit == "return None" && returns.starts_with("Option");
        same.then_some(())?;
    }
    let tight = binds_tightly(Family::Rust, scrutinee);
    let (open, close) = if tight { ("", "?") } else { ("(", ")?") };
    Some(Found::new(
        "Use `?` to hand on the failure",
        vec![
            Edit::new(Span::new(node.start_byte(), scrutinee.start_byte()), open),
            Edit::new(Span::new(scrutinee.end_byte(), node.end_byte()), close),
        ],
    ))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_lowercase() || c == '_')
        && text.len() > usize::from(text.starts_with('_'))
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The return type of the function that `?` would leave; constant functions can't use it, and closures may not know
/// their error type then.
fn returns(site: &Site<'_>) -> Option<String> {
    let around = site.ancestors.iter().rev().find(|node| {
        matches!(
            node.kind(),
            "function_item" | "closure_expression" | "async_block" | "try_block" | "const_block" | "gen_block"
        )
    })?;
    let head = site.between(around.start_byte(), around.child_by_field_name("name")?.start_byte());
    if around.kind() != "function_item" || head.split_whitespace().any(|word| word == "const") {
        return None;
    }
    let kind = site.text(around.child_by_field_name("return_type")?);
    let kind = kind.rsplit_once("::").filter(|(path, _)| !path.contains('<')).map_or(&*kind, |(_, name)| name);
    Some(kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_none, check_rewrite};

    #[test]
    fn rust() {
        check_rewrite(
            "rust",
            "question-mark",
            "fn f() -> io::Result<u8> {\n    let a = match b() {\n        Ok(a) => a,\n        Err(err) => return Err(err),\n    };\n    Ok(a)\n}\n",
            "fn f() -> io::Result<u8> {\n    let a = b()?;\n    Ok(a)\n}\n",
        );
        check_rewrite(
            "rust",
            "question-mark",
            "fn f() -> Option<u8> {\n    let a = match *b {\n        None => return None,\n        Some(x) => x,\n    };\n    g(a)\n}\n",
            "fn f() -> Option<u8> {\n    let a = (*b)?;\n    g(a)\n}\n",
        );
    }

    #[test]
    fn refused() {
        let none = |source| check_none("rust", "question-mark", source);
        none(
            "fn f() -> Result<u8, E> {\n    let a = match b() {\n        Ok(a) => a,\n        Err(err) => return Err(err.into()),\n    };\n    Ok(a)\n}\n",
        );
        none(
            "fn f() -> Result<u8, E> {\n    let a = match b() {\n        Ok(a) => a + 1,\n        Err(err) => return Err(err),\n    };\n    Ok(a)\n}\n",
        );
        none(
            "const fn f() -> Option<u8> {\n    let a = match b() {\n        Some(a) => a,\n        None => return None,\n    };\n    g(a)\n}\n",
        );
        none(
            "fn f() -> Option<u8> {\n    let g = || {\n        let a = match b() {\n            Some(a) => a,\n            None => return None,\n        };\n        g(a)\n    };\n    g()\n}\n",
        );
        none(
            "fn f() -> Option<u8> {\n    let a = match b() {\n        // why\n        Some(a) => a,\n        None => return None,\n    };\n    g(a)\n}\n",
        );
    }
}
