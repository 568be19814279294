//! What the index keeps of one file.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use super::hash::hash;
use crate::chunks::{ChunkId, Chunks, Import, Outline, Symbols};
use crate::policy::mask_secrets;
use crate::syntax::{Language, Tree};
use crate::text::{Span, Text};

/// A longer word is data, no name.
const LONGEST_NAME: usize = 80;

/// Chunks, symbols, imports and mentioned names of one file as it stood when it was read.
#[derive(Clone, Debug)]
pub struct FileFacts {
    /// The file's chunks.
    pub chunks: Arc<Chunks>,
    /// Fields, variants, written types and bases.
    pub symbols: Symbols,
    /// What it takes from other files or passes on.
    pub imports: Vec<Import>,
    /// Number of its lines, as an editor counts them.
    pub lines: usize,
    /// Every word of the file that could be a name, once, in no order. Comments and strings count as well, keys that
    /// look secret do not: who asks where a name is used looks at the text.
    pub mentions: Vec<Arc<str>>,
}

impl FileFacts {
    /// Reads a text of a language with a grammar; `None` when it can't be parsed.
    #[must_use]
    pub fn read(text: &Text, language: &'static Language) -> Option<Self> {
        Self::read_source(&text.to_text(), language)
    }

    /// The same from a plain string.
    #[must_use]
    pub fn read_source(text: &str, language: &'static Language) -> Option<Self> {
        let tree = Tree::parse(&text, language, None, None)?;
        let Outline { chunks, symbols, imports } = Outline::read(&tree, &text);
        Some(Self { chunks: Arc::new(chunks), symbols, imports, lines: lines(text), mentions: words(text) })
    }

    /// From a text that was parsed and cut already.
    #[must_use]
    pub fn of_parsed(text: &Text, tree: &Tree, chunks: Arc<Chunks>) -> Self {
        let Outline { symbols, imports, .. } = Outline::read(tree, text);
        Self { symbols, imports, lines: text.lines(), mentions: words(&text.to_text()), chunks }
    }

    /// The chunk that a byte of the file lies in.
    #[must_use]
    pub fn chunk_at(&self, at: usize) -> ChunkId {
        self.chunks.focus_at(Span::new(at, at))
    }
}

/// Lines as an editor counts them: they end at LF, CRLF or a lone CR.
fn lines(text: &str) -> usize {
    let bytes = text.as_bytes();
    let feeds = bytes.iter().filter(|byte| **byte == b'\n').count();
    let lone = |at: usize| bytes.get(at + 1) != Some(&b'\n');
    let returns = text.match_indices('\r').filter(|(at, _)| lone(*at)).count();
    1 + feeds + returns
}

/// The distinct words of a text that could be names.
fn words(text: &str) -> Vec<Arc<str>> {
    let (text, _) = mask_secrets(text);
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let mut words: HashSet<&str, BuildHasherDefault<WordHasher>> = HashSet::default();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let class = CLASSES[*byte as usize]; // a row for each byte
        if class == Class::Other {
            at += 1;
            continue;
        }
        // a word starts; beyond ASCII the characters decide
        let rest = text.get(at..).unwrap_or_default();
        let ascii = bytes[at..].iter().take_while(|byte| CLASSES[**byte as usize].is_word()).count(); // `at` is inside
        let end = match bytes.get(at + ascii) {
            Some(128..) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            _ => ascii,
        };
        let word = rest.get(..end).unwrap_or_default();
        if class != Class::Digit && end <= LONGEST_NAME && !word.starts_with(char::is_numeric) && !word.is_empty() {
            words.insert(word);
        }
        at += end.max(rest.chars().next().map_or(1, char::len_utf8));
    }
    words.into_iter().map(Into::into).collect()
}

/// What a byte can be of a word.
#[derive(Clone, Copy, PartialEq)]
enum Class {
    Other,
    Letter,
    Digit,
    /// A part of a character that is not ASCII.
    Beyond,
}

impl Class {
    const fn is_word(self) -> bool {
        matches!(self, Self::Letter | Self::Digit)
    }
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            128.. => Class::Beyond,
            _ => Class::Other,
        };
        byte += 1;
    }
    classes
};

/// Hashes words, which are given in one piece.
#[derive(Default)]
struct WordHasher(u64);

impl Hasher for WordHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 ^= hash(bytes);
    }

    fn write_u8(&mut self, _end_of_text: u8) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn words_are_runs_of_letters_and_digits_that_start_with_no_digit(text in "[a1_$. é٣ß–\\r\\n]{0,24}") {
            let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
            let mut wanted: Vec<&str> = text.split(|c| !is_word(c)).collect();
            wanted.retain(|word| !word.is_empty() && !word.starts_with(char::is_numeric));
            wanted.sort_unstable();
            wanted.dedup();
            let mut found = words(&text);
            found.sort();
            prop_assert_eq!(found.iter().map(|word| &**word).collect::<Vec<_>>(), wanted);
            prop_assert_eq!(lines(&text), Text::from(&*text).lines());
        }
    }

    #[test]
    fn keys_and_data_are_no_names() {
        let key = format!("AKIA{}", "IOSFODNN7EXAMPLE");
        let found = words(&format!("let a = \"{key}\" + \"{}\";", "x".repeat(LONGEST_NAME + 1)));
        assert!(found.iter().all(|word| word.len() < 10), "{found:?}");
    }
}
