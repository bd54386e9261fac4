//! The schools that somebody keeps, and what is in them.

use school::{Right, Scope};
use sqlx::AssertSqlSafe;

use super::ClassView;
use super::classes::CLASS;
use crate::moments::in_force;
use crate::scope::{KeptSchool, reach, whole_school};
use crate::sql::query;
use crate::{Store, StoreError};

/// How much of everything a school has at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SchoolCounts {
    /// Classes with pupils in them.
    #[sqlx(try_from = "i64")]
    pub classes: u32,
    /// Pupils who are in a class.
    #[sqlx(try_from = "i64")]
    pub pupils: u32,
    /// Members of staff who are not shut out.
    #[sqlx(try_from = "i64")]
    pub staff: u32,
    /// Members of staff among them who teach a class.
    #[sqlx(try_from = "i64")]
    pub teachers: u32,
    /// Pens that its pupils or staff hold.
    #[sqlx(try_from = "i64")]
    pub pens: u32,
    /// Worksheets that were given to its classes.
    #[sqlx(try_from = "i64")]
    pub assignments: u32,
}

impl Store {
    /// The schools over which `scope` holds the right to keep them, by name.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn kept_schools(&self, scope: &Scope) -> Result<Vec<KeptSchool>, StoreError> {
        if scope.reach(Right::Keep).next().is_none() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT s.id, s.name_zh, s.name_en FROM school s WHERE {} ORDER BY s.name_zh, s.id",
            whole_school("s", "$1")
        );
        let schools = query(AssertSqlSafe(sql)).bind(reach(scope, Right::Keep)?);
        Ok(schools.fetch_all(self.readers()).await?)
    }

    /// One school, if `scope` holds the right to keep it.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn kept_school(
        &self,
        scope: &Scope,
        school: &str,
    ) -> Result<Option<KeptSchool>, StoreError> {
        let sql = format!(
            "SELECT s.id, s.name_zh, s.name_en FROM school s WHERE s.id = $2 AND {}",
            whole_school("s", "$1")
        );
        let school = query(AssertSqlSafe(sql)).bind(reach(scope, Right::Keep)?).bind(school);
        Ok(school.fetch_optional(self.readers()).await?)
    }

    /// How much of everything a kept school has at the scope's moment.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn school_counts(
        &self,
        scope: &Scope,
        school: &KeptSchool,
    ) -> Result<SchoolCounts, StoreError> {
        let counts = query(concat!(
            "SELECT (SELECT count(DISTINCT e.class) FROM enrolment e JOIN class c ON c.id = e.class
                     WHERE c.school = $1 AND ",
            in_force!("$2"),
            ") AS classes,
                    (SELECT count(DISTINCT e.pupil) FROM enrolment e JOIN class c ON c.id = e.class
                     WHERE c.school = $1 AND ",
            in_force!("$2"),
            ") AS pupils,
                    (SELECT count(*) FROM staff s
                     WHERE s.school = $1 AND s.disabled_ms IS NULL) AS staff,
                    (SELECT count(DISTINCT e.staff) FROM role_grant e
                     JOIN staff s ON s.id = e.staff JOIN class c ON c.id = e.class
                     WHERE c.school = $1 AND s.disabled_ms IS NULL
                       AND e.role IN ('teacher', 'class_teacher') AND ",
            in_force!("$2"),
            ") AS teachers,
                    (SELECT count(DISTINCT e.pen) FROM lease e
                     LEFT JOIN pupil u ON u.id = e.pupil LEFT JOIN staff s ON s.id = e.marker
                     WHERE coalesce(u.school, s.school) = $1 AND ",
            in_force!("$2"),
            ") AS pens,
                    (SELECT count(*) FROM assignment a WHERE a.school = $1) AS assignments"
        ))
        .bind(&school.id)
        .bind(scope.at_ms());
        Ok(counts.fetch_one(self.readers()).await?)
    }

    /// The classes of a kept school, by grade and name.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn classes_kept(
        &self,
        scope: &Scope,
        school: &KeptSchool,
    ) -> Result<Vec<ClassView>, StoreError> {
        let sql = format!(
            "SELECT {CLASS} FROM class c WHERE c.school = $1 ORDER BY c.grade, c.name_zh, c.id"
        );
        let classes = query(AssertSqlSafe(sql)).bind(&school.id).bind(scope.at_ms());
        Ok(classes.fetch_all(self.readers()).await?)
    }
}
