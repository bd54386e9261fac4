//! Whose hand ink is, by the leases of its pen and what its pen's clock is worth.

use std::collections::BTreeSet;

use school::{IdError, PupilId, StaffId};

/// A stroke cannot be written after it was received: a clock that is ahead by more than this is
/// wrong. The clocks of gateways and servers differ by less.
pub const CLOCK_AHEAD_MS_MAX: i64 = 10 * 60_000;
/// No pen keeps ink for longer than this, 400 days: an older time is that of a clock that was never
/// set, which counts from 1970, 2000 or 2010.
pub const INK_AGE_MS_MAX: i64 = 400 * 86_400_000;
/// 2020-01-01 to 2100-01-01: the believable times where no receipt is known.
const UNIX_MS: std::ops::Range<i64> = 1_577_836_800_000..4_102_444_800_000;

/// Who holds a pen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Holder {
    /// A pupil.
    Pupil(PupilId),
    /// A member of staff, who marks with it.
    Marker(StaffId),
}

impl Holder {
    /// The pupil of an id.
    ///
    /// # Errors
    /// Where the text is no identity.
    pub fn pupil(id: impl Into<String>) -> Result<Self, IdError> {
        PupilId::new(id).map(Self::Pupil)
    }

    /// The marker of an id.
    ///
    /// # Errors
    /// Where the text is no identity.
    pub fn marker(id: impl Into<String>) -> Result<Self, IdError> {
        StaffId::new(id).map(Self::Marker)
    }
}

/// Who holds a pen, from when to when. Where leases of one pen overlap, the later start holds it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lease {
    /// The pen.
    pub pen: u64,
    /// Server time, Unix milliseconds.
    pub from_ms: i64,
    /// Exclusive; `None`: still.
    pub until_ms: Option<i64>,
    /// Who holds it.
    pub holder: Holder,
}

/// When ink was written, as far as can be known. Unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Then, by a clock that can be believed.
    At(i64),
    /// No later than this, when it was received: its clock says nothing.
    Before(i64),
}

impl Written {
    /// When a stroke that begins at `at_ms` was written, in a chunk of ink from `first_ms` to
    /// `last_ms` that was received at `received_ms`; all but the receipt by the corrected clock.
    pub fn received(at_ms: i64, first_ms: i64, last_ms: i64, received_ms: i64) -> Self {
        let oldest_ms = received_ms.saturating_sub(INK_AGE_MS_MAX);
        let newest_ms = received_ms.saturating_add(CLOCK_AHEAD_MS_MAX);
        if first_ms >= oldest_ms && last_ms <= newest_ms {
            Self::At(at_ms)
        } else {
            Self::Before(received_ms)
        }
    }

    /// Judges a corrected time of ink of which no receipt is known.
    pub fn alone(at_ms: i64) -> Self {
        if UNIX_MS.contains(&at_ms) { Self::At(at_ms) } else { Self::Before(i64::MAX) }
    }
}

/// Why nobody can say who wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unknown {
    /// The pen was never lent to anybody.
    NeverLent,
    /// The pen was lent, but to nobody at that time.
    NotLentThen,
    /// The pen's clock says nothing, and several people held the pen.
    NoTime,
}

impl Unknown {
    /// A code of lower-case letters and underscores.
    pub fn code(self) -> &'static str {
        match self {
            Self::NeverLent => "never_lent",
            Self::NotLentThen => "not_lent_then",
            Self::NoTime => "no_time",
        }
    }
}

/// What tells whose hand ink is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Told {
    /// A lease of the pen.
    Lease,
    /// A person's word.
    Word,
}

/// Whose hand ink is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand<'a> {
    /// That holder's.
    Holder(&'a Holder, Told),
    /// A pupil's, but which one is not known: no marker ever held the pen, or none that can have
    /// written this.
    SomePupil(Unknown),
    /// A marker's, but which one is not known.
    SomeMarker(Unknown),
    /// A marker's, who had touched the name label of a pupil.
    Labelled {
        /// Whose label it is.
        pupil: &'a PupilId,
        /// Who marks, if that is known.
        marker: Option<&'a Holder>,
    },
    /// It may be red ink or a pupil's.
    Anybody(Unknown),
}

impl<'a> Hand<'a> {
    /// Whose hand ink is, by every lease of its pen.
    ///
    /// Ink with a time is the holder's at that time. Ink without one is the only holder's, of those
    /// whose lease had begun when it was received. Ink of a pen that a marker ever held is never
    /// taken for a pupil's without one of these two.
    pub fn of(leases: &'a [Lease], written: Written) -> Self {
        let everybody =
            || -> BTreeSet<&Holder> { leases.iter().map(|lease| &lease.holder).collect() };
        let (possible, why) = match written {
            Written::At(at_ms) => {
                let held = leases.iter().filter(|lease| {
                    lease.from_ms <= at_ms && lease.until_ms.is_none_or(|until| at_ms < until)
                });
                if let Some(lease) = held.max() {
                    return Self::Holder(&lease.holder, Told::Lease);
                }
                (everybody(), Unknown::NotLentThen)
            }
            Written::Before(received_ms) => {
                let begun: BTreeSet<&Holder> = leases
                    .iter()
                    .filter(|lease| lease.from_ms <= received_ms)
                    .map(|lease| &lease.holder)
                    .collect();
                let possible = if begun.is_empty() { everybody() } else { begun };
                if let (1, Some(holder)) = (possible.len(), possible.first()) {
                    return Self::Holder(holder, Told::Lease);
                }
                (possible, Unknown::NoTime)
            }
        };
        let markers = possible.iter().filter(|held| matches!(held, Holder::Marker(_))).count();
        match (markers, possible.len()) {
            (0, 0) => Self::SomePupil(Unknown::NeverLent),
            (0, _) => Self::SomePupil(why),
            (all, of) if all == of && why == Unknown::NoTime => Self::SomeMarker(why),
            _ => Self::Anybody(why),
        }
    }
}

#[cfg(test)]
mod tests;
