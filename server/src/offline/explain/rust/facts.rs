//! What Rust's bodies do that is worth knowing.

use std::collections::HashMap;

use super::super::acts::is_last;
use super::super::facts::{Fact, Sort};
use super::super::source::{Source, fields, part, parts, walk};
use super::{macro_arguments, macro_name};
use crate::chunks::ChunkKind;
use crate::syntax::Node;

pub(super) fn facts(source: &Source<'_>, function: Node<'_>) -> Vec<Fact> {
    let Some(body) = function.child_by_field_name("body").or_else(|| function.child_by_field_name("value")) else {
        return Vec::new();
    };
    let imports: HashMap<String, String> = imports(source).into_iter().collect();
    let statics: Vec<String> = statics(source);
    let mut facts = Vec::new();
    // ends of the closures and async blocks that are being walked: `return` in them leaves only them
    let mut inner_end = 0;
    walk(body, &mut |node| {
        let mut add = |sort, text: String| facts.push(Fact { sort, line: source.line(node), text });
        let quote = || source.quote(node, 48);
        match node.kind() {
            "function_item" | "impl_item" | "mod_item" => return false,
            "closure_expression" | "async_block" | "gen_block" | "try_block" => {
                inner_end = inner_end.max(node.end_byte())
            }
            "if_expression" => {
                add(Sort::Branch, String::new());
                add(Sort::Decision, String::new());
            }
            "match_expression" => {
                add(Sort::Branch, String::new());
                let arms = node.child_by_field_name("body").map_or(0, |body| parts(body).len());
                (1..arms).for_each(|_| add(Sort::Decision, String::new()));
            }
            "let_declaration" if node.child_by_field_name("alternative").is_some() => {
                add(Sort::Branch, String::new());
                add(Sort::Decision, String::new());
            }
            "for_expression" | "while_expression" => {
                add(Sort::Loop, String::new());
                add(Sort::Decision, String::new());
            }
            "loop_expression" => add(Sort::Loop, String::new()),
            "binary_expression" => binary(source, node, &mut add),
            "call_expression"
                if source.text(node).starts_with("Err(") && node.start_byte() >= inner_end && is_result(node, body) =>
            {
                add(Sort::Fails("Returns an error"), quote());
            }
            "return_expression" => {
                let inner = node.start_byte() < inner_end;
                if !inner && !is_last(node) {
                    add(Sort::EarlyExit, String::new());
                }
                let value = parts(node).first().map_or("", |value| source.text(*value));
                if value.starts_with("Err(") && !inner {
                    add(
                        Sort::Fails("Returns an error"),
                        parts(node).first().map_or_else(quote, |v| source.quote(*v, 48)),
                    );
                }
            }
            "try_expression" => {
                add(Sort::PassesOn, String::new());
                add(Sort::Decision, String::new());
            }
            "index_expression" => {
                let full = parts(node).get(1).is_some_and(|index| source.text(*index) == "..");
                if !full {
                    add(Sort::Index, quote());
                }
            }
            "type_cast_expression" => {
                let kind = node.child_by_field_name("type").map_or("", |kind| source.text(kind));
                let value = node.child_by_field_name("value").map_or("", |value| value.kind());
                let narrow = matches!(kind, "u8" | "i8" | "u16" | "i16" | "u32" | "i32");
                if narrow && !value.ends_with("_literal") {
                    add(Sort::Cast, quote());
                }
            }
            "unsafe_block" => add(Sort::Unsafe, String::new()),
            "await_expression" => add(Sort::Await, String::new()),
            "yield_expression" => add(Sort::Yield, String::new()),
            "assignment_expression" | "compound_assignment_expr" => {
                let left = node.child_by_field_name("left");
                if left.is_some_and(|left| {
                    left.kind() == "identifier" && statics.iter().any(|name| name == source.text(left))
                }) {
                    add(Sort::Global, left.map(|left| source.quote(left, 48)).unwrap_or_default());
                }
            }
            "macro_invocation" => invocation(source, node, &mut add),
            "call_expression" => call(source, node, &imports, &mut add),
            _ => {}
        }
        true
    });
    facts
}

fn binary(source: &Source<'_>, node: Node<'_>, add: &mut impl FnMut(Sort, String)) {
    let operator = node.child_by_field_name("operator").map_or("", |operator| source.text(operator));
    match operator {
        "&&" | "||" => add(Sort::Decision, String::new()),
        "/" | "%" => {
            let right = node.child_by_field_name("right");
            // an integer literal is never zero in code that compiles
            let literal = right.is_some_and(|right| right.kind().ends_with("_literal"));
            let float =
                [right, node.child_by_field_name("left")].into_iter().flatten().any(|side| is_float(source, side));
            let constant = right.is_some_and(|right| {
                let text = source.text(right);
                text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '_' | ':'))
            });
            if !literal && !float && !constant {
                add(Sort::Divide, source.quote(node, 48));
            }
        }
        _ => {}
    }
}

fn is_float(source: &Source<'_>, node: Node<'_>) -> bool {
    match node.kind() {
        "float_literal" => true,
        "type_cast_expression" => source.text(node).ends_with("f64") || source.text(node).ends_with("f32"),
        "parenthesized_expression" | "unary_expression" | "binary_expression" => {
            parts(node).into_iter().any(|part| is_float(source, part))
        }
        _ => false,
    }
}

fn invocation(source: &Source<'_>, node: Node<'_>, add: &mut impl FnMut(Sort, String)) {
    let name = macro_name(source, node);
    let in_test = source.subject.chunk().kind == ChunkKind::Test;
    let quote = || format!("{name}!({})", macro_arguments(source, node).join(", "));
    match name {
        "assert" | "assert_eq" | "assert_ne" | "debug_assert" | "debug_assert_eq" | "debug_assert_ne" if in_test => {
            add(Sort::Asserts, quote());
        }
        "panic" | "unreachable" | "todo" | "unimplemented" | "assert" | "assert_eq" | "assert_ne" => {
            add(Sort::CanPanic, quote());
        }
        "debug_assert" | "debug_assert_eq" | "debug_assert_ne" => {
            add(Sort::CanPanic, format!("{name}! (in debug builds)"))
        }
        "println" | "print" => add(Sort::Outside("standard output"), format!("{name}!")),
        "eprintln" | "eprint" | "dbg" => add(Sort::Outside("standard error"), format!("{name}!")),
        _ => {}
    }
}

fn call(source: &Source<'_>, node: Node<'_>, imports: &HashMap<String, String>, add: &mut impl FnMut(Sort, String)) {
    let Some(mut function) = node.child_by_field_name("function") else { return };
    if function.kind() == "generic_function" {
        let Some(inner) = function.child_by_field_name("function") else { return };
        function = inner;
    }
    let arguments = node.child_by_field_name("arguments").map_or(0, |arguments| parts(arguments).len());
    match function.kind() {
        "field_expression" => {
            let method = function.child_by_field_name("field").map_or("", |field| source.text(field));
            match (method, arguments) {
                ("unwrap" | "unwrap_err", 0) | ("expect" | "expect_err", 1) => {
                    add(Sort::CanPanic, source.quote(node, 48));
                }
                ("lock", 0) => add(Sort::Outside("locks"), source.quote(node, 48)),
                _ => {}
            }
        }
        "scoped_identifier" | "identifier" => {
            let text = source.text(function);
            let head = text.split("::").next().unwrap_or(text);
            let path = match imports.get(head) {
                Some(path) => format!("{path}{}", text.strip_prefix(head).unwrap_or_default()),
                None => text.to_owned(),
            };
            if let Some(what) = outside(&path) {
                add(Sort::Outside(what), source.quote(function, 48));
            }
        }
        _ => {}
    }
}

/// What a function reaches, by its full path.
fn outside(path: &str) -> Option<&'static str> {
    let within = |prefixes: &[&str]| {
        prefixes
            .iter()
            .any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::")))
    };
    if within(&["std::fs", "tokio::fs", "async_std::fs"]) {
        return Some("files");
    }
    if within(&["std::net::TcpStream", "std::net::TcpListener", "std::net::UdpSocket", "tokio::net", "reqwest", "ureq"])
    {
        return Some("the network");
    }
    if within(&["std::io::stdin"]) {
        return Some("standard input");
    }
    if within(&["std::io::stdout"]) {
        return Some("standard output");
    }
    if within(&["std::io::stderr"]) {
        return Some("standard error");
    }
    if within(&["std::process::Command", "std::process::exit", "std::process::abort", "tokio::process"]) {
        return Some("processes");
    }
    if within(&["std::time::Instant::now", "std::time::SystemTime::now", "tokio::time::Instant::now"]) {
        return Some("the clock");
    }
    if within(&["rand::random", "rand::thread_rng", "rand::rng"]) {
        return Some("randomness");
    }
    if within(&[
        "std::thread::spawn",
        "std::thread::sleep",
        "std::thread::scope",
        "std::thread::park",
        "std::thread::Builder",
    ]) || within(&["tokio::spawn", "tokio::task", "tokio::time::sleep", "rayon"])
    {
        return Some("threads and tasks");
    }
    if let Some(rest) = path.strip_prefix("std::env::") {
        let reads = ["var", "var_os", "vars", "vars_os", "args", "args_os", "current_dir", "current_exe", "set_var"];
        return (reads.contains(&rest) || matches!(rest, "remove_var" | "set_current_dir" | "temp_dir"))
            .then_some("the environment");
    }
    None
}

/// The file's imports: the name that is used here, and its full path.
pub(super) fn imports(source: &Source<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for node in parts(source.tree.root()) {
        if node.kind() == "use_declaration" {
            for argument in fields(node, "argument") {
                import(source, argument, "", &mut found);
            }
        }
    }
    found
}

fn import(source: &Source<'_>, node: Node<'_>, prefix: &str, found: &mut Vec<(String, String)>) {
    let full = |path: &str| if prefix.is_empty() { path.to_owned() } else { format!("{prefix}::{path}") };
    let last = |path: &str| path.rsplit("::").next().unwrap_or(path).to_owned();
    match node.kind() {
        "use_as_clause" => {
            let field = |name| node.child_by_field_name(name).map_or("", |node| source.text(node));
            found.push((field("alias").to_owned(), full(field("path"))));
        }
        "use_list" => parts(node).into_iter().for_each(|part| import(source, part, prefix, found)),
        "scoped_use_list" => {
            let path = node.child_by_field_name("path").map_or("", |path| source.text(path));
            let path = full(path);
            node.child_by_field_name("list").into_iter().for_each(|list| import(source, list, &path, found));
        }
        "use_wildcard" => {
            let path = parts(node).first().map_or("", |path| source.text(*path));
            found.push(("*".to_owned(), full(path)));
        }
        "self" => found.push((last(prefix), prefix.to_owned())),
        _ => found.push((last(source.text(node)), full(source.text(node)))),
    }
}

/// Names of the file's `static mut`.
fn statics(source: &Source<'_>) -> Vec<String> {
    let statics = parts(source.tree.root()).into_iter().filter(|node| node.kind() == "static_item");
    let mutable = statics.filter(|node| part(*node, "mutable_specifier").is_some());
    mutable.filter_map(|node| node.child_by_field_name("name")).map(|name| source.text(name).to_owned()).collect()
}

/// Whether an expression is what the whole body gives: last in each block, or an arm, up to the body.
fn is_result(node: Node<'_>, body: Node<'_>) -> bool {
    let mut here = node;
    while here.id() != body.id() {
        let Some(around) = here.parent() else { return false };
        let passes = match around.kind() {
            "block" => parts(around).last().is_some_and(|last| last.id() == here.id()),
            // a tail `if` or `match` stands in a statement without a semicolon
            "expression_statement" => around.child_count() == 1,
            "if_expression" => {
                around.child_by_field_name("condition").is_none_or(|condition| condition.id() != here.id())
            }
            "match_expression" => around.child_by_field_name("body").is_some_and(|body| body.id() == here.id()),
            "match_arm" => around.child_by_field_name("value").is_some_and(|value| value.id() == here.id()),
            "else_clause" | "match_block" | "unsafe_block" => true,
            _ => false,
        };
        if !passes {
            return false;
        }
        here = around;
    }
    true
}
