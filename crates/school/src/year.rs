//! School years and terms, by Shanghai's calendar: a year begins on 1 September, its second term on
//! 1 February. Lessons begin and end within these bounds; which day exactly, each city says anew.

use time::macros::offset;
use time::{Date, Month, OffsetDateTime, UtcOffset};

/// China keeps one time, without summer time.
const SHANGHAI: UtcOffset = offset!(+8);

/// A school year, by the calendar year in which it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchoolYear(i32);

/// Half a school year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Term {
    /// From September to January.
    First,
    /// From February to August.
    Second,
}

impl SchoolYear {
    /// The year and term that a moment belongs to; `None` for a time beyond every calendar.
    #[must_use]
    pub fn of(unix_ms: i64) -> Option<(Self, Term)> {
        let utc = OffsetDateTime::from_unix_timestamp(unix_ms.div_euclid(1_000)).ok()?;
        let day = utc.checked_to_offset(SHANGHAI)?;
        let (year, month) = (day.year(), u8::from(day.month()));
        Some(match month {
            9.. => (Self(year), Term::First),
            1 => (Self(year - 1), Term::First),
            _ => (Self(year - 1), Term::Second),
        })
    }

    /// The calendar year in which it begins.
    #[must_use]
    pub fn begins_in(self) -> i32 {
        self.0
    }

    /// Its first moment, Unix milliseconds.
    #[must_use]
    pub fn start_ms(self) -> i64 {
        first_of(self.0, Month::September)
    }

    /// The first moment of one of its terms, Unix milliseconds.
    #[must_use]
    pub fn term_start_ms(self, term: Term) -> i64 {
        match term {
            Term::First => self.start_ms(),
            Term::Second => first_of(self.0 + 1, Month::February),
        }
    }
}

/// The first moment of a month in Shanghai, Unix milliseconds.
fn first_of(year: i32, month: Month) -> i64 {
    // Only a year after the calendar's last has no such day.
    let day = Date::from_calendar_date(year, month, 1).unwrap_or(Date::MAX);
    day.midnight().assume_offset(SHANGHAI).unix_timestamp() * 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A time in Shanghai as Unix milliseconds, by the seconds of a calendar elsewhere.
    const MIDNIGHT_SEPTEMBER_2026: i64 = 1_788_192_000_000;

    #[test]
    fn a_year_begins_in_september_and_its_second_term_in_february() {
        let check = |unix_ms, year, term| {
            let (of, in_term) = SchoolYear::of(unix_ms).unwrap();
            assert_eq!((of.begins_in(), in_term), (year, term), "{unix_ms}");
            assert!(of.term_start_ms(in_term) <= unix_ms);
        };
        check(MIDNIGHT_SEPTEMBER_2026 - 1, 2025, Term::Second);
        check(MIDNIGHT_SEPTEMBER_2026, 2026, Term::First);
        let (year, _) = SchoolYear::of(MIDNIGHT_SEPTEMBER_2026).unwrap();
        assert_eq!(year.start_ms(), MIDNIGHT_SEPTEMBER_2026);
        let second = year.term_start_ms(Term::Second);
        assert_eq!((second - year.start_ms()) / 86_400_000, 30 + 31 + 30 + 31 + 31);
        check(second - 1, 2026, Term::First);
        check(second, 2026, Term::Second);
        assert_eq!(SchoolYear::of(i64::MAX), None);
    }
}
