//! Keeps what a model thinks apart from what it answers. In: the text as it comes, in pieces cut anywhere. Out: the
//! same text as [`Delta`]s, a leading `<think>…</think>` block as reasoning. Never holds back more than a tag's length
//! once the answer has begun.

use super::Delta;

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// Splits one answer.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    state: State,
    /// Text that can't be sorted before more comes.
    held: String,
}

#[derive(Debug, Default)]
enum State {
    /// Nothing but blanks and a part of `<think>` has come.
    #[default]
    Start,
    /// Inside of the block.
    Thinking,
    /// After the block; blank lines before the answer are dropped.
    Thought,
    Answering,
}

impl Splitter {
    /// Sorts the next piece.
    pub(super) fn push(&mut self, piece: &str, emit: &mut dyn FnMut(Delta<'_>)) {
        self.held.push_str(piece);
        loop {
            match self.state {
                State::Start => {
                    let text = self.held.trim_start();
                    if let Some(rest) = text.strip_prefix(OPEN) {
                        self.held = rest.to_owned();
                        self.state = State::Thinking;
                    } else if OPEN.starts_with(text) {
                        return;
                    } else {
                        self.state = State::Answering;
                    }
                }
                State::Thinking => {
                    if let Some((thought, rest)) = self.held.split_once(CLOSE) {
                        if !thought.is_empty() {
                            emit(Delta::Reasoning(thought));
                        }
                        self.held = rest.to_owned();
                        self.state = State::Thought;
                    } else {
                        let tail = (1..CLOSE.len()).rev().find(|&len| self.held.ends_with(&CLOSE[..len])).unwrap_or(0);
                        let (thought, rest) = self.held.split_at(self.held.len() - tail);
                        if !thought.is_empty() {
                            emit(Delta::Reasoning(thought));
                        }
                        self.held = rest.to_owned();
                        return;
                    }
                }
                State::Thought => {
                    self.held = self.held.trim_start().to_owned();
                    if self.held.is_empty() {
                        return;
                    }
                    self.state = State::Answering;
                }
                State::Answering => {
                    if !self.held.is_empty() {
                        emit(Delta::Text(&self.held));
                        self.held.clear();
                    }
                    return;
                }
            }
        }
    }

    /// Sorts what was held back when the answer ends.
    pub(super) fn finish(&mut self, emit: &mut dyn FnMut(Delta<'_>)) {
        let held = std::mem::take(&mut self.held);
        if !held.is_empty() {
            match self.state {
                State::Thinking => emit(Delta::Reasoning(&held)),
                _ => emit(Delta::Text(&held)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Splits `text` cut into pieces of every size: each must give the same.
    #[track_caller]
    fn check(text: &str, reasoning: &str, answer: &str) {
        for size in 1..=text.chars().count() {
            let (mut thought, mut said) = (String::new(), String::new());
            let mut emit = |delta: Delta<'_>| match delta {
                Delta::Text(text) => said.push_str(text),
                Delta::Reasoning(text) => thought.push_str(text),
                Delta::Waiting(_) | Delta::Queued { .. } => panic!("nothing waits here"),
            };
            let mut splitter = Splitter::default();
            let chars: Vec<char> = text.chars().collect();
            for piece in chars.chunks(size) {
                splitter.push(&piece.iter().collect::<String>(), &mut emit);
            }
            splitter.finish(&mut emit);
            assert_eq!((thought.as_str(), said.as_str()), (reasoning, answer), "pieces of {size}");
        }
    }

    #[test]
    fn only_a_leading_block_is_reasoning() {
        check("fn a() {}", "", "fn a() {}");
        check("<think>hm</think>\n\nyes", "hm", "yes");
        check("\n<think>\na </thin b ü</think>yes</think>", "\na </thin b ü", "yes</think>");
        check("  yes <think>no</think>", "", "  yes <think>no</think>");
        check("<thi", "", "<thi");
        check("<think>never ends</th", "never ends</th", "");
        check("<think></think>", "", "");
    }
}
