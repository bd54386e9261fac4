//! Schools, classes, pupils and teachers.

use crate::sql::query;
use crate::{Store, StoreError};

/// A school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolRow {
    /// Unique in the store.
    pub id: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
}

/// A class of a school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassRow {
    /// Unique in the store.
    pub id: String,
    /// Its school.
    pub school: String,
    /// 1–12.
    pub grade: u8,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
}

/// A pupil of a class.
#[derive(Clone, PartialEq, Eq)]
pub struct PupilRow {
    /// A pseudonym, unique in the store.
    pub id: String,
    /// The pupil's school.
    pub school: String,
    /// The pupil's class.
    pub class: String,
    /// Unique in the class.
    pub number: u32,
    /// The name, which stands nowhere else.
    pub name: String,
}

impl std::fmt::Debug for PupilRow {
    /// Leaves the name out, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PupilRow").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A teacher, with the classes taught. The password is the owner's to set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffRow {
    /// Unique in the store.
    pub id: String,
    /// The teacher's school.
    pub school: String,
    /// Unique in the store.
    pub login: String,
    /// The teacher's name.
    pub name: String,
    /// `zh` or `en`.
    pub locale: String,
    /// Ids of the classes taught.
    pub classes: Vec<String>,
}

impl Store {
    /// Inserts or renames a school.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn insert_school(&self, row: SchoolRow) -> Result<(), StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                query(
                    "INSERT INTO school (id, name_zh, name_en) VALUES ($1, $2, $3)
                     ON CONFLICT (id) DO UPDATE SET
                         name_zh = excluded.name_zh, name_en = excluded.name_en",
                )
                .bind(&row.id)
                .bind(&row.name_zh)
                .bind(&row.name_en)
                .execute(tx)
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// Inserts or renames a class.
    ///
    /// # Errors
    /// Where there is no such school.
    pub async fn insert_class(&self, row: ClassRow) -> Result<(), StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                query(
                    "INSERT INTO class (id, school, grade, name_zh, name_en)
                     VALUES ($1, $2, $3, $4, $5)
                     ON CONFLICT (id) DO UPDATE SET grade = excluded.grade,
                         name_zh = excluded.name_zh, name_en = excluded.name_en",
                )
                .bind(&row.id)
                .bind(&row.school)
                .bind(row.grade)
                .bind(&row.name_zh)
                .bind(&row.name_en)
                .execute(tx)
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// Inserts all or none.
    ///
    /// # Errors
    /// Where there is no such class, or a number stands twice in it.
    pub async fn insert_pupils(&self, rows: Vec<PupilRow>) -> Result<(), StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                for row in &rows {
                    query(
                        "INSERT INTO pupil (id, school, class, number, name)
                         VALUES ($1, $2, $3, $4, $5)
                         ON CONFLICT (id) DO UPDATE SET class = excluded.class,
                             number = excluded.number, name = excluded.name",
                    )
                    .bind(&row.id)
                    .bind(&row.school)
                    .bind(&row.class)
                    .bind(row.number)
                    .bind(&row.name)
                    .execute(&mut *tx)
                    .await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Inserts a teacher and replaces the list of classes taught.
    ///
    /// # Errors
    /// Where a school or class does not exist, or another has the login.
    pub async fn insert_staff(&self, row: StaffRow) -> Result<(), StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                query(
                    "INSERT INTO staff (id, school, login, name, locale)
                     VALUES ($1, $2, $3, $4, $5)
                     ON CONFLICT (id) DO UPDATE SET login = excluded.login, name = excluded.name,
                         locale = excluded.locale",
                )
                .bind(&row.id)
                .bind(&row.school)
                .bind(&row.login)
                .bind(&row.name)
                .bind(&row.locale)
                .execute(&mut *tx)
                .await?;
                query("DELETE FROM teaches WHERE staff = $1")
                    .bind(&row.id)
                    .execute(&mut *tx)
                    .await?;
                for class in &row.classes {
                    query("INSERT INTO teaches (staff, class) VALUES ($1, $2)")
                        .bind(&row.id)
                        .bind(class)
                        .execute(&mut *tx)
                        .await?;
                }
                Ok(())
            })
        })
        .await
    }
}
