//! Models over real HTTP.

pub(crate) mod server;

mod aimock;
mod asking;
mod limits;
mod openai;
mod protocols;
mod requests;
mod retries;
mod routes;
