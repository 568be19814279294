//! Pictures of what the editors show, as the tests saw it. They lie in `target/tmp/editors`, or in the folder that
//! `WHITTLE_PICTURES` names: `WHITTLE_PICTURES=docs/images cargo test --test real-editors` makes those of the documentation.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use vt100::{Cell, Color, Screen};

const FOREGROUND: &str = "#cdd6f4";
const BACKGROUND: &str = "#1e1e2e";
const PALETTE: [&str; 16] = [
    "#45475a", "#f38ba8", "#a6e3a1", "#f9e2af", "#89b4fa", "#f5c2e7", "#94e2d5", "#bac2de", "#585b70", "#f38ba8",
    "#a6e3a1", "#f9e2af", "#89b4fa", "#f5c2e7", "#94e2d5", "#a6adc8",
];
/// A cell's size and the margin, in pixels.
const WIDTH: f32 = 8.4;
const HEIGHT: f32 = 18.0;
const MARGIN: f32 = 12.0;

/// The folder that pictures go to.
pub(crate) fn folder() -> PathBuf {
    let default = || Path::new(env!("CARGO_TARGET_TMPDIR")).join("editors");
    let folder = std::env::var_os("WHITTLE_PICTURES").map_or_else(default, PathBuf::from);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

pub(crate) fn write(name: &str, svg: &str) {
    std::fs::write(folder().join(format!("{name}.svg")), svg).unwrap();
}

/// The look of a cell.
#[derive(Clone, PartialEq)]
struct Look {
    foreground: String,
    background: String,
    bold: bool,
    italic: bool,
    underline: bool,
}

impl Look {
    fn of(cell: Option<&Cell>, is_cursor: bool) -> Self {
        let color = |color, default| match color {
            Color::Default => String::from(default),
            Color::Idx(number) => indexed(number),
            Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        };
        let mut look = Self {
            foreground: color(cell.map_or(Color::Default, Cell::fgcolor), FOREGROUND),
            background: color(cell.map_or(Color::Default, Cell::bgcolor), BACKGROUND),
            bold: cell.is_some_and(Cell::bold),
            italic: cell.is_some_and(Cell::italic),
            underline: cell.is_some_and(Cell::underline),
        };
        if cell.is_some_and(Cell::inverse) != is_cursor {
            std::mem::swap(&mut look.foreground, &mut look.background);
        }
        look
    }
}

/// A colour of the 256.
fn indexed(number: u8) -> String {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let step = |part: u8| STEPS[usize::from(part % 6)];
    match number {
        0..16 => PALETTE[usize::from(number)].to_owned(),
        16..232 => {
            let cube = number - 16;
            format!("#{:02x}{:02x}{:02x}", step(cube / 36), step(cube / 6), step(cube))
        }
        232.. => format!("#{0:02x}{0:02x}{0:02x}", 8 + (number - 232) * 10),
    }
}

/// A screen as a picture, a run of equal looks after the other.
pub(crate) fn svg(screen: &Screen, title: &str) -> String {
    let (rows, columns) = (screen.size().0.get(), screen.size().1.get());
    let (width, height) = (f32::from(columns) * WIDTH + 2.0 * MARGIN, f32::from(rows) * HEIGHT + 2.0 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} \
         {height:.0}\" role=\"img\" font-family=\"ui-monospace, Menlo, 'DejaVu Sans Mono', monospace\" font-size=\"14\">\n\
         <title>{}</title>\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n",
        escaped(title)
    );
    let cursor = (!screen.hide_cursor()).then(|| screen.cursor_position());
    for row in 0..rows {
        let look = |column| Look::of(screen.cell(row, column), cursor == Some((row, column)));
        let mut start = 0;
        while start < columns {
            let run = look(start);
            let end = (start..columns).find(|&column| look(column) != run).unwrap_or(columns);
            let cells = (start..end).filter_map(|column| screen.cell(row, column));
            let text: String = cells
                .filter(|cell| !cell.is_wide_continuation())
                .map(|cell| if cell.has_contents() { cell.contents() } else { " " })
                .collect();
            draw(&mut out, row, start..end, &text, &run);
            start = end;
        }
    }
    out + "</svg>\n"
}

fn draw(out: &mut String, row: u16, columns: std::ops::Range<u16>, text: &str, look: &Look) {
    let (x, y) = (MARGIN + f32::from(columns.start) * WIDTH, MARGIN + f32::from(row) * HEIGHT);
    let width = f32::from(columns.end - columns.start) * WIDTH;
    if look.background != BACKGROUND {
        let fill = &look.background;
        writeln!(out, "<rect x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"{HEIGHT}\" fill=\"{fill}\"/>")
            .unwrap();
    }
    if text.trim().is_empty() {
        return;
    }
    let (shown, blanks) = (text.trim_end(), text.len() - text.trim_start().len());
    let x = x + f32::from(u16::try_from(blanks).unwrap()) * WIDTH;
    let shown = shown.trim_start();
    let length = f32::from(u16::try_from(shown.chars().count()).unwrap()) * WIDTH;
    let mut style = String::new();
    for (is, attribute) in [
        (look.bold, " font-weight=\"bold\""),
        (look.italic, " font-style=\"italic\""),
        (look.underline, " text-decoration=\"underline\""),
    ] {
        if is {
            style.push_str(attribute);
        }
    }
    writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{length:.1}\" xml:space=\"preserve\" fill=\"{}\"{style}>{}</text>",
        y + HEIGHT - 4.5,
        look.foreground,
        escaped(shown)
    )
    .unwrap();
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
