//! Places a hunk in a file. In: the lines that an answer says are there, and the file. Out: which lines of the file they
//! are and what becomes of them, with the step of the ladder that found them, or the fault: not there, or there more than
//! once. Never guesses: a step that finds two places ends the search.

mod align;
mod indent;
mod lines;
mod weave;

pub(super) use indent::{indent_of, step_of};
pub(super) use lines::Lines;
pub(super) use weave::rejoin;

use super::answer::Hunk;
use super::fault::Fault;
use super::proposal::Step;
use crate::text::Span;
use indent::Indents;

/// A file in which hunks are placed.
pub(super) struct Field<'a> {
    pub(super) path: &'a str,
    pub(super) lines: &'a Lines<'a>,
    /// What may be changed: places in it go before others.
    pub(super) allowed: &'a [Span],
    /// Other places may have been meant as well.
    pub(super) elsewhere: bool,
    /// The definition around the line that an anchor names.
    pub(super) around: &'a dyn Fn(usize) -> Span,
}

/// Where a hunk goes.
#[derive(Debug)]
pub(super) struct Found {
    /// What is replaced: whole lines, or a part of them.
    pub(super) span: Span,
    /// By what.
    pub(super) text: String,
    pub(super) step: Step,
}

/// A way to see the lines of a hunk in the file: the line of the file that each of them is.
struct Match {
    /// For each line of the hunk's old text; `None`: it has none.
    lines: Vec<Option<usize>>,
}

impl Match {
    fn whole(from: usize, len: usize) -> Self {
        Self { lines: (from..from + len).map(Some).collect() }
    }

    fn first(&self) -> usize {
        self.lines.iter().flatten().next().copied().unwrap_or_default()
    }

    /// The line after the last.
    fn end(&self) -> usize {
        self.lines.iter().flatten().next_back().map_or(0, |line| line + 1)
    }
}

/// Finds the place of a hunk.
///
/// # Errors
/// [`Fault::NotFound`] and [`Fault::Ambiguous`].
pub(super) fn place(hunk: &Hunk, field: &Field<'_>) -> Result<Found, Fault> {
    let hunk = &trimmed(hunk);
    if hunk.is_blind() {
        return Err(Fault::Form { what: "a hunk does not say what stands where it goes".to_owned() });
    }
    if hunk.within_line
        && let Some(found) = within_lines(hunk, field)?
    {
        return Ok(found);
    }
    let alike = same_lines(hunk, field.lines);
    let lines = field.lines;
    let pairs =
        |at: usize| hunk.before.iter().enumerate().map(move |(number, line)| (line.as_str(), lines.get(at + number)));
    let exact = |at: &usize| pairs(*at).all(|(theirs, ours)| theirs == ours.trim_end_matches(['\r', '\n']));
    let blanks = |at: &usize| pairs(*at).all(|(theirs, ours)| theirs.trim_end() == ours.trim_end());
    let learn = |at: usize| Indents::learn(pairs(at), lines.text(), &hunk.before.join("\n"));
    let weave = |found: Match, step: Step, indents: Option<&Indents>| {
        let span = lines.span(found.first(), found.end());
        weave::weave(hunk, &found.lines, lines, indents).map(|text| Found { span, text, step })
    };
    let len = hunk.before.len();
    if let Some(at) = only(alike.iter().copied().filter(exact).collect(), hunk, field)? {
        return weave(Match::whole(at, len), Step::Exact, None).ok_or_else(|| missing(hunk, field));
    }
    if let Some(at) = only(alike.iter().copied().filter(blanks).collect(), hunk, field)? {
        return weave(Match::whole(at, len), Step::Whitespace, None).ok_or_else(|| missing(hunk, field));
    }
    let shifted = alike.iter().copied().filter(|at| learn(*at).is_some()).collect();
    if let Some(at) = only(shifted, hunk, field)? {
        let tabs =
            pairs(at).all(|(theirs, ours)| indent::columns(indent_of(theirs)) == indent::columns(indent_of(ours)));
        let step = if tabs { Step::Whitespace } else { Step::Indentation };
        return weave(Match::whole(at, len), step, learn(at).as_ref()).ok_or_else(|| missing(hunk, field));
    }
    if !alike.is_empty() {
        return Err(missing(hunk, field)); // its lines are there, indented without a rule
    }
    let aligned = align::align(hunk, field)?;
    let Some((found, score)) = aligned else { return Err(missing(hunk, field)) };
    let both = found.iter().zip(&hunk.before).filter_map(|(line, theirs)| Some((theirs.as_str(), lines.get((*line)?))));
    let both = both.filter(|(theirs, ours)| align::loose(theirs) == align::loose(ours));
    let indents = Indents::learn(both, lines.text(), &hunk.before.join("\n")).ok_or_else(|| missing(hunk, field))?;
    let step = Step::Alignment { percent: (score * 100.0) as u8 };
    weave(Match { lines: found }, step, Some(&indents)).ok_or_else(|| missing(hunk, field))
}

/// A hunk without the blank lines at its ends that both sides share: they prove nothing.
fn trimmed(hunk: &Hunk) -> Hunk {
    let mut hunk = hunk.clone();
    let blank = |line: Option<&String>| line.is_some_and(|line| line.trim().is_empty());
    while blank(hunk.before.first()) && blank(hunk.after.first()) {
        hunk.before.remove(0);
        hunk.after.remove(0);
        hunk.head = hunk.head.map(|line| line + 1);
    }
    while blank(hunk.before.last()) && blank(hunk.after.last()) {
        hunk.before.pop();
        hunk.after.pop();
    }
    hunk
}

/// The places at which every line of the hunk stands, blanks around it left out. Looks only where its rarest line is.
fn same_lines(hunk: &Hunk, lines: &Lines<'_>) -> Vec<usize> {
    let code = hunk.before.iter().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let rarest = code.map(|(number, line)| (lines.with(line.trim()), number)).min_by_key(|(at, _)| at.len());
    let Some((at, number)) = rarest else { return Vec::new() };
    let starts = at.iter().filter_map(|at| at.checked_sub(number));
    let fits = |start: &usize| {
        start + hunk.before.len() <= lines.len()
            && hunk.before.iter().enumerate().all(|(number, line)| line.trim() == lines.get(start + number).trim())
    };
    starts.filter(fits).collect()
}

/// The one place of several that the answer can mean: the only one, else the only one that may be changed, that its
/// anchors name, or that stands on its line. Several are a fault, and so is one where the head of a diff tells another.
fn only(mut places: Vec<usize>, hunk: &Hunk, field: &Field<'_>) -> Result<Option<usize>, Fault> {
    let len = hunk.before.len();
    let span = |at: usize| field.lines.span(at, at + len);
    // models count from the start of the file, or of what they were shown: nobody knows which
    let mut told = hunk.head.filter(|_| field.elsewhere).and_then(|line| line.checked_sub(1));
    told = told.filter(|at| places.contains(at));
    narrow(&mut places, |at| field.allowed.iter().any(|allowed| allowed.contains(span(at))));
    for anchor in &hunk.anchors {
        let around: Vec<Span> = field.lines.with(anchor.trim()).iter().map(|line| (field.around)(*line)).collect();
        if let [around] = around.as_slice() {
            narrow(&mut places, |at| around.contains(span(at)));
            told = told.filter(|at| around.contains(span(*at)));
        }
    }
    if let Some(line) = hunk.line {
        narrow(&mut places, |at| at + 1 == line);
    }
    places.extend(told.filter(|at| !places.contains(at)));
    match places.as_slice() {
        [] => Ok(None),
        [at] => Ok(Some(*at)),
        _ => Err(Fault::Ambiguous { path: field.path.to_owned(), lines: places.iter().map(|at| at + 1).collect() }),
    }
}

/// Leaves only the places that fit, unless none does.
fn narrow(places: &mut Vec<usize>, fits: impl Fn(usize) -> bool) {
    if places.len() > 1 && places.iter().any(|at| fits(*at)) {
        places.retain(|at| fits(*at));
    }
}

/// The place of a text that may begin and end within lines; `None` when it is not there to the letter.
fn within_lines(hunk: &Hunk, field: &Field<'_>) -> Result<Option<Found>, Fault> {
    let text = field.lines.text();
    let crlf = text.contains("\r\n");
    let join = |lines: &[String]| lines.join(if crlf { "\r\n" } else { "\n" });
    let (before, after) = (join(&hunk.before), join(&hunk.after));
    let mut places: Vec<Span> = text.match_indices(&before).map(|(at, _)| Span::new(at, at + before.len())).collect();
    let mut keep = |fits: &dyn Fn(&Span) -> bool| {
        if places.len() > 1 && places.iter().any(fits) {
            places.retain(fits);
        }
    };
    keep(&|span| field.allowed.iter().any(|allowed| allowed.contains(*span)));
    if let Some(line) = hunk.line {
        keep(&|span| field.lines.of_byte(span.start) + 1 == line);
    }
    match places.as_slice() {
        [] => Ok(None),
        [span] => Ok(Some(Found { span: *span, text: after, step: Step::Exact })),
        _ => {
            let lines = places.iter().map(|span| field.lines.of_byte(span.start) + 1).collect();
            Err(Fault::Ambiguous { path: field.path.to_owned(), lines })
        }
    }
}

/// What is said of a hunk that has no place.
pub(super) fn missing(hunk: &Hunk, field: &Field<'_>) -> Fault {
    let first = hunk.before.iter().map(|line| line.trim()).find(|line| !line.is_empty()).unwrap_or_default();
    let nearest = align::nearest(hunk, field);
    Fault::NotFound { path: field.path.to_owned(), text: super::fault::beginning(first), nearest }
}
