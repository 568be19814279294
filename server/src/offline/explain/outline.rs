//! Writes acts as a Markdown list of at most [`BULLETS`] bullets on two levels: what does not fit is merged, then told
//! in fewer words, then left out with its lines named.

use super::acts::{Act, Arm, Exit, Fresh, Kind};
use super::words::{capital, code, count, lines, or, some};

/// How many bullets an outline may have.
pub(super) const BULLETS: usize = 15;
/// How many arms of a match are shown.
const ARMS: usize = 8;

struct Bullet {
    text: String,
    inner: Vec<String>,
}

/// The outline of a body; empty for an empty one.
pub(super) fn outline(acts: &[Act]) -> String {
    let size = |bullets: &[Bullet]| bullets.iter().map(|bullet| 1 + bullet.inner.len()).sum::<usize>();
    let mut groups = merge(acts, 3);
    let mut top: Vec<Bullet> = groups.iter().map(|group| bullet(group, Inner::Shown)).collect();
    if size(&top) > BULLETS {
        groups = merge(acts, 2);
        top = groups.iter().map(|group| bullet(group, Inner::Shown)).collect();
        let mut room = BULLETS.saturating_sub(top.len());
        // the longest parts first: they hold most of the matter
        let mut order: Vec<usize> = (0..top.len()).collect();
        order
            .sort_by_key(|index| std::cmp::Reverse(groups.get(*index).map_or(0, |group| group.last() - group.first())));
        for index in order {
            let (Some(shown), Some(group)) = (top.get_mut(index), groups.get(index)) else { continue };
            if shown.inner.len() > room && room >= 4 {
                let rest = shown.inner.split_off(room - 1).len();
                shown.inner.push(format!("… {}", count(rest, "more", "more")));
            }
            if shown.inner.len() <= room {
                room -= shown.inner.len();
            } else {
                *shown = bullet(group, Inner::Told);
            }
        }
    }
    let mut out = String::new();
    let cut = (top.len() > BULLETS).then(|| (BULLETS - 4, top.len() - 3)); // the first eleven and the last three
    for (index, bullet) in top.iter().enumerate() {
        match cut {
            Some((from, to)) if index == from => {
                let (first, last) = (groups.get(from), groups.get(to - 1));
                let (first, last) = (first.map_or(0, Group::first), last.map_or(0, Group::last));
                out += &format!("- … {} ({})\n", count(to - from, "more step", "more steps"), lines(first, last));
            }
            Some((from, to)) if from < index && index < to => {}
            _ => {
                out += &format!("- {}\n", bullet.text);
                for inner in &bullet.inner {
                    out += &format!("  - {inner}\n");
                }
            }
        }
    }
    out
}

/// One act, or a run of plain ones.
struct Group<'a> {
    acts: &'a [Act],
}

impl Group<'_> {
    fn first(&self) -> usize {
        self.acts.first().map_or(0, |act| act.first)
    }

    fn last(&self) -> usize {
        self.acts.last().map_or(0, |act| act.last)
    }

    fn phrase(&self) -> String {
        match self.acts {
            [one] => phrase(one),
            run => run_phrase(run),
        }
    }
}

/// Runs of plain acts of one sort, put together where there are at least `least`.
fn merge(acts: &[Act], least: usize) -> Vec<Group<'_>> {
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

/// Are the parts of a compound act bullets of their own, or told in its sentence?
#[derive(Clone, Copy, PartialEq)]
enum Inner {
    Shown,
    Told,
}

fn bullet(group: &Group<'_>, inner: Inner) -> Bullet {
    let place = format!("({})", lines(group.first(), group.last()));
    let told = |text: String| Bullet { text: capital(&format!("{text} {place}")), inner: Vec::new() };
    let [act] = group.acts else { return told(group.phrase()) };
    if inner == Inner::Told || is_brief(act) {
        return told(phrase(act));
    }
    let (head, inner) = expanded(act);
    if inner.is_empty() { told(phrase(act)) } else { Bullet { text: capital(&format!("{head} {place}:")), inner } }
}

/// Its phrase tells all of it in a line.
fn is_brief(act: &Act) -> bool {
    let simple = |acts: &[Act]| acts.len() <= 2 && acts.iter().all(|act| !is_compound(act));
    match &act.kind {
        Kind::If { arms, otherwise, .. } => {
            arms.len() == 1 && otherwise.len() < 2 && arms.iter().all(|arm| simple(&arm.body)) && simple(otherwise)
        }
        Kind::Loop { body, otherwise, .. } => simple(body) && otherwise.is_empty(),
        Kind::Within { body, .. } => simple(body),
        Kind::MatchOrElse { otherwise, .. } => simple(otherwise),
        Kind::Match { .. } | Kind::Try { .. } | Kind::Callback { .. } => false,
        _ => true,
    }
}

const fn is_compound(act: &Act) -> bool {
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

/// A compound act as a head and the lines below it.
fn expanded(act: &Act) -> (String, Vec<String>) {
    let body_lines =
        |acts: &[Act]| -> Vec<String> { merge(acts, 3).iter().map(|group| capital(&told_with_lines(group))).collect() };
    let into = |into: &Option<String>| into.as_ref().map(|name| format!("sets {} by ", code(name)));
    match &act.kind {
        Kind::If { arms, otherwise, into: None } if otherwise.is_empty() && arms.len() == 1 => match arms.first() {
            Some(arm) => {
                let arm = folded(arm).unwrap_or_else(|| arm.clone());
                (format!("if {}", arm.head), body_lines(&arm.body))
            }
            None => (String::new(), Vec::new()),
        },
        Kind::If { arms, otherwise, into: target } => {
            let head = into(target).map_or_else(|| "branches".to_owned(), |into| format!("{into}branching"));
            let mut inner: Vec<String> = Vec::new();
            for (index, arm) in arms.iter().enumerate() {
                let word = if index == 0 { "If" } else { "Otherwise, if" };
                inner.push(format!("{word} {}: {}", arm.head, brief(&arm.body)));
            }
            if !otherwise.is_empty() {
                inner.push(format!("Otherwise: {}", brief(otherwise)));
            }
            (head, inner)
        }
        Kind::Match { on, arms, into: target } => {
            let head =
                into(target).map_or_else(|| format!("matches on {on}"), |into| format!("{into}matching on {on}"));
            let mut inner: Vec<String> = arms.iter().map(|arm| format!("{}: {}", arm.head, brief(&arm.body))).collect();
            if inner.len() > ARMS + 1 {
                let rest = inner.split_off(ARMS).len();
                inner.push(format!("… {rest} more arms"));
            }
            (head, inner)
        }
        Kind::Loop { phrase, body, otherwise } => {
            let mut inner = body_lines(body);
            if !otherwise.is_empty() {
                inner.push(format!("If the loop was not left by `break`: {}", brief(otherwise)));
            }
            (phrase.clone(), inner)
        }
        Kind::Within { phrase, body } => (phrase.clone(), body_lines(body)),
        Kind::Callback { act, body } => (format!("{}; the code inside", phrase(act)), body_lines(body)),
        Kind::MatchOrElse { value, pattern, otherwise } => {
            (format!("requires that {} matches {}; if not", code(value), code(pattern)), body_lines(otherwise))
        }
        Kind::Try { body, handlers, success, finally } => {
            let mut inner = vec![capital(&brief(body))];
            inner.extend(handlers.iter().map(|arm| format!("{}: {}", capital(&arm.head), brief(&arm.body))));
            if !success.is_empty() {
                inner.push(format!("If nothing was raised: {}", brief(success)));
            }
            if !finally.is_empty() {
                inner.push(format!("In any case: {}", brief(finally)));
            }
            ("tries".to_owned(), inner)
        }
        _ => (String::new(), Vec::new()),
    }
}

fn told_with_lines(group: &Group<'_>) -> String {
    format!("{} ({})", group.phrase(), lines(group.first(), group.last()))
}

/// A few acts as one phrase.
fn brief(acts: &[Act]) -> String {
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
        Kind::Loop { phrase, body, .. } => match body.as_slice() {
            [one] if !is_compound(one) => format!("{phrase}, {}", self::phrase(one)),
            body => format!("{phrase}, {}", steps(body)),
        },
        Kind::Try { body, handlers, .. } => {
            let heads: Vec<&str> =
                handlers.iter().map(|arm| arm.head.strip_prefix("on ").unwrap_or(&arm.head)).collect();
            let handling = if heads.is_empty() { String::new() } else { format!(", handling {}", or(&heads)) };
            match body.as_slice() {
                [one] if !is_compound(one) => format!("{} inside a `try`{handling}", phrase(one)),
                body => format!("tries {}{handling}", steps_only(body)),
            }
        }
        Kind::Within { phrase, body } => format!("{phrase}, {}", steps(body)),
        _ => phrase(act),
    }
}

/// An arm whose only content is another condition, as one.
fn folded(arm: &Arm) -> Option<Arm> {
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
    count(acts.len(), "step", "steps")
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
fn phrase(act: &Act) -> String {
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
        Kind::Loop { phrase, body, .. } => format!("{phrase}, {}", brief(body)),
        Kind::MatchOrElse { value, pattern, otherwise } => {
            format!("requires that {} matches {}; if not, {}", code(value), code(pattern), brief(otherwise))
        }
        Kind::Try { body, handlers, .. } => {
            let handlers: Vec<String> =
                handlers.iter().map(|arm| format!("{}, {}", arm.head, brief(&arm.body))).collect();
            let sep = if handlers.is_empty() { "" } else { "; " };
            format!("tries: {}{sep}{}", brief(body), handlers.join("; "))
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
