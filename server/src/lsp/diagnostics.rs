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
