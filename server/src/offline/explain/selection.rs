//! A selection inside a function: its statements, and the variables that go in and out.

use super::source::parts;
use super::words::{and, capital, code, count, lines};
use super::{Explainer, Names, Others, facts, outline, section};
use crate::syntax::{Node, smallest_node};
use crate::text::Span;

/// Explains the selected statements; `None` when the selection is none, or all of the focus.
pub(super) fn explain(explainer: &Explainer<'_>) -> Option<String> {
    let subject = &explainer.context.subject;
    let source = explainer.source;
    let text = source.slice(subject.selection.start, subject.selection.end);
    let start = subject.selection.end - text.trim_start().len();
    let selection = Span::new(start, start + text.trim().len());
    let body = explainer.chunk.body?;
    if selection.len() < 2 || !body.contains(selection) || selection == body {
        return None;
    }
    let function = explainer.node_of(explainer.chunk);
    let statements = statements(explainer, selection, function)?;
    let (first, last) = (statements.first()?.start_byte(), statements.last()?.end_byte());
    if Span::new(first, last) == body || !explainer.grammar.is_callable(function.kind()) {
        return None;
    }
    let (from, to) = (subject.line(first), subject.line(last.saturating_sub(1)));
    let mut out = format!(
        "### {} of {}\n\n{}, {}.\n",
        capital(&lines(from, to)),
        code(&subject.label()),
        capital(&count(statements.len(), "statement", "statements")),
        if from == to { format!("{}:{from}", subject.path) } else { format!("{}:{from}–{to}", subject.path) }
    );
    let names = explainer.grammar.names(source, function);
    out += &section("Variables", &variables(&names, Span::new(first, last)));
    out += &section("What it does", &outline::outline(&explainer.grammar.statements(source, &statements)));
    let mut found = explainer.grammar.facts(source, function);
    found.retain(|fact| (from..=to).contains(&fact.line));
    out += &section("Worth knowing", &facts::write(&found));
    out += &explainer.calls(Span::new(first, last), Others::Hidden);
    Some(out)
}

/// The whole statements that the selection touches.
fn statements<'tree>(explainer: &Explainer<'tree>, selection: Span, function: Node<'tree>) -> Option<Vec<Node<'tree>>> {
    let mut node = smallest_node(explainer.source.tree, selection);
    loop {
        if explainer.grammar.is_block(node.kind()) {
            let inside: Vec<Node<'_>> =
                parts(node).into_iter().filter(|part| selection.overlaps(part.byte_range().into())).collect();
            if !inside.is_empty() {
                return Some(inside);
            }
        }
        if node == function {
            return None;
        }
        node = node.parent()?;
    }
}

/// What the statements read, make, change and hand on. Names are taken as written: one name, one variable.
fn variables(names: &Names, within: Span) -> String {
    let inside = |at: usize| within.start <= at && at < within.end;
    let mut order: Vec<&str> = Vec::new();
    let everything = names.seen.iter().map(|(name, at)| (name.as_str(), *at));
    let bound = names.bound.iter().map(|binding| (binding.name.as_str(), binding.at));
    for (name, _) in everything.chain(bound).filter(|(_, at)| inside(*at)) {
        if !order.contains(&name) {
            order.push(name);
        }
    }
    let (mut reads, mut makes, mut changes, mut hands_on) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for name in order {
        let before = names.bound.iter().any(|binding| binding.name == name && binding.at < within.start);
        let made = names.bound.iter().find(|binding| binding.name == name && inside(binding.at));
        let binds = |at: usize| names.bound.iter().any(|binding| binding.at == at);
        let written = names.written.iter().any(|(one, at)| one == name && inside(*at));
        let read = |(one, at): &&(String, usize)| one == name && !binds(*at) && !names.plain_writes.contains(at);
        let until = made.map_or(usize::MAX, |binding| binding.from);
        let shown = code(name);
        if before && names.seen.iter().filter(read).any(|(_, at)| inside(*at) && *at < until) {
            reads.push(shown.clone());
        }
        if made.is_some() && !(before && written) {
            makes.push(shown.clone());
        }
        if written && made.is_none() {
            changes.push(shown.clone());
        }
        let later = names.seen.iter().filter(read).any(|(_, at)| *at >= within.end);
        if later && (made.is_some() || written) {
            hands_on.push(shown);
        }
    }
    let mut out = String::new();
    for (title, names) in
        [("Reads from before", reads), ("Makes", makes), ("Changes", changes), ("Used after it", hands_on)]
    {
        if !names.is_empty() {
            out += &format!("- {title}: {}\n", and(&names));
        }
    }
    out
}
