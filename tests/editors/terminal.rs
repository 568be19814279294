//! A program in a terminal of its own: keys in, a screen out.

use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::path::Path;
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use pty_process::blocking::{Command, Pty, open};
use vt100::{Callbacks, Color, Parser, Screen};

use crate::home::Home;
use crate::picture;

/// How long a test waits for what should appear.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
const ROWS: u16 = 30;
const COLUMNS: u16 = 110;

/// Answers what programs ask of a terminal before they go on.
#[derive(Default)]
struct Replies(Vec<u8>);

impl Callbacks for Replies {
    fn unhandled_csi(&mut self, screen: &mut Screen, first: Option<u8>, _: Option<u8>, params: &[&[u16]], last: char) {
        let cursor = screen.cursor_position();
        match (first, last, params) {
            (None, 'c', _) => self.0.extend(b"\x1b[?62;22c"),
            (None, 'n', [[5]]) => self.0.extend(b"\x1b[0n"),
            (None, 'n', [[6]]) => self.0.extend(format!("\x1b[{};{}R", cursor.0 + 1, cursor.1 + 1).bytes()),
            _ => {}
        }
    }
}

/// Dropping it ends the program.
pub(crate) struct Terminal {
    pty: Arc<Pty>,
    child: Child,
    parser: Arc<Mutex<Parser<Replies>>>,
}

impl Terminal {
    /// Starts a program with this home's environment in its project.
    pub(crate) fn start<S: AsRef<std::ffi::OsStr>>(
        home: &Home,
        program: &Path,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        let (pty, pts) = open().unwrap();
        pty.resize(pty_process::Size::new(ROWS, COLUMNS)).unwrap();
        let command = Command::new(program).args(arguments).env_clear().envs(home.environment());
        let child = command.current_dir(home.project()).spawn(pts).unwrap();
        let size = |length| NonZeroU16::new(length).unwrap();
        let parser = Parser::new_with_callbacks(size(ROWS), size(COLUMNS), 0, Replies::default());
        let terminal = Self { pty: Arc::new(pty), child, parser: Arc::new(Mutex::new(parser)) };
        let (pty, parser) = (terminal.pty.clone(), terminal.parser.clone());
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = (&*pty).read(&mut bytes) {
                let mut parser = parser.lock().unwrap();
                parser.process(&bytes[..read]);
                let replies = std::mem::take(&mut parser.callbacks_mut().0);
                drop(parser);
                let _ = (&*pty).write_all(&replies); // the program may be gone
            }
        });
        terminal
    }

    fn parser(&self) -> MutexGuard<'_, Parser<Replies>> {
        self.parser.lock().unwrap()
    }

    /// Types; `\x1b` is the escape key, `\r` the return key.
    pub(crate) fn keys(&self, keys: &str) {
        (&*self.pty).write_all(keys.as_bytes()).unwrap();
    }

    /// What stands on the screen, a line a row.
    pub(crate) fn screen(&self) -> String {
        self.parser().screen().contents()
    }

    /// The background of a text's first character, where the screen shows it.
    pub(crate) fn background(&self, text: &str) -> Option<Color> {
        let parser = self.parser();
        let screen = parser.screen();
        let (row, line) = screen.rows(0, COLUMNS).enumerate().find(|(_, line)| line.contains(text))?;
        let column = line[..line.find(text)?].chars().count();
        screen.cell(u16::try_from(row).unwrap(), u16::try_from(column).unwrap()).map(vt100::Cell::bgcolor)
    }

    /// Waits until the screen shows a text.
    #[track_caller]
    pub(crate) fn shows(&self, text: &str) {
        self.wait(&format!("`{text}` on the screen"), || self.screen().contains(text));
    }

    /// Waits until the screen no longer shows a text.
    #[track_caller]
    pub(crate) fn shows_no_more(&self, text: &str) {
        self.wait(&format!("`{text}` to go from the screen"), || !self.screen().contains(text));
    }

    /// Waits until something holds.
    #[track_caller]
    pub(crate) fn wait(&self, what: &str, holds: impl FnMut() -> bool) {
        assert!(self.holds(holds), "waited in vain for {what}; the screen:\n{}", self.screen());
    }

    /// Whether something comes to hold in time.
    pub(crate) fn holds(&self, mut holds: impl FnMut() -> bool) -> bool {
        let end = Instant::now() + PATIENCE;
        while !holds() {
            if Instant::now() > end {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        true
    }

    /// Draws the screen into `NAME.svg`.
    pub(crate) fn picture(&self, name: &str, title: &str) {
        picture::write(name, &picture::svg(self.parser().screen(), title));
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended
        let _ = self.child.wait();
    }
}
