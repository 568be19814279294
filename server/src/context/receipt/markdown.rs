//! The receipt as Markdown, legible also where Markdown is shown as it is written: columns are aligned, and links stand
//! at the end.

use std::fmt::Write as _;

use super::Receipt;

impl Receipt<'_> {
    /// The receipt, a table whose first column links to the code, then the context itself; `link` gives the address of a
    /// line of a file.
    #[must_use]
    pub fn markdown(&self, link: &dyn Fn(&str, usize) -> String) -> String {
        let context = self.context;
        let about = context.subject.selection_label();
        let mut out =
            format!("{about}: **{} of {} tokens**; {}.\n\n", context.tokens, context.budget, self.comparison());
        if let Some(warning) = self.warning() {
            let _ = writeln!(out, "> {warning}\n");
        }
        let mut table = Table::new(&["", "level", "tokens", "what", "where", "why"]);
        for row in &self.rows {
            let excerpt = row.excerpt;
            let (tokens, place) = (excerpt.tokens.to_string(), code(&row.place()));
            let reason = excerpt.reason.clone();
            table.row([reference(row.rank), excerpt.level.word().into(), tokens, code(row.name()), place, reason]);
        }
        out.push_str(&table.write());
        let (next, more) = self.next();
        if !next.is_empty() {
            out.push_str("\n## Would come next\n\n");
            let mut table = Table::new(&["tokens", "what", "where", "why"]);
            for one in next {
                table.row([one.tokens.to_string(), code(&one.name), code(&one.path), one.reason.clone()]);
            }
            out.push_str(&table.write());
            if more > 0 {
                let _ = writeln!(out, "\n… and {more} more");
            }
        }
        if !context.held_back.is_empty() {
            out.push_str("\n## Held back\n\n");
            for one in &context.held_back {
                let _ = writeln!(out, "- {}", one.replace('\n', " "));
            }
        }
        let text = context.render();
        let language = context.subject.language.map_or("", |language| language.name);
        let fence = "`".repeat(longest_ticks(&text).max(2) + 1);
        let _ = write!(out, "\n## What the model sees\n\n{fence}{language}\n{text}{fence}\n\n");
        for row in &self.rows {
            let _ = writeln!(out, "{}: {}", reference(row.rank), link(&row.excerpt.path, row.excerpt.line));
        }
        out
    }
}

/// A reference to a link at the end.
fn reference(rank: usize) -> String {
    if rank == 0 { "[focus]".into() } else { format!("[{rank}]") }
}

fn code(name: &str) -> String {
    format!("`{}`", name.replace('`', "'"))
}

fn longest_ticks(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A table with aligned columns; numbers stand to the right.
struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    fn new(head: &[&str]) -> Self {
        Self { rows: vec![head.iter().map(|&cell| cell.to_owned()).collect()] }
    }

    fn row<const N: usize>(&mut self, cells: [String; N]) {
        let clean = |cell: String| cell.replace('|', "\\|").replace(['\n', '\r'], " ");
        self.rows.push(cells.into_iter().map(clean).collect());
    }

    fn write(&self) -> String {
        let head = self.rows.first().map_or(&[][..], Vec::as_slice);
        let width = |column: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
                .max(3)
        };
        let widths: Vec<usize> = (0..head.len()).map(width).collect();
        let right = |column: usize| head.get(column).is_some_and(|head| head == "tokens");
        let mut out = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let _ = match right(column) {
                    true => write!(out, "| {cell:>width$} "),
                    false => write!(out, "| {cell:<width$} "),
                };
            }
            out.push_str("|\n");
            if number == 0 {
                for (column, width) in widths.iter().enumerate() {
                    let line = "-".repeat(width - 1);
                    out.push_str(&if right(column) { format!("| {line}: ") } else { format!("| {line}- ") });
                }
                out.push_str("|\n");
            }
        }
        out
    }
}
