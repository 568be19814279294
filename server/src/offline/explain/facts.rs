//! What is worth watching for in a body: where it branches and leaves, what may fail, what it touches outside of
//! itself. Languages find the facts, this module writes them.

use super::words::{and, code, count, cut, line_list};

/// A sort of fact; the order is the order of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    Branch,
    Loop,
    EarlyExit,
    /// `?`
    PassesOn,
    /// `return Err(…)`, `raise`, `throw`
    Fails(&'static str),
    /// A bare `raise`.
    RaisesAgain,
    Catches,
    /// Ends in a panic when it goes wrong.
    CanPanic,
    Index,
    Divide,
    Cast,
    Asserts,
    NonNull,
    Unsafe,
    Await,
    Yield,
    /// What lies outside of the program's memory.
    Outside(&'static str),
    Global,
    Recursion,
    /// Counts towards the cyclomatic complexity only.
    Decision,
}

/// A fact with its place and, where it helps, the code.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub(super) sort: Sort,
    pub(super) line: usize,
    pub(super) text: String,
}

/// How complex a body must be for its complexity to be told.
const COMPLEX: usize = 10;

/// The facts as bullets.
pub(super) fn write(facts: &[Fact]) -> String {
    let mut out = String::new();
    let mut sorts: Vec<Sort> = facts.iter().map(|fact| fact.sort).collect();
    sorts.sort_unstable();
    sorts.dedup();
    let of = |sort: Sort| facts.iter().filter(move |fact| fact.sort == sort);
    let mut bullet = |text: String| out.push_str(&format!("- {text}\n"));
    if let Some(shape) = shape(facts) {
        bullet(shape);
    }
    let mut outside = Vec::new();
    for sort in sorts {
        let lines: Vec<usize> = of(sort).map(|fact| fact.line).collect();
        let quotes = || quoted(of(sort));
        match sort {
            Sort::Branch | Sort::Loop | Sort::EarlyExit | Sort::Decision => {}
            Sort::PassesOn => bullet(format!("**Passes errors on** with `?`: {}", line_list(&lines))),
            Sort::Fails(verb) => bullet(format!("**{verb}** {}", quotes())),
            Sort::RaisesAgain => bullet(format!("**Raises again** what it handles, on {}", line_list(&lines))),
            Sort::Catches if of(sort).all(|fact| fact.text.is_empty()) => {
                bullet(format!("**Catches** errors on {}", line_list(&lines)));
            }
            Sort::Catches => bullet(format!("**Catches** {}", quotes())),
            Sort::CanPanic => bullet(format!("**Can panic**: {}", quotes())),
            Sort::Index => {
                bullet(format!("**Indexes**: {}; slices, strings and maps panic when nothing is there", quotes()))
            }
            Sort::Divide => bullet(format!("**Divides**: {}; integers panic when the divisor is zero", quotes())),
            Sort::Cast => bullet(format!("**Casts**: {}; a value that does not fit changes silently", quotes())),
            Sort::Asserts => bullet(format!("**Asserts** {}", quotes())),
            Sort::NonNull => bullet(format!("**Asserts non-null** unchecked with `!`: {}", quotes())),
            Sort::Unsafe => bullet(format!("**Unsafe**: {}", line_list(&lines))),
            Sort::Await => bullet(format!("**Awaits** on {}", line_list(&lines))),
            Sort::Yield => bullet(format!("**Yields** on {}", line_list(&lines))),
            Sort::Outside(what) => outside.push(format!("{what} ({})", quotes())),
            Sort::Global => bullet(format!("**Changes shared state**: {}", quotes())),
            Sort::Recursion => bullet(format!("**Calls itself** on {}", line_list(&lines))),
        }
    }
    if !outside.is_empty() {
        bullet(format!("**Reaches outside**: {}", outside.join("; ")));
    }
    out
}

/// "`a` (line 3), `b` (lines 4 and 9)"
fn quoted<'a>(facts: impl Iterator<Item = &'a Fact>) -> String {
    let mut by_text: Vec<(&str, Vec<usize>)> = Vec::new();
    for fact in facts {
        match by_text.iter_mut().find(|(text, _)| *text == fact.text) {
            Some((_, lines)) => lines.push(fact.line),
            None => by_text.push((&fact.text, vec![fact.line])),
        }
    }
    const SHOWN: usize = 6;
    let rest: Vec<usize> = by_text.iter().skip(SHOWN).flat_map(|(_, lines)| lines.clone()).collect();
    let mut shown: Vec<String> = by_text
        .iter()
        .take(SHOWN)
        .map(|(text, lines)| {
            let about = if text.is_empty() { String::new() } else { format!("{} ", code(&cut(text, 48))) };
            format!("{about}on {}", line_list(lines))
        })
        .collect();
    if !rest.is_empty() {
        shown.push(format!("{} on {}", count(rest.len(), "more", "more"), line_list(&rest)));
    }
    and(&shown)
}

/// "3 branches (lines 4, 9 and 12), 1 loop (line 7) and 2 early exits (lines 5 and 13)"
fn shape(facts: &[Fact]) -> Option<String> {
    let lines =
        |sort: Sort| -> Vec<usize> { facts.iter().filter(|fact| fact.sort == sort).map(|fact| fact.line).collect() };
    let (mut parts, mut counted) = (Vec::new(), 0);
    for (sort, one, many) in [
        (Sort::Branch, "branch", "branches"),
        (Sort::Loop, "loop", "loops"),
        (Sort::EarlyExit, "early return", "early returns"),
    ] {
        let lines = lines(sort);
        counted += lines.len();
        if !lines.is_empty() {
            parts.push(format!("{} ({})", count(lines.len(), one, many), line_list(&lines)));
        }
    }
    let complexity = 1 + facts.iter().filter(|fact| fact.sort == Sort::Decision).count();
    if complexity > COMPLEX {
        parts.push(format!("a cyclomatic complexity of {complexity}"));
    }
    // one branch or loop needs no count
    let worth = counted > 1 || complexity > COMPLEX;
    worth.then(|| format!("**Shape**: {}", and(&parts)))
}
