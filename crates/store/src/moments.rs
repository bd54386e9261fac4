//! Moments, as SQL: when ink was written, and whether something holds then.

/// SQL: the enrolment `e` is in force at the moment of a parameter.
macro_rules! in_force {
    ($at_ms:literal) => {
        concat!("(e.from_ms <= ", $at_ms, " AND (e.until_ms IS NULL OR e.until_ms > ", $at_ms, "))")
    };
}

/// Unix milliseconds at which ink of an address `a` and a clock `k` begins and ends, as SQL.
macro_rules! first_ms {
    () => {
        "(a.first_ms + coalesce(k.offset_ms, 0))"
    };
}
macro_rules! last_ms {
    () => {
        "(a.last_ms + coalesce(k.offset_ms, 0))"
    };
}
/// Whether the clock of an address `a` can be believed, as SQL: [`attribution::Written::received`]
/// of both ends.
macro_rules! has_time {
    () => {
        "((a.first_ms + coalesce(k.offset_ms, 0)) >= a.received_ms - 34560000000
          AND (a.last_ms + coalesce(k.offset_ms, 0)) <= a.received_ms + 600000)"
    };
}
pub(crate) use {first_ms, has_time, in_force, last_ms};

/// When ink of an address `a` and a clock `k` began, as SQL: its receipt where its own clock says
/// nothing.
pub(crate) const WRITTEN_MS: &str =
    concat!("(CASE WHEN ", has_time!(), " THEN ", first_ms!(), " ELSE a.received_ms END)");
