//! Reads settings from their sources, a later source winning.

/// A place that settings come from (being written).
#[derive(Clone, Debug)]
pub struct Source {}

/// Settings and what was wrong with their sources.
#[derive(Clone, Debug)]
pub struct Loaded {}

/// Something wrong in a source.
#[derive(Clone, Debug)]
pub struct Problem {}

/// Loads.
#[must_use]
pub fn load(_: &[Source]) -> Loaded {
    Loaded {}
}
