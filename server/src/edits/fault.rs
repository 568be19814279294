//! What can be wrong with an answer: in words for the user, and in words for the model that is to answer again.

/// Why an answer does not become a proposal. The documents stay as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditError {
    /// Who answered.
    pub model: String,
    /// What is wrong.
    pub fault: Fault,
}

impl std::error::Error for EditError {}

impl std::fmt::Display for EditError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { model, fault } = self;
        match fault {
            Fault::TestsThere { .. } => write!(f, "{fault}, so nothing was changed"),
            Fault::NoChange { .. } => write!(f, "{model} {fault}"),
            Fault::Lost { .. } | Fault::Signature { .. } => {
                write!(f, "{model} {fault}, so nothing was changed. Try again, or say in instructions what you want")
            }
            _ => write!(f, "{model} {fault}, so nothing was changed. Try again, or another model"),
        }
    }
}

impl EditError {
    /// The fault for the model that is to answer again: what exactly is wrong, and what to do instead.
    #[must_use]
    pub fn for_model(&self) -> String {
        format!("You {}. {}", self.fault, self.fault.remedy())
    }
}

/// What is wrong with an answer. Each is said of the one who answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No edit in the answer.
    #[error("answered without an edit; it said: “{said}”")]
    NoEdit {
        /// The start of what it said.
        said: String,
    },
    /// The answer ends in the middle.
    #[error("broke off in the middle of its answer: {what}")]
    CutOff {
        /// What is never closed.
        what: String,
    },
    /// The form of the answer can be understood in several ways, or in none.
    #[error("answered in a form that can't be read: {what}")]
    Form {
        /// What is wrong with it.
        what: String,
    },
    /// A chunk that may not be changed.
    #[error("tried to change `{id}`, which it was not given")]
    WrongChunk {
        /// The id.
        id: String,
    },
    /// A file that may not be changed.
    #[error("tried to change {path}: {why}")]
    NotGiven {
        /// The file, as it was named.
        path: String,
        /// Why not.
        why: String,
    },
    /// A part of the file that may not be changed.
    #[error("changed line {line} of {path} (“{text}”), which it was not asked to change")]
    Outside {
        /// The file.
        path: String,
        /// The line, from one, in the old text.
        line: usize,
        /// What stands there, or would.
        text: String,
    },
    /// Text to be replaced is not there.
    #[error("replaced text that is not in {path}, from “{text}” on")]
    NotFound {
        /// The file.
        path: String,
        /// The first line of the text that was looked for.
        text: String,
        /// The file's lines that are most like it.
        nearest: Option<String>,
    },
    /// Text to be replaced is there several times.
    #[error("replaced text that fits {} places of {path} (lines {})", lines.len(), list(lines))]
    Ambiguous {
        /// The file.
        path: String,
        /// The lines, from one, at which it is.
        lines: Vec<usize>,
    },
    /// Two changes of the same text.
    #[error("changed line {line} of {path} twice")]
    Overlap {
        /// The file.
        path: String,
        /// The line, from one.
        line: usize,
    },
    /// The result would not parse.
    #[error("answered with code that does not parse (line {line} of {path}{})", shown(text))]
    Syntax {
        /// The file.
        path: String,
        /// The first line that does not parse, from one, in the new text.
        line: usize,
        /// What stands there.
        text: String,
    },
    /// Code was left out.
    #[error("left code out (“{line}”)")]
    Elided {
        /// The line that stands for it.
        line: String,
    },
    /// A definition would be gone.
    #[error("answered with code that no longer defines `{name}`")]
    Lost {
        /// The definition.
        name: String,
    },
    /// A definition would be there twice.
    #[error("defined `{name}` again, which is in {path} already")]
    Twice {
        /// The definition.
        name: String,
        /// The file.
        path: String,
    },
    /// The focus could not be used as it was.
    #[error("changed the signature of `{name}` from “{old}” to “{new}”")]
    Signature {
        /// The definition.
        name: String,
        /// Its signature.
        old: String,
        /// What would become of it.
        new: String,
    },
    /// More than documentation would change.
    #[error("changed code at line {line} of {path} (“{text}”), where only documentation was asked for")]
    Code {
        /// The file.
        path: String,
        /// The line, from one, in the new text.
        line: usize,
        /// What stands there.
        text: String,
    },
    /// All of the tests exist.
    #[error("these tests are in {path} already")]
    TestsThere {
        /// The file.
        path: String,
    },
    /// Nothing would change.
    #[error("has nothing to change in `{name}`")]
    NoChange {
        /// The focus.
        name: String,
    },
}

impl Fault {
    /// The fault as an error of a model.
    pub(super) fn of(self, model: &str) -> EditError {
        EditError { model: model.to_owned(), fault: self }
    }

    /// What a model is to do instead.
    fn remedy(&self) -> String {
        let remedy = match self {
            Self::NoEdit { .. } | Self::Form { .. } => "Answer in the form that was asked for, and with nothing else.",
            Self::CutOff { .. } => "Answer again, in full; where that is too long, change less.",
            Self::WrongChunk { .. } | Self::NotGiven { .. } | Self::Outside { .. } => {
                "Change only what you were told that you may change."
            }
            Self::NotFound { nearest: Some(nearest), .. } => {
                return format!("Copy the text to be replaced exactly. These lines are the most like it:\n{nearest}");
            }
            Self::NotFound { .. } => "Copy the text to be replaced exactly as it stands in the file.",
            Self::Ambiguous { .. } => "Take in more lines around it, so that it fits one place only.",
            Self::Overlap { .. } => "Put changes of the same lines into one.",
            Self::Syntax { .. } => "Answer again with code that parses.",
            Self::Elided { .. } => "Write the code out in full.",
            Self::Lost { .. } => "Keep the definition.",
            Self::Twice { .. } => "Answer only with the code that changes.",
            Self::Code { .. } => "Give the code exactly as it was; only comments and documentation may differ.",
            Self::Signature { .. } => "Keep the signature as it was.",
            Self::TestsThere { .. } => "Write tests of what is not tested yet.",
            Self::NoChange { .. } => "Answer with a change, if there is one to make.",
        };
        remedy.to_owned()
    }
}

/// Line numbers, the first few of them.
fn list(lines: &[usize]) -> String {
    const MOST: usize = 5;
    let mut all: Vec<String> = lines.iter().take(MOST).map(ToString::to_string).collect();
    if lines.len() > MOST {
        all.push("…".to_owned());
    }
    all.join(", ")
}

/// A line of code in a message.
fn shown(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": “{text}”") }
}

/// The first words of a text, on one line, without secrets.
pub(super) fn beginning(text: &str) -> String {
    const MOST: usize = 160;
    let start: String = text.chars().take(20 * MOST).collect();
    let line = crate::policy::mask_secrets(&start).0.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return "(nothing)".to_owned();
    }
    let cut: String = line.chars().take(MOST).collect();
    if cut.len() < line.len() { cut + "…" } else { cut }
}
