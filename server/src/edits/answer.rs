//! Reads what a model answered.

/// New text for the chunk with an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The chunk's id; empty for a fenced block without one.
    pub id: String,
    /// Its new text.
    pub text: String,
}

/// The blocks of an answer: `<replace id="…">` … `</replace>`, fences around a block's text taken off; where there is
/// none of them and exactly one fenced block of Markdown, that one. Empty when there is neither.
#[must_use]
pub fn read_answer(answer: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in answer.split_inclusive('\n') {
        let trimmed = line.trim();
        match &mut open {
            None => {
                if let Some(id) = opening(trimmed) {
                    open = Some((id, String::new()));
                }
            }
            Some((id, text)) => {
                if trimmed == "</replace>" {
                    blocks.push(Block { id: std::mem::take(id), text: without_fence(text) });
                    open = None;
                } else {
                    text.push_str(line);
                }
            }
        }
    }
    // an open block means that the answer was cut off: nothing of it counts
    if open.is_some() {
        return Vec::new();
    }
    if blocks.is_empty() {
        let mut fenced = fenced_blocks(answer);
        if fenced.len() == 1 {
            blocks.extend(fenced.pop().map(|text| Block { id: String::new(), text }));
        }
    }
    blocks
}

fn opening(line: &str) -> Option<String> {
    let rest = line.strip_prefix("<replace")?.trim_start().strip_prefix("id=")?.strip_suffix('>')?;
    Some(rest.trim().trim_matches(['"', '\'']).to_owned())
}

/// The text without a Markdown fence around all of it.
fn without_fence(text: &str) -> String {
    let trimmed = text.trim();
    if !trimmed.starts_with("```") {
        return text.to_owned();
    }
    let mut fenced = fenced_blocks(text);
    let whole = trimmed.ends_with("```");
    match fenced.pop() {
        Some(inner) if whole && fenced.is_empty() => inner,
        _ => text.to_owned(),
    }
}

/// The insides of the fenced blocks of a Markdown text. A block that is never closed does not count.
fn fenced_blocks(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        let ticks = trimmed.chars().take_while(|c| *c == '`').count();
        match &mut open {
            None if ticks >= 3 => open = Some((ticks, String::new())),
            None => {}
            Some((fence, inner)) if ticks >= *fence && trimmed.len() == ticks => {
                blocks.push(std::mem::take(inner));
                open = None;
            }
            Some((_, inner)) => inner.push_str(line),
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(answer: &str, blocks: &[(&str, &str)]) {
        let read: Vec<_> = read_answer(answer).into_iter().map(|block| (block.id, block.text)).collect();
        let wanted: Vec<_> = blocks.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect();
        assert_eq!(read, wanted, "{answer}");
    }

    #[test]
    fn forms() {
        check("Sure!\n<replace id=\"c1\">\nfn a() {}\n</replace>\nDone.", &[("c1", "fn a() {}\n")]);
        check("<replace id=c1>\n```rust\nfn a() {}\n```\n</replace>", &[("c1", "fn a() {}\n")]);
        check("Here:\n\n```rust\nfn a() {}\n```\nEnjoy.", &[("", "fn a() {}\n")]);
        check("````\n```\ninner\n```\n````\n", &[("", "```\ninner\n```\n")]);
        check("```\na\n```\n```\nb\n```", &[]);
    }

    #[test]
    fn a_cut_off_answer_is_nothing() {
        check("<replace id=\"c1\">\nfn a() {", &[]);
        check("<replace id=\"c1\">\na\n</replace>\n<replace id=\"c2\">\nb", &[]);
        check("```rust\nfn a() {", &[]);
        check("I can't do that.", &[]);
    }
}
