//! The program `whittle`.
fn main() {}
