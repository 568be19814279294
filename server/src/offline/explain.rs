//! Stub.
use crate::context::Context;
pub(super) fn explain(context: &Context) -> String {
    format!("### {}", context.subject.label())
}
