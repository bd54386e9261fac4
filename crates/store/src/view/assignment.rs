//! Pupils × questions.

use attribution::Roles;
use school::{Right, Scope};
use sqlx::AssertSqlSafe;

use super::classes::PupilName;
use super::{CONCERNS, NUMBER, WANTED, Wanted};
use crate::database::Connection;
use crate::scope::{reach, within};
use crate::sql::query;
use crate::{Source, Store, StoreError, Verdict};

/// An assignment that somebody may see. Only a scope gives one, by [`Store::assignment_of`], or a link
/// for parents, by [`Store::parent_view`].
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
#[non_exhaustive]
pub struct AssignmentHead {
    /// Its id.
    pub id: String,
    /// Its school.
    pub school: String,
    /// Its class.
    pub class: String,
    /// The class's Chinese name.
    pub class_zh: String,
    /// The class's English name.
    pub class_en: String,
    /// The worksheet's id.
    pub worksheet: String,
    /// The worksheet's version.
    #[sqlx(try_from = "i64")]
    pub version: u32,
    /// What was printed.
    pub print_run: String,
    /// Unix milliseconds.
    pub assigned_ms: i64,
    /// Unix milliseconds.
    pub due_ms: i64,
    /// For how long ink must rest until a paper settles by itself, milliseconds.
    pub quiet_ms: i64,
    /// Whether the asker may decide its responses.
    pub may_decide: bool,
}

/// SQL: what [`AssignmentHead`] takes of an assignment `a` and its class `c`, but for `may_decide`.
pub(super) const HEAD: &str = "a.id, a.school, a.class, c.name_zh AS class_zh,
    c.name_en AS class_en, a.worksheet, a.version, a.print_run, a.assigned_ms, a.due_ms, a.quiet_ms";

/// Where one page of one pupil stands.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PaperState {
    /// Whose it is.
    pub pupil: String,
    /// Page of the worksheet, from 1.
    #[sqlx(try_from = "i64")]
    pub page: u32,
    /// Whether it was marked at all.
    pub marked: bool,
    /// Whether there is ink newer than the marking.
    pub stale: bool,
    /// When its latest ink came, Unix milliseconds of the server.
    pub ink_ms: i64,
    /// Whether nothing of it changes any more by itself.
    pub settled: bool,
    /// Settled, or the teacher says that it is handed in.
    pub handed_in: bool,
    /// When the teacher said so, Unix milliseconds: what was collected together has one time.
    pub handed_in_ms: Option<i64>,
}

/// One response at a glance.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct MatrixRow {
    /// Whose it is.
    pub pupil: String,
    /// The part of a question.
    pub part: String,
    /// Who gave the verdict in force.
    pub source: Option<Source>,
    /// The verdict in force.
    pub verdict: Option<Verdict>,
    /// Its points, tenths.
    #[sqlx(try_from = "crate::sql::Nullable")]
    pub score: Option<u32>,
    /// What it waits for.
    pub wanted: Option<Wanted>,
}

/// Everything that the matrix of an assignment shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatrixView {
    /// Those whom it concerns, by number.
    pub pupils: Vec<PupilName>,
    /// One per page that somebody wrote on.
    pub papers: Vec<PaperState>,
    /// One per part of each marked page.
    pub responses: Vec<MatrixRow>,
    /// The outbox's last line in the same snapshot: updates go on from here.
    pub after: i64,
}

/// One pupil's response in a part of a question that the class is compared on.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct QuestionRow {
    /// The part.
    pub part: String,
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
    /// What was read.
    pub reading: Option<String>,
    /// The strokes that belong to it.
    #[sqlx(try_from = "String")]
    pub strokes: Roles,
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

const PAPER_STATE: &str = "p.pupil, p.page, p.marked_rev > 0 AS marked,
    p.marked_rev < p.ink_rev AS stale, p.ink_ms, p.settled_ms IS NOT NULL AS settled,
    (p.settled_ms IS NOT NULL OR p.handed_in_ms IS NOT NULL) AS handed_in, p.handed_in_ms";

impl Store {
    /// An assignment, if `scope` holds the right over its class.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn assignment_of(
        &self,
        scope: &Scope,
        right: Right,
        assignment: &str,
    ) -> Result<Option<AssignmentHead>, StoreError> {
        let sql = format!(
            "SELECT {HEAD}, {} AS may_decide
             FROM assignment a JOIN class c ON c.id = a.class
             WHERE a.id = $3 AND {}",
            within("c", "$2"),
            within("c", "$1")
        );
        let head = query(AssertSqlSafe(sql))
            .bind(reach(scope, right)?)
            .bind(reach(scope, Right::Decide)?)
            .bind(assignment)
            .fetch_optional(self.readers())
            .await?;
        Ok(head)
    }

    /// Whether a class that may be seen was given this worksheet version, printed or with its key
    /// corrected since.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn may_see_worksheet(
        &self,
        scope: &Scope,
        worksheet: &str,
        version: u32,
    ) -> Result<bool, StoreError> {
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM assignment a JOIN class c ON c.id = a.class
                            JOIN print_run r ON r.id = a.print_run
                            WHERE a.worksheet = $2 AND (a.version = $3 OR r.version = $3) AND {})",
            within("c", "$1")
        );
        let may = query(AssertSqlSafe(sql))
            .bind(reach(scope, Right::See)?)
            .bind(worksheet)
            .bind(version)
            .scalar(self.readers())
            .await?;
        Ok(may)
    }

    /// The matrix of an assignment, in one snapshot.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn matrix(&self, head: &AssignmentHead) -> Result<MatrixView, StoreError> {
        // A deferred transaction: every statement in it sees the same state.
        let mut tx = self.readers().snapshot().await?;
        let after = super::outbox::last(&mut tx).await?;
        let pupils = roster(&mut tx, &head.id).await?;
        let sql =
            format!("SELECT {PAPER_STATE} FROM paper p WHERE p.school = $1 AND p.assignment = $2");
        let papers =
            query(AssertSqlSafe(sql)).bind(&head.school).bind(&head.id).fetch_all(&mut tx).await?;
        let sql = format!(
            "SELECT r.pupil, r.part, r.source, r.verdict, r.score, {WANTED} AS wanted
             FROM response r WHERE r.school = $1 AND r.assignment = $2"
        );
        let responses =
            query(AssertSqlSafe(sql)).bind(&head.school).bind(&head.id).fetch_all(&mut tx).await?;
        Ok(MatrixView { pupils, papers, responses, after })
    }

    /// What the class answered to one question, by part, reading and number.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn question_rows(
        &self,
        head: &AssignmentHead,
        question: &str,
    ) -> Result<Vec<QuestionRow>, StoreError> {
        let sql = format!(
            "SELECT r.part, r.pupil, {NUMBER} AS number, u.name, r.page, r.reading, r.strokes,
                    r.verdict, r.score,
                    {WANTED} AS wanted, p.settled_ms IS NOT NULL AS settled
             FROM response r
             JOIN assignment a ON a.id = r.assignment
             JOIN pupil u ON u.id = r.pupil
             JOIN paper p ON p.school = r.school AND p.assignment = r.assignment
                         AND p.pupil = r.pupil AND p.page = r.page
             WHERE r.school = $1 AND r.assignment = $2 AND r.question = $3
             ORDER BY r.position, r.reading, 3, 2"
        );
        let rows = query(AssertSqlSafe(sql))
            .bind(&head.school)
            .bind(&head.id)
            .bind(question)
            .fetch_all(self.readers())
            .await?;
        Ok(rows)
    }
}

/// The pupils whom an assignment concerns, by number.
pub(crate) async fn roster(
    tx: &mut Connection,
    assignment: &str,
) -> Result<Vec<PupilName>, StoreError> {
    let sql = format!(
        "SELECT DISTINCT u.id, {NUMBER} AS number, u.name
         FROM assignment a JOIN enrolment e ON {CONCERNS} JOIN pupil u ON u.id = e.pupil
         WHERE a.id = $1 ORDER BY 2, 1"
    );
    Ok(query(AssertSqlSafe(sql)).bind(assignment).fetch_all(tx).await?)
}
