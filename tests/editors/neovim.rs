//! The real Neovim: typed into through a terminal, looked into through its socket.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use libtest_mimic::Trial;
use serde_json::Value;

use crate::find::{Missing, program};
use crate::home::{Home, SOURCE};
use crate::model;
use crate::terminal::Terminal;

/// A test in an editor.
type Case = fn(&Path);

pub(crate) fn trials() -> Result<Vec<Trial>, Missing> {
    let nvim = program("Neovim", "nvim")?;
    let cases: [(&str, Case); 2] = [("explains", explains), ("refactors_and_undoes", refactors_and_undoes)];
    let trial = |(name, case): (&str, Case)| {
        let nvim = nvim.clone();
        Trial::test(format!("neovim::{name}"), move || {
            case(&nvim);
            Ok(())
        })
    };
    Ok(cases.into_iter().map(trial).collect())
}

/// The three lines of the README.
const THREE_LINES: &str = "\
vim.lsp.config('whittle', { cmd = { 'whittle', 'lsp' }, root_markers = { '.git' }, filetypes = { 'rust' } })
vim.lsp.enable('whittle')
";

struct Neovim {
    program: PathBuf,
    socket: PathBuf,
    environment: Vec<(&'static str, std::ffi::OsString)>,
    terminal: Terminal,
}

impl Neovim {
    /// Opens the project's file, with this `init.lua`, and waits for Whittle.
    #[track_caller]
    fn start(program: &Path, home: &Home, init: &str) -> Self {
        home.write(".config/nvim/init.lua", init);
        let socket = home.path("nvim.sock");
        let arguments = ["--listen", socket.to_str().unwrap(), "src/lib.rs"];
        let terminal = Terminal::start(home, program, arguments);
        let neovim = Self { program: program.to_owned(), socket, environment: home.environment(), terminal };
        neovim.terminal.wait("Neovim's socket", || neovim.socket.exists());
        neovim.wait("#vim.lsp.get_clients({ name = 'whittle', bufnr = 0 }) == 1");
        neovim
    }

    /// What an expression of Lua gives.
    #[track_caller]
    fn lua(&self, expression: &str) -> Value {
        let expression = format!("luaeval('vim.json.encode({})')", expression.replace('\'', "''"));
        let mut command = Command::new(&self.program);
        command.env_clear().envs(self.environment.iter().cloned()).arg("--server").arg(&self.socket);
        let output = command.args(["--remote-expr", &expression]).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{expression}: {error}"))
    }

    /// Waits until an expression of Lua is true.
    #[track_caller]
    fn wait(&self, expression: &str) {
        self.terminal.wait(expression, || self.lua(expression) == true);
    }

    /// The text of the buffer in the current window.
    fn text(&self) -> String {
        let lines = self.lua("vim.api.nvim_buf_get_lines(0, 0, -1, true)");
        lines.as_array().unwrap().iter().map(|line| format!("{}\n", line.as_str().unwrap())).collect()
    }
}

fn explains(nvim: &Path) {
    let home = Home::new();
    let neovim = Neovim::start(nvim, &home, THREE_LINES);
    neovim.terminal.keys("2Ggra");
    neovim.terminal.shows("Explain `total` (offline)");
    neovim.terminal.keys("1\r");
    neovim.terminal.shows("What all of it costs");
}

fn refactors_and_undoes(nvim: &Path) {
    let server = model::refactors(Duration::ZERO);
    let home = Home::with_model(&server, "[edits]\nverify = \"off\"\n");
    let neovim = Neovim::start(nvim, &home, THREE_LINES);
    neovim.terminal.keys("2G:lua vim.lsp.buf.code_action({ context = { only = { 'refactor.rewrite.whittle' } } })\r");
    neovim.terminal.shows("Refactor `total` (big)");
    neovim.terminal.keys("1\r");
    neovim.terminal.wait("the refactoring", || neovim.text() == model::refactored());
    neovim.terminal.keys("u");
    neovim.terminal.wait("the old text", || neovim.text() == SOURCE);
}
