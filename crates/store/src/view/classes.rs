//! The classes of a teacher and their assignments.

use sqlx::AssertSqlSafe;

use super::WANTED;
use crate::sql::query;
use crate::{Store, StoreError};

/// A class that somebody teaches.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ClassView {
    /// Its id.
    pub id: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// How many pupils it has.
    #[sqlx(try_from = "i64")]
    pub pupils: u32,
}

/// A pupil of a class.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct PupilName {
    /// A pseudonym.
    pub id: String,
    /// Unique in the class.
    #[sqlx(try_from = "i64")]
    pub number: u32,
    /// The name.
    pub name: String,
}

impl std::fmt::Debug for PupilName {
    /// Leaves the name out, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PupilName").field("id", &self.id).finish_non_exhaustive()
    }
}

/// How far an assignment is.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AssignmentSummary {
    /// Its id.
    pub id: String,
    /// Its class.
    pub class: String,
    /// The worksheet's id.
    pub worksheet: String,
    /// The worksheet's version.
    #[sqlx(try_from = "i64")]
    pub version: u32,
    /// Unix milliseconds.
    pub assigned_ms: i64,
    /// Unix milliseconds.
    pub due_ms: i64,
    /// Pupils of the class.
    #[sqlx(try_from = "i64")]
    pub pupils: u32,
    /// Pupils who wrote.
    #[sqlx(try_from = "i64")]
    pub written: u32,
    /// Pupils among them who may still write: a paper of theirs is neither settled nor collected.
    #[sqlx(try_from = "i64")]
    pub writing: u32,
    /// Pupils whose papers are all settled, though nobody said of any that it is handed in.
    #[sqlx(try_from = "i64")]
    pub settled: u32,
    /// Responses that the machine is not sure of.
    #[sqlx(try_from = "i64")]
    pub to_decide: u32,
    /// Responses without a key that wait for points.
    #[sqlx(try_from = "i64")]
    pub to_score: u32,
}

impl Store {
    /// The classes that somebody teaches, by grade and name.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn classes_of(&self, staff: &str) -> Result<Vec<ClassView>, StoreError> {
        let classes = query(
            "SELECT c.id, c.name_zh, c.name_en,
                    (SELECT count(*) FROM pupil p WHERE p.class = c.id) AS pupils
             FROM teaches t JOIN class c ON c.id = t.class
             WHERE t.staff = $1 ORDER BY c.grade, c.name_zh, c.id",
        )
        .bind(staff)
        .fetch_all(self.readers())
        .await?;
        Ok(classes)
    }

    /// One class, if `staff` teaches it.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn class_of(
        &self,
        staff: &str,
        class: &str,
    ) -> Result<Option<ClassView>, StoreError> {
        let class = query(
            "SELECT c.id, c.name_zh, c.name_en,
                    (SELECT count(*) FROM pupil p WHERE p.class = c.id) AS pupils
             FROM teaches t JOIN class c ON c.id = t.class
             WHERE t.staff = $1 AND t.class = $2",
        )
        .bind(staff)
        .bind(class)
        .fetch_optional(self.readers())
        .await?;
        Ok(class)
    }

    /// The pupils of a class that `staff` teaches, by number.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn pupils_of(&self, staff: &str, class: &str) -> Result<Vec<PupilName>, StoreError> {
        let pupils = query(
            "SELECT p.id, p.number, p.name FROM teaches t JOIN pupil p ON p.class = t.class
             WHERE t.staff = $1 AND t.class = $2 ORDER BY p.number",
        )
        .bind(staff)
        .bind(class)
        .fetch_all(self.readers())
        .await?;
        Ok(pupils)
    }

    /// The latest assignments of every class that `staff` teaches, or of one of them, latest
    /// first; at most `limit` a class.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn assignments_of(
        &self,
        staff: &str,
        class: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AssignmentSummary>, StoreError> {
        let sql = format!(
            "WITH latest AS (
                 SELECT a.*, row_number() OVER (
                            PARTITION BY a.class ORDER BY a.assigned_ms DESC, a.id) AS place
                 FROM teaches t JOIN assignment a ON a.class = t.class
                 WHERE t.staff = $1 AND ($2 IS NULL OR t.class = $2))
             SELECT a.id, a.class, a.worksheet, a.version, a.assigned_ms, a.due_ms,
                    (SELECT count(*) FROM pupil p WHERE p.class = a.class) AS pupils,
                    (SELECT count(DISTINCT p.pupil) FROM paper p
                     WHERE p.school = a.school AND p.assignment = a.id) AS written,
                    (SELECT count(DISTINCT p.pupil) FROM paper p
                     WHERE p.school = a.school AND p.assignment = a.id
                       AND p.settled_ms IS NULL AND p.handed_in_ms IS NULL) AS writing,
                    (SELECT count(DISTINCT p.pupil) FROM paper p
                     WHERE p.school = a.school AND p.assignment = a.id
                       AND NOT EXISTS (
                           SELECT 1 FROM paper o WHERE o.school = p.school
                             AND o.assignment = p.assignment AND o.pupil = p.pupil
                             AND (o.handed_in_ms IS NOT NULL OR o.settled_ms IS NULL)))
                        AS settled,
                    (SELECT count(*) FROM response r
                     WHERE r.school = a.school AND r.assignment = a.id
                       AND {WANTED} = 'decide') AS to_decide,
                    (SELECT count(*) FROM response r
                     WHERE r.school = a.school AND r.assignment = a.id
                       AND {WANTED} = 'score') AS to_score
             FROM latest a WHERE a.place <= $3 ORDER BY a.assigned_ms DESC, a.id"
        );
        let assignments = query(AssertSqlSafe(sql))
            .bind(staff)
            .bind(class)
            .bind(limit)
            .fetch_all(self.readers())
            .await?;
        Ok(assignments)
    }
}
