//! Models over real HTTP.

pub(crate) mod server;

mod openai;
