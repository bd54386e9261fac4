//! What the pages show, and what a teacher does to it.
//!
//! Every query takes the asker's [`school::Scope`], or the head of an assignment that a scope gave, or
//! a link of who had one: what lies beyond it does not exist.

mod analysis;
mod assignment;
mod classes;
mod criteria;
mod decide;
mod exports;
mod kept;
mod keys;
mod nobodys;
mod outbox;
mod paper;
mod pupil;
mod undecided;
mod withdraw;
mod worksheets;

pub use analysis::{MarkFacts, PupilState, ResponseFacts};
pub(crate) use assignment::roster;
pub use assignment::{AssignmentHead, MatrixRow, MatrixView, PaperState, QuestionRow};
pub use classes::{AssignmentSummary, ClassView, PupilName};
pub use criteria::CriterionView;
pub use decide::{Decided, Decision, ResponseName, Seen, Standing};
pub use exports::{AnswerRow, PaperTimes, ResultSheet, SourcedIds, WrongAnswer};
pub use kept::SchoolCounts;
pub use keys::{
    AlsoGiven, KeyAnswer, KeyChange, KeyChangeElsewhere, KeyCorrected, KeyCorrection, Overruled,
    Remarked,
};
pub use nobodys::{GivenRow, NobodysInk};
pub use outbox::OutboxRow;
pub use paper::{GivenMark, PaperFacts, PaperView, ResponseView, WrittenSince};
pub use pupil::{ProfileView, PupilAnswer, PupilPaper, PupilView};
pub use undecided::{GROUP_MAX, Sitting, Undecided, UndecidedView, Waiting};
pub use withdraw::Withdrawn;
pub use worksheets::{
    PrintedOf, RunGiven, RunLine, WorksheetFiles, WorksheetLine, WorksheetVersion,
};

use crate::sql::{Small, codes, query};
use crate::{Store, StoreError};

/// What a response waits for from a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The machine is not sure.
    Decide,
    /// It has no key, and something is written.
    Score,
}

codes!(pub Wanted { Decide = "decide", Score = "score" });

/// SQL: the response `r` waits for a person. A red mark or one on the screen has decided. The indexes
/// `response_in_review` and `response_waiting` have the same condition.
macro_rules! waits {
    () => {
        "r.review IS NOT NULL AND (r.source IS NULL OR r.source = 'machine')
      AND (r.review <> 'no_key' OR r.first_ms IS NOT NULL)"
    };
}

/// The same for queries that are put together.
const WAITS: &str = waits!();

/// SQL: the same of an assignment's responses. `review > ''` says nothing new; it has SQLite prefer
/// `response_waiting` to the primary key.
const WAITS_OF_ONE: &str = concat!("(", waits!(), " AND r.review > '')");

/// SQL: what the response `r` waits for.
const WANTED: &str = concat!(
    "(CASE WHEN NOT (",
    waits!(),
    ") THEN NULL WHEN r.review <> 'no_key' THEN 'decide' ELSE 'score' END)"
);

/// SQL: how many papers wait for a person.
pub(crate) const IN_REVIEW: &str = concat!(
    "SELECT count(*) FROM (SELECT DISTINCT r.school, r.assignment, r.pupil, r.page
                           FROM response r WHERE ",
    waits!(),
    ") AS waiting"
);

impl Store {
    /// Counts the papers on which a person must decide or score something, for monitoring.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn papers_in_review(&self) -> Result<u32, StoreError> {
        let Small(papers) = query(IN_REVIEW).scalar(self.readers()).await?;
        Ok(papers)
    }
}

/// SQL: the assignment `a` concerns the pupil of the enrolment `e`: one who was in its class at
/// some moment between giving and due date, or who was ever in it and has a paper.
const CONCERNS: &str = "(e.class = a.class
    AND (e.from_ms <= a.due_ms AND (e.until_ms IS NULL OR e.until_ms > a.assigned_ms)
      OR EXISTS (SELECT 1 FROM paper w WHERE w.school = a.school AND w.assignment = a.id
                   AND w.pupil = e.pupil)))";

/// SQL: the number of a pupil `u` in the class of the assignment `a`; a pupil who was there twice
/// may have had two, and the first is somebody else's now.
const NUMBER: &str = "coalesce((SELECT e.number FROM enrolment e
    WHERE e.pupil = u.id AND e.class = a.class ORDER BY e.from_ms DESC LIMIT 1), 0)";

#[cfg(test)]
mod tests;
