//! A circuit breaker: whether a model is worth asking. In: how its answers end, and when. Out: leave to ask, or why it is
//! left alone. Knows no model and no clock. After M. Nygard, “Release It!”: closed, open for a time, half-open for one
//! probe, which closes it again or opens it for twice the time.

use std::time::{Duration, Instant};

/// Faults in a row that open it.
const FAULTS: u32 = 3;
/// How long it stays open at first.
const FIRST_REST: Duration = Duration::from_secs(30);
/// The longest that it stays open; each failed probe doubles the time up to this.
const LONGEST_REST: Duration = Duration::from_secs(300);

/// What the end of a request says of its model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It works: it answered, or said why it would not answer this.
    Works,
    /// It is at fault, in few words.
    Fault(String),
    /// It will refuse everything until its settings change, in few words.
    Locked(String),
    /// Nothing: it was not reached, for a reason that is not its own.
    Nothing,
}

/// Why a model is not asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Resting {
    /// It failed too often.
    #[error("it failed {faults} times in a row, last with {reason}, and is left alone for another {} s", seconds(.left))]
    Open {
        /// How often.
        faults: u32,
        /// The last time, in few words.
        reason: String,
        /// Time until it may be asked again.
        left: Duration,
    },
    /// It failed too often, and another job is finding out at this moment whether it works again.
    #[error("it failed {faults} times in a row, last with {reason}, and another job is trying it right now")]
    Probing {
        /// How often.
        faults: u32,
        /// The last time, in few words.
        reason: String,
    },
    /// It refuses everything until its settings change.
    #[error("it is left alone until the settings are read anew, because of this: {reason}")]
    Locked {
        /// Why, in few words.
        reason: String,
    },
}

impl Resting {
    /// The last failure, in few words.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Open { reason, .. } | Self::Probing { reason, .. } | Self::Locked { reason } => reason,
        }
    }
}

/// Whole seconds, at least one.
fn seconds(time: &Duration) -> u64 {
    (time.as_secs_f64().ceil() as u64).max(1)
}

/// The token of the one request that finds out whether a model works again.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Probe {
    since: Instant,
}

/// A circuit breaker.
#[derive(Debug)]
pub(super) struct Breaker {
    state: State,
    /// Faults in a row.
    faults: u32,
    /// How long it opens the next time.
    rest: Duration,
    /// The last fault.
    reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    Open {
        until: Instant,
    },
    /// One request is on its way since then.
    Probing {
        since: Instant,
    },
    Locked,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { state: State::Closed, faults: 0, rest: FIRST_REST, reason: String::new() }
    }
}

impl Breaker {
    /// Why it would not be asked now; `None`: it would.
    pub(super) fn resting(&self, now: Instant) -> Option<Resting> {
        let (faults, reason) = (self.faults, self.reason.clone());
        match self.state {
            State::Closed => None,
            State::Open { until } if until <= now => None,
            State::Open { until } => Some(Resting::Open { faults, reason, left: until - now }),
            State::Probing { .. } => Some(Resting::Probing { faults, reason }),
            State::Locked => Some(Resting::Locked { reason }),
        }
    }

    /// Lets a request through: any while it is closed, one when its rest is over. Gives that one's token.
    pub(super) fn admit(&mut self, now: Instant) -> Result<Option<Probe>, Resting> {
        match self.resting(now) {
            Some(resting) => Err(resting),
            None => self.admit_early(now),
        }
    }

    /// The same, but does not wait for the end of the rest.
    pub(super) fn admit_early(&mut self, now: Instant) -> Result<Option<Probe>, Resting> {
        match self.state {
            State::Closed => Ok(None),
            State::Open { .. } | State::Locked => {
                self.state = State::Probing { since: now };
                Ok(Some(Probe { since: now }))
            }
            State::Probing { .. } => Err(Resting::Probing { faults: self.faults, reason: self.reason.clone() }),
        }
    }

    /// A request that began at `began` has ended.
    pub(super) fn note(&mut self, verdict: Verdict, began: Instant, now: Instant) {
        match verdict {
            Verdict::Works => *self = Self::default(),
            Verdict::Locked(reason) => (self.state, self.reason) = (State::Locked, reason),
            Verdict::Nothing => {}
            Verdict::Fault(reason) => {
                self.faults += 1;
                self.reason = reason;
                let failed_probe = matches!(self.state, State::Probing { since } if began >= since);
                // what began before it opened tells nothing new
                if failed_probe || (self.state == State::Closed && self.faults >= FAULTS) {
                    self.state = State::Open { until: now + self.rest };
                    self.rest = (self.rest * 2).min(LONGEST_REST);
                }
            }
        }
    }

    /// The probe ended. Where that told nothing, the next request may be it.
    pub(super) fn give_back(&mut self, probe: Probe, now: Instant) {
        if self.state == (State::Probing { since: probe.since }) {
            self.state = State::Open { until: now };
        }
    }

    /// The settings were read anew.
    pub(super) fn unlock(&mut self) {
        if self.state == State::Locked {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A breaker with a clock of its own.
    struct Bench {
        breaker: Breaker,
        now: Instant,
    }

    impl Bench {
        fn new() -> Self {
            Self { breaker: Breaker::default(), now: Instant::now() }
        }

        fn wait(&mut self, seconds: u64) {
            self.now += Duration::from_secs(seconds);
        }

        fn end(&mut self, verdict: Verdict) {
            self.breaker.note(verdict, self.now, self.now);
        }

        fn fail(&mut self) {
            self.end(Verdict::Fault("server error 500".to_owned()));
        }

        /// Seconds that it is left alone.
        fn left(&self) -> u64 {
            match self.breaker.resting(self.now) {
                Some(Resting::Open { left, .. }) => left.as_secs(),
                None => 0,
                Some(other) => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn three_faults_in_a_row_open_it() {
        let mut bench = Bench::new();
        bench.fail();
        bench.fail();
        bench.end(Verdict::Works);
        bench.fail();
        bench.fail();
        bench.end(Verdict::Nothing);
        assert_eq!(bench.left(), 0);
        bench.fail();
        assert_eq!(bench.left(), 30);
        let told = bench.breaker.admit(bench.now).unwrap_err().to_string();
        let wanted = "it failed 3 times in a row, last with server error 500, and is left alone for another 30 s";
        assert_eq!(told, wanted);
        bench.fail(); // one that was on its way
        assert_eq!(bench.left(), 30);
    }

    #[test]
    fn one_probe_goes_through_when_the_rest_is_over() {
        let mut bench = Bench::new();
        (0..3).for_each(|_| bench.fail());
        let long_before = bench.now;
        for rest in [30, 60, 120, 240, 300, 300] {
            assert_eq!(bench.left(), rest);
            bench.wait(rest);
            assert!(matches!(bench.breaker.admit(bench.now), Ok(Some(_))));
            let told = bench.breaker.admit(bench.now).unwrap_err();
            assert!(matches!(told, Resting::Probing { .. }), "{told:?}");
            bench.breaker.note(Verdict::Fault("late".to_owned()), long_before, bench.now);
            assert!(bench.breaker.admit(bench.now).is_err(), "the probe decides, not what came before it");
            bench.fail();
        }
        bench.wait(300);
        assert!(matches!(bench.breaker.admit(bench.now), Ok(Some(_))));
        bench.end(Verdict::Works);
        assert_eq!((bench.breaker.admit(bench.now), bench.breaker.admit(bench.now)), (Ok(None), Ok(None)));
        (0..3).for_each(|_| bench.fail());
        assert_eq!(bench.left(), 30);
    }

    #[test]
    fn a_probe_that_tells_nothing_makes_room_for_the_next() {
        let mut bench = Bench::new();
        (0..3).for_each(|_| bench.fail());
        let first = bench.breaker.admit_early(bench.now).unwrap().unwrap();
        bench.breaker.give_back(first, bench.now);
        let second = bench.breaker.admit(bench.now).unwrap().unwrap();
        bench.fail();
        bench.breaker.give_back(second, bench.now);
        assert_eq!(bench.left(), 60);
    }

    #[test]
    fn a_bad_key_locks_it_until_the_settings_are_read_anew() {
        let mut bench = Bench::new();
        bench.end(Verdict::Locked("a refused key".to_owned()));
        bench.wait(10_000);
        assert_eq!(bench.breaker.admit(bench.now), Err(Resting::Locked { reason: "a refused key".to_owned() }));
        bench.breaker.unlock();
        assert_eq!(bench.breaker.admit(bench.now), Ok(None));
        (0..3).for_each(|_| bench.fail());
        bench.breaker.unlock();
        assert_eq!(bench.left(), 30);
    }
}
