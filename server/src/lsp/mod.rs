//! The front door: the protocol's messages in and out (the requests themselves are being written).

mod lifecycle;
mod message;
mod outbox;
mod read;
pub mod transport;

pub use message::{Code, Error, Id, Incoming, parse};
pub use outbox::{Outbox, Reply};
pub use read::Reader;
pub use transport::{Server, run};
