//! End-to-end tests: the real program, real HTTP, real editors; and the walls of the house.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod e2e;
mod recall;
mod tidy;
mod wire;
