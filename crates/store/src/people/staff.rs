//! Letting members of staff in, and shutting them out.

use std::collections::HashMap;

use school::{Grant, Role, SchoolId, Scope, StaffId};

use super::TokenHash;
use crate::database::Connection;
use crate::sql::query;
use crate::{KeptSchool, StaffRow, Store, StoreError};

/// A member of staff as an administrator sees them.
#[derive(Clone)]
pub struct StaffLine {
    /// Unique in the store.
    pub id: String,
    /// The school.
    pub school: String,
    /// Unique in the store.
    pub login: String,
    /// The name.
    pub name: String,
    /// Whether a password is set.
    pub has_password: bool,
    /// Since when they may not sign in, Unix milliseconds.
    pub disabled_ms: Option<i64>,
    /// When they signed in last, Unix milliseconds.
    pub login_ms: Option<i64>,
    /// Until when an unused one-time link lets them in, Unix milliseconds.
    pub invited_until_ms: Option<i64>,
    /// Whether they sign in with a code of their phone too.
    pub has_totp: bool,
    /// Whether they must.
    pub must_totp: bool,
    /// The roles that they hold or will hold.
    pub grants: Vec<Grant>,
}

impl std::fmt::Debug for StaffLine {
    /// Leaves out the name, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StaffLine").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A [`StaffLine`] but for its roles.
#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    school: String,
    login: String,
    name: String,
    has_password: bool,
    disabled_ms: Option<i64>,
    login_ms: Option<i64>,
    invited_until_ms: Option<i64>,
    has_totp: bool,
    must_totp: bool,
}

impl Row {
    fn with(self, grants: Vec<Grant>) -> StaffLine {
        StaffLine {
            id: self.id,
            school: self.school,
            login: self.login,
            name: self.name,
            has_password: self.has_password,
            disabled_ms: self.disabled_ms,
            login_ms: self.login_ms,
            invited_until_ms: self.invited_until_ms,
            has_totp: self.has_totp,
            must_totp: self.must_totp,
            grants,
        }
    }
}

impl Store {
    /// All members of staff with the roles that have not ended at a moment, by login.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn staff_list(&self, at_ms: i64) -> Result<Vec<StaffLine>, StoreError> {
        self.staff_lines(None, at_ms).await
    }

    /// The members of staff of a kept school, as [`Store::staff_list`] tells them.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn staff_kept(
        &self,
        scope: &Scope,
        school: &KeptSchool,
    ) -> Result<Vec<StaffLine>, StoreError> {
        self.staff_lines(Some(&school.id), scope.at_ms()).await
    }

    async fn staff_lines(
        &self,
        school: Option<&str>,
        at_ms: i64,
    ) -> Result<Vec<StaffLine>, StoreError> {
        let mut snapshot = self.readers().snapshot().await?;
        let rows: Vec<Row> = query(
            "SELECT s.id, s.school, s.login, s.name, s.password_hash IS NOT NULL AS has_password,
                    s.disabled_ms, s.login_ms,
                    (SELECT max(l.expires_ms) FROM login_link l WHERE l.staff = s.id
                        AND l.used_ms IS NULL AND l.expires_ms > $2) AS invited_until_ms,
                    EXISTS (SELECT 1 FROM totp t WHERE t.staff = s.id
                        AND t.confirmed_ms IS NOT NULL) AS has_totp,
                    s.totp_demanded_ms IS NOT NULL AS must_totp
             FROM staff s WHERE $1 IS NULL OR s.school = $1 ORDER BY s.login",
        )
        .bind(school)
        .bind(at_ms)
        .fetch_all(&mut snapshot)
        .await?;
        let mut grants: HashMap<StaffId, Vec<Grant>> = HashMap::new();
        for grant in crate::scope::grants_after(&mut snapshot, at_ms).await? {
            grants.entry(grant.staff.clone()).or_default().push(grant);
        }
        let line = |row: Row| {
            let held = StaffId::new(&*row.id).ok().and_then(|id| grants.remove(&id));
            row.with(held.unwrap_or_default())
        };
        Ok(rows.into_iter().map(line).collect())
    }

    /// Stores a new member of staff with their roles and a one-time link, all or none.
    ///
    /// # Errors
    /// [`StoreError::LoginTaken`] with the login that is too like this one ([`school::login_key`]);
    /// where a class or school does not exist.
    pub async fn add_staff(
        &self,
        row: StaffRow,
        grants: Vec<Grant>,
        link: TokenHash,
        expires_ms: i64,
    ) -> Result<(), StoreError> {
        StaffId::new(&*row.id)?;
        self.write(move |tx| {
            Box::pin(async move {
                let logins: Vec<String> =
                    query("SELECT login FROM staff ORDER BY login").scalars(&mut *tx).await?;
                let key = school::login_key(&row.login);
                if let Some(login) = logins.into_iter().find(|held| school::login_key(held) == key)
                {
                    return Err(StoreError::LoginTaken { login });
                }
                let StaffRow { id, school, login, name, locale } = &row;
                query(
                    "INSERT INTO staff (id, school, login, name, locale)
                     VALUES ($1, $2, $3, $4, $5)",
                )
                .bind(id)
                .bind(school)
                .bind(login)
                .bind(name)
                .bind(locale)
                .execute(&mut *tx)
                .await?;
                for grant in &grants {
                    crate::scope::insert(&mut *tx, grant).await?;
                }
                super::insert_link(tx, link, id, expires_ms).await
            })
        })
        .await
    }

    /// Lets somebody in by a one-time link, again if they were shut out.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where nobody has that login.
    pub async fn invite_staff(
        &self,
        login: &str,
        link: TokenHash,
        expires_ms: i64,
    ) -> Result<(), StoreError> {
        let login = login.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                let staff = staff_of(tx, &login).await?;
                query("UPDATE staff SET disabled_ms = NULL WHERE id = $1")
                    .bind(&staff)
                    .execute(&mut *tx)
                    .await?;
                super::insert_link(tx, link, &staff, expires_ms).await
            })
        })
        .await
    }

    /// Takes somebody's password, sessions and earlier links away, and lets them in by a one-time
    /// link. Who is shut out stays so.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where nobody has that login.
    pub async fn reset_staff(
        &self,
        login: &str,
        link: TokenHash,
        expires_ms: i64,
    ) -> Result<(), StoreError> {
        let login = login.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                let staff = staff_of(tx, &login).await?;
                query("UPDATE staff SET password_hash = NULL WHERE id = $1")
                    .bind(&staff)
                    .execute(&mut *tx)
                    .await?;
                end_sessions(tx, &staff).await?;
                super::insert_link(tx, link, &staff, expires_ms).await
            })
        })
        .await
    }

    /// Shuts somebody out from now on: sessions and links end, and no login is taken. What they
    /// decided stays.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where nobody has that login, [`StoreError::LastAdministrator`] where
    /// nobody would be left who can keep their school in order.
    pub async fn disable_staff(&self, login: &str, now_ms: i64) -> Result<(), StoreError> {
        let login = login.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                let staff = staff_of(tx, &login).await?;
                let kept = schools_kept_by(tx, &staff, now_ms).await?;
                query("UPDATE staff SET disabled_ms = coalesce(disabled_ms, $2) WHERE id = $1")
                    .bind(&staff)
                    .bind(now_ms)
                    .execute(&mut *tx)
                    .await?;
                end_sessions(tx, &staff).await?;
                all_kept(tx, &kept, now_ms).await
            })
        })
        .await
    }

    /// Lets somebody sign in again as before, if they were shut out. Their earlier links stay void.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where nobody has that login.
    pub async fn enable_staff(&self, login: &str) -> Result<(), StoreError> {
        let login = login.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                let staff = staff_of(tx, &login).await?;
                query("UPDATE staff SET disabled_ms = NULL WHERE id = $1")
                    .bind(&staff)
                    .execute(tx)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Ends a role that somebody holds or will hold. `false`: they do not.
    ///
    /// # Errors
    /// [`StoreError::LastAdministrator`] where nobody would be left who can keep the school in order.
    pub async fn end_role(
        &self,
        staff: StaffId,
        role: Role,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let kept = match &role {
                    Role::Administrator { .. } => {
                        schools_kept_by(tx, staff.as_str(), now_ms).await?
                    }
                    _ => Vec::new(),
                };
                let ended = crate::scope::end(tx, &staff, &role, now_ms).await?;
                all_kept(tx, &kept, now_ms).await?;
                Ok(ended)
            })
        })
        .await
    }
}

pub(super) async fn staff_of(tx: &mut Connection, login: &str) -> Result<String, StoreError> {
    let id: Option<String> =
        query("SELECT id FROM staff WHERE login = $1").bind(login).scalar_optional(tx).await?;
    id.ok_or_else(|| StoreError::Missing { what: "login", id: login.to_owned() })
}

/// Ends what lets a member of staff in without a password.
async fn end_sessions(tx: &mut Connection, staff: &str) -> Result<(), StoreError> {
    for statement in [
        "DELETE FROM session WHERE staff = $1",
        "DELETE FROM half_login WHERE staff = $1",
        "DELETE FROM login_link WHERE staff = $1",
        "DELETE FROM device WHERE staff = $1",
    ] {
        query(statement).bind(staff).execute(&mut *tx).await?;
    }
    Ok(())
}

/// The schools of which somebody is an administrator now, who is not shut out.
async fn schools_kept_by(
    tx: &mut Connection,
    staff: &str,
    now_ms: i64,
) -> Result<Vec<String>, StoreError> {
    let schools = query(
        "SELECT DISTINCT g.school FROM role_grant g JOIN staff s ON s.id = g.staff
         WHERE g.staff = $1 AND g.role = 'administrator' AND s.disabled_ms IS NULL
           AND g.from_ms <= $2 AND (g.until_ms IS NULL OR g.until_ms > $2)",
    );
    Ok(schools.bind(staff).bind(now_ms).scalars(tx).await?)
}

/// Refuses a change after which one of these schools has no administrator who can sign in: who has
/// set a password. A link that nobody has used may never have reached its owner.
async fn all_kept(tx: &mut Connection, schools: &[String], now_ms: i64) -> Result<(), StoreError> {
    for school in schools {
        let left: Option<String> = query(
            "SELECT s.id FROM role_grant g JOIN staff s ON s.id = g.staff
             WHERE g.school = $1 AND g.role = 'administrator' AND s.disabled_ms IS NULL
               AND g.from_ms <= $2 AND (g.until_ms IS NULL OR g.until_ms > $2)
               AND s.password_hash IS NOT NULL
             LIMIT 1",
        )
        .bind(school)
        .bind(now_ms)
        .scalar_optional(&mut *tx)
        .await?;
        if left.is_none() {
            return Err(StoreError::LastAdministrator { school: SchoolId::new(&**school)? });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
