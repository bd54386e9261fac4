//! What the pages show, and what a teacher does to it.
//!
//! Every question takes the member of staff who asks: what is not taught by them does not exist.

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

#[cfg(test)]
mod tests;
