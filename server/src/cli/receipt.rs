//! The receipt of a context for a terminal: aligned columns, coloured where there are colours.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::output::{BOLD, CYAN, DIM, GREEN, harmless, styled};
use crate::context::{Level, Receipt};

/// Cells of the bar that shows how full the budget is.
const BAR: usize = 30;
/// A column is at most this wide; what is longer pushes its line to the right.
const WIDEST: usize = 44;

const YELLOW: Style = AnsiColor::Yellow.on_default();

/// The receipt as lines.
pub(super) fn shown(receipt: &Receipt<'_>) -> String {
    let context = receipt.context;
    let Some(focus) = receipt.rows.first() else { return String::new() };
    let mut out = String::new();
    let _ = writeln!(out, "{}  {}", styled(focus.name(), BOLD), styled(&focus.place(), DIM));
    let cells = (BAR * context.tokens).div_ceil(context.budget.max(1)).min(BAR);
    let bar = styled(&"█".repeat(cells), GREEN) + &styled(&"░".repeat(BAR - cells), DIM);
    let _ = writeln!(out, "{bar}  {} of {} tokens", context.tokens, context.budget);
    let _ = writeln!(out, "{}\n", receipt.comparison());
    if let Some(warning) = receipt.warning() {
        let _ = writeln!(out, "{}\n", styled(warning, YELLOW));
    }

    let mut table = Table::new(["rank", "level", "tokens", "what", "where", "why"]);
    for row in &receipt.rows {
        let excerpt = row.excerpt;
        let rank = if row.rank == 0 { "·".to_owned() } else { row.rank.to_string() };
        table.row(
            level_style(excerpt.level),
            [
                rank,
                excerpt.level.word().to_owned(),
                excerpt.tokens.to_string(),
                row.name().to_owned(),
                row.place(),
                excerpt.reason.clone(),
            ],
        );
    }
    let (next, more) = receipt.next();
    if !next.is_empty() {
        table.text(format!("\n{}", styled("left out, next first", BOLD)));
    }
    for (number, one) in next.iter().enumerate() {
        let (rank, tokens) = ((receipt.rows.len() + number).to_string(), one.tokens.to_string());
        table.row(DIM, [rank, String::new(), tokens, one.name.clone(), one.path.clone(), one.reason.clone()]);
    }
    if more > 0 {
        table.text(styled(&format!("     … and {more} more: `--json` lists them"), DIM));
    }
    out.push_str(&table.write());
    if !context.held_back.is_empty() {
        let _ = writeln!(out, "\n{}", styled("held back", BOLD));
        for one in &context.held_back {
            let _ = writeln!(out, "  {}", harmless(one));
        }
    }
    out
}

fn level_style(level: Level) -> Style {
    match level {
        Level::Full => GREEN,
        Level::Folded => YELLOW,
        Level::Header | Level::Signature => CYAN,
        Level::Name => DIM,
    }
}

const COLUMNS: usize = 6;
/// The columns of numbers, which stand to the right.
const RIGHT: [usize; 2] = [0, 2];

/// Rows in columns, and texts between them.
struct Table {
    lines: Vec<Line>,
}

enum Line {
    Row(Style, [String; COLUMNS]),
    Text(String),
}

impl Table {
    fn new(head: [&str; COLUMNS]) -> Self {
        let mut table = Self { lines: Vec::new() };
        table.row(DIM, head.map(str::to_owned));
        table
    }

    fn row(&mut self, style: Style, cells: [String; COLUMNS]) {
        let one_line = |cell: String| harmless(&cell).replace(['\n', '\t'], " ");
        self.lines.push(Line::Row(style, cells.map(one_line)));
    }

    fn text(&mut self, text: String) {
        self.lines.push(Line::Text(text));
    }

    fn write(&self) -> String {
        let mut widths = [0; COLUMNS];
        for line in &self.lines {
            let Line::Row(_, cells) = line else { continue };
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = cell.chars().count().min(WIDEST).max(*width);
            }
        }
        let mut out = String::new();
        for (number, line) in self.lines.iter().enumerate() {
            match line {
                Line::Row(_, cells) if number == 0 => out.push_str(&write_row([DIM; COLUMNS], cells, widths)),
                Line::Row(style, cells) => {
                    let plain = Style::new();
                    out.push_str(&write_row([DIM, *style, plain, plain, DIM, plain], cells, widths));
                }
                Line::Text(text) => out.push_str(text),
            }
            out.push('\n');
        }
        out
    }
}

fn write_row(styles: [Style; COLUMNS], cells: &[String; COLUMNS], widths: [usize; COLUMNS]) -> String {
    let mut line = String::new();
    for (column, ((cell, width), style)) in cells.iter().zip(widths).zip(styles).enumerate() {
        let padding = " ".repeat(width.saturating_sub(cell.chars().count()));
        let cell = if style == Style::new() || cell.is_empty() { cell.clone() } else { styled(cell, style) };
        line.push_str("  ");
        line.push_str(&if RIGHT.contains(&column) { padding + &cell } else { cell + &padding });
    }
    line.trim_end().to_owned()
}
