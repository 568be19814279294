//! Days and times of UTC as numbers. In: times since 1970, dates as text. Out: the one from the other. Knows no other
//! zone than UTC and the offsets that a text names.

use std::fmt;
use std::time::{Duration, SystemTime};

const SECONDS: u64 = 86_400;

/// A day of UTC, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Day(i64);

impl Day {
    /// The day that lies at a time, in milliseconds since 1970.
    pub(super) fn at(millis: u64) -> Self {
        Self((millis / 1000 / SECONDS) as i64)
    }

    pub(super) fn today() -> Self {
        Self::at(now())
    }

    /// So many days before this one.
    pub(super) fn before(self, days: u32) -> Self {
        Self(self.0 - i64::from(days))
    }

    /// The day of `2026-11-21`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let mut next = |digits: usize| {
            let part = parts.next().filter(|part| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))?;
            part.parse::<i64>().ok()
        };
        let (year, month, day) = (next(4)?, next(2)?, next(2)?);
        let is_date = (1..=12).contains(&month) && (1..=31).contains(&day);
        is_date.then(|| Self(days_from_civil(year, month, day)))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0);
        write!(out, "{year:04}-{month:02}-{day:02}")
    }
}

/// Milliseconds since 1970; 0 for a clock that stands before.
pub(super) fn now() -> u64 {
    millis(SystemTime::now())
}

pub(super) fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// A time as RFC 3339 writes it, such as `2026-11-21T13:24:31.5Z`; fractions of a second are dropped.
pub(super) fn rfc3339(text: &str) -> Option<SystemTime> {
    let (date, time) = text.trim().split_once(['T', 't', ' '])?;
    let clock = time.get(..8)?.split(':').map(|part| part.parse::<i64>().ok()).collect::<Option<Vec<_>>>()?;
    let [hours, minutes, seconds] = clock[..] else { return None };
    let zone = time.get(8..)?.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let offset = match zone.split_at_checked(1)? {
        ("Z" | "z", "") => 0,
        (sign @ ("+" | "-"), rest) => {
            let (hours, minutes) = rest.split_once(':')?;
            let minutes = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
            if sign == "+" { minutes * 60 } else { -minutes * 60 }
        }
        _ => return None,
    };
    let seconds = Day::parse(date)?.0 * SECONDS as i64 + hours * 3600 + minutes * 60 + seconds - offset;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?))
}

/// Days since 1970 of a date in the Gregorian calendar: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The same the other way: year, month, day.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * from_march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_days_are_each_others_inverse() {
        for (days, text) in [(0, "1970-01-01"), (11_016, "2000-02-29"), (20_778, "2026-11-21"), (47_540, "2100-02-28")]
        {
            assert_eq!(Day(days).to_string(), text);
            assert_eq!(Day::parse(text), Some(Day(days)));
        }
        let mut last = Day(0).to_string();
        for day in 1..60_000 {
            let text = Day(day).to_string();
            assert!(text > last, "{text} after {last}");
            assert_eq!(Day::parse(&text), Some(Day(day)));
            last = text;
        }
        for wrong in ["", "2026-11", "2026-13-01", "2026-11-00", "26-11-21", "2026-11-21x", "x.jsonl"] {
            assert_eq!(Day::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_are_read() {
        let check = |text: &str, wanted: Option<u64>| {
            let wanted = wanted.map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
            assert_eq!(rfc3339(text), wanted, "{text}");
        };
        check("2026-10-20T07:28:00Z", Some(1_792_481_280));
        check("2026-10-20T07:28:00.123456Z", Some(1_792_481_280));
        check("2026-10-20T09:28:00+02:00", Some(1_792_481_280));
        check("2026-10-20T01:58:00-05:30", Some(1_792_481_280));
        for wrong in ["", "soon", "2026-10-20", "2026-10-20T07:28:00", "2026-10-20T07:28Z", "2026-10-20Tä7:28:00Z"] {
            check(wrong, None);
        }
    }
}
