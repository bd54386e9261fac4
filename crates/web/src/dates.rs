//! Dates as they are read in Shanghai.

use time::macros::offset;
use time::{OffsetDateTime, UtcOffset};

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
    }
}
