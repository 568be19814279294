//! When the same model is asked again. In: a failure and how often the model was asked. Out: how long to wait first, or
//! that asking again is no use. Never decides for an answer of which a part was already used; the caller sees to that.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use super::report::{Advice, Failure};
use super::{Cause, Error};

/// Times that a model is asked again.
const RETRIES: u32 = 2;

/// The first wait where the server names none; doubled each time.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// The longest such wait.
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// Time to wait before asking again after the answer to attempt number `attempt` (from 0): what the server asked for,
/// else [`FIRST_WAIT`], doubled each time, less up to a quarter of it by chance, so that clients that failed together
/// do not come back together. `None`: don't ask again; so also when the server wants a wait over `longest`.
pub(super) fn pause(failure: &Failure, attempt: u32, longest: Duration) -> Option<Duration> {
    let passes = match &failure.error {
        Error::RateLimited { .. } | Error::Server { .. } | Error::Truncated { .. } => true,
        // An unknown name and a wrong certificate hold until the user does something.
        Error::Unreachable { cause, .. } => !matches!(cause, Cause::NoSuchHost | Cause::Tls(_)),
        _ => false,
    };
    let Advice { again, wait } = failure.advice;
    if !passes || attempt >= RETRIES || again == Some(false) {
        return None;
    }
    let backoff = || {
        let full = (FIRST_WAIT * 2u32.saturating_pow(attempt)).min(LONGEST_WAIT);
        full - full.mul_f64(0.25 * chance())
    };
    Some(wait.unwrap_or_else(backoff)).filter(|wait| *wait <= longest)
}

/// A number from 0 to 1.
fn chance() -> f64 {
    f64::from(RandomState::new().hash_one(0) as u32) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::error::KeySource;

    const MINUTE: Duration = Duration::from_secs(60);

    fn failure(error: Error, wait: Option<u64>, again: Option<bool>) -> Failure {
        Failure { error, advice: Advice { again, wait: wait.map(Duration::from_secs) } }
    }

    fn server() -> Error {
        Error::Server { model: "m".to_owned(), status: Some(500), message: String::new() }
    }

    #[test]
    fn waits_double_and_differ() {
        let mut waits = Vec::new();
        for (attempt, full) in [(0, 500), (1, 1000)] {
            for _ in 0..50 {
                let wait = pause(&failure(server(), None, None), attempt, MINUTE).unwrap();
                assert!((full * 3 / 4..=full).contains(&(wait.as_millis() as u64)), "{wait:?}");
                waits.push(wait);
            }
        }
        waits.dedup();
        assert!(waits.len() > 50, "chance has no part in the waits");
        assert_eq!(pause(&failure(server(), None, None), 2, MINUTE), None);
    }

    #[test]
    fn the_servers_word_counts() {
        assert_eq!(pause(&failure(server(), Some(3), None), 0, MINUTE), Some(Duration::from_secs(3)));
        assert_eq!(pause(&failure(server(), Some(60), Some(true)), 0, MINUTE), Some(MINUTE));
        assert_eq!(pause(&failure(server(), Some(61), Some(true)), 0, MINUTE), None);
        assert_eq!(pause(&failure(server(), None, Some(false)), 0, MINUTE), None);
    }

    #[test]
    fn only_faults_that_pass_are_worth_another_try() {
        let model = || "m".to_owned();
        let message = String::new;
        let unreachable = |cause| Error::Unreachable { model: model(), host: model(), cause };
        for error in [
            server(),
            Error::RateLimited { model: model(), retry_after: None, message: message() },
            Error::Truncated { model: model() },
            unreachable(Cause::Refused),
            unreachable(Cause::Other(message())),
        ] {
            assert!(pause(&failure(error.clone(), None, None), 0, MINUTE).is_some(), "{error:?}");
        }
        for error in [
            Error::Empty { model: model() },
            Error::Quota { model: model(), message: message() },
            Error::Key { model: model(), status: 401, key: KeySource::None, message: message() },
            Error::BadRequest { model: model(), status: 400, message: message() },
            Error::ContextTooLong { model: model(), limit: None, message: message() },
            Error::LengthStop { model: model() },
            unreachable(Cause::NoSuchHost),
        ] {
            assert_eq!(pause(&failure(error.clone(), None, Some(true)), 0, MINUTE), None, "{error:?}");
        }
    }
}
