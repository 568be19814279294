//! What a model is asked. In: an operation and a context. Out: a [`Request`]: the prompt's text and, for the offline
//! engine, the data behind it. Never asks anybody.

mod diagnostic;
mod files;
mod instruction;
mod operation;
mod request;
mod template;

pub use diagnostic::{Diagnostic, Related, Severity, names};
pub use files::{Stamps, load, stamps};
pub use instruction::{Instruction, find_instruction, without_instructions};
pub use operation::{AnswerForm, BuiltIn, Operation, Operations};
pub use request::{Exchange, Request, Schema, Wish};
pub use template::{Fault, Template};

/// The id that the prompt gives to the chunk that may be changed.
pub const FOCUS_ID: &str = "c1";
/// The id of the tests to be written.
pub const TESTS_ID: &str = "tests";
/// The id of the new file to be written.
pub const NEW_FILE_ID: &str = "file";
