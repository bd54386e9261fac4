//! Times as people at a school write and read them: Shanghai's, UTC + 8 h all year.

use time::format_description::BorrowedFormatItem;
use time::macros::{format_description, offset};
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

const SHANGHAI: UtcOffset = offset!(+8);
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const MINUTE: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]");

/// A time with its date, to the second.
pub(crate) fn text(unix_ms: i64) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]+08:00");
    OffsetDateTime::from_unix_timestamp(unix_ms.div_euclid(1_000))
        .ok()
        .and_then(|at| at.to_offset(SHANGHAI).format(format).ok())
        .unwrap_or_else(|| format!("{unix_ms} ms"))
}

/// Unix milliseconds of `2026-11-28`, which is its midnight, or `2026-11-28T18:30`.
///
/// # Errors
/// Says what a time is.
pub(crate) fn parse(text: &str) -> Result<i64, String> {
    let day = |text| Date::parse(text, DAY).ok().map(|day| day.with_time(Time::MIDNIGHT));
    let time = PrimitiveDateTime::parse(text, MINUTE).ok().or_else(|| day(text));
    let time = time.ok_or("it is a time such as 2026-11-28 or 2026-11-28T18:30")?;
    Ok(time.assume_offset(SHANGHAI).unix_timestamp() * 1_000)
}

/// The first moment of 2020 in Shanghai: nothing of a school is older.
const FIRST_MS: i64 = 1_577_808_000_000;

/// How far ahead a time may lie: what is further is a year that was mistyped.
const AHEAD_MS_MAX: i64 = 400 * 86_400_000;

/// As [`parse`], but of a time from 2020 on that lies no more than 400 days ahead.
///
/// # Errors
/// Says what a time is, or which year it has.
pub(crate) fn parse_near(text: &str) -> Result<i64, String> {
    near(parse(text)?, crate::clock::wall_ms())
}

fn near(at_ms: i64, now_ms: i64) -> Result<i64, String> {
    if at_ms < FIRST_MS {
        return Err(format!("{} is before 2020: look at the year", self::text(at_ms)));
    }
    if at_ms.saturating_sub(now_ms) <= AHEAD_MS_MAX {
        return Ok(at_ms);
    }
    Err(format!("{} is more than 400 days ahead: look at the year", self::text(at_ms)))
}

/// The day that a moment lies in.
pub(crate) fn day(unix_ms: i64) -> Date {
    OffsetDateTime::from_unix_timestamp(unix_ms.div_euclid(1_000))
        .map_or(Date::MIN, |at| at.to_offset(SHANGHAI).date())
}

/// The first moment of the day that a moment lies in, Unix milliseconds.
pub(crate) fn midnight(unix_ms: i64) -> i64 {
    day(unix_ms).midnight().assume_offset(SHANGHAI).unix_timestamp() * 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_and_written_in_shanghai() {
        let evening = parse("2026-11-28T18:30").unwrap();
        assert_eq!(evening, 1_795_861_800_000);
        assert_eq!(text(evening), "2026-11-28 18:30:00+08:00");
        assert_eq!(parse("2026-11-28").unwrap(), evening - (18 * 60 + 30) * 60_000);
        let night = parse("2026-11-28").unwrap();
        for at in [night, evening, night + 86_399_999] {
            assert_eq!((midnight(at), day(at).to_string().as_str()), (night, "2026-11-28"));
        }
        assert_eq!(near(evening, evening - AHEAD_MS_MAX), Ok(evening));
        let far = near(parse("2126-11-28").unwrap(), evening).unwrap_err();
        assert!(far.contains("2126-11-28") && far.contains("400 days"), "{far}");
        let first = parse("2020-01-01").unwrap();
        assert_eq!(near(first, evening), Ok(first));
        let early = near(first - 1, evening).unwrap_err();
        assert!(early.contains("2019-12-31") && early.contains("before 2020"), "{early}");
        for wrong in ["", "28.11.2026", "2026-13-01", "2026-11-28T", "2026-11-28 18:30", "now"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
