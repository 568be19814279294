//! When the same model is asked again. In: an error and how often it was asked. Out: how long to wait first, or that
//! asking again is no use. Never decides for an answer of which a part was already used; the caller sees to that.

use std::time::Duration;

use super::{Cause, Error};

/// Times that a model is asked again.
const RETRIES: u32 = 2;

/// A server that asks for a longer wait gets none: the user would rather be told.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Time to wait before asking again after `error`, the answer to attempt number `attempt` (from 0): what the server
/// asked for, else half a second, doubled each time. `None`: don't.
pub(super) fn pause(error: &Error, attempt: u32) -> Option<Duration> {
    if attempt >= RETRIES {
        return None;
    }
    let backoff = Duration::from_millis(500 << attempt);
    match error {
        Error::RateLimited { retry_after, .. } => {
            Some(retry_after.unwrap_or(backoff)).filter(|wait| *wait <= LONGEST_WAIT)
        }
        Error::Server { .. } | Error::Truncated { .. } => Some(backoff),
        // Not for a refused connection or an unknown name: those hold until the user does something.
        Error::Unreachable { cause: Cause::Other(_), .. } => Some(backoff),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_faults_that_pass_are_worth_another_try() {
        let model = || "m".to_owned();
        let limited = |secs: Option<u64>| Error::RateLimited {
            model: model(),
            retry_after: secs.map(Duration::from_secs),
            message: String::new(),
        };
        let server = Error::Server { model: model(), status: Some(500), message: String::new() };
        assert_eq!(pause(&server, 0), Some(Duration::from_millis(500)));
        assert_eq!(pause(&server, 1), Some(Duration::from_secs(1)));
        assert_eq!(pause(&server, 2), None);
        assert_eq!(pause(&limited(Some(3)), 0), Some(Duration::from_secs(3)));
        assert_eq!(pause(&limited(Some(60)), 0), None);
        assert_eq!(pause(&limited(None), 0), Some(Duration::from_millis(500)));
        assert_eq!(pause(&Error::Empty { model: model() }, 0), None);
        assert_eq!(pause(&Error::Quota { model: model(), message: String::new() }, 0), None);
    }
}
