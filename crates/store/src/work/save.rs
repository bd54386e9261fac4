//! What a marking leaves behind, in one transaction.

use std::collections::HashMap;

use ::ink::drawn::{DrawnStroke, encode};
use attribution::Roles;
use worksheet::Review;

use crate::database::Connection;
use crate::marks::{
    MarkRow, OutboxKind, PaperOf, Source, Verdict, announce, refold, refresh_verdict, want_profile,
};
use crate::sql::{Query, Small, query};
use crate::work::Job;
use crate::{Store, StoreError};

/// What the marking of one paper came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The revision that was marked: [`crate::PaperChunks::ink_rev`].
    pub ink_rev: i64,
    /// One per part of the page.
    pub responses: Vec<ResponseRow>,
    /// The strokes outside every field.
    pub loose: Roles,
    /// What a page draws of the paper.
    pub drawn: Vec<DrawnStroke>,
    /// Whether the paper has a stroke at all. It may have lost the ink it was made for.
    pub has_ink: bool,
    /// Whether a pen that was another pupil's wrote on it.
    pub foreign_pen: bool,
    /// JSON: what the result was made with.
    pub versions: String,
}

/// What the machine made of one part of a question.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseRow {
    /// The part's id.
    pub part: String,
    /// The id of its question.
    pub question: String,
    /// How many criteria its rubric has; 0: it is judged as a whole.
    pub criteria: u32,
    /// The part's position in the whole worksheet, from 0.
    pub position: u32,
    /// What was read; `None`: nothing that can be read.
    pub reading: Option<String>,
    /// The probability that the reading is what was written, 0–1.
    pub probability: Option<f64>,
    /// From which probability the machine decides such an answer, 0–1; `None`: it reads none of these.
    pub decide_min: Option<f64>,
    /// JSON: other readings with their probabilities.
    pub alternatives: String,
    /// Why a person must decide; `None`: the machine decided.
    pub review: Option<String>,
    /// The strokes that belong to it.
    pub strokes: Roles,
    /// Corrected Unix milliseconds of the first sample.
    pub first_ms: Option<i64>,
    /// Corrected Unix milliseconds of the last sample.
    pub last_ms: Option<i64>,
    /// Milliseconds with the pen down.
    pub writing_ms: i64,
    /// How often it was crossed out or written over.
    pub rewrites: u32,
    /// The machine's verdict, where it is sure enough to give one.
    pub machine: Option<MarkRow>,
    /// The red pen's verdict, where it gave one.
    pub red: Option<MarkRow>,
    /// The red pen's verdicts on criteria, by their ids.
    pub red_criteria: Vec<(String, MarkRow)>,
}

impl ResponseRow {
    /// Whether a person must decide or score it, if nobody has decided on the screen. Has the
    /// condition of [`Store::papers_in_review`].
    pub fn waits(&self) -> bool {
        let Some(review) = &self.review else { return false };
        self.red.is_none() && (*review != Review::NoKey.code() || self.first_ms.is_some())
    }
}

/// What became of a save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is durable.
    Yes,
    /// Nothing was written: the claim was lost, or a revision at least as new is marked.
    LeaseLost,
}

impl Store {
    /// Saves a marking if its claim holds and its revision is newer than the one marked. Marks by
    /// machine and red pen are superseded only where they changed; marks given on the screen stay
    /// in force. Ink that came meanwhile leaves the paper stale. A paper without ink on which no
    /// person decided anything is deleted: its pupil did not write.
    ///
    /// # Errors
    /// On an error nothing is written, and the save may be tried again.
    pub async fn save(
        &self,
        job: &Job,
        outcome: Outcome,
        now_ms: i64,
    ) -> Result<Saved, StoreError> {
        let job = job.clone();
        self.write(move |tx| Box::pin(async move { save(tx, &job, &outcome, now_ms).await })).await
    }

    /// Notes that a paper could not be marked, so that it is not claimed again until more ink
    /// comes; what was marked before stays.
    ///
    /// # Errors
    /// On an error nothing is written.
    pub async fn save_fault(
        &self,
        job: &Job,
        ink_rev: i64,
        fault: String,
        now_ms: i64,
    ) -> Result<Saved, StoreError> {
        let job = job.clone();
        self.write(move |tx| {
            Box::pin(async move {
                let done = Done { ink_rev, fault: Some(&fault), ..Done::default() };
                let saved = finish_paper(tx, &job, &done, now_ms).await?;
                if saved == Saved::Yes {
                    // The stored drawing shows other ink.
                    forget_drawn(tx, &job).await?;
                    announce(tx, OutboxKind::Marked, of(&job), Some(i64::from(job.page)), now_ms)
                        .await?;
                }
                Ok(saved)
            })
        })
        .await
    }
}

fn of(job: &Job) -> PaperOf<'_> {
    PaperOf { school: &job.school, assignment: &job.assignment, pupil: &job.pupil }
}

async fn save(
    tx: &mut Connection,
    job: &Job,
    outcome: &Outcome,
    now_ms: i64,
) -> Result<Saved, StoreError> {
    let done = Done { ink_rev: outcome.ink_rev, outcome: Some(outcome), fault: None };
    if finish_paper(tx, job, &done, now_ms).await? == Saved::LeaseLost {
        return Ok(Saved::LeaseLost);
    }
    if !outcome.has_ink && withdraw(tx, job, now_ms).await? {
        return Ok(Saved::Yes);
    }
    save_drawn(tx, job, &outcome.drawn).await?;
    upsert_responses(tx, job, outcome).await?;
    supersede(tx, job, outcome, now_ms).await?;
    refresh_verdict(tx, of(job), None).await?;
    want_profile(tx, of(job)).await?;
    announce(tx, OutboxKind::Marked, of(job), Some(i64::from(job.page)), now_ms).await?;
    Ok(Saved::Yes)
}

#[derive(Default)]
struct Done<'a> {
    ink_rev: i64,
    /// `None`: as it was.
    outcome: Option<&'a Outcome>,
    fault: Option<&'a str>,
}

/// Writes the paper's row, which is also the check of fence and revision.
async fn finish_paper(
    tx: &mut Connection,
    job: &Job,
    done: &Done<'_>,
    now_ms: i64,
) -> Result<Saved, StoreError> {
    let written = query(
        "UPDATE paper SET marked_rev = $6, marked_ms = $7, lease_until_ms = 0, fault = $8,
             versions = coalesce($9, versions), loose = coalesce($10, loose),
             foreign_pen = coalesce($11, foreign_pen)
         WHERE school = $1 AND assignment = $2 AND pupil = $3 AND page = $4
           AND fence = $5 AND marked_rev < $6",
    )
    .bind(&job.school)
    .bind(&job.assignment)
    .bind(&job.pupil)
    .bind(job.page)
    .bind(job.fence)
    .bind(done.ink_rev)
    .bind(now_ms)
    .bind(done.fault)
    .bind(done.outcome.map(|outcome| &outcome.versions))
    .bind(done.outcome.map(|outcome| outcome.loose.to_string()))
    .bind(done.outcome.map(|outcome| i64::from(outcome.foreign_pen)))
    .execute(tx)
    .await?;
    Ok(if written == 1 { Saved::Yes } else { Saved::LeaseLost })
}

/// Deletes a paper that has no ink, if none came meanwhile and no person decided anything on it.
/// Returns whether it did.
async fn withdraw(tx: &mut Connection, job: &Job, now_ms: i64) -> Result<bool, StoreError> {
    let gone = query(
        "DELETE FROM paper
         WHERE school = $1 AND assignment = $2 AND pupil = $3 AND page = $4
           AND marked_rev = ink_rev AND NOT EXISTS (
             SELECT 1 FROM response r
             JOIN mark m ON m.school = r.school AND m.assignment = r.assignment
                        AND m.pupil = r.pupil AND m.part = r.part
             WHERE r.school = $1 AND r.assignment = $2 AND r.pupil = $3 AND r.page = $4
               AND m.source = 'screen' AND m.superseded_ms IS NULL)",
    );
    if of_page(gone, job).execute(&mut *tx).await? == 0 {
        return Ok(false);
    }
    let superseded = query(
        "UPDATE mark SET superseded_ms = $5
         WHERE school = $1 AND assignment = $2 AND pupil = $3 AND superseded_ms IS NULL
           AND part IN (SELECT part FROM response
                        WHERE school = $1 AND assignment = $2 AND pupil = $3 AND page = $4)",
    );
    of_page(superseded, job).bind(now_ms).execute(&mut *tx).await?;
    let responses = query(
        "DELETE FROM response
         WHERE school = $1 AND assignment = $2 AND pupil = $3 AND page = $4",
    );
    of_page(responses, job).execute(&mut *tx).await?;
    forget_drawn(tx, job).await?;
    refold(tx, of(job)).await?;
    announce(tx, OutboxKind::Marked, of(job), Some(i64::from(job.page)), now_ms).await?;
    Ok(true)
}

async fn save_drawn(
    tx: &mut Connection,
    job: &Job,
    drawn: &[DrawnStroke],
) -> Result<(), StoreError> {
    let kept = query(
        "INSERT INTO drawn_ink (school, assignment, pupil, page, strokes)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (school, assignment, pupil, page) DO UPDATE SET strokes = excluded.strokes",
    );
    of_page(kept, job).bind(encode(drawn)).execute(tx).await?;
    Ok(())
}

async fn forget_drawn(tx: &mut Connection, job: &Job) -> Result<(), StoreError> {
    let forgotten = query(
        "DELETE FROM drawn_ink
         WHERE school = $1 AND assignment = $2 AND pupil = $3 AND page = $4",
    );
    of_page(forgotten, job).execute(tx).await?;
    Ok(())
}

/// Binds `$1` to `$4`: the key of a paper.
fn of_page(query: Query, job: &Job) -> Query {
    query.bind(&job.school).bind(&job.assignment).bind(&job.pupil).bind(job.page)
}

async fn upsert_responses(
    tx: &mut Connection,
    job: &Job,
    outcome: &Outcome,
) -> Result<(), StoreError> {
    let rows: Vec<_> = (outcome.responses.iter())
        .map(|r| {
            let read = (&r.reading, r.probability, &r.alternatives, &r.review);
            let pace = (r.first_ms, r.last_ms, r.writing_ms, r.rewrites);
            let part = (&r.question, r.criteria);
            (&r.part, r.position, read, r.strokes.to_string(), pace, part, r.decide_min)
        })
        .collect();
    query(
        "INSERT INTO response (school, assignment, pupil, page, part, position, reading,
             probability, alternatives, review, strokes, first_ms, last_ms, writing_ms, rewrites,
             question, criteria, changed_rev, decide_min)
         SELECT $1, $2, $3, $4, value->>0, CAST(value->>1 AS BIGINT), value->2->>0,
                CAST(value->2->>1 AS DOUBLE PRECISION), value->2->>2, value->2->>3, value->>3,
                CAST(value->4->>0 AS BIGINT), CAST(value->4->>1 AS BIGINT),
                CAST(value->4->>2 AS BIGINT), CAST(value->4->>3 AS BIGINT), value->5->>0,
                CAST(value->5->>1 AS BIGINT), $5, CAST(value->>6 AS DOUBLE PRECISION)
         FROM json_each($6) WHERE true
         ON CONFLICT (school, assignment, pupil, part) DO UPDATE SET
             page = excluded.page, position = excluded.position, reading = excluded.reading,
             probability = excluded.probability, alternatives = excluded.alternatives,
             review = excluded.review, first_ms = excluded.first_ms, last_ms = excluded.last_ms,
             writing_ms = excluded.writing_ms, rewrites = excluded.rewrites,
             question = excluded.question, criteria = excluded.criteria,
             decide_min = excluded.decide_min,
             changed_rev = CASE WHEN response.strokes = excluded.strokes
                                THEN response.changed_rev ELSE excluded.changed_rev END,
             strokes = excluded.strokes",
    )
    .bind(&job.school)
    .bind(&job.assignment)
    .bind(&job.pupil)
    .bind(job.page)
    .bind(outcome.ink_rev)
    .bind(serde_json::to_string(&rows)?)
    .execute(tx)
    .await?;
    Ok(())
}

/// Brings the machine's and the red pen's marks in line with the outcome; the history keeps what
/// they said before.
async fn supersede(
    tx: &mut Connection,
    job: &Job,
    outcome: &Outcome,
    now_ms: i64,
) -> Result<(), StoreError> {
    let in_force: Vec<(i64, String, String, Source, Verdict, Small)> = query(
        "SELECT id, part, criterion, source, verdict, score FROM mark
         WHERE school = $1 AND assignment = $2 AND pupil = $3 AND superseded_ms IS NULL
           AND source <> 'screen'",
    )
    .bind(&job.school)
    .bind(&job.assignment)
    .bind(&job.pupil)
    .fetch_all(&mut *tx)
    .await?;
    let known: HashMap<(&str, &str, Source), (i64, MarkRow)> = (in_force.iter())
        .map(|(id, part, criterion, source, verdict, Small(score))| {
            let mark = MarkRow { verdict: *verdict, score: *score };
            ((part.as_str(), criterion.as_str(), *source), (*id, mark))
        })
        .collect();
    for response in &outcome.responses {
        let mut wanted: HashMap<(&str, Source), MarkRow> = HashMap::new();
        wanted.extend(response.machine.map(|mark| (("", Source::Machine), mark)));
        wanted.extend(response.red.map(|mark| (("", Source::Red), mark)));
        for (criterion, mark) in &response.red_criteria {
            wanted.insert((criterion, Source::Red), *mark);
        }
        for ((_, criterion, source), (id, mark)) in
            known.iter().filter(|((part, ..), _)| *part == response.part)
        {
            // What is wanted and known stays.
            if wanted.get(&(criterion, *source)) == Some(mark) {
                wanted.remove(&(criterion, *source));
                continue;
            }
            query("UPDATE mark SET superseded_ms = $2 WHERE id = $1")
                .bind(id)
                .bind(now_ms)
                .execute(&mut *tx)
                .await?;
        }
        let mut wanted: Vec<_> = wanted.into_iter().collect();
        // In one order, so that a run can be repeated.
        wanted.sort_by_key(|((criterion, source), _)| (*source == Source::Red, *criterion));
        for ((criterion, source), mark) in wanted {
            let of = (response.part.as_str(), criterion);
            insert_mark(tx, job, outcome.ink_rev, of, source, mark, now_ms).await?;
        }
    }
    Ok(())
}

async fn insert_mark(
    tx: &mut Connection,
    job: &Job,
    ink_rev: i64,
    (part, criterion): (&str, &str),
    source: Source,
    mark: MarkRow,
    now_ms: i64,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO mark (school, assignment, pupil, part, criterion, source, verdict, score,
                           ink_rev, at_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(&job.school)
    .bind(&job.assignment)
    .bind(&job.pupil)
    .bind(part)
    .bind(criterion)
    .bind(source)
    .bind(mark.verdict)
    .bind(mark.score)
    .bind(ink_rev)
    .bind(now_ms)
    .execute(tx)
    .await?;
    Ok(())
}
