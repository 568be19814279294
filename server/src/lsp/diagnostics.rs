//! Diagnostics of other servers, as clients pass them. In: their JSON, and the text that their ranges speak of. Out: what
//! `fix` is told. What can't be read is left out.

use std::path::Path;

use gen_lsp_types as types;
use serde_json::Value;

use super::convert::{self, path_of};
use super::marks;
use crate::operations::Workspace;
use crate::prompt::{Diagnostic, Related, Severity};
use crate::text::{Encoding, Text};

/// Whether a diagnostic complains of something: one of this server's own marks does not, nor does a hint that only fades
/// code out.
pub(super) fn complains(diagnostic: &Value) -> bool {
    let fades = diagnostic["severity"] == 4 && diagnostic["tags"].as_array().is_some_and(|tags| !tags.is_empty());
    diagnostic["source"] != marks::SOURCE && !fades
}

/// One fault, with all that tell of it.
pub(super) struct Problem<'a> {
    pub told: Vec<&'a Value>,
    /// The worst of them, the one with the compiler's own words first.
    pub read: Diagnostic,
}

/// The faults that diagnostics tell of, the worst first: the same from two sources is one, and a hint belongs to its error.
pub(super) fn problems(told: Vec<(&Value, Diagnostic)>) -> Vec<Problem<'_>> {
    let mut told = told;
    told.sort_by_key(|(_, read)| (read.severity, read.text.is_none())); // stable: of equals the client's first
    let mut problems: Vec<Problem<'_>> = Vec::new();
    for (one, read) in told {
        let same = |problem: &&mut Problem<'_>| {
            problem.told.first().is_some_and(|head| is_same(one, &read, head, &problem.read))
        };
        match problems.iter_mut().find(same) {
            Some(problem) => problem.told.push(one),
            None => problems.push(Problem { told: vec![one], read }),
        }
    }
    problems
}

/// Whether a diagnostic tells of the same fault as one that is at least as bad.
fn is_same(one: &Value, read: &Diagnostic, head: &Value, head_read: &Diagnostic) -> bool {
    let (Some(span), Some(head_span)) = (read.span, head_read.span) else { return false };
    let same_code = read.code == head_read.code;
    if same_code && read.code.is_some() && read.source != head_read.source {
        return span.start <= head_span.end && head_span.start <= span.end;
    }
    let codeless = read.code.is_none() && read.source.as_deref() == Some("rustc");
    let is_hint = read.severity == Severity::Hint && head_read.severity != Severity::Hint;
    let names = |from: &Value, to: &Value| {
        let related = from["relatedInformation"].as_array();
        related.is_some_and(|all| all.iter().any(|related| related["location"]["range"] == to["range"]))
    };
    let of_error = same_code && (head_span.contains(span) || names(one, head));
    is_hint && of_error || (is_hint || codeless) && names(head, one)
}

/// Reads one; `text` is the document that its range speaks of.
pub(super) fn read(
    diagnostic: &Value,
    path: &Path,
    text: &Text,
    encoding: Encoding,
    workspace: &Workspace,
) -> Option<Diagnostic> {
    let message = &diagnostic["message"];
    // from LSP 3.18 on it may be Markdown
    let message = message.as_str().or_else(|| message["value"].as_str())?;
    let range: types::Range = serde_json::from_value(diagnostic["range"].clone()).ok()?;
    let code = &diagnostic["code"];
    let code = code.as_str().map(str::to_owned).or_else(|| code.as_i64().map(|code| code.to_string()));
    let related = diagnostic["relatedInformation"].as_array().into_iter().flatten();
    let related = related.filter_map(|related| {
        let place = &related["location"];
        let file = path_of(&types::Uri(place["uri"].as_str()?.to_owned()));
        let line = usize::try_from(place["range"]["start"]["line"].as_u64()?).ok()? + 1;
        let name = if file == path { workspace.name_of(path) } else { workspace.policy().relative(&file).ok()? };
        Some(Related { path: name, line, message: related["message"].as_str()?.to_owned() })
    });
    Some(Diagnostic {
        span: Some(text.span(convert::range(range), encoding)),
        severity: match diagnostic["severity"].as_u64() {
            Some(2) => Severity::Warning,
            Some(3) => Severity::Information,
            Some(4) => Severity::Hint,
            _ => Severity::Error,
        },
        code,
        source: diagnostic["source"].as_str().map(str::to_owned),
        related: related.collect(),
        // rust-analyzer keeps there what the compiler prints
        text: diagnostic["data"]["rendered"].as_str().map(str::to_owned),
        ..Diagnostic::of_message(message)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::text::Span;

    /// Source, severity, message, code, place on the line, related places.
    type Told<'a> = (&'a str, u8, &'a str, Option<&'a str>, [usize; 2], &'a [[usize; 2]]);

    /// The messages of each fault's diagnostics.
    fn check(told: &[Told<'_>], wanted: &[&[&str]]) {
        let range = |[from, to]: [usize; 2]| json!({ "start": { "line": 0, "character": from }, "end": { "line": 0, "character": to } });
        let values: Vec<Value> = told
            .iter()
            .map(|(source, severity, message, code, at, related)| {
                let related: Vec<Value> =
                    related.iter().map(|at| json!({ "location": { "range": range(*at) }, "message": "x" })).collect();
                json!({ "source": source, "severity": severity, "message": message, "code": code, "range": range(*at),
                        "relatedInformation": related })
            })
            .collect();
        let read = told.iter().map(|(source, severity, message, code, at, _)| Diagnostic {
            span: Some(Span::new(at[0], at[1])),
            severity: if *severity == 4 { Severity::Hint } else { Severity::Error },
            code: code.map(str::to_owned),
            source: Some((*source).to_owned()),
            text: (*source == "rustc" && *severity == 1).then(|| "rendered".to_owned()),
            ..Diagnostic::of_message(message)
        });
        let found = problems(values.iter().zip(read).collect());
        let messages = |problem: &Problem<'_>| {
            problem.told.iter().map(|one| one["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found.iter().map(messages).collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn what_rust_analyzer_tells_of_one_fault_is_one() {
        const CODE: Option<&str> = Some("E0308");
        // let y: String = x;
        let whole: [Told<'_>; 3] = [
            ("rust-analyzer", 1, "expected String, found u32", CODE, [16, 17], &[]),
            ("rustc", 1, "mismatched types", CODE, [16, 17], &[[7, 13]]),
            ("rustc", 4, "expected due to this", CODE, [7, 13], &[[16, 17]]),
        ];
        check(&whole, &[&["mismatched types", "expected String, found u32", "expected due to this"]]);
        // without the error's own list, and without a code
        check(&[whole[1], ("rustc", 4, "a hint", None, [7, 13], &[])], &[&["mismatched types", "a hint"]]);
        check(
            &[("rustc", 1, "mismatched types", CODE, [16, 17], &[]), whole[2]],
            &[&["mismatched types", "expected due to this"]],
        );
        // inside of it
        check(
            &[("a", 1, "error", Some("1"), [3, 9], &[]), ("a", 4, "hint", Some("1"), [4, 5], &[])],
            &[&["error", "hint"]],
        );
    }

    #[test]
    fn what_may_be_another_fault_stays_one_of_its_own() {
        let error = ("rustc", 1, "mismatched types", Some("E0308"), [3, 9], &[][..]);
        check(&[error, ("rustc", 1, "inside", Some("E0308"), [4, 5], &[])], &[&["mismatched types"], &["inside"]]);
        check(&[error, ("ra", 1, "apart", Some("E0308"), [11, 12], &[])], &[&["mismatched types"], &["apart"]]);
        check(&[error, ("ra", 1, "code", Some("E0001"), [3, 9], &[])], &[&["mismatched types"], &["code"]]);
        check(&[error, ("rustc", 4, "hint", Some("E0001"), [4, 5], &[])], &[&["mismatched types"], &["hint"]]);
        // no code says nothing of being the same
        let one = ("a", 1, "one", None, [3, 9], &[][..]);
        check(&[one, ("b", 1, "two", None, [3, 9], &[])], &[&["one"], &["two"]]);
    }
}
