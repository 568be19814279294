//! End-to-end tests: the real program, real HTTP, real editors.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod e2e;
mod wire;
