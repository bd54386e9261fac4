//! From when to when.

/// A length of time that is not empty. Unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    from_ms: i64,
    until_ms: Option<i64>,
}

/// A period that would end before it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a period from {from_ms} until {until_ms}: it ends after it begins")]
pub struct PeriodError {
    from_ms: i64,
    until_ms: i64,
}

impl Period {
    /// From `from_ms` on, without an end yet.
    #[must_use]
    pub fn from(from_ms: i64) -> Self {
        Self { from_ms, until_ms: None }
    }

    /// From `from_ms` until `until_ms`, which does not belong to it; `None`: without an end yet.
    ///
    /// # Errors
    /// Where it would be empty.
    pub fn new(from_ms: i64, until_ms: Option<i64>) -> Result<Self, PeriodError> {
        match until_ms {
            Some(until_ms) if until_ms <= from_ms => Err(PeriodError { from_ms, until_ms }),
            _ => Ok(Self { from_ms, until_ms }),
        }
    }

    /// Its first moment.
    #[must_use]
    pub fn from_ms(&self) -> i64 {
        self.from_ms
    }

    /// The first moment after it.
    #[must_use]
    pub fn until_ms(&self) -> Option<i64> {
        self.until_ms
    }

    /// Whether a moment belongs to it.
    #[must_use]
    pub fn contains(&self, at_ms: i64) -> bool {
        self.from_ms <= at_ms && self.until_ms.is_none_or(|until_ms| at_ms < until_ms)
    }

    /// Whether any moment belongs to both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.until_ms.is_none_or(|until_ms| other.from_ms < until_ms)
            && other.until_ms.is_none_or(|until_ms| self.from_ms < until_ms)
    }
}
