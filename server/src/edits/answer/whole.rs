//! Answers that are the new text itself: fenced blocks of Markdown, each with the path of its file or one without, or
//! nothing but code.

use super::{Bounds, Change, Fault, fence, is_terminal, path_line};
use crate::syntax::{self, Language};

/// A fenced block.
struct Block {
    ticks: usize,
    info: String,
    /// The path that its first line or the line above it names.
    path: Option<String>,
    text: String,
}

/// Reads the form; nothing when there is no code, or several blocks that could be meant.
pub(super) fn read(answer: &str, language: Option<&Language>) -> Result<Vec<Change>, Fault> {
    let mut blocks = blocks(answer)?;
    if blocks.is_empty() {
        let text = answer.trim_matches('\n').to_owned();
        let bare = !text.trim().is_empty();
        return Ok(bare.then_some(Change::Whole { path: None, text, bounds: Bounds::None }).into_iter().collect());
    }
    if blocks.iter().any(|block| block.path.is_some()) {
        let (named, others): (Vec<Block>, Vec<Block>) = blocks.into_iter().partition(|block| block.path.is_some());
        if others.iter().any(|other| !is_terminal(&other.info) && !repeats(other, &named)) {
            let what = "one of its blocks of code does not say which file it is, and the others do".to_owned();
            return Err(Fault::Form { what });
        }
        blocks = named;
    } else if blocks.len() > 1 {
        // how to try it, in another language, is no code to be used
        let fits = |block: &Block| language.is_some() && language_of(&block.info) == language;
        blocks.retain(fits);
        if blocks.len() != 1 {
            return Err(Fault::Form {
                what: "there are several blocks of code, and none says what it is for".to_owned(),
            });
        }
    }
    let whole = |block: Block| Change::Whole { path: block.path, text: block.text, bounds: Bounds::Fence(block.ticks) };
    Ok(blocks.into_iter().map(whole).collect())
}

/// Whether a block only shows again what one of the others has.
fn repeats(block: &Block, others: &[Block]) -> bool {
    let code = block.text.trim();
    others.iter().any(|other| other.text.contains(code))
}

/// The language that a fence names, or the ending of its files.
fn language_of(info: &str) -> Option<&'static Language> {
    let word = info.split([' ', ',', '{']).next()?;
    syntax::by_name(word).or_else(|| syntax::by_path(format!("a.{word}").as_ref()))
}

fn blocks(answer: &str) -> Result<Vec<Block>, Fault> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    let mut above = "";
    for line in answer.split_inclusive('\n') {
        match (&mut open, fence(line)) {
            (None, Some((ticks, info))) => {
                let path = path_of(info).or_else(|| path_line(above).map(str::to_owned));
                open = Some(Block { ticks, info: info.to_lowercase(), path, text: String::new() });
            }
            (None, None) => {}
            (Some(block), Some((ticks, ""))) if ticks >= block.ticks => {
                blocks.extend(open.take());
            }
            (Some(block), _) => block.text.push_str(line),
        }
        if !line.trim().is_empty() {
            above = line;
        }
    }
    match open {
        // an open block means that the answer was cut off: nothing of it counts
        Some(_) => Err(Fault::CutOff { what: "a fence is not closed".to_owned() }),
        None => Ok(blocks),
    }
}

/// The path behind a fence: `rust a/b.rs`, `rust:a/b.rs`, `a/b.rs`, `rust path=a/b.rs`.
fn path_of(info: &str) -> Option<String> {
    let word = info.split_whitespace().find_map(|word| {
        let word = word.split_once('=').map_or(word, |(_, value)| value);
        path_line(word.split_once(':').map_or(word, |(_, path)| path))
    });
    word.map(str::to_owned)
}
