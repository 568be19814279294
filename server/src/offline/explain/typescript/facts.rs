//! What TypeScript's and JavaScript's bodies do that is worth knowing.

use std::collections::{HashMap, HashSet};

use super::super::acts::is_last;
use super::super::facts::{Fact, Sort};
use super::super::source::{Source, part, parts, walk};
use crate::chunks::ChunkKind;
use crate::syntax::Node;

pub(super) fn facts(source: &Source<'_>, function: Node<'_>) -> Vec<Fact> {
    let Some(body) = function.child_by_field_name("body") else { return Vec::new() };
    let imports = imports(source);
    let local: HashSet<String> = super::names(source, function).bound.into_iter().map(|binding| binding.name).collect();
    let chunks = &source.subject.chunks;
    let top = chunks.children(crate::chunks::ChunkId::FILE).map(|id| chunks.get(id));
    let shared: HashSet<&str> =
        top.filter(|chunk| chunk.kind == ChunkKind::Constant).map(|chunk| &*chunk.name).collect();
    let mut facts = Vec::new();
    // ends of the callbacks that are being walked: `return` and `await` in them belong to them
    let mut inner_end = 0;
    walk(body, &mut |node| {
        let mut add = |sort, text: String| facts.push(Fact { sort, line: source.line(node), text });
        let field = |name| node.child_by_field_name(name);
        let own = node.start_byte() >= inner_end;
        match node.kind() {
            "function_declaration" | "generator_function_declaration" | "class_declaration" | "method_definition" => {
                return false;
            }
            "arrow_function" | "function_expression" | "generator_function" => {
                let named = node.parent().is_some_and(|parent| parent.kind() == "variable_declarator");
                if named {
                    return false; // a chunk of its own
                }
                inner_end = inner_end.max(node.end_byte());
            }
            "if_statement" => {
                add(Sort::Branch, String::new());
                add(Sort::Decision, String::new());
            }
            "switch_statement" => add(Sort::Branch, String::new()),
            "switch_case" | "ternary_expression" | "catch_clause" => add(Sort::Decision, String::new()),
            "for_statement" | "for_in_statement" | "while_statement" | "do_statement" => {
                add(Sort::Loop, String::new());
                add(Sort::Decision, String::new());
            }
            "binary_expression"
                if field("operator").is_some_and(|one| matches!(source.text(one), "&&" | "||" | "??")) =>
            {
                add(Sort::Decision, String::new());
            }
            "return_statement" if own && !is_last(node) => add(Sort::EarlyExit, String::new()),
            "throw_statement" => {
                add(Sort::Fails("Throws"), parts(node).first().map_or_else(String::new, |v| source.quote(*v, 48)));
            }
            "try_statement" if field("handler").is_some() => add(Sort::Catches, String::new()),
            "non_null_expression" => add(Sort::NonNull, source.quote(node, 48)),
            "await_expression" if own => add(Sort::Await, String::new()),
            "yield_expression" if own => add(Sort::Yield, String::new()),
            "assignment_expression" | "augmented_assignment_expression" | "update_expression" => {
                let left = field("left").or_else(|| field("argument")).filter(|left| left.kind() == "identifier");
                let name = left.map_or("", |left| source.text(left));
                if shared.contains(name) && !local.contains(name) {
                    add(Sort::Global, name.to_owned());
                }
            }
            "call_expression" | "new_expression" => {
                let Some(function) = field("function").or_else(|| field("constructor")) else { return true };
                let text = source.text(function);
                let head = text.split(['.', '?']).next().unwrap_or(text);
                if local.contains(head)
                    || !text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '?'))
                {
                    if text.starts_with("expect(") {
                        add(Sort::Asserts, source.quote(node, 72));
                        return false;
                    }
                    return true;
                }
                let new = node.kind() == "new_expression";
                let arguments = field("arguments").map_or(0, |arguments| parts(arguments).len());
                if let Some(what) = outside(text, imports.get(head).map(String::as_str), new, arguments) {
                    add(Sort::Outside(what), if new { format!("new {text}") } else { text.to_owned() });
                }
                if matches!(text, "Promise.reject") {
                    add(Sort::Fails("Rejects"), source.quote(node, 48));
                }
                if matches!(head, "assert") {
                    add(Sort::Asserts, source.quote(node, 72));
                }
            }
            "member_expression" => {
                let text = source.text(node);
                if text == "process.env" && !local.contains("process") {
                    let above = node.parent().filter(|above| above.kind() == "member_expression").unwrap_or(node);
                    add(Sort::Outside("the environment"), source.quote(above, 48));
                }
            }
            _ => {}
        }
        true
    });
    facts
}

/// What a call reaches: by the module that its head was imported from, or as a global.
fn outside(text: &str, module: Option<&str>, new: bool, arguments: usize) -> Option<&'static str> {
    if let Some(module) = module {
        let module = module.strip_prefix("node:").unwrap_or(module);
        return Some(match module {
            "fs" | "fs/promises" | "fs-extra" => "files",
            "child_process" => "processes",
            "http" | "https" | "net" | "tls" | "dgram" | "axios" | "node-fetch" | "undici" => "the network",
            "worker_threads" => "threads and tasks",
            _ => return None,
        });
    }
    let head = text.split('.').next().unwrap_or(text);
    Some(match (head, text, new) {
        ("console", _, false) => "the console",
        (_, "fetch" | "window.fetch" | "globalThis.fetch" | "navigator.sendBeacon", false) => "the network",
        (_, "XMLHttpRequest" | "WebSocket" | "EventSource", true) => "the network",
        ("localStorage" | "sessionStorage" | "indexedDB", _, false) => "the browser's storage",
        ("document", _, false) => "the page",
        (_, "setTimeout" | "setInterval" | "setImmediate" | "requestAnimationFrame" | "queueMicrotask", false) => {
            "timers"
        }
        (_, "clearTimeout" | "clearInterval" | "cancelAnimationFrame", false) => "timers",
        (_, "Math.random" | "crypto.randomUUID" | "crypto.getRandomValues", false) => "randomness",
        (_, "Date.now" | "performance.now", false) => "the clock",
        (_, "Date", true) if arguments == 0 => "the clock",
        (_, "process.exit" | "process.kill" | "process.abort", false) => "processes",
        (_, "process.stdout.write", false) => "standard output",
        (_, "process.stderr.write", false) => "standard error",
        (_, "process.cwd" | "process.chdir", false) => "the environment",
        (_, "Worker", true) => "threads and tasks",
        (_, "eval", false) | (_, "Function", true) => "code in a string",
        _ => return None,
    })
}

/// The file's imports and own definitions: each name with its module, empty for the file itself.
fn imports(source: &Source<'_>) -> HashMap<String, String> {
    let mut found = HashMap::new();
    for (_, chunk) in source.subject.chunks.definitions() {
        found.insert(chunk.name.to_string(), String::new());
    }
    for node in parts(source.tree.root()) {
        match node.kind() {
            "import_statement" => {
                let Some(module) = node.child_by_field_name("source") else { continue };
                let module = source.text(module).trim_matches(['"', '\'']).to_owned();
                let Some(clause) = part(node, "import_clause") else { continue };
                walk(clause, &mut |inner| match inner.kind() {
                    "import_specifier" => {
                        let name = inner.child_by_field_name("alias").or_else(|| inner.child_by_field_name("name"));
                        found.extend(name.map(|name| (source.text(name).to_owned(), module.clone())));
                        false
                    }
                    "identifier" => {
                        found.insert(source.text(inner).to_owned(), module.clone());
                        false
                    }
                    _ => true,
                });
            }
            "lexical_declaration" | "variable_declaration" => parts(node).into_iter().for_each(|declarator| {
                let field = |name| declarator.child_by_field_name(name);
                let (Some(name), Some(value)) = (field("name"), field("value")) else { return };
                let call = source.text(value);
                let Some(module) = call.strip_prefix("require(").and_then(|rest| rest.strip_suffix(')')) else {
                    return;
                };
                let module = module.trim_matches(['"', '\'']);
                walk(name, &mut |inner| {
                    if matches!(inner.kind(), "identifier" | "shorthand_property_identifier_pattern") {
                        found.insert(source.text(inner).to_owned(), module.to_owned());
                    }
                    true
                });
            }),
            _ => {}
        }
    }
    found
}
