//! What is taken away to be analysed: responses with all that is known of them, every mark that was
//! ever given, and profiles; an assignment or some pupils at a time, so that nothing grows with a
//! district.

use attribution::Roles;
use school::{Right, Scope};
use sqlx::AssertSqlSafe;

use super::assignment::{AssignmentHead, HEAD};
use super::{WANTED, Wanted};
use crate::scope::{reach, whole_school, within};
use crate::sql::query;
use crate::work::StateRow;
use crate::{Source, Store, StoreError, Verdict};

/// A response with its paper's moments; times are Unix milliseconds.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ResponseFacts {
    /// Whose it is.
    pub pupil: String,
    /// Page of the worksheet, from 1.
    #[sqlx(try_from = "i64")]
    pub page: u32,
    /// The question's id.
    pub question: String,
    /// The part's id.
    pub part: String,
    /// The part's place in the worksheet, from 0.
    #[sqlx(try_from = "i64")]
    pub position: u32,
    /// What was read.
    pub reading: Option<String>,
    /// The probability that it was read right, 0–1.
    pub probability: Option<f64>,
    /// From which probability the machine decides such an answer, 0–1.
    pub decide_min: Option<f64>,
    /// JSON: other readings with their probabilities.
    pub alternatives: String,
    /// Why a person had to decide, if so.
    pub review: Option<String>,
    /// What it still waits for.
    pub wanted: Option<Wanted>,
    /// Who gave the verdict in force.
    pub source: Option<Source>,
    /// The verdict in force.
    pub verdict: Option<Verdict>,
    /// Its points, tenths.
    #[sqlx(try_from = "crate::sql::Nullable")]
    pub score: Option<u32>,
    /// The strokes that belong to it.
    #[sqlx(try_from = "String")]
    pub strokes: Roles,
    /// Its first sample, by the corrected clock.
    pub first_ms: Option<i64>,
    /// Its last sample.
    pub last_ms: Option<i64>,
    /// Milliseconds with the pen down.
    pub writing_ms: i64,
    /// How often it was crossed out or written over.
    #[sqlx(try_from = "i64")]
    pub rewrites: u32,
    /// When a teacher said that the paper is handed in.
    pub handed_in_ms: Option<i64>,
    /// When the paper settled.
    pub settled_ms: Option<i64>,
}

/// A mark, in force or not.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct MarkFacts {
    /// Whose response was marked.
    pub pupil: String,
    /// The part's id.
    pub part: String,
    /// The criterion of its rubric; empty: the part as a whole.
    pub criterion: String,
    /// Who gave it.
    pub source: Source,
    /// The verdict.
    pub verdict: Verdict,
    /// Its points, tenths.
    #[sqlx(try_from = "i64")]
    pub score: u32,
    /// When it was given, Unix milliseconds.
    pub at_ms: i64,
    /// When it ceased to be in force, Unix milliseconds.
    pub superseded_ms: Option<i64>,
}

/// What is believed of a pupil at the end of a day, on one knowledge point.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct PupilState {
    /// The pupil's school.
    pub school: String,
    /// The pupil.
    pub pupil: String,
    /// What is believed.
    #[sqlx(flatten)]
    pub state: StateRow,
}

impl Store {
    /// The assignments that were given in a time, Unix milliseconds, and that `scope` may see, by
    /// school, moment and id; the first `limit` of them, or of those that come after a given one.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn assignments_in_order(
        &self,
        scope: &Scope,
        (from_ms, until_ms): (i64, i64),
        after: Option<&AssignmentHead>,
        limit: u32,
    ) -> Result<Vec<AssignmentHead>, StoreError> {
        let sql = format!(
            "SELECT {HEAD}, {} AS may_decide
             FROM assignment a JOIN class c ON c.id = a.class
             WHERE a.assigned_ms >= $3 AND a.assigned_ms < $4
               AND (a.school, a.assigned_ms, a.id) > ($5, $6, $7) AND {}
             ORDER BY a.school, a.assigned_ms, a.id LIMIT $8",
            within("c", "$2"),
            within("c", "$1")
        );
        let heads = query(AssertSqlSafe(sql))
            .bind(reach(scope, Right::See)?)
            .bind(reach(scope, Right::Decide)?)
            .bind(from_ms)
            .bind(until_ms)
            .bind(after.map_or("", |head| &head.school))
            .bind(after.map_or(i64::MIN, |head| head.assigned_ms))
            .bind(after.map_or("", |head| &head.id))
            .bind(limit)
            .fetch_all(self.readers())
            .await?;
        Ok(heads)
    }

    /// How many assignments [`Store::assignments_in_order`] would give in all.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn assignments_count(
        &self,
        scope: &Scope,
        (from_ms, until_ms): (i64, i64),
    ) -> Result<u64, StoreError> {
        let sql = format!(
            "SELECT count(*) FROM assignment a JOIN class c ON c.id = a.class
             WHERE a.assigned_ms >= $2 AND a.assigned_ms < $3 AND {}",
            within("c", "$1")
        );
        let count: i64 = query(AssertSqlSafe(sql))
            .bind(reach(scope, Right::See)?)
            .bind(from_ms)
            .bind(until_ms)
            .scalar(self.readers())
            .await?;
        Ok(count.unsigned_abs())
    }

    /// The responses and the marks of an assignment in one snapshot, by pupil and place.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn facts_of(
        &self,
        head: &AssignmentHead,
    ) -> Result<(Vec<ResponseFacts>, Vec<MarkFacts>), StoreError> {
        let mut tx = self.readers().snapshot().await?;
        let sql = format!(
            "SELECT r.pupil, r.page, r.question, r.part, r.position, r.reading, r.probability,
                    r.decide_min, r.alternatives, r.review, {WANTED} AS wanted, r.source, r.verdict,
                    r.score, r.strokes, r.first_ms, r.last_ms, r.writing_ms, r.rewrites,
                    p.handed_in_ms, p.settled_ms
             FROM response r
             JOIN paper p ON p.school = r.school AND p.assignment = r.assignment
                         AND p.pupil = r.pupil AND p.page = r.page
             WHERE r.school = $1 AND r.assignment = $2 ORDER BY r.pupil, r.position"
        );
        let responses =
            query(AssertSqlSafe(sql)).bind(&head.school).bind(&head.id).fetch_all(&mut tx).await?;
        let marks = query(
            "SELECT pupil, part, criterion, source, verdict, score, at_ms, superseded_ms FROM mark
             WHERE school = $1 AND assignment = $2 ORDER BY pupil, part, id",
        )
        .bind(&head.school)
        .bind(&head.id)
        .fetch_all(&mut tx)
        .await?;
        Ok((responses, marks))
    }

    /// School and pupil of each profile of the schools that `scope` may see as a whole.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn profiled(&self, scope: &Scope) -> Result<Vec<(String, String)>, StoreError> {
        let sql = format!(
            "SELECT p.school, p.pupil FROM school s JOIN profile p ON p.school = s.id WHERE {}",
            whole_school("s", "$1")
        );
        let reach = reach(scope, Right::See)?;
        Ok(query(AssertSqlSafe(sql)).bind(reach).fetch_all(self.readers()).await?)
    }

    /// The beliefs of some pupils, given with their schools, by knowledge point and day; in the order
    /// of the pupils. Only for pupils that [`Store::profiled`] gave.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn states_of(
        &self,
        pupils: &[(String, String)],
    ) -> Result<Vec<PupilState>, StoreError> {
        let lines: Vec<_> = pupils
            .iter()
            .enumerate()
            .map(|(place, (school, pupil))| (place, school, pupil))
            .collect();
        let states = query(
            "SELECT k.school, k.pupil, k.knowledge_point, k.day, k.ability, k.ability_variance,
                    k.deviation, k.deviation_variance, k.difficulty, k.answers
             FROM json_each($1) CROSS JOIN knowledge_state k
             WHERE k.school = value->>1 AND k.pupil = value->>2
             ORDER BY CAST(value->>0 AS BIGINT), k.knowledge_point, k.day",
        )
        .bind(serde_json::to_string(&lines)?)
        .fetch_all(self.readers())
        .await?;
        Ok(states)
    }
}
