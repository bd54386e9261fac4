//! What came out of an evening, for a comparison with what was meant.

use crate::sql::query;
use crate::{Store, StoreError};

/// How much of what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Totals {
    /// Ink chunks, hellos included.
    pub chunks: i64,
    /// Papers with ink.
    pub papers: i64,
    /// Papers whose marking has seen all their ink.
    pub papers_marked: i64,
}

/// What was made of one response.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ResultRow {
    /// The assignment.
    pub assignment: String,
    /// The pupil's pseudonym.
    pub pupil: String,
    /// The part's id.
    pub part: String,
    /// What was read; `None` where nothing was.
    pub reading: Option<String>,
    /// Whether the machine gave a verdict, whatever anybody else said.
    pub decided: bool,
    /// The verdict in force.
    pub verdict: Option<String>,
    /// The score that the red pen gave, of a rubric for all criteria together, in tenths.
    pub red_score: Option<i64>,
    /// Whose verdict is in force.
    pub source: Option<String>,
}

impl Store {
    /// Counts chunks and papers.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn totals(&self) -> Result<Totals, StoreError> {
        Ok(query(
            "SELECT (SELECT count(*) FROM chunk) AS chunks,
                    (SELECT count(*) FROM paper) AS papers,
                    (SELECT count(*) FROM paper WHERE marked_rev = ink_rev) AS papers_marked",
        )
        .fetch_one(self.readers())
        .await?)
    }

    /// Every response, ordered by assignment, pupil and part.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn results(&self) -> Result<Vec<ResultRow>, StoreError> {
        Ok(query(
            "SELECT r.assignment, r.pupil, r.part, r.reading, r.verdict, r.source,
                    machine.id IS NOT NULL AS decided,
                    (SELECT CAST(sum(red.score) AS BIGINT) FROM mark red
                     WHERE red.school = r.school AND red.assignment = r.assignment
                       AND red.pupil = r.pupil AND red.part = r.part AND red.source = 'red'
                       AND red.superseded_ms IS NULL) AS red_score
             FROM response r
             LEFT JOIN mark machine ON machine.school = r.school
                AND machine.assignment = r.assignment AND machine.pupil = r.pupil
                AND machine.part = r.part AND machine.source = 'machine'
                AND machine.superseded_ms IS NULL
             ORDER BY r.assignment, r.pupil, r.part",
        )
        .fetch_all(self.readers())
        .await?)
    }
}
