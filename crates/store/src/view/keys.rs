//! Keys that a teacher corrects: what they would change, and what they changed.
//!
//! The key of an assignment is that of its worksheet version. A correction stores a later version
//! with another key of one part, gives it to assignments in place of theirs, and has their papers
//! marked again. What the school is given of the same worksheet version later begins with it.

mod correct;
mod later;

use school::{Right, Scope};
use sqlx::AssertSqlSafe;
use worksheet::Worksheet;

use super::assignment::AssignmentHead;
use super::{NUMBER, WANTED, Wanted};
use crate::scope::{reach, taught, within};
use crate::sql::query;
use crate::{Source, Store, StoreError, Verdict};

pub use later::KeyCorrected;

/// An assignment of a school with the same key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, sqlx::FromRow)]
pub struct AlsoGiven {
    /// Its id.
    pub assignment: String,
    /// The class's Chinese name.
    pub class_zh: String,
    /// The class's English name.
    pub class_en: String,
    /// Whether who asks may correct its key: see [`Store::may_correct`].
    pub own: bool,
}

/// An answer to the question whose key may change.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct KeyAnswer {
    /// Of which assignment.
    pub assignment: String,
    /// Whose it is.
    pub pupil: String,
    /// The pupil's number.
    #[sqlx(try_from = "i64")]
    pub number: u32,
    /// The pupil's name.
    pub name: String,
    /// Page of the worksheet, from 1.
    #[sqlx(try_from = "i64")]
    pub page: u32,
    /// The part of the question.
    pub part: String,
    /// What was read.
    pub reading: Option<String>,
    /// Why a person must decide.
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
}

/// The files that a worksheet is made from: name and bytes.
pub(crate) type Sources = Vec<(String, Vec<u8>)>;

/// A key that is to be corrected.
#[derive(Clone, Debug)]
pub struct KeyCorrection {
    /// The worksheet with the corrected key; the store gives it its version.
    pub sheet: Worksheet,
    /// What it is made from, the key corrected there too. The version in a `worksheet.txt` is the
    /// store's to set.
    pub sources: Sources,
    /// The version with which what is given later begins so far: [`KeyCorrected::later`].
    pub in_force: u32,
    /// Where that is another than the head's and has another key there: that version with the
    /// corrected key, as `sheet`, and what it is made from.
    pub later: Option<(Worksheet, Sources)>,
    /// The part.
    pub part: String,
    /// Its key so far, as a person types it.
    pub was: String,
    /// Its key from now on.
    pub becomes: String,
    /// The assignments that get it.
    pub assignments: Vec<String>,
    /// Who corrects it.
    pub staff: String,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// A key that was corrected, in one assignment.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct KeyChange {
    /// Its number.
    pub id: i64,
    /// The part.
    pub part: String,
    /// The key before, as a person types it.
    pub was: String,
    /// The key since.
    pub becomes: String,
    /// The worksheet's version before.
    #[sqlx(try_from = "i64")]
    pub from_version: u32,
    /// The worksheet's version since.
    #[sqlx(try_from = "i64")]
    pub version: u32,
    /// The name of who corrected it.
    pub by_name: String,
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// The papers that had been marked before it.
    #[sqlx(try_from = "i64")]
    pub papers: u32,
    /// How many of them have been marked since.
    #[sqlx(try_from = "i64")]
    pub done: u32,
}

/// A key that was corrected for another class of the school, and not here.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct KeyChangeElsewhere {
    /// The part.
    pub part: String,
    /// The key there, as a person types it.
    pub becomes: String,
    /// The name of who corrected it.
    pub by_name: String,
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// The other class's Chinese name.
    pub class_zh: String,
    /// The other class's English name.
    pub class_en: String,
}

/// An answer that counts otherwise since a key was corrected.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Remarked {
    /// Whose it is.
    pub pupil: String,
    /// The pupil's number.
    #[sqlx(try_from = "i64")]
    pub number: u32,
    /// The pupil's name.
    pub name: String,
    /// Page of the worksheet, from 1.
    #[sqlx(try_from = "i64")]
    pub page: u32,
    /// The part of a question.
    pub part: String,
    /// What is read now.
    pub reading: Option<String>,
    /// The verdict before.
    pub verdict_before: Option<Verdict>,
    /// Its points, tenths.
    #[sqlx(try_from = "crate::sql::Nullable")]
    pub score_before: Option<u32>,
    /// What it waited for.
    pub wanted_before: Option<Wanted>,
    /// The verdict now.
    pub verdict: Option<Verdict>,
    /// Its points, tenths.
    #[sqlx(try_from = "crate::sql::Nullable")]
    pub score: Option<u32>,
    /// What it waits for.
    pub wanted: Option<Wanted>,
}

/// A reading on which people gave another verdict than the machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash, sqlx::FromRow)]
pub struct Overruled {
    /// The part.
    pub part: String,
    /// What was read.
    pub reading: String,
    /// How often it was read and judged by the machine.
    #[sqlx(try_from = "i64")]
    pub read: u32,
    /// How often of those a person gave another verdict.
    #[sqlx(try_from = "i64")]
    pub overruled: u32,
}

/// SQL: whether who asks may correct the key of the assignment `a` of the class `c`. Takes where they
/// assign, decide and teach its subject, as [`within`] does, and who they are, from `$1` on.
fn corrects() -> String {
    format!(
        "({} AND {} AND ({} OR coalesce(a.staff, '') = $4))",
        within("c", "$1"),
        within("c", "$2"),
        within("c", "$3")
    )
}

impl Store {
    /// Whether the key of an assignment of a worksheet of a subject may be corrected by who asks: they
    /// give worksheets to the class and decide there, and they gave this one or teach that subject
    /// there.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn may_correct(
        &self,
        scope: &Scope,
        head: &AssignmentHead,
        subject: &str,
    ) -> Result<bool, StoreError> {
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM assignment a JOIN class c ON c.id = a.class
                            WHERE a.id = $5 AND {})",
            corrects()
        );
        let may = query(AssertSqlSafe(sql))
            .bind(reach(scope, Right::Assign)?)
            .bind(reach(scope, Right::Decide)?)
            .bind(taught(scope, subject)?)
            .bind(scope.staff().as_str())
            .bind(&head.id);
        Ok(may.scalar(self.readers()).await?)
    }

    /// The assignments of the head's school that have its key, itself first. The worksheet is of that
    /// subject.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn also_given(
        &self,
        scope: &Scope,
        head: &AssignmentHead,
        subject: &str,
    ) -> Result<Vec<AlsoGiven>, StoreError> {
        let sql = format!(
            "SELECT a.id AS assignment, c.name_zh AS class_zh, c.name_en AS class_en, {} AS own
             FROM assignment a JOIN class c ON c.id = a.class
             WHERE a.school = $5 AND a.worksheet = $6 AND a.version = $7
             ORDER BY a.id <> $8, c.grade, c.name_zh, a.id",
            corrects()
        );
        let given = query(AssertSqlSafe(sql))
            .bind(reach(scope, Right::Assign)?)
            .bind(reach(scope, Right::Decide)?)
            .bind(taught(scope, subject)?)
            .bind(scope.staff().as_str())
            .bind(&head.school)
            .bind(&head.worksheet)
            .bind(head.version)
            .bind(&head.id);
        Ok(given.fetch_all(self.readers()).await?)
    }

    /// The answers of some of [`Store::also_given`] to a question, by assignment, number and part.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn key_answers(
        &self,
        head: &AssignmentHead,
        given: &[AlsoGiven],
        question: &str,
    ) -> Result<Vec<KeyAnswer>, StoreError> {
        let ids: Vec<[&str; 1]> = given.iter().map(|given| [given.assignment.as_str()]).collect();
        let sql = format!(
            "SELECT r.assignment, r.pupil, {NUMBER} AS number, u.name, r.page, r.part, r.reading,
                    r.review, r.source, r.verdict, r.score, {WANTED} AS wanted
             FROM json_each($1) CROSS JOIN response r
             JOIN assignment a ON a.id = r.assignment
             JOIN pupil u ON u.id = r.pupil
             WHERE r.school = $2 AND r.assignment = value->>0 AND r.question = $3
             ORDER BY r.assignment, 3, r.pupil, r.position"
        );
        let answers = query(AssertSqlSafe(sql))
            .bind(serde_json::to_string(&ids)?)
            .bind(&head.school)
            .bind(question);
        Ok(answers.fetch_all(self.readers()).await?)
    }

    /// What was corrected in the key of an assignment, the latest first.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn key_changes(&self, head: &AssignmentHead) -> Result<Vec<KeyChange>, StoreError> {
        let changes = query(
            "SELECT c.id, c.part, c.was, c.becomes, c.version AS from_version,
                    c.to_version AS version, s.name AS by_name, c.at_ms,
                    (SELECT count(*) FROM key_change_paper k WHERE k.change = c.id) AS papers,
                    (SELECT count(*) FROM key_change_paper k
                     LEFT JOIN paper p ON p.school = c.school AND p.assignment = c.assignment
                                      AND p.pupil = k.pupil AND p.page = k.page
                     WHERE k.change = c.id AND coalesce(p.marked_rev, k.ink_rev) >= k.ink_rev)
                        AS done
             FROM key_change c JOIN staff s ON s.id = c.staff
             WHERE c.assignment = $1 ORDER BY c.id DESC",
        );
        Ok(changes.bind(&head.id).fetch_all(self.readers()).await?)
    }

    /// What other classes of the school have in place of a key that this assignment still has, the
    /// latest first.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn key_changes_elsewhere(
        &self,
        head: &AssignmentHead,
    ) -> Result<Vec<KeyChangeElsewhere>, StoreError> {
        let changes = query(
            "SELECT c.part, c.becomes, s.name AS by_name, c.at_ms, l.name_zh AS class_zh,
                    l.name_en AS class_en
             FROM key_change c JOIN staff s ON s.id = c.staff
             JOIN assignment a ON a.id = c.assignment AND a.version = c.to_version
             JOIN class l ON l.id = a.class
             WHERE c.worksheet = $1 AND c.version = $2 AND c.school = $3 AND c.assignment <> $4
             ORDER BY c.id DESC",
        );
        let changes = changes.bind(&head.worksheet).bind(head.version).bind(&head.school);
        Ok(changes.bind(&head.id).fetch_all(self.readers()).await?)
    }

    /// The answers that count otherwise since a correction, on papers that were marked again since, by
    /// number and page. What a person decided meanwhile is among them.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn remarked(
        &self,
        head: &AssignmentHead,
        change: i64,
    ) -> Result<Vec<Remarked>, StoreError> {
        let sql = format!(
            "SELECT k.pupil, {NUMBER} AS number, u.name, k.page, r.part, r.reading,
                    value->>2 AS verdict_before, CAST(value->>3 AS BIGINT) AS score_before,
                    value->>4 AS wanted_before, r.verdict, r.score, {WANTED} AS wanted
             FROM key_change c JOIN key_change_paper k ON k.change = c.id
             JOIN assignment a ON a.id = c.assignment
             JOIN pupil u ON u.id = k.pupil
             JOIN paper p ON p.school = c.school AND p.assignment = c.assignment
                         AND p.pupil = k.pupil AND p.page = k.page AND p.marked_rev >= k.ink_rev
             CROSS JOIN json_each(k.answers)
             JOIN response r ON r.school = c.school AND r.assignment = c.assignment
                            AND r.pupil = k.pupil AND r.part = value->>0
             WHERE c.id = $1 AND c.assignment = $2
               AND (r.verdict IS DISTINCT FROM (value->>2)
                    OR r.score IS DISTINCT FROM CAST(value->>3 AS BIGINT)
                    OR {WANTED} IS DISTINCT FROM (value->>4))
             ORDER BY 2, k.pupil, k.page, r.position"
        );
        let remarked = query(AssertSqlSafe(sql)).bind(change).bind(&head.id);
        Ok(remarked.fetch_all(self.readers()).await?)
    }

    /// The readings of an assignment that people overruled at least `least` times, in printed order,
    /// the most often overruled of a part first.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn overruled(
        &self,
        head: &AssignmentHead,
        least: u32,
    ) -> Result<Vec<Overruled>, StoreError> {
        let rows = query(
            "SELECT part, reading, read, overruled FROM (
                 SELECT r.part, r.reading, r.position, count(*) AS read,
                        CAST(sum(CASE WHEN r.source <> 'machine' AND r.verdict <> m.verdict
                                      THEN 1 ELSE 0 END) AS BIGINT) AS overruled
                 FROM response r
                 JOIN mark m ON m.school = r.school AND m.assignment = r.assignment
                            AND m.pupil = r.pupil AND m.part = r.part AND m.criterion = ''
                            AND m.source = 'machine' AND m.superseded_ms IS NULL
                 WHERE r.school = $1 AND r.assignment = $2 AND r.reading IS NOT NULL
                   AND r.verdict IS NOT NULL
                 GROUP BY r.part, r.reading, r.position) AS of_reading
             WHERE overruled >= $3 ORDER BY position, overruled DESC, reading",
        );
        let rows = rows.bind(&head.school).bind(&head.id).bind(least);
        Ok(rows.fetch_all(self.readers()).await?)
    }
}
