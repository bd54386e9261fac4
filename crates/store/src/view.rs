//! What the pages show, and what a teacher does to it.
//!
//! Every question takes the [`school::Scope`] of who asks, or the head of an assignment that a scope
//! gave: what lies beyond it does not exist.

mod assignment;
mod classes;
mod criteria;
mod decide;
mod nobodys;
mod outbox;
mod paper;
mod pupil;

pub use assignment::{AssignmentHead, MatrixRow, MatrixView, PaperState, QuestionRow};
pub use classes::{AssignmentSummary, ClassView, PupilName};
pub use criteria::CriterionView;
pub use decide::{Decided, Decision, ResponseName, Seen, Standing};
pub use nobodys::{GivenRow, NobodysInk};
pub use outbox::OutboxRow;
pub use paper::{PaperFacts, PaperView, ResponseView, Sitting, Undecided, UndecidedView};
pub use pupil::{ProfileView, PupilAnswer, PupilPaper, PupilView};

use crate::sql::codes;

/// What a response waits for from a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The machine is not sure.
    Decide,
    /// It has no key, and something is written.
    Score,
}

codes!(Wanted { Decide = "decide", Score = "score" });

/// SQL: what the response `r` waits for. A red mark or one on the screen has decided.
const WANTED: &str = "(CASE WHEN r.review IS NULL OR r.source IN ('screen', 'red') THEN NULL
    WHEN r.review <> 'no_key' THEN 'decide'
    WHEN r.first_ms IS NOT NULL THEN 'score' END)";

/// SQL: the enrolment `e` makes its pupil one of those whom the assignment `a` concerns: of its class
/// at some moment between its giving and its due date, or ever and with a paper.
const CONCERNS: &str = "(e.class = a.class
    AND (e.from_ms <= a.due_ms AND (e.until_ms IS NULL OR e.until_ms > a.assigned_ms)
      OR EXISTS (SELECT 1 FROM paper w WHERE w.school = a.school AND w.assignment = a.id
                   AND w.pupil = e.pupil)))";

/// SQL: the enrolment `e` is in force at the moment of a parameter.
macro_rules! in_force {
    ($at_ms:literal) => {
        concat!("(e.from_ms <= ", $at_ms, " AND (e.until_ms IS NULL OR e.until_ms > ", $at_ms, "))")
    };
}
pub(crate) use in_force;

/// SQL: the number of a pupil `u` in the class of the assignment `a`; who was there twice may have
/// had two, and the first is somebody else's now.
const NUMBER: &str = "coalesce((SELECT e.number FROM enrolment e
    WHERE e.pupil = u.id AND e.class = a.class ORDER BY e.from_ms DESC LIMIT 1), 0)";

#[cfg(test)]
mod tests;
