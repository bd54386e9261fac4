//! One page of one pupil.

use std::collections::HashMap;

use ::ink::drawn::{DrawnStroke, decode};
use attribution::Roles;
use sqlx::AssertSqlSafe;
use worksheet::Review;

use super::assignment::AssignmentHead;
use super::classes::PupilName;
use super::criteria::{CriterionView, add_criteria};
use super::{NUMBER, WAITS_OF_ONE, WANTED, Wanted};
use crate::sql::{Small, query};
use crate::{Job, PaperChunks, Source, Store, StoreError, Verdict};

/// Everything about a page but its ink.
#[derive(Clone, Debug, PartialEq)]
pub struct PaperView {
    /// Whose it is.
    pub pupil: PupilName,
    /// The pupil before, by number.
    pub previous: Option<PupilName>,
    /// The pupil after, by number.
    pub next: Option<PupilName>,
    /// Where the page stands; `None`: nobody wrote on it.
    pub paper: Option<PaperFacts>,
    /// Parts of all pages of the assignment that have a verdict, with their points in tenths.
    pub scores: Vec<(String, u32)>,
    /// One per part of the page, if it was marked.
    pub responses: Vec<ResponseView>,
    /// What was ever given for these parts as a whole, in the order in which it was.
    pub marks: Vec<GivenMark>,
    /// The next page, after this one and around, on which something is to be decided.
    pub next_to_decide: Option<(String, u32)>,
    /// The outbox's last line in the same snapshot: updates go on from here.
    pub after: i64,
}

/// Where a page stands.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PaperFacts {
    /// Its folio: see [`crate::folio`].
    pub folio: i64,
    /// The page of its address.
    #[sqlx(try_from = "i64")]
    pub address_page: u32,
    /// Whether it was marked at all.
    pub marked: bool,
    /// Whether there is ink newer than the marking.
    pub stale: bool,
    /// Whether nothing of it changes any more by itself.
    pub settled: bool,
    /// Since when, Unix milliseconds.
    pub settled_ms: Option<i64>,
    /// Settled, or the teacher says that it is handed in.
    pub handed_in: bool,
    /// When the teacher said that it is handed in, Unix milliseconds.
    pub handed_in_ms: Option<i64>,
    /// Whether a pen that was somebody else's wrote here.
    pub foreign_pen: bool,
    /// Whether the last marking failed.
    pub fault: bool,
    /// The strokes outside every field, and with the role of red ink those of a total.
    #[sqlx(try_from = "String")]
    pub loose: Roles,
    /// The points of the whole worksheet that a red pen wrote on one of its pages, tenths.
    #[sqlx(try_from = "crate::sql::Nullable")]
    pub red_total: Option<u32>,
    /// Whether all copies share their addresses.
    pub shared: bool,
    /// JSON: what the result was made with.
    pub versions: String,
}

/// An answer that was written on after a person decided it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct WrittenSince {
    /// Whose it is.
    pub pupil: String,
    /// The pupil's number.
    #[sqlx(try_from = "i64")]
    pub number: u32,
    /// The pupil's name.
    pub name: String,
    /// Page of the worksheet.
    #[sqlx(try_from = "i64")]
    pub page: u32,
    /// The part.
    pub part: String,
}

/// A verdict on a part that counts, or counted once.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct GivenMark {
    /// The part.
    pub part: String,
    /// Who gave it.
    pub source: Source,
    /// The verdict.
    pub verdict: Verdict,
    /// Its points, tenths.
    #[sqlx(try_from = "i64")]
    pub score: u32,
    /// The name of who gave it on the screen.
    pub by_name: Option<String>,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// What was made of one part of a question.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ResponseView {
    /// The part.
    pub part: String,
    /// What was read.
    pub reading: Option<String>,
    /// The probability that the reading is what was written, 0–1.
    pub probability: Option<f64>,
    /// From which probability the machine decides such an answer, 0–1.
    pub decide_min: Option<f64>,
    /// JSON: other readings with their probabilities.
    pub alternatives: String,
    /// Why a person must decide.
    pub review: Option<String>,
    /// The strokes that belong to it.
    #[sqlx(try_from = "String")]
    pub strokes: Roles,
    /// Milliseconds with the pen down.
    pub writing_ms: i64,
    /// How often it was crossed out or written over.
    #[sqlx(try_from = "i64")]
    pub rewrites: u32,
    /// Who gave the verdict in force.
    pub source: Option<Source>,
    /// The paper's revision at which its ink last changed.
    pub changed_rev: i64,
    /// The decision on the screen that counts, by which it can be taken back.
    pub mark: Option<i64>,
    /// The name of who gave it.
    pub decided_by: Option<String>,
    /// Who that is.
    pub decided_staff: Option<String>,
    /// The verdict in force.
    pub verdict: Option<Verdict>,
    /// Its points, tenths.
    #[sqlx(try_from = "crate::sql::Nullable")]
    pub score: Option<u32>,
    /// What it waits for.
    pub wanted: Option<Wanted>,
    /// Whether it was written on after a person decided it.
    pub written_since: bool,
    /// What is given for criteria of its rubric; what is missing there has no verdict yet.
    #[sqlx(skip)]
    pub criteria: Vec<CriterionView>,
}

/// SQL: the decision `m` on the screen, by `s`, that counts for the response `r`.
pub(super) const COUNTS: &str = "FROM mark m LEFT JOIN staff s ON s.id = m.staff
    WHERE m.school = r.school AND m.assignment = r.assignment AND m.pupil = r.pupil
      AND m.part = r.part AND m.superseded_ms IS NULL AND m.source = 'screen'";

/// SQL: whether the response `r` was written on after a person decided it. On the screen they saw the ink
/// of a revision; in red, what was on the paper by then, whenever it came.
const WRITTEN_SINCE: &str = "EXISTS (SELECT 1 FROM mark m
    WHERE m.school = r.school AND m.assignment = r.assignment AND m.pupil = r.pupil
      AND m.part = r.part AND m.superseded_ms IS NULL
      AND (m.source = 'screen' AND m.ink_rev < r.changed_rev
           OR m.source = 'red' AND r.source = 'red' AND m.at_ms < r.last_ms))";

pub(super) fn response_columns() -> String {
    format!(
        "r.part, r.reading, r.probability, r.decide_min, r.alternatives, r.review, r.strokes, r.writing_ms,
         r.rewrites, r.changed_rev, r.source, r.verdict, r.score, {WANTED} AS wanted,
         (SELECT m.id {COUNTS} AND m.criterion = '') AS mark,
         (SELECT s.name {COUNTS} AND m.criterion = '') AS decided_by,
         (SELECT s.id {COUNTS} AND m.criterion = '') AS decided_staff,
         {WRITTEN_SINCE} AS written_since"
    )
}

/// A reading worth showing: none of a crossed-out answer, nor one that is almost impossible.
pub(super) fn shown<'a>(
    reading: Option<&'a str>,
    probability: Option<f64>,
    review: Option<&str>,
) -> Option<&'a str> {
    let is_read = review != Some(Review::CrossedOut.code())
        && probability.is_none_or(|probability| probability >= 0.01);
    reading.filter(|text| is_read && !text.is_empty())
}

impl ResponseView {
    /// What was read, if it is worth showing: not of a crossed-out answer, nor what is almost
    /// impossible.
    pub fn shown_reading(&self) -> Option<&str> {
        shown(self.reading.as_deref(), self.probability, self.review.as_deref())
    }
}

impl Store {
    /// One page of a pupil in an assignment, in one snapshot; `None` where the assignment does not
    /// concern the pupil. The worksheet tells whether the page exists.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn paper(
        &self,
        head: &AssignmentHead,
        pupil: &str,
        page: u32,
    ) -> Result<Option<PaperView>, StoreError> {
        let mut tx = self.readers().snapshot().await?;
        let after = super::outbox::last(&mut tx).await?;
        let class = super::assignment::roster(&mut tx, &head.id).await?;
        let Some(at) = class.iter().position(|other| other.id == pupil) else { return Ok(None) };
        let paper = query(
            "SELECT p.folio, p.address_page, p.marked_rev > 0 AS marked,
                    p.marked_rev < p.ink_rev AS stale, p.settled_ms IS NOT NULL AS settled,
                    p.settled_ms, (p.settled_ms IS NOT NULL OR p.handed_in_ms IS NOT NULL) AS handed_in,
                    p.handed_in_ms, p.foreign_pen <> 0 AS foreign_pen, p.fault IS NOT NULL AS fault, p.loose,
                    (SELECT max(t.red_total) FROM paper t WHERE t.school = $1
                       AND t.assignment = $2 AND t.pupil = $3) AS red_total,
                    n.copies IS NULL AS shared, p.versions
             FROM paper p JOIN print_run n ON n.id = $5
             WHERE p.school = $1 AND p.assignment = $2 AND p.pupil = $3 AND p.page = $4",
        )
        .bind(&head.school)
        .bind(&head.id)
        .bind(pupil)
        .bind(page)
        .bind(&head.print_run)
        .fetch_optional(&mut tx)
        .await?;
        let sql = format!(
            "SELECT {} FROM response r
             WHERE r.school = $1 AND r.assignment = $2 AND r.pupil = $3 AND r.page = $4
             ORDER BY r.position",
            response_columns()
        );
        let mut responses: Vec<ResponseView> = query(AssertSqlSafe(sql))
            .bind(&head.school)
            .bind(&head.id)
            .bind(pupil)
            .bind(page)
            .fetch_all(&mut tx)
            .await?;
        add_criteria(&mut tx, head, Some(pupil), responses.iter_mut().map(|r| (pupil, r))).await?;
        let marks = query(
            "SELECT m.part, m.source, m.verdict, m.score, s.name AS by_name, m.at_ms
             FROM mark m LEFT JOIN staff s ON s.id = m.staff
             WHERE m.school = $1 AND m.assignment = $2 AND m.pupil = $3 AND m.criterion = ''
               AND m.part IN (SELECT r.part FROM response r WHERE r.school = $1
                              AND r.assignment = $2 AND r.pupil = $3 AND r.page = $4)
             ORDER BY m.id",
        );
        let marks = marks.bind(&head.school).bind(&head.id).bind(pupil).bind(page);
        let marks: Vec<GivenMark> = marks.fetch_all(&mut tx).await?;
        let scores: Vec<(String, Small)> = query(
            "SELECT part, score FROM response
             WHERE school = $1 AND assignment = $2 AND pupil = $3 AND score IS NOT NULL",
        )
        .bind(&head.school)
        .bind(&head.id)
        .bind(pupil)
        .fetch_all(&mut tx)
        .await?;
        let sql = format!(
            "SELECT w.pupil, w.page
             FROM (SELECT r.pupil, r.page, {NUMBER} AS number FROM response r
                   JOIN assignment a ON a.id = r.assignment JOIN pupil u ON u.id = r.pupil
                   WHERE r.school = $1 AND r.assignment = $2 AND {WAITS_OF_ONE}
                     AND NOT (r.pupil = $3 AND r.page = $4)) w
             ORDER BY CASE WHEN (w.number, w.pupil, w.page) > ($5, $3, $4) THEN 0 ELSE 1 END,
                      w.number, w.pupil, w.page LIMIT 1"
        );
        let next: Option<(String, Small)> = query(AssertSqlSafe(sql))
            .bind(&head.school)
            .bind(&head.id)
            .bind(pupil)
            .bind(page)
            .bind(class[at].number)
            .fetch_optional(&mut tx)
            .await?;
        Ok(Some(PaperView {
            pupil: class[at].clone(),
            previous: at.checked_sub(1).map(|before| class[before].clone()),
            next: class.get(at + 1).cloned(),
            paper,
            scores: scores.into_iter().map(|(part, Small(score))| (part, score)).collect(),
            responses,
            marks,
            next_to_decide: next.map(|(pupil, Small(page))| (pupil, page)),
            after,
        }))
    }

    /// The answers of an assignment that were written on after a person decided them, by number and
    /// printed order. Deciding one again takes it out.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn written_since(
        &self,
        head: &AssignmentHead,
    ) -> Result<Vec<WrittenSince>, StoreError> {
        let sql = format!(
            "SELECT r.pupil, {NUMBER} AS number, u.name, r.page, r.part
             FROM response r
             JOIN assignment a ON a.id = r.assignment
             JOIN pupil u ON u.id = r.pupil
             WHERE r.school = $1 AND r.assignment = $2 AND {WRITTEN_SINCE}
             ORDER BY 2, r.pupil, r.position"
        );
        let rows = query(AssertSqlSafe(sql)).bind(&head.school).bind(&head.id);
        Ok(rows.fetch_all(self.readers()).await?)
    }

    /// The ink of a page.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn paper_ink(
        &self,
        head: &AssignmentHead,
        pupil: &str,
        page: u32,
        facts: &PaperFacts,
    ) -> Result<PaperChunks, StoreError> {
        // What the pipeline reads when it marks the page, so that both see the same strokes.
        self.paper_chunks(&Job {
            school: head.school.clone(),
            class: head.class.clone(),
            assignment: head.id.clone(),
            pupil: pupil.to_owned(),
            page,
            folio: facts.folio,
            address_page: facts.address_page,
            ink_rev: 0,
            fence: 0,
            worksheet: head.worksheet.clone(),
            version: head.version,
            print_run: head.print_run.clone(),
            shared: facts.shared,
        })
        .await
    }

    /// What pages draw of papers of an assignment, as they were marked, by pupil and page. A paper
    /// that was marked before its strokes were kept, or could not be marked, has none here: its
    /// chunks must be decoded.
    ///
    /// # Errors
    /// Where the database refuses, or kept strokes are damaged.
    pub async fn drawn_ink(
        &self,
        head: &AssignmentHead,
        papers: &[(&str, u32)],
    ) -> Result<HashMap<(String, u32), Vec<DrawnStroke>>, StoreError> {
        let rows: Vec<(String, Small, Vec<u8>)> = query(
            "SELECT d.pupil, d.page, d.strokes
             FROM json_each($1) CROSS JOIN drawn_ink d
             WHERE d.school = $2 AND d.assignment = $3 AND d.pupil = value->>0
               AND d.page = CAST(value->>1 AS BIGINT)",
        )
        .bind(serde_json::to_string(papers)?)
        .bind(&head.school)
        .bind(&head.id)
        .fetch_all(self.readers())
        .await?;
        let decoded =
            |(pupil, Small(page), strokes): (String, Small, Vec<u8>)| match decode(&strokes) {
                Ok(strokes) => Ok(((pupil, page), strokes)),
                Err(source) => Err(StoreError::Drawn { pupil, page, source }),
            };
        rows.into_iter().map(decoded).collect()
    }
}
