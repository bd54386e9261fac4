//! What is taken away: results of an assignment, wrong answers, and the names that other systems have.

use std::collections::HashMap;

use attribution::Roles;
use school::{Right, Scope};
use sqlx::AssertSqlSafe;

use super::assignment::{AssignmentHead, HEAD, roster};
use super::classes::PupilName;
use super::{NUMBER, WANTED, Wanted};
use crate::scope::{reach, within};
use crate::sql::query;
use crate::{Source, Store, StoreError, Verdict};

/// When one page of one pupil was closed.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PaperTimes {
    /// Whose it is.
    pub pupil: String,
    /// Page of the worksheet, from 1.
    #[sqlx(try_from = "i64")]
    pub page: u32,
    /// When a teacher said that it is handed in, Unix milliseconds.
    pub handed_in_ms: Option<i64>,
    /// When it settled, Unix milliseconds.
    pub settled_ms: Option<i64>,
}

/// A response as a table of results has it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AnswerRow {
    /// Whose it is.
    pub pupil: String,
    /// The part of a question.
    pub part: String,
    /// What was read.
    pub reading: Option<String>,
    /// Why a person had to decide, if so.
    pub review: Option<String>,
    /// Who gave the verdict in force.
    pub source: Option<Source>,
    /// The verdict in force.
    pub verdict: Option<Verdict>,
    /// Its points, tenths.
    #[sqlx(try_from = "crate::sql::Nullable")]
    pub score: Option<u32>,
    /// What it waits for.
    pub wanted: Option<Wanted>,
    /// Whether its paper is settled.
    pub settled: bool,
}

/// The results of an assignment, in one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultSheet {
    /// Those whom it concerns, by number.
    pub pupils: Vec<PupilName>,
    /// One per page that somebody wrote on.
    pub papers: Vec<PaperTimes>,
    /// One per part of each marked page.
    pub answers: Vec<AnswerRow>,
}

/// A settled response that did not earn all points, and for which nobody waits.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct WrongAnswer {
    /// Whose it is.
    pub pupil: String,
    /// The part of a question.
    pub part: String,
    /// Page of the worksheet, from 1.
    #[sqlx(try_from = "i64")]
    pub page: u32,
    /// What was read.
    pub reading: Option<String>,
    /// The strokes that belong to it.
    #[sqlx(try_from = "String")]
    pub strokes: Roles,
    /// Wrong or partly right.
    pub verdict: Verdict,
    /// Its points, tenths.
    #[sqlx(try_from = "crate::sql::Nullable")]
    pub score: Option<u32>,
    /// When it was begun, Unix milliseconds by the corrected clock.
    pub first_ms: Option<i64>,
}

/// What another system calls those whom we know: its identity by ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourcedIds {
    /// Schools.
    pub schools: HashMap<String, String>,
    /// Classes.
    pub classes: HashMap<String, String>,
    /// Pupils.
    pub pupils: HashMap<String, String>,
}

impl Store {
    /// The results of an assignment.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn result_sheet(&self, head: &AssignmentHead) -> Result<ResultSheet, StoreError> {
        let mut tx = self.readers().snapshot().await?;
        let pupils = roster(&mut tx, &head.id).await?;
        let papers = query(
            "SELECT pupil, page, handed_in_ms, settled_ms FROM paper
             WHERE school = $1 AND assignment = $2",
        )
        .bind(&head.school)
        .bind(&head.id)
        .fetch_all(&mut tx)
        .await?;
        let sql = format!(
            "SELECT r.pupil, r.part, r.reading, r.review, r.source, r.verdict, r.score,
                    {WANTED} AS wanted, p.settled_ms IS NOT NULL AS settled
             FROM response r
             JOIN paper p ON p.school = r.school AND p.assignment = r.assignment
                         AND p.pupil = r.pupil AND p.page = r.page
             WHERE r.school = $1 AND r.assignment = $2 ORDER BY r.pupil, r.position"
        );
        let answers =
            query(AssertSqlSafe(sql)).bind(&head.school).bind(&head.id).fetch_all(&mut tx).await?;
        Ok(ResultSheet { pupils, papers, answers })
    }

    /// The assignments of a class that were given in a time, Unix milliseconds, if `scope` holds the
    /// right over it; the first given first, the latest `limit` of them.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn assignment_heads(
        &self,
        scope: &Scope,
        right: Right,
        class: &str,
        (from_ms, until_ms): (i64, i64),
        limit: u32,
    ) -> Result<Vec<AssignmentHead>, StoreError> {
        let sql = format!(
            "SELECT {HEAD}, {} AS may_decide
             FROM assignment a JOIN class c ON c.id = a.class
             WHERE a.class = $3 AND a.assigned_ms >= $4 AND a.assigned_ms < $5 AND {}
             ORDER BY a.assigned_ms DESC, a.id DESC LIMIT $6",
            within("c", "$2"),
            within("c", "$1")
        );
        let mut heads: Vec<AssignmentHead> = query(AssertSqlSafe(sql))
            .bind(reach(scope, right)?)
            .bind(reach(scope, Right::Decide)?)
            .bind(class)
            .bind(from_ms)
            .bind(until_ms)
            .bind(limit)
            .fetch_all(self.readers())
            .await?;
        heads.reverse();
        Ok(heads)
    }

    /// The wrong and partly right responses of an assignment that nothing changes any more, by
    /// number and place in the worksheet; of all pupils, or of one.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn wrong_answers(
        &self,
        head: &AssignmentHead,
        pupil: Option<&str>,
    ) -> Result<Vec<WrongAnswer>, StoreError> {
        let sql = format!(
            "SELECT r.pupil, r.part, r.page, r.reading, r.strokes, r.verdict, r.score, r.first_ms
             FROM response r
             JOIN assignment a ON a.id = r.assignment
             JOIN pupil u ON u.id = r.pupil
             JOIN paper p ON p.school = r.school AND p.assignment = r.assignment
                         AND p.pupil = r.pupil AND p.page = r.page
             WHERE r.school = $1 AND r.assignment = $2 AND ($3 IS NULL OR r.pupil = $3)
               AND p.settled_ms IS NOT NULL AND r.verdict IN ('wrong', 'partly')
               AND {WANTED} IS NULL
             ORDER BY {NUMBER}, r.pupil, r.position"
        );
        let answers = query(AssertSqlSafe(sql))
            .bind(&head.school)
            .bind(&head.id)
            .bind(pupil)
            .fetch_all(self.readers())
            .await?;
        Ok(answers)
    }

    /// What a system such as `oneroster` calls those whom we know. The login of the pages may not ask.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn sourced_ids(&self, source: &str) -> Result<SourcedIds, StoreError> {
        let rows: Vec<(String, String, String)> =
            query("SELECT entity, id, value FROM source_identity WHERE source = $1")
                .bind(source)
                .fetch_all(self.readers())
                .await?;
        let mut ids = SourcedIds::default();
        for (entity, id, value) in rows {
            match entity.as_str() {
                "school" => ids.schools.insert(id, value),
                "class" => ids.classes.insert(id, value),
                "pupil" => ids.pupils.insert(id, value),
                _ => None,
            };
        }
        Ok(ids)
    }
}
