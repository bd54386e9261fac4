//! A pupil's classes over time.
//!
//! **One home class at a time** (行政班). A pupil may be in none for a while, and may come back.
//! Groups for a course or an afternoon are not enrolments.

use crate::{ClassId, Period};

/// A pupil's time in one class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// The class.
    pub class: ClassId,
    /// The pupil's number in it, which nobody else has at the same time (学号).
    pub number: u32,
    /// From when to when.
    pub period: Period,
}

/// Why an enrolment is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnrolmentError {
    /// Two classes at the same moment.
    #[error("the pupil would be in {first} and from {from_ms} on in {second} too")]
    TwoClasses {
        /// The class that begins earlier.
        first: ClassId,
        /// The other.
        second: ClassId,
        /// When the other begins, Unix milliseconds.
        from_ms: i64,
    },
    /// A move, or leaving, that would rewrite what came after it.
    #[error("the pupil has been in {class} since {since_ms}, and cannot move before that")]
    Later {
        /// The class.
        class: ClassId,
        /// Since when, Unix milliseconds.
        since_ms: i64,
    },
    /// Another pupil has the number.
    #[error("number {number} of {class} is another pupil's at that time")]
    NumberTaken {
        /// The class.
        class: ClassId,
        /// The number.
        number: u32,
    },
}

/// All classes of one pupil, by time. No two overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enrolments(Vec<Enrolment>);

/// What a move does to a pupil's enrolments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The pupil is there already.
    Nothing,
    /// The pupil is there already, with another number. Names the enrolment by its start.
    Renumber {
        /// The start of the enrolment that gets the number, Unix milliseconds.
        from_ms: i64,
    },
    /// A new enrolment begins.
    Begin {
        /// The start of the enrolment that ends where the new one begins, if there is one.
        ends: Option<i64>,
    },
}

impl Enrolments {
    /// Puts enrolments of one pupil in order.
    ///
    /// # Errors
    /// [`EnrolmentError::TwoClasses`] where two overlap.
    pub fn new(mut all: Vec<Enrolment>) -> Result<Self, EnrolmentError> {
        all.sort_by_key(|enrolment| enrolment.period);
        for pair in all.windows(2) {
            if pair[0].period.overlaps(&pair[1].period) {
                return Err(EnrolmentError::TwoClasses {
                    first: pair[0].class.clone(),
                    second: pair[1].class.clone(),
                    from_ms: pair[1].period.from_ms(),
                });
            }
        }
        Ok(Self(all))
    }

    /// The enrolment in force at a moment.
    #[must_use]
    pub fn at(&self, at_ms: i64) -> Option<&Enrolment> {
        self.0.iter().find(|enrolment| enrolment.period.contains(at_ms))
    }

    /// The change that puts the pupil in `class` from `from_ms` on. The enrolment in force then
    /// ends there; saying again what holds changes nothing.
    ///
    /// # Errors
    /// [`EnrolmentError::Later`]: where an enrolment begins at `from_ms` or later, since the move
    /// would have to undo it.
    pub fn enrol(
        &self,
        class: &ClassId,
        number: u32,
        from_ms: i64,
    ) -> Result<Change, EnrolmentError> {
        let now = self.at(from_ms);
        if let Some(now) = now.filter(|now| now.class == *class) {
            return Ok(if now.number == number {
                Change::Nothing
            } else {
                Change::Renumber { from_ms: now.period.from_ms() }
            });
        }
        self.none_later(from_ms)?;
        Ok(Change::Begin { ends: now.map(|now| now.period.from_ms()) })
    }

    /// The change that puts the pupil in no class from `from_ms` on: the start of the enrolment
    /// that ends there, Unix milliseconds. `None`: the pupil is in none then.
    ///
    /// # Errors
    /// [`EnrolmentError::Later`]: where an enrolment begins at `from_ms` or later, since leaving
    /// would have to undo it.
    pub fn leave(&self, from_ms: i64) -> Result<Option<i64>, EnrolmentError> {
        self.none_later(from_ms)?;
        Ok(self.at(from_ms).map(|now| now.period.from_ms()))
    }

    /// The pupil's enrolments once they are in `class` from `from_ms` on, and what that changes.
    ///
    /// # Errors
    /// As [`Self::enrol`].
    pub fn with(
        &self,
        class: &ClassId,
        number: u32,
        from_ms: i64,
    ) -> Result<(Self, Change), EnrolmentError> {
        let change = self.enrol(class, number, from_ms)?;
        let mut all = self.clone();
        match change {
            Change::Nothing => {}
            Change::Renumber { from_ms } => {
                let of_start = |row: &&mut Enrolment| row.period.from_ms() == from_ms;
                all.0.iter_mut().filter(of_start).for_each(|row| row.number = number);
            }
            Change::Begin { ends } => {
                all.end(ends, from_ms);
                let period = Period::from(from_ms);
                all.0.push(Enrolment { class: class.clone(), number, period });
            }
        }
        Ok((all, change))
    }

    /// The pupil's enrolments once they are in no class from `from_ms` on; `None`: they are in none.
    ///
    /// # Errors
    /// As [`Self::leave`].
    pub fn without(&self, from_ms: i64) -> Result<Option<Self>, EnrolmentError> {
        let ends = self.leave(from_ms)?;
        let mut all = self.clone();
        all.end(ends, from_ms);
        Ok(ends.map(|_| all))
    }

    /// The enrolment of that start ends.
    fn end(&mut self, start_ms: Option<i64>, until_ms: i64) {
        for row in self.0.iter_mut().filter(|row| Some(row.period.from_ms()) == start_ms) {
            // It began before: nothing is changed otherwise.
            row.period = Period::new(row.period.from_ms(), Some(until_ms)).unwrap_or(row.period);
        }
    }

    fn none_later(&self, from_ms: i64) -> Result<(), EnrolmentError> {
        match self.0.iter().find(|other| other.period.from_ms() >= from_ms) {
            Some(later) => Err(EnrolmentError::Later {
                class: later.class.clone(),
                since_ms: later.period.from_ms(),
            }),
            None => Ok(()),
        }
    }

    /// All of them, by time.
    pub fn iter(&self) -> impl Iterator<Item = &Enrolment> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests;
