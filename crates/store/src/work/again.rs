//! Papers that are marked again though no ink came: for a new model, or because somebody asks.

use attribution::Roles;
use sqlx::AssertSqlSafe;

use crate::database::Connection;
use crate::sql::query;
use crate::work::Job;
use crate::{MarkRow, Source, Store, StoreError, Verdict};

/// A paper that was marked.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Marked {
    /// As a claim would have it; it is nobody's.
    #[sqlx(flatten)]
    pub job: Job,
    /// JSON: what its result was made with.
    pub versions: String,
}

/// What counts for one part of a marked paper.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct MarkedAnswer {
    /// The part.
    pub part: String,
    /// What was read.
    pub reading: Option<String>,
    /// Why a person must decide.
    pub review: Option<String>,
    /// The strokes that belong to it.
    #[sqlx(try_from = "String")]
    pub strokes: Roles,
    /// Who gave the verdict in force.
    pub source: Option<Source>,
    /// The verdict in force.
    pub verdict: Option<Verdict>,
    /// Its points, tenths.
    #[sqlx(try_from = "crate::sql::Nullable")]
    pub score: Option<u32>,
}

impl MarkedAnswer {
    /// The verdict in force with its points.
    pub fn mark(&self) -> Option<MarkRow> {
        Some(MarkRow { verdict: self.verdict?, score: self.score? })
    }
}

/// SQL: what a claim says of the paper `p`, its fence as it is.
pub(super) const JOB: &str =
    "p.school, s.class, p.assignment, p.pupil, p.page, p.folio, p.address_page,
    p.ink_rev, p.fence, s.worksheet, s.version, s.print_run, r.copies IS NULL AS shared";

impl Store {
    /// The papers of an assignment, of a class, or of both, or all, that were marked once, in the order
    /// of their keys. Some may wait to be marked again.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn marked_papers(
        &self,
        assignment: Option<&str>,
        class: Option<&str>,
    ) -> Result<Vec<Marked>, StoreError> {
        let sql = format!(
            "SELECT {JOB}, p.versions
             FROM paper p JOIN assignment s ON s.id = p.assignment
             JOIN print_run r ON r.id = s.print_run
             WHERE p.marked_rev > 0
               AND ($1 IS NULL OR p.assignment = $1) AND ($2 IS NULL OR s.class = $2)
             ORDER BY p.school, p.assignment, p.pupil, p.page"
        );
        let papers = query(AssertSqlSafe(sql)).bind(assignment).bind(class);
        Ok(papers.fetch_all(self.readers()).await?)
    }

    /// Makes marked papers stale and claims them at once, so that they are marked before anything
    /// that waits and by nobody else. A paper that somebody is marking is left out; one that waits, for
    /// new ink or because its marking was broken off, is not.
    ///
    /// # Errors
    /// On an error nothing is claimed.
    pub async fn claim_again(
        &self,
        jobs: &[Job],
        now_ms: i64,
        lease_ms: i64,
    ) -> Result<Vec<Job>, StoreError> {
        let keys: Vec<_> =
            jobs.iter().map(|job| (&job.school, &job.assignment, &job.pupil, job.page)).collect();
        let keys = serde_json::to_string(&keys)?;
        let until_ms = now_ms.saturating_add(lease_ms);
        self.write(move |tx| {
            Box::pin(async move { claim_again(tx, &keys, (now_ms, until_ms)).await })
        })
        .await
    }

    /// What counts on a paper now, in printed order.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn marked_answers(&self, job: &Job) -> Result<Vec<MarkedAnswer>, StoreError> {
        let answers = query(
            "SELECT part, reading, review, strokes, source, verdict, score FROM response
             WHERE school = $1 AND assignment = $2 AND pupil = $3 AND page = $4
             ORDER BY position",
        );
        let answers = answers.bind(&job.school).bind(&job.assignment).bind(&job.pupil);
        Ok(answers.bind(job.page).fetch_all(self.readers()).await?)
    }
}

async fn claim_again(
    tx: &mut Connection,
    keys: &str,
    (now_ms, until_ms): (i64, i64),
) -> Result<Vec<Job>, StoreError> {
    let claimed: Vec<(String, String, String, i64)> = query(
        "UPDATE paper SET fence = fence + 1, ink_rev = ink_rev + 1, lease_until_ms = $2
         FROM json_each($1)
         WHERE school = value->>0 AND assignment = value->>1 AND pupil = value->>2
           AND page = CAST(value->>3 AS BIGINT) AND marked_rev > 0
           AND (marked_rev >= ink_rev OR lease_until_ms <= $3)
         RETURNING school, assignment, pupil, page",
    )
    .bind(keys)
    .bind(until_ms)
    .bind(now_ms)
    .fetch_all(&mut *tx)
    .await?;
    // Read after the claim: the key may have been corrected since the papers were listed.
    let sql = format!(
        "SELECT {JOB} FROM json_each($1) JOIN paper p
             ON p.school = value->>0 AND p.assignment = value->>1 AND p.pupil = value->>2
            AND p.page = CAST(value->>3 AS BIGINT)
         JOIN assignment s ON s.id = p.assignment JOIN print_run r ON r.id = s.print_run
         ORDER BY p.school, p.assignment, p.pupil, p.page"
    );
    let jobs = query(AssertSqlSafe(sql)).bind(serde_json::to_string(&claimed)?);
    Ok(jobs.fetch_all(tx).await?)
}
