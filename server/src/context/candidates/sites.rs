//! The places that use the focus, as candidates. In: call sites as the index resolves them. Out: uses for people, and the
//! lines to show, each by itself or with the signature of what it stands in.

use super::super::levels::{Shape, around, line_around, signature};
use super::super::rank::{Sign, value};
use super::super::references::uses_of_focus;
use super::super::types::{Level, Use};
use super::{Candidate, Finder};
use crate::chunks::ChunkId;
use crate::index::Found;
use crate::index::resolve::CallSite;
use crate::text::Span;

/// At most this many call sites are shown.
const MOST_CALL_SITES: usize = 10;
/// At most this many tests of the focus are looked at.
const MOST_TESTS: usize = 3;
/// What a call site is worth with the signature of what it stands in, of what it is worth alone.
const WITH_CALLER: f64 = 1.4;

impl Finder<'_> {
    /// The places that use the focus, outside of tests first; where only tests do, those. Gives the chunks around them.
    pub(super) fn uses(&mut self) -> Vec<Found> {
        let mut uses = Vec::new();
        for CallSite { within: Found { path, facts, chunk: around }, at, test, sure } in
            uses_of_focus(self.subject, self.index, self.texts)
        {
            let Some((_, text)) = self.file(&path) else { continue };
            if at >= text.len() {
                continue; // the file changed since it was indexed
            }
            let within = if around == ChunkId::FILE { String::new() } else { facts.chunks.path(around) };
            let line = text.line_of(at);
            let shown = text.slice(text.line_span(line)).trim().to_owned();
            if is_import(&shown) {
                continue;
            }
            let one = Use { path: path.clone(), line: line + 1, text: shown, within, test };
            uses.push((one, Found { path, facts, chunk: around }, at, sure));
        }
        uses.sort_by_key(|(one, .., sure)| (one.test, !sure, one.path != self.subject.path));
        uses.dedup_by(|(a, ..), (b, ..)| a.path == b.path && a.line == b.line);
        let only_tests = uses.iter().all(|(one, ..)| one.test);
        let mut tests = 0;
        if self.stages.call_sites {
            for (one, found, at, sure) in &uses {
                let reason = format!("uses it at line {}", one.line);
                if one.test && !only_tests {
                    tests += 1;
                    if tests <= MOST_TESTS && found.chunk != ChunkId::FILE {
                        self.add(found, Sign::Test, || format!("a test that {reason}"));
                    }
                } else if self.sites.len() < MOST_CALL_SITES {
                    let before = self.sites.len();
                    let sign = if *sure { Sign::CallSite(before) } else { Sign::MaybeCallSite };
                    self.sites.push((found.clone(), *at, sign, reason));
                }
            }
        }
        let users = uses.iter().filter(|(one, ..)| !one.test).map(|(_, found, ..)| found.clone()).collect();
        self.uses = uses.into_iter().map(|(one, ..)| one).collect();
        users
    }

    /// A line that uses the focus: by itself, or with the signature of what it stands in.
    pub(super) fn site(&mut self, found: &Found, at: usize, sign: Sign, reason: String) -> Option<Candidate> {
        let (file, text) = self.file(&found.path)?;
        let chunks = &found.facts.chunks;
        let chunk = chunks.get(found.chunk);
        let here = found.path == self.subject.path;
        if here && self.subject.chunk().span.contains(Span::new(at, at)) {
            return None;
        }
        let line = line_around(&text, at);
        let alone = Shape { level: Level::Folded, pieces: vec![line], marks: Vec::new() };
        let mut shapes = vec![(alone, 1.0)];
        if found.chunk != ChunkId::FILE && !chunk.span.contains(self.subject.chunk().span) {
            let mut pieces = around(chunks, found.chunk, &text);
            let signature = signature(chunks, found.chunk, &text);
            pieces.extend(signature);
            pieces.push(line);
            shapes.push((Shape { level: Level::Folded, pieces, marks: Vec::new() }, WITH_CALLER));
        }
        Some(Candidate {
            file,
            name: if found.chunk == ChunkId::FILE { String::new() } else { chunks.path(found.chunk) },
            kind: chunk.kind,
            line: line.line + 1,
            reason,
            value: value(&[sign]),
            shapes,
            around: Vec::new(),
        })
    }
}

fn is_import(line: &str) -> bool {
    ["use ", "pub use ", "import ", "from ", "export {", "export *"].iter().any(|start| line.starts_with(start))
}
