//! Schools, classes, pupils and teachers.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use school::{ClassId, DistrictId, PupilId, SchoolId, StaffId};

use super::enrolment::{Register, batches, refused};
use crate::database::Connection;
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
    /// The district that it belongs to, if any.
    pub district: Option<String>,
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

/// A pupil, in a class from a moment on.
#[derive(Clone, PartialEq, Eq)]
pub struct PupilRow {
    /// A pseudonym, unique in the store.
    pub id: String,
    /// The pupil's school.
    pub school: String,
    /// The pupil's class.
    pub class: String,
    /// Unique in the class at any time.
    pub number: u32,
    /// Since when the pupil is in the class, Unix milliseconds.
    pub from_ms: i64,
    /// The name, which stands nowhere else.
    pub name: String,
}

impl std::fmt::Debug for PupilRow {
    /// Leaves the name out, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PupilRow").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A member of staff. What they are is said by [`Store::insert_grants`]; the password is theirs to
/// set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffRow {
    /// Unique in the store.
    pub id: String,
    /// Their school.
    pub school: String,
    /// Unique in the store.
    pub login: String,
    /// Their name.
    pub name: String,
    /// `zh` or `en`.
    pub locale: String,
}

impl Store {
    /// Inserts or renames a school. One that is named without its district stays in it.
    ///
    /// # Errors
    /// Where an identity cannot be one.
    pub async fn insert_school(&self, row: SchoolRow) -> Result<(), StoreError> {
        SchoolId::new(&*row.id)?;
        row.district.as_deref().map(DistrictId::new).transpose()?;
        self.write(move |tx| Box::pin(async move { insert_school(tx, &row).await })).await
    }

    /// Inserts or renames a class.
    ///
    /// # Errors
    /// Where there is no such school, or the identity cannot be one.
    pub async fn insert_class(&self, row: ClassRow) -> Result<(), StoreError> {
        ClassId::new(&*row.id)?;
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

    /// Inserts or renames pupils and enrols each in its class, all or none. A pupil who was in
    /// another class leaves it at that moment; saying again what holds changes nothing. Ink to
    /// which that gives another paper is attributed again.
    ///
    /// # Errors
    /// Where the school has no such class, a number would be two pupils' at one time, or a pupil
    /// would have to leave a class before they came ([`school::Enrolments::enrol`]).
    pub async fn insert_pupils(&self, rows: Vec<PupilRow>) -> Result<(), StoreError> {
        self.write(move |tx| Box::pin(insert_pupils(tx, rows))).await
    }

    /// Inserts or renames a member of staff.
    ///
    /// # Errors
    /// Where the school does not exist, another has the login, or the identity cannot be one.
    pub async fn insert_staff(&self, row: StaffRow) -> Result<(), StoreError> {
        StaffId::new(&*row.id)?;
        self.write(move |tx| Box::pin(async move { insert_staff(tx, &row).await })).await
    }
}

pub(crate) async fn insert_school(tx: &mut Connection, row: &SchoolRow) -> Result<(), StoreError> {
    query(
        "INSERT INTO school (id, name_zh, name_en, district) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE SET name_zh = excluded.name_zh,
             name_en = excluded.name_en,
             district = coalesce(excluded.district, school.district)",
    )
    .bind(&row.id)
    .bind(&row.name_zh)
    .bind(&row.name_en)
    .bind(&row.district)
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn insert_staff(tx: &mut Connection, row: &StaffRow) -> Result<(), StoreError> {
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
    .execute(tx)
    .await?;
    Ok(())
}

async fn insert_pupils(tx: &mut Connection, rows: Vec<PupilRow>) -> Result<(), StoreError> {
    for row in &rows {
        PupilId::new(&*row.id)?;
    }
    let of = |row: &'_ PupilRow| (row.id.clone(), (row.school.clone(), row.name.clone()));
    let named: BTreeMap<String, (String, String)> = rows.iter().map(of).collect();
    let named: Vec<(&str, &str, &str)> =
        named.iter().map(|(id, (school, name))| (&**id, &**school, &**name)).collect();
    let mut new: HashSet<String> = rows.iter().map(|row| row.id.clone()).collect();
    for rows in batches(&named) {
        let known: Vec<String> =
            query("SELECT u.id FROM json_each($1) CROSS JOIN pupil u WHERE u.id = value->>0")
                .bind(rows?)
                .scalars(&mut *tx)
                .await?;
        for id in &known {
            new.remove(id);
        }
    }
    write_pupils(tx, &named).await?;
    let pupils: BTreeSet<&str> = rows.iter().map(|row| &*row.id).collect();
    let classes: BTreeSet<&str> = rows.iter().map(|row| &*row.class).collect();
    let mut register = Register::of(tx, &pupils, &classes).await?;
    for row in &rows {
        let class = ClassId::new(&*row.class)?;
        let enrolled = register.enrol(&row.id, &class, row.number, row.from_ms);
        enrolled.map_err(refused(&row.id))?;
    }
    match register.clashes().into_iter().next() {
        Some(clash) => Err(clash.into()),
        None => register.write(tx, &new).await,
    }
}

/// Inserts or renames pupils: identity, school and name of each, which nobody has twice.
pub(super) async fn write_pupils(
    tx: &mut Connection,
    rows: &[(&str, &str, &str)],
) -> Result<(), StoreError> {
    for rows in batches(rows) {
        query(
            "INSERT INTO pupil (id, school, name)
             SELECT value->>0, value->>1, value->>2 FROM json_each($1) WHERE true
             ON CONFLICT (id) DO UPDATE SET name = excluded.name",
        )
        .bind(rows?)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}
