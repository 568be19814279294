//! Examples in Rust documentation as tests: what they assert is the best thing to expect.

/// A test's body, and what its head needs.
#[derive(Debug, PartialEq)]
pub(super) struct Example {
    pub(super) body: String,
    pub(super) should_panic: bool,
    /// The error type of an example that ends with `Ok::<(), E>(())`.
    pub(super) error: Option<String>,
}

/// The examples with assertions in the documentation above an item.
pub(super) fn examples(documentation: &str, crate_name: &str, no_std: bool) -> Vec<Example> {
    let mut found = Vec::new();
    let mut open: Option<(Vec<String>, bool, bool)> = None;
    for line in documentation.lines().map(str::trim) {
        let Some(line) = line.strip_prefix("///") else { continue };
        let line = line.strip_prefix(' ').unwrap_or(line);
        if let Some(info) = line.trim_start().strip_prefix("```") {
            open = match open.take() {
                Some((lines, runs, panics)) => {
                    found.extend(runs.then(|| example(&lines, crate_name, no_std, panics)).flatten());
                    None
                }
                None => {
                    let words: Vec<&str> =
                        info.split([',', ' ']).map(str::trim).filter(|word| !word.is_empty()).collect();
                    let runs = words.iter().all(|word| matches!(*word, "rust" | "should_panic"));
                    Some((Vec::new(), runs, words.contains(&"should_panic")))
                }
            };
        } else if let Some((lines, ..)) = &mut open {
            let hidden = line.trim_start();
            lines.push(if hidden == "#" {
                String::new()
            } else if let Some(rest) = hidden.strip_prefix("# ") {
                rest.to_owned()
            } else if let Some(rest) = hidden.strip_prefix("##") {
                format!("#{rest}")
            } else {
                line.to_owned()
            });
        }
    }
    found
}

fn example(lines: &[String], crate_name: &str, no_std: bool, should_panic: bool) -> Option<Example> {
    let mut error = None;
    let mut body: Vec<String> = Vec::new();
    for line in lines {
        let plain = line.trim();
        if plain.starts_with("#![") || plain.starts_with("extern crate") {
            if plain.contains("feature") || plain.contains("macro_use") {
                return None;
            }
            continue;
        }
        if let Some(ty) = plain.strip_prefix("Ok::<(), ").and_then(|rest| rest.strip_suffix(">(())")) {
            error = Some(ty.to_owned());
            body.push("Ok(())".to_owned());
            continue;
        }
        body.push(in_crate(line, crate_name)?);
    }
    let text = body.join("\n");
    // what stands for the crate's own macros, or is there for the reader only
    let asserts = text.contains("assert") || should_panic;
    if !asserts
        || text.contains("...") && !text.contains("\"")
        || text.contains("macro_rules!")
        || text.contains("use super::")
    {
        return None;
    }
    let has_main = text.contains("fn main()");
    if !has_main && error.is_none() && has_question_mark(&text) {
        return None;
    }
    let mut text = text.trim_matches('\n').trim_end().to_owned();
    if has_main {
        let fails = text.split("fn main()").nth(1).is_some_and(|rest| rest.trim_start().starts_with("->"));
        text.push_str(if fails { "\nmain().unwrap();" } else { "\nmain();" });
    }
    if no_std {
        let mut head = String::from("use std::prelude::v1::*;\n");
        let macros: Vec<&str> =
            ["format", "println", "vec"].into_iter().filter(|name| text.contains(&format!("{name}!"))).collect();
        if !macros.is_empty() {
            head.push_str(&format!("use std::{{{}}};\n", macros.join(", ")));
        }
        text = head + &text;
    }
    Some(Example { body: text, should_panic, error })
}

/// The line as it reads inside the crate; `None` when it can't be said there.
fn in_crate(line: &str, crate_name: &str) -> Option<String> {
    if crate_name.is_empty() {
        return Some(line.to_owned());
    }
    let plain = line.trim();
    if plain == format!("use {crate_name};") {
        return Some(String::new());
    }
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(crate_name) {
        let (before, after) = rest.split_at(at);
        let after = after.strip_prefix(crate_name)?;
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let starts = !before.ends_with(word) && !before.ends_with("::") && !before.ends_with('.');
        let whole = format!("{out}{before}");
        let colons = before.ends_with("::") && !whole.trim_end_matches("::").ends_with(word);
        out.push_str(if colons { before.trim_end_matches("::") } else { before });
        let import = plain.starts_with(&format!("use {crate_name} as"));
        out.push_str(if (starts || colons) && (after.starts_with("::") || import) { "crate" } else { crate_name });
        rest = after;
    }
    out.push_str(rest);
    // `crate::name!` does not see macros that a macro defines, and `use crate::{self}` is no import
    (!out.contains("crate::{self")).then_some(out)
}

fn has_question_mark(text: &str) -> bool {
    text.contains("?;") || text.contains("?.") || text.contains("?)") || text.contains("? ") && text.contains("try")
}
