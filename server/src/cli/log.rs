//! `whittle log`: what was applied to the workspace's files, newest first.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use serde::Serialize;

use super::Options;
use super::output::{BOLD, DIM, print, print_json, styled};
use super::undo::{journal, policy_here};
use crate::journal::{State, Summary};

#[derive(Debug, clap::Args)]
pub(super) struct LogArgs {
    /// List at most so many jobs
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    most: usize,
}

/// The JSON document.
#[derive(Serialize)]
struct LogJson {
    /// Newest first.
    jobs: Vec<Summary>,
}

pub(super) fn run(options: &Options, args: &LogArgs) -> Result<()> {
    let policy = policy_here(options)?;
    let jobs = journal(&policy)?.entries(args.most)?;
    if options.json {
        return print_json(&LogJson { jobs });
    }
    if jobs.is_empty() {
        return print(&format!("nothing was applied in {} yet\n", policy.root().display()));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() as i64;
    let rows: Vec<[String; 5]> = jobs.iter().map(|job| row(job, now)).collect();
    let heads = ["job", "when", "operation", "state", "lines"];
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(String::as_str).chain(heads.get(column).copied());
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let line = |cells: [&str; 5]| {
        let mut out = String::new();
        for (column, cell) in cells.into_iter().enumerate() {
            let blanks = " ".repeat(width(column) - cell.chars().count()); // the widest cell sets the width
            let _ = if column == 0 { write!(out, "{blanks}{cell}  ") } else { write!(out, "{cell}{blanks}  ") };
        }
        out
    };
    let mut out = format!("{}\n", styled(&format!("{}what", line(heads)), DIM));
    for (job, row) in jobs.iter().zip(&rows) {
        let cells = line(row.each_ref().map(String::as_str));
        let style = if job.state == State::Applied { BOLD } else { DIM };
        let files = job.files.iter().map(|file| match &file.to {
            Some(to) => format!("{} → {to}", file.path),
            None => file.path.clone(),
        });
        let files = files.collect::<Vec<_>>().join(", ");
        let _ = writeln!(out, "{cells}{} · {files}", styled(&job.title, style));
    }
    print(&out)
}

fn row(job: &Summary, now: i64) -> [String; 5] {
    let lines = |count: fn((usize, usize)) -> usize| {
        job.files.iter().map(|file| count((file.added, file.removed))).sum::<usize>()
    };
    let lines = format!("+{} −{}", lines(|(added, _)| added), lines(|(_, removed)| removed));
    [job.id.to_string(), age(now - job.time), job.operation.clone(), job.state.name().to_owned(), lines]
}

/// How long ago something was, from seconds.
fn age(seconds: i64) -> String {
    match seconds {
        ..60 => "just now".to_owned(),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..172_800 => format!("{} h ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short() {
        let shown = [-5, 59, 60, 3599, 3600, 172_799, 172_800].map(age);
        assert_eq!(shown, ["just now", "just now", "1 min ago", "59 min ago", "1 h ago", "47 h ago", "2 days ago"]);
    }
}
