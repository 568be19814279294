//! Mechanical rewrites that keep behaviour (being written).
