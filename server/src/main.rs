//! The program `whittle`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whittle_lsp::cli::run()
}
