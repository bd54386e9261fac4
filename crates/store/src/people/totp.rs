//! Codes of a phone beside the password: kept secrets, what is used up, and logins that wait for one.
//!
//! Codes are worked out elsewhere. The store keeps the secret, sees to it that a code counts once,
//! and holds a login apart until its code has come.

use super::staff::staff_of;
use super::{SessionLimits, Staff, TokenHash, begin_session};
use crate::database::Connection;
use crate::sql::query;
use crate::{Store, StoreError};

/// How long a login waits for its code: five minutes.
pub(super) const HALF_MS: i64 = 5 * 60_000;

/// What somebody's phone makes codes with.
#[derive(Clone)]
pub struct Totp {
    /// The shared secret, 20 random bytes.
    pub secret: Vec<u8>,
    /// Whether a code has shown that a phone has it: from then on a login needs one.
    pub is_on: bool,
    /// Codes of this time step and before are used up.
    pub used_step: i64,
    /// Recovery codes that are left.
    pub recovery_codes: u32,
}

impl std::fmt::Debug for Totp {
    /// Leaves out the secret, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Totp").field("is_on", &self.is_on).finish_non_exhaustive()
    }
}

/// What was typed, and found to be right but for having been used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The code of a time step.
    Step(i64),
    /// What is kept of a recovery code.
    Recovery(TokenHash),
}

impl Store {
    /// What somebody's phone makes codes with, on or not yet.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn totp(&self, staff: &str) -> Result<Option<Totp>, StoreError> {
        #[derive(sqlx::FromRow)]
        struct Row {
            secret: Vec<u8>,
            is_on: bool,
            used_step: i64,
            #[sqlx(try_from = "i64")]
            recovery_codes: u32,
        }
        let row: Option<Row> = query(
            "SELECT t.secret, t.confirmed_ms IS NOT NULL AS is_on, t.used_step,
                    (SELECT count(*) FROM recovery_code r
                     WHERE r.staff = t.staff AND r.used_ms IS NULL) AS recovery_codes
             FROM totp t WHERE t.staff = $1",
        )
        .bind(staff)
        .fetch_optional(self.readers())
        .await?;
        Ok(row.map(|Row { secret, is_on, used_step, recovery_codes }| Totp {
            secret,
            is_on,
            used_step,
            recovery_codes,
        }))
    }

    /// Keeps a new secret, which does nothing until [`Store::confirm_totp`]. `false`: codes are on
    /// already, and nothing was changed.
    ///
    /// # Errors
    /// Where there is no such member of staff.
    pub async fn begin_totp(&self, staff: &str, secret: [u8; 20]) -> Result<bool, StoreError> {
        let staff = staff.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                let changed = query(
                    "INSERT INTO totp (staff, secret, used_step) VALUES ($1, $2, 0)
                     ON CONFLICT (staff) DO UPDATE SET secret = excluded.secret, used_step = 0
                     WHERE totp.confirmed_ms IS NULL",
                )
                .bind(staff)
                .bind(secret.as_slice())
                .execute(tx)
                .await?;
                Ok(changed > 0)
            })
        })
        .await
    }

    /// Turns codes on: the code of `step` has shown that a phone has the secret. Every session of
    /// theirs but `keep` ends. `false`: there was nothing to confirm, and nothing was changed.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn confirm_totp(
        &self,
        staff: &str,
        step: i64,
        recovery: Vec<TokenHash>,
        keep: TokenHash,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let staff = staff.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                let confirmed = query(
                    "UPDATE totp SET confirmed_ms = $3, used_step = $2
                     WHERE staff = $1 AND confirmed_ms IS NULL AND used_step < $2",
                )
                .bind(&staff)
                .bind(step)
                .bind(now_ms)
                .execute(&mut *tx)
                .await?;
                if confirmed == 0 {
                    return Ok(false);
                }
                insert_recovery(tx, &staff, &recovery).await?;
                query("DELETE FROM session WHERE staff = $1 AND token_hash <> $2")
                    .bind(&staff)
                    .bind(keep.as_slice())
                    .execute(tx)
                    .await?;
                Ok(true)
            })
        })
        .await
    }

    /// Turns codes off by a proof. `false`: it was used before, and nothing was changed.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn end_totp(
        &self,
        staff: &str,
        proof: Proof,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let staff = staff.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                if !spend(tx, &staff, proof, now_ms).await? {
                    return Ok(false);
                }
                forget(tx, &staff).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Turns codes off for who lost phone and recovery codes. If a code is demanded of them, it stays
    /// so: they turn codes on again when they sign in next.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where nobody has that login.
    pub async fn reset_totp(&self, login: &str) -> Result<(), StoreError> {
        let login = login.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                let staff = staff_of(tx, &login).await?;
                forget(tx, &staff).await
            })
        })
        .await
    }

    /// Demands codes of somebody from now on, or no longer.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where nobody has that login.
    pub async fn demand_totp(
        &self,
        login: &str,
        demand: bool,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let login = login.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                let staff = staff_of(tx, &login).await?;
                query("UPDATE staff SET totp_demanded_ms = $2 WHERE id = $1")
                    .bind(staff)
                    .bind(demand.then_some(now_ms))
                    .execute(tx)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Notes that somebody's password was right and their code is still to come.
    ///
    /// # Errors
    /// Where there is no such member of staff.
    pub async fn begin_half_login(
        &self,
        token: TokenHash,
        staff: &str,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let staff = staff.to_owned();
        self.write(move |tx| Box::pin(async move { begin_half(tx, token, &staff, now_ms).await }))
            .await
    }

    /// Whose code is awaited under that token.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn staff_of_half_login(
        &self,
        token: TokenHash,
        now_ms: i64,
    ) -> Result<Option<Staff>, StoreError> {
        let sql = format!(
            "SELECT {} FROM half_login h JOIN staff s ON s.id = h.staff
             WHERE h.token_hash = $1 AND $2 < h.expires_ms AND s.disabled_ms IS NULL",
            super::STAFF
        );
        let staff = query(sqlx::AssertSqlSafe(sql))
            .bind(token.as_slice())
            .bind(now_ms)
            .fetch_optional(self.readers())
            .await?;
        Ok(staff)
    }

    /// Ends a login that waits for its code by beginning a session. `false`: the proof was used
    /// before, or the login waits no longer; nothing was changed.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn end_half_login(
        &self,
        half: TokenHash,
        proof: Proof,
        session: TokenHash,
        limits: SessionLimits,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let staff: Option<String> = query(
                    "SELECT h.staff FROM half_login h JOIN staff s ON s.id = h.staff
                     WHERE h.token_hash = $1 AND $2 < h.expires_ms AND s.disabled_ms IS NULL",
                )
                .bind(half.as_slice())
                .bind(now_ms)
                .scalar_optional(&mut *tx)
                .await?;
                let Some(staff) = staff else { return Ok(false) };
                if !spend(tx, &staff, proof, now_ms).await? {
                    return Ok(false);
                }
                query("DELETE FROM half_login WHERE token_hash = $1")
                    .bind(half.as_slice())
                    .execute(&mut *tx)
                    .await?;
                super::forget_sessions(tx, limits, now_ms).await?;
                begin_session(tx, session, &staff, now_ms).await?;
                Ok(true)
            })
        })
        .await
    }
}

/// Notes a login that waits for its code, and forgets those that waited too long.
pub(super) async fn begin_half(
    tx: &mut Connection,
    token: TokenHash,
    staff: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    query("DELETE FROM half_login WHERE expires_ms <= $1").bind(now_ms).execute(&mut *tx).await?;
    query("INSERT INTO half_login (token_hash, staff, expires_ms) VALUES ($1, $2, $3)")
        .bind(token.as_slice())
        .bind(staff)
        .bind(now_ms.saturating_add(HALF_MS))
        .execute(tx)
        .await?;
    Ok(())
}

/// Whether somebody's login needs a code.
pub(super) async fn is_on(tx: &mut Connection, staff: &str) -> Result<bool, StoreError> {
    let on: Option<String> =
        query("SELECT staff FROM totp WHERE staff = $1 AND confirmed_ms IS NOT NULL")
            .bind(staff)
            .scalar_optional(tx)
            .await?;
    Ok(on.is_some())
}

/// Uses a proof up. `false`: it was used before.
async fn spend(
    tx: &mut Connection,
    staff: &str,
    proof: Proof,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let spent = match proof {
        Proof::Step(step) => query(
            "UPDATE totp SET used_step = $2
             WHERE staff = $1 AND confirmed_ms IS NOT NULL AND used_step < $2",
        )
        .bind(staff)
        .bind(step),
        Proof::Recovery(hash) => query(
            "UPDATE recovery_code SET used_ms = $3
             WHERE staff = $1 AND code_hash = $2 AND used_ms IS NULL",
        )
        .bind(staff)
        .bind(hash.as_slice())
        .bind(now_ms),
    };
    Ok(spent.execute(tx).await? > 0)
}

async fn insert_recovery(
    tx: &mut Connection,
    staff: &str,
    hashes: &[TokenHash],
) -> Result<(), StoreError> {
    query("DELETE FROM recovery_code WHERE staff = $1").bind(staff).execute(&mut *tx).await?;
    for hash in hashes {
        query("INSERT INTO recovery_code (staff, code_hash) VALUES ($1, $2)")
            .bind(staff)
            .bind(hash.as_slice())
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

async fn forget(tx: &mut Connection, staff: &str) -> Result<(), StoreError> {
    for statement in
        ["DELETE FROM recovery_code WHERE staff = $1", "DELETE FROM totp WHERE staff = $1"]
    {
        query(statement).bind(staff).execute(&mut *tx).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
