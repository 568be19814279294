//! Makes answers for a change in every form that models use, as they should be and as sloppy as they are.

use similar::{ChangeTag, TextDiff};

use super::fixture::Base;
use super::*;

pub(super) struct Made {
    pub(super) name: String,
    pub(super) world: World,
    pub(super) answer: String,
    pub(super) expected: Expected,
}

/// A form: how it writes a change, by the file before and after and the chunk before and after.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) name: &'static str,
    /// It holds lines of the old text.
    pub(super) has_old: bool,
    /// It is code between marks, so that text may stand around it.
    pub(super) marked: bool,
    pub(super) write: fn(&Base, &[Part]) -> String,
}

/// Lines that change, with lines around them.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) lines: Vec<(char, String)>,
    old_at: usize,
    new_at: usize,
}

impl Part {
    fn side(&self, skip: char) -> String {
        self.lines.iter().filter(|(mark, _)| *mark != skip).map(|(_, line)| format!("{line}\n")).collect()
    }

    fn count(&self, skip: char) -> usize {
        self.lines.iter().filter(|(mark, _)| *mark != skip).count()
    }

    fn diff(&self) -> String {
        self.lines.iter().map(|(mark, line)| format!("{mark}{line}\n")).collect()
    }
}

pub(super) const FORMS: &[Form] = &[
    Form {
        name: "replace",
        has_old: false,
        marked: true,
        write: |base, _| format!("<replace id=\"c1\">\n{}</replace>\n", chunk(base)),
    },
    Form {
        name: "replace with a fence",
        has_old: false,
        marked: true,
        write: |base, _| format!("<replace id='c1'>\n```\n{}```\n</replace>\n", chunk(base)),
    },
    Form { name: "fence", has_old: false, marked: true, write: |base, _| fenced(base, &chunk(base), "") },
    Form {
        name: "fence under a path",
        has_old: false,
        marked: true,
        write: |base, _| format!("**{}**\n\n{}", base.world.path, fenced(base, &chunk(base), "")),
    },
    Form { name: "whole file", has_old: false, marked: true, write: |base, _| fenced(base, &base.after, "") },
    Form {
        name: "whole file with its path",
        has_old: false,
        marked: true,
        write: |base, _| fenced(base, &base.after, &base.world.path),
    },
    Form {
        name: "search and replace",
        has_old: true,
        marked: true,
        write: |_, parts| parts.iter().map(block).collect::<Vec<_>>().join("\n"),
    },
    Form {
        name: "search and replace under a path",
        has_old: true,
        marked: true,
        write: |base, parts| format!("{}\n```\n{}```\n", base.world.path, parts.iter().map(block).collect::<String>()),
    },
    Form {
        name: "search and replace in the chunk",
        has_old: true,
        marked: true,
        write: |_, parts| format!("<replace id=\"c1\">\n{}</replace>\n", parts.iter().map(block).collect::<String>()),
    },
    Form { name: "git diff", has_old: true, marked: false, write: |base, parts| git(base, parts) },
    Form {
        name: "git diff in a fence",
        has_old: true,
        marked: true,
        write: |base, parts| format!("```diff\n{}```\n", git(base, parts)),
    },
    Form {
        name: "diff with wrong numbers",
        has_old: true,
        marked: true,
        write: |base, parts| {
            let hunks: String = parts.iter().map(|part| format!("@@ -1,2 +90,1 @@\n{}", part.diff())).collect();
            format!("```diff\n--- {0}\n+++ {0}\n{hunks}```\n", base.world.path)
        },
    },
    Form {
        name: "diff without heads",
        has_old: true,
        marked: true,
        write: |_, parts| {
            let hunks: String = parts.iter().map(|part| format!("@@ @@\n{}", part.diff())).collect();
            format!("```diff\n{hunks}```\n")
        },
    },
    Form {
        name: "patch of Codex",
        has_old: true,
        marked: true,
        write: |base, parts| {
            let hunks: String = parts.iter().map(|part| format!("@@\n{}", part.diff())).collect();
            format!("*** Begin Patch\n*** Update File: {}\n{hunks}*** End Patch\n", base.world.path)
        },
    },
    Form {
        name: "JSON",
        has_old: true,
        marked: true,
        write: |base, parts| {
            let edit = |part: &Part| serde_json::json!({"path": base.world.path, "search": part.side('+'), "replace": part.side('-')});
            let edits: Vec<_> = parts.iter().map(edit).collect();
            serde_json::to_string_pretty(&edits).unwrap()
        },
    },
    Form {
        name: "JSON with old_text in a fence",
        has_old: true,
        marked: true,
        write: |base, parts| {
            let edit = |part: &Part| serde_json::json!({"old_text": part.side('+').trim_end(), "new_text": part.side('-').trim_end()});
            let edits: Vec<_> = parts.iter().map(edit).collect();
            format!("```json\n{}\n```\n", serde_json::json!({"file": base.world.path, "edits": edits}))
        },
    },
    Form {
        name: "JSON with the whole file",
        has_old: false,
        marked: true,
        write: |base, _| serde_json::json!([{"path": base.world.path, "content": base.after}]).to_string(),
    },
];

/// The focus after the change, from the start of its line.
fn chunk(base: &Base) -> String {
    let after = World { text: base.after.clone(), ..base.world.clone() };
    let subject = subject(&after);
    let span = subject.chunk().span;
    let start = subject.text.line_start(subject.text.line_of(span.start));
    format!("{}\n", subject.text.slice(Span::new(start, span.end)).trim_end())
}

fn fenced(base: &Base, code: &str, path: &str) -> String {
    let language = by_path(base.world.path.as_ref()).unwrap().name;
    format!("```{language} {path}\n{code}```\n").replace(" \n", "\n")
}

fn block(part: &Part) -> String {
    format!("<<<<<<< SEARCH\n{}=======\n{}>>>>>>> REPLACE\n", part.side('+'), part.side('-'))
}

fn git(base: &Base, parts: &[Part]) -> String {
    let head = |part: &Part| {
        format!("@@ -{},{} +{},{} @@\n", part.old_at + 1, part.count('+'), part.new_at + 1, part.count('-'))
    };
    let hunks: String = parts.iter().map(|part| head(part) + &part.diff()).collect();
    format!("diff --git a/{0} b/{0}\nindex 83db48f..bf2a1c9 100644\n--- a/{0}\n+++ b/{0}\n{hunks}", base.world.path)
}

/// The parts that change, with `around` lines on both sides.
pub(super) fn parts(before: &str, after: &str, around: usize) -> Vec<Part> {
    let diff = TextDiff::from_lines(before, after);
    let part = |ops: &Vec<similar::DiffOp>| {
        let changes = ops.iter().flat_map(|op| diff.iter_changes(op));
        let lines = changes.map(|change| {
            let mark = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            (mark, change.value().trim_end_matches(['\r', '\n']).to_owned())
        });
        Part { lines: lines.collect(), old_at: ops[0].old_range().start, new_at: ops[0].new_range().start }
    };
    diff.grouped_ops(around).iter().map(part).collect()
}

/// All answers for a change.
pub(super) fn all(base: &Base) -> Vec<Made> {
    let mut out = Vec::new();
    for form in FORMS {
        let mut add = |how: &str, world: &World, after: &str, answer: String| {
            let files = BTreeMap::from([(world.path.clone(), Some(after.to_owned()))]);
            let name = format!("{}{how}", form.name);
            out.push(Made { name, world: world.clone(), answer, expected: Expected::Files(files) });
        };
        let own = parts(&base.world.text, &base.after, 3);
        let plain = (form.write)(base, &own);
        let (world, after) = (&base.world, base.after.as_str());
        add("", world, after, plain.clone());
        if form.marked {
            add(
                ", with chatter",
                world,
                after,
                format!("Sure! This is simpler:\n\n{plain}\nIt does the same as before."),
            );
            add(", after thoughts", world, after, format!("<think>\n```\nfn x() {{}}\n```\n</think>\n\n{plain}"));
        }
        add(", ending lines with CRLF", world, after, plain.replace('\n', "\r\n"));
        // the file's lines end otherwise than the answer's, or its last does not end
        let crlf = World { text: world.text.replace('\n', "\r\n"), ..world.clone() };
        add(", for a file with CRLF", &crlf, &after.replace('\n', "\r\n"), plain.clone());
        let open = World { text: world.text.trim_end().to_owned(), ..world.clone() };
        add(", for a file without a last line end", &open, after.trim_end(), plain.clone());
        let wide = parts(&world.text, after, 200);
        add(", with all lines around", world, after, (form.write)(base, &wide));
        if !form.has_old {
            continue;
        }
        let changed = |edit: fn(&str) -> String| -> String {
            let lines = |part: &Part| part.lines.iter().map(|(mark, line)| (*mark, edit(line))).collect();
            let parts: Vec<Part> = own.iter().map(|part| Part { lines: lines(part), ..part.clone() }).collect();
            (form.write)(base, &parts)
        };
        // blanks at the ends of lines are lost where the file has them
        let trailing = World { text: with_trailing(&world.text, after), ..world.clone() };
        add(", without blanks at the ends of lines", &trailing, &with_trailing(after, &world.text), plain.clone());
        add(
            ", indented deeper",
            world,
            after,
            changed(|line| if line.is_empty() { String::new() } else { format!("    {line}") }),
        );
        let two = world.text.contains("\n  ")
            && !world.text.lines().any(|line| line.starts_with("   ") && !line.starts_with("    "));
        let two = two && world.text.lines().any(|line| line.starts_with("  ") && !line.starts_with("   "));
        let tabs = if two { |line: &str| tabs_for_steps(line, 2) } else { |line: &str| tabs_for_steps(line, 4) };
        add(", with tabs for steps", world, after, changed(tabs));
        add(", with blanks for tabs", world, after, changed(|line| line.replace('\t', "    ")));
        if own.iter().flat_map(|part| &part.lines).all(|(_, line)| line.is_empty() || line.starts_with("  ")) {
            add(", indented less", world, after, changed(|line| line.get(2..).unwrap_or_default().to_owned()));
        }
    }
    out
}

/// The text with blanks at the ends of the lines that `other` has as well.
fn with_trailing(text: &str, other: &str) -> String {
    let known: Vec<&str> = other.lines().collect();
    let line = |line: &str| {
        if known.contains(&line) && !line.is_empty() { format!("{line}  \n") } else { format!("{line}\n") }
    };
    text.lines().map(line).collect()
}

fn tabs_for_steps(line: &str, width: usize) -> String {
    let blanks = line.len() - line.trim_start_matches(' ').len();
    format!("{}{}", "\t".repeat(blanks / width), &line[blanks / width * width..])
}
