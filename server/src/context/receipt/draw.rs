//! A map as SVG: a treemap in which what the context holds is lit. In: a map. Out: elements for the page, whose style
//! sheet gives them their colours. Says in each element's title what it is.

use std::fmt::Write as _;

use super::html::{class, counted, escape};
use super::map::{Map, Mark, Node, NodeKind};
use super::treemap::{Rect, squarify};
use super::{Receipt, Row};

/// Width of a map in its own units; the page scales it.
const WIDTH: f64 = 800.0;
/// Height of the line of a name.
const LINE: f64 = 15.0;
/// About the width of a letter, and of a bold one.
const LETTER: f64 = 6.1;
const BOLD_LETTER: f64 = 7.0;
/// What is lit and smaller than this is marked by a dot, since it could not be seen.
const TOO_SMALL: f64 = 6.0;

/// Appends the map, this high, under the name `label`.
pub(super) fn svg(out: &mut String, receipt: &Receipt<'_>, map: &Map, height: f64, label: &str) {
    let _ = writeln!(out, "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"group\" aria-label=\"{}\">", escape(label));
    let mut drawing = Drawing { out, rows: &receipt.rows, receipt, dots: Vec::new() };
    let whole = Rect { x: 0.0, y: 0.0, width: WIDTH, height };
    drawing.children(&map.root, whole);
    let mut dots = drawing.dots;
    dots.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank)); // the first ranks lie above the others, the focus above all
    dots.iter().for_each(|(_, dot)| out.push_str(dot));
    out.push_str("</svg>\n");
}

struct Drawing<'a> {
    out: &'a mut String,
    rows: &'a [Row<'a>],
    receipt: &'a Receipt<'a>,
    /// What is drawn above all else, with its rank.
    dots: Vec<(usize, String)>,
}

impl Drawing<'_> {
    fn children(&mut self, node: &Node, within: Rect) {
        let weights: Vec<f64> = node.children.iter().map(|child| child.lines).collect();
        for (child, rect) in node.children.iter().zip(squarify(&weights, within)) {
            self.node(child, rect);
        }
    }

    fn node(&mut self, node: &Node, rect: Rect) {
        if rect.shorter_side() < 0.5 && !node.matters {
            return;
        }
        let row = match node.mark {
            Mark::Taken(row) => self.rows.get(row).copied(),
            _ => None,
        };
        let leaf = node.children.is_empty();
        let letter = if row.is_some() { BOLD_LETTER } else { LETTER };
        let name = match node.kind {
            NodeKind::More => fitting(&format!("+{}", node.count), rect, letter),
            _ => fitting(last_part(node), rect, letter),
        };
        match row {
            Some(row) => self.taken(node, &row, rect, leaf, name.as_deref()),
            None => {
                let kind = match (node.mark, node.kind) {
                    (Mark::Dropped(_), _) => "dropped",
                    (_, NodeKind::Folder) => "folder",
                    (_, NodeKind::File) => "file",
                    (_, NodeKind::Chunk(_)) => "chunk",
                    (_, NodeKind::More) => "more",
                };
                let title = escape(&self.title(node));
                let shape = shape(rect);
                let _ = writeln!(
                    self.out,
                    "<rect class=\"{kind}\" aria-hidden=\"true\" {shape}><title>{title}</title></rect>"
                );
                self.name(rect, name.as_deref());
            }
        }
        if !leaf {
            let small = rect.shorter_side() < 14.0;
            let top = if name.is_some() {
                LINE + 1.0
            } else if small {
                0.0
            } else {
                2.0
            };
            self.children(node, rect.inset(top, if small { 0.0 } else { 2.0 }));
        }
    }

    /// A lit piece: a link to its excerpt.
    fn taken(&mut self, node: &Node, row: &Row<'_>, rect: Rect, leaf: bool, name: Option<&str>) {
        let title = escape(&self.title(node));
        let frame = if leaf { "" } else { " frame" };
        let link = format!(
            "<a href=\"#e{0}\" data-e=\"{0}\" class=\"{1}{frame}\" aria-label=\"{title}\">",
            row.rank,
            class(row)
        );
        if rect.shorter_side() < TOO_SMALL {
            let (x, y) = rect.center();
            let (x, y) = (x.clamp(5.0, WIDTH - 5.0), y.max(5.0));
            let radius = if row.rank == 0 { 6.0 } else { 4.5 };
            let dot = format!(
                "{link}<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\"><title>{title}</title></circle></a>\n"
            );
            self.dots.push((row.rank, dot));
            return;
        }
        let _ = write!(self.out, "{link}<rect {}><title>{title}</title></rect>", shape(rect));
        self.name(rect, name);
        self.out.push_str("</a>\n");
    }

    fn name(&mut self, rect: Rect, name: Option<&str>) {
        if let Some(name) = name {
            let _ = writeln!(
                self.out,
                "<text aria-hidden=\"true\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                rect.x + 4.0,
                rect.y + 12.0,
                escape(name)
            );
        }
    }

    /// What a rectangle is, in words.
    fn title(&self, node: &Node) -> String {
        let lines = (node.lines.round() as usize).max(1);
        let mut title = match node.kind {
            NodeKind::Folder => format!("{}\n{}, {}", node.path, counted(node.count, "file"), counted(lines, "line")),
            NodeKind::File => format!("{}\n{}", node.path, counted(lines, "line")),
            NodeKind::More => format!("{}\n{}", node.label, counted(lines, "line")),
            NodeKind::Chunk(kind) if node.label.is_empty() || node.label.ends_with("::") => {
                format!("{}\n{}, about {}", node.path, kind.word(), counted(lines, "line"))
            }
            NodeKind::Chunk(kind) => {
                format!("{}\n{}: {}, about {}", node.label, node.path, kind.word(), counted(lines, "line"))
            }
        };
        match node.mark {
            Mark::Taken(row) => {
                if let Some(Row { rank, excerpt }) = self.rows.get(row) {
                    let _ = write!(title, "\n{}, {}", excerpt.level.word(), counted(excerpt.tokens, "token"));
                    let _ = match rank {
                        0 => write!(title, ": {}", excerpt.reason),
                        rank => write!(title, ", rank {rank}: {}", excerpt.reason),
                    };
                }
            }
            Mark::Dropped(at) => {
                if let Some(one) = self.receipt.context.dropped.get(at) {
                    let _ = write!(title, "\nleft out, {}: {}", counted(one.tokens, "token"), one.reason);
                }
            }
            Mark::None => {}
        }
        title
    }
}

fn shape(rect: Rect) -> String {
    let Rect { x, y, width, height } = rect;
    format!("x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"")
}

/// What a rectangle is called in its place: the last name of a path.
fn last_part(node: &Node) -> &str {
    match node.kind {
        NodeKind::Chunk(_) => node.label.rsplit("::").next().unwrap_or(&node.label),
        NodeKind::Folder => node.label.trim_end_matches('/'),
        NodeKind::File | NodeKind::More => &node.label,
    }
}

/// As much of a name as a rectangle has room for; `None` where that says nothing.
fn fitting(name: &str, rect: Rect, letter: f64) -> Option<String> {
    if name.is_empty() || rect.height < LINE + 1.0 {
        return None;
    }
    let room = ((rect.width - 8.0) / letter).max(0.0) as usize;
    let letters = name.chars().count();
    match room {
        _ if letters <= room => Some(name.to_owned()),
        0..4 => None,
        _ => Some(name.chars().take(room - 1).collect::<String>() + "…"),
    }
}
