//! How the indentation of an answer becomes that of a file: learnt from lines that stand in both.

use std::collections::BTreeMap;

/// The blanks at the start of a line.
pub(in crate::edits) fn indent_of(line: &str) -> &str {
    let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
    line.get(..blanks).unwrap_or_default()
}

/// Which indentation of a file each indentation of an answer stands for.
#[derive(Debug, Default)]
pub(super) struct Indents {
    /// By its width in the answer: the file's.
    map: BTreeMap<usize, String>,
    /// What one step is in the file.
    step: String,
    /// Columns of one step in the answer.
    width: usize,
}

/// A tab counts for so many columns; how many is no matter where lines use one kind of blank.
const TAB: usize = 4;

pub(super) fn columns(indent: &str) -> usize {
    indent.chars().map(|c| if c == '\t' { TAB } else { 1 }).sum()
}

impl Indents {
    /// Learns from pairs of lines, the answer's and the file's. `None` when no rule fits them all: the same indentation
    /// of the one has to be the same of the other, and what is deeper in the one, deeper in the other.
    pub(super) fn learn<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>, file: &str, answer: &str) -> Option<Self> {
        let mut map: BTreeMap<usize, String> = BTreeMap::new();
        for (theirs, ours) in pairs {
            if theirs.trim().is_empty() {
                continue;
            }
            let (theirs, ours) = (columns(indent_of(theirs)), indent_of(ours));
            if map.insert(theirs, ours.to_owned()).is_some_and(|before| before != ours) {
                return None;
            }
        }
        let widths: Vec<usize> = map.values().map(|indent| columns(indent)).collect();
        if !widths.is_sorted_by(|a, b| a < b) {
            return None;
        }
        let step = step_of(file);
        // two depths of both tell how wide a step of the answer is
        let width = map.iter().zip(map.iter().skip(1)).find_map(|((from, a), (to, b))| {
            let steps = (columns(b) - columns(a)) / columns(&step).max(1);
            (steps > 0).then(|| (to - from) / steps)
        });
        let width = width.filter(|width| *width > 0).unwrap_or_else(|| columns(&step_of(answer)));
        Some(Self { map, step, width: width.max(1) })
    }

    /// A line of the answer with the file's indentation.
    pub(super) fn apply(&self, line: &str) -> String {
        let code = line.trim_start_matches([' ', '\t']);
        if code.trim().is_empty() {
            return String::new();
        }
        let wide = columns(indent_of(line));
        let mut out = match self.map.range(..=wide).next_back() {
            Some((known, indent)) => indent.clone() + &self.deeper(wide - known),
            None => match self.map.iter().next() {
                // less deep than all that is known
                Some((known, indent)) => {
                    let less = self.deeper(known - wide);
                    let mut kept = indent.as_str();
                    for blank in less.chars().rev() {
                        kept = kept.strip_suffix(blank).unwrap_or(kept);
                    }
                    kept.to_owned()
                }
                None => indent_of(line).to_owned(),
            },
        };
        out.push_str(code);
        out
    }

    /// Blanks for `columns` of the answer.
    fn deeper(&self, columns: usize) -> String {
        let mut out = self.step.repeat(columns / self.width);
        out.push_str(&" ".repeat(columns % self.width));
        out
    }
}

/// One step of indentation of a text: a tab, or the smallest number of blanks by which a line is deeper than the one above
/// it; four where none is.
pub(in crate::edits) fn step_of(text: &str) -> String {
    const LINES: usize = 400;
    let mut least = usize::MAX;
    let mut above = 0;
    for line in text.lines().filter(|line| !line.trim().is_empty()).take(LINES) {
        let indent = indent_of(line);
        if indent.starts_with('\t') {
            return "\t".to_owned();
        }
        if indent.len() > above + 1 {
            least = least.min(indent.len() - above);
        }
        above = indent.len();
    }
    " ".repeat(if least == usize::MAX { 4 } else { least })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pairs: &[(&str, &str)], file: &str, line: &str, after: Option<&str>) {
        let answer: String = pairs.iter().flat_map(|(theirs, _)| [*theirs, "\n"]).collect();
        let learnt = Indents::learn(pairs.iter().copied(), file, &answer);
        assert_eq!(learnt.map(|indents| indents.apply(line)).as_deref(), after, "{pairs:?}");
    }

    #[test]
    fn what_is_new_follows_what_is_known() {
        check(&[("a", "    a")], "    a\n", "b", Some("    b"));
        check(&[("a", "    a"), ("  b", "        b")], "x\n    a\n", "    c", Some("            c"));
        check(&[("    a", "\ta"), ("        b", "\t\tb")], "\ta\n", "            c", Some("\t\t\tc"));
        check(&[("\ta", "  a"), ("\t\tb", "    b")], "x\n  a\n", "\t\t\tc", Some("      c"));
        check(&[("        a", "    a")], "x\n    a\n", "    b", Some("b"));
        check(&[("a", "  a"), ("b", "    b")], "", "c", None);
        check(&[("  a", "    a"), ("    b", "  b")], "", "c", None);
    }
}
