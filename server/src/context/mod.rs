//! The context of a focus (being written).

/// The focus plus excerpts of other chunks within a budget.
#[derive(Clone, Debug, Default)]
pub struct Context {}
