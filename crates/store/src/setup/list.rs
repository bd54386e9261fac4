//! The schools and classes that the store holds.

use super::{ClassRow, SchoolRow};
use crate::moments::in_force;
use crate::sql::{Small, query};
use crate::{Store, StoreError};

impl Store {
    /// All schools, by id.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn schools(&self) -> Result<Vec<SchoolRow>, StoreError> {
        let rows: Vec<(String, String, String, Option<String>)> =
            query("SELECT id, name_zh, name_en, district FROM school ORDER BY id")
                .fetch_all(self.readers())
                .await?;
        let school =
            |(id, name_zh, name_en, district)| SchoolRow { id, name_zh, name_en, district };
        Ok(rows.into_iter().map(school).collect())
    }

    /// The classes of a school, by grade and id.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn classes(&self, school: &str) -> Result<Vec<ClassRow>, StoreError> {
        let rows: Vec<(String, Small, String, String)> = query(
            "SELECT id, grade, name_zh, name_en FROM class WHERE school = $1 ORDER BY grade, id",
        )
        .bind(school)
        .fetch_all(self.readers())
        .await?;
        let class = |(id, Small(grade), name_zh, name_en): (String, Small, String, String)| {
            // The column holds 1 to 12.
            let grade = u8::try_from(grade).unwrap_or_default();
            ClassRow { id, school: school.to_owned(), grade, name_zh, name_en }
        };
        Ok(rows.into_iter().map(class).collect())
    }

    /// The pupil who has a number in a class at a moment.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn pupil_numbered(
        &self,
        class: &str,
        number: u32,
        at_ms: i64,
    ) -> Result<Option<String>, StoreError> {
        let pupil = query(concat!(
            "SELECT e.pupil FROM enrolment e WHERE e.class = $1 AND e.number = $2 AND ",
            in_force!("$3")
        ));
        let pupil = pupil.bind(class).bind(number).bind(at_ms);
        Ok(pupil.scalar_optional(self.readers()).await?)
    }
}
