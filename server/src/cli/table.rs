//! Tables for people. In: a head and rows. Out: aligned lines without blanks at their ends. Cuts what is too wide.

use super::output::{DIM, styled};

/// A column.
pub(super) struct Column {
    pub(super) head: &'static str,
    pub(super) align: Align,
    /// Characters; longer cells are cut.
    pub(super) widest: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// The head in dim letters, then a line a row. Columns in which no row says anything are left out.
pub(super) fn table(columns: &[Column], rows: &[Vec<String>]) -> String {
    let shown = |cell: &str, widest: usize| match cell.chars().count() > widest {
        true => cell.chars().take(widest - 1).chain(['…']).collect(),
        false => cell.to_owned(),
    };
    let mut lines = vec![String::new(); rows.len() + 1];
    for (number, column) in columns.iter().enumerate() {
        let cells = rows.iter().map(|row| row.get(number).map(String::as_str).unwrap_or_default());
        let cells: Vec<String> = cells.map(|cell| shown(cell, column.widest)).collect();
        if cells.iter().all(String::is_empty) {
            continue;
        }
        let cells: Vec<String> = std::iter::once(column.head.to_owned()).chain(cells).collect();
        let width = cells.iter().map(|cell| cell.chars().count()).max().unwrap_or_default();
        for (line, cell) in lines.iter_mut().zip(cells) {
            if !line.is_empty() {
                line.push_str("  ");
            }
            line.push_str(&match column.align {
                Align::Left => format!("{cell:<width$}"),
                Align::Right => format!("{cell:>width$}"),
            });
        }
    }
    let mut lines = lines.iter().map(|line| line.trim_end());
    let head = styled(lines.next().unwrap_or_default(), DIM);
    std::iter::once(head.as_str()).chain(lines).map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_empty_ones_left_out() {
        let column = |head, align| Column { head, align, widest: 6 };
        let columns = [column("a", Align::Left), column("b", Align::Right), column("c", Align::Left)];
        let columns = columns.into_iter().chain([column("d", Align::Left)]).collect::<Vec<_>>();
        let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
        let rows = [row(["longer name", "1", "", "x"]), row(["ü", "100", "", ""])];
        assert_eq!(table(&columns, &rows), "a         b  d\nlonge…    1  x\nü       100\n");
    }
}
