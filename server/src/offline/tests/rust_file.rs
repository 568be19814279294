//! What a Rust file holds, as far as its tests need to know: imports, types, impls and functions of one module.

use std::collections::{BTreeSet, HashMap};

use crate::context::tests_place::nodes::{all_children, children, field, text, visit};
use crate::context::tests_place::use_leaves;
use crate::syntax::Node;

/// An item with the attributes above it.
#[derive(Clone)]
pub(super) struct Item<'tree> {
    pub(super) node: Node<'tree>,
    pub(super) attributes: Vec<String>,
}

impl Item<'_> {
    pub(super) fn cfgs(&self) -> impl Iterator<Item = &String> {
        self.attributes.iter().filter(|attribute| attribute.starts_with("#[cfg("))
    }

    pub(super) fn deprecated(&self) -> bool {
        self.attributes.iter().any(|attribute| attribute.starts_with("#[deprecated"))
    }

    pub(super) fn derives(&self, name: &str) -> bool {
        self.attributes
            .iter()
            .filter(|attribute| attribute.starts_with("#[derive("))
            .flat_map(|attribute| attribute.split(|c: char| !c.is_alphanumeric()))
            .any(|word| word == name)
    }
}

/// An `impl` of the module.
#[derive(Clone)]
pub(super) struct Impl<'tree> {
    pub(super) item: Item<'tree>,
    /// The type's own name.
    pub(super) name: String,
    /// The trait as written; empty for an inherent one.
    pub(super) of: String,
    pub(super) functions: Vec<Item<'tree>>,
}

/// One module of a file.
pub(super) struct Module<'src, 'tree> {
    pub(super) source: &'src str,
    /// Names that `use` brings in, with their full paths.
    pub(super) uses: HashMap<String, String>,
    pub(super) types: HashMap<String, Item<'tree>>,
    pub(super) traits: BTreeSet<String>,
    pub(super) functions: HashMap<String, Item<'tree>>,
    pub(super) impls: Vec<Impl<'tree>>,
    /// Constants by the type that they have, as written.
    pub(super) constants: HashMap<String, String>,
    pub(super) macros: HashMap<String, Node<'tree>>,
    pub(super) no_std: bool,
}

impl<'src, 'tree> Module<'src, 'tree> {
    pub(super) fn read(source: &'src str, container: Node<'tree>, no_std: bool) -> Self {
        let mut module = Self {
            source,
            uses: HashMap::new(),
            types: HashMap::new(),
            traits: BTreeSet::new(),
            functions: HashMap::new(),
            impls: Vec::new(),
            constants: HashMap::new(),
            macros: HashMap::new(),
            no_std,
        };
        for item in items(source, container) {
            let name = field(source, item.node, "name").to_owned();
            match item.node.kind() {
                "use_declaration" => {
                    if let Some(argument) = item.node.child_by_field_name("argument") {
                        use_leaves(source, argument, "", &mut |from, name, alias| {
                            let alias = if alias.is_empty() { name } else { alias };
                            let full = if from.is_empty() { name.to_owned() } else { format!("{from}::{name}") };
                            module.uses.insert(alias.to_owned(), full);
                        });
                    }
                }
                "struct_item" | "enum_item" | "union_item" | "type_item" => {
                    module.types.insert(name, item);
                }
                "trait_item" => {
                    module.traits.insert(name);
                }
                "function_item" => {
                    module.functions.insert(name, item);
                }
                "const_item" | "static_item"
                    if item.cfgs().next().is_none()
                        && !item.deprecated()
                        && !text(source, item.node).contains(" mut ") =>
                {
                    let ty = field(source, item.node, "type").replace("'static ", "");
                    module.constants.entry(ty).or_insert(name);
                }
                "macro_definition" => {
                    module.macros.insert(name, item.node);
                }
                "impl_item" => {
                    let ty = item.node.child_by_field_name("type");
                    let own = ty.map_or("", |ty| match ty.kind() {
                        "generic_type" => field(source, ty, "type"),
                        "type_identifier" | "primitive_type" => text(source, ty),
                        _ => "",
                    });
                    let functions = item.node.child_by_field_name("body").map(|body| items(source, body));
                    let plain = ty.is_some_and(|ty| ty.kind() == "type_identifier") && item.cfgs().next().is_none();
                    for one in functions.iter().flatten().filter(|one| plain && one.node.kind() == "const_item") {
                        let ty = field(source, one.node, "type");
                        if (ty == "Self" || ty == own) && one.cfgs().next().is_none() && !one.deprecated() {
                            let path = format!("{own}::{}", field(source, one.node, "name"));
                            module.constants.entry(own.to_owned()).or_insert(path);
                        }
                    }
                    module.impls.push(Impl {
                        name: own.to_owned(),
                        of: field(source, item.node, "trait").to_owned(),
                        functions: functions
                            .unwrap_or_default()
                            .into_iter()
                            .filter(|item| item.node.kind() == "function_item")
                            .collect(),
                        item,
                    });
                }
                _ => {}
            }
        }
        module
    }

    /// The full path of a type or trait of the standard library, with `core` and `alloc` as `std`; `None` for others.
    pub(super) fn std_path(&self, path: &str) -> Option<String> {
        let path = path.trim_start_matches("::");
        let (head, rest) = path.split_once("::").map_or((path, ""), |(head, rest)| (head, rest));
        let full = if self.types.contains_key(head) || self.traits.contains(head) {
            return None;
        } else if let Some(full) = self.uses.get(head) {
            if rest.is_empty() { full.clone() } else { format!("{full}::{rest}") }
        } else if matches!(head, "std" | "core" | "alloc") {
            path.to_owned()
        } else if rest.is_empty() {
            prelude(head)?.to_owned()
        } else {
            return None;
        };
        let full = full.trim_start_matches("::");
        let (root, rest) = full.split_once("::")?;
        matches!(root, "std" | "core" | "alloc").then(|| format!("std::{rest}"))
    }

    /// Functions of the module by this name, free ones and methods alike.
    fn named(&self, name: &str) -> impl Iterator<Item = Node<'tree>> {
        let free = self.functions.get(name).map(|item| item.node);
        let methods = self.impls.iter().flat_map(|one| &one.functions).map(|item| item.node);
        let source = self.source;
        let name = name.to_owned();
        free.into_iter().chain(methods.filter(move |node| field(source, *node, "name") == name))
    }

    /// Why a made-up call of the function should not run, looking through what it calls in this module.
    pub(super) fn risk(&self, function: Node<'tree>) -> Option<Risk> {
        let mut seen = BTreeSet::new();
        self.risk_of(function, &mut seen)
    }

    fn risk_of(&self, function: Node<'tree>, seen: &mut BTreeSet<usize>) -> Option<Risk> {
        if !seen.insert(function.id()) || seen.len() > 200 {
            return None;
        }
        let source = self.source;
        let body = function.child_by_field_name("body")?;
        let mut worst: Option<Risk> = None;
        let mut raise = |risk: Option<Risk>| worst = worst.max(risk);
        let public = nodes_child(function, "visibility_modifier");
        visit(body, &mut |node| {
            match node.kind() {
                "macro_invocation" => {
                    raise(self.macro_risk(node));
                    return true;
                }
                "token_tree" => {
                    raise(token_risk(text(source, node)));
                    return false;
                }
                "index_expression" => raise(Some(Risk::Panics)),
                "unsafe_block" if !public => raise(Some(Risk::Panics)),
                "loop_expression"
                    if !text(source, node).contains("break") && !text(source, node).contains("return") =>
                {
                    raise(Some(Risk::Outside));
                }
                "binary_expression" => {
                    let operator = field(source, node, "operator");
                    let literal =
                        node.child_by_field_name("right").is_some_and(|right| right.kind().contains("literal"));
                    if matches!(operator, "/" | "%" | "<<" | ">>" | "-") && !literal {
                        raise(Some(Risk::Panics));
                    }
                }
                "identifier" | "field_identifier" | "type_identifier" => {
                    let name = text(source, node);
                    raise(word_risk(name));
                    let called = node.parent().is_some_and(|parent| {
                        matches!(
                            parent.kind(),
                            "call_expression" | "field_expression" | "scoped_identifier" | "generic_function"
                        )
                    });
                    if called {
                        for callee in self.named(name) {
                            raise(self.risk_of(callee, seen));
                        }
                    }
                }
                "function_item" => return false,
                _ => {}
            }
            true
        });
        worst
    }

    fn macro_risk(&self, node: Node<'_>) -> Option<Risk> {
        let name = field(self.source, node, "macro").rsplit("::").next().unwrap_or_default();
        match name {
            "format" | "vec" | "matches" | "write" | "writeln" | "concat" | "stringify" | "println" | "eprintln"
            | "print" | "eprint" | "include_str" | "env" | "cfg" | "line" | "file" | "format_args" | "trace"
            | "debug" | "info" | "warn" | "error" => None,
            _ => Some(Risk::Panics),
        }
    }
}

/// Why made-up values are no good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Risk {
    /// It may panic for values that it isn't meant for.
    Panics,
    /// It reaches files, processes, the network or a clock, or may not end.
    Outside,
}

fn nodes_child(node: Node<'_>, kind: &str) -> bool {
    all_children(node).iter().any(|child| child.kind() == kind)
}

fn word_risk(word: &str) -> Option<Risk> {
    match word {
        "unwrap"
        | "expect"
        | "unwrap_err"
        | "expect_err"
        | "unwrap_unchecked"
        | "copy_from_slice"
        | "clone_from_slice"
        | "split_at"
        | "split_at_mut"
        | "swap_remove"
        | "split_off"
        | "drain"
        | "chunks"
        | "chunks_exact"
        | "windows"
        | "step_by"
        | "get_unchecked"
        | "from_utf8_unchecked"
        | "unreachable_unchecked"
        | "rotate_left"
        | "rotate_right"
        | "splice"
        | "replace_range"
        | "insert_str"
        | "borrow_mut"
        | "transmute"
        | "assume_init"
        | "set_len"
        | "dealloc"
        | "alloc"
        | "from_raw_parts"
        | "from_raw_parts_mut"
        | "swap"
        | "remove"
        | "insert"
        | "truncate_unchecked"
        | "panic_any"
        | "resume_unwind"
        | "copy_within"
        | "ilog2"
        | "ilog10"
        | "pow"
        | "abs"
        | "rem_euclid"
        | "div_euclid"
        | "copy_to_slice"
        | "put_slice"
        | "advance"
        | "split_to"
        | "advance_mut"
        | "put"
        | "from_digit"
        | "to_digit" => Some(Risk::Panics),
        "fs" | "File" | "OpenOptions" | "Command" | "process" | "exit" | "abort" | "TcpStream" | "TcpListener"
        | "UdpSocket" | "UnixStream" | "UnixListener" | "stdin" | "sleep" | "park" | "recv" | "accept" | "set_var"
        | "remove_var" | "set_current_dir" | "remove_file" | "remove_dir_all" | "create_dir_all" | "create_dir"
        | "canonicalize" | "libc" | "spawn" | "block_on" | "set_hook" | "take_hook" | "set_logger"
        | "set_boxed_logger" | "set_max_level" | "mmap" | "ctrlc" => Some(Risk::Outside),
        _ => None,
    }
}

fn token_risk(tokens: &str) -> Option<Risk> {
    let words = tokens.split(|c: char| !c.is_alphanumeric() && c != '_').filter_map(word_risk).max();
    // an index directly behind a name or a call
    let index = tokens.as_bytes().windows(2).any(
        |pair| matches!(pair, [before, b'['] if before.is_ascii_alphanumeric() || matches!(before, b'_' | b')' | b']')),
    );
    words.max(index.then_some(Risk::Panics))
}

/// Names in a body that make its result depend on more than its arguments.
pub(super) fn varies(body: &str) -> bool {
    body.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| {
        let lower = word.to_ascii_lowercase();
        lower.contains("rand")
            || lower.contains("rng")
            || lower.contains("seed")
            || lower.contains("atomic")
            || matches!(
                word,
                "now"
                    | "Instant"
                    | "SystemTime"
                    | "elapsed"
                    | "static"
                    | "thread"
                    | "env"
                    | "fetch_add"
                    | "load"
                    | "RandomState"
                    | "HashMap"
                    | "HashSet"
                    | "addr"
                    | "as_ptr"
                    | "unsafe"
                    | "lock"
                    | "current_dir"
                    | "temp_dir"
                    | "local"
            )
    })
}

/// The items of a module or body, each with the attributes above it.
pub(super) fn items<'tree>(source: &str, container: Node<'tree>) -> Vec<Item<'tree>> {
    let mut found = Vec::new();
    let mut attributes = Vec::new();
    for node in children(container) {
        match node.kind() {
            "attribute_item" => attributes.push(text(source, node).split_whitespace().collect::<Vec<_>>().join(" ")),
            "inner_attribute_item" => {}
            _ => found.push(Item { node, attributes: std::mem::take(&mut attributes) }),
        }
    }
    found
}

/// The full path of what the prelude holds.
fn prelude(name: &str) -> Option<&'static str> {
    Some(match name {
        "String" => "std::string::String",
        "Vec" => "std::vec::Vec",
        "Option" => "std::option::Option",
        "Result" => "std::result::Result",
        "Box" => "std::boxed::Box",
        "AsRef" => "std::convert::AsRef",
        "AsMut" => "std::convert::AsMut",
        "Into" => "std::convert::Into",
        "From" => "std::convert::From",
        "TryFrom" => "std::convert::TryFrom",
        "TryInto" => "std::convert::TryInto",
        "Iterator" => "std::iter::Iterator",
        "IntoIterator" => "std::iter::IntoIterator",
        "DoubleEndedIterator" => "std::iter::DoubleEndedIterator",
        "ExactSizeIterator" => "std::iter::ExactSizeIterator",
        "Extend" => "std::iter::Extend",
        "FromIterator" => "std::iter::FromIterator",
        "Clone" => "std::clone::Clone",
        "Copy" => "std::marker::Copy",
        "Send" => "std::marker::Send",
        "Sync" => "std::marker::Sync",
        "Sized" => "std::marker::Sized",
        "Unpin" => "std::marker::Unpin",
        "Default" => "std::default::Default",
        "PartialEq" => "std::cmp::PartialEq",
        "Eq" => "std::cmp::Eq",
        "PartialOrd" => "std::cmp::PartialOrd",
        "Ord" => "std::cmp::Ord",
        "ToString" => "std::string::ToString",
        "ToOwned" => "std::borrow::ToOwned",
        "Drop" => "std::ops::Drop",
        "Fn" => "std::ops::Fn",
        "FnMut" => "std::ops::FnMut",
        "FnOnce" => "std::ops::FnOnce",
        _ => return None,
    })
}
