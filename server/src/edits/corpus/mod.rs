//! The corpus of answers: files of tests/fixtures/answers, and answers made from the changes in bases.txt in every form and
//! sloppiness. Each has to become the expected files, or be refused for the expected reason: a wrong edit is never right.

mod fixture;
mod forms;
mod properties;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use super::{EditError, Fault, FileChange, Files, Given, Keep, Reach, Reading, Step, read};
use crate::chunks::{ChunkId, Chunks};
use crate::config::PolicySettings;
use crate::context::Subject;
use crate::policy::{Denied, Policy};
use crate::syntax::{Tree, by_path};
use crate::text::{Span, Text, apply_edits};

/// What a model was given.
#[derive(Clone, Debug)]
struct World {
    path: String,
    focus: String,
    /// Another definition that may be changed, as `c2`.
    also: Option<String>,
    text: String,
    shown: Vec<(String, String)>,
    /// Files that are there and were not shown.
    others: Vec<(String, String)>,
    /// Of these only the first line was shown.
    parts: Vec<String>,
    reach: Reach,
    keep: Keep,
    ask: String,
}

/// What is expected of an answer.
#[derive(Clone, Debug, PartialEq)]
enum Expected {
    /// The files that differ afterwards; `None`: gone.
    Files(BTreeMap<String, Option<String>>),
    /// The name of the fault.
    Refused(String),
}

/// The files of a world under the rules of a policy.
struct Disk<'a>(&'a World);

static POLICY: LazyLock<Policy> =
    LazyLock::new(|| Policy::new(std::path::Path::new("/nowhere"), &PolicySettings::default()).0);

impl Files for Disk<'_> {
    fn text(&self, path: &str) -> Option<Text> {
        let own = (&self.0.path, &self.0.text);
        let mut all = self.0.shown.iter().chain(&self.0.others).map(|(path, text)| (path, text)).chain([own]);
        all.find(|(known, _)| *known == path).map(|(_, text)| Text::from(text.as_str()))
    }

    fn may_change(&self, path: &str) -> Result<(), Denied> {
        POLICY.check_name(path)
    }
}

fn subject(world: &World) -> Subject {
    let language = by_path(world.path.as_ref());
    let text = Text::from(world.text.as_str());
    let tree = language.and_then(|language| Tree::parse(&text, language, None, None));
    let chunks = Arc::new(Chunks::cut(&text, tree.as_ref()));
    let focus = match world.focus.as_str() {
        "" => ChunkId::FILE,
        name => chunks.definitions().find(|(_, chunk)| &*chunk.name == name).expect(name).0,
    };
    let at = chunks.get(focus).item.start;
    Subject { path: world.path.clone(), language, text, tree, focus, selection: Span::new(at, at), chunks }
}

fn answer(world: &World, answer: &str) -> Result<Reading, EditError> {
    let subject = subject(world);
    let shown = |(path, text): &(String, String)| {
        let lines = if world.parts.contains(path) { 1 } else { text.lines().count() };
        (path.clone(), (0..lines).collect())
    };
    let disk = Disk(world);
    let mut chunks = vec![("c1".to_owned(), subject.chunk().span)];
    if let Some(also) = &world.also {
        let (_, chunk) = subject.chunks.definitions().find(|(_, chunk)| *chunk.name == **also).expect(also);
        chunks.push(("c2".to_owned(), chunk.span));
    }
    let shown = world.shown.iter().map(shown).collect();
    let (reach, keep, ask) = (world.reach, world.keep, world.ask.as_str());
    read(&Given { subject: &subject, chunks, shown, files: &disk, reach, keep, ask }, answer, "m")
}

/// The files that differ after a reading.
fn files(reading: &Reading) -> BTreeMap<String, Option<String>> {
    let mut out = BTreeMap::new();
    for file in &reading.files {
        let after = apply_edits(&file.base, &file.edits).to_text();
        match &file.change {
            FileChange::Edit | FileChange::Create => out.insert(file.path.clone(), Some(after)),
            FileChange::Delete => out.insert(file.path.clone(), None),
            FileChange::Rename { to } => {
                out.insert(file.path.clone(), None);
                out.insert(to.clone(), Some(after))
            }
        };
    }
    out
}

fn name_of(fault: &Fault) -> String {
    format!("{fault:?}").split([' ', '{']).next().unwrap().to_owned()
}

#[derive(Default)]
struct Figures {
    placed: usize,
    refused: usize,
    wrong: Vec<String>,
}

impl Figures {
    fn check(&mut self, name: &str, world: &World, text: &str, expected: &Expected, step: Option<&str>) {
        match (answer(world, text), expected) {
            (Ok(reading), Expected::Files(wanted)) if files(&reading) == *wanted => {
                self.placed += 1;
                let took = |step: &str| reading.placed.iter().any(|placed| name_of_step(placed.step) == step);
                if let Some(step) = step.filter(|step| !took(step)) {
                    self.wrong.push(format!("{name}: not by the step {step}: {:?}", reading.placed));
                }
            }
            (Err(error), Expected::Refused(fault)) if name_of(&error.fault) == *fault => self.refused += 1,
            (Ok(reading), _) => {
                let found: Vec<String> = files(&reading)
                    .into_iter()
                    .map(|(path, text)| format!("---- {path}\n{}", text.unwrap_or_else(|| "gone".to_owned())))
                    .collect();
                self.wrong.push(format!("{name}: WRONG EDIT for\n{text}\n{}", found.join("\n")));
            }
            (Err(error), _) => self.wrong.push(format!("{name}: refused: {error}\n{}\n{text}", error.for_model())),
        }
    }

    fn report(&self, what: &str) {
        let wrong = self.wrong.len();
        println!("{what}: {} placed, {} refused, {wrong} wrong", self.placed, self.refused);
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n\n"));
    }
}

fn name_of_step(step: Step) -> &'static str {
    match step {
        Step::Id => "id",
        Step::Whole => "whole",
        Step::Exact => "exact",
        Step::Whitespace => "whitespace",
        Step::Indentation => "indentation",
        Step::Alignment { .. } => "alignment",
        Step::Tree => "tree",
    }
}

#[test]
fn answers_of_the_fixtures() {
    let mut figures = Figures::default();
    for case in fixture::cases() {
        figures.check(&case.name, &case.world, &case.answer, &case.expected, case.step.as_deref());
    }
    assert!(figures.placed + figures.refused + figures.wrong.len() > 0, "the fixtures were not found");
    figures.report("answers of the fixtures");
}

#[test]
fn answers_in_every_form() {
    let mut figures = Figures::default();
    for base in fixture::bases() {
        for made in forms::all(&base) {
            figures.check(
                &format!("{} as {}", base.world.path, made.name),
                &made.world,
                &made.answer,
                &made.expected,
                None,
            );
        }
    }
    assert!(figures.placed >= 300);
    figures.report("answers in every form");
}
