//! How much of what a focus refers to its context holds, by budget, with all stages and with each left out:
//! `cargo bench --bench recall`.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

#[path = "../tests/recall/measure.rs"]
mod measure;

use measure::{PROJECTS, Project, Recall};
use whittle_lsp::context::Stages;

const BUDGETS: [usize; 6] = [150, 250, 500, 1000, 2000, 4000];

fn main() {
    let projects: Vec<Project> = PROJECTS.iter().map(|name| Project::open(name)).collect();
    println!("definitions / lines that use the focus / tokens of a context, mean of {}\n", PROJECTS.join(", "));
    print!("{:<20}", "without");
    BUDGETS.iter().for_each(|budget| print!("{budget:>19}"));
    println!();
    let all = [("(all stages)", Stages::default())];
    for (name, stages) in all.into_iter().chain(Stages::each_left_out()) {
        print!("{name:<20}");
        for budget in BUDGETS {
            let recalls: Vec<Recall> = projects.iter().map(|project| project.measure(budget, stages)).collect();
            let mean = |of: fn(&Recall) -> f64| recalls.iter().map(of).sum::<f64>() / recalls.len() as f64;
            let contexts: usize = projects.iter().map(|project| project.focuses.len()).sum();
            let tokens = recalls.iter().map(|recall| recall.tokens).sum::<usize>() / contexts;
            print!("{:>9.2} {:.2} {tokens:>4}", mean(Recall::share), mean(Recall::caller_share));
        }
        println!();
    }
}
