//! Messages on standard input and output (being written).
