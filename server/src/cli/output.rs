//! Standard output and standard error. Text for a pipe goes out byte for byte; for a terminal it is styled, and control
//! characters of the code or the model are taken out, so that neither can steer the terminal.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use anyhow::Context as _;
use serde::Serialize;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const CYAN: Style = AnsiColor::Cyan.on_default();
pub(super) const GREEN: Style = AnsiColor::Green.on_default();
pub(super) const RED: Style = AnsiColor::Red.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();

/// Whether standard output takes colours: a terminal without NO_COLOR, or CLICOLOR_FORCE.
pub(super) fn is_styled() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

/// Characters in a line of the terminal that standard output goes to; `None`: it is none, or doesn't say.
pub(super) fn width() -> Option<usize> {
    #[cfg(unix)]
    let known = rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| usize::from(size.ws_col));
    #[cfg(not(unix))]
    let known = None;
    known.filter(|width| *width > 0)
}

/// `text` in `style`, if standard output takes colours.
pub(super) fn styled(text: &str, style: Style) -> String {
    if is_styled() { paint(text, style) } else { text.to_owned() }
}

/// `text` in `style`, without control characters of its own.
pub(super) fn paint(text: &str, style: Style) -> String {
    format!("{style}{}{style:#}", harmless(text))
}

/// `text` without the control characters that steer terminals.
pub(super) fn harmless(text: &str) -> String {
    text.replace(|c: char| c.is_control() && c != '\n' && c != '\t', "")
}

/// Prints to standard output.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let bytes = text.as_bytes();
    let written = if is_styled() {
        let mut out = anstream::stdout().lock(); // turns colours into calls on old Windows consoles
        out.write_all(bytes).and_then(|()| out.flush())
    } else {
        let mut out = io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush())
    };
    written.context("standard output can't be written to")
}

/// Prints a JSON document to standard output.
pub(super) fn print_json(document: &impl Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_string_pretty(document)?;
    text.push('\n');
    print(&text)
}

/// Whether an error only says that nobody reads on, as with `whittle … | head`.
pub(super) fn is_closed(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|cause| cause.downcast_ref::<io::Error>());
    io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Says why the command failed.
pub(super) fn error(error: &anyhow::Error) {
    message("error", RED.bold(), &format!("{error:#}"));
}

/// Says what is wrong though the command goes on.
pub(super) fn warn(text: &str) {
    message("warning", YELLOW.bold(), text);
}

/// Says what is worth knowing.
pub(super) fn note(text: &str) {
    message("note", CYAN.bold(), text);
}

/// Says something by the way.
pub(super) fn aside(text: &str) {
    let _ = writeln!(anstream::stderr(), "{}", paint(text, DIM));
}

fn message(kind: &str, style: Style, text: &str) {
    let mut line = format!("{style}{kind}{style:#}: ");
    let _ = write!(line, "{}", harmless(text));
    // nothing is left to be told where standard error is gone
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Whether people watch standard error.
pub(super) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Replaces the line that tells what is being done; an empty text takes it away.
pub(super) fn progress(text: &str) {
    let _ = write!(anstream::stderr(), "\r\u{1b}[2K{}", harmless(text));
}
