//! The receipt as one HTML page that needs nothing else: figures, the excerpts, and treemaps of the workspace in which
//! what the context holds is lit. Everything that comes from files is escaped, and a policy in the page keeps it from
//! the network.

use std::fmt::Write as _;

use super::super::Texts;
use super::super::types::Level;
use super::draw;
use super::map::{self, Map};
use super::{LEVELS, Receipt, Row};
use crate::index::Index;
use crate::syntax;

/// Bytes of code that a page shows at most.
const MOST_CODE: usize = 600_000;
/// Heights of a map alone, and of the overview and the map under it.
const HEIGHT: f64 = 640.0;
const HEIGHTS: (f64, f64) = (330.0, 390.0);

impl Receipt<'_> {
    /// The page; `index` and `texts` are of the workspace that the context was gathered from.
    #[must_use]
    pub fn page(&self, index: &Index, texts: &dyn Texts) -> String {
        let map = map::workspace(self, index, texts);
        let label = escape(&self.context.subject.label());
        let mut out = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
             script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{label}: what a model sees</title>\n<style>\n{}</style>\n</head>\n<body>\n",
            include_str!("page.css")
        );
        header(&mut out, self, &map, &label);
        out.push_str("<main>\n");
        excerpts(&mut out, self);
        maps(&mut out, self, &map, index, texts);
        let _ = write!(
            out,
            "</main>\n<footer>Made by Whittle. Tokens are those of o200k. This page loads nothing and sends nothing.\
             </footer>\n<div id=\"tip\" hidden></div>\n<script>\n{}</script>\n</body>\n</html>\n",
            include_str!("page.js")
        );
        out
    }
}

fn header(out: &mut String, receipt: &Receipt<'_>, map: &Map, label: &str) {
    let context = receipt.context;
    let place = receipt.rows.first().map(|row| escape(&row.place())).unwrap_or_default();
    let _ = write!(
        out,
        "<header>\n<p class=\"brand\"><b>Whittle</b> context receipt</p>\n\
         <h1>What a model sees of <code>{label}</code></h1>\n<p class=\"place\">{place}</p>\n"
    );
    if let Some(warning) = receipt.warning() {
        let _ = writeln!(out, "<p class=\"note\" role=\"note\">Not complete: {warning}.</p>");
    }
    let files = counted(receipt.files, "file");
    let shown: usize = receipt.rows.iter().map(|row| row.excerpt.text.lines().count()).sum();
    let share = 100.0 * shown as f64 / map.lines.max(1) as f64;
    let decimals = if share < 0.1 {
        3
    } else if share < 10.0 {
        1
    } else {
        0
    };
    let whole = grouped(context.whole_files);
    let saved = match receipt.saved() {
        0 => ("0 %".to_owned(), format!("saved: {files} whole would be {whole} tokens")),
        saved => (format!("{saved} %"), format!("saved: {files} whole would be {whole} tokens")),
    };
    let figures = [
        (
            grouped(context.tokens),
            format!("tokens, {} % of the budget of {}", receipt.filled(), grouped(context.budget)),
        ),
        saved,
        (grouped(receipt.rows.len() - 1), format!("excerpts around the focus, from {files}")),
        (
            format!("{share:.decimals$} %"),
            format!("of the workspace: {} of {} lines", grouped(shown), grouped(map.lines)),
        ),
    ];
    out.push_str("<dl class=\"figures\">\n");
    for (figure, what) in figures {
        let _ = writeln!(out, "<div><dt>{what}</dt><dd>{figure}</dd></div>");
    }
    out.push_str("</dl>\n<div class=\"bar\" role=\"group\" aria-label=\"What the tokens of the budget go to\">");
    let whole = context.budget.max(context.tokens).max(1) as f64;
    for row in &receipt.rows {
        let width = 100.0 * row.excerpt.tokens as f64 / whole;
        let words = escape(&format!("{}: {} tokens", row.name(), row.excerpt.tokens));
        let (rank, class) = (row.rank, class(row));
        let _ = write!(
            out,
            "<a href=\"#e{rank}\" data-e=\"{rank}\" data-tip=\"{words}\" aria-label=\"{words}\" class=\"{class}\" \
             style=\"width:{width:.2}%\"></a>"
        );
    }
    out.push_str("</div>\n<ul class=\"legend\">\n<li><span class=\"swatch l-focus\"></span>the focus</li>\n");
    for level in LEVELS {
        if receipt.rows.iter().skip(1).any(|row| row.excerpt.level == level) {
            let _ = writeln!(out, "<li><span class=\"swatch l-{0}\"></span>{1}</li>", level.word(), meaning(level));
        }
    }
    if !context.dropped.is_empty() {
        out.push_str("<li><span class=\"swatch dropped\"></span>would come next</li>\n");
    }
    out.push_str("<li><span class=\"swatch chunk\"></span>left out</li>\n</ul>\n</header>\n");
}

/// A level in words.
const fn meaning(level: Level) -> &'static str {
    match level {
        Level::Full => "full",
        Level::Folded => "folded: parts of it",
        Level::Header => "header: documentation and signature",
        Level::Signature => "signature",
        Level::Name => "name",
    }
}

/// The class that gives a row its colour.
pub(super) fn class(row: &Row<'_>) -> String {
    if row.rank == 0 { "l-focus".into() } else { format!("l-{}", row.excerpt.level.word()) }
}

fn excerpts(out: &mut String, receipt: &Receipt<'_>) {
    let context = receipt.context;
    out.push_str("<section>\n<h2>The context <small>by rank</small></h2>\n<ol class=\"excerpts\">\n");
    let mut room = MOST_CODE;
    for row in &receipt.rows {
        let excerpt = row.excerpt;
        let rank = if row.rank == 0 { "◆".to_owned() } else { row.rank.to_string() };
        let _ = write!(
            out,
            "<li id=\"e{0}\" data-e=\"{0}\" class=\"{1}\"><details open><summary><span class=\"rank\">{rank}</span>\
             <span class=\"what\"><code>{2}</code> <span class=\"kind\">{3}</span></span>\
             <span class=\"cost\"><span class=\"level {1}\">{4}</span>{5}</span>\
             <span class=\"why\">{6} <span class=\"place\">{7}</span></span></summary>",
            row.rank,
            class(row),
            escape(row.name()),
            excerpt.kind.word(),
            excerpt.level.word(),
            counted(excerpt.tokens, "token"),
            escape(&excerpt.reason),
            escape(&row.place()),
        );
        match room.checked_sub(excerpt.text.len()) {
            Some(left) => {
                room = left;
                let _ = write!(out, "<pre tabindex=\"0\"><code>{}</code></pre>", code(&excerpt.path, &excerpt.text));
            }
            None => out.push_str("<pre>too long for this page</pre>"),
        }
        out.push_str("</details></li>\n");
    }
    out.push_str("</ol>\n");
    let (next, more) = receipt.next();
    if !next.is_empty() {
        out.push_str(
            "<div class=\"rest\"><h2>Would come next <small>left out</small></h2>\n<table>\
             <thead><tr><th class=\"number\">tokens</th><th>what</th><th>why</th></tr></thead>\n<tbody>\n",
        );
        for one in next {
            let _ = writeln!(
                out,
                "<tr><td class=\"number\">{}</td><td><code>{}</code> <span class=\"place\">{}</span></td><td>{}</td></tr>",
                one.tokens,
                escape(&one.name),
                escape(&one.path),
                escape(&one.reason)
            );
        }
        if more > 0 {
            let _ = writeln!(out, "<tr><td></td><td colspan=\"2\">… and {more} more</td></tr>");
        }
        out.push_str("</tbody></table></div>\n");
    }
    if !context.held_back.is_empty() {
        out.push_str("<div class=\"rest\"><h2>Held back <small>never sent</small></h2>\n<ul>\n");
        for one in &context.held_back {
            let _ = writeln!(out, "<li>{}</li>", escape(one));
        }
        out.push_str("</ul></div>\n");
    }
    out.push_str("</section>\n");
}

fn maps(out: &mut String, receipt: &Receipt<'_>, map: &Map, index: &Index, texts: &dyn Texts) {
    out.push_str("<section class=\"maps\" aria-label=\"Maps\">\n");
    let heading = |out: &mut String, title: &str, map: &Map| {
        let (files, lines) = (counted(map.files, "file"), counted(map.lines, "line"));
        let _ = write!(out, "<figure>\n<h2>{title} <small>{files}, {lines}; areas by lines</small></h2>\n");
    };
    heading(out, "The workspace", map);
    draw::svg(out, receipt, map, if map.overview { HEIGHTS.0 } else { HEIGHT }, "The workspace");
    out.push_str("</figure>\n");
    if map.overview {
        let close = map::close_up(receipt, index, texts);
        heading(out, "The files of the context", &close);
        draw::svg(out, receipt, &close, HEIGHTS.1, "The files of the context");
        out.push_str("</figure>\n");
    }
    out.push_str("</section>\n");
}

/// Code with what was left out and comments of a line marked.
fn code(path: &str, text: &str) -> String {
    let comment = syntax::by_path(path.as_ref()).map(|language| language.line_comment);
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for (number, line) in text.lines().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        let shown = escape(line);
        if comment.is_some_and(|comment| !comment.is_empty() && line.trim_start().starts_with(comment)) {
            let _ = write!(out, "<span class=\"comment\">{shown}</span>");
        } else {
            out.push_str(
                &shown.replace('…', "<span class=\"cut\">…</span>").replace('⋮', "<span class=\"cut\">⋮</span>"),
            );
        }
    }
    out
}

/// Text as it may stand in HTML and its attributes; control characters are made visible.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A number with its thousands set apart.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// `1 file`, `2 files`.
pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{} {what}{}", grouped(count), if count == 1 { "" } else { "s" })
}
