//! The front door (being written).

pub mod transport;
