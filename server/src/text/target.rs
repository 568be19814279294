//! TARGET: a file and a place in it. In: what the user typed. Out: the file and, once its text is known, a span.

use std::path::{Path, PathBuf};

use super::{Encoding, Position, Span, Text};

/// A file and a place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The file as the user named it.
    pub file: PathBuf,
    /// Where in it.
    pub place: Place,
}

/// A place in a file; lines and columns from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// All of it.
    File,
    /// What the line lies in.
    Line(usize),
    /// What a character of a line lies in.
    Column(usize, usize),
    /// From one line through another.
    Lines(usize, usize),
}

/// Why a target is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// What follows the file's name.
    #[error("`{place}` is not a place in {file}: write FILE, FILE:LINE, FILE:LINE:COLUMN or FILE:START-END")]
    NoPlace {
        /// The file, which is there.
        file: String,
        /// The rest.
        place: String,
    },
    /// No reading of it names a file that is there.
    #[error("there is no file {}: check the name and the folder", .0.display())]
    NoFile(PathBuf),
    /// A line 0.
    #[error("line 0 does not exist: lines count from 1")]
    LineZero,
    /// A column 0.
    #[error("column 0 does not exist: columns count from 1")]
    ColumnZero,
    /// The last line stands before the first.
    #[error("lines {first}-{last} run backwards: write {last}-{first}")]
    Backwards {
        /// The first.
        first: usize,
        /// The last.
        last: usize,
    },
    /// A line after the file's last.
    #[error("{} has {lines} {}, so there is no line {line}", .file.display(), if *.lines == 1 { "line" } else { "lines" })]
    NoLine {
        /// The file.
        file: PathBuf,
        /// How many lines it has.
        lines: usize,
        /// The line that was asked for.
        line: usize,
    },
}

impl Target {
    /// Reads a target; `exists` says whether a file is there. Names may hold colons: what is a file as a whole is taken
    /// as one, and of the other readings the first whose file is there.
    ///
    /// # Errors
    /// Where no reading names a file that is there, or its place can be in no file.
    pub fn parse(target: &str, exists: &dyn Fn(&Path) -> bool) -> Result<Self, TargetError> {
        let readings = readings(target);
        let there = readings.iter().find(|reading| exists(&reading.file));
        match (there, readings.last()) {
            (Some(found), _) => found.checked(),
            // nothing is there: the reading with the most of a place in it is what was most likely meant
            (None, Some(meant)) => match target.rsplit_once(':') {
                Some((file, place)) if meant.place == Place::File && exists(Path::new(file)) => {
                    Err(TargetError::NoPlace { file: file.to_owned(), place: place.to_owned() })
                }
                _ => Err(TargetError::NoFile(meant.file.clone())),
            },
            (None, None) => Err(TargetError::NoFile(target.into())),
        }
    }

    fn checked(&self) -> Result<Self, TargetError> {
        match self.place {
            Place::Line(0) | Place::Lines(0, _) | Place::Column(0, _) => Err(TargetError::LineZero),
            Place::Column(_, 0) => Err(TargetError::ColumnZero),
            Place::Lines(first, last) if last < first => Err(TargetError::Backwards { first, last }),
            _ => Ok(self.clone()),
        }
    }

    /// The place in the file's text; `None` stands for the whole file.
    ///
    /// # Errors
    /// Where the text has no such line.
    pub fn span(&self, text: &Text) -> Result<Option<Span>, TargetError> {
        let check = |line: usize| {
            // a line end at the end of a file begins no line in a user's eyes
            let ended = text.lines() > 1 && text.line_span(text.lines() - 1).is_empty();
            let lines = text.lines() - usize::from(ended);
            if line <= lines {
                return Ok(line - 1); // `checked` let no 0 pass
            }
            Err(TargetError::NoLine { file: self.file.clone(), lines, line })
        };
        Ok(match self.place {
            Place::File => None,
            Place::Line(line) => {
                let line = text.line_span(check(line)?);
                let blanks =
                    text.slice(line).chars().take_while(|c| c.is_whitespace()).map(char::len_utf8).sum::<usize>();
                Some(Span::new(line.start + blanks, line.start + blanks))
            }
            Place::Column(line, column) => {
                let at =
                    text.offset(Position { line: to_u32(check(line)?), column: to_u32(column - 1) }, Encoding::Utf32);
                Some(Span::new(at, at))
            }
            Place::Lines(first, last) => {
                let (first, last) = (check(first)?, check(last)?);
                Some(Span::new(text.line_start(first), text.line_span(last).end))
            }
        })
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file.display())?;
        match self.place {
            Place::File => Ok(()),
            Place::Line(line) => write!(f, ":{line}"),
            Place::Column(line, column) => write!(f, ":{line}:{column}"),
            Place::Lines(first, last) => write!(f, ":{first}-{last}"),
        }
    }
}

/// The ways to read a target, from the whole as a file to the one with the most numbers.
fn readings(target: &str) -> Vec<Target> {
    let reading = |file: &str, place| Target { file: PathBuf::from(file), place };
    let mut all = vec![reading(target, Place::File)];
    let Some((file, last)) = target.rsplit_once(':') else { return all };
    if let Some((first, last)) = last.split_once('-')
        && let (Some(first), Some(last)) = (number(first), number(last))
    {
        all.push(reading(file, Place::Lines(first, last)));
    } else if let Some(last) = number(last) {
        all.push(reading(file, Place::Line(last)));
        if let Some((file, line)) = file.rsplit_once(':')
            && let Some(line) = number(line)
        {
            all.push(reading(file, Place::Column(line, last)));
        }
    }
    all
}

/// A number of digits alone; one that is too large is as good as any that is too large.
fn number(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(usize::MAX))
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_with_the_files_that_there_are() {
        let check = |target: &str, files: &[&str], wanted: Result<(&str, Place), &str>| {
            let exists = |file: &Path| files.iter().any(|name| Path::new(name) == file);
            match (Target::parse(target, &exists), wanted) {
                (Ok(target), Ok((file, place))) => assert_eq!(target, Target { file: file.into(), place }),
                (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{target}: {error}"),
                (found, wanted) => panic!("{target}: {found:?}, not {wanted:?}"),
            }
        };
        check("a.rs", &["a.rs"], Ok(("a.rs", Place::File)));
        check("a.rs:3", &["a.rs"], Ok(("a.rs", Place::Line(3))));
        check("a.rs:3:4", &["a.rs"], Ok(("a.rs", Place::Column(3, 4))));
        check("a.rs:3-4", &["a.rs"], Ok(("a.rs", Place::Lines(3, 4))));
        check("a.rs:3", &["a.rs", "a.rs:3"], Ok(("a.rs:3", Place::File)));
        check("a:3:4", &["a", "a:3"], Ok(("a:3", Place::Line(4))));
        check(r"C:\a.rs:3", &[r"C:\a.rs"], Ok((r"C:\a.rs", Place::Line(3))));
        check(r"C:\a.rs:3:4", &[r"C:\a.rs"], Ok((r"C:\a.rs", Place::Column(3, 4))));
        check("b.rs:3:4", &["a.rs"], Err("there is no file b.rs:"));
        check(r"C:\b.rs", &[], Err(r"there is no file C:\b.rs:"));
        check("a.rs:", &["a.rs"], Err("`` is not a place in a.rs"));
        check("a.rs:x", &["a.rs"], Err("`x` is not a place in a.rs"));
        check("a.rs:4-3", &["a.rs"], Err("write 3-4"));
        check("a.rs:0", &["a.rs"], Err("count from 1"));
        check("a.rs:1:0", &["a.rs"], Err("count from 1"));
        check("a.rs:99999999999999999999999", &["a.rs"], Ok(("a.rs", Place::Line(usize::MAX))));
    }

    #[test]
    fn places_become_spans() {
        let check = |place: Place, text: &str, wanted: Option<&str>| {
            let target = Target { file: "a.rs".into(), place };
            let text = Text::from(text);
            let found = target.span(&text).map(|span| span.map(|span| format!("{}..{}", span.start, span.end)));
            match found {
                Ok(found) => assert_eq!(found.as_deref(), wanted),
                Err(error) => assert!(error.to_string().contains(wanted.unwrap()), "{error}"),
            }
        };
        check(Place::File, "a\n", None);
        check(Place::Line(2), "a\n  b\n", Some("4..4"));
        check(Place::Line(2), "a\n\nb", Some("2..2"));
        check(Place::Column(1, 3), "é😀b\n", Some("6..6"));
        check(Place::Column(1, 99), "é😀b\nc", Some("7..7"));
        check(Place::Lines(1, 2), "a\r\nb\r\n", Some("0..4"));
        check(Place::Line(2), "a\n", Some("a.rs has 1 line, so there is no line 2"));
        check(Place::Lines(1, 9), "a\nb", Some("a.rs has 2 lines, so there is no line 9"));
        check(Place::Line(1), "", Some("0..0"));
    }
}
