//! The program `whittle`.
use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("lsp") {
        return ExitCode::from(whittle_lsp::lsp::serve(None));
    }
    ExitCode::from(2)
}
