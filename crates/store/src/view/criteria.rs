//! What is given for the criteria of rubrics.

use std::collections::HashMap;

use sqlx::AssertSqlSafe;

use super::assignment::AssignmentHead;
use super::paper::ResponseView;
use crate::database::Connection;
use crate::marks::STRENGTH;
use crate::sql::{Small, query};
use crate::{Source, StoreError, Verdict};

/// The verdict in force on one criterion of a rubric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CriterionView {
    /// The criterion's id.
    pub criterion: String,
    /// Who gave the verdict.
    pub source: Source,
    /// The verdict.
    pub verdict: Verdict,
    /// Its points, tenths.
    pub score: u32,
    /// The decision on the screen, by which it can be taken back.
    pub mark: Option<i64>,
    /// The name of who gave it.
    pub decided_by: Option<String>,
}

/// A mark in force of a criterion: pupil, part, criterion, source, verdict, score, id, staff's name.
type CriterionRow = (String, String, String, Source, Verdict, Small, i64, Option<String>);

/// Adds to each response, given with its pupil, what is in force for criteria of its rubric.
pub(super) async fn add_criteria<'r>(
    tx: &mut Connection,
    head: &AssignmentHead,
    pupil: Option<&str>,
    responses: impl Iterator<Item = (&'r str, &'r mut ResponseView)>,
) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT m.pupil, m.part, m.criterion, m.source, m.verdict, m.score, m.id, s.name
         FROM mark m LEFT JOIN staff s ON s.id = m.staff
         WHERE m.school = $1 AND m.assignment = $2 AND ($3 IS NULL OR m.pupil = $3)
           AND m.superseded_ms IS NULL AND m.criterion <> ''
         ORDER BY m.pupil, m.part, m.criterion, {STRENGTH}, m.id DESC"
    );
    let rows: Vec<CriterionRow> = query(AssertSqlSafe(sql))
        .bind(&head.school)
        .bind(&head.id)
        .bind(pupil)
        .fetch_all(tx)
        .await?;
    let mut of: HashMap<(&str, &str), Vec<CriterionView>> = HashMap::new();
    for (pupil, part, criterion, source, verdict, Small(score), id, name) in &rows {
        let given = of.entry((pupil, part)).or_default();
        // The first row of each criterion is the one in force.
        if given.last().is_none_or(|last| last.criterion != *criterion) {
            given.push(CriterionView {
                criterion: criterion.clone(),
                source: *source,
                verdict: *verdict,
                score: *score,
                mark: (*source == Source::Screen).then_some(*id),
                decided_by: name.clone(),
            });
        }
    }
    for (pupil, response) in responses {
        response.criteria = of.get(&(pupil, &response.part)).cloned().unwrap_or_default();
    }
    Ok(())
}
