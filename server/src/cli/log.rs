//! `whittle log`: what was applied to the workspace's files, newest first.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use serde::Serialize;

use super::Options;
use super::output::{print, print_json};
use super::table::{Align, Column, table};
use super::undo::{journal, policy_here};
use crate::journal::{FileSummary, Summary};

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
    let rows: Vec<Vec<String>> = jobs.iter().map(|job| row(job, now)).collect();
    let column = |head, align| Column { head, align, widest: 72 };
    let heads = ["when", "operation", "state", "lines", "what", "files"].map(|head| column(head, Align::Left));
    let columns: Vec<Column> = std::iter::once(column("job", Align::Right)).chain(heads).collect();
    print(&table(&columns, &rows))
}

fn row(job: &Summary, now: i64) -> Vec<String> {
    let lines = |count: fn(&FileSummary) -> usize| job.files.iter().map(count).sum::<usize>();
    let lines = format!("+{} −{}", lines(|file| file.added), lines(|file| file.removed));
    let file = |file: &FileSummary| match &file.to {
        Some(to) => format!("{} → {to}", file.path),
        None => file.path.clone(),
    };
    let files = job.files.iter().map(file).collect::<Vec<_>>().join(", ");
    let (state, title) = (job.state.name().to_owned(), job.title.clone());
    vec![job.id.to_string(), age(now - job.time), job.operation.clone(), state, lines, title, files]
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
