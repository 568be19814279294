//! The engine that needs no model: answers from the syntax tree.

pub mod rewrites;
pub mod tests;
