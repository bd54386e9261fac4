//! Roles as rows, and scopes as SQL.
//!
//! No other file decides who may see what: a query that serves a person joins the class `c` that it
//! is about, and checks it with [`within`].

use school::{
    ClassId, DistrictId, Grade, Grant, Period, Reach, Right, Role, SchoolId, Scope, StaffId,
    SubjectId,
};

use crate::database::Connection;
use crate::sql::query;
use crate::{Store, StoreError};

/// SQL: whether the class of an alias lies within what a parameter names, which is [`reach`].
pub(crate) fn within(class: &str, reach: &str) -> String {
    let named = |what: &str, kind: &str| {
        format!("(SELECT {what} FROM json_each({reach}) WHERE value->>0 = '{kind}')")
    };
    format!(
        "({class}.id IN {} OR {class}.school IN {}
          OR ({class}.school, {class}.grade) IN {}
          OR {class}.school IN (SELECT id FROM school WHERE district IN {}))",
        named("value->>1", "class"),
        named("value->>1", "school"),
        named("value->>1, CAST(value->>2 AS BIGINT)", "grade"),
        named("value->>1", "district"),
    )
}

/// SQL: whether all of the school of an alias lies within what a parameter names, which is
/// [`reach`]. A role over one of its classes or grades is not over the school.
pub(crate) fn whole_school(school: &str, reach: &str) -> String {
    let named = |kind: &str| {
        format!("(SELECT value->>1 FROM json_each({reach}) WHERE value->>0 = '{kind}')")
    };
    format!("({school}.id IN {} OR {school}.district IN {})", named("school"), named("district"))
}

/// Over what a scope holds a right: the value that [`within`] takes.
pub(crate) fn reach(scope: &Scope, right: Right) -> Result<String, StoreError> {
    let row = |reach: &Reach| match reach {
        Reach::Class(class) => ("class", class.to_string(), 0),
        Reach::Grade(school, grade) => ("grade", school.to_string(), grade.number()),
        Reach::School(school) => ("school", school.to_string(), 0),
        Reach::District(district) => ("district", district.to_string(), 0),
    };
    Ok(serde_json::to_string(&scope.reach(right).map(row).collect::<Vec<_>>())?)
}

/// The classes in which a scope's holder teaches a subject: the value that [`within`] takes.
pub(crate) fn taught(scope: &Scope, subject: &str) -> Result<String, StoreError> {
    let row = |class: &ClassId| ("class", class.to_string(), 0);
    Ok(serde_json::to_string(&scope.teaches(subject).map(row).collect::<Vec<_>>())?)
}

/// A school that somebody keeps.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct KeptSchool {
    /// Its id.
    pub id: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
}

/// A school whose worksheets somebody may use: they may give worksheets to a class of it, or they
/// keep it. Only a scope gives one, by [`Store::worksheet_school`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorksheetSchool {
    /// Its id.
    pub id: String,
    /// Its Chinese name.
    pub name_zh: String,
    /// Its English name.
    pub name_en: String,
    /// Whether they keep it: they may then print for every class of it.
    pub keeps: bool,
    /// Over what they may give worksheets, as [`within`] takes it.
    pub(crate) assign: String,
}

/// A row of `role_grant` but for its holder.
#[derive(Clone, Debug, Default, sqlx::FromRow)]
struct GrantColumns {
    role: String,
    class: Option<String>,
    subject: Option<String>,
    school: Option<String>,
    grade: Option<i64>,
    district: Option<String>,
    from_ms: i64,
    until_ms: Option<i64>,
}

impl GrantColumns {
    fn of(grant: &Grant) -> Self {
        let mut columns = Self {
            from_ms: grant.period.from_ms(),
            until_ms: grant.period.until_ms(),
            ..Self::default()
        };
        columns.role = match &grant.role {
            Role::Teacher { subject, .. } => {
                columns.subject = subject.as_ref().map(SubjectId::to_string);
                "teacher"
            }
            Role::ClassTeacher { .. } => "class_teacher",
            Role::Marker { .. } => "marker",
            Role::HeadOfYear { .. } => "head_of_year",
            Role::Head { .. } => "head",
            Role::Administrator { .. } => "administrator",
            Role::District { .. } => "district",
        }
        .into();
        match grant.role.reach() {
            Reach::Class(class) => columns.class = Some(class.to_string()),
            Reach::Grade(school, grade) => {
                columns.school = Some(school.to_string());
                columns.grade = Some(grade.number().into());
            }
            Reach::School(school) => columns.school = Some(school.to_string()),
            Reach::District(district) => columns.district = Some(district.to_string()),
        }
        columns
    }

    /// `None` where the columns hold none: what cannot be read gives nothing. An older version
    /// stored whatever name it was given.
    fn grant(self, staff: &StaffId) -> Option<Grant> {
        let class = || ClassId::new(self.class.clone()?).ok();
        let school = || SchoolId::new(self.school.clone()?).ok();
        let role = match self.role.as_str() {
            "teacher" => {
                let subject = self.subject.clone().map(SubjectId::new).transpose().ok()?;
                Role::Teacher { class: class()?, subject }
            }
            "class_teacher" => Role::ClassTeacher { class: class()? },
            "marker" => Role::Marker { class: class()? },
            "head_of_year" => {
                let grade = Grade::new(u8::try_from(self.grade?).ok()?).ok()?;
                Role::HeadOfYear { school: school()?, grade }
            }
            "head" => Role::Head { school: school()? },
            "administrator" => Role::Administrator { school: school()? },
            "district" => Role::District { district: DistrictId::new(self.district?).ok()? },
            _ => return None,
        };
        let period = Period::new(self.from_ms, self.until_ms).ok()?;
        Some(Grant { staff: staff.clone(), role, period })
    }
}

/// A statement about somebody's stored grants of one role over one object in one subject.
macro_rules! exactly {
    ($statement:literal, $when:literal) => {
        concat!(
            $statement,
            " WHERE staff = $1 AND role = $2 AND class IS NOT DISTINCT FROM $3
                AND subject IS NOT DISTINCT FROM $4 AND school IS NOT DISTINCT FROM $5
                AND grade IS NOT DISTINCT FROM $6 AND district IS NOT DISTINCT FROM $7 AND ",
            $when
        )
    };
}

impl Store {
    /// Stores roles, all or none. A grant counts from its start on: earlier grants of the same role
    /// over the same object that would still hold then end there, or are deleted. So a stored end
    /// ends the role, however often and since when it was stored before.
    ///
    /// # Errors
    /// Where a member of staff, class or school does not exist.
    pub async fn insert_grants(&self, grants: Vec<Grant>) -> Result<(), StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                for grant in &grants {
                    insert(tx, grant).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// What a member of staff may see at a moment, Unix milliseconds.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn scope_of(&self, staff: &str, at_ms: i64) -> Result<Scope, StoreError> {
        let staff = match StaffId::new(staff) {
            Ok(staff) => staff,
            Err(error) => {
                tracing::error!(staff, %error, "an identity that is none opens nothing");
                return Ok(Scope::nothing(at_ms));
            }
        };
        let rows: Vec<GrantColumns> = query(
            "SELECT role, class, subject, school, grade, district, from_ms, until_ms
             FROM role_grant WHERE staff = $1",
        )
        .bind(staff.as_str())
        .fetch_all(self.readers())
        .await?;
        let mut grants = Vec::with_capacity(rows.len());
        for row in rows {
            match row.clone().grant(&staff) {
                Some(grant) => grants.push(grant),
                None => tracing::error!(%staff, ?row, "a role that cannot be read gives nothing"),
            }
        }
        Ok(Scope::of(staff, &grants, at_ms))
    }
}

/// All roles that have not ended at a moment.
pub(crate) async fn grants_after(
    tx: &mut Connection,
    at_ms: i64,
) -> Result<Vec<Grant>, StoreError> {
    #[derive(sqlx::FromRow)]
    struct Row {
        staff: String,
        #[sqlx(flatten)]
        grant: GrantColumns,
    }
    let rows: Vec<Row> = query(
        "SELECT staff, role, class, subject, school, grade, district, from_ms, until_ms
         FROM role_grant WHERE until_ms IS NULL OR until_ms > $1 ORDER BY from_ms",
    )
    .bind(at_ms)
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().filter_map(|row| row.grant.grant(&StaffId::new(row.staff).ok()?)).collect())
}

/// Ends a role at a moment; one that is still to come is deleted. `false`: nobody holds it so.
pub(crate) async fn end(
    tx: &mut Connection,
    staff: &StaffId,
    role: &Role,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let grant = Grant { staff: staff.clone(), role: role.clone(), period: Period::from(now_ms) };
    let row = GrantColumns::of(&grant);
    let mut ended = 0;
    for sql in [
        exactly!("DELETE FROM role_grant", "from_ms >= $8"),
        exactly!(
            "UPDATE role_grant SET until_ms = $8",
            "from_ms < $8 AND (until_ms IS NULL OR until_ms > $8)"
        ),
    ] {
        ended += query(sql)
            .bind(staff.as_str())
            .bind(&row.role)
            .bind(&row.class)
            .bind(&row.subject)
            .bind(&row.school)
            .bind(row.grade)
            .bind(&row.district)
            .bind(now_ms)
            .execute(&mut *tx)
            .await?;
    }
    Ok(ended > 0)
}

/// A statement about somebody's stored grants of the same role over the same object. A grant for
/// all subjects overlaps with every subject, and a new grant replaces those it overlaps with.
macro_rules! same {
    ($statement:literal, $when:literal) => {
        concat!(
            $statement,
            " WHERE staff = $1 AND role = $2 AND class IS NOT DISTINCT FROM $3
                AND ($4 IS NULL OR subject IS NULL OR subject = $4)
                AND school IS NOT DISTINCT FROM $5 AND grade IS NOT DISTINCT FROM $6
                AND district IS NOT DISTINCT FROM $7 AND ",
            $when
        )
    };
}

/// Stores a role as [`Store::insert_grants`] does.
pub(crate) async fn insert(tx: &mut Connection, grant: &Grant) -> Result<(), StoreError> {
    let row = GrantColumns::of(grant);
    let named = |sql: &'static str| {
        query(sql)
            .bind(grant.staff.as_str())
            .bind(&row.role)
            .bind(&row.class)
            .bind(&row.subject)
            .bind(&row.school)
            .bind(row.grade)
            .bind(&row.district)
            .bind(row.from_ms)
            .bind(row.until_ms)
    };
    // Of the stored grants that reach into this period, those that began before it end where it
    // begins, and the rest are deleted.
    named(same!(
        "DELETE FROM role_grant",
        "from_ms >= $8 AND (until_ms IS NULL OR until_ms > $8)
           AND ($9 IS NULL OR from_ms < $9)"
    ))
    .execute(&mut *tx)
    .await?;
    named(same!(
        "UPDATE role_grant SET until_ms = $8",
        "from_ms < $8 AND (until_ms IS NULL OR until_ms > $8)
           AND ($9 IS NULL OR from_ms < $9)"
    ))
    .execute(&mut *tx)
    .await?;
    named(
        "INSERT INTO role_grant (staff, role, class, subject, school, grade, district, from_ms,
                                 until_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .execute(tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
