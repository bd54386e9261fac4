//! Letting members of staff in, and shutting them out.

use std::collections::HashMap;

use school::{Grant, StaffId};

use super::TokenHash;
use crate::database::Connection;
use crate::sql::query;
use crate::{Store, StoreError};

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
    /// The roles that they hold or will hold.
    pub grants: Vec<Grant>,
}

impl std::fmt::Debug for StaffLine {
    /// Leaves out the name, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StaffLine").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Store {
    /// All members of staff with the roles that have not ended at a moment, by login.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn staff_list(&self, at_ms: i64) -> Result<Vec<StaffLine>, StoreError> {
        type Row = (String, String, String, String, bool, Option<i64>);
        let mut snapshot = self.readers().snapshot().await?;
        let rows: Vec<Row> = query(
            "SELECT id, school, login, name, password_hash IS NOT NULL AS has_password, disabled_ms
             FROM staff ORDER BY login",
        )
        .fetch_all(&mut snapshot)
        .await?;
        let mut grants: HashMap<StaffId, Vec<Grant>> = HashMap::new();
        for grant in crate::scope::grants_after(&mut snapshot, at_ms).await? {
            grants.entry(grant.staff.clone()).or_default().push(grant);
        }
        let line = |(id, school, login, name, has_password, disabled_ms): Row| StaffLine {
            grants: StaffId::new(&*id).ok().and_then(|id| grants.remove(&id)).unwrap_or_default(),
            id,
            school,
            login,
            name,
            has_password,
            disabled_ms,
        };
        Ok(rows.into_iter().map(line).collect())
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
    /// [`StoreError::Missing`] where nobody has that login.
    pub async fn disable_staff(&self, login: &str, now_ms: i64) -> Result<(), StoreError> {
        let login = login.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                let staff = staff_of(tx, &login).await?;
                query("UPDATE staff SET disabled_ms = coalesce(disabled_ms, $2) WHERE id = $1")
                    .bind(&staff)
                    .bind(now_ms)
                    .execute(&mut *tx)
                    .await?;
                end_sessions(tx, &staff).await
            })
        })
        .await
    }
}

async fn staff_of(tx: &mut Connection, login: &str) -> Result<String, StoreError> {
    let id: Option<String> =
        query("SELECT id FROM staff WHERE login = $1").bind(login).scalar_optional(tx).await?;
    id.ok_or_else(|| StoreError::Missing { what: "login", id: login.to_owned() })
}

/// Ends what lets a member of staff in without a password.
async fn end_sessions(tx: &mut Connection, staff: &str) -> Result<(), StoreError> {
    for statement in [
        "DELETE FROM session WHERE staff = $1",
        "DELETE FROM login_link WHERE staff = $1",
        "DELETE FROM device WHERE staff = $1",
    ] {
        query(statement).bind(staff).execute(&mut *tx).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
