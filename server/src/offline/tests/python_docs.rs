//! Examples in Python docstrings as tests: `>>> f(2)` and the line below it say what to expect.

use std::collections::BTreeSet;

use super::python_file::is_name;
use super::python_guards::is_literal;
use crate::context::tests_place::nodes::{self, children, field, text, visit};
use crate::syntax::Node;

/// One step of a test.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Check {
    Runs(Vec<String>),
    Equals(String, String),
    Instance(String, String),
    Raises(String, String),
    /// The lines print this string.
    Prints(Vec<String>, String),
}

/// A docstring's examples.
#[derive(Debug, PartialEq)]
pub(super) struct Doctest {
    pub(super) checks: Vec<Check>,
    /// Names of the module that they use.
    pub(super) names: Vec<String>,
}

/// Reads the examples; `None` when there are none, or one can't be said as a test.
pub(super) fn doctest(string: &str, names: &BTreeSet<&str>, unittest: bool) -> Option<Doctest> {
    if !string.contains(">>>") {
        return None;
    }
    let raw = string.starts_with(['r', 'R']);
    let mut checks = Vec::new();
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut local: BTreeSet<String> = BTreeSet::new();
    let inner = string.trim_start_matches(['r', 'R', 'u', 'U']).trim_matches(['"', '\'']);
    for (source, expected) in pairs(inner) {
        let all = format!("{}\n{}", source.join("\n"), expected.join("\n"));
        // directives, state outside the test, Python 2
        if all.contains("doctest:")
            || all.contains("global ")
            || all.contains("u'")
            || ["pp(", "pprint("].iter().any(|printer| all.starts_with(printer))
            || (all.contains('\\') && !raw)
            || expected.iter().any(|line| line.contains("...") && !line.starts_with("Traceback"))
                && !expected.first().is_some_and(|line| line.starts_with("Traceback"))
        {
            return None;
        }
        let code = source.join("\n");
        let tree = nodes::parse(&code, "python")?;
        if tree.root().has_error() {
            return None;
        }
        collect(&code, tree.root(), &mut used, &mut local);
        let statements = children(tree.root());
        let [statement] = statements.as_slice() else { return None };
        let expression = Some(*statement)
            .filter(|one| one.kind() == "expression_statement")
            .and_then(|one| children(one).into_iter().next())
            .filter(|one| !matches!(one.kind(), "assignment" | "augmented_assignment"));
        if expected.is_empty() {
            checks.push(Check::Runs(source));
            continue;
        }
        if expected.first().is_some_and(|line| line.starts_with("Traceback (most recent call last)")) {
            let last = expected.iter().rev().find(|line| !line.starts_with(' '))?;
            let exception = last.split(':').next().unwrap_or_default().trim();
            if !(is_name(exception) && (is_builtin(exception) || names.contains(exception))) {
                return None;
            }
            used.insert(exception.to_owned());
            checks.push(Check::Raises(exception.to_owned(), code));
            continue;
        }
        let prints = expression.is_none_or(|one| {
            field(&code, one, "function") == "print"
                || one.kind() == "call" && field(&code, one, "function").contains("print")
        });
        if prints {
            if unittest
                || (expression.is_some_and(|one| field(&code, one, "function") != "print"))
                || expression.is_none()
            {
                return None;
            }
            let output: Vec<String> =
                expected.iter().map(|line| if line == "<BLANKLINE>" { String::new() } else { line.clone() }).collect();
            let output = output.join("\\n");
            let quoted = output.replace('"', "\\\"");
            if all.contains('\\') {
                return None;
            }
            checks.push(Check::Prints(source, format!("\"{quoted}\\n\"")));
            continue;
        }
        let [expected] = expected.as_slice() else { return None };
        let call =
            if source.len() > 1 { format!("(\n{code}\n)") } else { code.trim_end().trim_end_matches(';').to_owned() };
        if call.contains('\n') || call.contains('#') {
            return None;
        }
        let shown = nodes::parse(expected, "python")?;
        let value = children(shown.root()).into_iter().next().and_then(|one| children(one).into_iter().next());
        let several = children(*statement).len() > 1;
        let plain = !several
            && expression.is_some_and(|one| {
                !matches!(
                    one.kind(),
                    "comparison_operator"
                        | "boolean_operator"
                        | "not_operator"
                        | "conditional_expression"
                        | "lambda"
                        | "named_expression"
                )
            });
        let call = if plain { call } else { format!("({call})") };
        if !shown.root().has_error() && children(shown.root()).len() == 1 && value.is_some_and(is_literal) {
            checks.push(Check::Equals(call, expected.clone()));
        } else if !expected.contains("0x") && !expected.contains('\\') && is_constructor(expected) {
            let call = call
                .strip_prefix('(')
                .and_then(|call| call.strip_suffix(')'))
                .filter(|_| !plain)
                .map_or(call.clone(), str::to_owned);
            checks.push(Check::Equals(format!("repr({call})"), format!("\"{}\"", expected.replace('"', "\\\""))));
        } else {
            return None;
        }
    }
    if !checks.iter().any(|check| !matches!(check, Check::Runs(_))) {
        return None;
    }
    let mut wanted = Vec::new();
    for name in used {
        if local.contains(&name) {
            continue;
        }
        if names.contains(name.as_str()) {
            wanted.push(name);
        } else if !is_builtin(&name) {
            return None;
        }
    }
    Some(Doctest { checks, names: wanted })
}

/// True for what can only be the `repr` of a value, and nothing that was printed: `Name(…)`.
fn is_constructor(shown: &str) -> bool {
    let name = shown.split('(').next().unwrap_or_default();
    shown.ends_with(')') && name != shown && name.split('.').all(is_name) && name.contains(|c: char| c.is_uppercase())
}

/// The prompts with what is shown below them.
fn pairs(docstring: &str) -> Vec<(Vec<String>, Vec<String>)> {
    let mut found: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    let mut open: Option<usize> = None;
    for line in docstring.lines() {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        let code = |prompt: &str| {
            trimmed.strip_prefix(prompt).map(|rest| rest.strip_prefix(' ').unwrap_or(rest).trim_end().to_owned())
        };
        if let Some(code) = code(">>>").filter(|_| trimmed == ">>>" || trimmed.starts_with(">>> ")) {
            found.push((vec![code], Vec::new()));
            open = Some(indent);
        } else if let Some(at) = open {
            let Some((source, expected)) = found.last_mut() else { continue };
            let more = trimmed == "..." || trimmed.starts_with("... ");
            if trimmed.is_empty() || indent < at {
                open = None;
            } else if more && expected.is_empty() {
                source.extend(code("..."));
            } else {
                expected.push(line.get(at..).unwrap_or(trimmed).trim_end().to_owned());
            }
        }
    }
    for (source, _) in &mut found {
        while source.len() > 1 && source.last().is_some_and(|line| line.trim().is_empty()) {
            source.pop();
        }
    }
    found.retain(|(source, _)| source.iter().any(|line| !line.trim().is_empty()));
    found
}

/// The names that code reads, and those that it makes.
fn collect(source: &str, root: Node<'_>, used: &mut BTreeSet<String>, local: &mut BTreeSet<String>) {
    visit(root, &mut |node| {
        let parent = node.parent();
        let is = |kind: &str, name: &str| {
            parent.is_some_and(|parent| {
                parent.kind() == kind && parent.child_by_field_name(name).is_some_and(|child| child.id() == node.id())
            })
        };
        match node.kind() {
            "import_statement" | "import_from_statement" => {
                let mut cursor = node.walk();
                for one in node.children_by_field_name("name", &mut cursor) {
                    let name = one.child_by_field_name("alias").unwrap_or(one);
                    local.insert(text(source, name).split('.').next().unwrap_or_default().to_owned());
                }
                return false;
            }
            "assignment" | "augmented_assignment" | "for_statement" | "for_in_clause" => {
                if let Some(left) = node.child_by_field_name("left") {
                    visit(left, &mut |one| {
                        if one.kind() == "identifier" {
                            local.insert(text(source, one).to_owned());
                        }
                        !matches!(one.kind(), "attribute" | "subscript")
                    });
                }
            }
            "as_pattern_target" | "lambda_parameters" | "parameters" => {
                visit(node, &mut |one| {
                    if one.kind() == "identifier" {
                        local.insert(text(source, one).to_owned());
                    }
                    true
                });
            }
            "function_definition" | "class_definition" => {
                local.insert(field(source, node, "name").to_owned());
            }
            "identifier" if !is("attribute", "attribute") && !is("keyword_argument", "name") => {
                used.insert(text(source, node).to_owned());
            }
            _ => {}
        }
        true
    });
}

/// The names that Python brings along.
pub(super) fn is_builtin(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "abs",
        "all",
        "any",
        "ascii",
        "bin",
        "bool",
        "bytearray",
        "bytes",
        "callable",
        "chr",
        "classmethod",
        "complex",
        "delattr",
        "dict",
        "dir",
        "divmod",
        "enumerate",
        "eval",
        "filter",
        "float",
        "format",
        "frozenset",
        "getattr",
        "hasattr",
        "hash",
        "hex",
        "id",
        "int",
        "isinstance",
        "issubclass",
        "iter",
        "len",
        "list",
        "map",
        "max",
        "memoryview",
        "min",
        "next",
        "object",
        "oct",
        "ord",
        "pow",
        "print",
        "property",
        "range",
        "repr",
        "reversed",
        "round",
        "set",
        "setattr",
        "slice",
        "sorted",
        "staticmethod",
        "str",
        "sum",
        "super",
        "tuple",
        "type",
        "vars",
        "zip",
        "Exception",
        "ValueError",
        "TypeError",
        "KeyError",
        "IndexError",
        "AttributeError",
        "RuntimeError",
        "NotImplementedError",
        "ZeroDivisionError",
        "OverflowError",
        "OSError",
        "IOError",
        "StopIteration",
        "AssertionError",
        "LookupError",
        "ArithmeticError",
        "UnicodeError",
        "UnicodeDecodeError",
        "UnicodeEncodeError",
        "FileNotFoundError",
        "PermissionError",
        "TimeoutError",
        "ImportError",
        "NameError",
        "EOFError",
        "BaseException",
        "RecursionError",
        "FloatingPointError",
        "NotADirectoryError",
        "IsADirectoryError",
        "ConnectionError",
        "BufferError",
        "MemoryError",
        "SyntaxError",
        "ModuleNotFoundError",
        "FileExistsError",
        "NotImplemented",
        "Ellipsis",
    ];
    NAMES.contains(&name)
}
