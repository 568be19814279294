//! The real program over its standard input and output, driven as the three editors drive it.

pub(crate) mod client;
mod robust;
