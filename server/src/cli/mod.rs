//! The command line, one file a command. In: arguments, the environment and files. Out: text or one JSON document on
//! standard output, messages on standard error, and an exit status: 0 done, 1 failed, 2 used wrongly. The same
//! operations run here as in an editor. Writes a file of the user's only with `--apply`.

mod all;
mod check;
mod choose;
mod chunks;
mod columns;
#[cfg(unix)]
mod confine;
mod context;
mod demo;
mod diff;
mod doctor;
mod document;
mod editors;
mod explain;
mod fix;
mod index;
mod keys;
mod log;
mod markdown;
mod models;
mod output;
mod proposal;
mod receipt;
mod refactor;
mod run;
mod session;
mod setup;
mod spent;
mod startup;
mod table;
mod test;
mod trust;
mod undo;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, Parser, Subcommand};

use crate::lsp;

/// AI code actions: explain, refactor and generate tests, with any model or none.
#[derive(Debug, Parser)]
#[command(name = "whittle", version, arg_required_else_help = true, after_help = TARGETS)]
struct CommandLine {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

const TARGETS: &str = "\
TARGET is FILE, FILE:LINE, FILE:LINE:COLUMN or FILE:START-END; lines and columns count from 1.
A line stands for the function, type or test that it lies in.

Exit status: 0 done, 1 failed, 2 used wrongly.";

/// What every command takes.
#[derive(Clone, Debug, Default, Args)]
struct Options {
    /// Ask this model: a name from the configuration, `offline`, or without any configuration anthropic, openai, gemini,
    /// openrouter or ollama
    #[arg(long, global = true, value_name = "NAME")]
    model: Option<String>,
    /// Read settings from this file, too
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Ask the model even where its answer to the same question is kept
    #[arg(long, global = true)]
    no_cache: bool,
    /// Print one JSON document
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve an editor over standard input and output
    Lsp(LspArgs),
    /// Say what the code at TARGET does
    Explain(explain::ExplainArgs),
    /// Print a diff that improves the code at TARGET, or list the rewrites that apply
    Refactor(refactor::RefactorArgs),
    /// Print a diff that adds tests of the code at TARGET
    Test(test::TestArgs),
    /// Print a diff that documents the code at TARGET
    Document(document::DocumentArgs),
    /// Print a diff that mends what a compiler, a linter or a test complains of at TARGET
    Fix(fix::FixArgs),
    /// Run an operation by its name, as one of your own; alone, list them
    Run(run::RunArgs),
    /// Print what a model would be shown of TARGET and the code around it, within a budget of tokens
    Context(context::ContextArgs),
    /// Print the chunks that a file is cut into
    Chunks(chunks::ChunksArgs),
    /// Read a workspace into its index, and print its figures
    Index(index::IndexArgs),
    /// List the configured models: state, latency, tokens, cost, what is left of limits; asks none of them
    Models(ModelsArgs),
    /// Take an applied job back in all of its files, keeping what was changed since
    Undo(undo::UndoArgs),
    /// Do a job once more that was taken back
    Redo(undo::UndoArgs),
    /// List what was applied to the workspace's files
    Log(log::LogArgs),
    /// List where each model's key comes from, or keep keys in the system's keyring
    Keys(keys::KeysArgs),
    /// Let a workspace's own settings count
    Trust(trust::TrustArgs),
    /// Say what to add to an editor's configuration, and where
    Setup(setup::SetupArgs),
    /// Say what is configured and what is missing
    Doctor,
    /// Show on TARGET what the operations do without a model; writes nothing
    Demo(demo::DemoArgs),
    /// Run a verify command with less than this process may do
    #[cfg(unix)]
    #[command(hide = true)]
    Confine(confine::ConfineArgs),
}

#[derive(Debug, Args)]
struct ModelsArgs {
    #[command(subcommand)]
    command: Option<ModelsCommand>,
}

#[derive(Debug, Subcommand)]
enum ModelsCommand {
    /// Ask each model one short question, and say how it did; costs a few tokens
    Check(check::CheckArgs),
    /// Use a model that needs no settings by default, here and in editors
    Use(choose::UseArgs),
}

/// Some editors' clients add these by themselves; standard input and output are all there is anyway.
#[derive(Debug, Args)]
struct LspArgs {
    #[arg(long, hide = true)]
    stdio: bool,
    #[arg(long = "clientProcessId", hide = true, value_name = "ID")]
    client_process_id: Option<u32>,
}

/// Runs the program with the arguments that it was started with.
#[must_use]
pub fn run() -> ExitCode {
    let CommandLine { options, command } = CommandLine::parse();
    startup::logs();
    startup::queries();
    let done = match command {
        Command::Lsp(_) => {
            for (given, name) in
                [(options.model.is_some(), "--model"), (options.json, "--json"), (options.no_cache, "--no-cache")]
            {
                if given {
                    let message = format!("{name} has no effect on `lsp`: the editor's settings choose\n");
                    CommandLine::command().error(ErrorKind::ArgumentConflict, message).exit();
                }
            }
            return ExitCode::from(lsp::serve(options.config));
        }
        Command::Explain(args) => explain::run(&options, &args),
        Command::Refactor(args) => refactor::run(&options, &args),
        Command::Test(args) => test::run(&options, &args),
        Command::Document(args) => document::run(&options, &args),
        Command::Fix(args) => fix::run(&options, &args),
        Command::Run(args) => run::run(&options, &args),
        Command::Context(args) => context::run(&options, &args),
        Command::Chunks(args) => chunks::run(&options, &args),
        Command::Index(args) => index::run(&options, &args),
        Command::Models(ModelsArgs { command: None }) => models::run(&options),
        Command::Models(ModelsArgs { command: Some(ModelsCommand::Check(args)) }) => check::run(&options, &args),
        Command::Models(ModelsArgs { command: Some(ModelsCommand::Use(args)) }) => choose::run(&options, &args),
        Command::Keys(args) => keys::run(&options, &args),
        Command::Undo(args) => undo::run(&options, &args, undo::Way::Undo),
        Command::Redo(args) => undo::run(&options, &args, undo::Way::Redo),
        Command::Log(args) => log::run(&options, &args),
        Command::Trust(args) => trust::run(&options, &args),
        Command::Setup(args) => setup::run(&options, &args),
        Command::Doctor => doctor::run(&options),
        Command::Demo(args) => demo::run(&options, &args),
        #[cfg(unix)]
        Command::Confine(args) => confine::run(args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if output::is_closed(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&error);
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_fit_together() {
        CommandLine::command().debug_assert();
    }
}
