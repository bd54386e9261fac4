//! Who may look: staff, one-time links, sessions.
//!
//! A token is never stored, only its SHA-256. Times are those of the caller's wall clock.

mod first;
mod staff;
mod totp;

use crate::database::Connection;
use crate::sql::query;
use crate::{Store, StoreError};

pub use first::First;
pub use staff::StaffLine;
pub use totp::{Proof, Totp};

/// The SHA-256 of a token.
pub type TokenHash = [u8; 32];

/// A member of staff.
#[derive(Clone, sqlx::FromRow)]
pub struct Staff {
    /// Unique in the store.
    pub id: String,
    /// The school.
    pub school: String,
    /// Unique in the store.
    pub login: String,
    /// The name.
    pub name: String,
    /// `zh` or `en`.
    pub locale: String,
    /// argon2id in PHC form; `None` until one is set.
    pub password_hash: Option<String>,
    /// Whether they sign in with a code of their phone too.
    pub has_totp: bool,
    /// Whether they must: until they do, nothing but their account may be opened.
    pub must_totp: bool,
}

impl std::fmt::Debug for Staff {
    /// Leaves out the name and the password, so that they reach no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Staff").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Somebody who is logged in.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who it is.
    pub staff: Staff,
    /// When it began, Unix milliseconds.
    pub created_ms: i64,
    /// When it was last noted to be used, Unix milliseconds.
    pub seen_ms: i64,
}

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// Without being used, milliseconds.
    pub idle_ms: i64,
    /// In any case, milliseconds.
    pub absolute_ms: i64,
}

/// SQL: what [`Staff`] takes of a member of staff `s`.
const STAFF: &str = "s.id, s.school, s.login, s.name, s.locale, s.password_hash,
    EXISTS (SELECT 1 FROM totp t WHERE t.staff = s.id AND t.confirmed_ms IS NOT NULL) AS has_totp,
    s.totp_demanded_ms IS NOT NULL AS must_totp";

/// What a one-time link opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// A session has begun.
    Session,
    /// The code of a phone is still to come: [`Store::end_half_login`].
    Half,
}

impl Store {
    /// The member of staff of that login, if they may sign in.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn staff_of_login(&self, login: &str) -> Result<Option<Staff>, StoreError> {
        // PostgreSQL refuses the question, and a login that cannot be is one that is not there.
        if login.contains('\0') {
            return Ok(None);
        }
        let sql =
            format!("SELECT {STAFF} FROM staff s WHERE s.login = $1 AND s.disabled_ms IS NULL");
        let staff =
            query(sqlx::AssertSqlSafe(sql)).bind(login).fetch_optional(self.readers()).await?;
        Ok(staff)
    }

    /// Sets the language that a member of staff reads.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn set_locale(&self, staff: &str, locale: &'static str) -> Result<(), StoreError> {
        let staff = staff.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                query("UPDATE staff SET locale = $2 WHERE id = $1")
                    .bind(staff)
                    .bind(locale)
                    .execute(tx)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Sets a password and ends every session of its owner but `keep`.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn set_password(
        &self,
        staff: &str,
        password_hash: String,
        keep: TokenHash,
    ) -> Result<(), StoreError> {
        let staff = staff.to_owned();
        self.write(move |tx| {
            Box::pin(async move { set_password(tx, &staff, &password_hash, keep).await })
        })
        .await
    }

    /// Notes a one-time link.
    ///
    /// # Errors
    /// Where there is no such member of staff.
    pub async fn insert_link(
        &self,
        token: TokenHash,
        staff: &str,
        expires_ms: i64,
    ) -> Result<(), StoreError> {
        let staff = staff.to_owned();
        self.write(move |tx| {
            Box::pin(async move { insert_link(tx, token, &staff, expires_ms).await })
        })
        .await
    }

    /// Whose link it is, if it has been neither used nor expired. Changes nothing.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn staff_of_link(
        &self,
        token: TokenHash,
        now_ms: i64,
    ) -> Result<Option<Staff>, StoreError> {
        let sql = format!(
            "SELECT {STAFF} FROM login_link l JOIN staff s ON s.id = l.staff
             WHERE l.token_hash = $1 AND l.used_ms IS NULL AND $2 < l.expires_ms
               AND s.disabled_ms IS NULL"
        );
        let staff = query(sqlx::AssertSqlSafe(sql))
            .bind(token.as_slice())
            .bind(now_ms)
            .fetch_optional(self.readers())
            .await?;
        Ok(staff)
    }

    /// Uses a link up and begins a session with it, in one transaction, or a login that waits for
    /// its code where the owner signs in with one: of two that use it at the same time one gets
    /// `None`. Where a new password comes with it, older sessions end.
    ///
    /// # Errors
    /// On an error nothing is written, and the link is as good as before.
    pub async fn use_link(
        &self,
        link: TokenHash,
        session: TokenHash,
        password_hash: Option<String>,
        now_ms: i64,
    ) -> Result<Option<Opened>, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let staff: Option<String> = query(
                    "UPDATE login_link SET used_ms = $2
                     WHERE token_hash = $1 AND used_ms IS NULL AND $2 < expires_ms
                     RETURNING staff",
                )
                .bind(link.as_slice())
                .bind(now_ms)
                .scalar_optional(&mut *tx)
                .await?;
                let Some(staff) = staff else { return Ok(None) };
                if let Some(hash) = password_hash {
                    set_password(tx, &staff, &hash, session).await?;
                }
                if totp::is_on(tx, &staff).await? {
                    totp::begin_half(tx, session, &staff, now_ms).await?;
                    return Ok(Some(Opened::Half));
                }
                begin_session(tx, session, &staff, now_ms).await?;
                Ok(Some(Opened::Session))
            })
        })
        .await
    }

    /// Begins a session, and forgets those that `limits` have ended.
    ///
    /// # Errors
    /// Where there is no such member of staff.
    pub async fn begin_session(
        &self,
        token: TokenHash,
        staff: &str,
        limits: SessionLimits,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let staff = staff.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                forget_sessions(tx, limits, now_ms).await?;
                begin_session(tx, token, &staff, now_ms).await
            })
        })
        .await
    }

    /// The session of that token, unless `limits` have ended it.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn session(
        &self,
        token: TokenHash,
        limits: SessionLimits,
        now_ms: i64,
    ) -> Result<Option<Session>, StoreError> {
        #[derive(sqlx::FromRow)]
        struct Row {
            #[sqlx(flatten)]
            staff: Staff,
            created_ms: i64,
            seen_ms: i64,
        }
        let sql = format!(
            "SELECT {STAFF}, n.created_ms, n.seen_ms FROM session n JOIN staff s ON s.id = n.staff
             WHERE n.token_hash = $1 AND n.seen_ms > $2 AND n.created_ms > $3
               AND n.created_ms <= $4
               AND s.disabled_ms IS NULL"
        );
        let row: Option<Row> = query(sqlx::AssertSqlSafe(sql))
            .bind(token.as_slice())
            .bind(now_ms.saturating_sub(limits.idle_ms))
            .bind(now_ms.saturating_sub(limits.absolute_ms))
            // A clock that is set back a little ends nobody's session.
            .bind(now_ms.saturating_add(limits.idle_ms))
            .fetch_optional(self.readers())
            .await?;
        let session = |row: Row| Session {
            staff: row.staff,
            created_ms: row.created_ms,
            seen_ms: row.seen_ms,
        };
        Ok(row.map(session))
    }

    /// Notes that a session is in use. To be called now and then, not at every request.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn touch_session(&self, token: TokenHash, now_ms: i64) -> Result<(), StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                query("UPDATE session SET seen_ms = max(seen_ms, $2) WHERE token_hash = $1")
                    .bind(token.as_slice())
                    .bind(now_ms)
                    .execute(tx)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn end_session(&self, token: TokenHash) -> Result<(), StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                query("DELETE FROM session WHERE token_hash = $1")
                    .bind(token.as_slice())
                    .execute(tx)
                    .await?;
                Ok(())
            })
        })
        .await
    }
}

/// Voids the links of a member of staff that nobody has used: one that was lost on its way must not
/// open what a later one, or a password, has closed.
async fn void_links(tx: &mut Connection, staff: &str) -> Result<(), StoreError> {
    query("DELETE FROM login_link WHERE staff = $1 AND used_ms IS NULL")
        .bind(staff)
        .execute(tx)
        .await?;
    Ok(())
}

async fn insert_link(
    tx: &mut Connection,
    token: TokenHash,
    staff: &str,
    expires_ms: i64,
) -> Result<(), StoreError> {
    void_links(tx, staff).await?;
    query("INSERT INTO login_link (token_hash, staff, expires_ms) VALUES ($1, $2, $3)")
        .bind(token.as_slice())
        .bind(staff)
        .bind(expires_ms)
        .execute(tx)
        .await?;
    Ok(())
}

/// Deletes the sessions that `limits` have ended.
async fn forget_sessions(
    tx: &mut Connection,
    limits: SessionLimits,
    now_ms: i64,
) -> Result<(), StoreError> {
    query("DELETE FROM session WHERE seen_ms <= $1 OR created_ms <= $2")
        .bind(now_ms.saturating_sub(limits.idle_ms))
        .bind(now_ms.saturating_sub(limits.absolute_ms))
        .execute(tx)
        .await?;
    Ok(())
}

async fn begin_session(
    tx: &mut Connection,
    token: TokenHash,
    staff: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    query("INSERT INTO session (token_hash, staff, created_ms, seen_ms) VALUES ($1, $2, $3, $3)")
        .bind(token.as_slice())
        .bind(staff)
        .bind(now_ms)
        .execute(&mut *tx)
        .await?;
    query("UPDATE staff SET login_ms = max(coalesce(login_ms, $2), $2) WHERE id = $1")
        .bind(staff)
        .bind(now_ms)
        .execute(tx)
        .await?;
    Ok(())
}

async fn set_password(
    tx: &mut Connection,
    staff: &str,
    password_hash: &str,
    keep: TokenHash,
) -> Result<(), StoreError> {
    query("UPDATE staff SET password_hash = $2 WHERE id = $1")
        .bind(staff)
        .bind(password_hash)
        .execute(&mut *tx)
        .await?;
    void_links(tx, staff).await?;
    query("DELETE FROM session WHERE staff = $1 AND token_hash <> $2")
        .bind(staff)
        .bind(keep.as_slice())
        .execute(&mut *tx)
        .await?;
    // A login that waits for its code was begun with the old password.
    query("DELETE FROM half_login WHERE staff = $1").bind(staff).execute(tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
