//! The program `whittle`.

use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use whittle_lsp::lsp::{Error, Outbox, Reply, Server, run};

/// Stands in until the real server is here: knows nothing but how to begin and to end.
struct Placeholder;

impl Server for Placeholder {
    fn initialize(&mut self, _params: Value, _outbox: &Outbox) -> Result<Value, Error> {
        Ok(json!({ "capabilities": {}, "serverInfo": { "name": "whittle" } }))
    }

    fn notification(&mut self, _method: &str, _params: Value) {}

    fn request(&mut self, method: &str, _params: Value, reply: Reply) {
        reply.error(Error::method_not_found(method));
    }

    fn shutdown(&mut self) {}
}

fn serve(_config: Option<PathBuf>) -> u8 {
    run(std::io::stdin(), std::io::stdout(), Placeholder)
}

fn main() -> ExitCode {
    whittle_lsp::cli::run(serve)
}
