//! Dates as they are read in Shanghai.

use time::macros::offset;
use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

use crate::words::Locale;

/// China keeps one time, without summer time.
const SHANGHAI: UtcOffset = offset!(+8);

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Day and minute of a time in Unix milliseconds: `11月23日 18:30`, `23 Nov, 18:30`.
pub(crate) fn minute(unix_ms: i64, locale: Locale) -> String {
    let Ok(utc) = OffsetDateTime::from_unix_timestamp(unix_ms.div_euclid(1_000)) else {
        return "—".to_owned();
    };
    let at = utc.to_offset(SHANGHAI);
    let month = usize::from(u8::from(at.month()));
    let (day, hour, minute) = (at.day(), at.hour(), at.minute());
    match locale {
        Locale::Zh => format!("{month} 月 {day} 日 {hour:02}:{minute:02}"),
        Locale::En => format!("{day} {}, {hour:02}:{minute:02}", MONTHS[month - 1]),
    }
}

/// A time as a form's field holds it: `2026-12-01T20:00`.
pub(crate) fn field(unix_ms: i64) -> String {
    let Ok(utc) = OffsetDateTime::from_unix_timestamp(unix_ms.div_euclid(1_000)) else {
        return String::new();
    };
    let at = utc.to_offset(SHANGHAI);
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}", at.hour(), at.minute())
}

/// Unix milliseconds of a form's field: what [`field`] writes, with a space in place of the T, or
/// with seconds behind it.
pub(crate) fn of_field(text: &str) -> Option<i64> {
    let (day, minute) = text.trim().split_once(['T', ' '])?;
    let mut day = day.splitn(3, '-').map(str::parse::<u16>);
    let (year, month, day) = (day.next()?.ok()?, day.next()?.ok()?, day.next()?.ok()?);
    let mut minute = minute.splitn(3, ':').map(str::parse::<u8>);
    let (hour, minute) = (minute.next()?.ok()?, minute.next()?.ok()?);
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let day = known_day(year.into(), month, u8::try_from(day).ok()?)?;
    let at = day.with_time(Time::from_hms(hour, minute, 0).ok()?).assume_offset(SHANGHAI);
    at.unix_timestamp().checked_mul(1_000)
}

/// A day on which somebody may have gone to school here: another year is a slip.
fn known_day(year: i32, month: Month, day: u8) -> Option<Date> {
    let date = Date::from_calendar_date(year, month, day).ok()?;
    (2000..2200).contains(&year).then_some(date)
}

pub(crate) const DAY_MS: i64 = 86_400_000;

/// The day of a time in Unix milliseconds, counted from 1970-01-01 in Shanghai.
pub(crate) fn day_of(unix_ms: i64) -> i32 {
    let offset_ms = i64::from(SHANGHAI.whole_seconds()) * 1_000;
    let day = unix_ms.saturating_add(offset_ms).div_euclid(DAY_MS);
    day.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32
}

/// The day of a time in Unix milliseconds, as a date field has it: `2026-11-23`.
pub(crate) fn date_field(unix_ms: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp(unix_ms.div_euclid(1_000));
    let Ok(at) = at.map(|utc| utc.to_offset(SHANGHAI)) else { return String::new() };
    format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day())
}

/// The month of a time in Unix milliseconds: `2026 年 10 月`, `Oct 2026`.
pub(crate) fn month(unix_ms: i64, locale: Locale) -> String {
    let at = OffsetDateTime::from_unix_timestamp(unix_ms.div_euclid(1_000));
    let Ok(at) = at.map(|utc| utc.to_offset(SHANGHAI)) else { return "—".to_owned() };
    let month = usize::from(u8::from(at.month()));
    match locale {
        Locale::Zh => format!("{} 年 {month} 月", at.year()),
        Locale::En => format!("{} {}", MONTHS[month - 1], at.year()),
    }
}

/// The month of a time in Unix milliseconds, as an address has it: `2026-10`.
pub(crate) fn month_field(unix_ms: i64) -> String {
    date_field(unix_ms).chars().take(7).collect()
}

/// When a day begins in Shanghai, of what a date field holds; `None` where it is no date.
pub(crate) fn of_date_field(text: &str) -> Option<i64> {
    let mut parts = text.trim().splitn(3, '-');
    let year: i32 = parts.next()?.parse().ok()?;
    let month: u8 = parts.next()?.parse().ok()?;
    let day: u8 = parts.next()?.parse().ok()?;
    let date = known_day(year, Month::try_from(month).ok()?, day)?;
    Some(date.midnight().assume_offset(SHANGHAI).unix_timestamp() * 1_000)
}

/// When a day that is counted from 1970-01-01 ends in Shanghai, exclusive, Unix milliseconds.
pub(crate) fn day_end_ms(day: i32) -> i64 {
    (i64::from(day) + 1) * DAY_MS - i64::from(SHANGHAI.whole_seconds()) * 1_000
}

/// A day counted from 1970-01-01: `11 月 23 日`, `23 Nov`.
pub(crate) fn day(day: i32, locale: Locale) -> String {
    let Ok(at) = OffsetDateTime::from_unix_timestamp(i64::from(day) * DAY_MS / 1_000) else {
        return "—".to_owned();
    };
    let month = usize::from(u8::from(at.month()));
    match locale {
        Locale::Zh => format!("{month} 月 {} 日", at.day()),
        Locale::En => format!("{} {}", at.day(), MONTHS[month - 1]),
    }
}

/// A length of time: `8.3 秒`, `2 分 5 秒`; `8.3 s`, `2 min 5 s`.
pub(crate) fn length(ms: i64, locale: Locale) -> String {
    let (minutes, seconds) = (ms / 60_000, ms % 60_000 / 1_000);
    match locale {
        Locale::Zh if minutes > 0 => format!("{minutes} 分 {seconds} 秒"),
        Locale::En if minutes > 0 => format!("{minutes} min {seconds} s"),
        Locale::Zh => format!("{seconds}.{} 秒", ms % 1_000 / 100),
        Locale::En => format!("{seconds}.{} s", ms % 1_000 / 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_shanghais() {
        // 2025-11-23 16:30 UTC is past midnight in Shanghai.
        let at_ms = 1_763_915_400_000;
        assert_eq!(minute(at_ms, Locale::Zh), "11 月 24 日 00:30");
        assert_eq!(minute(at_ms, Locale::En), "24 Nov, 00:30");
        assert_eq!(minute(i64::MAX, Locale::Zh), "—");
        assert_eq!(day(day_of(at_ms), Locale::En), "24 Nov");
        assert_eq!(day_of(day_end_ms(day_of(at_ms))), day_of(at_ms) + 1);
        assert_eq!(day_of(day_end_ms(day_of(at_ms)) - 1), day_of(at_ms));
        assert_eq!(day(day_of(at_ms - 1_800_001), Locale::Zh), "11 月 23 日");
        assert_eq!(day(i32::MAX, Locale::Zh), "—");
    }

    #[test]
    fn a_field_is_read_as_it_is_written() {
        let at_ms = 1_763_915_400_000;
        assert_eq!(field(at_ms), "2025-11-24T00:30");
        for text in ["2025-11-24T00:30", " 2025-11-24 00:30", "2025-11-24T00:30:59"] {
            assert_eq!(of_field(text), Some(at_ms), "{text}");
        }
        for wrong in [
            "",
            "2025-11-24",
            "2025-13-24T00:30",
            "2025-11-24T24:00",
            "24.11.2025 00:30",
            "9999-11-24T00:30",
        ] {
            assert_eq!(of_field(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_date_field_comes_back() {
        // 2025-11-23 16:30 UTC.
        assert_eq!(date_field(1_763_915_400_000), "2025-11-24");
        assert_eq!(of_date_field("2025-11-24"), Some(1_763_913_600_000));
        assert_eq!(date_field(1_763_913_600_000), "2025-11-24");
        for wrong in ["", "2025-11", "2025-13-01", "2025-02-30", "x-1-1", "1-2-3-4", "1900-01-01"] {
            assert_eq!(of_date_field(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn lengths_are_in_minutes_where_they_are_long() {
        assert_eq!(length(8_390, Locale::Zh), "8.3 秒");
        assert_eq!(length(125_999, Locale::En), "2 min 5 s");
    }
}
