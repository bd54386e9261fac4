//! What markings leave behind, in one transaction, and with a few statements for any number of them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use ::ink::drawn::{DrawnStroke, encode};
use attribution::Roles;
use worksheet::Review;

use crate::database::Connection;
use crate::marks::{
    MarkRow, OutboxKind, PaperOf, Source, Verdict, announce, announce_all, refold,
    refresh_verdicts, want_profiles,
};
use crate::sql::rows::Insert;
use crate::sql::{Query, Small, Value, query};
use crate::work::claim::claim;
use crate::work::{Claiming, Job};
use crate::{Store, StoreError};

/// What the marking of one paper came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The revision that was marked: [`crate::PaperChunks::ink_rev`].
    pub ink_rev: i64,
    /// One per part of the page.
    pub responses: Vec<ResponseRow>,
    /// The strokes outside every field, and with the role of red ink those of a total.
    pub loose: Roles,
    /// What a page draws of the paper.
    pub drawn: Vec<DrawnStroke>,
    /// Whether the paper has a stroke at all. It may have lost the ink it was made for.
    pub has_ink: bool,
    /// Whether a pen that was another pupil's wrote on it.
    pub foreign_pen: bool,
    /// The points of the whole worksheet that a red pen wrote on it, tenths.
    pub red_total: Option<u32>,
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
    /// Saves one marking: see [`Store::save_all`].
    ///
    /// # Errors
    /// On an error nothing is written, and the save may be tried again.
    pub async fn save(
        &self,
        job: &Job,
        outcome: Outcome,
        now_ms: i64,
    ) -> Result<Saved, StoreError> {
        let saved = self.save_all(Arc::new([(job.clone(), outcome)]), now_ms).await?;
        Ok(saved.first().copied().unwrap_or(Saved::LeaseLost))
    }

    /// Saves each marking whose claim holds and whose revision is newer than the one marked. Marks by
    /// machine and red pen are superseded only where they changed; marks given on the screen stay
    /// in force. Ink that came meanwhile leaves a paper stale. A paper without ink on which no
    /// person decided anything is deleted: its pupil did not write. Says what became of each.
    ///
    /// # Errors
    /// On an error nothing of them all is written, and the save may be tried again.
    pub async fn save_all(
        &self,
        markings: Arc<[(Job, Outcome)]>,
        now_ms: i64,
    ) -> Result<Vec<Saved>, StoreError> {
        self.write(move |tx| Box::pin(async move { save_all(tx, &markings, now_ms).await })).await
    }

    /// Saves as [`Store::save_all`] and claims as [`Store::claim`] with one commit, for whoever marks
    /// on and on. Papers just saved are claimed again where more ink came.
    ///
    /// # Errors
    /// On an error nothing of them all is written and nothing is claimed.
    pub async fn save_and_claim(
        &self,
        markings: Arc<[(Job, Outcome)]>,
        claiming: Claiming,
        now_ms: i64,
    ) -> Result<(Vec<Saved>, Vec<Job>), StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let saved = save_all(tx, &markings, now_ms).await?;
                Ok((saved, claim(tx, now_ms, claiming).await?))
            })
        })
        .await
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
                let done = Done { job: &job, ink_rev, outcome: None, fault: Some(&fault) };
                if finish(tx, &[done], now_ms).await?.is_empty() {
                    return Ok(Saved::LeaseLost);
                }
                // The stored drawing shows other ink.
                forget_drawn(tx, &job).await?;
                let page = Some(i64::from(job.page));
                announce(tx, OutboxKind::Marked, of(&job), page, now_ms).await?;
                Ok(Saved::Yes)
            })
        })
        .await
    }
}

fn of(job: &Job) -> PaperOf<'_> {
    PaperOf { school: &job.school, assignment: &job.assignment, pupil: &job.pupil }
}

/// A marking that holds.
type Held<'a> = &'a (Job, Outcome);

async fn save_all(
    tx: &mut Connection,
    markings: &[(Job, Outcome)],
    now_ms: i64,
) -> Result<Vec<Saved>, StoreError> {
    let done: Vec<_> = markings.iter().map(|(job, outcome)| Done::of(job, outcome)).collect();
    let held = finish(tx, &done, now_ms).await?;
    let holds = |job: &Job| held.contains(&claim_of(job));
    let mut written: Vec<Held<'_>> = Vec::with_capacity(held.len());
    for marking in markings.iter().filter(|(job, _)| holds(job)) {
        if marking.1.has_ink || !withdraw(tx, &marking.0, now_ms).await? {
            written.push(marking);
        }
    }
    if !written.is_empty() {
        write_all(tx, &written, now_ms).await?;
    }
    let saved = |(job, _): &_| if holds(job) { Saved::Yes } else { Saved::LeaseLost };
    Ok(markings.iter().map(saved).collect())
}

async fn write_all(
    tx: &mut Connection,
    markings: &[Held<'_>],
    now_ms: i64,
) -> Result<(), StoreError> {
    let lines: Vec<_> = (markings.iter().enumerate())
        .map(|(place, (job, _))| (&job.school, &job.assignment, &job.pupil, job.page, place))
        .collect();
    let lines = serde_json::to_string(&lines)?;
    save_drawn(tx, markings).await?;
    let in_force = marks_in_force(tx, &lines).await?;
    let changes = Changes::of(markings, &in_force);
    upsert_responses(tx, markings, &changes).await?;
    changes.write(tx, now_ms).await?;
    want_profiles(tx, &lines).await?;
    announce_all(tx, OutboxKind::Marked, &lines, now_ms).await
}

struct Done<'a> {
    job: &'a Job,
    ink_rev: i64,
    /// `None`: as it was.
    outcome: Option<&'a Outcome>,
    fault: Option<&'a str>,
}

impl<'a> Done<'a> {
    fn of(job: &'a Job, outcome: &'a Outcome) -> Self {
        Self { job, ink_rev: outcome.ink_rev, outcome: Some(outcome), fault: None }
    }
}

/// What names a claim: school, assignment, pupil, page, fence.
type Claim = (String, String, String, i64, i64);

fn claim_of(job: &Job) -> Claim {
    let Job { school, assignment, pupil, page, fence, .. } = job;
    (school.clone(), assignment.clone(), pupil.clone(), i64::from(*page), *fence)
}

/// Writes the papers' rows, which is also the check of fences and revisions: gives the claims that
/// hold.
async fn finish(
    tx: &mut Connection,
    done: &[Done<'_>],
    now_ms: i64,
) -> Result<HashSet<Claim>, StoreError> {
    let line = |done: &Done<'_>| {
        let (school, assignment, pupil, page, fence) = claim_of(done.job);
        let outcome = done.outcome;
        (
            school,
            assignment,
            pupil,
            page,
            fence,
            done.ink_rev,
            done.fault.map(str::to_owned),
            outcome.map(|outcome| outcome.versions.clone()),
            outcome.map(|outcome| outcome.loose.to_string()),
            outcome.map(|outcome| i64::from(outcome.foreign_pen)),
            outcome.and_then(|outcome| outcome.red_total),
        )
    };
    let lines: Vec<_> = done.iter().map(line).collect();
    let held: Vec<Claim> = query(
        "UPDATE paper SET marked_rev = CAST(value->>5 AS BIGINT), marked_ms = $2,
             lease_until_ms = 0, fault = value->>6,
             versions = coalesce(value->>7, versions), loose = coalesce(value->>8, loose),
             foreign_pen = coalesce(CAST(value->>9 AS BIGINT), foreign_pen),
             red_total = CASE WHEN value->>7 IS NULL THEN red_total
                              ELSE CAST(value->>10 AS BIGINT) END
         FROM json_each($1)
         WHERE school = value->>0 AND assignment = value->>1 AND pupil = value->>2
           AND page = CAST(value->>3 AS BIGINT) AND fence = CAST(value->>4 AS BIGINT)
           AND marked_rev < CAST(value->>5 AS BIGINT)
         RETURNING school, assignment, pupil, page, fence",
    )
    .bind(serde_json::to_string(&lines)?)
    .bind(now_ms)
    .fetch_all(tx)
    .await?;
    Ok(held.into_iter().collect())
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

async fn save_drawn(tx: &mut Connection, markings: &[Held<'_>]) -> Result<(), StoreError> {
    let mut drawn = Vec::with_capacity(markings.len());
    for (job, outcome) in markings {
        let Job { school, assignment, pupil, page, .. } = job;
        drawn.push((Paper { school, assignment, pupil, page: *page }, encode(&outcome.drawn)));
    }
    put_drawn(tx, &drawn).await
}

/// What names a paper.
pub(crate) struct Paper<'a> {
    pub(crate) school: &'a str,
    pub(crate) assignment: &'a str,
    pub(crate) pupil: &'a str,
    pub(crate) page: u32,
}

/// Stores encoded strokes of papers.
pub(crate) async fn put_drawn(
    tx: &mut Connection,
    drawn: &[(Paper<'_>, Vec<u8>)],
) -> Result<(), StoreError> {
    let mut packed = Vec::new();
    let mut lines = Vec::with_capacity(drawn.len());
    for (Paper { school, assignment, pupil, page }, strokes) in drawn {
        // The first byte of a text has the place 1.
        let begins = packed.len() + 1;
        lines.push((school, assignment, pupil, page, begins, strokes.len()));
        packed.extend_from_slice(strokes);
    }
    query(
        "INSERT INTO drawn_ink (school, assignment, pupil, page, strokes)
         SELECT value->>0, value->>1, value->>2, CAST(value->>3 AS BIGINT),
                substr($1, CAST(value->>4 AS INTEGER), CAST(value->>5 AS INTEGER))
         FROM json_each($2) WHERE true
         ON CONFLICT (school, assignment, pupil, page) DO UPDATE SET strokes = excluded.strokes",
    )
    .bind(packed)
    .bind(serde_json::to_string(&lines)?)
    .execute(tx)
    .await?;
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

/// What a statement writes of a response, in the order of [`RESPONSE`]. Flat, since each step into a
/// list within a list of JSON makes a text of it once more.
#[derive(serde::Serialize)]
struct ResponseLine<'a>(
    &'a str,
    &'a str,
    &'a str,
    u32,
    &'a str,
    u32,
    Option<&'a str>,
    Option<f64>,
    &'a str,
    Option<&'a str>,
    String,
    Option<i64>,
    Option<i64>,
    i64,
    u32,
    &'a str,
    u32,
    i64,
    Option<f64>,
    Option<&'static str>,
    Option<&'static str>,
    Option<u32>,
);

impl<'a> ResponseLine<'a> {
    fn of(job: &'a Job, ink_rev: i64, r: &'a ResponseRow, verdict: Option<Given>) -> Self {
        Self(
            &job.school,
            &job.assignment,
            &job.pupil,
            job.page,
            &r.part,
            r.position,
            r.reading.as_deref(),
            r.probability,
            &r.alternatives,
            r.review.as_deref(),
            r.strokes.to_string(),
            r.first_ms,
            r.last_ms,
            r.writing_ms,
            r.rewrites,
            &r.question,
            r.criteria,
            ink_rev,
            r.decide_min,
            verdict.map(|(source, _)| source.code()),
            verdict.map(|(_, mark)| mark.verdict.code()),
            verdict.map(|(_, mark)| mark.score),
        )
    }

    fn values(&self) -> [Value; 22] {
        [
            self.0.into(),
            self.1.into(),
            self.2.into(),
            self.3.into(),
            self.4.into(),
            self.5.into(),
            self.6.into(),
            self.7.into(),
            self.8.into(),
            self.9.into(),
            (&self.10).into(),
            self.11.into(),
            self.12.into(),
            self.13.into(),
            self.14.into(),
            self.15.into(),
            self.16.into(),
            self.17.into(),
            self.18.into(),
            self.19.into(),
            self.20.into(),
            self.21.into(),
        ]
    }
}

/// The table of responses and the columns that are written.
const RESPONSE: &str = "response (school, assignment, pupil, page, part, position, reading,
    probability, alternatives, review, strokes, first_ms, last_ms, writing_ms, rewrites,
    question, criteria, changed_rev, decide_min, source, verdict, score)";

/// What is written where a response is there already.
const RESPONSE_AGAIN: &str = "ON CONFLICT (school, assignment, pupil, part) DO UPDATE SET
    page = excluded.page, position = excluded.position, reading = excluded.reading,
    probability = excluded.probability, alternatives = excluded.alternatives,
    review = excluded.review, first_ms = excluded.first_ms, last_ms = excluded.last_ms,
    writing_ms = excluded.writing_ms, rewrites = excluded.rewrites,
    question = excluded.question, criteria = excluded.criteria,
    decide_min = excluded.decide_min,
    changed_rev = CASE WHEN response.strokes = excluded.strokes
                       THEN response.changed_rev ELSE excluded.changed_rev END,
    strokes = excluded.strokes, source = excluded.source, verdict = excluded.verdict,
    score = excluded.score";

/// The table of marks and the columns that are written.
const MARK: &str =
    "mark (school, assignment, pupil, part, criterion, source, verdict, score, ink_rev, at_ms)";

async fn upsert_responses(
    tx: &mut Connection,
    markings: &[Held<'_>],
    changes: &Changes<'_>,
) -> Result<(), StoreError> {
    let responses = markings.iter().flat_map(|(job, outcome)| {
        outcome.responses.iter().map(move |response| (job, outcome.ink_rev, response))
    });
    let lines: Vec<_> = (responses.zip(&changes.verdicts))
        .map(|((job, ink_rev, r), verdict)| ResponseLine::of(job, ink_rev, r, *verdict))
        .collect();
    static ROWS: LazyLock<Insert<22>> = LazyLock::new(|| Insert::new(RESPONSE, RESPONSE_AGAIN));
    static JSON: LazyLock<String> = LazyLock::new(|| {
        format!(
            "INSERT INTO {RESPONSE}
             SELECT value->>0, value->>1, value->>2, CAST(value->>3 AS BIGINT), value->>4,
                    CAST(value->>5 AS BIGINT), value->>6, CAST(value->>7 AS DOUBLE PRECISION),
                    value->>8, value->>9, value->>10, CAST(value->>11 AS BIGINT),
                    CAST(value->>12 AS BIGINT), CAST(value->>13 AS BIGINT),
                    CAST(value->>14 AS BIGINT), value->>15, CAST(value->>16 AS BIGINT),
                    CAST(value->>17 AS BIGINT), CAST(value->>18 AS DOUBLE PRECISION),
                    value->>19, value->>20, CAST(value->>21 AS BIGINT)
             FROM json_each($1) WHERE true {RESPONSE_AGAIN}"
        )
    });
    match tx {
        Connection::Sqlite(_) => {
            ROWS.run(tx, &lines, |line| line.values()).await?;
        }
        Connection::Postgres(_) => {
            query(JSON.as_str()).bind(serde_json::to_string(&lines)?).execute(tx).await?;
        }
    }
    Ok(())
}

/// A mark that is not superseded: of which of the markings, its id, part, criterion, source, verdict,
/// score.
type InForce = (i64, i64, String, String, Source, Verdict, Small);

async fn marks_in_force(tx: &mut Connection, lines: &str) -> Result<Vec<InForce>, StoreError> {
    let marks = query(
        "SELECT CAST(value->>4 AS BIGINT), m.id, m.part, m.criterion, m.source, m.verdict, m.score
         FROM json_each($1) CROSS JOIN mark m
         WHERE m.school = value->>0 AND m.assignment = value->>1 AND m.pupil = value->>2
           AND m.superseded_ms IS NULL",
    );
    Ok(marks.bind(lines).fetch_all(tx).await?)
}

/// A mark and who gave it.
type Given = (Source, MarkRow);

/// A mark as a statement writes it: school, assignment, pupil, part, criterion, source, verdict, score,
/// revision.
type MarkLine<'a> =
    (&'a str, &'a str, &'a str, &'a str, &'a str, &'static str, &'static str, u32, i64);

async fn insert_marks(
    tx: &mut Connection,
    marks: &[MarkLine<'_>],
    now_ms: i64,
) -> Result<(), StoreError> {
    static ROWS: LazyLock<Insert<10>> = LazyLock::new(|| Insert::new(MARK, ""));
    static JSON: LazyLock<String> = LazyLock::new(|| {
        format!(
            "INSERT INTO {MARK}
             SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5,
                    value->>6, CAST(value->>7 AS BIGINT), CAST(value->>8 AS BIGINT), $2
             FROM json_each($1)"
        )
    });
    match tx {
        Connection::Sqlite(_) => {
            let marks: Vec<_> = marks.iter().map(|mark| (mark, now_ms)).collect();
            ROWS.run(tx, &marks, |(m, at_ms)| {
                let of = [m.0, m.1, m.2, m.3, m.4, m.5, m.6].map(Value::from);
                let [school, assignment, pupil, part, criterion, source, verdict] = of;
                let (score, ink_rev, at_ms) = (m.7.into(), m.8.into(), at_ms.into());
                [school, assignment, pupil, part, criterion, source, verdict, score, ink_rev, at_ms]
            })
            .await?;
        }
        Connection::Postgres(_) => {
            let marks = serde_json::to_string(marks)?;
            query(JSON.as_str()).bind(marks).bind(now_ms).execute(tx).await?;
        }
    }
    Ok(())
}

/// What brings the machine's and the red pen's marks in line with the outcomes; the history keeps
/// what they said before.
#[derive(Default)]
struct Changes<'a> {
    gone: Vec<[i64; 1]>,
    new: Vec<MarkLine<'a>>,
    /// The verdict in force of each response; none also of those below.
    verdicts: Vec<Option<Given>>,
    /// Responses whose verdict in force the database works out, since a person gave marks or a rubric
    /// asks for several: school, assignment, pupil, part.
    manifold: Vec<(&'a str, &'a str, &'a str, &'a str)>,
}

impl<'a> Changes<'a> {
    fn of(markings: &[Held<'a>], in_force: &[InForce]) -> Self {
        // Of a marking's part: criterion, source, mark, id.
        let mut known: HashMap<(i64, &str), Vec<_>> = HashMap::new();
        for (place, id, part, criterion, source, verdict, Small(score)) in in_force {
            let mark = MarkRow { verdict: *verdict, score: *score };
            let criterion = criterion.as_str();
            known.entry((*place, part)).or_default().push((criterion, *source, mark, *id));
        }
        let mut changes = Self::default();
        for (place, (job, outcome)) in (0..).zip(markings) {
            for response in &outcome.responses {
                let known = known.remove(&(place, response.part.as_str())).unwrap_or_default();
                changes.add(job, outcome.ink_rev, response, &known);
            }
        }
        changes
    }

    fn add(
        &mut self,
        job: &'a Job,
        ink_rev: i64,
        response: &'a ResponseRow,
        known: &[(&str, Source, MarkRow, i64)],
    ) {
        let (school, assignment, pupil) = (&job.school, &job.assignment, &job.pupil);
        let part = &response.part;
        let mut wanted = wanted(response);
        let mut on_screen = false;
        for (criterion, source, mark, id) in known {
            if *source == Source::Screen {
                on_screen = true;
                continue;
            }
            let is_same = |other: &(&str, Source, MarkRow)| *other == (*criterion, *source, *mark);
            // What is wanted and known stays.
            match wanted.iter().position(is_same) {
                Some(same) => drop(wanted.remove(same)),
                None => self.gone.push([*id]),
            }
        }
        self.new.extend(wanted.into_iter().map(|(criterion, source, mark)| {
            let MarkRow { verdict, score } = mark;
            let (source, verdict) = (source.code(), verdict.code());
            let of = (school, assignment, pupil);
            (&**of.0, &**of.1, &**of.2, &**part, criterion, source, verdict, score, ink_rev)
        }));
        // What `in_force` of the marks says where there are no others.
        let red = response.red.map(|mark| (Source::Red, mark));
        let given = red.or(response.machine.map(|mark| (Source::Machine, mark)));
        if on_screen || response.criteria > 0 {
            self.manifold.push((school, assignment, pupil, part));
            self.verdicts.push(None);
        } else {
            self.verdicts.push(given);
        }
    }

    async fn write(&self, tx: &mut Connection, now_ms: i64) -> Result<(), StoreError> {
        supersede_marks(tx, &self.gone, now_ms).await?;
        insert_marks(tx, &self.new, now_ms).await?;
        if self.manifold.is_empty() {
            return Ok(());
        }
        refresh_verdicts(tx, &serde_json::to_string(&self.manifold)?).await
    }
}

async fn supersede_marks(
    tx: &mut Connection,
    ids: &[[i64; 1]],
    now_ms: i64,
) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    query(
        "UPDATE mark SET superseded_ms = $2
         WHERE id IN (SELECT CAST(value->>0 AS BIGINT) FROM json_each($1))",
    )
    .bind(serde_json::to_string(ids)?)
    .bind(now_ms)
    .execute(tx)
    .await?;
    Ok(())
}

/// The marks that the machine and the red pen give a response, in one order, so that a run can be
/// repeated: criterion, source, mark.
fn wanted(response: &ResponseRow) -> Vec<(&str, Source, MarkRow)> {
    let machine = response.machine.map(|mark| ("", Source::Machine, mark));
    let red = response.red.map(|mark| ("", Source::Red, mark));
    // Of one criterion the last counts.
    let criteria: BTreeMap<&str, MarkRow> =
        response.red_criteria.iter().map(|(criterion, mark)| (criterion.as_str(), *mark)).collect();
    let criteria = criteria.into_iter().map(|(criterion, mark)| (criterion, Source::Red, mark));
    machine.into_iter().chain(red).chain(criteria).collect()
}
