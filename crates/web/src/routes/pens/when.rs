//! Times as a form sends them: Shanghai's.

use time::{Date, Month, Time};

const HOUR_MS: i64 = 3_600_000;
/// China keeps one time, 8 hours ahead of UTC.
const AHEAD_MS: i64 = 8 * HOUR_MS;

/// Unix milliseconds of `2026-11-28T18:30`, as a browser sends it, of `2026-11-28 18:30` as people
/// type it, or of a day, which is its midnight.
pub(super) fn parse(text: &str) -> Option<i64> {
    let (day, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let mut parts = day.splitn(3, '-');
    let mut part = || -> Option<u16> { parts.next()?.parse().ok() };
    let (year, month, day) = (part()?, part()?, part()?);
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(year.into(), month, u8::try_from(day).ok()?).ok()?;
    let (hour, rest) = time.trim().split_once(':')?;
    // A browser may send seconds.
    let minute = rest.split(':').next()?;
    let time = Time::from_hms(hour.parse().ok()?, minute.parse().ok()?, 0).ok()?;
    Some(date.with_time(time).assume_utc().unix_timestamp() * 1_000 - AHEAD_MS)
}

/// The first moment of 2020: nobody had a pen before.
const FIRST_MS: i64 = 1_577_836_800_000 - AHEAD_MS;
/// How far ahead a time may lie: what is further is a year that was mistyped.
const AHEAD_MS_MAX: i64 = 400 * 24 * HOUR_MS;

/// Whether a moment can be meant, and not one of another year.
pub(super) fn is_near(at_ms: i64, now_ms: i64) -> bool {
    at_ms >= FIRST_MS && at_ms.saturating_sub(now_ms) <= AHEAD_MS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shanghais() {
        let evening = 1_795_861_800_000;
        for text in ["2026-11-28T18:30", "2026-11-28 18:30", "2026-11-28T18:30:59"] {
            assert_eq!(parse(text), Some(evening), "{text}");
        }
        assert_eq!(parse("2026-11-28"), Some(evening - 18 * HOUR_MS - HOUR_MS / 2));
        for text in ["", "28.11.2026", "2026-13-01", "2026-11-31", "2026-11-28T25:00", "now"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_of_another_year_is_not_meant() {
        let now = parse("2026-11-28T18:30").unwrap();
        for (text, near) in [
            ("0000-01-01", false),
            ("1969-11-28", false),
            ("2019-12-31T23:59", false),
            ("2020-01-01", true),
            ("2028-01-02T18:30", true),
            ("2028-01-02T18:31", false),
            ("9999-12-31", false),
        ] {
            assert_eq!(is_near(parse(text).unwrap(), now), near, "{text}");
        }
    }
}
