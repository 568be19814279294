//! Acts as phrases: each starts with a verb and fits into a sentence. Compound acts are told in a few words; the
//! outline gives those that matter bullets of their own.

use super::acts::{Act, Arm, Exit, Fresh, Kind};
use super::words::{code, count, or, some};

/// One act, or a run of plain ones.
pub(super) struct Group<'a> {
    pub(super) acts: &'a [Act],
}

impl Group<'_> {
    pub(super) fn first(&self) -> usize {
        self.acts.first().map_or(0, |act| act.first)
    }

    pub(super) fn last(&self) -> usize {
        self.acts.last().map_or(0, |act| act.last)
    }

    pub(super) fn phrase(&self) -> String {
        match self.acts {
            [one] => phrase(one),
            run => run_phrase(run),
        }
    }
}

/// Runs of plain acts of one sort, put together where there are at least `least`.
pub(super) fn merge(acts: &[Act], least: usize) -> Vec<Group<'_>> {
    let mut groups = Vec::new();
    let mut start = 0;
    while let Some(first) = acts.get(start) {
        let run = if mergeable(first) { acts[start..].iter().take_while(|act| like(first, act)).count() } else { 1 };
        let len = if run >= least { run } else { 1 };
        groups.push(Group { acts: &acts[start..start + len] }); // `run` was counted from `start`
        start += len;
    }
    groups
}

fn mergeable(act: &Act) -> bool {
    act.is_plain() || matches!(act.kind, Kind::Check { .. } | Kind::Define { .. })
}

fn like(a: &Act, b: &Act) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::Set { fresh: a, .. }, Kind::Set { fresh: b, .. }) => a == b,
        (a, b) => mergeable_kind(a) && std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}

const fn mergeable_kind(kind: &Kind) -> bool {
    matches!(kind, Kind::Call { .. } | Kind::Check { .. } | Kind::Define { .. } | Kind::Update { .. })
}

fn run_phrase(run: &[Act]) -> String {
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: String| {
        if !names.contains(&name) {
            names.push(name);
        }
    };
    let mut verb = "";
    for act in run {
        match &act.kind {
            Kind::Set { target, fresh, .. } => {
                verb = if *fresh == Fresh::Yes { "computes" } else { "sets" };
                add(code(target));
            }
            Kind::Update { target, .. } => {
                verb = "updates";
                add(code(target));
            }
            Kind::Call { name, .. } => {
                verb = "calls";
                add(code(name));
            }
            Kind::Check { phrase } => {
                verb = "asserts";
                add(phrase.clone());
            }
            Kind::Define { name, .. } => {
                verb = "defines";
                add(code(name));
            }
            _ => {}
        }
    }
    format!("{verb} {}", some(&names, 5))
}

pub(super) const fn is_compound(act: &Act) -> bool {
    matches!(
        act.kind,
        Kind::If { .. }
            | Kind::Match { .. }
            | Kind::Loop { .. }
            | Kind::Try { .. }
            | Kind::Within { .. }
            | Kind::Callback { .. }
    )
}

/// A few acts as one phrase.
pub(super) fn brief(acts: &[Act]) -> String {
    let groups = merge(acts, 3);
    let phrases = |groups: &[Group<'_>]| -> Vec<String> { groups.iter().map(short_phrase).collect() };
    match groups.as_slice() {
        [] => "does nothing".to_owned(),
        few if few.len() <= 3 => then(&phrases(few), few.iter().any(is_nested)),
        [first, second, rest @ ..] => {
            let mut shown = phrases(&[Group { acts: first.acts }, Group { acts: second.acts }]);
            let last = rest.last().filter(|group| group.acts.last().is_some_and(Act::is_exit));
            let more = rest.len() - usize::from(last.is_some());
            let more = count(more, "more step", "more steps");
            match last {
                Some(last) => shown.push(format!("after {more} {}", short_phrase(last))),
                None => shown.push(format!("{more} follow").replace("1 more step follow", "1 more step follows")),
            }
            shown.join(if groups.iter().take(2).any(is_nested) { "; " } else { ", " })
        }
        _ => String::new(), // all lengths are covered above
    }
}

fn then(phrases: &[String], nested: bool) -> String {
    let sep = if nested { "; " } else { ", " };
    match phrases {
        [first @ .., last] if !first.is_empty() => format!("{}{sep}then {last}", first.join(sep)),
        _ => phrases.join(sep),
    }
}

/// Its phrase has commas of its own.
fn is_nested(group: &Group<'_>) -> bool {
    group.acts.len() > 1 || group.acts.iter().any(is_compound)
}

/// A phrase that does not tell the inside of compound acts, except for guards.
fn short_phrase(group: &Group<'_>) -> String {
    let [act] = group.acts else { return group.phrase() };
    match &act.kind {
        Kind::If { arms, otherwise, into } => match (arms.as_slice(), otherwise.as_slice()) {
            ([arm], []) if into.is_none() => match (guard(arm), folded(arm)) {
                (Some(guard), _) => guard,
                (None, Some(arm)) if matches!(arm.body.as_slice(), [one] if !is_compound(one)) => {
                    guard(&arm).unwrap_or_else(|| format!("if {}, {}", arm.head, brief(&arm.body)))
                }
                (None, Some(arm)) => format!("if {}, {}", arm.head, steps(&arm.body)),
                (None, None) => match arm.body.as_slice() {
                    [one] if !is_compound(one) => format!("if {}, {}", arm.head, phrase(one)),
                    _ => format!("if {}, {}", arm.head, steps(&arm.body)),
                },
            },
            (arms, _) => {
                let heads: Vec<&String> = arms.iter().map(|arm| &arm.head).collect();
                let on = or(&heads);
                match into {
                    Some(into) => format!("sets {} depending on whether {on}", code(into)),
                    None => format!("branches on whether {on}"),
                }
            }
        },
        Kind::Match { on, arms, into } => {
            let heads: Vec<String> =
                arms.iter().map(|arm| arm.head.replace("Anything else", "anything else")).collect();
            let arms = format!("with arms for {}", some(&heads, 4));
            match into {
                Some(into) => format!("sets {} by matching on {on} {arms}", code(into)),
                None => format!("matches on {on} {arms}"),
            }
        }
        Kind::Loop { phrase, body, otherwise } => {
            let body = match body.as_slice() {
                [one] if !is_compound(one) => self::phrase(one),
                body => steps(body),
            };
            format!("{phrase}, {body}{}", unbroken(otherwise))
        }
        Kind::Try { body, handlers, success, finally } => {
            let heads: Vec<&str> =
                handlers.iter().map(|arm| arm.head.strip_prefix("on ").unwrap_or(&arm.head)).collect();
            let handling = if heads.is_empty() { String::new() } else { format!(", handling {}", or(&heads)) };
            let more = success.len() + finally.len();
            let more = if more > 0 { format!(", with {} after it", steps_count(more)) } else { String::new() };
            match body.as_slice() {
                [one] if !is_compound(one) => format!("{} inside a `try`{handling}{more}", phrase(one)),
                body => format!("tries {}{handling}{more}", steps_only(body)),
            }
        }
        Kind::Within { phrase, body } => format!("{phrase}, {}", steps(body)),
        _ => phrase(act),
    }
}

/// An arm whose only content is another condition, as one.
pub(super) fn folded(arm: &Arm) -> Option<Arm> {
    let [Act { kind: Kind::If { arms, otherwise, into: None }, .. }] = arm.body.as_slice() else { return None };
    match (arms.as_slice(), otherwise.as_slice()) {
        ([inner], []) => {
            let joined = Arm { head: format!("{} and then {}", arm.head, inner.head), body: inner.body.clone() };
            Some(folded(&joined).unwrap_or(joined))
        }
        _ => None,
    }
}

fn steps(acts: &[Act]) -> String {
    match acts {
        [] => "does nothing".to_owned(),
        [one] => short_phrase(&Group { acts: std::slice::from_ref(one) }),
        more => format!("takes {}", steps_only(more)),
    }
}

fn steps_only(acts: &[Act]) -> String {
    steps_count(acts.len())
}

fn steps_count(number: usize) -> String {
    count(number, "step", "steps")
}

/// What follows on a loop that was not left by `break`.
pub(super) fn unbroken(acts: &[Act]) -> String {
    if acts.is_empty() { String::new() } else { format!("; if not left by `break`, {}", brief(acts)) }
}

/// "returns `None` early if `c`"
fn guard(arm: &Arm) -> Option<String> {
    let [Act { kind: Kind::Exit { exit, value }, .. }] = arm.body.as_slice() else { return None };
    let value = value.as_deref();
    Some(match exit {
        Exit::Finish => format!("{} if {}", exit_phrase(*exit, value), arm.head),
        Exit::Return => {
            let value = value.map_or(String::new(), |value| format!("{} ", code(value)));
            format!("returns {value}early if {}", arm.head)
        }
        Exit::Continue => format!("skips to the next round if {}", arm.head),
        Exit::Break => format!("leaves the loop if {}", arm.head),
        _ => format!("{} if {}", exit_phrase(*exit, value), arm.head),
    })
}

fn exit_phrase(exit: Exit, value: Option<&str>) -> String {
    let with =
        |verb: &str, bare: &str| value.map_or_else(|| bare.to_owned(), |value| format!("{verb} {}", code(value)));
    match exit {
        Exit::Return | Exit::Finish => with("returns", "returns"),
        Exit::Raise => with("raises", "raises the caught exception again"),
        Exit::Throw => with("throws", "throws"),
        Exit::Panic => with("panics:", "panics"),
        Exit::Break => with("leaves the loop with", "leaves the loop"),
        Exit::Continue => "goes on with the next round".to_owned(),
        Exit::Yield => with("yields", "yields"),
    }
}

/// An act as a phrase that starts with a verb.
pub(super) fn phrase(act: &Act) -> String {
    match &act.kind {
        Kind::Set { target, value, .. } => format!("sets {} to {}", code(target), code(value)),
        Kind::Update { target, operator, value } => match operator.as_str() {
            "+=" => format!("adds {} to {}", code(value), code(target)),
            "-=" => format!("subtracts {} from {}", code(value), code(target)),
            "++" => format!("increments {}", code(target)),
            "--" => format!("decrements {}", code(target)),
            _ => format!("updates {}: {}", code(target), code(&format!("{operator} {value}"))),
        },
        Kind::Call { text, .. } => format!("calls {}", code(text)),
        Kind::If { arms, otherwise, into: None } => match (arms.as_slice(), otherwise.as_slice()) {
            ([arm], []) => guard(arm).unwrap_or_else(|| {
                let arm = folded(arm).unwrap_or_else(|| arm.clone());
                guard(&arm).unwrap_or_else(|| format!("if {}, {}", arm.head, brief(&arm.body)))
            }),
            ([arm], otherwise) => format!("if {}, {}; otherwise {}", arm.head, brief(&arm.body), brief(otherwise)),
            _ => short_phrase(&Group { acts: std::slice::from_ref(act) }),
        },
        Kind::If { .. } | Kind::Match { .. } => short_phrase(&Group { acts: std::slice::from_ref(act) }),
        Kind::Loop { phrase, body, otherwise } => format!("{phrase}, {}{}", brief(body), unbroken(otherwise)),
        Kind::MatchOrElse { value, pattern, otherwise } => {
            format!("requires that {} matches {}; if not, {}", code(value), code(pattern), brief(otherwise))
        }
        Kind::Try { body, handlers, success, finally } => {
            let mut parts = vec![format!("tries: {}", brief(body))];
            parts.extend(handlers.iter().map(|arm| format!("{}, {}", arm.head, brief(&arm.body))));
            if !success.is_empty() {
                parts.push(format!("if nothing was raised, {}", brief(success)));
            }
            if !finally.is_empty() {
                parts.push(format!("in any case, {}", brief(finally)));
            }
            parts.join("; ")
        }
        Kind::Within { phrase, body } => format!("{phrase}, {}", brief(body)),
        Kind::Exit { exit, value } => exit_phrase(*exit, value.as_deref()),
        Kind::Callback { act, .. } => phrase(act),
        Kind::Value { text } => format!("gives {}", code(text)),
        Kind::Check { phrase } => format!("asserts {phrase}"),
        Kind::Define { word, name } => format!("defines the inner {word} {}", code(name)),
        Kind::Other { phrase } => phrase.clone(),
    }
}
