//! The real Neovim: typed into through a terminal, looked into through its socket. With the three lines of the README and
//! nothing else; and with the plugin, on the current Neovim and on 0.10.

mod plain;
mod plugin;
mod review;

use std::ffi::OsString;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use serde_json::Value;

use crate::find::{Missing, prefix, program};
use crate::home::Home;
use crate::terminal::{PATIENCE, Terminal};

/// A test in an editor, with its name.
type Case = (&'static str, fn(&Path));

/// Those of the current Neovim.
pub(crate) fn trials() -> Result<Vec<Trial>, Missing> {
    let nvim = program("Neovim", "nvim")?;
    let cases = [plain::CASES, plugin::CASES, review::CASES].concat();
    Ok(cases.into_iter().map(|case| trial("neovim", &nvim, case)).collect())
}

/// Those of the oldest Neovim that the plugin runs in: `install/neovim-0.10.sh` installs it.
pub(crate) fn old_trials() -> Result<Vec<Trial>, Missing> {
    let nvim = prefix().join("neovim-0.10/bin/nvim");
    if !nvim.is_file() {
        return Err(Missing { editor: "Neovim 0.10", why: format!("{} is not there", nvim.display()) });
    }
    let cases = [plugin::CASES, review::CASES].concat();
    Ok(cases.into_iter().map(|case| trial("neovim-0.10", &nvim, case)).collect())
}

fn trial(editor: &str, nvim: &Path, (name, case): Case) -> Trial {
    let nvim = nvim.to_owned();
    Trial::test(format!("{editor}::{name}"), move || {
        case(&nvim);
        Ok(())
    })
}

/// Nothing but the plugin, and its line at the bottom.
const PLUGIN: &str = concat!(
    "vim.opt.runtimepath:prepend('",
    env!("CARGO_MANIFEST_DIR"),
    "/editors/neovim')\nvim.o.statusline = \"%f %m%=%{v:lua.require'whittle'.status()} \"\n"
);

struct Neovim {
    program: PathBuf,
    socket: PathBuf,
    environment: Vec<(&'static str, OsString)>,
    terminal: Terminal,
    /// The number of the process behind the screen, once it is known.
    process: Option<i64>,
}

impl Drop for Neovim {
    fn drop(&mut self) {
        // it would outlive the screen that it draws
        if let Some(process) = self.process {
            let _ = Command::new("kill").args(["-9", &process.to_string()]).status(); // it may have ended
        }
    }
}

impl Neovim {
    /// Opens the project's file, with this `init.lua`, and waits for Whittle.
    #[track_caller]
    fn start(program: &Path, home: &Home, init: &str) -> Self {
        Self::open(program, home, init, "src/lib.rs")
    }

    /// The same with another file.
    #[track_caller]
    fn open(program: &Path, home: &Home, init: &str, file: &str) -> Self {
        let neovim = Self::alone(program, home, init, file);
        neovim.wait("#vim.lsp.get_clients({ name = 'whittle', bufnr = 0 }) == 1");
        if init.contains("editors/neovim") {
            neovim.wait("require('whittle').status() ~= ''");
        }
        neovim
    }

    /// The same without waiting for Whittle.
    #[track_caller]
    fn alone(program: &Path, home: &Home, init: &str, file: &str) -> Self {
        home.write(".config/nvim/init.lua", init);
        let socket = home.path("nvim.sock");
        let arguments = ["--listen", socket.to_str().unwrap(), file];
        let terminal = Terminal::start(home, program, arguments);
        let (program, environment) = (program.to_owned(), home.environment());
        let mut neovim = Self { program, socket, environment, terminal, process: None };
        neovim.terminal.wait("Neovim's socket", || UnixStream::connect(&neovim.socket).is_ok());
        neovim.wait("vim.v.vim_did_enter == 1");
        neovim.process = neovim.lua("vim.fn.getpid()").as_i64();
        neovim
    }

    /// What an expression of Lua gives.
    #[track_caller]
    fn lua(&self, expression: &str) -> Value {
        let expression = format!("luaeval('vim.json.encode({})')", expression.replace('\'', "''"));
        let mut command = Command::new(&self.program);
        command.env_clear().envs(self.environment.iter().cloned()).arg("--server").arg(&self.socket);
        let command = command.args(["--remote-expr", &expression]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let end = Instant::now() + PATIENCE;
        // it waits as long as a question stands on the screen
        while child.try_wait().unwrap().is_none() {
            if Instant::now() > end {
                child.kill().unwrap();
                panic!("Neovim does not answer; the screen:\n{}", self.terminal.screen());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let output = child.wait_with_output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{expression}: {error}"))
    }

    /// Waits until an expression of Lua is true.
    #[track_caller]
    fn wait(&self, expression: &str) {
        self.terminal.wait(expression, || self.lua(expression) == true);
    }

    /// The text of the buffer in the current window.
    #[track_caller]
    fn text(&self) -> String {
        let lines = self.lua("vim.api.nvim_buf_get_lines(0, 0, -1, true)");
        lines.as_array().unwrap().iter().map(|line| format!("{}\n", line.as_str().unwrap())).collect()
    }

    /// Waits until the buffer in the current window holds exactly this.
    #[track_caller]
    fn holds(&self, text: &str) {
        let mut now = String::new();
        let holds = self.terminal.holds(|| {
            now = self.text();
            now == text
        });
        assert!(holds, "waited in vain for\n{text}\nthere is\n{now}\nthe screen:\n{}", self.terminal.screen());
    }

    /// Types a command line.
    #[track_caller]
    fn command(&self, command: &str) {
        self.terminal.keys(&format!(":{command}\r"));
    }

    /// The same with the cursor in a line.
    #[track_caller]
    fn at(&self, line: usize, command: &str) {
        self.terminal.keys(&format!("{line}G"));
        self.command(command);
    }

    /// All messages since the start.
    #[track_caller]
    fn messages(&self) -> String {
        self.lua("vim.api.nvim_exec2('messages', { output = true }).output").as_str().unwrap().to_owned()
    }

    /// Waits for a message.
    #[track_caller]
    fn says(&self, message: &str) {
        self.terminal.wait(&format!("the message `{message}`"), || self.messages().contains(message));
    }
}
