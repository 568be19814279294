//! Operations as data. In: templates. Out: what there is to be asked for, what each is called and what comes back.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use super::diagnostic::in_short;
use super::request::Wish;
use super::template::{Fault, Placeholder, Template, Written};

/// One thing that a model can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its name in commands and settings.
    pub name: String,
    /// What it does, as menus say it before the name of the focus.
    pub title: String,
    /// What comes back.
    pub answer: AnswerForm,
    /// Names of the languages that it is offered in; empty: all.
    pub languages: Vec<&'static str>,
    /// A route of the settings, or a model's name; `None`: the route of its own name.
    pub route: Option<String>,
    /// Which of the built-in ones it is; `None`: one that the user wrote.
    pub built_in: Option<BuiltIn>,
    /// The file that it was read from; `None`: it came with the program.
    pub file: Option<PathBuf>,
    /// What the model is told.
    pub template: Template,
}

/// What comes back of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerForm {
    /// Text to be read.
    Explanation,
    /// New text of the focus.
    Edit,
    /// Tests, where the project keeps them.
    Tests,
    /// A file that is not there yet.
    NewFile {
        /// Where it goes, relative to the workspace; `{name}`, `{stem}`, `{dir}` and `{ext}` stand for the focus's name
        /// and parts of its file's path.
        path: String,
    },
}

/// The operations that come with the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BuiltIn {
    /// Say what the focus does.
    Explain,
    /// Change the focus, keeping its behaviour or following instructions.
    Refactor,
    /// Write tests of the focus.
    Test,
    /// Write the focus's documentation comment.
    Document,
    /// Remove what a compiler, a linter or a test complains of.
    Fix,
}

impl BuiltIn {
    /// All of them, in the order of menus.
    pub const ALL: [Self; 5] = [Self::Explain, Self::Refactor, Self::Test, Self::Document, Self::Fix];

    /// Its name in settings and commands.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Explain => "explain",
            Self::Refactor => "refactor",
            Self::Test => "test",
            Self::Document => "document",
            Self::Fix => "fix",
        }
    }

    /// The template that comes with the program, in the form that users write.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Explain => include_str!("templates/explain.md"),
            Self::Refactor => include_str!("templates/refactor.md"),
            Self::Test => include_str!("templates/test.md"),
            Self::Document => include_str!("templates/document.md"),
            Self::Fix => include_str!("templates/fix.md"),
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|built_in| built_in.name() == name)
    }

    fn operation(self) -> Operation {
        Operation::read(self.name(), self.text(), None)
            .unwrap_or_else(|fault| unreachable!("a test reads it: {fault:?}"))
    }
}

impl Operation {
    /// Reads a template. One with the name of a built-in operation takes its place: what its front matter leaves out
    /// stays as it was.
    ///
    /// # Errors
    /// [`Fault`] says what is wrong in which line.
    pub fn read(name: &str, text: &str, file: Option<PathBuf>) -> Result<Self, Fault> {
        let built_in = BuiltIn::named(name);
        let original = built_in.filter(|_| file.is_some()).map(|built_in| ORIGINALS.of(built_in).clone());
        let written = Written::read(text)?;
        let (title, answer) = match &original {
            Some(original) => {
                if let Some(answer) = written.answer()?.filter(|answer| *answer != original.answer) {
                    let message = format!(
                        "`{name}` is built in and its answer is {}, not {}",
                        original.answer.name(),
                        answer.name()
                    );
                    return Err(written.fault_at("answer", message));
                }
                (written.title.clone().unwrap_or_else(|| original.title.clone()), original.answer.clone())
            }
            None => {
                let title = written.title.clone().ok_or_else(|| written.missing("title: What menus show"))?;
                (title, written.answer()?.ok_or_else(|| written.missing("answer: explanation"))?)
            }
        };
        Ok(Self {
            name: name.to_owned(),
            title,
            answer,
            languages: written.languages,
            route: written.route,
            built_in,
            file,
            template: written.template,
        })
    }

    /// Whether an operation can have this name: small letters, digits, `-` and `_`; `default` is a route's.
    #[must_use]
    pub fn may_be_called(name: &str) -> bool {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        !name.is_empty() && name.bytes().all(plain) && name != "default"
    }

    /// Whether it is offered in a language; `None`: one that nobody knows.
    #[must_use]
    pub fn takes(&self, language: Option<&str>) -> bool {
        self.languages.is_empty() || language.is_some_and(|language| self.languages.contains(&language))
    }

    /// Whether the offline engine has no answer, whatever the focus.
    #[must_use]
    pub const fn needs_model(&self) -> bool {
        matches!(self.built_in, Some(BuiltIn::Document | BuiltIn::Fix) | None)
    }

    /// Whether its instructions have a place for the user's words.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.template.places(Placeholder::Ask)
    }

    /// The route that its models come from, unless there is a model of this name.
    #[must_use]
    pub fn route_name(&self) -> &str {
        self.route.as_deref().unwrap_or(&self.name)
    }

    /// The same for what the user wishes of it.
    #[must_use]
    pub fn title_of(&self, wish: &Wish, label: &str) -> String {
        match in_short(&wish.diagnostics) {
            what if self.built_in == Some(BuiltIn::Fix) && !what.is_empty() => {
                format!("{} {what} in {label}", self.title)
            }
            _ => self.title_for(label),
        }
    }

    /// What it does with something, as a title.
    #[must_use]
    pub fn title_for(&self, label: &str) -> String {
        format!("{} {label}", self.title)
    }
}

impl AnswerForm {
    /// Its name in front matter.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Explanation => "explanation",
            Self::Edit => "edit",
            Self::Tests => "tests",
            Self::NewFile { .. } => "new-file",
        }
    }
}

/// Every operation that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operations {
    built_in: [Arc<Operation>; 5],
    own: Vec<Arc<Operation>>,
}

static ORIGINALS: LazyLock<Operations> = LazyLock::new(|| Operations {
    built_in: BuiltIn::ALL.map(|built_in| Arc::new(built_in.operation())),
    own: Vec::new(),
});

impl Default for Operations {
    fn default() -> Self {
        ORIGINALS.clone()
    }
}

impl Operations {
    /// A built-in operation, or what the user put in its place.
    #[must_use]
    pub const fn of(&self, built_in: BuiltIn) -> &Arc<Operation> {
        let [explain, refactor, test, document, fix] = &self.built_in;
        match built_in {
            BuiltIn::Explain => explain,
            BuiltIn::Refactor => refactor,
            BuiltIn::Test => test,
            BuiltIn::Document => document,
            BuiltIn::Fix => fix,
        }
    }

    /// The operation of a name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Arc<Operation>> {
        self.iter().find(|operation| operation.name == name)
    }

    /// All of them: the built-in ones, then the user's by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Operation>> {
        self.built_in.iter().chain(&self.own)
    }

    /// The user's own, by name.
    #[must_use]
    pub fn own(&self) -> &[Arc<Operation>] {
        &self.own
    }

    /// Adds an operation, in the place of the one that has its name.
    pub(super) fn put(&mut self, operation: Operation) {
        let place = self.built_in.iter_mut().chain(&mut self.own).find(|known| known.name == operation.name);
        match place {
            Some(place) => *place = Arc::new(operation),
            None => {
                let at = self.own.partition_point(|known| known.name < operation.name);
                self.own.insert(at, Arc::new(operation));
            }
        }
    }

    /// Has each operation ask the default route.
    pub(super) fn forget_routes(&mut self) {
        for operation in self.built_in.iter_mut().chain(&mut self.own) {
            Arc::make_mut(operation).route = None;
        }
    }

    /// Leaves out what `keep` denies; a built-in operation becomes what it was.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Operation) -> bool) {
        self.own.retain(|operation| keep(operation));
        for operation in &mut self.built_in {
            if let Some(built_in) = operation.built_in.filter(|_| !keep(operation)) {
                *operation = ORIGINALS.of(built_in).clone();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_with_the_program_can_be_read() {
        let shown = Operations::default();
        let shown: Vec<String> =
            shown.iter().map(|one| format!("{} {}: {}", one.name, one.title, one.answer.name())).collect();
        assert_eq!(
            shown,
            [
                "explain Explain: explanation",
                "refactor Refactor: edit",
                "test Generate tests for: tests",
                "document Document: edit",
                "fix Fix: edit"
            ]
        );
    }

    #[test]
    fn the_examples_of_the_documentation_can_be_read() {
        let texts =
            [include_str!("../../../docs/operations.md"), include_str!("../cli/new_prompt.md")].join("\n```markdown\n");
        let blocks = texts.split("```markdown\n").skip(1).map(|rest| rest.split("```").next().unwrap());
        let titles = blocks.map(|text| Operation::read("mine", text, None).unwrap().title);
        let wanted = ["Translate comments of", "Haiku on", "Write a page on", "Translate comments of"];
        assert_eq!(titles.collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn a_users_file_takes_the_place_of_a_built_in_operation() {
        let file = || Some(PathBuf::from("refactor.md"));
        let mut operations = Operations::default();
        operations.put(Operation::read("refactor", "Be brave.", file()).unwrap());
        let refactor = operations.of(BuiltIn::Refactor);
        assert_eq!((refactor.title.as_str(), &refactor.answer), ("Refactor", &AnswerForm::Edit));
        assert_eq!(refactor.template.system, "Be brave.\n");
        operations.put(Operation::read("zap", "---\ntitle: Zap\nanswer: edit\n---\nZap.", file()).unwrap());
        operations.put(Operation::read("note", "---\ntitle: Note\nanswer: explanation\n---\nNote.", file()).unwrap());
        let names: Vec<&str> = operations.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["explain", "refactor", "test", "document", "fix", "note", "zap"]);
        operations.retain(|operation| operation.file.is_none());
        assert_eq!(operations, Operations::default());

        let fault = Operation::read("refactor", "---\nanswer: explanation\n---\nx", file()).unwrap_err();
        assert_eq!(fault.message, "`refactor` is built in and its answer is edit, not explanation");
        let fault = Operation::read("zap", "Zap.", file()).unwrap_err();
        let wanted = "must begin with a front matter: `---`, `title: …`, `answer: explanation`, `---`";
        assert_eq!((fault.line, fault.message.as_str()), (1, wanted));
    }
}
