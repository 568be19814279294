//! Whittle: AI code actions for every editor that speaks LSP.
//!
//! The modules stand in the order of the data; each uses only those above it (`config` is plain data and free to all).

pub mod text;
pub mod syntax;
pub mod chunks;
pub mod documents;
pub mod policy;
pub mod index;
pub mod context;
pub mod prompt;
pub mod models;
pub mod offline;
pub mod edits;
pub mod verify;
pub mod journal;
pub mod operations;
pub mod jobs;
pub mod lsp;
pub mod cli;
pub mod config;
