//! Writes acts as a Markdown list of at most [`BULLETS`] bullets on two levels: what does not fit is merged, then told
//! in fewer words, then left out with its lines named.

use super::acts::{Act, Kind};
use super::phrases::{Group, brief, folded, is_compound, merge, phrase};
use super::words::{capital, code, count, lines};

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
