//! Days and minutes as they are read in Shanghai.

use time::macros::offset;
use time::{OffsetDateTime, UtcOffset};

/// China keeps one time, without summer time.
const SHANGHAI: UtcOffset = offset!(+8);

/// A moment in Shanghai; `None` where no calendar has it.
pub(crate) fn local(unix_ms: i64) -> Option<OffsetDateTime> {
    let utc = OffsetDateTime::from_unix_timestamp(unix_ms.div_euclid(1_000)).ok()?;
    utc.checked_to_offset(SHANGHAI)
}

/// `2026-11-28`; a dash for a moment that no calendar has.
#[must_use]
pub fn day(unix_ms: i64) -> String {
    local(unix_ms).map_or_else(
        || "-".to_owned(),
        |at| format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day()),
    )
}

/// `2026-11-28 18:30`.
pub(crate) fn minute(unix_ms: i64) -> String {
    let time = local(unix_ms)
        .map_or_else(String::new, |at| format!(" {:02}:{:02}", at.hour(), at.minute()));
    day(unix_ms) + &time
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shanghais() {
        // 2025-11-23 16:30 UTC is past midnight in Shanghai.
        assert_eq!(minute(1_763_915_400_000), "2025-11-24 00:30");
        assert_eq!(day(i64::MAX), "-");
    }
}
