//! Stub.
use crate::context::{Context, TestPlace};
pub(super) fn generate(_: &Context, _: &TestPlace) -> Result<String, crate::context::NoPlace> {
    Err(crate::context::NoPlace)
}
