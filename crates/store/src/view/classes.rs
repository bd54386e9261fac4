//! The classes within a scope and their assignments.

use std::collections::BTreeSet;

use school::{Right, Scope};
use sqlx::AssertSqlSafe;

use super::{CONCERNS, WAITS_OF_ONE};
use crate::moments::in_force;
use crate::scope::{reach, within};
use crate::sql::query;
use crate::{Store, StoreError};

/// A class within somebody's scope.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ClassView {
    /// Its id.
    pub id: String,
    /// Its school.
    pub school: String,
    /// 1–12.
    #[sqlx(try_from = "i64")]
    pub grade: u8,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// How many pupils it has now.
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
    /// Pupils whom it concerns.
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
    /// Whether the asker may decide them.
    pub may_decide: bool,
}

/// SQL: what [`ClassView`] takes of a class `c`. `$2` is the moment.
pub(super) const CLASS: &str = concat!(
    "c.id, c.school, c.grade, c.name_zh, c.name_en,
     (SELECT count(*) FROM enrolment e WHERE e.class = c.id AND ",
    in_force!("$2"),
    ") AS pupils"
);

impl Store {
    /// The classes that may be seen, by grade and name.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn classes_of(&self, scope: &Scope) -> Result<Vec<ClassView>, StoreError> {
        let sql = format!(
            "SELECT {CLASS} FROM class c WHERE {} ORDER BY c.grade, c.name_zh, c.id",
            within("c", "$1")
        );
        let classes = query(AssertSqlSafe(sql))
            .bind(reach(scope, Right::See)?)
            .bind(scope.at_ms())
            .fetch_all(self.readers())
            .await?;
        Ok(classes)
    }

    /// The ids of the classes over which `scope` holds the right, or of `one` if it is among them.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn class_ids(
        &self,
        scope: &Scope,
        right: Right,
        one: Option<&str>,
    ) -> Result<BTreeSet<String>, StoreError> {
        let sql = format!(
            "SELECT c.id FROM class c WHERE ($2 IS NULL OR c.id = $2) AND {}",
            within("c", "$1")
        );
        let ids = query(AssertSqlSafe(sql))
            .bind(reach(scope, right)?)
            .bind(one)
            .scalars(self.readers())
            .await?;
        Ok(ids.into_iter().collect())
    }

    /// One class, if `scope` holds the right over it.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn class_of(
        &self,
        scope: &Scope,
        right: Right,
        class: &str,
    ) -> Result<Option<ClassView>, StoreError> {
        let sql = format!("SELECT {CLASS} FROM class c WHERE c.id = $3 AND {}", within("c", "$1"));
        let class = query(AssertSqlSafe(sql))
            .bind(reach(scope, right)?)
            .bind(scope.at_ms())
            .bind(class)
            .fetch_optional(self.readers())
            .await?;
        Ok(class)
    }

    /// The pupils who are in a class now, by number, if `scope` holds the right over it.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn pupils_of(
        &self,
        scope: &Scope,
        right: Right,
        class: &str,
    ) -> Result<Vec<PupilName>, StoreError> {
        let sql = format!(
            "SELECT u.id, e.number, u.name
             FROM class c JOIN enrolment e ON e.class = c.id JOIN pupil u ON u.id = e.pupil
             WHERE c.id = $3 AND {} AND {} ORDER BY e.number, u.id",
            in_force!("$2"),
            within("c", "$1")
        );
        let pupils = query(AssertSqlSafe(sql))
            .bind(reach(scope, right)?)
            .bind(scope.at_ms())
            .bind(class)
            .fetch_all(self.readers())
            .await?;
        Ok(pupils)
    }

    /// The latest assignments of every class that may be seen, or of one of them, latest first; at
    /// most `limit` per class.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn assignments_of(
        &self,
        scope: &Scope,
        class: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AssignmentSummary>, StoreError> {
        let sql = format!(
            "WITH latest AS (
                 SELECT a.*, {may_decide} AS may_decide, row_number() OVER (
                            PARTITION BY a.class ORDER BY a.assigned_ms DESC, a.id) AS place
                 FROM class c JOIN assignment a ON a.class = c.id
                 WHERE ($2 IS NULL OR c.id = $2) AND {may_see})
             SELECT a.id, a.class, a.worksheet, a.version, a.assigned_ms, a.due_ms,
                    (SELECT count(DISTINCT e.pupil) FROM enrolment e WHERE {CONCERNS}) AS pupils,
                    (SELECT count(DISTINCT p.pupil) FROM paper p
                     WHERE p.school = a.school AND p.assignment = a.id) AS written,
                    (SELECT count(DISTINCT p.pupil) FROM paper p
                     WHERE p.school = a.school AND p.assignment = a.id
                       AND p.settled_ms IS NULL AND p.handed_in_ms IS NULL) AS writing,
                    (SELECT count(*) FROM (
                         SELECT p.pupil FROM paper p
                         WHERE p.school = a.school AND p.assignment = a.id GROUP BY p.pupil
                         HAVING count(p.settled_ms) = count(*) AND count(p.handed_in_ms) = 0) AS o)
                        AS settled,
                    (SELECT count(*) FROM response r
                     WHERE r.school = a.school AND r.assignment = a.id
                       AND {WAITS_OF_ONE} AND r.review <> 'no_key') AS to_decide,
                    (SELECT count(*) FROM response r
                     WHERE r.school = a.school AND r.assignment = a.id
                       AND {WAITS_OF_ONE} AND r.review = 'no_key') AS to_score, a.may_decide
             FROM latest a WHERE a.place <= $3 ORDER BY a.assigned_ms DESC, a.id",
            may_see = within("c", "$1"),
            may_decide = within("c", "$4"),
        );
        let assignments = query(AssertSqlSafe(sql))
            .bind(reach(scope, Right::See)?)
            .bind(class)
            .bind(limit)
            .bind(reach(scope, Right::Decide)?)
            .fetch_all(self.readers())
            .await?;
        Ok(assignments)
    }
}
