//! The actions of `fix`: one for each of the first complaints of other servers at a place, and one for all of the focus's.
//! A client that passes none (Neovim passes no other server's) gets one for what the project's own commands say.

use gen_lsp_types as types;
use serde_json::{Value, json};

use super::{Actions, NEEDS_MODEL, may_change, place};
use crate::config::{OFFLINE, Verify};
use crate::context::Subject;
use crate::documents::Snapshot;
use crate::lsp::convert;
use crate::lsp::diagnostics::{self, Problem};
use crate::operations::{Env, Workspace, focus_on};
use crate::prompt::{BuiltIn, Diagnostic, Wish};

const FIX: &str = "quickfix.whittle.fix";
/// So many complaints have an action of their own: the worst.
const MOST: usize = 3;

/// Some complaints with the title of what fixes them.
struct Fix<'a> {
    title: String,
    told: Vec<&'a Value>,
    read: Vec<Diagnostic>,
}

pub(super) fn add(
    actions: &mut Actions<'_>,
    env: &Env,
    workspace: &Workspace,
    snapshot: &Snapshot,
    subject: &Subject,
    params: &types::CodeActionParams,
    told: &[Value],
) {
    let operation = env.operations.of(BuiltIn::Fix);
    if !actions.wants(FIX) || !operation.takes(subject.language.map(|language| language.name)) {
        return;
    }
    let model = env.next_model(operation, &snapshot.path);
    let features = &actions.session.features;
    let title = |read: &[Diagnostic]| {
        let focus = focus_on(subject.clone(), read).label();
        operation.title_of(&Wish { diagnostics: read.to_vec(), ..Wish::default() }, &format!("`{focus}`"))
    };
    let asked = snapshot.text.span(convert::range(params.range), features.encoding);
    let lines = snapshot.text.line_of(asked.start)..=snapshot.text.line_of(asked.end);
    let here: Vec<(&Value, Diagnostic)> = told
        .iter()
        .filter_map(|one| {
            Some((one, diagnostics::read(one, &snapshot.path, &snapshot.text, features.encoding, workspace)?))
        })
        .filter(|(_, read)| {
            let at = |at| snapshot.text.line_of(at);
            read.span.is_some_and(|span| at(span.start) <= *lines.end() && *lines.start() <= at(span.end))
        })
        .collect();
    if here.is_empty() {
        let may_ask = env.settings.edits.verify != Verify::Off
            && may_change(subject)
            && features.is_neovim
            && actions.session.is_trusted(workspace);
        if may_ask && model != OFFLINE {
            let title = format!("{} ({model})", title(&[]));
            actions.command(&title, FIX, "whittle.fix", place(params, snapshot, json!({})));
        }
        return;
    }
    let problems = diagnostics::problems(here);
    let mut fixes: Vec<Fix<'_>> = Vec::new();
    for Problem { told, read } in &problems {
        let title = title(std::slice::from_ref(read));
        match fixes.iter_mut().find(|fix| fix.title == title) {
            Some(fix) => {
                fix.told.extend(told);
                fix.read.push(read.clone());
            }
            None => fixes.push(Fix { title, told: told.clone(), read: vec![read.clone()] }),
        }
    }
    if let [worst, _, ..] = fixes.as_slice() {
        // those that one answer can fix
        let focus = focus_on(subject.clone(), &worst.read);
        let inside = |read: &Diagnostic| read.span.is_some_and(|span| focus.chunk().span.contains(span));
        let all: Vec<_> = problems.iter().filter(|problem| inside(&problem.read)).collect();
        if all.len() > 1 {
            let read: Vec<Diagnostic> = all.iter().map(|problem| problem.read.clone()).collect();
            fixes.truncate(MOST);
            let told = all.iter().flat_map(|problem| problem.told.iter().copied()).collect();
            fixes.push(Fix { title: title(&read), told, read });
        }
    }
    fixes.truncate(MOST + 1);
    for Fix { title, told, .. } in fixes {
        if model == OFFLINE {
            return actions.disabled(&title, FIX, NEEDS_MODEL);
        }
        let title = format!("{title} ({model})");
        let range = told.first().map_or(json!(params.range), |first| first["range"].clone());
        let arguments = place(params, snapshot, json!({ "range": range, "diagnostics": told }));
        actions.found.push(json!({
            "title": title,
            "kind": FIX,
            "diagnostics": told,
            "command": { "title": title, "command": "whittle.fix", "arguments": [arguments] },
        }));
    }
}
